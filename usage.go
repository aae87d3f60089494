package jwk

import (
	"fmt"
	"slices"
	"strings"
)

// How use, key_ops and alg agree with each other and with the key: RFC 7517,
// Sections 4.2 to 4.4; RFC 7518, Sections 3.1, 4.1 and 5.1; RFC 8725, Section 3.1.

// An algSpec is what an algorithm needs of a key.
type algSpec struct {
	alg     Algorithm
	use     Use
	kty     KeyType
	curves  []Curve // one of these, if any
	octets  int     // of an oct key, 0 for any number
	atLeast bool    // octets is a minimum
	stated  bool    // a key may state it, but nothing is generated for it
}

var (
	ecdhCurves = []Curve{CurveP256, CurveP384, CurveP521, CurveX25519, CurveX448}
	edCurves   = []Curve{CurveEd25519, CurveEd448}
)

// algSpecs is the one table of algorithms, common ones first: it is searched in this
// order, and [Key.Algorithms] yields in it. Encryption is in the order in which
// [Key.Encrypt] chooses.
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
	{alg: Dir, use: UseEnc, kty: Oct}, // the size is that of the content encryption, which a key does not state
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

// specOf finds the row of an algorithm, nil if there is none.
func specOf(alg Algorithm) *algSpec {
	for i := range algSpecs {
		if algSpecs[i].alg == alg {
			return &algSpecs[i]
		}
	}
	return nil
}

// inCase returns what an error adds about an algorithm that is not known: the name that
// differs from it only in case, if there is one.
func inCase(alg Algorithm) string {
	for i := range algSpecs {
		if known := algSpecs[i].alg; known != alg && strings.EqualFold(string(known), string(alg)) {
			return ", want " + string(known) + ": case matters"
		}
	}
	return ""
}

// onCurve reports whether the algorithm can be used with keys on a curve, "" for none.
func (s *algSpec) onCurve(crv Curve) bool {
	return s.curves == nil && crv == "" || slices.Contains(s.curves, crv)
}

// The operations that go with a use (RFC 7517, Section 4.3).
func (u Use) ops() Ops {
	switch u {
	case UseSig:
		return OpSign | OpVerify
	case UseEnc:
		return allOps &^ (OpSign | OpVerify)
	}
	return 0
}

// Operations that need the private half of an asymmetric key. Agreement is
// not among them: a sender derives from the recipient's public key.
const privateOps = OpSign | OpDecrypt | OpUnwrapKey

// traits is all of a key, besides its kid, that decides which queries it
// answers. Keys with equal traits answer the same ones.
type traits struct {
	kind *kind
	bits int

	use       Use
	alg       Algorithm
	spec      *algSpec // of alg, nil if it is absent or unknown
	ops       Ops
	statesOps bool // key_ops is there and not empty, perhaps with no operation that we know
	private   bool
	held      Ops // private operations that are done elsewhere, by the holder of the private half
}

// More operations than this in key_ops are ErrPolicy. Eight are registered.
const maxOps = 32

// readUsage reads use, key_ops and alg into t, whose other fields are set, and
// checks that all of them agree. If tolerant is set, use may be at odds with alg.
func (m *members) readUsage(t *traits, tolerant bool) error {
	use, err := m.str(mUse)
	if err != nil {
		return err
	}
	alg, err := m.str(mAlg)
	if err != nil {
		return err
	}
	t.use, t.alg = internUse(use), Algorithm(alg)
	if t.spec = specOf(t.alg); t.spec != nil {
		t.alg = t.spec.alg // the constant: the text need not stay for it
	}
	if m.has(mKeyOps) {
		if t.ops, t.statesOps, err = m.keyOps(); err != nil {
			return err
		}
	}
	return m.checkUsage(t, tolerant)
}

func internUse(use string) Use {
	switch use {
	case "sig":
		return UseSig
	case "enc":
		return UseEnc
	}
	return Use(use)
}

// keyOps reads key_ops. It skips unknown operations, and refuses any that is repeated.
// An empty array states nothing: .NET and the Web Cryptography API write it for keys
// that may be used.
func (m *members) keyOps() (ops Ops, states bool, err error) {
	list, err := m.strs(mKeyOps, maxOps)
	if err != nil {
		return 0, false, err
	}
	var unknown []string
	for _, v := range list {
		name := unquote(m.doc.text[v.start:v.end])
		op := opOf(name)
		repeated := ops&op != 0
		if op == 0 {
			repeated = slices.Contains(unknown, name)
			unknown = append(unknown, name)
		}
		if repeated {
			return 0, false, m.errorf(mKeyOps, ErrInvalid, "repeated operation %s", word(name))
		}
		ops |= op
	}
	return ops, len(list) > 0, nil
}

