package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// fixed returns invented results, which are the same in every run.
func fixed() *results {
	f := func(v float64) *float64 { return &v }
	r := &results{
		Date: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC),
		CPU:  "Some <CPU> & Co", CPUs: 2, OS: "linux", Arch: "amd64", Go: "go1.27.4",
		Quick: true, Rounds: 7, Timing: 8 * time.Millisecond,
		Libraries: []version{
			{"jwk", "github.com/seed1f6cf2d3/jwk", "of this tree"},
			{"go-jose", "github.com/go-jose/go-jose/v4", "v4.1.9"},
			{"jwkset", "github.com/MicahParks/jwkset", "v0.11.4"},
			{"jwkset (client)", "github.com/MicahParks/jwkset", "v0.11.4"},
			{"tink", "github.com/tink-crypto/tink-go/v2", "v2.9.0"},
		},
		Tasks: []taskResult{
			{Name: "parse/set-100", Title: "parse a set of 100", Unit: nanoseconds, Keys: 100, Text: 25_757,
				Bars: []bar{{Rule: fasterThanPeers, Limit: 3.5}, {Rule: timesReference, Limit: 2}, {Rule: allocsPerKey, Limit: 4}},
				Rows: []row{
					{"jwk", ours, 100_000, 0, 99_000, 101_500, f(380), f(73_024), "everything"},
					{"jwkset", peerKind, 400_000, 0, 390_000, 430_000, f(741), f(210_063), "little"},
					{"jwkset (client)", peerKind, 500_000, 0, 490_000, 530_000, f(1741), f(310_063), "more"},
					{"floor", reference, 45_000, 0, 44_000, 46_000, f(399), f(25_416), "nothing"},
				}},
			{Name: "lookup/hit/1000", Title: "look up a kid", Unit: nanoseconds, Keys: 1000, Text: 142_010,
				Bars: []bar{{Rule: timesReference, Limit: 1.5}, {Rule: allocs, Limit: 0}, {Rule: timeAtMost, Limit: 10}, {Rule: timesTask, Limit: 2, Task: "parse/set-100"}},
				Rows: []row{
					{"jwk", ours, 16.4, 0, 16.3, 16.8, f(0), f(0), "index"},
					{"go-jose", peerKind, 4_900, 0, 4_880, 4_910, nil, nil, "reads all keys"},
					{"Go map", reference, 14, 0, 13.9, 16.8, f(0), f(0), "a map"},
				}},
			{Name: "memory/with-keys", Title: "memory", Unit: octets, Keys: 10_000, Text: 4_360_010,
				Bars: []bar{{Rule: bytesAtMost, Limit: 1280}},
				Rows: []row{
					{"go-jose", peerKind, 547, 0, 547, 547, nil, nil, "without the text"},
					{"jwk", ours, 1129, 0, 1129, 1129, nil, nil, "with the text"},
				}},
		},
		Growth: []series{
			{"jwk", ours, []point{{3, 9, 1500, 6.7, 904}, {30, 9, 1100, 13, 665}, {300, 9, 950, 13.7, 599}, {99_999, 3, 1440, 22, 602}}},
			{"go-jose", peerKind, []point{{3, 9, 8400, 89, 568}, {30, 9, 5400, 159, 554}, {300, 9, 5000, 585, 488}, {99_999, 3, 6300, 3.3e6, 417}}},
		},
		LeftOut: []string{"binary"},
	}
	r.judge()
	return r
}

// golden compares a text with a file in testdata. With -update it writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; if the change is intended, run go test -update. Got:\n%s", file, got)
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := writeText(&b, fixed()); err != nil {
		t.Fatal(err)
	}
	golden(t, "fixed.txt", b.String())
}

func TestPictures(t *testing.T) {
	for name, draw := range map[string]func(*results) ([]byte, error){"chart.svg": chart, "growth.svg": plot} {
		text, err := draw(fixed())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, string(text))
		decoder := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is not XML: %v", name, err)
			}
		}
		if _, err := draw(new(results)); err == nil {
			t.Errorf("%s: got a picture without results, want an error", name)
		}
	}
}

