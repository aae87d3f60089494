package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
)

// A library is a contestant, with its abilities and the checks that it makes.
type library struct {
	name   string // in the tables
	module string // its version is in the tables; "" for references
	color  string // of its bars; nearly everybody can distinguish the colours of Okabe and Ito
	kind   contestant

	// checks has a phrase for each ability of the library: the checks that it makes during
	// that work. The library lacks all other abilities.
	checks map[ability]string

	// enter checks that the library does the work correctly, and returns the work.
	enter func(does ability, in *input) (work, error)
}

// A contestant is the reason why a library is in the tables.
type contestant string

const (
	ours      contestant = "ours"
	peerKind  contestant = "peer"
	reference contestant = "reference" // the least cost of the same work, or the cost of its simplest form
)

// everyKey describes the checks of a set in most libraries.
const everyKey = "what it checks of one key, of every key"

// libraries are all contestants. To add a library, write a file for it and add its name here.
var libraries = []library{
	ourLibrary.library(ours),
	goJose.library(peerKind),
	jwxLibrary.library(peerKind),
	jwksetLibrary.library(peerKind),
	jwksetClient.library(peerKind),
	tinkLibrary.library(peerKind),
	floorLibrary, mapLibrary, hashLibrary, copyLibrary,
}

// A work is the thing to measure. It has one of the functions.
type work struct {
	// loop does the work n times. It panics if a result is wrong.
	loop func(n int)

	// parallel is set if the loop uses all CPUs.
	parallel bool

	// fresh prepares work that can be done only once to a key or a set. It is not timed.
	fresh func() once

	// hold returns the thing whose memory is measured, made from text.
	hold func(text []byte) (any, error)

	// size builds a program and returns its size.
	size func() (int64, error)
}

// A once is a loop that can do the work only a limited number of times.
type once struct {
	loop   func(n int)
	allows int
}

// A peer has the functions of a library that the tasks call. K is its type of keys and S its type of
// sets. A function that the library does not have is nil. Each function is the fastest reasonable
// one that the documentation of the library recommends, with default options.
type peer[K, S any] struct {
	name, module, color string

	parse    func(text []byte) (K, error)
	parseSet func(text []byte, n int) (S, error) // n is the number of keys, for libraries with a limit
	keys     func(S) []K
	kid      func(K) string
	goKey    func(K) (any, error) // the crypto key, from the standard library
	askAll   func(S) error        // for the Go key of every key
	find     func(S, string) (K, bool)

	thumbprint func(K) ([]byte, error)
	marshal    func(K) ([]byte, error)
	marshalSet func(S) ([]byte, error)

	// Functions that take nanoseconds are called in a loop that knows the type, so that only
	// the library is measured.
	lookups     func(s S, kids []string, hit bool) func(n int)
	goKeys      func(s S, kids []string) func(n int)
	selects     func(s S, by ability) func(n int) // panics unless it finds all answers
	thumbprints func(keys []K) func(n int)        // of one key after the other; for libraries that keep the thumbprint

	// command is the folder of a program that parses a set.
	command string

	checks map[ability]string
}

// library makes the peer a contestant.
func (p peer[K, S]) library(kind contestant) library {
	return library{name: p.name, module: p.module, color: p.color, kind: kind, checks: p.checks, enter: p.enter}
}

func (p peer[K, S]) enter(does ability, in *input) (work, error) {
	switch does {
	case parseRSA, parseEC, parseOKP, parseRSAPrivate, parseECPrivate, parseOKPPrivate:
		k, err := p.parse(in.text)
		if err == nil {
			err = p.is(k, &in.keys[0])
		}
		return work{loop: repeat(func() error {
			_, err := p.parse(in.text)
			return err
		})}, err
	case binarySize:
		return commandSize(p.command, in)
	case marshalKey:
		k, err := p.parse(in.text)
		if err != nil {
			return work{}, err
		}
		return marshalling(func() ([]byte, error) { return p.marshal(k) }, in)
	}

	// The other abilities are about sets.
	set, err := p.parseSet(in.text, len(in.keys))
	if err == nil {
		err = p.isSet(set, in)
	}
	if err != nil {
		return work{}, err
	}
	switch does {
	case parseSet, parseNarrowSet, parseCertificates:
		return work{loop: repeat(func() error {
			_, err := p.parseSet(in.text, len(in.keys))
			return err
		})}, nil
	case parseSetAndKeys:
		return work{loop: repeat(func() error {
			_, err := p.hold(in.text, len(in.keys), true)
			return err
		})}, nil
	case lookupHit:
		kids := in.kids(true)
		return work{loop: p.lookups(set, kids, true)}, p.finds(set, kids, true)
	case lookupMiss:
		kids := in.kids(false)
		return work{loop: p.lookups(set, kids, false)}, p.finds(set, kids, false)
	case lookupAny:
		kids := in.allKIDs()
		return work{loop: p.lookups(set, kids, true)}, p.finds(set, kids, true)
	case lookupParallel:
		kids := in.kids(true)
		return work{parallel: true, loop: parallel(kids, func(kids []string) func(n int) {
			return p.lookups(set, kids, true)
		})}, p.finds(set, kids, true)
	case goKeyOfKID:
		kids := in.kids(true)
		return work{loop: p.goKeys(set, kids)}, p.finds(set, kids, true)
	case selectUse, selectOps, selectAlg:
		return work{loop: p.selects(set, does)}, nil
	case selectFirst:
		return work{fresh: func() once {
			return once{loop: p.selects(p.mustParse(in), selectAlg), allows: 1}
		}}, nil
	case thumbprintFirst:
		if p.thumbprints == nil { // the library does not keep it, so each call is a first one
			return work{loop: p.thumbprinting(p.keys(set))}, nil
		}
		return work{fresh: func() once {
			keys := p.keys(p.mustParse(in))
			return once{loop: p.thumbprinting(keys), allows: len(keys)}
		}}, nil
	case thumbprintLater:
		return work{loop: p.thumbprinting(p.keys(set))}, nil
	case marshalSet:
		return marshalling(func() ([]byte, error) { return p.marshalSet(set) }, in)
	case memoryParsed, memoryWithKeys:
		return work{hold: func(text []byte) (any, error) {
			return p.hold(text, len(in.keys), does == memoryWithKeys)
		}}, nil
	}
	return work{}, fmt.Errorf("unknown work: %s", does)
}

