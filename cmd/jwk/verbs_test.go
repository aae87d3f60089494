package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// everyVerb calls f with each verb that has no verbs below it, and its name without "jwk".
func everyVerb(f func(name string, verb *cobra.Command)) {
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, verb := range cmd.Commands() {
			if verb.Name() == "help" || verb.Name() == "completion" {
				continue // cobra has their texts
			}
			if verb.HasSubCommands() {
				visit(verb)
			} else {
				f(strings.TrimPrefix(verb.CommandPath(), "jwk "), verb)
			}
		}
	}
	visit(newRoot())
}

// TestVerbs: each verb is explained, has an example that calls it, a script that tests it, and a row
// in docs/command.md with its aliases.
func TestVerbs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "command.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(text), "## Verbs")
	page, _, _ = strings.Cut(page, "## Recipes")
	verbs := 0
	everyVerb(func(name string, verb *cobra.Command) {
		verbs++
		t.Run(name, func(t *testing.T) {
			if verb.Short == "" || verb.Long == "" {
				t.Errorf("got Short %q, Long %q, want a text in both", verb.Short, verb.Long)
			}
			if !strings.Contains(verb.Example, "jwk "+name+" ") && !strings.HasSuffix(verb.Example, "jwk "+name) {
				t.Errorf("got examples %q, want one that calls jwk %s", verb.Example, name)
			}
			if verb.GroupID == "" && verb.Parent().Name() == "jwk" {
				t.Error("got no group, want one of root.go")
			}
			script := filepath.Join("testdata", "script", strings.ReplaceAll(name, " ", "_")+".txtar")
			if _, err := os.Stat(script); err != nil {
				t.Errorf("got no %s, want a script that tests the verb", script)
			}
			for _, word := range append([]string{verb.Name()}, verb.Aliases...) {
				if !strings.Contains(page, "`"+word+"`") && !strings.Contains(page, "`"+name+"`") {
					t.Errorf("got no `%s` in the table of docs/command.md, want one", word)
				}
			}
			for _, line := range strings.Split(verb.Long+"\n"+verb.Example, "\n") {
				if len(line) > 80 {
					t.Errorf("got a line of %d columns, want at most 80: %s", len(line), line)
				}
			}
		})
	})
	if want := 20; verbs < want {
		t.Errorf("got %d verbs, want at least %d", verbs, want)
	}
}
