package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed1f6cf2d3/jwk"
)

// A report is the document that --json writes.
type report struct {
	Keys    []keyReport     `json:"keys"`
	Skipped []skippedReport `json:"skipped"`

	exposed []int // the indexes of entries with private or symmetric material
	hiding  bool  // a member of the set besides "keys" has such material
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

	path, reason string // the parts of Error
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

// stated returns the value of a member, even if the value is not registered. It returns nil if
// the key does not have the member.
func stated[T any](k *jwk.Key, name string) *T {
	text, ok := k.Member(name)
	if !ok {
		return nil
	}
	v := new(T)
	if json.Unmarshal(text, v) != nil {
		return nil // never: the parser has checked the type
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

// explain returns the path of an error within the entry, and the rest of its text.
func explain(err error, entry string) (path, reason string) {
	if e, ok := errors.AsType[*jwk.Error](err); ok {
		return strings.TrimPrefix(string(e.Path), entry), e.Err.Error()
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

// json returns the report for programs. It is ASCII, with escapes for all other characters:
// some terminals take characters such as U+009B for control characters.
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

// size returns the type with the curve or the size in bits.
func (k *keyReport) size() string {
	switch {
	case k.Curve != "":
		return string(k.Type) + " " + string(k.Curve)
	case k.Bits != 0:
		return string(k.Type) + " " + strconv.Itoa(k.Bits)
	}
	return string(k.Type)
}

// maxOps is the largest number of operations that a table shows. Eight are registered.
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

// maxListed is the largest number of indexes that a warning lists.
const maxListed = 8

// list writes indexes for a warning.
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
