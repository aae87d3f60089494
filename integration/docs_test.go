package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The documents of the project, from its root.
var documents = []string{
	"README.md", "SECURITY.md", "PERFORMANCE.md", "CHANGELOG.md", "LICENSES.md", "testdata/README.md", "bench/README.md",
}

var (
	markdownLink = regexp.MustCompile(`\[([^\[\]]+)\]\(([^()\s]+)\)`)
	codeBlock    = regexp.MustCompile("(?s)```.*?```")
	testName     = regexp.MustCompile("^`((?:Test|Fuzz|Benchmark|Example)\\w+)`$")
)

// TestDocuments: a link within the project leads to a file that is there, and one whose text
// is the name of a test to the file that declares it.
func TestDocuments(t *testing.T) {
	tests := 0
	for _, name := range documents {
		text := codeBlock.ReplaceAllString(document(t, name), "")
		for _, link := range markdownLink.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(link[2], "#")
			if strings.Contains(target, "://") || target == "" {
				continue
			}
			path := filepath.Join("..", filepath.Dir(name), target)
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %s: %v", name, link[0], err)
				continue
			}
			test := testName.FindStringSubmatch(link[1])
			if test == nil {
				continue
			}
			tests++
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(source), fmt.Sprintf("\nfunc %s(", test[1])) {
				t.Errorf("%s: %s is not in %s", name, test[1], target)
			}
		}
	}
	if tests == 0 {
		t.Error("no document names a test")
	}
	t.Logf("%d links to tests", tests)
}

// TestClaims: what the documents claim in these sections, an item or a row each, names the test
// that proves it.
func TestClaims(t *testing.T) {
	for _, section := range []struct{ document, title string }{
		{"README.md", "What it promises"},
		{"README.md", "What it refuses, and why"},
		{"SECURITY.md", "What this library guarantees"},
		{"SECURITY.md", "What went wrong elsewhere"},
	} {
		_, text, found := strings.Cut(document(t, section.document), "\n## "+section.title+"\n")
		if !found {
			t.Errorf("%s has no section %q", section.document, section.title)
			continue
		}
		text, _, _ = strings.Cut(text, "\n## ")
		claims := claimsOf(text)
		if len(claims) == 0 {
			t.Errorf("%s, %s: claims nothing", section.document, section.title)
		}
		for _, claim := range claims {
			if !regexp.MustCompile("\\[`(Test|Fuzz)").MatchString(claim) {
				t.Errorf("%s, %s: no test for %q", section.document, section.title, claim)
			}
		}
	}
}

// claimsOf returns the items of the lists in a text, and the rows of its tables.
func claimsOf(text string) []string {
	var claims []string
	open := false // an item may go on
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "- "):
			claims, open = append(claims, line), true
		case strings.HasPrefix(line, "|---"):
			claims, open = claims[:len(claims)-1], false // the row before is the head
		case strings.HasPrefix(line, "|"):
			claims, open = append(claims, line), false
		case open && strings.HasPrefix(line, "  "):
			claims[len(claims)-1] += line
		default:
			open = false
		}
	}
	return claims
}

// document returns a file's text, by its path from the root.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
