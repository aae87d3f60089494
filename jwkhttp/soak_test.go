package jwkhttp_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

var (
	seed     = flag.Uint64("seed", 0, "the seed of the soaks and of the simulation; 0 chooses one at random")
	soakTime = flag.Duration("soak", 10*time.Second, "how long the soak in real time takes; with -short it takes a second")
)

// newSeed returns the seed of a test, and logs it so that -seed can repeat the choices of the test.
func newSeed(t *testing.T) uint64 {
	s := *seed
	for s == 0 {
		s = rand.Uint64()
	}
	t.Logf("-seed=%d", s)
	return s
}

// A soaker reads a client whose provider is a rotor, and checks each answer. It must be the answer of
// one version of the set: not older than the last that the client has fetched, and not newer than
// the last that the provider has published.
type soaker struct {
	*rotor
	client                          *jwkhttp.Client
	refreshWait, timeout, staleFor  time.Duration
	reads, found, notFound, refused atomic.Int64
}

func newSoaker(t *testing.T, r *rotor, opts *jwkhttp.ClientOptions) *soaker {
	opts.HTTPClient = &http.Client{Transport: r}
	c, err := jwkhttp.NewClient(providerURL, opts)
	if err != nil {
		t.Fatal(err)
	}
	return &soaker{rotor: r, client: c, refreshWait: opts.RefreshWait, timeout: opts.Timeout, staleFor: opts.StaleFor}
}

// An agreement reports whether keys could be the answer of a version of the set. Both are masks.
type agreement func(keys, version uint32) bool

// ask makes a read of some kind. It returns the answer, and what the versions must have for it.
func (s *soaker) ask(ctx context.Context, rng *rand.Rand) ([]*jwk.Key, agreement, error) {
	same := func(keys, version uint32) bool { return keys == version }
	find := func(q jwk.Query) ([]*jwk.Key, error) {
		k, err := s.client.Find(ctx, q)
		if err != nil {
			return nil, err
		}
		return []*jwk.Key{k}, nil
	}
	switch rng.IntN(32) {
	case 0: // a kid that is never published
		keys, err := find(jwk.Query{KeyID: fmt.Sprint("stranger-", rng.IntN(1<<20))})
		return keys, func(keys, _ uint32) bool { return keys == 0 }, err
	case 1: // any key; each version has one
		keys, err := find(jwk.Query{Algorithm: jwk.EdDSA})
		return keys, func(keys, version uint32) bool { return keys&version != 0 }, err
	case 2:
		keys, err := s.client.FindAll(ctx, jwk.Query{})
		return keys, same, err
	case 3:
		set, err := s.client.Set(ctx)
		if set == nil {
			return nil, same, err
		}
		return slices.Collect(set.All()), same, err
	}
	number := rng.IntN(len(s.keys))
	keys, err := find(jwk.Query{KeyID: s.keys[number].KeyID()})
	return keys, func(keys, version uint32) bool { return keys == version&(1<<number) }, err
}

// read makes a read, and returns an error if the answer is wrong.
func (s *soaker) read(rng *rand.Rand) error {
	ctx := context.Background()
	if rng.IntN(32) == 0 { // a caller who gives up; the others must not notice
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.Int64N(int64(s.refreshWait))))
		defer cancel()
	}
	begin := s.moment()
	keys, agree, err := s.ask(ctx, rng)
	end := s.moment()
	s.reads.Add(1)
	usable := begin.oldest >= 0 && begin.now.Sub(begin.fetchedAt) < s.staleFor
	if s.inBubble {
		limit := s.refreshWait
		if !usable {
			limit = s.timeout + time.Second
		}
		if took := end.now.Sub(begin.now); took > limit {
			return fmt.Errorf("a read waited %v, want at most %v", took, limit)
		}
	}
	var notFound *jwk.NotFoundError
	switch {
	case err != nil && len(keys) > 0:
		return fmt.Errorf("both an answer and an error, want only one: %w", err)
	case err == nil:
		s.found.Add(1)
	case errors.As(err, &notFound):
		s.notFound.Add(1)
	case !errors.Is(err, jwkhttp.ErrFetch):
		return fmt.Errorf("got %w, want an error that is ErrFetch", err)
	case usable && end.now.Sub(begin.fetchedAt) < s.staleFor && ctx.Err() == nil:
		return fmt.Errorf("%w, although a set was fetched %v ago", err, end.now.Sub(begin.fetchedAt))
	default:
		s.refused.Add(1)
		return nil
	}
	if begin.now.Sub(end.fetchedAt) > s.staleFor {
		return fmt.Errorf("an answer from a set that was fetched %v ago", begin.now.Sub(end.fetchedAt))
	}
	oldest := begin.oldest
	if ctx.Err() != nil {
		oldest = begin.hasSet // the caller gave up the wait for a refresh
	}
	return s.check(keys, agree, max(oldest, 0), end.newest)
}

