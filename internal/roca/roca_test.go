package roca

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

// productM returns M, the product of the primes up to 167, and these primes.
var productM = sync.OnceValues(func() (m *big.Int, primes []int64) {
	m = big.NewInt(1)
	for p := int64(2); p <= 167; p++ {
		if big.NewInt(p).ProbablyPrime(0) { // exact below 2^64
			primes = append(primes, p)
			m.Mul(m, big.NewInt(p))
		}
	}
	return m, primes
})

// modulusOfForm returns the product of two primes k*M + (65537^a mod M). k and a are in testdata.
func modulusOfForm(t testing.TB) *big.Int {
	t.Helper()
	data, err := os.ReadFile("../../testdata/rsa.json")
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
	m, _ := productM()
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

// randomModuli returns odd numbers of 2048 bits, the same in every run.
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

// factors returns the factors of M in the order in which Modulus tests them.
func factors() []uint64 { return slices.Concat(factorGroups[:]...) }

// subgroupOrders are the prime powers of the order of 65537 modulo M.
var subgroupOrders = []int64{16, 81, 25, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83}

// refusing returns the prime powers of the order of 65537 modulo M whose subgroups do not
// contain n (Pohlig and Hellman). If it returns an empty list, n is a power of 65537. It is
// slow, and shares nothing with the logarithms and sums of roca.go.
func refusing(n *big.Int) (subgroups []int64) {
	const order = 2454106387091158800
	m, _ := productM()
	for _, q := range subgroupOrders {
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

// withResidues returns the number below M that has these remainders modulo the factors of M.
func withResidues(residue func(p int64) int64) *big.Int {
	m, primes := productM()
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

// TestRefusesPowers: moduli of the form are found at every length. If not, a key whose factors
// can be found would be accepted.
func TestRefusesPowers(t *testing.T) {
	m, _ := productM()
	if n := modulusOfForm(t); !Modulus(n.Bytes()) || n.BitLen() != 2048 {
		t.Errorf("Modulus of two such primes, %d bits: got false, want true", n.BitLen())
	}
	for _, a := range []int64{0, 1, 2, 3, 4, 81, 83, 2454106387091158799, 2454106387091158800} {
		n := congruent(new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), m), m)
		// At nine lengths, because digitSum takes nine octets, two digits, at a time.
		for range 9 {
			if !Modulus(n.Bytes()) {
				t.Errorf("Modulus of a number of %d bits that is 65537^%d modulo M: got false, want true", n.BitLen(), a)
			}
			n.Add(n, new(big.Int).Lsh(m, uint(n.BitLen()-m.BitLen()+8)))
		}
	}
}

// TestDigitSum: a wrong remainder would let keys of the form pass, or refuse sound keys.
func TestDigitSum(t *testing.T) {
	source := rand.NewChaCha8([32]byte{'d', 'i', 'g', 'i', 't', 's'})
	for size := range 1100 { // longer than the largest modulus that is accepted
		random := make([]byte, size)
		source.Read(random)
		for _, b := range [][]byte{random, bytes.Repeat([]byte{0xff}, size), bytes.Repeat([]byte{0}, size)} {
			sum := digitSum(b)
			n := new(big.Int).SetBytes(b)
			for _, p := range factors()[:quick] {
				want := new(big.Int).Mod(n, new(big.Int).SetUint64(p)).Uint64()
				if got := sum % p; got != want {
					t.Fatalf("%x modulo %d: got %d, want %d", b, p, got, want)
				}
			}
		}
	}
}

// TestFactorGroups: the groups have every factor of M once, and their products fit 64 bits. The
// first factors divide 2^36-1, and pass one number in 288; if they passed more, parsing would
// be slower.
func TestFactorGroups(t *testing.T) {
	m, primes := productM()
	all := factors()
	if got, want := len(all), len(primes); got != want {
		t.Errorf("got %d primes, want %d", got, want)
	}
	product := big.NewInt(1)
	for _, group := range factorGroups {
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
	for _, p := range all[:quick] {
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

// TestPassesOthers: sound keys are not refused.
func TestPassesOthers(t *testing.T) {
	for i, n := range randomModuli(500) {
		if Modulus(n.Bytes()) {
			t.Errorf("Modulus of random number %d: got true, want false", i)
		}
	}
}

// checkForm compares Modulus and isPowerModuloM with refusing, for a 2048-bit number that is x
// modulo M.
func checkForm(t *testing.T, x *big.Int) (refused []int64) {
	t.Helper()
	m, _ := productM()
	n := congruent(x, m)
	refused = refusing(n)
	if got, want := isPowerModuloM(n.Bytes()), len(refused) == 0; got != want {
		t.Errorf("isPowerModuloM of %x modulo M: got %v, want %v", x, got, want)
	}
	if got, want := Modulus(n.Bytes()), len(refused) == 0; got != want {
		t.Errorf("Modulus of %x modulo M: got %v, want %v", x, got, want)
	}
	return refused
}

// power65537 returns 65537^a modulo p.
func power65537(p, a int64) int64 {
	return new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), big.NewInt(p)).Int64()
}

// TestNeedsEachFactor: if the test of any factor of M were left out, numbers that are the same
// power of 65537 modulo all other factors would be refused.
func TestNeedsEachFactor(t *testing.T) {
	const a = 1234567890123456789
	_, primes := productM()
	for _, p := range primes {
		others := 0 // that are refused
		for r := int64(0); r < p; r += 1 + p/8 {
			x := withResidues(func(q int64) int64 {
				if q == p {
					return r
				}
				return power65537(q, a)
			})
			if len(checkForm(t, x)) > 0 {
				others++
			}
		}
		if others == 0 {
			t.Errorf("%d: got no number that is refused for it only", p)
		}
		checkForm(t, withResidues(func(q int64) int64 { return power65537(q, a) }))
	}
}

// TestNeedsEachSubgroup: the order of 65537 modulo M is a product of thirteen prime powers. For
// each of them the test has a number that is a power of 65537 modulo every factor of M, and
// that only the subgroup of that order does not contain. Such a number does not exist if the
// prime divides p-1 for only one factor p of M: then all elements of that order are powers of
// 65537.
func TestNeedsEachSubgroup(t *testing.T) {
	_, primes := productM()
	refusedBy := make(map[int64]int)
	for _, q := range subgroupOrders {
		for _, p := range primes {
			order := int64(1)
			for y := int64(65537) % p; y != 1; y = y * 65537 % p {
				order++
			}
			// An element whose order divides q, modulo p; 1 modulo the others.
			common := new(big.Int).GCD(nil, nil, big.NewInt(q), big.NewInt(order)).Int64()
			for i := int64(1); i < common; i += 1 + common/8 {
				refused := checkForm(t, withResidues(func(of int64) int64 {
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
	for _, q := range subgroupOrders {
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

// TestPassesNearMisses: numbers that miss the form by one property are not refused.
func TestPassesNearMisses(t *testing.T) {
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
			if slices.Contains(factors()[:quick], uint64(p)) {
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
			for _, p := range factors()[:quick] {
				if !isPower(new(big.Int).Mod(x, new(big.Int).SetUint64(p)).Uint64(), p) {
					t.Fatalf("%d finds this already", p)
				}
			}
			if len(checkForm(t, x)) == 0 {
				t.Error("it is of the form")
			}
		})
	}
}

// TestAgrees: the fast test and the slow one agree about random numbers and random powers.
func TestAgrees(t *testing.T) {
	m, _ := productM()
	for i, x := range randomModuli(60) {
		if refused := checkForm(t, x.Mod(x, m)); len(refused) == 0 {
			t.Errorf("random number %d is of the form", i)
		}
		if refused := checkForm(t, x.Exp(big.NewInt(65537), x, m)); len(refused) > 0 {
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

func BenchmarkModulus(b *testing.B) {
	for name, n := range map[string]*big.Int{"of the form": modulusOfForm(b), "sound": randomModuli(1)[0]} {
		b.Run(name, func(b *testing.B) {
			octets := n.Bytes()
			want := name == "of the form"
			for b.Loop() {
				if Modulus(octets) != want {
					b.Fatalf("got %v, want %v", !want, want)
				}
			}
		})
	}
}

func TestIsPower(t *testing.T) {
	for _, p := range factors()[:quick] {
		powers := map[uint64]bool{}
		for x, i := uint64(1), uint64(0); i < p; i++ {
			powers[x] = true
			x = x * 65537 % p
		}
		if len(powers) >= int(p)-1 {
			t.Errorf("65537 generates all of the group modulo %d: the test with it proves nothing", p)
		}
		for x := range p {
			if got := isPower(x, p); got != powers[x] {
				t.Errorf("isPower(%d, %d): got %v, want %v", x, p, got, powers[x])
			}
		}
	}
}
