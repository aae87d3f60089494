package jwk

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"iter"
	"math"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"github.com/seed1f6cf2d3/jwk/internal/roca"
)

// RSA keys: RFC 7518, Section 6.3.

var rsaKind = &kindRow{
	kind: &kind{
		kty:        RSA,
		public:     1<<mN | 1<<mE,
		private:    1<<mD | 1<<mP | 1<<mQ | 1<<mDP | 1<<mDQ | 1<<mQI | 1<<mOth,
		ops:        OpSign | OpVerify | OpEncrypt | OpDecrypt | OpWrapKey | OpUnwrapKey,
		width:      minimalWidth,
		algorithms: []algorithmID{nameRSA},
	},
	family:       rsaFamily{},
	complete:     completeRSA,
	privateForms: []any{(*rsa.PrivateKey)(nil)},
}

type rsaFamily struct{}

type rsaKey struct {
	n, e string          // base64url; their values are decoded when they are needed, to save memory
	priv *rsa.PrivateKey // nil in a public key
}

func (rsaFamily) read(_ *kind, m *members, lim limits) (material, error) {
	pub, err := readRSAPublic(m, lim)
	if err != nil {
		return nil, err
	}
	var priv *rsa.PrivateKey
	if m.present&privateMembers != 0 {
		if priv, err = readRSAPrivate(m, new(big.Int).SetBytes(pub.octets), pub.exp); err != nil {
			return nil, err
		}
	}
	k := newMaterial[rsaKey](m)
	k.n, k.e, k.priv = pub.n, pub.e, priv
	return k, nil
}

// An rsaPublic is the public half of an object.
type rsaPublic struct {
	n, e   string // base64url
	octets []byte // n, valid until the next member is read
	size   int    // bits of n
	exp    int    // the value of e
}

// readRSAPublic reads and checks n and e.
func readRSAPublic(m *members, lim limits) (pub rsaPublic, err error) {
	text, e, err := m.encoded(mE)
	if err != nil {
		return pub, exponentError(m, err)
	}
	if e[0] == 0 {
		return pub, m.errorf(mE, ErrInvalid, leadingZero)
	}
	exp := exponent(e)
	if exp < 3 || exp > math.MaxInt32 || exp%2 == 0 {
		return pub, m.errorf(mE, ErrInvalid, "exponent is not an odd number from 3 to 2^31-1")
	}
	pub.e, pub.exp = text, int(exp)

	// The length of the text is checked before it is decoded, so a modulus of a megabyte costs
	// little.
	if text, err = m.str(mN); err != nil {
		return pub, err
	}
	if len(text)/4*3 > lim.maxRSABits/8+maxLeadingZeros {
		return pub, m.errorf(mN, ErrPolicy, "more than %d bits", lim.maxRSABits)
	}
	text, n, err := m.encoded(mN)
	if err != nil {
		return pub, err
	}
	if n[0] == 0 {
		return pub, m.errorf(mN, ErrInvalid, leadingZero)
	}
	if form := modulusForm(n); form != "" {
		return pub, m.errorf(mN, ErrInvalid, "a whole %s in DER, want the modulus in it: ParseDER reads the octets", form)
	}
	pub.n, pub.octets, pub.size = text, n, bitLen(n)
	switch {
	case pub.size < lim.minRSABits:
		return pub, m.errorf(mN, ErrPolicy, "%d bits, want at least %d", pub.size, lim.minRSABits)
	case pub.size > lim.maxRSABits:
		return pub, m.errorf(mN, ErrPolicy, "%d bits, want at most %d", pub.size, lim.maxRSABits)
	case n[len(n)-1]%2 == 0:
		return pub, m.errorf(mN, ErrInvalid, "an even modulus, want an odd one")
	case roca.Modulus(n):
		return pub, m.errorf(mN, ErrInvalid, "a modulus with the flaw CVE-2017-15361 (ROCA)")
	}
	return pub, nil
}

