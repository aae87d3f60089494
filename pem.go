package jwk

import (
	"bytes"
	"encoding/pem"
	"errors"
)

// Keys in PEM (RFC 7468). A file is read in three steps: its blocks are found (pem_block.go),
// keys are made from them (this file), and certificates are put together into chains and given
// to the keys (pem_bundle.go).

// ParsePEM reads every key in a PEM file, strictly. It is new(Parser).ParsePEM.
func ParsePEM(data []byte) (*Set, error) { return new(Parser).ParsePEM(data) }

// ParsePEM reads the keys and certificates of a PEM file (RFC 7468) in order. It reads the
// blocks PUBLIC KEY, PRIVATE KEY, RSA PUBLIC KEY, RSA PRIVATE KEY, EC PRIVATE KEY and
// CERTIFICATE, and their content as [Parser.ParseDER] does. The keys have no kid. Text between
// the blocks is ignored. EC PARAMETERS are ignored too, because the key after them names its
// curve.
//
// Encrypted private keys are skipped with [ErrDecrypt]: [DecryptPEM] reads them. Private keys
// that were encrypted in the form before PKCS #8, with a Proc-Type header, are
// [ErrUnsupported], because little more than MD5 protects them. For keys of OpenSSH see
// package sshkey.
//
// Certificates are put into chains by the names of their subjects and issuers. Their order in
// the file matters only if several have the same name.
//
//   - A certificate that issued no other certificate of the file is a leaf. The leaf and its
//     issuers, at most 10 certificates, are a chain.
//   - The chain becomes the x5c of the first key of the file that the leaf certifies.
//   - If the file has no such key, or if that key has a chain already, as with a renewed
//     certificate, the chain becomes a public key of its own.
//   - The certificate of an authority that issued another certificate of the file does not
//     become a key. If the authority's own key is in the file, the certificate begins the x5c
//     of that key. If the certificate is in no chain, it is skipped.
//
// With Lenient, ParsePEM also reads the following, and reports it in the Deviations of the key:
//
//   - a byte order mark before the file;
//   - blocks whose lines end in a carriage return, a blank, the two characters \n, or not at
//     all, as editors and environment variables leave them;
//   - blocks with the label of another form of key, such as PKCS #8 in RSA PRIVATE KEY. A
//     private key in a block with a public label is refused, and so is a public key in a block
//     with a private label.
//
// A block that cannot be used is skipped. [Set.Skipped] returns it with the reason. These
// limits are [ErrPolicy]:
//
//   - a certificate of more than 64 KiB, or with an RSA key whose size [Parse] does not accept
//     in x5c;
//   - a block with more than 16 headers (lines with a colon after BEGIN) or 4 KiB of them;
//   - a chain, if the certificates that are in several chains add up to more than four times
//     the size of the file.
//
// The whole file fails if
//
//   - it has no block at all ([ErrSyntax]);
//   - it has no key that can be used: the error is the reason of the first block, and its text
//     says how many more blocks cannot be used;
//   - it exceeds MaxBytes or has more blocks than MaxKeys ([ErrPolicy]);
//   - FailFast is set and a block cannot be used;
//   - PublicOnly is set, and a block holds a private key, or a BEGIN line mentions one, or an
//     END line without BEGIN does ([ErrPrivate]).
func (p *Parser) ParsePEM(data []byte) (*Set, error) { return p.readPEM(data, nil) }

