package jwk

import (
	"iter"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// A Set is a JWK Set (RFC 7517, Section 5): keys in the order of their
// document, the entries that could not be used, and an index. It is immutable
// and safe for concurrent use; nothing takes a lock. The zero Set is empty. A nil *Set is
// the empty set too, for all methods of a *Set: a cache is asked before it has fetched
// anything. MarshalJSON, MarshalYAML, String, GoString, Format and LogValue have value
// receivers: Go cannot call them on nil. encoding/json writes null there, and fmt <nil>.
//
// A Set may be copied; the copy is the same set. Only UnmarshalJSON and UnmarshalYAML change
// a Set, and only a Set variable of the caller, such as a field of a configuration. They must
// not run beside other methods.
//
// Do not embed a Set or *Set in a struct with other fields: the struct gets MarshalJSON and
// UnmarshalJSON of the Set, and its other fields are neither written nor read. Members that
// stand beside "keys", such as spiffe_sequence, are read by [Set.Member] and written by
// [Set.WithMember]. A set within an object is a field with a name.
//
// Reflection sees in a Set its keys, as it sees a [Key]. A set that was parsed with
// skipped entries, or with other members than "keys", may hold secrets there: it is
// deeply equal to copies of itself and to no other set. Compare sets by [Set.Equal], which
// go-cmp calls for pointers to sets.
type Set struct {
	*set `yaml:"-"`
	_    struct{} // both as in a Key
}

// set is what a Set points to, as key is what a Key points to: within reach of
// reflection there is nothing secret, and nothing that leads back to the set.
type set struct {
	index // the keys

	// What was read besides keys; nil if there is nothing.
	secret atomic.Pointer[rest]

	unseen []setState // as in a key
}

// setState is what belongs to a set besides what it was made of.
type setState struct {
	exported Set // the Set that this package returns
	laterIndex
}

// madeSet is a set and its state: one allocation makes both.
type madeSet struct {
	set   set
	state [1]setState
}

// isZero reports whether s is empty because nothing was ever put into it: nil, or the zero Set.
func (s *Set) isZero() bool { return s == nil || s.set == nil }

// state returns the state of s.
func (s *set) state() *setState { return &s.unseen[:1][0] }

// rest holds the parts of a set besides its keys. They may hold secrets.
type rest struct {
	skipped      []skipped
	doc          *document   // where members are
	members      []setMember // besides keys
	keysAt       int         // how many of members come before keys
	hidesPrivate bool        // these carry private material
}

// rest returns what s has besides keys.
func (s *set) rest() *rest {
	if secret := s.secret.Load(); secret != nil {
		return secret
	}
	return &noRest
}

var noRest rest

// empty reports whether there is nothing in r.
func (r *rest) empty() bool { return len(r.skipped) == 0 && len(r.members) == 0 }

// skipped is an entry that stands after a number of keys.
type skipped struct {
	excerpt     // its text
	pem     int // its number among the blocks of a PEM file, from 1; 0 if it is JSON
	after   int
	keyID   string
	private bool
	err     Error
}

// setMember is the place of a member. A document may be full of them.
type setMember struct {
	start, value, end int // of its name, of its value, and of that the end
}

// memberText returns the text of a member, its name and its value.
func (r *rest) memberText(m setMember) string { return r.doc.text[m.start:m.end] }

// name returns the name of a member.
func (r *rest) name(m setMember) string {
	before := r.doc.text[m.start:m.value]
	return unquote(before[:jsonscan.SkipString([]byte(before), 0)])
}

// value returns the value of a member.
func (r *rest) value(m setMember) string { return r.doc.text[m.value:m.end] }

// A Skipped is an entry of a set that could not be used. Its JSON and PEM are copies, and
// the caller's. What shows them, and what does not, is as with the Passphrase of
// [EncryptOptions].
type Skipped struct {
	Index int            // in the "keys" of the document; among keys and skipped entries where that was a PEM file
	KeyID string         // the kid, if it is a string
	JSON  jsontext.Value `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"` // the entry as it was parsed; it may hold a secret
	PEM   []byte         `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"` // the same instead of JSON, if it was a block of PEM
	Err   error          // why, an [*Error]

	block int // the number of the block in the PEM file, from 1; 0 if it was JSON
}

// ParseSet reads a JWK Set from JSON, strictly (RFC 7517, Section 5). It is
// new(Parser).ParseSet.
func ParseSet(data []byte) (*Set, error) { return new(Parser).ParseSet(data) }

// ParseSet reads a JWK Set from JSON. data is not kept, but the keys share one
// copy of it: a single key that is kept keeps the text of its set, and up to
// three other keys.
//
// An entry that cannot be used, for any reason, is skipped:
// [Set.Skipped] tells why, and the set writes it back where it was. It fails
// only what the rest cannot be read beside: text that is no JSON or no set
// ([ErrSyntax]; [ErrInvalid] if "keys" is missing), one that exceeds MaxBytes or
// MaxKeys or is nested more than 64 levels deep in an entry or another member
// ([ErrPolicy]), and what FailFast, PublicOnly and UniqueKeyIDs say.
func (p *Parser) ParseSet(data []byte) (*Set, error) {
	data, bom, err := p.admit(data)
	if err != nil {
		return nil, err
	}
	r, err := p.readSet(data, bom)
	if err != nil {
		return nil, p.elsewhere(doorSet, data, err)
	}
	if mostlyBlank(data) {
		places := r.rest.skipped
		if r, err = p.readSet(compacted(data), bom); err != nil {
			return nil, err // never: the same text was read before
		}
		for i := range places {
			r.rest.skipped[i].err = places[i].err // with the offset in data
		}
	}
	return newSet(r.keys, r.rest), nil
}

// readSet reads a set from a document of the right size.
func (p *Parser) readSet(data []byte, bom bool) (*setReader, error) {
	m := newMembers()
	defer m.release()
	r := setReader{reader: *newReader(data), p: p, m: m, bom: bom}
	if err := r.readSet(); err != nil {
		return nil, err
	}
	return &r, nil
}

// A setReader reads a document into a set.
type setReader struct {
	reader
	p    *Parser
	m    *members
	bom  bool
	kids map[string]bool // those before, with UniqueKeyIDs
	room []madeKey       // for keys to come

	keys []*Key
	rest rest
}

// readSet reads the whole document.
func (r *setReader) readSet() error {
	rest := &r.rest
	if err := r.open('{', ""); err != nil {
		return err
	}
	start := r.pos - 1
	rest.doc, rest.keysAt = r.doc, -1
	var seen map[string]bool // most sets have no member but keys
	var own carrier          // of the set as an object
	var place string         // the name of its private member
	for r.more('}') {
		r.next()
		member := r.pos
		name := r.name()
		if name == keysMember && rest.keysAt < 0 {
			rest.keysAt = len(rest.members)
			r.entries = depthOfEntries
			if err := r.readKeys(); err != nil {
				return err
			}
			r.entries = 0
			continue
		}
		v := r.value()
		if r.bad {
			break
		}
		inside := inspect(r.data[v.start:v.end], r.doc.text[v.start:v.end])
		if name == keysMember || seen[name] || !inside.unique {
			return errDuplicate().atMember(name, v.start)
		}
		if seen == nil {
			seen = make(map[string]bool)
		}
		seen[name] = true
		private, found := inside.private, inside.private.name != ""
		private.at += v.start
		if !found && !rest.hidesPrivate {
			if own.add(name, r.data, v) {
				place = name
			}
			if private, found = own.found(); found {
				name = place
			}
		}
		if found && r.p.PublicOnly {
			return private.errorf(wayPublicOnly).atMember(name, private.at)
		}
		rest.hidesPrivate = rest.hidesPrivate || found
		rest.members = append(rest.members, setMember{member, v.start, v.end})
	}
	if err := r.end(); err != nil {
		return err
	}
	if rest.keysAt < 0 {
		return errorf(ErrInvalid, "missing").atMember(keysMember, start)
	}
	return nil
}

// readKeys reads the array of "keys".
func (r *setReader) readKeys() error {
	if err := r.open('[', keysMember); err != nil {
		return err
	}
	start := r.pos - 1
	most := orDefault(r.p.MaxKeys, defaultMaxKeys)
	if r.p.UniqueKeyIDs {
		r.kids = make(map[string]bool)
	}
	for r.more(']') {
		if len(r.keys)+len(r.rest.skipped) >= most {
			return errorf(ErrPolicy, "more than %s", counted(most, "key", "keys")).atMember(keysMember, start)
		}
		if err := r.readEntry(); err != nil {
			return err
		}
	}
	return nil // readSet looks whether the array is whole
}

// readEntry reads one element of "keys", and uses or skips it.
func (r *setReader) readEntry() error {
	m, rest := r.m, &r.rest
	place := len(r.keys) + len(rest.skipped)
	var reason *Error
	if c := r.next(); c == '{' {
		if err := m.read(&r.reader); err != nil {
			return err
		}
		if r.kids != nil && m.has(mKid) {
			if kid, err := m.str(mKid); err == nil {
				if r.kids[kid] {
					return m.errorf(mKid, ErrInvalid, "the kid of an earlier key, want each once").below(entryPointer(place))
				}
				r.kids[kid] = true
			}
		}
		k := r.nextKey()
		err := r.p.newKey(k, m, r.bom)
		if err == nil {
			r.keys = append(r.keys, &k.state[0].exported)
			r.room = r.room[1:]
			return nil
		}
		*k = madeKey{}        // what was refused may be secret, and the batch outlives it
		reason = err.(*Error) // as every error of key
	} else {
		v := r.value()
		if r.bad {
			return r.syntax()
		}
		m.data, m.doc, m.object, m.present = r.data, r.doc, v, 0
		reason = errorf(ErrSyntax, "%s, want an object", jsonKind(c)).atOffset(v.start)
	}

	entry := skipped{excerpt: m.excerpt(), after: len(r.keys)}
	entry.keyID, _ = m.str(mKid)
	private, found := findPrivate(m.data[m.object.start:m.object.end])
	entry.private = found
	if found && r.p.PublicOnly {
		reason = errorf(ErrPrivate, "an entry with the private member %s, want public keys only", private.name).atOffset(m.object.start)
	}
	entry.err = *reason.below(entryPointer(place))
	if r.p.FailFast || entry.private && r.p.PublicOnly {
		return &entry.err
	}
	rest.skipped = append(rest.skipped, entry)
	return nil
}

// Keys are made in batches that grow to this size. That saves allocations, and a key
// that is kept keeps few others.
const maxBatch = 4

// nextKey returns the room for the next key.
func (r *setReader) nextKey() *madeKey {
	if len(r.room) == 0 {
		r.room = make([]madeKey, min(len(r.keys)+1, maxBatch))
	}
	return &r.room[0]
}

func entryPointer(i int) jsontext.Pointer {
	return jsontext.Pointer("/" + keysMember + "/" + strconv.Itoa(i))
}

// entries yields the keys and the skipped entries in the order of the
// document; one of both is nil.
func (s *set) entries() iter.Seq2[*Key, *skipped] {
	return func(yield func(*Key, *skipped) bool) {
		rest := s.rest().skipped
		for i := range len(s.keys) + 1 {
			for ; len(rest) > 0 && rest[0].after == i; rest = rest[1:] {
				if !yield(nil, &rest[0]) {
					return
				}
			}
			if i < len(s.keys) && !yield(s.keys[i], nil) {
				return
			}
		}
	}
}

// serialized yields those of entries that MarshalJSON writes, so that they are
// counted by their place there: a skipped block of a PEM file has no JSON text.
func (s *set) serialized() iter.Seq2[*Key, *skipped] {
	return func(yield func(*Key, *skipped) bool) {
		for k, entry := range s.entries() {
			if (k != nil || entry.pem == 0) && !yield(k, entry) {
				return
			}
		}
	}
}

// withKeys returns a set of keys beside what else s holds.
func (s *set) withKeys(keys []*Key, skipped []skipped) *Set {
	var other rest
	if s != nil {
		other = *s.rest()
	}
	other.skipped = skipped
	return newSet(keys, other)
}

// newSet makes a set.
func newSet(keys []*Key, other rest) *Set {
	made := new(madeSet)
	made.set = set{index: index{keys: keys}, unseen: made.state[:0]}
	made.set.index.build()
	if !other.empty() {
		kept := other
		made.set.secret.Store(&kept)
	}
	made.state[0].exported.set = &made.set
	return &made.state[0].exported
}

// NewSet returns a set of keys, in their order. Nil and zero keys are left out.
func NewSet(keys ...*Key) *Set { return new(Set).With(keys...) }

// all returns the keys; the slice is the set's own.
func (s *Set) all() []*Key {
	if s.isZero() {
		return nil
	}
	return s.keys
}

// Len returns the number of keys, skipped entries not counted.
func (s *Set) Len() int { return len(s.all()) }

// At returns the key at index i. It panics if i is negative or not less than Len. All users
// of the set share the *Key. Do not assign through it (*set.At(0) = other) and do not call
// UnmarshalJSON on it: both change the set for everybody, and are data races.
func (s *Set) At(i int) *Key { return s.all()[i] }

// All yields the keys in the order of the set. They are shared as those of [Set.At] are.
func (s *Set) All() iter.Seq[*Key] { return slices.Values(s.all()) }

// Lookup returns the first key whose kid is exactly that. A key without a kid
// is not found by "", one whose kid is "" is. It allocates nothing, and looks
// the kid up in a map, except in a set of a few keys.
//
// A kid says nothing about what a key is for: to verify a token, use
// [Set.Find] with the token's alg.
func (s *Set) Lookup(kid string) (*Key, bool) {
	if s.isZero() {
		return nil, false
	}
	return s.firstWith(kid)
}

// LookupThumbprint returns the first key with a thumbprint. The first call
// computes those of all keys; the others allocate nothing.
func (s *Set) LookupThumbprint(t Thumbprint) (*Key, bool) {
	if s.isZero() {
		return nil, false
	}
	return s.state().withThumbprint(t, s.keys)
}

// Skipped returns the entries that could not be used, in the order of the document.
func (s *Set) Skipped() []Skipped {
	if s.isZero() {
		return nil
	}
	var list []Skipped
	for i, entry := range s.rest().skipped {
		list = append(list, entry.public(i))
	}
	return list
}

// public returns the entry for callers. before is the number of skipped entries before it.
func (e *skipped) public(before int) Skipped {
	s := e.described(before)
	if e.pem > 0 {
		s.PEM = []byte(e.text())
	} else {
		s.JSON = jsontext.Value(e.text())
	}
	return s
}

// described is public without a copy of the text.
func (e *skipped) described(before int) Skipped {
	return Skipped{Index: e.after + before, KeyID: e.keyID, Err: &e.err, block: e.pem}
}

// Public returns the set of the public halves, which is safe to publish.
// Symmetric keys, skipped entries and the members of the set besides "keys"
// are left out: nobody knows what is in them.
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
			all = append(all, &k.state().exported) // not a caller's Key, which UnmarshalJSON may change
		}
	}
	if s.isZero() {
		return (*set)(nil).withKeys(all, nil)
	}
	return s.withKeys(all, s.rest().skipped)
}

// Without returns the set without the keys that equal one of these, as
// [Key.Equal] tells.
func (s *Set) Without(keys ...*Key) *Set {
	if s.isZero() {
		return new(Set)
	}
	equals := equalsOneOf(keys)
	var kept []*Key
	var left []skipped
	for k, entry := range s.entries() {
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

// equalsOneOf returns what reports whether a key equals one of keys. Where these are
// many it takes no longer for that: equal keys are those of one thumbprint which are
// both private or both public.
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

// Member returns the JSON text of a member of the set besides "keys".
func (s *Set) Member(name string) (jsontext.Value, bool) {
	if s.isZero() {
		return nil, false
	}
	for n, value := range s.rest().eachMember {
		if n == name {
			return jsontext.Value(value), true
		}
	}
	return nil, false
}
