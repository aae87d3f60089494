package jwk

import (
	"bytes"
	"crypto/fips140"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The members x5c, x5t and x5t#S256 (RFC 7517, Sections 4.7 to 4.9). x5u (Section 4.6) is kept,
// and never fetched.

// The limits of x5c. Verifying a chain reads each certificate more than once.
const (
	maxCertificates = 10
	maxCertificate  = 64 << 10 // octets of a certificate in DER
)

// readCertificates checks that x5u is a URI, that the first certificate of x5c is for this key,
// and that x5t and x5t#S256 are its digests. It does not verify the chain, because a chain that
// is valid today is not valid forever: [Key.VerifyCertificates] does that.
func readCertificates(m *members, mat material, lim limits) error {
	if m.present&certificateMembers == 0 {
		return nil
	}
	if x5u, err := m.str(mX5u); err != nil {
		return err
	} else if m.has(mX5u) && !isURI(x5u) {
		return m.errorf(mX5u, ErrInvalid, "not a URI, want one such as https://example.com/chain.pem")
	}
	leaf, err := readLeaf(m, mat, lim)
	if err != nil {
		return err
	}
	for _, id := range [...]memberID{mX5t, mX5tS256} {
		if !m.has(id) {
			continue
		}
		_, stated, err := m.encoded(id)
		if err != nil {
			return err
		}
		if want := digestSize(id); len(stated) != want {
			return m.errorf(id, ErrInvalid, "%s, want %d", counted(len(stated), "octet", "octets"), want)
		}
		if leaf == nil {
			continue
		}
		if !bytes.Equal(stated, digestOf(id, leaf)) {
			return m.errorf(id, ErrInvalid, "not the digest of the certificate in x5c")
		}
	}
	return nil
}

// digestSize returns the size of x5t or x5t#S256 in octets.
func digestSize(id memberID) int {
	if id == mX5t {
		return sha1.Size
	}
	return sha256.Size
}

// digestOf returns the octets that x5t or x5t#S256 must have for a certificate.
func digestOf(id memberID, der []byte) []byte {
	if id == mX5tS256 {
		sum := sha256.Sum256(der)
		return sum[:]
	}
	// GODEBUG=fips140=only forbids SHA-1 as a protection. Here it protects nothing: it
	// names a certificate that is in the key as well.
	var sum [sha1.Size]byte
	fips140.WithoutEnforcement(func() { sum = sha1.Sum(der) })
	return sum[:]
}

// readLeaf checks all certificates of x5c, and returns the first, or nil if x5c is absent. leaf
// aliases m.point.
func readLeaf(m *members, mat material, lim limits) (leaf []byte, err error) {
	if !m.has(mX5c) {
		return nil, nil
	}
	list, err := m.strs(mX5c, maxCertificates)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, m.errorf(mX5c, ErrInvalid, "empty, want at least 1 certificate")
	}
	if m.present&privateMembers != 0 {
		m.wipe() // now, because a certificate may need more memory than m.buf and m.point have
	}
	for i, v := range list {
		scratch := &m.buf
		if i == 0 {
			scratch = &m.point // stays while m.buf gets the other certificates and x5t
		}
		text := m.data[v.start+1 : v.end-1]
		if m.escaped&mX5c.bit() != 0 {
			text = []byte(unquote(m.doc.text[v.start:v.end]))
		}
		der, err := appendCertificate((*scratch)[:0], text)
		if err != nil {
			return nil, errCertificate(m, i, err)
		}
		*scratch = der
		info, err := acceptCertificate(der, lim)
		if err != nil {
			return nil, errCertificate(m, i, err)
		}
		if i > 0 {
			continue
		}
		spki := info.spki // only this copy is on the heap, not the info of each certificate
		if !mat.certified(&spki) {
			return nil, m.errorf(mX5c, ErrInvalid, "the first certificate is for another key")
		}
		leaf = der
	}
	return leaf, nil
}

// errCertificate returns the error about certificate i of x5c. err is an *Error without a path.
func errCertificate(m *members, i int, err error) *Error {
	why := err.(*Error).Err.(*reason)
	return m.errorf(mX5c, why.kind, "certificate %d: %s", i, why.text)
}

// valuesStd64 has the values of the characters of standard base64.
var valuesStd64 = valuesOf("+/")

// decodeCertificate decodes standard base64 with padding (RFC 7517, Section 4.7; RFC 4648,
// Section 4). It accepts only one text for each string of octets, as decode64 does. It checks the
// length of the text first.
func decodeCertificate(s string) ([]byte, error) { return appendCertificate(nil, []byte(s)) }

