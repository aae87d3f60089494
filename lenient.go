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
// has refused, and its deviations; none of both if there are none known.
func normalize(m *members, lim limits) (text []byte, found []Deviation) {
	// What is derived from other members waits until those are repaired.
	for _, stage := range [...]func(*repair){(*repair).encodings, (*repair).derived} {
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

// encodings repairs how single members are written.
func (r *repair) encodings() {
	kind, _ := kindOf(r.m)
	for id := range numMembers {
		if !r.m.has(id) {
			continue
		}
		switch text := r.m.raw(id); {
		case attributeMembers&(1<<id) != 0 && text == "null" && !(kind != nil && kind.public&(1<<id) != 0):
			r.fix(id, "", DeviationNull)
		case text[0] != '"':
			continue
		case id == mX5c:
			r.fix(id, "["+text+"]", DeviationBareX5C)
		case id == mX5t || id == mX5tS256:
			r.digestEncoding(id, unquote(text))
		case kind != nil && (kind.public|kind.private)&^(1<<mCrv|1<<mAlg)&(1<<id) != 0:
			r.octetsEncoding(id, unquote(text), kind.width)
		}
	}
}

// octetsEncoding repairs a member of the material.
func (r *repair) octetsEncoding(id memberID, text string, width int) {
	octets, met, err := decodeLoose64(text)
	if err != nil || len(octets) == 0 {
		return
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

// digestEncoding repairs x5t or x5t#S256.
func (r *repair) digestEncoding(id memberID, text string) {
	if digest, ok := unhexDigest(text); ok && id == mX5t {
		r.fixOctets(id, digest, DeviationHexX5T)
		return
	}
	octets, met, err := decodeLoose64(text)
	if err != nil {
		return
	}
	if digest, ok := unhexDigest(string(octets)); ok && id == mX5t {
		octets, met = digest, append(met, DeviationHexX5T)
	}
	if len(met) > 0 {
		r.fixOctets(id, octets, met...)
	}
}

// derived repairs members that follow from others.
func (r *repair) derived() {
	if kind, _ := kindOf(r.m); kind != nil && kind.complete != nil {
		for id, octets := range kind.complete(r.m, r.lim) {
			r.fixOctets(id, octets, DeviationMissingCRT)
		}
	}
	if !r.m.has(mX5c) {
		return
	}
	list, err := r.m.strs(mX5c, maxCertificates)
	if err != nil || len(list) == 0 {
		return
	}
	leaf, err := decodeCertificate(unquote(r.m.doc.text[list[0].start:list[0].end]))
	if err != nil {
		return
	}
	for _, id := range [...]memberID{mX5t, mX5tS256} {
		if !r.m.has(id) {
			continue
		}
		want := digestOf(id, leaf)
		_, stated, err := r.m.encoded(id)
		if err == nil && len(stated) == len(want) && !bytes.Equal(stated, want) {
			r.fixOctets(id, want, DeviationDigest)
		}
	}
}

// rewrite returns the object with its repairs. Members that were not there
// come last.
func (r *repair) rewrite() []byte {
	var w writer
	for name, value := range eachMember(r.m.part().text()) {
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
