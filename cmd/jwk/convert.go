package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// convertFlags are the flags of the verb convert.
type convertFlags struct {
	in      inputFlags
	out     outputFlags
	to      string
	public  bool
	encrypt bool
	comment string

	keyID, alg, use string
	ops             []string
}

func newConvert() *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert [flags] --to FORM FILE|URL|-",
		Short: "Write a key or a set in another form",
		Long: `convert writes a key or a set in the form of --to:

  jwk       a JWK; the input must be one key
  set       a JWK Set
  pem       all keys in PEM: PKCS #8 for private keys, else PUBLIC KEY
  der       one key in DER: PKCS #8 or SubjectPublicKeyInfo
  ssh       a private key file of OpenSSH, or a line of authorized_keys for each
            public key
  cert-pem  the certificates in x5c, in PEM

--to may be left out if the name of -o ends in .jwk, .jwks, .pem or .der.

A private key stays private. --public converts the public half. --encrypt
encrypts private keys with a passphrase: PEM as PKCS #8, OpenSSH in its own
form, and JSON as a JWE. If the input is encrypted too, --passphrase-file and
--passphrase-fd give the passphrase of both.

PEM, DER and OpenSSH have no place for kid, use, alg and other members. convert
says on standard error what is left out. A key from such a form has no kid:
--kid, --alg, --use and --ops set members of a JWK, and remove them if the value
is empty. --kid thumbprint sets the kid of each key to its thumbprint.

-o must not name the input if private keys would be lost, not even with --force.

With --from secret the bytes of the input, without the line break at the end,
are a symmetric key.`,
		Example: `  jwk convert --to pem key.jwk -o key.pem
  jwk convert server.pem --kid thumbprint --alg ES256 --use sig -o server.jwk
  jwk convert --to ssh --public key.jwk >> authorized_keys
  cat old.pem new.pem | jwk convert --to set --public - -o jwks.json
  jwk convert --to jwk --from secret --alg HS256 secret.txt -o secret.jwk`,
		Args: arguments("FILE|URL|-"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.in.add(cmd)
	f.out.add(cmd, true)
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "write this `FORM`: "+strings.Join(outputForms, ", "))
	flags.BoolVar(&f.public, "public", false, "write the public half")
	flags.BoolVar(&f.encrypt, "encrypt", false, "encrypt private keys with a passphrase")
	flags.StringVar(&f.comment, "comment", "", "write this `COMMENT` with --to ssh; without it, the kid")
	flags.StringVar(&f.keyID, "kid", "", "set the kid to `KID`, or to the thumbprint if it is thumbprint")
	flags.StringVar(&f.alg, "alg", "", "set the `ALGORITHM`, such as ES256")
	flags.StringVar(&f.use, "use", "", "set the `USE`: sig or enc")
	flags.StringSliceVar(&f.ops, "ops", nil, "set the `OPERATIONS`, such as sign,verify")
	complete := func(name string, values []string) {
		must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	complete("to", outputForms)
	complete("alg", algorithmNames())
	complete("use", []string{string(jwk.UseSig), string(jwk.UseEnc)})
	complete("ops", operationNames())
	return cmd
}

// The values of --to.
const (
	toJWK     = "jwk"
	toSet     = "set"
	toPEM     = "pem"
	toDER     = "der"
	toSSH     = "ssh"
	toCertPEM = "cert-pem"
)

var outputForms = []string{toJWK, toSet, toPEM, toDER, toSSH, toCertPEM}

// formsByExtension are the forms that the name of a file tells. A .json file could be a key or a
// set, and a .crt file could be PEM or DER.
var formsByExtension = map[string]string{".jwk": toJWK, ".jwks": toSet, ".pem": toPEM, ".der": toDER}

func (f *convertFlags) run(cmd *cobra.Command, arg string) error {
	form, err := f.form()
	if err != nil {
		return err
	}
	if err := f.check(cmd, form); err != nil {
		return err
	}
	d, err := f.in.read(cmd, arg)
	if err != nil {
		return err
	}
	tellRepairs(cmd, d)
	keys, err := f.keys(cmd, d)
	if err != nil {
		return err
	}
	private := slices.ContainsFunc(keys, func(k *jwk.Key) bool { return isPrivateIn(form, k) })
	if f.encrypt && !private {
		return refusal(d, "a public key, which --encrypt has no reason to encrypt")
	}
	if !private || slices.ContainsFunc(d.Skipped, holdsPrivate) || holdsPrivateBeside(d) {
		if err := f.out.keepsPrivate(d, arg); err != nil {
			return err
		}
	}
	if err := f.out.check(cmd, private && (!f.encrypt || f.out.toFile())); err != nil {
		return err
	}
	c := converter{cmd: cmd, doc: d, comment: f.comment}
	if f.encrypt {
		if c.passphrase, err = f.in.secret.New("the converted key"); err != nil {
			return trouble{err}
		}
	}
	text, err := c.encode(form, keys)
	if err != nil {
		return err
	}
	if f.encrypt {
		return f.out.writeEncrypted(cmd, text)
	}
	return f.out.write(cmd, text, private)
}

