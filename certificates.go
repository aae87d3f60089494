package jwk

import (
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
)

// Keys of certificates, and certificates of keys: RFC 7517, Section 4.7.

// FromCertificates returns the public key of the first certificate of a chain, with
// the chain as its x5c. attrs, which may be nil, are its other attributes, x5t#S256 among
// them. It makes all checks that [Parse] makes. It does not verify the chain:
// [Key.VerifyCertificates] does.
//
// The error is [ErrInvalid] if the chain is empty or has a nil certificate, or
// attrs name certificates of their own; [ErrUnsupported] if this package does not
// implement the type of the key, or RSASSA-PSS names it; [ErrPolicy] for more than 10
// certificates, one of more than 64 KiB, and one of an RSA key with a modulus of more than
// 8192 bits or an exponent of more than 31; and what [New] returns. crypto/x509 parses no
// certificate of a key on secp256k1: [Parser.ParseDER] makes a key of one.
func FromCertificates(chain []*x509.Certificate, attrs *Attributes) (*Key, error) {
	if len(chain) == 0 || chain[0] == nil {
		return nil, errorf(ErrInvalid, "no certificate, want at least 1")
	}
	var a Attributes
	if attrs != nil {
		a = *attrs
	}
	if _, ok := a.Extra[mX5c.String()]; ok || a.Certificates != nil {
		return nil, errorf(ErrInvalid, "certificates besides those of the chain").atMember(mX5c.String(), 0)
	}
	a.Certificates = chain
	s := cryptobyte.String(chain[0].RawSubjectPublicKeyInfo)
	info, ok := readPublicKeyInfo(&s)
	if !ok || !s.Empty() {
		return nil, errorf(ErrInvalid, "a certificate without public key")
	}
	return new(Parser).fromSPKI(info, &a)
}

// VerifyCertificates verifies the chain in x5c as [x509.Certificate.Verify] does, and
// returns the chains that it found. The first certificate of x5c is the leaf, which is
// known to be this key's; the others are added to the intermediates of opts.
// Nothing is fetched.
//
// The certificates of x5c were read within limits (see [Parse]), and package x509 checks at
// most 100 signatures: a hostile x5c takes about half a second, and more only if a Parser
// with a larger MaxRSABits read it. The certificates in opts.Roots and opts.Intermediates are
// the caller's, and are taken as they are.
//
// What opts leave out has the meaning that package x509 gives it: the roots of the
// system, the current time, and a leaf that may be used by a TLS server. For a key that
// signs tokens, set KeyUsages to what its issuer puts there, or to
// x509.ExtKeyUsageAny.
//
// The error is [ErrInvalid], and [ErrUnsupported] for keys on secp256k1. If the chain
// cannot be trusted, it is an error of package x509 as well, such as
// [x509.UnknownAuthorityError], for errors.As. The text of that error may repeat names from
// the certificates, with line breaks and escape sequences; the text of ours has it in one
// line, cut to 200 bytes.
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

// untrusted is why package x509 does not trust a chain.
type untrusted struct{ err error }

func (u *untrusted) Error() string   { return textOf(u.err) }
func (u *untrusted) Unwrap() []error { return []error{ErrInvalid, u.err} }
