package jwk

import (
	"iter"
	"math/bits"
	"slices"
	"sync"
)

// A memberID is one of the registered members that this package reads.
type memberID uint8

const (
	mKty memberID = iota
	// Attributes of any key (RFC 7517, Section 4).
	mUse
	mKeyOps
	mAlg
	mKid
	mX5u
	mX5c
	mX5t
	mX5tS256
	// OpenID Federation 1.0.
	mIat
	mNbf
	mExp
	// Public material (RFC 7518, Section 6; RFC 8037, Section 2; RFC 9964, Section 3).
	mCrv
	mX
	mY
	mN
	mE
	mPub
	// Private material.
	mD
	mP
	mQ
	mDP
	mDQ
	mQI
	mOth
	mK
	mPriv

	numMembers
)

var memberNames = [numMembers]string{
	"kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "iat", "nbf", "exp",
	"crv", "x", "y", "n", "e", "pub",
	"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv",
}

func (id memberID) String() string { return memberNames[id] }

// memberOf finds a registered name. Case matters (RFC 7517, Section 4): "KTY"
// is an unknown member like any other. It runs for every member of every key,
// hence a switch and no search in memberNames.
func memberOf(name string) (memberID, bool) {
	switch name {
	case "kty":
		return mKty, true
	case "use":
		return mUse, true
	case "key_ops":
		return mKeyOps, true
	case "alg":
		return mAlg, true
	case "kid":
		return mKid, true
	case "x5u":
		return mX5u, true
	case "x5c":
		return mX5c, true
	case "x5t":
		return mX5t, true
	case "x5t#S256":
		return mX5tS256, true
	case "iat":
		return mIat, true
	case "nbf":
		return mNbf, true
	case "exp":
		return mExp, true
	case "crv":
		return mCrv, true
	case "x":
		return mX, true
	case "y":
		return mY, true
	case "n":
		return mN, true
	case "e":
		return mE, true
	case "pub":
		return mPub, true
	case "d":
		return mD, true
	case "p":
		return mP, true
	case "q":
		return mQ, true
	case "dp":
		return mDP, true
	case "dq":
		return mDQ, true
	case "qi":
		return mQI, true
	case "oth":
		return mOth, true
	case "k":
		return mK, true
	case "priv":
		return mPriv, true
	}
	return 0, false
}

// keysMember is the member of a set that holds its keys (RFC 7517, Section 5.1).
const keysMember = "keys"

// A memberSet is a set of registered members.
type memberSet uint32

func setOf(ids ...memberID) (s memberSet) {
	for _, id := range ids {
		s |= 1 << id
	}
	return s
}

// first returns the member of s that comes first in memberNames; s is not empty.
func (s memberSet) first() memberID { return memberID(bits.TrailingZeros32(uint32(s))) }

// Ranges of the constants above.
const (
	attributeMembers   memberSet = 1<<mCrv - 1<<mUse
	certificateMembers memberSet = 1<<mIat - 1<<mX5u
	privateMembers     memberSet = 1<<numMembers - 1<<mD
	stringArrays       memberSet = 1<<mKeyOps | 1<<mX5c
)

// members is one JSON object, read once, its registered members by name.
type members struct {
	data         []byte    // the document, the caller's
	doc          *document // the document, ours
	object       span      // the object in it
	values       [numMembers]span
	present      memberSet
	escaped      memberSet // have escapes in their values
	unknown      []string  // names of other members, to find duplicates
	secret       memberSet // private members whose value could be private material
	hidesPrivate bool      // there is private material under a name in another case, or in an object within this one
	dup          *Error    // the first duplicate name

	// Scratch for octets, kept from one key to the next.
	buf, point []byte
}

var memberPool = sync.Pool{New: func() any { return new(members) }}

func newMembers() *members { return memberPool.Get().(*members) }

