package jwk

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"iter"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// RSA keys, RFC 7518, Section 6.3.

var rsaKind = kindRow{
	kind: kind{
		kty:        RSA,
		public:     setOf(mN, mE),
		private:    setOf(mD, mP, mQ, mDP, mDQ, mQI, mOth),
		ops:        OpSign | OpVerify | OpEncrypt | OpDecrypt | OpWrapKey | OpUnwrapKey,
		width:      minimalWidth,
		algorithms: []algorithmID{nameRSA},
	},
	read:         readRSA,
	write:        writeRSA,
	complete:     completeRSA,
	privateForms: []any{(*rsa.PrivateKey)(nil)},
}

type rsaKey struct {
	n, e string // base64url
	size int    // bits
	exp  int
	priv *rsa.PrivateKey // nil in a public key
}

// The members that RFC 7518, Section 6.3.2, wants all of or none.
var rsaFactors = setOf(mP, mQ, mDP, mDQ, mQI)

func readRSA(_ *kind, m *members, lim limits) (material, error) {
	k := new(rsaKey)
	n, err := k.readPublic(m, lim)
	if err != nil {
		return nil, err
	}
	if m.present&privateMembers != 0 {
		k.priv, err = k.readPrivate(m, new(big.Int).SetBytes(n))
		if err != nil {
			return nil, err
		}
	}
	return k, nil
}

// readPublic reads and checks n and e, and returns n, which is good until
// the next member is read.
func (k *rsaKey) readPublic(m *members, lim limits) ([]byte, error) {
	text, e, err := m.encoded(mE)
	if err != nil {
		return nil, m.exponentFault(err)
	}
	if e[0] == 0 {
		return nil, m.errorf(mE, ErrInvalid, leadingZero)
	}
	// Compared as octets: an exponent must not wrap into a small one. Larger
	// than 31 bits is what crypto/rsa refuses, too.
	var exp uint64
	if len(e) <= 4 {
		for _, b := range e {
			exp = exp<<8 | uint64(b)
		}
	}
	if exp < 3 || exp > math.MaxInt32 || exp%2 == 0 {
		return nil, m.errorf(mE, ErrInvalid, "exponent is not an odd number from 3 to 2^31-1")
	}
	k.e, k.exp = text, int(exp)

	// The size of the text comes first: a modulus of a megabyte costs nothing.
	if text, err = m.str(mN); err != nil {
		return nil, err
	}
	if len(text)/4*3 > lim.maxRSABits/8+maxLeadingZeros {
		return nil, m.errorf(mN, ErrPolicy, "more than %d bits", lim.maxRSABits)
	}
	text, n, err := m.encoded(mN)
	if err != nil {
		return nil, err
	}
	if n[0] == 0 {
		return nil, m.errorf(mN, ErrInvalid, leadingZero)
	}
	if form := modulusForm(n); form != "" {
		return nil, m.errorf(mN, ErrInvalid, "a whole %s in DER, want the modulus in it: ParseDER reads the octets", form)
	}
	k.n, k.size = text, len(n)*8-bits.LeadingZeros8(n[0])
	switch {
	case k.size < lim.minRSABits:
		return nil, m.errorf(mN, ErrPolicy, "%d bits, want at least %d", k.size, lim.minRSABits)
	case k.size > lim.maxRSABits:
		return nil, m.errorf(mN, ErrPolicy, "%d bits, want at most %d", k.size, lim.maxRSABits)
	case n[len(n)-1]%2 == 0:
		return nil, m.errorf(mN, ErrInvalid, "an even modulus, want an odd one")
	case roca(n):
		return nil, m.errorf(mN, ErrInvalid, "a modulus of the form of CVE-2017-15361 (ROCA)")
	}
	return n, nil
}

// exponentFault returns a clearer error if e is written in decimal digits, and err
// otherwise.
func (m *members) exponentFault(err error) error {
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
		kind = ErrSyntax // as every number where a string should be
	}
	return m.errorf(mE, kind, `a number in decimal digits, want its octets in base64url: 65537 is "AQAB"`)
}

func isDecimal(text string) bool { return text != "" && skipDigits([]byte(text), 0) == len(text) }

