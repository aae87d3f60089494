package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
)

// New makes a key of a Go key: *[crypto/rsa.PublicKey],
// *[crypto/ecdsa.PublicKey], *[crypto/ecdh.PublicKey],
// [crypto/ed25519.PublicKey], their private counterparts, and []byte, which is
// a symmetric key. It copies the material, and makes all checks that [Parse]
// makes. attrs may be nil.
//
// For what the standard library does not have, or not in every release, it takes
// *[github.com/decred/dcrd/dcrec/secp256k1/v4.PublicKey],
// [github.com/cloudflare/circl/sign/ed448.PublicKey], [X448PublicKey],
// *[filippo.io/mldsa.PublicKey], which is that of crypto/mldsa since Go 1.27,
// and their private counterparts.
//
// The error is [ErrUnsupported] for another Go type or curve, [ErrInvalid]
// for a key with nil or contradictory parts, or attributes that contradict
// it, [ErrSyntax] where Extra gives a registered member the wrong JSON type,
// and [ErrPolicy] for an RSA key of less than 2048 or more than 8192 bits, and
// the other limits of [Parse].
func New(material any, attrs *Attributes) (*Key, error) {
	for _, k := range kinds {
		var w writer
		mine, err := k.write(&k.kind, &w, material)
		if err != nil {
			return nil, err
		}
		if mine {
			return new(Parser).compose(&w, &k.kind, attrs)
		}
	}
	return nil, errMaterial(material)
}

// errMaterial says why no kind of key takes a Go value.
func errMaterial(material any) error {
	switch material.(type) {
	case *ecdsa.PublicKey, *ecdsa.PrivateKey:
		return refuse(ErrUnsupported, "a %T on another curve, want P-256, P-384 or P-521", material)
	}
	return refuse(ErrUnsupported, "Go type %T, want one that New takes, such as *rsa.PublicKey", material)
}

// As returns the key as the Go type T: one of those that [New] takes, or an
// interface such as crypto.Signer or crypto.Decrypter. A private key has the
// forms of its public half, too, and an EC key those of crypto/ecdsa and
// crypto/ecdh. Where T is an interface that several forms implement, the
// private ones and those of crypto/ecdsa come first; crypto.PublicKey is
// always the public half, and crypto.PrivateKey the private one.
//
// The error is [ErrPrivate] if T is a private form and the key is public,
// [ErrUnsupported] if the key has no form T, and [ErrInvalid] for the zero Key.
//
// The private key type for secp256k1 does not sign: As[crypto.Signer] returns
// one that does, see [Key.Signer].
//
// Keys returned are shared: treat them as read-only. A []byte is a copy.
func As[T any](k *Key) (T, error) {
	var key T
	if k.none() {
		return key, errNoKey()
	}
	// These two are any to the compiler, and not to who asks for one of them.
	_, public := any(&key).(*crypto.PublicKey)
	_, private := any(&key).(*crypto.PrivateKey)
	var ok bool
	if !public {
		if key, ok = k.material().private().(T); ok {
			return key, nil
		}
	}
	if private {
		return key, refuse(ErrPrivate, "a public %s key has no %s", k.kind.name(), typeName[T]())
	}
	if key, ok = k.key.public().(T); ok {
		return key, nil
	}
	for form := range k.material().forms() {
		if key, ok = form.(T); ok {
			return key, nil
		}
	}
	for _, form := range k.kind.row().privateForms {
		if _, ok := form.(T); ok {
			return key, refuse(ErrPrivate, "a public %s key has no %s", k.kind.name(), typeName[T]())
		}
	}
	return key, refuse(ErrUnsupported, "%s keys have no form %s", k.kind.name(), typeName[T]())
}

func typeName[T any]() string { return fmt.Sprintf("%T", (*T)(nil))[1:] }

// PublicKey returns the Go public key, also of a private key: an
// *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey or *ecdh.PublicKey, or
// one of the other types that [New] takes. It is nil for symmetric keys, the zero Key
// and a nil *Key, and for X25519 with GODEBUG=fips140=only, and can be returned
// beside the error of Find. It is made no later than at the first call, and shared by
// all: treat it as read-only. Most programs want [As], which has the type.
func (k *Key) PublicKey() crypto.PublicKey {
	if k.none() {
		return nil
	}
	return k.key.public()
}

// PrivateKey returns the Go private key: an *rsa.PrivateKey, precomputed,
// *ecdsa.PrivateKey, ed25519.PrivateKey or *ecdh.PrivateKey, or one of the
// other types that [New] takes, which is shared: treat it as read-only. Of a
// symmetric key it is a copy of the []byte. It is nil for public keys and the
// zero Key. Most programs want [As], [Key.Signer] or [Key.Secret].
func (k *Key) PrivateKey() crypto.PrivateKey {
	if k.none() {
		return nil
	}
	return k.material().private()
}

// Signer returns the private key for signing. The error is [ErrPrivate] if the
// key is public, and [ErrUnsupported] if it is of a kind that does not sign,
// or is symmetric. Whether it may sign is what [Key.Permits] tells.
//
// RSA and EC keys sign a digest. On secp256k1 it must be one of SHA-256 (ES256K, RFC
// 8812); the signature has the ASN.1 form of crypto/ecdsa, and is deterministic.
// Ed25519, Ed448 and ML-DSA keys sign the message itself, with crypto.Hash(0)
// as the options.
//
// An RSA key whose factors are not prime, which [Parse] does not check, does not sign:
// Sign returns [crypto/rsa.ErrDecryption].
func (k *Key) Signer() (crypto.Signer, error) {
	if k.none() {
		return nil, errNoKey()
	}
	if k.kind.ops&OpSign == 0 {
		return nil, refuse(ErrUnsupported, "%s keys have no crypto.Signer", k.kind.name())
	}
	return As[crypto.Signer](k)
}

// Secret returns a copy of the octets of a symmetric key. The error is
// [ErrUnsupported] for a key of another type.
func (k *Key) Secret() ([]byte, error) {
	if k.none() {
		return nil, errNoKey()
	}
	secret, ok := k.material().private().([]byte)
	if !ok {
		return nil, refuse(ErrUnsupported, "%s keys have no secret octets", k.kind.name())
	}
	return secret, nil
}

var _ crypto.Decrypter = (*rsa.PrivateKey)(nil) // As[crypto.Decrypter]
