package jwk_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"maps"
	"math/big"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	secp256k1ecdsa "github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// mldsaInJOSE reports whether go-jose has ML-DSA keys. It needs crypto/mldsa for them.
var mldsaInJOSE = version.Compare(runtime.Version(), "go1.27") >= 0

// signatureAlgorithms are the signature algorithms with a fixture for each, and whether go-jose
// itself signs and verifies with such keys.
var signatureAlgorithms = []struct {
	alg     jwk.Algorithm
	fixture string
	native  bool
}{
	{jwk.HS256, "oct-256", true},
	{jwk.HS384, "oct-512", true},
	{jwk.HS512, "oct-512", true},
	{jwk.RS256, "RSA-2048", true},
	{jwk.RS384, "RSA-2048", true},
	{jwk.RS512, "RSA-2048-multi-prime", true},
	{jwk.PS256, "RSA-2048", true},
	{jwk.PS384, "RSA-3072", true},
	{jwk.PS512, "RSA-2048", true},
	{jwk.ES256, "P-256", true},
	{jwk.ES384, "P-384", true},
	{jwk.ES512, "P-521", true},
	{jwk.ES256K, "secp256k1", false},
	{jwk.EdDSA, "Ed25519", true},
	{jwk.Ed25519, "Ed25519", false}, // go-jose does not know this name
	{jwk.EdDSA, "Ed448", false},
	{jwk.Ed448, "Ed448", false},
	{jwk.MLDSA44, "ML-DSA-44", mldsaInJOSE},
	{jwk.MLDSA65, "ML-DSA-65", mldsaInJOSE},
	{jwk.MLDSA87, "ML-DSA-87", mldsaInJOSE},
}

// TestSignatureAlgorithms checks that signatureAlgorithms have every signature algorithm. An
// algorithm without a row would be untested.
func TestSignatureAlgorithms(t *testing.T) {
	k := fixture(t, "P-256").key(t)
	for _, alg := range algorithmConstants(t) {
		_, err := k.JOSESigner(alg)
		want := !errors.Is(err, jwk.ErrUnsupported)
		got := false
		for _, row := range signatureAlgorithms {
			got = got || row.alg == alg
		}
		if got != want {
			t.Errorf("%s: has a row: got %v, want %v", alg, got, want)
		}
	}
}

func josified(t testing.TB, k *jwk.Key) jose.JSONWebKey {
	t.Helper()
	j, err := k.JOSE()
	if err != nil {
		t.Fatalf("JOSE of %v: %v", k, err)
	}
	return j
}

func joseVerifier(t testing.TB, k *jwk.Key, alg jwk.Algorithm) jose.OpaqueVerifier {
	t.Helper()
	v, err := k.JOSEVerifier(alg)
	if err != nil {
		t.Fatalf("JOSEVerifier(%s) of %v: %v", alg, k, err)
	}
	return v
}

const joseText = `{"iss":"https://issuer.example","sub":"alice"}`

// signedJWS returns a token that go-jose signs with a key of its own or with a signer.
func signedJWS(t testing.TB, alg jwk.Algorithm, key any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: key}, nil)
	if err != nil {
		t.Fatalf("NewSigner(%s, %T): %v", alg, key, err)
	}
	jws, err := signer.Sign([]byte(joseText))
	if err != nil {
		t.Fatalf("Sign(%s): %v", alg, err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// parsedJWS parses a token with go-jose.
func parsedJWS(t testing.TB, alg jwk.Algorithm, token string) *jose.JSONWebSignature {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatalf("ParseSignedCompact(%q): %v", token, err)
	}
	return jws
}

func TestJOSESignAndVerify(t *testing.T) {
	for _, tc := range signatureAlgorithms {
		t.Run(string(tc.alg)+" "+tc.fixture, func(t *testing.T) {
			private, verifying := signing(t, tc.fixture)
			verify := func(token string, keys ...any) {
				t.Helper()
				for _, key := range keys {
					got, err := parsedJWS(t, tc.alg, token).Verify(key)
					if err != nil || string(got) != joseText {
						t.Errorf("Verify with %T: got %q, %v, want the text", key, got, err)
					}
				}
			}
			ours := signedJWS(t, tc.alg, joseSigner(t, private, tc.alg))
			header := parsedJWS(t, tc.alg, ours).Signatures[0].Protected
			if header.Algorithm != string(tc.alg) || header.KeyID != "the kid" || header.JSONWebKey != nil {
				t.Errorf("header: got %+v, want alg %s, the kid and no key", header, tc.alg)
			}
			v := joseVerifier(t, verifying, tc.alg)
			verify(ours, v, joseVerifier(t, private, tc.alg), jose.JSONWebKey{Key: v})

			// go-jose itself signs and verifies the same, in both directions.
			native, err := private.JOSE()
			if holds := tc.native || tc.alg == jwk.Ed25519; holds != (err == nil) {
				t.Fatalf("JOSE: got error %v, want one: %v", err, !holds)
			}
			if !tc.native {
				return
			}
			verify(signedJWS(t, tc.alg, native), v)
			verify(ours, josified(t, verifying), josified(t, verifying).Key)
		})
	}
}

// ecdsaSignature joins r and s as RFC 7518, Section 3.4, says.
func ecdsaSignature(r, s *big.Int, width int) []byte {
	return append(r.FillBytes(make([]byte, width)), s.FillBytes(make([]byte, width))...)
}

// The orders of the groups (SEC 2, Sections 2.4.1 and following).
var orders = map[string]*big.Int{
	"P-256":     elliptic.P256().Params().N,
	"P-384":     elliptic.P384().Params().N,
	"P-521":     elliptic.P521().Params().N,
	"secp256k1": secp256k1.Params().N,
}

// TestFindJOSEVerifier checks that the verifier has the key that the kid and the alg of a header
// name, if that key may verify. A key from the header itself must never be used.
func TestFindJOSEVerifier(t *testing.T) {
	set := jwk.NewSet(
		public(t, "P-256").with("kid", "a").key(t),
		public(t, "RSA-2048").with("kid", "a", "alg", "RS256").key(t),
		public(t, "P-256").with("kid", "enc", "use", "enc").key(t),
		fixture(t, "oct-256").with("kid", "secret").key(t),
		// Two keys have this kid and alg. Only the second may verify.
		fixture(t, "P-384").with("kid", "ops", "alg", "ES384", "key_ops", []string{"sign"}).key(t),
		public(t, "P-384").with("kid", "ops", "alg", "ES384", "key_ops", []string{"verify"}).key(t),
	)
	for _, tt := range []struct {
		kid, alg string
		want     error // nil if there is a verifier
	}{
		{"a", "ES256", nil},
		{"ops", "ES384", nil},
		{"a", "RS256", nil},
		{"secret", "HS256", nil},
		{"", "ES256", nil},
		{"a", "PS256", jwk.ErrNotFound},
		{"a", "ES384", jwk.ErrNotFound},
		{"a", "HS256", jwk.ErrNotFound},
		{"secret", "ES256", jwk.ErrNotFound},
		{"enc", "ES256", jwk.ErrNotFound},
		{"b", "ES256", jwk.ErrNotFound},
		{"a", "none", jwk.ErrNotFound},
		{"a", "", jwk.ErrUnsupported},
	} {
		header := jose.Header{KeyID: tt.kid, Algorithm: tt.alg, JSONWebKey: &jose.JSONWebKey{Key: []byte("of the sender")}}
		v, err := jwk.FindJOSEVerifier(t.Context(), set, header)
		if (v == nil) == (tt.want == nil) || !errors.Is(err, tt.want) {
			t.Errorf("kid %q, alg %q: got %v, %v, want %v", tt.kid, tt.alg, v, err, tt.want)
		}
		if v == nil {
			continue
		}
		// It verifies with that algorithm only.
		if err := v.VerifyPayload(nil, nil, "RS512"); !errors.Is(err, jose.ErrUnsupportedAlgorithm) {
			t.Errorf("kid %q, alg %q: RS512: got %v, want %v", tt.kid, tt.alg, err, jose.ErrUnsupportedAlgorithm)
		}
	}
}

// A finder is a Source that finds the same keys for every query.
type finder struct {
	jwk.Source
	keys []*jwk.Key
}

func (f finder) FindAll(context.Context, jwk.Query) ([]*jwk.Key, error) { return f.keys, nil }

// TestFindJOSEVerifierNil checks that a missing source or key is an error, and not a panic in a
// server.
func TestFindJOSEVerifierNil(t *testing.T) {
	header := jose.Header{KeyID: "a", Algorithm: "ES256"}
	for name, from := range map[string]jwk.Source{
		"a nil set":                     (*jwk.Set)(nil),
		"a source that returns no keys": finder{},
	} {
		v, err := jwk.FindJOSEVerifier(t.Context(), from, header)
		if v != nil || err == nil {
			t.Errorf("%s: got %v, %v, want no verifier", name, v, err)
		}
		if e := checkNotFound(t, err); e.Query.KeyID != "a" {
			t.Errorf("%s: got query %v, want the query of the header", name, e.Query)
		}
	}
	for name, from := range map[string]jwk.Source{
		"no source":                  nil,
		"a source that returns nil":  finder{keys: []*jwk.Key{nil}},
		"a source of the zero Key":   finder{keys: []*jwk.Key{new(jwk.Key)}},
		"a source of two of nothing": finder{keys: []*jwk.Key{nil, new(jwk.Key)}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := jwk.FindJOSEVerifier(t.Context(), from, header)
			if v != nil {
				t.Errorf("got %v, want no verifier", v)
			}
			checkError(t, err, jwk.ErrInvalid, "")
		})
	}
}

