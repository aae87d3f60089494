package jwk

import (
	"bytes"
	"crypto/x509"
	"math"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Keys and certificates in DER, whatever form they have in it.

// The labels of PEM, which say what is in a block.
const (
	labelPublic      = "PUBLIC KEY"            // RFC 7468, Section 13
	labelPrivate     = "PRIVATE KEY"           // Section 10
	labelEncrypted   = "ENCRYPTED PRIVATE KEY" // Section 11
	labelCertificate = "CERTIFICATE"           // Section 5
	labelRSAPublic   = "RSA PUBLIC KEY"        // PKCS #1
	labelRSAPrivate  = "RSA PRIVATE KEY"
	labelECPrivate   = "EC PRIVATE KEY" // RFC 5915, Section 4
	labelParameters  = "EC PARAMETERS"  // as OpenSSL writes them before a key
)

// ParseDER reads one key in DER, strictly. It is new(Parser).ParseDER.
func ParseDER(der []byte) (*Key, error) { return new(Parser).ParseDER(der) }

// ParseDER reads one key in DER: a SubjectPublicKeyInfo (RFC 5280, Section
// 4.1.2.7), a PrivateKeyInfo (PKCS #8, RFC 5208, and RFC 5958), an RSAPublicKey or
// RSAPrivateKey (PKCS #1, RFC 8017, Appendix A.1), an ECPrivateKey (SEC 1, RFC 5915),
// or an X.509 certificate, which becomes the x5c of its key. It makes all checks
// that [Parser.Parse] makes, and a public key that comes with a private one
// must belong to it. The key has no kid; [Key.WithAttributes] gives it one.
//
// All types of keys have a form in DER (RFC 5480, RFC 8410, RFC 9881) except
// symmetric ones. Points must be uncompressed, and curves named. ML-DSA private keys
// come with their seed; an expanded key beside it is never used, and of it only the
// length, rho and tr are compared with what the seed gives, which is less than RFC
// 9881, Section 8.2, recommends. Keys that RSASSA-PSS names (RFC 4055) are not
// supported: a JWK has no place for that restriction.
//
// A certificate of more than 64 KiB is [ErrPolicy].
//
// Errors are [*Error] and one of [ErrSyntax], [ErrInvalid], [ErrUnsupported],
// [ErrPolicy] and, with PublicOnly, [ErrPrivate]. An encrypted PrivateKeyInfo
// is [ErrDecrypt]: put it into PEM, and call [DecryptPEM].
func (p *Parser) ParseDER(der []byte) (*Key, error) {
	if err := p.checkSize(der); err != nil {
		return nil, err
	}
	label := labelOf(der)
	if label == "" {
		return nil, errDER("key")
	}
	return p.fromDER(label, der)
}

// labelOf tells what DER holds, as far as the beginning shows it.
func labelOf(der []byte) string {
	s := cryptobyte.String(der)
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return "" // what follows it fromDER will look at
	}
	switch {
	case seq.PeekASN1Tag(cbasn1.INTEGER) && seq.SkipASN1(cbasn1.INTEGER):
		switch {
		case seq.PeekASN1Tag(cbasn1.SEQUENCE):
			if seq.SkipASN1(cbasn1.SEQUENCE) && seq.PeekASN1Tag(cbasn1.OCTET_STRING) {
				return labelPrivate
			}
			return ""
		case seq.PeekASN1Tag(cbasn1.OCTET_STRING):
			return labelECPrivate
		case !seq.SkipASN1(cbasn1.INTEGER):
			return ""
		case seq.Empty():
			return labelRSAPublic
		}
		return labelRSAPrivate
	case seq.PeekASN1Tag(cbasn1.SEQUENCE) && seq.SkipASN1(cbasn1.SEQUENCE):
		switch {
		case seq.PeekASN1Tag(cbasn1.BIT_STRING):
			return labelPublic
		case seq.PeekASN1Tag(cbasn1.OCTET_STRING):
			return labelEncrypted
		case seq.PeekASN1Tag(cbasn1.SEQUENCE):
			return labelCertificate
		}
	}
	return ""
}

// fromDER makes a key of what a label says that DER holds.
func (p *Parser) fromDER(label string, der []byte) (*Key, error) {
	switch label {
	case labelPublic:
		s := cryptobyte.String(der)
		info, ok := readPublicKeyInfo(&s)
		if !ok || !s.Empty() {
			return nil, errDER("SubjectPublicKeyInfo (RFC 5280, Section 4.1.2.7)")
		}
		return p.fromSPKI(info, nil)
	case labelPrivate:
		s := cryptobyte.String(der)
		info, ok := readPrivateKeyInfo(&s)
		if !ok || !s.Empty() {
			return nil, errDER("PrivateKeyInfo (RFC 5208, Section 5)")
		}
		return p.fromPKCS8(info)
	case labelRSAPublic:
		return p.fromSPKI(publicKeyInfo{nameRSA, der}, nil)
	case labelRSAPrivate:
		return p.fromPKCS8(privateKeyInfo{algorithmID: nameRSA, key: der})
	case labelECPrivate:
		_, _, curve, ok := readECPrivateKey(der)
		if !ok || curve == nil {
			return nil, errDER(formECPrivate + " with a named curve")
		}
		return p.fromPKCS8(privateKeyInfo{algorithmID: nameEC(curve), key: der})
	case labelCertificate:
		c, err := p.newCertificate(der, pemBlock{})
		if err != nil {
			return nil, err
		}
		return p.fromChain([]certificate{c})
	case labelEncrypted:
		if p.PublicOnly {
			return nil, errPublicOnly()
		}
		return nil, refuse(ErrDecrypt, "an encrypted private key, which DecryptPEM reads with a passphrase")
	case "OPENSSH PRIVATE KEY":
		return nil, refuse(ErrUnsupported, "a key of OpenSSH, which package sshkey reads")
	}
	return nil, refuse(ErrUnsupported, "%s, want a key or certificate", pemKind(label))
}

