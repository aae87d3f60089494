package jwkhttp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// loopback is the exception that lets tests with UntrustedURL reach a server of their own.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// transportServer starts a TLS server. It counts connections.
func transportServer(
	t *testing.T, h http.Handler, configure func(*httptest.Server),
) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	conns := new(atomic.Int64)
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	if configure != nil {
		configure(srv)
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv, conns
}

func rootsOf(srv *httptest.Server) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return roots
}

// get requests raw and returns the status code, and the error as a Client shows it.
func get(t *testing.T, c *http.Client, raw string) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, plainError(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return resp.StatusCode, plainError(err)
	}
	return resp.StatusCode, nil
}

// wantText tests that err has the text want, and shows no secret.
func wantText(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got error %v, want %q", err, want)
	}
	showsNoSecret(t, err)
}

// A redirect to another server would let that server choose the keys, and get the Authorization
// header.
func TestTransportRedirects(t *testing.T) {
	var location atomic.Value
	srv, _ := transportServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			return
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/hops/")); err == nil {
			w.Header().Set("Location", "/hops/"+strconv.Itoa(n-1))
			if n == 1 {
				w.Header().Set("Location", "/keys")
			}
			w.WriteHeader(http.StatusFound)
			return
		}
		w.Header()["Location"] = []string{location.Load().(string)}
		status, _ := strconv.Atoi(r.URL.Query().Get("status"))
		w.WriteHeader(status)
	}), nil)
	host := srv.Listener.Addr().String()
	plain := newHTTPClient(&ClientOptions{RootCAs: rootsOf(srv)})
	untrusted := newHTTPClient(&ClientOptions{RootCAs: rootsOf(srv), UntrustedURL: true, AllowPrefixes: loopback})

	tests := []struct {
		name, location string
		client         *http.Client
		want           string // part of the error, or "" if the redirect is followed
	}{
		{"F02 same host", "/keys", plain, ""},
		{"F02 same host, absolute", srv.URL + "/keys", plain, ""},
		{"F02 other host", "https://evil.example/path-secret?query-secret", plain,
			`redirect to "https://evil.example" refused: it must stay at "` + srv.URL + `"`},
		{"F02 other name of the host", "https://" + strings.Replace(host, "127.0.0.1", "localhost", 1), plain,
			"refused: it must stay at"},
		{"F02 http", "http://" + host + "/path-secret", plain, `redirect to "http://` + host + `" refused`},
		{"F02 other port", "https://127.0.0.1:1/path-secret", plain, `redirect to "https://127.0.0.1:1" refused`},
		{"F02 file", "file:///path-secret", plain, `redirect to "file://" refused`},
		{"F02 user", "https://secret:secret@" + host + "/keys", plain, "has a user name or a password"},
		{"F02 long host", "https://" + strings.Repeat("a", 5000) + "/", plain, strings.Repeat("a", 200)},
		{"F02 malformed", "https://keys.example/%zz?query-secret", plain,
			`failed to parse Location header "...": parse "...": invalid URL escape "..."`},
		{"F02 untrusted, same host", "/keys", untrusted, `redirect to "` + srv.URL + `" refused: UntrustedURL`},
		{"F02 untrusted, other host", "https://evil.example/path-secret", untrusted,
			`redirect to "https://evil.example" refused: UntrustedURL`},
	}
	for _, tt := range tests {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(tt.name+" "+strconv.Itoa(status), func(t *testing.T) {
				location.Store(tt.location)
				got, err := get(t, tt.client, srv.URL+"/?token=query-secret&status="+strconv.Itoa(status))
				if tt.want == "" {
					if got != http.StatusOK || err != nil {
						t.Errorf("got %d and error %v, want 200", got, err)
					}
					return
				}
				wantText(t, err, tt.want)
				if n := len(err.Error()); n > 2*maxKnownText {
					t.Errorf("got %d octets, want at most %d", n, 2*maxKnownText)
				}
			})
		}
	}
	t.Run("F02 3 redirects", func(t *testing.T) {
		if got, err := get(t, plain, srv.URL+"/hops/3"); got != http.StatusOK || err != nil {
			t.Errorf("got %d and error %v, want 200", got, err)
		}
	})
	t.Run("F02 4 redirects", func(t *testing.T) {
		_, err := get(t, plain, srv.URL+"/hops/4")
		wantText(t, err, "more than 3 redirects")
	})
}

