package jwk

import (
	"bytes"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The forms of EC keys in DER, for every curve: points (RFC 5480, Section 2.2) and private keys
// (RFC 5915, Section 3, and SEC 1).

// A point begins with one of these octets (SEC 1, Section 2.3.3).
const (
	uncompressed   = 4
	compressedEven = 2 // y is even
	compressedOdd  = 3
)

const notScalar = "not a scalar from 1 to n-1 of %s"

func nameEC(curve asn1.ObjectIdentifier) algorithmID {
	return algorithmID{algorithm: oidEC, curve: curve}
}

// hasExplicitCurve reports whether id has the parameters of an elliptic curve in place of the
// curve's object identifier.
func (id algorithmID) hasExplicitCurve() bool { return id.algorithm.Equal(oidEC) && id.other }

// writePoint writes the members of a key. point is uncompressed, and scalar is nil for a public
// key.
func (k *kind) writePoint(w *writer, point, scalar []byte) {
	w.str("kty", string(k.kty))
	w.str("crv", string(k.crv))
	w.octets("x", point[1:1+k.width])
	w.octets("y", point[1+k.width:])
	if scalar != nil {
		w.octets("d", scalar)
	}
}

// isPoint reports whether the key is the given point of a curve. point is uncompressed; the key
// may be compressed.
func (info *publicKeyInfo) isPoint(curve asn1.ObjectIdentifier, point []byte) bool {
	if !info.algorithm.Equal(oidEC) || !info.curve.Equal(curve) {
		return false
	}
	if len(info.key) > 0 && info.key[0] != uncompressed {
		width := len(point) / 2
		point = append([]byte{compressedEven | point[len(point)-1]&1}, point[1:1+width]...)
	}
	return string(point) == string(info.key)
}

// checkPoint refuses a point that is not uncompressed, as crypto/x509 does.
func (k *kind) checkPoint(point []byte) error {
	switch want := 1 + 2*k.width; {
	case len(point) == 1+k.width && (point[0] == compressedEven || point[0] == compressedOdd):
		return errorf(ErrUnsupported, "a compressed point, want an uncompressed one")
	case len(point) != want || point[0] != uncompressed:
		return errorf(ErrInvalid, "a point of %s, want %d for %s, beginning with %d", counted(len(point), "octet", "octets"), want, k.crv, uncompressed)
	}
	return nil
}

func ecFromSPKI(k *kind, w *writer, info publicKeyInfo) error {
	if err := k.checkPoint(info.key); err != nil {
		return err
	}
	k.writePoint(w, info.key, nil)
	return nil
}

// ecFromPKCS8 reads an ECPrivateKey. If it leaves out the point, derive returns it.
func ecFromPKCS8(k *kind, w *writer, info privateKeyInfo, derive func(scalar []byte) ([]byte, error)) error {
	key, ok := readECPrivateKey(info.key)
	switch {
	case !ok:
		return errDER(formECPrivate)
	case key.explicit:
		return errExplicitCurve()
	case key.curve != nil && !key.curve.Equal(info.curve):
		return errorf(ErrInvalid, "a private key on curve %v, want %v as the algorithm says", key.curve, info.curve)
	}
	scalar, err := k.fitScalar(key.scalar, info.tolerance)
	if err != nil {
		return err
	}
	point := key.point
	if point == nil {
		if point, err = derive(scalar); err != nil {
			return err
		}
	}
	if err := k.checkPoint(point); err != nil {
		return err
	}
	k.writePoint(w, point, scalar)
	return nil
}

const formECPrivate = "ECPrivateKey (RFC 5915, Section 3)"

// fitScalar returns the scalar with the width of the curve. Lenient tolerates another width if
// leading zeros are missing or in excess: OpenSSL before 1.0.2 left them out.
func (k *kind) fitScalar(scalar []byte, met *tolerance) ([]byte, error) {
	if len(scalar) == k.width {
		return scalar, nil
	}
	minimal := bytes.TrimLeft(scalar, "\x00")
	wayOut := ""
	if len(minimal) > 0 && len(minimal) <= k.width {
		if met.allows("/d", DeviationWidth) {
			return append(make([]byte, k.width-len(minimal), k.width), minimal...), nil
		}
		wayOut = " (Parser.Lenient accepts it)"
	}
	return nil, errorf(ErrInvalid, "a scalar of %s, want %d for %s%s", counted(len(scalar), "octet", "octets"), k.width, k.crv, wayOut)
}

// errExplicitCurve returns the error about a key with the parameters of a curve in place of its
// name. They are not compared with the parameters of the known curves.
func errExplicitCurve() error {
	return errorf(ErrUnsupported, "the parameters of an elliptic curve, want its name: "+
		"convert the key with openssl ec -param_enc named_curve -in FILE -out NEW (-pubin for a public one)")
}

// An ecPrivateKey is an ECPrivateKey (RFC 5915, Section 3).
type ecPrivateKey struct {
	scalar   []byte
	point    []byte                // nil if it is left out
	curve    asn1.ObjectIdentifier // nil if it is left out
	explicit bool                  // it has the parameters of the curve, not its name
}

// readECPrivateKey reads an ECPrivateKey.
func readECPrivateKey(der []byte) (key ecPrivateKey, ok bool) {
	s := cryptobyte.String(der)
	var seq, octets, parameters, public cryptobyte.String
	var version uint
	var hasCurve, hasPoint bool
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !s.Empty() ||
		!seq.ReadASN1Integer(&version) || version != 1 ||
		!seq.ReadASN1(&octets, cbasn1.OCTET_STRING) ||
		!seq.ReadOptionalASN1(&parameters, &hasCurve, cbasn1.Tag(0).Constructed().ContextSpecific()) ||
		!seq.ReadOptionalASN1(&public, &hasPoint, cbasn1.Tag(1).Constructed().ContextSpecific()) ||
		!seq.Empty() {
		return ecPrivateKey{}, false
	}
	key.scalar = octets
	if hasCurve {
		key.explicit = parameters.PeekASN1Tag(cbasn1.SEQUENCE)
		ok = key.explicit && parameters.SkipASN1(cbasn1.SEQUENCE) || !key.explicit && readOID(&parameters, &key.curve)
		if !ok || !parameters.Empty() {
			return ecPrivateKey{}, false
		}
	}
	if hasPoint && (!public.ReadASN1BitStringAsBytes(&key.point) || !public.Empty()) {
		return ecPrivateKey{}, false
	}
	return key, true
}

// ecPKCS8 returns the PrivateKeyInfo of a key. It includes the public key.
func ecPKCS8(public publicKeyInfo, scalar []byte) privateKeyInfo {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Uint64(1)
		b.AddASN1OctetString(scalar)
		b.AddASN1(cbasn1.Tag(1).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
			b.AddASN1BitString(public.key)
		})
	})
	return privateKeyInfo{algorithmID: public.algorithmID, key: b.BytesOrPanic()} // no panic: the size is small and fixed
}
