// Package jwk reads, checks, selects, writes, makes and hashes JSON Web Keys
// (RFC 7517, RFC 7518, RFC 8037, RFC 8812, RFC 9964) and sets of them.
//
// # Keys of others
//
// Most programs verify tokens with keys that somebody else publishes. They
// read the set with [ParseSet], or with a [Parser] whose Lenient and PublicOnly
// are set if it comes from a provider, and ask it for the key of each token:
//
//	key, err := set.Find(ctx, jwk.Query{KeyID: kid, Algorithm: jwk.RS256})
//	...
//	public, err := jwk.As[*rsa.PublicKey](key)
//
// Libraries that verify for others take a [Source], which a [*Set] is.
//
// # Keys of one's own
//
// Programs that sign make their key with [Generate], or with [New] of a Go key. They
// keep what [Key.Encrypt] returns, or [Key.MarshalPrivateJSON] in a safe place, and
// read it back with [DecryptKey] or [Parse]. They publish [Key.Public], or [Set.Public]
// of all their keys, and sign with [Key.Signer]. If the private half is in a KMS, an HSM, a
// TPM or an agent, New takes the crypto.Signer or crypto.Decrypter that sends requests to it.
// [Key.WithKeyID] and [Key.WithAttributes] name a key and say what it is for.
//
// # Keys in other forms
//
// Keys and certificates in PEM are read by [ParsePEM], and by [DecryptPEM] with a
// passphrase, those in DER by [ParseDER]; [Key.MarshalPEM] and its kin write them.
// [FromCertificates] makes a key of a certificate. [Key.JOSE], [Key.JOSESigner] and
// [FindJOSEVerifier] are for go-jose, which makes and reads the tokens. Package
// sshkey is for OpenSSH.
//
// # Promises
//
// A [Key] that exists is valid: every door into the package makes the same
// checks, which [Parse] lists, and they include that a private half belongs to its
// public one. Keys and sets never change and need no lock. A parsed key is written as
// it was read, members that this package does not know included. An entry of a set that
// cannot be used is skipped and reported, and costs the set nothing.
//
// Private material is not written by encoding/json, fmt, log/slog or error texts, and
// printers and comparers that follow unexported fields do not reach it. It leaves
// a Key by MarshalPrivateJSON, MarshalPrivateDER, MarshalPrivatePEM, PrivateKey, Signer,
// Secret, As, JOSE, Member, Members and Attributes, and a Set by MarshalPrivateJSON, JOSE,
// Skipped and Member; encrypted, both by Encrypt, and a Key by EncryptPEM. The type
// [PrivateKey] is for fields that encoding/json and encoders of YAML write with it.
//
// Nothing is fetched, and nothing is set for a whole program.
//
// # Limits
//
// What is read may be hostile, and these are [ErrPolicy] before they cost much: a
// document of more than 16 MiB, a set of more than 10,000 keys, and an RSA modulus of less
// than 2048 or more than 8192 bits, all of them fields of [Parser]; more than 5 primes,
// 32 operations, 10 certificates, or 64 levels of nesting; a certificate of more than
// 64 KiB, or of an RSA key with a modulus of more than 8192 bits (the same field of Parser)
// or an exponent of more than 31; in a block of PEM more than 16 headers, or 4 KiB of
// them; and in what is encrypted more than 1,000,000 iterations, a field of
// [DecryptOptions], and the limits that [DecryptKey] and [DecryptPEM] name.
//
// # FIPS 140-3
//
// With GODEBUG=fips140=only, these keys are read, made, written and used: RSA of two primes,
// EC on the P curves, Ed25519, ML-DSA and oct. RSA keys of more primes, or with an exponent
// of less than 65537, are read and written, and crypto/rsa does not sign or verify with
// them. A private X25519 key is [ErrUnsupported]; a public one is read and has no Go key.
// [Key.Encrypt], [DecryptKey] and their kin are ErrUnsupported. [Key.EncryptPEM] and [DecryptPEM]
// work, but for files whose PBKDF2 has SHA-1, or a salt of less than 128 bits.
//
// Keys on secp256k1, Ed448 and X448, and of ML-DSA before Go 1.27, work in that mode too, but
// by packages outside the boundary of the Go Cryptographic Module:
// github.com/decred/dcrd/dcrec/secp256k1, github.com/cloudflare/circl and filippo.io/mldsa. A
// program that must stay inside has to refuse such keys. The SHA-1 of an x5t is computed
// in that mode as well: it is compared with a certificate that is in the key, and protects
// nothing.
//
// # Smaller programs
//
// The build tag jwk_core leaves out secp256k1, Ed448 and X448, and ML-DSA before Go 1.27. Keys
// of these kinds are [ErrUnsupported] there, and the error names the tag. All exported names
// are in every build.
//
// # Errors
//
// Every error is an [*Error], with the place and one of the kinds [ErrSyntax],
// [ErrInvalid], [ErrUnsupported], [ErrPolicy], [ErrPrivate] and [ErrDecrypt], or
// a [*NotFoundError], which is [ErrNotFound]. Ask for the kind with errors.Is: the
// texts are for people, and may change.
//
// Zero values answer with errors and zero values, and so does a nil *Key. A nil *Set answers
// as the empty set. The methods of a nil *Parser panic, as methods of most nil pointers do.
//
// # Secrets in memory
//
// Private keys are not wiped when they are no longer used: Go copies
// strings and big integers where it likes. A private Key keeps its JSON text.
// The text that is encrypted, or was decrypted, in JSON or DER, is wiped once it is done
// with, and so are a key that PBKDF2 made of a passphrase and a secret that ECDH agreed on.
// Passphrases are not, and go-jose and the standard library have copies.
package jwk

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// A Key is one JSON Web Key (RFC 7517): checked, immutable, and safe for
// concurrent use. Keys come from [Parse], [New], [Generate] and their kin,
// and every one of these makes all checks; there is nothing to validate
// afterwards.
//
// The zero Key is no key: its methods return zero values and errors ([ErrInvalid]). A
// nil *Key, which is what [Set.Find] and [Set.Lookup] return when there is none,
// answers in the same way, so that a kid that no key has crashes no program.
// MarshalJSON, MarshalYAML, String, GoString, Format and LogValue have value receivers: Go
// cannot call them on nil. encoding/json writes null there, and fmt <nil>.
//
// A Key may be copied; the copy is the same key. Only UnmarshalJSON and UnmarshalYAML change
// a Key, and only a Key variable of the caller, such as a field of a configuration. They must
// not run beside other methods.
//
// Do not embed a Key or *Key in a struct with other fields: the struct gets MarshalJSON and
// UnmarshalJSON of the Key, and its other fields are neither written nor read. Give the field a
// name.
//
// To compare keys, call [Key.Equal], or compare what MarshalJSON or
// MarshalPrivateJSON returns. reflect.DeepEqual, go-cmp and the assertions of
// testify use reflection, which sees the text of a public key and no secret of a
// private one. Two public keys that Parse read from the same text are deeply
// equal, also after a method such as Thumbprint has computed something. A private
// or symmetric key, and a key that MarshalJSON refuses, is deeply equal only to
// copies of itself, not to another key with the same text. Who holds a private half
// elsewhere is not compared. go-cmp compares pointers to keys by Equal.
type Key struct {
	*key `yaml:"-"` // yaml.v3 panics at an embedded type that is not exported

	// Makes a Key larger than the pointer. go-spew treats a struct of pointer size as the
	// pointer itself, and would call String on a Key made of the octets of a key.
	_ struct{}
}

