package jwk

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Attributes are the members of a key besides its material. A field that is zero means that the
// member is absent.
//
// [Key.Attributes] returns them, [New], [FromCertificates] and [Key.WithAttributes] take them.
// Literals must name the fields.
type Attributes struct {
	KeyID     string    // kid
	Use       Use       // use
	Ops       Ops       // key_ops
	Algorithm Algorithm // alg

	// Certificates is x5c, the leaf first, with at most 10 certificates. The limits of
	// [Parse] apply to each.
	Certificates []*x509.Certificate
	// CertificateThumbprintSHA256 is x5t#S256 (RFC 7517, Section 4.9): the SHA-256 digest
	// of a certificate in DER, 32 octets. If Certificates is set, it must be the digest of
	// the first. It is not computed: if readers want it, set it to the
	// [crypto/sha256.Sum256] of the Raw of the first certificate.
	CertificateThumbprintSHA256 []byte
	// CertificateURL is x5u. It is never fetched.
	CertificateURL string

	// IssuedAt, NotBefore and Expires are iat, nbf and exp (OpenID Federation 1.0), to the
	// microsecond, up to the year 9999. They are zero if the member is absent or is not such
	// a NumericDate (RFC 7519, Section 2). This package does not enforce them: whether a key
	// may be used today is the decision of the caller.
	IssuedAt, NotBefore, Expires time.Time

	// Extra holds all other members, also x5t (RFC 7517, Section 4.8). encoding/json writes
	// their values, in the order of the names.
	//
	// [Key.Attributes] returns each value as a [jsontext.Value]. It also puts a member here
	// if its field above cannot hold the value, such as a key_ops with unregistered
	// operations. A field that is set replaces such a member.
	Extra map[string]any

	_ struct{} // keyed literals only
}

// Attributes returns the attributes of the key. k.WithAttributes(k.Attributes()) is the same key
// with the same text.
func (k *Key) Attributes() Attributes {
	var a Attributes
	for name, value := range k.Members() {
		id, known := memberOf(name)
		if known && (k.kind.public|k.kind.private|1<<mKty)&(1<<id) != 0 {
			if id == mAlg { // alg is material of some kinds of key
				a.Algorithm = k.alg
			}
			continue
		}
		if known && a.hold(k, id, value) {
			continue
		}
		if a.Extra == nil {
			a.Extra = make(map[string]any)
		}
		a.Extra[name] = value
	}
	return a
}

// hold sets the field for a member, and reports whether the field holds all of its value.
func (a *Attributes) hold(k *Key, id memberID, value jsontext.Value) bool {
	switch id {
	case mKid:
		a.KeyID = k.kid
		return a.KeyID != ""
	case mUse:
		a.Use = k.use
		return a.Use != ""
	case mAlg:
		a.Algorithm = k.alg
		return a.Algorithm != ""
	case mKeyOps:
		if n := len(stringsIn(value)); n == 0 || n != bits.OnesCount16(uint16(k.ops)) {
			return false
		}
		a.Ops = k.ops
		return true
	case mX5u:
		a.CertificateURL = unquote(string(value))
		return a.CertificateURL != ""
	case mX5c:
		a.Certificates, _ = k.Certificates()
		return a.Certificates != nil
	case mX5tS256:
		a.CertificateThumbprintSHA256, _ = decode64(nil, []byte(unquote(string(value))))
		return len(a.CertificateThumbprintSHA256) > 0
	case mIat:
		a.IssuedAt = numericDate(value)
		return !a.IssuedAt.IsZero()
	case mNbf:
		a.NotBefore = numericDate(value)
		return !a.NotBefore.IsZero()
	case mExp:
		a.Expires = numericDate(value)
		return !a.Expires.IsZero()
	}
	return false
}

// stringsIn returns the elements of an array of strings.
func stringsIn(value jsontext.Value) []string {
	var list []string
	if json.Unmarshal(value, &list) != nil {
		return nil // does not happen for an array that has been read before
	}
	return list
}

// maxNumericDate is 9999-12-31T23:59:59Z. Package time does not write later times.
const maxNumericDate = 253402300799 // seconds

// numericDate reads a number of seconds since 1970 (RFC 7519, Section 2). It returns the zero time
// if value is not a number or is out of range.
func numericDate(value jsontext.Value) time.Time {
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.Abs(seconds) > maxNumericDate {
		return time.Time{}
	}
	return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC()
}

