package jwk

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Documents are read by a reader of our own: it takes less time than to make
// tokens of them. It decides what is JSON; syntax.go finds out what is wrong with a
// document that it refuses. FuzzReader holds it to jsontext's every verdict.

// A reader walks over one JSON document, down into the objects and arrays that
// its user opens. It is strict about grammar (RFC 8259) and UTF-8 (lone
// surrogates too). Duplicate names it leaves to those who read an object,
// because one bad entry must not cost a set its other keys.
//
// Once it has met what is not valid it finds nothing more, and syntax tells why.
type reader struct {
	data    []byte    // the document, the caller's: not to be kept
	doc     *document // the same, ours: what is kept are parts of it
	pos     int       // what is before it has been read
	depth   int       // of the objects and arrays that are open
	first   bool      // nothing of the innermost one has been read
	escaped bool      // there are escapes in what was read last
	bad     bool      // the document is not valid
	entries int       // depthOfEntries within the entries of a set, else 0
	tooDeep int       // where nesting exceeds the limit, plus 1; 0 if it does not
}

// A document is a text that is kept, or parts of it. Parts hold it by a pointer, which
// is smaller than a string.
type document struct{ text string }

// A span is the place of a value in a document, from start to before end.
type span struct{ start, end int }

// A excerpt is a value in a document that is kept.
type excerpt struct {
	doc *document
	at  span
}

func (p excerpt) text() string { return p.doc.text[p.at.start:p.at.end] }

// newReader returns a reader of data. Its text is copied once, here.
func newReader(data []byte) *reader {
	return newReaderOf(data, &document{string(data)})
}

// newReaderOf returns a reader of data, which is the text of doc.
func newReaderOf(data []byte, doc *document) *reader {
	return &reader{data: data, doc: doc}
}

// fail notes that the document is not valid.
func (r *reader) fail() {
	r.bad, r.pos = true, len(r.data)
}

// next moves to what is read next, and returns its first octet; 0 at the end.
func (r *reader) next() byte {
	r.pos = skipSpace(r.data, r.pos)
	return byteAt(r.data, r.pos)
}

// open reads the bracket, '{' or '[', of what must be an object or array: the
// member with a name, or the document if that is "".
func (r *reader) open(bracket byte, name string) error {
	if r.next() == bracket && r.depth < maxDepth+r.entries {
		r.pos++
		r.depth++
		r.first = true
		return nil
	}
	v := r.value()
	if r.bad {
		return r.syntax()
	}
	err := errorf(ErrSyntax, "%s, want %s", jsonKind(r.data[v.start]), jsonKind(bracket))
	if name == "" {
		return err.atOffset(v.start)
	}
	return err.atMember(name, v.start)
}

// more moves to the next member of an object or element of an array. At the
// end, which is its closing bracket, it reads that and reports false.
func (r *reader) more(bracket byte) bool {
	b, i := r.data, skipSpace(r.data, r.pos)
	first := r.first
	r.first = false
	switch c := byteAt(b, i); {
	case c == bracket:
		r.pos = i + 1
		r.depth--
		return false
	case first:
		r.pos = i
		return true
	case c == ',':
		r.pos = i + 1
		return true // name and value refuse a bracket here: no comma is the last
	}
	r.fail()
	return false
}

// name reads the name of a member, and the colon.
func (r *reader) name() string {
	b, start := r.data, skipSpace(r.data, r.pos)
	r.escaped = false
	if byteAt(b, start) == '"' {
		end := r.scanString(start)
		if colon := skipSpace(b, end); byteAt(b, colon) == ':' {
			r.pos = colon + 1
			if !r.escaped {
				return r.doc.text[start+1 : end-1]
			}
			return unquote(r.doc.text[start:end])
		}
	}
	r.fail()
	return ""
}

// value reads a value whole.
func (r *reader) value() span {
	start := skipSpace(r.data, r.pos)
	r.escaped = false
	end := r.scanValue(start, r.depth)
	if end < 0 {
		r.fail()
		return span{}
	}
	r.pos = end
	return span{start, end}
}

// end makes sure that the document was valid, and that nothing but white space
// follows it.
func (r *reader) end() error {
	if r.bad {
		return r.syntax()
	}
	if r.next(); r.pos < len(r.data) {
		return errorf(ErrSyntax, "data after the document (%s)", lineAndColumn(r.data, r.pos)).atOffset(r.pos)
	}
	return nil
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
func unquote(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	s, _ := jsontext.AppendUnquote(nil, quoted) // valid: a reader has read it
	return string(s)
}

// skipScalar returns the index after the string, number or literal that begins at i, which is
// valid.
func skipScalar(b []byte, i int) int {
	if b[i] == '"' {
		return i + literal(b[i:])
	}
	for i < len(b) && strings.IndexByte(" \t\r\n,]}", b[i]) < 0 {
		i++
	}
	return i
}

const duplicateName = "duplicate member name"

func errDuplicate() *Error { return errorf(ErrSyntax, duplicateName) }
