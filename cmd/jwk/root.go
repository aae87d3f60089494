package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

const longRoot = `jwk works with JSON Web Keys (RFC 7517).

What people do most:

  jwk inspect FILE|URL                       what is in this file?
  jwk generate ES256 -o key.jwk              make a key
  jwk public key.jwk -o public.jwk           the half to give away
  jwk convert --to pem key.jwk -o key.pem    the same key for openssl, ssh or Go
  jwk check --public jwks.json               may this set be published?

FILE has a key in any form: a JWK, a JWK Set, PEM, DER, a certificate, a file of
OpenSSH, or an encrypted JWK. The form is recognized. - is standard input.

Results go to standard output, everything else to standard error. Private keys
are never written to a terminal without --show-private, and -o writes them with
mode 0600.

Exit codes: 0 yes; 1 no: there is no match, or the input is not valid; 2 wrong
usage, or something could not be read or written.`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "jwk VERB",
		Short: "Work with JSON Web Keys",
		Long:  longRoot,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			return wrongUsage("no verb")
		},
		Args:              cobra.ArbitraryArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return refuseEmpty(cmd) },

		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		DisableFlagsInUseLine:      true,
	}
	root.AddGroup(
		&cobra.Group{ID: groupKeys, Title: "Keys:"},
		&cobra.Group{ID: groupSets, Title: "Sets:"},
		&cobra.Group{ID: groupNetwork, Title: "Network and tokens:"},
		&cobra.Group{ID: groupHelp, Title: "Help:"},
	)
	// cobra's own help verb accepts unknown verbs without an error.
	root.SetHelpCommand(&cobra.Command{
		Use:     "help [VERB]",
		Short:   "Help about a verb",
		GroupID: groupHelp,
		RunE: func(_ *cobra.Command, args []string) error {
			verb, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(root, strings.Join(args, " "))
			}
			verb.InitDefaultHelpFlag() // so that the text mentions it
			return verb.Help()
		},
	})
	addCompletion(root)
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(flagError)
	add := func(group string, verbs ...*cobra.Command) {
		for _, v := range verbs {
			v.GroupID = group
			v.DisableFlagsInUseLine = true
			root.AddCommand(v)
		}
	}
	add(groupKeys, newInspect(), newCheck(), newGenerate(), newPublic(), newThumbprint(), newConvert(), newEqual(), newEncrypt(), newDecrypt())
	add(groupSets, newSelect(), newSet())
	add(groupNetwork, newFetch(), newServe(), newSign(), newVerify())
	add(groupHelp, newVersion(), newMan())
	for name, habits := range otherNames {
		verb, _, err := root.Find([]string{name})
		must(err)
		verb.SuggestFor = habits
	}
	root.Version = newVersionReport().Version
	root.SetVersionTemplate("jwk {{.Version}}\n")
	return root
}

// otherNames are names that other programs have for a verb, for "did you mean".
var otherNames = map[string][]string{
	"check":      {"validate", "lint"},
	"convert":    {"export", "import", "format", "fmt", "pem"},
	"equal":      {"compare", "cmp"},
	"fetch":      {"get", "download"},
	"generate":   {"create", "keygen", "genkey", "make"},
	"inspect":    {"show", "info", "view", "dump"},
	"serve":      {"publish"},
	"set":        {"list", "ls", "find", "add", "remove", "rm", "merge", "diff", "keyset"},
	"thumbprint": {"fingerprint"},
}

// mayBeEmpty has the flags whose empty value has a meaning, for each verb.
var mayBeEmpty = map[string][]string{
	"jwk convert":    {"kid", "alg", "use", "ops", "comment"}, // removes the member
	"jwk set add":    {"kid"},
	"jwk select":     {"kid"}, // the kid that is the empty string
	"jwk set find":   {"kid"},
	"jwk set remove": {"kid"},
}

// refuseEmpty refuses a flag with an empty value. The variable of a script may be empty, and without
// its flag the command would do something else: write a private key to standard output instead of to
// the file of -o, or verify with every algorithm instead of with the one of --alg.
func refuseEmpty(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		value := f.Value.String()
		if (value == "" || value == "[]") && !slices.Contains(mayBeEmpty[cmd.CommandPath()], f.Name) {
			err = wrongUsage("--%s has an empty value", f.Name)
		}
	})
	return err
}

// addCompletion adds cobra's verb for the completion in shells. By itself, that verb prints its help
// for an unknown shell and succeeds, and a shell would run the help.
func addCompletion(root *cobra.Command) {
	root.SetCompletionCommandGroupID(groupHelp)
	root.InitDefaultCompletionCmd("completion")
	verb, _, err := root.Find([]string{"completion"})
	must(err)
	verb.Use = "completion SHELL"
	verb.Short = "Write the completion for a shell: bash, zsh, fish or powershell"
	verb.Long = "completion writes a script that completes verbs, flags and values in a shell.\njwk completion bash --help says how to load it."
	verb.Example = "  source <(jwk completion bash)\n  jwk completion fish > ~/.config/fish/completions/jwk.fish"
	verb.Args = cobra.ArbitraryArgs
	for _, shell := range verb.Commands() {
		shell.Args = arguments()
	}
	verb.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return wrongUsage("no shell, want bash, zsh, fish or powershell")
		}
		return wrongUsage("shell %s, want bash, zsh, fish or powershell", terminal.ShortWord(args[0]))
	}
}

// flagError returns the error for a flag that cannot be read. It does not repeat what may be a
// passphrase, such as in -psecret.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, errPassphraseArgument) {
		return usageError{errPassphraseArgument}
	}
	if number, ok := errors.AsType[*strconv.NumError](err); ok { // its text begins with a function of Go
		return usageError{errors.New(strings.TrimSuffix(err.Error(), number.Error()) + number.Err.Error())}
	}
	text, _, _ := strings.Cut(err.Error(), " in -")
	if _, ok := errors.AsType[*pflag.NotExistError](err); ok && cmd.HasSubCommands() {
		text += ": no verb with this flag follows"
	}
	return usageError{errors.New(text)}
}

// The groups of verbs in the help.
const (
	groupKeys    = "keys"
	groupSets    = "sets"
	groupNetwork = "network"
	groupHelp    = "help"
)

// unknownVerb returns the error for a verb that does not exist, with the verbs that are spelled
// alike.
func unknownVerb(cmd *cobra.Command, verb string) error {
	text := fmt.Sprintf("unknown verb %q", verb)
	if alike := cmd.SuggestionsFor(verb); len(alike) > 0 {
		text += ", did you mean " + strings.Join(alike, " or ") + "?"
	}
	return usageError{errors.New(text)}
}

// arguments returns a check that there are as many arguments as names. The last name may end with
// "...", for one or more arguments, and names in brackets are optional.
func arguments(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		least, most := 0, len(names)
		for _, name := range names {
			if !strings.HasPrefix(name, "[") {
				least++
			}
			if strings.HasSuffix(name, "...") {
				most = len(args)
			}
		}
		if len(args) < least || len(args) > most {
			want := strings.Join(names, " ")
			if want == "" {
				want = "no argument"
			}
			return wrongUsage("%s, want %s", count(len(args), "argument", "arguments"), want)
		}
		return nil
	}
}
