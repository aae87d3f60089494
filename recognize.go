package jwk

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// Recognition of texts that were given to the wrong function. A door calls explain after it has
// failed, so that its error says what the text is and which call reads it. Nothing here reads a
// key, and no error shows the text.

// explain returns the error about a text that door d has refused with err. If the form of the
// text is recognized, the error says what the text is and which call reads it. If the form is not
// recognized, or if err is more exact, explain returns err. With publicOnly, a private key in any
// recognized form is ErrPrivate.
func explain(d door, text []byte, err error, publicOnly bool) error {
	e, ok := err.(*Error)
	if !ok {
		return err
	}
	inJSON := d == doorKey || d == doorSet
	missing := inJSON && errors.Is(err, ErrInvalid) && e.Path == [...]jsontext.Pointer{doorKey: "/kty", doorSet: "/keys"}[d]
	if !missing && !errors.Is(err, ErrSyntax) {
		return err
	}
	s := newSpecimen(text)
	if inJSON && !missing && s.first == '{' && !s.isUTF16() {
		return err // it says where the object is wrong
	}
	f := s.form()
	row := &forms[f]
	if publicOnly && s.private && f != noForm && row.reader != d {
		return errorf(ErrPrivate, "%s with a private key, %s", row.what, wayPublicOnly)
	}
	switch {
	case f == noForm && inJSON && !s.valid:
		return errorf(ErrSyntax, "not JSON, want %s", wanted[d][:len(wanted[d])-len(" in JSON")]).atOffset(int(e.Offset))
	case d == doorJWE && row.reader == d && bytes.HasPrefix(text, []byte(byteOrderMark)):
		return errorf(ErrSyntax, "a byte order mark before %s", wanted[d])
	case f == noForm, f == formJSON && (inJSON || d == doorJWE && !s.valid), row.reader == d:
		return err
	case f == formEmpty:
		e.Offset = 0
	}
	what, wayOut := row.what, row.wayOut
	if s.private {
		what += " with a private key"
	}
	if wayOut != "" {
		wayOut = ": " + wayOut
	}
	if missing {
		e.Err = &formReason{reason{ErrInvalid, "missing in " + what + wayOut}, row.what, what + wayOut}
		return e
	}
	other := errorf(ErrSyntax, "%s, want %s%s", what, wanted[d], wayOut)
	other.Err = &formReason{*other.Err.(*reason), row.what, what + wayOut}
	return other.atOffset(int(e.Offset))
}

// A formReason is the reason of an error about a text in another form. Package sshkey and command
// jwk find it with errors.As, by interfaces that have its methods.
type formReason struct {
	reason
	form   string // the name of the form, or ""
	advice string // the name of the form, and how to read or convert it
}

// Form returns the name of the form, such as "PKCS #12", or "" if it is not recognized. Command
// jwk has advice of its own for each name.
func (r *formReason) Form() string { return r.form }

// OtherForm returns the name of the form, and the function that reads or converts it.
func (r *formReason) OtherForm() string { return r.advice }

// A specimen is a text whose form is to be recognized.
type specimen struct {
	data    []byte // the whole text
	text    []byte // data without a byte order mark, and without white space around it
	first   byte   // the first octet of text
	valid   bool   // text is valid JSON
	private bool   // text has a private key in it
}

const blanks = " \t\r\n"

func newSpecimen(data []byte) *specimen {
	s := &specimen{data: data, text: bytes.Trim(bytes.TrimPrefix(data, []byte(byteOrderMark)), blanks)}
	s.first = jsonscan.ByteAt(s.text, 0)
	return s
}

// form returns the form of the text, or noForm. It sets s.private if it finds a private key.
func (s *specimen) form() form {
	switch {
	case len(s.text) == 0:
		return formEmpty
	case s.isUTF16():
		return formUTF16
	case s.begins("\xfe\xed\xfe\xed"):
		return formKeystore
	case s.begins("\x1f\x8b"):
		return formGzip
	}
	if f := s.ofDER(s.data); f != noForm {
		return f
	}
	inJSON := s.ofJSON()
	switch {
	case s.valid && inJSON != noForm:
		return inJSON
	case bytes.Contains(s.text, []byte(pemBegin)): // any text may come before a block
		return s.ofPEM(s.text)
	case inJSON != noForm:
		return inJSON
	case s.begins("<"):
		return formMarkup
	case s.begins("---- BEGIN SSH2"):
		return formSSH2
	case s.begins("PuTTY-User-Key"):
		s.private = true
		return formPuTTY
	case s.begins("---\n"), s.begins("kty:"), s.begins("keys:"), s.begins("- kty:"):
		return formYAML
	case s.isSSHLine():
		return formSSHLine
	case s.isToken() && bytes.Count(s.text, []byte(".")) == jweDots:
		return formJWE
	case s.isToken():
		return formJWS
	}
	return s.ofEncoded()
}