// check checks that keys are the answer of one of the versions from oldest to newest.
func (s *soaker) check(keys []*jwk.Key, agree agreement, oldest, newest int) error {
	var mask uint32
	for _, k := range keys {
		number, ok := s.numbers[k.KeyID()]
		if !ok || k.Thumbprint() != s.keys[number].Thumbprint() || k.IsPrivate() {
			return fmt.Errorf("a wrong key with the kid %q", k.KeyID())
		}
		mask |= 1 << number
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.versions[oldest : newest+1] {
		if agree(mask, v.mask) {
			return nil
		}
	}
	return fmt.Errorf("no version from %d to %d has the answer %016b", oldest, newest, mask)
}

// readUntil makes reads until ctx ends, with pauses between them. It stops at the first wrong answer.
func (s *soaker) readUntil(ctx context.Context, seed uint64, pause time.Duration) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for n := 0; ctx.Err() == nil; n++ {
		if err := s.read(rng); err != nil {
			s.t.Errorf("read %d: %v", s.reads.Load(), err)
			return
		}
		switch {
		case pause > 0:
			sleepUntil(ctx, time.Duration(rng.Int64N(int64(pause))))
		case n%4 == 0:
			runtime.Gosched() // or the provider would wait until the scheduler interrupts a reader
		}
	}
}

// refreshUntil refreshes the client until ctx ends: at once after a failure, and otherwise now and
// then. In real time, the pause after a failure would be as long as the soak.
func (s *soaker) refreshUntil(ctx context.Context, pause time.Duration) {
	for sleepUntil(ctx, s.draw(0, pause)) {
		if s.client.Status().LastError == nil && s.draw(0, 63) != 0 {
			continue
		}
		answered := s.hurry()
		if s.client.Refresh(context.Background()) == nil {
			s.hasLanded(answered)
		}
	}
}

