package jwk

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
)

// OKP keys on Curve25519.

const size25519 = 32 // octets of every coordinate, seed and scalar

var (
	ed25519Curve = okpCurve{
		kind: okpKind(CurveEd25519, oidEd25519, OpSign|OpVerify),
		size: size25519, seed: size25519,
		check: checkEd25519,
		private: func(d []byte) (crypto.PrivateKey, []byte, error) {
			key := ed25519.NewKeyFromSeed(d)
			return key, key[size25519:], nil
		},
		public: func(x []byte) crypto.PublicKey { return ed25519.PublicKey(x) },
		halves: ed25519Halves,
	}
	x25519Curve = okpCurve{
		kind: okpKind(CurveX25519, oidX25519, allOps&^(OpSign|OpVerify)),
		size: size25519, seed: size25519,
		check: func(m *members, x []byte) error {
			return checkCoordinate(m, x, prime25519, formula25519, lowOrderX25519[:])
		},
		private: x25519Private,
		public:  x25519Public,
		halves:  x25519Halves,
	}

	ed25519Kind = &kindRow{kind: ed25519Curve.kind, family: &ed25519Curve, privateForms: []any{ed25519.PrivateKey(nil)}}
	x25519Kind  = &kindRow{kind: x25519Curve.kind, family: &x25519Curve, privateForms: []any{(*ecdh.PrivateKey)(nil)}}
)

const (
	octets8      = "\x00\x00\x00\x00\x00\x00\x00\x00"
	zeros31      = octets8 + octets8 + octets8 + "\x00\x00\x00\x00\x00\x00\x00"
	ones10       = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	primeTail    = ones10 + ones10 + ones10 + "\x7f"
	prime25519   = "\xed" + primeTail
	formula25519 = "2^255-19"
)

// The points whose order divides 8.
var (
	// y without the sign of x (RFC 8032, Section 5.1).
	smallOrderEd25519 = [...]string{
		"\x00" + zeros31,
		"\x01" + zeros31,
		"\xec" + primeTail,
		"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
		"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
	}

	// u, on the curve and on its twist (RFC 7748, Section 6.1).
	lowOrderX25519 = [...]string{
		"\x00" + zeros31,
		"\x01" + zeros31,
		"\xec" + primeTail,
		"\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00",
		"\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83\xef\x5b\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd\xd0\x9f\x11\x57",
	}
)

// checkEd25519 checks the coordinate y in the member x. The highest bit of the member is the
// sign of the other coordinate, which does not matter.
func checkEd25519(m *members, x []byte) error {
	y := [size25519]byte(x)
	y[size25519-1] &= 0x7f
	return checkCoordinate(m, y[:], prime25519, formula25519, smallOrderEd25519[:])
}

func ed25519Halves(key any) (x, d []byte, ok bool, err error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return key, nil, true, nil
	case ed25519.PrivateKey:
		if len(key) != ed25519.PrivateKeySize {
			return nil, nil, true, errorf(ErrInvalid, "an Ed25519 private key of %s, want %d", counted(len(key), "octet", "octets"), ed25519.PrivateKeySize)
		}
		return key[size25519:], key[:size25519], true, nil
	}
	return nil, nil, false, nil
}

// x25519Private fails only with GODEBUG=fips140=only, because d has the right length.
func x25519Private(d []byte) (crypto.PrivateKey, []byte, error) {
	key, err := ecdh.X25519().NewPrivateKey(d)
	if err != nil {
		return nil, nil, err
	}
	return key, key.PublicKey().Bytes(), nil
}

func x25519Public(x []byte) crypto.PublicKey {
	key, err := ecdh.X25519().NewPublicKey(x)
	if err != nil {
		return nil // GODEBUG=fips140=only
	}
	return key
}

// x25519Halves returns false for nil keys. The P curves, which have the same Go types, refuse
// them.
func x25519Halves(key any) (x, d []byte, ok bool, err error) {
	switch key := key.(type) {
	case *ecdh.PublicKey:
		if key != nil && key.Curve() == ecdh.X25519() {
			return key.Bytes(), nil, true, nil
		}
	case *ecdh.PrivateKey:
		if key != nil && key.Curve() == ecdh.X25519() {
			return key.PublicKey().Bytes(), key.Bytes(), true, nil
		}
	}
	return nil, nil, false, nil
}

func generateEd25519() (any, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return generated(key, err)
}

func generateX25519() (any, error) {
	return generated(ecdh.X25519().GenerateKey(rand.Reader))
}
