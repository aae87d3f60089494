package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newSetDiff() *cobra.Command {
	var (
		in   inputFlags
		list listFlags
	)
	cmd := &cobra.Command{
		Use:   "diff [flags] A B",
		Short: "Compare two sets",
		Long: `diff shows the keys that were added, removed and changed from set A to set B. A
changed key has the kid of a key in A, or its thumbprint if it has no kid, but
other members: diff names them. Entries that cannot be used and members of the
set besides "keys" are compared too. The order of keys and members, white space
and the spelling of strings do not matter. Values are not shown.

The index is the place in A of what was removed, and the place in B of the rest.

The exit code is 0 if the sets are the same, and 1 if they differ.`,
		Example: `  jwk set diff old.jwks.json new.jwks.json
  jwk set diff jwks.json https://provider.example/jwks
  jwk set diff --json old.jwks.json new.jwks.json | jq '.removed'`,
		Args: arguments("A", "B"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneStandardInput(args); err != nil {
				return err
			}
			a, err := in.read(cmd, args[0])
			if err != nil {
				return notCompared(err)
			}
			b, err := in.read(cmd, args[1])
			if err != nil {
				return notCompared(err)
			}
			r, err := newDiffReport(a, b)
			if err != nil {
				return err
			}
			if err := list.write(cmd, r, r.tables()...); err != nil {
				return err
			}
			if !r.isEmpty() {
				return answerNo("the sets differ")
			}
			say(cmd, "no difference")
			return nil
		},
	}
	in.add(cmd)
	list.add(cmd)
	return cmd
}

// A diffReport is the document that --json writes.
type diffReport struct {
	Added          []keyReport     `json:"added"`
	Removed        []keyReport     `json:"removed"`
	Changed        []changedReport `json:"changed"`
	SkippedAdded   []skippedReport `json:"skipped_added"`
	SkippedRemoved []skippedReport `json:"skipped_removed"`
	Members        []string        `json:"members"` // of the sets, besides "keys", that differ
}

type changedReport struct {
	keyReport
	Members []string `json:"changed_members"`
}

func newDiffReport(a, b *input.Document) (*diffReport, error) {
	r := &diffReport{Added: []keyReport{}, Removed: []keyReport{}, Changed: []changedReport{},
		SkippedAdded: []skippedReport{}, SkippedRemoved: []skippedReport{}, Members: []string{}}
	diff := a.Keys.Diff(b.Keys)
	placesA, placesB := placesOf(a), placesOf(b)
	for _, k := range diff.Added {
		r.Added = append(r.Added, newKeyReport(placesB[k], k))
	}
	for _, k := range diff.Removed {
		r.Removed = append(r.Removed, newKeyReport(placesA[k], k))
	}
	replaced := replacedKeys(a.Keys, b.Keys, diff.Removed)
	for _, k := range diff.Changed {
		id := identityIn(k)
		var old *jwk.Key
		if keys := replaced[id]; len(keys) > 0 {
			old, replaced[id] = keys[0], keys[1:]
		}
		r.Changed = append(r.Changed, changedReport{newKeyReport(placesB[k], k), differentMembers(membersOfKey(old), membersOfKey(k))})
	}
	for _, s := range onlyIn(b.Skipped, a.Skipped) {
		r.SkippedAdded = append(r.SkippedAdded, newSkippedReport(s))
	}
	for _, s := range onlyIn(a.Skipped, b.Skipped) {
		r.SkippedRemoved = append(r.SkippedRemoved, newSkippedReport(s))
	}
	r.Members = append(r.Members, differentMembers(membersOfSet(a), membersOfSet(b))...)
	return r, nil
}

func (r *diffReport) isEmpty() bool {
	return len(r.Added)+len(r.Removed)+len(r.Changed)+len(r.SkippedAdded)+len(r.SkippedRemoved)+len(r.Members) == 0
}

// placesOf returns the place of each key in "keys".
func placesOf(d *input.Document) map[*jwk.Key]int {
	places := make(map[*jwk.Key]int)
	for index, k := range d.Indexed() {
		places[k] = index
	}
	return places
}

// replacedKeys returns the keys of a that changed keys of b replace, by their identity: the keys
// that were not removed and that b does not have with the same members.
func replacedKeys(a, b *jwk.Set, removed []*jwk.Key) map[string][]*jwk.Key {
	same := make(map[string]int)
	for k := range b.All() {
		same[textOf(k)]++
	}
	gone := make(map[*jwk.Key]bool)
	for _, k := range removed {
		gone[k] = true
	}
	replaced := make(map[string][]*jwk.Key)
	for k := range a.All() {
		text := textOf(k)
		switch {
		case gone[k]:
		case same[text] > 0:
			same[text]--
		default:
			replaced[identityIn(k)] = append(replaced[identityIn(k)], k)
		}
	}
	return replaced
}

