package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A verification has the flags of jwk verify.
type verification struct {
	algorithms  []string
	ignoreTimes bool
	json        bool
}

func newVerify() *cobra.Command {
	var (
		in inputFlags
		v  verification
	)
	cmd := &cobra.Command{
		Use:   "verify [flags] KEYS [FILE]",
		Short: "Verify a signed token, and tell which key verified it and why",
		Long: fmt.Sprintf(`verify verifies the signature of a token, a JWS in compact form or a JWT. The
token is in FILE, or on standard input. KEYS is a file in any form or the URL
of a set.

If the token verifies, its payload goes to standard output, and the exit code
is 0. Standard error says which key verified it, why this key was tried, and
the main claims of a JWT. If it does not verify, nothing goes to standard
output, the reason goes to standard error, and the exit code is 1.

The key must have the kid of the header and must fit its alg, use and key_ops.
If the header has no kid, each key that fits is tried, at most %d. If no key
has the kid, the keys without a kid are tried. A key that comes with the token
(jwk, jku, x5c, x5u) is ignored.

A JWT must be valid now (exp, nbf); the clocks may differ by %d seconds. The
issuer and the audience are shown and not checked.

verify refuses the alg none and the header parameters crit and b64. It refuses a
payload that begins like a JSON object if programs could read it differently,
such as a payload that repeats a name, and JSON of more than %d levels.`,
			jwk.MaxCandidates, leeway/time.Second, maxLevels),
		Example: `  jwk verify public.jwk token
  jwk verify https://provider.example/jwks token
  jwk verify --alg ES256 --alg RS256 jwks.json < token
  jwk verify --json jwks.json token | jq .claims.sub`,
		Args: arguments("KEYS", "[FILE]"),
		RunE: func(cmd *cobra.Command, args []string) error { return v.run(cmd, &in, args) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&v.algorithms, "alg", nil, "accept only this `ALGORITHM`; may be repeated")
	flags.BoolVar(&v.ignoreTimes, "ignore-times", false, "accept a JWT that has expired or is not valid yet")
	flags.BoolVar(&v.json, "json", false, "write the header, the key and the payload as JSON")
	completeAlgorithms(cmd)
	in.add(cmd)
	return cmd
}

func (v *verification) run(cmd *cobra.Command, in *inputFlags, args []string) error {
	keys, text, err := keysAndText(args)
	if err != nil {
		return err
	}
	for _, name := range v.algorithms {
		if err := checkAlgorithm(name); err != nil {
			return err
		}
	}
	data, err := readText(cmd, text)
	if err != nil {
		return err
	}
	t, err := v.parse(data)
	if form := input.Recognize(data); err != nil && form != "" && form != input.JWE && text != "-" {
		return wrongUsage("%s has keys, want a token: KEYS comes first, as in jwk verify KEYS FILE", text)
	}
	if err != nil {
		return answerNo("%s: not verified: %w", input.Place(text), err)
	}
	if names := t.header.embedded(); len(names) > 0 {
		say(cmd, fmt.Sprintf("the %s in the header is ignored: a key that comes with a token proves nothing", strings.Join(names, " and ")))
	}
	reader, err := in.reader(cmd)
	if err != nil {
		return err
	}
	// With a symmetric key that is published, everyone can make tokens.
	reader.Parser.PublicOnly = input.IsURL(keys)
	d, err := reader.Read(cmd.Context(), keys)
	if err != nil {
		return err
	}
	r, err := v.verify(cmd, d, t)
	if err != nil {
		return answerNo("%s: not verified: %w", input.Place(text), err)
	}
	return v.write(cmd, r)
}

// parse reads a token, and refuses it if its algorithm is not accepted.
func (v *verification) parse(data []byte) (*token, error) {
	t, err := parseToken(data)
	if err != nil {
		return nil, err
	}
	alg := t.header.Algorithm
	switch {
	case !slices.Contains(signatureNames(), alg):
		return nil, fmt.Errorf("the alg of the header is %s, want one of %s", terminal.ShortWord(alg), strings.Join(signatureNames(), ", "))
	case len(v.algorithms) > 0 && !slices.Contains(v.algorithms, alg):
		return nil, fmt.Errorf("the alg of the header is %s, want %s, because of --alg", alg, strings.Join(v.algorithms, " or "))
	}
	return t, nil
}

// A verified is a token that has verified.
type verified struct {
	token  *token
	key    *jwk.Key
	index  int     // of the key in its document
	claims *claims // nil if the payload is not a JSON object
}

// verify tries a token with the keys that fit.
func (v *verification) verify(cmd *cobra.Command, d *input.Document, t *token) (*verified, error) {
	candidates, why, err := candidatesFor(cmd, d, t)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", d.Name, reasonOf(err))
	}
	alg := jwk.Algorithm(t.header.Algorithm)
	tried := candidates[:min(len(candidates), jwk.MaxCandidates)]
	for _, k := range tried {
		verifier, err := k.JOSEVerifier(alg)
		if err != nil || verifier.VerifyPayload(t.signed, t.signature, jose.SignatureAlgorithm(alg)) != nil {
			continue
		}
		r := &verified{token: t, key: k, index: d.Index(indexOf(d.Keys, k))}
		say(cmd, fmt.Sprintf("the signature is good for the key at index %d, %s: %s", r.index, describe(k), why))
		return r, v.checkClaims(cmd, r)
	}
	for _, k := range tried {
		say(cmd, fmt.Sprintf("tried the key at index %d, %s", d.Index(indexOf(d.Keys, k)), describe(k)))
	}
	n := count(len(tried), "key", "keys")
	if len(tried) < len(candidates) {
		n = fmt.Sprintf("%d of %s", len(tried), count(len(candidates), "key", "keys"))
	}
	return nil, fmt.Errorf("the signature is wrong: %s tried; %s", n, why)
}

