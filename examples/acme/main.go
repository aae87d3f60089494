// Acme makes the key authorization of an ACME challenge and the signed requests of an account
// (RFC 8555), and reads such a request as an ACME server does.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
)

// accountKey is a test key, which protects nothing.
const accountKey = `{"kty":"EC","crv":"P-256","x":"giPxObAoXyf-s5rKBgWA5DTId9mWrMXFVAX6-qV1faM",
	"y":"Dpfiv3GeKD4Z4urfxrQ-OMEfhGFiNbFtngmrvtl6Ir0","d":"jMo9El4lvXMAadjww6qNTKdmzONKGCa1IGmn4EeijNU"}`

// keyAuthorization returns what an http-01 challenge serves (RFC 8555, Section 8.1).
func keyAuthorization(token string, account *jwk.Key) string {
	return token + "." + account.Thumbprint().String()
}

// dnsRecord returns the TXT record of a dns-01 challenge (Section 8.4).
func dnsRecord(token string, account *jwk.Key) string {
	digest := sha256.Sum256([]byte(keyAuthorization(token, account)))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// nonce is the Replay-Nonce that the server sent last.
type nonce string

func (n nonce) Nonce() (string, error) { return string(n), nil }

// signRequest returns the body of a request to url (Section 6.2). Its header has the kid of
// the key, which is the URL of the account. For a key without kid, as before the account
// exists, it has the public key instead.
func signRequest(account *jwk.Key, url string, last nonce, payload []byte) (string, error) {
	opaque, err := account.JOSESigner(jwk.ES256)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: opaque}, &jose.SignerOptions{
		EmbedJWK:     account.KeyID() == "",
		NonceSource:  last,
		ExtraHeaders: map[jose.HeaderKey]any{"url": url},
	})
	if err != nil {
		return "", err
	}
	request, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return request.FullSerialize(), nil // JSON, with the member "protected"
}

// readRequest verifies a request. accounts finds the key of an account by its URL, which is the
// kid. A request for a new account has its key in the header.
func readRequest(ctx context.Context, accounts jwk.Source, body string) (payload []byte, key *jwk.Key, err error) {
	request, err := jose.ParseSignedJSON(body, []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.EdDSA})
	if err != nil {
		return nil, nil, err
	}
	header := request.Signatures[0].Protected
	alg := jwk.Algorithm(header.Algorithm)
	switch {
	case (header.KeyID == "") == (header.JSONWebKey == nil):
		return nil, nil, errors.New("want one of kid and jwk")
	case header.JSONWebKey != nil:
		key, err = jwk.FromJOSE(*header.JSONWebKey) // go-jose takes no private key from a header
	default:
		key, err = accounts.Find(ctx, jwk.Query{KeyID: header.KeyID, Algorithm: alg, Ops: jwk.OpVerify})
	}
	if err != nil {
		return nil, nil, err
	}
	verifier, err := key.JOSEVerifier(alg)
	if err != nil {
		return nil, nil, err
	}
	payload, err = request.Verify(verifier)
	return payload, key, err
}

func main() {
	ctx := context.Background()
	account, err := jwk.Parse([]byte(accountKey))
	if err != nil {
		log.Fatal(err)
	}
	const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
	fmt.Println("http-01:", keyAuthorization(token, account))
	fmt.Println("dns-01:", dnsRecord(token, account))

	// The account does not exist yet.
	body, err := signRequest(account, "https://ca.example/new-account", "nonce-1", []byte(`{"termsOfServiceAgreed":true}`))
	if err != nil {
		log.Fatal(err)
	}
	payload, key, err := readRequest(ctx, jwk.NewSet(), body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("new account:", string(payload), "same key:", key.Thumbprint() == account.Thumbprint())

	// The server answers with its URL.
	account, err = account.WithKeyID("https://ca.example/account/1")
	if err != nil {
		log.Fatal(err)
	}
	body, err = signRequest(account, "https://ca.example/new-order", "nonce-2", []byte(`{"identifiers":[]}`))
	if err != nil {
		log.Fatal(err)
	}
	payload, key, err = readRequest(ctx, jwk.NewSet(account).Public(), body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("new order:", string(payload), "of", key.KeyID())
}