// appendNumericDate appends a time in the form that numericDate reads.
func appendNumericDate(dst []byte, t time.Time) []byte {
	if t.Nanosecond() == 0 {
		return strconv.AppendInt(dst, t.Unix(), 10)
	}
	return strconv.AppendFloat(dst, float64(t.UnixMicro())/1e6, 'f', -1, 64)
}

// members returns the attributes as members of a key of a kind, in the order of madeOrder.
func (a *Attributes) members(k *kind) ([]textMember, error) {
	w := newWriter()
	defer w.release()
	if err := a.write(w, k); err != nil {
		return nil, err
	}
	w.order()
	return w.members()
}

// write writes the attributes of a key of a kind. If a field and Extra have the same member, the
// field counts.
func (a *Attributes) write(w *writer, k *kind) error {
	var fields memberSet // the members that the fields have
	for _, m := range [...]struct {
		id    memberID
		value string
	}{{mKid, a.KeyID}, {mUse, string(a.Use)}, {mAlg, string(a.Algorithm)}, {mX5u, a.CertificateURL}} {
		if m.value != "" && k.public&(1<<m.id) == 0 {
			w.str(m.id.String(), m.value)
			fields |= 1 << m.id
		}
	}
	if a.Ops&^allOps != 0 {
		return errorf(ErrInvalid, "bits 0x%x, want only operations", uint16(a.Ops&^allOps)).atMember(mKeyOps.String(), 0)
	}
	if a.Ops != 0 {
		w.strs(mKeyOps.String(), a.Ops.names())
		fields |= 1 << mKeyOps
	}
	if len(a.Certificates) > 0 {
		chain := make([]string, len(a.Certificates))
		for i, c := range a.Certificates {
			if c == nil {
				return errorf(ErrInvalid, "certificate %d is nil", i).atMember(mX5c.String(), 0)
			}
			chain[i] = base64.StdEncoding.EncodeToString(c.Raw)
		}
		w.strs(mX5c.String(), chain)
		fields |= 1 << mX5c
	}
	if len(a.CertificateThumbprintSHA256) > 0 {
		w.octets(mX5tS256.String(), a.CertificateThumbprintSHA256)
		fields |= 1 << mX5tS256
	}
	for _, m := range [...]struct {
		id    memberID
		value time.Time
	}{{mIat, a.IssuedAt}, {mNbf, a.NotBefore}, {mExp, a.Expires}} {
		if !m.value.IsZero() {
			if latest := time.Unix(maxNumericDate, 0); m.value.After(latest) || m.value.Before(time.Unix(-maxNumericDate, 0)) {
				return errorf(ErrInvalid, "more than %d seconds before or after 1970", latest.Unix()).atMember(m.id.String(), 0)
			}
			w.raw(m.id.String(), string(appendNumericDate(nil, m.value)))
			fields |= 1 << m.id
		}
	}
	if len(a.Extra) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(a.Extra)) {
		if id, known := memberOf(name); known {
			if (k.public|k.private|k.alienMembers()|1<<mKty)&(1<<id) != 0 {
				return errorf(ErrInvalid, "key material, which Extra must not have").atMember(name, 0)
			}
			if fields&(1<<id) != 0 {
				continue
			}
		}
		value, verbatim := a.Extra[name].(jsontext.Value)
		if !verbatim || !value.IsValid() {
			var err error
			if value, err = json.Marshal(a.Extra[name]); err != nil {
				return errorf(ErrInvalid, "not a value that encoding/json writes: %s", textOf(err)).atArgument(name)
			}
			if !value.IsValid() { // encoding/json accepts these
				return errorf(ErrSyntax, "JSON with a repeated member name, invalid UTF-8 or half of a surrogate pair").atArgument(name)
			}
		}
		w.raw(name, string(value))
	}
	return nil
}

// Certificates parses the certificates of x5c, the leaf first. It returns nil if the key has no
// x5c. The leaf is known to be for this key. The chain is not verified: [Key.VerifyCertificates]
// does that.
//
// The error is [ErrInvalid] if crypto/x509 cannot parse a certificate, and [ErrUnsupported] if the
// reason is that crypto/x509 does not know secp256k1.
func (k *Key) Certificates() ([]*x509.Certificate, error) {
	value, ok := k.Member(mX5c.String())
	if !ok {
		return nil, nil
	}
	return parseCertificates(stringsIn(value))
}
