package jwk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// generated has the key that Generate makes for each algorithm without options.
var generated = map[jwk.Algorithm]struct {
	typ  jwk.KeyType
	crv  jwk.Curve
	bits int
	use  jwk.Use
}{
	jwk.HS256: {jwk.Oct, "", 256, jwk.UseSig}, jwk.HS384: {jwk.Oct, "", 384, jwk.UseSig}, jwk.HS512: {jwk.Oct, "", 512, jwk.UseSig},
	jwk.RS256: {jwk.RSA, "", 2048, jwk.UseSig}, jwk.RS384: {jwk.RSA, "", 2048, jwk.UseSig}, jwk.RS512: {jwk.RSA, "", 2048, jwk.UseSig},
	jwk.PS256: {jwk.RSA, "", 2048, jwk.UseSig}, jwk.PS384: {jwk.RSA, "", 2048, jwk.UseSig}, jwk.PS512: {jwk.RSA, "", 2048, jwk.UseSig},
	jwk.ES256: {jwk.EC, "P-256", 256, jwk.UseSig}, jwk.ES384: {jwk.EC, "P-384", 384, jwk.UseSig}, jwk.ES512: {jwk.EC, "P-521", 521, jwk.UseSig},
	jwk.ES256K: {jwk.EC, "secp256k1", 256, jwk.UseSig}, jwk.Ed448: {jwk.OKP, "Ed448", 456, jwk.UseSig},
	jwk.MLDSA44: {jwk.AKP, "", 0, jwk.UseSig}, jwk.MLDSA65: {jwk.AKP, "", 0, jwk.UseSig}, jwk.MLDSA87: {jwk.AKP, "", 0, jwk.UseSig},
	jwk.EdDSA: {jwk.OKP, "Ed25519", 256, jwk.UseSig}, jwk.Ed25519: {jwk.OKP, "Ed25519", 256, jwk.UseSig},
	jwk.RSAOAEP: {jwk.RSA, "", 2048, jwk.UseEnc}, jwk.RSAOAEP256: {jwk.RSA, "", 2048, jwk.UseEnc},
	jwk.RSAOAEP384: {jwk.RSA, "", 2048, jwk.UseEnc}, jwk.RSAOAEP512: {jwk.RSA, "", 2048, jwk.UseEnc},
	jwk.ECDHES: {jwk.EC, "P-256", 256, jwk.UseEnc}, jwk.ECDHESA128KW: {jwk.EC, "P-256", 256, jwk.UseEnc},
	jwk.ECDHESA192KW: {jwk.EC, "P-256", 256, jwk.UseEnc}, jwk.ECDHESA256KW: {jwk.EC, "P-256", 256, jwk.UseEnc},
	jwk.A128KW: {jwk.Oct, "", 128, jwk.UseEnc}, jwk.A192KW: {jwk.Oct, "", 192, jwk.UseEnc}, jwk.A256KW: {jwk.Oct, "", 256, jwk.UseEnc},
	jwk.A128GCMKW: {jwk.Oct, "", 128, jwk.UseEnc}, jwk.A192GCMKW: {jwk.Oct, "", 192, jwk.UseEnc}, jwk.A256GCMKW: {jwk.Oct, "", 256, jwk.UseEnc},
	jwk.Dir:     {jwk.Oct, "", 256, jwk.UseEnc},
	jwk.A128GCM: {jwk.Oct, "", 128, jwk.UseEnc}, jwk.A192GCM: {jwk.Oct, "", 192, jwk.UseEnc}, jwk.A256GCM: {jwk.Oct, "", 256, jwk.UseEnc},
	jwk.A128CBCHS256: {jwk.Oct, "", 256, jwk.UseEnc}, jwk.A192CBCHS384: {jwk.Oct, "", 384, jwk.UseEnc}, jwk.A256CBCHS512: {jwk.Oct, "", 512, jwk.UseEnc},
}

func TestGenerate(t *testing.T) {
	all := algorithmConstants(t)
	if len(all) != len(generated) {
		t.Errorf("got %d algorithms, want %d", len(all), len(generated))
	}
	for _, alg := range all {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			want, ok := generated[alg]
			if !ok {
				t.Fatal("nothing is expected of it")
			}
			k, err := jwk.Generate(alg, nil)
			if err != nil {
				t.Fatal(err)
			}
			if k.Type() != want.typ || k.Curve() != want.crv || k.Bits() != want.bits || k.Use() != want.use || k.Algorithm() != alg {
				t.Errorf("got %v, want %v", k, want)
			}
			if !k.IsPrivate() || !k.Supports(alg) || k.Ops() != 0 {
				t.Errorf("got %v, which is not private, or not for %s", k, alg)
			}
			checkGeneratedKeyID(t, k)
			text, err := k.MarshalPrivateJSON()
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := jwk.Parse(text)
			if err != nil || !parsed.Equal(k) || parsed.KeyID() != k.KeyID() {
				t.Errorf("parsed again: got %v, %v; want %v", parsed, err, k)
			}
			if k.Type() != jwk.Oct {
				public, err := k.Public()
				if err != nil || public.KeyID() != k.KeyID() || public.Algorithm() != alg || public.Use() != want.use {
					t.Errorf("Public: got %v, %v; want the public half of %v", public, err, k)
				}
			}
		})
	}
}