func TestJOSEVerifierRefuses(t *testing.T) {
	message := []byte("header.payload")
	for _, tc := range signatureAlgorithms {
		t.Run(string(tc.alg)+" "+tc.fixture, func(t *testing.T) {
			private, verifying := signing(t, tc.fixture)
			alg := jose.SignatureAlgorithm(tc.alg)
			good, err := joseSigner(t, private, tc.alg).SignPayload(message, alg)
			if err != nil {
				t.Fatal(err)
			}
			v := joseVerifier(t, verifying, tc.alg)
			if err := v.VerifyPayload(message, good, alg); err != nil {
				t.Fatalf("the right signature: %v", err)
			}
			flipped := func(i int, bit byte) []byte {
				b := bytes.Clone(good)
				b[i] ^= bit
				return b
			}
			bad := map[string][]byte{
				"nil": nil, "empty": {}, "one octet": {0},
				"first bit": flipped(0, 0x80), "last bit": flipped(len(good)-1, 1), "middle": flipped(len(good)/2, 1),
				"an octet less": good[:len(good)-1], "an octet more": append(bytes.Clone(good), 0),
				"a zero before": append([]byte{0}, good...), "first octet lost": good[1:],
				"half": good[:len(good)/2], "twice": append(bytes.Clone(good), good...),
				"zeros": make([]byte, len(good)), "ones": bytes.Repeat([]byte{0xff}, len(good)),
			}
			if n := orders[tc.fixture]; n != nil {
				w := len(good) / 2
				r, s := new(big.Int).SetBytes(good[:w]), new(big.Int).SetBytes(good[w:])
				der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
				if err != nil {
					t.Fatal(err)
				}
				zero := new(big.Int)
				maps.Copy(bad, map[string][]byte{
					"DER": der, "r = 0": ecdsaSignature(zero, s, w), "s = 0": ecdsaSignature(r, zero, w), "s before r": ecdsaSignature(s, r, w),
					"a zero between": slices.Concat(good[:w], []byte{0}, good[w:]),
					"r = n":          ecdsaSignature(n, s, w), "s = n": ecdsaSignature(r, n, w), "n-r": ecdsaSignature(new(big.Int).Sub(n, r), s, w),
				})
				// With n-s for s, ECDSA has a second valid signature for the same message. JOSE allows it.
				if err := v.VerifyPayload(message, ecdsaSignature(r, new(big.Int).Sub(n, s), w), alg); err != nil {
					t.Errorf("n-s: got %v, want it to verify", err)
				}
			}
			for name, signature := range bad {
				if err := v.VerifyPayload(message, signature, alg); err != jose.ErrCryptoFailure {
					t.Errorf("%s: got %v, want %v", name, err, jose.ErrCryptoFailure)
				}
			}
			for _, other := range []string{"", "header.payloae", "header.payload "} {
				if err := v.VerifyPayload([]byte(other), good, alg); err != jose.ErrCryptoFailure {
					t.Errorf("message %q: got %v, want %v", other, err, jose.ErrCryptoFailure)
				}
			}

			// The header must not choose the algorithm (RFC 8725, Section 3.1).
			others := []string{"", "none", "None", strings.ToLower(string(alg)), string(alg) + " "}
			for _, row := range signatureAlgorithms {
				if row.alg != tc.alg {
					others = append(others, string(row.alg))
				}
			}
			for _, other := range others {
				other := jose.SignatureAlgorithm(other)
				if err := v.VerifyPayload(message, good, other); err != jose.ErrUnsupportedAlgorithm {
					t.Errorf("alg %q: got %v, want %v", other, err, jose.ErrUnsupportedAlgorithm)
				}
				signer := joseSigner(t, private, tc.alg)
				if got, err := signer.SignPayload(message, other); got != nil || err != jose.ErrUnsupportedAlgorithm {
					t.Errorf("sign with alg %q: got %x, %v, want %v", other, got, err, jose.ErrUnsupportedAlgorithm)
				}
				if _, err := jose.NewSigner(jose.SigningKey{Algorithm: other, Key: signer}, nil); !errors.Is(err, jose.ErrUnsupportedAlgorithm) {
					t.Errorf("NewSigner(%q): got %v, want %v", other, err, jose.ErrUnsupportedAlgorithm)
				}
			}
			if got := joseSigner(t, private, tc.alg).Algs(); !slices.Equal(got, []jose.SignatureAlgorithm{alg}) {
				t.Errorf("Algs: got %v, want %s", got, alg)
			}

			another := fixture(t, "RSA-3072").key(t)
			if tc.fixture == "RSA-3072" {
				another = fixture(t, "RSA-2048").key(t)
			}
			if private.Type() != jwk.RSA {
				if another, err = jwk.Generate(tc.alg, &jwk.GenerateOptions{Curve: private.Curve()}); err != nil {
					t.Fatal(err)
				}
			}
			if err := joseVerifier(t, another, tc.alg).VerifyPayload(message, good, alg); err != jose.ErrCryptoFailure {
				t.Errorf("another key: got %v, want %v", err, jose.ErrCryptoFailure)
			}
		})
	}
}

