package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// goBlocks returns the blocks of Go in a document.
func goBlocks(t *testing.T, name string) []string {
	t.Helper()
	var blocks []string
	for _, block := range goBlock.FindAllStringSubmatch(document(t, name), -1) {
		blocks = append(blocks, block[1])
	}
	return blocks
}

// fenced returns a text as a fenced block of Markdown.
func fenced(text string) string { return "```text\n" + strings.TrimSpace(text) + "\n```\n" }

// run runs a command in a directory with the workspace of this repository, and returns its
// output.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	workspace, err := filepath.Abs("../go.work")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK="+workspace)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	return string(stdout)
}

// TestREADMEProgram: the program in the README must run in an empty folder and print what the
// README shows, because it is the first code that readers try. It is also examples/verify.
func TestREADMEProgram(t *testing.T) {
	blocks := goBlocks(t, "README.md")
	if len(blocks) == 0 || !strings.Contains(blocks[0], "\nfunc main() {\n") {
		t.Fatal("the first block of Go in README.md is not a main package")
	}
	if example := document(t, "examples/verify/main.go"); example != blocks[0] {
		t.Error("the program in README.md and examples/verify/main.go differ")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(blocks[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, dir, "go", "run", "main.go")
	pasted(t, "README.md", "program", fenced(got), 0)
}

// TestREADMEInspect: the README must show what the command prints. Rows are left out, and "..."
// marks their place.
func TestREADMEInspect(t *testing.T) {
	all := strings.Split(document(t, "cmd/jwk/testdata/provider80.txt"), "\n")
	const below = "       " // a line below a row
	shown := []string{
		"INDEX", "...", "1 ", below + "thumbprint", below + "deviations", "...", "",
		"INDEX  KID           SKIPPED", "...", "11", "...",
	}
	var text strings.Builder
	text.WriteString("$ go run ./cmd/jwk inspect --width 80 testdata/provider.jwks.json\n")
	for _, prefix := range shown {
		if prefix == "..." {
			text.WriteString("...\n")
			continue
		}
		for len(all) > 0 && (!strings.HasPrefix(all[0], prefix) || prefix == "" && all[0] != "") {
			all = all[1:]
		}
		if len(all) == 0 {
			t.Fatalf("cmd/jwk/testdata/provider80.txt has no line that begins with %q in this order: %q", prefix, shown)
		}
		text.WriteString(strings.TrimRight(all[0], " ") + "\n")
		all = all[1:]
	}
	pasted(t, "README.md", "inspect", fenced(text.String()), 0)
}

// TestREADMETests: the README must name the modules that "go test work" tests. "..." marks the
// place of their other packages.
func TestREADMETests(t *testing.T) {
	const tested = "{{if or .TestGoFiles .XTestGoFiles}}{{if eq .ImportPath .Module.Path}}ok  {{.ImportPath}}{{end}}{{end}}"
	list := run(t, "..", "go", "list", "-f", tested, "work")
	text := "$ go test work   # some minutes; times are left out\n" + list + "...\n"
	pasted(t, "README.md", "tests", fenced(text), 0)
}

// TestDocumentBlocks: every other block of Go in the README and in docs must be in a file that
// the tests compile, word for word except for indentation. Readers copy these blocks.
func TestDocumentBlocks(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*.go", "migrating/*/*.go", "../example*_test.go", "../examples/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			source.WriteString("\n" + unindented(string(text)))
		}
	}
	blocks := 0
	for _, name := range documents(t) {
		for _, block := range goBlocks(t, name) {
			blocks++
			if !strings.Contains(source.String(), "\n"+unindented(block)) {
				t.Errorf("%s: no Go file has this block:\n%s", name, block)
			}
		}
	}
	if blocks < 10 {
		t.Errorf("got %d blocks of Go in the documents, want at least 10", blocks)
	}
}

// unindented returns a text without the white space at the beginning of its lines.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}
