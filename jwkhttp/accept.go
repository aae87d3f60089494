package jwkhttp

import "strings"

// The request fields that choose an answer: Accept and Accept-Encoding (RFC 9110, Section 12.5) and
// If-None-Match (RFC 9110, Section 13.1.2). Each is read once, from left to right.

// The types of a set. RFC 7517, Section 8.5, registers the second; most clients know the first.
const (
	typeJSON = "application/json"
	typeSet  = "application/jwk-set+json"
)

// maxField is the largest size of a request field that is read, in bytes: more than browsers send
// in Accept, and room for 80 entity tags of this package. A longer field counts as absent.
const maxField = 4 << 10

// isReadable reports whether the lines of a field have at most maxField bytes. The comma that
// joins two lines counts, so that very many empty lines are too long as well.
func isReadable(lines []string) bool {
	size := 0
	for _, line := range lines {
		if size += len(line) + 1; size > maxField {
			return false
		}
	}
	return true
}

// prefersSetType reports whether a client prefers application/jwk-set+json to application/json:
// its weight is higher, or the weights are equal and only it is named in full. A client that
// accepts neither gets application/json: Section 12.4.1 of RFC 9110 lets a server ignore Accept, and
// a set is more useful than an error.
func prefersSetType(accept []string) bool {
	if len(accept) == 0 || !isReadable(accept) {
		return false
	}
	var plain, set preference
	list := weightedList{lines: accept}
	for name, weight, ok := list.next(); ok; name, weight, ok = list.next() {
		switch {
		case strings.EqualFold(name, typeJSON):
			plain.add(named, weight)
		case strings.EqualFold(name, typeSet):
			set.add(named, weight)
		case strings.EqualFold(name, "application/*"):
			plain.add(anyOfType, weight)
			set.add(anyOfType, weight)
		case name == "*/*":
			plain.add(anyAtAll, weight)
			set.add(anyAtAll, weight)
		}
	}
	return set.beats(plain)
}

// prefersGzip reports whether a client prefers gzip to no content coding: its weight is higher, or
// the weights are equal and only gzip is named. "*" by itself is not enough, because programs that
// cannot decompress send it.
func prefersGzip(acceptEncoding []string) bool {
	if len(acceptEncoding) == 0 || !isReadable(acceptEncoding) {
		return false
	}
	var gzip, identity preference
	list := weightedList{lines: acceptEncoding}
	for name, weight, ok := list.next(); ok; name, weight, ok = list.next() {
		switch {
		case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"): // Section 8.4.1.3
			gzip.add(named, weight)
		case strings.EqualFold(name, "identity"):
			identity.add(named, weight)
		case name == "*":
			gzip.add(anyAtAll, weight)
			identity.add(anyAtAll, weight)
		}
	}
	return gzip.beats(identity)
}

// A preference is the weight that a client gives to a form, in thousandths, and how exactly the
// element with this weight names the form. The zero preference is for a form that no element names.
type preference struct{ exact, weight int }

// How exactly an element names a form. The most exact element decides.
const (
	anyAtAll  = iota + 1 // "*/*" or "*"
	anyOfType            // "application/*"
	named
)

// add adds an element that names the form. If a client names a form twice, the higher weight
// counts.
func (p *preference) add(exact, weight int) {
	if exact > p.exact || exact == p.exact && weight > p.weight {
		*p = preference{exact, weight}
	}
}

// beats reports whether a client prefers p to other, which is the form that it gets by default.
func (p preference) beats(other preference) bool {
	if p.weight == other.weight {
		return p.weight > 0 && p.exact == named && other.exact != named
	}
	return p.weight > other.weight
}

// A weightedList reads the elements of a field, such as "gzip;q=0.8, *;q=0".
type weightedList struct {
	lines []string
	rest  string // the unread part of the line before lines
}

// next returns the next element without its parameters, and its weight in thousandths. It passes
// over elements whose weight cannot be read. ok is false at the end.
func (l *weightedList) next() (name string, weight int, ok bool) {
	for l.rest != "" || len(l.lines) > 0 {
		if l.rest == "" {
			l.rest, l.lines = l.lines[0], l.lines[1:]
		}
		var element string
		element, l.rest = cutUnquoted(l.rest, ',')
		name, parameters := cutUnquoted(element, ';')
		if name = trimSpace(name); name == "" {
			continue
		}
		if weight, ok := weightIn(parameters); ok {
			return name, weight, true
		}
	}
	return "", 0, false
}

// weightIn returns the weight in parameters that are separated by semicolons, in thousandths. It is
// 1000 if no parameter is a weight.
func weightIn(parameters string) (weight int, ok bool) {
	for parameters != "" {
		var parameter string
		parameter, parameters = cutUnquoted(parameters, ';')
		name, value, _ := strings.Cut(trimSpace(parameter), "=")
		if strings.EqualFold(name, "q") {
			return parseWeight(value)
		}
	}
	return 1000, true
}

// parseWeight reads a qvalue (RFC 9110, Section 12.4.2): a number from 0 to 1 with at most three
// digits after the point. It returns the number of thousandths.
func parseWeight(s string) (weight int, ok bool) {
	if s == "" || len(s) > len("0.000") || len(s) > 1 && s[1] != '.' {
		return 0, false
	}
	for i, unit := 0, 1000; i < len(s); i++ {
		if i == 1 {
			continue // the point
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		weight += int(s[i]-'0') * unit
		unit /= 10
	}
	return weight, weight <= 1000
}

// noneMatch returns the entity tag that the lines of If-None-Match list, preferred or other, or ""
// if they list neither. It returns preferred if they list both, or "*". The comparison is the weak
// one of RFC 9110, Section 8.8.3.2, which ignores W/. If a line is malformed, its rest is ignored.
// other is "" if there is only one tag.
func noneMatch(lines []string, preferred, other string) string {
	if len(lines) == 0 || !isReadable(lines) {
		return ""
	}
	found := ""
	for _, line := range lines {
		for {
			line = strings.TrimLeft(line, " \t,")
			if strings.HasPrefix(line, "*") {
				return preferred
			}
			var tag string
			tag, line = cutTag(line)
			switch tag {
			case "":
			case preferred:
				return preferred
			case other:
				found = other
			}
			if tag == "" {
				break
			}
		}
	}
	return found
}

// cutTag cuts the entity tag (RFC 9110, Section 8.8.3) from the start of s. It returns the tag with
// its quotes and without W/, or "" if s does not begin with a tag. A backslash in a tag is an
// ordinary character.
func cutTag(s string) (tag, rest string) {
	s = strings.TrimPrefix(s, "W/")
	if s == "" || s[0] != '"' {
		return "", ""
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:]
		case c <= ' ' || c == 0x7f:
			return "", ""
		}
	}
	return "", ""
}
