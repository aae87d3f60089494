package jwk

import (
	"crypto"
	"encoding/asn1"
	"iter"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Octet key pairs: RFC 8037, and in DER RFC 8410.

// An okpCurve is a curve of OKP keys. Each has a row in the table of kinds.
type okpCurve struct {
	kind *kind
	size int // octets of x
	seed int // octets of d

	// check refuses an x that is not canonical or belongs to a point of small order. It does
	// not change x.
	check func(m *members, x []byte) error

	// private returns the Go private key of d, and its x. It fails only if the FIPS 140-3
	// module does not allow the curve.
	private func(d []byte) (key crypto.PrivateKey, x []byte, err error)

	// public returns the Go public key of x, or nil if the FIPS 140-3 module does not allow
	// the curve.
	public func(x []byte) crypto.PublicKey

	// halves returns x, and for a private key also d, of a Go key on this curve. ok is false
	// for every other Go value.
	halves func(key any) (x, d []byte, ok bool, err error)

	// material returns a zero material for a curve that needs more methods than okpKey has, and
	// the okpKey in it. It may be nil.
	material func(m *members) (*okpKey, material)
}

// okpKind returns the kind of OKP keys on a curve (RFC 8037, Section 2; RFC 8410, Section 3).
func okpKind(crv Curve, oid asn1.ObjectIdentifier, ops Ops) *kind {
	return &kind{
		kty:        OKP,
		crv:        crv,
		public:     1<<mCrv | 1<<mX,
		private:    1 << mD,
		ops:        ops,
		algorithms: []algorithmID{{algorithm: oid}},
	}
}

// read reads a key. It does not check whether x is on the curve: the first use of the key does.
func (c *okpCurve) read(k *kind, m *members, _ limits) (material, error) {
	text, x, err := m.appendSized(m.point[:0], mX, c.size, k)
	if err != nil {
		return nil, err
	}
	m.point = x
	if err := c.check(m, x); err != nil {
		return nil, err
	}
	if !m.has(mD) {
		_, mat := c.newKey(m, text)
		return mat, nil
	}
	_, both, err := m.appendSized(x, mD, c.seed, k)
	if err != nil {
		return nil, err
	}
	m.point = both
	// Signatures with one seed under two public keys reveal the private key. So x must be the
	// x that d has.
	key, derived, err := c.private(both[c.size:])
	if err != nil {
		return nil, m.errorf(mCrv, ErrUnsupported, unavailable, k.name(), textOf(err))
	}
	if string(derived) != string(both[:c.size]) {
		return nil, m.errorf(mD, ErrInvalid, "does not belong to x")
	}
	made, mat := c.newKey(m, text)
	made.priv = key
	return mat, nil
}

// checkCoordinate refuses a coordinate y or u that is not less than the prime of the field, or
// that belongs to a point of small order. Such a point verifies forged signatures, and every
// key agreement with it has the same result. The coordinate and the prime are little-endian.
// formula is the prime in errors.
func checkCoordinate(m *members, coordinate []byte, prime, formula string, smallOrder []string) error {
	if !lessThan(coordinate, prime) {
		return m.errorf(mX, ErrInvalid, "coordinate is not less than %s", formula)
	}
	for _, small := range smallOrder {
		if string(coordinate) == small {
			return m.errorf(mX, ErrInvalid, "point of small order")
		}
	}
	return nil
}

// lessThan compares little-endian integers of the same length.
func lessThan(v []byte, limit string) bool {
	for i := len(limit) - 1; i >= 0; i-- {
		if v[i] != limit[i] {
			return v[i] < limit[i]
		}
	}
	return false
}

func (c *okpCurve) write(k *kind, w *writer, key any) (bool, error) {
	x, d, ok, err := c.halves(key)
	if ok && err == nil {
		writeOKP(k, w, x, d)
	}
	return ok, err
}

// writeOKP writes the members of a key. d is nil for a public key.
func writeOKP(k *kind, w *writer, x, d []byte) {
	w.str("kty", string(k.kty))
	w.str("crv", string(k.crv))
	w.octets("x", x)
	if d != nil {
		w.octets("d", d)
	}
}

// derive returns the x of d.
func (c *okpCurve) derive(d []byte) ([]byte, error) {
	if len(d) != c.seed {
		return nil, errorf(ErrInvalid, "a private key of %s, want %d for %s", counted(len(d), "octet", "octets"), c.seed, c.kind.name())
	}
	_, x, err := c.private(d)
	if err != nil {
		return nil, errorf(ErrUnsupported, unavailable, c.kind.name(), textOf(err))
	}
	return x, nil
}

// An okpKey is a key on any of the curves.
type okpKey struct {
	curve *okpCurve
	x     string            // base64url
	priv  crypto.PrivateKey // nil in a public key
}

// newKey returns the material of a public key, and the okpKey in it.
func (c *okpCurve) newKey(m *members, x string) (k *okpKey, mat material) {
	if c.material != nil {
		k, mat = c.material(m)
	} else {
		k = newMaterial[okpKey](m)
		mat = k
	}
	k.curve, k.x = c, x
	return k, mat
}

// octets returns x, which was checked when it was read.
func (k *okpKey) octets() []byte {
	x, _ := decode64(make([]byte, 0, k.curve.size), []byte(k.x))
	return x
}

// name returns the AlgorithmIdentifier of the curve.
func (k *okpKey) name() algorithmID { return k.curve.kind.algorithms[0] }

func (k *okpKey) bits() int                  { return 8 * k.curve.size }
func (k *okpKey) public() crypto.PublicKey   { return k.curve.public(k.octets()) }
func (k *okpKey) private() crypto.PrivateKey { return k.priv }
func (k *okpKey) forms() iter.Seq[any]       { return noForms }

func (k *okpKey) canonical() (a, b, c, d string) {
	return `{"crv":"`, string(k.curve.kind.crv), `","kty":"OKP","x":"`, k.x
}

func (k *okpKey) boundTo(m *members) material {
	next, mat := k.curve.newKey(m, m.text(mX))
	if m.has(mD) {
		next.priv = k.priv
	}
	return mat
}

func (k *okpKey) certified(spki *publicKeyInfo) bool {
	return spki.algorithm.Equal(k.name().algorithm) && string(k.octets()) == string(spki.key)
}

func (k *okpKey) spki() publicKeyInfo { return publicKeyInfo{k.name(), k.octets()} }

func (k *okpKey) pkcs8() privateKeyInfo {
	_, d, _, _ := k.curve.halves(k.priv) // no error: the curve made k.priv
	var b cryptobyte.Builder
	b.AddASN1OctetString(d)
	return privateKeyInfo{algorithmID: k.name(), key: b.BytesOrPanic()} // no panic: the size is small and fixed
}

// okpFromSPKI reads a public key in DER (RFC 8410, Section 4). Its octets are x.
func okpFromSPKI(k *kind, w *writer, info publicKeyInfo) error {
	writeOKP(k, w, info.key, nil)
	return nil
}

// okpFromPKCS8 reads a CurvePrivateKey (RFC 8410, Section 7). Its octets are d. derive returns x.
func okpFromPKCS8(k *kind, w *writer, info privateKeyInfo, derive func(d []byte) ([]byte, error)) error {
	s := cryptobyte.String(info.key)
	var d cryptobyte.String
	if !s.ReadASN1(&d, cbasn1.OCTET_STRING) || !s.Empty() {
		return errDER("CurvePrivateKey (RFC 8410, Section 7)")
	}
	x, err := derive(d)
	if err != nil {
		return err
	}
	writeOKP(k, w, x, d)
	return nil
}
