package jsonscan

import (
	"strings"
	"testing"
)

// TestValue scans values on their own. If it fails, the package accepts what is not JSON, or
// refuses what is. FuzzReader of package jwk compares many more texts with jsontext.
func TestValue(t *testing.T) {
	tests := []struct {
		text  string
		depth int
		want  int // -1 if malformed, else the index after the value
	}{
		{`{}`, 1, 2},
		{`{ "a" : [ 1 , "b" ] } `, 2, 21},
		{`[[[]]]`, 3, 6},
		{`[[[]]]`, 2, -1},
		{`"\ud83d\ude00\n"`, 0, 16},
		{`"\ud83d"`, 0, -1},
		{"\"\xff\"", 0, -1},
		{"\"\x1f\"", 0, -1},
		{"\"1234567\x1f\"", 0, -1}, // at the end of eight octets
		{`"1234567 !#[]~"`, 0, 15},
		{`"a`, 0, -1},
		{`-0.5e+10,`, 0, 8},
		{`01`, 0, 1}, // the caller finds the 1 after the value
		{`1.`, 0, -1},
		{`1e`, 0, -1},
		{`-`, 0, -1},
		{`true`, 0, 4},
		{`nul`, 0, -1},
		{`[1,]`, 1, -1},
		{`{"a":1,}`, 1, -1},
		{`{"a"}`, 1, -1},
		{``, 0, -1},
	}
	for _, tt := range tests {
		var s Scanner
		if got := s.Value([]byte(tt.text), 0, tt.depth); got != tt.want {
			t.Errorf("Value(%q, %d levels): got %d, want %d", tt.text, tt.depth, got, tt.want)
		}
		if got, want := s.TooDeep != 0, strings.HasPrefix(tt.text, "[[[") && tt.depth < 3; got != want {
			t.Errorf("TooDeep after %q, %d levels: got %v, want %v", tt.text, tt.depth, got, want)
		}
		if got, want := s.Escaped, strings.Contains(tt.text, `\ude00`); got != want {
			t.Errorf("Escaped after %q: got %v, want %v", tt.text, got, want)
		}
	}
}

// TestStringFault asserts the place of the first octet that makes a string malformed. Errors
// show this place as line and column.
func TestStringFault(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{"\"abcdefgh\n\"", 9},
		{`"ab\x"`, 3},
		{`"ab\ud83dx"`, 3},
		{"\"abcdefghi\xc3(\"", 10},
		{`"abc`, 4},
	} {
		var s Scanner
		if got := s.String([]byte(tt.text), 0); got != -1 || s.Fault != tt.want {
			t.Errorf("String(%q): got %d and the fault at %d, want -1 and %d", tt.text, got, s.Fault, tt.want)
		}
	}
}

// TestSkip skips over valid text. If it fails, whoever reads a document again loses its place.
func TestSkip(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{
		{`"a\"b" `, 6},
		{`"0123456789\\",`, 14},
		{`-1.5e3]`, 6},
		{`true}`, 4},
		{`null`, 4},
	} {
		if got := SkipScalar([]byte(tt.text), 0); got != tt.want {
			t.Errorf("SkipScalar(%q): got %d, want %d", tt.text, got, tt.want)
		}
	}
	if got := SkipSpace([]byte(" \t\r\n\vx"), 0); got != 4 {
		t.Errorf("SkipSpace: got %d, want 4: a vertical tab is not white space in JSON", got)
	}
	for _, i := range []int{-1, 3} {
		if got := SkipSpace([]byte("  "), i); got != i {
			t.Errorf("SkipSpace at %d, outside the text: got %d, want %d", i, got, i)
		}
		if got := ByteAt([]byte("  "), i); got != 0 {
			t.Errorf("ByteAt at %d, outside the text: got %d, want 0", i, got)
		}
	}
}
