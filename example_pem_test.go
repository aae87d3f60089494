package jwk_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/seed1f6cf2d3/jwk"
)

// This example turns a public key in PEM into a JWK.
func ExampleParsePEM() {
	const file = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
`
	set, err := jwk.ParsePEM([]byte(file))
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range set.Skipped() {
		log.Print("skipped: ", entry.Err)
	}
	for key := range set.All() {
		// PEM cannot hold a kid, so add one.
		key, err := key.WithAttributes(jwk.Attributes{KeyID: key.Thumbprint().String(), Use: jwk.UseSig})
		if err != nil {
			log.Fatal(err)
		}
		text, err := key.MarshalJSON()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(text))
	}
	// Output:
	// {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"sig","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}
}

// This example writes a private key to a PEM file with a passphrase, which OpenSSL reads as well.
func ExampleKey_EncryptPEM() {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		log.Fatal(err)
	}
	// Read it from a file or a prompt, not from an argument of the program.
	passphrase := []byte("correct horse battery staple")
	file, err := key.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}

	set, err := jwk.DecryptPEM(file, &jwk.DecryptOptions{Passphrase: passphrase})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), set.At(0).Equal(key))

	_, err = jwk.DecryptPEM(file, &jwk.DecryptOptions{Passphrase: []byte("wrong")})
	fmt.Println(errors.Is(err, jwk.ErrDecrypt))
	// Output:
	// 1 true
	// true
}
