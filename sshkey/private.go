package sshkey

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/seed1f6cf2d3/jwk"
)

// maxPrivateFile limits files. A larger file is ErrPolicy, both when it is read and when it is
// written. The file of an RSA key of 8192 bits takes about 6.5 KiB.
const maxPrivateFile = 64 << 10 // bytes

// maxRounds limits the rounds of bcrypt_pbkdf. The file states their number, up to 2^32-1, and
// a round takes about 7 ms. ssh-keygen chooses 16 by default; careful people choose 100.
const maxRounds = 256

// The limits of passphrases. A longer passphrase is ErrPolicy.
const (
	maxNewPassphrase = 1023 // octets, for a new file: the prompt of ssh accepts at most this
	maxPassphrase    = 4096 // octets, for an existing file, as in package jwk: ssh-keygen -N accepts more than the prompt
)

const (
	pemType = "OPENSSH PRIVATE KEY"
	magic   = "openssh-key-v1\x00"
)

// ciphers are the ciphers that package ssh decrypts.
var ciphers = []string{"aes256-ctr", "aes256-cbc"}

// A privateFile is the part of a file after the magic string, see PROTOCOL.key.
type privateFile struct {
	Cipher     string
	KDF        string
	KDFOptions []byte
	Keys       uint32
	PublicKey  []byte
	PrivateKey []byte // encrypted, unless Cipher is "none"
	Rest       []byte `ssh:"rest"` // some ciphers have a tag here
}

// ParsePrivateKey reads a private key from a file of OpenSSH, which begins with
// "-----BEGIN OPENSSH PRIVATE KEY-----". The passphrase must be nil if the file is not
// encrypted: a file that should have been encrypted and is not may come from anyone. The
// comment is not read.
//
// The key must pass the checks of [jwk.New] and belong to the unencrypted public key in the
// file. If the file is not encrypted, iqmp of an RSA key must be the inverse of q modulo p. In
// an encrypted file iqmp is not checked, because package ssh decrypts the file and does not
// return iqmp: it is computed again.
//
// ParsePrivateKey reads no other PEM. [jwk.ParsePEM] reads PKCS #8, PKCS #1 and SEC 1, and
// [MarshalPrivateKey] writes the result as a file of OpenSSH. This also converts Ed25519 keys
// in PKCS #8, which not every ssh-keygen reads (OpenSSH 9.2 does not). For RSA and EC keys
// ssh-keygen -p -f FILE converts the file in place, even if it is encrypted and says
// "Proc-Type: 4,ENCRYPTED".
//
// The error is
//   - [jwk.ErrDecrypt] if the passphrase is wrong, missing or not needed, and for every fault
//     of a decrypted key, because an altered text looks like a wrong passphrase;
//   - [jwk.ErrSyntax] if data is not exactly one PEM block without headers;
//   - [jwk.ErrUnsupported] for another format or key type, a cipher other than aes256-ctr and
//     aes256-cbc, and more than one key;
//   - [jwk.ErrInvalid] for a malformed key;
//   - [jwk.ErrPolicy] for a file of more than 64 KiB, an RSA key of less than 2048 or more than
//     8192 bits, a passphrase of more than 4096 octets, and more than 256 rounds of
//     bcrypt_pbkdf.
//
// The maker of the file chose the number of rounds (ssh-keygen -a). 256 rounds take about
// 1.8 s of one processor; the 16 rounds of ssh-keygen's default take 0.12 s. To read a file
// with more than 256 rounds, convert it by ssh-keygen -p -a 100 -f FILE.
func ParsePrivateKey(data, passphrase []byte) (*jwk.Key, error) {
	if len(passphrase) > maxPassphrase {
		return nil, errorf(jwk.ErrPolicy, "passphrase of %d octets, want at most %d", len(passphrase), maxPassphrase)
	}
	if len(data) > maxPrivateFile {
		return nil, errorf(jwk.ErrPolicy, "private key file of %d bytes, want at most %d", len(data), maxPrivateFile)
	}
	file, err := decodeFile(data)
	if err != nil {
		return nil, err
	}
	// Check the public key first: the private key has the same type and size.
	public, published, err := readPublic(file.PublicKey)
	if err != nil {
		return nil, err
	}
	if err := file.check(); err != nil {
		return nil, err
	}
	if !file.encrypted() {
		if passphrase != nil {
			return nil, errorf(jwk.ErrDecrypt, "not encrypted, but a passphrase is given: want nil")
		}
		if !file.beginsWith(public) {
			return nil, errorf(jwk.ErrInvalid, "the private %s key is malformed, or does not belong to the public one", public.Type())
		}
		material, err := ssh.ParseRawPrivateKey(data)
		if err != nil { // its text might quote the key
			return nil, errorf(jwk.ErrInvalid, "the private %s key is malformed, or at odds with itself", public.Type())
		}
		if err := file.checkCoefficient(material); err != nil {
			return nil, err
		}
		return newPrivate(material, published)
	}
	if len(passphrase) == 0 {
		return nil, errorf(jwk.ErrDecrypt, "encrypted: a passphrase is needed")
	}
	material, err := ssh.ParseRawPrivateKeyWithPassphrase(data, passphrase)
	if err == nil {
		var key *jwk.Key
		if key, err = newPrivate(material, published); err == nil {
			return key, nil
		}
	}
	return nil, errorf(jwk.ErrDecrypt, "wrong passphrase, or altered text")
}

