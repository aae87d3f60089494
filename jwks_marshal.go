package jwk

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// MarshalJSON returns the JSON text of the set: its members, and in "keys" its keys and
// skipped entries, all unchanged and in their order. Every method that writes a set leaves out
// the skipped blocks of a PEM file, which are not JSON.
//
// The error is [ErrPrivate] if a key is private or symmetric, or if a skipped entry or a
// member of the set carries private material as [Parser].PublicOnly defines it: publish
// [Set.Public], or call [Set.MarshalPrivateJSON].
func (s Set) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// AppendJSON appends the result of MarshalJSON to dst. It returns the same errors.
func (s *Set) AppendJSON(dst []byte) ([]byte, error) {
	if !s.isZero() {
		i := 0
		for k, entry := range s.serialized {
			if k != nil {
				if err := k.publishable(); err != nil {
					return nil, err.below(entryPointer(i))
				}
			}
			if entry != nil && entry.private {
				private, _ := findPrivate([]byte(entry.text()))
				return nil, errorf(ErrPrivate, "an entry with the private member %s: %s", private.name, wayOut).below(entryPointer(i))
			}
			i++
		}
		if rest := s.rest(); rest.hidesPrivate {
			return nil, errHidden(rest.eachMember, wayOut)
		}
	}
	return s.appendJSON(dst), nil
}

// MarshalPrivateJSON returns the JSON text of any set, as MarshalJSON does for a set without
// secrets. The result is a secret if a key, a skipped entry or a member is. The error is
// [ErrPrivate] if the private half of a key is held elsewhere, as for
// [Key.MarshalPrivateJSON].
func (s *Set) MarshalPrivateJSON() ([]byte, error) { return s.appendPrivateJSON(nil) }

// appendPrivateJSON appends the result of MarshalPrivateJSON to dst.
func (s *Set) appendPrivateJSON(dst []byte) ([]byte, error) {
	if !s.isZero() {
		place := 0
		for k := range s.serialized {
			if k != nil {
				if err := errHeldElsewhere(k.key); err != nil {
					return nil, err.below(entryPointer(place))
				}
			}
			place++
		}
	}
	return s.appendJSON(dst), nil
}

// appendJSON appends the text of any set.
func (s *Set) appendJSON(dst []byte) []byte {
	if s.isZero() {
		return append(dst, `{"keys":[]}`...)
	}
	rest := s.rest()
	size := len(`{"keys":[]}`)
	for _, m := range rest.members {
		size += m.end - m.start + 1
	}
	for k, entry := range s.serialized {
		if k != nil {
			size += len(k.published()) + 1
		} else {
			size += len(entry.text()) + 1
		}
	}
	dst = slices.Grow(dst, size)
	w := writer{buf: dst[len(dst):]}
	for _, m := range rest.members[:rest.keysAt] {
		w.verbatim(rest.memberText(m))
	}
	w.name(keysMember)
	w.buf = append(w.buf, '[')
	first := true
	for k, entry := range s.serialized {
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		if k != nil {
			w.buf = append(w.buf, k.published()...)
		} else {
			w.buf = append(w.buf, entry.text()...)
		}
	}
	w.buf = append(w.buf, ']')
	for _, m := range rest.members[rest.keysAt:] {
		w.verbatim(rest.memberText(m))
	}
	text, _ := w.done() // never fails: the names were read from valid UTF-8
	if len(text) <= cap(dst)-len(dst) {
		return dst[:len(dst)+len(text)] // w wrote text there
	}
	return append(dst, text...)
}

// UnmarshalJSON sets s to the set that [ParseSet] reads from data, so that a Set or *Set can be
// a field of a struct. It returns the errors of ParseSet, and then leaves s as it was. A JSON
// null is [ErrSyntax] for a Set. The error is [ErrInvalid] if s is nil or a *Set that this
// package returned, as for [Key.UnmarshalJSON].
func (s *Set) UnmarshalJSON(data []byte) error {
	if s == nil {
		return errorf(ErrInvalid, "a nil *Set, want a Set to unmarshal into")
	}
	parsed, err := ParseSet(data)
	if err != nil {
		return err
	}
	if !s.isZero() && s == &s.state().exported {
		return errorf(ErrInvalid, "a Set that was parsed or made does not change: unmarshal into a new one")
	}
	*s = *parsed
	return nil
}

// String describes the set in one line, without secrets. It lists at most 8 keys.
func (s Set) String() string {
	var b strings.Builder
	b.WriteString("set of " + counted(s.Len(), "key", "keys"))
	if !s.isZero() {
		if n := len(s.rest().skipped); n > 0 {
			b.WriteString(", " + counted(n, "entry", "entries") + " skipped")
		}
	}
	for i, k := range s.all() {
		if i == maxListed {
			b.WriteString("; ...")
			break
		}
		b.WriteString("; " + k.String())
	}
	return b.String()
}

// maxListed is the largest number of keys in the text of String.
const maxListed = 8

// GoString returns the result of String, so that %#v prints no secret.
func (s Set) GoString() string { return s.String() }

// Format writes the result of String for every verb except %p and %w, which do not call Format.
func (s Set) Format(f fmt.State, verb rune) { io.WriteString(f, s.String()) }

// LogValue returns the result of String, for package log/slog.
func (s Set) LogValue() slog.Value { return slog.StringValue(s.String()) }
