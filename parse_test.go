package jwk_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed1f6cf2d3/jwk"
)

// okpText is the text of a small public key. %s is the place for additional members.
const okpText = `{"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw"%s}`

// checkLossless checks that the key of a text is written as the same text, and returns the key.
func checkLossless(t testing.TB, text string) *jwk.Key {
	t.Helper()
	k, err := jwk.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%.200s): %v", text, err)
	}
	got, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != text {
		t.Errorf("got text %.200q, want %.200q", got, text)
	}
	return k
}

// checkSkipped parses a set of a valid key and an entry, and returns the set. It checks that the
// entry is skipped, with an error of the kind want at a path within the entry.
func checkSkipped(t testing.TB, entry string, want error, path string) *jwk.Set {
	t.Helper()
	s, err := jwk.ParseSet(setText(okpWith(""), entry))
	if err != nil {
		t.Fatalf("ParseSet: %v", err)
	}
	if s.Len() != 1 || len(s.Skipped()) != 1 {
		t.Fatalf("got %d keys and %d skipped entries, want one of each", s.Len(), len(s.Skipped()))
	}
	if path != "*" {
		path = "/keys/1" + path
	}
	checkError(t, s.Skipped()[0].Err, want, path)
	return s
}

// TestParseDuplicates: if this fails, two parsers can read different values from one key, and an
// attacker can hide the value that is used from the check of another program.
func TestParseDuplicates(t *testing.T) {
	registered := []string{"kty", "crv", "x", "d", "kid", "use", "alg", "key_ops", "x5u", "x5t", "iat"}
	base := fixture(t, "Ed25519").with("kid", "a", "use", "sig", "alg", "EdDSA", "key_ops", []string{"sign"},
		"x5u", "https://a.example/", "x5t", "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "iat", 1)
	base.key(t)
	for _, name := range registered {
		t.Run("J01 "+name, func(t *testing.T) {
			value, err := json.Marshal(base[name])
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSuffix(string(base.json(t)), "}") + `,"` + name + `": ` + string(value) + `}`
			checkRefused(t, []byte(text), jwk.ErrSyntax, "/"+name)
			_, err = jwk.Parse([]byte(text))
			checkPlace(t, err, jwk.ErrSyntax, "/"+name, len(text)-len(value)-1)
			checkSkipped(t, text, jwk.ErrSyntax, "/"+name)
		})
	}
	forty := func(repeat string) string {
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, `"m%d":%d,`, i, i)
		}
		return b.String() + repeat
	}
	if _, err := jwk.Parse([]byte(okpWith(forty(`"m40":40`)))); err != nil {
		t.Errorf("41 unknown members: got %v, want no error", err)
	}
	for _, tt := range []struct{ name, members, path string }{
		{"J01 another type the second time", `"kty":"oct"`, "/kty"},
		{"J01 unknown", `"a":1,"a":1`, ""},
		{"J01 equal after unescaping, registered", `"kid":"a","k\u0069d":"b"`, "/kid"},
		{"J01 equal after unescaping, the first is escaped", `"\u006b\u0069\u0064":"a","kid":"b"`, "/kid"},
		{"J01 equal after unescaping, unknown", `"a":1,"\u0061":2`, ""},
		{"J01 at depth in an unknown member", `"a":[[{"b":{"c":1,"c":2}}]]`, ""},
		{"J01 at depth, equal after unescaping", `"a":{"b":1,"\u0062":2}`, ""},
		{"J01 at depth in a member of another type", `"oth":[{"r":1,"r":1}]`, "/oth"},
		{"J01 one of forty, the first", forty(`"m0":0`), ""},
		{"J01 one of forty, the last", forty(`"m39":0`), ""},
		{"J01 one of forty, escaped", forty(`"\u006d20":0`), ""},
		{"J01 registered among forty", forty(`"kid":"a","kid":"b"`), "/kid"},
		{"J02 three times", `"kty":"OKP","kty":"OKP"`, "/kty"},
		{"J02 three times, then private", `"kty":"OKP","kty":"OKP","d":"AA"`, "/kty"},
		{"J02 private, the second null", `"d":"AA","d":null`, "/d"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, []byte(okpWith(tt.members)), jwk.ErrSyntax, tt.path)
			checkSkipped(t, okpWith(tt.members), jwk.ErrSyntax, tt.path)
		})
	}
	t.Run("J02 a private duplicate is private", func(t *testing.T) {
		s := checkSkipped(t, okpWith(`"kty":"OKP","kty":"OKP","d":"AA"`), jwk.ErrSyntax, "/kty")
		_, err := s.MarshalJSON()
		checkError(t, err, jwk.ErrPrivate, "/keys/1")
		p := jwk.Parser{PublicOnly: true}
		_, err = p.ParseSet(setText(okpWith(`"d":"AA","d":null`)))
		checkError(t, err, jwk.ErrPrivate, "/keys/0")
	})
	t.Run("J01 keys", func(t *testing.T) {
		for _, text := range []string{
			`{"keys":[], "keys": []}`,
			`{"keys":[],"k\u0065ys": []}`,
			`{"k\u0065ys":[],"keys": {}}`,
		} {
			s, err := jwk.ParseSet([]byte(text))
			if s != nil {
				t.Errorf("got %v, want nil", s)
			}
			checkPlace(t, err, jwk.ErrSyntax, "/keys", strings.LastIndexByte(text, ' ')+1)
		}
	})
	t.Run("J01 members of a set", func(t *testing.T) {
		for _, text := range []string{
			`{"a":1,"keys":[],"a": 1}`,
			`{"a":1,"\u0061": 1,"keys":[]}`,
			`{"keys":[],"a": {"b":1,"b":2}}`,
		} {
			_, err := jwk.ParseSet([]byte(text))
			checkPlace(t, err, jwk.ErrSyntax, "", strings.LastIndexByte(text, ' ')+1)
		}
	})
}

