package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

func newSetMerge() *cobra.Command {
	var (
		in      inputFlags
		private bool
	)
	cmd := &cobra.Command{
		Use:   "merge [flags] SET OTHER...",
		Short: "Add the keys of other sets to the set in a file",
		Long: `merge adds the entries of other sets at the end of the set in a file, except the
entries that the set has already. Entries that cannot be used are added too,
unchanged. Nothing else in the file changes.

A private or symmetric key is refused without --private. If an entry has a kid
that the set has for another key, nothing is added.`,
		Example: `  jwk set merge jwks.json other.jwks.json
  jwk set merge jwks.json https://provider.example/jwks
  jwk set merge jwks.json bundle.pem`,
		Args: arguments("SET", "OTHER..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			if err := wantFile(cmd, name); err != nil {
				return err
			}
			sources, err := entriesToMerge(cmd, &in, args[1:])
			if err != nil {
				return err
			}
			if !private {
				if err := refusePrivate("merge", name, sources); err != nil {
					return err
				}
			}
			var added, there []entry
			err = editSet(cmd, name, files.EditOptions{}, func(s *editedSet) (text []byte, err error) {
				added, there, text, err = s.add(sources)
				return text, err
			})
			if err != nil {
				return err
			}
			tellEntries(cmd, name, "added", added)
			tell(cmd, "%s: %s added, %d there already", name, count(len(added), "entry", "entries"), len(there))
			return nil
		},
	}
	in.add(cmd)
	cmd.Flags().BoolVar(&private, "private", false, "add private and symmetric keys too")
	return cmd
}

// entriesToMerge reads the entries of the other sets.
func entriesToMerge(cmd *cobra.Command, in *inputFlags, args []string) ([]entry, error) {
	if err := oneStandardInput(args); err != nil {
		return nil, err
	}
	var sources []entry
	for _, arg := range args {
		d, err := in.read(cmd, arg)
		if err != nil {
			return nil, err
		}
		entries, err := entriesOf(d)
		if err != nil {
			return nil, err
		}
		var deviating []string
		for _, e := range entries {
			if e.text == nil {
				warn(cmd, "%s: left out, because it is not JSON: %s", d.Name, e.describe())
				continue
			}
			if e.key != nil && len(e.key.Deviations()) > 0 {
				r := newKeyReport(e.index, e.key)
				deviating = append(deviating, fmt.Sprintf("index %d (%s)", e.index, r.deviations()))
			}
			e.origin = d.Name
			sources = append(sources, e)
		}
		if len(deviating) > 0 {
			warn(cmd, "%s: strict readers refuse keys that deviate from the standards: %s", d.Name, listed(deviating, maxListed))
		}
	}
	return sources, nil
}
