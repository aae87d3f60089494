//go:build !jwk_core || (go1.27 && !fips140v1.0)

package jwk

import (
	"crypto"
	"crypto/sha3"
	"encoding/binary"
	"iter"
	"math/bits"

	"filippo.io/mldsa"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithm key pairs for ML-DSA: RFC 9964, and in DER RFC 9881. pub is the public key, and priv
// is the seed of the private key (FIPS 204).

// An mldsaSet is a parameter set. Each has a row in the table of kinds.
type mldsaSet struct {
	kind           *kind
	params         func() mldsa.Parameters
	size, expanded int // octets of pub, and of an expanded private key
}

var (
	mldsa44 = mldsaSet{kindMLDSA44, mldsa.MLDSA44, mldsa.MLDSA44PublicKeySize, 2560}
	mldsa65 = mldsaSet{kindMLDSA65, mldsa.MLDSA65, mldsa.MLDSA65PublicKeySize, 4032}
	mldsa87 = mldsaSet{kindMLDSA87, mldsa.MLDSA87, mldsa.MLDSA87PublicKeySize, 4896}

	mldsa44Kind = &kindRow{kind: kindMLDSA44, family: &mldsa44, privateForms: mldsaPrivateForms}
	mldsa65Kind = &kindRow{kind: kindMLDSA65, family: &mldsa65, privateForms: mldsaPrivateForms}
	mldsa87Kind = &kindRow{kind: kindMLDSA87, family: &mldsa87, privateForms: mldsaPrivateForms}
)

var mldsaPrivateForms = []any{(*mldsa.PrivateKey)(nil)}

type mldsaKey struct {
	set  *mldsaSet
	pub  string            // base64url
	priv *mldsa.PrivateKey // nil in a public key
}

// pub begins with the seed of the matrix; t1 is the rest (FIPS 204, Algorithm 22).
const sizeRho = 32 // octets

func (s *mldsaSet) read(k *kind, m *members, _ limits) (material, error) {
	text, pub, err := m.appendSized(m.point[:0], mPub, s.size, k)
	if err != nil {
		return nil, err
	}
	m.point = pub
	want := s.coefficients() / 4
	if n := countLarge(pub[sizeRho:], want); n < want {
		return nil, m.errorf(mPub, ErrInvalid, "%d of %d coefficients of t1 are from 128 to 895, want at least %d: anyone could sign for a small t1", n, s.coefficients(), want)
	}
	if !m.has(mPriv) {
		return s.newKey(m, text, nil), nil
	}
	_, seed, err := m.encoded(mPriv)
	if err != nil {
		return nil, err
	}
	if len(seed) != mldsa.PrivateKeySize {
		return nil, m.errorf(mPriv, ErrInvalid, "%s, want the seed of %d", counted(len(seed), "octet", "octets"), mldsa.PrivateKeySize)
	}
	priv, err := mldsa.NewPrivateKey(s.params(), seed)
	if err != nil { // a FIPS 140-3 module without ML-DSA
		return nil, m.errorf(mAlg, ErrUnsupported, unavailable, k.name(), textOf(err))
	}
	if string(priv.PublicKey().Bytes()) != string(pub) {
		return nil, m.errorf(mPriv, ErrInvalid, "does not belong to pub")
	}
	return s.newKey(m, text, priv), nil
}

// newKey returns the material of a key. priv is nil for a public key.
func (s *mldsaSet) newKey(m *members, pub string, priv *mldsa.PrivateKey) *mldsaKey {
	k := newMaterial[mldsaKey](m)
	k.set, k.pub, k.priv = s, pub, priv
	return k
}

// The coefficients of t1 have bitsOfT1 bits each.
const bitsOfT1 = 10

// coefficients returns the number of coefficients of t1.
func (s *mldsaSet) coefficients() int { return (s.size - sizeRho) * 8 / bitsOfT1 }

// countLarge counts the coefficients of t1 from 128 to 895, and stops when there are enough.
//
// A signature is verified with c*t1*2^13 modulo q, and q is 1023*2^13+1. So coefficients near 0
// and near 1023 are small there. If nearly all coefficients are small, so is the product, and
// anyone finds signatures without the private key. In an honest t1, three quarters are large.
func countLarge(t1 []byte, enough int) (n int) {
	// Four coefficients take five octets, the lowest bits first (FIPS 204, Algorithm 16).
	// A coefficient is below 128 or above 895 if its three highest bits are equal.
	const bit7 = 1<<7 | 1<<17 | 1<<27 | 1<<37
	for ; len(t1) >= 5 && n < enough; t1 = t1[5:] {
		four := uint64(binary.LittleEndian.Uint32(t1)) | uint64(t1[4])<<32
		n += bits.OnesCount64(((four ^ four>>1) | (four>>1 ^ four>>2)) & bit7)
	}
	return n
}

// write recognizes the parameter set by the size of the public key. It does not ask the key for
// its parameters, because a nil or zero key panics then. The first row, for ML-DSA-44, reports
// such a key.
func (s *mldsaSet) write(k *kind, w *writer, key any) (bool, error) {
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
	switch {
	case len(pub) == s.size:
		writeAKP(k, w, pub, seed)
		return true, nil
	case len(pub) < mldsa.MLDSA44PublicKeySize:
		return true, errorf(ErrInvalid, "an ML-DSA key that is nil or zero")
	}
	return false, nil
}

func (k *mldsaKey) verifies(key crypto.PublicKey, message, signature []byte) bool {
	pub, ok := key.(*mldsa.PublicKey)
	return ok && mldsa.Verify(pub, message, signature, nil) == nil
}

// bits returns 0, because such a key has no single number for its size.
func (k *mldsaKey) bits() int { return 0 }

func (k *mldsaKey) public() crypto.PublicKey {
	if k.priv != nil {
		return k.priv.PublicKey()
	}
	key, err := mldsa.NewPublicKey(k.set.params(), k.octets())
	if err != nil {
		return nil // a FIPS 140-3 module without ML-DSA
	}
	return key
}

func (k *mldsaKey) boundTo(m *members) material {
	next := k.set.newKey(m, m.text(mPub), nil)
	if m.has(mPriv) {
		next.priv = k.priv
	}
	return next
}

func (k *mldsaKey) private() crypto.PrivateKey {
	if k.priv == nil {
		return nil
	}
	return k.priv
}

func (k *mldsaKey) forms() iter.Seq[any] { return noForms }

func (k *mldsaKey) canonical() (a, b, c, d string) {
	return `{"alg":"`, string(k.set.kind.alg), `","kty":"AKP","pub":"`, k.pub
}

// octets returns pub, which was checked when it was read.
func (k *mldsaKey) octets() []byte {
	pub, _ := decode64(make([]byte, 0, k.set.size), []byte(k.pub))
	return pub
}

// name returns the AlgorithmIdentifier of the parameter set.
func (k *mldsaKey) name() algorithmID { return k.set.kind.algorithms[0] }

func (k *mldsaKey) certified(spki *publicKeyInfo) bool {
	return spki.algorithm.Equal(k.name().algorithm) && string(k.octets()) == string(spki.key)
}

func (k *mldsaKey) spki() publicKeyInfo { return publicKeyInfo{k.name(), k.octets()} }

// tagSeed is the tag of a private key that is only the seed: [0] IMPLICIT OCTET STRING.
const tagSeed = cbasn1.Tag(0x80)

func (k *mldsaKey) pkcs8() privateKeyInfo {
	var b cryptobyte.Builder
	b.AddASN1(tagSeed, func(b *cryptobyte.Builder) { b.AddBytes(k.priv.Bytes()) })
	return privateKeyInfo{algorithmID: k.name(), key: b.BytesOrPanic()} // no panic: the size is small and fixed
}

// mldsaFromPKCS8 reads the choice of RFC 9881, Section 6: the seed, or the seed together with the
// expanded private key. It refuses an expanded key without its seed, because a JWK has the seed.
func mldsaFromPKCS8(k *kind, w *writer, info privateKeyInfo) error {
	set := mldsaSetOf(k)
	if set == nil {
		return errNoDER(k) // another kind of AKP key
	}
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
		return errorf(ErrUnsupported, unavailable, k.name(), textOf(err))
	}
	pub := key.PublicKey().Bytes()
	if both != nil && !set.expands(expanded, pub) {
		return errorf(ErrInvalid, "the expanded private key does not belong to the seed")
	}
	writeAKP(k, w, pub, seed)
	return nil
}

// expands reports whether an expanded private key belongs to a public key. It compares rho and
// the digest tr (FIPS 204, Algorithm 24). RFC 9881, Section 8.2, asks for a comparison of the
// whole key. Go does not return expanded keys, so that would take a second implementation of
// ML-DSA. The rest of the expanded key is never used.
func (s *mldsaSet) expands(expanded, pub []byte) bool {
	const sizeK, sizeTr = 32, 64 // octets
	tr := sha3.SumSHAKE256(pub, sizeTr)
	return len(expanded) == s.expanded && string(expanded[:sizeRho]) == string(pub[:sizeRho]) &&
		string(expanded[sizeRho+sizeK:][:sizeTr]) == string(tr)
}

func generateMLDSA(k *kind) (any, error) { return generated(mldsa.GenerateKey(mldsaSetOf(k).params())) }

// mldsaSetOf returns the parameter set of a kind, or nil if the kind is not for ML-DSA.
func mldsaSetOf(k *kind) *mldsaSet {
	for _, s := range [...]*mldsaSet{&mldsa44, &mldsa65, &mldsa87} {
		if s.kind.alg == k.alg {
			return s
		}
	}
	return nil
}
