package jwk_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// pki returns a chain of a leaf and an intermediate certificate, and their root.
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
			k, err = jwk.FromCertificates(chain, &jwk.Attributes{KeyID: "a", Use: jwk.UseSig, CertificateThumbprintSHA256: sum[:]})
			if err != nil {
				t.Fatal(err)
			}
			want := public(t, name).with("kid", "a", "use", "sig", "x5c", x5c(chain[0].Raw, chain[1].Raw), "x5t#S256", encoded(sum[:])).key(t)
			if !k.Equal(want) || !sameMembers(t, k, want) {
				t.Errorf("got %s, want %s", memberTexts(t, k), memberTexts(t, want))
			}
			// An x5t in the attributes is checked too.
			sum1 := sha1.Sum(chain[0].Raw)
			if _, err := jwk.FromCertificates(chain, &jwk.Attributes{Extra: map[string]any{"x5t": encoded(sum1[:])}}); err != nil {
				t.Error(err)
			}
			_, err = jwk.FromCertificates(chain, &jwk.Attributes{Extra: map[string]any{"x5t": encoded(make([]byte, 20))}})
			checkError(t, err, jwk.ErrInvalid, "/x5t")
			for _, digest := range [][]byte{make([]byte, 32), sum[:31], append(sum[:], 0), {0}} {
				_, err = jwk.FromCertificates(chain, &jwk.Attributes{CertificateThumbprintSHA256: digest})
				checkError(t, err, jwk.ErrInvalid, "/x5t#S256")
			}
			if k, err := jwk.ParseDER(chain[0].Raw); err != nil || !k.Equal(want) {
				t.Errorf("ParseDER: got %v, %v, want %v", k, err, want)
			}
		})
	}
	// crypto/x509 parses certificates with keys that it does not know.
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

	// It does not parse certificates with a key on this curve. Only the DER can be read.
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
	// The pool of the caller is used, and is not changed.
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

// longChain returns a chain of 11 certificates, the leaf first.
func longChain(t testing.TB) (text []byte) {
	t.Helper()
	by := (*issuer)(nil).certify(t, "10", true, signerOf(t, "P-384"))
	text = block("CERTIFICATE", by.cert.Raw)
	for i := 9; i >= 0; i-- {
		key := "P-384"
		if i == 0 {
			key = "P-256"
		}
		by = by.certify(t, strconv.Itoa(i), i > 0, signerOf(t, key))
		text = join(block("CERTIFICATE", by.cert.Raw), text)
	}
	return text
}

// sharedChains returns an authority of 60 KiB and ten leaves that it issued. Their chains together
// are more than four times as large as the file.
func sharedChains(t testing.TB) []byte {
	t.Helper()
	root := (*issuer)(nil).certify(t, "root", true, signerOf(t, "P-384"))
	leaf := root.certify(t, "leaf", false, signerOf(t, "P-256"))
	return join(block("CERTIFICATE", sized(t, root.cert.Raw, 60<<10)), bytes.Repeat(block("CERTIFICATE", leaf.cert.Raw), 10))
}

// TestPEMSharedChains checks that a large certificate that many chains share cannot make the keys
// many times as large as the file.
func TestPEMSharedChains(t *testing.T) {
	text := sharedChains(t)
	s, err := jwk.ParsePEM(text)
	if err != nil || s.Len() != 6 || len(s.Skipped()) != 4 {
		t.Fatalf("got %v, %v, want 6 of 10 leaves", s, err)
	}
	for k := range s.All() {
		if chain, err := k.Certificates(); err != nil || len(chain) != 2 {
			t.Errorf("got %d certificates, %v, want 2", len(chain), err)
		}
	}
	for i, entry := range s.Skipped() {
		checkError(t, entry.Err, jwk.ErrPolicy, "/keys/"+strconv.Itoa(6+i))
	}
}

