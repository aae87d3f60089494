package jwk_test

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// A part of a secret with at least so many characters counts as leaked. For digits the number
// is higher, because addresses and sizes consist of digits, too.
const (
	partOfText   = 8
	partOfDigits = 16
)

// TestSecretsAreFound checks that the search for secrets in output, which the other tests rely
// on, finds them in each of their forms.
func TestSecretsAreFound(t *testing.T) {
	s := newSecrets()
	for _, name := range fixtureNames {
		s.add(fixture(t, name))
	}
	for _, name := range fixtureNames {
		text := string(fixture(t, name).json(t))
		if s.in(text) == "" {
			t.Errorf("%s: no secret found in its text", name)
		}
	}
	d := fixture(t, "Ed25519")["d"].(string)
	b, err := base64.RawURLEncoding.DecodeString(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{d[3:], "x" + d[:8], fmt.Sprintf("%x", b[3:]), fmt.Sprintf("%X", b), fmt.Sprint(b), new(big.Int).SetBytes(b).String()} {
		if s.in(form) == "" {
			t.Errorf("no secret found in %s", form)
		}
	}
	s.check(t, string(public(t, "RSA-2048").json(t)))
}

// wrappings returns the key and the set by value, by pointer, and within values of other types.
func wrappings(k *jwk.Key, s *jwk.Set) map[string]any {
	return map[string]any{
		"key":              *k,
		"pointer to a key": k,
		"set":              *s,
		"pointer to a set": s,
		"key in a struct":  struct{ Name, K any }{"x", *k},
		"fields": struct {
			Name string
			K    jwk.Key
			S    jwk.Set
		}{"x", *k, *s},
		"only a set field":  struct{ S jwk.Set }{*s},
		"pointer to fields": &struct{ K jwk.Key }{*k},
		"pointer fields": struct {
			K *jwk.Key
			S *jwk.Set
		}{k, s},
		"embedded":           struct{ jwk.Key }{*k},
		"embedded pointer":   struct{ *jwk.Key }{k},
		"embedded set":       struct{ jwk.Set }{*s},
		"slice":              []jwk.Key{*k},
		"slice of pointers":  []*jwk.Key{k},
		"array":              [1]jwk.Set{*s},
		"map":                map[string]jwk.Key{"a": *k},
		"map of pointers":    map[string]*jwk.Key{"a": k},
		"map of sets":        map[int]jwk.Set{1: *s},
		"map of interfaces":  map[string]any{"a": []any{*k}},
		"pointer to pointer": &k,
	}
}

// TestMarshalRefusesPrivate: if this fails, a private key becomes JSON by accident. The error
// says how to write it on purpose.
func TestMarshalRefusesPrivate(t *testing.T) {
	for _, name := range fixtureNames {
		o := fixture(t, name)
		hidden := newSecrets()
		hidden.add(o)
		k := o.key(t)
		s := jwk.NewSet(public(t, "Ed25519").key(t), k)

		for what, marshal := range map[string]func() ([]byte, error){
			"Key.MarshalJSON": k.MarshalJSON,
			"Key.AppendJSON":  func() ([]byte, error) { return k.AppendJSON([]byte("x")) },
			"Set.MarshalJSON": s.MarshalJSON,
			"Set.AppendJSON":  func() ([]byte, error) { return s.AppendJSON([]byte("x")) },
		} {
			t.Run("Z05 "+name+" "+what, func(t *testing.T) {
				b, err := marshal()
				if b != nil {
					t.Errorf("got %s, want nothing", b)
				}
				path := ""
				if strings.HasPrefix(what, "Set") {
					path = "/keys/1"
				}
				checkError(t, err, jwk.ErrPrivate, path)
				for _, way := range []string{"Public()", "MarshalPrivateJSON"} {
					if !strings.Contains(err.Error(), way) {
						t.Errorf("got %q, want it to name %s", err, way)
					}
				}
				hidden.check(t, err.Error())
			})
		}
		for what, value := range wrappings(k, s) {
			t.Run("Z05 "+name+" "+what, func(t *testing.T) {
				b, err := json.Marshal(value)
				if b != nil {
					t.Errorf("got %s, want nothing", b)
				}
				checkError(t, err, jwk.ErrPrivate, "*")
				if !strings.Contains(err.Error(), "MarshalPrivateJSON") {
					t.Errorf("got %q, want it to name MarshalPrivateJSON", err)
				}
				hidden.check(t, err.Error())

				var buf bytes.Buffer
				if err := json.NewEncoder(&buf).Encode(value); err == nil || buf.Len() != 0 {
					t.Errorf("Encoder: got %s, %v, want nothing and an error", buf.Bytes(), err)
				}
			})
		}
	}
}

// TestMarshalPublic checks that encoding/json writes public keys and their sets within all
// types of values.
func TestMarshalPublic(t *testing.T) {
	k := public(t, "P-256").with("kid", "a").key(t)
	text := string(public(t, "P-256").with("kid", "a").json(t))
	set := setOf(text)
	for what, value := range wrappings(k, jwk.NewSet(k)) {
		t.Run(what, func(t *testing.T) {
			b, err := json.Marshal(value)
			if err != nil || !strings.Contains(string(b), text) {
				t.Errorf("got %s, %v, want %s in it", b, err, text)
			}
			if strings.Contains(what, "set") && !strings.Contains(string(b), set) {
				t.Errorf("got %s, want %s in it", b, set)
			}
		})
	}
}

// TestPublicOutput: if this fails, the JSON of a public half shows a private member (V01).
func TestPublicOutput(t *testing.T) {
	hidden := newSecrets()
	var all []*jwk.Key
	for _, name := range fixtureNames {
		o := fixture(t, name).with("kid", name, "note", "only for the owner")
		hidden.add(o)
		all = append(all, o.key(t))
	}
	s := parsedSet(t, new(jwk.Parser), privateText(t, jwk.NewSet(all...)))
	outputs := make(map[string][]byte)
	for k := range s.All() {
		p, err := k.Public()
		if k.Type() == jwk.Oct {
			if p != nil {
				t.Errorf("Public of %v: got %v, want nil", k, p)
			}
			checkError(t, err, jwk.ErrPrivate, "")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		outputs[k.KeyID()] = text
	}
	text, err := s.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	outputs["set"] = text
	if len(outputs) != len(fixtureNames) {
		t.Fatalf("got %d outputs, want %d: each asymmetric key and the set", len(outputs), len(fixtureNames))
	}
	for name, text := range outputs {
		t.Run("V01 "+name, func(t *testing.T) {
			hidden.check(t, string(text))
			for _, name := range append(slices.Clone(privateNames), "note") {
				if bytes.Contains(text, []byte(`"`+name+`"`)) {
					t.Errorf("got %s, want no member %s", text, name)
				}
			}
			p := &jwk.Parser{PublicOnly: true, FailFast: true}
			if name == "set" {
				_, err = p.ParseSet(text)
			} else {
				_, err = p.Parse(text)
			}
			if err != nil {
				t.Errorf("the public parser: got %v, want no error", err)
			}
		})
	}
}

// TestNothingPrints: if this fails, package fmt, a logger or an encoder shows a private key
// that a program has within its values.
func TestNothingPrints(t *testing.T) {
	keys, hidden := everyKey(t)
	// A skipped entry holds a secret, too.
	s := parsedSet(t, new(jwk.Parser), strings.Replace(privateText(t, jwk.NewSet(keys...)), `"keys":[`,
		`"keys":[`+string(fixture(t, "P-384").with("alg", "none").json(t))+`,`, 1))
	if len(s.Skipped()) != 1 {
		t.Fatalf("got %v, want a skipped entry", s)
	}
	for i, k := range keys {
		for what, value := range wrappings(k, s) {
			t.Run(fixtureNames[i]+" "+what, func(t *testing.T) {
				for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T"} {
					hidden.check(t, fmt.Sprintf(verb, value))
				}
				var buf bytes.Buffer
				slog.New(slog.NewTextHandler(&buf, nil)).Info("x", "value", value, slog.Group("g", "value", value))
				slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "value", value)
				hidden.check(t, buf.String())

				buf.Reset()
				err := gob.NewEncoder(&buf).Encode(value)
				hidden.check(t, buf.String())
				if err == nil {
					t.Error("Z06 gob: got no error, want one")
				}
				buf.Reset()
				_ = xml.NewEncoder(&buf).Encode(value) // an error is fine, a secret is not
				hidden.check(t, buf.String())
				hidden.check(t, reflected(reflect.ValueOf(value), 0))
			})
		}
		// Package fmt does not call the methods of values in unexported fields.
		t.Run("Z01 "+fixtureNames[i]+" unexported fields", func(t *testing.T) {
			type inner struct {
				k jwk.Key
				s jwk.Set
			}
			value := struct {
				k  jwk.Key
				p  *jwk.Key
				s  jwk.Set
				q  *jwk.Set
				in inner
				l  []jwk.Key
				m  map[string]jwk.Key
				a  any
			}{*k, k, *s, s, inner{*k, *s}, []jwk.Key{*k}, map[string]jwk.Key{"a": *k}, *k}
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%c", "%e", "%U", "%p", "%z"} {
				hidden.check(t, fmt.Sprintf(verb, value))
				hidden.check(t, fmt.Sprintf(verb, &value))
			}
		})
	}
	t.Run("Z06 %s of a set", func(t *testing.T) {
		got := fmt.Sprintf("%s", s)
		if !strings.HasPrefix(got, fmt.Sprintf("set of %d keys, 1 entry skipped; ", len(fixtureNames))) || got != s.String() || got != fmt.Sprintf("%x", *s) {
			t.Errorf("got %s, want the same line about the set for every verb", got)
		}
		if strings.Contains(got, "\n") {
			t.Errorf("got %q, want one line", got)
		}
	})
}

