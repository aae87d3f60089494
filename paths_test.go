package jwk

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestWord: an error shows a word of a document if it can be the name of a type, a curve or an
// algorithm. It shows only the length of a word that may be a secret. If this fails, a secret in
// the place of such a name may get into a log.
func TestWord(t *testing.T) {
	for _, tt := range []struct {
		word  string
		shown bool
	}{
		{"", true}, {"RSA", true}, {"RS256K", true}, {"P-224", true}, {"X", true}, {"ML-DSA-44-ES256", true}, {"SLH-DSA-SHA2-128s", true}, {"ECDH-1PU+A256KW", true},
		{"brainpoolP256r1", true}, {"secp256k1", true}, {"RSA1_5", true},
		{"abcdefg", true}, {"abcdefgh", false}, // a part may have up to 7 octets
		{"ab-abcdefgh", false}, {"abcdefgh-ab", false}, {"abcdefg+abcdefg", true},
		{"abcdefg-abcdefg-abcd", true}, {"abcdefg-abcdefg-abcde", false}, // the whole word may have up to 20
		{"a b", false}, {"a_b", false}, {"a.b", false}, {"a/b", false}, {"a\n", false}, {"\u00e9", false}, {"a\"b", false}, {"\x00", false},
		{"GawgguFyGrWKav7AX4VKUg", false}, // a secret of 128 bits
	} {
		want := `"` + tt.word + `"`
		if !tt.shown {
			want = "of " + counted(len(tt.word), "octet", "octets")
		}
		if got := word(tt.word); got != want {
			t.Errorf("word(%q): got %s, want %s", tt.word, got, want)
		}
		if got := plainWord(tt.word); got != strings.Trim(want, `"`) {
			t.Errorf("plainWord(%q): got %s, want %s", tt.word, got, want)
		}
	}
}

// TestShownPath: the path of a syntax error ends before the first name that is not registered.
// In a damaged document such a name may be a secret. If this fails, it may get into a log.
func TestShownPath(t *testing.T) {
	for path, want := range map[jsontext.Pointer]jsontext.Pointer{
		"":                       "",
		"/keys/3/x5t#S256":       "/keys/3/x5t#S256",
		"/oth/0/t":               "/oth/0/t",
		"/protected/epk/x":       "/protected/epk/x",
		"/keys/1234567/n":        "/keys/1234567/n",
		"/keys/12345678/n":       "/keys",
		"/keys/0/secret/n":       "/keys/0",
		"/D":                     "",
		"/d/":                    "/d",
		"/x~1y":                  "",
		"/keys/0/seed/GawgguFyG": "/keys/0/seed",
	} {
		f := new(fault)
		for _, name := range slices.Backward(slices.Collect(path.Tokens())) {
			f.below(name)
		}
		if f.path != want {
			t.Errorf("%q: got %q, want %q", path, f.path, want)
		}
	}
}
