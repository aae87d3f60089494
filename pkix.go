package jwk

import (
	"bytes"
	"crypto/x509"
	"math"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Keys and certificates in DER, in all their forms.

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
// With Lenient, these are read too, and reported in the Deviations of the key: the scalar of
// an EC key with zeros in front missing or added; rsaEncryption without its NULL; 0 for all
// of dP, dQ and qInv of an RSA key of two primes, which are computed, or also for p and q,
// which are left out then, because d is enough; and an Ed25519 key in PKCS #8 whose public
// key has an explicit tag, as the Rust library ring wrote it until 2023. That public key
// must belong to the private one.
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
		return nil, p.elsewhere(doorDER, der, errDER("key"))
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
		key, ok := readECPrivateKey(der)
		switch {
		case ok && key.explicit:
			return nil, errExplicitCurve()
		case !ok || key.curve == nil:
			return nil, errDER(formECPrivate + " with a named curve")
		}
		return p.fromPKCS8(privateKeyInfo{algorithmID: nameEC(key.curve), key: der})
	case labelCertificate:
		c, err := p.newCertificate(der)
		if err != nil {
			return nil, err
		}
		return p.fromChain([]certificate{c})
	case labelEncrypted:
		if p.PublicOnly {
			return nil, errPublicOnly()
		}
		return nil, errorf(ErrDecrypt, "an encrypted private key, which DecryptPEM reads with a passphrase")
	}
	return nil, errLabel(label, labelOf(der))
}

// fromSPKI makes a key of a SubjectPublicKeyInfo.
func (p *Parser) fromSPKI(info publicKeyInfo, attrs *Attributes) (*Key, error) {
	met := p.tolerance()
	k, err := kindIdentified(&info.algorithmID, met)
	if err != nil {
		return nil, err
	}
	var w writer
	if err := writeSPKI(k, &w, info); err != nil {
		return nil, err
	}
	key, err := p.strictly().compose(&w, &k.kind, attrs)
	return key.addDeviations(met), err
}

// fromPKCS8 makes a key of a PrivateKeyInfo.
func (p *Parser) fromPKCS8(info privateKeyInfo) (*Key, error) {
	if p.PublicOnly {
		return nil, errPublicOnly()
	}
	info.met = p.tolerance()
	k, err := kindIdentified(&info.algorithmID, info.met)
	if err != nil {
		return nil, err
	}
	if info.explicit && k != &ed25519Kind {
		return nil, errorf(ErrSyntax, "the public key has an explicit tag, want an implicit one (RFC 5958, Section 2)")
	}
	if info.explicit && !info.met.allows("", DeviationPublicTag) {
		return nil, errorf(ErrSyntax, "the public key has an explicit tag, as ring wrote it until 2023, want an implicit one (Parser.Lenient accepts it)")
	}
	var w writer
	if err := writePKCS8(k, &w, info); err != nil {
		return nil, err
	}
	reader := p.strictly()
	reader.Lenient = p.Lenient // completes an RSA key
	key, err := reader.compose(&w, &k.kind, nil)
	if err == nil && info.public != nil && !bytes.Equal(info.public, key.material().spki().key) {
		return nil, errorf(ErrInvalid, "the public key does not belong to the private one")
	}
	return key.addDeviations(info.met), err
}

// tolerance returns a new tolerance, nil without Lenient.
func (p *Parser) tolerance() *tolerance {
	if p.Lenient {
		return new(tolerance)
	}
	return nil
}

// addDeviations adds deviations to a new key, and returns it. k may be nil.
func (k *Key) addDeviations(met *tolerance) *Key {
	if k == nil || met == nil {
		return k
	}
	for _, d := range met.found {
		if !slices.Contains(k.deviations, d) {
			k.deviations = append(k.deviations, d)
		}
	}
	return k
}

// kindIdentified finds the kind of an AlgorithmIdentifier. The NULL that rsaEncryption must
// have (RFC 3279, Section 2.3.1) may be missing if that is tolerated; it is added.
func kindIdentified(id *algorithmID, met *tolerance) (*kindRow, error) {
	if id.equal(algorithmID{algorithm: oidRSA}) {
		if !met.allows("", DeviationMissingNULL) {
			return nil, errorf(ErrUnsupported, "rsaEncryption without parameters, want NULL (Parser.Lenient accepts it)")
		}
		id.null = true
	}
	if k := kindNamed(*id); k != nil {
		return k, nil
	}
	return nil, errAlgorithm(*id)
}

func errPublicOnly() *Error { return errorf(ErrPrivate, "a private key, want public keys only") }

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
}

func (p *Parser) newCertificate(der []byte) (certificate, error) {
	info, err := acceptCertificate(der, p.limits())
	return certificate{der, info}, err
}

// fromChain makes a key of a chain of at least one certificate.
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
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.algorithms == nil {
		return nil, errNoDER(k.kind)
	}
	return k.material().spki().der()
}

// MarshalPrivateDER returns the private key as a PrivateKeyInfo (PKCS #8, RFC 5208,
// Section 5); of an ML-DSA key that is the seed (RFC 9881, Section 6). The result
// is a secret. The error is [ErrPrivate] if the key is public, [ErrUnsupported] for a
// symmetric key, and [ErrInvalid] for the zero Key.
func (k *Key) MarshalPrivateDER() ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.algorithms == nil {
		return nil, errNoDER(k.kind)
	}
	if err := errHeldElsewhere(k.key); err != nil {
		return nil, err
	}
	if !k.private {
		return nil, errorf(ErrPrivate, "the key is public, and has no private form")
	}
	return k.material().pkcs8().der()
}