// TestPEMChains checks that the keys get the same chains for every order of the blocks in a file.
func TestPEMChains(t *testing.T) {
	octets := must[[]byte](t)
	p256 := fixture(t, "P-256").key(t)
	chain, root := pki(t, signerOf(t, "P-256"))
	rsaChain, _ := pki(t, signerOf(t, "RSA-2048"))
	pemOf := func(c *x509.Certificate) []byte { return block("CERTIFICATE", c.Raw) }
	leaf, inter, top, rsaLeaf := pemOf(chain[0]), pemOf(chain[1]), pemOf(root), pemOf(rsaChain[0])
	key, public := octets(p256.MarshalPrivatePEM()), octets(p256.MarshalPEM())
	gost := block("CERTIFICATE", withPublicKey(t, chain[0].Raw, asn1.RawValue{FullBytes: sequence(algorithm(t, oidGOST), bitString(integer(1)))}))

	// Two authorities that certified each other, and a leaf of one of them.
	a, b := (*issuer)(nil).certify(t, "a", true, signerOf(t, "P-384")), (*issuer)(nil).certify(t, "b", true, signerOf(t, "P-521"))
	circle := [][]byte{
		pemOf(a.certify(t, "b", true, signerOf(t, "P-521")).cert), pemOf(b.certify(t, "a", true, signerOf(t, "P-384")).cert),
		pemOf(a.certify(t, "leaf", false, signerOf(t, "P-256")).cert),
	}
	otherRoot := (*issuer)(nil).certify(t, "another root", true, signerOf(t, "P-384"))
	otherInter := pemOf(otherRoot.certify(t, "intermediate", true, signerOf(t, "P-384")).cert)
	tooLarge := block("CERTIFICATE", sized(t, chain[0].Raw, 64<<10+1))

	long := longChain(t)

	// A want is a key: its name, whether it is private, and the length of its chain.
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
		{"only the chain", join(leaf, inter, top), []want{{"P-256", false, 3}}, nil},
		{"only the leaf", leaf, []want{{"P-256", false, 1}}, nil},
		{"a chain for another key", join(key, rsaLeaf), []want{{"P-256", true, 0}, {"RSA-2048", false, 1}}, nil},
		{"two chains", join(leaf, inter, rsaLeaf, inter), []want{{"P-256", false, 2}, {"RSA-2048", false, 2}}, nil},
		{"the root first", join(top, inter, leaf), []want{{"P-256", false, 3}}, nil},
		{"the root first, and the key", join(top, inter, leaf, key), []want{{"P-256", true, 3}}, nil},
		{"the intermediate first", join(inter, top, key, leaf), []want{{"P-256", true, 3}}, nil},
		{"the root between", join(leaf, top, inter), []want{{"P-256", false, 3}}, nil},
		{"the root and the leaf", join(top, leaf), []want{{"P-384", false, 1}, {"P-256", false, 1}}, nil},
		{"only an authority", inter, []want{{"P-521", false, 1}}, nil},
		{"only authorities", join(top, inter), []want{{"P-521", false, 2}}, nil},
		{"two leaves, the root first", join(top, inter, leaf, rsaLeaf), []want{{"P-256", false, 3}, {"RSA-2048", false, 3}}, nil},
		{"two leaves, the root last", join(rsaLeaf, leaf, inter, top), []want{{"RSA-2048", false, 3}, {"P-256", false, 3}}, nil},
		{"each authority twice", join(leaf, inter, top, inter, top), []want{{"P-256", false, 3}}, nil},
		{"each authority twice, the leaf last", join(inter, top, inter, top, leaf), []want{{"P-256", false, 3}}, nil},
		{"authorities in a circle, and a leaf", join(circle[0], circle[1], circle[2]), []want{{"P-256", false, 3}}, nil},
		{"authorities of one name, the nearest after the leaf", join(leaf, inter, otherInter), []want{{"P-256", false, 2}}, jwk.ErrInvalid},
		{"authorities of one name, the nearest before the leaf", join(otherInter, inter, leaf), []want{{"P-256", false, 2}}, jwk.ErrInvalid},
		{"an authority of a certificate over a limit", join(tooLarge, inter, rsaLeaf), []want{{"RSA-2048", false, 2}}, jwk.ErrPolicy},
		{"a private and a public key", join(key, public, leaf), []want{{"P-256", true, 1}, {"P-256", false, 0}}, nil},
		{"two chains for one key", join(leaf, inter, leaf, key), []want{{"P-256", false, 2}, {"P-256", true, 2}}, nil},
		{"a root after its root", join(top, top), []want{{"P-384", false, 1}, {"P-384", false, 1}}, nil},
		{"X01 a certificate for a GOST key", join(gost, key), []want{{"P-256", true, 0}}, jwk.ErrUnsupported},
		{"X03 11 certificates", join(key, long), []want{{"P-256", true, 10}}, jwk.ErrPolicy},
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

// TestPEMChainsWithoutKey checks that an authority that issued another certificate of the file does
// not become a key, even if that certificate cannot be used. Otherwise everyone who publishes the
// keys of the file would allow the authority to sign tokens.
func TestPEMChainsWithoutKey(t *testing.T) {
	chain, root := pki(t, signerOf(t, "P-256"))
	pemOf := func(c *x509.Certificate) []byte { return block("CERTIFICATE", c.Raw) }
	inter, top := pemOf(chain[1]), pemOf(root)
	gost := block("CERTIFICATE", withPublicKey(t, chain[0].Raw, asn1.RawValue{FullBytes: sequence(algorithm(t, oidGOST), bitString(integer(1)))}))
	a, b := (*issuer)(nil).certify(t, "a", true, signerOf(t, "P-384")), (*issuer)(nil).certify(t, "b", true, signerOf(t, "P-521"))
	const idle = "jwk: /keys/0: an authority that certifies another certificate of the file, but is in no chain of a key"
	for _, test := range []struct {
		name string
		data []byte
		want error
		text string
	}{
		{"X01 a leaf that cannot be used", join(gost, inter, top), jwk.ErrUnsupported, "jwk: /keys/0: algorithm 1.2.643.2.2.19 or its parameters are not supported; and 2 more blocks cannot be used"},
		{"X01 a leaf that cannot be used, last", join(top, inter, gost), jwk.ErrUnsupported, "jwk: /keys/2: algorithm 1.2.643.2.2.19 or its parameters are not supported; and 2 more blocks cannot be used"},
		{"a leaf that is too large", join(block("CERTIFICATE", sized(t, chain[0].Raw, 64<<10+1)), inter), jwk.ErrPolicy, "jwk: /keys/0: a certificate of more than 65536 octets; and 1 more block cannot be used"},
		{"a circle", join(pemOf(a.certify(t, "b", true, signerOf(t, "P-521")).cert), pemOf(b.certify(t, "a", true, signerOf(t, "P-384")).cert)), jwk.ErrInvalid, idle + "; and 1 more block cannot be used"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, failFast := range []bool{false, true} {
				s, err := (&jwk.Parser{FailFast: failFast}).ParsePEM(test.data)
				if s != nil {
					t.Errorf("got %v, want no set", s)
				}
				checkError(t, err, test.want, "*")
				if want := test.text; !failFast && err.Error() != want {
					t.Errorf("got error %q, want %q", err, want)
				}
			}
			s, err := jwk.ParsePEM(join(goodPEM(t), test.data))
			if err != nil || s.Len() != 1 || !s.At(0).Equal(public(t, "Ed448").key(t)) {
				t.Errorf("beside another key: got %v, %v, want that key", s, err)
			}
		})
	}
}

