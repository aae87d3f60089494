package jwk

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
)

// A jweFact is an example of an encrypted text in an RFC.
type jweFact struct {
	Source     string          `json:"source"`
	Passphrase string          `json:"passphrase"`
	Key        json.RawMessage `json:"key"`
	JWE        string          `json:"jwe"`
	Text       string          `json:"text"`
	JWK        json.RawMessage `json:"jwk"`     // the text, if it is a key
	Refused    string          `json:"refused"` // the member of the header that is refused
}

func jweFacts(t *testing.T) []jweFact {
	t.Helper()
	f, err := os.Open("testdata/jwe.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	var facts []jweFact
	if err := dec.Decode(&facts); err != nil {
		t.Fatal(err)
	}
	if len(facts) != 10 {
		t.Fatalf("got %d facts, want 10", len(facts))
	}
	return facts
}

// TestEncryptionAlgorithms checks that every algorithm for encryption has a row in one of the
// tables of JWE, and that no other algorithm has one. An algorithm without a row could be parsed,
// but keys for it could not decrypt.
func TestEncryptionAlgorithms(t *testing.T) {
	rows := make(map[Algorithm]int)
	for _, a := range keyAlgs {
		rows[a.alg]++
	}
	for _, a := range passphraseAlgs {
		rows[a.alg]++
	}
	for _, e := range contentEncryptions {
		rows[e.enc]++
	}
	for _, spec := range algSpecs {
		want := 0
		if spec.use == UseEnc && spec.alg != "RSA1_5" { // RFC 8725, Section 3.2
			want = 1
		}
		if got := rows[spec.alg]; got != want {
			t.Errorf("%s: got %d rows, want %d", spec.alg, got, want)
		}
		delete(rows, spec.alg)
	}
	for alg := range rows {
		t.Errorf("%s: has a row, but is not in the table of algorithms", alg)
	}
}

// TestDecryptRFC checks that the examples of RFC 7517, Appendix C, and RFC 7520, Section 5,
// decrypt, with at least one text for each key management mode.
func TestDecryptRFC(t *testing.T) {
	var algs []string
	for _, fact := range jweFacts(t) {
		t.Run(fact.Source, func(t *testing.T) {
			var o DecryptOptions
			if fact.Passphrase != "" {
				o.Passphrase = []byte(fact.Passphrase)
			} else {
				key, err := Parse(fact.Key)
				if err != nil {
					t.Fatal(err)
				}
				o.Key = key
			}
			content := keyContent
			if fact.Text != "" && fact.Passphrase != "" {
				content = setContent
			}
			text, err := o.decrypt([]byte(fact.JWE), content)
			if fact.Refused != "" {
				var e *Error
				if !errors.As(err, &e) || !errors.Is(err, ErrPolicy) || string(e.Path) != "/protected/"+fact.Refused {
					t.Errorf("got %v, want %v at %s", err, ErrPolicy, fact.Refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			j, err := parseJWE([]byte(fact.JWE), content)
			if err != nil {
				t.Fatal(err)
			}
			algs = append(algs, string(j.header.alg))
			if fact.JWK == nil {
				if string(text) != fact.Text {
					t.Errorf("got %q, want %q", text, fact.Text)
				}
				return
			}
			got, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Parse(fact.JWK)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(want) || got.KeyID() != want.KeyID() || got.Use() != want.Use() {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
	slices.Sort(algs)
	want := []string{"A128KW", "A256GCMKW", "ECDH-ES", "ECDH-ES+A128KW", "PBES2-HS256+A128KW", "PBES2-HS512+A256KW", "RSA-OAEP", "dir"}
	if !slices.Equal(algs, want) {
		t.Errorf("got algorithms %q, want %q", algs, want)
	}
}

// TestSharedSecretRFC checks the shared secret of X25519 in RFC 8037, Appendix A.6. The private
// half of the recipient is in RFC 7748, Section 6.1.
func TestSharedSecretRFC(t *testing.T) {
	ephemeral := keyOfHex(t, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
	bob := keyOfHex(t, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
	for _, pair := range [][2]*Key{{ephemeral, bob}, {bob, ephemeral}} {
		z, err := sharedSecret(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := hex.EncodeToString(z), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func keyOfHex(t *testing.T, d, x string) *Key {
	t.Helper()
	var w writer
	w.str("kty", "OKP")
	w.str("crv", "X25519")
	for _, m := range [][2]string{{"d", d}, {"x", x}} {
		b, err := hex.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		w.octets(m[0], b)
	}
	text, err := w.done()
	if err != nil {
		t.Fatal(err)
	}
	k, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestAgreeKeyRFC checks the agreed key in RFC 7518, Appendix C.
func TestAgreeKeyRFC(t *testing.T) {
	parse := func(text string) *Key {
		k, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	alice := parse(`{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}`)
	bob := parse(`{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}`)
	for _, pair := range [][2]*Key{{alice, bob}, {bob, alice}} {
		key, err := agreeKey(pair[0], pair[1], A128GCM, 16, []byte("Alice"), []byte("Bob"))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := encode64(key), "VqqN6vgjbSBcIijNcacQGg"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		// apu and apv must go into the key: without them it is another key.
		if other, err := agreeKey(pair[0], pair[1], A128GCM, 16, nil, nil); err != nil || bytes.Equal(other, key) {
			t.Errorf("got the same key without parties, %v", err)
		}
	}
}
