package input

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/sshkey"
)

// Parse reads a text. name is its place for messages.
//
// It fails if the text has no form that it reads, or if the text is damaged as a whole. An entry
// that cannot be used does not fail the text: it is in Skipped. That holds for a single JWK too,
// so that its kid can be shown.
func (r *Reader) Parse(name string, data []byte) (*Document, error) {
	return r.parse(&Document{Name: name, Form: r.From, Text: data})
}

func (r *Reader) parse(d *Document) (*Document, error) {
	data := d.Text
	if d.Form == "" {
		d.Form = Recognize(data)
	}
	var err error
	switch d.Form {
	case JWK:
		err = r.parseKey(d)
	case Set:
		err = r.parseSet(d, data)
	case PEM:
		err = r.parsePEM(d, data)
	case DER:
		err = r.parseDER(d)
	case SSH:
		err = r.parseSSH(d)
	case JWE:
		err = r.parseJWE(d)
	case Secret:
		err = r.parseSecret(d)
	default:
		_, err = r.Parser.ParseOne(data)
		if err == nil {
			err = errors.New("no key that this command reads")
		}
	}
	if err != nil {
		return nil, r.explain(d, err)
	}
	return d, nil
}

// A single key is read as a set with one entry: if the key is refused, its kid is known.
const beforeKey, afterKey = `{"keys":[`, `]}`

func (r *Reader) parseKey(d *Document) error {
	_, errKey := r.Parser.Parse(d.Text)
	if form, ok := errors.AsType[otherForm](errKey); ok && form.Form() != "" {
		return errKey
	}
	if errKey != nil && !json.Valid(bytes.TrimPrefix(d.Text, []byte(byteOrderMark))) {
		return errKey // "{},{}" would be a set of two entries
	}
	p := r.Parser
	if p.MaxBytes == 0 {
		p.MaxBytes = maxBytes + len(beforeKey) + len(afterKey)
	}
	set, err := p.ParseSet(SetOf(d.Text))
	if err != nil {
		if errKey != nil {
			return errKey // its places are in the text
		}
		return err
	}
	d.setKeys(set)
	return nil
}

// SetOf returns the text of a set with one entry. A byte order mark stays in front.
func SetOf(entry []byte) []byte {
	rest, marked := bytes.CutPrefix(entry, []byte(byteOrderMark))
	var set []byte
	if marked {
		set = append(set, byteOrderMark...)
	}
	set = append(set, beforeKey...)
	set = append(set, rest...)
	return append(set, afterKey...)
}

func (r *Reader) parseSet(d *Document, data []byte) error {
	set, err := r.Parser.ParseSet(data)
	if err == nil {
		d.setKeys(set)
	}
	return err
}

func (d *Document) setKeys(set *jwk.Set) { d.Keys, d.Skipped = set, set.Skipped() }

// parsePEM reads PEM. It asks for a passphrase only if a block is encrypted.
func (r *Reader) parsePEM(d *Document, data []byte) error {
	if bytes.Contains(data, []byte(beginPEM+"ENCRYPTED PRIVATE KEY-----")) {
		d.Encrypted = true
		passphrase, err := r.passphrase(d.Name)
		if err != nil {
			return err
		}
		set, err := jwk.DecryptPEM(data, &jwk.DecryptOptions{Passphrase: passphrase, MaxPBES2Count: r.MaxIterations, Parser: &r.Parser})
		if err != nil {
			return err
		}
		d.setKeys(set)
		return nil
	}
	set, err := r.Parser.ParsePEM(data)
	if err != nil {
		if set = r.refusedBlocks(data); set == nil {
			return err
		}
	}
	d.setKeys(set)
	return nil
}

// helper is some public key (RFC 8037, Appendix A.2).
const helper = "-----BEGIN PUBLIC KEY-----\n" +
	"MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n" +
	"-----END PUBLIC KEY-----\n"

// refusedBlocks returns the blocks of a file with several blocks, if no block can be used. It
// returns nil for another file. ParsePEM returns only the first reason for such a file. Beside a
// key that can be used, it skips the other blocks, and each has its reason.
func (r *Reader) refusedBlocks(data []byte) *jwk.Set {
	if bytes.Count(data, []byte(beginPEM)) < 2 {
		return nil
	}
	key, err := jwk.ParsePEM([]byte(helper))
	if err != nil {
		return nil // never
	}
	set, err := r.Parser.ParsePEM(slices.Concat(data, []byte("\n"), []byte(helper)))
	if err != nil {
		return nil
	}
	if set = set.Without(key.At(0)); set.Len() > 0 || len(set.Skipped()) < 2 {
		return nil
	}
	return set
}

func (r *Reader) parseDER(d *Document) error {
	key, err := r.Parser.ParseDER(d.Text)
	if errors.Is(err, jwk.ErrDecrypt) { // an EncryptedPrivateKeyInfo (RFC 5208, Section 6)
		return r.parsePEM(d, pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: d.Text}))
	}
	if err != nil {
		return err
	}
	d.Keys = jwk.NewSet(key)
	return nil
}

