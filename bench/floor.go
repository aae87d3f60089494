package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
)

// The floor does only the work that every parser of keys must do: it finds every quote in the
// text, decodes every member in base64, and makes the Go keys with the standard library. It
// does not read JSON, because it gets the members from the input. It checks only what these
// functions check.

// A floorKey is a key with its members, still encoded.
type floorKey struct {
	kind    kind
	private bool
	text    [][]byte // n and e, x and y, or x; then d, or x5t
	chain   [][]byte // x5c
}

const floorSet = "points on their curves: finds quotes, decodes base64, makes the Go keys"

var floorLibrary = library{
	name: "floor",
	kind: reference,
	checks: map[ability]string{
		parseRSA:          "nothing: finds quotes, decodes base64, makes the Go key",
		parseEC:           "point on the curve: finds quotes, decodes base64, makes the Go key",
		parseOKP:          "nothing: finds quotes, decodes base64, makes the Go key",
		parseRSAPrivate:   "the checks of crypto/rsa's Precompute; no other work, not even base64",
		parseECPrivate:    "the checks of crypto/ecdsa's ParseRawPrivateKey, which computes the public key",
		parseOKPPrivate:   "nothing: ed25519.NewKeyFromSeed computes the public key",
		parseSet:          floorSet,
		parseNarrowSet:    floorSet,
		parseSetAndKeys:   floorSet,
		parseCertificates: "nothing: finds quotes, decodes base64 (certificates too), makes the Go keys",
	},
	enter: func(does ability, in *input) (work, error) {
		if does == parseRSAPrivate {
			return precompute(in.keys[0].goKey.(*rsa.PrivateKey)), nil
		}
		// The buffer must hold the longest certificate.
		longest := 0
		for _, k := range in.keys {
			for _, text := range append(k.members.chain, k.members.text...) {
				longest = max(longest, len(text))
			}
		}
		buf := make([]byte, longest+floorRoom)
		for _, k := range in.keys {
			made, err := k.members.goKey(buf)
			if err != nil {
				return work{}, err
			}
			if err := sameKey(made, k.goKey); err != nil {
				return work{}, err
			}
		}
		members := make([]floorKey, len(in.keys))
		for i := range in.keys {
			members[i] = in.keys[i].members
		}
		return work{loop: func(n int) {
			for range n {
				if quotes(in.text) == 0 {
					wrong("no quotes")
				}
				for i := range members {
					k, err := members[i].goKey(buf)
					if err != nil {
						panic(err)
					}
					sink = k
				}
			}
		}}, nil
	},
}

// sink keeps the compiler from removing results or putting them on the stack.
//
//lint:ignore U1000 the loops only write to it
var sink any

// precompute returns the work of crypto/rsa that checks and prepares a private key with all
// members.
func precompute(priv *rsa.PrivateKey) work {
	crt := priv.Precomputed
	return work{loop: func(n int) {
		for range n {
			k := &rsa.PrivateKey{
				PublicKey:   priv.PublicKey,
				D:           priv.D,
				Primes:      priv.Primes,
				Precomputed: rsa.PrecomputedValues{Dp: crt.Dp, Dq: crt.Dq, Qinv: crt.Qinv},
			}
			k.Precompute()
			sink = k
		}
	}}
}

// quotes returns the number of quotes in text. It finds them one by one, as a parser does.
func quotes(text []byte) int {
	n := 0
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			return n
		}
		text = text[i+1:]
		n++
	}
}

// floorRoom is the size of a buffer in octets for the tag and the two coordinates of a point.
const floorRoom = 128

// goKey returns the Go key. buf must have floorRoom octets more than the longest member.
func (k *floorKey) goKey(buf []byte) (any, error) {
	var failed error
	decode := func(dst, text []byte) []byte {
		n, err := base64.RawURLEncoding.Decode(dst, text)
		if err != nil {
			failed = err
		}
		return dst[:n]
	}
	if len(k.chain) > 0 {
		for _, text := range k.chain {
			if _, err := base64.StdEncoding.Decode(buf, text); err != nil {
				return nil, err
			}
		}
		decode(buf, k.text[2]) // x5t
	}
	var made any
	switch k.kind {
	case rsa2048:
		n := new(big.Int).SetBytes(decode(buf, k.text[0]))
		e := 0
		for _, octet := range decode(buf, k.text[1]) {
			e = e<<8 | int(octet)
		}
		made = &rsa.PublicKey{N: n, E: e}
	case p256:
		buf[0] = 4
		x := decode(buf[1:], k.text[0])
		y := decode(buf[1+len(x):], k.text[1])
		if k.private {
			priv, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), decode(buf, k.text[2]))
			if err != nil {
				return nil, err
			}
			made = priv
			break
		}
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), buf[:1+len(x)+len(y)])
		if err != nil {
			return nil, err
		}
		made = pub
	case ed25519Kind:
		made = ed25519.PublicKey(decode(make([]byte, ed25519.PublicKeySize), k.text[0]))
		if k.private {
			made = ed25519.NewKeyFromSeed(decode(buf, k.text[1]))
		}
	default:
		panic("the floor knows no key of kind " + k.kind)
	}
	return made, failed
}
