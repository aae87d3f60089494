package jwk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// fixtureNames are the names of the private keys in testdata/keys.json, at least one of each
// kind. They were generated for these tests and protect nothing.
var fixtureNames = []string{
	"RSA-2048", "RSA-3072", "RSA-2048-multi-prime",
	"P-256", "P-384", "P-521", "secp256k1",
	"Ed25519", "X25519", "Ed448", "X448",
	"ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "oct-256",
}

// An object is a JSON object from which a test builds the text of a JWK: values by member name.
type object map[string]any

// fixture returns the private key with a name from testdata/keys.json.
func fixture(t testing.TB, name string) object {
	t.Helper()
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]object
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	o, ok := all[name]
	if !ok {
		t.Fatalf("no fixture %q", name)
	}
	return o
}

// public returns the fixture with a name, without its private members.
func public(t testing.TB, name string) object {
	t.Helper()
	return fixture(t, name).without("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv")
}

// with returns a copy of o in which members are added or replaced. pairs are names and values in
// turn.
func (o object) with(pairs ...any) object {
	next := maps.Clone(o)
	for i := 0; i < len(pairs); i += 2 {
		next[pairs[i].(string)] = pairs[i+1]
	}
	return next
}

// without returns a copy of o from which members are removed.
func (o object) without(names ...string) object {
	next := maps.Clone(o)
	for _, n := range names {
		delete(next, n)
	}
	return next
}

// json returns the text of o, with the members sorted by name.
func (o object) json(t testing.TB) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// key returns the key of o. The test fails if Parse refuses it.
func (o object) key(t testing.TB) *jwk.Key {
	t.Helper()
	k, err := jwk.Parse(o.json(t))
	if err != nil {
		t.Fatalf("Parse(%s): %v", o.json(t), err)
	}
	return k
}

// errorKinds are the sentinel errors. Every error must match exactly one of them.
var errorKinds = []error{
	jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrUnsupported, jwk.ErrPolicy,
	jwk.ErrPrivate, jwk.ErrNotFound, jwk.ErrDecrypt,
}

// nameOf returns the name of the variable of a sentinel error.
func nameOf(kind error) string {
	return [...]string{"ErrSyntax", "ErrInvalid", "ErrUnsupported", "ErrPolicy", "ErrPrivate", "ErrNotFound", "ErrDecrypt"}[slices.Index(errorKinds, kind)]
}

// checkError checks that err matches the sentinel error want and no other, and that it has the
// path, unless path is "*".
func checkError(t testing.TB, err, want error, path string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %v", want)
	}
	for _, kind := range errorKinds {
		if got := errors.Is(err, kind); got != (kind == want) {
			t.Errorf("errors.Is(%q, %v): got %v, want %v", err, kind, got, kind == want)
		}
	}
	var e *jwk.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error of type %T, want *jwk.Error", err)
	}
	if path != "*" && string(e.Path) != path {
		t.Errorf("path of %q: got %q, want %q", err, e.Path, path)
	}
}

// checkRefused checks that the strict Parse refuses a text with an error of the kind want at
// path, and returns no key with it.
func checkRefused(t testing.TB, text []byte, want error, path string) {
	t.Helper()
	k, err := jwk.Parse(text)
	if k != nil {
		t.Errorf("got key %v, want nil", k)
	}
	checkError(t, err, want, path)
}

// mixedEntries returns the texts of n public keys, as providers publish them: RSA-2048, P-256
// and Ed25519 in turn.
func mixedEntries(t testing.TB, n int) []string {
	t.Helper()
	kinds := []object{
		public(t, "RSA-2048").with("use", "sig", "alg", "RS256"),
		public(t, "P-256").with("use", "sig", "alg", "ES256"),
		public(t, "Ed25519").with("use", "sig", "alg", "EdDSA"),
	}
	var entries []string
	for i := range n {
		entries = append(entries, string(kinds[i%len(kinds)].with("kid", fmt.Sprintf("key-%d", i)).json(t)))
	}
	return entries
}

// update reports whether tests rewrite the golden files and the tables in documents.
var update = flag.Bool("update", false, "rewrite the golden files and the tables in documents")

