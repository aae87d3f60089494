package jwk_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// fixtureNames are the names of the private keys in testdata/keys.json, at least one of each
// kind. They were generated for these tests and protect nothing.
var fixtureNames = []string{
	"RSA-2048", "RSA-3072", "RSA-2048-multi-prime",
	"P-256", "P-384", "P-521", "secp256k1",
	"Ed25519", "X25519", "Ed448", "X448",
	"ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "oct-256",
}

// An object is a JSON object from which a test builds the text of a JWK: values by member name.
type object map[string]any

// fixture returns the private key with a name from testdata/keys.json.
func fixture(t testing.TB, name string) object {
	t.Helper()
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]object
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	o, ok := all[name]
	if !ok {
		t.Fatalf("no fixture %q", name)
	}
	return o
}

// public returns the fixture with a name, without its private members.
func public(t testing.TB, name string) object {
	t.Helper()
	return fixture(t, name).without("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv")
}

// with returns a copy of o in which members are added or replaced. pairs are names and values in
// turn.
func (o object) with(pairs ...any) object {
	next := maps.Clone(o)
	for i := 0; i < len(pairs); i += 2 {
		next[pairs[i].(string)] = pairs[i+1]
	}
	return next
}

// without returns a copy of o from which members are removed.
func (o object) without(names ...string) object {
	next := maps.Clone(o)
	for _, n := range names {
		delete(next, n)
	}
	return next
}

// json returns the text of o, with the members sorted by name.
func (o object) json(t testing.TB) []byte {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// key returns the key of o. The test fails if Parse refuses it.
func (o object) key(t testing.TB) *jwk.Key {
	t.Helper()
	k, err := jwk.Parse(o.json(t))
	if err != nil {
		t.Fatalf("Parse(%s): %v", o.json(t), err)
	}
	return k
}

// errorKinds are the sentinel errors. Every error must match exactly one of them.
var errorKinds = []error{
	jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrUnsupported, jwk.ErrPolicy,
	jwk.ErrPrivate, jwk.ErrNotFound, jwk.ErrDecrypt,
}

// nameOf returns the name of the variable of a sentinel error.
func nameOf(kind error) string {
	return [...]string{"ErrSyntax", "ErrInvalid", "ErrUnsupported", "ErrPolicy", "ErrPrivate", "ErrNotFound", "ErrDecrypt"}[slices.Index(errorKinds, kind)]
}

// checkError checks that err matches the sentinel error want and no other, and that it has the
// path, unless path is "*".
func checkError(t testing.TB, err, want error, path string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %v", want)
	}
	for _, kind := range errorKinds {
		if got := errors.Is(err, kind); got != (kind == want) {
			t.Errorf("errors.Is(%q, %v): got %v, want %v", err, kind, got, kind == want)
		}
	}
	var e *jwk.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error of type %T, want *jwk.Error", err)
	}
	if path != "*" && string(e.Path) != path {
		t.Errorf("path of %q: got %q, want %q", err, e.Path, path)
	}
}

// checkRefused checks that the strict Parse refuses a text with an error of the kind want at
// path, and returns no key with it.
func checkRefused(t testing.TB, text []byte, want error, path string) {
	t.Helper()
	k, err := jwk.Parse(text)
	if k != nil {
		t.Errorf("got key %v, want nil", k)
	}
	checkError(t, err, want, path)
}

// mixedEntries returns the texts of n public keys, as providers publish them: RSA-2048, P-256
// and Ed25519 in turn.
func mixedEntries(t testing.TB, n int) []string {
	t.Helper()
	kinds := []object{
		public(t, "RSA-2048").with("use", "sig", "alg", "RS256"),
		public(t, "P-256").with("use", "sig", "alg", "ES256"),
		public(t, "Ed25519").with("use", "sig", "alg", "EdDSA"),
	}
	var entries []string
	for i := range n {
		entries = append(entries, string(kinds[i%len(kinds)].with("kid", fmt.Sprintf("key-%d", i)).json(t)))
	}
	return entries
}

