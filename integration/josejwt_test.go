package integration

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

// verify verifies the signature of a token and reads its claims.
func verify(
	ctx context.Context, source jwk.Source, text string, algorithms []jose.SignatureAlgorithm, claims ...any,
) error {
	token, err := jwt.ParseSigned(text, algorithms)
	if err != nil {
		return err
	}
	verifier, err := jwk.FindJOSEVerifier(ctx, source, token.Headers[0])
	if err != nil {
		return err
	}
	err = token.Claims(verifier, claims...)
	if errors.Is(err, jose.ErrCryptoFailure) {
		err = fmt.Errorf("%w: %v", err, verifier) // "3 keys tried"
	}
	return err
}

func Example_goJOSE() {
	key, err := jwk.Generate(jwk.Ed448, nil) // go-jose has no Ed448
	if err != nil {
		log.Fatal(err)
	}
	opaque, err := key.JOSESigner(jwk.Ed448)
	if err != nil {
		log.Fatal(err)
	}
	const ed448 = jose.SignatureAlgorithm(jwk.Ed448)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: ed448, Key: opaque}, nil)
	if err != nil {
		log.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: "https://issuer.example", Subject: "alice"}).Serialize()
	if err != nil {
		log.Fatal(err)
	}

	ctx, source := context.Background(), jwk.NewSet(key).Public()
	var claims jwt.Claims
	if err := verify(ctx, source, text, []jose.SignatureAlgorithm{jose.ES256, ed448}, &claims); err != nil {
		log.Fatal(err)
	}
	if err := claims.Validate(jwt.Expected{Issuer: "https://issuer.example", Time: time.Now()}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(claims.Subject)
	// Output: alice
}

// withJOSE verifies tokens with go-jose's package jwt.
func withJOSE(ctx context.Context, source jwk.Source, text string) (string, error) {
	var claims jwt.Claims
	if err := verify(ctx, source, text, append(everyAlgorithm(), "none"), &claims); err != nil {
		return "", err
	}
	err := claims.Validate(jwt.Expected{Issuer: issuer, AnyAudience: jwt.Audience{audience}, Time: time.Now()})
	if err != nil {
		return "", err
	}
	return claims.Subject, nil
}
