package jwkhttp

import (
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// An Event reports what a [Client] did.
type Event struct {
	Kind     EventKind
	Host     string        // the host of the URL
	Status   int           // the status code of the answer, or 0
	Duration time.Duration // how long the fetch took
	Diff     *jwk.Diff     // for FetchSucceeded: how the set changed; all keys of the first set are Added
	KeyID    string        // for UnknownKey and RateLimited: the kid; a stranger chose it, so quote it
	Err      error         // for FetchFailed: the reason, an [*Error]; for Expired and Stale: Status.LastError
}

// An EventKind says what an [Event] reports.
type EventKind int

const (
	FetchStarted     EventKind = iota + 1 // a fetch has begun; after Close, no event reports its end
	FetchSucceeded                        // a set was fetched and is in use
	FetchNotModified                      // the server said that the set has not changed
	FetchFailed                           // a fetch failed, or a snapshot could not be used
	UnknownKey                            // no key answers a query, and a refresh starts
	RateLimited                           // no key answers a query, and too many refreshes went before
	Expired                               // the life of the set has ended
	Stale                                 // the set is too old to be used
)

var eventNames = [...]string{
	"unknown", "fetch started", "fetch succeeded", "fetch not modified", "fetch failed",
	"unknown key", "rate limited", "expired", "stale",
}

// String returns the name of the kind in lower case, such as "fetch failed".
func (k EventKind) String() string {
	if k < 0 || int(k) >= len(eventNames) {
		k = 0
	}
	return eventNames[k]
}
