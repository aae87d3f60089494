//go:build !unix

package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptTerminal fails, because there is no pseudo-terminal on this system.
func scriptTerminal(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("terminal: no pseudo-terminal on this system")
}

// usualUmask does nothing: files have no modes.
func usualUmask(*testing.T) {}
