package jwkhttp_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// Anyone can send tokens with random kids. They must not become requests to the provider, and
// must not disturb the tokens of others.
func TestRandomKidsAreLimited(t *testing.T) {
	for _, test := range []struct {
		name   string
		after  func(p *provider) // after the first fetch
		served bool              // the known key is served
		cold   bool              // there is no first fetch
	}{
		{"F08 healthy", func(p *provider) {}, true, false},
		{"F08 slow", func(p *provider) { p.wait(5 * time.Second) }, true, false},
		{"F09 status 500", func(p *provider) { p.fail(500) }, true, false},
		{"F09 empty set", func(p *provider) { p.write(`{"keys":[]}`) }, true, false},
		{"F09 garbage", func(p *provider) { p.write(`garbage`) }, true, false},
		{"F09 status 500, cold", func(p *provider) { p.fail(500) }, false, true},
		{"F09 empty set, cold", func(p *provider) { p.write(`{"keys":[]}`) }, false, true},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, nil)
			if !test.cold {
				mustFind(t, c, "a")
			}
			before := p.count()
			test.after(p)
			random := rand.New(rand.NewPCG(1, 2))
			for range 1000 {
				at, kid := time.Duration(random.Int64N(int64(time.Minute))), fmt.Sprint(random.Uint64())
				go func() {
					time.Sleep(at)
					if test.served {
						if waited := took(func() { mustFind(t, c, "a") }); waited != 0 {
							t.Errorf("a known kid waited %v", waited)
						}
					}
					if k, err := find(c, kid); err == nil {
						t.Errorf("found %v", k)
					}
				}()
			}
			time.Sleep(60 * time.Second)
			synctest.Wait()
			// A cold client fetches after each pause, of 3.75 s at least and doubled.
			limit := 4
			if test.cold {
				limit = 5
			}
			if got := p.count() - before; got > limit || got == 0 {
				t.Errorf("got %d requests, want 1 to %d", got, limit)
			}
			time.Sleep(20 * time.Second)
		})
	}
}

// A fetch cannot bring a key for a token if the set has its kid already.
func TestQueriesThatNeverFetch(t *testing.T) {
	for _, test := range []struct {
		name string
		q    jwk.Query
	}{
		{"known kid, other algorithm", jwk.Query{KeyID: "a", Algorithm: jwk.RS256}},
		{"known kid, other type", jwk.Query{KeyID: "a", Type: jwk.RSA}},
		{"kid of a skipped key", jwk.Query{KeyID: "skipped"}},
		{"kid of more than 1024 octets", jwk.Query{KeyID: strings.Repeat("x", 1025)}},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.write(strings.Replace(string(p.body), `[`, `[{"kty":"new","kid":"skipped"},`, 1))
			c := p.client(t, nil)
			mustFind(t, c, "a")
			for range 3 {
				_, err := c.Find(t.Context(), test.q)
				checkErrors(t, err, jwk.ErrNotFound)
				_, err = c.FindAll(t.Context(), test.q)
				checkErrors(t, err, jwk.ErrNotFound)
			}
			p.checkCount(t, 1)
		})
	}
}

// The keys of some providers have no kid, and their rotation is seen by a query that finds
// nothing.
func TestUnknownKeysFetch(t *testing.T) {
	for _, q := range []jwk.Query{
		{KeyID: "b"},
		{KeyID: strings.Repeat("x", 1024)},
		{Algorithm: jwk.ES384},
		{Type: jwk.EC, Curve: jwk.CurveP384},
	} {
		run(t, q.String()[:min(40, len(q.String()))], func(t *testing.T) {
			var events recorder
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add})
			mustFind(t, c, "a")
			events.take()
			p.publish(t, key(t, "P-384", q.KeyID))
			k, err := c.Find(t.Context(), q)
			if err != nil || k.Curve() != jwk.CurveP384 {
				t.Errorf("got %v, %v, want the new key", k, err)
			}
			p.checkCount(t, 2)
			all := events.checkKinds(t, jwkhttp.UnknownKey, jwkhttp.FetchStarted, jwkhttp.FetchSucceeded)
			if all[0].KeyID != q.KeyID {
				t.Errorf("got the kid %s, want %s", all[0].KeyID, q.KeyID)
			}
			checkUnknown(t, c, "a") // gone upstream, gone here
		})
	}
}

// A token that comes again and again must neither fetch again at once nor keep a new key out
// for longer than an interval.
func TestNegativeEntries(t *testing.T) {
	for _, q := range []jwk.Query{{KeyID: "b"}, {Algorithm: jwk.ES384}} {
		bubble(t, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, &jwkhttp.ClientOptions{UnknownKeyBurst: 100})
			mustFind(t, c, "a")
			ask := func(want int) {
				t.Helper()
				_, err := c.Find(t.Context(), q)
				checkErrors(t, err, jwk.ErrNotFound)
				p.checkCount(t, want)
			}
			ask(2)
			ask(2)
			sleep(30*time.Second - 1)
			ask(2)
			sleep(1)
			ask(3)
			if got := c.Status().RateLimited; got != 0 {
				t.Errorf("got %d rate limited, want 0, because the entry answered", got)
			}
			p.publish(t, key(t, "P-256", "c")) // another set clears the entries
			mustFind(t, c, "c")
			p.checkCount(t, 4)
			ask(5)
		})
	}
}

