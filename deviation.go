package jwk

import "github.com/go-json-experiment/json/jsontext"

// A Deviation is one thing in a key's text that the standards do not allow
// and that [Parser].Lenient tolerated. The key itself is canonical.
type Deviation struct {
	// Path is the JSON Pointer of the value within the key, such as "/n".
	// It is empty for what concerns the whole document.
	Path jsontext.Pointer
	Code DeviationCode
}

// A DeviationCode names a kind of deviation.
type DeviationCode string

// What [Parser].Lenient tolerates, and what it makes of it.
const (
	// DeviationPadding: base64url with "=" at its end: removed; x5c without it: added
	DeviationPadding DeviationCode = "padding"
	// DeviationAlphabet: the standard alphabet, "+" and "/", in base64url, or "-" and "_"
	// in x5c: converted
	DeviationAlphabet DeviationCode = "alphabet"
	// DeviationStrayBits: bits set in the last character that encode nothing: cleared
	DeviationStrayBits DeviationCode = "stray-bits"
	// DeviationLeadingZeros: an RSA integer with leading zero octets: removed
	DeviationLeadingZeros DeviationCode = "leading-zeros"
	// DeviationWidth: an EC coordinate or scalar of another width than its curve's: zeros
	// added or removed
	DeviationWidth DeviationCode = "width"
	// DeviationMissingCRT: an RSA private key with p and q, and without dp, dq and qi, or in
	// DER with 0 for these: computed. In DER also with 0 for p and q: all five are left out,
	// because d is enough.
	DeviationMissingCRT DeviationCode = "missing-crt"
	// DeviationNull: a null member that is not key material, or a null private member of a
	// public key: removed
	DeviationNull DeviationCode = "null"
	// DeviationEmpty: an empty use, key_ops, alg, x5u, x5c, x5t or x5t#S256, or an empty
	// private member of a public key: removed
	DeviationEmpty DeviationCode = "empty"
	// DeviationBareOps: key_ops given as one string: made an array
	DeviationBareOps DeviationCode = "bare-key-ops"
	// DeviationBareX5C: x5c given as one string: made an array
	DeviationBareX5C DeviationCode = "bare-x5c"
	// DeviationWhiteSpace: white space in the base64 of x5c: removed
	DeviationWhiteSpace DeviationCode = "white-space"
	// DeviationPEM: certificates in PEM in x5c, or in base64 twice: made DER in base64
	DeviationPEM DeviationCode = "pem"
	// DeviationHexX5T: x5t or x5t#S256 in hexadecimal digits, plain or in base64url:
	// converted
	DeviationHexX5T DeviationCode = "hex-x5t"
	// DeviationDigest: x5t or x5t#S256 is not the digest of the leaf in x5c: replaced by
	// it
	DeviationDigest DeviationCode = "digest"
	// DeviationUnreadable: x5u, x5c, x5t or x5t#S256 that cannot be read: removed
	DeviationUnreadable DeviationCode = "unreadable"
	// DeviationHSM: kty RSA-HSM, EC-HSM or oct-HSM (Azure Key Vault): made RSA, EC or oct
	DeviationHSM DeviationCode = "hsm"
	// DeviationUse: use is at odds with alg: both stay, and the key answers only what both
	// allow
	DeviationUse DeviationCode = "use"
	// DeviationBOM: a byte order mark before the document: removed
	DeviationBOM DeviationCode = "bom"
	// DeviationLineBreaks: a block of PEM whose lines end in a carriage return, a blank,
	// the two characters \n, or not at all: broken
	DeviationLineBreaks DeviationCode = "line-breaks"
	// DeviationLabel: a block of PEM with the label of another form of key, such as RSA
	// PRIVATE KEY for PKCS #8: read by its content
	DeviationLabel DeviationCode = "label"
	// DeviationMissingNULL: rsaEncryption without its NULL in DER: added
	DeviationMissingNULL DeviationCode = "missing-null"
	// DeviationPublicTag: the public key of PKCS #8 with an explicit tag, as ring wrote it
	// until 2023: compared, and left out
	DeviationPublicTag DeviationCode = "public-tag"
)

// A tolerance collects deviations, if they are tolerated. A nil tolerance is strict.
type tolerance struct{ found []Deviation }

// allows reports whether a deviation is tolerated, and notes it.
func (t *tolerance) allows(path jsontext.Pointer, code DeviationCode) bool {
	if t == nil {
		return false
	}
	t.found = append(t.found, Deviation{path, code})
	return true
}