// TestJOSEVerifierReducesNothing checks that r and s must be less than n. If they were reduced,
// every signature would have further forms. n+1 has room only for tiny r and s, so the test
// computes the public key for which r = 1 and s = 1 are a signature.
func TestJOSEVerifierReducesNothing(t *testing.T) {
	message := []byte("header.payload")
	digest := sha256.Sum256(message)
	one := big.NewInt(1)
	more := new(big.Int).Add(secp256k1.Params().N, one)
	goKey, _, err := secp256k1ecdsa.RecoverCompact(append([]byte{27}, ecdsaSignature(one, one, 32)...), digest[:])
	if err != nil {
		t.Fatal(err)
	}
	k, err := jwk.New(goKey, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, es256k := joseVerifier(t, k, jwk.ES256K), jose.SignatureAlgorithm(jwk.ES256K)
	for _, tc := range []struct {
		r, s *big.Int
		want error
	}{{one, one, nil}, {more, one, jose.ErrCryptoFailure}, {one, more, jose.ErrCryptoFailure}} {
		if got := v.VerifyPayload(message, ecdsaSignature(tc.r, tc.s, 32), es256k); got != tc.want {
			t.Errorf("r = %x, s = %x: got %v, want %v", tc.r, tc.s, got, tc.want)
		}
	}
}

// TestJOSEVerifierSalt checks that the salt must be as long as the hash (RFC 7518, Section 3.5).
// go-jose accepts any length.
func TestJOSEVerifierSalt(t *testing.T) {
	k := fixture(t, "RSA-2048").key(t)
	private, err := jwk.As[*rsa.PrivateKey](k)
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("header.payload")
	digest := sha256.Sum256(message)
	for salt, want := range map[int]error{
		32:                          nil,
		rsa.PSSSaltLengthEqualsHash: nil,
		31:                          jose.ErrCryptoFailure,
		33:                          jose.ErrCryptoFailure,
		rsa.PSSSaltLengthAuto:       jose.ErrCryptoFailure,
	} {
		signature, err := rsa.SignPSS(rand.Reader, private, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: salt})
		if err != nil {
			t.Fatal(err)
		}
		if got := joseVerifier(t, k, jwk.PS256).VerifyPayload(message, signature, jose.PS256); got != want {
			t.Errorf("salt of %d octets: got %v, want %v", salt, got, want)
		}
	}
}

// TestJOSEVectors checks that the signatures printed in RFCs verify, and that the deterministic
// ones are made again octet by octet.
func TestJOSEVectors(t *testing.T) {
	f, err := os.Open("testdata/jws.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var vectors []struct {
		Source  string        `json:"source"`
		Key     string        `json:"key"` // the source of the key in rfc.json
		Alg     jwk.Algorithm `json:"alg"`
		JWS     string        `json:"jws"`
		Repeats bool          `json:"repeats"` // signing again gives the same signature
	}
	dec := json.NewDecoder(f)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) != 12 {
		t.Fatalf("got %d vectors, want 12", len(vectors))
	}
	keys := make(map[string]json.RawMessage)
	for _, fact := range rfcFacts(t) {
		keys[fact.Source] = fact.JWK
	}
	for _, vector := range vectors {
		t.Run(vector.Source, func(t *testing.T) {
			k, err := jwk.Parse(keys[vector.Key])
			if err != nil {
				t.Fatalf("key %q: %v", vector.Key, err)
			}
			if _, err := parsedJWS(t, vector.Alg, vector.JWS).Verify(joseVerifier(t, k, vector.Alg)); err != nil {
				t.Errorf("Verify: %v", err)
			}
			if !vector.Repeats {
				return
			}
			dot := strings.LastIndexByte(vector.JWS, '.')
			signature, err := joseSigner(t, k, vector.Alg).SignPayload([]byte(vector.JWS[:dot]), jose.SignatureAlgorithm(vector.Alg))
			if got, want := encoded(signature), vector.JWS[dot+1:]; got != want || err != nil {
				t.Errorf("SignPayload: got %s, %v, want %s", got, err, want)
			}
		})
	}
}

