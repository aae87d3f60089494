package jwk

import "github.com/go-json-experiment/json/jsontext"

// A Deviation is one thing in the text of a key that the standards do not allow and that
// [Parser].Lenient tolerated. The key itself is canonical.
type Deviation struct {
	// Path is the JSON Pointer of the value within the key, such as "/n". It is empty if
	// the deviation concerns the whole document.
	Path jsontext.Pointer
	Code DeviationCode
}

// A DeviationCode names a kind of deviation.
type DeviationCode string

// The deviations that [Parser].Lenient tolerates, and what it does about each.
const (
	// DeviationPadding: base64url ends in "=", or the base64 of x5c lacks its "=". The "="
	// is removed, or added in x5c.
	DeviationPadding DeviationCode = "padding"
	// DeviationAlphabet: base64url has "+" or "/", or x5c has "-" or "_". They are
	// converted.
	DeviationAlphabet DeviationCode = "alphabet"
	// DeviationStrayBits: bits that encode nothing are set in the last character. They are
	// cleared.
	DeviationStrayBits DeviationCode = "stray-bits"
	// DeviationLeadingZeros: an RSA integer has leading zero octets. They are removed.
	DeviationLeadingZeros DeviationCode = "leading-zeros"
	// DeviationWidth: an EC coordinate or scalar has another width than its curve. Leading
	// zeros are added or removed.
	DeviationWidth DeviationCode = "width"
	// DeviationMissingCRT: an RSA private key has p and q, but not dp, dq and qi, or in DER
	// has 0 for these. They are computed. If DER has 0 for p and q too, all five are left
	// out, because d is enough.
	DeviationMissingCRT DeviationCode = "missing-crt"
	// DeviationNull: a member that is not key material, or a private member of a public
	// key, is null. It is removed.
	DeviationNull DeviationCode = "null"
	// DeviationEmpty: use, key_ops, alg, x5u, x5c, x5t or x5t#S256, or a private member of
	// a public key, is empty. It is removed.
	DeviationEmpty DeviationCode = "empty"
	// DeviationBareOps: key_ops is a single string. It becomes an array.
	DeviationBareOps DeviationCode = "bare-key-ops"
	// DeviationBareX5C: x5c is a single string. It becomes an array.
	DeviationBareX5C DeviationCode = "bare-x5c"
	// DeviationWhiteSpace: the base64 of x5c has white space in it. It is removed.
	DeviationWhiteSpace DeviationCode = "white-space"
	// DeviationPEM: x5c has certificates in PEM, or in base64 twice. They become DER in
	// base64.
	DeviationPEM DeviationCode = "pem"
	// DeviationHexX5T: x5t or x5t#S256 is in hexadecimal digits, or in base64url of such
	// digits. They are converted.
	DeviationHexX5T DeviationCode = "hex-x5t"
	// DeviationDigest: x5t or x5t#S256 is not the digest of the first certificate in x5c.
	// The digest replaces it.
	DeviationDigest DeviationCode = "digest"
	// DeviationUnreadable: x5u, x5c, x5t or x5t#S256 cannot be read. It is removed.
	DeviationUnreadable DeviationCode = "unreadable"
	// DeviationHSM: kty is RSA-HSM, EC-HSM or oct-HSM (Azure Key Vault). It becomes RSA, EC
	// or oct.
	DeviationHSM DeviationCode = "hsm"
	// DeviationUse: use is at odds with alg. Both stay, and the key answers only the queries
	// that both allow.
	DeviationUse DeviationCode = "use"
	// DeviationBOM: the document begins with a byte order mark. It is removed.
	DeviationBOM DeviationCode = "bom"
	// DeviationLineBreaks: the lines of a block of PEM end in a carriage return, a blank or
	// the two characters \n, or the block is one line. It is broken into lines.
	DeviationLineBreaks DeviationCode = "line-breaks"
	// DeviationLabel: a block of PEM has the label of another form of key, such as RSA
	// PRIVATE KEY for PKCS #8. The label is ignored.
	DeviationLabel DeviationCode = "label"
	// DeviationMissingNULL: rsaEncryption lacks its NULL in DER. It is added.
	DeviationMissingNULL DeviationCode = "missing-null"
	// DeviationPublicTag: the public key in PKCS #8 has an explicit tag, as the Rust library
	// ring wrote it until 2023. It is compared with the private key, and left out.
	DeviationPublicTag DeviationCode = "public-tag"
)

// A tolerance collects the deviations that it tolerates. A nil tolerance does not tolerate any.
type tolerance struct{ found []Deviation }

// allows reports whether a deviation is tolerated. If so, it notes the deviation.
func (t *tolerance) allows(path jsontext.Pointer, code DeviationCode) bool {
	if t == nil {
		return false
	}
	t.found = append(t.found, Deviation{path, code})
	return true
}
