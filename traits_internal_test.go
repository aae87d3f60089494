package jwk

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
)

// TestSharedTraits: if this fails, a key gets the traits of another key and answers the queries of
// that key, or the size of a secret makes Parse panic.
func TestSharedTraits(t *testing.T) {
	for _, bits := range []int{0, 128, 256, 2048, math.MaxInt32 / 31, math.MaxInt} {
		for _, alg := range []Algorithm{"", HS256, HS512, "unknown"} {
			for _, private := range []bool{false, true} {
				want := traits{kind: octKind.kind, bits: bits, alg: alg, spec: specOf(alg), private: private}
				for range 2 { // made first, and then shared
					if got := want.shared(); *got != want {
						t.Errorf("got %+v, want %+v", *got, want)
					}
				}
			}
		}
	}
}

// TestSharedTraitsHaveNoText: if this fails, the text of a document stays in memory because a name
// in it is not registered.
func TestSharedTraitsHaveNoText(t *testing.T) {
	for i, own := range []traits{
		{kind: octKind.kind, bits: 8, alg: Algorithm(fmt.Sprint("made up ", t.Name()))},
		{kind: octKind.kind, bits: 8, use: Use(fmt.Sprint("made up ", t.Name()))},
	} {
		if first, second := own.shared(), own.shared(); first == second {
			t.Errorf("%d: got shared traits for an unregistered name, want traits of its own for each key", i)
		}
	}
	registered := traits{kind: octKind.kind, bits: 8, alg: HS256, spec: specOf(HS256), use: UseSig}
	if first, second := registered.shared(), registered.shared(); first != second {
		t.Error("got two copies of traits with registered names, want one")
	}
}

// TestSharedTraitsKeepNoDocument: if this fails, the text of a private key stays in memory after the
// program has dropped the key, because traits that other keys share point into the text.
func TestSharedTraitsKeepNoDocument(t *testing.T) {
	const size = 8 << 20 // octets
	inUse := func() int64 {
		runtime.GC()
		runtime.GC() // the first one leaves what pools have
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	note := strings.Repeat("a", size)
	for _, members := range []string{`"use":""`, `"alg":""`, `"use":"","alg":""`, `"use":"sig","alg":"HS256"`, `"use":"x","alg":"x"`} {
		for i := range commonTraits {
			commonTraits[i].Store(nil)
		}
		before := inUse()
		k, err := Parse([]byte(`{"kty":"oct",` + members + `,"note":"` + note + `","k":"` + strings.Repeat("A", 43) + `"}`))
		if err != nil || k.Bits() != 256 {
			t.Fatalf("%s: got %v, %v, want a key of 256 bits", members, k, err)
		}
		if stays := inUse() - before; stays > size/2 {
			t.Errorf("%s: got %d octets in use after the key was dropped, want the text of %d gone", members, stays, size)
		}
	}
}
