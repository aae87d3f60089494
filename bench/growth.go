package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Growth is what a library takes for sets of more and more keys.

// A series is that of one library.
type series struct {
	Library string     `json:"library"`
	Kind    contestant `json:"kind"`
	Points  []point    `json:"points"`
}

// A point is what a library takes for a set of so many keys.
type point struct {
	Keys   int     `json:"keys"`
	Parse  float64 `json:"parse_ns_per_key"`
	Lookup float64 `json:"lookup_ns"`
	Memory float64 `json:"bytes_per_key"`
}

// growthSizes are the sizes of sets; quickly those up to quickGrowth.
var growthSizes = []int{1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000}

const quickGrowth = 1000

// growth measures ours and the peers over the size of a set of mixed keys, in
// few rounds: the shape is what it is about.
func (m *meter) growth(r *results, stderr io.Writer) error {
	few := *m
	few.rounds, few.timing = 3, m.timing/2
	sizes := slices.Clone(growthSizes)
	if r.Quick {
		sizes = slices.DeleteFunc(sizes, func(n int) bool { return n > quickGrowth })
	}
	start := time.Now()
	for _, n := range sizes {
		fmt.Fprintf(stderr, "bench: growth, %v: %s keys\n", time.Since(start).Round(time.Second), count(n))
		in, err := setOf(n, mixed...)()
		if err != nil {
			return err
		}
		for _, l := range libraries {
			if _, ok := l.checks[lookupHit]; !ok || l.kind == reference {
				continue
			}
			if !slices.ContainsFunc(r.Growth, func(s series) bool { return s.Library == l.name }) {
				r.Growth = append(r.Growth, series{Library: l.name, Kind: l.kind})
			}
		}
		points := make(map[string]*point)
		for i := range r.Growth {
			s := &r.Growth[i]
			s.Points = append(s.Points, point{Keys: n})
			points[s.Library] = &s.Points[len(s.Points)-1]
		}
		for _, part := range []struct {
			does ability
			put  func(p *point, v float64)
		}{
			{parseSet, func(p *point, v float64) { p.Parse = v / float64(n) }},
			{lookupHit, func(p *point, v float64) { p.Lookup = v }},
			{memoryParsed, func(p *point, v float64) { p.Memory = v }},
		} {
			t := task{name: "growth", does: part.does, keys: n, unit: nanoseconds}
			if part.does == memoryParsed {
				t.unit = octets
			}
			done, err := few.measured(t, in, func(l library) bool { return points[l.name] != nil })
			if err != nil {
				return fmt.Errorf("growth, %d keys, %s: %w", n, part.does, err)
			}
			for _, row := range done.Rows {
				part.put(points[row.Library], row.Median)
			}
		}
	}
	return nil
}

// writeGrowth writes the points.
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
}

// A panel is a view of the points.
type panel struct {
	title       string
	unit        unit
	logarithmic bool
	value       func(p point) float64
}

// panels are the three plots.
var panels = []*panel{
	{title: "parse, time per key", unit: nanoseconds, value: func(p point) float64 { return p.Parse }},
	{title: "look up a kid that is there", unit: nanoseconds, logarithmic: true, value: func(p point) float64 { return p.Lookup }},
	{title: "memory per key, parsed", unit: octets, value: func(p point) float64 { return p.Memory }},
}
