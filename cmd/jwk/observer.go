package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// An observer is the transport of jwk fetch. It remembers the last answer, so that an error can say
// what the server sent, and with --explain it tells each step.
type observer struct {
	next    http.RoundTripper
	cmd     *cobra.Command
	explain bool

	mu     sync.Mutex     // the transport reports steps from several goroutines
	answer *http.Response // the last one, or nil
	body   *input.Body    // of the last answer
}

func newObserver(cmd *cobra.Command, explain bool) *observer {
	return &observer{cmd: cmd, explain: explain}
}

func (o *observer) wrap(next http.RoundTripper) http.RoundTripper {
	o.next = next
	return o
}

// tell writes a step for people.
func (o *observer) tell(name, format string, args ...any) {
	if o.explain {
		o.mu.Lock()
		defer o.mu.Unlock()
		first := fmt.Sprintf("%-13s ", name)
		text := terminal.Escape(fmt.Sprintf(format, args...))
		say(o.cmd, first+terminal.ScreenOf(o.cmd.ErrOrStderr()).Wrap(text, strings.Repeat(" ", len(first))))
	}
}

// RoundTrip sends a request and tells its steps.
func (o *observer) RoundTrip(r *http.Request) (*http.Response, error) {
	o.remember(nil)
	o.tell("request", "%s %s", r.Method, terminal.Word(r.URL.Redacted()))
	if proxy, err := http.ProxyFromEnvironment(r); err == nil && proxy != nil {
		o.tell("proxy", "%s, from the environment: the next steps are about the proxy", terminal.Word(proxy.Redacted()))
	}
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), o.trace()))
	begin := time.Now()
	response, err := o.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	o.remember(response)
	o.tellAnswer(response, time.Since(begin))
	return response, nil
}

// remember keeps an answer, or forgets the last one.
func (o *observer) remember(r *http.Response) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer, o.body = r, nil
	if r != nil {
		o.body = &input.Body{ReadCloser: r.Body}
		r.Body = o.body
	}
}

// last returns the last answer and its body, or nil. The fetch has ended, unless the context of the
// command ended first: then nothing may be read any more.
func (o *observer) last() (*http.Response, *input.Body) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answer, o.body
}

// trace returns the hooks that tell how the connection is made. They may run in several goroutines
// at once, and each writes one line.
func (o *observer) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			if i.Err != nil {
				o.tell("name", "it has no address: %v", i.Err)
				return
			}
			var addresses []string
			for _, a := range i.Addrs {
				addresses = append(addresses, a.String())
			}
			o.tell("name", "it has %s: %s", count(len(addresses), "address", "addresses"), terminal.Words(addresses))
		},
		ConnectDone: func(_, address string, err error) {
			if err != nil {
				o.tell("connection", "%s failed: %v", address, plainReason(err))
				return
			}
			o.tell("connection", "%s", address)
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			if err != nil {
				return // the error of the fetch says why
			}
			o.tell("TLS", "%s, %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
			if len(state.PeerCertificates) > 0 {
				o.tell("certificate", "%s", input.DescribeCertificate(state.PeerCertificates[0]))
			}
		},
	}
}

// plainReason returns the innermost reason of an error of package net.
func plainReason(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e.Err
	}
	return err
}

// headerFields are the header fields that --explain shows, in this order.
var headerFields = []string{"Content-Type", "Cache-Control", "Age", "Expires", "Date", "ETag", "Last-Modified", "Retry-After", "Location"}

// tellAnswer tells the status and the header fields that matter.
func (o *observer) tellAnswer(r *http.Response, took time.Duration) {
	o.tell("answer", "%s, status %s, after %v", r.Proto, shortText(r.Status), took.Round(time.Millisecond))
	for _, name := range headerFields {
		for i, value := range r.Header.Values(name) {
			if i == terminal.MaxWords {
				break
			}
			o.tell("", "%s: %s", name, shortText(value))
		}
	}
}

// maxText is the largest number of bytes of a header field that --explain shows.
const maxText = 200 // bytes

// shortText cuts a text of a server. The caller escapes it.
func shortText(s string) string { return terminal.CutMiddle(s, maxText) }

// explainSet tells what the set is and what its headers mean for clients.
func (o *observer) explainSet(set *jwk.Set, s jwkhttp.Status) {
	answer, body := o.last()
	size := count(body.Text.Len(), "byte", "bytes")
	if answer.Uncompressed {
		size += ", which were compressed with gzip"
	}
	o.tell("size", "%s", size)
	o.tell("life", "%s%s", lifeOf(s), lifeReason(answer.Header))
	if answer.Header.Get("Etag") == "" && answer.Header.Get("Last-Modified") == "" {
		o.tell("refresh", "with the whole set: the server sends neither ETag nor Last-Modified")
	} else {
		o.tell("refresh", "with a conditional request, which costs a few bytes if nothing has changed")
	}
	i := 0
	skipped := set.Skipped()
	for k := range set.All() {
		for len(skipped) > 0 && skipped[0].Index <= i {
			i, skipped = i+1, skipped[1:]
		}
		o.tell("key", "%d: %s%s, thumbprint %s%s", i, describe(k), algOf(k), k.Thumbprint(), deviationsOf(k))
		i++
	}
}

// lifeReason says where the life comes from.
func lifeReason(h http.Header) string {
	switch {
	case strings.Contains(strings.ToLower(h.Get("Cache-Control")), "max-age"):
		if h.Get("Age") != "" {
			return ", because of max-age less Age (at least 1 minute, at most 24 hours)"
		}
		return ", because of max-age (at least 1 minute, at most 24 hours)"
	case h.Get("Expires") != "":
		return ", because of Expires (at least 1 minute, at most 24 hours)"
	}
	return ", because the server states no life"
}

func algOf(k *jwk.Key) string {
	if k.Algorithm() == "" {
		return ", no alg"
	}
	return ", alg " + terminal.ShortWord(string(k.Algorithm()))
}

func deviationsOf(k *jwk.Key) string {
	r := newKeyReport(0, k)
	if len(r.Deviations) == 0 {
		return ""
	}
	return "; deviates: " + r.deviations()
}

// summary says what was fetched.
func (o *observer) summary(set *jwk.Set, s jwkhttp.Status) {
	for i, skipped := range set.Skipped() {
		if i == terminal.MaxWords {
			say(o.cmd, "skipped more entries: jwk inspect shows them all")
			break
		}
		r := newSkippedReport(skipped)
		kid := ""
		if r.KeyID != "" {
			kid = ", kid " + terminal.ShortWord(r.KeyID)
		}
		say(o.cmd, fmt.Sprintf("skipped the entry at index %d%s: %s", r.Index, kid, terminal.Escape(r.Error)))
	}
	say(o.cmd, count(set.Len(), "key", "keys")+", "+count(len(set.Skipped()), "entry", "entries")+" skipped; "+lifeOf(s))
}
