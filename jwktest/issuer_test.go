package jwktest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// verify returns the header and the claims of a token that a key of the published set has
// signed.
func verify(t testing.TB, issuer *jwktest.Issuer, token string, alg jwk.Algorithm) (jose.Header, map[string]any) {
	t.Helper()
	published, err := jwk.ParseSet([]byte(get(t, issuer.InMemory().HTTPClient, "GET", issuer.URL+"/jwks").body))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := jwk.FindJOSEVerifier(t.Context(), published, parsed.Headers[0])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := parsed.Claims(verifier, &claims); err != nil {
		t.Fatal(err)
	}
	return parsed.Headers[0], claims
}

// TestIssuerToken: if this fails, a service refuses the tokens of its tests.
func TestIssuerToken(t *testing.T) {
	for _, alg := range known(t) {
		if k := jwktest.Key(alg); !k.Permits(jwk.OpSign) || k.Type() == jwk.Oct {
			continue
		}
		t.Run(string(alg), func(t *testing.T) {
			issuer := jwktest.NewIssuer(t, alg)
			header, claims := verify(t, issuer, issuer.Token(map[string]any{"sub": "alice"}, alg), alg)
			if header.KeyID != "test-"+string(alg) || header.ExtraHeaders["typ"] != "JWT" {
				t.Errorf("got header %+v, want the kid test-%s and the typ JWT", header, alg)
			}
			if claims["sub"] != "alice" || claims["iss"] != issuer.URL {
				t.Errorf("got claims %v, want alice and the issuer", claims)
			}
		})
	}
}

// TestIssuerClaims: if this fails, a test cannot make a token that is expired or lacks a claim.
func TestIssuerClaims(t *testing.T) {
	issuer := jwktest.NewIssuer(t)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Minute)
		now := float64(time.Now().Unix())
		for _, tt := range []struct {
			name         string
			claims, want map[string]any
		}{
			{"nil", nil, map[string]any{"iss": issuer.URL, "iat": now, "exp": now + 3600}},
			{"others", map[string]any{"sub": "alice", "aud": []string{"a"}},
				map[string]any{"iss": issuer.URL, "iat": now, "exp": now + 3600, "sub": "alice", "aud": []any{"a"}}},
			{"given", map[string]any{"iss": "https://evil.example", "iat": 1, "exp": 2},
				map[string]any{"iss": "https://evil.example", "iat": 1.0, "exp": 2.0}},
			{"left out", map[string]any{"iss": nil, "iat": nil, "exp": nil, "sub": nil, "nonce": ""}, map[string]any{"nonce": ""}},
		} {
			before := maps.Clone(tt.claims)
			_, got := verify(t, issuer, issuer.Token(tt.claims, jwk.RS256), jwk.RS256)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
			}
			if !reflect.DeepEqual(tt.claims, before) {
				t.Errorf("%s: Token changed the claims from %v to %v", tt.name, before, tt.claims)
			}
		}
	})
}

// TestIssuerRotates: if this fails, a test of rotation gets tokens of a key that is withdrawn.
func TestIssuerRotates(t *testing.T) {
	issuer := jwktest.NewIssuer(t, jwk.RS256)
	public, err := jwktest.RSA(3072).Public()
	if err != nil {
		t.Fatal(err)
	}
	issuer.Set(jwk.NewSet(public, jwktest.RSA(4096), jwktest.Key(jwk.RS256)))
	header, _ := verify(t, issuer, issuer.Token(nil, jwk.RS256), jwk.RS256)
	if header.KeyID != "test-RSA-4096" {
		t.Errorf("got kid %s, want test-RSA-4096, the first private key", header.KeyID)
	}
	anonymous, err := jwktest.RSA(2048).WithKeyID("")
	if err != nil {
		t.Fatal(err)
	}
	issuer.Set(jwk.NewSet(anonymous))
	if header, _ := verify(t, issuer, issuer.Token(nil, jwk.PS256), jwk.PS256); header.KeyID != "" {
		t.Errorf("got kid %q, want no kid", header.KeyID)
	}
	issuer.Set(jwktest.Set(jwk.HS256))
	if token := issuer.Token(nil, jwk.HS256); strings.Count(token, ".") != 2 {
		t.Errorf("got %q, want a token", token)
	}
}

// A failingTB is a testing.TB whose Fatalf ends the goroutine and keeps the text.
type failingTB struct {
	testing.TB
	fatal string
}

