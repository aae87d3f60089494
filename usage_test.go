package jwk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// kindAlgorithms has the algorithms of each fixture, from RFC 7518, Sections 3.1, 4.1 and 5.1,
// RFC 8037, RFC 8812, RFC 9864 and RFC 9964. All other algorithms contradict the key.
var kindAlgorithms = map[string][]jwk.Algorithm{
	"RSA-2048":             rsaAlgorithms,
	"RSA-3072":             rsaAlgorithms,
	"RSA-2048-multi-prime": rsaAlgorithms,
	"P-256":                append([]jwk.Algorithm{jwk.ES256}, ecdhAlgorithms...),
	"P-384":                append([]jwk.Algorithm{jwk.ES384}, ecdhAlgorithms...),
	"P-521":                append([]jwk.Algorithm{jwk.ES512}, ecdhAlgorithms...),
	"Ed25519":              {jwk.EdDSA, jwk.Ed25519},
	"X25519":               ecdhAlgorithms,
	"secp256k1":            {jwk.ES256K},
	"Ed448":                {jwk.EdDSA, jwk.Ed448},
	"X448":                 ecdhAlgorithms,
	"ML-DSA-44":            {jwk.MLDSA44},
	"ML-DSA-65":            {jwk.MLDSA65},
	"ML-DSA-87":            {jwk.MLDSA87},
	"oct-256":              {jwk.HS256, jwk.A256KW, jwk.A256GCMKW, jwk.Dir, jwk.A256GCM, jwk.A128CBCHS256},
}

var (
	rsaAlgorithms = []jwk.Algorithm{
		jwk.RS256, jwk.RS384, jwk.RS512, jwk.PS256, jwk.PS384, jwk.PS512,
		jwk.RSAOAEP, jwk.RSAOAEP256, jwk.RSAOAEP384, jwk.RSAOAEP512,
	}
	ecdhAlgorithms = []jwk.Algorithm{jwk.ECDHES, jwk.ECDHESA128KW, jwk.ECDHESA192KW, jwk.ECDHESA256KW}
)

// TestAlgorithmOfKey: if this fails, a key supports an algorithm that does not fit its type,
// curve or size, or Parse accepts such an alg (M03, and S01 for secrets of 32 octets).
func TestAlgorithmOfKey(t *testing.T) {
	for _, name := range fixtureNames {
		want, ok := kindAlgorithms[name]
		if !ok {
			t.Errorf("no algorithms for %s", name)
		}
		o := fixture(t, name)
		bare := o.key(t)
		for _, alg := range algorithmConstants(t) {
			t.Run(name+" "+string(alg), func(t *testing.T) {
				good := slices.Contains(want, alg)
				if got := bare.Supports(alg); got != good {
					t.Errorf("Supports: got %v, want %v", got, good)
				}
				halves := []object{o}
				if keyKinds[name].public != nil {
					halves = append(halves, public(t, name))
				}
				for _, o := range halves {
					own := o["alg"]
					o = o.with("alg", alg)
					if !good && own != nil { // P01, P02: the alg of an AKP key names the parameters
						if strings.HasPrefix(string(alg), "ML-DSA-") {
							checkRefused(t, o.json(t), jwk.ErrInvalid, "/pub")
						} else {
							checkRefused(t, o.json(t), jwk.ErrUnsupported, "/alg")
						}
						continue
					}
					if !good {
						checkRefused(t, o.json(t), jwk.ErrInvalid, "/alg")
						continue
					}
					k := o.key(t)
					if k.Algorithm() != alg || !k.Supports(alg) {
						t.Errorf("%v does not support its own algorithm %s", k, alg)
					}
				}
			})
		}
	}
}