// key is what a Key points to. Printers and comparers follow unexported fields too, so
// that nothing secret is within their reach, and nothing that leads back to the key.
type key struct {
	open string // the JSON text, if secret is nil

	// The text and the material of a key that is private or hides private members.
	// Reflection cannot follow an atomic.Pointer: it compares and prints the address.
	secret atomic.Pointer[secretPart]

	kid string
	traits
	present      memberSet
	hidesPrivate bool // see members

	deviations []Deviation

	// One element beyond the length, see the method state. Reflection sees a slice without elements:
	// what the key computes later leaves it deeply equal to another key of its text, and
	// nothing leads back to the key.
	unseen []keyState
}

// secretPart is what may be secret in a key.
type secretPart struct {
	text     string
	material material
}

// keyState is what belongs to a key besides what it was read from.
type keyState struct {
	exported Key // the Key that this package returns

	// The material of a public key, and the holder if the private half is held elsewhere.
	// Out of sight, because comparers call methods of the Go keys in it that panic on nil,
	// and a holder may have secrets of its own.
	material material

	// The Go public key, kept when it is first asked for.
	publicKey atomic.Pointer[crypto.PublicKey]

	// The thumbprint, computed when it is first asked for.
	thumbState atomic.Uint32
	thumb      [sha256.Size]byte

	maxRSA int32 // the limit of the Parser that read it, in bits; see reusingParser
}

