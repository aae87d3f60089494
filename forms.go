package jwk

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Texts that are given to a function which reads another form. A door calls elsewhere after
// it has failed, so that its error says what the text is and which call reads it. Nothing
// here reads a key, and nothing of the text is shown.

// A door is a function that reads one form.
type door uint8

const (
	noDoor  door = iota
	doorKey      // Parse
	doorSet      // ParseSet
	doorPEM      // ParsePEM and DecryptPEM
	doorDER      // ParseDER
	doorJWE      // DecryptKey and DecryptSet
	doorAny      // ParseOne
)

// wanted says what each door reads.
var wanted = [...]string{
	doorKey: "a JWK in JSON",
	doorSet: "a JWK Set in JSON",
	doorPEM: "PEM (RFC 7468)",
	doorDER: "a key or certificate in DER",
	doorJWE: "a JWE in compact or flattened serialization",
	doorAny: "a key in PEM, DER or JSON",
}

// A form is what a text may be.
type form uint8

const (
	noForm form = iota
	formEmpty
	formUTF16
	formOpenSSH
	formEncryptedPEM
	formOldPEM
	formPEM
	formSSH2
	formPuTTY
	formSSHLine
	formPKCS12
	formCertificate
	formDER
	formKeystore
	formGzip
	formMarkup
	formYAML
	formKey // the forms of an object follow; if its members fit several, the first one counts
	formSet
	formJWEObject
	formJWSObject
	formMetadata
	formServiceAccount
	formPEMObject
	formKeysInCase
	formKtyInCase
	formJWKS
	formJWK
	formJSON // none of these, or not valid
	formArray
	formQuotedJSON
	formQuotedPEM
	formQuotedToken
	formJWE
	formJWS
	formBase64DER
	formHexDER
	formBase64PEM
	formBase64JSON
	formSSHBlob

	numForms
)

// forms is the one table of forms: what an error calls them, and the way out.
var forms = [numForms]struct {
	what, wayOut string
	reader       door // that reads it, if this package does
}{
	formEmpty:          {what: "no text"},
	formUTF16:          {what: "UTF-16", wayOut: "convert it to UTF-8"},
	formOpenSSH:        {what: "a file of OpenSSH", wayOut: "sshkey.ParsePrivateKey reads it"},
	formEncryptedPEM:   {"encrypted PEM", "DecryptPEM reads it", doorPEM},
	formOldPEM:         {"PEM that is encrypted in the form before PKCS #8", "openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW converts it", doorPEM},
	formPEM:            {"PEM", "ParsePEM reads it", doorPEM},
	formSSH2:           {what: "an SSH2 key", wayOut: "ssh-keygen -i -f FILE converts it"},
	formPuTTY:          {what: "a file of PuTTY", wayOut: "puttygen FILE -O private-openssh -o NEW converts it"},
	formSSHLine:        {what: "a public key of OpenSSH", wayOut: "sshkey.ParseAuthorizedKey reads it"},
	formPKCS12:         {what: "PKCS #12", wayOut: "openssl pkcs12 -in FILE -nodes -out NEW makes PEM of it"},
	formCertificate:    {"a certificate in DER", "ParseDER reads it", doorDER},
	formDER:            {"DER", "ParseDER reads it", doorDER},
	formKeystore:       {what: "a Java keystore", wayOut: "keytool -importkeystore -deststoretype pkcs12 converts it"},
	formGzip:           {what: "compressed data (gzip)", wayOut: "decompress it"},
	formMarkup:         {what: "HTML or XML"},
	formYAML:           {what: "YAML", wayOut: "convert it to JSON"},
	formSet:            {"a JWK Set", "ParseSet reads it", doorSet},
	formKey:            {"a single JWK", "Parse reads it", doorKey},
	formJWEObject:      {"a JWE in JSON", "DecryptKey or DecryptSet reads it", doorJWE},
	formJWSObject:      {what: "a signed text (JWS in JSON)"},
	formMetadata:       {what: "provider metadata", wayOut: "fetch the set from its jwks_uri"},
	formServiceAccount: {what: "a service account file", wayOut: "ParsePEM reads its private_key"},
	formPEMObject:      {what: "an object that holds PEM", wayOut: "ParsePEM reads each of its strings"},
	formKeysInCase:     {what: `an object with "keys" in another case`, wayOut: "case matters"},
	formKtyInCase:      {what: `an object with "kty" in another case`, wayOut: "case matters"},
	formJWKS:           {what: "an object with a jwks", wayOut: "ParseSet reads that member"},
	formJWK:            {what: "an object with a jwk", wayOut: "Parse reads that member"},
	formArray:          {what: "an array of keys", wayOut: `ParseSet reads it as "keys" of an object`},
	formQuotedJSON:     {what: "a string that holds JSON", wayOut: "unmarshal the string first"},
	formQuotedPEM:      {what: "a string that holds PEM", wayOut: "unmarshal the string, and call ParsePEM"},
	formQuotedToken:    {what: "a string that holds a JWE or a JWT", wayOut: "unmarshal the string first"},
	formJSON:           {"JSON", "Parse reads a JWK, ParseSet a set", doorKey},
	formJWE:            {"a JWE", "DecryptKey or DecryptSet reads it", doorJWE},
	formJWS:            {what: "a signed text (JWT or another JWS)"},
	formBase64DER:      {what: "base64 of DER", wayOut: "decode it, and call ParseDER"},
	formHexDER:         {what: "hexadecimal of DER", wayOut: "decode it, and call ParseDER"},
	formBase64PEM:      {what: "base64 of PEM", wayOut: "decode it, and call ParsePEM"},
	formBase64JSON:     {what: "base64 of JSON", wayOut: "decode it, and call Parse or ParseSet"},
	formSSHBlob:        {what: "a public key of OpenSSH without its type", wayOut: "sshkey.ParseAuthorizedKey reads it after its type"},
}

