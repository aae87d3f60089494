package main

import (
	"errors"
	"runtime"
	"time"
)

// A meter takes timings. Its clock is a variable for tests.
type meter struct {
	rounds int
	timing time.Duration // what one timing is to take
	now    func() time.Time
	gc     func() // before each timing, so that nobody pays for another's garbage
}

// A runner is a contestant of a task, about to be measured.
type runner struct {
	library library
	work    work
	n       int       // operations in a timing
	samples []float64 // one figure per round
	allocs  *float64
	bytes   *float64
}

// measure fills in the samples of all runners. In each round each of them is
// timed once, in an order that moves on by one each time: what slows the
// machine down for a while slows them all.
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

// asError makes an error of what was recovered.
func asError(recovered any) error {
	switch v := recovered.(type) {
	case nil:
		return nil
	case runtime.Error: // a mistake here, not a wrong answer
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

// calibrate returns how often a loop is to run for a timing to take as long as
// it should: at least once. What is only done the first time, such as to make
// an index, is over before it looks at the clock.
func (m *meter) calibrate(loop func(n int)) int {
	loop(1)
	for n := 1; ; {
		took := m.time(loop, n)
		// From a quarter on, the estimate is good enough.
		if took >= m.timing/4 || n >= 1e9 {
			return max(1, int(float64(n)*float64(m.timing)/float64(max(took, 1))))
		}
		next := float64(n) * float64(m.timing) / float64(max(took, 1))
		n = max(n+1, min(int(next), 100*n))
	}
}

// maxFresh is how many fresh things a timing takes at most: to prepare one can
// take a hundred times as long as what is timed.
const maxFresh = 64

// timeFresh returns the time of one operation of which a fresh thing allows no
// more than so many. It takes as many things as it needs for a timing, which is
// a shorter one: to prepare takes longer than that. The garbage collector runs
// before each, so that none of what is prepared is timed while it runs.
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

// countAllocs counts the allocations of an operation, apart from the timings:
// to ask for them stops the world. Whole numbers, as testing.AllocsPerRun.
func (r *runner) countAllocs() {
	if r.work.parallel {
		return // other goroutines are other allocations
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