// TestParseNamesAreExact: member names are compared exactly. If this fails, a member such as
// "KID" or "D" is read as the registered one, and two programs read one key differently.
func TestParseNamesAreExact(t *testing.T) {
	t.Run("J03 all in another case", func(t *testing.T) {
		var text bytes.Buffer
		text.WriteByte('{')
		for name, value := range public(t, "RSA-2048") {
			fmt.Fprintf(&text, "%q:%q,", strings.ToUpper(name), value)
		}
		text.WriteString(`"a":1}`)
		checkRefused(t, text.Bytes(), jwk.ErrInvalid, "/kty")
	})
	for _, name := range []string{"KID", "Kid", "kId", "USE", "Key_Ops", "ALG", "X5U", "X5C", "X5T", "x5t#s256", "IAT",
		"D", "K", "P", "Q", "DP", "dP", "Oth", "PRIV", "KTY", "CRV", "X", "\u212Aid", "u\u017Fe", "\u212Aty", " kid", "kid ", "kid\x00"} {
		t.Run(fmt.Sprintf("J03 %q", name), func(t *testing.T) {
			quoted, err := json.Marshal(name)
			if err != nil {
				t.Fatal(err)
			}
			// No registered member may have this value.
			text := okpWith(string(quoted) + `:{"a":1}`)
			k := checkLossless(t, text)
			if k.IsPrivate() || k.KeyID() != "" || k.Use() != "" || k.Algorithm() != "" || k.Ops() != 0 {
				t.Errorf("got %v, want a key without attributes", k)
			}
			if got, ok := k.Member(name); !ok || string(got) != `{"a":1}` {
				t.Errorf(`Member: got %s, %v; want {"a":1}`, got, ok)
			}
			pub, err := k.Public()
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := pub.Member(name); ok {
				t.Errorf("Member of Public(): got %s, want no member", got)
			}
		})
	}
	t.Run("J03 next to the registered name", func(t *testing.T) {
		k := checkLossless(t, okpWith(`"KID":"b","kid":"a","Kid":"c"`))
		if k.KeyID() != "a" {
			t.Errorf("KeyID: got %q, want a", k.KeyID())
		}
	})
	t.Run("names with escapes", func(t *testing.T) {
		const text = `{"\u006bty":"OKP","c\u0072v":"Ed25519","\u0078":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw",` +
			`"k\u0069d":"a","\u0075\u0073\u0065":"sig"}`
		k := checkLossless(t, text)
		if want := public(t, "Ed25519").key(t); !k.Equal(want) || k.Thumbprint() != want.Thumbprint() {
			t.Errorf("got %v, want the key of %v", k, want)
		}
		if k.KeyID() != "a" || k.Use() != jwk.UseSig {
			t.Errorf("got kid %q and use %q, want a and sig", k.KeyID(), k.Use())
		}
		checkRefused(t, []byte(strings.Replace(text, `"k\u0069d":"a"`, `"\u0064":"a"`, 1)), jwk.ErrInvalid, "/d")
		s, err := jwk.ParseSet([]byte(`{"k\u0065ys":[` + text + `]}`))
		if err != nil || s.Len() != 1 {
			t.Errorf("set: got %v, %v; want one key", s, err)
		}
	})
}