// pemKind describes a block by its label, if that is a plain one: what stands there in
// a damaged file may be a key.
func pemKind(label string) string {
	if len(label) > maxLabel || strings.Trim(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") != "" {
		return "a PEM block of an unknown kind"
	}
	return "a PEM block " + quoted(label)
}

// Labels that are in use are shorter than this.
const maxLabel = 40 // bytes

// fromSPKI makes a key of a SubjectPublicKeyInfo.
func (p *Parser) fromSPKI(info publicKeyInfo, attrs *Attributes) (*Key, error) {
	k := kindNamed(info.algorithmID)
	if k == nil {
		return nil, errAlgorithm(info.algorithmID)
	}
	var w writer
	if err := writeSPKI(&k.kind, &w, info); err != nil {
		return nil, err
	}
	return p.strictly().compose(&w, &k.kind, attrs)
}

// fromPKCS8 makes a key of a PrivateKeyInfo.
func (p *Parser) fromPKCS8(info privateKeyInfo) (*Key, error) {
	if p.PublicOnly {
		return nil, errPublicOnly()
	}
	k := kindNamed(info.algorithmID)
	if k == nil {
		return nil, errAlgorithm(info.algorithmID)
	}
	var w writer
	if err := writePKCS8(&k.kind, &w, info); err != nil {
		return nil, err
	}
	key, err := p.strictly().compose(&w, &k.kind, nil)
	if err == nil && info.public != nil && !bytes.Equal(info.public, key.material().spki().key) {
		return nil, refuse(ErrInvalid, "the public key does not belong to the private one")
	}
	return key, err
}

func errPublicOnly() *Error { return refuse(ErrPrivate, "a private key, want public keys only") }

func errAlgorithm(id algorithmID) error {
	if id.curve != nil {
		return refuse(ErrUnsupported, "algorithm %v with curve %v is not supported", id.algorithm, id.curve)
	}
	if id.algorithm.Equal(oidEC) {
		return refuse(ErrUnsupported, "an elliptic curve without a name")
	}
	return refuse(ErrUnsupported, "algorithm %v, or its parameters, are not supported", id.algorithm)
}

// strictly returns a parser for the members that DER was turned into: the size of
// the document has been checked, and what Lenient tolerates is not in it.
func (p *Parser) strictly() *Parser {
	next := *p
	next.Lenient, next.MaxBytes = false, math.MaxInt
	return &next
}

// A certificate is one that has not been parsed, but for what keys need of it.
type certificate struct {
	der []byte
	certificateInfo
	block pemBlock // where it was, if that was in a PEM file
}

func (p *Parser) newCertificate(der []byte, block pemBlock) (certificate, error) {
	info, err := acceptCertificate(der, p.limits())
	if err != nil {
		return certificate{}, err
	}
	return certificate{der, info, block}, nil
}

// fromChain makes a key of a chain, of which there is at least one.
func (p *Parser) fromChain(chain []certificate) (*Key, error) {
	return p.fromSPKI(chain[0].spki, &Attributes{Certificates: unparsed(chain)})
}

// unparsed returns as much of certificates as Attributes write.
func unparsed(chain []certificate) []*x509.Certificate {
	list := make([]*x509.Certificate, len(chain))
	for i, c := range chain {
		list[i] = &x509.Certificate{Raw: c.der}
	}
	return list
}

// MarshalDER returns the public key as a SubjectPublicKeyInfo (RFC 5280, Section
// 4.1.2.7), also of a private key. Of its other members none has a place there.
// The error is [ErrUnsupported] for a symmetric key, and [ErrInvalid] for the zero Key.
func (k *Key) MarshalDER() ([]byte, error) {
	if k.none() {
		return nil, errNoKey()
	}
	if k.kind.algorithms == nil {
		return nil, refuse(ErrUnsupported, "%s keys have no form in DER", k.kind.name())
	}
	return k.material().spki().der()
}

// MarshalPrivateDER returns the private key as a PrivateKeyInfo (PKCS #8, RFC 5208,
// Section 5); of an ML-DSA key that is the seed (RFC 9881, Section 6). The result
// is a secret. The error is [ErrPrivate] if the key is public, [ErrUnsupported] for a
// symmetric key, and [ErrInvalid] for the zero Key.
func (k *Key) MarshalPrivateDER() ([]byte, error) {
	if k.none() {
		return nil, errNoKey()
	}
	if k.kind.algorithms == nil {
		return nil, refuse(ErrUnsupported, "%s keys have no form in DER", k.kind.name())
	}
	if err := errHeldElsewhere(k.key); err != nil {
		return nil, err
	}
	if !k.private {
		return nil, refuse(ErrPrivate, "the key is public, and has no private form")
	}
	return k.material().pkcs8().der()
}
