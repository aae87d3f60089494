package integration

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A signatureFile is a file of Wycheproof's with signatures, good and bad, in
// the form that JWS has them: r and s of one width.
type signatureFile struct {
	name  string
	alg   jwk.Algorithm
	tests int // so that none is lost
}

var signatureFiles = []signatureFile{
	{"ecdsa_secp256r1_sha256_p1363_test.json", jwk.ES256, 252},
	{"ecdsa_secp384r1_sha384_p1363_test.json", jwk.ES384, 270},
	{"ecdsa_secp521r1_sha512_p1363_test.json", jwk.ES512, 308},
	{"ecdsa_secp256k1_sha256_p1363_test.json", jwk.ES256K, 242},
	{"ed25519_test.json", jwk.Ed25519, 150},
	{"ed448_test.json", jwk.Ed448, 86},
	{"mldsa_44_verify_test.json", jwk.MLDSA44, 80},
	{"mldsa_65_verify_test.json", jwk.MLDSA65, 83},
	{"mldsa_87_verify_test.json", jwk.MLDSA87, 76},
	{"rsa_signature_2048_sha256_test.json", jwk.RS256, 259},
	{"rsa_signature_3072_sha384_test.json", jwk.RS384, 259},
	{"rsa_signature_4096_sha512_test.json", jwk.RS512, 259},
	{"rsa_pss_2048_sha256_mgf1_32_test.json", jwk.PS256, 108},
	{"rsa_pss_2048_sha384_mgf1_48_test.json", jwk.PS384, 141},
	{"rsa_pss_4096_sha512_mgf1_64_test.json", jwk.PS512, 179},
}

// A signatureGroup has one key, by one of these members.
type signatureGroup struct {
	PublicKeyJWK json.RawMessage `json:"publicKeyJwk"`
	KeyJWK       json.RawMessage `json:"keyJwk"`
	PublicKey    json.RawMessage `json:"publicKey"` // of ML-DSA a string, hexadecimal
	Tests        []struct {
		ID      int    `json:"tcId"`
		Comment string `json:"comment"`
		Message string `json:"msg"`
		Context string `json:"ctx"`
		Sig     string `json:"sig"`
		Result  string `json:"result"`
	} `json:"tests"`
}

// jwk returns the text of the group's key.
func (g *signatureGroup) jwk(t *testing.T, alg jwk.Algorithm) []byte {
	t.Helper()
	switch {
	case g.PublicKeyJWK != nil:
		return g.PublicKeyJWK
	case g.KeyJWK != nil:
		return g.KeyJWK
	}
	var pub string
	if err := json.Unmarshal(g.PublicKey, &pub); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{"kty": "AKP", "alg": string(alg), "pub": base64.RawURLEncoding.EncodeToString(unhex(t, pub))})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWycheproofSignatures holds the verifiers to Project Wycheproof's verdicts.
// What it calls acceptable, such as PKCS #1 without the NULL, is refused; of a
// context, which JWS has no place for, it knows nothing.
func TestWycheproofSignatures(t *testing.T) {
	for _, file := range signatureFiles {
		t.Run(string(file.alg), func(t *testing.T) {
			data, err := fs.ReadFile(wycheproof.TestVectors, file.name)
			if err != nil {
				t.Fatal(err)
			}
			var vectors struct {
				Groups []signatureGroup `json:"testGroups"`
			}
			if err := json.Unmarshal(data, &vectors); err != nil {
				t.Fatal(err)
			}
			tests, verified := 0, 0
			for _, group := range vectors.Groups {
				k, keyErr := jwk.Parse(group.jwk(t, file.alg))
				var v jose.OpaqueVerifier
				if keyErr == nil {
					if v, err = k.JOSEVerifier(file.alg); err != nil {
						t.Fatal(err)
					}
				}
				for _, tc := range group.Tests {
					tests++
					want := tc.Result == "valid" && tc.Context == ""
					if keyErr != nil {
						// Such a key verifies what anybody signs: it is refused before.
						if want && tc.Comment != "public key with t1 component set to zero" {
							t.Errorf("%d, %s: key: %v", tc.ID, tc.Comment, keyErr)
						}
						continue
					}
					err := v.VerifyPayload(unhex(t, tc.Message), unhex(t, tc.Sig), jose.SignatureAlgorithm(file.alg))
					if got := err == nil; got != want {
						t.Errorf("%d, %s (%s): got %v, want it to verify: %v", tc.ID, tc.Comment, tc.Result, err, want)
					}
					if err == nil {
						verified++
					}
				}
			}
			if tests != file.tests || verified == 0 {
				t.Errorf("got %d tests, of which %d verify; want %d", tests, verified, file.tests)
			}
		})
	}
}
