//go:build !race

package jwkhttp_test

import (
	"net/http"
	"testing"
)

// TestHandlerAllocations: if this fails, each request for the set costs more memory. An answer makes
// one allocation: the array of its header values, which code around the Handler may change. The
// body and the values are made once for each set. The race detector allocates too, so this test
// does not run with it.
func TestHandlerAllocations(t *testing.T) {
	h := staticHandler(t, "RSA-2048", "RSA-3072", "ML-DSA-44")
	etag := askHandler(h, "GET").Header().Get("ETag")
	for name, header := range map[string]http.Header{
		"plain":        {},
		"browser":      {"Accept": {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, "Accept-Encoding": {"gzip, deflate, br"}},
		"set type":     {"Accept": {"application/jwk-set+json, application/json;q=0.9"}},
		"not modified": {"If-None-Match": {`"old", ` + etag}},
	} {
		t.Run(name, func(t *testing.T) {
			w := discard{http.Header{}}
			r := &http.Request{Method: "GET", Header: header}
			got := testing.AllocsPerRun(100, func() {
				clear(w.header)
				h.ServeHTTP(w, r)
			})
			if got > 1 {
				t.Errorf("got %v allocations, want at most 1", got)
			}
		})
	}
}
