package jwk

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A Skipped is an entry of a set that could not be used. Its JSON and PEM are copies that
// belong to the caller. They may hold a secret, so fmt, log/slog and encoders do not show them,
// with the same exceptions as for the Passphrase of [EncryptOptions].
type Skipped struct {
	Index int            // the index in the "keys" of the document; for a PEM file, among the keys and skipped entries
	KeyID string         // the kid, if it is a string
	JSON  jsontext.Value `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"` // the entry as it was parsed
	PEM   []byte         `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"` // the block of a PEM file; JSON is nil then
	Err   error          // the reason, an [*Error]

	block int // the number of the block in the PEM file, from 1; 0 for JSON
}

// skipped is an entry that could not be used, as a set keeps it.
type skipped struct {
	excerpt     // its text
	pem     int // the number of the block in the PEM file, from 1; 0 for JSON
	after   int // the number of keys before it
	keyID   string
	private bool // it carries private material
	err     Error
}

// public returns the entry for callers. before is the number of skipped entries before it.
func (e *skipped) public(before int) Skipped {
	s := e.withoutText(before)
	if e.pem > 0 {
		s.PEM = []byte(e.text())
	} else {
		s.JSON = jsontext.Value(e.text())
	}
	return s
}

// withoutText returns the entry without JSON and PEM. It is for errors, which callers pass on:
// the text may be long or secret.
func (e *skipped) withoutText(before int) Skipped {
	return Skipped{Index: e.after + before, KeyID: e.keyID, Err: &e.err, block: e.pem}
}

// entryPointer returns the path of the element i of "keys".
func entryPointer(i int) jsontext.Pointer {
	return jsontext.Pointer("/" + keysMember + "/" + strconv.Itoa(i))
}

// String returns which entry was skipped and why, without its JSON or PEM. The second block
// of a PEM file is called "block 2".
func (s Skipped) String() string {
	text := s.place()
	if s.KeyID != "" {
		text += ", kid " + quoted(s.KeyID)
	}
	return fmt.Sprintf("%s: %v", text, s.Err)
}

// place returns the name of the entry in errors.
func (s *Skipped) place() string {
	if s.block > 0 {
		return "block " + strconv.Itoa(s.block)
	}
	return "entry " + strconv.Itoa(s.Index)
}

// reason returns why the entry was skipped, with the path within the entry.
func (s *Skipped) reason() string {
	var e *Error
	if !errors.As(s.Err, &e) {
		return fmt.Sprint(s.Err) // a caller made this Skipped
	}
	text := strings.TrimPrefix(e.Error(), "jwk: ")
	within, cut := strings.CutPrefix(text, string(entryPointer(s.Index)))
	if cut && within != "" && (within[0] == '/' || within[0] == ':') {
		return strings.TrimPrefix(within, ": ")
	}
	return text
}

// GoString returns the result of String, so that %#v prints no secret.
func (s Skipped) GoString() string { return s.String() }

// Format writes the result of String for every verb except %p and %w, which do not call Format.
func (s Skipped) Format(f fmt.State, verb rune) { io.WriteString(f, s.String()) }

// LogValue returns the result of String, for package log/slog.
func (s Skipped) LogValue() slog.Value { return slog.StringValue(s.String()) }

// GobEncode returns [ErrPrivate]: encoding/gob reads no struct tags and would write the text.
func (s Skipped) GobEncode() ([]byte, error) {
	return nil, errorf(ErrPrivate, "a Skipped may hold private members, and is not encoded: encode its JSON or PEM")
}
