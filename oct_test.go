package jwk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestOct: secrets of any length but 0 are read, and only in canonical base64url.
func TestOct(t *testing.T) {
	for _, n := range []int{1, 2, 3, 16, 31, 64, 65, 1000} {
		k := octOf(n).key(t)
		if got := k.Bits(); got != 8*n {
			t.Errorf("%d octets: got %d bits", n, got)
		}
	}
	for name, o := range map[string]object{
		"B06 empty":        octOf(0),
		"B06 a line break": {"kty": "oct", "k": "\n"},
		"missing":          {"kty": "oct"},
		"B02 padding":      {"kty": "oct", "k": "AQ=="},
		"B03 alphabet":     {"kty": "oct", "k": "-_+/"},
		"B04 stray bits":   {"kty": "oct", "k": "AB"},
		"B05 length":       {"kty": "oct", "k": "AAAAA"},
	} {
		t.Run(name, func(t *testing.T) { checkRefused(t, o.json(t), jwk.ErrInvalid, "/k") })
	}
	t.Run("null", func(t *testing.T) { checkRefused(t, object{"kty": "oct", "k": nil}.json(t), jwk.ErrSyntax, "/k") })
	t.Run("kty OCT", func(t *testing.T) { checkRefused(t, octOf(32).with("kty", "OCT").json(t), jwk.ErrUnsupported, "/kty") })
}

// octSizes are the sizes of the secrets of the algorithms: a minimum in RFC 7518, Section 3.2,
// and exact sizes in Sections 4.4, 4.7 and 5.
var octSizes = map[jwk.Algorithm]struct {
	octets  int
	atLeast bool
}{
	jwk.HS256: {32, true}, jwk.HS384: {48, true}, jwk.HS512: {64, true},
	jwk.A128KW: {16, false}, jwk.A192KW: {24, false}, jwk.A256KW: {32, false},
	jwk.A128GCMKW: {16, false}, jwk.A192GCMKW: {24, false}, jwk.A256GCMKW: {32, false},
	jwk.A128GCM: {16, false}, jwk.A192GCM: {24, false}, jwk.A256GCM: {32, false},
	jwk.A128CBCHS256: {32, false}, jwk.A192CBCHS384: {48, false}, jwk.A256CBCHS512: {64, false},
}

// TestOctSize: a secret that is too short for an algorithm, or has a wrong size, is not used
// with it.
func TestOctSize(t *testing.T) {
	for alg, want := range octSizes {
		for _, n := range []int{1, 8, want.octets - 1, want.octets, want.octets + 1, 2 * want.octets, 256} {
			t.Run(fmt.Sprintf("S01 %s with %d octets", alg, n), func(t *testing.T) {
				good := n == want.octets || n > want.octets && want.atLeast
				if got := octOf(n).key(t).Supports(alg); got != good {
					t.Errorf("Supports: got %v, want %v", got, good)
				}
				o := octOf(n).with("alg", alg)
				if good {
					o.key(t)
				} else {
					checkRefused(t, o.json(t), jwk.ErrInvalid, "/alg")
				}
			})
		}
	}
	// For dir, the size depends on the enc of a message, which the key does not state.
	for _, n := range []int{1, 16, 32, 64} {
		octOf(n).with("alg", jwk.Dir).key(t)
	}
}

// TestOctIsSecret: nothing that a symmetric key publishes or prints helps to guess it.
func TestOctIsSecret(t *testing.T) {
	o := fixture(t, "oct-256").with("kid", "k")
	k := o.key(t)
	if !k.IsPrivate() || k.PublicKey() != nil {
		t.Error("a symmetric key is not private, or has a public half")
	}
	t.Run("S02 Public", func(t *testing.T) {
		got, err := k.Public()
		checkError(t, err, jwk.ErrPrivate, "")
		if got != nil {
			t.Errorf("got %v beside the error", got)
		}
	})
	t.Run("S04 String", func(t *testing.T) {
		if s, thumb := k.String(), k.Thumbprint().String(); strings.Contains(s, thumb) {
			t.Errorf("%s holds the thumbprint", s)
		}
		checkNoSecret(t, "String", k.String(), secretTexts(t, o))
	})
	t.Run("S04 kid", func(t *testing.T) {
		k, err := jwk.Generate(jwk.HS256, nil)
		if err != nil {
			t.Fatal(err)
		}
		if k.KeyID() == "" || k.KeyID() == k.Thumbprint().String() {
			t.Errorf("got kid %q, want one that is not the thumbprint", k.KeyID())
		}
		if made, err := jwk.New([]byte("0123456789abcdef"), nil); err != nil || made.KeyID() != "" {
			t.Errorf("New: got %v, %v; want a key without kid", made, err)
		}
	})
}

// TestSecretThatIsAPublicKey: S03, a secret that everybody knows is accepted, as the
// documentation of Parse says. Finding it is left to an audit. It does not become a key for
// RS256.
func TestSecretThatIsAPublicKey(t *testing.T) {
	text, err := public(t, "RSA-2048").key(t).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	k, err := jwk.New(text, &jwk.Attributes{Algorithm: jwk.HS256})
	if err != nil || k.Type() != jwk.Oct || k.Supports(jwk.RS256) {
		t.Errorf("S03: got %v, %v, want a symmetric key, and never one for RS256", k, err)
	}
}