// The numbers of dots in a compact JWE (RFC 7516, Section 7.1) and a compact JWS (RFC 7515,
// Section 7.1).
const (
	jweDots = 4
	jwsDots = 2
)

// isToken reports whether the text has the form of a compact JWE or JWS.
func (s *specimen) isToken() bool {
	dots := bytes.Count(s.text, []byte("."))
	return s.begins("ey") && (dots == jweDots || dots == jwsDots) && len(bytes.Trim(s.text, alphabet64+".")) == 0
}

func (s *specimen) begins(with string) bool { return bytes.HasPrefix(s.text, []byte(with)) }

// isUTF16 reports whether the text is in UTF-16. No other form begins like this.
func (s *specimen) isUTF16() bool {
	b := s.data
	return len(b) >= 4 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff ||
		b[0] == 0 && b[2] == 0 && b[1] != 0 && b[3] != 0 || b[1] == 0 && b[3] == 0 && b[0] != 0 && b[2] != 0)
}

const (
	pemPrivate = labelPrivate + pemDashes
	alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// ofPEM returns the form of a text in PEM.
func (s *specimen) ofPEM(text []byte) form {
	if !bytes.Contains(text, []byte(pemPrivate)) {
		return formPEM
	}
	s.private = true
	switch {
	case bytes.Contains(text, []byte(pemBegin+"OPENSSH ")):
		return formOpenSSH
	case bytes.Contains(text, []byte(pemBegin+"ENCRYPTED ")):
		return formEncryptedPEM
	case bytes.Contains(text, []byte("Proc-Type: 4,ENCRYPTED")): // RFC 1421, Section 4.6.1.1
		return formOldPEM
	}
	return formPEM
}

// isSSHLine reports whether the first line has a key type of OpenSSH and a key. Options or the
// names of a host may come before them.
func (s *specimen) isSSHLine() bool {
	line, _, _ := bytes.Cut(s.text, []byte("\n"))
	before, _, found := bytes.Cut(line, []byte(" AAAA")) // the base64 of every key begins with AAAA, the length of its type
	name := before[bytes.LastIndexByte(before, ' ')+1:]
	return found && (bytes.HasPrefix(name, []byte("ssh-")) || bytes.HasPrefix(name, []byte("ecdsa-")) || bytes.HasPrefix(name, []byte("sk-")))
}

// ofDER returns the form of octets that may be DER. It looks only at their beginning.
func (s *specimen) ofDER(b []byte) form {
	content := derContent(b)
	switch inner := derStart(content); {
	case content == nil:
		return noForm
	case bytes.HasPrefix(content, []byte("\x02\x01\x03")): // version 3: RFC 7292, Section 4
		return formPKCS12
	case bytes.HasPrefix(content, []byte("\x02\x01")): // the version of a private key; the modulus of an RSAPublicKey is longer
		s.private = true
	case bytes.HasPrefix(inner, []byte("\xa0\x03\x02\x01")): // the version of a certificate: RFC 5280, Section 4.1
		return formCertificate
	}
	return formDER
}

// derContent returns the content of b if b is exactly one SEQUENCE, and nil otherwise. The length
// may be indefinite (BER), which PKCS #12 allows.
func derContent(b []byte) []byte {
	content := derStart(b)
	// The content of each form begins with one of these tags. Without this check, a text could
	// be taken for DER if it begins with "0", the tag of a SEQUENCE, and a character whose code
	// is the right length.
	if content == nil || strings.IndexByte("\x02\x06\x30\xa0", jsonscan.ByteAt(content, 0)) < 0 {
		return nil
	}
	length, octets := int(b[1]), len(b)-len(content)-2
	if octets > 0 {
		length = 0
		for _, c := range b[2 : 2+octets] {
			length = length<<8 | int(c)
		}
	}
	if length == len(content) || b[1] == 0x80 {
		return content
	}
	return nil
}

// derStart returns the octets after the tag and length of a SEQUENCE, or nil.
func derStart(b []byte) []byte {
	if len(b) < 2 || b[0] != derSequence {
		return nil
	}
	octets := 0 // the number of octets of the length after the first
	if b[1] > 0x80 {
		octets = int(b[1] & 0x7f)
	}
	if octets > 4 || len(b) < 2+octets {
		return nil
	}
	return b[2+octets:]
}

// maxEncoded limits the texts that are decoded from base64 and hexadecimal. Keys are shorter.
const maxEncoded = 64 << 10 // octets

// ofEncoded returns the form of a text that may be base64 or hexadecimal.
func (s *specimen) ofEncoded() form {
	if len(s.text) > maxEncoded {
		return noForm
	}
	packed := translated(string(s.text), "-_"+blanks, "+/")
	octets, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(packed, "="))
	if err == nil {
		if f := s.ofOctets(octets); f != noForm {
			return f
		}
	}
	octets, err = hex.DecodeString(translated(string(s.text), ":"+blanks, ""))
	if err != nil || s.ofDER(octets) == noForm {
		return noForm
	}
	return formHexDER
}

