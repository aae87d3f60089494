package jwk

import (
	"fmt"
	"io"
	"log/slog"
)

// The options of encryption and decryption, and the limits of passphrases.

// EncryptOptions are options for [Key.Encrypt], [Set.Encrypt] and [Key.EncryptPEM]. They name
// who can decrypt the result: everyone who knows the Passphrase, or the holder of Recipient.
// Exactly one of the two must be set.
//
// Package fmt, log/slog and encoders do not show the Passphrase. The following show it, because
// they call no methods and read no tags of the field:
//
//   - fmt with the verbs %p and %w, and for options in an unexported field of a struct;
//   - printers that are told to call no methods, such as spew with DisableMethods;
//   - the reports of go-cmp and testify;
//   - encoders that do not know any of the tags below.
type EncryptOptions struct {
	// Passphrase has 1 to 4096 octets; other lengths are [ErrPolicy]. It is used without
	// change: nothing is trimmed, and no Unicode form is changed. An attacker who has the
	// result can try as many passphrases as they like, so generate it, or make it long.
	Passphrase []byte `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"`

	// Recipient is a key that can encrypt. If it is private, its public half is used.
	Recipient *Key

	// PBES2Count is the number of PBKDF2 iterations that turn the Passphrase into a key. It
	// determines how long each guess takes. 0 means 600,000, which take 0.3 to 0.5 s of one
	// processor, for the writer and for each reader. Less than 1,000 and more than
	// 1,000,000,000 are [ErrPolicy]. With a Recipient, a value other than 0 is [ErrInvalid].
	//
	// Readers limit the count that they accept: this package to 1,000,000 by default
	// ([DecryptOptions].MaxPBES2Count), go-jose to 1,000,000, and others to far less, such as
	// 32,768 (latchset/jose), 16,384 (jwcrypto) or 10,000 (panva/jose). Texts for those need
	// a smaller count, and a longer passphrase to make up for it.
	PBES2Count int

	_ struct{} // keyed literals only
}

// DecryptOptions are options for [DecryptKey], [DecryptSet] and [DecryptPEM]. Exactly one of
// Passphrase and Key must be set. The Passphrase is shown and hidden as in [EncryptOptions].
type DecryptOptions struct {
	// Passphrase has 1 to 4096 octets; other lengths are [ErrPolicy].
	Passphrase []byte `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"`

	// Key is the private or symmetric key that the text was encrypted to.
	Key *Key

	// MaxPBES2Count is the largest number of PBKDF2 iterations that is accepted. 0 means
	// 1,000,000, which take 0.5 to 0.9 s of one processor. A larger number in a text is
	// [ErrPolicy] before any work is done, because the number comes from the author of the
	// text. Numbers of less than 1,000 (RFC 7518, Section 4.8.1.2) and more than
	// 1,000,000,000 are always ErrPolicy. With a Key, a value other than 0 is [ErrInvalid].
	MaxPBES2Count int

	// Parser reads the decrypted text; nil means new(Parser). Its MaxBytes limits the
	// encrypted text too.
	Parser *Parser

	_ struct{} // keyed literals only
}

// parser returns the Parser for the decrypted text.
func (o *DecryptOptions) parser() *Parser {
	if o.Parser == nil {
		return new(Parser)
	}
	return o.Parser
}

const (
	encryptOptionsText = "options to encrypt"
	decryptOptionsText = "options to decrypt"
)

// String returns "options to encrypt", and never the passphrase.
func (o EncryptOptions) String() string { return encryptOptionsText }

// Format writes the result of String, for every verb except %p and %w, for which package fmt
// does not call it.
func (o EncryptOptions) Format(f fmt.State, verb rune) { io.WriteString(f, encryptOptionsText) }

// LogValue returns the result of String for package slog.
func (o EncryptOptions) LogValue() slog.Value { return slog.StringValue(encryptOptionsText) }

