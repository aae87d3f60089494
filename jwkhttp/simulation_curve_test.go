package jwkhttp_test

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

const (
	curveRow   = 2 * time.Minute // a line of the text
	curveWidth = 60              // characters of the longest bar
)

// curveText returns the curve of a simulation as text: its bounds, and a line for each two minutes.
func curveText(steps []int, limits []bound) string {
	var b strings.Builder
	b.WriteString("\nBounds:\n")
	for _, limit := range limits {
		fmt.Fprintf(&b, "%4.0f to %3.0f min  at most %4.0f  %s\n", limit.from.Minutes(), limit.to.Minutes(), limit.most, limit.name)
	}
	b.WriteString("\n min  mean  peak  provider   mean\n")
	highest := slices.Max(steps)
	for at := time.Duration(0); at < simEnd; at += curveRow {
		row := steps[at/simStep : (at+curveRow)/simStep]
		mean, mark := total(steps, at, at+curveRow)/float64(len(row)), "200"
		switch {
		case at >= simHang && at < simUp:
			mark = "no answer"
		case at >= simDown && at < simUp:
			mark = "503"
		}
		bar := strings.Repeat("#", int(mean)*curveWidth/highest)
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%4.0f  %4.0f  %4d  %-9s  %s", at.Minutes(), mean, slices.Max(row), mark, bar), " "))
	}
	return b.String()
}

func curveTitle(clients int) string {
	return fmt.Sprintf("%d,%03d clients of one provider through an outage of an hour", clients/1000, clients%1000)
}

var curveNote = fmt.Sprintf("Requests at the provider in each %.0f seconds. Half of the clients are started, and half have a read every %.0f seconds.",
	simStep.Seconds(), simReads.Seconds())

// The picture has the size and the colors of the pictures of the benchmarks.
const (
	pictureWidth, pictureHeight = 940, 420
	plotLeft, plotTop           = 70.0, 100.0
	plotRight, plotBottom       = 916.0, 370.0
	ink, faint, hairline        = "#1f2328", "#59636e", "#d1d9e0"
	curveColor, limitColor      = "#d55e00", "#0072b2"
	lighter, darker             = "#f6f8fa", "#eaeef2" // behind the curve during the outage
)

// curveSVG returns the curve of a simulation as a picture, with its bounds.
func curveSVG(clients int, steps []int, limits []bound) string {
	top := 0.0
	for _, limit := range limits {
		top = max(top, limit.most)
	}
	x := func(at time.Duration) float64 { return plotLeft + (plotRight-plotLeft)*float64(at)/float64(simEnd) }
	y := func(requests float64) float64 { return plotBottom - (plotBottom-plotTop)*requests/top }
	var b strings.Builder
	text := func(x, y float64, size int, fill, anchor, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" font-size="%d" fill="%s" text-anchor="%s">%s</text>`+"\n", x, y, size, fill, anchor, html.EscapeString(s))
	}
	rect := func(from, to time.Duration, fill string) {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x(from), plotTop, x(to)-x(from), plotBottom-plotTop, fill)
	}
	line := func(x1, y1, x2, y2 float64, stroke, dashes string) {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-dasharray="%s"/>`+"\n", x1, y1, x2, y2, stroke, dashes)
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" role="img" aria-label="%s">`+"\n",
		pictureWidth, pictureHeight, pictureWidth, pictureHeight, html.EscapeString(curveTitle(clients)))
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="#ffffff" stroke="%s"/>`+"\n", pictureWidth-1, pictureHeight-1, hairline)
	text(24, 32, 17, ink, "start", curveTitle(clients))
	text(24, 53, 12, faint, "start", curveNote)
	text(24, 70, 12, faint, "start", "The dashed lines are the bounds that the test asserts.")

	rect(simDown, simHang, lighter)
	rect(simHang, simUp, darker)
	text((x(simDown)+x(simHang))/2, plotTop+16, 12, faint, "middle", "status 503")
	text((x(simHang)+x(simUp))/2, plotTop+16, 12, faint, "middle", "no answer")
	for requests := 0.0; requests <= top; requests += tick(top) {
		line(plotLeft, y(requests), plotRight, y(requests), hairline, "none")
		text(plotLeft-6, y(requests)+4, 11, faint, "end", fmt.Sprint(requests))
	}
	for at := time.Duration(0); at <= simEnd; at += 20 * time.Minute {
		text(x(at), plotBottom+16, 11, faint, "middle", fmt.Sprintf("%.0f min", at.Minutes()))
	}
	for _, limit := range limits {
		line(x(limit.from), y(limit.most), x(limit.to), y(limit.most), limitColor, "4 3")
	}
	var points []string
	for i, requests := range steps[:simEnd/simStep] {
		points = append(points, fmt.Sprintf("%.1f,%.1f", x(time.Duration(i)*simStep+simStep/2), y(float64(requests))))
	}
	fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.2"/>`+"\n</svg>\n", strings.Join(points, " "), curveColor)
	return b.String()
}

// tick returns the distance of the lines of a scale: about five of them, at round numbers.
func tick(top float64) float64 {
	unit := 1.0
	for unit*50 < top {
		unit *= 10
	}
	for _, n := range []float64{1, 2, 5} {
		if top/(n*unit) <= 6 {
			return n * unit
		}
	}
	return 10 * unit
}
