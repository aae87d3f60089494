package integration

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/davecgh/go-spew/spew"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/kylelemons/godebug/pretty"
	pelletier "github.com/pelletier/go-toml/v2"
	"github.com/sanity-io/litter"
	"github.com/stretchr/testify/assert"
	"github.com/vmihailenco/msgpack/v5"
	"gopkg.in/yaml.v3"

	"github.com/seed1f6cf2d3/jwk"
)

// secrets holds parts of private values in every form in which printers write them.
type secrets map[string]bool

// A part that consists of digits must be longer than a part of a text, because addresses and
// sizes consist of digits, too.
const (
	partOfText   = 8
	partOfDigits = 16
)

// add adds the private members at any depth of a JSON value.
func (s secrets) add(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if text, ok := inner.(string); ok && slices.Contains([]string{"d", "p", "q", "dp", "dq", "qi", "k", "priv", "r", "t"}, name) {
				s.addText(text)
			}
			s.add(inner)
		}
	case []any:
		for _, inner := range value {
			s.add(inner)
		}
	}
}

// addText adds a value in base64url, in every form in which printers write its octets.
func (s secrets) addText(text string) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	s.addParts(partOfText, text, base64.RawStdEncoding.EncodeToString(b), string(b))
	digits := hex.EncodeToString(b)
	s.addParts(partOfDigits, digits, strings.ToUpper(digits), new(big.Int).SetBytes(b).String(), strings.Trim(fmt.Sprint(b), "[]"))
	s.addParts(partOfDigits, strings.ReplaceAll(strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte"), "0x", ""))
}

// addParts adds every part of the given size of each form.
func (s secrets) addParts(size int, forms ...string) {
	for _, form := range forms {
		for i := 0; i+size <= len(form); i++ {
			s[form[i:i+size]] = true
		}
	}
}

// firstIn returns the first part of a secret that a text shows, or "". Printers write octets on
// separate lines or between commas, so it also searches the text with single blanks between them.
func (s secrets) firstIn(text string) string {
	fields := strings.FieldsFunc(strings.ReplaceAll(text, "- ", " "), func(c rune) bool { return c <= ' ' || c == ',' })
	for _, text := range []string{text, strings.Join(fields, " ")} {
		for _, size := range []int{partOfText, partOfDigits} {
			for i := 0; i+size <= len(text); i++ {
				if s[text[i:i+size]] {
					return text[i : i+size]
				}
			}
		}
	}
	return ""
}

// privateKeys returns the fixtures and their secrets.
func privateKeys(t *testing.T) (map[string]*jwk.Key, secrets) {
	t.Helper()
	data, err := os.ReadFile("../testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	keys, hidden := make(map[string]*jwk.Key), make(secrets)
	for name, text := range texts {
		k, err := jwk.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var o any
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		keys[name] = k
		hidden.add(o)
	}
	return keys, hidden
}

// A reader passes a value to fmt, an encoder, a printer or a comparer, and returns the output.
type reader struct {
	name string
	read func(value any) string
}

// other returns the zero value of the type of a value, to compare the two.
func other(value any) any { return reflect.Zero(reflect.TypeOf(value)).Interface() }

// A failure collects the messages of a failed assertion of testify.
type failure struct{ text string }

func (f *failure) Errorf(format string, args ...any) { f.text += fmt.Sprintf(format, args...) }

func asserted(assert func(t assert.TestingT)) string {
	var f failure
	assert(&f)
	return f.text
}

// wrote returns the output of an encoder with its error. An encoder may write a part before it
// fails.
func wrote(b []byte, err error) string { return fmt.Sprintf("%s%v", b, err) }

// callers call methods with which a value decides what it shows.
var callers = []reader{
	{"fmt", func(value any) string {
		var out string
		for _, verb := range "vsqxXdtbocOeEfFgGUTz" {
			for _, flags := range []string{"", "+", "#"} {
				out += fmt.Sprintf("%"+flags+string(verb), value)
			}
		}
		return out
	}},
	{"log/slog", func(value any) string {
		var buf bytes.Buffer
		slog.New(slog.NewTextHandler(&buf, nil)).Info("x", "value", value)
		slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "value", value)
		return buf.String()
	}},
	{"encoding/json", func(value any) string { return wrote(json.Marshal(value)) }},
	{"encoding/xml", func(value any) string { return wrote(xml.Marshal(value)) }},
	{"encoding/gob", func(value any) string {
		var buf bytes.Buffer
		err := gob.NewEncoder(&buf).Encode(value)
		return wrote(buf.Bytes(), err)
	}},
	{"yaml.v3", func(value any) string { return wrote(yaml.Marshal(value)) }},
	{"BurntSushi/toml", func(value any) string {
		var buf bytes.Buffer
		err := toml.NewEncoder(&buf).Encode(value)
		return wrote(buf.Bytes(), err)
	}},
	{"pelletier/go-toml", func(value any) string { return wrote(pelletier.Marshal(value)) }},
	{"msgpack", func(value any) string { return wrote(msgpack.Marshal(value)) }},
	{"go-spew", func(value any) string {
		return spew.Sdump(value) + spew.Sprintf("%v %+v %#v %#+v", value, value, value, value)
	}},
	{"godebug/pretty, stringers", func(value any) string {
		return (&pretty.Config{PrintStringers: true, PrintTextMarshalers: true}).Sprint(value)
	}},
}

// walkers read all fields by reflection and call no methods.
var walkers = []reader{
	{"fmt with %p", func(value any) string { return fmt.Sprintf("%p %+p %#p", value, value, value) }},
	{"go-spew, no methods", func(value any) string {
		c := spew.ConfigState{DisableMethods: true, Indent: " ", SpewKeys: true}
		return c.Sdump(value) + c.Sprintf("%v %#+v", value, value)
	}},
	{"go-spew, no methods of pointers", func(value any) string {
		c := spew.ConfigState{DisablePointerMethods: true, Indent: " "}
		return c.Sdump(value) + c.Sprintf("%v %#+v", value, value)
	}},
	{"godebug/pretty", func(value any) string {
		return pretty.Sprint(value) + pretty.Compare(value, other(value))
	}},
	{"godebug/pretty, unexported fields", func(value any) string {
		c := &pretty.Config{IncludeUnexported: true, Diffable: true}
		return c.Sprint(value) + c.Compare(value, other(value))
	}},
	{"godebug/pretty, unexported fields and stringers", func(value any) string {
		return (&pretty.Config{IncludeUnexported: true, PrintStringers: true, PrintTextMarshalers: true}).Sprint(value)
	}},
	{"go-cmp", func(value any) string {
		all := cmp.Exporter(func(reflect.Type) bool { return true })
		return fmt.Sprint(cmp.Equal(value, value, all)) + cmp.Diff(value, other(value), all) + cmp.Diff([]any{value}, []any{1}, all)
	}},
	{"litter", func(value any) string {
		return litter.Sdump(value) + litter.Options{Compact: true, StripPackageNames: true, DisablePointerReplacement: true}.Sdump(value)
	}},
	{"testify", func(value any) string {
		return asserted(func(t assert.TestingT) {
			assert.Equal(t, value, other(value))
			assert.EqualValues(t, other(value), value)
			assert.Same(t, &value, value)
			assert.Nil(t, value)
			assert.Empty(t, value)
			assert.Contains(t, []any{value}, 1)
			assert.ElementsMatch(t, []any{value}, []any{other(value)})
			assert.Subset(t, []any{value}, []any{1})
			assert.IsType(t, 1, value)
		})
	}},
	{"reflect.DeepEqual", func(value any) string {
		return fmt.Sprint(reflect.DeepEqual(value, value), reflect.DeepEqual(value, other(value)))
	}},
}

// holders returns values that hold a key or a set in different places.
func holders(k *jwk.Key, s *jwk.Set) map[string]any {
	type fields struct {
		Name string
		K    jwk.Key
		P    *jwk.Key
		S    jwk.Set
		Q    *jwk.Set
	}
	type unexported struct {
		name string
		k    jwk.Key
		p    *jwk.Key
		s    jwk.Set
		q    *jwk.Set
		a    any
		l    []jwk.Key
		m    map[string]*jwk.Key
	}
	_, notFound := s.Find(context.Background(), jwk.Query{Algorithm: "none"})
	hidden := unexported{"x", *k, k, *s, s, *k, []jwk.Key{*k}, map[string]*jwk.Key{"a": k}}
	return map[string]any{
		"key": *k, "pointer to a key": k, "set": *s, "pointer to a set": s,
		"fields": fields{"x", *k, k, *s, s}, "pointer to fields": &fields{"x", *k, k, *s, s},
		"unexported fields": hidden, "pointer to unexported fields": &hidden,
		"nested": struct{ inner any }{struct{ inner *unexported }{&hidden}},
		"slice":  []jwk.Key{*k}, "slice of pointers": []*jwk.Key{k, k}, "slice of sets": []jwk.Set{*s},
		"map": map[string]jwk.Key{"a": *k}, "map of pointers": map[string]*jwk.Key{"a": k}, "map of interfaces": map[string]any{"a": *s},
		"recipient": jwk.EncryptOptions{Recipient: k}, "options": &jwk.DecryptOptions{Key: k},
		"mismatch": jwk.NotFoundError{Closest: []jwk.Mismatch{{Key: k}}}, "diff": jwk.NewSet().Diff(s), "not found": notFound,
	}
}

// exposing returns values that hold a PrivateKey in different places.
func exposing(k *jwk.Key) map[string]any {
	p := jwk.PrivateKey{Key: *k}
	return map[string]any{
		"private key": p, "pointer to a private key": &p, "private key in a field": struct{ P jwk.PrivateKey }{p},
		"private key in an unexported field": struct{ p *jwk.PrivateKey }{&p}, "private keys": []jwk.PrivateKey{p}, "map of private keys": map[string]any{"a": &p},
	}
}

// byItsMethod are the readers that write a PrivateKey in every place, because this is its
// purpose. The reader log/slog includes the JSON handler, which marshals a struct with
// encoding/json.
var byItsMethod = []string{"encoding/json", "yaml.v3", "log/slog"}

// readAll passes a value to each reader. It fails the test if a reader panics or shows a secret.
func readAll(t *testing.T, what string, value any, hidden secrets, readers ...reader) {
	t.Helper()
	for _, r := range readers {
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Errorf("%s: %s panics: %v", what, r.name, p)
				}
			}()
			if text := r.read(value); hidden.firstIn(text) != "" {
				t.Errorf("%s: %s shows the secret %q in %.2000s", what, r.name, hidden.firstIn(text), text)
			}
		}()
	}
}

