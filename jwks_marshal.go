package jwk

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// MarshalJSON returns the set: the members that it was parsed with in their
// order, its keys and the skipped entries in theirs, each as it was. Skipped blocks of
// a PEM file, which are not JSON, are left out, here and by all that write a set. It is
// [ErrPrivate] if a key is private or symmetric, or if a skipped entry, or a member of
// the set, carries private material as [Parser].PublicOnly defines it: publish
// [Set.Public], or call [Set.MarshalPrivateJSON].
func (s Set) MarshalJSON() ([]byte, error) { return s.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns to dst.
func (s *Set) AppendJSON(dst []byte) ([]byte, error) {
	if !s.isZero() {
		i := 0
		for k, entry := range s.serialized() {
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

// MarshalPrivateJSON returns any set. The result is a secret if a key is. It is
// [ErrPrivate] if the private half of a key is held elsewhere, as for [Key.MarshalPrivateJSON].
func (s *Set) MarshalPrivateJSON() ([]byte, error) {
	if !s.isZero() {
		place := 0
		for k := range s.serialized() {
			if k != nil {
				if err := errHeldElsewhere(k.key); err != nil {
					return nil, err.below(entryPointer(place))
				}
			}
			place++
		}
	}
	return s.appendJSON(nil), nil
}

// eachMember yields the members of the set besides "keys".
func (r *rest) eachMember(yield func(name, value string) bool) {
	for _, m := range r.members {
		if !yield(r.name(m), r.value(m)) {
			return
		}
	}
}

func (s *Set) appendJSON(dst []byte) []byte {
	if s.isZero() {
		return append(dst, `{"keys":[]}`...)
	}
	rest := s.rest()
	size := len(`{"keys":[]}`)
	for _, m := range rest.members {
		size += m.end - m.start + 1
	}
	for k, entry := range s.serialized() {
		if k != nil {
			size += len(k.published()) + 1
		} else {
			size += len(entry.text()) + 1
		}
	}
	w := writer{buf: make([]byte, 0, size)}
	for _, m := range rest.members[:rest.keysAt] {
		w.verbatim(rest.memberText(m))
	}
	w.name(keysMember)
	w.buf = append(w.buf, '[')
	first := true
	for k, entry := range s.serialized() {
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
	text, _ := w.done() // the names have been read from valid UTF-8
	if dst == nil {
		return text
	}
	return append(dst, text...)
}

// UnmarshalJSON sets s to the set that [ParseSet] reads from data, so that a
// Set or *Set can be a field of a struct. Nothing changes if it fails. It is
// [ErrInvalid] for a *Set that this package returned, as with
// [Key.UnmarshalJSON]. A JSON null is [ErrSyntax] for a Set.
func (s *Set) UnmarshalJSON(data []byte) error {
	if s == nil {
		return errorf(ErrInvalid, "there is no Set to unmarshal into")
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

// String describes the set in one line without any secret.
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

// A description lists no more keys than this.
const maxListed = 8

// GoString is String: no verb of package fmt prints a secret.
func (s Set) GoString() string { return s.String() }

// Format writes String, whatever the verb.
func (s Set) Format(f fmt.State, verb rune) { io.WriteString(f, s.String()) }

// LogValue is String, for package slog.
func (s Set) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String tells which entry was skipped and why, without its JSON or PEM. A block of PEM is
// "block 2" if it is the second of its file.
func (s Skipped) String() string {
	text := s.place()
	if s.KeyID != "" {
		text += ", kid " + quoted(s.KeyID)
	}
	return fmt.Sprintf("%s: %v", text, s.Err)
}

// place tells which entry it is.
func (s *Skipped) place() string {
	if s.block > 0 {
		return "block " + strconv.Itoa(s.block)
	}
	return "entry " + strconv.Itoa(s.Index)
}

// reason tells why it was skipped, with the path within the entry.
func (s *Skipped) reason() string {
	var e *Error
	if !errors.As(s.Err, &e) {
		return fmt.Sprint(s.Err) // of a Skipped that a caller made
	}
	text := strings.TrimPrefix(e.Error(), "jwk: ")
	if within, cut := strings.CutPrefix(text, string(entryPointer(s.Index))); cut && within != "" && (within[0] == '/' || within[0] == ':') {
		return strings.TrimPrefix(within, ": ")
	}
	return text
}

// GoString is String: no verb of package fmt prints a secret.
func (s Skipped) GoString() string { return s.String() }

// Format writes String, whatever the verb.
func (s Skipped) Format(f fmt.State, verb rune) { io.WriteString(f, s.String()) }

// LogValue is String, for package slog.
func (s Skipped) LogValue() slog.Value { return slog.StringValue(s.String()) }

// GobEncode is [ErrPrivate]: encoding/gob, which reads no tags, would write the text.
func (s Skipped) GobEncode() ([]byte, error) {
	return nil, errorf(ErrPrivate, "a Skipped may hold private members, and is not encoded: encode its JSON or PEM")
}
