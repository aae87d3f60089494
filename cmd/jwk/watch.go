package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A watcher writes the events of a client that change something.
type watcher struct {
	json bool

	mu       sync.Mutex
	out      io.Writer
	err      error // of the first write that failed
	broken   context.CancelFunc
	hasSet   bool
	failures int    // in a row
	reason   string // of the last failure
}

func newWatcher(out io.Writer, json bool) *watcher { return &watcher{out: out, json: json} }

// A change is an event as --json writes it.
type change struct {
	Time       time.Time   `json:"time"`
	Event      string      `json:"event"` // found, added, changed, removed, failed, recovered, expired or stale
	KeyID      *string     `json:"kid,omitempty"`
	Type       jwk.KeyType `json:"kty,omitempty"`
	Curve      jwk.Curve   `json:"crv,omitempty"`
	Bits       int         `json:"bits,omitempty"`
	Thumbprint string      `json:"thumbprint,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Failures   int         `json:"failures,omitempty"`
}

// watch writes events until ctx ends. A fetch that fails is an event.
func (w *watcher) watch(ctx context.Context, client *jwkhttp.Client) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	w.broken = cancel
	w.mu.Unlock()
	_ = client.Start(ctx)
	<-ctx.Done()
	client.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return trouble{w.err}
	}
	return nil
}

// event writes an event of the client if it changes something. The client calls it with one event at
// a time.
func (w *watcher) event(e jwkhttp.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	switch e.Kind {
	case jwkhttp.FetchSucceeded, jwkhttp.FetchNotModified:
		if w.failures > 0 {
			w.write(change{Time: now, Event: "recovered", Failures: w.failures})
		}
		w.failures, w.reason = 0, ""
		if e.Diff != nil {
			w.diff(now, e.Diff)
		}
	case jwkhttp.FetchFailed:
		w.failures++
		reason := input.NetworkReason(e.Err)
		if reason != w.reason {
			w.reason = reason
			w.write(change{Time: now, Event: "failed", Reason: reason})
		}
	case jwkhttp.Expired:
		w.write(change{Time: now, Event: "expired", Reason: "the life of the set has ended, and clients go on using it because no fetch succeeds"})
	case jwkhttp.Stale:
		w.write(change{Time: now, Event: "stale", Reason: "clients do not use the set any more"})
	}
}

// diff writes how the set has changed.
func (w *watcher) diff(now time.Time, d *jwk.Diff) {
	added := "added"
	if !w.hasSet {
		added = "found"
	}
	w.hasSet = true
	for _, part := range []struct {
		event string
		keys  []*jwk.Key
	}{{added, d.Added}, {"changed", d.Changed}, {"removed", d.Removed}} {
		for _, k := range part.keys {
			c := change{Time: now, Event: part.event, KeyID: stated[string](k, "kid"), Type: k.Type(), Curve: k.Curve(), Bits: k.Bits()}
			c.Thumbprint = k.Thumbprint().String() // jwkhttp accepts public keys only
			w.write(c)
		}
	}
}

// write writes one line. If that fails, watch ends.
func (w *watcher) write(c change) {
	c.Time = c.Time.UTC().Truncate(time.Second)
	text := []byte(c.line() + "\n")
	if w.json {
		data, err := json.Marshal(c)
		must(err)
		text = append(toASCII(string(data)), '\n')
	}
	if _, err := w.out.Write(text); err != nil {
		w.err = errors.Join(w.err, err)
		w.broken()
	}
}

// line returns a change for people.
func (c *change) line() string {
	line := fmt.Sprintf("%s  %-9s", c.Time.Format(time.RFC3339), c.Event)
	switch {
	case c.Type != "":
		kid := "no kid"
		if c.KeyID != nil {
			kid = "kid " + terminal.ShortWord(*c.KeyID)
		}
		size := (&keyReport{Type: c.Type, Curve: c.Curve, Bits: c.Bits}).size()
		return fmt.Sprintf("%s %s, %s, thumbprint %s", line, kid, size, c.Thumbprint)
	case c.Failures > 0:
		return line + " after " + count(c.Failures, "failure", "failures")
	}
	return line + " " + terminal.Escape(c.Reason)
}
