// Package roca recognizes RSA moduli that have the flaw CVE-2017-15361 (ROCA) and can therefore
// be factored. See https://crocs.fi.muni.cz/public/papers/rsa_ccs17.
package roca

import (
	"encoding/binary"
	"math/bits"
)

// Moduli with the flaw are products of primes of the form k*M + (65537^a mod M), where M is the
// product of the primes up to 167. So they are powers of 65537 modulo M, and modulo each factor
// of M.

// factorGroups are the factors of M, in groups whose products are less than 2^64. The factors that
// clear the most sound moduli come first.
var factorGroups = [...][]uint64{
	{37, 73, 13, 19, 109, 97, 79, 11, 61, 127, 151},
	{17, 53, 71, 103, 107, 157, 2, 3, 5, 7, 23, 29, 31},
	{41, 43, 47, 59, 67, 83, 89, 101, 113},
	{131, 137, 139, 149, 163, 167},
}

// quick is the number of factors that Modulus tests first. They divide 2^36-1, see digitSum. Only
// one sound modulus in 288 needs the last test, which takes a hundred times as long.
const quick = 5

// Modulus reports whether n, a big-endian integer, is a power of 65537 modulo M, as every
// modulus with the flaw is.
func Modulus(n []byte) bool {
	sum := digitSum(n)
	for _, p := range factorGroups[0][:quick] {
		if !isPower(sum%p, p) {
			return false
		}
	}
	return isPowerModuloM(n)
}

// digitSum returns the sum of the digits of n to the base 2^36. The sum and n have the same
// remainder modulo every factor of 2^36-1, as with factors of 9 in the decimal system.
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

// isPowerModuloM reports whether n is a power of 65537 modulo M. It is not enough that n is a power
// modulo each factor: the exponent must be the same for all factors.
func isPowerModuloM(n []byte) bool {
	// The exponents that fit the factors so far are log plus the multiples of order. At the
	// end, order is 2454106387091158800, and log is less.
	log, order := uint64(0), uint64(1)
	for _, group := range factorGroups {
		product := uint64(1)
		for _, p := range group {
			product *= p
		}
		rest := modulo(n, product)
		for _, p := range group {
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

// logarithm returns the number of multiplications by step after which x is want modulo p, and the
// number after which x is x again.
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