// DecryptPEM reads every key in a PEM file as [Parser.ParsePEM] does, with opts.Parser, and
// decrypts the blocks ENCRYPTED PRIVATE KEY (PKCS #8, RFC 5208, Section 6) with
// opts.Passphrase. They must use PBES2 with PBKDF2 and AES-CBC (RFC 8018), as OpenSSL does.
//
// These blocks are skipped:
//
//   - keys encrypted by other schemes, such as PBES1 and 3DES ([ErrUnsupported]): the error
//     names the command that converts the key;
//   - with GODEBUG=fips140=only, keys that use PBKDF2 with SHA-1 or with a salt of less than
//     128 bits (ErrUnsupported);
//   - the encrypted blocks after the first 16 ([ErrPolicy]);
//   - a key with more iterations than opts.MaxPBES2Count or 1,000,000,000 (ErrPolicy);
//   - a key that exceeds a limit of the Parser (ErrPolicy).
//
// As with ParsePEM, a file without a key that can be used fails. The whole file also fails
//
//   - with [ErrDecrypt] if the passphrase is wrong for one block, a text was altered, or a key
//     is not accepted, such as a DSA key. The text of the error is the same for all of these,
//     because PBES2 cannot distinguish them;
//   - with ErrDecrypt if it has a private key that is not encrypted: anyone may have put it
//     there;
//   - with [ErrInvalid] if opts are nil, have a Key, or have no Passphrase;
//   - with ErrPolicy if the Passphrase is empty or too long.
func DecryptPEM(data []byte, opts *DecryptOptions) (*Set, error) {
	if opts == nil || opts.Key != nil || opts.Passphrase == nil {
		return nil, errorf(ErrInvalid, "want a Passphrase, and no Key, to decrypt a PEM file with")
	}
	if err := checkPassphrase(opts.Passphrase); err != nil {
		return nil, err
	}
	return opts.parser().readPEM(data, opts)
}

// readPEM reads a file. It decrypts keys if opts are not nil.
func (p *Parser) readPEM(data []byte, opts *DecryptOptions) (*Set, error) {
	if err := p.checkSize(data); err != nil {
		return nil, err
	}
	most := orDefault(p.MaxKeys, defaultMaxKeys)
	blocks := 0
	r := pemReader{parser: p, opts: opts}
	b := bundle{size: len(data), marked: p.Lenient && bytes.HasPrefix(data, []byte(byteOrderMark))}
	for block := range pemBlocks(data) {
		if blocks++; blocks > most {
			return nil, errorf(ErrPolicy, "more than %s", counted(most, "block", "blocks")).atOffset(block.offset)
		}
		block.number = blocks
		entry, err := r.read(block)
		if err != nil {
			return nil, err.atOffset(block.offset)
		}
		if entry != nil {
			b.entries = append(b.entries, entry)
		}
	}
	if blocks == 0 {
		return nil, p.elsewhere(doorPEM, data, errorf(ErrSyntax, "no PEM block (RFC 7468)"))
	}
	b.certify(p)
	s, err := b.set(p)
	if err != nil { // the blocks may be strings in another form, such as a service account file
		return nil, p.elsewhere(doorPEM, data, err)
	}
	return s, nil
}

// A pemReader makes keys and certificates from the blocks of a file.
type pemReader struct {
	parser    *Parser
	opts      *DecryptOptions // nil if nothing is decrypted
	encrypted int             // number of encrypted blocks so far
}

// read makes an entry from a block. The entry is nil if the block is ignored. An error fails
// the whole file; the reason why only this block cannot be used is in the entry.
func (r *pemReader) read(block pemBlock) (*bundleEntry, *Error) {
	p := r.parser
	e := &bundleEntry{block: block}
	switch {
	case p.PublicOnly && block.private:
		return nil, errPublicOnly()
	case r.opts != nil && block.isUnencryptedPrivate():
		return nil, errorf(ErrDecrypt, "a private key that is not encrypted: ParsePEM reads it")
	case block.tooManyHeaders && block.label != "":
		e.err = errorf(ErrPolicy, "more than %d headers, or more than %d octets of headers", maxPEMHeaders, maxPEMHeaderOctets)
	case block.fault != nil && !(p.Lenient && block.label != ""):
		e.err = block.fault
	case block.isParameters():
		return nil, nil
	case block.label == labelCertificate:
		e.certificate, e.err = p.readCertificate(block.der)
		return e, nil
	case r.opts != nil && block.label == labelEncrypted && !block.legacyEncrypted:
		if e.key, e.err = r.decrypt(&block); errors.Is(e.err, ErrDecrypt) {
			return nil, e.err.(*Error)
		}
	default:
		e.key, e.err = p.fromBlock(&block)
	}
	e.key.addDeviations(block.deviations())
	return e, nil
}

