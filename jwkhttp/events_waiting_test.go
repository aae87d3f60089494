package jwkhttp_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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

// slowFor returns an OnEvent that takes a time for one kind of event.
func slowFor(kind jwkhttp.EventKind, d time.Duration) func(jwkhttp.Event) {
	return func(e jwkhttp.Event) {
		if e.Kind == kind {
			time.Sleep(d)
		}
	}
}

// A slow OnEvent must not turn a fetch that has ended into an error: services would answer 503 while
// the keys are there, or lose the status of the provider.
func TestSlowOnEventKeepsTheResult(t *testing.T) {
	run(t, "Refresh, beyond Timeout", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{Timeout: time.Second, OnEvent: slowFor(jwkhttp.FetchSucceeded, 3*time.Second)})
		if err := c.Refresh(t.Context()); err != nil {
			t.Errorf("got %v, want success", err)
		}
		sleep(time.Minute)
	})
	run(t, "cold read of a provider that fails", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.fail(500)
		c := p.client(t, &jwkhttp.ClientOptions{Timeout: time.Second, OnEvent: slowFor(jwkhttp.FetchFailed, 3*time.Second)})
		_, err := find(c, "a")
		if e, ok := errors.AsType[*jwkhttp.Error](err); !ok || e.Status != 500 {
			t.Errorf("got %v, want the status 500", err)
		}
		sleep(time.Minute)
	})
	run(t, "unknown kid", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: slowFor(jwkhttp.FetchSucceeded, 3*time.Second)})
		mustFind(t, c, "a")
		sleep(10 * time.Second)
		p.wait(50 * time.Millisecond) // so that RefreshWait passes before the wait for OnEvent ends
		for range 2 {                 // the second finds the kid remembered
			_, err := find(c, "x")
			checkErrors(t, err, jwk.ErrNotFound)
			if errors.Is(err, jwkhttp.ErrFetch) {
				t.Errorf("got %v, want only that the key was not found", err)
			}
		}
		p.checkCount(t, 2)
		sleep(time.Minute)
	})
	run(t, "Close in OnEvent", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		var c *jwkhttp.Client
		c = p.client(t, &jwkhttp.ClientOptions{OnEvent: func(e jwkhttp.Event) {
			if e.Kind == jwkhttp.FetchSucceeded {
				c.Close()
			}
		}})
		if err := c.Refresh(t.Context()); err != nil {
			t.Errorf("got %v, want success", err)
		}
	})
}

// A Logger of a test may end the goroutine, and a full disk may hold it. The client must go on fetching
// after a RoundTripper has panicked.
func TestLoggerDoesNotHoldAFetchThatPanicked(t *testing.T) {
	for name, handle := range map[string]func(){"Goexit": runtime.Goexit, "sleeps": func() { time.Sleep(time.Hour) }} {
		run(t, name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.change(func() { p.hook = func(*http.Request) { panic("a bug") } })
			c := p.client(t, &jwkhttp.ClientOptions{Logger: slog.New(handlerFunc(handle))})
			checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
			p.change(func() { p.hook = nil })
			sleep(time.Minute) // the pause
			if err := c.Refresh(t.Context()); err != nil {
				t.Errorf("got %v, want success", err)
			}
			mustFind(t, c, "a")
			c.Close()
			sleep(20 * time.Hour) // until the Logger has returned
		})
	}
}

// A handlerFunc is the slog.Handler of a test. It is called for each record.
type handlerFunc func()

func (f handlerFunc) Enabled(context.Context, slog.Level) bool  { return true }
func (f handlerFunc) Handle(context.Context, slog.Record) error { f(); return nil }
func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler        { return f }
func (f handlerFunc) WithGroup(string) slog.Handler             { return f }

// The log of an outage must be complete although OnEvent has a bug.
func TestPanicInOnEventKeepsTheLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log logBuffer
		p := newProvider(t, key(t, "P-256", "a"))
		p.fail(500)
		c := p.client(t, &jwkhttp.ClientOptions{
			Logger: slog.New(slog.NewTextHandler(&log, nil)), OnEvent: func(jwkhttp.Event) { panic("a bug") },
		})
		_ = c.Refresh(t.Context())
		synctest.Wait()
		if text := log.take(); !strings.Contains(text, "jwkhttp: fetch failed") {
			t.Errorf("got the log %s, want the failed fetch in it", text)
		}
	})
}
