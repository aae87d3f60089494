package jwk_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/seed1f6cf2d3/jwk"
)

// This example verifies a token without a kid: it tries every key that answers the query, but at
// most MaxCandidates, because each try costs time even for a forged token. FindJOSEVerifier does
// the same for go-jose.
func ExampleSource() {
	var private []*jwk.Key
	for _, alg := range []jwk.Algorithm{jwk.EdDSA, jwk.ES256, jwk.EdDSA} {
		key, err := jwk.Generate(alg, nil)
		if err != nil {
			log.Fatal(err)
		}
		private = append(private, key)
	}
	signer, err := jwk.As[ed25519.PrivateKey](private[2])
	if err != nil {
		log.Fatal(err)
	}
	message := []byte("header.payload")
	signature := ed25519.Sign(signer, message)

	var source jwk.Source = jwk.NewSet(private...).Public()
	keys, err := source.FindAll(context.Background(), jwk.Query{Algorithm: jwk.EdDSA, Ops: jwk.OpVerify})
	if err != nil {
		log.Fatal(err) // jwk.ErrNotFound if there is no key
	}
	keys = keys[:min(len(keys), jwk.MaxCandidates)]
	verified := false
	for _, key := range keys {
		public, err := jwk.As[ed25519.PublicKey](key)
		if err != nil {
			log.Fatal(err)
		}
		verified = verified || ed25519.Verify(public, message, signature)
	}
	fmt.Println(len(keys), "keys tried,", verified)
	// Output: 2 keys tried, true
}

// This example accepts the tokens of two providers during a migration from one to the other. In a
// service, the second source is a jwkhttp.Client, which fetches the keys of the old provider.
func ExampleSources() {
	current, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"Ed25519","kid":"new-1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	old, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"EC","crv":"P-256","kid":"old-7","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`))
	if err != nil {
		log.Fatal(err)
	}

	source := jwk.Sources(current, old)
	for _, kid := range []string{"new-1", "old-7", "old-6"} {
		_, err := source.Find(context.Background(), jwk.Query{KeyID: kid, Ops: jwk.OpVerify})
		switch {
		case err == nil:
			fmt.Println(kid, "is accepted")
		case errors.Is(err, jwk.ErrNotFound):
			fmt.Println(kid, "is not accepted")
		default:
			log.Fatal(err) // a source could not look; with a jwkhttp.Client, test for jwkhttp.ErrFetch first
		}
	}
	// Output:
	// new-1 is accepted
	// old-7 is accepted
	// old-6 is not accepted
}

// This example asks for a key whose entry in the set cannot be used. The error says why.
func ExampleNotFoundError() {
	set, err := jwk.ParseSet([]byte(`{"keys":[
		{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg"},
		{"kty":"OKP","crv":"Ed25519","kid":"b","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if err != nil {
		log.Fatal(err)
	}
	_, err = set.Find(context.Background(), jwk.Query{KeyID: "a", Algorithm: jwk.EdDSA})
	fmt.Println(err)
	var notFound *jwk.NotFoundError
	if errors.As(err, &notFound) {
		fmt.Println(len(notFound.Skipped), errors.Is(notFound.Skipped[0].Err, jwk.ErrInvalid))
	}
	// Output:
	// jwk: no key for kid a, alg EdDSA: entry 0 has that kid, but was skipped: /x: 16 octets, want 32 for Ed25519
	// 1 true
}

// This example chooses the algorithm for a key that does not state its alg.
func ExampleKey_Algorithms() {
	key, err := jwk.Parse([]byte(`{"kty":"EC","crv":"P-256","use":"sig","x":"giPxObAoXyf-s5rKBgWA5DTId9mWrMXFVAX6-qV1faM","y":"Dpfiv3GeKD4Z4urfxrQ-OMEfhGFiNbFtngmrvtl6Ir0"}`))
	if err != nil {
		log.Fatal(err)
	}
	for alg := range key.Algorithms() {
		fmt.Println(alg)
		break // the preferred one
	}
	// Output: ES256
}

// This example reads and changes the members besides "keys" of a SPIFFE bundle. Do not use a struct
// that embeds a Set: it would lose these members.
func ExampleSet_WithMember() {
	bundle, err := jwk.ParseSet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","use":"jwt-svid","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}],"spiffe_sequence":7}`))
	if err != nil {
		log.Fatal(err)
	}
	var sequence int
	if text, ok := bundle.Member("spiffe_sequence"); ok {
		if err := json.Unmarshal(text, &sequence); err != nil {
			log.Fatal(err)
		}
	}
	if bundle, err = bundle.WithMember("spiffe_sequence", sequence+1); err != nil {
		log.Fatal(err)
	}
	if bundle, err = bundle.WithMember("spiffe_refresh_hint", 300); err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(bundle)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output:
	// {"keys":[{"kty":"OKP","crv":"Ed25519","use":"jwt-svid","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}],"spiffe_sequence":8,"spiffe_refresh_hint":300}
}

// This example keeps a private key in the state of a program. The key is written to JSON, but not
// printed.
func ExamplePrivateKey() {
	type state struct {
		Issuer     string         `json:"issuer"`
		SigningKey jwk.PrivateKey `json:"signing_key"`
		NextKey    jwk.PrivateKey `json:"next_key,omitzero"`
	}
	key, err := jwk.Parse([]byte(`{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(state{Issuer: "https://issuer.example", SigningKey: jwk.PrivateKey{Key: *key}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text)) // keep it in a safe place

	var again state
	if err := json.Unmarshal(text, &again); err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.SigningKey.Permits(jwk.OpSign))
	fmt.Printf("%+v\n", again.SigningKey)
	// Output:
	// {"issuer":"https://issuer.example","signing_key":{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}
	// true
	// OKP Ed25519 private thumbprint kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
}

// A providerSet is a Set that encoding/json reads leniently and without private keys.
// UnmarshalJSON of a Set is strict and accepts private keys.
type providerSet struct{ *jwk.Set }

func (s *providerSet) UnmarshalJSON(data []byte) error {
	parser := jwk.Parser{Lenient: true, PublicOnly: true}
	set, err := parser.ParseSet(data)
	if err != nil {
		return err
	}
	s.Set = set
	return nil
}

// This example reads the set of a provider leniently from a response that encoding/json decodes.
func ExampleParser_encodingJSON() {
	var answer struct {
		Issuer string      `json:"issuer"`
		JWKS   providerSet `json:"jwks"`
	}
	err := json.Unmarshal([]byte(`{"issuer":"https://issuer.example","jwks":{"keys":[
		{"kty":"OKP","crv":"Ed25519","use":null,"kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="}]}}`), &answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Issuer, answer.JWKS.Len())

	err = json.Unmarshal([]byte(`{"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}`), &answer)
	fmt.Println(errors.Is(err, jwk.ErrPrivate))
	// Output:
	// https://issuer.example 1
	// true
}
