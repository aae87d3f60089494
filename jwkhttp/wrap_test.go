package jwkhttp_test

import (
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// unwrapped is a WrapTransport that changes nothing.
func unwrapped(next http.RoundTripper) http.RoundTripper { return next }

// A tokenTransport sends a new token with each request.
type tokenTransport struct {
	next  http.RoundTripper
	calls atomic.Int32
}

func (t *tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.calls.Add(1)
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer s3cret")
	return t.next.RoundTrip(r)
}

// wrapped is a WrapTransport that counts its calls.
type wrapped struct {
	calls     int
	transport tokenTransport
}

func (w *wrapped) wrap(next http.RoundTripper) http.RoundTripper {
	w.calls++
	w.transport.next = next
	return &w.transport
}

// A service that wraps the transport, for metrics or for tokens, must keep the transport of this
// package with its guards and its trust.
func TestWrapTransport(t *testing.T) {
	body := privateText(t, key(t, "P-256", "a"))
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer s3cret":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/jwks":
			http.Redirect(w, r, "/moved", http.StatusFound)
		default:
			_, _ = io.WriteString(w, body)
		}
	})
	var w wrapped
	opts.WrapTransport = w.wrap
	c := mustClient(t, url, opts)
	mustFind(t, c, "a")
	if err := c.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
	if got, want := w.transport.calls.Load(), int32(4); got != want {
		t.Errorf("got %d requests through the wrapper, want %d: two fetches with a redirect", got, want)
	}
	if w.calls != 1 {
		t.Errorf("WrapTransport: got %d calls, want 1", w.calls)
	}
}

// A wrapper must not open the way to the addresses that UntrustedURL refuses.
func TestWrapTransportKeepsTheGuard(t *testing.T) {
	var asked atomic.Int32
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/moved", http.StatusFound)
	})
	var w wrapped
	opts.UntrustedURL, opts.WrapTransport = true, w.wrap
	_, err := find(mustClient(t, url, opts), "a")
	checkErrors(t, err, jwkhttp.ErrFetch)
	if asked.Load() != 0 || w.transport.calls.Load() != 1 {
		t.Errorf("F07: got %d requests at the server and %d through the wrapper, want 0 and 1", asked.Load(), w.transport.calls.Load())
	}
	opts.AllowPrefixes = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	_, err = find(mustClient(t, url, opts), "a")
	checkErrors(t, err, jwkhttp.ErrFetch)
	if asked.Load() != 1 {
		t.Errorf("F02: got %d requests, want 1, because no redirect is followed", asked.Load())
	}
}

// Discover makes two requests or more, and a Pool has many clients. A second wrapper would count
// their requests apart.
func TestWrapTransportIsCalledOnce(t *testing.T) {
	body := privateText(t, key(t, "P-256", "a"))
	var origin string
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			_, _ = io.WriteString(w, metadata(origin, origin+"/jwks"))
			return
		}
		_, _ = io.WriteString(w, body)
	})
	origin, _, _ = strings.Cut(url, "/jwks")

	var discovered wrapped
	opts.WrapTransport = discovered.wrap
	c, err := jwkhttp.Discover(t.Context(), origin, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	mustFind(t, c, "a")
	if got := discovered.transport.calls.Load(); discovered.calls != 1 || got != 2 {
		t.Errorf("Discover: got %d calls and %d requests, want 1 and 2", discovered.calls, got)
	}

	var pooled wrapped
	opts.WrapTransport = pooled.wrap
	pool := jwkhttp.NewPool(&jwkhttp.PoolOptions{ClientOptions: *opts})
	for _, path := range []string{"/one", "/two"} {
		c, err := pool.Client(origin + path)
		if err != nil {
			t.Fatal(err)
		}
		mustFind(t, c, "a")
	}
	if got := pooled.transport.calls.Load(); pooled.calls != 1 || got != 2 {
		t.Errorf("Pool: got %d calls and %d requests, want 1 and 2", pooled.calls, got)
	}
}

// A caller who states Accept knows the server better than this package.
func TestAcceptIsKept(t *testing.T) {
	body := privateText(t, key(t, "P-256", "a"))
	const accept = "application/jwk-set+json"
	url, opts := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept"); got != accept {
			t.Errorf("Accept: got %q, want %q", got, accept)
		}
		_, _ = io.WriteString(w, body)
	})
	opts.Header = http.Header{"Accept": {accept}}
	mustFind(t, mustClient(t, url, opts), "a")
}
