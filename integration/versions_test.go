package integration

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestVersions: the go.mod of the root asks for old versions and the go.mod of the workspace for
// new ones, so that the tests of the root, which run with both, tell whether either breaks.
func TestVersions(t *testing.T) {
	lowest, newest := versions(t, "GOWORK=off"), versions(t, "GOWORK=")
	older := 0
	for path, low := range lowest {
		high, ok := newest[path]
		if !ok {
			t.Errorf("%s: it is not in the workspace", path)
		}
		if low != high {
			older++
		}
	}
	// Later versions than v0.58.0 have no openpgp, which other modules still need.
	if low := lowest["golang.org/x/crypto"]; low > "v0.58.0" || older < 3 {
		t.Errorf("got golang.org/x/crypto %s, and %d modules that are older than in the workspace; want at most v0.58.0, and at least 3", low, older)
	}
}

// versions returns the versions of the modules that the packages of the root are built with.
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
		t.Fatalf("got modules %v, want the modules of the root: the test has lost its grip", list)
	}
	return list
}
