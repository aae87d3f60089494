package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestVersions: the go.mod of the root requires old versions of its dependencies, and the
// workspace requires new ones. The tests of the root run with both, so they notice if either
// breaks. If this test fails, they run with one only.
func TestVersions(t *testing.T) {
	lowest, newest := versions(t, "GOWORK=off"), versions(t, "GOWORK=")
	older := 0
	for path, low := range lowest {
		high, ok := newest[path]
		if !ok {
			t.Errorf("%s: the workspace does not have this module", path)
		}
		if low != high {
			older++
		}
	}
	// Versions after v0.58.0 have no package openpgp, which other modules still need.
	if low := lowest["golang.org/x/crypto"]; low > "v0.58.0" || older < 3 {
		t.Errorf("got golang.org/x/crypto %s, and %d modules that are older than in the workspace; want at most v0.58.0, and at least 3", low, older)
	}
}

// TestNoReplace: go install refuses a module with a replace directive, so no released go.mod file
// may have one. go.work replaces the root for development.
func TestNoReplace(t *testing.T) {
	files := []string{"../go.mod"}
	for _, pattern := range []string{"../*/go.mod", "../*/*/go.mod"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) < 5 {
		t.Errorf("got the files %v, want the files of all modules", files)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`(?m)^replace\b`).Match(text) {
			t.Errorf("%s has a replace directive", name)
		}
	}
}

// versions returns the versions of the modules that a build of the root uses.
func versions(t *testing.T, env string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Version}}{{.Path}} {{.Version}}{{end}}{{end}}", "./...")
	cmd.Dir, cmd.Env = "..", append(os.Environ(), env)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	list := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		if path, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			list[path] = version
		}
	}
	if len(list) < 5 {
		t.Fatalf("got modules %v, want the modules of the root", list)
	}
	return list
}
