package integration

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/circl/dh/x448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A public key can have these fates besides a kind of error of package jwk.
var (
	errOtherCurve = errors.New("a key of another curve")
	errAnyKind    = errors.New("an error of any kind")
)

// publicKeyFlags maps the flags of a test to the fate of its public key: a kind of error, or
// nil if the keys agree on the secret. If a test has several flags, the last one that is not
// nil decides.
var publicKeyFlags = map[string]error{
	"Normal":                 nil,
	"Ktv":                    nil,
	"AdditionChain":          nil,
	"CVE-2017-8932":          nil,
	"CVE_2017_10176":         nil,
	"EdgeCaseDoubling":       nil,
	"EdgeCaseEphemeralKey":   nil,
	"EdgeCaseMultiplication": nil,
	"EdgeCasePrivateKey":     nil,
	"EdgeCaseShared":         nil,
	"EdgeCaseSharedSecret":   nil,
	"SpecialPublicKey":       nil,
	"Twist":                  nil, // such points are valid: RFC 7748, Section 7

	"SmallPublicKey":   nil,            // always together with the next flag
	"ZeroSharedSecret": jwk.ErrInvalid, // a point of low order: RFC 7748, Section 6
	// Usually together with the flag above. X448 has three tests without it, 67 to 69. They
	// come from tests of X25519 and set a bit that X25519 ignores. X448 does not ignore the
	// bit, so these points do not have a low order.
	"LowOrderPublic":     nil,
	"NonCanonicalPublic": jwk.ErrInvalid, // not less than p: two texts for one key
	"PublicKeyTooLong":   jwk.ErrInvalid,

	"InvalidCurveAttack":  jwk.ErrInvalid, // not on the curve
	"ModifiedPublicPoint": jwk.ErrInvalid,
	"InvalidPublic":       nil, // another flag or the comment of the test decides
	"ModifiedGroup":       nil, // the comment of the test decides
	"WrongCurve":          nil, // the comment of the test decides

	// In DER:
	"CompressedPublic":         nil, // always together with the next flag
	"CompressedPoint":          jwk.ErrUnsupported,
	"InvalidCompressedPublic":  nil, // always together with the flag above
	"UnnamedCurve":             jwk.ErrUnsupported,
	"UnusedParam":              nil, // together with the flag above, like the flags that name the parameter
	"LargeCofactor":            nil,
	"ModifiedCofactor":         nil,
	"ModifiedGenerator":        nil,
	"ModifiedPrime":            nil,
	"Modified curve parameter": nil,
	"NegativeCofactor":         nil,
	"WeakPublicKey":            nil,
	"WrongOrder":               nil,
	"InvalidEncoding":          jwk.ErrInvalid, // the octets do not encode a point
	"InvalidPem":               errAnyKind,     // the DER in the block was altered
	"MissingOctetString":       nil,            // a fault of the private key
}

// ofCurve finds the name of the other curve in the comment of a test.
var ofCurve = regexp.MustCompile(`^(?:using|uses public key for|Public key uses wrong curve:|public key has invalid point of order 2 on) ([^ .]+)`)

// curveNames are the names of this package's curves in the comments of Wycheproof.
var curveNames = []string{"P-256", "P-384", "P-521", "secp256r1", "secp384r1", "secp521r1", "secp256k1"}

// An agreementFile describes a file with pairs of keys and the secrets on which they agree.
type agreementFile struct {
	name    string
	tests   int
	renamed bool // the test replaces P-256K with the registered name secp256k1 (RFC 8812, Section 3.1)

	agreed  int      // number of pairs with the right secret
	other   int      // number of pairs with keys on two curves
	refused refusals // refused public keys, and refused private keys with a valid public key

	fates map[int]error // by test, for tests whose flags and comment do not give the fate
}

// refusals counts refused keys by kind of error.
type refusals struct{ syntax, invalid, unsupported int }

func (r *refusals) add(t *testing.T, err error) error {
	t.Helper()
	k := kind(t, err)
	switch k {
	case jwk.ErrSyntax:
		r.syntax++
	case jwk.ErrInvalid:
		r.invalid++
	case jwk.ErrUnsupported:
		r.unsupported++
	default:
		t.Fatalf("got %v, want one of the kinds that the files have", err)
	}
	return k
}