// TestReflection passes private keys to printers, comparers and encoders. If it fails, one of
// them does not return, or a log or a failed test of a user shows a private key.
func TestReflection(t *testing.T) {
	keys, hidden := privateKeys(t)
	everyone := slices.Concat(callers, walkers)
	for name, k := range keys {
		t.Run(name, func(t *testing.T) {
			for what, value := range holders(k, jwk.NewSet(k)) {
				readAll(t, what, value, hidden, everyone...)
			}
			k.Thumbprint()
			k.PublicKey()
			for what, value := range holders(k, jwk.NewSet(k)) {
				readAll(t, "used, "+what, value, hidden, walkers...)
			}
			for what, value := range exposing(k) {
				readers := slices.DeleteFunc(slices.Clone(everyone), func(r reader) bool { return slices.Contains(byItsMethod, r.name) })
				readAll(t, what, value, hidden, readers...)
			}
			readAll(t, "logged", jwk.PrivateKey{Key: *k}, hidden, callers[1])
			for _, alg := range registered(t) {
				if signer, err := k.JOSESigner(alg); err == nil {
					readAll(t, "JOSESigner", signer, hidden, everyone...)
				}
				if v, err := jwk.FindJOSEVerifier(t.Context(), jwk.NewSet(k, k), jose.Header{Algorithm: string(alg)}); err == nil {
					readAll(t, "FindJOSEVerifier", v, hidden, everyone...)
				}
			}
		})
	}
	t.Run("a signer of secp256k1", func(t *testing.T) {
		signer, err := jwk.As[crypto.Signer](keys["secp256k1"])
		if err != nil {
			t.Fatal(err)
		}
		for what, value := range map[string]any{
			"alone": signer, "field": struct{ S crypto.Signer }{signer}, "unexported field": struct{ s crypto.Signer }{signer},
			"slice": []crypto.Signer{signer}, "value": reflect.ValueOf(signer).Elem().Interface(),
		} {
			readAll(t, what, value, hidden, everyone...)
		}
	})
}

