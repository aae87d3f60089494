package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A selector has the flags that say which entries of a set are meant. An entry must meet all of
// them.
type selector struct {
	queryFlags
	thumbprint string
	index      int

	flags []string // the flags that were given, for messages
	kid   *string  // nil if --kid was not given; "" is a kid
	query jwk.Query
	print *jwk.Thumbprint
}

// addPlaces adds the flags that name one entry. The flags of queryFlags are added by add.
func (s *selector) addPlaces(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.thumbprint, "thumbprint", "", "only the key with this `THUMBPRINT` (RFC 7638, SHA-256), or its URI")
	cmd.Flags().IntVar(&s.index, "index", -1, "only the entry at index `N` of \"keys\", from 0")
	cmd.Flags().Lookup("index").DefValue = "0" // so that the help shows no default
}

// selectorFlags are the flags of a selector in the order of messages.
var selectorFlags = []string{"index", "kid", "thumbprint", "use", "op", "alg", "kty", "crv"}

// parse reads the flags. An empty value is refused, except for --kid: a script whose variable is
// empty must not select every key.
func (s *selector) parse(cmd *cobra.Command) error {
	for _, name := range selectorFlags {
		f := cmd.Flags().Lookup(name)
		if f == nil || !f.Changed {
			continue
		}
		value := f.Value.String()
		if list, ok := f.Value.(pflag.SliceValue); ok {
			value = strings.Join(list.GetSlice(), ",")
		}
		if value == "" && name != "kid" {
			return wrongUsage("--%s has an empty value: leave it out, or give it a value", name)
		}
		s.flags = append(s.flags, "--"+name+" "+terminal.ShortWord(value))
	}
	if cmd.Flags().Changed("kid") {
		s.kid = &s.keyID
	}
	if cmd.Flags().Changed("index") && s.index < 0 {
		return wrongUsage("--index %d, want 0 or more", s.index)
	}
	if s.thumbprint != "" {
		text := strings.TrimPrefix(s.thumbprint, thumbprintURI)
		print, err := jwk.ParseThumbprint(text)
		if err != nil {
			return wrongUsage("--thumbprint %s, want 43 characters of base64url, or a URI that begins with %s", terminal.ShortWord(s.thumbprint), thumbprintURI)
		}
		s.print = &print
	}
	var err error
	s.query, err = s.queryFlags.query()
	s.query.KeyID = "" // "" would ask for any kid
	return err
}

// thumbprintURI begins the URI of a thumbprint with SHA-256 (RFC 9278, Section 3).
const thumbprintURI = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"

// given reports whether there is at least one flag.
func (s *selector) given() bool { return len(s.flags) > 0 }

func (s *selector) String() string { return strings.Join(s.flags, " ") }

// refusals says why an entry does not meet the flags, one text for each flag. It returns nil if the
// entry meets them. An entry that cannot be used meets only --kid and --index.
func (s *selector) refusals(e *entry) []string {
	var why []string
	if s.index >= 0 && s.index != e.index {
		why = append(why, fmt.Sprintf("--index %d: index is %d", s.index, e.index))
	}
	if s.kid != nil {
		asked := "--kid " + terminal.ShortWord(*s.kid) + ": "
		switch kid, ok := e.keyID(); {
		case !ok && e.hasOtherKID():
			why = append(why, asked+"kid is not a string (RFC 7517, Section 4.5)")
		case !ok:
			why = append(why, asked+"no kid (RFC 7517, Section 4.5)")
		case kid != *s.kid:
			why = append(why, asked+"kid is "+terminal.ShortWord(kid)+" (RFC 7517, Section 4.5)")
		}
	}
	if e.key == nil {
		if s.print != nil || s.query != (jwk.Query{}) {
			why = append(why, e.reason())
		}
		return why
	}
	if s.print != nil && e.key.Thumbprint() != *s.print {
		why = append(why, "--thumbprint: the thumbprint is another (RFC 7638, Section 3)")
	}
	return append(why, s.queryRefusals(e.key)...)
}