// modulusForm tells which form of a public key in DER the octets of a modulus are, and
// returns "" for a modulus. The form fits the octets to the end: by chance, one modulus
// of 2^60 or fewer would do that.
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

// RFC 7518, Section 2: Base64urlUInt.
const leadingZero = "a leading zero octet, want none"

// A modulus over the limit by no more than this is decoded, so that Lenient
// can find zeros in front of it.
const maxLeadingZeros = 8 // octets

// readPrivate reads the private members and proves that they and n, e are one
// key. Whether the factors are prime is left to an audit: testing takes
// ten times as long as all the rest, and says little where an adversary chose them. If
// they are not, d does not undo e, and signing fails (scheme.failed).
func (k *rsaKey) readPrivate(m *members, n *big.Int) (*rsa.PrivateKey, error) {
	if !m.has(mD) {
		return nil, m.errorf((m.present & privateMembers).first(), ErrInvalid, "a part of a private key without d")
	}
	d, err := m.integer(mD)
	if err != nil {
		return nil, err
	}
	if d.Cmp(n) >= 0 {
		return nil, m.errorf(mD, ErrInvalid, "not less than n")
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: k.exp}, D: d}

	if m.present&(rsaFactors|1<<mOth) == 0 {
		p, q := factor(key)
		if p == nil {
			return nil, m.errorf(mD, ErrInvalid, "at odds with n and e, or n has more than two factors")
		}
		key.Primes = []*big.Int{p, q}
		// Left to itself, Precompute takes ten times as long.
		key.Precomputed.Dp, key.Precomputed.Dq, key.Precomputed.Qinv = crtValues(d, p, q)
		return k.precompute(m, key)
	}
	if lacking := rsaFactors &^ m.present; lacking != 0 {
		return nil, m.errorf(lacking.first(), ErrInvalid, "missing: p, q, dp, dq and qi come together or not at all")
	}
	var v [5]*big.Int
	for i, id := range [...]memberID{mP, mQ, mDP, mDQ, mQI} {
		if v[i], err = m.integer(id); err != nil {
			return nil, err
		}
		if v[i].Cmp(n) >= 0 {
			return nil, m.errorf(id, ErrInvalid, "not less than n")
		}
	}
	key.Primes = []*big.Int{v[0], v[1]}
	if m.has(mOth) {
		return k.readOther(m, key, v[2:])
	}
	// crypto/rsa proves only that n divides p*q.
	if new(big.Int).Mul(v[0], v[1]).Cmp(n) != 0 {
		return nil, m.errorf(mP, ErrInvalid, "p times q is not n")
	}
	// With these set, Precompute checks them against d, p and q.
	key.Precomputed = rsa.PrecomputedValues{Dp: v[2], Dq: v[3], Qinv: v[4]}
	return k.precompute(m, key)
}

// precompute lets crypto/rsa check a key of two primes and prepare it for use.
func (k *rsaKey) precompute(m *members, key *rsa.PrivateKey) (*rsa.PrivateKey, error) {
	key.Precompute()
	if key.Validate() != nil {
		return nil, k.atOdds(m, key)
	}
	return key, nil
}

