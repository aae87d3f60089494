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

// A deriver is a family of keys whose DER may leave out the public key.
type deriver interface {
	// derive returns the octets of the public key for the octets of a private key, both as DER
	// has them.
	derive(private []byte) (public []byte, err error)
}

// derivation returns the method derive of the family of a kind.
func derivation(k *kindRow) func(private []byte) (public []byte, err error) {
	if d, ok := k.family.(deriver); ok {
		return d.derive
	}
	return func([]byte) ([]byte, error) { return nil, errNoDER(k.kind) }
}