// update reports whether tests rewrite the golden files and the tables in documents.
var update = flag.Bool("update", false, "rewrite the golden files and the tables in documents")

// golden checks that a text equals a file of testdata. With -update it writes the file first.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%sif the new lines are right, run: go test -run '%s$' -update .", path, lineDiff(string(want), string(got)), t.Name())
	}
}

// maxDiff is the maximum number of lines that lineDiff shows from each text.
const maxDiff = 20

// lineDiff returns the lines that only one of two texts has, each with its number: "-" marks a
// line of the first text, and "+" a line of the second.
func lineDiff(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var diff strings.Builder
	onlyIn(&diff, "-", a, b)
	onlyIn(&diff, "+", b, a)
	if diff.Len() == 0 {
		return "the same lines in another order\n"
	}
	return diff.String()
}

// onlyIn writes each line that occurs in a more often than in b.
func onlyIn(diff *strings.Builder, sign string, a, b []string) {
	left := make(map[string]int)
	for _, line := range b {
		left[line]++
	}
	found := 0
	for i, line := range a {
		if left[line]--; left[line] >= 0 {
			continue
		}
		if found++; found <= maxDiff {
			fmt.Fprintf(diff, "%s%d: %s\n", sign, i+1, line)
		}
	}
	if found > maxDiff {
		fmt.Fprintf(diff, "%s and %d more lines\n", sign, found-maxDiff)
	}
}

// TestLineDiff: if this fails, a test with a golden file does not show what has changed.
func TestLineDiff(t *testing.T) {
	for _, tt := range []struct{ before, after, want string }{
		{"a\nb\nc\n", "a\nx\nc\n", "-2: b\n+2: x\n"},
		{"a\nc\n", "a\nb\nc\n", "+2: b\n"},
		{"a\na\n", "a\n", "-2: a\n"},
		{"a\nb", "b\na", "the same lines in another order\n"},
		{strings.Repeat("a\n", maxDiff+2) + "b", "b", firstLines(maxDiff) + "- and 2 more lines\n"},
	} {
		if got := lineDiff(tt.before, tt.after); got != tt.want {
			t.Errorf("%q and %q: got %q, want %q", tt.before, tt.after, got, tt.want)
		}
	}
}

// firstLines returns the part of a diff for n removed lines "a" at the beginning of a text.
func firstLines(n int) (diff string) {
	for i := range n {
		diff += fmt.Sprintf("-%d: a\n", i+1)
	}
	return diff
}

// A document is a Markdown file with tables that tests check. With -update they rewrite the
// tables.
type document struct {
	name  string
	lines []string
	dirty bool // lines differ from the file
}

// openDocument reads a document. If a test changes it, the file is written when the test ends.
func openDocument(t *testing.T, name string) *document {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := &document{name: name, lines: strings.SplitAfter(string(data), "\n")}
	t.Cleanup(func() {
		if d.dirty {
			if err := os.WriteFile(name, []byte(strings.Join(d.lines, "")), 0o666); err != nil {
				t.Error(err)
			}
		}
	})
	return d
}

// row checks the first row of the document that begins with a prefix. If ok returns false for
// it, row replaces it by want with -update, and reports an error otherwise.
func (d *document) row(t *testing.T, prefix string, ok func(row string) bool, want string) {
	t.Helper()
	i := slices.IndexFunc(d.lines, func(line string) bool { return strings.HasPrefix(line, prefix) })
	switch {
	case i < 0:
		t.Errorf("%s has no row that begins with %q, want\n%s", d.name, prefix, want)
	case ok(d.lines[i]):
	case *update:
		d.lines[i], d.dirty = want+"\n", true
	default:
		t.Errorf("%s: got\n%swant\n%s\nto rewrite it, run: go test -run '%s$' -update .", d.name, d.lines[i], want, t.Name())
	}
}

