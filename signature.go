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

// How the algorithms make and check the signatures and MACs of RFC 7515.

// A scheme is what an algorithm does with a key that it supports.
type scheme struct {
	alg  Algorithm
	hash crypto.Hash // of the message, which crypto/x509 links; 0 where the message is signed as it is

	// sign may fail where crypto/rsa and GODEBUG=fips140=only are stricter than
	// a Parser was, and with an RSA key whose factors are not prime.
	sign   func(k *Key, hash crypto.Hash, message []byte) ([]byte, error)
	verify func(k *Key, hash crypto.Hash, message, signature []byte) bool
}

// schemes has a row for every signature algorithm of algSpecs.
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
	// RFC 9964: the context is empty, nothing is hashed before
	{MLDSA44, 0, signMessage, verifyMessage},
	{MLDSA65, 0, signMessage, verifyMessage},
	{MLDSA87, 0, signMessage, verifyMessage},
}

// schemeOf finds the row of an algorithm, nil if it is none for signatures.
func schemeOf(alg Algorithm) *scheme {
	for i := range schemes {
		if schemes[i].alg == alg {
			return &schemes[i]
		}
	}
	return nil
}

// failed returns the Error for what sign returned.
func (s *scheme) failed(err error) *Error {
	if errors.Is(err, rsa.ErrDecryption) { // crypto/rsa verifies what it has signed
		return errorf(ErrInvalid, "%s: the private key makes no valid signatures: its factors may not be prime", s.alg)
	}
	return errorf(ErrUnsupported, "%s: %s", s.alg, textOf(err))
}

func digest(hash crypto.Hash, message []byte) []byte {
	h := hash.New()
	h.Write(message)
	return h.Sum(nil)
}

// signWith lets the private key sign a digest, or a message where opts name no hash.
func signWith(k *Key, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signer, err := k.Signer()
	if err != nil {
		return nil, err
	}
	signature, err := signer.Sign(rand.Reader, digest, opts)
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
	return signWith(k, digest(hash, message), hash)
}

func verifyPKCS1(k *Key, hash crypto.Hash, message, signature []byte) bool {
	key, ok := k.PublicKey().(*rsa.PublicKey)
	return ok && rsa.VerifyPKCS1v15(key, hash, digest(hash, message), signature) == nil
}

// pssOptions says that the salt is as long as the hash, as RFC 7518, Section
// 3.5, wants it, and no other.
func pssOptions(hash crypto.Hash) *rsa.PSSOptions {
	return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
}

func signPSS(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	return signWith(k, digest(hash, message), pssOptions(hash))
}

func verifyPSS(k *Key, hash crypto.Hash, message, signature []byte) bool {
	key, ok := k.PublicKey().(*rsa.PublicKey)
	return ok && rsa.VerifyPSS(key, hash, digest(hash, message), signature, pssOptions(hash)) == nil
}

// signECDSA returns r and s, each as wide as a coordinate (RFC 7518, Section 3.4).
func signECDSA(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	der, err := signWith(k, digest(hash, message), hash)
	if err != nil {
		return nil, err
	}
	input := cryptobyte.String(der)
	var seq cryptobyte.String
	r, s, width := new(big.Int), new(big.Int), k.kind.width
	if !input.ReadASN1(&seq, cbasn1.SEQUENCE) || !input.Empty() ||
		!seq.ReadASN1Integer(r) || !seq.ReadASN1Integer(s) || !seq.Empty() ||
		max(r.BitLen(), s.BitLen()) > 8*width {
		return nil, errorf(ErrInvalid, "the signer returned no ECDSA signature in ASN.1") // never, unless it is one elsewhere
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
	return ecdsa.Verify(key, digest(hash, message), r, s)
}

func signMessage(k *Key, hash crypto.Hash, message []byte) ([]byte, error) {
	return signWith(k, message, hash)
}

// verifyMessage verifies what signMessage signs.
func verifyMessage(k *Key, _ crypto.Hash, message, signature []byte) bool {
	if key, ok := k.PublicKey().(ed25519.PublicKey); ok {
		return ed25519.Verify(key, message, signature)
	}
	return verifyByMaterial(k, message, signature)
}

// verifyDigest verifies a signature of a digest.
func verifyDigest(k *Key, hash crypto.Hash, message, signature []byte) bool {
	return verifyByMaterial(k, digest(hash, message), signature)
}

func verifyByMaterial(k *Key, input, signature []byte) bool {
	v, ok := publicMaterial(k.key).(verifier)
	return ok && v.verifies(k.PublicKey(), input, signature)
}
