package jwk

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
)

// rocaM is the product of the primes up to 167, of which the moduli of
// CVE-2017-15361 are powers of 65537.
var rocaM = sync.OnceValues(func() (m *big.Int, primes []int64) {
	m = big.NewInt(1)
	for p := int64(2); p <= 167; p++ {
		if big.NewInt(p).ProbablyPrime(0) { // exact below 2^64
			primes = append(primes, p)
			m.Mul(m, big.NewInt(p))
		}
	}
	return m, primes
})

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

// factors returns the factors of M in the order in which they are tried.
func factors() []uint64 { return slices.Concat(rocaPrimes[:]...) }

// rocaSubgroups are the prime powers of the order of 65537 modulo M.
var rocaSubgroups = []int64{16, 81, 25, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83}

// refusing returns the prime powers of the order of 65537 modulo M in whose subgroup n
// is not (Pohlig and Hellman). If there are none, n is a power of 65537. That is
// slow, and without the logarithms and sums of roca.go.
func refusing(n *big.Int) (subgroups []int64) {
	const order = 2454106387091158800
	m, _ := rocaM()
	for _, q := range rocaSubgroups {
		exp := big.NewInt(order / q)
		g := new(big.Int).Exp(big.NewInt(65537), exp, m)
		h := new(big.Int).Exp(n, exp, m)
		x, left := big.NewInt(1), q
		for ; left > 0 && x.Cmp(h) != 0; left-- {
			x.Mul(x, g)
			x.Mod(x, m)
		}
		if left == 0 {
			subgroups = append(subgroups, q)
		}
	}
	return subgroups
}

// withResidues returns the number below M that leaves these remainders.
func withResidues(residue func(p int64) int64) *big.Int {
	m, primes := rocaM()
	x := new(big.Int)
	for _, p := range primes {
		part := new(big.Int).Div(m, big.NewInt(p))
		part.Mul(part, new(big.Int).ModInverse(part, big.NewInt(p)))
		x.Add(x, part.Mul(part, big.NewInt(residue(p))))
	}
	return x.Mod(x, m)
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
			for _, p := range factors()[:rocaFirst] {
				want := new(big.Int).Mod(n, new(big.Int).SetUint64(p)).Uint64()
				if got := sum % p; got != want {
					t.Fatalf("%x modulo %d: got %d, want %d", b, p, got, want)
				}
			}
		}
	}
}

// The primes that are tried are those of M, each once, in groups that fit a word. The
// first of them divide 2^36-1 and pass one number in 288.
func TestROCAPrimes(t *testing.T) {
	m, primes := rocaM()
	all := factors()
	if got, want := len(all), len(primes); got != want {
		t.Errorf("got %d primes, want %d", got, want)
	}
	product := big.NewInt(1)
	for _, group := range rocaPrimes {
		part := big.NewInt(1)
		for _, p := range group {
			part.Mul(part, new(big.Int).SetUint64(p))
		}
		if !part.IsUint64() {
			t.Errorf("the product of %v has %d bits, want at most 64", group, part.BitLen())
		}
		product.Mul(product, part)
	}
	if product.Cmp(m) != 0 {
		t.Errorf("the product of all is %x, want %x", product, m)
	}
	passing := 1.0
	for _, p := range all[:rocaFirst] {
		if (1<<36-1)%p != 0 {
			t.Errorf("%d does not divide 2^36-1", p)
		}
		powers := 0
		for x := range p {
			if isPower(x, p) {
				powers++
			}
		}
		passing *= float64(p-1) / float64(powers)
	}
	if math.Round(passing) != 288 {
		t.Errorf("the first primes pass one number in %v, want one in 288", passing)
	}
}

func TestROCAPassesOthers(t *testing.T) {
	for i, n := range randomModuli(500) {
		if roca(n.Bytes()) {
			t.Errorf("roca of random number %d: got true, want false", i)
		}
	}
}

// checkROCA makes sure that roca and rocaConfirmed find out what the slow test does
// about a 2048-bit number that is x modulo M.
func checkROCA(t *testing.T, x *big.Int) (refused []int64) {
	t.Helper()
	m, _ := rocaM()
	n := congruent(x, m)
	refused = refusing(n)
	if got, want := rocaConfirmed(n.Bytes()), len(refused) == 0; got != want {
		t.Errorf("rocaConfirmed of %x modulo M: got %v, want %v", x, got, want)
	}
	if got, want := roca(n.Bytes()), len(refused) == 0; got != want {
		t.Errorf("roca of %x modulo M: got %v, want %v", x, got, want)
	}
	return refused
}

// power65537 returns 65537^a modulo p.
func power65537(p, a int64) int64 {
	return new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), big.NewInt(p)).Int64()
}

// For each factor of M, numbers that are one power of 65537 modulo all others. Without
// that factor's test, they would all be refused as keys of the ROCA form.
func TestROCANeedsEachFactor(t *testing.T) {
	const a = 1234567890123456789
	_, primes := rocaM()
	for _, p := range primes {
		others := 0 // that are refused
		for r := int64(0); r < p; r += 1 + p/8 {
			x := withResidues(func(q int64) int64 {
				if q == p {
					return r
				}
				return power65537(q, a)
			})
			if len(checkROCA(t, x)) > 0 {
				others++
			}
		}
		if others == 0 {
			t.Errorf("%d: got no number that is refused for it only", p)
		}
		checkROCA(t, withResidues(func(q int64) int64 { return power65537(q, a) }))
	}
}

