package jwkhttp_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// takeSnapshot returns the snapshot of a client of p that has fetched its set.
func takeSnapshot(t testing.TB, p *provider, opts *jwkhttp.ClientOptions) []byte {
	t.Helper()
	c := p.client(t, opts)
	if _, err := c.Set(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c.Snapshot()
}

// A service that starts while its provider is down, or a hundred that start at once, use what
// an earlier run has kept.
func TestWarmStart(t *testing.T) {
	for _, header := range []string{"", "max-age=60", "max-age=3600"} {
		run(t, header, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.write(strings.Replace(string(p.body), "[", `[{"kty":"new","kid":"skipped"},`, 1))
			p.set("Cache-Control", header)
			p.set("Etag", `"1"`)
			p.set("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")
			data := takeSnapshot(t, p, nil)
			sleep(30 * time.Second)
			c := p.client(t, &jwkhttp.ClientOptions{Snapshot: data})
			if waited := took(func() { mustFind(t, c, "a") }); waited != 0 {
				t.Errorf("a read waited %v", waited)
			}
			p.checkCount(t, 1)
			if s := c.Status(); s.Keys != 1 || s.Skipped != 1 || !s.FetchedAt.Equal(time.Now().Add(-30*time.Second)) || s.LastError != nil || s.Fetches != 0 {
				t.Errorf("got %+v, want the set of 30 s ago and no fetch", s)
			}
			want := map[string]time.Duration{"": 10 * time.Minute, "max-age=60": time.Minute, "max-age=3600": time.Hour}[header]
			if got := life(c); got != want {
				t.Errorf("got a life of %v, want %v", got, want)
			}
			set, _ := c.Set(t.Context())
			sleep(2 * time.Hour)
			next, err := c.Set(t.Context())
			if h := p.last().Header; h.Get("If-None-Match") != `"1"` || h.Get("If-Modified-Since") == "" {
				t.Errorf("got the header %v, want the validators of the snapshot", h)
			}
			if s := c.Status(); err != nil || next != set || s.NotModified != 1 || life(c) != want {
				t.Errorf("got %p, %v, a life of %v and %+v, want the set %p renewed", next, err, life(c), s, set)
			}
		})
	}
}

// A snapshot must not make a set younger than it is.
func TestAgedSnapshots(t *testing.T) {
	for _, test := range []struct {
		age     time.Duration
		waits   time.Duration // of the first read, with a provider that is slow
		err     error         // with a provider that is down
		fetches int
	}{
		{7 * time.Minute, 0, nil, 0},
		{9 * time.Minute, 0, nil, 1},                             // due: in the background
		{time.Hour, time.Second, nil, 1},                         // expired
		{25 * time.Hour, time.Second, jwkhttp.ErrStale, 1},       // stale
		{365 * 24 * time.Hour, time.Second, jwkhttp.ErrStale, 1}, // a year
	} {
		run(t, test.age.String(), func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			data := takeSnapshot(t, p, nil)
			sleep(test.age)
			before := p.count()
			p.wait(time.Second)
			c := p.client(t, &jwkhttp.ClientOptions{Snapshot: data})
			if waited := took(func() { mustFind(t, c, "a") }); waited != test.waits {
				t.Errorf("a read waited %v, want %v", waited, test.waits)
			}
			p.checkCount(t, before+test.fetches)
			p.fail(500)
			c = p.client(t, &jwkhttp.ClientOptions{Snapshot: data})
			_, err := find(c, "a")
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if got := c.Status().Stale; got != (test.err != nil) {
				t.Errorf("got stale %v", got)
			}
		})
	}
}

// A file that is damaged must not keep a service from starting, and must not bring wrong keys.
func TestSnapshotsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var events recorder
		p := newProvider(t, key(t, "Ed25519", "a"))
		p.set("Etag", `"1"`)
		good := takeSnapshot(t, p, nil)
		refused := func(name string, data []byte) {
			t.Helper()
			c := p.client(t, &jwkhttp.ClientOptions{Snapshot: data, OnEvent: events.add})
			checkErrors(t, events.checkKinds(t, jwkhttp.FetchFailed)[0].Err, jwkhttp.ErrFetch)
			if s := c.Status(); s.Keys != 0 || !s.FetchedAt.IsZero() || s.LastError != nil {
				t.Fatalf("%s: got %+v, want a cold start", name, s)
			}
			c.Close()
		}
		for i := range good {
			changed := bytes.Clone(good)
			changed[i] ^= 1
			refused("changed", changed)
			refused("cut", good[:max(i, 1)])
		}
		refused("doubled", append(bytes.Clone(good), good...))
		refused("other", []byte(`{}`))
		refused("null", []byte(`null`))
		refused("long", append(bytes.Repeat([]byte(" "), 2<<20), good...))
		before := p.count()
		c := p.client(t, &jwkhttp.ClientOptions{Snapshot: []byte("{"), OnEvent: events.add})
		mustFind(t, c, "a")
		p.checkCount(t, before+1)
	})
}

