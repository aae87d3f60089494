package jwkhttp_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A service makes its clients while it starts, often more than it needs. If NewClient did more
// than check its arguments, a provider that is down would keep the service from starting.
func TestNewClientDoesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		before := runtime.NumGoroutine()
		for range 10 {
			if _, err := jwkhttp.NewClient(providerURL, &jwkhttp.ClientOptions{HTTPClient: &http.Client{Transport: p}}); err != nil {
				t.Fatal(err)
			}
		}
		if after := runtime.NumGoroutine(); after > before { // goroutines of earlier tests may end meanwhile
			t.Errorf("got %d goroutines after NewClient, want at most %d", after, before)
		}
		time.Sleep(48 * time.Hour)
		p.checkCount(t, 0)
	})
}

func TestReadsAnswerAsTheSetDoes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"), key(t, "Ed25519", "b"), key(t, "P-384", "a"))
		c := p.client(t, nil)
		set, err := c.Set(t.Context())
		if err != nil || set.Len() != 3 {
			t.Fatalf("Set: got %v, %v, want 3 keys", set, err)
		}
		if k := mustFind(t, c, "a"); k != set.At(0) {
			t.Errorf("Find: got %v, want the first key with the kid", k)
		}
		keys, err := c.FindAll(t.Context(), jwk.Query{KeyID: "a"})
		if err != nil || len(keys) != 2 || keys[0] != set.At(0) || keys[1] != set.At(2) {
			t.Errorf("FindAll: got %v, %v, want two keys", keys, err)
		}
		p.checkCount(t, 1)
	})
}

// Log lines print their arguments with any verb, and a client is often one of them.
func TestClientPrintsItsHostOnly(t *testing.T) {
	opts := &jwkhttp.ClientOptions{
		Header:   http.Header{"Authorization": {"Bearer s3cret"}},
		Snapshot: []byte(`"s3cret"`),
	}
	c, err := jwkhttp.NewClient(providerURL+"?token=s3cret", opts)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pool := jwkhttp.NewPool(&jwkhttp.PoolOptions{ClientOptions: jwkhttp.ClientOptions{Header: opts.Header}})
	if _, err := pool.Client(providerURL + "?token=s3cret"); err != nil {
		t.Fatal(err)
	}
	if got := c.String(); got != "issuer.example" {
		t.Errorf("String: got %s, want the host", got)
	}
	for _, value := range []any{c, opts, *opts, pool, &jwkhttp.PoolOptions{ClientOptions: *opts}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "s3cret") || strings.Contains(text, "733363726574") {
				t.Errorf("%T with %s prints a secret: %s", value, verb, text)
			}
		}
		var log strings.Builder
		for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(handler).Info("made", "value", value)
		}
		if strings.Contains(log.String(), "s3cret") {
			t.Errorf("the log of %T has a secret: %s", value, &log)
		}
	}
	if text, err := json.Marshal([]any{c}); err != nil || string(text) != "[{}]" {
		t.Errorf("json.Marshal: got %s, %v, want [{}]", text, err)
	}
}

