package jwkhttp_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// An OnEvent may write to a disk that is full, or to a database that hangs. Requests to the service must be
// answered nevertheless, and the sets must stay fresh.
func TestNoReadWaitsForOnEvent(t *testing.T) {
	for _, name := range []string{"sleeps", "never returns"} {
		run(t, name, func(t *testing.T) {
			var isSlow atomic.Bool
			end := make(chan struct{})
			defer func() { // a bubble must not leave goroutines behind
				isSlow.Store(false)
				close(end)
				sleep(time.Hour)
			}()
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, &jwkhttp.ClientOptions{OnEvent: func(jwkhttp.Event) {
				switch {
				case !isSlow.Load():
				case name == "sleeps":
					time.Sleep(time.Hour)
				default:
					<-end
				}
			}})
			mustFind(t, c, "a")
			checkUnknown(t, c, "x1")
			checkUnknown(t, c, "x2") // draws the last token
			isSlow.Store(true)
			check := func(what string, most time.Duration, read func()) {
				t.Helper()
				if waited := took(read); waited > most {
					t.Errorf("%s waited %v for OnEvent, want at most %v", what, waited, most)
				}
			}
			check("a rate-limited read", 0, func() { checkUnknown(t, c, "x3") })
			synctest.Wait() // OnEvent is called
			check("another rate-limited read", 0, func() { checkUnknown(t, c, "x4") })
			check("a read of a fresh set", 0, func() { mustFind(t, c, "a") })
			for range 3 { // each time, the set of the last refresh
				sleep(9 * time.Minute)
				before := p.count()
				check("a read that begins a refresh ahead", 0, func() { mustFind(t, c, "a") })
				p.checkCount(t, before+1)
				check("a read of a fresh set", 0, func() { mustFind(t, c, "a") })
				p.checkCount(t, before+1)
			}
			sleep(20 * time.Minute)
			p.wait(time.Second) // counts for the limit, as the wait for OnEvent does
			check("a read of an expired set", 2*time.Second, func() { mustFind(t, c, "a") })
			check("a read after the refresh", 0, func() { mustFind(t, c, "a") })
			check("an unknown kid", 2*time.Second, func() { _, _ = find(c, "x5") })
			check("Refresh", time.Second+2*time.Second, func() { // the answer takes a second
				if err := c.Refresh(t.Context()); err != nil {
					t.Errorf("Refresh: got %v", err)
				}
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			check("Refresh with a deadline", time.Second, func() { checkErrors(t, c.Refresh(ctx), context.DeadlineExceeded, jwkhttp.ErrFetch) })
		})
	}
}

// A read that delivered events itself would work for all others: OnEvent may run for long, and its panics
// and locks would be in the way of a request.
func TestReadsDoNotDeliverEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var isInRead atomic.Bool // a frame of Find, Set or Refresh is below OnEvent
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: func(jwkhttp.Event) {
			stack := make([]byte, 64<<10)
			for _, name := range []string{").Find(", ").Set(", ").Refresh("} {
				if strings.Contains(string(stack[:runtime.Stack(stack, false)]), "jwkhttp.(*Client"+name) {
					isInRead.Store(true)
				}
			}
		}})
		together(20, func(i int) {
			for range 20 {
				_, _ = find(c, fmt.Sprint(i))
				_, _ = c.Set(t.Context())
				_ = c.Refresh(t.Context())
				time.Sleep(time.Minute)
			}
		})
		if isInRead.Load() {
			t.Error("a read has called OnEvent")
		}
	})
}

// Tests and programs that start look at what was reported after a call has returned. Without this order,
// they would see no event, now and then.
func TestEventsComeBeforeTheResult(t *testing.T) {
	ended := new(atomic.Int32)
	onEvent := func(e jwkhttp.Event) {
		if e.Kind != jwkhttp.FetchStarted {
			ended.Add(1)
		}
	}
	p := newProvider(t, key(t, "P-256", "a"))
	t.Run("Refresh of many", func(t *testing.T) {
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: onEvent})
		together(4, func(int) {
			for i := range 2_000 {
				before := ended.Load() // the fetch that Refresh waits for ends later
				if err := c.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				if ended.Load() == before {
					t.Errorf("Refresh %d returned before the end of its fetch was reported", i)
					return
				}
			}
		})
	})
	for name, call := range map[string]func(c *jwkhttp.Client) error{
		"first Find":    func(c *jwkhttp.Client) error { _, err := find(c, "a"); return err },
		"first FindAll": func(c *jwkhttp.Client) error { _, err := c.FindAll(t.Context(), jwk.Query{KeyID: "a"}); return err },
		"first Set":     func(c *jwkhttp.Client) error { _, err := c.Set(t.Context()); return err },
		"Start":         func(c *jwkhttp.Client) error { return c.Start(t.Context()) },
		"unknown kid": func(c *jwkhttp.Client) error {
			if err := c.Refresh(t.Context()); err != nil {
				return err
			}
			if ended.Swap(0) != 1 {
				t.Error("Refresh returned before the end of its fetch was reported")
			}
			_, _ = find(c, "b")
			ended.Add(-1) // the unknown key
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 500 {
				ended.Store(0)
				c := p.client(t, &jwkhttp.ClientOptions{OnEvent: onEvent})
				if err := call(c); err != nil {
					t.Fatal(err)
				}
				if got := ended.Load(); got != 1 {
					t.Fatalf("got %d ends of fetches reported, want 1", got)
				}
				c.Close()
			}
		})
	}
}
