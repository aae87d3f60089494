package input

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A Form is a form of text that has keys.
type Form string

// The forms. Their values are the values of --from.
const (
	JWK Form = "jwk" // a JSON Web Key (RFC 7517, Section 4)
	Set Form = "set" // a JWK Set (RFC 7517, Section 5)
	PEM Form = "pem" // keys and certificates in PEM (RFC 7468), encrypted or not
	DER Form = "der" // a key or a certificate in DER
	SSH Form = "ssh" // a private key file, a public key or authorized_keys of OpenSSH
	JWE Form = "jwe" // an encrypted key or set (RFC 7517, Section 7)

	// Secret is a symmetric key: the bytes of the text without the line break at its end. It is
	// never recognized, because every text could be one.
	Secret Form = "secret"
)

// Forms are all forms, in the order in which messages name them.
var Forms = []Form{JWK, Set, PEM, DER, SSH, JWE, Secret}

const (
	byteOrderMark = "\uFEFF"
	beginPEM      = "-----BEGIN "
	beginOpenSSH  = "-----BEGIN OPENSSH PRIVATE KEY-----"
)

// Recognize returns the form of a text, or "" if it is not one that has keys.
func Recognize(data []byte) Form {
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte(byteOrderMark)))
	switch {
	case len(text) == 0:
		return ""
	case text[0] == '{':
		return recognizeObject(text)
	case bytes.HasPrefix(text, []byte(beginOpenSSH)):
		return SSH
	case bytes.Contains(text, []byte(beginPEM)) && text[0] != '"' && text[0] != '[':
		return PEM // any text may come before a block
	case isSSHLine(text):
		return SSH
	case text[0] == 'e' && bytes.Count(text, []byte(".")) == 4: // RFC 7516, Section 7.1; "{" is "e" in base64url
		return JWE
	case len(data) > 1 && data[0] == 0x30 && (data[1] >= 0x80 || int(data[1]) == len(data)-2): // a SEQUENCE
		return DER
	}
	return ""
}

// recognizeObject returns the form of a text that begins with "{". A text that is not valid JSON is
// a JWK or a set here too, so that the parser says where it is wrong.
func recognizeObject(text []byte) Form {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		if bytes.Contains(text, []byte(`"keys"`)) {
			return Set
		}
		return JWK
	}
	if _, ok := members["keys"]; ok {
		return Set
	}
	if _, ok := members["ciphertext"]; ok {
		return JWE
	}
	return JWK // if the object is something else, the parser says what
}

// isSSHLine reports whether the first line that is not a remark is a public key of OpenSSH
// (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Options may come before the type.
func isSSHLine(text []byte) bool {
	for line := range bytes.Lines(text) {
		line := strings.TrimSpace(string(line))
		if line == "" || line[0] == '#' {
			continue
		}
		before, _, found := strings.Cut(line, " AAAA") // the base64 of each key begins so, with the length of its type
		name := before[strings.LastIndexByte(before, ' ')+1:]
		return found && (strings.HasPrefix(name, "ssh-") || strings.HasPrefix(name, "ecdsa-") || strings.HasPrefix(name, "sk-"))
	}
	return false
}
