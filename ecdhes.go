package jwk

import (
	"crypto"
	"crypto/ecdh"
	"encoding/binary"
	"io"

	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// Key agreement by ECDH-ES, RFC 7518, Section 4.6, and RFC 8037, Section 3.2.1. We do not
// use go-jose for it. go-jose has no agreement for X25519 and X448, and for the P curves it uses
// crypto/elliptic and math/big, whose running time depends on the secret. The running time of
// crypto/ecdh does not.

// maxPartyInfo limits apu and apv.
const maxPartyInfo = 1 << 10 // octets

// agreeNew makes an ephemeral key and agrees on a key with a recipient. It returns the public
// half of the ephemeral key, and the agreed key.
func (a *keyAlg) agreeNew(recipient *Key, enc *contentEncryption) (epk *Key, key []byte, err error) {
	goKey, err := newGoKey(recipient.kind, 0)
	if err != nil {
		return nil, nil, err
	}
	ephemeral, err := New(goKey, nil)
	if err != nil {
		return nil, nil, err
	}
	if epk, err = ephemeral.Public(); err != nil {
		return nil, nil, err
	}
	key, err = a.agree(ephemeral, recipient, enc, nil, nil)
	return epk, key, err
}

// agree returns the agreed key that the algorithm needs: the content key, or the key that wraps
// it.
func (a *keyAlg) agree(private, public *Key, enc *contentEncryption, apu, apv []byte) ([]byte, error) {
	if a.mode == directAgreement {
		return agreeKey(private, public, enc.enc, enc.octets, apu, apv)
	}
	return agreeKey(private, public, a.alg, a.octets, apu, apv)
}

// agreeKey returns an agreed key of size octets for an algorithm. The Concat KDF derives it
// from the shared secret (RFC 7518, Section 4.6.2: AlgorithmID is alg, keydatalen is 8*size).
func agreeKey(private, public *Key, alg Algorithm, size int, apu, apv []byte) ([]byte, error) {
	z, err := sharedSecret(private, public)
	if err != nil {
		return nil, err
	}
	return concatKDF(z, alg, size, apu, apv), nil
}

// concatKDF derives a key from a shared secret, which it wipes.
func concatKDF(z []byte, alg Algorithm, size int, apu, apv []byte) []byte {
	defer clear(z)
	kdf := josecipher.NewConcatKDF(crypto.SHA256, z,
		withLength([]byte(alg)), withLength(apu), withLength(apv),
		binary.BigEndian.AppendUint32(nil, uint32(8*size)), nil)
	key := make([]byte, size)
	_, _ = io.ReadFull(kdf, key) // never fails
	return key
}

// withLength returns the length of b followed by b, which is the form that the Concat KDF
// hashes.
func withLength(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// sharedSecret returns the secret that two keys of one kind agree on.
func sharedSecret(private, public *Key) ([]byte, error) {
	if m, ok := private.material().(agreer); ok && private.kind.ops&OpDeriveKey != 0 {
		return m.agree(public.material())
	}
	mine, err := As[*ecdh.PrivateKey](private)
	if err != nil {
		return nil, err
	}
	theirs, err := As[*ecdh.PublicKey](public)
	if err != nil {
		return nil, err
	}
	z, err := mine.ECDH(theirs)
	if err != nil { // never: every Key was checked for points of small order
		return nil, errDecrypt()
	}
	return z, nil
}