func TestJOSESignerRefused(t *testing.T) {
	for _, tc := range []struct {
		name         string
		o            object
		alg          jwk.Algorithm
		sign, verify error
	}{
		{"another key type", fixture(t, "P-256"), jwk.RS256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"public, of another key type", public(t, "P-256"), jwk.RS256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"another curve", fixture(t, "P-384"), jwk.ES256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"another curve of the same width", fixture(t, "P-256"), jwk.ES256K, jwk.ErrInvalid, jwk.ErrInvalid},
		{"another Edwards curve", fixture(t, "Ed25519"), jwk.Ed448, jwk.ErrInvalid, jwk.ErrInvalid},
		{"a curve for agreement", fixture(t, "X25519"), jwk.EdDSA, jwk.ErrInvalid, jwk.ErrInvalid},
		{"a shared secret for RSA", fixture(t, "oct-256"), jwk.RS256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"a public key as HMAC secret", public(t, "RSA-2048"), jwk.HS256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"a short secret", fixture(t, "oct-256"), jwk.HS384, jwk.ErrInvalid, jwk.ErrInvalid},
		{"another parameter set", fixture(t, "ML-DSA-44"), jwk.MLDSA65, jwk.ErrInvalid, jwk.ErrInvalid},
		{"another alg", fixture(t, "RSA-2048").with("alg", "PS256"), jwk.RS256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"alg for encryption", fixture(t, "RSA-2048").with("alg", "RSA-OAEP"), jwk.RS256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"use enc", fixture(t, "P-256").with("use", "enc"), jwk.ES256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"unregistered use", fixture(t, "P-256").with("use", "x"), jwk.ES256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"key_ops sign", fixture(t, "P-256").with("key_ops", []string{"sign"}), jwk.ES256, nil, jwk.ErrInvalid},
		{"key_ops verify", fixture(t, "P-256").with("key_ops", []string{"verify"}), jwk.ES256, jwk.ErrInvalid, nil},
		{"empty key_ops", fixture(t, "P-256").with("key_ops", []string{}), jwk.ES256, nil, nil},
		{"unknown key_ops", fixture(t, "P-256").with("key_ops", []string{"x"}), jwk.ES256, jwk.ErrInvalid, jwk.ErrInvalid},
		{"public", public(t, "P-256"), jwk.ES256, jwk.ErrPrivate, nil},
		{"public, key_ops sign", public(t, "P-256").with("key_ops", []string{"sign"}), jwk.ES256, jwk.ErrPrivate, jwk.ErrInvalid},
		{"none", fixture(t, "RSA-2048"), "none", jwk.ErrUnsupported, jwk.ErrUnsupported},
		{"empty", fixture(t, "RSA-2048"), "", jwk.ErrUnsupported, jwk.ErrUnsupported},
		{"lower case", fixture(t, "RSA-2048"), "rs256", jwk.ErrUnsupported, jwk.ErrUnsupported},
		{"for encryption", fixture(t, "RSA-2048"), jwk.RSAOAEP256, jwk.ErrUnsupported, jwk.ErrUnsupported},
		{"unknown, and the key's own", fixture(t, "RSA-2048").with("alg", "X"), "X", jwk.ErrUnsupported, jwk.ErrUnsupported},
		{"EdDSA by its other name", fixture(t, "Ed25519").with("alg", "EdDSA"), jwk.Ed25519, nil, nil},
		{"Ed25519 by its other name", fixture(t, "Ed25519").with("alg", "Ed25519"), jwk.EdDSA, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := tc.o.key(t)
			signer, err := k.JOSESigner(tc.alg)
			checkJOSERefused(t, "JOSESigner", signer, err, tc.sign)
			verifier, err := k.JOSEVerifier(tc.alg)
			checkJOSERefused(t, "JOSEVerifier", verifier, err, tc.verify)
		})
	}
	var zero jwk.Key
	signer, err := zero.JOSESigner(jwk.ES256)
	checkJOSERefused(t, "JOSESigner", signer, err, jwk.ErrInvalid)
	verifier, err := zero.JOSEVerifier(jwk.ES256)
	checkJOSERefused(t, "JOSEVerifier", verifier, err, jwk.ErrInvalid)
}

// checkJOSERefused checks that a call returned the error want and no result, or, if want is nil,
// a result and no error.
func checkJOSERefused(t testing.TB, what string, got any, err, want error) {
	t.Helper()
	if (got == nil) != (want != nil) {
		t.Errorf("%s: got %T beside error %v, want error %v", what, got, err, want)
	}
	if want != nil {
		checkError(t, err, want, "")
	} else if err != nil {
		t.Errorf("%s: got error %v, want none", what, err)
	}
}

// TestJOSESignerShortRSA checks that an RSA key that a Parser allowed but that is too short for an
// algorithm gets an error instead of a panic.
func TestJOSESignerShortRSA(t *testing.T) {
	k, err := (&jwk.Parser{MinRSABits: 1024}).Parse(rsaObject(t, 65537, rsaPrimes(t, "six")[:2]...).json(t))
	if err != nil {
		t.Fatal(err)
	}
	// Hash, salt and 2 octets need 130 octets (RFC 8017, Section 9.1.1). The modulus has 128.
	_, err = joseSigner(t, k, jwk.PS512).SignPayload([]byte("header.payload"), jose.PS512)
	checkError(t, err, jwk.ErrUnsupported, "")
	if err := joseVerifier(t, k, jwk.PS512).VerifyPayload([]byte("header.payload"), make([]byte, 128), jose.PS512); err != jose.ErrCryptoFailure {
		t.Errorf("Verify: got %v, want %v", err, jose.ErrCryptoFailure)
	}
}

// TestJOSESignerShowsNoSecret checks that the header of a token gets only public octets (V01), and
// that package fmt finds no private key in a signer.
func TestJOSESignerShowsNoSecret(t *testing.T) {
	for _, tc := range signatureAlgorithms {
		t.Run(string(tc.alg)+" "+tc.fixture, func(t *testing.T) {
			private, verifying := signing(t, tc.fixture)
			hidden := newSecrets()
			o := object{}
			if err := json.Unmarshal([]byte(privateJSON(t, private)), &o); err != nil {
				t.Fatal(err)
			}
			hidden.add(o)
			signer, verifier := joseSigner(t, private, tc.alg), joseVerifier(t, private, tc.alg)
			for _, value := range []any{signer, &signer, verifier, &verifier, struct{ a, b any }{signer, verifier}} {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
					hidden.check(t, fmt.Sprintf(verb, value))
				}
			}

			public := signer.Public()
			if _, err := verifying.JOSE(); err == nil && private.Type() != jwk.Oct {
				if !public.IsPublic() || public.KeyID != "the kid" {
					t.Errorf("Public: got %T with kid %q, want a public key with its kid", public.Key, public.KeyID)
				}
			} else if public.Key != nil {
				t.Errorf("Public: got %T, want none", public.Key)
			}
			public.Key = private.PrivateKey() // the caller may change it
			if got := signer.Public().Key; got != nil && !signer.Public().IsPublic() {
				t.Errorf("Public once more: got %T", got)
			}

			embedding, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(tc.alg), Key: signer}, &jose.SignerOptions{EmbedJWK: true})
			if err != nil {
				t.Fatal(err)
			}
			jws, err := embedding.Sign([]byte(joseText))
			if signer.Public().Key == nil {
				if err == nil {
					t.Error("EmbedJWK: got no error, want one")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			token, err := jws.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			hidden.check(t, token)
			for part := range strings.SplitSeq(token, ".") {
				octets, err := base64.RawURLEncoding.DecodeString(part)
				if err != nil {
					t.Fatal(err)
				}
				hidden.check(t, string(octets))
			}
			embedded := parsedJWS(t, tc.alg, token).Signatures[0].Protected.JSONWebKey
			got, err := jwk.FromJOSE(*embedded)
			if err != nil || got.IsPrivate() || !got.Equal(verifying) {
				t.Errorf("embedded: got %v, %v, want %v", got, err, verifying)
			}
		})
	}
}

func privateJSON(t testing.TB, k *jwk.Key) string {
	t.Helper()
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestJOSESignerConcurrent checks that a signer and a verifier are safe for concurrent use, and
// that they keep their key when UnmarshalJSON changes the Key that they were made from.
func TestJOSESignerConcurrent(t *testing.T) {
	var k jwk.Key
	if err := json.Unmarshal(fixture(t, "Ed25519").json(t), &k); err != nil {
		t.Fatal(err)
	}
	signer, verifier := joseSigner(t, &k, jwk.EdDSA), joseVerifier(t, &k, jwk.EdDSA)
	if err := json.Unmarshal(fixture(t, "P-256").json(t), &k); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			message := []byte{byte(i)}
			signature, err := signer.SignPayload(message, jose.EdDSA)
			if err == nil {
				err = verifier.VerifyPayload(message, signature, jose.EdDSA)
			}
			if err != nil {
				t.Error(err)
			}
			signer.Public().KeyID = "x"
		})
	}
	wg.Wait()
}

