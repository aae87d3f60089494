package integration

import (
	"cmp"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// update makes the tests of this module rewrite the tables, figures and outputs in the documents
// instead of comparing them. It does not change times, except times from bench/results.json.
var update = flag.Bool("update", false, "rewrite the tables, figures and outputs in the documents")

// The figures on the size of programs belong to one release of Go on one platform. Other
// releases build other sizes, and then the tests neither compare these figures nor write them.
const documentedGo, documentedPlatform = "go1.26.8", "linux/amd64"

func hasDocumentedSizes() bool {
	return runtime.Version() == documentedGo && runtime.GOOS+"/"+runtime.GOARCH == documentedPlatform
}

// document returns the text of a file, by its path from the root of the repository.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rewrite replaces the text of a document.
func rewrite(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join("..", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pasted compares a block of a document with the text that a test computed, and replaces it with
// -update. The lines "<!--begin:NAME-->" and "<!--end:NAME-->" enclose the block. Cells of
// tables that hold a number may differ by the given fraction, or by 2 if that is more; with a
// tolerance of 0 the texts must be equal.
func pasted(t *testing.T, name, block, want string, tolerance float64) {
	t.Helper()
	text := document(t, name)
	begin, end := "<!--begin:"+block+"-->\n", "<!--end:"+block+"-->\n"
	before, rest, begins := strings.Cut(text, begin)
	got, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s has no block %q", name, block)
	}
	want = strings.TrimSpace(want) + "\n"
	switch {
	case got == want:
	case *update:
		rewrite(t, name, before+begin+want+end+after)
	case tolerance == 0 || !nearlyEqual(got, want, tolerance):
		t.Errorf("%s: the block %q differs; .ci/update rewrites it. Got\n%s\nwant\n%s", name, block, got, want)
	}
}

// nearlyEqual reports whether two tables are equal, except that cells which hold a number may
// differ a little.
func nearlyEqual(a, b string, tolerance float64) bool {
	cellsA, cellsB := strings.Split(a, "|"), strings.Split(b, "|")
	if len(cellsA) != len(cellsB) {
		return false
	}
	for i := range cellsA {
		a, b := strings.TrimSpace(cellsA[i]), strings.TrimSpace(cellsB[i])
		x, okX := number(a)
		y, okY := number(b)
		if a != b && !(okX && okY && math.Abs(x-y) <= max(2, tolerance*y)) {
			return false
		}
	}
	return true
}

// number parses a number that may have commas between its thousands.
func number(text string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	return n, err == nil
}

// figure matches a number with its unit.
const figure = `([\d.,]*\d(?: (?:ns|us|ms|MB|KB))?)`

// figures compares the figures in a sentence or a table row of a document with the figures that a
// test computed, and replaces them with -update. In format, %s matches a figure, and white space
// matches any white space. A figure may differ by the given amount.
func figures(t *testing.T, name, format string, tolerance float64, want ...string) {
	t.Helper()
	text := document(t, name)
	pattern := strings.ReplaceAll(regexp.QuoteMeta(format), "%s", figure)
	pattern = regexp.MustCompile(`\s+`).ReplaceAllString(pattern, `\s+`)
	match := regexp.MustCompile(pattern).FindStringSubmatchIndex(text)
	if match == nil || len(match) != 2*(1+len(want)) {
		t.Errorf("%s does not say %q, with %d figures", name, format, len(want))
		return
	}
	var next strings.Builder
	end := 0
	for i, figure := range want {
		from, to := match[2+2*i], match[3+2*i]
		if got := text[from:to]; !*update && !sameFigure(got, figure, tolerance) {
			t.Errorf("%s, %q: got %s for figure %d, want %s; .ci/update rewrites it", name, format, got, i+1, figure)
		}
		next.WriteString(text[end:from] + figure)
		end = to
	}
	next.WriteString(text[end:])
	if *update && next.String() != text {
		rewrite(t, name, next.String())
	}
}

// sameFigure compares two numbers with units.
func sameFigure(a, b string, tolerance float64) bool {
	numberA, unitA, _ := strings.Cut(a, " ")
	numberB, unitB, _ := strings.Cut(b, " ")
	x, okX := number(numberA)
	y, okY := number(numberB)
	const rounding = 1e-9
	return okX && okY && unitA == unitB && math.Abs(x-y) <= tolerance+rounding
}

// TestPasted: if these comparisons are wrong, the documents can show figures that no test
// computed.
func TestPasted(t *testing.T) {
	for _, tt := range []struct {
		a, b      string
		tolerance float64
		want      bool
	}{
		{"| a/v4 | 100 |", "| a/v4 | 104 |", 0.05, true},
		{"| a/v4 | 100 |", "| a/v4 | 106 |", 0.05, false},
		{"| a/v4 | 1,382 |", "| a/v4 | 1,380 |", 0.05, true},
		{"| a/v4 | 5 |", "| a/v5 | 5 |", 0.05, false},
		{"| a | 5 |", "| a | 5 | 6 |", 0.05, false},
		{"| a | no |", "| a | 5 |", 0.05, false},
	} {
		if got := nearlyEqual(tt.a, tt.b, tt.tolerance); got != tt.want {
			t.Errorf("nearlyEqual(%q, %q, %v): got %v, want %v", tt.a, tt.b, tt.tolerance, got, tt.want)
		}
	}
	for _, tt := range []struct {
		a, b      string
		tolerance float64
		want      bool
	}{
		{"4.29 MB", "4.31 MB", 0.02, true},
		{"4.29 MB", "4.32 MB", 0.02, false},
		{"4.29 MB", "4.29 KB", 0.02, false},
		{"13", "13", 0, true},
		{"13", "12", 0, false},
	} {
		if got := sameFigure(tt.a, tt.b, tt.tolerance); got != tt.want {
			t.Errorf("sameFigure(%q, %q, %v): got %v, want %v", tt.a, tt.b, tt.tolerance, got, tt.want)
		}
	}
}

// thousands formats a whole number with commas.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// byName compares texts without regard to case, for tables that readers search.
func byName(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }
