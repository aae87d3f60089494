package integration

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// This file holds the recipes of docs/cookbook.md that need no program of their own.
// TestBookBlocks compares the two.

// allowed are the algorithms that tokens may have.
var allowed = []jwk.Algorithm{jwk.ES256, jwk.EdDSA}

// allowedKey finds the key for the header of a token.
func allowedKey(ctx context.Context, source jwk.Source, kid string, alg jwk.Algorithm) (*jwk.Key, error) {
	if !slices.Contains(allowed, alg) {
		return nil, fmt.Errorf("alg %q is not allowed", alg)
	}
	return source.Find(ctx, jwk.Query{KeyID: kid, Algorithm: alg, Ops: jwk.OpVerify})
}

func Example_allowList() {
	key, err := jwk.Generate(jwk.ES256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-01"}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, set := context.Background(), jwk.NewSet(key).Public()
	for _, alg := range []jwk.Algorithm{"ES256", "EdDSA", "HS256", "none"} {
		_, err := allowedKey(ctx, set, "2026-01", alg)
		fmt.Println(alg, "found:", err == nil, "not found:", errors.Is(err, jwk.ErrNotFound))
	}
	// Output:
	// ES256 found: true not found: false
	// EdDSA found: false not found: true
	// HS256 found: false not found: false
	// none found: false not found: false
}

// verifyAny returns the key that verifies a signature of Ed25519.
func verifyAny(ctx context.Context, source jwk.Source, kid string, message, signature []byte) (*jwk.Key, error) {
	keys, err := source.FindAll(ctx, jwk.Query{KeyID: kid, Algorithm: jwk.Ed25519, Ops: jwk.OpVerify})
	if err != nil {
		return nil, err
	}
	for _, key := range keys[:min(len(keys), jwk.MaxCandidates)] {
		public, err := jwk.As[ed25519.PublicKey](key)
		if err == nil && ed25519.Verify(public, message, signature) {
			return key, nil
		}
	}
	return nil, errors.New("no key verifies the signature")
}

func Example_severalKeys() {
	var keys []*jwk.Key
	for range 3 {
		key, err := jwk.Generate(jwk.EdDSA, nil)
		if err != nil {
			log.Fatal(err)
		}
		key, err = key.WithKeyID("") // as some providers publish them
		if err != nil {
			log.Fatal(err)
		}
		keys = append(keys, key)
	}
	signer, err := keys[1].Signer()
	if err != nil {
		log.Fatal(err)
	}
	message := []byte("message")
	signature, err := signer.Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil {
		log.Fatal(err)
	}
	found, err := verifyAny(context.Background(), jwk.NewSet(keys...).Public(), "", message, signature)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("second key:", found.Thumbprint() == keys[1].Thumbprint())
	// Output: second key: true
}

func Example_fetch() {
	keys, err := jwkhttp.NewClient("https://issuer.example/.well-known/jwks.json", nil)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(keys)
	// Output: issuer.example
}

// logChanges logs what is worth an alarm.
func logChanges(e jwkhttp.Event) {
	switch e.Kind {
	case jwkhttp.FetchFailed:
		log.Printf("%s: %v", e.Host, e.Err)
	case jwkhttp.FetchSucceeded:
		for _, key := range e.Diff.Changed {
			log.Printf("%s: same kid, other key: %v", e.Host, key) // an error of the provider, or an attack
		}
	}
}

// warmKeys returns a client that refreshes its set without reads until ctx ends. It starts with the
// set that the last run saved to a file.
func warmKeys(ctx context.Context, url, file string, opts jwkhttp.ClientOptions) (*jwkhttp.Client, error) {
	opts.OnEvent = logChanges
	opts.Snapshot, _ = os.ReadFile(file) // without a file, or with a damaged one, this is a cold start
	keys, err := jwkhttp.NewClient(url, &opts)
	if err != nil {
		return nil, err
	}
	if err := keys.Start(ctx); err != nil {
		log.Print(err) // the client goes on trying
	}
	return keys, nil
}

// saveSnapshot keeps the set for the next run. Only the service may write to the file, because the
// next run trusts its keys.
func saveSnapshot(keys *jwkhttp.Client, file string) error {
	snapshot := keys.Snapshot()
	if snapshot == nil {
		return nil // there is no set yet
	}
	return os.WriteFile(file, snapshot, 0o600)
}

// If this test fails, a service that follows the recipe does not start during an outage, rejects
// every token after a failed refresh, or does not report a key that was replaced.
func TestCookbookRefresh(t *testing.T) {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	key := testKey(t)
	server := publish(t, key)
	file := filepath.Join(t.TempDir(), "keys.snapshot")
	query := jwk.Query{KeyID: key.KeyID(), Algorithm: jwk.EdDSA}

	keys, err := warmKeys(t.Context(), server.URL, file, *server.Options())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Find(t.Context(), query); err != nil {
		t.Error(err)
	}
	if err := saveSnapshot(keys, file); err != nil {
		t.Fatal(err)
	}
	keys.Close()

	server.Fail(http.StatusServiceUnavailable)
	keys, err = warmKeys(t.Context(), server.URL, file, *server.Options())
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	if found, err := keys.FindAll(t.Context(), query); err != nil || len(found) != 1 {
		t.Errorf("during an outage: got %v, %v, want the key of the last run", found, err)
	}
	if want := "status 503"; !strings.Contains(logged.String(), want) {
		t.Errorf("got the log %q, want %q in it", &logged, want)
	}

	other, err := generate(t, jwk.EdDSA).WithKeyID(key.KeyID())
	if err != nil {
		t.Fatal(err)
	}
	server.Set(jwk.NewSet(other))
	if err := keys.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "same kid, other key: "; !strings.Contains(logged.String(), want) {
		t.Errorf("got the log %q, want %q in it", &logged, want)
	}
}

// tlsFiles returns the two files of a TLS server, and the authority that signed its certificate.
func tlsFiles() (certificates, private []byte, authority *x509.Certificate) {
	issue := func(name string, ca bool, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			log.Fatal(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: ca, BasicConstraintsValid: true,
		}
		if parent == nil {
			parent, signer = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
		if err != nil {
			log.Fatal(err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			log.Fatal(err)
		}
		return certificate, key
	}
	authority, authorityKey := issue("authority.example", true, nil, nil)
	server, key := issue("server.example", false, authority, authorityKey)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range []*x509.Certificate{server, authority} {
		certificates = append(certificates, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return certificates, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), authority
}

func Example_x5c() {
	certificates, private, authority := tlsFiles()

	pair, err := tls.X509KeyPair(certificates, private) // or tls.LoadX509KeyPair
	if err != nil {
		log.Fatal(err)
	}
	var chain []*x509.Certificate
	for _, der := range pair.Certificate {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			log.Fatal(err)
		}
		chain = append(chain, certificate)
	}
	key, err := jwk.FromCertificates(chain, &jwk.Attributes{KeyID: "server", Use: jwk.UseSig})
	if err != nil {
		log.Fatal(err)
	}
	_, hasChain := key.Member("x5c")
	fmt.Println(key.Type(), key.Curve(), "x5c:", hasChain)

	// The receiver of the key verifies the chain with its own roots.
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	_, err = key.VerifyCertificates(x509.VerifyOptions{
		DNSName:   "server.example",
		Roots:     roots,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	fmt.Println("trusted:", err == nil)

	// The private key with the chain, from the same two files.
	set, err := jwk.ParsePEM(slices.Concat(certificates, private))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len(), "key, private:", set.At(0).IsPrivate())
	// Output:
	// EC P-256 x5c: true
	// trusted: true
	// 1 key, private: true
}

func Example_pem() {
	file := []byte(`-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIA93lF5+75Tj3SgCT0gV6XJIdpYkxHl0lMSUyq3KWtGu
-----END PRIVATE KEY-----
`)
	key, err := jwk.ParseOne(file) // PEM, DER or JSON
	if err != nil {
		log.Fatal(err)
	}
	key, err = key.WithAttributes(jwk.Attributes{KeyID: "2026-01", Algorithm: jwk.EdDSA})
	if err != nil {
		log.Fatal(err)
	}
	public, err := key.Public()
	if err != nil {
		log.Fatal(err)
	}
	text, err := public.MarshalJSON()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)

	back, err := key.MarshalPrivatePEM() // a secret; MarshalPEM writes the public half
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same file:", bytes.Equal(back, file))
	// Output:
	// {"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw","kid":"2026-01","alg":"EdDSA"}
	// the same file: true
}

func Example_hs256() {
	key, err := jwk.Generate(jwk.HS256, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "2026-01"}})
	if err != nil {
		log.Fatal(err)
	}
	secret, err := key.Secret() // a copy
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(secret), "octets, alg", key.Algorithm())

	// A secret from elsewhere.
	_, err = jwk.New(secret, &jwk.Attributes{KeyID: "partner", Algorithm: jwk.HS256})
	fmt.Println("32 octets accepted:", err == nil)

	// A password is too short for HS256 (RFC 7518, Section 3.2).
	_, err = jwk.New([]byte("password"), &jwk.Attributes{KeyID: "partner", Algorithm: jwk.HS256})
	fmt.Println("a password accepted:", err == nil)

	// A secret has no public half, and is not published.
	fmt.Println("keys to publish:", jwk.NewSet(key).Public().Len())
	// Output:
	// 32 octets, alg HS256
	// 32 octets accepted: true
	// a password accepted: false
	// keys to publish: 0
}

