package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/setfile"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// An entry is an element of a document: a key, or an entry that cannot be used.
type entry struct {
	index   int
	key     *jwk.Key     // nil if the entry cannot be used
	skipped *jwk.Skipped // nil if it can
	text    []byte       // the JSON as it is in the document; nil for a block or line without JSON
	origin  string       // the document, if the entry is to be added to a set
}

// entriesOf returns the keys and the skipped entries of a document, in its order.
func entriesOf(d *input.Document) ([]entry, error) {
	entries := make([]entry, d.Keys.Len()+len(d.Skipped))
	for index, k := range d.Indexed() {
		entries[index] = entry{index: index, key: k}
	}
	for i := range d.Skipped {
		s := &d.Skipped[i]
		entries[s.Index] = entry{index: s.Index, skipped: s, text: s.JSON}
	}
	if d.Form == input.Set {
		f, err := setfile.Parse(d.Text)
		if err != nil {
			return nil, &input.Error{Name: d.Name, Reason: err.Error()}
		}
		for i := range entries {
			entries[i].text = f.Entry(i)
		}
		return entries, nil
	}
	for i := range entries {
		e := &entries[i]
		if e.key == nil {
			continue
		}
		var err error
		if e.text, err = e.key.MarshalPrivateJSON(); err != nil {
			return nil, trouble{fmt.Errorf("%s: %w", d.Name, err)} // never: a parsed key has its private half
		}
	}
	return entries, nil
}

// keyID returns the kid, and whether the entry has one. For an entry that cannot be used, an empty
// kid counts as absent.
func (e *entry) keyID() (kid string, ok bool) {
	if e.key == nil {
		return e.skipped.KeyID, e.skipped.KeyID != ""
	}
	if s := stated[string](e.key, "kid"); s != nil {
		return *s, true
	}
	return "", false
}

// hasOtherKID reports whether the entry has a kid that is not a string.
func (e *entry) hasOtherKID() bool {
	var members map[string]json.RawMessage
	if e.key != nil || json.Unmarshal(e.text, &members) != nil {
		return false
	}
	kid, ok := members["kid"]
	return ok && kid[0] != '"'
}

// isPrivate reports whether the entry must be kept secret.
func (e *entry) isPrivate() bool {
	if e.key == nil {
		return holdsPrivate(*e.skipped)
	}
	_, err := e.key.MarshalJSON()
	return errors.Is(err, jwk.ErrPrivate)
}

// reason returns why the entry cannot be used, in plain ASCII.
func (e *entry) reason() string {
	t := skippedTable([]skippedReport{newSkippedReport(*e.skipped)})
	return t.Rows[0][len(t.Columns)-1]
}

// keyTable returns the table of keys of jwk inspect. There must be at least one key.
func keyTable(keys []keyReport) *terminal.Table { return (&report{Keys: keys}).tables()[0] }

// skippedTable returns the table of entries that cannot be used of jwk inspect. There must be at
// least one entry. The reason is in the last column.
func skippedTable(entries []skippedReport) *terminal.Table {
	return (&report{Skipped: entries}).tables()[0]
}

// describe names the entry in messages.
func (e *entry) describe() string {
	text := fmt.Sprintf("index %d, no kid", e.index)
	if kid, ok := e.keyID(); ok {
		text = fmt.Sprintf("index %d, kid %s", e.index, terminal.ShortWord(kid))
	} else if e.hasOtherKID() {
		text = fmt.Sprintf("index %d, kid is not a string", e.index)
	}
	if e.key == nil {
		return text + ", which cannot be used (" + e.reason() + ")"
	}
	r := newKeyReport(e.index, e.key)
	return text + ", " + r.size() + " " + r.half()
}

// sameText returns a text that is the same for JSON texts that differ only in white space, the
// order of members and the spelling of strings.
func sameText(text []byte) string {
	v := jsontext.Value(bytes.Clone(text))
	err := v.Canonicalize(jsontext.AllowDuplicateNames(true), jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
	if err != nil {
		return string(text)
	}
	return string(v)
}

// A known has the entries of a set. It finds the entry that is in the way of a new one.
type known struct {
	keys  map[identity]*entry // the first with each material
	kids  map[string]*entry   // the first with each kid
	texts map[string]*entry   // the entries that cannot be used
}

// An identity is the same for keys that Key.Equal calls equal.
type identity struct {
	thumbprint jwk.Thumbprint
	private    bool
}

func newKnown(entries []entry) *known {
	n := &known{make(map[identity]*entry), make(map[string]*entry), make(map[string]*entry)}
	for i := range entries {
		n.add(&entries[i])
	}
	return n
}

func (n *known) add(e *entry) {
	if e.key == nil {
		n.texts[sameText(e.text)] = e
	} else if id := (identity{e.key.Thumbprint(), e.key.IsPrivate()}); n.keys[id] == nil {
		n.keys[id] = e
	}
	if kid, ok := e.keyID(); ok && n.kids[kid] == nil {
		n.kids[kid] = e
	}
}

// find returns the entry that is the same as e, or nil. The error says that another entry is in the
// way of e.
func (n *known) find(e *entry) (*entry, error) {
	if e.key == nil {
		if same := n.texts[sameText(e.text)]; same != nil {
			return same, nil
		}
	} else {
		id := identity{e.key.Thumbprint(), e.key.IsPrivate()}
		if same := n.keys[id]; same != nil {
			return same, nil
		}
		id.private = !id.private
		if other := n.keys[id]; other != nil {
			return nil, fmt.Errorf("its other half is %s", other.inTheWay())
		}
	}
	if kid, ok := e.keyID(); ok && n.kids[kid] != nil {
		return nil, fmt.Errorf("another key with the same kid (RFC 7517, Section 4.5) is %s", n.kids[kid].inTheWay())
	}
	return nil, nil
}

// inTheWay returns where the entry is, and the way out.
func (e *entry) inTheWay() string {
	if e.origin != "" {
		return "to be added too (" + e.origin + ": " + e.describe() + "): leave one of them out"
	}
	return fmt.Sprintf("in the set already (%s): jwk set remove SET --index %d takes it out", e.describe(), e.index)
}

// listed joins the first texts of a list for a message.
func listed(texts []string, most int) string {
	if n := len(texts) - most; n > 0 {
		texts = append(slices.Clone(texts[:most]), "and "+strconv.Itoa(n)+" more")
	}
	return strings.Join(texts, "; ")
}
