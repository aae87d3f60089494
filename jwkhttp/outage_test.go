package jwkhttp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// After an outage, all clients come back. The pauses keep them from keeping the provider down.
func TestPausesDouble(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t)
		p.fail(500)
		c := p.client(t, nil)
		checkErrors(t, c.Start(t.Context()), jwkhttp.ErrFetch)
		time.Sleep(30 * time.Minute)
		want, at := 5*time.Second, p.at()
		for i := range at[1:] {
			if got := at[i+1].Sub(at[i]); got > want || got < want*3/4 {
				t.Errorf("pause %d: got %v, want %v less up to a quarter", i+1, got, want)
			}
			want = min(2*want, 5*time.Minute)
		}
		if s := c.Status(); len(at) < 10 || s.Failures != uint64(len(at)) || s.LastError == nil {
			t.Errorf("got %d requests and %+v, want at least 10, all failures", len(at), s)
		}
		p.publish(t, key(t, "P-256", "a"))
		time.Sleep(5 * time.Minute)
		before := p.count()
		mustFind(t, c, "a")
		if s := c.Status(); s.LastError != nil || s.Stale {
			t.Errorf("got %+v after a success, want no error", s)
		}
		p.fail(500)
		time.Sleep(10 * time.Minute)
		if at = p.at()[before:]; len(at) < 2 {
			t.Fatalf("got %d requests after the success, want more", len(at))
		}
		if got := at[1].Sub(at[0]); got > 5*time.Second {
			t.Errorf("got a pause of %v after a success, want the first pause again", got)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		status           int
		value            string
		shortest, latest time.Duration
	}{
		{429, "60", 60 * time.Second, 60 * time.Second},
		{503, "60", 60 * time.Second, 60 * time.Second},
		{503, "Sat, 01 Jan 2000 00:01:00 GMT", 60 * time.Second, 75 * time.Second},
		{503, "86400", 5 * time.Minute, 5 * time.Minute},
		{503, "1", 3750 * time.Millisecond, 5 * time.Second},
		{503, "soon", 3750 * time.Millisecond, 5 * time.Second},
	} {
		run(t, fmt.Sprint(test.status, " ", test.value), func(t *testing.T) {
			p := newProvider(t)
			p.fail(test.status)
			p.set("Retry-After", test.value)
			c := p.client(t, nil)
			checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
			if got := time.Until(c.Status().NextRefresh); got < test.shortest || got > test.latest {
				t.Errorf("got a pause of %v, want %v to %v", got, test.shortest, test.latest)
			}
		})
	}
}

// During an outage, requests must get their answer at once, also if it is an error: a service
// whose requests wait is down as well.
func TestNoReadWaitsDuringThePause(t *testing.T) {
	for _, state := range []string{"cold", "due", "expired", "stale"} {
		run(t, state, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, nil)
			if state != "cold" {
				mustFind(t, c, "a")
			}
			time.Sleep(map[string]time.Duration{"due": 9 * time.Minute, "expired": time.Hour, "stale": 25 * time.Hour}[state])
			p.fail(500)
			p.wait(time.Second)
			_, _ = find(c, "a")
			time.Sleep(time.Second)
			before := p.count()
			waited := took(func() {
				for _, kid := range []string{"a", "b"} {
					_, err := find(c, kid)
					switch {
					case state == "due" || state == "expired":
						if (err == nil) != (kid == "a") {
							t.Errorf("%s: got %v", kid, err)
						}
					case !errors.Is(err, jwkhttp.ErrFetch) || errors.Is(err, jwkhttp.ErrStale) != (state == "stale"):
						t.Errorf("%s: got %v", kid, err)
					}
				}
			})
			if waited != 0 {
				t.Errorf("reads waited %v", waited)
			}
			p.checkCount(t, before)
		})
	}
}

// A key that the provider has removed may be revoked because it leaked.
func TestRemovedKeyIsGone(t *testing.T) {
	run(t, "F11 removed", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"), key(t, "P-384", "b"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		p.publish(t, key(t, "P-384", "b"))
		time.Sleep(10 * time.Minute)
		checkUnknown(t, c, "a")
		mustFind(t, c, "b")
		if got := c.Status().Keys; got != 1 {
			t.Errorf("got %d keys, want 1", got)
		}
	})
}

