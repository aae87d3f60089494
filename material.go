package jwk

import (
	"crypto"
	"iter"
	"slices"
)

// material is the key inside a [Key]: its numbers or octets, without its attributes. It is
// checked when it is read, and does not change afterwards. Each kind of key has its own
// implementation, in a file of its own.
type material interface {
	// bits returns the size that [Key.Bits] returns.
	bits() int

	// public returns the Go public key, or nil if there is no such key. The call may be
	// costly, so callers keep the result.
	public() crypto.PublicKey

	// private returns the Go private key, or nil if the key is public.
	private() crypto.PrivateKey

	// forms yields the other Go forms of the key, private ones first.
	forms() iter.Seq[any]

	// canonical returns the text that a thumbprint hashes (RFC 7638, Section 3), in four
	// parts to be joined. canonicalEnd follows them.
	canonical() (a, b, c, d string)

	// certified reports whether a SubjectPublicKeyInfo has the same public key, in any form
	// that a certificate may use.
	certified(spki *publicKeyInfo) bool

	// spki returns the SubjectPublicKeyInfo, or the zero value for a symmetric key.
	spki() publicKeyInfo

	// pkcs8 returns the PrivateKeyInfo of a private key.
	pkcs8() privateKeyInfo

	// boundTo returns the same material with its texts taken from m, an object with the same
	// public members, so that the document of the old texts can be freed. The result is
	// private if m has private members; these must be the same, too.
	boundTo(m *members) material
}

const canonicalEnd = `"}`

// A publisher is the material of a public key if MarshalJSON writes another text than the text
// of the key (see heldKey).
type publisher interface {
	published() string
}

// A verifier is the material of a kind of key whose signatures the standard library cannot
// verify in every supported release of Go.
type verifier interface {
	// verifies reports whether a signature, in the form that JWS uses, is valid for input:
	// a digest, or the message if the algorithm hashes nothing itself. key is the result
	// of an earlier call of public, which may be costly.
	verifies(key crypto.PublicKey, input, signature []byte) bool
}

// An agreer is the material of a kind of key for Diffie-Hellman that crypto/ecdh does not
// have.
type agreer interface {
	// agree returns the secret that the private key shares with the owner of a public key of
	// the same kind.
	agree(public material) ([]byte, error)
}

// noForms yields nothing: many kinds of key have no other Go forms.
func noForms(func(any) bool) {}

// limits are the limits of a Parser on material.
type limits struct {
	minRSABits, maxRSABits int // maxRSABits applies to the keys of certificates, too
}

// The default limits.
const (
	defaultMinRSABits = 2048
	defaultMaxRSABits = 8192
)

// A family has the code of one kind, or of several kinds that differ only in a curve or a
// parameter set. It is an interface and not two functions, because the linker drops methods that
// a program never calls: a program that only parses has no code that writes Go keys.
type family interface {
	// read reads the material from an object that selects a row of the family.
	read(k *kind, m *members, lim limits) (material, error)

	// write writes the kty and the material of a Go key of the kind to w. It returns false for
	// every other Go value.
	write(k *kind, w *writer, key any) (bool, error)
}

// A kindRow is a row of the table of kinds. It has everything that Parse and New need for a
// kind of key. Every program is linked with it. So code that few programs need, such as
// generating keys and reading DER, is called by switches elsewhere (newGoKey, writePKCS8).
type kindRow struct {
	*kind
	family

	// complete yields private members that are missing and that Lenient adds. It may be nil.
	complete func(m *members, lim limits) iter.Seq2[memberID, []byte]

	// privateForms are zero values of the Go types that only a private key has.
	privateForms []any
}

// readMaterial reads the material of an object. It refuses private members that k.read would
// ignore.
func (k *kindRow) readMaterial(m *members, lim limits) (material, error) {
	if alien := m.present & k.alienMembers(); alien != 0 {
		return nil, m.errorf(alien.first(), ErrInvalid, "a private member that %s keys do not have", k.name())
	}
	if k.draftSeed != "" {
		if v, ok := m.other(k.draftSeed); ok {
			return nil, errorf(ErrInvalid, "a member that only drafts had, want the seed in priv").atMember(k.draftSeed, v.start)
		}
	}
	return k.read(k.kind, m, lim)
}

// appendSized appends the octets of a required member to dst, and returns its text too. The
// member must have size octets.
func (m *members) appendSized(dst []byte, id memberID, size int, k *kind) (string, []byte, error) {
	text, b, err := m.encoded(id)
	if err != nil {
		return "", nil, err
	}
	if len(b) != size {
		return "", nil, m.errorf(id, ErrInvalid, "%s, want %d for %s", counted(len(b), "octet", "octets"), size, k.name())
	}
	return text, append(dst, b...), nil
}

// other returns the value of a member whose name is not registered.
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

// text returns a string member that was checked before.
func (m *members) text(id memberID) string {
	s, _ := m.str(id)
	return s
}

// generated returns a new Go key. Its error is ErrUnsupported: making a key fails only with
// GODEBUG=fips140=only.
func generated[K any](key K, err error) (any, error) {
	if err != nil {
		return nil, errorf(ErrUnsupported, "%s", textOf(err))
	}
	return key, nil
}

func errNoDER(k *kind) *Error { return errorf(ErrUnsupported, "%s keys have no form in DER", k.name()) }

// unavailable is the text of the error about a key whose algorithm the FIPS 140-3 module of
// the program does not have, or does not allow.
const unavailable = "%s is not available: %s"
