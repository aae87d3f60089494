package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

func TestInspectProvider(t *testing.T) {
	for _, tc := range []struct {
		golden string
		args   []string
	}{
		{"provider.txt", []string{"inspect", provider}},
		{"provider80.txt", []string{"inspect", "--width", "80", provider}},
		{"provider.json", []string{"inspect", "--json", provider}},
	} {
		t.Run(tc.golden, func(t *testing.T) {
			code, stdout, stderr := command("", tc.args...)
			if code != exitYes {
				t.Errorf("exit code: got %d, want %d", code, exitYes)
			}
			if want := hintWeak + "\n15 keys, 5 entries skipped\n"; stderr != want {
				t.Errorf("stderr: got %q, want %q", stderr, want)
			}
			golden(t, tc.golden, stdout)
		})
	}
}

// The document of --json. decode refuses fields that are not here.
type document struct {
	Keys []struct {
		Index      int             `json:"index"`
		KeyID      *string         `json:"kid"`
		Type       string          `json:"kty"`
		Curve      string          `json:"crv"`
		Bits       int             `json:"bits"`
		Use        *string         `json:"use"`
		Ops        json.RawMessage `json:"key_ops"`
		Algorithm  *string         `json:"alg"`
		Private    bool            `json:"private"`
		Thumbprint string          `json:"thumbprint"`
		URI        string          `json:"thumbprint_uri"`
		IssuedAt   string          `json:"iat"`
		NotBefore  string          `json:"nbf"`
		Expires    string          `json:"exp"`
		Comment    string          `json:"comment"`
		Deviations []struct {
			Path string `json:"path"`
			Code string `json:"code"`
		} `json:"deviations"`
		Certificates []struct {
			Subject   string `json:"subject"`
			Issuer    string `json:"issuer"`
			NotBefore string `json:"not_before"`
			NotAfter  string `json:"not_after"`
			SHA256    string `json:"sha256"`
		} `json:"certificates"`
	} `json:"keys"`
	Skipped []struct {
		Index int     `json:"index"`
		KeyID *string `json:"kid"`
		Error string  `json:"error"`
		Rule  string  `json:"rule"`
		Kind  string  `json:"kind"`
	} `json:"skipped"`
	Notes []struct {
		Code  string  `json:"code"`
		Index *int    `json:"index"`
		KeyID *string `json:"kid"`
		Note  string  `json:"note"`
		Rule  string  `json:"rule"`
	} `json:"notes"`
}

func decode(t *testing.T, stdout string) document {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(stdout))
	dec.DisallowUnknownFields()
	var d document
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%v in:\n%s", err, stdout)
	}
	return d
}

// TestInspectTellsTheTruth compares the report with the file, which it reads only by encoding/json.
func TestInspectTellsTheTruth(t *testing.T) {
	data, err := os.ReadFile(provider)
	if err != nil {
		t.Fatal(err)
	}
	var text struct {
		Keys []any `json:"keys"`
	}
	if err := json.Unmarshal(data, &text); err != nil {
		t.Fatal(err)
	}
	_, stdout, _ := command("", "inspect", "--json", provider)
	d := decode(t, stdout)
	if got, want := len(d.Keys)+len(d.Skipped), len(text.Keys); got != want {
		t.Fatalf("entries: got %d, want %d", got, want)
	}
	member := func(o map[string]any, name string) string {
		s, ok := o[name].(string)
		if !ok {
			return "absent"
		}
		return "stated " + s
	}
	stated := func(s *string) string {
		if s == nil {
			return "absent"
		}
		return "stated " + *s
	}
	seen := make(map[int]bool)
	for _, k := range d.Keys {
		seen[k.Index] = true
		o := text.Keys[k.Index].(map[string]any)
		for name, got := range map[string]string{"kid": stated(k.KeyID), "use": stated(k.Use), "alg": stated(k.Algorithm)} {
			if want := member(o, name); got != want {
				t.Errorf("key %d: %s: got %s, want %s", k.Index, name, got, want)
			}
		}
		if k.Type != o["kty"] || k.Private {
			t.Errorf("key %d: got kty %s, private %v, want %v, false", k.Index, k.Type, k.Private, o["kty"])
		}
		if want, ok := o["crv"].(string); ok != (k.Curve != "") || k.Curve != want {
			t.Errorf("key %d: crv: got %q, want %q", k.Index, k.Curve, want)
		}
	}
	for _, s := range d.Skipped {
		seen[s.Index] = true
		o, _ := text.Keys[s.Index].(map[string]any)
		if got, want := stated(s.KeyID), member(o, "kid"); got != want {
			t.Errorf("skipped %d: kid: got %s, want %s", s.Index, got, want)
		}
	}
	if len(seen) != len(text.Keys) {
		t.Errorf("indexes: got %d different ones, want %d", len(seen), len(text.Keys))
	}
}