// TestSupportsOwnAlgorithm: if this fails, a key that states an algorithm supports another one.
// EdDSA and the name of its curve are one algorithm (RFC 9864, Section 2.2).
func TestSupportsOwnAlgorithm(t *testing.T) {
	for _, name := range fixtureNames {
		for _, own := range kindAlgorithms[name] {
			k := fixture(t, name).with("alg", own).key(t)
			for _, alg := range algorithmConstants(t) {
				want := alg == own || name == "Ed25519" && (alg == jwk.EdDSA || alg == jwk.Ed25519) ||
					name == "Ed448" && (alg == jwk.EdDSA || alg == jwk.Ed448)
				if got := k.Supports(alg); got != want {
					t.Errorf("%s with alg %s: Supports(%s): got %v, want %v", name, own, alg, got, want)
				}
			}
		}
	}
}

// TestSupports checks that use, key_ops and alg restrict the algorithms that a key supports.
func TestSupports(t *testing.T) {
	ops := func(names ...string) []string { return append([]string{}, names...) }
	for _, test := range []struct {
		name string
		o    object
		want []jwk.Algorithm // of the algorithms that the loop tries, in the same order
	}{
		{"RSA", public(t, "RSA-2048"), []jwk.Algorithm{jwk.RS256, jwk.RSAOAEP}},
		{"RSA, use sig", public(t, "RSA-2048").with("use", "sig"), []jwk.Algorithm{jwk.RS256}},
		{"RSA, use enc", public(t, "RSA-2048").with("use", "enc"), []jwk.Algorithm{jwk.RSAOAEP}},
		{"RSA, unknown use", public(t, "RSA-2048").with("use", "tls"), nil},
		{"RSA, use Sig", public(t, "RSA-2048").with("use", "Sig"), nil},
		{"RSA, key_ops verify", public(t, "RSA-2048").with("key_ops", ops("verify")), []jwk.Algorithm{jwk.RS256}},
		{"RSA, key_ops sign", fixture(t, "RSA-2048").with("key_ops", ops("sign")), []jwk.Algorithm{jwk.RS256}},
		{"RSA, key_ops wrapKey", public(t, "RSA-2048").with("key_ops", ops("wrapKey")), []jwk.Algorithm{jwk.RSAOAEP}},
		{"RSA, key_ops empty", public(t, "RSA-2048").with("key_ops", ops()), []jwk.Algorithm{jwk.RS256, jwk.RSAOAEP}},
		{"RSA, unknown key_ops", public(t, "RSA-2048").with("key_ops", ops("vouch")), nil},
		{"RSA, an unknown operation and verify", public(t, "RSA-2048").with("key_ops", ops("vouch", "verify")), []jwk.Algorithm{jwk.RS256}},
		{"RSA, alg", public(t, "RSA-2048").with("alg", "RS256"), []jwk.Algorithm{jwk.RS256}},
		{"RSA, alg RSA1_5", public(t, "RSA-2048").with("alg", "RSA1_5"), []jwk.Algorithm{"RSA1_5"}},
		{"RSA, unknown alg", public(t, "RSA-2048").with("alg", "XS256"), []jwk.Algorithm{"XS256"}},
		{"M04 alg es256", public(t, "P-256").with("alg", "es256"), []jwk.Algorithm{"es256"}},
		{"P-256", public(t, "P-256"), []jwk.Algorithm{jwk.ES256, jwk.ECDHES}},
		{"P-256, use enc", public(t, "P-256").with("use", "enc"), []jwk.Algorithm{jwk.ECDHES}},
		{"P-256, key_ops deriveBits", fixture(t, "P-256").with("key_ops", ops("deriveBits")), []jwk.Algorithm{jwk.ECDHES}},
		{"Ed25519", public(t, "Ed25519"), []jwk.Algorithm{jwk.EdDSA, jwk.Ed25519}},
		{"secp256k1", public(t, "secp256k1"), []jwk.Algorithm{jwk.ES256K}},
		{"Ed448", public(t, "Ed448"), []jwk.Algorithm{jwk.EdDSA, jwk.Ed448}},
		{"Ed448, alg EdDSA", public(t, "Ed448").with("alg", "EdDSA"), []jwk.Algorithm{jwk.EdDSA, jwk.Ed448}},
		{"Ed448, alg Ed448", public(t, "Ed448").with("alg", "Ed448"), []jwk.Algorithm{jwk.EdDSA, jwk.Ed448}},
		{"X448", public(t, "X448"), []jwk.Algorithm{jwk.ECDHES}},
		{"ML-DSA-44", public(t, "ML-DSA-44"), []jwk.Algorithm{jwk.MLDSA44}},
		{"ML-DSA-87, use sig", public(t, "ML-DSA-87").with("use", "sig"), []jwk.Algorithm{jwk.MLDSA87}},
		{"ML-DSA-65, key_ops empty", public(t, "ML-DSA-65").with("key_ops", ops()), []jwk.Algorithm{jwk.MLDSA65}},
		{"Ed25519, alg EdDSA", public(t, "Ed25519").with("alg", "EdDSA"), []jwk.Algorithm{jwk.EdDSA, jwk.Ed25519}},
		{"Ed25519, alg Ed25519", public(t, "Ed25519").with("alg", "Ed25519"), []jwk.Algorithm{jwk.EdDSA, jwk.Ed25519}},
		{"oct", fixture(t, "oct-256"), []jwk.Algorithm{jwk.HS256, jwk.Dir}},
		{"oct, use enc", fixture(t, "oct-256").with("use", "enc"), []jwk.Algorithm{jwk.Dir}},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := test.o.key(t)
			var got []jwk.Algorithm
			for _, alg := range []jwk.Algorithm{
				jwk.RS256, jwk.RSAOAEP, jwk.ES256, jwk.ES384, jwk.ECDHES, jwk.EdDSA, jwk.Ed25519, jwk.Ed448, jwk.HS256, jwk.HS384, jwk.Dir,
				jwk.ES256K, jwk.MLDSA44, jwk.MLDSA65, jwk.MLDSA87, "XS256", "es256", "", "none", "RS256 ", "rs256",
			} {
				if k.Supports(alg) {
					got = append(got, alg)
				}
			}
			if k.Supports("RSA1_5") && test.o["alg"] == "RSA1_5" {
				got = append(got, "RSA1_5")
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestPermits: if this fails, a key permits an operation that its half, use, key_ops or alg
// forbids, or forbids one that they allow.
func TestPermits(t *testing.T) {
	const (
		sig  = jwk.OpSign | jwk.OpVerify
		agr  = jwk.OpDeriveKey | jwk.OpDeriveBits
		enc  = jwk.OpEncrypt | jwk.OpDecrypt | jwk.OpWrapKey | jwk.OpUnwrapKey
		open = jwk.OpVerify | jwk.OpEncrypt | jwk.OpWrapKey // operations that do not need the private half
	)
	ops := func(names ...string) []string { return append([]string{}, names...) }
	for _, test := range []struct {
		name string
		o    object
		want jwk.Ops
	}{
		{"RSA private", fixture(t, "RSA-2048"), sig | enc},
		{"RSA public", public(t, "RSA-2048"), open},
		{"P-256 private", fixture(t, "P-256"), sig | enc | agr},
		{"P-256 public", public(t, "P-256"), open | agr}, // the sender of a message derives a key from it
		{"P-521 private", fixture(t, "P-521"), sig | enc | agr},
		{"Ed25519 private", fixture(t, "Ed25519"), sig},
		{"Ed25519 public", public(t, "Ed25519"), jwk.OpVerify},
		{"X25519 private", fixture(t, "X25519"), enc | agr},
		{"X25519 public", public(t, "X25519"), jwk.OpEncrypt | jwk.OpWrapKey | agr},
		{"secp256k1 private", fixture(t, "secp256k1"), sig},
		{"secp256k1 public", public(t, "secp256k1"), jwk.OpVerify},
		{"Ed448 private", fixture(t, "Ed448"), sig},
		{"Ed448 public", public(t, "Ed448"), jwk.OpVerify},
		{"X448 private", fixture(t, "X448"), enc | agr},
		{"X448 public", public(t, "X448"), jwk.OpEncrypt | jwk.OpWrapKey | agr},
		{"ML-DSA-65 private", fixture(t, "ML-DSA-65"), sig},
		{"ML-DSA-65 public", public(t, "ML-DSA-65"), jwk.OpVerify},
		{"oct", fixture(t, "oct-256"), sig | enc | agr},

		{"use sig, private", fixture(t, "RSA-2048").with("use", "sig"), sig},
		{"use sig, public", public(t, "RSA-2048").with("use", "sig"), jwk.OpVerify},
		{"use enc, private", fixture(t, "P-256").with("use", "enc"), enc | agr},
		{"use enc, public", public(t, "RSA-2048").with("use", "enc"), jwk.OpEncrypt | jwk.OpWrapKey},
		{"unknown use", fixture(t, "RSA-2048").with("use", "tls"), 0},
		{"use empty", fixture(t, "RSA-2048").with("use", ""), sig | enc},

		{"alg RS256", fixture(t, "RSA-2048").with("alg", "RS256"), sig},
		{"alg RSA-OAEP, public", public(t, "RSA-2048").with("alg", "RSA-OAEP"), jwk.OpEncrypt | jwk.OpWrapKey},
		{"alg ECDH-ES", fixture(t, "P-256").with("alg", "ECDH-ES"), enc | agr},
		{"alg A256KW", fixture(t, "oct-256").with("alg", "A256KW"), enc | agr},
		{"unknown alg", fixture(t, "Ed25519").with("alg", "XS256"), sig},

		{"key_ops sign", fixture(t, "RSA-2048").with("key_ops", ops("sign")), jwk.OpSign},
		{"key_ops sign on a public key", public(t, "RSA-2048").with("key_ops", ops("sign")), 0},
		{"key_ops sign and verify on a public key", public(t, "RSA-2048").with("key_ops", ops("sign", "verify")), jwk.OpVerify},
		{"key_ops verify on a private key", fixture(t, "P-256").with("key_ops", ops("verify")), jwk.OpVerify},
		{"key_ops empty", fixture(t, "RSA-2048").with("key_ops", ops()), sig | enc},
		{"key_ops empty on a public key", public(t, "Ed25519").with("key_ops", ops()), jwk.OpVerify},
		{"key_ops empty beside use", fixture(t, "RSA-2048").with("key_ops", ops(), "use", "sig"), sig},
		{"key_ops empty beside alg", public(t, "P-256").with("key_ops", ops(), "alg", "ES256"), jwk.OpVerify},
		{"unknown key_ops", fixture(t, "RSA-2048").with("key_ops", ops("vouch")), 0},
		{"unknown operations and sign", fixture(t, "RSA-2048").with("key_ops", ops("", "vouch", "Sign", "sign")), jwk.OpSign},
		{"key_ops and use", fixture(t, "RSA-2048").with("key_ops", ops("verify"), "use", "sig"), jwk.OpVerify},
		{"key_ops and alg", fixture(t, "P-256").with("key_ops", ops("deriveKey"), "alg", "ECDH-ES"), jwk.OpDeriveKey},
		{"key_ops, use and alg", fixture(t, "oct-256").with("key_ops", ops("sign", "verify"), "use", "sig", "alg", "HS256"), sig},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := test.o.key(t)
			for i, name := range operations {
				op := jwk.Ops(1 << i)
				if op.String() != name {
					t.Errorf("operation %d: got %s, want %s", i, op, name)
				}
				want := test.want&op != 0
				if got := k.Permits(op); got != want {
					t.Errorf("Permits(%s): got %v, want %v", op, got, want)
				}
				// Permits accepts several operations only if it accepts each.
				if got := k.Permits(op | test.want); got != want {
					t.Errorf("Permits(%s): got %v, want %v", op|test.want, got, want)
				}
			}
			if !k.Permits(0) || !k.Permits(test.want) {
				t.Error("Permits: got false for no operation or for all that the key permits, want true")
			}
			if k.Permits(1<<len(operations)) || k.Permits(1<<len(operations)|test.want) {
				t.Error("an operation that does not exist is permitted")
			}
		})
	}
}

// TestUsageRefused: if this fails, Parse accepts a key with a use, key_ops and alg that are
// malformed or contradict each other (RFC 7517, Sections 4.2 to 4.4).
func TestUsageRefused(t *testing.T) {
	ops := func(names ...string) []string { return names }
	many := make([]string, 33)
	for i := range many {
		many[i] = fmt.Sprint("op", i)
	}
	rsa, ec, ed, x, oct := public(t, "RSA-2048"), fixture(t, "P-256"), fixture(t, "Ed25519"), fixture(t, "X25519"), fixture(t, "oct-256")
	for _, test := range []struct {
		name string
		o    object
		want error
		path string
	}{
		{"M01 use enc and key_ops sign", ec.with("use", "enc", "key_ops", ops("sign")), jwk.ErrInvalid, "/key_ops"},
		{"M01 use enc and key_ops verify", rsa.with("use", "enc", "key_ops", ops("verify")), jwk.ErrInvalid, "/key_ops"},
		{"M01 use sig and key_ops wrapKey", rsa.with("use", "sig", "key_ops", ops("wrapKey")), jwk.ErrInvalid, "/key_ops"},
		{"M01 use sig and key_ops verify, encrypt", rsa.with("use", "sig", "key_ops", ops("verify", "encrypt")), jwk.ErrInvalid, "/key_ops"},
		{"M01 use sig and key_ops deriveKey", ec.with("use", "sig", "key_ops", ops("deriveKey")), jwk.ErrInvalid, "/key_ops"},
		{"M02 repeated operation", rsa.with("key_ops", ops("verify", "encrypt", "verify")), jwk.ErrInvalid, "/key_ops"},
		{"M02 repeated unknown operation", rsa.with("key_ops", ops("vouch", "verify", "vouch")), jwk.ErrInvalid, "/key_ops"},
		{"M02 repeated empty operation", rsa.with("key_ops", ops("", "")), jwk.ErrInvalid, "/key_ops"},
		{"M02 repeated operation with a private one", ec.with("key_ops", ops("sign", "sign")), jwk.ErrInvalid, "/key_ops"},
		{"M02 33 operations", rsa.with("key_ops", many), jwk.ErrPolicy, "/key_ops"},
		{"operation that RSA keys do not have", rsa.with("key_ops", ops("deriveKey")), jwk.ErrInvalid, "/key_ops"},
		{"operation that Ed25519 keys do not have", ed.with("key_ops", ops("sign", "wrapKey")), jwk.ErrInvalid, "/key_ops"},
		{"operation that X25519 keys do not have", x.with("key_ops", ops("sign")), jwk.ErrInvalid, "/key_ops"},
		{"use that Ed25519 keys do not have", ed.with("use", "enc"), jwk.ErrInvalid, "/use"},
		{"use that X25519 keys do not have", x.with("use", "sig"), jwk.ErrInvalid, "/use"},

		{"M03 HS256 on RSA", rsa.with("alg", "HS256"), jwk.ErrInvalid, "/alg"},
		{"M03 RS256 on EC", ec.with("alg", "RS256"), jwk.ErrInvalid, "/alg"},
		{"M03 ES256 on P-384", public(t, "P-384").with("alg", "ES256"), jwk.ErrInvalid, "/alg"},
		{"M03 ES256K on P-256", ec.with("alg", "ES256K"), jwk.ErrInvalid, "/alg"},
		{"M03 EdDSA on X25519", x.with("alg", "EdDSA"), jwk.ErrInvalid, "/alg"},
		{"M03 ECDH-ES on Ed25519", ed.with("alg", "ECDH-ES"), jwk.ErrInvalid, "/alg"},
		{"M03 Ed448 on Ed25519", ed.with("alg", "Ed448"), jwk.ErrInvalid, "/alg"},
		{"M03 ML-DSA-44 on RSA", rsa.with("alg", "ML-DSA-44"), jwk.ErrInvalid, "/alg"},
		{"M03 RSA1_5 on EC", ec.with("alg", "RSA1_5"), jwk.ErrInvalid, "/alg"},
		{"M03 PBES2 on RSA", rsa.with("alg", "PBES2-HS256+A128KW"), jwk.ErrInvalid, "/alg"},
		{"M04 none", rsa.with("alg", "none"), jwk.ErrInvalid, "/alg"},
		{"M04 none on oct", oct.with("alg", "none"), jwk.ErrInvalid, "/alg"},
		{"use sig and alg RSA-OAEP", rsa.with("use", "sig", "alg", "RSA-OAEP"), jwk.ErrInvalid, "/alg"},
		{"use enc and alg RS256", rsa.with("use", "enc", "alg", "RS256"), jwk.ErrInvalid, "/alg"},
		{"use enc and alg HS256", oct.with("use", "enc", "alg", "HS256"), jwk.ErrInvalid, "/alg"},
		{"key_ops encrypt and alg RS256", rsa.with("key_ops", ops("encrypt"), "alg", "RS256"), jwk.ErrInvalid, "/alg"},
		{"key_ops verify, wrapKey and alg RSA-OAEP", rsa.with("key_ops", ops("verify", "wrapKey"), "alg", "RSA-OAEP"), jwk.ErrInvalid, "/alg"},
		{"key_ops sign and alg ECDH-ES", ec.with("key_ops", ops("sign"), "alg", "ECDH-ES"), jwk.ErrInvalid, "/alg"},

		{"kty missing", rsa.without("kty"), jwk.ErrInvalid, "/kty"},
		{"J11 kty is null", rsa.with("kty", nil), jwk.ErrSyntax, "/kty"},
		{"J11 kty is an array", rsa.with("kty", ops("RSA")), jwk.ErrSyntax, "/kty"},
		{"J08 kty with NUL", rsa.with("kty", "RSA\x00"), jwk.ErrUnsupported, "/kty"},
		{"kty in another case", rsa.with("kty", "rsa"), jwk.ErrUnsupported, "/kty"},
		{"J11 kid is null", rsa.with("kid", nil), jwk.ErrSyntax, "/kid"},
		{"J11 kid is a number", rsa.with("kid", 1), jwk.ErrSyntax, "/kid"},
		{"J11 use is an array", rsa.with("use", ops("sig")), jwk.ErrSyntax, "/use"},
		{"J11 use is null", rsa.with("use", nil), jwk.ErrSyntax, "/use"},
		{"J11 alg is a number", rsa.with("alg", 256), jwk.ErrSyntax, "/alg"},
		{"J11 alg is null", rsa.with("alg", nil), jwk.ErrSyntax, "/alg"},
		{"J11 key_ops is a string", rsa.with("key_ops", "verify"), jwk.ErrSyntax, "/key_ops"},
		{"J11 key_ops is null", rsa.with("key_ops", nil), jwk.ErrSyntax, "/key_ops"},
		{"J11 key_ops is an object", rsa.with("key_ops", object{}), jwk.ErrSyntax, "/key_ops"},
		{"J11 key_ops holds null", rsa.with("key_ops", []any{"verify", nil}), jwk.ErrSyntax, "/key_ops"},
		{"J11 key_ops holds an array", rsa.with("key_ops", []any{ops("verify")}), jwk.ErrSyntax, "/key_ops"},
		{"J11 key_ops holds a number", rsa.with("key_ops", []any{1}), jwk.ErrSyntax, "/key_ops"},
	} {
		t.Run(test.name, func(t *testing.T) { checkRefused(t, test.o.json(t), test.want, test.path) })
	}
}

// TestUsageKept checks that Parse keeps unknown uses, operations and algorithms, and operations
// that need the missing private half.
func TestUsageKept(t *testing.T) {
	rsa := public(t, "RSA-2048")
	many := make([]string, 32)
	for i := range many {
		many[i] = fmt.Sprint("op", i)
	}
	for _, test := range []struct {
		name string
		o    object
		use  jwk.Use
		ops  jwk.Ops
		alg  jwk.Algorithm
	}{
		{"unknown use", rsa.with("use", "tls"), "tls", 0, ""},
		{"use in another case", rsa.with("use", "SIG"), "SIG", 0, ""},
		{"unknown use beside an operation", rsa.with("use", "tls", "key_ops", []string{"verify"}), "tls", jwk.OpVerify, ""},
		{"unknown use beside an algorithm", rsa.with("use", "tls", "alg", "RS256"), "tls", 0, jwk.RS256},
		{"unknown operation", rsa.with("key_ops", []string{"vouch", "verify"}), "", jwk.OpVerify, ""},
		{"operation in another case", rsa.with("key_ops", []string{"verify", "Verify", "VERIFY"}), "", jwk.OpVerify, ""},
		{"M02 empty operation", rsa.with("key_ops", []string{""}), "", 0, ""},
		{"M02 32 operations", rsa.with("key_ops", many), "", 0, ""},
		{"empty key_ops", rsa.with("key_ops", []string{}), "", 0, ""},
		{"private operations of a public key", rsa.with("key_ops", []string{"sign", "decrypt", "unwrapKey"}), "", jwk.OpSign | jwk.OpDecrypt | jwk.OpUnwrapKey, ""},
		{"unknown alg", rsa.with("alg", "XS256", "use", "sig"), "sig", 0, "XS256"},
		{"M04 noNE", rsa.with("alg", "noNE"), "", 0, "noNE"},
		{"M04 es256 on RSA", rsa.with("alg", "es256"), "", 0, "es256"},
		{"alg RSA1_5", rsa.with("alg", "RSA1_5"), "", 0, "RSA1_5"},
		{"alg PBES2", fixture(t, "oct-256").with("alg", "PBES2-HS512+A256KW"), "", 0, "PBES2-HS512+A256KW"},
		{"empty alg and use", rsa.with("alg", "", "use", ""), "", 0, ""},
		{"long alg", rsa.with("alg", strings.Repeat("A", 1<<16)), "", 0, jwk.Algorithm(strings.Repeat("A", 1<<16))},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := test.o.key(t)
			if k.Use() != test.use || k.Ops() != test.ops || k.Algorithm() != test.alg {
				t.Errorf("got %q %v %q, want %q %v %q", k.Use(), k.Ops(), k.Algorithm(), test.use, test.ops, test.alg)
			}
			if text, err := k.MarshalPrivateJSON(); err != nil || string(text) != string(test.o.json(t)) {
				t.Errorf("got %s, %v; want %s", text, err, test.o.json(t))
			}
		})
	}
}

