package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The signature algorithms and MACs of JWS (RFC 7515): how a key signs and verifies with each.

// A scheme has the functions of a signature algorithm. They are called only with keys that the
// algorithm supports.
type scheme struct {
	alg  Algorithm
	hash crypto.Hash // hashes the message (crypto/x509 links it); 0 if the message itself is signed

	// sign fails if crypto/rsa or GODEBUG=fips140=only is stricter than the Parser was, and
	// with an RSA key whose factors are not prime.
	sign   func(k *Key, hash crypto.Hash, message []byte) ([]byte, error)
	verify func(k *Key, hash crypto.Hash, message, signature []byte) bool
}

// schemes has a row for every signature algorithm of algSpecs (TestSchemes).
var schemes = [...]scheme{
	// RFC 7518, Section 3.2
	{HS256, crypto.SHA256, signHMAC, verifyHMAC},
	{HS384, crypto.SHA384, signHMAC, verifyHMAC},
	{HS512, crypto.SHA512, signHMAC, verifyHMAC},
	// RFC 7518, Section 3.3
	{RS256, crypto.SHA256, signPKCS1, verifyPKCS1},
	{RS384, crypto.SHA384, signPKCS1, verifyPKCS1},
	{RS512, crypto.SHA512, signPKCS1, verifyPKCS1},
	// RFC 7518, Section 3.5
	{PS256, crypto.SHA256, signPSS, verifyPSS},
	{PS384, crypto.SHA384, signPSS, verifyPSS},
	{PS512, crypto.SHA512, signPSS, verifyPSS},
	// RFC 7518, Section 3.4; RFC 8812, Section 3.2
	{ES256, crypto.SHA256, signECDSA, verifyECDSA},
	{ES384, crypto.SHA384, signECDSA, verifyECDSA},
	{ES512, crypto.SHA512, signECDSA, verifyECDSA},
	{ES256K, crypto.SHA256, signECDSA, verifyDigest},
	// RFC 8037, Section 3.1; RFC 9864, Section 2.2
	{EdDSA, 0, signMessage, verifyMessage},
	{Ed25519, 0, signMessage, verifyMessage},
	{Ed448, 0, signMessage, verifyMessage},
	// RFC 9964: with an empty context, and the message is not hashed before
	{MLDSA44, 0, signMessage, verifyMessage},
	{MLDSA65, 0, signMessage, verifyMessage},
	{MLDSA87, 0, signMessage, verifyMessage},
}

// schemeOf returns the row of an algorithm, or nil if it is not a signature algorithm.
func schemeOf(alg Algorithm) *scheme {
	for i := range schemes {
		if schemes[i].alg == alg {
			return &schemes[i]
		}
	}
	return nil
}

// signError returns the Error for an error of sign.
func (s *scheme) signError(err error) *Error {
	if errors.Is(err, rsa.ErrDecryption) { // crypto/rsa verifies what it has signed
		return errorf(ErrInvalid, "%s: the private key does not make valid signatures: its factors may not be prime", s.alg)
	}
	return errorf(ErrUnsupported, "%s: %s", s.alg, textOf(err))
}

// hashed returns the hash of a message.
func hashed(hash crypto.Hash, message []byte) []byte {
	h := hash.New()
	h.Write(message)
	return h.Sum(nil)
}

// signWith signs input with the private key. The input is a digest, or a message if opts name
// no hash.
func signWith(k *Key, input []byte, opts crypto.SignerOpts) ([]byte, error) {
	signer, err := k.Signer()
	if err != nil {
		return nil, err
	}
	signature, err := signer.Sign(rand.Reader, input, opts)
	if err != nil && k.held != 0 {
		return nil, &Error{Err: &holderError{ErrUnsupported, "the holder of the private key: " + textOf(err), err}}
	}
	return signature, err
}

func signHMAC(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	secret, err := k.Secret()
	if err != nil {
		return nil, err
	}
	h := hmac.New(hash.New, secret)
	h.Write(message)
	return h.Sum(nil), nil
}

func verifyHMAC(k *Key, hash crypto.Hash, message, mac []byte) bool {
	want, err := signHMAC(k, hash, message)
	return err == nil && hmac.Equal(mac, want)
}

func signPKCS1(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	return signWith(k, hashed(hash, message), hash)
}

func verifyPKCS1(k *Key, hash crypto.Hash, message, signature []byte) bool {
	key, ok := k.PublicKey().(*rsa.PublicKey)
	return ok && rsa.VerifyPKCS1v15(key, hash, hashed(hash, message), signature) == nil
}

// pssOptions returns options that allow only a salt as long as the hash (RFC 7518, Section 3.5).
func pssOptions(hash crypto.Hash) *rsa.PSSOptions {
	return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
}

func signPSS(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	return signWith(k, hashed(hash, message), pssOptions(hash))
}

func verifyPSS(k *Key, hash crypto.Hash, message, signature []byte) bool {
	key, ok := k.PublicKey().(*rsa.PublicKey)
	return ok && rsa.VerifyPSS(key, hash, hashed(hash, message), signature, pssOptions(hash)) == nil
}

// signECDSA returns r and s, each with the width of a coordinate (RFC 7518, Section 3.4).
func signECDSA(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	der, err := signWith(k, hashed(hash, message), hash)
	if err != nil {
		return nil, err
	}
	input := cryptobyte.String(der)
	var seq cryptobyte.String
	r, s, width := new(big.Int), new(big.Int), k.kind.width
	if !input.ReadASN1(&seq, cbasn1.SEQUENCE) || !input.Empty() ||
		!seq.ReadASN1Integer(r) || !seq.ReadASN1Integer(s) || !seq.Empty() ||
		max(r.BitLen(), s.BitLen()) > 8*width {
		return nil, errorf(ErrInvalid, "the signer returned another value, want an ECDSA signature in ASN.1") // only a holder can return another value
	}
	signature := make([]byte, 2*width)
	r.FillBytes(signature[:width])
	s.FillBytes(signature[width:])
	return signature, nil
}

func verifyECDSA(k *Key, hash crypto.Hash, message, signature []byte) bool {
	key, ok := k.PublicKey().(*ecdsa.PublicKey)
	width := k.kind.width
	if !ok || len(signature) != 2*width {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:width]), new(big.Int).SetBytes(signature[width:])
	return ecdsa.Verify(key, hashed(hash, message), r, s)
}

func signMessage(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	return signWith(k, message, hash)
}

// verifyMessage verifies a signature of the message itself.
func verifyMessage(k *Key, _ crypto.Hash, message, signature []byte) bool {
	if key, ok := k.PublicKey().(ed25519.PublicKey); ok {
		return ed25519.Verify(key, message, signature)
	}
	return verifyByMaterial(k, message, signature)
}

// verifyDigest verifies a signature of the digest by the material of the key.
func verifyDigest(k *Key, hash crypto.Hash, message, signature []byte) bool {
	return verifyByMaterial(k, hashed(hash, message), signature)
}

func verifyByMaterial(k *Key, input, signature []byte) bool {
	v, ok := publicMaterial(k.key).(verifier)
	return ok && v.verifies(k.PublicKey(), input, signature)
}
