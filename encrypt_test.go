package jwk_test

import (
	"bytes"
	"crypto/aes"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	josecipher "github.com/go-jose/go-jose/v4/cipher"

	"github.com/seed1f6cf2d3/jwk"
)

// partNames are the names of the parts of a JWE, in the order of the text.
var partNames = []string{"protected", "encrypted_key", "iv", "ciphertext", "tag"}

// headerOf returns the header of a JWE.
func headerOf(t testing.TB, jwe []byte) object {
	t.Helper()
	first, _, _ := strings.Cut(string(jwe), ".")
	text, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		t.Fatal(err)
	}
	var h object
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// withHeader returns the JWE with another header.
func withHeader(jwe []byte, header []byte) []byte {
	_, rest, _ := strings.Cut(string(jwe), ".")
	return []byte(encoded(header) + "." + rest)
}

// partOf returns the octets of a part.
func partOf(t testing.TB, jwe []byte, name string) []byte {
	t.Helper()
	octets, err := base64.RawURLEncoding.DecodeString(strings.Split(string(jwe), ".")[slices.Index(partNames, name)])
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// pbes2JWE encrypts a text with the passphrase by PBES2-HS256+A128KW and A256GCM.
func pbes2JWE(t testing.TB, salt []byte, count int, text string) []byte {
	t.Helper()
	kek, err := pbkdf2.Key(sha256.New, string(passphrase), append([]byte("PBES2-HS256+A128KW\x00"), salt...), count, 16)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	key := octOf(32).key(t)
	secret, err := key.Secret()
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := josecipher.KeyWrap(block, secret)
	if err != nil {
		t.Fatal(err)
	}
	header := object{"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2s": encoded(salt), "p2c": count}
	return withPart(t, directJWE(t, key, string(header.json(t)), text), "encrypted_key", wrapped)
}

// An encryptCase is a recipient, and the algorithm that Encrypt must choose for it.
type encryptCase struct {
	name      string
	recipient func(t testing.TB) object // the private key
	alg       jwk.Algorithm             // the wanted algorithm
	jose      bool                      // go-jose can decrypt it too
}

func named(name string, members ...any) func(t testing.TB) object {
	return func(t testing.TB) object { return fixture(t, name).with(members...) }
}

func octWith(n int, members ...any) func(t testing.TB) object {
	return func(t testing.TB) object { return octOf(n).with(members...) }
}

// encryptCases have every algorithm that Encrypt can choose (TestEncryptCases).
var encryptCases = []encryptCase{
	{"RSA", named("RSA-2048"), "RSA-OAEP-256", true},
	{"RSA of three primes", named("RSA-2048-multi-prime"), "RSA-OAEP-256", false},
	{"RSA for RSA-OAEP-256", named("RSA-2048", "alg", "RSA-OAEP-256"), "RSA-OAEP-256", true},
	{"RSA for RSA-OAEP", named("RSA-2048", "alg", "RSA-OAEP"), "RSA-OAEP", true},
	{"RSA to decrypt", named("RSA-2048", "key_ops", []string{"decrypt"}), "RSA-OAEP-256", true},
	{"RSA to unwrap keys", named("RSA-2048", "use", "enc", "key_ops", []string{"unwrapKey"}), "RSA-OAEP-256", true},
	{"P-256", named("P-256"), "ECDH-ES+A256KW", true},
	{"P-384", named("P-384"), "ECDH-ES+A256KW", true},
	{"P-521", named("P-521"), "ECDH-ES+A256KW", true},
	{"P-521 for A192KW", named("P-521", "alg", "ECDH-ES+A192KW"), "ECDH-ES+A192KW", true},
	{"P-256 for A128KW", named("P-256", "alg", "ECDH-ES+A128KW"), "ECDH-ES+A128KW", true},
	{"P-256 for direct agreement", named("P-256", "alg", "ECDH-ES", "use", "enc"), "ECDH-ES", true},
	{"P-256 to derive keys", named("P-256", "key_ops", []string{"deriveKey"}), "ECDH-ES+A256KW", true},
	{"X25519", named("X25519"), "ECDH-ES+A256KW", false},
	{"X25519 for direct agreement", named("X25519", "alg", "ECDH-ES"), "ECDH-ES", false},
	{"X448", named("X448"), "ECDH-ES+A256KW", false},
	{"X448 to derive bits", named("X448", "key_ops", []string{"deriveBits"}), "ECDH-ES+A256KW", false},
	{"oct of 32 octets", octWith(32), "A256KW", true},
	{"oct of 24 octets", octWith(24), "A192KW", true},
	{"oct of 16 octets", octWith(16), "A128KW", true},
	{"oct for A256GCMKW", octWith(32, "alg", "A256GCMKW"), "A256GCMKW", true},
	{"oct for A192GCMKW", octWith(24, "alg", "A192GCMKW"), "A192GCMKW", true},
	{"oct for A128GCMKW", octWith(16, "alg", "A128GCMKW"), "A128GCMKW", true},
	{"oct for direct encryption", octWith(32, "alg", "dir"), "dir", true},
	{"oct for A256GCM", octWith(32, "alg", "A256GCM", "key_ops", []string{"encrypt", "decrypt"}), "dir", true},
}

// TestEncryptCases checks that encryptCases have every algorithm. An algorithm without a case
// would be untested.
func TestEncryptCases(t *testing.T) {
	seen := make(map[jwk.Algorithm]bool)
	for _, c := range encryptCases {
		seen[c.alg] = true
	}
	for _, alg := range []jwk.Algorithm{
		jwk.RSAOAEP, jwk.RSAOAEP256,
		jwk.ECDHES, jwk.ECDHESA128KW, jwk.ECDHESA192KW, jwk.ECDHESA256KW,
		jwk.A128KW, jwk.A192KW, jwk.A256KW, jwk.A128GCMKW, jwk.A192GCMKW, jwk.A256GCMKW, jwk.Dir,
	} {
		if !seen[alg] {
			t.Errorf("no case for %s", alg)
		}
	}
}

// secretKey returns a key with members that other libraries lose.
func secretKey(t testing.TB) *jwk.Key {
	return fixture(t, "Ed25519").with("kid", "kept <&>", "note", map[string]any{"n": []int{1, 2}}).key(t)
}

// TestEncrypt checks that a key or set that was encrypted to a key, private or public, decrypts
// without any change.
func TestEncrypt(t *testing.T) {
	for _, c := range encryptCases {
		t.Run(c.name, func(t *testing.T) {
			private := c.recipient(t).with("kid", "the recipient").key(t)
			recipients := []*jwk.Key{private}
			if private.Type() != jwk.Oct {
				half, err := private.Public()
				if err != nil {
					t.Fatal(err)
				}
				recipients = append(recipients, half)
			}
			for _, recipient := range recipients {
				k := secretKey(t)
				text := encrypted(t, k, &jwk.EncryptOptions{Recipient: recipient})
				want := object{"alg": string(c.alg), "enc": "A256GCM", "cty": "jwk+json", "kid": "the recipient"}
				for name, value := range want {
					if got := headerOf(t, text)[name]; got != value {
						t.Errorf("header: got %s %v, want %v", name, got, value)
					}
				}
				if _, err := jwk.DecryptSet(text, &jwk.DecryptOptions{Key: private}); !errors.Is(err, jwk.ErrInvalid) {
					t.Errorf("DecryptSet: got %v, want %v", err, jwk.ErrInvalid)
				}
				got := decrypted(t, text, &jwk.DecryptOptions{Key: private})
				if !bytes.Equal(privateKeyText(t, got), privateKeyText(t, k)) {
					t.Errorf("got %s, want %s", privateKeyText(t, got), privateKeyText(t, k))
				}

				s := secretSet(t)
				text = encryptedSet(t, s, &jwk.EncryptOptions{Recipient: recipient})
				if got := headerOf(t, text)["cty"]; got != "jwk-set+json" {
					t.Errorf("header of the set: got cty %v, want jwk-set+json", got)
				}
				checkNotDecrypted(t, text, &jwk.DecryptOptions{Key: private}, jwk.ErrInvalid, "/protected/cty")
				set, err := jwk.DecryptSet(text, &jwk.DecryptOptions{Key: private})
				if err != nil {
					t.Fatal(err)
				}
				if privateText(t, set) != privateText(t, s) {
					t.Errorf("got %s, want %s", privateText(t, set), privateText(t, s))
				}
			}
		})
	}
}

// TestEncryptEveryKind checks that keys of every kind, public and private, decrypt without any
// change.
func TestEncryptEveryKind(t *testing.T) {
	for _, name := range fixtureNames {
		for _, o := range []object{fixture(t, name), public(t, name)} {
			if name == "oct-256" && o["k"] == nil {
				continue
			}
			k := o.key(t)
			got := decrypted(t, encrypted(t, k, toPassphrase()), fromPassphrase())
			if !got.Equal(k) {
				t.Errorf("%s: got %v, want %v", name, got, k)
			}
		}
	}
	empty := encryptedSet(t, new(jwk.Set), toPassphrase())
	if s, err := jwk.DecryptSet(empty, fromPassphrase()); err != nil || s.Len() != 0 {
		t.Errorf("the empty set: got %v, %v", s, err)
	}
}

// TestEncryptPassphrase checks the header of texts for a passphrase. A smaller default count
// than 600,000 would make passphrases easier to guess.
func TestEncryptPassphrase(t *testing.T) {
	k := secretKey(t)
	for _, count := range []int{0, fewIterations, 5000} {
		text := encrypted(t, k, &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: count})
		h := headerOf(t, text)
		want := count
		if want == 0 {
			want = 600_000
		}
		if h["alg"] != "PBES2-HS512+A256KW" || h["enc"] != "A256GCM" || h["cty"] != "jwk+json" || h["p2c"] != float64(want) {
			t.Errorf("count %d: got header %v", count, h)
		}
		if salt, err := base64.RawURLEncoding.DecodeString(fmt.Sprint(h["p2s"])); err != nil || len(salt) != 16 {
			t.Errorf("got a salt of %d octets, %v; want 16", len(salt), err)
		}
		if count == 0 {
			continue // it takes long, and ExampleKey_Encrypt decrypts such a text
		}
		if got := decrypted(t, text, fromPassphrase()); !got.Equal(k) {
			t.Errorf("got %v, want %v", got, k)
		}
	}
}