// queryRefusals says why a key does not answer the query. The whole query decides, because its
// fields may contradict each other. The single fields tell the reason better.
func (s *selector) queryRefusals(k *jwk.Key) []string {
	whole := mismatch(k, s.query)
	if whole == "" {
		return nil
	}
	q := &s.query
	var why []string
	for _, part := range []struct {
		flag, value string
		single      jwk.Query
	}{
		{"use", string(q.Use), jwk.Query{Use: q.Use}},
		{"op", q.Ops.String(), jwk.Query{Ops: q.Ops}},
		{"alg", string(q.Algorithm), jwk.Query{Algorithm: q.Algorithm}},
		{"kty", string(q.Type), jwk.Query{Type: q.Type}},
		{"crv", string(q.Curve), jwk.Query{Curve: q.Curve}},
	} {
		if part.value == "" {
			continue
		}
		if reason := mismatch(k, part.single); reason != "" {
			why = append(why, "--"+part.flag+" "+terminal.ShortWord(part.value)+": "+ruled(reason, part.flag, k))
		}
	}
	if why == nil {
		why = append(why, ruled(whole, "alg", k))
	}
	return why
}

// mismatch returns the reason of package jwk why a key does not answer a query, or "".
func mismatch(k *jwk.Key, q jwk.Query) string {
	_, err := jwk.NewSet(k).Find(context.Background(), q)
	if e, ok := errors.AsType[*jwk.NotFoundError](err); ok && len(e.Closest) > 0 {
		return e.Closest[0].Reason
	}
	return ""
}

// memberRules are the sections that define the members of a key, by the first word of a reason and by the
// flag.
var memberRules = map[string]string{
	"kty":     "RFC 7517, Section 4.1",
	"use":     "RFC 7517, Section 4.2",
	"key_ops": "RFC 7517, Section 4.3",
	"op":      "RFC 7517, Section 4.3",
	"alg":     "RFC 7517, Section 4.4",
	"crv":     "RFC 7518, Section 6.2.1.1",
}

// ruled adds to a reason the section that has the rule. If package jwk says that keys of this
// type are not for something, the reason names the members.
func ruled(reason, flag string, k *jwk.Key) string {
	if strings.HasSuffix(reason, " keys are not for that") {
		if k.Curve() == "" {
			return "kty is " + string(k.Type()) + ", which does not fit (" + memberRules[flag] + ")"
		}
		return "kty is " + string(k.Type()) + " and crv is " + string(k.Curve()) + ", which do not fit (" + memberRules[flag] + ")"
	}
	member, _, _ := strings.Cut(reason, " ")
	rule, ok := memberRules[member]
	switch {
	case !ok:
		rule = memberRules[flag]
	case member == "crv" && k.Type() == jwk.OKP:
		rule = "RFC 8037, Section 2"
	}
	return reason + " (" + rule + ")"
}

// pick returns the entries that meet the flags.
func (s *selector) pick(entries []entry) []entry {
	var picked []entry
	for i := range entries {
		if len(s.refusals(&entries[i])) == 0 {
			picked = append(picked, entries[i])
		}
	}
	return picked
}

// isNear reports whether an entry may be the one that --kid asks for: its kid is that text, or is
// not a text. Without --kid every entry is near.
func (s *selector) isNear(e *entry) bool {
	kid, ok := e.keyID()
	return s.kid == nil || ok && kid == *s.kid || !ok && e.hasOtherKID()
}

// maxClosest is the largest number of entries whose refusal a message tells.
const maxClosest = 4

// notFound returns the answer that no entry meets the flags, with the reasons. If entries have the
// kid, it tells only about them.
func (s *selector) notFound(name string, entries []entry) error {
	if len(entries) == 0 {
		return answerNo("%s: no key for %s: the set is empty", name, s)
	}
	var nearest []entry
	for i := range entries {
		if s.isNear(&entries[i]) {
			nearest = append(nearest, entries[i])
		}
	}
	if len(nearest) == 0 {
		return answerNo("%s: no key for %s: no key has that kid", name, s)
	}
	var why []string
	for i := range nearest {
		why = append(why, s.refusal(&nearest[i]))
	}
	return answerNo("%s: no key for %s: %s", name, s, listed(why, maxClosest))
}

// refusal names an entry and says why it does not meet the flags.
func (s *selector) refusal(e *entry) string {
	text := e.describe()
	why := s.refusals(e)
	if e.key == nil {
		reason := e.reason() // describe tells it
		why = slices.DeleteFunc(why, func(text string) bool { return text == reason })
	}
	if len(why) > 0 {
		text += ": " + strings.Join(why, ", ")
	}
	return text
}

// several returns the error that more than one entry meets the flags.
func (s *selector) several(name string, picked []entry, way string) error {
	var which []string
	for _, e := range picked {
		which = append(which, e.describe())
	}
	return trouble{fmt.Errorf("%s: %d entries for %s, want 1: %s; %s", name, len(picked), s, listed(which, maxListed), way)}
}
