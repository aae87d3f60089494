package jwk

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
)

// Keys are written in base64url without padding (RFC 7515, Section 2). Each string of octets
// has exactly one canonical text. Any other text is refused.

var canonical64 = base64.RawURLEncoding.Strict() // refuses stray bits in the last character

// decode64 appends the octets of src to dst.
//
// This package has its own decoder, because a set of keys is mostly base64url, and encoding/base64
// takes 1.5 to 2 times as long (go test -run '^$' -bench Decode64 .). decode64 accepts what
// canonical64 accepts, except line breaks, which canonical64 skips. FuzzBase64URL checks this.
func decode64(dst, src []byte) ([]byte, error) {
	dst, ok := appendDecoded64(&values64, dst, src)
	if !ok {
		return nil, fault64(src)
	}
	return dst, nil
}

// appendDecoded64 appends the octets of src to dst. src is canonical base64 without padding, in
// the alphabet of values. ok is false for any other text.
func appendDecoded64(values *[4][256]uint32, dst, src []byte) (appended []byte, ok bool) {
	start, size := len(dst), decodedLen64(len(src))
	dst = slices.Grow(dst, size)[:start+size]
	whole := len(src) &^ 3
	seen := decodeGroups64(values, dst[start:], src[:whole])
	// The last two or three characters have four or two bits that are in no octet. These bits
	// must be 0.
	switch in := src[whole:]; len(in) {
	case 1:
		seen = notInAlphabet
	case 2:
		a := values[0][in[0]] | values[1][in[1]]
		seen |= a | a<<16
		dst[len(dst)-1] = byte(a >> 16)
	case 3:
		a := values[0][in[0]] | values[1][in[1]] | values[2][in[2]]
		seen |= a | a<<24
		dst[len(dst)-2], dst[len(dst)-1] = byte(a>>16), byte(a>>8)
	}
	return dst, seen < notInAlphabet
}

// decodeGroups64 decodes groups of four characters into groups of three octets. It returns the
// entries of values that it used, combined by OR. It is a separate function so that its loop
// stays in registers.
func decodeGroups64(values *[4][256]uint32, dst, src []byte) (seen uint32) {
	for len(src) >= 8 && len(dst) >= 8 {
		a := values[0][src[0]] | values[1][src[1]] | values[2][src[2]] | values[3][src[3]]
		b := values[0][src[4]] | values[1][src[5]] | values[2][src[6]] | values[3][src[7]]
		seen |= a | b
		// This writes two octets more than it has. The next ones overwrite them.
		binary.BigEndian.PutUint64(dst, uint64(a)<<40|uint64(b)<<16)
		src, dst = src[8:], dst[6:]
	}
	for len(src) >= 4 && len(dst) >= 3 {
		a := values[0][src[0]] | values[1][src[1]] | values[2][src[2]] | values[3][src[3]]
		seen |= a
		dst[0], dst[1], dst[2] = byte(a>>16), byte(a>>8), byte(a)
		src, dst = src[4:], dst[3:]
	}
	return seen
}

// decodedLen64 returns the number of octets that n characters encode.
func decodedLen64(n int) int { return n/4*3 + n%4*3/4 }

// values64 has the value of each character at each of the four places in a group of four: its
// six bits, shifted to their place in the 24 bits of the group. An octet that is not in the
// alphabet has a value of at least notInAlphabet.
var values64 = valuesOf("-_")

// valuesOf returns the values of the letters, the digits and the last two characters of an
// alphabet.
func valuesOf(last string) (values [4][256]uint32) {
	const common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	for place := range values {
		for c := range values[place] {
			values[place][c] = notInAlphabet
		}
		for value, c := range []byte(common + last) {
			values[place][c] = uint32(value) << (18 - 6*place)
		}
	}
	return values
}

const notInAlphabet = 1 << 24

// fault64 returns the error about a text that is not canonical base64url. The error does not
// show the text, which may be a secret.
func fault64[T string | []byte](src T) error {
	const not = "not canonical base64url: "
	var standard, padded bool
	for i := range len(src) {
		what := "a character that base64url does not have"
		switch c := src[i]; {
		case isLetter(c) || isDigit(c) || c == '-' || c == '_':
			continue
		case c == '+' || c == '/':
			standard = true
			continue
		case c == '=':
			padded = true
			continue
		case c == '\n' || c == '\r':
			what = "a line break"
		case c == ' ' || c == '\t':
			what = "white space"
		}
		return errors.New(not + what + " after " + counted(i, "character", "characters"))
	}
	switch {
	case standard && padded:
		return errors.New(not + "+ or / where it has - or _, and padding: remove the padding")
	case standard:
		return errors.New(not + "+ or / where it has - or _")
	case padded:
		return errors.New(not + "padding: remove it")
	case len(src)%4 == 1:
		return errors.New(not + counted(len(src), "character", "characters") + ", a length that base64 does not have")
	}
	return errors.New(not + "stray bits in the last character")
}

// encode64 returns the base64url text of b.
func encode64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
