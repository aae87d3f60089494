package jwktest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// InMemory returns options for a [jwkhttp.Client] that reaches the server by function calls
// instead of the network. Each call returns a new value, which the test may change.
//
// Use it with testing/synctest: start the server before synctest.Test, and make the client
// inside the bubble. The Delay of the server and the timeouts of the client then run on the
// clock of the bubble. A request over the network stops this clock until it is answered, and
// its Delay runs on the real clock.
//
// The HTTPClient in the options can also be used with other libraries. It does not check
// certificates, and returns an error for a URL of another host.
func (s *Server) InMemory() *jwkhttp.ClientOptions {
	return &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: inMemory{s}}}
}

// inMemory is an http.RoundTripper that calls the handlers of a server.
type inMemory struct{ server *Server }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if got := r.URL.Scheme + "://" + r.URL.Host; got != m.server.URL {
		return nil, fmt.Errorf("jwktest: a request for %s, want %s: the client of InMemory reaches only its server", got, m.server.URL)
	}
	ctx := r.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	handler, delay := m.server.arrived(r)
	// Waiting also for m.server.closed would stop the clock of a bubble, because that channel
	// was made outside the bubble.
	if !wait(ctx, delay, nil) {
		return nil, context.Cause(ctx)
	}
	recorder := httptest.NewRecorder()
	if !serveOne(handler, recorder, received(r)) {
		return nil, io.EOF // the error of net/http if the server closes the connection
	}
	response := recorder.Result()
	response.Request = r
	if r.Method == http.MethodHead || response.StatusCode == http.StatusNoContent || response.StatusCode == http.StatusNotModified {
		response.Body = http.NoBody // the server of net/http drops the body, too
	}
	response.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return response, nil
}

// received returns the request that a server gets if a client sends r.
func received(r *http.Request) *http.Request {
	in := r.Clone(r.Context())
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:1"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	return in
}

// serveOne calls a handler. It returns false if the handler panics with http.ErrAbortHandler,
// which closes the connection.
func serveOne(handler http.Handler, w http.ResponseWriter, r *http.Request) (ok bool) {
	defer func() {
		if cause := recover(); cause != nil {
			if cause != http.ErrAbortHandler {
				panic(cause)
			}
			ok = false
		}
	}()
	handler.ServeHTTP(w, r)
	return true
}
