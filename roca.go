package jwk

import (
	"encoding/binary"
	"math/bits"
)

// The moduli of CVE-2017-15361 are products of primes of the form
// k*M + (65537^a mod M), where M is the product of the primes up to 167. They
// are powers of 65537 modulo M, and so modulo each of its factors.
// https://crocs.fi.muni.cz/public/papers/rsa_ccs17

// rocaPrimes are the factors of M, in groups of which each has a product of less
// than 2^64. The factors that refute the most sound moduli come first.
var rocaPrimes = [...][]uint64{
	{37, 73, 13, 19, 109, 97, 79, 11, 61, 127, 151},
	{17, 53, 71, 103, 107, 157, 2, 3, 5, 7, 23, 29, 31},
	{41, 43, 47, 59, 67, 83, 89, 101, 113},
	{131, 137, 139, 149, 163, 167},
}

// As many of the first factors divide 2^36-1. One sound modulus in 288 passes them.
const rocaFirst = 5

// roca reports whether n has that form.
func roca(n []byte) bool {
	sum := digitSum(n)
	for _, p := range rocaPrimes[0][:rocaFirst] {
		if !isPower(sum%p, p) {
			return false
		}
	}
	return rocaConfirmed(n)
}

// digitSum adds the digits of n to the base 2^36. As with nines in the decimal
// system, the sum leaves the same remainder as n for every factor of 2^36-1.
func digitSum(n []byte) (sum uint64) {
	const digit = 1<<36 - 1
	for ; len(n) >= 9; n = n[:len(n)-9] { // the last two digits
		last := n[len(n)-9:]
		sum += binary.BigEndian.Uint64(last)>>28 + binary.BigEndian.Uint64(last[1:])&digit
	}
	var rest uint64
	for _, b := range n {
		rest = rest<<8 | uint64(b)
	}
	return sum + rest>>36 + rest&digit
}

// isPower reports whether x is a power of 65537 modulo the prime p.
func isPower(x, p uint64) bool {
	for y := uint64(1); ; {
		if y == x {
			return true
		}
		if y = y * 65537 % p; y == 1 {
			return false
		}
	}
}

// rocaConfirmed reports whether n is a power of 65537 modulo M. To be a power modulo
// each factor is not enough: one exponent must do for all of them.
func rocaConfirmed(n []byte) bool {
	// The exponents that do for the factors so far are log plus the multiples of order.
	// At the end, order is 2454106387091158800, and log is less.
	log, order := uint64(0), uint64(1)
	for _, primes := range rocaPrimes {
		product := uint64(1)
		for _, p := range primes {
			product *= p
		}
		rest := modulo(n, product)
		for _, p := range primes {
			steps, period, ok := logarithm(rest%p, power(log, p), power(order, p), p)
			if !ok {
				return false
			}
			log += steps * order
			order *= period
		}
	}
	return true
}

// logarithm returns after how many steps, each a multiplication by step, x becomes
// want modulo p, and after how many x comes again.
func logarithm(want, x, step, p uint64) (steps, period uint64, ok bool) {
	for y := x; ; {
		if y == want {
			steps, ok = period, true
		}
		period++
		if y = y * step % p; y == x {
			return steps, period, ok
		}
	}
}

// modulo returns the remainder of n divided by m.
func modulo(n []byte, m uint64) (rest uint64) {
	for first := len(n) % 8; first > 0; first-- {
		_, rest = bits.Div64(rest>>56, rest<<8|uint64(n[0]), m)
		n = n[1:]
	}
	for ; len(n) > 0; n = n[8:] {
		_, rest = bits.Div64(rest, binary.BigEndian.Uint64(n), m)
	}
	return rest
}

// power returns 65537^x modulo the prime p, which is less than 65537.
func power(x, p uint64) uint64 {
	y := uint64(1)
	x %= p - 1 // Fermat's little theorem
	for square := 65537 % p; x > 0; x >>= 1 {
		if x&1 != 0 {
			y = y * square % p
		}
		square = square * square % p
	}
	return y
}
