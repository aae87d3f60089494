package jwkhttp_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// Alarms and metrics are built on the events, so each kind must come when its doc says, in
// order, and with its fields.
func TestEventsOfALife(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var events recorder
		p := newProvider(t, key(t, "P-256", "a"), key(t, "P-384", "b"))
		p.set("Etag", `"1"`)
		p.wait(time.Second)
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add, StaleFor: time.Hour, UnknownKeyBurst: 1})

		mustFind(t, c, "a")
		all := events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchSucceeded)
		checkEvent(t, all[1], 200, "+a +b")

		checkUnknown(t, c, "x")
		all = events.checkKinds(t, jwkhttp.UnknownKey, jwkhttp.FetchStarted, jwkhttp.FetchNotModified)
		if all[0].KeyID != "x" || all[0].Duration != 0 {
			t.Errorf("got %+v, want the kid x", all[0])
		}
		checkEvent(t, all[2], 304, "")

		checkUnknown(t, c, "y")
		if all = events.checkKinds(t, jwkhttp.RateLimited); all[0].KeyID != "y" {
			t.Errorf("got %+v, want the kid y", all[0])
		}

		p.publish(t, key(t, "P-256", "b"), key(t, "Ed25519", "c"))
		p.set("Etag", `"2"`)
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		checkEvent(t, events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchSucceeded)[1], 200, "+c -a ~b")

		p.fail(500)
		checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
		all = events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchFailed)
		checkEvent(t, all[1], 500, "")
		checkErrors(t, all[1].Err, jwkhttp.ErrFetch)

		sleep(10 * time.Minute)
		checkErrors(t, events.checkKinds(t, jwkhttp.Expired)[0].Err, jwkhttp.ErrFetch)
		sleep(time.Hour)
		checkErrors(t, events.checkKinds(t, jwkhttp.Stale)[0].Err, jwkhttp.ErrFetch)

		p.fail(0)
		mustFind(t, c, "b")
		events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchNotModified)
		sleep(10 * time.Minute)
		if e := events.checkKinds(t, jwkhttp.Expired)[0]; e.Err != nil {
			t.Errorf("got %v, want no error, because no fetch has failed since", e.Err)
		}
		c.Close()
		sleep(100 * time.Hour)
		events.checkKinds(t)
	})
}

// checkEvent checks the event at the end of a fetch that took a second. diff lists kids after a
// mark.
func checkEvent(t *testing.T, e jwkhttp.Event, status int, diff string) {
	t.Helper()
	if e.Host != "issuer.example" || e.Status != status || e.Duration != time.Second || (e.Diff != nil) != (diff != "") {
		t.Errorf("got %+v, want status %d, 1 s and the difference %q", e, status, diff)
	}
	if (e.Err != nil) != (e.Kind == jwkhttp.FetchFailed) {
		t.Errorf("got error %v", e.Err)
	}
	if e.Diff == nil {
		return
	}
	var got []string
	for _, change := range []struct {
		mark string
		keys []*jwk.Key
	}{{"+", e.Diff.Added}, {"-", e.Diff.Removed}, {"~", e.Diff.Changed}} {
		for _, k := range change.keys {
			got = append(got, change.mark+k.KeyID())
		}
	}
	if got := strings.Join(got, " "); got != diff {
		t.Errorf("got the difference %s, want %s", got, diff)
	}
}

// OnEvent often updates metrics from Status, and need not be safe for concurrent use.
func TestOnEventIsCalledOneAtATime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var (
			c     *jwkhttp.Client
			inOne atomic.Bool
			last  uint64
		)
		p := newProvider(t, key(t, "P-256", "a"))
		c = p.client(t, &jwkhttp.ClientOptions{OnEvent: func(e jwkhttp.Event) {
			if inOne.Swap(true) {
				t.Error("two events at a time")
			}
			time.Sleep(time.Millisecond)
			fetches := c.Status().Fetches
			if c.Snapshot(); fetches < last {
				t.Errorf("got %d fetches after %d", fetches, last)
			}
			last = fetches
			inOne.Store(false)
		}})
		together(50, func(i int) {
			time.Sleep(time.Duration(i) * 100 * time.Microsecond)
			_, _ = find(c, fmt.Sprint(i))
			_ = c.Refresh(t.Context())
		})
		time.Sleep(time.Second) // for the rest of the events
	})
}

