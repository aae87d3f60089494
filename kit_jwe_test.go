package jwk_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// fewIterations is the smallest count that the package accepts. It keeps the tests fast.
const fewIterations = 1000

var passphrase = []byte("correct horse battery staple")

// toPassphrase returns options that encrypt to the passphrase.
func toPassphrase() *jwk.EncryptOptions {
	return &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: fewIterations}
}

// fromPassphrase returns options that decrypt with the passphrase.
func fromPassphrase() *jwk.DecryptOptions { return &jwk.DecryptOptions{Passphrase: passphrase} }

// encrypted returns a key as a JWE.
func encrypted(t testing.TB, k *jwk.Key, opts *jwk.EncryptOptions) []byte {
	t.Helper()
	text, err := k.Encrypt(opts)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// encryptedSet returns a set as a JWE.
func encryptedSet(t testing.TB, s *jwk.Set, opts *jwk.EncryptOptions) []byte {
	t.Helper()
	text, err := s.Encrypt(opts)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decrypted returns the key in a JWE.
func decrypted(t testing.TB, text []byte, opts *jwk.DecryptOptions) *jwk.Key {
	t.Helper()
	k, err := jwk.DecryptKey(text, opts)
	if err != nil {
		t.Fatalf("DecryptKey(%s): %v", text, err)
	}
	return k
}

// checkNotDecrypted checks that DecryptKey refuses a text with an error of a kind at a path,
// and returns no key beside the error.
func checkNotDecrypted(t testing.TB, text []byte, opts *jwk.DecryptOptions, want error, path string) {
	t.Helper()
	k, err := jwk.DecryptKey(text, opts)
	if k != nil {
		t.Errorf("got key %v, want nil", k)
	}
	checkError(t, err, want, path)
}

// withPart returns the JWE with other octets in a part.
func withPart(t testing.TB, jwe []byte, name string, octets []byte) []byte {
	t.Helper()
	parts := strings.Split(string(jwe), ".")
	parts[slices.Index(partNames, name)] = encoded(octets)
	return []byte(strings.Join(parts, "."))
}

// directJWE returns a text that is encrypted with the octets of a key, by dir and A256GCM. The
// header can be malformed. If the result does not decrypt, its header is the reason.
func directJWE(t testing.TB, key *jwk.Key, header, text string) []byte {
	t.Helper()
	secret, err := key.Secret()
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	protected, iv := encoded([]byte(header)), make([]byte, 12)
	sealed := aead.Seal(nil, iv, []byte(text), []byte(protected))
	end := len(sealed) - 16
	return []byte(strings.Join([]string{protected, "", encoded(iv), encoded(sealed[:end]), encoded(sealed[end:])}, "."))
}

// secretSet returns a set with a public key, a private key, a skipped entry and a member.
func secretSet(t testing.TB) *jwk.Set {
	t.Helper()
	s, err := jwk.ParseSet([]byte(`{"note":"kept","keys":[` + string(public(t, "P-256").json(t)) +
		`,{"kty":"from-the-future","d":"AA"},` + string(fixture(t, "Ed25519").json(t)) + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 2 || len(s.Skipped()) != 1 {
		t.Fatalf("got %v, want two keys and a skipped entry", s)
	}
	return s
}

// privateKeyText returns the JSON of a key, with its private members.
func privateKeyText(t testing.TB, k *jwk.Key) []byte {
	t.Helper()
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// flattened returns a JWE in the flattened JSON serialization. The members come before its
// parts.
func flattened(text []byte, members string) string {
	parts := strings.Split(string(text), ".")
	for i, name := range partNames {
		members += fmt.Sprintf(`"%s":"%s",`, name, parts[i])
	}
	return "{" + strings.TrimSuffix(members, ",") + "}"
}

// signing returns the private key of a row and the key that verifies its signatures: the public
// half, or for a symmetric key the key itself.
func signing(t testing.TB, name string) (private, verifying *jwk.Key) {
	t.Helper()
	o := object{"kty": "oct", "k": encoded(bytes.Repeat([]byte("64 octets that protect nothing: "), 2))}
	if name != "oct-512" {
		o = fixture(t, name)
	}
	private = o.with("kid", "the kid").key(t)
	if private.Type() == jwk.Oct {
		return private, private
	}
	verifying, err := private.Public()
	if err != nil {
		t.Fatal(err)
	}
	return private, verifying
}

// joseSigner returns the go-jose signer of a key.
func joseSigner(t testing.TB, k *jwk.Key, alg jwk.Algorithm) jose.OpaqueSigner {
	t.Helper()
	s, err := k.JOSESigner(alg)
	if err != nil {
		t.Fatalf("JOSESigner(%s) of %v: %v", alg, k, err)
	}
	return s
}
