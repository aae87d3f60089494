package jwkhttp_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// The life decides how long a revoked key is accepted and how much load a provider gets.
func TestLifeFromHeaders(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // as in every bubble
	date := func(after time.Duration) string { return now.Add(after).Format(http.TimeFormat) }
	for _, test := range []struct {
		name   string
		header http.Header
		want   time.Duration
	}{
		{"nothing said", nil, 10 * time.Minute},
		{"max-age", http.Header{"Cache-Control": {"public, max-age=300"}}, 5 * time.Minute},
		{"max-age less Age", http.Header{"Cache-Control": {"max-age=300"}, "Age": {"100"}}, 200 * time.Second},
		{"max-age before Expires", http.Header{"Cache-Control": {"max-age=300"}, "Expires": {date(time.Hour)}}, 5 * time.Minute},
		{"Expires", http.Header{"Expires": {date(time.Hour)}}, time.Hour},
		{"Expires less Date", http.Header{"Expires": {date(-time.Hour)}, "Date": {date(-3 * time.Hour)}}, 2 * time.Hour},
		{"no-store", http.Header{"Cache-Control": {"no-store"}}, 10 * time.Minute},
		{"no-cache", http.Header{"Cache-Control": {"no-cache, must-revalidate"}, "Expires": {"0"}}, 10 * time.Minute},
		{"F14 max-age 0", http.Header{"Cache-Control": {"max-age=0"}}, time.Minute},
		{"F14 max-age -1", http.Header{"Cache-Control": {"max-age=-1"}}, 10 * time.Minute},
		{"F14 max-age 10^18", http.Header{"Cache-Control": {"max-age=1000000000000000000"}}, 24 * time.Hour},
		{"F14 garbage", http.Header{"Cache-Control": {"max-age=soon"}}, 10 * time.Minute},
		{"F14 two headers", http.Header{"Cache-Control": {"max-age=300", "max-age=200"}}, 200 * time.Second},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.change(func() { p.header = test.header.Clone() })
			c := p.client(t, nil)
			mustFind(t, c, "a")
			if got := life(c); got != test.want {
				t.Errorf("got a life of %v, want %v", got, test.want)
			}
			time.Sleep(test.want - 1)
			mustFind(t, c, "a")
			p.checkCount(t, 2) // the life has almost ended, so a read refreshed it
		})
	}
}

// The lives that the options set are the bounds of what a server may state.
func TestLifeWithinOptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		opts := &jwkhttp.ClientOptions{MinTTL: 2 * time.Minute, DefaultTTL: 3 * time.Minute, MaxTTL: 4 * time.Minute}
		for header, want := range map[string]time.Duration{"max-age=1": 2 * time.Minute, "": 3 * time.Minute, "max-age=999": 4 * time.Minute} {
			p := newProvider(t, key(t, "P-256", "a"))
			p.set("Cache-Control", header)
			c := p.client(t, opts)
			mustFind(t, c, "a")
			if got := life(c); got != want {
				t.Errorf("%q: got a life of %v, want %v", header, got, want)
			}
		}
	})
}

// A busy service must not wait at the end of each life, nor send one request for each read.
func TestRefreshAheadInTheBackground(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.wait(time.Second)
		time.Sleep(10 * time.Minute * 719 / 1000)
		mustFind(t, c, "a")
		p.checkCount(t, 1) // before 72 % of the life
		next := c.Status().NextRefresh
		time.Sleep(time.Until(next))
		p.checkCount(t, 1) // no read has asked
		if waited := took(func() { together(100, func(int) { mustFind(t, c, "a") }) }); waited != 0 {
			t.Errorf("reads waited %v for a refresh ahead, want 0", waited)
		}
		p.checkCount(t, 2)
		time.Sleep(2 * time.Second)
		mustFind(t, c, "a")
		p.checkCount(t, 2)
		if got := c.Status().FetchedAt; got != next.Add(time.Second) {
			t.Errorf("got the set of %v, want %v", got, next.Add(time.Second))
		}
	})
}

