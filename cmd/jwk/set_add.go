package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newSetAdd() *cobra.Command {
	var (
		in      inputFlags
		private bool
		o       files.EditOptions
		keyID   string
	)
	cmd := &cobra.Command{
		Use:   "add [flags] SET KEY...",
		Short: "Add keys to the set in a file",
		Long: `add adds keys in any form at the end of the set in a file. Nothing else in the
file changes.

A private or symmetric key is refused without --private, because sets are
usually published. A kid that the set has for another key is refused. A key that
the set has already is not added again.

A file that does not exist is an error, unless --create is given.`,
		Example: `  jwk set add jwks.json public.jwk
  jwk public key.jwk | jwk set add jwks.json -
  jwk set add --create jwks.json server.pem --kid 2026-01
  jwk set add --private signing-keys.json key.jwk`,
		Args: arguments("SET", "KEY..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			if err := wantFile(cmd, name); err != nil {
				return err
			}
			newKeys, err := keysToAdd(cmd, &in, args[1:], keyID)
			if err != nil {
				return err
			}
			if !private {
				if err := refusePrivate("add", name, newKeys); err != nil {
					return err
				}
			}
			var added, there []entry
			err = editSet(cmd, name, o, func(s *editedSet) (text []byte, err error) {
				added, there, text, err = s.add(newKeys)
				return text, err
			})
			if errors.Is(err, fs.ErrNotExist) && !o.Create {
				return trouble{fmt.Errorf("%w; --create makes it", err)}
			}
			if err != nil {
				return err
			}
			tellEntries(cmd, name, "added", added)
			tellEntries(cmd, name, "has this key already:", there)
			if len(there) > 0 && cmd.Flags().Changed("kid") {
				warn(cmd, "the kid was not set: jwk set remove takes the key out first")
			}
			return nil
		},
	}
	in.add(cmd)
	cmd.Flags().BoolVar(&private, "private", false, "add private and symmetric keys too")
	cmd.Flags().BoolVar(&o.Create, "create", false, "make the file if it does not exist")
	cmd.Flags().StringVar(&keyID, "kid", "", "give the added key this `KID`")
	return cmd
}

// keysToAdd reads the documents with one key each.
func keysToAdd(cmd *cobra.Command, in *inputFlags, args []string, keyID string) ([]entry, error) {
	named := cmd.Flags().Changed("kid")
	if named && len(args) > 1 {
		return nil, wrongUsage("--kid with %d keys, want one", len(args))
	}
	if err := oneStandardInput(args); err != nil {
		return nil, err
	}
	var keys []entry
	for _, arg := range args {
		d, err := in.read(cmd, arg)
		if err != nil {
			return nil, err
		}
		if n := d.Keys.Len() + len(d.Skipped); d.Form == input.Set || n > 1 {
			return nil, wrongUsage("%s: a set of %s, want one key after SET: jwk set merge SET OTHER adds the keys of another set", d.Name, count(n, "entry", "entries"))
		}
		k, err := d.Key()
		if err != nil {
			return nil, err
		}
		entries, err := entriesOf(d)
		if err != nil {
			return nil, err
		}
		if named {
			if k, err = k.WithKeyID(keyID); err != nil {
				return nil, wrongUsage("--kid: %s", strings.TrimPrefix(err.Error(), "jwk: "))
			}
			entries[0].key = k
			if entries[0].text, err = k.MarshalPrivateJSON(); err != nil {
				return nil, trouble{fmt.Errorf("%s: %w", d.Name, err)} // never: see entriesOf
			}
		}
		tellDeviations(cmd, d.Name, k, entries[0].text)
		entries[0].origin = d.Name
		keys = append(keys, entries[0])
	}
	return keys, nil
}

// oneStandardInput refuses - as more than one argument, because only the first would get the text.
func oneStandardInput(args []string) error {
	n := 0
	for _, arg := range args {
		if arg == "-" {
			n++
		}
	}
	if n > 1 {
		return wrongUsage("- is given %d times, but standard input can be read once", n)
	}
	return nil
}

// tellDeviations says how a key deviates from the standards, and whether text, its JSON in the set,
// still does.
func tellDeviations(cmd *cobra.Command, name string, k *jwk.Key, text []byte) {
	if len(k.Deviations()) == 0 {
		return
	}
	r := newKeyReport(0, k)
	if _, err := jwk.Parse(text); err == nil {
		tell(cmd, "%s: the key deviates from the standards (%s), and is written as they demand", name, r.deviations())
	} else {
		warn(cmd, "%s: the key deviates from the standards (%s), and strict readers refuse it", name, r.deviations())
	}
}

// refusePrivate refuses keys that must not be published. verb is the verb that adds them.
func refusePrivate(verb, set string, sources []entry) error {
	for _, s := range sources {
		switch {
		case !s.isPrivate():
		case s.key != nil && s.key.Type() == jwk.Oct:
			return trouble{fmt.Errorf("%s: a symmetric key, which is secret and has no public half: --private adds it, if %s is not published", s.origin, set)}
		case s.key != nil && !s.key.IsPrivate():
			return trouble{fmt.Errorf("%s: a public key with private material in other members: jwk public leaves them out, and --private adds it as it is", s.origin)}
		case s.key != nil:
			return trouble{fmt.Errorf("%s: a private key. jwk public %s | jwk set %s %s - adds its public half. If %s is not published, --private adds the private key",
				s.origin, terminal.ShellWord(s.origin, "KEY"), verb, terminal.ShellWord(set, "SET"), set)}
		default:
			return trouble{fmt.Errorf("%s: %s: it has private material: --private adds it", s.origin, s.describe())}
		}
	}
	return nil
}

// add adds entries at the end of the set. It returns the entries that were added, with their new
// places, the entries that the set had already, and the new text. It adds all or none.
func (s *editedSet) add(sources []entry) (added, there []entry, text []byte, err error) {
	n := newKnown(s.entries)
	var texts [][]byte
	for i := range sources {
		e := &sources[i]
		same, err := n.find(e)
		if err != nil {
			return nil, nil, nil, trouble{fmt.Errorf("%s: not added to %s: %s: %w", e.origin, s.name, e.describe(), err)}
		}
		if same != nil {
			there = append(there, *same)
			continue
		}
		n.add(e)
		texts = append(texts, e.text)
		placed := *e
		placed.index = len(s.entries) + len(added)
		added = append(added, placed)
	}
	text, err = s.file.Append(texts...)
	if err != nil {
		return nil, nil, nil, trouble{fmt.Errorf("%s: %w", s.name, err)}
	}
	return added, there, text, nil
}
