package jwk

// Kinds of keys that need packages outside the standard library, or did before Go 1.27. What
// they are is the same in every build; the build tag jwk_core leaves out how they are read.

const sizeSecp256k1 = 32 // octets of every coordinate and scalar

var (
	kindSecp256k1 = kind{
		kty:     EC,
		crv:     CurveSecp256k1,
		public:  setOf(mCrv, mX, mY),
		private: setOf(mD),
		// Only for ES256K: RFC 8812, Section 3.3, leaves open whether to agree on keys
		// with this curve, and no algorithm does.
		ops:        OpSign | OpVerify,
		width:      sizeSecp256k1,
		algorithms: []algorithmID{nameEC(oidSecp256k1)},
	}
	kindEd448 = kind{
		kty:        OKP,
		crv:        CurveEd448,
		public:     setOf(mCrv, mX),
		private:    setOf(mD),
		ops:        OpSign | OpVerify,
		algorithms: []algorithmID{{algorithm: oidEd448}},
	}
	kindX448 = kind{
		kty:        OKP,
		crv:        CurveX448,
		public:     setOf(mCrv, mX),
		private:    setOf(mD),
		ops:        allOps &^ (OpSign | OpVerify),
		algorithms: []algorithmID{{algorithm: oidX448}},
	}
	kindAKP = kind{
		kty:        AKP,
		public:     setOf(mAlg, mPub),
		private:    setOf(mPriv),
		ops:        OpSign | OpVerify,
		algorithms: []algorithmID{{algorithm: oidMLDSA44}, {algorithm: oidMLDSA65}, {algorithm: oidMLDSA87}},
	}
)
