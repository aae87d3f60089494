package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
	"github.com/seed1f6cf2d3/jwk/jwktest"
)

// metrics writes the state of a client in the text format of Prometheus.
func metrics(client *jwkhttp.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s := client.Status()
		write := func(name, kind string, value any) {
			fmt.Fprintf(w, "# TYPE jwks_%[1]s %s\njwks_%[1]s{host=%[3]q} %v\n", name, kind, s.Host, value)
		}
		write("keys", "gauge", s.Keys)
		write("stale_timestamp_seconds", "gauge", max(0, s.StaleAt.Unix()))
		write("fetches_total", "counter", s.Fetches)
		write("failures_total", "counter", s.Failures)
		write("rate_limited_total", "counter", s.RateLimited)
	}
}

// TestPrometheus: the text has one sample for each figure, and changes with the client. If it fails,
// operators learn of an outage only when the set is stale.
func TestPrometheus(t *testing.T) {
	server := publish(t, jwktest.Key(jwk.ES256))
	source := remote(t, server)
	host := strings.TrimPrefix(server.URL, "https://")
	check := func(step, keys, stale, fetches, failures, limited string) {
		t.Helper()
		recorder := httptest.NewRecorder()
		metrics(source)(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		want := ""
		for _, sample := range [...]struct{ name, kind, value string }{
			{"jwks_keys", "gauge", keys},
			{"jwks_stale_timestamp_seconds", "gauge", stale},
			{"jwks_fetches_total", "counter", fetches},
			{"jwks_failures_total", "counter", failures},
			{"jwks_rate_limited_total", "counter", limited},
		} {
			want += fmt.Sprintf("# TYPE %s %s\n%s{host=\"%s\"} %s\n", sample.name, sample.kind, sample.name, host, sample.value)
		}
		if got := recorder.Body.String(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", step, got, want)
		}
	}
	check("before the first fetch", "0", "0", "0", "0", "0")
	if _, err := source.Set(t.Context()); err != nil {
		t.Fatal(err)
	}
	stale := fmt.Sprint(source.Status().StaleAt.Unix())
	check("after the first fetch", "1", stale, "1", "0", "0")
	server.Fail(http.StatusServiceUnavailable)
	if err := source.Refresh(t.Context()); !errors.Is(err, jwkhttp.ErrFetch) {
		t.Errorf("got %v, want %v", err, jwkhttp.ErrFetch)
	}
	check("after a failure", "1", stale, "2", "1", "0")
}

// fetches is the callback of an Int64ObservableCounter of OpenTelemetry. Observer is
// metric.Int64Observer, and the compiler infers Option:
//
//	meter.Int64ObservableCounter("jwks.fetches", metric.WithInt64Callback(fetches[metric.Int64Observer](client)))
func fetches[Observer interface{ Observe(int64, ...Option) }, Option any](
	client *jwkhttp.Client, options ...Option,
) func(context.Context, Observer) error {
	return func(_ context.Context, observer Observer) error {
		observer.Observe(int64(client.Status().Fetches), options...)
		return nil
	}
}

// The types of package metric of OpenTelemetry that the callback meets.
type (
	observeOption any
	int64Observer interface {
		Observe(value int64, options ...observeOption)
		embedded() // as there, it keeps others from implementing the interface
	}
	int64Callback func(context.Context, int64Observer) error
)

// A gauge is an int64Observer that keeps the last value.
type gauge struct{ value int64 }

func (g *gauge) Observe(value int64, _ ...observeOption) { g.value = value }
func (g *gauge) embedded()                               {}

// TestOpenTelemetry: the callback has the type that OpenTelemetry wants, and observes the counter.
// If it fails, the metrics of a service that copies it do not compile, or stay at 0.
func TestOpenTelemetry(t *testing.T) {
	source := remote(t, publish(t, jwktest.Key(jwk.ES256)))
	var callback int64Callback = fetches[int64Observer](source)
	var observed gauge
	for _, want := range []int64{0, 1, 2} {
		if err := callback(t.Context(), &observed); err != nil || observed.value != want {
			t.Errorf("got %d, %v, want %d", observed.value, err, want)
		}
		if err := source.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
