package jwk

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// A Diff is the difference between two sets.
type Diff struct {
	Added   []*Key // only in the second set
	Removed []*Key // only in the first set

	// Changed are keys of the second set that replace a key of the first set: they have the
	// same kid, or the same thumbprint if they have no kid, but other material or other
	// members.
	Changed []*Key
}

// Diff returns the changes from s to next. It ignores the order of keys, the order of the
// members of an object, and the spelling of strings.
func (s *Set) Diff(next *Set) Diff {
	old := s.all()
	paired := make([]bool, len(old)) // paired[i]: old[i] has a partner in next
	// pair looks for a partner for each of keys: a key of old that has no partner yet, and for
	// which by returns the same text.
	pair := func(keys []*Key, by func(*Key) string) (partnered, others []*Key) {
		places := make(map[string][]int, len(old))
		for i, k := range old {
			if !paired[i] {
				id := by(k)
				places[id] = append(places[id], i)
			}
		}
		for _, k := range keys {
			id := by(k)
			if left := places[id]; len(left) > 0 {
				paired[left[0]] = true
				places[id] = left[1:]
				partnered = append(partnered, k)
			} else {
				others = append(others, k)
			}
		}
		return partnered, others
	}
	var d Diff
	_, others := pair(next.all(), func(k *Key) string { return k.text() })
	n := new(normalizer)
	_, others = pair(others, func(k *Key) string { return n.normalize(k.text()) })
	d.Changed, d.Added = pair(others, (*Key).identity)
	for i, k := range old {
		if !paired[i] {
			d.Removed = append(d.Removed, k)
		}
	}
	return d
}

// Equal reports whether [Set.Diff] finds no difference, and both sets have the same skipped
// entries and the same members besides "keys". Unlike [Key.Equal], which compares only the
// material, it compares all members of all keys.
//
// As for Diff, the order of keys, of entries and of members does not matter, nor does the
// spelling of strings. Equal does not compare deviations, the reasons for which entries were
// skipped, or the holders of private halves. A nil *Set equals the zero Set.
//
// Equal compares digests of the texts, so its timing reveals nothing about private keys.
//
// go-cmp finds this method for a *Set. For a Set by value, give it
// cmp.Comparer(func(a, b jwk.Set) bool { return a.Equal(&b) }).
func (s *Set) Equal(other *Set) bool {
	a, b := s.rest(), other.rest()
	if s.Len() != other.Len() || len(a.skipped) != len(b.skipped) || len(a.members) != len(b.members) {
		return false
	}
	counts := make(map[textDigest]int, s.Len())
	for d := range s.eachDigest {
		counts[d]++
	}
	// Both sets have the same number of parts, so they are equal if each part of other is
	// in s.
	for d := range other.eachDigest {
		if counts[d]--; counts[d] < 0 {
			return false
		}
	}
	return true
}

type textDigest = [sha256.Size]byte

// eachDigest yields a digest of each part of the set: each key, skipped entry and other
// member.
func (s *Set) eachDigest(yield func(textDigest) bool) {
	var n normalizer
	for _, k := range s.all() {
		if !yield(sha256.Sum256([]byte("key " + n.normalize(k.text())))) {
			return
		}
	}
	r := s.rest()
	for _, entry := range r.skipped {
		text := "block " + entry.text()
		if entry.pem == 0 {
			text = "entry " + n.normalize(entry.text())
		}
		if !yield(sha256.Sum256([]byte(text))) {
			return
		}
	}
	for name, value := range r.eachMember {
		text := appendToken([]byte("member "), '"', name)
		if !yield(sha256.Sum256(append(text, n.normalize(value)...))) {
			return
		}
	}
}

// A normalizer rewrites JSON texts in one form, which is the same for all texts with the same
// meaning. It reuses its buffers from one text to the next.
type normalizer struct {
	reader
	document document
	dst      []byte
	members  []normalMember // the members of the open objects, outer objects first
}

// A normalMember is the name of a member and the place of its value in dst.
type normalMember struct {
	name string
	at   span
}

// normalize returns the normal form of a valid JSON text. It does not depend on white space,
// the order of members or the spelling of strings. Numbers are kept as they are written.
func (n *normalizer) normalize(text string) string {
	n.document.text = text
	n.reader = reader{data: append(n.data[:0], text...), doc: &n.document, entries: depthOfEntries}
	n.dst = n.dst[:0]
	n.value()
	return string(n.dst)
}

// value appends the normal form of the next value. The members of an object are sorted by
// name. An object or array in a member becomes a digest: otherwise each level around it would
// copy its text again.
func (n *normalizer) value() {
	first := n.next()
	switch first {
	case '{':
		n.object()
	case '[':
		n.dst = appendToken(n.dst, first, "")
		_ = n.open(first, "") // it is an array
		for n.more(']') {
			n.value()
		}
		n.dst = appendToken(n.dst, ']', "")
	default:
		v := n.reader.value()
		text := n.doc.text[v.start:v.end]
		if first == '"' {
			text = unquote(text)
		}
		n.dst = appendToken(n.dst, first, text)
	}
}

// object appends the normal form of the next value, which is an object.
func (n *normalizer) object() {
	begin, outer := len(n.dst), len(n.members)
	_ = n.open('{', "") // it is an object
	for n.more('}') {
		name, start := n.name(), len(n.dst)
		first := n.next()
		n.value()
		if first == '{' || first == '[' {
			sum := sha256.Sum256(n.dst[start:])
			n.dst = appendToken(n.dst[:start], '#', string(sum[:]))
		}
		n.members = append(n.members, normalMember{name, span{start, len(n.dst)}})
	}
	members := n.members[outer:]
	slices.SortFunc(members, func(a, b normalMember) int {
		// Only a skipped entry repeats a name. Its meaning may depend on the order.
		return cmp.Or(strings.Compare(a.name, b.name), a.at.start-b.at.start)
	})
	sorted := len(n.dst)
	n.dst = appendToken(n.dst, '{', "")
	for _, member := range members {
		n.dst = appendToken(n.dst, '"', member.name)
		n.dst = append(n.dst, n.dst[member.at.start:member.at.end]...)
	}
	n.dst = appendToken(n.dst, '}', "")
	n.dst = append(n.dst[:begin], n.dst[sorted:]...)
	n.members = n.members[:outer]
}

// appendToken appends the first octet of a token and its text. The length comes before the
// text, so that two different lists of tokens never give the same octets.
func appendToken(dst []byte, first byte, text string) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, first), uint64(len(text)))
	return append(dst, text...)
}

// identity returns a text that stays the same when other members of the key change.
func (k *Key) identity() string {
	if k.present&(1<<mKid) != 0 {
		return "kid " + k.kid
	}
	return "thumbprint " + k.Thumbprint().String()
}
