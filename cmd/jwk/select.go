package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newSelect() *cobra.Command {
	var (
		in    inputFlags
		out   outputFlags
		list  listFlags
		query selector
		keys  bool
	)
	query.index = -1
	cmd := &cobra.Command{
		Use:   "select [flags] SET",
		Short: "Show which keys of a set a verifier tries, and why not others",
		Long: `select shows the keys of a set that meet all flags, in the order in which a
verifier tries them. Then it shows the other keys, and entries that cannot be
used, each with the reason: the flag, the member that does not fit, and the
section that has the rule. With --kid, entries with another kid and without a
kid are only counted, on standard error.

A verifier asks with the alg of the token, --op verify, and --kid if the token
has a kid. A key without use, key_ops or alg meets the flags --use, --op and
--alg if its type allows it, because these members are optional (RFC 7517,
Section 4). --kid "" asks for a kid that is the empty string.

With --json the output is one object: "keys" as in jwk inspect --json, and
"not_selected", a list of {"index", "kid", "reasons"} with all other entries.
--keys writes the public halves of the selected keys instead, as a JWK Set.

The exit code is 1 if no key is selected.`,
		Example: `  jwk select jwks.json --alg RS256 --op verify
  jwk select https://provider.example/jwks --kid 2026-01 --alg ES256 --op verify
  jwk select jwks.json --use enc --kty EC --crv P-256
  jwk select jwks.json --alg ES256 --keys -o es256.jwks.json`,
		Args: arguments("SET"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := query.parse(cmd); err != nil {
				return err
			}
			switch {
			case keys && list.json:
				return wrongUsage("--keys and --json are both given, want one")
			case !keys && (out.file != "" || out.force):
				return wrongUsage("-o and --force are for --keys, which writes the selected keys")
			}
			d, err := in.read(cmd, args[0])
			if err != nil {
				return err
			}
			entries, err := entriesOf(d)
			if err != nil {
				return err
			}
			r := newSelectReport(&query, entries)
			if keys {
				if err = out.keepsPrivate(d, args[0]); err == nil {
					err = writeSelected(cmd, &out, d.Name, r.selected)
				}
			} else {
				err = list.write(cmd, r, r.tables()...)
			}
			if err != nil {
				return err
			}
			return r.tell(cmd, d.Name, &query, entries)
		},
	}
	in.add(cmd)
	query.add(cmd)
	list.add(cmd)
	out.add(cmd, false)
	cmd.Flags().BoolVar(&keys, "keys", false, "write the public halves of the selected keys as a JWK Set")
	return cmd
}

// A selectReport is the document that --json writes.
type selectReport struct {
	Keys        []keyReport     `json:"keys"`
	NotSelected []refusedReport `json:"not_selected"`

	selected []entry
	others   int // the entries that tables leave out, because --kid asks for another
}

type refusedReport struct {
	Index   int      `json:"index"`
	KeyID   *string  `json:"kid,omitempty"`
	Reasons []string `json:"reasons"`

	turn turn
}

// A turn says when the table shows an entry that is not selected.
type turn int

const (
	turnAsked  turn = iota // it has the kid of --kid, or there is no --kid
	turnUnread             // its kid is not a string
	turnOther              // it is only counted
)

func turnOf(query *selector, e *entry) turn {
	switch {
	case !query.isNear(e):
		return turnOther
	case query.kid != nil && e.hasOtherKID():
		return turnUnread
	}
	return turnAsked
}

func newSelectReport(query *selector, entries []entry) *selectReport {
	r := &selectReport{Keys: []keyReport{}, NotSelected: []refusedReport{}}
	for i := range entries {
		e := &entries[i]
		reasons := query.refusals(e)
		if e.key == nil && len(reasons) == 0 {
			reasons = []string{e.reason()}
		}
		if len(reasons) == 0 {
			r.Keys = append(r.Keys, newKeyReport(e.index, e.key))
			r.selected = append(r.selected, *e)
			continue
		}
		refused := refusedReport{Index: e.index, Reasons: reasons, turn: turnOf(query, e)}
		if refused.turn == turnOther {
			r.others++
		}
		if kid, ok := e.keyID(); ok {
			refused.KeyID = &kid
		}
		r.NotSelected = append(r.NotSelected, refused)
	}
	return r
}

// tables returns the report for people.
func (r *selectReport) tables() []*terminal.Table {
	var tables []*terminal.Table
	if len(r.Keys) > 0 {
		tables = append(tables, keyTable(r.Keys))
	}
	if len(r.NotSelected) > r.others {
		t := &terminal.Table{Columns: []terminal.Column{
			{Name: "INDEX"}, {Name: "KID", Cut: true}, {Name: "NOT SELECTED BECAUSE", Wrap: true},
		}}
		shown := slices.DeleteFunc(slices.Clone(r.NotSelected), func(k refusedReport) bool { return k.turn == turnOther })
		slices.SortStableFunc(shown, func(a, b refusedReport) int { return int(a.turn - b.turn) })
		for _, k := range shown {
			t.Rows = append(t.Rows, []string{strconv.Itoa(k.Index), optional(k.KeyID), terminal.Escape(strings.Join(k.Reasons, "; "))})
		}
		tables = append(tables, t)
	}
	return tables
}

// tell sums up the report, and returns the answer.
func (r *selectReport) tell(cmd *cobra.Command, name string, query *selector, entries []entry) error {
	tell(cmd, "%s selected, %d not", count(len(r.Keys), "key", "keys"), len(r.NotSelected))
	switch {
	case r.others == 1:
		tell(cmd, "1 other entry has another kid or no kid")
	case r.others > 1:
		tell(cmd, "%d other entries have another kid or no kid", r.others)
	}
	if missing := query.missing(); len(missing) > 0 {
		tell(cmd, "a verifier would ask with %s too", strings.Join(missing, " and "))
	}
	if len(r.Keys) > jwk.MaxCandidates {
		tell(cmd, "a verifier should try at most %d keys for a token", jwk.MaxCandidates)
	}
	switch {
	case len(r.Keys) > 0:
		return nil
	case query.given():
		return query.notFound(name, entries)
	}
	return answerNo("%s: no key that can be used", name)
}

// missing returns the flags that a verifier would add.
func (s *selector) missing() []string {
	var flags []string
	if s.query.Ops == 0 && s.query.Use == "" {
		flags = append(flags, "--op verify")
	}
	if s.query.Algorithm == "" {
		flags = append(flags, "--alg, the alg of the token,")
	}
	return flags
}

// writeSelected writes the public halves of the keys.
func writeSelected(cmd *cobra.Command, out *outputFlags, name string, selected []entry) error {
	var halves []*jwk.Key
	for _, e := range selected {
		if e.key.Type() == jwk.Oct {
			warn(cmd, "%s: left out, because a symmetric key has no public half: %s", name, e.describe())
			continue
		}
		half, err := e.key.Public()
		if err != nil {
			return trouble{fmt.Errorf("%s: %s: %w", name, e.describe(), err)}
		}
		halves = append(halves, half)
	}
	switch {
	case len(selected) == 0:
		return nil // tell gives the answer
	case len(halves) == 0:
		return answerNo("%s: no selected key has a public half", name)
	}
	text, private, err := setJSON(jwk.NewSet(halves...))
	if err != nil {
		return trouble{err}
	}
	return out.write(cmd, text, private)
}
