package jwk

import (
	"context"
	"iter"
	"log/slog"
	"strings"
)

// A Query says what a key is wanted for. A zero field asks nothing.
//
// Members that a key leaves out do not rule it out: use, key_ops and alg are
// optional (RFC 7517, Section 4). One that it states and that contradicts the
// query does.
type Query struct {
	KeyID string // only keys whose kid is exactly this

	// Use is what the key is for, which its alg and key_ops tell as well. A use that is
	// not registered, such as "jwt-svid" of SPIFFE, finds the keys that state it, and
	// those that state no use. It permits no operation, so leave Ops out. Add the
	// Algorithm of the token.
	Use Use

	// Ops are operations of which the key permits every one, see
	// [Key.Permits]. A public key never permits OpSign, OpDecrypt or
	// OpUnwrapKey.
	Ops Ops

	// Algorithm is one that the key supports, see [Key.Supports]: by its type,
	// curve and size, and by its own alg, use and key_ops. No key answers a
	// query whose Use or Ops are not what the algorithm is for, except that Use may
	// be an unregistered one that the key states: then Algorithm rules on its type,
	// curve, size, alg and key_ops.
	Algorithm Algorithm

	Type    KeyType
	Curve   Curve
	Private bool // only keys that hold private material; if it may be held elsewhere, ask for Ops

	_ struct{} // keyed literals only
}

// String tells in one line what the query asks, such as "kid a, alg RS256". Texts that
// a peer chose are quoted and cut.
func (q Query) String() string { return q.describe() }

// LogValue is String, for package slog.
func (q Query) LogValue() slog.Value { return slog.StringValue(q.describe()) }

// A Source finds keys. An authentication library should take one: a [*Set] is a Source,
// and so can be anything else that has keys, such as a client that fetches a set.
//
// Both methods answer from the same keys in the same order. A key answers a query if
// [Set.Select] of a set that holds it yields it. If no key answers, the error is
// [ErrNotFound] for errors.Is, best a [*NotFoundError], and the source has looked
// everywhere. Any other error says that the source could not look: that a fetch failed, or
// that ctx ended before the answer was known. A source that answers from memory need not look
// at ctx. Both methods are called by many goroutines at the same time.
type Source interface {
	// Find returns the first key that answers q. The key is nil only if there is an error.
	Find(ctx context.Context, q Query) (*Key, error)

	// FindAll returns every key that answers q, first the one that Find returns. There is
	// at least one unless there is an error. The slice is the caller's.
	FindAll(ctx context.Context, q Query) ([]*Key, error)
}

// MaxCandidates is the number of keys that one signature is tried with, at most, by
// [FindJOSEVerifier] and by what the README shows for other libraries. Sources do not
// apply it.
const MaxCandidates = 16

// Select returns every key that could answer q, in the order of the set. It
// allocates nothing. Of a set with many keys it looks at those that answer and
// few others.
func (s *Set) Select(q Query) iter.Seq[*Key] {
	return func(yield func(*Key) bool) { s.find(&q, yield) }
}

// Find returns the first key that Select yields. If there is none, the error
// is a [*NotFoundError], which is [ErrNotFound] and tells what was in the way, skipped
// entries of that kid too. A set is in memory, so that ctx does not matter.
//
// A miss costs more than a hit, because it makes the error: it looks again at each key with
// that kid, or, without KeyID, at up to 32 keys of the set.
//
// State at least the Algorithm, or the Ops, besides the KeyID: a kid is chosen
// by whoever sends it, and says nothing of what its key is good for.
func (s *Set) Find(ctx context.Context, q Query) (*Key, error) {
	var found *Key
	s.find(&q, func(k *Key) bool {
		found = k
		return false
	})
	if found == nil {
		return nil, s.notFound(&q)
	}
	return found, nil
}