// A vault stands in for a driver of a key store. Printers that reach it show its PIN.
type vault struct {
	pin    string
	signer crypto.Signer
}

func (v *vault) Public() crypto.PublicKey { return v.signer.Public() }

func (v *vault) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return v.signer.Sign(rand, digest, opts)
}

// TestReflectionOfHolders: printers do not reach the crypto.Signer of a key. If the test fails,
// logs can show the credentials of a key store.
func TestReflectionOfHolders(t *testing.T) {
	keys, hidden := privateKeys(t)
	const pin = "correct horse battery staple 4711"
	hidden.addParts(partOfText, pin)
	everyone := slices.Concat(callers, walkers)
	for name, k := range keys {
		signer, err := k.Signer()
		if err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			// A member can hide a private key, so printers must not reach the text of the key
			// either.
			for _, attrs := range []*jwk.Attributes{{KeyID: name}, {Extra: map[string]any{"backup": json.RawMessage(`{"kty":"oct","k":"AAAA"}`)}}} {
				held, err := jwk.New(&vault{pin, signer}, attrs)
				if err != nil {
					t.Fatal(err)
				}
				if held, err = held.WithKeyID("held"); err != nil {
					t.Fatal(err)
				}
				held.Thumbprint()
				held.PublicKey()
				for what, value := range holders(held, jwk.NewSet(held)) {
					readAll(t, what, value, hidden, everyone...)
				}
				for _, alg := range registered(t) {
					if signer, err := held.JOSESigner(alg); err == nil {
						readAll(t, "JOSESigner", signer, hidden, everyone...)
					}
				}
			}
		})
	}
}

