package jwkhttp

import (
	"errors"
	"fmt"
	"strconv"
)

var (
	// ErrFetch means that a set could not be fetched, or that a URL or an option is wrong.
	// Every [*Error] is ErrFetch for errors.Is.
	ErrFetch = errors.New("jwkhttp: fetch failed")

	// ErrStale means that the last good set is too old to be used: its life has ended, and
	// StaleFor of [ClientOptions] has passed since the last successful fetch. The error is
	// also ErrFetch, and has the reason why there is no newer set.
	ErrStale = errors.New("jwkhttp: the last good set is stale")
)

// An Error says which host did not deliver a set, and why. It is [ErrFetch] for errors.Is.
//
// Its text has the host, and never the path, the query or the user of the URL, nor any part of the
// body. The errors of [jwk.Parser] are reachable with errors.Is and errors.As, and so are the errors
// of crypto/tls, net and context. The *url.Error of net/http is left out, because it holds the URL.
type Error struct {
	Host   string // the host of the URL, with the port if the URL has one
	Status int    // the status code of the answer, or 0 if there was no answer
	Err    error  // the reason
}

// Error returns "jwkhttp: ", the host and the reason. If the status is wrong, the reason says so.
func (e *Error) Error() string {
	text := "jwkhttp: "
	if e.Host != "" {
		text += strconv.Quote(e.Host) + ": "
	}
	if e.Err == nil {
		return text + "unknown error" // an Error that a caller made
	}
	return text + e.Err.Error()
}

// Is reports whether target is [ErrFetch].
func (e *Error) Is(target error) bool { return target == ErrFetch }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// MarshalText returns the text of Error, so that encoding/json and log/slog write it and not the
// fields.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// A staleReason says why there is no set although there was one.
type staleReason struct{ last error } // why there is no newer set, or nil

func (r *staleReason) Error() string {
	if r.last == nil {
		return "the last good set is stale"
	}
	return "the last good set is stale: " + r.last.Error()
}

func (r *staleReason) Unwrap() []error {
	if r.last == nil {
		return []error{ErrStale}
	}
	return []error{ErrStale, r.last}
}

// both returns an error that is a and b, in one line.
func both(a, b error) error { return fmt.Errorf("%w; %w", a, b) }
