package jwk

import (
	"crypto"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// The Go types of X448 keys. They are in every build, so that programs compile with and
// without the build tag jwk_core.

const size448 = 56 // octets of a coordinate and of a scalar on Curve448

// An X448PublicKey is a public key for Diffie-Hellman on Curve448 (RFC 7748,
// Section 5): the 56 octets of its coordinate u, little-endian. Most programs
// get one from [Key.PublicKey] or [As], which return checked keys. Octets that a
// program converts to one are not checked.
//
// It is the Go form of X448 keys, since the standard library has none, and
// converts to and from the Key of [github.com/cloudflare/circl/dh/x448].
type X448PublicKey [size448]byte

// Equal reports whether x is the same X448PublicKey.
func (k X448PublicKey) Equal(x crypto.PublicKey) bool {
	other, ok := x.(X448PublicKey)
	return ok && k == other
}

// An X448PrivateKey is a private key for Diffie-Hellman on Curve448 (RFC
// 7748, Section 5): the 56 octets of its scalar, as they were before the bits
// are set that the RFC sets in it. Most programs get one from [Key.PrivateKey]
// or [As].
//
// Package fmt, log/slog and encoders do not show it. These do, because they call no
// method: fmt with the verbs %p and %w, and of a key in an unexported field of a struct;
// printers that are told to call no methods, such as spew with DisableMethods; the
// reports of go-cmp and testify; and encoders that ask for no MarshalText and no
// MarshalBinary, such as encoding/binary. Keep it in a [Key], which has no such
// exceptions.
type X448PrivateKey [size448]byte

// Public returns the public key, an [X448PublicKey], or nil in a program that the build tag
// jwk_core leaves Curve448 out of.
func (k X448PrivateKey) Public() crypto.PublicKey { return x448Public(&k) }

// Equal reports whether x is the same X448PrivateKey, in constant time.
func (k X448PrivateKey) Equal(x crypto.PrivateKey) bool {
	other, ok := x.(X448PrivateKey)
	return ok && subtle.ConstantTimeCompare(k[:], other[:]) == 1
}

// ECDH returns the 56 octets on which the owners of the two keys agree (RFC
// 7748, Section 6.2). They are not random enough to be a key themselves: derive
// one from them. The error is [ErrInvalid] if remote is of low order, because then
// everybody would know the result, and [ErrUnsupported] in a program that the build tag
// jwk_core leaves Curve448 out of.
func (k X448PrivateKey) ECDH(remote X448PublicKey) ([]byte, error) {
	shared, err := x448Shared(&k, &remote)
	if err != nil {
		return nil, err
	}
	return shared[:], nil
}

const x448PrivateText = "X448 private key"

// String says what the key is, and not the key.
func (k X448PrivateKey) String() string { return x448PrivateText }

// Format writes String, with any verb that package fmt asks it for.
func (k X448PrivateKey) Format(f fmt.State, verb rune) { io.WriteString(f, x448PrivateText) }

// LogValue tells package slog what the key is.
func (k X448PrivateKey) LogValue() slog.Value { return slog.StringValue(x448PrivateText) }

// MarshalText is [ErrPrivate]: make a [Key] of the key with [New], and say
// [Key.MarshalPrivateJSON].
func (k X448PrivateKey) MarshalText() ([]byte, error) { return nil, errX448Private() }

// MarshalBinary is [ErrPrivate], as MarshalText is. The octets are k[:].
func (k X448PrivateKey) MarshalBinary() ([]byte, error) { return nil, errX448Private() }

func errX448Private() error {
	return errorf(ErrPrivate, "an X448 private key: make a Key of it, and call MarshalPrivateJSON")
}
