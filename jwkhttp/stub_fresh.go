package jwkhttp

import (
	"net/http"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

func statedLife(h http.Header, now time.Time) (life time.Duration, stated bool) {
	return 0, false
}
func retryAfter(h http.Header, now time.Time) time.Duration { return 0 }
func pause(n int, retryAfter time.Duration) time.Duration   { return 5 * time.Second }
func refreshAfter(life time.Duration) time.Duration         { return life * 8 / 10 }
func clampLife(life, shortest, longest time.Duration) time.Duration {
	return min(max(life, shortest), longest)
}

type bucket struct {
	interval time.Duration
	burst    int
}

func (b *bucket) take(now time.Time) bool { return true }

type negatives struct{ interval time.Duration }

func (n *negatives) has(q *jwk.Query, now time.Time) bool { return false }
func (n *negatives) add(q *jwk.Query, now time.Time)      {}
func (n *negatives) clear()                               {}
