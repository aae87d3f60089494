package integration

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwe"
	"github.com/seed1f6cf2d3/jwk"
)

// TestEncryptJWX: jwx decrypts what is encrypted to X25519 here, and the other
// way round.
func TestEncryptJWX(t *testing.T) {
	secret := generate(t, jwk.EdDSA)
	want, err := secret.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	for alg, theirs := range map[jwk.Algorithm]jwa.KeyEncryptionAlgorithm{
		jwk.ECDHES:       jwa.ECDH_ES(),
		jwk.ECDHESA128KW: jwa.ECDH_ES_A128KW(),
		jwk.ECDHESA192KW: jwa.ECDH_ES_A192KW(),
		jwk.ECDHESA256KW: jwa.ECDH_ES_A256KW(),
	} {
		for _, curve := range []jwk.Curve{jwk.CurveX25519, jwk.CurveP256, jwk.CurveP384, jwk.CurveP521} {
			t.Run(string(alg)+"/"+string(curve), func(t *testing.T) {
				recipient, err := jwk.Generate(alg, &jwk.GenerateOptions{Curve: curve})
				if err != nil {
					t.Fatal(err)
				}
				text, err := secret.Encrypt(&jwk.EncryptOptions{Recipient: recipient})
				if err != nil {
					t.Fatal(err)
				}
				got, err := jwe.Decrypt(text, jwe.WithKey(theirs, recipient.PrivateKey()))
				if err != nil {
					t.Fatalf("jwx does not decrypt it: %v", err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("jwx: got %s, want %s", got, want)
				}

				for _, enc := range []jwa.ContentEncryptionAlgorithm{jwa.A256GCM(), jwa.A128CBC_HS256(), jwa.A256CBC_HS512()} {
					text, err = jwe.Encrypt(want, jwe.WithKey(theirs, recipient.PublicKey()), jwe.WithContentEncryption(enc))
					if err != nil {
						t.Fatal(err)
					}
					k, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: recipient})
					if err != nil {
						t.Fatalf("by jwx with %s: %v", enc, err)
					}
					if !k.Equal(secret) {
						t.Errorf("by jwx with %s: got %v, want %v", enc, k, secret)
					}
				}
			})
		}
	}
}

// TestWycheproofJWE: what the valid texts of Wycheproof hold are no keys, so that
// they are decrypted, and then refused with the error of Parse.
func TestWycheproofJWE(t *testing.T) {
	data, err := fs.ReadFile(wycheproof.TestVectors, "json_web_encryption_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		TestGroups []struct {
			Private json.RawMessage
			Tests   []struct {
				TcID    int
				Comment string
				PT      string
				JWE     string
				Result  string
				Flags   []string
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	decrypted, refused := 0, 0
	for _, group := range file.TestGroups {
		key, err := jwk.Parse(group.Private)
		if err != nil {
			t.Fatalf("test %d: %v", group.Tests[0].TcID, err)
		}
		for _, test := range group.Tests {
			_, err := jwk.DecryptKey([]byte(test.JWE), &jwk.DecryptOptions{Key: key})
			if err == nil {
				t.Fatalf("test %d: got a key", test.TcID)
			}
			plaintext, errHex := hex.DecodeString(test.PT)
			if errHex != nil {
				t.Fatal(errHex)
			}
			if test.PT == "" {
				plaintext = []byte("foo") // of all that leave it out
			}
			_, parsed := jwk.Parse(plaintext)
			if parsed == nil {
				t.Fatalf("test %d: %q is a key", test.TcID, plaintext)
			}
			opened := err.Error() == parsed.Error()
			switch test.Result {
			case "valid":
				// RSA1_5 and compression are refused.
				if key.Algorithm() == "RSA1_5" || len(test.Flags) == 1 && test.Flags[0] == "CompressedPlaintext" {
					if !errors.Is(err, jwk.ErrPolicy) {
						t.Errorf("test %d (%s): got %v, want %v", test.TcID, test.Comment, err, jwk.ErrPolicy)
					}
					refused++
					continue
				}
				if !opened {
					t.Errorf("test %d (%s): %v", test.TcID, test.Comment, err)
				}
				decrypted++
			case "invalid":
				if opened {
					t.Errorf("test %d (%s): it was decrypted: %v", test.TcID, test.Comment, err)
				}
				refused++
			default:
				t.Fatalf("test %d: unknown result %q", test.TcID, test.Result)
			}
		}
	}
	if decrypted == 0 || refused == 0 || decrypted+refused < 139 {
		t.Errorf("got %d texts decrypted and %d refused, want 139", decrypted, refused)
	}
}