// parseSSH reads a private key file of OpenSSH, or lines with public keys.
func (r *Reader) parseSSH(d *Document) error {
	text := bytes.TrimSpace(d.Text)
	if bytes.HasPrefix(text, []byte("-----")) {
		key, err := sshkey.ParsePrivateKey(d.Text, nil)
		if errors.Is(err, jwk.ErrDecrypt) {
			d.Encrypted = true
			passphrase, e := r.passphrase(d.Name)
			if e != nil {
				return e
			}
			key, err = sshkey.ParsePrivateKey(d.Text, passphrase)
		}
		if err == nil {
			d.Keys = jwk.NewSet(key)
		}
		return err
	}
	var keys []*jwk.Key
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if len(keys)+len(d.Skipped) == maxLines {
			return fmt.Errorf("more than %d keys", maxLines)
		}
		key, comment, _, err := sshkey.ParseAuthorizedKey(line)
		if err != nil {
			d.Skipped = append(d.Skipped, jwk.Skipped{Index: len(keys) + len(d.Skipped), PEM: line, Err: err})
			continue
		}
		keys = append(keys, key)
		d.Comments = append(d.Comments, comment)
	}
	d.Keys = jwk.NewSet(keys...)
	return nil
}

// maxLines is the largest number of SSH keys in a file: the default of MaxKeys of jwk.Parser.
const maxLines = 10_000

// parseSecret makes a symmetric key.
func (r *Reader) parseSecret(d *Document) error {
	octets, _ := bytes.CutSuffix(d.Text, []byte("\n"))
	octets, _ = bytes.CutSuffix(octets, []byte("\r"))
	key, err := jwk.New(octets, nil)
	if err == nil {
		d.Keys = jwk.NewSet(key)
	}
	return err
}

// ErrToKey means that a JWE is encrypted to a key, so that a passphrase does not help.
var ErrToKey = errors.New("encrypted to a key, want the private key: jwk decrypt --key FILE")

// parseJWE decrypts a key or a set.
func (r *Reader) parseJWE(d *Document) error {
	o := &jwk.DecryptOptions{Parser: &r.Parser}
	switch {
	case r.Key != nil:
		o.Key = r.Key
	case !takesPassphrase(d.Text):
		return &AccessError{fmt.Errorf("%s: %w", d.Name, ErrToKey)}
	default:
		passphrase, err := r.passphrase(d.Name)
		if err != nil {
			return err
		}
		o.Passphrase, o.MaxPBES2Count = passphrase, r.MaxIterations
	}
	d.Encrypted = true
	decryptKey := func() error {
		key, err := jwk.DecryptKey(d.Text, o)
		if err != nil {
			return err
		}
		d.Form, d.Keys = JWK, jwk.NewSet(key)
		d.Text, err = key.MarshalPrivateJSON()
		return err
	}
	decryptSet := func() error {
		set, err := jwk.DecryptSet(d.Text, o)
		if err != nil {
			return err
		}
		d.Form = Set
		d.setKeys(set)
		d.Text, err = set.MarshalPrivateJSON()
		return err
	}
	attempts := []func() error{decryptKey, decryptSet}
	if strings.Contains(strings.ToLower(headerOf(d.Text).ContentType), "set") {
		slices.Reverse(attempts)
	}
	err := attempts[0]()
	if form, ok := errors.AsType[otherForm](err); ok && form.Form() != "" { // the other kind of document
		err = attempts[1]()
	}
	if e, ok := errors.AsType[*jwk.Error](err); ok && errors.Is(err, jwk.ErrPolicy) && strings.HasSuffix(string(e.Path), "/p2c") {
		err = &AccessError{fmt.Errorf("%s: %s: %s", d.Name, e.Path, e.Err)} // nothing is known about the keys
	}
	return err
}

// A header has the parameters of a JWE that decide what is asked for. They are not authenticated:
// the worst that a wrong one does is a wrong question.
type header struct {
	Algorithm   string `json:"alg"`
	ContentType string `json:"cty"`
}

// headerOf returns the protected header of a JWE, or the zero header.
func headerOf(text []byte) (h header) {
	encoded, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("."))
	if len(encoded) > 0 && encoded[0] == '{' {
		var object struct {
			Protected string `json:"protected"`
		}
		if json.Unmarshal(text, &object) != nil {
			return header{}
		}
		encoded = []byte(object.Protected)
	}
	octets, err := base64.RawURLEncoding.DecodeString(string(encoded))
	if err != nil || json.Unmarshal(octets, &h) != nil {
		return header{}
	}
	return h
}

// takesPassphrase reports whether a JWE is encrypted with a passphrase (RFC 7518, Section 4.8).
func takesPassphrase(text []byte) bool {
	alg := headerOf(text).Algorithm
	return alg == "" || strings.HasPrefix(alg, "PBES2-")
}
