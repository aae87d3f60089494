package jwkhttp_test

import (
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

var curve = flag.Bool("curve", false, "write the curve of the outage to testdata/outage.svg and testdata/outage.txt")

// The simulation: many clients of one provider, which is up for 20 minutes, down for an hour, and up
// again for 40 minutes. Half of the clients are started and have no reads. The others have reads.
const (
	simClients = 10_000
	simReaders = 500              // goroutines that read, each several clients in turn
	simReads   = 10 * time.Second // between two reads of a client
	simLatency = 50 * time.Millisecond

	simDown = 20 * time.Minute         // the outage begins: status 503 at first
	simHang = simDown + 30*time.Minute // from here on the provider accepts requests and sends nothing
	simUp   = simDown + 60*time.Minute // the outage ends
	simEnd  = simUp + 40*time.Minute   // the simulation ends

	simStep = 10 * time.Second // the curve has the number of requests in each step
)

// The defaults of the client, from which the bounds follow.
const (
	simLife    = 10 * time.Minute // DefaultTTL, since the provider states no life
	simWait    = 2 * time.Second  // RefreshWait
	simTimeout = 10 * time.Second // Timeout

	// A client refreshes its set after 72 % to 80 % of the life. A client without Start does so at
	// its next read.
	simCycle    = simLife * 76 / 100
	simMaxCycle = simLife*80/100 + simReads
)

// simPauses are the waits after failures in a row. The last one repeats. Each wait is shorter by up to
// a quarter.
var simPauses = [...]time.Duration{
	5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 300 * time.Second,
}

// mostRequests returns the largest number of requests that one client can send within a time if all
// of them fail. failures is the number of failures before the first one.
func mostRequests(within time.Duration, failures int) int {
	for n := 1; ; n++ {
		within -= simPauses[min(failures, len(simPauses)-1)] * 3 / 4
		if within < 0 {
			return n
		}
		failures++
	}
}

// A bound is the largest number of requests in each step of a part of the curve.
type bound struct {
	name     string
	from, to time.Duration
	most     float64
}

// bounds returns the bounds of a curve.
//
// Before the outage, each client sends one request in a cycle. The number of clients and the length of
// the cycle give the mean of a step. In the outage, each client sends a series of requests. A series
// begins when the client notices the outage. This happens at a random time within one cycle, because
// the clients started at random times. The mean of a step is therefore at most the mean before the
// outage, times the number of requests of one series within one cycle. After the outage, the clients
// come at the rate at which they came before its end.
func bounds(clients int, steps []int) []bound {
	mean := float64(clients) * float64(simStep) / float64(simCycle)
	first := float64(mostRequests(simMaxCycle, 0))
	later := float64(mostRequests(simMaxCycle, len(simPauses)-1))
	var settled time.Duration // all clients have reached the longest pause
	for _, p := range simPauses[:len(simPauses)-1] {
		settled += p + simReads
	}
	settled = simDown + (settled + simMaxCycle).Truncate(simStep) + simStep
	atEnd := total(steps, simUp-simLife, simUp) / float64(simLife/simStep)
	return []bound{
		{"before: each client sends one request in a cycle", simCycle.Truncate(simStep), simDown, noisy(mean)},
		{fmt.Sprintf("the outage begins: %.0f times the rate before", first), simDown, settled, noisy(first * mean)},
		{fmt.Sprintf("the outage goes on: %.0f times the rate before", later), settled, simUp, noisy(later * mean)},
		{"the outage has ended: the rate of its last 10 minutes", simUp, simEnd, noisy(atEnd)},
	}
}

// noisy returns the mean of a number of independent events plus six standard deviations. Chance exceeds
// it in fewer than one of 10 million steps.
func noisy(mean float64) float64 { return math.Ceil(mean + 6*math.Sqrt(mean)) }

// total returns the number of requests within a part of a curve.
func total(steps []int, from, to time.Duration) (n float64) {
	for _, requests := range steps[from/simStep : to/simStep] {
		n += float64(requests)
	}
	return n
}

// A crowd is the provider of the simulation. It counts the requests.
type crowd struct {
	began time.Time
	body  string

	mu     sync.Mutex
	steps  []int // requests in each step, and in two more for the last requests
	outage []int // requests of each client during the outage
}

func (s *crowd) RoundTrip(r *http.Request) (*http.Response, error) {
	now := time.Since(s.began)
	s.mu.Lock()
	s.steps[now/simStep]++
	if now >= simDown && now < simUp {
		i, err := strconv.Atoi(r.Header.Get("User-Agent"))
		if err != nil {
			panic(err)
		}
		s.outage[i]++
	}
	s.mu.Unlock()
	if now >= simHang && now < simUp {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	time.Sleep(simLatency)
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {`"1"`}}, Request: r}
	body := s.body
	switch {
	case now >= simDown && now < simUp:
		response.StatusCode, body = http.StatusServiceUnavailable, ""
	case r.Header.Get("If-None-Match") == `"1"`:
		response.StatusCode, body = http.StatusNotModified, ""
	}
	response.Body = io.NopCloser(strings.NewReader(body))
	return response, nil
}

