package main

import (
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// A converter writes keys of a document in another form.
type converter struct {
	cmd        *cobra.Command
	doc        *input.Document
	passphrase []byte // encrypts private keys, if it is not nil
	comment    string // of keys of OpenSSH

	lost leftOut // what the form has no place for
}

// formTitles are the names of the forms in messages.
var formTitles = map[string]string{
	toJWK:     "a JWK",
	toSet:     "a JWK Set",
	toPEM:     "PEM",
	toDER:     "DER",
	toSSH:     "OpenSSH",
	toCertPEM: "a certificate",
}

// isPrivateIn reports whether a key must be kept secret when it is written in a form. A JWK has all
// members of the key, and a public key may have a private JWK in one of them. The other forms have
// the material only.
func isPrivateIn(form string, k *jwk.Key) bool {
	switch form {
	case toJWK, toSet:
		_, err := k.MarshalJSON()
		return errors.Is(err, jwk.ErrPrivate)
	case toCertPEM:
		return false
	}
	return k.IsPrivate()
}

// encode returns keys in a form of --to, and says on standard error what the form has no place for.
func (c *converter) encode(form string, keys []*jwk.Key) ([]byte, error) {
	text, err := c.text(form, keys)
	if err != nil {
		return nil, err
	}
	if form != toSSH {
		for _, comment := range c.doc.Comments {
			if comment != "" {
				c.lost.add("comment")
			}
		}
	}
	c.lost.tell(c.cmd, "no place in "+formTitles[form])
	return text, nil
}

func (c *converter) text(form string, keys []*jwk.Key) ([]byte, error) {
	if len(keys) != 1 && (form == toJWK || form == toDER) {
		other := map[string]string{toJWK: toSet, toDER: toPEM}[form]
		return nil, refusal(c.doc, "%d keys, want 1: --to %s writes all", len(keys), other)
	}
	switch form {
	case toPEM:
		return c.pem(keys)
	case toDER:
		return c.der(keys[0])
	case toSSH:
		return c.ssh(keys)
	case toCertPEM:
		return c.certificates(keys)
	}
	return c.json(form, keys)
}

// json returns a JWK or a set, encrypted if there is a passphrase.
func (c *converter) json(form string, keys []*jwk.Key) ([]byte, error) {
	for _, k := range keys {
		if _, named := k.Member("kid"); !named && c.doc.Form != input.JWK && c.doc.Form != input.Set {
			say(c.cmd, "no kid: --kid NAME or --kid thumbprint sets it")
			break
		}
	}
	if c.passphrase != nil {
		return encryptKeys(keys, form == toSet, &jwk.EncryptOptions{Passphrase: c.passphrase})
	}
	var (
		text []byte
		err  error
	)
	if form == toSet {
		text, _, err = setJSON(jwk.NewSet(keys...))
	} else {
		text, _, err = keyJSON(keys[0])
	}
	if err != nil {
		return nil, refusedAt(c.doc, 0, err)
	}
	return text, nil
}

func (c *converter) pem(keys []*jwk.Key) ([]byte, error) {
	var text []byte
	for i, k := range keys {
		marshal := k.MarshalPEM
		switch {
		case k.IsPrivate() && c.passphrase != nil:
			marshal = func() ([]byte, error) {
				return k.EncryptPEM(&jwk.EncryptOptions{Passphrase: c.passphrase})
			}
		case k.IsPrivate():
			marshal = k.MarshalPrivatePEM
		}
		block, err := marshal()
		if err != nil {
			return nil, c.refused(toPEM, i, k, err)
		}
		text = append(text, block...)
		c.lost.addAll(k)
	}
	return text, nil
}

func (c *converter) der(k *jwk.Key) ([]byte, error) {
	marshal := k.MarshalDER
	if k.IsPrivate() {
		marshal = k.MarshalPrivateDER
	}
	text, err := marshal()
	if err != nil {
		return nil, c.refused(toDER, 0, k, err)
	}
	c.lost.addAll(k)
	return text, nil
}

func (c *converter) ssh(keys []*jwk.Key) ([]byte, error) {
	var text []byte
	for i, k := range keys {
		comment := c.commentOf(i, k, len(keys))
		var (
			part []byte
			err  error
		)
		switch {
		case k.IsPrivate() && len(keys) > 1:
			return nil, refusal(c.doc, "%d keys, want 1: a file of OpenSSH has one private key; --public writes a line for each", len(keys))
		case k.IsPrivate():
			part, err = sshkey.MarshalPrivateKey(k, c.passphrase, comment)
		default:
			part, err = sshkey.MarshalAuthorizedKey(k, comment)
		}
		if err != nil {
			return nil, c.refused(toSSH, i, k, err)
		}
		text = append(text, part...)
		if comment == k.KeyID() {
			c.lost.addAll(k, "kid")
		} else {
			c.lost.addAll(k)
		}
	}
	return text, nil
}

// commentOf returns the comment of a key: the one of the flag, the one that the key had, or the kid
// if it is one plain word. Another kid could look like something else in the file.
func (c *converter) commentOf(i int, k *jwk.Key, n int) string {
	switch {
	case c.comment != "":
		return c.comment
	case len(c.doc.Comments) == n:
		return c.doc.Comments[i]
	case terminal.Word(k.KeyID()) == k.KeyID():
		return k.KeyID()
	}
	return ""
}

// certificates returns the certificates of all keys.
func (c *converter) certificates(keys []*jwk.Key) ([]byte, error) {
	var (
		text    []byte
		missing []int
	)
	for i, k := range keys {
		chain, err := k.Certificates()
		if err != nil {
			return nil, refusedAt(c.doc, i, err)
		}
		for _, cert := range chain {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
		}
		if len(chain) == 0 {
			missing = append(missing, c.doc.Index(i))
			continue
		}
		if k.IsPrivate() {
			c.lost.add("private half")
		}
		c.lost.addAll(k, "x5c", "x5t", "x5t#S256")
	}
	if len(text) == 0 {
		return nil, refusal(c.doc, "no certificate (x5c) in it")
	}
	warnLeftOut(c.cmd, missing, "no certificate")
	return text, nil
}

// refused returns an error of package jwk or sshkey about a key that a form does not have.
func (c *converter) refused(form string, i int, k *jwk.Key, err error) error {
	if k.Type() == jwk.Oct {
		err = fmt.Errorf("a symmetric key, for which %s has no form: --to jwk or set writes it", formTitles[form])
	}
	return refusedAt(c.doc, i, err)
}
