package integration

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"log"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
)

// A keyManager takes the place of a client of a KMS, an HSM or an agent, which signs for it.
type keyManager struct{ private *ecdsa.PrivateKey }

func (m keyManager) Public() crypto.PublicKey { return &m.private.PublicKey }

func (m keyManager) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return m.private.Sign(rand, digest, opts)
}

// The private half of the key never enters the program, but the key signs a token of go-jose.
func Example_keyManager() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	kms := keyManager{private}

	key, err := jwk.New(kms, &jwk.Attributes{KeyID: "2026-05", Algorithm: jwk.ES256})
	if err != nil {
		log.Fatal(err)
	}
	signer, err := key.JOSESigner(jwk.ES256) // for jose.NewSigner; it verifies each signature
	if err != nil {
		log.Fatal(err)
	}
	tokens, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: signer}, nil)
	if err != nil {
		log.Fatal(err)
	}
	token, err := tokens.Sign([]byte("payload"))
	if err != nil {
		log.Fatal(err)
	}
	public, err := key.Public() // what to publish
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := public.JOSEVerifier(jwk.ES256)
	if err != nil {
		log.Fatal(err)
	}
	payload, err := token.Verify(verifier)
	fmt.Println(string(payload), err, key.IsPrivate(), key.Permits(jwk.OpSign))
	// Output: payload <nil> false true
}
