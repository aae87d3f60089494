//go:build !jwk_core || (go1.27 && !fips140v1.0)

package jwk

import (
	"crypto"
	"crypto/sha3"
	"encoding/asn1"
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"

	"filippo.io/mldsa"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithm key pairs for ML-DSA, RFC 9964: alg says the parameter set, pub is
// the public key, and priv the seed of the private one (FIPS 204).

var akpKind = kindRow{
	kind:         kindAKP,
	read:         readAKP,
	write:        writeAKP,
	privateForms: []any{(*mldsa.PrivateKey)(nil)},
}

// An akpSet is a parameter set.
type akpSet struct {
	alg            Algorithm
	params         func() mldsa.Parameters
	size, expanded int // octets of pub, and of an expanded private key
	oid            asn1.ObjectIdentifier
}

var akpSets = [...]akpSet{
	{MLDSA44, mldsa.MLDSA44, mldsa.MLDSA44PublicKeySize, 2560, oidMLDSA44},
	{MLDSA65, mldsa.MLDSA65, mldsa.MLDSA65PublicKeySize, 4032, oidMLDSA65},
	{MLDSA87, mldsa.MLDSA87, mldsa.MLDSA87PublicKeySize, 4896, oidMLDSA87},
}

// akpSetOf finds the parameter set of an algorithm, nil if there is none.
func akpSetOf(alg Algorithm) *akpSet {
	for i := range akpSets {
		if akpSets[i].alg == alg {
			return &akpSets[i]
		}
	}
	return nil
}

type akpKey struct {
	set  *akpSet
	pub  string            // base64url
	priv *mldsa.PrivateKey // nil in a public key
}

// pub begins with the seed of the matrix; t1 is the rest (FIPS 204, Algorithm 22).
const sizeRho = 32 // octets

func readAKP(kd *kind, m *members, _ limits) (material, error) {
	// A secret must not hide in a public key.
	if v, ok := m.other(draftSeedName); ok {
		return nil, errorf(ErrInvalid, "a member of drafts alone, want the seed in priv").atMember(draftSeedName, v.start)
	}
	if !m.has(mAlg) {
		return nil, m.errorf(mAlg, ErrInvalid, "missing")
	}
	alg, err := m.str(mAlg)
	if err != nil {
		return nil, err
	}
	set := akpSetOf(Algorithm(alg))
	if set == nil {
		return nil, m.errorf(mAlg, ErrUnsupported, "algorithm %s, want %s for an AKP key", word(alg), oneOf(MLDSA44, MLDSA65, MLDSA87))
	}
	k := &akpKey{set: set}
	var pub []byte
	if k.pub, pub, err = m.encoded(mPub); err != nil {
		return nil, err
	}
	if len(pub) != set.size {
		return nil, m.errorf(mPub, ErrInvalid, "%s, want %d for %s", counted(len(pub), "octet", "octets"), set.size, set.alg)
	}
	want := set.coefficients() / 4
	if n := countLarge(pub[sizeRho:], want); n < want {
		return nil, m.errorf(mPub, ErrInvalid, "%d of %d coefficients of t1 are from 128 to 895, want at least %d: anybody could sign for a small t1", n, set.coefficients(), want)
	}
	if !m.has(mPriv) {
		return k, nil
	}
	pub = append(m.point[:0], pub...)
	m.point = pub
	_, seed, err := m.encoded(mPriv)
	if err != nil {
		return nil, err
	}
	if len(seed) != mldsa.PrivateKeySize {
		return nil, m.errorf(mPriv, ErrInvalid, "%s, want the seed of %d", counted(len(seed), "octet", "octets"), mldsa.PrivateKeySize)
	}
	if k.priv, err = mldsa.NewPrivateKey(set.params(), seed); err != nil { // a FIPS 140-3 module without ML-DSA
		return nil, m.errorf(mAlg, ErrUnsupported, "%s is not available: %s", set.alg, textOf(err))
	}
	if string(k.priv.PublicKey().Bytes()) != string(pub) {
		return nil, m.errorf(mPriv, ErrInvalid, "does not belong to pub")
	}
	return k, nil
}

// other finds the value of a member whose name is not registered.
func (m *members) other(name string) (span, bool) {
	if len(m.unknown) <= maxCompared && !slices.Contains(m.unknown, name) {
		return span{}, false
	}
	r := newReaderOf(m.data, m.doc)
	r.pos = m.object.start
	if r.open('{', "") != nil {
		return span{}, false
	}
	for r.more('}') {
		if n, v := r.name(), r.value(); n == name {
			return v, true
		}
	}
	return span{}, false
}

// The coefficients of t1 have bitsOfT1 bits each.
const bitsOfT1 = 10

// coefficients returns how many coefficients t1 has.
func (s *akpSet) coefficients() int { return (s.size - sizeRho) * 8 / bitsOfT1 }

// countLarge counts the coefficients of t1 from 128 to 895 until there are enough. A
// signature is verified with c*t1*2^13 modulo q, which is 1023*2^13+1: coefficients near 0
// and near 1023 are small there. If nearly all are small, so is the product, and anybody
// finds signatures without the private key. In an honest t1, three quarters are large.
func countLarge(t1 []byte, enough int) (n int) {
	// Four coefficients have five octets, the lowest bits first (FIPS 204, Algorithm 16).
	// A coefficient is below 128 or above 895 if its three highest bits are the same.
	const bit7 = 1<<7 | 1<<17 | 1<<27 | 1<<37
	for ; len(t1) >= 5 && n < enough; t1 = t1[5:] {
		four := uint64(binary.LittleEndian.Uint32(t1)) | uint64(t1[4])<<32
		n += bits.OnesCount64(((four ^ four>>1) | (four>>1 ^ four>>2)) & bit7)
	}
	return n
}

func writeAKP(_ *kind, w *writer, key any) (bool, error) {
	var pub, seed []byte
	switch key := key.(type) {
	case *mldsa.PublicKey:
		if key != nil {
			pub = key.Bytes()
		}
	case *mldsa.PrivateKey:
		if key != nil {
			pub, seed = key.PublicKey().Bytes(), key.Bytes()
		}
	default:
		return false, nil
	}
	for i := range akpSets {
		// A zero key has no parameters, and panics when it is asked for them.
		if set := &akpSets[i]; len(pub) == set.size {
			set.write(w, pub, seed)
			return true, nil
		}
	}
	return true, errorf(ErrInvalid, "an ML-DSA key that is nil or zero")
}

func generateAKP(alg Algorithm) (any, error) {
	return generated(mldsa.GenerateKey(akpSetOf(alg).params()))
}

func (k *akpKey) verifies(key crypto.PublicKey, message, signature []byte) bool {
	pub, ok := key.(*mldsa.PublicKey)
	return ok && mldsa.Verify(pub, message, signature, nil) == nil
}

// bits is 0: no one number is the size of such a key.
func (k *akpKey) bits() int { return 0 }

func (k *akpKey) public() crypto.PublicKey {
	if k.priv != nil {
		return k.priv.PublicKey()
	}
	key, err := mldsa.NewPublicKey(k.set.params(), k.octets())
	if err != nil {
		return nil // a FIPS 140-3 module without ML-DSA
	}
	return key
}

func (k *akpKey) moved(m *members) material {
	next := &akpKey{set: k.set, pub: m.text(mPub)}
	if m.has(mPriv) {
		next.priv = k.priv
	}
	return next
}

func (k *akpKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}

func (k *akpKey) forms() iter.Seq[any] { return noForms }

func (k *akpKey) canonical() (a, b, c, d string) {
	return `{"alg":"`, string(k.set.alg), `","kty":"AKP","pub":"`, k.pub
}

// octets returns pub, which was checked when it was read.
func (k *akpKey) octets() []byte {
	pub, _ := decode64(make([]byte, 0, k.set.size), []byte(k.pub))
	return pub
}

func (k *akpKey) certified(spki *publicKeyInfo) bool {
	return spki.algorithm.Equal(k.set.oid) && string(k.octets()) == string(spki.key)
}

func (s *akpSet) name() algorithmID { return algorithmID{algorithm: s.oid} }

// akpSetNamed finds the parameter set of a name in DER, which is there.
func akpSetNamed(id algorithmID) *akpSet {
	for i := range akpSets {
		if akpSets[i].name().equal(id) {
			return &akpSets[i]
		}
	}
	return nil
}

func (s *akpSet) write(w *writer, pub, seed []byte) {
	w.str("kty", string(AKP))
	w.str("alg", string(s.alg))
	w.octets("pub", pub)
	if seed != nil {
		w.octets("priv", seed)
	}
}

func akpFromSPKI(w *writer, info publicKeyInfo) error {
	akpSetNamed(info.algorithmID).write(w, info.key, nil)
	return nil
}

// akpFromPKCS8 reads the choice of RFC 9881, Section 6: the seed, or the seed with
// what it expands to. The latter alone is of no use, since a JWK has the seed.
func akpFromPKCS8(w *writer, info privateKeyInfo) error {
	set := akpSetNamed(info.algorithmID)
	s := cryptobyte.String(info.key)
	var both, seed, expanded cryptobyte.String
	var ok bool
	switch {
	case s.PeekASN1Tag(tagSeed):
		ok = s.ReadASN1(&seed, tagSeed) && s.Empty()
	case s.PeekASN1Tag(cbasn1.SEQUENCE):
		ok = s.ReadASN1(&both, cbasn1.SEQUENCE) && s.Empty() &&
			both.ReadASN1(&seed, cbasn1.OCTET_STRING) && both.ReadASN1(&expanded, cbasn1.OCTET_STRING) && both.Empty()
	case s.PeekASN1Tag(cbasn1.OCTET_STRING):
		return errorf(ErrUnsupported, "an expanded private key, want its seed")
	}
	if !ok {
		return errDER("ML-DSA private key (RFC 9881, Section 6)")
	}
	if len(seed) != mldsa.PrivateKeySize {
		return errorf(ErrInvalid, "a seed of %s, want %d", counted(len(seed), "octet", "octets"), mldsa.PrivateKeySize)
	}
	key, err := mldsa.NewPrivateKey(set.params(), seed)
	if err != nil { // a FIPS 140-3 module without ML-DSA
		return errorf(ErrUnsupported, "%s is not available: %s", set.alg, textOf(err))
	}
	pub := key.PublicKey().Bytes()
	if both != nil && !set.expands(expanded, pub) {
		return errorf(ErrInvalid, "the expanded private key does not belong to the seed")
	}
	set.write(w, pub, seed)
	return nil
}

// tagSeed is that of the seed alone: [0] IMPLICIT OCTET STRING.
const tagSeed = cbasn1.Tag(0x80)

// expands reports whether an expanded private key names a public key: by its rho,
// and its digest tr (FIPS 204, Algorithm 24). RFC 9881, Section 8.2, would have
// all of it compared, which takes a second implementation of ML-DSA: that of Go
// does not give its expanded keys away. What is not compared is not used either.
func (s *akpSet) expands(expanded, pub []byte) bool {
	const sizeK, sizeTr = 32, 64 // octets
	tr := sha3.SumSHAKE256(pub, sizeTr)
	return len(expanded) == s.expanded && string(expanded[:sizeRho]) == string(pub[:sizeRho]) &&
		string(expanded[sizeRho+sizeK:][:sizeTr]) == string(tr)
}

func (k *akpKey) spki() publicKeyInfo { return publicKeyInfo{k.set.name(), k.octets()} }

func (k *akpKey) pkcs8() privateKeyInfo {
	var b cryptobyte.Builder
	b.AddASN1(tagSeed, func(b *cryptobyte.Builder) { b.AddBytes(k.priv.Bytes()) })
	return privateKeyInfo{algorithmID: k.set.name(), key: b.BytesOrPanic()} // of a fixed small size
}
