package jwk

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"iter"
	"math"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Keys in DER and PEM (RFC 7468).

// The labels of PEM, which say what is in a block.
const (
	labelPublic      = "PUBLIC KEY"            // RFC 7468, Section 13
	labelPrivate     = "PRIVATE KEY"           // Section 10
	labelEncrypted   = "ENCRYPTED PRIVATE KEY" // Section 11
	labelCertificate = "CERTIFICATE"           // Section 5
	labelRSAPublic   = "RSA PUBLIC KEY"        // PKCS #1
	labelRSAPrivate  = "RSA PRIVATE KEY"
	labelECPrivate   = "EC PRIVATE KEY" // RFC 5915, Section 4
	labelParameters  = "EC PARAMETERS"  // as OpenSSL writes them before a key
)

// ParseDER reads one key in DER, strictly. It is new(Parser).ParseDER.
func ParseDER(der []byte) (*Key, error) { return new(Parser).ParseDER(der) }

// ParseDER reads one key in DER: a SubjectPublicKeyInfo (RFC 5280, Section
// 4.1.2.7), a PrivateKeyInfo (PKCS #8, RFC 5208, and RFC 5958), an RSAPublicKey or
// RSAPrivateKey (PKCS #1, RFC 8017, Appendix A.1), an ECPrivateKey (SEC 1, RFC 5915),
// or an X.509 certificate, which becomes the x5c of its key. It makes all checks
// that [Parser.Parse] makes, and a public key that comes with a private one
// must belong to it. The key has no kid; [Key.WithAttributes] gives it one.
//
// All types of keys have a form in DER (RFC 5480, RFC 8410, RFC 9881) except
// symmetric ones. Points must be uncompressed, curves named, and ML-DSA private keys
// come with their seed; of an expanded key beside it only the length and what names
// the public key are compared, and nothing is used. Keys that RSASSA-PSS names
// (RFC 4055) are not supported: a JWK has no place for that restriction.
//
// Errors are [*Error] and one of [ErrSyntax], [ErrInvalid], [ErrUnsupported],
// [ErrPolicy] and, with PublicOnly, [ErrPrivate]. An encrypted PrivateKeyInfo
// is [ErrDecrypt]: put it into PEM, and call [DecryptPEM].
func (p *Parser) ParseDER(der []byte) (*Key, error) {
	if err := p.checkSize(der); err != nil {
		return nil, err
	}
	label := labelOf(der)
	if label == "" {
		return nil, errDER("key")
	}
	return p.fromDER(label, der)
}

// labelOf tells what DER holds, as far as the beginning shows it.
func labelOf(der []byte) string {
	s := cryptobyte.String(der)
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, cbasn1.SEQUENCE) || !s.Empty() {
		return ""
	}
	switch {
	case seq.PeekASN1Tag(cbasn1.INTEGER) && seq.SkipASN1(cbasn1.INTEGER):
		switch {
		case seq.PeekASN1Tag(cbasn1.SEQUENCE):
			return labelPrivate
		case seq.PeekASN1Tag(cbasn1.OCTET_STRING):
			return labelECPrivate
		case !seq.SkipASN1(cbasn1.INTEGER):
			return ""
		case seq.Empty():
			return labelRSAPublic
		}
		return labelRSAPrivate
	case seq.PeekASN1Tag(cbasn1.SEQUENCE) && seq.SkipASN1(cbasn1.SEQUENCE):
		switch {
		case seq.PeekASN1Tag(cbasn1.BIT_STRING):
			return labelPublic
		case seq.PeekASN1Tag(cbasn1.OCTET_STRING):
			return labelEncrypted
		case seq.PeekASN1Tag(cbasn1.SEQUENCE):
			return labelCertificate
		}
	}
	return ""
}

