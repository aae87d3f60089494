//go:build jwk_core

package jwk_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"go/version"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// The tests of a build with the tag jwk_core. Run them with
//
//	go test -tags jwk_core -run TestCore .
//
// Most other tests have keys in their tables that this build leaves out.

// leftOutNames returns the names of the fixtures that the build leaves out.
func leftOutNames() []string {
	names := []string{"secp256k1", "Ed448", "X448"}
	if version.Compare(runtime.Version(), "go1.27") < 0 {
		names = append(names, "ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
	}
	return names
}

// checkLeftOut demands an ErrUnsupported that names the tag, so that users learn why the key is
// refused.
func checkLeftOut(t *testing.T, err error, path string) {
	t.Helper()
	checkError(t, err, jwk.ErrUnsupported, path)
	if !strings.Contains(err.Error(), "jwk_core") {
		t.Errorf("got %q, want the tag jwk_core in it", err)
	}
}

// TestCoreLeftOut: Parse, ParseSet and ParsePEM refuse keys of the kinds that are left out, and
// a set writes their entries back.
func TestCoreLeftOut(t *testing.T) {
	good := string(public(t, "P-256").json(t))
	for _, name := range leftOutNames() {
		t.Run(name, func(t *testing.T) {
			path := "/crv"
			if strings.HasPrefix(name, "ML-DSA") {
				path = "/alg"
			}
			text := public(t, name).json(t)
			for _, text := range [][]byte{text, fixture(t, name).json(t)} {
				for _, p := range []jwk.Parser{{}, {Lenient: true}} {
					_, err := p.Parse(text)
					checkLeftOut(t, err, path)
				}
			}
			der, err := os.ReadFile("testdata/pem/" + name + ".pub.pem")
			if err != nil {
				t.Fatal(err)
			}
			_, err = jwk.ParsePEM(der)
			checkError(t, err, jwk.ErrUnsupported, "*")
			if !strings.Contains(err.Error(), "jwk_core") {
				t.Errorf("ParsePEM of the public key: got %v, want the tag jwk_core in it", err)
			}
			_, err = (&jwk.Parser{PublicOnly: true}).Parse(fixture(t, name).json(t))
			checkError(t, err, jwk.ErrPrivate, "*")

			s := parsedSet(t, new(jwk.Parser), setOf(string(text), good))
			if s.Len() != 1 || len(s.Skipped()) != 1 {
				t.Fatalf("got %v, want the key of P-256 and a skipped entry", s)
			}
			checkLeftOut(t, s.Skipped()[0].Err, "/keys/0"+path)
			var written struct{ Keys []json.RawMessage }
			if data, err := s.MarshalJSON(); err != nil || json.Unmarshal(data, &written) != nil || !bytes.Equal(written.Keys[0], text) {
				t.Errorf("got %s, %v; want the skipped entry in its place", data, err)
			}
		})
	}
}

// TestCoreLeftOutGenerate: Generate refuses kinds that are left out, and makes all others.
func TestCoreLeftOutGenerate(t *testing.T) {
	for _, test := range []struct {
		alg   jwk.Algorithm
		curve jwk.Curve
		name  string
	}{
		{jwk.ES256K, "", "secp256k1"},
		{jwk.Ed448, "", "Ed448"},
		{jwk.EdDSA, jwk.CurveEd448, "Ed448"},
		{jwk.ECDHES, jwk.CurveX448, "X448"},
		{jwk.MLDSA44, "", "ML-DSA-44"},
	} {
		k, err := jwk.Generate(test.alg, &jwk.GenerateOptions{Curve: test.curve})
		if slices.Contains(leftOutNames(), test.name) {
			checkLeftOut(t, err, "")
		} else if err != nil {
			t.Errorf("%s %s: got %v, %v; want a key", test.alg, test.curve, k, err)
		}
	}
}

// TestCoreLeftOutGoKeys: New names the tag for Go keys that it takes in other builds.
func TestCoreLeftOutGoKeys(t *testing.T) {
	private, err := secp256k1.GeneratePrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	keys := []any{private, private.PubKey(), ed448.NewKeyFromSeed(make([]byte, ed448.SeedSize)), jwk.X448PublicKey{5}, jwk.X448PrivateKey{1}}
	if slices.Contains(leftOutNames(), "ML-DSA-44") {
		key, err := mldsa.GenerateKey(mldsa.MLDSA44())
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key, key.PublicKey())
	}
	for _, key := range keys {
		_, err := jwk.New(key, nil)
		checkLeftOut(t, err, "")
	}
	if got := (jwk.X448PrivateKey{1}).Public(); got != nil {
		t.Errorf("Public of an X448 key: got %v, want nil", got)
	}
	_, err = jwk.X448PrivateKey{1}.ECDH(jwk.X448PublicKey{5})
	checkLeftOut(t, err, "")
}

