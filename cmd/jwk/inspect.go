package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/spf13/cobra"
)

func newInspect() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect [--json] FILE|-",
		Short: "Show the keys of a JWK or a JWK Set",
		Long: `inspect reads a JSON Web Key or a JWK Set from a file or from standard input
(-). For each key it shows the place in the set, kid, type and size or curve,
use, key_ops, alg, whether the key is public, private or secret, and the
thumbprint (RFC 7638, SHA-256). Then it shows the entries that cannot be used,
and why. It never shows key material, nor the thumbprint of a symmetric key,
because a thumbprint helps to guess the key.

It reads leniently: it accepts the deviations from the standards that real
providers emit, and lists them beside the key with the member that deviates. A
strict parser refuses such a key. Texts that are not plain ASCII words are
quoted, and long texts are cut.

With --json the output is one object, in ASCII, with the full texts:

  {
    "keys": [{
      "index": 0,             in the "keys" of the document; 0 for a single key
      "kid": "...",           left out if absent
      "kty": "EC",
      "crv": "P-256",         EC and OKP only
      "bits": 256,
      "use": "sig",           left out if absent
      "key_ops": ["verify"],  left out if absent
      "alg": "ES256",         left out if absent
      "private": false,       true for symmetric keys as well
      "thumbprint": "...",    left out for symmetric keys
      "thumbprint_uri": "urn:ietf:params:oauth:jwk-thumbprint:sha-256:...",
      "deviations": [{"path": "/x", "code": "width"}]
    }],
    "skipped": [{
      "index": 1,
      "kid": "...",           left out if absent
      "error": "/kty: key type \"X\", want RSA, EC, OKP, oct or AKP",
      "kind": "unsupported"   or syntax, invalid, policy
    }]
  }

A summary goes to standard error, and a warning if there are private or
symmetric keys anywhere in the input. The exit code is 1 if no key is usable.`,
		Example: `  jwk inspect provider.jwks.json
  curl -s https://provider.example/jwks | jwk inspect -
  jwk inspect --json provider.jwks.json | jq -r '.keys[].thumbprint'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%s, want one: a FILE, or - for standard input", count(len(args), "argument", "arguments"))
			}
			return nil
		},
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readDocument(args[0], cmd.InOrStdin())
			if err != nil {
				return failure{err}
			}
			return inspect(place(args[0]), data, asJSON, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON for programs instead of a table")
	return cmd
}

// maxDocument is the default of MaxBytes of jwk.Parser.
const maxDocument = 16 << 20 // bytes

// readDocument reads a file, or standard input if name is "-".
func readDocument(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, fmt.Errorf("%s: more than %d bytes", place(name), maxDocument)
	}
	return data, nil
}

// place names a file in messages.
func place(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// inspect reports on a document. name is its place for messages.
func inspect(name string, data []byte, asJSON bool, stdout, stderr io.Writer) error {
	document := data
	var errKey error
	if isKey(data) {
		document = setOf(data)
		_, errKey = newParser().Parse(data)
	}
	set, err := newParser().ParseSet(document)
	if err != nil || isOtherForm(errKey) {
		if errKey != nil {
			err = errKey // its places are in data
		}
		path, reason := explain(err, "")
		if path != "" {
			path = cell(path)
		}
		return failure{fmt.Errorf("%s: %s", name, joined(path, reason))}
	}
	r := newReport(set)
	write := r.table
	if asJSON {
		write = r.json
	}
	if _, err := stdout.Write(write()); err != nil {
		return failure{err}
	}
	if len(r.exposed) > 0 {
		fmt.Fprintf(stderr, "warning: private or symmetric key material at index %s: keep it secret\n", list(r.exposed))
	}
	if r.hiding {
		fmt.Fprintln(stderr, "warning: private or symmetric key material beside the keys of the set: keep it secret")
	}
	fmt.Fprintf(stderr, "%s, %s skipped\n", count(len(r.Keys), "key", "keys"), count(len(r.Skipped), "entry", "entries"))
	if len(r.Keys) == 0 {
		return failure{fmt.Errorf("%s: no usable key", name)}
	}
	return nil
}

// isOtherForm reports whether err says that the document is neither a key nor a set, but
// another form that package jwk recognizes, such as the metadata of a provider.
func isOtherForm(err error) bool {
	var form interface{ OtherForm() string }
	return errors.As(err, &form)
}

// A single key is read as a set with one entry: if the key is refused, the report of the entry
// still shows its kid, and inspect warns about its private members.
const beforeKey, afterKey = `{"keys":[`, `]}`

func newParser() *jwk.Parser {
	return &jwk.Parser{Lenient: true, MaxBytes: maxDocument + len(beforeKey) + len(afterKey)}
}

const byteOrderMark = "\uFEFF"

// isKey reports whether a document is one JSON object without "keys".
func isKey(data []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(data, []byte(byteOrderMark)), &members) != nil || members == nil {
		return false
	}
	_, set := members["keys"]
	return !set
}

// setOf returns the text of a set with one entry. A byte order mark stays in front.
func setOf(entry []byte) []byte {
	rest, marked := bytes.CutPrefix(entry, []byte(byteOrderMark))
	var set []byte
	if marked {
		set = append(set, byteOrderMark...)
	}
	set = append(set, beforeKey...)
	set = append(set, rest...)
	return append(set, afterKey...)
}
