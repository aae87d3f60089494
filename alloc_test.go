//go:build !race

package jwk_test

import (
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"filippo.io/mldsa"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// The documentation promises numbers of allocations. These tests do not run with the race
// detector, because it allocates too.

// checkAllocs checks that f makes at most a number of allocations. The first call of f is not
// counted.
func checkAllocs(t *testing.T, what string, most float64, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(100, f); got > most {
		t.Errorf("%s: got %v allocations, want at most %v", what, got, most)
	}
}

// TestAllocsOfAsking: if this fails, a service that looks up a key for each request puts load on
// the garbage collector.
func TestAllocsOfAsking(t *testing.T) {
	for _, n := range []int{3, 300} { // without and with an index
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := parsedSet(t, new(jwk.Parser), setOf(mixedEntries(t, n)...))
			last := fmt.Sprintf("key-%d", n-1)
			k, ok := s.Lookup(last)
			if !ok {
				t.Fatalf("no key %s", last)
			}
			checkAllocs(t, "Lookup, hit", 0, func() { s.Lookup(last) })
			checkAllocs(t, "Lookup, miss", 0, func() { s.Lookup("key-x") })

			thumb := k.Thumbprint()
			s.LookupThumbprint(thumb) // builds the index
			checkAllocs(t, "LookupThumbprint, hit", 0, func() { s.LookupThumbprint(thumb) })
			checkAllocs(t, "LookupThumbprint, miss", 0, func() { s.LookupThumbprint(jwk.Thumbprint{}) })

			found := 0
			for _, q := range []jwk.Query{
				{}, {KeyID: last}, {KeyID: "key-x"}, {Use: jwk.UseSig}, {Use: jwk.UseEnc}, {Ops: jwk.OpVerify},
				{Algorithm: jwk.ES256}, {Algorithm: jwk.Ed25519, Ops: jwk.OpVerify, Type: jwk.OKP}, {Private: true},
			} {
				for range s.Select(q) { // builds the classes of keys
				}
				checkAllocs(t, fmt.Sprintf("Select(%+v)", q), 0, func() {
					for range s.Select(q) {
						found++
					}
				})
			}
			if found == 0 {
				t.Error("Select: got no key for any query, want some")
			}
			ctx := context.Background()
			checkAllocs(t, "Find", 0, func() { s.Find(ctx, jwk.Query{KeyID: last, Algorithm: jwk.EdDSA}) })
			checkAllocs(t, "FindAll", 1, func() { s.FindAll(ctx, jwk.Query{Algorithm: jwk.EdDSA}) })
			checkAllocs(t, "FindAll of one", 1, func() { s.FindAll(ctx, jwk.Query{KeyID: last, Algorithm: jwk.EdDSA}) })
			sources := jwk.Sources(s, jwk.NewSet())
			checkAllocs(t, "Find of Sources", 0, func() { sources.Find(ctx, jwk.Query{KeyID: last, Algorithm: jwk.EdDSA}) })
			checkAllocs(t, "FindAll of Sources", 1, func() { sources.FindAll(ctx, jwk.Query{Algorithm: jwk.EdDSA}) })
			checkAllocs(t, "Algorithms", 0, func() {
				for range k.Algorithms() {
					found++
				}
			})
			checkAllocs(t, "All", 0, func() {
				for range s.All() {
					found++
				}
			})
		})
	}
}

