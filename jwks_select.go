package jwk

import (
	"context"
	"iter"
	"math/bits"
)

// A Source finds keys. An authentication library should take a Source: a [*Set] is one, and
// so is any other type with these methods, such as a client that fetches a set.
//
// Both methods answer from the same keys in the same order. A key answers a query if
// [Set.Select] of a set with that key yields it.
//
// If no key answers, and the source has looked everywhere, the error must be [ErrNotFound] for
// errors.Is, and should be a [*NotFoundError]. Any other error means that the source could not
// look: a fetch failed, or ctx ended before the answer was known. A source that answers from
// memory may ignore ctx. Both methods must be safe for concurrent use.
type Source interface {
	// Find returns the first key that answers q. The key is nil only if the error is not nil.
	Find(ctx context.Context, q Query) (*Key, error)

	// FindAll returns every key that answers q, in order: the first is the key that Find
	// returns. It returns at least one key, or an error. The slice belongs to the caller.
	FindAll(ctx context.Context, q Query) ([]*Key, error)
}

// MaxCandidates is the largest number of keys that [FindJOSEVerifier] tries for one signature.
// Apply the same limit if you verify with another library; docs/cookbook.md has the code. Sources
// do not apply it.
const MaxCandidates = 16

// Select returns every key that answers q, in the order of the set. It allocates nothing. In a
// large set it groups the keys by their properties, and looks only at the keys that answer.
func (s *Set) Select(q Query) iter.Seq[*Key] {
	return func(yield func(*Key) bool) { s.find(&q, yield) }
}

// Find returns the first key that Select yields. If no key answers q, the error is a
// [*NotFoundError], which is [ErrNotFound] for errors.Is. It says why the closest keys do not
// answer, and lists skipped entries with that kid. Find ignores ctx, because a set is in
// memory.
//
// A miss costs more than a hit, because Find makes the error: it looks again at each key with
// that kid, or, without KeyID, at up to 32 keys of the set.
//
// Set at least Algorithm or Ops besides KeyID: the sender of a token chooses the kid, and the
// kid does not say what the key may be used for.
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

// FindAll returns every key that Select yields. Call it for a token without a kid, or with a
// kid that several keys have: any of these keys may have signed it. FindAll makes one
// allocation, the slice. If no key answers q, it returns the error of Find, at the same cost.
//
// The number of keys is limited only by the set, and a Parser reads 10,000 keys unless MaxKeys
// says otherwise. It costs much more to verify a signature than to find a key: for a token from
// a stranger, try at most [MaxCandidates] keys.
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

// find yields the keys that answer q, in the order of the set.
func (s *Set) find(q *Query, yield func(*Key) bool) {
	if s.isZero() {
		return
	}
	keys := s.index.keys
	if q.KeyID != "" {
		spec := specOf(q.Algorithm)
		s.index.eachWith(q.KeyID, func(k *Key) bool { return k.answers(q, spec) != fits || yield(k) })
		return
	}
	classes := s.state().lazy.classes(keys)
	if classes == nil {
		spec := specOf(q.Algorithm)
		for _, k := range keys {
			if k.answers(q, spec) == fits && !yield(k) {
				return
			}
		}
		return
	}
	spec := specIn(classes, q.Algorithm)
	var answering uint32 // bit i is set if classes[i] answers
	for i := range classes {
		if classes[i].answers(q, spec) == fits {
			answering |= 1 << i
		}
	}
	if bits.OnesCount32(answering) != 1 {
		s.index.mergeClasses(classes, answering, yield)
		return
	}
	// Usually one class answers, and there is nothing to merge.
	for _, place := range classes[bits.TrailingZeros32(answering)].keys {
		if !yield(keys[place]) {
			return
		}
	}
}