// A stranger who registers a URL must not reach a service on this machine or in its network,
// neither by an address nor by a name that resolves to one.
func TestTransportGuard(t *testing.T) {
	srv, conns := transportServer(t, http.NotFoundHandler(), nil)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	ipv6 := hasIPv6()
	tests := []struct {
		addr, want string
	}{
		{"127.0.0.1", "(loopback)"},
		{"::1", "(loopback)"},
		{"::ffff:127.0.0.1", "(loopback)"},
		{"0.0.0.0", "not a public address ("},
		{"::", "not a public address ("},
		{"169.254.169.254", "(link-local)"},
		{"10.0.0.1", "(private)"},
		{"100.64.0.1", "(shared)"},
		{"fd00::1", "(private)"},
		{"64:ff9b::7f00:1", "(NAT64)"},
	}
	for _, tt := range tests {
		addr := netip.MustParseAddr(tt.addr)
		if addr.Unmap().Is6() && !ipv6 {
			tt.want = "" // any error
		}
		o := &ClientOptions{RootCAs: rootsOf(srv), UntrustedURL: true}
		t.Run("F07 address "+tt.addr, func(t *testing.T) {
			host := net.JoinHostPort(tt.addr, port)
			_, err := get(t, newHTTPClient(o), "https://"+host+"/?query-secret")
			wantText(t, err, tt.want)
			if strings.Contains(err.Error(), tt.addr) {
				t.Errorf("error %q has the address", err)
			}
			if e, ok := errors.AsType[*net.OpError](err); !ok || e.Op != "dial" {
				t.Errorf("got %v, want an *net.OpError with dial", e)
			}
		})
		t.Run("F07 name of "+tt.addr, func(t *testing.T) {
			_, err := get(t, clientWithDNS(o, addr), "https://example.com:"+port+"/?query-secret")
			wantText(t, err, tt.want)
		})
	}
	t.Run("F07 localhost", func(t *testing.T) {
		o := &ClientOptions{RootCAs: rootsOf(srv), UntrustedURL: true}
		_, err := get(t, newHTTPClient(o), "https://localhost:"+port+"/")
		wantText(t, err, "(loopback)")
	})
	if n := conns.Load(); n != 0 {
		t.Errorf("the server got %d connections, want 0", n)
	}

	// The same requests reach the server if the guard allows them. Without this, the rows above
	// would pass if nothing could be reached at all.
	o := &ClientOptions{RootCAs: rootsOf(srv), UntrustedURL: true, AllowPrefixes: loopback}
	c := clientWithDNS(o, netip.MustParseAddr("127.0.0.1"))
	for _, host := range []string{"127.0.0.1", "[::ffff:127.0.0.1]", "example.com"} {
		if got, err := get(t, c, "https://"+host+":"+port+"/"); got != http.StatusNotFound || err != nil {
			t.Errorf("%s: got %d and error %v, want 404", host, got, err)
		}
	}
	if n := conns.Load(); n != 3 {
		t.Errorf("the server got %d connections, want 3", n)
	}
}

// hasIPv6 reports whether this machine can make IPv6 sockets. Without them, Go refuses an IPv6
// address before the guard sees it.
func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

// clientWithDNS returns the client of newHTTPClient, except that every name resolves to addr and
// that no proxy is used, which the environment of a test may have.
func clientWithDNS(o *ClientOptions, addr netip.Addr) *http.Client {
	dialer := newDialer(o)
	dialer.Resolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go serveDNS(server, addr)
			return client, nil
		},
	}
	c := newHTTPClient(o)
	tr := c.Transport.(*http.Transport)
	tr.Proxy, tr.DialContext = nil, dialer.DialContext
	return c
}

// serveDNS answers one query (RFC 1035, Section 4) with addr, if it asks for the type of addr.
func serveDNS(conn net.Conn, addr netip.Addr) {
	defer conn.Close()
	query := make([]byte, 2+512) // a length, as over TCP, and a message
	if _, err := io.ReadFull(conn, query[:2]); err != nil {
		return
	}
	query = query[2 : 2+min(512, binary.BigEndian.Uint16(query))]
	if _, err := io.ReadFull(conn, query); err != nil {
		return
	}
	name := bytes.IndexByte(query[12:], 0) + 1 // the question is after the header of 12 octets
	question := query[12 : 12+name+4]
	answer := []byte{0, 0, query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}
	answer = append(answer, question...)
	types := map[int]byte{32: 1, 128: 28} // A and AAAA
	if question[name+1] == types[addr.BitLen()] {
		answer[9] = 1                                                  // one answer
		answer = append(answer, 0xc0, 12)                              // for the name in the question
		answer = append(answer, question[name:]...)                    // its type and class
		answer = append(answer, 0, 0, 0, 60, 0, byte(addr.BitLen()/8)) // TTL, length
		answer = append(answer, addr.AsSlice()...)
	}
	binary.BigEndian.PutUint16(answer, uint16(len(answer)-2))
	conn.Write(answer)
}

