package jwk_test

import (
	"crypto"
	"crypto/sha1"
	"os"
	"os/exec"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestFIPSOnly runs itself again with GODEBUG=fips140=only, where the standard
// library refuses X25519 and SHA-1, some of it by a panic.
func TestFIPSOnly(t *testing.T) {
	const child = "JWK_TEST_FIPS_ONLY"
	if os.Getenv(child) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFIPSOnly$", "-test.v")
		cmd.Env = append(os.Environ(), child+"=1", "GODEBUG=fips140=only")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}

	checkRefused(t, fixture(t, "X25519").json(t), jwk.ErrUnsupported, "/crv")
	k := public(t, "X25519").key(t)
	if got := k.PublicKey(); got != nil {
		t.Errorf("PublicKey: got %T, want nil", got)
	}
	_, err := k.Public()
	if err != nil {
		t.Errorf("Public: %v", err)
	}
	_, err = jwk.Generate(jwk.ECDHES, &jwk.GenerateOptions{Curve: jwk.CurveX25519})
	checkError(t, err, jwk.ErrUnsupported, "*")

	// ML-DSA is approved, whether it is the standard library's or not.
	for _, name := range []string{"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"} {
		if k := fixture(t, name).key(t); k.PublicKey() == nil || k.PrivateKey() == nil {
			t.Errorf("%s: no Go keys", name)
		}
		if k := public(t, name).key(t); k.PublicKey() == nil {
			t.Errorf("%s: no Go key", name)
		}
	}

	p256 := fixture(t, "P-256").key(t)
	_, err = p256.ThumbprintHash(crypto.SHA1)
	checkError(t, err, jwk.ErrUnsupported, "")
	if sha1.Size != 20 || p256.Thumbprint() == (jwk.Thumbprint{}) {
		t.Error("no SHA-256 thumbprint")
	}
	leaf := issue(t, public(t, "P-256").key(t).PublicKey())
	certified := public(t, "P-256").with("x5c", x5c(leaf))
	certified.key(t)
	checkRefused(t, certified.with("x5t", encoded(make([]byte, 20))).json(t), jwk.ErrUnsupported, "/x5t")
	if k, err := (&jwk.Parser{Lenient: true}).Parse(certified.with("x5t", encoded(make([]byte, 20))).json(t)); k != nil {
		t.Errorf("Lenient: got %v, %v, want no key", k, err)
	}

	// Keys are not encrypted, nor decrypted, whatever the algorithm, and nobody is
	// told that a passphrase is wrong.
	for _, o := range []object{public(t, "P-256"), public(t, "RSA-2048"), octOf(32)} {
		_, err = p256.Encrypt(&jwk.EncryptOptions{Recipient: o.key(t)})
		checkError(t, err, jwk.ErrUnsupported, "")
	}
	_, err = p256.Encrypt(&jwk.EncryptOptions{Recipient: k})
	checkError(t, err, jwk.ErrUnsupported, "")
	// crypto/pbkdf2 refuses passphrases of less than 14 octets.
	_, err = p256.Encrypt(&jwk.EncryptOptions{Passphrase: []byte("short"), PBES2Count: fewIterations})
	checkError(t, err, jwk.ErrUnsupported, "")
	const text = "eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIn0"
	checkNotDecrypted(t, []byte(text+"...."), fromPassphrase(), jwk.ErrUnsupported, "")
	checkNotDecrypted(t, []byte(text+"...."), &jwk.DecryptOptions{Key: p256}, jwk.ErrUnsupported, "")
}
