package jwk_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// TestNewAttributes checks that New writes a member for each attribute in the order of go-jose,
// and the members of Extra after them, sorted by name.
func TestNewAttributes(t *testing.T) {
	pub := public(t, "P-256").key(t)
	der := issue(t, pub.PublicKey())
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(der)
	want := jwk.Attributes{
		KeyID: "a \"kid\" \u00e9", Use: jwk.UseSig, Ops: jwk.OpVerify, Algorithm: jwk.ES256,
		Certificates: []*x509.Certificate{leaf}, CertificateThumbprintSHA256: digest[:], CertificateURL: "https://example.com/?a=1&b=%3C2%3E",
		IssuedAt: time.Unix(1_700_000_000, 0), NotBefore: time.Unix(-1, 0), Expires: time.Unix(1_900_000_000, 123_456_000),
		Extra: map[string]any{
			"z": 1, "b": nil, "a": map[string]any{"y": 1.5, "x": []any{true, "s"}}, "raw": jsontext.Value(`[1.50, 1e400]`),
			"text": json.RawMessage(`{"k2":1}`), "": "no name", "x<": "<",
		},
	}
	k, err := jwk.New(pub.PublicKey(), &want)
	if err != nil {
		t.Fatal(err)
	}
	text, err := k.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	o := public(t, "P-256")
	wantText := `{"use":"sig","kty":"EC","kid":"a \"kid\" é","crv":"P-256","alg":"ES256","x":"` + o["x"].(string) + `","y":"` + o["y"].(string) +
		`","x5c":["` + x5c(der)[0] + `"],"x5u":"https://example.com/?a=1&b=%3C2%3E","x5t#S256":"` + encoded(digest[:]) + `","key_ops":["verify"],"iat":1700000000,"nbf":-1,"exp":1900000000.123456,` +
		`"":"no name","a":{"x":[true,"s"],"y":1.5},"b":null,"raw":[1.50, 1e400],"text":{"k2":1},"x<":"\u003c","z":1}`
	if string(text) != wantText {
		t.Errorf("got %s, want %s", text, wantText)
	}
	if k.KeyID() != want.KeyID || k.Use() != want.Use || k.Ops() != want.Ops || k.Algorithm() != want.Algorithm {
		t.Errorf("got %v, want %v", k, want)
	}

	got := k.Attributes()
	if got.KeyID != want.KeyID || got.Use != want.Use || got.Ops != want.Ops || got.Algorithm != want.Algorithm ||
		got.CertificateURL != want.CertificateURL || !bytes.Equal(got.CertificateThumbprintSHA256, want.CertificateThumbprintSHA256) || len(got.Certificates) != 1 || !got.Certificates[0].Equal(leaf) {
		t.Errorf("Attributes: got %+v, want %+v", got, want)
	}
	for name, times := range map[string][2]time.Time{
		"iat": {got.IssuedAt, want.IssuedAt}, "nbf": {got.NotBefore, want.NotBefore}, "exp": {got.Expires, want.Expires},
	} {
		if !times[0].Equal(times[1]) {
			t.Errorf("%s: got %v, want %v", name, times[0], times[1])
		}
	}
	for name := range want.Extra {
		wanted, err := json.Marshal(want.Extra[name])
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := got.Extra[name].(jsontext.Value); !ok || compacted(t, text) != compacted(t, wanted) {
			t.Errorf("Extra[%q]: got %s, want %s", name, got.Extra[name], wanted)
		}
	}
	if len(got.Extra) != len(want.Extra) {
		t.Errorf("Extra: got %v, want %v", got.Extra, want.Extra)
	}

	if k, err := jwk.New(pub.PublicKey(), &jwk.Attributes{}); err != nil || memberTexts(t, k) != string(o.json(t)) {
		t.Errorf("without attributes: got %v, %v", k, err)
	}
}