// checkGeneratedKeyID demands a kid that is the thumbprint, or, for a symmetric key, 128 random
// bits (RFC 7638, Section 7).
func checkGeneratedKeyID(t *testing.T, k *jwk.Key) {
	t.Helper()
	if k.Type() != jwk.Oct {
		if got, want := k.KeyID(), k.Thumbprint().String(); got != want {
			t.Errorf("kid: got %s, want %s", got, want)
		}
		return
	}
	if len(k.KeyID()) != 22 || k.KeyID() == k.Thumbprint().String()[:22] {
		t.Errorf("kid: got %q, want 128 random bits", k.KeyID())
	}
}

func TestGenerateIsRandom(t *testing.T) {
	for _, alg := range []jwk.Algorithm{jwk.ES256, jwk.Ed25519, jwk.ECDHES, jwk.HS256, jwk.ES256K, jwk.Ed448, jwk.MLDSA44} {
		a, errA := jwk.Generate(alg, nil)
		b, errB := jwk.Generate(alg, nil)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.Equal(b) || a.KeyID() == b.KeyID() {
			t.Errorf("%s: got one key twice", alg)
		}
	}
}

func TestGenerateOptions(t *testing.T) {
	for _, test := range []struct {
		name string
		alg  jwk.Algorithm
		opts jwk.GenerateOptions
		crv  jwk.Curve
		bits int
	}{
		{"ECDH-ES on P-256", jwk.ECDHES, jwk.GenerateOptions{Curve: jwk.CurveP256}, jwk.CurveP256, 256},
		{"ECDH-ES on P-384", jwk.ECDHES, jwk.GenerateOptions{Curve: jwk.CurveP384}, jwk.CurveP384, 384},
		{"ECDH-ES+A128KW on P-521", jwk.ECDHESA128KW, jwk.GenerateOptions{Curve: jwk.CurveP521}, jwk.CurveP521, 521},
		{"ECDH-ES+A256KW on X25519", jwk.ECDHESA256KW, jwk.GenerateOptions{Curve: jwk.CurveX25519}, jwk.CurveX25519, 256},
		{"ECDH-ES on X448", jwk.ECDHES, jwk.GenerateOptions{Curve: jwk.CurveX448}, jwk.CurveX448, 448},
		{"ECDH-ES+A192KW on X448", jwk.ECDHESA192KW, jwk.GenerateOptions{Curve: jwk.CurveX448}, jwk.CurveX448, 448},
		{"EdDSA on Ed448", jwk.EdDSA, jwk.GenerateOptions{Curve: jwk.CurveEd448}, jwk.CurveEd448, 456},
		{"the curve that ES256K has", jwk.ES256K, jwk.GenerateOptions{Curve: jwk.CurveSecp256k1}, jwk.CurveSecp256k1, 256},
		{"EdDSA on Ed25519", jwk.EdDSA, jwk.GenerateOptions{Curve: jwk.CurveEd25519}, jwk.CurveEd25519, 256},
		{"the curve that ES384 has", jwk.ES384, jwk.GenerateOptions{Curve: jwk.CurveP384}, jwk.CurveP384, 384},
		{"RSA of 2056 bits", jwk.RS256, jwk.GenerateOptions{Bits: 2056}, "", 2056},
		{"HMAC of the default size", jwk.HS256, jwk.GenerateOptions{Bits: 256}, "", 256},
		{"HMAC of a larger size", jwk.HS256, jwk.GenerateOptions{Bits: 1024}, "", 1024},
		{"HMAC of the largest size", jwk.HS512, jwk.GenerateOptions{Bits: 8192}, "", 8192},
		{"dir of 128 bits", jwk.Dir, jwk.GenerateOptions{Bits: 128}, "", 128},
		{"dir of 512 bits", jwk.Dir, jwk.GenerateOptions{Bits: 512}, "", 512},
		{"the size that A128KW has", jwk.A128KW, jwk.GenerateOptions{Bits: 128}, "", 128},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, err := jwk.Generate(test.alg, &test.opts)
			if err != nil {
				t.Fatal(err)
			}
			if k.Curve() != test.crv || k.Bits() != test.bits {
				t.Errorf("got %v, want %s of %d bits", k, test.crv, test.bits)
			}
			checkGeneratedKeyID(t, k)
		})
	}

	opts := jwk.GenerateOptions{Attributes: jwk.Attributes{
		KeyID: "the kid", Ops: jwk.OpSign | jwk.OpVerify, Algorithm: jwk.ES256, CertificateURL: "https://example.com/", Extra: map[string]any{"vendor": 1},
	}}
	k, err := jwk.Generate(jwk.ES256, &opts)
	if err != nil {
		t.Fatal(err)
	}
	if k.KeyID() != "the kid" || k.Use() != jwk.UseSig || k.Ops() != jwk.OpSign|jwk.OpVerify {
		t.Errorf("got %v, want the attributes that were given", k)
	}
	for name, want := range map[string]string{"vendor": "1", "x5u": `"https://example.com/"`} {
		if v, ok := k.Member(name); !ok || string(v) != want {
			t.Errorf("%s: got %s, want %s", name, v, want)
		}
	}
	if opts.Use != "" || opts.KeyID != "the kid" {
		t.Error("the options changed")
	}
}

