package jwk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed1f6cf2d3/jwk"
)

// A fakeSource returns the same keys and error for every query, and counts the queries.
type fakeSource struct {
	keys  []*jwk.Key
	err   error
	asked int
}

func (s *fakeSource) Find(context.Context, jwk.Query) (*jwk.Key, error) {
	s.asked++
	if len(s.keys) == 0 {
		return nil, s.err
	}
	return s.keys[0], s.err
}

func (s *fakeSource) FindAll(context.Context, jwk.Query) ([]*jwk.Key, error) {
	s.asked++
	return s.keys, s.err
}

// A namedSource is a fakeSource with a String.
type namedSource struct {
	fakeSource
	name string
}

func (s *namedSource) String() string { return s.name }

// An outage is the error of a source that cannot look.
type outage struct{ host string }

func (e *outage) Error() string { return e.host + " does not answer" }

// namedKey returns the public P-256 fixture with a kid.
func namedKey(t testing.TB, kid string) *jwk.Key {
	t.Helper()
	return public(t, "P-256").with("kid", kid).key(t)
}

// TestSources: if this fails, a service with two sources uses a key of the wrong one, or asks a
// remote source although a local one has the key.
func TestSources(t *testing.T) {
	a, b, c := namedKey(t, "a"), namedKey(t, "b"), namedKey(t, "a")
	down := &outage{"down.example"}
	for _, tt := range []struct {
		name    string
		sources []jwk.Source
		want    []*jwk.Key
		asked   int // how many sources are asked, counted from the first
	}{
		{"the first has the key", []jwk.Source{&fakeSource{keys: []*jwk.Key{a}}, &fakeSource{keys: []*jwk.Key{c}}}, []*jwk.Key{a}, 1},
		{"the second has the keys", []jwk.Source{&fakeSource{err: jwk.ErrNotFound}, &fakeSource{keys: []*jwk.Key{b, a}}, &fakeSource{keys: []*jwk.Key{c}}}, []*jwk.Key{b, a}, 2},
		{"the first fails", []jwk.Source{&fakeSource{err: down}, &fakeSource{keys: []*jwk.Key{b}}}, []*jwk.Key{b}, 2},
		{"the first returns keys with an error", []jwk.Source{&fakeSource{keys: []*jwk.Key{a}, err: down}, &fakeSource{keys: []*jwk.Key{b}}}, []*jwk.Key{b}, 2},
		{"the first returns neither key nor error", []jwk.Source{&fakeSource{}, &fakeSource{keys: []*jwk.Key{b}}}, []*jwk.Key{b}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source := jwk.Sources(tt.sources...)
			ctx, q := context.Background(), jwk.Query{KeyID: "a"}
			if got, err := source.Find(ctx, q); got != tt.want[0] || err != nil {
				t.Errorf("Find: got %v, %v, want %v", got, err, tt.want[0])
			}
			if got, err := source.FindAll(ctx, q); !slices.Equal(got, tt.want) || err != nil {
				t.Errorf("FindAll: got %v, %v, want %v", got, err, tt.want)
			}
			for i, s := range tt.sources {
				want := 0
				if i < tt.asked {
					want = 2 // by Find and by FindAll
				}
				if got := s.(*fakeSource).asked; got != want {
					t.Errorf("source %d: asked %d times, want %d", i+1, got, want)
				}
			}
		})
	}
}

