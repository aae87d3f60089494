package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newEqual() *cobra.Command {
	var (
		in    inputFlags
		allow weakFlag
		exact bool
	)
	cmd := &cobra.Command{
		Use:     "equal [flags] A B",
		Aliases: []string{"eql"},
		Short:   "Say whether two files have the same keys",
		Long: `equal compares two keys, each in any form. They are the same if they have the
same public material: a private key, its public half and its certificate are
equal, and kid, use and alg are not compared. Symmetric keys are compared in
constant time.

Two sets are the same if each key of one is in the other, in any order.

With --exact the halves and all members are compared too: a private key differs
from its public half, and a key differs from the same key with another kid. A
key that a set has twice must be twice in the other.

The exit code is 0 if the keys are the same, 1 if not, and 2 if a file has an
entry that cannot be used. Standard error says which it is.`,
		Example: `  jwk equal key.jwk server.crt
  jwk equal --exact jwks.json https://provider.example/jwks
  jwk equal private.jwks jwks.json && echo published`,
		Args: arguments("A", "B"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "-" && args[1] == "-" {
				return wrongUsage("A and B cannot both come from standard input")
			}
			r, err := in.reader(cmd)
			if err != nil {
				return err
			}
			allow.apply(r)
			var sides [2]side
			for i, arg := range args {
				if sides[i].doc, err = r.Read(cmd.Context(), arg); err == nil {
					sides[i].keys, err = sides[i].doc.All()
				}
				if err != nil {
					return notCompared(err)
				}
			}
			return compare(cmd, sides[0], sides[1], exact)
		},
	}
	in.add(cmd)
	allow.add(cmd)
	cmd.Flags().BoolVar(&exact, "exact", false, "compare halves and members too")
	return cmd
}

// notCompared returns the error of a comparison with a file that cannot be used. It is not the
// answer no.
func notCompared(err error) error { return trouble{fmt.Errorf("not compared: %w", err)} }

// A side is one of the two documents that are compared.
type side struct {
	doc  *input.Document
	keys []*jwk.Key
}

// compare says on standard error whether two documents have the same keys, and returns a negative
// if not.
func compare(cmd *cobra.Command, a, b side, exact bool) error {
	same := sameMaterial
	if exact {
		same = sameMembers
	}
	missingB := a.without(b, same, exact)
	missingA := b.without(a, same, exact)
	if len(a.keys) == 1 && len(b.keys) == 1 {
		return comparePair(cmd, a, b, len(missingB) == 0)
	}
	if len(missingA) == 0 && len(missingB) == 0 {
		say(cmd, "equal: "+count(len(a.keys), "key", "keys")+" in "+a.name()+", "+count(len(b.keys), "key", "keys")+" in "+b.name())
		return nil
	}
	var reasons []string
	if len(missingB) > 0 {
		reasons = append(reasons, "only in "+a.name()+": index "+indexes(missingB))
	}
	if len(missingA) > 0 {
		reasons = append(reasons, "only in "+b.name()+": index "+indexes(missingA))
	}
	return answerNo("not equal: %s", strings.Join(reasons, "; "))
}

func (s side) name() string { return terminal.Escape(s.doc.Name) }

// comparePair says whether two keys are the same.
func comparePair(cmd *cobra.Command, a, b side, equal bool) error {
	x, y := a.keys[0], b.keys[0]
	names := a.name() + " (" + nameKey(x) + ") and " + b.name() + " (" + nameKey(y) + ")"
	switch {
	case equal:
		say(cmd, "equal: "+names)
		return nil
	case sameMaterial(x, y) && x.IsPrivate() != y.IsPrivate():
		return answerNo("not equal: %s are the two halves of one key", names)
	case sameMaterial(x, y):
		return answerNo("not equal: %s are one key with different members", names)
	}
	return answerNo("not equal: %s", names)
}

// sameMaterial reports whether two keys have the same public material.
func sameMaterial(a, b *jwk.Key) bool {
	if a.Type() == jwk.Oct || b.Type() == jwk.Oct {
		return a.Equal(b)
	}
	return a.Thumbprint() == b.Thumbprint()
}

// sameMembers reports whether two keys have the same members.
func sameMembers(a, b *jwk.Key) bool { return jwk.NewSet(a).Equal(jwk.NewSet(b)) }

// without returns the places of the keys of s that are not in other. If once is set, a key of other
// is the same as one key of s at most.
func (s side) without(other side, same func(a, b *jwk.Key) bool, once bool) []int {
	candidates := map[jwk.Thumbprint][]*jwk.Key{}
	for _, k := range other.keys {
		candidates[k.Thumbprint()] = append(candidates[k.Thumbprint()], k)
	}
	var missing []int
	for i, k := range s.keys {
		t := k.Thumbprint()
		j := slices.IndexFunc(candidates[t], func(c *jwk.Key) bool { return same(k, c) })
		switch {
		case j < 0:
			missing = append(missing, s.doc.Index(i))
		case once:
			candidates[t] = slices.Delete(candidates[t], j, j+1)
		}
	}
	return missing
}
