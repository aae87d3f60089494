package jwk

import "math/big"

// The "oth" of RSA keys with more than two primes: RFC 7518, Section 6.3.2.7.

// maxOtherPrimes is the limit on the primes after p and q. With more than five primes, each is
// small enough to be found.
const maxOtherPrimes = 3

// An otherPrime is an element of "oth".
type otherPrime struct{ r, d, t *big.Int }

// otherPrimes reads "oth", an array of at most max objects.
func otherPrimes(m *members, max int) ([]otherPrime, error) {
	v := m.values[mOth]
	r := newReader(m.data[v.start:v.end])
	if r.open('[', "") != nil {
		return nil, m.errorf(mOth, ErrSyntax, "%s, want an array of objects", jsonKind(m.data[v.start]))
	}
	var primes []otherPrime
	for r.more(']') {
		if len(primes) == max {
			return nil, m.errorf(mOth, ErrPolicy, "more than %d elements", max)
		}
		if c := r.next(); r.open('{', "") != nil {
			return nil, m.errorf(mOth, ErrSyntax, "element %d is %s, want an object", len(primes), jsonKind(c))
		}
		var o otherPrime
		for r.more('}') {
			name, v := r.name(), r.value()
			var dst **big.Int
			switch name {
			case "r":
				dst = &o.r
			case "d":
				dst = &o.d
			case "t":
				dst = &o.t
			default:
				continue
			}
			if r.data[v.start] != '"' {
				return nil, m.errorf(mOth, ErrSyntax, "%s of element %d is %s, want a string", name, len(primes), jsonKind(r.data[v.start]))
			}
			b, err := decode64(nil, []byte(unquote(r.doc.text[v.start:v.end])))
			if err != nil || len(b) == 0 || b[0] == 0 {
				return nil, m.errorf(mOth, ErrInvalid, "%s of element %d is not an integer in canonical base64url without leading zeros", name, len(primes))
			}
			*dst = new(big.Int).SetBytes(b)
		}
		if o.r == nil || o.d == nil || o.t == nil {
			return nil, m.errorf(mOth, ErrInvalid, "element %d lacks one of r, d and t", len(primes))
		}
		primes = append(primes, o)
	}
	if len(primes) == 0 {
		return nil, m.errorf(mOth, ErrInvalid, "empty, want at least 1 element")
	}
	return primes, nil
}

// primeErrorf returns an Error about the i-th prime. For the first two primes it names the
// member in first, and for the others a part of an element of "oth".
func primeErrorf(m *members, i int, first [2]memberID, part, what string) *Error {
	if i < len(first) {
		return m.errorf(first[i], ErrInvalid, "%s", what)
	}
	return m.errorf(mOth, ErrInvalid, "%s of element %d is %s", part, i-len(first), what)
}

// appendOtherPrime appends an element to an "oth" that begins with its bracket.
func appendOtherPrime(oth, r, d, t []byte) []byte {
	var o writer
	o.octets("r", r)
	o.octets("d", d)
	o.octets("t", t)
	text, _ := o.done() // base64url is valid UTF-8
	if len(oth) > 1 {
		oth = append(oth, ',')
	}
	return append(oth, text...)
}
