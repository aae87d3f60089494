package main

import (
	"fmt"
	"regexp"
	"slices"
)

// An ability is one kind of work. A library takes part in the tasks for its abilities.
type ability string

const (
	parseRSA          ability = "parse an RSA public key"
	parseEC           ability = "parse an EC public key"
	parseOKP          ability = "parse an Ed25519 public key"
	parseRSAPrivate   ability = "parse an RSA private key"
	parseECPrivate    ability = "parse an EC private key"
	parseOKPPrivate   ability = "parse an Ed25519 private key"
	parseSet          ability = "parse a set"
	parseNarrowSet    ability = "parse a set without Ed25519"
	parseSetAndKeys   ability = "parse a set and make its Go keys"
	parseCertificates ability = "parse a set with certificates"
	lookupHit         ability = "look up a kid that is present"
	lookupMiss        ability = "look up a kid that is absent"
	lookupAny         ability = "look up every kid of a set"
	lookupParallel    ability = "look up a kid from all CPUs"
	selectUse         ability = "select by use"
	selectOps         ability = "select by key_ops"
	selectAlg         ability = "select by alg"
	selectFirst       ability = "select by alg, the first query"
	goKeyOfKID        ability = "from a kid to a Go key"
	fetchedKey        ability = "find a key in a fetched set"
	fetchedVerify     ability = "verify with a key of a fetched set"
	verifyRS256       ability = "verify an RS256 token with its key in a set"
	verifyEdDSA       ability = "verify an EdDSA token with its key in a set"
	thumbprintFirst   ability = "thumbprint, first call"
	thumbprintLater   ability = "thumbprint, later calls"
	marshalKey        ability = "marshal a key"
	marshalSet        ability = "marshal a set"
	memoryParsed      ability = "memory of a set"
	memoryWithKeys    ability = "memory of a set and its Go keys"
	binarySize        ability = "size of a program"
)

// A task is an ability with an input. It has one line in the summary.
type task struct {
	name  string // for -run and -json
	title string
	does  ability
	input func() (*input, error) // makes a new input, so that a task does not keep the memory of another
	keys  int                    // number of keys in the input
	unit  unit
	long  bool // -quick leaves the task out
	bars  []bar
}

// A unit is the unit of the figures of a task.
type unit string

const (
	nanoseconds unit = "ns"    // per operation
	octets      unit = "bytes" // per key, or per program
)

// tasks returns all tasks.
func tasks() []task {
	list := slices.Concat(parsing(), lookups(), clients(), verifications(), selections(), thumbprints(), output(), sizes())
	for i := range list {
		if list[i].unit == "" {
			list[i].unit = nanoseconds
		}
	}
	return list
}