// joseKinds returns for each fixture whether go-jose can hold such a key.
func joseKinds(t testing.TB) map[string]bool {
	t.Helper()
	kinds := make(map[string]bool)
	for _, name := range fixtureNames {
		switch k := fixture(t, name).key(t); {
		case k.Type() == jwk.RSA, k.Type() == jwk.Oct:
			kinds[name] = true
		case k.Type() == jwk.AKP:
			kinds[name] = mldsaInJOSE
		default:
			kinds[name] = slices.Contains([]jwk.Curve{jwk.CurveP256, jwk.CurveP384, jwk.CurveP521, jwk.CurveEd25519}, k.Curve())
		}
	}
	return kinds
}

func TestJOSERoundTrip(t *testing.T) {
	for name, holds := range joseKinds(t) {
		for _, o := range []object{fixture(t, name), public(t, name)} {
			if _, secret := o["k"]; o["kty"] == "oct" && !secret {
				continue // has no public half
			}
			o = o.with("kid", "a kid", "use", "sig", "x5u", "https://issuer.example/x5c?a=b")
			if o["crv"] == "X25519" || o["crv"] == "X448" {
				o = o.with("use", "enc")
			}
			t.Run(fmt.Sprintf("%s private %v", name, o.key(t).IsPrivate()), func(t *testing.T) {
				k := o.key(t)
				if !holds {
					got, err := k.JOSE()
					if !isZeroJOSE(got) {
						t.Errorf("got %+v beside the error", got.Key)
					}
					checkError(t, err, jwk.ErrUnsupported, "")
					return
				}
				checkRoundTrip(t, k)
				bare := o.without("kid", "use", "x5u").key(t)
				checkRoundTrip(t, bare)
				if j := josified(t, bare); j.KeyID != "" || j.Use != "" || j.Algorithm != string(bare.Algorithm()) || j.CertificatesURL != nil ||
					j.Certificates != nil || j.CertificateThumbprintSHA1 != nil || j.CertificateThumbprintSHA256 != nil {
					t.Errorf("without attributes: got %+v", j)
				}
				if k.Type() == jwk.Oct {
					return
				}
				leaf := []byte(nil)
				if k.Type() != jwk.AKP { // crypto/x509 certifies these only on some releases of Go
					leaf = issue(t, k.PublicKey())
					other := issue(t, public(t, "P-384").key(t).PublicKey())
					sha1Sum, sha256Sum := sha1.Sum(leaf), sha256.Sum256(leaf)
					o := o.with("x5c", x5c(leaf, other), "x5t", encoded(sha1Sum[:]), "x5t#S256", encoded(sha256Sum[:]))
					checkRoundTrip(t, o.key(t))
					j := josified(t, o.key(t))
					if len(j.Certificates) != 2 || !bytes.Equal(j.Certificates[0].Raw, leaf) || !bytes.Equal(j.Certificates[1].Raw, other) ||
						!bytes.Equal(j.CertificateThumbprintSHA1, sha1Sum[:]) || !bytes.Equal(j.CertificateThumbprintSHA256, sha256Sum[:]) {
						t.Errorf("certificates: got %+v, want two and their digests", j)
					}
				}
				// Digests without their certificate.
				checkRoundTrip(t, o.with("x5t", encoded(make([]byte, 20)), "x5t#S256", encoded(make([]byte, 32))).key(t))
			})
		}
	}
}

func isZeroJOSE(j jose.JSONWebKey) bool {
	return j.Key == nil && j.KeyID == "" && j.Algorithm == "" && j.Use == "" && j.Certificates == nil && j.CertificatesURL == nil
}

// unordered returns the members of a key as a map, which has no order.
func unordered(t testing.TB, k *jwk.Key) (members map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(memberTexts(t, k)), &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// checkRoundTrip checks that go-jose keeps every member of a key, in its memory and in its JSON.
func checkRoundTrip(t testing.TB, k *jwk.Key) {
	t.Helper()
	j := josified(t, k)
	if k.Type() != jwk.Oct && (!j.Valid() || j.IsPublic() == k.IsPrivate()) {
		t.Errorf("JOSE of %v: got valid %v, public %v", k, j.Valid(), j.IsPublic())
	}
	got, err := jwk.FromJOSE(j)
	if err != nil {
		t.Fatalf("FromJOSE of %v: %v", k, err)
	}
	if !got.Equal(k) || !reflect.DeepEqual(unordered(t, got), unordered(t, k)) {
		t.Errorf("FromJOSE: got %v, want %v, or their members differ", got, k)
	}
	if key, ok := j.Key.(*rsa.PrivateKey); ok && len(key.Primes) > 2 {
		return // go-jose holds it, and does not write it
	}
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	again, err := jwk.Parse(text)
	if err != nil || !again.Equal(k) || again.KeyID() != k.KeyID() || again.Use() != k.Use() || again.Algorithm() != k.Algorithm() {
		t.Errorf("Parse(%s): got %v, %v, want %v", text, again, err, k)
	}
}

// TestJOSEDrops checks which members are lost because go-jose has no place for them, and that
// nothing else is lost.
func TestJOSEDrops(t *testing.T) {
	k := fixture(t, "P-256").with("kid", "", "key_ops", []string{"sign"}, "exp", 1, "x", "y").with("x", fixture(t, "P-256")["x"], "z", true).key(t)
	got, err := jwk.FromJOSE(josified(t, k))
	if err != nil {
		t.Fatal(err)
	}
	if want := memberTexts(t, fixture(t, "P-256").key(t)); memberTexts(t, got) != want {
		t.Errorf("got %s, want %s", memberTexts(t, got), want)
	}
}

// TestJOSECopies checks that the octets of a symmetric key are copied, so that a caller who clears
// them does not change the key. Other Go keys are shared.
func TestJOSECopies(t *testing.T) {
	k := fixture(t, "oct-256").key(t)
	clear(josified(t, k).Key.([]byte))
	if !k.Equal(fixture(t, "oct-256").key(t)) || privateJSON(t, k) != string(fixture(t, "oct-256").json(t)) {
		t.Error("a change of what JOSE returned reaches the key")
	}
	if secret, err := k.Secret(); err != nil || bytes.Equal(secret, make([]byte, 32)) {
		t.Errorf("Secret: got %d octets, %v", len(secret), err)
	}
	secret := bytes.Repeat([]byte{1}, 32)
	k, err := jwk.FromJOSE(jose.JSONWebKey{Key: secret})
	if err != nil {
		t.Fatal(err)
	}
	clear(secret)
	if got, err := k.Secret(); err != nil || !bytes.Equal(got, bytes.Repeat([]byte{1}, 32)) {
		t.Errorf("Secret: got %x, %v", got, err)
	}
	ed := fixture(t, "P-256").key(t)
	if josified(t, ed).Key != ed.PrivateKey() {
		t.Error("got another Go key than that of PrivateKey")
	}
}

// unparsable returns a certificate without its signature algorithm. crypto/x509 cannot parse it.
func unparsable(t testing.TB, certificate []byte) []byte {
	t.Helper()
	var outer []asn1.RawValue
	if _, err := asn1.Unmarshal(certificate, &outer); err != nil {
		t.Fatal(err)
	}
	outer[1] = asn1.RawValue{FullBytes: []byte{0x30, 0}}
	return marshalASN1(t, outer)
}

func TestJOSERefused(t *testing.T) {
	leaf := issue(t, public(t, "Ed25519").key(t).PublicKey())
	for _, tc := range []struct {
		name string
		o    object
		kind error
		path string
	}{
		{"certificate that does not parse", public(t, "Ed25519").with("x5c", x5c(leaf, unparsable(t, leaf))), jwk.ErrInvalid, "/x5c"},
		{"x5u that is no URL", public(t, "Ed25519").with("x5u", "https://user:password@[::1/"), jwk.ErrInvalid, "/x5u"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.o.key(t).JOSE()
			if !isZeroJOSE(got) {
				t.Errorf("got %+v beside the error", got)
			}
			checkError(t, err, tc.kind, tc.path)
			if want := "JOSEVerifier"; tc.path == "/x5c" && !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want it to name %q", err, want)
			}
			if strings.Contains(err.Error(), "password") {
				t.Errorf("got %q, want nothing of the URL", err)
			}
		})
	}
	got, err := new(jwk.Key).JOSE()
	if !isZeroJOSE(got) {
		t.Errorf("got %+v beside the error", got)
	}
	checkError(t, err, jwk.ErrInvalid, "")

	for name, holds := range joseKinds(t) {
		if holds {
			continue
		}
		t.Run(name, func(t *testing.T) {
			got, err := fixture(t, name).key(t).JOSE()
			if !isZeroJOSE(got) {
				t.Errorf("got %+v beside the error", got)
			}
			checkError(t, err, jwk.ErrUnsupported, "")
			want := "jwk: go-jose has no " + name + " keys"
			if strings.HasPrefix(name, "ML-DSA") {
				want += " before Go 1.27"
			}
			if err.Error() != want {
				t.Errorf("got error %q, want %q", err, want)
			}
		})
	}
}

