package jwk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"hash"
	"math"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Encrypted private keys in DER: EncryptedPrivateKeyInfo (RFC 5208, Section 6) with PBES2,
// PBKDF2 and AES-CBC (RFC 8018, Section 6.2 and Appendices A.2 to B.2).

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}

	// The pseudorandom functions of PBKDF2. The first one is the default of PBKDF2-params.
	pbkdf2Hashes = [...]pbkdf2Hash{
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}, sha1.New},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
	}

	// AES-CBC, RFC 8018, Appendix B.2.5.
	aesCBC = [...]aesCBCCipher{
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32},
	}
)

type pbkdf2Hash struct {
	oid asn1.ObjectIdentifier
	new func() hash.Hash
}

type aesCBCCipher struct {
	oid    asn1.ObjectIdentifier
	octets int // size of the key
}

// The choices for new texts: HMAC with SHA-256, AES with 256 bits, and a salt of 128 bits.
// Current versions of OpenSSL make the same choices.
const (
	chosenHash     = 1  // index in pbkdf2Hashes
	chosenCipher   = 2  // index in aesCBC
	chosenSaltSize = 16 // octets
)

// maxPBES2Salt limits the salt in a text that is to be decrypted.
const maxPBES2Salt = 1024 // octets

// A pbes2 has the parameters of PBES2.
type pbes2 struct {
	hash, cipher int // indexes in pbkdf2Hashes and aesCBC
	count        int
	salt, iv     []byte
}

// readPBES2 reads an EncryptedPrivateKeyInfo: its parameters and the encrypted text.
func readPBES2(der []byte) (scheme pbes2, text []byte, err error) {
	s := cryptobyte.String(der)
	var seq, id, params, kdf, kdfParams, enc, encrypted, iv cryptobyte.String
	var oid, oidKDF, oidCipher asn1.ObjectIdentifier
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !s.Empty() ||
		!seq.ReadASN1(&id, cbasn1.SEQUENCE) || !readOID(&id, &oid) ||
		!seq.ReadASN1(&encrypted, cbasn1.OCTET_STRING) || !seq.Empty() {
		return pbes2{}, nil, errDER(formEncrypted)
	}
	if !oid.Equal(oidPBES2) {
		return pbes2{}, nil, errorf(ErrUnsupported, "encrypted by %s, want PBES2: "+convertPKCS8, foreignPBE(oid.String()))
	}
	if !id.ReadASN1(&params, cbasn1.SEQUENCE) || !id.Empty() ||
		!params.ReadASN1(&kdf, cbasn1.SEQUENCE) || !readOID(&kdf, &oidKDF) ||
		!params.ReadASN1(&enc, cbasn1.SEQUENCE) || !readOID(&enc, &oidCipher) || !params.Empty() {
		return pbes2{}, nil, errDER(formEncrypted)
	}
	if !oidKDF.Equal(oidPBKDF2) {
		return pbes2{}, nil, errorf(ErrUnsupported, "key derivation %s, want PBKDF2: "+convertPKCS8, foreignPBE(oidKDF.String()))
	}
	scheme.cipher = slices.IndexFunc(aesCBC[:], func(c aesCBCCipher) bool { return c.oid.Equal(oidCipher) })
	if scheme.cipher < 0 {
		return pbes2{}, nil, errorf(ErrUnsupported, "cipher %s, want AES-CBC: "+convertPKCS8, foreignPBE(oidCipher.String()))
	}
	if !kdf.ReadASN1(&kdfParams, cbasn1.SEQUENCE) || !kdf.Empty() ||
		!enc.ReadASN1(&iv, cbasn1.OCTET_STRING) || !enc.Empty() || len(iv) != aes.BlockSize {
		return pbes2{}, nil, errDER(formEncrypted)
	}
	scheme.iv = iv
	if err := scheme.readPBKDF2(&kdfParams); err != nil {
		return pbes2{}, nil, err
	}
	if len(encrypted) == 0 || len(encrypted)%aes.BlockSize != 0 {
		return pbes2{}, nil, errorf(ErrInvalid, "%d encrypted octets, want a multiple of %d", len(encrypted), aes.BlockSize)
	}
	return scheme, encrypted, nil
}

const formEncrypted = "EncryptedPrivateKeyInfo (RFC 5208, Section 6)"

// readPBKDF2 reads the parameters of PBKDF2 (RFC 8018, Appendix A.2).
func (e *pbes2) readPBKDF2(s *cryptobyte.String) error {
	var salt cryptobyte.String
	var count uint64
	if !s.ReadASN1(&salt, cbasn1.OCTET_STRING) || !s.ReadASN1Integer(&count) {
		return errDER(formEncrypted)
	}
	if len(salt) > maxPBES2Salt {
		return errorf(ErrPolicy, "a salt of %d octets, want at most %d", len(salt), maxPBES2Salt)
	}
	e.salt, e.count = salt, int(min(count, math.MaxInt32)) // MaxInt32 is still more than checkPBES2Count allows
	if s.PeekASN1Tag(cbasn1.INTEGER) {
		var octets uint64
		if want := aesCBC[e.cipher].octets; !s.ReadASN1Integer(&octets) || octets != uint64(want) {
			return errorf(ErrInvalid, "a wrong keyLength, want the %d octets that the cipher needs", want)
		}
	}
	if s.Empty() {
		return nil // the default, SHA-1
	}
	id, ok := readAlgorithmID(s)
	if !ok || !s.Empty() {
		return errDER(formEncrypted)
	}
	e.hash = slices.IndexFunc(pbkdf2Hashes[:], func(h pbkdf2Hash) bool { return h.oid.Equal(id.algorithm) })
	if e.hash >= 0 {
		return nil
	}
	return errorf(ErrUnsupported, "pseudorandom function %s, want HMAC with SHA-1, SHA-256, SHA-384 or SHA-512: "+convertPKCS8, foreignPBE(id.algorithm.String()))
}