// A key that a cold client did not get is as unknown as one that a refresh did not bring.
func TestFirstFetchCountsAsRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		checkUnknown(t, c, "b")
		checkUnknown(t, c, "b")
		p.checkCount(t, 1)
		time.Sleep(30 * time.Second)
		checkUnknown(t, c, "b")
		p.checkCount(t, 2)
	})
}

func TestBurstAndInterval(t *testing.T) {
	for _, test := range []struct {
		opts     jwkhttp.ClientOptions
		burst    int
		interval time.Duration
	}{
		{jwkhttp.ClientOptions{}, 2, 30 * time.Second},
		{jwkhttp.ClientOptions{UnknownKeyBurst: 5, UnknownKeyInterval: time.Second}, 5, time.Second},
	} {
		bubble(t, func(t *testing.T) {
			var events recorder
			test.opts.OnEvent = events.add
			p := newProvider(t, key(t, "P-256", "a"))
			p.wait(time.Millisecond)
			c := p.client(t, &test.opts)
			mustFind(t, c, "a")
			for i := range test.burst {
				checkUnknown(t, c, fmt.Sprint("burst", i))
			}
			p.checkCount(t, 1+test.burst)
			events.take()
			var err error
			if waited := took(func() { err = checkUnknown(t, c, "late") }); waited != 0 {
				t.Errorf("without a token, a read waited %v", waited)
			}
			if errors.Is(err, jwkhttp.ErrFetch) {
				t.Errorf("got %v, want only the NotFoundError, because no fetch failed", err)
			}
			p.checkCount(t, 1+test.burst)
			if e := events.checkKinds(t, jwkhttp.RateLimited)[0]; e.KeyID != "late" || c.Status().RateLimited != 1 {
				t.Errorf("got %+v and %d rate limited, want the kid late and 1", e, c.Status().RateLimited)
			}
			time.Sleep(test.interval)
			checkUnknown(t, c, "late")
			checkUnknown(t, c, "later")
			p.checkCount(t, 2+test.burst)
		})
	}
}

// Failures draw tokens too, or an outage would lift the limit. Scheduled refreshes do not, or a
// busy client could not look for a new key.
func TestWhatDrawsTokens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{UnknownKeyInterval: time.Hour})
		mustFind(t, c, "a")
		for range 5 {
			time.Sleep(9 * time.Minute)
			mustFind(t, c, "a")
		}
		p.checkCount(t, 6)
		p.fail(500)
		checkUnknown(t, c, "b", jwkhttp.ErrFetch)
		p.checkCount(t, 7)
		time.Sleep(5 * time.Second) // the pause
		p.fail(0)
		checkUnknown(t, c, "c")
		p.checkCount(t, 8)
		checkUnknown(t, c, "d")
		p.checkCount(t, 8)
	})
}

// The error must show that the key may exist, because the provider did not answer.
func TestUnknownKidAndFailedRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.fail(503)
		for _, when := range []string{"at the failure", "during the pause"} {
			err := checkUnknown(t, c, "b", jwkhttp.ErrFetch)
			notFound, ok := errors.AsType[*jwk.NotFoundError](err)
			if e, ok2 := errors.AsType[*jwkhttp.Error](err); !ok || !ok2 || notFound.Query.KeyID != "b" || e.Status != 503 {
				t.Errorf("%s: got %v, want the *NotFoundError of b and the *Error with status 503", when, err)
			}
			if _, err := c.FindAll(t.Context(), jwk.Query{KeyID: "b"}); !errors.Is(err, jwk.ErrNotFound) || !errors.Is(err, jwkhttp.ErrFetch) {
				t.Errorf("%s: FindAll: got %v, want both errors", when, err)
			}
		}
		p.checkCount(t, 2)
	})
}

// A token with an unknown kid must not hold its request for as long as a slow provider likes.
func TestUnknownKidWaitsAtMostRefreshWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.wait(8 * time.Second)
		p.publish(t, key(t, "P-256", "a"), key(t, "P-384", "b"))
		for _, want := range []time.Duration{2 * time.Second, 0} { // the second does not wait for the same refresh
			if waited := took(func() { checkUnknown(t, c, "b", jwkhttp.ErrFetch) }); waited != want {
				t.Errorf("waited %v, want %v", waited, want)
			}
		}
		mustFind(t, c, "a")
		p.checkCount(t, 2)
		time.Sleep(7 * time.Second)
		mustFind(t, c, "b")
		p.checkCount(t, 2)
	})
}

// Many requests come at once after a rotation: one request must serve them all.
func TestUnknownKidIsSingleFlight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.wait(time.Second)
		p.publish(t, key(t, "P-384", "b"))
		together(100, func(int) { mustFind(t, c, "b") })
		p.checkCount(t, 2)
	})
}