// Without a spread, all clients that a deployment has started together fetch together.
func TestRefreshAheadIsSpread(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		seen := make(map[time.Time]bool)
		for range 50 {
			c := p.client(t, nil)
			mustFind(t, c, "a")
			s := c.Status()
			if after := s.NextRefresh.Sub(s.FetchedAt); after < 432*time.Second || after > 480*time.Second {
				t.Fatalf("got a refresh after %v, want between 72 %% and 80 %% of 10 minutes", after)
			}
			seen[s.NextRefresh] = true
		}
		if len(seen) < 40 {
			t.Errorf("got %d times for 50 clients, want them spread", len(seen))
		}
	})
}

// A client without reads must cost nothing: services keep the clients of issuers that left.
func TestIdleClientSendsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		mustFind(t, p.client(t, nil), "a")
		time.Sleep(100 * time.Hour)
		p.checkCount(t, 1)
	})
}

// After the end of its life, a set may have a key that was revoked, so a read waits for a new
// set.
func TestExpiredReadsWaitForOneRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		time.Sleep(10 * time.Minute)
		p.publish(t, key(t, "P-384", "b"))
		p.wait(time.Second)
		waited := took(func() {
			together(50, func(i int) {
				if i%2 == 0 {
					checkUnknown(t, c, "a")
				} else {
					mustFind(t, c, "b")
				}
			})
		})
		if waited != time.Second {
			t.Errorf("reads waited %v, want 1s", waited)
		}
		p.checkCount(t, 2)
	})
}

// A slow provider must not slow each request down: one read finds out, and the others go on.
func TestExpiredReadsWaitAtMostRefreshWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{RefreshWait: 3 * time.Second})
		mustFind(t, c, "a")
		time.Sleep(10 * time.Minute)
		p.publish(t, key(t, "P-384", "b"))
		p.wait(8 * time.Second)
		together(20, func(i int) {
			time.Sleep(time.Duration(i) * 200 * time.Millisecond) // up to 3.8 s
			start := time.Duration(i) * 200 * time.Millisecond
			want := max(0, 3*time.Second-start)
			if waited := took(func() { mustFind(t, c, "a") }); waited != want {
				t.Errorf("a read after %v waited %v, want %v", start, waited, want)
			}
		})
		p.checkCount(t, 2)
		time.Sleep(5 * time.Second)
		mustFind(t, c, "b") // the refresh went on
		p.checkCount(t, 2)
	})
}

// A caller with a deadline must get its answer by then: from the old set, which is in memory.
func TestExpiredReadEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		sleep(time.Hour)
		p.wait(5 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		waited := took(func() {
			if _, err := c.Find(ctx, jwk.Query{KeyID: "a"}); err != nil {
				t.Errorf("got %v, want the key of the old set", err)
			}
		})
		if waited != time.Second {
			t.Errorf("waited %v, want 1s", waited)
		}
		sleep(5 * time.Second)
		mustFind(t, c, "a")
		p.checkCount(t, 2)
	})
}

// Conditional requests spare the provider, and a set that is the same pointer spares the caches
// that programs key by it.
func TestNotModified(t *testing.T) {
	for _, test := range []struct{ name, header, value, condition string }{
		{"ETag", "Etag", `W/"1"`, "If-None-Match"},
		{"Last-Modified", "Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT", "If-Modified-Since"},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.set("Cache-Control", "max-age=3600")
			p.set(test.header, test.value)
			c := p.client(t, nil)
			set, _ := c.Set(t.Context())
			if got := p.last().Header.Get(test.condition); got != "" {
				t.Fatalf("got %s %s in the first request, want it absent", test.condition, got)
			}
			p.set("Cache-Control", "")
			p.set(test.header, "")
			p.fail(304)
			for i := range 3 {
				time.Sleep(time.Hour)
				if next, err := c.Set(t.Context()); err != nil || next != set {
					t.Fatalf("got %p, %v, want the set %p again", next, err, set)
				}
				if got := p.last().Header.Get(test.condition); got != test.value {
					t.Errorf("got %s %q, want %q", test.condition, got, test.value)
				}
				if got := life(c); got != time.Hour {
					t.Errorf("got a life of %v, want the hour that was said before", got)
				}
				if s := c.Status(); s.NotModified != uint64(i+1) || s.Fetches != uint64(i+2) || s.FetchedAt != time.Now() {
					t.Errorf("got status %+v, want %d of %d fetches not modified", s, i+1, i+2)
				}
			}
		})
	}
}

