package jwkhttp

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// If the bucket gave more tokens, tokens with invented kids would flood the provider. If it
// gave fewer, a new key would be found late.
func TestBucketDraws(t *testing.T) {
	const ms, s, h = time.Millisecond, time.Second, time.Hour
	type draw struct {
		at   time.Duration
		want bool
	}
	for _, test := range []struct {
		name  string
		draws []draw
	}{
		{"burst, then one each interval", []draw{
			{0, true}, {60 * ms, true}, {61 * ms, false}, {30*s - 1, false}, {30 * s, true},
			{30 * s, false}, {60*s - 1, false}, {60 * s, true}, {60 * s, false}}},
		{"the interval runs from the first draw", []draw{
			{0, true}, {20 * s, true}, {29 * s, false}, {30 * s, true}, {59 * s, false}, {60 * s, true}}},
		{"a full bucket makes nothing", []draw{
			{0, true}, {45 * s, true}, {46 * s, true}, {47 * s, false}, {75*s - 1, false}, {75 * s, true}}},
		{"never more than the burst", []draw{
			{0, true}, {0, true}, {100 * h, true}, {100 * h, true}, {100 * h, false}}},
		{"a refused draw costs nothing", []draw{
			{0, true}, {0, true}, {10 * s, false}, {20 * s, false}, {30 * s, true}}},
		{"a jump back makes no token", []draw{
			{0, true}, {0, true}, {-h, false}, {-h + 30*s - 1, false}}},
		{"a jump back delays the next token by an interval at most", []draw{
			{0, true}, {0, true}, {-h, false}, {-h + 30*s, true}, {-h + 30*s, false}, {-h + 60*s, true}}},
		{"a jump back takes no token", []draw{
			{0, true}, {-h, true}, {-h, false}}},
		{"a jump back from a full bucket", []draw{
			{0, true}, {h, true}, {-h, true}, {-h, false}}},
		{"a jump by more than a Duration can hold", []draw{
			{0, true}, {0, true}, {-1 << 62, false}, {1 << 62, true}, {1 << 62, true}, {1 << 62, false}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := bucket{interval: 30 * s, burst: 2}
			for i, draw := range test.draws {
				if got := b.take(noon.Add(draw.at)); got != draw.want {
					t.Errorf("draw %d at %v = %v, want %v", i+1, draw.at, got, draw.want)
				}
			}
		})
	}
}

// If a stranger who sends a token each millisecond got more refreshes than one who sends a
// token now and then, the limit would not protect the provider.
func TestBucketIsExactOverTime(t *testing.T) {
	for _, step := range []time.Duration{time.Millisecond, 7 * time.Second} {
		b := bucket{interval: 30 * time.Second, burst: 2}
		drawn := 0
		for at := time.Duration(0); at < time.Hour; at += step {
			if b.take(noon.Add(at)) {
				drawn++
			}
		}
		if want := 2 + 119; drawn != want { // 2 at once, then one at each full 30 s below an hour
			t.Errorf("draws each %v: got %d tokens in an hour, want %d", step, drawn, want)
		}
	}
}

// queryFor returns the query for a kid.
func queryFor(kid string) *jwk.Query { return &jwk.Query{KeyID: kid} }

// If an entry held for too long, a key that is published later would not be found. If it held
// too short, or if another query were taken for it, tokens would be refused or cause fetches.
func TestNegatives(t *testing.T) {
	const interval = 30 * time.Second
	n := negatives{interval: interval}
	check := func(what string, q *jwk.Query, at time.Duration, want bool) {
		t.Helper()
		if got := n.has(q, noon.Add(at)); got != want {
			t.Errorf("%s: has at %v = %v, want %v", what, at, got, want)
		}
	}

	check("zero value", queryFor("a"), 0, false)
	n.clear()
	check("zero value after clear", queryFor("a"), 0, false)

	n.add(queryFor("a"), noon)
	check("same kid", queryFor("a"), 0, true)
	check("other kid", queryFor("b"), 0, false)
	check("same kid, other members", &jwk.Query{KeyID: "a", Algorithm: jwk.ES256, Use: jwk.UseSig}, 0, true)
	check("no kid", &jwk.Query{}, 0, false)
	check("end of the interval", queryFor("a"), interval-1, true)
	check("after the interval", queryFor("a"), interval, false)

	n.add(queryFor("a"), noon.Add(20*time.Second))
	check("added again, end of the first interval", queryFor("a"), interval-1, true)
	check("added again, after the first interval", queryFor("a"), interval, false)

	n.add(queryFor("a"), noon.Add(interval))
	check("added after the end", queryFor("a"), 2*interval-1, true)
	check("added after the end, after the interval", queryFor("a"), 2*interval, false)

	n.clear()
	check("cleared", queryFor("a"), interval, false)
	n.add(queryFor("a"), noon.Add(interval))
	check("added after clear", queryFor("a"), interval, true)
}

