package jwk

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// The moduli of CVE-2017-15361 are products of primes of the form
// k*M + (65537^a mod M), where M is the product of the primes up to 167. They
// are powers of 65537 modulo M, and so modulo each of its factors.
// https://crocs.fi.muni.cz/public/papers/rsa_ccs17

// rocaPrimes are factors of M of which few residues are powers of 65537, and
// whose product fits into 64 bits. Of sound moduli one in millions passes.
var rocaPrimes = [...]uint64{11, 13, 17, 19, 37, 61, 73, 79, 97, 127, 151}

const rocaProduct = 11 * 13 * 17 * 19 * 37 * 61 * 73 * 79 * 97 * 127 * 151

// roca reports whether n has that form.
func roca(n []byte) bool {
	var rem uint64
	rest := n
	for ; len(rest)%8 != 0; rest = rest[1:] {
		rem = rem<<8 | uint64(rest[0])
	}
	for ; len(rest) > 0; rest = rest[8:] {
		rem = bits.Rem64(rem, binary.BigEndian.Uint64(rest), rocaProduct)
	}
	for _, p := range rocaPrimes {
		if !isPower(rem%p, p) {
			return false
		}
	}
	return rocaConfirmed(new(big.Int).SetBytes(n))
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