func TestFromJOSERefused(t *testing.T) {
	ed := goKey[ed25519.PrivateKey](t, "Ed25519")
	ec := goKey[*ecdsa.PrivateKey](t, "P-256")
	otherEC := goKey[*ecdsa.PrivateKey](t, "P-384")
	rsaKey := goKey[*rsa.PrivateKey](t, "RSA-2048")
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	swapped := bytes.Clone(ed)
	swapped[0] ^= 1
	changed := *ec
	//lint:ignore SA1019 go-jose fills in this field
	changed.D = new(big.Int).Add(ec.D, big.NewInt(1))
	even := rsa.PublicKey{N: new(big.Int).Add(rsaKey.N, big.NewInt(1)), E: rsaKey.E}
	cert, err := x509.ParseCertificate(issue(t, ec.Public()))
	if err != nil {
		t.Fatal(err)
	}
	otherCert, err := x509.ParseCertificate(issue(t, otherEC.Public()))
	if err != nil {
		t.Fatal(err)
	}
	sha1Sum, sha256Sum := sha1.Sum(otherCert.Raw), sha256.Sum256(otherCert.Raw)
	signer := joseSigner(t, fixture(t, "P-256").key(t), jwk.ES256)
	certs := []*x509.Certificate{cert}

	for _, tc := range []struct {
		name string
		j    jose.JSONWebKey
		kind error
		path string
	}{
		{"no key", jose.JSONWebKey{KeyID: "a"}, jwk.ErrInvalid, ""},
		{"nil RSA key", jose.JSONWebKey{Key: (*rsa.PublicKey)(nil)}, jwk.ErrInvalid, ""},
		{"nil EC key", jose.JSONWebKey{Key: (*ecdsa.PrivateKey)(nil)}, jwk.ErrInvalid, ""},
		{"zero EC key", jose.JSONWebKey{Key: new(ecdsa.PublicKey)}, jwk.ErrInvalid, ""},
		{"nil octets", jose.JSONWebKey{Key: []byte(nil)}, jwk.ErrInvalid, "/k"},
		{"a key by value", jose.JSONWebKey{Key: rsaKey.PublicKey}, jwk.ErrUnsupported, ""},
		{"a string", jose.JSONWebKey{Key: "secret"}, jwk.ErrUnsupported, ""},
		{"within another", jose.JSONWebKey{Key: jose.JSONWebKey{Key: ed}}, jwk.ErrUnsupported, ""},
		{"a pointer to another", jose.JSONWebKey{Key: &jose.JSONWebKey{Key: ed}}, jwk.ErrUnsupported, ""},
		{"opaque", jose.JSONWebKey{Key: signer}, jwk.ErrUnsupported, ""},
		{"P-224", jose.JSONWebKey{Key: p224}, jwk.ErrUnsupported, ""},
		{"O05 seed and public half of two keys", jose.JSONWebKey{Key: ed25519.PrivateKey(swapped)}, jwk.ErrInvalid, "/d"},
		{"O01 short Ed25519 key", jose.JSONWebKey{Key: ed25519.PublicKey(ed[:31])}, jwk.ErrInvalid, "/x"},
		{"E05 d of another key", jose.JSONWebKey{Key: &changed}, jwk.ErrInvalid, "*"},
		{"R01 even modulus", jose.JSONWebKey{Key: &even}, jwk.ErrInvalid, "/n"},
		{"S01 short secret", jose.JSONWebKey{Key: make([]byte, 31), Algorithm: "HS256"}, jwk.ErrInvalid, "/alg"},
		{"M03 alg of another key type", jose.JSONWebKey{Key: ec, Algorithm: "RS256"}, jwk.ErrInvalid, "/alg"},
		{"M04 none", jose.JSONWebKey{Key: ec, Algorithm: "none"}, jwk.ErrInvalid, "/alg"},
		{"use that the type cannot have", jose.JSONWebKey{Key: ed, Use: "enc"}, jwk.ErrInvalid, "/use"},
		{"X01 certificate of another key", jose.JSONWebKey{Key: ec, Certificates: []*x509.Certificate{otherCert}}, jwk.ErrInvalid, "/x5c"},
		{"nil certificate", jose.JSONWebKey{Key: ec, Certificates: []*x509.Certificate{cert, nil}}, jwk.ErrInvalid, "/x5c"},
		{"X02 x5t of another", jose.JSONWebKey{Key: ec, Certificates: certs, CertificateThumbprintSHA1: sha1Sum[:]}, jwk.ErrInvalid, "/x5t"},
		{"X02 x5t#S256 of another", jose.JSONWebKey{Key: ec, Certificates: certs, CertificateThumbprintSHA256: sha256Sum[:]}, jwk.ErrInvalid, "/x5t#S256"},
		{"X02 x5t#S256 cut, with x5c", jose.JSONWebKey{Key: ec, Certificates: certs, CertificateThumbprintSHA256: sha256Sum[:31]}, jwk.ErrInvalid, "/x5t#S256"},
		{"X02 x5t cut", jose.JSONWebKey{Key: ec, CertificateThumbprintSHA1: sha1Sum[:19]}, jwk.ErrInvalid, "/x5t"},
		{"X02 x5t#S256 cut", jose.JSONWebKey{Key: ec, CertificateThumbprintSHA256: sha256Sum[:31]}, jwk.ErrInvalid, "/x5t#S256"},
		{"small RSA key", jose.JSONWebKey{Key: &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}}, jwk.ErrPolicy, "/n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k, err := jwk.FromJOSE(tc.j)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, tc.kind, tc.path)
		})
	}
}

