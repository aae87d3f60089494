package jwk_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"iter"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// errorsFile is a golden file in the folder of each package. It has the text of every error
// that the package itself creates, so that a change of a text shows in a review as text.
const errorsFile = "testdata/errors.txt"

// refusals collects errors and builds the content of errorsFile from them.
type refusals struct {
	*testing.T
	text    strings.Builder
	secrets []string
}

// add writes an error to the golden file. It checks that the error has exactly one kind, that
// its text is one short line of ASCII, and that the text shows no secret.
func (r *refusals) add(name string, err error) {
	r.Helper()
	if err == nil {
		r.Errorf("%s: got no error", name)
		return
	}
	kind := ""
	for _, k := range errorKinds {
		if errors.Is(err, k) {
			kind += strings.TrimPrefix(k.Error(), "jwk: ")
		}
	}
	text := err.Error()
	fmt.Fprintf(&r.text, "%s (%s)\n\t%s\n", name, kind, text)
	if !slices.ContainsFunc(errorKinds, func(k error) bool { return "jwk: "+kind == k.Error() }) {
		r.Errorf("%s: got kind %q of %q, want exactly one", name, kind, text)
	}
	if rest, ok := strings.CutPrefix(text, "jwk: "); !ok || strings.HasPrefix(rest, "jwk: ") || strings.Contains(text, "failed to") {
		r.Errorf("%s: got %q, want the package's name exactly once and no \"failed to\"", name, text)
	}
	if len(text) > 300 || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) {
		r.Errorf("%s: got %q, want a short line of ASCII", name, text)
	}
	checkNoSecret(r.T, name, text, r.secrets)
}

func (r *refusals) parse(name string, o object) {
	r.Helper()
	r.json(name, string(o.json(r)))
}

func (r *refusals) json(name, text string) {
	r.Helper()
	_, err := jwk.Parse([]byte(text))
	r.add(name, err)
}

func (r *refusals) set(name string, p jwk.Parser, text string) {
	r.Helper()
	_, err := p.ParseSet([]byte(text))
	r.add(name, err)
}

func (r *refusals) make(name string, material any, attrs *jwk.Attributes) {
	r.Helper()
	_, err := jwk.New(material, attrs)
	r.add(name, err)
}

func (r *refusals) der(name string, parts ...[]byte) {
	r.Helper()
	_, err := jwk.ParseDER(bytes.Join(parts, nil))
	r.add(name, err)
}

// pem adds the error of a whole PEM file. If the file has no key, that is the reason why its
// first block was skipped.
func (r *refusals) pem(name string, text []byte, opts *jwk.DecryptOptions) {
	r.Helper()
	s, err := jwk.ParsePEM(text)
	if opts != nil {
		s, err = jwk.DecryptPEM(text, opts)
	}
	if err == nil {
		r.Fatalf("%s: got %v, want an error", name, s)
	}
	r.add(name, err)
}

func (r *refusals) decrypt(name string, text []byte, opts *jwk.DecryptOptions) {
	r.Helper()
	_, err := jwk.DecryptKey(text, opts)
	r.add(name, err)
}

func (r *refusals) encrypt(name string, opts *jwk.EncryptOptions) {
	r.Helper()
	_, err := fixture(r, "P-256").key(r).Encrypt(opts)
	r.add(name, err)
}

func (r *refusals) generate(name string, alg jwk.Algorithm, opts *jwk.GenerateOptions) {
	r.Helper()
	_, err := jwk.Generate(alg, opts)
	r.add(name, err)
}

// TestErrorTexts: if this fails, an error has another text than the golden file, or it shows a
// part of a private key. Each text says where the fault is, what was found and what was
// expected. go test -run 'TestErrorTexts$' -update . writes the file.
func TestErrorTexts(t *testing.T) {
	r := &refusals{T: t}
	for _, name := range fixtureNames {
		r.secrets = append(r.secrets, secretTexts(t, fixture(t, name))...)
	}
	r.secrets = append(r.secrets, string(passphrase))
	r.ofJSON()
	r.ofBase64()
	r.ofRSA()
	r.ofCurves()
	r.ofAKP()
	r.ofUsage()
	r.ofCertificates()
	r.ofSets()
	r.ofGoKeys()
	r.ofGenerate()
	r.ofKeys()
	r.ofDER()
	r.ofPEM()
	r.ofEncryption()
	r.ofOthers()
	r.ofForms()
	golden(t, filepath.Base(errorsFile), []byte(r.text.String()))
}

func (r *refusals) ofJSON() {
	r.json("J10 nothing", ``)
	r.json("J10 an array", `[]`)
	r.json("J10 not JSON", `secret`)
	r.json("J10 in the third line", "{\n\"kty\":\"oct\",\n\t\"kid\":\"\u00e9\",}")
	r.json("a trailing comma", `{"keys":[1,]}`)
	r.json("no colon", `{"kty","oct"}`)
	r.json("no name", `{kty:"oct"}`)
	r.json("a line break in a string", "{\"kid\":\"a\nb\"}")
	r.json("a malformed number", `{"exp":1.}`)
	r.json("J10 no member", `{}`)
	r.json("J14 a prefix", `{"kty":"oct","k":"AA`)
	r.json("J04 data after the key", `{"kty":"oct"} {}`)
	r.json("J05 byte order mark", "\uFEFF{}")
	r.json("J06 invalid UTF-8", "{\"kid\":\"a\xff\"}")
	r.json("J07 a lone surrogate", `{"kid":"\ud800"}`)
	r.json("J08 a NUL", "{\"kid\":\"a\x00\"}")
	r.json("an unknown escape", `{"k":"\x41"}`)
	r.json("not a JSON value", `{"k":SECRET}`)
	r.json("no comma", `{"kty":"oct" "k":"AA"}`)
	r.json("J09 nested too deep", `{"a":`+strings.Repeat("[", 64))
	r.json("J01 duplicate name", `{"kty":"oct","kty":"oct"}`)
	r.json("J01 duplicate name within a member", `{"kty":"oct","k":"AA","a":{"b":1,"b":2}}`)
	r.json("J02 private, twice", `{"kty":"EC","d":"AA","d":null}`)
	r.json("J11 kid a number", `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":1}`)
	r.json("J11 kty null", `{"kty":null}`)
	r.json("kty unknown", `{"kty":"X"}`)
	r.json("kty long", `{"kty":"`+strings.Repeat("X", 100)+`"}`)
	r.json("kty of another script", `{"kty":"\u202eASR\n"}`)
	r.parse("J11 exp null", public(r, "P-256").with("exp", nil))
	_, err := (&jwk.Parser{MaxBytes: 10}).Parse([]byte(`{"kty":"oct"}`))
	r.add("J12 too large", err)
	_, err = (&jwk.Parser{PublicOnly: true}).Parse(fixture(r, "P-256").json(r))
	r.add("C05 a private key", err)
	hiding := public(r, "P-256").with("backup", fixture(r, "P-256"))
	_, err = (&jwk.Parser{PublicOnly: true}).Parse(hiding.json(r))
	r.add("C05 a private key within", err)
	_, err = hiding.key(r).MarshalJSON()
	r.add("Z05 a private key within", err)
	_, err = fixture(r, "P-256").key(r).MarshalJSON()
	r.add("Z05 a private key", err)
	r.add("UnmarshalJSON of a nil *Key", (*jwk.Key)(nil).UnmarshalJSON(public(r, "P-384").json(r)))
	r.add("UnmarshalJSON of a key in use", public(r, "P-256").key(r).UnmarshalJSON(public(r, "P-384").json(r)))
}

