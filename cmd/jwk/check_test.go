package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

const (
	privateKey = `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"a","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	secretKey  = `{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kid":"b","alg":"HS256"}`
)

// TestURL: everyone can fetch what is at a URL. So a private key there has a note, and check
// refuses it without --public.
func TestURL(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"keys":[` + privateKey + `,` + secretKey + `,{"kty":"X"}]}`))
	}))
	defer server.Close()
	code, stdout, stderr := command("", "inspect", "--json", server.URL)
	if code != exitYes || !strings.Contains(stderr, "2 keys, 1 entry skipped") {
		t.Errorf("inspect: got %d, %q", code, stderr)
	}
	d := decode(t, stdout)
	if len(d.Notes) != 2 || d.Notes[0].Code != "private-at-url" || d.Notes[1].Code != "private-at-url" ||
		d.Notes[1].Note != "a symmetric key at a URL: replace it, because others may have it" {
		t.Errorf("got %+v, want private-at-url for both keys", d.Notes)
	}
	code, stdout, _ = command("", "check", server.URL)
	want := "/keys/0/d (kid a): private: a private key, want public keys only (RFC 7517, Section 9.2)\n" +
		"/keys/1/k (kid b): private: a symmetric key, want public keys only (RFC 7517, Section 9.2)\n" +
		"/keys/2/kty: unsupported: key type \"X\", want RSA, EC, OKP, oct or AKP (RFC 7518, Section 6.1)\n"
	if code != exitNo || stdout != want {
		t.Errorf("check: got %d\n%s\nwant %d\n%s", code, stdout, exitNo, want)
	}
}

// TestCheckAgreesWithTheStrictParser: check has a reason exactly if the strict parser of package jwk
// refuses a key, and its reasons include the one of that parser. If it fails, check says yes to a
// set that strict verifiers refuse.
func TestCheckAgreesWithTheStrictParser(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "reports", "*.json"))
	if err != nil || len(files) < 15 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, name := range append(files, provider) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set, err := jwk.ParseSet(data)
		if err != nil {
			continue // a single key or another text
		}
		_, stdout, _ := command("", "check", "--json", name)
		var v verdict
		if err := json.Unmarshal([]byte(stdout), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		refused, found := make(map[int]bool), make(map[int]bool)
		for _, s := range set.Skipped() {
			refused[s.Index] = true
		}
		for _, r := range v.Reasons {
			if r.Index != nil {
				found[*r.Index] = true
			}
		}
		for i := range set.Len() + len(set.Skipped()) {
			if refused[i] && !found[i] {
				t.Errorf("%s: key %d: check has no reason, and the strict parser refuses it", name, i)
			}
		}
	}
}

// TestCheckGivesTheStrictReason: if the lenient parser repairs a value and then refuses it for
// another reason, the reason of the strict parser is there too.
func TestCheckGivesTheStrictReason(t *testing.T) {
	_, stdout, _ := command(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`, "check", "-")
	for _, want := range []string{"/x: invalid: 1 octet, want 32 for P-256 (", "/x: invalid: x and y are not a point on P-256 ("} {
		if !strings.Contains(stdout, want) {
			t.Errorf("got %q, want %q in it", stdout, want)
		}
	}
}