// reflected returns all text that an encoder for a format such as YAML or TOML can reach:
// exported fields, and the results of marshaling methods.
func reflected(v reflect.Value, depth int) string {
	if depth > 8 || !v.IsValid() {
		return ""
	}
	var out string
	if v.CanInterface() {
		switch m := v.Interface().(type) {
		case encoding.TextMarshaler:
			b, _ := m.MarshalText()
			out += string(b)
		case encoding.BinaryMarshaler:
			b, _ := m.MarshalBinary()
			out += string(b)
		case fmt.Stringer:
			if v.Kind() != reflect.Pointer || !v.IsNil() {
				out += m.String()
			}
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			out += reflected(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			if field.IsExported() {
				out += field.Name + "=" + reflected(value, depth+1)
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			out += reflected(key, depth+1) + "=" + reflected(value, depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			out += reflected(v.Index(i), depth+1) + ","
		}
	case reflect.String:
		out += v.String()
	default:
		if v.CanInterface() {
			out += fmt.Sprint(v.Interface())
		}
	}
	return out
}

// TestNoOtherMarshalers: if this fails, an encoder finds a method or an exported field of a key
// or a set, and can write a secret with it.
func TestNoOtherMarshalers(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[*jwk.Key](), reflect.TypeFor[*jwk.Set]()} {
		for _, marshaler := range []reflect.Type{
			reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.BinaryMarshaler](),
			reflect.TypeFor[encoding.TextAppender](), reflect.TypeFor[encoding.BinaryAppender](),
			reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[xml.Marshaler](),
		} {
			if typ.Implements(marshaler) {
				t.Errorf("Z06 %v implements %v, which can write a secret", typ, marshaler)
			}
		}
		for i := range typ.Elem().NumField() {
			if f := typ.Elem().Field(i); f.IsExported() {
				t.Errorf("Z06 %v: it has the exported field %s", typ, f.Name)
			}
		}
	}
}

// TestUnmarshalJSON checks that encoding/json reads keys and sets within other values, as
// strictly as Parse does, and that a failure changes nothing.
func TestUnmarshalJSON(t *testing.T) {
	key := string(public(t, "P-256").with("kid", "a").json(t))
	secret := string(fixture(t, "Ed25519").with("kid", "s").json(t))
	type config struct {
		K  jwk.Key
		P  *jwk.Key
		S  jwk.Set
		Q  *jwk.Set
		L  []jwk.Key
		M  map[string]*jwk.Key
		No string
	}
	var c config
	text := `{"K":` + key + `,"P":` + secret + `,"S":` + setOf(key, "{}", secret) + `,"Q":` + setOf(secret) + `,"L":[` + secret + `,` + key + `],"M":{"x":` + key + `}}`
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		k    *jwk.Key
		want string
	}{
		{"value", &c.K, key}, {"pointer", c.P, secret}, {"in a set", c.S.At(1), secret}, {"in a pointer to a set", c.Q.At(0), secret},
		{"slice", &c.L[0], secret}, {"slice", &c.L[1], key}, {"map", c.M["x"], key},
	} {
		if got, err := tt.k.MarshalPrivateJSON(); err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
	if len(c.S.Skipped()) != 1 {
		t.Errorf("set: got %v, want a skipped entry", c.S)
	}

	// Each of these errors leaves the values unchanged.
	before := c
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"key malformed", `{"K":{"kty":"EC"}}`, jwk.ErrInvalid},
		{"key no object", `{"K":"x"}`, jwk.ErrSyntax},
		{"key null", `{"K":null}`, jwk.ErrSyntax},
		{"key padded", `{"K":` + strings.Replace(key, `","y"`, `=","y"`, 1) + `}`, jwk.ErrInvalid},
		{"key with a duplicate", `{"K":{"kid":"b",` + key[1:] + `}`, jwk.ErrSyntax},
		{"pointer malformed", `{"P":{"kty":"X"}}`, jwk.ErrUnsupported},
		{"set without keys", `{"S":{}}`, jwk.ErrInvalid},
		{"set null", `{"S":null}`, jwk.ErrSyntax},
		{"pointer to a set, keys null", `{"Q":{"keys":null}}`, jwk.ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := json.Unmarshal([]byte(tt.text), &c)
			checkError(t, err, tt.want, "*")
			if !reflect.DeepEqual(c.K, before.K) || c.S != before.S || c.P != before.P || c.Q != before.Q {
				t.Errorf("got %v, want no change of %v", c, before)
			}
			if got, _ := c.K.MarshalJSON(); string(got) != key {
				t.Errorf("key: got %s, want %s", got, key)
			}
			if got, _ := c.P.MarshalPrivateJSON(); string(got) != secret {
				t.Errorf("pointer: got %s, want %s", got, secret)
			}
			if got := kidsOf(c.S.All()) + ", " + kidsOf(c.Q.All()); got != "a s, s" {
				t.Errorf("sets: got %s, want a s, s", got)
			}
		})
	}

	t.Run("pointers null", func(t *testing.T) {
		if err := json.Unmarshal([]byte(`{"P":null,"Q":null}`), &c); err != nil || c.P != nil || c.Q != nil {
			t.Errorf("got %v, %v, %v, want nil pointers", c.P, c.Q, err)
		}
	})
	t.Run("zero values stay zero values", func(t *testing.T) {
		var k jwk.Key
		if err := k.UnmarshalJSON([]byte(`{}`)); err == nil || k != (jwk.Key{}) {
			t.Errorf("key: got %v, %v, want the zero Key and an error", k, err)
		}
		var s jwk.Set
		if err := s.UnmarshalJSON([]byte(`{}`)); err == nil || s != (jwk.Set{}) {
			t.Errorf("set: got %v, %v, want the zero Set and an error", s, err)
		}
	})
	t.Run("the input is not kept", func(t *testing.T) {
		input := []byte(key)
		var k jwk.Key
		if err := k.UnmarshalJSON(input); err != nil {
			t.Fatal(err)
		}
		clear(input)
		if got, err := k.MarshalJSON(); err != nil || string(got) != key {
			t.Errorf("got %s, %v, want %s", got, err, key)
		}
	})
}

