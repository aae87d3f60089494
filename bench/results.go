package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// results holds all results of a run. -json writes it.
type results struct {
	Date      time.Time     `json:"date"`
	CPU       string        `json:"cpu"`
	CPUs      int           `json:"gomaxprocs"`
	OS        string        `json:"goos"`
	Arch      string        `json:"goarch"`
	Go        string        `json:"go"`
	Quick     bool          `json:"quick"`
	Rounds    int           `json:"rounds"`    // number of timings of each contestant
	Timing    time.Duration `json:"timing_ns"` // intended duration of each timing
	Libraries []version     `json:"libraries"`
	Tasks     []taskResult  `json:"tasks"`
	Growth    []series      `json:"growth,omitempty"`
	LeftOut   []string      `json:"left_out,omitempty"` // tasks left out by -quick, or without a go command
}

// A version is a library with its version in the build.
type version struct {
	Name    string `json:"name"`
	Module  string `json:"module"`
	Version string `json:"version"`
}

// A taskResult holds the results of one task.
type taskResult struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Unit  unit   `json:"unit"`
	Keys  int    `json:"keys"`
	Text  int    `json:"text_bytes"` // size of the input
	Bars  []bar  `json:"bars,omitempty"`
	Rows  []row  `json:"rows"`

	// NotSignature is the share of the time of each library that is not the signature. It is nil
	// unless the task has the reference signatureLibrary.
	NotSignature map[string]float64 `json:"not_signature,omitempty"`
}

// A row is the result of one contestant.
type row struct {
	Library string     `json:"library"`
	Kind    contestant `json:"kind"`
	Median  float64    `json:"median"`
	Times   float64    `json:"times_ours,omitempty"` // Median divided by our Median
	Low     float64    `json:"low"`                  // first quartile of the rounds
	High    float64    `json:"high"`                 // third quartile of the rounds
	Allocs  *float64   `json:"allocs,omitempty"`
	Bytes   *float64   `json:"bytes,omitempty"` // allocated bytes per operation
	Checks  string     `json:"checks"`
}

// summarize sets the median and the quartiles of a row.
func (r *row) summarize(samples []float64) {
	s := slices.Sorted(slices.Values(samples))
	r.Low, r.Median, r.High = quantile(s, 0.25), quantile(s, 0.5), quantile(s, 0.75)
}

// notSignature returns the share of the time of each library that is not the signature. It compares
// the timings of each round, because they suffer alike if the machine is slow for a while.
func notSignature(runners []*runner) map[string]float64 {
	i := slices.IndexFunc(runners, func(r *runner) bool { return r.library.name == signatureName })
	if i < 0 {
		return nil
	}
	signature, shares := runners[i].samples, make(map[string]float64)
	for j, r := range runners {
		if j == i {
			continue
		}
		var rounds []float64
		for round, sample := range r.samples {
			rounds = append(rounds, 1-signature[round]/sample)
		}
		slices.Sort(rounds)
		shares[r.library.name] = quantile(rounds, 0.5)
	}
	return shares
}

// quantile returns the value below which a fraction q of the sorted samples lies. It interpolates
// between two samples.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// ours returns our row, or nil if the task has no such row.
func (t *taskResult) ours() *row { return t.best(ours) }

// best returns the row of a kind with the smallest median, or nil if the task has no row of
// this kind.
func (t *taskResult) best(kind contestant) *row {
	var found *row
	for i := range t.Rows {
		if r := &t.Rows[i]; r.Kind == kind && (found == nil || r.Median < found.Median) {
			found = r
		}
	}
	return found
}

func (r *results) task(name string) *taskResult {
	for i := range r.Tasks {
		if r.Tasks[i].Name == name {
			return &r.Tasks[i]
		}
	}
	return nil
}

func (r *results) version(library string) string {
	for _, v := range r.Libraries {
		if v.Name == library {
			return v.Version
		}
	}
	return ""
}

// A rule is a kind of limit on our figures.
type rule string

const (
	fasterThanPeers rule = "peer"      // the best peer takes at least Limit times as long as we do
	timesReference  rule = "reference" // we take at most Limit times as long as the reference
	timesTask       rule = "task"      // we take at most Limit times as long as for another task
	timeAtMost      rule = "time"      // at most Limit nanoseconds
	bytesAtMost     rule = "bytes"     // at most Limit bytes
	allocs          rule = "allocs"    // at most Limit allocations per operation
	allocsPerKey    rule = "allocs/key"
)

// A bar is a limit that we want to meet in a task.
type bar struct {
	Rule  rule    `json:"rule"`
	Limit float64 `json:"limit"`
	Task  string  `json:"task,omitempty"`

	*Verdict // nil if the results lack a figure that the rule needs
}

// A Verdict is the result of comparing a figure with a bar. It is exported so that encoding/json
// writes its fields as members of the bar.
type Verdict struct {
	Figure float64 `json:"figure"`
	Text   string  `json:"text"`
	Met    bool    `json:"met"`
}

// judge fills in the ratios of the rows and the verdicts of the bars.
func (r *results) judge() {
	for i := range r.Tasks {
		t := &r.Tasks[i]
		mine := t.ours()
		for j := range t.Rows {
			t.Rows[j].Times = t.Rows[j].over(mine)
		}
		for j := range t.Bars {
			t.Bars[j].Verdict = t.Bars[j].judge(t, r)
		}
	}
}

