package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartUp measures a whole run of the command, from the start of the process to its end, with
// the file of a key on P-256. It includes what the test needs to start a process.
func BenchmarkStartUp(b *testing.B) {
	dir := b.TempDir()
	program, key := filepath.Join(dir, "jwk"), filepath.Join(dir, "key.jwk")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(program, "generate", "ES256", "-o", key).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, args := range [][]string{{"thumbprint", key}, {"inspect", provider}} {
		b.Run(args[0], func(b *testing.B) {
			for b.Loop() {
				if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
			}
		})
	}
}
