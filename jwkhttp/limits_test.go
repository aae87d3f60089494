package jwkhttp_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A stream is the body of an answer that sends blanks, as many as asked for or one at a time.
type stream struct {
	every time.Duration // between two octets; 0 means that all come at once
	left  int64
	ctx   context.Context
	read  int64
	ended bool // Close was called
}

func (s *stream) Read(b []byte) (int, error) {
	if s.every > 0 {
		timer := time.NewTimer(s.every)
		defer timer.Stop()
		select {
		case <-timer.C:
			b = b[:1]
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
	}
	n := min(int64(len(b)), s.left)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range b[:n] {
		b[i] = ' '
	}
	s.left, s.read = s.left-n, s.read+n
	return int(n), nil
}

func (s *stream) Close() error {
	s.ended = true
	return nil
}

// A server that sends without end, or almost nothing, must cost no more than the limits say.
func TestSlowAndEndlessAnswers(t *testing.T) {
	const limit = 1 << 20
	for _, test := range []struct {
		name string
		body *stream // nil: no answer
		took time.Duration
		want error
	}{
		{"F03 endless", &stream{left: 1 << 62}, 0, jwk.ErrPolicy},
		{"F03 100 MiB", &stream{left: 100 << 20}, 0, jwk.ErrPolicy},
		{"F03 one octet too many", &stream{left: limit + 1}, 0, jwk.ErrPolicy},
		{"F03 at the limit", &stream{left: limit}, 0, jwk.ErrSyntax},
		{"F04 no answer", nil, 10 * time.Second, context.DeadlineExceeded},
		{"F04 1 octet a second", &stream{every: time.Second, left: limit}, 10 * time.Second, context.DeadlineExceeded},
	} {
		run(t, test.name, func(t *testing.T) {
			p := newProvider(t)
			p.wait(time.Hour)
			if test.body != nil {
				p.change(func() {
					p.answer = func(r *http.Request) (*http.Response, error) {
						response := respond(r, 200, make(http.Header), nil)
						test.body.ctx, response.Body = r.Context(), test.body
						return response, nil
					}
				})
			}
			c := p.client(t, nil)
			waited := took(func() {
				_, err := find(c, "a")
				checkErrors(t, err, test.want, jwkhttp.ErrFetch)
			})
			synctest.Wait()
			if waited != test.took {
				t.Errorf("took %v, want %v", waited, test.took)
			}
			if b := test.body; b != nil && (!b.ended || b.read > limit+1) {
				t.Errorf("read %d octets, closed %v, want at most one more than the limit, and closed", b.read, b.ended)
			}
		})
	}
}

// Some transports, such as mocks and caches, do not heed the context of a request. They must
// not hold the reads, nor hide that the fetch failed.
func TestTransportThatIgnoresItsContext(t *testing.T) {
	run(t, "F04", func(t *testing.T) {
		var events recorder
		p := newProvider(t, key(t, "P-256", "old"))
		old := p.body
		p.change(func() {
			p.answer = func(r *http.Request) (*http.Response, error) {
				time.Sleep(time.Hour)
				return respond(r, 200, make(http.Header), bytes.NewReader(old)), nil
			}
		})
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: events.add})
		for _, limit := range []time.Duration{11 * time.Second, 0} {
			waited := took(func() {
				_, err := find(c, "a")
				checkErrors(t, err, context.DeadlineExceeded, jwkhttp.ErrFetch)
			})
			if waited > limit {
				t.Errorf("a read waited %v, want at most %v", waited, limit)
			}
		}
		events.checkKinds(t, jwkhttp.FetchStarted, jwkhttp.FetchFailed)
		p.change(func() { p.answer = nil })
		p.publish(t, key(t, "P-384", "new"))
		sleep(5 * time.Second)
		mustFind(t, c, "new")
		events.take()
		sleep(2 * time.Hour) // the first answer comes, too late
		events.checkKinds(t, jwkhttp.Expired)
		if s := c.Status(); s.Fetches != 2 || s.Failures != 1 {
			t.Errorf("got %+v, want 2 fetches and 1 failure", s)
		}
		mustFind(t, c, "new")
	})
}

// Programs write the largest number to mean that there is no limit. A sum with it must not overflow, because
// a limit that becomes negative refuses everything.
func TestLargestOptions(t *testing.T) {
	type options = jwkhttp.ClientOptions
	for name, opts := range map[string]options{
		"MaxBytes":           {Parser: &jwk.Parser{MaxBytes: math.MaxInt}},
		"MaxBytes less one":  {Parser: &jwk.Parser{MaxBytes: math.MaxInt - 1}},
		"MaxKeys":            {Parser: &jwk.Parser{MaxKeys: math.MaxInt}},
		"MinTTL":             {MinTTL: math.MaxInt64},
		"DefaultTTL":         {DefaultTTL: math.MaxInt64},
		"MaxTTL":             {MaxTTL: math.MaxInt64},
		"RefreshWait":        {RefreshWait: math.MaxInt64},
		"StaleFor":           {StaleFor: math.MaxInt64},
		"Timeout":            {Timeout: math.MaxInt64},
		"UnknownKeyInterval": {UnknownKeyInterval: math.MaxInt64},
		"UnknownKeyBurst":    {UnknownKeyBurst: math.MaxInt},
		"all": {
			Parser: &jwk.Parser{MaxBytes: math.MaxInt, MaxKeys: math.MaxInt},
			MinTTL: math.MaxInt64, DefaultTTL: math.MaxInt64, MaxTTL: math.MaxInt64, RefreshWait: math.MaxInt64,
			StaleFor: math.MaxInt64, Timeout: math.MaxInt64, UnknownKeyInterval: math.MaxInt64, UnknownKeyBurst: math.MaxInt,
		},
	} {
		run(t, name, func(t *testing.T) {
			p := newProvider(t, key(t, "P-256", "a"))
			p.wait(time.Second)
			fetched := p.client(t, &opts)
			mustFind(t, fetched, "a")
			checkUnknown(t, fetched, "b")
			p.checkCount(t, 2)
			if err := fetched.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.checkCount(t, 3)
			restored := opts
			restored.Snapshot = fetched.Snapshot()
			c := p.client(t, &restored)
			mustFind(t, c, "a")
			p.checkCount(t, 3) // the snapshot was accepted
			for _, c := range []*jwkhttp.Client{fetched, c} {
				s := c.Status()
				if s.Keys != 1 || s.Stale || s.NextRefresh.Before(s.FetchedAt) || s.ExpiresAt.Before(s.NextRefresh) || s.StaleAt.Before(s.ExpiresAt) {
					t.Errorf("got %+v, want times in order", s)
				}
			}
			p.publish(t, key(t, "P-384", "c"))
			sleep(time.Hour)
			if opts.MinTTL+opts.DefaultTTL != 0 {
				mustFind(t, c, "a") // the set is still fresh
			} else {
				mustFind(t, c, "c")
			}
		})
	}
}
