package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// newTLSServer starts a server with TLS, and returns its URL and a file with its authority.
func newTLSServer(t *testing.T, handler http.HandlerFunc) (url, caFile string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(caFile, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return server.URL, caFile
}

// checkRun checks the exit code, and parts of standard error.
func checkRun(t *testing.T, wantCode int, wantStderr []string, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := command("", args...)
	if code != wantCode {
		t.Errorf("%v: exit code: got %d, want %d", args, code, wantCode)
	}
	for _, want := range wantStderr {
		if !strings.Contains(stderr, want) {
			t.Errorf("%v: standard error: got\n%s\nwant a text with %q", args, stderr, want)
		}
	}
	return stdout
}

// A person whose fetch fails must learn which certificate the server has shown, and what helps.
func TestFetchTLS(t *testing.T) {
	url, caFile := newTLSServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, setOf("a")) })
	checkRun(t, exitTrouble, []string{
		"certificate signed by unknown authority",
		"the certificate is for example.com, *.example.com, 127.0.0.1, ::1; subject \"O=Acme Co\"",
		"valid until 2084-01-29 16:00:00 UTC",
		"--ca-file FILE trusts the authority in FILE",
	}, "fetch", url)
	checkRun(t, exitYes, []string{
		"\nTLS           TLS 1.3, TLS_",
		"\ncertificate   for example.com, *.example.com, 127.0.0.1, ::1; subject \"O=Acme Co\"",
		"1 key, 0 entries skipped",
	}, "fetch", "--explain", "--ca-file", caFile, url)
	checkRun(t, exitTrouble, []string{
		"certificate is valid for example.com, *.example.com, not localhost",
		"the certificate is for example.com",
	}, "fetch", "--ca-file", caFile, strings.Replace(url, "127.0.0.1", "localhost", 1))
}

// Every verb that reads a URL trusts the authority of --ca-file, and refuses the server without it.
func TestInspectTLS(t *testing.T) {
	url, caFile := newTLSServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, setOf("a")) })
	checkRun(t, exitTrouble, []string{"certificate signed by unknown authority"}, "inspect", url)
	checkRun(t, exitYes, []string{"1 key, 0 entries skipped"}, "inspect", "--ca-file", caFile, url)
}

// The answer to an http URL of another machine can be forged, so that each verb refuses it. A host
// whose name begins like the name of this machine is another machine.
func TestPlainURLs(t *testing.T) {
	for _, host := range []string{"provider.invalid", "localhost.provider.invalid", "127.0.0.1.provider.invalid", "localhost@provider.invalid"} {
		url := "http://" + host + "/jwks"
		checkRun(t, exitTrouble, []string{"want https; --allow-http accepts it"}, "inspect", url)
		checkRun(t, exitTrouble, []string{"can be forged on its way: use https"}, "fetch", url)
	}
}

// An issuer with TLS must not lead to keys without it, not even on this machine.
func TestFetchDiscoverKeepsTLS(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, setOf("a")) }))
	defer plain.Close()
	var url, caFile string
	url, caFile = newTLSServer(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, url, plain.URL)
	})
	for _, flags := range [][]string{nil, {"--allow-http"}} {
		checkRun(t, exitNo, []string{"jwks_uri: the scheme of the URL is http, want https as in the issuer\n"},
			append([]string{"fetch", "--discover", "--ca-file", caFile, url}, flags...)...)
	}
}

// The steps of --explain end up in reports of bugs, so that they must not have the password of a URL.
func TestFetchExplainHidesPassword(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, setOf("a")) }))
	defer server.Close()
	url := strings.Replace(server.URL, "http://", "http://user:s3cret@", 1)
	code, stdout, stderr := command("", "fetch", "--explain", url)
	if strings.Contains(stdout+stderr, "s3cret") || !strings.Contains(stderr, "user:xxxxx@") {
		t.Errorf("exit code %d: got %s, want the URL without its password", code, stderr)
	}
}

func TestFetchWithoutTLS(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	checkRun(t, exitTrouble, []string{"the server does not speak TLS: is it an http URL?"},
		"fetch", strings.Replace(server.URL, "http:", "https:", 1))
}

// An answer that breaks off is no answer, and an answer that is too large is one.
func TestFetchBody(t *testing.T) {
	url, caFile := newTLSServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"keys":[`)
		case "/large":
			_, _ = io.WriteString(w, `{"keys":[`+strings.Repeat(" ", 1<<20))
		}
	})
	checkRun(t, exitTrouble, []string{"unexpected EOF"}, "fetch", "--ca-file", caFile, url+"/short")
	checkRun(t, exitNo, []string{"the body has more than 1048576 bytes"}, "fetch", "--ca-file", caFile, url+"/large")
}

// The texts of a server must not send escape sequences to a terminal, nor fill it.
func TestFetchExplainsHostileTexts(t *testing.T) {
	url, caFile := newTLSServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Etag", "\u009b31m"+strings.Repeat("x", 5000))
		w.Header().Set("Content-Type", "application/json; \x9b31m")
		_, _ = io.WriteString(w, setOf("\x1b[31m"))
	})
	_, _, stderr := command("", "fetch", "--explain", "--ca-file", caFile, url)
	for i, c := range []byte(stderr) {
		if c != '\n' && (c < ' ' || c > '~') {
			t.Fatalf("standard error has the byte %#x after %q", c, stderr[:i])
		}
	}
	if len(stderr) > 2000 || !strings.Contains(stderr, `kid "\x1b[31m"`) {
		t.Errorf("got %d bytes, want at most 2000, with the kid in quotes:\n%s", len(stderr), stderr)
	}
}

// A person must read what happened, and not the words of Go's package context.
func TestNetworkReason(t *testing.T) {
	for err, want := range map[error]string{
		context.DeadlineExceeded: "no whole answer in time",
		context.Canceled:         "interrupted",
		io.ErrUnexpectedEOF:      "unexpected EOF",
	} {
		if got := input.NetworkReason(&jwkhttp.Error{Host: "provider.example", Err: err}); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

// The life of a set and its refresh are told as package jwkhttp applies them.
func TestLifeOf(t *testing.T) {
	var s jwkhttp.Status
	s.ExpiresAt = s.FetchedAt.Add(600e9)
	if got, want := lifeOf(s), "clients keep it for 10m0s, and refresh it after 7m12s to 8m0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
