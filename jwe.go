package jwk

import (
	"bytes"
	"crypto/aes"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// JSON Web Encryption in the compact serialization (RFC 7516, Section 7.1) and the
// flattened one (Section 7.2.2), as much of it as encrypted keys need. go-jose encrypts and
// decrypts; but the text is hostile: before go-jose sees it and before anything is computed,
// its form, its header and the sizes of its parts are checked here.

// A jwe is such a text whose form is right.
type jwe struct {
	header       jweHeader
	headerOffset int // in the text
	encryptedKey []byte
	keyOffset    int // of the encrypted key in the text
	object       *jose.JSONWebEncryption
}

// The parts by the names that they have in the JSON serialization (RFC 7516,
// Section 7.2.1). Errors tell places with them.
const (
	partProtected    = "protected"
	partEncryptedKey = "encrypted_key"
	partIV           = "iv"
	partCiphertext   = "ciphertext"
	partTag          = "tag"
)

var jweParts = [...]string{partProtected, partEncryptedKey, partIV, partCiphertext, partTag}

// A header is not longer than this. A kid is the one thing in it that may be long.
const maxJWEHeader = 16 << 10 // octets

// A jwePart is one of the parts, in base64url, and where it is in the text.
type jwePart struct {
	text   []byte
	offset int
}

// compactParts cuts a text in compact serialization (RFC 7516, Section 7.1) into its
// parts, and returns it without the one line break that may follow it, as at the end of
// a file.
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

// flattenedParts reads the parts from the flattened JSON serialization (RFC 7516, Section
// 7.2.2) of a JWE whose whole header is protected, and returns them in the compact one. An
// encrypted key may be absent.
func flattenedParts(text []byte) (parts [len(jweParts)]jwePart, compact []byte, err error) {
	r := newReader(text)
	if err := r.open('{', ""); err != nil {
		return parts, nil, err
	}
	var met [len(jweParts)]bool
	var refused *Error
	start := r.pos - 1
	for r.more('}') {
		name := r.name()
		v := r.value()
		if r.bad {
			break
		}
		i := slices.Index(jweParts[:], name)
		switch {
		case refused != nil:
		case slices.Contains(unprotectedNames[:], name):
			refused = errorf(ErrUnsupported, "a JWE in JSON with this member, want the flattened serialization with protected members only").atMember(name, v.start)
		case i < 0: // RFC 7516, Section 7.2.1: to be ignored
		case text[v.start] != '"':
			refused = errorf(ErrSyntax, "%s, want a string", jsonKind(text[v.start])).atMember(name, v.start)
		default:
			parts[i], met[i] = jwePart{[]byte(unquote(r.doc.text[v.start:v.end])), v.start}, true
		}
	}
	if err := r.end(); err != nil {
		return parts, nil, err
	}
	if !uniqueNames(text, r.doc.text) {
		return parts, nil, errDuplicate().atOffset(start)
	}
	if refused != nil {
		return parts, nil, refused
	}
	if !slices.Contains(met[:], true) {
		return parts, nil, errorf(ErrSyntax, "an object, want a JWE").atOffset(start)
	}
	for i, name := range jweParts {
		if !met[i] && name != partEncryptedKey { // RFC 7516, Section 7.2.1
			return parts, nil, errorf(ErrInvalid, "missing").atMember(name, start)
		}
		if i > 0 {
			compact = append(compact, '.')
		}
		compact = append(compact, parts[i].text...)
	}
	return parts, compact, nil
}

// unprotectedNames are the members of a JWE in JSON that are not read (RFC 7516, Section
// 7.2.1): no more than one recipient, and no header that is not protected.
var unprotectedNames = [...]string{"unprotected", "header", "aad", "recipients"}

// parseJWE takes a text apart and checks its form.
func parseJWE(text []byte) (*jwe, error) {
	cut := compactParts
	if jsonscan.ByteAt(text, jsonscan.SkipSpace(text, 0)) == '{' {
		cut = flattenedParts
	}
	parts, compact, err := cut(text)
	if err != nil {
		return nil, err
	}
	j := new(jwe)
	for i, name := range jweParts {
		if err := j.read(name, parts[i]); err != nil {
			return nil, err
		}
	}
	j.object, err = jose.ParseEncryptedCompact(string(compact),
		[]jose.KeyAlgorithm{jose.KeyAlgorithm(j.header.alg)}, []jose.ContentEncryption{jose.ContentEncryption(j.header.enc.enc)})
	if err != nil {
		// It reads members that are to be ignored, too, and numbers as float64. The
		// text of err may quote them.
		return nil, errorf(ErrUnsupported, "a header that go-jose does not read").atMember(partProtected, parts[0].offset)
	}
	return j, nil
}

// read reads and checks the part with a name. The header comes first.
func (j *jwe) read(name string, part jwePart) error {
	if name == partProtected && len(part.text) > canonical64.EncodedLen(maxJWEHeader) {
		return errorf(ErrPolicy, "a header of more than %d octets", maxJWEHeader).atMember(name, part.offset)
	}
	octets, err := decode64(nil, part.text) // go-jose skips line breaks and stray bits
	if err != nil {
		return errorf(ErrSyntax, "%s", textOf(err)).atMember(name, part.offset)
	}
	switch name {
	case partProtected:
		j.headerOffset = part.offset
		return j.placed(j.header.read(octets))
	case partEncryptedKey:
		j.encryptedKey, j.keyOffset = octets, part.offset
	case partIV:
		return checkPart(name, octets, j.header.enc.iv, part.offset)
	case partCiphertext:
		if len(octets) == 0 {
			return errorf(ErrInvalid, "empty, want at least 1 octet").atMember(name, part.offset)
		}
	case partTag:
		return checkPart(name, octets, j.header.enc.tag, part.offset)
	}
	return nil
}

// seal encrypts a text to what go-jose takes for a recipient.
func seal(text []byte, to jose.Recipient, header *jose.EncrypterOptions) (string, error) {
	encrypter, err := jose.NewEncrypter(jose.ContentEncryption(written.enc), to, header)
	if err != nil {
		return "", err
	}
	j, err := encrypter.Encrypt(text)
	if err != nil {
		return "", err
	}
	return j.CompactSerialize()
}

// placed gives an error about a member of the header the offset of the header.
func (j *jwe) placed(err error) error {
	if e, ok := err.(*Error); ok && strings.HasPrefix(string(e.Path), "/"+partProtected) {
		e.atOffset(j.headerOffset)
	}
	return err
}

// open decrypts the content by what go-jose takes for a key.
func (j *jwe) open(key any) ([]byte, error) {
	text, err := j.object.Decrypt(key)
	if err != nil {
		return nil, errDecrypt()
	}
	return text, nil
}

// checkPart checks the size of a part.
func checkPart(name string, octets []byte, size, offset int) error {
	if len(octets) == size {
		return nil
	}
	return errorf(ErrInvalid, "%s, want %d", counted(len(octets), "octet", "octets"), size).atMember(name, offset)
}

// A jweHeader is what its JSON says (RFC 7516, Section 4).
type jweHeader struct {
	alg  Algorithm
	enc  *contentEncryption
	strs map[string]string // members that are strings, by name
	epk  []byte            // JSON of the ephemeral key, nil if there is none
	p2c  string            // JSON of the number of iterations
}

// headerErrorf returns an Error about a member of the header.
func headerErrorf(name string, kind error, format string, args ...any) *Error {
	return errorf(kind, format, args...).atMember(name, 0).below("/" + partProtected)
}

// read reads the JSON of a header.
func (h *jweHeader) read(data []byte) error {
	if err := h.members(data); err != nil {
		return err.below("/" + partProtected).atOffset(0) // its offset is one in data
	}
	h.alg = Algorithm(h.strs["alg"])
	if h.alg == "" {
		return headerErrorf("alg", ErrInvalid, "missing")
	}
	enc := Algorithm(h.strs["enc"])
	if enc == "" {
		return headerErrorf("enc", ErrInvalid, "missing")
	}
	if h.enc = encryptionFor(enc); h.enc == nil {
		return headerErrorf("enc", ErrUnsupported, "content encryption %s, want one of RFC 7518, Section 5", quoted(enc))
	}
	return nil
}

// members reads the members that are known.
func (h *jweHeader) members(data []byte) *Error {
	h.strs = make(map[string]string)
	r := newReader(data)
	if err := r.open('{', ""); err != nil {
		return err.(*Error)
	}
	for r.more('}') {
		name := r.name()
		v := r.value()
		if r.bad {
			break
		}
		text := r.doc.text[v.start:v.end]
		var want byte
		switch name {
		case "alg", "enc", "cty", "kid", "typ", "apu", "apv", "iv", "tag", "p2s":
			want = '"'
		case "p2c":
			want = '0'
		case "epk":
			want = '{'
		case "zip", "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256":
			// Compressed texts leak and explode (RFC 8725, Section 3.6), no extension is
			// understood that must be, and the caller is who has the key.
			return errorf(ErrPolicy, "a header with this member is not accepted").atMember(name, v.start)
		default:
			continue // RFC 7516, Section 4: to be ignored
		}
		if got := jsonKind(text[0]); got != jsonKind(want) {
			return errorf(ErrSyntax, "%s, want %s", got, jsonKind(want)).atMember(name, v.start)
		}
		switch want {
		case '"':
			h.strs[name] = unquote(text)
		case '{':
			h.epk = []byte(text)
		default:
			h.p2c = text
		}
	}
	if err := r.end(); err != nil {
		return err.(*Error)
	}
	if !uniqueNames(data, r.doc.text) {
		return errDuplicate()
	}
	return nil
}

// octets returns a member in base64url, which must be there unless least is 0.
func (h *jweHeader) octets(name string, least, most int) ([]byte, error) {
	text, ok := h.strs[name]
	if !ok && least > 0 {
		return nil, headerErrorf(name, ErrInvalid, "missing")
	}
	if canonical64.DecodedLen(len(text)) > most {
		return nil, headerErrorf(name, ErrPolicy, "more than %d octets", most)
	}
	b, err := decode64(nil, []byte(text))
	if err != nil {
		return nil, headerErrorf(name, ErrInvalid, "%s", textOf(err))
	}
	if len(b) < least {
		return nil, headerErrorf(name, ErrInvalid, "%s, want at least %d", counted(len(b), "octet", "octets"), least)
	}
	return b, nil
}

// sized checks that a member in base64url has size octets.
func (h *jweHeader) sized(name string, size int) error {
	b, err := h.octets(name, 1, maxJWEHeader)
	if err == nil && len(b) != size {
		return headerErrorf(name, ErrInvalid, "%s, want %d", counted(len(b), "octet", "octets"), size)
	}
	return err
}

// A contentEncryption is one of RFC 7518, Section 5.
type contentEncryption struct {
	enc             Algorithm
	octets, iv, tag int // of the key, the initialization vector and the tag
}

var contentEncryptions = [...]contentEncryption{
	{enc: A256GCM, octets: 32, iv: gcmIV, tag: gcmTag},
	{enc: A192GCM, octets: 24, iv: gcmIV, tag: gcmTag},
	{enc: A128GCM, octets: 16, iv: gcmIV, tag: gcmTag},
	{enc: A256CBCHS512, octets: 64, iv: aes.BlockSize, tag: 32},
	{enc: A192CBCHS384, octets: 48, iv: aes.BlockSize, tag: 24},
	{enc: A128CBCHS256, octets: 32, iv: aes.BlockSize, tag: 16},
}

// written is the one that this package writes.
var written = &contentEncryptions[0]

// Sizes of AES GCM, RFC 7518, Section 5.3.
const (
	gcmIV  = 12 // octets
	gcmTag = 16 // octets
)

// encryptionFor finds a row, nil if there is none.
func encryptionFor(enc Algorithm) *contentEncryption {
	for i := range contentEncryptions {
		if contentEncryptions[i].enc == enc {
			return &contentEncryptions[i]
		}
	}
	return nil
}

// A keyMode is a key management mode, RFC 7516, Section 2.
type keyMode uint8

const (
	keyEncryption keyMode = iota // by RSAES-OAEP
	keyWrapping                  // with a symmetric key, or one that a passphrase gives
	agreementWithWrapping
	directAgreement
	directEncryption
)

// A keyAlg is an algorithm of key management, RFC 7518, Section 4.
type keyAlg struct {
	alg    Algorithm
	mode   keyMode
	octets int              // of the AES key that wraps
	gcm    bool             // it wraps by AES GCM (RFC 7518, Section 4.7)
	agreed Algorithm        // what the key that was agreed on is for
	hash   func() hash.Hash // of RSAES-OAEP and PBKDF2, where go-jose does not read it
}

// keyAlgs are those for keys, better ones first: of those that a recipient
// supports the first is used. RSA1_5 is not among them (RFC 8725, Section 3.2).
var keyAlgs = [...]keyAlg{
	{alg: RSAOAEP256, mode: keyEncryption},
	{alg: RSAOAEP, mode: keyEncryption},
	{alg: RSAOAEP384, mode: keyEncryption, hash: sha512.New384}, // not written
	{alg: RSAOAEP512, mode: keyEncryption, hash: sha512.New},    // not written
	{alg: ECDHESA256KW, mode: agreementWithWrapping, octets: 32, agreed: A256KW},
	{alg: ECDHESA192KW, mode: agreementWithWrapping, octets: 24, agreed: A192KW},
	{alg: ECDHESA128KW, mode: agreementWithWrapping, octets: 16, agreed: A128KW},
	{alg: ECDHES, mode: directAgreement, agreed: Dir},
	{alg: A256KW, mode: keyWrapping, octets: 32},
	{alg: A192KW, mode: keyWrapping, octets: 24},
	{alg: A128KW, mode: keyWrapping, octets: 16},
	{alg: A256GCMKW, mode: keyWrapping, octets: 32, gcm: true},
	{alg: A192GCMKW, mode: keyWrapping, octets: 24, gcm: true},
	{alg: A128GCMKW, mode: keyWrapping, octets: 16, gcm: true},
	{alg: Dir, mode: directEncryption},
}

// passphraseAlgs are those for passphrases, the one that is written first.
// go-jose reads no more than 1,000,000 iterations, a limit that callers set here.
var passphraseAlgs = [...]keyAlg{
	{alg: "PBES2-HS512+A256KW", mode: keyWrapping, octets: 32, hash: sha512.New},
	{alg: "PBES2-HS384+A192KW", mode: keyWrapping, octets: 24, hash: sha512.New384},
	{alg: "PBES2-HS256+A128KW", mode: keyWrapping, octets: 16, hash: sha256.New},
}

// Sizes of the salt of PBES2.
const (
	minSaltSize = 8       // octets, RFC 7518, Section 4.8.1.1
	maxSaltSize = 1 << 10 // octets
)

// keyAlgFor finds a row of one of these tables, nil if there is none.
func keyAlgFor(table []keyAlg, alg Algorithm) *keyAlg {
	for i := range table {
		if table[i].alg == alg {
			return &table[i]
		}
	}
	return nil
}

// check checks what follows from the algorithm of key management: the size of
// the encrypted key, but for RSA, and the members that come with it.
func (a *keyAlg) check(j *jwe) error {
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
	if err := checkPart(partEncryptedKey, j.encryptedKey, size, j.keyOffset); err != nil {
		return err
	}
	if a.agreed == "" && j.header.epk != nil {
		return headerErrorf("epk", ErrPolicy, "a key that %s does not need", a.alg)
	}
	if a.gcm {
		if err := j.header.sized("iv", gcmIV); err != nil {
			return err
		}
		return j.header.sized("tag", gcmTag)
	}
	return nil
}
