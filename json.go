package jwk

import (
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// JSON is read with a reader of our own, which is about twice as fast as jsontext because
// it makes no tokens. It only decides whether a document is valid. If not, syntaxError reads
// the document again to say why. FuzzReader checks that this reader and jsontext always agree.

// A reader walks over one JSON document, into the objects and arrays that its caller opens. It
// is strict about grammar (RFC 8259) and UTF-8, and refuses lone surrogates. It does not look
// for duplicate names. The caller does that for each object, because one bad entry of a set
// must not cost the set its other keys.
//
// At the first malformed value the reader sets bad and moves to the end of the document, so
// that every loop over it ends. The caller then returns the error that syntax returns.
type reader struct {
	data    []byte    // the document, which belongs to the caller: do not keep it
	doc     *document // our copy of it, for excerpts that are kept
	pos     int       // everything before pos has been read
	depth   int       // number of open objects and arrays
	first   bool      // nothing of the innermost open object or array has been read
	bad     bool      // the document is not valid
	entries int       // depthOfEntries within the entries of a set, else 0

	scan jsonscan.Scanner
}

// A document is the text of a document, which excerpts refer to.
//
// Excerpts hold it by pointer, not by value. When fmt prints an unexported struct field it
// cannot call our Format method, and follows one pointer but not two. This second pointer
// keeps the text of keys out of the output of fmt (TestNothingPrints).
type document struct{ text string }

// A span is the place of a value in a document, from start to before end.
type span struct{ start, end int }

// An excerpt is a value that outlives its reader: a place in a document.
type excerpt struct {
	doc *document
	at  span
}

func (e excerpt) text() string { return e.doc.text[e.at.start:e.at.end] }

// newReader returns a reader of data. It copies the text once, here.
func newReader(data []byte) *reader {
	return newReaderOf(data, &document{string(data)})
}

// newReaderOf returns a reader of data, which is the text of doc.
func newReaderOf(data []byte, doc *document) *reader {
	return &reader{data: data, doc: doc}
}

// levels returns the number of levels by which a value at pos may be nested.
func (r *reader) levels() int { return maxDepth + r.entries - r.depth }

// fail notes that the document is not valid.
func (r *reader) fail() {
	r.bad, r.pos = true, len(r.data)
}

// syntax returns the error about a document that is not valid.
func (r *reader) syntax() error { return syntaxError(r.data, r.scan.TooDeep) }

// next skips white space, and returns the octet that follows, or 0 at the end.
func (r *reader) next() byte {
	r.pos = jsonscan.SkipSpace(r.data, r.pos)
	return jsonscan.ByteAt(r.data, r.pos)
}

// open reads the opening bracket, '{' or '[', of an object or array. The error about any
// other value has the path of the member name, or no path if name is "".
func (r *reader) open(bracket byte, name string) error {
	if r.next() == bracket && r.levels() > 0 {
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

// more moves to the next member of the open object or element of the open array. If the
// closing bracket follows, more reads it and reports false.
func (r *reader) more(closing byte) bool {
	b, i := r.data, jsonscan.SkipSpace(r.data, r.pos)
	first := r.first
	r.first = false
	switch c := jsonscan.ByteAt(b, i); {
	case c == closing:
		r.pos = i + 1
		r.depth--
		return false
	case first:
		r.pos = i
		return true
	case c == ',':
		r.pos = i + 1
		return true // name and value refuse a closing bracket, so that no comma is the last
	}
	r.fail()
	return false
}

// name reads the name of a member, and the colon.
func (r *reader) name() string {
	b, start := r.data, jsonscan.SkipSpace(r.data, r.pos)
	r.scan.Escaped = false
	if jsonscan.ByteAt(b, start) == '"' {
		end := r.scan.String(b, start)
		if colon := jsonscan.SkipSpace(b, end); jsonscan.ByteAt(b, colon) == ':' {
			r.pos = colon + 1
			if !r.scan.Escaped {
				return r.doc.text[start+1 : end-1]
			}
			return unquote(r.doc.text[start:end])
		}
	}
	r.fail()
	return ""
}

// member reads the next member of the open object. If the closing brace follows, member reads
// it and reports false. It does the same as more, name and value in one call, because most of
// the time that it takes to read a key is spent on members.
func (r *reader) member() (name string, v span, ok bool) {
	b, start := r.data, jsonscan.SkipSpace(r.data, r.pos)
	first := r.first
	r.first = false
	switch c := jsonscan.ByteAt(b, start); {
	case c == '}':
		r.pos = start + 1
		r.depth--
		return "", span{}, false
	case c == ',' && !first:
		start = jsonscan.SkipSpace(b, start+1)
	case !first:
		r.fail()
		return "", span{}, false
	}
	if jsonscan.ByteAt(b, start) != '"' {
		r.fail()
		return "", span{}, false
	}
	r.scan.Escaped = false
	end := r.scan.String(b, start)
	escaped := r.scan.Escaped
	colon := jsonscan.SkipSpace(b, end)
	if jsonscan.ByteAt(b, colon) != ':' {
		r.fail()
		return "", span{}, false
	}
	r.pos = colon + 1
	v = r.value()
	if escaped {
		return unquote(r.doc.text[start:end]), v, !r.bad
	}
	return r.doc.text[start+1 : end-1], v, !r.bad
}

// value reads a whole value.
func (r *reader) value() span {
	start := jsonscan.SkipSpace(r.data, r.pos)
	r.scan.Escaped = false
	end := 0
	if jsonscan.ByteAt(r.data, start) == '"' { // nearly all values of a JWK are strings
		end = r.scan.String(r.data, start)
	} else {
		end = r.scan.Value(r.data, start, r.levels())
	}
	if end < 0 {
		r.fail()
		return span{}
	}
	r.pos = end
	return span{start, end}
}

// end returns an error if the document was not valid, or if anything but white space
// follows.
func (r *reader) end() error {
	if r.bad {
		return r.syntax()
	}
	if r.next(); r.pos < len(r.data) {
		return errorf(ErrSyntax, "data after the document (%s)", lineAndColumn(r.data, r.pos)).atOffset(r.pos)
	}
	return nil
}

// eachMember yields the names and values of an object that has been read before.
func eachMember(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		walk := jsonscan.MembersOf(object)
		for m, ok := walk.Next(); ok; m, ok = walk.Next() {
			if !yield(unquote(object[m.Name:m.NameEnd]), object[m.Value:m.End]) {
				return
			}
		}
	}
}

// jsonKind returns the words for a value that begins with c, for error texts.
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

// unquote returns the string that a valid JSON string literal encodes. It allocates only if
// the literal has escapes.
func unquote(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	s, _ := jsontext.AppendUnquote(nil, quoted) // no error: a reader has read the literal
	return string(s)
}

const duplicateName = "duplicate member name"

func errDuplicate() *Error { return errorf(ErrSyntax, duplicateName) }