// ofForms adds the errors of ParseSet and ParseOne for inputs of every other form.
func (r *refusals) ofForms() {
	for _, m := range misfits(r) {
		for _, name := range []string{"ParseSet", "ParseOne"} {
			if !slices.Contains(m.readers, name) {
				r.add(name+": "+m.name, entrances[name](new(jwk.Parser), []byte(m.text)))
			}
		}
	}
	set := must[*jwk.Set](r)(jwk.ParseSet([]byte(`{"keys":[` + string(public(r, "P-256").json(r)) + `,` + string(public(r, "P-384").json(r)) + `]}`)))
	text := must[[]byte](r)(set.MarshalJSON())
	for _, tt := range []struct{ name, text string }{
		{"words", "words"},
		{"no key", `{"keys":[]}`},
		{"two keys", string(text)},
		{"a key and another entry", strings.Replace(string(text), `"P-384"`, `"P-224"`, 1)},
		{"no usable key", `{"keys":[{"kty":"X"},1]}`},
	} {
		r.add("ParseOne: "+tt.name, entrances["ParseOne"](new(jwk.Parser), []byte(tt.text)))
	}
	_, err := (&jwk.Parser{PublicOnly: true}).ParseSet(must[[]byte](r)(fixture(r, "P-256").key(r).MarshalPrivatePEM()))
	r.add("C05 ParseSet: PEM of a private key", err)
	good := encrypted(r, fixture(r, "P-256").key(r), toPassphrase())
	r.decrypt("D11 an object", []byte(`{"a":1}`), fromPassphrase())
	r.decrypt("D11 recipients", []byte(flattened(good, `"recipients":[],`)), fromPassphrase())
	r.decrypt("D11 a byte order mark", []byte("\uFEFF"+string(good)), fromPassphrase())
}

func (r *refusals) ofBase64() {
	oct := octOf(32)
	for _, tt := range []struct{ name, k string }{
		{"B01 line break", "AAAA\nAAAA"}, {"B02 padding", "AA=="}, {"B03 standard alphabet", "+/+/"},
		{"B04 stray bits", "AB"}, {"B05 length", "AAAAA"}, {"B06 empty", ""},
	} {
		r.parse(tt.name, oct.with("k", tt.k))
	}
	r.parse("k missing", oct.without("k"))
	r.parse("k a number", oct.with("k", 1))
}

func (r *refusals) ofRSA() {
	pub, full, multi := public(r, "RSA-2048"), fixture(r, "RSA-2048"), fixture(r, "RSA-2048-multi-prime")
	one := big.NewInt(1)
	n := pub.integer(r, "n")
	p, q := full.integer(r, "p"), full.integer(r, "q")
	even := new(big.Int).Sub(n, one)
	square := new(big.Int).Mul(p, p)
	r.parse("R01 even modulus", pub.with("n", integerText(even)))
	r.parse("R02 1024 bits", pub.with("n", full["p"]))
	r.parse("R03 8193 bits", pub.with("n", integerText(new(big.Int).SetBit(one, 8192, 1))))
	r.parse("R03 a megabyte", pub.with("n", strings.Repeat("AQAB", 1<<18)))
	r.parse("R04 e 1", pub.with("e", "AQ"))
	r.parse("R05 e 2^64+65537", pub.with("e", integerText(new(big.Int).SetBit(big.NewInt(65537), 64, 1))))
	r.parse("e in digits", pub.with("e", "65537"))
	r.parse("e a number", pub.with("e", 65537))
	r.parse("n a SubjectPublicKeyInfo", pub.with("n", encoded(must[[]byte](r)(pub.key(r).MarshalDER()))))
	r.parse("R06 e with a leading zero", pub.with("e", "AAEAAQ"))
	r.parse("R06 n with a leading zero", pub.with("n", encoded(append([]byte{0}, n.Bytes()...))))
	r.parse("R06 d with a leading zero", full.with("d", encoded(append([]byte{0}, full.integer(r, "d").Bytes()...))))
	r.parse("the ROCA form", pub.with("n", integerText(rocaLike())))
	r.parse("R07 only d, of another key", pub.with("d", multi["d"]))
	r.parse("R08 only p", pub.with("p", full["p"]))
	r.parse("R08 without qi", full.without("qi"))
	r.parse("R09 dp", full.with("dp", full["dq"]))
	r.parse("R09 dq", full.with("dq", full["dp"]))
	r.parse("R09 qi", full.with("qi", full.plus(r, "qi", one)))
	r.parse("R10 d", full.with("d", full.plus(r, "d", big.NewInt(2))))
	r.parse("R10 d is n", full.with("d", full["n"]))
	r.parse("R11 p", full.with("p", fixture(r, "RSA-3072")["p"]))
	r.parse("R12 p is n", full.with("p", full["n"]))
	r.parse("p equals q", full.with("n", integerText(square), "q", full["p"]))
	near := rsaPrimes(r, "close")
	r.parse("R14 p and q close", rsaObject(r, 65537, near[0], near[1]))
	// Here d is the inverse of e for only one of the two primes.
	r.parse("R10 d modulo only p-1", full.with("d", integerText(new(big.Int).ModInverse(big.NewInt(65537), new(big.Int).Sub(p, one)))))
	r.parse("R10 d modulo only q-1", full.with("d", integerText(new(big.Int).ModInverse(big.NewInt(65537), new(big.Int).Sub(q, one)))))
	r.parse("R14 d small", smallD(r))
	r.parse("a private member of another type", pub.with("k", "AA"))

	third := object(multi["oth"].([]any)[0].(map[string]any))
	oth := func(elements ...any) object { return multi.with("oth", elements) }
	r.parse("R13 oth empty", multi.with("oth", []any{}))
	r.parse("R13 oth a string", multi.with("oth", "AA"))
	r.parse("R13 oth of strings", oth("AA"))
	r.parse("R13 r a number", oth(third.with("r", 3)))
	r.parse("R13 r with padding", oth(third.with("r", "AA==")))
	r.parse("R13 no t", oth(third.without("t")))
	r.parse("R13 six primes", oth(third, third, third, third))
	r.parse("R13 r", oth(third.with("r", third.plus(r, "r", big.NewInt(2)))))
	r.parse("R13 r 1", oth(third.with("r", "AQ")))
	r.parse("R13 d of a prime", oth(third.with("d", "AQ")))
	r.parse("R13 t", oth(third.with("t", "AQ")))
	r.parse("R13 p 1", multi.with("p", "AQ"))
	r.parse("R13 dp", multi.with("dp", "AQ"))
	r.parse("R13 qi", multi.with("qi", "AQ"))
	r.parse("R13 d", multi.with("d", multi.plus(r, "d", big.NewInt(2))))
}

// rocaLike returns a number that is 1 modulo each small prime. It is therefore a power of 65537
// modulo each of them, as are the moduli of CVE-2017-15361 (ROCA).
func rocaLike() *big.Int {
	n := big.NewInt(2)
	for p := int64(3); p <= 167; p += 2 {
		if q := big.NewInt(p); q.ProbablyPrime(0) {
			n.Mul(n, q)
		}
	}
	n.Lsh(n, uint(2048-n.BitLen()))
	return n.Add(n, one)
}

// smallD returns an RSA key with a d of at most half the bits of n. Such a d exists because p-1
// divides q-1. The parser does not check that p and q are prime, and they need not be.
func smallD(t testing.TB) object {
	for p := fixture(t, "RSA-2048").integer(t, "p"); ; p.Add(p, big.NewInt(2)) {
		q := new(big.Int).Lsh(p, 1)
		q.Sub(q, one)
		lcm := new(big.Int).Sub(q, one)
		if new(big.Int).GCD(nil, nil, lcm, big.NewInt(1<<31-1)).Cmp(one) != 0 {
			continue
		}
		o := rsaObject(t, 1<<31-1, p, q)
		if o.integer(t, "d").BitLen() <= o.integer(t, "n").BitLen()/2 {
			return o
		}
	}
}