// A proxy connects from its own place in the network, where the guard sees nothing. net/http reads
// the environment once per process, so this test asks the transport.
func TestTransportProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://192.0.2.1:8080")
	tests := []struct {
		name      string
		untrusted bool
		want      bool
	}{
		{"F07 HTTPS_PROXY set", true, false},
		{"trusted URL", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newHTTPClient(&ClientOptions{UntrustedURL: tt.untrusted})
			if got := c.Transport.(*http.Transport).Proxy != nil; got != tt.want {
				t.Errorf("proxy from the environment: got %v, want %v", got, tt.want)
			}
		})
	}
}

// Each limit keeps a slow or hostile server from holding memory or a goroutine.
func TestTransportSettings(t *testing.T) {
	o := &ClientOptions{RootCAs: x509.NewCertPool()}
	c := newHTTPClient(o)
	tr := c.Transport.(*http.Transport)
	switch {
	case c.Jar != nil:
		t.Error("got a cookie jar, want no jar")
	case tr.TLSClientConfig.RootCAs != o.RootCAs:
		t.Error("got other RootCAs than in the options")
	case tr.TLSClientConfig.MinVersion != tls.VersionTLS12:
		t.Errorf("got TLS version %#x, want TLS 1.2", tr.TLSClientConfig.MinVersion)
	case tr.TLSClientConfig.InsecureSkipVerify:
		t.Error("certificates are not verified")
	case tr.MaxResponseHeaderBytes != 64<<10:
		t.Errorf("got %d octets of headers, want 65536", tr.MaxResponseHeaderBytes)
	case !tr.DisableKeepAlives:
		t.Error("connections are kept")
	case tr.DisableCompression:
		t.Error("gzip is off")
	case newDialer(o).Timeout != 3*time.Second:
		t.Errorf("got %v to dial, want 3s", newDialer(o).Timeout)
	case newDialer(o).ControlContext != nil:
		t.Error("got a guard without UntrustedURL, want no guard")
	}
}

// A server that accepts a connection and says nothing must not use up the time of the whole fetch.
func TestTransportTLSTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newHTTPClient(&ClientOptions{})
		client, server := net.Pipe()
		defer server.Close()
		go io.Copy(io.Discard, server)
		tr := c.Transport.(*http.Transport)
		tr.Proxy, tr.DialContext = nil, func(context.Context, string, string) (net.Conn, error) {
			return client, nil
		}
		start := time.Now()
		_, err := get(t, c, "https://keys.example/?query-secret")
		wantText(t, err, "TLS handshake timeout")
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("got the error after %v, want 5s", d)
		}
		if e, ok := errors.AsType[net.Error](err); !ok || !e.Timeout() {
			t.Errorf("got %v, want a net.Error that is a timeout", e)
		}
	})
}

// Headers are read into memory before a client sees any of them.
func TestTransportHeaderLimit(t *testing.T) {
	handlers := []struct {
		name, path string
	}{
		{"F04 1 MiB of headers", "/large"},
		{"F04 1xx answers without end", "/1xx"},
		{"small headers", "/small"},
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			for i := range 256 {
				w.Header().Set("X-"+strconv.Itoa(i), "secret"+strings.Repeat("x", 4096))
			}
		case "/1xx":
			w.Header().Set("Link", "secret"+strings.Repeat("x", 1024))
			for range 10_000 { // 10 MiB; ends the test if the client reads it all
				if r.Context().Err() != nil {
					return
				}
				w.WriteHeader(http.StatusEarlyHints)
			}
			w.Header().Del("Link")
		case "/small":
			w.Header().Set("X-Small", strings.Repeat("x", 32<<10))
		}
	})
	for _, http2 := range []bool{false, true} {
		srv, _ := transportServer(t, h, func(srv *httptest.Server) { srv.EnableHTTP2 = http2 })
		c := newHTTPClient(&ClientOptions{RootCAs: rootsOf(srv)})
		for _, tt := range handlers {
			t.Run(tt.name+" http2="+strconv.FormatBool(http2), func(t *testing.T) {
				status, err := get(t, c, srv.URL+tt.path+"?query-secret")
				if tt.path == "/small" {
					if status != http.StatusOK || err != nil {
						t.Errorf("got %d and error %v, want 200", status, err)
					}
					return
				}
				if status != 0 || err == nil {
					t.Fatalf("got %d and error %v, want no answer", status, err)
				}
				showsNoSecret(t, err)
				if errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the limit and not the timeout", err)
				}
			})
		}
	}
}

