package jwk

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// The public half of a key. See private.go for the material that must not get out. Set.Public is
// in jwks.go, because sets stand above keys.

// Public returns the public half of the key, without everything that may be secret. It keeps
// the public material, kty, use, key_ops, alg, kid, x5u, x5c, x5t, x5t#S256, iat, nbf and exp,
// and drops all other members.
//
// In key_ops, sign becomes verify, decrypt becomes encrypt, and unwrapKey becomes wrapKey.
// deriveKey and deriveBits are dropped. If no operation remains, key_ops is left out.
//
// The error is [ErrPrivate] for a symmetric key, because all of it is secret. If the private half
// is held elsewhere, the result is a public key without the holder.
func (k *Key) Public() (*Key, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	if k.kind.public == 0 {
		return nil, errorf(ErrPrivate, "%s keys have no public half", k.kind.name())
	}
	publishable := k.kind.public | attributeMembers | 1<<mKty
	w := newWriter()
	defer w.release()
	for name, value := range eachMember(k.text()) {
		id, known := memberOf(name)
		if !known || publishable&(1<<id) == 0 {
			continue
		}
		switch id {
		case mKeyOps:
			if ops, changed := publicOps(value); changed {
				if len(ops) > 0 {
					w.strs(name, ops)
				}
				continue
			}
		case mIat, mNbf, mExp:
			if numericDate(jsontext.Value(value)).IsZero() {
				continue // a value that is not a time may be a secret
			}
		}
		w.raw(name, value)
	}
	text, err := w.done()
	if err != nil {
		return nil, err
	}
	half, err := k.reusingParser(publicMaterial(k.key), k.useAtOdds()).accept(text, "")
	if err != nil {
		return nil, err
	}
	keepThumbprint(half.key, k.key)
	return half, nil
}

// publicOps returns the key_ops of a public half, given the text of key_ops. changed is false if
// they are the same, as for an empty array.
func publicOps(value string) (ops []string, changed bool) {
	for _, name := range stringsIn(jsontext.Value(value)) {
		public := name
		if op := opOf(name); op != 0 {
			public = op.public().String()
		}
		changed = changed || public != name
		if public != "" && !slices.Contains(ops, public) {
			ops = append(ops, public)
		}
	}
	return ops, changed
}

// public returns the operations of a public half, given the operations of its private key. The
// operations of key agreement have no public counterpart.
func (o Ops) public() Ops {
	public := o & (OpVerify | OpEncrypt | OpWrapKey)
	for _, pair := range [...]struct{ private, public Ops }{
		{OpSign, OpVerify}, {OpDecrypt, OpEncrypt}, {OpUnwrapKey, OpWrapKey},
	} {
		if o&pair.private != 0 {
			public |= pair.public
		}
	}
	return public
}

// publishHalf sets the text that MarshalJSON writes for a new key whose private half is held
// elsewhere.
func publishHalf(k *Key) error {
	half, err := k.Public()
	if err != nil {
		return err
	}
	k.material().(*heldKey).half = half.text()
	return nil
}
