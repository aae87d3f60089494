package jwktest_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// TestServerInMemory compares the answers over the network and in memory. If this fails, a test
// in memory proves nothing about a client that uses the network.
func TestServerInMemory(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.RS256, jwk.PS256, jwk.ES256))
	overNetwork, inMemory := network(s), s.InMemory().HTTPClient
	etag := get(t, overNetwork, "GET", s.URL, "Accept-Encoding", "identity").header.Get("Etag")
	if etag == "" {
		t.Fatal("got no ETag")
	}
	identity := []string{"Accept-Encoding", "identity"}
	for _, tt := range []struct {
		name   string
		change func()
		method string
		header []string
		status int // 0 for an error
	}{
		{"GET", nil, "GET", identity, 200},
		{"HEAD", nil, "HEAD", identity, 200},
		{"POST", nil, "POST", identity, 405},
		{"OPTIONS", nil, "OPTIONS", identity, 204},
		{"not modified", nil, "GET", append([]string{"If-None-Match", etag}, identity...), 304},
		{"gzip", nil, "GET", []string{"Accept-Encoding", "gzip"}, 200},
		{"Fail", func() { s.Fail(503) }, "GET", identity, 503},
		{"Fail with 204", func() { s.Fail(204) }, "GET", identity, 204},
		{"Fail without an answer", func() { s.Fail(0) }, "GET", identity, 0},
		{"Body", func() { s.Body([]byte("[]")) }, "GET", identity, 200},
		{"Body, HEAD", func() { s.Body([]byte("[]")) }, "HEAD", identity, 200},
		{"no set", func() { s.Set(nil) }, "GET", identity, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change()
			}
			want := get(t, overNetwork, tt.method, s.URL+"/a%2Fb?c", tt.header...)
			got := get(t, inMemory, tt.method, s.URL+"/a%2Fb?c", tt.header...)
			if want.status != tt.status {
				t.Fatalf("got status %d, %v, want %d", want.status, want.err, tt.status)
			}
			if tt.status == 0 {
				if !errors.Is(want.err, io.EOF) || !errors.Is(got.err, io.EOF) {
					t.Errorf("got errors %v and %v, want EOF", want.err, got.err)
				}
				return
			}
			for _, header := range []http.Header{want.header, got.header} {
				if header.Get("Date") == "" {
					t.Error("got no Date")
				}
				header.Del("Date")
				header.Del("Connection")
			}
			if tt.status/100 != 2 { // net/http counts the bytes of a short answer
				want.header.Del("Content-Length")
			}
			if got.status != want.status || got.body != want.body || !maps.EqualFunc(got.header, want.header, slices.Equal) {
				t.Errorf("got %d %v %.100q\nwant %d %v %.100q", got.status, got.header, got.body, want.status, want.header, want.body)
			}
		})
	}
}

// TestServerInMemoryRefuses: if this fails, a client that asks the wrong host passes its test.
func TestServerInMemoryRefuses(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	client := s.InMemory().HTTPClient
	for _, url := range []string{"https://example.com/jwks", strings.Replace(s.URL, "https", "http", 1)} {
		if got := get(t, client, "GET", url); got.err == nil || !strings.Contains(got.err.Error(), "want "+s.URL) {
			t.Errorf("%s: got status %d, %v, want an error with the URL of the server", url, got.status, got.err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := do(t, client, r); !errors.Is(got.err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", got.err)
	}
	if got := s.Requests(); got != 0 {
		t.Errorf("got %d requests, want 0", got)
	}
}

// TestServerOfBubble uses a server from inside of a bubble over the network. If this fails, a
// test with testing/synctest hangs, or panics because a channel is from the other side.
func TestServerOfBubble(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	synctest.Test(t, func(t *testing.T) {
		client := network(s)
		checkKids(t, get(t, client, "GET", s.URL), "test-ES256")
		s.Fail(503)
		if got := get(t, client, "GET", s.URL); got.status != 503 {
			t.Errorf("got status %d, want 503", got.status)
		}
		s.Set(jwktest.Set(jwk.ES384))
		s.MaxAge(time.Hour)
		s.Delay(time.Millisecond) // on the clock of the machine
		checkKids(t, get(t, client, "GET", s.URL), "test-ES384")
		if got := s.Requests(); got != 3 {
			t.Errorf("got %d requests, want 3", got)
		}
	})
}

// TestServerClock: if this fails, the delay of a server or the timeout of a client does not
// pass on the clock of a bubble, and a test of an outage takes as long as the outage.
func TestServerClock(t *testing.T) {
	s := jwktest.NewServer(t, jwktest.Set(jwk.ES256))
	synctest.Test(t, func(t *testing.T) {
		client := s.InMemory().HTTPClient
		start := time.Now()
		passed := func(want time.Duration) {
			t.Helper()
			if got := time.Since(start); got != want {
				t.Errorf("%v passed, want %v", got, want)
			}
			start = time.Now()
		}
		s.Delay(5 * time.Minute)
		got := get(t, client, "GET", s.URL)
		checkKids(t, got, "test-ES256")
		passed(5 * time.Minute)
		if date, err := http.ParseTime(got.header.Get("Date")); err != nil || !date.Equal(start) {
			t.Errorf("got Date %v, %v, want the time of the bubble, %v", date, err, start)
		}

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := do(t, client, r); !errors.Is(got.err, context.DeadlineExceeded) {
			t.Errorf("got status %d, %v, want DeadlineExceeded", got.status, got.err)
		}
		passed(10 * time.Second)

		client.Timeout = 20 * time.Second
		if got := get(t, client, "GET", s.URL); !errors.Is(got.err, context.DeadlineExceeded) {
			t.Errorf("got status %d, %v, want DeadlineExceeded", got.status, got.err)
		}
		passed(20 * time.Second)

		// The answer is chosen when the request arrives.
		client.Timeout = 0
		var waiting answer
		go func() { waiting = get(t, client, "GET", s.URL) }()
		synctest.Wait()
		if got := s.Requests(); got != 4 {
			t.Errorf("got %d requests, want 4", got)
		}
		s.Set(jwktest.Set(jwk.ES384))
		s.Delay(0)
		checkKids(t, get(t, client, "GET", s.URL), "test-ES384")
		passed(0)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		checkKids(t, waiting, "test-ES256")
	})
}