// maxDecrypted limits the encrypted blocks of a file, because each of them may cost
// MaxPBES2Count iterations.
const maxDecrypted = 16 // blocks

// decrypt makes a key from an encrypted block.
func (r *pemReader) decrypt(block *pemBlock) (*Key, error) {
	if r.encrypted++; r.encrypted > maxDecrypted {
		return nil, errorf(ErrPolicy, "more than %d encrypted blocks", maxDecrypted)
	}
	der, err := r.opts.decryptPBES2(block.der)
	if err != nil {
		return nil, err
	}
	return r.parser.fromDecrypted(der)
}

// fromDecrypted makes a key from a decrypted PrivateKeyInfo, which it wipes.
//
// The error is the same for every fault of the key, so that it does not show how an altered
// text was decrypted. Only a limit of the Parser is named, because an attacker cannot make an
// altered text exceed a limit: CBC garbles the block before the octets that an attacker
// chooses, and the size of a key comes after at least one block of DER.
func (p *Parser) fromDecrypted(der []byte) (*Key, error) {
	defer clear(der)
	key, err := p.fromDER(labelPrivate, der)
	if err != nil && !errors.Is(err, ErrPolicy) {
		return nil, errPBES2()
	}
	return key, err
}

// fromBlock makes a key from a block that holds neither a certificate nor a text to decrypt.
func (p *Parser) fromBlock(block *pemBlock) (*Key, error) {
	if block.legacyEncrypted {
		return nil, errorf(ErrUnsupported, "a private key encrypted in the form before PKCS #8: "+convertPKCS8)
	}
	if !block.isMislabeled() {
		return p.fromDER(block.label, block.der)
	}
	wayOut := ""
	if block.labelMatchesPrivacy() {
		wayOut = " (Parser.Lenient accepts it)"
	}
	deviations := p.tolerance()
	if wayOut == "" || !deviations.allows("", DeviationLabel) {
		return nil, errorf(ErrSyntax, "%s in a block %s, want %s%s", formOf(block.contentLabel), block.label, block.contentLabel, wayOut)
	}
	key, err := p.fromDER(block.contentLabel, block.der)
	return key.addDeviations(deviations), err
}

// MarshalPEM returns the public key as a PEM block PUBLIC KEY with the result of
// [Key.MarshalDER].
func (k *Key) MarshalPEM() ([]byte, error) { return inPEM(labelPublic, k.MarshalDER) }

// MarshalPrivatePEM returns the private key as a PEM block PRIVATE KEY with the result of
// [Key.MarshalPrivateDER]. The block is a secret. [Key.EncryptPEM] returns one that a
// passphrase protects.
func (k *Key) MarshalPrivatePEM() ([]byte, error) { return inPEM(labelPrivate, k.MarshalPrivateDER) }

// EncryptPEM returns the private key as a PEM block ENCRYPTED PRIVATE KEY (PKCS #8, RFC 5208,
// Section 6). OpenSSL and [DecryptPEM] read it.
//
// The key is encrypted with opts.Passphrase by PBES2 (RFC 8018): PBKDF2 with HMAC-SHA-256, a
// salt of 128 bits and opts.PBES2Count iterations, and AES-256-CBC. PBES2 does not notice every
// alteration of the text. If that matters, use [Key.Encrypt].
//
// The error is [ErrInvalid] if opts are nil, have a Recipient or have no Passphrase; [ErrPolicy]
// for a Passphrase or PBES2Count out of range; or an error of [Key.MarshalPrivateDER].
func (k *Key) EncryptPEM(opts *EncryptOptions) ([]byte, error) {
	if opts == nil || opts.Recipient != nil || opts.Passphrase == nil {
		return nil, errorf(ErrInvalid, "want a Passphrase, and no Recipient, to encrypt a PEM file with")
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

// inPEM returns the result of marshal in a block.
func inPEM(label string, marshal func() ([]byte, error)) ([]byte, error) {
	der, err := marshal()
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}), nil
}
