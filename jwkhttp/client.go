package jwkhttp

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// A Client holds the key set of a URL and keeps it fresh. It is a [jwk.Source]. Its methods are safe
// for concurrent use. Make it once and share it; see [NewClient].
type Client struct {
	seen atomic.Pointer[view] // what reads see; all else changes under mu

	*settings
	url    *url.URL
	host   string
	life   context.Context // ends with Close
	end    context.CancelFunc
	events notifier

	mu       sync.Mutex // guards the fields below
	kept     kept
	flight   *flight   // the fetch that is under way, or nil
	failures int       // in a row
	pausedTo time.Time // the end of the pause after a failure
	lastErr  error     // of the last fetch, or nil
	tokens   bucket
	misses   negatives
	timer    *time.Timer // for the next change that time brings
	reported phase       // the last phase of the set that was an event
	counts   counts
	started  int           // calls of Start that are in force
	unstart  []func() bool // detach the client from the contexts of these calls
	closed   bool
}

var _ jwk.Source = (*Client)(nil)

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
	refuse             // return the error, because there is no set and none may be fetched now
)

// NewClient returns a client for a URL. It checks the URL and the options, and does nothing else: the
// first read fetches the set. The URL must have the scheme https (or http with AllowHTTP), and no user
// or fragment. All errors are [ErrFetch].
//
// A client without reads does nothing, and needs no Close to be collected as garbage.
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

// Find returns the first key that answers q, as [jwk.Set.Find] does on the current set.
//
// If no key answers q because no key has its kid, or q has no kid, the client refreshes the set and
// asks again. It does not refresh more often than UnknownKeyBurst and UnknownKeyInterval allow, during
// the pause after a failure, for a kid of more than 1,024 octets, or if the kid has just been asked
// for. Then the error is the [*jwk.NotFoundError] at once. If the refresh fails, the error is both the
// *jwk.NotFoundError and the [*Error] of the refresh. A kid that a key of the set has never causes a
// refresh, even if the key is for another algorithm.
//
// Any other error is [ErrFetch]: there is no set yet and the fetch failed, the set is too old (also
// [ErrStale]), or ctx ended while Find waited.
func (c *Client) Find(ctx context.Context, q jwk.Query) (*jwk.Key, error) {
	if v := c.seen.Load(); v.duty == serve {
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

// Set returns the current set. It fetches the set if there is none yet, and refreshes it as Find does
// when its life ends. The set is the same pointer until a fetch brings another set.
func (c *Client) Set(ctx context.Context) (*jwk.Set, error) {
	set, _, err := c.current(ctx)
	return set, err
}

// read answers q from the current set. ask is Find or FindAll of the set.
func read[T any](ctx context.Context, c *Client, q jwk.Query, ask func(*jwk.Set, context.Context, jwk.Query) (T, error)) (T, error) {
	set, waited, err := c.current(ctx)
	if set == nil {
		var zero T
		return zero, err
	}
	answer, notFound := ask(set, ctx, q)
	switch {
	case notFound == nil:
		return answer, nil
	case !isUnknown(notFound, &q):
		return answer, notFound
	case waited && err == nil: // the set is as new as it can be
		c.remember(&q)
		return answer, notFound
	case waited:
		return answer, both(notFound, err)
	}
	return retry(ctx, c, set, q, notFound, ask)
}

// retry asks for a key that set does not have, after a refresh if one is allowed.
func retry[T any](ctx context.Context, c *Client, set *jwk.Set, q jwk.Query, notFound error, ask func(*jwk.Set, context.Context, jwk.Query) (T, error)) (T, error) {
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

// current returns the set for a read, and waits for a refresh if the read must. waited reports that
// it did. If the refresh failed, err says why, and set is the old set, or nil if it must not be used.
func (c *Client) current(ctx context.Context) (set *jwk.Set, waited bool, err error) {
	v := c.seen.Load()
	if v.duty == serve {
		return v.set, false, nil
	}
	f, v := c.join()
	switch v.duty {
	case await:
		err = c.wait(ctx, f, c.refreshWait, f.late)
	case fetch:
		err = c.wait(ctx, f, c.timeout+graceTime, nil)
	default:
		return v.set, false, v.err
	}
	if ctx.Err() != nil && err != nil {
		return nil, true, err
	}
	if v = c.seen.Load(); v.set != nil {
		return v.set, true, err
	}
	return nil, true, c.withoutSet(err)
}

// graceTime is how much longer than Timeout a read without a set waits, in case the HTTPClient does
// not heed its context.
const graceTime = time.Second

// errLate is the reason of an error that comes before the refresh has ended.
var errLate = errors.New("the refresh takes longer than RefreshWait")

// wait waits for the end of a fetch, and returns its error. It returns earlier if ctx ends, if limit
// has passed, if late is closed, or if the client is closed.
func (c *Client) wait(ctx context.Context, f *flight, limit time.Duration, late <-chan struct{}) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return c.failure(0, context.Cause(ctx))
	case <-c.life.Done():
		return c.failure(0, errClosed)
	case <-late:
	case <-timer.C:
		c.giveUp(f)
	}
	return c.failure(0, errLate)
}

// String returns the host of the URL.
func (c *Client) String() string { return c.host }

// GoString returns the host of the URL, because the fields may hold a token.
func (c *Client) GoString() string { return c.host }

// LogValue returns the host of the URL, for package log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.host) }
