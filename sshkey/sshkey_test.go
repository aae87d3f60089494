package sshkey_test

import (
	"bytes"
	"crypto/rsa"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// The exported functions have these types. If this does not compile, programs break.
var (
	_ func([]byte) (*jwk.Key, string, []string, error) = sshkey.ParseAuthorizedKey
	_ func(*jwk.Key, string) ([]byte, error)           = sshkey.MarshalAuthorizedKey
	_ func([]byte, []byte) (*jwk.Key, error)           = sshkey.ParsePrivateKey
	_ func(*jwk.Key, []byte, string) ([]byte, error)   = sshkey.MarshalPrivateKey
	_ func(*jwk.Key) (string, error)                   = sshkey.Fingerprint
)

// goldenKeys are keys that ssh-keygen of OpenSSH 9.2 made, with the fingerprints that it prints
// and the comments in their .pub files.
var goldenKeys = []struct {
	file, fingerprint, comment string
	keyType                    jwk.KeyType
	bits                       int
}{
	{"ed25519", "SHA256:/wZ4WCfGRqpLZLJKclYxs4tBIqR4SZ2rRBci0fDBgqw", "ed25519 key of the tests", jwk.OKP, 256},
	{"p-256", "SHA256:F6bnpAtx7jzWuCePEnu668PIamhv5HQzJY3r4VruQ78", "", jwk.EC, 256},
	{"p-384", "SHA256:sMSr6axpcKpaTygctnVB6DisaZfcKpzTG1O3h2VDR0g", "p-384", jwk.EC, 384},
	{"p-521", "SHA256:yGV+VjIvBL0Hj3+3FFSv3tVrAb77TcKvpW7pLaT9B8o", "p-521", jwk.EC, 521},
	{"rsa-2048", "SHA256:D4Zoob7dSwTcZLYt5lMl02Uq9rAp5Wfwtixigd6EaCU", "alice@example.com", jwk.RSA, 2048},
}

func TestGolden(t *testing.T) {
	for _, want := range goldenKeys {
		t.Run(want.file, func(t *testing.T) {
			published, comment, options, err := sshkey.ParseAuthorizedKey(golden(t, want.file+".pub"))
			if err != nil {
				t.Fatal(err)
			}
			if comment != want.comment || options != nil {
				t.Errorf("got comment %q and options %q, want %q and no options", comment, options, want.comment)
			}
			if published.IsPrivate() || published.Type() != want.keyType || published.Bits() != want.bits {
				t.Errorf("got %v, want a public %s key of %d bits", published, want.keyType, want.bits)
			}
			line, err := sshkey.MarshalAuthorizedKey(published, comment)
			if err != nil || string(bytes.TrimSpace(line)) != string(bytes.TrimSpace(golden(t, want.file+".pub"))) {
				t.Errorf("got line %q, %v; want that of the file", line, err)
			}

			plain, err := sshkey.ParsePrivateKey(golden(t, want.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			encrypted, err := sshkey.ParsePrivateKey(golden(t, want.file+".encrypted"), passphrase)
			if err != nil {
				t.Fatal(err)
			}
			checkSame(t, plain, encrypted)
			checkSame(t, public(t, plain), published)
			for _, key := range []*jwk.Key{published, plain} {
				if got, err := sshkey.Fingerprint(key); got != want.fingerprint || err != nil {
					t.Errorf("Fingerprint: got %q, %v; want %q", got, err, want.fingerprint)
				}
			}
		})
	}
}

// unsupportedNames are the keys of ../testdata/keys.json that SSH does not have, with their names
// in errors. The name is "" if SSH has the public half: an RSA key of more than two primes.
var unsupportedNames = map[string]string{
	"RSA-2048-multi-prime": "",
	"secp256k1":            "secp256k1",
	"X25519":               "X25519",
	"Ed448":                "Ed448",
	"X448":                 "X448",
	"ML-DSA-44":            "AKP",
	"ML-DSA-65":            "AKP",
	"ML-DSA-87":            "AKP",
	"oct-256":              "oct",
}

// TestUnsupported: every key of the project is either converted in both directions, or
// ErrUnsupported by every function.
func TestUnsupported(t *testing.T) {
	all := fixtures(t)
	for name := range all {
		if _, ok := unsupportedNames[name]; ok == slices.Contains(fixtureNames, name) {
			t.Errorf("%s: want it in fixtureNames or in unsupportedNames", name)
		}
	}
	for name, kind := range unsupportedNames {
		t.Run(name, func(t *testing.T) {
			key := all[name]
			if key == nil {
				t.Fatal("no such fixture")
			}
			if kind == "" {
				_, err := sshkey.MarshalPrivateKey(key, nil, "")
				checkError(t, err, jwk.ErrUnsupported)
				line, err := sshkey.MarshalAuthorizedKey(key, "")
				if err != nil {
					t.Fatal(err)
				}
				published, _, _, err := sshkey.ParseAuthorizedKey(line)
				if err != nil {
					t.Fatal(err)
				}
				checkSame(t, published, public(t, key))
				return
			}
			_, errPrivate := sshkey.MarshalPrivateKey(key, nil, "")
			_, errPublic := sshkey.MarshalAuthorizedKey(key, "")
			_, errFingerprint := sshkey.Fingerprint(key)
			want := "jwk: " + kind + " keys have no SSH form here"
			for _, err := range []error{errPrivate, errPublic, errFingerprint} {
				checkError(t, err, jwk.ErrUnsupported)
				if err.Error() != want {
					t.Errorf("got %q, want %q", err, want)
				}
			}
		})
	}
}

// TestLargeExponent: a key whose exponent package ssh does not read is not written either.
func TestLargeExponent(t *testing.T) {
	n := fixture(t, "RSA-2048").PublicKey().(*rsa.PublicKey).N
	for e, want := range map[int]error{3: nil, 1<<24 - 1: nil, 1<<24 + 1: jwk.ErrUnsupported, 1<<31 - 1: jwk.ErrUnsupported} {
		key, err := jwk.New(&rsa.PublicKey{N: n, E: e}, nil)
		if err != nil {
			t.Fatal(err)
		}
		line, err := sshkey.MarshalAuthorizedKey(key, "")
		if want != nil {
			checkError(t, err, want)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if again, _, _, err := sshkey.ParseAuthorizedKey(line); err != nil || !again.Equal(key) {
			t.Errorf("exponent %d: got %v, %v; want %v", e, again, err, key)
		}
	}
}

func TestNoKey(t *testing.T) {
	for _, key := range []*jwk.Key{nil, new(jwk.Key)} {
		_, err := sshkey.MarshalAuthorizedKey(key, "")
		checkError(t, err, jwk.ErrInvalid)
		_, err = sshkey.MarshalPrivateKey(key, nil, "")
		checkError(t, err, jwk.ErrInvalid)
		_, err = sshkey.Fingerprint(key)
		checkError(t, err, jwk.ErrInvalid)
	}
}

// TestAttributes: attributes of a JWK are left out, and do not keep a key from being written.
func TestAttributes(t *testing.T) {
	key, err := fixture(t, "P-256").WithAttributes(jwk.Attributes{KeyID: "k1", Use: jwk.UseEnc, Algorithm: jwk.ECDHES})
	if err != nil {
		t.Fatal(err)
	}
	line, err := sshkey.MarshalAuthorizedKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	published, comment, _, err := sshkey.ParseAuthorizedKey(line)
	if err != nil || comment != "" {
		t.Fatalf("got comment %q, %v", comment, err)
	}
	checkSame(t, published, public(t, key))
	data, err := sshkey.MarshalPrivateKey(key, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := sshkey.ParsePrivateKey(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, again, key)
}

// TestDependencies: this package links package ssh, which needs the network, but no web server or
// client and nothing that starts processes. It needs only one module more than package jwk.
func TestDependencies(t *testing.T) {
	const root = "github.com/seed1f6cf2d3/jwk"
	before := dependencies(t, root)
	linked := 0
	for path, module := range dependencies(t, root+"/sshkey") {
		if slices.Contains([]string{"net/http", "net/rpc", "os/exec", "expvar", "flag", "plugin", "testing", "html/template"}, path) {
			t.Errorf("it is linked with %s", path)
		}
		if _, ok := before[path]; ok || module == "" || path == root+"/sshkey" {
			continue
		}
		linked++
		if module != "golang.org/x/crypto" {
			t.Errorf("it is linked with %s of %s", path, module)
		}
	}
	if linked < 5 || len(before) < 50 {
		t.Errorf("got %d packages of modules beside %d: the test has lost its grip", linked, len(before))
	}
}

// dependencies returns the packages that a package is linked with, and the module of each: "" for
// the standard library.
func dependencies(t *testing.T, path string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", path)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		dependency, module, _ := strings.Cut(strings.TrimSpace(line), " ")
		modules[dependency] = module
	}
	return modules
}

// TestWrongDoor: the error of a function that cannot read a text names the form of the text and
// the function that reads it. It shows no part of the text.
func TestWrongDoor(t *testing.T) {
	key := fixture(t, "Ed25519")
	inJSON, err := key.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	inPEM, err := key.MarshalPrivatePEM()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text, line, file string // line and file: parts of the errors of the two functions
	}{
		{"a JWK", string(inJSON), "it is a key that jwk.ParseOne reads", "it is a key that jwk.ParseOne reads"},
		{"PEM", string(inPEM), "it is a key that jwk.ParseOne reads", "ParsePEM"},
		{"a set of two", `{"keys":[` + string(inJSON) + "," + string(inJSON) + "]}", "jwk.ParseOne finds 2 keys, want 1", "jwk.ParseOne finds 2 keys, want 1"},
		{"a file of OpenSSH", string(golden(t, "ed25519")), "sshkey.ParsePrivateKey reads", ""},
		{"a line of OpenSSH", line(t, "Ed25519"), "", "a public key of OpenSSH: sshkey.ParseAuthorizedKey reads it"},
		{"a JWT", "eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0LXNpZ25hdHVyZQ", "a signed text (JWT or another JWS)", "a signed text (JWT or another JWS)"},
		{"HTML", "<html>secret-material", "HTML or XML", "HTML or XML"},
		{"words", "secret-material of mine", "no key: want its type and base64, after options if there are any", "want one PEM block, and nothing else"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, _, errLine := sshkey.ParseAuthorizedKey([]byte(tt.text))
			_, errFile := sshkey.ParsePrivateKey([]byte(tt.text), nil)
			for _, e := range []struct {
				err  error
				want string
			}{{errLine, tt.line}, {errFile, tt.file}} {
				if e.want == "" {
					if e.err != nil {
						t.Errorf("got %v, want a key", e.err)
					}
					continue
				}
				if e.err == nil || !strings.Contains(e.err.Error(), e.want) {
					t.Fatalf("got %v, want %q in it", e.err, e.want)
				}
				for i := range len(tt.text) - 7 {
					if run := tt.text[i : i+8]; strings.Contains(e.err.Error(), run) && !strings.Contains("OPENSSH PRIVATE KEY", run) {
						t.Errorf("got %q, which shows %q", e.err, run)
					}
				}
			}
		})
	}
}
