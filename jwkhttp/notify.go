package jwkhttp

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/seed1f6cf2d3/jwk"
)

const (
	maxQueued    = 1_024 // events that wait for OnEvent to return; further ones are lost
	maxDelivered = 64    // events that one call of deliver may deliver
	maxLoggedKid = 64    // octets of a kid in the log
)

// A notifier hands events to OnEvent and to the Logger, one at a time and in order. It has a
// goroutine only while it does so: runtime.Goexit in OnEvent, such as the FailNow of package
// testing, must not end a read or a fetch.
type notifier struct {
	onEvent func(Event)
	logger  *slog.Logger

	mu    sync.Mutex
	queue []Event
	busy  bool // a goroutine delivers
}

// isOff reports whether nothing asks for events.
func (n *notifier) isOff() bool { return n.onEvent == nil && n.logger == nil }

// add puts an event into the queue. It is called under the mutex of the client, so that events have
// the order of the changes that they report.
func (n *notifier) add(e Event) {
	if n.isOff() {
		return
	}
	limit := maxQueued
	if e.Kind == UnknownKey || e.Kind == RateLimited {
		limit /= 2 // a flood of tokens must not push out what fetches report
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) < limit {
		n.queue = append(n.queue, e)
	}
}

// deliver delivers the events of the queue, and waits for it, unless another goroutine delivers. It
// must be called without the mutex of the client.
func (n *notifier) deliver() {
	if n.isOff() || !n.claim() {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.drain()
	}()
	<-done
}

// claim reports whether there are events that the caller must deliver.
func (n *notifier) claim() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy || len(n.queue) == 0 {
		return false
	}
	n.busy = true
	return true
}

// drain delivers events after a claim.
func (n *notifier) drain() {
	defer func() { // also if OnEvent ends the goroutine
		n.mu.Lock()
		n.busy = false
		more := len(n.queue) > 0
		n.mu.Unlock()
		if more {
			go n.deliver() // a read must not deliver the events of all others
		}
	}()
	for range maxDelivered {
		e, ok := n.next()
		if !ok {
			return
		}
		n.hand(e)
	}
}

// next takes the first event from the queue.
func (n *notifier) next() (Event, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) == 0 {
		return Event{}, false
	}
	e := n.queue[0]
	n.queue = n.queue[1:]
	return e, true
}

// hand calls OnEvent and the Logger. A panic in either is logged and ends there.
func (n *notifier) hand(e Event) {
	defer func() {
		if recover() != nil {
			n.logPanic("jwkhttp: OnEvent or the Logger panicked", e.Host)
		}
	}()
	if n.onEvent != nil {
		n.onEvent(e)
	}
	if n.logger != nil {
		n.log(e)
	}
}

// logPanic logs a panic with the stack, but not with the value, which may hold the URL.
func (n *notifier) logPanic(message, host string) {
	defer func() { _ = recover() }() // the Logger itself may be what panics
	if n.logger != nil {
		n.logger.Error(message, "host", host, "stack", string(debug.Stack()))
	}
}

// log writes the record of an event.
func (n *notifier) log(e Event) {
	level := slog.LevelDebug
	attrs := []slog.Attr{slog.String("host", e.Host)}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.Duration != 0 {
		attrs = append(attrs, slog.Duration("duration", e.Duration))
	}
	if d := e.Diff; d != nil && len(d.Added)+len(d.Removed)+len(d.Changed) > 0 {
		level = slog.LevelInfo
		attrs = append(attrs, slog.Int("added", len(d.Added)), slog.Int("removed", len(d.Removed)), slog.Int("changed", len(d.Changed)))
	}
	if e.KeyID != "" {
		attrs = append(attrs, slog.String("kid", e.KeyID[:min(len(e.KeyID), maxLoggedKid)]))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	switch {
	case e.Kind == Stale && e.Err != nil, e.Kind == FetchFailed && errors.Is(e.Err, jwk.ErrPrivate):
		level = slog.LevelError
	case e.Kind == FetchFailed:
		level = slog.LevelWarn
	}
	n.logger.LogAttrs(context.Background(), level, "jwkhttp: "+e.Kind.String(), attrs...)
}
