package sshkey_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// passphrase is the passphrase of all encrypted keys in testdata, and of the keys that the tests
// encrypt.
var passphrase = []byte("correct horse")

// fixtureNames are the keys of ../testdata/keys.json that SSH has as well.
var fixtureNames = []string{"RSA-2048", "RSA-3072", "P-256", "P-384", "P-521", "Ed25519"}

// fixtures returns the private keys of ../testdata/keys.json, by name.
func fixtures(t testing.TB) map[string]*jwk.Key {
	t.Helper()
	data, err := os.ReadFile("../testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]*jwk.Key
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, name := range fixtureNames {
		if all[name] == nil {
			t.Fatalf("no fixture %q", name)
		}
	}
	return all
}

func fixture(t testing.TB, name string) *jwk.Key {
	t.Helper()
	key := fixtures(t)[name]
	if key == nil {
		t.Fatalf("no fixture %q", name)
	}
	return key
}

// public returns the public half of a key.
func public(t testing.TB, key *jwk.Key) *jwk.Key {
	t.Helper()
	half, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	return half
}

// golden returns a file of testdata.
func golden(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var errorKinds = []error{
	jwk.ErrSyntax, jwk.ErrInvalid, jwk.ErrUnsupported, jwk.ErrPolicy,
	jwk.ErrPrivate, jwk.ErrNotFound, jwk.ErrDecrypt,
}

// checkError makes sure that err is a *jwk.Error of the kind want and no other kind, and that its
// text is one short line that begins with "jwk: " and shows no secret.
func checkError(t testing.TB, err, want error) {
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
		t.Errorf("got error of type %T, want *jwk.Error", err)
	}
	text := err.Error()
	if !strings.HasPrefix(text, "jwk: ") || strings.Count(text, "jwk: ") != 1 || strings.Contains(text, "ssh: ") {
		t.Errorf("got %q, want one prefix, which is jwk", text)
	}
	if len(text) > 400 || strings.ContainsAny(text, "\n\r\x00\x1b") {
		t.Errorf("got %q, want one short line", text)
	}
	for _, secret := range secrets(t) {
		if strings.Contains(text, secret) {
			t.Errorf("got %q, which shows the secret %q", text, secret)
		}
	}
}

// secrets returns the passphrase and parts of the private keys of the tests, in each encoding in
// which a text could show them. It computes them once.
func secrets(t testing.TB) []string {
	t.Helper()
	once.Do(func() {
		keys := slices.Collect(maps.Values(fixtures(t)))
		for _, test := range goldenKeys {
			key, err := sshkey.ParsePrivateKey(golden(t, test.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
		secretTexts = append(secretTexts, string(passphrase))
		for _, key := range keys {
			for _, name := range []string{"d", "p", "q", "k"} {
				value, _ := key.Member(name)
				d, err := base64.RawURLEncoding.DecodeString(strings.Trim(string(value), `"`))
				if err != nil {
					t.Fatal(err)
				}
				if len(d) < 24 {
					continue // no such member
				}
				d = d[6:21] // a range that is whole groups of base64
				secretTexts = append(secretTexts, string(d), strings.Trim(fmt.Sprintf("%q", d), `"`), strings.Trim(fmt.Sprint(d), "[]"),
					hex.EncodeToString(d), strings.ToUpper(hex.EncodeToString(d)),
					base64.StdEncoding.EncodeToString(d), base64.URLEncoding.EncodeToString(d))
			}
		}
	})
	if len(secretTexts) < 50 {
		t.Fatalf("got %d secrets, want more", len(secretTexts))
	}
	return secretTexts
}

var (
	once        sync.Once
	secretTexts []string
)

// checkKind makes sure that err has exactly one kind, and returns the kind.
func checkKind(t testing.TB, err error) error {
	t.Helper()
	i := slices.IndexFunc(errorKinds, func(kind error) bool { return errors.Is(err, kind) })
	if i < 0 {
		t.Fatalf("got error %q, want one of the kinds of package jwk", err)
	}
	checkError(t, err, errorKinds[i])
	return errorKinds[i]
}

// checkSame makes sure that got, which was read, is the key want without attributes.
func checkSame(t testing.TB, got, want *jwk.Key) {
	t.Helper()
	if !got.Equal(want) || !want.Equal(got) || got.Thumbprint() != want.Thumbprint() {
		t.Errorf("got %v, want %v", got, want)
	}
	for name := range got.Members() {
		if slices.Contains([]string{"kid", "use", "key_ops", "alg"}, name) {
			t.Errorf("got a member %q, which SSH keys do not have", name)
		}
	}
}
