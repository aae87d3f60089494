package jwk

import "sync"

// ParseSet reads a JWK Set from JSON, strictly (RFC 7517, Section 5). It is
// new(Parser).ParseSet.
func ParseSet(data []byte) (*Set, error) { return new(Parser).ParseSet(data) }

// ParseSet reads a JWK Set from JSON. It does not keep data. The keys share one copy of the
// text, so a key that a program keeps also keeps the text of its whole set.
//
// ParseSet skips an entry that cannot be used, for any reason: [Set.Skipped] returns the
// entry and the reason, and the set writes the entry back in its place. ParseSet fails only if
// the rest cannot be read, or if the Parser demands it:
//   - [ErrSyntax]: the text is not JSON, or not a JWK Set;
//   - [ErrInvalid]: "keys" is missing;
//   - [ErrPolicy]: the text exceeds MaxBytes or MaxKeys, or an entry or another member is
//     nested more than 64 levels deep;
//   - the errors of FailFast, PublicOnly and UniqueKeyIDs.
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

// readSet reads a set from a document whose size has been checked.
func (p *Parser) readSet(data []byte, bom bool) (*setReader, error) {
	m, list := newMembers(), keyLists.Get().(*[]*Key)
	defer m.release()
	defer keyLists.Put(list)
	r := setReader{reader: *newReader(data), p: p, m: m, bom: bom, keys: (*list)[:0]}
	err := r.readSet()
	scratch := r.keys
	r.keys = append([]*Key(nil), scratch...) // nil if there are no keys, so that empty sets are equal
	// The pool must not keep keys: not in the list, nor in its old memory if the list has grown.
	clear(scratch)
	clear((*list)[:min(cap(*list), len(scratch))])
	if cap(scratch) <= maxKeyList {
		*list = scratch
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// keyLists has lists in which sets collect their keys. A set then makes its own list once, with
// the right size.
var keyLists = sync.Pool{New: func() any { return new([]*Key) }}

// maxKeyList is the capacity of the largest list that stays in keyLists.
const maxKeyList = 1024 // keys

// A setReader reads a document into the parts of a set.
type setReader struct {
	reader
	p    *Parser
	m    *members
	bom  bool
	kids map[string]bool // the kids of earlier entries; only with UniqueKeyIDs

	keys []*Key
	rest rest
}

// readSet reads the whole document.
func (r *setReader) readSet() error {
	if err := r.open('{', ""); err != nil {
		return err
	}
	start := r.pos - 1
	r.rest.doc, r.rest.keysAt = r.doc, -1
	var other otherMembers
	for r.more('}') {
		r.next()
		nameStart := r.pos
		name := r.name()
		var err error
		if name == keysMember && r.rest.keysAt < 0 {
			r.rest.keysAt = len(r.rest.members)
			r.entries = depthOfEntries
			err = r.readKeys()
			r.entries = 0
		} else {
			err = r.readMember(&other, name, nameStart)
		}
		if err != nil {
			return err
		}
	}
	if err := r.end(); err != nil {
		return err
	}
	if r.rest.keysAt < 0 {
		return errorf(ErrInvalid, "missing").atMember(keysMember, start)
	}
	return nil
}

// otherMembers has facts about the members besides "keys" that were read so far.
type otherMembers struct {
	names   map[string]bool // nil before the first one: most sets have only "keys"
	object  carrier         // finds private members of the set itself, as in any object
	private string          // the name of the first private member of the set itself
}

// readMember reads the value of a member besides "keys", whose name starts at nameStart.
func (r *setReader) readMember(other *otherMembers, name string, nameStart int) error {
	v := r.value()
	if r.bad {
		return nil // readSet returns the error
	}
	inside := inspect(r.data[v.start:v.end], r.doc.text[v.start:v.end])
	if name == keysMember || other.names[name] || !inside.unique {
		return errDuplicate().atMember(name, v.start)
	}
	if other.names == nil {
		other.names = make(map[string]bool)
	}
	other.names[name] = true
	private, found := inside.private, inside.private.name != ""
	private.at += v.start
	if !found && !r.rest.hidesPrivate {
		if other.object.add(name, r.data, v) {
			other.private = name
		}
		if private, found = other.object.found(); found {
			name = other.private
		}
	}
	if found && r.p.PublicOnly {
		return private.errorf(wayPublicOnly).atMember(name, private.at)
	}
	r.rest.hidesPrivate = r.rest.hidesPrivate || found
	r.rest.members = append(r.rest.members, setMember{nameStart, v.start, v.end})
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
	return nil // readSet checks whether the array is complete
}

// readEntry reads one element of "keys", and uses or skips it.
func (r *setReader) readEntry() error {
	place := len(r.keys) + len(r.rest.skipped)
	first := r.next()
	if first != '{' {
		v := r.value()
		if r.bad {
			return r.syntax()
		}
		r.m.data, r.m.doc, r.m.object, r.m.present = r.data, r.doc, v, 0
		return r.skip(place, errorf(ErrSyntax, "%s, want an object", jsonKind(first)).atOffset(v.start))
	}
	if err := r.m.read(&r.reader); err != nil {
		return err
	}
	if err := r.checkUnique(place); err != nil {
		return err
	}
	k, err := r.p.newKey(r.m, r.bom)
	if err != nil {
		return r.skip(place, err.(*Error)) // every error of newKey is an *Error
	}
	r.keys = append(r.keys, k)
	return nil
}

// checkUnique returns an error if UniqueKeyIDs is set and an earlier entry has the same kid.
func (r *setReader) checkUnique(place int) error {
	if r.kids == nil || !r.m.has(mKid) {
		return nil
	}
	kid, err := r.m.str(mKid)
	if err != nil {
		return nil // newKey returns this error
	}
	if r.kids[kid] {
		return r.m.errorf(mKid, ErrInvalid, "the kid of an earlier key, want each once").below(entryPointer(place))
	}
	r.kids[kid] = true
	return nil
}

// skip adds the entry in m to the skipped entries. If the options of the Parser do not allow
// such an entry, skip returns its error instead.
func (r *setReader) skip(place int, reason *Error) error {
	m := r.m
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
	r.rest.skipped = append(r.rest.skipped, entry)
	return nil
}
