package jwk_test

import (
	"bytes"
	"crypto"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A walker visits values as some loggers and comparison libraries do: it follows every pointer,
// interface, map, slice and field, including unexported fields, and calls no methods.
type walker struct {
	text strings.Builder // the strings and numbers that it has found
	open map[visit]bool  // the visits that have begun and not ended
	loop string          // the path to a value that contains itself
}

// A visit identifies the value behind a pointer, map or slice. It includes the type, because a
// struct and its first field have the same address.
type visit struct {
	typ  reflect.Type
	at   uintptr
	size int
}

// walk returns a walker that has visited a value.
func walk(value any) *walker {
	w := &walker{open: make(map[visit]bool)}
	w.walk(reflect.ValueOf(&value).Elem(), "value")
	return w
}

// walk visits v, which is at path.
func (w *walker) walk(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		here := visit{typ: v.Type(), at: v.Pointer()}
		if v.Kind() == reflect.Slice {
			here.size = v.Len()
		}
		if w.open[here] && !v.IsNil() && !(v.Kind() == reflect.Slice && v.Len() == 0) {
			w.loop = path
			return
		}
		w.open[here] = true
		defer delete(w.open, here)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			w.walk(v.Elem(), "(*"+path+")")
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			w.walk(value, path+"."+field.Name)
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			w.walk(key, path+" key")
			w.walk(value, path+"[]")
		}
	case reflect.Slice, reflect.Array:
		w.numbers(v)
		for i := range v.Len() {
			w.walk(v.Index(i), path+"[]")
		}
	case reflect.String:
		w.text.WriteString(v.String() + "\n")
	}
}

// numbers writes the octets of a list of unsigned integers, each in big-endian order. It writes
// the list forward and backward, because big.Int stores its words in little-endian order.
func (w *walker) numbers(v reflect.Value) {
	if kind := v.Type().Elem().Kind(); kind < reflect.Uint || kind > reflect.Uintptr {
		return
	}
	size := int(v.Type().Elem().Size())
	var list [][]byte
	for i := range v.Len() {
		octets := make([]byte, size)
		for j, n := size-1, v.Index(i).Uint(); j >= 0; j, n = j-1, n>>8 {
			octets[j] = byte(n)
		}
		list = append(list, octets)
	}
	w.text.Write(bytes.Join(list, nil))
	w.text.WriteByte('\n')
	slices.Reverse(list)
	w.text.Write(bytes.Join(list, nil))
	w.text.WriteByte('\n')
}

// check checks that the walker found no loop and no secret.
func (w *walker) check(t *testing.T, hidden secrets) {
	t.Helper()
	if w.loop != "" {
		t.Errorf("%s contains itself", w.loop)
	}
	hidden.check(t, w.text.String())
}

// TestWalkerFinds: if this fails, the walker overlooks loops or secrets, and the tests that use
// it prove nothing.
func TestWalkerFinds(t *testing.T) {
	type node struct {
		next any
		list []*node
	}
	loop, list := new(node), new(node)
	loop.next = map[string]any{"a": &loop.next}
	list.list = []*node{nil, list}
	for name, value := range map[string]any{"through a map": loop, "through a slice": list} {
		if walk(struct{ n any }{value}).loop == "" {
			t.Errorf("%s: got no loop, want one", name)
		}
	}
	twice := new(node)
	if got := walk([]*node{twice, twice, {next: twice}}).loop; got != "" {
		t.Errorf("got a loop at %s, want no loop through a value that occurs twice", got)
	}

	for _, name := range fixtureNames {
		o := fixture(t, name)
		hidden := newSecrets()
		hidden.add(o)
		private := o.key(t).PrivateKey()
		for what, value := range map[string]any{"the text": struct{ s string }{string(o.json(t))}, "the Go key": struct{ k any }{private}} {
			if strings.HasPrefix(name, "ML-DSA") && what == "the Go key" {
				continue // where crypto/mldsa stores the seed depends on its version
			}
			if hidden.in(walk(value).text.String()) == "" {
				t.Errorf("%s: got no secret in %s, want one", name, what)
			}
		}
	}
}

// everyKey returns private and symmetric keys of all types, and the secrets of these keys.
func everyKey(t *testing.T) ([]*jwk.Key, secrets) {
	t.Helper()
	hidden := newSecrets()
	var keys []*jwk.Key
	for _, name := range fixtureNames {
		o := fixture(t, name).with("kid", name)
		hidden.add(o)
		keys = append(keys, o.key(t))
	}
	return keys, hidden
}

