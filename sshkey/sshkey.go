// Package sshkey converts keys between JWK and two formats of OpenSSH: lines of authorized_keys
// and .pub files (sshd(8)), and private key files that begin with
// "-----BEGIN OPENSSH PRIVATE KEY-----" (PROTOCOL.key of OpenSSH), with or without a
// passphrase.
//
// It converts RSA keys (RFC 4253, Section 6.6), ECDSA keys on P-256, P-384 and P-521 (RFC 5656,
// Section 3.1), and Ed25519 keys (RFC 8709, Section 4). Everything else is
// [jwk.ErrUnsupported]: DSA keys, keys on a FIDO token ("sk-..."), certificates, and all other
// types of JWK.
//
// Only key material is converted. An SSH key has no kid, use, key_ops or alg, and a JWK has no
// comment. A key that was read has no attributes: add them with [jwk.Key.WithAttributes]. A key
// is written without its attributes, even if they forbid signing: the caller decides whether a
// key of use "enc" may log in somewhere.
//
// Every error is a [*jwk.Error] of one of the kinds of package jwk. Its text never shows a part
// of a private key. The functions are safe for concurrent use.
package sshkey

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
)

// keyTypes are the key types of SSH that this package reads and writes.
var keyTypes = []string{
	ssh.KeyAlgoRSA, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoED25519,
}

// maxPublicKey limits public keys. A longer one is ErrPolicy and is not parsed. The public key
// of an RSA key of 8192 bits, the largest that package jwk accepts, has 1,048 octets.
const maxPublicKey = 2048 // octets

// maxExponent is the largest size of the public exponent of an RSA key that package ssh reads.
const maxExponent = 24 // bits

// Fingerprint returns the SHA-256 fingerprint of a key as ssh-keygen -l prints it: "SHA256:"
// and base64 without padding. For a private key it is the fingerprint of the public half. It
// differs from the thumbprint of RFC 7638, which hashes another text.
//
// The error is [jwk.ErrUnsupported] for a key that SSH does not have, and
// [jwk.ErrInvalid] for the zero Key.
func Fingerprint(key *jwk.Key) (string, error) {
	public, err := publicHalf(key)
	if err != nil {
		return "", err
	}
	return ssh.FingerprintSHA256(public), nil
}

// publicHalf returns the public half of a key as a key of package ssh.
func publicHalf(key *jwk.Key) (ssh.PublicKey, error) {
	public, err := jwk.As[crypto.PublicKey](key)
	if err != nil && !errors.Is(err, jwk.ErrUnsupported) {
		return nil, err
	}
	switch p := public.(type) {
	case *rsa.PublicKey:
		if n := bits.Len(uint(p.E)); n > maxExponent {
			return nil, errorf(jwk.ErrUnsupported, "RSA exponent of %d bits, want at most %d in an SSH key", n, maxExponent)
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default: // package ssh would accept a few more types, which are not in keyTypes; oct keys have no public half
		return nil, errorf(jwk.ErrUnsupported, "%s keys have no SSH form here", cmp.Or(string(key.Curve()), string(key.Type())))
	}
	converted, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, errorf(jwk.ErrUnsupported, "%s", textOf(err))
	}
	return converted, nil
}

// readPublic reads a public key in the wire format, which files use as well.
func readPublic(wire []byte) (ssh.PublicKey, *jwk.Key, error) {
	var head struct {
		Type string
		Rest []byte `ssh:"rest"`
	}
	if err := ssh.Unmarshal(wire, &head); err != nil {
		return nil, nil, errorf(jwk.ErrInvalid, "not an SSH public key (RFC 4253, Section 6.6)")
	}
	if !slices.Contains(keyTypes, head.Type) {
		return nil, nil, errorf(jwk.ErrUnsupported, "SSH key type %s, want one of %s", shown(head.Type, nameLetters), strings.Join(keyTypes, ", "))
	}
	if len(wire) > maxPublicKey {
		return nil, nil, errorf(jwk.ErrPolicy, "%s key of %d octets, want at most %d", head.Type, len(wire), maxPublicKey)
	}
	public, err := ssh.ParsePublicKey(wire)
	if err != nil {
		return nil, nil, errorf(jwk.ErrInvalid, "malformed %s key: %s", head.Type, textOf(err))
	}
	// Integers must be minimal (RFC 4251, Section 5), so that a key has only one text and one
	// fingerprint.
	if !bytes.Equal(public.Marshal(), wire) {
		return nil, nil, errorf(jwk.ErrInvalid, "%s key whose integers are not minimal", head.Type)
	}
	key, err := jwk.New(public.(ssh.CryptoPublicKey).CryptoPublicKey(), nil) // keys of all keyTypes have this method
	if err != nil {
		return nil, nil, err
	}
	return public, key, nil
}

// The characters of names of SSH (RFC 4251, Section 6) and of labels of PEM.
const (
	nameLetters  = "abcdefghijklmnopqrstuvwxyz0123456789-.@"
	labelLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
)

// shown returns a wrong name for an error text. It does not show a name with characters other
// than letters: in an altered file it may be a part of the private key.
func shown(name, letters string) string {
	const most = 64
	if len(name) > most || strings.Trim(name, letters) != "" {
		return "that is not a name"
	}
	return strconv.Quote(name)
}

// textOf returns the text of an error of package ssh for use in an error of this package: cut,
// and in one line of ASCII without escape sequences, because it may repeat parts of the input.
func textOf(err error) string {
	const most = 128 // octets
	text := strconv.QuoteToASCII(strings.TrimPrefix(err.Error(), "ssh: "))
	text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
	return text[:min(len(text), most)]
}

// elsewhere returns a hint for the error of the function reader: which form jwk.ParseOne finds
// in data. It returns "" if ParseOne finds no form, or if reader reads that form.
func elsewhere(data []byte, reader string) string {
	_, err := jwk.ParseOne(data)
	if err == nil {
		return "; it is a key that jwk.ParseOne reads"
	}
	found := strings.TrimPrefix(err.Error(), "jwk: ")
	var other interface{ OtherForm() string } // the reason of an error about another form
	if errors.As(err, &other) {
		found = other.OtherForm()
	}
	if found == "" || strings.Contains(found, reader) {
		return ""
	}
	return "; jwk.ParseOne finds " + found
}

// checkComment returns an error if a reader of the file could take the comment for something
// else: a line break ends the line, a NUL may end the string, other control characters steer
// a terminal, and white space at its ends gets lost.
func checkComment(comment string) error {
	if strings.Trim(comment, blanks) != comment {
		return errorf(jwk.ErrInvalid, "comment that begins or ends with white space")
	}
	for i, r := range comment {
		if unicode.IsControl(r) && r != '\t' {
			return errorf(jwk.ErrInvalid, "control character %U in the comment, at byte %d", r, i)
		}
	}
	return nil
}

// A reason is the text of an error and its kind.
type reason struct {
	kind error
	text string
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.kind }

func errorf(kind error, format string, args ...any) *jwk.Error {
	return &jwk.Error{Err: &reason{kind, fmt.Sprintf(format, args...)}}
}
