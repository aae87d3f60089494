package jwk

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// The form of a JWE in the compact serialization (RFC 7516, Section 7.1) or the flattened JSON
// serialization (Section 7.2.2), as far as encrypted keys need it. The text is hostile. This
// file checks the form and the sizes of the parts, and jwe_header.go checks the header, before
// go-jose sees the text and before anything is computed. These checks need no key. See
// decrypt.go for the rest.

// A jwe is a text that has the form of a JWE.
type jwe struct {
	header       jweHeader
	headerOffset int // the offset of the header in the text
	encryptedKey []byte
	keyOffset    int // the offset of the encrypted key in the text
	object       *jose.JSONWebEncryption
}

// The names of the parts after the header in the JSON serialization (RFC 7516, Section 7.2.1).
// The paths in errors use them for both serializations.
const (
	partEncryptedKey = "encrypted_key"
	partIV           = "iv"
	partCiphertext   = "ciphertext"
	partTag          = "tag"
)

var jweParts = [...]string{partProtected, partEncryptedKey, partIV, partCiphertext, partTag}

// parseJWE checks the form of a text and returns its parts. The cty of the header must be
// content, or absent.
func parseJWE(text []byte, content string) (*jwe, error) {
	split := compactParts
	if jsonscan.ByteAt(text, jsonscan.SkipSpace(text, 0)) == '{' {
		split = flattenedParts
	}
	parts, compact, err := split(text)
	if err != nil {
		return nil, err
	}
	j := new(jwe)
	for i, name := range jweParts {
		if err := j.readPart(name, parts[i]); err != nil {
			return nil, err
		}
	}
	j.object, err = jose.ParseEncryptedCompact(string(compact),
		[]jose.KeyAlgorithm{jose.KeyAlgorithm(j.header.alg)}, []jose.ContentEncryption{jose.ContentEncryption(j.header.enc.enc)})
	if err != nil {
		// go-jose also reads members that a reader must ignore, and reads numbers as float64.
		// The text of err may quote members, so it is not shown.
		return nil, errorf(ErrUnsupported, "a header that go-jose cannot read").atMember(partProtected, parts[0].offset)
	}
	if err := j.header.checkContent(content); err != nil {
		return nil, j.withOffset(err)
	}
	return j, nil
}

// A jwePart is a part of a JWE in base64url, and its offset in the text.
type jwePart struct {
	text   []byte
	offset int
}

// compactParts splits a text in compact serialization (RFC 7516, Section 7.1) into its parts.
// One line break may follow the text, as at the end of a file; compact is the text without it.
func compactParts(text []byte) (parts [len(jweParts)]jwePart, compact []byte, err error) {
	if before, found := bytes.CutSuffix(text, []byte("\n")); found {
		text = bytes.TrimSuffix(before, []byte("\r"))
	}
	if n := bytes.Count(text, []byte(".")) + 1; n != len(parts) {
		return parts, nil, errorf(ErrSyntax, "%s, want the %d of a JWE in compact serialization", counted(n, "part", "parts"), len(parts))
	}
	offset := 0
	for i := range parts {
		part, rest, _ := bytes.Cut(text[offset:], []byte("."))
		parts[i] = jwePart{part, offset}
		offset = len(text) - len(rest)
	}
	return parts, text, nil
}

// flattenedParts reads the parts of a JWE in the flattened JSON serialization (RFC 7516,
// Section 7.2.2). compact is the same JWE in compact serialization. The whole header must be
// protected, and the encrypted key may be absent.
func flattenedParts(text []byte) (parts [len(jweParts)]jwePart, compact []byte, err error) {
	r := newReader(text)
	if err := r.open('{', ""); err != nil {
		return parts, nil, err
	}
	var present [len(jweParts)]bool
	var firstFault *Error // returned only if the whole text is valid JSON
	start := r.pos - 1
	for r.more('}') {
		name := r.name()
		v := r.value()
		if r.bad {
			break
		}
		i := slices.Index(jweParts[:], name)
		switch {
		case firstFault != nil:
		case slices.Contains(unprotectedNames[:], name):
			firstFault = errorf(ErrUnsupported, "a JWE in JSON with this member, want the flattened serialization with protected members only").atMember(name, v.start)
		case i < 0: // RFC 7516, Section 7.2.1: ignored
		case text[v.start] != '"':
			firstFault = errorf(ErrSyntax, "%s, want a string", jsonKind(text[v.start])).atMember(name, v.start)
		default:
			parts[i], present[i] = jwePart{[]byte(unquote(r.doc.text[v.start:v.end])), v.start}, true
		}
	}
	if err := r.end(); err != nil {
		return parts, nil, err
	}
	if !uniqueNames(text, r.doc.text) {
		return parts, nil, errDuplicate().atOffset(start)
	}
	if firstFault != nil {
		return parts, nil, firstFault
	}
	if !slices.Contains(present[:], true) {
		return parts, nil, errorf(ErrSyntax, "an object, want a JWE").atOffset(start)
	}
	for i, name := range jweParts {
		if !present[i] && name != partEncryptedKey { // RFC 7516, Section 7.2.1
			return parts, nil, errorf(ErrInvalid, "missing").atMember(name, start)
		}
		if i > 0 {
			compact = append(compact, '.')
		}
		compact = append(compact, parts[i].text...)
	}
	return parts, compact, nil
}