func (r *refusals) ofCurves() {
	p256, p521, x25519, ed448Key := public(r, "P-256"), public(r, "P-521"), public(r, "X25519"), public(r, "Ed448")
	ones := bytes.Repeat([]byte{0xff}, 57)
	r.parse("E01 x and y swapped", p256.with("x", p256["y"], "y", p256["x"]))
	r.parse("E04 x of 31 octets", p256.with("x", encoded(make([]byte, 31))))
	r.parse("E04 y of 65 octets", p521.with("y", encoded(make([]byte, 65))))
	r.parse("E05 d of another key", fixture(r, "P-256").with("d", fixture(r, "secp256k1")["d"]))
	r.parse("E06 d zero", fixture(r, "P-256").with("d", encoded(make([]byte, 32))))
	r.parse("E07 no crv", p256.without("crv"))
	r.parse("E07 P-224", p256.with("crv", "P-224"))
	r.parse("E09 no y", p256.without("y"))
	r.parse("K01 off the curve", public(r, "secp256k1").with("x", p256["x"]))
	r.parse("K01 secp256k1 of OKP", public(r, "secp256k1").with("kty", "OKP"))
	r.parse("K02 d n or more", fixture(r, "secp256k1").with("d", encoded(ones[:32])))
	r.parse("K02 d of another key", fixture(r, "secp256k1").with("d", fixture(r, "P-256")["d"]))
	r.parse("O01 x of 1 octet", public(r, "Ed25519").with("x", "AA"))
	r.parse("O02 small order", public(r, "Ed25519").with("x", encoded(make([]byte, 32))))
	r.parse("O04 y not less than p", public(r, "Ed25519").with("x", encoded(ones[:32])))
	r.parse("O05 Ed25519", fixture(r, "Ed25519").with("d", fixture(r, "X25519")["d"]))
	r.parse("O05 X25519", fixture(r, "X25519").with("d", fixture(r, "Ed25519")["d"]))
	r.parse("O05 Ed448", fixture(r, "Ed448").with("d", encoded(ones)))
	r.parse("O05 X448", fixture(r, "X448").with("d", encoded(ones[:56])))
	r.parse("O06 d of 31 octets", fixture(r, "Ed25519").with("d", encoded(make([]byte, 31))))
	r.parse("O07 low order", x25519.with("x", encoded(make([]byte, 32))))
	r.parse("O07 X448 low order", public(r, "X448").with("x", encoded(make([]byte, 56))))
	r.parse("O08 u not less than p", x25519.with("x", encoded(ones[:32])))
	r.parse("O08 X448 u not less than p", public(r, "X448").with("x", encoded(ones[:56])))
	r.parse("O09 Ed448 more bits", ed448Key.with("x", encoded(ones)))
}

func (r *refusals) ofAKP() {
	pub, full := public(r, "ML-DSA-44"), fixture(r, "ML-DSA-44")
	r.parse("P01 no alg", pub.without("alg"))
	r.parse("P01 another alg", pub.with("alg", "ml-dsa-44"))
	r.parse("P02 pub of ML-DSA-65", pub.with("pub", public(r, "ML-DSA-65")["pub"]))
	r.parse("P03 priv of 31 octets", full.with("priv", encoded(make([]byte, 31))))
	r.parse("P03 draft member seed", pub.with("seed", "AA"))
	r.parse("P04 priv of another key", full.with("priv", fixture(r, "ML-DSA-65")["priv"]))
	r.parse("P02 t1 of zeros", pub.with("pub", encoded(make([]byte, 1312))))
	_, err := pub.key(r).WithAttributes(jwk.Attributes{Algorithm: jwk.MLDSA65})
	r.add("WithAttributes: alg of another parameter set", err)
}

func (r *refusals) ofUsage() {
	p256, rsaKey := public(r, "P-256"), public(r, "RSA-2048")
	r.parse("S01 HS256 of 31 octets", octOf(31).with("alg", "HS256"))
	r.parse("S01 A128KW of 17 octets", octOf(17).with("alg", "A128KW"))
	r.parse("M01 use sig, key_ops wrapKey", rsaKey.with("use", "sig", "key_ops", []string{"wrapKey", "encrypt"}))
	r.parse("M02 an operation twice", p256.with("key_ops", []string{"verify", "verify"}))
	r.parse("M02 an unknown operation twice", p256.with("key_ops", []string{"x\n", "x\n"}))
	r.parse("X05 x5u not a URI", p256.with("x5u", "a b"))
	r.parse("M02 key_ops a string", p256.with("key_ops", "verify"))
	r.parse("M02 key_ops of a number", p256.with("key_ops", []any{"verify", 1}))
	r.parse("M02 33 operations", p256.with("key_ops", slices.Repeat([]string{"x"}, 33)))
	r.parse("M03 RS256 on EC", p256.with("alg", "RS256"))
	r.parse("M03 ES256 on P-384", public(r, "P-384").with("alg", "ES256"))
	r.parse("M03 use enc on Ed25519", public(r, "Ed25519").with("use", "enc"))
	r.parse("M03 deriveKey on Ed25519", public(r, "Ed25519").with("key_ops", []string{"deriveKey"}))
	r.parse("M03 alg and use", rsaKey.with("alg", "RS256", "use", "enc"))
	r.parse("M03 alg and key_ops", rsaKey.with("alg", "RS256", "key_ops", []string{"wrapKey"}))
	r.parse("M04 alg none", p256.with("alg", "none"))
}

func (r *refusals) ofCertificates() {
	k := public(r, "P-256")
	leaf, other := issue(r, k.key(r).PublicKey()), issue(r, public(r, "RSA-2048").key(r).PublicKey())
	r.parse("X01 leaf for another key", k.with("x5c", x5c(other)))
	r.parse("X02 another x5t#S256", k.with("x5c", x5c(leaf), "x5t#S256", encoded(make([]byte, 32))))
	r.parse("X02 x5t of 3 octets", k.with("x5t", "AAAA"))
	r.parse("X03 empty", k.with("x5c", []string{}))
	r.parse("X03 of null", k.with("x5c", []any{nil}))
	r.parse("X03 a string", k.with("x5c", "AAAA"))
	r.parse("X03 not a certificate", k.with("x5c", append(x5c(leaf), "AAAA")))
	r.parse("X03 11 certificates", k.with("x5c", slices.Repeat(x5c(leaf), 11)))
	r.parse("B08 URL alphabet", k.with("x5c", []string{"-_-_"}))
	r.parse("X03 a long certificate", k.with("x5c", x5c(leaf, sized(r, leaf, 64<<10+1))))
	wide := new(big.Int).Lsh(big.NewInt(1), 8192)
	for _, info := range []struct {
		name string
		n, e *big.Int
	}{
		{"an RSA modulus of 8193 bits", wide, big.NewInt(3)},
		{"an RSA exponent of 32 bits", big.NewInt(3), big.NewInt(1<<31 + 1)},
		{"an even RSA exponent", big.NewInt(3), big.NewInt(4)},
		{"a negative RSA modulus", big.NewInt(-3), big.NewInt(3)},
	} {
		r.parse("X03 "+info.name, k.with("x5c", x5c(leaf, withPublicKey(r, leaf, rsaSPKI(r, oidRSAKey, info.n, info.e)))))
	}

	certificate := must[*x509.Certificate](r)(x509.ParseCertificate(leaf))
	attrs := func(c ...*x509.Certificate) *jwk.Attributes { return &jwk.Attributes{Certificates: c} }
	_, err := jwk.FromCertificates(nil, nil)
	r.add("FromCertificates: no certificate", err)
	_, err = jwk.FromCertificates([]*x509.Certificate{{}}, nil)
	r.add("FromCertificates: a zero certificate", err)
	_, err = jwk.FromCertificates([]*x509.Certificate{certificate, nil}, nil)
	r.add("FromCertificates: nil after the first", err)
	_, err = jwk.FromCertificates([]*x509.Certificate{certificate}, attrs(certificate))
	r.add("FromCertificates: certificates in attrs too", err)
	_, err = k.key(r).VerifyCertificates(x509.VerifyOptions{})
	r.add("VerifyCertificates: no x5c", err)
	roots := x509.NewCertPool()
	_, err = k.with("x5c", x5c(leaf)).key(r).VerifyCertificates(x509.VerifyOptions{Roots: roots, CurrentTime: time.Unix(1_700_000_000, 0)})
	r.add("VerifyCertificates: no root", err)
	unreadable := withPublicKey(r, leaf, asn1.RawValue{FullBytes: must[[]byte](r)(public(r, "secp256k1").key(r).MarshalDER())})
	_, err = public(r, "secp256k1").with("x5c", x5c(unreadable)).key(r).Certificates()
	r.add("Certificates: for a key type that crypto/x509 does not support", err)
}

