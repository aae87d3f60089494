package jwk

import (
	"fmt"
	"io"
	"log/slog"
)

// Options of what is encrypted, and the limits of passphrases.

// EncryptOptions say to whom a key or set is encrypted: to whoever knows the
// Passphrase, or to the holder of Recipient. Exactly one of the two is set.
//
// Package fmt, log/slog and encoders do not show the Passphrase. These do, because they
// call no method and read no tag of the field: fmt with the verbs %p and %w, and of
// options in an unexported field of a struct; printers that are told to call no methods,
// such as spew with DisableMethods; the reports of go-cmp and testify; and encoders that
// know none of the tags.
type EncryptOptions struct {
	// Passphrase is from 1 to 4096 octets; other lengths are [ErrPolicy]. It is
	// used as it is: nothing is trimmed, no Unicode form is changed. Whoever has the
	// result can try passphrases at leisure, so it should be one that was
	// generated, or be long.
	Passphrase []byte `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"`

	// Recipient is a key that can encrypt; of a private key the public half is
	// used.
	Recipient *Key

	// PBES2Count is the number of PBKDF2 iterations that turn the Passphrase
	// into a key: the time that each guess takes. 0 means 600,000; less than
	// 1,000 and more than 1,000,000,000 are [ErrPolicy], and any but 0 beside a
	// Recipient is [ErrInvalid]. 600,000 take 0.3 to 0.5 s of one processor,
	// here and wherever the result is read. Readers limit what they accept,
	// this package to 1,000,000 unless told otherwise
	// ([DecryptOptions].MaxPBES2Count), and go-jose to that; others to far
	// less, such as 32,768 (latchset/jose), 16,384 (jwcrypto) or 10,000
	// (panva/jose): what is meant for those needs a smaller count, and a
	// passphrase that makes up for it.
	PBES2Count int

	_ struct{} // keyed literals only
}

// DecryptOptions say how to decrypt a key or set. Exactly one of Passphrase and
// Key is set. What shows the Passphrase, and what does not, is as with [EncryptOptions].
type DecryptOptions struct {
	// Passphrase is from 1 to 4096 octets; other lengths are [ErrPolicy].
	Passphrase []byte `json:"-" xml:"-" yaml:"-" toml:"-" msgpack:"-" cbor:"-" bson:"-" codec:"-" mapstructure:"-"`

	// Key is the private or symmetric key that it was encrypted to.
	Key *Key

	// MaxPBES2Count is the largest number of PBKDF2 iterations that is
	// accepted. 0 means 1,000,000, which take 0.5 to 0.9 s of one processor; more
	// are [ErrPolicy] before any work is done, because whoever made the text
	// chose the number. Less than 1,000 (RFC 7518, Section 4.8.1.2) and more than
	// 1,000,000,000 are ErrPolicy whatever this says. Any but 0 beside a Key is
	// [ErrInvalid].
	MaxPBES2Count int

	// Parser reads what was decrypted; nil means new(Parser). Its MaxBytes
	// limits the encrypted text, too.
	Parser *Parser

	_ struct{} // keyed literals only
}

const (
	encryptOptionsText = "options to encrypt"
	decryptOptionsText = "options to decrypt"
)

// String says what the options are for, and not the passphrase.
func (o EncryptOptions) String() string { return encryptOptionsText }

// Format writes String, with any verb that package fmt asks it for.
func (o EncryptOptions) Format(f fmt.State, verb rune) { io.WriteString(f, encryptOptionsText) }

// LogValue tells package slog what the options are for.
func (o EncryptOptions) LogValue() slog.Value { return slog.StringValue(encryptOptionsText) }

// GobEncode is [ErrPrivate]: encoding/gob, which reads no tags, would write the
// passphrase.
func (o EncryptOptions) GobEncode() ([]byte, error) { return nil, errNotEncoded(encryptOptionsText) }

// String says what the options are for, and not the passphrase.
func (o DecryptOptions) String() string { return decryptOptionsText }

// Format writes String, with any verb that package fmt asks it for.
func (o DecryptOptions) Format(f fmt.State, verb rune) { io.WriteString(f, decryptOptionsText) }

// LogValue tells package slog what the options are for.
func (o DecryptOptions) LogValue() slog.Value { return slog.StringValue(decryptOptionsText) }

// GobEncode is [ErrPrivate], as that of [EncryptOptions] is.
func (o DecryptOptions) GobEncode() ([]byte, error) { return nil, errNotEncoded(decryptOptionsText) }

func errNotEncoded(options string) error {
	return errorf(ErrPrivate, "%s may hold a passphrase, and are not encoded", options)
}

// A passphrase of more octets than this is none that anybody types, but a file.
const maxPassphrase = 4096

// PBKDF2 iterations.
const (
	minPBES2Count        = 1000      // RFC 7518, Section 4.8.1.2
	defaultPBES2Count    = 600_000   // written
	defaultMaxPBES2Count = 1_000_000 // read

	// About ten minutes. On every platform it is an int, and so is one more,
	// which stands for all that are larger.
	maxPBES2Count = 1_000_000_000
)

// checkPassphrase refuses what would protect nothing, and what is none.
func checkPassphrase(p []byte) error {
	switch {
	case len(p) == 0:
		return errorf(ErrPolicy, "an empty passphrase, want 1 to %d octets", maxPassphrase)
	case len(p) > maxPassphrase:
		return errorf(ErrPolicy, "a passphrase of %d octets, want at most %d", len(p), maxPassphrase)
	}
	return nil
}

// pbes2Count returns the number of iterations to write.
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

// checkPBES2Count refuses a number of iterations, found in what is to be read,
// that is too small to protect anything or larger than the caller allows. Whatever
// is larger than maxPBES2Count may be given as any such number.
func (o *DecryptOptions) checkPBES2Count(count int) error {
	stated := counted(min(count, maxPBES2Count), "iteration", "iterations")
	if count > maxPBES2Count {
		stated = "more than " + stated
	}
	most := min(orDefault(o.MaxPBES2Count, defaultMaxPBES2Count), maxPBES2Count)
	switch {
	case count < minPBES2Count:
		return errorf(ErrPolicy, "%s, want at least %d", stated, minPBES2Count)
	case most < minPBES2Count:
		return errorf(ErrPolicy, "MaxPBES2Count is %d, want at least %d", most, minPBES2Count)
	case count > most:
		return errorf(ErrPolicy, "%s, want at most %d (DecryptOptions.MaxPBES2Count)", stated, most)
	}
	return nil
}

// errDecrypt is the one answer to whatever does not decrypt: who alters a text
// must not learn how far it came (RFC 7516, Section 11.5).
func errDecrypt() error {
	return errorf(ErrDecrypt, "wrong passphrase or key, or the text was altered")
}