// unprotectedNames are the members of a JWE in JSON that are refused (RFC 7516, Section
// 7.2.1): several recipients, headers that are not protected, and additional data.
var unprotectedNames = [...]string{"unprotected", "header", "aad", "recipients"}

// readPart reads and checks the part with a name. The header must be read first, because it
// determines the sizes of the other parts.
func (j *jwe) readPart(name string, part jwePart) error {
	if name == partProtected && len(part.text) > canonical64.EncodedLen(maxJWEHeader) {
		return errorf(ErrPolicy, "a header of more than %d octets", maxJWEHeader).atMember(name, part.offset)
	}
	if name == partCiphertext {
		return checkCiphertext(part)
	}
	octets, err := decode64(nil, part.text) // strict: go-jose skips line breaks and stray bits
	if err != nil {
		return errorf(ErrSyntax, "%s", textOf(err)).atMember(name, part.offset)
	}
	switch name {
	case partProtected:
		j.headerOffset = part.offset
		return j.withOffset(j.header.read(octets))
	case partEncryptedKey:
		j.encryptedKey, j.keyOffset = octets, part.offset
	case partIV:
		return checkPartSize(name, octets, j.header.enc.iv, part.offset)
	case partTag:
		return checkPartSize(name, octets, j.header.enc.tag, part.offset)
	}
	return nil
}

// checkCiphertext checks that the ciphertext is canonical base64url, piece by piece. It does not
// keep the octets, because go-jose decodes the text again.
func checkCiphertext(part jwePart) error {
	if len(part.text) == 0 {
		return errorf(ErrInvalid, "empty, want at least 1 octet").atMember(partCiphertext, part.offset)
	}
	const size = 3 << 8 // octets of a piece, whose text has no partial group of 4 characters
	var octets [size]byte
	for piece := range slices.Chunk(part.text, size/3*4) {
		if _, err := decode64(octets[:0], piece); err != nil {
			return errorf(ErrSyntax, "%s", textOf(fault64(part.text))).atMember(partCiphertext, part.offset)
		}
	}
	return nil
}

// withOffset returns err. If err is about a member of the header, its offset becomes the
// offset of the header.
func (j *jwe) withOffset(err error) error {
	if e, ok := err.(*Error); ok && strings.HasPrefix(string(e.Path), "/"+partProtected) {
		e.atOffset(j.headerOffset)
	}
	return err
}

// checkPartSize checks that a part has size octets.
func checkPartSize(name string, octets []byte, size, offset int) error {
	if len(octets) == size {
		return nil
	}
	return errorf(ErrInvalid, "%s, want %d", counted(len(octets), "octet", "octets"), size).atMember(name, offset)
}

// checkPartsFor checks the parts that depend on the algorithm of key management: the size of
// the encrypted key, except for RSA, and the members of the header that belong to the
// algorithm.
func (j *jwe) checkPartsFor(a *keyAlg) error {
	size := 0
	switch {
	case a.mode == keyEncryption:
		size = max(1, len(j.encryptedKey))
	case a.mode == directAgreement || a.mode == directEncryption: // RFC 7516, Section 5.2, step 10
	case a.gcm:
		size = j.header.enc.octets
	default:
		size = j.header.enc.octets + 8 // RFC 3394, Section 2.2.1
	}
	if err := checkPartSize(partEncryptedKey, j.encryptedKey, size, j.keyOffset); err != nil {
		return err
	}
	if a.agreedFor == "" && j.header.epk != nil {
		return headerErrorf("epk", ErrPolicy, "a key that %s does not need", a.alg)
	}
	if a.gcm {
		if err := j.header.checkSize("iv", gcmIV); err != nil {
			return err
		}
		return j.header.checkSize("tag", gcmTag)
	}
	return nil
}
