package jwk

import (
	"crypto/fips140"
	"crypto/pbkdf2"
	"crypto/rsa"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
	josecipher "github.com/go-jose/go-jose/v4/cipher"
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
// type, alg, use and key_ops allow: RSA-OAEP-256 and RSA-OAEP for RSA;
// ECDH-ES+A256KW, +A192KW, +A128KW and ECDH-ES for the P curves, X25519 and X448; AES
// key wrapping of the size of an oct key, AES GCM key wrapping, or dir if that is 32
// octets. The kid of the Recipient is in the header, for all to see.
//
// The result is a third longer than the JSON text. From nearly 12 MiB of that on it is
// longer than the 16 MiB that [DecryptKey] and [DecryptSet] read unless they
// have a Parser with a larger MaxBytes.
//
// The error is [ErrInvalid] for the zero Key, if not exactly one of Passphrase and
// Recipient is set, or the Recipient says that it is not for encryption, or for
// another algorithm, such as RSA-OAEP-384 and -512, which are only read;
// [ErrUnsupported] if it is of a kind that cannot encrypt, and always with
// GODEBUG=fips140=only; [ErrInvalid] and [ErrPolicy] as [EncryptOptions] say; and
// ErrPolicy for a Recipient whose kid makes the header longer than 16 KiB.
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
// serialization, which one line break may follow, or in the flattened JSON serialization
// (RFC 7516, Section 7.2.2). It reads what [Key.Encrypt] writes, and what other libraries
// write by any algorithm of RFC 7518, Section 4, but RSA1_5; by RSA-OAEP-384 and -512 (Web
// Cryptography API); and by key agreement on X25519 and X448 (RFC 8037, Section 3.2); with
// any content encryption of RFC 7518, Section 5. The cty must be "jwk+json", or absent.
// opts is only read, and may be shared.
//
// The text is hostile until it is decrypted. Before anything is computed its size
// and form are checked, and [ErrPolicy] refuses what exceeds the limits of
// [DecryptOptions]; an alg that is not one for a passphrase, or not for the type, alg, use
// and key_ops of Key, nor for its size if it is symmetric; an epk on another curve than Key;
// and a header that is longer than 16 KiB or has zip, crit, b64 or a key or certificate, or a
// reference to one (jwk, jku, x5c, x5u, x5t, x5t#S256; epk where it is not needed).
//
// In JSON the whole header must be "protected". A JWE with a member "unprotected",
// "header", "aad" or "recipients" is [ErrUnsupported]; other members are ignored
// (Section 7.2.1), and a name that repeats is [ErrSyntax]. "encrypted_key" may be absent
// where it is empty.
//
// So a Key of another type or curve than the text was encrypted for is ErrPolicy. A
// wrong Key of the right type and curve is [ErrDecrypt], always with the same
// text, and so are a wrong passphrase and an altered text. The error is [ErrSyntax]
// if the text is not a JWE in one of these serializations with a header in JSON,
// [ErrInvalid] for options that do not make sense, for a member of the JWE or its
// header that is missing or malformed, an epk that is no key for alg, a part of
// the wrong size, and another cty; [ErrUnsupported] for another enc, a header that
// go-jose does not read (a number beyond float64, a nonce that is no string), and always with
// GODEBUG=fips140=only; and [ErrPrivate] if Key is public. A Key whose private half is held
// elsewhere (see [New]) decrypts RSA-OAEP and its kin: its crypto.Decrypter gets
// [crypto/rsa.OAEPOptions] with the hash of the algorithm. If that fails, the error is
// ErrDecrypt with the same text. errors.As finds the holder's error. Paths are as in the JSON
// serialization: "/protected/alg" is in the header, and "/iv" a part. The Parser reads what
// was decrypted, with its errors.
func DecryptKey(jwe []byte, opts *DecryptOptions) (*Key, error) {
	text, err := opts.decrypt(jwe, keyContent)
	if err != nil {
		return nil, err
	}
	return opts.parseKey(text)
}

// parseKey reads a key that was decrypted, and wipes its text.
func (o *DecryptOptions) parseKey(text []byte) (*Key, error) {
	defer clear(text)
	return o.parser().Parse(text)
}

// DecryptSet reads an encrypted JWK Set, as [DecryptKey] reads an encrypted JWK.
// The cty must be "jwk-set+json", or absent.
func DecryptSet(jwe []byte, opts *DecryptOptions) (*Set, error) {
	text, err := opts.decrypt(jwe, setContent)
	if err != nil {
		return nil, err
	}
	return opts.parseSet(text)
}

// parseSet reads a set that was decrypted, and wipes its text.
func (o *DecryptOptions) parseSet(text []byte) (*Set, error) {
	defer clear(text)
	return o.parser().ParseSet(text)
}

// encrypt encrypts a text, which it wipes.
func (o *EncryptOptions) encrypt(text []byte, content string) ([]byte, error) {
	defer clear(text)
	if o == nil || (o.Passphrase == nil) == (o.Recipient == nil) {
		return nil, errorf(ErrInvalid, "want either a Passphrase or a Recipient to encrypt to")
	}
	if o.Recipient != nil && o.PBES2Count != 0 {
		return nil, errorf(ErrInvalid, "PBES2Count is for a Passphrase, want none beside a Recipient")
	}
	if err := checkFIPS(); err != nil {
		return nil, err
	}
	header := new(jose.EncrypterOptions).WithContentType(jose.ContentType(content))
	var to jose.Recipient
	var err error
	if o.Recipient == nil {
		to, err = o.toPassphrase()
	} else {
		to, err = o.toRecipient(header)
	}
	if err != nil {
		return nil, err
	}
	out, err := seal(text, to, header)
	if err != nil {
		return nil, errorf(ErrUnsupported, "%s", textOf(err)) // an RSA modulus that is too small for the hash
	}
	if n := canonical64.DecodedLen(strings.IndexByte(out, '.')); n > maxJWEHeader {
		return nil, errorf(ErrPolicy, "a header of %d octets, want at most %d: the kid of the Recipient is too long", n, maxJWEHeader)
	}
	return []byte(out), nil
}

// checkFIPS refuses GODEBUG=fips140=only, where crypto/cipher has no AES GCM for
// go-jose, which makes the nonces. To read, that would look like a wrong key.
func checkFIPS() error {
	if fips140.Enforced() {
		return errorf(ErrUnsupported, "no encrypted keys with GODEBUG=fips140=only")
	}
	return nil
}

func (o *EncryptOptions) toPassphrase() (to jose.Recipient, err error) {
	if err := checkPassphrase(o.Passphrase); err != nil {
		return to, err
	}
	to.Algorithm = jose.KeyAlgorithm(passphraseAlgs[0].alg)
	to.Key = o.Passphrase
	to.PBES2Count, err = o.pbes2Count()
	return to, err
}

// Operations that take part in encrypting to a key and in decrypting, of
// whatever algorithm: not all senders tell wrapKey from encrypt.
const (
	encryptOps = OpEncrypt | OpWrapKey | OpDeriveKey | OpDeriveBits
	decryptOps = OpDecrypt | OpUnwrapKey | OpDeriveKey | OpDeriveBits
)

func (o *EncryptOptions) toRecipient(header *jose.EncrypterOptions) (to jose.Recipient, err error) {
	recipient := o.Recipient
	if recipient.isZero() {
		return to, errNoKey()
	}
	if recipient.kind.ops&UseEnc.ops() == 0 {
		return to, errorf(ErrUnsupported, "nothing is encrypted to %s keys", recipient.kind.name())
	}
	if recipient.kind.public != 0 {
		// What the private half may do is not what its senders may.
		if recipient, err = recipient.Public(); err != nil {
			return to, err
		}
	}
	var reason string
	for i := range keyAlgs {
		a := &keyAlgs[i]
		if a.hash != nil {
			continue // go-jose does not write it
		}
		why := a.unfit(recipient, written.enc, encryptOps)
		if why == "" {
			return a.to(recipient, header)
		}
		if reason == "" && recipient.meets(specOf(a.alg)) != kindDiffers {
			reason = why
		}
	}
	return to, errorf(ErrInvalid, "nothing can be encrypted to the Recipient: %s", reason)
}

// to returns a key that supports the algorithm as a recipient for go-jose. By key
// agreement that is the key that was agreed on, and the header is told of which
// algorithm and ephemeral key it comes.
func (a *keyAlg) to(k *Key, header *jose.EncrypterOptions) (to jose.Recipient, err error) {
	to.Algorithm, to.KeyID = jose.KeyAlgorithm(a.alg), k.kid
	switch {
	case a.agreed != "":
		var epk *Key
		epk, to.Key, err = a.agreeNew(k, written)
		to.Algorithm = jose.KeyAlgorithm(a.agreed)
		header.WithHeader("alg", a.alg).WithHeader("epk", epk)
	case a.mode == keyEncryption:
		to.Key = k.PublicKey()
	default:
		to.Key, err = k.Secret()
	}
	return to, err
}

// decrypt returns the content of a JWE.
func (o *DecryptOptions) decrypt(text []byte, content string) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkFIPS(); err != nil {
		return nil, err
	}
	if limit := orDefault(o.parser().MaxBytes, defaultMaxBytes); len(text) > limit {
		return nil, errorf(ErrPolicy, "%s, want at most %d", counted(len(text), "byte", "bytes"), limit)
	}
	j, err := parseJWE(text)
	if err != nil {
		return nil, o.parser().elsewhere(doorJWE, text, err)
	}
	if err := j.header.checkContent(content); err != nil {
		return nil, j.placed(err)
	}
	var key any
	if o.Key == nil {
		key, err = o.keyOfPassphrase(j)
	} else {
		key, err = o.keyOfKey(j)
	}
	if err != nil {
		return nil, j.placed(err)
	}
	return j.open(key)
}