// exponent returns the value of e, or 0 if e has more than 4 octets: a longer one could wrap
// around into a small one. crypto/rsa, too, refuses exponents of more than 31 bits.
func exponent(e []byte) (exp uint64) {
	if len(e) > 4 {
		return 0
	}
	for _, b := range e {
		exp = exp<<8 | uint64(b)
	}
	return exp
}

// exponentError returns a clearer error than err if e has decimal digits, and err otherwise.
func exponentError(m *members, err error) error {
	if !m.has(mE) {
		return err
	}
	raw := m.raw(mE)
	text := strings.Trim(raw, `"`)
	if !isDecimal(text) {
		return err
	}
	kind := ErrInvalid
	if text == raw {
		kind = ErrSyntax // as for every number in place of a string
	}
	return m.errorf(mE, kind, `a number in decimal digits, want its octets in base64url: 65537 is "AQAB"`)
}

// modulusForm returns the name of the form in DER if n holds a whole public key, and "" if n is a
// modulus. The form must fill all octets. At most one in 2^60 moduli does so by chance.
func modulusForm(n []byte) string {
	if n[0] != derSequence {
		return ""
	}
	s := cryptobyte.String(n)
	if info, ok := readPublicKeyInfo(&s); ok && s.Empty() && info.algorithm != nil {
		return "SubjectPublicKeyInfo"
	}
	if _, _, ok := readRSAPublicKey(n); ok {
		return "RSAPublicKey"
	}
	return ""
}

// derSequence is the first octet of a SEQUENCE in DER.
const derSequence = 0x30

// maxLeadingZeros is the number of octets by which a modulus may exceed the limit and still be
// decoded, so that Lenient can remove leading zeros.
const maxLeadingZeros = 8

// completeRSA yields dp, dq and qi for a key that has p and q without them.
func completeRSA(m *members, lim limits) iter.Seq2[memberID, []byte] {
	return func(yield func(memberID, []byte) bool) {
		if m.present&(rsaFactors|1<<mOth) != 1<<mP|1<<mQ {
			return
		}
		pub, err := readRSAPublic(m, lim)
		if err != nil {
			return
		}
		n := new(big.Int).SetBytes(pub.octets)
		d, errD := integer(m, mD)
		p, errP := integer(m, mP)
		q, errQ := integer(m, mQ)
		one := big.NewInt(1)
		if errD != nil || errP != nil || errQ != nil ||
			p.Cmp(one) <= 0 || q.Cmp(one) <= 0 || p.Cmp(n) >= 0 || q.Cmp(n) >= 0 {
			return
		}
		if dp, dq, qi := crtValues(d, p, q); qi != nil {
			_ = yield(mDP, dp.Bytes()) && yield(mDQ, dq.Bytes()) && yield(mQI, qi.Bytes())
		}
	}
}

func (rsaFamily) write(_ *kind, w *writer, key any) (bool, error) {
	var pub *rsa.PublicKey
	var priv *rsa.PrivateKey
	switch key := key.(type) {
	case *rsa.PublicKey:
		pub = key
	case *rsa.PrivateKey:
		if priv = key; priv != nil {
			pub = &priv.PublicKey
		}
	default:
		return false, nil
	}
	if pub == nil || pub.N == nil || pub.N.Sign() <= 0 || pub.E <= 0 {
		return true, errorf(ErrInvalid, "an RSA key without modulus or exponent")
	}
	if bits := pub.N.BitLen(); bits > defaultMaxRSABits { // arithmetic with a larger modulus would take long
		return true, errorf(ErrPolicy, "%d bits, want at most %d", bits, defaultMaxRSABits).atMember("n", 0)
	}
	w.str("kty", string(RSA))
	w.octets("n", pub.N.Bytes())
	w.octets("e", big.NewInt(int64(pub.E)).Bytes())
	if priv == nil {
		return true, nil
	}
	return true, writeRSAPrivate(w, priv)
}

