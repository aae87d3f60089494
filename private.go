package jwk

import (
	"iter"
	"slices"
	"strings"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// Private material in other places than the private members of a key: in an object within a key
// or a set, or under a name in another case. [Parser].PublicOnly refuses it, and MarshalJSON
// does not publish it.
//
// An object carries private material if it has a "kty" and a private member whose value could
// be private: a string that is not empty, or, for "oth", an array that is not empty. Both
// names count in any case, because encoding/json and readers on top of it ignore case. A name
// by itself is harmless, such as a "k" in settings that are not a key, and so is a "d" that is
// null. "seed" counts only in an AKP key: drafts of RFC 9964 used it, but others use the word
// for values that are not secret.
//
// These apply the rule: members.refusePrivate and Parser.newKey for PublicOnly, key.publishable
// and Set.AppendJSON for output, and Key.Public, which copies only members that are safe.

// privateName returns the registered name of the private member that equals name when case is
// ignored, or "" if there is no such member.
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

// isKtyName reports whether name is "kty" when case is ignored.
func isKtyName(name string) bool {
	const longest = len("\u212Aty") // U+212A, the Kelvin sign, equals k when case is ignored
	return len(name) <= longest && strings.EqualFold(name, mKty.String())
}

// couldBePrivate reports whether the valid value that begins at b[i] could be the value of a
// private member. name is the registered name of the member.
func couldBePrivate(name string, b []byte, i int) bool {
	switch b[i] {
	case '"':
		return b[i+1] != '"'
	case '[':
		return name == mOth.String() && b[jsonscan.SkipSpace(b, i+1)] != ']'
	}
	return false
}

// A carrier collects the members of one object that decide whether the object carries private
// material. Add all members, then call found.
type carrier struct {
	hasKty, isAKP bool
	private, seed privateMember
}

// A privateMember is the registered name of a private member, and where its value begins.
type privateMember struct {
	name string
	at   int
}

// add adds a member with a name and a valid value at v in b. It reports whether this is the
// first private member. It does not keep name, so that callers need not allocate it.
func (c *carrier) add(name string, b []byte, v span) bool {
	switch {
	case isKtyName(name):
		c.hasKty = true
		c.isAKP = c.isAKP || b[v.start] == '"' && unquote(string(b[v.start:v.end])) == string(AKP)
	case c.private.name == "" && privateName(name) != "":
		if registered := privateName(name); couldBePrivate(registered, b, v.start) {
			c.private = privateMember{registered, v.start}
			return true
		}
	case c.seed.name == "" && strings.EqualFold(name, draftSeedName):
		if couldBePrivate(draftSeedName, b, v.start) {
			c.seed = privateMember{draftSeedName, v.start}
			return c.private.name == ""
		}
	}
	return false
}

// found returns the private member of the object. Call it after all members were added.
func (c *carrier) found() (privateMember, bool) {
	switch {
	case !c.hasKty:
	case c.private.name != "":
		return c.private, true
	case c.isAKP && c.seed.name != "":
		return c.seed, true
	}
	return privateMember{}, false
}

// An inspection walks over a valid value, whose depth a reader has limited. In one walk it
// looks for objects that carry private material, and for objects that repeat a member name:
// the two things that the reader does not look for in nested values.
type inspection struct {
	b       []byte
	text    string // the same value, or "" if repeated names do not matter
	unique  bool   // no object repeats a name
	private privateMember
}

// inspect walks over a valid value. text is the same value as a string, or "" to skip the check
// for repeated names.
func inspect(value []byte, text string) inspection {
	w := inspection{b: value, text: text, unique: true}
	w.value(jsonscan.SkipSpace(value, 0))
	return w
}

// uniqueNames reports whether no object within a valid value repeats a name.
func uniqueNames(value []byte, text string) bool { return inspect(value, text).unique }

// findPrivate looks for an object that carries private material: a valid value, or an object at
// any depth in it. If there are several, it returns the private member of the object that ends
// first.
func findPrivate(value []byte) (privateMember, bool) {
	private := inspect(value, "").private
	return private, private.name != ""
}

// value returns the index after the value that begins at i.
func (w *inspection) value(i int) int {
	switch w.b[i] {
	case '{':
		return w.object(i)
	case '[':
		for i = jsonscan.SkipSpace(w.b, i+1); w.b[i] != ']'; i = jsonscan.SkipSpace(w.b, i) {
			if w.b[i] == ',' {
				i++
				continue
			}
			i = w.value(i)
		}
		return i + 1
	}
	return jsonscan.SkipScalar(w.b, i)
}

// object returns the index after the object that begins at i.
func (w *inspection) object(i int) int {
	var names nameSet
	var c carrier
	for i = jsonscan.SkipSpace(w.b, i+1); w.b[i] != '}'; i = jsonscan.SkipSpace(w.b, i) {
		if w.b[i] == ',' {
			i++
			continue
		}
		end := jsonscan.SkipString(w.b, i)
		var name string
		if w.text != "" {
			name = unquote(w.text[i:end])
			w.unique = names.add(name) && w.unique
		} else {
			name = unquote(string(w.b[i:end]))
		}
		start := jsonscan.SkipSpace(w.b, jsonscan.SkipSpace(w.b, end)+1) // after the colon
		i = w.value(start)
		c.add(name, w.b, span{start, i})
	}
	if private, ok := c.found(); ok && w.private.name == "" {
		w.private = private
	}
	return i + 1
}

// maxCompared is the number of names that are compared one by one. More names take a map.
const maxCompared = 16

// A nameSet is a set of names. The zero value is empty.
type nameSet struct {
	few  [maxCompared]string // the first names, which are compared one by one
	n    int                 // number of names in few
	many map[string]bool     // the other names
}

// add adds a name, and reports whether the name is new.
func (s *nameSet) add(name string) bool {
	switch {
	case slices.Contains(s.few[:s.n], name) || s.many[name]:
		return false
	case s.n < maxCompared:
		s.few[s.n] = name
		s.n++
	case s.many == nil:
		s.many = map[string]bool{name: true}
	default:
		s.many[name] = true
	}
	return true
}

const wayPublicOnly = "want public keys only"

// errHidden returns the error about private material that the members of an object carry in a
// place where keys do not have it. The path of the error is the member in which the private
// material is.
func errHidden(members iter.Seq2[string, string], wayOut string) *Error {
	var object carrier
	place := ""
	for name, value := range members {
		b := []byte(value)
		if private, ok := findPrivate(b); ok {
			return private.errorf(wayOut).atMember(name, 0)
		}
		if object.add(name, b, span{0, len(b)}) {
			place = name
		}
	}
	private, _ := object.found()
	return private.errorf(wayOut).atMember(place, 0)
}

func (p privateMember) errorf(wayOut string) *Error {
	return errorf(ErrPrivate, "holds the private member %s: %s", p.name, wayOut)
}
