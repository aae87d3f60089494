package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// encryptFlags are the flags of the verb encrypt.
type encryptFlags struct {
	in         inputFlags
	out        outputFlags
	to         string
	iterations int
}

func newEncrypt() *cobra.Command {
	var f encryptFlags
	cmd := &cobra.Command{
		Use:   "encrypt [flags] FILE|URL|-",
		Short: "Encrypt a key or a set with a passphrase, or to a key",
		Long: `encrypt writes a key or a set as a JWE (RFC 7517, Section 7). jwk decrypt and
other JOSE programs read it. A set keeps its entries that cannot be used, and
its other members.

The passphrase is asked for twice, unless --passphrase-file or --passphrase-fd
gives it. Everyone who has the file can try passphrases: use a long one. With
--to KEY no passphrase is needed: only the holder of the private half can
decrypt.

A passphrase is turned into a key by 600,000 iterations of PBKDF2, so that each
guess takes long. Other programs accept fewer: jose of latchset 32,768, jwcrypto
16,384, and jose of panva 10,000. For those, use --iterations and a longer
passphrase.

Input that is encrypted already is refused.`,
		Example: `  jwk encrypt key.jwk -o key.jwe
  jwk encrypt private.jwks --to backup.pem -o private.jwe
  jwk encrypt server.pem --passphrase-file secret.txt -o server.jwe
  jwk encrypt key.jwk --iterations 32768 -o for-jose.jwe`,
		Args: arguments("FILE|URL|-"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.in.add(cmd)
	f.out.add(cmd, false)
	cmd.Flags().StringVar(&f.to, "to", "", "encrypt to the public key in the file `KEY`, or to the public half of a private key")
	cmd.Flags().IntVar(&f.iterations, "iterations", 0, "turn the passphrase into a key by `N` iterations (default 600000)")
	return cmd
}

// errEncrypted says that a document is encrypted already.
var errEncrypted = errors.New("encrypted already: jwk decrypt first, or jwk convert --encrypt for another form")

func (f *encryptFlags) run(cmd *cobra.Command, arg string) error {
	if err := f.check(arg); err != nil {
		return err
	}
	d, err := f.readPlain(cmd, arg)
	if err != nil {
		return err
	}
	if !d.IsSet() {
		if _, err := d.Key(); err != nil {
			return err
		}
	}
	tellRepairs(cmd, d)
	if d.Form != input.Set {
		warnSkipped(cmd, d) // a set in JSON keeps them
	}
	_, private, err := setJSON(d.Keys)
	if err != nil {
		return refusal(d, "%v", err)
	}
	if !private {
		warn(cmd, "%s: public keys, which need no encryption", d.Name)
	}
	if err := f.out.check(cmd, f.out.toFile()); err != nil {
		return err
	}
	o, err := f.options(cmd, d)
	if err != nil {
		return err
	}
	encrypt := d.Keys.Encrypt
	if !d.IsSet() {
		encrypt = d.Keys.At(0).Encrypt
	}
	text, err := encrypted(encrypt, o)
	switch {
	case err != nil && f.to != "":
		return wrongUsage("%w; jwk generate ECDH-ES+A256KW makes a key that can", err)
	case err != nil:
		return err
	}
	return f.out.writeEncrypted(cmd, text)
}

// check refuses flags that contradict each other.
func (f *encryptFlags) check(arg string) error {
	switch {
	case f.to == "":
		return nil
	case f.in.secret.File != "" || f.in.secret.FD >= 0:
		return wrongUsage("--to and a passphrase are both given, want one")
	case f.iterations != 0:
		return wrongUsage("--iterations is for a passphrase, and --to needs none")
	case f.to == "-" && arg == "-":
		return wrongUsage("the key of --to and the input cannot both come from standard input")
	}
	return nil
}

// readPlain reads a document that must not be encrypted.
func (f *encryptFlags) readPlain(cmd *cobra.Command, arg string) (*input.Document, error) {
	r, err := f.in.reader(cmd)
	if err != nil {
		return nil, err
	}
	r.Passphrase = func(string) ([]byte, error) { return nil, errEncrypted }
	d, err := r.Read(cmd.Context(), arg)
	if errors.Is(err, errEncrypted) || errors.Is(err, input.ErrToKey) {
		return nil, &input.Error{Name: input.Place(arg), Reason: errEncrypted.Error()}
	}
	return d, err
}

// options returns the options of package jwk that say who can decrypt the result.
func (f *encryptFlags) options(cmd *cobra.Command, d *input.Document) (*jwk.EncryptOptions, error) {
	if f.to == "" {
		secret, err := f.in.secret.New(terminal.Word(d.Name))
		if err != nil {
			return nil, trouble{err}
		}
		return &jwk.EncryptOptions{Passphrase: secret, PBES2Count: f.iterations}, nil
	}
	in := inputFlags{allowHTTP: f.in.allowHTTP, caFile: f.in.caFile, secret: f.in.secret}
	recipient, err := in.readKey(cmd, f.to)
	if err != nil {
		return nil, err
	}
	return &jwk.EncryptOptions{Recipient: recipient}, nil
}

// readKey reads a document that is one key.
func (f *inputFlags) readKey(cmd *cobra.Command, arg string) (*jwk.Key, error) {
	d, err := f.read(cmd, arg)
	if err != nil {
		return nil, err
	}
	return d.Key()
}
