package jwk

import (
	"crypto"
	"iter"
	"slices"
)

// Symmetric keys, RFC 7518, Section 6.4. All of such a key is secret.

var octKind = kind{
	kty:          Oct,
	private:      setOf(mK),
	ops:          allOps,
	read:         readOct,
	write:        writeOct,
	privateForms: []any{[]byte(nil)},
}

type octKey struct {
	k      string // base64url
	secret []byte
}

func readOct(_ *kind, m *members, _ limits) (material, error) {
	text, secret, err := m.encoded(mK)
	if err != nil {
		return nil, err
	}
	return &octKey{text, slices.Clone(secret)}, nil
}

func writeOct(_ *kind, w *writer, key any) (bool, error) {
	secret, ok := key.([]byte)
	if !ok {
		return false, nil
	}
	w.str("kty", string(Oct))
	w.octets("k", secret)
	return true, nil
}

func (k *octKey) bits() int                  { return 8 * len(k.secret) }
func (k *octKey) public() crypto.PublicKey   { return nil }
func (k *octKey) private() crypto.PrivateKey { return slices.Clone(k.secret) }

func (k *octKey) views() iter.Seq[any] {
	return func(yield func(any) bool) { yield(slices.Clone(k.secret)) }
}

func (k *octKey) canonical() [canonicalParts]string {
	return [...]string{`{"k":"`, k.k, `","kty":"oct"}`, "", ""}
}

func (k *octKey) certified(*publicKeyInfo) bool { return false }
