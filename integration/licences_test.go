package integration

import (
	"fmt"
	"go/version"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// licences lists licences, each with phrases that no other licence has.
var licences = []struct {
	id      string // SPDX
	phrases []string
	without string
}{
	{id: "Apache-2.0", phrases: []string{"apache license version 2.0, january 2004"}},
	{id: "BSD-2-Clause", phrases: []string{"redistribution and use in source and binary forms", "in binary form must reproduce"}, without: "neither the name of"},
	{id: "BSD-3-Clause", phrases: []string{"redistribution and use in source and binary forms", "in binary form must reproduce", "neither the name of"}},
	{id: "CC0-1.0", phrases: []string{"cc0 1.0 universal"}},
	{id: "ISC", phrases: []string{"permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"}},
	{id: "ISC", phrases: []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted", "the above copyright notice and this permission notice appear in all copies"}},
	{id: "MIT", phrases: []string{"permission is hereby granted, free of charge, to any person obtaining a copy", "the above copyright notice and this permission notice"}},
	{id: "MPL-2.0", phrases: []string{"mozilla public license version 2.0"}},
	{id: "Unlicense", phrases: []string{"this is free and unencumbered software released into the public domain"}},
}

// licenceOf returns the SPDX name of the licence with the given text.
func licenceOf(text string) (string, error) {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	var found []string
	for _, l := range licences {
		has := l.without == "" || !strings.Contains(text, l.without)
		for _, phrase := range l.phrases {
			has = has && strings.Contains(text, phrase)
		}
		if has {
			found = append(found, l.id)
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("got %d licences %q, want one", len(found), found)
	}
	return found[0], nil
}

// licencesAbove calls add for each licence in a folder of a module and in the folders above it.
func licencesAbove(t *testing.T, dir, root string, add func(id string)) {
	t.Helper()
	for ; strings.HasPrefix(dir, root); dir = filepath.Dir(dir) {
		var names []string
		for _, pattern := range []string{"LICEN[CS]E*", "COPYING*"} {
			matches, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, matches...)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			id, err := licenceOf(string(text))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			add(id)
		}
		if dir == root && len(names) == 0 {
			t.Errorf("%s: got no licence, want one", dir)
		}
	}
}

// A dependency is a module that a module of this repository needs.
type dependency struct {
	licences, users map[string]bool
	linked          bool // true if the package or the command needs it, false if only tests do
}

// ownModules lists the modules of this repository with their names in LICENSES.md.
var ownModules = []struct{ name, dir string }{
	{"jwk", ".."}, {"cmd/jwk", "../cmd/jwk"}, {"examples", "../examples"}, {"integration", "."}, {"bench", "../bench"},
}

const ownPath = "github.com/seed1f6cf2d3/jwk"

// canList reports whether this release of Go reads the module: bench needs Go 1.27.
func canList(name string) bool {
	return name != "bench" || version.Compare(runtime.Version(), "go1.27") >= 0
}

// listed calls yield for every package of another module that the packages of the module in dir
// need, with their tests or without.
func listed(t *testing.T, dir, goos string, tests bool, yield func(module, root, dir string)) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-mod=readonly", "-f={{with .Module}}{{.Path}}\t{{.Dir}}\t{{$.Dir}}{{end}}", fmt.Sprintf("-test=%v", tests), "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=", "GOFLAGS=", "GOOS="+goos, "CGO_ENABLED=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v in %s: %v\n%s", cmd, dir, err, &stderr)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) == 3 && fields[0] != ownPath && !strings.HasPrefix(fields[0], ownPath+"/") {
			yield(fields[0], fields[1], fields[2])
		}
	}
}

// TestLicences compares LICENSES.md with the modules that the packages of this repository and
// their tests need, and with the texts of their licences. A module can have more licences in
// the folders that are used. If the test fails, users accept a licence that LICENSES.md does
// not list.
func TestLicences(t *testing.T) {
	deps := make(map[string]*dependency)
	for _, own := range ownModules {
		if !canList(own.name) {
			continue
		}
		for _, goos := range []string{"linux", "windows"} { // cobra needs one more module on Windows
			for _, tests := range []bool{true, false} {
				listed(t, own.dir, goos, tests, func(module, root, dir string) {
					d := deps[module]
					if d == nil {
						d = &dependency{licences: make(map[string]bool), users: make(map[string]bool)}
						deps[module] = d
					}
					d.users[own.name] = true
					d.linked = d.linked || !tests && (own.name == "jwk" || own.name == "cmd/jwk")
					licencesAbove(t, dir, root, func(id string) { d.licences[id] = true })
				})
			}
		}
	}
	if len(deps) < 15 || deps["golang.org/x/crypto"] == nil {
		t.Fatalf("got %d dependencies, want at least 15, with golang.org/x/crypto", len(deps))
	}

	// If this release of Go cannot list a module, the test keeps the rows of the document for it.
	for _, row := range claimsOf(section(t, "LICENSES.md", "Modules")) {
		cells := strings.Split(strings.Trim(row, "| \n"), " | ")
		if len(cells) != 4 {
			t.Fatalf("LICENSES.md: got %d cells in %q, want 4", len(cells), row)
		}
		for user := range strings.SplitSeq(cells[2], ", ") {
			if canList(user) {
				continue
			}
			if deps[cells[0]] == nil {
				deps[cells[0]] = &dependency{licences: map[string]bool{cells[1]: true}, users: make(map[string]bool)}
			}
			deps[cells[0]].users[user] = true
		}
	}

	table := "| module | licence | needed by | linked into |\n|---|---|---|---|\n"
	for _, module := range slices.SortedFunc(maps.Keys(deps), byName) {
		d := deps[module]
		var users []string
		for _, own := range ownModules {
			if d.users[own.name] {
				users = append(users, own.name)
			}
		}
		linked := "only tests, comparisons and examples"
		if d.linked {
			linked = "programs"
		}
		table += fmt.Sprintf("| %s | %s | %s | %s |\n",
			module, strings.Join(slices.Sorted(maps.Keys(d.licences)), " AND "), strings.Join(users, ", "), linked)
	}
	pasted(t, "LICENSES.md", "licences", table, 0)
	t.Logf("%d modules", len(deps))
}

// TestLicenceOf: a licence that is mistaken for another one would be listed under a wrong name.
func TestLicenceOf(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Redistribution and use in source\nand binary forms ... in binary form must reproduce ...", "BSD-2-Clause"},
		{"Redistribution and use in source and binary forms ... in binary form must reproduce ... Neither the name of ...", "BSD-3-Clause"},
		{"Permission to use, copy, modify, and distribute this software for any\npurpose with or without fee is hereby granted", "ISC"},
		{"GNU GENERAL PUBLIC LICENSE", ""},
		{"CC0 1.0 Universal or else: This is free and unencumbered software released into the public domain", ""},
	} {
		if got, err := licenceOf(tt.text); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: got %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
}
