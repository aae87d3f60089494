package main

import (
	"crypto"
	_ "crypto/sha512" // for --hash
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// thumbprintFlags are the flags of the verb thumbprint.
type thumbprintFlags struct {
	in          inputFlags
	list        listFlags
	allow       weakFlag
	hash        string
	uri         bool
	find        string
	showPrivate bool
}

func newThumbprint() *cobra.Command {
	var f thumbprintFlags
	cmd := &cobra.Command{
		Use:     "thumbprint [flags] FILE|URL|-",
		Aliases: []string{"thp"},
		Short:   "Write the thumbprint of a key, or find a key by its thumbprint",
		Long: `thumbprint writes the thumbprint of a key (RFC 7638): a digest of its public
material in base64url. A private key, its public half and its certificate have
the same thumbprint, and kid, use and alg do not change it.

For one key it writes the thumbprint and nothing else. For a set it writes a
line for each key: the thumbprint, a tab, and the kid, or - if the key has no
kid.

With --find it writes the public half of the key that has the thumbprint. The
thumbprint may be a URI (RFC 9278). The exit code is 1 if no key has it.

A symmetric key is refused without --show-private, because everyone who has the
thumbprint can check guesses at the key (RFC 7638, Section 7). It is left out of
a set with a warning.`,
		Example: `  jwk thumbprint key.jwk
  jwk thumbprint --uri server.crt
  jwk thumbprint https://provider.example/jwks
  jwk thumbprint --find kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k jwks.json`,
		Args: arguments("FILE|URL|-"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.in.add(cmd)
	f.list.add(cmd)
	f.allow.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.hash, "hash", "sha-256", "compute the thumbprint with `HASH`: sha-256, sha-384 or sha-512")
	flags.BoolVar(&f.uri, "uri", false, "write the thumbprint as a URI")
	flags.StringVar(&f.find, "find", "", "write the public half of the key with this `THUMBPRINT`")
	flags.BoolVar(&f.showPrivate, "show-private", false, "write thumbprints of symmetric keys too")
	must(cmd.RegisterFlagCompletionFunc("hash", cobra.FixedCompletions(hashNames(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// A thumbprintHash is a value of --hash.
type thumbprintHash struct {
	name string // in the Named Information Hash Algorithm Registry (RFC 9278, Section 4)
	hash crypto.Hash
}

var thumbprintHashes = []thumbprintHash{
	{"sha-256", crypto.SHA256},
	{"sha-384", crypto.SHA384},
	{"sha-512", crypto.SHA512},
}

func hashNames() []string {
	var names []string
	for _, h := range thumbprintHashes {
		names = append(names, h.name)
	}
	return names
}

func hashNamed(name string) (thumbprintHash, error) {
	for _, h := range thumbprintHashes {
		if h.name == name {
			return h, nil
		}
	}
	return thumbprintHash{}, wrongUsage("hash %s, want %s", terminal.ShortWord(name), strings.Join(hashNames(), ", "))
}

// uriPrefix begins a thumbprint URI. The name of the hash, a colon and the thumbprint follow.
const uriPrefix = "urn:ietf:params:oauth:jwk-thumbprint:"

// A keyThumbprint is the thumbprint of a key in the output of --json.
type keyThumbprint struct {
	Index      int     `json:"index"`
	KeyID      *string `json:"kid,omitempty"`
	Thumbprint string  `json:"thumbprint"`
	URI        string  `json:"thumbprint_uri"`
}

func (f *thumbprintFlags) run(cmd *cobra.Command, arg string) error {
	hash, err := hashNamed(f.hash)
	if err != nil {
		return err
	}
	wanted := f.find
	if f.find != "" {
		if wanted, hash, err = parseWanted(f.find, hash, cmd.Flags().Changed("hash")); err != nil {
			return err
		}
	}
	r, err := f.in.reader(cmd)
	if err != nil {
		return err
	}
	f.allow.apply(r)
	d, err := r.Read(cmd.Context(), arg)
	if err != nil {
		return err
	}
	keys, err := d.Usable()
	if err != nil {
		return err
	}
	warnSkipped(cmd, d)
	if f.find != "" {
		return findThumbprint(cmd, d, keys, wanted, hash)
	}
	var (
		results   []keyThumbprint
		symmetric []int
	)
	for i, k := range keys {
		if k.Type() == jwk.Oct && !f.showPrivate {
			symmetric = append(symmetric, d.Index(i))
			continue
		}
		digest, err := thumbprintOf(k, hash)
		if err != nil {
			return refusedAt(d, i, err)
		}
		results = append(results, keyThumbprint{d.Index(i), stated[string](k, "kid"), digest, uriPrefix + hash.name + ":" + digest})
	}
	if len(results) == 0 {
		return wrongUsage("%s: a symmetric key: its thumbprint helps to guess the key, and is written only with --show-private", d.Name)
	}
	warnLeftOut(cmd, symmetric, "the thumbprint of a symmetric key helps to guess the key; --show-private writes it")
	return f.write(cmd, d, results)
}

// thumbprintOf returns the thumbprint of a key in base64url.
func thumbprintOf(k *jwk.Key, h thumbprintHash) (string, error) {
	digest, err := k.ThumbprintHash(h.hash)
	return base64.RawURLEncoding.EncodeToString(digest), err
}

// write writes thumbprints to standard output.
func (f *thumbprintFlags) write(cmd *cobra.Command, d *input.Document, results []keyThumbprint) error {
	text := func(t keyThumbprint) string {
		if f.uri {
			return t.URI
		}
		return t.Thumbprint
	}
	out := cmd.OutOrStdout()
	if f.list.json || d.IsSet() && (f.list.width > 0 || terminal.IsTerminal(out)) {
		t := &terminal.Table{Columns: []terminal.Column{
			{Name: "THUMBPRINT"}, {Name: "KID", Cut: true, Below: terminal.Last},
		}}
		for _, result := range results {
			t.Rows = append(t.Rows, []string{text(result), optional(result.KeyID)})
		}
		return f.list.write(cmd, map[string]any{"keys": results}, t)
	}
	var lines strings.Builder
	for _, result := range results {
		lines.WriteString(text(result))
		if d.IsSet() {
			kid := optional(result.KeyID)
			if kid == "" {
				kid = terminal.Absent
			}
			lines.WriteString("\t" + kid)
		}
		lines.WriteByte('\n')
	}
	if _, err := fmt.Fprint(out, lines.String()); err != nil {
		return trouble{err}
	}
	return nil
}

// parseWanted returns the thumbprint of --find, and its hash.
func parseWanted(text string, hash thumbprintHash, stated bool) (string, thumbprintHash, error) {
	if rest, ok := strings.CutPrefix(text, uriPrefix); ok {
		name, thumbprint, _ := strings.Cut(rest, ":")
		named, err := hashNamed(name)
		if err != nil {
			return "", hash, err
		}
		if stated && named != hash {
			return "", hash, wrongUsage("--hash is %s, want %s as in the URI of --find, or leave it out", hash.name, named.name)
		}
		text, hash = thumbprint, named
	}
	digest, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(digest) != hash.hash.Size() {
		return "", hash, wrongUsage("--find: not a thumbprint with %s, want %d characters of base64url, or a URI",
			hash.name, base64.RawURLEncoding.EncodedLen(hash.hash.Size()))
	}
	return text, hash, nil
}

// findThumbprint writes the public half of the key with a thumbprint. A symmetric key is never
// found: it has no public half, and the answer would confirm a guess.
func findThumbprint(cmd *cobra.Command, d *input.Document, keys []*jwk.Key, wanted string, hash thumbprintHash) error {
	i := slices.IndexFunc(keys, func(k *jwk.Key) bool {
		digest, err := thumbprintOf(k, hash)
		return err == nil && k.Type() != jwk.Oct && digest == wanted
	})
	if i < 0 {
		return answerNo("%s: no key has this thumbprint", d.Name)
	}
	public, err := keys[i].Public()
	if err != nil {
		return refusedAt(d, i, err)
	}
	text, _, err := keyJSON(public)
	if err != nil {
		return refusedAt(d, i, err)
	}
	return new(outputFlags).write(cmd, text, false)
}
