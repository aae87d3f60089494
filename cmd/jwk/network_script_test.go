package main

import (
	"bufio"
	"bytes"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptSite starts a server that answers with the files of a folder, and sets the variable SITE to
// its URL. The fields in FILE.header are added to the answer for FILE. With a Location, the answer
// is a redirect.
//
//	site FOLDER
func scriptSite(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: site FOLDER")
	}
	folder := ts.MkAbs(args[0])
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := filepath.Join(folder, filepath.FromSlash(r.URL.Path))
		body, err := os.ReadFile(name)
		if err != nil {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		body = bytes.ReplaceAll(body, []byte("SITE"), []byte("http://"+r.Host))
		w.Header().Set("Content-Type", mime.TypeByExtension(filepath.Ext(name)))
		header, _ := os.ReadFile(name + ".header")
		for line := range strings.Lines(string(header)) {
			field, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			w.Header().Set(field, value)
		}
		if w.Header().Get("Location") != "" {
			w.WriteHeader(http.StatusFound)
		}
		_, _ = w.Write(body)
	}))
	ts.Defer(site.Close)
	ts.Setenv("SITE", site.URL)
}

// A scriptProcess is a server that a script has started.
type scriptProcess struct {
	cmd  *exec.Cmd
	text chan string // gets all of standard error at the end
}

// scriptProcesses are the servers of the scripts that run. testscript runs scripts at the same time.
var scriptProcesses sync.Map // from *testscript.TestScript to *scriptProcess

// scriptServer starts a program, waits until it writes a URL to standard error, and sets the variable
// SERVER to this URL:
//
//	server jwk serve --listen 127.0.0.1:0 FILE
func scriptServer(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: server PROGRAM ARG...")
	}
	path := ""
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if p := filepath.Join(dir, args[0]); isProgram(p) {
			path = p
			break
		}
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	ts.Defer(func() {
		timer.Stop()
		_ = cmd.Process.Kill()
	})
	p := &scriptProcess{cmd: cmd, text: make(chan string, 1)}
	scriptProcesses.Store(ts, p)
	found := make(chan string, 1)
	go func() {
		var text strings.Builder
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if url := anyURL.FindString(lines.Text()); url != "" {
				select {
				case found <- url:
				default:
				}
			}
		}
		close(found)
		p.text <- text.String()
	}()
	url, ok := <-found
	if !ok {
		_ = cmd.Wait()
		ts.Fatalf("server: no URL in standard error:\n%s", <-p.text)
	}
	ts.Setenv("SERVER", url)
}

var anyURL = regexp.MustCompile(`http://\S+`)

// scriptShutdown ends the program that server started. Its exit code must be 0. Its standard error is the
// standard output of shutdown:
//
//	shutdown SIGTERM
func scriptShutdown(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM}
	if len(args) != 1 || neg || signals[args[0]] == nil {
		ts.Fatalf("usage: shutdown SIGNAL, one of %v", slices.Sorted(maps.Keys(signals)))
	}
	value, ok := scriptProcesses.LoadAndDelete(ts)
	if !ok {
		ts.Fatalf("shutdown: no server is running")
	}
	p := value.(*scriptProcess)
	ts.Check(p.cmd.Process.Signal(signals[args[0]]))
	text := <-p.text // before Wait, which closes the pipe
	err := p.cmd.Wait()
	_, _ = ts.Stdout().Write([]byte(text))
	if err != nil {
		ts.Fatalf("shutdown: %v, want exit code 0, in:\n%s", err, text)
	}
}
