package main

import (
	"bytes"
	"runtime"
)

// weigh fills in the bytes per key that stay in use after parsing.
func weigh(runners []*runner, in *input) error {
	for round := range 3 { // enough, because the figure hardly varies
		for i := range runners {
			r := runners[(round+i)%len(runners)]
			grown, err := r.weigh(in.text, 1+1000/len(in.keys))
			if err != nil {
				return err
			}
			r.samples = append(r.samples, grown/float64(len(in.keys)))
		}
	}
	return nil
}

// weigh returns the growth of the heap, in bytes, for one parsed set. It parses a small set
// several times, so that single allocations of the runtime do not count. Each time it passes a
// new copy of the text and drops it, so that a library that keeps the text pays for the copy.
func (r *runner) weigh(text []byte, times int) (float64, error) {
	held := make([]any, times)
	before := alive()
	for i := range held {
		var err error
		if held[i], err = r.work.hold(bytes.Clone(text)); err != nil {
			return 0, err
		}
	}
	grown := alive() - before
	runtime.KeepAlive(held)
	return max(grown, 0) / float64(times), nil
}

// alive returns the bytes of the heap that are in use.
func alive() float64 {
	runtime.GC()
	runtime.GC() // the second run frees the contents of sync.Pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
