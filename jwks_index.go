package jwk

import (
	"math/bits"
	"slices"
	"sync/atomic"
)

// An index holds the keys of a set, and finds them by kid. It does not change once it is made.
type index struct {
	keys []*Key

	// Both are nil in a small set.
	byKeyID  map[string]*Key   // the first key with each kid
	repeated map[string][]*Key // all keys with a kid that several keys have
}

const (
	// Sets of at most this many keys are searched key by key.
	smallSet = 8

	// A set with more classes than this is searched key by key, too. Sets of real
	// providers have a handful. A uint32 has a bit for each class.
	maxClasses = 32

	// The index of skipped entries has at most this many entries for each kid.
	maxSkippedOfKid = 4
)

// newIndex makes the index of keys.
func newIndex(keys []*Key) index {
	x := index{keys: keys}
	if len(keys) <= smallSet {
		return x
	}
	x.byKeyID = make(map[string]*Key, len(keys))
	for _, k := range keys {
		if k.present&(1<<mKid) == 0 {
			continue
		}
		first, found := x.byKeyID[k.kid]
		if !found {
			x.byKeyID[k.kid] = k
			continue
		}
		if x.repeated == nil {
			x.repeated = make(map[string][]*Key)
		}
		list := x.repeated[k.kid]
		if list == nil {
			list = append(list, first)
		}
		x.repeated[k.kid] = append(list, k)
	}
	return x
}

// firstWith returns the first key with a kid.
func (x *index) firstWith(kid string) (*Key, bool) {
	if x.byKeyID != nil {
		k, ok := x.byKeyID[kid]
		return k, ok
	}
	for _, k := range x.keys {
		if k.hasKeyID(kid) {
			return k, true
		}
	}
	return nil, false
}

// eachWith yields the keys with a kid, in order.
func (x *index) eachWith(kid string, yield func(*Key) bool) {
	list, several := x.repeated[kid]
	if x.byKeyID == nil {
		list = x.keys
	} else if !several {
		if k, ok := x.byKeyID[kid]; ok {
			yield(k)
		}
		return
	}
	for _, k := range list {
		if k.hasKeyID(kid) && !yield(k) {
			return
		}
	}
}

func (k *key) hasKeyID(kid string) bool { return k.kid == kid && k.present&(1<<mKid) != 0 }

// A lazyIndex has the parts of the index that few programs need. Each part is made by the
// first call that needs it. Two such calls at the same time make equal parts, and either one
// may be kept, so no lock is needed.
type lazyIndex struct {
	classList    atomic.Pointer[[]class]
	byThumbprint atomic.Pointer[map[Thumbprint]*Key]
	skippedByKid atomic.Pointer[map[string][]int32] // the places of the first maxSkippedOfKid entries
}

// withThumbprint returns the first key with a thumbprint. keys are all keys of the set.
func (x *lazyIndex) withThumbprint(t Thumbprint, keys []*Key) (*Key, bool) {
	made := x.byThumbprint.Load()
	if made == nil {
		m := make(map[Thumbprint]*Key, len(keys))
		for _, k := range slices.Backward(keys) {
			m[k.thumbprint()] = k
		}
		made = &m
		x.byThumbprint.Store(made)
	}
	k, ok := (*made)[t]
	return k, ok
}

// eachSkipped yields the places of the skipped entries with a kid, in order. entries are all
// skipped entries of the set. If there are many, it finds the first maxSkippedOfKid in a map: a
// peer chooses the kid, and must not make each miss search a long list.
func (x *lazyIndex) eachSkipped(kid string, entries []skipped, yield func(int) bool) {
	if len(entries) <= smallSet {
		for i := range entries {
			if entries[i].keyID == kid && !yield(i) {
				return
			}
		}
		return
	}
	made := x.skippedByKid.Load()
	if made == nil {
		m := make(map[string][]int32)
		for i := range entries {
			if id := entries[i].keyID; id != "" && len(m[id]) < maxSkippedOfKid {
				m[id] = append(m[id], int32(i))
			}
		}
		made = &m
		x.skippedByKid.Store(made)
	}
	for _, i := range (*made)[kid] {
		if !yield(int(i)) {
			return
		}
	}
}

// A class is all keys of a set with the same traits, except for the size of asymmetric keys,
// which decides no query. They answer the same queries, so a search asks each class once.
type class struct {
	traits
	keys []int32 // their places in the set, in order
}

// classes returns the classes of the keys of the set. It returns nil if the set is small or
// has more than maxClasses classes: then the keys are searched one by one.
func (x *lazyIndex) classes(keys []*Key) []class {
	if len(keys) <= smallSet {
		return nil
	}
	if made := x.classList.Load(); made != nil {
		return *made
	}
	made := classify(keys)
	x.classList.Store(&made)
	return made
}

// classify returns the classes of keys, or nil if there are more than maxClasses.
func classify(keys []*Key) []class {
	var list []class
	places := make(map[traits]int, maxClasses)
	for i, k := range keys {
		t := *k.traits
		if t.kind.public != 0 {
			t.bits = 0 // the size decides only about symmetric keys
		}
		at, ok := places[t]
		if !ok {
			if len(list) == maxClasses {
				return nil
			}
			at = len(list)
			places[t] = at
			list = append(list, class{traits: t})
		}
		list[at].keys = append(list[at].keys, int32(i))
	}
	return list
}

// specIn returns the row of an algorithm, as specOf does. It asks the classes first, because most
// queries name an algorithm that a class states. A query for an algorithm in the middle of the
// table then takes three quarters of the time (BenchmarkSelect/alg).
func specIn(classes []class, alg Algorithm) *algSpec {
	if alg == "" {
		return nil
	}
	for i := range classes {
		if classes[i].alg == alg {
			return classes[i].spec
		}
	}
	return specOf(alg)
}

// mergeClasses yields the keys of several classes in the order of the set. Bit i of chosen
// stands for classes[i].
func (x *index) mergeClasses(classes []class, chosen uint32, yield func(*Key) bool) {
	var lists [maxClasses][]int32
	n := 0
	for ; chosen != 0; chosen &= chosen - 1 {
		lists[n] = classes[bits.TrailingZeros32(chosen)].keys
		n++
	}
	x.merge(lists[:n], yield)
}

// merge merges lists of places, one for each class, and yields the keys at these places in the
// order of the set. Each list is ascending and not empty. merge changes lists.
func (x *index) merge(lists [][]int32, yield func(*Key) bool) {
	for len(lists) > 1 {
		least := 0
		for i := 1; i < len(lists); i++ {
			if lists[i][0] < lists[least][0] {
				least = i
			}
		}
		list := lists[least]
		if !yield(x.keys[list[0]]) {
			return
		}
		if lists[least] = list[1:]; len(list) == 1 {
			last := len(lists) - 1
			lists[least] = lists[last]
			lists = lists[:last]
		}
	}
	for _, list := range lists { // at most one list is left
		for _, place := range list {
			if !yield(x.keys[place]) {
				return
			}
		}
	}
}
