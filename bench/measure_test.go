package main

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// A clock advances only when the measured loops advance it.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// loop returns a loop with operations that take the time each. The first call takes longer by
// first.
func (c *clock) loop(each, first time.Duration) func(n int) {
	return func(n int) {
		c.at = c.at.Add(time.Duration(n)*each + first)
		first = 0
	}
}

// If TestCalibrate fails, timings are too short to be exact, or a run takes hours.
func TestCalibrate(t *testing.T) {
	for _, each := range []time.Duration{1, 10, 333, time.Microsecond, 7 * time.Millisecond, time.Second} {
		for _, first := range []time.Duration{0, time.Second} {
			c := new(clock)
			collected := 0
			m := &meter{timing: 10 * time.Millisecond, now: c.now, gc: func() { collected++ }}
			n := m.calibrate(c.loop(each, first))
			if took := time.Duration(n) * each; n != 1 && (took < m.timing/2 || took > m.timing*2) {
				t.Errorf("operations of %v: got %d, which take %v, want about %v", each, n, took, m.timing)
			}
			if n == 1 && each < m.timing/2 {
				t.Errorf("operations of %v: got one, want more", each)
			}
			if collected == 0 {
				t.Error("got a timing without a garbage collection before it")
			}
		}
	}
}

func TestCalibrateWhatTakesNoTime(t *testing.T) {
	c := new(clock)
	m := &meter{timing: time.Millisecond, now: c.now, gc: func() {}}
	if n := m.calibrate(func(int) {}); n < 1 {
		t.Errorf("got %d, want at least 1", n)
	}
}

// If TestMeasureInterleaves fails, a machine that is slow for a while makes one library look
// slow.
func TestMeasureInterleaves(t *testing.T) {
	c := new(clock)
	m := &meter{rounds: 3, timing: time.Millisecond, now: c.now, gc: func() {}}
	var order []string
	contestant := func(name string, each time.Duration) *runner {
		loop := c.loop(each, 0)
		return &runner{work: work{loop: func(n int) {
			order = append(order, name)
			loop(n)
		}, parallel: true}}
	}
	a, b := contestant("a", 100), contestant("b", 300)
	if err := m.measure([]*runner{a, b}); err != nil {
		t.Fatal(err)
	}
	if got, want := order[len(order)-6:], []string{"a", "b", "b", "a", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("got order %v, want %v", got, want)
	}
	if !slices.Equal(a.samples, []float64{100, 100, 100}) || !slices.Equal(b.samples, []float64{300, 300, 300}) {
		t.Errorf("got samples %v and %v, want 100 and 300", a.samples, b.samples)
	}
}

// If TestMeasureFresh fails, the time of a first call includes the preparation of its keys.
func TestMeasureFresh(t *testing.T) {
	c := new(clock)
	m := &meter{rounds: 2, timing: 4 * time.Millisecond, now: c.now, gc: func() { c.at = c.at.Add(time.Hour) }}
	prepared := 0
	r := &runner{work: work{fresh: func() once {
		prepared++
		c.at = c.at.Add(time.Minute) // not timed
		return once{loop: c.loop(200, 0), allows: 1024}
	}}}
	if err := m.measure([]*runner{r}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.samples, []float64{200, 200}) {
		t.Errorf("got %v, want 200 twice", r.samples)
	}
	// A timing of 1 ms takes five preparations with 1024 operations of 200 ns. There are two
	// rounds, and one more preparation to count allocations.
	if prepared != 11 {
		t.Errorf("got %d preparations, want 11", prepared)
	}
}

// If TestMeasureFreshEnds fails, the benchmark of a very fast operation prepares keys forever.
func TestMeasureFreshEnds(t *testing.T) {
	c := new(clock)
	m := &meter{timing: time.Second, now: c.now, gc: func() {}}
	prepared := 0
	got := m.timeFresh(func() once {
		prepared++
		return once{loop: c.loop(300, 0), allows: 1}
	})
	if got != 300 || prepared != maxFresh {
		t.Errorf("got %v of %d, want 300 of %d", got, prepared, maxFresh)
	}
}

// If TestCountAllocs fails, the tables show wrong numbers of allocations and bytes.
func TestCountAllocs(t *testing.T) {
	r := &runner{n: 100, work: work{loop: func(n int) {
		for range n {
			sink = make([]byte, 64)
			sink = make([]byte, 128)
		}
	}}}
	r.countAllocs()
	// The loop allocates two slices. Storing them in sink allocates their two headers.
	if r.allocs == nil || *r.allocs != 4 || *r.bytes < 192 {
		t.Errorf("got %v allocs, want 4 of 192 bytes and more", r.allocs)
	}
	r = &runner{n: 100, work: work{loop: func(int) {}}}
	r.countAllocs()
	if r.allocs == nil || *r.allocs != 0 {
		t.Errorf("got %v allocs, want 0", r.allocs)
	}
}