var agreementFiles = []agreementFile{
	{name: "ecdh_secp256r1_webcrypto_test.json", tests: 353, agreed: 330, other: 2, refused: refusals{0, 18, 3}},
	{name: "ecdh_secp384r1_webcrypto_test.json", tests: 794, agreed: 771, other: 3, refused: refusals{0, 18, 2}},
	{name: "ecdh_secp521r1_webcrypto_test.json", tests: 655, agreed: 632, other: 3, refused: refusals{0, 18, 2}},
	{name: "ecdh_secp256k1_webcrypto_test.json", tests: 496, agreed: 0, other: 0, refused: refusals{0, 1, 495}},
	{name: "ecdh_secp256k1_webcrypto_test.json", tests: 496, agreed: 473, other: 4, refused: refusals{0, 19, 0}, renamed: true},
	{name: "ecdh_secp256r1_pem_test.json", tests: 612, agreed: 330, other: 4, refused: refusals{185, 26, 67}},
	{name: "ecdh_secp384r1_pem_test.json", tests: 1047, agreed: 771, other: 5, refused: refusals{184, 25, 62}},
	{name: "ecdh_secp521r1_pem_test.json", tests: 916, agreed: 632, other: 5, refused: refusals{182, 25, 72}},
	{name: "x25519_jwk_test.json", tests: 531, agreed: 474, other: 5, refused: refusals{0, 50, 2}, fates: map[int]error{
		524: jwk.ErrUnsupported, 525: jwk.ErrUnsupported, // kty "", and EC
		526: jwk.ErrInvalid, 527: jwk.ErrInvalid, // an RSA key without e, an oct key without k
		528: jwk.ErrInvalid, 529: jwk.ErrInvalid, 530: jwk.ErrInvalid, 531: jwk.ErrInvalid, // a member is missing
	}},
	{name: "x25519_asn_test.json", tests: 537, agreed: 474, other: 5, refused: refusals{1, 44, 13}, fates: map[int]error{
		536: errOtherCurve, // the comment says FRP256v1, but the key is an X448 key
	}},
	{name: "x25519_pem_test.json", tests: 518, agreed: 474, other: 0, refused: refusals{0, 44, 0}},
	{name: "x448_jwk_test.json", tests: 523, agreed: 483, other: 5, refused: refusals{0, 33, 2}, fates: map[int]error{
		516: jwk.ErrUnsupported, 517: jwk.ErrUnsupported,
		518: jwk.ErrInvalid, 519: jwk.ErrInvalid,
		520: jwk.ErrInvalid, 521: jwk.ErrInvalid, 522: jwk.ErrInvalid, 523: jwk.ErrInvalid,
	}},
	{name: "x448_asn_test.json", tests: 529, agreed: 483, other: 5, refused: refusals{1, 27, 13}, fates: map[int]error{
		528: errOtherCurve, // an X25519 key
	}},
	{name: "x448_pem_test.json", tests: 510, agreed: 483, other: 0, refused: refusals{0, 27, 0}},
}

// fate returns the expected fate of the public key of a test.
func (f *agreementFile) fate(t *testing.T, tc *vector) error {
	t.Helper()
	if fate, ok := f.fates[tc.ID]; ok {
		return fate
	}
	if bytes.Contains(tc.Public, []byte(`"P-256K"`)) {
		return jwk.ErrUnsupported
	}
	var fate error
	for _, flag := range tc.Flags {
		kind, ok := publicKeyFlags[flag]
		if !ok {
			t.Fatalf("test %d: publicKeyFlags does not have the flag %q", tc.ID, flag)
		}
		if kind != nil {
			fate = kind
		}
	}
	switch m := ofCurve.FindStringSubmatch(tc.Comment); {
	case m == nil || fate != nil:
	case strings.Contains(m[0], "invalid point"):
		fate = jwk.ErrInvalid
	case slices.Contains(curveNames, m[1]):
		fate = errOtherCurve
	default:
		fate = jwk.ErrUnsupported
	}
	if fate == nil && tc.Result == "invalid" && !slices.Contains(tc.Flags, "MissingOctetString") {
		t.Fatalf("test %d (%s): got no reason why the test is invalid", tc.ID, tc.Comment)
	}
	return fate
}

// privateFate returns the expected error for the private key of a test.
func privateFate(tc *vector) error {
	switch {
	case bytes.Contains(tc.Private, []byte(`"P-256K"`)):
		return jwk.ErrUnsupported
	case slices.Contains(tc.Flags, "MissingOctetString"):
		return jwk.ErrSyntax
	}
	return nil
}

