package jwk

import "strings"

// The forms of PEM and DER that this package does not read. The errors name the form and the
// function or command that reads or converts it.

// convertPKCS8 names the command that encrypts a private key in a form that DecryptPEM reads.
const convertPKCS8 = "convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW"

// foreignBlock describes a block with a known label of a foreign form, and says how to convert
// it. It returns "" for other labels.
func foreignBlock(label string) string {
	switch label {
	case "OPENSSH PRIVATE KEY":
		return "a private key of OpenSSH, which sshkey.ParsePrivateKey reads"
	case "TRUSTED CERTIFICATE", "X509 CERTIFICATE":
		return "a block " + label + ", want CERTIFICATE: convert it with openssl x509 -in FILE -out NEW"
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return "a request for a certificate: openssl req -noout -pubkey -in FILE prints its public key"
	case "PKCS7", "PKCS #7 SIGNED DATA":
		return "certificates in PKCS #7: convert them with openssl pkcs7 -print_certs -in FILE -out NEW"
	case "X509 CRL":
		return "a list of revoked certificates, which has no key"
	case "DSA PRIVATE KEY", "DSA PUBLIC KEY":
		return foreignDSA
	case "DH PARAMETERS", "X9.42 DH PARAMETERS", "DSA PARAMETERS":
		return "parameters without a key"
	case "RSA-PSS PRIVATE KEY":
		return foreignPSS
	}
	if strings.HasPrefix(label, "PGP ") {
		return "a text of OpenPGP, whose keys have no form as a JWK"
	}
	return ""
}

const (
	foreignDSA = "a DSA key, which has no form as a JWK: make another key"
	foreignDH  = "a finite-field Diffie-Hellman key, which has no form as a JWK: make another key"
	foreignPSS = "an RSASSA-PSS key: a JWK cannot restrict a key to RSASSA-PSS; generate an RSA key (rsaEncryption), which also signs PS256"
)

// errAlgorithm returns the error for an AlgorithmIdentifier that no kind of key has.
func errAlgorithm(id algorithmID) error {
	switch {
	case id.hasExplicitCurve():
		return errExplicitCurve()
	case id.algorithm.Equal(oidRSAPSS):
		return errorf(ErrUnsupported, foreignPSS)
	case id.algorithm.Equal(oidDSA):
		return errorf(ErrUnsupported, foreignDSA)
	case id.algorithm.Equal(oidDH), id.algorithm.Equal(oidX9_42):
		return errorf(ErrUnsupported, foreignDH)
	case id.curve != nil:
		return errorf(ErrUnsupported, "algorithm %v with curve %v is not supported", id.algorithm, id.curve)
	case id.algorithm.Equal(oidEC):
		return errorf(ErrUnsupported, "an elliptic curve without a name")
	default:
		return errorf(ErrUnsupported, "algorithm %v or its parameters are not supported", id.algorithm)
	}
}

// errLabel returns the error for a block whose label is not the label of a key. contentLabel is
// the label that belongs to its content, or "".
func errLabel(label, contentLabel string) *Error {
	if foreign := foreignBlock(label); foreign != "" {
		return errorf(ErrUnsupported, "%s", foreign)
	}
	if contentLabel != "" {
		return errorf(ErrUnsupported, "%s, which holds %s, want %s", blockName(label), formOf(contentLabel), contentLabel)
	}
	return errorf(ErrUnsupported, "%s, want a key or certificate", blockName(label))
}

// foreignPBE names a scheme, function or cipher of encrypted private keys (RFC 8018 and RFC
// 7292) that this package does not read. It returns the object identifier if it knows no name.
func foreignPBE(oid string) string {
	switch {
	case strings.HasPrefix(oid, "1.2.840.113549.1.5."):
		return "PBES1"
	case strings.HasPrefix(oid, "1.2.840.113549.1.12.1."):
		return "PBES1 of PKCS #12"
	}
	switch oid {
	case "1.3.6.1.4.1.11591.4.11":
		return "scrypt"
	case "1.2.840.113549.3.7":
		return "des-ede3-cbc (3DES)"
	case "1.3.14.3.2.7":
		return "des-cbc"
	case "1.2.840.113549.3.2":
		return "rc2-cbc"
	case "1.2.840.113549.2.8":
		return "HMAC with SHA-224"
	case "1.2.840.113549.2.13":
		return "HMAC with SHA-512/256"
	}
	return oid
}
