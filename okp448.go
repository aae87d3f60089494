//go:build !jwk_core

package jwk

import (
	"crypto"
	"crypto/rand"

	"github.com/cloudflare/circl/dh/x448"
	"github.com/cloudflare/circl/sign/ed448"
)

// Octet key pairs on Curve448, RFC 8037, which the standard library does not have.

var ed448Kind = kindRow{
	kind:         kindEd448,
	read:         readEd448,
	write:        writeEd448,
	privateForms: []any{ed448.PrivateKey(nil)},
}

var x448Kind = kindRow{
	kind:         kindX448,
	read:         readX448,
	write:        writeX448,
	privateForms: []any{X448PrivateKey{}},
}

// The coordinate u of the base point (RFC 7748, Section 4.2). KeyGen of package x448 would
// multiply it faster, by a table that every program would be linked with.
var x448BasePoint = x448.Key{5}

func (k *X448PrivateKey) publicKey() X448PublicKey {
	var pub x448.Key
	x448.Shared(&pub, (*x448.Key)(k), &x448BasePoint)
	return X448PublicKey(pub)
}

func x448Public(k *X448PrivateKey) crypto.PublicKey { return k.publicKey() }

// x448Shared returns what the owners of two keys agree on.
func x448Shared(private *X448PrivateKey, public *X448PublicKey) ([size448]byte, error) {
	var shared x448.Key
	if !x448.Shared(&shared, (*x448.Key)(private), (*x448.Key)(public)) {
		return shared, errorf(ErrInvalid, "the remote X448 key is a point of low order")
	}
	return shared, nil
}

// Coordinates are little-endian, and less than the prime p = 2^448-2^224-1.
const (
	zeros11  = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	zeros55  = zeros11 + zeros11 + zeros11 + zeros11 + zeros11
	ones9    = "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	ones27   = ones9 + ones9 + ones9
	prime448 = "\xff" + ones27 + "\xfe" + ones27
)

// smallOrder448 are the coordinates of points whose order divides 4, which
// verify forged signatures and agree on secrets that everyone knows: 0, 1 and
// p-1, as y of edwards448 (RFC 8032, Section 5.2) and as u of curve448 and its
// twist (RFC 7748, Section 6.2).
var smallOrder448 = [...]string{"\x00" + zeros55, "\x01" + zeros55, "\xfe" + ones27 + "\xfe" + ones27}

// check448 refuses what no sound key has as its y or u.
func check448(m *members, coordinate []byte) error {
	if !lessThan(coordinate, prime448) {
		return m.errorf(mX, ErrInvalid, "coordinate is not less than 2^448-2^224-1")
	}
	for _, w := range smallOrder448 {
		if string(coordinate) == w {
			return m.errorf(mX, ErrInvalid, "point of small order")
		}
	}
	return nil
}

// lessThan compares integers of one length, little-endian.
func lessThan(v []byte, limit string) bool {
	for i := len(limit) - 1; i >= 0; i-- {
		if v[i] != limit[i] {
			return v[i] < limit[i]
		}
	}
	return false
}

// okp448Key is a key of either curve.
type okp448Key struct {
	okpPublic
	priv crypto.PrivateKey // ed448.PrivateKey or X448PrivateKey
}

func readEd448(kd *kind, m *members, _ limits) (material, error) {
	var buf, seedBuf [ed448.PublicKeySize]byte
	text, x, err := m.appendSized(buf[:0], mX, ed448.PublicKeySize, kd)
	if err != nil {
		return nil, err
	}
	// The last octet holds the sign of x, and nothing else (RFC 8032, Section 5.2.2).
	if x[size448]&0x7f != 0 {
		return nil, m.errorf(mX, ErrInvalid, "bits set that are neither y nor the sign of x")
	}
	if err := check448(m, x[:size448]); err != nil {
		return nil, err
	}
	k := &okp448Key{okpPublic: okpPublic{kd, text}}
	if !m.has(mD) {
		return k, nil
	}
	_, seed, err := m.appendSized(seedBuf[:0], mD, ed448.SeedSize, kd)
	if err != nil {
		return nil, err
	}
	// As with Ed25519, a seed with another's public half would give itself away.
	priv := ed448.NewKeyFromSeed(seed)
	if string(priv[ed448.SeedSize:]) != string(x) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x")
	}
	k.priv = priv
	return k, nil
}

