// Command jwk shows JSON Web Keys and JWK Sets (RFC 7517).
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
	exitFailed = 1 // no usable key, or an error of input or output
	exitUsage  = 2 // the command line is wrong
)

// A failure is an error with exitFailed. Every other error is an error of usage.
type failure struct{ error }

// run runs one command line and returns its exit code.
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
		Short: "Show JSON Web Keys",
		Long: `jwk shows JSON Web Keys and JWK Sets (RFC 7517).

Exit codes: 0 success, 1 no usable key, 2 wrong usage. Results go to standard
output, everything else to standard error.`,
		Example: `  jwk inspect provider.jwks.json
  curl -s https://provider.example/jwks | jwk inspect -`,
		RunE: func(*cobra.Command, []string) error { return errors.New("no verb") },

		SilenceErrors:         true,
		SilenceUsage:          true,
		DisableFlagsInUseLine: true,
		DisableSuggestions:    true, // they take more than one line
	}
	// cobra's own help verb and completion accept unknown verbs without an error.
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