// Queries without a kid that ask for different keys must not hide each other.
func TestNegativesWithoutKid(t *testing.T) {
	queries := []*jwk.Query{
		{}, {Use: jwk.UseSig}, {Ops: jwk.OpVerify}, {Algorithm: jwk.ES256}, {Type: jwk.EC}, {Curve: jwk.CurveP256}, {Private: true},
		{Use: "ES256"}, {Use: jwk.UseSig, Algorithm: jwk.ES256},
	}
	for i, added := range queries {
		n := negatives{interval: time.Minute}
		n.add(added, noon)
		for j, asked := range queries {
			other := *asked // a query is found by its value
			if got, want := n.has(&other, noon), i == j; got != want {
				t.Errorf("added %v: has %v = %v, want %v", added, asked, got, want)
			}
		}
	}
}

// A stranger who invents kids must not fill the memory. If an old entry stayed instead of a new
// one, the new token would cause a refresh each time that it comes.
func TestNegativesAreBounded(t *testing.T) {
	t.Run("F18 10^6 distinct unknown kids", func(t *testing.T) {
		const kids = 1_000_000
		n := negatives{interval: time.Hour}
		for i := range kids {
			n.add(queryFor(strconv.Itoa(i)), noon.Add(time.Duration(i)))
			if len(n.added) > 1_024 || len(n.order) > 1_024 {
				t.Fatalf("%d and %d entries after %d kids, want at most 1,024", len(n.added), len(n.order), i+1)
			}
		}
		for i := kids - 2*1_024; i < kids; i++ {
			if got, want := n.has(queryFor(strconv.Itoa(i)), noon.Add(kids)), i >= kids-1_024; got != want {
				t.Fatalf("has kid %d = %v, want %v", i, got, want)
			}
		}
	})
	t.Run("F18 expired entries make room first", func(t *testing.T) {
		n := negatives{interval: time.Minute}
		for i := range maxNegatives {
			n.add(queryFor(strconv.Itoa(i)), noon.Add(time.Duration(i)*time.Millisecond))
		}
		n.add(queryFor("last"), noon.Add(time.Minute)) // the first has expired, and no other
		if got, want := len(n.added), maxNegatives; got != want {
			t.Errorf("%d entries, want %d", got, want)
		}
		if !n.has(queryFor("1"), noon.Add(time.Minute)) {
			t.Error("a valid entry was forgotten although an expired one made room")
		}
		n.add(queryFor("later"), noon.Add(time.Hour))
		if len(n.added) != 1 || len(n.order) != 1 {
			t.Errorf("%d and %d entries, want 1: all others have expired", len(n.added), len(n.order))
		}
	})
	t.Run("F18 octets", func(t *testing.T) {
		const count, limit = 50, 64 << 10
		all := make([]negatives, count)
		before := heapOctets()
		for i := range all {
			all[i].interval = time.Hour
			for j := range 10 * maxNegatives {
				all[i].add(queryFor(strconv.Itoa(j)), noon.Add(time.Duration(j)))
			}
		}
		if each := (heapOctets() - before) / count; each > limit {
			t.Errorf("%d octets each, want at most %d", each, limit)
		} else {
			t.Logf("%d octets each", each)
		}
		runtime.KeepAlive(all)
	})
}

