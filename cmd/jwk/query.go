package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// queryFlags are the flags that describe the keys that are wanted.
type queryFlags struct {
	keyID, use, algorithm, keyType, curve string
	ops                                   []string
}

func (f *queryFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.keyID, "kid", "", "only keys with this `KID`")
	flags.StringVar(&f.use, "use", "", "only keys for this `USE`: sig, enc, or another")
	flags.StringSliceVar(&f.ops, "op", nil, "only keys that permit the `OPERATION`, such as verify; may be repeated")
	flags.StringVar(&f.algorithm, "alg", "", "only keys that support the `ALGORITHM`, such as ES256")
	flags.StringVar(&f.keyType, "kty", "", "only keys of this `TYPE`: "+strings.Join(keyTypes, ", "))
	flags.StringVar(&f.curve, "crv", "", "only keys on this `CURVE`, such as P-256")
	complete := func(name string, values []string) {
		must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	complete("use", []string{string(jwk.UseSig), string(jwk.UseEnc)})
	complete("op", operationNames())
	complete("kty", keyTypes)
	complete("crv", curves)
}

// curves are the curves of all keys that package jwk reads.
var curves = []string{
	string(jwk.CurveP256), string(jwk.CurveP384), string(jwk.CurveP521), string(jwk.CurveSecp256k1),
	string(jwk.CurveEd25519), string(jwk.CurveEd448), string(jwk.CurveX25519), string(jwk.CurveX448),
}

var keyTypes = []string{string(jwk.RSA), string(jwk.EC), string(jwk.OKP), string(jwk.Oct), string(jwk.AKP)}

// query returns the query that the flags describe.
func (f *queryFlags) query() (jwk.Query, error) {
	q := jwk.Query{
		KeyID:     f.keyID,
		Use:       jwk.Use(f.use),
		Algorithm: jwk.Algorithm(f.algorithm),
		Type:      jwk.KeyType(f.keyType),
		Curve:     jwk.Curve(f.curve),
	}
	if err := f.known(); err != nil {
		return q, err
	}
	var err error
	q.Ops, err = parseOps(f.ops)
	return q, err
}

// known returns an error for a type, a curve or an algorithm that does not exist, because the
// answer that no key has it would hide a mistake.
func (f *queryFlags) known() error {
	if f.algorithm != "" && !slices.Contains(registered, f.algorithm) {
		if _, err := algorithmNamed(f.algorithm); err != nil {
			return err
		}
	}
	if f.keyType != "" && !slices.Contains(keyTypes, f.keyType) {
		return wrongUsage("--kty %s, want %s", terminal.ShortWord(f.keyType), meantName(f.keyType, keyTypes))
	}
	if f.curve != "" && !slices.Contains(curves, f.curve) {
		return wrongUsage("--crv %s, want %s", terminal.ShortWord(f.curve), meantName(f.curve, curves))
	}
	return nil
}

// otherCurveNames are names of curves in other standards and programs, in lower case.
var otherCurveNames = map[string]string{
	"secp256r1": string(jwk.CurveP256), "prime256v1": string(jwk.CurveP256), "nistp256": string(jwk.CurveP256),
	"secp384r1": string(jwk.CurveP384), "nistp384": string(jwk.CurveP384),
	"secp521r1": string(jwk.CurveP521), "nistp521": string(jwk.CurveP521),
	"p256k": string(jwk.CurveSecp256k1), "curve25519": string(jwk.CurveX25519), "curve448": string(jwk.CurveX448),
}

// meantName returns the name that a person probably means, or all names.
func meantName(name string, names []string) string {
	plain := strings.ToLower(plainName(name))
	if curve := otherCurveNames[plain]; slices.Contains(names, curve) {
		return curve
	}
	for _, known := range names {
		if strings.EqualFold(plainName(known), plain) {
			return known
		}
	}
	return "one of " + strings.Join(names, ", ")
}

// The operations of RFC 7517, Section 4.3.
var operations = []jwk.Ops{jwk.OpSign, jwk.OpVerify, jwk.OpEncrypt, jwk.OpDecrypt, jwk.OpWrapKey, jwk.OpUnwrapKey, jwk.OpDeriveKey, jwk.OpDeriveBits}

func operationNames() []string {
	var names []string
	for _, op := range operations {
		names = append(names, op.String())
	}
	return names
}

// parseOps returns the operations with these names.
func parseOps(names []string) (jwk.Ops, error) {
	var ops jwk.Ops
next:
	for _, name := range names {
		for _, op := range operations {
			if op.String() == name {
				ops |= op
				continue next
			}
		}
		return 0, wrongUsage("operation %s, want one of %s", terminal.ShortWord(name), strings.Join(operationNames(), ", "))
	}
	return ops, nil
}
