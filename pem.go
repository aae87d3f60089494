package jwk

import (
	"bytes"
	"encoding/pem"
	"errors"
	"iter"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Keys in PEM (RFC 7468).

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
// A block that cannot be used is skipped, and [Set.Skipped] tells why and keeps it. A
// certificate of more than 64 KiB, or with an RSA key that [Parse] does not accept in x5c
// because of its size, is [ErrPolicy], and so is a block with more than 16 headers (lines
// with a colon after BEGIN) or 4 KiB of them.
// What is wrong with a file as a whole fails it: no block at all ([ErrSyntax]), more
// than MaxBytes or, blocks, than MaxKeys ([ErrPolicy]), and what FailFast and PublicOnly
// say. With PublicOnly a block whose BEGIN speaks of a private key, or an END alone that
// does, and a block that holds one, fail the file ([ErrPrivate]).
//
// Encrypted private keys are skipped with [ErrDecrypt]: [DecryptPEM] reads them. Those
// in the form before PKCS #8, with a Proc-Type header, are [ErrUnsupported]: MD5 is
// most of what guards them. For keys of OpenSSH see package sshkey.
func (p *Parser) ParsePEM(data []byte) (*Set, error) { return p.readPEM(data, nil) }

// readPEM reads a file, and decrypts if there are options for that.
func (p *Parser) readPEM(data []byte, opts *DecryptOptions) (*Set, error) {
	if err := p.checkSize(data); err != nil {
		return nil, err
	}
	most := orDefault(p.MaxKeys, defaultMaxKeys)
	var b bundle
	blocks, encrypted := 0, 0
	for block := range pemBlocks(data) {
		if blocks++; blocks > most {
			return nil, refuse(ErrPolicy, "more than %s", counted(most, "block", "blocks")).from(block.offset)
		}
		var key *Key
		var err error
		switch {
		case p.PublicOnly && block.private:
			return nil, errPublicOnly().from(block.offset)
		case opts != nil && block.plain():
			return nil, refuse(ErrDecrypt, "a private key that is not encrypted: ParsePEM reads it").from(block.offset)
		case block.crowded && block.label != "":
			err = refuse(ErrPolicy, "more than %d headers, or more than %d octets of them", maxPEMHeaders, maxPEMHeaderOctets)
		case block.label == labelParameters && block.parameters():
			continue
		case block.label == labelCertificate:
			b.certificate(p, block)
			continue
		case opts != nil && block.label == labelEncrypted && !block.old:
			if encrypted++; encrypted > maxDecrypted {
				err = refuse(ErrPolicy, "more than %d encrypted blocks", maxDecrypted)
				break
			}
			if key, err = p.decryptBlock(block, opts); errors.Is(err, ErrDecrypt) {
				return nil, err.(*Error).from(block.offset)
			}
		default:
			key, err = p.fromBlock(block)
		}
		b.entries = append(b.entries, &bundleEntry{block: block, key: key, err: err})
	}
	if blocks == 0 {
		return nil, refuse(ErrSyntax, "no PEM block (RFC 7468)")
	}
	b.certify(p)
	return b.set(p)
}

// DecryptPEM reads every key in a PEM file as [Parser.ParsePEM] does, with
// opts.Parser, and the blocks ENCRYPTED PRIVATE KEY (PKCS #8, RFC 5208, Section 6)
// with opts.Passphrase: those of PBES2 with PBKDF2 and AES-CBC (RFC 8018), which
// OpenSSL writes. Other schemes are [ErrUnsupported], and skipped, and so are, with
// GODEBUG=fips140=only, PBKDF2 with SHA-1 and a salt of less than 128 bits. There may be 16 such
// blocks; more are [ErrPolicy], and skipped, and so is one whose count of iterations
// is over opts.MaxPBES2Count, or 10^9.
//
// A passphrase that is wrong for one of them fails the whole file with [ErrDecrypt]. An
// altered text and a key that is not accepted, such as one of DSA, do the same with the same
// text, because PBES2 has no means to tell one from the other. A key that exceeds a limit of
// the Parser is [ErrPolicy], and skipped. A private key that is not encrypted fails
// the file with ErrDecrypt, too: anybody may have put it there. It is
// [ErrInvalid] if opts are nil, have a Key, or no Passphrase, and ErrPolicy if that is
// empty or too long.
func DecryptPEM(data []byte, opts *DecryptOptions) (*Set, error) {
	if opts == nil || opts.Key != nil || opts.Passphrase == nil {
		return nil, refuse(ErrInvalid, "a PEM file is decrypted by a Passphrase, and by that alone")
	}
	if err := checkPassphrase(opts.Passphrase); err != nil {
		return nil, err
	}
	return opts.parser().readPEM(data, opts)
}

// Each encrypted block may take as long as MaxPBES2Count iterations do.
const maxDecrypted = 16 // blocks of a file

// decryptBlock makes a key of an encrypted block.
func (p *Parser) decryptBlock(block pemBlock, opts *DecryptOptions) (*Key, error) {
	der, err := opts.decryptPBES2(block.der)
	if err != nil {
		return nil, err
	}
	return p.fromDecrypted(der)
}

// fromDecrypted makes a key of a PrivateKeyInfo that was decrypted, which it wipes. An
// altered text gets the same answer for every fault of the key. A limit of the Parser is
// named: an altered text does not reach one, because CBC garbles the block before the
// octets that an alteration chooses, and the size of a key stands after a block of DER.
func (p *Parser) fromDecrypted(der []byte) (*Key, error) {
	defer clear(der)
	key, err := p.fromDER(labelPrivate, der)
	if err != nil && !errors.Is(err, ErrPolicy) {
		return nil, errPBES2()
	}
	return key, err
}

// A pemBlock is a block of a file.
type pemBlock struct {
	offset  int
	text    []byte // all of it, and what follows
	label   string // "" if the block is malformed
	old     bool   // encrypted as RFC 1421 has it
	der     []byte
	crowded bool   // it has more headers than are read
	holds   string // the label of that, whatever the block says
	private bool   // it holds a private key, or says so
}

// plain reports whether the block holds a private key that is not encrypted, or
// would but for what is wrong with it.
func (b *pemBlock) plain() bool {
	for _, label := range [...]string{labelPrivate, labelRSAPrivate, labelECPrivate} {
		if b.holds == label || b.label == label && !b.old {
			return true
		}
	}
	return false
}

// parameters reports whether the block holds those of a curve: its name, or a
// sequence that is no key.
func (b *pemBlock) parameters() bool {
	s := cryptobyte.String(b.der)
	var content cryptobyte.String
	var tag cbasn1.Tag
	return b.holds == "" && s.ReadAnyASN1(&content, &tag) && s.Empty() &&
		(tag == cbasn1.OBJECT_IDENTIFIER || tag == cbasn1.SEQUENCE)
}

// pemBlocks yields the blocks of a file. Those that encoding/pem would pass over
// in silence it yields too: whatever begins like one, if it does so within a line,
// and what ends like one without having begun.
func pemBlocks(data []byte) iter.Seq[pemBlock] {
	begin := []byte("-----BEGIN")
	return func(yield func(pemBlock) bool) {
		start := bytes.Index(data, begin)
		before := data
		if start >= 0 {
			before = data[:start]
		}
		if !strayEnd(before, 0, yield) {
			return
		}
		for start >= 0 {
			text, next := data[start:], -1
			if n := bytes.Index(text[len(begin):], begin); n >= 0 {
				text, next = text[:len(begin)+n], start+len(begin)+n
			}
			block, rest := newPEMBlock(text, start, start == 0 || data[start-1] == '\n')
			if !yield(block) || !strayEnd(rest, start+len(text)-len(rest), yield) {
				return
			}
			start = next
		}
	}
}

// strayEnd yields the block that a text between blocks ends, if it does. It reports
// whether to go on.
func strayEnd(text []byte, offset int, yield func(pemBlock) bool) bool {
	i := bytes.Index(text, []byte("-----END"))
	return i < 0 || yield(pemBlock{offset: offset, text: text, private: saysPrivate(text[i:])})
}

// saysPrivate reports whether the first line of a text speaks of a private key.
func saysPrivate(text []byte) bool {
	line, _, _ := bytes.Cut(text[:min(len(text), maxFirstLine)], []byte("\n"))
	return bytes.Contains(bytes.ToUpper(line), []byte("PRIVATE"))
}

// newPEMBlock reads the one block in a text, and returns what follows it. Nothing of
// the text may get into an error: if its first line is damaged, what follows may be
// the key.
func newPEMBlock(text []byte, offset int, atLine bool) (b pemBlock, rest []byte) {
	b = pemBlock{offset: offset, text: text, private: saysPrivate(text)}
	first, headers, body := cutHeaders(text)
	if b.crowded = bytes.Count(headers, []byte("\n")) > maxPEMHeaders || len(headers) > maxPEMHeaderOctets; b.crowded {
		// What is in the block still tells whether it is private.
		text = slices.Concat(first, body)
	}
	block, rest := pem.Decode(text)
	if block == nil || !atLine {
		return b, nil
	}
	b.label, b.der = block.Type, block.Bytes
	b.old = strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
	b.holds = labelOf(b.der)
	b.private = b.private || strings.HasSuffix(b.holds, labelPrivate)
	return b, rest
}

// Limits of the headers of a block (RFC 1421), which encoding/pem puts into a map. Known
// blocks have two, Proc-Type and DEK-Info.
const (
	maxPEMHeaders      = 16      // lines
	maxPEMHeaderOctets = 4 << 10 // of all lines together
)

// cutHeaders cuts a block after its first line and after its headers, which are the lines
// that encoding/pem takes for them: those before the first one without a colon.
func cutHeaders(text []byte) (first, headers, body []byte) {
	_, body, _ = bytes.Cut(text, []byte("\n"))
	first = text[:len(text)-len(body)]
	rest := body
	for {
		line, next, whole := bytes.Cut(body, []byte("\n"))
		if !whole || !bytes.Contains(line, []byte(":")) {
			return first, rest[:len(rest)-len(body)], body
		}
		body = next
	}
}

// First lines that say that a private key follows are shorter than this.
const maxFirstLine = 128 // bytes

// fromBlock makes a key of a block that is no certificate.
func (p *Parser) fromBlock(block pemBlock) (*Key, error) {
	switch {
	case block.label == "":
		return nil, refuse(ErrSyntax, "not a PEM block (RFC 7468), from BEGIN at the start of a line to an END of the same label")
	case block.old:
		return nil, refuse(ErrUnsupported, "a private key encrypted in the form before PKCS #8: "+
			"convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW")
	}
	return p.fromDER(block.label, block.der)
}

// MarshalPEM returns the public key as a PEM block PUBLIC KEY, which holds what
// MarshalDER returns.
func (k *Key) MarshalPEM() ([]byte, error) { return inPEM(labelPublic, k.MarshalDER) }

// MarshalPrivatePEM returns the private key as a PEM block PRIVATE KEY, which holds
// what MarshalPrivateDER returns. The result is a secret; [Key.EncryptPEM]
// returns one that a passphrase guards.
func (k *Key) MarshalPrivatePEM() ([]byte, error) { return inPEM(labelPrivate, k.MarshalPrivateDER) }

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