// heapOctets returns the octets in use on the heap.
func heapOctets() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// If the clock of the machine is set back, an unknown kid must not stay unknown until the clock
// reaches the old time again.
func TestNegativesWhenTheClockJumps(t *testing.T) {
	const interval = 30 * time.Second
	n := negatives{interval: interval}
	n.add(queryFor("a"), noon)
	n.add(queryFor("b"), noon.Add(time.Second))

	back := noon.Add(-time.Hour)
	if n.has(queryFor("a"), back) || n.has(queryFor("b"), back) {
		t.Error("an entry from the future holds")
	}
	n.add(queryFor("a"), back)
	if !n.has(queryFor("a"), back.Add(interval-1)) || n.has(queryFor("a"), back.Add(interval)) {
		t.Error("an entry added after the jump does not hold for one interval")
	}

	// Here an entry with a later time stands before one with an earlier time.
	n.clear()
	n.add(queryFor("x"), noon.Add(-10*time.Second))
	n.add(queryFor("a"), noon)
	n.add(queryFor("b"), noon.Add(-5*time.Second))
	n.add(queryFor("c"), noon.Add(-5*time.Second))
	at := noon.Add(interval - 5*time.Second) // b and c have expired, and a has not
	if !n.has(queryFor("a"), at) || n.has(queryFor("b"), at) {
		t.Error("got a forgotten or b remembered, want a remembered and b forgotten")
	}
	n.add(queryFor("b"), at)
	if !n.has(queryFor("b"), at) {
		t.Error("an entry cannot be added again after it has expired")
	}
	n.add(queryFor("c"), noon.Add(interval)) // removes a and the first entries of b and c
	if !n.has(queryFor("b"), noon.Add(interval)) {
		t.Error("the old entry of b took the new one with it")
	}
	if got, want := len(n.order), 2; got != want || len(n.added) != want {
		t.Errorf("%d and %d entries, want %d", got, len(n.added), want)
	}

	n.add(queryFor("a"), noon.Add(-1<<62))
	n.add(queryFor("a"), noon.Add(1<<62))
	if got, want := len(n.order), 1; got != want || len(n.added) != want {
		t.Errorf("%d and %d entries after a jump over centuries, want %d", got, len(n.added), want)
	}
}

// If all clients had one seed, a stranger could find kids that collide in a client of their
// own, and hide a new key from the others.
func TestNegativesHaveTheirOwnSeeds(t *testing.T) {
	a, b := negatives{interval: time.Minute}, negatives{interval: time.Minute}
	a.add(queryFor("a"), noon)
	b.add(queryFor("a"), noon)
	if a.hash(queryFor("a")) == b.hash(queryFor("a")) {
		t.Error("two clients hash a kid to the same value")
	}
	before := a.hash(queryFor("a"))
	a.clear()
	a.add(queryFor("b"), noon)
	if got := a.hash(queryFor("a")); got != before {
		t.Errorf("hash = %x after clear, want %x as before", got, before)
	}
}

// has runs for each token with an unknown kid: a flood of them must not feed the garbage
// collector.
func TestUnknownAllocatesNothing(t *testing.T) {
	n := negatives{interval: time.Hour}
	kid, noKid := queryFor("a"), &jwk.Query{Use: jwk.UseSig, Algorithm: jwk.ES256}
	n.add(kid, noon)
	n.add(noKid, noon)
	b := bucket{interval: time.Minute, burst: 2}
	for name, f := range map[string]func(){
		"has, kid":         func() { n.has(kid, noon) },
		"has, no kid":      func() { n.has(noKid, noon) },
		"has, not found":   func() { n.has(&jwk.Query{KeyID: "b"}, noon) },
		"add, known query": func() { n.add(kid, noon) },
		"take":             func() { b.take(noon) },
	} {
		if got := testing.AllocsPerRun(100, f); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}

func BenchmarkNegativesHas(b *testing.B) {
	n := negatives{interval: time.Hour}
	for i := range maxNegatives {
		n.add(queryFor(strconv.Itoa(i)), noon)
	}
	for name, q := range map[string]*jwk.Query{
		"Found": queryFor("1000"), "NotFound": queryFor("a"), "NotFoundWithoutKid": {Algorithm: jwk.ES256},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n.has(q, noon)
			}
		})
	}
}

// Each kid is new and the memory is full: the flood of F18.
func BenchmarkNegativesAddDistinctWhenFull(b *testing.B) {
	n := negatives{interval: time.Hour}
	kid := make([]byte, 0, 20)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		kid = strconv.AppendInt(kid[:0], int64(i), 10)
		n.add(queryFor(string(kid)), noon.Add(time.Duration(i)))
	}
	if len(n.added) > maxNegatives {
		b.Errorf("%d entries, want at most %d", len(n.added), maxNegatives)
	}
}