// TestPassphraseOctets checks that a passphrase is used without change: another one with other
// blanks or another Unicode form does not decrypt.
func TestPassphraseOctets(t *testing.T) {
	k := secretKey(t)
	for _, p := range []string{"x", " x", "x ", "x\n", "\x00", "\x00\x00", "\xff\xfe", "é", "e\u0301", strings.Repeat("x", 4096)} {
		text := encrypted(t, k, &jwk.EncryptOptions{Passphrase: []byte(p), PBES2Count: fewIterations})
		for _, q := range []string{"x", " x", "x ", "\x01", "\xff\xfe", "é", "e\u0301", strings.Repeat("x", 4096)} {
			got, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Passphrase: []byte(q)})
			switch {
			case p == q && (err != nil || !got.Equal(k)):
				t.Errorf("%q: got %v, %v; want %v", p, got, err, k)
			case p != q:
				checkError(t, err, jwk.ErrDecrypt, "")
			}
		}
	}
}

// TestEncryptFresh checks that salts, nonces, content keys and ephemeral keys are not used
// twice, which would reveal the content.
func TestEncryptFresh(t *testing.T) {
	k := secretKey(t)
	for _, opts := range []*jwk.EncryptOptions{
		toPassphrase(),
		{Recipient: public(t, "RSA-2048").key(t)},
		{Recipient: public(t, "P-256").key(t)},
		{Recipient: public(t, "X25519").key(t)},
		{Recipient: public(t, "X448").key(t)},
		{Recipient: octOf(32).with("alg", "A256GCMKW").key(t)},
		{Recipient: octOf(32).key(t)},
		{Recipient: octOf(32).with("alg", "dir").key(t)},
	} {
		one, two := encrypted(t, k, opts), encrypted(t, k, opts)
		alg := headerOf(t, one)["alg"]
		for _, name := range partNames {
			same := bytes.Equal(partOf(t, one, name), partOf(t, two, name))
			fixed := name == "protected" && slices.Contains([]any{"RSA-OAEP-256", "A256KW", "dir"}, alg) || name == "encrypted_key" && alg == "dir"
			if same != fixed {
				t.Errorf("%v: %s is the same twice: got %v, want %v", alg, name, same, fixed)
			}
		}
		h, g := headerOf(t, one), headerOf(t, two)
		for _, name := range []string{"p2s", "iv", "tag"} {
			if h[name] != nil && h[name] == g[name] {
				t.Errorf("%v: got %s %v twice", alg, name, h[name])
			}
		}
		if e, ok := h["epk"].(map[string]any); ok {
			f := g["epk"].(map[string]any)
			if e["x"] == f["x"] {
				t.Errorf("%v: got epk %v twice", alg, e)
			}
			for name := range e {
				if !slices.Contains([]string{"kty", "crv", "x", "y"}, name) {
					t.Errorf("%v: epk has a %s", alg, name)
				}
			}
		}
	}
}

// TestEncryptRefused checks that Encrypt refuses each of these options, for a key and for a set,
// and that the error gives the reason.
func TestEncryptRefused(t *testing.T) {
	recipient := func(o object) *jwk.EncryptOptions { return &jwk.EncryptOptions{Recipient: o.key(t)} }
	for _, tt := range []struct {
		name string
		opts *jwk.EncryptOptions
		want error
		text string // in the error
	}{
		{"no options", nil, jwk.ErrInvalid, "Passphrase"},
		{"nobody", &jwk.EncryptOptions{}, jwk.ErrInvalid, "Passphrase"},
		{"both", &jwk.EncryptOptions{Passphrase: passphrase, Recipient: public(t, "P-256").key(t)}, jwk.ErrInvalid, "Passphrase"},
		{"empty passphrase", &jwk.EncryptOptions{Passphrase: []byte{}}, jwk.ErrPolicy, "empty"},
		{"passphrase of 4097 octets", &jwk.EncryptOptions{Passphrase: make([]byte, 4097)}, jwk.ErrPolicy, "4097"},
		{"passphrase of 1 MiB", &jwk.EncryptOptions{Passphrase: make([]byte, 1<<20)}, jwk.ErrPolicy, "4096"},
		{"too few iterations", &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 999}, jwk.ErrPolicy, "at least 1000"},
		{"negative iterations", &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: -1}, jwk.ErrPolicy, "-1"},
		{"too many iterations", &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1_000_000_001}, jwk.ErrPolicy, "at most 1000000000"},
		{"iterations for a key", &jwk.EncryptOptions{Recipient: public(t, "P-256").key(t), PBES2Count: 1000}, jwk.ErrInvalid, "PBES2Count"},
		{"negative iterations for a key", &jwk.EncryptOptions{Recipient: public(t, "P-256").key(t), PBES2Count: -5}, jwk.ErrInvalid, "PBES2Count"},
		{"zero Key", &jwk.EncryptOptions{Recipient: new(jwk.Key)}, jwk.ErrInvalid, "zero Key"},
		{"Ed25519", recipient(public(t, "Ed25519")), jwk.ErrUnsupported, "Ed25519"},
		{"Ed448", recipient(public(t, "Ed448")), jwk.ErrUnsupported, "Ed448"},
		{"secp256k1", recipient(public(t, "secp256k1")), jwk.ErrUnsupported, "secp256k1"},
		{"ML-DSA", recipient(public(t, "ML-DSA-44")), jwk.ErrUnsupported, "ML-DSA-44 keys"},
		{"use", recipient(public(t, "RSA-2048").with("use", "sig")), jwk.ErrInvalid, "use is sig"},
		{"use of EC", recipient(public(t, "P-256").with("use", "sig")), jwk.ErrInvalid, "use is sig"},
		{"unregistered use", recipient(public(t, "X25519").with("use", "x")), jwk.ErrInvalid, "use is x"},
		{"key_ops", recipient(public(t, "RSA-2048").with("key_ops", []string{"verify"})), jwk.ErrInvalid, "key_ops is [verify]"},
		{"unknown key_ops", recipient(public(t, "X448").with("key_ops", []string{"x"})), jwk.ErrInvalid, "key_ops"},
		{"key_ops of oct", recipient(octOf(32).with("key_ops", []string{"unwrapKey"})), jwk.ErrInvalid, "key_ops is [unwrapKey]"},
		{"alg", recipient(public(t, "P-256").with("alg", "ES256")), jwk.ErrInvalid, "alg is ES256"},
		{"RSA1_5", recipient(public(t, "RSA-2048").with("alg", "RSA1_5")), jwk.ErrInvalid, "alg is RSA1_5"},
		{"RSA-OAEP-384", recipient(public(t, "RSA-2048").with("alg", "RSA-OAEP-384")), jwk.ErrInvalid, "alg is RSA-OAEP-384"},
		{"RSA-OAEP-512", recipient(public(t, "RSA-2048").with("alg", "RSA-OAEP-512")), jwk.ErrInvalid, "alg is RSA-OAEP-512"},
		{"unknown alg", recipient(public(t, "RSA-2048").with("alg", "x")), jwk.ErrInvalid, "alg is x"},
		{"alg for passphrases", recipient(octOf(32).with("alg", "PBES2-HS512+A256KW")), jwk.ErrInvalid, "alg is"},
		{"oct of another size", recipient(octOf(31)), jwk.ErrInvalid, "needs 32 octets, the key has 31"},
		{"dir of another size", recipient(octOf(64).with("alg", "dir")), jwk.ErrInvalid, ""},
		{"another content encryption", recipient(octOf(16).with("alg", "A128GCM")), jwk.ErrInvalid, "alg is A128GCM"},
		{"kid too long for a header", recipient(public(t, "P-256").with("kid", strings.Repeat("k", 16<<10))), jwk.ErrPolicy, "kid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := secretKey(t).Encrypt(tt.opts)
			if text != nil {
				t.Errorf("got %s beside an error", text)
			}
			checkError(t, err, tt.want, "")
			if !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %q, want it to say %q", err, tt.text)
			}
			if _, err := secretSet(t).Encrypt(tt.opts); err == nil {
				t.Errorf("of a set: got no error")
			} else {
				checkError(t, err, tt.want, "")
			}
		})
	}
	_, err := new(jwk.Key).Encrypt(toPassphrase())
	checkError(t, err, jwk.ErrInvalid, "")
}

// TestEncryptLongKeyID checks that texts with a long kid in the header can be decrypted, up to
// the limit. Otherwise Encrypt would return texts that do not decrypt.
func TestEncryptLongKeyID(t *testing.T) {
	recipient := octOf(32).with("kid", strings.Repeat("k", 16<<10-60)).key(t)
	text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: recipient})
	decrypted(t, text, &jwk.DecryptOptions{Key: recipient})
	odd := octOf(32).with("kid", "\u2028\"\\\x01é").key(t)
	text = encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: odd})
	if got := headerOf(t, text)["kid"]; got != odd.KeyID() {
		t.Errorf("got kid %q, want %q", got, odd.KeyID())
	}
}

// TestDecryptOptions checks that options that contradict each other are refused.
func TestDecryptOptions(t *testing.T) {
	text := encrypted(t, secretKey(t), toPassphrase())
	recipient := fixture(t, "P-256").key(t)
	for _, tt := range []struct {
		name string
		opts *jwk.DecryptOptions
		want error
	}{
		{"no options", nil, jwk.ErrInvalid},
		{"nothing", &jwk.DecryptOptions{}, jwk.ErrInvalid},
		{"both", &jwk.DecryptOptions{Passphrase: passphrase, Key: recipient}, jwk.ErrInvalid},
		{"D07: empty passphrase", &jwk.DecryptOptions{Passphrase: []byte{}}, jwk.ErrPolicy},
		{"D07: passphrase of 1 MiB", &jwk.DecryptOptions{Passphrase: make([]byte, 1<<20)}, jwk.ErrPolicy},
		{"passphrase of 4097 octets", &jwk.DecryptOptions{Passphrase: make([]byte, 4097)}, jwk.ErrPolicy},
		{"zero Key", &jwk.DecryptOptions{Key: new(jwk.Key)}, jwk.ErrInvalid},
		{"public key", &jwk.DecryptOptions{Key: public(t, "P-256").key(t)}, jwk.ErrPrivate},
		{"iterations for a key", &jwk.DecryptOptions{Key: recipient, MaxPBES2Count: 1000}, jwk.ErrInvalid},
		{"negative iterations for a key", &jwk.DecryptOptions{Key: recipient, MaxPBES2Count: -5}, jwk.ErrInvalid},
		{"D07: wrong passphrase", &jwk.DecryptOptions{Passphrase: []byte("wrong")}, jwk.ErrDecrypt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkNotDecrypted(t, text, tt.opts, tt.want, "")
			_, err := jwk.DecryptSet(withHeader(text, headerOf(t, text).without("cty").json(t)), tt.opts)
			checkError(t, err, tt.want, "")
		})
	}
}

