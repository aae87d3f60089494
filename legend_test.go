package jwk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const legendFile = "docs/threats.md"

var (
	label     = regexp.MustCompile(`^[A-Z][0-9]{2}$`)
	legendRow = regexp.MustCompile(`(?m)^(\| ([A-Z][0-9]{2}) \|.*\|)[^|]*\|$`)
)

// TestLegend: if this fails, a reader of a test does not find a label such as J01 in
// docs/threats.md, or the document does not list the tests that have the label. With -update,
// the test rewrites the last column of the tables.
func TestLegend(t *testing.T) {
	text, err := os.ReadFile(legendFile)
	if err != nil {
		t.Fatal(err)
	}
	legend := strings.ReplaceAll(string(text), "\r\n", "\n")
	used := usedLabels(t)
	updated := legendRow.ReplaceAllStringFunc(legend, func(row string) string {
		cells := legendRow.FindStringSubmatch(row)
		tests := slices.Sorted(maps.Keys(used[cells[2]]))
		return cells[1] + " `" + strings.Join(tests, "`, `") + "` |"
	})
	if *update && updated != legend {
		if err := os.WriteFile(legendFile, []byte(updated), 0o666); err != nil {
			t.Fatal(err)
		}
		legend = updated
	}

	explained := make(map[string]bool)
	want := legendRow.FindAllString(updated, -1)
	for i, row := range legendRow.FindAllStringSubmatch(legend, -1) {
		name := row[2]
		switch {
		case explained[name]:
			t.Errorf("%s has two rows for %s, want one", legendFile, name)
		case len(used[name]) == 0:
			t.Errorf("%s has a row for %s, and no test function uses this label", legendFile, name)
		case row[0] != want[i]:
			t.Errorf("%s, to be updated by go test -run 'TestLegend$' -update .\n got %s\nwant %s", legendFile, row[0], want[i])
		}
		explained[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if !explained[name] {
			t.Errorf("%s has no row for %s, which these tests use: %v", legendFile, name, slices.Sorted(maps.Keys(used[name])))
		}
	}
}

// usedLabels returns the labels that the tests of all packages use, each with the names of the
// test functions. Outside the root, the name of the folder comes before the name of the
// function.
func usedLabels(t *testing.T) map[string]map[string]bool {
	t.Helper()
	used := make(map[string]map[string]bool)
	use := func(file, test, text string) {
		for _, name := range labelsIn(text) {
			if used[name] == nil {
				used[name] = make(map[string]bool)
			}
			if folder := path.Dir(file); test != "" && folder != "." {
				used[name][folder+"."+test] = true
			} else if test != "" {
				used[name][test] = true
			}
		}
	}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		file := filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != ".":
			return fs.SkipDir
		case strings.HasSuffix(file, "testdata/errors.txt"):
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			use(strings.TrimSuffix(file, "testdata/errors.txt"), "TestErrorTexts", string(text))
		case strings.HasSuffix(file, ".txtar"):
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			folder, script, _ := strings.Cut(strings.TrimSuffix(file, ".txtar"), "/testdata/script/")
			for line := range strings.Lines(string(text)) {
				if remark, ok := strings.CutPrefix(line, "#"); ok {
					use(folder+"/", "TestScripts/"+script, remark)
				}
			}
		case strings.HasSuffix(file, "_test.go") && file != "legend_test.go":
			labelsOfFile(t, name, func(test, text string) { use(file, test, text) })
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}

// labelsOfFile calls use with every string and comment of a Go file, and with the name of the
// test function around it, or "" if there is no such function.
func labelsOfFile(t *testing.T, name string, use func(test, text string)) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	test := func(at token.Pos) string {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") && !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			if f.Pos() <= at && at <= f.End() || f.Doc != nil && f.Doc.Pos() == at {
				return f.Name.Name
			}
		}
		return ""
	}
	for _, comment := range file.Comments {
		use(test(comment.Pos()), comment.Text())
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			use(test(l.Pos()), text)
		}
		return true
	})
}

// labelsIn returns the labels in a text. White space and parentheses separate words, and
// a label is a word of one capital letter and two digits, with or without a comma, colon,
// semicolon or full stop after it. A text that consists of such a word is a value, not a label.
func labelsIn(text string) []string {
	var labels []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == ')' }) {
		if word = strings.TrimRight(word, ",:;."); label.MatchString(word) && word != text {
			labels = append(labels, word)
		}
	}
	return labels
}

// TestLabelsIn checks that labelsIn finds labels before a name, in a sentence and in
// parentheses, and that names of curves, code points and encoded octets are not labels.
func TestLabelsIn(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"B01 line break", []string{"B01"}},
		{"D07: empty passphrase", []string{"D07"}},
		{"O04 O08 p+%d", []string{"O04", "O08"}},
		{"X03 ", []string{"X03"}},
		{"DecryptPEM: D10 few iterations", []string{"D10"}},
		{"M03, and S01 for short secrets (Z04, M05).\nV01: it ends; as K02.\n", []string{"M03", "S01", "Z04", "M05", "V01", "K02"}},
		{"curves P-256, X25519 and U+212A", nil},
		{"A10", nil},
		{"-A10_A10+A10/A10= xA10 A10x A100 a10 AA10 A1", nil},
		{`"x":"A10"`, nil},
	} {
		if got := labelsIn(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("labelsIn(%q): got %v, want %v", tt.text, got, tt.want)
		}
	}
}