// agree returns the shared secret of two keys. It computes the secret with the packages of
// their Go keys.
func agree(private, public *jwk.Key) ([]byte, error) {
	switch d := private.PrivateKey().(type) {
	case *secp256k1.PrivateKey:
		q, err := jwk.As[*secp256k1.PublicKey](public)
		if err != nil {
			return nil, err
		}
		return secp256k1.GenerateSharedSecret(d, q), nil
	case jwk.X448PrivateKey:
		u, err := jwk.As[jwk.X448PublicKey](public)
		if err != nil {
			return nil, err
		}
		var shared x448.Key
		if !x448.Shared(&shared, (*x448.Key)(&d), (*x448.Key)(&u)) {
			return nil, errors.New("a point of low order")
		}
		return shared[:], nil
	}
	d, err := jwk.As[*ecdh.PrivateKey](private)
	if err != nil {
		return nil, err
	}
	q, err := jwk.As[*ecdh.PublicKey](public)
	if err != nil {
		return nil, err
	}
	return d.ECDH(q)
}

// keyOf reads a key with the function for its form: JSON, PEM, or DER in hexadecimal.
func keyOf(t *testing.T, p *jwk.Parser, form []byte) (*jwk.Key, error) {
	t.Helper()
	switch {
	case bytes.HasPrefix(form, []byte("{")):
		return p.Parse(form)
	case !bytes.HasPrefix(form, []byte("-----")):
		return p.ParseDER(unhex(t, string(form)))
	}
	set, err := p.ParsePEM(form)
	if err != nil {
		return nil, err
	}
	if set.Len()+len(set.Skipped()) != 1 {
		t.Fatalf("got %v of %s, want one key", set, form)
	}
	for _, s := range set.Skipped() {
		return nil, s.Err
	}
	return set.At(0), nil
}

// TestWycheproofAgreement: parsing refuses invalid public keys with the right kind of error,
// and all other pairs agree on the right secret. If it fails, a peer can send a key that
// reveals bits of the private key of a user, or the user computes another secret than the peer.
func TestWycheproofAgreement(t *testing.T) {
	for _, file := range agreementFiles {
		name := file.name
		if file.renamed {
			name += " with crv secp256k1"
		}
		t.Run(name, func(t *testing.T) {
			agreed, other, refused := 0, 0, refusals{}
			for _, group := range vectors(t, file.name, file.tests) {
				for _, tc := range group.Tests {
					if file.renamed {
						tc.Public = bytes.ReplaceAll(tc.Public, []byte("P-256K"), []byte("secp256k1"))
						tc.Private = bytes.ReplaceAll(tc.Private, []byte("P-256K"), []byte("secp256k1"))
					}
					want := file.fate(t, &tc)
					private, privateErr := keyOf(t, new(jwk.Parser), tc.Private)
					if want := privateFate(&tc); !errors.Is(privateErr, want) {
						t.Errorf("test %d (%s): private key: got %v, want %v", tc.ID, tc.Comment, privateErr, want)
					}
					public, err := keyOf(t, new(jwk.Parser), tc.Public)
					if err != nil {
						if got := refused.add(t, err); got != want && want != errAnyKind {
							t.Errorf("test %d (%s): got %v, want %v", tc.ID, tc.Comment, err, want)
						}
						continue
					}
					if want != nil && want != errOtherCurve {
						t.Errorf("test %d (%s): got %v, want %v", tc.ID, tc.Comment, public, want)
						continue
					}
					if privateErr != nil {
						refused.add(t, privateErr)
						continue
					}
					shared, err := agree(private, public)
					switch {
					case want == errOtherCurve:
						other++
						if err == nil || public.Curve() == private.Curve() {
							t.Errorf("test %d (%s): %v and %v agree: %v", tc.ID, tc.Comment, private, public, err)
						}
					case err != nil || hex.EncodeToString(shared) != tc.Shared:
						t.Errorf("test %d (%s): got %x, %v, want %s", tc.ID, tc.Comment, shared, err, tc.Shared)
					default:
						agreed++
					}
				}
			}
			if agreed != file.agreed || other != file.other || refused != file.refused {
				t.Errorf("got %d secrets, %d pairs on two curves, refused %+v; want %d, %d, %+v",
					agreed, other, refused, file.agreed, file.other, file.refused)
			}
			t.Logf("%d secrets agree, %d pairs on two curves, refused %+v", agreed, other, refused)
		})
	}
}
