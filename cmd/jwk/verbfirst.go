package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// verbFirst returns args with the flags that stand before a verb moved behind it, because cobra
// knows the flags of a verb only there. It returns args as they are if no verb has all the flags
// that stand before its name.
//
// A word may be the name of a verb and the value of a flag: in "--kid set select" it is both. The
// flags of each verb say which it is.
func verbFirst(root *cobra.Command, args []string) []string {
	if len(args) > 1 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		last := len(args) - 1 // the word that the shell completes
		return slices.Concat(args[:1], verbFirst(root, args[1:last]), args[last:])
	}
	for _, verb := range root.Commands() {
		for _, below := range verb.Commands() {
			if moved := behind([]*cobra.Command{verb, below}, args); moved != nil {
				return moved
			}
		}
		if moved := behind([]*cobra.Command{verb}, args); moved != nil {
			return moved
		}
	}
	return args
}

// behind returns args with the flags before the names in path moved behind them. It returns nil if
// args do not begin with these names and flags of the last verb.
func behind(path []*cobra.Command, args []string) []string {
	verb := path[len(path)-1]
	var words, before []string
	for _, cmd := range path {
		n := leadingFlags(verb, args)
		if n < 0 || n == len(args) || cmd.Name() != args[n] && !cmd.HasAlias(args[n]) {
			return nil
		}
		words = append(words, args[n])
		before = append(before, args[:n]...)
		args = args[n+1:]
	}
	return slices.Concat(words, before, args)
}

// leadingFlags returns how many of the first args are flags of verb and their values, or -1 if one of
// them is not a flag of verb.
func leadingFlags(verb *cobra.Command, args []string) int {
	verb.InitDefaultHelpFlag()
	flags := verb.Flags()
	flags.SetInterspersed(false) // stop at the first argument that is not a flag
	defer flags.SetInterspersed(true)
	if flags.ParseAll(args, func(*pflag.Flag, string) error { return nil }) != nil { // sets no flag
		return -1
	}
	return len(args) - flags.NArg()
}
