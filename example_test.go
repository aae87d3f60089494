package jwk_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/seed1f6cf2d3/jwk"
)

// This example signs a message with one program, which publishes its public key, and verifies it
// with another program, which finds the key by kid and algorithm.
func Example() {
	// The program that signs does this once.
	key, err := jwk.Generate(jwk.Ed25519, nil)
	if err != nil {
		log.Fatal(err)
	}
	published, err := json.Marshal(jwk.NewSet(key).Public())
	if err != nil {
		log.Fatal(err)
	}

	// It does this for each message.
	message := []byte("hello")
	signer, err := key.Signer()
	if err != nil {
		log.Fatal(err)
	}
	signature, err := signer.Sign(nil, message, crypto.Hash(0))
	if err != nil {
		log.Fatal(err)
	}

	// The program that verifies does this.
	parser := jwk.Parser{PublicOnly: true}
	set, err := parser.ParseSet(published)
	if err != nil {
		log.Fatal(err)
	}
	found, err := set.Find(context.Background(), jwk.Query{KeyID: key.KeyID(), Algorithm: jwk.Ed25519})
	if err != nil {
		log.Fatal(err)
	}
	public, err := jwk.As[ed25519.PublicKey](found)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ed25519.Verify(public, message, signature))
	// Output: true
}