// TestAppendJSON checks that AppendJSON uses the capacity of its argument, and touches no octet
// after the result.
func TestAppendJSON(t *testing.T) {
	o := public(t, "P-256")
	k := o.key(t)
	s := jwk.NewSet(k, public(t, "Ed25519").key(t))
	text, _ := k.MarshalJSON()
	set, _ := s.MarshalJSON()
	for _, tt := range []struct {
		name   string
		append func([]byte) ([]byte, error)
		want   []byte
	}{
		{"key", k.AppendJSON, text},
		{"set", s.AppendJSON, set},
		{"zero set", new(jwk.Set).AppendJSON, []byte(`{"keys":[]}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.append(nil); err != nil || !bytes.Equal(got, tt.want) {
				t.Errorf("to nil: got %s, %v, want %s", got, err, tt.want)
			}
			// With enough capacity, the result is in the same array, and the octets after it do not change.
			room := bytes.Repeat([]byte{'.'}, 3+len(tt.want)+3)
			got, err := tt.append(room[:3])
			if want := "..." + string(tt.want); err != nil || string(got) != want || &got[0] != &room[0] {
				t.Errorf("to a slice with room: got %s, %v, want %s in place", got, err, want)
			}
			if rest := string(room[3+len(tt.want):]); rest != "..." {
				t.Errorf("after the result: got %q, want no change", rest)
			}
			// Without the capacity, the result is in another array.
			tight := []byte("...")
			got, err = tt.append(tight[:3:3])
			if want := "..." + string(tt.want); err != nil || string(got) != want || &got[0] == &tight[0] {
				t.Errorf("to a slice without room: got %s, %v, want %s elsewhere", got, err, want)
			}
			// Two results do not share memory.
			other, _ := tt.append(nil)
			clear(other)
			if got, err := tt.append(nil); err != nil || !bytes.Equal(got, tt.want) {
				t.Errorf("after a change of a result: got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
	t.Run("zero key", func(t *testing.T) {
		b, err := new(jwk.Key).AppendJSON([]byte("x"))
		if b != nil {
			t.Errorf("got %s, want nothing", b)
		}
		checkError(t, err, jwk.ErrInvalid, "")
	})
}

// TestMarshalResultsAreCopies: if this fails, a caller that changes the returned JSON changes
// the key.
func TestMarshalResultsAreCopies(t *testing.T) {
	for _, name := range fixtureNames {
		o := fixture(t, name)
		if name != "oct-256" {
			o = public(t, name)
		}
		k := o.key(t)
		text, thumb := string(o.json(t)), k.Thumbprint()
		marshals := []func() ([]byte, error){k.MarshalPrivateJSON, k.MarshalPrivateJSON}
		if !k.IsPrivate() {
			marshals = append(marshals, k.MarshalJSON, k.MarshalJSON, func() ([]byte, error) { return k.AppendJSON(nil) })
		}
		for _, marshal := range marshals {
			b, err := marshal()
			if err != nil || string(b) != text {
				t.Fatalf("%s: got %s, %v, want %s", name, b, err, text)
			}
			other, err := marshal()
			for i := range b {
				b[i] = 'x'
			}
			if err != nil || string(other) != text {
				t.Fatalf("%s: after a change of another result: got %s, %v, want %s", name, other, err, text)
			}
		}
		again := o.key(t)
		if !k.Equal(again) || k.Thumbprint() != thumb || again.Thumbprint() != thumb {
			t.Errorf("%s: the key changed together with a result", name)
		}
	}
}

// TestEqualTakesAllOfTheSecret: if this fails, Equal compares only a part of a secret, and
// reports different keys as equal (Z07). The test cannot show that the comparison takes
// constant time.
func TestEqualTakesAllOfTheSecret(t *testing.T) {
	secret := func(b ...byte) *jwk.Key {
		return object{"kty": "oct", "k": encoded(b)}.key(t)
	}
	base := bytes.Repeat([]byte{0x5a}, 32)
	k := secret(base...)
	if !k.Equal(secret(base...)) {
		t.Error("the same secret: got false, want true")
	}
	for i := range base {
		other := slices.Clone(base)
		other[i] ^= 1
		if k.Equal(secret(other...)) {
			t.Errorf("Z07 octet %d differs: got true, want false", i)
		}
	}
	if k.Equal(secret(base[:31]...)) || k.Equal(secret(append(base, 0)...)) {
		t.Error("Z07 another length: got true, want false")
	}
}

// TestErrorsKeepSecrets damages private keys in many ways, one at a time. If it fails, an error
// shows a part of the key.
func TestErrorsKeepSecrets(t *testing.T) {
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			o := fixture(t, name)
			hidden := newSecrets()
			hidden.add(o)
			text := string(o.json(t))

			refused := 0
			try := func(text string) {
				for i, p := range []*jwk.Parser{{}, {Lenient: true}, {PublicOnly: true}, {MinRSABits: 8192}, {MaxBytes: 10}} {
					if _, err := p.Parse([]byte(text)); err != nil {
						refused++
						hidden.check(t, fmt.Sprintf("%v %+v %#v %q", err, err, err, err))
						var e *jwk.Error
						if errors.As(err, &e) {
							hidden.check(t, string(e.Path)+fmt.Sprintf("%#v %+v", *e, *e))
						}
					}
					if i == 1 || i == 3 {
						continue // ParseSet gives these errors for each entry, too
					}
					s, err := p.ParseSet([]byte(setOf(text)))
					if err != nil {
						hidden.check(t, err.Error())
						continue
					}
					for _, e := range s.Skipped() {
						hidden.check(t, e.Err.Error())
					}
					hidden.check(t, s.String())
				}
				var field struct{ K *jwk.Key }
				if err := json.Unmarshal([]byte(`{"K":`+text+`}`), &field); err != nil {
					hidden.check(t, err.Error())
				}
			}

			for _, member := range slices.Sorted(maps.Keys(o)) {
				value, isText := o[member].(string)
				if !isText {
					value = "AQAB"
				}
				flip := func(i int) string {
					b := []byte(value)
					b[i] ^= 1 // another character, in some cases outside the alphabet
					return string(b)
				}
				mid := len(value) / 2
				for _, v := range []any{
					nil, 1, true, []any{value}, object{"v": value}, "", "A", "AA", "AB", "=", "\n",
					value + "=", value + "==", value + "A", value + "\n", " " + value, "A" + value, "AAAA" + value, value + value,
					value[:mid], value[mid:], value[:len(value)-1], value[:mid] + "+" + value[mid:], value[:mid] + "\x00" + value[mid:],
					flip(0), flip(mid), flip(len(value) - 1), strings.ToUpper(value), strings.ToLower(value),
					o["x"], o["n"], o["d"], o["q"], o["k"], public(t, "P-256")["x"], public(t, "Ed25519")["x"],
				} {
					if member == "kty" || member == "crv" {
						if v == o["d"] || v == o["q"] || v == o["k"] { // kty and crv are public, and errors may show them
							continue
						}
					}
					try(string(o.with(member, v).json(t)))
				}
				try(string(o.without(member).json(t)))
				try(`{"` + member + `":"A",` + text[1:])
				try(text[:len(text)-1] + `,"` + member + `":` + string(object{"v": o[member]}.json(t))[len(`{"v":`):])
				at := strings.Index(text, `"`+member+`":`) + len(member) + 4
				for _, cut := range []int{0, 1, 2, 10, mid} {
					if at+cut < len(text) {
						try(text[:at+cut])                                        // unfinished
						try(text[:at+cut] + "\x01" + text[at+cut:])               // a control character
						try(text[:at+cut] + "\xff" + text[at+cut:])               // invalid UTF-8
						try(text[:at+cut] + `\x` + text[at+cut:])                 // an invalid escape
						try(text[:at+cut] + `\ud800` + text[at+cut:])             // a lone surrogate
						try(text[:at+cut] + `"` + text[at+cut:])                  // a quote
						try(strings.Replace(text, `":"`, `" "`, 1))               // no colon
						try(strings.Replace(text, `","`+member, `" "`+member, 1)) // no comma
					}
				}
			}
			for _, pairs := range [][]any{
				{"kty", "X"}, {"kty", "RSA"}, {"kty", "EC"}, {"kty", "OKP"}, {"kty", "oct"}, {"kty", "AKP"},
				{"crv", "P-256"}, {"crv", "P-384"}, {"crv", "Ed25519"}, {"crv", "X25519"}, {"crv", "X448"}, {"crv", "Ed448"}, {"crv", "secp256k1"},
				{"alg", "none"}, {"alg", "RS256"}, {"alg", "ES512"}, {"alg", "HS512"}, {"alg", "A128KW"}, {"alg", "EdDSA"}, {"alg", "ML-DSA-44"}, {"alg", "ML-DSA-65"},
				{"use", "sig", "key_ops", []string{"encrypt"}}, {"key_ops", []string{"sign", "sign"}},
				{"x5c", []string{"AAAA"}}, {"x5t", "AAAA"}, {"kid", 1}, {"exp", nil},
				{"d", "AQAB"}, {"p", "AQAB"}, {"k", "AQAB"}, {"priv", "AQAB"}, {"seed", "AQAB"}, {"oth", []any{}}, {"oth", []any{object{"r": o["q"], "d": o["d"], "t": o["p"]}}},
			} {
				try(string(o.with(pairs...).json(t)))
			}
			try(text + text)
			try("[" + text + "]")
			if refused < 500 {
				t.Errorf("got %d errors: want at least 500, because most of the texts are malformed", refused)
			}

			k := o.key(t)
			for _, attrs := range []jwk.Attributes{
				{Algorithm: "none"}, {Use: jwk.UseSig, Ops: jwk.OpEncrypt}, {Ops: 1 << 15}, {Extra: map[string]any{"d": 1}},
				{Extra: map[string]any{"f": func() {}}}, {KeyID: "\xff"}, {Algorithm: jwk.ES384, Use: jwk.UseEnc},
			} {
				if _, err := k.WithAttributes(attrs); err != nil {
					hidden.check(t, err.Error())
				}
				if _, err := jwk.New(k.PrivateKey(), &attrs); err != nil {
					hidden.check(t, err.Error())
				}
			}
			_, err := jwk.As[chan int](k)
			checkError(t, err, jwk.ErrUnsupported, "")
			hidden.check(t, err.Error())
		})
	}
}

