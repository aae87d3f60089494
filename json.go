package jwk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// A reader walks over one JSON document. It is strict about grammar and UTF-8
// (lone surrogates too). Duplicate names it leaves to those who read an
// object, because one bad entry must not cost a set its other keys.
type reader struct {
	data []byte    // the document, the caller's: not to be kept
	doc  *document // the same, ours: what is kept are parts of it
	src  bytes.Buffer
	dec  jsontext.Decoder
}

// A document is a text that keys are parts of. They hold it by a pointer, for
// package fmt, asked for an unexported field of a caller's struct with a verb that
// does not fit, prints what the field points to; but no further.
type document struct{ text string }

// A span is the place of a value in a document, from start to before end.
type span struct{ start, end int }

// A part is a value in a document that is kept.
type part struct {
	doc *document
	at  span
}

func (p part) text() string { return p.doc.text[p.at.start:p.at.end] }

var (
	readers    = sync.Pool{New: func() any { return new(reader) }}
	duplicates = jsontext.AllowDuplicateNames(true)
)

// newReader returns a reader of data. Its text is copied once, here.
func newReader(data []byte) *reader {
	return newReaderOf(data, &document{string(data)})
}

// newReaderOf returns a reader of data, which is the text of doc; nil if none
// is needed.
func newReaderOf(data []byte, doc *document) *reader {
	r := readers.Get().(*reader)
	r.data, r.doc = data, doc
	r.src = *bytes.NewBuffer(data) // the decoder reads straight from data
	r.dec.Reset(&r.src, duplicates)
	return r
}

// release drops the document, and keeps the reader for another.
func (r *reader) release() {
	r.data, r.doc = nil, nil
	r.src = bytes.Buffer{}
	r.dec.Reset(&r.src, duplicates)
	readers.Put(r)
}

// kind tells what comes next: '{', '[', '"', '0', 't', 'f', 'n', and '}' or
// ']' at the end of an object or array. It is 0 where nothing valid does.
func (r *reader) kind() jsontext.Kind { return r.dec.PeekKind() }

// delim reads one of { } [ ], which kind has announced.
func (r *reader) delim() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return r.syntax(err)
	}
	return nil
}

// open reads the '{' or '[' of what must be an object or array: the member
// with a name, or the document if that is "".
func (r *reader) open(want jsontext.Kind, name string) error {
	switch found := r.kind(); found {
	case '"', '0', 't', 'f', 'n', '{', '[':
		if found == want {
			break
		}
		err := refuse(ErrSyntax, "%s, want %s", jsonKind(byte(found)), jsonKind(byte(want)))
		if name == "" {
			return err.from(r.next())
		}
		return err.at(name, r.next())
	}
	return r.delim()
}

// value reads the next value whole, or a member name as a string.
func (r *reader) value() (span, error) {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return span{}, r.syntax(err)
	}
	end := int(r.dec.InputOffset())
	return span{end - len(raw), end}, nil
}

// name reads a member name.
func (r *reader) name() (string, error) {
	v, err := r.value()
	if err != nil {
		return "", err
	}
	return unquote(r.doc.text[v.start:v.end]), nil
}

// end makes sure that nothing but white space follows the document.
func (r *reader) end() error {
	next := r.next()
	switch _, err := r.dec.ReadToken(); {
	case err == io.EOF:
		return nil
	case err == nil:
		return refuse(ErrSyntax, "data after the document").from(next)
	default:
		return r.syntax(err)
	}
}

// offset is the position after what was read last.
func (r *reader) offset() int { return int(r.dec.InputOffset()) }

// next is the position of what is read next.
func (r *reader) next() int {
	i := r.offset()
	for i < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[i]) >= 0 {
		i++
	}
	return i
}

// The JSON library refuses values that are nested deeper than this.
const maxDepth = 10_000

// syntax turns an error of the JSON library into ours.
func (r *reader) syntax(err error) error {
	e := &Error{Err: &reason{ErrSyntax, "not a JSON text"}, Offset: int64(r.offset())}
	var at *jsontext.SyntacticError
	switch {
	case errors.As(err, &at):
		e.Path, e.Offset = at.JSONPointer, at.ByteOffset
		// What is quoted in one of these ways is copied from the document: a
		// secret, perhaps.
		text, _, cut := strings.Cut(at.Err.Error(), " `")
		text, _, cut2 := strings.Cut(text, ` "`)
		if cut || cut2 {
			text += " in a string"
		}
		e.Err = &reason{ErrSyntax, text}
		opens := at.ByteOffset < int64(len(r.data)) && strings.IndexByte("[{", r.data[at.ByteOffset]) >= 0
		if opens && strings.Count(string(e.Path), "/") >= maxDepth {
			e.Err = &reason{ErrPolicy, fmt.Sprintf("nested more than %d levels deep", maxDepth)}
		}
		for len(e.Path) > maxPath {
			e.Path = e.Path[:strings.LastIndexByte(string(e.Path), '/')]
		}
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		e.Err = &reason{ErrSyntax, "the document ends too early"}
	}
	return e
}

// jsonKind names what begins with c, for messages.
func jsonKind(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// unquote returns the string that a JSON string literal stands for. Without
// escapes that is a part of the literal.
func unquote(literal string) string {
	inner := literal[1 : len(literal)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	s, _ := jsontext.AppendUnquote(nil, literal) // valid: a reader has read it
	return string(s)
}

// uniqueNames reports whether no object within a valid value repeats a name.
func uniqueNames(value []byte) bool { return jsontext.Value(value).IsValid() }

// anyName reports whether is holds for the name of a member at any depth of a
// valid value.
func anyName(value []byte, is func(name string) bool) bool {
	r := newReaderOf(value, nil)
	defer r.release()
	for {
		t, err := r.dec.ReadToken()
		if err != nil {
			return false
		}
		// In an object every other string is a name.
		within, n := r.dec.StackIndex(r.dec.StackDepth())
		if t.Kind() == '"' && within == '{' && n%2 == 1 && is(t.String()) {
			return true
		}
	}
}

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
		return nil, refuse(ErrInvalid, "not valid UTF-8").at(strings.ToValidUTF8(w.bad, "\uFFFD"), 0)
	}
	if len(w.buf) == 0 {
		w.buf = append(w.buf, '{')
	}
	return append(w.buf, '}'), nil
}