// A negative duration or a contradiction is a mistake in a configuration. Unless NewClient
// reports it, it shows as an outage at night.
func TestOptionsRefused(t *testing.T) {
	type options = jwkhttp.ClientOptions
	for _, test := range []struct {
		text string // a part of the error
		opts options
	}{
		{"MinTTL is -1ns", options{MinTTL: -1}},
		{"DefaultTTL is -1ns", options{DefaultTTL: -1}},
		{"MaxTTL is -1ns", options{MaxTTL: -1}},
		{"RefreshWait is -1ns", options{RefreshWait: -1}},
		{"StaleFor is -1ns", options{StaleFor: -1}},
		{"Timeout is -1ns", options{Timeout: -1}},
		{"UnknownKeyInterval is -1ns", options{UnknownKeyInterval: -1}},
		{"UnknownKeyBurst is -1", options{UnknownKeyBurst: -1}},
		{"MinTTL is 2m0s, more than DefaultTTL", options{MinTTL: 2 * time.Minute, DefaultTTL: time.Minute}},
		{"MinTTL is 2m0s, more than MaxTTL", options{MinTTL: 2 * time.Minute, MaxTTL: time.Minute}},
		{"DefaultTTL is 2m0s, more than MaxTTL", options{DefaultTTL: 2 * time.Minute, MaxTTL: time.Minute}},
		{"-1 bytes", options{Parser: &jwk.Parser{MaxBytes: -1}}},
		{"-1 keys", options{Parser: &jwk.Parser{MaxKeys: -1}}},
		{"UntrustedURL and HTTPClient", options{UntrustedURL: true, HTTPClient: new(http.Client)}},
		{"RootCAs and HTTPClient", options{RootCAs: x509.NewCertPool(), HTTPClient: new(http.Client)}},
		{"WrapTransport and HTTPClient", options{WrapTransport: unwrapped, HTTPClient: new(http.Client)}},
		{"WrapTransport returned nil", options{WrapTransport: func(http.RoundTripper) http.RoundTripper { return nil }}},
		{"AllowPrefixes is set", options{AllowPrefixes: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}},
		{"not valid", options{UntrustedURL: true, AllowPrefixes: []netip.Prefix{{}}}},
		{"Header has Range", options{Header: http.Header{"range": {"bytes=0-1"}}}},
		{"Header has a line break or NUL", options{Header: http.Header{"Authorization": {"Bearer s3cret\n"}}}},
		{"Header has a line break or NUL", options{Header: http.Header{"Authorization": {"good", "Bearer s3cret\r"}}}},
		{"Header has a line break or NUL", options{Header: http.Header{"Authorization": {"Bearer\x00s3cret"}}}},
		{"Header has a line break or NUL", options{Header: http.Header{"X-s3cret\n": {"good"}}}},
		{"Header has If-None-Match", options{Header: http.Header{"If-None-Match": {"*"}}}},
	} {
		_, err := jwkhttp.NewClient(providerURL, &test.opts)
		checkOptionError(t, "NewClient", err, test.text)
		_, err = jwkhttp.NewPool(&jwkhttp.PoolOptions{ClientOptions: test.opts}).Client(providerURL)
		checkOptionError(t, "Pool", err, test.text)
		_, err = jwkhttp.Discover(t.Context(), "https://issuer.example", &test.opts)
		checkOptionError(t, "Discover", err, test.text)
	}
}

// checkOptionError checks the error that reports an option.
func checkOptionError(t *testing.T, name string, err error, text string) {
	t.Helper()
	checkErrors(t, err, jwkhttp.ErrFetch)
	if err != nil && strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%s: the error has the value of the option: %v", name, err)
	}
	if e, ok := errors.AsType[*jwkhttp.Error](err); !ok || e.Host != "issuer.example" || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got %v, want an *Error of the host that has %q", name, err, text)
	}
}

// A single option must not contradict the defaults of the others.
func TestOptionsGiveWay(t *testing.T) {
	for _, test := range []struct {
		opts jwkhttp.ClientOptions
		want time.Duration // the life of a set if the server states no life
	}{
		{jwkhttp.ClientOptions{}, 10 * time.Minute},
		{jwkhttp.ClientOptions{MinTTL: time.Hour}, time.Hour},
		{jwkhttp.ClientOptions{MinTTL: 48 * time.Hour}, 48 * time.Hour},
		{jwkhttp.ClientOptions{MaxTTL: time.Second}, time.Second},
		{jwkhttp.ClientOptions{MaxTTL: 5 * time.Minute}, 5 * time.Minute},
		{jwkhttp.ClientOptions{DefaultTTL: time.Second}, time.Second},
		{jwkhttp.ClientOptions{DefaultTTL: 48 * time.Hour}, 48 * time.Hour},
	} {
		bubble(t, func(t *testing.T) {
			c := newProvider(t, key(t, "P-256", "a")).client(t, &test.opts)
			mustFind(t, c, "a")
			if got := life(c); got != test.want {
				t.Errorf("%+v: got a life of %v, want %v", test.opts, got, test.want)
			}
		})
	}
}

// life returns the life of the set of a client.
func life(c *jwkhttp.Client) time.Duration {
	s := c.Status()
	return s.ExpiresAt.Sub(s.FetchedAt)
}

// A program may change its options for the next client.
func TestOptionsAreCopied(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t)
		p.write(privateText(t, key(t, "P-256", "b"), privateKey(t, "oct-256", "a")))
		opts := &jwkhttp.ClientOptions{Header: http.Header{"Authorization": {"Bearer 1"}}, Parser: new(jwk.Parser)}
		c := p.client(t, opts)
		opts.Header.Set("Authorization", "Bearer 2")
		opts.Parser.PublicOnly = true
		mustFind(t, c, "b")
		if got := p.last().Header.Get("Authorization"); got != "Bearer 1" {
			t.Errorf("got Authorization %s, want the one that NewClient was given", got)
		}
		if got := p.last().Header.Get("Accept"); !strings.HasPrefix(got, "application/json") {
			t.Errorf("got Accept %q, want application/json first", got)
		}
	})
}