// TestReflectionOfSets: printers show no private key that is in a skipped entry, in a member
// of the set or in an unregistered member of a key.
func TestReflectionOfSets(t *testing.T) {
	keys, hidden := privateKeys(t)
	text := func(k *jwk.Key) string {
		b, err := k.MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	public, err := keys["P-256"].Public()
	if err != nil {
		t.Fatal(err)
	}
	entry, private := text(public), text(keys["Ed448"])
	for name, set := range map[string]string{
		"skipped":  `{"keys":[` + entry + `,{"kty":"X","d":` + private + `},` + strings.Replace(private, `{`, `{"alg":"none",`, 1) + `]}`,
		"a member": `{"keys":[` + entry + `],"backup":` + private + `}`,
		"a key":    `{"keys":[` + strings.Replace(entry, `{`, `{"backup":`+private+`,`, 1) + `]}`,
		"many":     `{"keys":[` + strings.Repeat(entry+`,`, 10) + private + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, err := jwk.ParseSet([]byte(set))
			if err != nil {
				t.Fatal(err)
			}
			for what, value := range holders(s.At(0), s) {
				readAll(t, what, value, hidden, slices.Concat(callers, walkers)...)
			}
			readAll(t, "Skipped", s.Skipped(), hidden, callers...)
			for _, skipped := range s.Skipped() {
				readAll(t, "Skipped", skipped, hidden, callers...)
				readAll(t, "Skipped in a struct", struct{ S *jwk.Skipped }{&skipped}, hidden, callers...)
			}
		})
	}
}

