package integration

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// publish starts a server that publishes the public halves of these keys.
func publish(t *testing.T, keys ...*jwk.Key) *jwktest.Server {
	t.Helper()
	return jwktest.NewServer(t, jwk.NewSet(keys...))
}

// remote returns a client for a server.
func remote(t *testing.T, server *jwktest.Server) *jwkhttp.Client {
	t.Helper()
	client, err := jwkhttp.NewClient(server.URL, server.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// checkRequests fails the test unless the server has had so many requests.
func checkRequests(t *testing.T, server *jwktest.Server, after string, want int) {
	t.Helper()
	if got := server.Requests(); got != want {
		t.Errorf("%s: got %d requests, want %d", after, got, want)
	}
}

// tokenBy returns a token that a key signed. The header has the alg and the kid of the key.
func tokenBy(t *testing.T, k *jwk.Key) string {
	t.Helper()
	return tokenOf(t, members{"alg": string(k.Algorithm()), "kid": k.KeyID()}, k, goodClaims())
}

// signatureKeys returns a private key for each signature algorithm that is not symmetric.
func signatureKeys() []*jwk.Key {
	var keys []*jwk.Key
	for _, alg := range everyAlgorithm() {
		if !strings.HasPrefix(string(alg), "HS") {
			keys = append(keys, jwktest.Key(jwk.Algorithm(alg)))
		}
	}
	return keys
}

// verifies reports whether one of tokenLibraries verifies tokens of an algorithm.
func verifies(algorithms string, alg jwk.Algorithm) bool {
	for name := range strings.FieldsSeq(algorithms) {
		if name == "*" || name == string(alg) {
			return true
		}
	}
	return false
}

// TestClientTokens: golang-jwt, go-oidc and go-jose verify real tokens of each algorithm that they
// know with the keys that a Client fetches. If it fails, a service that moves to the Client rejects
// its users, or fetches the set more than once.
func TestClientTokens(t *testing.T) {
	keys := signatureKeys()
	for _, l := range tokenLibraries {
		t.Run(l.name, func(t *testing.T) {
			server := publish(t, keys...)
			source := remote(t, server)
			verified := 0
			for _, k := range keys {
				if !verifies(l.algorithms, k.Algorithm()) {
					continue
				}
				verified++
				if subject, err := l.verify(t.Context(), source, tokenBy(t, k)); err != nil || subject != "alice" {
					t.Errorf("%s: got %q, %v, want alice", k.Algorithm(), subject, err)
				}
			}
			if l.name == "golang-jwt, secrets" { // a secret is never published
				_, err := l.verify(t.Context(), source, tokenBy(t, jwktest.Key(jwk.HS256)))
				if !errors.Is(err, jwk.ErrNotFound) {
					t.Errorf("a secret: got %v, want %v", err, jwk.ErrNotFound)
				}
			} else if verified < 10 {
				t.Errorf("got %d algorithms, want at least 10", verified)
			}
			checkRequests(t, server, "all tokens", 1)
		})
	}
}

// TestClientRotation: a token whose kid is new is verified at once, because the Client fetches the
// set again, and a key that was withdrawn verifies no token after that. If it fails, each rotation
// of a provider logs its users out, or a stolen key goes on working.
func TestClientRotation(t *testing.T) {
	for _, l := range tokenLibraries {
		if l.name == "golang-jwt, secrets" {
			continue // secrets are not published
		}
		t.Run(l.name, func(t *testing.T) {
			first, second, third := jwktest.Key(jwk.RS256), jwktest.Key(jwk.ES256), jwktest.Key(jwk.EdDSA)
			server := publish(t, first)
			source := remote(t, server)
			check := func(step string, k *jwk.Key, want error, requests int) {
				t.Helper()
				if _, err := l.verify(t.Context(), source, tokenBy(t, k)); !errors.Is(err, want) {
					t.Errorf("%s: got %v, want %v", step, err, want)
				}
				checkRequests(t, server, step, requests)
			}
			check("the first key", first, nil, 1)
			server.Set(jwk.NewSet(first, second))
			check("the next key is published", second, nil, 2)
			check("the first key still verifies", first, nil, 2)
			server.Set(jwk.NewSet(second, third))
			check("the first key is withdrawn, which the client does not know yet", first, nil, 2)
			check("the third key is published", third, nil, 3)
			check("the first key is gone", first, jwk.ErrNotFound, 3)
		})
	}
}

// TestClientBadTokens: everyone can send tokens with a bad signature. If such a token causes a
// request, a stranger can make the service flood its provider with requests.
func TestClientBadTokens(t *testing.T) {
	rsa, ec := jwktest.Key(jwk.RS256), jwktest.Key(jwk.ES256)
	other, err := rsa.Public()
	if err != nil {
		t.Fatal(err)
	}
	pem, err := other.MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	confused, err := jwk.New(pem, nil) // the text of the public key as a secret
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		header members
		signer *jwk.Key
	}{
		{"another key signed", members{"alg": "RS256", "kid": rsa.KeyID()}, jwktest.RSA(2048)},
		{"another alg of the same type", members{"alg": "RS384", "kid": rsa.KeyID()}, rsa},
		{"another type", members{"alg": "ES256", "kid": rsa.KeyID()}, ec},
		{"a public key as a secret", members{"alg": "HS256", "kid": rsa.KeyID()}, confused},
		{"no signature", members{"alg": "none", "kid": rsa.KeyID()}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, l := range tokenLibraries {
				server := publish(t, rsa, ec)
				source := remote(t, server)
				if _, err := source.Set(t.Context()); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if _, err := l.verify(t.Context(), source, tokenOf(t, tt.header, tt.signer, goodClaims())); err == nil {
						t.Errorf("%s: got no error", l.name)
					}
				}
				checkRequests(t, server, l.name, 1)
			}
		})
	}
}

// TestPoolTokens: two issuers have different keys with the same kid. If it fails, one issuer can
// make tokens in the name of the other.
func TestPoolTokens(t *testing.T) {
	mine := jwktest.Key(jwk.ES256)
	yours, err := generate(t, jwk.ES256).WithKeyID(mine.KeyID())
	if err != nil {
		t.Fatal(err)
	}
	servers := [...]*jwktest.Server{publish(t, mine), publish(t, yours)}
	pool := jwkhttp.NewPool(&jwkhttp.PoolOptions{ClientOptions: *servers[0].Options()}) // both have one certificate
	for i, server := range servers {
		source, err := pool.Client(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		for j, k := range [...]*jwk.Key{mine, yours} {
			if _, err := withJOSE(t.Context(), source, tokenBy(t, k)); (err == nil) != (i == j) {
				t.Errorf("issuer %d, token %d: got %v, want an error unless the token is the issuer's", i, j, err)
			}
		}
		checkRequests(t, server, "both tokens", 1)
	}
}
