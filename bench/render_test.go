package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

// fixed are results that were never measured.
func fixed() *results {
	f := func(v float64) *float64 { return &v }
	return &results{
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
					{"jwk", ours, 100_000, 99_000, 101_500, f(380), f(73_024), "everything"},
					{"jwkset", peerKind, 400_000, 390_000, 430_000, f(741), f(210_063), "little"},
					{"jwkset (client)", peerKind, 500_000, 490_000, 530_000, f(1741), f(310_063), "more"},
					{"floor", reference, 45_000, 44_000, 46_000, f(399), f(25_416), "nothing"},
				}},
			{Name: "lookup/hit/1000", Title: "look up a kid", Unit: nanoseconds, Keys: 1000, Text: 142_010,
				Bars: []bar{{Rule: timesReference, Limit: 1.5}, {Rule: allocs, Limit: 0}, {Rule: timeAtMost, Limit: 10}, {Rule: timesTask, Limit: 2, Task: "parse/set-100"}},
				Rows: []row{
					{"jwk", ours, 16.4, 16.3, 16.8, f(0), f(0), "index"},
					{"go-jose", peerKind, 4_900, 4_880, 4_910, nil, nil, "passes all keys"},
					{"Go map", reference, 14, 13.9, 16.8, f(0), f(0), "a map"},
				}},
			{Name: "memory/with-keys", Title: "memory", Unit: octets, Keys: 10_000, Text: 4_360_010,
				Bars: []bar{{Rule: bytesAtMost, Limit: 1280}},
				Rows: []row{
					{"go-jose", peerKind, 547, 547, 547, nil, nil, "without the text"},
					{"jwk", ours, 1129, 1129, 1129, nil, nil, "with the text"},
				}},
		},
		Growth: []series{
			{"jwk", ours, []point{{1, 1500, 6.7, 904}, {10, 1100, 13, 665}, {100, 950, 13.7, 599}, {100_000, 1440, 22, 602}}},
			{"go-jose", peerKind, []point{{1, 8400, 89, 568}, {10, 5400, 159, 554}, {100, 5000, 585, 488}, {100_000, 6300, 3.3e6, 417}}},
		},
		LeftOut: []string{"binary"},
	}
}

// golden compares with a file in testdata.
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
		t.Errorf("%s is not what it was; if it is to change, go test -update. Got:\n%s", file, got)
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
	for name, draw := range map[string]func(*results) (string, error){"chart.svg": chart, "growth.svg": plot} {
		text, err := draw(fixed())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, text)
		decoder := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s is no XML: %v", name, err)
			}
		}
		if _, err := draw(new(results)); err == nil {
			t.Errorf("%s is drawn of nothing", name)
		}
	}
}

// What -json writes is all that -from needs.
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

func TestAxes(t *testing.T) {
	for _, highest := range []float64{0, 1, 3, 7, 12, 99, 1288, 10_600, 45_000, 2e6} {
		scale, marks := linear(highest)
		if n := len(marks); n < 5 || n > 9 {
			t.Errorf("up to %v: got %d marks, want 5 to 9", highest, n)
		}
		if at := scale(highest); at < 0 || at > 1 {
			t.Errorf("up to %v: it is at %v of the axis", highest, at)
		}
	}
	scale, marks := logarithmic(6.7, 11_000)
	if len(marks) != 6 || scale(1) != 0 || scale(100_000) != 1 {
		t.Errorf("got marks %v, want 1 to 100,000", marks)
	}
}
