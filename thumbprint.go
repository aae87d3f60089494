package jwk

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
)

// A Thumbprint is the SHA-256 digest of the required members of a key (RFC 7638). A private key
// and its public half have the same Thumbprint. Other members, and how the members are written,
// do not change it. It is comparable.
type Thumbprint [sha256.Size]byte

// thumbprintURIPrefix begins the URI of a SHA-256 thumbprint (RFC 9278, Section 3).
const thumbprintURIPrefix = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"

// Thumbprint returns the SHA-256 thumbprint of the key, or the zero Thumbprint for the zero Key.
// It allocates nothing. The key keeps the thumbprint, unless it is symmetric, so that later
// calls cost almost nothing.
//
// The thumbprint of a symmetric key lets others check guesses at the key. Do not publish the
// thumbprint of a password (RFC 7638, Section 7).
func (k *Key) Thumbprint() Thumbprint {
	if k.isZero() {
		return Thumbprint{}
	}
	return k.thumbprint()
}

// ThumbprintHash returns the thumbprint with another hash, such as crypto.SHA384. The error is
// [ErrUnsupported] if the hash is not linked into the program, and [ErrInvalid] for the zero Key.
func (k *Key) ThumbprintHash(h crypto.Hash) ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if !h.Available() {
		return nil, errorf(ErrUnsupported, "hash %v is not linked into the program: import its package", h)
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

// thumbprint returns the SHA-256 thumbprint.
func (k *key) thumbprint() [sha256.Size]byte {
	if sum := k.state().thumbprint.load(); sum != nil {
		return *sum
	}
	return k.computeThumbprint()
}

// computeThumbprint computes the thumbprint. It keeps the thumbprint for later calls, except the
// thumbprint of a symmetric key, which confirms guesses at the secret and should not stay in
// memory longer than its caller keeps it.
func (k *key) computeThumbprint() [sha256.Size]byte {
	a, b, c, d := k.material().canonical()
	var sum [sha256.Size]byte
	if len(a)+len(b)+len(c)+len(d)+len(canonicalEnd) <= shortCanonical {
		var buf [shortCanonical]byte
		sum = sha256.Sum256(appendCanonical(buf[:0], a, b, c, d))
	} else {
		sum = hashLong(a, b, c, d)
	}
	if k.kind.public != 0 {
		k.state().thumbprint.keep(sum)
	}
	return sum
}

// hashLong hashes a text of more than shortCanonical octets. It is not inlined, so that the
// calls for short texts do not zero its buffer.
//
//go:noinline
func hashLong(a, b, c, d string) [sha256.Size]byte {
	var buf [longCanonical]byte
	return sha256.Sum256(appendCanonical(buf[:0], a, b, c, d))
}

// The text that is hashed is put together in a buffer on the stack, which Go zeroes first. The
// first buffer has room for EC and OKP keys, and for RSA keys of up to 3072 bits. The second
// has room for longer RSA keys and for ML-DSA keys. Only the text of an RSA key of more than
// 20,000 bits needs an allocation.
//
// The first is small because of the zeroing: with 1,408 octets, a thumbprint of a P-256 or Ed25519
// key takes about a tenth longer.
const (
	shortCanonical = 576  // octets
	longCanonical  = 3584 // octets
)

// appendCanonical appends the parts of material.canonical and the end of the text.
func appendCanonical(dst []byte, a, b, c, d string) []byte {
	dst = append(dst, a...)
	dst = append(dst, b...)
	dst = append(dst, c...)
	dst = append(dst, d...)
	return append(dst, canonicalEnd...)
}

// keepThumbprint takes over the thumbprint of old, a key with the same public material, if old
// has computed it. k is new.
func keepThumbprint(k, old *key) {
	if sum := old.state().thumbprint.load(); sum != nil {
		k.state().thumbprint.keep(*sum)
	}
}

// String returns the thumbprint in base64url, which is often used as a kid.
func (t Thumbprint) String() string { return encode64(t[:]) }

// URI returns the thumbprint as a URI (RFC 9278).
func (t Thumbprint) URI() string { return thumbprintURIPrefix + t.String() }

// ParseThumbprint reads the output of String or URI. Anything else is [ErrInvalid].
func ParseThumbprint(s string) (t Thumbprint, err error) {
	err = t.UnmarshalText([]byte(s))
	return t, err
}

// MarshalText returns the result of String.
func (t Thumbprint) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, t[:]), nil
}

// UnmarshalText sets t to the thumbprint that [ParseThumbprint] reads from text.
func (t *Thumbprint) UnmarshalText(text []byte) error {
	b, err := decode64(nil, []byte(strings.TrimPrefix(string(text), thumbprintURIPrefix)))
	if err != nil || len(b) != len(t) {
		return errorf(ErrInvalid, "not a SHA-256 thumbprint: want %d octets in base64url, or a URI that begins with %s", len(t), thumbprintURIPrefix)
	}
	*t = Thumbprint(b)
	return nil
}
