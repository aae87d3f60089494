// Package input reads keys in every form in which people have them, and recognizes the form by the
// content.
package input

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"

	"github.com/seed1f6cf2d3/jwk"
)

// A Document is the content of a file, a URL or standard input.
type Document struct {
	Name      string        // the place, for messages
	Form      Form          // how the text was read
	Encrypted bool          // the text was decrypted
	Text      []byte        // the text, after decryption if Form is JWK or Set
	Keys      *jwk.Set      // the keys; members of a set besides "keys" too
	Skipped   []jwk.Skipped // the entries, blocks or lines that cannot be used; the PEM of a line is the line
	isFile    bool          // Name is the name of a file
	Comments  []string      // of SSH keys, one for each key
}

// IsSet reports whether the document is a list of keys, even if it has one key only.
func (d *Document) IsSet() bool { return d.Form == Set || d.Keys.Len()+len(d.Skipped) != 1 }

// Index returns the place of the i-th key among the keys and the skipped entries of the document.
func (d *Document) Index(i int) int {
	for _, s := range d.Skipped {
		if s.Index > i {
			break
		}
		i++
	}
	return i
}

// Indexed returns the keys, each with its place among the keys and the skipped entries.
func (d *Document) Indexed() iter.Seq2[int, *jwk.Key] {
	return func(yield func(int, *jwk.Key) bool) {
		index, skipped := 0, d.Skipped
		for k := range d.Keys.All() {
			for len(skipped) > 0 && skipped[0].Index == index {
				index, skipped = index+1, skipped[1:]
			}
			if !yield(index, k) {
				return
			}
			index++
		}
	}
}

// Members returns the members of a set besides "keys". Other documents have no such members.
func (d *Document) Members() map[string]json.RawMessage {
	members := make(map[string]json.RawMessage)
	if d.Form == Set {
		// The parser has accepted the text, so that this cannot fail.
		_ = json.Unmarshal(bytes.TrimPrefix(d.Text, []byte(byteOrderMark)), &members)
		delete(members, "keys")
	}
	return members
}

// Key returns the only key. The error says why there is not exactly one.
func (d *Document) Key() (*jwk.Key, error) {
	switch n := d.Keys.Len(); {
	case len(d.Skipped) > 0:
		return nil, d.errorOf(d.Skipped[0])
	case n != 1:
		return nil, d.errorf("%d keys, want 1: jwk set find takes one out of a set", n)
	}
	return d.Keys.At(0), nil
}

// All returns the keys. It returns an error if there is no key, or if an entry cannot be used.
func (d *Document) All() ([]*jwk.Key, error) {
	if len(d.Skipped) > 0 {
		return nil, d.errorOf(d.Skipped[0])
	}
	return d.Usable()
}

// Usable returns the keys, without the entries that cannot be used. It returns an error if there is no
// such key.
func (d *Document) Usable() ([]*jwk.Key, error) {
	keys := slices.Collect(d.Keys.All())
	switch {
	case len(keys) > 0:
		return keys, nil
	case len(d.Skipped) > 0:
		return nil, d.errorOf(d.Skipped[0])
	}
	return nil, d.errorf("no key in it")
}