// TestDecryptForm checks that only the one encoding of a JWE in compact serialization is
// accepted (D04, D11). Otherwise a text could be changed without being noticed.
func TestDecryptForm(t *testing.T) {
	good := string(encrypted(t, secretKey(t), toPassphrase()))
	parts := strings.Split(good, ".")
	part := func(i int, text string) string {
		p := slices.Clone(parts)
		p[i] = text
		return strings.Join(p, ".")
	}
	for _, tt := range []struct {
		name, text, path string
	}{
		{"empty", "", ""},
		{"no JWE", "hello", ""},
		{"a key in the clear", string(fixture(t, "P-256").json(t)), ""},
		{"four parts", strings.Join(parts[:4], "."), ""},
		{"six parts", good + ".", ""},
		{"six parts at the start", "." + good, ""},
		{"ten million parts", strings.Repeat(".", 10_000_000), ""},
		{"two line breaks after it", good + "\n\n", "/tag"},
		{"two line breaks of Windows after it", good + "\r\n\r\n", "/tag"},
		{"a carriage return after it", good + "\r", "/tag"},
		{"line feed and carriage return after it", good + "\n\r", "/tag"},
		{"a space and a line break after it", good + " \n", "/tag"},
		{"line break before it", "\n" + good, "/protected"},
		{"byte order mark before it", "\uFEFF" + good, ""},
		{"space before it", " " + good, "/protected"},
		{"line break in the header", part(0, parts[0][:4]+"\r\n"+parts[0][4:]), "/protected"},
		{"line break in the encrypted key", part(1, parts[1][:4]+"\n"+parts[1][4:]), "/encrypted_key"},
		{"line break in the ciphertext", part(3, parts[3][:4]+"\n"+parts[3][4:]), "/ciphertext"},
		{"padding", part(2, parts[2]+"="), "/iv"},
		{"standard alphabet", part(3, "+/"+parts[3][2:]), "/ciphertext"},
		{"stray bits", part(4, strayBits(parts[4])), "/tag"},
		{"a length that none has", part(2, parts[2]+"A"), "/iv"},
		{"D11: empty header", part(0, ""), "/protected"},
		{"header of one token", part(0, encoded([]byte(`"alg"`))), "/protected"},
		{"header cut off", part(0, encoded([]byte(`{"alg":"dir"`))), "/protected"},
		{"data after the header", part(0, encoded([]byte(`{} {}`))), "/protected"},
		{"header not in UTF-8", part(0, encoded([]byte("{\"alg\":\"\xff\"}"))), "/protected/alg"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkNotDecrypted(t, []byte(tt.text), fromPassphrase(), jwk.ErrSyntax, tt.path)
		})
	}
	for _, end := range []string{"", "\n", "\r\n"} {
		decrypted(t, []byte(good+end), fromPassphrase())
	}
}

// TestDecryptFlattened checks that a JWE in the flattened JSON serialization decrypts as in the
// compact one. Repeated names and unprotected headers are refused, because a sender could use
// them to make two readers see two texts.
func TestDecryptFlattened(t *testing.T) {
	compact := encrypted(t, secretKey(t), toPassphrase())
	parts := strings.Split(string(compact), ".")
	good := flattened(compact, "")
	direct := directJWE(t, octOf(32).key(t), `{"alg":"dir","enc":"A256GCM"}`, string(privateKeyText(t, secretKey(t))))
	for _, tt := range []struct{ name, text string }{
		{"in one line", good},
		{"in lines, with a line break at the end", strings.ReplaceAll(good, `,"`, ",\r\n  \"") + "\r\n"},
		{"other members", flattened(compact, `"x":[{"y":null}],"kid":1,`)},
		{"other members after it", strings.TrimSuffix(good, "}") + `,"":""}`},
		{"escapes", strings.Replace(strings.Replace(good, `"iv"`, `"\u0069v"`, 1), `"eyJ`, `"\u0065yJ`, 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if k := decrypted(t, []byte(tt.text), fromPassphrase()); !k.Equal(secretKey(t)) {
				t.Errorf("got %v, want %v", k, secretKey(t))
			}
		})
	}
	opts := &jwk.DecryptOptions{Key: octOf(32).key(t)}
	decrypted(t, []byte(flattened(direct, "")), opts)
	decrypted(t, []byte(strings.Replace(flattened(direct, ""), `"encrypted_key":"",`, "", 1)), opts)

	for _, tt := range []struct {
		name, text string
		kind       error
		path       string
		offset     string // the text at the offset of the error, "" for any
	}{
		{"unprotected", flattened(compact, `"unprotected":{"alg":"dir"},`), jwk.ErrUnsupported, "/unprotected", `{"alg"`},
		{"an empty unprotected", flattened(compact, `"unprotected":{},`), jwk.ErrUnsupported, "/unprotected", "{}"},
		{"header", flattened(compact, `"header":{"kid":"a"},`), jwk.ErrUnsupported, "/header", `{"kid"`},
		{"aad", flattened(compact, `"aad":"",`), jwk.ErrUnsupported, "/aad", `""`},
		{"one recipient", flattened(compact, `"recipients":[{"encrypted_key":"`+parts[1]+`"}],`), jwk.ErrUnsupported, "/recipients", "["},
		{"the general serialization", `{"recipients":[{"encrypted_key":"` + parts[1] + `"},{}],"protected":"` + parts[0] + `","iv":"` + parts[2] + `","ciphertext":"` + parts[3] + `","tag":"` + parts[4] + `"}`, jwk.ErrUnsupported, "/recipients", "["},
		{"protected twice", flattened(compact, `"protected":"`+parts[0]+`",`), jwk.ErrSyntax, "", "{"},
		{"protected twice, with an escape", flattened(compact, `"protecte\u0064":"`+parts[0]+`",`), jwk.ErrSyntax, "", "{"},
		{"an unknown member twice", flattened(compact, `"x":1,"x":1,`), jwk.ErrSyntax, "", "{"},
		{"a name twice in an unknown member", flattened(compact, `"x":{"y":1,"y":1},`), jwk.ErrSyntax, "", "{"},
		{"protected an object", strings.Replace(good, `"`+parts[0]+`"`, `{"alg":"dir"}`, 1), jwk.ErrSyntax, "/protected", `{"alg"`},
		{"iv null", strings.Replace(good, `"`+parts[2]+`"`, `null`, 1), jwk.ErrSyntax, "/iv", "null"},
		{"no protected", strings.Replace(good, `"protected"`, `"protectet"`, 1), jwk.ErrInvalid, "/protected", "{"},
		{"no iv", strings.Replace(good, `"iv"`, `"IV"`, 1), jwk.ErrInvalid, "/iv", "{"},
		{"no ciphertext", strings.Replace(good, `"ciphertext"`, `"text"`, 1), jwk.ErrInvalid, "/ciphertext", "{"},
		{"no tag", strings.Replace(good, `"tag"`, `"t"`, 1), jwk.ErrInvalid, "/tag", "{"},
		{"no encrypted key where one is needed", strings.Replace(good, `"encrypted_key"`, `"k"`, 1), jwk.ErrInvalid, "/encrypted_key", ""},
		{"padding in the iv", strings.Replace(good, parts[2], parts[2]+"=", 1), jwk.ErrSyntax, "/iv", `"` + parts[2]},
		{"a part with a full stop", strings.Replace(good, parts[2], parts[2][:4]+"."+parts[2][5:], 1), jwk.ErrSyntax, "/iv", ""},
		{"a tag of an octet", strings.Replace(good, parts[4], "AA", 1), jwk.ErrInvalid, "/tag", `"AA"`},
		{"a header without alg", strings.Replace(good, parts[0], encoded([]byte(`{"enc":"A256GCM"}`)), 1), jwk.ErrInvalid, "/protected/alg", `"` + encoded([]byte(`{"enc":"A256GCM"}`))},
		{"a header of another alg", strings.Replace(good, parts[0], encoded([]byte(`{"alg":"dir","enc":"A256GCM"}`)), 1), jwk.ErrPolicy, "/protected/alg", `"` + encoded([]byte(`{"alg":"dir","enc":"A256GCM"}`))},
		{"a long header", strings.Replace(good, parts[0], strings.Repeat("e", 30<<10), 1), jwk.ErrPolicy, "/protected", `"eee`},
		{"data after it", good + "{}", jwk.ErrSyntax, "", "{}"},
		{"cut off", good[:len(good)-2], jwk.ErrSyntax, "/tag", ""},
		{"nested too deep", flattened(compact, `"x":`+strings.Repeat("[", 64)+strings.Repeat("]", 64)+`,`), jwk.ErrPolicy, "", "[]"},
		{"altered", strings.Replace(good, parts[3], "AAAA"+parts[3][4:], 1), jwk.ErrDecrypt, "", ""},
		{"byte order mark", "\uFEFF" + good, jwk.ErrSyntax, "", "\uFEFF"},
		{"in an array", "[" + good + "]", jwk.ErrSyntax, "", ""},
		{"no member", "{}", jwk.ErrSyntax, "", "{}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkNotDecrypted(t, []byte(tt.text), fromPassphrase(), tt.kind, tt.path)
			_, err := jwk.DecryptKey([]byte(tt.text), fromPassphrase())
			if e, ok := err.(*jwk.Error); !ok || tt.offset != "" && !strings.HasPrefix(tt.text[e.Offset:], tt.offset) {
				t.Errorf("got %v at offset %d, want one at %.20s", err, e.Offset, tt.offset)
			}
		})
	}
}