// replace checks that the first text of the document that matches a pattern equals want. With
// -update it writes want instead.
func (d *document) replace(t *testing.T, pattern *regexp.Regexp, want string) {
	t.Helper()
	for i, line := range d.lines {
		switch got := pattern.FindString(line); {
		case got == "":
			continue
		case got == want:
		case *update:
			d.lines[i], d.dirty = pattern.ReplaceAllString(line, want), true
		default:
			t.Errorf("%s:%d: got %q, want %q: run go test -run '%s$' -update .", d.name, i+1, got, want, t.Name())
		}
		return
	}
	t.Errorf("%s: no text matches %q, want %q", d.name, pattern, want)
}

// parsed parses a set of n keys, without the default limits on its size.
func parsed(tb testing.TB, text []byte, n int) *jwk.Set {
	tb.Helper()
	s, err := (&jwk.Parser{MaxKeys: 1 << 20, MaxBytes: 1 << 30}).ParseSet(text)
	if err != nil {
		tb.Fatal(err)
	}
	if s.Len() != n {
		tb.Fatalf("got %d keys, want %d", s.Len(), n)
	}
	return s
}

// goKey returns the Go private key of a fixture, not shared with any Key.
func goKey[K any](t testing.TB, name string) K {
	t.Helper()
	key, ok := fixture(t, name).key(t).PrivateKey().(K)
	if !ok {
		t.Fatalf("%s is no %T", name, *new(K))
	}
	return key
}

// wide returns an integer as a member of width octets.
func wide(v *big.Int, width int) string {
	return encoded(v.FillBytes(make([]byte, width)))
}

// number returns the integer of a member.
func number(t testing.TB, o object, name string) *big.Int {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(o[name].(string))
	if err != nil {
		t.Fatal(err)
	}
	return new(big.Int).SetBytes(b)
}

// checkFuzzedError checks that err is an *Error of exactly one kind, with an offset within a
// document of size bytes. It returns the kind.
func checkFuzzedError(t *testing.T, err error, size int) error {
	t.Helper()
	i := slices.IndexFunc(errorKinds, func(kind error) bool { return errors.Is(err, kind) })
	if i < 0 {
		t.Fatalf("got error %q without a kind, want one", err)
	}
	checkError(t, err, errorKinds[i], "*")
	var e *jwk.Error
	if errors.As(err, &e) && (e.Offset < 0 || e.Offset > int64(size) || !e.Path.IsValid()) {
		t.Errorf("%q: got path %q and offset %d, want a valid path and an offset in a document of %d bytes", err, e.Path, e.Offset, size)
	}
	return errorKinds[i]
}

// checkFuzzedKey checks the properties of every key: parsing its text returns an equal key with
// the same text, and its public half carries nothing private. It returns the text.
func checkFuzzedKey(t *testing.T, k *jwk.Key) []byte {
	t.Helper()
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	// Lenient keeps a use that is at odds with alg. Strict reads the text without it.
	p := jwk.Parser{Lenient: slices.ContainsFunc(k.Deviations(), isUseAtOdds)}
	again, err := p.Parse(text)
	if err != nil {
		t.Fatalf("its own text %q is refused: %v", text, err)
	}
	if !again.Equal(k) || !k.Equal(again) || again.Thumbprint() != k.Thumbprint() {
		t.Errorf("Parse(%q): got another key than the one with this text", text)
	}
	if twice, err := again.MarshalPrivateJSON(); err != nil || !bytes.Equal(twice, text) {
		t.Errorf("got text %q, %v; want %q", twice, err, text)
	}
	private := carriesPrivate(t, text)
	if k.IsPrivate() && !private {
		t.Errorf("%v is private: got a text without private material: %q", k, text)
	}
	if published, err := k.MarshalJSON(); (err == nil) == private || err == nil && !bytes.Equal(published, text) {
		t.Errorf("MarshalJSON: got %q, %v of %v", published, err, k)
	}
	pub, err := k.Public()
	if k.Type() == jwk.Oct {
		if pub != nil || !errors.Is(err, jwk.ErrPrivate) {
			t.Errorf("Public: got %v, %v; want %v", pub, err, jwk.ErrPrivate)
		}
		return text
	}
	if err != nil {
		t.Fatalf("Public of %q: %v", text, err)
	}
	if pub.IsPrivate() || pub.Thumbprint() != k.Thumbprint() {
		t.Errorf("Public of %q: got %v", text, pub)
	}
	if kept, err := k.WithAttributes(k.Attributes()); err != nil || !kept.Equal(k) {
		t.Errorf("WithAttributes(k.Attributes()): got %v, %v; want an equal key", kept, err)
	}
	return text
}

