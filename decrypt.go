package jwk

import (
	"crypto/pbkdf2"
	"crypto/rsa"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// Decryption of keys and sets (RFC 7517, Section 7), in the order in which it happens: check
// the options, check the form of the JWE (jwe.go), find the algorithm (jwe_algorithms.go),
// recover the content key, let go-jose decrypt the content, and parse the result.

// DecryptKey reads an encrypted JWK (RFC 7517, Section 7), from [Key.Encrypt] or from another
// library. opts is only read, and may be shared.
//
// The text is a JWE in compact serialization, which one line break may follow, or in the
// flattened JSON serialization (RFC 7516, Section 7.2.2). Its cty must be "jwk+json" or absent.
// It may use any content encryption of RFC 7518, Section 5, and these algorithms of key
// management:
//
//   - with a Passphrase: PBES2 (RFC 7518, Section 4.8);
//   - with a Key: the other algorithms of RFC 7518, Section 4, except RSA1_5; RSA-OAEP-384 and
//     RSA-OAEP-512 (Web Cryptography API); and key agreement on X25519 and X448 (RFC 8037,
//     Section 3.2).
//
// The text is hostile until it is decrypted. Its size and form are checked before anything is
// computed. The error is [ErrPolicy] if
//
//   - the text is outside the limits of [DecryptOptions], its header is longer than 16 KiB, or
//     apu, apv or p2s has more than 1 KiB;
//   - alg is not for a passphrase, or not for the type, alg, use and key_ops of Key, or not for
//     the size of a symmetric Key;
//   - epk is on another curve than Key, or present where alg does not need it;
//   - the header has zip, crit, b64, or a key, a certificate or a reference to one (jwk, jku,
//     x5c, x5u, x5t, x5t#S256).
//
// The error is therefore ErrPolicy if the text was encrypted for a key of another type or on
// another curve than Key. The other errors are:
//
//   - [ErrDecrypt] for a wrong passphrase, a wrong Key of the right type and curve, and an
//     altered text, always with the same text of the error;
//   - [ErrSyntax] if the text is not a JWE in one of the two serializations with a header in
//     JSON, or if a name repeats, or a known member has another JSON type;
//   - [ErrInvalid] for options that contradict each other, a member of the JWE or its header
//     that is missing or malformed, an epk that is not a key for alg, a part of the wrong size,
//     and a wrong cty;
//   - [ErrUnsupported] for an enc that is not in RFC 7518, a header that go-jose does not read
//     (such as a number beyond float64, or a nonce that is not a string), and always with
//     GODEBUG=fips140=only;
//   - [ErrPrivate] if Key is public.
//
// The paths in errors name the members of the JSON serialization, for a compact JWE too:
// "/protected/alg" is in the header, and "/iv" is a part. The Parser reads the decrypted text,
// and its errors are returned.
//
// In the JSON serialization, the whole header must be "protected". A JWE with a member
// "unprotected", "header", "aad" or "recipients" is ErrUnsupported. Other members are ignored
// (Section 7.2.1). "encrypted_key" may be absent if it is empty.
//
// A Key whose private half is held elsewhere (see [New]) decrypts the RSA-OAEP family: its
// crypto.Decrypter gets [crypto/rsa.OAEPOptions] with the hash of the algorithm. If it fails,
// the error is ErrDecrypt with the same text as above, and errors.As finds the holder's error.
func DecryptKey(jwe []byte, opts *DecryptOptions) (*Key, error) {
	text, err := opts.decrypt(jwe, keyContent)
	if err != nil {
		return nil, err
	}
	return opts.parseKey(text)
}

// DecryptSet reads an encrypted JWK Set, in the same way as [DecryptKey] reads an encrypted
// JWK. The cty must be "jwk-set+json" or absent.
func DecryptSet(jwe []byte, opts *DecryptOptions) (*Set, error) {
	text, err := opts.decrypt(jwe, setContent)
	if err != nil {
		return nil, err
	}
	return opts.parseSet(text)
}

// decrypt returns the content of a JWE.
func (o *DecryptOptions) decrypt(text []byte, content string) ([]byte, error) {
	if err := o.checkForJWE(); err != nil {
		return nil, err
	}
	if err := checkFIPS(); err != nil {
		return nil, err
	}
	if limit := orDefault(o.parser().MaxBytes, defaultMaxBytes); len(text) > limit {
		return nil, errorf(ErrPolicy, "%s, want at most %d", counted(len(text), "byte", "bytes"), limit)
	}
	j, err := parseJWE(text, content)
	if err != nil {
		return nil, o.parser().elsewhere(doorJWE, text, err)
	}
	key, err := o.joseKey(j)
	if err != nil {
		return nil, j.withOffset(err)
	}
	plain, err := j.object.Decrypt(key)
	if err != nil {
		return nil, errDecrypt()
	}
	return plain, nil
}

// checkForJWE checks the options for the decryption of a JWE.
func (o *DecryptOptions) checkForJWE() error {
	switch {
	case o == nil || (o.Passphrase == nil) == (o.Key == nil):
		return errorf(ErrInvalid, "want either a Passphrase or a Key to decrypt with")
	case o.Key == nil:
		return checkPassphrase(o.Passphrase)
	case o.MaxPBES2Count != 0:
		return errorf(ErrInvalid, "MaxPBES2Count is for a Passphrase, want 0 with a Key")
	case o.Key.isZero():
		return errNoKey()
	case o.Key.held != 0 && heldDecrypter(o.Key.key) == nil:
		return errNoPrivateForm(o.Key.key, "crypto.Decrypter")
	case !o.Key.private && o.Key.held == 0:
		return errorf(ErrPrivate, "a public key cannot decrypt")
	}
	return nil
}

// joseKey returns the key with which go-jose decrypts the content. It checks the algorithm
// and the parts that depend on it before it computes anything.
func (o *DecryptOptions) joseKey(j *jwe) (any, error) {
	a, err := o.algorithmOf(&j.header)
	if err != nil {
		return nil, err
	}
	if err := j.checkPartsFor(a); err != nil {
		return nil, err
	}
	if o.Key == nil {
		return o.passphraseKey(a, j)
	}
	switch a.mode {
	case keyEncryption:
		return a.oaepKey(o.Key, j.encryptedKey)
	case keyWrapping, directEncryption:
		return o.Key.Secret()
	}
	return a.agreedKey(o.Key, j)
}

// algorithmOf returns the algorithm of the header if the Passphrase or the Key may be used
// with it.
func (o *DecryptOptions) algorithmOf(h *jweHeader) (*keyAlg, error) {
	forPassphrase, forKey := keyAlgFor(passphraseAlgs[:], h.alg), keyAlgFor(keyAlgs[:], h.alg)
	switch {
	case o.Key == nil && forPassphrase == nil:
		return nil, headerErrorf("alg", ErrPolicy, "%s, want PBES2 (RFC 7518, Section 4.8) for a passphrase", quoted(h.alg))
	case o.Key == nil:
		return forPassphrase, nil
	case forPassphrase != nil:
		return nil, headerErrorf("alg", ErrPolicy, "%s takes a Passphrase, not a Key", h.alg)
	case forKey == nil:
		return nil, headerErrorf("alg", ErrPolicy, "%s is not accepted for a key", quoted(h.alg))
	}
	if why := forKey.whyUnfit(o.Key, h.enc.enc, decryptOps); why != "" {
		return nil, headerErrorf("alg", ErrPolicy, "%s is not for the Key: %s", h.alg, why)
	}
	return forKey, nil
}

// A contentKey gives go-jose a content key that we have already unwrapped or agreed on. It
// implements the interface with which go-jose asks an opaque key to decrypt the encrypted key.
type contentKey []byte

func (k contentKey) DecryptKey([]byte, jose.Header) ([]byte, error) { return k, nil }

// passphraseKey unwraps the content key with the Passphrase (RFC 7518, Section 4.8).
func (o *DecryptOptions) passphraseKey(a *keyAlg, j *jwe) (any, error) {
	h := &j.header
	salt, err := h.octets("p2s", minSaltSize, maxSaltSize)
	if err != nil {
		return nil, err
	}
	if h.p2c == "" {
		return nil, headerErrorf("p2c", ErrInvalid, "missing")
	}
	if strings.Trim(h.p2c, "0123456789") != "" {
		return nil, headerErrorf("p2c", ErrInvalid, "a sign, a fraction or an exponent, want digits only")
	}
	n, _ := strconv.ParseInt(h.p2c, 10, 32) // the largest int32 if it is out of range
	count := int(n)
	if err := o.checkPBES2Count(count); err != nil {
		return nil, err.(*Error).atMember("p2c", 0).below("/" + partProtected)
	}
	salt = append(append([]byte(a.alg), 0), salt...) // RFC 7518, Section 4.8.1.1
	wrappingKey, err := pbkdf2.Key(a.hash, string(o.Passphrase), salt, count, a.octets)
	if err != nil {
		return nil, errorf(ErrUnsupported, "%s", textOf(err)) // never: see checkFIPS
	}
	return unwrap(wrappingKey, j.encryptedKey)
}

// oaepKey decrypts the content key by RSAES-OAEP, or returns the RSA key if go-jose can do so.
func (a *keyAlg) oaepKey(k *Key, encrypted []byte) (any, error) {
	public, err := As[*rsa.PublicKey](k)
	if err != nil {
		return nil, err
	}
	if len(encrypted) != public.Size() { // RFC 8017, Section 7.1.2: longer and shorter are errors
		return nil, errDecrypt()
	}
	if d := heldDecrypter(k.key); d != nil {
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
	if a.hash == nil {
		return private, nil
	}
	key, err := rsa.DecryptOAEP(a.hash(), nil, private, encrypted, nil)
	if err != nil {
		return nil, errDecrypt()
	}
	return contentKey(key), nil
}

// agreedKey derives a key from the Key and the ephemeral key of the sender, which is in the
// header. It unwraps the content key if the algorithm wraps it.
//
// The Parser checks the ephemeral key. A point that is not on the curve would reveal the
// private key, and a point of small order leads to a key that everyone knows (RFC 8725,
// Section 3.4).
func (a *keyAlg) agreedKey(private *Key, j *jwe) (any, error) {
	h := &j.header
	if h.epk == nil {
		return nil, headerErrorf("epk", ErrInvalid, "missing")
	}
	ephemeral, err := (&Parser{PublicOnly: true}).Parse(h.epk)
	if err != nil {
		return nil, err.(*Error).below("/" + partProtected + "/epk").atOffset(0)
	}
	if ephemeral.meets(specOf(a.alg)) != fits {
		return nil, headerErrorf("epk", ErrInvalid, "%s is not an algorithm of %s keys", a.alg, ephemeral.kind.name())
	}
	if ephemeral.kind != private.kind {
		return nil, headerErrorf("epk", ErrPolicy, "the epk is %s, the Key %s", ephemeral.kind.name(), private.kind.name())
	}
	apu, err := h.octets("apu", 0, maxPartyInfo)
	if err != nil {
		return nil, err
	}
	apv, err := h.octets("apv", 0, maxPartyInfo)
	if err != nil {
		return nil, err
	}
	key, err := a.agree(private, ephemeral, h.enc, apu, apv)
	if err != nil {
		return nil, err
	}
	if a.mode == directAgreement {
		return contentKey(key), nil
	}
	return unwrap(key, j.encryptedKey)
}

// unwrap unwraps a content key by AES key wrapping (RFC 3394). It wipes wrappingKey.
func unwrap(wrappingKey, wrapped []byte) (any, error) {
	block, err := newCipher(wrappingKey)
	if err != nil {
		return nil, errDecrypt() // never: the key has the size that the algorithm needs
	}
	key, err := josecipher.KeyUnwrap(block, wrapped)
	if err != nil {
		return nil, errDecrypt()
	}
	return contentKey(key), nil
}

// parseKey parses a decrypted key and wipes its text.
func (o *DecryptOptions) parseKey(text []byte) (*Key, error) {
	defer clear(text)
	return o.parser().Parse(text)
}

// parseSet parses a decrypted set and wipes its text.
func (o *DecryptOptions) parseSet(text []byte) (*Set, error) {
	defer clear(text)
	return o.parser().ParseSet(text)
}
