package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/tink-crypto/tink-go/v2/jwt"
	"github.com/tink-crypto/tink-go/v2/jwt/jwtecdsa"
	"github.com/tink-crypto/tink-go/v2/jwt/jwtrsassapkcs1"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// tinkLibrary calls jwt.JWKSetToPublicKeysetHandle, the only function of tink that reads a set.
// It accepts RSA and EC keys with an alg. A handle verifies tokens, but does not look up a kid
// or return Go keys. The function goKey below only checks the result and is never timed.
var tinkLibrary = peer[key.Key, *keyset.Handle]{
	name:   "tink",
	module: "github.com/tink-crypto/tink-go/v2",
	color:  "#e69f00",

	parseSet: func(text []byte, _ int) (*keyset.Handle, error) {
		return jwt.JWKSetToPublicKeysetHandle(text)
	},
	keys: func(h *keyset.Handle) []key.Key {
		keys := make([]key.Key, h.Len())
		for i := range keys {
			entry, err := h.Entry(i)
			if err != nil {
				panic(err)
			}
			keys[i] = entry.Key()
		}
		return keys
	},
	kid: func(k key.Key) string {
		kid, _ := k.(interface{ KID() (string, bool) }).KID()
		return kid
	},
	goKey: func(k key.Key) (any, error) {
		switch k := k.(type) {
		case *jwtrsassapkcs1.PublicKey:
			e := k.Parameters().(*jwtrsassapkcs1.Parameters).PublicExponent()
			return &rsa.PublicKey{N: new(big.Int).SetBytes(k.Modulus()), E: e}, nil
		case *jwtecdsa.PublicKey:
			return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), k.PublicPoint())
		}
		return nil, fmt.Errorf("unknown key %T", k)
	},

	command: "tink",

	checks: map[ability]string{
		parseNarrowSet: "no duplicate members, UTF-8, canonical base64url, use, key_ops, alg and curve agree; at least 2048 bits, exponent from 65537; full widths, point on the curve; Go keys not yet made",
		binarySize:     "its own checks; comes with protobuf and tink's registry",
	},
}
