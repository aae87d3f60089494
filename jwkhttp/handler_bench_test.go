package jwkhttp_test

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// noTime is the time of a file whose time is not known.
var noTime time.Time

// A discard is a ResponseWriter that throws the answer away. Its caller clears the header.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkHandler measures a GET of three keys without the network, by ServeHTTP and by
// http.ServeContent of the same bytes with the same header. The fields of the request are those
// that the http.Client of Go sends. NotModified is a request with the current ETag, and Hostile is
// one whose fields are just short enough to be read.
func BenchmarkHandler(b *testing.B) {
	h := staticHandler(b, "RSA-2048", "P-256", "Ed25519")
	sent := askHandler(h, "GET")
	body := sent.Body.Bytes()
	fields := sent.Header()
	fields.Del("Content-Length") // set by ServeContent
	request := func(pairs ...string) *http.Request {
		r := &http.Request{Method: "GET", Header: http.Header{"User-Agent": {"Go-http-client/1.1"}, "Accept-Encoding": {"gzip"}}}
		for i := 0; i < len(pairs); i += 2 {
			r.Header.Set(pairs[i], pairs[i+1])
		}
		return r
	}
	run := func(name string, serve func(http.ResponseWriter, *http.Request), r *http.Request) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			w := discard{http.Header{}}
			for b.Loop() {
				clear(w.header)
				serve(w, r)
			}
		})
	}
	run("ServeHTTP", h.ServeHTTP, request())
	run("ServeContent", func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), fields) // cheaper than Set
		http.ServeContent(w, r, "", noTime, bytes.NewReader(body))
	}, request())
	run("NotModified", h.ServeHTTP, request("If-None-Match", fields.Get("ETag")))
	run("Hostile", h.ServeHTTP, request("If-None-Match", strings.Repeat(`"",`, 1300),
		"Accept", strings.Repeat("a;q=0,", 680), "Accept-Encoding", strings.Repeat("a;q=0,", 680)))
}

// BenchmarkHandlerRotation measures the first request for a set of three keys, which includes its
// rendering and the check of its body.
func BenchmarkHandlerRotation(b *testing.B) {
	sets := []*jwk.Set{
		handlerSet(b, "RSA-2048", "P-256", "Ed25519"), handlerSet(b, "RSA-2048", "P-384", "Ed25519"),
	}
	set := sets[0]
	h := jwkhttp.NewHandler(func() *jwk.Set { return set }, nil)
	w := discard{http.Header{}}
	r := &http.Request{Method: "GET"}
	for i := 0; b.Loop(); i++ {
		set = sets[i%2]
		clear(w.header)
		h.ServeHTTP(w, r)
	}
}
