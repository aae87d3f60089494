package jwk

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Documents are read by a reader of our own: it takes less time than to make
// tokens of them. It decides what is JSON; what is wrong with a document that it
// refuses, jsontext finds out. FuzzReader holds it to jsontext's every verdict.

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

var readers = sync.Pool{New: func() any { return new(reader) }}

// newReader returns a reader of data. Its text is copied once, here.
func newReader(data []byte) *reader {
	return newReaderOf(data, &document{string(data)})
}

// newReaderOf returns a reader of data, which is the text of doc.
func newReaderOf(data []byte, doc *document) *reader {
	r := readers.Get().(*reader)
	r.data, r.doc = data, doc
	return r
}

// release drops the document, and keeps the reader for another.
func (r *reader) release() {
	*r = reader{}
	readers.Put(r)
}

// fail notes that the document is not valid.
func (r *reader) fail() {
	r.bad, r.first, r.pos = true, false, len(r.data)
}

// next moves to what is read next, and returns its first octet; 0 at the end.
func (r *reader) next() byte {
	r.pos = skipSpace(r.data, r.pos)
	return byteAt(r.data, r.pos)
}

// open reads the bracket, '{' or '[', of what must be an object or array: the
// member with a name, or the document if that is "".
func (r *reader) open(bracket byte, name string) error {
	if r.next() == bracket && r.depth < maxDepth {
		r.pos++
		r.depth++
		r.first = true
		return nil
	}
	v := r.value()
	if r.bad {
		return r.syntax()
	}
	err := refuse(ErrSyntax, "%s, want %s", jsonKind(r.data[v.start]), jsonKind(bracket))
	if name == "" {
		return err.from(v.start)
	}
	return err.at(name, v.start)
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
		return true // or not: after a comma, a bracket is no name and no value
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
		return refuse(ErrSyntax, "data after the document").from(r.pos)
	}
	return nil
}

// The reason where jsontext finds nothing wrong: never.
const notJSON = "not a JSON text"

// syntax tells what is wrong with a document that the reader refuses.
func (r *reader) syntax() error {
	d := jsontext.NewDecoder(bytes.NewBuffer(r.data), jsontext.AllowDuplicateNames(true))
	_, err := d.ReadValue()
	e := &Error{Err: &reason{ErrSyntax, notJSON}, Offset: d.InputOffset()}
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
	case err == io.EOF:
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

// The methods below return the end of what begins at i, -1 if it is not valid.

// Values that are nested deeper than this are refused.
const maxDepth = 10_000

// scanValue reads a value within depth objects and arrays.
func (r *reader) scanValue(i, depth int) int {
	switch byteAt(r.data, i) {
	case '"':
		return r.scanString(i)
	case '{', '[':
		return r.scanNested(i, depth+1)
	case 't':
		return r.scanWord(i, "true")
	case 'f':
		return r.scanWord(i, "false")
	case 'n':
		return r.scanWord(i, "null")
	}
	return r.scanNumber(i)
}

// scanNested reads an object or array, the depth-th.
func (r *reader) scanNested(i, depth int) int {
	if depth > maxDepth {
		return -1
	}
	b := r.data
	object, closing := b[i] == '{', b[i]+2 // in ASCII, } is { + 2 and ] is [ + 2
	i = skipSpace(b, i+1)
	if byteAt(b, i) == closing {
		return i + 1
	}
	for {
		if object {
			if byteAt(b, i) != '"' {
				return -1
			}
			if i = r.scanString(i); i < 0 {
				return -1
			}
			if i = skipSpace(b, i); byteAt(b, i) != ':' {
				return -1
			}
			i = skipSpace(b, i+1)
		}
		if i = r.scanValue(i, depth); i < 0 {
			return -1
		}
		i = skipSpace(b, i)
		switch byteAt(b, i) {
		case closing:
			return i + 1
		case ',':
			i = skipSpace(b, i+1)
		default:
			return -1
		}
	}
}

// scanString reads a string (RFC 8259, Section 7).
func (r *reader) scanString(i int) int {
	b := r.data
	for i++; ; {
		i += plain(b[i:])
		switch c := byteAt(b, i); {
		case c == '"':
			return i + 1
		case c == '\\':
			n := escape(b[i:])
			if n == 0 {
				return -1
			}
			r.escaped = true
			i += n
		case c >= utf8.RuneSelf:
			c, n := utf8.DecodeRune(b[i:])
			if c == utf8.RuneError && n == 1 {
				return -1
			}
			i += n
		default: // a control character, or the end
			return -1
		}
	}
}

// plain counts octets at the start of b that stand for themselves in a string:
// ASCII, but no control character, quote or backslash.
func plain(b []byte) int {
	const ones = 0x0101010101010101
	rest := b
	for ; len(rest) >= 8; rest = rest[8:] {
		// The highest bit of an octet becomes 1 where it is special. Borrows run
		// upwards only, so that the first one is right.
		x := binary.LittleEndian.Uint64(rest)
		control, quote, backslash := x-' '*ones, (x^'"'*ones)-ones, (x^'\\'*ones)-ones
		if special := (x | control | quote | backslash) & (0x80 * ones); special != 0 {
			return len(b) - len(rest) + bits.TrailingZeros64(special)/8
		}
	}
	i := len(b) - len(rest)
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// escape returns the length of the escape sequence at the start of b, of both
// halves of a surrogate pair; 0 if there is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	}
	r, ok := escapedUTF16(b)
	switch {
	case !ok:
		return 0
	case !utf16.IsSurrogate(r):
		return 6
	}
	low, ok := escapedUTF16(b[6:])
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return 0
	}
	return 12
}

// escapedUTF16 returns the code unit of the \uXXXX at the start of b.
func escapedUTF16(b []byte) (unit rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var v [2]byte
	if _, err := hex.Decode(v[:], b[2:6]); err != nil {
		return 0, false
	}
	return rune(binary.BigEndian.Uint16(v[:])), true
}

// scanNumber reads a number (RFC 8259, Section 6).
func (r *reader) scanNumber(i int) int {
	b := r.data
	if byteAt(b, i) == '-' {
		i++
	}
	end := skipDigits(b, i)
	switch {
	case end == i:
		return -1
	case b[i] == '0':
		end = i + 1 // no more digits belong to it
	}
	if i = end; byteAt(b, i) == '.' {
		if end = skipDigits(b, i+1); end == i+1 {
			return -1
		}
		i = end
	}
	if c := byteAt(b, i); c == 'e' || c == 'E' {
		i++
		if c := byteAt(b, i); c == '+' || c == '-' {
			i++
		}
		if end = skipDigits(b, i); end == i {
			return -1
		}
		i = end
	}
	return i
}

func (r *reader) scanWord(i int, word string) int {
	if b := r.data[i:]; len(b) < len(word) || string(b[:len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for uint(i) < uint(len(b)) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// byteAt returns b[i], and 0, which begins nothing, after the end.
func byteAt(b []byte, i int) byte {
	if uint(i) < uint(len(b)) {
		return b[i]
	}
	return 0
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
	for i := 0; i < len(value); {
		if value[i] != '"' {
			i++
			continue
		}
		// In a valid value, a string before a colon is a name.
		end := i + literal(value[i:])
		if byteAt(value, skipSpace(value, end)) == ':' && is(unquote(string(value[i:end]))) {
			return true
		}
		i = end
	}
	return false
}

// literal is the length of the string literal at the start of b, which is valid.
func literal(b []byte) int {
	for i := 1; ; i++ {
		i += plain(b[i:])
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}
