package jwk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
)

// fromDecoder returns the function that a YAML decoder passes to UnmarshalYAML for a value that it
// has decoded. Tests with real decoders are in the integration module.
func fromDecoder(value any) func(any) error {
	return func(dst any) error {
		reflect.ValueOf(dst).Elem().Set(reflect.ValueOf(&value).Elem())
		return nil
	}
}

// ofYAML returns the Go value that a decoder makes from an object. yaml.v2 uses keys of type any.
func ofYAML(o object, byAny bool) any {
	if !byAny {
		return map[string]any(o)
	}
	m := make(map[any]any)
	for name, value := range o {
		m[name] = value
	}
	return m
}

// TestYAML: keys and sets are the same after they were written to the values of YAML encoders and
// read from the values of YAML decoders.
func TestYAML(t *testing.T) {
	for _, name := range fixtureNames {
		for _, byAny := range []bool{false, true} {
			o := fixture(t, name).with("kid", name)
			var private jwk.PrivateKey
			if err := private.UnmarshalYAML(fromDecoder(ofYAML(o, byAny))); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if string(must[[]byte](t)(private.MarshalJSON())) != string(o.json(t)) {
				t.Errorf("%s: got %s, want the members by name", name, must[[]byte](t)(private.MarshalJSON()))
			}
			_, err := private.Key.MarshalYAML()
			checkError(t, err, jwk.ErrPrivate, "")
			_, err = jwk.NewSet(&private.Key).MarshalYAML()
			checkError(t, err, jwk.ErrPrivate, "/keys/0")
			if out, err := private.MarshalYAML(); err != nil || !reflect.DeepEqual(out, map[string]any(o)) {
				t.Errorf("%s: got %v, %v, want the object", name, out, err)
			}
			if name == "oct-256" {
				continue
			}
			o = public(t, name).with("kid", name, "exp", 1.5, "big", uint64(math.MaxUint64), "nested", []any{map[string]any{"a": nil, "b": true, "c": int64(-1)}})
			var k jwk.Key
			if err := k.UnmarshalYAML(fromDecoder(ofYAML(o, byAny))); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out, err := k.MarshalYAML()
			if err != nil || !reflect.DeepEqual(out, map[string]any(o)) {
				t.Errorf("%s: got %v, %v, want %v", name, out, err, o)
			}
			checkError(t, private.UnmarshalYAML(fromDecoder(out)), jwk.ErrPrivate, "")

			var s, again jwk.Set
			if err := s.UnmarshalYAML(fromDecoder(ofYAML(object{"keys": []any{ofYAML(o, byAny), ofYAML(object{"kty": "X"}, byAny)}, "a": 1}, byAny))); err != nil {
				t.Fatal(err)
			}
			if out, err = s.MarshalYAML(); err != nil {
				t.Fatal(err)
			}
			if err := again.UnmarshalYAML(fromDecoder(out)); err != nil || !again.Equal(&s) || again.Len() != 1 || len(again.Skipped()) != 1 {
				t.Errorf("%s: got %v, %v, want %v", name, again, err, s)
			}
		}
	}
}