// States of keyState.thumb.
const (
	thumbAbsent = iota
	thumbWriting
	thumbReady
)

// madeKey is a key and its state: one allocation makes both.
type madeKey struct {
	key   key
	state [1]keyState
}

// state returns the state of k.
func (k *key) state() *keyState { return &k.unseen[:1][0] }

// text returns the JSON text.
func (k *key) text() string {
	if secret := k.secret.Load(); secret != nil {
		return secret.text
	}
	return k.open
}

// material returns the material.
func (k *key) material() material {
	if secret := k.secret.Load(); secret != nil {
		return secret.material
	}
	return k.state().material
}

// isZero reports whether k is no key: nil, or the zero Key.
func (k *Key) isZero() bool { return k == nil || k.key == nil }

// Type returns the "kty", "" for the zero Key.
func (k *Key) Type() KeyType {
	if k.isZero() {
		return ""
	}
	return k.kind.kty
}

// Curve returns the "crv" of an EC or OKP key, and "" for others.
func (k *Key) Curve() Curve {
	if k.isZero() {
		return ""
	}
	return k.kind.crv
}

// Bits returns the size of the key: of the modulus of an RSA key, of the
// field of an EC key (256, 384, 521), of x of an OKP key (8 times its
// octets), of the secret of an oct key, and 0 for AKP keys.
func (k *Key) Bits() int {
	if k.isZero() {
		return 0
	}
	return k.bits
}

// KeyID returns the "kid", "" if there is none. It is opaque: any string, of
// any length, chosen by whoever made the key. Do not use it in a path or a
// query, and quote it in a log.
func (k *Key) KeyID() string {
	if k.isZero() {
		return ""
	}
	return k.kid
}

// Use returns the "use", "" if there is none. It may be an unregistered one.
func (k *Key) Use() Use {
	if k.isZero() {
		return ""
	}
	return k.use
}

// Ops returns the registered operations in "key_ops", 0 if there is no such
// member. Ask [Key.Permits] whether a key may be used for something.
func (k *Key) Ops() Ops {
	if k.isZero() {
		return 0
	}
	return k.ops
}

// Algorithm returns the "alg", "" if there is none. It may be one that this
// package does not know.
func (k *Key) Algorithm() Algorithm {
	if k.isZero() {
		return ""
	}
	return k.alg
}

// IsPrivate reports whether the key holds private or secret material. It is
// true for every oct key, and false for a key whose private half is held elsewhere (see
// [New]).
func (k *Key) IsPrivate() bool { return !k.isZero() && k.private }

// Permits reports whether the key may be used for every operation in op,
// judged by its type, whether it is private, its alg, use and key_ops
// together. A member that is absent forbids nothing. OpSign, OpDecrypt and
// OpUnwrapKey need a private key, or one whose private half is held elsewhere by what
// does them (see [New]); such keys are also good for the operations of their public half.
// An unregistered use permits nothing. An empty key_ops states nothing, and so forbids
// nothing.
func (k *Key) Permits(op Ops) bool { return !k.isZero() && k.permits(op) == fits }

// Supports reports whether the key can be used with an algorithm, judged by
// its type, curve and size, its own alg, use and key_ops (RFC 7518, Section
// 3.1; RFC 8725, Section 3.1). EdDSA and Ed25519, or Ed448, are one algorithm
// for a key of that curve (RFC 9864).
func (k *Key) Supports(alg Algorithm) bool {
	return !k.isZero() && k.supports(alg, specOf(alg)) == fits
}

// Deviations returns what [Parser].Lenient tolerated in the key, nil if
// nothing.
func (k *Key) Deviations() []Deviation {
	if k.isZero() {
		return nil
	}
	return slices.Clone(k.deviations)
}

