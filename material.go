package jwk

import (
	"crypto"
	"iter"
)

// material is what makes a key: checked when it is read, and never changed.
// Each kind of key is one implementation, in a file of its own.
type material interface {
	// bits is the size as [Key.Bits] tells it.
	bits() int

	// public returns the Go public key, nil where there is none. It may be
	// costly: the caller keeps the result.
	public() crypto.PublicKey

	// private returns the Go private key, nil of a public key.
	private() crypto.PrivateKey

	// forms yields further Go forms of the key, private ones first.
	forms() iter.Seq[any]

	// canonical returns the text that RFC 7638, Section 3, hashes, in parts that
	// are to be joined, and without its end, which is canonicalEnd.
	canonical() (a, b, c, d string)

	// certified reports whether a SubjectPublicKeyInfo holds this key, in
	// whatever form a certificate may have it.
	certified(spki *publicKeyInfo) bool

	// spki returns the SubjectPublicKeyInfo, the zero value of a symmetric key.
	spki() publicKeyInfo

	// pkcs8 returns the PrivateKeyInfo of a private key.
	pkcs8() privateKeyInfo

	// moved returns the same material for m, another object with the same public
	// members: its texts are parts of that object, so that the old one need not stay in
	// memory. It is private if m has private members, which are the same, too.
	moved(m *members) material
}

const canonicalEnd = `"}`

// A publisher is the material of a public key whose text may not be what is published.
type publisher interface {
	published() string
}

// A verifier is the material of a kind of key whose signatures the standard library does
// not verify, or not in every release.
type verifier interface {
	// verifies reports whether a signature of the form that JWS has is valid for
	// input: a digest, or the message where the algorithm hashes nothing before.
	// key is what public returned before, which may be costly to make.
	verifies(key crypto.PublicKey, input, signature []byte) bool
}

// An agreer is the material of a kind of key for Diffie-Hellman that crypto/ecdh does not
// have.
type agreer interface {
	// agree returns the secret that the private key and a public key of the same kind
	// agree on.
	agree(public material) ([]byte, error)
}

// noForms is for keys that have no further Go form.
func noForms(func(any) bool) {}

// limits are those of a Parser that concern material.
type limits struct {
	minRSABits, maxRSABits int // the latter also of the keys of certificates
}

// The default limits.
const (
	defaultMinRSABits = 2048
	defaultMaxRSABits = 8192
)

// A kind is a type of keys. Keys point to it, and printers follow: it has no functions,
// which go-cmp takes for unequal, and nothing that leads to other packages.
type kind struct {
	kty     KeyType
	crv     Curve     // of EC and OKP
	public  memberSet // the public material, none in a symmetric key
	private memberSet // the private material
	ops     Ops       // what such a key can do at all

	// width is how integers are written: the octets of x, y and d where they
	// are of one length, minimalWidth where they have no leading zeros, and
	// 0 where the members are no integers.
	width int

	// algorithms are the names that such keys have in DER.
	algorithms []algorithmID
}

// A kindRow is a row of the one table of key types: all that the rest of the
// package needs to know of one.
type kindRow struct {
	kind

	// read makes the material of the members of an object whose kty and crv
	// are those of this row.
	read func(k *kind, m *members, lim limits) (material, error)

	// write writes the kty and the material members of a Go key of this kind
	// to w. It reports false for every other Go value.
	write func(k *kind, w *writer, key any) (bool, error)

	// complete yields private members that Lenient adds where they are left
	// out; nil if there are none.
	complete func(m *members, lim limits) iter.Seq2[memberID, []byte]

	// privateForms are zero values of the Go types that only a private key has.
	privateForms []any
}

const minimalWidth = -1

// kinds has a row for every kty and crv.
var kinds = []*kindRow{
	&rsaKind,
	&p256Kind, &p384Kind, &p521Kind,
	&ed25519Kind, &x25519Kind,
	&octKind,
	&secp256k1Kind, &ed448Kind, &x448Kind,
	&akpKind,
}

