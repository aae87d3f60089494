package integration

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"

	"github.com/seed1f6cf2d3/jwk"
)

// objects returns the different texts, without white space, of all JSON objects with a member
// "kty" in the files of Wycheproof. total counts repeated objects each time.
func objects(t *testing.T) (found map[string]bool, total int) {
	t.Helper()
	names, err := fs.Glob(wycheproof.TestVectors, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("files: got %d, %v", len(names), err)
	}
	found = map[string]bool{}
	var walk func(json.RawMessage)
	walk = func(value json.RawMessage) {
		switch value[0] {
		case '{':
			var o map[string]json.RawMessage
			if err := json.Unmarshal(value, &o); err != nil {
				t.Fatal(err)
			}
			if _, ok := o["kty"]; ok {
				var b bytes.Buffer
				if err := json.Compact(&b, value); err != nil {
					t.Fatal(err)
				}
				found[b.String()] = true
				total++
			}
			for _, v := range o {
				walk(v)
			}
		case '[':
			var a []json.RawMessage
			if err := json.Unmarshal(value, &a); err != nil {
				t.Fatal(err)
			}
			for _, v := range a {
				walk(v)
			}
		}
	}
	for _, name := range names {
		data, err := fs.ReadFile(wycheproof.TestVectors, name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(`"kty"`)) {
			walk(bytes.TrimSpace(data))
		}
	}
	return found, total
}

// thumbprint computes the thumbprint of a key (RFC 7638, Section 3) without this package.
func thumbprint(t *testing.T, key []byte) [sha256.Size]byte {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(key, &o); err != nil {
		t.Fatal(err)
	}
	required := map[string][]string{
		"RSA": {"e", "kty", "n"}, "EC": {"crv", "kty", "x", "y"}, "OKP": {"crv", "kty", "x"}, "oct": {"k", "kty"},
	}
	canonical := map[string]any{}
	for _, name := range required[o["kty"].(string)] {
		canonical[name] = o[name]
	}
	text, err := json.Marshal(canonical) // json.Marshal sorts the names of a map
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(text)
}

// A refusalReason is a reason for which objects are refused.
type refusalReason struct {
	reason string
	kind   error
	text   string // a regular expression for the text of the error
	count  int
}

// objectRefusals are the reasons for which objects are refused, with the number of different
// objects for each reason.
var objectRefusals = []refusalReason{
	{"P-256K is not a registered name: RFC 8812, Section 3.1, calls the curve secp256k1", jwk.ErrUnsupported, `/crv: curve "P-256K", want P-256`, 502},
	{"X25519 and X448 are curves of OKP keys (RFC 8037, Section 2)", jwk.ErrUnsupported, `/crv: curve "X(25519|448)", want P-256`, 2},
	{"the kty is empty", jwk.ErrUnsupported, `/kty: key type ""`, 2},
	{"a required member is missing", jwk.ErrInvalid, `: missing$`, 10},
	{"not a point on the curve", jwk.ErrInvalid, `/x: x and y are not a point on P-`, 54},
	{"a coordinate that is not less than p", jwk.ErrInvalid, `/x: coordinate is not less than`, 28},
	{"a point of low order (RFC 7748, Section 6)", jwk.ErrInvalid, `/x: point of small order`, 8},
	{"the width of a coordinate does not suit the curve", jwk.ErrInvalid, `/x: \d+ octets, want`, 14},
	{"an RSA exponent of 1", jwk.ErrInvalid, `/e: exponent is not`, 2},
	{"ROCA (CVE-2017-15361)", jwk.ErrInvalid, `/n: .*ROCA`, 2},
	{"a secret without octets", jwk.ErrInvalid, `/k: empty`, 3},
	{"a secret shorter than alg needs (RFC 7518, Section 3.2)", jwk.ErrInvalid, `/alg: \S+ needs at least`, 3},
	{"alg and use contradict each other", jwk.ErrInvalid, `/alg: \S+ is at odds with use`, 4},
	{"stray bits in base64url", jwk.ErrInvalid, `/k: not canonical base64url`, 1},
}

