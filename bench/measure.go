package main

import (
	"errors"
	"runtime"
	"time"
)

// A meter takes timings. Its clock is a variable for tests.
type meter struct {
	rounds int
	timing time.Duration // the wanted duration of one timing
	now    func() time.Time
	gc     func() // runs before each timing, so that no library pays for the garbage of another
}

// A runner is a contestant of a task, with its measurements.
type runner struct {
	library library
	work    work
	n       int       // operations in a timing
	samples []float64 // one figure per round
	allocs  *float64
	bytes   *float64
}

// measure fills in the samples of all runners. Each round times each runner once, and begins with
// another one each time: if the machine is slow for a while, it is slow for all of them.
func (m *meter) measure(runners []*runner) (err error) {
	defer func() { err = errors.Join(err, asError(recover())) }()
	for _, r := range runners {
		if r.work.loop != nil {
			r.n = m.calibrate(r.work.loop)
		}
	}
	for round := range m.rounds {
		for i := range runners {
			r := runners[(round+i)%len(runners)]
			if r.work.loop != nil {
				r.samples = append(r.samples, float64(m.time(r.work.loop, r.n))/float64(r.n))
			} else {
				r.samples = append(r.samples, m.timeFresh(r.work.fresh))
			}
		}
	}
	for _, r := range runners {
		r.countAllocs()
	}
	return nil
}

// asError returns the value of a panic as an error.
func asError(recovered any) error {
	switch v := recovered.(type) {
	case nil:
		return nil
	case runtime.Error: // a mistake in this program, not a wrong answer
	case error:
		return v
	}
	panic(recovered)
}

// time runs a loop once.
func (m *meter) time(loop func(n int), n int) time.Duration {
	m.gc()
	start := m.now()
	loop(n)
	return m.now().Sub(start)
}

// calibrate returns the number of operations, at least 1, for a timing of the wanted duration. It
// calls the loop once before it looks at the clock, so that work of the first call, such as making
// an index, does not count.
func (m *meter) calibrate(loop func(n int)) int {
	loop(1)
	for n := 1; ; {
		took := m.time(loop, n)
		// An estimate from a quarter of the duration is good enough.
		if took >= m.timing/4 || n >= 1e9 {
			return max(1, int(float64(n)*float64(m.timing)/float64(max(took, 1))))
		}
		next := float64(n) * float64(m.timing) / float64(max(took, 1))
		n = max(n+1, min(int(next), 100*n))
	}
}

// maxFresh is the largest number of fresh things in a timing: the preparation of one may take a
// hundred times as long as the operation.
const maxFresh = 64

// timeFresh returns the time of one operation if a fresh thing allows only a limited number of
// them. It prepares as many things as a timing needs. These timings are shorter than others, because
// the preparation takes longer than the timing. The garbage collector runs before each timing, so
// that it does not run during one.
func (m *meter) timeFresh(fresh func() once) float64 {
	var took time.Duration
	n := 0
	for range maxFresh {
		m.gc()
		o := fresh()
		start := m.now()
		o.loop(o.allows)
		took += m.now().Sub(start)
		n += o.allows
		if took >= m.timing/4 {
			break
		}
	}
	return float64(took) / float64(n)
}

// countAllocs counts the allocations of an operation, as a whole number like testing.AllocsPerRun.
// It is not part of the timings, because reading the counters stops the world.
func (r *runner) countAllocs() {
	if r.work.parallel {
		return // the allocations of other goroutines would count
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	loop, n := r.work.loop, min(max(r.n/4, 3), 1000)
	if loop == nil {
		o := r.work.fresh()
		loop, n = o.loop, o.allows
	} else {
		loop(1)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	loop(n)
	runtime.ReadMemStats(&after)
	each := float64((after.Mallocs - before.Mallocs) / uint64(n))
	octets := float64((after.TotalAlloc - before.TotalAlloc) / uint64(n))
	r.allocs, r.bytes = &each, &octets
}