// The order of 65537 modulo M is a product of thirteen prime powers. For each of them, a
// number that is a power of 65537 modulo every factor of M, and that only the subgroup
// of that order refuses. There is none if only one factor of M, less 1, is a multiple of
// the prime: then all elements of that order are powers of 65537.
func TestROCANeedsEachSubgroup(t *testing.T) {
	_, primes := rocaM()
	refusedBy := make(map[int64]int)
	for _, q := range rocaSubgroups {
		for _, p := range primes {
			order := int64(1)
			for y := int64(65537) % p; y != 1; y = y * 65537 % p {
				order++
			}
			// An element whose order divides q, modulo p; 1 modulo the others.
			common := new(big.Int).GCD(nil, nil, big.NewInt(q), big.NewInt(order)).Int64()
			for i := int64(1); i < common; i += 1 + common/8 {
				refused := checkROCA(t, withResidues(func(of int64) int64 {
					if of == p {
						return power65537(p, i*order/common)
					}
					return 1
				}))
				if len(refused) > 1 || len(refused) == 1 && refused[0] != q {
					t.Errorf("of an order that divides %d, modulo %d: the subgroups %v refuse it, want that of %d at most", q, p, refused, q)
				}
				refusedBy[q] += len(refused)
			}
		}
	}
	for _, q := range rocaSubgroups {
		multiples := 0
		for _, p := range primes {
			if new(big.Int).GCD(nil, nil, big.NewInt(q), big.NewInt(p-1)).Int64() > 1 {
				multiples++
			}
		}
		if got, want := refusedBy[q] > 0, multiples > 1; got != want {
			t.Errorf("a number that only the subgroup of %d refuses: got %v, want %v", q, got, want)
		}
	}
}

// What is nearly of the form is not refused.
func TestROCAPassesNearMisses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		residue func(p int64) int64
	}{
		{"a power modulo each prime, with exponents at odds", func(p int64) int64 { return power65537(p, p%7) }},
		{"1 except modulo 13, where it is 65537", func(p int64) int64 {
			if p == 13 {
				return power65537(p, 1)
			}
			return 1
		}},
		{"1 except modulo 167, where it is 65537", func(p int64) int64 {
			if p == 167 {
				return power65537(p, 1)
			}
			return 1
		}},
		{"a power modulo the first primes, no power modulo the others", func(p int64) int64 {
			if slices.Contains(factors()[:rocaFirst], uint64(p)) {
				return power65537(p, 5)
			}
			return 1 + 5*p%(p-p/2)
		}},
		{"a multiple of 3", func(p int64) int64 {
			if p == 3 {
				return 0
			}
			return 1
		}},
		{"a multiple of 83, else a power", func(p int64) int64 {
			if p == 83 {
				return 0
			}
			return power65537(p, 1<<61)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := withResidues(tt.residue)
			for _, p := range factors()[:rocaFirst] {
				if !isPower(new(big.Int).Mod(x, new(big.Int).SetUint64(p)).Uint64(), p) {
					t.Fatalf("%d finds this already", p)
				}
			}
			if len(checkROCA(t, x)) == 0 {
				t.Error("it is of the form")
			}
		})
	}
}

// Of random numbers and of random powers, the slow test and the fast one say the same.
func TestROCAAgrees(t *testing.T) {
	m, _ := rocaM()
	for i, x := range randomModuli(60) {
		if refused := checkROCA(t, x.Mod(x, m)); len(refused) == 0 {
			t.Errorf("random number %d is of the form", i)
		}
		if refused := checkROCA(t, x.Exp(big.NewInt(65537), x, m)); len(refused) > 0 {
			t.Errorf("a power of 65537: the subgroups %v refuse it", refused)
		}
	}
}

func TestModulo(t *testing.T) {
	for size, n := range randomModuli(270) {
		n.Rsh(n, uint(8*max(0, 256-size)))
		for _, m := range []uint64{1 << 43, 1<<63 - 25, 1<<64 - 59} {
			want := new(big.Int).Mod(n, new(big.Int).SetUint64(m)).Uint64()
			if got := modulo(n.Bytes(), m); got != want {
				t.Errorf("%x modulo %d: got %d, want %d", n, m, got, want)
			}
		}
	}
}

func BenchmarkROCA(b *testing.B) {
	for name, n := range map[string]*big.Int{"of the form": rocaModulus(b), "sound": randomModuli(1)[0]} {
		b.Run(name, func(b *testing.B) {
			octets := n.Bytes()
			want := name == "of the form"
			for b.Loop() {
				if roca(octets) != want {
					b.Fatalf("got %v, want %v", !want, want)
				}
			}
		})
	}
}

func TestIsPower(t *testing.T) {
	for _, p := range factors()[:rocaFirst] {
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
