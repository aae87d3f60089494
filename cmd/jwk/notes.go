package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A note is a remark on a key that can be used: what a careful reader of the set would ask about.
type note struct {
	Code  noteCode `json:"code"`
	Index *int     `json:"index,omitempty"` // nil if the note is about the whole document
	KeyID *string  `json:"kid,omitempty"`
	Text  string   `json:"note"`
	Rule  string   `json:"rule,omitempty"`
}

// A noteCode names a kind of note for programs.
type noteCode string

const (
	noteNoKeys        noteCode = "no-keys"
	noteRepeatedKID   noteCode = "repeated-kid"
	noteRepeatedKey   noteCode = "repeated-key"
	noteNoKID         noteCode = "no-kid"
	noteNoAlg         noteCode = "no-alg"
	noteUnknownAlg    noteCode = "unknown-alg"
	noteUseAndOps     noteCode = "use-and-key-ops"
	noteWeak          noteCode = "weak-size"
	notePlainX5U      noteCode = "x5u-without-tls"
	notePrivateURL    noteCode = "private-at-url"
	notePrivateBeside noteCode = "private-beside-public"
	noteSecretBeside  noteCode = "secret-beside-asymmetric"
	noteKeyExpired    noteCode = "expired-key"
	noteKeyExpires    noteCode = "expiring-key"
	noteKeyFuture     noteCode = "future-key"
	noteCertExpired   noteCode = "expired-certificate"
	noteCertExpires   noteCode = "expiring-certificate"
	noteCertFuture    noteCode = "future-certificate"
	noteCertUnread    noteCode = "unreadable-certificate"
	noteCertOther     noteCode = "other-certificate"
)

// isDemanded reports whether a note is about a rule that says MUST, so that check refuses the key.
func (c noteCode) isDemanded() bool { return c == notePlainX5U }

// soon is the time before the end of a key or a certificate in which a note tells of it.
const soon = 30 * 24 * time.Hour

// minSecretBits is the smallest size of a symmetric key that has no note.
const minSecretBits = 128

// registered are the algorithms of the IANA registry "JSON Web Signature and Encryption
// Algorithms", with those that are registered as prohibited.
var registered = []string{
	"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
	"RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "A128KW", "A192KW", "A256KW", "dir",
	"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW",
	"PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW",
	"A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM",
	"EdDSA", "Ed25519", "Ed448", "ES256K", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
	"RS1", "HS1", "A128CBC", "A192CBC", "A256CBC", "A128CTR", "A192CTR", "A256CTR",
}

// A clockFlag is the flag for the time at which keys and certificates are judged.
type clockFlag struct{ at string }

func (f *clockFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.at, "at", "", "judge what has expired as of `DATE`, such as 2027-01-31; without it, as of now")
}

func (f *clockFlag) time() (time.Time, error) {
	if f.at == "" {
		return time.Now(), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, f.at); err == nil {
			return t, nil
		}
	}
	return time.Time{}, wrongUsage("--at %s, want a date such as 2027-01-31 or 2027-01-31T12:00:00Z", terminal.ShortWord(f.at))
}

// A noter collects the notes on a document.
type noter struct {
	d     *input.Document
	now   time.Time
	mixed struct{ public, private, secret bool }
	notes []note

	uncertified []int // the private keys that lack their certificate, by index

	keys       map[int]*jwk.Key       // by index
	byKID      map[string]int         // the index of the first key with a kid
	byMaterial map[jwk.Thumbprint]int // the index of the first key with its material
}

// notesOn returns the notes on a document, in the order of its keys.
func notesOn(d *input.Document, now time.Time) []note {
	n := &noter{d: d, now: now, notes: []note{}, uncertified: uncertified(d),
		keys: make(map[int]*jwk.Key), byKID: make(map[string]int), byMaterial: make(map[jwk.Thumbprint]int)}
	for k := range d.Keys.All() {
		switch {
		case k.Type() == jwk.Oct:
			n.mixed.secret = true
		case k.IsPrivate():
			n.mixed.private = true
		case len(n.uncertified) > 0 && isCertified(k): // it has the note other-certificate
		default:
			n.mixed.public = true
		}
	}
	i := 0
	for k := range d.Keys.All() {
		n.key(d.Index(i), k)
		i++
	}
	if i == 0 && len(d.Skipped) == 0 {
		n.notes = append(n.notes, note{Code: noteNoKeys, Text: "the set has no key"})
	}
	return n.notes
}

