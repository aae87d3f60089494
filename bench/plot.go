package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Sizes of the growth plot, in pixels.
const (
	plotWidth   = 940
	labelWidth  = 58 // for the labels of an axis
	panelWidth  = (plotWidth-2*margin)/3 - labelWidth
	panelHeight = 220
	markWidth   = 40 // for a mark below an axis
)

// plot draws the growth of all libraries in three panels.
func plot(r *results) ([]byte, error) {
	if len(r.Growth) == 0 || len(r.Growth[0].Points) < 2 {
		return nil, errors.New("the results have no growth")
	}
	lines := r.where(func(library string) bool {
		return slices.ContainsFunc(r.Growth, func(s series) bool { return s.Library == library })
	})
	lines = append(lines, "Sets: RSA-2048, P-256, Ed25519 in turn. jwk keeps the text of each key, the others do not.",
		"Times are "+r.growthRounds()+".")
	top := headHeight(lines) + 10
	p := newPicture(plotWidth, int(top)+panelHeight+100, "From a few keys to many: the same work on larger sets", lines)

	x := float64(margin)
	for _, s := range r.Growth {
		p.rect(x, top+1, 18, 4, color(s.Library))
		name := style{size: 12}
		name.bold = s.Kind == ours
		p.text(x+24, top+8, s.Library, name)
		x += 48 + 7*float64(len(s.Library))
	}
	for i, panel := range panels {
		left := margin/2 + labelWidth + float64(i)*(panelWidth+labelWidth)
		panel.draw(p, r, left, top+50)
	}
	return p.done(), nil
}

// draw draws a panel. Its axes cross at the lower left.
func (panel *panel) draw(p *picture, r *results, left, top float64) {
	bottom := top + panelHeight
	p.text(left, top-14, panel.title, style{size: 13, bold: true})

	highest, lowest := 0.0, math.Inf(1)
	for _, s := range r.Growth {
		for _, at := range s.Points {
			highest = max(highest, panel.value(at))
			lowest = min(lowest, panel.value(at))
		}
	}

	// The axis of keys is logarithmic, from the smallest set to the largest.
	// The axis has a mark for each size that leaves enough room.
	points := r.Growth[0].Points
	least, most := float64(points[0].Keys), float64(points[len(points)-1].Keys)
	across := func(keys int) float64 {
		return left + math.Log(float64(keys)/least)/math.Log(most/least)*panelWidth
	}
	free := left
	for _, at := range points {
		x := across(at.Keys)
		if x < free {
			continue
		}
		p.line(x, top, x, bottom, hairline)
		p.text(x, bottom+16, count(at.Keys), style{size: 11, fill: faint, anchor: "middle"})
		free = x + markWidth
	}
	p.text(left+panelWidth/2, bottom+33, "keys in the set", style{size: 11, fill: faint, anchor: "middle"})

	scale, marks := linear(highest)
	if panel.logarithmic {
		scale, marks = logarithmic(lowest, highest)
	}
	up := func(v float64) float64 { return bottom - scale(v)*panelHeight }
	for _, v := range marks {
		p.line(left, up(v), left+panelWidth, up(v), hairline)
		p.text(left-6, up(v)+4, panel.unit.mark(v), style{size: 11, fill: faint, anchor: "end"})
	}

	// Our curve comes last, so that it is on top.
	for _, kind := range []contestant{peerKind, ours} {
		for _, s := range r.Growth {
			if s.Kind != kind {
				continue
			}
			var points [][2]float64
			for _, at := range s.Points {
				points = append(points, [2]float64{across(at.Keys), up(panel.value(at))})
			}
			width := 1.5
			if kind == ours {
				width = 2.5
			}
			p.curve(points, color(s.Library), width)
		}
	}
}

// linear returns an axis that begins at zero. scale maps a value to a fraction of the length, and
// marks are the values to mark: zero and four to eight values above it.
func linear(highest float64) (scale func(v float64) float64, marks []float64) {
	highest = max(highest, 1)
	step := math.Pow10(int(math.Floor(math.Log10(highest))) - 1)
	for next := 0; highest > 8*step; next++ { // 1, 2, 5, 10...
		step *= []float64{2, 2.5, 2}[next%3]
	}
	top := step * math.Ceil(highest/step)
	for v := 0.0; v <= top+step/2; v += step {
		marks = append(marks, v)
	}
	return func(v float64) float64 { return v / top }, marks
}

// logarithmic returns an axis of whole decades, in the same form as linear.
func logarithmic(lowest, highest float64) (scale func(v float64) float64, marks []float64) {
	from := math.Floor(math.Log10(max(lowest, 1)))
	to := max(math.Ceil(math.Log10(max(highest, 1))), from+1)
	for d := from; d <= to; d++ {
		marks = append(marks, math.Pow10(int(d)))
	}
	return func(v float64) float64 { return (math.Log10(max(v, 1)) - from) / (to - from) }, marks
}

// mark returns the text for a round figure beside an axis.
func (u unit) mark(v float64) string {
	if u == octets {
		return count(int(v)) + " B"
	}
	for _, scale := range []struct {
		unit string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}} {
		if v >= scale.size {
			return fmt.Sprintf("%.3g %s", v/scale.size, scale.unit)
		}
	}
	return fmt.Sprintf("%.3g ns", v)
}
