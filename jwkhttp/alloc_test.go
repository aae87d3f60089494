//go:build !race

package jwkhttp_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// These tests do not run with the race detector, because it allocates too.

// TestAllocsOfReads: a service reads once for each request, and strangers choose the kids. If this
// fails, reads put more load on the garbage collector than Set.Find does, and tokens with invented
// kids may be an attack on its memory.
func TestAllocsOfReads(t *testing.T) {
	for _, n := range []int{3, 100} { // without and with an index
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c, set := fetched(t, n)
			ctx := context.Background()
			known := verifying(fmt.Sprintf("key-%d", n-1))
			checkAllocs(t, "Find, hit", 0, func() { c.Find(ctx, known) })
			checkAllocs(t, "FindAll, hit", 1, func() { c.FindAll(ctx, known) }) // the slice
			checkAllocs(t, "Set", 0, func() { c.Set(ctx) })

			for _, q := range []jwk.Query{
				verifying("key-y"),                         // an unknown kid, and no token for a refresh
				{Algorithm: jwk.RS256, Ops: jwk.OpVerify},  // the same without a kid
				{KeyID: known.KeyID, Algorithm: jwk.RS256}, // a kid that is known, for another algorithm
			} {
				// Set.Find makes the *jwk.NotFoundError. The client adds nothing to it.
				most := testing.AllocsPerRun(100, func() { set.Find(ctx, q) })
				checkAllocs(t, "Find, "+q.String(), most, func() { c.Find(ctx, q) })
				checkAllocs(t, "FindAll, "+q.String(), most, func() { c.FindAll(ctx, q) })
			}
		})
	}
}

// TestAllocsOfReadsDuringThePause: in an outage of the provider, each request to a service without a set ends
// in such a read. If this fails, the outage also costs the service memory, or a timer for each request.
func TestAllocsOfReadsDuringThePause(t *testing.T) {
	p := newProvider(t)
	p.fail(500)
	c := p.client(t, nil)
	ctx := context.Background()
	if err := c.Refresh(ctx); err == nil {
		t.Fatal("the first fetch did not fail")
	}
	for _, q := range []jwk.Query{verifying("a"), {Algorithm: jwk.RS256}} {
		checkAllocs(t, "Find, "+q.String(), 0, func() { c.Find(ctx, q) })
		checkAllocs(t, "FindAll, "+q.String(), 0, func() { c.FindAll(ctx, q) })
	}
	checkAllocs(t, "Set", 0, func() { c.Set(ctx) })
	if got := p.count(); got != 1 {
		t.Errorf("got %d requests, want 1: the reads were not during the pause", got)
	}
}

// checkAllocs checks that f makes at most a number of allocations. The first call of f is not
// counted.
func checkAllocs(t *testing.T, what string, most float64, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(100, f); got > most {
		t.Errorf("%s: got %v allocations, want at most %v", what, got, most)
	}
}
