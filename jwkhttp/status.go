package jwkhttp

import "time"

// A Status says how a [Client] is doing.
type Status struct {
	Host    string // the host of the URL
	Keys    int    // the keys of the set
	Skipped int    // the entries of the set that cannot be used

	// The times are zero if there is no set, except NextRefresh during the pause after a failure.
	// NextRefresh is zero after Close.
	FetchedAt   time.Time // the last success
	ExpiresAt   time.Time // the end of the life of the set
	StaleAt     time.Time // the time after which the set is not used any more
	NextRefresh time.Time // the time from which on the set is refreshed: ahead of ExpiresAt, or after a failure

	Stale     bool  // StaleAt has passed: the set is too old to be used
	LastError error // why the last fetch failed, an [*Error]; nil after a success

	Fetches     uint64 // fetches that began
	NotModified uint64 // fetches that found the set unchanged, by status 304
	Failures    uint64 // fetches that failed
	RateLimited uint64 // unknown keys that caused no refresh because too many went before
}

// Status returns the state of the client. It takes a lock, so ask for it when metrics are read, and
// not for each token.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	k := &c.kept
	s := Status{
		Host:        c.host,
		FetchedAt:   k.fetchedAt,
		ExpiresAt:   k.expiresAt,
		StaleAt:     k.staleAt,
		NextRefresh: k.dueAt,
		Stale:       k.phase(now) == stale,
		LastError:   c.lastErr,
		Fetches:     c.counts.fetches,
		NotModified: c.counts.notModified,
		Failures:    c.counts.failures,
		RateLimited: c.counts.rateLimited,
	}
	s.Keys, s.Skipped = k.set.Len(), len(k.set.Skipped())
	switch {
	case c.closed:
		s.NextRefresh = time.Time{}
	case now.Before(c.pausedUntil) && k.dueAt.Before(c.pausedUntil):
		s.NextRefresh = c.pausedUntil
	}
	return s
}
