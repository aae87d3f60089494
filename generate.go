package jwk

import "crypto/rand"

// GenerateOptions are the options of [Generate]. The zero value and nil are the defaults.
type GenerateOptions struct {
	// Bits is the size of an RSA modulus or of a symmetric key. It must be a multiple of 8.
	//
	//   - For RSA it is from 2048, the default, to 8192.
	//   - For a symmetric key it is from 128 to 8192. The default is the size that the
	//     algorithm needs, and 256 for dir.
	//
	// Other sizes are [ErrPolicy]. A size that the algorithm does not take is [ErrInvalid],
	// and so is any size for an EC, OKP or AKP key.
	Bits int

	// Curve is the curve of a key for an algorithm that has several. For ECDH-ES and its
	// variants with key wrapping it is P-256, the default, P-384, P-521, X25519 or X448. For
	// EdDSA it is Ed25519, the default, or Ed448. It may be empty if the algorithm has only
	// one curve.
	Curve Curve

	// Attributes are the attributes of the key. Its members are in the order that [New] uses.
	// Algorithm and Use follow from the algorithm. An empty KeyID becomes the thumbprint. For
	// a symmetric key it becomes a random value of 128 bits, because the thumbprint would help
	// to guess the key (RFC 7638, Section 7).
	Attributes
}

// Generate makes a new private or symmetric key for an algorithm, with its alg, its use and a kid.
// Publish its [Key.Public], never the key. opts may be nil.
//
// The error is
//
//   - [ErrUnsupported] if alg is not one of the constants of [Algorithm], or if the program cannot
//     make such keys, because of the build tag jwk_core or GODEBUG=fips140=only;
//   - [ErrPolicy] if a size is out of range;
//   - [ErrInvalid] if opts contradict alg.
func Generate(alg Algorithm, opts *GenerateOptions) (*Key, error) {
	var o GenerateOptions
	if opts != nil {
		o = *opts
	}
	spec := specOf(alg)
	if spec == nil || spec.stated {
		return nil, errNotGenerated(alg)
	}
	if o.Algorithm != "" && o.Algorithm != alg {
		return nil, errorf(ErrInvalid, "%s, want %s, or an empty Algorithm", quoted(o.Algorithm), alg).atMember(mAlg.String(), 0)
	}
	o.Algorithm = alg
	if o.Use == "" {
		o.Use = spec.use
	}
	kind, bits, err := o.kindAndBits(spec)
	if err != nil {
		return nil, err
	}
	material, err := newGoKey(kind, bits)
	if err != nil {
		return nil, err
	}
	_, named := o.Extra[mKid.String()]
	named = named || o.KeyID != ""
	if !named && kind.public == 0 {
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

// kindAndBits returns the kind of key to make for an algorithm, and its size: 0 if the kind has
// only one size, or for the default size.
func (o *GenerateOptions) kindAndBits(spec *algSpec) (*kind, int, error) {
	curve := o.Curve
	if spec.curves != nil && curve == "" {
		curve = spec.curves[0]
	}
	if !spec.onCurve(curve) {
		want := "no curve"
		if spec.curves != nil {
			want = oneOf(spec.curves...)
		}
		return nil, 0, errorf(ErrInvalid, "Curve is %s, want %s for %s", quoted(curve), want, spec.alg)
	}
	row := kindFor(spec.kty, curve, spec.alg)
	if row == nil {
		return nil, 0, errNotGenerated(spec.alg)
	}
	k, bits := row.kind, o.Bits
	switch {
	case k.kty == RSA:
	case k.public == 0:
		bits = orDefault(bits, orDefault(8*spec.octets, 256))
	case bits != 0:
		return nil, 0, errorf(ErrInvalid, "Bits is %d, want 0 for %s", bits, spec.alg)
	}
	return k, bits, nil
}

func errNotGenerated(alg Algorithm) *Error {
	return errorf(ErrUnsupported, "nothing is generated for algorithm %s%s", quoted(alg), inCase(alg))
}

// newGoKey makes a new Go key of a kind. bits is its size: 0 if the kind has only one size, or
// for the default size.
//
// The functions that make keys are not in the rows of the table of kinds, because every program
// is linked with the table, and most programs only read keys.
func newGoKey(k *kind, bits int) (any, error) {
	switch k {
	case rsaKind.kind:
		return generateRSA(bits)
	case p256Kind.kind:
		return p256.generate()
	case p384Kind.kind:
		return p384.generate()
	case p521Kind.kind:
		return p521.generate()
	case secp256k1Kind.kind:
		return generateSecp256k1()
	case ed25519Kind.kind:
		return generateEd25519()
	case x25519Kind.kind:
		return generateX25519()
	case ed448Kind.kind:
		return generateEd448()
	case x448Kind.kind:
		return generateX448()
	case mldsa44Kind.kind, mldsa65Kind.kind, mldsa87Kind.kind:
		return generateMLDSA(k)
	case octKind.kind:
		return generateOct(bits)
	}
	return nil, errorf(ErrUnsupported, "no %s keys are made", k.name())
}
