package integration

import (
	"crypto/ecdh"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestKeyTypes: the tables of key types must name every kind of key in testdata/keys.json, with
// the Go types that As and New accept. Readers decide with these tables whether the package
// suits them.
func TestKeyTypes(t *testing.T) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(document(t, "testdata/keys.json")), &all); err != nil {
		t.Fatal(err)
	}
	table := "| kty | crv or alg | Go types |\n|---|---|---|\n"
	named := make(map[string]bool)
	rows := make(map[jwk.KeyType][]string)
	for _, row := range []struct {
		fixtures []string
		note     string
	}{
		{[]string{"RSA-2048", "RSA-3072", "RSA-2048-multi-prime"}, ", with two or more primes"},
		{[]string{"P-256", "P-384", "P-521"}, ""},
		{[]string{"secp256k1"}, " of [decred](https://pkg.go.dev/github.com/decred/dcrd/dcrec/secp256k1/v4)"},
		{[]string{"Ed25519"}, ""},
		{[]string{"X25519"}, ""},
		{[]string{"Ed448"}, " of [circl](https://pkg.go.dev/github.com/cloudflare/circl/sign/ed448)"},
		{[]string{"X448"}, ""},
		{[]string{"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}, " of [filippo.io/mldsa](https://pkg.go.dev/filippo.io/mldsa)"},
		{[]string{"oct-256"}, ""},
	} {
		var kty jwk.KeyType
		var names, types []string // crv or alg; Go types
		for _, fixture := range row.fixtures {
			named[fixture] = true
			k, err := jwk.Parse(all[fixture])
			if err != nil {
				t.Fatalf("%s: %v", fixture, err)
			}
			switch kty = k.Type(); kty {
			case jwk.EC, jwk.OKP:
				names = append(names, string(k.Curve()))
			case jwk.AKP:
				names = append(names, string(k.Algorithm()))
			}
			got := goTypes(t, k)
			if types != nil && !slices.Equal(got, types) {
				t.Errorf("%s: got Go types %q, want %q as for %s", fixture, got, types, row.fixtures[0])
			}
			types = got
		}
		rows[kty] = append(rows[kty], names...)
		table += fmt.Sprintf("| %s | %s | %s%s |\n", kty, strings.Join(names, ", "), strings.Join(types, ", "), row.note)
	}
	short := "| kty | crv or alg |\n|---|---|\n"
	for _, kty := range []jwk.KeyType{jwk.RSA, jwk.EC, jwk.OKP, jwk.AKP, jwk.Oct} {
		short += fmt.Sprintf("| %s | %s |\n", kty, strings.Join(rows[kty], ", "))
	}
	pasted(t, "README.md", "key-types", short, 0)
	pasted(t, "docs/conversions.md", "key-types", table, 0)
	for name := range maps.Keys(all) {
		if !named[name] {
			t.Errorf("no table has the key %q of testdata/keys.json", name)
		}
	}
}

// goTypes returns the Go types of a key. It fails the test unless New accepts each of them.
func goTypes(t *testing.T, k *jwk.Key) []string {
	t.Helper()
	forms := []any{k.PublicKey(), k.PrivateKey()}
	if secret, err := k.Secret(); err == nil {
		forms = []any{secret}
	}
	if public, err := jwk.As[*ecdh.PublicKey](k); err == nil {
		forms = append(forms, public)
	}
	if private, err := jwk.As[*ecdh.PrivateKey](k); err == nil {
		forms = append(forms, private)
	}
	var types []string
	for i, form := range forms {
		want := k
		if i%2 == 0 && len(forms) > 1 {
			want = publicHalf(t, k)
		}
		got, err := jwk.New(form, nil)
		checkSame(t, fmt.Sprintf("New of a %T", form), got, err, want)
		name := fmt.Sprintf("`%T`", form)
		if name == "`[]uint8`" {
			name = "`[]byte`"
		}
		if !slices.Contains(types, name) {
			types = append(types, name)
		}
	}
	return types
}
