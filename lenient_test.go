package jwk_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// standardAlphabet returns base64url text in the standard alphabet.
func standardAlphabet(s string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(s) }

// strayBits returns the text with the lowest bit of its last character set.
func strayBits(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(s) - 1
	return s[:last] + string(alphabet[strings.IndexByte(alphabet, s[last])|1])
}

// octetsOf returns the octets of a member.
func (o object) octetsOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(o[name].(string))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// zeros returns the text of a member with so many zero octets before its own.
func (o object) zeros(t testing.TB, name string, count int) string {
	t.Helper()
	return encoded(append(make([]byte, count), o.octetsOf(t, name)...))
}

// startsWithZero returns an EC key with a zero octet at the beginning of a member.
func startsWithZero(t testing.TB, crv jwk.Algorithm, name string) object {
	t.Helper()
	for range 1 << 16 {
		k, err := jwk.Generate(crv, nil)
		if err != nil {
			t.Fatal(err)
		}
		var o object
		text, err := k.MarshalPrivateJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		if o.octetsOf(t, name)[0] == 0 {
			return o
		}
	}
	t.Fatalf("found no %s key with a zero at the beginning of %s", crv, name)
	return nil
}

// checkLenient checks that the strict parser refuses a text, and that the lenient parser
// accepts it and reports these deviations in any order. The key must have the thumbprint and
// the members of clean, and the strict parser must accept its JSON.
func checkLenient(t *testing.T, text []byte, clean object, refused error, want ...jwk.Deviation) {
	t.Helper()
	cleanKey := clean.key(t)
	if d := cleanKey.Deviations(); d != nil {
		t.Errorf("the clean key: got deviations %v, want no deviations", d)
	}
	checkRefused(t, text, refused, "*")

	p := jwk.Parser{Lenient: true}
	k, err := p.Parse(text)
	if err != nil {
		t.Fatalf("lenient: got %v, want no error", err)
	}
	compare := func(a, b jwk.Deviation) int {
		return strings.Compare(string(a.Path)+" "+string(a.Code), string(b.Path)+" "+string(b.Code))
	}
	got := slices.SortedFunc(slices.Values(k.Deviations()), compare)
	if want := slices.SortedFunc(slices.Values(want), compare); !slices.Equal(got, want) {
		t.Errorf("got deviations %q, want %q", got, want)
	}
	if !k.Equal(cleanKey) || !cleanKey.Equal(k) {
		t.Error("Equal: got false, want the clean key")
	}
	if k.Thumbprint() != cleanKey.Thumbprint() {
		t.Errorf("thumbprint: got %v, want %v", k.Thumbprint(), cleanKey.Thumbprint())
	}
	canonical, err := k.MarshalPrivateJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := jwk.Parse(canonical)
	if err != nil {
		t.Fatalf("strict on the canonical text: %v\n%s", err, canonical)
	}
	if again.Thumbprint() != cleanKey.Thumbprint() || !again.Equal(k) {
		t.Error("the canonical text belongs to another key")
	}
	var members object
	if err := json.Unmarshal(canonical, &members); err != nil {
		t.Fatal(err)
	}
	if got, want := members.json(t), clean.json(t); !bytes.Equal(got, want) {
		t.Errorf("canonical members: got %s, want %s", got, want)
	}
	// The canonical text has no deviations.
	twice, err := p.Parse(canonical)
	if err != nil || twice.Deviations() != nil {
		t.Errorf("lenient on the canonical text: got %q, %v; want no deviations", twice.Deviations(), err)
	}
}

// TestLenientEncodings checks that Lenient reads key material and digests in other forms of
// base64.
func TestLenientEncodings(t *testing.T) {
	type row struct {
		name  string
		spoil func(string) string
		code  jwk.DeviationCode
	}
	rows := []row{
		{"padding", padded, jwk.DeviationPadding},
		{"standard alphabet", standardAlphabet, jwk.DeviationAlphabet},
		{"stray bits", strayBits, jwk.DeviationStrayBits},
	}
	applied := map[string]int{}
	for key, members := range encodedMembers {
		for _, name := range members {
			for _, r := range rows {
				clean := fixture(t, key)
				text := clean[name].(string)
				if r.code != jwk.DeviationAlphabet && len(text)%4 == 0 || r.spoil(text) == text {
					continue
				}
				applied[r.name]++
				t.Run(fmt.Sprintf("%s in %s of %s", r.name, name, key), func(t *testing.T) {
					checkLenient(t, clean.with(name, r.spoil(text)).json(t), clean, jwk.ErrInvalid, deviation(name, r.code))
				})
			}
		}
	}
	for _, r := range rows {
		if applied[r.name] < 5 {
			t.Errorf("%s: %d members, want more", r.name, applied[r.name])
		}
	}
	digests := public(t, "P-256").with("x5t", encoded(bytes.Repeat([]byte{0xfb, 0xff}, 10)), "x5t#S256", encoded(bytes.Repeat([]byte{0xfb, 0xff}, 16)))
	for _, name := range []string{"x5t", "x5t#S256"} {
		for _, r := range rows {
			t.Run(r.name+" in "+name, func(t *testing.T) {
				dirty := digests.with(name, r.spoil(digests[name].(string)))
				checkLenient(t, dirty.json(t), digests, jwk.ErrInvalid, deviation(name, r.code))
			})
		}
	}
}

// TestLenientIntegers checks that Lenient reads integers with too many or too few leading
// zeros.
func TestLenientIntegers(t *testing.T) {
	for _, name := range encodedMembers["RSA-2048"] {
		for _, count := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("R06 %d zeros before %s", count, name), func(t *testing.T) {
				clean := fixture(t, "RSA-2048")
				checkLenient(t, clean.with(name, clean.zeros(t, name, count)).json(t), clean, jwk.ErrInvalid,
					deviation(name, jwk.DeviationLeadingZeros))
			})
		}
	}
	t.Run("R06 a zero before n, public", func(t *testing.T) {
		clean := public(t, "RSA-2048").with("kid", "a")
		checkLenient(t, clean.with("n", clean.zeros(t, "n", 1)).json(t), clean, jwk.ErrInvalid,
			deviation("n", jwk.DeviationLeadingZeros))
	})
	for _, count := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("R06 %d zeros before n of the greatest size", count), func(t *testing.T) {
			clean := public(t, "RSA-2048").with("n", ofBits(8192))
			checkLenient(t, clean.with("n", clean.zeros(t, "n", count)).json(t), clean, jwk.ErrInvalid,
				deviation("n", jwk.DeviationLeadingZeros))
		})
	}
	for _, key := range []string{"P-256", "P-384", "P-521", "secp256k1"} {
		for _, name := range []string{"x", "y", "d"} {
			for _, count := range []int{1, 2, 100} {
				t.Run(fmt.Sprintf("%d extra zeros before %s of %s", count, name, key), func(t *testing.T) {
					clean := fixture(t, key)
					checkLenient(t, clean.with(name, clean.zeros(t, name, count)).json(t), clean, jwk.ErrInvalid,
						deviation(name, jwk.DeviationWidth))
				})
			}
		}
	}
	for _, name := range []string{"x", "y", "d"} {
		t.Run("missing zeros before "+name, func(t *testing.T) {
			clean := startsWithZero(t, jwk.ES256, name)
			minimal := encoded(bytes.TrimLeft(clean.octetsOf(t, name), "\x00"))
			checkLenient(t, clean.with(name, minimal).json(t), clean, jwk.ErrInvalid, deviation(name, jwk.DeviationWidth))
		})
		t.Run("missing zeros before "+name+" of P-521", func(t *testing.T) {
			clean := startsWithZero(t, jwk.ES512, name)
			minimal := encoded(bytes.TrimLeft(clean.octetsOf(t, name), "\x00"))
			checkLenient(t, clean.with(name, minimal).json(t), clean, jwk.ErrInvalid, deviation(name, jwk.DeviationWidth))
		})
	}
}