// This example parses a key and asks what it may be used for. The error about a malformed key
// says where the fault is and what was expected.
func ExampleParse() {
	key, err := jwk.Parse([]byte(`{"kty":"OKP","crv":"Ed25519","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key)
	fmt.Println(key.Supports(jwk.EdDSA), key.Permits(jwk.OpVerify), key.Permits(jwk.OpSign))

	_, err = jwk.Parse([]byte(`{"kty":"OKP","crv":"Ed25519","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg"}`))
	fmt.Println(errors.Is(err, jwk.ErrInvalid), err)
	// Output:
	// OKP Ed25519 public use sig thumbprint kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
	// true true false
	// true jwk: /x: 16 octets, want 32 for Ed25519
}

// This example reads a key that deviates from the standard, as some providers publish them. The
// key is canonical, and lists its deviations.
func ExampleParser() {
	const text = `{"kty":"OKP","crv":"Ed25519","use":null,"x":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}`
	_, err := jwk.Parse([]byte(text))
	fmt.Println(err)

	parser := jwk.Parser{Lenient: true, PublicOnly: true}
	key, err := parser.Parse([]byte(text))
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range key.Deviations() {
		fmt.Println(d.Path, d.Code)
	}
	canonical, err := json.Marshal(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(canonical))
	// Output:
	// jwk: /x: not canonical base64url: + or / where it has - or _, and padding: remove the padding
	// /use null
	// /x padding
	// /x alphabet
	// {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
}

// This example makes a JWK from a Go key, with a kid, use and alg by which others find it.
func ExampleNew() {
	public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public()
	key, err := jwk.New(public, &jwk.Attributes{
		KeyID:     "2026-05",
		Use:       jwk.UseSig,
		Algorithm: jwk.EdDSA,
	})
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))

	_, err = jwk.New(public, &jwk.Attributes{Algorithm: jwk.RS256})
	fmt.Println(err)
	// Output:
	// {"use":"sig","kty":"OKP","kid":"2026-05","crv":"Ed25519","alg":"EdDSA","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"}
	// jwk: /alg: RS256 is not an algorithm of Ed25519 keys
}

// This example compares a set with the set that was fetched before it.
func ExampleSet_Diff() {
	before, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	after, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"Ed25519","kid":"b","x":"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"},
		{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"sig"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	d := before.Diff(after)
	fmt.Println(d.Added, d.Removed)
	fmt.Println(d.Changed)
	// Output:
	// [OKP Ed25519 public kid "b" thumbprint 9ZP03Nu8GrXPAUkbKNxHOKBzxPX83SShgFkRNK-f2lw] []
	// [OKP Ed25519 public kid "a" use sig thumbprint kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k]
}

// This example finds the key for a token by the kid and the alg in its header. A key that is not
// for this algorithm is not found.
func ExampleSet_Find() {
	data, err := os.ReadFile("testdata/provider.jwks.json")
	if err != nil {
		log.Fatal(err)
	}
	// Read the set of a provider leniently, and refuse private keys.
	parser := jwk.Parser{Lenient: true, PublicOnly: true}
	set, err := parser.ParseSet(data)
	if err != nil {
		log.Fatal(err)
	}

	key, err := set.Find(context.Background(), jwk.Query{
		KeyID:     "2026-01-rsa",
		Algorithm: jwk.RS256,
		Ops:       jwk.OpVerify,
	})
	if err != nil {
		log.Fatal(err)
	}
	public, err := jwk.As[*rsa.PublicKey](key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Type(), public.N.BitLen())

	_, err = set.Find(context.Background(), jwk.Query{KeyID: "2026-01-rsa", Algorithm: jwk.ES256})
	fmt.Println(errors.Is(err, jwk.ErrNotFound), err)
	// Output:
	// RSA 2048
	// true jwk: no key for kid 2026-01-rsa, alg ES256: kid 2026-01-rsa: alg is RS256
}

// This example shows a mistake: a search by kid only. The sender of a token chooses the kid and
// the alg, and could make the program use, for example, an RSA public key as an HMAC secret.
func ExampleSet_Lookup_incorrect() {
	set, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"X25519","kid":"k1","use":"enc","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	header := struct{ Kid, Alg string }{"k1", "EdDSA"} // of a token to verify

	// Wrong: this finds a key that is not for signatures.
	key, ok := set.Lookup(header.Kid)
	fmt.Println(ok, key.Use())

	// Right: ask for a key that verifies this algorithm.
	_, err = set.Find(context.Background(), jwk.Query{KeyID: header.Kid, Algorithm: jwk.Algorithm(header.Alg)})
	fmt.Println(err)
	// Output:
	// true enc
	// jwk: no key for kid k1, alg EdDSA: kid k1: X25519 keys are not for that
}

// This example generates a key for signatures and publishes its public half.
func ExampleGenerate() {
	key, err := jwk.Generate(jwk.EdDSA, nil)
	if err != nil {
		log.Fatal(err)
	}
	secret, err := key.MarshalPrivateJSON() // keep it in a safe place
	if err != nil {
		log.Fatal(err)
	}
	published, err := json.Marshal(jwk.NewSet(key).Public())
	if err != nil {
		log.Fatal(err)
	}

	signer, err := key.Signer()
	if err != nil {
		log.Fatal(err)
	}
	_, ours := signer.(ed25519.PrivateKey)

	set, err := jwk.ParseSet(published)
	if err != nil {
		log.Fatal(err)
	}
	found, ok := set.Lookup(key.Thumbprint().String()) // the kid of a new key
	fmt.Println(ours, len(secret) > 0, ok, found.IsPrivate(), found.Use(), found.Algorithm())
	// Output: true true true false sig EdDSA
}

// This example shows that encoding/json refuses a private key, so that it cannot get into a
// response by accident. The public half is written.
func ExampleKey_MarshalJSON() {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	_, err = json.Marshal(key)
	fmt.Println(errors.Is(err, jwk.ErrPrivate))

	public, err := key.Public()
	if err != nil {
		log.Fatal(err)
	}
	_, err = json.Marshal(public)
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// This example computes the thumbprint of the key in RFC 7638, Section 3.1, and its URI (RFC
// 9278).
func ExampleThumbprint_URI() {
	key, err := jwk.Parse([]byte(`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Thumbprint())
	fmt.Println(key.Thumbprint().URI())
	// Output:
	// NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
	// urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
}

// This example has a private key in a field of a configuration. The configuration can be logged:
// the text identifies the key and shows no secret.
func ExampleKey_UnmarshalJSON() {
	var config struct {
		Issuer     string  `json:"issuer"`
		SigningKey jwk.Key `json:"signing_key"`
	}
	err := json.Unmarshal([]byte(`{
		"issuer": "https://issuer.example",
		"signing_key": {
			"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA",
			"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
			"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
		}
	}`), &config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(config.SigningKey.Permits(jwk.OpSign))
	fmt.Printf("%+v\n", config)
	// Output:
	// true
	// {Issuer:https://issuer.example SigningKey:OKP Ed25519 private alg EdDSA thumbprint kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k}
}

// This example reads a set with entries that cannot be used. The other entries are usable.
func ExampleSet_Skipped() {
	set, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"from-the-future","kid":"a"},
		{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		{"kty":"OKP","crv":"Ed25519","kid":"c","x":"AA"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("usable:", set.Len())
	for _, entry := range set.Skipped() {
		fmt.Println(entry.Index, entry.KeyID, errors.Is(entry.Err, jwk.ErrUnsupported), entry.Err)
	}
	// Output:
	// usable: 1
	// 0 a true jwk: /keys/0/kty: key type "from-the-future", want RSA, EC, OKP, oct or AKP
	// 2 c false jwk: /keys/2/x: 1 octet, want 32 for Ed25519
}

// This example encrypts a private key to a passphrase and decrypts it.
func ExampleKey_Encrypt() {
	key, err := jwk.Generate(jwk.EdDSA, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "signing-2026"}})
	if err != nil {
		log.Fatal(err)
	}
	passphrase := []byte("tuna-velvet-orbit-quarry-lilac-fathom")
	jwe, err := key.Encrypt(&jwk.EncryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}

	again, err := jwk.DecryptKey(jwe, &jwk.DecryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.KeyID(), again.IsPrivate(), again.Equal(key))
	// Output: signing-2026 true true
}

// This example encrypts a set of private keys to the public key of a service. Only the service
// can decrypt it.
func ExampleSet_Encrypt() {
	service, err := jwk.Generate(jwk.ECDHESA256KW, &jwk.GenerateOptions{Curve: jwk.CurveX25519})
	if err != nil {
		log.Fatal(err)
	}
	published, err := service.Public()
	if err != nil {
		log.Fatal(err)
	}

	signing, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	session, err := jwk.Generate(jwk.HS256, nil)
	if err != nil {
		log.Fatal(err)
	}
	jwe, err := jwk.NewSet(signing, session).Encrypt(&jwk.EncryptOptions{Recipient: published})
	if err != nil {
		log.Fatal(err)
	}

	set, err := jwk.DecryptSet(jwe, &jwk.DecryptOptions{Key: service})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), set.At(0).Equal(signing), set.At(1).Equal(session))

	other, err := jwk.Generate(jwk.ECDHESA256KW, &jwk.GenerateOptions{Curve: jwk.CurveX25519})
	if err != nil {
		log.Fatal(err)
	}
	_, err = jwk.DecryptSet(jwe, &jwk.DecryptOptions{Key: other})
	fmt.Println(errors.Is(err, jwk.ErrDecrypt), err)
	// Output:
	// 2 true true
	// true jwk: wrong passphrase or key, or the text was altered
}