// TestSharedKeyDoesNotChange: if this fails, encoding/json, which reuses the pointers in a
// struct, changes a *Key that a set shares with other callers.
func TestSharedKeyDoesNotChange(t *testing.T) {
	pub, priv := public(t, "Ed25519").with("kid", "a"), fixture(t, "P-256").with("kid", "b")
	shared := pub.key(t)
	set := jwk.NewSet(shared)

	config := struct{ Key *jwk.Key }{set.At(0)}
	text := append(append([]byte(`{"Key":`), priv.json(t)...), '}')
	checkError(t, json.Unmarshal(text, &config), jwk.ErrInvalid, "")
	if got := set.At(0).KeyID(); got != "a" || shared.KeyID() != "a" {
		t.Errorf("kid of the key in the set: got %q, want %q", got, "a")
	}

	// The caller's own Key changes, and the set that was made from it does not.
	var own jwk.Key
	if err := json.Unmarshal(pub.json(t), &own); err != nil {
		t.Fatal(err)
	}
	set = jwk.NewSet(&own)
	if err := json.Unmarshal(priv.json(t), &own); err != nil {
		t.Fatal(err)
	}
	if got := own.KeyID(); got != "b" {
		t.Errorf("kid of the caller's key: got %q, want %q", got, "b")
	}
	if got := set.At(0).KeyID(); got != "a" {
		t.Errorf("kid of the key in the set: got %q, want %q", got, "a")
	}
}