// everySet returns, by name, a set for each place where a set can hold a secret. It builds them
// from keys and from further fixtures.
func everySet(t *testing.T, keys []*jwk.Key) map[string]*jwk.Set {
	t.Helper()
	all := privateText(t, jwk.NewSet(keys...))
	entry, private := string(public(t, "P-256").json(t)), string(fixture(t, "P-384").json(t))
	skipped := string(fixture(t, "P-384").with("alg", "none").json(t))
	hiding := string(object{"kty": "X", "backup": fixture(t, "Ed25519")}.json(t))
	parsed := func(text string) *jwk.Set { return parsedSet(t, new(jwk.Parser), text) }
	return map[string]*jwk.Set{
		"private keys":        jwk.NewSet(keys...),
		"parsed private keys": parsed(all),
		"skipped keys":        parsed(setOf(entry, skipped, hiding)),
		"a hiding member":     parsed(`{"keys":[` + entry + `],"backup":` + private + `}`),
		"a member added":      setWithMember(t, jwk.NewSet(public(t, "P-256").key(t)), "backup", fixture(t, "P-384")),
		"a hiding key":        parsed(setOf(string(public(t, "P-256").with("backup", fixture(t, "Ed448")).json(t)))),
		"many keys":           parsed(setOf(slices.Repeat([]string{entry, private}, 10)...)),
		// In the parsed document, the text of this key is next to the texts of private keys.
		"a public key": jwk.NewSet(parsed(strings.Replace(all, "[", "["+entry+",", 1)).At(0)),
	}
}

// setWithMember returns s with a member added.
func setWithMember(t *testing.T, s *jwk.Set, name string, value any) *jwk.Set {
	t.Helper()
	s, err := s.WithMember(name, value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// use calls the methods that compute a value on their first call and keep it.
func use(s *jwk.Set) {
	for k := range s.All() {
		k.Thumbprint()
		k.PublicKey()
		s.Lookup(k.KeyID())
		s.LookupThumbprint(k.Thumbprint())
	}
	for range s.Select(jwk.Query{Use: jwk.UseSig}) {
	}
}

// TestReflectionEnds: if this fails, a library that prints or compares values by reflection
// recurses without end, or shows the secret of a key, a set or a signer.
func TestReflectionEnds(t *testing.T) {
	keys, hidden := everyKey(t)
	for i, k := range keys {
		t.Run(fixtureNames[i], func(t *testing.T) {
			for _, when := range []string{"new", "used"} {
				for what, value := range wrappings(k, jwk.NewSet(k)) {
					t.Run(when+" "+what, func(t *testing.T) { walk(value).check(t, hidden) })
				}
				use(jwk.NewSet(k))
			}
			if public, err := k.Public(); err == nil {
				use(jwk.NewSet(public))
				walk(public).check(t, hidden)
			}
		})
	}
	for name, s := range everySet(t, keys) {
		t.Run("set of "+name, func(t *testing.T) {
			for _, when := range []string{"new", "used"} {
				for what, value := range wrappings(s.At(0), s) {
					t.Run(when+" "+what, func(t *testing.T) { walk(value).check(t, hidden) })
				}
				use(s)
			}
		})
	}
	t.Run("signers", func(t *testing.T) {
		for _, tt := range []struct {
			name string
			alg  jwk.Algorithm
		}{
			{"RSA-2048", jwk.RS256}, {"P-256", jwk.ES256}, {"secp256k1", jwk.ES256K}, {"Ed25519", jwk.EdDSA}, {"Ed448", jwk.EdDSA},
			{"ML-DSA-44", jwk.MLDSA44}, {"oct-256", jwk.HS256},
		} {
			signer, err := fixture(t, tt.name).key(t).JOSESigner(tt.alg)
			if err != nil {
				t.Fatal(err)
			}
			walk(signer).check(t, hidden)
		}
		// A verifier of several keys, which tries each of them.
		secrets := jwk.NewSet(fixture(t, "oct-256").key(t), fixture(t, "oct-256").with("kid", "a").key(t))
		v, err := jwk.FindJOSEVerifier(t.Context(), secrets, jose.Header{Algorithm: "HS256"})
		if err != nil {
			t.Fatal(err)
		}
		walk(v).check(t, hidden)
		hidden.check(t, fmt.Sprintf("%v %+v %#v", v, v, v))
		_, err = secrets.Find(t.Context(), jwk.Query{Algorithm: jwk.HS512})
		walk(err).check(t, hidden)
	})
}

// TestSecp256k1SignerDoesNotPrint: this package implements the crypto.Signer of secp256k1
// itself. If this fails, a program that prints or logs the signer shows the private scalar,
// also with a printer that uses reflection and calls no methods.
func TestSecp256k1SignerDoesNotPrint(t *testing.T) {
	hidden := newSecrets()
	hidden.add(fixture(t, "secp256k1"))
	signer, err := jwk.As[crypto.Signer](fixture(t, "secp256k1").key(t))
	if err != nil {
		t.Fatal(err)
	}
	const want = "secp256k1 signer"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%e", "%U", "%z"} {
		if got := fmt.Sprintf(verb, signer); got != want {
			t.Errorf("Z01 %s: got %.100q, want %s", verb, got, want)
		}
		for _, value := range []any{struct{ S crypto.Signer }{signer}, struct{ s crypto.Signer }{signer}, []crypto.Signer{signer}, &signer, reflect.ValueOf(signer).Elem().Interface()} {
			hidden.check(t, fmt.Sprintf(verb, value))
		}
	}
	if got := signer.(fmt.Stringer).String() + ", " + signer.(fmt.GoStringer).GoString(); got != want+", "+want {
		t.Errorf("got %s, want %s twice", got, want)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "signer", signer)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "signer", signer)
	if hidden.check(t, log.String()); strings.Count(log.String(), want) != 2 {
		t.Errorf("slog: got %s, want %s twice", log.String(), want)
	}
	walk(signer).check(t, hidden)

	k, err := jwk.New(signer, nil)
	if err != nil || !k.Equal(fixture(t, "secp256k1").key(t)) {
		t.Errorf("New: got %v, %v, want the key of the signer", k, err)
	}
}

