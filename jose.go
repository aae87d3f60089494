package jwk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Keys for github.com/go-jose/go-jose/v4, which makes and reads the tokens.

// JOSE returns the key for go-jose, which signs, verifies, encrypts and
// decrypts with it. To sign and verify with keys of every type, use
// [Key.JOSESigner] and [Key.JOSEVerifier].
//
// A private key stays private: json.Marshal of the result writes "d". [Key.Public] returns
// the public half. If the private half is held elsewhere, the result is public: sign with
// JOSESigner.
//
// It has the kid, use, alg, x5c, x5u, x5t and x5t#S256; there is no place for
// key_ops and further members. An empty member is the same as none there. The
// Go key in it is shared, as [Key.PrivateKey] says, unless it is a []byte.
//
// As JSON, go-jose does not write private RSA keys of more than two primes, and
// by default reads none of more than 4096 bits.
//
// The error is [ErrUnsupported] for a key that go-jose cannot hold: on the
// curves X25519, X448, Ed448 and secp256k1, and, before Go 1.27, of type AKP. It
// is [ErrInvalid] for the zero Key, if crypto/x509 cannot parse a certificate,
// and if net/url cannot parse x5u.
func (k *Key) JOSE() (jose.JSONWebKey, error) {
	if k.isZero() {
		return jose.JSONWebKey{}, errNoKey()
	}
	j, uncertified, err := k.forJOSE()
	if uncertified != nil {
		e := uncertified.(*Error) // as every error of Certificates
		err = &Error{Path: e.Path, Err: &uncertifiedReason{e.Err}}
	}
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	return j, nil
}

// An uncertifiedReason is why go-jose cannot hold the certificates of a key, and the way
// out.
type uncertifiedReason struct{ err error }

func (r *uncertifiedReason) Error() string {
	return r.err.Error() + ": JOSEVerifier works, and Set.JOSE hands the key over without certificates"
}

func (r *uncertifiedReason) Unwrap() error { return r.err }

// forJOSE returns the key for go-jose. If crypto/x509 cannot parse its certificates, it
// returns the key without them, and uncertified is the reason.
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

// holdsJOSE reports whether go-jose knows the Go type of a key. Of ML-DSA keys
// it does on some releases of Go, and Valid tells. It knows nothing of a []byte.
func holdsJOSE(j *jose.JSONWebKey) bool {
	_, symmetric := j.Key.([]byte)
	return symmetric || j.Valid()
}

// octetsOf decodes a member that was decoded before; nil if it is absent.
func (k *Key) octetsOf(id memberID) []byte {
	value, ok := k.Member(id.String())
	if !ok {
		return nil
	}
	octets, _ := decode64(nil, []byte(unquote(string(value))))
	return octets
}