// row returns the row of a kind.
func (k *kind) row() *kindRow {
	for _, row := range kinds {
		if &row.kind == k {
			return row
		}
	}
	return nil // never: every kind is in a row
}

// kindFor finds the row for a type and curve, nil if there is none. An empty
// type stands for every type that has the curve.
func kindFor(kty KeyType, crv Curve) *kindRow {
	for _, k := range kinds {
		if (k.kty == kty || kty == "") && k.crv == crv {
			return k
		}
	}
	return nil
}

// kindNamed finds the row for a name in DER, nil if there is none.
func kindNamed(id algorithmID) *kindRow {
	for _, k := range kinds {
		for _, own := range k.algorithms {
			if own.equal(id) {
				return k
			}
		}
	}
	return nil
}

// kindOf finds the row for an object.
func kindOf(m *members) (*kindRow, error) {
	if !m.has(mKty) {
		return nil, m.errorf(mKty, ErrInvalid, "missing")
	}
	kty, err := m.str(mKty)
	if err != nil {
		return nil, err
	}
	var crv string
	known := false
	for _, k := range kinds {
		if string(k.kty) != kty {
			continue
		}
		if k.crv == "" {
			return k, nil
		}
		if !known {
			known = true
			if !m.has(mCrv) {
				return nil, m.errorf(mCrv, ErrInvalid, "missing")
			}
			if crv, err = m.str(mCrv); err != nil {
				return nil, err
			}
		}
		if string(k.crv) == crv {
			return k, nil
		}
	}
	if known {
		return nil, m.errorf(mCrv, ErrUnsupported, "curve %s, want %s", word(crv), oneOf(curvesOf(KeyType(kty))...))
	}
	return nil, m.errorf(mKty, ErrUnsupported, "key type %s, want %s", word(kty), oneOf(RSA, EC, OKP, Oct, AKP))
}

// curvesOf returns the curves of a type of keys.
func curvesOf(kty KeyType) []Curve {
	var curves []Curve
	for _, k := range kinds {
		if k.kty == kty {
			curves = append(curves, k.crv)
		}
	}
	return curves
}

// name is the kind of key in words.
func (k *kind) name() string {
	if k.crv != "" {
		return string(k.crv)
	}
	return string(k.kty)
}

// readMaterial reads the readMaterial of an object and makes sure that there is no
// secret in it that a reader of this kind of key would not see.
func (k *kindRow) readMaterial(m *members, lim limits) (material, error) {
	if alien := m.present & k.alienMembers(); alien != 0 {
		return nil, m.errorf(alien.first(), ErrInvalid, "a private member that %s keys do not have", k.name())
	}
	return k.read(&k.kind, m, lim)
}

// alienMembers returns the private members of other kinds that a key of this kind must
// not have. A symmetric key may have all of them: it is secret as a whole.
func (k *kind) alienMembers() memberSet {
	if k.public == 0 {
		return 0
	}
	return privateMembers &^ k.private
}

// appendSized appends the octets of a required member that must have size of
// them for a kind of key, and returns its text too.
func (m *members) appendSized(dst []byte, id memberID, size int, k *kind) (string, []byte, error) {
	text, b, err := m.encoded(id)
	if err != nil {
		return "", nil, err
	}
	if len(b) != size {
		return "", nil, m.errorf(id, ErrInvalid, "%s, want %d for %s", counted(len(b), "octet", "octets"), size, k.name())
	}
	return text, append(dst, b...), nil
}

// writeOctets writes a key whose public and private halves are octets.
func (k *kind) writeOctets(w *writer, x, d []byte) {
	w.str("kty", string(k.kty))
	w.str("crv", string(k.crv))
	w.octets("x", x)
	if d != nil {
		w.octets("d", d)
	}
}

// text returns a string member. The member has been checked before.
func (m *members) text(id memberID) string {
	s, _ := m.str(id)
	return s
}

// generated returns a new Go key. What fails is GODEBUG=fips140=only.
func generated[K any](key K, err error) (any, error) {
	if err != nil {
		return nil, errorf(ErrUnsupported, "%s", textOf(err))
	}
	return key, nil
}
