package jwk

import (
	"bytes"
	"encoding/pem"
	"errors"
)

// Keys in PEM (RFC 7468).

// ParsePEM reads every key in a PEM file, strictly. It is new(Parser).ParsePEM.
func ParsePEM(data []byte) (*Set, error) { return new(Parser).ParsePEM(data) }

// ParsePEM reads every block of a PEM file (RFC 7468), in their order: PUBLIC
// KEY, PRIVATE KEY, RSA PUBLIC KEY, RSA PRIVATE KEY, EC PRIVATE KEY and
// CERTIFICATE, each as [Parser.ParseDER] does. The keys have no kid. Text between the
// blocks is ignored, and so are EC PARAMETERS, which the key after them has as well.
//
// Certificates are ordered by the names of their subjects and issuers; their order in the
// file matters only if several have the same name. A certificate that issued no other
// certificate of the file is a leaf. It and its issuers, of at most 10 certificates, are a
// chain. The chain becomes the x5c of the first key of the file that the leaf certifies. If
// the file has no such key, or if that key has a chain already, as with a renewed
// certificate, the chain becomes a public key of its own. The certificate of an authority
// that issued another certificate of the file does not become a key. It begins the x5c of
// the authority's own key if that key is in the file, and it is skipped if it is in no chain.
//
// With Lenient, these are read too, and reported in the Deviations of the key: a byte
// order mark before the file; blocks whose lines end in a carriage return, a blank, the two
// characters \n, or not at all, as editors and environment variables leave them; and blocks
// with the label of another form of key, such as PKCS #8 in RSA PRIVATE KEY. A private key
// in a block with a public label, and a public key in one with a private label, are refused.
//
// A block that cannot be used is skipped, and [Set.Skipped] tells why and keeps it. A
// certificate of more than 64 KiB, or with an RSA key that [Parse] does not accept in x5c
// because of its size, is [ErrPolicy], and so is a block with more than 16 headers (lines
// with a colon after BEGIN) or 4 KiB of them. A chain is ErrPolicy if the certificates that
// chains share add up to more than four times the size of the file.
//
// The file fails if it has no key that can be used: the error is the reason of the first
// block, and its text says how many more cannot be used. It also fails if it has no block at
// all ([ErrSyntax]), if it exceeds MaxBytes or has more blocks than MaxKeys ([ErrPolicy]),
// and for what FailFast and PublicOnly say. With PublicOnly a block whose BEGIN speaks of a
// private key, or an END without BEGIN that does, and a block that holds one, fail the file
// ([ErrPrivate]).
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
	b := bundle{size: len(data), marked: p.Lenient && bytes.HasPrefix(data, []byte(byteOrderMark))}
	blocks, encrypted := 0, 0
	for block := range pemBlocks(data) {
		if blocks++; blocks > most {
			return nil, errorf(ErrPolicy, "more than %s", counted(most, "block", "blocks")).atOffset(block.offset)
		}
		block.number = blocks
		var key *Key
		var err error
		switch {
		case p.PublicOnly && block.private:
			return nil, errPublicOnly().atOffset(block.offset)
		case opts != nil && block.plain():
			return nil, errorf(ErrDecrypt, "a private key that is not encrypted: ParsePEM reads it").atOffset(block.offset)
		case block.crowded && block.label != "":
			err = errorf(ErrPolicy, "more than %d headers, or more than %d octets of them", maxPEMHeaders, maxPEMHeaderOctets)
		case block.fault != nil && !(p.Lenient && block.label != ""):
			err = block.fault
		case block.label == labelParameters && block.parameters():
			continue
		case block.label == labelCertificate:
			b.certificate(p, block)
			continue
		case opts != nil && block.label == labelEncrypted && !block.old:
			if encrypted++; encrypted > maxDecrypted {
				err = errorf(ErrPolicy, "more than %d encrypted blocks", maxDecrypted)
				break
			}
			if key, err = p.decryptBlock(block, opts); errors.Is(err, ErrDecrypt) {
				return nil, err.(*Error).atOffset(block.offset)
			}
		default:
			key, err = p.fromBlock(block)
		}
		b.entries = append(b.entries, &bundleEntry{block: block, key: key.addDeviations(block.met()), err: err})
	}
	if blocks == 0 {
		return nil, p.elsewhere(doorPEM, data, errorf(ErrSyntax, "no PEM block (RFC 7468)"))
	}
	b.certify(p)
	s, err := b.set(p)
	if err != nil { // the blocks may be strings of another form, such as a service account file
		return nil, p.elsewhere(doorPEM, data, err)
	}
	return s, nil
}

// DecryptPEM reads every key in a PEM file as [Parser.ParsePEM] does, with
// opts.Parser, and the blocks ENCRYPTED PRIVATE KEY (PKCS #8, RFC 5208, Section 6)
// with opts.Passphrase, if they use PBES2 with PBKDF2 and AES-CBC (RFC 8018), as OpenSSL
// does. Other schemes, such as PBES1 and 3DES, are [ErrUnsupported], and skipped;
// the error names the command that converts the key. With GODEBUG=fips140=only, PBKDF2 with
// SHA-1 and a salt of less than 128 bits are skipped too. There may be 16 encrypted
// blocks; more are [ErrPolicy], and skipped, and so is one whose count of iterations
// is over opts.MaxPBES2Count, or 10^9. As with ParsePEM, a file without a key that can be
// used fails.
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
		return nil, errorf(ErrInvalid, "a PEM file is decrypted by a Passphrase, and by that alone")
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

// fromBlock makes a key of a block that is not a certificate.
func (p *Parser) fromBlock(block pemBlock) (*Key, error) {
	if block.old {
		return nil, errorf(ErrUnsupported, "a private key encrypted in the form before PKCS #8: "+convertPKCS8)
	}
	if !block.mislabeled() {
		return p.fromDER(block.label, block.der)
	}
	wayOut := ""
	if block.exchanged() {
		wayOut = " (Parser.Lenient accepts it)"
	}
	met := p.tolerance()
	if wayOut == "" || !met.allows("", DeviationLabel) {
		return nil, errorf(ErrSyntax, "%s in a block %s, want %s%s", contentOf(block.holds), block.label, block.holds, wayOut)
	}
	key, err := p.fromDER(block.holds, block.der)
	return key.addDeviations(met), err
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
		return nil, errorf(ErrInvalid, "a PEM file is encrypted to a Passphrase, and to that alone")
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
