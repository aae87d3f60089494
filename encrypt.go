package jwk

import (
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// Encryption of keys and sets (RFC 7517, Section 7). See decrypt.go for decryption.

// Encrypt returns the key, private or not, as an encrypted JWK: a JWE in compact
// serialization with cty "jwk+json" (RFC 7517, Section 7). [DecryptKey] and other JOSE
// libraries read it. Most programs encrypt to a generated passphrase that is kept elsewhere, or
// to the public key of a service. opts is only read.
//
// The content is encrypted with A256GCM. The content key is wrapped by PBES2-HS512+A256KW for
// a Passphrase. For a Recipient it is wrapped by the first of these algorithms that the type,
// alg, use and key_ops of the Recipient allow:
//
//   - RSA: RSA-OAEP-256, RSA-OAEP;
//   - the P curves, X25519 and X448: ECDH-ES+A256KW, ECDH-ES+A192KW, ECDH-ES+A128KW, ECDH-ES;
//   - oct: AES key wrapping with the size of the key, AES GCM key wrapping with that size, or
//     dir if the key has 32 octets.
//
// The header shows the kid of the Recipient to everyone.
//
// The result is a third longer than the JSON text. [DecryptKey] and [DecryptSet] read 16 MiB,
// which is enough for nearly 12 MiB of JSON text. For more they need a Parser with a larger
// MaxBytes.
//
// The error is
//
//   - [ErrInvalid] for the zero Key, if not exactly one of Passphrase and Recipient is set, or
//     if the alg, use or key_ops of the Recipient exclude all algorithms above. RSA-OAEP-384
//     and RSA-OAEP-512, which DecryptKey reads, are such values of alg;
//   - [ErrUnsupported] if keys of the Recipient's kind cannot encrypt, and always with
//     GODEBUG=fips140=only;
//   - [ErrPolicy] for a Recipient whose kid makes the header longer than 16 KiB;
//   - ErrInvalid or ErrPolicy for the values that [EncryptOptions] excludes.
func (k *Key) Encrypt(opts *EncryptOptions) ([]byte, error) {
	text, err := k.MarshalPrivateJSON()
	if err != nil {
		return nil, err
	}
	return opts.encrypt(text, keyContent)
}

// Encrypt returns the set, with its skipped entries, as an encrypted JWK Set with cty
// "jwk-set+json". It encrypts in the same way as [Key.Encrypt]. [DecryptSet] reads the result.
func (s *Set) Encrypt(opts *EncryptOptions) ([]byte, error) {
	scratch := setTextPool.Get().(*[]byte)
	defer setTextPool.Put(scratch)
	text, err := s.appendPrivateJSON((*scratch)[:0])
	if err != nil {
		return nil, err
	}
	if cap(text) <= maxSetText {
		*scratch = text // encrypt wipes it
	}
	return opts.encrypt(text, setContent)
}

// setTextPool has wiped memory for the texts of sets. Without it, encrypting a set of 100 takes a
// tenth longer (BenchmarkEncryptSet).
var setTextPool = sync.Pool{New: func() any { return new([]byte) }}

// maxSetText is the size of the largest text whose memory Encrypt keeps.
const maxSetText = 64 << 10 // octets

// encrypt encrypts a text and wipes it.
func (o *EncryptOptions) encrypt(text []byte, content string) ([]byte, error) {
	defer clear(text)
	if o == nil || (o.Passphrase == nil) == (o.Recipient == nil) {
		return nil, errorf(ErrInvalid, "want either a Passphrase or a Recipient to encrypt to")
	}
	if o.Recipient != nil && o.PBES2Count != 0 {
		return nil, errorf(ErrInvalid, "PBES2Count is for a Passphrase, want 0 with a Recipient")
	}
	if err := checkFIPS(); err != nil {
		return nil, err
	}
	header := new(jose.EncrypterOptions).WithContentType(jose.ContentType(content))
	var recipient jose.Recipient
	var err error
	if o.Recipient == nil {
		recipient, err = o.josePassphrase()
	} else {
		recipient, err = o.joseRecipient(header)
	}
	if err != nil {
		return nil, err
	}
	out, err := seal(text, recipient, header)
	if err != nil {
		return nil, errorf(ErrUnsupported, "%s", textOf(err)) // an RSA modulus that is too small for the hash
	}
	if n := canonical64.DecodedLen(strings.IndexByte(out, '.')); n > maxJWEHeader {
		return nil, errorf(ErrPolicy, "a header of %d octets, want at most %d: the kid of the Recipient is too long", n, maxJWEHeader)
	}
	return []byte(out), nil
}

// josePassphrase returns the Passphrase as a recipient for go-jose.
func (o *EncryptOptions) josePassphrase() (jose.Recipient, error) {
	if err := checkPassphrase(o.Passphrase); err != nil {
		return jose.Recipient{}, err
	}
	count, err := o.pbes2Count()
	if err != nil {
		return jose.Recipient{}, err
	}
	return jose.Recipient{Algorithm: jose.KeyAlgorithm(passphraseAlgs[0].alg), Key: o.Passphrase, PBES2Count: count}, nil
}

// joseRecipient returns the Recipient as a recipient for go-jose, with the first algorithm
// that it supports. Key agreement adds members to the header.
func (o *EncryptOptions) joseRecipient(header *jose.EncrypterOptions) (jose.Recipient, error) {
	k := o.Recipient
	if k.isZero() {
		return jose.Recipient{}, errNoKey()
	}
	if k.kind.ops&UseEnc.ops() == 0 {
		return jose.Recipient{}, errorf(ErrUnsupported, "cannot encrypt to %s keys", k.kind.name())
	}
	if k.kind.public != 0 {
		// key_ops of a private key states what its owner may do. Senders may do what the
		// public half states.
		public, err := k.Public()
		if err != nil {
			return jose.Recipient{}, err
		}
		k = public
	}
	var reason string
	for i := range keyAlgs {
		a := &keyAlgs[i]
		if a.hash != nil {
			continue // go-jose does not have the algorithm
		}
		if k.meets(specOf(a.alg)) == kindDiffers {
			continue // the error states no reason for other key types
		}
		why := a.whyUnfit(k, chosenEncryption.enc, encryptOps)
		if why == "" {
			return a.joseRecipient(k, header)
		}
		if reason == "" {
			reason = why
		}
	}
	return jose.Recipient{}, errorf(ErrInvalid, "cannot encrypt to the Recipient: %s", reason)
}

// joseRecipient returns k, which supports the algorithm, as a recipient for go-jose.
//
// For key agreement, the recipient is the agreed key and the algorithm that it is used with.
// The header then gets the algorithm of the agreement and the ephemeral key.
func (a *keyAlg) joseRecipient(k *Key, header *jose.EncrypterOptions) (jose.Recipient, error) {
	r := jose.Recipient{Algorithm: jose.KeyAlgorithm(a.alg), KeyID: k.kid}
	var err error
	switch {
	case a.agreedFor != "":
		var epk *Key
		epk, r.Key, err = a.agreeNew(k, chosenEncryption)
		r.Algorithm = jose.KeyAlgorithm(a.agreedFor)
		header.WithHeader("alg", a.alg).WithHeader("epk", epk)
	case a.mode == keyEncryption:
		r.Key = k.PublicKey()
	default:
		r.Key, err = k.Secret()
	}
	return r, err
}

// seal encrypts a text to a recipient.
func seal(text []byte, recipient jose.Recipient, header *jose.EncrypterOptions) (string, error) {
	encrypter, err := jose.NewEncrypter(jose.ContentEncryption(chosenEncryption.enc), recipient, header)
	if err != nil {
		return "", err
	}
	j, err := encrypter.Encrypt(text)
	if err != nil {
		return "", err
	}
	return j.CompactSerialize()
}
