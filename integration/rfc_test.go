package integration

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"go/version"
	"os"
	"runtime"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
)

// mldsaInJOSE reports whether go-jose supports ML-DSA, for which it needs crypto/mldsa.
var mldsaInJOSE = version.Compare(runtime.Version(), "go1.27") >= 0

// facts returns the entries of a file in ../testdata. The file must have want entries.
func facts[T any](t *testing.T, name string, want int) []T {
	t.Helper()
	f, err := os.Open("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	var all []T
	if err := dec.Decode(&all); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(all) != want {
		t.Fatalf("%s: got %d facts, want %d", name, len(all), want)
	}
	return all
}

// An rfcKey is a key that an RFC prints. Only the tests of package jwk use its thumbprints with
// other hashes.
type rfcKey struct {
	Source     string          `json:"source"`
	JWK        json.RawMessage `json:"jwk"`
	Thumbprint string          `json:"thumbprint"`
	SHA384     string          `json:"thumbprint_sha384"`
	SHA512     string          `json:"thumbprint_sha512"`
	URI        string          `json:"thumbprint_uri"`
}

func rfcKeyFacts(t *testing.T) []rfcKey { return facts[rfcKey](t, "rfc.json", 39) }

// rfcKeys returns the keys that RFCs print, by the section that prints them.
func rfcKeys(t *testing.T) map[string]*jwk.Key {
	t.Helper()
	keys := make(map[string]*jwk.Key)
	for _, fact := range rfcKeyFacts(t) {
		keys[fact.Source] = parsed(t, fact.JWK)
	}
	return keys
}

func parsed(t *testing.T, text []byte) *jwk.Key {
	t.Helper()
	k, err := jwk.Parse(text)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return k
}

// inGoJOSE reports whether go-jose supports this kind of key.
func inGoJOSE(k *jwk.Key) bool {
	switch k.Curve() {
	case jwk.CurveX25519, jwk.CurveX448, jwk.CurveEd448:
		return false
	}
	return k.Type() != jwk.AKP || mldsaInJOSE
}

// joseOf returns the go-jose form of a key.
func joseOf(t *testing.T, k *jwk.Key) jose.JSONWebKey {
	t.Helper()
	j, err := k.JOSE()
	if err != nil {
		t.Fatalf("%v: %v", k, err)
	}
	return j
}

// TestRFCKeys: each key that an RFC prints survives the conversion to go-jose and back. go-jose
// reads the same key and thumbprint from its text. Otherwise users who exchange keys with
// go-jose would lose members or find another thumbprint.
func TestRFCKeys(t *testing.T) {
	held := 0
	for _, fact := range rfcKeyFacts(t) {
		t.Run(fact.Source, func(t *testing.T) {
			k := parsed(t, fact.JWK)
			if !inGoJOSE(k) {
				if j, err := k.JOSE(); !errors.Is(err, jwk.ErrUnsupported) {
					t.Errorf("JOSE: got %v, %v, want %v", j, err, jwk.ErrUnsupported)
				}
				return
			}
			j := joseOf(t, k)
			back, err := jwk.FromJOSE(j)
			checkSame(t, "FromJOSE", back, err, k)
			if back.KeyID() != k.KeyID() || back.Use() != k.Use() || back.Algorithm() != k.Algorithm() {
				t.Errorf("FromJOSE: got %v, want the members of %v", back, k)
			}
			if k.Type() != jwk.Oct { // go-jose makes no thumbprints of secrets
				sum, err := j.Thumbprint(crypto.SHA256)
				if got := base64.RawURLEncoding.EncodeToString(sum); err != nil || got != fact.Thumbprint {
					t.Errorf("go-jose's thumbprint: got %s, %v, want %s", got, err, fact.Thumbprint)
				}
			}

			var read jose.JSONWebKey
			if err := json.Unmarshal(fact.JWK, &read); err != nil {
				t.Fatalf("go-jose cannot read the key: %v", err)
			}
			same, err := jwk.FromJOSE(read)
			checkSame(t, "FromJOSE of what go-jose read", same, err, k)
			held++
		})
	}
	want := 30 // without X25519, X448, Ed448 and ML-DSA
	if mldsaInJOSE {
		want = 33
	}
	t.Logf("%d keys converted to go-jose and back", held)
	if held != want {
		t.Errorf("got %d keys, want %d", held, want)
	}
}

// TestRFCSignatures verifies the signatures of RFCs with a JOSEVerifier and with the go-jose
// form of the key. It finds each key by the header of its token in a set of all keys: RFC 7520
// gives an RSA key and an EC key the same kid, and only alg distinguishes them.
func TestRFCSignatures(t *testing.T) {
	keys := rfcKeys(t)
	var all []*jwk.Key
	for _, fact := range rfcKeyFacts(t) { // the order of the file, unlike the map
		all = append(all, keys[fact.Source])
	}
	set := jwk.NewSet(all...)
	verified, native, found := 0, 0, 0
	for _, fact := range facts[struct {
		Source  string        `json:"source"`
		Key     string        `json:"key"`
		Alg     jwk.Algorithm `json:"alg"`
		JWS     string        `json:"jws"`
		Repeats bool          `json:"repeats"`
	}](t, "jws.json", 12) {
		t.Run(fact.Source, func(t *testing.T) {
			k := keys[fact.Key]
			jws, err := jose.ParseSignedCompact(fact.JWS, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(fact.Alg)})
			if err != nil {
				t.Fatal(err)
			}
			check := func(with string, key any, count *int) {
				t.Helper()
				if _, err := jws.Verify(key); err != nil {
					t.Errorf("%s: %v", with, err)
				}
				// The caller supplies the payload of a detached JWS.
				payload := jws.UnsafePayloadWithoutVerification()
				if err := jws.DetachedVerify(payload, key); err != nil {
					t.Errorf("%s, detached: %v", with, err)
				}
				if err := jws.DetachedVerify(append(payload[:len(payload):len(payload)], ' '), key); err == nil {
					t.Errorf("%s: another payload verifies", with)
				}
				*count++
			}
			v, err := publicHalf(t, k).JOSEVerifier(fact.Alg)
			if err != nil {
				t.Fatal(err)
			}
			check("JOSEVerifier", v, &verified)
			if inGoJOSE(k) {
				check("JOSE", joseOf(t, publicHalf(t, k)), &native)
			}

			header := jws.Signatures[0].Protected
			if header.KeyID == "" {
				return
			}
			one, err := set.Find(t.Context(), jwk.Query{KeyID: header.KeyID, Algorithm: fact.Alg, Ops: jwk.OpVerify})
			if k.Type() == jwk.AKP { // the kid is a thumbprint, which rfc.json leaves out
				sum, err := jwk.ParseThumbprint(header.KeyID)
				if err != nil {
					t.Fatal(err)
				}
				one, _ = set.LookupThumbprint(sum)
			} else if err != nil {
				t.Fatal(err)
			}
			if !one.Supports(fact.Alg) || one.Thumbprint() != k.Thumbprint() {
				t.Errorf("for kid %q and %s: got %v, want %v", header.KeyID, fact.Alg, one, k)
			}
			found++
		})
	}
	want := 9 // without ML-DSA
	if mldsaInJOSE {
		want = 12
	}
	t.Logf("%d signatures verified by JOSEVerifier, %d by go-jose, %d keys found by the header", verified, native, found)
	if verified != 12 || native != want || found != 7 {
		t.Errorf("got %d, %d and %d, want 12, %d and 7", verified, native, found, want)
	}
}

