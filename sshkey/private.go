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

// Larger files are ErrPolicy, read or written. One of an RSA key with 8192 bits
// takes about 6.5 KiB.
const maxPrivateFile = 64 << 10 // bytes

// The file states how many rounds of bcrypt_pbkdf its passphrase takes: up to
// 2^32-1, as its maker chose, each about 7 ms. ssh-keygen makes it 16, careful people 100.
const maxRounds = 256

// A longer passphrase is ErrPolicy.
const (
	maxNewPassphrase = 1023 // octets, written: the prompt of ssh takes no more
	maxPassphrase    = 4096 // octets, read, as in package jwk: ssh-keygen -N takes more than the prompt
)

const (
	pemType = "OPENSSH PRIVATE KEY"
	magic   = "openssh-key-v1\x00"
)

// The ciphers that package ssh reads.
var ciphers = []string{"aes256-ctr", "aes256-cbc"}

// A privateFile is what comes after the magic string, see PROTOCOL.key.
type privateFile struct {
	Cipher     string
	KDF        string
	KDFOptions []byte
	Keys       uint32
	PublicKey  []byte
	PrivateKey []byte // encrypted, unless Cipher is "none"
	Rest       []byte `ssh:"rest"` // some ciphers put a tag there
}

// ParsePrivateKey reads a private key from a file of OpenSSH, which begins with
// "-----BEGIN OPENSSH PRIVATE KEY-----". The passphrase is nil for a key that is
// not encrypted, and only for that: it is refused where it protects nothing, as
// the file may then be anybody's. The comment is not read.
//
// The key is checked as [jwk.New] does, and the public key that stands before
// it, in the clear, must be its own. In a file that is not encrypted, iqmp of an RSA
// key must be the inverse of q modulo p. In an encrypted file iqmp is not checked,
// because package ssh decrypts the file and does not return iqmp: it is computed anew.
//
// No other PEM is read here: [jwk.ParsePEM]
// is for PKCS #8, PKCS #1 and SEC 1, and [MarshalPrivateKey] writes what it read
// as a file of OpenSSH: the way for Ed25519 in PKCS #8, which not every ssh-keygen reads
// (that of OpenSSH 9.2 does not). RSA and EC keys are also converted in place by
// ssh-keygen -p -f FILE, and so are the encrypted ones that say "Proc-Type: 4,ENCRYPTED".
//
// The error is [jwk.ErrDecrypt] for a passphrase that is wrong, missing or not
// needed, and for whatever is wrong with a key once it is decrypted: an altered text
// is not told from a wrong passphrase. It is [jwk.ErrSyntax] for what is not one
// PEM block without headers, [jwk.ErrUnsupported] for another format, key type,
// cipher (aes256-ctr and aes256-cbc are read) or more than one key, [jwk.ErrInvalid]
// for a malformed key, and [jwk.ErrPolicy] for a file of more than 64 KiB, an RSA
// key of less than 2048 or more than 8192 bits, a passphrase of more than 4096
// octets, and one that is to be hashed in more than 256 rounds of bcrypt_pbkdf.
//
// 256 rounds take about 1.8 s of one processor, and the 16 that ssh-keygen is content
// with 0.12 s. Whoever made the file chose; one of more rounds (ssh-keygen -a) is read
// once ssh-keygen -p -a 100 -f FILE has written it anew.
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
	// First the public key: its type and size are those of the private one.
	public, published, err := readPublic(file.PublicKey)
	if err != nil {
		return nil, err
	}
	if err := file.check(); err != nil {
		return nil, err
	}
	if !file.encrypted() {
		if passphrase != nil {
			return nil, errorf(jwk.ErrDecrypt, "not encrypted, and a passphrase is given")
		}
		if !file.beginsWith(public) {
			return nil, errorf(jwk.ErrInvalid, "the private %s key is malformed, or does not belong to the public one", public.Type())
		}
		material, err := ssh.ParseRawPrivateKey(data)
		if err != nil { // whose text might quote the key
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

// decodeFile reads the PEM and what it holds, and nothing that is encrypted.
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

// check makes sure that the private part can be read, and decrypted in
// reasonable time.
func (f *privateFile) check() error {
	blockSize := 8 // octets, of what is not encrypted
	if f.encrypted() {
		if err := f.checkEncryption(); err != nil {
			return err
		}
		blockSize = aes.BlockSize
	}
	if len(f.Rest) > 0 || len(f.PrivateKey)%blockSize != 0 {
		return errorf(jwk.ErrInvalid, "private part that is not in blocks of %d octets, or with something after it", blockSize)
	}
	return nil
}

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

// beginsWith reports whether the private part, which is not encrypted, begins
// with a public key. If it does, its modulus is no larger than was checked.
func (f *privateFile) beginsWith(public ssh.PublicKey) bool {
	const checks = 2 * 4 // octets: twice the same number, random in an encrypted file
	want := public.Marshal()
	if p, ok := public.(ssh.CryptoPublicKey).CryptoPublicKey().(*rsa.PublicKey); ok { // here n comes first, in a public key e
		want = ssh.Marshal(struct {
			Type string
			N, E *big.Int
		}{public.Type(), p.N, big.NewInt(int64(p.E))})
	}
	return len(f.PrivateKey) > checks && bytes.HasPrefix(f.PrivateKey[checks:], want)
}

// checkCoefficient makes sure that iqmp, in a private part that is not encrypted, is the
// inverse of q modulo p: package ssh does not look at it. Here p and q are those of the key.
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
	return errorf(jwk.ErrInvalid, "iqmp, which a JWK has as qi, is not the inverse of q modulo p")
}

// newPrivate makes a key of what package ssh has read. It must be the private
// half of the published one.
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

// MarshalPrivateKey returns a private key as a file of OpenSSH, in PEM. With a
// passphrase, of 1 to 1023 octets as ssh takes no longer one at its prompt, it is
// encrypted, by AES-256 in counter mode; nil writes it in the clear. Give the file
// mode 0600, or ssh will not use it.
//
// The passphrase is hashed in 16 rounds of bcrypt_pbkdf, about a tenth of a second:
// take a long one, or have ssh-keygen -p -a ROUNDS -f FILE hash it again.
// Nothing protects the text from being altered; ParsePrivateKey notices what
// makes it another key. The comment stands in the encrypted part.
//
// The error is [jwk.ErrPrivate] for a public key, [jwk.ErrUnsupported] for a key
// that SSH does not have, such as an RSA key of more than two primes,
// [jwk.ErrInvalid] for the zero Key and for a comment with control characters,
// or a space or tab at its beginning or end, and [jwk.ErrPolicy] for a passphrase that is
// empty and not nil or of more than 1023 octets, and a file of more than 64 KiB.
func MarshalPrivateKey(key *jwk.Key, passphrase []byte, comment string) ([]byte, error) {
	if _, err := publicHalf(key); err != nil {
		return nil, err
	}
	if !key.IsPrivate() {
		return nil, errorf(jwk.ErrPrivate, "a public key, want a private one; MarshalAuthorizedKey is for those")
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

func marshal(private crypto.PrivateKey, passphrase []byte, comment string) (block *pem.Block, err error) {
	switch {
	case passphrase == nil:
		block, err = ssh.MarshalPrivateKey(private, comment)
	case len(passphrase) == 0:
		return nil, errorf(jwk.ErrPolicy, "the passphrase is empty; nil writes the key in the clear")
	case len(passphrase) > maxNewPassphrase:
		return nil, errorf(jwk.ErrPolicy, "passphrase of %d octets, want at most %d, as the prompt of ssh", len(passphrase), maxNewPassphrase)
	default:
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, comment, passphrase)
	}
	if err != nil {
		return nil, errorf(jwk.ErrUnsupported, "a %T has no SSH form", private)
	}
	return block, nil
}
