package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// materialNames are the members that a key has in every form: type and material.
var materialNames = []string{"kty", "crv", "x", "y", "n", "e", "pub", "d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// maxNamed is the largest number of members or deviations that a message names.
const maxNamed = 8

// tellRepairs says which deviations of the input the result no longer has.
func tellRepairs(cmd *cobra.Command, d *input.Document) {
	var shown []string
	more := 0
	for index, k := range d.Indexed() {
		place := ""
		if d.IsSet() {
			place = input.EntryPath(index)
		}
		for _, deviation := range k.Deviations() {
			if len(shown) == maxNamed {
				more++
				continue
			}
			text := string(deviation.Code)
			if path := place + string(deviation.Path); path != "" {
				text = terminal.ShortWord(path) + " " + text
			}
			shown = append(shown, text)
		}
	}
	if more > 0 {
		shown = append(shown, count(more, "other", "others"))
	}
	if len(shown) > 0 {
		say(cmd, "deviations not in the result: "+strings.Join(shown, ", "))
	}
}

// warnSkipped warns of the entries that cannot be used and are not in the result.
func warnSkipped(cmd *cobra.Command, d *input.Document) {
	for i, s := range d.Skipped {
		if i == maxNamed {
			warn(cmd, "%d other entries left out", len(d.Skipped)-i)
			return
		}
		path, reason := input.Reason(s.Err, input.EntryPath(s.Index))
		if path != "" {
			reason = terminal.ShortWord(path) + ": " + reason
		}
		warn(cmd, "index %d left out: %s", s.Index, reason)
	}
}

// warnLeftOut warns of the keys that are not in the result for a reason that they share.
func warnLeftOut(cmd *cobra.Command, places []int, because string) {
	if len(places) > 0 {
		warn(cmd, "index %s left out: %s", indexes(places), because)
	}
}

// A leftOut collects the names of members that a result does not have.
type leftOut []string

func (l *leftOut) add(name string) {
	if !slices.Contains(*l, name) && len(*l) <= maxNamed {
		*l = append(*l, name)
	}
}

// addMissing adds the members of before that after does not have, except for material.
func (l *leftOut) addMissing(before, after *jwk.Key) {
	for name := range before.Members() {
		if _, kept := after.Member(name); !kept && !slices.Contains(materialNames, name) {
			l.add(name)
		}
	}
}

// addAll adds the members of a key, except for material and exceptions.
func (l *leftOut) addAll(k *jwk.Key, exceptions ...string) {
	for name := range k.Members() {
		if !slices.Contains(materialNames, name) && !slices.Contains(exceptions, name) {
			l.add(name)
		}
	}
}

// tell says which members the result does not have.
func (l leftOut) tell(cmd *cobra.Command, because string) {
	var shown []string
	for i, name := range l {
		if i == maxNamed {
			shown = append(shown, "and others")
			break
		}
		shown = append(shown, terminal.ShortWord(name))
	}
	if len(shown) > 0 {
		say(cmd, "left out: "+strings.Join(shown, ", ")+" ("+because+")")
	}
}

// nameKey describes a key in a message: type, size or curve, and half.
func nameKey(k *jwk.Key) string {
	r := keyReport{Type: k.Type(), Curve: k.Curve(), Bits: k.Bits(), Private: k.IsPrivate()}
	if k.Type() == jwk.Oct {
		return "symmetric key"
	}
	return r.half() + " " + r.size() + " key"
}

// refusedOptions returns an error of package jwk about values of flags.
func refusedOptions(err error) error {
	path, reason := input.Reason(err, "")
	if path != "" {
		reason = path + ": " + reason
	}
	return wrongUsage("%s", optionNames.Replace(reason))
}

// optionNames replaces the names of fields in errors of package jwk by the names of flags.
var optionNames = strings.NewReplacer(
	"Bits is", "--bits is",
	"Curve is", "--crv is",
	"KeyID is", "--kid is",
	"/use:", "--use:",
	"/key_ops:", "--ops:",
	"/alg:", "--alg:",
	"/kid:", "--kid:",
	"Recipient", "key of --to",
	"PBES2Count", "--iterations",
	"Passphrase", "passphrase",
)

// refusedAt returns an error of package jwk about a key of a document.
func refusedAt(d *input.Document, i int, err error) error {
	e := &input.Error{Name: d.Name, Err: err}
	e.Path, e.Reason = input.Reason(err, "")
	if d.IsSet() {
		e.Path = input.EntryPath(d.Index(i)) + e.Path
	}
	return e
}

// isSymmetric reports whether an error says that a symmetric key has no public half.
func isSymmetric(k *jwk.Key, err error) bool {
	return k.Type() == jwk.Oct && errors.Is(err, jwk.ErrPrivate)
}

// refusal returns an error that says why a verb cannot use a document.
func refusal(d *input.Document, format string, args ...any) error {
	return &input.Error{Name: d.Name, Reason: fmt.Sprintf(format, args...)}
}
