package jwkhttp

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// HandlerOptions are the options of a [Handler]. A nil *HandlerOptions and the zero HandlerOptions
// mean the defaults. [NewHandler] and [NewStaticHandler] copy them.
type HandlerOptions struct {
	// MaxAge is the time for which clients and caches may use an answer without asking again. 0
	// means 10 minutes. Fractions of a second are dropped.
	//
	// Publish a key for at least twice MaxAge before you sign with it: caches may answer for MaxAge
	// without it, and longer if a refresh fails. Clients may accept a removed key for MaxAge.
	MaxAge time.Duration

	// NoCORS leaves out Access-Control-Allow-Origin and the other fields of CORS. By default
	// scripts of all sites may read the set, because public keys are for everyone.
	NoCORS bool

	// OnDropped is called with each key that is left out: a symmetric key, which has no public
	// half, or a key that a strict [jwk.Parser] refuses, such as a key whose use contradicts
	// its alg. It is called when a set is rendered: by the first request that meets the set,
	// before the answer, with no lock held. A panic in it fails only this request.
	// [NewStaticHandler] returns an error for such a key instead.
	OnDropped func(*jwk.Key)

	_ struct{} // keyed literals only
}

// A Handler is an [http.Handler] that publishes a set of keys (RFC 7517, Section 5). Make one with
// [NewHandler] or [NewStaticHandler]. A Handler publishes only the public halves of the keys, so a
// service can give it the set of its private keys. As in [jwk.Set.Public], symmetric keys, skipped
// entries and the members of the set besides "keys" are left out.
//
// The answer to GET and HEAD depends on the set and on these fields of the request:
//   - Accept: the type is application/json, or application/jwk-set+json if the client prefers it;
//   - Accept-Encoding: a body of at least 1 KiB is sent as gzip if the client prefers it;
//   - If-None-Match: the answer is 304 if the field lists the entity tag of either form, or "*".
//
// A field of more than 4 KiB is ignored. Ranges are not supported: the answer is the whole set.
//
// The answer is 503 with Retry-After while there is no set, or no key that can be published. It is
// never an empty set, because a client that accepted it would lose all its keys. The answer to
// OPTIONS is 204, also for a CORS preflight. Other methods are 405.
//
// Other code may have set fields of the answer before the Handler runs. The Handler replaces
// Cache-Control, Content-Type, ETag and X-Content-Type-Options. It adds to Vary and
// Content-Security-Policy, and keeps Access-Control-Allow-Origin. If Content-Encoding is set, it
// leaves compression to the code that set it. It removes Set-Cookie, because a shared cache would
// give the cookie to other clients.
//
// A Handler does not look at the path, so it can be mounted anywhere. It is safe for concurrent
// use. An answer costs one allocation, because bodies and header values are made once for each set.
type Handler struct {
	source  func() *jwk.Set
	options HandlerOptions
	control string // the value of Cache-Control

	current atomic.Pointer[rendering]
	turn    sync.Mutex // the request that renders holds it
}

// NewHandler returns a Handler that publishes the set that source returns. source is called for
// each GET and HEAD, and by several requests at once. So it must be fast and safe for concurrent use,
// such as the Load of an atomic.Pointer. If it returns nil, there is no set yet.
//
// The first request that meets a set renders it. So source must return the same pointer as long as
// the set is the same: otherwise each request renders. A request that begins after source returns
// a new set never gets the old one.
//
// NewHandler panics if source is nil or MaxAge is negative.
func NewHandler(source func() *jwk.Set, opts *HandlerOptions) *Handler {
	if source == nil {
		panic("jwkhttp: NewHandler with a nil source, want a function that returns the set")
	}
	h, err := newHandler(source, opts)
	if err != nil {
		panic(err.Error())
	}
	return h
}

// NewStaticHandler returns a Handler that always publishes this set. It refuses a set from which
// a Handler would leave out a key. The error is
//   - [jwk.ErrPrivate] if a key is symmetric, because it has no public half;
//   - [jwk.ErrInvalid] if the set is nil or has no keys, or if MaxAge is negative;
//   - the error of a strict [jwk.Parser] for a key that it refuses.
//
// Skipped entries are not keys: they are left out without an error.
func NewStaticHandler(set *jwk.Set, opts *HandlerOptions) (*Handler, error) {
	if set.Len() == 0 {
		return nil, argumentError("a set without keys, want at least one key to publish")
	}
	fixed := *set // the caller may unmarshal into its Set later
	h, err := newHandler(func() *jwk.Set { return &fixed }, opts)
	if err != nil {
		return nil, err
	}
	r := render(&fixed)
	if len(r.dropped) > 0 {
		first := r.dropped[0]
		return nil, fmt.Errorf("jwkhttp: key %d (%v) cannot be published, leave it out: %w",
			first.index, first.key, first.err)
	}
	if r.problem != "" {
		return nil, argumentError(r.problem) // cannot happen: each key was checked
	}
	h.current.Store(r)
	return h, nil
}

// An argumentError is an error about an argument or option of NewStaticHandler.
type argumentError string

func (e argumentError) Error() string { return "jwkhttp: " + string(e) }
func (e argumentError) Unwrap() error { return jwk.ErrInvalid }