// TestPEMRenewedCertificate checks two certificates for one key: the key gets the first, and the
// second becomes a public key of its own.
func TestPEMRenewedCertificate(t *testing.T) {
	signer := signerOf(t, "P-256")
	first, second := (*issuer)(nil).certify(t, "new", false, signer), (*issuer)(nil).certify(t, "old", false, signer)
	private := must[[]byte](t)(fixture(t, "P-256").key(t).MarshalPrivatePEM())
	s := must[*jwk.Set](t)(jwk.ParsePEM(slices.Concat(block("CERTIFICATE", first.cert.Raw), block("CERTIFICATE", second.cert.Raw), private)))
	if s.Len() != 2 || len(s.Skipped()) != 0 {
		t.Fatalf("got %v, %v; want two keys", s, s.Skipped())
	}
	for k := range s.All() {
		want := second.cert
		if k.IsPrivate() {
			want = first.cert
		}
		if chain := must[[]*x509.Certificate](t)(k.Certificates()); len(chain) != 1 || !chain[0].Equal(want) {
			t.Errorf("%v: got certificates %v, want the one of %v", k, chain, want.Subject)
		}
	}
	if s.At(0).IsPrivate() == s.At(1).IsPrivate() {
		t.Errorf("got %v, want a private and a public key", s)
	}
}

// TestPEMAuthorityKeys checks that the private key of an authority gets the chain of its own
// certificate, even if the authority issued another certificate of the file.
func TestPEMAuthorityKeys(t *testing.T) {
	rootSigner, leafSigner := signerOf(t, "P-384"), signerOf(t, "P-256")
	root := (*issuer)(nil).certify(t, "root", true, rootSigner)
	leaf := root.certify(t, "leaf", false, leafSigner)
	pemOf := func(name string) []byte { return must[[]byte](t)(fixture(t, name).key(t).MarshalPrivatePEM()) }
	for name, text := range map[string][]byte{
		"all keys":   slices.Concat(pemOf("P-384"), pemOf("P-256"), block("CERTIFICATE", root.cert.Raw), block("CERTIFICATE", leaf.cert.Raw)),
		"leaf first": slices.Concat(block("CERTIFICATE", leaf.cert.Raw), block("CERTIFICATE", root.cert.Raw), pemOf("P-384"), pemOf("P-256")),
	} {
		s := must[*jwk.Set](t)(jwk.ParsePEM(text))
		if s.Len() != 2 || len(s.Skipped()) != 0 {
			t.Errorf("%s: got %v, %v; want two keys", name, s, s.Skipped())
		}
		for k := range s.All() {
			want := map[jwk.Curve]int{jwk.CurveP384: 1, jwk.CurveP256: 2}[k.Curve()]
			if chain, err := k.Certificates(); err != nil || len(chain) != want || !k.IsPrivate() {
				t.Errorf("%s: %v: got %d certificates, %v; want %d", name, k, len(chain), err, want)
			}
		}
	}
}

// FuzzCertificates checks that a certificate that x5c or FromCertificates accepts belongs to the
// key, also for crypto/x509, that it is returned without any change, and that it is not trusted.
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
