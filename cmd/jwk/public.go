package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

func newPublic() *cobra.Command {
	var (
		in  inputFlags
		out outputFlags
	)
	cmd := &cobra.Command{
		Use:     "public [flags] FILE|URL|-",
		Aliases: []string{"pub"},
		Short:   "Write the public half of a key or a set, to give away",
		Long: `public writes the public half of a key as a JWK, or of all keys of a set as a
set. Input with several keys in another form, such as PEM, becomes a set.

The result is safe to publish. It has the public material and the members kty,
use, key_ops, alg, kid, x5u, x5c, x5t, x5t#S256, iat, nbf and exp. All other
members are left out, because they may be secret. In key_ops, sign becomes
verify, decrypt becomes encrypt, and unwrapKey becomes wrapKey.

A symmetric key has no public half. It is refused, and left out of a set with a
warning. Entries that cannot be used are left out with a warning too. The exit
code is 1 if no key is left. -o must not name the input if the input has private
keys, not even with --force.`,
		Example: `  jwk public key.jwk -o public.jwk
  jwk public private.jwks.json -o jwks.json
  jwk public server.pem
  jwk generate ES256 | jwk public -`,
		Args: arguments("FILE|URL|-"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := in.read(cmd, args[0])
			if err != nil {
				return err
			}
			if err := out.keepsPrivate(d, args[0]); err != nil {
				return err
			}
			tellRepairs(cmd, d)
			text, err := publicJSON(cmd, d)
			if err != nil {
				return err
			}
			return out.write(cmd, text, false)
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	return cmd
}

// publicJSON returns the public half of a document as JSON.
func publicJSON(cmd *cobra.Command, d *input.Document) ([]byte, error) {
	keys, err := publicKeys(cmd, d)
	if err != nil {
		return nil, err
	}
	if d.IsSet() {
		text, _, err := setJSON(jwk.NewSet(keys...))
		return text, err
	}
	text, _, err := keyJSON(keys[0])
	return text, err
}

// publicKeys returns the public halves of the keys of a document, at least one.
func publicKeys(cmd *cobra.Command, d *input.Document) ([]*jwk.Key, error) {
	if !d.IsSet() {
		if _, err := d.Key(); err != nil {
			return nil, err
		}
	}
	var (
		publics   []*jwk.Key
		symmetric []int
		lost      leftOut
	)
	warnSkipped(cmd, d)
	for i, k := range slices.Collect(d.Keys.All()) {
		public, err := k.Public()
		switch {
		case isSymmetric(k, err) && !d.IsSet():
			return nil, refusal(d, "a symmetric key, which has no public half: whoever has the key can do everything with it")
		case isSymmetric(k, err):
			symmetric = append(symmetric, d.Index(i))
		case err != nil:
			return nil, refusedAt(d, i, err)
		default:
			lost.addMissing(k, public)
			publics = append(publics, public)
		}
	}
	warnLeftOut(cmd, symmetric, "a symmetric key has no public half")
	for _, name := range setMembers(d) {
		lost.add(name)
	}
	lost.tell(cmd, "may be secret")
	if len(publics) == 0 {
		return nil, answerNo("%s: no key with a public half", d.Name)
	}
	return publics, nil
}

// setMembers returns the names of the members of a set besides "keys", sorted.
func setMembers(d *input.Document) []string {
	return slices.Sorted(maps.Keys(d.Members()))
}
