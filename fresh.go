package jwk

// fresh makes a new Go key of a kind for an algorithm; bits are those that were asked
// for or that the algorithm needs, 0 for neither.
//
// This is no function in the row of a kind: what the table of kinds refers to is
// linked into every program, and most of them only read keys.
func fresh(k *kind, alg Algorithm, bits int) (any, error) {
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
	return nil, refuse(ErrUnsupported, "no %s keys are made", k.name())
}