// TestOpsString checks that String names each operation, and shows unknown bits in hexadecimal.
func TestOpsString(t *testing.T) {
	for ops, want := range map[jwk.Ops]string{
		0:                          "",
		jwk.OpSign:                 "sign",
		jwk.OpVerify | jwk.OpSign:  "sign,verify",
		1 << 8:                     "0x100",
		jwk.OpDeriveBits | 1<<15:   "deriveBits,0x8000",
		jwk.OpUnwrapKey | 1<<8 | 1: "sign,unwrapKey,0x100",
	} {
		if got := ops.String(); got != want {
			t.Errorf("Ops(%#x): got %q, want %q", uint16(ops), got, want)
		}
	}
}

// TestPrivateMemberOfAnotherKind: if this fails, a key that programs treat as public contains a
// secret in a member of another kind.
func TestPrivateMemberOfAnotherKind(t *testing.T) {
	own := map[string][]string{
		"RSA-2048": {"d", "p", "q", "dp", "dq", "qi", "oth"}, "RSA-3072": {"d", "p", "q", "dp", "dq", "qi", "oth"},
		"RSA-2048-multi-prime": {"d", "p", "q", "dp", "dq", "qi", "oth"},
		"P-256":                {"d"}, "P-384": {"d"}, "P-521": {"d"}, "Ed25519": {"d"}, "X25519": {"d"},
		"secp256k1": {"d"}, "Ed448": {"d"}, "X448": {"d"}, "ML-DSA-44": {"priv"}, "ML-DSA-65": {"priv"}, "ML-DSA-87": {"priv"},
		"oct-256": {"k"},
	}
	for _, name := range fixtureNames {
		halves := map[string]object{"private": fixture(t, name)}
		if keyKinds[name].public != nil {
			halves["public"] = public(t, name)
		}
		for half, o := range halves {
			for _, member := range privateNames {
				if slices.Contains(own[name], member) {
					continue
				}
				for what, value := range map[string]any{"octets": "AQAB", "empty": "", "array": []any{}, "null": nil, "number": 1} {
					if name == "oct-256" { // an oct key is secret as a whole (RFC 7517, Section 4)
						if k := o.with(member, value).key(t); !k.IsPrivate() || !k.Equal(o.key(t)) {
							t.Errorf("M07 %s with %s %s: got %v, want the key", name, member, what, k)
						}
						continue
					}
					t.Run(fmt.Sprintf("M07 %s, %s, with %s %s", name, half, member, what), func(t *testing.T) {
						checkRefused(t, o.with(member, value).json(t), jwk.ErrInvalid, "/"+member)
					})
				}
			}
		}
	}
	// An RSA key with another private member, and without d.
	for _, member := range own["RSA-2048-multi-prime"][1:] {
		t.Run("RSA with "+member+" and without d", func(t *testing.T) {
			o := public(t, "RSA-2048").with(member, fixture(t, "RSA-2048-multi-prime")[member])
			checkRefused(t, o.json(t), jwk.ErrInvalid, "/"+member)
		})
	}
	t.Run("RSA with all private members except d", func(t *testing.T) {
		checkRefused(t, fixture(t, "RSA-2048").without("d").json(t), jwk.ErrInvalid, "/p")
	})
	// Names in another case are unknown members.
	t.Run("J03 D, K, PRIV", func(t *testing.T) {
		o := public(t, "P-256").with("D", "AQAB", "K", "AQAB", "PRIV", "AQAB")
		if k := o.key(t); k.IsPrivate() {
			t.Errorf("got %v, want a public key", k)
		}
	})
}