// GobEncode returns [ErrPrivate]: encoding/gob reads no tags, and would write the passphrase.
func (o EncryptOptions) GobEncode() ([]byte, error) { return nil, errNotEncoded(encryptOptionsText) }

// String returns "options to decrypt", and never the passphrase.
func (o DecryptOptions) String() string { return decryptOptionsText }

// Format writes the result of String, for every verb except %p and %w, for which package fmt
// does not call it.
func (o DecryptOptions) Format(f fmt.State, verb rune) { io.WriteString(f, decryptOptionsText) }

// LogValue returns the result of String for package slog.
func (o DecryptOptions) LogValue() slog.Value { return slog.StringValue(decryptOptionsText) }

// GobEncode returns [ErrPrivate]: encoding/gob reads no tags, and would write the passphrase.
func (o DecryptOptions) GobEncode() ([]byte, error) { return nil, errNotEncoded(decryptOptionsText) }

func errNotEncoded(options string) error {
	return errorf(ErrPrivate, "%s may hold a passphrase, and are not encoded", options)
}

// maxPassphrase limits passphrases. A longer one is likely to be the content of a wrong file.
const maxPassphrase = 4096 // octets

// Limits of the number of PBKDF2 iterations.
const (
	minPBES2Count        = 1000      // RFC 7518, Section 4.8.1.2
	defaultPBES2Count    = 600_000   // for encryption
	defaultMaxPBES2Count = 1_000_000 // for decryption

	// About ten minutes of work. It fits an int of 32 bits, with room for larger counts from a
	// text, which are cut to the largest int32 before checkPBES2Count sees them.
	maxPBES2Count = 1_000_000_000
)

// checkPassphrase checks the length of a passphrase.
func checkPassphrase(p []byte) error {
	switch {
	case len(p) == 0:
		return errorf(ErrPolicy, "an empty passphrase, want 1 to %d octets", maxPassphrase)
	case len(p) > maxPassphrase:
		return errorf(ErrPolicy, "a passphrase of %d octets, want at most %d", len(p), maxPassphrase)
	}
	return nil
}

// pbes2Count returns the number of iterations for encryption.
func (o *EncryptOptions) pbes2Count() (int, error) {
	count := orDefault(o.PBES2Count, defaultPBES2Count)
	switch {
	case count < minPBES2Count:
		return 0, errorf(ErrPolicy, "PBES2Count is %d, want at least %d", count, minPBES2Count)
	case count > maxPBES2Count:
		return 0, errorf(ErrPolicy, "PBES2Count is %d, want at most %d", count, maxPBES2Count)
	}
	return count, nil
}

// checkPBES2Count checks the number of iterations in a text that is to be decrypted. It must be
// large enough to protect the key, and not larger than the caller allows. If the number in the
// text is larger than maxPBES2Count, count may be another number larger than maxPBES2Count.
func (o *DecryptOptions) checkPBES2Count(count int) error {
	shown := counted(min(count, maxPBES2Count), "iteration", "iterations")
	if count > maxPBES2Count {
		shown = "more than " + shown
	}
	most := min(orDefault(o.MaxPBES2Count, defaultMaxPBES2Count), maxPBES2Count)
	switch {
	case count < minPBES2Count:
		return errorf(ErrPolicy, "%s, want at least %d", shown, minPBES2Count)
	case most < minPBES2Count:
		return errorf(ErrPolicy, "MaxPBES2Count is %d, want at least %d", most, minPBES2Count)
	case count > most:
		return errorf(ErrPolicy, "%s, want at most %d (DecryptOptions.MaxPBES2Count)", shown, most)
	}
	return nil
}

// errDecrypt returns the error for every text that does not decrypt. It is always the same,
// because a sender who alters a text must not learn how far its decryption went (RFC 7516,
// Section 11.5).
func errDecrypt() error {
	return errorf(ErrDecrypt, "wrong passphrase or key, or the text was altered")
}