// candidatesFor returns the keys that a token is tried with, and why.
func candidatesFor(cmd *cobra.Command, d *input.Document, t *token) (keys []*jwk.Key, why string, err error) {
	if _, err := d.Usable(); err != nil {
		return nil, "", err
	}
	alg, kid := jwk.Algorithm(t.header.Algorithm), t.header.KeyID
	q := jwk.Query{KeyID: kid, Algorithm: alg, Ops: jwk.OpVerify}
	keys, err = d.Keys.FindAll(cmd.Context(), q)
	if kid == "" {
		return keys, fmt.Sprintf("the header has no kid, and %s", fitting(len(keys), "", alg)), err
	}
	if err == nil {
		return keys, fitting(len(keys), " with kid "+terminal.ShortWord(kid), alg), nil
	}
	missing, ok := errors.AsType[*jwk.NotFoundError](err)
	if !ok || len(missing.Closest) > 0 || len(missing.Skipped) > 0 {
		return nil, "", err
	}
	q.KeyID = ""
	for k := range d.Keys.Select(q) {
		if _, has := k.Member("kid"); !has {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, "", err
	}
	return keys, fmt.Sprintf("no key has the kid %s of the header, and %s", terminal.ShortWord(kid), fitting(len(keys), " without a kid", alg)), nil
}

// fitting returns "1 key with kid a fits ES256".
func fitting(n int, which string, alg jwk.Algorithm) string {
	if n == 1 {
		return fmt.Sprintf("1 key%s fits %s", which, alg)
	}
	return fmt.Sprintf("%d keys%s fit %s", n, which, alg)
}

// indexOf returns the place of a key in a set, or -1.
func indexOf(set *jwk.Set, key *jwk.Key) int {
	i := 0
	for k := range set.All() {
		if k == key {
			return i
		}
		i++
	}
	return -1
}

// describe returns the kid and the size or curve of a key for a message.
func describe(k *jwk.Key) string {
	r := keyReport{Type: k.Type(), Curve: k.Curve(), Bits: k.Bits()}
	if _, ok := k.Member("kid"); !ok {
		return "no kid, " + r.size()
	}
	return "kid " + terminal.ShortWord(k.KeyID()) + ", " + r.size()
}

// checkClaims reads the claims of a token whose signature is good, and checks its times.
func (v *verification) checkClaims(cmd *cobra.Command, r *verified) error {
	c, err := parseClaims(r.token.payload, r.token.header.isJWT())
	if err != nil {
		return fmt.Errorf("the signature is good, but %w", err)
	}
	if c == nil {
		return nil
	}
	for _, line := range c.lines() {
		say(cmd, line)
	}
	r.claims = c
	if err := c.checkTimes(time.Now()); err != nil {
		if v.ignoreTimes {
			warn(cmd, "the token is accepted because of --ignore-times, but %v", err)
			return nil
		}
		return fmt.Errorf("the signature is good, but %w", err)
	}
	return nil
}

// A verifiedReport is the document of --json.
type verifiedReport struct {
	Header  jsontext.Value `json:"header"`
	Key     keyReport      `json:"key"`
	Claims  jsontext.Value `json:"claims,omitempty"`
	Text    *string        `json:"payload,omitempty"`
	Encoded string         `json:"payload_base64url,omitempty"`
}

// write writes the payload, or the report, to standard output.
func (v *verification) write(cmd *cobra.Command, r *verified) error {
	out := cmd.OutOrStdout()
	text := r.token.payload
	switch {
	case v.json:
		text = asciiJSON(r.report())
	case terminal.IsTerminal(out):
		text = forScreen(r.token.payload)
	}
	if _, err := out.Write(text); err != nil {
		return trouble{err}
	}
	return nil
}

func (r *verified) report() *verifiedReport {
	report := &verifiedReport{Header: r.token.raw, Key: newKeyReport(r.index, r.key)}
	switch {
	case r.claims != nil:
		report.Claims = r.token.payload
	case utf8.Valid(r.token.payload):
		text := string(r.token.payload)
		report.Text = &text
	default:
		report.Encoded = base64.RawURLEncoding.EncodeToString(r.token.payload)
	}
	return report
}

// forScreen returns a payload without control characters except line ends.
func forScreen(payload []byte) []byte {
	var buf bytes.Buffer
	for line := range bytes.Lines(payload) {
		line, _ = bytes.CutSuffix(line, []byte("\n"))
		buf.WriteString(terminal.Escape(string(line)) + "\n")
	}
	return buf.Bytes()
}
