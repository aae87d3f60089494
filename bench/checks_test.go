package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
)

type members map[string]any

func (o members) with(name string, value any) members {
	next := maps.Clone(o)
	next[name] = value
	return next
}

func (o members) json(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sample returns the members of a key of the benchmark.
func sample(t *testing.T, input func() (*input, error)) members {
	t.Helper()
	in, err := input()
	if err != nil {
		t.Fatal(err)
	}
	var o members
	if err := json.Unmarshal([]byte(in.keys[0].text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestChecks gives bad keys to the functions that are timed. If it fails, the tables claim checks
// that a library does not make, or leave out checks that cost it time.
func TestChecks(t *testing.T) {
	rsaKey, ec, ed := sample(t, oneKey(rsa2048, false)), sample(t, oneKey(p256, false)), sample(t, oneKey(ed25519Kind, false))
	rsaPrivate, ecPrivate, edPrivate := sample(t, oneKey(rsa2048, true)), sample(t, oneKey(p256, true)), sample(t, oneKey(ed25519Kind, true))
	certified := sample(t, certifiedSet(2))
	other := newSource("another key")
	odd := func(bits uint) string {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return encode(n.Add(n, big.NewInt(1)).Bytes())
	}
	n, x := rsaKey["n"].(string), ed["x"].(string)
	even := slices.Clone(mustDecode(t, n))
	even[len(even)-1]--
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	stray := x[:42] + string(alphabet[strings.IndexByte(alphabet, x[42])|1])
	twice := strings.Replace(rsaKey.json(t), `"n":`, `"n":"AQAB","n":`, 1)

	inputs := []struct{ name, text string }{
		{"duplicate member", twice},
		{"invalid UTF-8", rsaKey.with("note", "a?b").json(t)},
		{"padding", ed.with("x", x+"=").json(t)},
		{"line break", ed.with("x", x[:8]+"\n"+x[8:]).json(t)},
		{"stray bits", ed.with("x", stray).json(t)},
		{"standard alphabet", rsaKey.with("n", strings.NewReplacer("-", "+", "_", "/").Replace(n)).json(t)},
		{"unknown use", rsaKey.with("use", "else").json(t)},
		{"use against key_ops", rsaKey.with("key_ops", []string{"encrypt"}).json(t)},
		{"alg against kty", rsaKey.with("alg", "ES256").json(t)},
		{"RSA, 1024 bits", rsaKey.with("n", odd(1024)).json(t)},
		{"RSA, 4104 bits", rsaKey.with("n", odd(4104)).json(t)},
		{"RSA, 8200 bits", rsaKey.with("n", odd(8200)).json(t)},
		{"RSA, even modulus", rsaKey.with("n", encode(even)).json(t)},
		{"RSA, exponent 1", rsaKey.with("e", "AQ").json(t)},
		{"RSA, exponent 2", rsaKey.with("e", "Ag").json(t)},
		{"EC, off the curve", ec.with("y", ec["x"]).json(t)},
		{"EC, x of 33 octets", ec.with("x", encode(append([]byte{0}, mustDecode(t, ec["x"].(string))...))).json(t)},
		{"Ed25519, 31 octets", ed.with("x", encode(other.octets(31))).json(t)},
		{"Ed25519, small order", ed.with("x", encode(make([]byte, 32))).json(t)},
		{"RSA private, other d", rsaPrivate.with("d", encode(other.octets(255))).json(t)},
		{"RSA private, other dp", rsaPrivate.with("dp", encode(other.octets(127))).json(t)},
		{"EC private, other d", ecPrivate.with("d", encode(append([]byte{1}, other.octets(31)...))).json(t)},
		{"EC private, d is 0", ecPrivate.with("d", encode(make([]byte, 32))).json(t)},
		{"Ed25519 private, other d", edPrivate.with("d", encode(other.octets(32))).json(t)},
		{"certificate of another key", certified.with("n", n).json(t)},
		{"x5t of another certificate", certified.with("x5t", encode(other.octets(20))).json(t)},
	}
	inputs[1].text = strings.Replace(inputs[1].text, "a?b", "a\xffb", 1)

	// The inputs that each library accepts. It refuses all others.
	common := []string{"line break", "stray bits", "use against key_ops", "alg against kty", "RSA, even modulus", "EC private, other d"}
	jwksetSlice := append(slices.Clone(common), "duplicate member", "invalid UTF-8", "padding", "unknown use", "RSA, 1024 bits", "RSA, 4104 bits", "RSA, 8200 bits",
		"RSA, exponent 1", "RSA, exponent 2", "EC, x of 33 octets", "Ed25519, small order", "Ed25519 private, other d",
		"certificate of another key", "x5t of another certificate")
	for _, l := range []struct {
		name   string
		parse  func(text string) error
		accept []string
	}{
		{"jwk", parses(ourLibrary), []string{"RSA, 4104 bits", "unknown use"}},
		{"go-jose", parses(goJose), append(slices.Clone(common), "invalid UTF-8", "unknown use", "RSA, 1024 bits", "RSA, exponent 2", "EC private, d is 0")},
		{"jwx", parses(jwxLibrary), append(slices.Clone(common), "padding", "standard alphabet", "RSA, 4104 bits", "RSA, 8200 bits",
			"Ed25519, small order", "RSA private, other d", "RSA private, other dp", "EC private, d is 0", "Ed25519 private, other d",
			"certificate of another key", "x5t of another certificate")},
		{"jwkset", parses(jwksetLibrary), append(slices.Clone(common), "duplicate member", "invalid UTF-8", "padding", "RSA, 1024 bits", "RSA, 4104 bits", "RSA, 8200 bits",
			"RSA, exponent 2", "EC, x of 33 octets", "Ed25519, small order", "Ed25519 private, other d")},
		{"jwkset, a set", parsesSet(jwksetLibrary), jwksetSlice},
		{"jwkset (client), a set", parsesSet(jwksetClient), append(slices.Clone(common), "duplicate member", "invalid UTF-8", "padding", "RSA, 1024 bits", "RSA, 4104 bits", "RSA, 8200 bits",
			"RSA, exponent 2", "EC, x of 33 octets", "Ed25519, small order", "Ed25519 private, other d")},
		{"tink, a set", parsesSet(tinkLibrary), []string{"RSA, even modulus", "RSA, 4104 bits", "RSA, 8200 bits", "certificate of another key", "x5t of another certificate"}},
	} {
		t.Run(l.name, func(t *testing.T) {
			for _, in := range inputs {
				if l.name == "tink, a set" && strings.Contains(in.text, "Ed25519") {
					continue // tink refuses every Ed25519 key
				}
				err := l.parse(in.text)
				if want := slices.Contains(l.accept, in.name); (err == nil) != want {
					t.Errorf("%s: got accepted %t, want %t: %v", in.name, err == nil, want, err)
				}
			}
		})
	}
}

// parses returns a function that parses a key, and fails if the library refuses the key.
func parses[K, S any](p peer[K, S]) func(text string) error {
	return func(text string) error {
		k, err := p.parse([]byte(text))
		if err == nil {
			p.kid(k)
		}
		return err
	}
}

// parsesSet returns a function that parses a set with one key. It fails if the set has no key,
// too.
func parsesSet[K, S any](p peer[K, S]) func(text string) error {
	return func(text string) error {
		s, err := p.parseSet([]byte(`{"keys":[`+text+`]}`), 1)
		if err != nil {
			return err
		}
		if n := len(p.keys(s)); n != 1 {
			return fmt.Errorf("%d keys", n)
		}
		return nil
	}
}

func mustDecode(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
