package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newCheck() *cobra.Command {
	var (
		in    inputFlags
		clock clockFlag
		c     checkFlags
	)
	cmd := &cobra.Command{
		Use:   "check [flags] FILE|URL|-",
		Short: "Say whether keys follow the standards, with every reason why not",
		Long: `check judges keys strictly. It writes one line for each reason why a strict
reader refuses a key: the place as a JSON Pointer, the kid, a code, the reason,
and the section of the standard that has the rule. A key can have several
reasons. All forms are read, as by jwk inspect.

With --public, private and symmetric keys are reasons too, in any place of the
document. Use it for a set that is about to be published. For a URL, --public is
always on.

Notes on what the standards allow and advise against, such as a repeated kid, a
missing alg or an expired certificate, go to standard error. They do not change
the verdict, except with --strict, which makes each of them a reason. Their
codes are listed in jwk inspect --help.

With --json the output is one object:

  {
    "valid": false,
    "reasons": [{
      "index": 1,             left out if the reason is about the document
      "kid": "...",           left out if absent
      "path": "/keys/1/n",    for forms that are not JSON, within the key
      "code": "padding",      of a deviation or a note, or syntax, invalid,
                              unsupported, policy or private
      "reason": "base64url must have no padding",
      "rule": "RFC 7515, Section 2"   left out if no standard has the rule
    }],
    "notes": [...]            as in jwk inspect --json
  }

The exit code is 0 if there is no reason, 1 if there is one, and 2 if the input
could not be read.`,
		Example: `  jwk check jwks.json
  jwk check --public jwks.json
  jwk check --strict https://provider.example/jwks
  jwk public keys.json | jwk check --public -
  jwk check --json jwks.json | jq -r '.reasons[].rule'`,
		Args: arguments("FILE|URL|-"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now, err := clock.time()
			if err != nil {
				return err
			}
			r, err := in.reader(cmd)
			if err != nil {
				return err
			}
			r.Warn = func(string) {} // a verdict is on the keys and not on the file
			d, err := r.Read(cmd.Context(), args[0])
			return c.check(cmd, input.Place(args[0]), d, err, now)
		},
	}
	in.add(cmd)
	clock.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&c.public, "public", false, "refuse private and symmetric keys, as for a set to publish")
	flags.BoolVar(&c.strict, "strict", false, "take each note as a reason")
	c.list.add(cmd)
	return cmd
}

// checkFlags are the flags of check that decide the verdict and its form.
type checkFlags struct {
	public, strict bool
	list           listFlags
}

// check writes the verdict on a document, or on the error with which it could not be read as keys.
func (c *checkFlags) check(cmd *cobra.Command, name string, d *input.Document, readError error, now time.Time) error {
	v := &verdict{Reasons: []reason{}, Notes: []note{}}
	refusal, refused := errors.AsType[*input.Error](readError)
	switch {
	case refused && !errors.Is(readError, jwk.ErrDecrypt):
		v.Reasons = append(v.Reasons, documentReason(refusal))
	case readError != nil:
		return readError
	default:
		v.Reasons = judge(d, c.public || input.IsURL(name))
		v.remark(d, notesOn(d, now), c.strict)
	}
	v.Valid = len(v.Reasons) == 0
	if err := c.write(cmd, d, v); err != nil {
		return err
	}
	if !v.Valid {
		return answerNo("%s: not valid, for %s", name, count(len(v.Reasons), "reason", "reasons"))
	}
	say(cmd, terminal.Escape(name)+": valid, with "+count(d.Keys.Len(), "key", "keys"))
	return nil
}

// documentReason returns the reason why a document could not be read.
func documentReason(e *input.Error) reason {
	place := wholeDocument
	if e.Path != "" {
		place = terminal.ShortWord(e.Path)
	}
	return reason{Path: e.Path, Code: kindOf(e.Err), Text: e.Reason, Rule: documentRule(e), place: place}
}

// remark adds notes to a verdict: those that are about a rule that says MUST as reasons, and with
// strict all others too.
func (v *verdict) remark(d *input.Document, notes []note, strict bool) {
	for _, n := range notes {
		if !strict && !n.Code.isDemanded() {
			v.Notes = append(v.Notes, n)
			continue
		}
		v.Reasons = append(v.Reasons, n.reason(d))
	}
}

// reason returns a note as a reason.
func (n *note) reason(d *input.Document) reason {
	r := reason{Code: string(n.Code), Text: n.Text, Rule: n.Rule, place: wholeDocument}
	if n.KeyID != nil {
		r.KeyID = *n.KeyID
	}
	if n.Index != nil {
		r.at(d, *n.Index)
	}
	return r
}

// write writes a verdict: the reasons to standard output, and notes to standard error.
func (c *checkFlags) write(cmd *cobra.Command, d *input.Document, v *verdict) error {
	if c.list.json {
		return c.list.write(cmd, v)
	}
	out := cmd.OutOrStdout()
	screen := terminal.ScreenOf(out)
	if c.list.width > 0 {
		screen.Width = c.list.width
	}
	var text []byte
	for _, r := range v.Reasons {
		text = append(text, screen.Wrap(r.line(screen), "  ")+"\n"...)
	}
	if _, err := out.Write(text); err != nil {
		return trouble{err}
	}
	stderr := terminal.ScreenOf(cmd.ErrOrStderr())
	for _, n := range v.Notes {
		r := n.reason(d)
		say(cmd, stderr.Wrap("note: "+r.line(stderr), "  "))
	}
	return nil
}
