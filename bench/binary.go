package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs is the folder of programs that parse a set and print its number of keys. It has one
// program for each library, and the program "none", which only reads the file.
const programs = "internal/size"

// commandSize checks that a program finds all keys, and returns the work that measures its size.
func commandSize(name string, in *input) (work, error) {
	return work{size: func() (int64, error) {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		set := filepath.Join(dir, "set.json")
		if err := os.WriteFile(set, in.text, 0o600); err != nil {
			return 0, err
		}
		without, _, err := build(dir, "none", set)
		if err != nil {
			return 0, err
		}
		with, said, err := build(dir, name, set)
		if err != nil {
			return 0, err
		}
		if want := fmt.Sprint(len(in.keys)); said != want {
			return 0, fmt.Errorf("the program found %s keys, want %s", said, want)
		}
		return with - without, nil
	}}, nil
}

// build builds and runs one of the programs, and returns its size and its output.
func build(dir, name, set string) (size int64, said string, err error) {
	root, err := moduleFolder()
	if err != nil {
		return 0, "", err
	}
	file := filepath.Join(dir, name)
	command := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./"+programs+"/"+name)
	command.Dir = root
	if _, err := run(command); err != nil {
		return 0, "", err
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, "", err
	}
	said, err = run(exec.Command(file, set))
	return info.Size(), said, err
}

// moduleFolder returns the folder of this module.
func moduleFolder() (string, error) {
	root, err := run(exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module))
	if err != nil {
		return "", fmt.Errorf("run bench in its source folder to measure sizes: %w", err)
	}
	return root, nil
}

const module = "github.com/seed1f6cf2d3/jwk/bench"

func run(command *exec.Cmd) (string, error) {
	out, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, bytes.TrimSpace(failed.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}

// buildAll sets the sample of each runner to the size that the library adds to a program.
func buildAll(runners []*runner) error {
	for _, r := range runners {
		size, err := r.work.size()
		if err != nil {
			return fmt.Errorf("%s: %w", r.library.name, err)
		}
		r.samples = []float64{float64(size)}
	}
	return nil
}
