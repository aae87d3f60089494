package terminal

import "testing"

// TestShellWord: a command in a message can be pasted, and runs no part of a stranger's text.
func TestShellWord(t *testing.T) {
	for s, want := range map[string]string{
		"key.p12":                  "key.p12",
		"a/b-c_d@e%f+g=h:i,j.k":    "a/b-c_d@e%f+g=h:i,j.k",
		"two words":                "'two words'",
		"x;id":                     "'x;id'",
		"it's":                     `'it'\''s'`,
		"https://a.example/$(id)":  "'https://a.example/$(id)'",
		"`id`":                     "'`id`'",
		"https://a.example/?a=1&b": "'https://a.example/?a=1&b'",
		"":                         "''",
		"~root":                    "'~root'",
		"-rf":                      "FILE",
		"a\nid":                    "FILE",
		"\x1b[31m":                 "FILE",
		"\u00e9":                   "FILE",
	} {
		if got := ShellWord(s, "FILE"); got != want {
			t.Errorf("ShellWord(%q): got %q, want %q", s, got, want)
		}
	}
}
