package jwk

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The paths of errors. A damaged document can have a secret where a name should be, so paths
// show only registered names and array indexes.

// atMember sets the offset of e to the place of a value, and the path to the name of its
// member, and returns e. The path is empty if the name is not registered.
func (e *Error) atMember(name string, offset int) *Error {
	e.Path = ""
	if isShown(name) {
		e.Path = jsontext.Pointer("").AppendToken(name)
	}
	return e.atOffset(offset)
}

// atArgument sets the path of e to a name that the program chose, and returns e. The name need
// not be registered, because it does not come from a document.
func (e *Error) atArgument(name string) *Error {
	if len(name) > maxPath {
		name = strings.ToValidUTF8(name[:maxPath], "")
	}
	e.Path = jsontext.Pointer("").AppendToken(name)
	return e
}

// maxPath is the length to which atArgument cuts a name.
const maxPath = 256 // bytes

// shownPath returns the part of a path that comes before the first name that may not be shown.
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

// otherNames are registered names that memberOf does not find: of a set (RFC 7517, Section
// 5.1), of an element of "oth" (RFC 7518, Section 6.3.2.7), of drafts of RFC 9964, and of a
// JWE (RFC 7516, Sections 4.1 and 7.2.1; RFC 7518, Sections 4.6 to 4.8).
var otherNames = [...]string{
	"keys", "r", "t", draftSeedName,
	"protected", "encrypted_key", "iv", "ciphertext", "tag", "unprotected", "header", "aad", "recipients",
	"enc", "zip", "crit", "b64", "cty", "typ", "jku", "jwk", "epk", "apu", "apv", "p2s", "p2c",
}

// isIndex reports whether a name may be the index of an array. The name of a member can look
// like an index too, but its few digits give nothing away.
func isIndex(name string) bool {
	const mostDigits = 7 // no document that is read has longer arrays
	return isDecimal(name) && len(name) <= mostDigits
}
