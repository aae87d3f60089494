package jwk

import (
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The forms of RSA keys in DER: PKCS #1 (RFC 8017, Appendix A.1).

var nameRSA = algorithmID{algorithm: oidRSA, null: true}

const (
	formRSAPublic  = "RSAPublicKey (RFC 8017, Appendix A.1.1)"
	formRSAPrivate = "RSAPrivateKey (RFC 8017, Appendix A.1.2)"
)

// readRSAPublicKey reads an RSAPublicKey. It returns the octets of n and e without leading
// zeros.
func readRSAPublicKey(der []byte) (n, e []byte, ok bool) {
	s := cryptobyte.String(der)
	var seq cryptobyte.String
	ok = s.ReadASN1(&seq, cbasn1.SEQUENCE) && s.Empty() &&
		seq.ReadASN1Integer(&n) && seq.ReadASN1Integer(&e) && seq.Empty()
	return n, e, ok
}

// checkRSACost checks an RSAPublicKey that crypto/x509 will verify signatures with: its sizes,
// and that crypto/rsa accepts its exponent. It refuses octets after the RSAPublicKey, because
// crypto/x509 accepts them and could read other numbers than the checked ones.
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

// maxExponentBits is the size of the largest exponent that crypto/rsa accepts.
const maxExponentBits = 31

// bitLen returns the length in bits of an integer without leading zero octets.
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

// rsaFromPKCS8 reads an RSAPrivateKey. It takes all integers from the file, also those that could
// be computed, so that a file that contradicts itself is refused. With Lenient, integers that can
// be computed may be 0, and are left out.
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
		if known, err = knownIntegers(&values, info.tolerance); err != nil {
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

// rsaIntegers are the names that a JWK has for the integers of an RSAPrivateKey.
var rsaIntegers = [...]string{"n", "e", "d", "p", "q", "dp", "dq", "qi"}

// knownIntegers returns how many integers of a key with two primes are known. Some writers do
// not know dp, dq and qi, and some do not know p and q either. They write 0 for each unknown
// integer.
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
