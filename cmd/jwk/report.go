package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A report is the document that --json writes.
type report struct {
	Keys    []keyReport     `json:"keys"`
	Skipped []skippedReport `json:"skipped"`
	Notes   []note          `json:"notes"`

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
	IssuedAt      string        `json:"iat,omitempty"`
	NotBefore     string        `json:"nbf,omitempty"`
	Expires       string        `json:"exp,omitempty"`
	Comment       string        `json:"comment,omitempty"` // of an SSH key
	Deviations    []deviationAt `json:"deviations"`

	Certificates []certificateReport `json:"certificates,omitempty"`
}

type deviationAt struct {
	Path string            `json:"path"`
	Code jwk.DeviationCode `json:"code"`
}

type skippedReport struct {
	Index int    `json:"index"`
	KeyID string `json:"kid,omitempty"`
	Error string `json:"error"`
	Rule  string `json:"rule,omitempty"`
	Kind  string `json:"kind"`

	path, reason string // the parts of Error
}

func newReport(d *input.Document, now time.Time) *report {
	r := &report{Keys: []keyReport{}, Skipped: []skippedReport{}, Notes: notesOn(d, now)}
	i := 0
	for k := range d.Keys.All() {
		index := d.Index(i)
		key := newKeyReport(index, k)
		if i < len(d.Comments) {
			key.Comment = d.Comments[i]
		}
		r.Keys = append(r.Keys, key)
		i++
		if _, err := k.MarshalJSON(); errors.Is(err, jwk.ErrPrivate) {
			r.exposed = append(r.exposed, index)
		}
	}
	for _, s := range d.Skipped {
		r.Skipped = append(r.Skipped, newSkippedReport(s))
		if holdsPrivate(s) {
			r.exposed = append(r.exposed, s.Index)
		}
	}
	slices.Sort(r.exposed)
	if _, err := d.Keys.MarshalJSON(); errors.Is(err, jwk.ErrPrivate) {
		r.hiding = len(r.exposed) == 0
	}
	return r
}

// holdsPrivate reports whether an entry that cannot be used has private material nevertheless.
func holdsPrivate(s jwk.Skipped) bool {
	if s.JSON == nil {
		return bytes.Contains(s.PEM, []byte("PRIVATE KEY"))
	}
	private := jwk.Parser{Lenient: true, PublicOnly: true, MaxBytes: math.MaxInt}
	_, err := private.ParseSet(input.SetOf(s.JSON))
	return errors.Is(err, jwk.ErrPrivate)
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
	a := k.Attributes()
	r.IssuedAt, r.NotBefore, r.Expires = instant(a.IssuedAt), instant(a.NotBefore), instant(a.Expires)
	r.Certificates = certificatesOf(k)
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
	r.path, r.reason = input.Reason(s.Err, input.EntryPath(s.Index))
	r.Error = r.reason
	if r.path != "" {
		r.Error = r.path + ": " + r.reason
	}
	r.Rule = ruleOf(r.path, r.reason, headOf(s.JSON))
	return r
}

// headOf returns what an entry that cannot be used says about its type. entry is nil if it is not
// a JWK.
func headOf(entry []byte) keyHead {
	if entry == nil {
		return keyHead{}
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(entry, &members) // the rules of an entry that is not an object need no type
	text := func(name string) (s string) {
		_ = json.Unmarshal(members[name], &s) // "" for another type
		return s
	}
	return keyHead{jwk.KeyType(text("kty")), jwk.Curve(text("crv")), jwk.Algorithm(text("alg")), true}
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

// tables returns the report for people.
func (r *report) tables() []*terminal.Table {
	var tables []*terminal.Table
	if len(r.Keys) > 0 {
		t := &terminal.Table{Columns: []terminal.Column{
			{Name: "INDEX"},
			{Name: "KID", Cut: true},
			{Name: "TYPE"},
			{Name: "USE", Below: terminal.Last},
			{Name: "KEY_OPS", Below: terminal.First},
			{Name: "ALG", Below: terminal.Last},
			{Name: "HALF", Below: terminal.Last},
			{Name: "THUMBPRINT", Below: terminal.First},
			{Name: "DEVIATIONS", Below: terminal.First},
			{Name: "IAT", Below: terminal.First},
			{Name: "NBF", Below: terminal.First},
			{Name: "EXP", Below: terminal.First},
			{Name: "COMMENT", Below: terminal.First},
		}}
		for _, k := range r.Keys {
			t.Rows = append(t.Rows, []string{strconv.Itoa(k.Index), optional(k.KeyID), k.size(),
				optional(k.Use), k.operations(), optional(k.Algorithm), k.half(), k.Thumbprint,
				k.deviations(), k.IssuedAt, k.NotBefore, k.Expires, k.comment()})
		}
		tables = append(tables, t)
	}
	if t := r.certificateTable(); len(t.Rows) > 0 {
		tables = append(tables, t)
	}
	if len(r.Skipped) > 0 {
		t := &terminal.Table{Columns: []terminal.Column{
			{Name: "INDEX"}, {Name: "KID", Cut: true}, {Name: "SKIPPED BECAUSE", Wrap: true},
		}}
		for _, s := range r.Skipped {
			kid, reason := "", terminal.Escape(s.reason)
			if s.KeyID != "" {
				kid = terminal.Word(s.KeyID)
			}
			if s.path != "" {
				reason = terminal.ShortWord(s.path) + ": " + reason
			}
			t.Rows = append(t.Rows, []string{strconv.Itoa(s.Index), kid, withRule(reason, s.Rule)})
		}
		tables = append(tables, t)
	}
	if len(r.Notes) > 0 {
		tables = append(tables, noteTable(r.Notes))
	}
	return tables
}

// instant returns a time in the form of RFC 3339, or "" if there is no time. A key may state a year
// before 0, which encoding/json refuses.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (k *keyReport) comment() string {
	if k.Comment == "" {
		return ""
	}
	return terminal.Word(k.Comment)
}

// optional returns the value of a member, or "" if the key does not have it.
func optional(s *string) string {
	if s == nil {
		return ""
	}
	return terminal.Word(*s)
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
		return ""
	case len(k.Ops) == 0:
		return "[]"
	}
	var shown []string
	for i, op := range k.Ops {
		if i == maxOps {
			shown = append(shown, "...")
			break
		}
		shown = append(shown, terminal.Word(op))
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
	return strings.Join(shown, ", ")
}

// maxListed is the largest number of indexes that a warning lists.
const maxListed = 8

// indexes lists places for a warning.
func indexes(places []int) string { return shortened(numerals(places), maxListed) }

func numerals(places []int) []string {
	var shown []string
	for _, n := range places {
		shown = append(shown, strconv.Itoa(n))
	}
	return shown
}

// shortened lists the first texts, and says how many more there are.
func shortened(all []string, most int) string {
	if n := len(all) - most; n > 0 {
		return strings.Join(all[:most], ", ") + " and " + strconv.Itoa(n) + " more"
	}
	return strings.Join(all, ", ")
}
