package jwkhttp_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A service that wants no read to wait, not even after a quiet night, starts its client.
func TestStartRefreshesWithoutReads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.wait(time.Second)
		c := p.client(t, nil)
		if waited := took(func() {
			if err := c.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
		}); waited != time.Second {
			t.Errorf("Start took %v, want the time of the first fetch", waited)
		}
		p.publish(t, key(t, "P-384", "b"))
		time.Sleep(10 * time.Hour)
		at := p.at()
		for i := range at[1:] {
			// 72 % to 80 % of 10 minutes after the fetch, which took a second
			if got := at[i+1].Sub(at[i]) - time.Second; got < 432*time.Second || got > 480*time.Second {
				t.Fatalf("refresh %d came after %v, want between 7m12s and 8m", i+1, got)
			}
		}
		if len(at) < 75 {
			t.Errorf("got %d fetches in 10 hours, want at least 75", len(at))
		}
		if waited := took(func() { mustFind(t, c, "b") }); waited != 0 {
			t.Errorf("a read waited %v", waited)
		}
	})
}

// A service may start while its provider is down. It logs the error of Start, and recovers by
// itself.
func TestStartGoesOnAfterAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t)
		p.fail(500)
		c := p.client(t, nil)
		checkErrors(t, c.Start(t.Context()), jwkhttp.ErrFetch)
		p.checkCount(t, 1)
		p.publish(t, key(t, "P-256", "a"))
		time.Sleep(6 * time.Second)
		p.checkCount(t, 2)
		mustFind(t, c, "a")
		p.checkCount(t, 2)
	})
}

// What Start began must end, or a service that makes clients leaks them.
func TestStartEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(c *jwkhttp.Client, cancel context.CancelFunc)
	}{
		{"with its context", func(_ *jwkhttp.Client, cancel context.CancelFunc) { cancel() }},
		{"with Close", func(c *jwkhttp.Client, _ context.CancelFunc) { c.Close() }},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, nil)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if err := c.Start(ctx); err != nil {
				t.Fatal(err)
			}
			sleep(time.Hour)
			before := p.count()
			test.end(c, cancel)
			sleep(100 * time.Hour)
			p.checkCount(t, before)
		})
	}
}

func TestStartTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithCancel(t.Context())
		p.wait(time.Second)
		together(2, func(i int) {
			if err := c.Start([]context.Context{first, second}[i]); err != nil {
				t.Error(err)
			}
		})
		p.checkCount(t, 1) // both waited for the same fetch
		cancelFirst()
		sleep(time.Hour)
		if got := p.count(); got < 7 || got > 9 {
			t.Errorf("got %d fetches in an hour, want one each 7 to 8 minutes", got)
		}
		before := p.count()
		cancelSecond()
		sleep(100 * time.Hour)
		p.checkCount(t, before)
	})
}

// A context that has ended asks for nothing.
func TestContextThatHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		checkErrors(t, c.Start(ctx), context.Canceled, jwkhttp.ErrFetch)
		checkErrors(t, c.Refresh(ctx), context.Canceled, jwkhttp.ErrFetch)
		sleep(time.Hour)
		p.checkCount(t, 0)
		mustFind(t, c, "a")
		sleep(time.Minute)
		if _, err := c.Find(ctx, jwk.Query{KeyID: "a"}); err != nil {
			t.Errorf("got %v, want the key, because nothing must be waited for", err)
		}
	})
}

// An operator who has repaired the provider calls Refresh, and does not want to wait for a
// pause.
func TestRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		p.wait(time.Second)
		together(10, func(int) {
			if err := c.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		})
		p.checkCount(t, 1) // single flight
		p.fail(500)
		for range 3 { // ignores the pause
			checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch)
		}
		p.checkCount(t, 4)
		mustFind(t, c, "a")
		p.publish(t, key(t, "P-256", "a"), key(t, "P-384", "b"))
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustFind(t, c, "b")
		if s := c.Status(); s.Fetches != 5 || s.Failures != 3 || s.LastError != nil {
			t.Errorf("got %+v, want 5 fetches and 3 failures", s)
		}
		checkUnknown(t, c, "x")
		checkUnknown(t, c, "y")
		p.checkCount(t, 7) // Refresh drew no token
	})
}

// The caller of Refresh may give up. The fetch goes on for the others.
func TestRefreshGivesUpWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		p.wait(5 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if waited := took(func() { checkErrors(t, c.Refresh(ctx), context.DeadlineExceeded, jwkhttp.ErrFetch) }); waited != time.Second {
			t.Errorf("waited %v, want 1s", waited)
		}
		if waited := took(func() { mustFind(t, c, "a") }); waited != 4*time.Second {
			t.Errorf("a read waited %v, want 4s for the same fetch", waited)
		}
		p.checkCount(t, 1)
	})
}