func Example_thumbprintAsKid() {
	key, err := jwk.Parse([]byte(`{"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw"}`))
	if err != nil {
		log.Fatal(err)
	}
	key, err = key.WithKeyID(key.Thumbprint().String())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.KeyID())
	// Output: 3m4h7MDhMEXLZ187kNqrqqJfltCdj0c0ag_WWK9Z7B4
}

// testKey returns a private key that is the same in every run, and protects nothing.
func testKey(t testing.TB) *jwk.Key {
	t.Helper()
	key, err := jwk.Parse([]byte(`{
		"kty": "OKP", "crv": "Ed25519", "kid": "test", "alg": "EdDSA",
		"x": "B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw",
		"d": "D3eUXn7vlOPdKAJPSBXpckh2liTEeXSUxJTKrcpa0a4"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// If this test fails, a service that follows the recipe cannot test rotation and outage.
func TestCookbookIssuer(t *testing.T) {
	issuer := jwktest.NewIssuer(t, jwk.RS256)
	keys, err := jwkhttp.Discover(t.Context(), issuer.URL, issuer.Options())
	if err != nil {
		t.Fatal(err)
	}
	check := func(alg jwk.Algorithm) {
		t.Helper()
		token := issuer.Token(map[string]any{"sub": "alice"}, alg)
		if err := verify(t.Context(), keys, token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256}); err != nil {
			t.Errorf("%s: got %v", alg, err)
		}
	}
	check(jwk.RS256)

	issuer.Set(jwktest.Set(jwk.RS256, jwk.ES256)) // a rotation
	check(jwk.ES256)

	issuer.Fail(http.StatusBadGateway) // an outage
	if err := keys.Refresh(t.Context()); !errors.Is(err, jwkhttp.ErrFetch) {
		t.Errorf("got %v, want %v", err, jwkhttp.ErrFetch)
	}
	check(jwk.ES256)
}

// A set with a fixed key equals one that was read from its text: by Equal, and by go-cmp,
// which the cookbook names.
func TestCookbookFixedKey(t *testing.T) {
	want := jwk.NewSet(testKey(t)).Public()
	text, err := want.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	got, err := jwk.ParseSet(text)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// saveKeys writes keys to a file that only the passphrase opens.
func saveKeys(name string, keys *jwk.Set, passphrase []byte) error {
	text, err := keys.Encrypt(&jwk.EncryptOptions{Passphrase: passphrase})
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}

// loadKeys reads what saveKeys wrote.
func loadKeys(name string, passphrase []byte) (*jwk.Set, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return jwk.DecryptSet(text, &jwk.DecryptOptions{Passphrase: passphrase})
}

// Keys that were saved are loaded with the same passphrase, and with no other.
func TestCookbookEncrypted(t *testing.T) {
	name, keys := filepath.Join(t.TempDir(), "keys.jwe"), jwk.NewSet(testKey(t))
	if err := saveKeys(name, keys, []byte("correct horse battery staple")); err != nil {
		t.Fatal(err)
	}
	got, err := loadKeys(name, []byte("correct horse battery staple"))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(keys) {
		t.Errorf("got %v, want %v", got, keys)
	}
	if _, err := loadKeys(name, []byte("wrong")); !errors.Is(err, jwk.ErrDecrypt) {
		t.Errorf("another passphrase: got %v, want %v", err, jwk.ErrDecrypt)
	}
}

func Example_jwe() {
	private, err := jwk.Generate(jwk.ECDHESA256KW, nil)
	if err != nil {
		log.Fatal(err)
	}
	public, err := private.Public()
	if err != nil {
		log.Fatal(err)
	}

	recipient, err := public.JOSE()
	if err != nil {
		log.Fatal(err)
	}
	to := jose.Recipient{Algorithm: jose.ECDH_ES_A256KW, Key: &recipient}
	encrypter, err := jose.NewEncrypter(jose.A256GCM, to, nil)
	if err != nil {
		log.Fatal(err)
	}
	message, err := encrypter.Encrypt([]byte("for your eyes"))
	if err != nil {
		log.Fatal(err)
	}
	text, err := message.CompactSerialize()
	if err != nil {
		log.Fatal(err)
	}

	algorithms, encryptions := []jose.KeyAlgorithm{jose.ECDH_ES_A256KW}, []jose.ContentEncryption{jose.A256GCM}
	message, err = jose.ParseEncryptedCompact(text, algorithms, encryptions)
	if err != nil {
		log.Fatal(err)
	}
	holder, err := private.JOSE()
	if err != nil {
		log.Fatal(err)
	}
	plain, err := message.Decrypt(holder)
	fmt.Println(string(plain), err)
	// Output: for your eyes <nil>
}
