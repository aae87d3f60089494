// Package sshkey converts keys between JWK and the formats of OpenSSH: lines of
// an authorized_keys file, which .pub files hold too (sshd(8)), and private
// keys in files that begin with "-----BEGIN OPENSSH PRIVATE KEY-----"
// (PROTOCOL.key of OpenSSH), also with a passphrase.
//
// The keys are RSA (RFC 4253, Section 6.6), ECDSA on P-256, P-384 and P-521
// (RFC 5656, Section 3.1), and Ed25519 (RFC 8709, Section 4). All others are
// [jwk.ErrUnsupported]: DSA, those on a FIDO token ("sk-..."), certificates, and
// the other types of JWK.
//
// Only key material is converted. An SSH key has no kid, use, key_ops or alg,
// and a JWK no comment: a key that was read has no attributes, which
// [jwk.Key.WithAttributes] adds, and those of a key that is written are left
// out. Nor do they forbid it: whether a key of use "enc" should log in
// somewhere is the caller's question.
//
// Every error is a [*jwk.Error] of one of the kinds of package jwk. Its text
// holds nothing of a private key. The functions are safe for concurrent use.
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

// The key types of SSH that are read and written.
var keyTypes = []string{
	ssh.KeyAlgoRSA, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoED25519,
}

// Longer public keys are not looked at. One of RSA with 8192 bits, the most that
// package jwk accepts, takes 1,048.
const maxPublicKey = 2048 // octets

// Package ssh reads no larger public exponent of RSA.
const maxExponent = 24 // bits

// Fingerprint returns the SHA-256 fingerprint of a key, or of the public half
// of a private key, as ssh-keygen -l prints it: "SHA256:" and unpadded base64.
// It is not the thumbprint of RFC 7638, which hashes another text.
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

// publicHalf returns the public half of a key as package ssh has it.
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
	default: // some of which package ssh would take: see keyTypes; oct keys have no public half
		return nil, errorf(jwk.ErrUnsupported, "%s keys have no SSH form here", cmp.Or(string(key.Curve()), string(key.Type())))
	}
	converted, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, errorf(jwk.ErrUnsupported, "%s", textOf(err))
	}
	return converted, nil
}

// readPublic reads a public key in the form that goes over the wire, which is
// also what stands in files.
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
	// One key has one text, and one fingerprint: integers are minimal (RFC 4251, Section 5).
	if !bytes.Equal(public.Marshal(), wire) {
		return nil, nil, errorf(jwk.ErrInvalid, "%s key whose integers are not minimal", head.Type)
	}
	key, err := jwk.New(public.(ssh.CryptoPublicKey).CryptoPublicKey(), nil) // which all of keyTypes have
	if err != nil {
		return nil, nil, err
	}
	return public, key, nil
}

// What names of SSH (RFC 4251, Section 6) and labels of PEM are made of.
const (
	nameLetters  = "abcdefghijklmnopqrstuvwxyz0123456789-.@"
	labelLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
)

// shown is a name that is wrong, for an error text. One that is not made of these letters
// is no name: in a file that was altered it may be a part of the private key.
func shown(name, letters string) string {
	const most = 64
	if len(name) > most || strings.Trim(name, letters) != "" {
		return "that is no name"
	}
	return strconv.Quote(name)
}

// textOf returns the text of an error of package ssh, for a part of ours: in one line of
// ASCII, without escape sequences, and cut, because it may repeat what was read.
func textOf(err error) string {
	const most = 128 // octets
	text := strconv.QuoteToASCII(strings.TrimPrefix(err.Error(), "ssh: "))
	text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
	return text[:min(len(text), most)]
}

// elsewhere returns a hint for the error of reader: which form jwk.ParseOne recognises in
// data. It returns "" if ParseOne recognises no form, or if reader reads that form.
func elsewhere(data []byte, reader string) string {
	_, err := jwk.ParseOne(data)
	if err == nil {
		return "; it is a key that jwk.ParseOne reads"
	}
	found, wayOut, _ := strings.Cut(err.Error(), ", want a key in PEM, DER or JSON")
	found = strings.TrimPrefix(found, "jwk: ") + wayOut
	if found == "no key in PEM, DER or JSON" || strings.Contains(found, reader) {
		return ""
	}
	return "; jwk.ParseOne finds " + found
}

// checkComment makes sure that a comment is one, and the same, in whatever reads it: it
// does not end its line or, with a NUL, its string, nor steer a terminal, and
// does not run into the white space around it.
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

// A reason is plain words, and the kind of error that they belong to.
type reason struct {
	kind error
	text string
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.kind }

func errorf(kind error, format string, args ...any) *jwk.Error {
	return &jwk.Error{Err: &reason{kind, fmt.Sprintf(format, args...)}}
}
