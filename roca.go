package jwk

import (
	"encoding/binary"
	"math/big"
)

// The moduli of CVE-2017-15361 are products of primes of the form
// k*M + (65537^a mod M), where M is the product of the primes up to 167. They
// are powers of 65537 modulo M, and so modulo each of its factors.
// https://crocs.fi.muni.cz/public/papers/rsa_ccs17

// rocaPrimes are factors of M of which few residues are powers of 65537. The
// first ones divide 2^36-1 too; of sound moduli, one in 288 passes them. The
// others spare most of those the last test, which takes a hundred times as long.
var rocaPrimes = [...]uint64{37, 73, 13, 19, 109, 97, 79, 11, 61, 127, 151, 17}

const rocaFirst = 5

// roca reports whether n has that form.
func roca(n []byte) bool {
	sum := digitSum(n)
	for _, p := range rocaPrimes[:rocaFirst] {
		if !isPower(sum%p, p) {
			return false
		}
	}
	x := new(big.Int).SetBytes(n)
	for _, p := range rocaPrimes[rocaFirst:] {
		rest := new(big.Int).Mod(x, new(big.Int).SetUint64(p))
		if !isPower(rest.Uint64(), p) {
			return false
		}
	}
	return rocaConfirmed(x)
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

// rocaConfirmed reports whether n is a power of 65537 modulo M. The group that
// 65537 generates has the order 2454106387091158800; n is in it if it is in
// the subgroup of each prime power of the order (Pohlig and Hellman).
func rocaConfirmed(n *big.Int) bool {
	const order = 2454106387091158800
	m, _ := new(big.Int).SetString("924cba6ae99dfa084537facc54948df0c23da044d8cabe0edd75bc6", 16)
	for _, q := range [...]int64{16, 81, 25, 7, 11, 13, 17, 23, 29, 37, 41, 53, 83} {
		exp := big.NewInt(order / q)
		g := new(big.Int).Exp(big.NewInt(65537), exp, m)
		h := new(big.Int).Exp(n, exp, m)
		x := big.NewInt(1)
		for ; q > 0 && x.Cmp(h) != 0; q-- {
			x.Mul(x, g)
			x.Mod(x, m)
		}
		if q == 0 {
			return false
		}
	}
	return true
}
