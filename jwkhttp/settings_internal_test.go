package jwkhttp

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// TestDefaults: the README promises these values with a reason for each. If this fails, a service that
// sets no option behaves in another way than its authors have read.
func TestDefaults(t *testing.T) {
	s, err := (*ClientOptions)(nil).settings()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	handler, err := newHandler(func() *jwk.Set { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	control := handler.control
	for _, tt := range []struct {
		name      string
		got, want any
		words     string // in the README
	}{
		{"MinTTL", s.minTTL, time.Minute, "from 1 minute to 24 hours"},
		{"MaxTTL", s.maxTTL, 24 * time.Hour, "from 1 minute to 24 hours"},
		{"DefaultTTL", s.defaultTTL, 10 * time.Minute, "else 10 minutes"},
		{"RefreshWait", s.refreshWait, 2 * time.Second, "a read waits for a refresh, at most 2 seconds"},
		{"StaleFor", s.staleFor, 24 * time.Hour, "the old set serves for 24 hours"},
		{"Timeout", s.timeout, 10 * time.Second, "10 in all"},
		{"dialTimeout", dialTimeout, 3 * time.Second, "3 seconds to connect"},
		{"tlsTimeout", tlsTimeout, 5 * time.Second, "5 for TLS"},
		{"maxHeaderBytes", maxHeaderBytes, 64 << 10, "64 KiB of header"},
		{"Size", NewPool(nil).opts.Size, 1_000, "a pool has 1,000 clients"},
		{"MaxAge", control, "public, max-age=600, must-revalidate", "keep the set for 10 minutes"},
		{"UnknownKeyInterval", s.interval, 30 * time.Second, "one refresh each 30 seconds"},
		{"UnknownKeyBurst", s.burst, 2, "after 2 at once"},
		{"firstPause", firstPause, 5 * time.Second, "pauses of 5 seconds to 5 minutes"},
		{"maxPause", maxPause, 5 * time.Minute, "pauses of 5 seconds to 5 minutes"},
		{"MaxBytes", s.parser.MaxBytes, 1 << 20, "1 MiB"},
		{"MaxKeys", s.parser.MaxKeys, 1_000, "1,000 keys"},
		{"maxRedirects", maxRedirects, 3, "3 redirects to the same host"},
		{"Lenient", s.parser.Lenient, true, "`Lenient`, `PublicOnly`"},
		{"PublicOnly", s.parser.PublicOnly, true, "`Lenient`, `PublicOnly`"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
		if !strings.Contains(string(readme), tt.words) {
			t.Errorf("%s: README.md lacks %q", tt.name, tt.words)
		}
	}
}