// TestLenientMissingCRT checks that Lenient computes the CRT exponents and the coefficient of
// an RSA key if its text has only the two primes.
func TestLenientMissingCRT(t *testing.T) {
	missing := func(names ...string) (d []jwk.Deviation) {
		for _, name := range names {
			d = append(d, deviation(name, jwk.DeviationMissingCRT))
		}
		return d
	}
	for _, key := range []string{"RSA-2048", "RSA-3072"} {
		t.Run(key, func(t *testing.T) {
			clean := fixture(t, key)
			dirty := clean.without("dp", "dq", "qi")
			checkLenient(t, dirty.json(t), clean, jwk.ErrInvalid, missing("dp", "dq", "qi")...)
			p := jwk.Parser{Lenient: true}
			k, err := p.Parse(dirty.json(t))
			if err != nil {
				t.Fatal(err)
			}
			checkSigns(t, k)
		})
	}
	t.Run("with q before p", func(t *testing.T) {
		clean := rsaObject(t, 65537, fixture(t, "RSA-2048").integer(t, "q"), fixture(t, "RSA-2048").integer(t, "p"))
		checkLenient(t, clean.without("dp", "dq", "qi").json(t), clean, jwk.ErrInvalid, missing("dp", "dq", "qi")...)
	})
	t.Run("with p that has padding and d that has zeros", func(t *testing.T) {
		clean := fixture(t, "RSA-2048")
		dirty := clean.without("dp", "dq", "qi").with("p", padded(clean["p"].(string)), "d", clean.zeros(t, "d", 1))
		checkLenient(t, dirty.json(t), clean, jwk.ErrInvalid, append(missing("dp", "dq", "qi"),
			deviation("p", jwk.DeviationPadding), deviation("d", jwk.DeviationLeadingZeros))...)
	})
}

