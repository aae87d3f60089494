package main

import (
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// decryptFlags are the flags of the verb decrypt.
type decryptFlags struct {
	in            inputFlags
	out           outputFlags
	key           string
	maxIterations int
}

func newDecrypt() *cobra.Command {
	var f decryptFlags
	cmd := &cobra.Command{
		Use:   "decrypt [flags] FILE|-",
		Short: "Decrypt a key or a set with a passphrase or a key",
		Long: `decrypt writes the key or the set in a JWE as JSON. Encrypted PEM and encrypted
files of OpenSSH are decrypted too, and keep their form.

The passphrase is asked for, unless --passphrase-file or --passphrase-fd gives
it. If the text was encrypted to a key, --key names the file with its private
half.

The author of the text chose how many iterations of PBKDF2 it takes to decrypt
it. More than 1,000,000 are refused, because they would keep the processor busy:
--max-iterations raises the limit.

Input that is not encrypted is refused, with the exit code 1. It is 2 if the
passphrase or the key is wrong, or the text was altered.`,
		Example: `  jwk decrypt key.jwe -o key.jwk
  jwk decrypt --key backup.jwk private.jwe -o private.jwks
  jwk decrypt --passphrase-file secret.txt key.jwe | jwk inspect -`,
		Args: arguments("FILE|-"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.in.add(cmd)
	f.out.add(cmd, true)
	cmd.Flags().StringVar(&f.key, "key", "", "decrypt with the private or symmetric key in the file `KEY`")
	cmd.Flags().IntVar(&f.maxIterations, "max-iterations", 0, "accept up to `N` iterations (default 1000000)")
	return cmd
}

func (f *decryptFlags) run(cmd *cobra.Command, arg string) error {
	if err := f.check(arg); err != nil {
		return err
	}
	if err := f.out.check(cmd, true); err != nil {
		return err
	}
	r, err := f.in.reader(cmd)
	if err != nil {
		return err
	}
	r.MaxIterations = f.maxIterations
	if f.key != "" {
		in := inputFlags{allowHTTP: f.in.allowHTTP, caFile: f.in.caFile, secret: f.in.secret}
		if r.Key, err = in.readKey(cmd, f.key); err != nil {
			return err
		}
	}
	d, err := r.Read(cmd.Context(), arg)
	if err != nil {
		return err
	}
	if !d.Encrypted {
		return refusal(d, "not encrypted")
	}
	tellRepairs(cmd, d)
	text, err := decryptedText(cmd, d)
	if err != nil {
		return err
	}
	return f.out.write(cmd, text, true)
}

// The range of iterations that package jwk accepts as a limit.
const (
	minIterations = 1000
	maxIterations = 1_000_000_000
)

func (f *decryptFlags) check(arg string) error {
	switch {
	case f.maxIterations != 0 && (f.maxIterations < minIterations || f.maxIterations > maxIterations):
		return wrongUsage("--max-iterations %d, want %d to %d", f.maxIterations, minIterations, maxIterations)
	case f.key != "" && f.maxIterations != 0:
		return wrongUsage("--max-iterations is for a passphrase, and --key needs none")
	case f.key == "-" && arg == "-":
		return wrongUsage("the key of --key and the input cannot both come from standard input")
	}
	return nil
}

// decryptedText returns a decrypted document in its own form.
func decryptedText(cmd *cobra.Command, d *input.Document) ([]byte, error) {
	c := converter{cmd: cmd, doc: d}
	switch d.Form {
	case input.Set:
		text, _, err := setJSON(d.Keys)
		return text, err
	case input.PEM, input.DER, input.SSH:
		keys, err := d.All()
		if err != nil {
			return nil, err
		}
		return c.encode(string(d.Form), keys)
	}
	var k *jwk.Key
	k, err := d.Key()
	if err != nil {
		return nil, err
	}
	text, _, err := keyJSON(k)
	return text, err
}