// TestRFCSignaturesJSON verifies the examples of RFC 7520, Sections 4.6 to 4.8: one or more
// signatures in the JSON serialization.
func TestRFCSignaturesJSON(t *testing.T) {
	keys := rfcKeys(t)
	verified := 0
	for _, fact := range facts[struct {
		Source string          `json:"source"`
		Keys   []string        `json:"keys"` // in the order of the signatures
		JWS    json.RawMessage `json:"jws"`
	}](t, "jws-json.json", 3) {
		t.Run(fact.Source, func(t *testing.T) {
			jws, err := jose.ParseSignedJSON(string(fact.JWS), everyAlgorithm())
			if err != nil {
				t.Fatal(err)
			}
			if len(jws.Signatures) != len(fact.Keys) {
				t.Fatalf("got %d signatures, want %d", len(jws.Signatures), len(fact.Keys))
			}
			for i, source := range fact.Keys {
				v, err := keys[source].JOSEVerifier(jwk.Algorithm(jws.Signatures[i].Header.Algorithm))
				if err != nil {
					t.Fatal(err)
				}
				for _, key := range []any{joseOf(t, keys[source]), v} {
					if at, _, _, err := jws.VerifyMulti(key); err != nil || at != i {
						t.Errorf("%s as %T: got signature %d, %v, want %d", source, key, at, err, i)
					}
					verified++
				}
			}
		})
	}
	t.Logf("%d signatures verified, each twice", verified/2)
	if verified != 10 {
		t.Errorf("got %d verified, want 10", verified)
	}
}

// The algorithms with which RFC 7517 and RFC 7520 encrypt, by the names of go-jose.
var (
	keyAlgorithms = []jose.KeyAlgorithm{
		jose.RSA1_5, jose.RSA_OAEP, jose.ECDH_ES, jose.ECDH_ES_A128KW, jose.ECDH_ES_A256KW, jose.A128KW, jose.A256GCMKW, jose.DIRECT,
		jose.PBES2_HS256_A128KW, jose.PBES2_HS512_A256KW,
	}
	contentEncryptions = []jose.ContentEncryption{jose.A128GCM, jose.A256GCM, jose.A128CBC_HS256}
)

// A jweFact is a text that an RFC encrypts, with the key or the passphrase that decrypts it.
type jweFact struct {
	Source     string          `json:"source"`
	Passphrase string          `json:"passphrase"`
	Key        json.RawMessage `json:"key"`
	JWE        string          `json:"jwe"`
	Text       string          `json:"text"`
	JWK        json.RawMessage `json:"jwk"`     // the plaintext, if it is a key; replaces Text
	Refused    string          `json:"refused"` // why DecryptKey refuses it, unlike go-jose
}