// Programs do panic in their hooks, and t.FailNow ends a goroutine. Neither may stop a client
// or leave a read waiting.
func TestHooksThatPanic(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for name, end := range map[string]func(){
		"panic":  func() { panic("s3cret") },
		"nil":    func() { panic(nil) },
		"Goexit": runtime.Goexit,
	} {
		run(t, name+" in OnEvent", func(t *testing.T) {
			calls := 0
			p := newProvider(t, key(t, "P-256", "a"))
			p.wait(time.Second)
			c := p.client(t, &jwkhttp.ClientOptions{Logger: logger, OnEvent: func(jwkhttp.Event) { calls++; end() }})
			var answers atomic.Int32
			together(10, func(int) { mustFind(t, c, "a"); answers.Add(1) })
			checkUnknown(t, c, "b")
			checkUnknown(t, c, "c")
			checkUnknown(t, c, "d")
			if err := c.Refresh(t.Context()); err != nil || answers.Load() != 10 {
				t.Errorf("got %v and %d answers, want 10", err, answers.Load())
			}
			p.checkCount(t, 4)
			if calls != 11 { // 4 fetches, 2 unknown keys, 1 limited
				t.Errorf("got %d calls, want 11", calls)
			}
		})
		run(t, name+" in the RoundTripper", func(t *testing.T) {
			var events recorder
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, &jwkhttp.ClientOptions{Logger: logger, OnEvent: events.add})
			mustFind(t, c, "a")
			events.take()
			p.change(func() { p.hook = func(*http.Request) { time.Sleep(time.Second); end() } })
			sleep(time.Hour)
			events.take()
			if waited := took(func() { together(10, func(int) { mustFind(t, c, "a") }) }); waited != time.Second {
				t.Errorf("reads waited %v, want 1s", waited)
			}
			checkErrors(t, events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchFailed)[1].Err, jwkhttp.ErrFetch)
			checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
			p.change(func() { p.hook = nil })
			sleep(time.Minute)
			mustFind(t, c, "a")
			if s := c.Status(); s.Failures != 2 || s.LastError != nil {
				t.Errorf("got %+v, want 2 failures and a recovery", s)
			}
		})
	}
	if text := log.String(); !strings.Contains(text, "panicked") || !strings.Contains(text, "events_test.go") || strings.Contains(text, "s3cret") {
		t.Errorf("the log has no stack, or the value of the panic: %s", text)
	}
}

// An OnEvent that does not return must not fill the memory, nor hold the reads that need no
// fetch. What fetches report must not get lost in a flood of unknown keys.
func TestQueueIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var calls, fetches atomic.Int32
		block := make(chan struct{})
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{UnknownKeyBurst: 1, OnEvent: func(e jwkhttp.Event) {
			switch e.Kind {
			case jwkhttp.RateLimited:
				calls.Add(1)
				<-block
			case jwkhttp.FetchSucceeded:
				fetches.Add(1)
			}
		}})
		mustFind(t, c, "a")
		checkUnknown(t, c, "b") // draws the only token
		before := fetches.Load()
		go func() { _, _ = find(c, "first") }()
		synctest.Wait()
		for i := range 3_000 {
			checkUnknown(t, c, fmt.Sprint(i))
		}
		mustFind(t, c, "a")
		go func() { _ = c.Refresh(context.Background()) }() // it waits until its events are delivered
		synctest.Wait()
		close(block)
		synctest.Wait()
		if got := calls.Load(); got != 1+512 {
			t.Errorf("got %d calls, want the first and half of a queue of 1024", got)
		}
		if got := fetches.Load() - before; got != 1 {
			t.Errorf("got %d fetches reported after the flood, want 1", got)
		}
	})
}

// A logBuffer keeps what a Logger writes.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// take returns the text since the last take.
func (b *logBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.text.Reset()
	return b.text.String()
}

// Those who read logs at level Warn must see outages and exposed keys, and nothing of daily
// life.
func TestLogLevels(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log logBuffer
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{
			Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), StaleFor: time.Hour,
		})
		check := func(lines ...string) {
			t.Helper()
			synctest.Wait()
			got := strings.Split(strings.TrimSpace(log.take()), "\n")
			if len(got) != len(lines) {
				t.Fatalf("got %q, want %d lines", got, len(lines))
			}
			for i, line := range lines {
				for part := range strings.SplitSeq(line, " ") {
					if !strings.Contains(got[i]+"\n", part) {
						t.Errorf("got %s, want it to have %q", got[i], part)
					}
				}
			}
		}
		mustFind(t, c, "a")
		check(`DEBUG started host=issuer.example`, `INFO succeeded status=200 added=1 removed=0 changed=0`)
		checkUnknown(t, c, strings.Repeat("x", 1000)+"END")
		check(`DEBUG unknown kid=`+strings.Repeat("x", 64)+"\n", `DEBUG started`, `DEBUG succeeded`)
		p.fail(500)
		_ = c.Refresh(t.Context())
		check(`DEBUG started`, `WARN failed status=500 error=`)
		p.fail(0)
		p.write(privateText(t, privateKey(t, "P-256", "a")))
		_ = c.Refresh(t.Context())
		check(`DEBUG started`, `ERROR failed status=200 private`)
		sleep(time.Hour)
		check(`DEBUG expired private`, `ERROR stale private`) // because of the private key
		p.publish(t, key(t, "P-256", "a"))
		_ = c.Refresh(t.Context())
		check(`DEBUG started`, `DEBUG succeeded`)
		sleep(time.Hour)
		check(`DEBUG expired`, `DEBUG stale`) // nothing was wrong: no read came
	})
}

// The names are in logs, so a change breaks queries.
func TestEventNames(t *testing.T) {
	var names []string
	for k := jwkhttp.FetchStarted; k <= jwkhttp.Stale; k++ {
		names = append(names, k.String())
	}
	want := "fetch started, fetch succeeded, fetch not modified, fetch failed, unknown key, rate limited, expired, stale"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, k := range []jwkhttp.EventKind{-1, 0, jwkhttp.Stale + 1} {
		if k.String() != "unknown" {
			t.Errorf("%d: got %s, want unknown", int(k), k)
		}
	}
}
