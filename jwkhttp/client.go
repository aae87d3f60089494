package jwkhttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/seed1f6cf2d3/jwk"
)

// A Client holds the key set of a URL and keeps it fresh. It is a [jwk.Source]. Its methods are safe
// for concurrent use. Make it once and share it; see [NewClient].
type Client struct {
	view atomic.Pointer[view] // what reads see; all else changes under mu

	*settings
	url    *url.URL
	host   string
	life   context.Context // ends with Close
	end    context.CancelFunc
	events *notifier

	mu          sync.Mutex // guards the fields below
	kept        kept
	flight      *flight   // the fetch that is under way, or nil
	failures    int       // in a row
	pausedUntil time.Time // the end of the pause after a failure
	lastErr     error     // of the last fetch, or nil
	tokens      bucket
	misses      negatives
	timer       *time.Timer // for the next change that time brings
	reported    phase       // the last phase of the set that was an event
	counts      counts
	starts      map[*start]func() bool // calls of Start that are in force; the functions detach their contexts
	closed      bool
}

// A start is a call of Start.
type start struct{ _ byte } // not empty, so that each has an address of its own

// counts are the counters of a [Status].
type counts struct{ fetches, notModified, failures, rateLimited uint64 }

// A view says how reads are answered until something changes. It is immutable.
type view struct {
	set  *jwk.Set // the set that answers; nil if there is no set that may be used
	duty duty
	err  error // if duty is refuse
}

// A duty is what a read must do besides asking the set.
type duty int

const (
	serve  duty = iota // answer from the set
	renew              // start a refresh, and answer from the set
	await              // wait for a refresh, but not for long, and then answer from the set
	fetch              // wait for a fetch, because there is no set
	refuse             // return the error, because there is no set and no fetch may start now
)

// A trigger is the reason for a fetch.
type trigger int

const (
	byTime       trigger = iota // there is no set, or its life comes to an end
	byUnknownKey                // no key of the set answers a query
	byCaller                    // Refresh was called
)

// A flight is one fetch. All who need it wait for the same one. It does not end with the context of
// the caller who caused it.
type flight struct {
	trigger trigger
	done    chan struct{} // closed at the end
	err     error         // valid after done
	late    chan struct{} // closed when a read has waited in vain; no other read waits then
	isLate  bool          // guarded by Client.mu
	limit   *time.Timer   // closes late; made by the first read that waits; guarded by Client.mu
}

var (
	errClosed  = errors.New("the client is closed")
	errBroken  = errors.New("the HTTPClient or the Parser panicked")
	errLate    = errors.New("the refresh takes longer than RefreshWait")
	errOverdue = errors.New("the fetch takes longer than Timeout")
)

// graceTime is how much longer than Timeout a caller waits who needs the result of a fetch. After half
// of it, a fetch ends even if the HTTPClient does not heed its context.
const graceTime = time.Second

// change makes a change under the mutex, and then what follows from it.
func (c *Client) change(f func()) {
	c.mu.Lock()
	f()
	c.update()
	c.mu.Unlock()
	c.events.deliver()
}

// tick is called when time has brought a change.
func (c *Client) tick() { c.change(func() {}) }

// update brings the view into agreement with the other fields and the time, and sets the timer for
// the next change. If the client was started, it begins the fetch that is due. The caller holds mu.
func (c *Client) update() {
	if c.closed {
		return // the view stays as Close has left it
	}
	now := time.Now()
	p := c.kept.phase(now)
	paused := now.Before(c.pausedUntil)
	c.report(p)
	if p != fresh && len(c.starts) > 0 && !paused {
		c.begin(byTime)
	}
	v := &view{set: c.kept.set, duty: serve}
	switch {
	case p == fresh:
		// The set answers.
	case p == due:
		if !paused && c.flight == nil {
			v.duty = renew
		}
	case p == expired:
		if !paused && !(c.flight != nil && c.flight.isLate) {
			v.duty = await
		}
	case paused:
		*v = view{duty: refuse, err: c.withoutSet(c.lastErr)}
	default:
		*v = view{duty: fetch}
	}
	c.view.Store(v)
	c.setTimer(now)
}

// report adds an event when the life of the set ends, and when the set becomes stale.
func (c *Client) report(p phase) {
	if p <= c.reported {
		return
	}
	c.reported = p
	switch p {
	case expired:
		c.events.add(Event{Kind: Expired, Host: c.host, Err: c.lastErr})
	case stale:
		c.events.add(Event{Kind: Stale, Host: c.host, Err: c.lastErr})
	}
}