// TestSourcesErrors: if this fails, an error does not name the source that it is from, or a
// service cannot see from it that a source was down.
func TestSourcesErrors(t *testing.T) {
	down := &outage{"down.example"}
	set := jwk.NewSet(namedKey(t, "a"))
	for _, tt := range []struct {
		name     string
		sources  []jwk.Source
		want     []string // the lines of the text
		notFound bool     // the error is ErrNotFound, and has a NotFoundError with the query
		down     bool     // the error is down
	}{
		{"no sources", nil, []string{"jwk: no key for kid z: no key has that kid"}, true, false},
		{"a set and an outage",
			[]jwk.Source{set, &namedSource{fakeSource{err: down}, "login.example"}},
			[]string{set.String() + ": jwk: no key for kid z: no key has that kid", "login.example: down.example does not answer"},
			true, true},
		{"only an outage", []jwk.Source{&namedSource{fakeSource{err: down}, "login.example"}},
			[]string{"login.example: down.example does not answer"}, false, true},
		{"without String", []jwk.Source{&fakeSource{err: down}, set, &fakeSource{err: down}},
			[]string{"source 1 of 3: down.example does not answer", set.String() + ": jwk: no key for kid z: no key has that kid", "source 3 of 3: down.example does not answer"},
			true, true},
		{"an empty String", []jwk.Source{&namedSource{fakeSource{err: down}, ""}},
			[]string{"source 1 of 1: down.example does not answer"}, false, true},
		{"neither key nor error", []jwk.Source{&fakeSource{}},
			[]string{"source 1 of 1: jwk: no key for kid z: no key has that kid"}, true, false},
		{"a nil set", []jwk.Source{(*jwk.Set)(nil)},
			[]string{"set of 0 keys: jwk: no key for kid z: no key has that kid"}, true, false},
		{"nil sources", []jwk.Source{nil, &fakeSource{err: down}, nil},
			[]string{"source 1 of 1: down.example does not answer"}, false, true},
		{"nested", []jwk.Source{&fakeSource{err: down}, jwk.Sources(set, jwk.Sources(&fakeSource{err: down})), jwk.Sources()},
			[]string{"source 1 of 3: down.example does not answer", set.String() + ": jwk: no key for kid z: no key has that kid", "source 3 of 3: down.example does not answer"},
			true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source := jwk.Sources(tt.sources...)
			ctx, q := context.Background(), jwk.Query{KeyID: "z"}
			key, err := source.Find(ctx, q)
			keys, errAll := source.FindAll(ctx, q)
			if key != nil || keys != nil {
				t.Errorf("got %v and %v beside the errors", key, keys)
			}
			for _, err := range []error{err, errAll} {
				if err == nil {
					t.Fatal("got no error")
				}
				if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				var missed *jwk.NotFoundError
				if got := errors.As(err, &missed); got != tt.notFound || got && missed.Query.KeyID != "z" || errors.Is(err, jwk.ErrNotFound) != tt.notFound {
					t.Errorf("%v: has a NotFoundError: %v, want %v", err, got, tt.notFound)
				}
				var out *outage
				if got := errors.As(err, &out); got != tt.down || errors.Is(err, down) != tt.down {
					t.Errorf("%v: has the outage: %v, want %v", err, got, tt.down)
				}
			}
		})
	}
}

// TestSourcesString: if this fails, a log does not show which sources a service asks, or shows
// the private keys of a set among them.
func TestSourcesString(t *testing.T) {
	private := fixture(t, "P-256")
	set := jwk.NewSet(private.key(t))
	source := jwk.Sources(set, &fakeSource{}, &namedSource{name: "login.example"})
	if got, want := fmt.Sprint(source), set.String()+", then source 2 of 3, then login.example"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := fmt.Sprint(jwk.Sources()), "no sources"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%x"} {
		checkNoSecret(t, verb, fmt.Sprintf(verb, source), secretTexts(t, private))
	}
}

// TestSourcesCopies: if this fails, a caller that reuses its slice changes which sources are
// asked.
func TestSourcesCopies(t *testing.T) {
	a := namedKey(t, "a")
	list := []jwk.Source{jwk.NewSet(a), jwk.NewSet()}
	source := jwk.Sources(list...)
	clear(list)
	if got, err := source.Find(context.Background(), jwk.Query{KeyID: "a"}); got != a {
		t.Errorf("got %v, %v, want %v", got, err, a)
	}
}
