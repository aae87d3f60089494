package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	goccy "github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	yaml2 "gopkg.in/yaml.v2"
	yaml3 "gopkg.in/yaml.v3"

	"github.com/seed1f6cf2d3/jwk"
)

// yamlLibraries read and write YAML. They call UnmarshalYAML and MarshalYAML.
var yamlLibraries = []struct {
	name      string
	unmarshal func(text []byte, v any) error
	marshal   func(v any) ([]byte, error)
}{
	{"yaml.v3", yaml3.Unmarshal, yaml3.Marshal},
	{"yaml.v2", yaml2.Unmarshal, yaml2.Marshal},
	{"goccy", func(text []byte, v any) error { return goccy.Unmarshal(text, v) }, func(v any) ([]byte, error) { return goccy.Marshal(v) }},
}

// A configuration has fields of every type that can hold a key or a set.
type configuration struct {
	Name    string
	Key     jwk.Key
	Pointer *jwk.Key
	NoKey   *jwk.Key
	Set     jwk.Set
	Sets    map[string]*jwk.Set
	Private jwk.PrivateKey
}

// TestYAML: each library reads and writes the keys and sets of a configuration. If it fails,
// users cannot keep keys in YAML files, or a dump of a configuration shows private keys.
func TestYAML(t *testing.T) {
	const text = `
name: x
key: &key
  kty: OKP
  crv: Ed25519
  x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo
  kid: "2026-01-01"
  key_ops: [verify]
  exp: 1767225600.5
  largest: 18446744073709551615
  nested: {a: [null, true, -1, "1", 'yes', "", "123", "0x1"]}
pointer: *key
nokey: null
set:
  keys:
    - *key
    - {kty: X, kid: skipped}
  spiffe_sequence: 7
sets: {a: {keys: []}}
private: {kty: OKP, crv: Ed25519, d: nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}
`
	const want = `{"crv":"Ed25519","exp":1767225600.5,"key_ops":["verify"],"kid":"2026-01-01","kty":"OKP","largest":18446744073709551615,` +
		`"nested":{"a":[null,true,-1,"1","yes","","123","0x1"]},"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	for _, l := range yamlLibraries {
		t.Run(l.name, func(t *testing.T) {
			var c configuration
			if err := l.unmarshal([]byte(text), &c); err != nil {
				t.Fatal(err)
			}
			for what, k := range map[string]*jwk.Key{"key": &c.Key, "pointer": c.Pointer, "key of the set": c.Set.At(0)} {
				got, err := json.Marshal(k)
				if err != nil || string(got) != want {
					t.Errorf("%s: got %s, %v, want %s", what, got, err, want)
				}
			}
			if c.NoKey != nil || c.Set.Len() != 1 || len(c.Set.Skipped()) != 1 || c.Sets["a"].Len() != 0 || !c.Private.IsPrivate() || !c.Private.Permits(jwk.OpSign) {
				t.Errorf("got %v, want the name, keys and sets of the document", c)
			}

			out, err := l.marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			var again configuration
			if err := l.unmarshal(out, &again); err != nil {
				t.Fatalf("%v in\n%s", err, out)
			}
			before, after := jwk.NewSet(&c.Key, c.Pointer, &c.Private.Key), jwk.NewSet(&again.Key, again.Pointer, &again.Private.Key)
			if !before.Equal(after) || !again.Set.Equal(&c.Set) || again.NoKey != nil {
				t.Errorf("got %v of\n%s\nwant %v", again, out, c)
			}

			// Private keys and secrets are not written, except in a PrivateKey.
			for _, value := range []any{c.Private.Key, &c.Private.Key, jwk.NewSet(&c.Private.Key), map[string]any{"a": c.Private.Key}} {
				if out, err := l.marshal(value); !errors.Is(err, jwk.ErrPrivate) {
					t.Errorf("%T: got %s, %v, want %v", value, out, err, jwk.ErrPrivate)
				}
			}
		})
	}
}

// tolerated lists faults that a library hides from this package: goccy converts a name that is
// a number, and a number that is too large, to strings. yaml.v2 keeps the last of two members
// with the same name, except with UnmarshalStrict.
var tolerated = map[string]bool{
	"goccy, a name that is a number": true, "goccy, kid of many digits": true, "yaml.v2, a member twice": true, "yaml.v2, the secret twice": true,
}

// TestYAMLRefused: a bad key in a document is an error that does not show a secret. If the test
// fails, a program starts without its key, or a log shows a secret.
func TestYAMLRefused(t *testing.T) {
	const secret = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
	const good = "kty: OKP\ncrv: Ed25519\nx: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\nd: " + secret + "\n"
	for _, l := range yamlLibraries {
		var k jwk.Key
		if err := l.unmarshal([]byte(good), &k); err != nil || !k.IsPrivate() {
			t.Fatalf("%s: got %v, %v", l.name, k, err)
		}
		for _, tt := range []struct {
			name, text string
			kind       error // nil if the library may refuse the document itself
		}{
			{"kid of digits", good + "kid: 20260101\n", jwk.ErrSyntax},
			{"kid of many digits", good + "kid: 123456789012345678901234567890\n", nil},
			{"a number that is rounded", good + "a: 123456789012345678901234567890.5\n", jwk.ErrUnsupported},
			{"NaN", good + "exp: .nan\n", jwk.ErrUnsupported},
			{"another private half", strings.Replace(good, "d: nW", "d: mW", 1), jwk.ErrInvalid},
			{"a member twice", good + "kty: OKP\n", nil},
			{"the secret twice", good + "d: " + secret + "\n", nil},
			{"a name that is a number", good + "1: a\n", nil},
			{"a list", "- " + secret + "\n", jwk.ErrSyntax},
			{"a string", secret + "\n", jwk.ErrSyntax},
			{"nested", good + "a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n", jwk.ErrPolicy},
		} {
			var k jwk.Key
			err := l.unmarshal([]byte(tt.text), &k)
			if tt.kind == nil && err == nil && tolerated[l.name+", "+tt.name] {
				continue
			}
			if err == nil || k.Type() != "" || tt.kind != nil && !errors.Is(err, tt.kind) {
				t.Errorf("%s, %s: got %v, %v, want %v", l.name, tt.name, k, err, tt.kind)
			}
			if tt.kind != nil && strings.Contains(fmt.Sprint(err), secret[4:20]) {
				t.Errorf("%s, %s: the error shows the secret: %v", l.name, tt.name, err)
			}
		}
	}
}

// TestComparer: go-cmp compares pointers to sets with Equal, and sets with a comparer.
// Otherwise the tests of users would panic on unexported fields.
func TestComparer(t *testing.T) {
	parsed := func(text string) *jwk.Set {
		s, err := jwk.ParseSet([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const a = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}`
	x, same := parsed(`{"keys":[`+a+`],"m":1}`), parsed(`{"m":1,"keys":[ `+a+` ]}`)
	other := parsed(`{"keys":[` + a + `],"m":2}`)
	type document struct {
		Value   jwk.Set
		Pointer *jwk.Set
		List    []*jwk.Set
	}
	sets := cmp.Comparer(func(a, b jwk.Set) bool { return a.Equal(&b) })
	of := func(s *jwk.Set) document { return document{*s, s, []*jwk.Set{s, nil}} }
	for _, tt := range []struct {
		name string
		x, y any
		want bool
	}{
		{"pointers", x, same, true},
		{"pointers, others", x, other, false},
		{"nil", (*jwk.Set)(nil), (*jwk.Set)(nil), true},
		{"nil and a set", (*jwk.Set)(nil), x, false},
		{"structs", of(x), of(same), true},
		{"structs, others", of(x), of(other), false},
	} {
		if got := cmp.Equal(tt.x, tt.y, sets); got != tt.want {
			t.Errorf("%s: got %t, want %t: %s", tt.name, got, tt.want, cmp.Diff(tt.x, tt.y, sets))
		}
	}
	if !cmp.Equal(struct{ S *jwk.Set }{x}, struct{ S *jwk.Set }{same}) || cmp.Equal(struct{ S *jwk.Set }{x}, struct{ S *jwk.Set }{other}) {
		t.Error("pointers in fields: got a difference, want equal without an option")
	}
	if cmp.Diff(x, other) == "" {
		t.Error("Diff of two different sets: got no text")
	}
}

// TestYAMLAliases: an alias gives the same key or set as its anchor, for every type of this
// package. Otherwise users could not name the same key twice in a configuration.
func TestYAMLAliases(t *testing.T) {
	const text = `
private: &private {kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo, d: nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A}
privatealias: *private
pointer: *private
set: &set {keys: [{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}]}
setalias: *set
setpointer: *set
`
	for _, library := range yamlLibraries {
		t.Run(library.name, func(t *testing.T) {
			var got struct {
				Private, PrivateAlias jwk.PrivateKey
				Pointer               *jwk.PrivateKey
				Set, SetAlias         jwk.Set
				SetPointer            *jwk.Set
			}
			if err := library.unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if !got.Private.IsPrivate() || !cmp.Equal(got.Private, got.PrivateAlias) || !cmp.Equal(&got.Private, got.Pointer) {
				t.Errorf("got %v, %v and %v, want the same private key", got.Private, got.PrivateAlias, got.Pointer)
			}
			if got.Set.Len() != 1 || !got.Set.Equal(&got.SetAlias) || !cmp.Equal(&got.Set, got.SetPointer) {
				t.Errorf("got %v, %v and %v, want the same set", got.Set, got.SetAlias, got.SetPointer)
			}
		})
	}
}
