package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// documents returns the paths of the documents from the root of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	names := []string{"testdata/README.md", "bench/README.md"}
	for _, pattern := range []string{"../*.md", "../docs/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			names = append(names, filepath.ToSlash(path[len("../"):]))
		}
	}
	for _, name := range []string{"README.md", "SECURITY.md", "docs/proofs.md"} {
		if !slices.Contains(names, name) {
			t.Fatalf("got documents %q, want %s among them", names, name)
		}
	}
	return names
}

var (
	markdownLink = regexp.MustCompile(`\[([^\[\]]+)\]\(([^()\s]+)\)`)
	codeBlock    = regexp.MustCompile("(?s)```.*?```")
	codeSpan     = regexp.MustCompile("`[^`\n]+`")
	testName     = regexp.MustCompile("^`((?:Test|Fuzz|Benchmark|Example)\\w+)`$")
)

// TestDocuments: a link within the repository must lead to a file that exists, and a link with
// the name of a test must lead to the file that declares the test. Otherwise readers who want to
// check a claim find nothing.
func TestDocuments(t *testing.T) {
	tests := 0
	for _, name := range documents(t) {
		text := codeBlock.ReplaceAllString(document(t, name), "")
		text = codeSpan.ReplaceAllStringFunc(text, func(code string) string {
			return strings.ReplaceAll(code, "](", "] (") // f[T](x) in code is not a link
		})
		for _, link := range markdownLink.FindAllStringSubmatch(text, -1) {
			target, fragment, _ := strings.Cut(link[2], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := filepath.Join("..", filepath.Dir(name), target)
			if target == "" {
				path = filepath.Join("..", name)
			}
			test := testName.FindStringSubmatch(link[1])
			if _, err := os.Stat(path); err != nil && test == nil {
				t.Errorf("%s: %s: %v", name, link[0], err)
				continue
			}
			if fragment != "" && !slices.Contains(anchors(t, path), fragment) {
				t.Errorf("%s: %s: no such heading", name, link[0])
			}
			if test == nil {
				continue
			}
			tests++
			source, err := os.ReadFile(path)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if declares(string(source), test[1]) {
				continue
			}
			if file := fileOf(t, test[1]); *update && file != "" {
				moved := relative(t, filepath.Dir(name), file)
				next := strings.ReplaceAll(document(t, name), link[0], fmt.Sprintf("[%s](%s)", link[1], moved))
				rewrite(t, name, next)
				continue
			}
			t.Errorf("%s: %s is not in %s; .ci/update finds tests that moved", name, test[1], target)
		}
	}
	if tests < 100 {
		t.Errorf("got %d links to tests, want at least 100", tests)
	}
}

// anchors returns the fragments of the headings in a document.
func anchors(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// declares reports whether a Go file declares a test.
func declares(source, test string) bool {
	return strings.Contains(source, fmt.Sprintf("\nfunc %s(", test))
}

// fileOf returns the path of the file that declares a test, relative to the root of the repository.
// It returns "" unless exactly one file declares the test.
func fileOf(t *testing.T, test string) string {
	t.Helper()
	var found []string
	err := filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err == nil && declares(string(source), test) {
			found = append(found, filepath.ToSlash(path)[len("../"):])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// relative returns the path of a file relative to a folder. Both arguments are relative to the
// root of the repository.
func relative(t *testing.T, folder, file string) string {
	t.Helper()
	path, err := filepath.Rel(folder, file)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(path)
}

// TestClaims: each claim in these sections of SECURITY.md names the test that proves it. Otherwise
// readers could not check the claim. TestProofs does the same for the README.
func TestClaims(t *testing.T) {
	for _, title := range []string{"What this library guarantees", "What went wrong elsewhere"} {
		claims := claimsOf(section(t, "SECURITY.md", title))
		if len(claims) == 0 {
			t.Errorf("SECURITY.md, %s: got no claims", title)
		}
		for _, claim := range claims {
			if !linksToTest(claim) {
				t.Errorf("SECURITY.md, %s: no test for %q", title, claim)
			}
		}
	}
}

// TestProofs: docs/proofs.md names a test for each claim. It lists the promises and refusals of the
// README in the same words, and no others. Otherwise the README could claim something that no test
// proves.
func TestProofs(t *testing.T) {
	const proofs = "docs/proofs.md"
	for _, title := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(document(t, proofs), -1) {
		rows := claimsOf(section(t, proofs, title[1]))
		if len(rows) == 0 {
			t.Errorf("%s, %s: got no rows", proofs, title[1])
		}
		for _, row := range rows {
			if !linksToTest(row) {
				t.Errorf("%s, %s: no test for %q", proofs, title[1], row)
			}
		}
	}
	bold := regexp.MustCompile(`^- \*\*(.+?)[.,:]?\*\*`)
	for _, title := range []string{"What it promises", "What it refuses"} {
		var claims, rows []string
		for _, claim := range claimsOf(section(t, "README.md", title)) {
			name := bold.FindStringSubmatch(strings.Join(strings.Fields(claim), " "))
			if name == nil {
				t.Errorf("README.md, %s: want the claim in bold at the beginning of %q", title, claim)
				continue
			}
			claims = append(claims, name[1])
		}
		for _, row := range claimsOf(section(t, proofs, title)) {
			name, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " | ")
			rows = append(rows, name)
		}
		if len(claims) == 0 || !slices.Equal(claims, rows) {
			t.Errorf("%s: got rows %q in %s, want the claims of the README: %q", title, rows, proofs, claims)
		}
	}
}

// TestProofsInOnePlace: links to tests interrupt the sentences of documents that people read to
// learn to use the package. They belong in docs/proofs.md.
func TestProofsInOnePlace(t *testing.T) {
	for _, name := range documents(t) {
		if name != "README.md" && !strings.HasPrefix(name, "docs/") || name == "docs/proofs.md" {
			continue
		}
		for _, link := range markdownLink.FindAllStringSubmatch(document(t, name), -1) {
			if testName.MatchString(link[1]) {
				t.Errorf("%s: the link to %s belongs in docs/proofs.md", name, link[1])
			}
		}
	}
}

// TestLineWidth: lines of more than 120 columns are hard to read in an editor and in a diff.
// Tables and the output of programs cannot be broken, and the targets of links do not count.
func TestLineWidth(t *testing.T) {
	const columns = 120
	target := regexp.MustCompile(`\]\([^()\s]+\)`)
	for _, name := range documents(t) {
		if strings.HasSuffix(name, "/README.md") {
			continue
		}
		output := false
		for i, line := range strings.Split(document(t, name), "\n") {
			if strings.HasPrefix(line, "```") {
				output = line == "```text"
			}
			if output || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "[") && strings.Contains(line, "]: ") {
				continue
			}
			if width := utf8.RuneCountInString(target.ReplaceAllString(line, "]")); width > columns {
				t.Errorf("%s:%d: got %d columns, want at most %d", name, i+1, width, columns)
			}
		}
	}
}

// TestREADMELength: people read the README to decide whether they use the package. They do not read
// a long text.
func TestREADMELength(t *testing.T) {
	const most = 1750 // with the table of the defaults of a client, and the tour of the command
	if got := len(strings.Fields(document(t, "README.md"))); got > most {
		t.Errorf("got %d words in README.md, want at most %d: longer texts belong in docs", got, most)
	}
}

// linksToTest reports whether a claim has a link to a test.
func linksToTest(claim string) bool {
	return regexp.MustCompile("\\[`(Test|Fuzz)").MatchString(claim)
}

// section returns the text below a heading of the second level.
func section(t *testing.T, name, title string) string {
	t.Helper()
	_, text, found := strings.Cut(document(t, name), "\n## "+title+"\n")
	if !found {
		t.Fatalf("%s has no section %q", name, title)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// claimsOf returns the items of the lists in a text and the rows of its tables.
func claimsOf(text string) []string {
	var claims []string
	open := false // the next line may continue an item
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "- "):
			claims, open = append(claims, line), true
		case strings.HasPrefix(line, "|---"):
			claims, open = claims[:len(claims)-1], false // the row above is the header
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
