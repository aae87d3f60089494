package jwk

import (
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// OKP keys in DER, whatever their curve: RFC 8410, Sections 4 and 7. The octets are
// those of the JWK.

func okpFromSPKI(k *kind, w *writer, info publicKeyInfo) error {
	k.writeOctets(w, info.key, nil)
	return nil
}

// okpFromPKCS8 reads a CurvePrivateKey, which must have size octets; derive makes x of them.
func (k *kind) okpFromPKCS8(w *writer, info privateKeyInfo, size int, derive func(d []byte) (x []byte, err error)) error {
	s := cryptobyte.String(info.key)
	var d cryptobyte.String
	if !s.ReadASN1(&d, cbasn1.OCTET_STRING) || !s.Empty() {
		return errDER("CurvePrivateKey (RFC 8410, Section 7)")
	}
	if len(d) != size {
		return errorf(ErrInvalid, "a private key of %s, want %d for %s", counted(len(d), "octet", "octets"), size, k.name())
	}
	x, err := derive(d)
	if err != nil {
		return err
	}
	k.writeOctets(w, x, d)
	return nil
}

// okpPKCS8 returns the PrivateKeyInfo of what okpFromPKCS8 reads.
func okpPKCS8(id algorithmID, d []byte) privateKeyInfo {
	var b cryptobyte.Builder
	b.AddASN1OctetString(d)
	return privateKeyInfo{algorithmID: id, key: b.BytesOrPanic()} // of a fixed small size
}