// finish checks that the client has the last version when the provider works, and closes the client.
func (s *soaker) finish(t *testing.T) {
	s.hurry()
	_ = s.client.Refresh(context.Background()) // may be one that began during a fault
	if err := s.client.Refresh(context.Background()); err != nil {
		t.Errorf("Refresh at the end: %v", err)
	}
	set, err := s.client.Set(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	last := len(s.versions) - 1
	if err := s.check(slices.Collect(set.All()), func(keys, version uint32) bool { return keys == version }, last, last); err != nil {
		t.Errorf("at the end: %v", err)
	}
	st := s.client.Status()
	if got, want := int(st.Fetches), s.sum(); s.inBubble && got != want { // in real time, Set may have begun another
		t.Errorf("the client counts %d fetches, the provider %d requests", got, want)
	}
	if st.Failures == 0 || st.NotModified == 0 || last == 0 || s.found.Load() == 0 || s.notFound.Load() == 0 {
		t.Error("the soak was too short to find anything")
	}
	t.Logf("%d reads: %d found, %d not found, %d refused; %d versions; %d fetches: %d failed, %d not modified; %v",
		s.reads.Load(), s.found.Load(), s.notFound.Load(), s.refused.Load(), last+1, st.Fetches, st.Failures, st.NotModified, s.requests)
	s.client.Close()
}

// TestSoakOfDays reads clients for days of fake time, while their providers rotate keys and have every
// fault in turn. It shows that a key that was removed is not found after the life of the set, unless
// the provider fails; that no fault changes an answer; that no read waits too long; and that the
// provider never gets a request during a pause, two requests at once, or too many of them.
func TestSoakOfDays(t *testing.T) {
	const (
		day     = 24 * time.Hour
		minLife = time.Minute
	)
	for _, test := range []struct {
		name    string
		long    time.Duration
		readers int
		pause   time.Duration // between the reads of a reader, at most
	}{
		{"busy", 2 * day, 12, 20 * time.Second},
		{"idle", 30 * day, 2, time.Hour}, // most lives end between two reads
	} {
		t.Run(test.name, func(t *testing.T) {
			seed := newSeed(t)
			bubble(t, func(t *testing.T) {
				s := newSoaker(t, newRotor(t, seed, true, rotorOptions{
					rotation: 10 * time.Minute, works: time.Hour, faulty: 30 * time.Minute, outage: 3 * time.Hour,
					latency: time.Second, slow: 9 * time.Second, maxLife: 15 * 60,
				}), &jwkhttp.ClientOptions{
					MinTTL: minLife, RefreshWait: 2 * time.Second, Timeout: 10 * time.Second, StaleFor: 2 * time.Hour,
					UnknownKeyInterval: 30 * time.Second, UnknownKeyBurst: 2,
				})
				ctx, cancel := context.WithTimeout(context.Background(), test.long)
				defer cancel()
				var wg sync.WaitGroup
				wg.Go(func() { s.rotate(ctx) })
				wg.Go(func() { s.spoil(ctx) })
				for i := range test.readers {
					wg.Go(func() { s.readUntil(ctx, seed+uint64(i), test.pause) })
				}
				wg.Wait()
				// One for each life that ends, and those that unknown keys may cause.
				if got, most := s.sum(), int(test.long/(minLife*72/100)+test.long/(30*time.Second))+2; got > most {
					t.Errorf("%d requests, want at most %d", got, most)
				}
				s.finish(t)
				s.checkFaults(t)
			})
		})
	}
}

// TestSoak reads clients from all CPUs in real time, while their lives end every few milliseconds, and
// their providers rotate keys and fail. It is for the race detector: a race between reads and
// refreshes would give a service a wrong key now and then.
func TestSoak(t *testing.T) {
	long := *soakTime
	if testing.Short() {
		long = time.Second
	}
	seed := newSeed(t)
	before := runtime.NumGoroutine()
	var soakers []*soaker
	ctx, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 2 { // one has only reads, the other is started
		s := newSoaker(t, newRotor(t, seed+uint64(i), false, rotorOptions{
			rotation: 2 * time.Millisecond, works: 8 * time.Millisecond, faulty: 4 * time.Millisecond, outage: 20 * time.Millisecond,
			slow: 9 * time.Millisecond,
		}), &jwkhttp.ClientOptions{
			MinTTL: time.Millisecond, DefaultTTL: 2 * time.Millisecond,
			RefreshWait: 2 * time.Millisecond, Timeout: 10 * time.Millisecond, StaleFor: time.Hour,
			UnknownKeyInterval: 2 * time.Millisecond, UnknownKeyBurst: 2,
			OnEvent: func(jwkhttp.Event) {},
		})
		soakers = append(soakers, s)
		if i == 1 {
			if err := s.client.Start(ctx); err != nil {
				t.Error(err)
			}
		}
		wg.Go(func() { s.rotate(ctx) })
		wg.Go(func() { s.spoil(ctx) })
		wg.Go(func() { s.refreshUntil(ctx, time.Millisecond) })
		for n := range 4 * runtime.GOMAXPROCS(0) {
			wg.Go(func() { s.readUntil(ctx, seed+uint64(n), 0) })
		}
	}
	wg.Wait()
	for _, s := range soakers {
		s.finish(t)
	}
	cancel()
	checkGoroutines(t, before)
}

// checkGoroutines checks that no goroutines are left beside those that there were before.
func checkGoroutines(t *testing.T, before int) {
	for range 1_000_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d goroutines, want %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}