// constantsOf returns the values of the constants of a string type in names.go, so that tests
// cover new constants.
func constantsOf[T ~string](t testing.TB) []T {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "names.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			if typ, ok := value.Type.(*ast.Ident); !ok || typ.Name != reflect.TypeFor[T]().Name() {
				continue
			}
			for i := range value.Names {
				s, err := strconv.Unquote(value.Values[i].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, T(s))
			}
		}
	}
	if len(all) < 2 {
		t.Fatalf("got constants %v", all)
	}
	return all
}

func algorithmConstants(t testing.TB) []jwk.Algorithm {
	t.Helper()
	all := constantsOf[jwk.Algorithm](t)
	if len(all) < 40 || !slices.Contains(all, jwk.A256CBCHS512) {
		t.Fatalf("got %d constants: %v", len(all), all)
	}
	return all
}

// A form is a Go type that As is asked for.
type form struct {
	typ reflect.Type
	as  func(*jwk.Key) (any, error)
}

var keyKinds = map[string]keyKind{
	"RSA-2048":             rsaExpected(2048),
	"RSA-3072":             rsaExpected(3072),
	"RSA-2048-multi-prime": rsaExpected(2048),
	"P-256":                ecExpected(jwk.CurveP256, 256),
	"P-384":                ecExpected(jwk.CurveP384, 384),
	"P-521":                ecExpected(jwk.CurveP521, 521),
	"Ed25519": {
		typ: jwk.OKP, crv: jwk.CurveEd25519, bits: 256, use: jwk.UseSig, ops: []string{"verify", "sign"}, pubOps: []string{"verify"},
		public: []form{edPublic}, private: []form{edPrivate, signer},
	},
	"X25519": {
		typ: jwk.OKP, crv: jwk.CurveX25519, bits: 256, use: jwk.UseEnc, ops: []string{"deriveKey", "deriveBits"},
		public: []form{ecdhPublic}, private: []form{ecdhPrivate},
	},
	"secp256k1": {
		typ: jwk.EC, crv: jwk.CurveSecp256k1, bits: 256, use: jwk.UseSig, ops: []string{"sign"}, pubOps: []string{"verify"},
		public: []form{secpPublic}, private: []form{secpPrivate, signer},
	},
	"Ed448": {
		typ: jwk.OKP, crv: jwk.CurveEd448, bits: 456, use: jwk.UseSig, ops: []string{"verify", "sign"}, pubOps: []string{"verify"},
		public: []form{ed448Public}, private: []form{ed448Private, signer},
	},
	"X448": {
		typ: jwk.OKP, crv: jwk.CurveX448, bits: 448, use: jwk.UseEnc, ops: []string{"deriveKey", "deriveBits"},
		public: []form{x448Public}, private: []form{x448Private},
	},
	"ML-DSA-44": akpExpected,
	"ML-DSA-65": akpExpected,
	"ML-DSA-87": akpExpected,
	"oct-256": {
		typ: jwk.Oct, bits: 256, use: jwk.UseSig, ops: []string{"sign", "verify"},
		private: []form{octets},
	},
}

// privateNames are the members that hold private material.
var privateNames = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// checkNoSecret checks that a text contains no secret.
func checkNoSecret(t *testing.T, what, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds private material %q: %s", what, secret, text)
		}
	}
}

// A holder holds a key in every way a struct may.
type holder struct {
	Value   jwk.Key
	Pointer *jwk.Key
	value   jwk.Key
	pointer *jwk.Key
	jwk.Key
}

