package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// subject returns the subject of a token, after it has verified the token's signature and times.
func subject(ctx context.Context, keys jwk.Source, text string) (string, error) {
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256, jose.ES256}) // the algorithms you allow
	if err != nil {
		return "", err
	}
	verifier, err := jwk.FindJOSEVerifier(ctx, keys, token.Headers[0])
	if err != nil {
		return "", err
	}
	var claims jwt.Claims
	if err = token.Claims(verifier, &claims); err != nil {
		return "", err
	}
	return claims.Subject, claims.Validate(jwt.Expected{Issuer: "https://issuer.example", Time: time.Now()})
}

// newKey returns a private key to sign with, and the key set to publish.
func newKey() (private *jwk.Key, published []byte, err error) {
	private, err = jwk.Generate(jwk.ES256, nil) // its kid is its thumbprint
	if err != nil {
		return nil, nil, err
	}
	published, err = json.Marshal(jwk.NewSet(private).Public())
	return private, published, err
}

// signed returns a token for alice that a key has signed.
func signed(key *jwk.Key) (string, error) {
	signer, err := key.JOSESigner(key.Algorithm())
	if err != nil {
		return "", err
	}
	algorithm := jose.SignatureAlgorithm(key.Algorithm())
	j, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: signer}, nil)
	if err != nil {
		return "", err
	}
	return jwt.Signed(j).Claims(jwt.Claims{
		Issuer: "https://issuer.example", Subject: "alice", Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).Serialize()
}

// A program makes a key and publishes its public half. Another program verifies tokens with it.
func Example_publishAndVerify() {
	private, published, err := newKey()
	if err != nil {
		log.Fatal(err)
	}
	keys, err := jwk.ParseSet(published)
	if err != nil {
		log.Fatal(err)
	}
	forger, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: private.KeyID()}})
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range []*jwk.Key{private, forger} {
		token, err := signed(key)
		if err != nil {
			log.Fatal(err)
		}
		name, err := subject(context.Background(), keys, token)
		fmt.Printf("%q %v\n", name, errors.Is(err, jose.ErrCryptoFailure))
	}
	// Output:
	// "alice" false
	// "" true
}

// A client is made without a request. Only a token that can be read makes it fetch the set.
func Example_remoteSet() {
	ctx, token := context.Background(), "damaged"
	keys, err := jwkhttp.NewClient("https://issuer.example/jwks", nil) // make it once, and share it
	if err != nil {
		log.Fatal(err)
	}
	name, err := subject(ctx, keys, token) // the function above
	fmt.Printf("%q %v %d\n", name, err != nil, keys.Status().Fetches)
	// Output: "" true 0
}

// A handler publishes the public halves of the set that the program has now.
func Example_publishSet() {
	key, err := jwk.Generate(jwk.EdDSA, nil)
	if err != nil {
		log.Fatal(err)
	}
	var current atomic.Pointer[jwk.Set]
	mux := http.NewServeMux()
	mux.Handle("/.well-known/jwks.json", jwkhttp.NewHandler(current.Load, nil))

	for _, set := range []*jwk.Set{nil, jwk.NewSet(key)} {
		current.Store(set)
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest("GET", "/.well-known/jwks.json", nil))
		fmt.Println(answer.Code, answer.Header().Get("Cache-Control"))
	}
	// Output:
	// 503 no-store
	// 200 public, max-age=600, must-revalidate
}

// toPEM returns a private key as PKCS #8 in PEM. The file holds the key in PEM, in DER or as a JWK.
func toPEM(file []byte) ([]byte, error) {
	key, err := jwk.ParseOne(file)
	if err != nil {
		return nil, err
	}
	return key.MarshalPrivatePEM() // to write a JWK: MarshalPrivateJSON
}

// A private JWK becomes PKCS #8 in PEM. The kid of a key is often its thumbprint.
func Example_convert() {
	file := []byte(`{"kty":"OKP","crv":"Ed25519",
		"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`)
	inPEM, err := toPEM(file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", inPEM)

	key, err := jwk.ParseOne(inPEM)
	if err != nil {
		log.Fatal(err)
	}
	key, err = key.WithKeyID(key.Thumbprint().String())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.KeyID())
	// Output:
	// -----BEGIN PRIVATE KEY-----
	// MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
	// -----END PRIVATE KEY-----
	// kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
}

// A whole set of private keys is encrypted with a passphrase and decrypted.
func Example_encryptedSet() {
	key, err := jwk.Generate(jwk.EdDSA, nil)
	if err != nil {
		log.Fatal(err)
	}
	set, passphrase := jwk.NewSet(key), []byte("correct horse battery staple")
	secret, err := set.Encrypt(&jwk.EncryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}
	set, err = jwk.DecryptSet(secret, &jwk.DecryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.At(0).Equal(key))
	// Output: true
}
