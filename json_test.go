package jwk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
)

// TestReader: if this fails, the parser reads another name or value than the document has.
func TestReader(t *testing.T) {
	const doc = ` { "a" : "x\u0041" , "b":[1, {"c":2}] , "\u0063": -1.5e3 } `
	data := []byte(doc)
	r := newReader(data)
	if got := r.next(); got != '{' {
		t.Fatalf("next: got %q, want {", got)
	}
	if err := r.open('{', ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		name    string
		next    byte
		value   string
		escaped bool
	}{
		{"a", '"', `"x\u0041"`, true},
		{"b", '[', `[1, {"c":2}]`, false},
		{"c", '-', `-1.5e3`, false},
	} {
		if !r.more('}') {
			t.Fatalf("more before %s: got false, want true", want.name)
		}
		if got := r.name(); got != want.name {
			t.Fatalf("name: got %q, want %q", got, want.name)
		}
		if got := r.next(); got != want.next {
			t.Errorf("next after %s: got %q, want %q", want.name, got, want.next)
		}
		v := r.value()
		if got := doc[v.start:v.end]; got != want.value {
			t.Errorf("span of %s: got %s, want %s", want.name, got, want.value)
		}
		if r.pos != v.end {
			t.Errorf("position after %s: got %d, want %d", want.name, r.pos, v.end)
		}
		if r.scan.Escaped != want.escaped {
			t.Errorf("escapes in %s: got %v, want %v", want.name, r.scan.Escaped, want.escaped)
		}
	}
	if r.more('}') {
		t.Error("more at the end: got true, want false")
	}
	if got, want := r.pos, strings.LastIndexByte(doc, '}')+1; got != want {
		t.Errorf("position: got %d, want %d", got, want)
	}
	if err := r.end(); err != nil {
		t.Errorf("end: got %v, want nil", err)
	}
	if string(data) != doc {
		t.Errorf("got document %q after reading, want it unchanged", data)
	}
}

// keyWith returns the text of a public key with additional members, which are inserted verbatim.
func keyWith(members string) string {
	return `{"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw",` + members + `}`
}

// readAll reads a document as Parse does, and returns its error. It does not look at the value.
func readAll(doc string) error {
	r := newReader([]byte(doc))
	r.value()
	return r.end()
}