// FindAll returns every key that Select yields: a token without kid, or with a kid that
// several keys have, can be of each of them. It makes one allocation, the slice, and
// returns the error of Find if there is no key, at the same cost.
//
// There are as many keys as the set has that answer, and a Parser reads 10,000 unless MaxKeys
// says otherwise. To verify a signature costs much more than to find a key: try no more than
// [MaxCandidates] of them for what comes from a stranger.
func (s *Set) FindAll(ctx context.Context, q Query) ([]*Key, error) {
	n := 0
	s.find(&q, func(*Key) bool {
		n++
		return true
	})
	if n == 0 {
		return nil, s.notFound(&q)
	}
	keys := make([]*Key, 0, n)
	s.find(&q, func(k *Key) bool {
		keys = append(keys, k)
		return true
	})
	return keys, nil
}

// answers tells whether keys with these traits answer q, their kid apart.
// spec is the row of q.Algorithm.
func (t *traits) answers(q *Query, spec *algSpec) verdict {
	switch {
	case q.Type != "" && q.Type != t.kind.kty:
		return typeDiffers
	case q.Curve != "" && q.Curve != t.kind.crv:
		return curveDiffers
	case q.Private && !t.private:
		return notPrivate
	case spec != nil && (q.Ops&^spec.use.ops() != 0 || q.Use != "" && q.Use != spec.use && !t.agrees(q)):
		return contradictory
	}
	v := fits
	if q.Use != "" {
		v = t.serves(q.Use)
	}
	if q.Ops != 0 && v == fits {
		v = t.permits(q.Ops)
	}
	if q.Algorithm != "" && v == fits {
		if t.agrees(q) {
			agreed := *t
			agreed.use = ""
			t = &agreed
		}
		v = t.supports(q.Algorithm, spec)
	}
	return v
}

// agrees reports whether the query names the unregistered use that the key states. Then
// an algorithm that is asked for need not be one for that use.
func (t *traits) agrees(q *Query) bool {
	return t.use != "" && t.use == q.Use && q.Use.ops() == 0
}

// find yields the keys that answer q.
func (s *Set) find(q *Query, yield func(*Key) bool) {
	if s.isZero() {
		return
	}
	spec := specOf(q.Algorithm)
	if q.KeyID != "" {
		s.eachWith(q.KeyID, func(k *Key) bool { return k.answers(q, spec) != fits || yield(k) })
		return
	}
	classes := s.state().classes(s.keys)
	if classes == nil {
		for _, k := range s.keys {
			if k.answers(q, spec) == fits && !yield(k) {
				return
			}
		}
		return
	}
	// The keys of the classes that answer, merged in the order of the set.
	var lists [maxClasses][]int32
	n := 0
	for i := range classes {
		if classes[i].answers(q, spec) == fits {
			lists[n] = classes[i].keys
			n++
		}
	}
	for n > 0 {
		least := 0
		for i := 1; i < n; i++ {
			if lists[i][0] < lists[least][0] {
				least = i
			}
		}
		if !yield(s.keys[lists[least][0]]) {
			return
		}
		if lists[least] = lists[least][1:]; len(lists[least]) == 0 {
			n--
			lists[least] = lists[n]
		}
	}
}

// A NotFoundError says that no key of a set answers a query. It is
// [ErrNotFound] for errors.Is.
type NotFoundError struct {
	Query Query

	// Closest are keys that answer the most of the query: those with its
	// kid if it has one. There are at most four.
	Closest []Mismatch

	// Skipped are entries of the set that could not be used and could have been meant: those
	// with the kid of the query, or any if it names no kid. There are at most four, the first
	// ones, without their JSON or PEM: [Set.Skipped] returns that.
	Skipped []Skipped
}

// A Mismatch is a key and what ruled it out.
type Mismatch struct {
	Key    *Key
	Reason string // such as "use is enc"
}

const (
	maxClosest = 4
	maxMeant   = 4 // skipped entries
)