// ofOctets returns the form of a text in base64, given its octets.
func (s *specimen) ofOctets(b []byte) form {
	switch {
	case bytes.HasPrefix(b, []byte(pemBegin)):
		s.ofPEM(b)
		return formBase64PEM
	case bytes.HasPrefix(b, []byte(`{"`)):
		s.lookInto(b)
		return formBase64JSON
	case bytes.HasPrefix(b, []byte("\x00\x00\x00")) && s.begins("AAAA"):
		return formSSHBlob
	case s.ofDER(b) != noForm:
		return formBase64DER
	}
	return noForm
}

// ofJSON returns the form of a text that may be JSON, or noForm. It sets s.valid.
func (s *specimen) ofJSON() form {
	r := &reader{data: s.text}
	r.value()
	if s.valid = !r.bad && r.pos == len(s.text); s.valid {
		_, s.private = findPrivate(s.text)
		r = newReader(s.text)
		switch s.first {
		case '{':
			return s.ofObject(r)
		case '[':
			if r.open('[', "") == nil && r.more(']') && r.next() == '{' && s.ofObject(r) == formKey {
				return formArray
			}
		case '"':
			inner := &specimen{text: []byte(unquote(string(s.text)))}
			switch {
			case inner.begins(pemBegin):
				inner.ofPEM(inner.text)
				s.private = inner.private
				return formQuotedPEM
			case inner.begins("{"), inner.begins("["):
				s.lookInto(inner.text)
				return formQuotedJSON
			case inner.isToken():
				return formQuotedToken
			}
		}
	}
	if s.first != 0 && strings.IndexByte(`{["`, s.first) >= 0 {
		return formJSON
	}
	return noForm
}

// lookInto sets s.private if text, which is JSON that was encoded in s.text, has a private key.
func (s *specimen) lookInto(text []byte) {
	inner := newSpecimen(text)
	inner.ofJSON()
	s.private = s.private || inner.private
}

// ofObject returns the form of the valid object at r. If its members fit several forms, it
// returns the first of these in the list of forms.
func (s *specimen) ofObject(r *reader) form {
	f := formJSON
	r.open('{', "") // no error: the value is an object
	for r.more('}') {
		name := r.name()
		v := r.value()
		value := r.data[v.start:v.end]
		f = min(f, s.ofMember(name, value))
	}
	return f
}

// ofMember returns the form of an object that has a member with this name and value.
func (s *specimen) ofMember(name string, value []byte) form {
	inPEM := bytes.HasPrefix(value, []byte(`"`+pemBegin))
	if inPEM {
		s.private = s.private || bytes.Contains(value, []byte(pemPrivate))
	}
	switch {
	case name == mKty.String():
		return formKey
	case name == keysMember:
		return formSet
	case name == "ciphertext":
		return formJWEObject
	case name == "payload" || name == "signatures": // RFC 7515, Section 7.2
		return formJWSObject
	case name == "jwks_uri": // OpenID Connect Discovery 1.0, Section 3; RFC 8414, Section 2
		return formMetadata
	case inPEM && name == "private_key":
		return formServiceAccount
	case inPEM:
		return formPEMObject
	case strings.EqualFold(name, keysMember):
		return formKeysInCase
	case isKtyName(name):
		return formKtyInCase
	case name == "jwks" && value[0] == '{':
		return formJWKS
	case name == "jwk" && value[0] == '{':
		return formJWK
	}
	return formJSON
}
