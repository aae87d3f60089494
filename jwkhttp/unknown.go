package jwkhttp

import (
	"hash/maphash"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// A bucket limits the refreshes that unknown keys cause. It holds burst tokens at first and gets
// one more each interval, but never holds more than burst. Set interval and burst, both positive;
// the zero values of the other fields are a full bucket.
//
// A bucket is not safe for concurrent use.
type bucket struct {
	interval time.Duration
	burst    int

	missing int       // tokens that were drawn and are not yet replaced
	since   time.Time // if missing > 0: the next token comes one interval after this time
}

// take draws a token and reports whether there was one.
func (b *bucket) take(now time.Time) bool {
	b.refill(now)
	if b.missing >= b.burst {
		return false
	}
	if b.missing == 0 {
		b.since = now // a full bucket makes no token, so the next one takes a whole interval
	}
	b.missing++
	return true
}

// refill adds the tokens that were made until now. If the clock has jumped back, the wait for the
// next token starts again. Otherwise it would last until the clock reaches the old time.
func (b *bucket) refill(now time.Time) {
	if b.missing == 0 {
		return
	}
	if now.Before(b.since) {
		b.since = now
		return
	}
	made := now.Sub(b.since) / b.interval
	if made >= time.Duration(b.missing) {
		b.missing = 0
		return
	}
	b.missing -= int(made)
	b.since = b.since.Add(made * b.interval)
}

// maxNegatives is the largest number of queries that negatives remembers. Together they occupy at
// most 64 KiB.
const maxNegatives = 1024

// negatives remembers which queries no key answers, so that a token that comes again does not
// cause another refresh. It forgets a query after interval, or earlier if there are more than
// maxNegatives. Set interval, which must be positive; the zero values of the other fields mean
// that no query is remembered.
//
// It holds hashes. Their seed is random, so a stranger cannot choose a kid with the same hash as
// another kid in order to hide a new key.
//
// negatives is not safe for concurrent use.
type negatives struct {
	interval time.Duration

	seed  maphash.Seed             // made by the first add
	start time.Time                // added counts from here
	added map[uint64]time.Duration // hash of a query: when it was added
	order []negative               // the entries of added, the oldest first
}

// A negative is a query that no key answers.
type negative struct {
	hash  uint64
	added time.Duration
}

// has reports whether q was added less than an interval ago. It allocates nothing.
func (n *negatives) has(q *jwk.Query, now time.Time) bool {
	if len(n.added) == 0 {
		return false // the seed may not exist yet
	}
	added, found := n.added[n.hash(q)]
	return found && n.valid(added, now)
}

// add remembers q for one interval. If q is remembered already, its time does not change: a
// token that comes again and again must not put off the next refresh forever.
func (n *negatives) add(q *jwk.Query, now time.Time) {
	n.forget(now)
	if len(n.order) == 0 {
		n.prepare(now)
	}
	hash := n.hash(q)
	if added, found := n.added[hash]; found && n.valid(added, now) {
		return
	}
	if len(n.order) == maxNegatives {
		n.forgetOldest()
	}
	entry := negative{hash, now.Sub(n.start)}
	n.added[hash] = entry.added
	n.order = append(n.order, entry)
}

// clear forgets all queries and releases the memory.
func (n *negatives) clear() { n.added, n.order = nil, nil }

// prepare makes an empty negatives ready for its first entry.
func (n *negatives) prepare(now time.Time) {
	if n.seed == (maphash.Seed{}) {
		n.seed = maphash.MakeSeed()
	}
	if n.added == nil {
		n.added = make(map[uint64]time.Duration)
	}
	n.start = now
}

// hash returns the hash of the kid. The rest of the query does not matter, because a known kid
// never causes a refresh. A query without a kid is hashed as a whole.
func (n *negatives) hash(q *jwk.Query) uint64 {
	if q.KeyID != "" {
		return maphash.String(n.seed, q.KeyID)
	}
	return maphash.Comparable(n.seed, *q)
}

// valid reports whether an entry is less than an interval old. An entry from the future is not
// valid: the clock has jumped back, and the entry would hold until the clock reaches its time.
func (n *negatives) valid(added time.Duration, now time.Time) bool {
	passed := now.Sub(n.start) - added
	return passed >= 0 && passed < n.interval
}

// forget removes entries from the oldest on, until one is valid. The entries after it are valid
// too, unless the clock has jumped back; has and add check each entry for this reason.
func (n *negatives) forget(now time.Time) {
	for len(n.order) > 0 && !n.valid(n.order[0].added, now) { // at most maxNegatives
		n.forgetOldest()
	}
}

// forgetOldest removes the oldest entry. If its query was added again after the clock jumped back,
// the newer entry stays.
func (n *negatives) forgetOldest() {
	oldest := n.order[0]
	n.order = n.order[1:]
	if n.added[oldest.hash] == oldest.added {
		delete(n.added, oldest.hash)
	}
}
