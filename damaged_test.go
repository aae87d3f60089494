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

// These are many texts and one goroutine: the race detector would find nothing and take
// minutes.

// TestErrorsOfDamagedKeysKeepSecrets damages the text of a private key at every place of
// it: it inserts or replaces an octet that JSON has a use for, or deletes up to eight. A
// secret may then stand where a name, a type or an algorithm should be. No error shows
// eight characters of it in a row.
func TestErrorsOfDamagedKeysKeepSecrets(t *testing.T) {
	// One key of each type and curve arithmetic: others of a type differ in length only.
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
						continue // well within a long value every place is alike
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
				t.Errorf("got %d errors: the test has lost its grip", refused)
			}
		})
	}
}

// spelled returns the text of a key with its members in an order, and the places that are
// well within a long value.
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
			const edge, long = 12, 90 // an edge is longer than what is deleted
			within = append(within, len(value) > long && j > edge && j < len(value)-edge)
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.String(), append(within, false)
}

// checkDamaged brings a damaged key to the strict parser and to one of the other doors,
// and counts the errors.
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
