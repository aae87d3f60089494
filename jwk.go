package jwk

import (
	"crypto"
	"crypto/sha256"
	"crypto/subtle"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// A Key is one JSON Web Key (RFC 7517). It is valid and immutable, and safe for concurrent
// use. [Parse], [New], [Generate] and the other functions that return keys make all checks, so
// that there is nothing to validate afterwards. A Key may be copied; the copy is the same key.
//
// The zero Key is not a key: its methods return zero values and errors ([ErrInvalid]). A nil
// *Key does the same. [Set.Find] and [Set.Lookup] return nil if no key answers, so a token with
// an unknown kid does not crash a program. MarshalJSON, MarshalYAML, String, GoString, Format
// and LogValue are exceptions: they have value receivers, which Go cannot call on nil.
// encoding/json writes a nil *Key as null, and fmt as <nil>.
//
// Only UnmarshalJSON and UnmarshalYAML change a Key, and only a Key variable of the caller,
// such as a field of a configuration. No other method may run at the same time.
//
// Do not embed a Key or *Key in a struct with other fields. The struct would get MarshalJSON and
// UnmarshalJSON of the Key, which neither write nor read the other fields. Give the field a
// name.
//
// To compare keys, call [Key.Equal], or compare the output of MarshalJSON or
// MarshalPrivateJSON. go-cmp compares pointers to keys by Equal.
//
// reflect.DeepEqual, go-cmp and the assertions of testify use reflection, which sees the text
// of a public key, but no secret of a private one. For them:
//   - two public keys that Parse read from the same text are equal, also after a method such as
//     Thumbprint has computed something;
//   - a private or symmetric key, and a key that MarshalJSON refuses, equals only copies of
//     itself, and no other key with the same text;
//   - the holder of a private half that is held elsewhere does not count.
type Key struct {
	*key `yaml:"-"` // yaml.v3 panics at an embedded type that is not exported

	// This field makes a Key larger than a pointer. go-spew mistakes a struct of that size for
	// the pointer itself, and would call String on a Key that it makes from the octets of a
	// key.
	_ struct{}
}

// A key is the data that a Key points to. Printers and comparers follow unexported fields too.
// So a secret must be behind two pointers (see document) or behind a pointer that they do not
// follow (see secret), and no field may lead back to the key.
type key struct {
	open string // the JSON text if secret is nil, else ""

	// secret is set if the key is private or hides private members. Reflection does not
	// follow an atomic.Pointer: it compares and prints the address.
	secret atomic.Pointer[secretPart]

	kid     string
	*traits // not changed, because other keys may have the same (see traits.shared)

	present      memberSet
	hidesPrivate bool // see members.hidesPrivate

	deviations *[]Deviation // nil if there are no deviations, as in nearly every key

	// unseen has length 0, and one element beyond the length, which the method state
	// returns. Reflection sees an empty slice. So two keys stay deeply equal when one of
	// them has computed its thumbprint, and reflection does not follow keyState.exported,
	// which points back to the key.
	unseen []keyState
}

// A secretPart has the parts of a key that may be secret.
type secretPart struct {
	text     string
	material material
}

// A keyState has the parts of a key that reflection must not see.
type keyState struct {
	exported Key // the Key that this package returns

	// material is set if the key has no secretPart. It includes the holder of a private half
	// that is held elsewhere. Reflection must not see it, because comparers call methods of
	// the Go keys in it that panic on nil, and because a holder may have secrets of its own.
	material material

	publicKey  atomic.Pointer[crypto.PublicKey] // the Go public key, after the first call of public
	thumbprint keptThumbprint

	maxRSA int32 // the limit of the Parser that read the key, in bits, see reusingParser
}

// A keptThumbprint is a thumbprint that is computed at the first call and then kept. The zero
// value is empty. It has three states: goroutines that compute the same thumbprint at the same
// time race for the step from empty to writing, and only the winner writes sum. The others use
// the sum that they computed.
type keptThumbprint struct {
	state atomic.Uint32
	sum   [sha256.Size]byte
}

const (
	thumbprintEmpty = iota
	thumbprintWriting
	thumbprintReady
)

// load returns the thumbprint, or nil if it was not kept.
func (t *keptThumbprint) load() *[sha256.Size]byte {
	if t.state.Load() != thumbprintReady {
		return nil
	}
	return &t.sum
}

// keep keeps the thumbprint.
func (t *keptThumbprint) keep(sum [sha256.Size]byte) {
	if t.state.CompareAndSwap(thumbprintEmpty, thumbprintWriting) {
		t.sum = sum
		t.state.Store(thumbprintReady)
	}
}

// A madeKey is a key with its state. One allocation makes both, and the material too if
// newMaterial makes it.
type madeKey struct {
	key   key
	state [1]keyState
}

// newMaterial returns a zero material of type M for the key that m is read into. One allocation
// makes the material and the key: strictKey takes the key from m.
func newMaterial[M any](m *members) *M {
	made := new(struct {
		madeKey
		material M
	})
	m.made = &made.madeKey
	return &made.material
}

// state returns the state of k.
func (k *key) state() *keyState { return &k.unseen[:1][0] }

// text returns the JSON text.
func (k *key) text() string {
	if secret := k.secret.Load(); secret != nil {
		return secret.text
	}
	return k.open
}

// material returns the material.
func (k *key) material() material {
	if secret := k.secret.Load(); secret != nil {
		return secret.material
	}
	return k.state().material
}

// isZero reports whether k is nil or the zero Key.
func (k *Key) isZero() bool { return k == nil || k.key == nil }

// errNoKey returns the error of methods of the zero Key and of a nil *Key.
func errNoKey() error {
	return errorf(ErrInvalid, "a nil or zero Key, want one that Parse, New or Generate returned")
}

// Type returns the "kty", or "" for the zero Key.
func (k *Key) Type() KeyType {
	if k.isZero() {
		return ""
	}
	return k.kind.kty
}

// Curve returns the "crv" of an EC or OKP key, or "" for other keys.
func (k *Key) Curve() Curve {
	if k.isZero() {
		return ""
	}
	return k.kind.crv
}

// Bits returns the size of the key in bits: the modulus of an RSA key, the field of an EC key
// (256, 384 or 521), x of an OKP key (8 times its octets), the secret of an oct key, and 0 for
// an AKP key.
func (k *Key) Bits() int {
	if k.isZero() {
		return 0
	}
	return k.bits
}

// KeyID returns the "kid", or "" if the key has no kid. A kid is any string of any length, and
// whoever made the key chose it. Do not use it in a path or a query, and quote it in a log.
func (k *Key) KeyID() string {
	if k.isZero() {
		return ""
	}
	return k.kid
}

// Use returns the "use", or "" if the key has no use. The use may be unregistered.
func (k *Key) Use() Use {
	if k.isZero() {
		return ""
	}
	return k.use
}

// Ops returns the registered operations in "key_ops", or 0 if the key has no key_ops. To find
// out whether a key may be used for an operation, call [Key.Permits].
func (k *Key) Ops() Ops {
	if k.isZero() {
		return 0
	}
	return k.ops
}

// Algorithm returns the "alg", or "" if the key has no alg. It may be an algorithm that this
// package does not know.
func (k *Key) Algorithm() Algorithm {
	if k.isZero() {
		return ""
	}
	return k.alg
}

// IsPrivate reports whether the key has private or secret material. It is true for every oct
// key, and false for a key whose private half is held elsewhere (see [New]).
func (k *Key) IsPrivate() bool { return !k.isZero() && k.private }

// Permits reports whether the key may be used for every operation in op. It looks at the type,
// alg, use and key_ops of the key, and whether the key is private:
//   - A member that is absent forbids nothing, and neither does an empty key_ops.
//   - An unregistered use permits nothing.
//   - OpSign, OpDecrypt and OpUnwrapKey need a private key, or a key whose private half is held
//     elsewhere by a holder that does the operation (see [New]). Such keys may also be used for
//     the operations of their public half.
func (k *Key) Permits(op Ops) bool { return !k.isZero() && k.traits.permits(op) == fits }

// Supports reports whether the key can be used with an algorithm. It looks at the type, curve
// and size of the key, and at its own alg, use and key_ops (RFC 7518, Section 3.1; RFC 8725,
// Section 3.1). For a key on Ed25519 or Ed448, EdDSA and the name of the curve are the same
// algorithm (RFC 9864).
func (k *Key) Supports(alg Algorithm) bool {
	return !k.isZero() && k.traits.supports(alg, specOf(alg)) == fits
}

// Algorithms yields the algorithms that the key supports (see [Key.Supports]), except RSA1_5
// and PBES2, which it yields only if they are the alg of the key. The preferred algorithm comes
// first: sign or encrypt with it if nothing else decides. A nil or zero Key yields nothing.
//
// The alg of the key comes first, also if this package does not know it. For a key on Ed25519 or
// Ed448 the other name of the same algorithm follows. A key without alg yields
//   - signatures before encryption;
//   - RS256 before PS256, because programs expect RS256 from an RSA key without alg, and every
//     OpenID provider must support it (OpenID Connect Core 1.0, Section 15.1). A program that
//     wants PSS calls Supports(PS256), or makes keys with that alg;
//   - EdDSA before Ed25519 and Ed448, because many verifiers do not know the new names
//     (RFC 9864) yet;
//   - HS256 before HS384 and HS512, because every verifier of JWTs must have it (RFC 7518,
//     Section 3.1);
//   - encryption in the order in which [Key.Encrypt] chooses: RSA-OAEP-256 before RSA-OAEP,
//     ECDH-ES with the largest key wrap first, key wrapping before dir. The algorithms of
//     content encryption come last.
//
// A public key yields the algorithms with which its private half signs. To find out whether this
// key may sign, call [Key.Permits].
//
// Algorithms allocates nothing.
func (k *Key) Algorithms() iter.Seq[Algorithm] {
	return func(yield func(Algorithm) bool) {
		if !k.isZero() {
			k.traits.algorithms(yield)
		}
	}
}

// Deviations returns the deviations that [Parser].Lenient tolerated in the key, or nil.
func (k *Key) Deviations() []Deviation {
	if k.isZero() {
		return nil
	}
	return slices.Clone(k.key.tolerated())
}

// Member returns the JSON text of a member of the key, as it was parsed. It returns private
// members too, such as "d" and "k": take care where the result goes.
func (k *Key) Member(name string) (jsontext.Value, bool) {
	for n, value := range k.Members() {
		if n == name {
			return value, true
		}
	}
	return nil, false
}

// Members yields the names and JSON texts of all members in the order of the document, private
// members included.
func (k *Key) Members() iter.Seq2[string, jsontext.Value] {
	return func(yield func(string, jsontext.Value) bool) {
		if k.isZero() {
			return
		}
		for name, value := range eachMember(k.text()) {
			if !yield(name, jsontext.Value(value)) {
				return
			}
		}
	}
}

// Equal reports whether two keys have the same material and are both private or both public.
// It does not compare kid, use and the other attributes; [Set.Equal] compares all members. The
// zero Key equals nothing. A key whose private half is held elsewhere counts as public, and
// equals its public half.
//
// go-cmp calls this method for pointers to keys. To go-cmp, two keys that differ only in kid are
// the same.
//
// Symmetric keys are compared in constant time. For private keys the public halves are compared,
// which is enough, because the private half of a Key is known to belong to its public half.
func (k *Key) Equal(other *Key) bool {
	if k.isZero() || other.isZero() ||
		k.kind != other.kind || k.private != other.private {
		return false
	}
	var x, y [4]string
	x[0], x[1], x[2], x[3] = k.material().canonical()
	y[0], y[1], y[2], y[3] = other.material().canonical()
	same := 1
	for i := range x {
		same &= subtle.ConstantTimeCompare([]byte(x[i]), []byte(y[i]))
	}
	return same == 1
}

// tolerated returns the deviations of k.
func (k *key) tolerated() []Deviation {
	if k.deviations == nil {
		return nil
	}
	return *k.deviations
}

// tolerate adds deviations to k, which is new.
func (k *key) tolerate(more ...Deviation) {
	if len(more) > 0 {
		all := append(k.tolerated(), more...)
		k.deviations = &all
	}
}

// public returns the Go public key. It keeps the result, because making it may be costly. The result
// is in the state and not in the material: a call of a method of the material takes longer, because
// the keys of a set have several types of material, and the processor cannot predict the next one.
func (k *key) public() crypto.PublicKey {
	state := k.state()
	if p := state.publicKey.Load(); p != nil {
		return *p
	}
	p := k.material().public()
	state.publicKey.CompareAndSwap(nil, &p)
	return *state.publicKey.Load()
}
