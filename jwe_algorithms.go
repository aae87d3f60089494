package jwk

import (
	"crypto/aes"
	"crypto/fips140"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// The algorithms of JSON Web Encryption: content encryption (RFC 7518, Section 5), key
// management (Section 4), and which keys may be used with them.

// A contentEncryption is an algorithm that encrypts the content of a JWE. The sizes are in
// octets.
type contentEncryption struct {
	enc             Algorithm
	octets, iv, tag int // sizes of the key, the initialization vector and the tag
}

var contentEncryptions = [...]contentEncryption{
	{enc: A256GCM, octets: 32, iv: gcmIV, tag: gcmTag},
	{enc: A192GCM, octets: 24, iv: gcmIV, tag: gcmTag},
	{enc: A128GCM, octets: 16, iv: gcmIV, tag: gcmTag},
	{enc: A256CBCHS512, octets: 64, iv: aes.BlockSize, tag: 32},
	{enc: A192CBCHS384, octets: 48, iv: aes.BlockSize, tag: 24},
	{enc: A128CBCHS256, octets: 32, iv: aes.BlockSize, tag: 16},
}

// chosenEncryption is the content encryption of the JWEs that this package makes.
var chosenEncryption = &contentEncryptions[0]

// Sizes of AES GCM, RFC 7518, Section 5.3.
const (
	gcmIV  = 12 // octets
	gcmTag = 16 // octets
)

// encryptionFor returns the row of a content encryption, or nil if the table does not have it.
func encryptionFor(enc Algorithm) *contentEncryption {
	for i := range contentEncryptions {
		if contentEncryptions[i].enc == enc {
			return &contentEncryptions[i]
		}
	}
	return nil
}

// A keyMode is a key management mode, RFC 7516, Section 2.
type keyMode uint8

const (
	keyEncryption keyMode = iota // by RSAES-OAEP
	keyWrapping                  // with a symmetric key, or with a key from a passphrase
	agreementWithWrapping
	directAgreement
	directEncryption
)

// A keyAlg is an algorithm of key management, RFC 7518, Section 4.
type keyAlg struct {
	alg       Algorithm
	mode      keyMode
	octets    int              // size of the AES key that wraps the content key
	gcm       bool             // it wraps by AES GCM (RFC 7518, Section 4.7)
	agreedFor Algorithm        // key agreement only: the algorithm that the agreed key is used with
	hash      func() hash.Hash // hash of PBKDF2, or of RSAES-OAEP if go-jose lacks the algorithm
}

// keyAlgs are the algorithms for keys. Encrypt uses the first one that the recipient supports.
// RSA1_5 is left out because it is vulnerable to padding oracles (RFC 8725, Section 3.2).
var keyAlgs = [...]keyAlg{
	{alg: RSAOAEP256, mode: keyEncryption},
	{alg: RSAOAEP, mode: keyEncryption},
	{alg: RSAOAEP384, mode: keyEncryption, hash: sha512.New384}, // decryption only
	{alg: RSAOAEP512, mode: keyEncryption, hash: sha512.New},    // decryption only
	{alg: ECDHESA256KW, mode: agreementWithWrapping, octets: 32, agreedFor: A256KW},
	{alg: ECDHESA192KW, mode: agreementWithWrapping, octets: 24, agreedFor: A192KW},
	{alg: ECDHESA128KW, mode: agreementWithWrapping, octets: 16, agreedFor: A128KW},
	{alg: ECDHES, mode: directAgreement, agreedFor: Dir},
	{alg: A256KW, mode: keyWrapping, octets: 32},
	{alg: A192KW, mode: keyWrapping, octets: 24},
	{alg: A128KW, mode: keyWrapping, octets: 16},
	{alg: A256GCMKW, mode: keyWrapping, octets: 32, gcm: true},
	{alg: A192GCMKW, mode: keyWrapping, octets: 24, gcm: true},
	{alg: A128GCMKW, mode: keyWrapping, octets: 16, gcm: true},
	{alg: Dir, mode: directEncryption},
}

// passphraseAlgs are the algorithms for passphrases. Encrypt uses the first one. We run PBKDF2
// ourselves because go-jose accepts at most 1,000,000 iterations, and callers may allow more.
var passphraseAlgs = [...]keyAlg{
	{alg: "PBES2-HS512+A256KW", mode: keyWrapping, octets: 32, hash: sha512.New},
	{alg: "PBES2-HS384+A192KW", mode: keyWrapping, octets: 24, hash: sha512.New384},
	{alg: "PBES2-HS256+A128KW", mode: keyWrapping, octets: 16, hash: sha256.New},
}

// Sizes of p2s, the salt of PBES2.
const (
	minSaltSize = 8       // octets, RFC 7518, Section 4.8.1.1
	maxSaltSize = 1 << 10 // octets
)

// keyAlgFor returns the row of an algorithm in one of the two tables, or nil.
func keyAlgFor(table []keyAlg, alg Algorithm) *keyAlg {
	for i := range table {
		if table[i].alg == alg {
			return &table[i]
		}
	}
	return nil
}

// The operations of a key that allow it to take part in encryption and in decryption. They
// are the same for every algorithm, because some senders confuse wrapKey with encrypt.
const (
	encryptOps = OpEncrypt | OpWrapKey | OpDeriveKey | OpDeriveBits
	decryptOps = OpDecrypt | OpUnwrapKey | OpDeriveKey | OpDeriveBits
)

// whyUnfit returns the reason why a key cannot be used with an algorithm, a content encryption
// and at least one of the operations. It returns "" if the key can be used.
func (a *keyAlg) whyUnfit(k *Key, enc Algorithm, ops Ops) string {
	alg := a.alg
	if a.mode == directEncryption && k.alg == enc {
		alg = enc // a key for dir may name its content encryption as alg
	}
	spec := specOf(alg)
	v := k.supports(alg, spec)
	if v == fits && a.mode == directEncryption {
		spec = specOf(enc)
		v = k.meets(spec)
	}
	if v == fits && !k.permitsAny(ops) {
		v = opsDiffer
	}
	if v == fits {
		return ""
	}
	return k.explain(v, &Query{Algorithm: alg}, spec)
}

// permitsAny reports whether the key may be used for at least one of the operations.
func (k *Key) permitsAny(ops Ops) bool {
	for ; ops != 0; ops &= ops - 1 {
		if k.Permits(ops & -ops) {
			return true
		}
	}
	return false
}

// checkFIPS returns an error with GODEBUG=fips140=only. In that mode crypto/cipher does not
// allow go-jose to use AES GCM with its own nonces. Without this check, decryption would fail
// as if the key were wrong.
func checkFIPS() error {
	if fips140.Enforced() {
		return errorf(ErrUnsupported, "no encrypted keys with GODEBUG=fips140=only")
	}
	return nil
}