// Servers close their clients at the end of a test and of the process, while requests still
// run.
func TestClose(t *testing.T) {
	run(t, "F20 during a fetch", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.wait(5 * time.Second)
		c := p.client(t, nil)
		go together(10, func(int) {
			_, err := find(c, "a")
			checkErrors(t, err, jwkhttp.ErrFetch)
		})
		go func() { checkErrors(t, c.Refresh(t.Context()), jwkhttp.ErrFetch) }()
		sleep(time.Second)
		if waited := took(func() { c.Close(); synctest.Wait() }); waited != 0 {
			t.Errorf("the reads ended after %v, want at once", waited)
		}
		if s := c.Status(); s.Keys != 0 || s.Fetches != 1 || s.Failures != 0 || s.LastError != nil {
			t.Errorf("got %+v, want no set, one fetch and no failure", s)
		}
	})
	run(t, "F20 during a fetch that goes on", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		p.change(func() { p.hook = func(*http.Request) { time.Sleep(5 * time.Second) } })
		go func() {
			_, err := find(c, "a")
			checkClosed(t, err)
		}()
		sleep(time.Second)
		if waited := took(func() { c.Close(); synctest.Wait() }); waited != 0 {
			t.Errorf("the read ended after %v, want at once", waited)
		}
		sleep(time.Hour)
		if s := c.Status(); s.Keys != 0 || s.Failures != 0 {
			t.Errorf("got %+v, want that nothing changes after Close", s)
		}
	})
	run(t, "F20 twice, and use after", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		warm, cold := p.client(t, nil), p.client(t, nil)
		mustFind(t, warm, "a")
		for range 2 {
			if err := warm.Close(); err != nil {
				t.Error(err)
			}
			cold.Close()
		}
		for range 2 {
			mustFind(t, warm, "a")
			checkUnknown(t, warm, "b")
			if _, err := warm.Set(t.Context()); err != nil {
				t.Error(err)
			}
			_, err := find(cold, "a")
			checkClosed(t, err)
			_, err = cold.Set(t.Context())
			checkClosed(t, err)
			for _, c := range []*jwkhttp.Client{warm, cold} {
				checkClosed(t, c.Refresh(t.Context()))
				checkClosed(t, c.Start(t.Context()))
			}
			if warm.Snapshot() == nil || cold.Snapshot() != nil || warm.Status().Keys != 1 {
				t.Error("Snapshot and Status do not describe the last set")
			}
			sleep(time.Hour) // the life has ended
		}
		p.checkCount(t, 1)
	})
	run(t, "F20 after the set became stale", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		sleep(25 * time.Hour)
		c.Close()
		_, err := find(c, "a")
		checkErrors(t, err, jwkhttp.ErrStale, jwkhttp.ErrFetch)
		p.checkCount(t, 1)
	})
}

// checkClosed checks the error of a client that is closed.
func checkClosed(t *testing.T, err error) {
	t.Helper()
	checkErrors(t, err, jwkhttp.ErrFetch)
	if want := `jwkhttp: "issuer.example": the client is closed`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A client that was started with the context of the process, and then closed, must not stay in memory
// until the process ends.
func TestClosedClientIsCollected(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		closed := func() weak.Pointer[jwkhttp.Client] {
			c, err := jwkhttp.NewClient(providerURL, &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(ctx); err != nil {
				t.Fatal(err)
			}
			c.Close()
			return weak.Make(c)
		}()
		sleep(48 * time.Hour) // the runtime keeps a timer that was stopped for some time
		for range 10 {
			runtime.GC()
		}
		if closed.Value() != nil {
			t.Error("the client is still in memory")
		}
	})
}

// A service that is being stopped must not raise an alarm: the fetch that Close ends is no failure, and
// nothing is reported afterwards.
func TestCloseDuringAFetchReportsNothing(t *testing.T) {
	for range 200 { // the end of the fetch and Close run at the same time
		bubble(t, func(t *testing.T) {
			var events recorder
			p := newProvider(t, key(t, "P-256", "a"))
			c := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add})
			mustFind(t, c, "a")
			p.wait(5 * time.Second)
			go func() { _ = c.Refresh(context.Background()) }()
			sleep(time.Second)
			events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchSucceeded, jwkhttp.FetchStarted)
			c.Close()
			sleep(48 * time.Hour)
			events.checkKinds(t)
			if s := c.Status(); s.Failures != 0 || s.LastError != nil {
				t.Fatalf("got %+v, want no failure", s)
			}
		})
	}
}

// Close ends the timers, so the answers after it must not depend on the time that has passed, nor on how
// often Close was called.
func TestAnswersAfterCloseDoNotChange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		c.Close()
		sleep(48 * time.Hour)
		mustFind(t, c, "a")
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		mustFind(t, c, "a")
		if _, err := c.Set(t.Context()); err != nil {
			t.Errorf("got %v, want the last set", err)
		}
		p.checkCount(t, 1)
	})
}

// A request that was canceled must cost nothing, and must get what is in memory.
func TestReadsWithAContextThatHasEnded(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	run(t, "without a set", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		_, err := c.Find(ended, jwk.Query{KeyID: "a"})
		checkErrors(t, err, context.Canceled, jwkhttp.ErrFetch)
		_, err = c.Set(ended)
		checkErrors(t, err, context.Canceled, jwkhttp.ErrFetch)
		p.checkCount(t, 0)
	})
	run(t, "unknown kid", func(t *testing.T) {
		var events recorder
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, &jwkhttp.ClientOptions{UnknownKeyBurst: 1, OnEvent: events.add})
		mustFind(t, c, "a")
		events.take()
		for range 3 {
			_, err := c.Find(ended, jwk.Query{KeyID: "b"})
			checkErrors(t, err, context.Canceled, jwkhttp.ErrFetch, jwk.ErrNotFound)
		}
		p.checkCount(t, 1)
		events.checkKinds(t)
		p.publish(t, key(t, "P-384", "b"))
		mustFind(t, c, "b") // the only token is left
	})
	run(t, "expired set", func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		sleep(time.Hour)
		p.wait(time.Second)
		waited := took(func() {
			if k, err := c.Find(ended, jwk.Query{KeyID: "a"}); err != nil || k.KeyID() != "a" {
				t.Errorf("got %v, %v, want the key of the old set", k, err)
			}
		})
		if waited != 0 {
			t.Errorf("waited %v, want 0s", waited)
		}
	})
}
