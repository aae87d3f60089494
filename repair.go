package jwk

import (
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// A repair collects changes to an object. Its other methods fix members, and rewrite returns
// the object with the fixes.
type repair struct {
	m     *members
	lim   limits
	fixed map[memberID]string // new JSON text by member, "" to leave the member out
	found []Deviation
}

// fix replaces the text of a member, and notes the deviations that are the reason.
func (r *repair) fix(id memberID, text string, why ...DeviationCode) {
	r.fixed[id] = text
	for _, code := range why {
		r.found = append(r.found, Deviation{jsontext.Pointer("").AppendToken(id.String()), code})
	}
}

// fixOctets replaces the text of a member by octets in base64url.
func (r *repair) fixOctets(id memberID, octets []byte, why ...DeviationCode) {
	r.fix(id, `"`+encode64(octets)+`"`, why...)
}

// rewrite returns the object with the fixed members. Members that the object did not have come
// last.
func (r *repair) rewrite() []byte {
	var w writer
	for name, value := range eachMember(r.m.excerpt().text()) {
		if id, known := memberOf(name); known {
			if text, repaired := r.fixed[id]; repaired {
				if text != "" {
					w.raw(name, text)
				}
				continue
			}
		}
		w.raw(name, value)
	}
	for id := range numMembers {
		if text := r.fixed[id]; text != "" && !r.m.has(id) {
			w.raw(id.String(), text)
		}
	}
	text, _ := w.done() // no error: the names were read from valid UTF-8
	return text
}

// isEmptyArray reports whether the text of a value is an array without elements.
func isEmptyArray(text string) bool {
	return text[0] == '[' && text[jsonscan.SkipSpace([]byte(text), 1)] == ']'
}

// decodeLoose64 decodes base64url. It accepts the three deviations that providers emit,
// padding, the standard alphabet and stray bits, and returns the deviations that it found. A
// mix of both alphabets, misplaced padding and white space stay errors.
func decodeLoose64(s string) ([]byte, []DeviationCode, error) {
	var found []DeviationCode
	if body := strings.TrimRight(s, "="); body != s {
		if len(s)%4 != 0 || len(s)-len(body) > 2 {
			return nil, nil, fault64(s)
		}
		found, s = append(found, DeviationPadding), body
	}
	if strings.ContainsAny(s, "+/") {
		if strings.ContainsAny(s, "-_") {
			return nil, nil, fault64(s)
		}
		found, s = append(found, DeviationAlphabet), translated(s, "+/", "-_")
	}
	if strings.ContainsAny(s, "\r\n") {
		return nil, nil, fault64(s)
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, nil, fault64(s)
	}
	if encode64(b) != s {
		found = append(found, DeviationStrayBits)
	}
	return b, found, nil
}

// decodeLooseStd64 decodes standard base64 with white space, in the alphabet of base64url,
// without padding, or with stray bits, and returns these deviations. It returns nil for
// anything else.
func decodeLooseStd64(text string) (octets []byte, found []DeviationCode) {
	body := translated(text, " \t\r\n", "")
	if body != text {
		found = append(found, DeviationWhiteSpace)
	}
	standard := translated(body, "-_", "+/")
	if standard != body {
		if strings.ContainsAny(body, "+/") {
			return nil, nil
		}
		found = append(found, DeviationAlphabet)
	}
	unpadded := strings.TrimRight(standard, "=")
	octets, err := base64.RawStdEncoding.DecodeString(unpadded)
	if err != nil || unpadded == "" {
		return nil, nil
	}
	switch canonical := base64.StdEncoding.EncodeToString(octets); {
	case canonical == standard:
	case strings.TrimRight(canonical, "=") == unpadded:
		found = append(found, DeviationPadding)
	default:
		found = append(found, DeviationStrayBits)
	}
	return octets, found
}
