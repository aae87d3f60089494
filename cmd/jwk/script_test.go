package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"jwk": main})
}

// TestScripts runs the scripts in testdata/script. With -update it writes the golden outputs in
// them anew.
func TestScripts(t *testing.T) {
	usualUmask(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			shared, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
			env.Setenv("TESTDATA", shared)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // with -race, each jwk would wait a second at its end
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    scriptExits,
			"mode":     scriptMode,
			"server":   scriptServer,
			"site":     scriptSite,
			"shutdown": scriptShutdown,
			"terminal": scriptTerminal,
		},
	})
}

// scriptExits runs a program that must exit with a code, because "! exec" accepts every code except 0:
//
//	exits 2 jwk inspect missing.json
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit code of %v: got %d, want %s", args[1:], got, want)
	}
}

// scriptMode checks the permissions of files:
//
//	mode 0600 FILE...
func scriptMode(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: mode 0600 FILE...")
	}
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, name := range args[1:] {
		info, err := os.Lstat(ts.MkAbs(name))
		ts.Check(err)
		if got := info.Mode().Perm(); (got == fs.FileMode(want)) == neg {
			ts.Fatalf("mode of %s: got %04o, want %s%04o", name, got, map[bool]string{true: "not "}[neg], want)
		}
	}
}

// patience is the longest time that a program of a script may take. It is reached only if the program
// hangs.
const patience = time.Minute

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var update = flag.Bool("update", false, "write the golden files in testdata anew")