// If TestResultsSurviveJSON fails, -from shows other results than the run that wrote them with
// -json.
func TestResultsSurviveJSON(t *testing.T) {
	text, err := json.Marshal(fixed())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	svg, curve := filepath.Join(dir, "a.svg"), filepath.Join(dir, "b.svg")
	var stdout, stderr bytes.Buffer
	if status := command([]string{"-from", file, "-svg", svg, "-growth", curve}, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
		t.Fatalf("got status %d, %s", status, &stderr)
	}
	golden(t, "fixed.txt", stdout.String())
	for name, file := range map[string]string{"chart.svg": svg, "growth.svg": curve} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, string(text))
	}
}

// If TestVerdicts fails, the tables call a bar met that is not met, or their rounded figures
// contradict the verdict.
func TestVerdicts(t *testing.T) {
	for _, tt := range []struct {
		rule          rule
		limit         float64
		ours, other   float64
		allocs        float64
		met           bool
		figure, wants string
	}{
		{timesReference, 1.3, 100, 100, 0, true, "1", "1.00 times floor, at most 1.3"},
		{timesReference, 1.3, 130, 100, 0, true, "1.3", "1.30 times floor, at most 1.3"},
		{timesReference, 1.3, 130.1, 100, 0, false, "1.301", "1.301 times floor, at most 1.3"},
		{timesReference, 1.3, 130.004, 100, 0, false, "1.30004", "1.30004 times floor, at most 1.3"},
		{timesReference, 1.3, 129.996, 100, 0, true, "1.29996", "1.29996 times floor, at most 1.3"},
		{timesReference, 1.3, 150, 100, 0, false, "1.5", "1.50 times floor, at most 1.3"},
		{fasterThanPeers, 4, 100, 399.9, 0, false, "3.999", "best peer takes 3.999 times as long, at least 4"},
		{fasterThanPeers, 4, 100, 400.1, 0, true, "4.001", "best peer takes 4.001 times as long, at least 4"},
		{timeAtMost, 40, 40.01, 0, 0, false, "40.01", "40.010 ns, at most 40.0 ns"},
		{timeAtMost, 40, 50, 0, 0, false, "50", "50.0 ns, at most 40.0 ns"},
		{allocsPerKey, 4, 1, 0, 4001, false, "4.001", "4.001 allocs a key, at most 4"},
		{allocs, 0, 1, 0, 0, true, "0", "0 allocs, at most 0"},
	} {
		r := &results{Tasks: []taskResult{{Unit: nanoseconds, Keys: 1000, Bars: []bar{{Rule: tt.rule, Limit: tt.limit}}, Rows: []row{
			{Library: "jwk", Kind: ours, Median: tt.ours, Allocs: &tt.allocs},
			{Library: "jwx", Kind: peerKind, Median: tt.other},
			{Library: "floor", Kind: reference, Median: tt.other},
		}}}}
		r.judge()
		b := r.Tasks[0].Bars[0].Verdict
		if b == nil {
			t.Fatalf("%s: got no verdict", tt.rule)
		}
		if figure := fmt.Sprintf("%.6g", b.Figure); b.Text != tt.wants || b.Met != tt.met || figure != tt.figure {
			t.Errorf("got %s, %q, met %t, want %s, %q, %t", figure, b.Text, b.Met, tt.figure, tt.wants, tt.met)
		}
		if got, want := r.Tasks[0].Rows[1].Times, tt.other/tt.ours; got != want {
			t.Errorf("got %v times ours, want %v", got, want)
		}
	}
}

// If TestAxes fails, the plot of growth has too few or too many marks, or cuts off its highest
// value.
func TestAxes(t *testing.T) {
	for _, highest := range []float64{0, 1, 3, 7, 12, 99, 1288, 10_600, 45_000, 2e6} {
		scale, marks := linear(highest)
		if n := len(marks); n < 5 || n > 9 {
			t.Errorf("up to %v: got %d marks, want 5 to 9", highest, n)
		}
		if at := scale(highest); at < 0 || at > 1 {
			t.Errorf("up to %v: got the highest value at %v of the axis", highest, at)
		}
	}
	scale, marks := logarithmic(6.7, 11_000)
	if len(marks) != 6 || scale(1) != 0 || scale(100_000) != 1 {
		t.Errorf("got marks %v, want 1 to 100,000", marks)
	}
}
