package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/spf13/cobra"
)

func newInspect() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect [--json] FILE|-",
		Short: "Show what is in a key or a set",
		Long: `inspect reads a JSON Web Key, or a set of them, from a file or from standard
input (-), and shows each key: its place in the set, kid, type and size or
curve, use, key_ops, alg, whether it is public, private or secret, and its
thumbprint (RFC 7638, SHA-256). Then it shows the entries that cannot be used,
and why. It never shows key material, and no thumbprint of a symmetric key,
which would help to guess it.

It reads leniently: deviations from the standards that real providers emit are
accepted, and listed beside the key by the member that has them. A strict
parser refuses such a key. Texts that are not plain ASCII words are shown
quoted, and long ones are cut.

With --json the output is one object, in ASCII, with the texts as they are:

  {
    "keys": [{
      "index": 0,             in the "keys" of the document; 0 for a single key
      "kid": "...",           left out if the key has none
      "kty": "EC",
      "crv": "P-256",         EC and OKP only
      "bits": 256,
      "use": "sig",           left out if the key has none
      "key_ops": ["verify"],  left out if the key has none
      "alg": "ES256",         left out if the key has none
      "private": false,       true for symmetric keys, too
      "thumbprint": "...",    left out for symmetric keys
      "thumbprint_uri": "urn:ietf:params:oauth:jwk-thumbprint:sha-256:...",
      "deviations": [{"path": "/x", "code": "width"}]
    }],
    "skipped": [{
      "index": 1,
      "kid": "...",           left out if there is none
      "error": "/kty: key type \"X\", want RSA, EC, OKP, oct or AKP",
      "kind": "unsupported"   or syntax, invalid, policy
    }]
  }

A summary goes to standard error, and a warning if the input holds private or
symmetric keys, wherever they are in it. The exit code is 1 if there is no usable key.`,
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

// maxDocument is the default limit of jwk.Parser.
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

