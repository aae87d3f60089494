package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// This file holds the recipes of docs/cookbook.md for clients of package jwkhttp. TestBookBlocks
// compares the two.

// TestCookbookHours is the recipe for tests that last hours. If it fails, the tests that users copy
// from the cookbook fail.
func TestCookbookHours(t *testing.T) {
	issuer := jwktest.NewIssuer(t, jwk.RS256) // outside the bubble, because it has a real server
	synctest.Test(t, func(t *testing.T) {
		keys, err := jwkhttp.NewClient(issuer.URL+"/jwks", issuer.InMemory())
		if err != nil {
			t.Fatal(err)
		}
		defer keys.Close()
		check := func(alg jwk.Algorithm, want error) {
			t.Helper()
			if _, err := keys.Find(t.Context(), jwk.Query{Algorithm: alg}); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", alg, err, want)
			}
		}
		check(jwk.RS256, nil)

		issuer.Set(jwktest.Set(jwk.ES256)) // a rotation
		time.Sleep(time.Hour)              // returns at once
		check(jwk.ES256, nil)
		check(jwk.RS256, jwk.ErrNotFound)

		issuer.Fail(http.StatusServiceUnavailable) // an outage
		time.Sleep(23 * time.Hour)
		check(jwk.ES256, nil)
		time.Sleep(2 * time.Hour)
		check(jwk.ES256, jwkhttp.ErrStale)
	})
}

// maxRegistered is the largest number of clients that may register. The Pool has room for all.
const maxRegistered = 10_000

// A registry has the jwks_uri of each client that registered itself (RFC 7591).
type registry struct {
	options jwkhttp.ClientOptions
	pool    *jwkhttp.Pool

	mu   sync.Mutex
	urls map[string]string // by client_id
}

// newRegistry returns a registry without clients. The options are the zero value, except in tests.
func newRegistry(options jwkhttp.ClientOptions) *registry {
	options.UntrustedURL = true
	// 10,000 sets of 1 MiB, the default, would not fit into memory.
	options.Parser = &jwk.Parser{Lenient: true, PublicOnly: true, MaxBytes: 64 << 10, MaxKeys: 20}
	return &registry{
		options: options,
		pool:    jwkhttp.NewPool(&jwkhttp.PoolOptions{ClientOptions: options, Size: maxRegistered}),
		urls:    make(map[string]string),
	}
}

// register stores the jwks_uri of a client if keys can be fetched from it. It does not use the Pool,
// in which a URL without keys would take the place of another one.
func (r *registry) register(ctx context.Context, id, url string) error {
	keys, err := jwkhttp.NewClient(url, &r.options)
	if err != nil {
		return err
	}
	defer keys.Close()
	if _, err := keys.Set(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.urls) >= maxRegistered {
		return errors.New("too many clients are registered")
	}
	r.urls[id] = url
	return nil
}

// keysOf returns the keys of a client.
func (r *registry) keysOf(id string) (jwk.Source, error) {
	r.mu.Lock()
	url, ok := r.urls[id]
	r.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("client %q is not registered", id)
	}
	return r.pool.Client(url)
}

// TestCookbookRegistry: the recipe accepts a client that has keys, and refuses URLs without keys and
// URLs into the network of the service. If it fails, a stranger can use it to reach that network.
func TestCookbookRegistry(t *testing.T) {
	server := publish(t, jwktest.Key(jwk.ES256))
	options := *server.Options()
	if err := newRegistry(options).register(t.Context(), "a", server.URL); !errors.Is(err, jwkhttp.ErrFetch) {
		t.Errorf("a loopback address: got %v, want %v", err, jwkhttp.ErrFetch)
	}
	checkRequests(t, server, "a loopback address", 0)

	options.AllowPrefixes = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	clients := newRegistry(options)
	if err := clients.register(t.Context(), "a", server.URL); err != nil {
		t.Fatal(err)
	}
	server.Fail(http.StatusNotFound)
	if err := clients.register(t.Context(), "b", server.URL+"/b"); !errors.Is(err, jwkhttp.ErrFetch) {
		t.Errorf("no keys: got %v, want %v", err, jwkhttp.ErrFetch)
	}
	server.Set(jwk.NewSet(jwktest.Key(jwk.ES256)))

	keys, err := clients.keysOf("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := withJOSE(t.Context(), keys, tokenBy(t, jwktest.Key(jwk.ES256))); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	if keys, err := clients.keysOf("b"); err == nil {
		t.Errorf("a client that was refused: got %v, want an error", keys)
	}
	for i := range maxRegistered {
		clients.urls[fmt.Sprint(i)] = server.URL
	}
	if err := clients.register(t.Context(), "c", server.URL); err == nil {
		t.Error("too many clients: got no error")
	}
}

