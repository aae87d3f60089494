package input

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// forPrograms are the beginnings of the names of errors that only a program can cause, such as by
// an argument of another type.
var forPrograms = []string{
	"Parse", "New:", "As:", "JOSE", "FromJOSE", "Signer:", "Secret:", "FromCertificates", "FindJOSEVerifier", "UnmarshalJSON",
	"MarshalPrivateJSON: held", "Set.MarshalPrivateJSON: held", "MarshalJSON of", "Generate:", "R15 Generate", "S01 Generate",
	"Encrypt", "D07 Encrypt", "D10 Encrypt", "Decrypt: no options", "Decrypt: iterations", "DecryptPEM: no passphrase",
	"D10 MaxPBES2Count", "D11 an object", "Z05", "Z06", "ThumbprintHash", "the zero Key",
}

// TestPhrases: no error of package jwk shows the name of a Go function or type to a person at a
// terminal, who cannot call it.
func TestPhrases(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "testdata", "errors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	identifier := regexp.MustCompile(`\b(Parse[A-Z]\w*|Parser|Decrypt[A-Z]\w*|Encrypt[A-Z]\w*|sshkey|Marshal\w+|Unmarshal\w+|With[A-Z]\w*|` +
		`Public\(\)|Lenient|PublicOnly|Max[A-Z]\w*|Min[A-Z]\w*|PBES2Count|Passphrase|Recipient|Extra|nil|Go|Key|Set\.\w+)\b`)
	checked, replaced := 0, 0
	name := ""
next:
	for line := range strings.Lines(string(text)) {
		if line[0] != '\t' {
			name = strings.TrimSpace(line)
			continue
		}
		for _, prefix := range forPrograms {
			if strings.HasPrefix(name, prefix) {
				continue next
			}
		}
		checked++
		original := strings.TrimPrefix(strings.TrimSpace(line), "jwk: ")
		_, reason := Reason(errors.New(original), "")
		if reason != original {
			replaced++
		}
		if found := identifier.FindString(reason); found != "" {
			t.Errorf("%s: got %q in %s", name, found, reason)
		}
	}
	if checked < 250 || replaced < 10 {
		t.Errorf("got %d errors with %d replaced, want the whole file", checked, replaced)
	}
}

// TestReason: the path of an error is the place within the entry.
func TestReason(t *testing.T) {
	for _, tc := range []struct {
		err                 error
		entry, path, reason string
	}{
		{&jwk.Error{Path: "/keys/3/x", Err: errors.New("short")}, "/keys/3", "/x", "short"},
		{&jwk.Error{Path: "/keys/3", Err: errors.New("null")}, "/keys/3", "", "null"},
		{&jwk.Error{Path: "/x", Err: errors.New("short")}, "", "/x", "short"},
		{errors.New("jwk: anything"), "", "", "anything"},
	} {
		if path, reason := Reason(tc.err, tc.entry); path != tc.path || reason != tc.reason {
			t.Errorf("%v: got %q, %q, want %q, %q", tc.err, path, reason, tc.path, tc.reason)
		}
	}
}

func TestWithoutEntry(t *testing.T) {
	for path, want := range map[string]string{"": "", "/x": "/x", "/keys": "/keys", "/keys/0": "", "/keys/12/dp": "/dp"} {
		if got := withoutEntry(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// TestIndex: the places of keys and of skipped entries together count all entries.
func TestIndex(t *testing.T) {
	set, err := jwk.ParseSet([]byte(`{"keys":[1,{"kty":"oct","k":"AAAA"},2,3,{"kty":"oct","k":"AAAA"},{"kty":"oct","k":"AAAA"},4]}`))
	if err != nil {
		t.Fatal(err)
	}
	d := new(Document)
	d.setKeys(set)
	for i, want := range []int{1, 4, 5} {
		if got := d.Index(i); got != want {
			t.Errorf("key %d: got %d, want %d", i, got, want)
		}
	}
}
