package main

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/passphrase"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// inputFlags are the flags of a verb that reads keys.
type inputFlags struct {
	from      string
	allowHTTP bool
	caFile    string
	secret    passphrase.Source
}

func (f *inputFlags) add(cmd *cobra.Command) {
	f.addForFiles(cmd)
	f.addNetwork(cmd)
}

// addForFiles adds the flags of a verb that reads no URL.
func (f *inputFlags) addForFiles(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.from, "from", "", "read the text as `FORM`: "+joinForms()+"; without it, the form is recognized")
	must(cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(formNames(), cobra.ShellCompDirectiveNoFileComp)))
	addPassphraseFlags(cmd, &f.secret)
}

// addNetwork adds the flags that say which servers are trusted.
func (f *inputFlags) addNetwork(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "fetch from http URLs, whose answers can be forged; loopback is always allowed")
	flags.StringVar(&f.caFile, "ca-file", "", "trust the authorities in `FILE` (PEM) instead of the system's for https")
}

func formNames() []string {
	var names []string
	for _, form := range input.Forms {
		names = append(names, string(form))
	}
	return names
}

func joinForms() string { return strings.Join(formNames(), ", ") }

// addPassphraseFlags adds the flags that say where a passphrase comes from.
func addPassphraseFlags(cmd *cobra.Command, source *passphrase.Source) {
	flags := cmd.Flags()
	flags.StringVar(&source.File, "passphrase-file", "", "read the passphrase from the only line of `FILE`")
	source.FD = -1
	source.Warn = func(text string) { warn(cmd, "%s", text) }
	flags.Var(natural{&source.FD, "the number of a file descriptor"}, "passphrase-fd", "read the passphrase from file descriptor `N`")
	flags.Lookup("passphrase-fd").DefValue = "0" // so that the help does not show -1
	for name, short := range map[string]string{"passphrase": "p", "password": ""} {
		flags.VarP(refusedPassphrase{}, name, short, "")
		flags.Lookup(name).Hidden = true
	}
}

// refusedPassphrase is the value of a flag with which people try to give a passphrase. Its error
// does not repeat the passphrase.
type refusedPassphrase struct{}

func (refusedPassphrase) String() string   { return "" }
func (refusedPassphrase) Type() string     { return "string" }
func (refusedPassphrase) Set(string) error { return errPassphraseArgument }

var errPassphraseArgument = fmt.Errorf("other users can read the command line: leave the passphrase out and type it, or use --passphrase-file or --passphrase-fd")

// reader returns a Reader that accepts the deviations of real providers. It warns on standard error.
func (f *inputFlags) reader(cmd *cobra.Command) (*input.Reader, error) {
	form := input.Form(f.from)
	if f.from != "" && !slices.Contains(input.Forms, form) {
		return nil, wrongUsage("--from %s, want one of %s", terminal.ShortWord(f.from), joinForms())
	}
	r := &input.Reader{
		Stdin:      cmd.InOrStdin(),
		From:       form,
		Parser:     jwk.Parser{Lenient: true},
		Passphrase: f.secret.Get,
		AllowHTTP:  f.allowHTTP,
		Warn:       func(text string) { warn(cmd, "%s", text) },
	}
	if f.caFile != "" {
		pem, _, err := files.Read(f.caFile)
		if err != nil {
			return nil, err
		}
		r.RootCAs = x509.NewCertPool()
		if !r.RootCAs.AppendCertsFromPEM(pem) {
			return nil, trouble{fmt.Errorf("%s: no certificate in PEM in it", f.caFile)}
		}
	}
	return r, nil
}

// read reads the document of an argument.
func (f *inputFlags) read(cmd *cobra.Command, arg string) (*input.Document, error) {
	r, err := f.reader(cmd)
	if err != nil {
		return nil, err
	}
	return r.Read(cmd.Context(), arg)
}

// warn writes a warning to standard error.
func warn(cmd *cobra.Command, format string, args ...any) {
	const prefix = "warning:"
	screen := terminal.ScreenOf(cmd.ErrOrStderr())
	text := screen.Wrap(prefix+" "+terminal.Escape(fmt.Sprintf(format, args...)), "")
	fmt.Fprintln(cmd.ErrOrStderr(), screen.Bold(prefix)+strings.TrimPrefix(text, prefix))
}

// say writes a line for people to standard error.
func say(cmd *cobra.Command, line string) {
	screen := terminal.ScreenOf(cmd.ErrOrStderr())
	for part := range strings.Lines(line) {
		fmt.Fprintln(cmd.ErrOrStderr(), screen.Wrap(strings.TrimSuffix(part, "\n"), ""))
	}
}

// count returns "1 key" or "2 keys".
func count(n int, one, more string) string { return terminal.Count(n, one, more) }

// must panics if the program is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