func TestFromJOSEURL(t *testing.T) {
	for _, tc := range []struct {
		url  *url.URL
		want string
	}{{nil, ""}, {new(url.URL), ""}, {&url.URL{Scheme: "https", Host: "a.example", Path: "/x y"}, `"https://a.example/x%20y"`}} {
		k, err := jwk.FromJOSE(jose.JSONWebKey{Key: goKey[ed25519.PrivateKey](t, "Ed25519"), CertificatesURL: tc.url})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := k.Member("x5u"); string(got) != tc.want || ok != (tc.want != "") {
			t.Errorf("x5u of %v: got %s, %v, want %s", tc.url, got, ok, tc.want)
		}
	}
}

func TestSetJOSE(t *testing.T) {
	x25519 := public(t, "X25519").with("kid", "x")
	leaf := issue(t, public(t, "Ed25519").key(t).PublicKey())
	set := parsedSet(t, new(jwk.Parser), setOf(
		string(public(t, "P-256").with("kid", "a").json(t)),
		`{"kty":"from-the-future"}`,
		string(x25519.json(t)),
		string(fixture(t, "oct-256").with("kid", "b").json(t)),
		string(public(t, "Ed25519").with("kid", "bad", "x5c", x5c(leaf, unparsable(t, leaf))).json(t)),
		string(public(t, "Ed25519").with("kid", "c").json(t)),
	))
	if len(set.Skipped()) != 1 || set.Len() != 5 {
		t.Fatalf("got %v, want 5 keys and a skipped entry", set)
	}
	got, err := set.JOSE()
	var kids []string
	for _, j := range got.Keys {
		kids = append(kids, j.KeyID)
	}
	if want := []string{"a", "b", "bad", "c"}; !slices.Equal(kids, want) {
		t.Errorf("got keys %q, want %q", kids, want)
	}
	if j := got.Keys[2]; j.Certificates != nil || !j.Valid() {
		t.Errorf("got %d certificates of a key that is valid %v, want no certificates and a valid key", len(j.Certificates), j.Valid())
	}
	var e *jwk.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v of type %T, want a *jwk.Error", err, err)
	}
	if got, want := err.Error(), "jwk: 1 key left out: /keys/2: go-jose has no X25519 keys; 1 key without certificates: /keys/4/x5c: certificate 1: x509:"; !strings.HasPrefix(got, want) {
		t.Errorf("got error %q, want it to begin with %q", got, want)
	}
	for kind, want := range map[error]bool{jwk.ErrUnsupported: true, jwk.ErrInvalid: true, jwk.ErrPrivate: false, jwk.ErrSyntax: false} {
		if got := errors.Is(err, kind); got != want {
			t.Errorf("errors.Is(%v): got %v, want %v", kind, got, want)
		}
	}
	each, ok := e.Err.(interface{ Unwrap() []error })
	if !ok || len(each.Unwrap()) != 2 {
		t.Fatalf("got %T, want two errors in it", e.Err)
	}
	checkError(t, each.Unwrap()[0], jwk.ErrUnsupported, "/keys/2")
	checkError(t, each.Unwrap()[1], jwk.ErrInvalid, "/keys/4/x5c")

	// An error about one key has only the kind of that key.
	_, err = set.Without(public(t, "Ed25519").key(t)).JOSE()
	checkError(t, err, jwk.ErrUnsupported, "")
	if got, want := err.Error(), "jwk: 1 key left out: /keys/2: go-jose has no X25519 keys"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}

	// The error for a thousand keys does not fill a log.
	var many []*jwk.Key
	for range 1000 {
		many = append(many, x25519.key(t))
	}
	got, err = jwk.NewSet(many...).JOSE()
	if len(got.Keys) != 0 || err == nil || len(err.Error()) > 300 || !strings.HasSuffix(err.Error(), "; and 996 more") {
		t.Errorf("got %d keys and error %v, want none and a short one", len(got.Keys), err)
	}
}

// TestSetJOSEOfPEM checks the places in the errors for a set from a PEM file. A skipped block is
// not written as JSON, so it must not count.
func TestSetJOSEOfPEM(t *testing.T) {
	octets := must[[]byte](t)
	private := octets(fixture(t, "P-256").key(t).MarshalPrivateDER())
	for name, tc := range map[string]struct {
		blocks [][]byte
		path   string
	}{
		"before":  {[][]byte{block("FOO", []byte("bar")), octets(fixture(t, "X25519").key(t).MarshalPrivatePEM())}, "/keys/0"},
		"between": {[][]byte{block("PRIVATE KEY", private), block("FOO", nil), octets(fixture(t, "X25519").key(t).MarshalPEM())}, "/keys/1"},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := jwk.ParsePEM(join(tc.blocks...))
			if err != nil || len(set.Skipped()) != 1 {
				t.Fatalf("got %v, %v, want a skipped block", set, err)
			}
			_, err = set.JOSE()
			var e *jwk.Error
			if !errors.As(err, &e) {
				t.Fatalf("got error %v of type %T, want a *jwk.Error", err, err)
			}
			each, ok := e.Err.(interface{ Unwrap() []error })
			if !ok || len(each.Unwrap()) != 1 {
				t.Fatalf("got %T, want one error in it", e.Err)
			}
			checkError(t, each.Unwrap()[0], jwk.ErrUnsupported, tc.path)
			// MarshalJSON names places in the same way: here the place of the private key.
			_, err = set.MarshalJSON()
			checkError(t, err, jwk.ErrPrivate, "/keys/0")
		})
	}
}

func TestSetJOSEWhole(t *testing.T) {
	var keys []*jwk.Key
	for name, holds := range joseKinds(t) {
		if holds {
			keys = append(keys, fixture(t, name).with("kid", name).key(t))
		}
	}
	set, err := jwk.NewSet(keys...).JOSE()
	if err != nil || len(set.Keys) != len(keys) {
		t.Fatalf("got %d keys, %v, want %d", len(set.Keys), err, len(keys))
	}
	for i, j := range set.Keys {
		if got, err := jwk.FromJOSE(j); err != nil || !got.Equal(keys[i]) {
			t.Errorf("key %d: got %v, %v, want %v", i, got, err, keys[i])
		}
	}
	for _, empty := range []*jwk.Set{new(jwk.Set), jwk.NewSet()} {
		set, err := empty.JOSE()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(set); err != nil || string(text) != `{"keys":[]}` {
			t.Errorf("empty set: got %s, %v, want an empty array", text, err)
		}
	}
}