// TestRFCEncryption decrypts the examples of RFC 7517, Appendix C, and RFC 7520, Section 5, with
// go-jose and our keys. If it fails, a key loses what go-jose needs to decrypt with it.
func TestRFCEncryption(t *testing.T) {
	decrypted := 0
	for _, fact := range facts[jweFact](t, "jwe.json", 10) {
		t.Run(fact.Source, func(t *testing.T) {
			jwe, err := jose.ParseEncryptedCompact(fact.JWE, keyAlgorithms, contentEncryptions)
			if err != nil {
				t.Fatal(err)
			}
			var key any = []byte(fact.Passphrase)
			if fact.Passphrase == "" {
				key = joseOf(t, parsed(t, fact.Key))
			}
			text, err := jwe.Decrypt(key)
			if err != nil {
				t.Fatal(err)
			}
			decrypted++
			if fact.JWK == nil {
				if string(text) != fact.Text {
					t.Errorf("got %q, want %q", text, fact.Text)
				}
				return
			}
			var j jose.JSONWebKey
			if err := json.Unmarshal(text, &j); err != nil {
				t.Fatal(err)
			}
			k, err := jwk.FromJOSE(j)
			checkSame(t, "FromJOSE", k, err, parsed(t, fact.JWK))
		})
	}
	t.Logf("%d texts decrypted by go-jose", decrypted)
	if decrypted != 10 {
		t.Errorf("got %d texts decrypted, want 10", decrypted)
	}
}

// TestRFCEncryptedKeys decrypts the key of RFC 7517, Appendix C, and the set of RFC 7520, Section
// 5.3, with their passphrases. If it fails, users cannot read keys that other programs encrypted.
func TestRFCEncryptedKeys(t *testing.T) {
	read := 0
	for _, fact := range facts[jweFact](t, "jwe.json", 10) {
		if fact.Passphrase == "" {
			continue
		}
		decrypt, text := jwk.DecryptSet, fact.Text
		if fact.JWK != nil {
			text = `{"keys":[` + string(fact.JWK) + `]}`
			decrypt = func(jwe []byte, opts *jwk.DecryptOptions) (*jwk.Set, error) {
				k, err := jwk.DecryptKey(jwe, opts)
				return jwk.NewSet(k), err
			}
		}
		want, err := jwk.ParseSet([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decrypt([]byte(fact.JWE), &jwk.DecryptOptions{Passphrase: []byte(fact.Passphrase)})
		if err != nil {
			t.Fatalf("%s: %v", fact.Source, err)
		}
		if diff := got.Diff(want); got.Len() == 0 || len(diff.Added)+len(diff.Removed)+len(diff.Changed) != 0 {
			t.Errorf("%s: got %v, want %v", fact.Source, got, want)
		}
		if _, err := decrypt([]byte(fact.JWE), &jwk.DecryptOptions{Passphrase: []byte(fact.Passphrase + " ")}); !errors.Is(err, jwk.ErrDecrypt) {
			t.Errorf("%s, another passphrase: got %v, want %v", fact.Source, err, jwk.ErrDecrypt)
		}
		read += got.Len()
	}
	t.Logf("%d encrypted keys read", read)
	if read != 4 {
		t.Errorf("got %d keys read, want 4", read)
	}
}

// TestRFCEncryptionJSON decrypts the examples of RFC 7520, Sections 5.10 to 5.13: texts for one
// or more recipients in the JSON serialization.
func TestRFCEncryptionJSON(t *testing.T) {
	const text = "You can trust us to stick with you through thick and thin–to the bitter end. " +
		"And you can trust us to keep any secret of yours–closer than you keep it yourself. " +
		"But you cannot trust us to let you face trouble alone, and go off without a word. We are your friends, Frodo."
	keys := rfcKeys(t)
	decrypted := 0
	for _, fact := range facts[struct {
		Source string          `json:"source"`
		Keys   []string        `json:"keys"` // in the order of the recipients
		JWE    json.RawMessage `json:"jwe"`
	}](t, "jwe-json.json", 4) {
		t.Run(fact.Source, func(t *testing.T) {
			jwe, err := jose.ParseEncryptedJSON(string(fact.JWE), keyAlgorithms, contentEncryptions)
			if err != nil {
				t.Fatal(err)
			}
			for i, source := range fact.Keys {
				at, _, got, err := jwe.DecryptMulti(joseOf(t, keys[source]))
				if err != nil || at != i || string(got) != text {
					t.Errorf("%s: got recipient %d, %q, %v, want %d and the text", source, at, got, err, i)
					continue
				}
				decrypted++
			}
			// DecryptKey reads a JSON serialization only if the whole header is protected.
			if _, err := jwk.DecryptKey(fact.JWE, &jwk.DecryptOptions{Key: keys[fact.Keys[0]]}); !errors.Is(err, jwk.ErrUnsupported) {
				t.Errorf("DecryptKey: got %v, want %v", err, jwk.ErrUnsupported)
			}
		})
	}
	t.Logf("%d recipients decrypt", decrypted)
	if decrypted != 6 {
		t.Errorf("got %d recipients that decrypt, want 6", decrypted)
	}
}
