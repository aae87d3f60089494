package jwk

import (
	"crypto"
	"errors"
	"fmt"
	"math"
)

// compose makes a key from the material members in w and from attributes. It ends in accept:
// Go keys, DER, PEM, certificates and go-jose keys are all written as JSON first, and this text
// is then parsed like untrusted input.
//
// So every key passes the same checks, in strictKey. Readers of other forms check only what JSON
// does not show, such as the form of DER. A new kind of input need not repeat a check, and cannot
// forget one. A key from New has its JSON text from the start, exactly as a parsed key does. The
// price is one parse for each key that is made.
func (p *Parser) compose(w *writer, k *kind, a *Attributes) (*Key, error) {
	if a == nil {
		a = new(Attributes)
	}
	if err := a.write(w, k); err != nil {
		return nil, err
	}
	w.order()
	text, err := w.done()
	if err != nil {
		return nil, err
	}
	return p.accept(text, a.Algorithm)
}

// accept parses the text of a new key. If alg is not empty, the key must have that alg.
func (p *Parser) accept(text []byte, alg Algorithm) (*Key, error) {
	key, err := p.Parse(text)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			e.Offset = 0 // the caller has no document
		}
		return nil, err
	}
	if alg != "" && alg != key.alg {
		return nil, errorf(ErrInvalid, "%s, want %s for this key", quoted(alg), key.alg).atMember(mAlg.String(), 0)
	}
	return key, nil
}

// reusingParser returns a Parser for texts with the material of k. It takes mat, the material of k
// or of its public half, instead of checking the material of the text. Its MaxRSABits is at least
// the limit of the Parser that read k, because the text may have new certificates. atOdds allows
// a use that is at odds with alg.
func (k *key) reusingParser(mat material, atOdds bool) *Parser {
	return &Parser{
		MaxRSABits: max(int(k.state().maxRSA), defaultMaxRSABits), MaxBytes: math.MaxInt,
		useAtOdds: atOdds, checked: &checkedMaterial{mat.boundTo},
	}
}

// writeMaterial writes the material members of a Go key to w. It returns the row of its kind, or
// nil if no kind takes the value.
func writeMaterial(w *writer, key any) (*kindRow, error) {
	for _, row := range kinds {
		if mine, err := row.write(row.kind, w, key); mine || err != nil {
			return row, err
		}
	}
	return nil, nil
}

// As returns the key as the Go type T, which is one of the types that [New] takes, or an
// interface such as crypto.Signer or crypto.Decrypter.
//
//   - A private key has the forms of its public half too.
//   - An EC key has the forms of crypto/ecdsa and of crypto/ecdh.
//   - If T is an interface that several forms implement, As prefers private forms, and the forms
//     of crypto/ecdsa. crypto.PublicKey is always the public half, and crypto.PrivateKey the
//     private half.
//   - If the private half is held elsewhere, As returns the holder as the private form, for
//     interfaces and for the type of the holder.
//   - The private key type for secp256k1 does not sign. As[crypto.Signer] returns a type that
//     does, see [Key.Signer].
//
// The error is [ErrPrivate] if T is a private form and the key is public or its private half is
// held elsewhere, [ErrUnsupported] if the key has no form T, and [ErrInvalid] for the zero Key.
//
// The result is shared: treat it as read-only. Only a []byte is a copy. As allocates nothing,
// except for that copy, for the forms of crypto/ecdh of an EC key, and for the signer of a
// secp256k1 key. These are made at each call.
func As[T any](k *Key) (T, error) {
	var key T
	if k.isZero() {
		return key, errNoKey()
	}
	// Both are empty interfaces that every form satisfies. Honor the name:
	// As[crypto.PublicKey] must not return the private half.
	_, public := any((*T)(nil)).(*crypto.PublicKey)
	_, private := any((*T)(nil)).(*crypto.PrivateKey)
	var ok bool
	mat := k.material()
	if !public && (k.private || k.held != 0) {
		if key, ok = mat.private().(T); ok {
			return key, nil
		}
		if held, is := mat.(*heldKey); is && !private {
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

// otherForm returns a form T that is made from the key at each call. It is separate from As
// because its loop allocates.
func otherForm[T any](k *Key) (T, bool) {
	for form := range k.material().forms() {
		if key, ok := form.(T); ok {
			return key, true
		}
	}
	var zero T
	return zero, false
}

// typeName returns the name of the type T.
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

// PublicKey returns the Go public key of a public or private key: an *rsa.PublicKey,
// *ecdsa.PublicKey, ed25519.PublicKey or *ecdh.PublicKey, or another of the types that [New]
// takes. It is nil for symmetric keys, the zero Key and a nil *Key, and for X25519 with
// GODEBUG=fips140=only. Most programs want [As], which returns the exact type.
//
// It is safe to call on a nil *Key, which a failed Find returns. The result is cached and
// shared: treat it as read-only.
func (k *Key) PublicKey() crypto.PublicKey {
	if k.isZero() {
		return nil
	}
	return k.key.public()
}

// PrivateKey returns the Go private key: an *rsa.PrivateKey (precomputed), *ecdsa.PrivateKey,
// ed25519.PrivateKey or *ecdh.PrivateKey, or another of the types that [New] takes. It is nil
// for public keys, for keys whose private half is held elsewhere, and for the zero Key. Most
// programs want [As], [Key.Signer] or [Key.Secret].
//
// The result is shared: treat it as read-only. For a symmetric key it is a copy of the []byte.
func (k *Key) PrivateKey() crypto.PrivateKey {
	if k.isZero() {
		return nil
	}
	return k.material().private()
}

// Signer returns the private key for signing. If the private half is held elsewhere, it returns
// the holder that was given to [New]. It does not check whether the key may be used to sign:
// [Key.Permits] does.
//
//   - RSA and EC keys sign a digest.
//   - Keys on secp256k1 sign a SHA-256 digest (ES256K, RFC 8812). The signature has the ASN.1
//     form of crypto/ecdsa, and is deterministic.
//   - Ed25519, Ed448 and ML-DSA keys sign the message itself, with crypto.Hash(0) as the options.
//   - An RSA key whose factors are not prime, which [Parse] does not check, does not sign: Sign
//     returns [crypto/rsa.ErrDecryption].
//
// The error is [ErrPrivate] if the key is public, and [ErrUnsupported] if keys of its kind do not
// sign or it is symmetric.
func (k *Key) Signer() (crypto.Signer, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.ops&OpSign == 0 {
		return nil, errorf(ErrUnsupported, "%s keys have no crypto.Signer", k.kind.name())
	}
	return As[crypto.Signer](k)
}

// Secret returns a copy of the octets of a symmetric key. The error is [ErrUnsupported] for a key
// of another type.
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

// typeOf returns the name of the type of a value, or "nil".
func typeOf(value any) string {
	if value == nil {
		return "nil"
	}
	return fmt.Sprintf("%T", value)
}
