package jwk

import (
	"fmt"
	"sync/atomic"
)

// The properties of a key that decide which queries it answers, and the rules for them.

// ops returns the operations that a use allows (RFC 7517, Section 4.3).
func (u Use) ops() Ops {
	switch u {
	case UseSig:
		return OpSign | OpVerify
	case UseEnc:
		return allOps &^ (OpSign | OpVerify)
	}
	return 0
}

// privateOps are the operations that need the private half of an asymmetric key. Key agreement
// is not among them, because a sender derives from the public key of the recipient.
const privateOps = OpSign | OpDecrypt | OpUnwrapKey

// traits are the properties of a key that decide which queries it answers, except its kid.
// Keys with equal traits answer the same queries.
type traits struct {
	kind *kind
	bits int

	use       Use
	alg       Algorithm
	spec      *algSpec // the row of alg, nil if alg is absent or unknown
	ops       Ops
	statesOps bool // key_ops has an element, which may be an unknown operation
	private   bool
	held      Ops // private operations that the holder of the private half does, see heldKey
}

// commonTraits has traits of keys that were read before. They have only names of this package
// in them, and no text of a document.
var commonTraits [128]atomic.Pointer[traits]

// shared returns traits that equal t. Other keys may point to the result. Sharing saves memory for
// nearly every key, because most keys of a set have the same traits.
func (t *traits) shared() *traits {
	place := &commonTraits[t.hash()%uint(len(commonTraits))]
	if known := place.Load(); known != nil && *known == *t {
		return known
	}
	made := *t
	if (t.alg == "" || t.spec != nil) && (t.use == "" || t.use.ops() != 0) {
		place.Store(&made)
	}
	return &made
}

// hash returns a number that usually differs between common traits. Traits with the same number are
// not shared while they take turns. The number may overflow, so it has no sign.
func (t *traits) hash() uint {
	h := uint(t.bits/8) + uint(len(t.kind.crv)) + uint(t.ops)
	if t.alg != "" {
		h = h*31 + uint(len(t.alg)) + uint(t.alg[0]) + uint(t.alg[len(t.alg)-1])
	}
	if t.private {
		h++
	}
	return h*31 + uint(len(t.use))
}

// useAtOdds reports whether use and alg are known and contradict each other. Providers publish
// such keys, and RFC 7517, Section 4.3, demands only that use and key_ops agree. Lenient
// accepts them, and they answer the queries that both members allow.
func (t *traits) useAtOdds() bool {
	return t.spec != nil && t.use.ops() != 0 && t.use != t.spec.use
}

// A verdict says whether a key answers a query, and if not, why.
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

// meets returns fits if the key has the kind and size that an algorithm needs, and otherwise
// the reason why not.
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

// sizeNeeded returns the text that explains sizeDiffers.
func (t *traits) sizeNeeded(spec *algSpec) string {
	least := ""
	if spec.atLeast {
		least = "at least "
	}
	return fmt.Sprintf("%s needs %s%d octets, the key has %d", spec.alg, least, spec.octets, t.bits/8)
}

// supports returns fits if the key can be used with an algorithm, and otherwise the reason why
// not. spec is the row of the algorithm, or nil.
func (t *traits) supports(alg Algorithm, spec *algSpec) verdict {
	if spec == nil {
		// An algorithm that is not in the table is known only by its name.
		if alg != t.alg || alg == "" {
			return algDiffers
		}
		return fits
	}
	if spec != t.spec { // a key is checked against its own alg when it is read
		if t.alg != "" && !sameOnCurve(t.alg, alg, t.kind.crv) {
			return algDiffers
		}
		if v := t.meets(spec); v != fits {
			return v
		}
	}
	if t.use != "" && t.use != spec.use {
		return useDiffers
	}
	if t.statesOps && t.ops&spec.use.ops() == 0 {
		return opsDiffer
	}
	return fits
}

// algorithms yields the algorithms that the key supports: its own first, then others in the
// order of the table. If algSpec.stated is set for an algorithm, it must be the key's own.
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

// sameOnCurve reports whether one of a and b is EdDSA, and the other is the name that RFC 9864,
// Section 2.2, gives to EdDSA on that curve.
func sameOnCurve(a, b Algorithm, crv Curve) bool {
	if b == EdDSA {
		a, b = b, a
	}
	return a == EdDSA && (b == Ed25519 && crv == CurveEd25519 || b == Ed448 && crv == CurveEd448)
}

// serves returns fits if the kind, use, key_ops and alg of the key allow use, and otherwise the
// reason why not.
func (t *traits) serves(use Use) verdict {
	ops := use.ops()
	switch {
	case t.use != "" && t.use != use:
		return useDiffers
	case ops == 0: // an unregistered use says nothing about key_ops and alg
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

// permits returns fits if the key may be used for every operation in op, and otherwise the
// reason why not.
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