// setTimer sets the timer for the next change that time brings. The timer does not keep the client
// alive: a client that is forgotten without Close, such as one that a Pool has dropped, is collected
// with its set. A client that was started is kept alive, since its events may be wanted.
func (c *Client) setTimer(now time.Time) {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	var next time.Time
	for _, t := range [...]time.Time{c.pausedUntil, c.kept.dueAt, c.kept.expiresAt, c.kept.staleAt} {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if next.IsZero() {
		return
	}
	tick := c.tick
	if len(c.starts) == 0 {
		w := weak.Make(c)
		tick = func() {
			if c := w.Value(); c != nil {
				c.tick()
			}
		}
	}
	c.timer = time.AfterFunc(next.Sub(now), tick)
}

// begin begins a fetch, unless one is under way, and returns it. The caller holds mu.
func (c *Client) begin(t trigger) *flight {
	if c.flight == nil {
		c.flight = &flight{trigger: t, done: make(chan struct{}), late: make(chan struct{})}
		c.counts.fetches++
		c.events.add(Event{Kind: FetchStarted, Host: c.host})
		go c.fly(c.flight, c.kept)
	}
	return c.flight
}

// fly makes a fetch, and ends the flight however the fetch ends. old is what was kept when it began.
func (c *Client) fly(f *flight, old kept) {
	start := time.Now()
	a, next, err := new(answer), kept{}, error(errBroken) // err changes only at the end
	// An HTTPClient that does not heed its context must not hold the flight. Its answer is dropped.
	overdue := time.AfterFunc(c.timeout+graceTime/2, func() {
		c.finish(f, new(answer), old, kept{}, context.DeadlineExceeded, time.Since(start))
	})
	defer func() {
		defer func() { // even if the Logger ends this goroutine; overdue ends the flight if it blocks
			overdue.Stop()
			c.finish(f, a, old, next, err, time.Since(start))
		}()
		if recover() != nil {
			c.events.logPanic("jwkhttp: "+errBroken.Error(), c.host)
		}
	}()
	ctx, cancel := context.WithTimeout(c.life, c.timeout)
	defer cancel()
	got, failed := c.get(ctx, c.url, old.validators, f.trigger != byTime)
	if a = got; failed == nil {
		next, failed = old.after(c.settings, a, time.Now())
	}
	err = failed
}

// finish takes over the result of a fetch: next, or the reason why it failed. It does nothing if the
// flight has ended.
func (c *Client) finish(f *flight, a *answer, old, next kept, reason error, took time.Duration) {
	e := Event{Kind: FetchSucceeded, Host: c.host, Status: a.status, Duration: took}
	switch {
	case reason != nil:
		e.Kind = FetchFailed
	case a.notModified:
		e.Kind = FetchNotModified
	case !c.events.isOff():
		diff := old.set.Diff(next.set)
		e.Diff = &diff
	}
	isFirst, place := false, uint64(0)
	c.change(func() {
		if c.flight != f {
			return
		}
		c.flight, isFirst = nil, true
		switch {
		case c.closed:
			f.err = c.failure(0, errClosed)
			return // nothing changes after Close
		case reason != nil:
			f.err = c.failure(a.status, reason)
			c.failures++
			c.counts.failures++
			c.pausedUntil = time.Now().Add(pause(c.failures, a.retryAfter))
			c.lastErr, e.Err = f.err, f.err
		default:
			if next.set != old.set {
				c.misses.clear()
			}
			if a.notModified {
				c.counts.notModified++
			}
			c.kept, c.failures, c.pausedUntil, c.lastErr, c.reported = next, 0, time.Time{}, nil, fresh
		}
		place = c.events.add(e)
	})
	if !isFirst {
		return
	}
	c.events.wait(place, c.refreshWait) // who waits for the fetch finds its events reported
	close(f.done)
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.limit != nil {
		f.limit.Stop()
	}
}

// waitForRefresh waits for the end of a fetch, and returns its error. It returns earlier if a read has
// waited for this fetch in vain. limitWait must have been called.
func (c *Client) waitForRefresh(ctx context.Context, f *flight) error {
	return c.wait(ctx, f, nil, f.late)
}

// waitForSet waits for the end of a fetch, and returns its error. It is for callers who cannot go on
// without the result.
func (c *Client) waitForSet(ctx context.Context, f *flight) error {
	timer := time.NewTimer(c.timeout + graceTime)
	defer timer.Stop()
	return c.wait(ctx, f, timer.C, nil)
}

// wait waits until the fetch, ctx or the client has ended, or until overdue or late is ready.
func (c *Client) wait(ctx context.Context, f *flight, overdue <-chan time.Time, late <-chan struct{}) error {
	var reason error
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return c.failure(0, endOf(ctx))
	case <-c.life.Done():
		reason = errClosed
	case <-late:
		reason = errLate
	case <-overdue:
		reason = errOverdue
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flight != f {
		return f.err // the fetch has ended, and waits for OnEvent
	}
	return c.failure(0, reason)
}

// limitWait starts the time after which no read waits for a refresh. It counts from the first read that
// waits, even if the context of this read ends before. The caller holds mu.
func (c *Client) limitWait(f *flight) {
	if f.limit == nil {
		f.limit = time.AfterFunc(c.refreshWait, func() { c.giveUp(f) })
	}
}

// endOf returns the error of a context that has ended. It is also the cause of the end, if there is one.
func endOf(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// giveUp makes all reads stop waiting for a fetch.
func (c *Client) giveUp(f *flight) {
	c.change(func() {
		if !f.isLate {
			f.isLate = true
			close(f.late)
		}
	})
}

// failure returns the error with a reason.
func (c *Client) failure(status int, reason error) *Error {
	return &Error{Host: c.host, Status: status, Err: reason}
}

// withoutSet returns the error of a read that gets no set, because a fetch failed with err. If there is
// a set that is too old, the error is also ErrStale. The caller holds mu.
func (c *Client) withoutSet(err error) error {
	if c.kept.set == nil {
		return err
	}
	var last *Error
	if !errors.As(err, &last) {
		return c.failure(0, &staleReason{})
	}
	return c.failure(last.Status, &staleReason{last.Err})
}

// String returns the host of the URL.
func (c *Client) String() string { return c.host }

// Format writes the host of the URL for every verb, because the fields may hold a token.
func (c *Client) Format(f fmt.State, verb rune) { io.WriteString(f, c.host) }

// LogValue returns the host of the URL, for package log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.host) }