// uncertified returns the indexes of the private keys for which a file has no certificate. It
// returns nil for a JWK Set, because the keys of a set are independent.
func uncertified(d *input.Document) []int {
	if d.Form == input.Set {
		return nil
	}
	certified := make(map[jwk.Thumbprint]bool)
	for k := range d.Keys.All() {
		if isCertified(k) {
			certified[k.Thumbprint()] = true
		}
	}
	var without []int
	i := 0
	for k := range d.Keys.All() {
		if k.IsPrivate() && !certified[k.Thumbprint()] {
			without = append(without, d.Index(i))
		}
		i++
	}
	return without
}

// isCertified reports whether a key comes with certificates.
func isCertified(k *jwk.Key) bool {
	_, certified := k.Member("x5c")
	return certified
}

// key adds the notes on a key.
func (n *noter) key(index int, k *jwk.Key) {
	add := func(code noteCode, rule, format string, args ...any) {
		n.notes = append(n.notes, note{Code: code, Index: &index, KeyID: stated[string](k, "kid"), Text: fmt.Sprintf(format, args...), Rule: rule})
	}
	n.identity(index, k, add)
	n.purpose(k, add)
	n.disclosure(k, add)
	n.validity(index, k, add)
}

// An adder adds a note on a key.
type adder func(code noteCode, rule, format string, args ...any)

// identity adds notes on a kid and on material that are not unique.
func (n *noter) identity(index int, k *jwk.Key, add adder) {
	material := k.Thumbprint()
	same, repeated := n.byMaterial[material]
	if !repeated {
		n.byMaterial[material] = index
	}
	n.keys[index] = k
	kid := stated[string](k, "kid")
	if kid == nil {
		if n.d.Form == input.Set && n.d.Keys.Len()+len(n.d.Skipped) > 1 {
			add(noteNoKID, attributeRules["kid"], "no kid: a token cannot name the key")
		}
		if repeated {
			add(noteRepeatedKey, "", "the same material as key %d", same)
		}
		return
	}
	first, known := n.byKID[*kid]
	if !known {
		n.byKID[*kid] = index
	}
	switch {
	case known && n.keys[first].Thumbprint() == material:
		add(noteRepeatedKey, "", "the same material and kid as key %d", first)
		return
	case repeated:
		add(noteRepeatedKey, "", "the same material as key %d, with another kid", same)
	}
	switch {
	case !known:
	case n.keys[first].Type() != k.Type():
		add(noteRepeatedKID, attributeRules["kid"], "the same kid as key %d, of another type", first)
	default:
		add(noteRepeatedKID, attributeRules["kid"], "the same kid as key %d, with other material", first)
	}
}

// purpose adds notes on what a key is for, and on its size.
func (n *noter) purpose(k *jwk.Key, add adder) {
	switch alg := k.Algorithm(); {
	case alg == "" && n.d.Form != input.Set && n.d.Form != input.JWK: // no other form states an alg
	case alg == "":
		add(noteNoAlg, "RFC 8725, Section 3.1", "no alg is stated")
	case !slices.Contains(registered, string(alg)):
		add(noteUnknownAlg, attributeRules["alg"], "alg %s is not registered", terminal.ShortWord(string(alg)))
	}
	_, hasUse := k.Member("use")
	if ops := stated[[]string](k, "key_ops"); hasUse && ops != nil && len(*ops) > 0 {
		add(noteUseAndOps, attributeRules["key_ops"], "use and key_ops are both there, want only one")
	}
	if uri := k.Attributes().CertificateURL; strings.HasPrefix(strings.ToLower(uri), "http:") {
		add(notePlainX5U, attributeRules["x5u"], "x5u is an http URL, want https")
	}
	switch {
	case k.Type() == jwk.RSA && k.Bits() < 2048:
		add(noteWeak, ruleRSASize, "%d bits can be broken, want at least 2048", k.Bits())
	case k.Type() == jwk.Oct && k.Bits() < minSecretBits:
		add(noteWeak, ruleHMACSize, "%d bits can be guessed, want at least %d", k.Bits(), minSecretBits)
	}
}

