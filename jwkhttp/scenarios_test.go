package jwkhttp_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A deployment starts, and its first requests come together.
func TestScenarioColdStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.wait(3 * time.Second)
		c := p.client(t, nil)
		if waited := took(func() { together(100, func(int) { mustFind(t, c, "a") }) }); waited != 3*time.Second {
			t.Errorf("took %v, want the 3 s of one request", waited)
		}
		p.checkCount(t, 1)
	})
}

// If the provider is down, the callers that come together get one error together, and those
// that come during the pause get it at once.
func TestScenarioColdStartInAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t)
		p.fail(500)
		p.wait(3 * time.Second)
		c := p.client(t, nil)
		for _, want := range []time.Duration{3 * time.Second, 0} {
			waited := took(func() {
				together(100, func(int) {
					_, err := find(c, "a")
					checkErrors(t, err, jwkhttp.ErrFetch)
				})
			})
			if waited != want {
				t.Errorf("took %v, want %v", waited, want)
			}
		}
		p.checkCount(t, 1)
	})
}

// traffic asks for keys for a time, once each second on each of ten goroutines, with the kids
// that current returns. No request may fail or wait longer than limit.
func traffic(t *testing.T, c jwk.Source, limit time.Duration, current func() string, d time.Duration) {
	t.Helper()
	end := time.Now().Add(d)
	together(10, func(i int) {
		time.Sleep(time.Duration(i) * 100 * time.Millisecond)
		for ; time.Now().Before(end); time.Sleep(time.Second) {
			kid := current()
			waited := took(func() {
				if _, err := find(c, kid); err != nil {
					t.Errorf("%v: %s: %v", time.Now(), kid, err)
				}
			})
			if waited > limit {
				t.Errorf("%v: %s waited %v", time.Now(), kid, waited)
			}
		}
	})
}

// A busy client refreshes ahead, so no request of a whole day waits.
func TestScenarioRefreshAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.wait(500 * time.Millisecond)
		c := p.client(t, nil)
		mustFind(t, c, "a")
		traffic(t, c, 0, func() string { return "a" }, time.Hour)
		if got := p.count(); got < 8 || got > 10 {
			t.Errorf("got %d requests in an hour, want one each 7 to 8 minutes", got)
		}
	})
}

// The provider is down for hours. Requests go on with the last set, without waiting, except one
// read that finds out that the life has ended; then they use the new set.
func TestScenarioOutageAndRecovery(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		before := p.count()
		p.fail(503)
		traffic(t, c, 0, func() string { return "a" }, 2*time.Hour)
		if got := p.count() - before; got < 20 || got > 40 {
			t.Errorf("got %d requests in two hours of outage, want about one each 5 minutes", got)
		}
		p.publish(t, key(t, "P-384", "b"))
		traffic(t, c, 0, func() string {
			if k, err := find(c, "a"); err == nil {
				return k.KeyID()
			}
			return "b"
		}, 6*time.Minute)
		mustFind(t, c, "b")
		checkUnknown(t, c, "a")
	})
}

// A provider rotates under load: it publishes the next key, signs with it at once, and later
// removes the old key. No request may see a gap, and each rotation costs one request.
func TestScenarioRotationUnderLoad(t *testing.T) {
	bubble(t, func(t *testing.T) {
		names := []string{"P-256", "P-384", "P-521", "Ed25519", "Ed448"}
		p := newProvider(t, key(t, names[0], "0"))
		p.wait(200 * time.Millisecond)
		c := p.client(t, nil)
		mustFind(t, c, "0")
		var current atomic.Int32
		go func() {
			for i := range len(names) - 1 {
				time.Sleep(2 * time.Minute)
				p.publish(t, key(t, names[i], fmt.Sprint(i)), key(t, names[i+1], fmt.Sprint(i+1)))
				current.Store(int32(i + 1))
			}
		}()
		before := p.count()
		traffic(t, c, 200*time.Millisecond, func() string { return fmt.Sprint(current.Load()) }, 10*time.Minute)
		if got := p.count() - before; got > len(names) {
			t.Errorf("got %d requests for %d rotations", got, len(names)-1)
		}
	})
}

// Behind a load balancer, one server has the new set and another the old one. The client must
// not flip with each token, and must find each key for at least half of the time.
func TestScenarioProviderFlips(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var events recorder
		p := newProvider(t)
		sets := []string{
			privateText(t, key(t, "P-256", "old"), key(t, "Ed25519", "both")),
			privateText(t, key(t, "P-384", "new"), key(t, "Ed25519", "both")),
		}
		p.write(sets[0])
		flips := 0
		p.change(func() {
			p.hook = func(r *http.Request) { // each answer is the other set
				p.write(sets[flips%2])
				p.set("Etag", fmt.Sprintf(`"%d"`, flips%2))
				flips++
			}
		})
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add})
		mustFind(t, c, "both")
		start, found := p.count(), 0
		for i := range 3600 {
			if waited := took(func() { mustFind(t, c, "both") }); waited != 0 {
				t.Fatalf("a read waited %v", waited)
			}
			if _, err := find(c, []string{"old", "new"}[i%2]); err == nil {
				found++
			}
			time.Sleep(time.Second)
		}
		if got := p.count() - start; got > 130 {
			t.Errorf("got %d requests in an hour, want at most one each 30 seconds, and the refreshes ahead", got)
		}
		if found < 1800 {
			t.Errorf("got %d of 3600 keys, want half at least", found)
		}
		changed := 0
		for _, e := range events.take() {
			if e.Kind == jwkhttp.FetchSucceeded && len(e.Diff.Added) == 1 && len(e.Diff.Removed) == 1 {
				changed++
			}
		}
		if changed < 20 {
			t.Errorf("got %d events with the change, want one for each flip", changed)
		}
	})
}

// The clocks of servers are wrong. Expires counts from the server's own Date, so a wrong clock
// does not make a set valid for a year, or fetched all the time.
func TestScenarioWrongClocks(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for name, off := range map[string]time.Duration{"a year behind": -year, "a year ahead": year, "right": 0} {
		run(t, name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.change(func() {
				p.hook = func(*http.Request) {
					now := time.Now().UTC().Add(off)
					p.set("Date", now.Format(http.TimeFormat))
					p.set("Expires", now.Add(30*time.Minute).Format(http.TimeFormat))
					p.set("Last-Modified", now.Add(-time.Hour).Format(http.TimeFormat))
				}
			})
			c := p.client(t, nil)
			mustFind(t, c, "a")
			if got := life(c); got != 30*time.Minute {
				t.Errorf("got a life of %v, want 30m", got)
			}
			traffic(t, c, 0, func() string { return "a" }, 2*time.Hour)
			if got := p.count(); got < 5 || got > 7 {
				t.Errorf("got %d requests in two hours, want one each 22 to 24 minutes", got)
			}
			p.fail(503)
			p.change(func() {
				p.hook = func(*http.Request) {
					now := time.Now().UTC().Add(off)
					p.set("Date", now.Format(http.TimeFormat))
					p.set("Retry-After", now.Add(time.Minute).Format(http.TimeFormat))
				}
			})
			sleep(30 * time.Minute) // a fresh set would be refreshed at its time, which is after the pause
			checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
			if got := time.Until(c.Status().NextRefresh); got < time.Minute || got > 75*time.Second {
				t.Errorf("got a pause of %v, want 60 to 75 s", got)
			}
		})
	}
}