func TestSingleKey(t *testing.T) {
	const thumb = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" // RFC 7638, Section 3.1
	const n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	const key = `{"kty":"RSA","n":"` + n + `","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`

	for _, tc := range []struct {
		name       string
		text       string
		deviations string
	}{
		{"strict", key, "-"},
		{"largest document", key + strings.Repeat(" ", files.MaxBytes-len(key)), "-"},
		{"byte order mark", "\uFEFF" + key, "bom"},
		{"padding", strings.Replace(key, n, n+"==", 1), "/n padding"},
		{"padding behind a byte order mark", "\uFEFF" + strings.Replace(key, n, n+"==", 1), "/n padding, bom"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, stderr := command(tc.text, "inspect", "-")
			want := "INDEX\tKID\tTYPE\tUSE\tKEY_OPS\tALG\tHALF\tTHUMBPRINT\tDEVIATIONS\tIAT\tNBF\tEXP\tCOMMENT\n" +
				"0\t2011-04-29\tRSA 2048\t-\t-\tRS256\tpublic\t" + thumb + "\t" + tc.deviations + "\t-\t-\t-\t-\n"
			if code != exitYes || stdout != want || stderr != "1 key, 0 entries skipped\n" {
				t.Errorf("got %d, %q, and stdout\n%s\nwant\n%s", code, stderr, stdout, want)
			}
		})
	}

	t.Run("JSON", func(t *testing.T) {
		_, stdout, _ := command(key, "inspect", "-", "--json")
		want := `{
  "keys": [
    {
      "index": 0,
      "kid": "2011-04-29",
      "kty": "RSA",
      "bits": 2048,
      "alg": "RS256",
      "private": false,
      "thumbprint": "` + thumb + `",
      "thumbprint_uri": "urn:ietf:params:oauth:jwk-thumbprint:sha-256:` + thumb + `",
      "deviations": []
    }
  ],
  "skipped": [],
  "notes": []
}
`
		if stdout != want {
			t.Errorf("got\n%s\nwant\n%s", stdout, want)
		}
	})
}

// secrets returns the values of the private members of a key.
func secrets(t *testing.T, k *jwk.Key) []string {
	t.Helper()
	var values []string
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
		if v, ok := k.Member(name); ok {
			values = append(values, strings.Trim(string(v), `"`))
		}
	}
	if len(values) == 0 {
		t.Fatal("a private key without private members")
	}
	return values
}

