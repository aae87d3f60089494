package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A callListener is a listener whose connections are pipes that a test has made.
type callListener struct {
	calls chan net.Conn
	ended chan struct{}
}

func (l *callListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.calls:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *callListener) Close() error   { close(l.ended); return nil }
func (l *callListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// serveCalls runs test with a server. call connects to it. The time is the time of the bubble, so
// that a minute takes no time.
func serveCalls(t *testing.T, test func(t *testing.T, call func() net.Conn)) {
	t.Helper()
	p := newTestPublisher(t, setOf("a"))
	synctest.Test(t, func(t *testing.T) {
		l := &callListener{make(chan net.Conn, maxConnected+1), make(chan struct{})}
		s := &serving{path: "/jwks", maxAge: time.Minute}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.serve(ctx, l, p.publisher) }()
		test(t, func() net.Conn {
			client, server := net.Pipe()
			l.calls <- server
			t.Cleanup(func() { client.Close() })
			return client
		})
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// checkEnd checks after which time the server ends a connection.
func checkEnd(t *testing.T, c net.Conn, want time.Duration) {
	t.Helper()
	begin := time.Now()
	_, err := io.Copy(io.Discard, c)
	if got := time.Since(begin); got != want || err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the connection ended after %v with %v, want %v", got, err, want)
	}
}

const getSet = "GET /jwks HTTP/1.1\r\nHost: a\r\n"

// A client that sends or reads slowly must not hold a connection for long.
func TestServeSlowClients(t *testing.T) {
	t.Run("header", func(t *testing.T) {
		serveCalls(t, func(t *testing.T, call func() net.Conn) {
			c := call()
			send(t, c, getSet) // the empty line is missing
			checkEnd(t, c, headerTimeout)
		})
	})
	t.Run("idle", func(t *testing.T) {
		serveCalls(t, func(t *testing.T, call func() net.Conn) {
			c := call()
			send(t, c, getSet+"\r\n")
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				t.Fatal(err)
			}
			checkEnd(t, c, idleTimeout)
		})
	})
	t.Run("answer", func(t *testing.T) {
		serveCalls(t, func(t *testing.T, call func() net.Conn) {
			c := call()
			send(t, c, getSet+"\r\n")
			time.Sleep(writeTimeout + time.Millisecond) // of the bubble
			if answer, err := io.ReadAll(c); len(answer) != 0 {
				t.Errorf("got %q, %v after %v, want that the server has given up", answer, err, writeTimeout)
			}
		})
	})
}

// A header of megabytes must not fill the memory.
func TestServeLargeHeader(t *testing.T) {
	serveCalls(t, func(t *testing.T, call func() net.Conn) {
		for size, want := range map[int]int{maxHeader - 1000: http.StatusOK, 3 * maxHeader: http.StatusRequestHeaderFieldsTooLarge} {
			c := call()
			go func() { // the server may answer before it has read all
				_, _ = io.WriteString(c, getSet+"Connection: close\r\nA: "+strings.Repeat("a", size)+"\r\n\r\n")
			}()
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			c.Close()
			if answer.StatusCode != want {
				t.Errorf("a header of %d bytes: got status %d, want %d", size, answer.StatusCode, want)
			}
		}
	})
}

// Clients beyond the limit wait until another client has gone.
func TestServeManyClients(t *testing.T) {
	serveCalls(t, func(t *testing.T, call func() net.Conn) {
		for range maxConnected {
			call()
		}
		synctest.Wait()
		last := call()
		begin := time.Now()
		send(t, last, getSet+"Connection: close\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(last), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		if got := time.Since(begin); got != headerTimeout || answer.StatusCode != http.StatusOK {
			t.Errorf("got status %d after %v, want %d after %v", answer.StatusCode, got, http.StatusOK, headerTimeout)
		}
	})
}
