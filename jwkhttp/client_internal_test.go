package jwkhttp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const oneKey = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}]}`

// answering returns a RoundTripper that answers with a set.
func answering(body string) roundTrip {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// clientOf returns a client that asks r. It is closed at the end of the test.
func clientOf(t *testing.T, r roundTrip, opts ClientOptions) *Client {
	t.Helper()
	opts.HTTPClient = &http.Client{Transport: r}
	c, err := NewClient("https://issuer.example/jwks", &opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// A writeFunc is an io.Writer.
type writeFunc func(line string)

func (f writeFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}

// If the parser panicked at a set that the provider publishes, and the client took this for a success, it
// would drop its keys, and the service would refuse all tokens until a restart.
func TestPanicAfterTheAnswerKeepsTheSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			c     *Client
			good  *settings
			kinds []EventKind
		)
		c = clientOf(t, answering(oneKey), ClientOptions{
			OnEvent: func(e Event) { kinds = append(kinds, e.Kind) },
			Logger: slog.New(slog.NewTextHandler(writeFunc(func(line string) {
				if strings.Contains(line, "stack=") { // only the record of the panic has a stack
					c.settings = good // on the goroutine that has panicked
				}
			}), nil)),
		})
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		good = c.settings
		want := c.kept
		c.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			c.settings = nil // what follows the answer panics
			return answering(oneKey + " ")(r)
		})
		f := &flight{trigger: byCaller, done: make(chan struct{}), late: make(chan struct{})}
		c.flight = f
		c.fly(f, c.kept)
		if synctest.Wait(); c.settings == nil {
			t.Fatal("the panic was not logged")
		}
		if c.kept != want || !errors.Is(f.err, errBroken) || !errors.Is(f.err, ErrFetch) {
			t.Errorf("got the set %v and the error %v, want the old set and %v", c.kept.set, f.err, errBroken)
		}
		if len(kinds) != 3 || kinds[2] != FetchFailed {
			t.Errorf("got the events %v, want the last to be %v", kinds, FetchFailed)
		}
		if s := c.Status(); s.Keys != 1 || s.Failures != 1 || !errors.Is(s.LastError, errBroken) {
			t.Errorf("got %+v, want 1 key and 1 failure", s)
		}
		if set, err := c.Set(t.Context()); err != nil || set != want.set {
			t.Errorf("got %v, %v, want the old set", set, err)
		}
	})
}

// A service that calls Start for each of its jobs, with the context of the job, would otherwise use more
// memory with each job.
func TestStartsThatEndedAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clientOf(t, answering(oneKey), ClientOptions{})
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 1_000 {
			ctx, cancel := context.WithCancel(t.Context())
			if err := c.Start(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
		synctest.Wait()
		if got := len(c.starts); got != 1 {
			t.Errorf("got %d calls of Start in force, want 1", got)
		}
		c.Close()
		if got := len(c.starts); got != 0 {
			t.Errorf("got %d calls of Start in force after Close, want 0", got)
		}
	})
}

// If the fetch that Close ends could still take the mutex first, it would count as a failure, and raise an
// alarm when a service stops.
func TestCloseEndsTheFetchUnderTheMutex(t *testing.T) {
	c := clientOf(t, answering(oneKey), ClientOptions{})
	end, isEarly := c.end, false
	c.end = func() {
		if c.mu.TryLock() {
			isEarly = true
			c.mu.Unlock()
		}
		end()
	}
	c.Close()
	if isEarly || c.life.Err() == nil {
		t.Errorf("got the fetch ended %v, before the mutex was held %v, want the end under the mutex", c.life.Err() != nil, isEarly)
	}
}

// A machine that sets its clock back must not accept a revoked key for longer, nor one that sets it ahead
// take its set for stale. A set from a snapshot must not differ in this from a set that was fetched.
func TestLivesRunOnTheMonotonicClock(t *testing.T) {
	fetched := clientOf(t, answering(oneKey), ClientOptions{})
	if err := fetched.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	restored := clientOf(t, answering(oneKey), ClientOptions{Snapshot: fetched.Snapshot()})
	if restored.kept.set == nil {
		t.Fatal("the snapshot was refused")
	}
	for name, k := range map[string]kept{"fetched": fetched.kept, "restored": restored.kept} {
		for _, at := range []string{k.dueAt.String(), k.expiresAt.String(), k.staleAt.String()} {
			if !strings.Contains(at, " m=") {
				t.Errorf("%s: got %s, want a time with a monotonic reading", name, at)
			}
		}
	}
}

// Programs walk the chain of an error and call Error on each, which panics on nil.
func TestStaleErrorWithoutALastError(t *testing.T) {
	c := clientOf(t, answering(oneKey), ClientOptions{})
	if err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.withoutSet(nil)
	if !errors.Is(err, ErrStale) || !errors.Is(err, ErrFetch) {
		t.Errorf("got %v, want ErrStale and ErrFetch", err)
	}
	reason, ok := errors.AsType[*staleReason](err)
	if !ok {
		t.Fatalf("got %v, want a *staleReason", err)
	}
	if chain := reason.Unwrap(); len(chain) != 1 || chain[0] != ErrStale {
		t.Errorf("got %v below the reason, want only ErrStale", chain)
	}
	if want := `jwkhttp: "issuer.example": the last good set is stale`; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