// fromDER makes a key of what a label says that DER holds.
func (p *Parser) fromDER(label string, der []byte) (*Key, error) {
	switch label {
	case labelPublic:
		s := cryptobyte.String(der)
		info, ok := readPublicKeyInfo(&s)
		if !ok || !s.Empty() {
			return nil, errDER("SubjectPublicKeyInfo (RFC 5280, Section 4.1.2.7)")
		}
		return p.fromSPKI(info, nil)
	case labelPrivate:
		s := cryptobyte.String(der)
		info, ok := readPrivateKeyInfo(&s)
		if !ok || !s.Empty() {
			return nil, errDER("PrivateKeyInfo (RFC 5208, Section 5)")
		}
		return p.fromPKCS8(info)
	case labelRSAPublic:
		return p.fromSPKI(publicKeyInfo{nameRSA, der}, nil)
	case labelRSAPrivate:
		return p.fromPKCS8(privateKeyInfo{algorithmID: nameRSA, key: der})
	case labelECPrivate:
		_, _, curve, ok := readECPrivateKey(der)
		if !ok || curve == nil {
			return nil, errDER(formECPrivate + " with a named curve")
		}
		return p.fromPKCS8(privateKeyInfo{algorithmID: nameEC(curve), key: der})
	case labelCertificate:
		c, err := newCertificate(der)
		if err != nil {
			return nil, err
		}
		return p.fromChain([]certificate{c})
	case labelEncrypted:
		return nil, refuse(ErrDecrypt, "an encrypted private key, which DecryptPEM reads with a passphrase")
	case "OPENSSH PRIVATE KEY":
		return nil, refuse(ErrUnsupported, "a key of OpenSSH, which package sshkey reads")
	}
	return nil, refuse(ErrUnsupported, "a PEM block of another kind than the keys and certificates that are known")
}

// fromSPKI makes a key of a SubjectPublicKeyInfo.
func (p *Parser) fromSPKI(info publicKeyInfo, attrs *Attributes) (*Key, error) {
	k := kindNamed(info.algorithmID)
	if k == nil {
		return nil, errAlgorithm(info.algorithmID)
	}
	var w writer
	if err := k.fromSPKI(k, &w, info); err != nil {
		return nil, err
	}
	return p.strictly().compose(&w, k, attrs)
}

// fromPKCS8 makes a key of a PrivateKeyInfo.
func (p *Parser) fromPKCS8(info privateKeyInfo) (*Key, error) {
	if p.PublicOnly {
		return nil, refuse(ErrPrivate, "a private key, want public keys only")
	}
	k := kindNamed(info.algorithmID)
	if k == nil {
		return nil, errAlgorithm(info.algorithmID)
	}
	var w writer
	if err := k.fromPKCS8(k, &w, info); err != nil {
		return nil, err
	}
	key, err := p.strictly().compose(&w, k, nil)
	if err == nil && info.public != nil && !bytes.Equal(info.public, key.material.spki().key) {
		return nil, refuse(ErrInvalid, "the public key does not belong to the private one")
	}
	return key, err
}

func errAlgorithm(id algorithmID) error {
	if id.curve != nil {
		return refuse(ErrUnsupported, "algorithm %v with curve %v is not supported", id.algorithm, id.curve)
	}
	if id.algorithm.Equal(oidEC) {
		return refuse(ErrUnsupported, "an elliptic curve without a name")
	}
	return refuse(ErrUnsupported, "algorithm %v, or its parameters, are not supported", id.algorithm)
}

// strictly returns a parser for the members that DER was turned into: the size of
// the document has been checked, and what Lenient tolerates is not in it.
func (p *Parser) strictly() *Parser {
	next := *p
	next.Lenient, next.MaxBytes = false, math.MaxInt
	return &next
}

// ParsePEM reads every key in a PEM file, strictly. It is new(Parser).ParsePEM.
func ParsePEM(data []byte) (*Set, error) { return new(Parser).ParsePEM(data) }

// ParsePEM reads every block of a PEM file (RFC 7468), in their order: PUBLIC
// KEY, PRIVATE KEY, RSA PUBLIC KEY, RSA PRIVATE KEY, EC PRIVATE KEY and
// CERTIFICATE, each as [Parser.ParseDER] does. Certificates of which each is the
// issuer of the one before, by name, are a chain: it becomes the x5c of the first
// key that its leaf certifies, wherever in the file that is, and a public key of
// its own if there is none. The keys have no kid. Text between the blocks is ignored,
// and so are EC PARAMETERS, which the key after them has as well.
//
// A block that cannot be used is skipped, and [Set.Skipped] tells why and keeps it.
// What is wrong with a file as a whole fails it: no block at all ([ErrSyntax]), more
// than MaxBytes or, blocks, than MaxKeys ([ErrPolicy]), and what FailFast and PublicOnly
// say. With PublicOnly a block whose first line speaks of a private key, and one that
// holds one, fails the file ([ErrPrivate]).
//
// Encrypted private keys are skipped with [ErrDecrypt]: [DecryptPEM] reads them. Those
// in the form before PKCS #8, with a Proc-Type header, are [ErrUnsupported]: MD5 is
// most of what guards them. For keys of OpenSSH see package sshkey.
func (p *Parser) ParsePEM(data []byte) (*Set, error) { return p.readPEM(data, p.fromBlock) }