// TestDecryptSizes checks that a part of another size than its algorithm needs is refused before
// anything is computed (D11). go-jose panicked on an empty
// encrypted key (CVE-2026-34986).
func TestDecryptSizes(t *testing.T) {
	key := secretKey(t)
	for _, c := range encryptCases {
		private := c.recipient(t).key(t)
		text := encrypted(t, key, &jwk.EncryptOptions{Recipient: private})
		opts := &jwk.DecryptOptions{Key: private}
		for _, name := range partNames[1:] {
			octets := partOf(t, text, name)
			for _, n := range []int{0, 1, 8, len(octets) - 1, len(octets) + 1, len(octets) + 8} {
				want, path := jwk.ErrInvalid, "/"+name
				switch {
				case n < 0 || n == len(octets):
					continue
				case name == "encrypted_key" && strings.HasPrefix(string(c.alg), "RSA") && n > 0, name == "ciphertext" && n > 0:
					// The algorithm does not determine their size.
					want, path = jwk.ErrDecrypt, ""
				}
				spoilt := withPart(t, text, name, append(bytes.Clone(octets), make([]byte, 8)...)[:n])
				k, err := jwk.DecryptKey(spoilt, opts)
				if k != nil || !errors.Is(err, want) {
					t.Errorf("%s: %s of %d octets: got %v, %v; want %v", c.name, name, n, k, err, want)
					continue
				}
				checkError(t, err, want, path)
			}
		}
	}

	// AES-CBC has parts of other sizes.
	cbc := joseEncrypt(t, jose.A256KW, jose.A128CBC_HS256, octOf(32).key(t), key, "jwk+json")
	opts := &jwk.DecryptOptions{Key: octOf(32).key(t)}
	decrypted(t, cbc, opts)
	checkNotDecrypted(t, withPart(t, cbc, "iv", make([]byte, 12)), opts, jwk.ErrInvalid, "/iv")
	checkNotDecrypted(t, withPart(t, cbc, "tag", make([]byte, 32)), opts, jwk.ErrInvalid, "/tag")
	checkNotDecrypted(t, withPart(t, cbc, "encrypted_key", make([]byte, 48)), opts, jwk.ErrInvalid, "/encrypted_key")
	checkNotDecrypted(t, withPart(t, cbc, "ciphertext", make([]byte, 15)), opts, jwk.ErrDecrypt, "")
}

// TestDecryptHeader checks the members of the header (D10). Each text would decrypt if one
// member of its header were different.
func TestDecryptHeader(t *testing.T) {
	key := octOf(32).key(t)
	opts := &jwk.DecryptOptions{Key: key}
	text := string(privateKeyText(t, secretKey(t)))
	const control = `"alg":"dir","enc":"A256GCM"`
	for _, header := range []string{
		"{" + control + "}",
		" {\n" + control + "\t} ",
		`{"\u0061lg":"d\u0069r","enc":"A256GCM"}`,
		"{" + control + `,"kid":"of anybody","typ":"JOSE","x":{"d":[1]},"p2c":1e9,"Zip":"DEF","apu":"AA","iv":"AA"}`,
		"{" + control + `,"pad":"` + strings.Repeat("x", 16<<10-len(control)-12) + `"}`,
	} {
		decrypted(t, directJWE(t, key, header, text), opts)
	}
	for _, tt := range []struct {
		header string
		want   error
		path   string
	}{
		{control + `,"zip":"DEF"`, jwk.ErrPolicy, "zip"},
		{control + `,"zip":null`, jwk.ErrPolicy, "zip"},
		{control + `,"z\u0069p":"DEF"`, jwk.ErrPolicy, "zip"},
		{control + `,"crit":["exp"],"exp":1`, jwk.ErrPolicy, "crit"},
		{control + `,"crit":[]`, jwk.ErrPolicy, "crit"},
		{control + `,"b64":true`, jwk.ErrPolicy, "b64"},
		{control + `,"jwk":{"kty":"oct","k":"AAAA"}`, jwk.ErrPolicy, "jwk"},
		{control + `,"jku":"https://keys.example/jwks.json"`, jwk.ErrPolicy, "jku"},
		{control + `,"x5u":"https://keys.example/chain.pem"`, jwk.ErrPolicy, "x5u"},
		{control + `,"x5c":[]`, jwk.ErrPolicy, "x5c"},
		{control + `,"x5t":"AA"`, jwk.ErrPolicy, "x5t"},
		{control + `,"x5t#S256":"AA"`, jwk.ErrPolicy, "x5t#S256"},
		{control + `,"epk":` + string(public(t, "P-256").json(t)), jwk.ErrPolicy, "epk"},
		{control + `,"pad":"` + strings.Repeat("x", 16<<10) + `"`, jwk.ErrPolicy, ""},

		{`"enc":"A256GCM"`, jwk.ErrInvalid, "alg"},
		{`"alg":"","enc":"A256GCM"`, jwk.ErrInvalid, "alg"},
		{`"ALG":"dir","enc":"A256GCM"`, jwk.ErrInvalid, "alg"},
		{`"alg":"dir"`, jwk.ErrInvalid, "enc"},
		{`"alg":"dir","enc":"XC20P"`, jwk.ErrUnsupported, "enc"},
		{`"alg":"dir","enc":"a256gcm"`, jwk.ErrUnsupported, "enc"},
		{`"alg":"dir","enc":"A256KW"`, jwk.ErrUnsupported, "enc"},
		{`"alg":"dir","enc":"none"`, jwk.ErrUnsupported, "enc"},

		// go-jose reads these members, which should be ignored.
		{control + `,"x":[1e400]`, jwk.ErrUnsupported, ""},
		{control + `,"p2c":1e400`, jwk.ErrUnsupported, ""},
		{control + `,"nonce":1`, jwk.ErrUnsupported, ""},

		{control + `,"alg":"dir"`, jwk.ErrSyntax, ""},
		{control + `,"\u0061lg":"dir"`, jwk.ErrSyntax, ""},
		{control + `,"x":{"a":1,"a":1}`, jwk.ErrSyntax, ""},
		{control + `,"cty":null`, jwk.ErrSyntax, "cty"},
		{control + `,"kid":1`, jwk.ErrSyntax, "kid"},
		{control + `,"typ":["JOSE"]`, jwk.ErrSyntax, "typ"},
		{control + `,"apu":{}`, jwk.ErrSyntax, "apu"},
		{control + `,"apv":false`, jwk.ErrSyntax, "apv"},
		{control + `,"p2s":0`, jwk.ErrSyntax, "p2s"},
		{control + `,"p2c":"4096"`, jwk.ErrSyntax, "p2c"},
		{control + `,"iv":0`, jwk.ErrSyntax, "iv"},
		{control + `,"tag":null`, jwk.ErrSyntax, "tag"},
		{control + `,"epk":"AA"`, jwk.ErrSyntax, "epk"},
		{`"alg":["dir"],"enc":"A256GCM"`, jwk.ErrSyntax, "alg"},
		{`"alg":"dir","enc":0`, jwk.ErrSyntax, "enc"},
		{control + `,"deep":` + strings.Repeat("[", 60) + strings.Repeat("]", 59), jwk.ErrSyntax, "*"},
		{control + `,"deep":` + strings.Repeat("[", 64) + strings.Repeat("]", 64), jwk.ErrPolicy, ""},
	} {
		path := "/protected"
		if tt.path == "*" {
			path = "*"
		} else if tt.path != "" {
			path += "/" + tt.path
		}
		t.Run(tt.header[:min(len(tt.header), 60)], func(t *testing.T) {
			checkNotDecrypted(t, directJWE(t, key, "{"+tt.header+"}", text), opts, tt.want, path)
		})
	}
}

// TestDecryptAlgorithm checks that a text cannot choose an algorithm that the passphrase or key
// is not for.
func TestDecryptAlgorithm(t *testing.T) {
	algs := []string{"none", "", "RSA1_5", "dir", "A256GCM", "HS256", "a256kw", "PBES2-HS512", "PBES2-HS512+A256KW", "PBES2-HS384+A192KW", "PBES2-HS256+A128KW"}
	for _, c := range encryptCases {
		algs = append(algs, string(c.alg))
	}
	slices.Sort(algs)
	algs = slices.Compact(algs)
	use := func(o object, members ...any) *jwk.DecryptOptions {
		return &jwk.DecryptOptions{Key: o.with(members...).key(t)}
	}
	for _, tt := range []struct {
		name     string
		opts     *jwk.DecryptOptions
		accepted []string
	}{
		{"passphrase", fromPassphrase(), []string{"PBES2-HS512+A256KW", "PBES2-HS384+A192KW", "PBES2-HS256+A128KW"}},
		{"RSA", use(fixture(t, "RSA-2048")), []string{"RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"}},
		{"RSA for one", use(fixture(t, "RSA-2048"), "alg", "RSA-OAEP-256"), []string{"RSA-OAEP-256"}},
		{"RSA for RSA1_5", use(fixture(t, "RSA-2048"), "alg", "RSA1_5"), nil},
		{"RSA for signatures", use(fixture(t, "RSA-2048"), "use", "sig"), nil},
		{"RSA to encrypt only", use(fixture(t, "RSA-2048"), "key_ops", []string{"encrypt", "wrapKey"}), nil},
		{"P-256", use(fixture(t, "P-256")), []string{"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"}},
		{"P-256 for ES256", use(fixture(t, "P-256"), "alg", "ES256"), nil},
		{"X25519", use(fixture(t, "X25519")), []string{"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"}},
		{"X448 for one", use(fixture(t, "X448"), "alg", "ECDH-ES"), []string{"ECDH-ES"}},
		{"Ed25519", use(fixture(t, "Ed25519")), nil},
		{"secp256k1", use(fixture(t, "secp256k1")), nil},
		{"ML-DSA-65", use(fixture(t, "ML-DSA-65")), nil},
		{"32 octets", use(octOf(32)), []string{"A256KW", "A256GCMKW", "dir"}},
		{"24 octets", use(octOf(24)), []string{"A192KW", "A192GCMKW"}},
		{"16 octets", use(octOf(16)), []string{"A128KW", "A128GCMKW"}},
		{"20 octets", use(octOf(20)), nil},
		{"oct for dir", use(octOf(32), "alg", "dir"), []string{"dir"}},
		{"oct for A256GCM", use(octOf(32), "alg", "A256GCM"), []string{"dir"}},
		{"oct for A128CBC-HS256", use(octOf(32), "alg", "A128CBC-HS256"), nil},
		{"oct for a passphrase", use(octOf(32), "alg", "PBES2-HS512+A256KW"), nil},
		{"oct to wrap only", use(octOf(32), "key_ops", []string{"wrapKey"}), nil},
		{"oct for HMAC", use(octOf(32), "alg", "HS256"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, alg := range algs {
				header := object{"alg": alg, "enc": "A256GCM"}
				// No algorithm has an encrypted key of this size, but the algorithm is checked first.
				text := []byte(encoded(header.json(t)) + ".AA." + encoded(make([]byte, 12)) + ".AA." + encoded(make([]byte, 16)))
				_, err := jwk.DecryptKey(text, tt.opts)
				refused := errors.Is(err, jwk.ErrPolicy) || alg == ""
				if accepted := slices.Contains(tt.accepted, alg); refused == accepted {
					t.Errorf("alg %q: got %v, accepted %v", alg, err, accepted)
				}
				var e *jwk.Error
				if refused && (!errors.As(err, &e) || e.Path != "/protected/alg") {
					t.Errorf("alg %q: got %v, want it at /protected/alg", alg, err)
				}
			}
		})
	}
}

