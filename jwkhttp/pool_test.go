package jwkhttp_test

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// pool returns a pool whose clients ask the provider.
func (p *provider) pool(size int) *jwkhttp.Pool {
	return jwkhttp.NewPool(&jwkhttp.PoolOptions{
		ClientOptions: jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}}, Size: size,
	})
}

// pooled returns the client of a pool for a URL.
func pooled(t testing.TB, pool *jwkhttp.Pool, url string) *jwkhttp.Client {
	t.Helper()
	c, err := pool.Client(url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Strangers may choose the URLs, so the pool must not grow with them. A client that is in use
// must not be replaced, because its limits on fetches would start again.
func TestPoolDropsTheOldest(t *testing.T) {
	for _, size := range []int{3, 0} {
		run(t, fmt.Sprint(size), func(t *testing.T) {
			pool := newProvider(t).pool(size)
			bound := size
			if bound == 0 {
				bound = 1000
			}
			var clients []*jwkhttp.Client
			url := func(i int) string { return fmt.Sprint("https://issuer.example/", i) }
			for i := range bound {
				clients = append(clients, pooled(t, pool, url(i)))
			}
			for i, c := range clients {
				if pooled(t, pool, url(i)) != c {
					t.Fatalf("got another client for %s", url(i))
				}
			}
			pooled(t, pool, url(0)) // now 1 is the oldest
			pooled(t, pool, url(bound))
			if pooled(t, pool, url(0)) != clients[0] {
				t.Error("the client that was asked for last is gone")
			}
			if pooled(t, pool, url(1)) == clients[1] {
				t.Error("the client that was asked for first is still there")
			}
		})
	}
}

// A token of one issuer must not be verified with a key of another, not even if their kids are
// equal or a sloppy key of the cache would be.
func TestPoolSeparatesURLs(t *testing.T) {
	run(t, "F13 same kid", func(t *testing.T) {
		urls := []string{
			"https://a.example/jwks", "https://b.example/jwks", "https://a.example/jwks?", "https://a.example/jwks/",
			"https://a.example/jwks?x=1", "https://a.example:443/jwks", "https://a.example/JWKS", "https://a.example/jwksk",
		}
		p := newProvider(t)
		pool := p.pool(0)
		names := []string{"P-256", "P-384", "P-521", "Ed25519", "Ed448", "X25519", "X448", "RSA-2048"}
		for i, url := range urls {
			for range 2 {
				p.publish(t, key(t, names[i], "k"))
				if k, err := find(pooled(t, pool, url), "k"); err != nil || k.Thumbprint() != key(t, names[i], "").Thumbprint() {
					t.Errorf("%s: got %v, %v, want the key of this URL", url, k, err)
				}
			}
		}
		for i, url := range urls {
			if k := mustFind(t, pooled(t, pool, url), "k"); k.Thumbprint() != key(t, names[i], "").Thumbprint() {
				t.Errorf("%s: got the key %v", url, k)
			}
		}
		p.checkCount(t, len(urls))
	})
}

// A request may hold a client while the pool drops it.
func TestPoolDroppedClientGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		pool := p.pool(1)
		c := pooled(t, pool, "https://a.example/")
		mustFind(t, c, "a")
		pooled(t, pool, "https://b.example/")
		p.publish(t, key(t, "P-384", "b"))
		sleep(time.Hour)
		mustFind(t, c, "b")
		p.checkCount(t, 2)
	})
}

// A Pool has no Close, so a client that it has dropped must go, with its set, although its
// timers would run for a day.
func TestPoolDroppedClientIsCollected(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		pool := p.pool(1)
		dropped := func() weak.Pointer[jwkhttp.Client] {
			c := pooled(t, pool, "https://a.example/")
			mustFind(t, c, "a")
			return weak.Make(c)
		}()
		pooled(t, pool, "https://b.example/")
		synctest.Wait()
		for range 10 {
			runtime.GC()
		}
		if dropped.Value() != nil {
			t.Error("the client is still in memory")
		}
		sleep(48 * time.Hour) // the timer finds no client
		p.checkCount(t, 1)
	})
}

// The pool reports options that are wrong when it is asked for a client, because NewPool has no
// error.
func TestPoolRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		opts *jwkhttp.PoolOptions
		url  string
	}{
		{"size", &jwkhttp.PoolOptions{Size: -1}, providerURL},
		{"snapshot", &jwkhttp.PoolOptions{ClientOptions: jwkhttp.ClientOptions{Snapshot: []byte("{}")}}, providerURL},
		{"URL", nil, "http://issuer.example/jwks"},
	} {
		if c, err := jwkhttp.NewPool(test.opts).Client(test.url); c != nil || err == nil {
			t.Errorf("%s: got %v, want an error", test.name, c)
		} else {
			checkErrors(t, err, jwkhttp.ErrFetch)
		}
	}
	if _, err := jwkhttp.NewPool(&jwkhttp.PoolOptions{ClientOptions: jwkhttp.ClientOptions{AllowHTTP: true}}).Client("http://issuer.example/"); err != nil {
		t.Errorf("AllowHTTP: got %v", err)
	}
}

// Requests ask the pool at the same time.
func TestPoolIsSafeForConcurrentUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		pool := p.pool(2)
		together(50, func(i int) {
			c := pooled(t, pool, fmt.Sprint("https://issuer.example/", i%5))
			if _, err := c.Find(t.Context(), jwk.Query{KeyID: "a"}); err != nil {
				t.Error(err)
			}
		})
	})
}

// Closed by mistake, the client of one issuer must not refuse its tokens until the process ends.
func TestPoolReplacesAClientThatIsClosed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		pool := p.pool(2)
		first := pooled(t, pool, "https://a.example/")
		other := pooled(t, pool, "https://b.example/")
		first.Close()
		second := pooled(t, pool, "https://a.example/")
		if second == first {
			t.Fatal("got the client that is closed")
		}
		mustFind(t, second, "a")
		if pooled(t, pool, "https://a.example/") != second || pooled(t, pool, "https://b.example/") != other {
			t.Error("got other clients at the next call, want the same")
		}
	})
}
