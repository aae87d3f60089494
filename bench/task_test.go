package main

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// TestTasks checks the results of every contestant of every task, and does the work once. If it
// fails, the tables compare libraries that do different work.
func TestTasks(t *testing.T) {
	for _, task := range tasks() {
		t.Run(task.name, func(t *testing.T) {
			if testing.Short() && task.long {
				t.Skip("takes seconds")
			}
			in, err := task.input()
			if err != nil {
				t.Fatal(err)
			}
			if len(in.keys) != task.keys {
				t.Errorf("got %d keys, want %d", len(in.keys), task.keys)
			}
			we, peers := 0, 0
			for _, l := range task.contestants() {
				switch l.kind {
				case ours:
					we++
				case peerKind:
					peers++
				}
				w, err := l.enter(task.does, in)
				if err != nil {
					t.Errorf("%s: %v", l.name, err)
					continue
				}
				switch {
				case w.loop != nil:
					w.loop(3)
				case w.fresh != nil:
					o := w.fresh()
					o.loop(o.allows)
				case w.hold != nil:
					if held, err := w.hold(in.text); err != nil || held == nil {
						t.Errorf("%s: got %v, %v", l.name, held, err)
					}
				case w.size != nil: // TestSizes
				default:
					t.Errorf("%s: nothing to measure", l.name)
				}
			}
			// Peers have no index, so a first query is not a task for them.
			if withPeers := task.does != selectFirst; we != 1 || (peers > 0) != withPeers {
				t.Errorf("got %d libraries of ours and %d peers, want 1 and peers: %t", we, peers, withPeers)
			}
		})
	}
}

func TestTaskNamesAreUnique(t *testing.T) {
	seen := make(map[string]bool)
	for _, task := range tasks() {
		if seen[task.name] {
			t.Errorf("got two tasks with the name %s", task.name)
		}
		seen[task.name] = true
		for _, b := range task.bars {
			if b.Task != "" && !seen[b.Task] {
				t.Errorf("%s: got a bar with task %s, want an earlier task", task.name, b.Task)
			}
		}
	}
	for _, c := range charted {
		if !seen[c.task] {
			t.Errorf("the chart has task %s, which does not exist", c.task)
		}
	}
}

func TestEveryContestantSaysWhatItChecks(t *testing.T) {
	used := make(map[ability]bool)
	for _, task := range tasks() {
		used[task.does] = true
	}
	for _, l := range libraries {
		for does, says := range l.checks {
			if strings.TrimSpace(says) == "" {
				t.Errorf("%s: got no checks for %s", l.name, does)
			}
			if !used[does] {
				t.Errorf("%s: got checks for %s, which no task measures", l.name, does)
			}
		}
	}
}

