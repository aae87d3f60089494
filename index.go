package jwk

import (
	"slices"
	"sync/atomic"
)

// An index is the keys of a set, and what finds them. It does not change;
// some parts of it are made when they are first asked for, perhaps twice at
// the same time, and are the same then.
type index struct {
	keys []*Key

	// Small sets have none of these two.
	byKeyID map[string]int32 // the first key with a kid
	sameID  []int32          // by key, the next with its kid; nil if there are none

	classList    atomic.Pointer[[]class]
	byThumbprint atomic.Pointer[map[Thumbprint]*Key]
}

const (
	// Sets of no more keys are searched key by key.
	smallSet = 8

	// A set with more classes than this is searched key by key, too. Real
	// ones have a handful.
	maxClasses = 32
)

// build makes the part of the index that every large set needs.
func (x *index) build() {
	if len(x.keys) <= smallSet {
		return
	}
	x.byKeyID = make(map[string]int32, len(x.keys))
	for i, k := range slices.Backward(x.keys) {
		if k.present&(1<<mKid) == 0 {
			continue
		}
		if next, ok := x.byKeyID[k.kid]; ok {
			if x.sameID == nil {
				x.sameID = slices.Repeat([]int32{-1}, len(x.keys))
			}
			x.sameID[i] = next
		}
		x.byKeyID[k.kid] = int32(i)
	}
}

// firstWith returns the place of the first key with a kid, -1 if there is none.
func (x *index) firstWith(kid string) int {
	if x.byKeyID == nil {
		return x.scan(kid, 0)
	}
	if i, ok := x.byKeyID[kid]; ok {
		return int(i)
	}
	return -1
}

// nextWith returns the place of the next key with the kid of the one at i.
func (x *index) nextWith(i int) int {
	if x.byKeyID == nil {
		return x.scan(x.keys[i].kid, i+1)
	}
	if x.sameID == nil {
		return -1
	}
	return int(x.sameID[i])
}

func (x *index) scan(kid string, from int) int {
	for i := from; i < len(x.keys); i++ {
		if k := x.keys[i]; k.kid == kid && k.present&(1<<mKid) != 0 {
			return i
		}
	}
	return -1
}

// withThumbprint returns the first key with a thumbprint.
func (x *index) withThumbprint(t Thumbprint) (*Key, bool) {
	made := x.byThumbprint.Load()
	if made == nil {
		m := make(map[Thumbprint]*Key, len(x.keys))
		for _, k := range slices.Backward(x.keys) {
			m[k.digest()] = k
		}
		made = &m
		x.byThumbprint.Store(made)
	}
	k, ok := (*made)[t]
	return k, ok
}

// A class is all keys of a set with the same traits: they answer the same
// queries, so that one of them needs to be asked.
type class struct {
	traits
	keys []int32 // in order
}

// classes returns the classes of the set, made when they are first asked for;
// nil if it is to be searched key by key.
func (x *index) classes() []class {
	if len(x.keys) <= smallSet {
		return nil
	}
	if made := x.classList.Load(); made != nil {
		return *made
	}
	made := classify(x.keys)
	x.classList.Store(&made)
	return made
}

func classify(keys []*Key) []class {
	var list []class
	places := make(map[traits]int, maxClasses)
	for i, k := range keys {
		t := k.traits
		if t.kind.kty != Oct {
			t.bits = 0 // decides nothing elsewhere
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
