package jwk

import (
	"encoding/base64"
	"errors"
)

// Keys are written in base64url without padding (RFC 7515, Section 2). Each string of octets
// has exactly one canonical text. Any other text is refused.

var canonical64 = base64.RawURLEncoding.Strict() // refuses stray bits in the last character

// decode64 appends the octets of src to dst.
//
// The strict decoder of the standard library still skips line breaks. decode64 finds them by
// the length: src with line breaks decodes to fewer octets than its length implies, or its
// length is impossible for base64.
func decode64(dst, src []byte) ([]byte, error) {
	want := len(dst) + canonical64.DecodedLen(len(src))
	dst, err := canonical64.AppendDecode(dst, src)
	if err != nil || len(dst) != want || len(src)%4 == 1 {
		return nil, fault64(src) // not err: its text may quote the input
	}
	return dst, nil
}

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
