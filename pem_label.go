package jwk

import "strings"

// What the first and the last line of a block of PEM begin with, before the label, and what
// is after it (RFC 7468, Section 3).
const (
	pemBegin  = "-----BEGIN "
	pemEnd    = "-----END "
	pemDashes = "-----"
)

// The labels of PEM, which say what is in a block.
const (
	labelPublic      = "PUBLIC KEY"            // RFC 7468, Section 13
	labelPrivate     = "PRIVATE KEY"           // Section 10
	labelEncrypted   = "ENCRYPTED PRIVATE KEY" // Section 11
	labelCertificate = "CERTIFICATE"           // Section 5
	labelRSAPublic   = "RSA PUBLIC KEY"        // PKCS #1
	labelRSAPrivate  = "RSA PRIVATE KEY"
	labelECPrivate   = "EC PRIVATE KEY" // RFC 5915, Section 4
	labelParameters  = "EC PARAMETERS"  // as OpenSSL writes them before a key
)

func isPublicLabel(label string) bool { return label == labelPublic || label == labelRSAPublic }

func isPrivateLabel(label string) bool {
	return label == labelPrivate || label == labelRSAPrivate || label == labelECPrivate
}

// contentOf names the form of key that a label stands for.
func contentOf(label string) string {
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

// pemKind describes a block by its label, if that is a plain one: what stands there in
// a damaged file may be a key.
func pemKind(label string) string {
	if !isPlainLabel(label) {
		return "a PEM block of an unknown kind"
	}
	return "a PEM block " + quoted(label)
}

// isPlainLabel reports whether a label has the form of labels in use.
func isPlainLabel(label string) bool {
	return len(label) <= maxLabel && strings.Trim(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 #-.") == ""
}

// Labels that are in use are shorter than this.
const maxLabel = 40 // bytes
