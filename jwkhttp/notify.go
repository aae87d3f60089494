package jwkhttp

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

const (
	maxQueued    = 1_024 // events that wait for OnEvent to return; further ones are lost
	maxLoggedKid = 64    // octets of a kid in the log
)

// A notifier hands events to OnEvent and to the Logger, one at a time and in order. It has a
// goroutine only while it does so. A slow OnEvent must not hold a read that need not wait, and
// runtime.Goexit in it, such as the FailNow of package testing, must not end a read or a fetch.
type notifier struct {
	onEvent func(Event)
	logger  *slog.Logger

	mu     sync.Mutex
	queue  []Event
	added  uint64     // events that were put into the queue so far
	handed uint64     // events that have been delivered so far
	more   *sync.Cond // for handed
	busy   bool       // a goroutine delivers
}

// newNotifier returns a notifier. Both arguments may be nil.
func newNotifier(onEvent func(Event), logger *slog.Logger) *notifier {
	n := &notifier{onEvent: onEvent, logger: logger}
	n.more = sync.NewCond(&n.mu)
	return n
}

// isOff reports whether nothing asks for events.
func (n *notifier) isOff() bool { return n.onEvent == nil && n.logger == nil }

// add puts an event into the queue, and returns its place for wait. It is called under the mutex of
// the client, so that events have the order of the changes that they report.
func (n *notifier) add(e Event) (place uint64) {
	if n.isOff() {
		return 0
	}
	limit := maxQueued
	if e.Kind == UnknownKey || e.Kind == RateLimited {
		limit /= 2 // a flood of tokens must not push out what fetches report
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) >= limit {
		return 0
	}
	n.queue = append(n.queue, e)
	n.added++
	return n.added
}

// wait waits until the event at a place has been delivered, but not longer than limit.
func (n *notifier) wait(place uint64, limit time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	isOver := false
	timer := time.AfterFunc(limit, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		isOver = true
		n.more.Broadcast()
	})
	defer timer.Stop()
	for n.handed < place && !isOver {
		n.more.Wait()
	}
}

// waitForAll waits until all events of the queue have been delivered, but not longer than limit.
func (n *notifier) waitForAll(limit time.Duration) {
	n.mu.Lock()
	place := n.added
	n.mu.Unlock()
	n.wait(place, limit)
}

// deliver starts a goroutine that delivers the events of the queue, unless one does. It must be called
// without the mutex of the client, because OnEvent may need it.
func (n *notifier) deliver() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.busy && len(n.queue) > 0 {
		n.busy = true
		go n.drain()
	}
}

// drain delivers events until the queue is empty.
func (n *notifier) drain() {
	isEmpty := false
	defer func() {
		if !isEmpty { // OnEvent has ended this goroutine
			n.step()
			go n.drain()
		}
	}()
	for {
		e, ok := n.next()
		if !ok {
			isEmpty = true
			return
		}
		n.hand(e)
		n.step()
	}
}

// next takes the first event from the queue. If there is no event, the caller no longer delivers.
func (n *notifier) next() (e Event, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) == 0 {
		n.queue, n.busy = nil, false
		return Event{}, false
	}
	e, n.queue[0] = n.queue[0], Event{} // the array must not keep the keys of a Diff alive
	n.queue = n.queue[1:]
	return e, true
}

// step counts an event that has been delivered.
func (n *notifier) step() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handed++
	n.more.Broadcast()
}

// hand calls OnEvent and the Logger. A panic in either is logged and ends there.
func (n *notifier) hand(e Event) {
	defer func() {
		if recover() != nil {
			n.logPanic("jwkhttp: OnEvent or the Logger panicked", e.Host)
		}
	}()
	if n.logger != nil {
		n.log(e)
	}
	if n.onEvent != nil {
		n.onEvent(e)
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
