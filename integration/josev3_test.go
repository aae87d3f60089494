package integration

import (
	"testing"

	jose3 "github.com/go-jose/go-jose/v3"
	"github.com/seed1f6cf2d3/jwk"
)

// joseV3 returns a key for version 3 of go-jose. It is private if the given key is private.
func joseV3(key *jwk.Key) jose3.JSONWebKey {
	j := jose3.JSONWebKey{
		Key: key.PrivateKey(), KeyID: key.KeyID(), Algorithm: string(key.Algorithm()), Use: string(key.Use()),
	}
	if j.Key == nil {
		j.Key = key.PublicKey()
	}
	return j
}

// TestJOSEV3: version 3 of go-jose signs with a key of this package and verifies with its public
// half. Otherwise the advice for programs that still use version 3 would be wrong.
func TestJOSEV3(t *testing.T) {
	for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.PS256, jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA, jwk.HS256} {
		t.Run(string(alg), func(t *testing.T) {
			key, err := jwk.Generate(alg, nil)
			if err != nil {
				t.Fatal(err)
			}
			public := key
			if alg != jwk.HS256 {
				if public, err = key.Public(); err != nil {
					t.Fatal(err)
				}
			}
			signer, err := jose3.NewSigner(jose3.SigningKey{Algorithm: jose3.SignatureAlgorithm(alg), Key: joseV3(key)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := signer.Sign([]byte("payload"))
			if err != nil {
				t.Fatal(err)
			}
			text, err := signed.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := jose3.ParseSigned(text)
			if err != nil {
				t.Fatal(err)
			}
			// Version 3 does not write the kid of a symmetric key.
			if kid := parsed.Signatures[0].Header.KeyID; kid != key.KeyID() && alg != jwk.HS256 {
				t.Errorf("kid in the header: got %q, want %q", kid, key.KeyID())
			}
			if payload, err := parsed.Verify(joseV3(public)); err != nil || string(payload) != "payload" {
				t.Errorf("got %q, %v; want the payload", payload, err)
			}
			other, err := jwk.Generate(alg, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parsed.Verify(joseV3(other)); err == nil {
				t.Error("verified with another key: got no error")
			}
		})
	}
}