// readPEM reads a file. read makes a key of a block that is no certificate.
func (p *Parser) readPEM(data []byte, read func(block pemBlock) (*Key, error)) (*Set, error) {
	if err := p.checkSize(data); err != nil {
		return nil, err
	}
	most := orDefault(p.MaxKeys, defaultMaxKeys)
	var b bundle
	n := 0
	for block := range pemBlocks(data) {
		if n++; n > most {
			return nil, refuse(ErrPolicy, "more than %d blocks", most).from(block.offset)
		}
		if p.PublicOnly && block.private {
			return nil, refuse(ErrPrivate, "a private key, want public keys only").from(block.offset)
		}
		switch {
		case block.der != nil && block.label == labelCertificate:
			b.certificate(block)
		case block.der != nil && block.label == labelParameters:
		default:
			key, err := read(block)
			b.entries = append(b.entries, bundleEntry{block: block, key: key, err: err})
		}
	}
	if n == 0 {
		return nil, refuse(ErrSyntax, "no PEM block (RFC 7468)")
	}
	b.certify(p)
	return b.set(p)
}

// DecryptPEM reads every key in a PEM file as [Parser.ParsePEM] does, with
// opts.Parser, and the blocks ENCRYPTED PRIVATE KEY (PKCS #8, RFC 5208, Section 6)
// with opts.Passphrase: those of PBES2 with PBKDF2 and AES-CBC (RFC 8018), which
// OpenSSL writes. Other schemes are [ErrUnsupported], and skipped. There may be 16 such
// blocks; more are [ErrPolicy], and skipped, and so is one whose count of iterations
// is over opts.MaxPBES2Count.
//
// A passphrase that is wrong for one of them fails the whole file with [ErrDecrypt], and
// so does a private key that is not encrypted: anybody may have put it there. It is
// [ErrInvalid] if opts are nil, have a Key, or no Passphrase, and ErrPolicy if that is
// empty or too long.
func DecryptPEM(data []byte, opts *DecryptOptions) (*Set, error) {
	if opts == nil || opts.Key != nil || opts.Passphrase == nil {
		return nil, refuse(ErrInvalid, "a PEM file is decrypted by a Passphrase, and by that alone")
	}
	if err := checkPassphrase(opts.Passphrase); err != nil {
		return nil, err
	}
	p := opts.parser()
	var fatal error
	decrypted := 0
	s, err := p.readPEM(data, func(block pemBlock) (*Key, error) {
		switch {
		case fatal != nil:
			return nil, fatal // of an earlier block
		case block.label == labelEncrypted && !block.old:
			if decrypted++; decrypted > maxDecrypted {
				return nil, refuse(ErrPolicy, "more than %d encrypted blocks", maxDecrypted)
			}
			key, err := p.decryptBlock(block, opts)
			if errors.Is(err, ErrDecrypt) {
				fatal = err.(*Error).from(block.offset)
			}
			return key, err
		case !block.old && block.holds != labelEncrypted && strings.HasSuffix(block.holds, labelPrivate):
			fatal = refuse(ErrDecrypt, "a private key that is not encrypted: ParsePEM reads it").from(block.offset)
			return nil, fatal
		}
		return p.fromBlock(block)
	})
	if fatal != nil {
		return nil, fatal
	}
	return s, err
}

// Each encrypted block may take as long as MaxPBES2Count iterations do.
const maxDecrypted = 16 // blocks of a file

// decryptBlock makes a key of an encrypted block.
func (p *Parser) decryptBlock(block pemBlock, opts *DecryptOptions) (*Key, error) {
	der, err := opts.decryptPBES2(block.der)
	if err != nil {
		return nil, err
	}
	defer clear(der)
	key, err := p.fromDER(labelPrivate, der)
	if errors.Is(err, ErrSyntax) { // what a wrong passphrase makes of it
		return nil, errDecrypt()
	}
	return key, err
}

// A pemBlock is a block of a file.
type pemBlock struct {
	offset  int
	text    []byte // all of it, and what follows
	label   string
	old     bool   // encrypted as RFC 1421 has it
	der     []byte // nil if the block is malformed
	holds   string // the label of that, whatever the block says
	private bool   // it holds a private key, or says so
}

