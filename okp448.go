//go:build !jwk_core

package jwk

import (
	"crypto"
	"crypto/rand"

	"github.com/cloudflare/circl/dh/x448"
	"github.com/cloudflare/circl/sign/ed448"
)

// OKP keys on Curve448, which the standard library does not have.

var (
	ed448Curve = okpCurve{
		kind: kindEd448,
		size: ed448.PublicKeySize, seed: ed448.SeedSize,
		check: checkEd448,
		private: func(d []byte) (crypto.PrivateKey, []byte, error) {
			key := ed448.NewKeyFromSeed(d)
			return key, key[ed448.SeedSize:], nil
		},
		public:   func(x []byte) crypto.PublicKey { return ed448.PublicKey(x) },
		halves:   ed448Halves,
		material: newOKP448,
	}
	x448Curve = okpCurve{
		kind: kindX448,
		size: size448, seed: size448,
		check: checkCoordinate448,
		private: func(d []byte) (crypto.PrivateKey, []byte, error) {
			key := X448PrivateKey(d)
			x := key.publicKey()
			return key, x[:], nil
		},
		public:   func(x []byte) crypto.PublicKey { return X448PublicKey(x) },
		halves:   x448Halves,
		material: newOKP448,
	}

	ed448Kind = &kindRow{kind: kindEd448, family: &ed448Curve, privateForms: []any{ed448.PrivateKey(nil)}}
	x448Kind  = &kindRow{kind: kindX448, family: &x448Curve, privateForms: []any{X448PrivateKey{}}}
)

const (
	zeros11    = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	zeros55    = zeros11 + zeros11 + zeros11 + zeros11 + zeros11
	ones9      = "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	ones27     = ones9 + ones9 + ones9
	prime448   = "\xff" + ones27 + "\xfe" + ones27
	formula448 = "2^448-2^224-1"
)

// smallOrder448 are the coordinates of the points whose order divides 4: 0, 1 and p-1, as y of
// edwards448 (RFC 8032, Section 5.2), and as u of curve448 and its twist (RFC 7748,
// Section 6.2).
var smallOrder448 = [...]string{"\x00" + zeros55, "\x01" + zeros55, "\xfe" + ones27 + "\xfe" + ones27}

func checkCoordinate448(m *members, coordinate []byte) error {
	return checkCoordinate(m, coordinate, prime448, formula448, smallOrder448[:])
}

// checkEd448 checks the coordinate y in the member x, and the octet after it, which has only
// the sign of the other coordinate (RFC 8032, Section 5.2.2).
func checkEd448(m *members, x []byte) error {
	if x[size448]&0x7f != 0 {
		return m.errorf(mX, ErrInvalid, "bits are set that belong to neither y nor the sign of x")
	}
	return checkCoordinate448(m, x[:size448])
}

func ed448Halves(key any) (x, d []byte, ok bool, err error) {
	switch key := key.(type) {
	case ed448.PublicKey:
		return key, nil, true, nil
	case ed448.PrivateKey:
		if len(key) != ed448.PrivateKeySize {
			return nil, nil, true, errorf(ErrInvalid, "an Ed448 private key of %s, want %d", counted(len(key), "octet", "octets"), ed448.PrivateKeySize)
		}
		return key[ed448.SeedSize:], key[:ed448.SeedSize], true, nil
	}
	return nil, nil, false, nil
}

func x448Halves(key any) (x, d []byte, ok bool, err error) {
	switch key := key.(type) {
	case X448PublicKey:
		return key[:], nil, true, nil
	case X448PrivateKey:
		pub := key.publicKey()
		return pub[:], key[:], true, nil
	}
	return nil, nil, false, nil
}

// An okp448Key verifies Ed448 signatures and agrees on secrets by X448, which the standard
// library does not do.
type okp448Key struct{ okpKey }

func newOKP448(m *members) (*okpKey, material) {
	k := newMaterial[okp448Key](m)
	return &k.okpKey, k
}

func (k *okp448Key) verifies(key crypto.PublicKey, message, signature []byte) bool {
	pub, ok := key.(ed448.PublicKey)
	return ok && ed448.Verify(pub, message, signature, "")
}

func (k *okp448Key) agree(public material) ([]byte, error) {
	mine, _ := k.priv.(X448PrivateKey)           // the caller has checked that the key can agree
	theirs, _ := public.public().(X448PublicKey) // the caller passes a key of the same kind
	return mine.ECDH(theirs)
}

func generateEd448() (any, error) {
	_, key, err := ed448.GenerateKey(rand.Reader)
	return generated(key, err)
}

func generateX448() (any, error) {
	var key X448PrivateKey
	rand.Read(key[:]) // never fails
	return key, nil
}

// Public returns the public key, an [X448PublicKey]. In a program built with the tag jwk_core
// it returns nil.
func (k X448PrivateKey) Public() crypto.PublicKey { return k.publicKey() }

// ECDH returns the 56 octets that the owners of the two keys agree on (RFC 7748, Section 6.2).
// They are not uniformly random: derive a key from them, and do not use them as a key.
//
// The error is [ErrInvalid] if remote has low order, because then everybody would know the
// result. It is [ErrUnsupported] in a program built with the tag jwk_core.
func (k X448PrivateKey) ECDH(remote X448PublicKey) ([]byte, error) {
	var shared x448.Key
	if !x448.Shared(&shared, (*x448.Key)(&k), (*x448.Key)(&remote)) {
		return nil, errorf(ErrInvalid, "the remote X448 key is a point of low order")
	}
	return shared[:], nil
}

// x448BasePoint has the coordinate u of the base point (RFC 7748, Section 4.2). KeyGen of
// package x448 would be faster, but it adds a table to every program.
var x448BasePoint = x448.Key{5}

func (k *X448PrivateKey) publicKey() X448PublicKey {
	var pub x448.Key
	x448.Shared(&pub, (*x448.Key)(k), &x448BasePoint)
	return X448PublicKey(pub)
}