// ofHolders adds the errors of keys whose private half is held elsewhere, such as in a KMS.
func (r *refusals) ofHolders() {
	v := newVault(r, "P-256")
	k := heldKey(r, v, nil)
	_, err := k.MarshalPrivateJSON()
	r.add("MarshalPrivateJSON: held elsewhere", err)
	_, err = jwk.NewSet(k).MarshalPrivateJSON()
	r.add("Set.MarshalPrivateJSON: held elsewhere", err)
	_, err = jwk.As[*ecdsa.PrivateKey](k)
	r.add("As: a private form, held elsewhere", err)
	_, err = heldKey(r, newSafe(r, "RSA-2048"), nil).JOSESigner(jwk.RS256)
	r.add("JOSESigner: the holder decrypts", err)
	signer := joseSigner(r, k, jwk.ES256)
	sign := func() error { _, err := signer.SignPayload(nil, jose.ES256); return err }
	v.fail = errors.New("sealed\n")
	r.add("JOSESigner: the holder fails", sign())
	v.fail, v.bend = nil, func(b []byte) []byte { return b[1:] }
	r.add("JOSESigner: the holder returns a malformed signature", sign())
	v.bend = func([]byte) []byte { return []byte{0x30, 6, 2, 1, 1, 2, 1, 1} }
	r.add("JOSESigner: the holder returns another signature", sign())
}

func (r *refusals) ofSets() {
	k := public(r, "Ed25519").with("kid", "a")
	text, secret := string(k.json(r)), string(fixture(r, "P-256").json(r))
	strict, failFast := jwk.Parser{}, jwk.Parser{FailFast: true}
	r.set("C01 no keys", strict, `{}`)
	r.set("C01 keys null", strict, `{"keys":null}`)
	r.set("C01 an array", strict, `[]`)
	r.set("C02 a null entry", failFast, `{"keys":[`+text+`,null]}`)
	r.set("C03 one kid twice", jwk.Parser{UniqueKeyIDs: true}, setOf(text, text))
	r.set("C04 unknown kty", failFast, setOf(text, `{"kty":"X"}`))
	r.set("C05 a private key", jwk.Parser{PublicOnly: true}, setOf(text, secret))
	r.set("C05 a private key next to keys", jwk.Parser{PublicOnly: true}, `{"keys":[],"backup":`+secret+`}`)
	r.set("J01 a name twice", strict, `{"keys":[],"a":1,"a":2}`)
	r.set("J12 too many keys", jwk.Parser{MaxKeys: 1}, setOf(text, text))

	for _, tt := range []struct{ name, text string }{
		{"V01 a private key", setOf(text, secret)},
		{"V01 a skipped private key", setOf(text, `{"kty":"X","d":"AA"}`)},
		{"V01 a private key next to keys", `{"keys":[],"backup":` + secret + `}`},
		{"V01 a private key within a key", setOf(string(k.with("a", fixture(r, "P-256")).json(r)))},
	} {
		_, err := must[*jwk.Set](r)(jwk.ParseSet([]byte(tt.text))).MarshalJSON()
		r.add(tt.name, err)
	}
	set := must[*jwk.Set](r)(jwk.ParseSet([]byte(setOf(text))))
	r.add("UnmarshalJSON of a set in use", set.UnmarshalJSON([]byte(setOf())))
	_, err := set.Find(context.Background(), jwk.Query{KeyID: "b", Algorithm: jwk.EdDSA})
	r.add("C06 Find: no such kid", err)
	_, err = set.Find(context.Background(), jwk.Query{KeyID: "a", Algorithm: jwk.RS256})
	r.add("C07 Find: not for the alg", err)
	_, err = new(jwk.Set).Find(context.Background(), jwk.Query{})
	r.add("Find: an empty set", err)
	_, err = set.With(public(r, "X448").key(r)).JOSE()
	r.add("JOSE: a key that go-jose cannot hold", err)
}

// unchecked returns a key built from its coordinates, without the checks that crypto/ecdsa makes
// in its constructors.
func unchecked(curve elliptic.Curve, x, y *big.Int) *ecdsa.PublicKey {
	//lint:ignore SA1019 New must refuse such a key
	return &ecdsa.PublicKey{Curve: curve, X: x, Y: y}
}

func (r *refusals) ofGoKeys() {
	full := must[*rsa.PrivateKey](r)(jwk.As[*rsa.PrivateKey](fixture(r, "RSA-2048").key(r)))
	altered := func(primes ...*big.Int) *rsa.PrivateKey {
		return &rsa.PrivateKey{PublicKey: full.PublicKey, D: full.D, Primes: primes}
	}
	p, q, three := full.Primes[0], full.Primes[1], big.NewInt(3)
	pub := public(r, "P-256").key(r).PublicKey()
	attrs := func(a jwk.Attributes) *jwk.Attributes { return &a }
	extra := func(name string, value any) *jwk.Attributes {
		return &jwk.Attributes{Extra: map[string]any{name: value}}
	}

	r.make("New: nil", nil, nil)
	r.make("New: a number", 5, nil)
	r.make("New: a value that should be a pointer", full.PublicKey, nil)
	r.make("New: a pointer to a secret", new([]byte), nil)
	r.make("New: a Key", public(r, "Ed25519").key(r), nil)
	r.make("New: a certificate", new(x509.Certificate), nil)
	r.make("New: a key of go-jose", jose.JSONWebKey{}, nil)
	r.make("New: P-224", unchecked(elliptic.P224(), three, three), nil)
	r.make("New: a nil RSA key", (*rsa.PublicKey)(nil), nil)
	r.make("R03 New: 8193 bits", &rsa.PublicKey{N: new(big.Int).SetBit(three, 8192, 1), E: 3}, nil)
	r.make("New: no private exponent", &rsa.PrivateKey{PublicKey: full.PublicKey}, nil)
	r.make("New: one prime", altered(p), nil)
	r.make("New: six primes", altered(p, q, p, q, p, q), nil)
	r.make("New: a prime that is n", altered(full.N, q), nil)
	r.make("New: primes that are not coprime", altered(p, p), nil)
	r.make("New: a third prime that is not coprime", altered(p, q, p), nil)
	r.make("New: an EC key without parts", &ecdsa.PublicKey{Curve: elliptic.P256()}, nil)
	r.make("New: off the curve", unchecked(elliptic.P256(), three, three), nil)
	r.make("New: a nil secp256k1 key", (*secp256k1.PublicKey)(nil), nil)
	r.make("New: a nil ML-DSA key", (*mldsa.PublicKey)(nil), nil)
	r.make("New: half an Ed448 key", ed448.PrivateKey{1}, nil)
	r.make("New: half an Ed25519 key", ed25519.PrivateKey{1}, nil)
	r.make("B06 New: an empty secret", []byte{}, nil)

	r.make("New: kid not UTF-8", pub, attrs(jwk.Attributes{KeyID: "a\xff"}))
	r.make("New: unknown operations", pub, attrs(jwk.Attributes{Ops: 1 << 8}))
	r.make("New: a nil certificate", pub, attrs(jwk.Attributes{Certificates: []*x509.Certificate{nil}}))
	r.make("New: exp after 9999", pub, attrs(jwk.Attributes{Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}))
	r.make("New: key material in Extra", pub, extra("d", "AQAB"))
	r.make("New: a channel in Extra", pub, extra("a", make(chan int)))
	r.make("New: half of a surrogate pair in Extra", pub, extra("a", jsontext.Value(`"\ud800"`)))
	r.make("New: kid a number in Extra", pub, extra("kid", 1))

	r.make("New: a signer without a public key", holderOf{}, nil)
	r.make("New: a signer with a value", holderOf{full.PublicKey}, nil)
	r.make("New: a signer with a nil RSA key", holderOf{(*rsa.PublicKey)(nil)}, nil)
	r.make("New: a signer with an X25519 key", holderOf{public(r, "X25519").key(r).PublicKey()}, nil)
	r.make("New: a nil signer", (*vault)(nil), nil)
	r.ofHolders()

	_, err := jwk.FromJOSE(jose.JSONWebKey{})
	r.add("FromJOSE: without a Key", err)
	chain := must[*x509.Certificate](r)(x509.ParseCertificate(issue(r, pub)))
	_, err = jwk.FromJOSE(jose.JSONWebKey{Key: pub, Certificates: []*x509.Certificate{chain}, CertificateThumbprintSHA256: make([]byte, 32)})
	r.add("X02 FromJOSE: another thumbprint", err)
	_, err = jwk.FindJOSEVerifier(r.Context(), nil, jose.Header{})
	r.add("FindJOSEVerifier: no source", err)
	_, err = public(r, "secp256k1").key(r).JOSE()
	r.add("JOSE: secp256k1", err)
	_, err = public(r, "P-256").with("x5c", x5c(chain.Raw, unparsable(r, chain.Raw))).key(r).JOSE()
	r.add("JOSE: a certificate that does not parse", err)
	_, err = public(r, "P-256").with("x5u", "https://[::1").key(r).JOSE()
	r.add("JOSE: x5u not a URL", err)
	_, err = fixture(r, "P-256").key(r).JOSESigner(jwk.A128KW)
	r.add("JOSESigner: not a signature algorithm", err)
	_, err = fixture(r, "P-256").key(r).JOSESigner(jwk.ES384)
	r.add("JOSESigner: an algorithm of another curve", err)
	_, err = public(r, "P-256").key(r).JOSESigner(jwk.ES256)
	r.add("JOSESigner: a public key", err)
	composite := compositeFactors(r)["p"]
	signer, err := composite.key(r).JOSESigner(jwk.RS256)
	if err != nil {
		r.Fatal(err)
	}
	_, err = signer.SignPayload([]byte("header.payload"), jose.RS256)
	r.add("SignPayload: a factor that is not prime", err)
}