// pemBlocks yields the blocks of a file. Those that encoding/pem would pass over
// in silence it yields too: whatever begins like one, if it does so within a line.
func pemBlocks(data []byte) iter.Seq[pemBlock] {
	begin := []byte("-----BEGIN")
	return func(yield func(pemBlock) bool) {
		start := bytes.Index(data, begin)
		for start >= 0 {
			text, next := data[start:], -1
			if n := bytes.Index(text[len(begin):], begin); n >= 0 {
				text, next = text[:len(begin)+n], start+len(begin)+n
			}
			if !yield(newPEMBlock(text, start, start == 0 || data[start-1] == '\n')) {
				return
			}
			start = next
		}
	}
}

// newPEMBlock reads the one block in a text. Nothing of the text may get into an
// error: if its first line is damaged, what follows may be the key.
func newPEMBlock(text []byte, offset int, atLine bool) pemBlock {
	b := pemBlock{offset: offset, text: text}
	line, _, _ := bytes.Cut(text[:min(len(text), maxFirstLine)], []byte("\n"))
	b.private = bytes.Contains(bytes.ToUpper(line), []byte("PRIVATE"))
	if block, _ := pem.Decode(text); block != nil && atLine {
		b.label, b.der = block.Type, block.Bytes
		b.old = strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
		b.holds = labelOf(b.der)
		b.private = b.private || strings.HasSuffix(b.holds, labelPrivate)
	}
	return b
}

// First lines that say that a private key follows are shorter than this.
const maxFirstLine = 128 // bytes

// fromBlock makes a key of a block that is no certificate.
func (p *Parser) fromBlock(block pemBlock) (*Key, error) {
	switch {
	case block.der == nil:
		return nil, refuse(ErrSyntax, "not a PEM block (RFC 7468), from BEGIN at the start of a line to an END of the same label")
	case block.old:
		return nil, refuse(ErrUnsupported, "a private key encrypted in the form before PKCS #8: "+
			"convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW")
	}
	return p.fromDER(block.label, block.der)
}

// A bundle is a PEM file that is being read.
type bundle struct {
	entries []bundleEntry
	chain   int // 1 + where the last chain is
}

// A bundleEntry is a key, a chain, or an error.
type bundleEntry struct {
	block pemBlock
	key   *Key
	chain []certificate
	err   error
}

// A certificate is one that has not been parsed, but for what keys need of it.
type certificate struct {
	der []byte
	certificateInfo
}

func newCertificate(der []byte) (c certificate, err error) {
	info, ok := readCertificate(der)
	if !ok {
		return c, refuse(ErrInvalid, "not an X.509 certificate in DER")
	}
	return certificate{der, info}, nil
}

// fromChain makes a key of a chain, of which there is at least one.
func (p *Parser) fromChain(chain []certificate) (*Key, error) {
	return p.fromSPKI(chain[0].spki, &Attributes{Certificates: unparsed(chain)})
}

// unparsed returns as much of certificates as Attributes write.
func unparsed(chain []certificate) []*x509.Certificate {
	list := make([]*x509.Certificate, len(chain))
	for i, c := range chain {
		list[i] = &x509.Certificate{Raw: c.der}
	}
	return list
}

// certificate adds a certificate, to the last chain if it is the issuer of what
// that ends with.
func (b *bundle) certificate(block pemBlock) {
	c, err := newCertificate(block.der)
	if err != nil {
		b.entries = append(b.entries, bundleEntry{block: block, err: err})
		return
	}
	if b.chain > 0 {
		chain := &b.entries[b.chain-1].chain
		last := (*chain)[len(*chain)-1]
		if bytes.Equal(last.issuer, c.subject) && !bytes.Equal(last.issuer, last.subject) {
			*chain = append(*chain, c)
			return
		}
	}
	b.entries = append(b.entries, bundleEntry{block: block, chain: []certificate{c}})
	b.chain = len(b.entries)
}

// certify gives each chain to a key, or makes one of it.
func (b *bundle) certify(p *Parser) {
	keys := make(map[Thumbprint]int)
	for i, e := range b.entries {
		if e.key == nil {
			continue
		}
		if _, before := keys[e.key.Thumbprint()]; !before {
			keys[e.key.Thumbprint()] = i
		}
	}
	for i := range b.entries {
		e := &b.entries[i]
		if e.chain == nil {
			continue
		}
		if e.key, e.err = p.fromChain(e.chain); e.err != nil {
			continue
		}
		at, found := keys[e.key.Thumbprint()]
		if !found {
			continue
		}
		certified, err := b.entries[at].key.WithAttributes(Attributes{Certificates: unparsed(e.chain)})
		if err != nil {
			e.key, e.err = nil, err
			continue
		}
		// The next chain of this key, if there is one, is a key of its own.
		b.entries[at].key, e.key = certified, nil
		delete(keys, certified.Thumbprint())
	}
}

