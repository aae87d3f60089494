package jwk

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"reflect"
)

// Keys whose private half is held elsewhere: in a KMS, an HSM, a TPM or an agent. The
// program has a crypto.Signer or crypto.Decrypter that sends each operation to the holder.

// heldKey is the material of such a key: the material of the public half, and the holder
// of the private one. It is where reflection does not follow (see keyState), because the
// holder may have a PIN or a token in it.
type heldKey struct {
	material
	holder any    // crypto.Signer, crypto.Decrypter or both
	half   string // the JSON text of the public half, whose key_ops are those of a verifier or a sender
}

func (k *heldKey) moved(m *members) material { return &heldKey{k.material.moved(m), k.holder, ""} }

func (k *heldKey) published() string { return k.half }

// publishHalf sets what is published of a new key whose private half is held elsewhere.
func publishHalf(k *Key) error {
	half, err := k.Public()
	if err != nil {
		return err
	}
	k.material().(*heldKey).half = half.text()
	return nil
}

// ops returns the private operations that the holder does.
func (k *heldKey) ops() (ops Ops) {
	if _, ok := k.holder.(crypto.Signer); ok {
		ops |= OpSign
	}
	if _, ok := k.holder.(crypto.Decrypter); ok {
		ops |= OpDecrypt | OpUnwrapKey
	}
	return ops
}

// newHeld makes a key of what holds a private half. It reports false for a value that
// does not.
func newHeld(holder any, attrs *Attributes) (k *Key, ok bool, err error) {
	h, ok := holder.(interface{ Public() crypto.PublicKey })
	held := (&heldKey{holder: holder}).ops()
	if !ok || held == 0 {
		return nil, false, nil
	}
	if v := reflect.ValueOf(holder); v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, true, errorf(ErrInvalid, "a nil %T, want one with a private key", holder)
		}
		if v.Elem().Kind() == reflect.Slice {
			return nil, false, nil // such as *ed25519.PrivateKey, which has the methods of the key
		}
	}
	public := h.Public()
	for _, row := range kinds {
		var w writer
		mine, err := row.write(&row.kind, &w, public)
		if err != nil {
			return nil, true, errorf(kindOfError(err), "Public() of %T returns a %T that is not a key: %s", holder, public, textOf(err.(*Error).Err))
		}
		if !mine {
			continue
		}
		if row.kty != RSA { // nothing decrypts with another one by a crypto.Decrypter
			held &^= OpDecrypt | OpUnwrapKey
		}
		if held &= row.ops; held == 0 {
			return nil, true, errorf(ErrUnsupported, "Public() of %T returns a key of type %s, which does not do what a %s is for", holder, row.name(), holderKind(holder))
		}
		k, err := new(Parser).compose(&w, &row.kind, attrs)
		if err != nil {
			return nil, true, err
		}
		if k.private {
			break // such as a []byte
		}
		holdFor(k.key, holder, held)
		if err := publishHalf(k); err != nil {
			return nil, true, err
		}
		return k, true, nil
	}
	return nil, true, errorf(ErrUnsupported, "Public() of %T returns %s, want a public key that New takes, such as *rsa.PublicKey", holder, typeOf(public))
}

// holdFor adds a holder to a new public key.
func holdFor(k *key, holder any, ops Ops) {
	k.held = ops
	if secret := k.secret.Load(); secret != nil { // it hides private members
		k.secret.Store(&secretPart{secret.text, &heldKey{secret.material, holder, ""}})
		return
	}
	state := k.state()
	state.material = &heldKey{state.material, holder, ""}
}

func holderKind(holder any) string {
	if _, ok := holder.(crypto.Signer); ok {
		return "crypto.Signer"
	}
	return "crypto.Decrypter"
}

// typeOf returns the name of the type of a value, "nil" for nil.
func typeOf(value any) string {
	if value == nil {
		return "nil"
	}
	return fmt.Sprintf("%T", value)
}

// kindOfError returns the kind of an error of this package.
func kindOfError(err error) error {
	for _, kind := range [...]error{ErrSyntax, ErrUnsupported, ErrPolicy} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return ErrInvalid
}

// A holderError is the failure of what holds a private half. Its text is the text of the
// holder's error in one line, cut to 200 bytes.
type holderError struct {
	kind error
	text string
	err  error
}

func (e *holderError) Error() string   { return e.text }
func (e *holderError) Unwrap() []error { return []error{e.kind, e.err} }

// publicMaterial returns the material of a key without what holds its private half
// elsewhere.
func publicMaterial(k *key) material {
	if held, ok := k.material().(*heldKey); ok {
		return held.material
	}
	return k.material()
}

// heldDecrypter returns what decrypts elsewhere for a key, nil if nothing does.
func heldDecrypter(k *key) crypto.Decrypter {
	held, ok := k.material().(*heldKey)
	if !ok {
		return nil
	}
	d, _ := held.holder.(crypto.Decrypter)
	return d
}

// decryptHeld decrypts a key that an algorithm of the RSA-OAEP family has encrypted. The
// text of its error is the same for every cause: senders could learn from the difference.
// Callers find the error of the holder with errors.As.
func decryptHeld(d crypto.Decrypter, alg Algorithm, encrypted []byte) ([]byte, error) {
	hash := crypto.SHA1
	switch alg {
	case RSAOAEP256:
		hash = crypto.SHA256
	case RSAOAEP384:
		hash = crypto.SHA384
	case RSAOAEP512:
		hash = crypto.SHA512
	}
	plain, err := d.Decrypt(rand.Reader, encrypted, &rsa.OAEPOptions{Hash: hash})
	if err != nil {
		return nil, &Error{Err: &holderError{ErrDecrypt, errDecrypt().(*Error).Err.Error(), err}}
	}
	return plain, nil
}