// The first caller often has a client that hangs up. The others must not fail with it.
func TestFirstCallerGivesUp(t *testing.T) {
	for _, warm := range []bool{false, true} {
		run(t, fmt.Sprintf("F10 warm %v", warm), func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, nil)
			before := 0
			if warm {
				mustFind(t, c, "a")
				before = 1
			}
			p.publish(t, key(t, "P-384", "b"))
			p.wait(time.Second)
			ctx, cancel := context.WithCancel(t.Context())
			var answers, failures atomic.Int32
			go func() {
				_, err := c.Find(ctx, jwk.Query{KeyID: "b"})
				checkErrors(t, err, context.Canceled, jwkhttp.ErrFetch)
				failures.Add(1)
			}()
			synctest.Wait()
			go together(99, func(int) { mustFind(t, c, "b"); answers.Add(1) })
			synctest.Wait()
			cancel()
			synctest.Wait()
			if failures.Load() != 1 || answers.Load() != 0 {
				t.Fatalf("got %d failures and %d answers after the cancellation, want 1 and 0", failures.Load(), answers.Load())
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if answers.Load() != 99 {
				t.Errorf("got %d answers, want 99", answers.Load())
			}
			p.checkCount(t, before+1)
		})
	}
}

// Many providers publish their sets through a CDN. A refresh because of time may bring an old copy of it,
// which does not have a new key. If the client then held the key for unknown, it would refuse its tokens
// for UnknownKeyInterval.
func TestRefreshByTimeDoesNotMakeAKidUnknown(t *testing.T) {
	for _, state := range []string{"due", "expired"} {
		run(t, state, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, nil)
			mustFind(t, c, "a")
			old := p.body
			p.publish(t, key(t, "P-256", "a"), key(t, "Ed25519", "new"))
			published := p.body
			p.wait(time.Second)
			p.change(func() {
				p.hook = func(r *http.Request) { // the CDN
					p.change(func() {
						if p.body = old; r.Header.Get("Cache-Control") == "no-cache" {
							p.body = published
						}
					})
				}
			})
			time.Sleep(map[string]time.Duration{"due": 9 * time.Minute, "expired": time.Hour}[state])
			if state == "due" {
				mustFind(t, c, "a") // begins the refresh that the next read joins
			}
			checkUnknown(t, c, "new")
			p.checkCount(t, 2)
			mustFind(t, c, "new")
			p.checkCount(t, 3)
		})
	}
}

// Without no-cache, a cache on the way may answer with a set that is older than the key. With it on each
// request, the caches would not spare the provider.
func TestCacheControlOfRequests(t *testing.T) {
	for _, test := range []struct {
		name string
		ask  func(t *testing.T, p *provider, c *jwkhttp.Client) // causes the last request
		want string
	}{
		{"first read", func(t *testing.T, p *provider, c *jwkhttp.Client) {}, ""},
		{"refresh ahead", func(t *testing.T, p *provider, c *jwkhttp.Client) { sleep(9 * time.Minute); mustFind(t, c, "a") }, ""},
		{"expired", func(t *testing.T, p *provider, c *jwkhttp.Client) { sleep(time.Hour); mustFind(t, c, "a") }, ""},
		{"stale", func(t *testing.T, p *provider, c *jwkhttp.Client) { sleep(48 * time.Hour); mustFind(t, c, "a") }, ""},
		{"after a failure", func(t *testing.T, p *provider, c *jwkhttp.Client) {
			p.fail(500)
			_ = c.Refresh(t.Context())
			sleep(time.Hour)
			mustFind(t, c, "a")
		}, ""},
		{"after Start", func(t *testing.T, p *provider, c *jwkhttp.Client) { _ = c.Start(t.Context()); sleep(9 * time.Minute) }, ""},
		{"unknown kid", func(t *testing.T, p *provider, c *jwkhttp.Client) { checkUnknown(t, c, "b") }, "no-cache"},
		{"Refresh", func(t *testing.T, p *provider, c *jwkhttp.Client) { _ = c.Refresh(t.Context()) }, "no-cache"},
		{"Start", func(t *testing.T, p *provider, c *jwkhttp.Client) { _ = c.Start(t.Context()) }, "no-cache"},
	} {
		for _, own := range []string{"", "max-age=5"} {
			run(t, test.name+" "+own, func(t *testing.T) {
				p := newProvider(t, key(t, "P-256", "a"))
				opts := &jwkhttp.ClientOptions{Header: make(http.Header)}
				want := test.want
				if own != "" {
					opts.Header.Set("Cache-Control", own)
					want = own
				}
				c := p.client(t, opts)
				mustFind(t, c, "a")
				before := p.count()
				test.ask(t, p, c)
				synctest.Wait()
				if test.name != "first read" && p.count() == before {
					t.Fatal("got no request")
				}
				if got := strings.Join(p.last().Header.Values("Cache-Control"), ", "); got != want {
					t.Errorf("got Cache-Control %q, want %q", got, want)
				}
			})
		}
	}
}
