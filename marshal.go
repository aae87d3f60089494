package jwk

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// MarshalJSON returns the text of the key as it was parsed: unknown members, order and spelling
// are the same.
//
// The error is [ErrPrivate] for a private or symmetric key, and for a public key that carries
// private material in another place, as [Parser].PublicOnly defines it. Publish [Key.Public], or
// call [Key.MarshalPrivateJSON].
func (k Key) MarshalJSON() ([]byte, error) { return k.AppendJSON(nil) }

// AppendJSON appends the output of MarshalJSON to dst.
func (k *Key) AppendJSON(dst []byte) ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if err := k.publishable(); err != nil {
		return nil, err
	}
	return append(dst, k.published()...), nil
}

// published returns the output of MarshalJSON.
func (k *key) published() string {
	if k.held != 0 {
		if p, ok := k.material().(publisher); ok {
			return p.published()
		}
	}
	return k.text()
}

// publishable returns an error if the text of the key may have a secret in it.
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

// MarshalPrivateJSON returns the text of any key as it was parsed. For a private or symmetric
// key the result is a secret.
//
// The error is [ErrPrivate] if the private half is held elsewhere (see [New]), because only the
// public half could be written.
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

// UnmarshalJSON sets k to the key that [Parse] reads from data, so that a Key or *Key can be a
// field of a struct. If it fails, k does not change. A JSON null is [ErrSyntax] for a Key, and
// sets a *Key to nil.
//
// The error is [ErrInvalid] for a *Key that this package returned, because others may share it.
// Set the field to nil, or to a new Key.
func (k *Key) UnmarshalJSON(data []byte) error {
	if k == nil {
		return errorf(ErrInvalid, "a nil *Key, want a Key to unmarshal into")
	}
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	if !k.isZero() && k == &k.state().exported {
		return errorf(ErrInvalid, "a Key that this package returned does not change: unmarshal into a new Key")
	}
	*k = *parsed
	return nil
}

// String describes the key in one line without any secret: type, size or curve, private or
// public, kid, use, key_ops, alg and thumbprint. It leaves out the thumbprint of a symmetric
// key, which would confirm guesses at the secret.
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
		b.WriteString(" key_ops [" + k.ops.String() + "]") // without unknown operations
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

// GoString returns the result of String, so that %#v prints no secret.
func (k Key) GoString() string { return k.String() }

// Format writes the result of String for every verb except %p and %w, which do not call Format.
func (k Key) Format(f fmt.State, verb rune) { io.WriteString(f, k.String()) }

// LogValue returns the result of String, for package log/slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
