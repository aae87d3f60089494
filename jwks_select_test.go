package jwk_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

var _ jwk.Source = (*jwk.Set)(nil)

// TestQuery holds one key against one query, in a small set, which is searched key by key, and in a
// set with an index. If it fails, a key is used for something that it is not for, or the error
// gives a wrong reason.
func TestQuery(t *testing.T) {
	rsa, p256, p384, ed, x25519 := public(t, "RSA-2048"), public(t, "P-256"), public(t, "P-384"), public(t, "Ed25519"), public(t, "X25519")
	oct := func(octets int) object {
		return object{"kty": "oct", "k": encoded(make([]byte, octets))}
	}
	ops := func(names ...string) []string { return append([]string{}, names...) }
	for _, tt := range []struct {
		name   string
		key    object
		q      jwk.Query
		reason string // why the key does not answer, "" if it does
	}{
		{"no condition", rsa, jwk.Query{}, ""},

		{"kid", rsa.with("kid", "a"), jwk.Query{KeyID: "a"}, ""},
		{"type", rsa, jwk.Query{Type: jwk.RSA}, ""},
		{"another type", rsa, jwk.Query{Type: jwk.EC}, "kty is RSA"},
		{"curve", p256, jwk.Query{Curve: jwk.CurveP256}, ""},
		{"another curve", p256, jwk.Query{Curve: jwk.CurveP384}, "crv is P-256"},
		{"curve of a key without a curve", rsa, jwk.Query{Curve: jwk.CurveP256}, "kty is RSA"},
		{"private", fixture(t, "P-256"), jwk.Query{Private: true}, ""},
		{"private, a symmetric key", oct(32), jwk.Query{Private: true}, ""},
		{"private of a public key", p256, jwk.Query{Private: true}, "it is public"},

		{"use", rsa.with("use", "sig"), jwk.Query{Use: jwk.UseSig}, ""},
		{"use left out", rsa, jwk.Query{Use: jwk.UseSig}, ""},
		{"another use", rsa.with("use", "enc"), jwk.Query{Use: jwk.UseSig}, "use is enc"},
		{"an unregistered use", rsa.with("use", "tls"), jwk.Query{Use: jwk.UseSig}, "use is tls"},
		{"an unregistered use asked", rsa.with("use", "tls"), jwk.Query{Use: "tls"}, ""},
		{"an unregistered use asked of sig", rsa.with("use", "sig"), jwk.Query{Use: "tls"}, "use is sig"},
		{"an unregistered use asked, left out", rsa, jwk.Query{Use: "tls"}, ""},
		{"use told by key_ops", rsa.with("key_ops", ops("verify")), jwk.Query{Use: jwk.UseSig}, ""},
		{"another use told by key_ops", rsa.with("key_ops", ops("encrypt")), jwk.Query{Use: jwk.UseSig}, "key_ops is [encrypt]"},
		{"use beside an empty key_ops", rsa.with("key_ops", ops()), jwk.Query{Use: jwk.UseSig}, ""},
		{"use against unknown operations", rsa.with("key_ops", ops("")), jwk.Query{Use: jwk.UseSig}, "key_ops has no known operation"},
		{"operation beside an empty key_ops", rsa.with("key_ops", ops()), jwk.Query{Ops: jwk.OpVerify}, ""},
		{"use told by alg", rsa.with("alg", "RS256"), jwk.Query{Use: jwk.UseSig}, ""},
		{"another use told by alg", rsa.with("alg", "RSA-OAEP"), jwk.Query{Use: jwk.UseSig}, "alg is RSA-OAEP"},
		{"use against an unregistered alg", rsa.with("alg", "X"), jwk.Query{Use: jwk.UseSig}, ""},
		{"use that the type cannot have", x25519, jwk.Query{Use: jwk.UseSig}, "X25519 keys are not for that"},

		{"operation", rsa.with("key_ops", ops("verify", "encrypt")), jwk.Query{Ops: jwk.OpVerify}, ""},
		{"operation left out", rsa, jwk.Query{Ops: jwk.OpVerify}, ""},
		{"all operations", rsa.with("key_ops", ops("verify", "encrypt", "wrapKey")), jwk.Query{Ops: jwk.OpVerify | jwk.OpEncrypt}, ""},
		{"one of two operations", rsa.with("key_ops", ops("verify")), jwk.Query{Ops: jwk.OpVerify | jwk.OpEncrypt}, "key_ops is [verify]"},
		{"another operation", rsa.with("key_ops", ops("encrypt")), jwk.Query{Ops: jwk.OpVerify}, "key_ops is [encrypt]"},
		{"operation against unregistered ones", rsa.with("key_ops", ops("attest")), jwk.Query{Ops: jwk.OpVerify}, "key_ops has no known operation"},
		{"operation of use", rsa.with("use", "sig"), jwk.Query{Ops: jwk.OpVerify}, ""},
		{"operation of another use", rsa.with("use", "enc"), jwk.Query{Ops: jwk.OpVerify}, "use is enc"},
		{"operation against an unregistered use", rsa.with("use", "tls"), jwk.Query{Ops: jwk.OpVerify}, "use is tls"},
		{"operation of alg", rsa.with("alg", "RS256"), jwk.Query{Ops: jwk.OpVerify}, ""},
		{"operation of another alg", rsa.with("alg", "RSA-OAEP"), jwk.Query{Ops: jwk.OpVerify}, "alg is RSA-OAEP"},
		{"operation that the type cannot have", ed, jwk.Query{Ops: jwk.OpEncrypt}, "Ed25519 keys are not for that"},
		{"sign of a public key", p256, jwk.Query{Ops: jwk.OpSign}, "it is public"},
		{"sign of a public key that states it", p256.with("key_ops", ops("sign")), jwk.Query{Ops: jwk.OpSign}, "it is public"},
		{"decrypt of a public key", rsa, jwk.Query{Ops: jwk.OpDecrypt}, "it is public"},
		{"unwrapKey of a public key", rsa, jwk.Query{Ops: jwk.OpUnwrapKey}, "it is public"},
		{"deriveKey of a public key", x25519, jwk.Query{Ops: jwk.OpDeriveKey}, ""},
		{"sign of a private key", fixture(t, "P-256"), jwk.Query{Ops: jwk.OpSign}, ""},
		{"verify of a private key", fixture(t, "P-256"), jwk.Query{Ops: jwk.OpVerify}, ""},
		{"sign of a private key that does not state it", fixture(t, "P-256").with("key_ops", ops("verify")), jwk.Query{Ops: jwk.OpSign}, "key_ops is [verify]"},
		{"sign of a symmetric key", oct(32), jwk.Query{Ops: jwk.OpSign | jwk.OpVerify}, ""},
		{"an unregistered operation bit", rsa, jwk.Query{Ops: 1 << 12}, "RSA keys are not for that"},

		{"alg", rsa.with("alg", "RS256"), jwk.Query{Algorithm: jwk.RS256}, ""},
		{"alg left out", rsa, jwk.Query{Algorithm: jwk.PS384}, ""},
		{"another alg", rsa.with("alg", "RS256"), jwk.Query{Algorithm: jwk.RS384}, "alg is RS256"},
		{"another alg of another use", rsa.with("alg", "RSA-OAEP"), jwk.Query{Algorithm: jwk.RS256}, "alg is RSA-OAEP"},
		{"alg against an unregistered one", rsa.with("alg", "X"), jwk.Query{Algorithm: jwk.RS256}, "alg is X"},
		{"an unregistered alg", rsa.with("alg", "X"), jwk.Query{Algorithm: "X"}, ""},
		{"an unregistered alg, left out", rsa, jwk.Query{Algorithm: "X"}, "alg X is unknown"},
		{"alg in lower case", rsa, jwk.Query{Algorithm: "rs256"}, "alg rs256 is unknown, want RS256: case matters"},
		{"alg none", rsa, jwk.Query{Algorithm: "none"}, "alg none is unknown"},
		{"alg of another type", rsa, jwk.Query{Algorithm: jwk.ES256}, "RSA keys are not for that"},
		{"HMAC with a public key", rsa, jwk.Query{Algorithm: jwk.HS256}, "RSA keys are not for that"},
		{"signature with a secret", oct(64), jwk.Query{Algorithm: jwk.RS256}, "oct keys are not for that"},
		{"alg of another curve", p384, jwk.Query{Algorithm: jwk.ES256}, "P-384 keys are not for that"},
		{"EdDSA with X25519", x25519, jwk.Query{Algorithm: jwk.EdDSA}, "X25519 keys are not for that"},
		{"ECDH-ES with Ed25519", ed, jwk.Query{Algorithm: jwk.ECDHES}, "Ed25519 keys are not for that"},
		{"ECDH-ES with X25519", x25519, jwk.Query{Algorithm: jwk.ECDHESA256KW}, ""},
		{"ECDH-ES with P-384", p384, jwk.Query{Algorithm: jwk.ECDHES}, ""},
		{"EdDSA with a key for Ed25519", ed.with("alg", "Ed25519"), jwk.Query{Algorithm: jwk.EdDSA}, ""},
		{"Ed25519 with a key for EdDSA", ed.with("alg", "EdDSA"), jwk.Query{Algorithm: jwk.Ed25519}, ""},
		{"Ed448 with an Ed25519 key for EdDSA", ed.with("alg", "EdDSA"), jwk.Query{Algorithm: jwk.Ed448}, "alg is EdDSA"},
		{"Ed448 with an Ed25519 key", ed, jwk.Query{Algorithm: jwk.Ed448}, "Ed25519 keys are not for that"},
		{"HS256 with 32 octets", oct(32), jwk.Query{Algorithm: jwk.HS256}, ""},
		{"HS256 with 33 octets", oct(33), jwk.Query{Algorithm: jwk.HS256}, ""},
		{"HS256 with 31 octets", oct(31), jwk.Query{Algorithm: jwk.HS256}, "HS256 needs at least 32 octets, the key has 31"},
		{"A128KW with 16 octets", oct(16), jwk.Query{Algorithm: jwk.A128KW}, ""},
		{"A128KW with 17 octets", oct(17), jwk.Query{Algorithm: jwk.A128KW}, "A128KW needs 16 octets, the key has 17"},
		{"dir with any number of octets", oct(5), jwk.Query{Algorithm: jwk.Dir}, ""},
		{"alg against another use", rsa.with("use", "enc"), jwk.Query{Algorithm: jwk.RS256}, "use is enc"},
		{"encryption against use sig", rsa.with("use", "sig"), jwk.Query{Algorithm: jwk.RSAOAEP256}, "use is sig"},
		{"alg against an unregistered use", rsa.with("use", "tls"), jwk.Query{Algorithm: jwk.RS256}, "use is tls"},
		{"alg against key_ops", rsa.with("key_ops", ops("encrypt")), jwk.Query{Algorithm: jwk.RS256}, "key_ops is [encrypt]"},
		{"alg beside an empty key_ops", rsa.with("key_ops", ops()), jwk.Query{Algorithm: jwk.RS256}, ""},
		{"alg against unknown operations", rsa.with("key_ops", ops("x")), jwk.Query{Algorithm: jwk.RS256}, "key_ops has no known operation"},
		{"alg beside an unregistered use that is asked", p256.with("use", "jwt-svid"), jwk.Query{Use: "jwt-svid", Algorithm: jwk.ES256}, ""},
		{"another curve's alg beside it", p256.with("use", "jwt-svid"), jwk.Query{Use: "jwt-svid", Algorithm: jwk.ES384}, "P-256 keys are not for that"},
		{"another type's alg beside it", p256.with("use", "jwt-svid"), jwk.Query{Use: "jwt-svid", Algorithm: jwk.RS256}, "P-256 keys are not for that"},
		{"another alg of the key beside it", rsa.with("use", "jwt-svid", "alg", "PS256"), jwk.Query{Use: "jwt-svid", Algorithm: jwk.RS256}, "alg is PS256"},
		{"other key_ops beside it", p256.with("use", "jwt-svid", "key_ops", ops("deriveKey")), jwk.Query{Use: "jwt-svid", Algorithm: jwk.ES256}, "key_ops is [deriveKey]"},
		{"alg beside another unregistered use", p256.with("use", "x509-svid"), jwk.Query{Use: "jwt-svid", Algorithm: jwk.ES256}, "alg ES256 is not for use jwt-svid"},
		{"alg beside an unregistered use that is left out", p256, jwk.Query{Use: "jwt-svid", Algorithm: jwk.ES256}, "alg ES256 is not for use jwt-svid"},
		{"operation beside an unregistered use that is asked", p256.with("use", "jwt-svid"), jwk.Query{Use: "jwt-svid", Ops: jwk.OpVerify}, "use is jwt-svid"},
		{"alg with one of its operations", fixture(t, "P-256").with("key_ops", ops("sign")), jwk.Query{Algorithm: jwk.ES256}, ""},

		{"C07 use is enc", p256.with("kid", "k1", "use", "enc"), jwk.Query{KeyID: "k1", Ops: jwk.OpVerify, Algorithm: jwk.ES256}, "use is enc"},
		{"C07 alg is another", p384.with("kid", "k1", "alg", "ES384"), jwk.Query{KeyID: "k1", Ops: jwk.OpVerify, Algorithm: jwk.ES256}, "alg is ES384"},
		{"C07 key_ops is sign", p256.with("kid", "k1", "key_ops", ops("sign")), jwk.Query{KeyID: "k1", Ops: jwk.OpVerify, Algorithm: jwk.ES256}, "key_ops is [sign]"},
		{"C07 key_ops is sign, of the private key", fixture(t, "P-256").with("kid", "k1", "key_ops", ops("sign")), jwk.Query{KeyID: "k1", Ops: jwk.OpVerify, Algorithm: jwk.ES256}, "key_ops is [sign]"},
		{"C07 all of it", p256.with("kid", "k1", "use", "sig", "key_ops", ops("verify"), "alg", "ES256"),
			jwk.Query{KeyID: "k1", Use: jwk.UseSig, Ops: jwk.OpVerify, Algorithm: jwk.ES256, Type: jwk.EC, Curve: jwk.CurveP256}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// A set of nine equal keys has an index; the first key is the answer.
			for _, n := range []int{1, 9} {
				k := tt.key.key(t)
				keys := []*jwk.Key{k}
				for range n - 1 {
					keys = append(keys, tt.key.key(t))
				}
				s := jwk.NewSet(keys...)
				got := slices.Collect(s.Select(tt.q))
				found, err := s.Find(t.Context(), tt.q)
				if tt.reason == "" {
					if !slices.Equal(got, keys) {
						t.Errorf("Select: got %v, want all %d keys", got, n)
					}
					if err != nil || found != k {
						t.Errorf("Find: got %v, %v, want the first key", found, err)
					}
					continue
				}
				if len(got) != 0 || found != nil {
					t.Errorf("Select, Find: got %v, %v, want no key", got, found)
				}
				e := checkNotFound(t, err)
				if len(e.Closest) == 0 || e.Closest[0].Key != k || e.Closest[0].Reason != tt.reason {
					t.Errorf("closest: got %v, want the key and %q", e.Closest, tt.reason)
				}
				if e.Query != tt.q {
					t.Errorf("query: got %+v, want %+v", e.Query, tt.q)
				}
			}
		})
	}
}