// golden checks that a text equals a file of testdata. With -update it writes the file first.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%sif the new lines are right, run: go test -run '%s$' -update .", path, lineDiff(string(want), string(got)), t.Name())
	}
}

// maxDiff is the maximum number of lines that lineDiff shows from each text.
const maxDiff = 20

// lineDiff returns the lines that only one of two texts has, each with its number: "-" marks a
// line of the first text, and "+" a line of the second.
func lineDiff(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var diff strings.Builder
	onlyIn(&diff, "-", a, b)
	onlyIn(&diff, "+", b, a)
	if diff.Len() == 0 {
		return "the same lines in another order\n"
	}
	return diff.String()
}

// onlyIn writes each line that occurs in a more often than in b.
func onlyIn(diff *strings.Builder, sign string, a, b []string) {
	left := make(map[string]int)
	for _, line := range b {
		left[line]++
	}
	found := 0
	for i, line := range a {
		if left[line]--; left[line] >= 0 {
			continue
		}
		if found++; found <= maxDiff {
			fmt.Fprintf(diff, "%s%d: %s\n", sign, i+1, line)
		}
	}
	if found > maxDiff {
		fmt.Fprintf(diff, "%s and %d more lines\n", sign, found-maxDiff)
	}
}

// TestLineDiff: if this fails, a test with a golden file does not show what has changed.
func TestLineDiff(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"a\nb\nc\n", "a\nx\nc\n", "-2: b\n+2: x\n"},
		{"a\nc\n", "a\nb\nc\n", "+2: b\n"},
		{"a\na\n", "a\n", "-2: a\n"},
		{"a\nb", "b\na", "the same lines in another order\n"},
		{strings.Repeat("a\n", maxDiff+2) + "b", "b", firstLines(maxDiff) + "- and 2 more lines\n"},
	} {
		if got := lineDiff(tt.before, tt.after); got != tt.want {
			t.Errorf("%q and %q: got %q, want %q", tt.before, tt.after, got, tt.want)
		}
	}
}

// firstLines returns the part of a diff for n removed lines "a" at the beginning of a text.
func firstLines(n int) (diff string) {
	for i := range n {
		diff += fmt.Sprintf("-%d: a\n", i+1)
	}
	return diff
}

// A document is a Markdown file with tables that tests check. With -update they rewrite the
// tables.
type document struct {
	name  string
	lines []string
	dirty bool // lines differ from the file
}

// openDocument reads a document. If a test changes it, the file is written when the test ends.
func openDocument(t *testing.T, name string) *document {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := &document{name: name, lines: strings.SplitAfter(string(data), "\n")}
	t.Cleanup(func() {
		if d.dirty {
			if err := os.WriteFile(name, []byte(strings.Join(d.lines, "")), 0o666); err != nil {
				t.Error(err)
			}
		}
	})
	return d
}

// row checks the first row of the document that begins with a prefix. If ok returns false for
// it, row replaces it by want with -update, and reports an error otherwise.
func (d *document) row(t *testing.T, prefix string, ok func(row string) bool, want string) {
	t.Helper()
	i := slices.IndexFunc(d.lines, func(line string) bool { return strings.HasPrefix(line, prefix) })
	switch {
	case i < 0:
		t.Errorf("%s has no row that begins with %q, want\n%s", d.name, prefix, want)
	case ok(d.lines[i]):
	case *update:
		d.lines[i], d.dirty = want+"\n", true
	default:
		t.Errorf("%s: got\n%swant\n%s\nto rewrite it, run: go test -run '%s$' -update .", d.name, d.lines[i], want, t.Name())
	}
}

// replace checks that the first text of the document that matches a pattern equals want. With
// -update it writes want instead.
func (d *document) replace(t *testing.T, pattern *regexp.Regexp, want string) {
	t.Helper()
	for i, line := range d.lines {
		switch got := pattern.FindString(line); {
		case got == "":
			continue
		case got == want:
		case *update:
			d.lines[i], d.dirty = pattern.ReplaceAllString(line, want), true
		default:
			t.Errorf("%s:%d: got %q, want %q: run go test -run '%s$' -update .", d.name, i+1, got, want, t.Name())
		}
		return
	}
	t.Errorf("%s: no text matches %q, want %q", d.name, pattern, want)
}