// TestDecryptPBES2 checks the limits of the number of iterations and of the salt (D10). They are
// checked before the work is done: otherwise a text could keep a server busy for hours.
func TestDecryptPBES2(t *testing.T) {
	text := encrypted(t, secretKey(t), toPassphrase())
	h := headerOf(t, text)
	with := func(most int) *jwk.DecryptOptions {
		return &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: most}
	}
	for _, tt := range []struct {
		p2c  string // in JSON
		most int
		want error
		text string
	}{
		{"1000000000", 0, jwk.ErrPolicy, ": 1000000000 iterations, want at most 1000000 (DecryptOptions.MaxPBES2Count)"},
		{"1000001", 0, jwk.ErrPolicy, ": 1000001 iterations, want at most 1000000 (DecryptOptions.MaxPBES2Count)"},
		{"1001", 1000, jwk.ErrPolicy, ": 1001 iterations, want at most 1000 (DecryptOptions.MaxPBES2Count)"},
		{"1000", -1, jwk.ErrPolicy, ": MaxPBES2Count is -1, want at least 1000"},
		{"1000", 999, jwk.ErrPolicy, ": MaxPBES2Count is 999, want at least 1000"},
		{"999", 0, jwk.ErrPolicy, ": 999 iterations, want at least 1000"},
		{"999", 10, jwk.ErrPolicy, ": 999 iterations, want at least 1000"},
		{"1", 0, jwk.ErrPolicy, ": 1 iteration, want at least 1000"},
		{"0", 0, jwk.ErrPolicy, ": 0 iterations, want at least 1000"},
		{"-1000", 0, jwk.ErrInvalid, "want digits only"},
		{"1000.0", 0, jwk.ErrInvalid, "want digits only"},
		{"1e3", 0, jwk.ErrInvalid, "want digits only"},
		{"1E300", 0, jwk.ErrInvalid, "want digits only"},
		// The error does not show a number that was cut to the size of an int. These numbers
		// are refused even if the caller allows more.
		{"1000000001", 0, jwk.ErrPolicy, ": more than 1000000000 iterations, want at most 1000000 (DecryptOptions.MaxPBES2Count)"},
		{"2147483647", math.MaxInt, jwk.ErrPolicy, ": more than 1000000000 iterations, want at most 1000000000 ("},
		{"4294968296", math.MaxInt, jwk.ErrPolicy, ": more than 1000000000 iterations, want at most 1000000000 ("},
		{"9223372036854775807", math.MaxInt, jwk.ErrPolicy, ": more than 1000000000 iterations, want at most 1000000000 ("},
		{"1000000000000000000000", 0, jwk.ErrPolicy, ": more than 1000000000 iterations, want at most 1000000 ("},
		{"1000000000000000000000", math.MaxInt, jwk.ErrPolicy, ": more than 1000000000 iterations, want at most 1000000000 ("},
		// The number is accepted, and the key is wrong.
		{"1001", 0, jwk.ErrDecrypt, ""},
		{"1001", 1001, jwk.ErrDecrypt, ""},
	} {
		t.Run(tt.p2c, func(t *testing.T) {
			path := "/protected/p2c"
			if tt.want == jwk.ErrDecrypt {
				path = ""
			}
			spoilt := withHeader(text, h.with("p2c", json.RawMessage(tt.p2c)).json(t))
			checkNotDecrypted(t, spoilt, with(tt.most), tt.want, path)
			if _, err := jwk.DecryptKey(spoilt, with(tt.most)); !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %q, want it to say %q", err, tt.text)
			}
		})
	}
	decrypted(t, text, with(1000))

	for _, tt := range []struct {
		name, path string
		header     object
		want       error
	}{
		{"no p2c", "p2c", h.without("p2c"), jwk.ErrInvalid},
		{"no p2s", "p2s", h.without("p2s"), jwk.ErrInvalid},
		{"empty p2s", "p2s", h.with("p2s", ""), jwk.ErrInvalid},
		{"p2s of 7 octets", "p2s", h.with("p2s", encoded(make([]byte, 7))), jwk.ErrInvalid},
		{"p2s of 1025 octets", "p2s", h.with("p2s", encoded(make([]byte, 1025))), jwk.ErrPolicy},
		{"p2s not in base64url", "p2s", h.with("p2s", "AAAAAAAAAAAAAAAAAAAAA+"), jwk.ErrInvalid},
		{"p2s with a line break", "p2s", h.with("p2s", "AAAAAAAAAAAAAAAAAAAA\nAA"), jwk.ErrInvalid},
		{"epk", "epk", h.with("epk", public(t, "P-256")), jwk.ErrPolicy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkNotDecrypted(t, withHeader(text, tt.header.json(t)), fromPassphrase(), tt.want, "/protected/"+tt.path)
		})
	}
	for _, n := range []int{8, 1024} {
		checkNotDecrypted(t, withHeader(text, h.with("p2s", encoded(make([]byte, n))).json(t)), fromPassphrase(), jwk.ErrDecrypt, "")
	}
}

// TestDecryptManyIterations checks that MaxPBES2Count can allow more than 1,000,000 iterations,
// which go-jose does not.
func TestDecryptManyIterations(t *testing.T) {
	key, salt := secretKey(t), make([]byte, 16)
	text := pbes2JWE(t, salt, 1_000_001, string(privateKeyText(t, key)))
	checkNotDecrypted(t, text, fromPassphrase(), jwk.ErrPolicy, "/protected/p2c")
	got := decrypted(t, text, &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: 1_000_001})
	if !got.Equal(key) {
		t.Errorf("got %v, want %v", got, key)
	}
}

// TestDecryptEphemeralKey checks that the ephemeral key must be public, on the curve of the
// recipient, and not of small order (RFC 8725, Section 3.4). Otherwise a sender could find out
// the private key.
func TestDecryptEphemeralKey(t *testing.T) {
	for _, name := range []string{"P-256", "P-384", "P-521", "X25519", "X448"} {
		private := fixture(t, name).key(t)
		opts := &jwk.DecryptOptions{Key: private}
		text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: private})
		h := headerOf(t, text)
		epk := object(h["epk"].(map[string]any))
		with := func(epk any) []byte { return withHeader(text, h.with("epk", epk).json(t)) }
		x := len(encoded(partOctets(t, epk, "x")))

		type row struct {
			what string
			text []byte
			want error
			path string
		}
		rows := []row{
			{"another one", with(public(t, name)), jwk.ErrDecrypt, ""},
			{"none", withHeader(text, h.without("epk").json(t)), jwk.ErrInvalid, ""},
			{"null", with(nil), jwk.ErrSyntax, ""},
			{"empty", with(object{}), jwk.ErrInvalid, "/kty"},
			{"private", with(fixture(t, name)), jwk.ErrPrivate, "/d"},
			{"short", with(epk.with("x", "AAAA")), jwk.ErrInvalid, "/x"},
			{"x = 0", with(epk.with("x", strings.Repeat("A", x))), jwk.ErrInvalid, "/x"},
			{"of type oct", with(octOf(32)), jwk.ErrPrivate, "/k"},
			{"of type RSA", with(public(t, "RSA-2048")), jwk.ErrInvalid, ""},
			{"of Ed25519", with(public(t, "Ed25519")), jwk.ErrInvalid, ""},
			{"of secp256k1", with(public(t, "secp256k1")), jwk.ErrInvalid, ""},
			{"of an unknown curve", with(epk.with("crv", "P-224")), jwk.ErrUnsupported, "/crv"},
		}
		for _, other := range []string{"P-256", "P-384", "X25519", "X448"} {
			if other != name {
				rows = append(rows, row{"of " + other, with(public(t, other)), jwk.ErrPolicy, ""})
			}
		}
		if y := epk["y"]; y != nil {
			rows = append(rows,
				row{"off the curve", with(epk.with("y", epk["x"])), jwk.ErrInvalid, "/x"},
				row{"at infinity", with(epk.with("x", strings.Repeat("A", x), "y", strings.Repeat("A", x))), jwk.ErrInvalid, "/x"},
			)
		}
		if name == "X25519" {
			for _, low := range []string{"\x01" + strings.Repeat("\x00", 31), "\xec" + strings.Repeat("\xff", 30) + "\x7f", "\xed" + strings.Repeat("\xff", 30) + "\x7f"} {
				rows = append(rows, row{fmt.Sprintf("of small order %x", low[:1]), with(epk.with("x", encoded([]byte(low)))), jwk.ErrInvalid, "/x"})
			}
		}
		for _, r := range rows {
			t.Run(name+"/"+r.what, func(t *testing.T) {
				path := "/protected/epk" + r.path
				if r.want == jwk.ErrDecrypt {
					path = ""
				}
				checkNotDecrypted(t, r.text, opts, r.want, path)
			})
		}
		for _, member := range []string{"apu", "apv"} {
			for value, want := range map[string]error{
				"AA": jwk.ErrDecrypt, "": jwk.ErrDecrypt, encoded(make([]byte, 1024)): jwk.ErrDecrypt,
				encoded(make([]byte, 1025)): jwk.ErrPolicy, "A": jwk.ErrInvalid, "AB": jwk.ErrInvalid, "A\nA": jwk.ErrInvalid,
			} {
				path := "/protected/" + member
				if want == jwk.ErrDecrypt {
					path = ""
				}
				checkNotDecrypted(t, withHeader(text, h.with(member, value).json(t)), opts, want, path)
			}
		}
	}
}

// partOctets returns the octets of a member in base64url.
func partOctets(t testing.TB, o object, name string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(fmt.Sprint(o[name]))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDecryptGCMKW checks that iv and tag of AES GCM key wrapping must be present and have the
// right size.
func TestDecryptGCMKW(t *testing.T) {
	key := octOf(32).with("alg", "A256GCMKW").key(t)
	opts := &jwk.DecryptOptions{Key: key}
	text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: key})
	h := headerOf(t, text)
	for name, size := range map[string]int{"iv": 12, "tag": 16} {
		path := "/protected/" + name
		checkNotDecrypted(t, withHeader(text, h.without(name).json(t)), opts, jwk.ErrInvalid, path)
		for _, n := range []int{0, size - 1, size + 1, 1000} {
			checkNotDecrypted(t, withHeader(text, h.with(name, encoded(make([]byte, n))).json(t)), opts, jwk.ErrInvalid, path)
		}
		checkNotDecrypted(t, withHeader(text, h.with(name, "*").json(t)), opts, jwk.ErrInvalid, path)
		checkNotDecrypted(t, withHeader(text, h.with(name, encoded(make([]byte, size))).json(t)), opts, jwk.ErrDecrypt, "")
	}
}