// TestEncodersSkipSecrets: if this fails, a program that encodes options or a skipped entry,
// such as in a log or a dump of its state, writes out the passphrase or the text of the entry.
func TestEncodersSkipSecrets(t *testing.T) {
	const secret = "correct horse battery staple"
	fields := map[reflect.Type][]string{
		reflect.TypeFor[jwk.EncryptOptions](): {"Passphrase"},
		reflect.TypeFor[jwk.DecryptOptions](): {"Passphrase"},
		reflect.TypeFor[jwk.Skipped]():        {"JSON", "PEM"},
	}
	for typ, names := range fields {
		for _, name := range names {
			field, ok := typ.FieldByName(name)
			if !ok {
				t.Fatalf("%v: no field %s", typ, name)
			}
			for _, tag := range []string{"json", "xml", "yaml", "toml", "msgpack", "cbor", "bson", "codec", "mapstructure"} {
				if got := field.Tag.Get(tag); got != "-" {
					t.Errorf("Z06 %v.%s: got tag %q for %s, want %q", typ, name, got, tag, "-")
				}
			}
		}
	}
	for _, value := range []any{
		jwk.EncryptOptions{Passphrase: []byte(secret)}, jwk.DecryptOptions{Passphrase: []byte(secret)},
		jwk.Skipped{JSON: []byte(`"` + secret + `"`)}, jwk.Skipped{PEM: []byte(secret)},
	} {
		pointer := reflect.New(reflect.TypeOf(value))
		pointer.Elem().Set(reflect.ValueOf(value))
		if got := value.(fmt.Stringer).String(); strings.Contains(got, secret) {
			t.Errorf("Z06 %T: got String %q, want a text without the secret", value, got)
		}
		list := reflect.Append(reflect.Zero(reflect.SliceOf(pointer.Type())), pointer)
		for _, value := range []any{value, pointer.Interface(), list.Interface()} {
			var buf bytes.Buffer
			checkError(t, gob.NewEncoder(&buf).Encode(value), jwk.ErrPrivate, "")
			json.NewEncoder(&buf).Encode(value)
			xml.NewEncoder(&buf).Encode(value)
			if got := buf.String(); strings.Contains(got, secret) {
				t.Errorf("Z06 %T: got %q, want a text without the secret", value, got)
			}
		}
	}
}

