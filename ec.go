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

// EC keys on the NIST curves, RFC 7518, Section 6.2.

// An ecCurve is one of these curves, and what the standard library calls it.
type ecCurve struct {
	crv       Curve
	field     int // bits
	dsa       func() elliptic.Curve
	dh        func() ecdh.Curve
	oid       asn1.ObjectIdentifier
	canonical string // RFC 7638: how the text begins
}

var (
	p256 = ecCurve{CurveP256, 256, elliptic.P256, ecdh.P256, oidP256, `{"crv":"P-256","kty":"EC","x":"`}
	p384 = ecCurve{CurveP384, 384, elliptic.P384, ecdh.P384, oidP384, `{"crv":"P-384","kty":"EC","x":"`}
	p521 = ecCurve{CurveP521, 521, elliptic.P521, ecdh.P521, oidP521, `{"crv":"P-521","kty":"EC","x":"`}

	p256Kind, p384Kind, p521Kind = p256.kind(), p384.kind(), p521.kind()
)

func (c *ecCurve) kind() kindRow {
	return kindRow{
		kind: kind{
			kty:        EC,
			crv:        c.crv,
			public:     setOf(mCrv, mX, mY),
			private:    setOf(mD),
			ops:        allOps,
			width:      (c.field + 7) / 8,
			algorithms: []algorithmID{nameEC(c.oid)},
		},
		read:         c.read,
		write:        c.write,
		privateForms: []any{(*ecdsa.PrivateKey)(nil), (*ecdh.PrivateKey)(nil)},
	}
}

type ecKey struct {
	curve *ecCurve
	x, y  string // base64url
	pub   *ecdsa.PublicKey
	priv  *ecdsa.PrivateKey
}

func (c *ecCurve) read(kd *kind, m *members, _ limits) (material, error) {
	k := &ecKey{curve: c}
	point := append(m.point[:0], 4) // SEC 1, Section 2.3.3: uncompressed
	var err error
	if k.x, point, err = m.appendSized(point, mX, kd.width, kd); err != nil {
		return nil, err
	}
	if k.y, point, err = m.appendSized(point, mY, kd.width, kd); err != nil {
		return nil, err
	}
	m.point = point
	// Coordinates below p, on the curve, and not the point at infinity.
	if k.pub, err = ecdsa.ParseUncompressedPublicKey(c.dsa(), point); err != nil {
		return nil, m.errorf(mX, ErrInvalid, "x and y are not a point on %s", kd.crv)
	}
	if !m.has(mD) {
		return k, nil
	}
	_, d, err := m.appendSized(nil, mD, kd.width, kd)
	if err != nil {
		return nil, err
	}
	if k.priv, err = ecdsa.ParseRawPrivateKey(c.dsa(), d); err != nil {
		return nil, m.errorf(mD, ErrInvalid, "not a scalar from 1 to n-1 of %s", kd.crv)
	}
	if derived, err := k.priv.PublicKey.Bytes(); err != nil || string(derived) != string(point) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x and y")
	}
	return k, nil
}

func (c *ecCurve) write(kd *kind, w *writer, key any) (bool, error) {
	var curve any // of the key; nil if the key lacks it
	var encode func() (point, scalar []byte, err error)
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
	default:
		return false, nil
	}
	switch curve {
	case nil:
		return true, errorf(ErrInvalid, "an elliptic curve key with nil parts")
	case c.dsa(), c.dh():
	default:
		return false, nil
	}
	point, scalar, err := encode()
	if err != nil {
		return true, errorf(ErrInvalid, "not a point on %s, or not a scalar from 1 to n-1", kd.crv)
	}
	kd.writePoint(w, point, scalar)
	return true, nil
}

func hasParts(key *ecdsa.PublicKey) bool {
	//lint:ignore SA1019 a nil part must be an error here, not a panic later
	return key != nil && key.Curve != nil && key.X != nil && key.Y != nil
}

func (c *ecCurve) generate() (any, error) {
	return generated(ecdsa.GenerateKey(c.dsa(), rand.Reader))
}

func (k *ecKey) bits() int { return k.curve.field }

func (k *ecKey) public() crypto.PublicKey { return k.pub }

func (k *ecKey) moved(m *members) material {
	next := &ecKey{curve: k.curve, x: m.text(mX), y: m.text(mY), pub: k.pub}
	if m.has(mD) {
		next.priv = k.priv
	}
	return next
}

func (k *ecKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}

// forms yields those of crypto/ecdh.
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

func (k *ecKey) certified(spki *publicKeyInfo) bool {
	point, err := k.pub.Bytes()
	return err == nil && spki.isPoint(k.curve.oid, point)
}

func (c *ecCurve) fromPKCS8(kd *kind, w *writer, info privateKeyInfo) error {
	return ecFromPKCS8(kd, w, info, func(scalar []byte) ([]byte, error) {
		key, err := ecdsa.ParseRawPrivateKey(c.dsa(), scalar)
		if err != nil {
			return nil, errorf(ErrInvalid, "not a scalar from 1 to n-1 of %s", kd.crv)
		}
		return key.PublicKey.Bytes()
	})
}

func (k *ecKey) spki() publicKeyInfo {
	point, _ := k.pub.Bytes() // it is on the curve
	return publicKeyInfo{nameEC(k.curve.oid), point}
}

func (k *ecKey) pkcs8() privateKeyInfo {
	scalar, _ := k.priv.Bytes()
	return ecPKCS8(k.spki(), scalar)
}
