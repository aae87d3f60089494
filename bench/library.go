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

// A library is a contestant with its abilities and the checks that it makes.
type library struct {
	name   string // its name in the tables
	module string // the module whose version is printed; "" for references
	color  string // the color of its bars, from the palette of Okabe and Ito for color-blind readers
	kind   contestant

	// checks maps each ability of the library to a phrase that says what the library checks
	// during this work. The library lacks an ability that is not in the map.
	checks map[ability]string

	// enter checks that the library does the work correctly, and returns the work.
	enter func(does ability, in *input) (work, error)
}

// A contestant is the role of a library in the tables.
type contestant string

const (
	ours      contestant = "ours"
	peerKind  contestant = "peer"
	reference contestant = "reference" // the least cost of the work, or its simplest form
)

// everyKey describes the checks of libraries that check each key of a set like a single key.
const everyKey = "its checks of a single key, for every key"

// libraries lists all contestants. To add a library, write its file and add it to this list.
var libraries = []library{
	ourLibrary.library(ours),
	goJose.library(peerKind),
	jwxLibrary.library(peerKind),
	jwksetLibrary.library(peerKind),
	jwksetClient.library(peerKind),
	tinkLibrary.library(peerKind),
	keyfuncLibrary.library(peerKind),
	jwxCache.library(peerKind),
	oidcLibrary.library(peerKind),
	floorLibrary, mapLibrary, hashLibrary, copyLibrary, findLibrary, verifyLibrary, signatureLibrary,
}

// A work is one of the following things to measure.
type work struct {
	// loop does the work n times, and panics if a result is wrong.
	loop func(n int)

	// parallel is set if the loop uses all CPUs.
	parallel bool

	// fresh prepares work that a key or a set does only once. The preparation is not timed.
	fresh func() once

	// hold returns a value made from text, to measure its memory.
	hold func(text []byte) (any, error)

	// size builds a program and returns its size in bytes.
	size func() (int64, error)
}

// A once is a loop that can do the work only a limited number of times.
type once struct {
	loop   func(n int)
	allows int
}

// A peer holds the functions of a library that the tasks call. K is its type of key, and S its
// type of set. A function that the library lacks is nil. Each function is the fastest
// reasonable one that the documentation of the library recommends, with default options.
type peer[K, S any] struct {
	name, module, color string

	parse    func(text []byte) (K, error)
	parseSet func(text []byte, n int) (S, error) // n is the number of keys, for libraries with a limit
	keys     func(S) []K
	kid      func(K) string
	goKey    func(K) (any, error) // returns the Go key from the standard library
	askAll   func(S) error        // gets the Go key of every key
	find     func(S, string) (K, bool)

	thumbprint func(K) ([]byte, error)
	marshal    func(K) ([]byte, error)
	marshalSet func(S) ([]byte, error)

	// Functions that take nanoseconds are called in a loop that knows the type, so that only the
	// library is measured.
	lookups     func(s S, kids []string, hit bool) func(n int)
	goKeys      func(s S, kids []string) func(n int)
	selects     func(s S, by ability) func(n int) // the loop panics unless it finds all answers
	thumbprints func(keys []K) func(n int)        // for libraries that cache thumbprints; uses the keys in turn

	fetch  fetcher                        // for libraries that fetch sets
	verify func(*input) (verifier, error) // for libraries that verify tokens with the keys of a set

	// command is the folder of a program that parses a set.
	command string

	checks map[ability]string
}

// library returns the peer as a contestant.
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
	case fetchedKey, fetchedVerify:
		return reading(p.fetch, does, in)
	case verifyRS256, verifyEdDSA:
		return verifying(p.verify, does, in)
	case marshalKey:
		k, err := p.parse(in.text)
		if err != nil {
			return work{}, err
		}
		return marshalling(func() ([]byte, error) { return p.marshal(k) }, in)
	}

	// The remaining abilities need a set.
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
		if p.thumbprints == nil { // without a cache, each call is a first call
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

// thumbprinting returns a loop that computes the thumbprints of the keys in turn.
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

// hold parses a set. If ask is true, it gets the Go key of every key.
func (p peer[K, S]) hold(text []byte, n int, ask bool) (S, error) {
	set, err := p.parseSet(text, n)
	if err == nil && ask {
		err = p.askAll(set)
	}
	return set, err
}

var errNoGoKey = errors.New("the key has no Go key")

// is returns an error unless k equals want.
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

// isSet returns an error unless s has the keys of in.
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

// finds returns an error unless the library finds every kid or, for misses, no kid. It tries only
// some kids of a large set, because all of them would take a minute.
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

// repeat returns a loop of a call. The compiler cannot remove the call of a variable.
func repeat(call func() error) func(n int) {
	return func(n int) {
		for range n {
			if err := call(); err != nil {
				panic(err)
			}
		}
	}
}

// marshalling returns a loop that calls marshal. It returns an error unless marshal gives the
// text of in.
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

// parallel runs a loop over items on all CPUs. Each CPU begins with another item.
func parallel[T any](items []T, loop func(items []T) func(n int)) func(n int) {
	workers := runtime.GOMAXPROCS(0)
	var loops []func(n int)
	for i := range workers {
		from := i * len(items) / workers
		loops = append(loops, loop(append(items[from:len(items):len(items)], items[:from]...)))
	}
	return func(n int) {
		failures := make([]any, workers)
		var all sync.WaitGroup
		for i, loop := range loops {
			all.Go(func() {
				defer func() { failures[i] = recover() }()
				loop((n + i) / workers) // n operations in all workers together
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

// wrong panics with an error. Loops call it if a result is wrong.
func wrong(what string) { panic(errors.New(what)) }

// countAnswers returns a loop that calls search. The loop panics unless search finds the
// answers of setWithAnswers.
func countAnswers(search func() int) func(n int) {
	return func(n int) {
		for range n {
			if search() != answers {
				wrong("another number of keys")
			}
		}
	}
}
