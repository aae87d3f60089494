package integration

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed1f6cf2d3/jwk"
)

// A rule is an intended difference between this package and its peers, with its reason.
type rule struct {
	name  string
	ref   string // the section of an RFC, or a vulnerability that the rule prevents
	kind  error  // the kind of the error; nil allows every kind
	at    string // the members that the error may name; "" allows every member
	holds func(in *input) bool
}

// A ledger counts the inputs that each rule explains.
type ledger struct {
	rules []rule
	hits  []int
}

func newLedger(rules ...rule) *ledger { return &ledger{rules, make([]int, len(rules))} }

func (l *ledger) add(r rule) { l.rules, l.hits = append(slices.Clip(l.rules), r), append(l.hits, 0) }

// explain counts the first rule that holds for an input. It reports whether a rule holds.
func (l *ledger) explain(in *input) bool {
	for i, r := range l.rules {
		if (r.kind == nil || errors.Is(in.err, r.kind)) && (r.at == "" || slices.Contains(strings.Fields(r.at), in.at)) && r.holds(in) {
			l.hits[i]++
			return true
		}
	}
	return false
}

// report logs the counts. It fails the test if no input met a rule, because then nothing shows
// that the rule is right.
func (l *ledger) report(t *testing.T, title string) {
	t.Helper()
	var b strings.Builder
	for i, r := range l.rules {
		fmt.Fprintf(&b, "\n%6d  %s (%s)", l.hits[i], r.name, r.ref)
		if l.hits[i] == 0 {
			t.Errorf("no input met the rule %q", r.name)
		}
	}
	t.Logf("%s:%s", title, b.String())
}

// try calls a peer. It counts a panic, and returns it as an error.
func try[V any](t *testing.T, name string, panics *int, ask func(text []byte) (V, error), text []byte) (v V, err error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			*panics++
			t.Logf("%s panics: %v\n%q", name, p, text)
		}
	}()
	return ask(text)
}

// thumbprintOf returns the thumbprint of a Go key (RFC 7638). go-jose computes it for the keys
// that it supports.
func thumbprintOf(t *testing.T, key any) (sum jwk.Thumbprint) {
	t.Helper()
	switch key := key.(type) {
	case []byte:
		return sha256.Sum256(fmt.Appendf(nil, `{"k":"%s","kty":"oct"}`, encode(key)))
	case *ecdh.PrivateKey:
		return thumbprintOf(t, key.PublicKey())
	case *ecdh.PublicKey:
		return sha256.Sum256(fmt.Appendf(nil, `{"crv":"X25519","kty":"OKP","x":"%s"}`, encode(key.Bytes())))
	}
	got, err := (&jose.JSONWebKey{Key: key}).Thumbprint(crypto.SHA256)
	if err != nil {
		t.Fatalf("thumbprint of %T: %v", key, err)
	}
	copy(sum[:], got)
	return sum
}

// samePrivate reports whether the Go key of a peer has the same private half as our key. If our
// key is public, it reports whether the other key is public, too.
func samePrivate(ours *jwk.Key, theirs any) bool {
	if !ours.IsPrivate() {
		_, private := theirs.(interface{ Public() crypto.PublicKey })
		return !private
	}
	private, asymmetric := ours.PrivateKey().(interface{ Equal(crypto.PrivateKey) bool })
	return !asymmetric || private.Equal(theirs)
}

// known reports whether a peer accepts a key from a group of the corpus.
func (c *corpus) known(group string) bool {
	return slices.ContainsFunc(c.groups[group], func(o object) bool {
		return slices.ContainsFunc(libraries[1:], func(l library) bool {
			_, err := l.parse(o.text())
			return err == nil
		})
	})
}

// TestDifferentialKeys gives thousands of altered keys to this package and to its peers. A rule
// must explain each key that a peer accepts and this package refuses, and each key that only this
// package accepts. If both accept, the keys must be equal, or a rule must explain the difference.
// If the test fails, this package refuses keys that others can use, or accepts unsound ones.
func TestDifferentialKeys(t *testing.T) {
	const cases = 12_000
	m := newMutation(t, 1)
	refused, accepted, differ := newLedger(keyRefusals...), newLedger(keyAcceptances...), newLedger(keyDifferences...)
	if m.known("AKP ") {
		refused.add(mldsaRefusal)
	} else {
		accepted.add(mldsaUnknown)
	}
	agreed, same, panics := 0, 0, 0
	for range cases {
		text, how := m.mutant()
		k, err := jwk.Parse(text)
		in := newInput(text, err)
		var accept []string
		for _, l := range libraries[1:] {
			theirs, peerErr := try(t, l.name, &panics, l.parse, text)
			if peerErr != nil {
				continue
			}
			accept = append(accept, l.name)
			if err != nil {
				continue
			}
			same++
			in.samePublic = thumbprintOf(t, theirs) == k.Thumbprint()
			if !(in.samePublic && samePrivate(k, theirs)) && !differ.explain(in) {
				t.Errorf("%s has another key than this package, after %q:\n%q", l.name, how, text)
			}
		}
		switch {
		case err != nil && accept != nil:
			if !refused.explain(in) {
				t.Errorf("%q accept a key that this package refuses with %q, after %q:\n%q", accept, err, how, text)
			}
		case err == nil && accept == nil:
			if !accepted.explain(in) {
				t.Errorf("only this package accepts the key, after %q:\n%q", how, text)
			}
		default:
			agreed++
		}
		if err == nil {
			checkWritten(t, text, k.MarshalPrivateJSON)
		}
	}
	t.Logf("%d keys made from %d in %d groups; all libraries agree on %d; peers accept our keys %d times; peers panic %d times",
		cases, m.keys, len(m.groups), agreed, same, panics)
	refused.report(t, "refused here, accepted by a peer")
	accepted.report(t, "accepted here, refused by every peer")
	differ.report(t, "accepted by both, but as another key")
}

