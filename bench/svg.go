package main

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

// A picture is an SVG under construction. It has its own background, so that it looks the same on
// light and dark pages. Its text is text, not outlines.
type picture struct {
	b bytes.Buffer
}

const (
	ink       = "#1f2328"
	faint     = "#59636e"
	hairline  = "#d1d9e0"
	fontStack = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
)

// grey is the colour of references.
const grey = "#8c959f"

// color returns the color of a contestant.
func color(name string) string {
	for _, l := range libraries {
		if l.name == name && l.color != "" {
			return l.color
		}
	}
	return grey
}

// newPicture returns a picture with a title and lines of text below it. headHeight returns the
// height of both.
func newPicture(width, height int, title string, lines []string) *picture {
	p := new(picture)
	fmt.Fprintf(&p.b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="%s" role="img" aria-label="%s">`+"\n",
		width, height, width, height, html.EscapeString(fontStack), html.EscapeString(title))
	fmt.Fprintf(&p.b, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="6" fill="#ffffff" stroke="%s"/>`+"\n", width-1, height-1, hairline)
	p.text(margin, 32, title, style{size: 17, bold: true})
	for i, line := range lines {
		p.text(margin, 53+17*float64(i), line, style{size: 12, fill: faint})
	}
	return p
}

const margin = 24

// headHeight returns the height of the title and the lines below it.
func headHeight(lines []string) float64 { return 53 + 17*float64(len(lines)) }

// A style describes how a text looks.
type style struct {
	size   int
	bold   bool
	fill   string // "" means ink
	anchor string // "" means start
}

func (p *picture) text(x, y float64, text string, s style) {
	fmt.Fprintf(&p.b, `<text x="%s" y="%s" font-size="%d"`, coordinate(x), coordinate(y), s.size)
	if s.bold {
		p.b.WriteString(` font-weight="600"`)
	}
	if s.anchor != "" {
		fmt.Fprintf(&p.b, ` text-anchor="%s"`, s.anchor)
	}
	if s.fill == "" {
		s.fill = ink
	}
	fmt.Fprintf(&p.b, ` fill="%s">%s</text>`+"\n", s.fill, html.EscapeString(text))
}

func (p *picture) rect(x, y, width, height float64, fill string) {
	fmt.Fprintf(&p.b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n",
		coordinate(x), coordinate(y), coordinate(width), coordinate(height), fill)
}

func (p *picture) line(x1, y1, x2, y2 float64, stroke string) {
	fmt.Fprintf(&p.b, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"/>`+"\n",
		coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2), stroke)
}

// curve draws points and the lines between them.
func (p *picture) curve(points [][2]float64, stroke string, width float64) {
	var path []string
	for _, at := range points {
		path = append(path, coordinate(at[0])+","+coordinate(at[1]))
	}
	fmt.Fprintf(&p.b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="%s"/>`+"\n", strings.Join(path, " "), stroke, coordinate(width))
	for _, at := range points {
		fmt.Fprintf(&p.b, `<circle cx="%s" cy="%s" r="2.5" fill="%s"/>`+"\n", coordinate(at[0]), coordinate(at[1]), stroke)
	}
}

func (p *picture) done() []byte { return append(p.b.Bytes(), "</svg>\n"...) }

// coordinate formats a number with at most one decimal.
func coordinate(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// where returns two lines: the time and machine of the results, and the versions of the libraries
// that the picture shows.
func (r *results) where(shown func(library string) bool) []string {
	var names []string
	modules := make(map[string]bool) // two contestants can share a module
	for _, v := range r.Libraries {
		if !shown(v.Name) || modules[v.Module] {
			continue
		}
		modules[v.Module] = true
		if strings.HasPrefix(v.Version, "v") {
			names = append(names, v.Name+" "+v.Version)
		} else {
			names = append(names, v.Name+" ("+v.Version+")")
		}
	}
	cpus := "CPUs"
	if r.CPUs == 1 {
		cpus = "CPU"
	}
	return []string{
		fmt.Sprintf("%s, %s, %d %s, %s/%s, %s", r.Date.Format("2006-01-02"), r.CPU, r.CPUs, cpus, r.OS, r.Arch, r.Go),
		strings.Join(names, ", "),
	}
}