func TestPrivate(t *testing.T) {
	for _, alg := range []jwk.Algorithm{jwk.RS256, jwk.ES256, jwk.EdDSA, jwk.HS256} {
		k, err := jwk.Generate(alg, &jwk.GenerateOptions{Attributes: jwk.Attributes{KeyID: "mine"}})
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		hidden := append(secrets(t, k), string(text))
		half, thumb := "private", k.Thumbprint().String()
		if alg == jwk.HS256 {
			half = "secret"
			hidden = append(hidden, thumb)
		}
		usable := `{"keys":[` + string(text) + `]}`
		broken := strings.Replace(string(text), `"kty":"`, `"kty":"un`, 1)
		contradiction := strings.Replace(string(text), `"alg":"`+string(alg), `"alg":"none`, 1)
		nested := `{"kty":"X","old":[{"kty":"EC","d":"` + secrets(t, k)[0] + `"}]}`

		for name, input := range map[string]string{
			"key": string(text), "set": usable, // all others are refused
			"unknown kty": broken, "set with unknown kty": `{"keys":[` + broken + `]}`,
			"contradiction": contradiction, "nested": nested,
			"duplicate member": `{"kid":"mine",` + string(text[1:]),
			"cut":              string(text[:len(text)-1]),
		} {
			for _, args := range [][]string{{"inspect", "-"}, {"inspect", "--json", "-"}} {
				t.Run(fmt.Sprint(alg, " ", name, " ", args), func(t *testing.T) {
					code, stdout, stderr := command(input, args...)
					for _, s := range hidden {
						if strings.Contains(stdout+stderr, s) {
							t.Errorf("got %q in the output", s)
						}
					}
					if name == "cut" { // this is not JSON, so there is no warning
						return
					}
					if !strings.Contains(stderr, "warning: private or symmetric key material at index 0: ") {
						t.Errorf("stderr: got %q, want a warning", stderr)
					}
					if name != "key" && name != "set" {
						if code != exitNo {
							t.Errorf("exit code: got %d, want %d", code, exitNo)
						}
						return
					}
					if code != exitYes {
						t.Errorf("exit code: got %d, want %d", code, exitYes)
					}
					if args[1] == "--json" {
						d := decode(t, stdout)
						if !d.Keys[0].Private || (d.Keys[0].Thumbprint == "") != (alg == jwk.HS256) || (d.Keys[0].URI == "") != (alg == jwk.HS256) {
							t.Errorf("got %+v", d.Keys[0])
						}
					} else if fields := cells(stdout, 1); fields[6] != half {
						t.Errorf("half: got %q, want %q in\n%s", fields[6], half, stdout)
					}
				})
			}
		}
	}
}

func TestWarningNamesEachIndex(t *testing.T) {
	public := `{"kty":"X"}`
	secret := `{"kty":"oct","k":"AAAA"}`
	hidden := `{"kty":"X","priv":"AAAA"}`
	for _, tc := range []struct{ keys, want string }{
		{secret + "," + public + "," + hidden + "," + secret, " 0, 2, 3: "},
		{public + strings.Repeat(","+secret, 9), " 1, 2, 3, 4, 5, 6, 7, 8 and 1 more: "},
		{public + strings.Repeat(","+hidden, 8), " 1, 2, 3, 4, 5, 6, 7, 8: "},
	} {
		_, _, stderr := command(`{"keys":[`+tc.keys+`]}`, "inspect", "-")
		if !strings.Contains(stderr, "at index"+tc.want) {
			t.Errorf("got %q, want %q in it", stderr, tc.want)
		}
	}
	within := `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","backup":{"kty":"EC","d":"AA"}}]}`
	if _, _, stderr := command(within, "inspect", "-"); !strings.Contains(stderr, "material at index 0") {
		t.Errorf("got %q, want a warning of a private member within another", stderr)
	}
	beside := `{"keys":[` + public + `],"backup":{"kty":"EC","d":"AA"}}`
	if _, _, stderr := command(beside, "inspect", "-"); !strings.Contains(stderr, "material beside the keys") {
		t.Errorf("got %q, want a warning of a private member beside the keys", stderr)
	}
	for _, harmless := range []string{
		strings.Replace(within, `"kty":"EC",`, "", 1), strings.Replace(within, `"AA"`, "null", 1),
		strings.Replace(beside, `"kty":"EC",`, "", 1), strings.Replace(beside, `"AA"`, `""`, 1),
	} {
		if _, _, stderr := command(harmless, "inspect", "-"); strings.Contains(stderr, "warning") {
			t.Errorf("%s: got %q, want no warning", harmless, stderr)
		}
	}
	if _, _, stderr := command(`{"keys":[`+public+`]}`, "inspect", "-"); strings.Contains(stderr, "warning") {
		t.Errorf("got %q, want no warning of a public entry", stderr)
	}
}

