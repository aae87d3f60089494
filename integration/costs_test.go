package integration

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// costRows are the rows of the table in docs/costs.md, with the names of the tasks in module
// bench.
var costRows = []struct{ task, work string }{
	{"parse/set-3", "parse a set of 3 public keys (RSA-2048, P-256, Ed25519)"},
	{"parse/set-100", "parse a set of 100 public keys"},
	{"parse/set-100-and-keys", "parse a set of 100 and ask every key for its Go key"},
	{"parse/set-10-x5c", "parse a set of 10 keys with 3 certificates each"},
	{"parse/RSA-2048", "parse one RSA-2048 public key"},
	{"parse/P-256", "parse one P-256 public key"},
	{"parse/Ed25519", "parse one Ed25519 public key"},
	{"parse/RSA-2048-private", "parse one RSA-2048 private key"},
	{"parse/P-256-private", "parse one P-256 private key"},
	{"parse/Ed25519-private", "parse one Ed25519 private key"},
	{"lookup/hit/3", "look up a kid among 3 keys"},
	{"lookup/hit/1000", "look up a kid among 1,000 keys"},
	{"lookup/hit/100000", "look up a kid among 100,000 keys"},
	{"lookup/any/100000", "look up any of 100,000 kids, at random"},
	{"kid-to-key/100", "get from a kid to its Go key, among 100 keys"},
	{"select/alg/100", "select 10 keys by alg in 100"},
	{"select/alg/10000", "select 10 keys by alg in 10,000"},
	{"thumbprint/first/RSA-2048", "thumbprint of an RSA-2048 key, first call"},
	{"thumbprint/later/RSA-2048", "thumbprint of an RSA-2048 key, later calls"},
	{"marshal/RSA-2048", "MarshalJSON of a parsed RSA-2048 key"},
}

// A measurement is the result of one library in one task of bench/results.json.
type measurement struct {
	Library string
	Kind    string
	Median  float64
}

// measurements returns the results of module bench and their units, both by task.
func measurements(t *testing.T) (tasks map[string][]measurement, units map[string]string) {
	t.Helper()
	var results struct {
		Tasks []struct {
			Name, Unit string
			Rows       []measurement
		}
	}
	if err := json.Unmarshal([]byte(document(t, "bench/results.json")), &results); err != nil {
		t.Fatal(err)
	}
	tasks, units = make(map[string][]measurement), make(map[string]string)
	for _, task := range results.Tasks {
		tasks[task.Name], units[task.Name] = task.Rows, task.Unit
	}
	return tasks, units
}

// TestCosts: the figures in docs/costs.md and in the README must come from the last run of module
// bench. Otherwise they describe an older version of this package.
func TestCosts(t *testing.T) {
	tasks, units := measurements(t)
	const reference = "reference"
	table := "| work | this package | others, fastest first | reference |\n|---|---|---|---|\n"
	for _, row := range costRows {
		results := slices.SortedFunc(slices.Values(tasks[row.task]), func(a, b measurement) int { return cmp.Compare(a.Median, b.Median) })
		var ours, others, references []string
		for _, r := range results {
			text := quantity(r.Median, units[row.task])
			switch {
			case r.Library == "jwk":
				ours = append(ours, text)
			case r.Kind == reference:
				references = append(references, r.Library+" "+text)
			default:
				others = append(others, r.Library+" "+text)
			}
		}
		if len(ours) != 1 || len(others) == 0 {
			t.Fatalf("bench/results.json, %s: got %v, want this package and others", row.task, results)
		}
		table += fmt.Sprintf("| %s | %s | %s | %s |\n", row.work, ours[0], strings.Join(others, ", "), strings.Join(references, ", "))
	}
	pasted(t, "docs/costs.md", "costs", table, 0)

	for format, task := range map[string]string{
		"| parse a set of 100 keys | %s | %s | %s | %s |":       "parse/set-100",
		"| find a kid among 100,000 keys | %s | %s | %s | %s |": "lookup/hit/100000",
	} {
		var cells []string
		for _, library := range []string{"jwk", "go-jose", "jwx", "jwkset"} {
			i := slices.IndexFunc(tasks[task], func(r measurement) bool { return r.Library == library })
			if i < 0 {
				t.Fatalf("bench/results.json, %s: no row for %s", task, library)
			}
			cells = append(cells, quantity(tasks[task][i].Median, units[task]))
		}
		figures(t, "README.md", format, 0, cells...)
	}
}

// quantity formats a number of nanoseconds or octets with three digits.
func quantity(n float64, unit string) string {
	if unit != "ns" {
		return thousands(int64(n+0.5)) + " B"
	}
	for _, unit = range []string{"ns", "us", "ms"} {
		if n < 999.5 {
			break
		}
		n /= 1000
	}
	switch {
	case n < 9.995:
		return fmt.Sprintf("%.2f %s", n, unit)
	case n < 99.95:
		return fmt.Sprintf("%.1f %s", n, unit)
	}
	return fmt.Sprintf("%.0f %s", n, unit)
}
