package jwk

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
)

// A Thumbprint is the SHA-256 digest of the required members of a key
// (RFC 7638). It is the same for a private key and its public half, whatever
// their other members and their spelling. It is comparable.
type Thumbprint [sha256.Size]byte

// How the URI of a SHA-256 thumbprint begins (RFC 9278, Section 3).
const thumbprintURIPrefix = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"

// Thumbprint returns the SHA-256 thumbprint of the key. It allocates nothing,
// and it is kept, so that the second call is as good as free, except for a
// symmetric key. It is the zero Thumbprint for the zero Key.
//
// The thumbprint of a symmetric key is as secret as the key is hard to guess:
// do not publish that of a password (RFC 7638, Section 7).
func (k *Key) Thumbprint() Thumbprint {
	if k.isZero() {
		return Thumbprint{}
	}
	return k.thumbprint()
}

// ThumbprintHash returns the thumbprint with another hash, such as
// crypto.SHA384. It is [ErrUnsupported] if the hash is not linked into the
// program, and [ErrInvalid] for the zero Key.
func (k *Key) ThumbprintHash(h crypto.Hash) ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if !h.Available() {
		return nil, errorf(ErrUnsupported, "hash %v is not linked into the program", h)
	}
	w := h.New()
	a, b, c, d := k.material().canonical()
	for _, part := range [...]string{a, b, c, d, canonicalEnd} {
		if _, err := io.WriteString(w, part); err != nil { // GODEBUG=fips140=only
			return nil, errorf(ErrUnsupported, "%s", textOf(err))
		}
	}
	return w.Sum(nil), nil
}

// String returns the thumbprint in base64url, as it is used for a kid.
func (t Thumbprint) String() string { return encode64(t[:]) }

// URI returns the thumbprint as a URI (RFC 9278).
func (t Thumbprint) URI() string { return thumbprintURIPrefix + t.String() }

// ParseThumbprint reads what String or URI returned. Anything else is [ErrInvalid].
func ParseThumbprint(s string) (t Thumbprint, err error) {
	err = t.UnmarshalText([]byte(s))
	return t, err
}

// MarshalText returns String.
func (t Thumbprint) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, t[:]), nil
}

// UnmarshalText reads either form, as [ParseThumbprint].
func (t *Thumbprint) UnmarshalText(text []byte) error {
	b, err := decode64(nil, []byte(strings.TrimPrefix(string(text), thumbprintURIPrefix)))
	if err != nil || len(b) != len(t) {
		return errorf(ErrInvalid, "not a SHA-256 thumbprint: want %d octets in base64url, or a URI that begins with %s", len(t), thumbprintURIPrefix)
	}
	*t = Thumbprint(b)
	return nil
}