// If TestWeigh fails, the tables show wrong figures for the memory of a key.
func TestWeigh(t *testing.T) {
	in := &input{text: make([]byte, 1000), keys: make([]inputKey, 1)}
	hold := func(size int) *runner {
		return &runner{work: work{hold: func([]byte) (any, error) { return make([]byte, size), nil }}}
	}
	text := &runner{work: work{hold: func(text []byte) (any, error) { return text, nil }}}
	small, large := hold(1024), hold(8192)
	if err := weigh([]*runner{small, large, text}, in); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		r    *runner
		want float64
	}{{small, 1024}, {large, 8192}, {text, 1024}} { // 1000 bytes take a block of 1024
		var r row
		r.summarize(tt.r.samples)
		if math.Abs(r.Median-tt.want) > 100 {
			t.Errorf("got %.0f bytes, want about %.0f", r.Median, tt.want)
		}
	}
}

// In TestGrowth the clock advances a millisecond at each call, so that each timing has one
// operation.
func TestGrowth(t *testing.T) {
	at := time.Time{}
	m := &meter{rounds: 1, timing: time.Millisecond, gc: func() {}, now: func() time.Time {
		at = at.Add(time.Millisecond)
		return at
	}}
	r := new(results)
	var stderr strings.Builder
	sizes := []int{3, 9}
	if err := m.growth(r, sizes, &stderr); err != nil {
		t.Fatal(err)
	}
	if len(r.Growth) < 4 || r.Growth[0].Library != "jwk" {
		t.Errorf("got %+v, want jwk and its peers", r.Growth)
	}
	for _, s := range r.Growth {
		if len(s.Points) != len(sizes) {
			t.Fatalf("%s: got %d points, want %d", s.Library, len(s.Points), len(sizes))
		}
		for i, p := range s.Points {
			want := point{Keys: sizes[i], Rounds: 9, Parse: 1e6 / float64(sizes[i]), Lookup: 1e6, Memory: p.Memory}
			if p != want || p.Memory < 100 {
				t.Errorf("%s: got %+v, want %+v, and bytes", s.Library, p, want)
			}
		}
	}
	if got, want := strings.Count(stderr.String(), "\n"), len(sizes); got != want {
		t.Errorf("got %d lines of progress, want %d", got, want)
	}
}

func TestGrowthRounds(t *testing.T) {
	r := &results{Growth: []series{{Points: []point{{Keys: 3, Rounds: 9}, {Keys: 3000, Rounds: 9}}}}}
	if got, want := r.growthRounds(), "medians of 9 rounds"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.Growth[0].Points = append(r.Growth[0].Points, point{Keys: 9999, Rounds: 3})
	if got, want := r.growthRounds(), "medians of 9 rounds up to 3,000 keys, of 3 above"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, n := range growthSizes {
		if n%len(mixed) != 0 {
			t.Errorf("%d keys: got different numbers of kinds, want equal ones", n)
		}
	}
}

func TestQuantile(t *testing.T) {
	for _, tt := range []struct {
		samples           []float64
		low, median, high float64
	}{
		{[]float64{5}, 5, 5, 5},
		{[]float64{3, 1}, 1.5, 2, 2.5},
		{[]float64{5, 1, 4, 2, 3}, 2, 3, 4},
		{[]float64{1, 1, 1, 100}, 1, 1, 25.75},
		{nil, 0, 0, 0},
	} {
		var r row
		r.summarize(tt.samples)
		if r.Low != tt.low || r.Median != tt.median || r.High != tt.high {
			t.Errorf("%v: got %v %v %v, want %v %v %v", tt.samples, r.Low, r.Median, r.High, tt.low, tt.median, tt.high)
		}
	}
}

// If TestParallelDoesAll fails, a parallel loop does less work than its time is divided by.
func TestParallelDoesAll(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	kids := []string{"a", "b", "c", "d"}
	done := make(chan int, 10)
	begins := make(chan string, 10)
	loop := parallel(kids, func(kids []string) func(n int) {
		begins <- kids[0]
		if len(kids) != 4 {
			t.Errorf("got kids %v, want all kids", kids)
		}
		return func(n int) { done <- n }
	})
	loop(100)
	total := 0
	for range 3 {
		total += <-done
	}
	if total != 100 {
		t.Errorf("got %d operations, want 100", total)
	}
	if a, b := <-begins, <-begins; a == b {
		t.Errorf("got two workers that begin at %s", a)
	}
}

func TestWrite(t *testing.T) {
	for _, tt := range []struct {
		unit unit
		v    float64
		want string
	}{
		{nanoseconds, 3.294, "3.29 ns"},
		{nanoseconds, 12.34, "12.3 ns"},
		{nanoseconds, 999.7, "1.00 us"},
		{nanoseconds, 123_456, "123 us"},
		{nanoseconds, 2.5e6, "2.50 ms"},
		{nanoseconds, 3e9, "3.00 s"},
		{octets, 777.4, "777 B"},
		{octets, 1129, "1,129 B"},
		{octets, 300 << 10, "300 KiB"},
		{octets, 1.72 * (1 << 20), "1.72 MiB"},
	} {
		if got := tt.unit.write(tt.v); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
