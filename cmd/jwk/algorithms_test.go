package main

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// TestAlgorithmsComplete fails if package jwk has an algorithm that generate --list does not show.
func TestAlgorithmsComplete(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "testdata", "api.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var want []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if before, value, ok := strings.Cut(lines.Text(), ` Algorithm = "`); ok && strings.HasPrefix(before, "const ") {
			want = append(want, strings.TrimSuffix(value, `"`))
		}
	}
	if len(want) == 0 {
		t.Fatal("no algorithm in api.txt")
	}
	got := algorithmNames()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("algorithms: got %v, want %v", got, want)
	}
}

// TestAlgorithmsMade fails if generate --list says something else than what is made.
func TestAlgorithmsMade(t *testing.T) {
	for _, a := range algorithms {
		t.Run(string(a.Algorithm), func(t *testing.T) {
			k, err := jwk.Generate(a.Algorithm, nil)
			if err != nil {
				t.Fatal(err)
			}
			if k.Type() != a.Type || k.Use() != a.Use {
				t.Errorf("type and use: got %s and %s, want %s and %s", k.Type(), k.Use(), a.Type, a.Use)
			}
			if a.Bits != 0 && k.Bits() != a.Bits {
				t.Errorf("bits: got %d, want %d", k.Bits(), a.Bits)
			}
			if len(a.Curves) > 0 && k.Curve() != a.Curves[0] {
				t.Errorf("curve: got %s, want %s", k.Curve(), a.Curves[0])
			}
			for _, crv := range a.Curves {
				if k, err := jwk.Generate(a.Algorithm, &jwk.GenerateOptions{Curve: crv}); err != nil || k.Curve() != crv {
					t.Errorf("on %s: got %v, error %v", crv, k, err)
				}
			}
		})
	}
}

// TestAlgorithmsBits fails if generate --list says other limits of --bits than package jwk has. It
// makes no large RSA keys, because that takes long.
func TestAlgorithmsBits(t *testing.T) {
	for _, a := range algorithms {
		sizes := map[int]bool{a.MinBits - 8: false, a.MaxBits + 8: false}
		if a.Type == jwk.Oct {
			sizes[a.MinBits], sizes[a.MaxBits] = true, true
		}
		if a.MaxBits == 0 {
			sizes = map[int]bool{256: false}
		}
		for bits, want := range sizes {
			_, err := jwk.Generate(a.Algorithm, &jwk.GenerateOptions{Bits: bits})
			if got := err == nil; got != want {
				t.Errorf("%s with %d bits: got error %v, want success %t", a.Algorithm, bits, err, want)
			}
		}
	}
}