// FromJOSE makes a key of one of go-jose, with all that it holds. It makes the
// checks of [New], which go-jose leaves out many of, and its errors are those
// of New: [ErrInvalid] also if there is no Key, or a thumbprint is not that of
// the first certificate, and [ErrUnsupported] also for an opaque one. The kid,
// and everything else that is empty, is left out.
func FromJOSE(j jose.JSONWebKey) (*Key, error) {
	if j.Key == nil {
		return nil, errorf(ErrInvalid, "a JSONWebKey without Key")
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

// JOSE returns the keys for go-jose, as [Key.JOSE] does. A key that go-jose
// cannot hold is left out, and a key whose certificates crypto/x509 cannot parse is
// handed over without them. The other keys are not affected: the set comes with an
// error that names each of these, "/keys/3: go-jose has no X25519 keys", by its
// place in the "keys" that [Set.MarshalJSON] writes. errors.Is finds why
// ([ErrUnsupported], or [ErrInvalid]); the Err of the [*Error] has Unwrap() []error
// for all of them. Skipped entries are left out too, and are no error.
func (s *Set) JOSE() (jose.JSONWebKeySet, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}} // nil would be written as null
	if s.isZero() {
		return set, nil
	}
	var lost joseLosses
	place := -1
	for k := range s.serialized() {
		place++
		if k == nil {
			continue
		}
		j, uncertified, err := k.forJOSE()
		switch {
		case err != nil:
			lost.keys = append(lost.keys, err.(*Error).below(entryPointer(place))) // as every error of forJOSE
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

// joseLosses tells what of a set go-jose cannot hold, each as an *Error.
type joseLosses struct {
	keys   []error // keys that were left out
	chains []error // keys that were handed over without their certificates
}

// The text names no more keys than this of each kind, and tells how many they are.
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

// JOSESigner returns the key as a signer for one algorithm, which
// jose.NewSigner takes as the Key of a jose.SigningKey with that Algorithm. It
// signs with every signature algorithm of [Algorithm], also with those that
// go-jose has no keys for: ES256K, EdDSA on Ed448, Ed25519 and Ed448 by these
// names, and ML-DSA before Go 1.27. MACs (HS256 and its kin) are among them.
//
// The header gets the key's kid, if it has one. With EmbedJWK it gets the public key
// instead, its kid, use and alg, and signing fails where go-jose cannot write
// that, or the key is symmetric.
//
// The error is [ErrUnsupported] if alg is no signature algorithm of this
// package, [ErrInvalid] if the key does not support it ([Key.Supports]) or its
// use or key_ops forbid signing ([Key.Permits]), and [ErrPrivate] if the key is
// public. What the signer itself returns for another algorithm is
// jose.ErrUnsupportedAlgorithm, and [ErrInvalid] for an RSA key that makes no valid
// signatures because its factors are not prime, which [Parse] does not check. It is safe
// for concurrent use.
//
// If the private half is held elsewhere (see [New]), the crypto.Signer gets what crypto/rsa,
// crypto/ecdsa and crypto/ed25519 get: a digest and its crypto.Hash; for PS256 and its kin
// [crypto/rsa.PSSOptions] with a salt as long as the hash; or a message and crypto.Hash(0).
// It returns an ECDSA signature in ASN.1. Every signature is verified before it
// is returned, because a fault there could give the key away and costs a request
// otherwise; one that does not verify is [ErrInvalid]. If the holder fails, the signer's
// error is [ErrUnsupported]. errors.Is and errors.As find the holder's error too. The text
// repeats it in one line, cut to 200 bytes.
func (k *Key) JOSESigner(alg Algorithm) (jose.OpaqueSigner, error) {
	b, err := k.bind(alg, OpSign)
	if err != nil {
		return nil, err
	}
	return joseSigner{b}, nil
}

// JOSEVerifier returns the key as a verifier for one algorithm, which the
// Verify methods of go-jose and the Claims method of its JWTs take as a
// key. It verifies with every signature algorithm of [Algorithm], as
// [Key.JOSESigner] signs. A signature whose header names any other
// algorithm does not verify (RFC 8725, Section 3.1).
//
// The error is [ErrUnsupported] if alg is no signature algorithm of this
// package, and [ErrInvalid] if the key does not support it ([Key.Supports]) or
// its use or key_ops forbid verifying ([Key.Permits]). What the verifier
// itself returns is jose.ErrCryptoFailure, whatever is wrong with the
// signature, or jose.ErrUnsupportedAlgorithm. It is safe for concurrent use.
func (k *Key) JOSEVerifier(alg Algorithm) (jose.OpaqueVerifier, error) {
	b, err := k.bind(alg, OpVerify)
	if err != nil {
		return nil, err
	}
	return joseVerifier{b}, nil
}

// FindJOSEVerifier asks a source for the keys that the header of a token names, by kid and
// alg and for [OpVerify], and returns the [Key.JOSEVerifier] of the key for that alg. Most
// programs that verify tokens with go-jose want this. The header is not verified yet: a key
// that came with it is not looked at. Name the algorithms that you accept when go-jose parses
// the token.
//
// If several keys answer, because the header has no kid or several keys have that kid, the
// signature is tried with each in turn, with at most [MaxCandidates]. A forged token then
// costs as many verifications.
//
// go-jose replaces the error of a verifier by jose.ErrCryptoFailure. The verifier has a String
// method that tells how many keys a signature is tried with, "3 keys tried" or "16 of 20 keys
// tried": add it to that error, as in fmt.Errorf("%w: %v", err, verifier).
//
// The error comes from the source, which for a [Set] is [ErrNotFound], or from
// JOSEVerifier if no key has one. It is [ErrInvalid] if source is nil.
func FindJOSEVerifier(ctx context.Context, source Source, header jose.Header) (jose.OpaqueVerifier, error) {
	if source == nil {
		return nil, errorf(ErrInvalid, "no Source to find a key in")
	}
	alg := Algorithm(header.Algorithm)
	q := Query{KeyID: header.KeyID, Algorithm: alg, Ops: OpVerify}
	keys, err := source.FindAll(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case len(keys) == 0: // against the contract of Source
		return nil, &NotFoundError{Query: q}
	case len(keys) == 1:
		return keys[0].JOSEVerifier(alg)
	}
	v := &joseCandidates{found: len(keys)}
	var unfit error
	for _, k := range keys[:min(len(keys), MaxCandidates)] {
		b, err := k.bind(alg, OpVerify)
		if err == nil {
			v.verifiers = append(v.verifiers, joseVerifier{b})
		} else if unfit == nil {
			unfit = err
		}
	}
	if v.verifiers == nil {
		return nil, unfit
	}
	return v, nil
}

// joseCandidates are several keys. One of them may have made a signature.
type joseCandidates struct {
	verifiers []joseVerifier // at most MaxCandidates
	found     int            // keys that answered
}

func (c *joseCandidates) VerifyPayload(payload, signature []byte, alg jose.SignatureAlgorithm) error {
	if !c.verifiers[0].allows(alg) {
		return jose.ErrUnsupportedAlgorithm
	}
	for _, v := range c.verifiers {
		if v.VerifyPayload(payload, signature, alg) == nil {
			return nil
		}
	}
	return &unverified{c.String()}
}

// String tells how many keys a signature is tried with.
func (c *joseCandidates) String() string { return tried(len(c.verifiers), c.found) }

func tried(n, found int) string {
	if n == found {
		return counted(n, "key", "keys") + " tried"
	}
	return strconv.Itoa(n) + " of " + counted(found, "key", "keys") + " tried"
}

// unverified is jose.ErrCryptoFailure, and says more.
type unverified struct{ what string }

func (e *unverified) Error() string { return jose.ErrCryptoFailure.Error() + ": " + e.what }
func (e *unverified) Unwrap() error { return jose.ErrCryptoFailure }

// A binding is a key and the one algorithm that it is used with. It keeps the
// Key and no private Go key, which printers would follow.
type binding struct {
	key    *Key
	scheme *scheme
}

// bind makes sure that the key may be used for op with an algorithm.
func (k *Key) bind(alg Algorithm, op Ops) (binding, error) {
	if k.isZero() {
		return binding{}, errNoKey()
	}
	s, spec := schemeOf(alg), specOf(alg)
	if s == nil || spec == nil {
		return binding{}, errorf(ErrUnsupported, "%s is not a signature algorithm%s", quoted(alg), inCase(alg))
	}
	verdict := k.supports(alg, spec)
	if verdict == fits {
		verdict = k.permits(op)
	}
	switch verdict {
	case fits:
		return binding{&k.state().exported, s}, nil // not a caller's Key, which UnmarshalJSON may change
	case notPrivate:
		if k.held != 0 {
			return binding{}, errNoPrivateForm(k.key, "crypto.Signer")
		}
		return binding{}, errorf(ErrPrivate, "a public key does not sign")
	}
	reason := k.explain(verdict, &Query{Algorithm: alg}, spec)
	return binding{}, errorf(ErrInvalid, "not a key to %s with %s: %s", op, alg, reason)
}

// allows reports whether alg is the algorithm of the binding.
func (b binding) allows(alg jose.SignatureAlgorithm) bool { return string(alg) == string(b.scheme.alg) }

type joseSigner struct {
	binding `yaml:"-"` // as in a Key
}

// Public returns what go-jose takes for the header: the kid, and the
// public key for EmbedJWK, which is none where go-jose cannot write it.
func (s joseSigner) Public() *jose.JSONWebKey {
	k := s.key
	j := &jose.JSONWebKey{Key: k.PublicKey(), KeyID: k.kid, Algorithm: string(k.alg), Use: string(k.use)}
	if !j.IsPublic() {
		j.Key = nil
	}
	return j
}

func (s joseSigner) Algs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.scheme.alg)}
}