func readX448(kd *kind, m *members, _ limits) (material, error) {
	var buf, dBuf [size448]byte
	text, x, err := m.appendSized(buf[:0], mX, size448, kd)
	if err != nil {
		return nil, err
	}
	if err := check448(m, x); err != nil {
		return nil, err
	}
	k := &okp448Key{okpPublic: okpPublic{kd, text}}
	if !m.has(mD) {
		return k, nil
	}
	_, d, err := m.appendSized(dBuf[:0], mD, size448, kd)
	if err != nil {
		return nil, err
	}
	priv := X448PrivateKey(d)
	if priv.publicKey() != X448PublicKey(x) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x")
	}
	k.priv = priv
	return k, nil
}

func writeEd448(kd *kind, w *writer, key any) (bool, error) {
	var x, seed []byte
	switch key := key.(type) {
	case ed448.PublicKey:
		x = key
	case ed448.PrivateKey:
		if len(key) != ed448.PrivateKeySize {
			return true, errorf(ErrInvalid, "an Ed448 private key of %s, want %d", counted(len(key), "octet", "octets"), ed448.PrivateKeySize)
		}
		seed, x = key[:ed448.SeedSize], key[ed448.SeedSize:]
	default:
		return false, nil
	}
	kd.writeOctets(w, x, seed)
	return true, nil
}

func writeX448(kd *kind, w *writer, key any) (bool, error) {
	switch key := key.(type) {
	case X448PublicKey:
		kd.writeOctets(w, key[:], nil)
	case X448PrivateKey:
		pub := key.publicKey()
		kd.writeOctets(w, pub[:], key[:])
	default:
		return false, nil
	}
	return true, nil
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

func (k *okp448Key) public() crypto.PublicKey {
	if k.kind.crv == CurveEd448 {
		return ed448.PublicKey(k.octets())
	}
	return X448PublicKey(k.octets())
}

func (k *okp448Key) moved(m *members) material {
	next := &okp448Key{okpPublic: okpPublic{k.kind, m.text(mX)}}
	if m.has(mD) {
		next.priv = k.priv
	}
	return next
}

func (k *okp448Key) private() crypto.PrivateKey { return k.priv }

func (k *okp448Key) verifies(key crypto.PublicKey, message, signature []byte) bool {
	pub, ok := key.(ed448.PublicKey)
	return ok && ed448.Verify(pub, message, signature, "")
}

func (k *okp448Key) agree(public material) ([]byte, error) {
	mine, _ := k.priv.(X448PrivateKey)           // Ed448 keys do not agree on anything
	theirs, _ := public.public().(X448PublicKey) // of the same kind
	return mine.ECDH(theirs)
}

func (k *okp448Key) pkcs8() privateKeyInfo {
	var d []byte
	switch key := k.priv.(type) {
	case ed448.PrivateKey:
		d = key.Seed()
	case X448PrivateKey:
		d = key[:]
	}
	return okpPKCS8(k.name(), d)
}

func ed448FromPKCS8(k *kind, w *writer, info privateKeyInfo) error {
	return k.okpFromPKCS8(w, info, ed448.SeedSize, func(seed []byte) ([]byte, error) {
		return ed448.NewKeyFromSeed(seed)[ed448.SeedSize:], nil
	})
}

func x448FromPKCS8(k *kind, w *writer, info privateKeyInfo) error {
	return k.okpFromPKCS8(w, info, size448, func(scalar []byte) ([]byte, error) {
		key := X448PrivateKey(scalar)
		x := key.publicKey()
		return x[:], nil
	})
}
