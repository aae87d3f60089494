package jwk

import (
	"crypto"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"github.com/cloudflare/circl/dh/x448"
	"github.com/cloudflare/circl/sign/ed448"
)

// Octet key pairs on Curve448, RFC 8037, which the standard library does not have.

var ed448Kind = kindRow{
	kind: kind{
		kty:        OKP,
		crv:        CurveEd448,
		public:     setOf(mCrv, mX),
		private:    setOf(mD),
		ops:        OpSign | OpVerify,
		algorithms: []algorithmID{{algorithm: oidEd448}},
	},
	read:         readEd448,
	write:        writeEd448,
	privateForms: []any{ed448.PrivateKey(nil)},
}

var x448Kind = kindRow{
	kind: kind{
		kty:        OKP,
		crv:        CurveX448,
		public:     setOf(mCrv, mX),
		private:    setOf(mD),
		ops:        allOps &^ (OpSign | OpVerify),
		algorithms: []algorithmID{{algorithm: oidX448}},
	},
	read:         readX448,
	write:        writeX448,
	privateForms: []any{X448PrivateKey{}},
}

// An X448PublicKey is a public key for Diffie-Hellman on Curve448 (RFC 7748,
// Section 5): the 56 octets of its coordinate u, little-endian. Most programs
// get one from [Key.PublicKey] or [As], checked; one made of octets has been
// checked by nobody.
//
// It is the Go form of X448 keys, since the standard library has none, and
// converts to and from the Key of [github.com/cloudflare/circl/dh/x448].
type X448PublicKey [x448.Size]byte

// Equal reports whether x is the same X448PublicKey.
func (k X448PublicKey) Equal(x crypto.PublicKey) bool {
	other, ok := x.(X448PublicKey)
	return ok && k == other
}

// An X448PrivateKey is a private key for Diffie-Hellman on Curve448 (RFC
// 7748, Section 5): the 56 octets of its scalar, as they were before the bits
// are set that the RFC sets in it. Most programs get one from [Key.PrivateKey]
// or [As].
//
// Package fmt, log/slog and encoders do not show it. These do, because they call no
// method: fmt with the verbs %p and %w, and of a key in an unexported field of a struct;
// printers that are told to call no methods, such as spew with DisableMethods; the
// reports of go-cmp and testify; and encoders that ask for no MarshalText and no
// MarshalBinary, such as encoding/binary. Keep it in a [Key], which has no such
// exceptions.
type X448PrivateKey [x448.Size]byte

// Public returns the public key, an [X448PublicKey].
func (k X448PrivateKey) Public() crypto.PublicKey { return k.publicKey() }

// The coordinate u of the base point (RFC 7748, Section 4.2). KeyGen of package x448 would
// multiply it faster, by a table that every program would be linked with.
var x448BasePoint = x448.Key{5}

func (k *X448PrivateKey) publicKey() X448PublicKey {
	var pub x448.Key
	x448.Shared(&pub, (*x448.Key)(k), &x448BasePoint)
	return X448PublicKey(pub)
}

// Equal reports whether x is the same X448PrivateKey, in constant time.
func (k X448PrivateKey) Equal(x crypto.PrivateKey) bool {
	other, ok := x.(X448PrivateKey)
	return ok && subtle.ConstantTimeCompare(k[:], other[:]) == 1
}

// ECDH returns the 56 octets on which the owners of the two keys agree (RFC
// 7748, Section 6.2). They are not random enough to be a key themselves: derive
// one from them. The error is [ErrInvalid] if remote is of low order, so that
// everybody would know the result.
func (k X448PrivateKey) ECDH(remote X448PublicKey) ([]byte, error) {
	var shared x448.Key
	if !x448.Shared(&shared, (*x448.Key)(&k), (*x448.Key)(&remote)) {
		return nil, refuse(ErrInvalid, "the remote X448 key is a point of low order")
	}
	return shared[:], nil
}

const x448PrivateText = "X448 private key"

// String says what the key is, and not the key.
func (k X448PrivateKey) String() string { return x448PrivateText }

// Format writes String, with any verb that package fmt asks it for.
func (k X448PrivateKey) Format(f fmt.State, verb rune) { io.WriteString(f, x448PrivateText) }

// LogValue tells package slog what the key is.
func (k X448PrivateKey) LogValue() slog.Value { return slog.StringValue(x448PrivateText) }

// MarshalText is [ErrPrivate]: make a [Key] of the key with [New], and say
// [Key.MarshalPrivateJSON].
func (k X448PrivateKey) MarshalText() ([]byte, error) { return nil, errX448Private() }

// MarshalBinary is [ErrPrivate], as MarshalText is. The octets are k[:].
func (k X448PrivateKey) MarshalBinary() ([]byte, error) { return nil, errX448Private() }

func errX448Private() error {
	return refuse(ErrPrivate, "an X448 private key: make a Key of it, and call MarshalPrivateJSON")
}

// Coordinates are little-endian, and less than the prime p = 2^448-2^224-1.
const (
	size448  = 56 // octets of a coordinate and of a scalar
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
		return m.fault(mX, ErrInvalid, "coordinate is not less than 2^448-2^224-1")
	}
	for _, w := range smallOrder448 {
		if string(coordinate) == w {
			return m.fault(mX, ErrInvalid, "point of small order")
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
		return nil, m.fault(mX, ErrInvalid, "bits set that are neither y nor the sign of x")
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
		return nil, m.fault(mD, ErrInvalid, "does not belong to x")
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
		return nil, m.fault(mD, ErrInvalid, "does not belong to x")
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
			return true, refuse(ErrInvalid, "an Ed448 private key of %s, want %d", counted(len(key), "octet", "octets"), ed448.PrivateKeySize)
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

func (k *okp448Key) private() crypto.PrivateKey { return k.priv }

func (k *okp448Key) verifies(key crypto.PublicKey, message, signature []byte) bool {
	pub, ok := key.(ed448.PublicKey)
	return ok && ed448.Verify(pub, message, signature, "")
}

func (k *okp448Key) agree(public material) ([]byte, error) {
	mine, isPrivate := k.priv.(X448PrivateKey)
	theirs, isPublic := public.public().(X448PublicKey)
	if !isPrivate || !isPublic {
		return nil, refuse(ErrInvalid, "not two X448 keys") // never: both are of one kind
	}
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
