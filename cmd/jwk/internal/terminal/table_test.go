package terminal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCutMiddle(t *testing.T) {
	for _, tc := range []struct {
		text  string
		width int
		want  string
	}{
		{"abcdefgh", 9, "abcdefgh"},
		{"abcdefgh", 8, "abcdefgh"},
		{"abcdefgh", 7, "ab...gh"},
		{"abcdefgh", 6, "ab...h"},
		{"abcdefgh", 4, "a..."},
		{"abcdefgh", 3, "abc"},
		{"abcdefgh", 0, ""},
		{"abcdefgh", -1, ""},
		{"", 0, ""},
	} {
		if got := CutMiddle(tc.text, tc.width); got != tc.want {
			t.Errorf("CutMiddle(%q, %d): got %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two", 7, []string{"one two"}},
		{"one two", 6, []string{"one", "two"}},
		{"one two", 3, []string{"one", "two"}},
		{"one  two", 4, []string{"one", "two"}},
		{"one,two", 5, []string{"one,", "two"}},
		{"a b,c", 4, []string{"a", "b,c"}},
		{"abcdef", 4, []string{"abcd", "ef"}},
		{" abcdef", 4, []string{" abc", "def"}},
		{"abc", 0, []string{"a", "b", "c"}},
	} {
		if got := wrap(tc.text, tc.width); !slices.Equal(got, tc.want) {
			t.Errorf("wrap(%q, %d): got %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
	if got, want := (Screen{}).Wrap("one two", "  "), "one two"; got != want {
		t.Errorf("for a program: got %q, want %q", got, want)
	}
	long := strings.Repeat("word ", 10) + "end"
	want := "word word word word word\n  word word word word word end"
	if got := (Screen{Width: 30}).Wrap(long, "  "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// keyTable is a table like the one of the keys of a set.
func keyTable(rows ...[]string) *Table {
	return &Table{Rows: rows, Columns: []Column{
		{Name: "INDEX"}, {Name: "KID", Cut: true}, {Name: "TYPE"}, {Name: "USE", Below: Last},
		{Name: "ALG", Below: Last}, {Name: "THUMBPRINT", Below: First}, {Name: "DEVIATIONS", Below: First},
	}}
}

func TestTable(t *testing.T) {
	table := keyTable(
		[]string{"0", "a-kid-of-thirty-characters-long", "EC P-256", "sig", "ES256", "UKvt14rw4ZS8AlPCQ-pzkxB28KuJWZAG9CRxlboXNH0", ""},
		[]string{"1", "", "RSA 2048", "", "RS256", "NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lti-Myh4", ""},
	)
	for _, tc := range []struct {
		width int
		want  string
	}{
		{0, `
INDEX	KID	TYPE	USE	ALG	THUMBPRINT	DEVIATIONS
0	a-kid-of-thirty-characters-long	EC P-256	sig	ES256	UKvt14rw4ZS8AlPCQ-pzkxB28KuJWZAG9CRxlboXNH0	-
1	-	RSA 2048	-	RS256	NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lti-Myh4	-
`},
		{120, `
INDEX  KID                              TYPE      USE  ALG    THUMBPRINT
0      a-kid-of-thirty-characters-long  EC P-256  sig  ES256  UKvt14rw4ZS8AlPCQ-pzkxB28KuJWZAG9CRxlboXNH0
1      -                                RSA 2048  -    RS256  NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lti-Myh4
`},
		{80, `
INDEX  KID                              TYPE      USE  ALG
0      a-kid-of-thirty-characters-long  EC P-256  sig  ES256
       thumbprint UKvt14rw4ZS8AlPCQ-pzkxB28KuJWZAG9CRxlboXNH0
1      -                                RSA 2048  -    RS256
       thumbprint NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lti-Myh4
`},
		{50, `
INDEX  KID                       TYPE      USE
0      a-kid-of-th...cters-long  EC P-256  sig
  alg ES256
  thumbprint UKvt14rw4ZS8AlPCQ-pzkxB28KuJWZAG9CRxl
             boXNH0
1      -                         RSA 2048  -
  alg RS256
  thumbprint NiX2C4mJiYMHWvnASHX7gG0kqT3yvVdKgM4Lt
             i-Myh4
`},
		{20, `
INDEX  KID           TYPE
0      a-kid...long  EC P-256
  use sig
  alg ES256
  thumbprint
  UKvt14rw4ZS8AlPCQ-
  pzkxB28KuJWZAG9CRx
  lboXNH0
1      -             RSA 2048
  alg RS256
  thumbprint
  NiX2C4mJiYMHWvnASH
  X7gG0kqT3yvVdKgM4L
  ti-Myh4
`},
	} {
		t.Run(fmt.Sprint(tc.width), func(t *testing.T) {
			if got := "\n" + string(table.Text(Screen{Width: tc.width})); got != tc.want {
				t.Errorf("got:%s\nwant:%s", got, tc.want)
			}
		})
	}
}

// TestTableWidths: with long texts in every cell, no line is longer than the screen, unless the
// columns that may not be cut are wider. No text of the lines below a row is lost.
func TestTableWidths(t *testing.T) {
	const (
		kty   = "OKP Ed25519"
		least = len("INDEX") + gap + minCut + gap + len(kty)
	)
	kid := Word("\x1b[31m" + strings.Repeat("kid\n", 100))
	deviations := strings.Repeat("/x5c/0 hex-x5t, ", 20) + "/k width"
	rows := [][]string{
		{"10000", kid, kty, Word("a use"), strings.Repeat("A", 90), strings.Repeat("t", 43), deviations},
		{"1", "", kty, "", "", "", ""},
	}
	for width := 20; width <= 200; width++ {
		lines := strings.Split(strings.TrimSuffix(string(keyTable(rows...).Text(Screen{Width: width})), "\n"), "\n")
		for _, line := range lines {
			if most := max(width, least); len(line) > most {
				t.Errorf("width %d: a line of %d, want at most %d: %q", width, len(line), most, line)
			}
			if strings.HasPrefix(line, "  ") && len(line) > width {
				t.Errorf("width %d: a line below a row of %d: %q", width, len(line), line)
			}
		}
		all := strings.Join(strings.Fields(strings.Join(lines, " ")), "")
		for _, want := range []string{strings.Repeat("A", 90), strings.Repeat("t", 43), strings.ReplaceAll(deviations, " ", "")} {
			if !strings.Contains(all, want) {
				t.Errorf("width %d: got no %q in:\n%s", width, want, strings.Join(lines, "\n"))
			}
		}
	}
}

// TestSentences: the last column continues on more lines below itself, and no word is lost.
func TestSentences(t *testing.T) {
	sentence := strings.Repeat("a reason that is long, ", 10) + "with " + strings.Repeat("w", 150)
	table := &Table{
		Columns: []Column{{Name: "INDEX"}, {Name: "KID", Cut: true}, {Name: "SKIPPED BECAUSE", Wrap: true}},
		Rows:    [][]string{{"0", strings.Repeat("k", 100), sentence}, {"1", "", "short"}},
	}
	const least = len("INDEX") + gap + minCut + gap + minCut
	for width := 20; width <= 200; width++ {
		lines := strings.Split(string(table.Text(Screen{Width: width})), "\n")
		var column strings.Builder
		for _, line := range lines[1:] {
			if most := max(width, least); len(line) > most {
				t.Errorf("width %d: a line of %d, want at most %d: %q", width, len(line), most, line)
			}
			column.WriteString(line)
		}
		got := strings.ReplaceAll(column.String(), " ", "")
		if want := strings.ReplaceAll(sentence, " ", ""); !strings.Contains(got, want) {
			t.Errorf("width %d: got %q, want the sentence in it", width, got)
		}
	}
	if got, want := strings.Count(string(table.Text(Screen{})), "\n"), 3; got != want {
		t.Errorf("lines for a program: got %d, want %d", got, want)
	}
}

// TestLongCell: one long cell neither makes the sentences beside it narrow nor moves other columns.
func TestLongCell(t *testing.T) {
	sentence := strings.Repeat("word ", 20) + "end"
	sentences := &Table{
		Columns: []Column{{Name: "INDEX"}, {Name: "KID", Cut: true}, {Name: "NOTE", Wrap: true}},
		Rows:    [][]string{{"0", strings.Repeat("k", 300), sentence}},
	}
	keys := keyTable([]string{"0", strings.Repeat("k", 300), "EC P-256", "sig", "ES256", strings.Repeat("t", 43), ""})
	for _, tc := range []struct {
		name   string
		table  *Table
		width  int
		widths []int
	}{
		{"sentence", sentences, 200, []int{5, 88, 103}},
		{"sentence", sentences, 120, []int{5, 40, 71}},
		{"sentence", sentences, 96, []int{5, 39, 48}},
		{"sentence", sentences, 80, []int{5, 24, 47}},
		{"sentence", sentences, 60, []int{5, 24, 27}},
		{"sentence", sentences, 50, []int{5, 17, 24}},
		{"keys", keys, 200, []int{5, 126, 8, 3, 5, 43, 0}},
		{"keys", keys, 114, []int{5, 40, 8, 3, 5, 43, 0}},
		{"keys", keys, 113, []int{5, 84, 8, 3, 5, 0, 0}},
		{"keys", keys, 53, []int{5, 24, 8, 3, 5, 0, 0}},
	} {
		t.Run(fmt.Sprint(tc.name, " ", tc.width), func(t *testing.T) {
			if got := tc.table.layout(tc.width).widths; !slices.Equal(got, tc.widths) {
				t.Errorf("got %v, want %v", got, tc.widths)
			}
		})
	}
}

// TestTableStyle: the names are bold, also if they continue on a second line. The rows are plain.
func TestTableStyle(t *testing.T) {
	table := &Table{Columns: []Column{{Name: "INDEX"}, {Name: "A LONG NAME", Wrap: true}}, Rows: [][]string{{"0", "text"}}}
	want := "\x1b[1mINDEX\x1b[0m  \x1b[1mA LONG NAME\x1b[0m\n0      text\n"
	if got := string(table.Text(Screen{Width: 80, Color: true})); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
