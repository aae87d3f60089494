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

// A rule is a difference between this package and its peers that is meant, and what
// makes it right.
type rule struct {
	name  string
	ref   string // the RFC, or what went wrong without it
	kind  error  // of the refusal, any if there is none
	at    string // the members that it may be about, any if there are none
	holds func(in *input) bool
}

// A ledger counts the inputs that each rule explains.
type ledger struct {
	rules []rule
	hits  []int
}

func newLedger(rules ...rule) *ledger { return &ledger{rules, make([]int, len(rules))} }

func (l *ledger) add(r rule) { l.rules, l.hits = append(slices.Clip(l.rules), r), append(l.hits, 0) }

// explain counts the rule that holds for an input, and reports whether there is one.
func (l *ledger) explain(in *input) bool {
	for i, r := range l.rules {
		if (r.kind == nil || errors.Is(in.err, r.kind)) && (r.at == "" || slices.Contains(strings.Fields(r.at), in.at)) && r.holds(in) {
			l.hits[i]++
			return true
		}
	}
	return false
}

// report prints the counts. A rule that no input needs is not one.
func (l *ledger) report(t *testing.T, title string) {
	t.Helper()
	var b strings.Builder
	for i, r := range l.rules {
		fmt.Fprintf(&b, "\n%6d  %s (%s)", l.hits[i], r.name, r.ref)
		if l.hits[i] == 0 {
			t.Errorf("never met: %s", r.name)
		}
	}
	t.Logf("%s:%s", title, b.String())
}

// try asks a peer. If it panics, that is counted, and means no.
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

// thumbprintOf is that of a Go key (RFC 7638), by go-jose where it has one.
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

// samePrivate reports whether a Go key of a peer's has the private half that ours has,
// or none as ours.
func samePrivate(ours *jwk.Key, theirs any) bool {
	if !ours.IsPrivate() {
		_, private := theirs.(interface{ Public() crypto.PublicKey })
		return !private
	}
	private, asymmetric := ours.PrivateKey().(interface{ Equal(crypto.PrivateKey) bool })
	return !asymmetric || private.Equal(theirs)
}

// known reports whether a peer accepts a key of a group of the corpus.
func (c *corpus) known(group string) bool {
	return slices.ContainsFunc(c.groups[group], func(o object) bool {
		return slices.ContainsFunc(libraries[1:], func(l library) bool {
			_, err := l.parse(o.text())
			return err == nil
		})
	})
}

// TestDifferentialKeys gives thousands of altered keys to this package and to its
// peers. Where one of them accepts what this package refuses, a rule says why; where
// all of them refuse what it accepts, too; and where both accept, it is the same key.
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
				t.Errorf("%q accept what is refused with %q, after %q:\n%q", accept, err, how, text)
			}
		case err == nil && accept == nil:
			if !accepted.explain(in) {
				t.Errorf("no peer accepts, after %q:\n%q", how, text)
			}
		default:
			agreed++
		}
		if err == nil {
			checkWritten(t, text, k.MarshalPrivateJSON)
		}
	}
	t.Logf("%d keys made of %d in %d groups; on %d all agree, %d times a peer has the same key; peers panic %d times",
		cases, m.keys, len(m.groups), agreed, same, panics)
	refused.report(t, "refused here, accepted by a peer")
	accepted.report(t, "accepted here, refused by every peer")
	differ.report(t, "accepted by both, but as another key")
}

// TestDifferentialSets does the same with sets: whatever is wrong with one entry, no
// other is lost, and a peer that finds more keys does so by breaking a rule. What is
// wrong with a document is never accepted, whatever peers say.
func TestDifferentialSets(t *testing.T) {
	const cases = 2000
	m := newMutation(t, 2)
	refused, skipped, alone := newLedger(setRefusals...), newLedger(keyRefusals...), newLedger(keyAcceptances...)
	if m.known("AKP ") {
		skipped.add(mldsaRefusal)
	} else {
		alone.add(mldsaUnknown)
	}
	keys, panics := 0, 0
	var bySkipping, byKey int           // sets that all peers refuse, for an entry that is skipped here, or a key
	lost := make([]int, len(libraries)) // keys that a peer does not find
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
				t.Errorf("a peer finds %d keys in a set that is refused with %q:\n%q", most, err, text)
			}
			continue
		}
		keys += s.Len()
		checkWritten(t, text, s.MarshalPrivateJSON)
		if in := newInput(text, nil); invalidUTF8.holds(in) || loneSurrogate.holds(in) || textAfter.holds(in) || repeatsBesideKeys(in.object) {
			t.Errorf("accepted, and not a sound document:\n%q", text)
		}

		// The entries, each alone.
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
				t.Fatalf("key %d of the set is not the one that is an entry:\n%q", next, text)
			default:
				next++
				unknown = unknown || alone.explain(newInput(entry, nil))
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
			t.Errorf("no peer accepts it:\n%q", text)
		}
		if most > s.Len()+explained {
			t.Errorf("a peer finds %d keys, this package %d, and %d are refused by a rule:\n%q", most, s.Len(), explained, text)
		}
	}
	t.Logf("%d sets with %d keys; peers panic %d times", cases, keys, panics)
	for i, l := range libraries[1:] {
		t.Logf("%s loses %d of them", l.name, lost[i+1])
	}
	t.Logf("all peers refuse %d of them for an entry that is skipped here, and %d for a key that none of them accepts", bySkipping, byKey)
	if bySkipping == 0 || byKey == 0 {
		t.Error("want some of both")
	}
	refused.report(t, "sets refused here, with keys for a peer")
}

// checkWritten checks that what was read is written as it was, white space apart.
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
		t.Errorf("written: %s\nwant %s", got.Bytes(), want.Bytes())
	}
}
