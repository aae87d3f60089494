package jwk

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Attributes are the members of a key besides its material. The zero value
// has none of them.
type Attributes struct {
	KeyID     string    // kid
	Use       Use       // use
	Ops       Ops       // key_ops
	Algorithm Algorithm // alg

	// Certificates is x5c, the leaf first, of at most 10 certificates. The limits of
	// [Parse] apply to each.
	Certificates []*x509.Certificate
	// CertificateThumbprintSHA256 is x5t#S256 (RFC 7517, Section 4.9): the SHA-256 digest, of 32
	// octets, of a certificate in DER, which is the first of Certificates if there are any.
	// It does not follow from Certificates: set it with [crypto/sha256.Sum256] of the Raw
	// of the first if readers want it.
	CertificateThumbprintSHA256 []byte
	// CertificateURL is x5u. It is never fetched.
	CertificateURL string

	// IssuedAt, NotBefore and Expires are iat, nbf and exp (OpenID Federation
	// 1.0), to the microsecond, up to the year 9999. They are zero where the
	// member is absent or no such NumericDate (RFC 7519, Section 2), and rule
	// nothing: whether a key may be used today is the caller's question.
	IssuedAt, NotBefore, Expires time.Time

	// Extra holds all other members, x5t (RFC 7517, Section 4.8) among them.
	// encoding/json writes them, in the order of their names. [Key.Attributes] returns
	// each as a [jsontext.Value]. It also puts a member here if the field above cannot
	// hold its value, such as a key_ops with unregistered operations. A field that is
	// set replaces such a member.
	Extra map[string]any

	_ struct{} // keyed literals only
}

