package main

import (
	"errors"
	"slices"
)

// charted are the tasks of the bar chart in reading order, left column first. They include a
// task in which a peer is faster.
var charted = []struct{ task, caption string }{
	{"parse/set-3", "parse a set of 3 public keys"},
	{"parse/set-100", "parse a set of 100"},
	{"parse/set-10-x5c", "parse a set of 10, 3 certificates each"},
	{"parse/RSA-2048", "parse one RSA-2048 key"},
	{"parse/P-256", "parse one P-256 key"},
	{"parse/RSA-2048-private", "parse one RSA-2048 private key"},
	{"lookup/hit/1000", "look up a kid among 1,000 keys"},
	{"kid-to-key/100", "from a kid to its Go key, among 100"},
	{"thumbprint/first/RSA-2048", "thumbprint of an RSA-2048 key, first call"},
	{"marshal/RSA-2048", "marshal an RSA-2048 key"},
	{"select/alg/100", "select 10 keys by alg in 100"},
	{"memory/with-keys", "memory per RSA-2048 key, with its Go key"},
}

// charted reports whether a task is in the chart.
func (t task) charted() bool {
	for _, c := range charted {
		if c.task == t.name {
			return true
		}
	}
	return false
}

// Sizes of the bar chart, in pixels.
const (
	chartWidth   = 940
	columnWidth  = (chartWidth - 3*margin) / 2
	nameWidth    = 98  // for the names of libraries
	figureWidth  = 118 // for the text behind a bar
	barHeight    = 13
	barPitch     = 18
	captionPitch = 22 // from a caption to its first bar
	blockGap     = 16
)

// chart draws a bar for each contestant of the charted tasks. The bars of a task begin at zero
// and are to scale, and the longest fills the width. A logarithmic scale would make large
// factors look small.
func chart(r *results) ([]byte, error) {
	type block struct {
		caption string
		task    *taskResult
	}
	var blocks []block
	rows := 0
	for _, c := range charted {
		if t := r.task(c.task); t != nil && t.ours() != nil {
			blocks = append(blocks, block{c.caption, t})
			rows += len(t.Rows)
		}
	}
	if len(blocks) == 0 {
		return nil, errors.New("the results have no task of the chart")
	}

	// The left column gets blocks until it has half of the total height.
	height := func(b block) float64 { return captionPitch + barPitch*float64(len(b.task.Rows)) + blockGap }
	total := 0.0
	for _, b := range blocks {
		total += height(b)
	}
	var columns [2]float64
	split := 0
	for ; split < len(blocks); split++ {
		if h := height(blocks[split]); columns[0]+h/2 > total/2 {
			break
		} else {
			columns[0] += h
		}
	}
	columns[1] = total - columns[0]

	shown := func(library string) bool {
		return slices.ContainsFunc(blocks, func(b block) bool {
			return slices.ContainsFunc(b.task.Rows, func(r row) bool { return r.Library == library })
		})
	}
	lines := append(r.where(shown),
		"Shorter is better. Within a task, bars are to scale from zero. Grey bars are references: the least cost of the work,",
		"or the work by hand. Libraries make different checks, which the table lists. Sets: RSA-2048, P-256, Ed25519 in turn.")
	top := headHeight(lines) + 14
	p := newPicture(chartWidth, int(top+max(columns[0], columns[1]))+6, "The same work, by package jwk and by others", lines)
	x, y := float64(margin), top
	for i, b := range blocks {
		if i == split && i > 0 {
			x, y = 2*margin+columnWidth, top
		}
		b.task.draw(p, x, y, b.caption)
		y += height(b)
	}
	return p.done(), nil
}

// draw draws the block of a task.
func (t *taskResult) draw(p *picture, x, y float64, caption string) {
	p.text(x, y+13, caption, style{size: 13, bold: true})
	y += captionPitch
	longest := 0.0
	for _, r := range t.Rows {
		longest = max(longest, r.Median)
	}
	for _, r := range t.Rows {
		name := style{size: 12, anchor: "end"}
		text := t.Unit.write(r.Median)
		switch r.Kind {
		case ours:
			name.bold = true
		case reference:
			name.fill = faint
			fallthrough
		default:
			text += ", " + ratio(r.Times) + "x"
		}
		p.text(x+nameWidth, y+11, r.Library, name)
		width := max(1.5, r.Median/longest*(columnWidth-nameWidth-figureWidth-12))
		p.rect(x+nameWidth+6, y+1, width, barHeight, color(r.Library))
		name.anchor = ""
		p.text(x+nameWidth+6+width+6, y+11, text, name)
		y += barPitch
	}
}
