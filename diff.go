package jwk

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// A Diff tells two sets apart.
type Diff struct {
	Added   []*Key // in the next set alone
	Removed []*Key // in the first set alone

	// Changed are keys of the next set whose kid, or whose thumbprint if they
	// have no kid, is that of a key of the first set with other material or
	// other members.
	Changed []*Key
}

// Diff tells what makes next out of s. The order of keys, of the members of an
// object, and the spelling of strings do not matter.
func (s *Set) Diff(next *Set) Diff {
	old := s.all()
	met := make([]bool, len(old)) // and so in next
	// pair takes away from keys those that have a partner in old.
	pair := func(keys []*Key, by func(*Key) string) (paired, others []*Key) {
		places := make(map[string][]int, len(old))
		for i, k := range old {
			if !met[i] {
				id := by(k)
				places[id] = append(places[id], i)
			}
		}
		for _, k := range keys {
			id := by(k)
			if left := places[id]; len(left) > 0 {
				met[left[0]] = true
				places[id] = left[1:]
				paired = append(paired, k)
			} else {
				others = append(others, k)
			}
		}
		return paired, others
	}
	var d Diff
	_, others := pair(next.all(), func(k *Key) string { return k.text() })
	_, others = pair(others, new(normalizer).normal)
	d.Changed, d.Added = pair(others, (*Key).identity)
	for i, k := range old {
		if !met[i] {
			d.Removed = append(d.Removed, k)
		}
	}
	return d
}

// A normalizer writes what the text of a key says, in one form for all texts that say it.
// Its buffers are kept from one key to the next.
type normalizer struct {
	reader
	document document
	dst      []byte
	members  []normalMember // of the objects that are open, the innermost last
}

// A normalMember is a member of an object and where its value is in dst.
type normalMember struct {
	name string
	at   span
}

// normal returns what the JSON text of k says, in a form that is the same for all texts
// that say it. White space, the order of members and the spelling of strings make no
// difference. Numbers are compared as they are written.
func (m *normalizer) normal(k *Key) string {
	m.document.text = k.text()
	m.reader = reader{data: append(m.data[:0], m.document.text...), doc: &m.document}
	m.dst = m.dst[:0]
	m.value()
	return string(m.dst)
}

// value appends what the next value says. The members of an object are sorted by name, and
// an object or array in one of them becomes a digest, so that no part of the text is
// written again at each level around it.
func (m *normalizer) value() {
	first := m.next()
	switch first {
	case '{':
		m.object()
	case '[':
		m.dst = appendToken(m.dst, first, "")
		_ = m.open(first, "") // it is an array
		for m.more(']') {
			m.value()
		}
		m.dst = appendToken(m.dst, ']', "")
	default:
		v := m.reader.value()
		text := m.doc.text[v.start:v.end]
		if first == '"' {
			text = unquote(text)
		}
		m.dst = appendToken(m.dst, first, text)
	}
}

func (m *normalizer) object() {
	begin, outer := len(m.dst), len(m.members)
	_ = m.open('{', "") // it is an object
	for m.more('}') {
		name, start := m.name(), len(m.dst)
		first := m.next()
		m.value()
		if first == '{' || first == '[' {
			sum := sha256.Sum256(m.dst[start:])
			m.dst = appendToken(m.dst[:start], '#', string(sum[:]))
		}
		m.members = append(m.members, normalMember{name, span{start, len(m.dst)}})
	}
	own := m.members[outer:]
	slices.SortFunc(own, func(a, b normalMember) int { return strings.Compare(a.name, b.name) })
	sorted := len(m.dst)
	m.dst = appendToken(m.dst, '{', "")
	for _, member := range own {
		m.dst = appendToken(m.dst, '"', member.name)
		m.dst = append(m.dst, m.dst[member.at.start:member.at.end]...)
	}
	m.dst = appendToken(m.dst, '}', "")
	m.dst = append(m.dst[:begin], m.dst[sorted:]...)
	m.members = m.members[:outer]
}

// appendToken appends the first octet of a token and its text. The length comes before
// the text, so that no two lists of tokens look alike.
func appendToken(dst []byte, first byte, text string) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, first), uint64(len(text)))
	return append(dst, text...)
}

// identity tells one key from another whatever else changes.
func (k *Key) identity() string {
	if k.present&(1<<mKid) != 0 {
		return "kid " + k.kid
	}
	return "thumbprint " + k.Thumbprint().String()
}
