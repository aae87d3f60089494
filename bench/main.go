// Command bench does the same work on the same bytes with package jwk and with other libraries
// for JSON Web Keys. It prints the time and memory of each library, and the checks that the
// library makes during this work. README.md explains how to run the command and how to read its
// output.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() { os.Exit(command(os.Args[1:], os.Stdout, os.Stderr)) }

// options holds the values of the flags.
type options struct {
	quick, list      bool
	match            *regexp.Regexp
	from             string
	json, svg, curve string // files to write
}

// command runs the program and returns the exit status: 2 for wrong usage, 1 for other failures.
func command(args []string, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if o.list {
		err = writeList(stdout, o)
	} else {
		err = o.run(stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parseFlags(args []string, stderr io.Writer) (*options, error) {
	o := new(options)
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: bench [flags]\nMeasures package jwk beside other libraries, on one table of tasks.\n")
		flags.PrintDefaults()
	}
	pattern := flags.String("run", "", "only tasks whose names match this `regexp`")
	flags.BoolVar(&o.quick, "quick", false, "end within a minute: short rounds, no sets of 100,000 keys, no sizes of programs")
	flags.BoolVar(&o.list, "list", false, "list the tasks and who takes part, and measure nothing")
	flags.StringVar(&o.json, "json", "", "write everything to this `file`")
	flags.StringVar(&o.from, "from", "", "measure nothing: read this `file`, which -json wrote")
	flags.StringVar(&o.svg, "svg", "", "draw a bar chart into this `file`")
	flags.StringVar(&o.curve, "growth", "", "measure over the size of a set, and draw it into this `file`")
	if err := flags.Parse(args); err != nil {
		return nil, err // the flag set has printed the error
	}
	usage := func(format string, a ...any) (*options, error) {
		err := fmt.Errorf(format, a...)
		fmt.Fprintln(stderr, "bench:", err)
		flags.Usage()
		return nil, err
	}
	if flags.NArg() > 0 {
		return usage("unexpected argument %q", flags.Arg(0))
	}
	var err error
	if o.match, err = regexp.Compile(*pattern); err != nil {
		return usage("-run: %v", err)
	}
	if o.list && (o.json != "" || o.svg != "" || o.curve != "") {
		return usage("-list measures nothing: it goes only with -run and -quick")
	}
	if o.from != "" && (o.quick || o.list || *pattern != "" || o.json != "") {
		return usage("-from renders earlier results: it goes only with -svg and -growth")
	}
	in, out := chosen(tasks(), o.match, o.quick)
	switch {
	case len(in) > 0:
	case len(out) > 0:
		return usage("-quick leaves out all tasks that match %q", *pattern)
	default:
		return usage("-run: no task matches %q", *pattern)
	}
	if o.svg != "" && o.from == "" && !slices.ContainsFunc(in, task.charted) {
		return usage("-svg shows no task that matches %q", *pattern)
	}
	for _, file := range []string{o.json, o.svg, o.curve} { // fail before the measurements, which take minutes
		if file == "" {
			continue
		}
		if err := writable(file); err != nil {
			return usage("%v", err)
		}
	}
	return o, nil
}

// writable returns an error unless a file can be written. It does not change the file.
func writable(file string) error {
	_, err := os.Lstat(file)
	isNew := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	err = f.Close()
	if isNew {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// run measures or reads results, and writes them.
func (o *options) run(stdout, stderr io.Writer) error {
	r := new(results)
	if o.from != "" {
		text, err := os.ReadFile(o.from)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, r); err != nil {
			return fmt.Errorf("%s: %w", o.from, err)
		}
		if len(r.Tasks) == 0 {
			return fmt.Errorf("%s: no results, want at least one task", o.from)
		}
	} else if err := o.measure(r, stderr); err != nil {
		return err
	}
	r.judge()

	// If one output fails, run writes the others, because the measurements took minutes.
	failures := []error{writeText(stdout, r)}
	for _, output := range []struct {
		file    string
		content func(*results) ([]byte, error)
	}{{o.json, (*results).encode}, {o.svg, chart}, {o.curve, plot}} {
		if output.file == "" {
			continue
		}
		text, err := output.content(r)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", output.file, err))
			continue
		}
		failures = append(failures, os.WriteFile(output.file, text, 0o644))
	}
	return errors.Join(failures...)
}

// measure measures all chosen tasks.
func (o *options) measure(r *results, stderr io.Writer) error {
	r.machine()
	m := &meter{rounds: 21, timing: 50 * time.Millisecond, now: time.Now, gc: runtime.GC}
	if o.quick {
		m.rounds, m.timing = 7, 8*time.Millisecond
	}
	r.Quick, r.Rounds, r.Timing = o.quick, m.rounds, m.timing
	list, left := chosen(tasks(), o.match, o.quick)
	if i := slices.IndexFunc(list, func(t task) bool { return t.does == binarySize }); i >= 0 {
		if _, err := moduleFolder(); err != nil { // fail before the measurements, which take minutes
			if len(list) == 1 {
				return err
			}
			fmt.Fprintln(stderr, "bench: leaves out the size of programs:", err)
			left = append(left, list[i].name)
			list = slices.Delete(list, i, i+1)
		}
	}
	r.LeftOut = left
	start := time.Now()
	for i, t := range list {
		progress(stderr, i, len(list), start, t.name)
		done, err := m.task(t)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		r.Tasks = append(r.Tasks, *done)
	}
	if o.curve != "" {
		sizes := growthSizes
		if o.quick {
			sizes = quickSizes
		}
		if err := m.growth(r, sizes, stderr); err != nil {
			return err
		}
	}
	fmt.Fprintf(stderr, "bench: done, %v\n", time.Since(start).Round(time.Second))
	return nil
}

func progress(stderr io.Writer, i, n int, start time.Time, name string) {
	elapsed := time.Since(start)
	estimate := ""
	if i > 0 {
		left := elapsed * time.Duration(n-i) / time.Duration(i)
		estimate = fmt.Sprintf(", about %v left", left.Round(time.Second))
	}
	fmt.Fprintf(stderr, "bench: %d of %d, %v%s: %s\n", i+1, n, elapsed.Round(time.Second), estimate, name)
}

// task checks and measures one task.
func (m *meter) task(t task) (*taskResult, error) {
	in, err := t.input()
	if err != nil {
		return nil, err
	}
	runners, err := enterAll(t.contestants(), t.does, in)
	if err != nil {
		return nil, err
	}
	switch {
	case t.does == binarySize:
		err = buildAll(runners)
	case t.unit == octets:
		err = weigh(runners, in)
	default:
		err = m.measure(runners)
	}
	if err != nil {
		return nil, err
	}
	done := &taskResult{Name: t.name, Title: t.title, Unit: t.unit, Keys: t.keys, Text: len(in.text), Bars: slices.Clone(t.bars)}
	for _, r := range runners {
		row := row{Library: r.library.name, Kind: r.library.kind, Allocs: r.allocs, Bytes: r.bytes, Checks: r.library.checks[t.does]}
		row.summarize(r.samples)
		done.Rows = append(done.Rows, row)
	}
	slices.SortFunc(done.Rows, byKind)
	done.NotSignature = notSignature(runners)
	return done, nil
}

// enterAll checks that the libraries do the work correctly, and returns a runner for each.
func enterAll(libraries []library, does ability, in *input) ([]*runner, error) {
	var runners []*runner
	for _, l := range libraries {
		w, err := l.enter(does, in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
		runners = append(runners, &runner{library: l, work: w})
	}
	return runners, nil
}

// contestants returns the libraries that can do a task.
func (t *task) contestants() []library {
	var list []library
	for _, l := range libraries {
		if _, ok := l.checks[t.does]; ok {
			list = append(list, l)
		}
	}
	return list
}

// writeList writes the chosen tasks, and the tasks that -quick leaves out.
func writeList(out io.Writer, o *options) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	list, left := chosen(tasks(), o.match, o.quick)
	for _, t := range list {
		var names []string
		for _, l := range t.contestants() {
			names = append(names, l.name)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", t.name, t.title, strings.Join(names, ", "))
	}
	for _, name := range left {
		fmt.Fprintf(w, "%s\tleft out by -quick\t\n", name)
	}
	return w.Flush()
}