// textOf returns a text that is the same for keys with the same members.
func textOf(k *jwk.Key) string {
	text, err := k.MarshalPrivateJSON()
	must(err) // a parsed key has its private half
	return sameText(text)
}

// identityIn returns a text by which jwk.Set.Diff pairs a changed key.
func identityIn(k *jwk.Key) string {
	if kid := stated[string](k, "kid"); kid != nil {
		return "kid " + *kid
	}
	return "thumbprint " + k.Thumbprint().String()
}

// onlyIn returns the entries of list that are not in other.
func onlyIn(list, other []jwk.Skipped) []jwk.Skipped {
	text := func(s jwk.Skipped) string {
		if s.JSON == nil {
			return string(s.PEM)
		}
		return sameText(s.JSON)
	}
	left := make(map[string]int)
	for _, s := range other {
		left[text(s)]++
	}
	var only []jwk.Skipped
	for _, s := range list {
		if t := text(s); left[t] > 0 {
			left[t]--
		} else {
			only = append(only, s)
		}
	}
	return only
}

// membersOfKey returns the members of a key, or nil if k is nil.
func membersOfKey(k *jwk.Key) map[string]string {
	members := make(map[string]string)
	if k != nil {
		for name, value := range k.Members() {
			members[name] = sameText(value)
		}
	}
	return members
}

// membersOfSet returns the members of a set besides "keys".
func membersOfSet(d *input.Document) map[string]string {
	members := make(map[string]string)
	for name, value := range d.Members() {
		members[name] = sameText(value)
	}
	return members
}

// differentMembers returns the names of the members that are not the same, sorted.
func differentMembers(a, b map[string]string) []string {
	names := []string{}
	for name, value := range a {
		if other, ok := b[name]; !ok || other != value {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// tables returns the report for people.
func (r *diffReport) tables() []*terminal.Table {
	keys := &terminal.Table{Columns: []terminal.Column{
		{Name: "CHANGE"},
		{Name: "INDEX"},
		{Name: "KID", Cut: true},
		{Name: "TYPE"},
		{Name: "USE", Below: terminal.Last},
		{Name: "ALG", Below: terminal.Last},
		{Name: "HALF", Below: terminal.Last},
		{Name: "THUMBPRINT", Below: terminal.First},
		{Name: "DIFFERENT", Below: terminal.First},
	}}
	add := func(change string, k *keyReport, members []string) {
		keys.Rows = append(keys.Rows, []string{change, strconv.Itoa(k.Index), optional(k.KeyID), k.size(),
			optional(k.Use), optional(k.Algorithm), k.half(), k.Thumbprint, words(members)})
	}
	for i := range r.Removed {
		add("removed", &r.Removed[i], nil)
	}
	for i := range r.Added {
		add("added", &r.Added[i], nil)
	}
	for i := range r.Changed {
		add("changed", &r.Changed[i].keyReport, r.Changed[i].Members)
	}
	skipped := &terminal.Table{}
	for _, part := range []struct {
		change string
		list   []skippedReport
	}{{"removed", r.SkippedRemoved}, {"added", r.SkippedAdded}} {
		if len(part.list) == 0 {
			continue
		}
		t := skippedTable(part.list)
		skipped.Columns = append([]terminal.Column{{Name: "CHANGE"}}, t.Columns...)
		for _, row := range t.Rows {
			skipped.Rows = append(skipped.Rows, append([]string{part.change}, row...))
		}
	}
	members := &terminal.Table{Columns: []terminal.Column{{Name: "MEMBER OF THE SET", Wrap: true}}}
	for _, name := range r.Members {
		members.Rows = append(members.Rows, []string{terminal.Word(name)})
	}
	var tables []*terminal.Table
	for _, t := range []*terminal.Table{keys, skipped, members} {
		if len(t.Rows) > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}

// words lists texts from outside.
func words(texts []string) string {
	var shown []string
	for i, text := range texts {
		if i == maxListed {
			return strings.Join(shown, ", ") + " and more"
		}
		shown = append(shown, terminal.ShortWord(text))
	}
	return strings.Join(shown, ", ")
}