// atOdds tells why crypto/rsa refuses a key: its own words name no member, and differ
// from one release of Go to the next.
func (k *rsaKey) atOdds(m *members, key *rsa.PrivateKey) *Error {
	p, q, d := key.Primes[0], key.Primes[1], key.D
	crt := key.Precomputed
	switch half := k.size / 2; {
	case len(key.Primes) > 2: // readOther has found nothing
	case !k.inverts(d, p):
		return m.errorf(mD, ErrInvalid, "d times e is not 1 modulo p less 1")
	case !k.inverts(d, q):
		return m.errorf(mD, ErrInvalid, "d times e is not 1 modulo q less 1")
	case p.Cmp(q) == 0:
		return m.errorf(mQ, ErrInvalid, "the same as p")
	case crt.Dp.Cmp(modLess(d, p)) != 0:
		return m.errorf(mDP, ErrInvalid, "not d modulo p less 1")
	case crt.Dq.Cmp(modLess(d, q)) != 0:
		return m.errorf(mDQ, ErrInvalid, "not d modulo q less 1")
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

// inverts reports whether d is an inverse of the public exponent modulo p-1.
func (k *rsaKey) inverts(d, p *big.Int) bool {
	one := big.NewInt(1)
	de := new(big.Int).Mul(d, big.NewInt(int64(k.exp)))
	return de.Mod(de, new(big.Int).Sub(p, one)).Cmp(one) == 0
}

// Of more factors than these five, each is small enough to be found.
const maxOtherPrimes = 3

// readOther reads "oth" (RFC 7518, Section 6.3.2.7) into a key whose first two
// primes are set. crypto/rsa checks nothing of such keys, so all is checked here.
func (k *rsaKey) readOther(m *members, key *rsa.PrivateKey, crt []*big.Int) (*rsa.PrivateKey, error) {
	primes, err := m.otherPrimes(maxOtherPrimes)
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
			return nil, m.primeErrorf(i, [...]memberID{mP, mQ}, "r", "not between 1 and n")
		}
		product.Mul(product, r)
	}
	if product.Cmp(key.N) != 0 {
		return nil, m.errorf(mOth, ErrInvalid, "p times q times every r is not n")
	}
	product.SetInt64(1)
	for i, r := range key.Primes {
		switch {
		case !k.inverts(key.D, r):
			return nil, m.errorf(mD, ErrInvalid, "d times e is not 1 modulo a prime less 1")
		case exps[i].Cmp(modLess(key.D, r)) != 0:
			return nil, m.primeErrorf(i, [...]memberID{mDP, mDQ}, "d", "not the d of the key modulo the prime less 1")
		case i == 1 && !isInverse(crt[2], r, key.Primes[0]):
			return nil, m.errorf(mQI, ErrInvalid, notInverse)
		case i > 1 && !isInverse(primes[i-2].t, product, r):
			return nil, m.primeErrorf(i, [2]memberID{}, "t", "not the inverse of the primes before it")
		}
		product.Mul(product, r)
	}
	return k.precompute(m, key)
}

// primeErrorf returns an Error about the i-th prime: about a member of the first two, or
// about a part of its element of "oth".
func (m *members) primeErrorf(i int, first [2]memberID, part, what string) *Error {
	if i < len(first) {
		return m.errorf(first[i], ErrInvalid, "%s", what)
	}
	return m.errorf(mOth, ErrInvalid, "%s of element %d is %s", part, i-len(first), what)
}

// isInverse reports whether x is the inverse of y modulo n.
func isInverse(x, y, n *big.Int) bool {
	if x.Cmp(n) >= 0 {
		return false
	}
	xy := new(big.Int).Mul(x, y)
	return xy.Mod(xy, n).Cmp(big.NewInt(1)) == 0
}

// An otherPrime is an element of "oth".
type otherPrime struct{ r, d, t *big.Int }

