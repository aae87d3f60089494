package jwk

import "github.com/go-json-experiment/json/jsontext"

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
	_, others = pair(others, (*Key).normalText)
	d.Changed, d.Added = pair(others, (*Key).identity)
	for i, k := range old {
		if !met[i] {
			d.Removed = append(d.Removed, k)
		}
	}
	return d
}

// normalText returns the JSON text without what makes no difference: white
// space, the order of members, the spelling of strings. Numbers stay as they are.
func (k *Key) normalText() string {
	v := jsontext.Value(k.text())
	_ = v.Format(jsontext.ReorderRawObjects(true)) // the text has been read before
	return string(v)
}

// identity tells one key from another whatever else changes.
func (k *Key) identity() string {
	if k.present&(1<<mKid) != 0 {
		return "kid " + k.kid
	}
	return "thumbprint " + k.Thumbprint().String()
}
