package main

import (
	"context"
	"net/http"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	jwx "github.com/lestrrat-go/jwx/v4/jwk"
	"github.com/lestrrat-go/jwx/v4/jws"

	"github.com/seed1f6cf2d3/jwk"
)

// golangJWTChecked describes the checks that golang-jwt makes with each Keyfunc.
const golangJWTChecked = "golang-jwt: alg is one of three, not crit; claims decoded, not validated; "

const (
	oursVerified    = golangJWTChecked + "jwk: type, curve, alg, use and key_ops fit; index; the Go key is kept"
	keyfuncVerified = golangJWTChecked + "keyfunc: alg is equal if the key has one, not use and key_ops; " + jwksetHit
	jwxVerified     = "no unknown crit; the key has the same alg, use fits, not key_ops; claims not decoded; " +
		jwxHit + "; the Go key is made and checked anew each time"
	oidcVerified = "no unknown crit; of the key only kid, not alg, use and key_ops; claims not decoded; " +
		"a read lock; reads the keys up to that one, allocates a copy of each"
)

// accepted are the algorithms that users of golang-jwt list for such a set.
var accepted = []string{"RS256", "ES256", "EdDSA"}

// verifyGolangJWT returns a verifier that calls Parse of golang-jwt. It does not validate claims,
// because go-oidc's RemoteKeySet and jws.Verify of jwx do not do this.
func verifyGolangJWT(find jwt.Keyfunc) verifier {
	parser := jwt.NewParser(jwt.WithValidMethods(accepted), jwt.WithoutClaimsValidation())
	return func(t *token) error {
		_, err := parser.Parse(t.text, find)
		return err
	}
}

// verifyOurs calls golang-jwt with the Keyfunc of docs/cookbook.md.
func verifyOurs(in *input) (verifier, error) {
	set, err := jwk.ParseSet(in.text)
	return verifyGolangJWT(cookbookKeyfunc(context.Background(), set)), err
}

// cookbookKeyfunc is the function keyfunc of docs/cookbook.md, "Verify a JWT with golang-jwt".
func cookbookKeyfunc(ctx context.Context, source jwk.Source) jwt.Keyfunc {
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

// verifyKeyfunc calls golang-jwt with a Keyfunc of keyfunc, which holds the set in memory.
func verifyKeyfunc(in *input) (verifier, error) {
	k, err := keyfunc.NewJWKSetJSON(in.text)
	if err != nil {
		return nil, err
	}
	return verifyGolangJWT(k.Keyfunc), nil
}

// verifyJWX calls jws.Verify, which does less than Parse of jwx's package jwt: it does not decode claims.
func verifyJWX(in *input) (verifier, error) {
	set, err := jwx.Parse(in.text)
	if err != nil {
		return nil, err
	}
	keys := jws.WithKeySet(set)
	return func(t *token) error {
		_, err := jws.Verify(t.octets, keys)
		return err
	}, nil
}

// verifyOIDC calls VerifySignature of a RemoteKeySet. The first call fetches the set, which is not timed.
// Each forged token makes it fetch the set again.
func verifyOIDC(in *input) (verifier, error) {
	f, err := fetchOIDC(context.Background(), &http.Client{Transport: &provider{body: in.text}})
	return f.verify, err
}