// check checks the options.
func (o *DecryptOptions) check() error {
	switch {
	case o == nil || (o.Passphrase == nil) == (o.Key == nil):
		return errorf(ErrInvalid, "want either a Passphrase or a Key to decrypt with")
	case o.Key == nil:
		return checkPassphrase(o.Passphrase)
	case o.MaxPBES2Count != 0:
		return errorf(ErrInvalid, "MaxPBES2Count is for a Passphrase, want none beside a Key")
	case o.Key.isZero():
		return errNoKey()
	case o.Key.held != 0 && heldDecrypter(o.Key.key) == nil:
		return errNoPrivateForm(o.Key.key, "crypto.Decrypter")
	case !o.Key.private && o.Key.held == 0:
		return errorf(ErrPrivate, "a public key does not decrypt")
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
		return headerErrorf("cty", ErrInvalid, "a key, want a set: see DecryptKey")
	case got == setContent:
		return headerErrorf("cty", ErrInvalid, "a set, want a key: see DecryptSet")
	}
	return headerErrorf("cty", ErrInvalid, "%s, want %s", quoted(cty), want)
}

// A contentKey is one that was found here. go-jose takes it as it takes keys that
// it cannot see: by asking for what the encrypted key holds.
type contentKey []byte

func (k contentKey) DecryptKey([]byte, jose.Header) ([]byte, error) { return k, nil }

