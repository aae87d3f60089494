package jwk

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// A Diff tells two sets apart.
type Diff struct {
	Added   []*Key // only in the next set
	Removed []*Key // only in the first set

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
	normal := new(normalizer)
	_, others = pair(others, func(k *Key) string { return normal.normal(k.text()) })
	d.Changed, d.Added = pair(others, (*Key).identity)
	for i, k := range old {
		if !met[i] {
			d.Removed = append(d.Removed, k)
		}
	}
	return d
}

// Equal compares all members of all keys, unlike [Key.Equal], which compares the material
// only. It reports whether [Set.Diff] finds nothing and the two sets have the same skipped
// entries and the same members besides "keys". As for Diff, the order of keys, of entries and
// of members does not matter, nor does the spelling of strings. Deviations, the reasons for
// which entries were skipped, and who holds a private half elsewhere are not compared. A nil
// *Set equals the zero Set.
//
// Digests of the texts are compared, so that timing reveals nothing about private keys.
//
// go-cmp finds this method for a *Set. For a Set by value, give it
// cmp.Comparer(func(a, b jwk.Set) bool { return a.Equal(&b) }).
func (s *Set) Equal(other *Set) bool {
	a, b := s.others(), other.others()
	if s.Len() != other.Len() || len(a.skipped) != len(b.skipped) || len(a.members) != len(b.members) {
		return false
	}
	said := make(map[[sha256.Size]byte]int, s.Len())
	s.say(func(what [sha256.Size]byte) bool {
		said[what]++
		return true
	})
	// Both sets have the same number of things. So if each thing of other is in s, the sets
	// are equal.
	same := true
	other.say(func(what [sha256.Size]byte) bool {
		said[what]--
		same = said[what] >= 0
		return same
	})
	return same
}

// others returns what s, which may be nil, has besides keys.
func (s *Set) others() *rest {
	if s.isZero() {
		return &noRest
	}
	return s.rest()
}

// say yields a digest of each thing that the set says: a key, a skipped entry or another
// member.
func (s *Set) say(yield func([sha256.Size]byte) bool) {
	var m normalizer
	for _, k := range s.all() {
		if !yield(sha256.Sum256([]byte("key " + m.normal(k.text())))) {
			return
		}
	}
	r := s.others()
	for _, entry := range r.skipped {
		text := "block " + entry.text()
		if entry.pem == 0 {
			text = "entry " + m.normal(entry.text())
		}
		if !yield(sha256.Sum256([]byte(text))) {
			return
		}
	}
	for name, value := range r.eachMember {
		text := appendToken([]byte("member "), '"', name)
		if !yield(sha256.Sum256(append(text, m.normal(value)...))) {
			return
		}
	}
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

// normal returns what a valid JSON text says, in a form that is the same for all texts
// that say it. White space, the order of members and the spelling of strings make no
// difference. Numbers are compared as they are written.
func (m *normalizer) normal(text string) string {
	m.document.text = text
	m.reader = reader{data: append(m.data[:0], text...), doc: &m.document, entries: depthOfEntries}
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
	slices.SortFunc(own, func(a, b normalMember) int {
		// Only a skipped entry repeats a name. What it says may depend on the order.
		return cmp.Or(strings.Compare(a.name, b.name), a.at.start-b.at.start)
	})
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