// TestReflectionFinds: the other tests would prove nothing if the readers showed no secrets at
// all.
func TestReflectionFinds(t *testing.T) {
	hidden := make(secrets)
	const text = "D3eUXn7vlOPdKAJPSBXpckh2liTEeXSUxJTKrcpa0a4"
	hidden.addText(text)
	octets, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	type holder[T any] struct{ K T }
	for _, r := range slices.Concat(callers, walkers) {
		if r.name == "reflect.DeepEqual" {
			continue // writes nothing
		}
		for _, value := range []any{holder[string]{text}, holder[[]byte]{octets}} {
			if _, octets := value.(holder[[]byte]); octets && (r.name == "go-cmp" || r.name == "encoding/xml") {
				continue // these readers omit the middle of a list and values that are not text
			}
			if hidden.firstIn(r.read(value)) == "" {
				t.Errorf("%s: no secret found in %.500s", r.name, r.read(value))
			}
		}
	}
	for _, r := range walkers {
		if r.name == "godebug/pretty" || r.name == "reflect.DeepEqual" || r.name == "fmt with %p" {
			continue
		}
		if value := (struct{ k *struct{ text string } }{&struct{ text string }{text}}); hidden.firstIn(r.read(value)) == "" {
			t.Errorf("%s: no secret found behind unexported fields in %.500s", r.name, r.read(value))
		}
	}
}

// TestEncodersKeepPassphrases: encoders of other packages do not write passphrases in options,
// private X448 keys or skipped entries. If it fails, a dump of a configuration shows secrets.
func TestEncodersKeepPassphrases(t *testing.T) {
	keys, hidden := privateKeys(t)
	const passphrase = "correct horse battery staple"
	hidden.addParts(partOfText, passphrase, base64.StdEncoding.EncodeToString([]byte(passphrase)))
	hidden.addText(base64.RawURLEncoding.EncodeToString([]byte(passphrase)))
	x448, err := jwk.As[jwk.X448PrivateKey](keys["X448"])
	if err != nil {
		t.Fatal(err)
	}
	for what, value := range map[string]any{
		"options to encrypt":            jwk.EncryptOptions{Passphrase: []byte(passphrase), PBES2Count: 1000},
		"pointer to options to encrypt": &jwk.EncryptOptions{Passphrase: []byte(passphrase)},
		"options to decrypt":            jwk.DecryptOptions{Passphrase: []byte(passphrase), MaxPBES2Count: 1000},
		"fields": struct {
			Name string
			E    jwk.EncryptOptions
			D    *jwk.DecryptOptions
			K    jwk.X448PrivateKey
		}{"x", jwk.EncryptOptions{Passphrase: []byte(passphrase)}, &jwk.DecryptOptions{Passphrase: []byte(passphrase)}, x448},
		"X448 key":          x448,
		"field":             struct{ K jwk.X448PrivateKey }{x448},
		"slice":             struct{ L []jwk.X448PrivateKey }{[]jwk.X448PrivateKey{x448}},
		"map":               map[string]jwk.X448PrivateKey{"a": x448},
		"skipped JSON":      jwk.Skipped{JSON: []byte(`"` + passphrase + `"`)},
		"skipped PEM":       &jwk.Skipped{PEM: []byte(passphrase)},
		"skipped in a list": struct{ L []jwk.Skipped }{[]jwk.Skipped{{PEM: []byte(passphrase)}}},
	} {
		readAll(t, what, value, hidden, callers...)
	}
}
