package jwk

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestTextOf: textOf makes one short line of printable text from an error of another package.
// Such errors repeat input. If this fails, a peer can write escape sequences, line breaks or
// long texts into the log of a program.
func TestTextOf(t *testing.T) {
	x := strings.Repeat("x", maxForeign)
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"words", `x509: issuer "a\b" is unknown: ü`, `x509: issuer "a\b" is unknown: ü`},
		{"line breaks", "a\nb\r\n\tc\u2028d\u0085e", `a\nb\r\n\tc\u2028d\u0085e`},
		{"escape sequences", "\x1b[31m\x9b31m\a\x00\x7f", `\x1b[31m` + "\ufffd" + `31m\a\x00\x7f`},
		{"direction marks", "a\u202eb\u200f\ufeff", `a\u202eb\u200f\ufeff`},
		{"as long as the limit", x, x},
		{"one byte longer", x + "x", x[3:] + "..."},
		{"a rune across the limit", x[1:] + "é", x[3:] + "..."},
		{"an escape across the limit", x[1:] + "\n", x[3:] + "..."},
		{"an escape across the cut", x[4:] + "\nxxx", x[4:] + "..."},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := textOf(errors.New(test.text))
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if len(got) > maxForeign || !utf8.ValidString(got) {
				t.Errorf("got %d bytes, want valid UTF-8 of at most %d bytes", len(got), maxForeign)
			}
		})
	}
}