func TestGenerateRefused(t *testing.T) {
	attributes := func(a jwk.Attributes) jwk.GenerateOptions { return jwk.GenerateOptions{Attributes: a} }
	for _, test := range []struct {
		name string
		alg  jwk.Algorithm
		opts jwk.GenerateOptions
		want error
		path string
	}{
		{"R15 -1 bits", jwk.RS256, jwk.GenerateOptions{Bits: -1}, jwk.ErrPolicy, ""},
		{"R15 1024 bits", jwk.RS256, jwk.GenerateOptions{Bits: 1024}, jwk.ErrPolicy, ""},
		{"R15 2040 bits", jwk.PS256, jwk.GenerateOptions{Bits: 2040}, jwk.ErrPolicy, ""},
		{"R15 2049 bits", jwk.RS256, jwk.GenerateOptions{Bits: 2049}, jwk.ErrPolicy, ""},
		{"R15 8200 bits", jwk.RSAOAEP, jwk.GenerateOptions{Bits: 8200}, jwk.ErrPolicy, ""},
		{"R15 2^20 bits", jwk.RS256, jwk.GenerateOptions{Bits: 1 << 20}, jwk.ErrPolicy, ""},
		{"HMAC of -8 bits", jwk.HS256, jwk.GenerateOptions{Bits: -8}, jwk.ErrPolicy, ""},
		{"HMAC of 257 bits", jwk.HS256, jwk.GenerateOptions{Bits: 257}, jwk.ErrPolicy, ""},
		{"HMAC of 8200 bits", jwk.HS256, jwk.GenerateOptions{Bits: 8200}, jwk.ErrPolicy, ""},
		{"HMAC of 2^30 bits", jwk.HS256, jwk.GenerateOptions{Bits: 1 << 30}, jwk.ErrPolicy, ""},

		{"S01 HMAC shorter than its hash", jwk.HS256, jwk.GenerateOptions{Bits: 248}, jwk.ErrInvalid, "/alg"},
		{"S01 AES of another size", jwk.A128KW, jwk.GenerateOptions{Bits: 256}, jwk.ErrInvalid, "/alg"},
		{"bits of an EC key", jwk.ES256, jwk.GenerateOptions{Bits: 256}, jwk.ErrInvalid, ""},
		{"bits of an OKP key", jwk.Ed25519, jwk.GenerateOptions{Bits: 256}, jwk.ErrInvalid, ""},
		{"curve of an RSA key", jwk.RS256, jwk.GenerateOptions{Curve: jwk.CurveP256}, jwk.ErrInvalid, ""},
		{"curve of an oct key", jwk.HS256, jwk.GenerateOptions{Curve: jwk.CurveP256}, jwk.ErrInvalid, ""},
		{"another curve than the algorithm's", jwk.ES256, jwk.GenerateOptions{Curve: jwk.CurveP384}, jwk.ErrInvalid, ""},
		{"a curve that does not agree", jwk.ECDHES, jwk.GenerateOptions{Curve: jwk.CurveEd25519}, jwk.ErrInvalid, ""},
		{"key agreement on secp256k1", jwk.ECDHES, jwk.GenerateOptions{Curve: jwk.CurveSecp256k1}, jwk.ErrInvalid, ""},
		{"bits of an AKP key", jwk.MLDSA44, jwk.GenerateOptions{Bits: 1312}, jwk.ErrInvalid, ""},
		{"curve of an AKP key", jwk.MLDSA65, jwk.GenerateOptions{Curve: jwk.CurveEd448}, jwk.ErrInvalid, ""},
		{"another ML-DSA algorithm", jwk.MLDSA44, attributes(jwk.Attributes{Algorithm: jwk.MLDSA65}), jwk.ErrInvalid, "/alg"},
		{"an AKP key that encrypts", jwk.MLDSA44, attributes(jwk.Attributes{Use: jwk.UseEnc}), jwk.ErrInvalid, "/use"},
		{"a seed as an extra member of an AKP key", jwk.MLDSA44, attributes(jwk.Attributes{Extra: map[string]any{"seed": "AQAB"}}), jwk.ErrInvalid, "/seed"},
		{"a curve that does not sign", jwk.EdDSA, jwk.GenerateOptions{Curve: jwk.CurveX25519}, jwk.ErrInvalid, ""},
		{"an unknown curve", jwk.ECDHES, jwk.GenerateOptions{Curve: "P-224"}, jwk.ErrInvalid, ""},
		{"another algorithm", jwk.ES256, attributes(jwk.Attributes{Algorithm: jwk.ES384}), jwk.ErrInvalid, "/alg"},
		{"another use", jwk.ES256, attributes(jwk.Attributes{Use: jwk.UseEnc}), jwk.ErrInvalid, "/alg"},
		{"a use that the kind does not have", jwk.Ed25519, attributes(jwk.Attributes{Use: jwk.UseEnc}), jwk.ErrInvalid, "/use"},
		{"operations of another use", jwk.ES256, attributes(jwk.Attributes{Ops: jwk.OpDeriveKey}), jwk.ErrInvalid, "/key_ops"},
		{"key material as an extra member", jwk.ES256, attributes(jwk.Attributes{Extra: map[string]any{"d": "AQAB"}}), jwk.ErrInvalid, "/d"},
		{"a kid that is not UTF-8", jwk.HS256, attributes(jwk.Attributes{KeyID: "\xff"}), jwk.ErrInvalid, "/kid"},

		{"no algorithm", "", jwk.GenerateOptions{}, jwk.ErrUnsupported, ""},
		{"M04 none", "none", jwk.GenerateOptions{}, jwk.ErrUnsupported, ""},
		{"M04 es256", "es256", jwk.GenerateOptions{}, jwk.ErrUnsupported, ""},
		{"RSA1_5", "RSA1_5", jwk.GenerateOptions{}, jwk.ErrUnsupported, ""},
		{"PBES2", "PBES2-HS256+A128KW", jwk.GenerateOptions{}, jwk.ErrUnsupported, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, err := jwk.Generate(test.alg, &test.opts)
			if k != nil {
				t.Errorf("got %v, want no key", k)
			}
			checkError(t, err, test.want, test.path)
		})
	}
}

