package jwk

import "slices"

// What the reader does not look for in values that are nested in a key or in a set.

// An inspection walks over a valid value, whose depth a reader has limited. It looks for
// repeated member names and for objects that carry private material.
type inspection struct {
	b       []byte
	text    string // the same; "" if repeated names do not matter
	unique  bool   // no object repeats a name
	private placedName
}

// inspect inspects a value that is there as octets and as a text.
func inspect(value []byte, text string) inspection {
	w := inspection{b: value, text: text, unique: true}
	w.value(skipSpace(value, 0))
	return w
}

// uniqueNames reports whether no object within a valid value repeats a name.
func uniqueNames(value []byte, text string) bool { return inspect(value, text).unique }

// findPrivate looks for an object that carries private material: a valid value, or one
// nested in it. It returns the private member of the first that ends.
func findPrivate(value []byte) (placedName, bool) {
	private := inspect(value, "").private
	return private, private.name != ""
}

// value returns the index after the value that begins at i.
func (w *inspection) value(i int) int {
	switch w.b[i] {
	case '{':
		return w.object(i)
	case '[':
		for i = skipSpace(w.b, i+1); w.b[i] != ']'; i = skipSpace(w.b, i) {
			if w.b[i] == ',' {
				i++
				continue
			}
			i = w.value(i)
		}
		return i + 1
	}
	return skipScalar(w.b, i)
}

func (w *inspection) object(i int) int {
	var names nameSet
	var c carrier
	for i = skipSpace(w.b, i+1); w.b[i] != '}'; i = skipSpace(w.b, i) {
		if w.b[i] == ',' {
			i++
			continue
		}
		end := i + literal(w.b[i:])
		var name string
		if w.text != "" {
			name = unquote(w.text[i:end])
			w.unique = names.add(name) && w.unique
		} else {
			name = unquote(string(w.b[i:end]))
		}
		start := skipSpace(w.b, skipSpace(w.b, end)+1) // after the colon
		i = w.value(start)
		c.add(name, w.b, span{start, i})
	}
	if private, ok := c.found(); ok && w.private.name == "" {
		w.private = private
	}
	return i + 1
}

// A nameSet is a set of names. The zero value is empty.
type nameSet struct {
	few  [maxCompared]string // the first names, which are compared one by one
	n    int                 // how many these are
	many map[string]bool     // the others
}

// add adds a name, and reports whether it was not in the set.
func (s *nameSet) add(name string) bool {
	switch {
	case slices.Contains(s.few[:s.n], name) || s.many[name]:
		return false
	case s.n < maxCompared:
		s.few[s.n] = name
		s.n++
	case s.many == nil:
		s.many = map[string]bool{name: true}
	default:
		s.many[name] = true
	}
	return true
}
