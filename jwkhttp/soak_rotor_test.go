package jwkhttp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// A rotor is a provider in memory that publishes one version of its set after the other, and has
// faults in between. It has one client. It remembers all versions, and which one the client fetched.
type rotor struct {
	*soakKeys
	t        *testing.T
	inBubble bool
	opts     rotorOptions

	mu        sync.Mutex
	rng       *rand.Rand
	versions  []version
	fault     *fault    // nil if the provider works
	worksFrom time.Time // it has worked since then
	answered  int       // the version of the last good answer, or -1
	fetchedAt time.Time // the time of the last good answer
	expiresAt time.Time // the end of the life that it stated
	landed    int       // a version that the client has, or had; -1 if it has no set yet
	busy      bool      // a request is under way
	failures  int       // in a row
	failedAt  time.Time // the end of the last failure
	hurried   bool      // Refresh is called, which does not wait for the pause after a failure
	requests  map[string]int
}

type rotorOptions struct {
	rotation time.Duration // a version is published for at most this long
	works    time.Duration // the provider works for at most this long
	faulty   time.Duration // a fault lasts at most this long, and at least a fifth
	outage   time.Duration // once in each round of faults, one lasts this long
	latency  time.Duration // of a good answer, at most
	slow     time.Duration // of a slow answer, at most, and at least a third
	maxLife  int           // seconds of max-age at most, and at least 60; 0 sends no max-age
}

// A version is a set that was published. Bit i of mask says that it has the key with number i.
type version struct {
	mask uint32
	body string
}

func (v *version) etag() string { return fmt.Sprintf(`"%x"`, v.mask) }

// newRotor returns a rotor that has published one version.
func newRotor(t *testing.T, seed uint64, inBubble bool, opts rotorOptions) *rotor {
	r := &rotor{
		t: t, soakKeys: newSoakKeys(t), inBubble: inBubble, opts: opts, rng: rand.New(rand.NewPCG(seed, 0)),
		answered: -1, landed: -1, worksFrom: time.Now(), requests: make(map[string]int),
	}
	r.publish()
	return r
}

// publish publishes another version: key 0, and each of the other keys with a chance of three in four.
func (r *rotor) publish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := uint32(1)<<len(r.keys) - 1
	v := version{mask: (r.rng.Uint32()|r.rng.Uint32())&all | 1}
	var keys []*jwk.Key
	for i, k := range r.keys {
		if v.mask>>i&1 == 1 {
			keys = append(keys, k)
		}
	}
	body, err := json.Marshal(jwk.NewSet(keys...))
	if err != nil {
		r.t.Error(err)
	}
	v.body = string(body)
	r.versions = append(r.versions, v)
}

// rotate publishes versions until ctx ends.
func (r *rotor) rotate(ctx context.Context) {
	for sleepUntil(ctx, r.draw(0, r.opts.rotation)) {
		r.publish()
	}
}

// spoil makes the provider faulty, with each fault in turn, until ctx ends. Then the provider works.
func (r *rotor) spoil(ctx context.Context) {
	for i := 0; sleepUntil(ctx, r.draw(0, r.opts.works)); i++ {
		f := &faults[i%len(faults)]
		r.mu.Lock()
		r.fault = f
		r.mu.Unlock()
		lasts := r.draw(r.opts.faulty/5, r.opts.faulty)
		if f == &faults[0] {
			lasts = r.opts.outage
		}
		sleepUntil(ctx, lasts)
		r.mu.Lock()
		r.fault, r.worksFrom = nil, time.Now()
		r.mu.Unlock()
	}
}

// draw returns a random duration.
func (r *rotor) draw(least, most time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return least + time.Duration(r.rng.Int64N(int64(most-least)+1))
}

