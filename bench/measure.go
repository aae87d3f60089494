package main

import (
	"errors"
	"runtime"
	"time"
)

// A meter times work. Tests replace its clock.
type meter struct {
	rounds int
	timing time.Duration // intended duration of one timing
	now    func() time.Time
	gc     func() // called before each timing, so that garbage of another library costs no time
}

// A runner measures one contestant of a task.
type runner struct {
	library library
	work    work
	n       int       // number of operations in a timing
	samples []float64 // one figure per round
	allocs  *float64
	bytes   *float64
}

// measure fills in the samples of all runners. It times each runner once in each round, and
// each round begins with the next runner. So a machine that is slow for a while slows all
// runners down.
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

// asError returns a recovered error, or nil. It panics again with runtime errors and other
// values.
func asError(recovered any) error {
	switch v := recovered.(type) {
	case nil:
		return nil
	case runtime.Error: // a fault in bench, not a wrong result
	case error:
		return v
	}
	panic(recovered)
}

// time returns the duration of a loop with n operations.
func (m *meter) time(loop func(n int), n int) time.Duration {
	m.gc()
	start := m.now()
	loop(n)
	return m.now().Sub(start)
}

// calibrate returns the number of operations, at least 1, for a timing of the intended
// duration. It first does one operation that is not timed, because the first one may build an
// index.
func (m *meter) calibrate(loop func(n int)) int {
	loop(1)
	for n := 1; ; {
		took := m.time(loop, n)
		// A timing of a quarter of the duration gives a good estimate.
		if took >= m.timing/4 || n >= 1e9 {
			return max(1, int(float64(n)*float64(m.timing)/float64(max(took, 1))))
		}
		next := float64(n) * float64(m.timing) / float64(max(took, 1))
		n = max(n+1, min(int(next), 100*n))
	}
}

// maxFresh limits the preparations in one timing, because a preparation can take a hundred
// times as long as the timed work.
const maxFresh = 64

// timeFresh returns the nanoseconds for one operation that can be repeated only a limited
// number of times after a preparation. It prepares and times until the timings take a quarter
// of the intended duration. The timings are shorter than others, because the preparations take
// most of the time. The garbage collector runs before each preparation, so that it does not run
// during the timing.
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

// countAllocs measures the allocations of an operation. It is separate from the timings, because
// runtime.ReadMemStats stops all goroutines. The results are whole numbers, as with
// testing.AllocsPerRun.
func (r *runner) countAllocs() {
	if r.work.parallel {
		return // starting goroutines allocates, too
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
