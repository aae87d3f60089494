package jwk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestPrivateKey checks that encoding/json writes and reads a PrivateKey at each place in a
// document.
func TestPrivateKey(t *testing.T) {
	type document struct {
		Name     string
		Value    jwk.PrivateKey
		Pointer  *jwk.PrivateKey
		List     []jwk.PrivateKey
		Map      map[string]jwk.PrivateKey
		Omitted  jwk.PrivateKey  `json:",omitzero"`
		NoKey    *jwk.PrivateKey `json:",omitempty"`
		Null     *jwk.PrivateKey
		Verifies *jwk.Key
	}
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			k := fixture(t, name).with("kid", name).key(t)
			p := jwk.PrivateKey{Key: *k}
			d := document{Name: "x", Value: p, Pointer: &p, List: []jwk.PrivateKey{p}, Map: map[string]jwk.PrivateKey{"a": p}}
			text, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			own, err := k.MarshalPrivateJSON()
			if err != nil {
				t.Fatal(err)
			}
			if got := bytes.Count(text, own); got != 4 || strings.Contains(string(text), "Omitted") || strings.Contains(string(text), "NoKey") {
				t.Errorf("got %s, want the key in exactly 4 places", text)
			}
			var again document
			if err := json.Unmarshal(text, &again); err != nil {
				t.Fatal(err)
			}
			inMap := again.Map["a"]
			for what, got := range map[string]*jwk.Key{"value": &again.Value.Key, "pointer": &again.Pointer.Key, "list": &again.List[0].Key, "map": &inMap.Key} {
				if !got.Equal(k) || !got.IsPrivate() || got.KeyID() != name {
					t.Errorf("%s: got %v, want %v", what, got, k)
				}
			}
			if again.Null != nil {
				t.Errorf("null: got %v, want nil", again.Null)
			}
			if got, err := p.AppendJSON([]byte("x")); err != nil || string(got) != "x"+string(own) {
				t.Errorf("AppendJSON: got %s, %v", got, err)
			}
			if jwk.NewSet(&again.Value.Key).Len() != 1 {
				t.Error("NewSet: got no key, want one")
			}
		})
	}
}

// TestPrivateKeyRefused: if this fails, a PrivateKey reads or writes a public key or no key at
// all.
func TestPrivateKeyRefused(t *testing.T) {
	k := public(t, "P-256").key(t)
	text := public(t, "P-256").json(t)
	for what, p := range map[string]*jwk.PrivateKey{"zero": {}, "nil": nil} {
		_, err := p.AppendJSON(nil)
		checkError(t, err, jwk.ErrInvalid, "")
		if err == nil {
			t.Errorf("%s: got no error", what)
		}
	}
	for _, value := range []any{jwk.PrivateKey{}, &jwk.PrivateKey{}, jwk.PrivateKey{Key: *k}} {
		if out, err := json.Marshal(value); err == nil {
			t.Errorf("json.Marshal(%v): got %s, want an error", value, out)
		}
	}
	_, err := jwk.PrivateKey{Key: *k}.MarshalJSON()
	checkError(t, err, jwk.ErrPrivate, "")
	_, err = jwk.PrivateKey{Key: *k}.MarshalYAML()
	checkError(t, err, jwk.ErrPrivate, "")

	p := jwk.PrivateKey{Key: *fixture(t, "Ed25519").key(t)}
	before := p
	checkError(t, p.UnmarshalJSON(text), jwk.ErrPrivate, "")
	checkError(t, p.UnmarshalJSON([]byte("null")), jwk.ErrSyntax, "")
	checkError(t, p.UnmarshalJSON(fixture(t, "P-256").with("d", "AA").json(t)), jwk.ErrInvalid, "/d")
	checkError(t, (*jwk.PrivateKey)(nil).UnmarshalJSON(fixture(t, "P-256").json(t)), jwk.ErrInvalid, "")
	if p != before {
		t.Errorf("got %v, want no change", p)
	}
}

// TestPrivateKeyDoesNotPrint: if this fails, package fmt or a logger shows the secret of a
// PrivateKey.
func TestPrivateKeyDoesNotPrint(t *testing.T) {
	for _, name := range fixtureNames {
		hidden := newSecrets()
		hidden.add(fixture(t, name))
		k := fixture(t, name).key(t)
		p := jwk.PrivateKey{Key: *k}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%z"} {
			if got := fmt.Sprintf(verb, p); got != k.String() {
				t.Errorf("%s: %s: got %q, want %s", name, verb, got, k)
			}
			for _, value := range []any{&p, []jwk.PrivateKey{p}, struct{ P jwk.PrivateKey }{p}, struct{ p *jwk.PrivateKey }{&p}, map[string]any{"a": p}} {
				hidden.check(t, fmt.Sprintf(verb, value))
			}
		}
		if p.String() != k.String() || p.GoString() != k.String() || p.LogValue().String() != k.String() {
			t.Errorf("%s: got %s, want %s", name, p.String(), k)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", p, "pointer", &p)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", p, "pointer", &p, "struct", struct{ P jwk.PrivateKey }{p})
		hidden.check(t, log.String())
		for _, value := range []any{p, &p, struct{ P jwk.PrivateKey }{p}, struct{ p *jwk.PrivateKey }{&p}, []any{p}} {
			walk(value).check(t, hidden)
		}
	}
}

// TestPrivateKeyEqual checks that Equal compares the material, and ignores the attributes.
func TestPrivateKeyEqual(t *testing.T) {
	a, b := jwk.PrivateKey{Key: *fixture(t, "P-256").key(t)}, jwk.PrivateKey{Key: *fixture(t, "P-256").with("kid", "b").key(t)}
	if other := (jwk.PrivateKey{Key: *fixture(t, "P-384").key(t)}); !a.Equal(a) || !a.Equal(b) || a.Equal(other) || a.Equal(jwk.PrivateKey{}) {
		t.Error("Equal: want true only for keys with the same material")
	}
}