// statusFor returns the status of the answer to a request whose token was not verified.
func statusFor(err error) int {
	if errors.Is(err, jwkhttp.ErrFetch) { // first: the error of an unknown kid can be both
		return http.StatusServiceUnavailable
	}
	return http.StatusUnauthorized
}

// A noted KeySet keeps the error of its last call. It is for one token.
type noted struct {
	oidc.KeySet
	err error
}

func (n *noted) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := n.KeySet.VerifySignature(ctx, token)
	n.err = err
	return payload, err
}

// verifyID verifies an ID token. If the keys could not be fetched, the error is jwkhttp.ErrFetch.
func verifyID(ctx context.Context, keys oidc.KeySet, issuer, token string, config *oidc.Config) (*oidc.IDToken, error) {
	once := &noted{KeySet: keys}
	verified, err := oidc.NewVerifier(issuer, once, config).Verify(ctx, token)
	if err != nil && errors.Is(once.err, jwkhttp.ErrFetch) {
		return nil, once.err
	}
	return verified, err
}

// TestCookbookStatus: a bad token is answered with 401, and an outage with 503, with each library. If
// it fails, an outage of the provider logs users out, because browsers discard tokens after a 401.
func TestCookbookStatus(t *testing.T) {
	key := jwktest.Key(jwk.ES256)
	good := tokenBy(t, key)
	unknown := tokenOf(t, members{"alg": "ES256", "kid": "unknown"}, key, goodClaims())
	bad := tokenOf(t, members{"alg": "ES256", "kid": key.KeyID()}, generate(t, jwk.ES256), goodClaims())
	for _, library := range []struct {
		name   string
		verify func(ctx context.Context, source jwk.Source, token string) error
	}{
		{"go-jose", func(ctx context.Context, source jwk.Source, token string) error {
			_, err := withJOSE(ctx, source, token)
			return err
		}},
		{"golang-jwt", func(ctx context.Context, source jwk.Source, token string) error {
			_, err := jwt.Parse(token, keyfunc(ctx, source), jwt.WithValidMethods([]string{"ES256"}))
			return err
		}},
		{"go-oidc", func(ctx context.Context, source jwk.Source, token string) error {
			keys := keySet{source, []jose.SignatureAlgorithm{jose.ES256}}
			_, err := verifyID(ctx, keys, issuer, token, &oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{"ES256"}})
			return err
		}},
	} {
		t.Run(library.name, func(t *testing.T) {
			server := publish(t, key)
			source := remote(t, server)
			check := func(step, token string, want int) {
				t.Helper()
				status := http.StatusOK
				err := library.verify(t.Context(), source, token)
				if err != nil {
					status = statusFor(err)
				}
				if status != want {
					t.Errorf("%s: got %d (%v), want %d", step, status, err, want)
				}
			}
			server.Fail(http.StatusBadGateway)
			check("an outage before the first token", good, http.StatusServiceUnavailable)
			server.Set(jwk.NewSet(key))
			if err := source.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			check("a good token", good, http.StatusOK)
			check("another signature", bad, http.StatusUnauthorized)
			check("an unknown kid", unknown, http.StatusUnauthorized)
			server.Fail(http.StatusBadGateway)
			check("a good token in an outage", good, http.StatusOK)
			other := tokenOf(t, members{"alg": "ES256", "kid": "other"}, key, goodClaims())
			check("an unknown kid in an outage", other, http.StatusServiceUnavailable)
		})
	}
}