// TestHiddenPrivateMembers: if this fails, a private key within an unknown member of a key or a
// set passes PublicOnly, or becomes JSON by accident.
func TestHiddenPrivateMembers(t *testing.T) {
	key := public(t, "Ed25519")
	d := fixture(t, "P-256")["d"].(string)
	hiding := map[string]any{"old": []any{map[string]any{"kty": "EC", "d": d}}}
	for _, tt := range []struct{ name, set, path, written string }{
		{"in a key", string(object{"keys": []any{key, key.with("backup", hiding)}}.json(t)), "/keys/1", "/keys/1"},
		{"in a date", string(object{"keys": []any{key, key.with("iat", hiding)}}.json(t)), "/keys/1", "/keys/1/iat"},
		{"in a member of another kind", string(object{"keys": []any{key, key.with("n", hiding, "y", []any{})}}.json(t)), "/keys/1", "/keys/1/n"},
		{"before another object", string(object{"keys": []any{key, key.with("a", hiding, "b", object{})}}.json(t)), "/keys/1", "/keys/1"},
		{"in a set", string(object{"keys": []any{key}, "backup": hiding}.json(t)), "", ""},
		{"in a registered member of a set", string(object{"keys": []any{key}, "x5c": hiding}.json(t)), "/x5c", "/x5c"},
		// encoding/json ignores the case of names: it reads D as d, and "\u212a" as k.
		{"in another case", string(object{"keys": []any{key, key.with("D", d)}}.json(t)), "/keys/1", "/keys/1"},
		{"in another case, in a set", string(object{"keys": []any{key}, "Kty": "AKP", "PRIV": d}.json(t)), "", ""},
		{"a Kelvin sign", string(object{"keys": []any{key, key.with("\u212a", d)}}.json(t)), "/keys/1", "/keys/1"},
		{"in another case, in a key", string(object{"keys": []any{key, key.with("backup", object{"dP": d, "kTy": 1})}}.json(t)), "/keys/1", "/keys/1"},
		{"the seed of drafts", string(object{"keys": []any{key, key.with("backup", object{"seed": d, "kty": "AKP"})}}.json(t)), "/keys/1", "/keys/1"},
		{"the seed of drafts beside the keys", `{"kty":"AKP","keys":[],"seed":"` + d + `"}`, "/seed", "/seed"},
		{"beside the keys", string(fixture(t, "P-256").with("keys", []any{}).json(t)), "/d", "/d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := (&jwk.Parser{PublicOnly: true}).ParseSet([]byte(tt.set))
			if s != nil {
				t.Errorf("PublicOnly: got %v, want no set", s)
			}
			checkError(t, err, jwk.ErrPrivate, tt.path)

			if s, err = jwk.ParseSet([]byte(tt.set)); err != nil {
				t.Fatal(err)
			}
			_, err = s.With(key.key(t)).MarshalJSON()
			checkError(t, err, jwk.ErrPrivate, tt.written)
			if text, err := s.Public().MarshalJSON(); err != nil || bytes.Contains(text, []byte(d)) {
				t.Errorf("Public: got %s, %v", text, err)
			}
			if text, err := s.MarshalPrivateJSON(); err != nil || !bytes.Contains(text, []byte(d)) {
				t.Errorf("MarshalPrivateJSON: got %s, %v", text, err)
			}
		})
	}

	k, err := (&jwk.Parser{PublicOnly: true}).Parse(key.with("backup", hiding).json(t))
	if k != nil {
		t.Errorf("got key %v, want nil", k)
	}
	checkError(t, err, jwk.ErrPrivate, "")
	if want := "holds the private member d"; !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want it to name %q", err, want)
	}
	_, err = key.with("backup", hiding).key(t).MarshalJSON()
	checkError(t, err, jwk.ErrPrivate, "")

	// Values with these texts, and longer names that contain them, are not private members.
	harmless := map[string]any{"members": []string{"d", "k"}, "dd": "d", "k": "v", "q": nil, "old": object{"kty": "RSA", "d": nil, "oth": []any{}, "p": "", "dp": 1}}
	if _, err := key.with("backup", harmless).key(t).MarshalJSON(); err != nil {
		t.Error(err)
	}
}

