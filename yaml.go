package jwk

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Keys and sets in YAML, for gopkg.in/yaml.v2 and v3, github.com/goccy/go-yaml and other
// packages that call these methods. This package imports no YAML package. It writes a mapping
// as JSON and gives that to UnmarshalJSON, which makes all checks.

// UnmarshalYAML reads a YAML mapping as a JWK, so that a Key or *Key can be a field of a struct.
// It writes the mapping as JSON, with the members sorted by name, and sets k to the key that
// [Parse] reads from that text.
//
// Besides the errors of [Key.UnmarshalJSON] it returns
//   - [ErrSyntax] if the decoder cannot read the mapping, or returns a value that JSON does not
//     have, such as a date: put quotes around a kid that consists of digits or looks like a
//     date;
//   - [ErrUnsupported] for a number that the decoder may have rounded. Integers of 64 bits are
//     safe, and so are other numbers of at most 15 digits and less than 2^53;
//   - [ErrPolicy] for more than 16 MiB of JSON.
//
// Decoders do not call UnmarshalYAML for null, which leaves a Key unchanged. If a mapping repeats
// a name, yaml.v2 takes the last value, unless the program calls UnmarshalStrict.
func (k *Key) UnmarshalYAML(unmarshal func(any) error) error {
	return readYAML(unmarshal, k.UnmarshalJSON)
}

// UnmarshalYAML sets s to the set that [ParseSet] reads from a YAML mapping, as
// [Key.UnmarshalYAML] does for a key. It returns the errors of [Set.UnmarshalJSON], and
// [ErrSyntax], [ErrUnsupported] and [ErrPolicy] as Key.UnmarshalYAML does.
func (s *Set) UnmarshalYAML(unmarshal func(any) error) error {
	return readYAML(unmarshal, s.UnmarshalJSON)
}

// UnmarshalYAML sets p as [Key.UnmarshalYAML] sets a Key, and returns the same errors. A public
// key is [ErrPrivate].
func (p *PrivateKey) UnmarshalYAML(unmarshal func(any) error) error {
	return readYAML(unmarshal, p.UnmarshalJSON)
}

// MarshalYAML returns a mapping with the members that MarshalJSON writes. Encoders sort them by
// name, and UnmarshalYAML reads them again. MarshalYAML returns the errors of MarshalJSON, such as
// [ErrPrivate] for a private key, and [ErrUnsupported] for a number that UnmarshalYAML refuses.
func (k Key) MarshalYAML() (any, error) { return writeYAML(k.AppendJSON(nil)) }

// MarshalYAML returns a mapping with the members that MarshalJSON writes. It returns the errors of
// MarshalJSON, and [ErrUnsupported] for a number that UnmarshalYAML refuses or a skipped entry
// that repeats a name.
func (s Set) MarshalYAML() (any, error) { return writeYAML(s.AppendJSON(nil)) }

// MarshalYAML returns a mapping with the members that MarshalJSON writes. It holds a secret.
func (p PrivateKey) MarshalYAML() (any, error) { return writeYAML(p.AppendJSON(nil)) }

// readYAML decodes a YAML value, writes it as JSON and passes the text to read, which is an
// UnmarshalJSON method.
func readYAML(unmarshal func(any) error, read func([]byte) error) error {
	var value any
	if unmarshal(&value) != nil { // the text of this error may show a part of the document
		return errorf(ErrSyntax, "the YAML decoder cannot read it: want one mapping, each name once")
	}
	text, err := appendYAML(nil, value, "", 0)
	if err != nil {
		return err
	}
	err = read(text)
	if e, ok := err.(*Error); ok {
		e.Offset = 0 // it is an offset in text, which the caller does not have
	}
	return err
}

