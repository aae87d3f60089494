package jwk

// A kind is a kind of key: a key type, and where the type has several kinds, the curve or
// the algorithm. A Key points to its kind, and printers and comparers follow that pointer. So a
// kind has no functions, because go-cmp never finds two functions equal, and no pointers into
// other packages.
type kind struct {
	kty     KeyType
	crv     Curve     // only EC and OKP keys have it
	alg     Algorithm // only AKP keys have it
	public  memberSet // public material; empty for symmetric keys
	private memberSet // private material
	ops     Ops       // the operations that such keys can do

	// width is the size of integers: the number of octets of x, y and d if it is fixed,
	// minimalWidth if integers have no leading zeros, and 0 if no member is an integer.
	width int

	// algorithms are the AlgorithmIdentifiers of such keys in DER. A kind without a form in
	// DER sets noDER instead.
	algorithms []algorithmID
	noDER      bool

	// draftSeed is the member in which drafts of the RFC kept the private key, or "". It is
	// refused, because a secret must not pass as an unknown member of a public key.
	draftSeed string
}

const minimalWidth = -1

// selector returns the member that selects the kind, and its value: crv or alg, or kty if
// the key type has only one kind.
func (k *kind) selector() (memberID, string) {
	switch {
	case k.crv != "":
		return mCrv, string(k.crv)
	case k.alg != "":
		return mAlg, string(k.alg)
	}
	return mKty, string(k.kty)
}

// name returns the name of the kind for errors.
func (k *kind) name() string {
	_, name := k.selector()
	return name
}

// alienMembers returns the private members of other kinds, which a key of this kind must not
// have. A symmetric key may have them, because all of it is secret anyway.
func (k *kind) alienMembers() memberSet {
	if k.public == 0 {
		return 0
	}
	return privateMembers &^ k.private
}