func TestKeyOps(t *testing.T) {
	for _, tc := range []struct{ ops, shown, json string }{
		{"", "-", ""},
		{`,"key_ops":null`, "-", ""}, // Lenient
		{`,"key_ops":[]`, "[]", `[]`},
		{`,"key_ops":["verify"]`, "verify", `["verify"]`},
		{`,"key_ops":["vote","verify"]`, "vote,verify", `["vote","verify"]`},
		{`,"key_ops":["1","2","3","4","5","6","7","8"]`, "1,2,3,4,5,6,7,8", `["1","2","3","4","5","6","7","8"]`},
		{`,"key_ops":["1","2","3","4","5","6","7","8","9"]`, "1,2,3,4,5,6,7,8,...", `["1","2","3","4","5","6","7","8","9"]`},
	} {
		input := `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"` + tc.ops + `}` // RFC 8037, Appendix A.2
		_, stdout, _ := command(input, "inspect", "-")
		if got := cells(stdout, 1); len(got) < 5 || got[4] != tc.shown {
			t.Errorf("%s: got\n%s\nwant %s", tc.ops, stdout, tc.shown)
		}
		_, stdout, _ = command(input, "inspect", "--json", "-")
		var compact bytes.Buffer
		if raw := decode(t, stdout).Keys[0].Ops; raw != nil {
			if err := json.Compact(&compact, raw); err != nil {
				t.Fatal(err)
			}
		}
		if compact.String() != tc.json {
			t.Errorf("%s: JSON: got %s, want %s", tc.ops, compact.String(), tc.json)
		}
	}
}

// TestSkipped: --json gives the kind of each error, and the place of skipped entries among the
// keys.
func TestSkipped(t *testing.T) {
	const good = `{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}` // RFC 8037, Appendix A.6
	entries := []struct{ text, error, kind string }{
		{`{"kty":1}`, "/kty: a number, want a string", "syntax"},
		{good, "", ""},
		{`{"kty":"OKP","crv":"X25519"}`, "/x: missing", "invalid"},
		{`{"kty":"OKP","crv":"X\"1"}`, `/crv: curve of 3 octets, want Ed25519, X25519, Ed448 or X448`, "unsupported"},
		{good, "", ""},
		{`{"kty":"RSA","e":"AQAB","n":"_____w"}`, "/n: 32 bits, want at least 2048", "policy"},
		{`null`, "null, want an object", "syntax"},
		{`{"kty":"oct","a/b~":{},"a/b~":{}}`, "duplicate member name", "syntax"},
	}
	order := rand.Perm(len(entries))
	var texts []string
	for _, i := range order {
		texts = append(texts, entries[i].text)
	}
	input := `{"keys":[` + strings.Join(texts, ",") + `]}`
	code, stdout, stderr := command(input, "inspect", "--json", "-")
	if code != exitYes || stderr != hintWeak+"\n2 keys, 6 entries skipped\n" {
		t.Errorf("got %d, %q", code, stderr)
	}
	d := decode(t, stdout)
	keys, skipped := d.Keys, d.Skipped
	for index, i := range order {
		e := entries[i]
		if e.error == "" {
			if len(keys) == 0 || keys[0].Index != index {
				t.Fatalf("keys of %s: got\n%s\nwant one at %d", input, stdout, index)
			}
			keys = keys[1:]
			continue
		}
		if len(skipped) == 0 || skipped[0].Index != index || skipped[0].Error != e.error || skipped[0].Kind != e.kind {
			t.Fatalf("skipped of %s: got\n%s\nwant %q, %s at %d", input, stdout, e.error, e.kind, index)
		}
		skipped = skipped[1:]
	}
	if len(keys) != 0 || len(skipped) != 0 {
		t.Errorf("got %d keys and %d skipped entries more than there are", len(keys), len(skipped))
	}
}

// TestKeyAsInSet: a single key has the same report as the same key in a set.
func TestKeyAsInSet(t *testing.T) {
	for _, input := range []string{
		`{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}`,
		`{"kty":"RSA"}`, `{}`, `{"kty":"OKP","kty":"OKP"}`, ` { "kty" : null } `,
	} {
		for _, args := range [][]string{{"inspect", "-"}, {"inspect", "--json", "-"}} {
			code, stdout, stderr := command(input, args...)
			setCode, setStdout, setStderr := command(`{"keys":[`+input+`]}`, args...)
			if code != setCode || stdout != setStdout || stderr != setStderr {
				t.Errorf("%s: got\n%d %s%s\nwant\n%d %s%s", input, code, stdout, stderr, setCode, setStdout, setStderr)
			}
		}
	}
}

// cells returns the cells of a line of the output in a pipe.
func cells(stdout string, line int) []string {
	lines := strings.Split(stdout, "\n")
	if line >= len(lines) {
		return nil
	}
	return strings.Split(lines[line], "\t")
}
