package jwk

// writeSPKI writes the kty and the material members of a public key in DER, whose name is
// one of the kind's algorithms, to w. It looks at the form of the key only: the parser of
// the members checks the rest.
//
// Neither this nor writePKCS8 is a function in the row of a kind, because the table of
// kinds is linked into every program, and few programs read DER.
func writeSPKI(k *kind, w *writer, info publicKeyInfo) error {
	switch k.kty {
	case RSA:
		return rsaFromSPKI(w, info)
	case EC:
		return ecFromSPKI(k, w, info)
	case AKP:
		return akpFromSPKI(w, info)
	}
	return okpFromSPKI(k, w, info)
}

// writePKCS8 does for a private key what writeSPKI does for a public one.
func writePKCS8(k *kind, w *writer, info privateKeyInfo) error {
	switch k {
	case &rsaKind.kind:
		return rsaFromPKCS8(w, info)
	case &p256Kind.kind:
		return p256.fromPKCS8(k, w, info)
	case &p384Kind.kind:
		return p384.fromPKCS8(k, w, info)
	case &p521Kind.kind:
		return p521.fromPKCS8(k, w, info)
	case &secp256k1Kind.kind:
		return secp256k1FromPKCS8(k, w, info)
	case &ed25519Kind.kind:
		return ed25519FromPKCS8(k, w, info)
	case &x25519Kind.kind:
		return x25519FromPKCS8(k, w, info)
	case &ed448Kind.kind:
		return ed448FromPKCS8(k, w, info)
	case &x448Kind.kind:
		return x448FromPKCS8(k, w, info)
	case &akpKind.kind:
		return akpFromPKCS8(w, info)
	}
	return errorf(ErrUnsupported, "%s keys have no form in DER", k.name())
}
