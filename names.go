package jwk

import (
	"math/bits"
	"strconv"
	"strings"
)

// A KeyType is the "kty" of a key (RFC 7517, Section 4.1).
type KeyType string

// The key types of the IANA registry.
const (
	RSA KeyType = "RSA" // RFC 7518, Section 6.3
	EC  KeyType = "EC"  // RFC 7518, Section 6.2
	OKP KeyType = "OKP" // RFC 8037
	Oct KeyType = "oct" // RFC 7518, Section 6.4
	AKP KeyType = "AKP" // RFC 9964
)

// A Curve is the "crv" of an EC or OKP key.
type Curve string

// The curves of the IANA registry.
const (
	CurveP256      Curve = "P-256"     // RFC 7518, Section 6.2.1.1
	CurveP384      Curve = "P-384"     // RFC 7518, Section 6.2.1.1
	CurveP521      Curve = "P-521"     // RFC 7518, Section 6.2.1.1
	CurveSecp256k1 Curve = "secp256k1" // RFC 8812, Section 3.1
	CurveEd25519   Curve = "Ed25519"   // RFC 8037, Section 2
	CurveEd448     Curve = "Ed448"     // RFC 8037, Section 2
	CurveX25519    Curve = "X25519"    // RFC 8037, Section 2
	CurveX448      Curve = "X448"      // RFC 8037, Section 2
)

// A Use is the "use" of a key (RFC 7517, Section 4.2).
type Use string

// The registered uses.
const (
	UseSig Use = "sig" // signature or MAC
	UseEnc Use = "enc" // encryption, key wrapping and key agreement
)

// Ops is a set of key operations (RFC 7517, Section 4.3).
type Ops uint16

// The registered operations.
const (
	OpSign       Ops = 1 << iota // compute a signature or MAC
	OpVerify                     // verify a signature or MAC
	OpEncrypt                    // encrypt content
	OpDecrypt                    // decrypt content
	OpWrapKey                    // encrypt a key
	OpUnwrapKey                  // decrypt a key
	OpDeriveKey                  // derive a key
	OpDeriveBits                 // derive bits that are not used as a key
)

const allOps = OpDeriveBits<<1 - 1

var opNames = [...]string{"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"}

// opOf returns the registered operation with a name, or 0.
func opOf(name string) Ops {
	for i, n := range opNames {
		if n == name {
			return 1 << i
		}
	}
	return 0
}

// names returns the names that key_ops has for the operations of o.
func (o Ops) names() []string {
	var names []string
	for o &= allOps; o != 0; o &= o - 1 {
		names = append(names, opNames[bits.TrailingZeros16(uint16(o))])
	}
	return names
}

// String returns the names that key_ops has for the operations, separated by commas.
func (o Ops) String() string {
	names := o.names()
	if other := o &^ allOps; other != 0 {
		names = append(names, "0x"+strconv.FormatUint(uint64(other), 16))
	}
	return strings.Join(names, ",")
}

// An Algorithm is the "alg" of a key (RFC 7517, Section 4.4).
type Algorithm string

// The algorithms of the IANA registry that [Generate] makes keys for. [Key.Supports] reports
// whether a key can be used with one.
const (
	// HMAC (RFC 7518, Section 3.2).
	HS256 Algorithm = "HS256"
	HS384 Algorithm = "HS384"
	HS512 Algorithm = "HS512"

	// RSASSA-PKCS1-v1_5 (RFC 7518, Section 3.3).
	RS256 Algorithm = "RS256"
	RS384 Algorithm = "RS384"
	RS512 Algorithm = "RS512"

	// RSASSA-PSS (RFC 7518, Section 3.5).
	PS256 Algorithm = "PS256"
	PS384 Algorithm = "PS384"
	PS512 Algorithm = "PS512"

	// ECDSA (RFC 7518, Section 3.4; RFC 8812, Section 3.2).
	ES256  Algorithm = "ES256"
	ES384  Algorithm = "ES384"
	ES512  Algorithm = "ES512"
	ES256K Algorithm = "ES256K"

	// EdDSA (RFC 8037, Section 3.1; RFC 9864, Section 2.2). The name EdDSA is deprecated in
	// favour of Ed25519 and Ed448, which name the curve.
	EdDSA   Algorithm = "EdDSA"
	Ed25519 Algorithm = "Ed25519"
	Ed448   Algorithm = "Ed448"

	// ML-DSA (RFC 9964).
	MLDSA44 Algorithm = "ML-DSA-44"
	MLDSA65 Algorithm = "ML-DSA-65"
	MLDSA87 Algorithm = "ML-DSA-87"

	// RSAES-OAEP (RFC 7518, Section 4.3). The W3C's Web Cryptography API registered the names
	// with SHA-384 and SHA-512.
	RSAOAEP    Algorithm = "RSA-OAEP"
	RSAOAEP256 Algorithm = "RSA-OAEP-256"
	RSAOAEP384 Algorithm = "RSA-OAEP-384"
	RSAOAEP512 Algorithm = "RSA-OAEP-512"

	// Key agreement (RFC 7518, Section 4.6; RFC 8037, Section 3.2).
	ECDHES       Algorithm = "ECDH-ES"
	ECDHESA128KW Algorithm = "ECDH-ES+A128KW"
	ECDHESA192KW Algorithm = "ECDH-ES+A192KW"
	ECDHESA256KW Algorithm = "ECDH-ES+A256KW"

	// Key wrapping (RFC 7518, Sections 4.4 and 4.7) and direct use (Section 4.5).
	A128KW    Algorithm = "A128KW"
	A192KW    Algorithm = "A192KW"
	A256KW    Algorithm = "A256KW"
	A128GCMKW Algorithm = "A128GCMKW"
	A192GCMKW Algorithm = "A192GCMKW"
	A256GCMKW Algorithm = "A256GCMKW"
	Dir       Algorithm = "dir"

	// Content encryption (RFC 7518, Section 5).
	A128GCM      Algorithm = "A128GCM"
	A192GCM      Algorithm = "A192GCM"
	A256GCM      Algorithm = "A256GCM"
	A128CBCHS256 Algorithm = "A128CBC-HS256"
	A192CBCHS384 Algorithm = "A192CBC-HS384"
	A256CBCHS512 Algorithm = "A256CBC-HS512"
)