// TestDecryptContentType checks that a key is not taken for a set, nor a set for a key (RFC
// 7517, Section 7; RFC 7515, Section 4.1.10).
func TestDecryptContentType(t *testing.T) {
	key := octOf(32).key(t)
	opts := &jwk.DecryptOptions{Key: key}
	header := object{"alg": "dir", "enc": "A256GCM"}
	oneKey, oneSet := string(privateKeyText(t, secretKey(t))), privateText(t, secretSet(t))
	for _, tt := range []struct {
		cty      any
		key, set bool
		say      string
	}{
		{nil, true, true, ""},
		{"jwk+json", true, false, "DecryptKey"},
		{"JWK+JSON", true, false, "DecryptKey"},
		{"application/jwk+json", true, false, "DecryptKey"},
		{"Application/Jwk+Json", true, false, "DecryptKey"},
		{"jwk-set+json", false, true, "DecryptSet"},
		{"application/jwk-set+json", false, true, "DecryptSet"},
		{"", false, false, `""`},
		{"json", false, false, "json"},
		{"JWT", false, false, "JWT"},
		{"jwk+json ", false, false, "jwk+json "},
		{"text/jwk+json", false, false, "text/"},
		{"application/application/jwk+json", false, false, "application/"},
		{"jwk+json; charset=utf-8", false, false, "charset"},
	} {
		h := header.with("cty", tt.cty)
		if tt.cty == nil {
			h = header
		}
		_, err := jwk.DecryptKey(directJWE(t, key, string(h.json(t)), oneKey), opts)
		_, errSet := jwk.DecryptSet(directJWE(t, key, string(h.json(t)), oneSet), opts)
		for _, got := range []struct {
			err error
			ok  bool
		}{{err, tt.key}, {errSet, tt.set}} {
			if got.ok {
				if got.err != nil {
					t.Errorf("cty %q: %v", tt.cty, got.err)
				}
				continue
			}
			checkError(t, got.err, jwk.ErrInvalid, "/protected/cty")
			if !strings.Contains(got.err.Error(), tt.say) {
				t.Errorf("cty %q: got %q, want it to say %q", tt.cty, got.err, tt.say)
			}
		}
	}
}

// TestDecryptParser checks that the Parser limits the encrypted text and reads the decrypted
// one.
func TestDecryptParser(t *testing.T) {
	key := octOf(32).key(t)
	const header = `{"alg":"dir","enc":"A256GCM"}`
	decrypt := func(text string, p *jwk.Parser) error {
		_, err := jwk.DecryptKey(directJWE(t, key, header, text), &jwk.DecryptOptions{Key: key, Parser: p})
		return err
	}
	lenient := string(public(t, "P-256").with("x", padded(fmt.Sprint(public(t, "P-256")["x"]))).json(t))
	size := len(directJWE(t, key, header, lenient))

	checkError(t, decrypt(lenient, nil), jwk.ErrInvalid, "/x")
	checkError(t, decrypt(lenient, &jwk.Parser{Lenient: true, MaxBytes: size - 1}), jwk.ErrPolicy, "")
	checkError(t, decrypt(lenient, &jwk.Parser{Lenient: true, MaxBytes: -1}), jwk.ErrPolicy, "")
	for _, p := range []*jwk.Parser{{Lenient: true}, {Lenient: true, MaxBytes: size}, {Lenient: true, PublicOnly: true}} {
		if err := decrypt(lenient, p); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	checkError(t, decrypt(string(fixture(t, "P-256").json(t)), &jwk.Parser{PublicOnly: true}), jwk.ErrPrivate, "/d")
	checkError(t, decrypt("hello", nil), jwk.ErrSyntax, "")
	checkError(t, decrypt(`{"kty":"x"}`, nil), jwk.ErrUnsupported, "/kty")
	checkError(t, decrypt(privateText(t, secretSet(t)), nil), jwk.ErrInvalid, "/kty")

	checkNotDecrypted(t, make([]byte, 16<<20+1), &jwk.DecryptOptions{Key: key}, jwk.ErrPolicy, "")

	set := directJWE(t, key, header, privateText(t, secretSet(t)))
	_, err := jwk.DecryptSet(set, &jwk.DecryptOptions{Key: key, Parser: &jwk.Parser{FailFast: true}})
	checkError(t, err, jwk.ErrUnsupported, "/keys/1/kty")
	_, err = jwk.DecryptSet(set, &jwk.DecryptOptions{Key: key, Parser: &jwk.Parser{MaxKeys: 2}})
	checkError(t, err, jwk.ErrPolicy, "/keys")
	s, err := jwk.DecryptSet(set, &jwk.DecryptOptions{Key: key})
	if err != nil || s.Len() != 2 || len(s.Skipped()) != 1 {
		t.Errorf("got %v, %v; want two keys and a skipped entry", s, err)
	}
}

// TestDecryptAltered checks that a text with one altered octet does not decrypt (D03). If it
// still has the form of a JWE, the error must be the same as for a wrong key: a different error
// would show an attacker how far the decryption went.
func TestDecryptAltered(t *testing.T) {
	want := func() string {
		_, err := jwk.DecryptKey(encrypted(t, secretKey(t), toPassphrase()), &jwk.DecryptOptions{Passphrase: []byte("wrong")})
		checkError(t, err, jwk.ErrDecrypt, "")
		return err.Error()
	}()
	type pair struct {
		name string
		to   *jwk.EncryptOptions
		from *jwk.DecryptOptions
	}
	pairs := []pair{{"passphrase", toPassphrase(), fromPassphrase()}}
	for _, c := range encryptCases {
		if slices.Contains([]string{
			"RSA", "P-256", "X25519", "X448", "P-256 for direct agreement", "oct of 32 octets", "oct for A256GCMKW", "oct for direct encryption",
		}, c.name) {
			k := c.recipient(t).key(t)
			pairs = append(pairs, pair{c.name, &jwk.EncryptOptions{Recipient: k}, &jwk.DecryptOptions{Key: k}})
		}
	}
	if len(pairs) != 9 {
		t.Fatalf("got %d pairs, want 9", len(pairs))
	}
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			k := fixture(t, "Ed25519").key(t)
			text := encrypted(t, k, p.to)
			tried := 0
			for _, name := range partNames {
				octets := partOf(t, text, name)
				for i := range octets {
					if len(octets) > 200 && i%7 != 0 && i < len(octets)-8 {
						continue // a part of the octets is enough for RSA
					}
					for _, bit := range []byte{0x01, 0x80} {
						if bit != 0x01 && name == "protected" {
							continue // not UTF-8
						}
						spoilt := bytes.Clone(octets)
						spoilt[i] ^= bit
						got, err := jwk.DecryptKey(withPart(t, text, name, spoilt), p.from)
						tried++
						switch {
						case err == nil:
							t.Fatalf("%s, octet %d: decrypted to %v", name, i, got)
						case name == "protected" && !errors.Is(err, jwk.ErrDecrypt):
							checkFuzzedError(t, err, len(text))
						case err.Error() != want:
							t.Errorf("%s, octet %d: got %q, want %q", name, i, err, want)
						}
					}
				}
			}
			if tried < 300 {
				t.Errorf("got %d texts, want more", tried)
			}
			// The header is authenticated as text: another text with the same meaning fails.
			h := append([]byte(" "), headerOf(t, text).json(t)...)
			checkNotDecrypted(t, withHeader(text, h), p.from, jwk.ErrDecrypt, "")
		})
	}
	text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: octOf(32).key(t)})
	for n := range text {
		if k, err := jwk.DecryptKey(text[:n], &jwk.DecryptOptions{Key: octOf(32).key(t)}); err == nil {
			t.Fatalf("%d of %d octets: decrypted to %v", n, len(text), k)
		}
	}
}

// TestDecryptWrongKey checks that each wrong key of the same kind gets the same error.
func TestDecryptWrongKey(t *testing.T) {
	texts := make(map[string]bool)
	other := func(t *testing.T, k *jwk.Key) *jwk.Key {
		if k.Type() == jwk.Oct {
			next := object{"kty": "oct", "k": encoded(bytes.Repeat([]byte{0x5a}, k.Bits()/8))}
			if k.Algorithm() != "" {
				next["alg"] = k.Algorithm()
			}
			return next.key(t)
		}
		alg := k.Algorithm()
		if alg == "" {
			alg = map[jwk.KeyType]jwk.Algorithm{jwk.RSA: jwk.RSAOAEP256, jwk.EC: jwk.ECDHESA256KW, jwk.OKP: jwk.ECDHESA256KW}[k.Type()]
		}
		next, err := jwk.Generate(alg, &jwk.GenerateOptions{Curve: k.Curve()})
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	for _, c := range encryptCases {
		if strings.HasPrefix(c.name, "RSA") && c.name != "RSA" {
			continue // generation of RSA keys takes long
		}
		k := c.recipient(t).key(t)
		text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: k})
		_, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: other(t, k)})
		checkError(t, err, jwk.ErrDecrypt, "")
		texts[err.Error()] = true
	}
	// An RSA key of another size.
	text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: public(t, "RSA-2048").key(t)})
	_, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: fixture(t, "RSA-3072").key(t)})
	checkError(t, err, jwk.ErrDecrypt, "")
	texts[err.Error()] = true
	text = encrypted(t, secretKey(t), toPassphrase())
	_, err = jwk.DecryptKey(text, &jwk.DecryptOptions{Passphrase: []byte("wrong")})
	checkError(t, err, jwk.ErrDecrypt, "")
	texts[err.Error()] = true
	if len(texts) != 1 {
		t.Errorf("got errors %q, want one", slices.Sorted(maps.Keys(texts)))
	}
}