// Member returns the JSON text of a member of the key, as it was parsed.
//
// Any member: "d", "k" and the other private ones too. Take care where the
// result goes.
func (k *Key) Member(name string) (jsontext.Value, bool) {
	for n, value := range k.Members() {
		if n == name {
			return value, true
		}
	}
	return nil, false
}

// Members returns the names and JSON texts of all members, private ones
// included, in the order of the document.
func (k *Key) Members() iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		if k.isZero() {
			return
		}
		for name, value := range eachMember(k.text()) {
			if !yield(name, jsontext.Value(value)) {
				return
			}
		}
	}
}

// Equal compares the key material only: it reports whether the two hold the same material
// and are both private or both public; kid, use and the other attributes do not matter. A
// key whose private half is held elsewhere is a public one here, and equals its public half.
// The zero Key equals nothing. go-cmp calls this method for pointers to keys, so that two
// that differ only in kid are the same to it; [Set.Equal] compares all members.
//
// Symmetric keys are compared in constant time. Of private keys the public
// halves are compared: a Key's private half is known to belong to it.
func (k *Key) Equal(other *Key) bool {
	if k.isZero() || other.isZero() ||
		k.kind != other.kind || k.private != other.private {
		return false
	}
	var x, y [4]string
	x[0], x[1], x[2], x[3] = k.material().canonical()
	y[0], y[1], y[2], y[3] = other.material().canonical()
	same := 1
	for i := range x {
		same &= subtle.ConstantTimeCompare([]byte(x[i]), []byte(y[i]))
	}
	return same == 1
}

// thumbprint returns the SHA-256 thumbprint (RFC 7638).
func (k *key) thumbprint() [sha256.Size]byte {
	if state := k.state(); state.thumbState.Load() == thumbReady {
		return state.thumb
	}
	return k.computeThumbprint()
}

// computeThumbprint computes the thumbprint, and keeps it unless the key is symmetric. Two
// that are first at the same time both compute it.
func (k *key) computeThumbprint() [sha256.Size]byte {
	a, b, c, d := k.material().canonical()
	size := len(a) + len(b) + len(c) + len(d) + len(canonicalEnd)
	var sum [sha256.Size]byte
	switch {
	case size <= smallCanonical:
		var buf [smallCanonical]byte
		sum = sha256.Sum256(joined(buf[:0], a, b, c, d))
	case size <= mediumCanonical:
		var buf [mediumCanonical]byte
		sum = sha256.Sum256(joined(buf[:0], a, b, c, d))
	case size <= largeCanonical:
		var buf [largeCanonical]byte
		sum = sha256.Sum256(joined(buf[:0], a, b, c, d))
	default:
		sum = hashLong(a, b, c, d)
	}
	// The thumbprint of a symmetric key confirms a guess at the key: it stays in memory
	// no longer than its caller keeps it.
	if state := k.state(); k.kind.public != 0 && state.thumbState.CompareAndSwap(thumbAbsent, thumbWriting) {
		state.thumb = sum
		state.thumbState.Store(thumbReady)
	}
	return sum
}

// hashLong is a function of its own, so that the calls of all other keys need no
// such stack.
//
//go:noinline
func hashLong(a, b, c, d string) [sha256.Size]byte {
	var buf [maxCanonical]byte
	return sha256.Sum256(joined(buf[:0], a, b, c, d))
}

// Texts that are hashed fit on the stack: those of P-256 and OKP keys in the
// first, of an RSA key of 3072 bits in the second, of 8192 bits in the third, of
// ML-DSA in the last. Longer ones, which take a Parser that allows them, are
// allocated. There are four because a buffer is zeroed before its use.
const (
	smallCanonical  = 128  // octets
	mediumCanonical = 576  // octets
	largeCanonical  = 1408 // octets
	maxCanonical    = 3584 // octets
)

func joined(dst []byte, a, b, c, d string) []byte {
	dst = append(dst, a...)
	dst = append(dst, b...)
	dst = append(dst, c...)
	dst = append(dst, d...)
	return append(dst, canonicalEnd...)
}

// public returns the Go public key, and keeps it.
func (k *key) public() crypto.PublicKey {
	state := k.state()
	if p := state.publicKey.Load(); p != nil {
		return *p
	}
	p := k.material().public()
	state.publicKey.CompareAndSwap(nil, &p)
	return *state.publicKey.Load()
}
