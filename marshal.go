package jwk

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// MarshalJSON returns the key as it was parsed, unknown members, order and
// spelling included. A private or symmetric key is [ErrPrivate], and so is a public
// key that carries private material in another place, as [Parser].PublicOnly
// defines it: publish [Key.Public], or call [Key.MarshalPrivateJSON].
func (k Key) MarshalJSON() ([]byte, error) { return k.AppendJSON(nil) }

// AppendJSON appends what MarshalJSON returns to dst.
func (k *Key) AppendJSON(dst []byte) ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if err := k.publishable(); err != nil {
		return nil, err
	}
	return append(dst, k.published()...), nil
}

// published returns the text that MarshalJSON writes.
func (k *key) published() string {
	if k.held != 0 {
		if p, ok := k.material().(publisher); ok {
			return p.published()
		}
	}
	return k.text()
}

// publishable returns an error if the text of the key may be secret.
func (k *key) publishable() *Error {
	switch {
	case k.private:
		return errorf(ErrPrivate, "the key is private: %s", wayOut)
	case k.hidesPrivate:
		return errHidden(eachMember(k.text()), wayOut)
	}
	return nil
}

const wayOut = "marshal its Public(), or call MarshalPrivateJSON"

// MarshalPrivateJSON returns any key as it was parsed. The result of a
// private or symmetric key is a secret. It is [ErrPrivate] if the private half is
// held elsewhere (see [New]): there is nothing to write but the public half.
func (k *Key) MarshalPrivateJSON() ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if err := errHeldElsewhere(k.key); err != nil {
		return nil, err
	}
	return []byte(k.text()), nil
}

// errHeldElsewhere returns an error if the private half of a key is held elsewhere.
func errHeldElsewhere(k *key) *Error {
	if k.held == 0 {
		return nil
	}
	return errorf(ErrPrivate, "the private half is held elsewhere, and cannot be written: marshal the Public() of the key")
}

// UnmarshalJSON sets k to the key that [Parse] reads from data, so that a Key
// or *Key can be a field of a struct. Nothing changes if it fails. It is
// [ErrInvalid] for a *Key that this package returned, which others may share:
// set the field to nil, or to a new Key. A JSON null is [ErrSyntax] for a Key; a
// *Key becomes nil.
func (k *Key) UnmarshalJSON(data []byte) error {
	if k == nil {
		return errorf(ErrInvalid, "there is no Key to unmarshal into")
	}
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	if !k.isZero() && k == &k.state().exported {
		return errorf(ErrInvalid, "a Key that was parsed or made does not change: unmarshal into a new one")
	}
	*k = *parsed
	return nil
}

func errNoKey() error { return errorf(ErrInvalid, "a nil or zero Key is no key") }

// String describes the key in one line without any secret: type, size or
// curve, private or public, kid, use, key_ops, alg and thumbprint. A symmetric
// key has no thumbprint there, since that would confirm a guess at it.
func (k Key) String() string {
	if k.isZero() {
		return "no key"
	}
	var b strings.Builder
	b.WriteString(string(k.kind.kty))
	if k.kind.crv != "" {
		b.WriteString(" " + string(k.kind.crv))
	} else if k.bits != 0 {
		b.WriteString(" " + strconv.Itoa(k.bits))
	}
	switch {
	case k.kind.public == 0:
		b.WriteString(" secret")
	case k.private:
		b.WriteString(" private")
	case k.held != 0:
		b.WriteString(" public, private half held elsewhere,")
	default:
		b.WriteString(" public")
	}
	if k.present&(1<<mKid) != 0 {
		b.WriteString(" kid " + quoted(k.kid))
	}
	if k.use != "" {
		b.WriteString(" use " + printable(string(k.use)))
	}
	if k.statesOps {
		b.WriteString(" key_ops [" + k.ops.String() + "]") // the known ones
	}
	if k.alg != "" {
		b.WriteString(" alg " + printable(string(k.alg)))
	}
	if k.kind.public != 0 {
		sum := k.thumbprint()
		b.WriteString(" thumbprint " + encode64(sum[:]))
	}
	return b.String()
}

// GoString is String: no verb of package fmt prints a secret.
func (k Key) GoString() string { return k.String() }

// Format writes String, whatever the verb.
func (k Key) Format(f fmt.State, verb rune) { io.WriteString(f, k.String()) }

// LogValue is String, for package slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
