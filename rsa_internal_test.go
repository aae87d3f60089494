package jwk

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"
)

// rocaM is the product of the primes up to 167, of which the moduli of
// CVE-2017-15361 are powers of 65537.
func rocaM() (m *big.Int, primes []int64) {
	m = big.NewInt(1)
	for p := int64(2); p <= 167; p++ {
		if big.NewInt(p).ProbablyPrime(0) { // exact below 2^64
			primes = append(primes, p)
			m.Mul(m, big.NewInt(p))
		}
	}
	return m, primes
}

// rocaModulus makes a modulus of two primes k*M + (65537^a mod M), whose k and
// a are in testdata.
func rocaModulus(t testing.TB) *big.Int {
	t.Helper()
	data, err := os.ReadFile("testdata/rsa.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ROCA []struct{ K, A string }
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.ROCA) != 2 {
		t.Fatalf("got %d primes, want 2", len(file.ROCA))
	}
	m, _ := rocaM()
	n := big.NewInt(1)
	for _, f := range file.ROCA {
		k, okK := new(big.Int).SetString(f.K, 16)
		a, okA := new(big.Int).SetString(f.A, 10)
		if !okK || !okA {
			t.Fatalf("malformed: %q", f)
		}
		p := new(big.Int).Mul(k, m)
		p.Add(p, new(big.Int).Exp(big.NewInt(65537), a, m))
		if !p.ProbablyPrime(1) {
			t.Fatalf("not a prime: %x", p)
		}
		n.Mul(n, p)
	}
	return n
}

// randomModuli yields odd numbers of 2048 bits, always the same.
func randomModuli(count int) []*big.Int {
	source := rand.NewChaCha8([32]byte{'m', 'o', 'd', 'u', 'l', 'i'})
	moduli := make([]*big.Int, count)
	for i := range moduli {
		octets := make([]byte, 256)
		source.Read(octets)
		octets[0] |= 0x80
		octets[255] |= 1
		moduli[i] = new(big.Int).SetBytes(octets)
	}
	return moduli
}

// passesPrefilter reports whether n is a power of 65537 modulo each of the
// primes that are tried first.
func passesPrefilter(n *big.Int) bool {
	for _, p := range rocaPrimes {
		if !isPower(new(big.Int).Mod(n, new(big.Int).SetUint64(p)).Uint64(), p) {
			return false
		}
	}
	return true
}

// congruent returns a 2048-bit number that is x modulo m.
func congruent(x, m *big.Int) *big.Int {
	n := randomModuli(1)[0]
	n.Sub(n, new(big.Int).Mod(n, m))
	return n.Add(n, x)
}

func TestROCARefusesPowers(t *testing.T) {
	m, _ := rocaM()
	if n := rocaModulus(t); !roca(n.Bytes()) || n.BitLen() != 2048 {
		t.Errorf("roca of two such primes, %d bits: got false, want true", n.BitLen())
	}
	for _, a := range []int64{0, 1, 2, 3, 4, 81, 83, 2454106387091158799, 2454106387091158800} {
		n := congruent(new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), m), m)
		// In all lengths, since octets are taken by nine, two digits.
		for range 9 {
			if !roca(n.Bytes()) {
				t.Errorf("roca of a number of %d bits that is 65537^%d modulo M: got false, want true", n.BitLen(), a)
			}
			n.Add(n, new(big.Int).Lsh(m, uint(n.BitLen()-m.BitLen()+8)))
		}
	}
}

// The sum of digits leaves the same remainder as the number, in all lengths.
func TestDigitSum(t *testing.T) {
	source := rand.NewChaCha8([32]byte{'d', 'i', 'g', 'i', 't', 's'})
	for size := range 1100 { // longer than the largest modulus that is accepted
		random := make([]byte, size)
		source.Read(random)
		for _, b := range [][]byte{random, bytes.Repeat([]byte{0xff}, size), bytes.Repeat([]byte{0}, size)} {
			sum := digitSum(b)
			n := new(big.Int).SetBytes(b)
			for _, p := range rocaPrimes[:rocaFirst] {
				want := new(big.Int).Mod(n, new(big.Int).SetUint64(p)).Uint64()
				if got := sum % p; got != want {
					t.Fatalf("%x modulo %d: got %d, want %d", b, p, got, want)
				}
			}
		}
	}
}

// The sieve is made of factors of M; the first of them divide 2^36-1 and pass
// one number in 288, all of them one in millions.
func TestROCASieve(t *testing.T) {
	m, _ := rocaM()
	passing := 1.0
	for i, p := range rocaPrimes {
		if new(big.Int).Mod(m, new(big.Int).SetUint64(p)).Sign() != 0 {
			t.Errorf("%d is no factor of M", p)
		}
		if got, want := (1<<36-1)%p == 0, i < rocaFirst; got != want {
			t.Errorf("%d divides 2^36-1: got %v, want %v", p, got, want)
		}
		powers := 0
		for x := range p {
			if x != 0 && isPower(x, p) {
				powers++
			}
		}
		passing *= float64(p-1) / float64(powers)
		if i == rocaFirst-1 && math.Round(passing) != 288 {
			t.Errorf("the first primes pass one number in %v, want one in 288", passing)
		}
	}
	if passing < 1e6 {
		t.Errorf("the sieve passes one number in %v, want one in millions", passing)
	}
}

