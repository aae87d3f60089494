package jwk

import (
	"crypto"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// The Go types of X448 keys. They are in every build, so that programs compile with and without
// the build tag jwk_core. The methods that compute are in okp448.go, and in core.go for that tag.

const size448 = 56 // octets of a coordinate and of a scalar on Curve448

// An X448PublicKey is a public key for Diffie-Hellman on Curve448 (RFC 7748, Section 5): the 56
// octets of its coordinate u, little-endian. Most programs get one from [Key.PublicKey] or [As],
// which return checked keys. Converting octets to an X448PublicKey checks nothing.
//
// It is the Go form of X448 keys, because the standard library has no type for them. It
// converts to and from the Key of [github.com/cloudflare/circl/dh/x448].
type X448PublicKey [size448]byte

// Equal reports whether x is the same X448PublicKey.
func (k X448PublicKey) Equal(x crypto.PublicKey) bool {
	other, ok := x.(X448PublicKey)
	return ok && k == other
}

// An X448PrivateKey is a private key for Diffie-Hellman on Curve448 (RFC 7748, Section 5): the
// 56 octets of its scalar, before the RFC sets some of its bits. Most programs get one from
// [Key.PrivateKey] or [As].
//
// Package fmt, log/slog and encoders do not show the key, except where they do not call its
// methods:
//
//   - fmt with the verbs %p and %w, and for a key in an unexported field of a struct
//   - printers that are told to call no methods, such as spew with DisableMethods
//   - the reports of go-cmp and testify
//   - encoders that look for neither MarshalText nor MarshalBinary, such as encoding/binary
//
// A [Key] has no such exceptions: keep the private key in a Key.
type X448PrivateKey [size448]byte

// Equal reports whether x is the same X448PrivateKey, in constant time.
func (k X448PrivateKey) Equal(x crypto.PrivateKey) bool {
	other, ok := x.(X448PrivateKey)
	return ok && subtle.ConstantTimeCompare(k[:], other[:]) == 1
}

const x448PrivateText = "X448 private key"

// String returns a text that does not show the key.
func (k X448PrivateKey) String() string { return x448PrivateText }

// Format writes the result of String for every verb that calls it.
func (k X448PrivateKey) Format(f fmt.State, verb rune) { io.WriteString(f, x448PrivateText) }

// LogValue returns the result of String for package slog.
func (k X448PrivateKey) LogValue() slog.Value { return slog.StringValue(x448PrivateText) }

// MarshalText returns [ErrPrivate]. To write the key, make a [Key] from it with [New], and call
// [Key.MarshalPrivateJSON].
func (k X448PrivateKey) MarshalText() ([]byte, error) { return nil, errX448Private() }

// MarshalBinary returns [ErrPrivate], as MarshalText does. The octets are k[:].
func (k X448PrivateKey) MarshalBinary() ([]byte, error) { return nil, errX448Private() }

func errX448Private() error {
	return errorf(ErrPrivate, "an X448 private key: make a Key from it with New, and call MarshalPrivateJSON")
}
