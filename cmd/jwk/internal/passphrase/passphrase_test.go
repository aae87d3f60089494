package passphrase

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

// A passphrase in a file must be the same with every editor's end of the line, and nothing else may
// become a passphrase by mistake.
func TestFile(t *testing.T) {
	long := strings.Repeat("x", maxBytes)
	for _, test := range []struct {
		name, content, want, reason string
	}{
		{"with a line end", "secret word\n", "secret word", ""},
		{"without a line end", "secret word", "secret word", ""},
		{"with CRLF", "secret word\r\n", "secret word", ""},
		{"with spaces at both ends", " secret \n", " secret ", ""},
		{"not UTF-8", "\xffsecret\n", "\xffsecret", ""},
		{"the longest", long + "\r\n", long, ""},
		{"too long", long + "x\n", "", "more than 4096 bytes"},
		{"much too long", long + long, "", "more than 4096 bytes"},
		{"empty", "", "", "no passphrase in it"},
		{"an empty line", "\n", "", "no passphrase in it"},
		{"two lines", "one\ntwo\n", "", "more than one line"},
		{"a long line and another", long + "\nx", "", "more than 4096 bytes"},
		{"two line ends", "one\n\n", "", "more than one line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(name, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, get := range []func(*Source) ([]byte, error){
				func(s *Source) ([]byte, error) { return s.Get("key.pem") },
				func(s *Source) ([]byte, error) { return s.New("key.pem") },
			} {
				got, err := get(&Source{File: name, FD: -1})
				if string(got) != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
				checkFileError(t, err, name, test.reason)
			}
		})
	}
}

// checkFileError checks that an error names the file once, and the reason. Without a reason it checks that
// there is no error.
func checkFileError(t *testing.T, err error, name, reason string) {
	t.Helper()
	if reason == "" {
		if err != nil {
			t.Errorf("got %v, want no error", err)
		}
		return
	}
	e, ok := errors.AsType[*files.Error](err)
	if !ok || !strings.Contains(e.Err.Error(), reason) || name != "" && strings.Count(err.Error(), name) != 1 {
		t.Errorf("got %v, want a *files.Error of %s that has %q", err, name, reason)
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	folder := t.TempDir()
	missing := filepath.Join(folder, "missing")
	_, err := (&Source{File: missing, FD: -1}).Get("key.pem")
	checkFileError(t, err, missing, "no such file")
	_, err = (&Source{File: folder, FD: -1}).Get("key.pem")
	checkFileError(t, err, folder, "is a directory")
}

// A pipe such as <(pass show key) can be read once only, and two files may need the passphrase.
func TestFileIsReadOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Source{File: name, FD: -1}
	for range 2 {
		if got, err := s.Get("key.pem"); string(got) != "secret" || err != nil {
			t.Errorf("got %q, %v, want secret", got, err)
		}
		_ = os.Remove(name)
	}
}

func TestFileAndDescriptor(t *testing.T) {
	_, err := (&Source{File: "secret", FD: 3}).Get("key.pem")
	if err == nil || !strings.Contains(err.Error(), "both given") {
		t.Errorf("got %v, want that both are given", err)
	}
}
