// Gojose signs and verifies tokens with package jwt of go-jose and keys of this package.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/seed1f6cf2d3/jwk"
)

// sign returns a token. The kid of the key is in its header.
func sign(key *jwk.Key, claims jwt.Claims) (string, error) {
	opaque, err := key.JOSESigner(jwk.ES256)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: opaque}, nil)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// tokenAlgorithms are the algorithms that tokens may have.
var tokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256}

// verify returns the claims of a token that a key of the source has signed.
func verify(ctx context.Context, source jwk.Source, text string, expected jwt.Expected) (*jwt.Claims, error) {
	token, err := jwt.ParseSigned(text, tokenAlgorithms)
	if err != nil {
		return nil, err
	}
	verifier, err := jwk.FindJOSEVerifier(ctx, source, token.Headers[0])
	if err != nil {
		return nil, err // says why no key answers
	}
	var claims jwt.Claims
	if err := token.Claims(verifier, &claims); err != nil {
		return nil, fmt.Errorf("%w: %v", err, verifier) // "3 keys tried"
	}
	if err := claims.Validate(expected); err != nil {
		return nil, err
	}
	return &claims, nil
}

func main() {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	text, err := sign(key, jwt.Claims{
		Issuer:   "https://issuer.example",
		Audience: jwt.Audience{"client"},
		Subject:  "alice",
		Expiry:   jwt.NewNumericDate(time.Now().Add(time.Hour)),
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, source := context.Background(), jwk.NewSet(key).Public()
	expected := jwt.Expected{Issuer: "https://issuer.example", AnyAudience: jwt.Audience{"client"}, Time: time.Now()}
	claims, err := verify(ctx, source, text, expected)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject)

	expected.Time = time.Now().Add(2 * time.Hour)
	_, err = verify(ctx, source, text, expected)
	fmt.Println("expired:", errors.Is(err, jwt.ErrExpired))

	_, err = verify(ctx, jwk.NewSet(), text, expected) // the key was withdrawn
	fmt.Println("no key:", errors.Is(err, jwk.ErrNotFound))
}
