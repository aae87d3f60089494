package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
)

// setOf returns the text of a set with a key for each kid. All keys have the same material.
func setOf(kids ...string) string {
	var keys []string
	for _, kid := range kids {
		text, err := json.Marshal(kid)
		must(err)
		keys = append(keys, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","kid":%s,"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, text))
	}
	return `{"keys":[` + strings.Join(keys, ",") + `]}`
}

const oneSecret = `{"kty":"oct","kid":"s","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}`

// contradiction is a key that a lenient parser accepts, and a strict one does not.
const contradiction = `{"kty":"EC","kid":"x","use":"enc","alg":"ES256","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`

// A testPublisher is a publisher of a file in a folder of the test.
type testPublisher struct {
	*publisher
	t      *testing.T
	file   string
	stderr bytes.Buffer
}

func newTestPublisher(t *testing.T, text string) *testPublisher {
	t.Helper()
	p := &testPublisher{t: t, file: filepath.Join(t.TempDir(), "jwks.json")}
	p.replace(text)
	cmd := new(cobra.Command)
	cmd.SetErr(&p.stderr)
	r := &input.Reader{
		Parser:     jwk.Parser{Lenient: true},
		Passphrase: refusePassphrase,
		Warn:       func(string) {},
	}
	p.publisher = newPublisher(cmd, r, p.file)
	if err := p.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// replace puts another file in the place of the file, as editors do.
func (p *testPublisher) replace(text string) {
	p.t.Helper()
	if err := os.WriteFile(p.file+".new", []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(p.file+".new", p.file); err != nil {
		p.t.Fatal(err)
	}
}

// check checks the kids that are published, and what was written since the last check.
func (p *testPublisher) check(kids []string, stderr string) {
	p.t.Helper()
	var got []string
	for k := range p.set.Load().All() {
		got = append(got, k.KeyID())
	}
	if !slices.Equal(got, kids) {
		p.t.Errorf("kids: got %v, want %v", got, kids)
	}
	if text := strings.ReplaceAll(p.stderr.String(), p.file, "FILE"); text != stderr {
		p.t.Errorf("standard error: got\n%s\nwant\n%s", text, stderr)
	}
	p.stderr.Reset()
}

// The keys of a service rotate while it runs, and a mistake in the file must not take the keys away
// from the clients.
func TestReload(t *testing.T) {
	p := newTestPublisher(t, setOf("a", "b"))
	p.check([]string{"a", "b"}, "")
	for _, step := range []struct {
		name, text string
		kids       []string
		stderr     string
	}{
		{"nothing", "", []string{"a", "b"}, ""},
		{"the same keys", setOf("a", "b") + "\n", []string{"a", "b"}, ""},
		{"one key more and one less", setOf("b", "c"), []string{"b", "c"}, "added kid c, OKP Ed25519\nremoved kid a, OKP Ed25519\nserving 2 keys\n"},
		{"a changed key", strings.Replace(setOf("b", "c"), `"kid":"c"`, `"kid":"c","alg":"EdDSA"`, 1), []string{"b", "c"}, "changed kid c, OKP Ed25519\nserving 2 keys\n"},
		{"a damaged file", `{"keys":[`, []string{"b", "c"}, "warning: FILE: /keys/0: the document ends too early (line 1, column 10); the keys from before stay published\n"},
		{"the same damage", `{"keys":[`, []string{"b", "c"}, ""},
		{"other damage", `{"keys":[]}`, []string{"b", "c"}, "warning: FILE: no key to publish; the keys from before stay published\n"},
		{"a secret", oneSecret, []string{"b", "c"}, "warning: FILE: no key to publish: the key at index 0, kid s, oct 512: it is symmetric, and has no public half; the keys from before stay published\n"},
		{"good keys", setOf("c"), []string{"c"}, "FILE: can be used again\nchanged kid c, OKP Ed25519\nremoved kid b, OKP Ed25519\nserving 1 key\n"},
		{"a secret beside a good key", strings.Replace(setOf("c"), "[", "["+oneSecret+",", 1), []string{"c"}, "warning: not published: the key at index 0, kid s, oct 512: it is symmetric, and has no public half\n"},
		{"the same secret, and white space", strings.Replace(setOf("c"), "[", "["+oneSecret+",", 1) + "\n", []string{"c"}, ""},
		{"a key with a contradiction", strings.Replace(setOf("c"), "[", "["+contradiction+",", 1), []string{"c"}, "warning: not published: the key at index 0, kid x, EC P-256: /alg: ES256 is at odds with use enc\n"},
	} {
		if step.text != "" {
			p.replace(step.text)
		}
		p.reload(t.Context())
		t.Log(step.name)
		p.check(step.kids, step.stderr)
	}
	if err := os.Remove(p.file); err != nil {
		t.Fatal(err)
	}
	p.reload(t.Context())
	p.check([]string{"c"}, "warning: FILE: no such file or directory; the keys from before stay published\n")
	p.reload(t.Context())
	p.check([]string{"c"}, "")
}

// A file that becomes a pipe must not stop the polling, which would wait for a writer.
func TestReloadNotRegular(t *testing.T) {
	p := newTestPublisher(t, setOf("a"))
	if !p.isPolled() {
		t.Error("a regular file is not polled")
	}
	if err := os.Remove(p.file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.file, 0o700); err != nil { // no pipe, so that the test runs on Windows
		t.Fatal(err)
	}
	p.reload(t.Context())
	p.check([]string{"a"}, "warning: FILE: not a regular file any more; the keys from before stay published\n")
	if p.isPolled() {
		t.Error("a directory is polled")
	}
}

// Kubernetes gives a file another content by exchanging a symbolic link in its path. The link that
// the service opens stays the same.
func TestReloadSymbolicLink(t *testing.T) {
	p := newTestPublisher(t, setOf("a"))
	folder := filepath.Dir(p.file)
	old := time.Now().Add(-time.Hour) // the files differ in nothing except the inode
	for _, name := range []string{"one", "two"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, name, "jwks.json")
		if err := os.WriteFile(file, []byte(setOf(name)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		name = filepath.Join(folder, name)
		if err := os.Symlink(target, name+".new"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
	}
	link("one", "..data")
	link(filepath.Join("..data", "jwks.json"), "jwks.json")
	p.reload(t.Context())
	p.check([]string{"one"}, "added kid one, OKP Ed25519\nremoved kid a, OKP Ed25519\nserving 1 key\n")
	link("two", "..data")
	p.reload(t.Context())
	p.check([]string{"two"}, "added kid two, OKP Ed25519\nremoved kid one, OKP Ed25519\nserving 1 key\n")
}

// A file that is written twice within one step of the clock of the file system has the same time and
// size, but the second content must be published.
func TestReloadWithinOneStepOfTheClock(t *testing.T) {
	p := newTestPublisher(t, setOf("a"))
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p.file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	soon := time.Now().Add(time.Hour) // later than the clock of the test: the change is recent
	write(setOf("b"), soon)
	p.reload(t.Context())
	write(setOf("c"), soon)
	p.stderr.Reset()
	p.reload(t.Context())
	p.check([]string{"c"}, "added kid c, OKP Ed25519\nremoved kid b, OKP Ed25519\nserving 1 key\n")
}

// A file that was changed in place is read again if its time or its size differs, also if the change
// is long ago, as after a copy that keeps the times.
func TestReloadInPlace(t *testing.T) {
	p := newTestPublisher(t, setOf("a"))
	past := time.Now().Add(-time.Hour)
	for _, step := range []struct {
		text string
		at   time.Time
		kids []string
		want string
	}{
		{setOf("b"), past, []string{"b"}, "added kid b, OKP Ed25519\nremoved kid a, OKP Ed25519\nserving 1 key\n"},
		{setOf("c"), past.Add(time.Minute), []string{"c"}, "added kid c, OKP Ed25519\nremoved kid b, OKP Ed25519\nserving 1 key\n"},
		{setOf("c", "d"), past.Add(time.Minute), []string{"c", "d"}, "added kid d, OKP Ed25519\nserving 2 keys\n"},
		{setOf("c", "e"), past.Add(time.Minute), []string{"c", "d"}, ""}, // nothing tells the two apart
	} {
		if err := os.WriteFile(p.file, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p.file, step.at, step.at); err != nil {
			t.Fatal(err)
		}
		p.reload(t.Context())
		p.check(step.kids, step.want)
	}
}

// Each tick is one look at the file, and the end of the context ends the polling.
func TestPoll(t *testing.T) {
	p := newTestPublisher(t, setOf("a"))
	ctx, cancel := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() {
		defer close(done)
		p.poll(ctx, ticks)
	}()
	p.replace(setOf("b"))
	ticks <- time.Time{}
	ticks <- time.Time{} // is taken after the first was worked on
	cancel()
	<-done
	p.check([]string{"b"}, "added kid b, OKP Ed25519\nremoved kid a, OKP Ed25519\nserving 1 key\n")
}

// A person types the passphrase once, and later versions of the file are read with it.
func TestPassphraseIsKept(t *testing.T) {
	asked := 0
	r := &input.Reader{Passphrase: func(string) ([]byte, error) { asked++; return []byte("secret"), nil }}
	newPublisher(new(cobra.Command), r, "keys.jwe")
	for range 2 {
		if got, err := r.Passphrase("keys.jwe"); string(got) != "secret" || err != nil {
			t.Errorf("got %q, %v, want secret", got, err)
		}
	}
	if asked != 1 {
		t.Errorf("got %d questions, want 1", asked)
	}
}
