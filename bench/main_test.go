package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQuick runs one small task from the flags to the written files.
func TestQuick(t *testing.T) {
	dir := t.TempDir()
	file, svg := filepath.Join(dir, "results.json"), filepath.Join(dir, "chart.svg")
	var stdout, stderr bytes.Buffer
	if status := command([]string{"-quick", "-run", "^marshal/RSA-2048$", "-json", file, "-svg", svg}, &stdout, &stderr); status != 0 {
		t.Fatalf("got status %d: %s", status, &stderr)
	}
	for _, want := range []string{"marshal/RSA-2048: ", "go-jose", "(reference)", "Summary", "-quick"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("got no %q in\n%s", want, &stdout)
		}
	}
	if !strings.Contains(stderr.String(), "1 of 1") {
		t.Errorf("got no progress in %q", &stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r results
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Tasks) != 1 || len(r.Tasks[0].Rows) != 5 || r.Go == "" || r.CPU == "" || r.CPUs == 0 {
		t.Errorf("got %+v, want one task of five rows, and the machine", r)
	}
	for _, row := range r.Tasks[0].Rows {
		if row.Median <= 0 || row.Low > row.Median || row.Median > row.High || row.Allocs == nil {
			t.Errorf("got %+v", row)
		}
	}
	if _, err := os.Stat(svg); err != nil {
		t.Error(err)
	}
}

// If TestUnwritable fails, one file that cannot be written loses the results of minutes.
func TestUnwritable(t *testing.T) {
	text, err := fixed().encode()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	from, svg := filepath.Join(dir, "results.json"), filepath.Join(dir, "chart.svg")
	if err := os.WriteFile(from, text, 0o600); err != nil {
		t.Fatal(err)
	}
	o := &options{from: from, json: filepath.Join(dir, "none", "copy.json"), svg: svg}
	var stdout bytes.Buffer
	if err := o.run(&stdout, io.Discard); err == nil || !strings.Contains(err.Error(), "copy.json") {
		t.Errorf("got %v, want an error about copy.json", err)
	}
	if !strings.Contains(stdout.String(), "Summary") {
		t.Errorf("got text %q, want the results", &stdout)
	}
	if _, err := os.Stat(svg); err != nil {
		t.Error(err)
	}
}

// If TestWritable fails, the check before a run changes a file, or a run measures for minutes and
// then cannot write its results.
func TestWritable(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "fresh")
	if err := os.WriteFile(old, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{old, fresh} {
		if err := writable(file); err != nil {
			t.Error(err)
		}
	}
	if text, err := os.ReadFile(old); err != nil || string(text) != "kept" {
		t.Errorf("got %q, %v, want an unchanged file", text, err)
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("got a new file, want no file")
	}
	if writable(dir) == nil || writable(filepath.Join(dir, "none", "file")) == nil {
		t.Error("a folder, or a file in a missing folder: got no error, want one")
	}
}

func TestList(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := command([]string{"-list", "-quick"}, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
		t.Fatalf("got status %d, %s", status, &stderr)
	}
	if got, want := strings.Count(stdout.String(), "\n"), len(tasks()); got != want {
		t.Errorf("got %d lines, want %d", got, want)
	}
}

// If TestUsage fails, a wrong flag is noticed only after a run of minutes, or not at all.
func TestUsage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(filepath.Dir(file), "empty.json")
	if err := os.WriteFile(empty, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   string
		status int
		says   string
	}{
		{"-h", 0, "usage: bench"},
		{"-nothing", 2, "not defined"},
		{"argument", 2, `unexpected argument "argument"`},
		{"-run (", 2, "-run: error parsing regexp"},
		{"-run nothing", 2, `no task matches "nothing"`},
		{"-quick -run ^binary$", 2, "leaves out all"},
		{"-run ^binary$ -svg chart.svg", 2, "-svg shows no task"},
		{"-json /nowhere/results.json", 2, "/nowhere/results.json: no such file"},
		{"-json " + filepath.Dir(file), 2, "is a directory"},
		{"-list -svg chart.svg", 2, "-list measures nothing"},
		{"-from a -quick", 2, "-from renders"},
		{"-from " + file, 1, "broken.json: unexpected end of JSON input"},
		{"-from " + empty, 1, "empty.json: no results"},
		{"-from " + file + ".not", 1, "no such file"},
	} {
		var stdout, stderr bytes.Buffer
		if got := command(strings.Fields(tt.args), &stdout, &stderr); got != tt.status || !strings.Contains(stderr.String(), tt.says) {
			t.Errorf("%s: got status %d, want %d, and %q, want %q", tt.args, got, tt.status, &stderr, tt.says)
		}
		if stdout.Len() > 0 {
			t.Errorf("%s: got output %q, want no output", tt.args, &stdout)
		}
	}
}

// TestSizes builds and runs the programs whose sizes are measured. If it fails, the table
// compares programs that do not parse the set.
func TestSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	in, err := setOf(4, rsa2048, p256)()
	if err != nil {
		t.Fatal(err)
	}
	built := 0
	for _, l := range libraries {
		if _, ok := l.checks[binarySize]; !ok {
			continue
		}
		built++
		w, err := l.enter(binarySize, in)
		if err != nil {
			t.Fatal(err)
		}
		if size, err := w.size(); err != nil || size < 100_000 {
			t.Errorf("%s: got %d bytes, %v, want more", l.name, size, err)
		}
	}
	if built < 5 {
		t.Errorf("got %d programs, want one for each library", built)
	}
}