// TestJOSEEncrypt checks that go-jose can encrypt to a converted public key and decrypt with the
// converted private key.
func TestJOSEEncrypt(t *testing.T) {
	for _, tc := range []struct {
		fixture string
		alg     jose.KeyAlgorithm
	}{
		{"RSA-2048", jose.RSA_OAEP_256}, {"RSA-2048-multi-prime", jose.RSA_OAEP},
		{"P-256", jose.ECDH_ES_A256KW}, {"P-384", jose.ECDH_ES}, {"P-521", jose.ECDH_ES_A128KW},
		{"oct-256", jose.A256KW}, {"oct-256", jose.DIRECT},
	} {
		t.Run(string(tc.alg)+" "+tc.fixture, func(t *testing.T) {
			private := fixture(t, tc.fixture).with("kid", "the kid").key(t)
			to := private
			if private.Type() != jwk.Oct {
				var err error
				if to, err = private.Public(); err != nil {
					t.Fatal(err)
				}
			}
			j := josified(t, to)
			encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: tc.alg, Key: &j}, nil)
			if err != nil {
				t.Fatal(err)
			}
			jwe, err := encrypter.Encrypt([]byte(joseText))
			if err != nil {
				t.Fatal(err)
			}
			text, err := jwe.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			read, err := jose.ParseEncryptedCompact(text, []jose.KeyAlgorithm{tc.alg}, []jose.ContentEncryption{jose.A256GCM})
			if err != nil {
				t.Fatal(err)
			}
			if read.Header.KeyID != "the kid" {
				t.Errorf("got kid %q, want that of the key", read.Header.KeyID)
			}
			got, err := read.Decrypt(josified(t, private))
			if err != nil || string(got) != joseText {
				t.Errorf("Decrypt: got %q, %v, want the text", got, err)
			}
			if to != private {
				if _, err := read.Decrypt(j); err == nil {
					t.Error("Decrypt with the public key: got no error")
				}
			}
		})
	}
}

// TestJOSEFind checks that a token verifies only with a key for its alg, because the sender chooses
// the header.
func TestJOSEFind(t *testing.T) {
	key, err := jwk.Generate(jwk.ES256, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := jwk.Generate(jwk.HS256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: key.KeyID()}})
	if err != nil {
		t.Fatal(err)
	}
	set := jwk.NewSet(key).Public()
	for _, tc := range []struct {
		token string
		want  error
	}{{signedJWS(t, jwk.ES256, joseSigner(t, key, jwk.ES256)), nil}, {signedJWS(t, jwk.HS256, joseSigner(t, other, jwk.HS256)), jwk.ErrNotFound}} {
		jws, err := jose.ParseSignedCompact(tc.token, []jose.SignatureAlgorithm{jose.ES256, jose.HS256})
		if err != nil {
			t.Fatal(err)
		}
		header := jws.Signatures[0].Protected
		found, err := set.Find(context.Background(), jwk.Query{KeyID: header.KeyID, Algorithm: jwk.Algorithm(header.Algorithm), Ops: jwk.OpVerify})
		if !errors.Is(err, tc.want) {
			t.Fatalf("Find for %s: got %v, want %v", header.Algorithm, err, tc.want)
		}
		if err == nil {
			if _, err := jws.Verify(joseVerifier(t, found, jwk.Algorithm(header.Algorithm))); err != nil {
				t.Errorf("Verify: %v", err)
			}
		}
	}
}

// FuzzFromJOSE checks that a key that go-jose parses and FromJOSE accepts is the same key that
// go-jose writes.
func FuzzFromJOSE(f *testing.F) {
	for _, seed := range keySeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var j jose.JSONWebKey
		if j.UnmarshalJSON(data) != nil {
			return
		}
		k, err := jwk.FromJOSE(j)
		if err != nil {
			if k != nil {
				t.Errorf("got %v beside error %v", k, err)
			}
			checkFuzzedError(t, err, 0)
			return
		}
		checkFuzzedKey(t, k)
		back, err := k.JOSE()
		if err != nil {
			checkFuzzedError(t, err, 0)
			return
		}
		again, err := jwk.FromJOSE(back)
		if err != nil || !again.Equal(k) || again.KeyID() != k.KeyID() || again.Algorithm() != k.Algorithm() {
			t.Errorf("there and back: got %v, %v; want %v", again, err, k)
		}
		text, err := j.MarshalJSON()
		if err != nil {
			return
		}
		if written, err := jwk.Parse(text); err == nil && !written.Equal(k) {
			t.Errorf("got %v, and go-jose writes %s", k, text)
		}
	})
}

// FuzzJOSEVerifier checks that a signature that a key verifies is also valid for go-jose, if it has
// keys of that kind.
func FuzzJOSEVerifier(f *testing.F) {
	type verifier struct {
		jose.OpaqueVerifier
		native any // the key for go-jose, if it has such keys
		size   int // of its signatures
	}
	verifiers := make([]verifier, len(signatureAlgorithms))
	for i, row := range signatureAlgorithms {
		private, verifying := signing(f, row.fixture)
		token := signedJWS(f, row.alg, joseSigner(f, private, row.alg))
		signature := decoded(f, token[strings.LastIndexByte(token, '.')+1:])
		verifiers[i] = verifier{OpaqueVerifier: joseVerifier(f, verifying, row.alg), size: len(signature)}
		if row.native {
			verifiers[i].native = josified(f, verifying).Key
		}
		f.Add(uint8(i), signature)
		f.Add(uint8(i), signature[1:])
		f.Add(uint8(i), flipped(signature, 0))
	}
	f.Fuzz(func(t *testing.T, which uint8, signature []byte) {
		i := int(which) % len(verifiers)
		v, alg := verifiers[i], signatureAlgorithms[i].alg
		input := encoded([]byte(`{"alg":"`+string(alg)+`"}`)) + "." + encoded([]byte(joseText))
		err := v.VerifyPayload([]byte(input), signature, jose.SignatureAlgorithm(alg))
		if err != nil && !errors.Is(err, jose.ErrCryptoFailure) {
			t.Errorf("%s: got %v, want %v", alg, err, jose.ErrCryptoFailure)
		}
		if len(signature) != v.size && err == nil {
			t.Errorf("%s: a signature of %d octets verifies, want %d", alg, len(signature), v.size)
		}
		if v.native == nil || len(signature) == 0 {
			return
		}
		if _, errJOSE := parsedJWS(t, alg, input+"."+encoded(signature)).Verify(v.native); err == nil && errJOSE != nil {
			t.Errorf("%s: %x verifies; go-jose says %v", alg, signature, errJOSE)
		}
	})
}