// TestDecryptOtherKey checks that a key of another type or curve, or a symmetric key of another
// size, gets an error of its own, so that users find their mistake.
func TestDecryptOtherKey(t *testing.T) {
	recipients := []object{
		fixture(t, "RSA-2048"), fixture(t, "P-256"), fixture(t, "P-384"), fixture(t, "P-521"), fixture(t, "X25519"), fixture(t, "X448"),
		octOf(16), octOf(24), octOf(32),
	}
	agrees := func(k *jwk.Key) bool { return k.Type() == jwk.EC || k.Type() == jwk.OKP }
	for i, o := range recipients {
		recipient := o.key(t)
		text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: recipient})
		for j, o := range recipients {
			other := o.key(t)
			if i == j {
				decrypted(t, text, &jwk.DecryptOptions{Key: other})
				continue
			}
			path, say := "/protected/alg", "is not for the Key"
			if agrees(recipient) && agrees(other) {
				path, say = "/protected/epk", fmt.Sprintf("the epk is %s, the Key %s", recipient.Curve(), other.Curve())
			}
			_, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: other})
			checkError(t, err, jwk.ErrPolicy, path)
			if !strings.Contains(err.Error(), say) {
				t.Errorf("to %v with %v: got %q, want it to say %q", recipient, other, err, say)
			}
		}
		_, err := jwk.DecryptKey(text, fromPassphrase())
		checkError(t, err, jwk.ErrPolicy, "/protected/alg")
	}
	text := encrypted(t, secretKey(t), toPassphrase())
	for _, o := range recipients {
		_, err := jwk.DecryptKey(text, &jwk.DecryptOptions{Key: o.key(t)})
		checkError(t, err, jwk.ErrPolicy, "/protected/alg")
		if !strings.Contains(err.Error(), "PBES2-HS512+A256KW takes a Passphrase") {
			t.Errorf("got %q, want it to say what it takes", err)
		}
	}
}

// TestDecryptMaxBytes checks that MaxBytes limits the encrypted text, which is longer than the
// key (J12).
func TestDecryptMaxBytes(t *testing.T) {
	recipient := octOf(32).key(t)
	for _, tt := range []struct {
		octets   int // size of the JSON text
		accepted bool
	}{
		{12<<20 - 1<<10, true},
		{12 << 20, false},
	} {
		o := fixture(t, "Ed25519").with("pad", "")
		k := o.with("pad", strings.Repeat("x", tt.octets-len(o.json(t)))).key(t)
		text := encrypted(t, k, &jwk.EncryptOptions{Recipient: recipient})
		if tt.accepted {
			decrypted(t, text, &jwk.DecryptOptions{Key: recipient})
			continue
		}
		checkNotDecrypted(t, text, &jwk.DecryptOptions{Key: recipient}, jwk.ErrPolicy, "")
		decrypted(t, text, &jwk.DecryptOptions{Key: recipient, Parser: &jwk.Parser{MaxBytes: len(text)}})
	}
}

// TestDecryptLeadingZero checks that an encrypted key must be as long as the modulus (RFC 8017,
// Section 7.1.2). The same number in fewer or more octets would be a second text for one
// content.
func TestDecryptLeadingZero(t *testing.T) {
	k := fixture(t, "RSA-2048").key(t)
	text := encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: k})
	key := partOf(t, text, "encrypted_key")
	checkNotDecrypted(t, withPart(t, text, "encrypted_key", append([]byte{0}, key...)), &jwk.DecryptOptions{Key: k}, jwk.ErrDecrypt, "")
	for key[0] != 0 { // about one text in 200 has a leading zero
		text = encrypted(t, secretKey(t), &jwk.EncryptOptions{Recipient: k})
		key = partOf(t, text, "encrypted_key")
	}
	decrypted(t, text, &jwk.DecryptOptions{Key: k})
	checkNotDecrypted(t, withPart(t, text, "encrypted_key", key[1:]), &jwk.DecryptOptions{Key: k}, jwk.ErrDecrypt, "")
}

// TestDecryptOAEP checks that RSA-OAEP-384 and RSA-OAEP-512 are decrypted. Encrypt does not use
// them, but Web Cryptography does.
func TestDecryptOAEP(t *testing.T) {
	k := fixture(t, "RSA-2048").key(t)
	to, err := jwk.As[*rsa.PublicKey](k)
	if err != nil {
		t.Fatal(err)
	}
	for alg, newHash := range map[string]func() hash.Hash{"RSA-OAEP-384": sha512.New384, "RSA-OAEP-512": sha512.New} {
		content := octOf(32).key(t)
		secret, err := content.Secret()
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := rsa.EncryptOAEP(newHash(), rand.Reader, to, secret, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := directJWE(t, content, `{"alg":"`+alg+`","enc":"A256GCM"}`, string(privateKeyText(t, secretKey(t))))
		opts := &jwk.DecryptOptions{Key: k}
		if got := decrypted(t, withPart(t, text, "encrypted_key", wrapped), opts); !got.Equal(secretKey(t)) {
			t.Errorf("%s: got %v, want %v", alg, got, secretKey(t))
		}
		wrapped[10] ^= 1
		checkNotDecrypted(t, withPart(t, text, "encrypted_key", wrapped), opts, jwk.ErrDecrypt, "")
		checkNotDecrypted(t, withPart(t, text, "encrypted_key", wrapped[1:]), opts, jwk.ErrDecrypt, "")
		checkNotDecrypted(t, text, opts, jwk.ErrInvalid, "/encrypted_key")
	}
}

// TestDecryptContentKeySize checks that a content key of another size is refused with the error
// for a wrong key. A sender must not choose another cipher by the size of the key.
func TestDecryptContentKeySize(t *testing.T) {
	k := fixture(t, "RSA-2048").key(t)
	to, err := jwk.As[*rsa.PublicKey](k)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 16, 24, 32, 64} {
		secret := bytes.Repeat([]byte{0xa5}, size)
		wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, to, secret, nil)
		if err != nil {
			t.Fatal(err)
		}
		const header = `{"alg":"RSA-OAEP-256","enc":"A256GCM"}`
		sealer := octOf(32)
		if size == 16 || size == 24 {
			sealer = octOf(size)
		}
		text := withPart(t, directJWE(t, sealer.key(t), header, string(privateKeyText(t, secretKey(t)))), "encrypted_key", wrapped)
		if size == 32 {
			decrypted(t, text, &jwk.DecryptOptions{Key: k})
			continue
		}
		checkNotDecrypted(t, text, &jwk.DecryptOptions{Key: k}, jwk.ErrDecrypt, "")
	}
}

// TestDecryptKeepsInput checks that the text, the passphrase and the options of the caller are
// not changed.
func TestDecryptKeepsInput(t *testing.T) {
	secret := bytes.Clone(passphrase)
	k := secretKey(t)
	before := privateKeyText(t, k)
	text := encrypted(t, k, &jwk.EncryptOptions{Passphrase: secret, PBES2Count: fewIterations})
	kept := bytes.Clone(text)
	got := decrypted(t, text, &jwk.DecryptOptions{Passphrase: secret})
	if !bytes.Equal(secret, passphrase) || !bytes.Equal(text, kept) {
		t.Error("passphrase or text changed")
	}
	if !bytes.Equal(privateKeyText(t, k), before) || !bytes.Equal(privateKeyText(t, got), before) {
		t.Error("the key changed")
	}
	recipient := octOf(32).with("alg", "dir").key(t)
	text = encrypted(t, k, &jwk.EncryptOptions{Recipient: recipient})
	decrypted(t, text, &jwk.DecryptOptions{Key: recipient})
	if secret, err := recipient.Secret(); err != nil || !bytes.Equal(secret, bytes.Repeat([]byte{0xa5}, 32)) {
		t.Errorf("the secret of the recipient is %x, %v", secret, err)
	}
}

// TestDecryptErrorsKeepSecrets checks that no error shows a passphrase, a key or a decrypted
// text.
func TestDecryptErrorsKeepSecrets(t *testing.T) {
	o := fixture(t, "P-256")
	hidden := append(secretTexts(t, o), "correct horse", "sesame-1234")
	key := octOf(32).key(t)
	for _, text := range []string{
		string(o.with("d", "sesame-1234").json(t)), string(o.json(t))[:60], `{"kty":"oct","k":"sesame-1234*"}`, "sesame-1234",
	} {
		_, err := jwk.DecryptKey(directJWE(t, key, `{"alg":"dir","enc":"A256GCM"}`, text), &jwk.DecryptOptions{Key: key})
		if err == nil {
			t.Fatalf("%s: got no error", text)
		}
		checkNoSecret(t, "error", err.Error(), hidden)
	}
	_, err := jwk.DecryptKey(encrypted(t, o.key(t), toPassphrase()), &jwk.DecryptOptions{Passphrase: []byte("sesame-1234")})
	checkError(t, err, jwk.ErrDecrypt, "")
	checkNoSecret(t, "error", err.Error(), hidden)
}

