package jwktest_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// An answer is the answer to a request, or its error.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// network returns a client that trusts a server.
func network(s *jwktest.Server) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.TLSClientConfig.RootCAs = s.Options().RootCAs
	return &http.Client{Transport: transport}
}

// get sends a request for a path of a server. header has names and values in turn.
func get(t testing.TB, client *http.Client, method, url string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return do(t, client, r)
}

func do(t testing.TB, client *http.Client, r *http.Request) answer {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body), nil}
}

// checkKids checks that an answer is a set of public keys with these kids.
func checkKids(t testing.TB, got answer, kids ...string) {
	t.Helper()
	if got.err != nil || got.status != http.StatusOK {
		t.Fatalf("got status %d, %v, want a set", got.status, got.err)
	}
	set, err := (&jwk.Parser{PublicOnly: true}).ParseSet([]byte(got.body))
	if err != nil {
		t.Fatalf("got %v for %.100q, want a set of public keys", err, got.body)
	}
	var names []string
	for k := range set.All() {
		names = append(names, k.KeyID())
	}
	if !slices.Equal(names, kids) {
		t.Errorf("got keys %q, want %q", names, kids)
	}
}

// TestServerPublishes: if this fails, the client of a test does not get the set, or gets
// private keys.
func TestServerPublishes(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256, jwk.HS256, jwk.RS256))
	client := network(s)
	for _, path := range []string{"", "/", "/jwks", "/.well-known/openid-configuration", "/a//b?c=d"} {
		checkKids(t, get(t, client, "GET", s.URL+path), "test-ES256", "test-RS256")
	}
	if got := s.Requests(); got != 5 {
		t.Errorf("got %d requests, want 5", got)
	}
	s.Set(jwktest.Set(jwk.Ed25519))
	checkKids(t, get(t, client, "GET", s.URL), "test-Ed25519")
	for _, set := range []*jwk.Set{nil, jwktest.Set(), jwktest.Set(jwk.HS256)} {
		s.Set(set)
		if got := get(t, client, "GET", s.URL); got.status != http.StatusServiceUnavailable {
			t.Errorf("%v: got status %d, want 503", set, got.status)
		}
	}
	if got := s.Requests(); got != 9 {
		t.Errorf("got %d requests, want 9", got)
	}
}

// TestServerIsTrusted: if this fails, a client with the options refuses the server, a client
// without them accepts it, or two tests share options that one of them changes.
func TestServerIsTrusted(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	var unknown x509.UnknownAuthorityError
	if got := get(t, http.DefaultClient, "GET", s.URL); !errors.As(got.err, &unknown) {
		t.Errorf("got %v, want an unknown authority", got.err)
	}
	first, second := s.Options(), s.Options()
	if first == second || first.RootCAs == second.RootCAs {
		t.Error("Options returns the same value twice")
	}
	if a, b := s.InMemory(), s.InMemory(); a == b || a.HTTPClient == b.HTTPClient {
		t.Error("InMemory returns the same value twice")
	}
}

// TestServerFails: if this fails, a test of an outage does not see the answers that it asked
// for.
func TestServerFails(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	client := network(s)
	raw := []byte("not JSON")
	for _, tt := range []struct {
		name   string
		change func()
		status int // 0 for an error
		body   string
		typ    string
	}{
		{"Fail", func() { s.Fail(500) }, 500, "", "text/plain; charset=utf-8"},
		{"another Fail", func() { s.Fail(404) }, 404, "", "text/plain; charset=utf-8"},
		{"Body after Fail", func() { s.Body(raw); raw[0] = 'N' }, 200, "not JSON", "application/json"},
		{"HTML", func() { s.Body([]byte("<!DOCTYPE html><p>login")) }, 200, "<!DOCTYPE html><p>login", "text/html; charset=utf-8"},
		{"no bytes", func() { s.Body(nil) }, 200, "", "application/json"},
		{"Fail after Body", func() { s.Fail(429) }, 429, "", "text/plain; charset=utf-8"},
		{"Fail without an answer", func() { s.Fail(0) }, 0, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.change()
			for range 2 { // the effect lasts
				got := get(t, client, "GET", s.URL)
				if (got.err != nil) != (tt.status == 0) || got.status != tt.status || got.header.Get("Content-Type") != tt.typ {
					t.Errorf("got status %d, %v, type %q, want %d, %q", got.status, got.err, got.header.Get("Content-Type"), tt.status, tt.typ)
				}
				if tt.status == 200 && got.body != tt.body {
					t.Errorf("got body %q, want %q", got.body, tt.body)
				}
				if tt.status == 0 && !errors.Is(got.err, io.EOF) {
					t.Errorf("got %v, want EOF", got.err)
				}
			}
		})
	}
	if got := s.Requests(); got != 14 {
		t.Errorf("got %d requests, want 14: net/http must not send one again", got)
	}
	s.MaxAge(time.Minute) // does not end the failure
	s.Delay(0)
	if got := get(t, client, "GET", s.URL); got.err == nil {
		t.Errorf("after MaxAge: got status %d, want an error", got.status)
	}
	s.Set(jwktest.Set(jwk.ES384))
	checkKids(t, get(t, client, "GET", s.URL), "test-ES384")
	s.Body([]byte("{}"))
	s.Set(jwktest.Set(jwk.ES256))
	checkKids(t, get(t, client, "GET", s.URL), "test-ES256")
}

