package main

import (
	"bytes"
	"runtime"
)

// weigh fills in the bytes per key that stay alive.
func weigh(runners []*runner, in *input) error {
	for round := range 3 { // it hardly varies
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

// weigh returns the growth of the heap after a set was parsed. It parses small sets more than once,
// so that a block of the runtime does not count. Each parse gets its own copy of the text, so that a
// library that keeps the text pays for it.
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
	runtime.GC() // the second call frees the content of a sync.Pool
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