// TestEncryptJOSE checks that go-jose decrypts the output of Encrypt.
func TestEncryptJOSE(t *testing.T) {
	k := secretKey(t)
	decrypt := func(t *testing.T, text []byte, alg jose.KeyAlgorithm, key any) {
		t.Helper()
		j, err := jose.ParseEncryptedCompact(string(text), []jose.KeyAlgorithm{alg}, []jose.ContentEncryption{jose.A256GCM})
		if err != nil {
			t.Fatal(err)
		}
		got, err := j.Decrypt(key)
		if err != nil {
			t.Fatal(err)
		}
		if want := privateKeyText(t, k); !bytes.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, c := range encryptCases {
		if c.jose {
			t.Run(c.name, func(t *testing.T) {
				recipient := c.recipient(t).key(t)
				decrypt(t, encrypted(t, k, &jwk.EncryptOptions{Recipient: recipient}), jose.KeyAlgorithm(c.alg), recipient.PrivateKey())
			})
		}
	}
	t.Run("passphrase", func(t *testing.T) {
		decrypt(t, encrypted(t, k, toPassphrase()), jose.PBES2_HS512_A256KW, passphrase)
	})
}

// joseEncrypt encrypts a key with go-jose.
func joseEncrypt(t testing.TB, alg jose.KeyAlgorithm, enc jose.ContentEncryption, to, k *jwk.Key, cty string) []byte {
	t.Helper()
	var recipient any
	switch {
	case to == nil:
		recipient = passphrase
	case to.Type() == jwk.Oct:
		recipient = to.PrivateKey()
	default:
		recipient = to.PublicKey()
	}
	opts := new(jose.EncrypterOptions)
	if cty != "" {
		opts = opts.WithContentType(jose.ContentType(cty))
	}
	e, err := jose.NewEncrypter(enc, jose.Recipient{Algorithm: alg, Key: recipient, KeyID: "of go-jose", PBES2Count: fewIterations}, opts)
	if err != nil {
		t.Fatal(err)
	}
	j, err := e.Encrypt(privateKeyText(t, k))
	if err != nil {
		t.Fatal(err)
	}
	text, err := j.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

// TestDecryptJOSE checks that DecryptKey reads the output of go-jose for every pair of
// algorithms.
func TestDecryptJOSE(t *testing.T) {
	k := secretKey(t)
	encs := []jose.ContentEncryption{jose.A128GCM, jose.A192GCM, jose.A256GCM, jose.A128CBC_HS256, jose.A192CBC_HS384, jose.A256CBC_HS512}
	octetsOf := map[jose.ContentEncryption]int{
		jose.A128GCM: 16, jose.A192GCM: 24, jose.A256GCM: 32, jose.A128CBC_HS256: 32, jose.A192CBC_HS384: 48, jose.A256CBC_HS512: 64,
	}
	check := func(t *testing.T, text []byte, opts *jwk.DecryptOptions) {
		t.Helper()
		if got := decrypted(t, text, opts); !got.Equal(k) {
			t.Errorf("got %v, want %v", got, k)
		}
	}
	for _, enc := range encs {
		for _, c := range encryptCases {
			if !c.jose || c.alg == jwk.Dir {
				continue
			}
			t.Run(string(enc)+"/"+c.name, func(t *testing.T) {
				recipient := c.recipient(t).key(t)
				check(t, joseEncrypt(t, jose.KeyAlgorithm(c.alg), enc, recipient, k, "jwk+json"), &jwk.DecryptOptions{Key: recipient})
			})
		}
		t.Run(string(enc)+"/dir", func(t *testing.T) {
			for _, members := range [][]any{nil, {"alg", "dir"}, {"alg", string(enc)}} {
				recipient := octOf(octetsOf[enc]).with(members...).key(t)
				check(t, joseEncrypt(t, jose.DIRECT, enc, recipient, k, ""), &jwk.DecryptOptions{Key: recipient})
			}
		})
		for _, alg := range []jose.KeyAlgorithm{jose.PBES2_HS256_A128KW, jose.PBES2_HS384_A192KW, jose.PBES2_HS512_A256KW} {
			t.Run(string(enc)+"/"+string(alg), func(t *testing.T) {
				check(t, joseEncrypt(t, alg, enc, nil, k, "application/jwk+json"), fromPassphrase())
			})
		}
	}
}

// FuzzDecryptKey checks that a text that decrypts is a key or a set that can be encrypted and
// decrypted again. For other texts it checks that the error has one kind and a place in the
// text.
func FuzzDecryptKey(f *testing.F) {
	k, s := fixture(f, "Ed25519").key(f), secretSet(f)
	keys := []*jwk.Key{
		fixture(f, "P-256").key(f), fixture(f, "X25519").key(f), fixture(f, "X448").key(f),
		octOf(32).key(f), octOf(16).key(f), fixture(f, "RSA-2048").key(f),
	}
	good := encrypted(f, k, toPassphrase())
	seeds := [][]byte{good, {}, []byte("...."), []byte("e30...."), withHeader(good, []byte(`{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":1e9}`))}
	for _, key := range keys {
		seeds = append(seeds, encrypted(f, k, &jwk.EncryptOptions{Recipient: key}), encryptedSet(f, s, &jwk.EncryptOptions{Recipient: key}))
	}
	for _, text := range []string{`{"kty":"oct","k":"AA"}`, `{"keys":[{"kty":"oct","k":"AA"},{"kty":"x"}]}`, `{"keys":0}`} {
		seeds = append(seeds, directJWE(f, keys[3], `{"alg":"dir","enc":"A256GCM"}`, text))
	}
	for _, members := range []string{"", `"header":{},`, `"tag":"",`, `"x":[],`} {
		seeds = append(seeds, []byte(flattened(good, members)))
	}
	for _, seed := range seeds {
		f.Add(seed)
		for _, name := range partNames {
			if bytes.Count(seed, []byte(".")) == 4 {
				f.Add(withPart(f, seed, name, nil))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		options := []*jwk.DecryptOptions{{Passphrase: passphrase, MaxPBES2Count: fewIterations}}
		for _, key := range keys {
			options = append(options, &jwk.DecryptOptions{Key: key})
		}
		for _, opts := range options {
			got, err := jwk.DecryptKey(text, opts)
			set, errSet := jwk.DecryptSet(text, opts)
			if !bytes.Equal(text, before) {
				t.Fatal("the input is changed")
			}
			if err != nil {
				if got != nil {
					t.Errorf("got key %v beside error %v", got, err)
				}
				checkFuzzedError(t, err, len(text))
			} else {
				checkFuzzedKey(t, got)
				again := encrypted(t, got, &jwk.EncryptOptions{Recipient: keys[3]})
				if back := decrypted(t, again, &jwk.DecryptOptions{Key: keys[3]}); !bytes.Equal(privateKeyText(t, back), privateKeyText(t, got)) {
					t.Errorf("got %v, want %v", back, got)
				}
			}
			if errSet != nil {
				if set != nil {
					t.Errorf("got set %v beside error %v", set, errSet)
				}
				checkFuzzedError(t, errSet, len(text))
				continue
			}
			for k := range set.All() {
				checkFuzzedKey(t, k)
			}
			again := encryptedSet(t, set, &jwk.EncryptOptions{Recipient: keys[3]})
			if back, err := jwk.DecryptSet(again, &jwk.DecryptOptions{Key: keys[3]}); err != nil || privateText(t, back) != privateText(t, set) {
				t.Errorf("got %v, %v; want %v", back, err, set)
			}
		}
	})
}

// FuzzDecryptHeader checks that a text decrypts only with the header that it was encrypted with,
// and that go-jose agrees. Other headers must get an error of one kind, for every size of the
// encrypted key beside them.
func FuzzDecryptHeader(f *testing.F) {
	key := octOf(32).key(f)
	for _, members := range []string{
		``, `,"cty":"jwk+json"`, `,"cty":"jwk-set+json"`, `,"zip":"DEF"`, `,"crit":["a"],"a":1`, `,"kid":"a","typ":"JOSE","x":[1e9]`,
		`,"enc":"A256GCM"`, `,"\u0065nc":"A128GCM"`, `,"p2c":1000,"p2s":"AAAAAAAAAAA"`, `,"jwk":{}`, `,"epk":{"kty":"OKP"}`, `,"a":1,"a":2`,
	} {
		f.Add(`{"alg":"dir","enc":"A256GCM"`+members+`}`, uint8(0))
	}
	for _, seed := range []struct {
		header string
		size   uint8
	}{
		{`{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":1000,"p2s":"AAAAAAAAAAAAAAAAAAAAAA"}`, 40},
		{`{"alg":"PBES2-HS256+A128KW","enc":"A128CBC-HS256","p2c":1e3,"p2s":"AAAAAAAAAAA"}`, 40},
		{`{"alg":"A256KW","enc":"A256GCM"}`, 40},
		{`{"alg":"A256GCMKW","enc":"A256GCM","iv":"AAAAAAAAAAAAAAAA","tag":"AAAAAAAAAAAAAAAAAAAAAA"}`, 32},
		{`{"alg":"ECDH-ES","enc":"A256GCM","epk":` + string(public(f, "P-256").json(f)) + `,"apu":"AA","apv":""}`, 0},
		{`{"alg":"ECDH-ES+A256KW","enc":"A256GCM","epk":` + string(public(f, "P-256").without("y").json(f)) + `}`, 40},
		{`{"alg":"RSA1_5","enc":"A256GCM"}`, 255},
	} {
		f.Add(seed.header, seed.size)
	}
	content := fixture(f, "Ed25519").json(f)
	secret := must[[]byte](f)(key.Secret())
	options := []*jwk.DecryptOptions{{Key: key}, {Passphrase: passphrase, MaxPBES2Count: fewIterations}, {Key: fixture(f, "P-256").key(f)}}
	forbidden := []string{"zip", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256"}
	f.Fuzz(func(t *testing.T, header string, size uint8) {
		var h object
		notJSON := json.Unmarshal([]byte(header), &h)
		refused := slices.ContainsFunc(forbidden, func(name string) bool { _, ok := h[name]; return ok })
		text := withPart(t, directJWE(t, key, header, string(content)), "encrypted_key", make([]byte, size))
		for _, opts := range options {
			k, err := jwk.DecryptKey(text, opts)
			if err != nil {
				if k != nil {
					t.Errorf("got %v beside error %v", k, err)
				}
				if kind := checkFuzzedError(t, err, len(text)); kind == jwk.ErrDecrypt && refused {
					t.Errorf("%s: got %v, want it refused for its header", header, err)
				}
				continue
			}
			if refused || notJSON != nil || h["alg"] != "dir" || h["enc"] != "A256GCM" || h["epk"] != nil {
				t.Errorf("%s is accepted", header)
			}
			if got := privateKeyText(t, k); !bytes.Equal(got, content) {
				t.Errorf("got %s, want %s", got, content)
			}
			j, err := jose.ParseEncryptedCompact(string(text), []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
			if err != nil {
				t.Fatalf("%s: go-jose says %v", header, err)
			}
			if got, err := j.Decrypt(secret); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: go-jose says %q, %v", header, got, err)
			}
			if cty, ok := h["cty"].(string); ok && !strings.EqualFold(cty, "jwk+json") && !strings.EqualFold(cty, "application/jwk+json") {
				t.Errorf("%s: the content type is accepted", header)
			}
		}
	})
}

// TestEncryptSetsAtOnce encrypts sets of several sizes from several goroutines. If it fails, calls
// of Encrypt share memory, and one recipient gets the keys of another.
func TestEncryptSetsAtOnce(t *testing.T) {
	recipient := fixture(t, "oct-256").with("alg", "A256KW").key(t)
	var group sync.WaitGroup
	for n := range 8 {
		s := parsedSet(t, new(jwk.Parser), string(benchSet(t, mixedKeys(t, 40*n+1)))) // up to 70 KiB
		want, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for range 5 {
				text, err := s.Encrypt(&jwk.EncryptOptions{Recipient: recipient})
				if err != nil {
					t.Error(err)
					return
				}
				got, err := jwk.DecryptSet(text, &jwk.DecryptOptions{Key: recipient})
				if err != nil {
					t.Error(err)
					return
				}
				if text, err := got.MarshalJSON(); err != nil || !bytes.Equal(text, want) {
					t.Errorf("set of %d keys: got %d octets, %v; want %d, the same", s.Len(), len(text), err, len(want))
				}
			}
		})
	}
	group.Wait()
}
