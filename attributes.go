package jwk

import (
	"crypto/sha256"
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
	// [Parse] apply to each. x5t#S256 is derived from it.
	Certificates []*x509.Certificate
	// CertificateURL is x5u. It is never fetched.
	CertificateURL string

	// IssuedAt, NotBefore and Expires are iat, nbf and exp (OpenID Federation
	// 1.0), to the microsecond, up to the year 9999. They are zero where the
	// member is absent or no such NumericDate (RFC 7519, Section 2), and rule
	// nothing: whether a key may be used today is the caller's question.
	IssuedAt, NotBefore, Expires time.Time

	// Extra holds all other members; they are written in the order of their
	// names, by encoding/json. What [Key.Attributes] returns are
	// [jsontext.Value], and among them those members above whose value their
	// field cannot hold, such as a key_ops with unregistered operations. A
	// field that is set replaces such a member.
	Extra map[string]any

	_ struct{} // keyed literals only
}

// Attributes returns the attributes of the key. WithAttributes of them is the
// same key again: its members have the same values, in another order perhaps,
// and x5t#S256 is added where there is an x5c.
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
	case mX5tS256: // derived from x5c, where that is held
		chain, _ := k.Certificates()
		return chain != nil
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
		return refuse(ErrInvalid, "bits 0x%x, which are no operations", uint16(a.Ops&^allOps)).at(mKeyOps.String(), 0)
	}
	if a.Ops != 0 {
		w.strs(mKeyOps.String(), a.Ops.names())
		written |= 1 << mKeyOps
	}
	if len(a.Certificates) > 0 {
		chain := make([]string, len(a.Certificates))
		for i, c := range a.Certificates {
			if c == nil {
				return refuse(ErrInvalid, "certificate %d is nil", i).at(mX5c.String(), 0)
			}
			chain[i] = base64.StdEncoding.EncodeToString(c.Raw)
		}
		digest := sha256.Sum256(a.Certificates[0].Raw)
		w.strs(mX5c.String(), chain)
		w.octets(mX5tS256.String(), digest[:])
		written |= 1<<mX5c | 1<<mX5tS256
	}
	for _, m := range [...]struct {
		id    memberID
		value time.Time
	}{{mIat, a.IssuedAt}, {mNbf, a.NotBefore}, {mExp, a.Expires}} {
		if !m.value.IsZero() {
			if latest := time.Unix(maxNumericDate, 0); m.value.After(latest) || m.value.Before(time.Unix(-maxNumericDate, 0)) {
				return refuse(ErrInvalid, "more than %d seconds before or after 1970", latest.Unix()).at(m.id.String(), 0)
			}
			w.raw(m.id.String(), string(appendNumericDate(nil, m.value)))
			written |= 1 << m.id
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Extra)) {
		if id, known := memberOf(name); known {
			if (k.public|k.private|k.alienMembers()|1<<mKty)&(1<<id) != 0 {
				return refuse(ErrInvalid, "key material, not an extra member").at(name, 0)
			}
			if written&(1<<id) != 0 {
				continue
			}
		}
		value, verbatim := a.Extra[name].(jsontext.Value)
		if !verbatim || !value.IsValid() {
			var err error
			if value, err = json.Marshal(a.Extra[name]); err != nil {
				return refuse(ErrInvalid, "not a value that encoding/json writes: %s", textOf(err)).atArgument(name)
			}
		}
		w.raw(name, string(value))
	}
	return nil
}

// compose makes a key of what a writer holds, and of attributes.
func (p *Parser) compose(w *writer, k *kind, a *Attributes) (*Key, error) {
	if a != nil {
		if err := a.write(w, k); err != nil {
			return nil, err
		}
	}
	text, err := w.done()
	if err != nil {
		return nil, err
	}
	key, err := p.Parse(text)
	var e *Error
	switch {
	case errors.As(err, &e):
		e.Offset = 0 // no text of the caller's
		return nil, err
	case a != nil && a.Algorithm != "" && a.Algorithm != key.alg:
		return nil, refuse(ErrInvalid, "%s, want %s for this key", quoted(a.Algorithm), key.alg).at(mAlg.String(), 0)
	}
	return key, nil
}

// again returns a parser for the members of a key that has been accepted before, perhaps
// with other limits. The limit of the Parser that read it stays, since certificates may
// be new. If atOdds is set, use may be at odds with alg, as Lenient accepts it.
func (k *key) again(atOdds bool) *Parser {
	return &Parser{MinRSABits: 1, MaxRSABits: max(int(k.own().maxRSA), defaultMaxRSABits), MaxBytes: math.MaxInt, useAtOdds: atOdds}
}

// WithAttributes returns a key of the same material with the attributes of a
// instead of its own, all of them. It makes the same checks as [New].
func (k *Key) WithAttributes(a Attributes) (*Key, error) {
	if k.none() {
		return nil, errNoKey()
	}
	var w writer
	for name, value := range eachMember(k.text()) {
		if id, known := memberOf(name); known && (k.kind.public|k.kind.private|1<<mKty)&(1<<id) != 0 {
			w.raw(name, value)
		}
	}
	asBefore := a.Use == k.use && a.Algorithm == k.alg
	return k.again(k.useAtOdds() && asBefore).compose(&w, k.kind, &a)
}

// Public returns what is safe to publish of a key: the public material, and
// of the other members kty, use, key_ops, alg, kid, x5u, x5c, x5t, x5t#S256,
// iat, nbf and exp. In key_ops, sign becomes verify, decrypt encrypt, and
// unwrapKey wrapKey; deriveKey and deriveBits are dropped; the member is left
// out when none remains. It is [ErrPrivate] for a symmetric key, all of which
// is secret.
func (k *Key) Public() (*Key, error) {
	if k.none() {
		return nil, errNoKey()
	}
	if k.kind.public == 0 {
		return nil, refuse(ErrPrivate, "%s keys have no public half", k.kind.name())
	}
	publishable := k.kind.public | attributeMembers | 1<<mKty
	var w writer
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
				continue // nobody knows what is in it
			}
		}
		w.raw(name, value)
	}
	return k.again(k.useAtOdds()).compose(&w, k.kind, nil)
}

// publicOps returns the key_ops of a public half, and whether they are others
// than those of the key. An array that was empty stays.
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
