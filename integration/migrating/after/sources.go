package after

import (
	"context"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/seed1f6cf2d3/jwk"
)

// This file has the functions and types of docs/cookbook.md and docs/migrating.md that a program
// copies once.

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

// tokenAlgorithms are the algorithms that tokens may have.
var tokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256}

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

// keyProvider finds the public keys that the header of a token asks for.
func keyProvider(ctx context.Context, source jwk.Source) jws.KeyProvider {
	return jws.KeyProviderFunc(func(_ context.Context, sink jws.KeySink, signature *jws.Signature, _ *jws.Message) error {
		header := signature.ProtectedHeaders()
		kid, _ := header.KeyID()
		alg, _ := header.Algorithm()
		query := jwk.Query{KeyID: kid, Algorithm: jwk.Algorithm(alg.String()), Ops: jwk.OpVerify}
		keys, err := source.FindAll(ctx, query)
		for _, key := range keys[:min(len(keys), jwk.MaxCandidates)] {
			sink.Key(alg, key.PublicKey())
		}
		return err
	})
}
