package jwk

import (
	"iter"
	"strings"
)

// Private material outside the keys that this package reads. An object carries private
// material if it has a "kty" and a private member, both in any case, because
// encoding/json and readers on top of it ignore case, and if the value of that member
// could be private material: a string that is not empty, or, for "oth", an array that
// is not empty. A name by itself, such as a "k" in settings that are no key, is
// harmless, and so is a "d" that is null.

// draftSeedName is the member in which drafts of RFC 9964 kept the private key that is in "priv"
// now. It is private only in an AKP key. The name stands here, and not in the table of kinds, because
// the search for private material also finds keys that this package cannot read, and is below the
// table.
const draftSeedName = "seed"

// privateName returns the registered name of the private member that name is in some
// case, or "".
func privateName(name string) string {
	const longest = len("priv")
	if len(name) > longest {
		return ""
	}
	for id := mD; id < numMembers; id++ {
		if strings.EqualFold(name, id.String()) {
			return id.String()
		}
	}
	return ""
}

// isKtyName reports whether name is "kty" in some case.
func isKtyName(name string) bool {
	const longest = len("\u212Aty") // U+212A, the Kelvin sign, is a k in another case
	return len(name) <= longest && strings.EqualFold(name, mKty.String())
}

// couldBePrivate reports whether the valid value that begins at i could be that of the
// private member with a registered name.
func couldBePrivate(name string, b []byte, i int) bool {
	switch b[i] {
	case '"':
		return b[i+1] != '"'
	case '[':
		return name == mOth.String() && b[skipSpace(b, i+1)] != ']'
	}
	return false
}

// carrier collects what tells whether one object carries private material, member by
// member.
type carrier struct {
	hasKty, isAKP bool
	private, seed placedName
}

// A placedName is the registered name of a private member, and where its value begins.
type placedName struct {
	name string
	at   int
}

// add adds a member of the object: its name, and where in b its valid value is. It
// reports whether this is the first private member. It does not keep the name, so that
// callers need not allocate it.
func (c *carrier) add(name string, b []byte, v span) bool {
	switch {
	case isKtyName(name):
		c.hasKty = true
		c.isAKP = c.isAKP || b[v.start] == '"' && unquote(string(b[v.start:v.end])) == string(AKP)
	case c.private.name == "" && privateName(name) != "":
		if registered := privateName(name); couldBePrivate(registered, b, v.start) {
			c.private = placedName{registered, v.start}
			return true
		}
	case c.seed.name == "" && strings.EqualFold(name, draftSeedName):
		if couldBePrivate(draftSeedName, b, v.start) {
			c.seed = placedName{draftSeedName, v.start}
			return c.private.name == ""
		}
	}
	return false
}

// found returns the private member of the object, once all its members were added.
func (c *carrier) found() (placedName, bool) {
	switch {
	case !c.hasKty:
	case c.private.name != "":
		return c.private, true
	case c.isAKP && c.seed.name != "":
		return c.seed, true
	}
	return placedName{}, false
}

// refusePrivate returns an error if the object carries private material, as far as
// read has seen.
func (m *members) refusePrivate() error {
	switch {
	case m.secret != 0 && m.has(mKty):
		return m.errorf(m.secret.first(), ErrPrivate, "a private member, want public keys only")
	case m.hidesPrivate:
		return m.refuseHidden()
	}
	return nil
}

// refuseHidden returns an error if the object carries private material anywhere.
func (m *members) refuseHidden() error {
	object := m.data[m.object.start:m.object.end]
	private, ok := findPrivate(object)
	if !ok {
		return nil
	}
	return errHidden(eachMember(string(object)), wayPublicOnly).atOffset(m.object.start + private.at)
}

const wayPublicOnly = "want public keys only"

// errHidden returns the error about private material that the members of an object
// carry, in another place than a key has its own. Its path is that of the member that
// has it.
func errHidden(members iter.Seq2[string, string], wayOut string) *Error {
	var own carrier
	place := ""
	for name, value := range members {
		b := []byte(value)
		if private, ok := findPrivate(b); ok {
			return private.errorf(wayOut).atMember(name, 0)
		}
		if own.add(name, b, span{0, len(b)}) {
			place = name
		}
	}
	private, _ := own.found()
	return private.errorf(wayOut).atMember(place, 0)
}

func (p placedName) errorf(wayOut string) *Error {
	return errorf(ErrPrivate, "holds the private member %s: %s", p.name, wayOut)
}
