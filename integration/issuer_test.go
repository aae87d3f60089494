package integration

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// TestIssuerWithOIDC: go-oidc must find the keys of an issuer by discovery and verify its tokens.
// If this fails, the tests of services that use go-oidc cannot use package jwktest.
func TestIssuerWithOIDC(t *testing.T) {
	issuer := jwktest.NewIssuer(t, jwk.RS256, jwk.ES256)
	synctest.Test(t, func(t *testing.T) {
		ctx := oidc.ClientContext(t.Context(), issuer.InMemory().HTTPClient)
		provider, err := oidc.NewProvider(ctx, issuer.URL)
		if err != nil {
			t.Fatal(err)
		}
		verifier := provider.Verifier(&oidc.Config{ClientID: "client"})
		claims := map[string]any{"sub": "alice", "aud": "client"}
		for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.ES256} {
			token := issuer.Token(claims, alg)
			if got, err := verifier.Verify(ctx, token); err != nil || got.Subject != "alice" {
				t.Errorf("%s: got %v, %v, want a token of alice", alg, got, err)
			}
		}
		token := issuer.Token(claims, jwk.RS256)
		time.Sleep(time.Hour + time.Second)
		var expired *oidc.TokenExpiredError
		if _, err := verifier.Verify(ctx, token); !errors.As(err, &expired) {
			t.Errorf("after an hour: got %v, want a TokenExpiredError", err)
		}

		before := issuer.Requests()
		issuer.Set(jwk.NewSet(jwktest.RSA(3072))) // go-oidc fetches the set again
		if _, err := verifier.Verify(ctx, issuer.Token(claims, jwk.RS256)); err != nil {
			t.Errorf("after a rotation: got %v", err)
		}
		if got := issuer.Requests() - before; got != 1 {
			t.Errorf("after a rotation: got %d requests, want 1", got)
		}
	})
}
