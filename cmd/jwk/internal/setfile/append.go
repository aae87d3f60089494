package setfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

// Empty is the text of a new set without keys.
const Empty = "{\n  \"keys\": []\n}\n"

// Append returns the text with more entries at the end of "keys". Their members, and the spelling
// of the values, stay as they are. Their layout follows the entry before them.
//
// The error says that an entry is not a JSON value, or that the set would be too large to be read.
func (f *File) Append(entries ...[]byte) ([]byte, error) {
	if len(entries) == 0 {
		return f.text, nil
	}
	if len(f.entries)+len(entries) > maxEntries {
		return nil, fmt.Errorf("the set would have more than %d entries", maxEntries)
	}
	l := f.layout()
	var added []byte
	for i, entry := range entries {
		formatted, err := l.format(entry)
		if err != nil {
			return nil, err
		}
		if i > 0 || len(f.entries) > 0 {
			added = append(added, l.separator...)
		}
		if added = append(added, formatted...); len(added) > files.MaxBytes {
			return nil, errTooLarge
		}
	}
	var text []byte
	if n := len(f.entries); n > 0 {
		end := f.entries[n-1].end
		text = join(f.text[:end], added, f.text[end:])
	} else { // the white space in the empty array goes
		text = join(f.text[:f.array.start+1], l.first, added, l.last, f.text[f.array.end-1:])
	}
	if len(text) > files.MaxBytes {
		return nil, errTooLarge
	}
	return text, nil
}

var errTooLarge = fmt.Errorf("the set would have more than %d bytes", files.MaxBytes)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// A layout says how new entries are written.
type layout struct {
	first, last []byte // white space before the first entry and after the last, if the array is empty
	separator   []byte // the comma and white space between two entries

	lines        bool   // an entry has a line for each member
	indent, unit string // white space before the lines of an entry, and for each level more
	spaced       bool   // a blank follows each colon and comma, if the entry is on one line
	returns      bool   // lines end with "\r\n"
}

// layout returns the layout of the entries.
func (f *File) layout() layout {
	l := layout{returns: bytes.Contains(f.text, []byte("\r\n"))}
	switch n := len(f.entries); n {
	case 0:
		f.layoutOfEmpty(&l)
		return l
	case 1:
		l.separator = shortened(join([]byte(","), f.between(f.array.start+1, f.entries[0].start)))
	default:
		l.separator = shortened(f.separator(n - 1))
	}
	last := len(f.entries) - 1
	entry := f.Entry(last)
	if l.lines = bytes.IndexByte(entry, '\n') >= 0; l.lines {
		l.indent = f.indentAt(f.entries[last].start)
		l.unit, _ = strings.CutPrefix(f.indentAt(f.entries[last].start+firstMember(entry)), l.indent)
	} else {
		l.spaced = bytes.Contains(entry, []byte(`": `)) // also in a string; the entry is valid nevertheless
	}
	return l
}

// layoutOfEmpty sets the layout of the first entry of a set: like the layout of "keys" itself.
func (f *File) layoutOfEmpty(l *layout) {
	before := f.text[:f.array.start]
	if bytes.IndexByte(before, '\n') < 0 {
		l.separator = []byte(",")
		l.spaced = bytes.HasSuffix(before, []byte(": "))
		if l.spaced {
			l.separator = []byte(", ")
		}
		return
	}
	l.lines = true
	outer := f.indentAt(f.array.start)
	l.unit = outer // "keys" is one level deep
	if l.unit == "" {
		l.unit = "  "
	}
	l.indent = outer + l.unit
	l.last = l.breaks("\n" + outer)
	l.first = l.breaks("\n" + l.indent)
	l.separator = join([]byte(","), l.first)
}

// breaks returns a text with the line breaks of the file.
func (l *layout) breaks(text string) []byte {
	if l.returns {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return []byte(text)
}

// firstMember returns the place of the first member of an entry, or 0.
func firstMember(entry []byte) int {
	if i := bytes.IndexByte(entry, '"'); i > 0 {
		return i
	}
	return 0
}

// maxIndent is the largest indentation that new entries follow. Each of their lines repeats it.
const maxIndent = 64 // bytes

// maxBlank is the largest amount of white space on each side of the comma that new entries follow.
const maxBlank = maxIndent + len("\r\n") // bytes

// shortened returns a separator with at most maxBlank bytes on each side of its comma.
func shortened(separator []byte) []byte {
	before, after, _ := bytes.Cut(separator, []byte(","))
	return join(before[:min(len(before), maxBlank)], []byte(","), after[:min(len(after), maxBlank)])
}

// indentAt returns the white space at the beginning of a line.
func (f *File) indentAt(place int) string {
	line := f.text[bytes.LastIndexByte(f.text[:place], '\n')+1 : place]
	n := 0
	for n < min(len(line), maxIndent) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return string(line[:n])
}

// format returns the text of an entry in the layout.
func (l *layout) format(entry []byte) ([]byte, error) {
	v := jsontext.Value(bytes.Clone(entry))
	options := []jsontext.Options{
		jsontext.AllowDuplicateNames(true),
		jsontext.PreserveRawStrings(true),
		jsontext.CanonicalizeRawInts(false),
		jsontext.CanonicalizeRawFloats(false),
	}
	if l.lines {
		options = append(options, jsontext.WithIndentPrefix(l.indent), jsontext.WithIndent(l.unit))
	} else {
		options = append(options, jsontext.SpaceAfterColon(l.spaced), jsontext.SpaceAfterComma(l.spaced))
	}
	if err := v.Format(options...); err != nil {
		return nil, errors.New("an entry is not a JSON value")
	}
	return l.breaks(string(v)), nil
}