func TestROCAPassesOthers(t *testing.T) {
	for i, n := range randomModuli(500) {
		if roca(n.Bytes()) {
			t.Errorf("roca of random number %d: got true, want false", i)
		}
	}
}

// Every sieve has false alarms. These are of its kind, and must pass in the end.
func TestROCAPrefilterIsConfirmed(t *testing.T) {
	m, primes := rocaM()
	// crt returns the number that is residues[i] modulo primes[i].
	crt := func(residue func(p int64) *big.Int) *big.Int {
		x := new(big.Int)
		for _, p := range primes {
			part := new(big.Int).Div(m, big.NewInt(p))
			part.Mul(part, new(big.Int).ModInverse(part, big.NewInt(p)))
			x.Add(x, part.Mul(part, residue(p)))
		}
		return x.Mod(x, m)
	}
	power := func(p, a int64) *big.Int {
		return new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), big.NewInt(p))
	}
	for _, tt := range []struct {
		name    string
		residue func(p int64) *big.Int
	}{
		{"a power modulo each prime, with exponents at odds", func(p int64) *big.Int { return power(p, p%7) }},
		{"1 except modulo 13, where it is 65537", func(p int64) *big.Int {
			if p == 13 {
				return power(p, 1)
			}
			return big.NewInt(1)
		}},
		{"1 except modulo 167, where it is 65537", func(p int64) *big.Int {
			if p == 167 {
				return power(p, 1)
			}
			return big.NewInt(1)
		}},
		{"a power modulo the primes that are tried, random modulo the others", func(p int64) *big.Int {
			for _, tried := range rocaPrimes {
				if uint64(p) == tried {
					return power(p, 5)
				}
			}
			return big.NewInt(1 + 5*p%(p-p/2))
		}},
		{"a multiple of 3", func(p int64) *big.Int {
			if p == 3 {
				return new(big.Int)
			}
			return big.NewInt(1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := congruent(crt(tt.residue), m)
			if !passesPrefilter(n) {
				t.Fatal("the prefilter finds this already")
			}
			if rocaConfirmed(n) {
				t.Error("rocaConfirmed: got true, want false")
			}
			if roca(n.Bytes()) {
				t.Error("roca: got true, want false")
			}
		})
	}
}

// The order of 65537 modulo M has thirteen prime factors. For each, an element
// whose order is a power of that one alone and that 65537 does not generate;
// where the group has no other subgroup of that order there is none.
func TestROCAConfirmsEachFactor(t *testing.T) {
	m, primes := rocaM()
	exponent := big.NewInt(1) // of the group
	for _, p := range primes {
		less := big.NewInt(p - 1)
		exponent.Div(new(big.Int).Mul(exponent, less), new(big.Int).GCD(nil, nil, exponent, less))
	}
	tested := 0
	for _, factor := range []int64{2, 3, 5, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83} {
		f := big.NewInt(factor)
		rest := new(big.Int).Set(exponent)
		order := big.NewInt(1) // the greatest power of f in the exponent
		for new(big.Int).Mod(rest, f).Sign() == 0 {
			rest.Div(rest, f)
			order.Mul(order, f)
		}
		// The powers of 65537 of such an order.
		generated := map[string]bool{}
		g := new(big.Int).Exp(big.NewInt(65537), rest, m)
		for i, x := int64(0), big.NewInt(1); i < order.Int64(); i++ {
			generated[x.String()] = true
			x = new(big.Int).Mod(new(big.Int).Mul(x, g), m)
		}
		for _, n := range randomModuli(8) {
			for new(big.Int).GCD(nil, nil, n, m).Cmp(big.NewInt(1)) != 0 {
				n.Add(n, big.NewInt(1))
			}
			x := new(big.Int).Exp(n, rest, m)
			if want := generated[x.String()]; rocaConfirmed(x) != want {
				t.Errorf("factor %d: got %v for %x, want %v", factor, !want, x, want)
			} else if !want {
				tested++
			}
		}
	}
	if tested == 0 {
		t.Error("no element that 65537 does not generate")
	}
}

func TestIsPower(t *testing.T) {
	for _, p := range rocaPrimes {
		powers := map[uint64]bool{}
		for x, i := uint64(1), uint64(0); i < p; i++ {
			powers[x] = true
			x = x * 65537 % p
		}
		if len(powers) >= int(p)-1 {
			t.Errorf("65537 generates all of the group modulo %d: it tells nothing", p)
		}
		for x := range p {
			if got := isPower(x, p); got != powers[x] {
				t.Errorf("isPower(%d, %d): got %v, want %v", x, p, got, powers[x])
			}
		}
	}
}
