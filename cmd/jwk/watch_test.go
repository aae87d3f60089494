package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// answers is a transport that gives one answer after the other: a set, or the status of a failure.
type answers struct {
	texts []string
	last  func() // called at the request after the last answer
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(a.texts) == 0 {
		a.last()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	text := a.texts[0]
	a.texts = a.texts[1:]
	status := http.StatusOK
	switch text {
	case "503":
		status = http.StatusServiceUnavailable
	case "502":
		status = http.StatusBadGateway
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// watched returns what a watcher writes for some answers.
func watched(t *testing.T, asJSON bool, texts ...string) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := newWatcher(&out, asJSON)
		client, err := jwkhttp.NewClient("https://provider.example/jwks", &jwkhttp.ClientOptions{
			HTTPClient: &http.Client{Transport: &answers{texts, cancel}},
			OnEvent:    w.event,
			MinTTL:     10 * time.Second,
			DefaultTTL: 10 * time.Second,
			MaxTTL:     10 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.watch(ctx, client); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	})
	return out.String()
}

// rotation is a day of a provider: a start, nothing new, changes, an outage, and its end.
var rotation = []string{
	setOf("a", "\x1b[31m"), setOf("a", "\x1b[31m"),
	strings.Replace(setOf("a", "b"), `"kid":"a"`, `"kid":"a","alg":"EdDSA"`, 1),
	"503", "503", "502", setOf("b"), setOf("b"),
}

// An operator must see each change of the keys once, and an outage by its beginning and its end.
func TestWatch(t *testing.T) {
	var got []string
	for line := range strings.Lines(watched(t, false, rotation...)) {
		at, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			t.Error(err)
		}
		got = append(got, rest)
	}
	const key = ", OKP Ed25519, thumbprint kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	want := []string{
		`found     kid a` + key,
		`found     kid "\x1b[31m"` + key,
		`added     kid b` + key,
		`changed   kid a` + key,
		`removed   kid "\x1b[31m"` + key,
		`failed    the answer has status 503, want 200`,
		`expired   the life of the set has ended, and clients go on using it because no fetch succeeds`,
		`failed    the answer has status 502, want 200`,
		`recovered after 3 failures`,
		`removed   kid a` + key,
	}
	if got, want := strings.Join(got, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A program reads each line as JSON, in ASCII.
func TestWatchJSON(t *testing.T) {
	var events []string
	text := watched(t, true, rotation...)
	for line := range strings.Lines(text) {
		var c change
		dec := json.NewDecoder(strings.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&c); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if c.Time.IsZero() || (c.KeyID != nil) != (c.Thumbprint != "") {
			t.Errorf("got %s, want a time, and a thumbprint with each kid", line)
		}
		events = append(events, c.Event)
	}
	if got, want := strings.Join(events, " "), "found found added changed removed failed expired failed recovered removed"; got != want {
		t.Errorf("events: got %s, want %s", got, want)
	}
	if strings.Contains(text, "\x1b") {
		t.Error("the text has a control character")
	}
}

// A reader that goes away, such as head, ends the command.
func TestWatchWriteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, out := io.Pipe()
		r.Close()
		w := newWatcher(out, false)
		client, err := jwkhttp.NewClient("https://provider.example/jwks", &jwkhttp.ClientOptions{
			HTTPClient: &http.Client{Transport: &answers{texts: []string{setOf("a", "b")}}},
			OnEvent:    w.event,
		})
		if err != nil {
			t.Fatal(err)
		}
		err = w.watch(t.Context(), client)
		if _, ok := errors.AsType[trouble](err); !ok || !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v, want a trouble with %v", err, io.ErrClosedPipe)
		}
	})
}
