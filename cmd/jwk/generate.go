package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/passphrase"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// maxCount is the largest number of keys that one call makes. A larger number is probably a typing
// error, and RSA keys take long.
const maxCount = 1000

// generateFlags are the flags of the verb generate.
type generateFlags struct {
	out       outputFlags
	list      listFlags
	secret    passphrase.Source
	bits      int
	curve     string
	keyID     string
	use       string
	ops       []string
	count     int
	set       bool
	encrypt   bool
	publicOut string
	listAll   bool
}

func newGenerate() *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:     "generate [flags] ALG",
		Aliases: []string{"gen", "new"},
		Short:   "Make a private or symmetric key for an algorithm",
		Long: `generate makes a private or symmetric key for an algorithm, such as ES256, and
writes it as a JWK with its alg, its use and a kid. Without --kid, the kid is
the thumbprint, and a random text for a symmetric key. --list shows all
algorithms, and what is made for each.

ES256 signs, and most programs read it. RS256 is for programs that read only
RSA. ECDH-ES+A256KW encrypts.

-o FILE has the mode 0600. --public-out FILE gets the public half, to publish.
Existing files are not replaced without --force. If one of the files cannot be
written, no key is made. With --encrypt the result is a JWE that a passphrase
opens: see jwk decrypt.

With --count or --set the result is a set of keys.`,
		Example: `  jwk generate ES256 -o key.jwk --public-out public.jwk
  jwk generate RS256 --bits 3072 --kid 2026-01 -o key.jwk
  jwk generate EdDSA --count 3 -o private.jwks --public-out jwks.json
  jwk generate ES256 --encrypt -o key.jwe
  jwk generate --list`,
		ValidArgs: algorithmNames(),
		Args: func(cmd *cobra.Command, args []string) error {
			if f.listAll {
				return arguments()(cmd, args)
			}
			if len(args) == 0 {
				return wrongUsage("no algorithm, want ALG, such as ES256; jwk generate --list shows all")
			}
			return arguments("ALG")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.listAll {
				return f.list.write(cmd, map[string]any{"algorithms": algorithms}, algorithmTable())
			}
			return f.run(cmd, args[0])
		},
	}
	f.out.add(cmd, true)
	f.list.add(cmd)
	addPassphraseFlags(cmd, &f.secret)
	flags := cmd.Flags()
	flags.IntVar(&f.bits, "bits", 0, "make a key of `N` bits: RSA or symmetric")
	flags.StringVar(&f.curve, "crv", "", "make a key on this `CURVE`, if the algorithm has several")
	flags.StringVar(&f.keyID, "kid", "", "name the key `KID`; without it, the thumbprint, or a random text for a symmetric key")
	flags.StringVar(&f.use, "use", "", "say that the key is for this `USE`, sig or enc; without it, what ALG does")
	flags.StringSliceVar(&f.ops, "ops", nil, "permit only these `OPERATIONS`, such as sign,verify")
	flags.IntVar(&f.count, "count", 1, "make a set of `N` keys")
	flags.BoolVar(&f.set, "set", false, "make a set, even of one key")
	flags.BoolVar(&f.encrypt, "encrypt", false, "encrypt the result with a passphrase")
	flags.StringVar(&f.publicOut, "public-out", "", "write the public half to `FILE`")
	flags.BoolVar(&f.listAll, "list", false, "show all algorithms; --json and --width are for the list")
	complete := func(name string, values []string) {
		must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	complete("use", []string{string(jwk.UseSig), string(jwk.UseEnc)})
	complete("ops", operationNames())
	return cmd
}

func (f *generateFlags) run(cmd *cobra.Command, name string) error {
	alg, err := algorithmNamed(name)
	if err != nil {
		return err
	}
	o, err := f.options(alg)
	if err != nil {
		return err
	}
	public := outputFlags{file: f.publicOut, force: f.out.force}
	if err := f.check(cmd, &public); err != nil {
		return err
	}
	var encryption *jwk.EncryptOptions
	if f.encrypt {
		secret, err := f.secret.New("the new key")
		if err != nil {
			return trouble{err}
		}
		encryption = &jwk.EncryptOptions{Passphrase: secret}
	}
	keys, err := f.generate(cmd, alg.Algorithm, o)
	if err != nil {
		return err
	}
	if err := f.write(cmd, keys, encryption); err != nil {
		return err
	}
	if f.publicOut == "" {
		return nil
	}
	var text []byte
	if f.makesSet() {
		text, _, err = setJSON(jwk.NewSet(keys...).Public())
	} else {
		var half *jwk.Key
		if half, err = keys[0].Public(); err == nil {
			text, _, err = keyJSON(half)
		}
	}
	if err != nil {
		return refusedOptions(err)
	}
	return public.write(cmd, text, false)
}

