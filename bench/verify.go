package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// These tasks verify tokens from end to end: parse the header, find the key in a set by its kid, and
// check the signature. The libraries read the set beforehand.

// A verifier verifies a token with the key that its header names.
type verifier func(*token) error

// tokenKind returns the kind of the keys that sign the tokens of a task.
func tokenKind(does ability) kind {
	if does == verifyEdDSA {
		return ed25519Kind
	}
	return rsa2048
}

// verifying returns the work of a library that verifies tokens with the keys of in. It returns an
// error unless the library accepts all tokens and refuses all forged ones. The function read makes
// the library read the set.
func verifying(read func(*input) (verifier, error), does ability, in *input) (work, error) {
	verify, err := read(in)
	if err != nil {
		return work{}, err
	}
	tokens, err := in.signed(tokenKind(does))
	if err != nil {
		return work{}, err
	}
	for i, t := range tokens {
		if err := verify(t); err != nil {
			return work{}, err
		}
		forged, err := forgeries(t, tokens[(i+1)%len(tokens)].key)
		if err != nil {
			return work{}, err
		}
		for name, f := range forged {
			if verify(f) == nil {
				return work{}, fmt.Errorf("got a valid token, want an error: %s", name)
			}
		}
	}
	return work{loop: func(n int) {
		r := round[*token]{items: tokens}
		for range n {
			if err := verify(r.next()); err != nil {
				panic(err)
			}
		}
	}}, nil
}

// signed returns a token for each key of a kind, signed by this key.
func (in *input) signed(kind kind) ([]*token, error) {
	var list []*token
	for i := range in.keys {
		k := &in.keys[i]
		if k.members.kind != kind {
			continue
		}
		text, err := k.sign([]byte(`{"sub":"benchmark"}`))
		if err != nil {
			return nil, err
		}
		t, err := newToken(text, k)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// newToken returns a token with its parts. The key is the one that the header names.
func newToken(text string, key *inputKey) (*token, error) {
	dot := strings.LastIndexByte(text, '.')
	signature, err := base64.RawURLEncoding.DecodeString(text[dot+1:])
	return &token{text: text, key: key, octets: []byte(text), message: []byte(text[:dot]), signature: signature}, err
}

// forgeries returns tokens that look like t and must be refused. The key other has the same kind as the
// key of t.
func forgeries(t *token, other *inputKey) (map[string]*token, error) {
	header, rest, _ := strings.Cut(t.text, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	altered := append([]byte{t.signature[0] ^ 1}, t.signature[1:]...)
	impostor := *other
	impostor.kid = t.key.kid
	byOther, err := impostor.sign([]byte("{}"))
	if err != nil {
		return nil, err
	}
	list := make(map[string]*token)
	for name, text := range map[string]string{
		"altered signature":        header + "." + payload + "." + encode(altered),
		"altered payload":          header + "." + encode([]byte(`{"sub":"another"}`)) + "." + signature,
		"signature of another key": byOther,
	} {
		if list[name], err = newToken(text, t.key); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// signatureName is the name of signatureLibrary. The rest of a verification is the difference from its
// time.
const signatureName = "signature"

// signatureLibrary checks only the signature. It gets the key and the decoded parts of the token.
var signatureLibrary = library{
	name: signatureName,
	kind: reference,
	checks: map[ability]string{
		verifyRS256: "crypto/sha256 and crypto/rsa's VerifyPKCS1v15, of decoded parts; finds no key",
		verifyEdDSA: "crypto/ed25519's Verify, of decoded parts; finds no key",
	},
	enter: func(does ability, in *input) (work, error) {
		return verifying(func(*input) (verifier, error) { return verifySignature, nil }, does, in)
	},
}

var errForged = errors.New("the signature does not verify")

func verifySignature(t *token) error {
	switch key := t.key.goKey.(type) {
	case *rsa.PublicKey:
		digest := sha256.Sum256(t.message)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], t.signature)
	case ed25519.PublicKey:
		if !ed25519.Verify(key, t.message, t.signature) {
			return errForged
		}
		return nil
	}
	return fmt.Errorf("%T verifies no token of these tasks", t.key.goKey)
}
