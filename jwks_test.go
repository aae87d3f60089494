package jwk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/seed1f6cf2d3/jwk"
)

// checkSetRefused makes sure that ParseSet refuses a text with an error of the kind want at path,
// and returns no set. It returns the error.
func checkSetRefused(t testing.TB, p *jwk.Parser, text string, want error, path string) *jwk.Error {
	t.Helper()
	s, err := p.ParseSet([]byte(text))
	if s != nil {
		t.Errorf("got set %v beside the error, want nil", s)
	}
	checkError(t, err, want, path)
	e, ok := err.(*jwk.Error)
	if !ok {
		t.Fatalf("got error of type %T, want *jwk.Error", err)
	}
	return e
}

// oddModulus returns a modulus of this many bits for a public key: a random odd number.
func oddModulus(rng *rand.Rand, bits int) string {
	n := make([]byte, (bits+7)/8)
	for i := range n {
		n[i] = byte(rng.Uint32())
	}
	n[len(n)-1] |= 1
	top := (bits - 1) % 8
	n[0] = n[0]&(1<<top-1) | 1<<top
	return encoded(n)
}

// TestParseSetRefusesNoSet: a text that is not a JWK Set is an error, with every Parser. If it
// fails, a broken response of a provider becomes an empty set.
func TestParseSetRefusesNoSet(t *testing.T) {
	key := string(public(t, "Ed25519").json(t))
	for _, tt := range []struct {
		name, text string
		want       error
		path       string
	}{
		{"C01 no keys", `{}`, jwk.ErrInvalid, "/keys"},
		{"C01 bare key", key, jwk.ErrInvalid, "/keys"},
		{"C01 keys in capitals", `{"KEYS":[]}`, jwk.ErrInvalid, "/keys"},
		{"C01 keys null", `{"keys":null}`, jwk.ErrSyntax, "/keys"},
		{"C01 keys an object", `{"keys":{}}`, jwk.ErrSyntax, "/keys"},
		{"C01 keys a string", `{"keys":"[]"}`, jwk.ErrSyntax, "/keys"},
		{"C01 keys a number", `{"keys":0}`, jwk.ErrSyntax, "/keys"},
		{"C01 keys a boolean", `{"keys":false}`, jwk.ErrSyntax, "/keys"},
		{"C01 array", `[` + key + `]`, jwk.ErrSyntax, ""},
		{"C01 null", `null`, jwk.ErrSyntax, ""},
		{"C01 number", `1`, jwk.ErrSyntax, ""},
		{"C01 string", `""`, jwk.ErrSyntax, ""},
		{"J10 empty", ``, jwk.ErrSyntax, "*"},
		{"J10 spaces", "  \n", jwk.ErrSyntax, "*"},
		{"J04 data after it", `{"keys":[]} x`, jwk.ErrSyntax, "*"},
		{"J04 two of them", `{"keys":[]}{"keys":[]}`, jwk.ErrSyntax, "*"},
		{"J04 a bracket after it", `{"keys":[]}]`, jwk.ErrSyntax, "*"},
		{"J05 byte order mark", "\uFEFF" + `{"keys":[]}`, jwk.ErrSyntax, "*"},
		{"J06 invalid UTF-8 in a key", setOf(key, "{\"kid\":\"\xff\"}"), jwk.ErrSyntax, "*"},
		{"J06 invalid UTF-8 in a member", "{\"x\":\"\xff\",\"keys\":[]}", jwk.ErrSyntax, "*"},
		{"J07 lone surrogate", setOf(key, `{"kid":"\ud800"}`), jwk.ErrSyntax, "*"},
		{"unfinished", `{"keys":[]`, jwk.ErrSyntax, "*"},
		{"unfinished array", `{"keys":[` + key, jwk.ErrSyntax, "*"},
		{"unfinished key", `{"keys":[{"kty"`, jwk.ErrSyntax, "*"},
		{"wrong bracket", `{"keys":[}}`, jwk.ErrSyntax, "*"},
		{"comma at the end", `{"keys":[` + key + `,]}`, jwk.ErrSyntax, "*"},
		{"no comma", `{"keys":[` + key + key + `]}`, jwk.ErrSyntax, "*"},
		{"name no string", `{1:2,"keys":[]}`, jwk.ErrSyntax, "*"},
		{"J01 keys twice", `{"keys":[],"keys":[]}`, jwk.ErrSyntax, "/keys"},
		{"J01 keys twice, one escaped", `{"keys":[],"\u006beys":[` + key + `]}`, jwk.ErrSyntax, "/keys"},
		{"J01 keys twice, the second null", `{"keys":[` + key + `],"keys":null}`, jwk.ErrSyntax, "/keys"},
		{"J01 member twice", `{"a":1,"keys":[],"a":1}`, jwk.ErrSyntax, ""},
		{"J01 member twice, one escaped", `{"keys":[],"a":1,"\u0061":2}`, jwk.ErrSyntax, ""},
		{"J01 twice within a member", `{"a":{"b":[{"c":1,"c":2}]},"keys":[]}`, jwk.ErrSyntax, ""},
		{"J01 twice within a member after keys", `{"keys":[],"a":[{"c":1,"c":2}]}`, jwk.ErrSyntax, ""},
		{"J09 nested too deep", `{"keys":[],"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, jwk.ErrPolicy, "*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, p := range []*jwk.Parser{{}, {FailFast: true, PublicOnly: true, UniqueKeyIDs: true}} {
				checkSetRefused(t, p, tt.text, tt.want, tt.path)
			}
		})
	}
}

// TestParseSetEmpty: a set without keys is valid (RFC 7517, Section 5.1).
func TestParseSetEmpty(t *testing.T) {
	for _, text := range []string{`{"keys":[]}`, " {\n\"keys\" : [ ]\t}\r\n"} {
		s := parsedSet(t, &jwk.Parser{FailFast: true, PublicOnly: true, UniqueKeyIDs: true}, text)
		if s.Len() != 0 || s.Skipped() != nil {
			t.Errorf("ParseSet(%q): got %d keys, skipped %v, want an empty set", text, s.Len(), s.Skipped())
		}
		if got, want := privateText(t, s), `{"keys":[]}`; got != want {
			t.Errorf("text: got %s, want %s", got, want)
		}
	}
}

// TestParseSetPrefixes: every proper prefix of a set is an error. A set with one byte removed
// causes no panic, and gives either a set or an error.
func TestParseSetPrefixes(t *testing.T) {
	text := `{"a":{"b":[1,"\u0061"]},"keys":[` + string(public(t, "P-256").with("kid", "a\"b", "ext", object{"x": 1}).json(t)) + `,null,{}],"b":true}`
	for i := range len(text) {
		checkSetRefused(t, new(jwk.Parser), text[:i], jwk.ErrSyntax, "*")
		without := text[:i] + text[i+1:]
		if s, err := jwk.ParseSet([]byte(without)); (s == nil) == (err == nil) {
			t.Errorf("J14 without byte %d: got %v, %v, want a set or an error", i, s, err)
		}
	}
}

// TestSkipped parses, for each reason to skip an entry, a set with such an entry between two good
// keys. If it fails, one bad entry costs a program its other keys, or the reason is lost.
func TestSkipped(t *testing.T) {
	rng := newRand(1)
	rsa, p256, ed, oct := public(t, "RSA-2048"), public(t, "P-256"), public(t, "Ed25519"), fixture(t, "oct-256")
	text := func(o object, pairs ...any) string { return string(o.with(pairs...).json(t)) }
	many := `{"kid":"z"`
	for i := range 20 {
		many += fmt.Sprintf(`,"u%d":0`, i)
	}
	many += `,"u19":0}`
	var ops []string
	for i := range 33 {
		ops = append(ops, fmt.Sprint("op", i))
	}
	for _, tt := range []struct {
		name, entry string
		kid         string
		want        error
		path        string // below /keys/1
		at          string // the text at the offset of the error
	}{
		{"C02 null", `null`, "", jwk.ErrSyntax, "", `null`},
		{"C02 number", `1`, "", jwk.ErrSyntax, "", `1`},
		{"C02 string", `"kty"`, "", jwk.ErrSyntax, "", `"kty"`},
		{"C02 boolean", `true`, "", jwk.ErrSyntax, "", `true`},
		{"C02 array", `[]`, "", jwk.ErrSyntax, "", `[]`},
		{"C02 array of a key", `[{"kty":"OKP","kid":"inner"}]`, "", jwk.ErrSyntax, "", `[{`},
		{"C02 nested set", `{"keys":[],"kid":"z"}`, "z", jwk.ErrInvalid, "/kty", `{"keys":[],`},
		{"empty object", `{}`, "", jwk.ErrInvalid, "/kty", `{}`},
		{"C04 unknown kty", `{"kty":"NTRU","kid":"z"}`, "z", jwk.ErrUnsupported, "/kty", `"NTRU"`},
		{"kty in lower case", text(rsa, "kty", "rsa", "kid", "z"), "z", jwk.ErrUnsupported, "/kty", `"rsa"`},
		{"kty null", text(rsa, "kty", nil, "kid", "z"), "z", jwk.ErrSyntax, "/kty", `null`},
		{"unknown crv", text(p256, "crv", "P-224", "kid", "z"), "z", jwk.ErrUnsupported, "/crv", `"P-224"`},
		{"no crv", text(p256.without("crv"), "kid", "z"), "z", jwk.ErrInvalid, "/crv", `{"kid"`},
		{"no x", text(p256.without("x"), "kid", "z"), "z", jwk.ErrInvalid, "/x", `{"crv"`},
		{"off the curve", text(p256, "y", p256["x"], "kid", "z"), "z", jwk.ErrInvalid, "/x", `"` + p256["x"].(string)},
		{"small order", text(ed, "x", strings.Repeat("A", 43), "kid", "z"), "z", jwk.ErrInvalid, "/x", `"AAAA`},
		{"malformed base64url", text(ed, "x", "AA=", "kid", "z"), "z", jwk.ErrInvalid, "/x", `"AA="`},
		{"wrong JSON type", text(ed, "x", 1, "kid", "z"), "z", jwk.ErrSyntax, "/x", `1`},
		{"modulus too small", text(rsa, "n", oddModulus(rng, 1024), "kid", "z"), "z", jwk.ErrPolicy, "/n", `"`},
		{"modulus too large", text(rsa, "n", oddModulus(rng, 8193), "kid", "z"), "z", jwk.ErrPolicy, "/n", `"`},
		{"even exponent", text(rsa, "e", "AQAA", "kid", "z"), "z", jwk.ErrInvalid, "/e", `"AQAA"`},
		{"kid null", text(ed, "kid", nil), "", jwk.ErrSyntax, "/kid", `null`},
		{"kid a number", text(ed, "kid", 7), "", jwk.ErrSyntax, "/kid", `7`},
		{"alg none", text(ed, "alg", "none", "kid", "z"), "z", jwk.ErrInvalid, "/alg", `"none"`},
		{"alg of another type", text(ed, "alg", "RS256", "kid", "z"), "z", jwk.ErrInvalid, "/alg", `"RS256"`},
		{"use against key_ops", text(ed, "use", "sig", "key_ops", []string{"encrypt"}, "kid", "z"), "z", jwk.ErrInvalid, "/key_ops", `["encrypt"]`},
		{"too many operations", text(ed, "key_ops", ops, "kid", "z"), "z", jwk.ErrPolicy, "/key_ops", `["op0"`},
		{"no certificate", text(ed, "x5c", []string{"AAAA"}, "kid", "z"), "z", jwk.ErrInvalid, "/x5c", `["AAAA"]`},
		{"digest too short", text(ed, "x5t", "AAAA", "kid", "z"), "z", jwk.ErrInvalid, "/x5t", `"AAAA"`},
		{"secret too short", text(oct, "k", "AAAA", "alg", "HS256", "kid", "z"), "z", jwk.ErrInvalid, "/alg", `"HS256"`},
		{"d of another key", text(ed, "d", strings.Repeat("A", 43), "kid", "z"), "z", jwk.ErrInvalid, "/d", `"AAAA`},
		{"private member of another type", text(ed, "k", "AAAA", "kid", "z"), "z", jwk.ErrInvalid, "/k", `"AAAA"`},
		{"J01 registered member twice", `{"kid":"y","kty":"OKP","kid":"z"}`, "z", jwk.ErrSyntax, "/kid", `"z"`},
		{"J01 unknown member twice", `{"a":2,` + text(ed, "a", 1, "kid", "z")[1:], "z", jwk.ErrSyntax, "", `1`},
		{"J01 twice at depth", `{"kty":"OKP","ext":{"a":{"b":1,"b":2}},"kid":"z"}`, "z", jwk.ErrSyntax, "", `{"a"`},
		{"J01 last of many members twice", many, "z", jwk.ErrSyntax, "", `{"kid":"z","u0"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, last := text(rsa, "kid", "a"), text(ed, "kid", "b")
			doc := setOf(first, tt.entry, last)
			path := "/keys/1" + tt.path
			s := parsedSet(t, new(jwk.Parser), doc)
			if got, want := kidsOf(s.All()), "a b"; got != want {
				t.Fatalf("keys: got %s, want %s", got, want)
			}
			for i, kid := range []string{"a", "b"} {
				if k, ok := s.Lookup(kid); !ok || k != s.At(i) {
					t.Errorf("Lookup(%q): got %v, %v, want the key", kid, k, ok)
				}
			}
			skipped := s.Skipped()
			if len(skipped) != 1 {
				t.Fatalf("skipped: got %d entries, want 1", len(skipped))
			}
			got := skipped[0]
			if got.Index != 1 || got.KeyID != tt.kid || string(got.JSON) != tt.entry {
				t.Errorf("skipped: got %d, %q, %s, want 1, %q, %s", got.Index, got.KeyID, got.JSON, tt.kid, tt.entry)
			}
			checkError(t, got.Err, tt.want, path)
			if e, ok := got.Err.(*jwk.Error); !ok {
				t.Errorf("got error of type %T, want *jwk.Error", got.Err)
			} else if rest := doc[e.Offset:]; !strings.HasPrefix(rest, tt.at) {
				t.Errorf("offset of %v: got %d, %.20s, want the place of %s", e, e.Offset, rest, tt.at)
			}
			if tt.kid != "" {
				if k, ok := s.Lookup(tt.kid); ok {
					t.Errorf("Lookup of the skipped kid: got %v, want no key", k)
				}
			}
			if got := privateText(t, s); got != doc {
				t.Errorf("text: got %s, want %s", got, doc)
			}
			checkSetRefused(t, &jwk.Parser{FailFast: true}, doc, tt.want, path)
		})
	}
}

// TestSyntaxErrorWithinKeys: text that is not JSON fails the whole document with the place of the
// fault. It is never reported as an entry that could be skipped.
func TestSyntaxErrorWithinKeys(t *testing.T) {
	key := string(public(t, "Ed25519").json(t))
	for _, tt := range []struct{ good, bad string }{ // the valid part, and the rest
		{`{"keys":[`, `x]}`},
		{`{"keys":["a`, `\q"]}`},
		{`{"keys":[` + key, `}`},
		{`{"keys":[{"kty":"OKP"`, `]}`},
		{`{"keys":[`, ``},
		{`{"keys":[` + key, ``},
		{`{"keys":[` + key + `,`, `]}`},
		{`{"keys":[],`, `}`},
	} {
		doc, offset := tt.good+tt.bad, int64(len(tt.good))
		for _, p := range []*jwk.Parser{{}, {FailFast: true}} {
			_, err := p.ParseSet([]byte(doc))
			checkError(t, err, jwk.ErrSyntax, "*")
			var e *jwk.Error
			if errors.As(err, &e) && e.Offset != offset {
				t.Errorf("%s, FailFast %v: got offset %d, want %d: %v", doc, p.FailFast, e.Offset, offset, err)
			}
			if strings.Contains(fmt.Sprint(err), "want an object") {
				t.Errorf("%s, FailFast %v: got %v, which is about an entry", doc, p.FailFast, err)
			}
		}
	}
}

// TestSkippedText: MarshalJSON keeps the white space within entries and members, and drops the
// white space between them.
func TestSkippedText(t *testing.T) {
	key := "{ \"x\" : \"" + public(t, "Ed25519")["x"].(string) + "\",\n\"kty\":\"OK\\u0050\",\"crv\":\"Ed25519\", \"big\":123456789012345678901234567890.50e+1 }"
	bad := "{ \"kty\" : \"\\u0058\",\t\"n\": -0 }"
	doc := "\n{ \"a\" : [ 1 , 2 ] , \"keys\" :\n[ " + bad + " ,\n " + key + " , 7 ], \"b\" : { } }\n"
	want := `{"a" : [ 1 , 2 ],"keys":[` + bad + `,` + key + `,7],"b" : { }}`
	s := parsedSet(t, new(jwk.Parser), doc)
	got, err := s.MarshalJSON()
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	again := parsedSet(t, new(jwk.Parser), string(got))
	if got := privateText(t, again); got != want {
		t.Errorf("a second time: got %s, want %s", got, want)
	}
	var indexes []int
	for _, e := range s.Skipped() {
		indexes = append(indexes, e.Index)
	}
	if want := []int{0, 2}; !slices.Equal(indexes, want) {
		t.Errorf("indexes of skipped entries: got %v, want %v", indexes, want)
	}
}

// TestSetDeviations: each key of a lenient set lists only its own deviations, and the deviations
// of the whole text.
func TestSetDeviations(t *testing.T) {
	rsa := public(t, "RSA-2048")
	padded := string(rsa.with("n", rsa["n"].(string)+"==", "kid", "a").json(t))
	text := "\uFEFF" + setOf(padded, string(public(t, "Ed25519").with("kid", "b").json(t)))
	s := parsedSet(t, &jwk.Parser{Lenient: true}, text)
	if got, want := kidsOf(s.All()), "a b"; got != want {
		t.Fatalf("got keys %s, want %s", got, want)
	}
	for i, want := range []string{"[{/n padding} { bom}]", "[{ bom}]"} {
		if got := fmt.Sprint(s.At(i).Deviations()); got != want {
			t.Errorf("key %d: got %s, want %s", i, got, want)
		}
	}
	want := setOf(string(rsa.with("kid", "a").json(t)), string(public(t, "Ed25519").with("kid", "b").json(t)))
	var gotJSON, wantJSON any
	got := privateText(t, s)
	if err := json.Unmarshal([]byte(got), &gotJSON); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &wantJSON); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(gotJSON, wantJSON) {
		t.Errorf("got %s, want %s", got, want)
	}
	strict := parsedSet(t, new(jwk.Parser), setOf(padded))
	if strict.Len() != 0 || len(strict.Skipped()) != 1 {
		t.Errorf("strict: got %v, want the entry skipped", strict)
	}
}

// TestRepeatedKeyIDs: a set may repeat a kid unless UniqueKeyIDs is set. Then all keys with the kid
// can be found.
func TestRepeatedKeyIDs(t *testing.T) {
	ed, p256 := public(t, "Ed25519"), public(t, "P-256")
	kid := func(kid string) string { return string(ed.with("kid", kid).json(t)) }
	withoutKid := string(ed.json(t))
	skip := func(kid string) string { return `{"kty":"X","kid":` + strconv.Quote(kid) + `}` }

	t.Run("C03 both are kept", func(t *testing.T) {
		for _, fill := range []int{0, 20} { // without and with an index
			entries := []string{kid("a"), string(p256.with("kid", "a").json(t)), kid("b"), kid("a")}
			for i := range fill {
				entries = append(entries, kid(fmt.Sprint("fill", i)))
			}
			s := parsedSet(t, new(jwk.Parser), setOf(entries...))
			if k, ok := s.Lookup("a"); !ok || k != s.At(0) {
				t.Errorf("Lookup: got %v, %v, want the first key", k, ok)
			}
			got := slices.Collect(s.Select(jwk.Query{KeyID: "a"}))
			if want := []*jwk.Key{s.At(0), s.At(1), s.At(3)}; !slices.Equal(got, want) {
				t.Errorf("Select: got %v, want %v", got, want)
			}
			if k, err := s.Find(t.Context(), jwk.Query{KeyID: "a", Type: jwk.EC}); err != nil || k != s.At(1) {
				t.Errorf("Find of the second: got %v, %v, want the second key", k, err)
			}
		}
	})

	for _, tt := range []struct {
		name    string
		entries []string
		path    string // of the repeated kid, "" if all are unique
	}{
		{"unique", []string{kid("a"), kid("b"), skip("c")}, ""},
		{"C03 two keys", []string{kid("a"), kid("b"), kid("a")}, "/keys/2/kid"},
		{"C03 another spelling", []string{kid("a"), `{"kid":"\u0061",` + withoutKid[1:]}, "/keys/1/kid"},
		{"C03 a key and a skipped entry", []string{kid("a"), skip("a")}, "/keys/1/kid"},
		{"C03 a skipped entry and a key", []string{skip("a"), kid("a")}, "/keys/1/kid"},
		{"C03 two skipped entries", []string{skip("a"), kid("b"), skip("a")}, "/keys/2/kid"},
		{"C06 another case", []string{kid("a"), kid("A")}, ""},
		{"no kid", []string{withoutKid, string(p256.json(t)), `{"kty":"X"}`, `{"kty":"X"}`, `1`, `1`}, ""},
		{"kid no string", []string{`{"kty":"X","kid":1}`, `{"kty":"X","kid":1}`}, ""},
		{"empty kid and no kid", []string{withoutKid, kid(""), withoutKid}, ""},
		{"kids that are no strings", []string{`{"kty":"X","kid":1}`, `{"kty":"X","kid":1}`, kid("")}, ""},
		{"C03 empty kid", []string{kid(""), kid("")}, "/keys/1/kid"},
		{"C03 empty kid, a key without kid between", []string{kid(""), withoutKid, kid("")}, "/keys/2/kid"},
		{"C03 empty kid, a skipped entry between", []string{kid(""), `1`, kid("")}, "/keys/2/kid"},
		{"C03 empty kid, one skipped", []string{skip(""), kid("")}, "/keys/1/kid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := setOf(tt.entries...)
			if s := parsedSet(t, new(jwk.Parser), text); s.Len()+len(s.Skipped()) != len(tt.entries) {
				t.Errorf("without UniqueKeyIDs: got %v, want all entries", s)
			}
			p := &jwk.Parser{UniqueKeyIDs: true}
			if tt.path == "" {
				parsedSet(t, p, text)
				return
			}
			checkSetRefused(t, p, text, jwk.ErrInvalid, tt.path)
		})
	}
}

// TestPublicOnlySet: with PublicOnly one private key fails the set, even if the key cannot be used.
// If it fails, a program accepts a set whose private keys were published.
func TestPublicOnlySet(t *testing.T) {
	good := string(public(t, "Ed25519").json(t))
	ed := fixture(t, "Ed25519")
	type test struct{ name, entry string }
	tests := []test{
		{"malformed", string(ed.with("x", "?").json(t))},
		{"d of another key", string(ed.with("d", strings.Repeat("A", 43)).json(t))},
		{"duplicate member", `{"d":"A",` + string(ed.json(t))[1:]},
		{"another type's member", string(public(t, "RSA-2048").with("k", "AAAA").json(t))},
		{"alg at odds", string(ed.with("alg", "RS256").json(t))},
		{"kty null", `{"kty":null,"priv":"AAAA"}`},
		{"kty in another case", `{"KTY":"EC","priv":"AAAA"}`},
		{"unknown kty", `{"kty":"X","oth":[1]}`},
		{"unknown kty, escaped name", `{"kty":"X","\u0064":"A"}`},
		{"in key_ops", string(public(t, "P-256").with("key_ops", []any{object{"kty": "oct", "k": "AA"}}).json(t))},
		{"in x5c", string(public(t, "P-256").with("x5c", []any{object{"kty": "oct", "k": "AA"}}).json(t))},
		{"unknown kty, name in another case", `{"kty":"X","D":"A"}`},
		{"nested in an object", `{"wrapped":{"jwk":{"kty":"X","p":"A"}}}`},
		{"nested in an array", `{"kty":"X","all":[1,[{"x":"d"},{"k":"A","kty":"oct"}]]}`},
		{"in an array", `[{"kty":"RSA","qi":"AAAA"}]`},
		{"P03 the seed of drafts", string(public(t, "ML-DSA-44").with("seed", fixture(t, "ML-DSA-44")["priv"]).json(t))},
		{"P03 the seed of drafts, escaped", `{"kty":"AKP","alg":"ML-DSA-44","s\u0065ed":"A"}`},
	}
	for _, name := range fixtureNames {
		tests = append(tests, test{name, string(fixture(t, name).json(t))})
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		tests = append(tests, test{"member " + name + " of an unknown kty", `{"kty":"X","` + name + `":"A"}`})
	}
	for _, tt := range tests {
		t.Run("C05 "+tt.name, func(t *testing.T) {
			text := setOf(good, tt.entry, good)
			for _, p := range []*jwk.Parser{{PublicOnly: true}, {PublicOnly: true, Lenient: true}} {
				e := checkSetRefused(t, p, text, jwk.ErrPrivate, "/keys/1")
				if !strings.HasPrefix(text[e.Offset:], tt.entry) {
					t.Errorf("offset: got %d, want %d", e.Offset, strings.Index(text, tt.entry))
				}
			}
			// Parse refuses an object for the same reason.
			if strings.HasPrefix(tt.entry, "{") {
				for _, p := range []*jwk.Parser{{PublicOnly: true}, {PublicOnly: true, Lenient: true}} {
					_, err := p.Parse([]byte(tt.entry))
					checkError(t, err, jwk.ErrPrivate, "*")
				}
			}
			// Without PublicOnly the set keeps the entry as a private one.
			s := parsedSet(t, new(jwk.Parser), text)
			b, err := s.MarshalJSON()
			if b != nil {
				t.Errorf("MarshalJSON: got %s, want nothing", b)
			}
			checkError(t, err, jwk.ErrPrivate, "/keys/1")
		})
	}
	for _, tt := range []test{
		{"public key", string(public(t, "P-256").json(t))},
		{"unknown kty", `{"kty":"X","pub":"A","dd":"A","keys":"A"}`},
		{"no kty", `{"priv":"AAAA","d":"A"}`},
		{"no kty, nested", `{"kty":"X","wrapped":{"jwk":{"p":"A"}}}`},
		{"no kty, in an array", `{"kty":"X","all":[1,[{"x":"d"},{"k":"A"}]]}`},
		{"settings with such names", string(public(t, "P-256").with("ext", object{"q": nil, "k": "v"}, "d1", "A").json(t))},
		{"kty beside it", `{"a":{"kty":"RSA"},"b":{"d":"A"}}`},
		{"d null", string(public(t, "Ed25519").with("D", nil).json(t))},
		{"d null, unusable", string(public(t, "Ed25519").with("d", nil).json(t))},
		{"d empty, unusable", string(public(t, "Ed25519").with("d", "").json(t))},
		{"d a number, unusable", `{"kty":"X","d":1}`},
		{"oth empty, unusable", string(public(t, "RSA-2048").with("oth", []any{}).json(t))},
		{"an empty seed", `{"kty":"AKP","seed":""}`},
		{"names as values", `{"kty":"X","a":"d","b":["p","k",{"c":"priv"}]}`},
		{"no object", `"d"`},
		{"a seed of another type", `{"kty":"X","seed":"A"}`},
	} {
		t.Run("C05 not private: "+tt.name, func(t *testing.T) {
			text := setOf(good, tt.entry)
			s := parsedSet(t, &jwk.Parser{PublicOnly: true}, text)
			if got, err := s.MarshalJSON(); err != nil || string(got) != text {
				t.Errorf("MarshalJSON: got %s, %v, want %s", got, err, text)
			}
		})
	}
}

// TestSetLimits: MaxKeys and MaxBytes hold to the number. If it fails, a hostile provider decides
// how much memory a set takes.
func TestSetLimits(t *testing.T) {
	key, bad := string(public(t, "Ed25519").json(t)), `{}`
	for _, tt := range []struct {
		name    string
		max     int
		entries []string
		over    bool
	}{
		{"at MaxKeys", 3, []string{key, key, key}, false},
		{"over MaxKeys", 3, []string{key, key, key, key}, true},
		{"at MaxKeys with skipped entries", 3, []string{bad, key, bad}, false},
		{"over MaxKeys with skipped entries", 3, []string{bad, key, bad, key}, true},
		{"J12 over MaxKeys with only skipped entries", 3, []string{bad, bad, bad, bad}, true},
		{"J12 at the default", 0, slices.Repeat([]string{bad}, 10_000), false},
		{"J12 over the default", 0, slices.Repeat([]string{bad}, 10_001), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, text := &jwk.Parser{MaxKeys: tt.max}, setOf(tt.entries...)
			if tt.over {
				checkSetRefused(t, p, text, jwk.ErrPolicy, "/keys")
				return
			}
			if s := parsedSet(t, p, text); s.Len()+len(s.Skipped()) != len(tt.entries) {
				t.Errorf("got %v, want all entries", s)
			}
		})
	}

	doc := setOf(key)
	t.Run("at MaxBytes", func(t *testing.T) {
		parsedSet(t, &jwk.Parser{MaxBytes: len(doc)}, doc)
		parsedSet(t, new(jwk.Parser), doc+strings.Repeat(" ", 16<<20-len(doc)))
	})
	t.Run("over MaxBytes", func(t *testing.T) {
		checkSetRefused(t, &jwk.Parser{MaxBytes: len(doc) - 1}, doc, jwk.ErrPolicy, "")
		checkSetRefused(t, new(jwk.Parser), doc+strings.Repeat(" ", 16<<20-len(doc)+1), jwk.ErrPolicy, "")
	})
	t.Run("over MaxBytes before anything is read", func(t *testing.T) {
		checkSetRefused(t, &jwk.Parser{MaxBytes: 4}, "not JSON", jwk.ErrPolicy, "")
	})
}

// TestSetErrorOffset: the offset of an error is the start of the value that is wrong.
func TestSetErrorOffset(t *testing.T) {
	key := string(public(t, "Ed25519").json(t))
	for _, tt := range []struct {
		name, text string
		p          jwk.Parser
		at         string
	}{
		{"keys null", `{"a":1,"keys": null}`, jwk.Parser{}, "null"},
		{"too many keys", setOf(key, `{"kty":"Y"}`, `{"kty":"Z"}`), jwk.Parser{MaxKeys: 2}, "[{"},
		{"repeated keys", `{"keys":[], "keys" : [1]}`, jwk.Parser{}, "[1]"},
		{"repeated member", `{"a":1,"keys":[],"a": 2}`, jwk.Parser{}, "2"},
		{"repeated kid", setOf(`{"kty":"X","kid":"q"}`, `{"kty":"Y","kid":"q"}`), jwk.Parser{UniqueKeyIDs: true}, `"q"}]`},
		{"after a byte order mark", "\uFEFF" + setOf(`{"kty":"X"}`), jwk.Parser{Lenient: true, FailFast: true}, `"X"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.p.ParseSet([]byte(tt.text))
			e, ok := err.(*jwk.Error)
			if !ok {
				t.Fatalf("got error %v of type %T, want *jwk.Error", err, err)
			}
			if got := tt.text[e.Offset:]; !strings.HasPrefix(got, tt.at) {
				t.Errorf("offset of %v: got %d, %s, want the place of %s", e, e.Offset, got, tt.at)
			}
		})
	}
}

// TestSetMembers: the members besides "keys" are kept, can be read, and are not taken for members
// of the keys.
func TestSetMembers(t *testing.T) {
	key := string(public(t, "Ed25519").json(t))
	text := `{"z":1e999999,"alg":"none","":null,"keys":[` + key + `],"kid":"x","\u0061":{"b":[1.0,"\/"]},"use":"enc"}`
	s := parsedSet(t, new(jwk.Parser), text)

	t.Run("C08 they are not members of the keys", func(t *testing.T) {
		k := s.At(0)
		if k.Algorithm() != "" || k.KeyID() != "" || k.Use() != "" {
			t.Errorf("got key %v, want no member of the set in it", k)
		}
		if got, err := k.MarshalJSON(); err != nil || string(got) != key {
			t.Errorf("key: got %s, %v, want %s", got, err, key)
		}
		if k, ok := s.Lookup("x"); ok {
			t.Errorf("Lookup: got %v, want no key", k)
		}
	})
	t.Run("Member", func(t *testing.T) {
		for _, tt := range []struct {
			name, want string
			ok         bool
		}{
			{"z", "1e999999", true}, {"alg", `"none"`, true}, {"", "null", true}, {"kid", `"x"`, true},
			{"a", `{"b":[1.0,"\/"]}`, true}, {"use", `"enc"`, true},
			{"keys", "", false}, {"Z", "", false}, {"kty", "", false}, {"x", "", false},
		} {
			if got, ok := s.Member(tt.name); string(got) != tt.want || ok != tt.ok {
				t.Errorf("Member(%q): got %s, %v, want %s, %v", tt.name, got, ok, tt.want, tt.ok)
			}
		}
	})
	want := text
	t.Run("order", func(t *testing.T) {
		if got, err := s.MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	})
	t.Run("With and Without keep them", func(t *testing.T) {
		p256 := public(t, "P-256").key(t)
		with := s.With(p256)
		if got, want := privateText(t, with), strings.Replace(want, key, key+","+string(public(t, "P-256").json(t)), 1); got != want {
			t.Errorf("With: got %s, want %s", got, want)
		}
		if got := privateText(t, with.Without(p256)); got != want {
			t.Errorf("Without: got %s, want %s", got, want)
		}
	})
	t.Run("Public drops them", func(t *testing.T) {
		if got, want := privateText(t, s.Public()), setOf(key); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
	for _, tt := range []struct{ name, text string }{
		{"all before keys", `{"a":1,"b":2,"keys":[]}`},
		{"all after keys", `{"keys":[],"a":1,"b":2}`},
		{"J15 hostile name", `{"keys":[],"x\":0,\"d":1}`},
		{"J15 hostile names, escaped", `{"a\\":1,"\\":2,"\n\u0000":3,"keys":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := privateText(t, parsedSet(t, new(jwk.Parser), tt.text))
			var gotMembers, wantMembers map[string]any
			if err := json.Unmarshal([]byte(got), &gotMembers); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.text), &wantMembers); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(gotMembers, wantMembers) {
				t.Errorf("got %s, want the members of %s", got, tt.text)
			}
			if again := privateText(t, parsedSet(t, new(jwk.Parser), got)); again != got {
				t.Errorf("a second time: got %s, want %s", again, got)
			}
		})
	}
}

// TestWith: NewSet, With and Without return the right keys, keep skipped entries in their
// places, and do not change another set.
func TestWith(t *testing.T) {
	a, b := public(t, "Ed25519").with("kid", "a").key(t), public(t, "P-256").with("kid", "b").key(t)
	c, zero := public(t, "X25519").with("kid", "c").key(t), new(jwk.Key)
	many := []*jwk.Key{nil, zero} // and the private halves of all fixtures
	for _, name := range fixtureNames {
		many = append(many, fixture(t, name).key(t))
	}

	for _, tt := range []struct {
		name string
		s    *jwk.Set
		want string
	}{
		{"NewSet of nothing", jwk.NewSet(), ""},
		{"NewSet", jwk.NewSet(b, a), "b a"},
		{"NewSet leaves out nil and zero keys", jwk.NewSet(nil, a, zero, nil, b), "a b"},
		{"NewSet with a key twice", jwk.NewSet(a, a), "a a"},
		{"With on the zero Set", new(jwk.Set).With(a), "a"},
		{"With leaves out nil and zero keys", jwk.NewSet(a).With(nil, zero, b, nil), "a b"},
		{"With of nothing", jwk.NewSet(a).With(), "a"},
		{"Without", jwk.NewSet(a, b, a, c).Without(a), "b c"},
		{"Without several", jwk.NewSet(a, b, c).Without(c, a), "b"},
		{"Without of nothing", jwk.NewSet(a, b).Without(), "a b"},
		{"Without nil and zero keys", jwk.NewSet(a, b).Without(nil, zero), "a b"},
		{"Without a key that is not there", jwk.NewSet(a, b).Without(c), "a b"},
		{"Without on the zero Set", new(jwk.Set).Without(a), ""},
		// Key.Equal ignores attributes, but a private key does not equal its public half.
		{"Without the same material", jwk.NewSet(a, b).Without(public(t, "Ed25519").key(t)), "b"},
		{"Without the private half", jwk.NewSet(a, b).Without(fixture(t, "Ed25519").key(t)), "a b"},
		{"Without many private halves", jwk.NewSet(a, b, c).Without(many...), "a b c"},
		{"Without many, with the same material", jwk.NewSet(a, b, a, c).Without(append(many, c, public(t, "Ed25519").key(t))...), "b"},
		{"Without many symmetric ones", jwk.NewSet(a, fixture(t, "oct-256").with("kid", "s").key(t)).Without(many...), "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := kidsOf(tt.s.All()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}

	t.Run("skipped entries keep their places", func(t *testing.T) {
		ta := string(public(t, "Ed25519").with("kid", "a").json(t))
		tb := string(public(t, "P-256").with("kid", "b").json(t))
		tc := string(public(t, "X25519").with("kid", "c").json(t))
		s := parsedSet(t, new(jwk.Parser), setOf("0", ta, "1", "2", tb, "3"))
		for _, tt := range []struct {
			name string
			s    *jwk.Set
			want []string
		}{
			{"With", s.With(c), []string{"0", ta, "1", "2", tb, "3", tc}},
			{"Without the first", s.Without(a), []string{"0", "1", "2", tb, "3"}},
			{"Without the last", s.Without(b), []string{"0", ta, "1", "2", "3"}},
			{"Without both", s.Without(a, b), []string{"0", "1", "2", "3"}},
			{"Without and With", s.Without(a).With(a), []string{"0", "1", "2", tb, "3", ta}},
			{"the set itself", s, []string{"0", ta, "1", "2", tb, "3"}},
		} {
			if got, want := privateText(t, tt.s), setOf(tt.want...); got != want {
				t.Errorf("%s: got %s, want %s", tt.name, got, want)
			}
			for _, e := range tt.s.Skipped() {
				if got := tt.want[e.Index]; got != string(e.JSON) {
					t.Errorf("%s: Index of %s: got %d, which is %s", tt.name, e.JSON, e.Index, got)
				}
			}
		}
	})

	t.Run("C09 one set does not write into another", func(t *testing.T) {
		for n := range 10 { // some of the slices have spare capacity
			base := jwk.NewSet(slices.Repeat([]*jwk.Key{b}, n)...)
			left, right := base.With(a), base.With(c)
			bs := strings.Repeat("b ", n)
			if got, want := kidsOf(left.All())+", "+kidsOf(right.All())+", "+kidsOf(base.All()), bs+"a, "+bs+"c, "+strings.TrimSpace(bs); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		keys := []*jwk.Key{a, b}
		s := jwk.NewSet(keys...)
		keys[0] = c
		if got, want := kidsOf(s.All()), "a b"; got != want {
			t.Errorf("after a change of the argument: got %s, want %s", got, want)
		}
	})
}

// TestSetPublic: Public returns only public halves. If it fails, a program publishes a secret.
func TestSetPublic(t *testing.T) {
	ed := fixture(t, "Ed25519").with("kid", "a", "key_ops", []string{"sign"}, "secret note", "x")
	// S02: the symmetric key is left out.
	s := parsedSet(t, new(jwk.Parser), `{"note":1,"keys":[`+string(ed.json(t))+`,`+string(fixture(t, "oct-256").json(t))+`,{"kty":"X","d":"A"},`+
		string(public(t, "P-256").with("kid", "b").json(t))+`]}`)
	p := s.Public()
	if got, want := kidsOf(p.All()), "a b"; got != want {
		t.Fatalf("got keys %s, want %s", got, want)
	}
	want := public(t, "Ed25519").with("kid", "a", "key_ops", []string{"verify"})
	if got, want := privateText(t, p), setOf(string(want.json(t)), string(public(t, "P-256").with("kid", "b").json(t))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p.Skipped() != nil {
		t.Errorf("skipped: got %v, want no entry", p.Skipped())
	}
	if got, err := p.MarshalJSON(); err != nil {
		t.Errorf("MarshalJSON: got %s, %v, want the set", got, err)
	}
}

// TestDiff: Diff reports every change and no change that is only one of order or spelling.
func TestDiff(t *testing.T) {
	ed, p256, x25519 := public(t, "Ed25519"), public(t, "P-256"), public(t, "X25519")
	texts := func(objects ...object) []string {
		var list []string
		for _, o := range objects {
			list = append(list, string(o.json(t)))
		}
		return list
	}
	a, b := ed.with("kid", "a"), p256.with("kid", "b")
	rest := texts(a)[0][1:]
	reordered := "{\"x\":\"" + ed["x"].(string) + "\", \"kid\":\"a\",\n\"crv\":\"Ed25519\",\"kty\":\"OKP\"}"
	numbers := a.with("big", json.Number("12345678901234567890"))
	for _, tt := range []struct {
		name                    string
		old, next               []string
		added, removed, changed string // the places of the keys in next, old and next
	}{
		{"nothing", nil, nil, "", "", ""},
		{"the same", texts(a, b), texts(a, b), "", "", ""},
		{"another order of keys", texts(a, b), texts(b, a), "", "", ""},
		{"another order of members", texts(a), []string{reordered}, "", "", ""},
		{"another order and a change", texts(b, a), []string{reordered, texts(b.with("use", "sig"))[0]}, "", "", "1"},
		{"another order in a nested object", []string{`{"m":{"a":1,"b":[{"c":2,"d":3}]},` + rest}, []string{`{"m":{ "b":[{"d":3,"c":2}],"a":1},` + rest}, "", "", ""},
		{"another spelling of strings", []string{`{"x5u":"https:\/\/x/",` + rest}, []string{`{"x5u":"https://x/",` + rest}, "", "", ""},
		{"added", texts(a), texts(b, a), "0", "", ""},
		{"removed", texts(a, b), texts(b), "", "0", ""},
		{"all added", nil, texts(a, b), "0 1", "", ""},
		{"all removed", texts(a, b), nil, "", "0 1", ""},
		{"renamed", texts(a), texts(ed.with("kid", "c")), "0", "0", ""},
		{"changed material", texts(a, b), texts(a, x25519.with("kid", "b")), "", "", "1"},
		{"changed attribute", texts(a, b), texts(a.with("use", "sig"), b), "", "", "0"},
		{"changed unknown member", texts(a.with("m", []int{1, 2})), texts(a.with("m", []int{2, 1})), "", "", "0"},
		{"attribute taken away", texts(a.with("m", 1)), texts(a), "", "", "0"},
		{"a number that differs in its last digit", texts(numbers), texts(a.with("big", json.Number("12345678901234567891"))), "", "", "0"},
		{"private half appears", texts(a), texts(fixture(t, "Ed25519").with("kid", "a")), "", "", "0"},
		{"kid less, the same", texts(ed, p256), texts(p256, ed), "", "", ""},
		{"kid less, attribute changed", texts(ed, p256), texts(p256, ed.with("alg", "EdDSA")), "", "", "1"},
		{"kid less, other material", texts(ed), texts(p256), "0", "0", ""},
		{"kid appears", texts(ed), texts(a), "0", "0", ""},
		{"kid empty is not kid less", texts(ed.with("kid", "")), texts(ed), "0", "0", ""},
		{"kid empty, changed", texts(ed.with("kid", "")), texts(p256.with("kid", "")), "", "", "0"},
		{"repeated kid, the same", texts(a, p256.with("kid", "a")), texts(p256.with("kid", "a"), a), "", "", ""},
		{"repeated kid, one changed", texts(a, p256.with("kid", "a")), texts(p256.with("kid", "a"), x25519.with("kid", "a")), "", "", "1"},
		{"repeated kid, one removed", texts(a, p256.with("kid", "a")), texts(p256.with("kid", "a")), "", "0", ""},
		{"repeated kid, one added", texts(a), texts(p256.with("kid", "a"), a), "0", "", ""},
		{"repeated kid, one changed and one added", texts(a), texts(p256.with("kid", "a"), x25519.with("kid", "a")), "1", "", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, next := parsedSet(t, new(jwk.Parser), setOf(tt.old...)), parsedSet(t, new(jwk.Parser), setOf(tt.next...))
			if old.Len() != len(tt.old) || next.Len() != len(tt.next) {
				t.Fatalf("got sets %v and %v, want every entry a key", old, next)
			}
			d := old.Diff(next)
			for _, c := range []struct {
				what string
				of   *jwk.Set
				got  []*jwk.Key
				want string
			}{
				{"Added", next, d.Added, tt.added},
				{"Removed", old, d.Removed, tt.removed},
				{"Changed", next, d.Changed, tt.changed},
			} {
				var places []string
				all := slices.Collect(c.of.All())
				for _, k := range c.got {
					places = append(places, strconv.Itoa(slices.Index(all, k)))
				}
				if got := strings.Join(places, " "); got != c.want {
					t.Errorf("%s: got places %q, want %q", c.what, got, c.want)
				}
			}
		})
	}

	k, changed := a.key(t), a.with("use", "sig").key(t)
	empty := new(jwk.Set)
	for _, tt := range []struct {
		name      string
		old, next *jwk.Set
		want      string // the numbers of added, removed and changed keys
	}{
		{"zero sets", empty, empty, "0 0 0"},
		{"from the zero Set", empty, jwk.NewSet(k), "1 0 0"},
		{"to the zero Set", jwk.NewSet(k), empty, "0 1 0"},
		{"one Key once, then twice", jwk.NewSet(k), jwk.NewSet(k, k), "1 0 0"},
		{"one Key twice, then once", jwk.NewSet(k, k), jwk.NewSet(k), "0 1 0"},
		{"one Key twice, then changed once", jwk.NewSet(k, k), jwk.NewSet(changed), "0 1 1"},
		{"equal keys twice, then once", jwk.NewSet(k, a.key(t)), jwk.NewSet(k), "0 1 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.old.Diff(tt.next)
			if got := fmt.Sprint(len(d.Added), len(d.Removed), len(d.Changed)); got != tt.want {
				t.Errorf("added, removed, changed: got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestSetImmutable changes all inputs and results of a set. If it fails, one user of a shared set
// can change it for the others.
func TestSetImmutable(t *testing.T) {
	text := `{"note":[1],"keys":[` + string(public(t, "Ed25519").with("kid", "a").json(t)) + `,{"kty":"X","kid":"z"},` +
		string(public(t, "P-256").with("kid", "b").json(t)) + `]}`
	spoil := func(b []byte) {
		b = b[:cap(b)]
		for i := range b {
			b[i] = 'x'
		}
	}
	for _, p := range []*jwk.Parser{{}, {Lenient: true}} {
		input := []byte(text)
		s, err := p.ParseSet(input)
		if err != nil {
			t.Fatal(err)
		}
		check := func(after string) {
			t.Helper()
			if got, err := s.MarshalJSON(); err != nil || string(got) != text {
				t.Errorf("after %s: got %s, %v, want %s", after, got, err, text)
			}
			for i, kid := range []string{"a", "b"} {
				if k, ok := s.Lookup(kid); !ok || k != s.At(i) || k.KeyID() != kid {
					t.Errorf("after %s: Lookup(%q): got %v, %v, want the key", after, kid, k, ok)
				}
			}
			if e := s.Skipped(); len(e) != 1 || e[0].KeyID != "z" || string(e[0].JSON) != `{"kty":"X","kid":"z"}` || e[0].Index != 1 {
				t.Errorf("after %s: skipped: got %v, want the entry", after, e)
			} else {
				checkError(t, e[0].Err, jwk.ErrUnsupported, "/keys/1/kty")
			}
		}
		spoil(input)
		check("a change of the input")
		skipped := s.Skipped()
		spoil(skipped[0].JSON)
		skipped[0] = jwk.Skipped{}
		check("a change of Skipped")
		member, _ := s.Member("note")
		spoil(member)
		check("a change of Member")
		for name, marshal := range map[string]func() ([]byte, error){
			"MarshalJSON": s.MarshalJSON, "MarshalPrivateJSON": s.MarshalPrivateJSON,
			"AppendJSON": func() ([]byte, error) { return s.AppendJSON(nil) },
		} {
			b, err := marshal()
			if err != nil {
				t.Fatal(err)
			}
			spoil(b)
			check("a change of " + name)
		}
		for k := range s.All() {
			for _, value := range k.Members() {
				spoil(value)
			}
		}
		check("a change of a key's members")
		clear(slices.Collect(s.All()))
		check("a change of the collected keys")
		s.With(public(t, "X25519").key(t))
		s.Without(s.At(0))
		s.Public()
		check("With, Without and Public")
		d := s.Diff(new(jwk.Set))
		clear(d.Removed)
		check("a change of a Diff")
		_, err = s.Find(t.Context(), jwk.Query{Private: true})
		clear(err.(*jwk.NotFoundError).Closest)
		check("a change of a NotFoundError")

		// A *Set of this package may be shared, so UnmarshalJSON refuses it.
		checkError(t, s.UnmarshalJSON([]byte(`{"keys":[]}`)), jwk.ErrInvalid, "")
		check("UnmarshalJSON")

		// A copy belongs to the caller, and UnmarshalJSON replaces it.
		twin := *s
		if err := twin.UnmarshalJSON([]byte(`{"keys":[]}`)); err != nil || twin.Len() != 0 {
			t.Fatalf("UnmarshalJSON of a copy: got %v, %v, want an empty set", twin, err)
		}
		check("UnmarshalJSON of a copy")
	}
}

// TestSetConcurrent calls all methods of a new set at the same time, so that several goroutines
// make the parts of the index that are made by the first call. The race detector finds
// mistakes.
func TestSetConcurrent(t *testing.T) {
	for _, size := range []int{3, 60} {
		var entries []string
		kinds := []string{"Ed25519", "P-256", "RSA-2048", "X25519"}
		for i := range size {
			entries = append(entries, string(public(t, kinds[i%len(kinds)]).with("kid", fmt.Sprint("k", i)).json(t)))
		}
		entries = append(entries, `{"kty":"X"}`)
		text := setOf(entries...)
		s := parsedSet(t, new(jwk.Parser), text)
		thumb := public(t, "P-256").key(t).Thumbprint()
		query := jwk.Query{Algorithm: jwk.ES256}
		want := (size + 2) / 4

		var wg sync.WaitGroup
		start := make(chan struct{})
		for range 4 {
			for _, ask := range []func(){
				func() {
					if k, ok := s.Lookup("k1"); !ok || k.PublicKey() == nil {
						t.Errorf("Lookup: got %v, %v, want a key", k, ok)
					}
				},
				func() {
					if k, ok := s.LookupThumbprint(thumb); !ok || k != s.At(1) {
						t.Errorf("LookupThumbprint: got %v, %v, want the second key", k, ok)
					}
				},
				func() {
					n := 0
					for range s.Select(query) {
						n++
					}
					if n != want {
						t.Errorf("Select: got %d keys, want %d", n, want)
					}
				},
				func() {
					if k, err := s.Find(context.Background(), query); err != nil || k != s.At(1) {
						t.Errorf("Find: got %v, %v, want the second key", k, err)
					}
				},
				func() {
					if _, err := s.Find(context.Background(), jwk.Query{Algorithm: jwk.ES512}); err == nil {
						t.Error("Find: got no error, want one")
					}
				},
				func() { _ = s.String() },
				func() {
					if got, err := s.MarshalJSON(); err != nil || string(got) != text {
						t.Errorf("MarshalJSON: got %s, %v, want %s", got, err, text)
					}
				},
				func() {
					next := s.With(s.At(0)).Without(s.At(1))
					if d := s.Diff(next); len(d.Removed) == 0 {
						t.Error("Diff: got nothing removed, want the second key")
					}
				},
				func() {
					if p := s.Public(); p.Len() != size {
						t.Errorf("Public: got %d keys, want %d", p.Len(), size)
					}
				},
				func() { _ = s.Skipped()[0].Err.Error() },
				func() {
					if _, err := s.FindAll(t.Context(), jwk.Query{KeyID: "missed"}); err == nil {
						t.Error("FindAll: got no error")
					}
				},
				func() {
					if all, err := s.FindAll(t.Context(), jwk.Query{}); err != nil || len(all) != s.Len() || !s.Equal(s.With()) {
						t.Errorf("FindAll: got %d keys, %v", len(all), err)
					}
				},
			} {
				wg.Go(func() {
					<-start
					ask()
				})
			}
		}
		close(start)
		wg.Wait()
	}
}

// TestSetLookup: Lookup compares a kid octet by octet, in small and large sets, and
// LookupThumbprint finds the first key with a thumbprint.
func TestSetLookup(t *testing.T) {
	var entries []string
	for _, kid := range []string{"a", "\u00e9", "", "A", "a\x00", strings.Repeat("k", 5000), "../../etc/passwd"} {
		entries = append(entries, string(public(t, "Ed25519").with("kid", kid).json(t)))
	}
	entries = append(entries, string(public(t, "P-256").json(t)))
	without := []string{string(public(t, "P-256").json(t)), string(public(t, "X25519").json(t))}
	for _, fill := range []int{0, 1, 100} { // 8 keys are searched one by one, 9 by an index
		all, noKids := slices.Clone(entries), slices.Clone(without)
		for i := range fill {
			all = append(all, string(public(t, "Ed25519").with("kid", fmt.Sprint("fill", i)).json(t)))
			noKids = append(noKids, string(public(t, "Ed25519").json(t)))
		}
		s := parsedSet(t, new(jwk.Parser), setOf(all...))
		if s.Len() != len(all) {
			t.Fatalf("got %v, want every entry a key", s)
		}
		for _, tt := range []struct {
			name, kid string
			at        int // the place of the key, or -1
		}{
			{"C06 present", "a", 0}, {"C06 another case", "A", 3}, {"C06 missing", "b", -1},
			{"C06 composed", "\u00e9", 1}, {"C06 decomposed", "e\u0301", -1},
			{"C06 empty kid", "", 2}, {"C06 NUL after it", "a\x00", 4}, {"C06 space after it", "a ", -1},
			{"C06 long", strings.Repeat("k", 5000), 5}, {"C06 long, less one", strings.Repeat("k", 4999), -1},
			{"M06 path", "../../etc/passwd", 6}, {"C06 invalid UTF-8", "\xff", -1},
		} {
			t.Run(fmt.Sprintf("%s of %d", tt.name, len(all)), func(t *testing.T) {
				k, ok := s.Lookup(tt.kid)
				if ok != (tt.at >= 0) || !ok && k != nil || ok && k != s.At(tt.at) {
					t.Errorf("Lookup(%.40q): got %v, %v, want the key at %d", tt.kid, k, ok, tt.at)
				}
			})
		}
		t.Run(fmt.Sprintf("C06 empty kid among %d without", len(noKids)), func(t *testing.T) {
			if k, ok := parsedSet(t, new(jwk.Parser), setOf(noKids...)).Lookup(""); ok || k != nil {
				t.Errorf("got %v, %v, want no key", k, ok)
			}
		})
		t.Run(fmt.Sprintf("LookupThumbprint of %d", len(all)), func(t *testing.T) {
			keys := slices.Collect(s.All())
			for _, k := range keys {
				first := slices.IndexFunc(keys, k.Equal)
				if got, ok := s.LookupThumbprint(k.Thumbprint()); !ok || got != keys[first] {
					t.Errorf("got %v, %v, want the first key with this material", got, ok)
				}
			}
			for _, missing := range []jwk.Thumbprint{{}, public(t, "X25519").key(t).Thumbprint()} {
				if got, ok := s.LookupThumbprint(missing); ok || got != nil {
					t.Errorf("got %v, %v, want no key", got, ok)
				}
			}
		})
	}
}

// TestZeroSet calls every exported method of the zero Set and of a nil *Set: they must answer as
// the empty set does.
func TestZeroSet(t *testing.T) {
	argument := map[reflect.Type]any{
		reflect.TypeFor[int]():             0,
		reflect.TypeFor[rune]():            'v',
		reflect.TypeFor[string]():          "",
		reflect.TypeFor[[]byte]():          []byte("null"),
		reflect.TypeFor[jwk.Thumbprint]():  jwk.Thumbprint{},
		reflect.TypeFor[jwk.Query]():       jwk.Query{},
		reflect.TypeFor[*jwk.Set]():        new(jwk.Set),
		reflect.TypeFor[*jwk.Key]():        (*jwk.Key)(nil),
		reflect.TypeFor[context.Context](): context.Background(),
		reflect.TypeFor[fmt.State]():       fmtState{new(bytes.Buffer)},

		reflect.TypeFor[*jwk.EncryptOptions](): toPassphrase(),
		reflect.TypeFor[func(any) error]():     fromDecoder(nil),
		reflect.TypeFor[any]():                 1,
	}
	typ, value := reflect.TypeFor[*jwk.Set](), reflect.TypeFor[jwk.Set]()
	if typ.NumMethod() < 20 {
		t.Fatalf("got %d methods, want all methods of the API", typ.NumMethod())
	}
	for m := range typ.Methods() {
		call := func(t *testing.T, s *jwk.Set) {
			in := []reflect.Value{reflect.ValueOf(s)}
			for i := 1; i < m.Type.NumIn(); i++ {
				p := m.Type.In(i)
				if m.Type.IsVariadic() && i == m.Type.NumIn()-1 {
					p = p.Elem()
				}
				value, ok := argument[p]
				if !ok {
					t.Fatalf("no argument of type %v: add one", p)
				}
				in = append(in, reflect.ValueOf(value))
			}
			_, ofValue := value.MethodByName(m.Name) // a value receiver: Go cannot call it on nil
			defer func() {
				if r := recover(); (r != nil) != (m.Name == "At" || s == nil && ofValue) {
					t.Errorf("panic: got %v", r)
				}
			}()
			for _, out := range m.Func.Call(in) {
				if keys, ok := out.Interface().(iter.Seq[*jwk.Key]); ok {
					for k := range keys {
						t.Errorf("got key %v, want no key", k)
					}
				}
			}
		}
		t.Run(m.Name, func(t *testing.T) { call(t, new(jwk.Set)) })
		t.Run(m.Name+" of nil", func(t *testing.T) { call(t, nil) })
	}

	var s jwk.Set
	if got, err := s.MarshalJSON(); err != nil || string(got) != `{"keys":[]}` {
		t.Errorf("MarshalJSON: got %s, %v, want an empty set", got, err)
	}
	if got := privateText(t, &s); got != `{"keys":[]}` {
		t.Errorf("MarshalPrivateJSON: got %s, want an empty set", got)
	}
	if s.Len() != 0 || s.Skipped() != nil || s.String() != "set of 0 keys" {
		t.Errorf("got %d keys, skipped %v, %s, want nothing", s.Len(), s.Skipped(), s)
	}
	_, err := s.Find(t.Context(), jwk.Query{})
	checkNotFound(t, err)
	for _, i := range []int{-1, 0} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("At(%d): got no panic, want one", i)
				}
			}()
			s.At(i)
		}()
	}
}

// fmtState is a fmt.State without flags.
type fmtState struct{ *bytes.Buffer }

func (fmtState) Width() (int, bool)     { return 0, false }
func (fmtState) Precision() (int, bool) { return 0, false }
func (fmtState) Flag(int) bool          { return false }

// TestSetOfEveryKind parses a set with a key of every type, curve and parameter set: no entry is
// skipped, and each key can be found.
func TestSetOfEveryKind(t *testing.T) {
	var private, published []string
	for _, name := range fixtureNames {
		private = append(private, string(fixture(t, name).with("kid", name).json(t)))
		if keyKinds[name].public != nil {
			published = append(published, string(public(t, name).with("kid", name).json(t)))
		}
	}
	for half, set := range map[string]struct {
		entries []string
		parser  jwk.Parser
	}{
		"private": {private, jwk.Parser{FailFast: true}},
		"public":  {published, jwk.Parser{FailFast: true, PublicOnly: true}},
	} {
		t.Run(half, func(t *testing.T) {
			s := parsedSet(t, &set.parser, setOf(set.entries...))
			if s.Len() != len(set.entries) || s.Skipped() != nil {
				t.Fatalf("got %v, want %d keys", s, len(set.entries))
			}
			types, curves, algs := make(map[jwk.KeyType]bool), make(map[jwk.Curve]bool), make(map[jwk.Algorithm]bool)
			for k := range s.All() {
				types[k.Type()], curves[k.Curve()] = true, true
				for _, alg := range algorithmConstants(t) {
					algs[alg] = algs[alg] || k.Supports(alg)
				}
				if got, err := s.Find(t.Context(), jwk.Query{KeyID: k.KeyID(), Type: k.Type(), Curve: k.Curve()}); err != nil || got != k {
					t.Errorf("Find: got %v, %v; want %v", got, err, k)
				}
				if got, ok := s.LookupThumbprint(k.Thumbprint()); !ok || got != k {
					t.Errorf("LookupThumbprint: got %v, want %v", got, k)
				}
			}
			for _, typ := range constantsOf[jwk.KeyType](t) {
				if !types[typ] && !(half == "public" && typ == jwk.Oct) {
					t.Errorf("no key of type %s", typ)
				}
			}
			for _, crv := range constantsOf[jwk.Curve](t) {
				if !curves[crv] {
					t.Errorf("no key on curve %s", crv)
				}
			}
			for _, alg := range []jwk.Algorithm{
				jwk.RS256, jwk.ES256, jwk.ES384, jwk.ES512, jwk.ES256K, jwk.Ed25519, jwk.Ed448, jwk.MLDSA44, jwk.MLDSA65, jwk.MLDSA87, jwk.ECDHES,
			} {
				if !algs[alg] {
					t.Errorf("no key for %s", alg)
				}
			}
		})
	}
}

// A reference is the requirements of an algorithm on a key. Together with refKey it decides which
// queries a key answers, from the methods of Key and the text of the RFCs, without an index. The
// tests compare Select, Find and FindAll with it.
type reference struct {
	use     jwk.Use
	types   []jwk.KeyType
	curves  []jwk.Curve // of EC and OKP keys
	bits    int         // of oct keys
	atLeast bool
}

var (
	refAgreement = reference{use: jwk.UseEnc, types: []jwk.KeyType{jwk.EC, jwk.OKP}, curves: []jwk.Curve{"P-256", "P-384", "P-521", "X25519", "X448"}}
	refRSASig    = reference{use: jwk.UseSig, types: []jwk.KeyType{jwk.RSA}}
	refRSAEnc    = reference{use: jwk.UseEnc, types: []jwk.KeyType{jwk.RSA}}
)

func refHMAC(bits int) reference {
	return reference{use: jwk.UseSig, types: []jwk.KeyType{jwk.Oct}, bits: bits, atLeast: true}
}

func refAES(bits int) reference {
	return reference{use: jwk.UseEnc, types: []jwk.KeyType{jwk.Oct}, bits: bits}
}

func refCurve(kty jwk.KeyType, curves ...jwk.Curve) reference {
	return reference{use: jwk.UseSig, types: []jwk.KeyType{kty}, curves: curves}
}

var references = map[jwk.Algorithm]reference{
	"HS256": refHMAC(256), "HS384": refHMAC(384), "HS512": refHMAC(512),
	"RS256": refRSASig, "RS384": refRSASig, "RS512": refRSASig,
	"PS256": refRSASig, "PS384": refRSASig, "PS512": refRSASig,
	"ES256": refCurve(jwk.EC, "P-256"), "ES384": refCurve(jwk.EC, "P-384"), "ES512": refCurve(jwk.EC, "P-521"),
	"EdDSA": refCurve(jwk.OKP, "Ed25519", "Ed448"), "Ed25519": refCurve(jwk.OKP, "Ed25519"), "Ed448": refCurve(jwk.OKP, "Ed448"),
	"ES256K": refCurve(jwk.EC, "secp256k1"), "ML-DSA-44": refCurve(jwk.AKP), "ML-DSA-65": refCurve(jwk.AKP),
	"RSA1_5": refRSAEnc, "RSA-OAEP": refRSAEnc, "RSA-OAEP-256": refRSAEnc,
	"ECDH-ES": refAgreement, "ECDH-ES+A128KW": refAgreement, "ECDH-ES+A256KW": refAgreement,
	"A128KW": refAES(128), "A256KW": refAES(256), "A256GCMKW": refAES(256), "A128GCM": refAES(128),
	"A256CBC-HS512": refAES(512), "dir": refAES(0), "PBES2-HS256+A128KW": refAES(0),
}

func (r reference) fits(k *jwk.Key) bool {
	if !slices.Contains(r.types, k.Type()) || r.curves != nil && !slices.Contains(r.curves, k.Curve()) {
		return false
	}
	return r.bits == 0 || k.Bits() == r.bits || r.atLeast && k.Bits() > r.bits
}

const (
	refSigOps = jwk.OpSign | jwk.OpVerify
	refEncOps = jwk.OpEncrypt | jwk.OpDecrypt | jwk.OpWrapKey | jwk.OpUnwrapKey | jwk.OpDeriveKey | jwk.OpDeriveBits
)

func refOpsOf(use jwk.Use) jwk.Ops {
	switch use {
	case jwk.UseSig:
		return refSigOps
	case jwk.UseEnc:
		return refEncOps
	}
	return 0
}

// refAble returns the operations that a key can do by its type and curve.
func refAble(k *jwk.Key) jwk.Ops {
	switch {
	case k.Type() == jwk.RSA:
		return refSigOps | refEncOps&^(jwk.OpDeriveKey|jwk.OpDeriveBits)
	case k.Type() == jwk.AKP, k.Curve() == jwk.CurveSecp256k1, k.Curve() == jwk.CurveEd25519, k.Curve() == jwk.CurveEd448:
		return refSigOps
	case k.Curve() == jwk.CurveX25519, k.Curve() == jwk.CurveX448:
		return refEncOps
	}
	return refSigOps | refEncOps
}

// A refKey is a key, and two facts that only its text shows.
type refKey struct {
	*jwk.Key
	statesID, statesOps bool
}

func refKeyOf(k *jwk.Key) refKey {
	_, statesID := k.Member("kid")
	ops, statesOps := k.Member("key_ops")
	return refKey{k, statesID, statesOps && string(ops) != "[]"}
}

func (k refKey) answers(q jwk.Query) bool {
	own, known := references[k.Algorithm()]
	switch {
	case q.KeyID != "" && !(k.statesID && k.KeyID() == q.KeyID),
		q.Type != "" && k.Type() != q.Type,
		q.Curve != "" && k.Curve() != q.Curve,
		q.Private && !k.IsPrivate():
		return false
	}
	if q.Use != "" {
		ops := refOpsOf(q.Use)
		switch {
		case k.Use() != "" && k.Use() != q.Use:
			return false
		case ops == 0: // only the name of another use is known
		case refAble(k.Key)&ops == 0, k.statesOps && k.Ops()&ops == 0, known && own.use != q.Use:
			return false
		}
	}
	for bit := jwk.Ops(1); bit != 0; bit <<= 1 {
		if q.Ops&bit == 0 {
			continue
		}
		switch {
		case refAble(k.Key)&bit == 0,
			bit&(jwk.OpSign|jwk.OpDecrypt|jwk.OpUnwrapKey) != 0 && !k.IsPrivate(),
			k.Use() != "" && refOpsOf(k.Use())&bit == 0,
			k.statesOps && k.Ops()&bit == 0,
			known && refOpsOf(own.use)&bit == 0:
			return false
		}
	}
	if q.Algorithm != "" {
		named := q.Use != "" && q.Use == k.Use() && refOpsOf(q.Use) == 0 // an unregistered use
		asked, known := references[q.Algorithm]
		if !known {
			return k.Algorithm() == q.Algorithm
		}
		names := []jwk.Algorithm{"", q.Algorithm}
		if k.Curve() == jwk.CurveEd25519 && (q.Algorithm == jwk.EdDSA || q.Algorithm == jwk.Ed25519) {
			names = append(names, jwk.EdDSA, jwk.Ed25519) // RFC 9864
		}
		if k.Curve() == jwk.CurveEd448 && (q.Algorithm == jwk.EdDSA || q.Algorithm == jwk.Ed448) {
			names = append(names, jwk.EdDSA, jwk.Ed448)
		}
		if !slices.Contains(names, k.Algorithm()) || !asked.fits(k.Key) ||
			!named && k.Use() != "" && k.Use() != asked.use ||
			!named && q.Use != "" && q.Use != asked.use || q.Ops&^refOpsOf(asked.use) != 0 ||
			k.statesOps && k.Ops()&refOpsOf(asked.use) == 0 {
			return false
		}
	}
	return true
}

// TestSetModel compares random sets and queries with the reference. If it fails, Select, Find or
// Lookup return a wrong key.
func TestSetModel(t *testing.T) {
	rng := newRand(20)
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	var materials []object
	for _, name := range []string{"RSA-2048", "P-256", "P-384", "P-521", "secp256k1", "Ed25519", "X25519", "Ed448", "X448", "ML-DSA-44", "ML-DSA-65"} {
		materials = append(materials, public(t, name))
	}
	for _, name := range []string{"P-256", "secp256k1", "Ed25519", "X25519", "Ed448"} {
		materials = append(materials, fixture(t, name))
	}
	for _, octets := range []int{16, 32, 64} {
		materials = append(materials, object{"kty": "oct", "k": encoded(bytes.Repeat([]byte{7}, octets))})
	}
	algs := slices.Sorted(maps.Keys(references))
	ops := []string{"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits", "unknown"}
	kid := func(n int) string { return fmt.Sprint("kid", rng.IntN(n+1)) } // some repeat

	random := func(n, names int) object {
		o := materials[rng.IntN(len(materials))]
		if rng.IntN(8) > 0 {
			o = o.with("kid", pick("", kid(n), kid(n), kid(n), kid(n)))
		}
		if rng.IntN(2) == 0 {
			o = o.with("use", pick("sig", "sig", "enc", "", fmt.Sprint("use", rng.IntN(names))))
		}
		if rng.IntN(3) == 0 {
			alg := string(algs[rng.IntN(len(algs))])
			o = o.with("alg", pick(alg, alg, "", fmt.Sprint("alg", rng.IntN(names))))
		}
		if rng.IntN(3) == 0 {
			list := []string{}
			for _, at := range rng.Perm(len(ops))[:rng.IntN(3)] {
				list = append(list, ops[at])
			}
			o = o.with("key_ops", list)
		}
		return o
	}
	query := func(n, names int) (q jwk.Query) {
		if rng.IntN(4) == 0 {
			q.KeyID = kid(n)
		}
		if rng.IntN(3) == 0 {
			q.Use = jwk.Use(pick("sig", "enc", "enc", fmt.Sprint("use", rng.IntN(names))))
		}
		if rng.IntN(3) == 0 {
			q.Ops = 1 << rng.IntN(8)
			if rng.IntN(3) == 0 {
				q.Ops |= 1 << rng.IntN(9) // the ninth bit is not an operation
			}
		}
		if rng.IntN(2) == 0 {
			q.Algorithm = algs[rng.IntN(len(algs))]
			if rng.IntN(8) == 0 {
				q.Algorithm = jwk.Algorithm(fmt.Sprint("alg", rng.IntN(names)))
			}
		}
		if rng.IntN(6) == 0 {
			q.Type = jwk.KeyType(pick("RSA", "EC", "OKP", "oct", "AKP"))
		}
		if rng.IntN(6) == 0 {
			q.Curve = jwk.Curve(pick("P-256", "P-521", "secp256k1", "Ed25519", "X25519", "Ed448", "X448"))
		}
		q.Private = rng.IntN(6) == 0
		return q
	}

	found, missed, many := 0, 0, 0
	for round := range 32 {
		n := []int{0, 1, 3, 8, 9, 30, rng.IntN(201), 200}[round%8]
		names := []int{1, 100}[round/8%2] // unregistered uses and algorithms
		var entries []string
		for range n {
			entries = append(entries, string(random(n, names).json(t)))
		}
		s := parsedSet(t, new(jwk.Parser), setOf(entries...))
		if s.Len()+len(s.Skipped()) != n {
			t.Fatalf("got %v, want %d entries", s, n)
		}
		keys := slices.Collect(s.All())
		var refs []refKey
		classes := make(map[string]bool)
		for _, k := range keys {
			refs = append(refs, refKeyOf(k))
			classes[fmt.Sprint(k.Type(), k.Curve(), k.Use(), k.Algorithm(), k.Ops(), k.IsPrivate())] = true
		}
		if len(classes) > 32 {
			many++
		}
		for i := range n + 2 {
			kid := fmt.Sprint("kid", i)
			if i == n+1 {
				kid = ""
			}
			want := slices.IndexFunc(refs, func(k refKey) bool { return k.statesID && k.KeyID() == kid })
			if k, ok := s.Lookup(kid); ok != (want >= 0) || ok && k != keys[want] {
				t.Fatalf("Lookup(%q) of %d keys: got %v, %v, want the key at %d", kid, n, k, ok, want)
			}
		}
		for range 100 {
			q := query(n, names)
			var want []*jwk.Key
			for _, k := range refs {
				if k.answers(q) {
					want = append(want, k.Key)
				}
			}
			if got := slices.Collect(s.Select(q)); !slices.Equal(got, want) {
				t.Fatalf("Select(%+v) of %d keys: got %v, want %v", q, len(keys), got, want)
			}
			for range s.Select(q) { // after a break, Select must not yield again
				break
			}
			k, err := s.Find(t.Context(), q)
			if len(want) > 0 {
				found++
				if err != nil || k != want[0] {
					t.Fatalf("Find(%+v): got %v, %v, want %v", q, k, err, want[0])
				}
				continue
			}
			missed++
			if k != nil {
				t.Fatalf("Find(%+v): got %v, want no key", q, k)
			}
			e := checkNotFound(t, err)
			if len(e.Closest) > 4 || q.KeyID == "" && len(keys) > 0 && len(e.Closest) == 0 {
				t.Fatalf("Find(%+v) of %d keys: got %d closest, want 1 to 4", q, len(keys), len(e.Closest))
			}
			for _, c := range e.Closest {
				if !slices.Contains(keys, c.Key) || c.Reason == "" || q.KeyID != "" && c.Key.KeyID() != q.KeyID {
					t.Fatalf("Find(%+v): got closest %v, %q, want a key of the set, of that kid, and a reason", q, c.Key, c.Reason)
				}
			}
		}
	}
	if found < 500 || missed < 500 || many < 5 {
		t.Errorf("got %d queries answered, %d not, %d sets of many classes: the test has lost its grip", found, missed, many)
	}
}

// FuzzFind: a query with any text, such as the kid and alg of a hostile token, finds the keys of
// the reference. If it finds no key, the error is one line.
func FuzzFind(f *testing.F) {
	var entries []string
	for _, name := range fixtureNames {
		entries = append(entries, string(fixture(f, name).with("kid", name).json(f)))
	}
	entries = append(entries, okpWith(`"kid":"","use":"sig"`), okpWith(`"kid":"Ed25519","alg":"EdDSA","key_ops":["verify","x"]`))
	s := parsedSet(f, new(jwk.Parser), setOf(entries...))
	known := algorithmConstants(f)
	f.Add("RSA-2048", "sig", "RS256", "", "", uint16(jwk.OpVerify), false)
	f.Add("Ed25519", "", "Ed25519", "OKP", "Ed25519", uint16(jwk.OpSign), true)
	f.Add("", "", "dir", "oct", "", uint16(0), true)
	f.Add("\x1b[31m\n", "\u202e", "none", "\xff", "p-256", uint16(1<<15), false)
	f.Fuzz(func(t *testing.T, kid, use, alg, kty, crv string, ops uint16, private bool) {
		q := jwk.Query{KeyID: kid, Use: jwk.Use(use), Algorithm: jwk.Algorithm(alg), Type: jwk.KeyType(kty), Curve: jwk.Curve(crv),
			Ops: jwk.Ops(ops), Private: private}
		if _, modelled := references[q.Algorithm]; !modelled && slices.Contains(known, q.Algorithm) {
			return
		}
		var want []*jwk.Key
		for k := range s.All() {
			if refKeyOf(k).answers(q) {
				want = append(want, k)
			}
		}
		if got := slices.Collect(s.Select(q)); !slices.Equal(got, want) {
			t.Errorf("Select(%+v): got %v, want %v", q, got, want)
		}
		k, err := s.Find(t.Context(), q)
		if len(want) > 0 {
			if err != nil || k != want[0] {
				t.Errorf("Find(%+v): got %v, %v; want %v", q, k, err, want[0])
			}
			return
		}
		if k != nil || !errors.Is(err, jwk.ErrNotFound) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
			t.Errorf("Find(%+v): got %v, %q; want %v in one line", q, k, err, jwk.ErrNotFound)
		}
	})
}

// TestEmptySetsAreEqual: an empty set equals another one for reflect.DeepEqual, no matter what was
// read before.
func TestEmptySetsAreEqual(t *testing.T) {
	var sets []*jwk.Set
	for _, n := range []int{0, 3, 0} {
		s := parsedSet(t, new(jwk.Parser), setOf(mixedEntries(t, n)...))
		if n == 0 {
			sets = append(sets, s)
		}
	}
	if !reflect.DeepEqual(sets[0], sets[1]) {
		t.Errorf("got %#v and %#v that are not deeply equal, want them equal", sets[0], sets[1])
	}
}
