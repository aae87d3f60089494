package jwk

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// The grammar of JSON (RFC 8259). What scans a thing returns the end of what begins
// at i, and -1 if that is not valid; what skips returns the end of what may be there.

// maxDepth limits the nesting of objects and arrays in a JWK, and in the members of a
// set besides "keys". No JWK needs more than a few levels, and each one costs stack.
const maxDepth = 64

// depthOfEntries is the depth of an entry of a set: it is in "keys", which is in the set.
// Entries may be deeper by this much, so that every key that Parse accepts fits into a set.
const depthOfEntries = 2

// scanValue reads a value within depth objects and arrays.
func (r *reader) scanValue(i, depth int) int {
	switch byteAt(r.data, i) {
	case '"':
		return r.scanString(i)
	case '{', '[':
		return r.scanNested(i, depth+1)
	case 't':
		return r.scanWord(i, "true")
	case 'f':
		return r.scanWord(i, "false")
	case 'n':
		return r.scanWord(i, "null")
	}
	return r.scanNumber(i)
}

// scanNested reads an object or array, the depth-th.
func (r *reader) scanNested(i, depth int) int {
	if depth > maxDepth+r.entries {
		r.tooDeep = i + 1
		return -1
	}
	b := r.data
	object, closing := b[i] == '{', b[i]+2 // in ASCII, } is { + 2 and ] is [ + 2
	i = skipSpace(b, i+1)
	if byteAt(b, i) == closing {
		return i + 1
	}
	for {
		if object {
			if byteAt(b, i) != '"' {
				return -1
			}
			if i = r.scanString(i); i < 0 {
				return -1
			}
			if i = skipSpace(b, i); byteAt(b, i) != ':' {
				return -1
			}
			i = skipSpace(b, i+1)
		}
		if i = r.scanValue(i, depth); i < 0 {
			return -1
		}
		i = skipSpace(b, i)
		switch byteAt(b, i) {
		case closing:
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
}

// scanString reads a string (RFC 8259, Section 7).
func (r *reader) scanString(i int) int {
	b := r.data
	for i++; ; {
		i += plain(b[i:])
		switch c := byteAt(b, i); {
		case c == '"':
			return i + 1
		case c == '\\':
			n := escape(b[i:])
			if n == 0 {
				return -1
			}
			r.escaped = true
			i += n
		case c >= utf8.RuneSelf:
			c, n := utf8.DecodeRune(b[i:])
			if c == utf8.RuneError && n == 1 {
				return -1
			}
			i += n
		default: // a control character, or the end
			return -1
		}
	}
}

// literal is the length of the string literal at the start of b, which is valid.
func literal(b []byte) int {
	for i := 1; ; i++ {
		i += plain(b[i:])
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// plain counts octets at the start of b that stand for themselves in a string:
// ASCII, but no control character, quote or backslash.
func plain(b []byte) int {
	const ones = 0x0101010101010101
	rest := b
	for ; len(rest) >= 8; rest = rest[8:] {
		// The highest bit of an octet becomes 1 where it is special. Borrows run
		// upwards only, so that the first one is right.
		x := binary.LittleEndian.Uint64(rest)
		control, quote, backslash := x-' '*ones, (x^'"'*ones)-ones, (x^'\\'*ones)-ones
		if special := (x | control | quote | backslash) & (0x80 * ones); special != 0 {
			return len(b) - len(rest) + bits.TrailingZeros64(special)/8
		}
	}
	i := len(b) - len(rest)
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// escape returns the length of the escape sequence at the start of b, of both
// halves of a surrogate pair; 0 if there is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	}
	r, ok := escapedUTF16(b)
	switch {
	case !ok:
		return 0
	case !utf16.IsSurrogate(r):
		return 6
	}
	low, ok := escapedUTF16(b[6:])
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return 0
	}
	return 12
}

// escapedUTF16 returns the code unit of the \uXXXX at the start of b.
func escapedUTF16(b []byte) (unit rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var v [2]byte
	if _, err := hex.Decode(v[:], b[2:6]); err != nil {
		return 0, false
	}
	return rune(binary.BigEndian.Uint16(v[:])), true
}

// scanNumber reads a number (RFC 8259, Section 6).
func (r *reader) scanNumber(i int) int {
	b := r.data
	if byteAt(b, i) == '-' {
		i++
	}
	end := skipDigits(b, i)
	switch {
	case end == i:
		return -1
	case b[i] == '0':
		end = i + 1 // no more digits belong to it
	}
	if i = end; byteAt(b, i) == '.' {
		if end = skipDigits(b, i+1); end == i+1 {
			return -1
		}
		i = end
	}
	if c := byteAt(b, i); c == 'e' || c == 'E' {
		i++
		if c := byteAt(b, i); c == '+' || c == '-' {
			i++
		}
		if end = skipDigits(b, i); end == i {
			return -1
		}
		i = end
	}
	return i
}

func (r *reader) scanWord(i int, word string) int {
	if b := r.data[i:]; len(b) < len(word) || string(b[:len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func skipSpace(b []byte, i int) int {
	for uint(i) < uint(len(b)) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// byteAt returns b[i]; if i is after the end, or -1, it returns 0, which begins
// nothing.
func byteAt(b []byte, i int) byte {
	if uint(i) < uint(len(b)) {
		return b[i]
	}
	return 0
}