// over returns the median of r divided by the median of other, or 0 if a row is nil.
func (r *row) over(other *row) float64 {
	if r == nil || other == nil || other.Median == 0 {
		return 0
	}
	return r.Median / other.Median
}

// encode returns the JSON text that -json writes.
func (r *results) encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "\t")
	return append(text, '\n'), err
}

// judge compares our figure with the bar. It returns nil if the results do not have the figures
// that the rule needs.
func (b bar) judge(t *taskResult, all *results) *Verdict {
	mine := t.ours()
	if mine == nil {
		return nil
	}
	switch b.Rule {
	case fasterThanPeers:
		if best := t.best(peerKind); best != nil {
			v := best.over(mine)
			return verdict(v, v >= b.Limit, "best peer takes %s times as long, at least %g", b.besideLimit(v, ratio, ""), b.Limit)
		}
	case timesReference:
		if best := t.best(reference); best != nil {
			v := mine.over(best)
			return verdict(v, v <= b.Limit, "%s times %s, at most %g", b.besideLimit(v, ratio, ""), best.Library, b.Limit)
		}
	case timesTask:
		if other := all.task(b.Task); other != nil && other.ours() != nil {
			v := mine.over(other.ours())
			return verdict(v, v <= b.Limit, "%s times %s, at most %g", b.besideLimit(v, ratio, ""), b.Task, b.Limit)
		}
	case timeAtMost:
		v := mine.Median
		return verdict(v, v <= b.Limit, "%s, at most %s", b.besideLimit(v, nanoseconds.write, " ns"), nanoseconds.write(b.Limit))
	case bytesAtMost:
		v := mine.Median
		return verdict(v, v <= b.Limit, "%s, at most %s", b.besideLimit(v, octets.write, " B"), octets.write(b.Limit))
	case allocs:
		if mine.Allocs != nil {
			v := *mine.Allocs
			return verdict(v, v <= b.Limit, "%s allocs, at most %g", b.besideLimit(v, small, ""), b.Limit)
		}
	case allocsPerKey:
		if mine.Allocs != nil {
			v := *mine.Allocs / float64(t.Keys)
			return verdict(v, v <= b.Limit, "%s allocs a key, at most %g", b.besideLimit(v, small, ""), b.Limit)
		}
	}
	return nil
}

// verdict returns a Verdict with a formatted text.
func verdict(figure float64, met bool, format string, a ...any) *Verdict {
	return &Verdict{Figure: figure, Text: fmt.Sprintf(format, a...), Met: met}
}

// besideLimit formats a figure that is printed beside the limit. A figure close to the limit
// gets as many decimals as readers need to see which of the two is larger.
func (b bar) besideLimit(v float64, write func(v float64) string, unit string) string {
	if v == b.Limit || math.Abs(v-b.Limit) > b.Limit/50 {
		return write(v)
	}
	for decimals := 3; ; decimals++ {
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if shown, err := strconv.ParseFloat(text, 64); err != nil || cmp.Compare(shown, b.Limit) == cmp.Compare(v, b.Limit) {
			return text + unit
		}
	}
}

// write formats a figure with its unit.
func (u unit) write(v float64) string {
	if u == octets {
		switch {
		case v >= 1<<20:
			return fmt.Sprintf("%.2f MiB", v/(1<<20))
		case v >= 100<<10:
			return fmt.Sprintf("%.0f KiB", v/(1<<10))
		}
		return count(int(v+0.5)) + " B"
	}
	for _, scale := range []struct {
		unit string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}} {
		if v >= scale.size*0.9995 {
			return digits(v/scale.size) + " " + scale.unit
		}
	}
	return digits(v) + " ns"
}

// digits formats a number with three significant digits.
func digits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// small formats a number of allocations.
func small(v float64) string { return fmt.Sprintf("%.3g", v) }

// ratio formats a ratio. A ratio below 0.1 gets only two significant digits.
func ratio(v float64) string {
	if v < 0.0995 {
		return fmt.Sprintf("%.2g", v)
	}
	return digits(v)
}

// machine fills in the machine, the system and the release of Go of this run.
func (r *results) machine() {
	r.Date = time.Now().UTC().Truncate(time.Second)
	r.CPU, r.CPUs = cpuModel(), runtime.GOMAXPROCS(0)
	r.OS, r.Arch, r.Go = runtime.GOOS, runtime.GOARCH, runtime.Version()
	r.Libraries = versions()
}

// cpuModel returns the name of the processor on Linux. Other systems do not have the file with
// it.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(name) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return "unknown CPU"
}

// versions returns the libraries with their versions, ours first.
func versions() []version {
	info, _ := debug.ReadBuildInfo()
	var list []version
	for _, l := range libraries {
		if l.module == "" {
			continue
		}
		v := version{Name: l.name, Module: l.module, Version: "unknown"}
		if info != nil {
			for _, m := range info.Deps {
				switch {
				case m.Path != l.module:
				case m.Replace != nil:
					v.Version = "of this tree"
				default:
					v.Version = m.Version
				}
			}
		}
		list = append(list, v)
	}
	return list
}

// byKind orders rows as the tables show them: by median, with references last.
func byKind(a, b row) int {
	isReference := func(r row) int {
		if r.Kind == reference {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(isReference(a), isReference(b)), cmp.Compare(a.Median, b.Median))
}