// keyOfPassphrase returns what go-jose decrypts with.
func (o *DecryptOptions) keyOfPassphrase(j *jwe) (any, error) {
	h := &j.header
	a := keyAlgFor(passphraseAlgs[:], h.alg)
	if a == nil {
		return nil, headerErrorf("alg", ErrPolicy, "%s, want PBES2 (RFC 7518, Section 4.8) for a passphrase", quoted(h.alg))
	}
	if err := a.check(j); err != nil {
		return nil, err
	}
	salt, err := h.octets("p2s", minSaltSize, maxSaltSize)
	if err != nil {
		return nil, err
	}
	if h.p2c == "" {
		return nil, headerErrorf("p2c", ErrInvalid, "missing")
	}
	if strings.Trim(h.p2c, "0123456789") != "" {
		return nil, headerErrorf("p2c", ErrInvalid, "another number, want digits alone")
	}
	n, _ := strconv.ParseInt(h.p2c, 10, 32) // the largest if it is out of range
	count := int(n)
	if err := o.checkPBES2Count(count); err != nil {
		return nil, err.(*Error).atMember("p2c", 0).below("/" + partProtected)
	}
	salt = append(append([]byte(a.alg), 0), salt...) // RFC 7518, Section 4.8.1.1
	kek, err := pbkdf2.Key(a.hash, string(o.Passphrase), salt, count, a.octets)
	if err != nil {
		return nil, errorf(ErrUnsupported, "%s", textOf(err)) // never: see checkFIPS
	}
	return unwrap(kek, j.encryptedKey)
}

