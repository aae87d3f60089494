package jwk

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How errors and descriptions show texts from outside. Such a text may be long, may hold
// escape sequences for a terminal, and in a damaged document may be a secret.

// maxShown is the length to which quoted cuts a text.
const maxShown = 64 // bytes

// quoted returns s as a Go string literal, cut to maxShown. A text that a peer chose must not
// fill a log, or write lines or escape sequences of its own into it.
func quoted[S ~string](s S) string {
	if len(s) > maxShown {
		return strconv.Quote(strings.ToValidUTF8(string(s[:maxShown]), "")) + "..."
	}
	return strconv.Quote(string(s))
}

// printable returns s as it is if it is one short word of printable characters, and quoted
// otherwise.
func printable(s string) string {
	q := quoted(s)
	if q == `"`+s+`"` && s != "" && !strings.Contains(s, " ") {
		return s
	}
	return q
}

// maxForeign is the length to which textOf cuts the text of an error.
const maxForeign = 200 // bytes

// textOf returns the text of an error of another package, to be a part of an error of this
// one. Other packages repeat what a peer sent, so the text is made one line without escape
// sequences, and cut to maxForeign.
func textOf(err error) string {
	const cut = "..."
	var b []byte
	whole := 0 // length of the longest start of b that leaves room for cut
	for _, r := range err.Error() {
		if strconv.IsPrint(r) {
			b = utf8.AppendRune(b, r)
		} else {
			q := strconv.QuoteRuneToASCII(r)
			b = append(b, q[1:len(q)-1]...)
		}
		if len(b) > maxForeign {
			return string(b[:whole]) + cut
		}
		if len(b) <= maxForeign-len(cut) {
			whole = len(b)
		}
	}
	return string(b)
}

// word returns the value of kty, crv, alg, or of another member that should be a short word,
// in quotes. For a text that does not look like such a word, it returns only the length: the
// text may be a secret in the wrong place.
func word[S ~string](s S) string {
	if isWord(string(s)) {
		return `"` + string(s) + `"`
	}
	return "of " + counted(len(s), "octet", "octets")
}

// plainWord is word without the quotes.
func plainWord[S ~string](s S) string {
	if isWord(string(s)) {
		return string(s)
	}
	return word(s)
}

// Names of algorithms and curves consist of short parts, as "SLH-DSA-SHA2-128s" does. An encoded
// secret does not.
const (
	longestWord = 20 // octets
	longestPart = 7  // octets
)

func isWord(s string) bool {
	if slices.Contains(longWords[:], s) {
		return true
	}
	if len(s) > longestWord {
		return false
	}
	part := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-' || c == '+':
			part = 0
		case isLetter(c) || isDigit(c):
			part++
		default:
			return false
		}
		if part > longestPart {
			return false
		}
	}
	return true
}

// longWords are names that isWord would refuse for their parts: registered ones, and names
// that other standards give to curves and that people write into crv.
var longWords = [...]string{
	"RSA1_5", string(CurveSecp256k1), "secp256r1", "secp384r1", "secp521r1", "prime256v1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
	"curve25519", "Curve25519", "edwards25519", "Ed25519ph", "Ed25519ctx",
}

// counted returns a number with the noun that fits it.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// oneOf returns the names as a list: "a, b or c".
func oneOf[S ~string](names ...S) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(name))
	}
	return b.String()
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// isDecimal reports whether s has at least one character, and only decimal digits.
func isDecimal(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// translated returns s with each octet of from replaced by the octet at the same place in to,
// or left out if to has no such place. strings.Replacer would add 10 KB to every program.
func translated(s, from, to string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		if at := strings.IndexByte(from, c); at >= len(to) {
			continue
		} else if at >= 0 {
			c = to[at]
		}
		b = append(b, c)
	}
	return string(b)
}
