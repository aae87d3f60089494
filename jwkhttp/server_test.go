package jwkhttp_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// newServer starts a TLS server, and returns options of a client that trusts it.
func newServer(t *testing.T, handler http.HandlerFunc) (url string, opts *jwkhttp.ClientOptions) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server.URL + "/jwks?token=s3cret", &jwkhttp.ClientOptions{RootCAs: roots}
}

// mustClient returns a client that is closed at the end of the test.
func mustClient(t *testing.T, url string, opts *jwkhttp.ClientOptions) *jwkhttp.Client {
	t.Helper()
	c, err := jwkhttp.NewClient(url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// The provider in memory does not show gzip, conditional requests and redirects on a
// connection.
func TestOwnTransport(t *testing.T) {
	body := privateText(t, key(t, "P-256", "a"))
	var notModified atomic.Int32
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			http.Redirect(w, r, "/moved", http.StatusFound)
			return
		}
		w.Header().Set("Etag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			notModified.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Header.Get("Authorization") != "Bearer 1" {
			t.Errorf("got the header %v, want gzip and the Authorization", r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, body)
		_ = z.Close()
	})
	opts.Header = http.Header{"Authorization": {"Bearer 1"}}
	c := mustClient(t, url, opts)
	mustFind(t, c, "a")
	set, _ := c.Set(t.Context())
	if err := c.Refresh(t.Context()); err != nil || notModified.Load() != 1 {
		t.Errorf("got %v and %d answers with status 304, want 1", err, notModified.Load())
	}
	if next, _ := c.Set(t.Context()); next != set {
		t.Error("got another set after a 304")
	}
}

// A server that lies about the size of its body must not cost more memory than the limit.
func TestServersThatLie(t *testing.T) {
	good := privateText(t, key(t, "P-256", "a"))
	blanks := strings.Repeat(" ", 64<<10)
	for _, test := range []struct {
		name  string
		write func(w http.ResponseWriter)
		want  error
	}{
		{"F03 gzip bomb", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			for range 16 << 20 / len(blanks) {
				if _, err := io.WriteString(z, blanks); err != nil {
					return
				}
			}
			_ = z.Close()
		}, jwk.ErrPolicy},
		{"F03 endless", func(w http.ResponseWriter) {
			for {
				if _, err := io.WriteString(w, blanks); err != nil {
					return // the client closed the connection
				}
			}
		}, jwk.ErrPolicy},
		{"F03 Content-Length too large", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000000")
			_, _ = io.WriteString(w, good)
		}, io.ErrUnexpectedEOF},
		{"F03 Content-Length too small", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "20")
			_, _ = io.WriteString(w, good[:20]) // the server sends no more
		}, jwk.ErrSyntax},
		{"F03 Content-Length above the limit", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "9000000000000000000")
			_, _ = io.WriteString(w, strings.Repeat(blanks, 17))
		}, jwk.ErrPolicy},
		{"F03 gzip in the header only", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, good)
		}, gzip.ErrHeader},
	} {
		t.Run(test.name, func(t *testing.T) {
			url, opts := newServer(t, func(w http.ResponseWriter, _ *http.Request) { test.write(w) })
			_, err := find(mustClient(t, url, opts), "a")
			checkErrors(t, err, test.want, jwkhttp.ErrFetch)
			if err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want an error without the URL", err)
			}
		})
	}
}

// A server that may redirect its clients to another one could be made to give the keys away.
func TestRedirectsAreRefused(t *testing.T) {
	var asked atomic.Bool
	other, _ := newServer(t, func(http.ResponseWriter, *http.Request) { asked.Store(true) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint("F02 ", status), func(t *testing.T) {
			url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, status) })
			_, err := find(mustClient(t, url, opts), "a")
			checkErrors(t, err, jwkhttp.ErrFetch)
			if err == nil || strings.Contains(err.Error(), "s3cret") || asked.Load() {
				t.Errorf("got %v, asked the other server %v, want an error without the URL", err, asked.Load())
			}
		})
	}
}

