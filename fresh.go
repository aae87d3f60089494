package jwk

// fresh makes a new Go key of a kind for an algorithm; bits are those that were asked
// for or that the algorithm needs, 0 for neither.
//
// This is no function in the row of a kind: what the table of kinds refers to is
// linked into every program, and most of them only read keys.
func fresh(k *kind, alg Algorithm, bits int) (any, error) {
	switch k {
	case &rsaKind:
		return generateRSA(bits)
	case &p256Kind:
		return p256.generate()
	case &p384Kind:
		return p384.generate()
	case &p521Kind:
		return p521.generate()
	case &secp256k1Kind:
		return generateSecp256k1()
	case &ed25519Kind:
		return generateEd25519()
	case &x25519Kind:
		return generateX25519()
	case &ed448Kind:
		return generateEd448()
	case &x448Kind:
		return generateX448()
	case &akpKind:
		return generateAKP(alg)
	case &octKind:
		return generateOct(bits)
	}
	return nil, refuse(ErrUnsupported, "no %s keys are made", k.name())
}