func parsing() (list []task) {
	for _, one := range []struct {
		kind          kind
		does          ability
		faster, floor float64
	}{{rsa2048, parseRSA, 4, 1.4}, {p256, parseEC, 3, 1.4}, {ed25519Kind, parseOKP, 4, 1.9}} {
		t := task{
			name:  "parse/" + string(one.kind),
			title: fmt.Sprintf("parse one public key, %s", one.kind),
			does:  one.does, input: oneKey(one.kind, false), keys: 1,
			bars: []bar{{Rule: timesReference, Limit: one.floor}, {Rule: fasterThanPeers, Limit: one.faster}},
		}
		if one.kind != p256 { // decoding a point with the standard library takes seven allocations
			t.bars = append(t.bars, bar{Rule: allocsPerKey, Limit: 6})
		}
		list = append(list, t)
	}
	for _, one := range []struct {
		kind kind
		does ability
		bars []bar
	}{
		{rsa2048, parseRSAPrivate, []bar{{Rule: timesReference, Limit: 1.25}}},
		{p256, parseECPrivate, []bar{{Rule: timesReference, Limit: 1.05}}},
		{ed25519Kind, parseOKPPrivate, []bar{{Rule: timesReference, Limit: 1.1}}},
	} {
		list = append(list, task{
			name:  "parse/" + string(one.kind) + "-private",
			title: fmt.Sprintf("parse one private key, %s", one.kind),
			does:  one.does, input: oneKey(one.kind, true), keys: 1, bars: one.bars,
		})
	}
	for _, set := range []struct {
		n    int
		bars []bar
	}{
		{3, []bar{{Rule: timesReference, Limit: 1.7}}},
		{100, []bar{{Rule: fasterThanPeers, Limit: 3.5}, {Rule: timesReference, Limit: 1.5}, {Rule: allocsPerKey, Limit: 4.6}}},
		{1000, []bar{{Rule: timesReference, Limit: 1.5}}},
	} {
		list = append(list, task{
			name:  fmt.Sprintf("parse/set-%d", set.n),
			title: fmt.Sprintf("parse a set of %s public keys, RSA-2048, P-256 and Ed25519 in turn", count(set.n)),
			does:  parseSet, input: setOf(set.n, mixed...), keys: set.n, bars: set.bars,
		})
	}
	return append(list, task{
		name:  "parse/set-100-and-keys",
		title: "parse that set of 100 and ask every key for its Go key",
		does:  parseSetAndKeys, input: setOf(100, mixed...), keys: 100,
		bars: []bar{{Rule: timesReference, Limit: 2.6}},
	}, task{
		name:  "parse/set-100-rsa-p256",
		title: "parse a set of 100 public keys, RSA-2048 and P-256 in turn",
		does:  parseNarrowSet, input: setOf(100, rsa2048, p256), keys: 100,
	}, task{
		name:  "parse/set-10-x5c",
		title: "parse a set of 10 RSA-2048 keys with x5c (3 certificates each) and x5t",
		does:  parseCertificates, input: certifiedSet(10), keys: 10,
		bars: []bar{{Rule: timesReference, Limit: 2.5}},
	})
}

func lookups() (list []task) {
	bars := []bar{{Rule: timesReference, Limit: 1.5}, {Rule: allocs, Limit: 0}}
	const many = 100_000
	for _, what := range []struct {
		name, title string
		does        ability
	}{{"hit", "is present", lookupHit}, {"miss", "is absent", lookupMiss}} {
		for _, n := range []int{3, 10, 100, 1000, many} {
			list = append(list, task{
				name:  fmt.Sprintf("lookup/%s/%d", what.name, n),
				title: fmt.Sprintf("look up a kid that %s among %s keys", what.title, count(n)),
				does:  what.does, input: setOf(n, ed25519Kind), keys: n, long: n == many, bars: bars,
			})
		}
	}
	list = append(list, task{
		name:  fmt.Sprintf("lookup/any/%d", many),
		title: fmt.Sprintf("look up any of %s kids, one after the other at random", count(many)),
		does:  lookupAny, input: setOf(many, ed25519Kind), keys: many, long: true, bars: bars,
	}, task{
		name:  "lookup/parallel/100",
		title: "look up a kid among 100 keys, from all CPUs at once",
		does:  lookupParallel, input: setOf(100, ed25519Kind), keys: 100,
	})
	for _, n := range []int{100, 1000} {
		list = append(list, task{
			name:  fmt.Sprintf("kid-to-key/%d", n),
			title: fmt.Sprintf("from a kid to its Go key among %s keys", count(n)),
			does:  goKeyOfKID, input: setOf(n, mixed...), keys: n,
			bars: []bar{{Rule: timeAtMost, Limit: 20}},
		})
	}
	return list
}

// clients returns the tasks of libraries that fetch sets. A client of package jwk should find a key
// about as fast as Set.Find.
func clients() (list []task) {
	for _, n := range []int{3, 100} {
		list = append(list, task{
			name:  fmt.Sprintf("fetched/key/%d", n),
			title: fmt.Sprintf("find a key in a fetched set of %d, and its Go key, from all CPUs at once", n),
			does:  fetchedKey, input: setOf(n, mixed...), keys: n,
			bars: []bar{{Rule: timesReference, Limit: 1.2}},
		})
	}
	return append(list, task{
		name:  "fetched/verify/100",
		title: "verify an ES256 token with its key in a fetched set of 100, from all CPUs at once",
		does:  fetchedVerify, input: setOf(100, p256), keys: 100,
	})
}

