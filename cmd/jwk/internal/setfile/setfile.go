// Package setfile edits the text of a JWK Set (RFC 7517, Section 5). It removes and adds elements
// of "keys" and leaves every other byte as it is: unknown members, entries that
// cannot be used, the order, the spelling of numbers and strings, and the layout.
package setfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

const (
	byteOrderMark = "\uFEFF"
	keysMember    = "keys"

	// maxEntries is the default of MaxKeys of jwk.Parser: a set with more entries is not read.
	maxEntries = 10_000
)

// A File is the text of a JWK Set with the places of its entries. It does not change.
type File struct {
	text    []byte
	entries []span // the elements of "keys"
	array   span   // from "[" to "]" of "keys"
}

// A span is a part of the text.
type span struct{ start, end int }

// Parse finds the entries of a set. It refuses a text that is not one JSON object with one "keys"
// member, an array. It does not read the entries.
func Parse(text []byte) (*File, error) {
	if len(text) > files.MaxBytes {
		return nil, fmt.Errorf("more than %d bytes", files.MaxBytes)
	}
	rest := bytes.TrimPrefix(text, []byte(byteOrderMark))
	p := parser{
		// An entry that repeats a name cannot be used, but stays in the file.
		decoder: jsontext.NewDecoder(bytes.NewReader(rest), jsontext.AllowDuplicateNames(true)),
		rest:    rest,
		skipped: len(text) - len(rest),
	}
	f := &File{text: text}
	if err := p.file(f); err != nil {
		if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			err = fmt.Errorf("not JSON at byte %d: %w", s.ByteOffset+int64(p.skipped), s.Err)
		}
		return nil, err
	}
	return f, nil
}

// A parser reads the text of a set.
type parser struct {
	decoder *jsontext.Decoder
	rest    []byte // the text without a byte order mark
	skipped int    // the length of the byte order mark
}

// pos returns the place in the text after the last token.
func (p *parser) pos() int { return p.skipped + int(p.decoder.InputOffset()) }

func (p *parser) file(f *File) error {
	if kind := p.decoder.PeekKind(); kind != '{' && kind != jsontext.KindInvalid {
		return errors.New(`not a JSON object, want a JWK Set`)
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	found := false
	for p.decoder.PeekKind() != '}' {
		name, err := p.decoder.ReadToken()
		if err != nil {
			return err
		}
		switch isKeys := name.String() == keysMember; {
		case !isKeys:
			err = p.decoder.SkipValue()
		case found:
			err = errors.New(`two members "keys", want one`)
		default:
			found = true
			err = p.keys(f)
		}
		if err != nil {
			return err
		}
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	if !found {
		return errors.New(`no member "keys", want a JWK Set`)
	}
	if _, err := p.decoder.ReadToken(); err != io.EOF {
		if err == nil {
			err = errors.New("more text after the object")
		}
		return err
	}
	return nil
}

// keys reads the array of "keys".
func (p *parser) keys(f *File) error {
	if kind := p.decoder.PeekKind(); kind != '[' && kind != jsontext.KindInvalid {
		return errors.New(`"keys" is not an array`)
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	f.array.start = p.pos() - 1
	for p.decoder.PeekKind() != ']' {
		if len(f.entries) == maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		value, err := p.decoder.ReadValue()
		if err != nil {
			return err
		}
		end := p.pos()
		f.entries = append(f.entries, span{end - len(value), end})
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	f.array.end = p.pos()
	return nil
}

// Len returns the number of entries.
func (f *File) Len() int { return len(f.entries) }

// Entry returns the text of the entry at index i. It must not be changed.
func (f *File) Entry(i int) []byte { return f.between(f.entries[i].start, f.entries[i].end) }

func (f *File) between(start, end int) []byte { return f.text[start:end:end] }

// Remove returns the text without some entries. The white space before the first entry, before
// each entry that stays, and after the last entry stays as well.
func (f *File) Remove(remove func(index int) bool) []byte {
	var kept []int
	for i := range f.entries {
		if !remove(i) {
			kept = append(kept, i)
		}
	}
	switch len(kept) {
	case len(f.entries):
		return f.text
	case 0:
		text := bytes.Clone(f.text[:f.array.start+1])
		return append(text, f.text[f.array.end-1:]...)
	}
	text := bytes.Clone(f.text[:f.entries[0].start])
	for n, i := range kept {
		if n > 0 {
			text = append(text, f.separator(i)...)
		}
		text = append(text, f.Entry(i)...)
	}
	return append(text, f.text[f.entries[len(f.entries)-1].end:]...)
}

// separator returns the comma and the white space before the entry at index i, which is not the
// first.
func (f *File) separator(i int) []byte { return f.between(f.entries[i-1].end, f.entries[i].start) }