func (s joseSigner) SignPayload(payload []byte, alg jose.SignatureAlgorithm) ([]byte, error) {
	if !s.allows(alg) {
		return nil, jose.ErrUnsupportedAlgorithm
	}
	signature, err := s.scheme.sign(s.key, s.scheme.hash, payload)
	switch {
	case err != nil && s.key.held != 0:
		return nil, err // an *Error: of signWith, or about what the holder returned
	case err != nil:
		return nil, s.scheme.failed(err)
	case s.key.held != 0 && !s.scheme.verify(s.key, s.scheme.hash, payload, signature):
		return nil, errorf(ErrInvalid, "%s: the holder of the private key returned a signature that does not verify", s.scheme.alg)
	}
	return signature, nil
}

type joseVerifier struct {
	binding `yaml:"-"`
}

// String tells how many keys a signature is tried with, as joseCandidates.String does.
func (v joseVerifier) String() string { return tried(1, 1) }

func (v joseVerifier) VerifyPayload(payload, signature []byte, alg jose.SignatureAlgorithm) error {
	switch {
	case !v.allows(alg):
		return jose.ErrUnsupportedAlgorithm
	case !v.scheme.verify(v.key, v.scheme.hash, payload, signature):
		return jose.ErrCryptoFailure
	}
	return nil
}