// HTTP/2 is in use although the transport has a dialer and a TLS configuration of its own.
func TestTransportHTTP2(t *testing.T) {
	var proto atomic.Value
	srv, conns := transportServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		proto.Store(r.Proto)
	}), func(srv *httptest.Server) { srv.EnableHTTP2 = true })
	c := newHTTPClient(&ClientOptions{RootCAs: rootsOf(srv)})
	for range 2 {
		if got, err := get(t, c, srv.URL); got != http.StatusOK || err != nil {
			t.Fatalf("got %d and error %v, want 200", got, err)
		}
	}
	if got := proto.Load(); got != "HTTP/2.0" {
		t.Errorf("got %v, want HTTP/2.0", got)
	}
	if n := conns.Load(); n != 2 {
		t.Errorf("got %d connections for 2 requests, want 2, because connections are not kept", n)
	}
}

// testCertificate returns a certificate for name that ends at notAfter and is its own authority.
func testCertificate(t *testing.T, name string, notAfter time.Time) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test"},
		NotBefore:             notAfter.Add(-48 * time.Hour),
		NotAfter:              notAfter,
		DNSNames:              []string{name},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, cert
}

// Without these checks anyone on the path replaces the keys. The reason must be reachable: an
// expired certificate is the provider's mistake, and an unknown authority may be an attack.
func TestTransportTLS(t *testing.T) {
	const name = "keys.example"
	tomorrow, yesterday := time.Now().Add(24*time.Hour), time.Now().Add(-24*time.Hour)
	isUnknown := func(err error) bool { _, ok := errors.AsType[x509.UnknownAuthorityError](err); return ok }
	isHost := func(err error) bool { _, ok := errors.AsType[x509.HostnameError](err); return ok }
	isExpired := func(err error) bool {
		e, ok := errors.AsType[x509.CertificateInvalidError](err)
		return ok && e.Reason == x509.Expired
	}
	isAlert := func(err error) bool {
		e, ok := errors.AsType[*net.OpError](err)
		return ok && e.Op == "remote error"
	}
	tests := []struct {
		name        string
		certName    string
		notAfter    time.Time
		trusted     bool
		max         uint16
		want        string // part of the error, or "" if the certificate is good
		isWantCause func(error) bool
	}{
		{"good", name, tomorrow, true, tls.VersionTLS13, "", nil},
		{"TLS 1.2", name, tomorrow, true, tls.VersionTLS12, "", nil},
		{"F19 self-signed", name, tomorrow, false, tls.VersionTLS13, "unknown authority", isUnknown},
		{"F19 expired", name, yesterday, true, tls.VersionTLS13, "has expired", isExpired},
		{"F19 wrong host", "other.example", tomorrow, true, tls.VersionTLS13, "valid for other.example", isHost},
		{"F19 TLS 1.0", name, tomorrow, true, tls.VersionTLS10, "protocol version not supported", isAlert},
		{"F19 TLS 1.1", name, tomorrow, true, tls.VersionTLS11, "protocol version not supported", isAlert},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pair, cert := testCertificate(t, tt.certName, tt.notAfter)
			srv, _ := transportServer(t, http.NotFoundHandler(), func(srv *httptest.Server) {
				srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair},
					MinVersion: tls.VersionTLS10, MaxVersion: tt.max}
			})
			o := &ClientOptions{RootCAs: x509.NewCertPool()}
			if tt.trusted {
				o.RootCAs.AddCert(cert)
			}
			_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
			c := clientWithDNS(o, netip.MustParseAddr("127.0.0.1"))
			status, err := get(t, c, "https://"+name+":"+port+"/?query-secret")
			if tt.want == "" {
				if status != http.StatusNotFound || err != nil {
					t.Fatalf("got %d and error %v, want 404", status, err)
				}
				return
			}
			wantText(t, err, tt.want)
			if !tt.isWantCause(err) {
				t.Errorf("the cause of %v is not reachable", err)
			}
		})
	}
}
