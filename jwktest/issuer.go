package jwktest

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/seed1f6cf2d3/jwk"
)

// An Issuer is a [Server] that also publishes the metadata of an OpenID provider and signs
// tokens. Make one with [NewIssuer].
//
// The metadata is at /.well-known/openid-configuration (OpenID Connect Discovery 1.0, Section
// 4) and at /.well-known/oauth-authorization-server (RFC 8414, Section 3). Its issuer is URL,
// and its jwks_uri is URL + "/jwks". It also names an authorization endpoint and a token
// endpoint, because clients expect them, but the Issuer does not have them. Fail and Delay also
// affect the metadata. Body affects only the set, and Requests counts only the requests for the
// set.
type Issuer struct {
	*Server
	tb testing.TB
}

// NewIssuer starts an issuer that has the [Key] for each algorithm. Without algorithms it has
// the key for RS256, because the metadata of every OpenID provider must list RS256 (OpenID
// Connect Discovery 1.0, Section 3). [NewServer] says when an issuer closes, and how to use it
// with testing/synctest.
func NewIssuer(tb testing.TB, algs ...jwk.Algorithm) *Issuer {
	tb.Helper()
	if len(algs) == 0 {
		algs = []jwk.Algorithm{jwk.RS256}
	}
	return &Issuer{newServer(tb, Set(algs...), true), tb}
}

// tokenLife is how long a token is valid if the test does not say so.
const tokenLife = time.Hour

// Token returns a JWT with these claims. It is signed with alg by the first private key of the
// current set that supports alg, and its header has the kid of that key.
//
// Token adds three claims if they are absent: iss is URL, iat is the current time, and exp is
// one hour later. A claim with the value nil is left out, so that a test can make a token
// without exp. The map is not changed. Inside a bubble of testing/synctest, the current time is
// the time of the bubble.
//
// If no key of the set can sign with alg, or the claims cannot be written as JSON, Token calls
// Fatalf of the test that was given to NewIssuer. Therefore call Token only from the goroutine
// of that test.
func (s *Issuer) Token(claims map[string]any, alg jwk.Algorithm) string {
	s.tb.Helper()
	token, err := sign(s.currentSet(), s.withDefaults(claims), alg)
	if err != nil {
		s.tb.Fatalf("jwktest: no token: %v", err)
	}
	return token
}

// withDefaults returns a copy of claims with iss, iat and exp, and without the claims that are
// nil.
func (s *Issuer) withDefaults(claims map[string]any) map[string]any {
	now := time.Now()
	all := map[string]any{"iss": s.URL, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix()}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// sign returns a JWT, signed with the first key of a set that signs with alg.
func sign(set *jwk.Set, claims map[string]any, alg jwk.Algorithm) (string, error) {
	key, err := set.Find(context.Background(), jwk.Query{Algorithm: alg, Ops: jwk.OpSign})
	if err != nil {
		return "", err
	}
	opaque, err := key.JOSESigner(alg)
	if err != nil {
		return "", err
	}
	signingKey := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: opaque}
	signer, err := jose.NewSigner(signingKey, new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// isMetadata reports whether a path is a path of metadata.
func isMetadata(path string) bool {
	return path == "/.well-known/openid-configuration" || path == "/.well-known/oauth-authorization-server"
}

// metadata returns a handler for the metadata of an issuer. It has the members that OpenID
// Connect Discovery 1.0, Section 3, requires, which include those that RFC 8414, Section 2,
// requires.
func metadata(issuer string, set *jwk.Set) http.Handler {
	body, _ := json.Marshal(map[string]any{ // cannot fail: it has only strings
		"issuer":                                issuer,
		"jwks_uri":                              issuer + "/jwks",
		"authorization_endpoint":                issuer + "/authorize",
		"token_endpoint":                        issuer + "/token",
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": signatureAlgorithms(set),
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
}

// signatureAlgorithms returns the algorithms of the signatures that the published keys verify.
func signatureAlgorithms(set *jwk.Set) []jwk.Algorithm {
	algs := []jwk.Algorithm{} // nil would be written as null
	for k := range set.Public().All() {
		for alg := range k.Algorithms() {
			if _, err := k.JOSEVerifier(alg); err == nil && !slices.Contains(algs, alg) {
				algs = append(algs, alg)
			}
		}
	}
	return algs
}
