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

// The floor is the least work of every parser of keys: to find every quote in the text, to decode
// every member that must be decoded, and to make the Go keys with the standard library. It does
// not read JSON: it gets the places of the members. It makes no checks except those of the
// functions that it calls.

// A floorKey is a key and the texts of its members.
type floorKey struct {
	kind    kind
	private bool
	text    [][]byte // n, e, or x, y, or x; then d, or x5t
	chain   [][]byte // x5c
}

const floorSet = "points on their curves: finds quotes, decodes base64, makes the Go keys"

var floorLibrary = library{
	name: "floor",
	kind: reference,
	checks: map[ability]string{
		parseRSA:          "nothing: finds quotes, decodes base64, makes the Go key",
		parseEC:           "that the point is on the curve: finds quotes, decodes base64, makes the Go key",
		parseOKP:          "nothing: finds quotes, decodes base64, makes the Go key",
		parseRSAPrivate:   "what crypto/rsa's Precompute checks; nothing else is done, not even base64",
		parseECPrivate:    "what crypto/ecdsa's ParseRawPrivateKey checks, which computes the public key",
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
		// This is large enough for the longest certificate.
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

// sink keeps the compiler from removing a result or putting it on the stack.
//
//lint:ignore U1000 it is only written to
var sink any

// precompute does the work of crypto/rsa that checks and prepares a private key with all members.
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

// quotes counts the quotes in text one by one, as a parser finds them.
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

// floorRoom is the size of a point: two coordinates and a tag.
const floorRoom = 128

// goKey makes the Go key. buf must have the length of the longest member, plus floorRoom.
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
