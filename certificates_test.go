package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// An issuer signs certificates.
type issuer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// certify returns a certificate that an issuer, nil for the key itself, gave to
// the public half of a signer.
func (by *issuer) certify(t testing.TB, name string, ca bool, key crypto.Signer, spoil ...func(*x509.Certificate)) *issuer {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Unix(1_700_000_000, 0),
		NotAfter:     time.Unix(1_800_000_000, 0),
		IsCA:         ca, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if ca {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	for _, f := range spoil {
		f(template)
	}
	if by == nil {
		by = &issuer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{cert, key}
}

func signerOf(t testing.TB, name string) crypto.Signer {
	t.Helper()
	return must[crypto.Signer](t)(fixture(t, name).key(t).Signer())
}

// pki is a chain from a leaf over an intermediate to a root.
func pki(t testing.TB, leaf crypto.Signer) (chain []*x509.Certificate, root *x509.Certificate) {
	t.Helper()
	r := (*issuer)(nil).certify(t, "root", true, signerOf(t, "P-384"))
	i := r.certify(t, "intermediate", true, signerOf(t, "P-521"))
	l := i.certify(t, "leaf", false, leaf)
	return []*x509.Certificate{l.cert, i.cert}, r.cert
}

func TestFromCertificates(t *testing.T) {
	for _, name := range []string{"RSA-2048", "P-256", "Ed25519"} {
		t.Run(name, func(t *testing.T) {
			chain, _ := pki(t, signerOf(t, name))
			k, err := jwk.FromCertificates(chain, &jwk.Attributes{KeyID: "a", Use: jwk.UseSig})
			if err != nil {
				t.Fatal(err)
			}
			plain := public(t, name).with("kid", "a", "use", "sig", "x5c", x5c(chain[0].Raw, chain[1].Raw)).key(t)
			if !k.Equal(plain) || !sameMembers(t, k, plain) {
				t.Errorf("got %s, want %s", memberTexts(t, k), memberTexts(t, plain))
			}
			sum := sha256.Sum256(chain[0].Raw)
			k, err = jwk.FromCertificates(chain, &jwk.Attributes{KeyID: "a", Use: jwk.UseSig, CertificateSHA256: sum[:]})
			if err != nil {
				t.Fatal(err)
			}
			want := public(t, name).with("kid", "a", "use", "sig", "x5c", x5c(chain[0].Raw, chain[1].Raw), "x5t#S256", encoded(sum[:])).key(t)
			if !k.Equal(want) || !sameMembers(t, k, want) {
				t.Errorf("got %s, want %s", memberTexts(t, k), memberTexts(t, want))
			}
			// An x5t of the caller's is checked, too.
			sum1 := sha1.Sum(chain[0].Raw)
			if _, err := jwk.FromCertificates(chain, &jwk.Attributes{Extra: map[string]any{"x5t": encoded(sum1[:])}}); err != nil {
				t.Error(err)
			}
			_, err = jwk.FromCertificates(chain, &jwk.Attributes{Extra: map[string]any{"x5t": encoded(make([]byte, 20))}})
			checkError(t, err, jwk.ErrInvalid, "/x5t")
			for _, digest := range [][]byte{make([]byte, 32), sum[:31], append(sum[:], 0), {0}} {
				_, err = jwk.FromCertificates(chain, &jwk.Attributes{CertificateSHA256: digest})
				checkError(t, err, jwk.ErrInvalid, "/x5t#S256")
			}
			if k, err := jwk.ParseDER(chain[0].Raw); err != nil || !k.Equal(want) {
				t.Errorf("ParseDER: got %v, %v, want %v", k, err, want)
			}
		})
	}
	// Keys that crypto/x509 does not know have certificates all the same.
	t.Run("X25519", func(t *testing.T) {
		cert, err := x509.ParseCertificate(issue(t, public(t, "X25519").key(t).PublicKey()))
		if err != nil {
			t.Fatal(err)
		}
		k, err := jwk.FromCertificates([]*x509.Certificate{cert}, nil)
		if err != nil || !k.Equal(public(t, "X25519").key(t)) {
			t.Errorf("got %v, %v, want the key", k, err)
		}
	})

	// Nor does it read those of this curve, and so a key is made of the DER alone.
	t.Run("secp256k1", func(t *testing.T) {
		private, public := fixture(t, "secp256k1").key(t), public(t, "secp256k1").key(t)
		der := issue(t, public.PublicKey())
		file := join(must[[]byte](t)(private.MarshalPrivatePEM()), block("CERTIFICATE", der))
		set, err := jwk.ParsePEM(file)
		certified := theKey(t, set, err)
		alone, err := jwk.ParseDER(der)
		if err != nil || !alone.Equal(public) || !certified.Equal(private) {
			t.Fatalf("got %v, %v and %v, want the key", alone, err, certified)
		}
		for _, k := range []*jwk.Key{alone, certified} {
			var x5c []string
			if text, ok := k.Member("x5c"); !ok || json.Unmarshal(text, &x5c) != nil || len(x5c) != 1 || x5c[0] != std64(der) {
				t.Errorf("%v: got x5c %s", k, text)
			}
			_, err := k.Certificates()
			checkError(t, err, jwk.ErrUnsupported, "/x5c")
			_, err = k.VerifyCertificates(x509.VerifyOptions{})
			checkError(t, err, jwk.ErrUnsupported, "/x5c")
			if again, err := k.WithAttributes(k.Attributes()); err != nil || !sameMembers(t, again, k) {
				t.Errorf("WithAttributes: got %v, %v, want %v", again, err, k)
			}
		}
	})

	chain, _ := pki(t, signerOf(t, "P-256"))
	tail := *chain[0]
	tail.RawSubjectPublicKeyInfo = append(bytes.Clone(tail.RawSubjectPublicKeyInfo), 0)
	gost, err := x509.ParseCertificate(withPublicKey(t, chain[0].Raw, asn1.RawValue{FullBytes: sequence(algorithm(t, oidGOST), bitString(integer(1)))}))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		chain []*x509.Certificate
		attrs *jwk.Attributes
		want  error
		path  string
	}{
		{"none", nil, nil, jwk.ErrInvalid, ""},
		{"nil", []*x509.Certificate{nil}, nil, jwk.ErrInvalid, ""},
		{"nil second", []*x509.Certificate{chain[0], nil}, nil, jwk.ErrInvalid, "/x5c"},
		{"not parsed", []*x509.Certificate{{}}, nil, jwk.ErrInvalid, ""},
		{"an x5c besides", chain, &jwk.Attributes{Extra: map[string]any{"x5c": []string{"AA=="}}}, jwk.ErrInvalid, "/x5c"},
		{"text after the public key", []*x509.Certificate{&tail}, nil, jwk.ErrInvalid, ""},
		{"certificates besides", chain, &jwk.Attributes{Certificates: chain}, jwk.ErrInvalid, "/x5c"},
		{"X01 GOST", []*x509.Certificate{gost}, nil, jwk.ErrUnsupported, ""},
		{"another alg", chain, &jwk.Attributes{Algorithm: jwk.ES384}, jwk.ErrInvalid, "/alg"},
		{"X03 11 certificates", append(chain, chain[1], chain[1], chain[1], chain[1], chain[1], chain[1], chain[1], chain[1], chain[1]), nil, jwk.ErrPolicy, "/x5c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, err := jwk.FromCertificates(test.chain, test.attrs)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, test.want, test.path)
		})
	}
}

