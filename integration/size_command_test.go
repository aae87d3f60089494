package integration

import (
	"fmt"
	"runtime"
	"testing"
)

// commandSizes lists the modules that only the command links, in the order of the table in
// docs/dependencies.md. most is the largest number of kilobytes that each may take, as in
// dependencySizes.
var commandSizes = []struct {
	module          string
	most            int64
	keeper, purpose string
}{
	{"github.com/spf13/cobra", 205, "the cobra maintainers", "verbs, help, completion for shells, man pages"},
	{"github.com/spf13/pflag", 170, "the cobra maintainers", "flags, for cobra"},
	{"github.com/cpuguy83/go-md2man/v2", 12, "Brian Goff", "man pages, for cobra"},
	{"github.com/russross/blackfriday/v2", 115, "Russ Ross; rarely changed", "Markdown, for go-md2man"},
	{"go.yaml.in/yaml/v3", 265, "the YAML organization", "linked by the package of cobra that writes man pages, because it writes YAML too"},
	{"github.com/gofrs/flock", 6, "the gofrs maintainers", "the lock of a set that is edited, on Unix and Windows"},
	{"golang.org/x/net", 4, "the Go team", "the limit of connections of jwk serve"},
	{"golang.org/x/term", 4, "the Go team", "the width of a terminal, and passphrases that are not shown"},
}

// TestCommandSize measures what each dependency adds to the command. If it fails, the command links
// a module that docs/dependencies.md does not justify, or a module has grown.
func TestCommandSize(t *testing.T) {
	var modules []string
	for _, d := range commandSizes {
		modules = append(modules, d.module)
	}
	own := len(modules)
	for _, d := range dependencySizes {
		modules = append(modules, d.module)
	}
	file, symbols := linked(t, "../cmd/jwk")
	size := make(map[string]int64)
	for name, n := range symbols {
		size[moduleOf(t, name, modules)] += n
	}
	kilobytes := func(octets int64) string { return thousands((octets + 500) / 1000) }
	table := "| module | kept by | for | KB in the command |\n|---|---|---|---|\n"
	for i, module := range modules[:own] {
		d := commandSizes[i]
		n := size[module] + constants(t, module, file)
		if n == 0 || n > d.most*1000 {
			t.Errorf("%s: got %d octets, want some, and at most %d KB", module, n, d.most)
		}
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", module, d.keeper, d.purpose, kilobytes(n))
	}
	table += fmt.Sprintf("| the whole command, stripped | | | %s |\n", kilobytes(int64(len(file))))
	t.Logf("%s, linux/amd64\n%s", runtime.Version(), table)
	if runtime.Version() == documentedGo {
		const offBy = 0.05 // a fraction of the figure
		pasted(t, "docs/dependencies.md", "command", table, offBy)
	}
}
