package jwk

import (
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// RSA keys in DER, RFC 8017, Appendix A.1 (PKCS #1).

var nameRSA = algorithmID{algorithm: oidRSA, null: true}

const (
	formRSAPublic  = "RSAPublicKey (RFC 8017, Appendix A.1.1)"
	formRSAPrivate = "RSAPrivateKey (RFC 8017, Appendix A.1.2)"
)

// readRSAPublicKey returns the octets of n and e, without zeros in front.
func readRSAPublicKey(der []byte) (n, e []byte, ok bool) {
	s := cryptobyte.String(der)
	var seq cryptobyte.String
	ok = s.ReadASN1(&seq, cbasn1.SEQUENCE) && s.Empty() &&
		seq.ReadASN1Integer(&n) && seq.ReadASN1Integer(&e) && seq.Empty()
	return n, e, ok
}

// checkRSACost checks the sizes of a key that others verify with, and that crypto/rsa
// uses its exponent. crypto/x509 passes over octets at the end of an RSAPublicKey, which
// are refused here: the numbers that are checked must be those that it reads.
func checkRSACost(der []byte, lim limits) error {
	n, e, ok := readRSAPublicKey(der)
	if !ok {
		return errorf(ErrInvalid, "no %s in DER", formRSAPublic)
	}
	if size := bitLen(n); size > lim.maxRSABits {
		return errorf(ErrPolicy, "an RSA modulus of %d bits, want at most %d", size, lim.maxRSABits)
	}
	if size := bitLen(e); size > maxExponentBits {
		return errorf(ErrPolicy, "an RSA exponent of %d bits, want at most %d", size, maxExponentBits)
	}
	if bitLen(e) < 2 || e[len(e)-1]%2 == 0 {
		return errorf(ErrInvalid, "an RSA exponent that is not an odd number from 3 to 2^31-1")
	}
	return nil
}

// crypto/rsa uses no larger exponents.
const maxExponentBits = 31

// bitLen returns the length of a number in octets, the first of which is not zero unless
// it is the only one.
func bitLen(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	return 8*len(b) - bits.LeadingZeros8(b[0])
}

func rsaFromSPKI(w *writer, info publicKeyInfo) error {
	n, e, ok := readRSAPublicKey(info.key)
	if !ok {
		return errDER(formRSAPublic)
	}
	w.str("kty", string(RSA))
	w.octets("n", n)
	w.octets("e", e)
	return nil
}

// rsaFromPKCS8 takes all integers as they are, those that could be computed too:
// a file that contradicts itself is not a key. With met, integers that can be computed may be
// 0; they are then left out.
func rsaFromPKCS8(w *writer, info privateKeyInfo) error {
	s := cryptobyte.String(info.key)
	var seq cryptobyte.String
	var version uint
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !s.Empty() || !seq.ReadASN1Integer(&version) || version > 1 {
		return errDER(formRSAPrivate)
	}
	var values [len(rsaIntegers)][]byte
	for i := range values {
		if !seq.ReadASN1Integer(&values[i]) {
			return errDER(formRSAPrivate)
		}
	}
	known := len(values)
	if version == 0 {
		var err error
		if known, err = knownIntegers(&values, info.met); err != nil {
			return err
		}
	}
	w.str("kty", string(RSA))
	for i, v := range values[:known] {
		if isZero(v) {
			return errZero(rsaIntegers[i], "want a positive integer")
		}
		w.octets(rsaIntegers[i], v)
	}
	if version == 1 { // more than two primes
		var others cryptobyte.String
		if !seq.ReadASN1(&others, cbasn1.SEQUENCE) {
			return errDER(formRSAPrivate)
		}
		oth, err := readOtherPrimes(&others)
		if err != nil {
			return err
		}
		w.raw("oth", oth)
	}
	if !seq.Empty() {
		return errDER(formRSAPrivate)
	}
	return nil
}

// rsaIntegers are the integers of an RSAPrivateKey, by the names that a JWK has for them.
var rsaIntegers = [...]string{"n", "e", "d", "p", "q", "dp", "dq", "qi"}

// knownIntegers returns how many of the integers of a key with two primes are there. Some
// writers that do not know dp, dq and qi, or p and q either, write 0 for all of these.
func knownIntegers(values *[len(rsaIntegers)][]byte, met *tolerance) (int, error) {
	const p, dp = 3, 5
	zeros := len(values)
	for zeros > p && isZero(values[zeros-1]) {
		zeros--
	}
	switch zeros {
	case p:
		for _, name := range rsaIntegers[p:] {
			if !met.allows(jsontext.Pointer("/"+name), DeviationMissingCRT) {
				return 0, errZero(name, "and so are q, dp, dq and qi (Parser.Lenient computes them)")
			}
		}
		return p, nil
	case dp:
		if met == nil {
			return 0, errZero(rsaIntegers[dp], "and so are dq and qi (Parser.Lenient computes them)")
		}
		return dp, nil // completeRSA adds them
	}
	return len(values), nil
}

// isZero reports whether an integer that ReadASN1Integer returned is 0.
func isZero(v []byte) bool { return len(v) == 0 || v[0] == 0 }

func errZero(name, also string) error { return errorf(ErrInvalid, "is 0, %s", also).atMember(name, 0) }

// readOtherPrimes returns the text of "oth" for a list of OtherPrimeInfo.
func readOtherPrimes(others *cryptobyte.String) (string, error) {
	oth := []byte("[")
	for n := 0; !others.Empty(); n++ {
		if n == maxOtherPrimes {
			return "", errorf(ErrPolicy, "more than %d primes", 2+maxOtherPrimes)
		}
		var seq cryptobyte.String
		var r, d, t []byte
		if !others.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1Integer(&r) ||
			!seq.ReadASN1Integer(&d) || !seq.ReadASN1Integer(&t) || !seq.Empty() {
			return "", errDER(formRSAPrivate)
		}
		oth = appendOtherPrime(oth, r, d, t)
	}
	return string(append(oth, ']')), nil
}

func (k *rsaKey) spki() publicKeyInfo {
	pub, _ := k.public().(*rsa.PublicKey)
	return publicKeyInfo{nameRSA, x509.MarshalPKCS1PublicKey(pub)}
}

func (k *rsaKey) pkcs8() privateKeyInfo {
	return privateKeyInfo{algorithmID: nameRSA, key: x509.MarshalPKCS1PrivateKey(k.priv)}
}

func (k *rsaKey) certified(spki *publicKeyInfo) bool {
	if !spki.algorithm.Equal(oidRSA) && !spki.algorithm.Equal(oidRSAPSS) {
		return false
	}
	pub, ok := k.public().(*rsa.PublicKey)
	var seq cryptobyte.String
	n, e, der := new(big.Int), 0, cryptobyte.String(spki.key)
	return ok && der.ReadASN1(&seq, cbasn1.SEQUENCE) && der.Empty() &&
		seq.ReadASN1Integer(n) && seq.ReadASN1Integer(&e) && seq.Empty() &&
		pub.E == e && pub.N.Cmp(n) == 0
}
