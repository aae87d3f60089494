package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A mutation is a corpus with a source of random choices.
type mutation struct {
	*rand.Rand
	*corpus
}

// newMutation returns a mutation that makes the same choices in every run with the same seed.
func newMutation(t *testing.T, seed uint64) *mutation {
	return &mutation{rand.New(rand.NewPCG(seed, 7517)), newCorpus(t)}
}

// oneOf returns a random element of a list.
func oneOf[E any](m *mutation, list []E) E { return list[m.IntN(len(list))] }

// key returns a random key of a random group. Each group is equally likely.
func (m *mutation) key() object { return oneOf(m, m.groups[oneOf(m, m.names)]) }

// mutant returns the text of a key with up to two mutations, and sometimes an edit.
func (m *mutation) mutant() (text []byte, how []string) {
	o := m.key()
	for range m.IntN(3) {
		mutator := oneOf(m, mutators)
		how = append(how, mutator.name)
		o = mutator.mutate(m, slices.Clone(o))
	}
	text = o.text()
	if m.IntN(8) == 0 {
		e := oneOf(m, edits)
		how = append(how, e.name)
		text = e.edit(m, text)
	}
	return text, how
}

// set returns the text of a set of mutants and of entries that are not keys.
func (m *mutation) set() []byte {
	var entries []string
	for range m.IntN(5) {
		text, _ := m.mutant()
		if m.IntN(2) == 0 || m.IntN(20) > 0 && !json.Valid(text) {
			text = m.key().text() // an edited text would make most sets invalid JSON
		}
		entries = append(entries, string(text))
		if m.IntN(8) == 0 {
			entries = append(entries, oneOf(m, []string{`null`, `1`, `"https://issuer.example"`, `[]`, `{}`, `{"kid":"1"}`, `{"keys":[]}`}))
		}
	}
	o := object{{"keys", "[" + strings.Join(entries, ",\n") + "]"}}
	switch m.IntN(20) {
	case 0:
		o[0].name = oneOf(m, []string{"KEYS", "key", ""})
	case 1:
		o[0].value = oneOf(m, []string{"null", "{}", `"keys"`, "[[]]"})
	case 2:
		o = append(o, o[0])
	case 3:
		if len(entries) > 0 {
			return []byte(entries[0])
		}
	case 4:
		o = append(object{{"issuer", `"https://issuer.example"`}, {"d", `1e400`}}, o...)
	case 5:
		o = append(o, field{"issuer", `[{"a":1,"b":{}}]`}, field{"\u00e9", "null"})
	case 6:
		o = append(o, field{"issuer", "1"}, field{"issuer", "1"})
	case 7:
		o = append(o, field{"issuer", oneOf(m, []string{`"\ud800"`, `"\udc00\ud800"`, "\"\xff\"", "\"\xc0\x80\""})})
	}
	text := o.text()
	if m.IntN(20) == 0 {
		return oneOf(m, edits).edit(m, text)
	}
	return text
}

// encoded mutates the text of a random member in base64url.
func encoded(change func(m *mutation, s string) string) func(*mutation, object) object {
	return func(m *mutation, o object) object {
		var at []int
		for i, f := range o {
			if slices.Contains(publicMembers, f.name) || slices.Contains(privateMembers, f.name) {
				at = append(at, i)
			}
		}
		if at == nil {
			return o
		}
		f := &o[oneOf(m, at)]
		if s := o.str(f.name); s != "" {
			f.value = quote(change(m, s))
		}
		return o
	}
}

