package jwk

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// keyTypesDocument has the table of key types for users. Each line begins with the kty and the
// names of the kinds.
const keyTypesDocument = "README.md"

// TestKinds: if this fails, a new kind of key lacks a part that is easy to forget: a fixture, a
// line in the documentation, a thumbprint, a form in DER or noDER, or a case in newGoKey.
func TestKinds(t *testing.T) {
	fixtures := fixturesByKind(t)
	document, err := os.ReadFile(keyTypesDocument)
	if err != nil {
		t.Fatal(err)
	}
	selectors := make(map[KeyType]memberID)
	for _, row := range kinds {
		t.Run(string(row.kty)+" "+row.name(), func(t *testing.T) {
			selector, _ := row.selector()
			if before, ok := selectors[row.kty]; ok && (before != selector || selector == mKty) {
				t.Errorf("got the selector %s, another row of %s has %s: want one selector for all rows of a key type", selector, row.kty, before)
			}
			selectors[row.kty] = selector
			if !documented(string(document), row) {
				t.Errorf("%s: the table of key types has no line for this kind", keyTypesDocument)
			}
			if row.draftSeed != "" && (row.kty != AKP || row.draftSeed != draftSeedName) {
				t.Errorf("private.go does not look for %q in %s keys", row.draftSeed, row.kty)
			}
			if row.noDER != (len(row.algorithms) == 0) {
				t.Errorf("got %d names in DER and noDER %v, want either names or noDER", len(row.algorithms), row.noDER)
			}
			checkKindGenerated(t, row)
			if len(fixtures[row.kind]) == 0 {
				t.Fatalf("testdata/keys.json has no key of this kind")
			}
			for _, text := range fixtures[row.kind] {
				checkKindFixture(t, row, text)
			}
		})
	}
}

// fixturesByKind returns the keys of testdata/keys.json by their kinds.
func fixturesByKind(t *testing.T) map[*kind][]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	fixtures := make(map[*kind][]json.RawMessage)
	for name, text := range all {
		k, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		fixtures[k.kind] = append(fixtures[k.kind], text)
	}
	return fixtures
}

// documented reports whether a table in a document has a line for a kind.
func documented(document string, row *kindRow) bool {
	for line := range strings.Lines(document) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.TrimSpace(cells[1]) != string(row.kty) {
			continue
		}
		if selector, _ := row.selector(); selector == mKty ||
			slices.Contains(strings.Split(strings.TrimSpace(cells[2]), ", "), row.name()) {
			return true
		}
	}
	return false
}

// checkKindGenerated checks that Generate makes a key of the kind for one of its algorithms.
func checkKindGenerated(t *testing.T, row *kindRow) {
	t.Helper()
	for _, spec := range algSpecs {
		curve := Curve("")
		if spec.curves != nil {
			curve = row.crv
		}
		if spec.stated || !spec.onCurve(curve) || kindFor(spec.kty, curve, spec.alg) != row {
			continue
		}
		k, err := Generate(spec.alg, &GenerateOptions{Curve: curve})
		if err != nil || k.kind != row.kind || !k.private || !k.Supports(spec.alg) {
			t.Errorf("Generate(%s): got %v, %v, want a key of this kind: add a case to newGoKey", spec.alg, k, err)
		}
		return
	}
	t.Errorf("the table of algorithms has no row for keys of this kind")
}

// checkKindFixture checks the thumbprint of a key against a result of encoding/json and
// crypto/sha256, and checks that ParseDER reads both forms in DER.
func checkKindFixture(t *testing.T, row *kindRow, text []byte) {
	t.Helper()
	k, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	// RFC 7638, Section 3.2; RFC 8037, Section 2; RFC 9964, Section 6.
	required := map[KeyType][]string{
		RSA: {"e", "kty", "n"}, EC: {"crv", "kty", "x", "y"}, OKP: {"crv", "kty", "x"}, Oct: {"k", "kty"}, AKP: {"alg", "kty", "pub"},
	}[row.kty]
	if required == nil {
		t.Fatalf("the required members of %s are not in this test", row.kty)
	}
	hashed := make(map[string]any)
	for _, name := range required {
		hashed[name] = all[name]
	}
	canonical, err := json.Marshal(hashed) // in the order of the names
	if err != nil {
		t.Fatal(err)
	}
	if got, want := k.Thumbprint(), Thumbprint(sha256.Sum256(canonical)); got != want {
		t.Errorf("Thumbprint: got %v, want %v", got, want)
	}

	if row.noDER {
		if der, err := k.MarshalPrivateDER(); err == nil {
			t.Errorf("MarshalPrivateDER: got %d octets, want an error: the row says noDER", len(der))
		}
		return
	}
	private, err := k.MarshalPrivateDER()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseDER(private); err != nil || !got.Equal(k) || got.kind != k.kind {
		t.Errorf("ParseDER of the PrivateKeyInfo: got %v, %v, want %v", got, err, k)
	}
	public, err := k.MarshalDER()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseDER(public)
	if err != nil || got.private || got.Thumbprint() != k.Thumbprint() {
		t.Errorf("ParseDER of the SubjectPublicKeyInfo: got %v, %v, want the public half of %v", got, err, k)
	}
	if row.kty == EC || row.kty == OKP { // DER may leave out the public key
		d, _ := decode64(nil, []byte(all["d"].(string)))
		if x, err := derivation(row)(d); err != nil || !bytes.Equal(x, k.material().spki().key) {
			t.Errorf("derivation: got %x, %v, want the public key: the family needs a method derive", x, err)
		}
	}
	if info := k.material().spki(); !k.material().certified(&info) || !bytes.Contains(public, info.key) {
		t.Error("certified: got false for the key's own SubjectPublicKeyInfo")
	}
}

// TestKindForUnknown: if this fails, Generate or a reader of DER gets the row of another kind,
// and not nil.
func TestKindForUnknown(t *testing.T) {
	for _, want := range []struct {
		kty KeyType
		crv Curve
		alg Algorithm
	}{{AKP, "", ""}, {AKP, "", "ML-KEM-768"}, {EC, "", ""}, {OKP, CurveP256, ""}, {"X", "", ""}} {
		if got := kindFor(want.kty, want.crv, want.alg); got != nil {
			t.Errorf("kindFor(%v): got the row of %s, want nil", want, got.name())
		}
	}
}