// TestGenerateExtraKeyID: Generate keeps a kid in Extra. It makes no secret that is shorter
// than the key of every cipher.
func TestGenerateExtraKeyID(t *testing.T) {
	for _, alg := range []jwk.Algorithm{jwk.ES256, jwk.HS256} {
		k, err := jwk.Generate(alg, &jwk.GenerateOptions{Attributes: jwk.Attributes{Extra: map[string]any{"kid": "mine"}}})
		if err != nil || k.KeyID() != "mine" {
			t.Errorf("%s: got %v, %v, want kid mine", alg, k, err)
		}
	}
	_, err := jwk.Generate(jwk.Dir, &jwk.GenerateOptions{Bits: 120})
	checkError(t, err, jwk.ErrPolicy, "")
}

// TestAlgorithmInCase: the names of algorithms are case-sensitive, and the error for a name in
// another case has the right one.
func TestAlgorithmInCase(t *testing.T) {
	k := fixture(t, "RSA-2048").key(t)
	for name, want := range map[jwk.Algorithm]string{
		"rs256": ", want RS256: case matters", "EDDSA": ", want EdDSA: case matters", "a128cbc-hs256": ", want A128CBC-HS256: case matters",
		"XS256": "", "": "", "none": "", "RS256 ": "",
	} {
		_, err := jwk.Generate(name, nil)
		checkError(t, err, jwk.ErrUnsupported, "")
		if got := err.Error(); got != fmt.Sprintf("jwk: nothing is generated for algorithm %q%s", string(name), want) {
			t.Errorf("Generate(%q): got %q, want %q at its end", name, got, want)
		}
		_, err = k.JOSESigner(name)
		checkError(t, err, jwk.ErrUnsupported, "")
		if got := err.Error(); got != fmt.Sprintf("jwk: %q is not a signature algorithm%s", string(name), want) {
			t.Errorf("JOSESigner(%q): got %q, want %q at its end", name, got, want)
		}
		if name == "" {
			continue
		}
		if _, err = jwk.NewSet(k).Find(t.Context(), jwk.Query{Algorithm: name}); !errors.Is(err, jwk.ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("Find(%q): got %v, want %q in it", name, err, want)
		}
	}
}