// set makes the set.
func (b *bundle) set(p *Parser) (*Set, error) {
	s := new(set)
	for _, e := range b.entries {
		place := len(s.keys) + len(s.skipped)
		switch {
		case e.key != nil:
			s.keys = append(s.keys, e.key)
		case e.err != nil:
			err := *e.err.(*Error) // as every error of this package's doors
			err.under(entryPointer(place)).from(e.block.offset)
			if p.FailFast {
				return nil, &err
			}
			text := &document{string(e.block.text)}
			s.skipped = append(s.skipped, skipped{
				part: part{text, span{0, len(text.text)}}, pem: true, after: len(s.keys), err: err,
			})
		}
	}
	return s.done(), nil
}

// MarshalPEM returns the public key as a PEM block PUBLIC KEY, which holds what
// MarshalDER returns.
func (k *Key) MarshalPEM() ([]byte, error) { return inPEM(labelPublic, k.MarshalDER) }

// MarshalDER returns the public key as a SubjectPublicKeyInfo (RFC 5280, Section
// 4.1.2.7), also of a private key. Of its other members none has a place there.
// The error is [ErrUnsupported] for a symmetric key, and [ErrInvalid] for the zero Key.
func (k *Key) MarshalDER() ([]byte, error) {
	if k.key == nil {
		return nil, errNoKey()
	}
	if k.kind.algorithms == nil {
		return nil, refuse(ErrUnsupported, "%s keys have no form in DER", k.kind.name())
	}
	return k.material.spki().der()
}

// MarshalPrivatePEM returns the private key as a PEM block PRIVATE KEY, which holds
// what MarshalPrivateDER returns. The result is a secret; [Key.EncryptPEM]
// returns one that a passphrase guards.
func (k *Key) MarshalPrivatePEM() ([]byte, error) { return inPEM(labelPrivate, k.MarshalPrivateDER) }

// MarshalPrivateDER returns the private key as a PrivateKeyInfo (PKCS #8, RFC 5208,
// Section 5); of an ML-DSA key that is the seed (RFC 9881, Section 6). The result
// is a secret. The error is [ErrPrivate] if the key is public, [ErrUnsupported] for a
// symmetric key, and [ErrInvalid] for the zero Key.
func (k *Key) MarshalPrivateDER() ([]byte, error) {
	if k.key == nil {
		return nil, errNoKey()
	}
	if k.kind.algorithms == nil {
		return nil, refuse(ErrUnsupported, "%s keys have no form in DER", k.kind.name())
	}
	if !k.private {
		return nil, refuse(ErrPrivate, "the key is public, and has no private form")
	}
	return k.material.pkcs8().der()
}

// EncryptPEM returns the private key as a PEM block ENCRYPTED PRIVATE KEY (PKCS #8,
// RFC 5208, Section 6), encrypted with opts.Passphrase by PBES2 (RFC 8018): PBKDF2
// with HMAC-SHA-256, a salt of 128 bits and opts.PBES2Count iterations, and
// AES-256-CBC. OpenSSL reads it, and [DecryptPEM]. PBES2 does not notice every
// alteration of the text: where that matters, [Key.Encrypt] does.
//
// Errors are those of [Key.MarshalPrivateDER]; [ErrPolicy] for a passphrase or count out
// of range; and [ErrInvalid] if opts are nil, have a Recipient, or no Passphrase.
func (k *Key) EncryptPEM(opts *EncryptOptions) ([]byte, error) {
	if opts == nil || opts.Recipient != nil || opts.Passphrase == nil {
		return nil, refuse(ErrInvalid, "a PEM file is encrypted to a Passphrase, and to that alone")
	}
	if err := checkPassphrase(opts.Passphrase); err != nil {
		return nil, err
	}
	der, err := k.MarshalPrivateDER()
	if err != nil {
		return nil, err
	}
	defer clear(der)
	return inPEM(labelEncrypted, func() ([]byte, error) { return opts.encryptPBES2(der) })
}

// inPEM puts DER into a block.
func inPEM(label string, marshal func() ([]byte, error)) ([]byte, error) {
	der, err := marshal()
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}), nil
}