// TestQueryOfAKeyID: a KeyID finds only keys with exactly this kid, and "" sets no condition.
func TestQueryOfAKeyID(t *testing.T) {
	s := jwk.NewSet(public(t, "RSA-2048").key(t), public(t, "P-256").with("kid", "a").key(t), public(t, "Ed25519").with("kid", "").key(t))
	for _, tt := range []struct {
		name string
		q    jwk.Query
		want string
	}{
		{"C06 present", jwk.Query{KeyID: "a"}, "a"},
		{"C06 missing", jwk.Query{KeyID: "b"}, ""},
		{"C06 another case", jwk.Query{KeyID: "A"}, ""},
		{"C06 missing, the algorithm present", jwk.Query{KeyID: "b", Algorithm: jwk.ES256}, ""},
		{"C06 present, another algorithm", jwk.Query{KeyID: "a", Algorithm: jwk.RS256}, ""},
		{"no kid asked", jwk.Query{}, "- a "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := kidsOf(s.Select(tt.q)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestQueryOfManyClasses: Select finds the right keys in order, with few classes, which have an
// index, and with more than 32 classes, which have no index.
func TestQueryOfManyClasses(t *testing.T) {
	for classes := 1; classes <= 70; classes++ {
		var keys []*jwk.Key
		for i := range 2 * max(classes, 5) {
			keys = append(keys, public(t, "Ed25519").with("use", fmt.Sprint("use", i%classes)).key(t))
		}
		s := jwk.NewSet(keys...)
		if got := slices.Collect(s.Select(jwk.Query{})); !slices.Equal(got, keys) {
			t.Errorf("%d classes: got %d keys, want all %d in order", classes, len(got), len(keys))
		}
		for use := range classes {
			q := jwk.Query{Use: jwk.Use(fmt.Sprint("use", use))}
			want := slices.DeleteFunc(slices.Clone(keys), func(k *jwk.Key) bool { return k.Use() != q.Use })
			if got := slices.Collect(s.Select(q)); !slices.Equal(got, want) {
				t.Errorf("%d classes, use %d: got %d keys, want %d", classes, use, len(got), len(want))
			}
		}
	}
}

// TestQueryOfSomeClasses: Select merges the keys of the classes that answer, and of no others.
func TestQueryOfSomeClasses(t *testing.T) {
	var keys []*jwk.Key
	for i := range 12 {
		o := public(t, "Ed25519").with("kid", fmt.Sprint(i))
		switch i % 3 { // the first class does not answer, and the others are merged
		case 0:
			o = o.with("use", "other")
		case 1:
			o = o.with("use", "sig")
		}
		keys = append(keys, o.key(t))
	}
	want := slices.DeleteFunc(slices.Clone(keys), func(k *jwk.Key) bool { return k.Use() == "other" })
	if got := slices.Collect(jwk.NewSet(keys...).Select(jwk.Query{Use: jwk.UseSig})); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v in order", got, want)
	}
}

// TestFindIgnoresContext: a set is in memory, so Find answers after the context has ended.
func TestFindIgnoresContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	k := public(t, "P-256").key(t)
	if got, err := jwk.NewSet(k).Find(ctx, jwk.Query{}); err != nil || got != k {
		t.Errorf("got %v, %v, want the key: a set is in memory", got, err)
	}
}

// TestNotFoundError: the text names the query and why the closest keys do not answer it, in one
// line even for hostile texts. People read it to find out why a token is refused.
func TestNotFoundError(t *testing.T) {
	p256, rsa, ed := public(t, "P-256"), public(t, "RSA-2048"), public(t, "Ed25519")
	hostile := "a\nb\x1b[31m\u202e\""
	long := strings.Repeat("k", 1000)
	cut := `"` + strings.Repeat("k", 64) + `"...`
	many := make([]*jwk.Key, 6)
	for i := range many {
		many[i] = rsa.with("kid", fmt.Sprint("k", i)).key(t)
	}
	for _, tt := range []struct {
		name string
		s    *jwk.Set
		q    jwk.Query
		want string
	}{
		{"empty set", jwk.NewSet(), jwk.Query{}, `jwk: no key for any use: there are no keys`},
		{"empty set, all asked", jwk.NewSet(), jwk.Query{KeyID: "a", Use: jwk.UseSig, Ops: jwk.OpSign | jwk.OpVerify, Algorithm: jwk.ES256, Type: jwk.EC, Curve: jwk.CurveP256, Private: true},
			`jwk: no key for kid a, use sig, key_ops sign,verify, alg ES256, kty EC, crv P-256, private: no key has that kid`},
		{"no such kid", jwk.NewSet(p256.key(t)), jwk.Query{KeyID: "b"}, `jwk: no key for kid b: no key has that kid`},
		{"its kid", jwk.NewSet(rsa.key(t), p256.with("kid", "k1", "use", "enc").key(t)), jwk.Query{KeyID: "k1", Algorithm: jwk.ES256},
			`jwk: no key for kid k1, alg ES256: kid k1: use is enc`},
		{"two with its kid", jwk.NewSet(rsa.with("kid", "k1").key(t), p256.with("kid", "k1", "use", "enc").key(t)), jwk.Query{KeyID: "k1", Ops: jwk.OpVerify, Curve: jwk.CurveP384},
			`jwk: no key for kid k1, key_ops verify, crv P-384: kid k1: kty is RSA`},
		{"without kid", jwk.NewSet(p256.key(t)), jwk.Query{Algorithm: jwk.RS256}, `jwk: no key for alg RS256: a key without kid: P-256 keys are not for that`},
		{"only the closest", jwk.NewSet(rsa.with("kid", "far").key(t), ed.with("kid", "near").key(t)), jwk.Query{Type: jwk.OKP, Use: jwk.UseEnc, Curve: jwk.CurveEd25519},
			`jwk: no key for use enc, kty OKP, crv Ed25519: kid near: Ed25519 keys are not for that`},
		{"four of six", jwk.NewSet(many...), jwk.Query{Type: jwk.EC},
			`jwk: no key for kty EC: kid k0: kty is RSA; kid k1: kty is RSA; kid k2: kty is RSA; kid k3: kty is RSA`},
		{"an unregistered operation bit", jwk.NewSet(p256.key(t)), jwk.Query{Ops: 1 << 12}, `jwk: no key for key_ops 0x1000: a key without kid: P-256 keys are not for that`},
		{"Z04 hostile kid asked", jwk.NewSet(), jwk.Query{KeyID: hostile}, `jwk: no key for kid "a\nb\x1b[31m\u202e\"": no key has that kid`},
		{"Z04 hostile kid of a key", jwk.NewSet(p256.with("kid", hostile).key(t)), jwk.Query{Type: jwk.RSA},
			`jwk: no key for kty RSA: kid "a\nb\x1b[31m\u202e\"": kty is EC`},
		{"M05 long kid asked", jwk.NewSet(), jwk.Query{KeyID: long}, `jwk: no key for kid ` + cut + `: no key has that kid`},
		{"empty kid of a key", jwk.NewSet(p256.with("kid", "").key(t)), jwk.Query{Type: jwk.RSA}, `jwk: no key for kty RSA: kid "": kty is EC`},
		{"M05 long kid of a key", jwk.NewSet(p256.with("kid", long).key(t)), jwk.Query{Type: jwk.RSA}, `jwk: no key for kty RSA: kid ` + cut + `: kty is EC`},
		{"Z04 hostile use and alg asked", jwk.NewSet(p256.key(t)), jwk.Query{Use: jwk.Use(hostile), Algorithm: jwk.Algorithm(long)},
			`jwk: no key for use "a\nb\x1b[31m\u202e\"", alg ` + cut + `: a key without kid: alg ` + cut + ` is unknown`},
		{"Z04 hostile use of a key", jwk.NewSet(p256.with("use", hostile).key(t)), jwk.Query{Use: jwk.UseSig},
			`jwk: no key for use sig: a key without kid: use is of 12 octets`},
		{"Z04 hostile alg of a key", jwk.NewSet(p256.with("alg", long).key(t)), jwk.Query{Algorithm: jwk.ES256},
			`jwk: no key for alg ES256: a key without kid: alg is of 1000 octets`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := tt.s.Find(t.Context(), tt.q)
			if k != nil {
				t.Errorf("got key %v beside the error, want nil", k)
			}
			checkNotFound(t, err)
			if got := err.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestNotFoundErrorKeepsSecrets: neither the text nor a verb of fmt shows private material of the
// keys in Closest.
func TestNotFoundErrorKeepsSecrets(t *testing.T) {
	var keys []*jwk.Key
	secrets := newSecrets()
	for _, name := range fixtureNames {
		o := fixture(t, name)
		secrets.add(o)
		keys = append(keys, o.with("kid", "id").key(t))
	}
	s := jwk.NewSet(keys...)
	for _, q := range []jwk.Query{{Algorithm: "none"}, {KeyID: "id", Algorithm: "none"}, {Type: "X"}, {KeyID: "id", Use: "x", Curve: "y"}} {
		_, err := s.Find(t.Context(), q)
		if e := checkNotFound(t, err); len(e.Closest) == 0 {
			t.Errorf("Find(%+v): got nothing closest, want keys", q)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			secrets.check(t, fmt.Sprintf(verb, err))
			secrets.check(t, fmt.Sprintf(verb, *checkNotFound(t, err)))
		}
	}
}

// TestNotFoundErrorMadeByHand: another Source makes such errors, perhaps with zero keys. Error must
// not panic.
func TestNotFoundErrorMadeByHand(t *testing.T) {
	e := &jwk.NotFoundError{Closest: []jwk.Mismatch{{Reason: "no key"}, {Key: new(jwk.Key), Reason: "zero"}}}
	const want = "jwk: no key for any use: a key without kid: no key; a key without kid: zero"
	if got := e.Error(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestContradictoryQuery: no key answers a query whose Use or Ops do not fit its Algorithm, not
// even a key without use, key_ops and alg.
func TestContradictoryQuery(t *testing.T) {
	s := jwk.NewSet(public(t, "P-256").key(t), fixture(t, "P-256").key(t))
	for _, tt := range []struct {
		q    jwk.Query
		want string
	}{
		{jwk.Query{Algorithm: jwk.ECDHES, Ops: jwk.OpVerify}, "alg ECDH-ES is not for verify"},
		{jwk.Query{Algorithm: jwk.ECDHES, Use: jwk.UseSig}, "alg ECDH-ES is not for use sig"},
		{jwk.Query{Algorithm: jwk.ES256, Use: jwk.UseEnc}, "alg ES256 is not for use enc"},
		{jwk.Query{Algorithm: jwk.ES256, Use: "other"}, "alg ES256 is not for use other"},
		{jwk.Query{Algorithm: jwk.ES256, Ops: jwk.OpVerify | jwk.OpDeriveBits}, "alg ES256 is not for deriveBits"},
	} {
		_, err := s.Find(t.Context(), tt.q)
		checkNotFound(t, err)
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q in it", err, tt.want)
		}
	}
	if _, err := s.Find(t.Context(), jwk.Query{Algorithm: jwk.ECDHES, Ops: jwk.OpDeriveBits}); err != nil {
		t.Error(err)
	}
}
