package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed1f6cf2d3/jwk"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

const provider = "../../testdata/provider.jwks.json"

// command runs one command line with an input.
func command(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, strings.NewReader(stdin), &out, &err)
	return code, out.String(), err.String()
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("output differs from %s (go test -update writes it anew); got:\n%s", path, got)
	}
}

func TestInspectProvider(t *testing.T) {
	for _, tc := range []struct {
		golden string
		args   []string
	}{
		{"provider.txt", []string{"inspect", provider}},
		{"provider.json", []string{"inspect", "--json", provider}},
	} {
		t.Run(tc.golden, func(t *testing.T) {
			code, stdout, stderr := command("", tc.args...)
			if code != exitOK {
				t.Errorf("exit code: got %d, want %d", code, exitOK)
			}
			if want := "15 keys, 5 entries skipped\n"; stderr != want {
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
		Deviations []struct {
			Path string `json:"path"`
			Code string `json:"code"`
		} `json:"deviations"`
	} `json:"keys"`
	Skipped []struct {
		Index int     `json:"index"`
		KeyID *string `json:"kid"`
		Error string  `json:"error"`
		Kind  string  `json:"kind"`
	} `json:"skipped"`
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

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.json")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	huge := strings.Repeat(" ", maxDocument+1)
	const usage = "' for usage.\n"

	for _, tc := range []struct {
		name   string
		stdin  string
		args   []string
		code   int
		stdout string // the whole output
		stderr string // a part of the output
	}{
		{"no verb", "", []string{}, exitUsage, "", "jwk: no verb\nRun 'jwk --help" + usage},
		{"unknown verb", "", []string{"inspct", "-"}, exitUsage, "", `unknown command "inspct"`},
		{"unknown verb helped", "", []string{"help", "inspct"}, exitUsage, "", `unknown command "inspct"`},
		{"unknown flag", "", []string{"inspect", "--jsn", "-"}, exitUsage, "", "unknown flag: --jsn"},
		{"unknown flag of root", "", []string{"--jsn"}, exitUsage, "", "unknown flag: --jsn"},
		{"unknown short flag", "", []string{"inspect", "-x"}, exitUsage, "", "unknown shorthand flag"},
		{"bad flag value", "", []string{"inspect", "--json=perhaps", "-"}, exitUsage, "", "invalid argument"},
		{"no argument", "", []string{"inspect"}, exitUsage, "", "jwk: 0 arguments, want one: a FILE, or - for standard input\n"},
		{"two arguments", "", []string{"inspect", "a", "b"}, exitUsage, "", "jwk: 2 arguments, want one"},
		{"usage names the verb", "", []string{"inspect"}, exitUsage, "", "Run 'jwk inspect --help" + usage},
		{"hostile argument", "", []string{"inspect", "--\x1b[31m\n"}, exitUsage, "", `\x1b[31m\n`},

		{"no file", "", []string{"inspect", filepath.Join(dir, "none")}, exitFailed, "", "none: no such file"},
		{"hostile file name", "", []string{"inspect", "no\x1b[31mfile"}, exitFailed, "", `no\x1b[31mfile`},
		{"directory", "", []string{"inspect", dir}, exitFailed, "", "is a directory"},
		{"empty file", "", []string{"inspect", empty}, exitFailed, "", "empty.json: no text, want a JWK Set in JSON"},
		{"empty stdin", "", []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: no text, want a JWK Set in JSON\n"},
		{"PEM", "-----BEGIN PRIVATE KEY-----\nMC4C", []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: PEM with a private key, want a JWK Set in JSON: ParsePEM reads it\n"},
		{"not JSON", "kty: RSA", []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: YAML, want a JWK Set in JSON: convert it to JSON\n"},
		{"array", "[]", []string{"inspect", "-"}, exitFailed, "", "an array, want an object"},
		{"null", "null", []string{"inspect", "-"}, exitFailed, "", "null, want an object"},
		{"trailing data", `{"keys":[]}{}`, []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: data after the document (line 1, column 12)\n"},
		{"a key and more", `{"kty":"oct"},{"kty":"oct"}`, []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: data after the document (line 1, column 14)\n"},
		{"invalid UTF-8", "{\"kty\":\"\xff\"}", []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: /kty: "},
		{"a name of invalid UTF-8", "{\"a\":1,\"\xff\":1}", []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: invalid UTF-8 (line 1, column 9)\n"},
		{"keys no array", `{"keys":{}}`, []string{"inspect", "-"}, exitFailed, "", "an object, want an array"},
		{"long path", `{"keys":[]` + strings.Repeat(`,"x5c":{"x5c":1`, 50) + `tru`, []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: \"/x5c/x5c/x5c/"},
		{"the path of names that may be secrets", `{"keys":[],"name":{"n":tru`, []string{"inspect", "-"}, exitFailed, "", "jwk: standard input: the document ends too early (line 1, column 27)\n"},
		{"too large", huge, []string{"inspect", "-"}, exitFailed, "", "more than 16777216 bytes"},
		{"empty set", `{"keys":[]}`, []string{"inspect", "-"}, exitFailed, "", "0 keys, 0 entries skipped\njwk: standard input: no usable key\n"},
		{"empty set as JSON", `{"keys":[]}`, []string{"inspect", "--json", "-"}, exitFailed,
			"{\n  \"keys\": [],\n  \"skipped\": []\n}\n", "no usable key"},
		{"nothing usable", `{"keys":[{"kty":"X","kid":"a"},7]}`, []string{"inspect", "-"}, exitFailed,
			"INDEX  KID  SKIPPED BECAUSE\n" +
				"0      a    /kty: key type \"X\", want RSA, EC, OKP, oct or AKP\n" +
				"1      -    a number, want an object\n",
			"0 keys, 2 entries skipped\njwk: standard input: no usable key\n"},
		{"single bad key", `{"kid":"a"}`, []string{"inspect", "-"}, exitFailed,
			"INDEX  KID  SKIPPED BECAUSE\n0      a    /kty: missing\n",
			"0 keys, 1 entry skipped\njwk: standard input: no usable key\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, stderr := command(tc.stdin, tc.args...)
			if code != tc.code {
				t.Errorf("exit code: got %d, want %d", code, tc.code)
			}
			if stdout != tc.stdout {
				t.Errorf("stdout: got %q, want %q", stdout, tc.stdout)
			}
			if !strings.Contains(stderr, tc.stderr) {
				t.Errorf("stderr: got %q, want %q in it", stderr, tc.stderr)
			}
			checkPlain(t, stderr)
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{
		{"--help"}, {"-h"}, {"help"}, {"inspect", "--help"}, {"help", "inspect"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			code, stdout, stderr := command("", args...)
			if code != exitOK || stderr != "" {
				t.Errorf("got exit code %d, stderr %q, want %d and no text", code, stderr, exitOK)
			}
			for _, want := range []string{"Usage:", "Examples:", "jwk inspect provider.jwks.json", "--help"} {
				if !strings.Contains(stdout, want) {
					t.Errorf("got %q, want %q in it", stdout, want)
				}
			}
		})
	}
}

// failing is a writer that always fails.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenPipes(t *testing.T) {
	var stderr bytes.Buffer
	if code := run([]string{"inspect", provider}, strings.NewReader(""), failing{}, &stderr); code != exitFailed {
		t.Errorf("stdout closed: exit code: got %d, want %d", code, exitFailed)
	}
	stderr.Reset()
	if code := run([]string{"inspect", "-"}, iotest.ErrReader(io.ErrClosedPipe), io.Discard, &stderr); code != exitFailed {
		t.Errorf("stdin closed: exit code: got %d, want %d", code, exitFailed)
	}
	if !strings.Contains(stderr.String(), io.ErrClosedPipe.Error()) {
		t.Errorf("stdin closed: got %q, want the reason", stderr.String())
	}
}

// TestEndlessInput: inspect stops reading at its limit. If it fails, an endless input fills the
// memory.
func TestEndlessInput(t *testing.T) {
	n := 0
	endless := readerFunc(func(p []byte) (int, error) {
		n += len(p)
		if n > 2*maxDocument {
			t.Fatalf("got %d bytes read, want little more than %d", n, maxDocument)
		}
		for i := range p {
			p[i] = ' '
		}
		return len(p), nil
	})
	if code := run([]string{"inspect", "-"}, endless, io.Discard, io.Discard); code != exitFailed {
		t.Errorf("exit code: got %d, want %d", code, exitFailed)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

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
		{"largest document", key + strings.Repeat(" ", maxDocument-len(key)), "-"},
		{"byte order mark", "\uFEFF" + key, "bom"},
		{"padding", strings.Replace(key, n, n+"==", 1), "/n padding"},
		{"padding behind a byte order mark", "\uFEFF" + strings.Replace(key, n, n+"==", 1), "/n padding, bom"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, stdout, stderr := command(tc.text, "inspect", "-")
			want := "INDEX  KID         TYPE      USE  KEY_OPS  ALG    HALF    THUMBPRINT                                   DEVIATIONS\n" +
				"0      2011-04-29  RSA 2048  -    -        RS256  public  " + thumb + "  " + tc.deviations + "\n"
			if code != exitOK || stdout != want || stderr != "1 key, 0 entries skipped\n" {
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
  "skipped": []
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
						if code != exitFailed {
							t.Errorf("exit code: got %d, want %d", code, exitFailed)
						}
						return
					}
					if code != exitOK {
						t.Errorf("exit code: got %d, want %d", code, exitOK)
					}
					if args[1] == "--json" {
						d := decode(t, stdout)
						if !d.Keys[0].Private || (d.Keys[0].Thumbprint == "") != (alg == jwk.HS256) || (d.Keys[0].URI == "") != (alg == jwk.HS256) {
							t.Errorf("got %+v", d.Keys[0])
						}
					} else if fields := strings.Fields(strings.Split(stdout, "\n")[1]); fields[7] != half {
						t.Errorf("half: got %q, want %q in\n%s", fields[7], half, stdout)
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
		{public + strings.Repeat(","+secret, 9), " 1, 2, 3, 4, 5, 6, 7, 8 and more: "},
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

// checkPlain makes sure that a text is printable ASCII in lines.
func checkPlain(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if (r < ' ' || r > '~') && r != '\n' {
			t.Errorf("got %U at %d in %q, want printable ASCII", r, i, text)
			return
		}
	}
}

// TestHostileTexts: texts in the input cannot send escape sequences to a terminal or fake lines
// (Z04), and long texts are cut (M05).
func TestHostileTexts(t *testing.T) {
	key := func(member string, value any) string {
		o := map[string]any{"kty": "EC", "crv": "P-256",
			"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", // RFC 7517, Appendix A.1
		}
		o[member] = value
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tc := range []struct{ name, kid, shown string }{
		{"escape and newline", "\x1b[2J\x1b]0;pwned\x07\nINDEX  KID", `"\x1b[2J\x1b]0;pwned\a\nINDEX  KID"`},
		{"tab", "a\tb", `"a\tb"`},
		{"C1 control", "a\u009b31m", `"a\u009b31m"`},
		{"delete", "a\x7f", `"a\x7f"`},
		{"bidirectional", "a\u202eb", `"a\u202eb"`},
		{"look-alike", "раypal", `"\u0440\u0430ypal"`},
		{"beyond the BMP", "\U0001F511", `"\U0001f511"`},
		{"null octet", "a\x00b", `"a\x00b"`},
		{"tabwriter escape", "a\u00ffb", `"a\u00ffb"`},
		{"space", "a b", `"a b"`},
		{"quote", `a"b`, `"a\"b"`},
		{"empty", "", `""`},
		{"dash", "-", `"-"`},
		{"path", "../../etc/passwd", "../../etc/passwd"},
		{"long", strings.Repeat("k", 65), `"` + strings.Repeat("k", 64) + `"...`},
		{"not so long", strings.Repeat("k", 64), strings.Repeat("k", 64)},
		{"long, cut in a rune", strings.Repeat("k", 63) + "éa", `"` + strings.Repeat("k", 63) + `"...`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, input := range []string{key("kid", tc.kid), `{"keys":[` + key("kid", tc.kid) + `]}`} {
				code, stdout, stderr := command(input, "inspect", "-")
				if code != exitOK {
					t.Errorf("exit code: got %d, want %d", code, exitOK)
				}
				checkPlain(t, stdout+stderr)
				lines := strings.Split(stdout, "\n")
				if len(lines) != 3 || !strings.HasPrefix(lines[1], fmt.Sprintf("0      %-3s  EC P-256", tc.shown)) {
					t.Errorf("got\n%s\nwant the kid as %s", stdout, tc.shown)
				}

				_, stdout, _ = command(input, "inspect", "--json", "-")
				checkPlain(t, stdout)
				if d := decode(t, stdout); *d.Keys[0].KeyID != tc.kid {
					t.Errorf("JSON: got %q, want %q", *d.Keys[0].KeyID, tc.kid)
				}
			}
		})
	}

	const esc = "\x1b[31m\u009b\n"
	for _, tc := range []struct{ name, input string }{
		{"use", key("use", esc)},
		{"alg", key("alg", esc)},
		{"key_ops", key("key_ops", []string{esc})},
		{"unknown kty", `{"kty":"` + `\u001b[31m` + `","kid":"\u001b[31m\u009b"}`},
		{"printable, not ASCII", key("use", "é")},
	} {
		for _, args := range [][]string{{"inspect", "-"}, {"inspect", "--json", "-"}} {
			t.Run(tc.name+" "+args[1], func(t *testing.T) {
				_, stdout, stderr := command(tc.input, args...)
				checkPlain(t, stdout+stderr)
				if !strings.Contains(stdout+stderr, "\\") {
					t.Errorf("got %q, %q, want the text escaped", stdout, stderr)
				}
			})
		}
	}
	// These are not shown: in a damaged text a secret may be in their place.
	for _, tc := range []struct{ name, input string }{
		{"unknown crv", key("crv", esc)},
		{"name of a duplicate member", `{"\u001b\u009b\n":1,"\u001b\u009b\n":2}`},
		{"name of a member of the set", `{"\u001b\u009b\n":1,"\u001b\u009b\n":2,"keys":[]}`},
		{"syntax error in a name", `{"\u001b\u009b\n":tru}`},
	} {
		for _, args := range [][]string{{"inspect", "-"}, {"inspect", "--json", "-"}} {
			t.Run(tc.name+" "+args[1], func(t *testing.T) {
				_, stdout, stderr := command(tc.input, args...)
				checkPlain(t, stdout+stderr)
				for _, part := range []string{"001b", "x1b", "[31m", "009b"} {
					if strings.Contains(stdout+stderr, part) {
						t.Errorf("got %q, %q, want nothing of the text", stdout, stderr)
					}
				}
			})
		}
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
		lines := strings.Split(stdout, "\n")
		if len(lines) < 2 || strings.Fields(lines[1])[5] != tc.shown {
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
	if code != exitOK || stderr != "2 keys, 6 entries skipped\n" {
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
