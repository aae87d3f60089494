package jwk

import "crypto/rand"

// GenerateOptions say more about the key that [Generate] makes. The zero value,
// and nil, is the default.
type GenerateOptions struct {
	// Bits is the size of an RSA modulus: a multiple of 8 from 2048, the
	// default, to 8192. Or it is the size of a symmetric key: a multiple of 8
	// from 128 to 8192, by default what the algorithm needs, and 256 for dir.
	// Other sizes are [ErrPolicy]. A size that the algorithm does not take, and
	// any for an EC, OKP or AKP key, is [ErrInvalid].
	Bits int

	// Curve is that of a key for ECDH-ES and its kin: P-256, the default,
	// P-384, P-521, X25519 or X448; or for EdDSA: Ed25519, the default, or
	// Ed448. Where the algorithm says the curve it may be left out.
	Curve Curve

	// Attributes are the attributes of the key. Its members are in the order of [New].
	// Algorithm and Use follow from the algorithm. A KeyID left empty becomes the
	// thumbprint, or, for a symmetric key, whose thumbprint would help to guess it
	// (RFC 7638, Section 7), a random one of 128 bits.
	Attributes
}

// Generate makes a new private or symmetric key for an algorithm, with its alg,
// its use and a kid. [Key.Public] of it is what to publish. opts may be nil.
//
// The error is [ErrUnsupported] if alg is none of the constants of
// [Algorithm], [ErrPolicy] for a size out of range, and [ErrInvalid] if opts
// contradict alg.
func Generate(alg Algorithm, opts *GenerateOptions) (*Key, error) {
	var o GenerateOptions
	if opts != nil {
		o = *opts
	}
	spec := specOf(alg)
	if spec == nil || spec.stated {
		return nil, errorf(ErrUnsupported, "nothing is generated for algorithm %s%s", quoted(alg), inCase(alg))
	}
	if o.Algorithm != "" && o.Algorithm != alg {
		return nil, errorf(ErrInvalid, "%s, want %s or none", quoted(o.Algorithm), alg).atMember(mAlg.String(), 0)
	}
	o.Algorithm = alg
	if o.Use == "" {
		o.Use = spec.use
	}
	material, err := o.goKey(spec)
	if err != nil {
		return nil, err
	}
	_, named := o.Extra[mKid.String()]
	named = named || o.KeyID != ""
	if !named && spec.kty == Oct {
		id := make([]byte, 16)
		rand.Read(id) // never fails
		o.KeyID, named = encode64(id), true
	}
	k, err := New(material, &o.Attributes)
	if err != nil || named {
		return k, err
	}
	o.KeyID = k.Thumbprint().String()
	return madeOf(k.key, &o.Attributes)
}

// goKey makes the Go key for an algorithm.
func (o *GenerateOptions) goKey(spec *algSpec) (any, error) {
	curve := o.Curve
	if spec.curves != nil && curve == "" {
		curve = spec.curves[0]
	}
	if !spec.onCurve(curve) {
		want := "none"
		if spec.curves != nil {
			want = oneOf(spec.curves...)
		}
		return nil, errorf(ErrInvalid, "Curve is %s, want %s for %s", quoted(curve), want, spec.alg)
	}
	bits := o.Bits
	switch spec.kty {
	case RSA:
	case Oct:
		bits = orDefault(bits, orDefault(8*spec.octets, 256))
	default:
		if bits != 0 {
			return nil, errorf(ErrInvalid, "Bits is %d, want 0 for %s", bits, spec.alg)
		}
	}
	k := kindFor(spec.kty, curve) // there is one for each that is not only stated
	return newGoKey(&k.kind, spec.alg, bits)
}

// newGoKey makes a new Go key of a kind for an algorithm; bits are those that were asked
// for or that the algorithm needs, 0 for neither.
//
// This is no function in the row of a kind: what the table of kinds refers to is
// linked into every program, and most of them only read keys.
func newGoKey(k *kind, alg Algorithm, bits int) (any, error) {
	switch k {
	case &rsaKind.kind:
		return generateRSA(bits)
	case &p256Kind.kind:
		return p256.generate()
	case &p384Kind.kind:
		return p384.generate()
	case &p521Kind.kind:
		return p521.generate()
	case &secp256k1Kind.kind:
		return generateSecp256k1()
	case &ed25519Kind.kind:
		return generateEd25519()
	case &x25519Kind.kind:
		return generateX25519()
	case &ed448Kind.kind:
		return generateEd448()
	case &x448Kind.kind:
		return generateX448()
	case &akpKind.kind:
		return generateAKP(alg)
	case &octKind.kind:
		return generateOct(bits)
	}
	return nil, errorf(ErrUnsupported, "no %s keys are made", k.name())
}
