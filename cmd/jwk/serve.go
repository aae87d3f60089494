package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"

	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// Limits of the server. A set is small, so that a slow client gets it within seconds or is cut off.
const (
	headerTimeout = 5 * time.Second // to send the header of a request
	readTimeout   = 10 * time.Second
	writeTimeout  = 10 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10 // bytes of the header of a request
	maxConnected  = 1_000    // connections at once; others wait

	// graceTime is how long requests may take that are under way when the server ends.
	graceTime = 5 * time.Second

	pollInterval = time.Second // between two looks at the file
)

// A serving has the flags of jwk serve.
type serving struct {
	in     inputFlags
	listen string
	path   string
	maxAge time.Duration
}

func newServe() *cobra.Command {
	var s serving
	cmd := &cobra.Command{
		Use:   "serve [flags] FILE",
		Short: "Publish the public keys of a file over HTTP",
		Long: `serve publishes the public half of every key in FILE as a set (RFC 7517), for
development, or behind a server that adds TLS. FILE may have private keys in
any form: only their public halves are published. Symmetric keys and entries
that cannot be used are left out, and named on standard error.

It prints the URL on standard error. With port 0 the system chooses a free
port.

It looks at FILE once a second, and publishes its new content. It notices a
renamed file and an exchanged symbolic link too, as Kubernetes makes them. If
the new content cannot be used, the old keys stay, and a warning says why. The
passphrase of an encrypted file is asked for once. Standard input and pipes are
read once.

The server has no TLS. Ctrl-C or SIGTERM ends it: requests under way are
answered, and the exit code is 0.`,
		Example: `  jwk serve jwks.json
  jwk serve --listen 127.0.0.1:0 --path /jwks keys.pem
  jwk serve --passphrase-file secret.txt --max-age 1h keys.jwe`,
		Args: arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error { return s.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&s.listen, "listen", "127.0.0.1:7517", "listen at this `ADDRESS`, HOST:PORT")
	flags.StringVar(&s.path, "path", "/.well-known/jwks.json", "publish the set at this `PATH`")
	flags.DurationVar(&s.maxAge, "max-age", 10*time.Minute, "clients may keep the set for `DURATION`, at least 1s")
	s.in.addForFiles(cmd)
	return cmd
}

func (s *serving) check(file string) error {
	switch {
	case input.IsURL(file):
		return wrongUsage("%s is a URL, want a file: jwk fetch URL -o FILE makes one", terminal.ShortWord(file))
	case !isPath(s.path):
		return wrongUsage("--path %s, want one such as /jwks.json", terminal.ShortWord(s.path))
	case s.maxAge < time.Second:
		return wrongUsage("--max-age %v, want 1s or more", s.maxAge)
	}
	return nil
}

// isPath reports whether a text is the path of a URL as a client sends it, without a query.
func isPath(text string) bool {
	u, err := url.ParseRequestURI(text)
	return err == nil && u.Scheme == "" && u.EscapedPath() == text
}

func (s *serving) run(cmd *cobra.Command, file string) error {
	if err := s.check(file); err != nil {
		return err
	}
	r, err := s.in.reader(cmd)
	if err != nil {
		return err
	}
	p := newPublisher(cmd, r, file)
	if err := p.start(cmd.Context()); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		reason := plainReason(err)
		if errors.Is(err, syscall.EADDRINUSE) {
			reason = fmt.Errorf("%w: --listen 127.0.0.1:0 takes a free port", reason)
		}
		return trouble{fmt.Errorf("--listen %s: %w", terminal.ShortWord(s.listen), reason)}
	}
	s.announce(cmd, p, l.Addr())
	if p.isPolled() {
		ticker := time.NewTicker(pollInterval)
		defer ticker.Stop()
		go p.poll(ctx, ticker.C)
	} else {
		say(cmd, terminal.Escape(input.Place(file))+" is read once, so that changes are not noticed")
	}
	return s.serve(ctx, l, p)
}

// announce prints the URL, and warns if other machines can reach it.
func (s *serving) announce(cmd *cobra.Command, p *publisher, address net.Addr) {
	tcp := address.(*net.TCPAddr)
	host := address.String()
	if tcp.IP.IsUnspecified() {
		host = fmt.Sprintf("localhost:%d", tcp.Port)
	}
	say(cmd, fmt.Sprintf("serving %s at http://%s%s", count(p.set.Load().Len(), "key", "keys"), host, terminal.Escape(s.path)))
	if !tcp.IP.IsLoopback() {
		warn(cmd, "other machines can reach %v over plain http, where answers can be forged: put a server with TLS before it", address)
	}
}

// serve answers requests until ctx ends.
func (s *serving) serve(ctx context.Context, l net.Listener, p *publisher) error {
	set := jwkhttp.NewHandler(p.set.Load, &jwkhttp.HandlerOptions{MaxAge: s.maxAge})
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.EscapedPath() != s.path {
				http.Error(w, "not found: the set is at "+s.path, http.StatusNotFound)
				return
			}
			set.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // it repeats what clients send
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(netutil.LimitListener(l, maxConnected)) }()
	select {
	case err := <-failed:
		return trouble{err}
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), graceTime)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return trouble{err}
	}
	return nil
}