// The last good set serves through an outage of a day, and not longer: an attacker who keeps
// the provider down must not make its keys valid forever.
func TestOutage(t *testing.T) {
	run(t, "F12 outage", func(t *testing.T) {
		var events recorder
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{StaleFor: time.Hour, OnEvent: events.add})
		mustFind(t, c, "a")
		p.fail(502)
		sleep(time.Hour - 1)
		mustFind(t, c, "a")
		if s := c.Status(); s.Stale || s.LastError == nil || s.StaleAt != time.Now().Add(1) {
			t.Errorf("got %+v, want a set that becomes stale in a nanosecond", s)
		}
		sleep(1)
		for range 2 { // at once, and after the next fetch
			_, err := find(c, "a")
			checkErrors(t, err, jwkhttp.ErrStale, jwkhttp.ErrFetch)
			if e, ok := errors.AsType[*jwkhttp.Error](err); !ok || e.Status != 502 || errors.Is(err, jwk.ErrNotFound) {
				t.Errorf("got %v, want an *Error with the status of the last failure", err)
			}
			if set, err := c.Set(t.Context()); set != nil || !errors.Is(err, jwkhttp.ErrStale) {
				t.Errorf("Set: got %v, %v, want ErrStale", set, err)
			}
			sleep(5 * time.Second)
		}
		if s := c.Status(); !s.Stale || s.Keys != 1 {
			t.Errorf("got %+v, want a stale set with 1 key", s)
		}
		p.publish(t, key(t, "P-384", "b"))
		time.Sleep(5 * time.Minute)
		mustFind(t, c, "b")
		checkUnknown(t, c, "a")
		if s := c.Status(); s.Stale || s.LastError != nil {
			t.Errorf("got %+v after the recovery, want no error", s)
		}
	})
}

// A life that is longer than StaleFor ends first: the server stated it.
func TestStaleForIsNoShorterThanTheLife(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.set("Cache-Control", "max-age=36000")
		c := p.client(t, &jwkhttp.ClientOptions{StaleFor: time.Minute})
		mustFind(t, c, "a")
		if s := c.Status(); !s.StaleAt.Equal(s.ExpiresAt) || life(c) != 10*time.Hour {
			t.Errorf("got %+v, want a set that is stale when its life ends", s)
		}
		p.fail(500)
		sleep(10*time.Hour - 1)
		mustFind(t, c, "a")
		sleep(1)
		_, err := find(c, "a")
		checkErrors(t, err, jwkhttp.ErrStale)
	})
}

// Deployments go wrong in all these ways. A client that has a set must keep it, or the users of
// a service are logged out. A client without a set must not take one from such an answer.
func TestAnswersRefused(t *testing.T) {
	good, bad := `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"good"}`, `{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"bad"}`
	private := `{"kty":"EC","crv":"P-256","x":"s3cret","y":"s3cret","d":"s3cret"}`
	for _, test := range []struct {
		name   string
		status int
		typ    string
		body   string
		want   error // besides ErrFetch
	}{
		{"F05 204", 204, "", "", nil},
		{"F05 206", 206, "", `{"keys":[` + good + `]}`, nil},
		{"F05 304 unasked", 304, "", "", nil},
		{"F05 401", 401, "", `{"keys":[` + good + `]}`, nil},
		{"F05 500", 500, "", `{"keys":[` + good + `]}`, nil},
		{"F05 200 empty", 200, "", "", jwk.ErrSyntax},
		{"F06 HTML", 200, "text/html; charset=utf-8", `{"keys":[` + good + `]}`, nil},
		{"F06 HTML, malformed type", 200, "Text/HTML; ;=", `{"keys":[` + good + `]}`, nil},
		{"F06 HTML without a type", 200, "", "<html>s3cret", jwk.ErrSyntax},
		{"F06 other object", 200, "application/json", `{"error":1}`, jwk.ErrInvalid},
		{"F06 cut", 200, "application/json", `{"keys":[` + good, jwk.ErrSyntax},
		{"F15 private", 200, "", `{"keys":[` + good + `,` + private + `]}`, jwk.ErrPrivate},
		{"F15 symmetric", 200, "", `{"keys":[` + good + `,{"kty":"oct","k":"s3cret"}]}`, jwk.ErrPrivate},
		{"F16 all bad", 200, "", `{"keys":[` + bad + `,` + bad + `]}`, jwk.ErrInvalid},
		{"F16 all unknown", 200, "", `{"keys":[{"kty":"new"}]}`, jwk.ErrUnsupported},
		{"empty set", 200, "", `{"keys":[]}`, nil},
	} {
		run(t, test.name, func(t *testing.T) {
			var events recorder
			p := newProvider(t, key(t, "P-256", "a"))
			p.set("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")
			warm := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add})
			set, err := warm.Set(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			cold := p.client(t, nil)
			p.set("Content-Type", test.typ)
			p.write(test.body)
			p.fail(test.status)
			check := func(err error) {
				t.Helper()
				checkErrors(t, err, jwkhttp.ErrFetch)
				if test.want != nil {
					checkErrors(t, err, test.want)
				}
				e, ok := errors.AsType[*jwkhttp.Error](err)
				if !ok || e.Status != test.status || e.Host != "issuer.example" || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("got %v, want an *Error with the host and status %d, and no body", err, test.status)
				}
			}
			_, err = find(cold, "good")
			check(err)
			if test.status == 304 {
				return // the warm client has asked
			}
			events.take()
			check(warm.Refresh(t.Context()))
			check(warm.Status().LastError)
			check(events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchFailed)[1].Err)
			if next, err := warm.Set(t.Context()); err != nil || next != set {
				t.Errorf("got %v, %v, want the set in use", next, err)
			}
			time.Sleep(time.Hour) // expired
			if next, err := warm.Set(t.Context()); err != nil || next != set {
				t.Errorf("got %v, %v after the life, want the set in use", next, err)
			}
		})
	}
}