// compacted returns JSON text without white space.
func compacted(t testing.TB, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAttributesTimes checks that times survive reading and writing, and that a malformed time
// does not make the key unusable.
func TestAttributesTimes(t *testing.T) {
	pub := public(t, "Ed25519").key(t).PublicKey()
	for text, want := range map[string]time.Time{
		"0":                 time.Unix(0, 0),
		"1":                 time.Unix(1, 0),
		"-1":                time.Unix(-1, 0),
		"-1.5":              time.Unix(-2, 500_000_000),
		"0.000001":          time.Unix(0, 1000),
		"1700000000.5":      time.Unix(1_700_000_000, 500_000_000),
		"1700000000.1":      time.Unix(1_700_000_000, 100_000_000), // a float64 cannot hold it exactly
		"1700000000.3":      time.Unix(1_700_000_000, 300_000_000),
		"1700000000.123456": time.Unix(1_700_000_000, 123_456_000),
		"1700000000.999999": time.Unix(1_700_000_000, 999_999_000),
		"253402300799":      time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"-62135596799":      time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC),
	} {
		t.Run(text, func(t *testing.T) {
			made, err := jwk.New(pub, &jwk.Attributes{IssuedAt: want})
			if err != nil {
				t.Fatal(err)
			}
			if v, _ := made.Member("iat"); string(v) != text {
				t.Errorf("written: got %s, want %s", v, text)
			}
			read := public(t, "Ed25519").with("nbf", json.Number(text)).key(t)
			if got := read.Attributes().NotBefore; !got.Equal(want) {
				t.Errorf("read: got %v, want %v", got, want)
			}
			same, err := read.WithAttributes(read.Attributes())
			if err != nil {
				t.Fatal(err)
			}
			if v, _ := same.Member("nbf"); string(v) != text {
				t.Errorf("read and written: got %s, want %s", v, text)
			}
		})
	}
	// Another spelling of a number has the same value.
	if got, want := public(t, "Ed25519").with("exp", json.RawMessage("1.7e9")).key(t).Attributes().Expires, time.Unix(1_700_000_000, 0); !got.Equal(want) {
		t.Errorf("1.7e9: got %v, want %v", got, want)
	}
	// A value that is not a time is an error neither for the key nor for the member.
	for _, text := range []string{
		`"yesterday"`, `"1700000000"`, `true`, `[1]`, `{"s":1}`, `1e400`, `-1e400`, `1e300`, `253402300800`, `-62135596800`, `""`,
	} {
		k := public(t, "Ed25519").with("iat", json.RawMessage(text)).key(t)
		a := k.Attributes()
		if !a.IssuedAt.IsZero() {
			t.Errorf("iat %s: got %v, want the zero Time", text, a.IssuedAt)
		}
		if v, ok := a.Extra["iat"].(jsontext.Value); !ok || string(v) != text {
			t.Errorf("iat %s: got %s in Extra", text, v)
		}
	}
	for _, name := range []string{"iat", "nbf", "exp"} {
		checkRefused(t, public(t, "Ed25519").with(name, nil).json(t), jwk.ErrSyntax, "/"+name)
	}
}