// client returns the client with a number.
func (s *crowd) client(t *testing.T, i int) *jwkhttp.Client {
	c, err := jwkhttp.NewClient(providerURL, &jwkhttp.ClientOptions{
		HTTPClient: &http.Client{Transport: s},
		Header:     http.Header{"User-Agent": {strconv.Itoa(i)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A reader reads some clients in turn, every few seconds, until the simulation ends. One goroutine for
// each client would double the time of the test.
type reader struct {
	clients []*jwkhttp.Client
	begins  []time.Duration // the first reads
	longest time.Duration   // the longest wait of a read
	reads   int
}

// run makes the reads. It returns an error if one fails or finds another key.
func (r *reader) run(s *crowd, want jwk.Thumbprint) error {
	time.Sleep(rand.N(simReads))
	for ; time.Since(s.began) < simEnd; time.Sleep(simReads) {
		for i, c := range r.clients {
			start := time.Now()
			if start.Sub(s.began) < r.begins[i] {
				continue
			}
			k, err := find(c, "a")
			if err != nil {
				return fmt.Errorf("a read after %v: %w", start.Sub(s.began), err)
			}
			if k.Thumbprint() != want {
				return errors.New("a read found another key")
			}
			r.longest = max(r.longest, time.Since(start))
			r.reads++
		}
	}
	return nil
}

// TestOutageOfAnHour shows that a provider is never hit by all of its clients at once: not when it
// fails, not while it is down, and not when it comes back. Otherwise its clients would keep it down.
// Their users notice nothing: no read fails, and no read waits longer than RefreshWait.
func TestOutageOfAnHour(t *testing.T) {
	clients := simClients
	if testing.Short() || hasRaceDetector() {
		clients /= 10 // with the race detector, 10,000 clients would take minutes on a busy machine
	}
	bubble(t, func(t *testing.T) {
		s := simulate(t, clients)
		checkCurve(t, s, clients)
	})
}

// hasRaceDetector reports whether the test was built with -race.
func hasRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// simulate runs the simulation and checks the clients.
func simulate(t *testing.T, n int) *crowd {
	signing := key(t, "P-256", "a")
	s := &crowd{
		began: time.Now(), body: string(newProvider(t, signing).body),
		steps: make([]int, simEnd/simStep+2), outage: make([]int, n),
	}
	rng := rand.New(rand.NewPCG(newSeed(t), 0))
	var wg sync.WaitGroup
	clients, readers := make([]*jwkhttp.Client, n), make([]reader, simReaders)
	for i := range clients {
		c := s.client(t, i)
		clients[i] = c
		// The clients start as if they had run for long: at any time within a cycle.
		begin := time.Duration(rng.Int64N(int64(simCycle)))
		if i%2 == 1 {
			r := &readers[i/2%len(readers)]
			r.clients, r.begins = append(r.clients, c), append(r.begins, begin)
			continue
		}
		wg.Go(func() {
			time.Sleep(begin)
			if err := c.Start(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range readers {
		offset := time.Duration(rng.Int64N(int64(simReads)))
		wg.Go(func() {
			time.Sleep(offset)
			if err := readers[i].run(s, signing.Thumbprint()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	reads, longest := 0, time.Duration(0)
	for i := range readers {
		reads, longest = reads+readers[i].reads, max(longest, readers[i].longest)
	}
	t.Logf("%d clients, %d reads, the longest waited %v", n, reads, longest)
	if longest > simWait {
		t.Errorf("a read waited %v, want at most %v", longest, simWait)
	}
	// A client without Start refreshes its set at a read, so a few intervals later.
	const oldest = simMaxCycle + 3*simReads
	for _, c := range clients {
		if st := c.Status(); st.LastError != nil || time.Since(st.FetchedAt) > oldest {
			t.Errorf("%v after the outage, a client has a set from %v ago and the error %v", simEnd-simUp, time.Since(st.FetchedAt), st.LastError)
		}
		c.Close()
	}
	time.Sleep(simTimeout) // for requests that are under way
	synctest.Wait()
	return s
}

// checkCurve checks the requests of a simulation, and shows them.
func checkCurve(t *testing.T, s *crowd, clients int) {
	if got, want := slices.Max(s.outage), mostRequests(simUp-simDown, 0); got > want {
		t.Errorf("a client sent %d requests during the outage, want at most %d", got, want)
	}
	limits := bounds(clients, s.steps)
	for _, b := range limits {
		for at := b.from; at < b.to; at += simStep {
			if got := s.steps[at/simStep]; float64(got) > b.most {
				t.Errorf("%d requests within %v after %v, want at most %.0f (%s)", got, simStep, at, b.most, b.name)
			}
		}
	}
	title := curveTitle(clients) + "\n" + curveNote + "\n"
	text, picture := title+curveText(s.steps, limits), curveSVG(clients, s.steps, limits)
	t.Log("\n" + text)
	if err := xml.Unmarshal([]byte(picture), new(struct{})); err != nil {
		t.Errorf("the picture of the curve is not XML: %v", err)
	}
	if clients != simClients {
		return
	}
	if *curve && !t.Failed() {
		writeCurve(t, text, picture)
	}
	written, err := os.ReadFile("testdata/outage.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(written), title) {
		t.Errorf("testdata/outage.txt shows another simulation; run this test with -curve")
	}
}

// writeCurve writes the files that documents show. Each run has another curve, because the clients
// draw random times. For this reason -curve writes the files, and not -update.
func writeCurve(t *testing.T, text, picture string) {
	for name, content := range map[string]string{"outage.txt": text, "outage.svg": picture} {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(content), 0o644); err != nil {
			t.Error(err)
		}
	}
}
