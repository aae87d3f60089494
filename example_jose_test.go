package jwk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/seed1f6cf2d3/jwk"
)

// This example signs a JWT and verifies it with the key of a published set. The header of the JWT
// names the key, which must be for that algorithm and for verification.
func ExampleFindJOSEVerifier() {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	published := jwk.NewSet(key).Public()

	opaque, err := key.JOSESigner(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: opaque}, nil)
	if err != nil {
		log.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(jwt.Claims{Subject: "alice"}).Serialize()
	if err != nil {
		log.Fatal(err)
	}

	verify := func(text string) (string, error) {
		token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA})
		if err != nil {
			return "", err
		}
		verifier, err := jwk.FindJOSEVerifier(context.Background(), published, token.Headers[0])
		if err != nil {
			return "", err
		}
		var claims jwt.Claims // call claims.Validate next
		err = token.Claims(verifier, &claims)
		return claims.Subject, err
	}
	subject, err := verify(text)
	fmt.Println(subject, err)
	published = jwk.NewSet() // the provider withdraws the key
	_, err = verify(text)
	fmt.Println(errors.Is(err, jwk.ErrNotFound))
	// Output:
	// alice <nil>
	// true
}

// This example signs with a key on secp256k1, a curve that go-jose does not know.
func ExampleKey_JOSESigner() {
	key, err := jwk.Generate(jwk.ES256K, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-01"}})
	if err != nil {
		log.Fatal(err)
	}
	_, err = key.JOSE()
	fmt.Println(err)

	opaque, err := key.JOSESigner(jwk.ES256K)
	if err != nil {
		log.Fatal(err)
	}
	const es256k = jose.SignatureAlgorithm(jwk.ES256K)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: es256k, Key: opaque}, nil)
	if err != nil {
		log.Fatal(err)
	}
	jws, err := signer.Sign([]byte("hello"))
	if err != nil {
		log.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		log.Fatal(err)
	}

	read, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{es256k})
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := key.JOSEVerifier(jwk.ES256K)
	if err != nil {
		log.Fatal(err)
	}
	payload, err := read.Verify(verifier)
	fmt.Printf("%s %s %v\n", read.Signatures[0].Protected.KeyID, payload, err)
	// Output:
	// jwk: go-jose has no secp256k1 keys
	// 2026-01 hello <nil>
}

// This example encrypts a message to a public key with go-jose, and decrypts it.
func ExampleKey_JOSE() {
	private, err := jwk.Generate(jwk.ECDHESA256KW, nil)
	if err != nil {
		log.Fatal(err)
	}
	public, err := private.Public()
	if err != nil {
		log.Fatal(err)
	}

	recipient, err := public.JOSE()
	if err != nil {
		log.Fatal(err)
	}
	encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.ECDH_ES_A256KW, Key: &recipient}, nil)
	if err != nil {
		log.Fatal(err)
	}
	jwe, err := encrypter.Encrypt([]byte("hello"))
	if err != nil {
		log.Fatal(err)
	}
	text, err := jwe.CompactSerialize()
	if err != nil {
		log.Fatal(err)
	}

	read, err := jose.ParseEncryptedCompact(text, []jose.KeyAlgorithm{jose.ECDH_ES_A256KW}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		log.Fatal(err)
	}
	secret, err := private.JOSE()
	if err != nil {
		log.Fatal(err)
	}
	payload, err := read.Decrypt(secret)
	fmt.Printf("%s %v\n", payload, err)
	// Output: hello <nil>
}

// This example checks a key that go-jose has read: FromJOSE returns a Key or an error.
func ExampleFromJOSE() {
	var j jose.JSONWebKey
	err := json.Unmarshal([]byte(`{"kty":"RSA","kid":"1","n":"wAA","e":"AQAB"}`), &j)
	fmt.Println(err)
	_, err = jwk.FromJOSE(j)
	fmt.Println(errors.Is(err, jwk.ErrPolicy), err)
	// Output:
	// <nil>
	// true jwk: /n: 16 bits, want at least 2048
}

// This example converts a set for go-jose. The error lists the keys that go-jose does not support;
// the other keys are usable.
func ExampleSet_JOSE() {
	set, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"X25519","kid":"a","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"},
		{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	keys, err := set.JOSE()
	fmt.Println(len(keys.Keys), keys.Keys[0].KeyID)
	fmt.Println(errors.Is(err, jwk.ErrUnsupported), err)
	// Output:
	// 1 b
	// true jwk: 1 key left out: /keys/0: go-jose has no X25519 keys
}