// keyOfKey returns what go-jose decrypts with.
func (o *DecryptOptions) keyOfKey(j *jwe) (any, error) {
	h := &j.header
	a := keyAlgFor(keyAlgs[:], h.alg)
	if a == nil {
		if keyAlgFor(passphraseAlgs[:], h.alg) != nil {
			return nil, headerErrorf("alg", ErrPolicy, "%s takes a Passphrase, not a Key", h.alg)
		}
		return nil, headerErrorf("alg", ErrPolicy, "%s is not accepted for a key", quoted(h.alg))
	}
	if why := a.unfit(o.Key, h.enc.enc, decryptOps); why != "" {
		return nil, headerErrorf("alg", ErrPolicy, "%s is not for the Key: %s", a.alg, why)
	}
	if err := a.check(j); err != nil {
		return nil, err
	}
	switch a.mode {
	case keyEncryption:
		return a.oaepKey(o.Key, j.encryptedKey)
	case keyWrapping, directEncryption:
		return o.Key.Secret()
	}
	key, err := a.agreeWith(h, o.Key)
	if err != nil {
		return nil, err
	}
	if a.mode == directAgreement {
		return contentKey(key), nil
	}
	return unwrap(key, j.encryptedKey)
}

// oaepKey returns an RSA key for go-jose, or what it decrypts by the hashes that
// go-jose does not have.
func (a *keyAlg) oaepKey(k *Key, encrypted []byte) (any, error) {
	if d := heldDecrypter(k.key); d != nil {
		public, err := As[*rsa.PublicKey](k)
		if err != nil {
			return nil, err
		}
		if len(encrypted) != public.Size() {
			return nil, errDecrypt()
		}
		key, err := decryptHeld(d, a.alg, encrypted)
		if err != nil {
			return nil, err
		}
		return contentKey(key), nil
	}
	private, err := As[*rsa.PrivateKey](k)
	if err != nil {
		return nil, err
	}
	if len(encrypted) != private.Size() { // RFC 8017, Section 7.1.2: not shorter either
		return nil, errDecrypt()
	}
	if a.hash == nil {
		return private, nil
	}
	key, err := rsa.DecryptOAEP(a.hash(), nil, private, encrypted, nil)
	if err != nil {
		return nil, errDecrypt()
	}
	return contentKey(key), nil
}

// unwrap unwraps a content key with kek, which it wipes.
func unwrap(kek, wrapped []byte) (any, error) {
	block, err := newCipher(kek)
	if err != nil {
		return nil, errDecrypt() // never: of the size that the algorithm has
	}
	key, err := josecipher.KeyUnwrap(block, wrapped)
	if err != nil {
		return nil, errDecrypt()
	}
	return contentKey(key), nil
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
