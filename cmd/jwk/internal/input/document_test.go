package input_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// TestRecognize: texts at the border between two forms.
func TestRecognize(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       input.Form
	}{
		{"nothing", "", ""},
		{"a byte order mark", "\uFEFF", ""},
		{"an empty object", "{}", input.JWK},
		{"an object with both", `{"kty":"oct","keys":[]}`, input.Set},
		{"a damaged set", `{"keys":[`, input.Set},
		{"a damaged JWK", `{"kty":`, input.JWK},
		{"keys in another member", `{"a":{"keys":[]}}`, input.JWK},
		{"an array that holds PEM", `["-----BEGIN PUBLIC KEY-----"]`, ""},
		{"a string that holds PEM", `"-----BEGIN PUBLIC KEY-----"`, ""},
		{"an object that holds PEM", `{"a":"-----BEGIN PUBLIC KEY-----"}`, input.JWK},
		{"OpenSSH first", "-----BEGIN OPENSSH PRIVATE KEY-----\n-----BEGIN PRIVATE KEY-----", input.SSH},
		{"OpenSSH after another block", "-----BEGIN PRIVATE KEY-----\n-----BEGIN OPENSSH PRIVATE KEY-----", input.PEM},
		{"a JWE", "eyJ.a.b.c.d", input.JWE},
		{"a JWT", "eyJ.a.b", ""},
		{"five parts that begin otherwise", "a.b.c.d.e", ""},
		{"a short SEQUENCE", "\x30\x01\x00", input.DER},
		{"a SEQUENCE and more", "\x30\x01\x00\x00", ""},
		{"a long SEQUENCE", "\x30\x82\x01\x00", input.DER},
		{"text that begins with 0", "0123", ""},
		{"ssh-rsa", "ssh-rsa AAAAB3NzaC1yc2E", input.SSH},
		{"a security key", "sk-ssh-ed25519@openssh.com AAAAGnNr", input.SSH},
		{"known_hosts", "host.example ecdsa-sha2-nistp256 AAAAE2Vj", input.SSH},
		{"remarks only", "# a\n# b\n", ""},
		{"ssh- without a key", "ssh-rsa is a type", ""},
	} {
		if got := input.Recognize([]byte(tc.text)); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestDocument: the error says why there is not exactly one key, or no key at all.
func TestDocument(t *testing.T) {
	const bad = `{"kty":"X","kid":"bad"}`
	for _, tc := range []struct {
		name, text       string
		key, all, usable string // the errors, or "" for success
	}{
		{"one key", publicJWK, "", "", ""},
		{"a set of one key", `{"keys":[` + publicJWK + `]}`, "", "", ""},
		{"a set of two keys", `{"keys":[` + publicJWK + `,` + publicJWK + `]}`, "file: 2 keys, want 1: jwk set find takes one out of a set", "", ""},
		{"an empty set", `{"keys":[]}`, "file: 0 keys, want 1: jwk set find takes one out of a set", "file: no key in it", "file: no key in it"},
		{"one bad key", bad, "file: /kty: key type", "file: /kty: key type", "file: /kty: key type"},
		{"a bad key in a set", `{"keys":[` + publicJWK + `,` + bad + `]}`, "file: /keys/1/kty: key type", "file: /keys/1/kty: key type", ""},
		{"only bad keys", `{"keys":[` + bad + `]}`, "file: /keys/0/kty: key type", "file: /keys/0/kty: key type", "file: /keys/0/kty: key type"},
	} {
		d, err := reader().Parse("file", []byte(tc.text))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		_, errKey := d.Key()
		_, errAll := d.All()
		_, errUsable := d.Usable()
		for _, e := range []struct {
			what string
			got  error
			want string
		}{{"Key", errKey, tc.key}, {"All", errAll, tc.all}, {"Usable", errUsable, tc.usable}} {
			if (e.got == nil) != (e.want == "") || e.got != nil && !strings.HasPrefix(e.got.Error(), e.want) {
				t.Errorf("%s: %s: got %v, want %q", tc.name, e.what, e.got, e.want)
			}
		}
	}
}

// The places of the keys count the entries that cannot be used.
func TestIndexed(t *testing.T) {
	const bad = `{"kty":"X"}`
	for _, tc := range []struct {
		entries []string
		want    []int
	}{
		{nil, nil},
		{[]string{publicJWK, publicJWK}, []int{0, 1}},
		{[]string{bad, bad, publicJWK, bad, publicJWK, publicJWK, bad}, []int{2, 4, 5}},
		{[]string{bad}, nil},
	} {
		text := `{"keys":[` + strings.Join(tc.entries, ",") + `]}`
		d, err := new(input.Reader).Parse("file", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for index, k := range d.Indexed() {
			if k != d.Keys.At(len(got)) || index != d.Index(len(got)) {
				t.Errorf("%s: got another key than At(%d)", text, len(got))
			}
			got = append(got, index)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got the places %v, want %v", text, got, tc.want)
		}
	}
}

// A byte order mark must not hide the members of a set.
func TestMembers(t *testing.T) {
	for text, want := range map[string][]string{
		`{"keys":[],"b":1,"a":{}}`:             {"a", "b"},
		"\uFEFF{\"keys\":[],\"b\":1,\"a\":{}}": {"a", "b"},
		`{"keys":[]}`:                          nil,
		publicJWK:                              nil,
	} {
		d, err := (&input.Reader{Parser: jwk.Parser{Lenient: true}}).Parse("file", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(d.Members())); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// TestRefusedBlocks: if no block of a file in PEM can be used, each has its reason.
func TestRefusedBlocks(t *testing.T) {
	const dsa = "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n"
	const parameters = "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n"
	d, err := reader().Parse("file", []byte(dsa+parameters))
	if err != nil {
		t.Fatal(err)
	}
	if d.Keys.Len() != 0 || len(d.Skipped) != 2 || !strings.Contains(d.Skipped[0].Err.Error(), "DSA key") || !strings.Contains(d.Skipped[1].Err.Error(), "parameters") {
		t.Errorf("got %d keys and skipped %v, want both blocks", d.Keys.Len(), d.Skipped)
	}
	if _, err := reader().Parse("file", []byte(dsa)); err == nil {
		t.Error("got no error for a file with one block, which cannot be used")
	}
}

// A file has at most 10,000 SSH keys. Keys that cannot be used count. Comments and empty lines do not.
func TestManySSHKeys(t *testing.T) {
	const limit, bad = 10_000, "ssh-dss AAAA\n"
	for _, tc := range []struct {
		name    string
		text    string
		refused bool
	}{
		{"at the limit", strings.Repeat(bad, limit-1) + publicSSH + "\n\n# comment\n", false},
		{"one more that is usable", strings.Repeat(bad, limit) + publicSSH + "\n", true},
		{"one more that is not", publicSSH + "\n" + strings.Repeat(bad, limit), true},
	} {
		d, err := (&input.Reader{From: "ssh"}).Parse("file", []byte(tc.text))
		if tc.refused {
			if err == nil || !strings.Contains(err.Error(), "more than 10000 keys") {
				t.Errorf("%s: got %v, want more than 10000 keys", tc.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if d.Keys.Len() != 1 || len(d.Skipped) != limit-1 {
			t.Errorf("%s: got %d keys and %d skipped, want 1 and %d", tc.name, d.Keys.Len(), len(d.Skipped), limit-1)
		}
	}
}

// TestExposedFile: a private key that other users can read has a warning. An encrypted one and a
// public one do not.
func TestExposedFile(t *testing.T) {
	for _, tc := range []struct {
		name string
		text []byte
		mode os.FileMode
		warn bool
	}{
		{"private, 0644", []byte(privateJWK), 0o644, true},
		{"private, 0600", []byte(privateJWK), 0o600, false},
		{"public, 0644", []byte(publicJWK), 0o644, false},
		{"encrypted, 0644", encryptedPEM(t), 0o644, false},
	} {
		name := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(name, tc.text, tc.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, tc.mode); err != nil { // the umask may have changed it
			t.Fatal(err)
		}
		var warnings []string
		r := reader()
		r.Warn = func(text string) { warnings = append(warnings, text) }
		if _, err := r.Read(t.Context(), name); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got := len(warnings) == 1 && strings.Contains(warnings[0], "chmod 600"); got != tc.warn {
			t.Errorf("%s: got %q, want a warning: %t", tc.name, warnings, tc.warn)
		}
	}
}