// disclosure adds notes on private keys where public keys are meant.
func (n *noter) disclosure(k *jwk.Key, add adder) {
	kind := "private"
	if k.Type() == jwk.Oct {
		kind = "symmetric"
	}
	switch {
	case !k.IsPrivate():
	case input.IsURL(n.d.Name):
		add(notePrivateURL, ruleDisclosed, "a %s key at a URL: replace it, because others may have it", kind)
	case kind == "private" && n.mixed.public:
		add(notePrivateBeside, ruleDisclosed, "a private key beside public keys")
	case kind == "symmetric" && (n.mixed.public || n.mixed.private):
		add(noteSecretBeside, ruleDisclosed, "a symmetric key beside asymmetric keys")
	}
}

// validity adds notes on the times of a key and of its certificates.
func (n *noter) validity(index int, k *jwk.Key, add adder) {
	a := k.Attributes()
	const rule = "OpenID Federation 1.0"
	switch left := a.Expires.Sub(n.now); {
	case a.Expires.IsZero():
	case left <= 0:
		add(noteKeyExpired, rule, "the key expired on %s", date(a.Expires))
	case left <= soon:
		add(noteKeyExpires, rule, "the key expires on %s", date(a.Expires))
	}
	if a.NotBefore.After(n.now) {
		add(noteKeyFuture, rule, "the key is not valid before %s", date(a.NotBefore))
	}
	if len(n.uncertified) > 0 && isCertified(k) && !k.IsPrivate() {
		which := "key "
		if len(n.uncertified) > 1 {
			which = "keys "
		}
		add(noteCertOther, "", "the certificate of key %d is not for the private %s", index, which+indexes(n.uncertified))
	}
	chain, err := k.Certificates()
	if err != nil {
		_, reason := input.Reason(err, "")
		add(noteCertUnread, "", "the certificates cannot be shown: %s", terminal.Escape(reason))
	}
	const certificateRule = "RFC 5280, Section 4.1.2.5"
	for i, c := range chain {
		subject := "certificate " + strconv.Itoa(i) + " (" + terminal.ShortWord(c.Subject.String()) + ")"
		switch left := c.NotAfter.Sub(n.now); {
		case left <= 0:
			add(noteCertExpired, certificateRule, "%s expired on %s", subject, date(c.NotAfter))
		case left <= soon:
			add(noteCertExpires, certificateRule, "%s expires on %s", subject, date(c.NotAfter))
		}
		if c.NotBefore.After(n.now) {
			add(noteCertFuture, certificateRule, "%s is not valid before %s", subject, date(c.NotBefore))
		}
	}
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// noteTable returns notes for people. Notes with the same text about several keys are one row, at
// the place of the first.
func noteTable(notes []note) *terminal.Table {
	t := &terminal.Table{Columns: []terminal.Column{
		{Name: "INDEX"}, {Name: "KID", Cut: true}, {Name: "NOTE", Wrap: true},
	}}
	type rowKey struct {
		code noteCode
		text string
	}
	places, kids := make(map[rowKey][]int), make(map[rowKey][]string)
	var order []rowKey
	for _, n := range notes {
		key := rowKey{n.Code, withRule(n.Text, n.Rule)}
		if _, known := kids[key]; !known {
			order = append(order, key)
		}
		kids[key] = append(kids[key], optional(n.KeyID))
		if n.Index != nil {
			places[key] = append(places[key], *n.Index)
		}
	}
	for _, key := range order {
		t.Rows = append(t.Rows, []string{shortened(numerals(places[key]), maxInRow), kidsInRow(kids[key]), key.text})
	}
	return t
}

// maxInRow is the largest number of keys that a row of notes names.
const maxInRow = 3

// kidsInRow returns the kids of the keys of a row, or "" if no key has a kid.
func kidsInRow(kids []string) string {
	if !slices.ContainsFunc(kids, func(kid string) bool { return kid != "" }) {
		return ""
	}
	named := slices.Clone(kids)
	for i, kid := range named {
		if kid == "" {
			named[i] = terminal.Absent
		}
	}
	return shortened(named, maxInRow)
}