// TestSkippedDoesNotPrint: if this fails, a program that prints or logs a skipped entry shows
// its secret.
func TestSkippedDoesNotPrint(t *testing.T) {
	d := fixture(t, "P-256")["d"].(string)
	s, err := jwk.ParseSet(object{"keys": []any{fixture(t, "P-256").with("kty", "X", "kid", "k")}}.json(t))
	if err != nil {
		t.Fatal(err)
	}
	skipped := s.Skipped()
	const want = `entry 0, kid "k": jwk: /keys/0/kty: key type "X", want RSA, EC, OKP, oct or AKP`
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, skipped[0]); got != want {
			t.Errorf("%s: got %s, want %s", verb, got, want)
		}
		if got := fmt.Sprintf(verb, skipped); strings.Contains(got, d) {
			t.Errorf("%s of the slice shows d: %s", verb, got)
		}
	}
	text, err := json.Marshal(skipped)
	if err != nil || bytes.Contains(text, []byte(d)) {
		t.Errorf("json.Marshal: got %s, %v", text, err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "one", skipped[0], "all", skipped)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "one", skipped[0], "all", skipped)
	if strings.Contains(log.String(), d) {
		t.Errorf("slog shows d: %s", log.String())
	}
}

// TestSymmetricThumbprintDoesNotPrint: if this fails, a verb of package fmt prints the
// thumbprint of a symmetric key, which confirms a guess at the secret.
func TestSymmetricThumbprintDoesNotPrint(t *testing.T) {
	k := fixture(t, "oct-256").key(t)
	thumb := k.Thumbprint()
	if _, ok := jwk.NewSet(k).LookupThumbprint(thumb); !ok {
		t.Fatal("LookupThumbprint: got no key, want the symmetric one")
	}
	octets := strings.Trim(fmt.Sprint(thumb[:8]), "[]")
	for _, verb := range []string{"%v", "%s", "%d", "%z", "%#v"} {
		holder := struct {
			k jwk.Key
			s jwk.Set
		}{*k, *jwk.NewSet(k)}
		if got := fmt.Sprintf(verb, holder); strings.Contains(got, octets) || strings.Contains(got, thumb.String()) {
			t.Errorf("%s: got %s, with the thumbprint", verb, got)
		}
	}
}
