package jwk

import (
	"crypto/rsa"
	"math/big"
	"slices"
)

// The private members of RSA keys: RFC 7518, Section 6.3.2.

// rsaFactors are members that a key must have together, or leave out together (RFC 7518,
// Section 6.3.2).
const rsaFactors memberSet = 1<<mP | 1<<mQ | 1<<mDP | 1<<mDQ | 1<<mQI

// readRSAPrivate reads the private members, and proves that they belong to each other and to n
// and the public exponent.
//
// It does not test whether the factors are prime. That would take ten times as long as all
// other checks together, and proves little if an adversary chose the factors. If they are not
// prime, d does not undo e, and signing fails (scheme.signError).
func readRSAPrivate(m *members, n *big.Int, exp int) (*rsa.PrivateKey, error) {
	if !m.has(mD) {
		return nil, m.errorf((m.present & privateMembers).first(), ErrInvalid, "a part of a private key without d")
	}
	d, err := integer(m, mD)
	if err != nil {
		return nil, err
	}
	if d.Cmp(n) >= 0 {
		return nil, m.errorf(mD, ErrInvalid, "not less than n")
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: exp}, D: d}

	if m.present&(rsaFactors|1<<mOth) == 0 {
		p, q := factor(key)
		if p == nil {
			return nil, m.errorf(mD, ErrInvalid, "at odds with n and e, or n has more than two factors")
		}
		key.Primes = []*big.Int{p, q}
		// Without these values Precompute takes ten times as long.
		key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv = crtValues(d, p, q)
		return precompute(m, key)
	}
	if lacking := rsaFactors &^ m.present; lacking != 0 {
		return nil, m.errorf(lacking.first(), ErrInvalid, "missing, want all of p, q, dp, dq and qi, or none of them")
	}
	var v [5]*big.Int
	for i, id := range [...]memberID{mP, mQ, mDP, mDQ, mQI} {
		if v[i], err = integer(m, id); err != nil {
			return nil, err
		}
		if v[i].Cmp(n) >= 0 {
			return nil, m.errorf(id, ErrInvalid, "not less than n")
		}
	}
	key.Primes = []*big.Int{v[0], v[1]}
	if m.has(mOth) {
		return readMultiPrime(m, key, v[2:])
	}
	// crypto/rsa proves only that n divides p*q.
	if new(big.Int).Mul(v[0], v[1]).Cmp(n) != 0 {
		return nil, m.errorf(mP, ErrInvalid, "p times q is not n")
	}
	// With these set, Precompute checks them against d, p and q.
	key.Precomputed = rsa.PrecomputedValues{Dp: v[2], Dq: v[3], Qinv: v[4]}
	return precompute(m, key)
}

// precompute lets crypto/rsa check a key and prepare it for use.
func precompute(m *members, key *rsa.PrivateKey) (*rsa.PrivateKey, error) {
	key.Precompute()
	if key.Validate() != nil {
		return nil, whyInvalid(m, key)
	}
	return key, nil
}

// whyInvalid returns the error for a key that crypto/rsa refuses. The errors of crypto/rsa name no
// member, and differ from one release of Go to the next.
func whyInvalid(m *members, key *rsa.PrivateKey) *Error {
	p, q, d := key.Primes[0], key.Primes[1], key.D
	crt := key.Precomputed
	switch half := key.N.BitLen() / 2; {
	case len(key.Primes) > 2: // readMultiPrime has checked all members
	case !inverts(key, p):
		return m.errorf(mD, ErrInvalid, "d times e is not 1 modulo p-1")
	case !inverts(key, q):
		return m.errorf(mD, ErrInvalid, "d times e is not 1 modulo q-1")
	case p.Cmp(q) == 0:
		return m.errorf(mQ, ErrInvalid, "the same as p")
	case crt.Dp.Cmp(modLess(d, p)) != 0:
		return m.errorf(mDP, ErrInvalid, "not d modulo p-1")
	case crt.Dq.Cmp(modLess(d, q)) != 0:
		return m.errorf(mDQ, ErrInvalid, "not d modulo q-1")
	case crt.Qinv == nil || !isInverse(crt.Qinv, q, p):
		return m.errorf(mQI, ErrInvalid, notInverse)
	case new(big.Int).Sub(p, q).BitLen() <= half-100: // FIPS 186-5, Appendix A.1.3
		return m.errorf(mN, ErrInvalid, "factors so close to each other that they can be found")
	case d.BitLen() <= half:
		return m.errorf(mD, ErrInvalid, "so small that it can be found, want more than %d bits", half)
	}
	return m.errorf(mD, ErrInvalid, "not a private key that crypto/rsa accepts")
}

const notInverse = "not the inverse of q modulo p"

// inverts reports whether the private exponent is an inverse of the public one modulo p-1.
func inverts(key *rsa.PrivateKey, p *big.Int) bool {
	one := big.NewInt(1)
	de := new(big.Int).Mul(key.D, big.NewInt(int64(key.E)))
	return de.Mod(de, new(big.Int).Sub(p, one)).Cmp(one) == 0
}

