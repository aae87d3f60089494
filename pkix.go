package jwk

import (
	"bytes"
	"crypto/x509"
	"math"
	"slices"

	"golang.org/x/crypto/cryptobyte"
)

// Keys and certificates in DER: the functions of the API. der.go has the outer forms, and each
// kind of key reads its own part.

// ParseDER reads one key in DER, strictly. It is new(Parser).ParseDER.
func ParseDER(der []byte) (*Key, error) { return new(Parser).ParseDER(der) }

// ParseDER reads one key in DER. The form is one of these:
//
//   - a SubjectPublicKeyInfo (RFC 5280, Section 4.1.2.7);
//   - a PrivateKeyInfo (PKCS #8, RFC 5208, and RFC 5958);
//   - an RSAPublicKey or RSAPrivateKey (PKCS #1, RFC 8017, Appendix A.1);
//   - an ECPrivateKey (SEC 1, RFC 5915);
//   - an X.509 certificate, which becomes the x5c of its key.
//
// All types of keys have a form in DER (RFC 5480, RFC 8410, RFC 9881) except symmetric ones.
// The key has no kid; [Key.WithAttributes] gives it one.
//
// ParseDER makes all checks that [Parser.Parse] makes. In addition:
//
//   - A public key that comes with a private key must belong to it.
//   - Points must be uncompressed, and curves must be named.
//   - ML-DSA private keys must have their seed. An expanded key beside the seed is never used.
//     Only its length, rho and tr are compared with the seed, which is less than RFC 9881,
//     Section 8.2, recommends.
//   - RSASSA-PSS keys (RFC 4055) are not supported, because a JWK cannot express that they are
//     only for RSASSA-PSS.
//   - A certificate of more than 64 KiB is [ErrPolicy].
//
// With Lenient, ParseDER also reads the following, and reports it in the Deviations of the key:
//
//   - the scalar of an EC key with leading zeros missing or added;
//   - rsaEncryption without its NULL;
//   - an RSA key of two primes with 0 for all of dP, dQ and qInv, which are computed, or also
//     with 0 for p and q: all five are then left out, because d is enough;
//   - an Ed25519 key in PKCS #8 whose public key has an explicit tag, as the Rust library ring
//     wrote it until 2023. That public key must belong to the private one.
//
// Every error is an [*Error] of the kind [ErrSyntax], [ErrInvalid], [ErrUnsupported],
// [ErrPolicy] or, with PublicOnly, [ErrPrivate]. An encrypted PrivateKeyInfo is [ErrDecrypt]:
// put it into PEM, and call [DecryptPEM].
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

// fromDER makes a key from a DER text in the form that belongs to a label.
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
		c, err := p.readCertificate(der)
		if err != nil {
			return nil, err
		}
		return p.fromChain([]certificate{*c})
	case labelEncrypted:
		if p.PublicOnly {
			return nil, errPublicOnly()
		}
		return nil, errorf(ErrDecrypt, "an encrypted private key, which DecryptPEM reads with a passphrase")
	}
	return nil, errLabel(label, labelOf(der))
}

// fromSPKI makes a key from a SubjectPublicKeyInfo.
func (p *Parser) fromSPKI(info publicKeyInfo, attrs *Attributes) (*Key, error) {
	deviations := p.tolerance()
	k, err := kindIdentified(&info.algorithmID, deviations)
	if err != nil {
		return nil, err
	}
	var w writer
	if err := writeSPKI(k, &w, info); err != nil {
		return nil, err
	}
	key, err := p.strictly().compose(&w, k.kind, attrs)
	return key.addDeviations(deviations), err
}