// sleepUntil waits for a time or until ctx ends, and reports whether ctx is still alive.
func sleepUntil(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func (r *rotor) RoundTrip(q *http.Request) (*http.Response, error) {
	f, current := r.begin()
	defer r.end() // a fault may panic
	latency := r.draw(0, r.opts.latency)
	switch {
	case f == nil:
	case f.answer == nil:
		latency = r.draw(r.opts.slow/3, r.opts.slow)
	default:
		response, err := f.answer(r, q, &current)
		if response != nil {
			response.Request = q
			response.Header.Set("Etag", current.etag()) // a client that keeps it misses the next version
		}
		return response, err
	}
	if latency > 0 && !sleepUntil(q.Context(), latency) {
		return nil, q.Context().Err()
	}
	return r.answer(q), nil
}

// begin notes that a request begins. It returns the fault that the request meets, or nil, and the
// version that is published.
func (r *rotor) begin() (*fault, version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		r.t.Error("two requests of one client at the same time")
	}
	if r.failures > 0 && !r.hurried {
		shortest := simPauses[min(r.failures, len(simPauses))-1] * 3 / 4
		if pause := time.Since(r.failedAt); pause < shortest {
			r.t.Errorf("a request %v after failure %d in a row, want a pause of at least %v", pause, r.failures, shortest)
		}
	}
	r.busy = true
	r.failures++ // unless there will be a good answer
	if r.inBubble {
		r.landed = r.answered // the fetch before this one has ended, and was not late
	}
	name := "good"
	if r.fault != nil {
		name = r.fault.name
	}
	r.requests[name]++
	return r.fault, r.versions[len(r.versions)-1]
}

// end notes that a request ends.
func (r *rotor) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy, r.failedAt = false, time.Now()
}

// answer returns a good answer.
func (r *rotor) answer(q *http.Request) *http.Response {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered, r.fetchedAt, r.failures = len(r.versions)-1, time.Now(), 0
	v := &r.versions[r.answered]
	response := respondWith(http.StatusOK, "application/json", v.body)
	if q.Header.Get("If-None-Match") == v.etag() {
		response = respondWith(http.StatusNotModified, "", "")
	}
	response.Request = q
	response.Header.Set("Etag", v.etag())
	if r.opts.maxLife > 0 {
		life := 60 + r.rng.IntN(r.opts.maxLife-59)
		response.Header.Set("Cache-Control", fmt.Sprintf("max-age=%d", life))
		r.expiresAt = r.fetchedAt.Add(time.Duration(life) * time.Second)
	}
	return response
}

// hurry notes that Refresh will be called. It returns the version of the last good answer.
func (r *rotor) hurry() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hurried = true
	return r.answered
}

// hasLanded notes that the client has the version of an earlier good answer.
func (r *rotor) hasLanded(version int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.landed = max(r.landed, version)
}

// A moment is what the rotor knows when a read begins or ends.
type moment struct {
	now       time.Time
	oldest    int       // a client must not answer from an older version; -1 if it may have no set
	hasSet    int       // the same, if a read does not wait for a refresh
	newest    int       // the version that is published
	fetchedAt time.Time // the last good answer, if oldest is not -1
}

// moment returns the present moment.
func (r *rotor) moment() moment {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := moment{time.Now(), r.landed, r.landed, len(r.versions) - 1, r.fetchedAt}
	if !r.inBubble {
		return m
	}
	if r.fetchedAt.Before(m.now) {
		m.oldest, m.hasSet = r.answered, r.answered // time passes in a bubble only when the client has the answer
	}
	if r.fault == nil && m.now.Sub(r.worksFrom) > longestPause && m.now.After(r.expiresAt) {
		m.oldest = m.newest // a read refreshes the set first
	}
	return m
}

// longestPause is the longest pause after a failure, and the time that requests may still be under way
// when the provider works again.
const longestPause = 5*time.Minute + 10*time.Second

// checkFaults checks that the client met every fault.
func (r *rotor) checkFaults(t *testing.T) {
	for _, f := range faults {
		if r.requests[f.name] == 0 {
			t.Errorf("no request met the fault %q", f.name)
		}
	}
}

// sum returns the number of requests.
func (r *rotor) sum() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for requests := range maps.Values(r.requests) {
		n += requests
	}
	return n
}