// checkNotFound makes sure that err is a *NotFoundError and has only the kind ErrNotFound.
func checkNotFound(t testing.TB, err error) *jwk.NotFoundError {
	t.Helper()
	var e *jwk.NotFoundError
	if !errors.As(err, &e) {
		t.Fatalf("got error %v of type %T, want *jwk.NotFoundError", err, err)
	}
	for _, kind := range errorKinds {
		if got := errors.Is(err, kind); got != (kind == jwk.ErrNotFound) {
			t.Errorf("errors.Is(%q, %v): got %v", err, kind, got)
		}
	}
	return e
}

// setOf returns the text of a set with these entries, without white space.
func setOf(entries ...string) string { return `{"keys":[` + strings.Join(entries, ",") + `]}` }

// parsedSet parses a set. It fails the test if that is an error.
func parsedSet(t testing.TB, p *jwk.Parser, text string) *jwk.Set {
	t.Helper()
	s, err := p.ParseSet([]byte(text))
	if err != nil {
		t.Fatalf("ParseSet(%.300s): %v", text, err)
	}
	return s
}

// privateText returns the result of MarshalPrivateJSON.
func privateText(t testing.TB, s *jwk.Set) string {
	t.Helper()
	text, err := s.MarshalPrivateJSON()
	if err != nil {
		t.Fatalf("MarshalPrivateJSON: %v", err)
	}
	return string(text)
}

