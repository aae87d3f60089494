package jwk

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// Errors about documents that are not JSON. The reader reports only that a document is
// malformed, so that it does not have to keep track of the path. syntaxError reads a malformed
// document a second time, to find where and why.

// maxDepth limits the nesting of objects and arrays in a JWK, and in the members of a set
// besides "keys". No JWK needs more than a few levels, and each level costs stack.
const maxDepth = 64

// depthOfEntries is the number of levels around an entry of a set: the object of the set, and
// its array "keys". The entries of a set may be nested this much deeper, so that every key that
// Parse accepts fits into a set.
const depthOfEntries = 2

const (
	notJSON  = "not a JSON text" // if no fault is found, which does not happen
	tooShort = "the document ends too early"
)

// byteOrderMark is the encoding of U+FEFF.
const byteOrderMark = "\uFEFF"

// syntaxError returns the error about a document that a reader refused. tooDeep is the value
// of jsonscan.Scanner.TooDeep.
func syntaxError(data []byte, tooDeep int) error {
	if tooDeep > 0 {
		return errorf(ErrPolicy, "nested more than %d levels deep", maxDepth).atOffset(tooDeep - 1)
	}
	f := fault{data: data, what: notJSON}
	if bytes.HasPrefix(data, []byte(byteOrderMark)) {
		f.found(0, "a byte order mark before the document, which Parser.Lenient accepts")
	} else {
		f.value(jsonscan.SkipSpace(data, 0), 0)
	}
	e := errorf(ErrSyntax, "%s (%s)", f.what, lineAndColumn(data, f.at)).atOffset(f.at)
	e.Path = f.path
	return e
}

// lineAndColumn returns the line and column of an offset. Both count from 1, and columns count
// characters, as in editors. An octet that is not valid UTF-8 counts as a character.
func lineAndColumn(data []byte, offset int) string {
	before := data[:offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// A fault is the first place where a document is not JSON. Each method that reads a part of
// the document returns the index after the part, or -1 once it has found the fault.
type fault struct {
	data []byte
	scan jsonscan.Scanner
	at   int
	what string
	path jsontext.Pointer
}

// found notes the fault. what never repeats the document, which may hold a secret.
func (f *fault) found(at int, what string) int {
	f.at, f.what = at, what
	if at >= len(f.data) {
		f.at, f.what = len(f.data), tooShort
	}
	return -1
}

// value reads a value within depth objects and arrays.
func (f *fault) value(i, depth int) int {
	c := jsonscan.ByteAt(f.data, i)
	switch {
	case c == '"':
		return f.text(i)
	case (c == '{' || c == '[') && depth < maxDepth+depthOfEntries: // no reader reads deeper
		return f.nested(i, depth+1)
	}
	end := f.scan.Value(f.data, i, 0)
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
	if end := f.scan.String(f.data, i); end >= 0 {
		return end
	}
	at := f.scan.Fault
	switch c := jsonscan.ByteAt(f.data, at); {
	case c == '\\':
		return f.escape(at)
	case c >= utf8.RuneSelf:
		return f.found(at, "invalid UTF-8")
	case c == '\n' || c == '\r':
		return f.found(at, "a line break in a string")
	}
	return f.found(at, "a control character in a string")
}

// escape notes what is wrong with the escape sequence at i.
func (f *fault) escape(i int) int {
	const longest = len(`\u0000`)
	rest := f.data[i:]
	if len(rest) >= longest && rest[1] == 'u' && isHex(rest[2]) && isHex(rest[3]) && isHex(rest[4]) && isHex(rest[5]) {
		return f.found(i, "half of a surrogate pair in a string")
	}
	if len(rest) < longest && bytes.IndexByte(rest, '"') < 0 {
		return f.found(len(f.data), tooShort)
	}
	return f.found(i, "an invalid escape sequence in a string")
}

// nested reads an object or array at the given depth.
func (f *fault) nested(i, depth int) int {
	b := f.data
	object, closing := b[i] == '{', b[i]+2
	if i = jsonscan.SkipSpace(b, i+1); jsonscan.ByteAt(b, i) == closing {
		return i + 1
	}
	for n := 0; ; n++ {
		var name []byte // a string literal
		if object {
			if jsonscan.ByteAt(b, i) != '"' {
				return f.found(i, "want a member name in double quotes")
			}
			end := f.text(i)
			if end < 0 {
				return -1
			}
			name = b[i:end]
			if i = jsonscan.SkipSpace(b, end); jsonscan.ByteAt(b, i) != ':' {
				return f.found(i, "want a colon after the member name")
			}
			i = jsonscan.SkipSpace(b, i+1)
		}
		if i = f.value(i, depth); i < 0 {
			if object {
				unquoted, _ := jsontext.AppendUnquote(nil, name) // no error: it was read above
				f.below(string(unquoted))
			} else {
				f.below(strconv.Itoa(n))
			}
			return -1
		}
		switch i = jsonscan.SkipSpace(b, i); jsonscan.ByteAt(b, i) {
		case closing:
			return i + 1
		case ',':
			if i = jsonscan.SkipSpace(b, i+1); jsonscan.ByteAt(b, i) == closing {
				return f.found(i, "a comma before a closing bracket")
			}
		default:
			return f.found(i, "want a comma or the closing bracket")
		}
	}
}

// below puts a name or index in front of the path. A name that must not be shown clears the
// path instead, because a damaged document can have a secret where a name should be.
func (f *fault) below(name string) {
	if isShown(name) || isIndex(name) {
		f.path = jsontext.Pointer("").AppendToken(name) + f.path
	} else {
		f.path = ""
	}
}
