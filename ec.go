package jwk

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"iter"
)

// EC keys on the NIST curves: RFC 7518, Section 6.2.

// An ecCurve is a NIST curve. Each has a row in the table of kinds.
type ecCurve struct {
	crv       Curve
	field     int // bits of a coordinate
	dsa       func() elliptic.Curve
	dh        ecdh.Curve // nil if crypto/ecdh does not have the curve
	oid       asn1.ObjectIdentifier
	canonical string // the start of the text that a thumbprint hashes
}

var (
	p256 = ecCurve{CurveP256, 256, elliptic.P256, ecdh.P256(), oidP256, `{"crv":"P-256","kty":"EC","x":"`}
	p384 = ecCurve{CurveP384, 384, elliptic.P384, ecdh.P384(), oidP384, `{"crv":"P-384","kty":"EC","x":"`}
	p521 = ecCurve{CurveP521, 521, elliptic.P521, ecdh.P521(), oidP521, `{"crv":"P-521","kty":"EC","x":"`}

	p256Kind = &kindRow{kind: p256.kind(), family: &p256, privateForms: ecPrivateForms}
	p384Kind = &kindRow{kind: p384.kind(), family: &p384, privateForms: ecPrivateForms}
	p521Kind = &kindRow{kind: p521.kind(), family: &p521, privateForms: ecPrivateForms}
)

var ecPrivateForms = []any{(*ecdsa.PrivateKey)(nil), (*ecdh.PrivateKey)(nil)}

func (c *ecCurve) kind() *kind {
	return &kind{
		kty:        EC,
		crv:        c.crv,
		public:     1<<mCrv | 1<<mX | 1<<mY,
		private:    1 << mD,
		ops:        allOps,
		width:      (c.field + 7) / 8,
		algorithms: []algorithmID{nameEC(c.oid)},
	}
}

type ecKey struct {
	curve *ecCurve
	x, y  string // base64url
	pub   *ecdsa.PublicKey
	priv  *ecdsa.PrivateKey // nil in a public key
}

func (c *ecCurve) read(k *kind, m *members, _ limits) (material, error) {
	x, point, err := m.appendSized(append(m.point[:0], uncompressed), mX, k.width, k)
	if err != nil {
		return nil, err
	}
	y, point, err := m.appendSized(point, mY, k.width, k)
	if err != nil {
		return nil, err
	}
	m.point = point
	pub, priv, err := c.readHalves(k, m, point)
	if err != nil {
		return nil, err
	}
	key := newMaterial[ecKey](m)
	key.curve, key.x, key.y, key.pub, key.priv = c, x, y, pub, priv
	return key, nil
}

// readHalves returns the Go keys of a point and, if the object has one, of the scalar d. It checks
// that the point is on the curve, and that d belongs to it.
func (c *ecCurve) readHalves(k *kind, m *members, point []byte) (*ecdsa.PublicKey, *ecdsa.PrivateKey, error) {
	priv, errPrivate := c.readScalar(k, m)
	if priv != nil {
		derived, err := priv.PublicKey.Bytes()
		if err == nil && string(derived) == string(point) {
			pub := priv.PublicKey // a copy, so that a public half does not keep priv in memory
			return &pub, priv, nil
		}
		errPrivate = m.errorf(mD, ErrInvalid, "does not belong to x and y")
	}
	// crypto/ecdsa checks that the coordinates are less than p and on the curve. The point at
	// infinity has no coordinates. A point that was derived from d needs no such check.
	pub, err := ecdsa.ParseUncompressedPublicKey(c.dsa(), point)
	if err != nil {
		return nil, nil, m.errorf(mX, ErrInvalid, "x and y are not a point on %s", k.crv)
	}
	return pub, nil, errPrivate
}

// readScalar returns the Go key of d, or nil if d is absent.
func (c *ecCurve) readScalar(k *kind, m *members) (*ecdsa.PrivateKey, error) {
	if !m.has(mD) {
		return nil, nil
	}
	var buf [(521 + 7) / 8]byte // the largest scalar
	_, d, err := m.appendSized(buf[:0], mD, k.width, k)
	if err != nil {
		return nil, err
	}
	priv, err := ecdsa.ParseRawPrivateKey(c.dsa(), d)
	if err != nil {
		return nil, m.errorf(mD, ErrInvalid, notScalar, k.crv)
	}
	return priv, nil
}