func (r *refusals) ofGenerate() {
	with := func(a jwk.Attributes) *jwk.GenerateOptions { return &jwk.GenerateOptions{Attributes: a} }
	r.generate("Generate: alg none", "none", nil)
	r.generate("Generate: another case", "rs256", nil)
	r.generate("Generate: alg of the attributes", jwk.ES256, with(jwk.Attributes{Algorithm: jwk.ES384}))
	r.generate("Generate: use of another purpose", jwk.ES256, with(jwk.Attributes{Use: jwk.UseEnc}))
	r.generate("Generate: a curve of another alg", jwk.ES256, &jwk.GenerateOptions{Curve: jwk.CurveP384})
	r.generate("Generate: an unsupported curve", jwk.ECDHES, &jwk.GenerateOptions{Curve: "P-224"})
	r.generate("Generate: a curve for RSA", jwk.RS256, &jwk.GenerateOptions{Curve: jwk.CurveP256})
	r.generate("Generate: bits for EC", jwk.ES256, &jwk.GenerateOptions{Bits: 256})
	r.generate("R15 Generate: 2049 bits", jwk.RS256, &jwk.GenerateOptions{Bits: 2049})
	r.generate("Generate: 8 bits", jwk.HS256, &jwk.GenerateOptions{Bits: 8})
	r.generate("S01 Generate: 128 bits", jwk.HS256, &jwk.GenerateOptions{Bits: 128})
}

func (r *refusals) ofKeys() {
	private, pub, secret := fixture(r, "P-256").key(r), public(r, "P-256").key(r), octOf(32).key(r)
	_, err := new(jwk.Key).Public()
	r.add("the zero Key", err)
	_, err = secret.Public()
	r.add("S02 Public: oct", err)
	_, err = jwk.As[*ecdsa.PrivateKey](pub)
	r.add("As: a private form of a public key", err)
	_, err = jwk.As[*rsa.PublicKey](private)
	r.add("As: another type", err)
	_, err = jwk.As[ecdsa.PublicKey](public(r, "P-256").key(r))
	r.add("As: a value", err)
	_, err = secret.Signer()
	r.add("Signer: oct", err)
	_, err = fixture(r, "X25519").key(r).Signer()
	r.add("Signer: X25519", err)
	_, err = pub.Secret()
	r.add("Secret: EC", err)
	_, err = pub.ThumbprintHash(crypto.MD4)
	r.add("ThumbprintHash: not linked", err)
	_, err = jwk.ParseThumbprint("AAAA")
	r.add("ParseThumbprint", err)
	_, err = must[crypto.Signer](r)(fixture(r, "secp256k1").key(r).Signer()).Sign(nil, make([]byte, 20), crypto.SHA1)
	r.add("K01 Sign: another digest", err)
	_, err = jwk.X448PrivateKey{1}.ECDH(jwk.X448PublicKey{})
	r.add("O07 ECDH", err)
	_, err = jwk.X448PrivateKey{1}.MarshalText()
	r.add("Z06 MarshalText of an X448 key", err)
	_, err = jwk.EncryptOptions{}.GobEncode()
	r.add("Z06 GobEncode of options", err)
	_, err = jwk.Skipped{}.GobEncode()
	r.add("Z06 GobEncode of a skipped entry", err)
	_, err = secret.MarshalDER()
	r.add("MarshalDER: oct", err)
	_, err = pub.MarshalPrivateDER()
	r.add("MarshalPrivateDER: public", err)
}

func (r *refusals) ofDER() {
	r.der("a public key with an explicit tag, X25519", explicitPublic(r, "X25519", asn1.ObjectIdentifier{1, 3, 101, 110}))
	octets := must[[]byte](r)
	point := append([]byte{4}, append(fixtureOctets(r, "P-256", "x"), fixtureOctets(r, "P-256", "y")...)...)
	scalar, seed, x := fixtureOctets(r, "P-256", "d"), fixtureOctets(r, "Ed25519", "d"), fixtureOctets(r, "Ed25519", "x")
	mldsaSeed, _, expanded := mldsaOctets(r)
	id := func(ids ...asn1.ObjectIdentifier) []byte { return algorithm(r, ids...) }
	ec, ed, ml := []asn1.ObjectIdentifier{oidECKey, oidP256}, []asn1.ObjectIdentifier{oidEd25519}, []asn1.ObjectIdentifier{oidMLDSA44}
	prime := sequence(integer(3), integer(1), integer(1))

	r.der("not a key", integer(1))
	r.der("bytes after the key", octets(public(r, "P-256").key(r).MarshalDER()), []byte{0})
	r.der("SPKI: DSA", sequence(id(oidDSA), bitString(integer(1))))
	r.der("SPKI: P-224", sequence(id(oidECKey, asn1.ObjectIdentifier{1, 3, 132, 0, 33}), bitString(point)))
	r.der("SPKI: RSASSA-PSS", sequence(id(oidPSS), bitString(integer(1))))
	r.der("SPKI: GOST", sequence(id(oidGOST), bitString(integer(1))))
	r.der("SPKI: a curve without a name", sequence(id(oidECKey), bitString(point)))
	r.der("SPKI: Diffie-Hellman", sequence(id(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}), bitString(integer(1))))
	r.der("SPKI: RSA without NULL", sequence(id(oidRSAKey), bitString(integer(1))))
	r.der("SPKI: explicit curve", sequence(sequence(marshalASN1(r, oidECKey), sequence()), bitString(point)))
	r.der("SPKI: a compressed point", sequence(id(ec...), bitString(append([]byte{2}, point[1:33]...))))
	r.der("SPKI: a short point", sequence(id(ec...), bitString(point[:64])))
	r.der("E01 SPKI: off the curve", sequence(id(ec...), bitString(flipped(point, 64))))
	r.der("O05 RFC 5958: another public key", pkcs8(r, 1, ed, octetString(seed), tlv(0x81, []byte{0}, flipped(x, 0))))
	r.der("O06 PKCS #8: seed of 31 octets", pkcs8(r, 0, ed, octetString(seed[:31])))
	r.der("PKCS #8: bare octets", pkcs8(r, 0, ed, seed))
	r.der("E06 PKCS #8: zero", pkcs8(r, 0, ec, sequence(integer(1), octetString(make([]byte, 32)))))
	r.der("PKCS #8: scalar of 31 octets", pkcs8(r, 0, ec, sequence(integer(1), octetString(scalar[1:]))))
	r.der("PKCS #8: two curves", pkcs8(r, 0, ec, sequence(integer(1), octetString(scalar), explicit(0, marshalASN1(r, oidP384)))))
	r.der("K02 SEC 1: secp256k1, zero", sequence(integer(1), octetString(make([]byte, 32)), explicit(0, marshalASN1(r, oidSecp256k1))))
	r.der("P03 PKCS #8: seed of 31 octets", pkcs8(r, 0, ml, tlv(0x80, mldsaSeed[1:])))
	r.der("P03 PKCS #8: only the expanded key", pkcs8(r, 0, ml, octetString(expanded)))
	r.der("P04 PKCS #8: another expanded key", pkcs8(r, 0, ml, sequence(octetString(mldsaSeed), octetString(flipped(expanded, 0)))))
	r.der("SEC 1: no curve", sequence(integer(1), octetString(scalar)))
	r.der("PKCS #1: version 2", rsaPrivateDER(r, 2, fixture(r, "RSA-2048")))
	r.der("R13 PKCS #1: six primes", rsaPrivateDER(r, 1, fixture(r, "RSA-2048"), sequence(prime, prime, prime, prime)))
	r.der("a malformed certificate", sequence(sequence(integer(1)), sequence(), bitString(nil)))
	r.der("encrypted", encryptedInfo(r, passphrase, padded16(seed)))
	_, err := (&jwk.Parser{PublicOnly: true}).ParseDER(octets(fixture(r, "P-256").key(r).MarshalPrivateDER()))
	r.add("C05 PublicOnly", err)
}