// TestWycheproofObjects: every object with a "kty" in the files of Wycheproof is a key that the
// package writes again without a change, or it is refused for a reason in the table. If it
// fails, the package loses members of a key, or it refuses sound keys or accepts bad ones.
func TestWycheproofObjects(t *testing.T) {
	const wantTotal, wantParsed, wantSmall = 8291, 5101, 17
	found, total := objects(t)
	parsed, small, refused := 0, 0, make([]int, len(objectRefusals))
	for text := range found {
		k, err := jwk.Parse([]byte(text))
		if errors.Is(err, jwk.ErrPolicy) {
			k, err = (&jwk.Parser{MinRSABits: 1024}).Parse([]byte(text))
			small++
		} else if err == nil {
			parsed++
		}
		if err != nil {
			got := kind(t, err)
			i := slices.IndexFunc(objectRefusals, func(r refusalReason) bool {
				return got == r.kind && regexp.MustCompile(r.text).MatchString(err.Error())
			})
			if i < 0 {
				t.Errorf("%s: got %v, want an error that is in the table", text, err)
				continue
			}
			refused[i]++
			continue
		}
		if got, err := k.MarshalPrivateJSON(); err != nil || string(got) != text {
			t.Errorf("got %s, %v, want %s", got, err, text)
		}
		if got, want := k.Thumbprint(), thumbprint(t, []byte(text)); got != want {
			t.Errorf("thumbprint of %v: got %v, want %v", k, got, jwk.Thumbprint(want))
		}
	}
	t.Logf("%d objects, %d of them different: %d keys, %d RSA keys below 2048 bits", total, len(found), parsed, small)
	for i, r := range objectRefusals {
		t.Logf("%d refused, %v: %s", refused[i], r.kind, r.reason)
		if refused[i] != r.count {
			t.Errorf("%s: got %d objects, want %d", r.reason, refused[i], r.count)
		}
	}
	if total != wantTotal || parsed != wantParsed || small != wantSmall {
		t.Errorf("got %d objects, %d keys, %d small ones; want %d, %d, %d", total, parsed, small, wantTotal, wantParsed, wantSmall)
	}
}

// keyForms returns the forms of the public key of a group, and the forms of its private key. It
// includes PKCS #1 only if the group has a JWK. Other groups have keys of RSASSA-PSS: the
// package refuses them in PKIX and PKCS #8, but accepts them in PKCS #1, which does not name
// the algorithm.
func (g *vectorGroup) keyForms() (public, private []text) {
	public = []text{g.PublicKeyJWK, g.KeyJWK, text(g.PublicKeyDER), text(g.KeyDER), text(g.PublicKeyPEM), text(g.KeyPEM)}
	if g.PublicKeyJWK != nil || g.KeyJWK != nil {
		public = append(public, text(g.PublicKeyASN), text(g.KeyASN))
	}
	private = []text{g.PrivateKeyJWK, text(g.PrivateKeyPKCS8), text(g.PrivateKeyPEM)}
	absent := func(form text) bool { return len(form) == 0 }
	return slices.DeleteFunc(public, absent), slices.DeleteFunc(private, absent)
}

// oneKey reads all forms of a key. They must give the same key, or the same kind of error.
func oneKey(t *testing.T, p *jwk.Parser, forms ...text) (*jwk.Key, error) {
	t.Helper()
	first, firstErr := keyOf(t, p, forms[0])
	for _, form := range forms[1:] {
		k, err := keyOf(t, p, form)
		switch {
		case err != nil && firstErr != nil:
			if kind(t, err) != kind(t, firstErr) {
				t.Errorf("%s: %v; %s: %v", forms[0], firstErr, form, err)
			}
		case err != nil || firstErr != nil:
			t.Errorf("%s: %v; %s: %v", forms[0], firstErr, form, err)
		case !k.Equal(first) || k.Thumbprint() != first.Thumbprint():
			t.Errorf("got %v of %s, %v of %s, want one key", first, forms[0], k, form)
		}
	}
	return first, firstErr
}

// doorCounts counts keys by outcome: forms that give one key, RSA keys that are too small,
// invalid keys and unsupported keys.
type doorCounts struct{ one, small, invalid, unsupported int }