func newHandler(source func() *jwk.Set, opts *HandlerOptions) (*Handler, error) {
	h := &Handler{source: source}
	if opts != nil {
		h.options = *opts
	}
	maxAge := orDefault(h.options.MaxAge, 10*time.Minute)
	if maxAge < 0 {
		return nil, argumentError("a MaxAge of " + maxAge.String() + ", want 0 or more")
	}
	seconds := strconv.FormatInt(int64(maxAge/time.Second), 10)
	h.control = "public, max-age=" + seconds + ", must-revalidate"
	return h, nil
}

const (
	allowed      = "GET, HEAD, OPTIONS"
	retrySeconds = "5" // seconds; a client without a set should not wait for long

	// preflightAge is the time for which a browser may keep the answer to a preflight, in seconds.
	// Browsers keep it for at most a day.
	preflightAge = "86400"
)

// ServeHTTP answers a request. See [Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := newFields(w.Header())
	h.setCommon(&header)
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		h.answerOptions(w, &header)
		return
	default:
		header.set("Allow", allowed)
		answerText(w, r, &header, http.StatusMethodNotAllowed, "method not allowed: use GET")
		return
	}
	current := h.latest()
	if current == nil || current.plain.body == nil {
		problem := "there is no key set yet"
		if current != nil {
			problem = current.problem
		}
		header.set("Retry-After", retrySeconds)
		header.set("Cache-Control", "no-store")
		answerText(w, r, &header, http.StatusServiceUnavailable, problem)
		return
	}
	h.answerSet(w, r, &header, current)
}

// latest returns the rendering of the set that source returns, or nil if there is no set. If two
// requests meet a new set, the second waits for the first to render it. The old body would be the
// wrong answer for a client that asks because it has seen the kid of a new key.
func (h *Handler) latest() *rendering {
	if h.source == nil {
		panic("jwkhttp: a Handler that was not made by NewHandler or NewStaticHandler")
	}
	set := h.source()
	if set == nil {
		return nil
	}
	if r := h.current.Load(); r != nil && r.set == set {
		return r
	}
	r, fresh := h.renderNext()
	if fresh && h.options.OnDropped != nil {
		for _, d := range r.dropped {
			h.options.OnDropped(d.key)
		}
	}
	return r
}

// renderNext renders the set that source returns, unless another request has rendered it. fresh
// reports whether it did. It calls source under the lock, so that a request that had to wait does
// not bring an older set back.
func (h *Handler) renderNext() (r *rendering, fresh bool) {
	h.turn.Lock()
	defer h.turn.Unlock()
	set := h.source()
	if set == nil {
		return nil, false
	}
	if r := h.current.Load(); r != nil && r.set == set {
		return r, false
	}
	r = render(set)
	h.current.Store(r)
	return r, true
}

// setCommon sets the fields of all answers.
func (h *Handler) setCommon(header *fields) {
	delete(header.header, "Set-Cookie")
	header.set("X-Content-Type-Options", "nosniff")
	header.add("Content-Security-Policy", "default-src 'none'") // a browser enforces all policies
	if !h.options.NoCORS && len(header.header["Access-Control-Allow-Origin"]) == 0 {
		header.set("Access-Control-Allow-Origin", "*") // two values would be an error
	}
}

// answerOptions answers OPTIONS. Access-Control-Allow-Headers lets scripts send If-None-Match.
func (h *Handler) answerOptions(w http.ResponseWriter, header *fields) {
	header.set("Allow", allowed)
	if !h.options.NoCORS {
		header.set("Access-Control-Allow-Methods", allowed)
		header.set("Access-Control-Allow-Headers", "*")
		header.set("Access-Control-Max-Age", preflightAge)
	}
	w.WriteHeader(http.StatusNoContent)
}

// answerText answers with an error in plain text.
func answerText(w http.ResponseWriter, r *http.Request, header *fields, status int, text string) {
	header.set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		io.WriteString(w, text+"\n")
	}
}

// answerSet answers with a set, or with 304 if the client has it.
func (h *Handler) answerSet(w http.ResponseWriter, r *http.Request, header *fields, current *rendering) {
	header.set("Cache-Control", h.control)
	header.vary()
	chosen, other := &current.plain, &current.gzip
	encoded := len(header.header["Content-Encoding"]) > 0
	if other.body != nil && !encoded && prefersGzip(r.Header["Accept-Encoding"]) {
		chosen, other = other, chosen
	}
	// RFC 9110, Section 15.4.5, lists the fields of a 304. Its ETag is one that the client has sent,
	// because a cache renews the answers with this ETag (RFC 9111, Section 4.3.4).
	if tag := noneMatch(r.Header["If-None-Match"], chosen.etag, other.etag); tag != "" {
		header.set("Etag", tag)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	mediaType := typeJSON
	if prefersSetType(r.Header["Accept"]) {
		mediaType = typeSet
	}
	header.set("Content-Type", mediaType)
	header.set("Etag", chosen.etag)
	if chosen == &current.gzip {
		header.set("Content-Encoding", "gzip")
	}
	if !encoded { // else the code that encodes the body changes its length
		header.set("Content-Length", chosen.length)
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		w.Write(chosen.body)
	}
}