// writeRSAPrivate writes the private members of a key. It computes dp, dq and qi, because
// Precomputed may be missing or wrong.
func writeRSAPrivate(w *writer, priv *rsa.PrivateKey) error {
	if priv.D == nil || priv.D.Sign() <= 0 {
		return errorf(ErrInvalid, "an RSA private key without private exponent")
	}
	if n := len(priv.Primes); n == 1 || n > 2+maxOtherPrimes {
		return errorf(ErrInvalid, "an RSA private key of %s, want 2 to %d, or no prime", counted(n, "prime", "primes"), 2+maxOtherPrimes)
	}
	w.octets("d", priv.D.Bytes())
	if len(priv.Primes) == 0 {
		return nil
	}
	for _, p := range priv.Primes {
		if p == nil || p.Cmp(big.NewInt(1)) <= 0 || p.Cmp(priv.N) >= 0 {
			return errorf(ErrInvalid, "an RSA private key with a prime that is not between 1 and n")
		}
	}
	p, q := priv.Primes[0], priv.Primes[1]
	dp, dq, qi := crtValues(priv.D, p, q)
	if qi == nil {
		return errorf(ErrInvalid, "an RSA private key with primes that are not coprime")
	}
	w.octets("p", p.Bytes())
	w.octets("q", q.Bytes())
	w.octets("dp", dp.Bytes())
	w.octets("dq", dq.Bytes())
	w.octets("qi", qi.Bytes())
	if len(priv.Primes) == 2 {
		return nil
	}
	product := new(big.Int).Mul(p, q)
	oth := []byte("[")
	for _, r := range priv.Primes[2:] {
		t := new(big.Int).ModInverse(product, r)
		if t == nil {
			return errorf(ErrInvalid, "an RSA private key with primes that are not coprime")
		}
		oth = appendOtherPrime(oth, r.Bytes(), modLess(priv.D, r).Bytes(), t.Bytes())
		product.Mul(product, r)
	}
	w.raw("oth", string(append(oth, ']')))
	return nil
}

// generateRSA makes a key. bits is the size of its modulus, 0 for the default.
func generateRSA(bits int) (any, error) {
	if bits == 0 {
		bits = defaultMinRSABits
	}
	if bits < defaultMinRSABits || bits > defaultMaxRSABits || bits%8 != 0 {
		return nil, errorf(ErrPolicy, "Bits is %d, want a multiple of 8 from %d to %d", bits, defaultMinRSABits, defaultMaxRSABits)
	}
	return generated(rsa.GenerateKey(rand.Reader, bits))
}

func (k *rsaKey) bits() int {
	var buf [3]byte
	first, _ := decode64(buf[:0], []byte(k.n[:min(4, len(k.n))])) // was checked when it was read
	return bitLen(first[:1]) + 8*(decodedLen64(len(k.n))-1)
}

func (k *rsaKey) public() crypto.PublicKey {
	if k.priv != nil {
		return &k.priv.PublicKey
	}
	var buf [defaultMaxRSABits / 8]byte // stays on the stack
	e, _ := decode64(buf[:0], []byte(k.e))
	exp := int(exponent(e))
	n, _ := decode64(buf[:0], []byte(k.n)) // was checked when it was read
	// SetBytes allocates spare words. The clone has no spare words, because the key is kept.
	words := slices.Clone(new(big.Int).SetBytes(n).Bits())
	return &rsa.PublicKey{N: new(big.Int).SetBits(words), E: exp}
}

func (k *rsaKey) boundTo(m *members) material {
	next := newMaterial[rsaKey](m)
	next.n, next.e = m.text(mN), m.text(mE)
	if m.present&privateMembers != 0 {
		next.priv = k.priv
	}
	return next
}

func (k *rsaKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}

func (k *rsaKey) forms() iter.Seq[any] { return noForms }

func (k *rsaKey) canonical() (a, b, c, d string) {
	return `{"e":"`, k.e, `","kty":"RSA","n":"`, k.n
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
	n, e, ok := readRSAPublicKey(spki.key)
	return ok && isTextOf(k.n, n) && isTextOf(k.e, e)
}

// isTextOf reports whether text, a member that was checked when it was read, has these octets.
func isTextOf(text string, octets []byte) bool {
	var buf [defaultMaxRSABits / 8]byte // stays on the stack
	own, _ := decode64(buf[:0], []byte(text))
	return string(own) == string(octets)
}
