package jwk

import (
	"slices"
	"strings"
)

// An algSpec says which keys can be used with an algorithm.
type algSpec struct {
	alg     Algorithm
	use     Use
	kty     KeyType
	curves  []Curve // the key must be on one of these, or on no curve if this is empty
	octets  int     // the size of an oct key, 0 for any size
	atLeast bool    // octets is a minimum
	stated  bool    // a key may have this alg, but no key is generated or chosen for it
}

var (
	ecdhCurves = []Curve{CurveP256, CurveP384, CurveP521, CurveX25519, CurveX448}
	edCurves   = []Curve{CurveEd25519, CurveEd448}
)

// algSpecs is the one table of algorithms. Common ones come first, because it is searched in
// this order. [Key.Algorithms] yields them in this order.
var algSpecs = [...]algSpec{
	{alg: RS256, use: UseSig, kty: RSA},
	{alg: ES256, use: UseSig, kty: EC, curves: []Curve{CurveP256}},
	{alg: EdDSA, use: UseSig, kty: OKP, curves: edCurves},
	{alg: PS256, use: UseSig, kty: RSA},
	{alg: HS256, use: UseSig, kty: Oct, octets: 32, atLeast: true}, // RFC 7518, Section 3.2
	{alg: HS384, use: UseSig, kty: Oct, octets: 48, atLeast: true},
	{alg: HS512, use: UseSig, kty: Oct, octets: 64, atLeast: true},
	{alg: RS384, use: UseSig, kty: RSA},
	{alg: RS512, use: UseSig, kty: RSA},
	{alg: PS384, use: UseSig, kty: RSA},
	{alg: PS512, use: UseSig, kty: RSA},
	{alg: ES384, use: UseSig, kty: EC, curves: []Curve{CurveP384}},
	{alg: ES512, use: UseSig, kty: EC, curves: []Curve{CurveP521}},
	{alg: ES256K, use: UseSig, kty: EC, curves: []Curve{CurveSecp256k1}},
	{alg: Ed25519, use: UseSig, kty: OKP, curves: []Curve{CurveEd25519}},
	{alg: Ed448, use: UseSig, kty: OKP, curves: []Curve{CurveEd448}},
	{alg: MLDSA44, use: UseSig, kty: AKP},
	{alg: MLDSA65, use: UseSig, kty: AKP},
	{alg: MLDSA87, use: UseSig, kty: AKP},

	{alg: "RSA1_5", use: UseEnc, kty: RSA, stated: true},
	{alg: RSAOAEP256, use: UseEnc, kty: RSA},
	{alg: RSAOAEP, use: UseEnc, kty: RSA},
	{alg: RSAOAEP384, use: UseEnc, kty: RSA},
	{alg: RSAOAEP512, use: UseEnc, kty: RSA},
	{alg: ECDHESA256KW, use: UseEnc, curves: ecdhCurves},
	{alg: ECDHESA192KW, use: UseEnc, curves: ecdhCurves},
	{alg: ECDHESA128KW, use: UseEnc, curves: ecdhCurves},
	{alg: ECDHES, use: UseEnc, curves: ecdhCurves},
	{alg: A128KW, use: UseEnc, kty: Oct, octets: 16},
	{alg: A192KW, use: UseEnc, kty: Oct, octets: 24},
	{alg: A256KW, use: UseEnc, kty: Oct, octets: 32},
	{alg: A128GCMKW, use: UseEnc, kty: Oct, octets: 16},
	{alg: A192GCMKW, use: UseEnc, kty: Oct, octets: 24},
	{alg: A256GCMKW, use: UseEnc, kty: Oct, octets: 32},
	{alg: Dir, use: UseEnc, kty: Oct}, // the content encryption decides the size, and a key does not state it
	{alg: "PBES2-HS256+A128KW", use: UseEnc, kty: Oct, stated: true},
	{alg: "PBES2-HS384+A192KW", use: UseEnc, kty: Oct, stated: true},
	{alg: "PBES2-HS512+A256KW", use: UseEnc, kty: Oct, stated: true},
	{alg: A128GCM, use: UseEnc, kty: Oct, octets: 16},
	{alg: A192GCM, use: UseEnc, kty: Oct, octets: 24},
	{alg: A256GCM, use: UseEnc, kty: Oct, octets: 32},
	{alg: A128CBCHS256, use: UseEnc, kty: Oct, octets: 32},
	{alg: A192CBCHS384, use: UseEnc, kty: Oct, octets: 48},
	{alg: A256CBCHS512, use: UseEnc, kty: Oct, octets: 64},
}

// specOf returns the row of an algorithm, or nil if the table does not have it.
func specOf(alg Algorithm) *algSpec {
	if alg == "" {
		return nil
	}
	for i := range algSpecs {
		if algSpecs[i].alg == alg {
			return &algSpecs[i]
		}
	}
	return nil
}

// inCase returns the end of an error text about an unknown algorithm: the known name that
// differs from it only in case, or "" if there is no such name.
func inCase(alg Algorithm) string {
	for i := range algSpecs {
		if known := algSpecs[i].alg; known != alg && strings.EqualFold(string(known), string(alg)) {
			return ", want " + string(known) + ": case matters"
		}
	}
	return ""
}

// onCurve reports whether the algorithm can be used with keys on a curve. crv is "" for keys
// that have no curve.
func (s *algSpec) onCurve(crv Curve) bool {
	return s.curves == nil && crv == "" || slices.Contains(s.curves, crv)
}
