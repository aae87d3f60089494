package jwk

import (
	"crypto"
	"crypto/rand"
	"iter"
	"slices"
)

// Symmetric keys: RFC 7518, Section 6.4. The whole key is secret.

var octKind = &kindRow{
	kind: &kind{
		kty:     Oct,
		private: 1 << mK,
		ops:     allOps,
		noDER:   true,
	},
	family: octFamily{},
}

type octFamily struct{}

type octKey struct {
	k      string // base64url
	secret []byte
}

func (octFamily) read(_ *kind, m *members, _ limits) (material, error) {
	text, secret, err := m.encoded(mK)
	if err != nil {
		return nil, err
	}
	return newOctKey(m, text, slices.Clone(secret)), nil
}

func newOctKey(m *members, text string, secret []byte) *octKey {
	k := newMaterial[octKey](m)
	k.k, k.secret = text, secret
	return k
}

func (octFamily) write(_ *kind, w *writer, key any) (bool, error) {
	secret, ok := key.([]byte)
	if !ok {
		return false, nil
	}
	w.str("kty", string(Oct))
	w.octets("k", secret)
	return true, nil
}

// The sizes of generated secrets, in bits. Shorter secrets can be guessed. Longer secrets gain
// nothing, because HMAC hashes them first.
const minOctBits, maxOctBits = 128, 8192

func generateOct(bits int) (any, error) {
	if bits < minOctBits || bits > maxOctBits || bits%8 != 0 {
		return nil, errorf(ErrPolicy, "Bits is %d, want a multiple of 8 from %d to %d", bits, minOctBits, maxOctBits)
	}
	secret := make([]byte, bits/8)
	rand.Read(secret) // never fails
	return secret, nil
}

func (k *octKey) bits() int                  { return 8 * len(k.secret) }
func (k *octKey) public() crypto.PublicKey   { return nil }
func (k *octKey) private() crypto.PrivateKey { return slices.Clone(k.secret) }

func (k *octKey) boundTo(m *members) material { return newOctKey(m, m.text(mK), k.secret) }

func (k *octKey) forms() iter.Seq[any] { return noForms }

func (k *octKey) canonical() (a, b, c, d string) {
	return `{"k":"`, k.k, `","kty":"oct`, ""
}

func (k *octKey) certified(*publicKeyInfo) bool { return false }
func (k *octKey) spki() publicKeyInfo           { return publicKeyInfo{} }
func (k *octKey) pkcs8() privateKeyInfo         { return privateKeyInfo{} }
