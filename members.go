package jwk

import (
	"slices"
	"sync"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// members is one JSON object that was read once, with its registered members by name.
type members struct {
	data    []byte    // the document, which belongs to the caller: do not keep it
	doc     *document // our copy of the document
	object  span      // the place of the object in the document
	values  [numMembers]span
	present memberSet
	escaped memberSet // members with escapes in their values
	unknown []string  // names of other members, to find duplicates
	dup     *Error    // the error about the first duplicate name, or nil

	secret       memberSet // private members whose value could be private material
	hidesPrivate bool      // private material is under a name in another case, or in an object within this one

	// made is memory for the key, which newMaterial allocates together with the material, or
	// nil. It is a *madeKey. Keys stand above members, so members cannot name the type.
	made any

	// own is the document of a text that has only one key. Nothing keeps a pointer to it.
	own document

	// buf and point are scratch memory, which is reused for the next key. buf has the octets
	// of the last member that encoded decoded. The read functions of the kinds put octets into
	// point that must stay while buf changes, such as the two coordinates of an EC key. It later
	// has the first certificate of x5c.
	buf, point []byte
}

var memberPool = sync.Pool{New: func() any { return new(members) }}

func newMembers() *members { return memberPool.Get().(*members) }

// release puts m back into the pool. It wipes the scratch memory, which may have had private
// octets, and drops the document.
func (m *members) release() {
	m.wipe()
	clear(m.unknown[:cap(m.unknown)])
	if cap(m.buf) > maxScratch {
		m.buf = nil
	}
	if cap(m.point) > maxScratch {
		m.point = nil
	}
	m.data, m.doc, m.dup, m.made, m.own.text = nil, nil, nil, nil, ""
	memberPool.Put(m)
}

// wipe wipes the scratch memory.
func (m *members) wipe() {
	clear(m.buf[:cap(m.buf)])
	clear(m.point[:cap(m.point)])
}

// maxScratch is the size of the largest scratch memory that release keeps.
const maxScratch = 8 << 10 // octets

// read reads the object at the position of r. It returns an error if the document is not valid,
// or if it has another value there. If a name is duplicate, read only sets m.dup, because the
// rest of the document can still be used.
func (m *members) read(r *reader) error {
	m.data, m.doc, m.unknown, m.dup, m.hidesPrivate = r.data, r.doc, m.unknown[:0], nil, false
	m.present, m.escaped, m.secret = 0, 0, 0
	if err := r.open('{', ""); err != nil {
		return err
	}
	m.object.start = r.pos - 1
	var c carrier // for the names that memberOf does not know
	for name, v, ok := r.member(); ok; name, v, ok = r.member() {
		id, known := memberOf(name)
		repeated := m.noteName(name, id, known)
		if known {
			m.values[id] = v
			if r.scan.Escaped {
				m.escaped |= id.bit()
			}
			if privateMembers&id.bit() != 0 && couldBePrivate(name, m.data, v.start) {
				m.secret |= id.bit()
			}
		} else {
			c.add(name, m.data, v)
		}
		if first := m.data[v.start]; (first == '{' || first == '[') && !(known && stringArrays&id.bit() != 0) {
			found := inspect(m.data[v.start:v.end], m.doc.text[v.start:v.end])
			repeated = repeated || !found.unique
			m.hidesPrivate = m.hidesPrivate || found.private.name != ""
		}
		if repeated && m.dup == nil {
			m.dup = errDuplicate().atMember(name, v.start)
		}
	}
	if r.bad {
		return r.syntax()
	}
	m.object.end = r.pos
	if m.has(mKty) {
		kty, _ := m.str(mKty)
		c.hasKty, c.isAKP = true, c.isAKP || kty == string(AKP)
	}
	if _, private := c.found(); private || c.hasKty && m.secret != 0 && !m.has(mKty) {
		m.hidesPrivate = true
	}
	if len(m.unknown) > maxCompared && m.dup == nil && !uniqueNames(m.data[m.object.start:m.object.end], m.doc.text[m.object.start:m.object.end]) {
		m.dup = errDuplicate().atOffset(m.object.start)
	}
	return nil
}

// noteName notes a name, and reports whether the object has repeated it. It does not compare
// unknown names beyond the first maxCompared; read then calls uniqueNames.
func (m *members) noteName(name string, id memberID, known bool) bool {
	if known {
		before := m.present
		m.present |= id.bit()
		return m.present == before
	}
	if len(m.unknown) > maxCompared {
		return false
	}
	repeated := slices.Contains(m.unknown, name)
	m.unknown = append(m.unknown, name)
	return repeated
}

// excerpt returns the object, to be kept.
func (m *members) excerpt() excerpt { return excerpt{m.doc, m.object} }

// has reports whether the object has the member.
func (m *members) has(id memberID) bool { return m.present&id.bit() != 0 }

// errorf returns an Error about a member, with its path and offset.
func (m *members) errorf(id memberID, kind error, format string, args ...any) *Error {
	offset := m.object.start
	if m.has(id) {
		offset = m.values[id].start
	}
	return errorf(kind, format, args...).atMember(id.String(), offset)
}

// raw returns the JSON text of a member that is present.
func (m *members) raw(id memberID) string {
	v := m.values[id]
	return m.doc.text[v.start:v.end]
}

// str returns a member that must be a string if it is present.
func (m *members) str(id memberID) (s string, err error) {
	if !m.has(id) {
		return "", nil
	}
	v := m.values[id]
	switch {
	case m.data[v.start] != '"':
		return "", m.errorf(id, ErrSyntax, "%s, want a string", jsonKind(m.data[v.start]))
	case m.escaped&id.bit() != 0:
		return unquote(m.raw(id)), nil
	}
	return m.doc.text[v.start+1 : v.end-1], nil
}

// encoded returns the text and the octets of a required member in base64url. octets aliases
// m.buf and is valid until the next call to encoded.
func (m *members) encoded(id memberID) (text string, octets []byte, err error) {
	if !m.has(id) {
		return "", nil, m.errorf(id, ErrInvalid, "missing")
	}
	text, err = m.str(id)
	if err != nil {
		return "", nil, err
	}
	v := m.values[id]
	src := m.data[v.start+1 : v.end-1]
	if m.escaped&id.bit() != 0 {
		src = []byte(text)
	}
	if decodedLen64(len(src)) > cap(m.buf) {
		clear(m.buf[:cap(m.buf)]) // decode64 drops this memory, which may have private octets
	}
	octets, err = decode64(m.buf[:0], src)
	if err != nil {
		return "", nil, m.errorf(id, ErrInvalid, "%s", textOf(err))
	}
	if len(octets) == 0 {
		return "", nil, m.errorf(id, ErrInvalid, "empty, want at least 1 octet")
	}
	m.buf = octets
	return text, octets, nil
}

// strs returns the places of the string literals of a member that must be an array of at most
// max strings.
func (m *members) strs(id memberID, max int) ([]span, error) {
	v := m.values[id]
	if m.data[v.start] != '[' {
		return nil, m.errorf(id, ErrSyntax, "%s, want an array of strings", jsonKind(m.data[v.start]))
	}
	list := make([]span, 0, 4) // enough for most
	for i := v.start + 1; ; {
		i = jsonscan.SkipSpace(m.data, i)
		switch m.data[i] {
		case ']':
			return list, nil
		case ',':
			i++
		case '"':
			if len(list) == max {
				return nil, m.errorf(id, ErrPolicy, "more than %d elements", max)
			}
			end := jsonscan.SkipString(m.data, i)
			list = append(list, span{i, end})
			i = end
		default:
			return nil, m.errorf(id, ErrSyntax, "element %d is %s, want a string", len(list), jsonKind(m.data[i]))
		}
	}
}

// refusePrivate returns an error if the object carries private material (see private.go), as
// far as read has found it.
func (m *members) refusePrivate() error {
	switch {
	case m.secret != 0 && m.has(mKty):
		return m.errorf(m.secret.first(), ErrPrivate, "a private member, want public keys only")
	case m.hidesPrivate:
		return m.refuseHidden()
	}
	return nil
}

// refuseHidden returns an error if the object carries private material at any depth. It reads
// the whole object again.
func (m *members) refuseHidden() error {
	object := m.data[m.object.start:m.object.end]
	private, ok := findPrivate(object)
	if !ok {
		return nil
	}
	return errHidden(eachMember(string(object)), wayPublicOnly).atOffset(m.object.start + private.at)
}
