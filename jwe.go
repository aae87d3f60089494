package jwk

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"

	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// JSON Web Encryption in the compact serialization (RFC 7516, Section 7.1), as
// much of it as encrypted keys need. The text is hostile: all of its form is
// checked before anything is computed.

// A jwe is such a text, taken apart.
type jwe struct {
	protected    []byte // the text of the header, which is authenticated as it is
	header       jweHeader
	encryptedKey []byte
	sealed       []byte // the initialization vector, the ciphertext and the tag, one after the other
	iv, tag      int    // octets of the first and the last of these
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

// parseJWE takes a text apart and checks its form.
func parseJWE(text []byte) (*jwe, error) {
	if n := bytes.Count(text, []byte(".")) + 1; n != len(jweParts) {
		return nil, refuse(ErrSyntax, "%s, want the %d of a JWE in compact serialization", counted(n, "part", "parts"), len(jweParts))
	}
	j := new(jwe)
	j.sealed = make([]byte, 0, canonical64.DecodedLen(len(text)))
	offset := 0
	for i, name := range jweParts {
		part, rest, _ := bytes.Cut(text[offset:], []byte("."))
		if name == partProtected && len(part) > canonical64.EncodedLen(maxJWEHeader) {
			return nil, refuse(ErrPolicy, "a header of more than %d octets", maxJWEHeader).at(name, offset)
		}
		var octets []byte
		var err error
		if i < 2 {
			octets, err = decode64(nil, part)
		} else if octets, err = decode64(j.sealed, part); err == nil {
			j.sealed, octets = octets, octets[len(j.sealed):]
		}
		if err != nil {
			return nil, refuse(ErrSyntax, "%v", err).at(name, offset)
		}
		switch name {
		case partProtected:
			j.protected = part
			if err := j.header.read(octets); err != nil {
				return nil, err
			}
		case partEncryptedKey:
			j.encryptedKey = octets
		case partCiphertext:
			if len(octets) == 0 {
				return nil, refuse(ErrInvalid, "empty").at(name, offset)
			}
		case partIV:
			j.iv = j.header.enc.iv
			err = checkPart(name, octets, j.iv, offset)
		case partTag:
			j.tag = j.header.enc.tag
			err = checkPart(name, octets, j.tag, offset)
		}
		if err != nil {
			return nil, err
		}
		offset = len(text) - len(rest)
	}
	return j, nil
}

// checkPart checks the size of a part.
func checkPart(name string, octets []byte, size, offset int) error {
	if len(octets) == size {
		return nil
	}
	return refuse(ErrInvalid, "%s, want %d", counted(len(octets), "octet", "octets"), size).at(name, offset)
}

// A jweHeader is what its JSON says (RFC 7516, Section 4).
type jweHeader struct {
	alg  Algorithm
	enc  *contentEncryption
	strs map[string]string // members that are strings, by name
	epk  []byte            // JSON of the ephemeral key, nil if there is none
	p2c  string            // JSON of the number of iterations
}

// headerFault returns an Error about a member of the header.
func headerFault(name string, kind error, format string, args ...any) *Error {
	return refuse(kind, format, args...).at(name, 0).under("/" + partProtected)
}

// read reads the JSON of a header.
func (h *jweHeader) read(data []byte) error {
	if err := h.members(data); err != nil {
		return err.under("/" + partProtected).from(0) // its offset is one in data
	}
	h.alg = Algorithm(h.strs["alg"])
	if h.alg == "" {
		return headerFault("alg", ErrInvalid, "missing")
	}
	enc := Algorithm(h.strs["enc"])
	if enc == "" {
		return headerFault("enc", ErrInvalid, "missing")
	}
	if h.enc = encryptionFor(enc); h.enc == nil {
		return headerFault("enc", ErrUnsupported, "content encryption %s is not supported", quoted(enc))
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
			// Compression leaks and bombs (RFC 8725, Section 3.6), extensions that
			// must be understood are not, and a key is what the caller has.
			return refuse(ErrPolicy, "a header with this member is not accepted").at(name, v.start)
		default:
			continue // RFC 7516, Section 4: to be ignored
		}
		if got := jsonKind(text[0]); got != jsonKind(want) {
			return refuse(ErrSyntax, "%s, want %s", got, jsonKind(want)).at(name, v.start)
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
	if !uniqueNames(data) {
		return refuse(ErrSyntax, "duplicate member name")
	}
	return nil
}

// octets returns a member in base64url, which must be there unless least is 0.
func (h *jweHeader) octets(name string, least, most int) ([]byte, error) {
	text, ok := h.strs[name]
	if !ok && least > 0 {
		return nil, headerFault(name, ErrInvalid, "missing")
	}
	if canonical64.DecodedLen(len(text)) > most {
		return nil, headerFault(name, ErrPolicy, "more than %d octets", most)
	}
	b, err := decode64(nil, []byte(text))
	if err != nil {
		return nil, headerFault(name, ErrInvalid, "%v", err)
	}
	if len(b) < least {
		return nil, headerFault(name, ErrInvalid, "%s, want at least %d", counted(len(b), "octet", "octets"), least)
	}
	return b, nil
}

// sized returns a member in base64url that must have size octets.
func (h *jweHeader) sized(name string, size int) ([]byte, error) {
	b, err := h.octets(name, 1, maxJWEHeader)
	if err == nil && len(b) != size {
		return nil, headerFault(name, ErrInvalid, "%s, want %d", counted(len(b), "octet", "octets"), size)
	}
	return b, err
}

// A contentEncryption is one of RFC 7518, Section 5.
type contentEncryption struct {
	enc             Algorithm
	octets, iv, tag int // of the key, the initialization vector and the tag
	cbc             bool
}

// written is the one that this package writes.
const written = A256GCM

var contentEncryptions = [...]contentEncryption{
	{enc: A256GCM, octets: 32, iv: gcmIV, tag: gcmTag},
	{enc: A192GCM, octets: 24, iv: gcmIV, tag: gcmTag},
	{enc: A128GCM, octets: 16, iv: gcmIV, tag: gcmTag},
	{enc: A256CBCHS512, octets: 64, iv: aes.BlockSize, tag: 32, cbc: true},
	{enc: A192CBCHS384, octets: 48, iv: aes.BlockSize, tag: 24, cbc: true},
	{enc: A128CBCHS256, octets: 32, iv: aes.BlockSize, tag: 16, cbc: true},
}

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

// errCipher is for what fails whatever the input: GODEBUG=fips140=only.
func errCipher(err error) error { return refuse(ErrUnsupported, "%v", err) }

// open decrypts the content with its key.
func (j *jwe) open(key []byte) ([]byte, error) {
	if len(key) != j.header.enc.octets {
		return nil, errDecrypt()
	}
	if !j.header.enc.cbc {
		return openGCM(key, j.sealed, j.protected)
	}
	aead, err := josecipher.NewCBCHMAC(key, aes.NewCipher)
	if err != nil {
		return nil, errCipher(err)
	}
	text, err := aead.Open(nil, j.sealed[:j.iv], j.sealed[j.iv:], j.protected)
	if err != nil {
		return nil, errDecrypt()
	}
	return text, nil
}

// newGCM returns AES GCM whose texts begin with their initialization vector.
func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errCipher(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, errCipher(err)
	}
	return aead, nil
}

func openGCM(key, sealed, authenticated []byte) ([]byte, error) {
	aead, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	text, err := aead.Open(nil, nil, sealed, authenticated)
	if err != nil {
		return nil, errDecrypt()
	}
	return text, nil
}

// sealGCM returns the three parts of what it encrypts.
func sealGCM(key, text, authenticated []byte) (iv, ciphertext, tag []byte, err error) {
	aead, err := newGCM(key)
	if err != nil {
		return nil, nil, nil, err
	}
	sealed := aead.Seal(nil, nil, text, authenticated)
	end := len(sealed) - gcmTag
	return sealed[:gcmIV], sealed[gcmIV:end], sealed[end:], nil
}

// sealJWE encrypts text with a content key, by A256GCM, under a header.
func sealJWE(header, encryptedKey, key, text []byte) ([]byte, error) {
	if len(header) > maxJWEHeader {
		return nil, refuse(ErrPolicy, "a header of %d octets, want at most %d: the kid of the recipient is too long", len(header), maxJWEHeader)
	}
	protected := encode64(header)
	iv, ciphertext, tag, err := sealGCM(key, text, []byte(protected))
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(protected)+len(jweParts)+canonical64.EncodedLen(len(encryptedKey)+len(iv)+len(ciphertext)+len(tag))+len(jweParts))
	out = append(out, protected...)
	for _, part := range [...][]byte{encryptedKey, iv, ciphertext, tag} {
		out = append(out, '.')
		out = canonical64.AppendEncode(out, part)
	}
	return out, nil
}
