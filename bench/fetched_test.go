package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// fetchers are the libraries that fetch sets, by name.
var fetchers = map[string]fetcher{
	"jwk": fetchOurs, "keyfunc": keyfuncLibrary.fetch, "jwx v3 Cache": jwxCache.fetch, "go-oidc": oidcLibrary.fetch,
}

// read returns the error of each work that the library can do with a token.
func (f fetched) read(t *token) error {
	if f.goKey != nil {
		if _, err := f.goKey(t); err != nil {
			return err
		}
	}
	if f.verify != nil {
		return f.verify(t)
	}
	return nil
}

// signedToken returns a set with two P-256 keys, and a token that the first one has signed.
func signedToken(t *testing.T) (*input, *token) {
	t.Helper()
	in, err := setOf(2, p256)()
	if err != nil {
		t.Fatal(err)
	}
	k := &in.keys[0]
	text, err := k.sign([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{"kid": k.kid, "alg": "ES256"}
	return in, &token{kid: k.kid, alg: "ES256", parsed: &jwt.Token{Header: header}, text: text, key: k}
}

// TestFetchedChecks reads keys that are not for the token. If it fails, the tables claim checks that a
// library does not make, or leave out checks that cost it time.
func TestFetchedChecks(t *testing.T) {
	in, signed := signedToken(t)
	var good members
	if err := json.Unmarshal([]byte(in.keys[0].text), &good); err != nil {
		t.Fatal(err)
	}
	without := func(names ...string) members {
		o := good.with("kid", signed.kid)
		for _, name := range names {
			delete(o, name)
		}
		return o
	}
	forged := *signed
	forged.text = signed.text[:strings.LastIndexByte(signed.text, '.')+1] + encode(make([]byte, 64))
	rs256 := *signed
	rs256.alg, rs256.parsed = "RS256", &jwt.Token{Header: map[string]any{"kid": signed.kid, "alg": "RS256"}}

	for _, tt := range []struct {
		name   string
		key    members
		token  *token
		accept []string // the libraries that accept the token
	}{
		{"good", good, signed, []string{"jwk", "keyfunc", "jwx v3 Cache", "go-oidc"}},
		{"good, without alg and use", without("alg", "use"), signed, []string{"jwk", "keyfunc", "jwx v3 Cache", "go-oidc"}},
		{"another kid", good.with("kid", "another"), signed, nil},
		{"use enc", without("alg").with("use", "enc"), signed, []string{"keyfunc", "jwx v3 Cache", "go-oidc"}},
		{"key_ops deriveKey", without("alg", "use").with("key_ops", []string{"deriveKey"}), signed, []string{"keyfunc", "jwx v3 Cache", "go-oidc"}},
		{"alg ES384", good.with("alg", "ES384"), signed, []string{"jwx v3 Cache", "go-oidc"}},
		// go-oidc gets only the text of the token, and it is ES256.
		{"RS256 for an EC key", without("alg", "use"), &rs256, []string{"keyfunc", "jwx v3 Cache", "go-oidc"}},
		{"forged signature", good, &forged, []string{"keyfunc", "jwx v3 Cache"}}, // which return keys only
	} {
		// The second key keeps the set usable for libraries that skip the first one.
		text := []byte(`{"keys":[` + tt.key.json(t) + `,` + in.keys[1].text + `]}`)
		for name, fetch := range fetchers {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			f, err := fetch(ctx, &http.Client{Transport: &provider{body: text}})
			if err != nil {
				t.Fatalf("%s, %s: %v", tt.name, name, err)
			}
			err = f.read(tt.token)
			if want := slices.Contains(tt.accept, name); (err == nil) != want {
				t.Errorf("%s, %s: got accepted %t, want %t: %v", tt.name, name, err == nil, want, err)
			}
			cancel()
		}
	}
}

// TestFetchedAge: the provider fails for three days. If the test fails, the tables are wrong about
// which library still uses a set of any age.
func TestFetchedAge(t *testing.T) {
	in, signed := signedToken(t)
	for name, fetch := range fetchers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer synctest.Wait()
				defer cancel()
				p := &provider{body: in.text}
				f, err := fetch(ctx, &http.Client{Transport: p})
				if err == nil {
					err = f.read(signed)
				}
				if err != nil {
					t.Fatal(err)
				}
				p.broken.Store(true)
				time.Sleep(72 * time.Hour)
				err = f.read(signed)
				if want := name != "jwk"; (err == nil) != want {
					t.Errorf("got accepted %t, want %t: %v", err == nil, want, err)
				}
			})
		})
	}
}

// TestFetchedWrong: if it fails, the tables can show the time of a library that finds wrong keys,
// accepts no token, or fetches the set again for each read.
func TestFetchedWrong(t *testing.T) {
	in, _ := signedToken(t)
	for _, tt := range []struct {
		name  string
		does  ability
		fetch func(web *http.Client) fetched
		want  string
	}{
		{"another key", fetchedKey, func(*http.Client) fetched {
			return fetched{goKey: func(*token) (any, error) { return in.keys[0].goKey, nil }}
		}, "another Go key"},
		{"no key", fetchedKey, func(*http.Client) fetched {
			return fetched{goKey: func(*token) (any, error) { return nil, errNoGoKey }}
		}, "no Go key"},
		{"refused token", fetchedVerify, func(*http.Client) fetched {
			return fetched{verify: func(*token) error { return errBroken }}
		}, "broken"},
		{"a fetch for each read", fetchedKey, func(web *http.Client) fetched {
			return fetched{goKey: func(t *token) (any, error) {
				_, err := web.Get(providerURL)
				return t.key.goKey, err
			}}
		}, "requests, want at most 1"},
	} {
		_, err := reading(func(_ context.Context, web *http.Client) (fetched, error) { return tt.fetch(web), nil }, tt.does, in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}
