package jwk

import (
	"crypto"
	"crypto/ecdh"
	"encoding/binary"
	"io"

	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// Key agreement by ECDH-ES, RFC 7518, Section 4.6, and RFC 8037, Section 3.2.1.
// go-jose has none for X25519 and X448. For the P curves it uses crypto/elliptic
// and math/big, whose time depends on secrets, where crypto/ecdh's does not.

// The largest apu and apv.
const maxPartyInfo = 1 << 10 // octets

// derives tells for which algorithm a key is agreed on, and of how many octets
// it is (RFC 7518, Section 4.6.2, AlgorithmID and keydatalen).
func (a *keyAlg) derives(enc *contentEncryption) (alg Algorithm, size int) {
	if a.mode == directAgreement {
		return enc.enc, enc.octets
	}
	return a.alg, a.octets
}

// agreeNew agrees with a recipient by a new ephemeral key, of which it returns the
// public half too.
func (a *keyAlg) agreeNew(recipient *Key, enc *contentEncryption) (epk *Key, key []byte, err error) {
	alg, size := a.derives(enc)
	made, err := newGoKey(recipient.kind, 0)
	if err != nil {
		return nil, nil, err
	}
	ephemeral, err := New(made, nil)
	if err != nil {
		return nil, nil, err
	}
	if epk, err = ephemeral.Public(); err != nil {
		return nil, nil, err
	}
	key, err = agreeKey(ephemeral, recipient, alg, size, nil, nil)
	return epk, key, err
}

// agreeWith agrees with the sender by the ephemeral key in the header. A point
// that is not on the curve would give the private key away, and one of small
// order a key that everyone knows (RFC 8725, Section 3.4): the ephemeral key is
// one that the Parser has checked.
func (a *keyAlg) agreeWith(h *jweHeader, private *Key) ([]byte, error) {
	if h.epk == nil {
		return nil, headerErrorf("epk", ErrInvalid, "missing")
	}
	ephemeral, err := (&Parser{PublicOnly: true}).Parse(h.epk)
	if err != nil {
		return nil, err.(*Error).below("/" + partProtected + "/epk").atOffset(0)
	}
	if ephemeral.meets(specOf(a.alg)) != fits {
		return nil, headerErrorf("epk", ErrInvalid, "%s is not an algorithm of %s keys", a.alg, ephemeral.kind.name())
	}
	if ephemeral.kind != private.kind {
		return nil, headerErrorf("epk", ErrPolicy, "the epk is %s, the Key %s", ephemeral.kind.name(), private.kind.name())
	}
	apu, err := h.octets("apu", 0, maxPartyInfo)
	if err != nil {
		return nil, err
	}
	apv, err := h.octets("apv", 0, maxPartyInfo)
	if err != nil {
		return nil, err
	}
	alg, size := a.derives(h.enc)
	return agreeKey(private, ephemeral, alg, size, apu, apv)
}

// agreeKey agrees on a key: by the Concat KDF from a shared secret (RFC 7518, Section 4.6.2).
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

// sharedSecret returns what two keys of one kind agree on.
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
	if err != nil { // never: no Key is a point of small order
		return nil, errDecrypt()
	}
	return z, nil
}

func withLength(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}
