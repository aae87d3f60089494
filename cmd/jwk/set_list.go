package main

import (
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newSetList() *cobra.Command {
	var (
		in    inputFlags
		list  listFlags
		allow weakFlag
	)
	cmd := &cobra.Command{
		Use:     "list [flags] SET",
		Aliases: []string{"ls"},
		Short:   "List the keys of a set",
		Long: `list shows the keys of a set in its order, and the entries that cannot be used.
The columns, and "keys" and "skipped" of --json, are the same as in jwk inspect.
That verb also shows certificates, and says what is odd.

An empty set is listed with exit code 0. A file that does not exist is an error
with exit code 2, and is not made.`,
		Example: `  jwk set list jwks.json
  jwk set list https://provider.example/jwks
  jwk set list --json jwks.json | jq -r '.keys[].kid'`,
		Args: arguments("SET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := in.reader(cmd)
			if err != nil {
				return err
			}
			allow.apply(r)
			d, err := r.Read(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			l := newSetListing(d)
			if err := list.write(cmd, l, l.tables()...); err != nil {
				return err
			}
			say(cmd, count(len(l.Keys), "key", "keys")+", "+count(len(l.Skipped), "entry", "entries")+" skipped")
			return nil
		},
	}
	in.add(cmd)
	list.add(cmd)
	allow.add(cmd)
	return cmd
}

// A setListing is the document that --json writes.
type setListing struct {
	Keys    []keyReport     `json:"keys"`
	Skipped []skippedReport `json:"skipped"`
}

func newSetListing(d *input.Document) *setListing {
	l := &setListing{Keys: []keyReport{}, Skipped: []skippedReport{}}
	for index, k := range d.Indexed() {
		l.Keys = append(l.Keys, newKeyReport(index, k))
	}
	for _, s := range d.Skipped {
		l.Skipped = append(l.Skipped, newSkippedReport(s))
	}
	return l
}

// tables returns the listing for people.
func (l *setListing) tables() []*terminal.Table {
	var tables []*terminal.Table
	if len(l.Keys) > 0 {
		tables = append(tables, keyTable(l.Keys))
	}
	if len(l.Skipped) > 0 {
		tables = append(tables, skippedTable(l.Skipped))
	}
	return tables
}