// A 304 updates what its headers state (RFC 9111, Section 4.3.4), and keeps the rest.
func TestNotModifiedBringsHeaders(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.set("Etag", `"1"`)
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.fail(304)
		p.set("Etag", `"2"`)
		p.set("Cache-Control", "max-age=120")
		if err := c.Refresh(t.Context()); err != nil || life(c) != 2*time.Minute {
			t.Fatalf("got %v and a life of %v, want 2m0s", err, life(c))
		}
		if err := c.Refresh(t.Context()); err != nil || p.last().Header.Get("If-None-Match") != `"2"` {
			t.Errorf("got %v, If-None-Match %s, want the new ETag", err, p.last().Header.Get("If-None-Match"))
		}
	})
}

// If the client kept the ETag of a set that it refused, the provider would answer 304, and the
// client would take the refused set for the one that it has.
func TestRefusedSetLeavesTheETag(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.set("Etag", `"good"`)
		p.set("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.set("Etag", `"bad"`)
		p.set("Last-Modified", "Sun, 02 Jan 2000 00:00:00 GMT")
		p.write(`{"keys":[]}`)
		for range 2 {
			checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
			h := p.last().Header
			if got := h.Get("If-None-Match") + h.Get("If-Modified-Since"); got != `"good"Sat, 01 Jan 2000 00:00:00 GMT` {
				t.Errorf("got the validators %s, want the validators of the set in use", got)
			}
		}
		if got := life(c); got != 10*time.Minute {
			t.Errorf("got a life of %v, want the old one", got)
		}
	})
}

// Most providers send no ETag. A body that is equal to the last one must not cost a new index,
// and must not look like a change.
func TestEqualBodyKeepsTheSet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var events recorder
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add})
		first, err := c.Set(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if second, err := c.Set(t.Context()); err != nil || second != first {
			t.Errorf("got %p, %v, want the set %p again", second, err, first)
		}
		all := events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchSucceeded, jwkhttp.Expired, jwkhttp.FetchStarted, jwkhttp.FetchSucceeded)
		if d := all[4].Diff; d == nil || len(d.Added)+len(d.Removed)+len(d.Changed) != 0 {
			t.Errorf("got the difference %v, want an empty one", d)
		}
		p.write(string(p.body) + " ")
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if third, err := c.Set(t.Context()); err != nil || third == first {
			t.Errorf("got %p, %v, want a new set, because the body changed", third, err)
		}
	})
}

// The client sends an ETag with each request, so a server must not choose its size.
func TestLongValidatorsAreNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for size, want := range map[int]bool{1 << 10: true, 1<<10 + 1: false} {
			p := newProvider(t, key(t, "P-256", "a"))
			p.set("Etag", `"`+strings.Repeat("x", size-2)+`"`)
			c := p.client(t, nil)
			_ = c.Refresh(t.Context())
			_ = c.Refresh(t.Context())
			if got := p.last().Header.Get("If-None-Match") != ""; got != want {
				t.Errorf("an ETag of %d octets: sent %v, want %v", size, got, want)
			}
		}
	})
}

// Most requests have a deadline that is shorter than RefreshWait. If a read with such a deadline did not
// get the old set, or if each of them waited anew, a provider that hangs would take the service down.
func TestDeadlinesShorterThanRefreshWait(t *testing.T) {
	for _, test := range []struct {
		name            string
		every, deadline time.Duration
	}{
		{"many readers at once", 50 * time.Millisecond, time.Second},
		{"each gives up before the next one begins", 500 * time.Millisecond, 300 * time.Millisecond},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, nil)
			mustFind(t, c, "a")
			sleep(11 * time.Minute)
			p.wait(time.Hour)
			together(int(9*time.Second/test.every), func(i int) { // the fetch ends after 10 s
				start := time.Duration(i) * test.every
				time.Sleep(start)
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				waited := took(func() {
					if k, err := c.Find(ctx, jwk.Query{KeyID: "a"}); err != nil || k.KeyID() != "a" {
						t.Errorf("after %v: got %v, %v, want the key of the old set", start, k, err)
					}
				})
				if want := min(test.deadline, max(0, 2*time.Second-start)); waited != want {
					t.Errorf("a read after %v waited %v, want %v", start, waited, want)
				}
			})
			p.checkCount(t, 2)
		})
	}
}