// octets mutates the octets of a random member in base64url.
func octets(change func(m *mutation, b []byte) []byte) func(*mutation, object) object {
	return encoded(func(m *mutation, s string) string {
		return encode(change(m, loose64(s)))
	})
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// stated sets a member to one of these values, which are JSON texts.
func stated(name string, values ...string) func(*mutation, object) object {
	return func(m *mutation, o object) object { return o.with(name, oneOf(m, values)) }
}

// anyMember mutates a random member.
func anyMember(change func(m *mutation, o object, i int) object) func(*mutation, object) object {
	return func(m *mutation, o object) object {
		if len(o) == 0 {
			return o
		}
		return change(m, o, m.IntN(len(o)))
	}
}

// ofGroup replaces the key with one of a group and mutates it.
func ofGroup(group string, mutate func(*mutation, object) object) func(*mutation, object) object {
	return func(m *mutation, _ object) object { return mutate(m, slices.Clone(oneOf(m, m.groups[group]))) }
}

// certificate mutates the first certificate of a key and removes x5t and x5t#S256.
func certificate(change func(m *mutation, der []byte) string) func(*mutation, object) object {
	return ofGroup("certified", func(m *mutation, o object) object {
		chain := o.strs("x5c")
		chain[0] = change(m, loose64(chain[0]))
		return o.without("x5t", "x5t#S256").with("x5c", "["+strings.Join(quoted(chain...), ",")+"]")
	})
}

// quoted returns these strings as JSON.
func quoted(list ...string) []string {
	var texts []string
	for _, s := range list {
		texts = append(texts, quote(s))
	}
	return texts
}

const alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// power returns 2^n+add in base64url.
func power(n uint, add int64) string {
	v := new(big.Int).Lsh(big.NewInt(1), n)
	return quote(encode(v.Add(v, big.NewInt(add)).Bytes()))
}

// low are points of small order on Curve25519 and edwards25519, and integers that are not less
// than the prime.
var low = []string{
	strings.Repeat("00", 32), "01" + strings.Repeat("00", 31),
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ec" + strings.Repeat("ff", 30) + "7f", "ed" + strings.Repeat("ff", 30) + "7f", "ee" + strings.Repeat("ff", 31),
}

// mutators change a key. A mutator that does not apply to a key returns it unchanged.
var mutators = []struct {
	name   string
	mutate func(m *mutation, o object) object
}{
	// Members.
	{"drop", anyMember(func(_ *mutation, o object, i int) object { return slices.Delete(o, i, i+1) })},
	{"repeat", anyMember(func(_ *mutation, o object, i int) object { return append(o, o[i]) })},
	{"repeat with another value", anyMember(func(m *mutation, o object, i int) object {
		return append(o, field{o[i].name, oneOf(m, []string{`null`, `"AQAB"`, `""`})})
	})},
	{"rename", anyMember(func(_ *mutation, o object, i int) object { o[i].name += "_"; return o })},
	{"upper case", anyMember(func(_ *mutation, o object, i int) object { o[i].name = strings.ToUpper(o[i].name); return o })},
	{"D for d", func(_ *mutation, o object) object {
		if i := o.index("d"); i >= 0 {
			o[i].name = "D"
		}
		return o
	}},
	{"D that is a number", ofGroup("OKP X25519", func(_ *mutation, o object) object { return o.with("D", "1") })},
	{"add in upper case", anyMember(func(m *mutation, o object, i int) object {
		value := m.key().raw(o[i].name)
		if value == "" {
			value = `""`
		}
		return append(o, field{strings.ToUpper(o[i].name), value})
	})},
	{"null", anyMember(func(_ *mutation, o object, i int) object { o[i].value = "null"; return o })},
	{"another JSON type", anyMember(func(m *mutation, o object, i int) object {
		o[i].value = oneOf(m, []string{"65537", "true", "[]", "{}", "[" + o[i].value + "]", quote(o[i].value)})
		return o
	})},
	{"shuffle", func(m *mutation, o object) object {
		m.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
		return o
	}},
	{"of another key", func(m *mutation, o object) object {
		other := m.key()
		f := other[m.IntN(len(other))]
		return o.with(f.name, f.value)
	}},
	{"of another key, too", anyMember(func(m *mutation, o object, i int) object {
		if value := m.key().raw(o[i].name); value != "" {
			o[i].value = value
		}
		return o
	})},
	{"swap", func(m *mutation, o object) object {
		a, b := o.index(oneOf(m, []string{"x", "p", "dp", "n"})), o.index(oneOf(m, []string{"y", "q", "dq", "d"}))
		if a >= 0 && b >= 0 {
			o[a].value, o[b].value = o[b].value, o[a].value
		}
		return o
	}},
	{"private member", func(m *mutation, o object) object {
		return o.with(oneOf(m, privateMembers), oneOf(m, []string{`"c2VjcmV0"`, `"AQ"`, `""`}))
	}},
	{"public member of another type", func(m *mutation, o object) object {
		if name := oneOf(m, publicMembers); !o.has(name) {
			return o.with(name, oneOf(m, []string{`"AQ=="`, `"+/"`, `"AAAB"`, `65537`}))
		}
		return o
	}},
	{"number for e, alg unknown", ofGroup("OKP X25519", func(_ *mutation, o object) object { return o.with("e", "65537").with("alg", `"new"`) })},
	{"padding in n", ofGroup("AKP ", stated("n", `"AQ=="`))},
	{"public half", func(_ *mutation, o object) object { return o.without(privateMembers...) }},
	{"only d", ofGroup("RSA  d p", func(_ *mutation, o object) object { return o.without(privateMembers[1:]...) })},
	{"only d, unknown use", ofGroup("RSA  d p", func(_ *mutation, o object) object { return o.without(privateMembers[1:]...).with("use", `"new"`) })},
	{"only d of three primes", ofGroup("RSA  d p oth", func(_ *mutation, o object) object { return o.without(privateMembers[1:]...) })},
	{"some factors", func(m *mutation, o object) object {
		return o.without(oneOf(m, privateMembers), oneOf(m, privateMembers))
	}},
	{"unknown member", func(m *mutation, o object) object {
		value := oneOf(m, []string{
			`null`, `1e999999`, `123456789012345678901234567890`, `-0.0`, `"\u00e9\ud83d\ude00"`,
			strings.Repeat("[", 200) + strings.Repeat("]", 200), `{"a":{"b":[1,{"c":null}]}}`,
			`{"d":"c2VjcmV0"}`, `{"a":1,"a":2}`, `"\ud800"`, `"\u0000"`,
		})
		return o.with(oneOf(m, []string{"x-unknown", "issuer", "", "é", "K", "ext"}), value)
	}},
	{"crv", stated("crv", quoted("P-256", "P-384", "P-521", "P-224", "p-256", "secp256k1", "P-256K", "Ed25519", "X25519", "")...)},
	{"kty", stated("kty", quoted("RSA", "EC", "OKP", "oct", "AKP", "rsa", "DSA", "")...)},

	// Octets and their text.
	{"pad", encoded(func(_ *mutation, s string) string { return s + strings.Repeat("=", 4-len(s)%4) })},
	{"standard alphabet", encoded(func(_ *mutation, s string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(s) })},
	{"line break", encoded(func(m *mutation, s string) string {
		i := m.IntN(len(s) + 1)
		return s[:i] + oneOf(m, []string{"\n", "\r\n", "\r", " "}) + s[i:]
	})},
	{"stray bits", encoded(func(_ *mutation, s string) string {
		i := strings.IndexByte(alphabet64, s[len(s)-1])
		if len(s)%4 < 2 || i < 0 {
			return s
		}
		return s[:len(s)-1] + string(alphabet64[i^1])
	})},
	{"one more letter", encoded(func(_ *mutation, s string) string { return s + "A" })},
	{"empty", encoded(func(*mutation, string) string { return "" })},
	{"leading zero", octets(func(_ *mutation, b []byte) []byte { return append([]byte{0}, b...) })},
	{"trailing zeros", octets(func(_ *mutation, b []byte) []byte { return append(b, 0, 0) })},
	{"truncate", octets(func(m *mutation, b []byte) []byte { return b[:m.IntN(len(b)+1)] })},
	{"cut the first", octets(func(_ *mutation, b []byte) []byte { return b[min(1, len(b)):] })},
	{"all zero", octets(func(_ *mutation, b []byte) []byte { return make([]byte, len(b)) })},
	{"all ones", octets(func(_ *mutation, b []byte) []byte { return bytes.Repeat([]byte{255}, len(b)) })},
	{"flip a bit", octets(func(m *mutation, b []byte) []byte {
		if len(b) > 0 {
			b[m.IntN(len(b))] ^= 1 << m.IntN(8)
		}
		return b
	})},
	{"exponent", ofGroup("RSA ", stated("e", `"AA"`, `"AQ"`, `"Ag"`, `"Aw"`, `"AQAA"`, `"AAEAAQ"`, power(31, -1), power(31, 1), power(33, 1), power(32, 1), power(40, 1), power(63, 1), power(64, 65537), power(2100, 1)))},
	{"modulus", ofGroup("RSA ", stated("n", `"AA"`, `"AQ"`, power(1023, 1), power(2047, 1), power(2047, 2), power(2048, -1), power(8191, 1), power(8192, 1), power(16383, 1)))},
	{"scalar", ofGroup("EC P-256 d", func(m *mutation, o object) object {
		other := oneOf(m, m.groups["EC P-256 d"])
		return o.with("d", oneOf(m, []string{other.raw("d"), quote(encode(make([]byte, 32))), quote(encode(bytes.Repeat([]byte{255}, 32)))}))
	})},
	{"small order", func(m *mutation, o object) object {
		b, err := hex.DecodeString(oneOf(m, low))
		if err != nil || o.str("kty") != "OKP" {
			return o
		}
		return o.with("x", quote(encode(b)))
	}},
	{"other primes", ofGroup("RSA  d p oth", func(m *mutation, o object) object {
		return o.with("oth", oneOf(m, []string{`[]`, `{}`, `"AQAB"`, `[{}]`, `[null]`, `[1]`, `[{"r":"Aw","d":"AQ","t":"AQ"}]`, strings.Replace(o.raw("oth"), `"r":"`, `"r":"A`, 1)}))
	})},
	{"small t1", ofGroup("AKP ", func(m *mutation, o object) object {
		pub := o.octets("pub")
		t1 := pub[min(32, len(pub)):]
		copy(t1, bytes.Repeat(oneOf(m, [][]byte{{0}, {255}, {1, 4, 16, 64, 0}}), len(t1))) // coefficients of 0, 1023 or 1
		return o.with("pub", quote(encode(pub)))
	})},
	{"secret", func(m *mutation, o object) object {
		if !o.has("k") {
			return o
		}
		return o.with("k", quote(encode(make([]byte, oneOf(m, []int{1, 16, 24, 31, 32, 33, 48, 64, 65})))))
	}},

	// Attributes.
	{"alg", stated("alg", quoted("RS256", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448", "HS256", "HS512",
		"RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "A128KW", "A256KW", "A256GCM", "A128CBC-HS256", "dir",
		"ML-DSA-44", "ML-DSA-65", "rs256", "new", "")...)},
	{"alg none", stated("alg", `"none"`)},
	{"use", stated("use", append(quoted("sig", "enc", "sign", "SIG", "tls", ""), "null")...)},
	{"key_ops", stated("key_ops", `["sign"]`, `["verify"]`, `["sign","verify"]`, `["encrypt"]`, `["deriveKey","deriveBits"]`, `["deriveBits"]`,
		`["wrapKey","unwrapKey"]`, `["verify","verify"]`, `["verify","encrypt"]`, `["new"]`, `["new","new"]`, `[]`, `[null]`, `"sign"`)},
	{"usage", func(m *mutation, o object) object {
		for _, a := range stateable {
			if kind := (&input{object: o}).kind(); slices.Contains(strings.Fields(a.kinds), kind) && m.IntN(3) == 0 {
				o = o.with("alg", quote(oneOf(m, strings.Fields(a.names))))
			}
		}
		ops := oneOf(m, []string{`["sign"]`, `["verify"]`, `["decrypt"]`, `["unwrapKey"]`, `["deriveBits"]`})
		if o = o.with("key_ops", ops); m.IntN(2) == 0 {
			return o.with("use", oneOf(m, []string{`"sig"`, `"enc"`}))
		}
		return o.without("use")
	}},
	{"use of Ed25519 for X25519", ofGroup("OKP X25519", stated("use", `"sig"`))},
	{"use of X25519 for Ed25519", ofGroup("OKP Ed25519", stated("use", `"enc"`))},
	{"verify with X25519", ofGroup("OKP X25519", stated("key_ops", `["verify"]`))},
	{"verify, and again", ofGroup("RSA ", stated("key_ops", `["verify","verify"]`))},
	{"derivation", ofGroup("RSA ", stated("key_ops", `["deriveBits"]`, `["verify","deriveKey"]`))},
	{"RS256 to encrypt", ofGroup("RSA ", func(_ *mutation, o object) object {
		return o.without("use").with("alg", `"RS256"`).with("key_ops", `["encrypt"]`)
	})},
	{"kid", stated("kid", `""`, `"a\u0000b"`, `"\ud83d\ude00"`, `"\ud800"`, `1`, `null`, `"`+strings.Repeat("k", 5000)+`"`)},
	{"x5u", stated("x5u", `"https://issuer.example/x5u"`, `"http://issuer.example/%zz"`, `":"`, `""`, `1`)},
	{"iat", stated("iat", `1`, `"1"`, `null`, `1e400`)},
	{"exp", stated("exp", `1`, `1.5`, `-1`, `null`)},
	{"x5t", stated("x5t", append(quoted(encode(make([]byte, 20)), encode(make([]byte, 19)), strings.Repeat("0a", 20),
		encode([]byte(strings.Repeat("0A", 20))), encode(make([]byte, 20))+"=", ""), "null")...)},
	{"x5t#S256", stated("x5t#S256", append(quoted(encode(make([]byte, 32)), encode(make([]byte, 31)),
		encode([]byte(strings.Repeat("0a", 32))), strings.Repeat("+", 43), ""), "1")...)},
	{"x5c", stated("x5c", `[]`, `[""]`, `["AAAA"]`, `["MIIB"]`, `"MIIB"`, `[null]`, `[1]`, `null`)},
	{"x5c of another key", func(m *mutation, o object) object {
		return o.with("x5c", oneOf(m, m.groups["certified"]).raw("x5c"))
	}},
	{"bit of x5c", certificate(func(m *mutation, der []byte) string {
		der[m.IntN(len(der))] ^= 1 << m.IntN(8)
		return base64.StdEncoding.EncodeToString(der)
	})},
	{"BOOLEAN for a PrintableString in x5c", certificate(func(_ *mutation, der []byte) string {
		return base64.StdEncoding.EncodeToString(bytes.Replace(der, []byte{0x13}, []byte{0x01}, 1))
	})},
	{"octets after the key in x5c", certificate(func(_ *mutation, der []byte) string {
		// The beginning of a SubjectPublicKeyInfo: its length and the header of its algorithm.
		return base64.StdEncoding.EncodeToString(bytes.Replace(der, []byte("\x30\x82\x01\x22\x30\x0d"), []byte("\x30\x82\x01\x2a\x30\x0d"), 1))
	})},
	{"x5c in base64url", certificate(func(_ *mutation, der []byte) string { return base64.URLEncoding.EncodeToString(der) })},
	{"x5c with a line break", certificate(func(_ *mutation, der []byte) string {
		return base64.StdEncoding.EncodeToString(der[:60]) + "\n" + base64.StdEncoding.EncodeToString(der[60:])
	})},
	{"x5t of no certificate", ofGroup("certified", stated("x5t", quote(encode(make([]byte, 20)))))},
	{"use and alg unknown", func(_ *mutation, o object) object { return o.with("use", `"new"`).with("alg", `"new"`) }},
	{"use unknown, iat beyond float64", func(_ *mutation, o object) object { return o.with("use", `"new"`).with("iat", "1e400") }},
	{"x5u and alg unknown", func(_ *mutation, o object) object { return o.with("x5u", `":"`).with("alg", `"new"`) }},
}

// edits change the text of a key.
var edits = []struct {
	name string
	edit func(m *mutation, text []byte) []byte
}{
	{"byte order mark", func(_ *mutation, text []byte) []byte { return append([]byte("\uFEFF"), text...) }},
	{"trailing text", func(m *mutation, text []byte) []byte {
		return append(text, oneOf(m, []string{"x", "{}", " null", "]", "\x00", "\n"})...)
	}},
	{"white space", func(m *mutation, text []byte) []byte {
		return bytes.ReplaceAll(text, []byte(`":`), []byte(oneOf(m, []string{"\" :\n\t", "\" : ", "\"\v:", "\"\u00a0:"})))
	}},
	{"trailing comma", func(_ *mutation, text []byte) []byte { return append(bytes.TrimSuffix(text, []byte("}")), ",}"...) }},
	{"escaped name", func(m *mutation, text []byte) []byte {
		name := oneOf(m, []string{"kty", "crv", "x", "n", "d", "k", "alg"})
		return bytes.Replace(text, []byte(`"`+name+`":`), fmt.Appendf(nil, `"\u%04x%s":`, name[0], name[1:]), 1)
	}},
	{"escaped value", func(m *mutation, text []byte) []byte {
		return bytes.Replace(text, []byte(oneOf(m, []string{"A", "R", "E", "Q"})), []byte(oneOf(m, []string{`\u0041`, `\u0052`, `\/`})), 1)
	}},
	{"invalid UTF-8", func(m *mutation, text []byte) []byte {
		i := bytes.LastIndexByte(text, '"')
		if i < 0 {
			return text
		}
		return slices.Insert(text, i, []byte(oneOf(m, []string{"\xff", "\xc0\x80", "\xed\xa0\x80"}))...)
	}},
	{"control character", func(m *mutation, text []byte) []byte {
		i := bytes.LastIndexByte(text, '"')
		if i < 0 {
			return text
		}
		return slices.Insert(text, i, oneOf(m, []byte("\n\t\x00\x7f")))
	}},
	{"delete", func(m *mutation, text []byte) []byte { i := m.IntN(len(text)); return slices.Delete(text, i, i+1) }},
	{"cut", func(m *mutation, text []byte) []byte { return text[:m.IntN(len(text))] }},
	{"another octet", func(m *mutation, text []byte) []byte { text[m.IntN(len(text))] = byte(m.IntN(256)); return text }},
	{"in an array", func(_ *mutation, text []byte) []byte { return append(append([]byte("["), text...), ']') }},
}
