package jwk

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Keys are written in base64url without padding (RFC 7515, Section 2). Each
// string of octets has exactly one such text, and only that one is accepted.

var canonical64 = base64.RawURLEncoding.Strict() // refuses stray bits in the last character

// decode64 appends the octets of src to dst. Strict decoding of the standard
// library still skips line breaks: then there are fewer octets than the length
// says, or it is a length that no text has.
func decode64(dst, src []byte) ([]byte, error) {
	want := len(dst) + canonical64.DecodedLen(len(src))
	dst, err := canonical64.AppendDecode(dst, src)
	if err != nil || len(dst) != want || len(src)%4 == 1 {
		return nil, fault64(src) // the text of err may quote the input
	}
	return dst, nil
}

// fault64 tells what is wrong with a text that is not canonical base64url. It shows
// nothing of the text, which may be a secret.
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

// decodeLoose64 decodes the three variants of base64url that providers emit,
// and names those that it met: padding, the standard alphabet, stray bits.
// A mix of both alphabets, misplaced padding and white space stay errors.
func decodeLoose64(s string) ([]byte, []DeviationCode, error) {
	var met []DeviationCode
	if body := strings.TrimRight(s, "="); body != s {
		if len(s)%4 != 0 || len(s)-len(body) > 2 {
			return nil, nil, fault64(s)
		}
		met, s = append(met, DeviationPadding), body
	}
	if strings.ContainsAny(s, "+/") {
		if strings.ContainsAny(s, "-_") {
			return nil, nil, fault64(s)
		}
		met, s = append(met, DeviationAlphabet), translated(s, "+/", "-_")
	}
	if strings.ContainsAny(s, "\r\n") {
		return nil, nil, fault64(s)
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, nil, fault64(s)
	}
	if encode64(b) != s {
		met = append(met, DeviationStrayBits)
	}
	return b, met, nil
}

// translated returns s with each octet of from replaced by the one at its place in to, and
// left out if to has no such place. strings.Replacer would take 10 KB in every program.
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