// TestParseDocument: if this fails, a text that is not exactly one JSON object is read as a key,
// or the error points to another place than the fault.
func TestParseDocument(t *testing.T) {
	good := okpWith("")
	utf16Text := func(littleEndian, mark bool) string {
		var b strings.Builder
		units := utf16.Encode([]rune(good))
		if mark {
			units = append([]uint16{0xfeff}, units...)
		}
		for _, u := range units {
			if littleEndian {
				u = u<<8 | u>>8
			}
			b.WriteByte(byte(u >> 8))
			b.WriteByte(byte(u))
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, text string
		want       error
		path       string
		offset     int
	}{
		{"J04 text after it", good + " x", jwk.ErrSyntax, "", len(good) + 1},
		{"J04 another object", good + good, jwk.ErrSyntax, "", len(good)},
		{"J04 another object on the next line", good + "\n" + good, jwk.ErrSyntax, "", len(good) + 1},
		{"J04 a string after it", good + ` "a"`, jwk.ErrSyntax, "", len(good) + 1},
		{"J04 a number after it", good + ` 1`, jwk.ErrSyntax, "", len(good) + 1},
		{"J04 a bracket after it", good + "]", jwk.ErrSyntax, "", len(good)},
		{"J04 a brace after it", good + "}", jwk.ErrSyntax, "", len(good)},
		{"J04 a comma after it", good + ",", jwk.ErrSyntax, "", len(good)},
		{"J04 a zero octet after it", good + "\x00", jwk.ErrSyntax, "", len(good)},
		{"J05 byte order mark", "\uFEFF" + good, jwk.ErrSyntax, "", 0},
		{"J05 UTF-16, little-endian", utf16Text(true, false), jwk.ErrSyntax, "", 1},
		{"J05 UTF-16, big-endian", utf16Text(false, false), jwk.ErrSyntax, "", 0},
		{"J05 UTF-16 with a mark, little-endian", utf16Text(true, true), jwk.ErrSyntax, "", 0},
		{"J05 UTF-16 with a mark, big-endian", utf16Text(false, true), jwk.ErrSyntax, "", 0},
		{"J06 octet ff in kid", okpWith("\"kid\":\"\xff\""), jwk.ErrSyntax, "/kid", len(good) - 1 + len(`,"kid":"`)},
		{"J06 overlong zero in kid", okpWith("\"kid\":\"\xc0\x80\""), jwk.ErrSyntax, "/kid", len(good) - 1 + len(`,"kid":"`)},
		{"J06 octet ff in an unknown member", okpWith("\"a\":\"\xff\""), jwk.ErrSyntax, "", len(good) - 1 + len(`,"a":"`)},
		{"J06 octet ff at depth", okpWith("\"a\":[\"\xff\"]"), jwk.ErrSyntax, "", len(good) - 1 + len(`,"a":["`)},
		{"J06 octet ff in a name", okpWith("\"a\xff\":1"), jwk.ErrSyntax, "", len(good) - 1 + len(`,"a`)},
		{"J07 high surrogate in kid", okpWith(`"kid":"\ud800"`), jwk.ErrSyntax, "/kid", len(good) - 1 + len(`,"kid":"`)},
		{"J07 surrogates in the wrong order", okpWith(`"kid":"\udc00\ud800"`), jwk.ErrSyntax, "/kid", len(good) - 1 + len(`,"kid":"`)},
		{"J07 high surrogate in an unknown member", okpWith(`"a":"\ud800"`), jwk.ErrSyntax, "", len(good) - 1 + len(`,"a":"`)},
		{"J07 high surrogate in a name", okpWith(`"\ud800":1`), jwk.ErrSyntax, "", len(good) - 1 + len(`,"`)},
		{"J08 raw zero octet in kid", okpWith("\"kid\":\"a\x00b\""), jwk.ErrSyntax, "/kid", len(good) - 1 + len(`,"kid":"a`)},
		{"J08 raw zero octet between members", okpWith("\x00\"kid\":\"a\""), jwk.ErrSyntax, "", len(good)},
		{"J09 nested 100,000 deep", okpWith(`"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), jwk.ErrPolicy, "*", len(good) - 1 + len(`,"a":`) + 63},
		{"J09 nested 100,000 deep and not closed", okpWith(`"a":` + strings.Repeat("[", 100_000)), jwk.ErrPolicy, "*", len(good) - 1 + len(`,"a":`) + 63},
		{"J09 a hundred thousand objects deep", okpWith(`"a":` + strings.Repeat(`{"":`, 100_000)), jwk.ErrPolicy, "*", len(good) - 1 + len(`,"a":`) + 4*63},
		{"J09 in a registered member", okpWith(`"iat":` + strings.Repeat("[", 100_000)), jwk.ErrPolicy, "*", len(good) - 1 + len(`,"iat":`) + 63},
		{"J10 null", "null", jwk.ErrSyntax, "", 0},
		{"J10 array", "[]", jwk.ErrSyntax, "", 0},
		{"J10 array of a key", "[" + good + "]", jwk.ErrSyntax, "", 0},
		{"J10 number", "1", jwk.ErrSyntax, "", 0},
		{"J10 string", `""`, jwk.ErrSyntax, "", 0},
		{"J10 string of a key", `"{}"`, jwk.ErrSyntax, "", 0},
		{"J10 true", "true", jwk.ErrSyntax, "", 0},
		{"J10 empty object", "{}", jwk.ErrInvalid, "/kty", 0},
		{"J10 empty object after white space", " {}", jwk.ErrInvalid, "/kty", 1},
		{"J10 empty", "", jwk.ErrSyntax, "", 0},
		{"J10 white space", " \t\r\n", jwk.ErrSyntax, "", 0},
		{"J10 closing brace", "}", jwk.ErrSyntax, "", 0},
		{"J10 closing bracket", "]", jwk.ErrSyntax, "", 0},
		{"J10 a set instead of a key", `{"keys":[]}`, jwk.ErrInvalid, "/kty", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, p := range []*jwk.Parser{{}, {PublicOnly: true}, {FailFast: true, UniqueKeyIDs: true}} {
				k, err := p.Parse([]byte(tt.text))
				if k != nil {
					t.Errorf("got key %v, want nil", k)
				}
				checkPlace(t, err, tt.want, tt.path, tt.offset)
			}
			if tt.want == jwk.ErrInvalid {
				return
			}
			if s, err := jwk.ParseSet([]byte(tt.text)); s != nil || err == nil {
				t.Errorf("ParseSet: got %v, %v; want nil and an error", s, err)
			}
			var target struct{ Key *jwk.Key }
			if err := json.Unmarshal([]byte(`{"Key":`+tt.text+`}`), &target); err == nil && tt.text != "null" {
				t.Errorf("Unmarshal: got %v, want an error", target.Key)
			}
		})
	}
	t.Run("white space around it", func(t *testing.T) {
		k, err := jwk.Parse([]byte("\r\n\t " + good + " \t\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := k.MarshalJSON(); string(got) != good {
			t.Errorf("got %q, want %q", got, good)
		}
	})
	t.Run("J09 nested as deep as the limit", func(t *testing.T) {
		checkLossless(t, okpWith(`"a":`+strings.Repeat("[", 63)+strings.Repeat("]", 63)))
	})
}

// TestParseStrings: if this fails, a kid with escapes or special characters is read as another
// kid, and Lookup does not find its key.
func TestParseStrings(t *testing.T) {
	for _, tt := range []struct{ name, literal, want string }{
		{"empty", `""`, ""},
		{"J08 escaped zero", `"a\u0000b"`, "a\x00b"},
		{"pair of surrogates", `"\ud83d\ude00"`, "😀"},
		{"escapes", `"\"\\\/\b\f\n\r\t\u00e9"`, "\"\\/\b\f\n\r\té"},
		{"control picture, direction and escape", `"\u001b[31m` + "\u202e" + `"`, "\u001b[31m\u202e"},
		{"64 KiB", `"` + strings.Repeat("k", 64<<10) + `"`, strings.Repeat("k", 64<<10)},
	} {
		t.Run("kid "+tt.name, func(t *testing.T) {
			k := checkLossless(t, okpWith(`"kid":`+tt.literal))
			if k.KeyID() != tt.want {
				t.Errorf("KeyID: got %.80q, want %.80q", k.KeyID(), tt.want)
			}
			s, err := jwk.ParseSet(setText(okpWith(`"kid":` + tt.literal)))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := s.Lookup(tt.want); !ok {
				t.Errorf("Lookup(%.80q): got no key, want one", tt.want)
			}
		})
	}
	t.Run("J08 kty", func(t *testing.T) {
		for _, kty := range []string{"RSA\x00", "\x00RSA", "rsa", "Rsa", "", "RSA ", "OCT", "ec", "none", strings.Repeat("R", 1<<20)} {
			checkRefused(t, public(t, "RSA-2048").with("kty", kty).json(t), jwk.ErrUnsupported, "/kty")
		}
	})
	t.Run("kid absent and kid empty", func(t *testing.T) {
		absent, empty := okpWith(""), string(public(t, "X25519").with("kid", "").json(t))
		s, err := jwk.ParseSet(setText(absent, empty))
		if err != nil || s.Len() != 2 {
			t.Fatalf("got %v, %v; want two keys", s, err)
		}
		for i := range 2 {
			if got := s.At(i).KeyID(); got != "" {
				t.Errorf("KeyID of key %d: got %q, want an empty string", i, got)
			}
		}
		if _, ok := s.At(0).Member("kid"); ok {
			t.Error("Member: got a kid of the key without a kid")
		}
		if got, ok := s.At(1).Member("kid"); !ok || string(got) != `""` {
			t.Errorf("Member: got %s, %v; want an empty string", got, ok)
		}
		if k, ok := s.Lookup(""); !ok || k != s.At(1) {
			t.Errorf("Lookup: got %v, %v; want the key with an empty kid", k, ok)
		}
	})
}

// TestParseWrongTypes: if this fails, a member with a value of the wrong JSON type is read as
// absent or as empty, and a private key with "d":null counts as public.
func TestParseWrongTypes(t *testing.T) {
	// The fixture for each member.
	has := map[string]string{"kty": "RSA-2048", "n": "RSA-2048", "e": "RSA-2048", "d": "RSA-2048", "p": "RSA-2048",
		"q": "RSA-2048", "dp": "RSA-2048", "dq": "RSA-2048", "qi": "RSA-2048", "oth": "RSA-2048-multi-prime",
		"crv": "P-256", "x": "P-256", "y": "P-256", "k": "oct-256",
		"use": "Ed25519", "key_ops": "Ed25519", "alg": "Ed25519", "kid": "Ed25519",
		"x5u": "Ed25519", "x5c": "Ed25519", "x5t": "Ed25519", "x5t#S256": "Ed25519"}
	arrays := map[string]bool{"oth": true, "x5c": true, "key_ops": true}
	long := make([]int, 5000)
	for name, key := range has {
		for what, value := range map[string]any{"null": nil, "a number": 65537, "a boolean": true, "an object": object{"a": 1},
			"an array": []string{"AQAB"}, "a long array": long, "a string": "AQAB"} {
			if !arrays[name] && what == "a string" || arrays[name] && what == "an array" && name != "oth" {
				continue
			}
			t.Run("J11 "+name+" is "+what, func(t *testing.T) {
				text := fixture(t, key).with(name, value).json(t)
				checkRefused(t, text, jwk.ErrSyntax, "/"+name)
				_, err := jwk.Parse(text)
				checkPlace(t, err, jwk.ErrSyntax, "/"+name, bytes.Index(text, []byte(`"`+name+`":`))+len(name)+3)
				checkSkipped(t, string(text), jwk.ErrSyntax, "/"+name)
			})
		}
	}
	for _, crv := range []string{"Ed25519", "X25519", "P-384"} {
		for _, name := range []string{"crv", "x", "d"} {
			t.Run("J11 "+name+" of "+crv+" is null", func(t *testing.T) {
				checkRefused(t, fixture(t, crv).with(name, nil).json(t), jwk.ErrSyntax, "/"+name)
			})
		}
	}
	for _, name := range []string{"iat", "nbf", "exp"} {
		t.Run("J11 "+name+" is null", func(t *testing.T) {
			checkRefused(t, []byte(okpWith(`"`+name+`":null`)), jwk.ErrSyntax, "/"+name)
		})
	}
	for name, key := range map[string]string{"p": "Ed25519", "k": "RSA-2048", "oth": "X25519", "d": "ML-DSA-44", "priv": "P-256"} {
		t.Run("private "+name+" of another type is refused even if it is null", func(t *testing.T) {
			checkRefused(t, fixture(t, key).with(name, nil).json(t), jwk.ErrInvalid, "/"+name)
		})
	}
}

// TestParseDates: the parser does not evaluate dates. If this fails, a key cannot be used
// because its iat, nbf or exp has an unusual value.
func TestParseDates(t *testing.T) {
	for _, name := range []string{"iat", "nbf", "exp"} {
		date := func(k *jwk.Key) (unix int64, zero bool) {
			a := k.Attributes()
			d := map[string]interface {
				Unix() int64
				IsZero() bool
			}{"iat": a.IssuedAt, "nbf": a.NotBefore, "exp": a.Expires}[name]
			return d.Unix(), d.IsZero()
		}
		for _, value := range []string{`"2026-01-01T00:00:00Z"`, `"1700000000"`, `""`, `"\u0000"`, `true`, `[]`, `[null]`, `{}`,
			`{"a":[1]}`, `1e999999`, `-1e999999`, `99999999999999999999`} {
			t.Run(name+" "+value, func(t *testing.T) {
				k := checkLossless(t, okpWith(`"`+name+`":`+value))
				if unix, zero := date(k); !zero {
					t.Errorf("got %d, want the zero time", unix)
				}
			})
		}
		t.Run(name, func(t *testing.T) {
			k := checkLossless(t, okpWith(`"`+name+`":1700000000`))
			if unix, zero := date(k); zero || unix != 1700000000 {
				t.Errorf("got %d, want 1700000000", unix)
			}
		})
	}
}

// TestParserLimits: if this fails, a document or a set that is larger than the limits of the
// Parser can exhaust a program, or one that is as large as they allow is refused.
func TestParserLimits(t *testing.T) {
	good := okpWith("")
	t.Run("J12 MaxBytes", func(t *testing.T) {
		for _, text := range []string{good, " " + good + "\n"} {
			p := jwk.Parser{MaxBytes: len(text)}
			if _, err := p.Parse([]byte(text)); err != nil {
				t.Errorf("a text of MaxBytes: got %v, want no error", err)
			}
			k, err := p.Parse([]byte(text + " "))
			if k != nil {
				t.Errorf("got key %v, want nil", k)
			}
			checkPlace(t, err, jwk.ErrPolicy, "", 0)
		}
	})
	t.Run("J12 MaxBytes of a set", func(t *testing.T) {
		text := setText(good)
		p := jwk.Parser{MaxBytes: len(text)}
		if s, err := p.ParseSet(text); err != nil || s.Len() != 1 {
			t.Errorf("a text of MaxBytes: got %v, %v; want one key", s, err)
		}
		s, err := p.ParseSet(append(text, '\n'))
		if s != nil {
			t.Errorf("got set %v, want nil", s)
		}
		checkPlace(t, err, jwk.ErrPolicy, "", 0)
	})
	t.Run("J12 MaxBytes is checked first", func(t *testing.T) {
		for _, p := range []jwk.Parser{{MaxBytes: 10}, {MaxBytes: 10, Lenient: true}} {
			_, err := p.Parse([]byte("not JSON at all"))
			checkError(t, err, jwk.ErrPolicy, "")
			_, err = p.ParseSet([]byte("\uFEFFnot JSON at all"))
			checkError(t, err, jwk.ErrPolicy, "")
		}
	})
	t.Run("J12 MaxBytes by default", func(t *testing.T) {
		text := []byte(okpWith(`"a":"` + strings.Repeat("a", 16<<20) + `"`))
		text = append(text[:16<<20-2], `"}`...)
		if _, err := jwk.Parse(text); err != nil {
			t.Errorf("16 MiB: got %v, want no error", err)
		}
		checkRefused(t, append(text, '\n'), jwk.ErrPolicy, "")
		p := jwk.Parser{MaxBytes: 17 << 20}
		if _, err := p.Parse(append(text, '\n')); err != nil {
			t.Errorf("MaxBytes of 17 MiB: got %v, want no error", err)
		}
	})
	t.Run("J12 MaxKeys", func(t *testing.T) {
		p := jwk.Parser{MaxKeys: 3}
		for _, entries := range [][]string{
			{}, {good}, {good, good, good}, {good, "1", "{}"}, {"null", "null", "null"},
		} {
			s, err := p.ParseSet(setText(entries...))
			if err != nil {
				t.Errorf("%q: got %v, want no error", entries, err)
				continue
			}
			if got := s.Len() + len(s.Skipped()); got != len(entries) {
				t.Errorf("%q: got %d entries, want %d", entries, got, len(entries))
			}
			more := append([]string{"1", good, "{}", good}[:4-len(entries)], entries...)
			s, err = p.ParseSet(setText(more...))
			if s != nil {
				t.Errorf("%q: got set %v, want nil", more, s)
			}
			checkError(t, err, jwk.ErrPolicy, "/keys")
		}
	})
	t.Run("J12 MaxKeys by default", func(t *testing.T) {
		entries := make([]string, 10_001)
		for i := range entries {
			entries[i] = "{}"
		}
		s, err := jwk.ParseSet(setText(entries[1:]...))
		if err != nil || len(s.Skipped()) != 10_000 {
			t.Errorf("10,000 entries: got %v, %v; want as many skipped entries", s, err)
		}
		_, err = jwk.ParseSet(setText(entries...))
		checkError(t, err, jwk.ErrPolicy, "/keys")
		p := jwk.Parser{MaxKeys: 10_001}
		if _, err := p.ParseSet(setText(entries...)); err != nil {
			t.Errorf("MaxKeys of 10,001: got %v, want no error", err)
		}
	})
	t.Run("many members and long strings have no separate limit", func(t *testing.T) {
		var b strings.Builder
		for i := range 5000 {
			fmt.Fprintf(&b, `"m%d":%d,`, i, i)
		}
		checkLossless(t, okpWith(b.String()+`"s":"`+strings.Repeat("s", 1<<20)+`"`))
	})
}

// TestLongNameInPath: the path of an error shortens a long member name from the program, but not
// within a character. It does not show an unknown name from a document at all. If this fails, an
// error may show a secret that is in the place of a name because the document is damaged.
func TestLongNameInPath(t *testing.T) {
	name := "x" + strings.Repeat("é", 200)
	_, err := jwk.New(make([]byte, 16), &jwk.Attributes{Extra: map[string]any{name: func() {}}})
	checkError(t, err, jwk.ErrInvalid, "/x"+strings.Repeat("é", 127))
	_, err = jwk.Parse([]byte(`{"` + name + `":1,"` + name + `":1}`))
	checkError(t, err, jwk.ErrSyntax, "")
}

// TestParseIsLossless: if this fails, a key that a program parses and writes changes its text:
// it may lose unknown members or the precision of numbers.
func TestParseIsLossless(t *testing.T) {
	for _, tt := range []struct{ name, members string }{
		{"J13 a huge exponent", `"a":1e999999`},
		{"J13 a hundred thousand digits", `"a":` + strings.Repeat("7", 100_000)},
		{"J13 negative zero", `"a":-0,"b":-0.0,"c":[-0e-0]`},
		{"J13 a number beyond float64", `"a":9007199254740993,"b":0.1000000000000000055511151231257827`},
		{"J13 spelling of numbers", `"a":1E+02,"b":100.0,"c":1e2`},
		{"order", `"z":1,"a":2,"kid":"k","m":3,"alg":"EdDSA"`},
		{"escapes", `"a":"\u0061\/\"\ud83d\ude00","\u0062":1,"kid":"\u006b"`},
		{"characters that other writers escape", `"a":"<>&` + "\u2028\u2029\x7f" + `"`},
		{"white space within", "\n\t\"a\" : [ 1 ,\r\n 2 ] ,\"b\":{ }\n"},
		{"empty names and values", `"":{"":[]},"a":""`},
		{"unknown members of every type", `"a":null,"b":true,"c":[{"f":[]}],"e":{"g":1}`},
		{"unregistered values of registered members", `"use":"tls","alg":"XY","key_ops":["sign","x y"],"x5u":"urn:example:not-a-URL"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := okpWith(tt.members)
			k := checkLossless(t, text)
			if k.Thumbprint() != public(t, "Ed25519").key(t).Thumbprint() {
				t.Errorf("thumbprint: got %v, want the thumbprint of the key without these members", k.Thumbprint())
			}
			if got, err := k.MarshalJSON(); err != nil || string(got) != text {
				t.Errorf("MarshalJSON: got %.200q, %v; want %.200q", got, err, text)
			}
			if got, err := k.AppendJSON([]byte("before ")); err != nil || string(got) != "before "+text {
				t.Errorf("AppendJSON: got %.200q, %v; want %.200q", got, err, "before "+text)
			}
			s, err := jwk.ParseSet(setText(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.MarshalJSON(); err != nil || string(got) != string(setText(text)) {
				t.Errorf("MarshalJSON of a set: got %.200q, %v; want %.200q", got, err, setText(text))
			}
		})
	}
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			checkLossless(t, string(fixture(t, name).json(t)))
		})
	}
}

// TestParseKeepsNothing: Parse must not change its input or keep a reference to it. If this
// fails, a program that reuses its buffer changes keys that it has parsed before.
func TestParseKeepsNothing(t *testing.T) {
	for _, name := range fixtureNames {
		text := string(fixture(t, name).with("kid", "a").json(t))
		data := []byte(text)
		k, err := jwk.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if string(data) != text {
			t.Errorf("%s: Parse changed its input", name)
		}
		clear(data)
		if got, _ := k.MarshalPrivateJSON(); string(got) != text {
			t.Errorf("%s: got text %.200q after the input was cleared, want it unchanged", name, got)
		}
		if fresh := checkLossless(t, text); !k.Equal(fresh) || k.Thumbprint() != fresh.Thumbprint() || k.KeyID() != "a" {
			t.Errorf("%s: got %v, want %v", name, k, fresh)
		}
	}
}

// TestParseDamagedText: if this fails, a key is read from a text that was cut off, or a text
// that lost a byte causes an error without a place or a key with another text.
func TestParseDamagedText(t *testing.T) {
	for _, name := range fixtureNames {
		o := fixture(t, name).with("kid", "a\u00e9", "zz", []int{1})
		if _, material := o["alg"]; !material {
			o = o.with("alg", "X")
		}
		text := o.json(t)
		check := func(t *testing.T, damaged []byte) bool {
			k, err := jwk.Parse(damaged)
			if err != nil {
				if k != nil {
					t.Fatalf("%q: got key %v and error %v, want no key", damaged, k, err)
				}
				var e *jwk.Error
				if !errors.As(err, &e) || e.Offset < 0 || e.Offset > int64(len(damaged)) {
					t.Fatalf("%q: got %#v, want *jwk.Error with a place in the document", damaged, err)
				}
				return false
			}
			if got, err := k.MarshalPrivateJSON(); err != nil || !bytes.Equal(got, damaged) {
				t.Fatalf("%q: got a key with the text %q, %v; want the same text", damaged, got, err)
			}
			return true
		}
		t.Run("J14 prefixes of "+name, func(t *testing.T) {
			for n := range text {
				if check(t, text[:n:n]) {
					t.Errorf("first %d bytes: got a key, want an error", n)
				}
			}
		})
		t.Run("J14 deletions of "+name, func(t *testing.T) {
			keys := 0
			for n := range text {
				if check(t, append(bytes.Clone(text[:n]), text[n+1:]...)) {
					keys++
				}
			}
			// The text is still a key without one letter of kid, alg or zz, for example.
			if keys < 5 || keys > 40 {
				t.Errorf("got %d keys from %d texts, want 5 to 40", keys, len(text))
			}
		})
		t.Run("J14 prefixes of a set of "+name, func(t *testing.T) {
			set := setText(string(text))
			for n := range set {
				if s, err := jwk.ParseSet(set[:n:n]); s != nil || err == nil {
					t.Fatalf("first %d bytes: got %v, %v; want nil and an error", n, s, err)
				}
			}
		})
	}
}

// TestWrittenNamesAreEscaped: if this fails, a member name or a kid that a peer chose can add
// members to a key or a set when it is written.
func TestWrittenNamesAreEscaped(t *testing.T) {
	const name = `x":0,"d`
	t.Run("J15 member of a key", func(t *testing.T) {
		k, err := jwk.New(public(t, "Ed25519").key(t).PublicKey(), &jwk.Attributes{
			KeyID: `a","d":"b`,
			Extra: map[string]any{name: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again := checkLossless(t, string(text))
		count := 0
		for n, value := range again.Members() {
			switch n {
			case name:
				count++
				if string(value) != "1" {
					t.Errorf("got value %s, want 1", value)
				}
			case "d", "x\"":
				t.Errorf("got member %q, want only members that were set", n)
			}
		}
		if count != 1 {
			t.Errorf("got %d members of that name, want 1", count)
		}
		if again.KeyID() != `a","d":"b` || again.IsPrivate() {
			t.Errorf("got %v, want a public key with that kid", again)
		}
	})
	t.Run("J15 member of a set", func(t *testing.T) {
		s, err := jwk.ParseSet([]byte(`{"x\":0,\"keys":1,"keys":[` + okpWith("") + `],"\u0022":2}`))
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := jwk.ParseSet(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if again.Len() != 1 {
			t.Errorf("got %v, want one key", again)
		}
		for n, want := range map[string]string{`x":0,"keys`: "1", `"`: "2"} {
			if got, ok := again.Member(n); !ok || string(got) != want {
				t.Errorf("Member(%q): got %s, %v; want %s", n, got, ok, want)
			}
		}
	})
}

// TestErrorPlaces: if this fails, the path and offset of an error point to another place than
// the faulty member of a key, by itself or in a set.
func TestErrorPlaces(t *testing.T) {
	const x = `"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw"`
	for _, tt := range []struct {
		name, text string
		want       error
		path       string
		value      string // the place is where this begins
	}{
		{"kty missing", ` { "crv":"Ed25519" }`, jwk.ErrInvalid, "/kty", `{`},
		{"kty of another JSON type", `{"kty": 1}`, jwk.ErrSyntax, "/kty", `1`},
		{"kty unknown", `{"kty":"XX"}`, jwk.ErrUnsupported, "/kty", `"XX"`},
		{"crv missing", `{"a":1, "kty":"OKP"}`, jwk.ErrInvalid, "/crv", `{`},
		{"crv unknown", `{"kty":"EC","crv":"P-224"}`, jwk.ErrUnsupported, "/crv", `"P-224"`},
		{"x missing", "\n\n{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", jwk.ErrInvalid, "/x", `{`},
		{"x not base64url", `{"x": "A","kty":"OKP","crv":"Ed25519"}`, jwk.ErrInvalid, "/x", `"A"`},
		{"x too short", `{"x" :"AQAB","kty":"OKP","crv":"Ed25519"}`, jwk.ErrInvalid, "/x", `"AQAB"`},
		{"d of another key", `{"d":` + x + `,"kty":"OKP","crv":"Ed25519","x":` + x + `}`, jwk.ErrInvalid, "/d", x},
		{"a private member of another type", `{"kty":"OKP","k":"é","crv":"Ed25519","x":` + x + `}`, jwk.ErrInvalid, "/k", `"é"`},
		{"use of another JSON type", okpWith(`"\u0075se":	["sig"]`), jwk.ErrSyntax, "/use", `["sig"]`},
		{"use at odds with the type", okpWith(`"use":"enc"`), jwk.ErrInvalid, "/use", `"enc"`},
		{"alg at odds with the type", okpWith(`"alg":"RS256"`), jwk.ErrInvalid, "/alg", `"RS256"`},
		{"key_ops repeated", okpWith(`"key_ops":["sign","sign"]`), jwk.ErrInvalid, "/key_ops", `["sign"`},
		{"x5t too short", okpWith(`"x5t":"AQAB"`), jwk.ErrInvalid, "/x5t", `"AQAB"`},
		{"x5t#S256 too short", okpWith(`"x5t#S256":"AQAB"`), jwk.ErrInvalid, "/x5t#S256", `"AQAB"`},
		{"x5c empty", okpWith(`"x5c":[ ]`), jwk.ErrInvalid, "/x5c", `[ ]`},
		{"exp null", okpWith(`"exp": null`), jwk.ErrSyntax, "/exp", `null`},
		{"n missing", `{"kty":"RSA","e":"AQAB"}`, jwk.ErrInvalid, "/n", `{`},
		{"n too small", `{"kty":"RSA","e":"AQAB","n": "AQABAQ"}`, jwk.ErrPolicy, "/n", `"AQABAQ"`},
		{"k empty", `{"kty":"oct","k":""}`, jwk.ErrInvalid, "/k", `""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			offset := strings.Index(tt.text, tt.value)
			_, err := jwk.Parse([]byte(tt.text))
			checkPlace(t, err, tt.want, tt.path, offset)

			// In a set, the path and offset count from the beginning of the set.
			before := "{ \"a\" : {} , \"keys\" : [" + okpWith("") + " ,\n"
			s, err := jwk.ParseSet([]byte(before + tt.text + "]}"))
			if err != nil || len(s.Skipped()) != 1 {
				t.Fatalf("ParseSet: got %v, %v; want one entry skipped", s, err)
			}
			checkPlace(t, s.Skipped()[0].Err, tt.want, "/keys/1"+tt.path, len(before)+offset)
			p := jwk.Parser{FailFast: true}
			_, err = p.ParseSet([]byte(before + tt.text + "]}"))
			checkPlace(t, err, tt.want, "/keys/1"+tt.path, len(before)+offset)
		})
	}
}

// TestErrorPlacesInSets: if this fails, the path and offset of an error point to another place
// than the fault of the set.
func TestErrorPlacesInSets(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       error
		path       string
		value      string // the place is where this begins
	}{
		{"keys missing", ` {"a":1}`, jwk.ErrInvalid, "/keys", `{`},
		{"C01 keys null", `{ "keys" : null}`, jwk.ErrSyntax, "/keys", `null`},
		{"C01 keys an object", `{"keys":	{"a":1}}`, jwk.ErrSyntax, "/keys", `{"a"`},
		{"keys cut", `{"keys":[1`, jwk.ErrSyntax, "/keys", ``},
		{"MaxKeys", `{"a":1,"keys": [1, 2, 3]}`, jwk.ErrPolicy, "/keys", `[1`},
		{"text after the set", `{"keys":[1]} {}`, jwk.ErrSyntax, "", `{}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := jwk.Parser{MaxKeys: 2}
			s, err := p.ParseSet([]byte(tt.text))
			if s != nil {
				t.Errorf("got set %v, want nil", s)
			}
			if tt.value == "" {
				checkPlace(t, err, tt.want, tt.path, len(tt.text))
			} else {
				checkPlace(t, err, tt.want, tt.path, strings.Index(tt.text, tt.value))
			}
		})
	}
}

// encodedMembers are the members in base64url of each fixture.
var encodedMembers = map[string][]string{
	"RSA-2048":  {"n", "e", "d", "p", "q", "dp", "dq", "qi"},
	"P-256":     {"x", "y", "d"},
	"P-384":     {"x", "y", "d"},
	"P-521":     {"x", "y", "d"},
	"Ed25519":   {"x", "d"},
	"X25519":    {"x", "d"},
	"secp256k1": {"x", "y", "d"},
	"Ed448":     {"x", "d"},
	"X448":      {"x", "d"},
	"ML-DSA-44": {"pub", "priv"},
	"ML-DSA-65": {"pub", "priv"},
	"ML-DSA-87": {"pub", "priv"},
	"oct-256":   {"k"},
}

// TestParseBase64URL: each value has exactly one encoding. If this fails, one key has several
// texts, and programs that compare texts take them for different keys.
func TestParseBase64URL(t *testing.T) {
	// spoil returns "" if the rule does not apply to the text, and nothing for an empty text.
	const nothing = "\x00nothing"
	rules := []struct {
		name  string
		spoil func(text string) string
	}{
		{"B01 line feed within", func(s string) string { return s[:2] + "\n" + s[2:] }},
		{"B01 line feed at the end", func(s string) string { return s + "\n" }},
		{"B01 line break in front", func(s string) string { return "\r\n" + s }},
		{"B02 padding to whole blocks", func(s string) string {
			if len(s)%4 == 0 {
				return ""
			}
			return s + "===="[len(s)%4:]
		}},
		{"B02 one of padding", func(s string) string { return s + "=" }},
		{"B03 plus", func(s string) string { return replaced(s, "-", "+") }},
		{"B03 slash", func(s string) string { return replaced(s, "_", "/") }},
		{"B04 stray bits", func(s string) string {
			if len(s)%4 == 0 {
				return ""
			}
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
			last := len(s) - 1
			return s[:last] + string(alphabet[strings.IndexByte(alphabet, s[last])|1])
		}},
		{"B05 an impossible length", func(s string) string { return s + "AAAA"[:(5-len(s)%4)%4] }},
		{"B06 empty", func(string) string { return nothing }},
		{"B06 only a line feed", func(string) string { return "\n" }},
		{"B07 space", func(s string) string { return s[:2] + " " + s[2:] }},
		{"B07 space at the end", func(s string) string { return s + " " }},
		{"B07 tab", func(s string) string { return "\t" + s }},
		{"B07 full stop", func(s string) string { return s[:2] + "." + s[3:] }},
		{"B07 full-width letter", func(s string) string { return "Ａ" + s[1:] }},
		{"B07 escaped zero", func(s string) string { return s + "\x00" }},
	}
	applied := map[string]int{}
	for key, members := range encodedMembers {
		for _, name := range members {
			for _, rule := range rules {
				text := fixture(t, key)[name].(string)
				spoilt := rule.spoil(text)
				switch spoilt {
				case "", text:
					continue
				case nothing:
					spoilt = ""
				}
				applied[rule.name]++
				t.Run(rule.name+" in "+name+" of "+key, func(t *testing.T) {
					checkRefused(t, fixture(t, key).with(name, spoilt).json(t), jwk.ErrInvalid, "/"+name)
				})
			}
		}
	}
	for _, rule := range rules {
		if applied[rule.name] == 0 {
			t.Errorf("%s: the rule applies to no member of a fixture", rule.name)
		}
	}
}

// TestParseDigests: if this fails, a certificate thumbprint in another encoding or of another
// length is accepted, and never equals the thumbprint of any certificate.
func TestParseDigests(t *testing.T) {
	sha1Text, sha256Text := "-_8AAQIDBAUGBwgJCgsMDQ4PEBE", "-_8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0"
	checkLossless(t, okpWith(`"x5t":"`+sha1Text+`","x5t#S256":"`+sha256Text+`"`))
	for _, tt := range []struct{ name, member, text string }{
		{"B08 x5t in the standard alphabet", "x5t", strings.NewReplacer("-", "+", "_", "/").Replace(sha1Text)},
		{"B08 x5t with padding", "x5t", sha1Text + "="},
		{"B08 x5t with stray bits", "x5t", sha1Text[:26] + "F"},
		{"B08 x5t in hexadecimal", "x5t", "0123456789abcdef0123456789abcdef01234567"},
		{"B08 x5t of 32 octets", "x5t", sha256Text},
		{"B08 x5t empty", "x5t", ""},
		{"B08 x5t#S256 in the standard alphabet", "x5t#S256", strings.NewReplacer("-", "+", "_", "/").Replace(sha256Text)},
		{"B08 x5t#S256 with padding", "x5t#S256", sha256Text + "="},
		{"B08 x5t#S256 with a line feed", "x5t#S256", sha256Text + "\n"},
		{"B08 x5t#S256 of 20 octets", "x5t#S256", sha1Text},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, public(t, "Ed25519").with(tt.member, tt.text).json(t), jwk.ErrInvalid, "/"+tt.member)
		})
	}
}

// TestParseCertificateText: if this fails, a certificate in x5c that is not in standard base64
// (RFC 7517, Section 4.7) is accepted, and one certificate has several texts.
func TestParseCertificateText(t *testing.T) {
	text := std64(certificateOf(t, "P-256"))
	accepted := func(x5c any) object { return public(t, "P-256").with("x5c", x5c) }
	accepted([]string{text}).key(t)
	accepted([]string{text, text}).key(t)
	for _, tt := range []struct {
		name string
		x5c  any
		want error
	}{
		{"B08 URL alphabet", []string{strings.NewReplacer("+", "-", "/", "_").Replace(text)}, jwk.ErrInvalid},
		{"B08 without padding", []string{strings.TrimRight(text, "=")}, jwk.ErrInvalid},
		{"B08 padding twice", []string{text + "===="}, jwk.ErrInvalid},
		{"B08 line feed", []string{text[:64] + "\n" + text[64:]}, jwk.ErrInvalid},
		{"B08 line feed at the end", []string{text + "\n"}, jwk.ErrInvalid},
		{"B08 space", []string{text[:64] + " " + text[64:]}, jwk.ErrInvalid},
		{"B08 in the second certificate", []string{text, strings.TrimRight(text, "=")}, jwk.ErrInvalid},
		{"B08 stray bits", []string{strayBits(strings.TrimRight(text, "=")) + text[len(strings.TrimRight(text, "=")):]}, jwk.ErrInvalid},
		{"one string", text, jwk.ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkRefused(t, accepted(tt.x5c).json(t), tt.want, "/x5c")
		})
	}
}

// TestParseEscapedBase64URL: a value may be written with JSON escapes. If this fails, such a
// text is refused or read as another key, or the key does not keep its text.
func TestParseEscapedBase64URL(t *testing.T) {
	escaped := func(s string, every int) string {
		var b strings.Builder
		for i := range len(s) {
			if i%every == 0 {
				fmt.Fprintf(&b, `\u%04X`, s[i])
			} else {
				b.WriteByte(s[i])
			}
		}
		return b.String()
	}
	for key, members := range encodedMembers {
		want := fixture(t, key).key(t)
		for _, every := range []int{1, 3, 1000} {
			for _, name := range append([]string{"all"}, members...) {
				t.Run(fmt.Sprintf("%s of %s, one in %d", name, key, every), func(t *testing.T) {
					text := string(fixture(t, key).json(t))
					for _, m := range members {
						if value := fixture(t, key)[m].(string); name == m || name == "all" {
							text = strings.Replace(text, `"`+value+`"`, `"`+escaped(value, every)+`"`, 1)
						}
					}
					k := checkLossless(t, text)
					if !k.Equal(want) || !want.Equal(k) {
						t.Error("Equal: got false, want true")
					}
					if k.Thumbprint() != want.Thumbprint() {
						t.Errorf("thumbprint: got %v, want %v", k.Thumbprint(), want.Thumbprint())
					}
					if name != "all" {
						got, _ := k.Member(name)
						if value := fixture(t, key)[name].(string); string(got) != `"`+escaped(value, every)+`"` {
							t.Errorf("Member(%s): got %.80s, want the text with escapes", name, got)
						}
					}
				})
			}
		}
	}
	t.Run("e", func(t *testing.T) {
		k := checkLossless(t, strings.Replace(string(public(t, "RSA-2048").json(t)), `"AQAB"`, `"\u0041QAB"`, 1))
		if want := public(t, "RSA-2048").key(t); k.Thumbprint() != want.Thumbprint() {
			t.Errorf("thumbprint: got %v, want %v", k.Thumbprint(), want.Thumbprint())
		}
	})
	t.Run("escapes do not hide characters outside base64url", func(t *testing.T) {
		for _, e := range []string{`AQAB\u000a`, `AQAB\n`, `AQA\u003d`, `AQ\/B`, `\u002bQAB`, `\u00c1QAB`} {
			text := strings.Replace(string(public(t, "RSA-2048").json(t)), `"AQAB"`, `"`+e+`"`, 1)
			checkRefused(t, []byte(text), jwk.ErrInvalid, "/e")
		}
	})
}