func (r *refusals) ofPEM() {
	octets := must[[]byte](r)
	k := fixture(r, "P-256").key(r)
	plain, opts := octets(k.MarshalPrivatePEM()), fromPassphrase()
	info := func(parts ...[]byte) []byte {
		kdf := append([][]byte{octetString(make([]byte, 16)), integer(1000)}, parts...)
		return r.pbes2(sequence(kdf...), oidAES256, 16, 16)
	}
	r.pem("no block", []byte("words"), nil)
	seed, ed := fixtureOctets(r, "Ed25519", "d"), []asn1.ObjectIdentifier{oidEd25519}
	oneLine := func(end string) []byte { return bytes.ReplaceAll(plain, []byte("\n"), []byte(end)) }
	r.pem("a byte order mark", join([]byte("\uFEFF"), plain), nil)
	r.pem("carriage returns", oneLine("\r"), nil)
	r.pem("blanks", oneLine(" "), nil)
	r.pem(`the characters \n`, oneLine(`\n`), nil)
	r.pem("nothing between lines", oneLine(""), nil)
	r.pem("no line break before END", bytes.Replace(plain, []byte("\n-----END"), []byte("-----END"), 1), nil)
	r.pem("text before BEGIN", join([]byte("KEY="), plain), nil)
	r.pem("BEGIN without dashes", bytes.Replace(plain, []byte("KEY-----"), []byte("KEY----"), 1), nil)
	r.pem("END without BEGIN", plain[1:], nil)
	r.pem("not base64", bytes.Replace(plain, []byte("\nM"), []byte("\n!"), 1), nil)
	r.pem("PKCS #8 as RSA PRIVATE KEY", block("RSA PRIVATE KEY", octets(k.MarshalPrivateDER())), nil)
	r.pem("PKCS #1 as PRIVATE KEY", block("PRIVATE KEY", rsaPrivateDER(r, 0, fixture(r, "RSA-2048"))), nil)
	r.pem("SPKI as RSA PUBLIC KEY", block("RSA PUBLIC KEY", octets(k.MarshalDER())), nil)
	r.pem("a public key as PRIVATE KEY", block("PRIVATE KEY", octets(k.MarshalDER())), nil)
	r.pem("an encrypted key as PRIVATE KEY", block("PRIVATE KEY", encryptedInfo(r, passphrase, padded16(seed))), nil)
	r.pem("an unknown label of SPKI", block("EC PUBLIC KEY", octets(k.MarshalDER())), nil)
	r.pem("the public key of ring", block("PRIVATE KEY", pkcs8(r, 1, ed, octetString(seed), explicit(1, bitString(fixtureOctets(r, "Ed25519", "x"))))), nil)
	r.pem("zero CRT values", block("RSA PRIVATE KEY", rsaPrivateDER(r, 0, withZeros(r, "dp", "dq", "qi"))), nil)
	r.pem("zero primes", block("RSA PRIVATE KEY", rsaPrivateDER(r, 0, withZeros(r, "p", "q", "dp", "dq", "qi"))), nil)
	r.pem("zero qi", block("RSA PRIVATE KEY", rsaPrivateDER(r, 0, withZeros(r, "qi"))), nil)
	for _, label := range foreignLabels {
		r.pem(label, block(label, nil), nil)
	}
	r.pem("EC PARAMETERS only", block("EC PARAMETERS", marshalASN1(r, oidP256)), nil)
	signer := signerOf(r, "P-256")
	a := (*issuer)(nil).certify(r, "a", true, signer)
	ab, ba := a.certify(r, "b", true, signer), (*issuer)(nil).certify(r, "b", true, signer).certify(r, "a", true, signer)
	r.pem("authorities in a circle", join(block("CERTIFICATE", ab.cert.Raw), block("CERTIFICATE", ba.cert.Raw)), nil)
	s := must[*jwk.Set](r)(jwk.ParsePEM(longChain(r)))
	r.add("X03 the 11th certificate of a chain", s.Skipped()[0].Err)
	s = must[*jwk.Set](r)(jwk.ParsePEM(sharedChains(r)))
	r.add("X03 chains that share a large certificate", s.Skipped()[0].Err)
	r.pem("three blocks", join(block("X509 CRL", nil), block("X509 CRL", nil), block("X509 CRL", nil)), nil)
	r.pem("a block without end", plain[:40], nil)
	r.pem("another label", block("ANOTHER", nil), nil)
	r.pem("a label that may be a secret", block("secret", nil), nil)
	r.pem("17 headers", withHeaders(plain, 17, "a: b"), nil)
	r.pem("encrypted", block("ENCRYPTED PRIVATE KEY", info()), nil)
	r.pem("encrypted, the old form", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}}), nil)
	_, err := (&jwk.Parser{MaxKeys: 1}).ParsePEM(join(plain, plain))
	r.add("J12 too many blocks", err)
	_, err = (&jwk.Parser{PublicOnly: true}).ParsePEM(plain)
	r.add("C05 PEM with PublicOnly", err)

	r.pem("DecryptPEM: not encrypted", plain, opts)
	r.pem("DecryptPEM: no passphrase", plain, &jwk.DecryptOptions{Key: k})
	r.pem("D07 DecryptPEM: another passphrase", block("ENCRYPTED PRIVATE KEY", encryptedInfo(r, []byte("another"), padded16(octets(k.MarshalPrivateDER())))), opts)
	for _, tt := range []struct {
		name string
		der  []byte
	}{
		{"PBES1", sequence(algorithm(r, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 3}), octetString(make([]byte, 16)))},
		{"PBES1 of PKCS #12", sequence(algorithm(r, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 3}), octetString(make([]byte, 16)))},
		{"3DES", r.pbes2(sequence(), asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 8, 16)},
		{"scrypt", r.pbes2(nil, oidAES256, 16, 16)},
		{"another cipher", r.pbes2(sequence(), oidDSA, 16, 16)},
		{"not of whole blocks", r.pbes2(sequence(octetString(nil), integer(1000)), oidAES256, 16, 15)},
		{"a short iv", r.pbes2(sequence(octetString(nil), integer(1000)), oidAES256, 15, 16)},
		{"a long salt", r.pbes2(sequence(octetString(make([]byte, 1025)), integer(1000)), oidAES256, 16, 16)},
		{"another length of key", info(integer(16))},
		{"another hash", info(sequence(marshalASN1(r, oidDSA)))},
		{"D10 few iterations", r.pbes2(sequence(octetString(nil), integer(1)), oidAES256, 16, 16)},
		{"D10 many iterations", r.pbes2(sequence(octetString(nil), integer(1_000_001)), oidAES256, 16, 16)},
		{"D10 far too many iterations", r.pbes2(sequence(octetString(nil), integer(1<<40)), oidAES256, 16, 16)},
	} {
		r.pem("DecryptPEM: "+tt.name, block("ENCRYPTED PRIVATE KEY", tt.der), opts)
	}
	many := bytes.Repeat(block("ENCRYPTED PRIVATE KEY", r.pbes2(sequence(), oidDSA, 16, 16)), 17)
	s = must[*jwk.Set](r)(jwk.DecryptPEM(join(many, goodPEM(r)), opts))
	r.add("D10 DecryptPEM: 17 blocks", s.Skipped()[16].Err)
	r.pem("DecryptPEM: no key", many, opts)
	_, err = k.EncryptPEM(nil)
	r.add("EncryptPEM: no options", err)
}

