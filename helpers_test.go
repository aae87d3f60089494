package jwk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// Keys made for this project, by name: the private halves of one key of each
// kind. They protect nothing.
var fixtureNames = []string{
	"RSA-2048", "RSA-3072", "RSA-2048-multi-prime",
	"P-256", "P-384", "P-521", "secp256k1",
	"Ed25519", "X25519", "Ed448", "X448",
	"ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "oct-256",
}

// An object is a JWK in the making: members by name.
type object map[string]any

// fixture returns a fixed private key of testdata/keys.json.
func fixture(t testing.TB, name string) object {
	t.Helper()
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]object
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	o, ok := all[name]
	if !ok {
		t.Fatalf("no fixture %q", name)
	}
	return o
}

// public returns the fixture without its private members.
func public(t testing.TB, name string) object {
	t.Helper()
	return fixture(t, name).without("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv")
}

// with returns o with members added or replaced, given as name, value, ....
func (o object) with(pairs ...any) object {
	next := maps.Clone(o)
	for i := 0; i < len(pairs); i += 2 {
		next[pairs[i].(string)] = pairs[i+1]
	}
	return next
}

// without returns o with members taken away.
func (o object) without(names ...string) object {
	next := maps.Clone(o)
	for _, n := range names {
		delete(next, n)
	}
	return next
}

// json returns the text of o, its members in the order of their names.
func (o object) json(t testing.TB) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// key parses o, which must be a key.
func (o object) key(t testing.TB) *jwk.Key {
	t.Helper()
	k, err := jwk.Parse(o.json(t))
	if err != nil {
		t.Fatalf("Parse(%s): %v", o.json(t), err)
	}
	return k
}

// kinds of error, to assert that an error is one and no other.
var errorKinds = []error{
	jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrUnsupported, jwk.ErrPolicy,
	jwk.ErrPrivate, jwk.ErrNotFound, jwk.ErrDecrypt,
}

// nameOf returns the name of a kind of error.
func nameOf(kind error) string {
	return [...]string{"ErrSyntax", "ErrInvalid", "ErrUnsupported", "ErrPolicy", "ErrPrivate", "ErrNotFound", "ErrDecrypt"}[slices.Index(errorKinds, kind)]
}

// checkError makes sure that err is of the one kind want, and, unless path is
// "*", about the member at path.
func checkError(t testing.TB, err, want error, path string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %v", want)
	}
	for _, kind := range errorKinds {
		if got := errors.Is(err, kind); got != (kind == want) {
			t.Errorf("errors.Is(%q, %v): got %v, want %v", err, kind, got, kind == want)
		}
	}
	var e *jwk.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error of type %T, want *jwk.Error", err)
	}
	if path != "*" && string(e.Path) != path {
		t.Errorf("path of %q: got %q, want %q", err, e.Path, path)
	}
}

// checkRefused makes sure that strict Parse refuses a text with one kind of
// error at a path, and returns nothing beside the error.
func checkRefused(t testing.TB, text []byte, want error, path string) {
	t.Helper()
	k, err := jwk.Parse(text)
	if k != nil {
		t.Errorf("got key %v, want none", k)
	}
	checkError(t, err, want, path)
}

// mixedEntries returns public RSA-2048, P-256 and Ed25519 keys in turn, as
// providers publish them.
func mixedEntries(t testing.TB, n int) []string {
	t.Helper()
	kinds := []object{
		public(t, "RSA-2048").with("use", "sig", "alg", "RS256"),
		public(t, "P-256").with("use", "sig", "alg", "ES256"),
		public(t, "Ed25519").with("use", "sig", "alg", "EdDSA"),
	}
	var entries []string
	for i := range n {
		entries = append(entries, string(kinds[i%len(kinds)].with("kid", fmt.Sprintf("key-%d", i)).json(t)))
	}
	return entries
}
