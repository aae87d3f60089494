package jwkhttp

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

const (
	maxFieldLines  = 16      // lines of one header field that are read
	maxFieldOctets = 4 << 10 // octets of one such line

	// maxDelta is the largest number of seconds that a header can state, 68 years. RFC 9111,
	// Section 1.2.2, gives this value to all larger numbers.
	maxDelta = 1 << 31 * time.Second

	firstPause = 5 * time.Second // after the first failure, doubled by each further one
	maxPause   = 5 * time.Minute
)

// statedLife returns the life that the header of an answer states (RFC 9111, Section 4.2.1):
// max-age of Cache-Control, or else Expires less Date. An Expires without a Date counts from now.
// Age is subtracted, because the answer spent this time in caches (Section 4.2.3). The life can be
// zero or negative; the caller clamps it.
//
// stated is false if the header states no life that can be read. no-store and no-cache are
// ignored, because frameworks add them to every answer, so they say nothing about the keys. A
// max-age or Expires beside them is the life. "Expires: 0" cannot be read; Section 5.3 calls it
// expired, but frameworks send it together with no-store. s-maxage is ignored because it is for
// shared caches.
//
// The clock of this machine is used only if there is no Date. Otherwise a wrong clock, here or at
// the server, does not change the life.
func statedLife(h http.Header, now time.Time) (life time.Duration, stated bool) {
	if life, stated = smallestMaxAge(h); stated {
		return life - statedAge(h), true
	}
	expires, stated := earliestDate(h, "Expires")
	if !stated {
		return 0, false
	}
	date, dated := originDate(h)
	if !dated {
		return saturate(expires.Sub(now)), true // the Age has passed already
	}
	return saturate(expires.Sub(date)) - statedAge(h), true
}

// smallestMaxAge returns the smallest max-age in Cache-Control. It ignores those that cannot be
// read. If there are several, RFC 9111, Section 4.2.1, lets a cache use the first or regard the
// answer as stale. The smallest is safe, because a revoked key then lives no longer than any of
// them says.
func smallestMaxAge(h http.Header) (smallest time.Duration, found bool) {
	for _, line := range fieldLines(h, "Cache-Control") {
		for line != "" {
			var directive string
			directive, line = cutUnquoted(line, ',')
			name, value, _ := strings.Cut(trimSpace(directive), "=")
			if !strings.EqualFold(name, "max-age") {
				continue
			}
			seconds, ok := parseDelta(withoutQuotes(value))
			if ok && (!found || seconds < smallest) {
				smallest, found = seconds, true
			}
		}
	}
	return smallest, found
}

// withoutQuotes returns value without the quotes around it. A recipient must accept both forms of a
// value (RFC 9111, Section 5.2).
func withoutQuotes(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}

// statedAge returns the Age, or 0 if it is absent or cannot be read. It reads the first member of
// a list and ignores the others (RFC 9111, Section 5.1).
func statedAge(h http.Header) time.Duration {
	lines := fieldLines(h, "Age")
	if len(lines) == 0 {
		return 0
	}
	first, _, _ := strings.Cut(lines[0], ",")
	seconds, _ := parseDelta(trimSpace(first))
	return seconds
}

// retryAfter returns the wait that Retry-After asks for, a number of seconds or a date (RFC 9110,
// Section 10.2.3). It returns 0 if the field is absent, cannot be read or names a date that has
// passed, and never more than maxDelta. A date counts from the Date of the answer, or from now if there
// is no Date. Up to a quarter is added to the wait until a date, at random: a server that names a date
// names the same one to all clients, and they must not come back together.
func retryAfter(h http.Header, now time.Time) time.Duration {
	lines := fieldLines(h, "Retry-After")
	if len(lines) == 0 {
		return 0
	}
	if seconds, ok := parseDelta(lines[0]); ok {
		return seconds
	}
	until, err := http.ParseTime(lines[0])
	if err != nil {
		return 0
	}
	if date, dated := originDate(h); dated {
		now = date
	}
	wait := max(0, saturate(until.Sub(now)))
	return saturate(wait + upTo(wait/4))
}

// earliestDate returns the earliest of the dates in a field. It ignores dates that cannot be read.
func earliestDate(h http.Header, name string) (earliest time.Time, found bool) {
	for _, line := range fieldLines(h, name) {
		date, err := http.ParseTime(line)
		if err == nil && (!found || date.Before(earliest)) {
			earliest, found = date, true
		}
	}
	return earliest, found
}

// originDate returns the Date, when the server made the answer. Two of them count as absent: the
// earlier would make the life longer, and the later would make a wait shorter.
func originDate(h http.Header) (date time.Time, found bool) {
	lines := fieldLines(h, "Date")
	if len(lines) != 1 {
		return time.Time{}, false
	}
	date, err := http.ParseTime(lines[0])
	return date, err == nil
}

// fieldLines returns the lines of a field. It returns nil if there are more than maxFieldLines or
// one is longer than maxFieldOctets: the field then counts as absent.
func fieldLines(h http.Header, name string) []string {
	lines := h.Values(name)
	if len(lines) > maxFieldLines {
		return nil
	}
	for _, line := range lines {
		if len(line) > maxFieldOctets {
			return nil
		}
	}
	return lines
}

// parseDelta reads a number of seconds, which is at least one digit and has no sign. Numbers above
// maxDelta become maxDelta (RFC 9111, Section 1.2.2).
func parseDelta(digits string) (seconds time.Duration, ok bool) {
	for i := range len(digits) { // at most maxFieldOctets
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		seconds = min(seconds*10+time.Duration(digits[i]-'0'), maxDelta/time.Second)
	}
	return seconds * time.Second, digits != ""
}

// saturate limits a duration to maxDelta, so that Age can be subtracted from it, and a part of it
// added, without an overflow.
func saturate(d time.Duration) time.Duration { return clampLife(d, -maxDelta, maxDelta) }

// clampLife returns life, but at least shortest and at most longest.
func clampLife(life, shortest, longest time.Duration) time.Duration {
	return max(shortest, min(life, longest))
}

// refreshAfter returns the time after which a set with this life is refreshed: between 72 % and
// 80 % of life, at random, so that clients that started together do not fetch together.
func refreshAfter(life time.Duration) time.Duration {
	latest := max(0, life) / 5 * 4
	return latest - upTo(latest/10)
}

// pause returns the wait after the n-th failure in a row, where n counts from 1: 5 s, 10 s, 20 s
// and so on up to 5 min, each less up to a quarter at random.
//
// The wait is at least retryAfter, but never more than 5 min, so that a wrong Retry-After cannot keep
// a client from its keys.
func pause(n int, retryAfter time.Duration) time.Duration {
	const doublings = 6 // 5 s << 6 is more than maxPause
	backoff := min(firstPause<<min(max(n, 1)-1, doublings), maxPause)
	backoff -= upTo(backoff / 4)
	return min(max(backoff, retryAfter), maxPause)
}

// upTo returns a random duration from 0 to limit, both included.
func upTo(limit time.Duration) time.Duration { return rand.N(limit + 1) }
