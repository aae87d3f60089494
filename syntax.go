package jwk

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Where and why a document is not JSON. The reader only reports that a document is not JSON,
// so that the good path remembers nothing. syntax reads such a document again.

const (
	notJSON  = "not a JSON text" // where nothing is found wrong: never
	tooShort = "the document ends too early"
)

// The encoding of U+FEFF.
const byteOrderMark = "\uFEFF"

// syntax tells what is wrong with a document that the reader refuses.
func (r *reader) syntax() error {
	if r.tooDeep > 0 {
		return errorf(ErrPolicy, "nested more than %d levels deep", maxDepth).atOffset(r.tooDeep - 1)
	}
	f := fault{reader: reader{data: r.data}, what: notJSON}
	if bytes.HasPrefix(r.data, []byte(byteOrderMark)) {
		f.found(0, "a byte order mark before the document, which Parser.Lenient accepts")
	} else {
		f.value(skipSpace(r.data, 0), 0)
	}
	e := errorf(ErrSyntax, "%s (%s)", f.what, lineAndColumn(r.data, f.at)).atOffset(f.at)
	e.Path = f.path
	return e
}

// lineAndColumn tells where an offset is, as editors count: both from 1, and columns in
// characters. An octet that is not valid UTF-8 counts as a character.
func lineAndColumn(data []byte, offset int) string {
	before := data[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// A fault is the first place where a document is not JSON. What reads a part of the
// document returns the index after it, and -1 once the fault is found.
type fault struct {
	reader
	at   int
	what string
	path jsontext.Pointer
}

// found notes the fault. Nothing of the document is in its text: it may be a secret.
func (f *fault) found(at int, what string) int {
	f.at, f.what = at, what
	if at >= len(f.data) {
		f.at, f.what = len(f.data), tooShort
	}
	return -1
}

// value reads a value within depth objects and arrays.
func (f *fault) value(i, depth int) int {
	c := byteAt(f.data, i)
	switch {
	case c == '"':
		return f.text(i)
	case (c == '{' || c == '[') && depth < maxDepth+depthOfEntries: // the reader has read no deeper
		return f.nested(i, depth+1)
	}
	end := f.scanValue(i, 0)
	if end >= 0 {
		return end
	}
	rest := f.data[min(i, len(f.data)):]
	if c == '-' || isDigit(c) {
		return f.found(len(f.data)-len(bytes.TrimLeft(rest, "+-.eE0123456789")), "a malformed number")
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(word, string(rest[:min(len(rest), len(word))])) {
			return f.found(len(f.data), tooShort)
		}
	}
	return f.found(i, "want a value")
}

// text reads a string.
func (f *fault) text(i int) int {
	b := f.data
	for i++; ; {
		i += plain(b[i:])
		c := byteAt(b, i)
		switch {
		case c == '"':
			return i + 1
		case c == '\\':
			n := escape(b[i:])
			if n == 0 {
				return f.escape(i)
			}
			i += n
		case c >= utf8.RuneSelf:
			c, n := utf8.DecodeRune(b[i:])
			if c == utf8.RuneError && n == 1 {
				return f.found(i, "invalid UTF-8")
			}
			i += n
		case c == '\n' || c == '\r':
			return f.found(i, "a line break in a string")
		default:
			return f.found(i, "a control character in a string")
		}
	}
}

// escape tells what is wrong with the escape sequence at i.
func (f *fault) escape(i int) int {
	if _, ok := escapedUTF16(f.data[i:]); ok {
		return f.found(i, "half of a surrogate pair in a string")
	}
	const longest = len(`\u0000`)
	if rest := f.data[i:]; len(rest) < longest && bytes.IndexByte(rest, '"') < 0 {
		return f.found(len(f.data), tooShort)
	}
	return f.found(i, "an invalid escape sequence in a string")
}

// nested reads an object or array at the given depth.
func (f *fault) nested(i, depth int) int {
	b := f.data
	object, closing := b[i] == '{', b[i]+2
	if i = skipSpace(b, i+1); byteAt(b, i) == closing {
		return i + 1
	}
	for n := 0; ; n++ {
		var name span
		if object {
			if byteAt(b, i) != '"' {
				return f.found(i, "want a member name in double quotes")
			}
			end := f.text(i)
			if end < 0 {
				return -1
			}
			name = span{i, end}
			if i = skipSpace(b, end); byteAt(b, i) != ':' {
				return f.found(i, "want a colon after the member name")
			}
			i = skipSpace(b, i+1)
		}
		if i = f.value(i, depth); i < 0 {
			if object {
				f.below(unquote(string(b[name.start:name.end])))
			} else {
				f.below(strconv.Itoa(n))
			}
			return -1
		}
		switch i = skipSpace(b, i); byteAt(b, i) {
		case closing:
			return i + 1
		case ',':
			if i = skipSpace(b, i+1); byteAt(b, i) == closing {
				return f.found(i, "a comma before a closing bracket")
			}
		default:
			return f.found(i, "want a comma or the closing bracket")
		}
	}
}

// below puts a name or index in front of the path. One that may not be shown ends the
// path: in a damaged document a name may be a secret.
func (f *fault) below(name string) {
	if isShown(name) || isIndex(name) {
		f.path = jsontext.Pointer("").AppendToken(name) + f.path
	} else {
		f.path = ""
	}
}