// TestDifferentialSets does the same with sets. If it fails, one bad entry costs users the other
// keys of a set, or the package accepts a set that is not sound JSON. A peer that finds more keys
// must break a rule.
func TestDifferentialSets(t *testing.T) {
	const cases = 2000
	m := newMutation(t, 2)
	refused, skipped, accepted := newLedger(setRefusals...), newLedger(keyRefusals...), newLedger(keyAcceptances...)
	if m.known("AKP ") {
		skipped.add(mldsaRefusal)
	} else {
		accepted.add(mldsaUnknown)
	}
	keys, panics := 0, 0
	// Sets that all peers refuse because of an entry that this package skips, or because of a key
	// that only this package knows.
	var bySkipping, byKey int
	lost := make([]int, len(libraries)) // by library: keys that it does not find
	for range cases {
		text := m.set()
		s, err := jwk.ParseSet(text)
		most, peers := 0, 0
		for i, l := range libraries[1:] {
			n, peerErr := try(t, l.name, &panics, l.set, text)
			if peerErr != nil {
				n = 0
			} else {
				peers++
			}
			most = max(most, n)
			if err == nil {
				lost[i+1] += max(0, s.Len()-n)
			}
		}
		if err != nil {
			if most > 0 && !refused.explain(newInput(text, err)) {
				t.Errorf("a peer finds %d keys in a set that this package refuses with %q:\n%q", most, err, text)
			}
			continue
		}
		keys += s.Len()
		checkWritten(t, text, s.MarshalPrivateJSON)
		if in := newInput(text, nil); invalidUTF8.holds(in) || loneSurrogate.holds(in) || textAfter.holds(in) || repeatsBesideKeys(in.object) {
			t.Errorf("got no error for a document that is not sound JSON:\n%q", text)
		}

		// Each entry must be a key of the set, or a skipped entry.
		var entries []json.RawMessage
		if err := json.Unmarshal([]byte(readObject(text).raw("keys")), &entries); err != nil {
			t.Fatal(err)
		}
		explained, next, unknown := 0, 0, false
		for _, entry := range entries {
			k, err := jwk.Parse(entry)
			switch {
			case err != nil:
				if skipped.explain(newInput(entry, err)) {
					explained++
				}
			case next == s.Len() || !k.Equal(s.At(next)):
				t.Fatalf("key %d of the set is not the key of its entry:\n%q", next, text)
			default:
				next++
				unknown = unknown || accepted.explain(newInput(entry, nil))
			}
		}
		if next != s.Len() || len(s.Skipped()) != len(entries)-next {
			t.Errorf("got %d keys and %d skipped of %d entries, want %d keys:\n%q", s.Len(), len(s.Skipped()), len(entries), next, text)
		}
		switch {
		case peers > 0:
		case len(s.Skipped()) > 0: // RFC 7517, Section 5
			bySkipping++
		case unknown:
			byKey++
		default:
			t.Errorf("only this package accepts the set:\n%q", text)
		}
		if most > s.Len()+explained {
			t.Errorf("a peer finds %d keys, this package %d, and rules explain %d:\n%q", most, s.Len(), explained, text)
		}
	}
	t.Logf("%d sets with %d keys; peers panic %d times", cases, keys, panics)
	for i, l := range libraries[1:] {
		t.Logf("%s does not find %d of the keys", l.name, lost[i+1])
	}
	t.Logf("all peers refuse %d sets with an entry that this package skips, and %d sets with a key that only this package accepts", bySkipping, byKey)
	if bySkipping == 0 || byKey == 0 {
		t.Errorf("got %d and %d sets that all peers refuse, want some of each kind", bySkipping, byKey)
	}
	refused.report(t, "sets refused here, with keys for a peer")
}

// checkWritten fails the test unless marshal returns the text that was read, except for white
// space.
func checkWritten(t *testing.T, text []byte, marshal func() ([]byte, error)) {
	t.Helper()
	written, err := marshal()
	if err != nil {
		t.Fatal(err)
	}
	var got, want bytes.Buffer
	if err := errors.Join(json.Compact(&got, written), json.Compact(&want, text)); err != nil {
		t.Fatalf("%v\n%q", err, text)
	}
	if got.String() != want.String() {
		t.Errorf("got %s\nwant %s", got.Bytes(), want.Bytes())
	}
}