// TestDeepEqual: reflect.DeepEqual must compare public keys by their text, and must ignore
// values that were computed later, or tests of programs fail at random. It must not compare the
// secrets of private keys: a private key equals only copies of the same Key.
func TestDeepEqual(t *testing.T) {
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			o := fixture(t, name)
			k, same := o.key(t), o.key(t)
			if clone := *k; !reflect.DeepEqual(*k, clone) || !reflect.DeepEqual(k, &clone) {
				t.Error("a copy of a private key: got false, want true")
			}
			if reflect.DeepEqual(k, same) {
				t.Error("two private keys of one text: got true, want false, because DeepEqual must not compare secrets")
			}
			if name == "oct-256" {
				return
			}
			o = public(t, name)
			k, same = o.key(t), o.key(t)
			if k == same || !reflect.DeepEqual(k, same) || !reflect.DeepEqual(*k, *same) {
				t.Error("two public keys of one text: got false, want true")
			}
			use(jwk.NewSet(k))
			if !reflect.DeepEqual(k, same) {
				t.Error("two public keys of one text, the first of them used: got false, want true")
			}
			if reflect.DeepEqual(k, o.with("kid", "a").key(t)) {
				t.Error("another kid: got true, want false")
			}
		})
	}
	// Pairs of keys that differ only in their secret.
	for _, pair := range [][2]object{
		{{"kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAA"}, {"kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAQ"}},
		{public(t, "P-256").with("backup", object{"kty": "oct", "k": "AAAA"}), public(t, "P-256").with("backup", object{"kty": "oct", "k": "AAAB"})},
	} {
		k, other := pair[0].key(t), pair[1].key(t)
		if reflect.DeepEqual(k, other) || reflect.DeepEqual(jwk.NewSet(k), jwk.NewSet(other)) {
			t.Errorf("%v and another secret: got true, want false", k)
		}
	}
}

// TestDeepEqualSets is TestDeepEqual for sets. Sets with skipped entries or own members, which
// may be secret, equal only copies of the same Set.
func TestDeepEqualSets(t *testing.T) {
	for _, n := range []int{0, 3, 300} { // without and with an index
		text := string(benchSet(t, mixedKeys(t, n)))
		s, same := parsedSet(t, new(jwk.Parser), text), parsedSet(t, new(jwk.Parser), text)
		if !reflect.DeepEqual(s, same) || !reflect.DeepEqual(*s, *same) {
			t.Errorf("two sets of one text of %d keys: got false, want true", n)
		}
		use(s)
		if !reflect.DeepEqual(s, same) {
			t.Errorf("two sets of one text of %d keys, the first of them used: got false, want true", n)
		}
		if reflect.DeepEqual(s, s.With(public(t, "P-256").key(t))) {
			t.Errorf("%d keys and one more: got true, want false", n)
		}
	}
	entry := string(public(t, "P-256").json(t))
	for _, tt := range []struct{ name, text, other string }{
		{"a skipped entry", setOf(entry, `{"kty":"X"}`), setOf(entry, `{"kty":"Y"}`)},
		{"a member", `{"keys":[` + entry + `],"a":1}`, `{"keys":[` + entry + `],"a":2}`},
	} {
		s, other := parsedSet(t, new(jwk.Parser), tt.text), parsedSet(t, new(jwk.Parser), tt.other)
		if clone := *s; !reflect.DeepEqual(*s, clone) {
			t.Errorf("%s, a copy: got false, want true", tt.name)
		}
		if reflect.DeepEqual(s, other) || reflect.DeepEqual(s, parsedSet(t, new(jwk.Parser), tt.text)) {
			t.Errorf("%s, another set: got true, want false", tt.name)
		}
	}
}

// TestCopyIsTheSameKey: if this fails, a program that copies a Key or a Set by value gets a copy
// that computes its values again or does not equal the original.
func TestCopyIsTheSameKey(t *testing.T) {
	for _, o := range []object{fixture(t, "P-256"), public(t, "P-256")} {
		k := o.key(t)
		clone := *k
		if !clone.Equal(k) || clone.Thumbprint() != k.Thumbprint() || clone.String() != k.String() || clone.PublicKey() != k.PublicKey() {
			t.Errorf("got %v, want %v", clone, k)
		}
		if got := jwk.NewSet(&clone).At(0); got != k {
			t.Errorf("in a set: got %p, want %p, the key that Parse returned", got, k)
		}
		s := jwk.NewSet(k)
		copied := *s
		if copied.At(0) != k || copied.Len() != 1 {
			t.Errorf("a copied set: got %v, want %v", copied, s)
		}
	}
}