// appendYAML appends the JSON text of a value from a YAML decoder. The value is at path, inside
// depth mappings and sequences. Parse and ParseSet check the JSON.
func appendYAML(dst []byte, value any, path jsontext.Pointer, depth int) ([]byte, error) {
	switch {
	case depth > maxDepth+depthOfEntries:
		return nil, errorf(ErrPolicy, "nested more than %d levels deep", maxDepth).below(shownPath(path))
	case len(dst) > defaultMaxBytes: // a short document can be very large, because aliases repeat its parts
		return nil, errorf(ErrPolicy, "more than %d bytes as JSON", defaultMaxBytes).below(shownPath(path))
	}
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case float64:
		if !keptByYAML(strconv.FormatFloat(v, 'e', -1, 64), v) {
			return nil, errorf(ErrUnsupported, unkeptNumber).below(shownPath(path))
		}
		format := byte('f')
		if math.Abs(v) < 1e-6 {
			format = 'e' // as encoding/json writes it
		}
		return strconv.AppendFloat(dst, v, format, -1, 64), nil
	case string:
		quoted, err := jsontext.AppendQuote(dst, v)
		if err != nil {
			return nil, errorf(ErrSyntax, "not valid UTF-8").below(shownPath(path))
		}
		return quoted, nil
	case []any:
		dst = append(dst, '[')
		for i, element := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendYAML(dst, element, path.AppendToken(strconv.Itoa(i)), depth+1); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		dst = append(dst, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendYAML(dst, name, path, depth); err != nil {
				return nil, err
			}
			if dst, err = appendYAML(append(dst, ':'), v[name], path.AppendToken(name), depth+1); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	// For an alias goccy/go-yaml returns the value that it has made from the anchor.
	case Key:
		return appendMade(dst, &v, path)
	case *Key:
		return appendMade(dst, v, path)
	case PrivateKey:
		return appendMade(dst, &v.Key, path)
	case *PrivateKey:
		return appendMade(dst, &v.Key, path)
	case Set:
		return appendMade(dst, &v, path)
	case *Set:
		return appendMade(dst, v, path)
	case map[any]any: // from yaml.v2, and from others if a name is not a string
		named := make(map[string]any, len(v))
		for name, member := range v {
			text, ok := name.(string)
			if !ok {
				return nil, errorf(ErrSyntax, "a member name that YAML reads as %T, want a string: put quotes around it", name).below(shownPath(path))
			}
			named[text] = member
		}
		return appendYAML(dst, named, path, depth)
	}
	return nil, errorf(ErrSyntax, "YAML reads it as %T, which JSON does not have: put quotes around it", value).below(shownPath(path))
}

// appendMade appends the JSON text of a key or a set that a YAML decoder has already made.
func appendMade(dst []byte, made interface{ MarshalPrivateJSON() ([]byte, error) }, path jsontext.Pointer) ([]byte, error) {
	text, err := made.MarshalPrivateJSON()
	if e, ok := err.(*Error); ok {
		return nil, e.below(shownPath(path))
	}
	return append(dst, text...), nil
}

// Every YAML decoder and encoder keeps the value of an integer of 64 bits, and of other numbers
// within these limits.
const (
	mostDigits   = 15      // a float64 keeps this many
	mostValue    = 1 << 53 // a float64 keeps each smaller integer
	unkeptNumber = "a number that YAML may round: want an integer of 64 bits, or at most 15 digits and less than 2^53"
)

// keptByYAML reports whether a float64 has exactly the value of its decimal text.
func keptByYAML(text string, value float64) bool {
	digits := 0
	for i := 0; i < len(text) && text[i]|0x20 != 'e'; i++ {
		if isDigit(text[i]) && (text[i] != '0' || digits > 0) {
			digits++
		}
	}
	return digits <= mostDigits && math.Abs(value) < mostValue // false for NaN
}

// writeYAML returns the value for a YAML encoder from the results of AppendJSON.
func writeYAML(text []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	r := newReader(text)
	r.entries = depthOfEntries
	value, yamlErr := yamlValue(r, "")
	if yamlErr != nil {
		return nil, yamlErr
	}
	return value, nil
}

// yamlValue reads the value at path and returns it for a YAML encoder.
func yamlValue(r *reader, path jsontext.Pointer) (any, *Error) {
	switch first := r.next(); first {
	case '{':
		members := make(map[string]any)
		_ = r.open('{', "") // it is an object
		for r.more('}') {
			name := r.name()
			inner := path.AppendToken(name)
			if _, repeated := members[name]; repeated { // in a skipped entry
				return nil, errorf(ErrUnsupported, duplicateName).below(shownPath(inner))
			}
			value, err := yamlValue(r, inner)
			if err != nil {
				return nil, err
			}
			members[name] = value
		}
		return members, nil
	case '[':
		elements := []any{}
		_ = r.open('[', "") // it is an array
		for r.more(']') {
			value, err := yamlValue(r, path.AppendToken(strconv.Itoa(len(elements))))
			if err != nil {
				return nil, err
			}
			elements = append(elements, value)
		}
		return elements, nil
	default:
		v := r.value()
		text := r.doc.text[v.start:v.end]
		switch first {
		case '"':
			return unquote(text), nil
		case 't', 'f':
			return first == 't', nil
		case 'n':
			return nil, nil
		}
		if n, ok := yamlNumber(text); ok {
			return n, nil
		}
		return nil, errorf(ErrUnsupported, unkeptNumber).below(shownPath(path))
	}
}

// yamlNumber returns a JSON number as a Go number with the same value. It returns false if YAML
// may round the number.
func yamlNumber(text string) (any, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && keptByYAML(text, f)
}
