package jwk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Conversion of keys and sets from this package to github.com/go-jose/go-jose/v4, and back.
// Signers and verifiers are in jose_sign.go.

// JOSE returns the key as a key of go-jose, to sign, verify, encrypt and decrypt with. To sign
// and verify with keys of every type, use [Key.JOSESigner] and [Key.JOSEVerifier].
//
// A private key stays private: json.Marshal of the result writes "d". [Key.Public] returns the
// public half. If the private half is held elsewhere, the result is public: sign with
// JOSESigner.
//
// The result has the kid, use, alg, x5c, x5u, x5t and x5t#S256. It has no place for key_ops and
// further members, and does not distinguish an empty member from an absent one. It shares the
// Go key with this Key (see [Key.PrivateKey]), unless the Go key is a []byte.
//
// As JSON, go-jose does not write private RSA keys of more than two primes, and by default
// does not read RSA keys of more than 4096 bits.
//
// The error is [ErrUnsupported] for a key that go-jose cannot hold: on the curves X25519, X448,
// Ed448 and secp256k1, and, before Go 1.27, of type AKP. It is [ErrInvalid] for the zero Key,
// if crypto/x509 cannot parse a certificate, and if net/url cannot parse x5u.
func (k *Key) JOSE() (jose.JSONWebKey, error) {
	if k.isZero() {
		return jose.JSONWebKey{}, errNoKey()
	}
	j, uncertified, err := k.forJOSE()
	if uncertified != nil {
		e := uncertified.(*Error) // every error of Certificates is an *Error
		err = &Error{Path: e.Path, Err: &uncertifiedReason{e.Err}}
	}
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	return j, nil
}

// An uncertifiedReason is the reason why go-jose cannot hold the certificates of a key. Its
// text adds the functions that work without them.
type uncertifiedReason struct{ err error }

func (r *uncertifiedReason) Error() string {
	return r.err.Error() + ": JOSEVerifier works, and Set.JOSE hands the key over without certificates"
}

func (r *uncertifiedReason) Unwrap() error { return r.err }

// forJOSE returns the key as a key of go-jose. If crypto/x509 cannot parse its certificates, it
// returns the key without them, and uncertified is the error.
func (k *Key) forJOSE() (j jose.JSONWebKey, uncertified, err error) {
	j = jose.JSONWebKey{
		Key:                         k.PrivateKey(),
		KeyID:                       k.kid,
		Algorithm:                   string(k.alg),
		Use:                         string(k.use),
		CertificateThumbprintSHA1:   k.octetsOf(mX5t),
		CertificateThumbprintSHA256: k.octetsOf(mX5tS256),
	}
	if j.Key == nil {
		j.Key = k.PublicKey()
	}
	if !holdsJOSE(&j) {
		release := ""
		if k.kind.kty == AKP {
			release = " before Go 1.27"
		}
		return jose.JSONWebKey{}, nil, errorf(ErrUnsupported, "go-jose has no %s keys%s", k.kind.name(), release)
	}
	if x5u, ok := k.Member(mX5u.String()); ok {
		if j.CertificatesURL, err = url.Parse(unquote(string(x5u))); err != nil {
			return jose.JSONWebKey{}, nil, errorf(ErrInvalid, "not a URL").atMember(mX5u.String(), 0)
		}
	}
	j.Certificates, uncertified = k.Certificates()
	return j, uncertified, nil
}

// holdsJOSE reports whether go-jose knows the Go type of a key. It asks Valid, because go-jose
// knows ML-DSA keys only on some releases of Go. Valid does not know a []byte.
func holdsJOSE(j *jose.JSONWebKey) bool {
	_, symmetric := j.Key.([]byte)
	return symmetric || j.Valid()
}

// octetsOf returns the octets of a member that the Parser has checked, or nil if it is absent.
func (k *Key) octetsOf(id memberID) []byte {
	value, ok := k.Member(id.String())
	if !ok {
		return nil
	}
	octets, _ := decode64(nil, []byte(unquote(string(value))))
	return octets
}

// FromJOSE makes a key from a key of go-jose, with all its members. Members that are empty,
// such as the kid, are left out. FromJOSE makes the checks of [New]. go-jose does not
// make many of them.
//
// The error is the error of New. It is also [ErrInvalid] if j has no Key or if a thumbprint is
// not the digest of the first certificate, and [ErrUnsupported] for an opaque key.
func FromJOSE(j jose.JSONWebKey) (*Key, error) {
	if j.Key == nil {
		return nil, errorf(ErrInvalid, "the JSONWebKey has no Key")
	}
	attrs := Attributes{
		KeyID:        j.KeyID,
		Use:          Use(j.Use),
		Algorithm:    Algorithm(j.Algorithm),
		Certificates: j.Certificates,

		CertificateThumbprintSHA256: j.CertificateThumbprintSHA256,
	}
	if j.CertificatesURL != nil {
		attrs.CertificateURL = j.CertificatesURL.String()
	}
	if sum := j.CertificateThumbprintSHA1; len(sum) > 0 {
		attrs.Extra = map[string]any{mX5t.String(): encode64(sum)}
	}
	return New(j.Key, &attrs)
}

// JOSE returns the keys of the set as keys of go-jose, each as [Key.JOSE] does.
//
// A key that go-jose cannot hold is left out. A key whose certificates crypto/x509 cannot parse
// is returned without them. In both cases JOSE returns an error together with the set. The
// error names each of these keys by its place in the "keys" that [Set.MarshalJSON] writes, as
// in "/keys/3: go-jose has no X25519 keys". errors.Is finds the reasons ([ErrUnsupported] or
// [ErrInvalid]), and the Err of the [*Error] has a method Unwrap() []error that returns all
// reasons. Skipped entries are left out without an error.
func (s *Set) JOSE() (jose.JSONWebKeySet, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}} // nil would be written as null
	if s.isZero() {
		return set, nil
	}
	var lost joseLosses
	place := -1
	for k := range s.serialized {
		place++
		if k == nil {
			continue
		}
		j, uncertified, err := k.forJOSE()
		switch {
		case err != nil:
			lost.keys = append(lost.keys, err.(*Error).below(entryPointer(place))) // every error of forJOSE is an *Error
			continue
		case uncertified != nil:
			lost.chains = append(lost.chains, uncertified.(*Error).below(entryPointer(place)))
		}
		set.Keys = append(set.Keys, j)
	}
	if lost.keys != nil || lost.chains != nil {
		return set, &Error{Err: &lost}
	}
	return set, nil
}

// joseLosses are the keys and chains of a set that go-jose cannot hold, each as an *Error.
type joseLosses struct {
	keys   []error // keys that were left out
	chains []error // keys that were handed over without their certificates
}

// maxNamed limits how many of keys, and how many of chains, the text of joseLosses names. The
// text always has their number.
const maxNamed = 4

func (l *joseLosses) Error() string {
	var parts []string
	for _, lost := range [...]struct {
		errs []error
		what string
	}{{l.keys, " left out: "}, {l.chains, " without certificates: "}} {
		if len(lost.errs) == 0 {
			continue
		}
		var reasons []string
		for i, err := range lost.errs {
			if i == maxNamed {
				reasons = append(reasons, "and "+strconv.Itoa(len(lost.errs)-i)+" more")
				break
			}
			reasons = append(reasons, strings.TrimPrefix(err.Error(), "jwk: "))
		}
		parts = append(parts, counted(len(lost.errs), "key", "keys")+lost.what+strings.Join(reasons, "; "))
	}
	return strings.Join(parts, "; ")
}

func (l *joseLosses) Unwrap() []error { return slices.Concat(l.keys, l.chains) }