// verifications returns the tasks that verify tokens from end to end.
func verifications() (list []task) {
	for _, does := range []ability{verifyRS256, verifyEdDSA} {
		alg := algorithms[tokenKind(does)]
		list = append(list, task{
			name:  "verify/" + string(alg),
			title: fmt.Sprintf("verify an %s token: parse its header, find its key by kid in a set of 10, check the signature", alg),
			does:  does, input: setOfSigners(10, mixed...), keys: 10,
		})
	}
	return list
}

func selections() (list []task) {
	const few, many = 100, 10_000
	for _, by := range []struct {
		name, title string
		does        ability
	}{{"use", "use", selectUse}, {"ops", "key_ops", selectOps}, {"alg", "alg", selectAlg}} {
		for _, n := range []int{few, many} {
			t := task{
				name:  fmt.Sprintf("select/%s/%d", by.name, n),
				title: fmt.Sprintf("select %d keys by %s in %s", answers, by.title, count(n)),
				does:  by.does, input: setWithAnswers(n), keys: n,
				bars: []bar{{Rule: timeAtMost, Limit: 50}, {Rule: allocs, Limit: 0}},
			}
			if n == many {
				t.bars = append(t.bars, bar{Rule: timesTask, Limit: 2, Task: fmt.Sprintf("select/%s/%d", by.name, few)})
			}
			list = append(list, t)
		}
	}
	return append(list, task{
		name:  fmt.Sprintf("select/first/%d", many),
		title: fmt.Sprintf("select %d keys by alg in %s, the first query after parsing", answers, count(many)),
		does:  selectFirst, input: setWithAnswers(many), keys: many,
	})
}

func thumbprints() (list []task) {
	for _, kind := range mixed {
		list = append(list, task{
			name:  "thumbprint/first/" + string(kind),
			title: fmt.Sprintf("thumbprint of a key, %s, first call", kind),
			does:  thumbprintFirst, input: setOf(freshKeys, kind), keys: freshKeys,
			bars: []bar{{Rule: timesReference, Limit: 1.3}, {Rule: allocs, Limit: 0}},
		})
	}
	for _, kind := range mixed {
		list = append(list, task{
			name:  "thumbprint/later/" + string(kind),
			title: fmt.Sprintf("thumbprint of a key, %s, later calls", kind),
			does:  thumbprintLater, input: setOf(1, kind), keys: 1,
			bars: []bar{{Rule: timeAtMost, Limit: 5}},
		})
	}
	return list
}

func output() (list []task) {
	for _, kind := range []kind{rsa2048, ed25519Kind} {
		list = append(list, task{
			name:  "marshal/" + string(kind),
			title: fmt.Sprintf("marshal a parsed key, %s", kind),
			does:  marshalKey, input: oneKey(kind, false), keys: 1,
			bars: []bar{{Rule: timesReference, Limit: 1.3}},
		})
	}
	return append(list, task{
		name:  "marshal/set-100",
		title: "marshal a parsed set of 100",
		does:  marshalSet, input: setOf(100, mixed...), keys: 100,
	})
}

func sizes() []task {
	return []task{{
		name:  "memory/parsed",
		title: "memory per RSA-2048 public key in a set of 10,000",
		does:  memoryParsed, input: setOf(10_000, rsa2048), keys: 10_000, unit: octets,
		bars: []bar{{Rule: bytesAtMost, Limit: 700}},
	}, {
		name:  "memory/with-keys",
		title: "the same after a request for every Go key",
		does:  memoryWithKeys, input: setOf(10_000, rsa2048), keys: 10_000, unit: octets,
		bars: []bar{{Rule: bytesAtMost, Limit: 1000}},
	}, {
		name:  "binary",
		title: "size that the library adds to a program that parses a set",
		does:  binarySize, input: setOf(4, rsa2048, p256), keys: 4, unit: octets, long: true,
	}}
}

// chosen returns the tasks whose names match, and the names of those that -quick leaves out.
func chosen(list []task, match *regexp.Regexp, quick bool) (in []task, out []string) {
	for _, t := range list {
		switch {
		case !match.MatchString(t.name):
		case quick && t.long:
			out = append(out, t.name)
		default:
			in = append(in, t)
		}
	}
	return in, out
}

// count formats a number with commas.
func count(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