// TestReaderRefuses: if this fails, malformed JSON is accepted, or its error points to another
// place than the fault.
func TestReaderRefuses(t *testing.T) {
	deep := strings.Repeat("[", maxDepth-1)
	tests := []struct {
		name, doc string
		kind      error
		path      string
		offset    int64
	}{
		{"empty", "", ErrSyntax, "", 0},
		{"nothing but white space", " \r\n\t", ErrSyntax, "", 4},
		{"unterminated object", `{"a":1`, ErrSyntax, "", 6},
		{"unterminated string", `{"x":"b`, ErrSyntax, "/x", 7},
		{"unterminated string of an unknown member", `{"a":"b`, ErrSyntax, "", 7},
		{"no value", `{"x":}`, ErrSyntax, "/x", 5},
		{"trailing comma", `{"a":1,}`, ErrSyntax, "", 7},
		{"single quotes", `{'a':1}`, ErrSyntax, "", 1},
		{"number for a name", `{1:2}`, ErrSyntax, "", 1},
		{"comment", `{"a":1 /* */}`, ErrSyntax, "", 7},
		{"leading zero", `{"a":01}`, ErrSyntax, "", 6},
		{"NaN", `{"x":NaN}`, ErrSyntax, "/x", 5},
		{"vertical tab for white space", "{\v}", ErrSyntax, "", 1},
		{"no-break space for white space", "{\u00a0}", ErrSyntax, "", 1},
		{"line break in a string", "{\"x\":\"b\nc\"}", ErrSyntax, "/x", 7},
		{"after a duplicate name", `{"a":1,"a":2,x`, ErrSyntax, "", 13},
		{"second document", `{"a":1} {}`, ErrSyntax, "", 8},
		{"trailing text", `{"a":1} x`, ErrSyntax, "", 8},
		{"trailing bracket", `{"a":1}]`, ErrSyntax, "", 7},
		{"trailing zero octet", "{\"a\":1}\x00", ErrSyntax, "", 7},
		{"byte order mark", "\uFEFF{}", ErrSyntax, "", 0},
		{"J06 octet ff", "{\"x\":\"b\xff\"}", ErrSyntax, "/x", 7},
		{"J06 overlong zero", "{\"x\":\"\xc0\x80\"}", ErrSyntax, "/x", 6},
		{"J06 surrogate in UTF-8", "{\"x\":\"\xed\xa0\x80\"}", ErrSyntax, "/x", 6},
		{"J06 octet ff in a name", "{\"b\xff\":1}", ErrSyntax, "", 3},
		{"J07 high surrogate without its pair", `{"x":"\ud800"}`, ErrSyntax, "/x", 6},
		{"J07 surrogates in the wrong order", `{"x":"\udc00\ud800"}`, ErrSyntax, "/x", 6},
		{"J07 low surrogate in a name", `{"\udc00":1}`, ErrSyntax, "", 2},
		{"a name that is a secret", `{"d":{"AAECAwQFBgcICQ","x":1}}`, ErrSyntax, "/d", 22},
		{"below a name that is not registered", `{"oth":[1,{"r":[0,{"name":{"x":?}}]}]}`, ErrSyntax, "/oth/1/r/1", 31},
		{"more digits than an index has", `{"x":{"12345678":?}}`, ErrSyntax, "/x", 17},
		{"J09 one level too deep", `{"a":` + deep + "[]", ErrPolicy, "*", 5 + maxDepth - 1},
		{"J09 far too deep", `{"a":` + strings.Repeat("[", 10*maxDepth), ErrPolicy, "*", 5 + maxDepth - 1},
		{"J09 objects too deep", strings.Repeat(`{"a":`, maxDepth+1), ErrPolicy, "*", 5 * maxDepth},
		{"syntax error at the deepest level", `{"a":` + deep + "x", ErrSyntax, "*", 5 + maxDepth - 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := readAll(tt.doc)
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, tt.kind) {
				t.Fatalf("got %v, want %v", err, tt.kind)
			}
			if tt.path != "*" && string(e.Path) != tt.path {
				t.Errorf("path of %q: got %q, want %q", err, e.Path, tt.path)
			}
			if e.Offset != tt.offset {
				t.Errorf("offset of %q: got %d, want %d", err, e.Offset, tt.offset)
			}
			// The reader goes back to a pool. It must read the next document without the fault.
			if err := readAll(`{"a":1}`); err != nil {
				t.Errorf("the next document: got %v, want no error", err)
			}
		})
	}
}