func TestVerifyCertificates(t *testing.T) {
	chain, root := pki(t, signerOf(t, "P-256"))
	roots := x509.NewCertPool()
	roots.AddCert(root)
	opts := x509.VerifyOptions{Roots: roots, CurrentTime: time.Unix(1_750_000_000, 0), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	k := must[*jwk.Key](t)(jwk.FromCertificates(chain, nil))

	got, err := k.VerifyCertificates(opts)
	if err != nil || len(got) != 1 || len(got[0]) != 3 || !got[0][2].Equal(root) {
		t.Errorf("got %v, %v, want the chain to its root", got, err)
	}
	// The pool of the caller stays as it is, and helps.
	pool := x509.NewCertPool()
	with := opts
	with.Intermediates = pool
	if _, err := k.VerifyCertificates(with); err != nil {
		t.Error(err)
	}
	if !pool.Equal(x509.NewCertPool()) {
		t.Error("the pool of the caller has changed")
	}
	alone := must[*jwk.Key](t)(jwk.FromCertificates(chain[:1], nil))
	pool.AddCert(chain[1])
	if _, err := alone.VerifyCertificates(with); err != nil {
		t.Error(err)
	}

	late := opts
	late.CurrentTime = time.Unix(1_900_000_000, 0)
	usage := opts
	usage.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
	limited := (*issuer)(nil).certify(t, "root", true, signerOf(t, "P-384")).certify(t, "leaf", false, signerOf(t, "P-256"), func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	for _, test := range []struct {
		name string
		k    *jwk.Key
		opts x509.VerifyOptions
		as   any
	}{
		{"unknown root", k, x509.VerifyOptions{Roots: x509.NewCertPool(), CurrentTime: opts.CurrentTime}, new(x509.UnknownAuthorityError)},
		{"no intermediate", alone, opts, new(x509.UnknownAuthorityError)},
		{"over", k, late, new(x509.CertificateInvalidError)},
		{"another usage", must[*jwk.Key](t)(jwk.FromCertificates([]*x509.Certificate{limited.cert}, nil)), usage, new(x509.CertificateInvalidError)},
		{"no certificates", public(t, "P-256").key(t), opts, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.k.VerifyCertificates(test.opts)
			if got != nil {
				t.Errorf("got %v, want no chain", got)
			}
			checkError(t, err, jwk.ErrInvalid, "/x5c")
			if test.as != nil && !errors.As(err, test.as) {
				t.Errorf("got %v, want a %T too", err, test.as)
			}
		})
	}
}

// TestPEMChains puts certificates and keys into one file in every order.
func TestPEMChains(t *testing.T) {
	octets := must[[]byte](t)
	p256 := fixture(t, "P-256").key(t)
	chain, root := pki(t, signerOf(t, "P-256"))
	rsaChain, _ := pki(t, signerOf(t, "RSA-2048"))
	pemOf := func(c *x509.Certificate) []byte { return block("CERTIFICATE", c.Raw) }
	leaf, inter, top, rsaLeaf := pemOf(chain[0]), pemOf(chain[1]), pemOf(root), pemOf(rsaChain[0])
	key, public := octets(p256.MarshalPrivatePEM()), octets(p256.MarshalPEM())
	gost := block("CERTIFICATE", withPublicKey(t, chain[0].Raw, asn1.RawValue{FullBytes: sequence(algorithm(t, oidGOST), bitString(integer(1)))}))

	var long []byte
	by := (*issuer)(nil).certify(t, "10", true, signerOf(t, "P-384"))
	for i := 9; i >= 0; i-- {
		long = append(pemOf(by.cert), long...)
		key := "P-384"
		if i == 0 {
			key = "P-256"
		}
		by = by.certify(t, strconv.Itoa(i), i > 0, signerOf(t, key))
	}
	long = append(pemOf(by.cert), long...)

	// Keys, in order: which, whether private, and the length of its chain.
	type want struct {
		name    string
		private bool
		chain   int
	}
	for _, test := range []struct {
		name    string
		data    []byte
		want    []want
		skipped error
	}{
		{"key, leaf, intermediate, root", join(key, leaf, inter, top), []want{{"P-256", true, 3}}, nil},
		{"leaf, intermediate, key", join(leaf, inter, key), []want{{"P-256", true, 2}}, nil},
		{"leaf, key, intermediate", join(leaf, key, inter), []want{{"P-256", true, 2}}, nil},
		{"the chain alone", join(leaf, inter, top), []want{{"P-256", false, 3}}, nil},
		{"the leaf alone", leaf, []want{{"P-256", false, 1}}, nil},
		{"a chain for another key", join(key, rsaLeaf), []want{{"P-256", true, 0}, {"RSA-2048", false, 1}}, nil},
		{"two chains", join(leaf, inter, rsaLeaf, inter), []want{{"P-256", false, 2}, {"RSA-2048", false, 2}}, nil},
		{"the root first", join(top, inter, leaf), []want{{"P-384", false, 1}, {"P-521", false, 1}, {"P-256", false, 1}}, nil},
		{"a private and a public key", join(key, public, leaf), []want{{"P-256", true, 1}, {"P-256", false, 0}}, nil},
		{"two chains for one key", join(leaf, inter, leaf, key), []want{{"P-256", false, 1}, {"P-256", true, 2}}, nil},
		{"a root after its root", join(top, top), []want{{"P-384", false, 1}, {"P-384", false, 1}}, nil},
		{"X01 a certificate for a GOST key", join(gost, key), []want{{"P-256", true, 0}}, jwk.ErrUnsupported},
		{"X03 11 certificates", join(key, long), []want{{"P-256", true, 10}, {"P-384", false, 1}}, nil},
		{"X01 a leaf that cannot be used, and its issuer", join(gost, inter, top), []want{{"P-521", false, 2}}, jwk.ErrUnsupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := jwk.ParsePEM(test.data)
			if err != nil {
				t.Fatal(err)
			}
			if test.skipped == nil && len(s.Skipped()) > 0 || test.skipped != nil && len(s.Skipped()) != 1 {
				t.Fatalf("got %v skipped, want %v", s.Skipped(), test.skipped)
			}
			if test.skipped != nil {
				checkError(t, s.Skipped()[0].Err, test.skipped, "*")
			}
			if s.Len() != len(test.want) {
				t.Fatalf("got %v, want %v", s, test.want)
			}
			for i, want := range test.want {
				k := s.At(i)
				certs, err := k.Certificates()
				if err != nil || len(certs) != want.chain || k.IsPrivate() != want.private || k.Thumbprint() != fixture(t, want.name).key(t).Thumbprint() {
					t.Errorf("key %d: got %v with %d certificates, %v; want %v", i, k, len(certs), err, want)
				}
			}
		})
	}
}

