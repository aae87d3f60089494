package jwk_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"weak"

	"filippo.io/mldsa"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// parsedKey returns the key of a text.
func parsedKey(t testing.TB, text string) *jwk.Key {
	t.Helper()
	k, err := jwk.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return k
}

const editX = `"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`

// TestWithAttributesInPlace: if this fails, WithAttributes moves a member, or rewrites a member
// that has the same value as before.
func TestWithAttributesInPlace(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		change     func(a *jwk.Attributes)
		want       string
	}{
		{"nothing", `{"kid":"a","kty":"OKP" , "crv":"Ed25519","x":` + editX + `,"v":1.0}`, func(*jwk.Attributes) {},
			`{"kid":"a","kty":"OKP" , "crv":"Ed25519","x":` + editX + `,"v":1.0}`},
		{"one in the middle", `{"kty":"OKP","kid" : "a" ,"crv":"Ed25519","x":` + editX + `}`, func(a *jwk.Attributes) { a.KeyID = "b\n" },
			`{"kty":"OKP","kid" : "b\n" ,"crv":"Ed25519","x":` + editX + `}`},
		{"new ones come last", `{"kty":"OKP","crv":"Ed25519","x":` + editX + `}`, func(a *jwk.Attributes) { a.KeyID, a.Use, a.Ops = "b", jwk.UseSig, jwk.OpVerify },
			`{"kty":"OKP","crv":"Ed25519","x":` + editX + `,"use":"sig","kid":"b","key_ops":["verify"]}`},
		{"lines", "{\n  \"kty\": \"OKP\",\n  \"kid\": \"a\",\n  \"crv\": \"Ed25519\",\n  \"x\": " + editX + "\n}", func(a *jwk.Attributes) { a.KeyID, a.Use = "", "sig" },
			"{\n  \"kty\": \"OKP\",\n  \"crv\": \"Ed25519\",\n  \"x\": " + editX + ",\n  \"use\":\"sig\"\n}"},
		{"the first goes", `{"kid":"a", "kty":"OKP","crv":"Ed25519","x":` + editX + `}`, func(a *jwk.Attributes) { a.KeyID = "" },
			`{ "kty":"OKP","crv":"Ed25519","x":` + editX + `}`},
		{"the last goes", `{"kty":"OKP","crv":"Ed25519","x":` + editX + `, "v":1 }`, func(a *jwk.Attributes) { a.Extra = nil },
			`{"kty":"OKP","crv":"Ed25519","x":` + editX + ` }`},
		{"values with another spelling stay", `{"k\u0069d":"\u0061","use":"s\u0069g","kty":"OKP","key_ops":["verify", "\u0073ign"],"crv":"Ed25519","x":` + editX + `,"iat":17e2,"exp":1.0}`, func(a *jwk.Attributes) { a.NotBefore = a.IssuedAt },
			`{"k\u0069d":"\u0061","use":"s\u0069g","kty":"OKP","key_ops":["verify", "\u0073ign"],"crv":"Ed25519","x":` + editX + `,"iat":17e2,"exp":1.0,"nbf":1700}`},
		{"key_ops change in place", `{"key_ops":["verify","sign"],"kty":"OKP","crv":"Ed25519","x":` + editX + `}`, func(a *jwk.Attributes) { a.Ops = jwk.OpVerify },
			`{"key_ops":["verify"],"kty":"OKP","crv":"Ed25519","x":` + editX + `}`},
		{"a field replaces a value that it cannot hold", `{"key_ops":["verify","vouch"],"kty":"OKP","crv":"Ed25519","x":` + editX + `}`, func(a *jwk.Attributes) { a.Ops = jwk.OpVerify },
			`{"key_ops":["verify"],"kty":"OKP","crv":"Ed25519","x":` + editX + `}`},
		{"material with escapes", `{"kty":"\u004fKP","crv":"Ed25519","\u0078":"\u0031` + editX[2:] + `}`, func(a *jwk.Attributes) { a.KeyID = "a" },
			`{"kty":"\u004fKP","crv":"Ed25519","\u0078":"\u0031` + editX[2:] + `,"kid":"a"}`},
		{"Extra in place", `{"v":{"a": 1},"kty":"OKP","w":null,"crv":"Ed25519","x":` + editX + `}`, func(a *jwk.Attributes) { a.Extra["v"], a.Extra["b"] = 2, "c"; delete(a.Extra, "w") },
			`{"v":2,"kty":"OKP","crv":"Ed25519","x":` + editX + `,"b":"c"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := parsedKey(t, tt.text)
			k.Thumbprint()
			a := k.Attributes()
			tt.change(&a)
			got, err := k.WithAttributes(a)
			if err != nil {
				t.Fatal(err)
			}
			if text := string(privateKeyText(t, got)); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
			if string(privateKeyText(t, k)) != tt.text {
				t.Errorf("the key changed: got %s", string(privateKeyText(t, k)))
			}
			// The key agrees with its text.
			checkSame(t, got, parsedKey(t, tt.want))
		})
	}
}

// checkSame checks that a key, which shares the material of another, equals the key from its
// text.
func checkSame(t *testing.T, got, want *jwk.Key) {
	t.Helper()
	if !got.Equal(want) || got.String() != want.String() || got.Thumbprint() != want.Thumbprint() || got.IsPrivate() != want.IsPrivate() || got.Bits() != want.Bits() {
		t.Errorf("got %v, want %v", got, want)
	}
	if a, b := fmt.Sprintf("%v", got.PublicKey()), fmt.Sprintf("%v", want.PublicKey()); a != b {
		t.Errorf("PublicKey: got %s, want %s", a, b)
	}
	if (got.PrivateKey() == nil) != (want.PrivateKey() == nil) {
		t.Errorf("PrivateKey: got %T, want %T", got.PrivateKey(), want.PrivateKey())
	}
}

// TestWithKeyID checks that WithKeyID and Public work for keys of every type, which share
// material.
func TestWithKeyID(t *testing.T) {
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			o := fixture(t, name).with("kid", "a", "vendor", []int{1})
			k := o.key(t)
			for _, when := range []string{"new", "used"} {
				got, err := k.WithKeyID("b")
				if err != nil {
					t.Fatal(err)
				}
				if want := strings.Replace(string(privateKeyText(t, k)), `"kid":"a"`, `"kid":"b"`, 1); string(privateKeyText(t, got)) != want {
					t.Errorf("%s: got %s, want %s", when, string(privateKeyText(t, got)), want)
				}
				checkSame(t, got, o.with("kid", "b").key(t))
				if name != "oct-256" {
					half, err := got.Public()
					if err != nil {
						t.Fatal(err)
					}
					checkSame(t, half, public(t, name).with("kid", "b").key(t))
				}
				use(jwk.NewSet(k))
			}
			bare, err := k.WithKeyID("")
			if err != nil || bare.KeyID() != "" {
				t.Errorf("got %v, %v, want no kid", bare, err)
			}
			if _, ok := bare.Member("kid"); ok {
				t.Error("got a member kid, want no such member")
			}
			if named, err := bare.WithKeyID("a"); err != nil || named.KeyID() != "a" || !named.Equal(k) {
				t.Errorf("got %v, %v, want kid a", named, err)
			}
			_, err = k.WithKeyID("a\xff")
			checkError(t, err, jwk.ErrInvalid, "/kid")
		})
	}
}

// TestWithAttributesChecks: if this fails, WithAttributes accepts attributes that contradict
// the key or each other.
func TestWithAttributesChecks(t *testing.T) {
	k := public(t, "P-256").with("kid", "a").key(t)
	other := issue(t, public(t, "P-384").key(t).PublicKey())
	cert, err := x509.ParseCertificate(other)
	if err != nil {
		t.Fatal(err)
	}
	extra := func(name, value string) jwk.Attributes {
		return jwk.Attributes{Extra: map[string]any{name: jsontext.Value(value)}}
	}
	for _, tt := range []struct {
		name string
		a    jwk.Attributes
		want error
		path string
	}{
		{"use", jwk.Attributes{Use: jwk.UseEnc, Ops: jwk.OpSign}, jwk.ErrInvalid, "/key_ops"},
		{"alg", jwk.Attributes{Algorithm: jwk.ES384}, jwk.ErrInvalid, "/alg"},
		{"use and alg", jwk.Attributes{Use: jwk.UseEnc, Algorithm: jwk.ES256}, jwk.ErrInvalid, "/alg"},
		{"a certificate of another key", jwk.Attributes{Certificates: []*x509.Certificate{cert}}, jwk.ErrInvalid, "/x5c"},
		{"a digest of 31 octets", jwk.Attributes{CertificateThumbprintSHA256: make([]byte, 31)}, jwk.ErrInvalid, "/x5t#S256"},
		{"too many operations", extra("key_ops", `[`+strings.Repeat(`"a",`, 32)+`"b"]`), jwk.ErrPolicy, "/key_ops"},
		{"a duplicate name within", extra("a", `{"b":1,"b":2}`), jwk.ErrSyntax, ""},
		{"a lone surrogate", extra("a", `"\ud800"`), jwk.ErrSyntax, ""},
		{"kid a number", extra("kid", `1`), jwk.ErrSyntax, "/kid"},
		{"x5u no URI", jwk.Attributes{CertificateURL: "a b"}, jwk.ErrInvalid, "/x5u"},
		{"a null time", extra("iat", `null`), jwk.ErrSyntax, "/iat"},
		{"deep", extra("a", strings.Repeat("[", 65)+strings.Repeat("]", 65)), jwk.ErrPolicy, ""},
		{"material", extra("x", `"AQAB"`), jwk.ErrInvalid, "/x"},
		{"a private member", extra("d", `"AQAB"`), jwk.ErrInvalid, "/d"},
		{"one of another kind", extra("k", `"AQAB"`), jwk.ErrInvalid, "/k"},
		{"kty", extra("kty", `"RSA"`), jwk.ErrInvalid, "/kty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := k.WithAttributes(tt.a)
			if got != nil {
				t.Errorf("got %v beside the error", got)
			}
			checkError(t, err, tt.want, "*")
			if tt.path != "" {
				checkError(t, err, tt.want, tt.path)
			}
		})
	}
	// MarshalJSON refuses a key with a private object in Extra.
	hiding, err := k.WithAttributes(extra("backup", string(fixture(t, "P-384").json(t))))
	if err != nil {
		t.Fatal(err)
	}
	_, err = hiding.MarshalJSON()
	checkError(t, err, jwk.ErrPrivate, "")
}

// TestWithAttributesDeviations checks that a changed key keeps the deviations, except for the
// members that changed.
func TestWithAttributesDeviations(t *testing.T) {
	text := string(public(t, "Ed25519").with("x", public(t, "Ed25519")["x"].(string)+"=", "alg", nil, "key_ops", "verify", "use", "sig").json(t))
	k, err := (&jwk.Parser{Lenient: true}).Parse([]byte("\ufeff" + text))
	if err != nil {
		t.Fatal(err)
	}
	all := []jwk.Deviation{deviation("alg", jwk.DeviationNull), deviation("key_ops", jwk.DeviationBareOps), deviation("x", jwk.DeviationPadding), {Code: jwk.DeviationBOM}}
	without := func(path jsontext.Pointer) []jwk.Deviation {
		return slices.DeleteFunc(slices.Clone(all), func(d jwk.Deviation) bool { return d.Path == path })
	}
	for _, tt := range []struct {
		name   string
		change func(a *jwk.Attributes)
		want   []jwk.Deviation
	}{
		{"nothing", func(*jwk.Attributes) {}, all},
		{"kid", func(a *jwk.Attributes) { a.KeyID = "b" }, all},
		{"alg", func(a *jwk.Attributes) { a.Algorithm = jwk.EdDSA }, without("/alg")},
		{"key_ops", func(a *jwk.Attributes) { a.Ops = 0 }, without("/key_ops")},
	} {
		a := k.Attributes()
		tt.change(&a)
		got, err := k.WithAttributes(a)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, compareDeviations)
		deviations := got.Deviations()
		slices.SortFunc(deviations, compareDeviations)
		slices.SortFunc(tt.want, compareDeviations)
		if !slices.Equal(deviations, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, deviations, tt.want)
		}
	}
	if got, err := k.WithKeyID("b"); err != nil || len(got.Deviations()) != len(all) {
		t.Errorf("WithKeyID: got %v, %v, want %v", got.Deviations(), err, all)
	}
}

// compareDeviations compares the paths of deviations, for sorting.
func compareDeviations(a, b jwk.Deviation) int {
	return strings.Compare(string(a.Path), string(b.Path))
}

// TestWithAttributesOfManyMembers: if this fails, WithAttributes damages a key with many members.
// The test takes long if WithAttributes compares each member with all others.
func TestWithAttributesOfManyMembers(t *testing.T) {
	var many strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&many, `,"m%d":%d`, i, i)
	}
	k := parsedKey(t, `{"kty":"OKP","crv":"Ed25519","x":`+editX+many.String()+`}`)
	same, err := k.WithAttributes(k.Attributes())
	if err != nil || string(privateKeyText(t, same)) != string(privateKeyText(t, k)) {
		t.Errorf("got another text, %v; want the same text", err)
	}
}

// TestMadeOrder checks that every function that makes a key writes its members in the order of
// go-jose, and that the order does not change the thumbprint.
func TestMadeOrder(t *testing.T) {
	order := []string{"use", "kty", "kid", "crv", "alg", "k", "x", "y", "n", "e", "pub", "priv", "d", "p", "q", "dp", "dq", "qi", "oth",
		"x5c", "x5u", "x5t", "x5t#S256", "key_ops", "iat", "nbf", "exp", "a", "b"}
	check := func(t *testing.T, k *jwk.Key) {
		t.Helper()
		last := -1
		for name := range k.Members() {
			at := slices.Index(order, name)
			if at < 0 || at < last {
				t.Errorf("got %s, want %v", string(privateKeyText(t, k)), order)
			}
			last = at
		}
	}
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			parsed := fixture(t, name).key(t)
			attrs := &jwk.Attributes{
				KeyID: "a", Use: keyKinds[name].use, CertificateURL: "https://example.com", CertificateThumbprintSHA256: make([]byte, sha256.Size),
				Extra: map[string]any{"x5t": encoded(make([]byte, 20)), "nbf": 1, "exp": 2, "iat": 3, "b": 1, "a": 2},
			}
			k, err := jwk.New(parsed.PrivateKey(), attrs)
			if err != nil {
				t.Fatal(err)
			}
			check(t, k)
			if !k.Equal(parsed) || k.Thumbprint() != parsed.Thumbprint() {
				t.Errorf("got %v, want %v", k, parsed)
			}
			if name == "oct-256" {
				return
			}
			half, err := k.Public()
			if err != nil {
				t.Fatal(err)
			}
			check(t, half)
			block, err := parsed.MarshalPrivatePEM()
			if err != nil {
				t.Fatal(err)
			}
			s, err := jwk.ParsePEM(block)
			if err != nil {
				t.Fatal(err)
			}
			check(t, s.At(0))
		})
	}
	for alg := range keyOfAlgorithm(t) {
		k, err := jwk.Generate(alg, &jwk.GenerateOptions{Attributes: jwk.Attributes{Extra: map[string]any{"a": 1}, Ops: jwk.Ops(0)}})
		if err != nil {
			t.Fatal(err)
		}
		check(t, k)
	}
}

// keyOfAlgorithm returns one algorithm for each type of key that is quick to make.
func keyOfAlgorithm(testing.TB) map[jwk.Algorithm]bool {
	return map[jwk.Algorithm]bool{jwk.ES256: true, jwk.EdDSA: true, jwk.ES256K: true, jwk.ECDHES: true, jwk.MLDSA44: true, jwk.HS256: true}
}

// TestWithKeyIDKeepsNoDocument: if this fails, a public half or a key with other attributes
// keeps the text of the original key in memory.
func TestWithKeyIDKeepsNoDocument(t *testing.T) {
	const size = 4 << 20
	made := func() (k *jwk.Key, half *jwk.Key) {
		old := parsedKey(t, `{"kty":"OKP","crv":"Ed25519","x":`+editX+`,"vendor":"`+strings.Repeat("a", size)+`"}`)
		k, err := old.WithAttributes(jwk.Attributes{KeyID: "a"})
		if err != nil {
			t.Fatal(err)
		}
		if half, err = old.Public(); err != nil {
			t.Fatal(err)
		}
		return k, half
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	k, half := made()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > size/2 {
		t.Errorf("got %d octets more, want at most %d", grown, size/2)
	}
	if !k.Equal(half) {
		t.Errorf("got %v, want %v", k, half)
	}
}

// TestPublicKeepsNoPrivateKey: if this fails, a public half keeps the private key in memory.
func TestPublicKeepsNoPrivateKey(t *testing.T) {
	checkForgets[rsa.PrivateKey](t, "RSA-2048")
	checkForgets[ecdsa.PrivateKey](t, "P-256")
	checkForgets[secp256k1.PrivateKey](t, "secp256k1")
	checkForgets[mldsa.PrivateKey](t, "ML-DSA-44")
}

// checkForgets checks that the garbage collector frees a private key of the Go type K although
// its public half is in use.
func checkForgets[K any](t *testing.T, name string) {
	t.Helper()
	made := func() (half *jwk.Key, private weak.Pointer[K]) {
		k := fixture(t, name).key(t)
		k.Thumbprint()
		k.PublicKey()
		key, err := jwk.As[*K](k)
		if err != nil {
			t.Fatal(err)
		}
		named, err := k.WithKeyID("a")
		if err != nil {
			t.Fatal(err)
		}
		if half, err = named.Public(); err != nil {
			t.Fatal(err)
		}
		half.PublicKey()
		return half, weak.Make(key)
	}
	half, private := made()
	runtime.GC()
	runtime.GC()
	if private.Value() != nil {
		t.Errorf("%s: the private key is in memory, want it freed", name)
	}
	runtime.KeepAlive(half)
}

// TestEditsAtOnce: methods that make a key from another one use memory from a pool. If this fails,
// such calls at the same time get each other's text, or race.
func TestEditsAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for _, name := range []string{"RSA-2048", "P-256", "Ed25519"} {
		k := fixture(t, name).with("kid", "before").key(t)
		for i := range 4 {
			wg.Go(func() {
				for j := range 20 {
					kid := fmt.Sprint(name, i, j)
					a := k.Attributes()
					a.KeyID = kid
					for what, edit := range map[string]func() (*jwk.Key, error){
						"WithKeyID":      func() (*jwk.Key, error) { return k.WithKeyID(kid) },
						"WithAttributes": func() (*jwk.Key, error) { return k.WithAttributes(a) },
					} {
						edited, err := edit()
						if err != nil || edited.KeyID() != kid || !edited.Equal(k) {
							t.Errorf("%s, %s: got kid %q, %v, want %q of the same key", name, what, edited.KeyID(), err, kid)
						}
					}
					if half, err := k.Public(); err != nil || half.KeyID() != "before" || half.IsPrivate() {
						t.Errorf("%s: got the public half %v, %v", name, half, err)
					}
				}
			})
		}
	}
	wg.Wait()
}
