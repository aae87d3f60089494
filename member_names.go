package jwk

import "math/bits"

// A memberID is one of the registered members that this package reads.
type memberID uint8

// The order matters for the ranges below, and for memberSet.first.
const (
	mKty memberID = iota
	// Attributes of any key (RFC 7517, Section 4).
	mUse
	mKeyOps
	mAlg
	mKid
	mX5u
	mX5c
	mX5t
	mX5tS256
	// OpenID Federation 1.0.
	mIat
	mNbf
	mExp
	// Public material (RFC 7518, Section 6; RFC 8037, Section 2; RFC 9964, Section 3).
	mCrv
	mX
	mY
	mN
	mE
	mPub
	// Private material.
	mD
	mP
	mQ
	mDP
	mDQ
	mQI
	mOth
	mK
	mPriv

	numMembers
)

var memberNames = [numMembers]string{
	"kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "iat", "nbf", "exp",
	"crv", "x", "y", "n", "e", "pub",
	"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv",
}

func (id memberID) String() string { return memberNames[id] }

// memberOf returns the registered member with a name. Case matters (RFC 7517, Section 4):
// "KTY" is an unknown member like any other. It is a switch and not a search in memberNames,
// because it runs for every member of every key.
func memberOf(name string) (memberID, bool) {
	switch name {
	case "kty":
		return mKty, true
	case "use":
		return mUse, true
	case "key_ops":
		return mKeyOps, true
	case "alg":
		return mAlg, true
	case "kid":
		return mKid, true
	case "x5u":
		return mX5u, true
	case "x5c":
		return mX5c, true
	case "x5t":
		return mX5t, true
	case "x5t#S256":
		return mX5tS256, true
	case "iat":
		return mIat, true
	case "nbf":
		return mNbf, true
	case "exp":
		return mExp, true
	case "crv":
		return mCrv, true
	case "x":
		return mX, true
	case "y":
		return mY, true
	case "n":
		return mN, true
	case "e":
		return mE, true
	case "pub":
		return mPub, true
	case "d":
		return mD, true
	case "p":
		return mP, true
	case "q":
		return mQ, true
	case "dp":
		return mDP, true
	case "dq":
		return mDQ, true
	case "qi":
		return mQI, true
	case "oth":
		return mOth, true
	case "k":
		return mK, true
	case "priv":
		return mPriv, true
	}
	return 0, false
}

// keysMember is the member of a set that holds its keys (RFC 7517, Section 5.1).
const keysMember = "keys"

// draftSeedName is the member in which drafts of RFC 9964 kept the private key that is in
// "priv" now. It is private only in an AKP key. The name is here, and not in the table of
// kinds, because the search for private material also finds keys that this package cannot read.
const draftSeedName = "seed"

// A memberSet is a set of registered members.
type memberSet uint32

// first returns the member of s that comes first in memberNames. s must not be empty.
func (s memberSet) first() memberID { return memberID(bits.TrailingZeros32(uint32(s))) }

// bit returns the set with only id. The mask tells the compiler that it need not check the shift.
func (id memberID) bit() memberSet { return 1 << (id & 31) }

// 1<<b - 1<<a holds the members from a up to b, without b. It depends on the order of the
// constants above.
const (
	attributeMembers   memberSet = 1<<mCrv - 1<<mUse
	certificateMembers memberSet = 1<<mIat - 1<<mX5u
	privateMembers     memberSet = 1<<numMembers - 1<<mD
	stringArrays       memberSet = 1<<mKeyOps | 1<<mX5c
)
