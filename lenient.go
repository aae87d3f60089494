package jwk

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Leniency works on the text alone. An object that the strict reader refuses
// is rewritten in canonical form, as far as its deviations are known ones, and
// given to the strict reader again: what is accepted at last is a key like any
// other, and everything else in the package knows only the strict form.

// normalize returns the canonical text of an object that the strict reader
// has refused, and its deviations. It returns nil for both if it finds no deviation.
func normalize(m *members, lim limits) (text []byte, found []Deviation) {
	// What is derived from other members waits until those are repaired.
	for _, stage := range [...]func(*repair){
		(*repair).keyType, (*repair).encodings, (*repair).missing, (*repair).certificates, (*repair).digests,
	} {
		r := &repair{m: m, lim: lim, fixed: make(map[memberID]string)}
		stage(r)
		if len(r.found) == 0 {
			continue
		}
		found = append(found, r.found...)
		text = r.rewrite()
		m = new(members)
		if err := m.read(newReader(text)); err != nil {
			return nil, nil // never: it was an object, and still is
		}
	}
	return text, found
}

// A repair is an object that is being rewritten.
type repair struct {
	m     *members
	lim   limits
	fixed map[memberID]string // new JSON text by member, "" to leave it out
	found []Deviation
}

// fix replaces the text of a member, and notes why.
func (r *repair) fix(id memberID, text string, why ...DeviationCode) {
	r.fixed[id] = text
	for _, code := range why {
		r.found = append(r.found, Deviation{jsontext.Pointer("").AppendToken(id.String()), code})
	}
}

// fixOctets replaces the text of a member by octets in base64url.
func (r *repair) fixOctets(id memberID, octets []byte, why ...DeviationCode) {
	r.fix(id, `"`+encode64(octets)+`"`, why...)
}

// hsmTypes are the key types that Azure Key Vault gives to keys in hardware.
var hsmTypes = map[string]KeyType{"RSA-HSM": RSA, "EC-HSM": EC, "oct-HSM": Oct}

// hsmType returns the key type that stands behind that of Azure Key Vault, or "".
func (m *members) hsmType() KeyType {
	kty, _ := m.str(mKty)
	return hsmTypes[kty]
}

// keyType repairs kty. The other stages depend on it.
func (r *repair) keyType() {
	if kty := r.m.hsmType(); kty != "" {
		r.fix(mKty, `"`+string(kty)+`"`, DeviationHSM)
	}
}

// Attributes that say nothing if they are empty strings. A kid may be empty.
var emptyAttributes = setOf(mUse, mKeyOps, mAlg, mX5u, mX5c, mX5t, mX5tS256)

// hasEmptyUsage reports whether use or alg is an empty string, which the strict reader
// takes as if it were absent.
func (m *members) hasEmptyUsage() bool {
	return m.has(mUse) && m.raw(mUse) == emptyString || m.has(mAlg) && m.raw(mAlg) == emptyString
}

const emptyString = `""`

// encodings repairs how single members are written, and removes those that say nothing.
func (r *repair) encodings() {
	kind, _ := kindOf(r.m)
	var material memberSet
	if kind != nil {
		material = (kind.public | kind.private) &^ (1<<mCrv | 1<<mAlg)
	}
	for id := range numMembers {
		if !r.m.has(id) || r.removeIdle(id, kind) {
			continue
		}
		text := r.m.raw(id)
		isString := text[0] == '"'
		switch {
		case id == mX5u && !(isString && isURI(unquote(text))):
			r.fix(id, "", DeviationUnreadable)
		case !isString:
		case id == mKeyOps:
			r.fix(id, "["+text+"]", DeviationBareOps)
		case id == mX5t || id == mX5tS256:
			r.digestEncoding(id, unquote(text))
		case material&(1<<id) != 0:
			r.octetsEncoding(id, unquote(text), kind.width)
		}
	}
}

