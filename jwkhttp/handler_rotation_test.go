package jwkhttp_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// TestHandlerIfNoneMatch: if this fails, clients download a set that they have, or keep a set that
// has changed.
func TestHandlerIfNoneMatch(t *testing.T) {
	var source atomic.Pointer[jwk.Set]
	h := jwkhttp.NewHandler(source.Load, nil)
	tags := func(names ...string) (plain, packed string) {
		source.Store(handlerSet(t, names...))
		return askHandler(h, "GET").Header().Get("ETag"), askHandler(h, "GET", "Accept-Encoding", "gzip").Header().Get("ETag")
	}
	oldPlain, oldGzip := tags("RSA-2048", "RSA-3072", "ML-DSA-44")
	plain, packed := tags("RSA-3072", "ML-DSA-44", "ML-DSA-65")
	if oldPlain == plain || oldGzip == packed || plain == packed {
		t.Fatalf("got tags %s %s %s %s, want four different ones", oldPlain, oldGzip, plain, packed)
	}
	long := fmt.Sprintf("%q", bytes.Repeat([]byte("x"), 5000))
	for _, c := range []struct {
		name  string
		lines []string
		coded string // Accept-Encoding
		want  string // the ETag of a 304, or "" for 200
	}{
		{"V03 absent", nil, "", ""},
		{"V03 old", []string{oldPlain}, "", ""},
		{"V03 old gzip", []string{oldGzip}, "gzip", ""},
		{"V03 new", []string{plain}, "", plain},
		{"V03 new gzip", []string{packed}, "gzip", packed},
		{"V03 gzip for plain", []string{packed}, "", packed},
		{"V03 plain for gzip", []string{plain}, "gzip", plain},
		{"V03 both, plain", []string{packed + "," + plain}, "", plain},
		{"V03 both, gzip", []string{plain + "," + packed}, "gzip", packed},
		{"V03 any", []string{"*"}, "", plain},
		{"V03 any, gzip", []string{" * "}, "gzip", packed},
		{"V03 list", []string{oldPlain + ` ,	"a,b", ,` + plain}, "", plain},
		{"V03 list in two lines", []string{oldPlain, plain}, "", plain},
		{"V03 weak", []string{"W/" + plain}, "", plain},
		{"V03 weak in a list", []string{`W/"", W/` + oldPlain + `, W/` + plain}, "", plain},
		{"V03 a tag with a backslash", []string{`"\", ` + plain}, "", plain},
		{"V03 w in lower case", []string{"w/" + plain}, "", ""},
		{"V03 in another tag", []string{`"x` + plain}, "", ""},
		{"V03 without quotes", []string{plain[1 : len(plain)-1]}, "", ""},
		{"V03 cut", []string{plain[:len(plain)-1]}, "", ""},
		{"V03 empty", []string{""}, "", ""},
		{"V03 after a malformed tag", []string{`"a b", ` + plain}, "", ""},
		{"V03 after a tag with a control character", []string{"\"a\x7fb\", " + plain}, "", ""},
		{"V03 in a line after a malformed line", []string{`"a b"`, plain}, "", plain},
		{"V03 longer than 4 KiB", []string{long, plain}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := []string{"Accept-Encoding", c.coded}
			for _, line := range c.lines {
				header = append(header, "If-None-Match", line)
			}
			w := askHandler(h, "GET", header...)
			if c.want == "" {
				checkWhole(t, w)
			} else if got := w.Header().Get("ETag"); w.Code != 304 || got != c.want || w.Body.Len() > 0 {
				t.Errorf("got %d %s and %d bytes, want 304 %s without a body", w.Code, got, w.Body.Len(), c.want)
			}
		})
	}
}

// TestHandlerSameContent: if this fails, a service that reads the same keys again makes all clients
// download them again.
func TestHandlerSameContent(t *testing.T) {
	var source atomic.Pointer[jwk.Set]
	h := jwkhttp.NewHandler(source.Load, nil)
	source.Store(handlerSet(t, "P-256", "Ed25519"))
	etag := askHandler(h, "GET").Header().Get("ETag")
	source.Store(handlerSet(t, "P-256", "Ed25519"))
	if w := askHandler(h, "GET", "If-None-Match", etag); w.Code != 304 {
		t.Errorf("got %d, want 304", w.Code)
	}
	source.Store(nil)
	if w := askHandler(h, "GET", "If-None-Match", etag); w.Code != 503 {
		t.Errorf("without a set: got %d, want 503", w.Code)
	}
}

// TestHandlerUnderRotation: if this fails, a client reads a set that was never published, or an
// ETag that belongs to another set.
func TestHandlerUnderRotation(t *testing.T) {
	const readers, rotations = 50, 30
	t.Run("V04 50 readers", func(t *testing.T) {
		sets := []*jwk.Set{
			handlerSet(t, "P-256", "Ed25519"), handlerSet(t, "Ed25519", "P-384"), handlerSet(t, "P-384", "RSA-2048", "ML-DSA-44"),
		}
		whole := map[string]bool{}
		for _, set := range sets {
			body, err := set.Public().MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			whole[string(body)] = true
		}
		var source atomic.Pointer[jwk.Set]
		source.Store(sets[0])
		h := jwkhttp.NewHandler(source.Load, nil)
		var done atomic.Bool
		var wait sync.WaitGroup
		for i := range readers {
			wait.Go(func() {
				for !done.Load() {
					w := askHandler(h, "GET", "Accept-Encoding", []string{"", "gzip"}[i%2])
					if body, err := wholeBody(w); err != nil || !whole[string(body)] {
						t.Errorf("got %q, %v, want one whole set", body, err)
						return
					}
				}
			})
		}
		for i := range rotations {
			next := sets[i%len(sets)]
			source.Store(next)
			want, err := next.Public().MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if got := askHandler(h, "GET").Body.Bytes(); !bytes.Equal(got, want) {
				t.Errorf("a request after the rotation: got %s, want %s", got, want)
			}
		}
		done.Store(true)
		wait.Wait()
	})
}

