//go:build !unix

package main

// forbidCoreDumps does nothing, because this system has no limit for core dumps.
func forbidCoreDumps() {}
