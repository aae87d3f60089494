// Verify finds the key for a token in a set that an identity provider has published.
package main

import (
	"context"
	"crypto/rsa"
	"fmt"
	"log"

	"github.com/seed1f6cf2d3/jwk"
)

const published = `{"keys": [
  {"kty": "EC", "kid": "2026-01-ec", "use": "sig", "alg": "ES256", "crv": "P-256",
   "x": "t6gLWfuSqef6dKCfLabmVgSaOZtSFajXZsS2QmilhJc", "y": "ayf0ctjtfoLebsLsAsUEqYYXZu76T_5_2uaXGb4Axjs"},
  {"kty": "RSA", "kid": "2026-01-rsa", "use": "sig", "alg": "RS256", "e": "AQAB", "n": "` +
	`5DetOEda8Ovj-7vQ6E8aTLaBc-Nh0wH4u_8_ddReR3njQrQkjm_M7CS-IqFKg2UZqEAYIyg9xKuSn0taY40t34Qt5huObNxFlftU` +
	`3mhC8n1kY_MRNUIeXec0WfajRUdk44M8eWdbgvrNA7z3_xGuyap1M1nVmB3CQlsA6cK9CvqRjQvQ0AQvIClKTXyk4JmhRRqk9UhH` +
	`Wkc2Zi6x4gezf-_dYsrOHu8l6xKoc73qFpuvC-r4XuqBQe_USAHvIMj4rDZ5vOUlvhdLMzIGO5v5JZQlKl-wuqNFzENtWsY6Ts8_` +
	`iIfVM4FFQUz7y32IM7r8qyugMfgoA1_90YAmkniMxQ"}]}`

func main() {
	// Lenient accepts known mistakes of providers. PublicOnly refuses a set with a private key.
	parser := jwk.Parser{Lenient: true, PublicOnly: true}
	set, err := parser.ParseSet([]byte(published))
	if err != nil {
		log.Fatal(err)
	}

	// The header of a token names a kid and an alg. Check first that you allow the alg.
	query := jwk.Query{KeyID: "2026-01-rsa", Algorithm: jwk.RS256, Ops: jwk.OpVerify}
	key, err := set.Find(context.Background(), query)
	if err != nil {
		log.Fatal(err)
	}
	public, err := jwk.As[*rsa.PublicKey](key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(public.N.BitLen(), "bits, thumbprint", key.Thumbprint())

	// A token that names another algorithm does not get the key.
	query.Algorithm = jwk.HS256
	_, err = set.Find(context.Background(), query)
	fmt.Println(err)
}
