package jwkhttp

import "strings"

// cutUnquoted cuts s at the first separator outside of quoted strings (RFC 9110, Section 5.6.4).
func cutUnquoted(s string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// trimSpace removes spaces and tabs, the whitespace of RFC 9110, Section 5.6.3, from both ends.
func trimSpace(s string) string { return strings.Trim(s, " \t") }
