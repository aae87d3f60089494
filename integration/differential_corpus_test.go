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

// An object is a JSON object. Its names may repeat, and its values may have the wrong type.
type object []field

// readObject reads a text with the leniency of encoding/json. It returns nil if encoding/json
// refuses the text.
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
		panic(err) // cannot happen: encoding/json writes every string
	}
	return string(text)
}

// index returns the index of a member, or -1 if the object has no such member.
func (o object) index(name string) int {
	return slices.IndexFunc(o, func(f field) bool { return f.name == name })
}

func (o object) has(name string) bool { return o.index(name) >= 0 }

// raw returns the JSON text of a member, or "" if the object has no such member.
func (o object) raw(name string) string {
	if i := o.index(name); i >= 0 {
		return o[i].value
	}
	return ""
}

// str returns the value of a string member, or "" if the object has no such member.
func (o object) str(name string) string {
	var s string
	if json.Unmarshal([]byte(o.raw(name)), &s) != nil {
		return ""
	}
	return s
}

// strs returns the value of a member that is an array of strings, or nil if the object has no
// such member.
func (o object) strs(name string) []string {
	var list []string
	if json.Unmarshal([]byte(o.raw(name)), &list) != nil {
		return nil
	}
	return list
}

// octets decodes a member in any variant of base64.
func (o object) octets(name string) []byte { return loose64(o.str(name)) }

// loose64 decodes any variant of base64, with or without padding and line breaks.
func loose64(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(s))
	if err != nil {
		return nil
	}
	return b
}

// integer returns the unsigned integer that a member encodes, or 0 if the object has no such
// member.
func (o object) integer(name string) *big.Int { return new(big.Int).SetBytes(o.octets(name)) }

// with returns the object with a member added. The member replaces one with the same name.
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

// All publicMembers and privateMembers except oth are in base64url.
var (
	publicMembers  = []string{"n", "e", "x", "y", "pub"}
	privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}
)

// A corpus holds valid and invalid keys in groups.
type corpus struct {
	names  []string
	groups map[string][]object
	keys   int
}

// add adds the keys in a document. It takes a sample of about most keys if the document has more.
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

// group adds a key to the group of keys with the same type, curve and private members.
func (c *corpus) group(o object) {
	name := o.str("kty") + " " + o.str("crv")
	if o.has("x5c") {
		name = "certified"
	}
	if slices.Contains([]string{"OKP Ed448", "OKP X448", "EC secp256k1"}, name) {
		name = "rare" // most peers do not know these curves
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

// wycheproofSample lists files of Project Wycheproof and about how many keys to take from each.
// The files have thousands of keys.
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
