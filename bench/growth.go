package main

import (
	"fmt"
	"io"
	"time"
)

// Growth shows the time and memory that a library needs as sets get larger.

// A series is the growth of one library.
type series struct {
	Library string     `json:"library"`
	Kind    contestant `json:"kind"`
	Points  []point    `json:"points"`
}

// A point is the cost of a set with a given number of keys.
type point struct {
	Keys   int     `json:"keys"`
	Rounds int     `json:"rounds"` // number of timings; memory is measured as in a task
	Parse  float64 `json:"parse_ns_per_key"`
	Lookup float64 `json:"lookup_ns"`
	Memory float64 `json:"bytes_per_key"`
}

// growthSizes are the sizes of the sets. A set has the same number of keys of each kind. -quick
// uses quickSizes.
var (
	growthSizes = []int{3, 9, 30, 99, 300, 999, 3000, 9999, 30_000, 99_999}
	quickSizes  = growthSizes[:6]
)

// roundsFor returns the number of rounds for a size. Large sets take longer and vary less, so
// they need fewer rounds.
func roundsFor(keys int) int {
	if keys > 3000 {
		return 3
	}
	return 9
}

// growth measures our library and its peers with sets of mixed keys in several sizes. A few
// rounds are enough to show the shape of the curves.
func (m *meter) growth(r *results, sizes []int, stderr io.Writer) error {
	var entered []library
	for _, l := range libraries {
		if _, ok := l.checks[lookupHit]; ok && l.kind != reference {
			entered = append(entered, l)
			r.Growth = append(r.Growth, series{Library: l.name, Kind: l.kind, Points: make([]point, len(sizes))})
		}
	}
	start := time.Now()
	for i, n := range sizes {
		fmt.Fprintf(stderr, "bench: growth, %v: %s keys\n", time.Since(start).Round(time.Second), count(n))
		in, err := setOf(n, mixed...)()
		if err != nil {
			return err
		}
		few := *m
		few.rounds, few.timing = roundsFor(n), m.timing/2
		parse, err := few.medians(entered, parseSet, in)
		if err != nil {
			return fmt.Errorf("growth, %d keys: %w", n, err)
		}
		lookup, err := few.medians(entered, lookupHit, in)
		if err != nil {
			return fmt.Errorf("growth, %d keys: %w", n, err)
		}
		memory, err := weights(entered, in)
		if err != nil {
			return fmt.Errorf("growth, %d keys: %w", n, err)
		}
		for j := range entered {
			r.Growth[j].Points[i] = point{Keys: n, Rounds: few.rounds, Parse: parse[j] / float64(n), Lookup: lookup[j], Memory: memory[j]}
		}
	}
	return nil
}

// medians times one ability and returns the median for each library.
func (m *meter) medians(libraries []library, does ability, in *input) ([]float64, error) {
	runners, err := enterAll(libraries, does, in)
	if err == nil {
		err = m.measure(runners)
	}
	return mediansOf(runners), err
}

// weights measures the memory of sets and returns the bytes per key for each library.
func weights(libraries []library, in *input) ([]float64, error) {
	runners, err := enterAll(libraries, memoryParsed, in)
	if err == nil {
		err = weigh(runners, in)
	}
	return mediansOf(runners), err
}

func mediansOf(runners []*runner) (list []float64) {
	for _, r := range runners {
		var of row
		of.summarize(r.samples)
		list = append(list, of.Median)
	}
	return list
}

// growthRounds returns a phrase with the number of rounds for the points.
func (r *results) growthRounds() string {
	points := r.Growth[0].Points
	text := fmt.Sprintf("medians of %d rounds", points[0].Rounds)
	for i, p := range points[1:] {
		if before := points[i]; p.Rounds != before.Rounds {
			text += fmt.Sprintf(" up to %s keys, of %d above", count(before.Keys), p.Rounds)
		}
	}
	return text
}

// writeGrowth writes the points as tables.
func writeGrowth(out io.Writer, r *results) {
	for _, panel := range panels {
		fmt.Fprintf(out, "\nGrowth: %s\n", panel.title)
		w := table(out)
		fmt.Fprintf(w, "  keys")
		for _, s := range r.Growth {
			fmt.Fprintf(w, "\t%s", s.Library)
		}
		fmt.Fprintln(w)
		for i, p := range r.Growth[0].Points {
			fmt.Fprintf(w, "  %s", count(p.Keys))
			for _, s := range r.Growth {
				if i < len(s.Points) {
					fmt.Fprintf(w, "\t%s", panel.unit.write(panel.value(s.Points[i])))
				}
			}
			fmt.Fprintln(w)
		}
		w.Flush()
	}
	fmt.Fprintf(out, "times are %s\n", r.growthRounds())
}

// A panel is one of the plots of the points.
type panel struct {
	title       string
	unit        unit
	logarithmic bool
	value       func(p point) float64
}

// panels are the three plots.
var panels = []*panel{
	{title: "parse, time per key", unit: nanoseconds, value: func(p point) float64 { return p.Parse }},
	{title: "look up a kid that is present", unit: nanoseconds, logarithmic: true, value: func(p point) float64 { return p.Lookup }},
	{title: "memory per key, parsed", unit: octets, value: func(p point) float64 { return p.Memory }},
}
