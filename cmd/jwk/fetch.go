package main

import (
	"context"
	"fmt"
	"net/url"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/input"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/terminal"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

// A fetching has the flags of jwk fetch.
type fetching struct {
	in       inputFlags
	out      outputFlags
	discover bool
	explain  bool
	watch    bool
	every    time.Duration
	json     bool
}

func newFetch() *cobra.Command {
	var f fetching
	cmd := &cobra.Command{
		Use:   "fetch [flags] URL",
		Short: "Fetch a set, explain each step, or watch a set for changes",
		Long: `fetch gets the set at URL in the way of a service that uses package jwkhttp:
with limits on time, size and redirects, and with the leniency that real
providers need. It writes the set to standard output or to the file of -o, with
all that the server sent: also entries that cannot be used, and members that are
not known. Standard error has the number of keys, the entries that cannot be
used and why, and for how long clients keep the set.

With --discover, URL is an issuer, and the set is at the jwks_uri in its
metadata (OpenID Connect Discovery, RFC 8414).

--explain tells each step on standard error: the addresses, the certificate,
the answer, what its headers mean for clients, and the keys.

--watch stays until Ctrl-C. It fetches the set again when its life nears its
end, as a service does, or with --every more often. It writes one line for each
key that is found, added, changed or removed, for the first of several
failures, and for the end of the failures. With --json each line is a JSON
object.

http is accepted for this machine only, unless --allow-http is given. Private
keys in the answer are an error: jwk inspect URL shows them.

The exit code is 1 if the answer is not a set with at least one usable key, and
2 if there is no answer. For --watch it is 0 after Ctrl-C or SIGTERM.`,
		Example: `  jwk fetch https://provider.example/jwks
  jwk fetch --discover https://provider.example -o provider.jwks.json
  jwk fetch --explain https://provider.example/jwks > /dev/null
  jwk fetch --watch --every 30s https://provider.example/jwks`,
		Args: arguments("URL"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.discover, "discover", false, "URL is an issuer: fetch the set that its metadata names")
	flags.BoolVar(&f.explain, "explain", false, "tell each step on standard error")
	flags.BoolVar(&f.watch, "watch", false, "stay, and write a line for each change")
	flags.DurationVar(&f.every, "every", 0, "with --watch: fetch once in each `DURATION`, at least 1s")
	flags.BoolVar(&f.json, "json", false, "with --watch: write each event as a JSON object")
	f.out.add(cmd, false)
	f.in.addNetwork(cmd)
	return cmd
}

// check refuses flags that contradict each other, and URLs that are not fetched.
func (f *fetching) check(rawURL string) error {
	switch {
	case !input.IsURL(rawURL):
		return wrongUsage("%s is not a URL, want one that begins with https://", terminal.ShortWord(rawURL))
	case f.json && !f.watch:
		return wrongUsage("--json without --watch: the set is JSON already")
	case f.every != 0 && !f.watch:
		return wrongUsage("--every without --watch: the set is fetched once")
	case f.every != 0 && f.every < time.Second:
		return wrongUsage("--every %v, want 1s or more", f.every)
	case f.watch && f.out.file != "":
		return wrongUsage("-o with --watch: events go to standard output")
	case strings.HasPrefix(rawURL, "http:") && !f.in.allowHTTP && !input.IsLoopback(rawURL):
		return wrongUsage("the answer to an http URL can be forged on its way: use https, or accept the risk with --allow-http")
	}
	return nil
}

func (f *fetching) run(cmd *cobra.Command, rawURL string) error {
	if err := f.check(rawURL); err != nil {
		return err
	}
	r, err := f.in.reader(cmd)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	o := newObserver(cmd, f.explain)
	opts := &jwkhttp.ClientOptions{
		AllowHTTP:     strings.HasPrefix(rawURL, "http:"), // check has accepted it
		RootCAs:       r.RootCAs,
		WrapTransport: o.wrap,
	}
	if f.every != 0 {
		opts.MinTTL, opts.DefaultTTL, opts.MaxTTL = f.every, f.every, f.every
	}
	var w *watcher
	if f.watch {
		w = newWatcher(cmd.OutOrStdout(), f.json)
		opts.OnEvent = w.event
	}
	client, err := f.client(ctx, cmd, rawURL, opts)
	if err != nil {
		return o.failure(rawURL, err)
	}
	defer client.Close()
	if f.watch {
		return w.watch(ctx, client)
	}
	set, err := f.fetch(ctx, cmd, client)
	if err != nil {
		return o.failure(rawURL, err)
	}
	text, _, err := setJSON(set)
	if err != nil {
		return answerNo("%s: %s", rawURL, reasonOf(err))
	}
	if f.explain {
		o.explainSet(set, client.Status())
	}
	o.summary(set, client.Status())
	return f.out.write(cmd, text, false)
}

// client returns the client for a URL or an issuer.
func (f *fetching) client(ctx context.Context, cmd *cobra.Command, rawURL string, opts *jwkhttp.ClientOptions) (*jwkhttp.Client, error) {
	if !f.discover {
		return jwkhttp.NewClient(rawURL, opts)
	}
	defer f.progress(cmd, "asking "+hostOf(rawURL)+" for its metadata")()
	return jwkhttp.Discover(ctx, rawURL, opts)
}

// fetch fetches the set.
func (f *fetching) fetch(ctx context.Context, cmd *cobra.Command, client *jwkhttp.Client) (*jwk.Set, error) {
	defer f.progress(cmd, "fetching from "+client.String())()
	if err := client.Refresh(ctx); err != nil {
		return nil, err
	}
	return client.Set(ctx)
}

// progress shows on a terminal what the command waits for, until the result is called. With
// --explain the steps say it.
func (f *fetching) progress(cmd *cobra.Command, text string) (done func()) {
	if f.explain {
		return func() {}
	}
	p := terminal.NewProgress(cmd.ErrOrStderr())
	p.Show(terminal.Escape(text) + " ...")
	return p.Done
}

// hostOf returns the host of a URL for a message.
func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "the server"
	}
	return terminal.ShortWord(u.Host)
}

// lifeOf returns for how long clients keep a set, and between which times they refresh it.
func lifeOf(s jwkhttp.Status) string {
	life := s.ExpiresAt.Sub(s.FetchedAt)
	return fmt.Sprintf("clients keep it for %v, and refresh it after %v to %v", life, (life * 72 / 100).Round(time.Second), (life * 80 / 100).Round(time.Second))
}
