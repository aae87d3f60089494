package jwkhttp

import (
	"context"
	"errors"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

var _ jwk.Source = (*Client)(nil)

// maxKeyID is the size in octets of the longest kid that causes a refresh.
const maxKeyID = 1 << 10

// Find returns the first key that answers q, as [jwk.Set.Find] does on the current set.
//
// If no key answers q, and q has no kid or a kid that the set does not have, the client refreshes the
// set and asks again. It does not refresh if UnknownKeyBurst and UnknownKeyInterval do not allow it, if
// the kid has more than 1,024 octets, or if a refresh within the last UnknownKeyInterval did not bring
// the kid. The error is then the [*jwk.NotFoundError], at once. If the refresh fails or takes longer
// than RefreshWait, if ctx ends before it does, and during the pause after a failure, the error is both
// the *jwk.NotFoundError and an [*Error]. A kid that is in the set never causes a refresh, even if its
// key is for another algorithm or was skipped.
//
// Any other error is [ErrFetch]: there is no set yet and the fetch failed, the set is too old (also
// [ErrStale]), or ctx ended while Find waited for a set. If the life of the set has ended and ctx ends
// while Find waits for a refresh, Find answers from the old set.
//
// A service answers 503 if the error is ErrFetch, and 401 otherwise. It must test for ErrFetch first,
// because the error can be both.
func (c *Client) Find(ctx context.Context, q jwk.Query) (*jwk.Key, error) {
	if v := c.view.Load(); v.duty == serve {
		k, err := v.set.Find(ctx, q)
		if err == nil {
			return k, nil
		}
		return retry(ctx, c, v.set, q, err, (*jwk.Set).Find)
	}
	return read(ctx, c, q, (*jwk.Set).Find)
}

// FindAll returns every key that answers q, as [jwk.Set.FindAll] does on the current set. It refreshes
// the set as Find does.
func (c *Client) FindAll(ctx context.Context, q jwk.Query) ([]*jwk.Key, error) {
	return read(ctx, c, q, (*jwk.Set).FindAll)
}

// Set returns the current set. It fetches the set if it has no set yet, and refreshes it as Find does
// when its life ends. The set is the same pointer until a fetch brings another set. All errors are
// [ErrFetch]. If a refresh fails while the old set is in use, Set returns the old set.
func (c *Client) Set(ctx context.Context) (*jwk.Set, error) {
	set, _, err := c.current(ctx)
	if set != nil {
		return set, nil // a refresh may have failed, but the set is in use
	}
	return nil, err
}

// A question is Find or FindAll of a set.
type question[T any] func(*jwk.Set, context.Context, jwk.Query) (T, error)

// read answers q from the current set.
func read[T any](ctx context.Context, c *Client, q jwk.Query, ask question[T]) (T, error) {
	set, done, err := c.current(ctx)
	if set == nil {
		var zero T
		return zero, err
	}
	answer, notFound := ask(set, ctx, q)
	switch {
	case notFound == nil:
		return answer, nil
	case done != await && done != fetch:
		return retry(ctx, c, set, q, notFound, ask)
	case !isUnknown(notFound, &q): // one wait is enough
		return answer, notFound
	case err != nil:
		return answer, both(notFound, err)
	case done == fetch: // the set could not be newer
		c.remember(&q)
	}
	return answer, notFound
}

// retry asks for a key that set does not have, after a refresh if one is allowed.
func retry[T any](ctx context.Context, c *Client, set *jwk.Set, q jwk.Query, notFound error, ask question[T]) (T, error) {
	var zero T
	if !isUnknown(notFound, &q) {
		return zero, notFound
	}
	next, err := c.refreshFor(ctx, &q, set)
	if err != nil {
		return zero, both(notFound, err)
	}
	if next == set {
		return zero, notFound
	}
	return ask(next, ctx, q)
}

// isUnknown reports whether a refresh could bring the key that a query asks for. It could not if the
// set has the kid: then the key is for something else, or was skipped.
func isUnknown(err error, q *jwk.Query) bool {
	notFound, ok := errors.AsType[*jwk.NotFoundError](err) // As would allocate
	if !ok {
		return false
	}
	return q.KeyID == "" || len(notFound.Closest) == 0 && len(notFound.Skipped) == 0
}

// current returns the set for a read. It does the duty of the read before, and returns it. If a fetch
// that it waited for has failed, err says why, and set is the old set, or nil if it must not be used.
func (c *Client) current(ctx context.Context) (set *jwk.Set, done duty, err error) {
	v := c.view.Load()
	if v.duty == serve || v.duty == refuse {
		return v.set, v.duty, v.err
	}
	if v.duty == fetch && ctx.Err() != nil {
		done, err = fetch, c.failure(0, endOf(ctx)) // without a request that this caller does not need
	} else {
		var f *flight
		f, v = c.join()
		done = v.duty
		switch done {
		case await:
			err = c.waitForRefresh(ctx, f)
		case fetch:
			err = c.waitForSet(ctx, f)
		default:
			return v.set, done, v.err
		}
	}
	if v = c.view.Load(); v.set != nil { // also if ctx has ended: the answer is in memory
		return v.set, done, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return nil, done, c.withoutSet(err)
}

// join returns the view, and the fetch that a read must wait for. It begins the fetch unless one is
// under way.
func (c *Client) join() (*flight, *view) {
	c.mu.Lock()
	defer c.events.deliver() // after the unlock
	defer c.mu.Unlock()
	if c.flight == nil {
		c.update() // the life may end at this moment, before the timer has said so
	}
	v := c.view.Load()
	if v.duty == serve || v.duty == refuse {
		return nil, v // another read came first
	}
	if c.flight == nil {
		c.begin(byTime)
		c.update()
	}
	if v.duty == await {
		c.limitWait(c.flight)
	}
	return c.flight, v
}

// refreshFor refreshes the set because no key of old answers q, and returns the set to ask next. It
// returns old, at once, if no refresh is allowed, and an error if the refresh failed.
func (c *Client) refreshFor(ctx context.Context, q *jwk.Query, old *jwk.Set) (*jwk.Set, error) {
	f, next, err := c.joinFor(ctx, q, old)
	c.events.deliver()
	if f == nil {
		return next, err
	}
	err = c.waitForRefresh(ctx, f)
	next = c.view.Load().set
	switch {
	case err != nil && (next == nil || next == old):
		return nil, err
	case next == nil:
		return old, nil
	}
	// A fetch that began for another reason may be older than the key.
	if _, err := next.Find(ctx, *q); err != nil && f.trigger == byUnknownKey {
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
func (c *Client) joinFor(ctx context.Context, q *jwk.Query, old *jwk.Set) (*flight, *jwk.Set, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if set := c.view.Load().set; set != nil && set != old {
		return nil, set, nil // another read has refreshed it
	}
	if c.closed || len(q.KeyID) > maxKeyID || c.misses.has(q, now) {
		return nil, old, nil
	}
	if now.Before(c.pausedUntil) {
		return nil, nil, c.lastErr
	}
	if ctx.Err() != nil {
		return nil, nil, c.failure(0, endOf(ctx)) // before it draws a token
	}
	if f := c.flight; f != nil {
		if f.isLate {
			return nil, nil, c.failure(0, errLate)
		}
		c.limitWait(f)
		return f, nil, nil
	}
	if !c.tokens.take(now) {
		c.counts.rateLimited++
		c.events.add(Event{Kind: RateLimited, Host: c.host, KeyID: q.KeyID})
		return nil, old, nil
	}
	c.events.add(Event{Kind: UnknownKey, Host: c.host, KeyID: q.KeyID})
	f := c.begin(byUnknownKey)
	c.limitWait(f)
	c.update()
	return f, nil, nil
}
