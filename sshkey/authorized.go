package sshkey

import (
	"bytes"
	"encoding/base64"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
)

// maxLine limits lines. A longer line is ErrPolicy, both when it is read and when it is
// written.
const maxLine = 64 << 10 // bytes, without the line end

// base64Start begins the base64 of every key. It encodes the first three octets of the length
// of the key's type, which are zero.
const base64Start = "AAAA"

// blanks are the white space within a line.
const blanks = " \t"

var canonicalBase64 = base64.StdEncoding.Strict()

// ParseAuthorizedKey reads the public key in one line of an authorized_keys file (sshd(8)). A
// .pub file has the same form: optional options, the type, the key in base64, and a comment.
// To read a file of several lines, split it, for example with [bytes.Lines], and leave out
// empty lines and lines that begin with #.
//
// ParseAuthorizedKey returns the options before the key unchanged, such as "restrict" or
// `from="*.example"`, and unknown ones too. They limit what the key may do. The option
// cert-authority means that the key signs certificates and does not log in. A caller that
// ignores the options gives the key more rights than the line does. The comment is any text
// that its writer chose: quote it in a log.
//
// The error is
//   - [jwk.ErrSyntax] if line is not one such line, or is empty;
//   - [jwk.ErrUnsupported] for a certificate, and for any other type that package sshkey does
//     not read;
//   - [jwk.ErrInvalid] for a malformed key, or a key of another type than the line states;
//   - [jwk.ErrPolicy] for a line of more than 64 KiB, and for an RSA key of less than 2048 or
//     more than 8192 bits.
func ParseAuthorizedKey(line []byte) (key *jwk.Key, comment string, options []string, err error) {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if len(line) > maxLine {
		return nil, "", nil, errorf(jwk.ErrPolicy, "line of %d bytes, want at most %d", len(line), maxLine)
	}
	text := string(line)
	if strings.ContainsAny(text, "\n\r\x00") {
		return nil, "", nil, errorf(jwk.ErrSyntax, "more than one line, or a NUL in the line%s", elsewhere(line, "ParseAuthorizedKey"))
	}
	text = strings.Trim(text, blanks)
	if text == "" || text[0] == '#' {
		return nil, "", nil, errorf(jwk.ErrSyntax, "no key: the line is empty or a remark")
	}

	name, rest := cutField(text)
	if strings.Contains(name, `"`) || !strings.HasPrefix(rest, base64Start) { // options, perhaps with white space in quotes
		var ok bool
		if options, rest, ok = cutOptions(text); !ok {
			return nil, "", nil, errorf(jwk.ErrSyntax, "no key, or options before it that are empty or not closed by a quote%s", elsewhere(line, "ParseAuthorizedKey"))
		}
		name, rest = cutField(rest)
	}
	encoded, comment := cutField(rest)
	if !strings.HasPrefix(encoded, base64Start) {
		return nil, "", nil, errorf(jwk.ErrSyntax, "no key: want its type and base64, after options if there are any%s", elsewhere(line, "ParseAuthorizedKey"))
	}
	// The decoder would skip line breaks, but the line was checked above and has no line break.
	wire, err := canonicalBase64.DecodeString(encoded)
	if err != nil {
		return nil, "", nil, errorf(jwk.ErrInvalid, "key that is not canonical base64 with padding")
	}
	public, key, err := readPublic(wire)
	if err != nil {
		return nil, "", nil, err
	}
	if public.Type() != name {
		return nil, "", nil, errorf(jwk.ErrInvalid, "%s key, but the line states %.64q", public.Type(), name)
	}
	return key, comment, options, nil
}

// cutField returns the text before the first white space, and the text after it.
func cutField(text string) (field, rest string) {
	if i := strings.IndexAny(text, blanks); i >= 0 {
		return text[:i], strings.TrimLeft(text[i:], blanks)
	}
	return text, ""
}

// cutOptions returns the options at the beginning of a line, and the text after them. White
// space and commas within quotes are part of an option, and so is a quote after a backslash.
func cutOptions(text string) (options []string, rest string, ok bool) {
	quoted, start := false, 0
	for i := 0; i < len(text); i++ { // at most maxLine
		switch c := text[i]; {
		case c == '\\' && strings.HasPrefix(text[i+1:], `"`):
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',' || strings.IndexByte(blanks, c) >= 0:
			if i == start {
				return nil, "", false
			}
			options = append(options, text[start:i])
			if start = i + 1; c != ',' {
				return options, strings.TrimLeft(text[i:], blanks), true
			}
		}
	}
	return nil, "", false
}

// MarshalAuthorizedKey returns a key as a line of an authorized_keys or .pub file, with a line
// end: the type, the key in base64, and the comment unless it is empty. For a private key it
// writes the public half. To limit the key, put options and a space before the line (sshd(8)).
//
// The error is
//   - [jwk.ErrUnsupported] for a key that SSH does not have;
//   - [jwk.ErrInvalid] for the zero Key; for a comment with control characters, because a line
//     break would begin another line; and for a comment that begins or ends with a space or
//     tab, because ParseAuthorizedKey would not return it;
//   - [jwk.ErrPolicy] for a line of more than 64 KiB.
func MarshalAuthorizedKey(key *jwk.Key, comment string) ([]byte, error) {
	public, err := publicHalf(key)
	if err != nil {
		return nil, err
	}
	if err := checkComment(comment); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(ssh.MarshalAuthorizedKey(public), []byte("\n"))
	if comment != "" {
		line = append(line, " "+comment...)
	}
	if len(line) > maxLine {
		return nil, errorf(jwk.ErrPolicy, "line of %d bytes, want at most %d", len(line), maxLine)
	}
	return append(line, '\n'), nil
}
