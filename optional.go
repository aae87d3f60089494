package jwk

import "encoding/asn1"

// The kinds of key that need packages outside the standard library, or needed them before Go
// 1.27. Their values of type kind are in every build. The build tag jwk_core leaves out only
// the code that reads and writes such keys.

const sizeSecp256k1 = 32 // octets of every coordinate and scalar

var (
	kindSecp256k1 = &kind{
		kty:     EC,
		crv:     CurveSecp256k1,
		public:  1<<mCrv | 1<<mX | 1<<mY,
		private: 1 << mD,
		// Only ES256K is defined for this curve. RFC 8812, Section 3.3, leaves open whether
		// its keys may be used for key agreement.
		ops:        OpSign | OpVerify,
		width:      sizeSecp256k1,
		algorithms: []algorithmID{nameEC(oidSecp256k1)},
	}

	kindEd448 = okpKind(CurveEd448, oidEd448, OpSign|OpVerify)
	kindX448  = okpKind(CurveX448, oidX448, allOps&^(OpSign|OpVerify))

	kindMLDSA44 = akpKind(MLDSA44, oidMLDSA44, OpSign|OpVerify)
	kindMLDSA65 = akpKind(MLDSA65, oidMLDSA65, OpSign|OpVerify)
	kindMLDSA87 = akpKind(MLDSA87, oidMLDSA87, OpSign|OpVerify)
)

// akpKind returns the kind of AKP keys for an algorithm (RFC 9964, Section 3).
func akpKind(alg Algorithm, oid asn1.ObjectIdentifier, ops Ops) *kind {
	return &kind{
		kty:        AKP,
		alg:        alg,
		public:     1<<mAlg | 1<<mPub,
		private:    1 << mPriv,
		ops:        ops,
		algorithms: []algorithmID{{algorithm: oid}},
		draftSeed:  draftSeedName,
	}
}

// writeAKP writes the members of a key. priv is nil for a public key.
func writeAKP(k *kind, w *writer, pub, priv []byte) {
	w.str("kty", string(k.kty))
	w.str("alg", string(k.alg))
	w.octets("pub", pub)
	if priv != nil {
		w.octets("priv", priv)
	}
}

// akpFromSPKI reads a public key in DER (RFC 9881, Section 4). Its octets are pub.
func akpFromSPKI(k *kind, w *writer, info publicKeyInfo) error {
	writeAKP(k, w, info.key, nil)
	return nil
}
