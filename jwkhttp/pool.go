package jwkhttp

import (
	"container/list"
	"errors"
	"fmt"
	"io"
	"sync"
)

// PoolOptions are the options of a [Pool].
type PoolOptions struct {
	// ClientOptions are the options of each client. A Snapshot is an error, because it is for one
	// URL. OnEvent is called with one event of each client at a time, so two clients may call it at
	// once.
	ClientOptions

	Size int // the largest number of clients; 0 means 1,000

	_ struct{} // keyed literals only
}

// A Pool has a client for each URL, such as the jwks_uri of each client that has registered itself, or
// of each issuer. It keeps at most Size of them, and drops the least recently used one. A dropped client
// goes on for those who still hold it, but the Pool forgets its set, its pause and its limit for unknown
// keys. So choose a Size above the number of URLs that are in use at the same time, and limit who can
// register one.
//
// A Pool needs no Close, because a client that is neither read nor started sends nothing. Its methods are safe for
// concurrent use.
type Pool struct {
	opts     PoolOptions
	settings *settings
	err      error // why no client can be made

	mu      sync.Mutex
	clients map[string]*list.Element // by the whole URL
	order   list.List                // of pooled, the last asked for in front
}

// pooled is a client in a Pool.
type pooled struct {
	url    string
	client *Client
}

// NewPool returns a pool without clients. If an option is wrong, Client returns the error.
func NewPool(opts *PoolOptions) *Pool {
	p := &Pool{clients: make(map[string]*list.Element)}
	if opts != nil {
		p.opts = *opts
	}
	p.opts.Size = orDefault(p.opts.Size, 1_000)
	p.settings, p.err = p.opts.settings()
	switch {
	case p.err != nil:
	case p.opts.Size < 0:
		p.err = fmt.Errorf("the Size is %d, want a positive number, or 0 for the default", p.opts.Size)
	case p.opts.Snapshot != nil:
		p.err = errors.New("Snapshot is set, but it is for one URL, and a Pool is for many")
	}
	return p
}

// Client returns the client for a URL. It makes the client on the first call, and anew if the client was
// closed. Two URLs share a client only if they are the same text, so a kid of one issuer never finds a
// key of another. Client does no I/O. All errors are [ErrFetch].
func (p *Pool) Client(url string) (*Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if element, ok := p.clients[url]; ok {
		if c := element.Value.(*pooled).client; c.life.Err() == nil {
			p.order.MoveToFront(element)
			return c, nil
		}
		p.drop(element)
	}
	u, err := checkURL(url, p.opts.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if p.err != nil {
		return nil, &Error{Host: hostOf(u), Err: p.err}
	}
	c := newClient(u, p.settings, &p.opts.ClientOptions)
	p.clients[url] = p.order.PushFront(&pooled{url, c})
	for p.order.Len() > p.opts.Size {
		p.drop(p.order.Back())
	}
	return c, nil
}

// drop removes a client from the pool.
func (p *Pool) drop(element *list.Element) {
	p.order.Remove(element)
	delete(p.clients, element.Value.(*pooled).url)
}

// Format writes a fixed text, because the URLs and the Header may hold secrets.
func (p *Pool) Format(f fmt.State, verb rune) { io.WriteString(f, "jwkhttp client pool") }
