package jwk

import (
	"crypto/rand"
	"strconv"
	"strings"
)

// The content types of encrypted keys and sets, RFC 7517, Section 7.
const (
	keyContent = "jwk+json"
	setContent = "jwk-set+json"
)

// Encrypt returns the key, private or not, as an encrypted JWK: a JWE in compact
// serialization with cty "jwk+json" (RFC 7517, Section 7), which [DecryptKey] and
// other JOSE libraries read. Most people encrypt to a generated passphrase that is
// kept elsewhere, or to the public key of a service. opts is only read.
//
// The content is encrypted with A256GCM. Its key is wrapped by PBES2-HS512+A256KW
// for a Passphrase; for a Recipient by the first of these algorithms that its
// type, alg, use and key_ops allow: RSA-OAEP-256, RSA-OAEP, -384 and -512 for RSA;
// ECDH-ES+A256KW, +A192KW, +A128KW and ECDH-ES for the P curves, X25519 and X448; AES
// key wrapping of the size of an oct key, AES GCM key wrapping, or dir if that is 32
// octets. The kid of the Recipient is in the header, for all to see.
//
// The error is [ErrInvalid] for the zero Key, if not exactly one of Passphrase and
// Recipient is set, or the Recipient says that it is not for encryption;
// [ErrUnsupported] if it is of a kind that cannot encrypt; and [ErrPolicy] as
// [EncryptOptions] say, and for a Recipient whose kid makes the header longer than
// 16 KiB.
func (k *Key) Encrypt(opts *EncryptOptions) ([]byte, error) {
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		return nil, err
	}
	return opts.encrypt(text, keyContent)
}

// Encrypt returns the set, its skipped entries too, as an encrypted JWK Set, with cty
// "jwk-set+json", in the way of [Key.Encrypt]. [DecryptSet] reads it.
func (s *Set) Encrypt(opts *EncryptOptions) ([]byte, error) {
	text, err := s.MarshalPrivateJSON()
	if err != nil {
		return nil, err
	}
	return opts.encrypt(text, setContent)
}

// DecryptKey reads an encrypted JWK (RFC 7517, Section 7): a JWE in compact
// serialization, without white space around it. It reads what [Key.Encrypt]
// writes, and what other libraries write by any algorithm of RFC 7518, Section 4,
// but RSA1_5, and any content encryption of Section 5. The cty must be "jwk+json",
// or absent. opts is only read, and may be shared.
//
// The text is hostile until it is decrypted. Before anything is computed its size
// and form are checked, and [ErrPolicy] refuses what exceeds the limits of
// [DecryptOptions]; an alg that is not one for a passphrase, or not for the
// type, alg, use and key_ops of Key; and a header that is longer than 16 KiB or
// has zip, crit, b64 or a key or certificate, or a reference to one (jwk, jku, x5c,
// x5u, x5t, x5t#S256; epk where it is not needed).
//
// The error is [ErrDecrypt], always with the same text, for a wrong passphrase, a
// wrong key and an altered text. It is [ErrSyntax] if the text is not a JWE in compact
// serialization with a header in JSON, [ErrInvalid] for options that do not
// make sense, for a member of the header that is missing or malformed, a part of
// the wrong size, and another cty; [ErrUnsupported] for another enc; and
// [ErrPrivate] if Key is public. Paths are those of the JSON serialization:
// "/protected/alg" is in the header, and "/iv" a part. What was decrypted is
// read by the Parser, with its errors.
func DecryptKey(jwe []byte, opts *DecryptOptions) (*Key, error) {
	text, err := opts.decrypt(jwe, keyContent)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return opts.parser().Parse(text)
}

// DecryptSet reads an encrypted JWK Set, as [DecryptKey] reads an encrypted JWK.
// The cty must be "jwk-set+json", or absent.
func DecryptSet(jwe []byte, opts *DecryptOptions) (*Set, error) {
	text, err := opts.decrypt(jwe, setContent)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return opts.parser().ParseSet(text)
}