// TestAllocsOfMiss: a peer chooses the kid of a token. If this fails, tokens with an unknown kid
// cost more memory the more entries of the set were skipped, or the larger these entries are.
func TestAllocsOfMiss(t *testing.T) {
	var few, many []string
	for i := range 10_000 {
		many = append(many, fmt.Sprintf(`{"kty":"X","kid":"%d","a":"%0200d"}`, i, i))
	}
	few = many[:2]
	for _, kid := range []string{"1", "missed"} {
		var most float64
		for _, entries := range [][]string{few, many} {
			s := parsedSet(t, new(jwk.Parser), setOf(entries...))
			q := jwk.Query{KeyID: kid, Algorithm: jwk.ES256}
			s.Find(t.Context(), q) // builds the index
			if most == 0 {
				most = testing.AllocsPerRun(100, func() { s.Find(t.Context(), q) })
			}
			checkAllocs(t, fmt.Sprintf("Find of kid %s, %d skipped", kid, len(entries)), most, func() { s.Find(t.Context(), q) })
			if most > 4 {
				t.Errorf("kid %s: got %v allocations, want at most 4", kid, most)
			}
		}
	}

	large := parsedSet(t, new(jwk.Parser), setOf(`{"kty":"X","kid":"1","a":"`+strings.Repeat("a", 1<<20)+`"}`))
	for _, q := range []jwk.Query{{KeyID: "1"}, {KeyID: "2"}, {Algorithm: jwk.ES256}} {
		large.Find(t.Context(), q)
		const runs = 100
		octets := measure(func() {
			for range runs {
				large.Find(t.Context(), q)
			}
		}).octets
		if octets > runs<<10 {
			t.Errorf("%v: got %d octets allocated for each miss, want at most 1024", q, octets/runs)
		}
	}
}

// TestAllocsOfThumbprint: if this fails, a thumbprint is computed on the heap, or computed again
// on later calls.
func TestAllocsOfThumbprint(t *testing.T) {
	for _, name := range fixtureNames {
		o := public(t, name)
		if name == "oct-256" {
			o = fixture(t, name)
		}
		t.Run(name, func(t *testing.T) { checkThumbprintAllocs(t, o) })
	}
	// The largest key that a Parser accepts by default is hashed on the stack too.
	n := new(big.Int).Lsh(big.NewInt(1), 8191)
	n.Add(n, big.NewInt(27))
	largest := public(t, "RSA-2048").with("n", encoded(n.Bytes()))
	t.Run("RSA-8192", func(t *testing.T) { checkThumbprintAllocs(t, largest) })
}

// checkThumbprintAllocs checks that neither the first Thumbprint call nor a later one allocates.
func checkThumbprintAllocs(t *testing.T, o object) {
	t.Helper()
	const runs = 100
	fresh := make([]*jwk.Key, runs+1) // AllocsPerRun makes one more call, which it does not count
	for i := range fresh {
		fresh[i] = o.key(t)
	}
	next := 0
	if got := testing.AllocsPerRun(runs, func() {
		fresh[next].Thumbprint()
		next++
	}); got != 0 {
		t.Errorf("first call: got %v allocations, want 0", got)
	}
	checkAllocs(t, "later calls", 0, func() { fresh[0].Thumbprint() })
}

// TestAllocsOfPublicKey: if this fails, a service that verifies a token with a key allocates a
// new Go key each time.
func TestAllocsOfPublicKey(t *testing.T) {
	for _, name := range fixtureNames {
		o := fixture(t, name)
		k := o.key(t)
		var sink crypto.PublicKey
		checkAllocs(t, name+" private", 0, func() { sink = k.PublicKey() })
		if name != "oct-256" {
			k = public(t, name).key(t)
			checkAllocs(t, name+" public", 0, func() { sink = k.PublicKey() })
		}
		_ = sink
	}
}

// countAs checks that As[T] makes at most a number of allocations. The key must have the type T.
func countAs[T any](t *testing.T, k *jwk.Key, most float64) {
	t.Helper()
	if _, err := jwk.As[T](k); err != nil { // builds the Go public key
		t.Fatal(err)
	}
	var sink T
	checkAllocs(t, fmt.Sprintf("As[%T]", (*T)(nil)), most, func() { sink, _ = jwk.As[T](k) })
	_ = sink
}

