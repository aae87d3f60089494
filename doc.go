// Package jwk reads, checks, selects, writes and generates JSON Web Keys (RFC 7517, RFC 7518,
// RFC 8037, RFC 8812, RFC 9964) and sets of them, and computes their thumbprints (RFC 7638).
//
// # Verifying with published keys
//
// Most programs verify tokens with keys that somebody else publishes. They read the set with
// [ParseSet], or with a [Parser] that has Lenient and PublicOnly set if the set comes from a
// provider. Then they ask the set for the key of each token:
//
//	key, err := set.Find(ctx, jwk.Query{KeyID: kid, Algorithm: jwk.RS256})
//	...
//	public, err := jwk.As[*rsa.PublicKey](key)
//
// A library that verifies tokens for its callers should take a [Source]. A [*Set] is a Source.
// Package jwkhttp fetches the set of a provider and keeps it fresh: its Client is a Source too.
// Package jwktest has keys and a provider for tests.
//
// # Signing with your own keys
//
// Programs that sign
//   - make a key with [Generate], or with [New] from a Go key;
//   - name it, and say what it is for, with [Key.WithKeyID] and [Key.WithAttributes];
//   - store the output of [Key.Encrypt] anywhere, or of [Key.MarshalPrivateJSON] in a safe
//     place, and read it back with [DecryptKey] or [Parse];
//   - publish [Key.Public], or [Set.Public] of all their keys;
//   - sign with [Key.Signer].
//
// If the private half is in a KMS, an HSM, a TPM or an agent, New takes the crypto.Signer or
// crypto.Decrypter that sends requests to it.
//
// # Keys in other forms
//
//   - PEM: [ParsePEM] reads keys and certificates, and [DecryptPEM] reads encrypted keys too.
//     [Key.MarshalPEM], [Key.MarshalPrivatePEM] and [Key.EncryptPEM] write keys.
//   - DER: [ParseDER] reads, and [Key.MarshalDER] and [Key.MarshalPrivateDER] write.
//   - Certificates: [FromCertificates] makes a key from a chain.
//   - go-jose, which makes and reads tokens: [Key.JOSE], [Key.JOSESigner] and
//     [FindJOSEVerifier].
//   - OpenSSH: package sshkey.
//
// # Promises
//
//   - A [Key] that exists is valid. Every function that makes a key makes the same checks,
//     which [Parse] lists. They include that a private half belongs to its public half.
//   - Keys and sets never change, and need no lock.
//   - A parsed key is written as it was read, with the members that this package does not know.
//   - An entry of a set that cannot be used is skipped and reported. It does not affect the
//     other keys of the set.
//   - This package fetches nothing, and there are no settings for a whole program.
//   - encoding/json, fmt, log/slog and error texts do not write private material. Printers and
//     comparers that follow unexported fields do not reach it.
//
// Private material leaves a Key only through MarshalPrivateJSON, MarshalPrivateDER,
// MarshalPrivatePEM, PrivateKey, Signer, Secret, As, JOSE, Member, Members and Attributes, and
// a Set only through MarshalPrivateJSON, JOSE, Skipped and Member. It leaves in encrypted form
// through Encrypt of both types, and EncryptPEM of a Key. The type [PrivateKey] is for fields
// that encoding/json and encoders of YAML write with their private material.
//
// # Limits
//
// Input may be hostile. The following input fails with [ErrPolicy] before it costs much:
//   - a document of more than 16 MiB, a set of more than 10,000 keys, and an RSA modulus of less
//     than 2048 or more than 8192 bits. Fields of [Parser] change these limits;
//   - an RSA key of more than 5 primes, more than 32 operations in key_ops, more than 10
//     certificates, and more than 64 levels of nesting;
//   - a certificate of more than 64 KiB, or for an RSA key with a modulus of more than 8192
//     bits (MaxRSABits of Parser changes this limit too) or an exponent of more than 31 bits;
//   - more than 16 headers, or 4 KiB of headers, in a block of PEM;
//   - more than 1,000,000 iterations in an encrypted text (a field of [DecryptOptions] changes
//     this limit), and the other limits that [DecryptKey] and [DecryptPEM] name.
//
// # FIPS 140-3
//
// With GODEBUG=fips140=only, RSA keys of two primes, EC keys on the P curves, Ed25519, ML-DSA
// and oct keys are read, made, written and used. The exceptions are:
//   - RSA keys of more primes, or with an exponent of less than 65537, are read and written, but
//     crypto/rsa does not sign or verify with them.
//   - A private X25519 key is [ErrUnsupported]. A public one is read, but has no Go key.
//   - [Key.Encrypt], [Set.Encrypt], [DecryptKey] and [DecryptSet] are ErrUnsupported.
//   - [Key.EncryptPEM] and [DecryptPEM] work, except for files whose PBKDF2 uses SHA-1 or a salt
//     of less than 128 bits.
//
// Keys on secp256k1, Ed448 and X448, and ML-DSA keys before Go 1.27, work in that mode too, but
// with packages outside the boundary of the Go Cryptographic Module:
// github.com/decred/dcrd/dcrec/secp256k1, github.com/cloudflare/circl and filippo.io/mldsa. A
// program that must stay inside the boundary has to refuse such keys.
//
// The SHA-1 digest of an x5t is computed in that mode as well. It is compared with a certificate
// that is in the key, and protects nothing.
//
// # Smaller programs
//
// The build tag jwk_core leaves out secp256k1, Ed448 and X448, and ML-DSA before Go 1.27. Keys of
// these kinds are then [ErrUnsupported], with an error that names the tag. All exported names are
// in every build.
//
// # Errors
//
// Every error is an [*Error] or a [*NotFoundError]. An Error has the place and one of the kinds
// [ErrSyntax], [ErrInvalid], [ErrUnsupported], [ErrPolicy], [ErrPrivate] and [ErrDecrypt]. A
// NotFoundError is [ErrNotFound]. Test for the kind with errors.Is. The texts are for people,
// and may change.
//
// Methods of zero values and of a nil *Key return zero values and errors. A nil *Set is the
// empty set. The methods of a nil *Parser panic, as methods of most nil pointers do.
//
// # Secrets in memory
//
// Private keys are not wiped when they are no longer used, because Go copies strings and big
// integers as it needs. A private Key keeps its JSON text.
//
// These are wiped after use: the text in JSON or DER that is encrypted or was decrypted, a key
// that PBKDF2 derived from a passphrase, and a secret that ECDH agreed on. Passphrases are not
// wiped, and go-jose and the standard library keep copies.
package jwk
