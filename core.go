//go:build jwk_core

package jwk

import (
	"crypto"
	"fmt"
	"strings"
)

// The build tag jwk_core leaves out the kinds of keys that need packages outside the
// standard library. The table of kinds still has a row for each of them, so that errors can
// say why such a key is not supported.

var (
	secp256k1Kind = leftOut("secp256k1.", kindSecp256k1)
	ed448Kind     = leftOut("ed448.", kindEd448)
	x448Kind      = leftOut("jwk.X448", kindX448)
)

func x448Public(*X448PrivateKey) crypto.PublicKey { return nil }

func x448Shared(*X448PrivateKey, *X448PublicKey) (none [size448]byte, err error) {
	return none, x448Kind.errLeftOut()
}

func generateSecp256k1() (any, error) { return nil, secp256k1Kind.errLeftOut() }
func generateEd448() (any, error)     { return nil, ed448Kind.errLeftOut() }
func generateX448() (any, error)      { return nil, x448Kind.errLeftOut() }

func secp256k1FromPKCS8(k *kind, _ *writer, _ privateKeyInfo) error { return k.errLeftOut() }
func ed448FromPKCS8(k *kind, _ *writer, _ privateKeyInfo) error     { return k.errLeftOut() }
func x448FromPKCS8(k *kind, _ *writer, _ privateKeyInfo) error      { return k.errLeftOut() }

// leftOut returns the row of a kind that is left out. It reads no key, and takes no Go value
// of a type whose name begins with types.
func leftOut(types string, k kind) kindRow {
	return kindRow{
		kind: k,
		read: func(k *kind, m *members, _ limits) (material, error) {
			place := mKty
			if k.crv != "" {
				place = mCrv
			}
			return nil, m.errorf(place, ErrUnsupported, leftOutText, k.name())
		},
		write: func(k *kind, _ *writer, key any) (bool, error) {
			if name := strings.TrimPrefix(fmt.Sprintf("%T", key), "*"); strings.HasPrefix(name, types) {
				return true, k.errLeftOut()
			}
			return false, nil
		},
	}
}

const leftOutText = "%s keys, which the build tag jwk_core leaves out of this program"

func (k *kind) errLeftOut() error { return errorf(ErrUnsupported, leftOutText, k.name()) }
