package jwk

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// What Lenient does with x5c.

// certificates repairs x5c. What cannot be read is left out, because the key is whole
// without it. Two things are not left out, and the strict reader refuses the key for them:
// a certificate that can be read if the chain certifies another key and not this one, and
// one that is over a limit.
func (r *repair) certificates() {
	kind, err := kindOf(r.m)
	if err != nil || !r.m.has(mX5c) {
		return
	}
	mat, err := kind.readMaterial(r.m, r.lim)
	if err != nil {
		return
	}
	if isEmptyArray(r.m.raw(mX5c)) {
		r.fix(mX5c, "", DeviationEmpty)
		return
	}
	texts, met := r.m.certificateTexts()
	if len(texts) > maxCertificates {
		return
	}
	var chain [][]byte
	for _, text := range texts {
		certificates, codes := decodeLooseCertificates(text)
		chain = append(chain, certificates...)
		for _, code := range codes {
			if !slices.Contains(met, code) {
				met = append(met, code)
			}
		}
	}
	whole, certified := true, false
	var other []byte // a certificate for another key
	for _, der := range chain {
		if _, err := acceptCertificate(der, r.lim); errors.Is(err, ErrPolicy) {
			return
		} else if err != nil {
			whole = false
		}
		info, readable := readCertificate(firstElement(der))
		switch {
		case !readable:
		case kind.kty == EC && info.spki.hasExplicitCurve():
			whole = false // the key that it is for cannot be read
		case mat.certified(&info.spki):
			certified = true
		case other == nil:
			other = firstElement(der)
		}
	}
	switch {
	case other != nil && !certified:
		r.fixCertificates([][]byte{other}, append(met, DeviationUnreadable))
	case !whole:
		r.fix(mX5c, "", DeviationUnreadable)
	case len(met) > 0:
		r.fixCertificates(chain, met)
	}
}

// firstElement returns the first element of DER, without what follows it.
func firstElement(der []byte) []byte {
	s := cryptobyte.String(der)
	var element cryptobyte.String
	if !s.ReadASN1Element(&element, cbasn1.SEQUENCE) {
		return nil
	}
	return element
}

// certificateTexts returns the strings of x5c, "" for an element that is not a string,
// and at most one more than are accepted.
func (m *members) certificateTexts() (texts []string, met []DeviationCode) {
	raw := m.raw(mX5c)
	if raw[0] != '[' {
		return []string{stringOf(raw)}, []DeviationCode{DeviationBareX5C}
	}
	r := newReaderOf([]byte(raw), &document{raw})
	_ = r.open('[', "") // it is an array
	for len(texts) <= maxCertificates && r.more(']') {
		v := r.value()
		texts = append(texts, stringOf(raw[v.start:v.end]))
	}
	return texts, nil
}

// stringOf returns the string that a value is, or "".
func stringOf(value string) string {
	if value[0] != '"' {
		return ""
	}
	return unquote(value)
}

// fixCertificates replaces x5c by certificates in DER.
func (r *repair) fixCertificates(chain [][]byte, why []DeviationCode) {
	var w writer
	texts := make([]string, len(chain))
	for i, der := range chain {
		texts[i] = base64.StdEncoding.EncodeToString(der)
	}
	w.strs(mX5c.String(), texts)
	text, _ := w.done() // base64 is valid UTF-8
	r.fix(mX5c, string(text[len(`{"x5c":`):len(text)-1]), why...)
}

// How the first line of a certificate in PEM ends (RFC 7468, Section 5): the label may have a
// word in front, such as X509.
const pemCertificate = labelCertificate + pemDashes

// decodeLooseCertificates decodes an element of x5c: base64 in the forms that providers
// emit, certificates in PEM, or one of both in base64 again. It returns nil for a
// certificate that it cannot decode.
func decodeLooseCertificates(text string) (chain [][]byte, met []DeviationCode) {
	if chain = decodePEMCertificates(text); chain != nil {
		return chain, []DeviationCode{DeviationPEM}
	}
	der, met := decodeLooseStd64(text)
	if firstElement(der) != nil {
		return [][]byte{der}, met
	}
	if chain = decodePEMCertificates(string(der)); chain != nil {
		return chain, []DeviationCode{DeviationPEM}
	}
	if again, _ := decodeLooseStd64(string(der)); firstElement(again) != nil {
		return [][]byte{again}, []DeviationCode{DeviationPEM}
	}
	return [][]byte{der}, met
}

// decodePEMCertificates decodes the certificates in a text, whose line breaks may be the
// two characters of an escape. It returns at most maxCertificates+1 certificates, and nil
// if the text has no certificate.
func decodePEMCertificates(text string) (chain [][]byte) {
	for len(chain) <= maxCertificates {
		_, rest, found := strings.Cut(text, pemBegin)
		if !found {
			return chain
		}
		body, next, _ := strings.Cut(rest, pemEnd)
		if _, body, found = strings.Cut(body, pemCertificate); found {
			lines := strings.Split(body, `\n`)
			der, _ := decodeLooseStd64(strings.Join(lines, ""))
			chain = append(chain, der)
		}
		text = next
	}
	return chain
}

// decodeLooseStd64 decodes base64 with white space, in the alphabet of base64url, without
// padding, or with stray bits. It returns nil for anything else.
func decodeLooseStd64(text string) (octets []byte, met []DeviationCode) {
	body := translated(text, " \t\r\n", "")
	if body != text {
		met = append(met, DeviationWhiteSpace)
	}
	plain := translated(body, "-_", "+/")
	if plain != body {
		if strings.ContainsAny(body, "+/") {
			return nil, nil
		}
		met = append(met, DeviationAlphabet)
	}
	unpadded := strings.TrimRight(plain, "=")
	octets, err := base64.RawStdEncoding.DecodeString(unpadded)
	if err != nil || unpadded == "" {
		return nil, nil
	}
	switch canonical := base64.StdEncoding.EncodeToString(octets); {
	case canonical == plain:
	case strings.TrimRight(canonical, "=") == unpadded:
		met = append(met, DeviationPadding)
	default:
		met = append(met, DeviationStrayBits)
	}
	return octets, met
}