// TestHandlerRendersOnce: if this fails, a rotation costs each waiting client a rendering, and
// OnDropped counts requests.
func TestHandlerRendersOnce(t *testing.T) {
	const clients = 50
	set := handlerSet(t, "oct-256", "RSA-2048")
	var calls, dropped atomic.Int32
	rendering := make(chan struct{}) // closed when the first client is about to render
	waiting := make(chan struct{})   // closed when all other clients have met the new set
	h := jwkhttp.NewHandler(func() *jwk.Set {
		switch calls.Add(1) {
		case 2:
			close(rendering)
			<-waiting
		case clients + 1: // two calls by the first client, one by each other client
			close(waiting)
		}
		return set
	}, &jwkhttp.HandlerOptions{OnDropped: func(*jwk.Key) { dropped.Add(1) }})
	var wait sync.WaitGroup
	ask := func() {
		if _, err := wholeBody(askHandler(h, "GET")); err != nil {
			t.Error(err)
		}
	}
	wait.Go(ask)
	<-rendering
	for range clients - 1 {
		wait.Go(ask)
	}
	wait.Wait()
	if got := dropped.Load(); got != 1 {
		t.Errorf("OnDropped: got %d calls, want 1", got)
	}
}

// TestHandlerNeverGoesBack: if this fails, a request that loaded the set before a rotation brings
// the old set back after it.
func TestHandlerNeverGoesBack(t *testing.T) {
	first, loaded, last := handlerSet(t, "P-256"), handlerSet(t, "P-384"), handlerSet(t, "P-521")
	for name, c := range map[string]struct {
		after  *jwk.Set // what source returns after the request has loaded its set
		status int
	}{"rotation": {last, 200}, "no set": {nil, 503}} {
		t.Run(name, func(t *testing.T) {
			answers := []*jwk.Set{first, first, loaded}
			h := jwkhttp.NewHandler(func() *jwk.Set {
				if len(answers) == 0 {
					return c.after
				}
				set := answers[0]
				answers = answers[1:]
				return set
			}, nil)
			checkWhole(t, askHandler(h, "GET")) // calls source twice
			w := askHandler(h, "GET")
			if w.Code != c.status {
				t.Fatalf("got %d, want %d", w.Code, c.status)
			}
			if c.status != 200 {
				return
			}
			want, err := c.after.Public().MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if got := checkWhole(t, w); !bytes.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// TestHandlerAfterPanic: if this fails, one panic in the code of the caller stops the service.
func TestHandlerAfterPanic(t *testing.T) {
	set := handlerSet(t, "oct-256", "P-256")
	for _, c := range []struct {
		name    string
		panicAt int // the call of source that panics; 0 for a panic in OnDropped
	}{{"source", 1}, {"source under the lock", 2}, {"OnDropped", 0}} {
		t.Run(c.name, func(t *testing.T) {
			calls := 0
			h := jwkhttp.NewHandler(func() *jwk.Set {
				if calls++; calls == c.panicAt {
					panic("jwkhttp: test panics")
				}
				return set
			}, &jwkhttp.HandlerOptions{OnDropped: func(*jwk.Key) {
				if c.panicAt == 0 {
					panic("jwkhttp: test panics")
				}
			}})
			checkPanic(t, "test panics", func() { askHandler(h, "GET") })
			checkWhole(t, askHandler(h, "GET"))
		})
	}
}

// TestHandlerLeavesOut: if this fails, a key that strict clients refuse is published, or a key that
// its owner has allowed is not.
func TestHandlerLeavesOut(t *testing.T) {
	const atOdds = `{"kty":"OKP","crv":"Ed25519","x":"B63r_R9TuDVEghHoyFcEhLXePTzN5iiRJoH6rn8zuEw","alg":"EdDSA","use":"enc"}`
	lenient := jwk.Parser{Lenient: true}
	odd, err := lenient.Parse([]byte(atOdds))
	if err != nil {
		t.Fatal(err)
	}
	short := jwk.Parser{MinRSABits: 1024}
	small, err := short.Parse([]byte(smallRSA))
	if err != nil {
		t.Fatal(err)
	}
	set := jwk.NewSet(odd, small)
	var dropped []*jwk.Key
	h := jwkhttp.NewHandler(func() *jwk.Set { return set }, &jwkhttp.HandlerOptions{
		OnDropped: func(k *jwk.Key) { dropped = append(dropped, k) },
	})
	if got := checkWhole(t, askHandler(h, "GET")); string(got) != `{"keys":[`+smallRSA+`]}` {
		t.Errorf("got %s, want only the RSA key", got)
	}
	if len(dropped) != 1 || dropped[0] != set.At(0) {
		t.Errorf("OnDropped: got %v, want [%v]", dropped, odd)
	}
	_, err = jwkhttp.NewStaticHandler(set, nil)
	checkArgument(t, err, jwk.ErrInvalid)
}

// smallRSA is a public key of 1024 bits, which a parser refuses by default.
const smallRSA = `{"kty":"RSA","n":"u2nn-wIHBbmqB6wj_RupkOg20JcSSDU0OzKTlvmdZ0HNTBbbjTkl_yuzXH7ngnChyUB7kFbl62H-_9zz1ghxoZA3BetNC_KbJXC8hr_dLsE0V_UTSZBtrsWMARerea8ZPTQjmZzNpNu8JBdnGnRR8cTUZpxhTjKthNtbRXR92nM","e":"AQAB"}`
