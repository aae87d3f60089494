package jwk

import "strings"

// The header of a JWE (RFC 7516, Section 4), as far as encrypted keys need it.

// partProtected is the name of the header in the JSON serialization (RFC 7516, Section 7.2.1).
// The paths in errors use it for both serializations.
const partProtected = "protected"

// maxJWEHeader limits the header. Only a kid can make a header that long.
const maxJWEHeader = 16 << 10 // octets

// The content types of encrypted keys and sets, RFC 7517, Section 7.
const (
	keyContent = "jwk+json"
	setContent = "jwk-set+json"
)

// A jweHeader is the header of a JWE (RFC 7516, Section 4).
type jweHeader struct {
	alg     Algorithm
	enc     *contentEncryption
	strings map[string]string // the known members that are strings, by name
	epk     []byte            // JSON of the ephemeral key, nil if absent
	p2c     string            // JSON of the number of iterations, "" if absent
}

// headerErrorf returns an Error about a member of the header.
func headerErrorf(name string, kind error, format string, args ...any) *Error {
	return errorf(kind, format, args...).atMember(name, 0).below("/" + partProtected)
}

// read reads the JSON text of a header.
func (h *jweHeader) read(data []byte) error {
	if err := h.readMembers(data); err != nil {
		return err.below("/" + partProtected).atOffset(0) // the offset was relative to data
	}
	h.alg = Algorithm(h.strings["alg"])
	if h.alg == "" {
		return headerErrorf("alg", ErrInvalid, "missing")
	}
	enc := Algorithm(h.strings["enc"])
	if enc == "" {
		return headerErrorf("enc", ErrInvalid, "missing")
	}
	if h.enc = encryptionFor(enc); h.enc == nil {
		return headerErrorf("enc", ErrUnsupported, "content encryption %s, want one of RFC 7518, Section 5", quoted(enc))
	}
	return nil
}

// readMembers reads the known members.
func (h *jweHeader) readMembers(data []byte) *Error {
	h.strings = make(map[string]string)
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
			// Compression leaks the length of the content, and a short text can expand to a
			// huge one (RFC 8725, Section 3.6). We implement no extension that crit could name.
			// The caller chooses the key, so a key from the text is never used.
			return errorf(ErrPolicy, "this member is not accepted in a header").atMember(name, v.start)
		default:
			continue // RFC 7516, Section 4: ignored
		}
		if got := jsonKind(text[0]); got != jsonKind(want) {
			return errorf(ErrSyntax, "%s, want %s", got, jsonKind(want)).atMember(name, v.start)
		}
		switch want {
		case '"':
			h.strings[name] = unquote(text)
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

// checkContent checks cty, the type of the content, unless it is absent (RFC 7515, Section
// 4.1.10). It is a media type: its case and a prefix "application/" make no difference.
func (h *jweHeader) checkContent(want string) error {
	cty, ok := h.strings["cty"]
	if !ok {
		return nil
	}
	got := strings.TrimPrefix(strings.ToLower(cty), "application/")
	switch {
	case got == want:
		return nil
	case got == keyContent:
		return headerErrorf("cty", ErrInvalid, "a key, want a set: see DecryptKey")
	case got == setContent:
		return headerErrorf("cty", ErrInvalid, "a set, want a key: see DecryptSet")
	}
	return headerErrorf("cty", ErrInvalid, "%s, want %s", quoted(cty), want)
}

// octets decodes a member in base64url that has from least to most octets. The member may be
// absent only if least is 0.
func (h *jweHeader) octets(name string, least, most int) ([]byte, error) {
	text, ok := h.strings[name]
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

// checkSize checks that a member in base64url has size octets.
func (h *jweHeader) checkSize(name string, size int) error {
	b, err := h.octets(name, 1, maxJWEHeader)
	if err == nil && len(b) != size {
		return headerErrorf(name, ErrInvalid, "%s, want %d", counted(len(b), "octet", "octets"), size)
	}
	return err
}