// readMultiPrime reads "oth" (RFC 7518, Section 6.3.2.7) into a key whose first two primes are
// set. crypto/rsa checks little of such keys, so readMultiPrime checks every member.
func readMultiPrime(m *members, key *rsa.PrivateKey, crt []*big.Int) (*rsa.PrivateKey, error) {
	primes, err := otherPrimes(m, maxOtherPrimes)
	if err != nil {
		return nil, err
	}
	one := big.NewInt(1)
	key.Primes = append(key.Primes, make([]*big.Int, len(primes))...)
	exps := append(slices.Clone(crt[:2]), make([]*big.Int, len(primes))...)
	for i, o := range primes {
		key.Primes[2+i], exps[2+i] = o.r, o.d
	}
	product := big.NewInt(1)
	for i, r := range key.Primes {
		if r.Cmp(one) <= 0 || r.Cmp(key.N) >= 0 {
			return nil, primeErrorf(m, i, [...]memberID{mP, mQ}, "r", "not between 1 and n")
		}
		product.Mul(product, r)
	}
	if product.Cmp(key.N) != 0 {
		return nil, m.errorf(mOth, ErrInvalid, "p times q times every r is not n")
	}
	product.SetInt64(1)
	for i, r := range key.Primes {
		switch {
		case !inverts(key, r):
			return nil, m.errorf(mD, ErrInvalid, "d times e is not 1 modulo a prime minus 1")
		case exps[i].Cmp(modLess(key.D, r)) != 0:
			return nil, primeErrorf(m, i, [...]memberID{mDP, mDQ}, "d", "not the d of the key modulo the prime minus 1")
		case i == 1 && !isInverse(crt[2], r, key.Primes[0]):
			return nil, m.errorf(mQI, ErrInvalid, notInverse)
		case i > 1 && !isInverse(primes[i-2].t, product, r):
			return nil, primeErrorf(m, i, [2]memberID{}, "t", "not the inverse of the primes before it")
		}
		product.Mul(product, r)
	}
	return precompute(m, key)
}

// isInverse reports whether x is the inverse of y modulo n.
func isInverse(x, y, n *big.Int) bool {
	if x.Cmp(n) >= 0 {
		return false
	}
	xy := new(big.Int).Mul(x, y)
	return xy.Mod(xy, n).Cmp(big.NewInt(1)) == 0
}

// leadingZero is about an integer that is not a Base64urlUInt (RFC 7518, Section 2).
const leadingZero = "a leading zero octet, want an integer without leading zeros"

// integer returns a required positive integer, which must have no leading zeros (RFC 7518,
// Section 2).
func integer(m *members, id memberID) (*big.Int, error) {
	_, b, err := m.encoded(id)
	if err != nil {
		return nil, err
	}
	if b[0] == 0 {
		return nil, m.errorf(id, ErrInvalid, leadingZero)
	}
	return new(big.Int).SetBytes(b), nil
}

// factor finds the two primes of n by means of d (NIST SP 800-56B Rev. 2, Appendix C.2). It
// returns nil if it finds that d does not belong to n and e. The caller must check the primes
// as it checks primes from an object.
func factor(key *rsa.PrivateKey) (p, q *big.Int) {
	one := big.NewInt(1)
	k := new(big.Int).Mul(key.D, big.NewInt(int64(key.E)))
	k.Sub(k, one)
	// a is a multiple of (p-1)(q-1), and only a little less than the same multiple of n, so
	// the quotient and the remainder give p+q.
	a := new(big.Int).GCD(nil, nil, new(big.Int).Sub(key.N, one), k)
	a.Mul(a, k)
	m, r := new(big.Int).QuoRem(a, key.N, new(big.Int))
	sum := r.Sub(key.N, r)
	if _, rest := sum.QuoRem(sum, m.Add(m, one), new(big.Int)); rest.Sign() != 0 {
		return nil, nil
	}
	sum.Add(sum, one)
	square := new(big.Int).Mul(sum, sum)
	if square.Sub(square, new(big.Int).Lsh(key.N, 2)).Sign() <= 0 {
		return nil, nil
	}
	difference := new(big.Int).Sqrt(square)
	p = new(big.Int).Add(sum, difference)
	q = new(big.Int).Sub(sum, difference)
	p.Rsh(p, 1)
	q.Rsh(q, 1)
	if new(big.Int).Mul(p, q).Cmp(key.N) != 0 {
		return nil, nil
	}
	return p, q
}

// crtValues returns d modulo p-1 and q-1, and the inverse of q modulo p, which is nil if p and q
// are not coprime.
func crtValues(d, p, q *big.Int) (dp, dq, qi *big.Int) {
	return modLess(d, p), modLess(d, q), new(big.Int).ModInverse(q, p)
}

// modLess returns d modulo p-1.
func modLess(d, p *big.Int) *big.Int {
	less := new(big.Int).Sub(p, big.NewInt(1))
	return less.Mod(d, less)
}
