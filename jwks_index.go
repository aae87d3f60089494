package jwk

import (
	"slices"
	"sync/atomic"
)

// An index is the keys of a set, and what finds them by kid. It does not change.
type index struct {
	keys []*Key

	// Small sets have none of these two.
	byKeyID  map[string]*Key   // the first key with a kid
	repeated map[string][]*Key // all keys with a kid that several have
}

// A laterIndex is made when it is first asked for, perhaps twice at the same time, and
// is the same then.
type laterIndex struct {
	classList    atomic.Pointer[[]class]
	byThumbprint atomic.Pointer[map[Thumbprint]*Key]
	skippedByKid atomic.Pointer[map[string][]int32] // the first places of a kid
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
	x.byKeyID = make(map[string]*Key, len(x.keys))
	for _, k := range x.keys {
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

// withThumbprint returns the first of the keys of the set with a thumbprint.
func (x *laterIndex) withThumbprint(t Thumbprint, keys []*Key) (*Key, bool) {
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

// eachSkipped yields the places of entries with a kid, in order, up to maxMeant. A peer
// chooses the kid that is missed, so that a long list is not searched for each.
func (x *laterIndex) eachSkipped(kid string, entries []skipped, yield func(int) bool) {
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
			if id := entries[i].keyID; id != "" && len(m[id]) < maxMeant {
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

// A class is all keys of a set with the same traits: they answer the same
// queries, so that one of them needs to be asked.
type class struct {
	traits
	keys []int32 // in order
}

// classes returns the classes of the keys of the set, made when they are first asked
// for; nil if the set is to be searched key by key.
func (x *laterIndex) classes(keys []*Key) []class {
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

func classify(keys []*Key) []class {
	var list []class
	places := make(map[traits]int, maxClasses)
	for i, k := range keys {
		t := k.traits
		if t.kind.public != 0 {
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
