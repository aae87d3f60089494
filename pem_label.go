package jwk

import (
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The labels of PEM blocks, and the forms of DER that belong to them.

// The first line of a block is pemBegin, the label and pemDashes. The last line is pemEnd, the
// label and pemDashes (RFC 7468, Section 3).
const (
	pemBegin  = "-----BEGIN "
	pemEnd    = "-----END "
	pemDashes = "-----"
)

// The labels of the blocks that are read.
const (
	labelPublic      = "PUBLIC KEY"            // RFC 7468, Section 13
	labelPrivate     = "PRIVATE KEY"           // Section 10
	labelEncrypted   = "ENCRYPTED PRIVATE KEY" // Section 11
	labelCertificate = "CERTIFICATE"           // Section 5
	labelRSAPublic   = "RSA PUBLIC KEY"        // PKCS #1
	labelRSAPrivate  = "RSA PRIVATE KEY"
	labelECPrivate   = "EC PRIVATE KEY" // RFC 5915, Section 4
	labelParameters  = "EC PARAMETERS"  // OpenSSL writes such a block before a key
)

func isPublicLabel(label string) bool { return label == labelPublic || label == labelRSAPublic }

func isPrivateLabel(label string) bool {
	return label == labelPrivate || label == labelRSAPrivate || label == labelECPrivate
}

// labelOf returns the label that belongs to the form of a DER text, or "" for an unknown form.
// It looks only at the beginning of the text.
func labelOf(der []byte) string {
	s := cryptobyte.String(der)
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return ""
	}
	switch {
	case seq.PeekASN1Tag(cbasn1.INTEGER) && seq.SkipASN1(cbasn1.INTEGER):
		switch {
		case seq.PeekASN1Tag(cbasn1.SEQUENCE):
			if seq.SkipASN1(cbasn1.SEQUENCE) && seq.PeekASN1Tag(cbasn1.OCTET_STRING) {
				return labelPrivate
			}
			return ""
		case seq.PeekASN1Tag(cbasn1.OCTET_STRING):
			return labelECPrivate
		case !seq.SkipASN1(cbasn1.INTEGER):
			return ""
		case seq.Empty():
			return labelRSAPublic
		}
		return labelRSAPrivate
	case seq.PeekASN1Tag(cbasn1.SEQUENCE) && seq.SkipASN1(cbasn1.SEQUENCE):
		switch {
		case seq.PeekASN1Tag(cbasn1.BIT_STRING):
			return labelPublic
		case seq.PeekASN1Tag(cbasn1.OCTET_STRING):
			return labelEncrypted
		case seq.PeekASN1Tag(cbasn1.SEQUENCE):
			return labelCertificate
		}
	}
	return ""
}

// formOf names the form of DER that belongs to a label, for errors.
func formOf(label string) string {
	switch label {
	case labelPublic:
		return "a SubjectPublicKeyInfo"
	case labelPrivate:
		return "PKCS #8"
	case labelEncrypted:
		return "encrypted PKCS #8"
	case labelRSAPublic, labelRSAPrivate:
		return "PKCS #1"
	case labelECPrivate:
		return "SEC 1"
	}
	return "a certificate"
}

// blockName names a block by its label, for errors. It does not show a label of an unusual
// form: in a damaged file the text in that place may be a key.
func blockName(label string) string {
	if !isPlainLabel(label) {
		return "a PEM block of an unknown kind"
	}
	return "a PEM block " + quoted(label)
}

// isPlainLabel reports whether a label has the form of the labels in use.
func isPlainLabel(label string) bool {
	return len(label) <= maxLabel && strings.Trim(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 #-.") == ""
}

// maxLabel limits plain labels. The labels in use are shorter.
const maxLabel = 40 // bytes
