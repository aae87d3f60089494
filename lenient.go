package jwk

import "bytes"

// Lenient works on text only. An object that the strict reader refuses is rewritten in
// canonical form, as far as its deviations are known, and given to the strict reader again.
// So every key passed the strict reader, and the rest of the package knows only the strict
// form.

// normalize returns the canonical text of an object that the strict reader has refused, and
// its deviations. It returns nil for both if it finds no deviation.
func normalize(m *members, lim limits) (text []byte, found []Deviation) {
	// A stage may depend on the members that the stages before it repaired.
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
			return nil, nil // does not happen: rewrite returns an object
		}
	}
	return text, found
}

// hsmTypes are the key types that Azure Key Vault states for keys in hardware.
var hsmTypes = map[string]KeyType{"RSA-HSM": RSA, "EC-HSM": EC, "oct-HSM": Oct}

// hsmType returns the registered key type for a key type of Azure Key Vault, or "".
func hsmType(m *members) KeyType {
	kty, _ := m.str(mKty)
	return hsmTypes[kty]
}

// keyType repairs kty. The other stages depend on it.
func (r *repair) keyType() {
	if kty := hsmType(r.m); kty != "" {
		r.fix(mKty, `"`+string(kty)+`"`, DeviationHSM)
	}
}

// emptyAttributes are the attributes that Lenient removes if they are empty strings. A kid may
// be empty.
const emptyAttributes memberSet = 1<<mUse | 1<<mKeyOps | 1<<mAlg | 1<<mX5u | 1<<mX5c | 1<<mX5t | 1<<mX5tS256

// hasEmptyUsage reports whether use or alg is an empty string. The strict reader accepts that
// and reads it as absent.
func hasEmptyUsage(m *members) bool {
	return m.has(mUse) && m.raw(mUse) == emptyString || m.has(mAlg) && m.raw(mAlg) == emptyString
}

const emptyString = `""`

// encodings repairs the encoding of single members, and removes members that state nothing.
func (r *repair) encodings() {
	row, _ := kindOf(r.m) // nil if the type of the key is unknown
	var material memberSet
	if row != nil {
		material = (row.public | row.private) &^ (1<<mCrv | 1<<mAlg)
	}
	for id := range numMembers {
		if !r.m.has(id) || r.removeIdle(id, row) {
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
			r.octetsEncoding(id, unquote(text), row.width)
		}
	}
}

// removeIdle removes a member that states nothing, and reports whether it did: a null or empty
// attribute, and a null or empty private member of a key without a private half.
func (r *repair) removeIdle(id memberID, row *kindRow) bool {
	bit := memberSet(1) << id
	attribute := attributeMembers&bit != 0 && !isPublicMaterial(r.m, id)
	private := privateMembers&bit != 0 && row != nil && row.public != 0 && r.m.secret == 0
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

// octetsEncoding repairs the encoding of a member of the material. width is as in kind.
func (r *repair) octetsEncoding(id memberID, text string, width int) {
	octets, found, err := decodeLoose64(text)
	if err != nil || len(octets) == 0 || id == mE && isDecimal(text) && len(found) > 0 {
		return // decimal digits, such as "65537", are not the base64 of e
	}
	minimal := bytes.TrimLeft(octets, "\x00")
	switch {
	case width == minimalWidth && len(minimal) > 0 && len(minimal) < len(octets):
		octets, found = minimal, append(found, DeviationLeadingZeros)
	case width > 0 && len(minimal) <= width && len(octets) != width:
		octets, found = append(make([]byte, width-len(minimal), width), minimal...), append(found, DeviationWidth)
	}
	if len(found) > 0 {
		r.fixOctets(id, octets, found...)
	}
}

// digestEncoding repairs the encoding of x5t or x5t#S256.
func (r *repair) digestEncoding(id memberID, text string) {
	if digest, ok := unhexDigest(text, digestSize(id)); ok {
		r.fixOctets(id, digest, DeviationHexX5T)
		return
	}
	octets, found, err := decodeLoose64(text)
	if err != nil {
		return
	}
	if digest, ok := unhexDigest(string(octets), digestSize(id)); ok {
		octets, found = digest, append(found, DeviationHexX5T)
	}
	if len(found) > 0 && len(octets) == digestSize(id) {
		r.fixOctets(id, octets, found...)
	}
}

// missing adds private members that can be computed from others.
func (r *repair) missing() {
	if row, _ := kindOf(r.m); row != nil && row.complete != nil {
		for id, octets := range row.complete(r.m, r.lim) {
			r.fixOctets(id, octets, DeviationMissingCRT)
		}
	}
}

// digests repairs the values of x5t and x5t#S256.
func (r *repair) digests() {
	var leaf []byte
	if r.m.has(mX5c) {
		if texts, _ := certificateTexts(r.m); len(texts) > 0 {
			leaf, _ = decodeCertificate(texts[0])
		}
	}
	for _, id := range [...]memberID{mX5t, mX5tS256} {
		if r.m.has(id) {
			r.digest(id, leaf)
		}
	}
}

// digest repairs the value of x5t or x5t#S256. leaf is the first certificate, or nil.
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
