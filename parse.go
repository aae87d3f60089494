package jwk

import (
	"bytes"
	"errors"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// A Parser reads keys and sets. The zero Parser is strict; [Parse] and [ParseSet] use it. For a
// set that comes from a provider, set Lenient and PublicOnly.
//
// A Parser may be shared, because its methods do not change it. A limit of 0 means the default
// that its comment states.
type Parser struct {
	// Lenient accepts the deviations that real providers emit, brings them into canonical
	// form, and reports each in [Key.Deviations]. The constants of [DeviationCode] list
	// them. ParsePEM and ParseDER list the deviations in PEM and DER.
	//
	// An optional member that cannot be read is left out of the key. But the key is refused if
	// a certificate can be read and is for another key.
	//
	// The cost: different texts may give the same key, so programs must not compare texts to
	// compare keys.
	Lenient bool

	// FailFast makes ParseSet fail at the first entry that it cannot use, with the error of
	// that entry, instead of skipping the entry.
	FailFast bool

	// PublicOnly refuses private material with [ErrPrivate]. Use it for a set that was
	// fetched and for a key from a "jwk" header. In a set, private material in one entry
	// fails the whole set, because a private key that was published is exposed. PublicOnly
	// also saves the time that it takes to check private keys.
	//
	// An object carries private material if it has a "kty" and a member d, p, q, dp, dq, qi,
	// oth, k or priv whose value could be private: a string that is not empty, or, for oth,
	// an array that is not empty.
	//   - Both names count in any case, because some readers of JSON ignore case.
	//   - A "seed" counts in an AKP key, because drafts of RFC 9964 used it.
	//   - The object may be the key or entry, the set, or an object at any depth in them.
	//   - A member that is null or empty is harmless, and so is such a name in an object
	//     without "kty".
	//
	// A private key in a form that the method does not read, such as PEM given to ParseSet,
	// is ErrPrivate too if the form is recognized, because it is exposed just the same.
	PublicOnly bool

	// UniqueKeyIDs makes ParseSet refuse a set that repeats a kid, with [ErrInvalid].
	// Skipped entries count.
	UniqueKeyIDs bool

	// MinRSABits is the smallest size of an RSA modulus in bits. 0 means 2048 (RFC 7518,
	// Section 3.3). A smaller modulus is ErrPolicy.
	MinRSABits int

	// MaxRSABits is the largest size of an RSA modulus in bits, in the key and in every
	// certificate that comes with it. 0 means 8192, as in crypto/tls: the time to verify a
	// signature grows with the square of the size. A larger modulus is ErrPolicy.
	//
	// [Key.WithAttributes] applies the larger of this limit and 8192 to the certificates
	// that it is given.
	MaxRSABits int

	// MaxKeys is the largest number of keys in a set, including skipped ones, and the largest
	// number of blocks in PEM. 0 means 10,000. More are ErrPolicy.
	MaxKeys int

	// MaxBytes is the largest size of a document in bytes. 0 means 16 MiB. A larger document
	// is ErrPolicy before anything is read.
	MaxBytes int

	// useAtOdds accepts a use that is at odds with alg, as Lenient does. It is set for the
	// text of a key that Lenient has read before.
	useAtOdds bool

	// checked is set if the text has the material of a key that has been accepted before.
	// The material is not checked again.
	checked *checkedMaterial
}

// A checkedMaterial has the method boundTo of a material. It is a func value and not an interface,
// because the linker keeps every implementation of a method that is called by an interface.
type checkedMaterial struct{ boundTo func(m *members) material }

// The default limits of a Parser. The limits for material are in material.go.
const (
	defaultMaxKeys  = 10_000
	defaultMaxBytes = 16 << 20
)

// Parse reads one key from JSON, strictly (RFC 7517, Section 4). It is new(Parser).Parse.
//
// It checks
//   - the JSON: one object, nested at most 64 levels deep, no duplicate names at any depth,
//     valid UTF-8, nothing after it;
//   - base64url without padding, line breaks or stray bits (RFC 7515, Section 2);
//   - RSA: minimal integers (RFC 7518, Section 2); the size of the modulus, that it is odd and
//     does not have the form of CVE-2017-15361 (ROCA); an odd exponent from 3 to 2^31-1; that
//     all private members, of at most 5 primes, belong to the modulus and to each other
//     (Section 6.3);
//   - EC: full-width coordinates of a point on the curve, 0 < d < n, and that d belongs to the
//     point (Section 6.2; RFC 8812, Section 3.1);
//   - OKP: the length of x, that x is canonical and not of small order, and that d belongs to x
//     (RFC 8037, Section 2);
//   - AKP: alg, which is required; the length of pub for this alg; that at least a quarter of
//     the coefficients of its t1 are from 128 to 895, because anyone could sign for a small t1;
//     that priv, a seed of 32 octets, belongs to pub (RFC 9964);
//   - oct: at least one octet, and as many as alg needs (RFC 7518, Section 3.2);
//   - that the key has no private member of another key type. An oct key may have them, because
//     it is secret as a whole;
//   - that use, key_ops, of at most 32 operations, and alg agree with each other and with the
//     key (RFC 7517, Sections 4.2 to 4.4);
//   - that x5u is a URI (RFC 7517, Section 4.6);
//   - x5c, of at most 10 certificates of at most 64 KiB: the form of each, and for a certificate
//     of an RSA key a modulus of at most MaxRSABits and an odd exponent from 3 to 2^31-1; that
//     the first is for this key; that x5t and x5t#S256 are its digests (Sections 4.7 to 4.9).
//
// It does not check
//   - that the factors of an RSA key are prime. With other factors every signature is an error;
//   - that an RSA modulus is hard to factor;
//   - that the x of an Ed25519 or Ed448 key is on the curve, which shows at first use, or that
//     the point is in the prime-order subgroup: a point of mixed order, the sum of a sound point
//     and one of small order, is accepted;
//   - that an oct key is not a text that others know, such as a public key in PEM;
//   - chains of certificates. [Key.VerifyCertificates] does.
//
// Every error is an [*Error] of the kind [ErrSyntax], [ErrInvalid], [ErrUnsupported] or
// [ErrPolicy].
func Parse(data []byte) (*Key, error) { return new(Parser).Parse(data) }

// Parse reads one key from JSON, as the function [Parse] does. data is not kept. The key keeps a
// copy of its text, unchanged, except if more than half of a document of at least 4 KiB is white
// space. Then it drops the white space.
//
// Every error is an [*Error] of the kind [ErrSyntax], [ErrInvalid], [ErrUnsupported],
// [ErrPolicy] or, with PublicOnly, [ErrPrivate].
func (p *Parser) Parse(data []byte) (*Key, error) {
	data, bom, err := p.admit(data)
	if err != nil {
		return nil, err
	}
	k, err := p.parse(data, bom)
	if err != nil {
		return nil, p.elsewhere(doorKey, data, err)
	}
	if mostlyBlank(data) {
		return p.parse(compacted(data), bom)
	}
	return k, nil
}

// elsewhere returns the error about a text that a door has refused with err. If the text has a
// form that another function reads, the error says so: see explain.
func (p *Parser) elsewhere(d door, text []byte, err error) error {
	return explain(d, text, err, p.PublicOnly)
}

// parse reads one key from a document that admit has admitted.
func (p *Parser) parse(data []byte, bom bool) (*Key, error) {
	m := newMembers()
	defer m.release()
	m.own.text = string(data)
	r := newReaderOf(data, &m.own)
	if err := m.read(r); err != nil {
		return nil, err
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return p.newKey(m, bom)
}

// admit checks the size of a document. If Lenient allows a byte order mark, admit replaces it by
// blanks, and reports true.
func (p *Parser) admit(data []byte) (document []byte, bom bool, err error) {
	if err := p.checkSize(data); err != nil {
		return nil, false, err
	}
	if rest, marked := bytes.CutPrefix(data, []byte(byteOrderMark)); marked && p.Lenient {
		// Blanks of the same length leave all offsets as they are.
		return append([]byte("   "), rest...), true, nil
	}
	return data, false, nil
}

// mostlyBlank reports whether a document has at least worthCompacting octets and more than half
// of them are white space. Keys keep the text of their document, so a small key in such a
// document would waste memory.
func mostlyBlank(data []byte) bool {
	if len(data) < worthCompacting {
		return false
	}
	blanks := 0
	for _, c := range [...]string{" ", "\t", "\r", "\n"} {
		blanks += bytes.Count(data, []byte(c)) // also in strings, which rarely have white space
	}
	return blanks > len(data)/2
}

const worthCompacting = 4 << 10 // octets

// compacted returns a copy of a valid document without the white space between tokens.
func compacted(data []byte) []byte {
	var text []byte
	for i := jsonscan.SkipSpace(data, 0); i < len(data); i = jsonscan.SkipSpace(data, i) {
		start := i
		if data[i] == '"' {
			i = jsonscan.SkipString(data, i)
		} else {
			i++
		}
		text = append(text, data[start:i]...)
	}
	return text
}

// checkSize checks the size of a document.
func (p *Parser) checkSize(data []byte) error {
	if limit := orDefault(p.MaxBytes, defaultMaxBytes); len(data) > limit {
		return errorf(ErrPolicy, "%s, want at most %d", counted(len(data), "byte", "bytes"), limit)
	}
	return nil
}

// limits returns the limits for the material of keys.
func (p *Parser) limits() limits {
	return limits{orDefault(p.MinRSABits, defaultMinRSABits), orDefault(p.MaxRSABits, defaultMaxRSABits)}
}

// orDefault returns value, or otherwise if value is 0.
func orDefault(value, otherwise int) int {
	if value == 0 {
		return otherwise
	}
	return value
}

// newKey makes a key from an object. All keys of the package are made here.
func (p *Parser) newKey(m *members, bom bool) (*Key, error) {
	lim := p.limits()
	k, err := p.strictKey(m, lim, p.useAtOdds)
	if err != nil && p.PublicOnly && !errors.Is(err, ErrPrivate) {
		// Private material may be where refusePrivate did not look: in a member that is
		// refused, or that a repair leaves out.
		if private := m.refuseHidden(); private != nil {
			return nil, private
		}
	}
	if p.Lenient && m.dup == nil && (repairable(m, err) || err == nil && hasEmptyUsage(m)) {
		k, err = p.lenientKey(m, lim)
	}
	if err != nil {
		return nil, err
	}
	if k.useAtOdds() {
		k.tolerate(Deviation{jsontext.Pointer("").AppendToken(mUse.String()), DeviationUse})
	}
	if bom {
		k.tolerate(Deviation{Code: DeviationBOM})
	}
	return k, nil
}

// repairable reports whether Lenient may be able to repair the cause of an error. It cannot if
// a limit or PublicOnly forbids the key.
func repairable(m *members, err error) bool {
	return errors.Is(err, ErrInvalid) || errors.Is(err, ErrSyntax) ||
		errors.Is(err, ErrUnsupported) && hsmType(m) != ""
}

// lenientKey makes a key from an object that the strict reader has refused, or whose use or alg
// is empty.
func (p *Parser) lenientKey(m *members, lim limits) (*Key, error) {
	// A repair may leave out a member with a duplicate name in it, which must stay an error.
	for id := range numMembers {
		if v := m.values[id]; m.has(id) && stringArrays&(1<<id) != 0 && !uniqueNames(m.data[v.start:v.end], m.raw(id)) {
			return nil, m.errorf(id, ErrSyntax, duplicateName)
		}
	}
	text, found := normalize(m, lim)
	if found == nil { // nothing to repair, but use may be at odds with alg
		return p.strictKey(m, lim, true)
	}
	k, err := p.repairedKey(text, m, lim)
	if err != nil {
		return nil, err
	}
	k.tolerate(found...)
	return k, nil
}

// repairedKey makes a key from the canonical text of an object. Errors have the offsets of the
// original object.
func (p *Parser) repairedKey(text []byte, original *members, lim limits) (*Key, error) {
	r := newReader(text)
	m := newMembers()
	defer m.release()
	if err := m.read(r); err != nil {
		return nil, err
	}
	k, err := p.strictKey(m, lim, true)
	var e *Error
	if errors.As(err, &e) {
		e.Offset = int64(original.object.start)
		if id, ok := memberOf(e.Path.LastToken()); ok && original.has(id) {
			e.Offset = int64(original.values[id].start)
		}
	}
	return k, err
}

// strictKey makes a key from an object in canonical form. If tolerant is set, use may be at odds
// with alg.
func (p *Parser) strictKey(m *members, lim limits, tolerant bool) (*Key, error) {
	if m.dup != nil {
		return nil, m.dup
	}
	if p.PublicOnly {
		if err := m.refusePrivate(); err != nil {
			return nil, err
		}
	}
	row, err := kindOf(m)
	if err != nil {
		return nil, err
	}
	mat, made, err := p.materialOf(row, m, lim)
	if err != nil {
		return nil, err
	}
	kid, err := m.str(mKid)
	if err != nil {
		return nil, err
	}
	t := traits{kind: row.kind, bits: mat.bits(), private: m.present&privateMembers != 0}
	if err := readUsage(m, &t, tolerant); err != nil {
		return nil, err
	}
	if err := readCertificates(m, mat, lim); err != nil {
		return nil, err
	}
	for _, id := range [...]memberID{mIat, mNbf, mExp} {
		if m.has(id) && m.raw(id) == "null" {
			return nil, m.errorf(id, ErrSyntax, "null, want a number")
		}
	}

	k, state := &made.key, &made.state[0]
	k.kid, k.traits, k.present, k.hidesPrivate = kid, t.shared(), m.present, m.hidesPrivate
	k.unseen = made.state[:0]
	state.exported.key, state.maxRSA = k, int32(min(lim.maxRSABits, math.MaxInt32))
	if text := m.excerpt().text(); k.private || k.hidesPrivate {
		k.secret.Store(&secretPart{text, mat})
	} else {
		k.open, state.material = text, mat
	}
	return &state.exported, nil
}

// materialOf returns the material of an object, and memory for its key.
func (p *Parser) materialOf(row *kindRow, m *members, lim limits) (mat material, made *madeKey, err error) {
	m.made = nil
	if p.checked != nil {
		mat = p.checked.boundTo(m)
	} else if mat, err = row.readMaterial(m, lim); err != nil {
		return nil, nil, err
	}
	made, ok := m.made.(*madeKey)
	if !ok {
		made = new(madeKey)
	}
	return mat, made, nil
}