// decodeFile decodes the PEM block and splits its content. It decrypts nothing.
func decodeFile(data []byte) (*privateFile, error) {
	begin := []byte("-----BEGIN ")
	block, rest := pem.Decode(data)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 ||
		!bytes.HasPrefix(bytes.TrimSpace(data), begin) || bytes.Count(data, begin) != 1 {
		return nil, errorf(jwk.ErrSyntax, "want one PEM block, and nothing else%s", elsewhere(data, "ParsePrivateKey"))
	}
	if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") { // RFC 1421, Section 4.6.1.1
		return nil, errorf(jwk.ErrUnsupported, "encrypted PEM of the old kind (Proc-Type: 4,ENCRYPTED); ssh-keygen -p -f FILE converts it")
	}
	if block.Type != pemType {
		return nil, errorf(jwk.ErrUnsupported, "PEM block of type %s, want %q; package jwk's ParsePEM reads PKCS #8, PKCS #1 and SEC 1",
			shown(block.Type, labelLetters), pemType)
	}
	if len(block.Headers) > 0 {
		return nil, errorf(jwk.ErrSyntax, "%s with PEM headers", pemType)
	}
	body, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	if !ok {
		return nil, errorf(jwk.ErrUnsupported, "%s that does not begin with openssh-key-v1", pemType)
	}
	file := new(privateFile)
	if err := ssh.Unmarshal(body, file); err != nil {
		return nil, errorf(jwk.ErrInvalid, "%s that is cut short", pemType)
	}
	if file.Keys != 1 {
		return nil, errorf(jwk.ErrUnsupported, "%s of %d keys, want 1", pemType, file.Keys)
	}
	return file, nil
}

func (f *privateFile) encrypted() bool { return f.Cipher != "none" || f.KDF != "none" }

// check returns an error if the private part cannot be read, or takes too long to decrypt.
func (f *privateFile) check() error {
	blockSize := 8 // octets, if not encrypted
	if f.encrypted() {
		if err := f.checkEncryption(); err != nil {
			return err
		}
		blockSize = aes.BlockSize
	}
	if len(f.Rest) > 0 || len(f.PrivateKey)%blockSize != 0 {
		return errorf(jwk.ErrInvalid, "private part that is not in blocks of %d octets, or has data after it", blockSize)
	}
	return nil
}

// checkEncryption returns an error if the private part is encrypted in a way that is not
// supported, or with too many rounds.
func (f *privateFile) checkEncryption() error {
	if !slices.Contains(ciphers, f.Cipher) {
		return errorf(jwk.ErrUnsupported, "cipher %s, want %s or %s; ssh-keygen -p -Z %[2]s -f FILE converts it",
			shown(f.Cipher, nameLetters), ciphers[0], ciphers[1])
	}
	if f.KDF != "bcrypt" {
		return errorf(jwk.ErrUnsupported, "KDF %s, want bcrypt", shown(f.KDF, nameLetters))
	}
	var options struct {
		Salt   []byte
		Rounds uint32
	}
	if err := ssh.Unmarshal(f.KDFOptions, &options); err != nil || len(options.Salt) == 0 || options.Rounds == 0 {
		return errorf(jwk.ErrInvalid, "malformed options of the KDF bcrypt")
	}
	if options.Rounds > maxRounds {
		return errorf(jwk.ErrPolicy, "passphrase hashed in %d rounds of bcrypt, want at most %d; ssh-keygen -p -a 100 -f FILE converts it",
			options.Rounds, maxRounds)
	}
	return nil
}

// beginsWith reports whether the private part, which must not be encrypted, begins with a
// public key. If so, its modulus has the size that readPublic has checked.
func (f *privateFile) beginsWith(public ssh.PublicKey) bool {
	const checks = 2 * 4 // octets: the check number, twice
	want := public.Marshal()
	if p, ok := public.(ssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey); ok { // a private key begins with n, a public key with e
		want = ssh.Marshal(struct {
			Type string
			N, E *big.Int
		}{public.Type(), p.N, big.NewInt(int64(p.E))})
	}
	return len(f.PrivateKey) > checks && bytes.HasPrefix(f.PrivateKey[checks:], want)
}