// TestYAMLRefused: values that YAML has and JSON does not have are refused, and no error shows
// a part of the document.
func TestYAMLRefused(t *testing.T) {
	o := fixture(t, "P-256")
	secret := o["d"].(string)
	hidden := newSecrets()
	hidden.add(o)
	deep := any("x")
	for range 100 {
		deep = []any{deep}
	}
	wide := any(strings.Repeat("x", 1<<20))
	for range 3 {
		wide = []any{wide, wide, wide, wide} // as aliases make it
	}
	for _, tt := range []struct {
		name  string
		value any
		kind  error
		path  string
	}{
		{"null", nil, jwk.ErrSyntax, ""},
		{"a string", secret, jwk.ErrSyntax, ""},
		{"a list", []any{map[string]any(o)}, jwk.ErrSyntax, ""},
		{"kid is a number", map[string]any(o.with("kid", 20260101)), jwk.ErrSyntax, "/kid"},
		{"kid is a date", map[string]any(o.with("kid", time.Now())), jwk.ErrSyntax, "/kid"},
		{"kid is a boolean", map[string]any(o.with("kid", true)), jwk.ErrSyntax, "/kid"},
		{"d is a number", map[string]any(o.with("d", 12345678)), jwk.ErrSyntax, "/d"},
		{"d is octets", map[string]any(o.with("d", []byte(secret))), jwk.ErrSyntax, "/d"},
		{"a name that is a number", map[any]any{"kty": "EC", 1: secret}, jwk.ErrSyntax, ""},
		{"a name that is a list", map[string]any(o.with("x5c", map[any]any{[1]string{secret}: 1})), jwk.ErrSyntax, "/x5c"},
		{"not UTF-8", map[string]any(o.with("kid", "\xff")), jwk.ErrSyntax, "/kid"},
		{"a name that is not UTF-8", map[string]any(o.with("\xff", "a")), jwk.ErrSyntax, ""},
		{"NaN", map[string]any(o.with("exp", math.NaN())), jwk.ErrUnsupported, "/exp"},
		{"infinity", map[string]any(o.with("exp", math.Inf(-1))), jwk.ErrUnsupported, "/exp"},
		{"an integer that was rounded", map[string]any(o.with("a", 12345678901234567890123.0)), jwk.ErrUnsupported, ""},
		{"a power of ten", map[string]any(o.with("exp", 1e20)), jwk.ErrUnsupported, "/exp"},
		{"17 digits", map[string]any(o.with("exp", 1234567890.1234567)), jwk.ErrUnsupported, "/exp"},
		{"too deep", map[string]any(o.with("a", deep)), jwk.ErrPolicy, ""},
		{"too large", map[string]any(o.with("a", wide)), jwk.ErrPolicy, ""},
		{"another half", map[string]any(o.with("d", fixture(t, "P-384")["d"])), jwk.ErrInvalid, "/d"},
		{"a secret as a name", map[string]any(o.with(secret, math.NaN())), jwk.ErrUnsupported, ""},
	} {
		var k jwk.Key
		err := k.UnmarshalYAML(fromDecoder(tt.value))
		if err == nil || k != (jwk.Key{}) {
			t.Fatalf("%s: got %v, %v, want an error", tt.name, k, err)
		}
		checkError(t, err, tt.kind, tt.path)
		hidden.check(t, err.Error())
		var e *jwk.Error
		if errors.As(err, &e) && e.Offset != 0 {
			t.Errorf("%s: got offset %d, want 0: the caller has no JSON text", tt.name, e.Offset)
		}
	}
	var k jwk.Key
	failed := func(any) error { return errors.New("line 3: " + secret) }
	err := k.UnmarshalYAML(failed)
	checkError(t, err, jwk.ErrSyntax, "")
	hidden.check(t, err.Error())
	checkError(t, new(jwk.Set).UnmarshalYAML(failed), jwk.ErrSyntax, "")
	checkError(t, (*jwk.Key)(nil).UnmarshalYAML(fromDecoder(map[string]any(o))), jwk.ErrInvalid, "")
	checkError(t, (*jwk.PrivateKey)(nil).UnmarshalYAML(fromDecoder(map[string]any(o))), jwk.ErrInvalid, "")
	checkError(t, new(jwk.Set).UnmarshalYAML(fromDecoder(map[string]any(o))), jwk.ErrInvalid, "/keys")
	checkError(t, o.key(t).UnmarshalYAML(fromDecoder(map[string]any(o))), jwk.ErrInvalid, "") // a parsed key does not change
}

// TestYAMLNumbers: a number is written with its exact value, or refused. If it fails, a number
// changes on its way through YAML.
func TestYAMLNumbers(t *testing.T) {
	for _, tt := range []struct {
		text string
		want any // nil if it is refused
	}{
		{"0", int64(0)}, {"-1", int64(-1)}, {"9223372036854775807", int64(math.MaxInt64)}, {"18446744073709551615", uint64(math.MaxUint64)},
		{"18446744073709551616", nil}, {"-9223372036854775809", nil}, {"1.5", 1.5}, {"1e3", 1000.0}, {"0.000001", 0.000001},
		{"1e15", 1e15}, {"1e16", nil}, {"1e400", nil}, {"123456789.123456", 123456789.123456}, {"123456789.1234567", nil}, {"1.00000000000000000001", nil},
	} {
		k := public(t, "P-256").with("exp", json.RawMessage(tt.text)).key(t)
		out, err := k.MarshalYAML()
		if tt.want == nil {
			if checkError(t, err, jwk.ErrUnsupported, "/exp"); out != nil {
				t.Errorf("%s: got %v beside the error", tt.text, out)
			}
			continue
		}
		if err != nil || out.(map[string]any)["exp"] != tt.want {
			t.Errorf("%s: got %v, %v, want %v", tt.text, out, err, tt.want)
		}
		var again jwk.Key
		if err := again.UnmarshalYAML(fromDecoder(out)); err != nil || !again.Equal(k) {
			t.Errorf("%s: got %v, %v, want it read again", tt.text, again, err)
		}
	}
	for text, path := range map[string]string{`{"kty":"X","a":1,"a":2}`: "/keys/0", `{"kty":"X","x5c":[1,{"kid":1,"kid":2}]}`: "/keys/0/x5c/1/kid", `{"kty":"X","secret":[1e300]}`: "/keys/0"} {
		_, err := parsedSet(t, new(jwk.Parser), setOf(text)).MarshalYAML()
		checkError(t, err, jwk.ErrUnsupported, path)
	}
	// The deepest nesting that a key in a set may have.
	deep := jsontext.Value(strings.Repeat("[", 63) + strings.Repeat("]", 63))
	s := parsedSet(t, new(jwk.Parser), setOf(string(public(t, "P-256").with("a", deep).json(t))))
	out, err := s.MarshalYAML()
	if err != nil || s.Len() != 1 {
		t.Fatalf("got %v, %v", s, err)
	}
	var again jwk.Set
	if err := again.UnmarshalYAML(fromDecoder(out)); err != nil || !again.Equal(s) {
		t.Errorf("got %v, %v, want %v", again, err, s)
	}
}

