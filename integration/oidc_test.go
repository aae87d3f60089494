package integration

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/seed1f6cf2d3/jwk"
)

// A keySet verifies ID tokens with the keys of a source. It allows only the given algorithms.
type keySet struct {
	source     jwk.Source
	algorithms []jose.SignatureAlgorithm
}

func (s keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, s.algorithms)
	if err != nil {
		return nil, err
	}
	verifier, err := jwk.FindJOSEVerifier(ctx, s.source, jws.Signatures[0].Protected)
	if err != nil {
		return nil, err
	}
	payload, err := jws.Verify(verifier)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", err, verifier) // "3 keys tried"
	}
	return payload, nil
}

func Example_goOIDC() {
	key, err := jwk.Generate(jwk.RS256, nil)
	if err != nil {
		log.Fatal(err)
	}
	opaque, err := key.JOSESigner(jwk.RS256)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: opaque}, nil)
	if err != nil {
		log.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: "https://issuer.example", Audience: jwt.Audience{"client"}, Subject: "alice",
		Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).Serialize()
	if err != nil {
		log.Fatal(err)
	}

	ctx, source := context.Background(), jwk.NewSet(key).Public()
	keys := keySet{source, []jose.SignatureAlgorithm{jose.RS256, jose.ES256}}
	verifier := oidc.NewVerifier("https://issuer.example", keys, &oidc.Config{
		ClientID:             "client",
		SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256},
	})
	token, err := verifier.Verify(ctx, text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Subject)
	// Output: alice
}

// withOIDC verifies ID tokens. go-oidc keeps only the text of an error from a KeySet, so withOIDC
// joins the error itself.
func withOIDC(ctx context.Context, source jwk.Source, text string) (string, error) {
	keys := keySet{source, append(everyAlgorithm(), "none")}
	config := oidc.Config{ClientID: audience}
	for _, alg := range keys.algorithms {
		config.SupportedSigningAlgs = append(config.SupportedSigningAlgs, string(alg))
	}
	token, err := oidc.NewVerifier(issuer, keys, &config).Verify(ctx, text)
	if err != nil {
		_, inner := keys.VerifySignature(ctx, text)
		if inner != nil && (errors.Is(err, jwk.ErrNotFound) || !strings.Contains(err.Error(), inner.Error())) {
			return "", fmt.Errorf("got %v, want the words of %v and no more", err, inner)
		}
		return "", errors.Join(err, inner)
	}
	return token.Subject, nil
}
