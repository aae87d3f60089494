package terminal

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Texts from the input are shown to people as plain ASCII: a kid must not send escape
// sequences to a terminal, fake a line, or look like another kid.

// Absent is shown for a member that a key does not have.
const Absent = "-"

// Word returns s unchanged if it is one plain word, and otherwise as an ASCII string literal.
func Word(s string) string {
	q := strconv.QuoteToASCII(s)
	if s == "" || s == Absent || strings.Contains(s, " ") || q != `"`+s+`"` {
		return q
	}
	return s
}

// maxShort is the largest number of bytes of a text in a message.
const maxShort = 64

// ShortWord returns s as Word does. It cuts a text of more than 64 bytes and ends it with "...",
// so that a stranger's text does not fill a message.
func ShortWord(s string) string {
	if len(s) <= maxShort {
		return Word(s)
	}
	n := maxShort
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strconv.QuoteToASCII(s[:n]) + "..."
}

// ShellWord returns s as one word of a POSIX shell, so that a command with it can be pasted. A shell
// would run a part of a text such as "$(id)" in double quotes, and s may come from a stranger.
// ShellWord returns placeholder if s is not printable ASCII, or begins as a flag does.
func ShellWord(s, placeholder string) string {
	plain := s != ""
	for _, r := range s {
		if r < ' ' || r > '~' {
			return placeholder
		}
		plain = plain && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("_@%+=:,./-", r))
	}
	switch {
	case strings.HasPrefix(s, "-"):
		return placeholder
	case plain:
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Escape returns s with escapes for all characters except printable ASCII.
func Escape(s string) string {
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

// Count returns "1 key" or "2 keys".
func Count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

// MaxWords is the largest number of texts that a list in a message has.
const MaxWords = 8

// Words returns outside texts for a message.
func Words(words []string) string {
	var shown []string
	for i, w := range words {
		if i == MaxWords {
			shown = append(shown, "and more")
			break
		}
		shown = append(shown, ShortWord(w))
	}
	return strings.Join(shown, ", ")
}

// Time returns a time as people read it, in UTC.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