func (m *members) checkUsage(t *traits, tolerant bool) error {
	able, spec := t.kind.ops, t.spec
	if uses := t.use.ops(); uses != 0 {
		if uses&able == 0 && !(tolerant && t.useAtOdds()) {
			return m.errorf(mUse, ErrInvalid, "%s is not a use of %s keys", t.use, t.kind.name())
		}
		if other := t.ops &^ uses; other != 0 {
			return m.errorf(mKeyOps, ErrInvalid, "%s is at odds with use %s", other, t.use)
		}
	}
	if other := t.ops &^ able; other != 0 {
		return m.errorf(mKeyOps, ErrInvalid, "%s is not an operation of %s keys", other, t.kind.name())
	}
	if t.alg == "none" {
		return m.errorf(mAlg, ErrInvalid, "none is not an algorithm of any key")
	}
	if spec == nil {
		return nil
	}
	switch v := t.meets(spec); {
	case v == sizeDiffers:
		return m.errorf(mAlg, ErrInvalid, "%s", t.sizeNeeded(spec))
	case v != fits:
		return m.errorf(mAlg, ErrInvalid, "%s is not an algorithm of %s keys", spec.alg, t.kind.name())
	case t.useAtOdds() && !tolerant:
		return m.errorf(mAlg, ErrInvalid, "%s is at odds with use %s", spec.alg, t.use)
	}
	if other := t.ops &^ spec.use.ops(); other != 0 {
		return m.errorf(mAlg, ErrInvalid, "%s is at odds with operation %s", spec.alg, other)
	}
	return nil
}

// useAtOdds reports whether use and alg are known and contradict each other. RFC 7517,
// Section 4.3, demands agreement of use and key_ops only, and providers publish such
// keys. They answer the queries that both members allow.
func (t *traits) useAtOdds() bool {
	return t.spec != nil && t.use.ops() != 0 && t.use != t.spec.use
}

// A verdict tells whether a key answers a query, and if not, why.
type verdict uint8

const (
	fits verdict = iota
	typeDiffers
	curveDiffers
	notPrivate
	useDiffers
	opsDiffer
	algDiffers
	kindDiffers
	sizeDiffers
	contradictory
)

// meets tells whether the key is of the type, curve and size that an algorithm needs.
func (t *traits) meets(spec *algSpec) verdict {
	k := t.kind
	if spec.kty != "" && spec.kty != k.kty || !spec.onCurve(k.crv) || k.alg != "" && k.alg != spec.alg {
		return kindDiffers
	}
	size := spec.octets * 8
	if size != 0 && t.bits != size && (t.bits < size || !spec.atLeast) {
		return sizeDiffers
	}
	return fits
}

// sizeNeeded explains sizeDiffers.
func (t *traits) sizeNeeded(spec *algSpec) string {
	least := ""
	if spec.atLeast {
		least = "at least "
	}
	return fmt.Sprintf("%s needs %s%d octets, the key has %d", spec.alg, least, spec.octets, t.bits/8)
}

// supports tells whether the key can be used with an algorithm, whose row is spec.
func (t *traits) supports(alg Algorithm, spec *algSpec) verdict {
	if spec == nil {
		// Of an algorithm that is not in the table nothing is known but its name.
		if alg != t.alg || alg == "" {
			return algDiffers
		}
		return fits
	}
	if t.alg != "" && t.alg != alg && !sameOnCurve(t.alg, alg, t.kind.crv) {
		return algDiffers
	}
	if v := t.meets(spec); v != fits {
		return v
	}
	if t.use != "" && t.use != spec.use {
		return useDiffers
	}
	if t.statesOps && t.ops&spec.use.ops() == 0 {
		return opsDiffer
	}
	return fits
}

// algorithms yields those that the key supports: its own first, others in the order of
// the table. What only a key that states it may be used with is left out of the others.
func (t *traits) algorithms(yield func(Algorithm) bool) {
	if t.supports(t.alg, t.spec) == fits && !yield(t.alg) {
		return
	}
	for i := range algSpecs {
		spec := &algSpecs[i]
		if spec.alg != t.alg && !spec.stated && t.supports(spec.alg, spec) == fits && !yield(spec.alg) {
			return
		}
	}
}

// sameOnCurve reports whether a and b are EdDSA and the name that RFC 9864,
// Section 2.2, gives it on that curve.
func sameOnCurve(a, b Algorithm, crv Curve) bool {
	if b == EdDSA {
		a, b = b, a
	}
	return a == EdDSA && (b == Ed25519 && crv == CurveEd25519 || b == Ed448 && crv == CurveEd448)
}

// serves tells whether the key is one for a use, which key_ops and alg may
// say as well.
func (t *traits) serves(use Use) verdict {
	ops := use.ops()
	switch {
	case t.use != "" && t.use != use:
		return useDiffers
	case ops == 0: // an unregistered use, of which nothing follows
		return fits
	case ops&t.kind.ops == 0:
		return kindDiffers
	case t.statesOps && ops&t.ops == 0:
		return opsDiffer
	case t.spec != nil && t.spec.use != use:
		return algDiffers
	}
	return fits
}

// permits tells whether the key may be used for every operation in op.
func (t *traits) permits(op Ops) verdict {
	switch {
	case op&^t.kind.ops != 0:
		return kindDiffers
	case op&privateOps&^t.held != 0 && !t.private:
		return notPrivate
	case t.use != "" && op&^t.use.ops() != 0:
		return useDiffers
	case t.statesOps && op&^t.ops != 0:
		return opsDiffer
	case t.spec != nil && op&^t.spec.use.ops() != 0:
		return algDiffers
	}
	return fits
}

// public maps operations of a private key to those of its public half.
// Derivation has none.
func (o Ops) public() Ops {
	return o&(OpVerify|OpEncrypt|OpWrapKey) |
		o&OpSign<<1 | o&OpDecrypt>>1 | o&OpUnwrapKey>>1
}