// removeIdle removes a member that says nothing, and reports whether it did: a null or
// empty attribute, and a null or empty private member of a key without a private half.
func (r *repair) removeIdle(id memberID, kind *kindRow) bool {
	bit := memberSet(1) << id
	attribute := attributeMembers&bit != 0 && !r.m.isMaterial(id)
	private := privateMembers&bit != 0 && kind != nil && kind.public != 0 && r.m.secret == 0
	text := r.m.raw(id)
	switch {
	case (attribute || private) && text == "null":
		r.fix(id, "", DeviationNull)
	case attribute && emptyAttributes&bit != 0 && text == emptyString,
		private && (text == emptyString || id == mOth && isEmptyArray(text)):
		r.fix(id, "", DeviationEmpty)
	default:
		return false
	}
	return true
}

// isEmptyArray reports whether the text of a value is an array without elements.
func isEmptyArray(text string) bool {
	return text[0] == '[' && text[skipSpace([]byte(text), 1)] == ']'
}

// octetsEncoding repairs a member of the material.
func (r *repair) octetsEncoding(id memberID, text string, width int) {
	octets, met, err := decodeLoose64(text)
	if err != nil || len(octets) == 0 || id == mE && isDecimal(text) && len(met) > 0 {
		return // decimal digits are the number itself, and no base64 of it
	}
	minimal := bytes.TrimLeft(octets, "\x00")
	switch {
	case width == minimalWidth && len(minimal) > 0 && len(minimal) < len(octets):
		octets, met = minimal, append(met, DeviationLeadingZeros)
	case width > 0 && len(minimal) <= width && len(octets) != width:
		octets, met = append(make([]byte, width-len(minimal), width), minimal...), append(met, DeviationWidth)
	}
	if len(met) > 0 {
		r.fixOctets(id, octets, met...)
	}
}

// digestEncoding repairs how x5t or x5t#S256 is written.
func (r *repair) digestEncoding(id memberID, text string) {
	if digest, ok := unhexDigest(text, digestSize(id)); ok {
		r.fixOctets(id, digest, DeviationHexX5T)
		return
	}
	octets, met, err := decodeLoose64(text)
	if err != nil {
		return
	}
	if digest, ok := unhexDigest(string(octets), digestSize(id)); ok {
		octets, met = digest, append(met, DeviationHexX5T)
	}
	if len(met) > 0 && len(octets) == digestSize(id) {
		r.fixOctets(id, octets, met...)
	}
}

// missing adds private members that follow from others.
func (r *repair) missing() {
	if kind, _ := kindOf(r.m); kind != nil && kind.complete != nil {
		for id, octets := range kind.complete(r.m, r.lim) {
			r.fixOctets(id, octets, DeviationMissingCRT)
		}
	}
}

// digests repairs the values of x5t and x5t#S256.
func (r *repair) digests() {
	var leaf []byte
	if r.m.has(mX5c) {
		if texts, _ := r.m.certificateTexts(); len(texts) > 0 {
			leaf, _ = decodeCertificate(texts[0])
		}
	}
	for _, id := range [...]memberID{mX5t, mX5tS256} {
		if r.m.has(id) {
			r.digest(id, leaf)
		}
	}
}

// digest repairs the value of x5t or x5t#S256. leaf is nil if there is no certificate.
func (r *repair) digest(id memberID, leaf []byte) {
	_, stated, err := r.m.encoded(id)
	if leaf == nil {
		if err != nil || len(stated) != digestSize(id) {
			r.fix(id, "", DeviationUnreadable)
		}
		return
	}
	if want := digestOf(id, leaf); err != nil || !bytes.Equal(stated, want) {
		r.fixOctets(id, want, DeviationDigest)
	}
}

// rewrite returns the object with its repairs. Members that were not there
// come last.
func (r *repair) rewrite() []byte {
	var w writer
	for name, value := range eachMember(r.m.excerpt().text()) {
		if id, known := memberOf(name); known {
			if text, repaired := r.fixed[id]; repaired {
				if text != "" {
					w.raw(name, text)
				}
				continue
			}
		}
		w.raw(name, value)
	}
	for id := range numMembers {
		if text := r.fixed[id]; text != "" && !r.m.has(id) {
			w.raw(id.String(), text)
		}
	}
	text, _ := w.done() // the names have been read from valid UTF-8
	return text
}
