package jwk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"strings"
)

// New makes a key of a Go key: *[crypto/rsa.PublicKey],
// *[crypto/ecdsa.PublicKey], *[crypto/ecdh.PublicKey],
// [crypto/ed25519.PublicKey], their private counterparts, and []byte, which is
// a symmetric key. It copies the material, and makes all checks that [Parse]
// makes. attrs may be nil. Members are in the order in which go-jose writes them.
//
// For what the standard library does not have, or not in every release, it takes
// *[github.com/decred/dcrd/dcrec/secp256k1/v4.PublicKey],
// [github.com/cloudflare/circl/sign/ed448.PublicKey], [X448PublicKey],
// *[filippo.io/mldsa.PublicKey], which is the type of crypto/mldsa since Go 1.27,
// and their private counterparts.
//
// For a key whose private half is held elsewhere, in a KMS, an HSM, a TPM or an agent, it
// takes any other [crypto.Signer] or [crypto.Decrypter] whose Public method returns
// one of these public keys. The Key then has the material of the public half, and is
// written as a public key. [Key.IsPrivate] is false. Calls that need the private material
// return [ErrPrivate]. The Key keeps the holder. It permits OpSign if the holder is a
// crypto.Signer, and OpDecrypt and OpUnwrapKey if the key is of type RSA and the holder is a
// crypto.Decrypter, unless use, key_ops or alg forbid it. [Key.Signer], [As],
// [Key.JOSESigner], [DecryptKey] and [DecryptSet] use the holder, which must be safe for
// concurrent use if the Key is used so. [Key.WithAttributes] and sets keep it. [Key.Public]
// does not. New does not catch a panic of the method Public.
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
	switch material.(type) {
	case *ecdsa.PublicKey, *ecdsa.PrivateKey:
		return nil, errorf(ErrUnsupported, "a %T on another curve, want P-256, P-384 or P-521", material)
	}
	if k, held, err := newHeld(material, attrs); held {
		return k, err
	}
	return nil, errMaterial(typeOf(material))
}

// errMaterial says why no kind of key takes a value of a Go type.
func errMaterial(name string) error {
	for _, taken := range goTypes {
		switch {
		case "*"+name == taken:
			return errorf(ErrUnsupported, "Go type %s, want %s: pass a pointer to it", name, taken)
		case name == "*"+taken:
			return errorf(ErrUnsupported, "Go type %s, want %s: pass what it points to", name, taken)
		}
	}
	for _, other := range otherTypes {
		if strings.TrimPrefix(name, "*") == other.name {
			return errorf(ErrUnsupported, "Go type %s, want one that New takes: %s", name, other.wayOut)
		}
	}
	return errorf(ErrUnsupported, "Go type %s, want one that New takes, such as *rsa.PublicKey, or a crypto.Signer", name)
}

// goTypes are the Go types that New takes, by their short names.
var goTypes = [...]string{
	"*rsa.PublicKey", "*rsa.PrivateKey", "*ecdsa.PublicKey", "*ecdsa.PrivateKey", "*ecdh.PublicKey", "*ecdh.PrivateKey",
	"ed25519.PublicKey", "ed25519.PrivateKey", "*secp256k1.PublicKey", "*secp256k1.PrivateKey",
	"ed448.PublicKey", "ed448.PrivateKey", "jwk.X448PublicKey", "jwk.X448PrivateKey",
	"*mldsa.PublicKey", "*mldsa.PrivateKey", "[]uint8",
}

// otherTypes are Go types that people have a key in, without the star of a pointer, and what
// makes a Key of them.
var otherTypes = [...]struct{ name, wayOut string }{
	{"string", "Parse reads JSON and ParsePEM reads PEM; of a secret make a []byte"},
	{"json.RawMessage", "Parse reads JSON"},
	{"jsontext.Value", "Parse reads JSON"},
	{"map[string]interface {}", "Parse reads JSON"},
	{"pem.Block", "ParsePEM reads the file, and ParseDER the Bytes"},
	{"jwk.Key", "it is a Key already, and WithAttributes changes its attributes"},
	{"jose.JSONWebKey", "FromJOSE takes it"},
	{"x509.Certificate", "FromCertificates takes it"},
	{"[]*x509.Certificate", "FromCertificates takes it"},
	{"x509.CertificateRequest", "it has a PublicKey"},
	{"tls.Certificate", "New takes its PrivateKey, and FromCertificates its Leaf"},
}