// form returns the form of the result.
func (f *convertFlags) form() (string, error) {
	switch form := formsByExtension[strings.ToLower(filepath.Ext(f.out.file))]; {
	case slices.Contains(outputForms, f.to):
		return f.to, nil
	case f.to != "":
		return "", wrongUsage("--to %s, want one of %s", terminal.ShortWord(f.to), strings.Join(outputForms, ", "))
	case form != "":
		return form, nil
	}
	return "", wrongUsage("the name of -o does not tell the form, want --to %s", strings.Join(outputForms, "|"))
}

// check refuses flags that do not fit the form.
func (f *convertFlags) check(cmd *cobra.Command, form string) error {
	isJSON := form == toJWK || form == toSet
	for _, name := range []string{"kid", "alg", "use", "ops"} {
		if cmd.Flags().Changed(name) && !isJSON {
			return wrongUsage("--%s is for --to jwk and set: %s has no place for it", name, form)
		}
	}
	switch {
	case f.comment != "" && form != toSSH:
		return wrongUsage("--comment is for --to ssh")
	case f.encrypt && form == toDER:
		return wrongUsage("--encrypt is not for --to der: use --to pem")
	case f.encrypt && form == toCertPEM:
		return wrongUsage("--encrypt is not for --to cert-pem: certificates are public")
	case f.encrypt && f.public:
		return wrongUsage("--encrypt and --public are both given, want one")
	case form == toDER && !f.out.toFile() && terminal.IsTerminal(cmd.OutOrStdout()):
		return wrongUsage("DER is binary and is not shown on a terminal: use -o FILE or a pipe")
	}
	return nil
}

// keys returns the keys to write, with the members that the flags set.
func (f *convertFlags) keys(cmd *cobra.Command, d *input.Document) ([]*jwk.Key, error) {
	var (
		keys []*jwk.Key
		err  error
	)
	if f.public {
		keys, err = publicKeys(cmd, d)
	} else {
		if keys, err = d.Usable(); err == nil {
			warnSkipped(cmd, d)
			var lost leftOut
			for _, name := range setMembers(d) {
				lost.add(name)
			}
			lost.tell(cmd, "only keys are converted")
		}
	}
	if err != nil {
		return nil, err
	}
	if f.keyID != "" && f.keyID != kidThumbprint && len(keys) > 1 {
		return nil, wrongUsage("--kid names one key, and there are %d: use --kid thumbprint", len(keys))
	}
	for i, k := range keys {
		if keys[i], err = f.withMembers(cmd, k); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// kidThumbprint is the value of --kid that stands for the thumbprint of the key.
const kidThumbprint = "thumbprint"

// withMembers returns a key with the members that the flags set.
func (f *convertFlags) withMembers(cmd *cobra.Command, k *jwk.Key) (*jwk.Key, error) {
	a := k.Attributes()
	changed := false
	set := func(flag, member string, change func()) {
		if cmd.Flags().Changed(flag) {
			delete(a.Extra, member) // a value that the field cannot hold
			change()
			changed = true
		}
	}
	ops, err := parseOps(f.ops)
	if err != nil {
		return nil, err
	}
	kid := f.keyID
	if kid == kidThumbprint {
		if k.Type() == jwk.Oct {
			return nil, wrongUsage("--kid thumbprint: the thumbprint of a symmetric key helps to guess the key, want another kid")
		}
		kid = k.Thumbprint().String()
	}
	set("kid", "kid", func() { a.KeyID = kid })
	set("alg", "alg", func() { a.Algorithm = jwk.Algorithm(f.alg) })
	set("use", "use", func() { a.Use = jwk.Use(f.use) })
	set("ops", "key_ops", func() { a.Ops = ops })
	if !changed {
		return k, nil
	}
	k, err = k.WithAttributes(a)
	if err != nil {
		return nil, refusedOptions(err)
	}
	return k, nil
}
