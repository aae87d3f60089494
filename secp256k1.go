//go:build !jwk_core

package jwk

import (
	"crypto"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"sync/atomic"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// EC keys on secp256k1 (RFC 8812), a curve that the standard library does not have.

var secp256k1Kind = &kindRow{
	kind:         kindSecp256k1,
	family:       secp256k1Family{},
	privateForms: []any{(*secp256k1.PrivateKey)(nil), (*secp256k1Signer)(nil)},
}

type secp256k1Family struct{}

type secp256k1Key struct {
	x, y string // base64url
	pub  *secp256k1.PublicKey
	priv *secp256k1.PrivateKey // nil in a public key
}

func (secp256k1Family) read(k *kind, m *members, _ limits) (material, error) {
	x, point, err := m.appendSized(append(m.point[:0], uncompressed), mX, sizeSecp256k1, k)
	if err != nil {
		return nil, err
	}
	y, point, err := m.appendSized(point, mY, sizeSecp256k1, k)
	if err != nil {
		return nil, err
	}
	m.point = point
	// ParsePubKey checks that the coordinates are less than p and on the curve. The point at
	// infinity has no coordinates.
	pub, err := secp256k1.ParsePubKey(point)
	if err != nil {
		return nil, m.errorf(mX, ErrInvalid, "x and y are not a point on %s", k.crv)
	}
	if !m.has(mD) {
		return newSecp256k1Key(m, x, y, pub, nil), nil
	}
	var buf [sizeSecp256k1]byte
	_, d, err := m.appendSized(buf[:0], mD, sizeSecp256k1, k)
	if err != nil {
		return nil, err
	}
	priv := secp256k1Private(d)
	if priv == nil {
		return nil, m.errorf(mD, ErrInvalid, notScalar, k.crv)
	}
	if !priv.PubKey().IsEqual(pub) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x and y")
	}
	return newSecp256k1Key(m, x, y, pub, priv), nil
}

// newSecp256k1Key returns the material of a key. priv is nil for a public key.
func newSecp256k1Key(m *members, x, y string, pub *secp256k1.PublicKey, priv *secp256k1.PrivateKey) *secp256k1Key {
	k := newMaterial[secp256k1Key](m)
	k.x, k.y, k.pub, k.priv = x, y, pub, priv
	return k
}

// secp256k1Private returns the private key of a scalar that has the right width, or nil if the
// scalar is 0 or not less than n. PrivKeyFromBytes would accept 0, and reduce larger scalars.
func secp256k1Private(d []byte) *secp256k1.PrivateKey {
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(d); overflow || scalar.IsZero() {
		return nil
	}
	return secp256k1.NewPrivateKey(&scalar)
}

// derive returns the point of a scalar.
func (secp256k1Family) derive(d []byte) ([]byte, error) {
	key := secp256k1Private(d)
	if key == nil {
		return nil, errorf(ErrInvalid, notScalar, CurveSecp256k1)
	}
	return key.PubKey().SerializeUncompressed(), nil
}

func (secp256k1Family) write(k *kind, w *writer, key any) (bool, error) {
	var pub *secp256k1.PublicKey
	var scalar []byte
	if s, ok := key.(*secp256k1Signer); ok {
		key = s.priv.Load() // New takes every form that As returns
	}
	switch key := key.(type) {
	case *secp256k1.PublicKey:
		pub = key
	case *secp256k1.PrivateKey:
		if key != nil && !key.Key.IsZero() {
			pub, scalar = key.PubKey(), key.Serialize()
		}
	default:
		return false, nil
	}
	if pub == nil {
		return true, errorf(ErrInvalid, "a secp256k1 key that is nil or zero")
	}
	k.writePoint(w, pub.SerializeUncompressed(), scalar)
	return true, nil
}

func generateSecp256k1() (any, error) {
	return generated(secp256k1.GeneratePrivateKey())
}

func (k *secp256k1Key) bits() int { return 8 * sizeSecp256k1 }

func (k *secp256k1Key) public() crypto.PublicKey { return k.pub }

func (k *secp256k1Key) boundTo(m *members) material {
	next := newSecp256k1Key(m, m.text(mX), m.text(mY), k.pub, nil)
	if m.has(mD) {
		next.priv = k.priv
	}
	return next
}

func (k *secp256k1Key) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}

// forms yields a crypto.Signer, because the private key of package secp256k1 is not one.
func (k *secp256k1Key) forms() iter.Seq[any] {
	return func(yield func(any) bool) {
		if k.priv != nil {
			s := &secp256k1Signer{pub: k.pub}
			s.priv.Store(k.priv)
			yield(s)
		}
	}
}

func (k *secp256k1Key) canonical() (a, b, c, d string) {
	return `{"crv":"secp256k1","kty":"EC","x":"`, k.x, `","y":"`, k.y
}

func (k *secp256k1Key) certified(spki *publicKeyInfo) bool {
	return spki.isPoint(oidSecp256k1, k.pub.SerializeUncompressed())
}

func (k *secp256k1Key) spki() publicKeyInfo {
	return publicKeyInfo{nameEC(oidSecp256k1), k.pub.SerializeUncompressed()}
}

func (k *secp256k1Key) pkcs8() privateKeyInfo { return ecPKCS8(k.spki(), k.priv.Serialize()) }

// verifies also accepts an s in the upper half: RFC 8812 does not require the lower one, and some
// libraries do not write it.
func (k *secp256k1Key) verifies(_ crypto.PublicKey, digest, signature []byte) bool {
	if len(signature) != 2*sizeSecp256k1 {
		return false
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(signature[:sizeSecp256k1]) || s.SetByteSlice(signature[sizeSecp256k1:]) {
		return false // not less than n: SetByteSlice has reduced it
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest, k.pub)
}

// A secp256k1Signer is the crypto.Signer of a private key. It holds the private key in an
// atomic.Pointer, which reflection cannot follow, because some printers call no methods.
type secp256k1Signer struct {
	pub  *secp256k1.PublicKey
	priv atomic.Pointer[secp256k1.PrivateKey]
}

const secp256k1SignerText = "secp256k1 signer"

// String returns a text that does not show the key.
func (s *secp256k1Signer) String() string { return secp256k1SignerText }

// GoString returns the result of String.
func (s *secp256k1Signer) GoString() string { return secp256k1SignerText }

// Format writes the result of String for every verb that calls it.
func (s *secp256k1Signer) Format(f fmt.State, verb rune) { io.WriteString(f, secp256k1SignerText) }

// LogValue returns the result of String for package slog.
func (s *secp256k1Signer) LogValue() slog.Value { return slog.StringValue(secp256k1SignerText) }

func (s *secp256k1Signer) Public() crypto.PublicKey { return s.pub }

// Sign signs a SHA-256 digest (ES256K: RFC 8812, Section 3.2). It returns the signature in
// ASN.1, as crypto/ecdsa does, with the lower of the two possible s. The signature is
// deterministic (RFC 6979), so Sign does not read rand.
func (s *secp256k1Signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts == nil || opts.HashFunc() != crypto.SHA256 || len(digest) != crypto.SHA256.Size() {
		return nil, errorf(ErrInvalid, "want a SHA-256 digest, and crypto.SHA256 as the options")
	}
	return ecdsa.Sign(s.priv.Load(), digest).Serialize(), nil
}
