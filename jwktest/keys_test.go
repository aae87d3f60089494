package jwktest_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// update adds keys and thumbprints that are missing. It never replaces one.
var update = flag.Bool("update", false, "add the keys and thumbprints that are missing")

const (
	keysFile        = "keys.json"
	thumbprintsFile = "testdata/thumbprints.txt"
)

var rsaSizes = []int{2048, 3072, 4096}

// allAlgorithms returns the constants of jwk.Algorithm, which the golden file of the API lists.
func allAlgorithms(t testing.TB) []jwk.Algorithm {
	t.Helper()
	api, err := os.ReadFile("../testdata/api.txt")
	if err != nil {
		t.Fatal(err)
	}
	var algs []jwk.Algorithm
	for _, match := range regexp.MustCompile(`(?m)^const \w+ Algorithm = "([^"]+)"$`).FindAllSubmatch(api, -1) {
		algs = append(algs, jwk.Algorithm(match[1]))
	}
	if len(algs) < 40 {
		t.Fatalf("got %d algorithms, want at least 40", len(algs))
	}
	return algs
}

// known returns the algorithms whose keys this build has.
func known(t testing.TB) []jwk.Algorithm {
	t.Helper()
	return slices.DeleteFunc(allAlgorithms(t), leftOut)
}

// allKeys returns the keys of this build: one for each algorithm and each size.
func allKeys(t testing.TB) []*jwk.Key {
	t.Helper()
	var keys []*jwk.Key
	for _, alg := range known(t) {
		keys = append(keys, jwktest.Key(alg))
	}
	for _, bits := range rsaSizes {
		keys = append(keys, jwktest.RSA(bits))
	}
	return keys
}

// TestKeysAreDistinct: if this fails, the tests of a program pass although it verifies a token
// with the key of another algorithm.
func TestKeysAreDistinct(t *testing.T) {
	seen := make(map[jwk.Thumbprint]string)
	for _, k := range allKeys(t) {
		if other, ok := seen[k.Thumbprint()]; ok {
			t.Errorf("%s and %s are the same key", other, k.KeyID())
		}
		seen[k.Thumbprint()] = k.KeyID()
	}
	if want := len(known(t)) + len(rsaSizes); len(seen) != want {
		t.Errorf("got %d keys, want %d", len(seen), want)
	}
}

// TestKeyMembers: the attributes of a key must equal the attributes that Generate sets. If this
// fails, a program that looks at alg, use or kid behaves differently in tests.
func TestKeyMembers(t *testing.T) {
	for _, alg := range known(t) {
		k := jwktest.Key(alg)
		if k.KeyID() != "test-"+string(alg) || k.Algorithm() != alg || !k.IsPrivate() || !k.Supports(alg) {
			t.Errorf("%s: got %v, want a private key with that alg and the kid test-%s", alg, k, alg)
		}
		if strings.HasPrefix(string(k.Type()), "RSA") {
			if k.Bits() != 2048 {
				t.Errorf("%s: got %d bits, want 2048", alg, k.Bits())
			}
			continue // generating takes too long
		}
		generated, err := jwk.Generate(alg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if k.Use() != generated.Use() || k.Type() != generated.Type() || k.Curve() != generated.Curve() || k.Bits() != generated.Bits() {
			t.Errorf("%s: got %v, want a key as Generate makes it: %v", alg, k, generated)
		}
	}
	for _, bits := range rsaSizes {
		k := jwktest.RSA(bits)
		if k.Bits() != bits || k.KeyID() != fmt.Sprintf("test-RSA-%d", bits) || k.Algorithm() != "" || k.Use() != "" || !k.IsPrivate() {
			t.Errorf("%d bits: got %v", bits, k)
		}
		for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.PS512, jwk.RSAOAEP256} {
			if !k.Supports(alg) {
				t.Errorf("the RSA key of %d bits does not support %s", bits, alg)
			}
		}
	}
}

// TestKeysWork signs and verifies, or encrypts and decrypts, with each key. If this fails, a
// test that uses the key cannot pass.
func TestKeysWork(t *testing.T) {
	message := []byte("message")
	for _, k := range allKeys(t) {
		t.Run(k.KeyID(), func(t *testing.T) {
			alg := k.Algorithm()
			if alg == "" {
				alg = jwk.PS512 // a key of RSA
			}
			if k.Permits(jwk.OpSign) {
				checkSigns(t, k, alg, message)
				return
			}
			if !k.Permits(jwk.OpDecrypt) && !k.Permits(jwk.OpUnwrapKey) && !k.Permits(jwk.OpDeriveBits) {
				t.Fatalf("%v permits no private operation", k)
			}
			checkEncrypts(t, k, alg, message)
		})
	}
}

func checkSigns(t *testing.T, k *jwk.Key, alg jwk.Algorithm, message []byte) {
	t.Helper()
	signer, err := k.JOSESigner(alg)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.SignPayload(message, jose.SignatureAlgorithm(alg))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := k.JOSEVerifier(alg)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.VerifyPayload(message, signature, jose.SignatureAlgorithm(alg)); err != nil {
		t.Errorf("got %v for the signature of the key", err)
	}
}

