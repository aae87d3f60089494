package jwk

import (
	"encoding/json"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// Member returns the JSON text of a member of the set besides "keys".
func (s *Set) Member(name string) (jsontext.Value, bool) {
	for n, value := range s.rest().eachMember {
		if n == name {
			return jsontext.Value(value), true
		}
	}
	return nil, false
}

// WithMember returns the set with a member besides "keys", such as "spiffe_sequence". It
// replaces a member with that name in its place, or adds the member at the end.
// encoding/json writes the value, nil as null; a [jsontext.Value] is written unchanged.
// [Set.Member] reads the member back. WithMember costs as much as reading all members of the
// set besides "keys".
//
// If the value carries private material as [Parser].PublicOnly defines it, MarshalJSON of the
// set returns an error. [Set.Public] leaves out all members besides "keys": add them to the
// set that it returns.
//
// The error is [ErrInvalid] for the name "keys", for a name that is not valid UTF-8, and for
// a value that encoding/json cannot write; [ErrSyntax] for a value in which an object repeats
// a name; and [ErrPolicy] for a value with more than 63 levels of nesting.
func (s *Set) WithMember(name string, value any) (*Set, error) {
	if name == keysMember {
		return nil, errorf(ErrInvalid, "the keys, want another member of a set: With and Without change the keys").atMember(name, 0)
	}
	text, verbatim := value.(jsontext.Value)
	if !verbatim || !text.IsValid() {
		var err error
		if text, err = json.Marshal(value); err != nil {
			return nil, errorf(ErrInvalid, "not a value that encoding/json writes: %s", textOf(err)).atArgument(name)
		}
	}
	old := s.rest()
	var w writer
	placed := false
	for i := range len(old.members) + 1 {
		if i == old.keysAt {
			w.raw(keysMember, "[]")
		}
		switch {
		case i == len(old.members):
		case old.name(old.members[i]) == name:
			w.raw(name, string(text))
			placed = true
		default:
			w.verbatim(old.memberText(old.members[i]))
		}
	}
	if !placed {
		w.raw(name, string(text))
	}
	document, err := w.done()
	if err != nil {
		return nil, err
	}
	// Read the members again: readSet checks for duplicate names, the depth and private
	// material.
	p := Parser{MaxBytes: math.MaxInt}
	r, err := p.readSet(document, false)
	if err != nil {
		return nil, err.(*Error).atArgument(name).atOffset(0) // an *Error about name: the other members were valid
	}
	r.rest.skipped = old.skipped
	return newSet(s.all(), r.rest), nil
}