// inspect reports on a document, which was in the place with that name.
func inspect(name string, data []byte, asJSON bool, stdout, stderr io.Writer) error {
	document := data
	var errKey error
	if isKey(data) {
		document = setOf(data)
		_, errKey = newParser().Parse(data)
	}
	set, err := newParser().ParseSet(document)
	if _, reason := explain(errKey, ""); err != nil || strings.HasPrefix(reason, "missing in ") { // it is something else
		if errKey != nil {
			err = errKey // with places in data
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

// A single key is read as the set of it: there too it may be refused and
// still have a kid to tell, and private members to warn of.
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

// setOf returns the set of one entry. A byte order mark stays in front.
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

// A report is what --json writes.
type report struct {
	Keys    []keyReport     `json:"keys"`
	Skipped []skippedReport `json:"skipped"`

	exposed []int // the indexes of entries with private or symmetric material
	hiding  bool  // there is some in a member of the set besides "keys"
}

type keyReport struct {
	Index         int           `json:"index"`
	KeyID         *string       `json:"kid,omitempty"`
	Type          jwk.KeyType   `json:"kty"`
	Curve         jwk.Curve     `json:"crv,omitempty"`
	Bits          int           `json:"bits"`
	Use           *string       `json:"use,omitempty"`
	Ops           []string      `json:"key_ops,omitzero"`
	Algorithm     *string       `json:"alg,omitempty"`
	Private       bool          `json:"private"`
	Thumbprint    string        `json:"thumbprint,omitempty"`
	ThumbprintURI string        `json:"thumbprint_uri,omitempty"`
	Deviations    []deviationAt `json:"deviations"`
}

type deviationAt struct {
	Path string            `json:"path"`
	Code jwk.DeviationCode `json:"code"`
}

type skippedReport struct {
	Index int    `json:"index"`
	KeyID string `json:"kid,omitempty"`
	Error string `json:"error"`
	Kind  string `json:"kind"`

	path, reason string // of Error
}

func newReport(set *jwk.Set) *report {
	r := &report{Keys: []keyReport{}, Skipped: []skippedReport{}}
	skipped := set.Skipped()
	rest := skipped
	index := 0
	for k := range set.All() {
		for ; len(rest) > 0 && rest[0].Index == index; rest = rest[1:] {
			index++
		}
		r.Keys = append(r.Keys, newKeyReport(index, k))
		if _, err := k.MarshalJSON(); errors.Is(err, jwk.ErrPrivate) {
			r.exposed = append(r.exposed, index)
		}
		index++
	}
	private := newParser()
	private.PublicOnly = true
	for _, s := range skipped {
		r.Skipped = append(r.Skipped, newSkippedReport(s))
		if _, err := private.ParseSet(setOf(s.JSON)); errors.Is(err, jwk.ErrPrivate) {
			r.exposed = append(r.exposed, s.Index)
		}
	}
	slices.Sort(r.exposed)
	if _, err := set.MarshalJSON(); errors.Is(err, jwk.ErrPrivate) {
		r.hiding = len(r.exposed) == 0
	}
	return r
}

func newKeyReport(index int, k *jwk.Key) keyReport {
	r := keyReport{
		Index:      index,
		KeyID:      stated[string](k, "kid"),
		Type:       k.Type(),
		Curve:      k.Curve(),
		Bits:       k.Bits(),
		Use:        stated[string](k, "use"),
		Algorithm:  stated[string](k, "alg"),
		Private:    k.IsPrivate(),
		Deviations: []deviationAt{},
	}
	if ops := stated[[]string](k, "key_ops"); ops != nil {
		r.Ops = *ops
	}
	if k.Type() != jwk.Oct {
		r.Thumbprint, r.ThumbprintURI = k.Thumbprint().String(), k.Thumbprint().URI()
	}
	for _, d := range k.Deviations() {
		r.Deviations = append(r.Deviations, deviationAt{string(d.Path), d.Code})
	}
	return r
}

// stated returns a member as the key states it, unregistered values included;
// nil if the key does not have it.
func stated[T any](k *jwk.Key, name string) *T {
	text, ok := k.Member(name)
	if !ok {
		return nil
	}
	v := new(T)
	if json.Unmarshal(text, v) != nil {
		return nil // never: the parser has checked its type
	}
	return v
}

func newSkippedReport(s jwk.Skipped) skippedReport {
	r := skippedReport{Index: s.Index, KeyID: s.KeyID, Kind: kindOf(s.Err)}
	r.path, r.reason = explain(s.Err, entryPath(s.Index))
	r.Error = joined(r.path, r.reason)
	return r
}

func entryPath(index int) string { return "/keys/" + strconv.Itoa(index) }

// explain takes an error apart; its path is that within an entry.
func explain(err error, entry string) (path, reason string) {
	if e, ok := errors.AsType[*jwk.Error](err); ok {
		return strings.TrimPrefix(string(e.Path), entry), e.Err.Error()
	}
	if err == nil {
		return "", ""
	}
	return "", err.Error()
}

func joined(path, reason string) string {
	if path == "" {
		return reason
	}
	return path + ": " + reason
}

func kindOf(err error) string {
	switch {
	case errors.Is(err, jwk.ErrSyntax):
		return "syntax"
	case errors.Is(err, jwk.ErrUnsupported):
		return "unsupported"
	case errors.Is(err, jwk.ErrPolicy):
		return "policy"
	}
	return "invalid"
}

// json returns the report for programs. It is ASCII: what is a control
// character to some terminal, such as U+009B, is an escape here.
func (r *report) json() []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		panic(err) // a report is always encodable
	}
	var ascii []byte
	for _, c := range buf.String() {
		if c < 0x7f {
			ascii = utf8.AppendRune(ascii, c)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, c) {
			ascii = fmt.Appendf(ascii, `\u%04x`, unit)
		}
	}
	return ascii
}

// table returns the report for people.
func (r *report) table() []byte {
	var buf bytes.Buffer
	if len(r.Keys) > 0 {
		w := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "INDEX\tKID\tTYPE\tUSE\tKEY_OPS\tALG\tHALF\tTHUMBPRINT\tDEVIATIONS")
		for _, k := range r.Keys {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Index, optional(k.KeyID), k.size(),
				optional(k.Use), k.operations(), optional(k.Algorithm), k.half(), orAbsent(k.Thumbprint), k.deviations())
		}
		w.Flush() // a bytes.Buffer does not fail
	}
	if len(r.Skipped) > 0 {
		if len(r.Keys) > 0 {
			buf.WriteByte('\n')
		}
		w := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "INDEX\tKID\tSKIPPED BECAUSE")
		for _, s := range r.Skipped {
			path, kid := "", absent
			if s.path != "" {
				path = cell(s.path)
			}
			if s.KeyID != "" {
				kid = cell(s.KeyID)
			}
			fmt.Fprintf(w, "%d\t%s\t%s\n", s.Index, kid, joined(path, escape(s.reason)))
		}
		w.Flush()
	}
	return buf.Bytes()
}

func optional(s *string) string {
	if s == nil {
		return absent
	}
	return cell(*s)
}

func orAbsent(s string) string {
	if s == "" {
		return absent
	}
	return s
}

// size is the type with the curve, or with the size in bits.
func (k *keyReport) size() string {
	switch {
	case k.Curve != "":
		return string(k.Type) + " " + string(k.Curve)
	case k.Bits != 0:
		return string(k.Type) + " " + strconv.Itoa(k.Bits)
	}
	return string(k.Type)
}

// maxOps is how many operations a table shows; there are eight registered ones.
const maxOps = 8

func (k *keyReport) operations() string {
	switch {
	case k.Ops == nil:
		return absent
	case len(k.Ops) == 0:
		return "[]"
	}
	var shown []string
	for i, op := range k.Ops {
		if i == maxOps {
			shown = append(shown, "...")
			break
		}
		shown = append(shown, cell(op))
	}
	return strings.Join(shown, ",")
}

func (k *keyReport) half() string {
	switch {
	case k.Type == jwk.Oct:
		return "secret"
	case k.Private:
		return "private"
	}
	return "public"
}

func (k *keyReport) deviations() string {
	var shown []string
	for _, d := range k.Deviations {
		shown = append(shown, strings.TrimSpace(d.Path+" "+string(d.Code)))
	}
	return orAbsent(strings.Join(shown, ", "))
}

// maxListed is how many indexes a warning names.
const maxListed = 8

func list(indexes []int) string {
	var shown []string
	for i, n := range indexes {
		if i == maxListed {
			return strings.Join(shown, ", ") + " and more"
		}
		shown = append(shown, strconv.Itoa(n))
	}
	return strings.Join(shown, ", ")
}
