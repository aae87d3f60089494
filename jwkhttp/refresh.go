package jwkhttp

import (
	"context"
	"errors"
	"net/url"
	"time"
	"weak"

	"github.com/seed1f6cf2d3/jwk"
)

var (
	errClosed = errors.New("the client is closed")
	errBroken = errors.New("the HTTPClient or the Parser panicked")
)

// maxKeyID is the size in octets of the longest kid that causes a refresh.
const maxKeyID = 1 << 10

// A flight is one fetch. All who need it wait for the same one. It does not end with the context of
// the caller who caused it.
type flight struct {
	unknown bool          // an unknown key caused it
	done    chan struct{} // closed at the end
	err     error         // valid after done
	late    chan struct{} // closed when a read has waited in vain; no other read waits then
	isLate  bool          // guarded by Client.mu
}

func newClient(u *url.URL, s *settings, opts *ClientOptions) *Client {
	c := &Client{
		settings: s,
		url:      u,
		host:     hostOf(u),
		tokens:   bucket{interval: s.interval, burst: s.burst},
		misses:   negatives{interval: s.interval},
	}
	c.life, c.end = context.WithCancel(context.Background())
	if opts != nil {
		c.events = notifier{onEvent: opts.OnEvent, logger: opts.Logger}
		c.restore(opts.Snapshot)
	}
	c.mu.Lock()
	c.update()
	c.mu.Unlock()
	c.events.deliver()
	return c
}

// Refresh fetches the set now, or waits for the fetch that is under way, and returns its error. It
// does not wait for the pause after a failure, and does not count against the limit for unknown keys.
// The fetch goes on if ctx ends. If a fetch fails, the set in use stays.
func (c *Client) Refresh(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return c.failure(0, context.Cause(ctx))
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.failure(0, errClosed)
	}
	f := c.begin(false)
	c.update()
	c.mu.Unlock()
	c.events.deliver()
	return c.wait(ctx, f, c.timeout+graceTime, nil)
}

// Start fetches the set, and returns the error of this fetch. Until ctx ends or the client is closed,
// the client then refreshes the set when it is time, also if nobody reads, and also if the first fetch
// has failed. It has no goroutine between fetches.
func (c *Client) Start(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return c.failure(0, context.Cause(ctx))
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.failure(0, errClosed)
	}
	c.started++
	c.unstart = append(c.unstart, context.AfterFunc(ctx, func() {
		c.change(func() { c.started-- })
	}))
	c.mu.Unlock()
	return c.Refresh(ctx)
}

// Close ends the fetch that is under way and all timers. Reads then answer from the last set, or with
// an error if there is no set, and never fetch. Close returns nil.
func (c *Client) Close() error {
	c.end()
	c.change(func() {
		c.closed = true
		for _, stop := range c.unstart {
			stop()
		}
		c.unstart = nil
	})
	return nil
}

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

// join returns the fetch that a read must wait for, and the view that says so. It begins the fetch if
// none is under way.
func (c *Client) join() (*flight, *view) {
	c.mu.Lock()
	defer c.events.deliver() // after the unlock
	defer c.mu.Unlock()
	c.update()
	v := c.seen.Load()
	if v.duty == serve || v.duty == refuse {
		return nil, v
	}
	f := c.begin(false)
	c.update()
	return f, v
}

// refreshFor refreshes the set because no key of old answers q, and returns the set to ask next. It
// returns old, at once, if no refresh is allowed, and an error if the refresh failed.
func (c *Client) refreshFor(ctx context.Context, q *jwk.Query, old *jwk.Set) (*jwk.Set, error) {
	f, next, err := c.joinFor(q, old)
	c.events.deliver()
	if f == nil {
		return next, err
	}
	if err := c.wait(ctx, f, c.refreshWait, f.late); err != nil {
		return nil, err
	}
	next = c.seen.Load().set
	if next == nil {
		return old, nil
	}
	// A fetch that began for another reason may be older than the key.
	if _, err := next.Find(ctx, *q); err != nil && f.unknown {
		c.remember(q)
	}
	return next, nil
}

// remember notes that a refresh did not bring the key that q asks for.
func (c *Client) remember(q *jwk.Query) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.misses.add(q, time.Now())
}

