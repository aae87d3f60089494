package jwk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestAlgorithms checks that Algorithms yields the algorithms of a key, with the preferred one
// first.
func TestAlgorithms(t *testing.T) {
	p256, rsa, ed := public(t, "P-256"), public(t, "RSA-2048"), public(t, "Ed25519")
	const (
		rsaSig = "RS256 PS256 RS384 RS512 PS384 PS512"
		rsaEnc = "RSA-OAEP-256 RSA-OAEP RSA-OAEP-384 RSA-OAEP-512"
		ecdh   = "ECDH-ES+A256KW ECDH-ES+A192KW ECDH-ES+A128KW ECDH-ES"
	)
	for _, tt := range []struct {
		name string
		key  object
		want string
	}{
		{"RSA", rsa, rsaSig + " " + rsaEnc},
		{"RSA, private", fixture(t, "RSA-2048"), rsaSig + " " + rsaEnc},
		{"RSA, use sig", rsa.with("use", "sig"), rsaSig},
		{"RSA, use enc", rsa.with("use", "enc"), rsaEnc},
		{"RSA, key_ops", rsa.with("key_ops", []string{"verify"}), rsaSig},
		{"RSA, an unregistered use", rsa.with("use", "tls"), ""},
		{"RSA, alg", rsa.with("alg", "PS384"), "PS384"},
		{"RSA, an alg to encrypt", rsa.with("alg", "RSA-OAEP"), "RSA-OAEP"},
		{"RSA, an alg that only a key states", rsa.with("alg", "RSA1_5"), "RSA1_5"},
		{"RSA, an unknown alg", rsa.with("alg", "X"), "X"},
		{"P-256", p256, "ES256 " + ecdh},
		{"P-521", public(t, "P-521"), "ES512 " + ecdh},
		{"secp256k1", public(t, "secp256k1"), "ES256K"},
		{"Ed25519", ed, "EdDSA Ed25519"},
		{"Ed25519, alg EdDSA", ed.with("alg", "EdDSA"), "EdDSA Ed25519"},
		{"Ed25519, alg Ed25519", ed.with("alg", "Ed25519"), "Ed25519 EdDSA"},
		{"Ed448", public(t, "Ed448"), "EdDSA Ed448"},
		{"X25519", public(t, "X25519"), ecdh},
		{"ML-DSA-65", public(t, "ML-DSA-65"), "ML-DSA-65"},
		{"16 octets", octOf(16), "A128KW A128GCMKW dir A128GCM"},
		{"32 octets", octOf(32), "HS256 A256KW A256GCMKW dir A256GCM A128CBC-HS256"},
		{"64 octets, use sig", octOf(64).with("use", "sig"), "HS256 HS384 HS512"},
		{"64 octets, alg HS512", octOf(64).with("alg", "HS512"), "HS512"},
		{"PBES2", octOf(16).with("alg", "PBES2-HS256+A128KW"), "PBES2-HS256+A128KW"},
	} {
		var got []string
		for alg := range tt.key.key(t).Algorithms() {
			got = append(got, string(alg))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, strings.Join(got, " "), tt.want)
		}
	}
	for name, k := range map[string]*jwk.Key{"nil": nil, "zero": new(jwk.Key)} {
		for alg := range k.Algorithms() {
			t.Errorf("%s key: got %s, want nothing", name, alg)
		}
	}
	// If use contradicts alg, the key has no algorithm.
	k, err := (&jwk.Parser{Lenient: true}).Parse(rsa.with("use", "enc", "alg", "RS256").json(t))
	if err != nil {
		t.Fatal(err)
	}
	for alg := range k.Algorithms() {
		t.Errorf("use contradicts alg: got %s, want nothing", alg)
	}
}

// TestAlgorithmsAgree checks that Algorithms yields each algorithm that Supports accepts,
// exactly once and no other. An algorithm that needs an alg appears only if the key states it.
func TestAlgorithmsAgree(t *testing.T) {
	known := registeredAlgorithms(t)
	stated := []jwk.Algorithm{"RSA1_5", "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"}
	for _, name := range fixtureNames {
		for _, o := range []object{fixture(t, name), public(t, name)} {
			if name == "oct-256" {
				o = fixture(t, name)
			}
			variants := []object{o, o.with("use", "sig"), o.with("use", "enc"), o.with("key_ops", []string{"verify"}), o.with("key_ops", []string{"deriveKey"}), o.with("alg", "unknown")}
			for _, alg := range append(known, stated...) {
				variants = append(variants, o.with("alg", string(alg)))
			}
			for _, v := range variants {
				k, err := jwk.Parse(v.json(t))
				if err != nil {
					continue // the kind cannot have this use or alg
				}
				got := slices.Collect(k.Algorithms())
				var want []jwk.Algorithm
				for _, alg := range append(known, append(stated, "unknown")...) {
					if k.Supports(alg) && (!slices.Contains(stated, alg) || k.Algorithm() == alg) {
						want = append(want, alg)
					}
				}
				if len(got) > 0 && k.Algorithm() != "" && got[0] != k.Algorithm() {
					t.Errorf("%v: got %v, want its own alg first", k, got)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%v: got %v, want %v", k, got, want)
				}
			}
		}
	}
}

// registeredAlgorithms returns the constants of type Algorithm.
func registeredAlgorithms(t *testing.T) []jwk.Algorithm {
	t.Helper()
	var list []jwk.Algorithm
	for _, line := range exportedAPI(theSource(t).pkg) {
		var name, value string
		if n, _ := fmt.Sscanf(line, "const %s Algorithm = %q", &name, &value); n == 2 {
			list = append(list, jwk.Algorithm(value))
		}
	}
	if len(list) < 40 {
		t.Fatalf("got %d algorithms, want all", len(list))
	}
	return list
}