// appendCertificate appends the octets that decodeCertificate returns for a text to dst.
func appendCertificate(dst, text []byte) ([]byte, error) {
	if len(text) > base64.StdEncoding.EncodedLen(maxCertificate) {
		return nil, errCertificateSize()
	}
	unpadded := bytes.TrimRight(text, "=")
	if len(text)%4 == 0 && len(text)-len(unpadded) < 4 && len(text) > 0 {
		if der, ok := appendDecoded64(&valuesStd64, dst, unpadded); ok {
			return der, nil
		}
	}
	return nil, errorf(ErrInvalid, "not canonical base64 with padding")
}

// errCertificateSize returns the error about a certificate over maxCertificate.
func errCertificateSize() *Error {
	return errorf(ErrPolicy, "a certificate of more than %d octets", maxCertificate)
}

// A certificateInfo has the parts of a certificate that keys need (RFC 5280, Section 4.1).
type certificateInfo struct {
	spki            publicKeyInfo
	issuer, subject []byte // in DER
}

// readCertificate reads the parts of a certificate that keys need. It does not use crypto/x509,
// which takes longer and does not read certificates for keys of all kinds.
func readCertificate(der []byte) (info certificateInfo, ok bool) {
	input := cryptobyte.String(der)
	var cert, tbs, issuer, subject cryptobyte.String
	if !input.ReadASN1(&cert, cbasn1.SEQUENCE) || !input.Empty() ||
		!cert.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) || // version
		!tbs.SkipASN1(cbasn1.INTEGER) || // serialNumber
		!tbs.SkipASN1(cbasn1.SEQUENCE) || // signature
		!tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) ||
		!tbs.SkipASN1(cbasn1.SEQUENCE) || // validity
		!tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE) {
		return certificateInfo{}, false
	}
	info.issuer, info.subject = issuer, subject
	info.spki, ok = readPublicKeyInfo(&tbs)
	return info, ok && cert.SkipASN1(cbasn1.SEQUENCE) && // signatureAlgorithm
		cert.SkipASN1(cbasn1.BIT_STRING) && cert.Empty() // signatureValue
}

// acceptCertificate reads a certificate, and checks its limits. They also apply to the issuers
// in the chain, because crypto/x509 verifies with a key of any size, in a time that grows with
// the square of the modulus.
func acceptCertificate(der []byte, lim limits) (certificateInfo, error) {
	if len(der) > maxCertificate {
		return certificateInfo{}, errCertificateSize()
	}
	info, ok := readCertificate(der)
	if !ok {
		return certificateInfo{}, errorf(ErrInvalid, "not an X.509 certificate in DER")
	}
	if info.spki.algorithm.Equal(oidRSA) || info.spki.algorithm.Equal(oidRSAPSS) {
		if err := checkRSACost(info.spki.key, lim); err != nil {
			return certificateInfo{}, err
		}
	}
	return info, nil
}

// parseCertificates parses the elements of an x5c that has been read before.
func parseCertificates(texts []string) ([]*x509.Certificate, error) {
	chain := make([]*x509.Certificate, len(texts))
	for i, text := range texts {
		der, err := decodeCertificate(text)
		if err == nil {
			chain[i], err = x509.ParseCertificate(der)
		}
		if err != nil {
			kind := ErrInvalid
			if info, ok := readCertificate(der); ok && info.spki.curve.Equal(oidSecp256k1) {
				kind = ErrUnsupported // crypto/x509 does not know the curve
			}
			return nil, errorf(kind, "certificate %d: %s", i, textOf(err)).atMember(mX5c.String(), 0)
		}
	}
	return chain, nil
}

// unhexDigest decodes a digest of size octets in hexadecimal digits. Some providers write x5t
// and x5t#S256 in this form.
func unhexDigest(s string, size int) ([]byte, bool) {
	b, err := hex.DecodeString(s)
	return b, err == nil && len(b) == size
}

// isURI reports whether s has the form of a URI (RFC 3986, Section 3): a scheme, and then only
// escapes and octets that need no escape. It does not check the rules of the scheme. Package
// net/url is not used, because it would be linked into every program.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !isLetter(scheme[0]) {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("+-.", c) < 0 {
			return false
		}
	}
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case isLetter(c) || isDigit(c) || strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) >= 0:
		case c == '%' && i+2 < len(rest) && isHex(rest[i+1]) && isHex(rest[i+2]):
		default:
			return false
		}
	}
	return true
}
