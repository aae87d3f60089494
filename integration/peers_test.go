package integration

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/go-jose/go-jose/v4"
	jwx "github.com/lestrrat-go/jwx/v3/jwk"

	"github.com/seed1f6cf2d3/jwk"
)

// A library is the interface through which TestPeers asks each library the same questions.
type library struct {
	name  string
	parse func(text []byte) (key any, err error)  // returns the Go key of one private or public key
	set   func(text []byte) (keys int, err error) // returns the number of usable keys of a set
	write func(text []byte) ([]byte, error)       // parses a key and marshals it with encoding/json
}

var libraries = []library{
	{
		name: "this package",
		parse: func(text []byte) (any, error) {
			k, err := jwk.Parse(text)
			if err != nil {
				return nil, err
			}
			if k.IsPrivate() {
				return k.PrivateKey(), nil
			}
			return k.PublicKey(), nil
		},
		set: func(text []byte) (int, error) {
			s, err := jwk.ParseSet(text)
			if err != nil {
				return 0, err
			}
			return s.Len(), nil
		},
		write: func(text []byte) ([]byte, error) {
			k, err := jwk.Parse(text)
			if err != nil {
				return nil, err
			}
			return json.Marshal(k)
		},
	},
	{
		name: "go-jose v4.1.9",
		parse: func(text []byte) (any, error) {
			var k jose.JSONWebKey
			err := k.UnmarshalJSON(text)
			return k.Key, err
		},
		set: func(text []byte) (int, error) {
			var s jose.JSONWebKeySet
			err := json.Unmarshal(text, &s)
			return len(s.Keys), err
		},
		write: func(text []byte) ([]byte, error) {
			var k jose.JSONWebKey
			if err := json.Unmarshal(text, &k); err != nil {
				return nil, err
			}
			return json.Marshal(k)
		},
	},
	{
		name: "jwx v3.4.0",
		parse: func(text []byte) (any, error) {
			k, err := jwx.ParseKey(text)
			if err != nil {
				return nil, err
			}
			var raw any
			err = jwx.Export(k, &raw)
			return raw, err
		},
		set: func(text []byte) (int, error) {
			s, err := jwx.Parse(text)
			if err != nil {
				return 0, err
			}
			keys := 0
			for i := range s.Len() {
				var raw any
				if k, ok := s.Key(i); ok && jwx.Export(k, &raw) == nil {
					keys++
				}
			}
			return keys, nil
		},
		write: func(text []byte) ([]byte, error) {
			k, err := jwx.ParseKey(text)
			if err != nil {
				return nil, err
			}
			return json.Marshal(k)
		},
	},
	{
		name: "jwkset v0.11.4",
		parse: func(text []byte) (any, error) {
			k, err := jwkset.NewJWKFromRawJSON(text, jwkset.JWKMarshalOptions{Private: true}, jwkset.JWKValidateOptions{})
			return k.Key(), err
		},
		set: func(text []byte) (int, error) {
			var raw jwkset.JWKSMarshal
			if err := json.Unmarshal(text, &raw); err != nil {
				return 0, err
			}
			keys, err := raw.JWKSlice()
			return len(keys), err
		},
		write: func(text []byte) ([]byte, error) {
			// The caller would have to ask for d with Private: true.
			k, err := jwkset.NewJWKFromRawJSON(text, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
			if err != nil {
				return nil, err
			}
			return json.Marshal(k.Marshal())
		},
	},
}

type members map[string]any

// generated returns the JSON members of a new private key.
func generated(t *testing.T, alg jwk.Algorithm) members {
	t.Helper()
	k, err := jwk.Generate(alg, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	var o members
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o members) with(name string, value any) members {
	next := maps.Clone(o)
	next[name] = value
	return next
}

func (o members) without(names ...string) members {
	next := maps.Clone(o)
	for _, n := range names {
		delete(next, n)
	}
	return next
}

func (o members) json(t *testing.T) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func base64url(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

// TestPeers gives the same inputs to this package and to its peers. If it fails, the tables of
// docs/comparison.md or the figures of the README are wrong about this package or about another
// one. Run it with -v to see the tables.
func TestPeers(t *testing.T) {
	rsa, ec, ed := generated(t, jwk.RS256), generated(t, jwk.ES256), generated(t, jwk.EdDSA)
	rsaPublic := rsa.without("d", "p", "q", "dp", "dq", "qi")
	edPublic := ed.without("d")

	even := new(big.Int).Lsh(big.NewInt(1), 2047)
	even.Add(even, big.NewInt(2))
	huge := new(big.Int).Lsh(big.NewInt(1), 65535)
	huge.Add(huge, big.NewInt(1))
	wraps := new(big.Int).Lsh(big.NewInt(1), 64)
	wraps.Add(wraps, big.NewInt(65537))
	dp, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 1000))
	if err != nil {
		t.Fatal(err)
	}
	n := rsaPublic["n"].(string)
	twice := bytes.Replace(rsaPublic.json(t), []byte(`"n":`), []byte(`"n":"AQAB","n":`), 1)

	var b strings.Builder
	row := func(name string, cell func(library) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, l := range libraries {
			fmt.Fprintf(&b, " %s |", cell(l))
		}
		b.WriteByte('\n')
	}
	head := func(first string) {
		row(first, func(l library) string { return l.name })
		b.WriteString("|---" + strings.Repeat("|---", len(libraries)) + "|\n")
	}

	refused, inputs := make(map[string]int), 0
	head("input that is not a sound key")
	for _, in := range []struct {
		name string
		text []byte
	}{
		{"EC private key, `d` of another key", ec.with("d", generated(t, jwk.ES256)["d"]).json(t)},
		{"Ed25519 private key, `d` of another key", ed.with("d", generated(t, jwk.EdDSA)["d"]).json(t)},
		{"Ed25519 public key of small order", edPublic.with("x", base64.RawURLEncoding.EncodeToString(make([]byte, 32))).json(t)},
		{"RSA private key, wrong `dp`", rsa.with("dp", base64url(dp)).json(t)},
		{"RSA, even modulus", rsaPublic.with("n", base64url(even)).json(t)},
		{"RSA, modulus of 65,536 bits", rsaPublic.with("n", base64url(huge)).json(t)},
		{"RSA, exponent 2", rsaPublic.with("e", "Ag").json(t)},
		{"RSA, exponent 2^64+65537", rsaPublic.with("e", base64url(wraps)).json(t)},
		{"RSA public key with a `k`", rsaPublic.with("k", "c2VjcmV0").json(t)},
		{"RSA key with `alg` ES256", rsaPublic.with("alg", "ES256").json(t)},
		{"line break in base64url", rsaPublic.with("n", n[:8]+"\n"+n[8:]).json(t)},
		{"duplicate member `n`", twice},
		{"`use` sig, `key_ops` encrypt", rsaPublic.without("alg").with("use", "sig").with("key_ops", []string{"encrypt"}).json(t)},
	} {
		inputs++
		row(in.name, func(l library) string {
			if _, err := l.parse(in.text); err != nil {
				refused[l.name]++
				return "refused"
			}
			return "accepted"
		})
	}

	unsound := b.String()
	b.Reset()
	head("behavior")
	yes := func(ok bool) string {
		if ok {
			return "yes"
		}
		return "no"
	}
	row("the good key of a set survives a key of unknown type", func(l library) string {
		keys, err := l.set([]byte(`{"keys":[{"kty":"new"},` + string(edPublic.json(t)) + `]}`))
		return yes(err == nil && keys >= 1)
	})
	row("the good key of a set survives a point off the curve", func(l library) string {
		keys, err := l.set([]byte(`{"keys":[` + string(ec.without("d").with("y", ec["x"]).json(t)) + "," + string(edPublic.json(t)) + `]}`))
		return yes(err == nil && keys >= 1)
	})
	row("`key_ops` survive a round trip", func(l library) string {
		text, err := l.write(edPublic.with("key_ops", []string{"verify"}).json(t))
		return yes(err == nil && bytes.Contains(text, []byte(`"key_ops":["verify"]`)))
	})
	row("an unknown member survives a round trip, even a number of 19 digits", func(l library) string {
		text, err := l.write(edPublic.with("serial", json.Number("1700000000123456789")).json(t))
		return yes(err == nil && bytes.Contains(text, []byte(`"serial":1700000000123456789`)))
	})
	row("`json.Marshal` of a private key does not write `d`", func(l library) string {
		text, err := l.write(ed.json(t))
		return yes(err != nil || !bytes.Contains(text, []byte(ed["d"].(string))))
	})

	behavior := b.String()

	t.Logf("\n%s\n%s", unsound, behavior)
	modules, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range libraries[1:] {
		name, version, _ := strings.Cut(l.name, " ")
		if !regexp.MustCompile(name + `(/v\d)? ` + version).Match(modules) {
			t.Errorf("go.mod does not have the version in the name %s", l.name)
		}
	}
	pasted(t, "docs/comparison.md", "unsound", unsound, 0)
	pasted(t, "docs/comparison.md", "behavior", behavior, 0)
	counts := []string{strconv.Itoa(inputs)}
	for _, l := range libraries {
		counts = append(counts, strconv.Itoa(refused[l.name]))
	}
	figures(t, "README.md", "| unsound inputs that are refused, of %s | %s | %s | %s | %s |", 0, counts...)
	if refused[libraries[0].name] != inputs {
		t.Errorf("this package refuses %d of %d unsound inputs, want all", refused[libraries[0].name], inputs)
	}
}