// TestServerMaxAge: if this fails, a client keeps a set for another time than the test says.
func TestServerMaxAge(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	client := s.InMemory().HTTPClient
	check := func(maxAge string) {
		t.Helper()
		got := get(t, client, "GET", s.URL).header.Get("Cache-Control")
		if !slices.Contains(strings.Split(got, ", "), maxAge) {
			t.Errorf("got Cache-Control %q, want %s", got, maxAge)
		}
	}
	check("max-age=600")
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{{time.Hour, "max-age=3600"}, {0, "max-age=0"}, {time.Second / 2, "max-age=0"}, {1500 * time.Millisecond, "max-age=1"}} {
		s.MaxAge(tt.d)
		check(tt.want)
		s.Set(jwktest.Set(jwk.ES384))
		check(tt.want)
	}
}

// TestServerPanics: if this fails, a wrong argument makes another answer than the test's author
// meant.
func TestServerPanics(t *testing.T) {
	s := jwktest.NewServer(t, nil)
	for _, status := range []int{-1, 1, 100, 199, 600} {
		checkPanics(t, func() { s.Fail(status) }, fmt.Sprint(status), "200 to 599")
	}
	checkPanics(t, func() { s.MaxAge(-time.Second) }, "-1s", "0 or more")
}

// waitForRequests returns when n requests have arrived.
func waitForRequests(s *jwktest.Server, n int) {
	for s.Requests() < n {
		runtime.Gosched()
	}
}

// TestServerDelayEnds: if this fails, a test waits for the whole delay after its client has
// given up, or when it ends.
func TestServerDelayEnds(t *testing.T) {
	outcome := make(chan answer, 1)
	t.Run("the client gives up", func(t *testing.T) {
		s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
		s.Delay(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() { outcome <- do(t, network(s), r) }()
		waitForRequests(s, 1)
		cancel()
		if got := <-outcome; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", got.err)
		}
		s.Delay(0)
		checkKids(t, get(t, network(s), "GET", s.URL), "test-ES256")
	})
	var s *jwktest.Server
	t.Run("the test ends", func(t *testing.T) {
		s = jwktest.NewServer(t, jwktest.Set(jwk.ES256))
		s.Delay(time.Hour)
		r, err := http.NewRequestWithContext(context.Background(), "GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() { outcome <- do(t, network(s), r) }()
		waitForRequests(s, 1)
	})
	if got := <-outcome; got.err == nil {
		t.Errorf("got status %d, want an error", got.status)
	}
	if got := get(t, network(s), "GET", s.URL); got.err == nil {
		t.Errorf("after the test: got status %d, want an error", got.status)
	}
}

// TestServerConcurrent calls every method while requests run. If it fails under the race
// detector, a test that changes the server while its client works is not safe.
func TestServerConcurrent(t *testing.T) {
	s := jwktest.NewIssuer(t, jwk.ES256)
	var all sync.WaitGroup
	for _, client := range []*http.Client{network(s.Server), s.InMemory().HTTPClient, s.InMemory().HTTPClient} {
		for _, path := range []string{"/jwks", "/.well-known/openid-configuration"} {
			all.Go(func() {
				for range 20 {
					get(t, client, "GET", s.URL+path)
				}
			})
		}
	}
	for _, change := range []func(){
		func() { s.Set(jwktest.Set(jwk.ES256, jwk.ES384)) },
		func() { s.Fail(503) }, func() { s.Fail(0) }, func() { s.Body([]byte("{}")) },
		func() { s.MaxAge(time.Minute) }, func() { s.Delay(time.Microsecond) }, func() { s.Requests() },
		func() { s.Options() }, func() { s.Token(nil, jwk.ES256) },
	} {
		all.Go(func() {
			for range 20 {
				change()
			}
		})
	}
	all.Wait()
	s.Set(jwktest.Set(jwk.ES512))
	checkKids(t, get(t, network(s.Server), "GET", s.URL), "test-ES512")
}

// TestServerBody: if this fails, a test of a large or binary answer gets another one.
func TestServerBody(t *testing.T) {
	s := jwktest.NewServer(t, nil)
	raw := bytes.Repeat([]byte{0, 0xff, '\n'}, 1<<20)
	s.Body(raw)
	if got := get(t, network(s), "GET", s.URL); got.body != string(raw) || got.header.Get("Etag") != "" {
		t.Errorf("got %d bytes, ETag %q, want the %d bytes of the test and no ETag", len(got.body), got.header.Get("Etag"), len(raw))
	}
}
