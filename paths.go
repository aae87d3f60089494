package jwk

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Paths and words of a document that an error may show. A damaged document can hold
// a secret where a name or an algorithm should be, so that only registered names,
// array indexes and short words are shown.

// atMember returns e with the offset of a value, and with the path of the member that has
// this name. The path is empty if the name is not a registered one.
func (e *Error) atMember(name string, offset int) *Error {
	e.Path = ""
	if isShown(name) {
		e.Path = jsontext.Pointer("").AppendToken(name)
	}
	return e.atOffset(offset)
}

// atArgument is at for a name that the program chose and no document did.
func (e *Error) atArgument(name string) *Error {
	if len(name) > maxPath {
		name = strings.ToValidUTF8(name[:maxPath], "")
	}
	e.Path = jsontext.Pointer("").AppendToken(name)
	return e
}

// The path of an argument is cut to this length.
const maxPath = 256 // bytes

// shownPath returns the part of a path that comes before the first name that may not
// be shown.
func shownPath(p jsontext.Pointer) jsontext.Pointer {
	var shown jsontext.Pointer
	for name := range p.Tokens() {
		if !isShown(name) && !isIndex(name) {
			break
		}
		shown = shown.AppendToken(name)
	}
	return shown
}

// isShown reports whether name is registered for a JWK, a set or a JWE.
func isShown(name string) bool {
	_, known := memberOf(name)
	return known || slices.Contains(otherNames[:], name)
}

// otherNames are registered names that memberOf does not know: of a set (RFC 7517,
// Section 5.1), of an element of "oth" (RFC 7518, Section 6.3.2.7), of drafts of RFC
// 9964, and of a JWE (RFC 7516, Sections 4.1 and 7.2.1; RFC 7518, Sections 4.6 to 4.8).
var otherNames = [...]string{
	"keys", "r", "t", draftSeedName,
	"protected", "encrypted_key", "iv", "ciphertext", "tag", "unprotected", "header", "aad", "recipients",
	"enc", "zip", "crit", "b64", "cty", "typ", "jku", "jwk", "epk", "apu", "apv", "p2s", "p2c",
}

// isIndex reports whether a name may be the index of an array. A member can have such
// a name, too; its few digits give nothing away.
func isIndex(name string) bool {
	const mostDigits = 7 // no document that is read has longer arrays
	return name != "" && len(name) <= mostDigits && skipDigits([]byte(name), 0) == len(name)
}

// word shows the value of kty, crv, alg, or of another member that should be a short
// word, in quotes. It shows only the length of a text that may be something else.
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

// Names of algorithms and curves are made of short parts, "SLH-DSA-SHA2-128s" for
// example. An encoded secret is not.
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

// longWords are registered names that have no such form, and names of curves that other
// standards have and people write into crv.
var longWords = [...]string{
	"RSA1_5", string(CurveSecp256k1), "secp256r1", "secp384r1", "secp521r1", "prime256v1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
	"curve25519", "Curve25519", "edwards25519", "Ed25519ph", "Ed25519ctx",
}
