package jwk

import "strings"

// A NotFoundError says that no key of a set answers a query. It is [ErrNotFound] for
// errors.Is.
type NotFoundError struct {
	Query Query

	// Closest are the keys that answer the largest number of fields of the query, at most
	// four. If the query has a KeyID, they all have that kid.
	Closest []Mismatch

	// Skipped are the entries that may have been meant but could not be used: entries with
	// the kid of the query, or any entries if the query has no KeyID. The list has at most
	// the first four, without their JSON and PEM, which [Set.Skipped] returns.
	Skipped []Skipped
}

// A Mismatch is a key and the reason why it does not answer a query.
type Mismatch struct {
	Key    *Key
	Reason string // such as "use is enc"
}

const maxClosest = 4

// Is reports whether target is [ErrNotFound].
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// Error returns the query, why the closest keys do not answer it, and which entries were
// skipped.
func (e *NotFoundError) Error() string {
	var b strings.Builder
	b.WriteString("jwk: no key for " + e.Query.describe())
	separator := ": "
	add := func(part string) {
		b.WriteString(separator + part)
		separator = "; "
	}
	for _, c := range e.Closest {
		which := "a key without kid"
		if k := c.Key; !k.isZero() && k.present&(1<<mKid) != 0 {
			which = "kid " + printable(k.kid)
		}
		add(which + ": " + c.Reason)
	}
	if len(e.Closest) == 0 && (e.Query.KeyID == "" || len(e.Skipped) == 0) {
		if e.Query.KeyID != "" {
			add("no key has that kid")
		} else {
			add("there are no keys")
		}
	}
	for i := range e.Skipped {
		s := &e.Skipped[i]
		if e.Query.KeyID != "" {
			add(s.place() + " has that kid, but was skipped: " + s.reason())
		} else {
			add(s.place() + " was skipped: " + s.reason())
		}
	}
	return b.String()
}

// MarshalText returns the text of Error, so that encoding/json writes the reason. Without
// this method encoding/json would fail on private keys in Closest.
func (e *NotFoundError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// notFound returns the error that says why no key of s answers q.
func (s *Set) notFound(q *Query) error {
	e := &NotFoundError{Query: *q}
	if s.isZero() {
		return e
	}
	e.Skipped = s.skippedFor(q.KeyID)
	keys, spec := s.index.keys, specOf(q.Algorithm)
	best := -1
	consider := func(k *Key) bool {
		count := k.closeness(q, spec)
		if count > best {
			best, e.Closest = count, e.Closest[:0]
		}
		if count == best && len(e.Closest) < maxClosest {
			e.Closest = append(e.Closest, Mismatch{k, k.explain(k.answers(q, spec), q, spec)})
		}
		return true
	}
	if q.KeyID != "" {
		s.index.eachWith(q.KeyID, consider)
		return e
	}
	if classes := s.state().lazy.classes(keys); classes != nil {
		for _, c := range classes {
			consider(keys[c.keys[0]])
		}
		return e
	}
	for _, k := range keys[:min(len(keys), maxClasses)] {
		consider(k)
	}
	return e
}

// skippedFor returns the first skipped entries with a kid, or the first of all skipped entries
// if kid is "".
func (s *Set) skippedFor(kid string) []Skipped {
	entries := s.rest().skipped
	var list []Skipped
	add := func(i int) bool {
		list = append(list, entries[i].withoutText(i))
		return len(list) < maxSkippedOfKid
	}
	if kid == "" {
		for i := range entries[:min(len(entries), maxSkippedOfKid)] {
			add(i)
		}
		return list
	}
	s.state().lazy.eachSkipped(kid, entries, add)
	return list
}