// A certificate that x5c or FromCertificates accepts is for the key, also to crypto/x509,
// and is given back to the octet; none is trusted.
func FuzzCertificates(f *testing.F) {
	for _, name := range asymmetricNames() {
		f.Add(issue(f, public(f, name).key(f).PublicKey()))
	}
	leaf := issue(f, public(f, "P-256").key(f).PublicKey())
	f.Add(leaf[:len(leaf)-1])
	f.Add(append(slices.Clone(leaf), 0))
	type comparable interface{ Equal(crypto.PublicKey) bool }
	keys := []object{public(f, "P-256"), public(f, "Ed25519"), public(f, "secp256k1")}
	f.Fuzz(func(t *testing.T, der []byte) {
		cert, errX509 := x509.ParseCertificate(der)
		check := func(k *jwk.Key) {
			checkFuzzedKey(t, k)
			if k.IsPrivate() {
				t.Errorf("got %v of a certificate", k)
			}
			chain, err := k.Certificates()
			if (err == nil) != (errX509 == nil) {
				t.Fatalf("Certificates: got %v; crypto/x509 says %v", err, errX509)
			}
			if err != nil {
				checkFuzzedError(t, err, 0)
				return
			}
			if len(chain) != 1 || !bytes.Equal(chain[0].Raw, der) {
				t.Errorf("got %d certificates, want the one of %x", len(chain), der)
			}
			if own, ok := k.PublicKey().(comparable); ok && cert.PublicKey != nil && !own.Equal(cert.PublicKey) {
				t.Errorf("got %v, want the key %v of the certificate", k, cert.PublicKey)
			}
			chains, err := k.VerifyCertificates(x509.VerifyOptions{Roots: x509.NewCertPool()})
			if chains != nil {
				t.Errorf("got chains %v, and no root is trusted", chains)
			}
			checkFuzzedError(t, err, 0)
		}
		for _, key := range keys {
			text := key.with("x5c", x5c(der)).json(t)
			k, err := jwk.Parse(text)
			if err != nil {
				checkFuzzedError(t, err, len(text))
				continue
			}
			check(k)
		}
		if errX509 != nil {
			return
		}
		k, err := jwk.FromCertificates([]*x509.Certificate{cert}, nil)
		bare, errDER := jwk.ParseDER(der)
		if err != nil {
			checkFuzzedError(t, err, 0)
			return
		}
		check(k)
		if errDER != nil || !bare.Equal(k) {
			t.Errorf("ParseDER: got %v, %v; want %v", bare, errDER, k)
		}
	})
}
