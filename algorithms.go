package jwk

import "iter"

// Algorithms yields the algorithms that the key supports (see [Key.Supports]), except RSA1_5
// and PBES2 unless the key states one of them. The preferred one comes first: sign or encrypt
// with that if nothing else decides. A nil or zero Key yields nothing.
//
// The key's own alg comes first, and is yielded also if this package does not know it. For
// keys on Ed25519 and Ed448 the other name of the same algorithm follows. A key
// without alg yields
//   - signatures before encryption;
//   - for RSA, RS256 and then PS256. Programs expect RS256 of an RSA key without alg, and
//     every OpenID provider must support it (OpenID Connect Core 1.0, Section 15.1). A program
//     that wants PSS asks Supports(PS256), or makes keys that state it;
//   - EdDSA before Ed25519 and Ed448, since many verifiers do not know the new names
//     (RFC 9864) yet;
//   - HS256 before HS384 and HS512, since every verifier of JWTs must have it (RFC 7518,
//     Section 3.1);
//   - encryption in the order in which [Key.Encrypt] chooses: RSA-OAEP-256 before RSA-OAEP,
//     ECDH-ES with the largest key wrap first, key wrapping before dir. The algorithms of
//     content encryption come last.
//
// It allocates nothing.
//
// A public key yields what its private half signs with. Ask [Key.Permits] whether this key
// may sign.
func (k *Key) Algorithms() iter.Seq[Algorithm] {
	return func(yield func(Algorithm) bool) {
		if !k.isZero() {
			k.algorithms(yield)
		}
	}
}
