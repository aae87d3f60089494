package jwk_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// TestWithMember: WithMember replaces a member in its place or adds it at the end, and does not
// change the set that it was called on.
func TestWithMember(t *testing.T) {
	entry := string(public(t, "Ed25519").json(t))
	skipped := `{"kty":"X"}`
	keys := `"keys":[` + entry + `,` + skipped + `]`
	for _, tt := range []struct {
		name, text string
		member     string
		value      any
		want       string
	}{
		{"new", `{` + keys + `}`, "a", 1, `{` + keys + `,"a":1}`},
		{"in its place", `{"a":1,"b":2,` + keys + `,"c":3}`, "b", "x", `{"a":1,"b":"x",` + keys + `,"c":3}`},
		{"in its place after keys", `{"a":1,` + keys + `,"b":2,"c":3}`, "b", []int{1}, `{"a":1,` + keys + `,"b":[1],"c":3}`},
		{"beside others", `{"a":1,` + keys + `}`, "b", nil, `{"a":1,` + keys + `,"b":null}`},
		{"an escaped name", `{"\u0061":1,` + keys + `}`, "a", 2, `{"a":2,` + keys + `}`},
		{"an empty name", `{` + keys + `}`, "", 2, `{` + keys + `,"":2}`},
		{"a name to quote", `{` + keys + `}`, "\"\n", 2, `{` + keys + `,"\"\n":2}`},
		{"verbatim", `{` + keys + `}`, "n", jsontext.Value(`{"b": 1.0e3, "a":12345678901234567890123}`), `{` + keys + `,"n":{"b": 1.0e3, "a":12345678901234567890123}}`},
		{"raw", `{` + keys + `}`, "n", json.RawMessage(`1.0e3`), `{` + keys + `,"n":1.0e3}`},
		{"names of a key", `{` + keys + `}`, "kty", "RSA", `{` + keys + `,"kty":"RSA"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parsedSet(t, new(jwk.Parser), tt.text)
			next, err := s.WithMember(tt.member, tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := next.MarshalJSON(); err != nil || string(got) != tt.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
			}
			if got := privateText(t, s); got != tt.text {
				t.Errorf("the set has changed: got %s, want %s", got, tt.text)
			}
			if next.At(0) != s.At(0) || len(next.Skipped()) != 1 {
				t.Errorf("got %v, want the same keys and skipped entries", next)
			}
			if _, ok := next.Member(tt.member); !ok {
				t.Errorf("Member(%q): got nothing", tt.member)
			}
			if again := parsedSet(t, new(jwk.Parser), tt.want); !next.Equal(again) {
				t.Error("Equal of the set that is read again: got false, want true")
			}
		})
	}
	for name, s := range map[string]*jwk.Set{"nil": nil, "zero": new(jwk.Set), "made": jwk.NewSet()} {
		next, err := s.WithMember("a", 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := privateText(t, next.With(public(t, "P-256").key(t)).Without(public(t, "P-256").key(t))); got != `{"keys":[],"a":1}` {
			t.Errorf("%s set: got %s", name, got)
		}
	}
}

// TestWithMemberRefused: WithMember refuses values that a set cannot hold, and MarshalJSON
// refuses private material in them.
func TestWithMemberRefused(t *testing.T) {
	deep := func(n int) jsontext.Value {
		return jsontext.Value(strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	for _, tt := range []struct {
		name   string
		member string
		value  any
		kind   error
		path   string
	}{
		{"keys", "keys", []int{}, jwk.ErrInvalid, "/keys"},
		{"a function", "a", func() {}, jwk.ErrInvalid, "/a"},
		{"not a number", "a", math.NaN(), jwk.ErrInvalid, "/a"},
		{"not JSON", "a", jsontext.Value(`{`), jwk.ErrInvalid, "/a"},
		{"not raw JSON", "a", json.RawMessage(`{`), jwk.ErrInvalid, "/a"},
		{"a name that is not UTF-8", "\xff", 1, jwk.ErrInvalid, "/\uFFFD"},
		{"a name twice", "a", json.RawMessage(`[{"b":1,"b":2}]`), jwk.ErrSyntax, "/a"},
		{"too deep", "a", deep(64), jwk.ErrPolicy, "/a"},
	} {
		s, err := jwk.NewSet().WithMember(tt.member, tt.value)
		if s != nil {
			t.Errorf("%s: got %v, want nothing beside the error", tt.name, s)
		}
		checkError(t, err, tt.kind, tt.path)
	}
	s, err := jwk.NewSet().WithMember("a", deep(63))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := jwk.ParseSet([]byte(privateText(t, s))); err != nil || !again.Equal(s) {
		t.Errorf("63 levels: got %v, %v, want a set that is read again", again, err)
	}

	private := fixture(t, "Ed25519")
	for _, members := range [][]any{
		{"backup", private},
		{"kty", "oct", "k", "AAAA"}, // the set itself
		{"backup", fixture(t, "oct-256").key(t).Attributes(), "deep", []any{map[string]any{"KTY": "RSA", "D": "AA"}}},
	} {
		s := jwk.NewSet(public(t, "P-256").key(t))
		for i := 0; i < len(members); i += 2 {
			if s, err = s.WithMember(members[i].(string), members[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.MarshalJSON()
		checkError(t, err, jwk.ErrPrivate, "*")
		if _, err := s.Public().MarshalJSON(); err != nil {
			t.Errorf("Public: got %v, want a set without these members", err)
		}
		if s, err = s.WithMember(members[len(members)-2].(string), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MarshalJSON(); err != nil {
			t.Errorf("replaced: got %v, want no private material", err)
		}
	}
}

// TestSetEqual: order and spelling make no difference, and every other change does. If it fails, a
// program misses that a provider has changed its set.
func TestSetEqual(t *testing.T) {
	a, b := string(public(t, "Ed25519").with("kid", "a").json(t)), string(public(t, "P-256").with("kid", "b").json(t))
	c := string(fixture(t, "P-384").json(t))
	const skipped, twice = `{"kty":"X","a":1}`, `{"kty":"X","a":1,"a":2}`
	parsed := func(text string) *jwk.Set { return parsedSet(t, new(jwk.Parser), text) }
	pem := func(lines string) *jwk.Set {
		s, err := jwk.ParsePEM([]byte(string(must[[]byte](t)(public(t, "P-256").key(t).MarshalPEM())) + "-----BEGIN PUBLIC KEY-----\n" + lines + "\n-----END PUBLIC KEY-----\n"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tt := range []struct {
		name string
		x, y *jwk.Set
		want bool
	}{
		{"nil and zero", nil, new(jwk.Set), true},
		{"zero and made", new(jwk.Set), jwk.NewSet(), true},
		{"nil and a key", nil, parsed(setOf(a)), false},
		{"a key and zero", parsed(setOf(a)), new(jwk.Set), false},
		{"one text", parsed(setOf(a, b)), parsed(setOf(a, b)), true},
		{"another order", parsed(setOf(a, b)), parsed(setOf(b, a)), true},
		{"twice and once", parsed(setOf(a, a, b)), parsed(setOf(a, b, b)), false},
		{"another order of members", parsed(setOf(a)), parsed(setOf(strings.Replace(string(public(t, "Ed25519").json(t)), "{", `{"kid":"\u0061", `, 1))), true},
		{"another kid", parsed(setOf(a)), parsed(setOf(strings.Replace(a, `"kid":"a"`, `"kid":"A"`, 1))), false},
		{"one more", parsed(setOf(a)), parsed(setOf(a, b)), false},
		{"a private key", parsed(setOf(c)), parsed(setOf(" " + c)), true},
		{"private and public", parsed(setOf(c)), parsed(setOf(string(public(t, "P-384").json(t)))), false},
		{"private keys that differ in what is secret", jwk.NewSet(octOf(16).key(t)), jwk.NewSet(octOf(16).with("k", encoded(make([]byte, 16))).key(t)), false},
		{"parsed and made", parsed(setOf(a)), jwk.NewSet(public(t, "Ed25519").with("kid", "a").key(t)), true},
		{"a skipped entry", parsed(setOf(a, skipped)), parsed(setOf(`{"a":1, "kty":"\u0058"}`, a)), true},
		{"another skipped entry", parsed(setOf(a, skipped)), parsed(setOf(a, `{"kty":"X","a":2}`)), false},
		{"a skipped entry and no entry", parsed(setOf(a, skipped)), parsed(setOf(a)), false},
		{"a name twice in one", parsed(setOf(twice)), parsed(setOf(twice)), true},
		{"a name twice, the other way round", parsed(setOf(twice)), parsed(setOf(`{"kty":"X","a":2,"a":1}`)), false},
		{"a skipped entry and a member of its text", parsed(setOf(a, skipped)), parsed(`{"keys":[` + a + `],"a":` + skipped + `}`), false},
		{"a member", parsed(`{"keys":[],"a":1,"b":{"c":1,"d":[]}}`), parsed(`{"b":{"d":[ ],"c":1},"keys":[],"\u0061":1}`), true},
		{"another member", parsed(`{"keys":[],"a":1}`), parsed(`{"keys":[],"a":2}`), false},
		{"another name", parsed(`{"keys":[],"a":1}`), parsed(`{"keys":[],"b":1}`), false},
		{"values of members exchanged", parsed(`{"keys":[],"a":1,"b":2}`), parsed(`{"keys":[],"a":2,"b":1}`), false},
		{"another spelling of a number", parsed(`{"keys":[],"a":1}`), parsed(`{"keys":[],"a":1.0}`), false},
		{"a string and a number with the same digits", parsed(`{"keys":[],"a":"1"}`), parsed(`{"keys":[],"a":1}`), false},
		{"blocks of PEM", pem("AAAA"), pem("AAAA"), true},
		{"another block of PEM", pem("AAAA"), pem("AAAB"), false},
	} {
		if got, back := tt.x.Equal(tt.y), tt.y.Equal(tt.x); got != tt.want || back != tt.want {
			t.Errorf("%s: got %t and %t, want %t", tt.name, got, back, tt.want)
		}
		if !tt.x.Equal(tt.x) || !tt.y.Equal(tt.y) {
			t.Errorf("%s: a set is not equal to itself", tt.name)
		}
		d := tt.x.Diff(tt.y)
		if tt.want && len(d.Added)+len(d.Removed)+len(d.Changed) > 0 {
			t.Errorf("%s: Diff: got %v of equal sets, want nothing", tt.name, d)
		}
	}
}

// TestNilSet: every method of a nil *Set answers as the method of an empty set.
func TestNilSet(t *testing.T) {
	var s *jwk.Set
	k := fixture(t, "P-256").key(t)
	ctx := t.Context()
	if s.Len() != 0 || s.Skipped() != nil || len(slices.Collect(s.All())) != 0 || len(slices.Collect(s.Select(jwk.Query{}))) != 0 {
		t.Errorf("got %d keys, %v, want nothing", s.Len(), s.Skipped())
	}
	if k, ok := s.Lookup(""); k != nil || ok {
		t.Errorf("Lookup: got %v, %v", k, ok)
	}
	if k, ok := s.LookupThumbprint(jwk.Thumbprint{}); k != nil || ok {
		t.Errorf("LookupThumbprint: got %v, %v", k, ok)
	}
	if v, ok := s.Member("a"); v != nil || ok {
		t.Errorf("Member: got %s, %v", v, ok)
	}
	if k, err := s.Find(ctx, jwk.Query{KeyID: "a"}); k != nil || err.Error() != "jwk: no key for kid a: no key has that kid" {
		t.Errorf("Find: got %v, %v", k, err)
	}
	_, err := s.FindAll(ctx, jwk.Query{})
	checkNotFound(t, err)
	if got := s.With(k); got.Len() != 1 || s.With().Len() != 0 {
		t.Errorf("With: got %v", got)
	}
	if got := s.Without(k); got == nil || got.Len() != 0 {
		t.Errorf("Without: got %v", got)
	}
	if got := s.Public(); got == nil || got.Len() != 0 {
		t.Errorf("Public: got %v", got)
	}
	if d := s.Diff(jwk.NewSet(k)); len(d.Added) != 1 || len(jwk.NewSet(k).Diff(s).Removed) != 1 || len(s.Diff(nil).Changed) != 0 {
		t.Errorf("Diff: got %v", d)
	}
	if got := privateText(t, s); got != `{"keys":[]}` {
		t.Errorf("MarshalPrivateJSON: got %s", got)
	}
	if got, err := s.AppendJSON([]byte("x")); err != nil || string(got) != `x{"keys":[]}` {
		t.Errorf("AppendJSON: got %s, %v", got, err)
	}
	if set, err := s.JOSE(); err != nil || set.Keys == nil || len(set.Keys) != 0 {
		t.Errorf("JOSE: got %v, %v", set, err)
	}
	secret, err := s.Encrypt(&jwk.EncryptOptions{Recipient: k})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := jwk.DecryptSet(secret, &jwk.DecryptOptions{Key: k}); err != nil || !again.Equal(s) {
		t.Errorf("Encrypt: got %v, %v", again, err)
	}
	checkError(t, s.UnmarshalJSON([]byte(`{"keys":[]}`)), jwk.ErrInvalid, "")
	checkError(t, s.UnmarshalYAML(fromDecoder(map[string]any{"keys": []any{}})), jwk.ErrInvalid, "")
	if text, err := json.Marshal(struct{ S *jwk.Set }{}); err != nil || string(text) != `{"S":null}` {
		t.Errorf("json.Marshal: got %s, %v", text, err)
	}
}

// TestEmbeddedSet: a struct that embeds a Set loses its other fields, as the doc of Set warns. A
// struct with a named field keeps them.
func TestEmbeddedSet(t *testing.T) {
	entry := string(public(t, "Ed25519").json(t))
	text := `{"keys":[` + entry + `],"spiffe_sequence":7}`
	var embeds struct {
		jwk.Set
		Sequence int `json:"spiffe_sequence"`
	}
	if err := json.Unmarshal([]byte(text), &embeds); err != nil || embeds.Sequence != 0 || embeds.Len() != 1 {
		t.Errorf("embedded: got %d, %v", embeds.Sequence, err)
	}
	embeds.Sequence = 8
	if got, err := json.Marshal(embeds); err != nil || string(got) != text {
		t.Errorf("embedded: got %s, %v, want the set as it was read, without the field", got, err)
	}
	var named struct {
		Bundle   jwk.Set `json:"bundle"`
		Sequence int     `json:"spiffe_sequence"`
	}
	text = `{"bundle":{"keys":[` + entry + `]},"spiffe_sequence":7}`
	if err := json.Unmarshal([]byte(text), &named); err != nil || named.Sequence != 7 || named.Bundle.Len() != 1 {
		t.Errorf("a field with a name: got %d, %v", named.Sequence, err)
	}
	if got, err := json.Marshal(named); err != nil || string(got) != text {
		t.Errorf("a field with a name: got %s, %v, want %s", got, err, text)
	}
}
