package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// outputFlags are the flags of a verb that writes keys.
type outputFlags struct {
	file        string
	force       bool
	showPrivate bool
}

// add adds the flags. private says whether the verb may write private keys.
func (f *outputFlags) add(cmd *cobra.Command, private bool) {
	flags := cmd.Flags()
	flags.StringVarP(&f.file, "out", "o", "", "write to `FILE` instead of standard output, with mode 0600 if it is private")
	flags.BoolVar(&f.force, "force", false, "replace a file that exists")
	if private {
		flags.BoolVar(&f.showPrivate, "show-private", false, "write private keys to a terminal")
	}
}

// write writes a result to the file of -o or to standard output. private says whether it must be
// kept secret.
func (f *outputFlags) write(cmd *cobra.Command, data []byte, private bool) error {
	if err := f.check(cmd, private); err != nil {
		return err
	}
	if f.toFile() {
		return files.Write(f.file, data, files.WriteOptions{Private: private, Replace: f.force})
	}
	out := cmd.OutOrStdout()
	if terminal.IsTerminal(out) && json.Valid(data) {
		data = toASCII(string(data)) // the same JSON, without characters that control the terminal
	}
	if _, err := out.Write(data); err != nil {
		return trouble{err}
	}
	return nil
}

// check returns the error with which write refuses a result, so that it is not made in vain.
func (f *outputFlags) check(cmd *cobra.Command, private bool) error {
	if f.toFile() {
		return files.Check(f.file, files.WriteOptions{Private: private, Replace: f.force})
	}
	if private && !f.showPrivate && terminal.IsTerminal(cmd.OutOrStdout()) {
		return wrongUsage("a private key is not shown on a terminal: use -o FILE, a pipe, or --show-private")
	}
	return nil
}

// keepsPrivate returns the error that a result without all the private keys of the input would
// replace the input. arg is the argument of the input.
func (f *outputFlags) keepsPrivate(d *input.Document, arg string) error {
	if !f.toFile() || arg == "-" || input.IsURL(arg) || !hasPrivate(d) {
		return nil
	}
	from, errFrom := os.Stat(arg)
	to, errTo := os.Stat(f.file)
	if errFrom == nil && errTo == nil && os.SameFile(from, to) {
		return wrongUsage("-o is the input: a private key would be lost")
	}
	return nil
}

// hasPrivate reports whether a document has private or symmetric keys, even if they cannot be used.
func hasPrivate(d *input.Document) bool {
	return slices.ContainsFunc(slices.Collect(d.Keys.All()), (*jwk.Key).IsPrivate) ||
		slices.ContainsFunc(d.Skipped, holdsPrivate) || holdsPrivateBeside(d)
}

// writeEncrypted writes a result that only the holder of a passphrase or key can read. It may be
// shown on a terminal, and its file has the mode 0600, because others could guess the passphrase.
// Only a terminal gets a line break after a JWE: jose does not read a JWE with one.
func (f *outputFlags) writeEncrypted(cmd *cobra.Command, data []byte) error {
	if !f.toFile() && terminal.IsTerminal(cmd.OutOrStdout()) && !bytes.HasSuffix(data, []byte("\n")) {
		data = append(data, '\n')
	}
	return f.write(cmd, data, f.toFile())
}

// toFile reports whether the result goes to a file and not to standard output.
func (f *outputFlags) toFile() bool { return f.file != "" && f.file != "-" }

// indented returns a JSON text with a line for each member, for people and for diff.
func indented(text []byte) []byte {
	v := jsontext.Value(text).Clone()
	must(v.Indent(jsontext.WithIndent("  "))) // the library has written the text
	return append(v, '\n')
}

// keyJSON returns the JSON of a key, indented, and whether it has private material.
func keyJSON(k *jwk.Key) (text []byte, private bool, err error) {
	return marshaled(k.MarshalJSON, k.MarshalPrivateJSON)
}

// setJSON returns the JSON of a set, indented, and whether it has private material.
func setJSON(s *jwk.Set) (text []byte, private bool, err error) {
	return marshaled(s.MarshalJSON, s.MarshalPrivateJSON)
}

func marshaled(public, whole func() ([]byte, error)) (text []byte, private bool, err error) {
	text, err = public()
	if errors.Is(err, jwk.ErrPrivate) {
		private = true
		text, err = whole()
	}
	if err != nil {
		return nil, private, err
	}
	return indented(text), private, nil
}