// The keys of one issuer must not verify the tokens of another, and a clock that was wrong must
// not make a set valid for years.
func TestSnapshotsOfAnotherPlaceOrTime(t *testing.T) {
	var future []byte
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		sleep(time.Hour)
		future = takeSnapshot(t, p, nil)
	})
	bubble(t, func(t *testing.T) { // an hour earlier
		p := newProvider(t, key(t, "P-256", "a"))
		for name, c := range map[string]struct {
			url  string
			data []byte
		}{
			"from the future": {providerURL, future},
			"other query":     {providerURL + "?a=1", takeSnapshot(t, p, nil)},
			"other host":      {strings.Replace(providerURL, "issuer", "other", 1), takeSnapshot(t, p, nil)},
		} {
			var events recorder
			before := p.count()
			client, err := jwkhttp.NewClient(c.url, &jwkhttp.ClientOptions{
				HTTPClient: &http.Client{Transport: p}, Snapshot: c.data, OnEvent: events.add,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			events.checkKinds(t, jwkhttp.FetchFailed)
			mustFind(t, client, "a")
			if p.count() != before+1 {
				t.Errorf("%s: got no fetch, want a cold start", name)
			}
		}
		c := p.client(t, &jwkhttp.ClientOptions{Snapshot: future})
		sleep(time.Hour) // the time of the snapshot
		mustFind(t, c, "a")
	})
}

// A snapshot is a file that other processes may read.
func TestSnapshotHasNoSecrets(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t)
		c, err := jwkhttp.NewClient(providerURL+"?token=s3cret", &jwkhttp.ClientOptions{
			HTTPClient: &http.Client{Transport: p}, Header: http.Header{"Authorization": {"s3cret"}}, Parser: new(jwk.Parser),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := c.Snapshot(); got != nil {
			t.Errorf("got %s before the first fetch, want nil", got)
		}
		for _, k := range []*jwk.Key{privateKey(t, "P-256", "a"), privateKey(t, "oct-256", "a")} {
			p.write(privateText(t, k, key(t, "P-384", "b")))
			if err := c.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := c.Snapshot(); got != nil {
				t.Errorf("got %s of a set with a private key, want nil", got)
			}
		}
		p.publish(t, key(t, "P-256", "a"))
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := string(c.Snapshot()); got == "" || strings.Contains(got, "s3cret") || strings.Contains(got, "jwks") {
			t.Errorf("got %s, want a snapshot without the URL", got)
		}
	})
}

// FuzzSnapshot gives the client snapshots of strangers, sealed and not: it must not panic, and
// a set that it accepts must be usable.
func FuzzSnapshot(f *testing.F) {
	p := newProvider(f, key(f, "P-256", "a"))
	p.set("Etag", `"1"`)
	good := takeSnapshot(f, p, nil)
	_, inner, found := strings.Cut(string(good), `"snapshot":`)
	inner = strings.TrimSuffix(inner, "}")
	if c := p.client(f, &jwkhttp.ClientOptions{Snapshot: seal(inner)}); !found || c.Status().Keys != 1 {
		f.Fatalf("the seed %s is refused", inner)
	}
	for _, seed := range []string{inner, inner[:len(inner)/2], `{"set":{}}`, "null", string(good)} {
		f.Add(seed)
		f.Add(strings.Replace(seed, `"set"`, `"life_ns":-9223372036854775808,"set"`, 1))
		f.Add(strings.Replace(seed, `{"keys":[`, `{"keys":[{"kty":"oct","k":"AA"},`, 1))
	}
	p.fail(500)
	f.Fuzz(func(t *testing.T, data string) {
		checkSnapshot(t, p, []byte(data))
		checkSnapshot(t, p, seal(data))
	})
}

// seal returns a snapshot with the digest that shows no damage.
func seal(inner string) []byte {
	sum := sha256.Sum256([]byte(inner))
	return fmt.Appendf(nil, `{"sha256":%q,"snapshot":%s}`, base64.StdEncoding.EncodeToString(sum[:]), inner)
}

// checkSnapshot checks a client that starts with a snapshot.
func checkSnapshot(t *testing.T, p *provider, data []byte) {
	c := p.client(t, &jwkhttp.ClientOptions{Snapshot: data})
	s := c.Status()
	if s.FetchedAt.IsZero() != (s.Keys == 0) {
		t.Fatalf("got %+v", s)
	}
	if s.Keys == 0 {
		return
	}
	if s.FetchedAt.After(time.Now()) || s.ExpiresAt.Before(s.FetchedAt) || s.StaleAt.Before(s.ExpiresAt) {
		t.Fatalf("got %+v, want times in order", s)
	}
	if s.Stale {
		return
	}
	c.Close() // no read must fetch
	set, err := c.Set(t.Context())
	if err != nil || set.Len() != s.Keys {
		t.Fatalf("got %v, %v, want %d keys", set, err, s.Keys)
	}
	if again := c.Snapshot(); again == nil {
		t.Fatal("a set from a snapshot has no snapshot")
	}
}