// TestLimitsHaveNoRule: a limit of this program on a document is not the rule of a standard.
func TestLimitsHaveNoRule(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"keys", `{"keys":[` + strings.Repeat("{},", 10000) + `{}]}`, "/keys: policy: more than 10000 keys\n"},
		{"levels", `{"keys":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, "levels"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, _ := command(tc.text, "check", "-")
			if code != exitNo || !strings.Contains(stdout, tc.want) || strings.Contains(stdout, "RFC") {
				t.Errorf("got %d, %q, want %d, %q and no RFC", code, stdout, exitNo, tc.want)
			}
		})
	}
}

// TestCheckInventsNoCurve: the material that stands in for a key without a fitting curve must not be a
// reason itself.
func TestCheckInventsNoCurve(t *testing.T) {
	for key, want := range map[string]string{
		`{"kty":"OKP","x":"AA"}`:                             "/crv: invalid: missing",
		`{"kty":"EC","crv":"Ed25519","x":"AA","y":"AA"}`:     `/crv: unsupported: curve "Ed25519"`,
		`{"kty":"OKP","crv":"P-256","x":"AA"}`:               `/crv: unsupported: curve "P-256"`,
		`{"kty":"EC","crv":5,"x":"AA","y":"AA","use":"sig"}`: "/crv: ",
	} {
		_, stdout, _ := command(key, "check", "-")
		if !strings.HasPrefix(stdout, want) || strings.Count(stdout, "\n") != 1 {
			t.Errorf("%s: got %q, want one line that begins with %q", key, stdout, want)
		}
	}
}

// TestCheckFindsEveryReason: if an entry has one error in each of its members, all are found.
func TestCheckFindsEveryReason(t *testing.T) {
	members := []struct{ good, bad, path string }{
		{`"use":"sig"`, `"use":1`, "/use"},
		{`"key_ops":["verify"]`, `"key_ops":["verify","verify"]`, "/key_ops"},
		{`"alg":"EdDSA"`, `"alg":"ES256"`, "/alg"},
		{`"kid":"a"`, `"kid":{}`, "/kid"},
		{`"x5u":"https://example.com"`, `"x5u":1`, "/x5u"},
		{`"x5t":"AAAAAAAAAAAAAAAAAAAAAAAAAAA"`, `"x5t":{}`, "/x5t"},
		{`"exp":1`, `"exp":null`, "/exp"},
		{`"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`, `"x":"AA"`, "/x"},
	}
	// Each subset of errors, as the bits of a number.
	for subset := range 1 << len(members) {
		entry := `{"kty":"OKP","crv":"Ed25519"`
		var want []string
		for i, m := range members {
			if subset>>i&1 == 1 {
				entry += "," + m.bad
				want = append(want, m.path)
			} else {
				entry += "," + m.good
			}
		}
		e := &examination{text: []byte(entry + "}"), head: headOf([]byte(entry + "}")), samples: make(samples)}
		got := make(map[string]int)
		reasons := e.reasons()
		for _, r := range reasons {
			got[r.Path]++
		}
		if len(reasons) != len(want) {
			t.Fatalf("%s: got %v, want %v", entry, reasons, want)
		}
		for _, path := range want {
			if got[path] != 1 {
				t.Fatalf("%s: got %v, want one reason for %s", entry, reasons, path)
			}
		}
	}
}

// TestCheckFindsAReasonOnce: an error that stays after a member was replaced is not repeated.
func TestCheckFindsAReasonOnce(t *testing.T) {
	large := strings.Repeat("_", 1400) // 8400 bits
	for entry, want := range map[string]string{
		`{"kty":"RSA","n":"` + large + `","e":"AQAB"}`:                    "/n",
		`{"kty":"RSA","n":"_____w","e":"AQAB"}`:                           "/n",
		`{"kty":"RSA","e":"AQAB","use":1}`:                                "/n /use",
		`{"kty":"RSA","kty":"RSA"}`:                                       "/kty /e",
		`{"kty":"oct","k":"","alg":1}`:                                    "/k",
		`{"kty":"AKP","alg":"X","kid":1}`:                                 "/alg",
		`{"a":{"b":1,"b":2},"kty":"oct","k":"AAAA"}`:                      "the key",
		`{"kty":"EC","crv":"P-256","x":"AA","y":"AA","use":"","x5c":[1]}`: "/x /x /use",
	} {
		e := &examination{text: []byte(entry), head: headOf([]byte(entry)), samples: make(samples)}
		var got []string
		for _, r := range e.reasons() {
			got = append(got, cmp.Or(r.Path, "the key"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got reasons for %q, want %q", entry, strings.Join(got, " "), want)
		}
	}
}

// TestNoteCodesAreDocumented: programs can rely only on the codes that the help lists.
func TestNoteCodesAreDocumented(t *testing.T) {
	source, err := os.ReadFile("notes.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`noteCode = "([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 15 {
		t.Fatalf("got %d codes in notes.go, want all", len(codes))
	}
	_, listed, _ := strings.Cut(newInspect().Long, "The codes of notes:")
	listed, _, _ = strings.Cut(listed, "\n\n")
	words := strings.Fields(strings.NewReplacer(",", " ", ".", " ").Replace(listed))
	if len(words) != len(codes) {
		t.Errorf("got %d codes in the help, want %d", len(words), len(codes))
	}
	for _, code := range codes {
		if !strings.Contains(" "+strings.Join(words, " ")+" ", " "+code[1]+" ") {
			t.Errorf("inspect --help does not list %s", code[1])
		}
	}
}

// TestHelpWidth: help is read on a terminal of 80 columns.
func TestHelpWidth(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
			if line = strings.TrimRight(line, "\n"); len(line) > 80 {
				t.Errorf("%s: got %d columns in %q, want at most 80", cmd.Name(), len(line), line)
			}
		}
	}
}

// TestCheckReports: these files were reported by users of many libraries. The golden file has what
// check says about each, for a reader to judge.
func TestCheckReports(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "reports")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "reports") {
			continue // these describe the others
		}
		code, stdout, stderr := command("", "check", noPassphrase, "--at", "2026-06-01", filepath.Join(dir, e.Name()))
		if code == exitTrouble { // encrypted; the text depends on the system
			stderr = ""
		}
		fmt.Fprintf(&all, "%s: exit code %d\n%s%s\n", e.Name(), code, stdout, strings.ReplaceAll(stderr, dir+string(filepath.Separator), ""))
	}
	golden(t, "reports.txt", all.String())
}