// derive returns the point of a scalar.
func (c *ecCurve) derive(scalar []byte) ([]byte, error) {
	key, err := ecdsa.ParseRawPrivateKey(c.dsa(), scalar)
	if err != nil {
		return nil, errorf(ErrInvalid, notScalar, c.crv)
	}
	return key.PublicKey.Bytes()
}

func (c *ecCurve) write(k *kind, w *writer, key any) (bool, error) {
	curve, encode := ecHalves(key)
	if encode == nil {
		return false, nil
	}
	switch curve {
	case nil:
		return true, errorf(ErrInvalid, "an elliptic curve key with nil parts")
	case c.dsa(), c.dh:
	default:
		return false, nil
	}
	point, scalar, err := encode()
	if err != nil {
		return true, errorf(ErrInvalid, "not a point on %s, or not a scalar from 1 to n-1", k.crv)
	}
	k.writePoint(w, point, scalar)
	return true, nil
}

// ecHalves returns the curve of a Go key, and a function that returns its point and, for a
// private key, its scalar. curve is nil if the key is nil or lacks a part. encode is nil if the
// Go value is not a key on an elliptic curve.
func ecHalves(key any) (curve any, encode func() (point, scalar []byte, err error)) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if hasParts(key) {
			curve = key.Curve
		}
		encode = func() (point, scalar []byte, err error) {
			point, err = key.Bytes()
			return point, nil, err
		}
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 a nil part must be an error here, not a panic later
		if key != nil && key.D != nil && hasParts(&key.PublicKey) {
			curve = key.Curve
		}
		encode = func() (point, scalar []byte, err error) {
			if point, err = key.PublicKey.Bytes(); err == nil {
				scalar, err = key.Bytes()
			}
			return point, scalar, err
		}
	case *ecdh.PublicKey:
		if key != nil {
			curve = key.Curve()
		}
		encode = func() (point, scalar []byte, err error) { return key.Bytes(), nil, nil }
	case *ecdh.PrivateKey:
		if key != nil {
			curve = key.Curve()
		}
		encode = func() (point, scalar []byte, err error) {
			return key.PublicKey().Bytes(), key.Bytes(), nil
		}
	}
	return curve, encode
}

func hasParts(key *ecdsa.PublicKey) bool {
	//lint:ignore SA1019 a nil part must be an error here, not a panic later
	return key != nil && key.Curve != nil && key.X != nil && key.Y != nil
}

func (c *ecCurve) generate() (any, error) {
	return generated(ecdsa.GenerateKey(c.dsa(), rand.Reader))
}

func (k *ecKey) bits() int                { return k.curve.field }
func (k *ecKey) public() crypto.PublicKey { return k.pub }

func (k *ecKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}

// forms yields the keys of crypto/ecdh.
func (k *ecKey) forms() iter.Seq[any] {
	return func(yield func(any) bool) {
		if k.priv != nil {
			if key, err := k.priv.ECDH(); err == nil && !yield(key) {
				return
			}
		}
		if key, err := k.pub.ECDH(); err == nil {
			yield(key)
		}
	}
}

func (k *ecKey) canonical() (a, b, c, d string) {
	return k.curve.canonical, k.x, `","y":"`, k.y
}

func (k *ecKey) boundTo(m *members) material {
	next := newMaterial[ecKey](m)
	next.curve, next.x, next.y, next.pub = k.curve, m.text(mX), m.text(mY), k.pub
	if m.has(mD) {
		next.priv = k.priv
	}
	return next
}

func (k *ecKey) certified(spki *publicKeyInfo) bool {
	point, err := k.pub.Bytes()
	return err == nil && spki.isPoint(k.curve.oid, point)
}

func (k *ecKey) spki() publicKeyInfo {
	point, _ := k.pub.Bytes() // no error: the point is on the curve
	return publicKeyInfo{nameEC(k.curve.oid), point}
}

func (k *ecKey) pkcs8() privateKeyInfo {
	scalar, _ := k.priv.Bytes()
	return ecPKCS8(k.spki(), scalar)
}
