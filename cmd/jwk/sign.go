package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A signing has the flags of jwk sign.
type signing struct {
	algorithm string
	keyID     string
	typ       string
	jwt       bool
	expires   time.Duration
	hasExpiry bool
}

func newSign() *cobra.Command {
	var (
		in inputFlags
		s  signing
	)
	cmd := &cobra.Command{
		Use:   "sign [flags] KEY [FILE]",
		Short: "Sign a text or the claims of a JWT with a private key",
		Long: `sign signs the text in FILE or on standard input, octet by octet, with its last
line end. It writes a token (a JWS in compact form, RFC 7515) and a line end.

KEY is a private or symmetric key in any form, or a set. If several keys of a
set can sign, --kid selects one.

--alg chooses the algorithm. Without it, the alg of the key counts, or, if the
key has no alg, the usual one for its type, such as RS256 or ES256.

With --jwt the text must be a JSON object, the claims of a JWT (RFC 7519). The
token then has the typ JWT and the time at which it was made (iat), unless the
claims have an iat. --expires adds the time after which it is not valid (exp).

sign refuses public keys, and keys whose use, key_ops or alg forbid signing.
The exit code is then 1.`,
		Example: `  jwk sign key.jwk message.txt > token
  echo '{"sub":"me"}' | jwk sign --jwt --expires 5m key.jwk
  jwk sign --alg PS256 --kid 2026-11 keys.jwks message.txt
  jwk sign --jwt --typ at+jwt --expires 1h key.pem claims.json`,
		Args: arguments("KEY", "[FILE]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.hasExpiry = cmd.Flags().Changed("expires")
			return s.run(cmd, &in, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&s.algorithm, "alg", "", "sign with this `ALGORITHM`, such as PS256")
	flags.StringVar(&s.keyID, "kid", "", "sign with the key of a set that has this `KID`")
	flags.StringVar(&s.typ, "typ", "", "the `TYPE` in the header of the token")
	flags.BoolVar(&s.jwt, "jwt", false, "sign the claims of a JWT, with typ JWT and the time in iat")
	flags.DurationVar(&s.expires, "expires", 0, "with --jwt: the token expires after `DURATION`, such as 5m or 24h")
	completeAlgorithms(cmd)
	in.add(cmd)
	return cmd
}

func (s *signing) run(cmd *cobra.Command, in *inputFlags, args []string) error {
	if s.hasExpiry && !s.jwt {
		return wrongUsage("--expires without --jwt: only a JWT expires")
	}
	if s.algorithm != "" {
		if err := checkAlgorithm(s.algorithm); err != nil {
			return err
		}
	}
	keys, text, err := keysAndText(args)
	if err != nil {
		return err
	}
	d, err := in.read(cmd, keys)
	if err != nil {
		return err
	}
	key, err := s.key(cmd, d)
	if err != nil {
		return err
	}
	signer, alg, err := s.signer(cmd, d, key)
	if err != nil {
		return err
	}
	payload, err := readText(cmd, text)
	if err != nil {
		return err
	}
	if s.jwt {
		if payload, err = s.claims(payload, time.Now()); err != nil {
			return fmt.Errorf("%s: %w", input.Place(text), err)
		}
	}
	token, err := s.token(signer, alg, payload)
	if err != nil {
		return answerNo("%s: %s", d.Name, reasonOf(err))
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), token); err != nil {
		return trouble{err}
	}
	return nil
}

// key returns the key of a document that signs.
func (s *signing) key(cmd *cobra.Command, d *input.Document) (*jwk.Key, error) {
	if _, err := d.Usable(); err != nil {
		return nil, err
	}
	q := jwk.Query{KeyID: s.keyID, Algorithm: jwk.Algorithm(s.algorithm), Ops: jwk.OpSign}
	keys, err := d.Keys.FindAll(cmd.Context(), q)
	if err != nil {
		return nil, answerNo("%s: %s", d.Name, reasonOf(err))
	}
	if len(keys) > 1 {
		var kids []string
		for _, k := range keys {
			if k.KeyID() != "" && !slices.Contains(kids, k.KeyID()) {
				kids = append(kids, k.KeyID())
			}
		}
		if s.keyID != "" || len(kids) == 0 {
			return nil, answerNo("%s: %d keys can sign, and no kid tells them apart: jwk set find takes one out", d.Name, len(keys))
		}
		return nil, wrongUsage("%s: %d keys can sign, want one: select it with --kid, one of %s", d.Name, len(keys), terminal.Words(kids))
	}
	return keys[0], nil
}

// signer returns a signer, and its algorithm.
func (s *signing) signer(cmd *cobra.Command, d *input.Document, key *jwk.Key) (jose.OpaqueSigner, jwk.Algorithm, error) {
	if s.algorithm != "" {
		alg := jwk.Algorithm(s.algorithm)
		signer, err := key.JOSESigner(alg)
		if err != nil {
			return nil, "", answerNo("%s: %s", d.Name, reasonOf(err))
		}
		return signer, alg, nil
	}
	var (
		first  jose.OpaqueSigner
		usable []string
	)
	for alg := range key.Algorithms() {
		signer, err := key.JOSESigner(alg)
		if err != nil {
			continue // it is not an algorithm for signatures
		}
		if first == nil {
			first = signer
		}
		usable = append(usable, string(alg))
	}
	if first == nil {
		return nil, "", answerNo("%s: no signature algorithm of this command fits the key", d.Name)
	}
	if len(usable) > 1 && key.Algorithm() == "" && key.Type() != jwk.OKP { // EdDSA and Ed25519 are the same
		say(cmd, fmt.Sprintf("signed with %s, because the key has no alg; --alg selects another one: %s",
			usable[0], strings.Join(usable[1:], ", ")))
	}
	return first, jwk.Algorithm(usable[0]), nil
}

// claims returns the payload of a JWT: the claims with iat and exp.
func (s *signing) claims(text []byte, now time.Time) ([]byte, error) {
	v := jsontext.Value(text).Clone()
	var members map[string]jsontext.Value
	if err := json.Unmarshal(v, &members); err != nil {
		return nil, answerNo("want the claims of a JWT, a JSON object: %s", shortReason(err))
	}
	if members == nil {
		return nil, answerNo("want the claims of a JWT, a JSON object: it is null")
	}
	must(v.Compact()) // Unmarshal has checked the text
	var add []string
	if _, ok := members["iat"]; !ok {
		add = append(add, fmt.Sprintf(`"iat":%d`, now.Unix()))
	}
	if s.hasExpiry {
		if _, ok := members["exp"]; ok {
			return nil, wrongUsage("the claims have an exp already: leave out --expires")
		}
		add = append(add, fmt.Sprintf(`"exp":%d`, now.Add(s.expires).Unix()))
	}
	if len(add) == 0 {
		return v, nil
	}
	v = bytes.TrimSuffix(v, []byte("}"))
	if len(members) > 0 {
		v = append(v, ',')
	}
	return append(v, strings.Join(add, ",")+"}"...), nil
}

// token signs a payload.
func (s *signing) token(signer jose.OpaqueSigner, alg jwk.Algorithm, payload []byte) (string, error) {
	var o jose.SignerOptions
	typ := s.typ
	if typ == "" && s.jwt {
		typ = "JWT"
	}
	if typ != "" {
		o.WithType(jose.ContentType(typ))
	}
	signed, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: signer}, &o)
	if err != nil {
		return "", err
	}
	jws, err := signed.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// reasonOf returns the reason of an error of package jwk in the words of this command.
func reasonOf(err error) string {
	path, reason := input.Reason(err, "")
	if path != "" {
		reason = terminal.ShortWord(path) + ": " + reason
	}
	if _, ok := errors.AsType[*jwk.NotFoundError](err); ok {
		reason = strings.TrimPrefix(reason, "jwk: ")
	}
	return reason
}