// otherPrimes reads the array of at most max objects that "oth" is.
func (m *members) otherPrimes(max int) ([]otherPrime, error) {
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

// integer returns a required positive integer without leading zeros (RFC 7518, Section 2).
func (m *members) integer(id memberID) (*big.Int, error) {
	_, b, err := m.encoded(id)
	if err != nil {
		return nil, err
	}
	if b[0] == 0 {
		return nil, m.errorf(id, ErrInvalid, leadingZero)
	}
	return new(big.Int).SetBytes(b), nil
}

// factor finds the two primes of n with the help of d (NIST SP 800-56B Rev. 2,
// Appendix C.2). It returns nil if d does not belong to n and e. What it
// returns is checked with everything else afterwards.
func factor(key *rsa.PrivateKey) (p, q *big.Int) {
	one := big.NewInt(1)
	k := new(big.Int).Mul(key.D, big.NewInt(int64(key.E)))
	k.Sub(k, one)
	// a is a multiple of (p-1)(q-1), and so close below one of n that the
	// quotient and the remainder give p+q.
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

// completeRSA yields dp, dq and qi where p and q are there without them.
func completeRSA(m *members, lim limits) iter.Seq2[memberID, []byte] {
	return func(yield func(memberID, []byte) bool) {
		if m.present&(rsaFactors|1<<mOth) != setOf(mP, mQ) {
			return
		}
		octets, err := new(rsaKey).readPublic(m, lim)
		if err != nil {
			return
		}
		n := new(big.Int).SetBytes(octets)
		d, errD := m.integer(mD)
		p, errP := m.integer(mP)
		q, errQ := m.integer(mQ)
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

// crtValues returns d modulo p-1 and q-1, and the inverse of q modulo p, which
// is nil if there is none.
func crtValues(d, p, q *big.Int) (dp, dq, qi *big.Int) {
	return modLess(d, p), modLess(d, q), new(big.Int).ModInverse(q, p)
}

// modLess returns d modulo p-1.
func modLess(d, p *big.Int) *big.Int {
	less := new(big.Int).Sub(p, big.NewInt(1))
	return less.Mod(d, less)
}

func writeRSA(_ *kind, w *writer, key any) (bool, error) {
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
	if bits := pub.N.BitLen(); bits > defaultMaxRSABits { // before any arithmetic with it
		return true, errorf(ErrPolicy, "%d bits, want at most %d", bits, defaultMaxRSABits).atMember("n", 0)
	}
	w.str("kty", string(RSA))
	w.octets("n", pub.N.Bytes())
	w.octets("e", big.NewInt(int64(pub.E)).Bytes())
	if priv == nil {
		return true, nil
	}
	if priv.D == nil || priv.D.Sign() <= 0 {
		return true, errorf(ErrInvalid, "an RSA private key without private exponent")
	}
	if n := len(priv.Primes); n == 1 || n > 2+maxOtherPrimes {
		return true, errorf(ErrInvalid, "an RSA private key of %s, want 2 to %d or none", counted(n, "prime", "primes"), 2+maxOtherPrimes)
	}
	w.octets("d", priv.D.Bytes())
	if len(priv.Primes) == 0 {
		return true, nil
	}
	for _, p := range priv.Primes {
		if p == nil || p.Cmp(big.NewInt(1)) <= 0 || p.Cmp(pub.N) >= 0 {
			return true, errorf(ErrInvalid, "an RSA private key with a prime that is not between 1 and n")
		}
	}
	p, q := priv.Primes[0], priv.Primes[1]
	dp, dq, qi := crtValues(priv.D, p, q)
	if qi == nil {
		return true, errorf(ErrInvalid, "an RSA private key with primes that are not coprime")
	}
	w.octets("p", p.Bytes())
	w.octets("q", q.Bytes())
	w.octets("dp", dp.Bytes())
	w.octets("dq", dq.Bytes())
	w.octets("qi", qi.Bytes())
	if len(priv.Primes) == 2 {
		return true, nil
	}
	product := new(big.Int).Mul(p, q)
	oth := []byte("[")
	for _, r := range priv.Primes[2:] {
		t := new(big.Int).ModInverse(product, r)
		if t == nil {
			return true, errorf(ErrInvalid, "an RSA private key with primes that are not coprime")
		}
		oth = appendOtherPrime(oth, r.Bytes(), modLess(priv.D, r).Bytes(), t.Bytes())
		product.Mul(product, r)
	}
	w.raw("oth", string(append(oth, ']')))
	return true, nil
}

// appendOtherPrime appends an element to the "oth" that has been begun.
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

func generateRSA(bits int) (any, error) {
	if bits == 0 {
		bits = defaultMinRSABits
	}
	if bits < defaultMinRSABits || bits > defaultMaxRSABits || bits%8 != 0 {
		return nil, errorf(ErrPolicy, "Bits is %d, want a multiple of 8 from %d to %d", bits, defaultMinRSABits, defaultMaxRSABits)
	}
	return generated(rsa.GenerateKey(rand.Reader, bits))
}

func (k *rsaKey) bits() int { return k.size }

func (k *rsaKey) public() crypto.PublicKey {
	if k.priv != nil {
		return &k.priv.PublicKey
	}
	var buf [defaultMaxRSABits / 8]byte    // on the stack
	n, _ := decode64(buf[:0], []byte(k.n)) // was decoded before
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: k.exp}
}

func (k *rsaKey) moved(m *members) material {
	next := &rsaKey{n: m.text(mN), e: m.text(mE), size: k.size, exp: k.exp}
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
