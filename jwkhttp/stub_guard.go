package jwkhttp

import (
	"net/http"
	"net/url"
)

func checkURL(raw string, allowHTTP bool) (*url.URL, error) { return url.Parse(raw) }
func hostOf(u *url.URL) string                              { return u.Host }
func sameOrigin(a, b *url.URL) bool                         { return a.Host == b.Host }
func plainError(err error) error                            { return err }
func newHTTPClient(o *ClientOptions) *http.Client           { return http.DefaultClient }