// TestLenientNull checks that Lenient treats a registered member with the value null as absent,
// and keeps an unknown one.
func TestLenientNull(t *testing.T) {
	clean := fixture(t, "Ed25519")
	all := []string{"use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "iat", "nbf", "exp"}
	dirty, want := clean, []jwk.Deviation(nil)
	for _, name := range all {
		t.Run(name, func(t *testing.T) {
			checkLenient(t, clean.with(name, nil).json(t), clean, jwk.ErrSyntax, deviation(name, jwk.DeviationNull))
		})
		dirty, want = dirty.with(name, nil), append(want, deviation(name, jwk.DeviationNull))
	}
	t.Run("all of them", func(t *testing.T) {
		checkLenient(t, dirty.json(t), clean, jwk.ErrSyntax, want...)
	})
	t.Run("as if absent", func(t *testing.T) {
		p := jwk.Parser{Lenient: true}
		k, err := p.Parse(dirty.json(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range all {
			if got, ok := k.Member(name); ok {
				t.Errorf("Member(%s): got %s, want no member", name, got)
			}
		}
		if !k.Permits(jwk.OpSign) || !k.Supports(jwk.EdDSA) {
			t.Error("a null key_ops or alg still restricts the key")
		}
	})
	t.Run("an unknown member", func(t *testing.T) {
		k := clean.with("note", nil).key(t)
		if got, ok := k.Member("note"); !ok || string(got) != "null" {
			t.Errorf("got %s, %v; want null to be kept", got, ok)
		}
	})
}

// TestLenientCertificates checks that Lenient reads a bare x5c and hexadecimal digests, and
// replaces a wrong digest.
func TestLenientCertificates(t *testing.T) {
	for _, key := range []string{"RSA-2048", "P-256", "Ed25519"} {
		der, other := certificateOf(t, key), []byte("not the leaf")
		thumb1, thumb256 := sha1.Sum(der), sha256.Sum256(der)
		wrong1, wrong256 := sha1.Sum(other), sha256.Sum256(other)
		clean := public(t, key).with("x5c", []string{std64(der)}, "x5t", encoded(thumb1[:]), "x5t#S256", encoded(thumb256[:]))
		for _, tt := range []struct {
			name, member string
			dirty        any
			refused      error
			code         jwk.DeviationCode
		}{
			{"x5c as one string", "x5c", std64(der), jwk.ErrSyntax, jwk.DeviationBareX5C},
			{"x5t in hexadecimal", "x5t", hex.EncodeToString(thumb1[:]), jwk.ErrInvalid, jwk.DeviationHexX5T},
			{"x5t in hexadecimal, upper case", "x5t", strings.ToUpper(hex.EncodeToString(thumb1[:])), jwk.ErrInvalid, jwk.DeviationHexX5T},
			{"x5t in hexadecimal in base64url", "x5t", encoded([]byte(hex.EncodeToString(thumb1[:]))), jwk.ErrInvalid, jwk.DeviationHexX5T},
			{"x5t in hexadecimal, upper case, in base64url", "x5t", encoded([]byte(strings.ToUpper(hex.EncodeToString(thumb1[:])))), jwk.ErrInvalid, jwk.DeviationHexX5T},
			{"x5t not the digest", "x5t", encoded(wrong1[:]), jwk.ErrInvalid, jwk.DeviationDigest},
			{"x5t#S256 not the digest", "x5t#S256", encoded(wrong256[:]), jwk.ErrInvalid, jwk.DeviationDigest},
		} {
			t.Run(tt.name+" of "+key, func(t *testing.T) {
				checkLenient(t, clean.with(tt.member, tt.dirty).json(t), clean, tt.refused, deviation(tt.member, tt.code))
			})
		}
		t.Run("all of them of "+key, func(t *testing.T) {
			dirty := clean.with("x5c", std64(der), "x5t", encoded([]byte(hex.EncodeToString(wrong1[:])))+"==", "x5t#S256", padded(encoded(wrong256[:])))
			checkLenient(t, dirty.json(t), clean, jwk.ErrSyntax,
				deviation("x5c", jwk.DeviationBareX5C),
				deviation("x5t", jwk.DeviationPadding), deviation("x5t", jwk.DeviationHexX5T), deviation("x5t", jwk.DeviationDigest),
				deviation("x5t#S256", jwk.DeviationPadding), deviation("x5t#S256", jwk.DeviationDigest))
		})
	}
	t.Run("x5t in hexadecimal without x5c", func(t *testing.T) {
		sum := sha1.Sum([]byte("a certificate"))
		clean := public(t, "P-256").with("x5t", encoded(sum[:]))
		checkLenient(t, clean.with("x5t", hex.EncodeToString(sum[:])).json(t), clean, jwk.ErrInvalid, deviation("x5t", jwk.DeviationHexX5T))
	})
}

// TestLenientCertificateForms checks that Lenient reads a certificate in each of the known
// forms, and writes it in the form of the standard.
func TestLenientCertificateForms(t *testing.T) {
	for _, key := range []string{"RSA-2048", "P-256", "Ed25519"} {
		der := certificateOf(t, key)
		text, pem := std64(der), inPEM(der)
		sum1, sum256 := sha1.Sum(der), sha256.Sum256(der)
		clean := public(t, key).with("x5c", []string{text}, "x5t", encoded(sum1[:]), "x5t#S256", encoded(sum256[:]))
		bare, alphabet, padding, stray := jwk.DeviationBareX5C, jwk.DeviationAlphabet, jwk.DeviationPadding, jwk.DeviationStrayBits
		unpadded := strings.TrimRight(text, "=")
		for _, tt := range []struct {
			name  string
			x5c   any
			codes []jwk.DeviationCode
		}{
			{"base64url", []string{base64.URLEncoding.EncodeToString(der)}, []jwk.DeviationCode{alphabet}},
			{"no padding", []string{unpadded}, []jwk.DeviationCode{padding}},
			{"base64url without padding, bare", encoded(der), []jwk.DeviationCode{bare, alphabet, padding}},
			{"stray bits", []string{strayBits(unpadded) + text[len(unpadded):]}, []jwk.DeviationCode{stray}},
			{"line breaks", []string{text[:64] + "\r\n" + text[64:] + "\n"}, []jwk.DeviationCode{jwk.DeviationWhiteSpace}},
			{"blanks", []string{" " + text[:64] + "\t" + text[64:]}, []jwk.DeviationCode{jwk.DeviationWhiteSpace}},
			{"PEM", []string{pem}, []jwk.DeviationCode{jwk.DeviationPEM}},
			{"PEM, bare", pem, []jwk.DeviationCode{bare, jwk.DeviationPEM}},
			{"PEM on one line", []string{strings.ReplaceAll(pem, "\n", "")}, []jwk.DeviationCode{jwk.DeviationPEM}},
			{"PEM in base64", []string{std64([]byte(pem))}, []jwk.DeviationCode{jwk.DeviationPEM}},
			{"PEM, X509", []string{strings.ReplaceAll(pem, "CERT", "X509 CERT")}, []jwk.DeviationCode{jwk.DeviationPEM}},
			{"PEM, line breaks as escapes", []string{strings.ReplaceAll(pem, "\n", `\n`)}, []jwk.DeviationCode{jwk.DeviationPEM}},
			{"base64 twice", []string{std64([]byte(text))}, []jwk.DeviationCode{jwk.DeviationPEM}},
		} {
			if slices.Contains(tt.codes, alphabet) && !strings.ContainsAny(text, "+/") ||
				slices.ContainsFunc(tt.codes, func(c jwk.DeviationCode) bool { return c == padding || c == stray }) && unpadded == text {
				t.Logf("%s of %s: the text of the certificate has no such character", tt.name, key)
				continue
			}
			t.Run(tt.name+" of "+key, func(t *testing.T) {
				var want []jwk.Deviation
				for _, code := range tt.codes {
					want = append(want, deviation("x5c", code))
				}
				strict := jwk.ErrInvalid
				if _, isText := tt.x5c.(string); isText {
					strict = jwk.ErrSyntax
				}
				checkLenient(t, clean.with("x5c", tt.x5c).json(t), clean, strict, want...)
			})
		}
		t.Run("two in one PEM of "+key, func(t *testing.T) {
			other := certificateOf(t, "P-384")
			checkLenient(t, clean.with("x5c", []string{pem + inPEM(other)}).json(t), clean.with("x5c", []string{text, std64(other)}),
				jwk.ErrInvalid, deviation("x5c", jwk.DeviationPEM))
		})
		for _, id := range []string{"x5t", "x5t#S256"} {
			sum := sum1[:]
			if id != "x5t" {
				sum = sum256[:]
			}
			for _, dirty := range []string{
				hex.EncodeToString(sum), strings.ToUpper(hex.EncodeToString(sum)), encoded([]byte(hex.EncodeToString(sum))),
			} {
				t.Run(id+" in hexadecimal of "+key, func(t *testing.T) {
					checkLenient(t, clean.with(id, dirty).json(t), clean, jwk.ErrInvalid, deviation(id, jwk.DeviationHexX5T))
					withDigest := public(t, key).with(id, encoded(sum))
					checkLenient(t, withDigest.with(id, dirty).json(t), withDigest, jwk.ErrInvalid, deviation(id, jwk.DeviationHexX5T))
				})
			}
		}
	}
}

// TestLenientOptionalMembers checks that Lenient accepts a key with an optional member that is
// empty or unreadable, and leaves the member out.
func TestLenientOptionalMembers(t *testing.T) {
	der := certificateOf(t, "P-256")
	sum1, sum256 := sha1.Sum(der), sha256.Sum256(der)
	p256, withX5C := public(t, "P-256"), public(t, "P-256").with("x5c", []string{std64(der)})
	explicit := std64(explicitCurve(t, der))
	pub := block("PUBLIC KEY", must[[]byte](t)(p256.key(t).MarshalDER()))
	for _, tt := range []struct {
		name         string
		clean, dirty object
		strict       error
		want         []jwk.Deviation
	}{
		{"d null", p256, p256.with("d", nil), jwk.ErrSyntax, []jwk.Deviation{deviation("d", jwk.DeviationNull)}},
		{"d empty", p256, p256.with("d", ""), jwk.ErrInvalid, []jwk.Deviation{deviation("d", jwk.DeviationEmpty)}},
		{"k null, of another type", p256, p256.with("k", nil), jwk.ErrInvalid, []jwk.Deviation{deviation("k", jwk.DeviationNull)}},
		{"k empty, of another type", p256, p256.with("k", ""), jwk.ErrInvalid, []jwk.Deviation{deviation("k", jwk.DeviationEmpty)}},
		{"oth null", p256, p256.with("oth", nil), jwk.ErrInvalid, []jwk.Deviation{deviation("oth", jwk.DeviationNull)}},
		{"oth empty", p256, p256.with("oth", []any{}), jwk.ErrInvalid, []jwk.Deviation{deviation("oth", jwk.DeviationEmpty)}},
		{"all private members of RSA null", public(t, "RSA-2048"),
			public(t, "RSA-2048").with("d", nil, "p", nil, "q", nil, "dp", nil, "dq", nil, "qi", nil, "oth", nil), jwk.ErrSyntax,
			[]jwk.Deviation{deviation("d", jwk.DeviationNull), deviation("p", jwk.DeviationNull), deviation("q", jwk.DeviationNull),
				deviation("dp", jwk.DeviationNull), deviation("dq", jwk.DeviationNull), deviation("qi", jwk.DeviationNull), deviation("oth", jwk.DeviationNull)}},
		{"priv null", public(t, "ML-DSA-44"), public(t, "ML-DSA-44").with("priv", nil), jwk.ErrSyntax, []jwk.Deviation{deviation("priv", jwk.DeviationNull)}},
		{"key_ops as one string", p256.with("key_ops", []string{"verify"}), p256.with("key_ops", "verify"), jwk.ErrSyntax, []jwk.Deviation{deviation("key_ops", jwk.DeviationBareOps)}},
		{"key_ops an empty string", p256, p256.with("key_ops", ""), jwk.ErrSyntax, []jwk.Deviation{deviation("key_ops", jwk.DeviationEmpty)}},
		{"x5u empty", p256, p256.with("x5u", ""), jwk.ErrInvalid, []jwk.Deviation{deviation("x5u", jwk.DeviationEmpty)}},
		{"x5u that is not a URI", p256, p256.with("x5u", "chain.pem"), jwk.ErrInvalid, []jwk.Deviation{deviation("x5u", jwk.DeviationUnreadable)}},
		{"x5u a number", p256, p256.with("x5u", 1), jwk.ErrSyntax, []jwk.Deviation{deviation("x5u", jwk.DeviationUnreadable)}},
		{"x5u with half an escape", p256, p256.with("x5u", "http:%zz"), jwk.ErrInvalid, []jwk.Deviation{deviation("x5u", jwk.DeviationUnreadable)}},
		{"x5c in both alphabets", p256, p256.with("x5c", []string{bothAlphabets(t, der)}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c with a second certificate for an even exponent", p256, p256.with("x5c", []string{std64(der), std64(certificateOfExponent(t, 65536))}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5u with a blank", p256, p256.with("x5u", "https://example.com/a b"), jwk.ErrInvalid, []jwk.Deviation{deviation("x5u", jwk.DeviationUnreadable)}},
		{"x5c an empty array", p256, p256.with("x5c", []any{}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationEmpty)}},
		{"x5c an empty string", p256, p256.with("x5c", ""), jwk.ErrSyntax, []jwk.Deviation{deviation("x5c", jwk.DeviationEmpty)}},
		{"x5c of an empty string", p256, p256.with("x5c", []any{""}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c of null", p256, p256.with("x5c", []any{nil}), jwk.ErrSyntax, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c a number", p256, p256.with("x5c", 1), jwk.ErrSyntax, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c an object", p256, p256.with("x5c", object{"a": 1}), jwk.ErrSyntax, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c with text that is not a certificate", p256, p256.with("x5c", []string{"AAAA"}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c with text that is not base64", p256, p256.with("x5c", []string{"+_+_"}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c of a public key", p256, p256.with("x5c", []string{std64(pub)}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c of a public key in PEM", p256, p256.with("x5c", []string{string(pub)}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c with a number after the certificate", p256, p256.with("x5c", []any{std64(der), 1}), jwk.ErrSyntax, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5c of a curve with explicit parameters", p256, p256.with("x5c", []string{explicit}), jwk.ErrInvalid, []jwk.Deviation{deviation("x5c", jwk.DeviationUnreadable)}},
		{"x5t empty", p256, p256.with("x5t", ""), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t", jwk.DeviationEmpty)}},
		{"x5t#S256 empty", p256, p256.with("x5t#S256", ""), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t#S256", jwk.DeviationEmpty)}},
		{"x5t a number", p256, p256.with("x5t", 1), jwk.ErrSyntax, []jwk.Deviation{deviation("x5t", jwk.DeviationUnreadable)}},
		{"x5t with colons", p256, p256.with("x5t", strings.Repeat("ab:", 19)+"ab"), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t", jwk.DeviationUnreadable)}},
		{"x5t of 38 digits", p256, p256.with("x5t", hex.EncodeToString(sum1[:19])), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t", jwk.DeviationUnreadable)}},
		{"x5t of 40 digits, one of them g", p256, p256.with("x5t", hex.EncodeToString(sum1[:19])+"0g"), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t", jwk.DeviationUnreadable)}},
		{"x5t#S256 of 40 digits", p256, p256.with("x5t#S256", hex.EncodeToString(sum1[:])), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t#S256", jwk.DeviationUnreadable)}},
		{"x5t of another size beside x5c", withX5C.with("x5t", encoded(sum1[:])), withX5C.with("x5t", encoded(sum1[:19])), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t", jwk.DeviationDigest)}},
		{"x5t#S256 that cannot be read beside x5c", withX5C.with("x5t#S256", encoded(sum256[:])), withX5C.with("x5t#S256", "?"), jwk.ErrInvalid, []jwk.Deviation{deviation("x5t#S256", jwk.DeviationDigest)}},
		{"RSA-HSM", public(t, "RSA-2048"), public(t, "RSA-2048").with("kty", "RSA-HSM"), jwk.ErrUnsupported, []jwk.Deviation{deviation("kty", jwk.DeviationHSM)}},
		{"EC-HSM", p256, p256.with("kty", "EC-HSM"), jwk.ErrUnsupported, []jwk.Deviation{deviation("kty", jwk.DeviationHSM)}},
		{"oct-HSM", fixture(t, "oct-256"), fixture(t, "oct-256").with("kty", "oct-HSM"), jwk.ErrUnsupported, []jwk.Deviation{deviation("kty", jwk.DeviationHSM)}},
		{"RSA-HSM with padding", public(t, "RSA-2048"), public(t, "RSA-2048").with("kty", "RSA-HSM", "n", padded(public(t, "RSA-2048")["n"].(string))), jwk.ErrUnsupported,
			[]jwk.Deviation{deviation("kty", jwk.DeviationHSM), deviation("n", jwk.DeviationPadding)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkLenient(t, tt.dirty.json(t), tt.clean, tt.strict, tt.want...)
		})
	}

	// The strict parser accepts these two members, too. It treats them as absent, without a deviation.
	p := jwk.Parser{Lenient: true}
	for _, name := range []string{"use", "alg"} {
		k, err := p.Parse(p256.with(name, "").json(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := k.Member(name); ok || !slices.Equal(k.Deviations(), []jwk.Deviation{deviation(name, jwk.DeviationEmpty)}) {
			t.Errorf("%s empty: got a member %v, deviations %q; want no member and one deviation", name, ok, k.Deviations())
		}
	}
	if k, err := p.Parse(p256.with("kid", "").json(t)); err != nil || k.Deviations() != nil {
		t.Errorf("kid empty: got %q, %v; want no deviation, since it is a kid", k.Deviations(), err)
	}
}

// explicitCurve returns a certificate for a P-256 key with explicit parameters in place of the
// name of the curve.
func explicitCurve(t testing.TB, der []byte) []byte {
	t.Helper()
	named, err := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7})
	if err != nil {
		t.Fatal(err)
	}
	c := rawCertificate{}
	if _, err := asn1.Unmarshal(der, &c); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.TBS.PublicKey.Algorithm.Parameters.FullBytes, named) {
		t.Fatal("not a certificate of a P-256 key")
	}
	c.TBS.Raw = nil
	c.TBS.PublicKey.Algorithm.Parameters = asn1.RawValue{FullBytes: sequence(integer(1))}
	out, err := asn1.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bothAlphabets returns a certificate in base64 with characters of both alphabets.
func bothAlphabets(t testing.TB, der []byte) string {
	t.Helper()
	text := std64(der)
	at := strings.IndexAny(text, "+/")
	if at < 0 || !strings.ContainsAny(text[at+1:], "+/") {
		t.Fatal("the text of the certificate has fewer than two characters in which the alphabets differ")
	}
	return strings.NewReplacer("+", "-", "/", "_").Replace(text[:at+1]) + text[at+1:]
}

// certificateOfExponent returns a certificate for an RSA key with the exponent e.
func certificateOfExponent(t testing.TB, e int) []byte {
	t.Helper()
	n := fixture(t, "RSA-2048").integer(t, "n")
	return issue(t, &rsa.PublicKey{N: n, E: e})
}

// A rawCertificate has the parts of a certificate that explicitCurve needs.
type rawCertificate struct {
	TBS struct {
		Raw               asn1.RawContent
		Version           asn1.RawValue
		Serial            *big.Int
		Signature, Issuer asn1.RawValue
		Validity, Subject asn1.RawValue
		PublicKey         rawPublicKey
		Extensions        asn1.RawValue `asn1:"optional"`
	}
	Algorithm asn1.RawValue
	Signature asn1.BitString
}

type rawPublicKey struct {
	Algorithm struct {
		Name       asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	Key asn1.BitString
}

// TestLenientUse checks that Lenient accepts a use that contradicts the alg. If it fails, the
// key supports an operation that one of the two forbids.
func TestLenientUse(t *testing.T) {
	p := jwk.Parser{Lenient: true}
	for _, tt := range []struct{ key, use, alg string }{
		{"RSA-2048", "enc", "RS256"},
		{"RSA-2048", "sig", "RSA-OAEP"},
		{"P-256", "enc", "ES256"},
		{"P-256", "sig", "ECDH-ES"},
		{"Ed25519", "enc", "EdDSA"}, // no key of this type can have this use
		{"oct-256", "enc", "HS256"},
	} {
		t.Run(tt.key+" "+tt.use+" "+tt.alg, func(t *testing.T) {
			o := fixture(t, tt.key).with("kid", "a", "use", tt.use, "alg", tt.alg)
			checkRefused(t, o.json(t), jwk.ErrInvalid, "*")
			k, err := p.Parse(o.json(t))
			if err != nil {
				t.Fatal(err)
			}
			want := []jwk.Deviation{deviation("use", jwk.DeviationUse)}
			if !slices.Equal(k.Deviations(), want) {
				t.Errorf("got deviations %q, want %q", k.Deviations(), want)
			}
			set := jwk.NewSet(k)
			for _, q := range []jwk.Query{
				{Use: jwk.UseSig}, {Use: jwk.UseEnc}, {Algorithm: jwk.Algorithm(tt.alg)}, {Algorithm: jwk.RSAOAEP}, {Algorithm: jwk.RS256},
				{Ops: jwk.OpVerify}, {Ops: jwk.OpSign}, {Ops: jwk.OpEncrypt}, {Ops: jwk.OpDeriveKey}, {KeyID: "a", Algorithm: jwk.Algorithm(tt.alg)},
			} {
				if got, err := set.Find(t.Context(), q); err == nil {
					t.Errorf("Find(%+v): got %v, want no key", q, got)
				}
			}
			for _, q := range []jwk.Query{{KeyID: "a"}, {Type: k.Type()}, {Private: true}, {}} {
				if _, err := set.Find(t.Context(), q); err != nil {
					t.Errorf("Find(%+v): got %v, want the key", q, err)
				}
			}
			if k.Supports(jwk.Algorithm(tt.alg)) || k.Permits(jwk.OpVerify) || k.Permits(jwk.OpEncrypt) {
				t.Error("the key supports or permits an operation that use or alg forbids")
			}
			same, err := k.WithAttributes(k.Attributes())
			if err != nil || !same.Equal(k) || !slices.Equal(same.Deviations(), want) {
				t.Errorf("WithAttributes of its own attributes: got %v, %v; want the same key", same, err)
			}
			a := k.Attributes()
			a.Extra = map[string]any{"x5t": "AA=="}
			_, err = k.WithAttributes(a)
			checkError(t, err, jwk.ErrInvalid, "/x5t") // Lenient tolerates texts, and not attributes from a program
			if tt.key == "RSA-2048" {
				a = k.Attributes()
				a.Algorithm = map[jwk.Algorithm]jwk.Algorithm{jwk.RS256: jwk.PS256, jwk.RSAOAEP: jwk.RSAOAEP256}[a.Algorithm]
				_, err = k.WithAttributes(a)
				checkError(t, err, jwk.ErrInvalid, "/alg") // another alg that contradicts use
			}
			if tt.key != "oct-256" {
				public, err := k.Public()
				if err != nil || string(public.Use()) != tt.use || string(public.Algorithm()) != tt.alg || !slices.Equal(public.Deviations(), want) {
					t.Errorf("Public: got %v with %q, %v", public, public.Deviations(), err)
				}
			}
			text, err := k.MarshalPrivateJSON()
			if err != nil || !bytes.Equal(text, o.json(t)) {
				t.Errorf("MarshalPrivateJSON: got %s, %v; want %s", text, err, o.json(t))
			}
		})
	}
}

// TestLenientTogether checks that Lenient repairs a key with many deviations at once, and
// reports all of them.
func TestLenientTogether(t *testing.T) {
	der := certificateOf(t, "RSA-2048")
	thumb256 := sha256.Sum256(der)
	wrong := sha256.Sum256(nil)
	clean := fixture(t, "RSA-2048").with("x5c", []string{std64(der)}, "x5t#S256", encoded(thumb256[:]),
		"note", object{"kid": nil, "n": "AQ=="}, "use", "sig", "iat", "not a date")
	dirty := clean.without("dp", "dq", "qi").with(
		"n", padded(strayBits(standardAlphabet(clean.zeros(t, "n", 1)))),
		"e", "AAEAAQ==",
		"x5c", std64(der), "x5t#S256", encoded(wrong[:]), "kid", nil, "alg", nil, "exp", nil)
	want := []jwk.Deviation{
		deviation("n", jwk.DeviationPadding), deviation("n", jwk.DeviationAlphabet),
		deviation("n", jwk.DeviationStrayBits), deviation("n", jwk.DeviationLeadingZeros),
		deviation("e", jwk.DeviationPadding), deviation("e", jwk.DeviationLeadingZeros),
		deviation("x5c", jwk.DeviationBareX5C), deviation("x5t#S256", jwk.DeviationDigest),
		deviation("kid", jwk.DeviationNull), deviation("alg", jwk.DeviationNull), deviation("exp", jwk.DeviationNull),
		deviation("dp", jwk.DeviationMissingCRT), deviation("dq", jwk.DeviationMissingCRT), deviation("qi", jwk.DeviationMissingCRT),
	}
	if got := clean.zeros(t, "n", 1); len(got)%4 == 0 || standardAlphabet(got) == got {
		t.Fatal("the fixture cannot have all these deviations")
	}
	if n := dirty["n"].(string); len(n)%4 != 0 || n[len(n)-1] != '=' {
		t.Fatalf("n has no padding: %s", n[len(n)-4:])
	}
	t.Run("without a mark", func(t *testing.T) {
		checkLenient(t, dirty.json(t), clean, jwk.ErrInvalid, want...)
	})
	t.Run("with a mark", func(t *testing.T) {
		checkLenient(t, append([]byte("\uFEFF"), dirty.json(t)...), clean, jwk.ErrSyntax, append(want, deviation("", jwk.DeviationBOM))...)
	})
	t.Run("Deviations is a copy", func(t *testing.T) {
		p := jwk.Parser{Lenient: true}
		k, err := p.Parse(dirty.json(t))
		if err != nil {
			t.Fatal(err)
		}
		clear(k.Deviations())
		if slices.Contains(k.Deviations(), jwk.Deviation{}) {
			t.Error("the key changed together with a result")
		}
	})
}

// TestLenientByteOrderMark checks that Lenient accepts one mark before a key or a set, and that
// the offsets of errors count its octets.
func TestLenientByteOrderMark(t *testing.T) {
	const mark = "\uFEFF"
	for _, name := range fixtureNames {
		t.Run(name, func(t *testing.T) {
			checkLenient(t, append([]byte(mark), fixture(t, name).json(t)...), fixture(t, name), jwk.ErrSyntax, deviation("", jwk.DeviationBOM))
		})
	}
	p := jwk.Parser{Lenient: true}
	t.Run("of a set", func(t *testing.T) {
		dirty := public(t, "RSA-2048").with("e", "AQAB", "kid", nil)
		text := append([]byte(mark), setText(okpWith(""), "1", string(dirty.json(t)))...)
		if s, err := jwk.ParseSet(text); s != nil || !errors.Is(err, jwk.ErrSyntax) {
			t.Errorf("strict: got %v, %v; want %v", s, err, jwk.ErrSyntax)
		}
		s, err := p.ParseSet(text)
		if err != nil || s.Len() != 2 || len(s.Skipped()) != 1 {
			t.Fatalf("got %v, %v; want two keys and a skipped entry", s, err)
		}
		if got, want := s.At(0).Deviations(), []jwk.Deviation{deviation("", jwk.DeviationBOM)}; !slices.Equal(got, want) {
			t.Errorf("first key: got deviations %q, want %q", got, want)
		}
		if got, want := s.At(1).Deviations(), []jwk.Deviation{deviation("kid", jwk.DeviationNull), deviation("", jwk.DeviationBOM)}; !slices.Equal(got, want) {
			t.Errorf("second key: got deviations %q, want %q", got, want)
		}
		canonical, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := jwk.ParseSet(canonical); err != nil || again.Len() != 2 || bytes.Contains(canonical, []byte(mark)) {
			t.Errorf("strict on the canonical text: got %v, %v", again, err)
		}
	})
	for _, tt := range []struct {
		name, text string
		path       string
		value      string // the error has the offset of this text
		want       error
	}{
		{"two marks", mark + mark + okpWith(""), "", mark + "{", jwk.ErrSyntax},
		{"a mark after white space", " " + mark + okpWith(""), "", mark, jwk.ErrSyntax},
		{"a mark after the key", okpWith("") + mark, "", mark, jwk.ErrSyntax},
		{"UTF-16 mark", "\xff\xfe" + okpWith(""), "", "\xff", jwk.ErrSyntax},
		{"offsets count the mark", mark + okpWith(`"use":"enc"`), "/use", `"enc"`, jwk.ErrInvalid},
		{"offsets count the mark if the text is not JSON", mark + okpWith(`"a":x`), "", `x}`, jwk.ErrSyntax},
		{"offsets count the mark in a duplicate", mark + okpWith(`"a":1,"a":2`), "", `2}`, jwk.ErrSyntax},
		{"offsets count the mark in a repaired key", mark + okpWith(`"kid":null,"use":"enc"`), "/use", `"enc"`, jwk.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := p.Parse([]byte(tt.text))
			if k != nil {
				t.Errorf("got key %v, want nil", k)
			}
			checkPlace(t, err, tt.want, tt.path, strings.Index(tt.text, tt.value))
		})
	}
	t.Run("offsets count the mark in a set", func(t *testing.T) {
		text := mark + string(setText(okpWith(""), okpWith(`"use":"enc"`)))
		s, err := p.ParseSet([]byte(text))
		if err != nil || len(s.Skipped()) != 1 {
			t.Fatalf("got %v, %v; want an entry skipped", s, err)
		}
		checkPlace(t, s.Skipped()[0].Err, jwk.ErrInvalid, "/keys/1/use", strings.Index(text, `"enc"`))
	})
}

// TestLenientRefuses: if this fails, Lenient accepts a malformed key that it does not promise
// to tolerate.
func TestLenientRefuses(t *testing.T) {
	rsaKey, ecKey := fixture(t, "RSA-2048"), fixture(t, "P-256")
	edKey, octKey := fixture(t, "Ed25519"), fixture(t, "oct-256")
	der := certificateOf(t, "P-256")
	k := octKey["k"].(string)
	for _, tt := range []struct {
		name string
		o    object
		want error
		path string
	}{
		{"white space in base64", octKey.with("k", k[:4]+" "+k[4:]), jwk.ErrInvalid, "/k"},
		{"white space at the end", octKey.with("k", k+" "), jwk.ErrInvalid, "/k"},
		{"line feed at the end", octKey.with("k", k+"\n"), jwk.ErrInvalid, "/k"},
		{"line break within", rsaKey.with("n", rsaKey["n"].(string)[:76]+"\r\n"+rsaKey["n"].(string)[76:]), jwk.ErrInvalid, "/n"},
		{"both alphabets, the octets right", octKey.with("k", mixed(t)), jwk.ErrInvalid, "/k"},
		{"padding of a whole text", rsaKey.with("e", "AQAB="), jwk.ErrInvalid, "/e"},
		{"four of padding", rsaKey.with("e", "AQAB===="), jwk.ErrInvalid, "/e"},
		{"too little padding", rsaKey.with("n", rsaKey["n"].(string)+"="), jwk.ErrInvalid, "/n"},
		{"too much padding", octKey.with("k", k+"=="), jwk.ErrInvalid, "/k"},
		{"padding within", octKey.with("k", "AQ=="+k), jwk.ErrInvalid, "/k"},
		{"padding in front", octKey.with("k", "="+k), jwk.ErrInvalid, "/k"},
		{"only padding", octKey.with("k", "===="), jwk.ErrInvalid, "/k"},
		{"filler", octKey.with("k", k[:10]+"."+k[10:]), jwk.ErrInvalid, "/k"},
		{"percent encoding", octKey.with("k", k+"%3D"), jwk.ErrInvalid, "/k"},
		{"a length that no octets have", octKey.with("k", k[:41]), jwk.ErrInvalid, "/k"},
		{"empty", octKey.with("k", ""), jwk.ErrInvalid, "/k"},
		{"n missing", rsaKey.without("n"), jwk.ErrInvalid, "/n"},
		{"a number for a string", rsaKey.with("e", 65537), jwk.ErrSyntax, "/e"},
		{"a number for kid", edKey.with("kid", 1), jwk.ErrSyntax, "/kid"},
		{"a boolean for use", edKey.with("use", true), jwk.ErrSyntax, "/use"},
		{"an array for alg", edKey.with("alg", []string{"EdDSA"}), jwk.ErrSyntax, "/alg"},
		{"null in key_ops", edKey.with("key_ops", []any{nil}), jwk.ErrSyntax, "/key_ops"},
		{"another curve", ecKey.with("crv", "P-384"), jwk.ErrInvalid, "/x"},
		{"another name of the curve", ecKey.with("crv", "secp256r1"), jwk.ErrUnsupported, "/crv"},
		{"the curve in another case", ecKey.with("crv", "p-256"), jwk.ErrUnsupported, "/crv"},
		{"the type in another case", ecKey.with("kty", "ec"), jwk.ErrUnsupported, "/kty"},
		{"kty null", ecKey.with("kty", nil), jwk.ErrSyntax, "/kty"},
		{"crv null", ecKey.with("crv", nil), jwk.ErrSyntax, "/crv"},
		{"x null", ecKey.with("x", nil), jwk.ErrSyntax, "/x"},
		{"k null", octKey.with("k", nil), jwk.ErrSyntax, "/k"},
		{"n null", rsaKey.with("n", nil), jwk.ErrSyntax, "/n"},
		{"d null in an RSA key", rsaKey.with("d", nil), jwk.ErrSyntax, "/d"},
		{"dp null", rsaKey.with("dp", nil), jwk.ErrSyntax, "/dp"},
		{"dp, dq and qi null", rsaKey.with("dp", nil, "dq", nil, "qi", nil), jwk.ErrSyntax, "/dp"},
		{"oth null", rsaKey.with("oth", nil), jwk.ErrSyntax, "/oth"},
		{"a private member of another type, null", ecKey.with("k", nil), jwk.ErrInvalid, "/k"},
		{"a private member of another type", ecKey.with("k", "AQ=="), jwk.ErrInvalid, "/k"},
		{"alg none", rsaKey.with("alg", "none"), jwk.ErrInvalid, "/alg"},
		{"alg of another type", ecKey.with("alg", "RS256", "kid", nil), jwk.ErrInvalid, "/alg"},
		{"key_ops repeated", ecKey.with("key_ops", []string{"sign", "sign"}), jwk.ErrInvalid, "/key_ops"},
		{"d of another key", ecKey.with("d", padded(ecKey["x"].(string))), jwk.ErrInvalid, "/d"},
		{"Ed25519 x with a zero too many", edKey.with("x", edKey.zeros(t, "x", 1)), jwk.ErrInvalid, "/x"},
		{"Ed25519 x with a zero at the end", edKey.with("x", encoded(append(edKey.octetsOf(t, "x"), 0))), jwk.ErrInvalid, "/x"},
		{"EC x that is too long and no zeros", ecKey.with("x", encoded(append([]byte{1}, ecKey.octetsOf(t, "x")...))), jwk.ErrInvalid, "/x"},
		{"EC d of zeros", ecKey.with("d", encoded(make([]byte, 33))), jwk.ErrInvalid, "/d"},
		{"RSA e of zeros", rsaKey.with("e", "AAA"), jwk.ErrInvalid, "/e"},
		{"RSA e of zeros and padding", rsaKey.with("e", "AA=="), jwk.ErrInvalid, "/e"},
		{"RSA n even after a zero", public(t, "RSA-2048").with("n", encoded(append([]byte{0}, new(big.Int).Sub(rsaKey.integer(t, "n"), one).Bytes()...))), jwk.ErrInvalid, "/n"},
		{"RSA n too small after a zero", rsaKey.with("n", encoded(append([]byte{0, 1}, make([]byte, 100)...))), jwk.ErrPolicy, "/n"},
		{"p without q", rsaKey.without("q", "dp", "dq", "qi"), jwk.ErrInvalid, "/q"},
		{"only dp missing", rsaKey.without("dp"), jwk.ErrInvalid, "/dp"},
		{"only qi missing", rsaKey.without("qi"), jwk.ErrInvalid, "/qi"},
		{"dp and dq missing", rsaKey.without("dp", "dq"), jwk.ErrInvalid, "/dp"},
		{"d missing beside p and q", rsaKey.without("d", "dp", "dq", "qi"), jwk.ErrInvalid, "/p"},
		{"p times q not n", rsaKey.without("dp", "dq", "qi").with("p", rsaKey.plus(t, "p", big.NewInt(2))), jwk.ErrInvalid, "/p"},
		{"d wrong beside p and q", rsaKey.without("dp", "dq", "qi").with("d", rsaKey.plus(t, "d", big.NewInt(2))), jwk.ErrInvalid, "/d"},
		{"p 1 and q n", rsaKey.without("dp", "dq", "qi").with("p", "AQ", "q", rsaKey["n"]), jwk.ErrInvalid, "*"},
		{"more than two primes without exponents", fixture(t, "RSA-2048-multi-prime").without("dp", "dq", "qi"), jwk.ErrInvalid, "/dp"},
		{"d empty beside another private member", rsaKey.with("d", ""), jwk.ErrInvalid, "/d"},
		{"oth empty beside other private members", rsaKey.with("oth", []any{}), jwk.ErrInvalid, "/oth"},
		{"d a number", public(t, "P-256").with("d", 1), jwk.ErrSyntax, "/d"},
		{"d an empty array", public(t, "P-256").with("d", []any{}), jwk.ErrSyntax, "/d"},
		{"k empty", octKey.with("k", ""), jwk.ErrInvalid, "/k"},
		{"use at odds with key_ops", rsaKey.with("use", "enc", "key_ops", []string{"sign"}), jwk.ErrInvalid, "/key_ops"},
		{"use at odds with key_ops, alg with these", rsaKey.with("use", "enc", "key_ops", []string{"sign"}, "alg", "RS256"), jwk.ErrInvalid, "/key_ops"},
		{"key_ops at odds with alg", rsaKey.with("key_ops", []string{"encrypt"}, "alg", "RS256"), jwk.ErrInvalid, "/alg"},
		{"use that the type cannot have, without alg", edKey.with("use", "enc"), jwk.ErrInvalid, "/use"},
		{"another name for hardware", ecKey.with("kty", "EC-hsm"), jwk.ErrUnsupported, "/kty"},
		{"the name for hardware of a type without one", edKey.with("kty", "OKP-HSM"), jwk.ErrUnsupported, "/kty"},
		{"hardware without the material", object{"kty": "oct-HSM"}, jwk.ErrInvalid, "/k"},
		{"x5c of another key", public(t, "P-384").with("x5c", std64(der)), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, in base64url", public(t, "P-384").with("x5c", []string{encoded(der)}), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, in PEM", public(t, "P-384").with("x5c", inPEM(der)), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, after an empty string", public(t, "P-384").with("x5c", []any{"", std64(der)}), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, X509 in PEM", public(t, "P-384").with("x5c", strings.ReplaceAll(inPEM(der), "CERT", "X509 CERT")), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, line breaks as escapes", public(t, "P-384").with("x5c", strings.ReplaceAll(inPEM(der), "\n", `\n`)), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, in base64 twice", public(t, "P-384").with("x5c", std64([]byte(std64(der)))), jwk.ErrInvalid, "/x5c"},
		{"x5c of another key, an octet after the certificate", public(t, "P-384").with("x5c", std64(append(slices.Clone(der), 0))), jwk.ErrInvalid, "/x5c"},
		{"x5c of a curve with explicit parameters for RSA", public(t, "RSA-2048").with("x5c", std64(explicitCurve(t, der))), jwk.ErrInvalid, "/x5c"},
		{"x5c too large, beside a deviation", public(t, "P-256").with("use", nil, "x5c", []string{std64(make([]byte, 64<<10+1))}), jwk.ErrPolicy, "/x5c"},
		{"x5c with a second certificate that is too large, before text that is not a certificate", public(t, "P-256").with("use", nil, "x5c", []string{std64(der), std64(make([]byte, 64<<10+1)), "AAAA"}), jwk.ErrPolicy, "/x5c"},
		{"x5c of another key, before values that are not certificates", public(t, "P-384").with("x5c", []any{std64(der), "AAAA", 1}), jwk.ErrInvalid, "/x5c"},
		{"x5c of 12 certificates in PEM", public(t, "P-256").with("x5c", strings.Repeat(inPEM(der), 12)), jwk.ErrPolicy, "/x5c"},
		{"x5c of 11 strings, and use null", public(t, "P-256").with("x5c", slices.Repeat([]string{""}, 11), "use", nil), jwk.ErrPolicy, "/x5c"},
		{"padding in oth", othWith(t, padded), jwk.ErrInvalid, "/oth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := jwk.Parser{Lenient: true}
			k, err := p.Parse(tt.o.json(t))
			if k != nil {
				t.Errorf("got key %v with %q, want nil", k, k.Deviations())
			}
			checkError(t, err, tt.want, tt.path)
			if k, err := jwk.Parse(tt.o.json(t)); k != nil || err == nil {
				t.Errorf("strict: got %v, %v; want no key and an error", k, err)
			}
		})
	}
	for _, tt := range []struct {
		name, text string
		path       string
	}{
		{"duplicate null", okpWith(`"kid":null,"kid":"a"`), "/kid"},
		{"duplicate, the second null", okpWith(`"kid":"a","kid":null`), "/kid"},
		{"duplicate, both null", okpWith(`"kid":null,"kid":null`), "/kid"},
		{"duplicate, one with padding", okpWith(`"x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw="`), "/x"},
		{"duplicate deviation", okpWith(`"use":null,"a":1,"a":2`), ""},
		{"duplicate in key_ops", okpWith(`"kid":null,"key_ops":[{"a":1,"a":2}]`), "/key_ops"},
		{"duplicate in x5c", okpWith(`"kid":null,"x5c":[{"a":1,"a":2}]`), "/x5c"},
		{"trailing comma", okpWith(`"a":1,`), "*"},
		{"comment", okpWith(`"a":1 // one`), "*"},
		{"invalid UTF-8", okpWith("\"a\":\"\xff\""), ""},
		{"text after it", okpWith(``) + "x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := jwk.Parser{Lenient: true}
			k, err := p.Parse([]byte(tt.text))
			if k != nil {
				t.Errorf("got key %v, want nil", k)
			}
			checkError(t, err, jwk.ErrSyntax, tt.path)
		})
	}
}

// mixed returns base64 text with characters of both alphabets.
func mixed(t testing.TB) string {
	t.Helper()
	text := encoded(bytes.Repeat([]byte{0xfb, 0xef, 0xff}, 11))
	if strings.Count(text, "-") < 2 {
		t.Fatalf("got fewer than two minus signs in %s", text)
	}
	return strings.Replace(text, "-", "+", 1)
}

// othWith returns a key with three primes, and with one spoilt member of the third prime.
func othWith(t testing.TB, spoil func(string) string) object {
	t.Helper()
	o := fixture(t, "RSA-2048-multi-prime")
	third := object(o["oth"].([]any)[0].(map[string]any))
	for _, name := range []string{"r", "d", "t"} {
		if text := third[name].(string); spoil(text) != text {
			return o.with("oth", []any{third.with(name, spoil(text))})
		}
	}
	t.Fatal("nothing to spoil")
	return nil
}

// TestLenientErrorPlaces: errors have places in the original text, not in its repair.
func TestLenientErrorPlaces(t *testing.T) {
	const x = `"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw="`
	ofAnother := `"` + std64(certificateOf(t, "P-256")) + `"`
	for _, tt := range []struct {
		name, text string
		want       error
		path       string
		value      string
	}{
		{"a member before the repair", `{"kty":"OKP", "use" : "enc","crv":"Ed25519","x":` + x + `}`, jwk.ErrInvalid, "/use", `"enc"`},
		{"a member after the repair", `{"kty":"OKP","crv":"Ed25519","x":` + x + `, "kid":null, "use" : "enc"}`, jwk.ErrInvalid, "/use", `"enc"`},
		{"the repaired member", `{"kty":"OKP","kid":null,"crv":"Ed25519","x": "AQ=="}`, jwk.ErrInvalid, "/x", `"AQ=="`},
		{"a missing member", ` {"kty":"OKP","kid":null,"crv":"Ed25519"}`, jwk.ErrInvalid, "/x", `{`},
		{"kty missing", ` {"kid":null,"crv":"Ed25519","x":` + x + `}`, jwk.ErrInvalid, "/kty", `{`},
		{"escaped names", `{"kty":"OKP","k\u0069d":null,"crv":"Ed25519","x":` + x + `,"\u0075se":"enc"}`, jwk.ErrInvalid, "/use", `"enc"`},
		{"x5c", `{"kty":"OKP","kid":null,"crv":"Ed25519","x":` + x + `,"x5c":` + ofAnother + `}`, jwk.ErrInvalid, "/x5c", ofAnother},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := jwk.Parser{Lenient: true}
			offset := strings.Index(tt.text, tt.value)
			k, err := p.Parse([]byte(tt.text))
			if k != nil {
				t.Errorf("got key %v, want nil", k)
			}
			checkPlace(t, err, tt.want, tt.path, offset)

			before := "{ \"a\" : {} , \"keys\" : [" + okpWith(`"kid":null`) + " ,\n"
			s, err := p.ParseSet([]byte(before + tt.text + "]}"))
			if err != nil || s.Len() != 1 || len(s.Skipped()) != 1 {
				t.Fatalf("ParseSet: got %v, %v; want one key and one entry skipped", s, err)
			}
			checkPlace(t, s.Skipped()[0].Err, tt.want, "/keys/1"+tt.path, len(before)+offset)
			// The skipped entry keeps its original text.
			if got := string(s.Skipped()[0].JSON); got != strings.TrimSpace(tt.text) {
				t.Errorf("JSON: got %s, want %s", got, tt.text)
			}
		})
	}
}

// TestLenientPublicOnly: if this fails, a parser with Lenient and PublicOnly accepts a private
// key.
func TestLenientPublicOnly(t *testing.T) {
	p := jwk.Parser{Lenient: true, PublicOnly: true}
	t.Run("a public key", func(t *testing.T) {
		clean := public(t, "RSA-2048")
		k, err := p.Parse(clean.with("n", padded(clean["n"].(string))).json(t))
		if err != nil {
			t.Fatal(err)
		}
		if !k.Equal(clean.key(t)) || len(k.Deviations()) != 1 {
			t.Errorf("got %v with %q, want the clean key and one deviation", k, k.Deviations())
		}
	})
	t.Run("a null private member", func(t *testing.T) {
		s, err := p.ParseSet(setText(okpWith(""), string(public(t, "P-256").with("d", nil).json(t))))
		if err != nil || s.Len() != 2 {
			t.Errorf("got %v, %v; want two keys", s, err)
		}
	})
	for _, tt := range []struct {
		name string
		o    object
		path string
	}{
		{"a private key", fixture(t, "RSA-2048"), "/d"},
		{"a private key with padding", fixture(t, "RSA-2048").with("n", padded(fixture(t, "RSA-2048")["n"].(string))), "/d"},
		{"padding in the private member", fixture(t, "Ed25519").with("d", padded(fixture(t, "Ed25519")["d"].(string))), "/d"},
		{"an RSA key without CRT exponents", fixture(t, "RSA-2048").without("dp", "dq", "qi"), "/d"},
		{"one null private member beside a private one", fixture(t, "RSA-2048").with("oth", nil), "/d"},
		{"a private key in x5c", public(t, "P-256").with("x5c", []any{fixture(t, "P-256")}), "/x5c"},
		{"a private key in key_ops", public(t, "P-256").with("kid", nil, "key_ops", []any{fixture(t, "P-256")}), "/key_ops"},
		{"a symmetric key", fixture(t, "oct-256").with("kid", nil), "/k"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := p.Parse(tt.o.json(t))
			if k != nil {
				t.Errorf("got key %v, want nil", k)
			}
			checkError(t, err, jwk.ErrPrivate, tt.path)
			s, err := p.ParseSet(setText(okpWith(""), string(tt.o.json(t))))
			if s != nil {
				t.Errorf("got set %v, want nil", s)
			}
			checkError(t, err, jwk.ErrPrivate, "*")
		})
	}
}

// TestLenientKeepsTheRest checks that Lenient changes neither the text nor the order of the
// members that it does not repair.
func TestLenientKeepsTheRest(t *testing.T) {
	const rest = `"z":1e999999,"a":[ 1, {"kid":null,"n":"AQ=="} ],"x5u":"\u0068ttps:\/\/a.example","\u0000":-0`
	p := jwk.Parser{Lenient: true}
	k, err := p.Parse([]byte(`{"kid":null,` + rest + `,"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw=","exp":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{` + rest + `,"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw"}`
	if got, err := k.MarshalJSON(); err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}

	// Lenient does not repair a member of another key type, which is not material of this key.
	for _, member := range []string{`"x":"AQ=="`, `"y":"AAAA"`, `"pub":"+/=="`, `"crv":null`} {
		t.Run("public member of another type "+member, func(t *testing.T) {
			text := strings.TrimSuffix(string(public(t, "RSA-2048").with("e", "AAEAAQ").json(t)), "}") + "," + member + "}"
			if _, err := jwk.Parse([]byte(strings.Replace(text, "AAEAAQ", "AQAB", 1))); err != nil {
				t.Fatalf("strict, without the deviation: got %v, want no error", err)
			}
			k, err := p.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := k.Deviations(), []jwk.Deviation{deviation("e", jwk.DeviationLeadingZeros)}; !slices.Equal(got, want) {
				t.Errorf("got deviations %q, want %q", got, want)
			}
			if got, err := k.MarshalJSON(); err != nil || !bytes.Contains(got, []byte(member)) {
				t.Errorf("got %s, %v; want %s in it", got, err, member)
			}
		})
	}
}

// TestLenientOnStrictText checks that Lenient reads a text that the strict parser accepts as
// the same key, without deviations.
func TestLenientOnStrictText(t *testing.T) {
	p := jwk.Parser{Lenient: true}
	for _, name := range fixtureNames {
		for _, o := range []object{fixture(t, name), public(t, name)} {
			if len(o) < 2 {
				continue
			}
			text := o.with("kid", "a", "note", []any{nil, "AQ=="}).json(t)
			k, err := p.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if d := k.Deviations(); d != nil {
				t.Errorf("%s: got deviations %q, want no deviations", name, d)
			}
			if got, _ := k.MarshalPrivateJSON(); !bytes.Equal(got, text) {
				t.Errorf("%s: got %s, want %s", name, got, text)
			}
		}
	}
}

// TestLenientSet checks that Lenient applies to the entries of a set, and that FailFast stops
// only at entries that Lenient does not tolerate.
func TestLenientSet(t *testing.T) {
	dirty := fixture(t, "P-256")
	dirty = dirty.with("x", padded(dirty["x"].(string)), "kid", "b")
	p := jwk.Parser{Lenient: true}
	entries := []string{okpWith(`"kid":"a"`), string(dirty.json(t)), `{"kty":"EC"}`, okpWith(`"kid":null`)}
	s, err := p.ParseSet(setText(entries...))
	if err != nil || s.Len() != 3 {
		t.Fatalf("got %v, %v; want three keys", s, err)
	}
	for i, want := range [][]jwk.Deviation{nil, {deviation("x", jwk.DeviationPadding)}, {deviation("kid", jwk.DeviationNull)}} {
		if got := s.At(i).Deviations(); !slices.Equal(got, want) {
			t.Errorf("key %d: got deviations %q, want %q", i, got, want)
		}
	}
	if k, ok := s.Lookup("b"); !ok || k.Thumbprint() != fixture(t, "P-256").key(t).Thumbprint() {
		t.Errorf("Lookup: got %v, %v", k, ok)
	}
	if strict, err := jwk.ParseSet(setText(entries...)); err != nil || strict.Len() != 1 || len(strict.Skipped()) != 3 {
		t.Errorf("strict: got %v, %v; want one key and three skipped", strict, err)
	}
	fast := jwk.Parser{Lenient: true, FailFast: true}
	if _, err := fast.ParseSet(setText(entries[:2]...)); err != nil {
		t.Errorf("FailFast with deviations: got %v, want no error", err)
	}
	_, err = fast.ParseSet(setText(entries...))
	checkError(t, err, jwk.ErrInvalid, "/keys/2/crv")
}

// TestDeviationCodes looks for every code in the tests of Lenient. A code without an input
// means that no test tries this leniency.
func TestDeviationCodes(t *testing.T) {
	var tests []byte
	for _, name := range []string{"lenient_test.go", "pem_text_test.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, text...)
	}
	scope := theSource(t).pkg.Scope()
	codes := 0
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && c.Type() == scope.Lookup("DeviationCode").Type() {
			codes++
			if !regexp.MustCompile(`\bjwk\.` + name + `\b`).Match(tests) {
				t.Errorf("no test of Lenient has %s", name)
			}
		}
	}
	if codes < 20 {
		t.Errorf("got %d codes, want all of them", codes)
	}
}
