package jwk

import (
	"fmt"
	"strings"
	"testing"
)

// TestFindPrivate: if this fails, MarshalJSON publishes a private key that is hidden within a
// member, or refuses to publish a harmless one. An object carries private material if it has a
// kty and a private member, both in upper or lower case, and the value could be private. The
// test tries texts that lack one part of this rule each.
func TestFindPrivate(t *testing.T) {
	value := func(name string) string {
		if name == "oth" {
			return `[{"r":"x"}]`
		}
		return `"x"`
	}
	for _, name := range registeredNames["private"] {
		v := value(name)
		for _, text := range []string{
			`{"kty":"RSA","` + name + `":` + v + `}`,
			`{"` + name + `":` + v + `,"kty":"RSA"}`,
			`{"` + name + `" : ` + v + ` , "kty" : 1 }`,
			`{"` + name + `":` + v + `,"kty":null}`,
			`{"KTY":"RSA","` + name + `":` + v + `}`,
			"{\"\u212aty\":\"RSA\",\"" + name + "\":" + v + "}",
			`{"kty":"RSA","` + strings.ToUpper(name) + `":` + v + `}`,
			`{"\u006bty":"RSA","` + fmt.Sprintf(`\u%04x%s`, name[0], name[1:]) + `":` + v + `}`,
			`[1,[{"kty":"RSA","` + name + `":` + v + `}]]`,
			`{"a":[true,{"b":{"kty":"RSA","` + name + `":` + v + `}}],"c":{}}`,
			`{"a":{},"b":{"kty":"","` + name + `":` + v + `}}`,
			`{"kty":"RSA","` + name + `":"","` + name + `":` + v + `}`,
			"\t{\"a\"\t: {\"b\\\"\": {\"kty\":\"\",\"" + name + "\"\r\n\t:" + v + "}}}",
			`{"kty":"oct","` + name + `":"x"}`,
		} {
			private, ok := findPrivate([]byte(text))
			if !ok || private.name != name {
				t.Errorf("findPrivate(%s): got %q, %v; want %q", text, private.name, ok, name)
				continue
			}
			if c := text[private.at]; c != '"' && c != '[' {
				t.Errorf("findPrivate(%s): got the offset of %q, want the offset of the value", text, text[private.at:])
			}
		}
		for _, text := range []string{
			`{"` + name + `":` + v + `}`,                                  // no kty
			`{"` + name + `":` + v + `,"a":{"kty":"RSA"}}`,                // in another object
			`{"kty":"RSA","a":{"` + name + `":` + v + `}}`,                // kty in the object around it
			`[{"kty":"RSA"},{"` + name + `":` + v + `}]`,                  // kty in the element before it
			`{"kty":"RSA","` + name + `":null}`,                           // no value
			`{"kty":"RSA","` + name + `":""}`,                             // empty
			`{"kty":"RSA","` + name + `":1}`,                              // a number
			`{"kty":"RSA","` + name + `":true}`,                           // a boolean
			`{"kty":"RSA","` + name + `":{}}`,                             // an object
			`{"kty":"RSA","` + name + `":[]}`,                             // an empty array
			`{"kty":"RSA","` + name + `":[ ]}`,                            // an empty array with white space
			`{"kty":"` + name + `","a":"` + name + `"}`,                   // the name is only a value
			`{"kty":"RSA","a":["` + name + `","x"]}`,                      // the name is only a value in an array
			`{"kty":"RSA","` + name + name + `":` + v + `}`,               // a longer name
			`{"kty":"RSA","\\u0064":` + v + `}`,                           // an escaped backslash
			`{"ktyy":"RSA","` + name + `":` + v + `}`,                     // no kty
			`{"kty":"RSA","seed":"x","` + strings.ToUpper(name) + `":""}`, // a seed is private only in an AKP key
		} {
			if private, ok := findPrivate([]byte(text)); ok {
				t.Errorf("findPrivate(%s): got %q, want no private member", text, private.name)
			}
		}
		if name != "oth" {
			text := `{"kty":"RSA","` + name + `":["x"]}`
			if private, ok := findPrivate([]byte(text)); ok {
				t.Errorf("findPrivate(%s): got %q, want no private member", text, private.name)
			}
		}
	}
	for _, text := range []string{
		`{"kty":"AKP","seed":"x"}`, `{"SEED":"x","kty":"AKP"}`, `[{"kty":"\u0041KP","seed":"x"}]`,
	} {
		if private, ok := findPrivate([]byte(text)); !ok || private.name != draftSeedName {
			t.Errorf("findPrivate(%s): got %q, %v; want %q", text, private.name, ok, draftSeedName)
		}
	}
	for _, text := range []string{
		`null`, `1`, `-1.5e3`, `"d"`, `{}`, `[]`, ` [ ] `, `{"kty":"AKP","seed":null}`, `{"kty":"AKP"}`,
		`{"kty":"RSA","n":"AQAB","e":"AQAB"}`, `{"kty":"RSA","n":[1,2,{"a":null}],"e":"d"}`,
	} {
		if private, ok := findPrivate([]byte(text)); ok {
			t.Errorf("findPrivate(%s): got %q, want no private member", text, private.name)
		}
	}
}
