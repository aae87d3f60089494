package jwk_test

import (
	"crypto"
	"crypto/fips140"
	"crypto/sha1"
	"os"
	"os/exec"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// TestFIPSOnly runs itself again with GODEBUG=fips140=only. The standard library then refuses
// X25519 and SHA-1, sometimes by a panic, and no call of this package may panic.
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

	checkFIPSKeys(t)

	p256 := fixture(t, "P-256").key(t)
	_, err = p256.ThumbprintHash(crypto.SHA1)
	checkError(t, err, jwk.ErrUnsupported, "")
	if sha1.Size != 20 || p256.Thumbprint() == (jwk.Thumbprint{}) {
		t.Error("no SHA-256 thumbprint")
	}
	leaf := issue(t, public(t, "P-256").key(t).PublicKey())
	// A key with an x5t is read, and its x5t is checked, although that needs SHA-1.
	sum := leafSHA1(t, leaf)
	certified := public(t, "P-256").with("x5c", x5c(leaf))
	certified.with("x5t", encoded(sum)).key(t)
	checkRefused(t, certified.with("x5t", encoded(make([]byte, 20))).json(t), jwk.ErrInvalid, "/x5t")
	repaired, err := (&jwk.Parser{Lenient: true}).Parse(certified.with("x5t", encoded(make([]byte, 20))).json(t))
	if err != nil || string(memberOf(t, repaired, "x5t")) != `"`+encoded(sum)+`"` {
		t.Errorf("Lenient: got %v, %v, want the x5t of the certificate", repaired, err)
	}
	if h := sha1.New(); !fips140.Enforced() {
		t.Error("the enforcement is off")
	} else if _, err := h.Write(leaf); err == nil {
		t.Error("crypto/sha1 works: the test proves nothing")
	}

	// No algorithm encrypts or decrypts keys, and the error does not blame the passphrase.
	for _, o := range []object{public(t, "P-256"), public(t, "RSA-2048"), octOf(32)} {
		_, err = p256.Encrypt(&jwk.EncryptOptions{Recipient: o.key(t)})
		checkError(t, err, jwk.ErrUnsupported, "")
	}
	_, err = p256.Encrypt(&jwk.EncryptOptions{Recipient: k})
	checkError(t, err, jwk.ErrUnsupported, "")
	_, err = p256.Encrypt(&jwk.EncryptOptions{Passphrase: []byte("short"), PBES2Count: fewIterations})
	checkError(t, err, jwk.ErrUnsupported, "")
	const text = "eyJhbGciOiJQQkVTMi1IUzUxMitBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIn0"
	shortSalt := sequence(
		sequence(marshalASN1(t, oidPBES2), sequence(
			sequence(marshalASN1(t, oidPBKDF2), sequence(octetString(make([]byte, 15)), integer(fewIterations), sequence(marshalASN1(t, oidHMACSHA256), nullElement))),
			sequence(marshalASN1(t, oidAES256), octetString(make([]byte, 16))))),
		octetString(make([]byte, 16)))
	set, err := jwk.DecryptPEM(join(goodPEM(t), block("ENCRYPTED PRIVATE KEY", shortSalt)), fromPassphrase())
	checkError(t, theSkipped(t, set, err), jwk.ErrUnsupported, "/keys/1")
	checkNotDecrypted(t, []byte(text+"...."), fromPassphrase(), jwk.ErrUnsupported, "")
	checkNotDecrypted(t, []byte(text+"...."), &jwk.DecryptOptions{Key: p256}, jwk.ErrUnsupported, "")
}

// leafSHA1 returns the digest for x5t.
func leafSHA1(t *testing.T, der []byte) []byte {
	t.Helper()
	var sum [sha1.Size]byte
	fips140.WithoutEnforcement(func() { sum = sha1.Sum(der) })
	return sum[:]
}

func memberOf(t *testing.T, k *jwk.Key, name string) []byte {
	t.Helper()
	value, ok := k.Member(name)
	if !ok {
		t.Fatalf("%v: no member %s", k, name)
	}
	return value
}

// checkFIPSKeys proves what the package documentation says about the key types in that mode:
// which are read, generated and written, and which sign.
func checkFIPSKeys(t *testing.T) {
	public(t, "RSA-2048").with("e", "Aw").key(t) // it is read, but crypto/rsa does not use it
	for _, test := range []struct {
		name           string
		make           jwk.Algorithm // "" if Generate is not called
		opts           *jwk.GenerateOptions
		signs, refused jwk.Algorithm
	}{
		{"RSA-2048", jwk.RS256, nil, jwk.RS256, ""},
		{"RSA-3072", jwk.PS256, &jwk.GenerateOptions{Bits: 3072}, jwk.PS256, ""},
		{"RSA-2048-multi-prime", "", nil, "", jwk.RS256},
		{"P-256", jwk.ES256, nil, jwk.ES256, ""},
		{"P-384", jwk.ES384, nil, jwk.ES384, ""},
		{"P-521", jwk.ES512, nil, jwk.ES512, ""},
		{"secp256k1", jwk.ES256K, nil, jwk.ES256K, ""},
		{"Ed25519", jwk.Ed25519, nil, jwk.Ed25519, ""},
		{"Ed448", jwk.Ed448, nil, jwk.Ed448, ""},
		{"X25519", "", nil, "", ""}, // refused, see TestFIPSOnly
		{"X448", jwk.ECDHES, &jwk.GenerateOptions{Curve: jwk.CurveX448}, "", ""},
		{"ML-DSA-44", jwk.MLDSA44, nil, jwk.MLDSA44, ""},
		{"ML-DSA-65", jwk.MLDSA65, nil, jwk.MLDSA65, ""},
		{"ML-DSA-87", jwk.MLDSA87, nil, jwk.MLDSA87, ""},
		{"oct-256", jwk.HS256, nil, jwk.HS256, ""},
	} {
		if test.name == "X25519" {
			continue
		}
		k := fixture(t, test.name).key(t)
		if test.make != "" {
			if _, err := jwk.Generate(test.make, test.opts); err != nil {
				t.Errorf("%s: Generate: %v", test.name, err)
			}
		}
		if test.name != "oct-256" {
			if k := public(t, test.name).key(t); k.PublicKey() == nil {
				t.Errorf("%s: no Go public key", test.name)
			}
			if k.PrivateKey() == nil {
				t.Errorf("%s: no Go private key", test.name)
			}
			file := must[[]byte](t)(k.EncryptPEM(&jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: fewIterations}))
			set, err := jwk.DecryptPEM(file, &jwk.DecryptOptions{Passphrase: passphrase})
			if got := theKey(t, set, err); !got.Equal(k) {
				t.Errorf("%s: got %v of its PEM", test.name, got)
			}
		}
		if alg := test.signs; alg != "" {
			signature, err := must[jose.OpaqueSigner](t)(k.JOSESigner(alg)).SignPayload(passphrase, jose.SignatureAlgorithm(alg))
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			} else if err := must[jose.OpaqueVerifier](t)(k.JOSEVerifier(alg)).VerifyPayload(passphrase, signature, jose.SignatureAlgorithm(alg)); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if alg := test.refused; alg != "" {
			_, err := must[jose.OpaqueSigner](t)(k.JOSESigner(alg)).SignPayload(passphrase, jose.SignatureAlgorithm(alg))
			checkError(t, err, jwk.ErrUnsupported, "")
		}
	}
}
