package main

import (
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

func newSetRemove() *cobra.Command {
	var (
		which selector
		all   bool
	)
	cmd := &cobra.Command{
		Use:     "remove [flags] SET",
		Aliases: []string{"rm"},
		Short:   "Remove a key from the set in a file",
		Long: `remove removes the entry that meets all flags from the set in a file. Nothing
else in the file changes.

At least one flag that selects is needed. --kid "" removes a key whose kid is
the empty string. Entries that cannot be used are removed with --kid or --index.

If several entries meet the flags, remove lists them and removes nothing (exit
code 2), unless --all is given. If no entry meets the flags, the exit code
is 1, and the message says why.`,
		Example: `  jwk set remove jwks.json --kid 2025-07
  jwk set remove jwks.json --index 3
  jwk set remove jwks.json --kty RSA --all`,
		Args: arguments("SET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			if err := wantFile(cmd, name); err != nil {
				return err
			}
			if err := which.parse(cmd); err != nil {
				return err
			}
			if !which.given() {
				return wrongUsage("nothing says which key, want --kid, --thumbprint, --index or another flag that selects")
			}
			var removed []entry
			err := editSet(cmd, name, files.EditOptions{}, func(s *editedSet) ([]byte, error) {
				removed = which.pick(s.entries)
				switch {
				case len(removed) == 0:
					return nil, which.notFound(name, s.entries)
				case len(removed) > 1 && !all:
					return nil, which.several(name, removed, "--all removes all of them")
				}
				places := make(map[int]bool)
				for _, e := range removed {
					places[e.index] = true
				}
				return s.file.Remove(func(index int) bool { return places[index] }), nil
			})
			if err != nil {
				return err
			}
			tellEntries(cmd, name, "removed", removed)
			return nil
		},
	}
	which.add(cmd)
	which.addPlaces(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "remove all entries that meet the flags")
	return cmd
}
