package terminal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	long := strings.Repeat("a", 70)
	for _, tc := range []struct{ text, word, short, escaped string }{
		{"plain", "plain", "plain", "plain"},
		{"../etc", "../etc", "../etc", "../etc"},
		{"", `""`, `""`, ""},
		{"-", `"-"`, `"-"`, "-"},
		{"two words", `"two words"`, `"two words"`, "two words"},
		{`quo"te`, `"quo\"te"`, `"quo\"te"`, `quo"te`},
		{`back\slash`, `"back\\slash"`, `"back\\slash"`, `back\slash`},
		{"it's", "it's", "it's", "it's"},
		{"\x1b[31m", `"\x1b[31m"`, `"\x1b[31m"`, `\x1b[31m`},
		{"a\nb\tc\rd", `"a\nb\tc\rd"`, `"a\nb\tc\rd"`, `a\nb\tc\rd`},
		{"\x7f\u009b", `"\x7f\u009b"`, `"\x7f\u009b"`, `\x7f\u009b`},
		{"\u202eé", `"\u202e\u00e9"`, `"\u202e\u00e9"`, `\u202e\u00e9`},
		{"\U0001f511", `"\U0001f511"`, `"\U0001f511"`, `\U0001f511`},
		{"\xff", `"\xff"`, `"\xff"`, `\ufffd`},
		{long, long, `"` + long[:64] + `"...`, long},
		{long[:63] + "é", `"` + long[:63] + `\u00e9"`, `"` + long[:63] + `"...`, long[:63] + `\u00e9`},
		{strings.Repeat("\x80", 70), `"` + strings.Repeat(`\x80`, 70) + `"`, `""...`, strings.Repeat(`\ufffd`, 70)},
	} {
		if got := Word(tc.text); got != tc.word {
			t.Errorf("Word(%q): got %s, want %s", tc.text, got, tc.word)
		}
		if got := ShortWord(tc.text); got != tc.short {
			t.Errorf("ShortWord(%q): got %s, want %s", tc.text, got, tc.short)
		}
		if got := Escape(tc.text); got != tc.escaped {
			t.Errorf("Escape(%q): got %s, want %s", tc.text, got, tc.escaped)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 keys", 1: "1 key", 2: "2 keys"} {
		if got := Count(n, "key", "keys"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestStyle(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{Screen{}.Bold("a"), "a"},
		{Screen{Width: 80}.Red("a"), "a"},
		{Screen{Width: 80, Color: true}.Bold("a"), "\x1b[1ma\x1b[0m"},
		{Screen{Width: 80, Color: true}.Red("a"), "\x1b[31ma\x1b[0m"},
		{Screen{Width: 80, Color: true}.Red(""), ""},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// TestNoTerminal: a file, a pipe and a buffer get no table for a screen, and no colour.
func TestNoTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if got := ScreenOf(f); got != (Screen{}) {
		t.Errorf("a file: got %+v, want no screen", got)
	}
	if got := ScreenOf(w); got != (Screen{}) {
		t.Errorf("a pipe: got %+v, want no screen", got)
	}
	if got := ScreenOf(new(bytes.Buffer)); got != (Screen{}) {
		t.Errorf("a buffer: got %+v, want no screen", got)
	}
	if IsTerminal(strings.NewReader("")) {
		t.Error("a reader is a terminal, want no terminal")
	}
}

func TestProgress(t *testing.T) {
	var buf bytes.Buffer
	p := NewProgress(&buf)
	p.Show("1 of 2")
	p.Done()
	if buf.Len() > 0 {
		t.Errorf("to a program: got %q, want nothing", buf.String())
	}
	p = &Progress{w: &buf, width: 12}
	p.Done() // nothing is shown yet
	p.Show("1 of 2 keys and more")
	p.Show("2 of 2")
	p.Done()
	p.Done()
	want := "\r1 of...more" + "\r2 of 2     " + "\r      \r"
	if got := buf.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	buf.Reset()
	p = &Progress{w: &buf, width: 1}
	p.Show("text")
	p.Done()
	if got := buf.String(); got != "\r" {
		t.Errorf("without room: got %q, want a carriage return", got)
	}
}
