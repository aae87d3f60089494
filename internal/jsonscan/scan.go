// Package jsonscan implements the grammar of JSON (RFC 8259). It finds the end of a value, and
// reports whether the value is well formed. It makes no tokens and allocates nothing.
//
// Value and String check text that may be malformed. The functions whose names begin with
// Skip expect text that Value has accepted, except SkipSpace, which takes any text.
package jsonscan

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Scanner scans values and strings. Its fields record details of the scans. The zero Scanner
// is ready to use.
type Scanner struct {
	// Escaped is set when a string with an escape sequence was scanned. It is never reset.
	Escaped bool

	// TooDeep is 1 plus the index of the bracket that exceeded the depth, or 0.
	TooDeep int

	// Fault is the index of the octet that made String return -1. It is the length of the
	// text if the string does not end.
	Fault int
}

// Value returns the index after the value that starts at i, or -1 if it is malformed or
// nests objects and arrays more than depth levels deep.
func (s *Scanner) Value(b []byte, i, depth int) int {
	switch ByteAt(b, i) {
	case '"':
		return s.String(b, i)
	case '{', '[':
		return s.nested(b, i, depth)
	case 't':
		return word(b, i, "true")
	case 'f':
		return word(b, i, "false")
	case 'n':
		return word(b, i, "null")
	}
	return number(b, i)
}

// nested returns the index after the object or array that starts at i, or -1.
func (s *Scanner) nested(b []byte, i, depth int) int {
	if depth <= 0 {
		s.TooDeep = i + 1
		return -1
	}
	object, closing := b[i] == '{', b[i]+2 // in ASCII, } is { + 2 and ] is [ + 2
	i = SkipSpace(b, i+1)
	if ByteAt(b, i) == closing {
		return i + 1
	}
	for {
		if object {
			if ByteAt(b, i) != '"' {
				return -1
			}
			if i = s.String(b, i); i < 0 {
				return -1
			}
			if i = SkipSpace(b, i); ByteAt(b, i) != ':' {
				return -1
			}
			i = SkipSpace(b, i+1)
		}
		if i = s.Value(b, i, depth-1); i < 0 {
			return -1
		}
		i = SkipSpace(b, i)
		switch ByteAt(b, i) {
		case closing:
			return i + 1
		case ',':
			i = SkipSpace(b, i+1)
		default:
			return -1
		}
	}
}

// String returns the index after the string that starts with the quote at i, or -1 if it is
// malformed (RFC 8259, Section 7). A string with invalid UTF-8 or a lone surrogate is
// malformed.
func (s *Scanner) String(b []byte, i int) int {
	i++
	rest := b[i:]
	n := 0
	for ; n <= len(rest)-8; n += 8 {
		if special := specials(binary.LittleEndian.Uint64(rest[n:])); special != 0 {
			n += bits.TrailingZeros64(special) / 8
			if rest[n] == '"' {
				return i + n + 1
			}
			break
		}
	}
	return s.string(b, i+n)
}

// string does what String does, from the index of an octet in the string. All octets before it are
// plain. It reads escape sequences and octets that are not ASCII, which are rare in a JWK, and the
// last octets of a text.
func (s *Scanner) string(b []byte, i int) int {
	for {
		i += plain(b[i:])
		switch c := ByteAt(b, i); {
		case c == '"':
			return i + 1
		case c == '\\':
			n := escape(b[i:])
			if n == 0 {
				s.Fault = i
				return -1
			}
			s.Escaped = true
			i += n
		case c >= utf8.RuneSelf:
			c, n := utf8.DecodeRune(b[i:])
			if c == utf8.RuneError && n == 1 {
				s.Fault = i
				return -1
			}
			i += n
		default: // a control character, or the end
			s.Fault = i
			return -1
		}
	}
}

// SkipString returns the index after the string that starts at i.
func SkipString(b []byte, i int) int {
	for i++; ; i++ {
		i += bytes.IndexByte(b[i:], '"')
		// A quote in the string has an odd number of backslashes before it.
		first := i
		for b[first-1] == '\\' {
			first--
		}
		if (i-first)%2 == 0 {
			return i + 1
		}
	}
}

// SkipScalar returns the index after the string, number, boolean or null that starts at i.
func SkipScalar(b []byte, i int) int {
	if b[i] == '"' {
		return SkipString(b, i)
	}
	for i < len(b) && strings.IndexByte(" \t\r\n,]}", b[i]) < 0 {
		i++
	}
	return i
}

// SkipSpace returns the index after the white space that starts at i, if any. It returns i
// if i is -1 or after the end.
func SkipSpace(b []byte, i int) int {
	for uint(i) < uint(len(b)) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// ByteAt returns b[i]. If i is -1 or after the end it returns 0, which starts no value.
func ByteAt(b []byte, i int) byte {
	if uint(i) < uint(len(b)) {
		return b[i]
	}
	return 0
}

// plain returns the number of octets at the start of b that need no further check in a string:
// ASCII except control characters, quotes and backslashes.
func plain(b []byte) int {
	i := 0
	for ; i <= len(b)-8; i += 8 {
		if special := specials(binary.LittleEndian.Uint64(b[i:])); special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// specials looks at eight octets at a time, because most of a JWK is base64url. Without that,
// parsing a set takes about 1.4 times as long. The first octet is in the lowest bits of x. If
// any octet is not plain, the lowest bit that specials sets is the highest bit of the first of
// them. If all are plain, specials returns 0.
//
// A borrow can set the bits of later octets too, but never of an earlier one. Flipping the
// bit 0x02 turns the quote, 0x22, into 0x20. So the quote and the control characters are the octets
// below 0x21 then.
func specials(x uint64) uint64 {
	const ones = 0x0101010101010101
	controlOrQuote, backslash := (x^0x02*ones)-0x21*ones, (x^'\\'*ones)-ones
	return (x | controlOrQuote | backslash) & (0x80 * ones)
}

// escape returns the length of the escape sequence at the start of b, or 0 if it is
// malformed. The two halves of a surrogate pair are one sequence.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	}
	r, ok := codeUnit(b)
	switch {
	case !ok:
		return 0
	case !utf16.IsSurrogate(r):
		return 6
	}
	low, ok := codeUnit(b[6:])
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return 0
	}
	return 12
}

// codeUnit returns the UTF-16 code unit of the \uXXXX at the start of b.
func codeUnit(b []byte) (unit rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var v [2]byte
	if _, err := hex.Decode(v[:], b[2:6]); err != nil {
		return 0, false
	}
	return rune(binary.BigEndian.Uint16(v[:])), true
}

// number returns the index after the number that starts at i, or -1 (RFC 8259, Section 6).
func number(b []byte, i int) int {
	if ByteAt(b, i) == '-' {
		i++
	}
	end := skipDigits(b, i)
	switch {
	case end == i:
		return -1
	case b[i] == '0':
		end = i + 1 // a number has no leading zeros
	}
	if i = end; ByteAt(b, i) == '.' {
		if end = skipDigits(b, i+1); end == i+1 {
			return -1
		}
		i = end
	}
	if c := ByteAt(b, i); c == 'e' || c == 'E' {
		i++
		if c := ByteAt(b, i); c == '+' || c == '-' {
			i++
		}
		if end = skipDigits(b, i); end == i {
			return -1
		}
		i = end
	}
	return i
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	return i
}

func word(b []byte, i int, want string) int {
	if b := b[i:]; len(b) < len(want) || string(b[:len(want)]) != want {
		return -1
	}
	return i + len(want)
}
