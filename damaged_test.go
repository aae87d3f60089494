//go:build !race

package jwk_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// The race detector is off for this file: the test tries many texts in one goroutine, where the
// detector finds nothing and takes minutes.

// TestErrorsOfDamagedKeysKeepSecrets: if this fails, the error for a damaged private key shows
// eight or more consecutive characters of a secret.
//
// The test damages the text of a key at every position: it inserts or replaces one character
// with a meaning in JSON, or deletes up to eight. Part of a secret may then be in the place of
// a name, a type or an algorithm, which errors may quote.
func TestErrorsOfDamagedKeysKeepSecrets(t *testing.T) {
	// One key for each implementation of a type or curve. The other keys differ only in length.
	for _, name := range []string{"RSA-2048-multi-prime", "P-256", "secp256k1", "Ed25519", "X25519", "Ed448", "X448", "ML-DSA-44", "oct-256"} {
		t.Run(name, func(t *testing.T) {
			o := fixture(t, name).with("use", keyKinds[name].use, "key_ops", keyKinds[name].ops, "iat", 1, "ext", object{"a": []int{1}})
			if o["alg"] == nil {
				o["alg"] = "X1"
			}
			hidden := newSecrets()
			hidden.add(o)
			names := slices.Sorted(maps.Keys(o))
			backward := slices.Clone(names)
			slices.Reverse(backward)
			refused := 0
			for _, order := range [][]string{names, backward} {
				text, within := spelled(t, o, order)
				for i := range text {
					if within[i] && i%31 != 0 {
						continue // all positions in the middle of a long value are alike
					}
					for n, c := range `{[",:}]\` {
						refused += checkDamaged(t, hidden, text[:i]+string(c)+text[i:], i+n)
						refused += checkDamaged(t, hidden, text[:i]+string(c)+text[i+1:], i+n+1)
					}
					for n := 1; n <= 8 && i+n <= len(text); n++ {
						refused += checkDamaged(t, hidden, text[:i]+text[i+n:], i+n)
					}
				}
			}
			if refused < 1000 {
				t.Errorf("got %d errors, want at least 1000", refused)
			}
		})
	}
}

// spelled returns the text of a key with its members in the given order. within reports for each
// position whether it is in the middle of a long value.
func spelled(t testing.TB, o object, order []string) (text string, within []bool) {
	t.Helper()
	var b strings.Builder
	for i, name := range order {
		value, err := json.Marshal(o[name])
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + `"` + name + `":`)
		within = append(within, make([]bool, b.Len()-len(within))...)
		for j := range value {
			const edge, long = 12, 90 // an edge is longer than a deletion
			within = append(within, len(value) > long && j > edge && j < len(value)-edge)
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.String(), append(within, false)
}

// checkDamaged parses a damaged key strictly and in one of five other ways, which door selects.
// It checks that the errors show no secret, and returns their number.
func checkDamaged(t testing.TB, hidden secrets, text string, door int) (refused int) {
	t.Helper()
	check := func(err error) {
		if err == nil {
			return
		}
		refused++
		shown := []string{err.Error()}
		var e *jwk.Error
		if errors.As(err, &e) {
			shown = append(shown, string(e.Path), fmt.Sprintf("%+v", *e))
		}
		if m, ok := err.(encoding.TextMarshaler); ok {
			text, _ := m.MarshalText()
			shown = append(shown, string(text))
		}
		hidden.check(t, strings.Join(append(shown, fmt.Sprintf("%+v", err)), "\n"))
	}
	parse := func(p jwk.Parser) {
		k, err := p.Parse([]byte(text))
		check(err)
		if k != nil {
			_, err := jwk.NewSet(k).Find(t.Context(), jwk.Query{Algorithm: jwk.RSAOAEP384, Use: jwk.UseEnc})
			check(err)
		}
	}
	parseSet := func(p jwk.Parser) {
		s, err := p.ParseSet([]byte(`{"keys":[` + text + `],"ext":` + text + `}`))
		check(err)
		if s == nil {
			return
		}
		for _, entry := range s.Skipped() {
			check(entry.Err)
		}
		_, err = s.MarshalJSON()
		check(err)
	}
	parse(jwk.Parser{})
	switch door % 5 {
	case 0:
		parse(jwk.Parser{Lenient: true})
	case 1:
		parse(jwk.Parser{PublicOnly: true})
	case 2:
		parseSet(jwk.Parser{})
	case 3:
		parseSet(jwk.Parser{PublicOnly: true, Lenient: true})
	case 4:
		var field struct{ K *jwk.Key }
		check(json.Unmarshal([]byte(`{"K":`+text+`}`), &field))
	}
	return refused
}
