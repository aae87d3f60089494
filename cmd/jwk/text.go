package main

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Texts from the input are shown to people as plain ASCII: a kid must not send escape
// sequences to a terminal, fake a line, or look like another kid.

// maxCell is the largest number of bytes of such a text in a table.
const maxCell = 64

// absent is shown for a member that a key does not have.
const absent = "-"

// cell returns s unchanged if it is one plain word, and otherwise as an ASCII string literal.
// It cuts texts longer than maxCell and ends them with "...".
func cell(s string) string {
	cut := len(s) > maxCell
	if cut {
		n := maxCell
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	q := strconv.QuoteToASCII(s)
	switch {
	case cut:
		return q + "..."
	case s == "" || s == absent || strings.Contains(s, " ") || q != `"`+s+`"`:
		return q
	}
	return s
}

// escape returns s with escapes for all characters except printable ASCII.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= ' ' && r <= '~' {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}

// count returns "1 key" or "2 keys".
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}