// TestHostileName: the name of a file is quoted on each way out (Z04).
func TestHostileName(t *testing.T) {
	dir := t.TempDir()
	for content, wantCode := range map[string]int{privateKey: exitYes, `{"keys":[7]}`: exitNo, `{"keys":[`: exitNo, `{"keys":[]}`: exitNo} {
		name := filepath.Join(dir, "a\x1b[31m\n\u202e.json")
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"inspect", "check"} {
			code, stdout, stderr := command("", verb, name)
			if code != wantCode && (verb != "check" || content != `{"keys":[]}`) {
				t.Errorf("%s of %s: exit code: got %d, want %d", verb, content, code, wantCode)
			}
			checkTable(t, stdout)
			checkPlain(t, stderr)
			if strings.Contains(stderr, "31m") && !strings.Contains(stderr, `a\x1b[31m\n\u202e.json`) {
				t.Errorf("%s of %s: got %q, want the name with escapes", verb, content, stderr)
			}
		}
	}
}

// A set with many refused keys must not take as long as making a key for each: it makes one for
// each algorithm and curve.
func TestSamples(t *testing.T) {
	j := &judgment{d: new(input.Document), samples: make(samples)}
	for _, test := range []struct {
		head keyHead
		want int // samples after the entry
	}{
		{keyHead{Type: jwk.AKP, Algorithm: jwk.MLDSA87}, 1},
		{keyHead{Type: jwk.EC, Curve: jwk.CurveP256}, 2},
		{keyHead{Type: jwk.EC, Curve: jwk.CurveP256, Algorithm: jwk.ES256}, 2},
		{keyHead{Type: jwk.OKP, Curve: jwk.CurveEd25519}, 3},
	} {
		head := test.head
		entry := fmt.Sprintf(`{"kty":%q,"alg":%q,"crv":%q,"x":"","y":"","pub":""}`, head.Type, head.Algorithm, head.Curve)
		j.skipped(&jwk.Skipped{JSON: []byte(entry), Err: jwk.ErrSyntax})
		if got := len(j.samples); got != test.want {
			t.Errorf("%v: got %d samples, want %d", head, got, test.want)
		}
		first, ok := j.samples.material(head)
		again, _ := j.samples.material(head)
		if !ok || string(first["x"])+string(first["pub"]) != string(again["x"])+string(again["pub"]) {
			t.Errorf("%v: got %v and %v, want the same material", head, first, again)
		}
	}
	for _, head := range []keyHead{
		{Type: jwk.Oct},
		{Type: jwk.AKP, Algorithm: jwk.RS256}, // an RSA key would take long
		{Type: jwk.AKP, Algorithm: "ML-DSA-1"},
		{Type: jwk.EC, Curve: "P-1"}, // P-256 stands in
		{Type: jwk.RSA},
	} {
		_, ok := j.samples.material(head)
		if want := head.Type == jwk.RSA || head.Type == jwk.EC; ok != want || len(j.samples) != 3 {
			t.Errorf("%v: got %v and %d samples, want %v and 3", head, ok, len(j.samples), want)
		}
	}
}