// TestSyntaxErrorPlace: if this fails, the line and column in a syntax error differ from the
// ones that an editor shows. The lines may end in any of the usual ways.
func TestSyntaxErrorPlace(t *testing.T) {
	for _, tt := range []struct{ name, doc, want string }{
		{"the first octet", `}`, "want a value (line 1, column 1)"},
		{"one line", `{"x":}`, "want a value (line 1, column 6)"},
		{"the end", `{"x":1`, "the document ends too early (line 1, column 7)"},
		{"the third line", "{\n\"x\":1,\n  }", "a comma before a closing bracket (line 3, column 3)"},
		{"lines of Windows", "{\r\n\"x\":1,\r\n  }", "a comma before a closing bracket (line 3, column 3)"},
		{"right after a line break", "{\n", "the document ends too early (line 2, column 1)"},
		{"a tab is one column", "{\t\tx", "want a member name in double quotes (line 1, column 4)"},
		{"characters, not octets", `{"é😀":}`, "want a value (line 1, column 7)"},
		{"an octet that is not UTF-8", "{\"é\":\"é\xff\"}", "invalid UTF-8 (line 1, column 8)"},
		{"the line break itself", "{\"x\":\"a\n\"}", "a line break in a string (line 1, column 8)"},
		{"after the document", "{}\n\n {}", "data after the document (line 3, column 2)"},
		{"no comma", "[1 2]", "want a comma or the closing bracket (line 1, column 4)"},
		{"no colon", `{"x" 1}`, "want a colon after the member name (line 1, column 6)"},
		{"single quotes", `{'x':1}`, "want a member name in double quotes (line 1, column 2)"},
		{"a number", `[1.]`, "a malformed number (line 1, column 4)"},
		{"a number that ends", `[-`, "the document ends too early (line 1, column 3)"},
		{"a zero in front", `[01]`, "want a comma or the closing bracket (line 1, column 3)"},
		{"a word", `[nil]`, "want a value (line 1, column 2)"},
		{"a word that ends", `[tru`, "the document ends too early (line 1, column 5)"},
		{"a control character", "[\"\x01\"]", "a control character in a string (line 1, column 3)"},
		{"an escape", `["\x"]`, "an invalid escape sequence in a string (line 1, column 3)"},
		{"an escape that ends", `["\u00`, "the document ends too early (line 1, column 7)"},
		{"a short escape", `["\u00"]`, "an invalid escape sequence in a string (line 1, column 3)"},
		{"half of a pair", `["\ud800"]`, "half of a surrogate pair in a string (line 1, column 3)"},
		{"a byte order mark", "\uFEFF{}", "a byte order mark before the document, which Parser.Lenient accepts (line 1, column 1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e *Error
			if err := readAll(tt.doc); !errors.As(err, &e) || e.Err.Error() != tt.want || !errors.Is(err, ErrSyntax) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestReaderAccepts: if this fails, valid JSON at the limits of the grammar is refused.
func TestReaderAccepts(t *testing.T) {
	deepest := strings.Repeat("[", maxDepth-1) + strings.Repeat("]", maxDepth-1)
	for _, doc := range []string{
		`{}`, "\t\r\n {} \t\r\n", `{"a":"\ud83d\ude00"}`, `{"a":"\u0000"}`, "{\"\u00e9\":\"\u2028\"}",
		`{"a":1e999999}`, `{"a":-0}`, `{"a":1,"a":2}`, `{"a":` + deepest + `}`,
	} {
		if err := readAll(doc); err != nil {
			t.Errorf("%.40q: got %v, want no error", doc, err)
		}
	}
}

// TestSyntaxErrorsQuoteNoSecret: the text of an error may reach a log. The errors of jsontext
// quote the text around a malformed escape. If this fails, a part of a secret may be in a log.
func TestSyntaxErrorsQuoteNoSecret(t *testing.T) {
	for _, doc := range []string{
		`{"k":"\ud800SECRETSECRET"}`,
		`{"k":"\ud800SEC RETSECRET"}`, // jsontext uses other quotes if there is a space
		"{\"k\":\"\\ud800SEC`RETSECRET\"}",
		"{\"k\":\"\\ud800SEC\u00a0RETSECRET\"}",
		`{"k":"\uSECRETSECRET"}`,
		`{"k":"\uSEC RET"}`,
		`{"k":"SECRET\ud800"}`,
		`{"k":"SECRET`,
		"{\"k\":\"SECRET\xff\"}",
		"{\"k\":\"SECRET\n\"}",
		`{"k":SECRET}`,
		`{"k":"x"SECRET}`,
	} {
		err := readAll(doc)
		if !errors.Is(err, ErrSyntax) {
			t.Fatalf("%q: got %v, want %v", doc, err, ErrSyntax)
		}
		for i := range len("SECRET") - 2 {
			if part := "SECRET"[i : i+3]; strings.Contains(err.Error(), part) {
				t.Errorf("%q: the error %q shows %q", doc, err, part)
				break
			}
		}
	}
}

// TestReaderStaysBad: once a reader has failed, its methods must find nothing more. If this
// fails, a document is accepted although a part of it is malformed.
func TestReaderStaysBad(t *testing.T) {
	for _, doc := range []string{`{x:1,"a":2}`, `{"a" 1,"b":2}`, `{"a":x,"b":2}`, `{"a":1;"b":2}`, `{"a":1]`, `{"a":"\q"}`, `{"a`} {
		r := newReader([]byte(doc))
		if err := r.open('{', ""); err != nil {
			t.Fatal(err)
		}
		for range len(doc) { // more often than there are members
			if r.more('}') {
				r.name()
				r.value()
			}
		}
		if !r.bad {
			t.Errorf("%s: bad: got false, want true", doc)
		}
		if r.more('}') || r.more(']') {
			t.Errorf("%s: more: got true, want false", doc)
		}
		if name, v := r.name(), r.value(); name != "" || v != (span{}) {
			t.Errorf("%s: got name %q and value %v, want neither", doc, name, v)
		}
		if err := r.open('{', ""); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: open: got %v, want %v", doc, err, ErrSyntax)
		}
		if err := r.end(); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: end: got %v, want %v", doc, err, ErrSyntax)
		}
	}
}

// A walk lists the brackets, names and values of a document in their order, with offsets.
type walk []string

// add appends a bracket, or a name ('n') or value ('v') with its text.
func (w *walk) add(what byte, text string, at int) {
	*w = append(*w, fmt.Sprintf("%c %d %s", what, at, text))
}

// down adds the value at the position of r, and the contents of objects and arrays.
func (w *walk) down(r *reader) {
	c := r.next()
	if c != '{' && c != '[' {
		v := r.value()
		if r.bad {
			return
		}
		text := r.doc.text[v.start:v.end]
		if c == '"' {
			text = unquote(text)
		}
		w.add('v', text, v.end)
		return
	}
	if r.open(c, "") != nil {
		return
	}
	w.add(c, "", r.pos)
	for r.more(c + 2) {
		if c == '{' {
			name := r.name()
			if r.bad {
				return
			}
			w.add('n', name, 0)
		}
		w.down(r)
	}
	if !r.bad {
		w.add(c+2, "", r.pos)
	}
}

// jsontextWalk returns the walk through a document that jsontext makes.
func jsontextWalk(doc []byte) (w walk, err error) {
	d := jsontext.NewDecoder(bytes.NewReader(doc), jsontext.AllowDuplicateNames(true))
	for first := true; first || d.StackDepth() > 0; first = false {
		if d.StackDepth() > maxDepth {
			return nil, errTooDeep
		}
		within, n := d.StackIndex(d.StackDepth())
		name := within == '{' && n%2 == 0
		t, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		switch kind := t.Kind(); {
		case name && kind == '"':
			w.add('n', t.String(), 0)
		case kind == '{', kind == '[', kind == '}', kind == ']':
			w.add(byte(kind), "", int(d.InputOffset()))
		default:
			w.add('v', t.String(), int(d.InputOffset()))
		}
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("data after the document")
	}
	return w, nil
}

// errTooDeep is the error of jsontextWalk for the limit maxDepth, which jsontext does not have.
var errTooDeep = errors.New("deeper than maxDepth")

// checkReader checks that the reader and jsontext agree on whether a document is valid and on
// its contents. The reader reads it once as a whole and once step by step.
func checkReader(t *testing.T, doc []byte) {
	t.Helper()
	want, invalid := jsontextWalk(doc)
	err := readAll(string(doc))
	if (err == nil) != (invalid == nil) {
		t.Fatalf("%.99q: got %v, want %v, as from jsontext", doc, err, invalid)
	}
	if errors.Is(err, ErrPolicy) != (invalid == errTooDeep) {
		t.Fatalf("%.99q: got %v; want %v only beyond %d levels", doc, err, ErrPolicy, maxDepth)
	}
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > int64(len(doc)) ||
		!errors.Is(err, ErrSyntax) && !errors.Is(err, ErrPolicy) || strings.Contains(err.Error(), notJSON)) {
		t.Fatalf("%.99q: got %#v, want a reason and an offset", doc, err)
	}

	r := newReader(doc)
	var got walk
	got.down(r)
	if err := r.end(); (err == nil) != (invalid == nil) {
		t.Fatalf("%.99q, step by step: got %v, want %v, as from jsontext", doc, err, invalid)
	}
	if invalid == nil && !slices.Equal(got, want) {
		t.Fatalf("%.99q: got\n%.999s\nwant, as from jsontext\n%.999s", doc, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// readerSeeds are documents that together use all of the JSON grammar and break each of its
// rules.
var readerSeeds = []string{
	``, ` `, `{}`, `[]`, "\t\r\n {} \t\r\n", `null`, `true`, `false`, `"a"`, `0`, `{"a":1} {}`, `[] ,`, `[]]`, `{}:`, `,`, `:`, `]`,
	`{"a":"\ud83d\ude00","b":[1,{"c":[]},""],"a":null}`, `[true,false,null,"",{},[]]`, `[-0,1,10,1.5,-1e5,1E+0,0.0e-10]`,
	`[1,]`, `[,1]`, `[1 2]`, `[1}`, `{"a":1]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{,"a":1}`, `[,"a"]`, `{1:2}`, `{"a" "b"}`, `{"a":1 "b":2}`, `{"a":1;"b":2}`,
	`[01]`, `[-]`, `[+1]`, `[.5]`, `[1.]`, `[1e]`, `[1e+]`, `[0x1]`, `[NaN]`, `[tru]`, `[nulll]`, `[True]`, `'a'`,
	`"\"\\\/\b\f\n\r\t\u00e9\u00E9"`, `"\a"`, `"\`, `"\u12"`, `"\u123x"`, `"\U0041"`, `"\ud800"`, `"\udc00\ud800"`, `"\ud800\u0041"`, `"\ud800\ud800"`,
	`"\ud800x\udc00"`, `"\udbff\udfff"`, "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\u00e9\u2028\uffff\U0010ffff\"", "\"\xff\"", "\"\xc0\x80\"",
	"\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\uFEFF{}", "\"\ufffd\"", "{\u00a0}", "[1\v]", "[\x00]", "\"abc", "\"abcdefgh", "\"abcdefg\x1f\"",
	`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a b!#\u005d"}`,
}

// TestReaderAgreesWithJSONText: the reader and jsontext must agree on each seed that is cut off
// at any position or has any other octet there, and on documents of every depth near the limit.
// If this fails, the parser accepts text that is not JSON, or refuses JSON.
func TestReaderAgreesWithJSONText(t *testing.T) {
	for _, seed := range readerSeeds {
		checkReader(t, []byte(seed))
		for i := range len(seed) { // octets, not characters
			checkReader(t, []byte(seed[:i])) // cut off
			doc := []byte(seed)
			for c := range 256 {
				doc[i] = byte(c)
				checkReader(t, doc)
			}
		}
	}
	for _, open := range []string{"[", `{"a":`, `[{"a":`, `{"a":[`} {
		for _, n := range []int{maxDepth/2 - 1, maxDepth / 2, maxDepth/2 + 1, maxDepth - 1, maxDepth, maxDepth + 1} {
			doc := strings.Repeat(open, n)
			var closing []byte
			for _, c := range []byte(doc) {
				if c == '{' || c == '[' {
					closing = append(closing, c+2)
				}
			}
			slices.Reverse(closing)
			checkReader(t, []byte(doc+"0"+string(closing)))
			checkReader(t, []byte(doc+"[]"+string(closing)))
		}
	}
}

// TestEscapedUnits tries every escape of one UTF-16 code unit, in a value and in a name. If it
// fails, a kid or a name with an escape is read as another string.
func TestEscapedUnits(t *testing.T) {
	for _, format := range []string{`\u%04x`, `\u%04X`} {
		for block := 0; block < 1<<16; block += 1 << 8 {
			var escapes, want strings.Builder
			for c := block; c < block+1<<8; c++ {
				escape := fmt.Sprintf(format, c)
				if utf16.IsSurrogate(rune(c)) {
					for _, members := range []string{`"kid":"` + escape + `"`, `"` + escape + `":1`, `"a":["` + escape + `\u0041"]`} {
						if k, err := Parse([]byte(keyWith(members))); k != nil || !errors.Is(err, ErrSyntax) {
							t.Errorf("%s: got %v, %v; want %v", members, k, err, ErrSyntax)
						}
					}
					continue
				}
				escapes.WriteString(escape)
				want.WriteRune(rune(c))
			}
			checkEscapes(t, escapes.String(), want.String())
		}
	}
}

// checkEscapes checks that escapes are read as the string want, in a kid and in a name, and that
// the key keeps them as they are written.
func checkEscapes(t *testing.T, escapes, want string) {
	t.Helper()
	text := keyWith(`"kid":"` + escapes + `","` + escapes + ` ":1`)
	k, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%.99s: %v", escapes, err)
	}
	if k.KeyID() != want {
		t.Errorf("%.99s: got kid %q, want %q", escapes, k.KeyID(), want)
	}
	if _, ok := k.Member(want + " "); !ok {
		t.Errorf("%.99s: got no member %q", escapes, want+" ")
	}
	if got, err := k.MarshalJSON(); err != nil || string(got) != text {
		t.Errorf("%.99s: got %q, %v; want the unchanged text", escapes, got, err)
	}
}

// TestEscapedPairs tries every high surrogate with the first, the last and two other low
// surrogates. If it fails, a character outside the Basic Multilingual Plane is read as another.
func TestEscapedPairs(t *testing.T) {
	for high := rune(0xd800); high < 0xdc00; high += 1 << 5 {
		var escapes, want strings.Builder
		for h := high; h < high+1<<5; h++ {
			for _, low := range []rune{0xdc00, 0xdc37, 0xde00 + h%0x100, 0xdfff} {
				fmt.Fprintf(&escapes, `\u%04x\u%04X`, h, low)
				want.WriteRune(utf16.DecodeRune(h, low))
			}
		}
		checkEscapes(t, escapes.String(), want.String())
	}
}

// TestOctetsInStrings tries every octet after a backslash, and every octet without one. If it
// fails, a string with a control character, invalid UTF-8 or an unknown escape is accepted.
func TestOctetsInStrings(t *testing.T) {
	short := map[byte]string{'"': `"`, '\\': `\`, '/': "/", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t"}
	for i := range 256 {
		c := byte(i)
		if want, ok := short[c]; ok {
			checkEscapes(t, `\`+string(rune(c)), want)
		} else if k, err := Parse([]byte(keyWith("\"kid\":\"\\" + string([]byte{c}) + "\""))); !errors.Is(err, ErrSyntax) {
			t.Errorf("escaped %q: got %v, %v; want %v", c, k, err, ErrSyntax)
		}
		single := string([]byte{c})
		if c >= ' ' && c <= 0x7f && c != '"' && c != '\\' {
			checkEscapes(t, single, single)
			continue
		}
		// A quote ends the string, so that the text after it is malformed.
		for _, members := range []string{`"kid":"` + single + `a"`, `"` + single + `a":1`, `"a":["` + single + `a"]`} {
			if k, err := Parse([]byte(keyWith(members))); k != nil || !errors.Is(err, ErrSyntax) {
				t.Errorf("%q: got %v, %v; want %v", members, k, err, ErrSyntax)
			}
		}
	}
}

// TestNestingLimit: J09. The limit must be the same in a key, in a set and in a key of a set,
// and the levels around a value count. If this fails, deep nesting can exhaust the stack.
func TestNestingLimit(t *testing.T) {
	arrays := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	objects := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, tt := range []struct {
		name   string
		around int // number of objects and arrays around the value
		parse  func(value string) error
	}{
		{"member of a key", 1, func(v string) error { _, err := Parse([]byte(keyWith(`"a":` + v))); return err }},
		{"member of a set", 1, func(v string) error { _, err := ParseSet([]byte(`{"keys":[],"a":` + v + `}`)); return err }},
		{"member of a key of a set", 1, func(v string) error {
			_, err := ParseSet([]byte(`{"keys":[` + keyWith(`"a":`+v) + `]}`))
			return err
		}},
		{"entry of a set", 0, func(v string) error { _, err := ParseSet([]byte(`{"keys":[` + v + `]}`)); return err }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, nested := range []func(int) string{arrays, objects} {
				if err := tt.parse(nested(maxDepth - tt.around)); err != nil {
					t.Errorf("%d within %d: got %v, want no error", maxDepth-tt.around, tt.around, err)
				}
				if err := tt.parse(nested(maxDepth - tt.around + 1)); !errors.Is(err, ErrPolicy) {
					t.Errorf("%d within %d: got %v, want %v", maxDepth-tt.around+1, tt.around, err, ErrPolicy)
				}
			}
		})
	}
}

// FuzzReader: the reader and jsontext must agree on every document.
func FuzzReader(f *testing.F) {
	for _, seed := range readerSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkReader)
}

// BenchmarkReader compares the reader with jsontext. Both find the members of every key of a set
// and do not look at their values.
func BenchmarkReader(b *testing.B) {
	file, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		b.Fatal(err)
	}
	var fixtures map[string]map[string]any
	if err := json.Unmarshal(file, &fixtures); err != nil {
		b.Fatal(err)
	}
	text, want := []byte(`{"keys":[`), 0
	for i := range 100 {
		kind := [...]string{"RSA-2048", "P-256", "Ed25519"}[i%3]
		entry := map[string]any{"kid": fmt.Sprint("key-", i), "use": "sig", "alg": kind}
		for _, name := range []string{"kty", "crv", "n", "e", "x", "y"} {
			if value, ok := fixtures[kind][name]; ok {
				entry[name] = value
			}
		}
		value, err := json.Marshal(entry)
		if err != nil {
			b.Fatal(err)
		}
		if i > 0 {
			text = append(text, ',')
		}
		text, want = append(text, value...), want+len(entry)
	}
	text = append(text, "]}"...)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		doc := &document{string(text)}
		for b.Loop() {
			r := newReaderOf(text, doc)
			found := 0
			_ = r.open('{', "")
			for r.more('}') {
				if r.name() != "keys" {
					r.value()
					continue
				}
				_ = r.open('[', "")
				for r.more(']') {
					_ = r.open('{', "")
					for r.more('}') {
						r.name()
						r.value()
						found++
					}
				}
			}
			if err := r.end(); err != nil || found != want {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("jsontext", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		var src bytes.Buffer
		var d jsontext.Decoder
		token := func() string {
			t, err := d.ReadToken()
			if err != nil {
				b.Fatal(err)
			}
			if t.Kind() != '"' {
				return ""
			}
			return t.String()
		}
		value := func() {
			if _, err := d.ReadValue(); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			src = *bytes.NewBuffer(text)
			d.Reset(&src, jsontext.AllowDuplicateNames(true))
			found := 0
			for token(); d.PeekKind() != '}'; {
				if token() != "keys" {
					value()
					continue
				}
				for token(); d.PeekKind() != ']'; token() {
					for token(); d.PeekKind() != '}'; found++ {
						value() // the name
						value()
					}
				}
				token()
			}
			token()
			if found != want {
				b.Fatal(found)
			}
		}
	})
}

// TestUnquote: if this fails, a string with escapes is read as another string.
func TestUnquote(t *testing.T) {
	tests := []struct{ literal, want string }{
		{`""`, ""},
		{`"AQAB"`, "AQAB"},
		{`"\u0041QAB"`, "AQAB"},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{`"\u0000"`, "\x00"},
		{`"\u00E9\u00e9é"`, "ééé"},
		{`"\ud83d\ude00"`, "😀"},
		{`"\\u0041"`, `\u0041`},
	}
	for _, tt := range tests {
		if got := unquote(tt.literal); got != tt.want {
			t.Errorf("unquote(%s): got %q, want %q", tt.literal, got, tt.want)
		}
	}
}

// TestUniqueNames: if this fails, a duplicate name within a member goes unnoticed, and two
// parsers may read two different values.
func TestUniqueNames(t *testing.T) {
	tests := []struct {
		value string
		want  bool
	}{
		{`1`, true},
		{`[]`, true},
		{`{}`, true},
		{`{"a":1,"b":2,"A":3}`, true},
		{`[{"a":1},{"a":1}]`, true},
		{`{"a":{"a":{"a":1}}}`, true},
		{`{"a":"b","c":"a"}`, true},
		{"{\"\u00e9\":1,\"e\u0301\":2}", true}, // a composed and a decomposed character are different
		{`{"a":1,"a":1}`, false},
		{`{"a":1,"b":2,"a":3}`, false},
		{`{"a":1,"\u0061":2}`, false},
		{`{"":1,"":2}`, false},
		{`[[[{"b":[{"a":1,"a":null}]}]]]`, false},
	}
	for _, tt := range tests {
		if got := uniqueNames([]byte(tt.value), tt.value); got != tt.want {
			t.Errorf("uniqueNames(%s): got %v, want %v", tt.value, got, tt.want)
		}
	}
}
