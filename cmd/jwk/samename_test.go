package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The second of two results must not replace the first, however the names of the files are spelled.
func TestSameName(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, err := range []error{
		os.Symlink(".", "here"),
		os.Mkdir("folder", 0o700),
		os.WriteFile("old", nil, 0o600),
		os.Link("old", "same"), // as "OLD" is if the file system ignores case
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	absolute, err := filepath.Abs("new")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"new", "new", true},
		{"new", "./folder/../new", true},
		{"new", absolute, true},
		{"new", "here/new", true},
		{"old", "here/old", true},
		{"old", "same", true},
		{"old", "folder/old", false},
		{"new", "folder/new", false},
		{"new", "old", false},
		{"new", "NEW", false},
		{"new", "missing/new", false},
	} {
		if got := sameName(test.a, test.b); got != test.want {
			t.Errorf("sameName(%q, %q): got %v, want %v", test.a, test.b, got, test.want)
		}
	}
}