// A RoundTripper that signs requests, or counts them, may change them. If this changed the next request, the
// client would ask another URL, or send a header that belongs to an earlier request.
func TestRoundTripperMayChangeItsRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var got []string
		p := newProvider(t, key(t, "P-256", "a"))
		p.hook = func(r *http.Request) {
			got = append(got, fmt.Sprint(r.URL, " ", r.Host, " ", r.Header))
			r.URL.Path += "/more"
			r.URL.Host, r.URL.RawQuery = "other.example", "a=1"
			r.Host = "other.example"
			r.Header.Set("Signature", "1")
			r.Header.Del("Authorization")
			r.Header["Accept"][0] = "text/html"
		}
		c := p.client(t, &jwkhttp.ClientOptions{Header: http.Header{"Authorization": {"Bearer 1"}}})
		for range 3 {
			if err := c.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, next := range got[1:] {
			if next != got[0] {
				t.Errorf("got the request %s after %s, want the same", next, got[0])
			}
		}
	})
}

// A program that holds the keys of its own provider may want private keys, or may want to
// refuse the deviations that real providers emit.
func TestParserBringsItsOwnSwitches(t *testing.T) {
	public, deviating := key(t, "P-256", "a"), `{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA==","kid":"a"}]}`
	big := `{"keys":[],"pad":"` + strings.Repeat("x", 1<<20) + `"}`
	text, err := public.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	many := func(n int) string { return `{"keys":[` + strings.Repeat(string(text)+",", n-1) + string(text) + `]}` }
	for _, test := range []struct {
		name   string
		parser *jwk.Parser
		body   string
		want   error // nil: the set has the kid a
	}{
		{"nil refuses private keys", nil, privateText(t, privateKey(t, "P-256", "a")), jwk.ErrPrivate},
		{"nil refuses symmetric keys", nil, privateText(t, privateKey(t, "oct-256", "a")), jwk.ErrPrivate},
		{"own accepts private keys", &jwk.Parser{}, privateText(t, privateKey(t, "P-256", "a")), nil},
		{"own is strict", &jwk.Parser{}, deviating, jwk.ErrInvalid},
		{"own is lenient", &jwk.Parser{Lenient: true}, deviating, nil},
		{"nil limits the body", nil, big, jwk.ErrPolicy},
		{"0 limits the body", &jwk.Parser{}, big, jwk.ErrPolicy},
		{"own limit of the body", &jwk.Parser{MaxBytes: 100}, many(1), jwk.ErrPolicy},
		{"own larger limit of the body", &jwk.Parser{MaxBytes: 2 << 20}, strings.Replace(big, "[]", "["+string(text)+"]", 1), nil},
		{"nil accepts 1000 keys", nil, many(1000), nil},
		{"nil limits the keys", nil, many(1001), jwk.ErrPolicy},
		{"0 limits the keys", &jwk.Parser{}, many(1001), jwk.ErrPolicy},
		{"own limit of the keys", &jwk.Parser{MaxKeys: 2}, many(3), jwk.ErrPolicy},
		{"own larger limit of the keys", &jwk.Parser{MaxKeys: 1001}, many(1001), nil},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t)
			p.write(test.body)
			_, err := find(p.client(t, &jwkhttp.ClientOptions{Parser: test.parser}), "a")
			if test.want == nil && err != nil {
				t.Fatal(err)
			}
			if test.want != nil {
				checkErrors(t, err, test.want, jwkhttp.ErrFetch)
			}
		})
	}
}

// Nothing but https is fetched, and a credential in the URL would be in all logs.
func TestURLsRefused(t *testing.T) {
	for _, test := range []struct{ name, url string }{
		{"F01 http", "http://issuer.example/s3cret"},
		{"F01 file", "file:///s3cret"},
		{"F01 data", "data:application/json,s3cret"},
		{"F01 ftp", "ftp://issuer.example/s3cret"},
		{"F01 no host", "https:///s3cret"},
		{"F01 no scheme", "//issuer.example/s3cret"},
		{"F01 user", "https://s3cret@issuer.example/"},
		{"F01 fragment", "https://issuer.example/#s3cret"},
		{"F01 empty", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := jwkhttp.NewClient(test.url, nil)
			checkErrors(t, err, jwkhttp.ErrFetch)
			if err == nil || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want an error without the URL", err)
			}
		})
	}
}

// A key may name other URLs, in x5u and jku. A provider, or a stranger who registered a set,
// must not be able to make the client ask them.
func TestURLsInKeysAreNotFetched(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.write(strings.Replace(string(p.body), `{"`, `{"jku":"https://b.example/","x5u":"https://b.example/","`, 2))
		c := p.client(t, nil)
		mustFind(t, c, "a")
		checkUnknown(t, c, "b")
		p.checkCount(t, 2)
		for _, url := range p.urls() {
			if url != providerURL {
				t.Errorf("asked for %s", url)
			}
		}
	})
}
