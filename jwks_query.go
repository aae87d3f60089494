package jwk

import (
	"log/slog"
	"strings"
)

// A Query describes the key that is wanted. A zero field sets no condition.
//
// A key that does not have a member still answers, because use, key_ops and alg are optional
// (RFC 7517, Section 4). A key with a member that contradicts the query does not.
type Query struct {
	KeyID string // only keys whose kid is exactly this

	// Use is the purpose of the key. The alg and key_ops of a key count as well as its
	// use. A use that is not registered, such as "jwt-svid" of SPIFFE, finds the keys with
	// that use and the keys without a use. It permits no operation, so leave Ops out, and
	// add the Algorithm of the token.
	Use Use

	// Ops are operations. The key must permit every one, see [Key.Permits]. A public key
	// never permits OpSign, OpDecrypt or OpUnwrapKey.
	Ops Ops

	// Algorithm is an algorithm that the key must support, see [Key.Supports]: by its type,
	// curve and size, and by its own alg, use and key_ops. If Use or Ops do not fit the
	// algorithm, no key answers the query. The exception is an unregistered Use that the key
	// states: then Algorithm decides by the type, curve, size, alg and key_ops of the key.
	Algorithm Algorithm

	Type    KeyType
	Curve   Curve
	Private bool // only keys that hold private material; set Ops instead if it may be held elsewhere

	_ struct{} // keyed literals only
}

// String describes the query in one line, such as "kid a, alg RS256". Texts that a peer may
// have chosen are quoted and cut.
func (q Query) String() string { return q.describe() }

// LogValue returns the result of String, for package log/slog.
func (q Query) LogValue() slog.Value { return slog.StringValue(q.describe()) }

// describe returns the text of String.
func (q *Query) describe() string {
	var parts []string
	for _, p := range [...]struct{ name, value string }{
		{"kid", q.KeyID}, {"use", string(q.Use)}, {"key_ops", q.Ops.String()},
		{"alg", string(q.Algorithm)}, {"kty", string(q.Type)}, {"crv", string(q.Curve)},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+printable(p.value))
		}
	}
	if q.Private {
		parts = append(parts, "private")
	}
	if parts == nil {
		return "any use"
	}
	return strings.Join(parts, ", ")
}

// answers returns fits if keys with these traits answer q, and otherwise the reason why not. It
// does not look at the kid. spec is the row of q.Algorithm.
func (t *traits) answers(q *Query, spec *algSpec) verdict {
	switch {
	case q.Type != "" && q.Type != t.kind.kty:
		return typeDiffers
	case q.Curve != "" && q.Curve != t.kind.crv:
		return curveDiffers
	case q.Private && !t.private:
		return notPrivate
	case spec != nil && (q.Ops&^spec.use.ops() != 0 || q.Use != "" && q.Use != spec.use && !t.statesUnregistered(q.Use)):
		return contradictory
	}
	v := fits
	if q.Use != "" {
		v = t.serves(q.Use)
	}
	if q.Ops != 0 && v == fits {
		v = t.permits(q.Ops)
	}
	if q.Algorithm != "" && v == fits {
		if t.statesUnregistered(q.Use) { // supports would compare the use with the algorithm
			withoutUse := *t
			withoutUse.use = ""
			t = &withoutUse
		}
		v = t.supports(q.Algorithm, spec)
	}
	return v
}

// statesUnregistered reports whether use is not registered and the key states it. No table
// says which algorithms belong to such a use.
func (t *traits) statesUnregistered(use Use) bool {
	return use != "" && t.use == use && use.ops() == 0
}

// closeness counts the fields of a query that the key answers.
func (t *traits) closeness(q *Query, spec *algSpec) int {
	count := 0
	for _, single := range [...]Query{
		{Type: q.Type}, {Curve: q.Curve}, {Private: q.Private}, {Use: q.Use}, {Ops: q.Ops}, {Algorithm: q.Algorithm},
	} {
		if t.answers(&single, spec) == fits {
			count++
		}
	}
	return count
}

// explain returns the words for v, which answers has returned for q and spec.
func (t *traits) explain(v verdict, q *Query, spec *algSpec) string {
	switch v {
	case typeDiffers:
		return "kty is " + string(t.kind.kty)
	case curveDiffers:
		if t.kind.crv == "" {
			return "kty is " + string(t.kind.kty)
		}
		return "crv is " + string(t.kind.crv)
	case notPrivate:
		if t.held != 0 {
			return "its private half is held elsewhere, for " + t.held.String()
		}
		return "it is public"
	case useDiffers:
		return "use is " + plainWord(t.use)
	case opsDiffer:
		if t.ops == 0 {
			return "key_ops has no known operation"
		}
		return "key_ops is [" + t.ops.String() + "]"
	case algDiffers:
		if t.alg == "" {
			return "alg " + printable(string(q.Algorithm)) + " is unknown" + inCase(q.Algorithm)
		}
		return "alg is " + plainWord(t.alg)
	case sizeDiffers:
		return t.sizeNeeded(spec)
	case contradictory:
		if other := q.Ops &^ spec.use.ops(); other != 0 {
			return "alg " + string(q.Algorithm) + " is not for " + other.String()
		}
		return "alg " + string(q.Algorithm) + " is not for use " + printable(string(q.Use))
	default:
		return t.kind.name() + " keys are not for that"
	}
}
