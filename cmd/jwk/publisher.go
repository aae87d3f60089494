package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
)

// A publisher keeps the public set of a file.
type publisher struct {
	cmd    *cobra.Command
	reader *input.Reader
	file   string

	set atomic.Pointer[jwk.Set] // public, with at least one key

	// Only poll uses what follows.
	seen     fs.FileInfo // the file when it was read; nil if there was no file
	isRecent bool        // the file was read soon after a change, see recent
	problem  string      // the last warning about the content, so that it is not repeated
	left     []string    // what was not published, for the same reason
}

func newPublisher(cmd *cobra.Command, r *input.Reader, file string) *publisher {
	p := &publisher{cmd: cmd, reader: r, file: file}
	var kept []byte
	ask := r.Passphrase
	r.Passphrase = func(what string) ([]byte, error) {
		if kept != nil {
			return kept, nil
		}
		secret, err := ask(what)
		if err == nil {
			kept = secret
		}
		return secret, err
	}
	return p
}

// start reads the file for the first time.
func (p *publisher) start(ctx context.Context) error {
	p.see(p.stat())
	set, left, err := p.read(ctx)
	if err != nil {
		return err
	}
	p.publish(set, left)
	return nil
}

// stat returns what identifies the content of the file, or nil if there is no file. It follows
// symbolic links, so that an exchanged link is a change.
func (p *publisher) stat() fs.FileInfo {
	info, err := os.Stat(p.file)
	if err != nil {
		return nil
	}
	return info
}

// isPolled reports whether changes of the file are noticed. A pipe such as <(command) has its content
// once, and a second read would wait for a writer.
func (p *publisher) isPolled() bool {
	return p.file != "-" && p.seen != nil && p.seen.Mode().IsRegular()
}

// recent is the age of a change below which the file may change again without another modification
// time: the clocks of file systems have steps of up to two seconds. Such a file is read again.
const recent = 2 * time.Second

// see remembers what the file is when it is read.
func (p *publisher) see(info fs.FileInfo) {
	p.seen = info
	p.isRecent = info != nil && time.Since(info.ModTime()) < recent
}

// isSame reports whether a file has the same content, as far as one can tell without reading it.
func isSame(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// poll looks at the file at each tick until ctx ends. File watchers of the system are not used,
// because they lose a file that is replaced.
func (p *publisher) poll(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			p.reload(ctx)
		}
	}
}

// reload reads the file if it has changed. It keeps the set if the content cannot be used.
func (p *publisher) reload(ctx context.Context) {
	now := p.stat() // before the file is read: a change after this is seen at the next tick
	if isSame(now, p.seen) && !p.isRecent {
		return
	}
	p.see(now)
	set, left, err := p.readAgain(ctx)
	if err != nil {
		if problem := err.Error(); problem != p.problem {
			p.problem = problem
			warn(p.cmd, "%s; the keys from before stay published", problem)
		}
		return
	}
	if p.problem != "" {
		say(p.cmd, terminal.Escape(p.file)+": can be used again")
		p.problem = ""
	}
	p.publish(set, left)
}

// readAgain reads the file as read does, but does not wait for the writer of a pipe.
func (p *publisher) readAgain(ctx context.Context) (set *jwk.Set, left []string, err error) {
	if p.seen != nil && !p.seen.Mode().IsRegular() {
		return nil, nil, trouble{fmt.Errorf("%s: not a regular file any more", p.file)}
	}
	return p.read(ctx)
}

// read returns the public set of the file, and why keys and entries are left out.
func (p *publisher) read(ctx context.Context) (set *jwk.Set, left []string, err error) {
	d, err := p.reader.Read(ctx, p.file)
	if err != nil {
		return nil, nil, err
	}
	var public []*jwk.Key
	for index, k := range d.Indexed() {
		half, reason := publicHalf(k)
		if reason != "" {
			left = append(left, fmt.Sprintf("the key at index %d, %s: %s", index, describe(k), reason))
			continue
		}
		public = append(public, half)
	}
	for _, s := range d.Skipped {
		left = append(left, fmt.Sprintf("the entry at index %d: %s", s.Index, newSkippedReport(s).Error))
	}
	if len(public) > 0 {
		return jwk.NewSet(public...), left, nil
	}
	if len(left) > 0 {
		return nil, nil, answerNo("%s: no key to publish: %s", d.Name, left[0])
	}
	return nil, nil, answerNo("%s: no key to publish", d.Name)
}

// publicHalf returns the public half of a key, or why it cannot be published. What a strict parser
// refuses is not published, because clients differ in what they make of it.
func publicHalf(k *jwk.Key) (half *jwk.Key, reason string) {
	if k.Type() == jwk.Oct {
		return nil, "it is symmetric, and has no public half"
	}
	half, err := k.Public()
	if err == nil {
		var text []byte
		if text, err = half.MarshalJSON(); err == nil {
			half, err = (&jwk.Parser{PublicOnly: true}).Parse(text)
		}
	}
	if err != nil {
		return nil, reasonOf(err)
	}
	return half, ""
}

// maxKeysNamed is the largest number of keys that a message names.
const maxKeysNamed = 20

// publish replaces the set, and says what has changed.
func (p *publisher) publish(set *jwk.Set, left []string) {
	if !slices.Equal(left, p.left) {
		p.left = left
		for i, text := range left {
			if i == maxKeysNamed {
				warn(p.cmd, "%d more are not published", len(left)-i)
				break
			}
			warn(p.cmd, "not published: %s", text)
		}
	}
	old := p.set.Load()
	if old != nil && old.Equal(set) {
		return // the file differs in something that is not published
	}
	p.set.Store(set)
	if old == nil {
		return
	}
	diff := old.Diff(set)
	for _, part := range []struct {
		event string
		keys  []*jwk.Key
	}{{"added", diff.Added}, {"changed", diff.Changed}, {"removed", diff.Removed}} {
		if len(part.keys) == 0 {
			continue
		}
		var names []string
		for i, k := range part.keys {
			if i == maxKeysNamed {
				names = append(names, "and more")
				break
			}
			names = append(names, describe(k))
		}
		say(p.cmd, part.event+" "+strings.Join(names, "; "))
	}
	say(p.cmd, "serving "+count(set.Len(), "key", "keys"))
}