func (tb *failingTB) Fatalf(format string, args ...any) {
	tb.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// TestIssuerTokenFails: if this fails, a test goes on with an empty token, or its author does
// not learn why no key signs.
func TestIssuerTokenFails(t *testing.T) {
	publicOnly := jwktest.Set(jwk.RS256).Public()
	for _, tt := range []struct {
		name   string
		set    *jwk.Set
		claims map[string]any
		alg    jwk.Algorithm
		want   string
	}{
		{"another algorithm", jwktest.Set(jwk.RS256), nil, jwk.ES256, "kid test-RS256: alg is RS256"},
		{"a public key", publicOnly, nil, jwk.RS256, "kid test-RS256: it is public"},
		{"no set", nil, nil, jwk.RS256, "there are no keys"},
		{"an algorithm that does not sign", jwktest.Set(jwk.RSAOAEP), nil, jwk.RSAOAEP, "not for sign"},
		{"an unknown algorithm", jwktest.Set(jwk.RS256), nil, "none", "none"},
		{"claims that are not JSON", jwktest.Set(jwk.RS256), map[string]any{"a": func() {}}, jwk.RS256, "func()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tb := &failingTB{TB: t}
			issuer := jwktest.NewIssuer(tb)
			issuer.Set(tt.set)
			done := make(chan string)
			go func() {
				defer close(done)
				done <- issuer.Token(tt.claims, tt.alg)
			}()
			if token, ok := <-done; ok {
				t.Fatalf("got token %q, want a failure", token)
			}
			if !strings.HasPrefix(tb.fatal, "jwktest: no token: ") || !strings.Contains(tb.fatal, tt.want) {
				t.Errorf("got %q, want %q in it", tb.fatal, tt.want)
			}
		})
	}
}

// TestIssuerMetadata: if this fails, a client that starts with discovery does not find the set,
// or refuses the issuer.
func TestIssuerMetadata(t *testing.T) {
	issuer := jwktest.NewIssuer(t, jwk.ES256, jwk.HS256, jwk.RSAOAEP)
	client := network(issuer.Server)
	paths := []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"}
	check := func(algs ...any) {
		t.Helper()
		for _, path := range paths {
			got := get(t, client, "GET", issuer.URL+path)
			var members map[string]any
			if err := json.Unmarshal([]byte(got.body), &members); err != nil || got.header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: got status %d, type %q, %v", path, got.status, got.header.Get("Content-Type"), err)
			}
			if want := map[string]any{
				"issuer":                                issuer.URL,
				"jwks_uri":                              issuer.URL + "/jwks",
				"authorization_endpoint":                issuer.URL + "/authorize",
				"token_endpoint":                        issuer.URL + "/token",
				"response_types_supported":              []any{"code"},
				"subject_types_supported":               []any{"public"},
				"id_token_signing_alg_values_supported": append([]any{}, algs...),
			}; !reflect.DeepEqual(members, want) {
				t.Errorf("%s: got %v, want %v", path, members, want)
			}
		}
	}
	check("ES256")
	issuer.Set(jwk.NewSet(jwktest.RSA(2048)))
	check("RS256", "PS256", "RS384", "RS512", "PS384", "PS512")
	issuer.Set(nil)
	check()

	if got := get(t, client, "POST", issuer.URL+paths[0]); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") == "" {
		t.Errorf("POST: got status %d, want 405 with Allow", got.status)
	}
	if got := get(t, client, "HEAD", issuer.URL+paths[0]); got.status != 200 || got.body != "" {
		t.Errorf("HEAD: got status %d and body %q, want 200 without a body", got.status, got.body)
	}
	issuer.Body([]byte("garbage")) // concerns the set only
	check()
	issuer.Fail(503)
	if got := get(t, client, "GET", issuer.URL+paths[0]); got.status != 503 {
		t.Errorf("Fail: got status %d, want 503", got.status)
	}
	if got := issuer.Requests(); got != 0 {
		t.Errorf("got %d requests for the set, want 0", got)
	}
	issuer.Set(jwktest.Set(jwk.ES384))
	checkKids(t, get(t, client, "GET", issuer.URL+"/jwks"), "test-ES384")
	if got := issuer.Requests(); got != 1 {
		t.Errorf("got %d requests for the set, want 1", got)
	}
}

// TestIssuerDefault: if this fails, an issuer without algorithms has another key than the
// documentation says.
func TestIssuerDefault(t *testing.T) {
	issuer := jwktest.NewIssuer(t)
	checkKids(t, get(t, issuer.InMemory().HTTPClient, "GET", issuer.URL), "test-RS256")
}