// options returns the options of package jwk that the flags describe. It refuses flags that
// contradict each other or the algorithm.
func (f *generateFlags) options(alg algorithmReport) (*jwk.GenerateOptions, error) {
	ops, err := parseOps(f.ops)
	switch {
	case err != nil:
		return nil, err
	case f.count < 1 || f.count > maxCount:
		return nil, wrongUsage("--count %d, want 1 to %d", f.count, maxCount)
	case f.count > 1 && f.keyID != "":
		return nil, wrongUsage("--kid names one key, and --count makes %d: leave --kid out, so that each is named by its thumbprint", f.count)
	case f.use != "" && f.use != string(alg.Use):
		return nil, wrongUsage("--use %s: a key for %s has the use %s", terminal.ShortWord(f.use), alg.Algorithm, alg.Use)
	case f.bits != 0 && alg.MaxBits == 0:
		return nil, wrongUsage("--bits %d: the size of a key for %s is fixed; leave --bits out", f.bits, alg.Algorithm)
	case f.bits != 0 && (f.bits < alg.MinBits || f.bits > alg.MaxBits):
		return nil, wrongUsage("--bits %d: %s takes %s", f.bits, alg.Algorithm, alg.sizes())
	case f.publicOut != "" && alg.Type == jwk.Oct:
		return nil, wrongUsage("--public-out: %s makes a symmetric key, which has no public half", alg.Algorithm)
	case f.list.json || f.list.width != 0:
		return nil, wrongUsage("--json and --width are for --list; a key is always JSON")
	case !f.encrypt && (f.secret.File != "" || f.secret.FD >= 0):
		return nil, wrongUsage("a passphrase is for --encrypt, which is not given")
	}
	o := &jwk.GenerateOptions{Bits: f.bits, Curve: jwk.Curve(f.curve)}
	o.KeyID, o.Use, o.Ops = f.keyID, jwk.Use(f.use), ops
	return o, nil
}

func (f *generateFlags) makesSet() bool { return f.set || f.count > 1 }

// check refuses outputs that cannot be written, so that no key is made in vain or
// written without its public half.
func (f *generateFlags) check(cmd *cobra.Command, public *outputFlags) error {
	if err := f.out.check(cmd, !f.encrypt || f.out.toFile()); err != nil {
		return err
	}
	if f.publicOut == "" {
		return nil
	}
	if f.out.toFile() == public.toFile() && (!public.toFile() || sameName(f.out.file, f.publicOut)) {
		return wrongUsage("the key and its public half would go to the same place: use -o FILE and --public-out with another FILE")
	}
	return public.check(cmd, false)
}

// generate makes the keys, and shows the progress if they are several.
func (f *generateFlags) generate(cmd *cobra.Command, alg jwk.Algorithm, o *jwk.GenerateOptions) ([]*jwk.Key, error) {
	progress := terminal.NewProgress(cmd.ErrOrStderr())
	defer progress.Done()
	var keys []*jwk.Key
	for i := range f.count {
		if f.count > 1 {
			progress.Show(fmt.Sprintf("making key %d of %d", i+1, f.count))
		}
		k, err := jwk.Generate(alg, o)
		if err != nil {
			return nil, refusedOptions(err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// write writes the private result.
func (f *generateFlags) write(cmd *cobra.Command, keys []*jwk.Key, encryption *jwk.EncryptOptions) error {
	if encryption != nil {
		text, err := encryptKeys(keys, f.makesSet(), encryption)
		if err != nil {
			return err
		}
		return f.out.writeEncrypted(cmd, text)
	}
	var (
		text []byte
		err  error
	)
	if f.makesSet() {
		text, _, err = setJSON(jwk.NewSet(keys...))
	} else {
		text, _, err = keyJSON(keys[0])
	}
	if err != nil {
		return refusedOptions(err)
	}
	return f.out.write(cmd, text, true)
}

// encryptKeys returns a key or a set as a JWE.
func encryptKeys(keys []*jwk.Key, asSet bool, o *jwk.EncryptOptions) ([]byte, error) {
	encrypt := jwk.NewSet(keys...).Encrypt
	if !asSet {
		encrypt = keys[0].Encrypt
	}
	return encrypted(encrypt, o)
}

// encrypted returns the result of an Encrypt method. An error is about the flags.
func encrypted(encrypt func(*jwk.EncryptOptions) ([]byte, error), o *jwk.EncryptOptions) ([]byte, error) {
	text, err := encrypt(o)
	switch {
	case errors.Is(err, jwk.ErrUnsupported) && o.Recipient == nil:
		return nil, trouble{err} // with GODEBUG=fips140=only
	case err != nil:
		return nil, refusedOptions(err)
	}
	return text, nil
}
