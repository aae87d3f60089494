package jwk

import (
	"encoding/json"
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// WithMember returns the set with a member besides "keys", such as "spiffe_sequence": in the
// place of a member of that name, or at the end. The value is written by encoding/json, nil
// as null; a [jsontext.Value] is written as it is. [Set.Member] reads it back.
//
// Private material in the value makes MarshalJSON of the set an error, as
// [Parser].PublicOnly defines it, and Public leaves all such members out: add them to what
// Public returns. It costs as much as to read all members of the set besides "keys".
//
// The error is [ErrInvalid] for the name "keys", a name that is not valid UTF-8, and
// a value that encoding/json does not write; [ErrSyntax] for one in which an object repeats a
// name; and [ErrPolicy] for one with more than 63 levels of nesting.
func (s *Set) WithMember(name string, value any) (*Set, error) {
	if name == keysMember {
		return nil, errorf(ErrInvalid, "the keys, not another member of a set: call With or Without").atMember(name, 0)
	}
	text, verbatim := value.(jsontext.Value)
	if !verbatim || !text.IsValid() {
		var err error
		if text, err = json.Marshal(value); err != nil {
			return nil, errorf(ErrInvalid, "not a value that encoding/json writes: %s", textOf(err)).atArgument(name)
		}
	}
	old := s.others()
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
	// The reader of sets finds duplicate names, the depth, and private material.
	p := Parser{MaxBytes: math.MaxInt}
	r, err := p.readSet(document, false)
	if err != nil {
		return nil, err.(*Error).atArgument(name).atOffset(0) // as every error of readSet; the other members were read before
	}
	r.rest.skipped = old.skipped
	return newSet(s.all(), r.rest), nil
}
