package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeText writes the results as text.
func writeText(w io.Writer, r *results) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%s, %s, GOMAXPROCS %d, %s/%s, %s\n", r.Date.Format("2006-01-02 15:04 MST"), r.CPU, r.CPUs, r.OS, r.Arch, r.Go)
	for i, v := range r.Libraries {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(out, "%s %s", v.Name, v.Version)
	}
	fmt.Fprintf(out, "\nmedians of %d rounds of about %v each; the spread is the middle half of them\n", r.Rounds, r.Timing)
	if r.Quick {
		out.WriteString("-quick: few and short rounds; figures are rough\n")
	}
	for i := range r.Tasks {
		out.WriteByte('\n')
		r.Tasks[i].write(out, r)
	}
	if len(r.Growth) > 0 {
		writeGrowth(out, r)
	}
	writeSummary(out, r)
	if len(r.LeftOut) > 0 {
		fmt.Fprintf(out, "\nleft out: %s\n", strings.Join(r.LeftOut, ", "))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// table returns a writer that aligns columns. The last column is not padded.
func table(out io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) }

// write writes the table of a task.
func (t *taskResult) write(out io.Writer, all *results) {
	fmt.Fprintf(out, "%s: %s (%s bytes of JSON)\n", t.Name, t.Title, count(t.Text))
	w := table(out)
	column := func(text string) string { // the additional column of tasks that verify signatures
		if t.NotSignature == nil {
			return ""
		}
		return text + "\t"
	}
	fmt.Fprintf(w, "  library\tversion\tmedian\tspread\tallocs\tbytes\ttimes ours\t%schecks\n", column("not signature"))
	for _, r := range t.Rows {
		version := all.version(r.Library)
		if r.Kind == reference {
			version = "(reference)"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s%s\n", r.Library, version, t.Unit.write(r.Median),
			t.Unit.write(r.Low)+" - "+t.Unit.write(r.High), optional(r.Allocs), optional(r.Bytes), factor(r.Times), column(t.share(r.Library)), r.Checks)
	}
	w.Flush()
}

// share formats the share of the time of a library that is not the signature.
func (t *taskResult) share(library string) string {
	share, ok := t.NotSignature[library]
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// factor formats a ratio. A ratio of 0 means that a figure is missing.
func factor(v float64) string {
	if v == 0 {
		return "-"
	}
	return ratio(v)
}

func optional(v *float64) string {
	if v == nil {
		return "-"
	}
	return count(int(*v))
}

// writeSummary writes the summary, which has one line for each task.
func writeSummary(out io.Writer, r *results) {
	fmt.Fprintf(out, "\nSummary\n")
	w := table(out)
	fmt.Fprintf(w, "  task\tours\tbest peer\tpeer/ours\treference\tours/reference\tbars\n")
	met, judged := 0, 0
	for i := range r.Tasks {
		t := &r.Tasks[i]
		mine, best, floor := t.ours(), t.best(peerKind), t.best(reference)
		figure := func(r *row) string {
			if r == nil {
				return "-"
			}
			if r.Kind == ours {
				return t.Unit.write(r.Median)
			}
			return t.Unit.write(r.Median) + " " + r.Library
		}
		var bars []string
		for _, b := range t.Bars {
			if b.Verdict == nil {
				continue
			}
			judged++
			verdict := "missed"
			if b.Met {
				verdict = "met"
				met++
			}
			bars = append(bars, verdict+": "+b.Text)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Name, figure(mine), figure(best), factor(best.over(mine)), figure(floor), factor(mine.over(floor)), strings.Join(bars, "; "))
	}
	w.Flush()
	fmt.Fprintf(out, "%d of %d bars met\n", met, judged)
}