// fromPKCS8 makes a key from a PrivateKeyInfo.
func (p *Parser) fromPKCS8(info privateKeyInfo) (*Key, error) {
	if p.PublicOnly {
		return nil, errPublicOnly()
	}
	info.tolerance = p.tolerance()
	k, err := kindIdentified(&info.algorithmID, info.tolerance)
	if err != nil {
		return nil, err
	}
	if info.explicit && k != ed25519Kind {
		return nil, errorf(ErrSyntax, "the public key has an explicit tag, want an implicit one (RFC 5958, Section 2)")
	}
	if info.explicit && !info.tolerance.allows("", DeviationPublicTag) {
		return nil, errorf(ErrSyntax, "the public key has an explicit tag, as ring wrote it until 2023, want an implicit one (Parser.Lenient accepts it)")
	}
	var w writer
	if err := writePKCS8(k, &w, info); err != nil {
		return nil, err
	}
	reader := p.strictly()
	reader.Lenient = p.Lenient // Lenient adds dp, dq and qi to an RSA key
	key, err := reader.compose(&w, k.kind, nil)
	if err == nil && info.public != nil && !bytes.Equal(info.public, key.material().spki().key) {
		return nil, errorf(ErrInvalid, "the public key does not belong to the private one")
	}
	return key.addDeviations(info.tolerance), err
}

// tolerance returns a new tolerance, or nil without Lenient.
func (p *Parser) tolerance() *tolerance {
	if p.Lenient {
		return new(tolerance)
	}
	return nil
}

// addDeviations adds deviations to a new key, and returns the key. k and t may be nil.
func (k *Key) addDeviations(t *tolerance) *Key {
	if k == nil || t == nil {
		return k
	}
	for _, d := range t.found {
		if !slices.Contains(k.key.tolerated(), d) {
			k.key.tolerate(d)
		}
	}
	return k
}

// kindIdentified returns the kind that an AlgorithmIdentifier names. The NULL that
// rsaEncryption must have (RFC 3279, Section 2.3.1) may be missing if t allows that; it is then
// added to id.
func kindIdentified(id *algorithmID, t *tolerance) (*kindRow, error) {
	if id.equal(algorithmID{algorithm: oidRSA}) {
		if !t.allows("", DeviationMissingNULL) {
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

// strictly returns a parser for the members that were made from DER. It is not lenient, and it
// has no limit of the size, because the size of the DER text has been checked.
func (p *Parser) strictly() *Parser {
	next := *p
	next.Lenient, next.MaxBytes = false, math.MaxInt
	return &next
}

// A certificate has the DER of a certificate, and the parts that keys need.
type certificate struct {
	der []byte
	certificateInfo
}

// readCertificate reads a certificate. If the certificate cannot be used, the error says why.
// If its names can be read nevertheless, it is returned together with the error.
func (p *Parser) readCertificate(der []byte) (*certificate, error) {
	info, err := acceptCertificate(der, p.limits())
	if err != nil {
		var ok bool
		if info, ok = readCertificate(der); !ok {
			return nil, err
		}
	}
	return &certificate{der, info}, err
}

// fromChain makes a key from a chain of at least one certificate.
func (p *Parser) fromChain(chain []certificate) (*Key, error) {
	return p.fromSPKI(chain[0].spki, &Attributes{Certificates: unparsed(chain)})
}

// unparsed returns certificates that have only the field that Attributes need, Raw.
func unparsed(chain []certificate) []*x509.Certificate {
	list := make([]*x509.Certificate, len(chain))
	for i, c := range chain {
		list[i] = &x509.Certificate{Raw: c.der}
	}
	return list
}

// MarshalDER returns the public key, also the public half of a private key, as a
// SubjectPublicKeyInfo (RFC 5280, Section 4.1.2.7). That form has no place for the other
// members, such as the kid. The error is [ErrUnsupported] for a symmetric key, and [ErrInvalid]
// for the zero Key.
func (k *Key) MarshalDER() ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.noDER {
		return nil, errNoDER(k.kind)
	}
	return k.material().spki().der()
}

// MarshalPrivateDER returns the private key as a PrivateKeyInfo (PKCS #8, RFC 5208, Section 5).
// For an ML-DSA key this is the seed (RFC 9881, Section 6). The result is a secret. The error is
// [ErrPrivate] if the key is public, [ErrUnsupported] for a symmetric key, and [ErrInvalid] for
// the zero Key.
func (k *Key) MarshalPrivateDER() ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.noDER {
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
