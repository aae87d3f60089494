package integration

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/seed1f6cf2d3/jwk"
)

const payload = `{"iss":"https://issuer.example","sub":"alice"}`

// algorithms holds one signature algorithm of each family that both this package and go-jose
// have.
var algorithms = []jwk.Algorithm{
	jwk.RS256, jwk.PS256, jwk.ES256, jwk.ES384, jwk.ES512, jwk.EdDSA, jwk.HS256,
}

// joseAlgorithms are the algorithms that these tests allow go-jose to read in a token.
var joseAlgorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS512, jose.PS256, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA, jose.HS256,
}

func generate(t *testing.T, alg jwk.Algorithm) *jwk.Key {
	t.Helper()
	k, err := jwk.Generate(alg, nil)
	if err != nil {
		t.Fatalf("Generate(%s): %v", alg, err)
	}
	return k
}

// sign returns a token that go-jose signed. Its header holds alg and kid.
func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, kid string) string {
	t.Helper()
	opts := (&jose.SignerOptions{}).WithHeader("kid", kid)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		t.Fatalf("NewSigner(%s): %v", alg, err)
	}
	jws, err := s.Sign([]byte(payload))
	if err != nil {
		t.Fatalf("Sign(%s): %v", alg, err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// signingKey returns the Go key that signs: a private key, or the octets of a secret.
func signingKey(t *testing.T, k *jwk.Key) any {
	t.Helper()
	var key any
	var err error
	switch k.Type() {
	case jwk.Oct:
		key, err = k.Secret()
	case jwk.EC:
		key, err = jwk.As[*ecdsa.PrivateKey](k)
	default:
		key, err = k.Signer()
	}
	if err != nil {
		t.Fatalf("private key of %v: %v", k, err)
	}
	return key
}

// find parses a token and returns the key that its header selects in a set.
func find(t *testing.T, set *jwk.Set, token string) (*jose.JSONWebSignature, *jwk.Key, error) {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, joseAlgorithms)
	if err != nil {
		t.Fatalf("ParseSignedCompact: %v", err)
	}
	k, err := keyFor(set, jws.Signatures[0].Protected)
	return jws, k, err
}

// keyFor returns the key that a header selects in a set.
func keyFor(set *jwk.Set, header jose.Header) (*jwk.Key, error) {
	return set.Find(context.Background(), jwk.Query{
		KeyID:     header.KeyID,
		Algorithm: jwk.Algorithm(header.Algorithm),
		Ops:       jwk.OpVerify,
	})
}

// published returns the set that a verifier reads from the published keys of an issuer.
func published(t *testing.T, keys ...*jwk.Key) *jwk.Set {
	t.Helper()
	text, err := json.Marshal(jwk.NewSet(keys...).Public())
	if err != nil {
		t.Fatal(err)
	}
	p := jwk.Parser{PublicOnly: true, FailFast: true}
	set, err := p.ParseSet(text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// shared returns the set that a verifier with access to the secrets reads.
func shared(t *testing.T, keys ...*jwk.Key) *jwk.Set {
	t.Helper()
	text, err := jwk.NewSet(keys...).MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	set, err := (&jwk.Parser{FailFast: true}).ParseSet(text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// verificationKey returns the key that go-jose needs to verify a signature.
func verificationKey(t *testing.T, k *jwk.Key) any {
	t.Helper()
	if k.Type() != jwk.Oct {
		return k.PublicKey()
	}
	secret, err := k.Secret()
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// If TestSignAndVerify fails, users cannot verify tokens of an issuer with its published set,
// or a key verifies a signature that another key made.
func TestSignAndVerify(t *testing.T) {
	var keys []*jwk.Key
	for _, alg := range algorithms {
		keys = append(keys, generate(t, alg))
	}
	public, secret := published(t, keys...), shared(t, keys...)
	if got, want := public.Len(), len(keys)-1; got != want { // all keys except the HS256 secret
		t.Fatalf("published keys: got %d, want %d", got, want)
	}

	for i, k := range keys {
		t.Run(string(algorithms[i]), func(t *testing.T) {
			token := sign(t, jose.SignatureAlgorithm(algorithms[i]), signingKey(t, k), k.KeyID())
			set := public
			if k.Type() == jwk.Oct {
				set = secret
			}
			jws, found, err := find(t, set, token)
			if err != nil {
				t.Fatal(err)
			}
			if found.KeyID() != k.KeyID() || found.IsPrivate() != (k.Type() == jwk.Oct) {
				t.Fatalf("got key %v, want the one for verification of %v", found, k)
			}
			got, err := jws.Verify(verificationKey(t, found))
			if err != nil || string(got) != payload {
				t.Errorf("Verify: got %q, %v, want the payload", got, err)
			}

			// No other key verifies the signature.
			for other, o := range keys {
				if _, err := jws.Verify(verificationKey(t, o)); (err == nil) != (other == i) {
					t.Errorf("Verify with the key for %s: got error %v", algorithms[other], err)
				}
			}
		})
	}
}

// The sender of a token chooses its header. If TestOtherAlgorithm fails, an attacker can make a
// verifier use a key with an algorithm for which it was not published.
func TestOtherAlgorithm(t *testing.T) {
	rs256, es256, ed := generate(t, jwk.RS256), generate(t, jwk.ES256), generate(t, jwk.EdDSA)
	set := published(t, rs256, es256, ed)
	modulus, ok := set.At(0).Member("n")
	if !ok {
		t.Fatal("no modulus")
	}

	for _, tc := range []struct {
		name string
		alg  jose.SignatureAlgorithm
		key  any
		kid  string
	}{
		{"another hash", jose.RS512, rs256.PrivateKey(), rs256.KeyID()},
		{"another padding", jose.PS256, rs256.PrivateKey(), rs256.KeyID()},
		{"public key as HMAC secret", jose.HS256, []byte(modulus), rs256.KeyID()},
		{"kid of a key of another type", jose.RS256, rs256.PrivateKey(), es256.KeyID()},
		{"kid of an Ed25519 key", jose.ES256, es256.PrivateKey(), ed.KeyID()},
		{"unknown kid", jose.ES256, es256.PrivateKey(), "no such kid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, k, err := find(t, set, sign(t, tc.alg, tc.key, tc.kid))
			if k != nil {
				t.Errorf("got key %v, want none", k)
			}
			if !errors.Is(err, jwk.ErrNotFound) {
				t.Errorf("got error %v, want ErrNotFound", err)
			}
		})
	}
}

// If TestEncryptionKeyDoesNotVerify fails, a verifier accepts signatures of a key that was
// published only for encryption.
func TestEncryptionKeyDoesNotVerify(t *testing.T) {
	k := generate(t, jwk.RSAOAEP256)
	set := published(t, k)
	token := sign(t, jose.RS256, k.PrivateKey(), k.KeyID())
	if _, got, err := find(t, set, token); got != nil || !errors.Is(err, jwk.ErrNotFound) {
		t.Errorf("got %v, %v, want ErrNotFound", got, err)
	}
}

// certified returns the public half of a key with a certificate for it.
func certified(t *testing.T, k *jwk.Key) *jwk.Key {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "issuer.example"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.PublicKey(), k.PrivateKey())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	with, err := k.WithAttributes(jwk.Attributes{
		KeyID: "certified", Algorithm: k.Algorithm(), Use: k.Use(),
		Certificates: []*x509.Certificate{cert},
	})
	if err != nil {
		t.Fatal(err)
	}
	public, err := with.Public()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// If TestRead fails, go-jose reads another key, thumbprint or attribute from our JSON than this
// package wrote, or the other way round.
func TestRead(t *testing.T) {
	type test struct {
		name string
		key  *jwk.Key
	}
	var tests []test
	for _, alg := range algorithms {
		k := generate(t, alg)
		if k.Type() == jwk.Oct {
			continue // a secret has no public half
		}
		public, err := k.Public()
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, test{string(alg), public}, test{string(alg) + " with x5c", certified(t, k)})
	}

	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			text, err := json.Marshal(tc.key)
			if err != nil {
				t.Fatal(err)
			}
			var read jose.JSONWebKey
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatalf("go-jose cannot read %s: %v", text, err)
			}
			thumb, err := read.Thumbprint(crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := jwk.Thumbprint(thumb), tc.key.Thumbprint(); got != want {
				t.Errorf("thumbprint: got %v, want %v", got, want)
			}
			if read.KeyID != tc.key.KeyID() || read.Algorithm != string(tc.key.Algorithm()) || read.Use != string(tc.key.Use()) {
				t.Errorf("attributes: got %q, %q, %q, want those of %v", read.KeyID, read.Algorithm, read.Use, tc.key)
			}
			public, ok := tc.key.PublicKey().(interface{ Equal(crypto.PublicKey) bool })
			if !ok || !public.Equal(read.Key) {
				t.Errorf("Go key: got %v, want %v", read.Key, tc.key.PublicKey())
			}

			// This package reads the same key from the output of go-jose.
			text, err = json.Marshal(read)
			if err != nil {
				t.Fatal(err)
			}
			again, err := jwk.Parse(text)
			if err != nil {
				t.Fatalf("Parse(%s): %v", text, err)
			}
			if !again.Equal(tc.key) || again.Thumbprint() != tc.key.Thumbprint() {
				t.Errorf("got %v, want %v", again, tc.key)
			}
		})
	}
}
