package main

import (
	"bytes"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// An examination finds every reason why a JWK is refused. The parser stops at the first, so the
// member with that error is taken out, and the rest is parsed again.
type examination struct {
	text       []byte
	head       keyHead
	samples    samples
	allowWeak  bool // the size of the RSA key is among the reasons
	stoodIn    bool // the material was replaced
	duplicates bool // later members with the same name were removed
}

// maxErrors is the largest number of errors that an examination finds in an entry. More would need
// more members than are registered.
const maxErrors = 32

func (e *examination) reasons() []reason {
	set, err := jwk.ParseSet(input.SetOf(e.text))
	found := e.lenientReasons() // changes the text
	if err != nil || set.Len() == 1 {
		return found // never: the lenient parser has refused the entry
	}
	path, text := input.Reason(set.Skipped()[0].Err, input.EntryPath(0))
	// The lenient parser repairs a value before it refuses it. Without a reason at the same place,
	// or with another one that is not about the repair, the reason of the strict parser is missing.
	for _, r := range found {
		if _, deviation := deviationRules[jwk.DeviationCode(r.Code)]; r.Path == path && (deviation || r.Text == text) {
			return found
		}
	}
	strict := reason{Path: path, Code: kindOf(set.Skipped()[0].Err), Text: text, Rule: ruleOf(path, text, e.head)}
	return slices.Insert(found, 0, strict)
}

// lenientReasons returns the reasons that the lenient parser gives.
func (e *examination) lenientReasons() []reason {
	var found []reason
	for range maxErrors {
		p := jwk.Parser{Lenient: true, MaxBytes: math.MaxInt}
		if e.allowWeak {
			p.MinRSABits = 1
		}
		set, err := p.ParseSet(input.SetOf(e.text))
		if err != nil {
			return found // never: the entry was read before
		}
		if set.Len() == 1 {
			for _, d := range set.At(0).Deviations() {
				words, rule := explainDeviation(d, e.head)
				found = append(found, reason{Path: string(d.Path), Code: string(d.Code), Text: words, Rule: rule})
			}
			return found
		}
		s := set.Skipped()[0]
		path, text := input.Reason(s.Err, input.EntryPath(0))
		found = append(found, reason{Path: path, Code: kindOf(s.Err), Text: text, Rule: ruleOf(path, text, e.head)})
		if !e.goOn(memberAt(path), s.Err, text) {
			return found
		}
	}
	return found
}

// goOn takes a member with an error out of the entry. It reports whether the rest can be examined.
func (e *examination) goOn(member string, err error, text string) bool {
	_, attribute := attributeRules[member]
	switch {
	case strings.Contains(text, "duplicate member name"):
		if member == "" || e.duplicates {
			return false
		}
		e.duplicates = true
		e.text = rewritten(e.text, func(string) bool { return true }, nil)
		return true
	case isWeak(err) && !e.allowWeak:
		e.allowWeak = true
		return true
	case member == "" || member == "kty" || member == "alg" && e.head.Type == jwk.AKP:
		return false
	case attribute:
		e.text = rewritten(e.text, func(name string) bool { return name != member }, nil)
		return true
	}
	return e.standIn()
}

// standIn replaces key material that has an error by other material of the same type, so that
// the errors of attributes can be found.
func (e *examination) standIn() bool {
	material, ok := e.samples.material(e.head)
	if !ok || e.stoodIn {
		return false
	}
	e.stoodIn = true
	e.text = rewritten(e.text, func(name string) bool {
		_, attribute := attributeRules[name]
		return attribute && name != "x5c" // certificates are for the true key
	}, material)
	return true
}

// samples has the public members of some key for each algorithm and curve, once it was needed. Keys
// take long to make, and a set may have many refused entries. There are as many as package jwk has
// algorithms and curves, because it makes keys for no others.
type samples map[sampleKind]map[string]jsontext.Value

type sampleKind struct {
	alg jwk.Algorithm
	crv jwk.Curve
}

// material returns the public members of some key of a type. It returns false for symmetric keys,
// because their algorithms depend on the size.
func (s samples) material(head keyHead) (map[string]jsontext.Value, bool) {
	var kind sampleKind
	switch head.Type {
	case jwk.RSA:
		return map[string]jsontext.Value{"n": sampleModulus, "e": jsontext.Value(`"AQAB"`)}, true
	case jwk.EC: // if the curve is wrong or missing, P-256 is as good as another
		switch head.Curve {
		case jwk.CurveP384, jwk.CurveP521:
			kind = sampleKind{jwk.ECDHES, head.Curve}
		case jwk.CurveSecp256k1:
			kind = sampleKind{alg: jwk.ES256K}
		default:
			kind = sampleKind{jwk.ECDHES, jwk.CurveP256}
		}
	case jwk.OKP:
		switch head.Curve {
		case jwk.CurveX25519, jwk.CurveX448:
			kind = sampleKind{jwk.ECDHES, head.Curve}
		case jwk.CurveEd448:
			kind = sampleKind{alg: jwk.Ed448}
		default:
			kind = sampleKind{alg: jwk.Ed25519}
		}
	case jwk.AKP:
		alg, err := algorithmNamed(string(head.Algorithm))
		if err != nil || alg.Type != jwk.AKP {
			return nil, false
		}
		kind = sampleKind{alg: head.Algorithm}
	default:
		return nil, false
	}
	if material, made := s[kind]; made {
		return material, true
	}
	k, err := jwk.Generate(kind.alg, &jwk.GenerateOptions{Curve: kind.crv})
	if err != nil {
		return nil, false
	}
	material := make(map[string]jsontext.Value)
	for _, name := range []string{"crv", "x", "y", "pub"} {
		if value, ok := k.Member(name); ok {
			material[name] = value
		}
	}
	s[kind] = material
	return material, true
}

// sampleModulus is the modulus in RFC 7638, Section 3.1.
var sampleModulus = jsontext.Value(`"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"`)

// rewritten returns an object with the members that keep accepts, each once, and with the members
// of more, which replace members with the same names.
func rewritten(object []byte, keep func(name string) bool, more map[string]jsontext.Value) []byte {
	dec := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var buf bytes.Buffer
	enc := jsontext.NewEncoder(&buf, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	seen := make(map[string]bool)
	write := func(name string, value jsontext.Value) error {
		seen[name] = true
		if err := enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		return enc.WriteValue(value)
	}
	err := func() error {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		if err := enc.WriteToken(jsontext.BeginObject); err != nil {
			return err
		}
		for dec.PeekKind() == '"' {
			token, err := dec.ReadToken()
			if err != nil {
				return err
			}
			name := token.String()
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			if keep(name) && !seen[name] && more[name] == nil {
				if err := write(name, value); err != nil {
					return err
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(more)) {
			if err := write(name, more[name]); err != nil {
				return err
			}
		}
		return enc.WriteToken(jsontext.EndObject)
	}()
	if err != nil {
		return []byte("{}") // never: the parser has read the object
	}
	return buf.Bytes()
}