// encrypt encrypts a text, which it wipes.
func (o *EncryptOptions) encrypt(text []byte, content string) ([]byte, error) {
	defer clear(text)
	if o == nil || (o.Passphrase == nil) == (o.Recipient == nil) {
		return nil, refuse(ErrInvalid, "want either a Passphrase or a Recipient to encrypt to")
	}
	enc := encryptionFor(written)
	var header writer
	var key, encrypted []byte
	var err error
	if o.Recipient == nil {
		key, encrypted, err = o.keyForPassphrase(enc, content, &header)
	} else {
		key, encrypted, err = o.keyForRecipient(enc, content, &header)
	}
	if err != nil {
		return nil, err
	}
	defer clear(key)
	protected, err := header.done()
	if err != nil {
		return nil, err // never: the kid is valid UTF-8
	}
	return sealJWE(protected, encrypted, key, text)
}

// beginHeader writes the members that every header has.
func beginHeader(header *writer, a *keyAlg, enc *contentEncryption, content string) {
	header.str("alg", string(a.alg))
	header.str("enc", string(enc.enc))
	header.str("cty", content)
}

func (o *EncryptOptions) keyForPassphrase(enc *contentEncryption, content string, header *writer) (key, encrypted []byte, err error) {
	if err := checkPassphrase(o.Passphrase); err != nil {
		return nil, nil, err
	}
	count, err := o.pbes2Count()
	if err != nil {
		return nil, nil, err
	}
	a := &passphraseAlgs[0]
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	beginHeader(header, a, enc, content)
	header.octets("p2s", salt)
	header.raw("p2c", strconv.Itoa(count))
	kek, err := a.passphraseKey(o.Passphrase, salt, count)
	if err != nil {
		return nil, nil, err
	}
	return a.wrapNew(kek, enc, header)
}

// Operations that take part in encrypting to a key and in decrypting, of
// whatever algorithm: not all senders tell wrapKey from encrypt.
const (
	encryptOps = OpEncrypt | OpWrapKey | OpDeriveKey | OpDeriveBits
	decryptOps = OpDecrypt | OpUnwrapKey | OpDeriveKey | OpDeriveBits
)

func (o *EncryptOptions) keyForRecipient(enc *contentEncryption, content string, header *writer) (key, encrypted []byte, err error) {
	recipient := o.Recipient
	if recipient.key == nil {
		return nil, nil, errNoKey()
	}
	if recipient.kind.ops&UseEnc.ops() == 0 {
		return nil, nil, refuse(ErrUnsupported, "nothing is encrypted to %s keys", recipient.kind.name())
	}
	if recipient.kind.public != 0 {
		// What the private half may do is not what its senders may.
		if recipient, err = recipient.Public(); err != nil {
			return nil, nil, err
		}
	}
	var reason string
	for i := range keyAlgs {
		a := &keyAlgs[i]
		why := a.unfit(recipient, enc.enc, encryptOps)
		if why == "" {
			beginHeader(header, a, enc, content)
			if recipient.kid != "" {
				header.str("kid", recipient.kid)
			}
			return a.contentKeyFor(recipient, enc, header)
		}
		if reason == "" && recipient.meets(specOf(a.alg)) != kindDiffers {
			reason = why
		}
	}
	return nil, nil, refuse(ErrInvalid, "nothing can be encrypted to the Recipient: %s", reason)
}

// decrypt returns the content of a JWE.
func (o *DecryptOptions) decrypt(text []byte, content string) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if limit := orDefault(o.parser().MaxBytes, defaultMaxBytes); len(text) > limit {
		return nil, refuse(ErrPolicy, "%d bytes, want at most %d", len(text), limit)
	}
	j, err := parseJWE(text)
	if err != nil {
		return nil, err
	}
	if err := j.header.checkContent(content); err != nil {
		return nil, err
	}
	var key []byte
	if o.Key == nil {
		key, err = o.keyOfPassphrase(j)
	} else {
		key, err = o.keyOfKey(j)
	}
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return j.open(key)
}

