package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A vector is one test of Project Wycheproof. It has the members of all files that these tests
// read.
type vector struct {
	ID      int    `json:"tcId"`
	Comment string `json:"comment"`
	Flags   []string
	Result  string // valid, invalid or acceptable

	Message string `json:"msg"`
	Context string `json:"ctx"`
	Sig     string

	JWS, JWE text
	PT       string

	Public, Private text
	Shared          string
}

// A vectorGroup holds the tests of one key. The key has up to seven forms.
type vectorGroup struct {
	Public, Private text // in json_web_*: a JWK or a set

	PublicKeyJWK, KeyJWK           text
	PublicKeyDER, KeyDER           string
	PublicKeyPEM, KeyPEM           string
	PublicKeyASN, KeyASN           string // PKCS #1
	PrivateKeyJWK                  text
	PrivateKeyPKCS8, PrivateKeyPEM string
	PublicKey                      text   // for ML-DSA, in hexadecimal
	PrivateSeed                    string // for ML-DSA, in hexadecimal

	Tests []vector
}

// A text is the value of a JSON string, or the JSON text of every other value.
type text []byte

func (x *text) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		*x = bytes.Clone(data)
		return nil
	}
	var s string
	err := json.Unmarshal(data, &s)
	*x = text(s)
	return err
}

// knownFlags are the flags in the files that these tests read. The notes in the files explain
// them. A new flag fails the tests, because its meaning must be read first.
var knownFlags = append(strings.Fields(`
AdditionChain AlgIsNone Ambiguous ArithmeticError BerEncodedPadding BerEncodedSignature
BoundaryCondition CVE-2017-8932 CVE_2017_10176 CompressedPlaintext CompressedPoint CompressedPublic
CompressedSignature Constructed DistinctHash DuplicateKid EdgeCaseDoubling EdgeCaseEphemeralKey
EdgeCaseMultiplication EdgeCasePrivateKey EdgeCasePublicKey EdgeCaseShamirMultiplication
EdgeCaseShared EdgeCaseSharedSecret EdgeCaseSignature EncryptionWithLabel GroupIsomorphism
IncorrectPrivateKeyLength IncorrectPublicKeyLength IncorrectSignatureLength IntegerOverflow
InvalidAsnInPadding InvalidCiphertext InvalidCiphertextFormat InvalidCompressedPublic InvalidContext
InvalidCurveAttack InvalidEncoding InvalidHintsEncoding InvalidKtv InvalidOaepPadding InvalidPadding
InvalidPem InvalidPkcs1Padding InvalidPrivateKey InvalidPublic InvalidSignature
InvalidTypesInSignature JsonSerialization JsonWebKeyset Ktv LargeCofactor LowOrderPublic ManySteps
Mgf1Sha1 MissingNull MissingOctetString MissingZero MixedKeySet ModifiedCofactor ModifiedGenerator
ModifiedGroup ModifiedInteger ModifiedPadding ModifiedPkcs15Padding ModifiedPrime
ModifiedPublicPoint ModifiedSignature ModularInverse NegativeCofactor NoHash NonCanonicalPublic
Normal ParameterTest Pkcs15WithOaepKey Pkcs5Padding PointDuplication PublicKeyTooLong RangeCheck
ShortPadding SignatureMalleability SignatureMalleabilityBitcoin SignatureSize SignatureWithGarbage
SmallIntegerCiphertext SmallModulus SmallPublicKey SmallRandS SmallSignature SpecialCase
SpecialCaseHash SpecialCasePadding SpecialPublicKey SpecifyPkcs1Algorithm Sslv23Padding TinkOverflow
TruncatedSignature Twist UnnamedCurve Untruncatedhash UnusedParam Valid ValidSignature WeakHash
WeakPublicKey WrongCipher WrongCurve WrongHash WrongOrder WrongPrimitive ZeroPublicKey
ZeroSharedSecret
`), "CVE 2020-14967", "CVE 2021-3580", "Modified curve parameter")

// vectors returns the groups of a file of Wycheproof. The file must have the given number of
// tests.
func vectors(t *testing.T, name string, tests int) []vectorGroup {
	t.Helper()
	groups, n := readVectors(t, name)
	if n != tests {
		t.Fatalf("%s: got %d tests, want %d", name, n, tests)
	}
	return groups
}

// readVectors returns the groups of a file of Wycheproof and its number of tests. It fails the
// test if tests are lost, or if a result or a flag is unknown.
func readVectors(t *testing.T, name string) (groups []vectorGroup, tests int) {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		NumberOfTests int
		TestGroups    []vectorGroup
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, group := range file.TestGroups {
		tests += len(group.Tests)
		for _, tc := range group.Tests {
			if !slices.Contains([]string{"valid", "invalid", "acceptable"}, tc.Result) {
				t.Fatalf("%s, test %d: unknown result %q", name, tc.ID, tc.Result)
			}
			for _, flag := range tc.Flags {
				if !slices.Contains(knownFlags, flag) {
					t.Fatalf("%s, test %d: unknown flag %q", name, tc.ID, flag)
				}
			}
		}
	}
	if tests != file.NumberOfTests {
		t.Fatalf("%s: got %d tests, want %d", name, tests, file.NumberOfTests)
	}
	return file.TestGroups, tests
}