// TestWycheproofDoors: the JWK, DER and PEM forms of a key give the same key, or the same kind of
// error, and the package writes the same DER again. If it fails, a bad key that is refused in one
// form is accepted in another.
func TestWycheproofDoors(t *testing.T) {
	want := map[string]doorCounts{
		"public, with a JWK":     {one: 1201, small: 6},
		"private, with a JWK":    {one: 122, small: 9},
		"private, without a JWK": {one: 50, small: 11},
		"public, without a JWK":  {one: 1862, small: 3, invalid: 9, unsupported: 2317},
	}
	var names []string
	for _, family := range []string{"*dsa_*.json", "ed*.json", "rsa_*.json"} {
		found, err := fs.Glob(wycheproof.TestVectors, family)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	got := map[string]doorCounts{}
	seen := map[string]bool{}
	read := func(what string, forms []text, der string) {
		all := string(slices.Concat(forms...))
		if seen[all] || all == "" {
			return
		}
		seen[all] = true
		if forms[0][0] == '{' {
			what += ", with a JWK"
		} else {
			what += ", without a JWK"
		}
		n := got[what]
		k, err := oneKey(t, new(jwk.Parser), forms...)
		if errors.Is(err, jwk.ErrPolicy) {
			n.small++
			k, err = oneKey(t, &jwk.Parser{MinRSABits: 1024}, forms...)
		} else if err == nil {
			n.one++
		}
		switch {
		case errors.Is(err, jwk.ErrInvalid):
			n.invalid++
		case errors.Is(err, jwk.ErrUnsupported):
			n.unsupported++
		case err != nil:
			t.Errorf("%s: %v", forms[0], err)
		case !k.IsPrivate():
			if b, err := k.MarshalDER(); err != nil || !bytes.Equal(b, unhex(t, der)) {
				t.Errorf("MarshalDER of %v: got %x, %v, want %s", k, b, err, der)
			}
		}
		got[what] = n
	}
	for _, name := range names {
		groups, _ := readVectors(t, name)
		for _, g := range groups {
			public, private := g.keyForms()
			read("public", public, g.PublicKeyDER+g.KeyDER)
			read("private", private, "")
		}
	}
	for what, n := range want {
		t.Logf("%s: %+v", what, got[what])
		if got[what] != n {
			t.Errorf("%s: got %+v, want %+v", what, got[what], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
}

var mldsaFiles = []struct {
	alg                    jwk.Algorithm
	sign, verify           string // the file with seeds and their public keys, and the file with public keys
	signTests, verifyTests int
	seeds, keys            int // numbers of sound seeds and public keys
}{
	{jwk.MLDSA44, "mldsa_44_sign_seed_test.json", "mldsa_44_verify_test.json", 59, 80, 9, 12},
	{jwk.MLDSA65, "mldsa_65_sign_seed_test.json", "mldsa_65_verify_test.json", 63, 83, 8, 10},
	{jwk.MLDSA87, "mldsa_87_sign_seed_test.json", "mldsa_87_verify_test.json", 54, 76, 8, 10},
}

// TestWycheproofMLDSA: a JWK with a seed gives the same key as PKCS #8, and is refused with
// another public half. A public key gives the same key in DER, or the same kind of error. If it
// fails, users sign with a key that their verifiers do not have.
func TestWycheproofMLDSA(t *testing.T) {
	for _, file := range mldsaFiles {
		t.Run(string(file.alg), func(t *testing.T) {
			seeds, keys, refused := 0, 0, 0
			groups := vectors(t, file.sign, file.signTests)
			for i, g := range groups {
				k, err := oneKey(t, new(jwk.Parser), akp(t, file.alg, string(g.PublicKey), g.PrivateSeed).json(t), text(g.PrivateKeyPKCS8))
				if err != nil {
					t.Errorf("seed %s: %v", g.PrivateSeed, err)
					continue
				}
				seeds++
				if !k.IsPrivate() || k.Algorithm() != file.alg {
					t.Errorf("got %v, want a private key for %s", k, file.alg)
				}
				other := groups[(i+1)%len(groups)].PublicKey
				if k, err := jwk.Parse(akp(t, file.alg, string(other), g.PrivateSeed).json(t)); err == nil || kind(t, err) != jwk.ErrInvalid {
					t.Errorf("seed %s with another pub: got %v, %v, want %v", g.PrivateSeed, k, err, jwk.ErrInvalid)
				}
			}
			for _, g := range vectors(t, file.verify, file.verifyTests) {
				_, err := oneKey(t, new(jwk.Parser), akp(t, file.alg, string(g.PublicKey), "").json(t), text(g.PublicKeyDER))
				switch {
				case err == nil:
					keys++
				case kind(t, err) == jwk.ErrInvalid:
					refused++
				default:
					t.Errorf("%.16s...: %v", g.PublicKey, err)
				}
			}
			t.Logf("%d seeds, %d public keys, %d refused", seeds, keys, refused)
			if seeds != file.seeds || keys != file.keys || refused != 3 {
				t.Errorf("got %d seeds, %d public keys, %d refused; want %d, %d, 3", seeds, keys, refused, file.seeds, file.keys)
			}
		})
	}
}
