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
	_, others = pair(others, (*Key).meaning)
	d.Changed, d.Added = pair(others, (*Key).identity)
	for i, k := range old {
		if !met[i] {
			d.Removed = append(d.Removed, k)
		}
	}
	return d
}

// meaning returns a digest of what the key's JSON text says. White space, the order of
// members and the spelling of strings make no difference. Numbers are compared as they
// are written.
func (k *Key) meaning() string {
	text := k.text()
	d := digester{reader: *newReaderOf([]byte(text), &document{text})}
	d.value()
	sum := sha256.Sum256(d.dst)
	return string(sum[:])
}

// A digester writes what a text says, which a reader has read before.
type digester struct {
	reader
	dst     []byte
	members []digestedMember // of the objects that are open, the innermost last
}

// A digestedMember is a member of an object, whose value says what the digest stands for.
type digestedMember struct {
	name  string
	value [sha256.Size]byte
}

// value appends what the next value says. An object becomes the digests of its members,
// sorted by name, so that no part of the text is written again at each level around it.
func (d *digester) value() {
	first := d.next()
	switch first {
	case '{':
		outer := len(d.members)
		for _ = d.open(first, ""); d.more('}'); {
			name, start := d.name(), len(d.dst)
			d.value()
			d.members = append(d.members, digestedMember{name, sha256.Sum256(d.dst[start:])})
			d.dst = d.dst[:start]
		}
		own := d.members[outer:]
		slices.SortFunc(own, func(a, b digestedMember) int { return strings.Compare(a.name, b.name) })
		d.dst = appendToken(d.dst, first, "")
		for _, m := range own {
			d.dst = append(appendToken(d.dst, '"', m.name), m.value[:]...)
		}
		d.dst = appendToken(d.dst, '}', "")
		d.members = d.members[:outer]
	case '[':
		d.dst = appendToken(d.dst, first, "")
		for _ = d.open(first, ""); d.more(']'); {
			d.value()
		}
		d.dst = appendToken(d.dst, ']', "")
	default:
		v := d.reader.value()
		text := d.doc.text[v.start:v.end]
		if first == '"' {
			text = unquote(text)
		}
		d.dst = appendToken(d.dst, first, text)
	}
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
