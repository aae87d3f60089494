package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrograms builds every program of this module, and runs those that have a file output.txt:
// what they print is what the file has. A failure means that a program which users copy is
// broken, or that the cookbook shows an output which they do not get.
func TestPrograms(t *testing.T) {
	dir := t.TempDir() + string(filepath.Separator)
	if out, err := exec.Command("go", "build", "-o", dir, "./...").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	mains, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, main := range mains {
		name := filepath.Dir(main)
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(string(list), "]("+filepath.ToSlash(main)+")") {
				t.Errorf("README.md has no link to %s", main)
			}
			want, err := os.ReadFile(filepath.Join(name, "output.txt"))
			if os.IsNotExist(err) {
				return // it was built
			}
			if err != nil {
				t.Fatal(err)
			}
			run++
			var stderr strings.Builder
			program := exec.Command(dir + name)
			program.Dir = name
			program.Stderr = &stderr
			got, err := program.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, &stderr)
			}
			if string(got) != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if run < 6 {
		t.Errorf("got %d programs with an output, want at least 6", run)
	}
}
