package jwk

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"iter"

	"filippo.io/mldsa"
)

// Algorithm key pairs for ML-DSA, RFC 9964: alg says the parameter set, pub is
// the public key, and priv the seed of the private one (FIPS 204).

var akpKind = kind{
	kty:          AKP,
	public:       setOf(mAlg, mPub),
	private:      setOf(mPriv),
	ops:          OpSign | OpVerify,
	read:         readAKP,
	write:        writeAKP,
	generate:     generateAKP,
	privateForms: []any{(*mldsa.PrivateKey)(nil)},
}

// An akpSet is a parameter set.
type akpSet struct {
	alg    Algorithm
	params func() mldsa.Parameters
	size   int                   // octets of pub
	oid    asn1.ObjectIdentifier // RFC 9881, Section 2
}

var akpSets = [...]akpSet{
	{MLDSA44, mldsa.MLDSA44, mldsa.MLDSA44PublicKeySize, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 17}},
	{MLDSA65, mldsa.MLDSA65, mldsa.MLDSA65PublicKeySize, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 18}},
	{MLDSA87, mldsa.MLDSA87, mldsa.MLDSA87PublicKeySize, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 19}},
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
	if v, ok := m.draftSeed(); ok {
		return nil, refuse(ErrInvalid, "a member of drafts alone, want the seed in priv").at(draftSeedName, v.start)
	}
	if !m.has(mAlg) {
		return nil, m.fault(mAlg, ErrInvalid, "missing")
	}
	alg, err := m.str(mAlg)
	if err != nil {
		return nil, err
	}
	set := akpSetOf(Algorithm(alg))
	if set == nil {
		return nil, m.fault(mAlg, ErrUnsupported, "algorithm %s of AKP keys is not supported", quoted(alg))
	}
	k := &akpKey{set: set}
	var pub []byte
	if k.pub, pub, err = m.encoded(mPub); err != nil {
		return nil, err
	}
	if len(pub) != set.size {
		return nil, m.fault(mPub, ErrInvalid, "%s, want %d for %s", counted(len(pub), "octet", "octets"), set.size, set.alg)
	}
	// With a t1 of zero the equation that is verified does not depend on the
	// message: anybody can sign.
	if len(bytes.TrimLeft(pub[sizeRho:], "\x00")) == 0 {
		return nil, m.fault(mPub, ErrInvalid, "t1 is zero")
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
		return nil, m.fault(mPriv, ErrInvalid, "%s, want the seed of %d", counted(len(seed), "octet", "octets"), mldsa.PrivateKeySize)
	}
	if k.priv, err = mldsa.NewPrivateKey(set.params(), seed); err != nil { // a FIPS 140-3 module without ML-DSA
		return nil, m.fault(mAlg, ErrUnsupported, "%s is not available: %v", set.alg, err)
	}
	if string(k.priv.PublicKey().Bytes()) != string(pub) {
		return nil, m.fault(mPriv, ErrInvalid, "does not belong to pub")
	}
	return k, nil
}

// draftSeedName is the member in which drafts of RFC 9964 kept what is in priv now.
const draftSeedName = "seed"

// draftSeed finds that member in an AKP key. Other keys may have one of that name.
func (m *members) draftSeed() (span, bool) {
	if kty, err := m.str(mKty); err != nil || kty != string(AKP) {
		return span{}, false
	}
	return m.other(draftSeedName)
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
			w.str("kty", string(AKP))
			w.str("alg", string(set.alg))
			w.octets("pub", pub)
			if seed != nil {
				w.octets("priv", seed)
			}
			return true, nil
		}
	}
	return true, refuse(ErrInvalid, "an ML-DSA key that is nil or zero")
}

func generateAKP(_ *kind, alg Algorithm, _ int) (any, error) {
	return generated(mldsa.GenerateKey(akpSetOf(alg).params()))
}

// bits is 0: no one number is the size of such a key.
func (k *akpKey) bits() int { return 0 }

func (k *akpKey) public() crypto.PublicKey {
	if k.priv != nil {
		return k.priv.PublicKey()
	}
	pub, _ := decode64(make([]byte, 0, k.set.size), []byte(k.pub)) // was decoded before
	key, err := mldsa.NewPublicKey(k.set.params(), pub)
	if err != nil {
		return nil // a FIPS 140-3 module without ML-DSA
	}
	return key
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

func (k *akpKey) certified(spki *publicKeyInfo) bool {
	pub, _ := decode64(make([]byte, 0, k.set.size), []byte(k.pub)) // was decoded before
	return spki.algorithm.Equal(k.set.oid) && string(pub) == string(spki.key)
}
