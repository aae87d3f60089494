package jwk

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestWriter: if this fails, the JSON of a key is malformed, or a value can add members to it.
func TestWriter(t *testing.T) {
	tests := []struct {
		name  string
		write func(*writer)
		want  string
	}{
		{"empty", func(*writer) {}, `{}`},
		{"in the order of the calls", func(w *writer) {
			w.str("b", "x")
			w.raw("a", "[1, 2]")
			w.octets("c", []byte{1, 0, 1})
			w.octets("d", nil)
			w.strs("f", []string{"y", "z"})
			w.strs("e", nil)
		}, `{"b":"x","a":[1, 2],"c":"AQAB","d":"","f":["y","z"],"e":[]}`},
		{"J15 names and values are escaped", func(w *writer) {
			w.raw(`x":0,"d`, `1`)
			w.str("kid", "\"},\x00\n\\")
			w.strs("key_ops", []string{`","d":"`})
		}, `{"x\":0,\"d":1,"kid":"\"},\u0000\n\\","key_ops":["\",\"d\":\""]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w writer
			tt.write(&w)
			got, err := w.done()
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v; want %s", got, err, tt.want)
			}
			if err := readAll(string(got)); err != nil {
				t.Errorf("readAll(%s): got %v, want no error", got, err)
			}
		})
	}
}

// TestWriterRefusesInvalidUTF8: if this fails, a program writes keys that no JSON parser
// accepts.
func TestWriterRefusesInvalidUTF8(t *testing.T) {
	tests := []struct {
		name  string
		write func(*writer)
		path  string
	}{
		{"value", func(w *writer) { w.str("a", "\xff") }, "/a"},
		{"array", func(w *writer) { w.strs("a", []string{"b", "\xff"}) }, "/a"},
		{"name", func(w *writer) { w.raw("a\xff", "1") }, "/a\uFFFD"},
		{"the first of two", func(w *writer) { w.str("b", "\xff"); w.str("a", "\xff") }, "/b"},
		{"between valid members", func(w *writer) { w.str("a", "x"); w.str("b", "\xff"); w.str("c", "x") }, "/b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var w writer
			tt.write(&w)
			got, err := w.done()
			var e *Error
			if got != nil || !errors.As(err, &e) || !errors.Is(err, ErrInvalid) {
				t.Fatalf("got %s, %v; want no text and %v", got, err, ErrInvalid)
			}
			if string(e.Path) != tt.path {
				t.Errorf("path: got %q, want %q", e.Path, tt.path)
			}
		})
	}
}

// TestWriterReleaseKeepsNoSecret: writers go into a pool. If this fails, the pool keeps the text of
// a private key, or the buffer of a large one.
func TestWriterReleaseKeepsNoSecret(t *testing.T) {
	w := newWriter()
	w.str("kid", "secret")
	w.str("use", "secret")
	w.order()
	text, err := w.done()
	if err != nil || !bytes.Contains(text, []byte("secret")) {
		t.Fatalf("got %s, %v; want a text with the secret", text, err)
	}
	w.release()
	if bytes.Contains(text, []byte("secret")) {
		t.Error("the text still contains the secret after release, want zeros")
	}
	large := new(writer)
	large.raw("a", strings.Repeat("1", maxScratch))
	large.release()
	if n := cap(large.buf); n > maxScratch {
		t.Errorf("got a buffer of %d octets, want at most %d", n, maxScratch)
	}
}
