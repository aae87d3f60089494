package jwk

import (
	"context"
	"strconv"

	"github.com/go-jose/go-jose/v4"
)

// Signers and verifiers for github.com/go-jose/go-jose/v4, which makes and reads the tokens.

// JOSESigner returns the key as a signer for one algorithm. Use it as the Key of a
// jose.SigningKey with that Algorithm, for jose.NewSigner. The signer is safe for concurrent
// use.
//
// It signs with every signature algorithm of [Algorithm], including the MACs HS256, HS384 and
// HS512. It also signs with the algorithms for which go-jose has no keys: ES256K, EdDSA on
// Ed448, Ed25519 and Ed448 by these names, and ML-DSA before Go 1.27.
//
// The header gets the key's kid, if it has one. With EmbedJWK the header gets the public key
// with its kid, use and alg instead. Signing then fails if go-jose cannot write that key, or if
// the key is symmetric.
//
// The error is
//
//   - [ErrUnsupported] if alg is not a signature algorithm of this package;
//   - [ErrInvalid] if the key does not support alg ([Key.Supports]), or if its use or key_ops
//     forbid signing ([Key.Permits]);
//   - [ErrPrivate] if the key is public.
//
// The signer returns jose.ErrUnsupportedAlgorithm for another algorithm, and ErrInvalid for an
// RSA key that does not make valid signatures because its factors are not prime, which [Parse]
// does not check.
//
// If the private half is held elsewhere (see [New]), the crypto.Signer gets the same input as
// crypto/rsa, crypto/ecdsa and crypto/ed25519: a digest and its crypto.Hash; for PS256, PS384
// and PS512 [crypto/rsa.PSSOptions] with a salt as long as the hash; or a message and
// crypto.Hash(0). It must return an ECDSA signature in ASN.1. Every signature of a holder is
// verified before it is returned, because a faulty signature could reveal the key, and would
// otherwise be noticed only when a request fails. A signature that does not verify is
// ErrInvalid. If the holder fails, the error is ErrUnsupported. Its text repeats the holder's
// error in one line, cut to 200 bytes, and errors.Is and errors.As find that error too.
func (k *Key) JOSESigner(alg Algorithm) (jose.OpaqueSigner, error) {
	b, err := k.bind(alg, OpSign)
	if err != nil {
		return nil, err
	}
	return joseSigner{b}, nil
}

// JOSEVerifier returns the key as a verifier for one algorithm. The Verify methods of go-jose
// and the Claims method of its JWTs take it as a key. It verifies with every signature algorithm
// of [Algorithm], as [Key.JOSESigner] signs. A signature whose header names another algorithm
// does not verify (RFC 8725, Section 3.1). The verifier is safe for concurrent use.
//
// The error is [ErrUnsupported] if alg is not a signature algorithm of this package, and
// [ErrInvalid] if the key does not support alg ([Key.Supports]), or if its use or key_ops forbid
// verifying ([Key.Permits]). The verifier returns jose.ErrCryptoFailure for every fault of a
// signature, and jose.ErrUnsupportedAlgorithm for another algorithm.
func (k *Key) JOSEVerifier(alg Algorithm) (jose.OpaqueVerifier, error) {
	b, err := k.bind(alg, OpVerify)
	if err != nil {
		return nil, err
	}
	return joseVerifier{b}, nil
}

// FindJOSEVerifier returns a verifier for the signature of a token with this header. Most
// programs that verify tokens with go-jose should use it. It asks source for keys with the kid
// and alg of the header that permit [OpVerify], and returns the [Key.JOSEVerifier] of the key
// that it finds.
//
// The header is not verified yet. A key in the header is ignored. When go-jose parses the
// token, name the algorithms that you accept.
//
// If source finds several keys, because the header has no kid or several keys have that kid,
// the verifier tries the signature with each in turn, with at most [MaxCandidates]. A forged
// token then costs one verification for each of these keys.
//
// go-jose replaces the error of a verifier by jose.ErrCryptoFailure. The verifier has a String
// method that says how many keys it tries, such as "3 keys tried" or "16 of 20 keys tried". Add
// it to that error: fmt.Errorf("%w: %v", err, verifier).
//
// The error is
//
//   - the error of source, which for a [Set] is [ErrNotFound];
//   - the error of JOSEVerifier if no key has a verifier;
//   - [ErrInvalid] if source is nil.
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
	case len(keys) == 0: // a Source must return an error instead
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

// joseCandidates is a verifier that tries a signature with several keys.
type joseCandidates struct {
	verifiers []joseVerifier // at most MaxCandidates
	found     int            // number of keys that the source found
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

// String says how many keys a signature is tried with.
func (c *joseCandidates) String() string { return keysTried(len(c.verifiers), c.found) }

func keysTried(n, found int) string {
	if n == found {
		return counted(n, "key", "keys") + " tried"
	}
	return strconv.Itoa(n) + " of " + counted(found, "key", "keys") + " tried"
}

// unverified is jose.ErrCryptoFailure with the number of keys that were tried.
type unverified struct{ tried string }

func (e *unverified) Error() string { return jose.ErrCryptoFailure.Error() + ": " + e.tried }
func (e *unverified) Unwrap() error { return jose.ErrCryptoFailure }

// A binding is a key and the only algorithm that it is used with. It holds the Key instead of
// the private Go key, because packages that print values would print the Go key.
type binding struct {
	key    *Key
	scheme *scheme
}

// bind returns the key with an algorithm if it may be used for op with that algorithm.
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
		return binding{&k.state().exported, s}, nil // not k, which the caller may change by UnmarshalJSON
	case notPrivate:
		if k.held != 0 {
			return binding{}, errNoPrivateForm(k.key, "crypto.Signer")
		}
		return binding{}, errorf(ErrPrivate, "a public key cannot sign")
	}
	reason := k.explain(verdict, &Query{Algorithm: alg}, spec)
	return binding{}, errorf(ErrInvalid, "the key cannot %s with %s: %s", op, alg, reason)
}

// allows reports whether alg is the algorithm of the binding.
func (b binding) allows(alg jose.SignatureAlgorithm) bool { return string(alg) == string(b.scheme.alg) }

type joseSigner struct {
	binding `yaml:"-"` // YAML encoders must not look into it, as with Key
}

// Public returns the key for the header of a token: go-jose takes the kid from it, or with
// EmbedJWK the public key. The result has no public key if go-jose cannot write it.
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
		return nil, err // an *Error already, about the holder
	case err != nil:
		return nil, s.scheme.signError(err)
	case s.key.held != 0 && !s.scheme.verify(s.key, s.scheme.hash, payload, signature):
		return nil, errorf(ErrInvalid, "%s: the holder of the private key returned a signature that does not verify", s.scheme.alg)
	}
	return signature, nil
}

type joseVerifier struct {
	binding `yaml:"-"`
}

// String says how many keys a signature is tried with, as joseCandidates.String does.
func (v joseVerifier) String() string { return keysTried(1, 1) }

func (v joseVerifier) VerifyPayload(payload, signature []byte, alg jose.SignatureAlgorithm) error {
	switch {
	case !v.allows(alg):
		return jose.ErrUnsupportedAlgorithm
	case !v.scheme.verify(v.key, v.scheme.hash, payload, signature):
		return jose.ErrCryptoFailure
	}
	return nil
}
