package jwkhttp

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// The default limits on a set. A Parser of the caller with other limits changes them.
const (
	defaultMaxBytes = 1 << 20 // octets of the body, after decompression
	defaultMaxKeys  = 1_000
)

// maxTimeout is longer than any fetch, and can be added to without overflow.
const maxTimeout = math.MaxInt64 / 2

// settings are options that have been checked, with defaults in the place of zeros.
type settings struct {
	parser      jwk.Parser
	client      *http.Client
	header      http.Header
	minTTL      time.Duration
	defaultTTL  time.Duration
	maxTTL      time.Duration
	refreshWait time.Duration
	staleFor    time.Duration
	timeout     time.Duration
	untrusted   bool          // UntrustedURL
	interval    time.Duration // UnknownKeyInterval
	burst       int           // UnknownKeyBurst
}

// ownHeaders are the request headers that the client sets. With a Range or an encoding of the caller,
// the body would not be the set.
var ownHeaders = []string{
	"Accept-Encoding", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Range",
}

// settings checks o, which may be nil.
func (o *ClientOptions) settings() (*settings, error) {
	if o == nil {
		o = new(ClientOptions)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &settings{
		parser:      jwk.Parser{Lenient: true, PublicOnly: true},
		client:      o.HTTPClient,
		header:      requestHeader(o.Header),
		refreshWait: orDefault(o.RefreshWait, 2*time.Second),
		staleFor:    orDefault(o.StaleFor, 24*time.Hour),
		timeout:     min(orDefault(o.Timeout, 10*time.Second), maxTimeout),
		interval:    orDefault(o.UnknownKeyInterval, 30*time.Second),
		untrusted:   o.UntrustedURL,
		burst:       orDefault(o.UnknownKeyBurst, 2),
	}
	if o.Parser != nil {
		s.parser = *o.Parser
	}
	s.parser.MaxBytes = orDefault(s.parser.MaxBytes, defaultMaxBytes)
	s.parser.MaxKeys = orDefault(s.parser.MaxKeys, defaultMaxKeys)
	if s.client == nil {
		own := *o
		own.AllowPrefixes = slices.Clone(o.AllowPrefixes)
		s.client = newHTTPClient(&own)
		if o.WrapTransport != nil {
			s.client.Transport = o.WrapTransport(s.client.Transport)
		}
		if s.client.Transport == nil { // net/http would use its own, which has no guards
			return nil, errors.New("WrapTransport returned nil, want an http.RoundTripper")
		}
	}
	// If only some of the lives are set, the others give way.
	s.minTTL = orDefault(o.MinTTL, min(time.Minute, orDefault(o.MaxTTL, time.Minute), orDefault(o.DefaultTTL, time.Minute)))
	s.maxTTL = orDefault(o.MaxTTL, max(24*time.Hour, o.MinTTL, o.DefaultTTL))
	s.defaultTTL = orDefault(o.DefaultTTL, clampLife(10*time.Minute, s.minTTL, s.maxTTL))
	return s, nil
}

// requestHeader returns the header of requests with the fields of h, which may be nil.
func requestHeader(h http.Header) http.Header {
	h = h.Clone()
	if h == nil {
		h = make(http.Header)
	}
	if h.Get("Accept") == "" {
		h.Set("Accept", "application/json, application/jwk-set+json, */*;q=0.1")
	}
	return h
}

// check reports options that are negative or contradict each other.
func (o *ClientOptions) check() error {
	for _, d := range [...]struct {
		name  string
		value time.Duration
	}{
		{"MinTTL", o.MinTTL}, {"DefaultTTL", o.DefaultTTL}, {"MaxTTL", o.MaxTTL}, {"RefreshWait", o.RefreshWait},
		{"StaleFor", o.StaleFor}, {"Timeout", o.Timeout}, {"UnknownKeyInterval", o.UnknownKeyInterval},
	} {
		if d.value < 0 {
			return fmt.Errorf("%s is %v, want a positive duration, or 0 for the default", d.name, d.value)
		}
	}
	if err := o.checkLives(); err != nil {
		return err
	}
	if o.UnknownKeyBurst < 0 {
		return fmt.Errorf("UnknownKeyBurst is %d, want a positive number, or 0 for the default", o.UnknownKeyBurst)
	}
	if p := o.Parser; p != nil && (p.MaxBytes < 0 || p.MaxKeys < 0) {
		return fmt.Errorf("the Parser has a limit of %d bytes and %d keys, want positive numbers, or 0 for the default", p.MaxBytes, p.MaxKeys)
	}
	if o.HTTPClient != nil {
		switch {
		case o.UntrustedURL:
			return errors.New("UntrustedURL and HTTPClient are both set, but only the client of this package checks addresses")
		case o.RootCAs != nil:
			return errors.New("RootCAs and HTTPClient are both set, want RootCAs in the transport of HTTPClient")
		case o.WrapTransport != nil:
			return errors.New("WrapTransport and HTTPClient are both set, want the wrapper in the transport of HTTPClient")
		}
	}
	if len(o.AllowPrefixes) > 0 && !o.UntrustedURL {
		return errors.New("AllowPrefixes is set, but only UntrustedURL refuses addresses")
	}
	for _, p := range o.AllowPrefixes {
		if !p.IsValid() {
			return errors.New("AllowPrefixes has a prefix that is not valid")
		}
	}
	for name, values := range o.Header {
		if slices.Contains(ownHeaders, http.CanonicalHeaderKey(name)) {
			return fmt.Errorf("the Header has %s, which the client sets itself", http.CanonicalHeaderKey(name))
		}
		if strings.ContainsAny(name+strings.Join(values, ""), "\r\n\x00") {
			return errors.New("the Header has a line break or NUL, want one line")
		}
	}
	return nil
}

// checkLives reports lives that contradict each other.
func (o *ClientOptions) checkLives() error {
	lives := [...]struct {
		name  string
		value time.Duration
	}{{"MinTTL", o.MinTTL}, {"DefaultTTL", o.DefaultTTL}, {"MaxTTL", o.MaxTTL}}
	for i, shorter := range lives {
		for _, longer := range lives[i+1:] {
			if longer.value != 0 && shorter.value > longer.value {
				return fmt.Errorf("%s is %v, more than %s, which is %v", shorter.name, shorter.value, longer.name, longer.value)
			}
		}
	}
	return nil
}

// orDefault returns value, or otherwise if value is 0.
func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