// TestCoreLeftOutPEM: testdata/pem has keys of every kind. The files that this build cannot
// read are refused, and the error names the tag.
func TestCoreLeftOutPEM(t *testing.T) {
	files, err := os.ReadDir("testdata/pem")
	if err != nil {
		t.Fatal(err)
	}
	left, read := 0, 0
	for _, f := range files {
		data, err := os.ReadFile("testdata/pem/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		s, err := jwk.ParsePEM(data)
		switch {
		case err == nil:
			read += s.Len()
			for k := range s.All() {
				if k.Curve() == jwk.CurveSecp256k1 || k.Curve() == jwk.CurveEd448 || k.Curve() == jwk.CurveX448 {
					t.Errorf("%s: got %v, want no key of a kind that is left out", f.Name(), k)
				}
			}
		case strings.Contains(err.Error(), "jwk_core"):
			left++
			if !errors.Is(err, jwk.ErrUnsupported) {
				t.Errorf("%s: got %v, want ErrUnsupported", f.Name(), err)
			}
		}
	}
	if left < 3 || read < 10 {
		t.Errorf("got %d files of kinds that are left out, and %d keys; want 3 and 10 at least", left, read)
	}
}

// TestCoreKinds: the build tag takes nothing away from keys of the other kinds.
func TestCoreKinds(t *testing.T) {
	algorithms := map[string]jwk.Algorithm{
		"RSA-2048": jwk.PS256, "P-256": jwk.ES256, "P-384": jwk.ES384, "P-521": jwk.ES512, "Ed25519": jwk.EdDSA, "X25519": "", "oct-256": jwk.HS256,
	}
	for name, alg := range algorithms {
		t.Run(name, func(t *testing.T) {
			k := fixture(t, name).key(t)
			again, err := jwk.New(k.PrivateKey(), nil)
			if err != nil || !again.Equal(k) || again.Thumbprint() != k.Thumbprint() {
				t.Errorf("New: got %v, %v; want %v", again, err, k)
			}
			if k.Type() != jwk.Oct {
				pem, err := k.MarshalPrivatePEM()
				if err != nil {
					t.Fatal(err)
				}
				if s, err := jwk.ParsePEM(pem); err != nil || s.Len() != 1 || !s.At(0).Equal(k) {
					t.Errorf("ParsePEM: got %v, %v; want %v", s, err, k)
				}
				if k.PublicKey() == crypto.PublicKey(nil) {
					t.Error("got no public key")
				}
			}
			secret, err := k.Encrypt(&jwk.EncryptOptions{Passphrase: []byte("passphrase"), PBES2Count: 1000})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := jwk.DecryptKey(secret, &jwk.DecryptOptions{Passphrase: []byte("passphrase")}); err != nil || !got.Equal(k) {
				t.Errorf("DecryptKey: got %v, %v; want %v", got, err, k)
			}
			if alg == "" {
				return
			}
			signer, err := k.JOSESigner(alg)
			if err != nil {
				t.Fatal(err)
			}
			verifier, err := k.JOSEVerifier(alg)
			if err != nil {
				t.Fatal(err)
			}
			message := []byte("message")
			signature, err := signer.SignPayload(message, signer.Algs()[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := verifier.VerifyPayload(message, signature, signer.Algs()[0]); err != nil {
				t.Errorf("VerifyPayload: got %v, want no error", err)
			}
			signature[0] ^= 1
			if err := verifier.VerifyPayload(message, signature, signer.Algs()[0]); err == nil {
				t.Error("VerifyPayload of an altered signature: got no error")
			}
		})
	}
}