// elsewhere returns the error about a text that a door has refused with err: what the
// text is, or err if that is not known or tells more. With PublicOnly, a private key in
// any form that is recognised is ErrPrivate.
func (p *Parser) elsewhere(d door, text []byte, err error) error {
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
		return err // it tells where the object is wrong
	}
	f := s.form()
	row := &forms[f]
	if p.PublicOnly && s.private && f != noForm && row.reader != d {
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
		e.Err = &reason{ErrInvalid, "missing in " + what + wayOut}
		return e
	}
	return errorf(ErrSyntax, "%s, want %s%s", what, wanted[d], wayOut).atOffset(int(e.Offset))
}

// A specimen is a text whose form is to be found.
type specimen struct {
	data    []byte // the whole
	text    []byte // without a byte order mark and white space around it
	first   byte   // of text
	valid   bool   // text is valid JSON
	private bool   // there is a private key in it
}

const blanks = " \t\r\n"

func newSpecimen(data []byte) *specimen {
	s := &specimen{data: data, text: bytes.Trim(bytes.TrimPrefix(data, []byte(byteOrderMark)), blanks)}
	s.first = byteAt(s.text, 0)
	return s
}

// form finds the form of a text.
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
	case bytes.Contains(s.text, []byte(pemBegin)): // any text may stand before a block
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

// The dots in a compact JWE (RFC 7516, Section 7.1) and JWS (RFC 7515, Section 7.1).
const (
	jweDots = 4
	jwsDots = 2
)

// isToken reports whether a text has the form of a compact JWE or JWS.
func (s *specimen) isToken() bool {
	dots := bytes.Count(s.text, []byte("."))
	return s.begins("ey") && (dots == jweDots || dots == jwsDots) && len(bytes.Trim(s.text, alphabet64+".")) == 0
}

func (s *specimen) begins(with string) bool { return bytes.HasPrefix(s.text, []byte(with)) }

// isUTF16 reports whether a text is in UTF-16. No other form begins like this.
func (s *specimen) isUTF16() bool {
	b := s.data
	return len(b) >= 4 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff ||
		b[0] == 0 && b[2] == 0 && b[1] != 0 && b[3] != 0 || b[1] == 0 && b[3] == 0 && b[0] != 0 && b[2] != 0)
}

const (
	pemPrivate = labelPrivate + pemDashes
	alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// ofPEM tells which PEM a text is.
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

// isSSHLine reports whether the first line has a type of OpenSSH and a key, perhaps after
// options or the names of a host.
func (s *specimen) isSSHLine() bool {
	line, _, _ := bytes.Cut(s.text, []byte("\n"))
	before, _, found := bytes.Cut(line, []byte(" AAAA")) // how each key begins: with the length of its type
	name := before[bytes.LastIndexByte(before, ' ')+1:]
	return found && (bytes.HasPrefix(name, []byte("ssh-")) || bytes.HasPrefix(name, []byte("ecdsa-")) || bytes.HasPrefix(name, []byte("sk-")))
}

// ofDER tells what DER is in octets, as far as the beginning shows it.
func (s *specimen) ofDER(b []byte) form {
	content := derContent(b)
	switch inner := derStart(content); {
	case content == nil:
		return noForm
	case bytes.HasPrefix(content, []byte("\x02\x01\x03")): // version 3: RFC 7292, Section 4
		return formPKCS12
	case bytes.HasPrefix(content, []byte("\x02\x01")): // version 0 or 1: no modulus is as short
		s.private = true
	case bytes.HasPrefix(inner, []byte("\xa0\x03\x02\x01")): // its version: RFC 5280, Section 4.1
		return formCertificate
	}
	return formDER
}

// derContent returns the content of b if b is exactly one SEQUENCE, and nil otherwise.
// PKCS #12 files need not tell their length (BER).
func derContent(b []byte) []byte {
	content := derStart(b)
	// Each form begins with an element of one of these tags. A text can begin with "0" and
	// a length that fits by chance.
	if content == nil || strings.IndexByte("\x02\x06\x30\xa0", byteAt(content, 0)) < 0 {
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

// derStart returns what follows the tag and length of a SEQUENCE.
func derStart(b []byte) []byte {
	if len(b) < 2 || b[0] != derSequence {
		return nil
	}
	octets := 0 // of the length, after the first
	if b[1] > 0x80 {
		octets = int(b[1] & 0x7f)
	}
	if octets > 4 || len(b) < 2+octets {
		return nil
	}
	return b[2+octets:]
}

// Longer texts are not looked at for base64 and hexadecimal. Keys are shorter.
const maxEncoded = 64 << 10 // octets

// ofEncoded tells what is in base64 or hexadecimal.
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

// ofOctets tells what was encoded.
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

// ofJSON tells what the members of an object say, or the elements of an array, and what
// is in a string.
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

// lookInto looks for a private key in an object or array that was encoded.
func (s *specimen) lookInto(text []byte) {
	inner := newSpecimen(text)
	inner.ofJSON()
	s.private = s.private || inner.private
}

// ofObject returns the form of the valid object at r. If its members fit several forms, the
// first one in the list counts.
func (s *specimen) ofObject(r *reader) form {
	f := formJSON
	r.open('{', "") // it is one
	for r.more('}') {
		name := r.name()
		v := r.value()
		value := r.data[v.start:v.end]
		f = min(f, s.ofMember(name, value))
	}
	return f
}

// ofMember tells which form a member of an object speaks for.
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