// As returns the key as the Go type T: one of those that [New] takes, or an
// interface such as crypto.Signer or crypto.Decrypter. A private key has the
// forms of its public half, too, and an EC key those of crypto/ecdsa and
// crypto/ecdh. Where T is an interface that several forms implement, the
// private ones and those of crypto/ecdsa come first; crypto.PublicKey is
// always the public half, and crypto.PrivateKey the private one.
//
// If the private half is held elsewhere, As returns the holder as the private form, for
// interfaces and for the holder's own type.
//
// The error is [ErrPrivate] if T is a private form and the key is public, or its private
// half is held elsewhere; [ErrUnsupported] if the key has no form T; and [ErrInvalid] for
// the zero Key.
//
// The private key type for secp256k1 does not sign: As[crypto.Signer] returns
// one that does, see [Key.Signer].
//
// Keys returned are shared: treat them as read-only. A []byte is a copy. As allocates
// nothing, except for that copy, for the forms of crypto/ecdh of an EC key, and for the
// signer of a secp256k1 key, which are made at each call.
func As[T any](k *Key) (T, error) {
	var key T
	if k.isZero() {
		return key, errNoKey()
	}
	// Both are empty interfaces that every form satisfies: their names count.
	_, public := any((*T)(nil)).(*crypto.PublicKey)
	_, private := any((*T)(nil)).(*crypto.PrivateKey)
	var ok bool
	if !public {
		if key, ok = k.material().private().(T); ok {
			return key, nil
		}
		if held, is := k.material().(*heldKey); is && !private {
			if key, ok = held.holder.(T); ok {
				return key, nil
			}
		}
	}
	if private {
		return key, errNoPrivateForm(k.key, typeName[T]())
	}
	if key, ok = k.key.public().(T); ok {
		return key, nil
	}
	if key, ok = otherForm[T](k); ok {
		return key, nil
	}
	for _, form := range k.kind.row().privateForms {
		if _, ok := form.(T); ok {
			return key, errNoPrivateForm(k.key, typeName[T]())
		}
	}
	return key, errNoForm(k.key, typeName[T]())
}

// otherForm returns the form T that is made of the key when it is asked for. Its loop
// allocates, which is why it is not in As.
func otherForm[T any](k *Key) (T, bool) {
	for form := range k.material().forms() {
		if key, ok := form.(T); ok {
			return key, true
		}
	}
	var none T
	return none, false
}

func typeName[T any]() string { return fmt.Sprintf("%T", (*T)(nil))[1:] }

// errNoPrivateForm returns the error about a private form that a key does not have.
func errNoPrivateForm(k *key, name string) error {
	if held, ok := k.material().(*heldKey); ok {
		return errorf(ErrPrivate, "the private half of this %s key is held elsewhere, by a %T, and has no form %s", k.kind.name(), held.holder, name)
	}
	return errorf(ErrPrivate, "a public %s key has no %s", k.kind.name(), name)
}

// errNoForm returns the error about a form that keys of this kind do not have.
func errNoForm(k *key, name string) error {
	forms := append([]any{k.public(), k.material().private()}, k.kind.row().privateForms...)
	for form := range k.material().forms() {
		forms = append(forms, form)
	}
	if held, ok := k.material().(*heldKey); ok {
		forms = append(forms, held.holder)
	}
	for _, form := range forms {
		if own := typeOf(form); "*"+name == own || name == "*"+own {
			return errorf(ErrUnsupported, "%s keys have no form %s, want %s", k.kind.name(), name, own)
		}
	}
	return errorf(ErrUnsupported, "%s keys have no form %s", k.kind.name(), name)
}

// PublicKey returns the Go public key, also of a private key: an
// *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey or *ecdh.PublicKey, or
// one of the other types that [New] takes. It is nil for symmetric keys, the zero Key
// and a nil *Key, and for X25519 with GODEBUG=fips140=only, and can be returned
// beside the error of Find. It is made no later than at the first call, and shared by
// all: treat it as read-only. Most programs want [As], which has the type.
func (k *Key) PublicKey() crypto.PublicKey {
	if k.isZero() {
		return nil
	}
	return k.key.public()
}

// PrivateKey returns the Go private key: an *rsa.PrivateKey, precomputed,
// *ecdsa.PrivateKey, ed25519.PrivateKey or *ecdh.PrivateKey, or one of the
// other types that [New] takes, which is shared: treat it as read-only. Of a
// symmetric key it is a copy of the []byte. It is nil for public keys, for keys whose
// private half is held elsewhere, and for the zero Key. Most programs want [As],
// [Key.Signer] or [Key.Secret].
func (k *Key) PrivateKey() crypto.PrivateKey {
	if k.isZero() {
		return nil
	}
	return k.material().private()
}

// Signer returns the private key for signing, or what holds it elsewhere, as the caller of
// [New] gave it. The error is [ErrPrivate] if the key is public, and [ErrUnsupported] if it
// is of a kind that does not sign, or is symmetric. [Key.Permits] tells whether it may sign.
//
// RSA and EC keys sign a digest. On secp256k1 it must be one of SHA-256 (ES256K, RFC
// 8812); the signature has the ASN.1 form of crypto/ecdsa, and is deterministic.
// Ed25519, Ed448 and ML-DSA keys sign the message itself, with crypto.Hash(0)
// as the options.
//
// An RSA key whose factors are not prime, which [Parse] does not check, does not sign:
// Sign returns [crypto/rsa.ErrDecryption].
func (k *Key) Signer() (crypto.Signer, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.ops&OpSign == 0 {
		return nil, errorf(ErrUnsupported, "%s keys have no crypto.Signer", k.kind.name())
	}
	return As[crypto.Signer](k)
}

// Secret returns a copy of the octets of a symmetric key. The error is
// [ErrUnsupported] for a key of another type.
func (k *Key) Secret() ([]byte, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	secret, ok := k.material().private().([]byte)
	if !ok {
		return nil, errorf(ErrUnsupported, "%s keys have no secret octets", k.kind.name())
	}
	return secret, nil
}

var _ crypto.Decrypter = (*rsa.PrivateKey)(nil) // As[crypto.Decrypter]
