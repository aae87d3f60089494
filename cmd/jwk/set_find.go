package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

func newSetFind() *cobra.Command {
	var (
		in          inputFlags
		out         outputFlags
		which       selector
		all, public bool
	)
	cmd := &cobra.Command{
		Use:     "find [flags] SET",
		Aliases: []string{"get"},
		Short:   "Write the key of a set that has this kid, thumbprint or alg",
		Long: `find writes the key that meets all flags, as it is in the set, with unknown
members, and with its private half if it has one. --public writes the public
half.

At least one flag that selects is needed. --kid "" finds keys whose kid is the
empty string.

If several keys meet the flags, find lists them and writes no key (exit code 2).
--all writes them as a JWK Set, even if there is only one. If no key meets the
flags, the exit code is 1, and the message says why.`,
		Example: `  jwk set find jwks.json --kid 2026-01
  jwk set find jwks.json --alg ES256 --public -o key.jwk
  jwk set find jwks.json --index 0
  jwk set find https://provider.example/jwks --use sig --all`,
		Args: arguments("SET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := which.parse(cmd); err != nil {
				return err
			}
			if !which.given() {
				return wrongUsage("nothing says which key, want --kid, --thumbprint, --alg or another flag that selects")
			}
			d, err := in.read(cmd, args[0])
			if err != nil {
				return err
			}
			entries, err := entriesOf(d)
			if err != nil {
				return err
			}
			found, err := findKeys(d.Name, &which, entries, all)
			if err != nil {
				return err
			}
			if public || len(found) < len(entries) {
				if err := out.keepsPrivate(d, args[0]); err != nil {
					return err
				}
			}
			text, private, err := foundJSON(d.Name, found, all, public)
			if err != nil {
				return err
			}
			return out.write(cmd, text, private)
		},
	}
	in.add(cmd)
	which.add(cmd)
	which.addPlaces(cmd)
	out.add(cmd, true)
	cmd.Flags().BoolVar(&all, "all", false, "write all keys that meet the flags, as a JWK Set")
	cmd.Flags().BoolVar(&public, "public", false, "write the public half")
	return cmd
}

// findKeys returns the keys that meet the flags: one, or any number except 0 if all is set.
func findKeys(name string, which *selector, entries []entry, all bool) ([]entry, error) {
	var found, unusable []entry
	for _, e := range which.pick(entries) {
		if e.key != nil {
			found = append(found, e)
		} else {
			unusable = append(unusable, e)
		}
	}
	switch {
	case len(found) == 0 && len(unusable) > 0:
		return nil, answerNo("%s: no key for %s: %s", name, which, unusable[0].describe())
	case len(found) == 0:
		return nil, which.notFound(name, entries)
	case len(found) > 1 && !all:
		return nil, which.several(name, found, "--all writes all of them")
	}
	return found, nil
}

// foundJSON returns the JSON of a key, or of a set of keys, and whether it is private.
func foundJSON(name string, found []entry, asSet, public bool) (text []byte, private bool, err error) {
	var texts [][]byte
	for _, e := range found {
		text, secret := e.text, e.isPrivate()
		if public {
			if text, err = publicText(name, &e); err != nil {
				return nil, false, err
			}
			secret = false
		}
		texts = append(texts, text)
		private = private || secret
	}
	if !asSet {
		return indented(texts[0]), private, nil
	}
	text = append([]byte(`{"keys":[`), bytes.Join(texts, []byte(","))...)
	return indented(append(text, "]}"...)), private, nil
}

// publicText returns the JSON of the public half of a key.
func publicText(name string, e *entry) ([]byte, error) {
	if e.key.Type() == jwk.Oct {
		return nil, &input.Error{Name: name, Reason: e.describe() + ": a symmetric key has no public half"}
	}
	half, err := e.key.Public()
	if err != nil {
		return nil, trouble{fmt.Errorf("%s: %s: %w", name, e.describe(), err)}
	}
	return half.MarshalJSON()
}