// Attributes returns the attributes of the key. [Key.WithAttributes] of them is the
// same key again, with the same text.
func (k *Key) Attributes() Attributes {
	var a Attributes
	for name, value := range k.Members() {
		id, known := memberOf(name)
		if known && (k.kind.public|k.kind.private|1<<mKty)&(1<<id) != 0 {
			if id == mAlg { // which is material in some kinds
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

// hold sets the field for a member, and reports whether that says all of it.
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
		return nil // never: it has been read before
	}
	return list
}

// Later times than 9999-12-31T23:59:59Z package time does not write.
const maxNumericDate = 253402300799 // seconds

// numericDate reads the seconds since 1970 (RFC 7519, Section 2); the zero
// time if value is no number of them that is in range.
func numericDate(value jsontext.Value) time.Time {
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.Abs(seconds) > maxNumericDate {
		return time.Time{}
	}
	return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC()
}

// appendNumericDate writes what numericDate reads.
func appendNumericDate(dst []byte, t time.Time) []byte {
	if t.Nanosecond() == 0 {
		return strconv.AppendInt(dst, t.Unix(), 10)
	}
	return strconv.AppendFloat(dst, float64(t.UnixMicro())/1e6, 'f', -1, 64)
}

// members returns the members for the attributes of a key of a kind, in the order of
// madeOrder.
func (a *Attributes) members(k *kind) ([]textMember, error) {
	w := writer{buf: make([]byte, 0, 256), starts: make([]int, 0, 8)} // enough for most
	if err := a.write(&w, k); err != nil {
		return nil, err
	}
	w.order()
	return w.members()
}

// write writes the attributes of a key of a kind. Where a field and Extra
// name the same member, the field counts.
func (a *Attributes) write(w *writer, k *kind) error {
	var written memberSet
	for _, m := range [...]struct {
		id    memberID
		value string
	}{{mKid, a.KeyID}, {mUse, string(a.Use)}, {mAlg, string(a.Algorithm)}, {mX5u, a.CertificateURL}} {
		if m.value != "" && k.public&(1<<m.id) == 0 {
			w.str(m.id.String(), m.value)
			written |= 1 << m.id
		}
	}
	if a.Ops&^allOps != 0 {
		return errorf(ErrInvalid, "bits 0x%x, which are no operations", uint16(a.Ops&^allOps)).atMember(mKeyOps.String(), 0)
	}
	if a.Ops != 0 {
		w.strs(mKeyOps.String(), a.Ops.names())
		written |= 1 << mKeyOps
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
		written |= 1 << mX5c
	}
	if len(a.CertificateThumbprintSHA256) > 0 {
		w.octets(mX5tS256.String(), a.CertificateThumbprintSHA256)
		written |= 1 << mX5tS256
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
			written |= 1 << m.id
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Extra)) {
		if id, known := memberOf(name); known {
			if (k.public|k.private|k.alienMembers()|1<<mKty)&(1<<id) != 0 {
				return errorf(ErrInvalid, "key material, not an extra member").atMember(name, 0)
			}
			if written&(1<<id) != 0 {
				continue
			}
		}
		value, verbatim := a.Extra[name].(jsontext.Value)
		if !verbatim || !value.IsValid() {
			var err error
			if value, err = json.Marshal(a.Extra[name]); err != nil {
				return errorf(ErrInvalid, "not a value that encoding/json writes: %s", textOf(err)).atArgument(name)
			}
			if !value.IsValid() { // encoding/json lets these pass
				return errorf(ErrSyntax, "JSON with a repeated member name, invalid UTF-8 or half of a surrogate pair").atArgument(name)
			}
		}
		w.raw(name, string(value))
	}
	return nil
}

// compose makes a key of the material that a writer holds, and of attributes.
func (p *Parser) compose(w *writer, k *kind, a *Attributes) (*Key, error) {
	if a == nil {
		a = new(Attributes)
	}
	if err := a.write(w, k); err != nil {
		return nil, err
	}
	w.order()
	text, err := w.done()
	if err != nil {
		return nil, err
	}
	return p.accept(text, a.Algorithm)
}

// accept parses the text of a new key. If alg is not empty, the key must have that alg.
func (p *Parser) accept(text []byte, alg Algorithm) (*Key, error) {
	key, err := p.Parse(text)
	var e *Error
	switch {
	case errors.As(err, &e):
		e.Offset = 0 // no text of the caller's
		return nil, err
	case alg != "" && alg != key.alg:
		return nil, errorf(ErrInvalid, "%s, want %s for this key", quoted(alg), key.alg).atMember(mAlg.String(), 0)
	}
	return key, nil
}

// Public returns what is safe to publish of a key: the public material, and
// of the other members kty, use, key_ops, alg, kid, x5u, x5c, x5t, x5t#S256,
// iat, nbf and exp. In key_ops, sign becomes verify, decrypt encrypt, and
// unwrapKey wrapKey; deriveKey and deriveBits are dropped; the member is left
// out when none remains. It is [ErrPrivate] for a symmetric key, all of which
// is secret. A private half that is held elsewhere does not come with it.
func (k *Key) Public() (*Key, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.public == 0 {
		return nil, errorf(ErrPrivate, "%s keys have no public half", k.kind.name())
	}
	publishable := k.kind.public | attributeMembers | 1<<mKty
	w := writer{buf: make([]byte, 0, 512), starts: make([]int, 0, 16)} // enough for most
	for name, value := range eachMember(k.text()) {
		id, known := memberOf(name)
		if !known || publishable&(1<<id) == 0 {
			continue
		}
		switch id {
		case mKeyOps:
			if ops, changed := publicOps(value); changed {
				if len(ops) > 0 {
					w.strs(name, ops)
				}
				continue
			}
		case mIat, mNbf, mExp:
			if numericDate(jsontext.Value(value)).IsZero() {
				continue // it may hold anything
			}
		}
		w.raw(name, value)
	}
	text, err := w.done()
	if err != nil {
		return nil, err
	}
	half, err := k.reusingParser(publicMaterial(k.key), k.useAtOdds()).accept(text, "")
	if err == nil {
		keepThumbprint(half.key, k.key)
	}
	return half, err
}

// publicOps returns the key_ops of a public half, and whether they differ from the
// key_ops of the key. An array that was empty stays.
func publicOps(value string) (ops []string, changed bool) {
	for _, name := range stringsIn(jsontext.Value(value)) {
		public := name
		if op := opOf(name); op != 0 {
			public = op.public().String()
		}
		changed = changed || public != name
		if public != "" && !slices.Contains(ops, public) {
			ops = append(ops, public)
		}
	}
	return ops, changed
}

// Certificates parses the certificates of x5c, the leaf first; there are none
// if the key has no x5c. The leaf is known to be for this key; the chain is
// not verified. The error is [ErrInvalid] where crypto/x509 cannot parse one, and
// [ErrUnsupported] where that is because it does not know secp256k1.
func (k *Key) Certificates() ([]*x509.Certificate, error) {
	value, ok := k.Member(mX5c.String())
	if !ok {
		return nil, nil
	}
	return parseCertificates(stringsIn(value))
}
