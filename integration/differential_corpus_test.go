package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
)

// A field is a member of an object: its name, and the JSON text of its value.
type field struct{ name, value string }

// An object is one of JSON, whose names may repeat, and whose values need not be
// what they should.
type object []field

// readObject reads a text as laxly as encoding/json does, nil if it does not.
func readObject(text []byte) object {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	o := object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil
		}
		o = append(o, field{name.(string), string(value)})
	}
	if _, err := d.Token(); err != nil {
		return nil
	}
	return o
}

func (o object) text() []byte {
	var b bytes.Buffer
	for _, f := range o {
		fmt.Fprintf(&b, ",%s:%s", quote(f.name), f.value)
	}
	return append(append([]byte("{"), bytes.TrimPrefix(b.Bytes(), []byte(","))...), '}')
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no string fails
	}
	return string(text)
}

// index finds a member, -1 if there is none.
func (o object) index(name string) int {
	return slices.IndexFunc(o, func(f field) bool { return f.name == name })
}

func (o object) has(name string) bool { return o.index(name) >= 0 }

// raw returns the JSON text of a member, "" if there is none.
func (o object) raw(name string) string {
	if i := o.index(name); i >= 0 {
		return o[i].value
	}
	return ""
}

// str returns a member that is a string, "" if there is none.
func (o object) str(name string) string {
	var s string
	if json.Unmarshal([]byte(o.raw(name)), &s) != nil {
		return ""
	}
	return s
}

// strs returns a member that is an array of strings, nil if there is none.
func (o object) strs(name string) []string {
	var list []string
	if json.Unmarshal([]byte(o.raw(name)), &list) != nil {
		return nil
	}
	return list
}

// octets returns those of a member in base64, whatever its variant.
func (o object) octets(name string) []byte { return loose64(o.str(name)) }

func loose64(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s))
	if err != nil {
		return nil
	}
	return b
}

// integer returns the number that a member is, 0 if there is none.
func (o object) integer(name string) *big.Int { return new(big.Int).SetBytes(o.octets(name)) }

// with returns the object with a member in place of one of its name, or at its end.
func (o object) with(name, value string) object {
	next := slices.Clone(o)
	if i := o.index(name); i >= 0 {
		next[i].value = value
		return next
	}
	return append(next, field{name, value})
}

func (o object) without(names ...string) object {
	return slices.DeleteFunc(slices.Clone(o), func(f field) bool { return slices.Contains(names, f.name) })
}

// publicMembers are in base64url, and so are all of privateMembers but oth.
var (
	publicMembers  = []string{"n", "e", "x", "y", "pub"}
	privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}
)

// A corpus is of keys, good and bad, in groups.
type corpus struct {
	names  []string
	groups map[string][]object
	keys   int
}

// add adds all the keys in a document, but no more than most of them.
func (c *corpus) add(t *testing.T, data []byte, most int) {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	var found []object
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if _, ok := v["kty"].(string); ok {
				var o object
				for _, name := range slices.Sorted(maps.Keys(v)) {
					value, err := json.Marshal(v[name])
					if err != nil {
						t.Fatal(err)
					}
					o = append(o, field{name, string(value)})
				}
				found = append(found, o)
				return
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(v[name])
			}
		}
	}
	walk(document)
	for i := 0; i < len(found); i += max(1, len(found)/most) {
		c.keys++
		c.group(found[i])
		if public := found[i].without(privateMembers...); len(public) < len(found[i]) && !found[i].has("k") {
			c.group(public)
		}
	}
}

// group adds a key to those that have the same members to get wrong.
func (c *corpus) group(o object) {
	name := o.str("kty") + " " + o.str("crv")
	if o.has("x5c") {
		name = "certified"
	}
	if slices.Contains([]string{"OKP Ed448", "OKP X448", "EC secp256k1"}, name) {
		name = "rare" // for the peers
	}
	for _, private := range []string{"d", "p", "oth"} {
		if o.has(private) {
			name += " " + private
		}
	}
	if _, ok := c.groups[name]; !ok {
		c.names = append(c.names, name)
	}
	c.groups[name] = append(c.groups[name], o)
}

// wycheproofSample are files of Wycheproof's, and how many of their keys are taken
// at most or so: there are thousands.
var wycheproofSample = []struct {
	name string
	most int
}{
	{"json_web_key_test.json", 100},
	{"json_web_signature_test.json", 20},
	{"json_web_encryption_test.json", 20},
	{"ecdh_secp256r1_webcrypto_test.json", 20},
	{"ecdh_secp384r1_webcrypto_test.json", 10},
	{"ecdh_secp521r1_webcrypto_test.json", 10},
	{"ecdh_secp256k1_webcrypto_test.json", 5},
	{"x25519_jwk_test.json", 40},
	{"x448_jwk_test.json", 5},
	{"ed25519_test.json", 20},
	{"rsa_oaep_2048_sha256_mgf1sha256_test.json", 1},
}

func newCorpus(t *testing.T) *corpus {
	t.Helper()
	c := &corpus{groups: make(map[string][]object)}
	for _, name := range []string{"keys.json", "rfc.json", "provider.jwks.json"} {
		data, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		c.add(t, data, 100)
	}
	for _, file := range wycheproofSample {
		data, err := fs.ReadFile(wycheproof.TestVectors, file.name)
		if err != nil {
			t.Fatal(err)
		}
		c.add(t, data, file.most)
	}
	if c.keys < 276 || len(c.groups) < 24 {
		t.Fatalf("got %d keys in %d groups, want 276 in 24", c.keys, len(c.groups))
	}
	return c
}