// kidsOf returns the kids of keys, "-" for a key without one.
func kidsOf(keys iter.Seq[*jwk.Key]) string {
	var kids []string
	for k := range keys {
		kid := "-"
		if _, ok := k.Member("kid"); ok {
			kid = k.KeyID()
		}
		kids = append(kids, kid)
	}
	return strings.Join(kids, " ")
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// Ways to spoil a text in base64url.
func padded(s string) string { return s + "===="[:(4-len(s)%4)%4] }

// deviation returns the one in a member, "" for the document.
func deviation(member string, code jwk.DeviationCode) jwk.Deviation {
	d := jwk.Deviation{Code: code}
	if member != "" {
		d.Path = d.Path.AppendToken(member)
	}
	return d
}

// A secrets finds private values in texts, whole or in part, and however they
// are written: base64url, hexadecimal, decimal.
type secrets map[string]bool // every part of one of these lengths

func newSecrets() secrets { return make(secrets) }

// add adds the private members of a key.
func (s secrets) add(o object) {
	for _, name := range privateNames {
		s.addValue(o[name])
	}
}

func (s secrets) addValue(value any) {
	switch value := value.(type) {
	case []any: // "oth"
		for _, element := range value {
			for _, inner := range element.(map[string]any) {
				s.addValue(inner)
			}
		}
	case string:
		b, err := base64.RawURLEncoding.DecodeString(value)
		if err != nil {
			panic(err)
		}
		s.addParts(partOfText, value, base64.RawStdEncoding.EncodeToString(b), string(b))
		text := hex.EncodeToString(b)
		s.addParts(partOfDigits, text, strings.ToUpper(text), new(big.Int).SetBytes(b).String(), fmt.Sprint(b))
	}
}

func (s secrets) addParts(size int, forms ...string) {
	for _, form := range forms {
		for i := 0; i+size <= len(form); i++ {
			s[form[i:i+size]] = true
		}
	}
}

// in returns the first part of a secret that is in a text, or "".
func (s secrets) in(text string) string {
	for _, size := range []int{partOfText, partOfDigits} {
		for i := 0; i+size <= len(text); i++ {
			if part := text[i : i+size]; s[part] {
				return part
			}
		}
	}
	return ""
}

// check makes sure that a text shows no part of a secret.
func (s secrets) check(t testing.TB, text string) {
	t.Helper()
	if len(s) == 0 {
		t.Fatal("no secrets to look for")
	}
	if part := s.in(text); part != "" {
		t.Fatalf("%.500q shows %q, which is private", text, part)
	}
}

func octOf(n int) object {
	return object{"kty": "oct", "k": encoded(bytes.Repeat([]byte{0xa5}, n))}
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func times(a, b *big.Int) *big.Int { return mod(new(big.Int).Mul(a, b)) }

// okpWith returns the text of a small public key with additional members, which are inserted
// verbatim.
func okpWith(members string) string {
	if members != "" {
		members = "," + members
	}
	return fmt.Sprintf(okpText, members)
}

// checkPlace checks that err has the kind want, the path and the offset of a value.
func checkPlace(t testing.TB, err, want error, path string, offset int) {
	t.Helper()
	checkError(t, err, want, path)
	var e *jwk.Error
	if errors.As(err, &e) && e.Offset != int64(offset) {
		t.Errorf("offset of %q: got %d, want %d", err, e.Offset, offset)
	}
}

// replaced returns s with every from replaced by to, or "" if s does not contain from.
func replaced(s, from, to string) string {
	if !strings.Contains(s, from) {
		return ""
	}
	return strings.ReplaceAll(s, from, to)
}

// theKey returns the one key of a set with nothing skipped.
func theKey(t testing.TB, s *jwk.Set, err error) *jwk.Key {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 1 || len(s.Skipped()) != 0 {
		t.Fatalf("got %v, skipped %v; want one key", s, s.Skipped())
	}
	return s.At(0)
}

// sameMembers reports whether two keys have the same members, in any order.
func sameMembers(t testing.TB, a, b *jwk.Key) bool {
	t.Helper()
	var values [2]any
	for i, k := range []*jwk.Key{a, b} {
		if err := json.Unmarshal([]byte(memberTexts(t, k)), &values[i]); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

// theSkipped returns why the one other block of a file that begins with goodPEM is skipped.
func theSkipped(t testing.TB, s *jwk.Set, err error) error {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 1 || len(s.Skipped()) != 1 {
		t.Fatalf("got %v, skipped %v; want one key and one skipped", s, s.Skipped())
	}
	return s.Skipped()[0].Err
}

// must returns a value that comes without an error.
func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// flipped returns a copy with an octet altered.
func flipped(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

// operations in the order of their bits.
var operations = []string{"sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"}

// memberTexts returns the members of a key in the order of their names.
func memberTexts(t testing.TB, k *jwk.Key) string {
	t.Helper()
	o := make(object)
	for name, value := range k.Members() {
		o[name] = json.RawMessage(value)
	}
	return string(o.json(t))
}

// secretTexts returns the texts that would show the private members of a key: the beginning of
// each as it is written, and the beginning of its octets in hexadecimal, in decimal, as a list
// and as they are.
func secretTexts(t testing.TB, o object) []string {
	t.Helper()
	const octets = 12 // too many to appear by chance
	var all []string
	add := func(text string) {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(b) < octets {
			t.Fatalf("a private member of %d octets, %v: want at least %d octets in base64url", len(b), err, octets)
		}
		head := b[:octets]
		all = append(all, text[:octets], base64.StdEncoding.EncodeToString(head),
			hex.EncodeToString(head), strings.ToUpper(hex.EncodeToString(head)),
			new(big.Int).SetBytes(b).String()[:2*octets],
			strings.Trim(fmt.Sprint(head), "[]"), strings.Trim(strings.ReplaceAll(fmt.Sprint(head), " ", ","), "[]"),
			strings.Trim(fmt.Sprintf("%#v", head), "[]byte{}"),
			string(head), strings.Trim(strconv.Quote(string(head)), `"`))
	}
	for _, name := range privateNames {
		switch v := o[name].(type) {
		case string:
			add(v)
		case []any: // oth
			for _, e := range v {
				for _, text := range e.(map[string]any) {
					add(text.(string))
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("no private members")
	}
	return all
}

// setText returns the text of a set with the given entries.
func setText(entries ...string) []byte {
	return []byte(setOf(entries...))
}