// TestNewAttributesRefused: if this fails, New and WithAttributes accept attributes that Parse
// refuses in a text, or that replace key material.
func TestNewAttributesRefused(t *testing.T) {
	pub := public(t, "P-256").key(t).PublicKey()
	rsaPub := public(t, "RSA-2048").key(t).PublicKey().(*rsa.PublicKey)
	secret := []byte("0123456789abcdef")
	extra := func(name string, value any) jwk.Attributes {
		return jwk.Attributes{Extra: map[string]any{name: value}}
	}
	other, err := x509.ParseCertificate(issue(t, rsaPub))
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		name     string
		material any
		attrs    jwk.Attributes
		want     error
		path     string
	}
	rows := []row{
		{"kid not UTF-8", pub, jwk.Attributes{KeyID: "a\xff"}, jwk.ErrInvalid, "/kid"},
		{"use not UTF-8", pub, jwk.Attributes{Use: "\xc0\x80"}, jwk.ErrInvalid, "/use"},
		{"alg not UTF-8", pub, jwk.Attributes{Algorithm: "\xed\xa0\x80"}, jwk.ErrInvalid, "/alg"}, // a surrogate
		{"x5u not UTF-8", pub, jwk.Attributes{CertificateURL: "\xff"}, jwk.ErrInvalid, "/x5u"},
		{"name not UTF-8", pub, extra("a\xff", 1), jwk.ErrInvalid, "/a\uFFFD"},
		{"bits that are no operation", pub, jwk.Attributes{Ops: 1 << 8}, jwk.ErrInvalid, "/key_ops"},
		{"exp after 9999", pub, jwk.Attributes{Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, jwk.ErrInvalid, "/exp"},
		{"exp half a second after 9999", pub, jwk.Attributes{Expires: time.Unix(253402300799, 500_000_000)}, jwk.ErrInvalid, "/exp"},
		{"nbf at the end of time", pub, jwk.Attributes{NotBefore: time.Unix(math.MaxInt64, 1000)}, jwk.ErrInvalid, "/nbf"},
		{"iat long ago", pub, jwk.Attributes{IssuedAt: time.Unix(-253402300800, 0)}, jwk.ErrInvalid, "/iat"},
		{"nil certificate", pub, jwk.Attributes{Certificates: []*x509.Certificate{nil}}, jwk.ErrInvalid, "/x5c"},
		{"zero certificate", pub, jwk.Attributes{Certificates: []*x509.Certificate{{}}}, jwk.ErrInvalid, "/x5c"},
		{"X01 certificate of another key", pub, jwk.Attributes{Certificates: []*x509.Certificate{other}}, jwk.ErrInvalid, "/x5c"},
		{"certificate of a symmetric key", secret, jwk.Attributes{Certificates: []*x509.Certificate{other}}, jwk.ErrInvalid, "/x5c"},
		{"11 certificates", rsaPub, jwk.Attributes{Certificates: slices.Repeat([]*x509.Certificate{other}, 11)}, jwk.ErrPolicy, "/x5c"},
		{"M01 use and key_ops", pub, jwk.Attributes{Use: jwk.UseEnc, Ops: jwk.OpSign}, jwk.ErrInvalid, "/key_ops"},
		{"M03 alg and kty", pub, jwk.Attributes{Algorithm: jwk.RS256}, jwk.ErrInvalid, "/alg"},
		{"M03 alg and crv", pub, jwk.Attributes{Algorithm: jwk.ES384}, jwk.ErrInvalid, "/alg"},
		{"M03 alg and use", rsaPub, jwk.Attributes{Algorithm: jwk.RS256, Use: jwk.UseEnc}, jwk.ErrInvalid, "/alg"},
		{"M04 none", pub, jwk.Attributes{Algorithm: "none"}, jwk.ErrInvalid, "/alg"},
		{"S01 alg and size", secret, jwk.Attributes{Algorithm: jwk.HS256}, jwk.ErrInvalid, "/alg"},
		{"Extra not JSON", pub, extra("a", math.NaN()), jwk.ErrInvalid, "/a"},
		{"Extra a channel", pub, extra("a", make(chan int)), jwk.ErrInvalid, "/a"},
		{"Extra malformed text", pub, extra("a", json.RawMessage(`{"a":1`)), jwk.ErrInvalid, "/a"},
		{"Extra malformed value", pub, extra("a", jsontext.Value(`1,"d":2`)), jwk.ErrInvalid, "/a"},
		{"Extra two values", pub, extra("a", jsontext.Value(`1 2`)), jwk.ErrInvalid, "/a"},
		{"Extra private key", pub, extra("a", fixture(t, "P-256").key(t)), jwk.ErrInvalid, "/a"},
		{"Extra duplicate names", pub, extra("a", json.RawMessage(`{"a":1,"a":2}`)), jwk.ErrSyntax, "*"},
		{"Extra kid of another type", pub, extra("kid", 1), jwk.ErrSyntax, "/kid"},
		{"Extra use null", pub, extra("use", nil), jwk.ErrSyntax, "/use"},
		{"Extra key_ops repeated", pub, extra("key_ops", []string{"verify", "verify"}), jwk.ErrInvalid, "/key_ops"},
		{"Extra x5t of 3 octets", pub, extra("x5t", "AAAA"), jwk.ErrInvalid, "/x5t"},
	}
	// Extra cannot hold the key material of the kind, nor the private members of any other kind.
	for _, name := range append([]string{"kty", "crv", "x", "y"}, privateNames...) {
		rows = append(rows, row{"Extra " + name + " on EC", pub, extra(name, "AQAB"), jwk.ErrInvalid, "/" + name})
	}
	for _, name := range append([]string{"kty", "n", "e"}, privateNames...) {
		rows = append(rows, row{"Extra " + name + " on RSA", rsaPub, extra(name, nil), jwk.ErrInvalid, "/" + name})
	}
	for _, name := range []string{"kty", "k"} { // an oct key is secret as a whole, so it may have other private members
		rows = append(rows, row{"Extra " + name + " on oct", secret, extra(name, "AQAB"), jwk.ErrInvalid, "/" + name})
	}
	for _, test := range rows {
		t.Run(test.name, func(t *testing.T) {
			k, err := jwk.New(test.material, &test.attrs)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, test.want, test.path)

			// WithAttributes of an existing key gives the same error.
			plain, err := jwk.New(test.material, nil)
			if err != nil {
				t.Fatal(err)
			}
			k, err = plain.WithAttributes(test.attrs)
			if k != nil {
				t.Errorf("WithAttributes: got %v, want no key", k)
			}
			checkError(t, err, test.want, test.path)
		})
	}
}

