package main

import (
	"os"
	"path/filepath"
)

// sameName reports whether two names are names of the same file, which need not exist. The names may
// lead to its folder in different ways, such as through a symbolic link. If the file exists, they
// may also differ in what the file system ignores, such as case.
func sameName(a, b string) bool {
	if sameFile(a, b) {
		return true
	}
	return filepath.Base(a) == filepath.Base(b) && sameFile(filepath.Dir(a), filepath.Dir(b))
}

// sameFile reports whether two names lead to the same file or folder, which exists.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
