package integration

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/golang-jwt/jwt/v5"
	"github.com/seed1f6cf2d3/jwk"
)

// keyfunc returns the public keys that may verify a token, by its kid and alg.
func keyfunc(ctx context.Context, source jwk.Source) jwt.Keyfunc {
	return func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		query := jwk.Query{KeyID: kid, Algorithm: jwk.Algorithm(token.Method.Alg()), Ops: jwk.OpVerify}
		keys, err := source.FindAll(ctx, query)
		var set jwt.VerificationKeySet
		for _, key := range keys[:min(len(keys), jwk.MaxCandidates)] {
			set.Keys = append(set.Keys, key.PublicKey())
		}
		return set, err
	}
}

// secretfunc finds shared secrets in the same way. It is a separate function, so that a program
// cannot mistake a secret for a public key.
func secretfunc(ctx context.Context, source jwk.Source) jwt.Keyfunc {
	return func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		query := jwk.Query{KeyID: kid, Algorithm: jwk.Algorithm(token.Method.Alg()), Ops: jwk.OpVerify}
		keys, err := source.FindAll(ctx, query)
		var set jwt.VerificationKeySet
		for _, key := range keys[:min(len(keys), jwk.MaxCandidates)] {
			secret, err := key.Secret()
			if err != nil {
				return nil, err
			}
			set.Keys = append(set.Keys, secret)
		}
		return set, err
	}
}

func Example_golangJWT() {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"sub": "alice"})
	unsigned.Header["kid"] = key.KeyID()
	text, err := unsigned.SignedString(key.PrivateKey())
	if err != nil {
		log.Fatal(err)
	}

	ctx, source := context.Background(), jwk.NewSet(key).Public()
	token, err := jwt.Parse(text, keyfunc(ctx, source), jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Claims.GetSubject())

	_, err = jwt.Parse(text, keyfunc(ctx, jwk.NewSet())) // the issuer no longer publishes the key
	fmt.Println(errors.Is(err, jwk.ErrNotFound))
	// Output:
	// alice <nil>
	// true
}

// withKeyfunc verifies tokens with every algorithm of golang-jwt, including none.
func withKeyfunc(f func(context.Context, jwk.Source) jwt.Keyfunc) func(context.Context, jwk.Source, string) (string, error) {
	parser := jwt.NewParser(jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired())
	return func(ctx context.Context, source jwk.Source, text string) (string, error) {
		token, err := parser.Parse(text, f(ctx, source))
		if err != nil {
			return "", err
		}
		return token.Claims.GetSubject()
	}
}
