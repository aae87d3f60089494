package jwk

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// How Lenient repairs x5c.

// certificates repairs x5c. It removes an x5c that cannot be read, because the key is complete
// without it. In two cases it does not, so that the strict reader refuses the key: a
// certificate is over a limit, or the chain has a certificate for another key and no
// certificate for this key.
func (r *repair) certificates() {
	row, err := kindOf(r.m)
	if err != nil || !r.m.has(mX5c) {
		return
	}
	mat, err := row.readMaterial(r.m, r.lim)
	if err != nil {
		return
	}
	if isEmptyArray(r.m.raw(mX5c)) {
		r.fix(mX5c, "", DeviationEmpty)
		return
	}
	texts, found := certificateTexts(r.m)
	if len(texts) > maxCertificates {
		return
	}
	var chain [][]byte
	for _, text := range texts {
		certificates, codes := decodeLooseCertificates(text)
		chain = append(chain, certificates...)
		for _, code := range codes {
			if !slices.Contains(found, code) {
				found = append(found, code)
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
		case row.kty == EC && info.spki.hasExplicitCurve():
			whole = false // its key cannot be read
		case mat.certified(&info.spki):
			certified = true
		case other == nil:
			other = firstElement(der)
		}
	}
	switch {
	case other != nil && !certified:
		r.fixCertificates([][]byte{other}, append(found, DeviationUnreadable))
	case !whole:
		r.fix(mX5c, "", DeviationUnreadable)
	case len(found) > 0:
		r.fixCertificates(chain, found)
	}
}

// firstElement returns the SEQUENCE at the start of der without what follows it, or nil.
func firstElement(der []byte) []byte {
	s := cryptobyte.String(der)
	var element cryptobyte.String
	if !s.ReadASN1Element(&element, cbasn1.SEQUENCE) {
		return nil
	}
	return element
}

// certificateTexts returns the strings of x5c, with "" for an element that is not a string. It
// stops after maxCertificates+1 of them.
func certificateTexts(m *members) (texts []string, found []DeviationCode) {
	raw := m.raw(mX5c)
	if raw[0] != '[' {
		return []string{stringOf(raw)}, []DeviationCode{DeviationBareX5C}
	}
	r := newReaderOf([]byte(raw), &document{raw})
	_ = r.open('[', "") // no error: raw is an array
	for len(texts) <= maxCertificates && r.more(']') {
		v := r.value()
		texts = append(texts, stringOf(raw[v.start:v.end]))
	}
	return texts, nil
}

// stringOf returns the string that a value encodes, or "" for a value of another type.
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
	text, _ := w.done() // no error: base64 is valid UTF-8
	r.fix(mX5c, string(text[len(`{"x5c":`):len(text)-1]), why...)
}

// pemCertificate is the end of the first line of a certificate in PEM (RFC 7468, Section 5).
// The label may begin with another word, such as X509.
const pemCertificate = labelCertificate + pemDashes

// decodeLooseCertificates decodes an element of x5c: base64 in the forms that providers emit,
// certificates in PEM, or one of these in base64 again. It returns nil for a certificate that
// it cannot decode.
func decodeLooseCertificates(text string) (chain [][]byte, found []DeviationCode) {
	if chain = decodePEMCertificates(text); chain != nil {
		return chain, []DeviationCode{DeviationPEM}
	}
	der, found := decodeLooseStd64(text)
	if firstElement(der) != nil {
		return [][]byte{der}, found
	}
	if chain = decodePEMCertificates(string(der)); chain != nil {
		return chain, []DeviationCode{DeviationPEM}
	}
	if again, _ := decodeLooseStd64(string(der)); firstElement(again) != nil {
		return [][]byte{again}, []DeviationCode{DeviationPEM}
	}
	return [][]byte{der}, found
}

// decodePEMCertificates decodes the certificates in PEM in a text. Its line breaks may be the
// two characters \n. It returns at most maxCertificates+1 certificates, and nil if the text
// has no certificate.
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
