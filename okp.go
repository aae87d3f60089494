package jwk

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
)

// Octet key pairs on Curve25519, RFC 8037.

var ed25519Kind = kindRow{
	kind: kind{
		kty:        OKP,
		crv:        CurveEd25519,
		public:     setOf(mCrv, mX),
		private:    setOf(mD),
		ops:        OpSign | OpVerify,
		algorithms: []algorithmID{{algorithm: oidEd25519}},
	},
	read:         readEd25519,
	write:        writeEd25519,
	privateForms: []any{ed25519.PrivateKey(nil)},
}

var x25519Kind = kindRow{
	kind: kind{
		kty:        OKP,
		crv:        CurveX25519,
		public:     setOf(mCrv, mX),
		private:    setOf(mD),
		ops:        allOps &^ (OpSign | OpVerify),
		algorithms: []algorithmID{{algorithm: oidX25519}},
	},
	read:         readX25519,
	write:        writeX25519,
	privateForms: []any{(*ecdh.PrivateKey)(nil)},
}

// Coordinates are little-endian, and less than the prime 2^255-19.
const (
	octets8   = "\x00\x00\x00\x00\x00\x00\x00\x00"
	zeros31   = octets8 + octets8 + octets8 + "\x00\x00\x00\x00\x00\x00\x00"
	ones10    = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	primeTail = ones10 + ones10 + ones10 + "\x7f" // the prime without its first octet, 0xed
)

// Points whose order divides 8 verify forged signatures and agree on secrets
// that everyone knows.
var (
	// y, the sign of x cleared (RFC 8032, Section 5.1).
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

// checkCoordinate refuses what no sound key has as its y or u.
func checkCoordinate(m *members, coordinate []byte, weak []string) error {
	if coordinate[0] >= 0xed && string(coordinate[1:]) == primeTail || coordinate[31] > 0x7f {
		return m.errorf(mX, ErrInvalid, "coordinate is not less than 2^255-19")
	}
	for _, w := range weak {
		if string(coordinate) == w {
			return m.errorf(mX, ErrInvalid, "point of small order")
		}
	}
	return nil
}

const size25519 = 32 // octets of every coordinate, seed and scalar

// okpKey is a key of either curve.
type okpKey struct {
	okpPublic
	priv crypto.PrivateKey // ed25519.PrivateKey or *ecdh.PrivateKey
}

func readEd25519(kd *kind, m *members, _ limits) (material, error) {
	var buf [size25519]byte
	text, x, err := m.appendSized(buf[:0], mX, size25519, kd)
	if err != nil {
		return nil, err
	}
	sign := x[31] & 0x80
	x[31] ^= sign
	if err := checkCoordinate(m, x, smallOrderEd25519[:]); err != nil {
		return nil, err
	}
	x[31] ^= sign
	if !m.has(mD) {
		return &okpKey{okpPublic: okpPublic{kd, text}}, nil
	}
	_, seed, err := m.appendSized(nil, mD, size25519, kd)
	if err != nil {
		return nil, err
	}
	// A seed with the public half of another key would sign, and give the
	// seed away: the public half is derived, and must be x.
	priv := ed25519.NewKeyFromSeed(seed)
	if string(priv[size25519:]) != string(x) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x")
	}
	return &okpKey{okpPublic{kd, text}, priv}, nil
}

func readX25519(kd *kind, m *members, _ limits) (material, error) {
	var buf [size25519]byte
	text, x, err := m.appendSized(buf[:0], mX, size25519, kd)
	if err != nil {
		return nil, err
	}
	if err := checkCoordinate(m, x, lowOrderX25519[:]); err != nil {
		return nil, err
	}
	if !m.has(mD) {
		return &okpKey{okpPublic: okpPublic{kd, text}}, nil
	}
	_, d, err := m.appendSized(nil, mD, size25519, kd)
	if err != nil {
		return nil, err
	}
	priv, err := ecdh.X25519().NewPrivateKey(d)
	if err != nil { // the length is right, so this is GODEBUG=fips140=only
		return nil, m.errorf(mCrv, ErrUnsupported, "X25519 is not available: %s", textOf(err))
	}
	if string(priv.PublicKey().Bytes()) != string(x) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x")
	}
	return &okpKey{okpPublic{kd, text}, priv}, nil
}

func writeEd25519(kd *kind, w *writer, key any) (bool, error) {
	var x, seed []byte
	switch key := key.(type) {
	case ed25519.PublicKey:
		x = key
	case ed25519.PrivateKey:
		if len(key) != ed25519.PrivateKeySize {
			return true, errorf(ErrInvalid, "an Ed25519 private key of %s, want %d", counted(len(key), "octet", "octets"), ed25519.PrivateKeySize)
		}
		seed, x = key[:size25519], key[size25519:]
	default:
		return false, nil
	}
	kd.writeOctets(w, x, seed)
	return true, nil
}

func writeX25519(kd *kind, w *writer, key any) (bool, error) {
	switch key := key.(type) {
	case *ecdh.PublicKey:
		if key == nil || key.Curve() != ecdh.X25519() {
			return false, nil
		}
		kd.writeOctets(w, key.Bytes(), nil)
	case *ecdh.PrivateKey:
		if key == nil || key.Curve() != ecdh.X25519() {
			return false, nil
		}
		kd.writeOctets(w, key.PublicKey().Bytes(), key.Bytes())
	default:
		return false, nil
	}
	return true, nil
}

func generateEd25519() (any, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return generated(key, err)
}

func generateX25519() (any, error) {
	return generated(ecdh.X25519().GenerateKey(rand.Reader))
}

func (k *okpKey) public() crypto.PublicKey {
	if k.kind.crv == CurveEd25519 {
		return ed25519.PublicKey(k.octets())
	}
	key, err := ecdh.X25519().NewPublicKey(k.octets())
	if err != nil {
		return nil // GODEBUG=fips140=only
	}
	return key
}

func (k *okpKey) moved(m *members) material {
	next := &okpKey{okpPublic: okpPublic{k.kind, m.text(mX)}}
	if m.has(mD) {
		next.priv = k.priv
	}
	return next
}

func (k *okpKey) private() crypto.PrivateKey { return k.priv }

func (k *okpKey) pkcs8() privateKeyInfo {
	var d []byte
	switch key := k.priv.(type) {
	case ed25519.PrivateKey:
		d = key.Seed()
	case *ecdh.PrivateKey:
		d = key.Bytes()
	}
	return okpPKCS8(k.name(), d)
}

func ed25519FromPKCS8(k *kind, w *writer, info privateKeyInfo) error {
	return k.okpFromPKCS8(w, info, size25519, func(seed []byte) ([]byte, error) {
		return ed25519.NewKeyFromSeed(seed)[size25519:], nil
	})
}

func x25519FromPKCS8(k *kind, w *writer, info privateKeyInfo) error {
	return k.okpFromPKCS8(w, info, size25519, func(scalar []byte) ([]byte, error) {
		key, err := ecdh.X25519().NewPrivateKey(scalar)
		if err != nil { // the length is right, so this is GODEBUG=fips140=only
			return nil, errorf(ErrUnsupported, "X25519 is not available: %s", textOf(err))
		}
		return key.PublicKey().Bytes(), nil
	})
}
