// Golangjwt signs and verifies tokens with golang-jwt and keys of this package: with a key
// pair, and with a shared secret.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/seed1f6cf2d3/jwk"
)

// keyfunc finds the public keys that the header of a token asks for.
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

// secretKeyfunc returns a shared secret for tokens with its kid.
func secretKeyfunc(ctx context.Context, source jwk.Source) jwt.Keyfunc {
	return func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		key, err := source.Find(ctx, jwk.Query{KeyID: kid, Algorithm: jwk.HS256, Ops: jwk.OpVerify})
		if err != nil {
			return nil, err
		}
		return key.Secret()
	}
}

// sign returns a token for alice that is valid for an hour.
func sign(key *jwk.Key, method jwt.SigningMethod, material any) string {
	unsigned := jwt.NewWithClaims(method, jwt.MapClaims{"sub": "alice", "exp": time.Now().Add(time.Hour).Unix()})
	unsigned.Header["kid"] = key.KeyID()
	text, err := unsigned.SignedString(material)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

func main() {
	ctx := context.Background()
	pair, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	text := sign(pair, jwt.SigningMethodES256, pair.PrivateKey())
	source := jwk.NewSet(pair).Public()
	token, err := jwt.Parse(text, keyfunc(ctx, source), jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Claims.GetSubject())

	shared, err := jwk.Generate(jwk.HS256, nil)
	if err != nil {
		log.Fatal(err)
	}
	secret, err := shared.Secret()
	if err != nil {
		log.Fatal(err)
	}
	text = sign(shared, jwt.SigningMethodHS256, secret)
	token, err = jwt.Parse(text, secretKeyfunc(ctx, jwk.NewSet(shared)), jwt.WithValidMethods([]string{"HS256"}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Claims.GetSubject())

	// The public keys do not answer for HS256. So a token that an attacker signed with the text
	// of a public key as the secret is refused.
	_, err = jwt.Parse(text, keyfunc(ctx, source))
	fmt.Println(errors.Is(err, jwk.ErrNotFound))
}