// check checks the options.
func (o *DecryptOptions) check() error {
	switch {
	case o == nil || (o.Passphrase == nil) == (o.Key == nil):
		return refuse(ErrInvalid, "want either a Passphrase or a Key to decrypt with")
	case o.Key == nil:
		return checkPassphrase(o.Passphrase)
	case o.Key.key == nil:
		return errNoKey()
	case !o.Key.private:
		return refuse(ErrPrivate, "a public key does not decrypt")
	}
	return nil
}

func (o *DecryptOptions) parser() *Parser {
	if o.Parser == nil {
		return new(Parser)
	}
	return o.Parser
}

// checkContent checks the type of the content, if it is there (RFC 7515,
// Section 4.1.10): a media type, of which case and "application/" do not matter.
func (h *jweHeader) checkContent(want string) error {
	cty, ok := h.strs["cty"]
	if !ok {
		return nil
	}
	got := strings.TrimPrefix(strings.ToLower(cty), "application/")
	switch {
	case got == want:
		return nil
	case got == keyContent:
		return headerFault("cty", ErrInvalid, "a key, want a set: see DecryptKey")
	case got == setContent:
		return headerFault("cty", ErrInvalid, "a set, want a key: see DecryptSet")
	}
	return headerFault("cty", ErrInvalid, "%s, want %s", quoted(cty), want)
}

func (o *DecryptOptions) keyOfPassphrase(j *jwe) ([]byte, error) {
	h := &j.header
	a := keyAlgFor(passphraseAlgs[:], h.alg)
	if a == nil {
		return nil, headerFault("alg", ErrPolicy, "%s is not an algorithm for passphrases", quoted(h.alg))
	}
	if err := a.checkEncryptedKey(j); err != nil {
		return nil, err
	}
	if h.epk != nil {
		return nil, headerFault("epk", ErrPolicy, "a key that %s does not need", a.alg)
	}
	salt, err := h.octets("p2s", minSaltSize, maxSaltSize)
	if err != nil {
		return nil, err
	}
	if h.p2c == "" {
		return nil, headerFault("p2c", ErrInvalid, "missing")
	}
	if strings.Trim(h.p2c, "0123456789") != "" {
		return nil, headerFault("p2c", ErrInvalid, "not a positive integer")
	}
	count, _ := strconv.Atoi(h.p2c) // the largest int if it is out of range
	if err := o.checkPBES2Count(count); err != nil {
		return nil, err.(*Error).at("p2c", 0).under("/" + partProtected)
	}
	kek, err := a.passphraseKey(o.Passphrase, salt, count)
	if err != nil {
		return nil, err
	}
	return a.unwrap(j, kek)
}

func (o *DecryptOptions) keyOfKey(j *jwe) ([]byte, error) {
	h := &j.header
	a := keyAlgFor(keyAlgs[:], h.alg)
	if a == nil {
		return nil, headerFault("alg", ErrPolicy, "%s is not accepted for a key", quoted(h.alg))
	}
	if why := a.unfit(o.Key, h.enc.enc, decryptOps); why != "" {
		return nil, headerFault("alg", ErrPolicy, "%s is not for the Key: %s", a.alg, why)
	}
	return a.contentKey(j, o.Key)
}

// unfit tells why a key cannot be used by an algorithm, together with a content
// encryption and for at least one of the operations; "" if it can.
func (a *keyAlg) unfit(k *Key, enc Algorithm, ops Ops) string {
	alg := a.alg
	if a.mode == directEncryption && k.alg == enc {
		alg = enc // the key says what its content encryption is
	}
	spec := specOf(alg)
	v := k.supports(alg, spec)
	if v == fits && a.mode == directEncryption {
		spec = specOf(enc)
		v = k.meets(spec)
	}
	if v == fits && !k.permitsAny(ops) {
		v = opsDiffer
	}
	if v == fits {
		return ""
	}
	return k.explain(v, &Query{Algorithm: alg}, spec)
}

// permitsAny reports whether the key may be used for one of the operations.
func (k *Key) permitsAny(ops Ops) bool {
	for ; ops != 0; ops &= ops - 1 {
		if k.Permits(ops & -ops) {
			return true
		}
	}
	return false
}
