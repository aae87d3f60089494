package jwkhttp

import (
	"context"
	"net/url"
	"time"
)

// NewClient returns a client for a URL. It checks the URL and the options, reads the Snapshot, and
// sends no request: the first read fetches the set. The URL must have the scheme https (or http with
// AllowHTTP), no user, no fragment, and at most 2,048 octets. All errors are [ErrFetch].
//
// A client that is neither read nor started sends nothing, and needs no Close to be collected as
// garbage.
func NewClient(rawURL string, opts *ClientOptions) (*Client, error) {
	u, err := checkURL(rawURL, opts != nil && opts.AllowHTTP)
	if err != nil {
		return nil, err
	}
	s, err := opts.settings()
	if err != nil {
		return nil, &Error{Host: hostOf(u), Err: err}
	}
	return newClient(u, s, opts), nil
}

func newClient(u *url.URL, s *settings, opts *ClientOptions) *Client {
	c := &Client{
		settings: s,
		url:      u,
		host:     hostOf(u),
		tokens:   bucket{interval: s.interval, burst: s.burst},
		misses:   negatives{interval: s.interval},
		events:   newNotifier(nil, nil),
		starts:   make(map[*start]func() bool),
	}
	c.life, c.end = context.WithCancel(context.Background())
	if opts != nil {
		c.events = newNotifier(opts.OnEvent, opts.Logger)
		c.restore(opts.Snapshot)
	}
	c.mu.Lock()
	c.update()
	c.mu.Unlock()
	c.events.deliver()
	c.events.waitForAll(c.refreshWait) // only what the snapshot has caused
	return c
}

// Refresh fetches the set now, or waits for the fetch that is under way, and returns its error. It
// does not wait for the pause after a failure, and does not count against the limit for unknown keys.
// It asks caches on the way to ask the server (RFC 9111, Section 5.2.1.4). The fetch goes on if ctx
// ends. If a fetch fails, the set in use stays.
func (c *Client) Refresh(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return c.failure(0, endOf(ctx))
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.failure(0, errClosed)
	}
	f := c.begin(byCaller)
	c.update()
	c.mu.Unlock()
	c.events.deliver()
	return c.waitForSet(ctx, f)
}

// Start fetches the set, and returns the error of this fetch. Until ctx ends or the client is closed,
// the client then refreshes the set when it is time, even without reads, and even if the first fetch
// has failed. It has no goroutine between fetches.
func (c *Client) Start(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return c.failure(0, endOf(ctx))
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.failure(0, errClosed)
	}
	call := new(start)
	c.starts[call] = context.AfterFunc(ctx, func() {
		c.change(func() { delete(c.starts, call) })
	})
	c.mu.Unlock()
	return c.Refresh(ctx)
}

// Close ends the fetch that is under way and all timers. Reads then answer from the last set, or with
// an error if there is no set, and never fetch. No time ends the use of this set any more, so stop
// reading after Close. Close returns nil.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	c.end() // under the mutex: the fetch that it ends is no failure
	for call, detach := range c.starts {
		detach()
		delete(c.starts, call)
	}
	if c.timer != nil {
		c.timer.Stop()
	}
	last := &view{set: c.kept.set, duty: serve}
	if p := c.kept.phase(time.Now()); p == cold || p == stale {
		last = &view{duty: refuse, err: c.withoutSet(c.failure(0, errClosed))}
	}
	c.view.Store(last)
	return nil
}
