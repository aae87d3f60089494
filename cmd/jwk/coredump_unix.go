//go:build unix

package main

import "syscall"

// forbidCoreDumps makes the system write no memory of this process to a file if it crashes, because
// the memory may have private keys. If the system refuses, the command works nevertheless.
func forbidCoreDumps() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