// If TestWrongAnswers fails, the tables can show the time of a library that returns wrong
// results.
func TestWrongAnswers(t *testing.T) {
	in, err := setOf(3, mixed...)()
	if err != nil {
		t.Fatal(err)
	}
	one, err := oneKey(rsa2048, false)()
	if err != nil {
		t.Fatal(err)
	}
	type us = peer[*jwk.Key, *jwk.Set]
	for _, tt := range []struct {
		name  string
		spoil func(p *us)
		does  ability
		in    *input
		want  string
	}{
		{"kid", func(p *us) { p.kid = func(*jwk.Key) string { return "x" } }, parseRSA, one, `got kid "x"`},
		{"Go key", func(p *us) { p.goKey = func(*jwk.Key) (any, error) { return in.keys[0].goKey, nil } }, parseRSA, one, "another Go key"},
		{"no Go key", func(p *us) { p.goKey = func(*jwk.Key) (any, error) { return nil, nil } }, parseRSA, one, "is not a Go key"},
		{"thumbprint", func(p *us) { p.thumbprint = func(*jwk.Key) ([]byte, error) { return nil, nil } }, parseRSA, one, "got thumbprint"},
		{"too few keys", func(p *us) { p.keys = func(s *jwk.Set) []*jwk.Key { return nil } }, parseSet, in, "got 0 keys, want 3"},
		{"finds another key", func(p *us) { p.find = func(s *jwk.Set, _ string) (*jwk.Key, bool) { return s.At(0), true } }, lookupHit, in, "found kid"},
		{"finds nothing", func(p *us) { p.find = func(s *jwk.Set, _ string) (*jwk.Key, bool) { return nil, false } }, lookupHit, in, "found is false"},
		{"finds a key that is not in the set", func(p *us) { p.find = func(s *jwk.Set, _ string) (*jwk.Key, bool) { return s.At(0), true } }, lookupMiss, in, "found is true"},
		{"text of a key", func(p *us) { p.marshal = func(*jwk.Key) ([]byte, error) { return []byte("{}"), nil } }, marshalKey, one, "got JSON {}"},
		{"text of a set", func(p *us) { p.marshalSet = func(*jwk.Set) ([]byte, error) { return []byte("{}"), nil } }, marshalSet, in, "got JSON {}"},
	} {
		p := ourLibrary
		tt.spoil(&p)
		_, err := p.enter(tt.does, tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}

	// A wrong result during a timing is an error, too.
	m := &meter{rounds: 1, timing: 1, now: time.Now, gc: func() {}}
	for _, does := range []ability{selectUse, selectOps, selectAlg} { // the set has no keys to select
		for _, l := range libraries {
			if _, ok := l.checks[does]; !ok {
				continue
			}
			w, err := l.enter(does, in)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.measure([]*runner{{library: l, work: w}}); err == nil {
				t.Errorf("%s: %s: got no error, want one", l.name, does)
			}
		}
	}
	failing := parallel([]string{"a", "b", "c", "d"}, func([]string) func(n int) {
		return func(int) { wrong("no") }
	})
	if err := m.measure([]*runner{{work: work{loop: failing, parallel: true}}}); err == nil {
		t.Error("in parallel: got no error, want one")
	}
}

// If TestInputsAreTheSame fails, two runs measure different keys, and their figures cannot be
// compared.
func TestInputsAreTheSame(t *testing.T) {
	for _, task := range tasks() {
		if task.keys > 1000 {
			continue
		}
		a, err := task.input()
		if err != nil {
			t.Fatal(err)
		}
		b, err := task.input()
		if err != nil {
			t.Fatal(err)
		}
		if string(a.text) != string(b.text) || !slices.Equal(a.kids(true), b.kids(true)) {
			t.Errorf("%s: got two different inputs, want equal ones", task.name)
		}
	}
}

// Public RSA keys are made without primes. TestKeysAreAsTheySay checks that keys with
// certificates and private keys are real ones.
func TestKeysAreAsTheySay(t *testing.T) {
	in, err := certifiedSet(2)()
	if err != nil {
		t.Fatal(err)
	}
	if chain := in.keys[1].members.chain; len(chain) != 3 {
		t.Errorf("got %d certificates, want 3", len(chain))
	}
	k, err := newSource("test").rsaPrivate()
	if err != nil {
		t.Fatal(err)
	}
	if got := new(big.Int).Mul(k.Primes[0], k.Primes[1]).BitLen(); got != 2048 {
		t.Errorf("got %d bits, want 2048", got)
	}
}

// If TestKIDs fails, the tasks for hits look up absent kids, or the tasks for misses find keys.
func TestKIDs(t *testing.T) {
	in, err := setOf(10, ed25519Kind)()
	if err != nil {
		t.Fatal(err)
	}
	there := make(map[string]bool)
	for _, k := range in.keys {
		there[k.kid] = true
	}
	for _, hit := range []bool{true, false} {
		kids := in.kids(hit)
		if len(kids) != manyKIDs {
			t.Errorf("got %d kids, want %d", len(kids), manyKIDs)
		}
		for _, kid := range kids {
			if there[kid] != hit {
				t.Errorf("kid %q: got in the set: %t, want %t", kid, there[kid], hit)
			}
		}
	}
}

func TestAllKIDs(t *testing.T) {
	in, err := setOf(100, ed25519Kind)()
	if err != nil {
		t.Fatal(err)
	}
	var inOrder []string
	for _, k := range in.keys {
		inOrder = append(inOrder, k.kid)
	}
	kids := in.allKIDs()
	if slices.Equal(kids, inOrder) {
		t.Error("got kids in the order of the set, want a random order")
	}
	r, seen := round[string]{items: kids}, make(map[string]int)
	for range 2 * len(kids) {
		seen[r.next()]++
	}
	for _, kid := range inOrder {
		if seen[kid] != 2 {
			t.Errorf("kid %q: got it %d times in two rounds, want 2", kid, seen[kid])
		}
	}
}

func TestChosen(t *testing.T) {
	in, out := chosen(tasks(), regexp.MustCompile("^lookup/hit/"), true)
	if len(in) != 4 || !slices.Equal(out, []string{"lookup/hit/100000"}) {
		t.Errorf("got %d tasks and %v left out, want 4 and lookup/hit/100000", len(in), out)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