// joinFor returns the fetch to wait for, or the set to ask next.
func (c *Client) joinFor(q *jwk.Query, old *jwk.Set) (*flight, *jwk.Set, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if set := c.seen.Load().set; set != nil && set != old {
		return nil, set, nil // another read has refreshed it
	}
	if c.closed || len(q.KeyID) > maxKeyID || c.misses.has(q, now) {
		return nil, old, nil
	}
	if now.Before(c.pausedTo) {
		return nil, nil, c.lastErr
	}
	if f := c.flight; f != nil {
		if f.isLate {
			return nil, nil, c.failure(0, errLate)
		}
		return f, nil, nil
	}
	if !c.tokens.take(now) {
		c.counts.rateLimited++
		c.events.add(Event{Kind: RateLimited, Host: c.host, KeyID: q.KeyID})
		return nil, old, nil
	}
	c.events.add(Event{Kind: UnknownKey, Host: c.host, KeyID: q.KeyID})
	f := c.begin(true)
	c.update()
	return f, nil, nil
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

// begin begins a fetch, unless one is under way, and returns it. The caller holds mu.
func (c *Client) begin(unknown bool) *flight {
	if c.flight == nil {
		c.flight = &flight{unknown: unknown, done: make(chan struct{}), late: make(chan struct{})}
		c.counts.fetches++
		c.events.add(Event{Kind: FetchStarted, Host: c.host})
		go c.fly(c.flight, c.kept)
	}
	return c.flight
}

// fly makes a fetch, and ends the flight however the fetch ends. old is what was kept when it began.
func (c *Client) fly(f *flight, old kept) {
	c.events.deliver() // FetchStarted
	start := time.Now()
	a, next, err := new(answer), kept{}, error(errBroken)
	defer func() {
		if recover() != nil {
			c.events.logPanic("jwkhttp: "+errBroken.Error(), c.host)
		}
		c.land(f, a, old, next, err, time.Since(start))
	}()
	ctx, cancel := context.WithTimeout(c.life, c.timeout)
	defer cancel()
	if a, err = c.get(ctx, c.url, c.header, old.validators); err == nil {
		next, err = old.after(c.settings, a, time.Now())
	}
}

// land takes over the result of a fetch: next, or the reason why it failed.
func (c *Client) land(f *flight, a *answer, old, next kept, reason error, took time.Duration) {
	defer close(f.done) // after the events; also if OnEvent ends the goroutine
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
	c.change(func() {
		c.flight = nil
		switch {
		case c.closed:
			f.err = c.failure(0, errClosed)
			return // nothing changes after Close
		case reason != nil:
			f.err = c.failure(a.status, reason)
			c.failures++
			c.counts.failures++
			c.pausedTo = time.Now().Add(pause(c.failures, a.retryAfter))
			c.lastErr, e.Err = f.err, f.err
		default:
			if next.set != old.set {
				c.misses.clear()
			}
			if a.notModified {
				c.counts.notModified++
			}
			c.kept, c.failures, c.pausedTo, c.lastErr, c.reported = next, 0, time.Time{}, nil, fresh
		}
		c.events.add(e)
	})
}

// update brings the view into agreement with the other fields and the time, and sets the timer for
// the next change. If the client was started, it begins the fetch that is due. The caller holds mu.
func (c *Client) update() {
	now := time.Now()
	p := c.kept.phase(now)
	paused := now.Before(c.pausedTo)
	if p != fresh && c.started > 0 && !paused && !c.closed {
		c.begin(false)
	}
	c.report(p)
	v := &view{set: c.kept.set, duty: serve}
	switch {
	case p == fresh || c.closed && p != cold && p != stale:
		// The set answers.
	case p == due:
		if !paused && c.flight == nil {
			v.duty = renew
		}
	case p == expired:
		if !paused && !(c.flight != nil && c.flight.isLate) {
			v.duty = await
		}
	case paused || c.closed:
		reason := c.lastErr
		if c.closed {
			reason = c.failure(0, errClosed)
		}
		*v = view{duty: refuse, err: c.withoutSetLocked(reason)}
	default:
		*v = view{duty: fetch}
	}
	c.seen.Store(v)
	c.setTimer(now)
}

// report adds an event when the life of the set ends, and when the set becomes stale.
func (c *Client) report(p phase) {
	if p <= c.reported || c.closed {
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
	if c.closed {
		return
	}
	var next time.Time
	for _, t := range [...]time.Time{c.pausedTo, c.kept.dueAt, c.kept.expiresAt, c.kept.staleAt} {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if next.IsZero() {
		return
	}
	tick := c.tick
	if c.started == 0 {
		w := weak.Make(c)
		tick = func() {
			if c := w.Value(); c != nil {
				c.tick()
			}
		}
	}
	c.timer = time.AfterFunc(next.Sub(now), tick)
}

// failure returns the error with a reason.
func (c *Client) failure(status int, reason error) *Error {
	return &Error{Host: c.host, Status: status, Err: reason}
}

// withoutSet returns the error of a read that gets no set, because a fetch failed with err. If there
// is a set that is too old, the error is also ErrStale.
func (c *Client) withoutSet(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.withoutSetLocked(err)
}

func (c *Client) withoutSetLocked(err error) error {
	if c.kept.set == nil {
		return err
	}
	var last *Error
	if !errors.As(err, &last) {
		return c.failure(0, &staleReason{})
	}
	return c.failure(last.Status, &staleReason{last.Err})
}