// Is reports whether target is [ErrNotFound].
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// Error names the query, what ruled out the keys that came closest, and the entries that
// were skipped.
func (e *NotFoundError) Error() string {
	var b strings.Builder
	b.WriteString("jwk: no key for " + e.Query.describe())
	between := ": "
	add := func(part string) {
		b.WriteString(between + part)
		between = "; "
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

// MarshalText returns what Error returns, so that encoding/json writes the reason.
// encoding/json would otherwise fail on private keys in Closest.
func (e *NotFoundError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// skippedFor returns the first entries with a kid that were skipped; if that is "", the
// first of all.
func (s *Set) skippedFor(kid string) []Skipped {
	var list []Skipped
	all := s.rest().skipped
	add := func(i int) bool {
		// Without the text: an error is passed on, and the text may be long or secret.
		list = append(list, all[i].described(i))
		return len(list) < maxMeant
	}
	if kid == "" {
		for i := range all[:min(len(all), maxMeant)] {
			add(i)
		}
		return list
	}
	s.state().eachSkipped(kid, all, add)
	return list
}

// describe tells what a query asks.
func (q *Query) describe() string {
	var parts []string
	for _, p := range [...]struct{ name, value string }{
		{"kid", q.KeyID}, {"use", string(q.Use)}, {"key_ops", q.Ops.String()},
		{"alg", string(q.Algorithm)}, {"kty", string(q.Type)}, {"crv", string(q.Curve)},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+printable(p.value))
		}
	}
	if q.Private {
		parts = append(parts, "private")
	}
	if parts == nil {
		return "any use"
	}
	return strings.Join(parts, ", ")
}

// notFound explains why nothing answers q.
func (s *Set) notFound(q *Query) error {
	e := &NotFoundError{Query: *q}
	if s.isZero() {
		return e
	}
	e.Skipped = s.skippedFor(q.KeyID)
	spec := specOf(q.Algorithm)
	best := -1
	consider := func(k *Key) {
		met := k.closeness(q, spec)
		if met > best {
			best, e.Closest = met, e.Closest[:0]
		}
		if met == best && len(e.Closest) < maxClosest {
			e.Closest = append(e.Closest, Mismatch{k, k.explain(k.answers(q, spec), q, spec)})
		}
	}
	if q.KeyID != "" {
		s.eachWith(q.KeyID, func(k *Key) bool {
			consider(k)
			return true
		})
		return e
	}
	if classes := s.state().classes(s.keys); classes != nil {
		for _, c := range classes {
			consider(s.keys[c.keys[0]])
		}
		return e
	}
	for _, k := range s.keys[:min(len(s.keys), maxClasses)] {
		consider(k)
	}
	return e
}

// closeness counts the fields of a query that a key answers.
func (t *traits) closeness(q *Query, spec *algSpec) int {
	met := 0
	for _, single := range [...]Query{
		{Type: q.Type}, {Curve: q.Curve}, {Private: q.Private}, {Use: q.Use}, {Ops: q.Ops}, {Algorithm: q.Algorithm},
	} {
		if t.answers(&single, spec) == fits {
			met++
		}
	}
	return met
}

// explain puts a verdict into words.
func (t *traits) explain(v verdict, q *Query, spec *algSpec) string {
	switch v {
	case typeDiffers:
		return "kty is " + string(t.kind.kty)
	case curveDiffers:
		if t.kind.crv == "" {
			return "kty is " + string(t.kind.kty)
		}
		return "crv is " + string(t.kind.crv)
	case notPrivate:
		if t.held != 0 {
			return "its private half is held elsewhere, for " + t.held.String()
		}
		return "it is public"
	case useDiffers:
		return "use is " + plainWord(t.use)
	case opsDiffer:
		if t.ops == 0 {
			return "key_ops names no operation that is known"
		}
		return "key_ops is [" + t.ops.String() + "]"
	case algDiffers:
		if t.alg == "" {
			return "nothing is known of alg " + printable(string(q.Algorithm)) + inCase(q.Algorithm)
		}
		return "alg is " + plainWord(t.alg)
	case sizeDiffers:
		return t.sizeNeeded(spec)
	case contradictory:
		return "that is not what " + string(q.Algorithm) + " is for"
	default:
		return t.kind.name() + " keys are not for that"
	}
}