// J15: any text is one member name.
func TestExtraNames(t *testing.T) {
	for _, name := range []string{
		`x":0,"d`, `","d":"AQAB`, `}`, `\`, `\"`, "a\nb", "\x00", "\u2028", "d ", "dd", "d\u0000", "é", `</script>`, "", "keys", "kty\u200b",
	} {
		t.Run(fmt.Sprintf("J15 %q", name), func(t *testing.T) {
			k, err := jwk.New(public(t, "P-256").key(t).PublicKey(), &jwk.Attributes{KeyID: "k", Extra: map[string]any{name: "value"}})
			if err != nil {
				t.Fatal(err)
			}
			text, err := k.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			again, err := jwk.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for n := range again.Members() {
				names = append(names, n)
			}
			if want := []string{"kty", "kid", "crv", "x", "y", name}; !slices.Equal(names, want) {
				t.Errorf("got members %q, want %q", names, want)
			}
			if v, ok := again.Member(name); !ok || string(v) != `"value"` {
				t.Errorf("got %s, want %q", v, "value")
			}
			if again.IsPrivate() || !again.Equal(k) {
				t.Errorf("got %v, want %v", again, k)
			}
		})
	}
}

// TestWithSameAttributes: if this fails, WithAttributes(k.Attributes()) loses a member that has
// no field, or a value that its field cannot hold.
func TestWithSameAttributes(t *testing.T) {
	leaf := issue(t, public(t, "P-256").key(t).PublicKey())
	digest, thumb := sha256.Sum256(leaf), sha1.Sum(leaf)
	for _, test := range []struct {
		name    string
		members object
	}{
		{"nothing", object{}},
		{"all fields", object{"kid": "k", "use": "sig", "key_ops": []string{"verify"}, "alg": "ES256", "x5u": "https://example.com", "iat": 1, "nbf": 2, "exp": 3}},
		{"kid empty", object{"kid": ""}},
		{"use and alg empty", object{"use": "", "alg": ""}},
		{"unknown use and alg", object{"use": "tls", "alg": "XS256"}},
		{"unknown operations", object{"key_ops": []string{"vouch", "verify"}}},
		{"key_ops empty", object{"key_ops": []string{}}},
		{"key_ops of one empty operation", object{"key_ops": []string{""}}},
		{"all operations", object{"key_ops": operations}},
		{"fractional iat", object{"iat": json.RawMessage("1700000000.1"), "exp": json.RawMessage("1700000000.25")}},
		{"malformed times", object{"iat": "yesterday", "nbf": []int{1}, "exp": json.RawMessage("1e400")}},
		{"time zero", object{"iat": 0}},
		{"x5t without x5c", object{"x5t": encoded(make([]byte, 20))}},
		{"x5t#S256 without x5c", object{"x5t#S256": encoded(make([]byte, 32))}},
		{"x5c with its digest", object{"x5c": x5c(leaf, leaf), "x5t#S256": encoded(digest[:])}},
		{"unknown members", object{"vendor": object{"d": json.RawMessage("1e400")}, "ext": true, "D": "secret", "KID": "k", "": nil}},
		{"members of other kinds", object{"n": "AQAB", "e": "?", "pub": nil}},
		{"x5c without its digest", object{"x5c": x5c(leaf)}},
		{"x5t beside x5c", object{"x5c": x5c(leaf), "x5t": encoded(thumb[:])}},
		{"a kid with escapes", object{"kid": "\"\\\u0000\u2028é"}},
	} {
		for half, o := range map[string]object{"public": public(t, "P-256"), "private": fixture(t, "P-256")} {
			t.Run(test.name+", "+half, func(t *testing.T) {
				for name, value := range test.members {
					o[name] = value
				}
				k := o.key(t)
				same, err := k.WithAttributes(k.Attributes())
				if err != nil {
					t.Fatal(err)
				}
				if got, want := string(privateKeyText(t, same)), string(privateKeyText(t, k)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if !same.Equal(k) || same.String() != k.String() || same.Thumbprint() != k.Thumbprint() {
					t.Errorf("got %v, want %v", same, k)
				}
			})
		}
	}
	for name, member := range map[string]string{"RSA-2048": "crv", "RSA-2048-multi-prime": "x", "Ed25519": "y", "X25519": "n", "secp256k1": "n", "Ed448": "y", "X448": "e", "ML-DSA-44": "crv", "oct-256": "crv"} {
		t.Run(member+" of another kind on "+name, func(t *testing.T) {
			k := fixture(t, name).with(member, "P-256").key(t)
			same, err := k.WithAttributes(k.Attributes())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := memberTexts(t, same), memberTexts(t, k); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestWithAttributes checks that WithAttributes replaces all attributes, and does not change
// its receiver.
func TestWithAttributes(t *testing.T) {
	k := fixture(t, "P-256").with("kid", "old", "use", "sig", "alg", "ES256", "vendor", 1, "iat", 1).key(t)
	before, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.WithAttributes(jwk.Attributes{KeyID: "new", Ops: jwk.OpDeriveBits | jwk.OpDeriveKey})
	if err != nil {
		t.Fatal(err)
	}
	want := fixture(t, "P-256").with("kid", "new", "key_ops", []string{"deriveKey", "deriveBits"})
	if text := memberTexts(t, got); text != string(want.json(t)) || !got.Equal(k) {
		t.Errorf("got %s, want %s", text, want.json(t))
	}
	if got, err = k.WithAttributes(jwk.Attributes{}); err != nil || memberTexts(t, got) != string(fixture(t, "P-256").json(t)) {
		t.Errorf("without attributes: got %v, %v", got, err)
	}
	if after, err := k.MarshalPrivateJSON(); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the key changed: got %s, %v; want %s", after, err, before)
	}
}

// TestPublicOps: if this fails, a public key permits private operations, or forbids the
// operations that belong to it (RFC 7517, Section 4.3).
func TestPublicOps(t *testing.T) {
	for ops, want := range map[string]string{
		`["sign"]`:                          `["verify"]`,
		`["sign","verify"]`:                 `["verify"]`,
		`["verify","sign"]`:                 `["verify"]`,
		`["decrypt"]`:                       `["encrypt"]`,
		`["unwrapKey","decrypt"]`:           `["wrapKey","encrypt"]`,
		`["encrypt","wrapKey","unwrapKey"]`: `["encrypt","wrapKey"]`,
		`["deriveKey"]`:                     ``,
		`["deriveBits","deriveKey"]`:        ``,
		`["deriveBits","unwrapKey"]`:        `["wrapKey"]`,
		`[]`:                                `[]`, // an empty list forbids nothing
		`["vouch"]`:                         `["vouch"]`,
		`["vouch","sign","\"\\",""]`:        `["vouch","verify","\"\\"]`,
		`[ "sign" , "decrypt" ]`:            `["verify","encrypt"]`,
		`["s\u0069gn"]`:                     `["verify"]`,
		`["` + strings.Join(operations, `","`) + `"]`:    `["verify","encrypt","wrapKey"]`,
		`["verify","encrypt","wrapKey"]`:                 `["verify","encrypt","wrapKey"]`,
		`["Sign","SIGN","sign"]`:                         `["Sign","SIGN","verify"]`,
		`["deriveKey","vouch"]`:                          `["vouch"]`,
		`["decrypt","encrypt","unwrapKey","deriveBits"]`: `["encrypt","wrapKey"]`,
	} {
		t.Run(ops, func(t *testing.T) {
			k := fixture(t, "P-256").with("key_ops", json.RawMessage(ops))
			text := strings.Replace(string(k.with("key_ops", "?").json(t)), `"?"`, ops, 1)
			parsed, err := jwk.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			public, err := parsed.Public()
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := public.Member("key_ops"); string(got) != want || ok != (want != "") {
				t.Errorf("got %s, want %s", got, want)
			}
			if public.Permits(jwk.OpSign) || want == `["vouch"]` && public.Permits(jwk.OpVerify) {
				t.Error("the public half permits a private or unknown operation")
			}
			if want == "[]" && !public.Permits(jwk.OpVerify) {
				t.Error("Permits(verify) with an empty key_ops: got false, want true")
			}
		})
	}
}

// TestKeyedLiterals: if this fails, a program can write these structs without the names of
// fields, and does not compile after a release adds one.
func TestKeyedLiterals(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[jwk.Attributes](), reflect.TypeFor[jwk.Query]()} {
		if f, ok := typ.FieldByName("_"); !ok || f.IsExported() || f.Type != reflect.TypeFor[struct{}]() {
			t.Errorf("%v can be written without the names of its fields", typ)
		}
	}
}

// TestFieldsReplaceExtra: if this fails, a program cannot replace an empty kid or a malformed
// iat, which are in Extra, by setting the field.
func TestFieldsReplaceExtra(t *testing.T) {
	k := public(t, "P-256").with("kid", "", "iat", "yesterday", "key_ops", []string{"verify", "notarize"}).key(t)
	a := k.Attributes()
	a.KeyID, a.IssuedAt, a.Ops = "new", time.Unix(1700000000, 0), jwk.OpVerify
	mended, err := k.WithAttributes(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := mended.KeyID(); got != "new" {
		t.Errorf("kid: got %q, want %q", got, "new")
	}
	for name, want := range map[string]string{"kid": `"new"`, "iat": "1700000000", "key_ops": `["verify"]`} {
		if got, _ := mended.Member(name); string(got) != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// TestPublicKeepsDatesAlone: if this fails, Public publishes an iat, nbf or exp that is not a
// date and can hold a secret.
func TestPublicKeepsDatesAlone(t *testing.T) {
	k := public(t, "P-256").with("iat", map[string]any{"d": "c2VjcmV0"}, "nbf", "secret", "exp", 1700000000).key(t)
	pub, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"iat": false, "nbf": false, "exp": true} {
		if _, got := pub.Member(name); got != want {
			t.Errorf("%s in the public key: got %v, want %v", name, got, want)
		}
	}
}

// FuzzAttributes checks that attributes from outside become exactly the members that they name,
// with their values (J15). It sets value as a string, and as JSON.
func FuzzAttributes(f *testing.F) {
	f.Add("a", "sig", "ES256", "https://a.example/", uint16(jwk.OpVerify), `x":0,"d`, `"x","d":"AA"`)
	f.Add("\x00\n\"\\\u2028", "enc", "", "", uint16(0), `","d":"AQAB`, `{"d":1}`)
	f.Add("\xff", "", "none", "", uint16(1<<15), "key_ops", `["verify","x"]`)
	f.Add("", "", "", "", uint16(0), "kid", `"a\ud800"`)
	f.Add("", "", "", "", uint16(0), "exp", ` 1e999 `)
	f.Add("", "", "", "", uint16(0), "d", `1`)
	f.Add("", "", "", "", uint16(0), "", `{"a":1,"a":2}`)
	base := public(f, "P-256").key(f)
	f.Fuzz(func(t *testing.T, kid, use, alg, url string, ops uint16, name, value string) {
		asString, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, extra := range []struct {
			value any
			want  string
		}{{value, string(asString)}, {jsontext.Value(value), strings.Trim(value, " \t\r\n")}} {
			k, err := base.WithAttributes(jwk.Attributes{KeyID: kid, Use: jwk.Use(use), Algorithm: jwk.Algorithm(alg),
				CertificateURL: url, Ops: jwk.Ops(ops), Extra: map[string]any{name: extra.value}})
			if err != nil {
				if k != nil {
					t.Errorf("got %v beside error %v", k, err)
				}
				checkFuzzedError(t, err, 0)
				continue
			}
			text := checkFuzzedKey(t, k)
			if k.IsPrivate() || !k.Equal(base) || k.KeyID() != kid || string(k.Use()) != use || string(k.Algorithm()) != alg || k.Ops() != jwk.Ops(ops) {
				if !slices.Contains([]string{"kid", "use", "alg", "key_ops"}, name) {
					t.Errorf("got %v of %s", k, text)
				}
			}
			want := map[string]bool{"kty": true, "crv": true, "x": true, "y": true, "kid": kid != "", "use": use != "", "alg": alg != "", "x5u": url != "", "key_ops": ops != 0}
			replaced := want[name] // the field has precedence over Extra
			want[name] = true
			got, ok := k.Member(name)
			if !ok || !replaced && string(got) != extra.want {
				t.Errorf("got value %q of %q, want %q", got, name, extra.want)
			}
			for n := range k.Members() {
				if !want[n] {
					t.Errorf("got member %q, want no such member, in %s", n, text)
				}
				delete(want, n)
			}
			for n, missing := range want {
				if missing {
					t.Errorf("got no member %q in %s", n, text)
				}
			}
		}
	})
}
