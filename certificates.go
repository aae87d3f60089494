package jwk

import (
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
)

// Keys from certificates, and verification of the certificates of a key: RFC 7517, Section 4.7.

// FromCertificates returns the public key of the first certificate of a chain, with the chain as
// its x5c. attrs, which may be nil, are its other attributes, such as x5t#S256. It makes all
// checks that [Parse] makes. It does not verify the chain: [Key.VerifyCertificates] does.
//
// The error is
//
//   - [ErrInvalid] if the chain is empty or has a nil certificate, or if attrs have
//     certificates;
//   - [ErrUnsupported] if this package does not implement the type of the key, or if the
//     certificate names RSASSA-PSS as the algorithm of the key;
//   - [ErrPolicy] for more than 10 certificates, a certificate of more than 64 KiB, and a
//     certificate with an RSA key with a modulus of more than 8192 bits or an exponent of more
//     than 31 bits;
//   - the error of [New] otherwise.
//
// crypto/x509 does not parse certificates with a key on secp256k1. [Parser.ParseDER] makes a key
// from such a certificate.
func FromCertificates(chain []*x509.Certificate, attrs *Attributes) (*Key, error) {
	if len(chain) == 0 || chain[0] == nil {
		return nil, errorf(ErrInvalid, "no certificate, want at least 1")
	}
	var a Attributes
	if attrs != nil {
		a = *attrs
	}
	if _, ok := a.Extra[mX5c.String()]; ok || a.Certificates != nil {
		return nil, errorf(ErrInvalid, "certificates in the attributes too, want them in the chain only").atMember(mX5c.String(), 0)
	}
	a.Certificates = chain
	s := cryptobyte.String(chain[0].RawSubjectPublicKeyInfo)
	info, ok := readPublicKeyInfo(&s)
	if !ok || !s.Empty() {
		return nil, errorf(ErrInvalid, "a certificate without a public key")
	}
	return new(Parser).fromSPKI(info, &a)
}

// VerifyCertificates verifies the chain in x5c as [x509.Certificate.Verify] does, and returns
// the chains that it found. The first certificate of x5c is the leaf, which is known to certify
// this key. The others are added to the intermediates of opts. Nothing is fetched.
//
// Fields of opts that are not set have the meaning that package x509 gives them: the roots of
// the system, the current time, and a leaf that may be used by a TLS server. For a key that
// signs tokens, set KeyUsages to the usages that its issuer puts there, or to
// x509.ExtKeyUsageAny.
//
// The certificates of x5c were read within limits (see [Parse]), and package x509 checks at most
// 100 signatures. A hostile x5c therefore takes about half a second, or more if a Parser with a
// larger MaxRSABits read it. The certificates in opts.Roots and opts.Intermediates come from the
// caller and have no limits.
//
// The error is [ErrInvalid], or [ErrUnsupported] for keys on secp256k1. If the chain cannot be
// trusted, errors.As also finds the error of package x509, such as [x509.UnknownAuthorityError].
// The text of that error may repeat names from the certificates, with line breaks and escape
// sequences. The text of the error of this package repeats it in one line, cut to 200 bytes.
func (k *Key) VerifyCertificates(opts x509.VerifyOptions) ([][]*x509.Certificate, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	chain, err := k.Certificates()
	if err != nil {
		return nil, err
	}
	if len(chain) == 0 {
		return nil, errorf(ErrInvalid, "missing").atMember(mX5c.String(), 0)
	}
	if opts.Intermediates == nil {
		opts.Intermediates = x509.NewCertPool()
	} else {
		opts.Intermediates = opts.Intermediates.Clone()
	}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	chains, err := chain[0].Verify(opts)
	if err != nil {
		return nil, (&Error{Err: &untrusted{err}}).atMember(mX5c.String(), 0)
	}
	return chains, nil
}

// untrusted is the reason why package x509 does not trust a chain.
type untrusted struct{ err error }

func (u *untrusted) Error() string   { return textOf(u.err) }
func (u *untrusted) Unwrap() []error { return []error{ErrInvalid, u.err} }