// decryptPBES2 returns the PrivateKeyInfo in an EncryptedPrivateKeyInfo. PBES2 does not
// authenticate the text, so the result of a wrong passphrase may have a valid padding. The
// error is then found when the result is read.
func (o *DecryptOptions) decryptPBES2(der []byte) ([]byte, error) {
	scheme, text, err := readPBES2(der)
	if err != nil {
		return nil, err
	}
	if err := o.checkPBES2Count(scheme.count); err != nil {
		return nil, err
	}
	block, err := scheme.block(o.Passphrase)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, scheme.iv).CryptBlocks(plain, text)
	return unpad(plain)
}

// unpad returns the text without its padding (RFC 8018, Section 6.1.1, step 4): n octets, each
// with the value n. It wipes a text whose padding is wrong, because the text may be a key
// whose end was altered.
func unpad(plain []byte) ([]byte, error) {
	n := int(plain[len(plain)-1])
	ok := n > 0 && n <= aes.BlockSize
	if ok {
		for _, b := range plain[len(plain)-n:] {
			ok = ok && int(b) == n
		}
	}
	if !ok {
		clear(plain)
		return nil, errPBES2()
	}
	return plain[:len(plain)-n], nil
}

// errPBES2 returns the error for every decrypted text that is not a key. It is always the same:
// PBES2 does not authenticate the text, so different errors would show a sender who alters a
// text how it was decrypted.
func errPBES2() error {
	return errorf(ErrDecrypt, "wrong passphrase, an altered text, or a key that ParsePEM refuses")
}

// encryptPBES2 returns the EncryptedPrivateKeyInfo of a PrivateKeyInfo. It wipes plain.
func (o *EncryptOptions) encryptPBES2(plain []byte) ([]byte, error) {
	defer clear(plain)
	count, err := o.pbes2Count()
	if err != nil {
		return nil, err
	}
	scheme := pbes2{
		hash:   chosenHash,
		cipher: chosenCipher,
		count:  count,
		salt:   make([]byte, chosenSaltSize),
		iv:     make([]byte, aes.BlockSize),
	}
	rand.Read(scheme.salt) // it never fails
	rand.Read(scheme.iv)
	block, err := scheme.block(o.Passphrase)
	if err != nil {
		return nil, err
	}
	n := aes.BlockSize - len(plain)%aes.BlockSize
	text := append(make([]byte, 0, len(plain)+n), plain...)
	for range n {
		text = append(text, byte(n))
	}
	cipher.NewCBCEncrypter(block, scheme.iv).CryptBlocks(text, text)
	return scheme.der(text)
}

// block returns the cipher with the key that PBKDF2 derives from a passphrase.
func (e *pbes2) block(passphrase []byte) (cipher.Block, error) {
	key, err := pbkdf2.Key(pbkdf2Hashes[e.hash].new, string(passphrase), e.salt, e.count, aesCBC[e.cipher].octets)
	if err != nil { // GODEBUG=fips140=only
		return nil, errorf(ErrUnsupported, "%s", textOf(err))
	}
	return newCipher(key)
}

// newCipher returns the AES cipher with a key. It wipes the key.
func newCipher(key []byte) (cipher.Block, error) {
	defer clear(key)
	return aes.NewCipher(key)
}

// der returns the EncryptedPrivateKeyInfo with an encrypted text.
func (e *pbes2) der(text []byte) ([]byte, error) {
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, parts ...func(*cryptobyte.Builder)) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, part := range parts {
				part(b)
			}
		})
	}
	oid := func(id asn1.ObjectIdentifier) func(*cryptobyte.Builder) {
		return func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(id) }
	}
	octets := func(octets []byte) func(*cryptobyte.Builder) {
		return func(b *cryptobyte.Builder) { b.AddASN1OctetString(octets) }
	}
	kdf := func(b *cryptobyte.Builder) {
		sequence(b, octets(e.salt), func(b *cryptobyte.Builder) {
			b.AddASN1Uint64(uint64(e.count))
			algorithmID{algorithm: pbkdf2Hashes[e.hash].oid, null: true}.append(b)
		})
	}
	params := func(b *cryptobyte.Builder) {
		sequence(b,
			func(b *cryptobyte.Builder) { sequence(b, oid(oidPBKDF2), kdf) },
			func(b *cryptobyte.Builder) { sequence(b, oid(aesCBC[e.cipher].oid), octets(e.iv)) })
	}
	sequence(&b, func(b *cryptobyte.Builder) { sequence(b, oid(oidPBES2), params) }, octets(text))
	return b.Bytes()
}