// checkCoefficient returns an error if iqmp is not the inverse of q modulo p: package ssh does
// not look at it. The private part must not be encrypted, and material must have been read
// from it, so that p and q are sound.
func (f *privateFile) checkCoefficient(material any) error {
	if _, ok := material.(*rsa.PrivateKey); !ok {
		return nil
	}
	var part struct {
		Check1, Check2      uint32
		Type                string
		N, E, D, Iqmp, P, Q *big.Int
		Rest                []byte `ssh:"rest"`
	}
	err := ssh.Unmarshal(f.PrivateKey, &part)
	if err == nil && part.Iqmp.Sign() > 0 && part.Iqmp.Cmp(part.P) < 0 {
		product := part.Q.Mul(part.Q, part.Iqmp)
		if product.Mod(product, part.P).Cmp(big.NewInt(1)) == 0 {
			return nil
		}
	}
	return errorf(jwk.ErrInvalid, "iqmp (qi of a JWK) is not the inverse of q modulo p")
}

// newPrivate makes a key from the result of package ssh. The key must be the private half of
// published.
func newPrivate(material any, published *jwk.Key) (*jwk.Key, error) {
	if p, ok := material.(*ed25519.PrivateKey); ok {
		material = *p
	}
	key, err := jwk.New(material, nil)
	if err != nil {
		return nil, err
	}
	if key.Thumbprint() != published.Thumbprint() {
		return nil, errorf(jwk.ErrInvalid, "the private key does not belong to the public one")
	}
	return key, nil
}

// MarshalPrivateKey returns a private key as a file of OpenSSH, in PEM. With a passphrase the
// key is encrypted by AES-256 in counter mode; nil writes it unencrypted. A passphrase has 1 to
// 1023 octets, because the prompt of ssh does not accept a longer one. Give the file mode 0600, or
// ssh does not use it.
//
// The passphrase is hashed in 16 rounds of bcrypt_pbkdf, which take about a tenth of a second:
// choose a long passphrase, or raise the number by ssh-keygen -p -a ROUNDS -f FILE. The format
// does not authenticate the encrypted part; ParsePrivateKey notices a change only if the key
// is no longer the same. The comment is in the encrypted part.
//
// The error is
//   - [jwk.ErrPrivate] for a public key;
//   - [jwk.ErrUnsupported] for a key that SSH does not have, such as an RSA key of more than two
//     primes;
//   - [jwk.ErrInvalid] for the zero Key, and for a comment that has control characters, or a
//     space or tab at its beginning or end;
//   - [jwk.ErrPolicy] for a passphrase that is empty but not nil, or has more than 1023 octets,
//     and for a file of more than 64 KiB.
func MarshalPrivateKey(key *jwk.Key, passphrase []byte, comment string) ([]byte, error) {
	if _, err := publicHalf(key); err != nil {
		return nil, err
	}
	if !key.IsPrivate() {
		return nil, errorf(jwk.ErrPrivate, "a public key, want a private one: MarshalAuthorizedKey writes public keys")
	}
	if err := checkComment(comment); err != nil {
		return nil, err
	}
	private := key.PrivateKey()
	if p, ok := private.(*rsa.PrivateKey); ok && len(p.Primes) != 2 {
		return nil, errorf(jwk.ErrUnsupported, "RSA key of %d primes, want 2 in an SSH key", len(p.Primes))
	}
	block, err := marshal(private, passphrase, comment)
	if err != nil {
		return nil, err
	}
	data := pem.EncodeToMemory(block)
	if len(data) > maxPrivateFile {
		return nil, errorf(jwk.ErrPolicy, "private key file of %d bytes, want at most %d", len(data), maxPrivateFile)
	}
	return data, nil
}

// marshal encodes a private key, and encrypts it unless passphrase is nil.
func marshal(private crypto.PrivateKey, passphrase []byte, comment string) (block *pem.Block, err error) {
	switch {
	case passphrase == nil:
		block, err = ssh.MarshalPrivateKey(private, comment)
	case len(passphrase) == 0:
		return nil, errorf(jwk.ErrPolicy, "the passphrase is empty: nil writes the key unencrypted")
	case len(passphrase) > maxNewPassphrase:
		return nil, errorf(jwk.ErrPolicy, "passphrase of %d octets, want at most %d, as the prompt of ssh accepts", len(passphrase), maxNewPassphrase)
	default:
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, comment, passphrase)
	}
	if err != nil {
		return nil, errorf(jwk.ErrUnsupported, "a %T has no SSH form", private)
	}
	return block, nil
}
