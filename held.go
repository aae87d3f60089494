package jwk

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
)

// Keys whose private half is held elsewhere: in a KMS, an HSM, a TPM or an agent. The program has
// a crypto.Signer or crypto.Decrypter, here called the holder, that sends requests to it.

// A heldKey is the material of such a key: the material of the public half, and the holder. Keys
// have it in keyState, where reflection does not see it, because the holder may have a PIN or a
// token in it.
type heldKey struct {
	material
	holder any    // crypto.Signer, crypto.Decrypter or both
	half   string // the output of MarshalJSON: the text of Public(), with verify instead of sign in key_ops
}

func (k *heldKey) boundTo(m *members) material { return &heldKey{k.material.boundTo(m), k.holder, ""} }

func (k *heldKey) published() string { return k.half }

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

// holdFor adds a holder, which does the operations in ops, to a new public key.
func holdFor(k *key, holder any, ops Ops) {
	k.setHeld(ops)
	if secret := k.secret.Load(); secret != nil { // the key hides private members
		k.secret.Store(&secretPart{secret.text, &heldKey{secret.material, holder, ""}})
		return
	}
	state := k.state()
	state.material = &heldKey{state.material, holder, ""}
}

// setHeld sets the operations that the holder of the private half does.
func (k *key) setHeld(ops Ops) {
	t := *k.traits // a copy, because other keys may have the same traits
	t.held = ops
	k.traits = &t
}

// A holderError is the failure of a holder. errors.Is and errors.As find both the kind and the
// error of the holder.
type holderError struct {
	kind error
	text string
	err  error
}

func (e *holderError) Error() string   { return e.text }
func (e *holderError) Unwrap() []error { return []error{e.kind, e.err} }

// publicMaterial returns the material of a key without a holder.
func publicMaterial(k *key) material {
	if held, ok := k.material().(*heldKey); ok {
		return held.material
	}
	return k.material()
}

// heldDecrypter returns the holder of a key if it is a crypto.Decrypter, or nil.
func heldDecrypter(k *key) crypto.Decrypter {
	held, ok := k.material().(*heldKey)
	if !ok {
		return nil
	}
	d, _ := held.holder.(crypto.Decrypter)
	return d
}

// decryptHeld decrypts a key that was encrypted with an algorithm of the RSA-OAEP family. The
// text of its error is the same for every cause, because a sender could learn from a difference.
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
