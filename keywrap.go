package jwk

import (
	"crypto/aes"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// How the key that the content of a JWE is encrypted with gets to whom it is
// for: RFC 7518, Section 4.

// A keyMode is a key management mode, RFC 7516, Section 2.
type keyMode uint8

const (
	keyEncryption keyMode = iota // by RSAES-OAEP
	keyWrapping                  // with a symmetric key, or one that a passphrase gives
	agreementWithWrapping
	directAgreement
	directEncryption
)

// A keyAlg is one algorithm of key management.
type keyAlg struct {
	alg    Algorithm
	mode   keyMode
	octets int              // of the AES key that wraps
	gcm    bool             // it wraps by AES GCM (RFC 7518, Section 4.7)
	hash   func() hash.Hash // of RSAES-OAEP and PBKDF2
}

// keyAlgs are those for keys, better ones first: of those that a recipient
// supports the first is used. RSA1_5 is not among them (RFC 8725, Section 3.2).
var keyAlgs = [...]keyAlg{
	{alg: RSAOAEP256, mode: keyEncryption, hash: sha256.New},
	{alg: RSAOAEP, mode: keyEncryption, hash: sha1.New},
	{alg: RSAOAEP384, mode: keyEncryption, hash: sha512.New384},
	{alg: RSAOAEP512, mode: keyEncryption, hash: sha512.New},
	{alg: ECDHESA256KW, mode: agreementWithWrapping, octets: 32},
	{alg: ECDHESA192KW, mode: agreementWithWrapping, octets: 24},
	{alg: ECDHESA128KW, mode: agreementWithWrapping, octets: 16},
	{alg: ECDHES, mode: directAgreement},
	{alg: A256KW, mode: keyWrapping, octets: 32},
	{alg: A192KW, mode: keyWrapping, octets: 24},
	{alg: A128KW, mode: keyWrapping, octets: 16},
	{alg: A256GCMKW, mode: keyWrapping, octets: 32, gcm: true},
	{alg: A192GCMKW, mode: keyWrapping, octets: 24, gcm: true},
	{alg: A128GCMKW, mode: keyWrapping, octets: 16, gcm: true},
	{alg: Dir, mode: directEncryption},
}

// passphraseAlgs are those for passphrases, the one that is written first.
var passphraseAlgs = [...]keyAlg{
	{alg: "PBES2-HS512+A256KW", mode: keyWrapping, octets: 32, hash: sha512.New},
	{alg: "PBES2-HS384+A192KW", mode: keyWrapping, octets: 24, hash: sha512.New384},
	{alg: "PBES2-HS256+A128KW", mode: keyWrapping, octets: 16, hash: sha256.New},
}

// keyAlgFor finds a row of one of these tables, nil if there is none.
func keyAlgFor(table []keyAlg, alg Algorithm) *keyAlg {
	for i := range table {
		if table[i].alg == alg {
			return &table[i]
		}
	}
	return nil
}

// Sizes of the salt of PBKDF2.
const (
	saltSize    = 16      // octets, written
	minSaltSize = 8       // octets, RFC 7518, Section 4.8.1.1
	maxSaltSize = 1 << 10 // octets
)

// passphraseKey makes the key that wraps of a passphrase (RFC 7518, Section 4.8.1).
func (a *keyAlg) passphraseKey(passphrase, salt []byte, count int) ([]byte, error) {
	salt = append(append([]byte(a.alg), 0), salt...)
	key, err := pbkdf2.Key(a.hash, string(passphrase), salt, count, a.octets)
	if err != nil {
		return nil, errCipher(err)
	}
	return key, nil
}

// contentKeyFor makes a content key for a recipient that supports the algorithm,
// and the encrypted key to send along. It writes what belongs to it into the header.
func (a *keyAlg) contentKeyFor(recipient *Key, enc *contentEncryption, header *writer) (key, encrypted []byte, err error) {
	switch a.mode {
	case directEncryption:
		key, err = recipient.Secret()
		return key, nil, err
	case directAgreement:
		key, err = agreeNew(recipient, enc.enc, enc.octets, header)
		return key, nil, err
	case keyEncryption:
		public, err := As[*rsa.PublicKey](recipient)
		if err != nil {
			return nil, nil, err
		}
		key = newContentKey(enc)
		if encrypted, err = rsa.EncryptOAEP(a.hash(), rand.Reader, public, key, nil); err != nil {
			return nil, nil, errCipher(err) // a modulus too small for the hash, or GODEBUG=fips140=only
		}
		return key, encrypted, nil
	}
	var kek []byte
	if a.mode == agreementWithWrapping {
		kek, err = agreeNew(recipient, a.alg, a.octets, header)
	} else {
		kek, err = recipient.Secret()
	}
	if err != nil {
		return nil, nil, err
	}
	return a.wrapNew(kek, enc, header)
}

// newContentKey makes a random key.
func newContentKey(enc *contentEncryption) []byte {
	key := make([]byte, enc.octets)
	rand.Read(key) // never fails
	return key
}

// wrapNew makes a content key and wraps it with kek, which it wipes.
func (a *keyAlg) wrapNew(kek []byte, enc *contentEncryption, header *writer) (key, encrypted []byte, err error) {
	defer clear(kek)
	key = newContentKey(enc)
	if a.gcm {
		iv, encrypted, tag, err := sealGCM(kek, key, nil)
		if err != nil {
			return nil, nil, err
		}
		header.octets("iv", iv)
		header.octets("tag", tag)
		return key, encrypted, nil
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, nil, errCipher(err)
	}
	if encrypted, err = josecipher.KeyWrap(block, key); err != nil {
		return nil, nil, errCipher(err)
	}
	return key, encrypted, nil
}

// contentKey finds the content key of a JWE whose alg is a by a private or
// symmetric key that supports it.
func (a *keyAlg) contentKey(j *jwe, k *Key) ([]byte, error) {
	if err := a.checkEncryptedKey(j); err != nil {
		return nil, err
	}
	h := &j.header
	if a.mode != agreementWithWrapping && a.mode != directAgreement && h.epk != nil {
		return nil, headerFault("epk", ErrPolicy, "a key that %s does not need", a.alg)
	}
	switch a.mode {
	case directEncryption:
		return k.Secret()
	case directAgreement:
		return agreeWith(h, k, h.enc.enc, h.enc.octets)
	case keyEncryption:
		private, err := As[*rsa.PrivateKey](k)
		if err != nil {
			return nil, err
		}
		if len(j.encryptedKey) != private.Size() { // RFC 8017, Section 7.1.2: not shorter either
			return nil, errDecrypt()
		}
		key, err := rsa.DecryptOAEP(a.hash(), nil, private, j.encryptedKey, nil)
		if err != nil {
			return nil, errDecrypt()
		}
		return key, nil
	}
	var kek []byte
	var err error
	if a.mode == agreementWithWrapping {
		kek, err = agreeWith(h, k, a.alg, a.octets)
	} else {
		kek, err = k.Secret()
	}
	if err != nil {
		return nil, err
	}
	return a.unwrap(j, kek)
}

// checkEncryptedKey checks the size of the encrypted key, which for all but RSA
// follows from the algorithms.
func (a *keyAlg) checkEncryptedKey(j *jwe) error {
	size := 0
	switch {
	case a.mode == keyEncryption:
		size = max(1, len(j.encryptedKey))
	case a.mode == directAgreement || a.mode == directEncryption: // RFC 7516, Section 5.2, step 10
	case a.gcm:
		size = j.header.enc.octets
	default:
		size = j.header.enc.octets + 8 // RFC 3394, Section 2.2.1
	}
	return checkPart(partEncryptedKey, j.encryptedKey, size, len(j.protected)+1)
}

// unwrap unwraps the content key with kek, which it wipes.
func (a *keyAlg) unwrap(j *jwe, kek []byte) ([]byte, error) {
	defer clear(kek)
	if a.gcm {
		iv, err := j.header.sized("iv", gcmIV)
		if err != nil {
			return nil, err
		}
		tag, err := j.header.sized("tag", gcmTag)
		if err != nil {
			return nil, err
		}
		return openGCM(kek, append(append(iv, j.encryptedKey...), tag...), nil)
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, errCipher(err)
	}
	key, err := josecipher.KeyUnwrap(block, j.encryptedKey)
	if err != nil {
		return nil, errDecrypt()
	}
	return key, nil
}
