package sshkey

import (
	"bytes"
	"encoding/base64"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
)

// Longer lines are ErrPolicy, read or written.
const maxLine = 64 << 10 // bytes, its end not counted

// The base64 of every key begins with this: three octets of the length of the
// name of its type, which are zero.
const base64Start = "AAAA"

// White space within a line.
const blanks = " \t"

var canonicalBase64 = base64.StdEncoding.Strict()

// ParseAuthorizedKey reads the public key in one line of an authorized_keys
// file (sshd(8)), which is also what a .pub file holds: options if there are
// any, the type, the key in base64, and a comment. A file of several lines is to be
// split, by [bytes.Lines] say, and empty ones and those that begin with # left out.
//
// The options are those in front of the key, as they stand and unknown ones
// too, such as "restrict" or `from="*.example"`. They limit what the key may do,
// and cert-authority makes it one that signs certificates and does not log in:
// whoever leaves them aside gives the key more than the line does. The
// comment says what its writer liked; quote it in a log.
//
// The error is [jwk.ErrSyntax] for what is not one such line, an empty one
// included, [jwk.ErrUnsupported] for the type of a key that is not read here, a
// certificate included, [jwk.ErrInvalid] for a key that is malformed or is not
// of the type stated before it, and [jwk.ErrPolicy] for a line of more than 64
// KiB, or an RSA key of less than 2048 or more than 8192 bits.
func ParseAuthorizedKey(line []byte) (key *jwk.Key, comment string, options []string, err error) {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if len(line) > maxLine {
		return nil, "", nil, errorf(jwk.ErrPolicy, "line of %d bytes, want at most %d", len(line), maxLine)
	}
	text := string(line)
	if strings.ContainsAny(text, "\n\r\x00") {
		return nil, "", nil, errorf(jwk.ErrSyntax, "more than one line, or a NUL in it%s", elsewhere(line, "ParseAuthorizedKey"))
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
	// Line breaks, which the decoder skips, there are none.
	wire, err := canonicalBase64.DecodeString(encoded)
	if err != nil {
		return nil, "", nil, errorf(jwk.ErrInvalid, "key that is not canonical base64 with padding")
	}
	public, key, err := readPublic(wire)
	if err != nil {
		return nil, "", nil, err
	}
	if public.Type() != name {
		return nil, "", nil, errorf(jwk.ErrInvalid, "%s key, where %.64q is stated", public.Type(), name)
	}
	return key, comment, options, nil
}

// cutField returns what is before the first white space, and what is after it.
func cutField(text string) (field, rest string) {
	if i := strings.IndexAny(text, blanks); i >= 0 {
		return text[:i], strings.TrimLeft(text[i:], blanks)
	}
	return text, ""
}

// cutOptions returns the options that a line begins with, and what is after
// them. White space and commas within quotes are part of an option, and so is
// a quote after a backslash.
func cutOptions(text string) (options []string, rest string, ok bool) {
	quoted, start := false, 0
	for i := 0; i < len(text); i++ { // maxLine
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

// MarshalAuthorizedKey returns a key as a line for an authorized_keys or .pub
// file, with a line end: its type, base64, and the comment unless that is
// empty. Of a private key it is the public half. To limit the key, put options and a
// space before the line (sshd(8)).
//
// The error is [jwk.ErrUnsupported] for a key that SSH does not have,
// [jwk.ErrInvalid] for the zero Key, for a comment with control characters,
// such as the line break that would begin a line of its own, and for one that
// begins or ends with a space or tab, which would not come back, and
// [jwk.ErrPolicy] for a line of more than 64 KiB.
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
