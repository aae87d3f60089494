package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// IsURL reports whether an argument is a URL and not the name of a file.
func IsURL(arg string) bool { return strings.Contains(arg, "://") }

// A Body keeps what is read of an answer.
type Body struct {
	io.ReadCloser
	Text bytes.Buffer // bounded by the limit that jwkhttp sets to what it reads
}

func (b *Body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.Text.Write(p[:n])
	return n, err
}

// A recorder keeps the body of the last answer.
type recorder struct {
	next http.RoundTripper
	body *Body
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if err == nil {
		r.body = &Body{ReadCloser: response.Body}
		response.Body = r.body
	}
	return response, err
}

// fetch reads a URL. Private keys in the answer are read too, with a warning. Package jwkhttp fetches
// only sets, so an answer in another form is an error there, and is read here.
func (r *Reader) fetch(ctx context.Context, rawURL string) (*Document, error) {
	parser := r.Parser
	var answer recorder
	client, err := jwkhttp.NewClient(rawURL, &jwkhttp.ClientOptions{
		Parser:    &parser,
		AllowHTTP: r.AllowHTTP || IsLoopback(rawURL),
		RootCAs:   r.RootCAs,
		WrapTransport: func(next http.RoundTripper) http.RoundTripper {
			answer.next = next
			return &answer
		},
	})
	if err != nil {
		return nil, notFetched(rawURL, err)
	}
	defer client.Close()
	err = client.Refresh(ctx)
	if _, parsed := errors.AsType[*jwk.Error](err); err != nil && !parsed {
		return nil, notFetched(rawURL, err)
	}
	d, err := r.Parse(rawURL, answer.body.Text.Bytes())
	if err == nil && d.hasPrivate() && !d.Encrypted {
		r.Warn(rawURL + ": private or symmetric keys are published there: everyone can use them, so replace them")
	}
	return d, err
}

// notFetched returns the error for a URL without a usable answer.
func notFetched(rawURL string, err error) error {
	if u, e := url.Parse(rawURL); e == nil {
		rawURL = u.Redacted()
	}
	return &AccessError{fmt.Errorf("%s: %s%s", rawURL, NetworkReason(err), NetworkAdvice(err))}
}

// IsLoopback reports whether a URL leads to this machine, where http cannot be overheard.
func IsLoopback(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback()
}