// checkEncrypts encrypts a message with go-jose to a key. The algorithms of content encryption
// use their keys directly.
func checkEncrypts(t *testing.T, k *jwk.Key, alg jwk.Algorithm, message []byte) {
	t.Helper()
	keyAlg, content := jose.KeyAlgorithm(alg), jose.A256GCM
	if strings.Contains(string(alg), "GCM") && !strings.HasSuffix(string(alg), "KW") || strings.Contains(string(alg), "CBC") {
		keyAlg, content = jose.DIRECT, jose.ContentEncryption(alg)
	}
	if alg == jwk.RSAOAEP384 || alg == jwk.RSAOAEP512 { // go-jose does not have these
		checkOAEP(t, k, alg, message)
		return
	}
	held, err := k.JOSE()
	if err != nil {
		t.Fatal(err)
	}
	recipient := jose.Recipient{Algorithm: keyAlg, Key: held.Key}
	if k.Type() != jwk.Oct {
		recipient.Key = k.PublicKey()
	}
	encrypter, err := jose.NewEncrypter(content, recipient, nil)
	if err != nil {
		t.Fatal(err)
	}
	jwe, err := encrypter.Encrypt(message)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := jwe.Decrypt(held.Key); !bytes.Equal(got, message) || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, message)
	}
}

func checkOAEP(t *testing.T, k *jwk.Key, alg jwk.Algorithm, message []byte) {
	t.Helper()
	private, err := jwk.As[*rsa.PrivateKey](k)
	if err != nil {
		t.Fatal(err)
	}
	hash := map[jwk.Algorithm]crypto.Hash{jwk.RSAOAEP384: crypto.SHA384, jwk.RSAOAEP512: crypto.SHA512}[alg]
	encrypted, err := rsa.EncryptOAEP(hash.New(), rand.Reader, &private.PublicKey, message, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := private.Decrypt(nil, encrypted, &rsa.OAEPOptions{Hash: hash}); !bytes.Equal(got, message) || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, message)
	}
}

// TestSet: if this fails, a set does not have the keys of the algorithms in their order.
func TestSet(t *testing.T) {
	set := jwktest.Set(jwk.ES256, jwk.RS256)
	if set.Len() != 2 || set.At(0) != jwktest.Key(jwk.ES256) || set.At(1) != jwktest.Key(jwk.RS256) {
		t.Errorf("got %v, want the keys of ES256 and RS256", set)
	}
	if got := jwktest.Set().Len(); got != 0 {
		t.Errorf("no algorithms: got %d keys, want 0", got)
	}
}

// TestKeysAreShared: if this fails, each call parses a key again, or goroutines get different
// keys.
func TestKeysAreShared(t *testing.T) {
	var keys [8]*jwk.Key
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() { keys[i] = jwktest.RSA(3072) })
	}
	all.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Errorf("got the keys %p and %p, want one", k, keys[0])
		}
	}
}

// TestKeyPanics: if this fails, a test with a misspelled algorithm goes on with a nil key, or
// its author does not learn which algorithms there are.
func TestKeyPanics(t *testing.T) {
	for _, tt := range []struct {
		name string
		call func()
		want []string
	}{
		{"an unknown algorithm", func() { jwktest.Key("RS257") }, []string{`"RS257"`, "RS256", "ML-DSA-87"}},
		{"no algorithm", func() { jwktest.Key("") }, []string{`""`, "RS256"}},
		{"the name of a size", func() { jwktest.Key("RSA-4096") }, []string{`"RSA-4096"`, "RS256"}},
		{"an algorithm that no key is made for", func() { jwktest.Key("RSA1_5") }, []string{`"RSA1_5"`, "RS256"}},
		{"JSON", func() { jwktest.Key(`RS256","use":"sig`) }, []string{"RS256", "want one of"}},
		{"in a set", func() { jwktest.Set(jwk.RS256, "rs256") }, []string{`"rs256"`, "RS256"}},
		{"a small size", func() { jwktest.RSA(1024) }, []string{"1024", "2048, 3072 or 4096"}},
		{"a prefix of a size", func() { jwktest.RSA(204) }, []string{"204 bits", "2048, 3072 or 4096"}},
	} {
		t.Run(tt.name, func(t *testing.T) { checkPanics(t, tt.call, tt.want...) })
	}
	for _, alg := range allAlgorithms(t) {
		if leftOut(alg) {
			t.Run(string(alg), func(t *testing.T) { checkPanics(t, func() { jwktest.Key(alg) }, string(alg), "jwk_core") })
		}
	}
}

// checkPanics checks that f panics with a text that has these parts and one line.
func checkPanics(t *testing.T, f func(), parts ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		text, ok := recover().(string)
		if !ok || !strings.HasPrefix(text, "jwktest: ") || strings.Contains(text, "\n") {
			t.Fatalf("got panic %q, want a line that begins with jwktest", text)
		}
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("got panic %q, want %q in it", text, part)
			}
		}
	}()
	f()
}