// TestAllocsOfAs: if this fails, As builds a new Go key each time instead of returning the one
// that the key holds.
func TestAllocsOfAs(t *testing.T) {
	private := func(name string) *jwk.Key { return fixture(t, name).key(t) }
	half := func(name string) *jwk.Key { return public(t, name).key(t) }
	for _, k := range []*jwk.Key{private("RSA-2048"), half("RSA-2048")} {
		countAs[*rsa.PublicKey](t, k, 0)
		countAs[crypto.PublicKey](t, k, 0)
		countAs[any](t, k, 0)
	}
	countAs[*rsa.PrivateKey](t, private("RSA-2048"), 0)
	countAs[crypto.PrivateKey](t, private("RSA-2048"), 0)
	countAs[crypto.Signer](t, private("RSA-2048"), 0)
	countAs[crypto.Decrypter](t, private("RSA-2048"), 0)
	for _, k := range []*jwk.Key{private("P-256"), half("P-256")} {
		countAs[*ecdsa.PublicKey](t, k, 0)
		countAs[crypto.PublicKey](t, k, 0)
	}
	countAs[*ecdsa.PrivateKey](t, private("P-256"), 0)
	countAs[crypto.Signer](t, private("P-256"), 0)
	for _, k := range []*jwk.Key{private("Ed25519"), half("Ed25519")} {
		countAs[ed25519.PublicKey](t, k, 0)
	}
	countAs[ed25519.PrivateKey](t, private("Ed25519"), 0)
	countAs[crypto.Signer](t, private("Ed25519"), 0)
	countAs[*ecdh.PrivateKey](t, private("X25519"), 0)
	countAs[*ecdh.PublicKey](t, half("X25519"), 0)
	countAs[*secp256k1.PublicKey](t, half("secp256k1"), 0)
	countAs[*secp256k1.PrivateKey](t, private("secp256k1"), 0)
	countAs[ed448.PublicKey](t, half("Ed448"), 0)
	countAs[ed448.PrivateKey](t, private("Ed448"), 0)
	countAs[jwk.X448PublicKey](t, half("X448"), 0)
	countAs[jwk.X448PrivateKey](t, private("X448"), 0)
	countAs[*mldsa.PublicKey](t, half("ML-DSA-44"), 0)
	countAs[*mldsa.PrivateKey](t, private("ML-DSA-44"), 0)
	held := heldKey(t, newVault(t, "RSA-2048"), nil)
	countAs[crypto.Signer](t, held, 0)
	countAs[*vault](t, held, 0)
	countAs[*rsa.PublicKey](t, held, 0)
	// One allocation for the copy of the secret, and one for the slice in an interface.
	countAs[[]byte](t, private("oct-256"), 2)
}

// TestAllocsOfParse: if this fails, parsing got slower and a set takes more memory. The limits
// count what a parsed key consists of. The parser takes its working memory from a pool.
func TestAllocsOfParse(t *testing.T) {
	for _, tt := range []struct {
		name string
		most float64
	}{
		// One for the copy of the text, and one for the key with its state and its material,
		// whose members alias the text.
		{"RSA-2048", 2},
		{"RSA-3072", 2},
		{"Ed25519", 2},
		{"X25519", 2},
		{"Ed448", 2},
		{"X448", 2},
		{"ML-DSA-44", 2},
		{"ML-DSA-87", 2},
		// The same, and the Go key. crypto/ecdsa creates it to decode the point, and the
		// parser keeps it.
		{"P-256", 2 + pointAllocs(t)},
		// The same, and one for the Go key.
		{"secp256k1", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := public(t, tt.name).with("kid", "a", "use", keyKinds[tt.name].use).json(t)
			checkAllocs(t, "Parse", tt.most, func() {
				if _, err := jwk.Parse(text); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
	t.Run("set", func(t *testing.T) {
		const keys = 100
		text := []byte(setOf(mixedEntries(t, keys)...))
		// Each key takes one allocation. A third of the keys decode a point, which takes
		// seven. All keys share one copy of the text. The set, its list of keys and its
		// map of kids take about 10.
		checkAllocs(t, "ParseSet", 3.5*keys, func() {
			if s, err := jwk.ParseSet(text); err != nil || s.Len() != keys {
				t.Fatalf("got %v, %v, want %d keys", s, err, keys)
			}
		})
	})
}

// pointAllocs returns the number of allocations that the standard library makes to decode a
// point of P-256: for the key, its coordinates, the point and its field elements.
func pointAllocs(t testing.TB) float64 {
	pub, err := jwk.As[*ecdsa.PublicKey](public(t, "P-256").key(t))
	if err != nil {
		t.Fatal(err)
	}
	point, err := pub.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return testing.AllocsPerRun(100, func() {
		if _, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point); err != nil {
			t.Fatal(err)
		}
	})
}
