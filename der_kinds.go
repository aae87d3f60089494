package jwk

// writeSPKI writes the kty and the material of a public key in DER to w. The
// AlgorithmIdentifier of info is one of the kind's algorithms. writeSPKI checks only the form
// of the key. The rest is checked when the members that it writes are parsed.
//
// The functions of this file are not in the rows of the table of kinds, because every program
// is linked with the table, and few programs read DER.
func writeSPKI(k *kindRow, w *writer, info publicKeyInfo) error {
	switch k.kty {
	case RSA:
		return rsaFromSPKI(w, info)
	case EC:
		return ecFromSPKI(k.kind, w, info)
	case OKP:
		return okpFromSPKI(k.kind, w, info)
	case AKP:
		return akpFromSPKI(k.kind, w, info)
	}
	return errNoDER(k.kind)
}

// writePKCS8 does for a private key what writeSPKI does for a public key.
func writePKCS8(k *kindRow, w *writer, info privateKeyInfo) error {
	switch k.kty {
	case RSA:
		return rsaFromPKCS8(w, info)
	case EC:
		return ecFromPKCS8(k.kind, w, info, derivation(k))
	case OKP:
		return okpFromPKCS8(k.kind, w, info, derivation(k))
	case AKP:
		return mldsaFromPKCS8(k.kind, w, info)
	}
	return errNoDER(k.kind)
}

// derivation returns a function that derives a public key from a private key of a kind, both in
// the octets that DER has. EC and OKP keys need it, because DER may leave out their public keys.
func derivation(k *kindRow) func(private []byte) (public []byte, err error) {
	switch k {
	case p256Kind:
		return p256.derive
	case p384Kind:
		return p384.derive
	case p521Kind:
		return p521.derive
	case secp256k1Kind:
		return deriveSecp256k1
	case ed25519Kind:
		return ed25519Curve.derive
	case x25519Kind:
		return x25519Curve.derive
	case ed448Kind:
		return deriveEd448
	case x448Kind:
		return deriveX448
	}
	return func([]byte) ([]byte, error) { return nil, errNoDER(k.kind) }
}