// TestErrorsAsJSON: encoders write the text of an error, not its fields, which may hold keys.
func TestErrorsAsJSON(t *testing.T) {
	_, invalid := jwk.Parse([]byte(`{"kty":"oct","k":1}`))
	_, notFound := jwk.NewSet(fixture(t, "P-256").key(t)).Find(t.Context(), jwk.Query{Algorithm: jwk.RS256})
	hidden := newSecrets()
	hidden.add(fixture(t, "P-256"))
	for _, err := range []error{invalid, notFound} {
		want := must[[]byte](t)(json.Marshal(err.Error()))
		for what, value := range map[string]any{"by itself": err, "in a slice": []error{err}, "in a struct": struct{ Err error }{err}, "in a map": map[string]any{"error": err}} {
			text, e := json.Marshal(value)
			if e != nil || !strings.Contains(string(text), string(want)) || what == "by itself" && !slices.Equal(text, want) {
				t.Errorf("%s: got %s, %v, want %s", what, text, e, want)
			}
			hidden.check(t, string(text))
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "error", invalid, "struct", struct{ Err error }{invalid}, "missed", struct{ Err error }{notFound})
	if got := strings.Count(log.String(), "jwk: /k: a number, want a string"); got != 2 || !strings.Contains(log.String(), `"missed":{"Err":"jwk: no key for alg RS256: `) {
		t.Errorf("slog: got %s, want the texts", log.String())
	}
	hidden.check(t, log.String())
	skipped := parsedSet(t, new(jwk.Parser), `{"keys":[1]}`).Skipped()
	if text, err := json.Marshal(skipped); err != nil || string(text) != `[{"Index":0,"KeyID":"","Err":"jwk: /keys/0: a number, want an object"}]` {
		t.Errorf("skipped: got %s, %v", text, err)
	}
	if text, err := (&jwk.Error{}).MarshalText(); err != nil || string(text) != "jwk: unknown error" {
		t.Errorf("got %s, %v", text, err)
	}
}

// ofOthers adds the errors of YAML, of members of a set and of a PrivateKey.
func (r *refusals) ofOthers() {
	o := fixture(r, "P-256")
	yaml := func(name string, value any) {
		r.Helper()
		r.add("YAML: "+name, new(jwk.Key).UnmarshalYAML(fromDecoder(value)))
	}
	yaml("a list", []any{})
	yaml("a date", map[string]any(o.with("kid", time.Now())))
	yaml("a number as a name", map[any]any{1: 2})
	yaml("NaN", map[string]any(o.with("exp", math.NaN())))
	yaml("not UTF-8", map[string]any(o.with("kid", "\xff")))
	yaml("another half", map[string]any(o.with("d", "AA")))
	deep := any("x")
	for range 100 {
		deep = []any{deep}
	}
	yaml("too deep", map[string]any(o.with("x5c", deep)))
	wide := any(strings.Repeat("x", 1<<20))
	for range 3 {
		wide = []any{wide, wide, wide, wide}
	}
	yaml("too large", map[string]any(o.with("x5c", wide)))
	r.add("YAML: the decoder fails", new(jwk.Key).UnmarshalYAML(func(any) error { return errors.New("SECRET") }))
	_, err := public(r, "P-256").with("exp", json.RawMessage("1e300")).key(r).MarshalYAML()
	r.add("MarshalYAML: a number", err)
	_, err = parsedSet(r, new(jwk.Parser), setOf(`{"kty":"X","alg":1,"alg":2}`)).MarshalYAML()
	r.add("MarshalYAML: a name twice in a skipped entry", err)

	_, err = jwk.NewSet().WithMember("keys", nil)
	r.add("WithMember: keys", err)
	_, err = jwk.NewSet().WithMember("a", func() {})
	r.add("WithMember: a function", err)
	_, err = jwk.NewSet().WithMember("a", json.RawMessage(`{"b":1,"b":2}`))
	r.add("WithMember: a name twice", err)
	_, err = jwk.NewSet().WithMember("a", jsontext.Value(strings.Repeat("[", 64)+strings.Repeat("]", 64)))
	r.add("WithMember: too deep", err)

	r.add("UnmarshalJSON of a nil Set", (*jwk.Set)(nil).UnmarshalJSON([]byte(`{"keys":[]}`)))
	r.add("UnmarshalJSON of a nil PrivateKey", (*jwk.PrivateKey)(nil).UnmarshalJSON(o.json(r)))
	r.add("UnmarshalJSON of a PrivateKey: public", new(jwk.PrivateKey).UnmarshalJSON(public(r, "P-256").json(r)))
	_, err = jwk.PrivateKey{}.MarshalJSON()
	r.add("MarshalJSON of a PrivateKey: zero", err)
}