var (
	oidAES256     = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
)

// pbes2 returns an EncryptedPrivateKeyInfo (RFC 5958) of zeros: it has the parameters of an
// encryption but no ciphertext that decrypts. The key derivation is PBKDF2 with the given
// parameters, or scrypt if they are nil. iv and text are lengths in octets.
func (r *refusals) pbes2(pbkdf2 []byte, cipher asn1.ObjectIdentifier, iv, text int) []byte {
	kdf := sequence(marshalASN1(r, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}), pbkdf2)
	if pbkdf2 == nil {
		kdf = sequence(marshalASN1(r, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}), sequence())
	}
	return sequence(sequence(marshalASN1(r, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}), sequence(kdf,
		sequence(marshalASN1(r, cipher), octetString(make([]byte, iv))))), octetString(make([]byte, text)))
}

func (r *refusals) ofEncryption() {
	p256, ecPublic := fixture(r, "P-256").key(r), public(r, "P-256").key(r)
	long := bytes.Repeat([]byte{'p'}, 4097)
	r.encrypt("Encrypt: no options", nil)
	r.encrypt("D07 Encrypt: empty passphrase", &jwk.EncryptOptions{Passphrase: []byte{}})
	r.encrypt("D07 Encrypt: long passphrase", &jwk.EncryptOptions{Passphrase: long})
	r.encrypt("D10 Encrypt: few iterations", &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 999})
	r.encrypt("D10 Encrypt: many iterations", &jwk.EncryptOptions{Passphrase: passphrase, PBES2Count: 1_000_000_001})
	r.encrypt("Encrypt: iterations and a recipient", &jwk.EncryptOptions{Recipient: ecPublic, PBES2Count: 1000})
	r.encrypt("Encrypt: to Ed25519", &jwk.EncryptOptions{Recipient: public(r, "Ed25519").key(r)})
	r.encrypt("Encrypt: to a key for signatures", &jwk.EncryptOptions{Recipient: public(r, "RSA-2048").with("use", "sig").key(r)})
	r.encrypt("Encrypt: a long kid", &jwk.EncryptOptions{Recipient: octOf(32).with("kid", strings.Repeat("k", 16<<10)).key(r)})

	dir := octOf(32).key(r)
	text := string(ecPublic.Thumbprint().String())
	direct := func(header string) []byte { return directJWE(r, dir, header, text) }
	by := &jwk.DecryptOptions{Key: dir}
	good := direct(`{"alg":"dir","enc":"A256GCM"}`)
	r.decrypt("Decrypt: no options", good, nil)
	r.decrypt("Decrypt: iterations and a key", good, &jwk.DecryptOptions{Key: dir, MaxPBES2Count: 1000})
	r.decrypt("Decrypt: a public key", good, &jwk.DecryptOptions{Key: ecPublic})
	r.decrypt("Decrypt: too large", good, &jwk.DecryptOptions{Key: dir, Parser: &jwk.Parser{MaxBytes: 10}})
	r.decrypt("D11 two parts", []byte("a.b"), by)
	r.decrypt("D11 an empty header", []byte("...."), by)
	r.decrypt("D04 stray bits in the iv", []byte(strings.Replace(string(good), ".AAAA", ".AAAB=", 1)), by)
	r.decrypt("D11 an iv of 11 octets", withPart(r, good, "iv", make([]byte, 11)), by)
	r.decrypt("D11 a tag of 1 octet", withPart(r, good, "tag", make([]byte, 1)), by)
	r.decrypt("D11 no ciphertext", withPart(r, good, "ciphertext", nil), by)
	r.decrypt("D11 an encrypted key with dir", withPart(r, good, "encrypted_key", make([]byte, 8)), by)
	r.decrypt("D03 altered", withPart(r, good, "tag", make([]byte, 16)), by)
	r.decrypt("a header of 17 KiB", direct(`{"alg":"dir","enc":"A256GCM","kid":"`+strings.Repeat("k", 17<<10)+`"}`), by)
	for _, header := range []string{
		`[]`, `{"enc":"A256GCM"}`, `{"alg":"dir"}`, `{"alg":"dir","enc":"X"}`, `{"alg":"dir","alg":"dir","enc":"A256GCM"}`,
		`{"alg":1}`, `{"alg":"dir","enc":"A256GCM","zip":"DEF"}`, `{"alg":"dir","enc":"A256GCM","epk":{}}`,
		`{"alg":"dir","enc":"A256GCM","nonce":1}`,
		`{"alg":"dir","enc":"A256GCM","cty":"jwk-set+json"}`, `{"alg":"dir","enc":"A256GCM","cty":"JWT"}`,
		`{"alg":"RSA1_5","enc":"A256GCM"}`, `{"alg":"PBES2-HS512+A256KW","enc":"A256GCM"}`, `{"alg":"A128KW","enc":"A256GCM"}`,
	} {
		r.decrypt("header "+header, direct(header), by)
	}
	_, err := jwk.DecryptSet(direct(`{"alg":"dir","enc":"A256GCM","cty":"jwk+json"}`), by)
	r.add("DecryptSet: a key", err)

	gcm := octOf(32).with("alg", "A256GCMKW").key(r)
	wrapped := withPart(r, direct(`{"alg":"A256GCMKW","enc":"A256GCM","iv":"AAAA","tag":"AAAA"}`), "encrypted_key", make([]byte, 32))
	r.decrypt("D11 A256GCMKW: iv of 3 octets", wrapped, &jwk.DecryptOptions{Key: gcm})

	agreed := func(epk object, more string) []byte {
		return direct(`{"alg":"ECDH-ES","enc":"A256GCM","epk":` + string(epk.json(r)) + more + `}`)
	}
	byEC := &jwk.DecryptOptions{Key: p256}
	off := public(r, "P-256").with("x", public(r, "P-256")["y"])
	r.decrypt("ECDH-ES: no epk", direct(`{"alg":"ECDH-ES","enc":"A256GCM"}`), byEC)
	r.decrypt("E01 ECDH-ES: epk off the curve", agreed(off, ""), byEC)
	r.decrypt("ECDH-ES: epk of another curve", agreed(public(r, "P-384"), ""), byEC)
	r.decrypt("ECDH-ES: epk for signatures", agreed(public(r, "Ed25519"), ""), byEC)
	r.decrypt("ECDH-ES: a private epk", agreed(fixture(r, "P-256"), ""), byEC)
	r.decrypt("ECDH-ES: apu too long", agreed(public(r, "P-256"), `,"apu":"`+strings.Repeat("A", 4<<10)+`"`), byEC)
	r.decrypt("ECDH-ES: apu with padding", agreed(public(r, "P-256"), `,"apu":"AA=="`), byEC)

	pbes2 := func(more string) []byte {
		return withPart(r, direct(`{"alg":"PBES2-HS256+A128KW","enc":"A256GCM"`+more+`}`), "encrypted_key", make([]byte, 40))
	}
	const salt = `,"p2s":"AAAAAAAAAAA"`
	r.decrypt("passphrase: dir", good, fromPassphrase())
	r.decrypt("PBES2: no p2s", pbes2(""), fromPassphrase())
	r.decrypt("PBES2: p2s of 3 octets", pbes2(`,"p2s":"AAAA"`), fromPassphrase())
	r.decrypt("PBES2: no p2c", pbes2(salt), fromPassphrase())
	r.decrypt("PBES2: p2c 1e3", pbes2(salt+`,"p2c":1e3`), fromPassphrase())
	r.decrypt("D10 p2c 1", pbes2(salt+`,"p2c":1`), fromPassphrase())
	r.decrypt("D10 p2c 10^9", pbes2(salt+`,"p2c":1000000000`), fromPassphrase())
	r.decrypt("D10 MaxPBES2Count 1", pbes2(salt+`,"p2c":1000`), &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: 1})
	r.decrypt("D07 another passphrase", pbes2(salt+`,"p2c":1000`), fromPassphrase())
}

