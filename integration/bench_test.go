package integration

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// mixedSet returns the text of a set of n public keys: RSA-2048, P-256 and Ed25519 in turn. The
// RSA moduli are random odd numbers, because no library checks more.
func mixedSet(tb testing.TB, n int) []byte {
	tb.Helper()
	var keys []*jwk.Key
	for i := range n {
		attr := jwk.Attributes{KeyID: fmt.Sprintf("key-%d", i), Use: jwk.UseSig}
		var public any
		switch i % 3 {
		case 0:
			octets := make([]byte, 256)
			rand.Read(octets)
			octets[0] |= 0x80
			octets[255] |= 1
			public, attr.Algorithm = &rsa.PublicKey{N: new(big.Int).SetBytes(octets), E: 65537}, jwk.RS256
		case 1:
			priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				tb.Fatal(err)
			}
			public, attr.Algorithm = &priv.PublicKey, jwk.ES256
		default:
			x, _, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				tb.Fatal(err)
			}
			public, attr.Algorithm = x, jwk.EdDSA
		}
		k, err := jwk.New(public, &attr)
		if err != nil {
			tb.Fatal(err)
		}
		keys = append(keys, k)
	}
	text, err := jwk.NewSet(keys...).MarshalJSON()
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// These benchmarks run with Go 1.26. The module bench has all other comparisons, but it needs
// Go 1.27 for jwx v4.

func BenchmarkParse(b *testing.B) {
	s, err := jwk.ParseSet(mixedSet(b, 3))
	if err != nil {
		b.Fatal(err)
	}
	for k := range s.All() {
		text, err := k.MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		for _, l := range libraries {
			b.Run(fmt.Sprintf("%s/%s", k.Algorithm(), l.name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if _, err := l.parse(text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkParseSet(b *testing.B) {
	for _, n := range []int{3, 100} {
		text := mixedSet(b, n)
		for _, l := range libraries {
			b.Run(fmt.Sprintf("%d/%s", n, l.name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if keys, err := l.set(text); err != nil || keys != n {
						b.Fatal(keys, err)
					}
				}
			})
		}
	}
}
