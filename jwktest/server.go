package jwktest

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A Server is a TLS server on the loopback interface that publishes a set of keys on every
// path. In tests it takes the place of a provider that rotates its keys, fails or is slow. Make
// one with [NewServer].
//
// A change affects the requests that arrive after it. A request that Delay holds back gets the
// answer that was in effect when it arrived. A Server is safe for concurrent use.
type Server struct {
	// URL is the address of the server, such as "https://127.0.0.1:40123". The set is also at
	// every path below it, such as URL + "/jwks".
	URL string

	tls       *httptest.Server
	discovery bool          // an Issuer
	closed    chan struct{} // closed before the server closes
	requests  atomic.Int64

	// A test in a bubble of testing/synctest shares only this mutex and the counter with the
	// goroutines of the server, which are outside the bubble. A channel or timer of the bubble
	// would panic if they used it.
	mu    sync.Mutex
	state state
}

// A state is what a server answers.
type state struct {
	set       *jwk.Set
	maxAge    time.Duration // negative until MaxAge is called
	delay     time.Duration
	published http.Handler // answers with the set
	failure   http.Handler // answers instead, from Fail, or nil
	body      http.Handler // answers instead of published, from Body, or nil
}

// NewServer starts a server that publishes the public halves of a set, as [jwkhttp.Handler]
// does. The server closes when the test ends. It closes each connection after one request, so
// that net/http does not repeat requests, and leaves no goroutine of a client behind.
//
// Symmetric keys are not published. If no key can be published, because the set is nil or empty
// or has only symmetric keys, the answer is 503.
//
// If the test uses testing/synctest, call NewServer before synctest.Test. A server that is
// started inside a bubble stops its clock, because its goroutines wait for the network. See
// also [Server.InMemory].
func NewServer(tb testing.TB, set *jwk.Set) *Server {
	tb.Helper()
	return newServer(tb, set, false)
}

func newServer(tb testing.TB, set *jwk.Set, discovery bool) *Server {
	tb.Helper()
	s := &Server{discovery: discovery, closed: make(chan struct{})}
	s.state.maxAge = -1
	s.Set(set)
	s.tls = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it would report each client that refuses the certificate
	s.tls.Config.SetKeepAlivesEnabled(false)
	s.URL = "https://" + s.tls.Listener.Addr().String()
	s.tls.StartTLS()
	tb.Cleanup(func() {
		close(s.closed) // ends the delays, which Close would wait for
		s.tls.Close()
	})
	return s
}

// Options returns options for a [jwkhttp.Client] that trusts the certificate of the server.
// Each call returns a new value, which the test may change.
func (s *Server) Options() *jwkhttp.ClientOptions {
	roots := x509.NewCertPool()
	roots.AddCert(s.tls.Certificate())
	return &jwkhttp.ClientOptions{RootCAs: roots}
}

// Set replaces the set, and ends the effects of Fail and Body.
func (s *Server) Set(next *jwk.Set) {
	s.change(func(state *state) {
		state.set = next
		state.failure, state.body = nil, nil
	})
}

// Fail makes the server answer every request with a status, until the next call of Set or Body.
// If the status is 0, the server closes the connection without an answer, like a server that
// crashes. Fail panics if the status is neither 0 nor from 200 to 599.
func (s *Server) Fail(status int) {
	if status != 0 && (status < 200 || status > 599) {
		panic(fmt.Sprintf("jwktest: Fail(%d), want a status from 200 to 599, or 0 to close the connection", status))
	}
	s.change(func(state *state) {
		state.failure = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if status == 0 {
				panic(http.ErrAbortHandler)
			}
			http.Error(w, "jwktest: a failure for the test", status)
		})
	})
}

// Body makes the server answer every request for the set with these bytes and the status 200,
// until the next call of Set or Fail. The Content-Type is application/json. If the bytes look
// like HTML, it is text/html, as if a captive portal had answered. The answer has no ETag.
func (s *Server) Body(raw []byte) {
	raw = bytes.Clone(raw)
	contentType := "application/json"
	if html := http.DetectContentType(raw); strings.HasPrefix(html, "text/html") {
		contentType = html
	}
	s.change(func(state *state) {
		state.failure = nil
		state.body = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
			w.Write(raw)
		})
	})
}

// MaxAge sets the max-age that the server sends in the Cache-Control of the set, also after the
// next Set. At first it is 10 minutes. Fractions of a second are dropped. MaxAge panics if d is
// negative.
func (s *Server) MaxAge(d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("jwktest: MaxAge(%v), want 0 or more", d))
	}
	s.change(func(state *state) { state.maxAge = d })
}

// Delay makes the server wait before it answers a request, also after the next Set. 0 ends the
// effect. The wait ends early if the client gives up or the server closes.
func (s *Server) Delay(d time.Duration) {
	s.change(func(state *state) { state.delay = d })
}

// Requests returns how many requests for the set have arrived, with any method and with any
// answer. A request that Delay holds back has arrived.
func (s *Server) Requests() int { return int(s.requests.Load()) }

// change changes the state, and makes the handler that publishes its set.
func (s *Server) change(edit func(*state)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit(&s.state)
	set := s.state.set
	var opts jwkhttp.HandlerOptions
	if s.state.maxAge >= 0 {
		opts.MaxAge = max(s.state.maxAge, 1) // 1 ns is sent as 0, and 0 would mean 10 minutes
	}
	s.state.published = jwkhttp.NewHandler(func() *jwk.Set { return set }, &opts)
}

// currentSet returns the set that is published.
func (s *Server) currentSet() *jwk.Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.set
}

// arrived counts a request. It returns the handler that answers it, and the time to wait
// before.
func (s *Server) arrived(r *http.Request) (http.Handler, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := &s.state
	forMetadata := s.discovery && isMetadata(r.URL.Path)
	if !forMetadata {
		s.requests.Add(1)
	}
	switch {
	case state.failure != nil:
		return state.failure, state.delay
	case forMetadata:
		return metadata(s.URL, state.set), state.delay
	case state.body != nil:
		return state.body, state.delay
	}
	return state.published, state.delay
}

// serve answers a request from the network.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	handler, delay := s.arrived(r)
	if !wait(r.Context(), delay, s.closed) {
		panic(http.ErrAbortHandler)
	}
	handler.ServeHTTP(w, r)
}

// wait waits for a time, and reports whether it has passed. It ends early if ctx ends or if
// closed is closed.
func wait(ctx context.Context, d time.Duration, closed <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-closed:
	}
	return false
}
