package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A verdict is the document that check --json writes.
type verdict struct {
	Valid   bool     `json:"valid"`
	Reasons []reason `json:"reasons"`
	Notes   []note   `json:"notes"`
}

// A reason says why a document is not valid.
type reason struct {
	Index *int   `json:"index,omitempty"` // nil if the reason is about the whole document
	KeyID string `json:"kid,omitempty"`
	Path  string `json:"path"` // a JSON Pointer; if the document is not JSON, in the key that it holds
	Code  string `json:"code"` // of a deviation or a note, or a kind of error
	Text  string `json:"reason"`
	Rule  string `json:"rule,omitempty"`

	place string // the place for people
}

// wholeDocument is the place of a reason that is not about an entry.
const wholeDocument = "document"

// codePrivate is the code of a reason about private material in a document to publish.
const codePrivate = "private"

// maxKID is the largest number of columns of a kid in a line on a screen.
const maxKID = 40

// line returns a reason for people, in plain ASCII. A long kid is whole in a pipe and cut in the
// middle on a screen.
func (r *reason) line(s terminal.Screen) string {
	where := r.place
	if r.KeyID != "" {
		kid := terminal.Word(r.KeyID)
		if s.Width > 0 {
			kid = terminal.CutMiddle(kid, maxKID)
		}
		where += " (kid " + kid + ")"
	}
	return where + ": " + r.Code + ": " + withRule(terminal.Escape(r.Text), r.Rule)
}

// at sets the place of a reason about an entry. The path of r is the place within the entry.
func (r *reason) at(d *input.Document, index int) {
	r.Index = &index
	switch {
	case d.Form == input.Set:
		r.Path = input.EntryPath(index) + r.Path
		r.place = terminal.ShortWord(r.Path)
	case d.Form == input.JWK && r.Path != "":
		r.place = terminal.ShortWord(r.Path)
	default:
		r.place = "key"
		if d.IsSet() {
			r.place += " " + strconv.Itoa(index)
		}
		if r.Path != "" {
			r.place += ", " + terminal.ShortWord(strings.TrimPrefix(r.Path, "/"))
		}
	}
}

// judge returns the reasons why a document that could be read is not valid. public says that
// private and symmetric keys are reasons too.
func judge(d *input.Document, public bool) []reason {
	j := &judgment{d: d, reasons: []reason{}, samples: make(samples)}
	j.marked = j.isJSON() && bytes.HasPrefix(d.Text, []byte("\uFEFF"))
	for index, k := range d.Indexed() {
		j.deviations(index, k)
		if public {
			j.private(index, k)
		}
	}
	for _, s := range d.Skipped {
		j.skipped(&s)
		if public && holdsPrivate(s) {
			j.add(s.Index, s.KeyID, reason{Code: codePrivate, Text: "an entry with private or symmetric material", Rule: ruleDisclosed})
		}
	}
	slices.SortStableFunc(j.reasons, func(a, b reason) int { return *a.Index - *b.Index })
	if j.marked {
		words, rule := explainDeviation(jwk.Deviation{Code: jwk.DeviationBOM}, keyHead{isJSON: true})
		mark := reason{Code: string(jwk.DeviationBOM), Text: words, Rule: rule, place: wholeDocument}
		j.reasons = slices.Insert(j.reasons, 0, mark)
	}
	if public && holdsPrivateBeside(d) {
		j.reasons = append(j.reasons, reason{Code: codePrivate, Text: "private or symmetric material beside the keys of the set", Rule: ruleDisclosed, place: wholeDocument})
	}
	return j.reasons
}

// holdsPrivateBeside reports whether a member of a set besides "keys" has private material.
func holdsPrivateBeside(d *input.Document) bool {
	if d.Form != input.Set {
		return false
	}
	members := d.Members()
	members["keys"] = json.RawMessage("[]")
	rest, err := json.Marshal(members)
	must(err)
	p := jwk.Parser{PublicOnly: true, MaxBytes: math.MaxInt}
	_, err = p.ParseSet(rest)
	return errors.Is(err, jwk.ErrPrivate)
}

// A judgment collects reasons.
type judgment struct {
	d       *input.Document
	reasons []reason
	samples samples
	marked  bool // a byte order mark is before the document in JSON
}

// add adds a reason about an entry. The path of r is the place within the entry.
func (j *judgment) add(index int, keyID string, r reason) {
	r.at(j.d, index)
	r.KeyID = keyID
	j.reasons = append(j.reasons, r)
}

func (j *judgment) isJSON() bool { return j.d.Form == input.Set || j.d.Form == input.JWK }

// deviations adds what the lenient parser accepted in a key.
func (j *judgment) deviations(index int, k *jwk.Key) {
	head := keyHead{k.Type(), k.Curve(), k.Algorithm(), j.isJSON()}
	for _, d := range k.Deviations() {
		if d.Code == jwk.DeviationBOM && j.isJSON() {
			j.marked = true // one mark, which every key has among its deviations
			continue
		}
		words, rule := explainDeviation(d, head)
		j.add(index, k.KeyID(), reason{Path: string(d.Path), Code: string(d.Code), Text: words, Rule: rule})
	}
}

// private adds a reason if a key must not be published.
func (j *judgment) private(index int, k *jwk.Key) {
	r := reason{Code: codePrivate, Rule: ruleDisclosed}
	_, err := k.MarshalJSON()
	switch {
	case k.Type() == jwk.Oct:
		r.Path, r.Text = "/k", "a symmetric key, want public keys only"
	case k.IsPrivate() && k.Type() == jwk.AKP:
		r.Path, r.Text = "/priv", "a private key, want public keys only"
	case k.IsPrivate():
		r.Path, r.Text = "/d", "a private key, want public keys only"
	case errors.Is(err, jwk.ErrPrivate):
		r.Text = "a private member within another member, want public keys only"
	default:
		return
	}
	j.add(index, k.KeyID(), r)
}

// skipped adds the reasons why an entry cannot be used.
func (j *judgment) skipped(s *jwk.Skipped) {
	if s.JSON == nil {
		path, text := input.Reason(s.Err, input.EntryPath(s.Index))
		j.add(s.Index, s.KeyID, reason{Path: path, Code: kindOf(s.Err), Text: text, Rule: ruleOf(path, text, keyHead{})})
		return
	}
	e := &examination{text: s.JSON, head: headOf(s.JSON), samples: j.samples}
	for _, r := range e.reasons() {
		j.add(s.Index, s.KeyID, r)
	}
}
