// Command modproxy writes the modules of this repository as a module proxy in a folder, which the
// go command reads when GOPROXY is its file URL:
//
//	modproxy SOURCE DIR
//
// Each module below SOURCE is in DIR with the version that the other modules require of the root,
// as if the tags of that version were set. The zip files follow the rules of golang.org/x/mod/zip,
// which the go command and proxy.golang.org use.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("modproxy: ")
	if len(os.Args) != 3 {
		log.Fatal("usage: modproxy SOURCE DIR")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// run writes the modules below source to dir and prints a line for each.
func run(source, dir string) error {
	files, err := modules(source)
	if err != nil {
		return err
	}
	version, err := rootVersion(files)
	if err != nil {
		return err
	}
	for _, f := range files {
		m := module.Version{Path: f.Module.Mod.Path, Version: version}
		if err := write(dir, m, source, f); err != nil {
			return fmt.Errorf("%v: %w", m, err)
		}
		fmt.Println(m)
	}
	return nil
}

// modules parses the go.mod files below source, the root's first. Folders that the go command
// ignores are skipped.
func modules(source string) ([]*modfile.File, error) {
	var files []*modfile.File
	err := filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != source && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if d.Name() != "go.mod" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f, err := modfile.Parse(path, text, nil)
		if err != nil {
			return err
		}
		if len(f.Replace) != 0 {
			return fmt.Errorf("%s: it has a replace directive, which go install PACKAGE@VERSION refuses", path)
		}
		if path == filepath.Join(source, "go.mod") {
			files = append([]*modfile.File{f}, files...)
		} else {
			files = append(files, f)
		}
		return nil
	})
	if err == nil && len(files) < 2 {
		err = fmt.Errorf("got %d go.mod files below %s, want the root's and others", len(files), source)
	}
	return files, err
}

// rootVersion returns the one version that the other modules require of the root.
func rootVersion(files []*modfile.File) (string, error) {
	root, version := files[0].Module.Mod.Path, ""
	for _, f := range files[1:] {
		for _, r := range f.Require {
			if !strings.HasPrefix(r.Mod.Path+"/", root+"/") {
				continue
			}
			if version == "" {
				version = r.Mod.Version
			}
			if r.Mod.Version != version {
				return "", fmt.Errorf("%s: got %v, want %s as in the other go.mod files", f.Syntax.Name, r.Mod, version)
			}
		}
	}
	if version == "" {
		return "", errors.New("no go.mod file requires the root")
	}
	return version, nil
}

// write writes the files that a proxy has for a version of a module.
func write(dir string, m module.Version, source string, f *modfile.File) error {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	base := filepath.Join(dir, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(base, 0o777); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{m.Version, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	folder := filepath.Dir(f.Syntax.Name)
	mod, err := os.ReadFile(f.Syntax.Name)
	if err != nil {
		return err
	}
	if err := addLicense(source, folder); err != nil {
		return err
	}
	archive, err := os.Create(filepath.Join(base, m.Version+".zip"))
	if err != nil {
		return err
	}
	if err := errors.Join(zip.CreateFromDir(archive, m, folder), archive.Close()); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(base, m.Version+".info"), info, 0o666),
		os.WriteFile(filepath.Join(base, m.Version+".mod"), mod, 0o666),
		os.WriteFile(filepath.Join(base, "list"), []byte(m.Version+"\n"), 0o666),
	)
}

// addLicense copies the root's LICENSE to a module that has no other, as the go command does when
// it makes the zip file of a module that is not at the root of its repository.
func addLicense(source, folder string) error {
	target := filepath.Join(folder, "LICENSE")
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text, err := os.ReadFile(filepath.Join(source, "LICENSE"))
	if err != nil {
		return err
	}
	return os.WriteFile(target, text, 0o666)
}
