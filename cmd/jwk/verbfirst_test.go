package main

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Flags may stand before their verb. If one of them is not a flag of the verb, the arguments stay as
// they are, so that the error names the flag as the user wrote it.
func TestFlagsBeforeVerb(t *testing.T) {
	for _, test := range []struct {
		name, args, want string
	}{
		{"after the verb", "inspect FILE --json", "inspect FILE --json"},
		{"before the verb", "--json inspect FILE", "inspect --json FILE"},
		{"before an alias", "--uri thp FILE", "thp --uri FILE"},
		{"with a value", "--width 60 inspect FILE", "inspect --width 60 FILE"},
		{"with a value after =", "--width=60 inspect FILE", "inspect --width=60 FILE"},
		{"of one letter, with a value", "-o k.jwk generate ES256", "generate -o k.jwk ES256"},
		{"of one letter, with a value beside it", "-ok.jwk generate ES256", "generate -ok.jwk ES256"},
		{"several", "--json --width 60 inspect FILE --strict", "inspect --json --width 60 FILE --strict"},
		{"help", "--help inspect", "inspect --help"},
		{"help, one letter", "-h inspect", "inspect -h"},
		{"help of set", "--help set", "set --help"},
		{"help of a verb that cobra has", "-h completion", "completion -h"},
		{"an end of flags before the verb", "-- inspect --json", "inspect -- --json"},
		{"before set", "--json set list FILE", "set list --json FILE"},
		{"between set and its verb", "set --json list FILE", "set list --json FILE"},
		{"on both sides of set", "--json set --width 60 list FILE", "set list --json --width 60 FILE"},
		{"a value that names a verb", "--kid set select FILE", "select --kid set FILE"},
		{"a value that names a verb, and is one", "--kid select select FILE", "select --kid select FILE"},
		{"a file that has the name of a verb", "inspect set", "inspect set"},
		{"a file that has the name of a verb, after a flag", "inspect --json set", "inspect --json set"},
		{"an end of flags", "inspect -- --json", "inspect -- --json"},

		{"of another verb", "--uri inspect FILE", "--uri inspect FILE"},
		{"of no verb", "--bogus inspect FILE", "--bogus inspect FILE"},
		{"without its value", "--width inspect", "--width inspect"},
		{"an argument before the verb", "FILE inspect", "FILE inspect"},
		{"a set without its verb", "--json set FILE", "--json set FILE"},
		{"no verb", "--version", "--version"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := strings.Fields(test.args)
			given := slices.Clone(args)
			got := strings.Join(verbFirst(newRoot(), args), " ")
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !slices.Equal(args, given) {
				t.Errorf("the arguments were changed to %q", args)
			}
		})
	}
}

// Finding the verb must not set its flags: a flag that may be repeated would have its values twice.
func TestVerbFirstSetsNoFlag(t *testing.T) {
	root := newRoot()
	verbFirst(root, []string{"--ops", "sign", "generate", "ES256"})
	verb, _, err := root.Find([]string{"generate"})
	if err != nil {
		t.Fatal(err)
	}
	verb.Flags().Visit(func(f *pflag.Flag) { t.Errorf("got --%s set, want no flag set", f.Name) })
}

// The order in which the verbs are tried does not matter, because a flag that takes a value takes one
// in every verb that has it.
func TestFlagsAreAlike(t *testing.T) {
	first := make(map[string]*pflag.Flag)
	everyVerb(func(name string, verb *cobra.Command) {
		verb.Flags().VisitAll(func(f *pflag.Flag) {
			for _, key := range []string{"--" + f.Name, "-" + f.Shorthand} {
				known, ok := first[key]
				if !ok && key != "-" {
					first[key] = f
				} else if ok && known.NoOptDefVal != f.NoOptDefVal {
					t.Errorf("%s %s: got a flag with a value here and without one in another verb", name, key)
				}
			}
		})
	})
	if len(first) < 50 {
		t.Errorf("got %d flags, want at least 50", len(first))
	}
}

// A script may pass the names of thousands of files, and some may be names of verbs or flags. If each
// was tried with each, the allocations would grow with the square of their number.
func TestVerbFirstIsLinear(t *testing.T) {
	for _, pattern := range []string{"set", "list", "--json", "--json set", "x set", "set y list", "set list", "--kid set"} {
		words := strings.Fields(pattern)
		octets := func(times int) uint64 {
			root := newRoot()
			args := slices.Repeat(words, times)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			verbFirst(root, args)
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		octets(1)
		if few, many := octets(500), octets(5000); many > 20*few+1<<20 {
			t.Errorf("%q: 500 times %d octets, 5,000 times %d, want at most 20 times as many", pattern, few, many)
		}
	}
}

// The flags before a verb help to complete the words behind it.
func TestCompletionAfterFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string // a line of the answer
	}{
		{[]string{"inspect", "--jso"}, "--json\t"},
		{[]string{"--strict", "check", "--jso"}, "--json\t"},
		{[]string{"--json", "set", "list", "--wid"}, "--width\t"},
		{[]string{"--kid", "a", "select", "--from", ""}, "pem"},
		{[]string{"--jso"}, ""},
		{[]string{"inspec"}, "inspect\t"},
		{[]string{""}, "inspect\t"},
	} {
		code, stdout, stderr := command("", append([]string{cobra.ShellCompRequestCmd}, test.args...)...)
		if code != exitYes || !strings.Contains("\n"+stdout, "\n"+test.want) || strings.Contains(stdout+stderr, "rror") {
			t.Errorf("%q: exit code %d, got %q, %q, want a line that begins with %q", test.args, code, stdout, stderr, test.want)
		}
	}
}