// kind returns the error kind of err. The error must have exactly one kind.
func kind(t *testing.T, err error) error {
	t.Helper()
	var found []error
	for _, k := range []error{jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrUnsupported, jwk.ErrPolicy, jwk.ErrPrivate, jwk.ErrNotFound, jwk.ErrDecrypt} {
		if errors.Is(err, k) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		t.Fatalf("error %v: got kinds %v, want one", err, found)
	}
	return found[0]
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// signatureFiles lists the files with valid and invalid signatures in the form of JWS: r and s
// have a fixed width, and the salt is as long as the hash.
var signatureFiles = []struct {
	name    string
	alg     jwk.Algorithm
	tests   int
	refused int // number of groups whose key is refused
}{
	{"ecdsa_secp256r1_sha256_p1363_test.json", jwk.ES256, 252, 0},
	{"ecdsa_secp384r1_sha384_p1363_test.json", jwk.ES384, 270, 0},
	{"ecdsa_secp521r1_sha512_p1363_test.json", jwk.ES512, 308, 0},
	{"ecdsa_secp256k1_sha256_p1363_test.json", jwk.ES256K, 242, 0},
	{"ed25519_test.json", jwk.Ed25519, 150, 0},
	{"ed448_test.json", jwk.Ed448, 86, 0},
	{"mldsa_44_verify_test.json", jwk.MLDSA44, 80, 3},
	{"mldsa_65_verify_test.json", jwk.MLDSA65, 83, 3},
	{"mldsa_87_verify_test.json", jwk.MLDSA87, 76, 3},
	{"rsa_signature_2048_sha256_test.json", jwk.RS256, 259, 0},
	{"rsa_signature_2048_sha384_test.json", jwk.RS384, 258, 0},
	{"rsa_signature_2048_sha512_test.json", jwk.RS512, 259, 0},
	{"rsa_signature_3072_sha256_test.json", jwk.RS256, 259, 0},
	{"rsa_signature_3072_sha384_test.json", jwk.RS384, 259, 0},
	{"rsa_signature_3072_sha512_test.json", jwk.RS512, 260, 0},
	{"rsa_signature_4096_sha256_test.json", jwk.RS256, 258, 0},
	{"rsa_signature_4096_sha384_test.json", jwk.RS384, 259, 0},
	{"rsa_signature_4096_sha512_test.json", jwk.RS512, 259, 0},
	{"rsa_signature_8192_sha256_test.json", jwk.RS256, 258, 0},
	{"rsa_signature_8192_sha384_test.json", jwk.RS384, 259, 0},
	{"rsa_signature_8192_sha512_test.json", jwk.RS512, 259, 0},
	{"rsa_pss_2048_sha256_mgf1_32_test.json", jwk.PS256, 108, 0},
	{"rsa_pss_2048_sha384_mgf1_48_test.json", jwk.PS384, 141, 0},
	{"rsa_pss_3072_sha256_mgf1_32_test.json", jwk.PS256, 108, 0},
	{"rsa_pss_4096_sha256_mgf1_32_test.json", jwk.PS256, 108, 0},
	{"rsa_pss_4096_sha384_mgf1_48_test.json", jwk.PS384, 141, 0},
	{"rsa_pss_4096_sha512_mgf1_64_test.json", jwk.PS512, 179, 0},
}

// jwk returns the public key of the group as a JWK. The groups for ML-DSA have no JWK, so it
// makes one for them.
func (g *vectorGroup) jwk(t *testing.T, alg jwk.Algorithm) []byte {
	t.Helper()
	switch {
	case g.PublicKeyJWK != nil:
		return g.PublicKeyJWK
	case g.KeyJWK != nil:
		return g.KeyJWK
	}
	return akp(t, alg, string(g.PublicKey), "").json(t)
}

// akp returns the members of an ML-DSA key (RFC 9964). The key is public if seed is empty.
func akp(t *testing.T, alg jwk.Algorithm, pub, seed string) members {
	t.Helper()
	o := members{"kty": "AKP", "alg": alg, "pub": base64.RawURLEncoding.EncodeToString(unhex(t, pub))}
	if seed != "" {
		o["priv"] = base64.RawURLEncoding.EncodeToString(unhex(t, seed))
	}
	return o
}

// TestWycheproofSignatures: the verifiers agree with the verdicts of Project Wycheproof. They
// refuse signatures that Wycheproof calls acceptable, such as PKCS #1 without the NULL, and
// signatures with a context, because JWS has no contexts. If the test fails, users accept
// forged signatures or reject good ones.
func TestWycheproofSignatures(t *testing.T) {
	for _, file := range signatureFiles {
		t.Run(file.name, func(t *testing.T) {
			verified, refused := 0, 0
			for _, group := range vectors(t, file.name, file.tests) {
				k, keyErr := jwk.Parse(group.jwk(t, file.alg))
				var v jose.OpaqueVerifier
				if keyErr != nil {
					refused++
				} else {
					var err error
					if v, err = k.JOSEVerifier(file.alg); err != nil {
						t.Fatal(err)
					}
				}
				for _, tc := range group.Tests {
					want := tc.Result == "valid" && tc.Context == ""
					if keyErr != nil {
						// Everyone can forge a signature for such a key, so parsing refuses the
						// key.
						if want && tc.Comment != "public key with t1 component set to zero" {
							t.Errorf("test %d (%s): key: got %v, want no error", tc.ID, tc.Comment, keyErr)
						}
						continue
					}
					err := v.VerifyPayload(unhex(t, tc.Message), unhex(t, tc.Sig), jose.SignatureAlgorithm(file.alg))
					if got := err == nil; got != want {
						t.Errorf("test %d (%s, %s): got %v, want verified: %v", tc.ID, tc.Comment, tc.Result, err, want)
					}
					if err == nil {
						verified++
					}
				}
			}
			if verified == 0 || refused != file.refused {
				t.Errorf("got %d signatures verified and %d keys refused, want some and %d", verified, refused, file.refused)
			}
		})
	}
}
