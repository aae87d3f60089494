package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

const provider = "../../testdata/provider.jwks.json"

// noPassphrase is a flag for inputs that may be encrypted. Without it the command would ask the
// developer who runs the tests in a terminal.
const noPassphrase = "--passphrase-fd=1000000" // not open

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

// checkTable makes sure that a text is printable ASCII in lines of cells with a tab between them.
func checkTable(t *testing.T, text string) {
	t.Helper()
	checkPlain(t, strings.ReplaceAll(text, "\t", " "))
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

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.json")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	huge := strings.Repeat(" ", files.MaxBytes+1)
	const usage = "' for usage.\n"
	const wantObject = "jwk: standard input: JSON, want an object with \"kty\" (a JWK) or \"keys\" (a JWK Set)\n"

	for _, tc := range []struct {
		name   string
		stdin  string
		args   []string
		code   int
		stdout string // the whole output
		stderr string // a part of the output
	}{
		{"no verb", "", []string{}, exitTrouble, "", "jwk: no verb\nRun 'jwk --help" + usage},
		{"unknown verb", "", []string{"inspct", "-"}, exitTrouble, "", `unknown verb "inspct", did you mean inspect?`},
		{"unknown verb helped", "", []string{"help", "inspct"}, exitTrouble, "", `unknown verb "inspct", did you mean inspect?`},
		{"unknown flag", "", []string{"inspect", "--jsn", "-"}, exitTrouble, "", "unknown flag: --jsn"},
		{"unknown flag of root", "", []string{"--jsn"}, exitTrouble, "", "unknown flag: --jsn"},
		{"unknown flag before a verb", "", []string{"--jsn", "inspect", "-"}, exitTrouble, "", "unknown flag: --jsn: no verb with this flag follows\n"},
		{"flag before an unknown verb", "", []string{"--json", "inspct", "-"}, exitTrouble, "", "unknown flag: --json: no verb with this flag follows\n"},
		{"flag of another verb of set", "", []string{"set", "--show-private", "list", "-"}, exitTrouble, "", "unknown flag: --show-private: no verb with this flag follows\nRun 'jwk set --help" + usage},
		{"unknown short flag before a verb", "", []string{"-z", "inspect"}, exitTrouble, "", "unknown shorthand flag: 'z': no verb with this flag follows\n"},
		{"unknown short flag", "", []string{"inspect", "-x"}, exitTrouble, "", "unknown shorthand flag"},
		{"bad flag value", "", []string{"inspect", "--json=perhaps", "-"}, exitTrouble, "", "invalid argument"},
		{"no argument", "", []string{"inspect"}, exitTrouble, "", "jwk: 0 arguments, want FILE|URL|-\n"},
		{"two arguments", "", []string{"inspect", "a", "b"}, exitTrouble, "", "jwk: 2 arguments, want FILE|URL|-\n"},
		{"usage names the verb", "", []string{"inspect"}, exitTrouble, "", "Run 'jwk inspect --help" + usage},
		{"hostile argument", "", []string{"inspect", "--\x1b[31m\n"}, exitTrouble, "", `\x1b[31m\n`},

		{"no file", "", []string{"inspect", filepath.Join(dir, "none")}, exitTrouble, "", "none: no such file"},
		{"hostile file name", "", []string{"inspect", "no\x1b[31mfile"}, exitTrouble, "", `no\x1b[31mfile`},
		{"directory", "", []string{"inspect", dir}, exitTrouble, "", "is a directory"},
		{"empty file", "", []string{"inspect", empty}, exitNo, "", "empty.json: no text, want a key\n"},
		{"empty stdin", "", []string{"inspect", "-"}, exitNo, "", "jwk: standard input: no text, want a key\n"},
		{"PEM", "-----BEGIN PRIVATE KEY-----\nMC4C", []string{"inspect", "-"}, exitNo, "", "jwk: standard input: not a PEM block (RFC 7468): no END with the same label (RFC 7468, Section 2)\n"},
		{"not JSON", "kty: RSA", []string{"inspect", "-"}, exitNo, "", "jwk: standard input: YAML: convert it to JSON: yq -o json FILE | jwk VERB -\n"},
		{"array", "[]", []string{"inspect", "-"}, exitNo, "", wantObject},
		{"null", "null", []string{"inspect", "-"}, exitNo, "", wantObject},
		{"trailing data", `{"keys":[]}{}`, []string{"inspect", "-"}, exitNo, "", "jwk: standard input: data after the document (line 1, column 12) (RFC 8259, Section 2)\n"},
		{"a key and more", `{"kty":"oct"},{"kty":"oct"}`, []string{"inspect", "-"}, exitNo, "", "jwk: standard input: data after the document (line 1, column 14) (RFC 8259, Section 2)\n"},
		{"invalid UTF-8", "{\"kty\":\"\xff\"}", []string{"inspect", "-"}, exitNo, "", "jwk: standard input: /kty: "},
		{"a name of invalid UTF-8", "{\"a\":1,\"\xff\":1}", []string{"inspect", "-"}, exitNo, "", "jwk: standard input: invalid UTF-8 (line 1, column 9) (RFC 8259, Section 2)\n"},
		{"keys no array", `{"keys":{}}`, []string{"inspect", "-"}, exitNo, "", "an object, want an array"},
		{"long path", `{"keys":[]` + strings.Repeat(`,"x5c":{"x5c":1`, 50) + `tru`, []string{"inspect", "-"}, exitNo, "", "jwk: standard input: \"/x5c/x5c/x5c/"},
		{"the path of names that may be secrets", `{"keys":[],"name":{"n":tru`, []string{"inspect", "-"}, exitNo, "", "jwk: standard input: the document ends too early (line 1, column 27) (RFC 8259, Section 2)\n"},
		{"too large", huge, []string{"inspect", "-"}, exitTrouble, "", "more than 16777216 bytes"},
		{"empty set", `{"keys":[]}`, []string{"inspect", "-"}, exitNo, "INDEX\tKID\tNOTE\n-\t-\tthe set has no key\n", "0 keys, 0 entries skipped\njwk: standard input: no usable key\n"},
		{"empty set as JSON", `{"keys":[]}`, []string{"inspect", "--json", "-"}, exitNo,
			"{\n  \"keys\": [],\n  \"skipped\": [],\n  \"notes\": [\n    {\n      \"code\": \"no-keys\",\n      \"note\": \"the set has no key\"\n    }\n  ]\n}\n", "no usable key"},
		{"nothing usable", `{"keys":[{"kty":"X","kid":"a"},7]}`, []string{"inspect", "-"}, exitNo,
			"INDEX\tKID\tSKIPPED BECAUSE\n" +
				"0\ta\t/kty: key type \"X\", want RSA, EC, OKP, oct or AKP (RFC 7518, Section 6.1)\n" +
				"1\t-\ta number, want an object (RFC 7517, Section 4)\n",
			"0 keys, 2 entries skipped\njwk: standard input: no usable key\n"},
		{"single bad key", `{"kid":"a"}`, []string{"inspect", "-"}, exitNo,
			"INDEX\tKID\tSKIPPED BECAUSE\n0\ta\t/kty: missing (RFC 7517, Section 4.1)\n",
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
	root := []string{"What people do most:", "Usage:", "inspect", "check", "--help"}
	inspect := []string{"Usage:", "Examples:", "jwk inspect provider.jwks.json", "--allow-weak", "--help"}
	check := []string{"Usage:", "Examples:", "jwk check --public jwks.json", "--strict", "--help"}
	for _, tc := range []struct {
		args  string
		wants []string
	}{
		{"--help", root}, {"-h", root}, {"help", root},
		{"inspect --help", inspect}, {"help inspect", inspect},
		{"check --help", check}, {"help check", check},
	} {
		t.Run(tc.args, func(t *testing.T) {
			code, stdout, stderr := command("", strings.Fields(tc.args)...)
			if code != exitYes || stderr != "" {
				t.Errorf("got exit code %d, stderr %q, want %d and no text", code, stderr, exitYes)
			}
			for _, want := range tc.wants {
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
	if code := run([]string{"inspect", provider}, strings.NewReader(""), failing{}, &stderr); code != exitTrouble {
		t.Errorf("stdout closed: exit code: got %d, want %d", code, exitTrouble)
	}
	stderr.Reset()
	if code := run([]string{"inspect", "-"}, iotest.ErrReader(io.ErrClosedPipe), io.Discard, &stderr); code != exitTrouble {
		t.Errorf("stdin closed: exit code: got %d, want %d", code, exitTrouble)
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
		if n > 2*files.MaxBytes {
			t.Fatalf("got %d bytes read, want little more than %d", n, files.MaxBytes)
		}
		for i := range p {
			p[i] = ' '
		}
		return len(p), nil
	})
	if code := run([]string{"inspect", "-"}, endless, io.Discard, io.Discard); code != exitTrouble {
		t.Errorf("exit code: got %d, want %d", code, exitTrouble)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