// mustParse parses the set of in. It panics on an error, because the set was parsed before.
func (p peer[K, S]) mustParse(in *input) S {
	set, err := p.parseSet(in.text, len(in.keys))
	if err != nil {
		panic(err)
	}
	return set
}

// thumbprinting makes a loop that computes the thumbprint of one key after the other.
func (p peer[K, S]) thumbprinting(keys []K) func(n int) {
	if p.thumbprints != nil {
		return p.thumbprints(keys)
	}
	return func(n int) {
		for i := range n {
			if _, err := p.thumbprint(keys[i%len(keys)]); err != nil {
				panic(err)
			}
		}
	}
}

// hold parses a set, and if ask is set, asks every key for its Go key.
func (p peer[K, S]) hold(text []byte, n int, ask bool) (S, error) {
	set, err := p.parseSet(text, n)
	if err == nil && ask {
		err = p.askAll(set)
	}
	return set, err
}

var errNoGoKey = errors.New("no Go key")

// is returns an error if k is another key than want.
func (p peer[K, S]) is(k K, want *inputKey) error {
	if got := p.kid(k); got != want.kid {
		return fmt.Errorf("got kid %q, want %q", got, want.kid)
	}
	made, err := p.goKey(k)
	if err != nil {
		return err
	}
	if err := sameKey(made, want.goKey); err != nil {
		return err
	}
	if p.thumbprint == nil {
		return nil
	}
	got, err := p.thumbprint(k)
	if err != nil {
		return err
	}
	if want := want.thumbprint(); !bytes.Equal(got, want[:]) {
		return fmt.Errorf("got thumbprint %x, want %x", got, want)
	}
	return nil
}

// isSet returns an error if s does not have the keys of in.
func (p peer[K, S]) isSet(s S, in *input) error {
	keys := p.keys(s)
	if len(keys) != len(in.keys) {
		return fmt.Errorf("got %d keys, want %d", len(keys), len(in.keys))
	}
	for i, k := range keys {
		if err := p.is(k, &in.keys[i]); err != nil {
			return fmt.Errorf("key %d: %w", i, err)
		}
	}
	return nil
}

// finds returns an error unless every kid is found, or, for misses, no kid. In large sets it tries
// only a few kids: all of them would take a minute.
func (p peer[K, S]) finds(s S, kids []string, hit bool) error {
	if len(p.keys(s)) > 10_000 {
		kids = kids[:16]
	}
	for _, kid := range kids {
		k, ok := p.find(s, kid)
		if ok != hit {
			return fmt.Errorf("kid %q: found is %t, want %t", kid, ok, hit)
		}
		if hit && p.kid(k) != kid {
			return fmt.Errorf("found kid %q, want %q", p.kid(k), kid)
		}
	}
	return nil
}

// repeat makes a loop of a call. The compiler does not remove calls of a variable.
func repeat(call func() error) func(n int) {
	return func(n int) {
		for range n {
			if err := call(); err != nil {
				panic(err)
			}
		}
	}
}

// marshalling makes a loop that marshals. The result must be the text of in.
func marshalling(marshal func() ([]byte, error), in *input) (work, error) {
	text, err := marshal()
	if err != nil {
		return work{}, err
	}
	if err := sameJSON(text, in.text); err != nil {
		return work{}, err
	}
	return work{loop: repeat(func() error {
		_, err := marshal()
		return err
	})}, nil
}

func sameJSON(got, want []byte) error {
	var a, b any
	if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal(want, &b)); err != nil {
		return err
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("got JSON %.200s, want %.200s", got, want)
	}
	return nil
}

// parallel spreads a loop over all CPUs. Each CPU begins at another kid.
func parallel(kids []string, loop func(kids []string) func(n int)) func(n int) {
	workers := runtime.GOMAXPROCS(0)
	var loops []func(n int)
	for i := range workers {
		from := i * len(kids) / workers
		loops = append(loops, loop(append(kids[from:len(kids):len(kids)], kids[:from]...)))
	}
	return func(n int) {
		failures := make([]any, workers)
		var all sync.WaitGroup
		for i, loop := range loops {
			all.Go(func() {
				defer func() { failures[i] = recover() }()
				loop((n + i) / workers) // n in total
			})
		}
		all.Wait()
		for _, failure := range failures {
			if failure != nil {
				panic(failure)
			}
		}
	}
}

// wrong panics because the result of a loop is wrong.
func wrong(what string) { panic(errors.New(what)) }

// countAnswers makes a loop of a search that must find the answers of setWithAnswers.
func countAnswers(search func() int) func(n int) {
	return func(n int) {
		for range n {
			if search() != answers {
				wrong("another number of keys")
			}
		}
	}
}
