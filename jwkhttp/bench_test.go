package jwkhttp_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// fetched returns a client that has fetched a set of n keys, and the set. The kids are key-0, key-1
// and so on. No more unknown kids may cause a refresh: the bucket is empty.
func fetched(tb testing.TB, n int) (*jwkhttp.Client, *jwk.Set) {
	tb.Helper()
	keys := make([]*jwk.Key, n)
	for i := range keys {
		keys[i] = key(tb, "P-256", fmt.Sprintf("key-%d", i))
	}
	c := newProvider(tb, keys...).client(tb, &jwkhttp.ClientOptions{
		DefaultTTL: 24 * time.Hour, UnknownKeyBurst: 1, UnknownKeyInterval: 24 * time.Hour,
	})
	set, err := c.Set(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	if set.Len() != n {
		tb.Fatalf("got %d keys, want %d", set.Len(), n)
	}
	find(c, "key-x") // draws the only token
	find(c, "key-y")
	if st := c.Status(); st.Fetches != 2 || st.RateLimited != 1 {
		tb.Fatalf("got %d fetches and %d rate-limited reads, want 2 and 1", st.Fetches, st.RateLimited)
	}
	return c, set
}

// verifying returns the query of a service that verifies a token with a kid.
func verifying(kid string) jwk.Query {
	return jwk.Query{KeyID: kid, Algorithm: jwk.ES256, Ops: jwk.OpVerify}
}

// A reading is a query for the sets of fetched.
type reading struct {
	name  string
	query jwk.Query
	found bool
}

// readings returns a query for the last of n keys, for a kid that no key has, and for an algorithm
// that no key supports.
func readings(n int) []reading {
	return []reading{
		{"hit", verifying(fmt.Sprintf("key-%d", n-1)), true},
		{"unknown", verifying("key-y"), false},
		{"kidless", jwk.Query{Algorithm: jwk.RS256, Ops: jwk.OpVerify}, false},
	}
}

// find makes n reads. It panics if the result is wrong.
func (r *reading) find(s jwk.Source, n int) {
	ctx := context.Background()
	for range n {
		if _, err := s.Find(ctx, r.query); (err == nil) != r.found {
			panic(fmt.Sprintf("%s: got %v, want found %t", r.name, err, r.found))
		}
	}
}

// BenchmarkFind times Find of a client, and Find of the same set ("set-alone"). The client may not refresh
// the set, as in a flood of tokens with invented kids.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{3, 100} {
		c, set := fetched(b, n)
		for _, r := range readings(n) {
			for _, by := range []struct {
				name   string
				source jwk.Source
			}{{"set-alone", set}, {"client", c}} {
				name := fmt.Sprintf("%s/%d/%s", r.name, n, by.name)
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						r.find(by.source, 1)
					}
				})
				b.Run(name+"/parallel", func(b *testing.B) {
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							r.find(by.source, 1)
						}
					})
				})
			}
		}
	}
}

// BenchmarkFindRatio reports the time of Find of a client divided by the time of Find of the same set.
// It times both in turn, for a moment each, and divides the best timings, because a busy machine
// disturbs most of them. "parallel" reads from all CPUs.
func BenchmarkFindRatio(b *testing.B) {
	for _, n := range []int{3, 100} {
		c, set := fetched(b, n)
		for _, r := range readings(n) {
			for _, cpus := range []int{1, runtime.GOMAXPROCS(0)} {
				name, reads := fmt.Sprintf("%s/%d", r.name, n), 2_000
				if cpus > 1 {
					name, reads = name+"/parallel", 20_000 // so that all goroutines run at once
				}
				b.Run(name, func(b *testing.B) {
					best := [2]time.Duration{1<<63 - 1, 1<<63 - 1}
					for b.Loop() {
						for i, s := range [2]jwk.Source{set, c} {
							best[i] = min(best[i], timed(cpus, func() { r.find(s, reads) }))
						}
					}
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(best[0])/float64(reads), "set-ns")
					b.ReportMetric(float64(best[1])/float64(reads), "client-ns")
					b.ReportMetric(float64(best[1])/float64(best[0]), "ratio")
				})
			}
		}
	}
}

// timed returns how long f takes if it runs in a number of goroutines at once.
func timed(goroutines int, f func()) time.Duration {
	var all sync.WaitGroup
	start := time.Now()
	for range goroutines - 1 {
		all.Go(f)
	}
	f()
	all.Wait()
	return time.Since(start)
}
