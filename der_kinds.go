package jwk

// writeSPKI writes the kty and the material of a public key in DER to w. The name of the key in
// DER is one of the kind's algorithms. writeSPKI checks only the form of the key: the reader of
// the members that it writes checks the rest.
//
// Neither writeSPKI nor writePKCS8 is a function in the rows of the table of kinds, because
// every program is linked with the table, and few programs read DER.
func writeSPKI(k *kindRow, w *writer, info publicKeyInfo) error {
	switch k.kty {
	case RSA:
		return rsaFromSPKI(w, info)
	case EC:
		return ecFromSPKI(&k.kind, w, info)
	case OKP:
		return okpFromSPKI(&k.kind, w, info)
	case AKP:
		return akpFromSPKI(&k.kind, w, info)
	}
	return errNoDER(&k.kind)
}

// writePKCS8 does for a private key what writeSPKI does for a public key.
func writePKCS8(k *kindRow, w *writer, info privateKeyInfo) error {
	switch k.kty {
	case RSA:
		return rsaFromPKCS8(w, info)
	case EC:
		return ecFromPKCS8(k, w, info)
	case OKP:
		return okpFromPKCS8(k, w, info)
	case AKP:
		return mldsaFromPKCS8(&k.kind, w, info)
	}
	return errNoDER(&k.kind)
}
