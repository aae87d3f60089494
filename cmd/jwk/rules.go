package main

import (
	"errors"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// A refusal names the rule that the input breaks, so that its author can be shown the text of the
// standard.

// attributeRules has the section that defines each member that any key may have.
var attributeRules = map[string]string{
	"kty":      "RFC 7517, Section 4.1",
	"use":      "RFC 7517, Section 4.2",
	"key_ops":  "RFC 7517, Section 4.3",
	"alg":      "RFC 7517, Section 4.4",
	"kid":      "RFC 7517, Section 4.5",
	"x5u":      "RFC 7517, Section 4.6",
	"x5c":      "RFC 7517, Section 4.7",
	"x5t":      "RFC 7517, Section 4.8",
	"x5t#S256": "RFC 7517, Section 4.9",
	"iat":      "OpenID Federation 1.0",
	"nbf":      "OpenID Federation 1.0",
	"exp":      "OpenID Federation 1.0",
}

// materialRules has the section that defines each member with key material, by the type of the key.
var materialRules = map[jwk.KeyType]map[string]string{
	jwk.RSA: {
		"n":   "RFC 7518, Section 6.3.1.1",
		"e":   "RFC 7518, Section 6.3.1.2",
		"d":   "RFC 7518, Section 6.3.2.1",
		"p":   "RFC 7518, Section 6.3.2.2",
		"q":   "RFC 7518, Section 6.3.2.3",
		"dp":  "RFC 7518, Section 6.3.2.4",
		"dq":  "RFC 7518, Section 6.3.2.5",
		"qi":  "RFC 7518, Section 6.3.2.6",
		"oth": "RFC 7518, Section 6.3.2.7",
	},
	jwk.EC: {
		"crv": "RFC 7518, Section 6.2.1.1",
		"x":   "RFC 7518, Section 6.2.1.2",
		"y":   "RFC 7518, Section 6.2.1.3",
		"d":   "RFC 7518, Section 6.2.2.1",
	},
	jwk.OKP: {
		"crv": "RFC 8037, Section 2",
		"x":   "RFC 8037, Section 2",
		"d":   "RFC 8037, Section 2",
	},
	jwk.Oct: {
		"k": "RFC 7518, Section 6.4.1",
	},
	jwk.AKP: {
		"alg":  "RFC 9964, Section 3",
		"pub":  "RFC 9964, Section 3",
		"priv": "RFC 9964, Section 3",
		"seed": "RFC 9964, Section 3",
	},
}

// typeRules has the section that defines the members of each type.
var typeRules = map[jwk.KeyType]string{
	jwk.RSA: "RFC 7518, Section 6.3",
	jwk.EC:  "RFC 7518, Section 6.2",
	jwk.OKP: "RFC 8037, Section 2",
	jwk.Oct: "RFC 7518, Section 6.4",
	jwk.AKP: "RFC 9964, Section 3",
}

// The sections that many members share.
const (
	ruleObject    = "RFC 7517, Section 4"   // a key is a JSON object with unique names
	ruleSet       = "RFC 7517, Section 5.1" // "keys" is an array of keys
	ruleDisclosed = "RFC 7517, Section 9.2" // private and symmetric keys must not be disclosed
	ruleBase64url = "RFC 7515, Section 2"
	ruleUInt      = "RFC 7518, Section 2" // Base64urlUInt: no octet more than needed
	ruleJSON      = "RFC 8259, Section 2"
	ruleMark      = "RFC 8259, Section 8.1" // no byte order mark
	rulePEM       = "RFC 7468, Section 2"
	ruleRSASize   = "RFC 7518, Section 3.3"
	ruleHMACSize  = "RFC 7518, Section 3.2"
	ruleAESSize   = "RFC 7518, Section 4.4"
	ruleDirect    = "RFC 7518, Section 5"
	ruleTypes     = "RFC 7518, Section 6.1" // the values of kty
	ruleCertified = "RFC 5280, Section 4.1"
)

// secp256k1Rule is the section for the members of EC keys on that curve.
const secp256k1Rule = "RFC 8812, Section 3.1"

// textRules has the section for errors that are about how a value is written and not about the
// member. The first text that is in an error counts.
var textRules = []struct{ text, rule string }{
	{"duplicate member name", ruleObject},
	{"not canonical base64url", ruleBase64url},
	{"not canonical base64 ", "RFC 7517, Section 4.7"},
	{"a leading zero octet", ruleUInt},
	{"bits, want at least", ruleRSASize},
	{"needs at least", ruleHMACSize},
	{"A128KW needs", ruleAESSize}, {"A192KW needs", ruleAESSize}, {"A256KW needs", ruleAESSize},
	{"KW needs", "RFC 7518, Section 4.7"},
	{"GCM needs", ruleDirect}, {"CBC-HS256 needs", ruleDirect}, {"CBC-HS384 needs", ruleDirect}, {"CBC-HS512 needs", ruleDirect},
	{"a part of a private key without d", "RFC 7518, Section 6.3.2"},
	{"want all of p, q, dp, dq and qi", "RFC 7518, Section 6.3.2"},
	{"not an X.509 certificate in DER", ruleCertified},
	{"curve \"secp256k1\"", "RFC 8812, Section 3.1"},
	{"not a PEM block", rulePEM},
	{"no PEM block", rulePEM},
}

// limitTexts are parts of errors about limits of this program, which are not rules of a standard.
var limitTexts = []string{"want at most", "more than", "levels deep", "CVE-", "can be found", "small t1"}

// ruleOf returns the section of the rule that an error is about, or "" if no standard has the rule.
// path is the place within the key. head describes the key as far as it can be read.
func ruleOf(path, reason string, head keyHead) string {
	member := memberAt(path)
	for _, r := range textRules {
		if strings.Contains(reason, r.text) {
			return r.rule
		}
	}
	for _, text := range limitTexts {
		if strings.Contains(reason, text) {
			return ""
		}
	}
	rule := materialRules[head.Type][member]
	switch {
	case head.Type == jwk.EC && head.Curve == jwk.CurveSecp256k1 && rule != "":
		return secp256k1Rule
	case rule != "":
		return rule
	case member == "kty" && strings.HasPrefix(reason, "key type"):
		return ruleTypes
	case attributeRules[member] != "":
		return attributeRules[member]
	case member != "" && typeRules[head.Type] != "":
		return typeRules[head.Type] // such as a private member of another type
	case head.isJSON:
		return ruleObject
	}
	return ""
}

// documentRule returns the section of the rule that a document breaks as a whole, or "".
func documentRule(e *input.Error) string {
	rule := ruleOf(e.Path, e.Reason, keyHead{})
	switch {
	case errors.Is(e.Err, jwk.ErrPolicy): // a limit of this program
	case strings.Contains(e.Reason, "(line "): // a place in a text that is not JSON
		return ruleJSON
	case rule == "" && memberAt(e.Path) == "keys":
		return ruleSet
	}
	return rule
}

// A keyHead is the part of a key that says which rules it must follow.
type keyHead struct {
	Type      jwk.KeyType
	Curve     jwk.Curve
	Algorithm jwk.Algorithm

	isJSON bool // the key is a JWK
}

// memberAt returns the first name in a JSON Pointer. A member that has a rule has no "~" in its
// name, so that nothing is escaped.
func memberAt(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return name
}

// A deviationRule says what a deviation breaks.
type deviationRule struct {
	words string
	rule  string // "" means the section of the member
	x5c   string // the words if the member is x5c, or ""
}

// deviationRules explains each deviation that the lenient parser accepts.
var deviationRules = map[jwk.DeviationCode]deviationRule{
	jwk.DeviationPadding:      {words: "base64url must have no padding", rule: ruleBase64url, x5c: "base64 in x5c needs its padding"},
	jwk.DeviationAlphabet:     {words: `base64url must have "-" and "_" in place of "+" and "/"`, rule: ruleBase64url, x5c: `x5c must have base64 with "+" and "/", and not base64url`},
	jwk.DeviationStrayBits:    {words: "bits of the last character that encode nothing must be 0", rule: "RFC 4648, Section 3.5"},
	jwk.DeviationLeadingZeros: {words: "an integer must have no leading zero octets", rule: ruleUInt},
	jwk.DeviationWidth:        {words: "the value must have the full width of its curve"},
	jwk.DeviationMissingCRT:   {words: "a private key with p and q must have dp, dq and qi too", rule: "RFC 7518, Section 6.3.2"},
	jwk.DeviationNull:         {words: "null is not a value of this member; leave the member out"},
	jwk.DeviationEmpty:        {words: "the member is empty; leave it out"},
	jwk.DeviationBareOps:      {words: "key_ops must be an array, even of one operation"},
	jwk.DeviationBareX5C:      {words: "x5c must be an array, even of one certificate"},
	jwk.DeviationWhiteSpace:   {words: "base64 in x5c must have no white space and no line breaks"},
	jwk.DeviationPEM:          {words: "x5c must have base64 of DER, without the lines of PEM and not encoded twice"},
	jwk.DeviationHexX5T:       {words: "the digest must be in base64url, and not in hexadecimal digits"},
	jwk.DeviationDigest:       {words: "the digest must be the digest of the first certificate in x5c"},
	jwk.DeviationUnreadable:   {words: "the value cannot be read; leave the member out"},
	jwk.DeviationHSM:          {words: "kty must be RSA, EC or oct: Azure Key Vault adds -HSM", rule: ruleTypes},
	jwk.DeviationUse:          {words: "use is at odds with alg"},
	jwk.DeviationBOM:          {words: "a JSON text must have no byte order mark", rule: ruleMark},
	jwk.DeviationLineBreaks:   {words: "each line of a block must end in a line break", rule: rulePEM},
	jwk.DeviationLabel:        {words: "the label of the block must name the form of the key", rule: rulePEM},
	jwk.DeviationMissingNULL:  {words: "rsaEncryption must have the parameters NULL", rule: "RFC 3279, Section 2.3.1"},
	jwk.DeviationPublicTag:    {words: "the public key must have an implicit tag", rule: "RFC 5958, Section 2"},
}

// explainDeviation returns the words and the section for a deviation of a key.
func explainDeviation(d jwk.Deviation, head keyHead) (words, rule string) {
	r := deviationRules[d.Code]
	words, rule = r.words, r.rule
	if words == "" {
		words = "the standards do not allow this" // a code of a later version of package jwk
	}
	member := memberAt(string(d.Path))
	if member == "x5c" && r.x5c != "" {
		words, rule = r.x5c, ""
	}
	if d.Code == jwk.DeviationBOM && !head.isJSON {
		rule = rulePEM
		words = "a byte order mark must not stand before the block"
	}
	if rule == "" {
		rule = ruleOf(string(d.Path), "", head)
	}
	return words, rule
}

// withRule returns a reason with its rule in parentheses, unless the rule is "".
func withRule(reason, rule string) string {
	if rule == "" {
		return reason
	}
	return reason + " (" + rule + ")"
}
