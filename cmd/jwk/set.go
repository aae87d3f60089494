package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/setfile"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newSet() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set VERB",
		Short: "List, find, add, remove, merge and compare the keys of a set",
		Long: `set works with the keys of a JWK Set (RFC 7517, Section 5).

add, remove and merge edit a file in place. They hold a lock on FILE.lock
meanwhile, so that several can run at the same time, and replace the file as a
whole or not at all. Everything else in the file stays as it is, byte for byte:
unknown members, entries that cannot be used, and the layout. A file gets the
mode 0600 if it holds anything private. A symbolic link is refused, and so is a
file with another name (a hard link), which would keep the old content.

Only add --create makes a file that does not exist.`,
		Example: `  jwk set list jwks.json
  jwk set find jwks.json --kid 2026-01 -o key.jwk
  jwk public key.jwk | jwk set add jwks.json -
  jwk set remove jwks.json --kid 2025-07
  jwk set diff jwks.json https://provider.example/jwks`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			return errors.New("no verb, want one of list, find, add, remove, merge, diff")
		},
		SuggestionsMinimumDistance: 2,
	}
	for _, verb := range []*cobra.Command{newSetList(), newSetFind(), newSetAdd(), newSetRemove(), newSetMerge(), newSetDiff()} {
		verb.DisableFlagsInUseLine = true
		cmd.AddCommand(verb)
	}
	return cmd
}

// An editedSet is a set in a file, while an edit holds its lock.
type editedSet struct {
	name    string
	file    *setfile.File
	entries []entry
}

// wantFile refuses a set that is not in a file. It is called before anything is read.
func wantFile(cmd *cobra.Command, name string) error {
	if name == "-" || input.IsURL(name) {
		return wrongUsage("%s changes a file in place, want the name of a file as the first argument", cmd.CommandPath())
	}
	return nil
}

// editSet edits the set in a file. edit returns the new text of the file.
func editSet(cmd *cobra.Command, name string, o files.EditOptions, edit func(s *editedSet) ([]byte, error)) error {
	o.Waiting = func() { tell(cmd, "%s: waiting for another process that edits it", name) }
	before, _ := os.Stat(name)
	err := files.Edit(name, o, func(old []byte) (text []byte, private bool, err error) {
		if old == nil {
			old = []byte(setfile.Empty)
		}
		s, err := newEditedSet(name, old)
		if err != nil {
			return nil, false, err
		}
		if text, err = edit(s); err != nil || bytes.Equal(text, old) {
			return old, false, err
		}
		private, err = isPrivateSet(name, text)
		return text, private, err
	})
	if err != nil {
		return err
	}
	after, err := os.Stat(name)
	if err == nil && before != nil && isShared(before) && !isShared(after) {
		tell(cmd, "%s: only its owner can read it now (mode 0600), because it holds private keys", name)
	}
	return nil
}

func isShared(info fs.FileInfo) bool { return info.Mode()&0o077 != 0 }

// newEditedSet reads the text of a file. It refuses every form except a JWK Set, because an edit
// cannot keep the other forms as they are.
func newEditedSet(name string, text []byte) (*editedSet, error) {
	form := input.Recognize(text)
	switch form {
	case input.JWE:
		return nil, trouble{fmt.Errorf("%s: encrypted, want a JWK Set: jwk decrypt, edit the result, and jwk encrypt", name)}
	case input.PEM, input.DER, input.SSH:
		return nil, notASet(name, form)
	}
	r := &input.Reader{Parser: jwk.Parser{Lenient: true}}
	d, err := r.Parse(name, text)
	if err != nil {
		return nil, err
	}
	if d.Form != input.Set {
		return nil, notASet(name, d.Form)
	}
	s := &editedSet{name: name}
	if s.file, err = setfile.Parse(text); err != nil {
		return nil, &input.Error{Name: name, Reason: err.Error()}
	}
	s.entries, err = entriesOf(d)
	return s, err
}

func notASet(name string, form input.Form) error {
	return &input.Error{Name: name, Reason: fmt.Sprintf("%s, want a JWK Set: jwk convert --to set %s -o NEW makes one", strings.ToUpper(string(form)), terminal.ShellWord(name, "FILE"))}
}

// isPrivateSet reports whether anything in a set must be kept secret. Entries that cannot be used
// and members besides "keys" count.
func isPrivateSet(name string, text []byte) (bool, error) {
	p := jwk.Parser{Lenient: true}
	set, err := p.ParseSet(text)
	if err != nil { // never: the text was read before, and each entry is valid JSON
		_, reason := input.Reason(err, "")
		return false, &input.Error{Name: name, Reason: reason, Err: err}
	}
	_, err = set.MarshalJSON()
	return errors.Is(err, jwk.ErrPrivate), nil
}

// tell writes a line for people to standard error. Texts from outside are escaped.
func tell(cmd *cobra.Command, format string, args ...any) {
	say(cmd, terminal.Escape(fmt.Sprintf(format, args...)))
}

// tellEntries says what was done with entries, one line for each of the first ones.
func tellEntries(cmd *cobra.Command, name, done string, entries []entry) {
	for i, e := range entries {
		if i == maxListed {
			tell(cmd, "%s: %s %s", name, done, count(len(entries)-i, "more entry", "more entries"))
			return
		}
		tell(cmd, "%s: %s %s", name, done, e.describe())
	}
}