// TestPublicMemberOfAnotherKind checks that a public member of another kind is an unknown
// member: it does not change the key, and its text stays.
func TestPublicMemberOfAnotherKind(t *testing.T) {
	for name, members := range map[string][]string{
		"RSA-2048": {"crv", "x", "y", "pub"}, "P-256": {"n", "e", "pub"}, "Ed25519": {"n", "e", "y", "pub"}, "X25519": {"n", "e", "y", "pub"},
		"secp256k1": {"n", "e", "pub"}, "Ed448": {"n", "e", "y", "pub"}, "X448": {"n", "e", "y", "pub"}, "ML-DSA-44": {"crv", "x", "y", "n", "e"},
		"oct-256": {"crv", "x", "y", "n", "e", "pub"},
	} {
		for _, member := range members {
			for _, value := range []any{"AQAB", "?", nil, 1, object{"a": 1}} {
				t.Run(fmt.Sprintf("M07 %s with %s %v", name, member, value), func(t *testing.T) {
					o := fixture(t, name).with(member, value)
					k := o.key(t)
					if !k.Equal(fixture(t, name).key(t)) || k.Thumbprint() != fixture(t, name).key(t).Thumbprint() {
						t.Errorf("got %v, want the same key as without the member", k)
					}
					if text, err := k.MarshalPrivateJSON(); err != nil || string(text) != string(o.json(t)) {
						t.Errorf("got %s, %v; want %s", text, err, o.json(t))
					}
					if k.Curve() != fixture(t, name).key(t).Curve() {
						t.Errorf("got curve %q", k.Curve())
					}
				})
			}
		}
	}
}
