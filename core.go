//go:build jwk_core

package jwk

import (
	"crypto"
	"fmt"
	"strings"
)

// The build tag jwk_core leaves out the kinds of key that need packages outside the standard
// library. They keep their rows in the table of kinds, so that errors can say why a key is not
// supported.

var (
	secp256k1Kind = leftOut("secp256k1.", kindSecp256k1)
	ed448Kind     = leftOut("ed448.", kindEd448)
	x448Kind      = leftOut("jwk.X448", kindX448)
)

func generateSecp256k1() (any, error) { return nil, secp256k1Kind.errLeftOut() }
func generateEd448() (any, error)     { return nil, ed448Kind.errLeftOut() }
func generateX448() (any, error)      { return nil, x448Kind.errLeftOut() }

// Public returns nil, because the build tag jwk_core leaves out Curve448.
func (k X448PrivateKey) Public() crypto.PublicKey { return nil }

// ECDH returns [ErrUnsupported], because the build tag jwk_core leaves out Curve448.
func (k X448PrivateKey) ECDH(X448PublicKey) ([]byte, error) { return nil, x448Kind.errLeftOut() }

// leftOut returns the row of a kind that is left out. The names of its Go types begin with
// types.
func leftOut(types string, k *kind) *kindRow {
	return &kindRow{kind: k, family: leftOutFamily{types, k}}
}

// A leftOutFamily refuses every key of a kind that is left out, and every Go value whose type
// name begins with types, after the star of a pointer if it has one.
type leftOutFamily struct {
	types string
	kind  *kind
}

func (leftOutFamily) read(k *kind, m *members, _ limits) (material, error) {
	selector, _ := k.selector()
	return nil, m.errorf(selector, ErrUnsupported, leftOutText, k.name()+" keys")
}

func (f leftOutFamily) write(_ *kind, _ *writer, key any) (bool, error) {
	name := fmt.Sprintf("%T", key)
	if strings.HasPrefix(strings.TrimPrefix(name, "*"), f.types) {
		return true, errorf(ErrUnsupported, leftOutText, "Go type "+name)
	}
	return false, nil
}

func (f leftOutFamily) derive([]byte) ([]byte, error) { return nil, f.kind.errLeftOut() }

const leftOutText = "%s, which the build tag jwk_core leaves out of this program"

func (k *kind) errLeftOut() error { return errorf(ErrUnsupported, leftOutText, k.name()+" keys") }