// This example makes the secret that two programs share by X448. They can derive a key from it.
func ExampleX448PrivateKey_ECDH() {
	ours, err := jwk.Generate(jwk.ECDHES, &jwk.GenerateOptions{Curve: jwk.CurveX448})
	if err != nil {
		log.Fatal(err)
	}
	theirs, err := jwk.Generate(jwk.ECDHES, &jwk.GenerateOptions{Curve: jwk.CurveX448})
	if err != nil {
		log.Fatal(err)
	}
	private, err := jwk.As[jwk.X448PrivateKey](ours)
	if err != nil {
		log.Fatal(err)
	}
	public, err := jwk.As[jwk.X448PublicKey](theirs)
	if err != nil {
		log.Fatal(err)
	}
	secret, err := private.ECDH(public)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(secret), "octets")
	fmt.Println(private) // does not show the key
	// Output:
	// 56 octets
	// X448 private key
}

// This example reads one key from a text in any of the forms PEM, DER and JSON.
func ExampleParseOne() {
	const inPEM = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
`
	const inJSON = `{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`
	for _, text := range []string{inPEM, inJSON, "correct horse battery staple", `{"keys": []}`} {
		key, err := jwk.ParseOne([]byte(text))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(key.Curve(), key.Thumbprint())
	}
	// Output:
	// Ed25519 kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
	// Ed25519 kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
	// jwk: no key in PEM, DER or JSON
	// jwk: 0 keys, want 1
}
