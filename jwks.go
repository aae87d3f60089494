package jwk

import (
	"iter"
	"slices"
	"sync/atomic"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// A Set is a JWK Set (RFC 7517, Section 5): its keys in the order of the document, and the
// entries that could not be used. It is immutable and safe for concurrent use, and takes no
// lock. The zero Set is empty. A nil *Set answers as the empty set, so that a program can ask
// a cache before the first fetch. The exceptions are MarshalJSON, MarshalYAML, String,
// GoString, Format and LogValue: they have value receivers, which Go cannot call on nil.
// encoding/json writes null for a nil *Set, and fmt writes <nil>.
//
// A copy of a Set is the same set. Only UnmarshalJSON and UnmarshalYAML change a Set, and
// only a Set variable of the caller, such as a field of a configuration. No other method may
// run at the same time.
//
// Do not embed a Set or *Set in a struct with other fields: the struct gets MarshalJSON and
// UnmarshalJSON of the Set, and its other fields are neither written nor read. Give the field
// a name. Other members of the object with "keys", such as spiffe_sequence, are read by
// [Set.Member] and written by [Set.WithMember].
//
// To compare sets, call [Set.Equal]; go-cmp calls it for pointers to sets. Reflection sees
// the keys of a Set as it sees a [Key]. A set that was parsed with skipped entries, or with
// members besides "keys", may hold secrets in them: reflect.DeepEqual finds it equal only to
// copies of itself.
type Set struct {
	*set `yaml:"-"`
	_    struct{} // this field and the tag are explained at Key
}

// set is the data behind a Set, as key is the data behind a Key. Printers and comparers
// follow its fields, so nothing in their reach is secret or leads back to the set.
type set struct {
	index index // the keys

	// The parts besides keys; nil if the set has only keys. Reflection cannot follow an
	// atomic.Pointer.
	secret atomic.Pointer[rest]

	unseen []setState // see the field of key
}

// setState belongs to a set and is out of the reach of reflection, as keyState is.
type setState struct {
	exported Set // the Set that this package returns
	lazy     lazyIndex
}

// madeSet is a set and its state: one allocation makes both.
type madeSet struct {
	set   set
	state [1]setState
}

// isZero reports whether s is nil or the zero Set.
func (s *Set) isZero() bool { return s == nil || s.set == nil }

// state returns the state of s.
func (s *set) state() *setState { return &s.unseen[:1][0] }

// rest holds the parts of a set besides its keys. They may hold secrets.
type rest struct {
	skipped      []skipped
	doc          *document   // the text that has the members
	members      []setMember // the members besides "keys"
	keysAt       int         // the number of members before "keys"
	hidesPrivate bool        // a member carries private material
}

// setMember is the place of a member in the document. It is small, because a document may
// have very many members.
type setMember struct {
	start int // the start of the name
	value int // the start of the value
	end   int // the end of the value
}

var noRest rest

// rest returns the parts of s besides its keys. s may be nil.
func (s *Set) rest() *rest {
	if s.isZero() {
		return &noRest
	}
	if secret := s.secret.Load(); secret != nil {
		return secret
	}
	return &noRest
}

func (r *rest) isEmpty() bool { return len(r.skipped) == 0 && len(r.members) == 0 }

// memberText returns the text of a member: its name, the colon and its value.
func (r *rest) memberText(m setMember) string { return r.doc.text[m.start:m.end] }

// name returns the name of a member.
func (r *rest) name(m setMember) string {
	before := r.doc.text[m.start:m.value]
	return unquote(before[:jsonscan.SkipString([]byte(before), 0)])
}

// value returns the text of the value of a member.
func (r *rest) value(m setMember) string { return r.doc.text[m.value:m.end] }

// eachMember yields the members of the set besides "keys".
func (r *rest) eachMember(yield func(name, value string) bool) {
	for _, m := range r.members {
		if !yield(r.name(m), r.value(m)) {
			return
		}
	}
}

// newSet makes a set of keys and of the other parts of a set.
func newSet(keys []*Key, other rest) *Set {
	made := new(madeSet)
	made.set = set{index: newIndex(keys), unseen: made.state[:0]}
	if !other.isEmpty() {
		kept := other
		made.set.secret.Store(&kept)
	}
	made.state[0].exported.set = &made.set
	return &made.state[0].exported
}

// NewSet returns a set of keys, in their order. Nil and zero keys are left out.
func NewSet(keys ...*Key) *Set { return new(Set).With(keys...) }

// all returns the keys. The slice belongs to the set.
func (s *Set) all() []*Key {
	if s.isZero() {
		return nil
	}
	return s.index.keys
}

// entries yields the keys and the skipped entries in the order of the document. It yields each
// with a nil in place of the other.
func (s *Set) entries(yield func(*Key, *skipped) bool) {
	keys, skipped := s.all(), s.rest().skipped
	for i := range len(keys) + 1 {
		for ; len(skipped) > 0 && skipped[0].after == i; skipped = skipped[1:] {
			if !yield(nil, &skipped[0]) {
				return
			}
		}
		if i < len(keys) && !yield(keys[i], nil) {
			return
		}
	}
}

// serialized yields the entries that MarshalJSON writes: all except the skipped blocks of a
// PEM file, which have no JSON text. So the number of an entry here is its index in the
// "keys" that are written.
func (s *Set) serialized(yield func(*Key, *skipped) bool) {
	for k, entry := range s.entries {
		if (k != nil || entry.pem == 0) && !yield(k, entry) {
			return
		}
	}
}

// Len returns the number of keys. Skipped entries do not count.
func (s *Set) Len() int { return len(s.all()) }

// At returns the key at index i. It panics if i is negative or not less than Len. All users
// of the set share the *Key. Do not assign through it (*set.At(0) = other) and do not call
// UnmarshalJSON on it: both change the set for all users, and are data races.
func (s *Set) At(i int) *Key { return s.all()[i] }

// All yields the keys in the order of the set. They are shared, as the keys of [Set.At] are.
func (s *Set) All() iter.Seq[*Key] { return slices.Values(s.all()) }

// Lookup returns the first key with exactly this kid. Lookup("") finds a key whose kid is the
// empty string, but not a key without a kid. Lookup allocates nothing. It looks the kid up in
// a map, or compares it with each key if the set has at most 8 keys.
//
// The kid does not say what a key may be used for: to verify a token, call [Set.Find] with
// the alg of the token as well.
func (s *Set) Lookup(kid string) (*Key, bool) {
	if s.isZero() {
		return nil, false
	}
	return s.index.firstWith(kid)
}

// LookupThumbprint returns the first key with this thumbprint. The first call computes the
// thumbprints of all keys; later calls allocate nothing.
func (s *Set) LookupThumbprint(t Thumbprint) (*Key, bool) {
	if s.isZero() {
		return nil, false
	}
	return s.state().lazy.withThumbprint(t, s.index.keys)
}

// Skipped returns the entries that could not be used, in the order of the document.
func (s *Set) Skipped() []Skipped {
	var list []Skipped
	for i, entry := range s.rest().skipped {
		list = append(list, entry.public(i))
	}
	return list
}

// Public returns the set of the public halves of the keys, which is safe to publish. It
// leaves out symmetric keys, and also skipped entries and the members of the set besides
// "keys", because they may hold secrets that this package does not recognize.
func (s *Set) Public() *Set {
	var keys []*Key
	for _, k := range s.all() {
		if public, err := k.Public(); err == nil {
			keys = append(keys, public)
		}
	}
	return NewSet(keys...)
}

// With returns the set with keys added at its end. Nil and zero keys are left out.
func (s *Set) With(keys ...*Key) *Set {
	all := slices.Clone(s.all())
	for _, k := range keys {
		if !k.isZero() {
			all = append(all, &k.state().exported) // not the caller's Key, which UnmarshalJSON may change
		}
	}
	return s.withKeys(all, s.rest().skipped)
}

// Without returns the set without the keys that equal one of these by [Key.Equal].
func (s *Set) Without(keys ...*Key) *Set {
	if s.isZero() {
		return new(Set)
	}
	equals := equalsOneOf(keys)
	var kept []*Key
	var left []skipped
	for k, entry := range s.entries {
		switch {
		case k == nil:
			moved := *entry
			moved.after = len(kept)
			left = append(left, moved)
		case !equals(k):
			kept = append(kept, k)
		}
	}
	return s.withKeys(kept, left)
}

// withKeys returns a set of these keys and skipped entries, with the other members of s.
func (s *Set) withKeys(keys []*Key, skipped []skipped) *Set {
	other := *s.rest()
	other.skipped = skipped
	return newSet(keys, other)
}

// equalsOneOf returns a function that reports whether a key equals one of keys. For many keys
// it makes a map, so that Without does not compare each key with each key. Two keys are equal
// if they have the same thumbprint and are both private or both public.
func equalsOneOf(keys []*Key) func(*Key) bool {
	if len(keys) <= smallSet {
		return func(k *Key) bool { return slices.ContainsFunc(keys, k.Equal) }
	}
	type identity struct {
		thumbprint Thumbprint
		private    bool
	}
	known := make(map[identity]bool, len(keys))
	for _, k := range keys {
		if k != nil && k.key != nil {
			known[identity{k.thumbprint(), k.private}] = true
		}
	}
	return func(k *Key) bool { return known[identity{k.thumbprint(), k.private}] }
}