// A URL that a stranger chose must not reach a server of this machine, unless the options say
// so.
func TestUntrustedURL(t *testing.T) {
	body := privateText(t, key(t, "P-256", "a"))
	var asked atomic.Int32
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			http.Redirect(w, r, "/moved", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, body)
	})
	opts.UntrustedURL = true
	_, err := find(mustClient(t, url, opts), "a")
	checkErrors(t, err, jwkhttp.ErrFetch)
	if asked.Load() != 0 {
		t.Error("F07: the server was asked although its address is loopback")
	}
	opts.AllowPrefixes = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	c := mustClient(t, url, opts)
	_, err = find(c, "a")
	checkErrors(t, err, jwkhttp.ErrFetch)
	if asked.Load() != 1 {
		t.Errorf("F02: got %d requests, want 1, because no redirect is followed", asked.Load())
	}
	if err := c.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
	mustFind(t, c, "a")
}

// A client that is closed must not keep a connection, or a server never shuts down.
func TestCloseEndsTheConnection(t *testing.T) {
	started, gone := make(chan struct{}), make(chan struct{})
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		close(started)
		<-r.Context().Done()
		close(gone)
	})
	c := mustClient(t, url, opts)
	failed := make(chan error)
	go func() {
		_, err := find(c, "a")
		failed <- err
	}()
	<-started
	c.Close()
	err := <-failed
	checkErrors(t, err, jwkhttp.ErrFetch)
	if err == nil || !strings.HasSuffix(err.Error(), ": the client is closed") {
		t.Errorf("F20: got %v, want that the client is closed", err)
	}
	<-gone
}

// The reasons of TLS and of the network must be reachable: they decide who is called at night.
func TestCausesAreReachable(t *testing.T) {
	url, _ := newServer(t, func(http.ResponseWriter, *http.Request) {})
	_, err := find(mustClient(t, url, nil), "a")
	checkErrors(t, err, jwkhttp.ErrFetch)
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
		t.Errorf("got %v, want an x509.UnknownAuthorityError", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	_, err = find(mustClient(t, "https://"+listener.Addr().String(), nil), "a")
	checkErrors(t, err, jwkhttp.ErrFetch)
	if _, ok := errors.AsType[*net.OpError](err); !ok {
		t.Errorf("got %v, want a *net.OpError", err)
	}
}

// A server that sends its header one octet at a time must not hold a goroutine for longer than
// the whole fetch may take. The connection is in memory, so that the clock is the bubble's.
func TestSlowHeaders(t *testing.T) {
	for _, test := range []struct {
		name, first string
		every       time.Duration
	}{
		{"F04 no header", "", time.Hour},
		{"F04 header trickle", "HTTP/1.1 200 OK\r\nX-Slow: ", time.Second},
		{"F04 body trickle", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", time.Second},
		{"F04 1xx without end", "HTTP/1.1 103 Early Hints\r\n\r\n", time.Second},
	} {
		run(t, test.name, func(t *testing.T) {
			transport := &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				go trickle(far, test.first, test.every)
				return near, nil
			}}
			c := mustClient(t, "http://issuer.example/", &jwkhttp.ClientOptions{AllowHTTP: true, HTTPClient: &http.Client{Transport: transport}})
			waited := took(func() {
				_, err := find(c, "a")
				checkErrors(t, err, context.DeadlineExceeded, jwkhttp.ErrFetch)
			})
			if waited != 10*time.Second {
				t.Errorf("took %v, want 10s", waited)
			}
			sleep(2 * time.Second) // the server finds the connection closed
		})
	}
}

// trickle answers a request on a connection: first at once, then an octet after each interval.
func trickle(conn net.Conn, first string, every time.Duration) {
	defer conn.Close()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		return
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn)
	}()
	for next := first; ; next = "x" {
		if _, err := io.WriteString(conn, next); err != nil {
			return
		}
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case <-gone:
			timer.Stop()
			return
		}
	}
}
