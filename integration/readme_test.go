package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestREADMEProgram runs the program in the README, as a reader would.
func TestREADMEProgram(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) != 1 {
		t.Fatalf("got %d Go programs in the README, want 1", len(blocks))
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, blocks[0][1], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", file)
	cmd.Dir = ".." // where the program finds its file, and the package
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	const want = "2048 bits, NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lti-Myh4\n"
	if string(stdout) != want {
		t.Errorf("got %q, want %q", stdout, want)
	}
	if got := strings.Count(stderr.String(), "not used: "); got != 5 {
		t.Errorf("got %d entries reported, want 5:\n%s", got, stderr.String())
	}
}
