package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestEveryDeviationHasARule: if package jwk accepts another deviation, check must say which rule
// it breaks.
func TestEveryDeviationHasARule(t *testing.T) {
	api, err := os.ReadFile(filepath.Join("..", "..", "testdata", "api.txt"))
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?m)^const Deviation\w+ DeviationCode = "([^"]+)"$`).FindAllStringSubmatch(string(api), -1)
	if len(codes) != len(deviationRules) {
		t.Errorf("got %d rules, want %d", len(deviationRules), len(codes))
	}
	for _, match := range codes {
		r, ok := deviationRules[jwk.DeviationCode(match[1])]
		if !ok || r.words == "" {
			t.Errorf("no rule for the deviation %s", match[1])
		}
	}
}

// TestRulesAreCited: a rule is a section of an RFC, so that its author can be sent there.
func TestRulesAreCited(t *testing.T) {
	cited := regexp.MustCompile(`^(RFC \d{4}, Section \d+(\.\d+)*|OpenID Federation 1\.0)$`)
	check := func(where, rule string) {
		if !cited.MatchString(rule) {
			t.Errorf("%s: got %q, want an RFC with a section", where, rule)
		}
	}
	for member, rule := range attributeRules {
		check(member, rule)
	}
	for kty, rules := range materialRules {
		check(string(kty), typeRules[kty])
		for member, rule := range rules {
			check(string(kty)+" "+member, rule)
		}
	}
	for _, r := range textRules {
		check(r.text, r.rule)
	}
	for code, r := range deviationRules {
		if r.rule != "" {
			check(string(code), r.rule)
		}
	}
}

func TestRuleOf(t *testing.T) {
	rsa, ec, akp := keyHead{Type: jwk.RSA, isJSON: true}, keyHead{Type: jwk.EC, Curve: jwk.CurveP256, isJSON: true}, keyHead{Type: jwk.AKP, isJSON: true}
	k1, okp, oct := keyHead{Type: jwk.EC, Curve: jwk.CurveSecp256k1, isJSON: true}, keyHead{Type: jwk.OKP, isJSON: true}, keyHead{Type: jwk.Oct, isJSON: true}
	for _, tc := range []struct {
		path, reason string
		head         keyHead
		want         string
	}{
		{"", "null, want an object", keyHead{isJSON: true}, "RFC 7517, Section 4"},
		{"", "a DSA key, which has no form as a JWK", keyHead{}, ""},
		{"/kty", "missing", keyHead{isJSON: true}, "RFC 7517, Section 4.1"},
		{"/kty", `key type "X", want RSA, EC, OKP, oct or AKP`, keyHead{isJSON: true}, "RFC 7518, Section 6.1"},
		{"/kty", "duplicate member name", rsa, "RFC 7517, Section 4"},
		{"/n", "missing", rsa, "RFC 7518, Section 6.3.1.1"},
		{"/n", "1024 bits, want at least 2048", rsa, "RFC 7518, Section 3.3"},
		{"/n", "8193 bits, want at most 8192", rsa, ""},
		{"/n", "a modulus with the flaw CVE-2017-15361 (ROCA)", rsa, ""},
		{"/n", "not canonical base64url: padding: remove it", rsa, "RFC 7515, Section 2"},
		{"/e", "a leading zero octet, want an integer without leading zeros", rsa, "RFC 7518, Section 2"},
		{"/qi", "missing, want all of p, q, dp, dq and qi, or none of them", rsa, "RFC 7518, Section 6.3.2"},
		{"/k", "a private member that RSA keys do not have", rsa, "RFC 7518, Section 6.3"},
		{"/x", "x and y are not a point on P-256", ec, "RFC 7518, Section 6.2.1.2"},
		{"/x", "x and y are not a point on secp256k1", k1, "RFC 8812, Section 3.1"},
		{"/x", "1 octet, want 32 for Ed25519", okp, "RFC 8037, Section 2"},
		{"/k", "missing", oct, "RFC 7518, Section 6.4.1"},
		{"/alg", "HS256 needs at least 32 octets, the key has 31", oct, "RFC 7518, Section 3.2"},
		{"/alg", "A128KW needs 16 octets, the key has 17", oct, "RFC 7518, Section 4.4"},
		{"/alg", "A128GCMKW needs 16 octets, the key has 17", oct, "RFC 7518, Section 4.7"},
		{"/alg", "A128CBC-HS256 needs 32 octets, the key has 17", oct, "RFC 7518, Section 5"},
		{"/alg", "RS256 is at odds with use enc", rsa, "RFC 7517, Section 4.4"},
		{"/alg", "missing", akp, "RFC 9964, Section 3"},
		{"/use", "a number, want a string", rsa, "RFC 7517, Section 4.2"},
		{"/x5c", "the first certificate is for another key", rsa, "RFC 7517, Section 4.7"},
		{"/x5c", "certificate 1: not an X.509 certificate in DER", rsa, "RFC 5280, Section 4.1"},
		{"/x5c", "more than 10 elements", rsa, ""},
		{"/x5c/0", "anything", rsa, "RFC 7517, Section 4.7"},
		{"", "not a PEM block (RFC 7468): END without BEGIN", keyHead{}, "RFC 7468, Section 2"},
	} {
		if got := ruleOf(tc.path, tc.reason, tc.head); got != tc.want {
			t.Errorf("%s %s: got %q, want %q", tc.path, tc.reason, got, tc.want)
		}
	}
}

// TestExplainDeviation: the same deviation can break another rule in another member.
func TestExplainDeviation(t *testing.T) {
	rsa := keyHead{Type: jwk.RSA, isJSON: true}
	for _, tc := range []struct {
		path, code  string
		head        keyHead
		words, rule string
	}{
		{"/n", "padding", rsa, "base64url must have no padding", "RFC 7515, Section 2"},
		{"/x5c", "padding", rsa, "base64 in x5c needs its padding", "RFC 7517, Section 4.7"},
		{"", "bom", rsa, "a JSON text must have no byte order mark", "RFC 8259, Section 8.1"},
		{"", "bom", keyHead{Type: jwk.RSA}, "a byte order mark must not stand before the block", "RFC 7468, Section 2"},
		{"/use", "null", rsa, "null is not a value of this member; leave the member out", "RFC 7517, Section 4.2"},
		{"/x5t", "of the future", rsa, "the standards do not allow this", "RFC 7517, Section 4.8"},
	} {
		words, rule := explainDeviation(jwk.Deviation{Path: "", Code: jwk.DeviationCode(tc.code)}, tc.head)
		if tc.path != "" {
			d := jwk.Deviation{Code: jwk.DeviationCode(tc.code)}
			d.Path = d.Path.AppendToken(strings.TrimPrefix(tc.path, "/"))
			words, rule = explainDeviation(d, tc.head)
		}
		if words != tc.words || rule != tc.rule {
			t.Errorf("%s %s: got %q, %q, want %q, %q", tc.path, tc.code, words, rule, tc.words, tc.rule)
		}
	}
}