// One key that cannot be used must not take the others down.
func TestUsableKeysServe(t *testing.T) {
	run(t, "F16 one bad key", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"), key(t, "P-384", "b"))
		p.write(strings.Replace(string(p.body), "[", `[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},`, 1))
		p.set("Content-Type", "text/plain")
		c := p.client(t, nil)
		mustFind(t, c, "a")
		mustFind(t, c, "b")
		if s := c.Status(); s.Keys != 2 || s.Skipped != 1 {
			t.Errorf("got %d keys and %d skipped, want 2 and 1", s.Keys, s.Skipped)
		}
	})
}

// Dashboards show when the next request may be sent. If this time is wrong, operators look for a fault
// that does not exist, or wait for a refresh that does not come.
func TestNextRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		if got := c.Status().NextRefresh; !got.IsZero() {
			t.Errorf("got %v without a set, want no time", got)
		}
		mustFind(t, c, "a")
		isDue := c.Status().NextRefresh
		p.fail(500)
		checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
		if got := c.Status().NextRefresh; got != isDue {
			t.Errorf("got %v after a failure while the set is fresh, want %v as before", got, isDue)
		}
		time.Sleep(time.Until(isDue) - 1)
		mustFind(t, c, "a")
		p.checkCount(t, 2)
		sleep(1)
		mustFind(t, c, "a")
		p.checkCount(t, 3)

		sleep(time.Hour) // expired
		mustFind(t, c, "a")
		p.checkCount(t, 4)
		pauseEnds := c.Status().NextRefresh
		if wait := time.Until(pauseEnds); wait < 15*time.Second || wait > 20*time.Second { // the third failure
			t.Errorf("got %v from now in an outage, want the end of the pause", wait)
		}
		time.Sleep(time.Until(pauseEnds) - 1)
		mustFind(t, c, "a")
		p.checkCount(t, 4)
		sleep(1)
		mustFind(t, c, "a")
		p.checkCount(t, 5)

		c.Close()
		if got := c.Status().NextRefresh; !got.IsZero() {
			t.Errorf("got %v after Close, want no time", got)
		}
	})
}

// A provider that says when it will be back must not be asked before. A service must be back as soon as
// its provider is. All clients read the same date, so they must not come back at the same moment.
func TestRequestsAfterRetryAfter(t *testing.T) {
	const clients = 50
	for _, test := range []struct {
		value  string
		latest time.Duration
	}{
		{"120", 120 * time.Second},
		{"Sat, 01 Jan 2000 00:02:00 GMT", 150 * time.Second},
	} {
		run(t, test.value, func(t *testing.T) {
			p := newProvider(t)
			p.fail(503)
			p.set("Retry-After", test.value)
			start, ends := time.Now(), make(map[time.Time]bool)
			var all []*jwkhttp.Client
			for range clients {
				c := p.client(t, nil)
				_, err := find(c, "a")
				checkErrors(t, err, jwkhttp.ErrFetch)
				all = append(all, c)
				ends[c.Status().NextRefresh] = true
			}
			if isDate := test.value != "120"; isDate && len(ends) < clients/2 || !isDate && len(ends) != 1 {
				t.Errorf("%d clients come back at %d times", clients, len(ends))
			}
			ask := func(after time.Duration, want int) {
				t.Helper()
				time.Sleep(time.Until(start.Add(after)))
				for _, c := range all {
					_, _ = find(c, "a")
				}
				p.checkCount(t, want)
			}
			ask(119*time.Second, clients)
			ask(test.latest+time.Second, 2*clients)
		})
	}
}
