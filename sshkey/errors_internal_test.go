package sshkey

import (
	"errors"
	"strings"
	"testing"
)

// TestTextOf: the text of an error of package ssh becomes one short line, so that an input
// cannot write into a log or a terminal.
func TestTextOf(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"ssh: no \"key\"", `no "key"`},
		{"a\nb\x1b[31m\u202e", `a\nb\x1b[31m\u202e`},
		{strings.Repeat("x", 1000), strings.Repeat("x", 128)},
		{strings.Repeat("\n", 1000), strings.Repeat(`\n`, 64)},
	} {
		if got := textOf(errors.New(test.text)); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
