package jwkhttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A provider is an identity provider in memory: the http.RoundTripper of a client under test.
// It has no network, so that the fake clock of a synctest bubble runs while it waits.
type provider struct {
	mu       sync.Mutex
	status   int // of the answers; 0 means 200
	body     []byte
	header   http.Header
	err      error                                       // the answer of the transport, if not nil
	delay    time.Duration                               // before each answer
	hook     func(*http.Request)                         // called first
	answer   func(*http.Request) (*http.Response, error) // in place of all that follows
	requests []*http.Request
	times    []time.Time
}

const providerURL = "https://issuer.example/jwks"

// newProvider returns a provider that publishes keys.
func newProvider(t testing.TB, keys ...*jwk.Key) *provider {
	p := &provider{header: make(http.Header)}
	p.publish(t, keys...)
	return p
}

// publish makes the provider publish keys, and nothing else.
func (p *provider) publish(t testing.TB, keys ...*jwk.Key) {
	t.Helper()
	body, err := json.Marshal(jwk.NewSet(keys...))
	if err != nil {
		t.Fatal(err)
	}
	p.change(func() { p.body, p.status, p.err = body, 0, nil })
}

// change changes the provider under its mutex.
func (p *provider) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// fail makes the provider answer with a status.
func (p *provider) fail(status int) { p.change(func() { p.status = status }) }

// set sets a header of the answers; "" removes it.
func (p *provider) set(name, value string) {
	p.change(func() {
		p.header.Del(name)
		if value != "" {
			p.header.Set(name, value)
		}
	})
}

// count returns the number of requests so far.
func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.requests)
}

// last returns the last request.
func (p *provider) last() *http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[len(p.requests)-1]
}

// at returns the times of the requests so far.
func (p *provider) at() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.times)
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.requests, p.times = append(p.requests, r), append(p.times, time.Now())
	delay, hook, answer := p.delay, p.hook, p.answer
	p.mu.Unlock()
	if hook != nil {
		hook(r)
	}
	if answer != nil {
		return answer(r)
	}
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	status, body := p.status, p.body
	if status == 0 {
		status = http.StatusOK
		if etag := p.header.Get("Etag"); etag != "" && r.Header.Get("If-None-Match") == etag {
			status, body = http.StatusNotModified, nil
		}
	}
	return respond(r, status, p.header.Clone(), bytes.NewReader(body)), nil
}

// respond returns an answer to r.
func respond(r *http.Request, status int, header http.Header, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(body), Request: r, ContentLength: -1, ProtoMajor: 1, ProtoMinor: 1,
	}
}

// write makes the provider publish a text.
func (p *provider) write(body string) { p.change(func() { p.body = []byte(body) }) }

// wait makes each answer of the provider take some time.
func (p *provider) wait(delay time.Duration) { p.change(func() { p.delay = delay }) }

// checkCount checks the number of requests so far.
func (p *provider) checkCount(t testing.TB, want int) {
	t.Helper()
	synctest.Wait()
	if got := p.count(); got != want {
		t.Fatalf("got %d requests, want %d", got, want)
	}
}

// client returns a client of the provider. opts may be nil. It is closed at the end of the
// test.
func (p *provider) client(t testing.TB, opts *jwkhttp.ClientOptions) *jwkhttp.Client {
	t.Helper()
	var o jwkhttp.ClientOptions
	if opts != nil {
		o = *opts
	}
	o.HTTPClient = &http.Client{Transport: p}
	c, err := jwkhttp.NewClient(providerURL, &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// bubble runs a test in a synctest bubble, where time passes only while all goroutines wait.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// run runs a subtest in a bubble.
func run(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// key returns the public half of a fixture of the root, with a kid.
func key(t testing.TB, name, kid string) *jwk.Key {
	t.Helper()
	public, err := privateKey(t, name, kid).Public()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// privateKey returns a fixture of the root, with a kid.
func privateKey(t testing.TB, name, kid string) *jwk.Key {
	t.Helper()
	data, err := os.ReadFile("../testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	k, err := jwk.Parse(all[name])
	if err != nil {
		t.Fatalf("fixture %s: %v", name, err)
	}
	if k, err = k.WithKeyID(kid); err != nil {
		t.Fatal(err)
	}
	return k
}

// privateText returns a set as JSON, with its private keys.
func privateText(t testing.TB, keys ...*jwk.Key) string {
	t.Helper()
	text, err := jwk.NewSet(keys...).MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// find asks for a key by its kid.
func find(c jwk.Source, kid string) (*jwk.Key, error) {
	return c.Find(context.Background(), jwk.Query{KeyID: kid})
}

// mustFind asks for a key that the client must have.
func mustFind(t testing.TB, c jwk.Source, kid string) *jwk.Key {
	t.Helper()
	k, err := find(c, kid)
	if err != nil {
		t.Fatalf("Find(%s): %v", kid, err)
	}
	if k.KeyID() != kid {
		t.Fatalf("Find(%s): got kid %s", kid, k.KeyID())
	}
	return k
}

// checkErrors checks that err is each of want, and has a text without secrets of providerURL.
func checkErrors(t testing.TB, err error, want ...error) {
	t.Helper()
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("got %v, want an error that is %v", err, w)
		}
	}
	if err != nil && strings.Contains(err.Error(), "/jwks") {
		t.Errorf("the error has the path of the URL: %v", err)
	}
}

// checkUnknown checks that a client has no key with a kid, and returns the error.
func checkUnknown(t testing.TB, c jwk.Source, kid string, want ...error) error {
	t.Helper()
	k, err := find(c, kid)
	if k != nil || err == nil {
		t.Fatalf("Find(%s): got %v, want an error", kid, k)
	}
	checkErrors(t, err, append(want, jwk.ErrNotFound)...)
	return err
}

// took returns the time that passes while f runs.
func took(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// sleep lets time pass, and returns when all timers that are due have done their work.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// together runs f on n goroutines, and returns when all have ended.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// A recorder keeps the events that a client reports to its add.
type recorder struct {
	mu     sync.Mutex
	events []jwkhttp.Event
}

func (r *recorder) add(e jwkhttp.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// take returns the events since the last take.
func (r *recorder) take() []jwkhttp.Event {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// checkKinds checks the kinds of the events since the last take, and returns the events.
func (r *recorder) checkKinds(t testing.TB, want ...jwkhttp.EventKind) []jwkhttp.Event {
	t.Helper()
	events := r.take()
	var got []jwkhttp.EventKind
	for _, e := range events {
		got = append(got, e.Kind)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got events %v, want %v", got, want)
	}
	return events
}