// unreachableTexts maps each error text that no test can cause to the reason.
var unreachableTexts = map[string]string{
	"%s is not available: %s":                     "needs GODEBUG=fips140=only and another version of Go's FIPS module",
	"no encrypted keys with GODEBUG=fips140=only": "TestFIPSOnly tests it",
	"not a private key that crypto/rsa accepts":   "earlier checks report every fault that crypto/rsa finds",
	"a %T has no SSH form":                        "types without an SSH form are refused earlier",
	"an object, want a JWE":                       "the error of every such object says what the object is",
	"no %s keys are made":                         "every kind of key can be generated",
}

// TestErrorOfCaller: if this fails, an Error that a program creates itself panics when it is
// printed, or counts as ErrInvalid although it has no kind.
func TestErrorOfCaller(t *testing.T) {
	for _, test := range []struct {
		err  jwk.Error
		want string
	}{
		{jwk.Error{}, "jwk: unknown error"},
		{jwk.Error{Path: "/x"}, "jwk: /x: unknown error"},
		{jwk.Error{Path: "/x", Err: errors.New("y")}, "jwk: /x: y"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
		if got := fmt.Sprintf("%v", &test.err); got != test.want {
			t.Errorf("%%v: got %q, want %q", got, test.want)
		}
		if errors.Is(&test.err, jwk.ErrInvalid) {
			t.Errorf("errors.Is(%q, ErrInvalid): got true, want false", test.want)
		}
	}
}

// leastWords is the minimum length of a format without its verbs. The pattern of a shorter
// format would match the texts of other errors.
const leastWords = 9

// bareFormats are the formats shorter than leastWords. Their arguments carry the words: texts
// from other packages, and results of functions such as counted and oneOf.
var bareFormats = []string{
	"%s", "%s (%s)", "%s: %s", "%s, want %d", "%s, want 1", "%s, want %s", "%s, want %s%s", "is 0, %s",
}

// TestErrorTextsAreAll: every format of an error in the sources must occur in a golden file. If
// this fails, an error was added that no test causes and no reviewer has read.
func TestErrorTextsAreAll(t *testing.T) {
	verb := regexp.MustCompile(`%(\\?\[\d+\\?\])?[0-9\\.]*[a-zA-Z]`)
	exempt := make(map[string]bool)
	for dir, least := range map[string]int{".": 150, "sshkey": 30} {
		told, err := os.ReadFile(filepath.Join(dir, errorsFile))
		if err != nil {
			t.Fatal(err)
		}
		texts := refusalTexts(t, dir)
		if len(texts) < least {
			t.Errorf("%s: got %d formats of errors, want at least %d", dir, len(texts), least)
		}
		for text, place := range texts {
			if _, ok := unreachableTexts[text]; ok {
				exempt[text] = true
				continue
			}
			if verb.MatchString(text) && len(verb.ReplaceAllString(text, "")) < leastWords {
				if !slices.Contains(bareFormats, text) {
					t.Errorf("%s: %q says too little for this test to find it: write more of the text into the format", place, text)
				}
				continue
			}
			pattern := verb.ReplaceAllString(regexp.QuoteMeta(text), ".*")
			if !regexp.MustCompile(`(?m)[ \t]` + pattern + `($|[:;,)])`).Match(told) {
				t.Errorf("%s: no error in %[3]s has the text %[2]q", place, text, filepath.Join(dir, errorsFile))
			}
		}
	}
	for text := range unreachableTexts {
		if !exempt[text] {
			t.Errorf("unreachableTexts: no error has the text %q", text)
		}
	}
}

// TestErrorTextsAreCut: an error of another package must go through textOf, which shortens and
// escapes its text. If this fails, a peer can write long or multi-line texts into a log.
func TestErrorTextsAreCut(t *testing.T) {
	s := theSource(t)
	isError := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	cut := 0
	for call, args := range refusalCalls(s.files) {
		for _, arg := range args[1:] {
			if types.Implements(s.info.TypeOf(arg), isError) {
				t.Errorf("%s: got an error as an argument of a format, want textOf(err)", s.fset.Position(call.Pos()))
			}
			if inner, ok := arg.(*ast.CallExpr); ok {
				if f, ok := inner.Fun.(*ast.Ident); ok && f.Name == "textOf" {
					cut++
				}
			}
		}
	}
	if cut < 10 {
		t.Errorf("got %d calls of textOf, want at least 10", cut)
	}
}

// refusalTexts returns the formats of errors in the sources of a package, each with its
// position. A format is a constant argument of one of the functions that create errors.
func refusalTexts(t *testing.T, dir string) map[string]token.Position {
	t.Helper()
	fset, files, info := token.NewFileSet(), map[string]*ast.File{}, &types.Info{}
	if dir == "." {
		s := theSource(t)
		fset, files, info = s.fset, s.files, s.info
	} else {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if files[name], err = parser.ParseFile(fset, name, nil, 0); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") {
				delete(files, name)
			}
		}
	}
	texts := make(map[string]token.Position)
	for call, args := range refusalCalls(files) {
		if text, ok := constantText(args[0], info); ok {
			texts[text] = fset.Position(call.Pos())
		}
	}
	return texts
}

// refusalCalls yields the calls of the functions that create errors, each with its arguments
// from the format on.
func refusalCalls(files map[string]*ast.File) iter.Seq2[*ast.CallExpr, []ast.Expr] {
	// The index of the format among the arguments.
	makers := map[string]int{"errorf": 1, ".errorf": 2, "headerErrorf": 2, "primeErrorf": 4}
	return func(yield func(*ast.CallExpr, []ast.Expr) bool) {
		for _, f := range files {
			for n := range ast.Preorder(f) {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					continue
				}
				var name string
				switch fun := call.Fun.(type) {
				case *ast.Ident:
					name = fun.Name
				case *ast.SelectorExpr:
					name = "." + fun.Sel.Name
				}
				if i, ok := makers[name]; ok && len(call.Args) > i && !yield(call, call.Args[i:]) {
					return
				}
			}
		}
	}
}

// constantText returns the value of a string expression that consists of literals and constants.
func constantText(e ast.Expr, info *types.Info) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, okX := constantText(e.X, info)
		y, okY := constantText(e.Y, info)
		return x + y, okX && okY
	case *ast.Ident:
		if c, ok := info.Uses[e].(*types.Const); ok {
			return constant.StringVal(c.Val()), true
		}
	}
	return "", false
}
