package jwk

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A writer writes one JSON object, its members in the order of the calls.
type writer struct {
	buf []byte
	bad string // the first member that is not valid UTF-8
}

// next begins or continues the object.
func (w *writer) next() {
	if len(w.buf) == 0 {
		w.buf = append(w.buf, '{')
	} else {
		w.buf = append(w.buf, ',')
	}
}

// name begins a member.
func (w *writer) name(name string) {
	w.next()
	w.quote(name, name)
	w.buf = append(w.buf, ':')
}

// verbatim writes a member whose name and value are JSON already.
func (w *writer) verbatim(member string) {
	w.next()
	w.buf = append(w.buf, member...)
}

// quote appends s as a string literal; where it is not valid UTF-8, member is at fault.
func (w *writer) quote(s, member string) {
	var err error
	if w.buf, err = jsontext.AppendQuote(w.buf, s); err != nil && w.bad == "" {
		w.bad = member
	}
}

// raw writes a member whose value is JSON already.
func (w *writer) raw(name, value string) {
	w.name(name)
	w.buf = append(w.buf, value...)
}

// str writes a member with a string.
func (w *writer) str(name, value string) {
	w.name(name)
	w.quote(value, name)
}

// strs writes a member with an array of strings.
func (w *writer) strs(name string, values []string) {
	w.name(name)
	w.buf = append(w.buf, '[')
	for i, s := range values {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.quote(s, name)
	}
	w.buf = append(w.buf, ']')
}

// octets writes a member with octets in base64url.
func (w *writer) octets(name string, value []byte) { w.str(name, encode64(value)) }

// done ends the object and returns it.
func (w *writer) done() ([]byte, error) {
	if w.bad != "" {
		return nil, refuse(ErrInvalid, "not valid UTF-8").atArgument(strings.ToValidUTF8(w.bad, "\uFFFD"))
	}
	if len(w.buf) == 0 {
		w.buf = append(w.buf, '{')
	}
	return append(w.buf, '}'), nil
}
