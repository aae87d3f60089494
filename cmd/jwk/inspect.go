package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

func newInspect() *cobra.Command {
	var (
		in    inputFlags
		list  listFlags
		allow weakFlag
		clock clockFlag
	)
	cmd := &cobra.Command{
		Use:   "inspect [flags] FILE|URL|-",
		Short: "Show the keys of a file or a URL, and what is odd about them",
		Long: `inspect shows the keys in a file of any form, or at a URL. For each key it shows
the place in the set, kid, type with size or curve, use, key_ops, alg, whether
the key is public, private or secret, the thumbprint (RFC 7638, SHA-256), and
iat, nbf and exp if the key has them. Then it shows:

  - the certificates that come with keys. The first certificate of a key is for
    that key, because a key with another certificate cannot be used. A note says
    so if a file has a private key and a certificate that is for another key;
  - the entries that cannot be used, with the rule that they break;
  - notes on what a careful reader would ask about, such as a repeated kid, a
    missing alg, a private key beside public keys, or a certificate that
    expires within 30 days.

It never shows key material. It never shows the thumbprint of a symmetric key,
because a thumbprint helps to guess the key.

It reads leniently: it accepts the deviations from the standards that real
providers emit, and lists them beside the key with the member that deviates. A
strict parser refuses such a key: see jwk check.

On a terminal the table fits the width. In a pipe it has one line for each key,
with all columns and full texts, separated by tabs. Texts that are not plain
ASCII words are quoted. Notes that are the same for several keys are one line,
and --json has one note for each key.

With --json the output is one object, in ASCII, with the full texts:

  {
    "keys": [{
      "index": 0,             in the "keys" of the document; 0 for a single key
      "kid": "...",           left out if absent
      "kty": "EC",
      "crv": "P-256",         EC and OKP only
      "bits": 256,
      "use": "sig",           left out if absent
      "key_ops": ["verify"],  left out if absent
      "alg": "ES256",         left out if absent
      "private": false,       true for symmetric keys as well
      "thumbprint": "...",    left out for symmetric keys
      "thumbprint_uri": "urn:ietf:params:oauth:jwk-thumbprint:sha-256:...",
      "iat": "2026-01-31T12:00:00Z",  left out if absent; so are nbf and exp
      "comment": "...",       of an SSH key
      "deviations": [{"path": "/x", "code": "width"}],
      "certificates": [{      left out if the key has no chain
        "subject": "CN=...",
        "issuer": "CN=...",
        "not_before": "2026-01-31T12:00:00Z",
        "not_after": "2027-01-31T12:00:00Z",
        "sha256": "..."       the digest of the certificate, in hexadecimal
      }]
    }],
    "skipped": [{
      "index": 1,
      "kid": "...",           left out if absent
      "error": "/kty: key type \"X\", want RSA, EC, OKP, oct or AKP",
      "rule": "RFC 7518, Section 6.1",  left out if no standard has the rule
      "kind": "unsupported"   or syntax, invalid, policy
    }],
    "notes": [{
      "code": "repeated-kid", does not change from version to version
      "index": 2,             left out if the note is about the whole set
      "kid": "...",           left out if absent
      "note": "the same kid as key 0, with other material",
      "rule": "RFC 7517, Section 4.5"   left out if no standard has the rule
    }]
  }

The codes of notes: no-keys, repeated-kid, repeated-key, no-kid, no-alg,
unknown-alg, use-and-key-ops, weak-size, x5u-without-tls, private-at-url,
private-beside-public, secret-beside-asymmetric, expired-key, expiring-key,
future-key, expired-certificate, expiring-certificate, future-certificate,
unreadable-certificate, other-certificate.

A summary goes to standard error, and a warning if there are private or
symmetric keys anywhere in the input. The exit code is 1 if no key is usable.`,
		Example: `  jwk inspect provider.jwks.json
  jwk inspect https://provider.example/jwks
  jwk inspect server.pem
  jwk inspect --allow-weak old.pem
  curl -s https://provider.example/jwks | jwk inspect -
  jwk inspect --json provider.jwks.json | jq -r '.keys[].thumbprint'`,
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
			allow.apply(r)
			d, err := r.Read(cmd.Context(), args[0])
			if err != nil {
				return explained(err)
			}
			return inspect(cmd, args[0], d, now, &list)
		},
	}
	in.add(cmd)
	list.add(cmd)
	allow.add(cmd)
	clock.add(cmd)
	return cmd
}

// inspect writes the report on the document of an argument.
func inspect(cmd *cobra.Command, arg string, d *input.Document, now time.Time, list *listFlags) error {
	r := newReport(d, now)
	if err := list.write(cmd, r, r.tables()...); err != nil {
		return err
	}
	if len(r.exposed) > 0 {
		warn(cmd, "private or symmetric key material at index %s: keep it secret", indexes(r.exposed))
	}
	if r.hiding {
		warn(cmd, "private or symmetric key material beside the keys of the set: keep it secret")
	}
	if slices.ContainsFunc(d.Skipped, func(s jwk.Skipped) bool { return isWeak(s.Err) }) {
		say(cmd, hintWeak)
	}
	if !list.json && terminal.IsTerminal(cmd.OutOrStdout()) && r.deviates() {
		say(cmd, checkOf(arg)+" explains the deviations")
	}
	say(cmd, count(len(r.Keys), "key", "keys")+", "+count(len(r.Skipped), "entry", "entries")+" skipped")
	if len(r.Keys) == 0 {
		return answerNo("%s: no usable key", d.Name)
	}
	return nil
}

// checkOf returns the command that checks the same argument. Standard input cannot be read again.
func checkOf(arg string) string {
	if arg == "-" {
		return "jwk check"
	}
	return "jwk check " + terminal.Word(arg)
}

// deviates reports whether a key has deviations.
func (r *report) deviates() bool {
	return slices.ContainsFunc(r.Keys, func(k keyReport) bool { return len(k.Deviations) > 0 })
}

const hintWeak = "RSA keys of less than 2048 bits are shown with --allow-weak"

// isWeak reports whether an entry is refused because its RSA key is too small.
func isWeak(err error) bool {
	return errors.Is(err, jwk.ErrPolicy) && strings.Contains(err.Error(), "bits, want at least")
}

// explained adds to the error about a document the rule that the document breaks, and a hint.
func explained(err error) error {
	refusal, ok := errors.AsType[*input.Error](err)
	if !ok {
		return err
	}
	r := *refusal
	r.Reason = withRule(r.Reason, documentRule(refusal))
	if isWeak(r.Err) {
		r.Reason += "; " + hintWeak
	}
	return &r
}
