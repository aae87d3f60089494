package jwkhttp

import (
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/seed1f6cf2d3/jwk"
)

// ClientOptions are the options of a [Client]. A nil *ClientOptions and the zero ClientOptions mean
// the defaults, which fit a service that verifies tokens. [NewClient] copies them.
type ClientOptions struct {
	// Parser reads the set. nil means Lenient, PublicOnly, at most 1,000 keys and 1 MiB. A Parser
	// that you set brings its own switches, and its MaxBytes and MaxKeys limit the body and the
	// keys. 0 in them means 1 MiB and 1,000 here.
	Parser *jwk.Parser

	// HTTPClient sends the requests. nil means a client with all the guards that this package
	// describes. It uses the proxy of the environment, see [http.ProxyFromEnvironment].
	//
	// If you set HTTPClient, you are responsible for dialing, TLS, proxies, redirects and the size
	// of headers. The checks of the URL, Timeout, and the limits on the body, the keys, the status
	// and the content type still apply. HTTPClient must be nil if UntrustedURL or RootCAs is set.
	HTTPClient *http.Client

	// WrapTransport returns the transport that is used in place of next, which has all the
	// guards that this package describes. Use it for metrics, for traces, or for an Authorization
	// header that changes. It is called once, by NewClient, NewPool or Discover, and must not return nil.
	// It must be nil if HTTPClient is set: wrap the Transport of HTTPClient.
	//
	// The result sends its requests with next, or the guards are lost. Like every
	// [http.RoundTripper], it changes only a clone of a request and follows no redirect. It is
	// called for each redirect that the client follows.
	WrapTransport func(next http.RoundTripper) http.RoundTripper

	// RootCAs are the authorities that may certify the server. nil means the authorities of the
	// system.
	RootCAs *x509.CertPool

	// Header is sent with each request, such as an Authorization. It must not have Host,
	// Accept-Encoding, Range or the fields of conditional requests, which the client sets.
	Header http.Header

	// AllowHTTP accepts URLs with the scheme http, for loopback and for tests. Anyone on the path
	// can then replace the keys.
	AllowHTTP bool

	// UntrustedURL says that a stranger chose the URL, such as the jwks_uri of a client that
	// registered itself. No proxy is used, no redirect is followed, and the client connects only to
	// public addresses: it checks the addresses that the name of the host resolves to. If the
	// network translates IPv6 to IPv4 with a prefix of its own, the translator must refuse private
	// addresses, because the client cannot know this prefix.
	UntrustedURL bool

	// AllowPrefixes are exceptions from the addresses that UntrustedURL refuses. They are an error
	// without UntrustedURL.
	AllowPrefixes []netip.Prefix

	// The three lives must not contradict each other. If only some are set, the defaults of the
	// others adapt.
	MinTTL     time.Duration // the shortest life of a set; 0 means 1 minute
	DefaultTTL time.Duration // the life of a set if the server states no life; 0 means 10 minutes
	MaxTTL     time.Duration // the longest life of a set; 0 means 24 hours

	// RefreshWait is the longest time that a read waits for a refresh while there is a set that it
	// could use. 0 means 2 seconds.
	RefreshWait time.Duration

	// StaleFor is the time after the last successful fetch during which the set is used although
	// its life has ended, because the server does not answer. 0 means 24 hours.
	StaleFor time.Duration

	// Timeout is the longest time that a fetch takes. 0 means 10 seconds.
	Timeout time.Duration

	// UnknownKeyInterval and UnknownKeyBurst limit the refreshes that unknown keys cause: one each
	// interval, after at most UnknownKeyBurst at once. 0 means 30 seconds and 2. An unknown key is
	// remembered for one interval.
	UnknownKeyInterval time.Duration
	UnknownKeyBurst    int

	// Snapshot is the output of [Client.Snapshot] of an earlier run with the same URL. Its times go
	// on. If it is damaged, for another URL or from the future, the client starts without a set and
	// reports FetchFailed, which Status does not count.
	Snapshot []byte

	// OnEvent is called with one event at a time, in order. The client holds no lock meanwhile.
	// OnEvent may call Status and Snapshot, but not Find, FindAll, Set, Refresh or Start, which may
	// wait for a fetch. Refresh, Start and reads that wait for a fetch return after OnEvent has got
	// the result of the fetch, but they wait for OnEvent at most RefreshWait. So does NewClient, if
	// the Snapshot causes an event. If 1,024 events wait, further ones are lost; UnknownKey and
	// RateLimited are lost from 512 on. A panic is logged, and has no other effect.
	OnEvent func(Event)

	// Logger gets a record of each event: Debug, Info if keys changed, Warn if a fetch failed, and
	// Error if the set is stale or the server published a private key.
	Logger *slog.Logger

	_ struct{} // keyed literals only
}

// Format writes a fixed text, because Header and Snapshot may hold secrets.
func (o ClientOptions) Format(f fmt.State, verb rune) { io.WriteString(f, optionsText) }

// LogValue returns a fixed text, because Header and Snapshot may hold secrets.
func (o ClientOptions) LogValue() slog.Value { return slog.StringValue(optionsText) }

const optionsText = "jwkhttp client options"
