// Command jwk looks at JSON Web Keys and sets of them (RFC 7517).
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // nothing usable
	exitUsage  = 2
)

// A failure is an error that is not one of usage.
type failure struct{ error }

// run runs one command line, and returns its exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "jwk: "+escape(err.Error()))
	if _, failed := errors.AsType[failure](err); failed {
		return exitFailed
	}
	fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
	return exitUsage
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "jwk VERB",
		Short: "Look at JSON Web Keys",
		Long: `jwk looks at JSON Web Keys and sets of them (RFC 7517).

Exit codes: 0 success, 1 nothing usable, 2 wrong usage. Results go to standard
output, everything else to standard error.`,
		Example: `  jwk inspect provider.jwks.json
  curl -s https://provider.example/jwks | jwk inspect -`,
		RunE: func(*cobra.Command, []string) error { return errors.New("no verb") },

		SilenceErrors:         true,
		SilenceUsage:          true,
		DisableFlagsInUseLine: true,
		DisableSuggestions:    true, // they come on lines of their own
	}
	// cobra's own help verb shrugs at unknown verbs, and so does its completion.
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [verb]",
		Short: "Help about a verb",
		RunE: func(_ *cobra.Command, args []string) error {
			verb, _, err := root.Find(args)
			if err != nil {
				return err
			}
			verb.InitDefaultHelpFlag() // so that the text mentions it
			return verb.Help()
		},
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newInspect())
	return root
}