// release wipes the scratch, where private octets may have been, and drops all
// that belongs to the document.
func (m *members) release() {
	clear(m.buf[:cap(m.buf)])
	clear(m.point[:cap(m.point)])
	clear(m.unknown[:cap(m.unknown)])
	if cap(m.buf) > maxScratch {
		m.buf = nil
	}
	m.data, m.doc, m.dup = nil, nil, nil
	memberPool.Put(m)
}

// Larger scratch is not kept.
const maxScratch = 8 << 10 // octets

// More unknown names than this are not compared one by one.
const maxCompared = 16

// read reads the object that r is at. Its error means that the document is
// lost; what is wrong with this object alone is found in m.dup.
func (m *members) read(r *reader) error {
	m.data, m.doc, m.unknown, m.dup, m.hidesPrivate = r.data, r.doc, m.unknown[:0], nil, false
	m.present, m.escaped, m.secret = 0, 0, 0
	if err := r.open('{', ""); err != nil {
		return err
	}
	m.object.start = r.pos - 1
	var c carrier // of the names that memberOf does not know
	for r.more('}') {
		name := r.name()
		v := r.value()
		if r.bad {
			break
		}
		id, known := memberOf(name)
		repeated := m.noteName(name, id, known)
		if known {
			m.values[id] = v
			if r.escaped {
				m.escaped |= 1 << id
			}
			if privateMembers&(1<<id) != 0 && couldBePrivate(name, m.data, v.start) {
				m.secret |= 1 << id
			}
		} else {
			c.add(name, m.data, v)
		}
		if first := m.data[v.start]; (first == '{' || first == '[') && !(known && stringArrays&(1<<id) != 0) {
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

// noteName notes a name, and reports whether it was there before, as far as that is
// found by comparing.
func (m *members) noteName(name string, id memberID, known bool) bool {
	if known {
		before := m.present
		m.present |= 1 << id
		return m.present == before
	}
	if len(m.unknown) > maxCompared {
		return false
	}
	repeated := slices.Contains(m.unknown, name)
	m.unknown = append(m.unknown, name)
	return repeated
}

// excerpt is the object, to be kept.
func (m *members) excerpt() excerpt { return excerpt{m.doc, m.object} }

// has reports whether the object has the member.
func (m *members) has(id memberID) bool { return m.present&(1<<id) != 0 }

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
	raw := m.raw(id)
	if raw[0] != '"' {
		return "", m.errorf(id, ErrSyntax, "%s, want a string", jsonKind(raw[0]))
	}
	if m.escaped&(1<<id) == 0 {
		return raw[1 : len(raw)-1], nil
	}
	return unquote(raw), nil
}

// encoded returns a required member in base64url: its text and its octets.
// octets aliases m.buf and is valid until the next call to encoded.
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
	if m.escaped&(1<<id) != 0 {
		src = []byte(text)
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

// strs returns a member that must be an array of at most max strings, as the
// spans of their literals.
func (m *members) strs(id memberID, max int) ([]span, error) {
	v := m.values[id]
	if m.data[v.start] != '[' {
		return nil, m.errorf(id, ErrSyntax, "%s, want an array of strings", jsonKind(m.data[v.start]))
	}
	var list []span
	for i := v.start + 1; ; {
		i = skipSpace(m.data, i)
		switch m.data[i] {
		case ']':
			return list, nil
		case ',':
			i++
		case '"':
			if len(list) == max {
				return nil, m.errorf(id, ErrPolicy, "more than %d elements", max)
			}
			n := literal(m.data[i:])
			list = append(list, span{i, i + n})
			i += n
		default:
			return nil, m.errorf(id, ErrSyntax, "element %d is %s, want a string", len(list), jsonKind(m.data[i]))
		}
	}
}

// eachMember yields the names and values of an object that has been read before.
func eachMember(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		r := newReaderOf([]byte(object), &document{object})
		if r.open('{', "") != nil {
			return
		}
		for r.more('}') {
			name, v := r.name(), r.value()
			if !yield(name, object[v.start:v.end]) {
				return
			}
		}
	}
}
