package setfile

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/cmd/jwk/internal/files"
)

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"empty", `{"keys":[]}`, nil},
		{"blank", " {\"keys\" : [ ] }\n", nil},
		{"one", `{"keys":[{"kid":"a"}]}`, []string{`{"kid":"a"}`}},
		{"not objects", `{"keys":[1, "]" ,null,[[]]]}`, []string{"1", `"]"`, "null", "[[]]"}},
		{"escaped name", `{"\u006beys":[1]}`, []string{"1"}},
		{"other members", `{"a":{"keys":[7]},"keys":[1],"b":[{"keys":[8]}]}`, []string{"1"}},
		{"byte order mark", "\uFEFF{\"keys\":[1]}", []string{"1"}},
		{"repeated names in an entry", `{"keys":[{"a":1,"a":2}]}`, []string{`{"a":1,"a":2}`}},
		{"repeated other member", `{"a":1,"a":2,"keys":[]}`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := parse(t, tc.text)
			var got []string
			for i := range f.Len() {
				got = append(got, string(f.Entry(i)))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("entries: got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "EOF"},
		{"array", `[{"keys":[]}]`, "not a JSON object"},
		{"string", `"keys"`, "not a JSON object"},
		{"no keys", `{"kty":"oct"}`, `no member "keys"`},
		{"keys in another case", `{"Keys":[]}`, `no member "keys"`},
		{"keys is an object", `{"keys":{}}`, `"keys" is not an array`},
		{"two keys", `{"keys":[1],"keys":[2]}`, `two members "keys"`},
		{"two keys, one escaped", `{"keys":[1],"k\u0065ys":[2]}`, `two members "keys"`},
		{"cut in an entry", `{"keys":[{"a":`, "EOF"},
		{"cut in the array", `{"keys":[1`, "EOF"},
		{"cut in the object", `{"keys":[1]`, "EOF"},
		{"no comma", `{"keys":[1 2]}`, "at byte"},
		{"comma at the end", `{"keys":[1,]}`, "at byte"},
		{"another value", `{"keys":[1]}{"keys":[2]}`, "more text after the object"},
		{"no value", `{"keys":`, "EOF"},
		{"rubbish", `{"keys":[1]}x`, "at byte"},
		{"UTF-8", "{\"keys\":[\"\xff\"]}", "UTF-8"},
		{"two byte order marks", "\uFEFF\uFEFF{\"keys\":[]}", "not JSON at byte 3"},
		{"many entries", `{"keys":[1` + strings.Repeat(",1", maxEntries) + `]}`, "more than 10000 entries"},
		{"many bytes", `{"keys":[]}` + strings.Repeat(" ", files.MaxBytes), "more than 16777216 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := Parse([]byte(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v, want an error with %q", f, err, tc.want)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	const lines = "{\n \"x\" : 1.0e+2 ,\n \"keys\": [\n  1,\n  2 ,\n\n  3\n ], \"y\": \"\\u0061\"\n}\n"
	for _, tc := range []struct {
		name, text, want string
		remove           []int
	}{
		{"nothing", lines, lines, nil},
		{"first", lines, "{\n \"x\" : 1.0e+2 ,\n \"keys\": [\n  2 ,\n\n  3\n ], \"y\": \"\\u0061\"\n}\n", []int{0}},
		{"middle", lines, "{\n \"x\" : 1.0e+2 ,\n \"keys\": [\n  1 ,\n\n  3\n ], \"y\": \"\\u0061\"\n}\n", []int{1}},
		{"last", lines, "{\n \"x\" : 1.0e+2 ,\n \"keys\": [\n  1,\n  2\n ], \"y\": \"\\u0061\"\n}\n", []int{2}},
		{"two", lines, "{\n \"x\" : 1.0e+2 ,\n \"keys\": [\n  3\n ], \"y\": \"\\u0061\"\n}\n", []int{0, 1}},
		{"all", lines, "{\n \"x\" : 1.0e+2 ,\n \"keys\": [], \"y\": \"\\u0061\"\n}\n", []int{0, 1, 2}},
		{"byte order mark", "\uFEFF{\"keys\":[1,2]}", "\uFEFF{\"keys\":[2]}", []int{0}},
		{"commas in an entry", `{"keys":["a,b]",[1,2],3]}`, `{"keys":["a,b]",3]}`, []int{1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := parse(t, tc.text)
			got := f.Remove(func(i int) bool { return slices.Contains(tc.remove, i) })
			if string(got) != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if string(f.text) != tc.text {
				t.Errorf("the text has changed: got %q, want %q", f.text, tc.text)
			}
		})
	}
}

func TestAppend(t *testing.T) {
	const entry = "{ \"kid\":\"\\u0061\",\n\"n\":1.0e+2,\"a\":[1,2],\"z\":{} }"
	for _, tc := range []struct{ name, text, want string }{
		{"compact", `{"keys":[{"kid":"b"}]}`, `{"keys":[{"kid":"b"},{"kid":"\u0061","n":1.0e+2,"a":[1,2],"z":{}}]}`},
		{"spaced", `{"keys": [{"kid": "b"}, {"kid": "c"}]}`,
			`{"keys": [{"kid": "b"}, {"kid": "c"}, {"kid": "\u0061", "n": 1.0e+2, "a": [1, 2], "z": {}}]}`},
		{"an entry a line", "{\"keys\":[\n {\"kid\":\"b\"}\n]}\n", "{\"keys\":[\n {\"kid\":\"b\"},\n {\"kid\":\"\\u0061\",\"n\":1.0e+2,\"a\":[1,2],\"z\":{}}\n]}\n"},
		{"lines",
			"{\n  \"keys\": [\n    {\n      \"kid\": \"b\"\n    }\n  ]\n}\n",
			"{\n  \"keys\": [\n    {\n      \"kid\": \"b\"\n    },\n    {\n      \"kid\": \"\\u0061\",\n      \"n\": 1.0e+2,\n      \"a\": [\n        1,\n        2\n      ],\n      \"z\": {}\n    }\n  ]\n}\n"},
		{"tabs and braces on the same line",
			"{\n\t\"keys\": [{\n\t\t\"kid\": \"b\"\n\t}, {\n\t\t\"kid\": \"c\"\n\t}]\n}",
			"{\n\t\"keys\": [{\n\t\t\"kid\": \"b\"\n\t}, {\n\t\t\"kid\": \"c\"\n\t}, {\n\t\t\"kid\": \"\\u0061\",\n\t\t\"n\": 1.0e+2,\n\t\t\"a\": [\n\t\t\t1,\n\t\t\t2\n\t\t],\n\t\t\"z\": {}\n\t}]\n}"},
		{"empty and compact", `{"keys":[],"x":1}`, `{"keys":[{"kid":"\u0061","n":1.0e+2,"a":[1,2],"z":{}}],"x":1}`},
		{"empty and spaced", `{"keys": [ ]}`, `{"keys": [{"kid": "\u0061", "n": 1.0e+2, "a": [1, 2], "z": {}}]}`},
		{"empty with lines", "{\n \"keys\": [\n ]\n}", "{\n \"keys\": [\n  {\n   \"kid\": \"\\u0061\",\n   \"n\": 1.0e+2,\n   \"a\": [\n    1,\n    2\n   ],\n   \"z\": {}\n  }\n ]\n}"},
		{"carriage returns", "{\r\n \"keys\": [\r\n  {\r\n   \"kid\": \"b\"\r\n  }\r\n ]\r\n}",
			"{\r\n \"keys\": [\r\n  {\r\n   \"kid\": \"b\"\r\n  },\r\n  {\r\n   \"kid\": \"\\u0061\",\r\n   \"n\": 1.0e+2,\r\n   \"a\": [\r\n    1,\r\n    2\r\n   ],\r\n   \"z\": {}\r\n  }\r\n ]\r\n}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parse(t, tc.text).Append([]byte(entry))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tc.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tc.want)
			}
		})
	}
}

func TestAppendSeveral(t *testing.T) {
	got, err := parse(t, Empty).Append([]byte("1"), []byte("2"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"keys\": [\n    1,\n    2\n  ]\n}\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Much white space between two entries is not repeated for each new entry.
func TestAppendLongSeparator(t *testing.T) {
	blanks := strings.Repeat(" ", files.MaxBytes/4)
	short := strings.Repeat(" ", maxBlank)
	for _, tc := range []struct{ text, want string }{
		{`{"keys":[` + blanks + `1]}`, `{"keys":[` + blanks + `1,` + short + `2,` + short + `3]}`},
		{`{"keys":[0` + blanks + `,` + blanks + `1]}`, `{"keys":[0` + blanks + `,` + blanks + `1` + short + `,` + short + `2` + short + `,` + short + `3]}`},
	} {
		got, err := parse(t, tc.text).Append([]byte("2"), []byte("3"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != tc.want {
			t.Errorf("got %d bytes, want %d", len(got), len(tc.want))
		}
	}
}

// A set that becomes too large is refused before all entries are in memory.
func TestAppendStops(t *testing.T) {
	entry := []byte(`"` + strings.Repeat("a", files.MaxBytes/4) + `"`)
	entries := slices.Repeat([][]byte{entry}, 5)
	entries = append(entries, []byte("not JSON")) // is not reached
	if _, err := parse(t, Empty).Append(entries...); err != errTooLarge {
		t.Errorf("got %v, want %v", err, errTooLarge)
	}
}

func TestAppendRefuses(t *testing.T) {
	full := `{"keys":[1` + strings.Repeat(",1", maxEntries-1) + `]}`
	large := `{"keys":["` + strings.Repeat("a", files.MaxBytes-20) + `"]}`
	for _, tc := range []struct{ name, text, entry, want string }{
		{"not JSON", `{"keys":[]}`, `{`, "an entry is not a JSON value"},
		{"two values", `{"keys":[]}`, `1,2`, "an entry is not a JSON value"},
		{"entries", full, "1", "more than 10000 entries"},
		{"bytes", large, `"12345678901234567890"`, "more than 16777216 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := parse(t, tc.text).Append([]byte(tc.entry))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %d bytes, %v, want an error with %q", len(got), err, tc.want)
			}
		})
	}
}

// TestAppendTheLast: a set may have as many entries as are read.
func TestAppendTheLast(t *testing.T) {
	text := `{"keys":[1` + strings.Repeat(",1", maxEntries-2) + `]}`
	got, err := parse(t, text).Append([]byte("2"))
	if want := strings.TrimSuffix(text, "]}") + ",2]}"; err != nil || string(got) != want {
		t.Fatalf("got %d bytes, %v, want %d", len(got), err, len(want))
	}
	if n := parse(t, string(got)).Len(); n != maxEntries {
		t.Errorf("entries: got %d, want %d", n, maxEntries)
	}
}

// TestAppendFarIndented, M05: each line of a new entry repeats the indentation, so that a file with
// a long one would grow far more than the entry.
func TestAppendFarIndented(t *testing.T) {
	const far = 10_000
	blanks := strings.Repeat(" ", far)
	text := "{\"keys\":[\n" + blanks + "{\n" + blanks + "\"kid\":1\n" + blanks + "}\n]}"
	entry := `{"a":[` + strings.Repeat("1,", 99) + `1]}`
	got, err := parse(t, text).Append([]byte(entry))
	if err != nil {
		t.Fatal(err)
	}
	// About 100 lines, with the indentation and two levels more, and one separator.
	if most := far + 110*(maxIndent*3+10); len(got)-len(text) > most {
		t.Errorf("got %d bytes more, want at most %d", len(got)-len(text), most)
	}
}

// FuzzEdit: what Parse accepts are the entries that package jwk finds, Remove and Append leave all
// other entries and the text around the array as they are, and Remove undoes Append.
func FuzzEdit(f *testing.F) {
	for _, text := range []string{
		`{"keys":[]}`, Empty, "\uFEFF{\"keys\" : [ 1 ,\n2 ]}", `{"keys":[{"kid":""},{"kty":"AKP","a":1,"a":1.0}],"x":{"keys":[3]}}`,
		"{\r\n\t\"keys\": [\r\n\t\t{\r\n\t\t\t\"kid\": \"]\"\r\n\t\t}\r\n\t]\r\n}",
	} {
		f.Add([]byte(text), uint64(1), []byte(`{"kid":"\u0061","n":1e400}`))
	}
	f.Fuzz(func(t *testing.T, text []byte, remove uint64, entry []byte) {
		file, err := Parse(text)
		if err != nil {
			return
		}
		if set, err := jwk.ParseSet(text); err == nil {
			if got := set.Len() + len(set.Skipped()); got != file.Len() {
				t.Fatalf("entries: got %d, package jwk finds %d", file.Len(), got)
			}
		}
		var kept [][]byte
		removes := func(i int) bool { return remove>>(i%64)&1 == 1 }
		for i := range file.Len() {
			if !removes(i) {
				kept = append(kept, file.Entry(i))
			}
		}
		before, after := text[:file.array.start], text[file.array.end:]
		check := func(what string, edited []byte, want [][]byte) *File {
			again, err := Parse(edited)
			if err != nil {
				t.Fatalf("%s: %v in %q", what, err, edited)
			}
			if again.Len() != len(want) {
				t.Fatalf("%s: got %d entries, want %d", what, again.Len(), len(want))
			}
			for i := range want {
				if !bytes.Equal(again.Entry(i), want[i]) {
					t.Fatalf("%s: entry %d: got %q, want %q", what, i, again.Entry(i), want[i])
				}
			}
			if !bytes.HasPrefix(edited, before) || !bytes.HasSuffix(edited, after) {
				t.Fatalf("%s: got %q, want the text around the array unchanged: %q", what, edited, text)
			}
			return again
		}
		removed := check("Remove", file.Remove(removes), kept)
		added, err := removed.Append(entry)
		if err != nil {
			return
		}
		last, err := Parse(added)
		if err != nil {
			t.Fatalf("Append: %v in %q", err, added)
		}
		placed := last.Entry(last.Len() - 1)
		if got, want := compact(t, placed), compact(t, entry); got != want {
			t.Fatalf("Append: got %q, want %q", got, want)
		}
		check("Append", added, append(kept, placed))
		check("Remove after Append", last.Remove(func(i int) bool { return i == last.Len()-1 }), kept)
	})
}

// compact returns a JSON text without white space.
func compact(t *testing.T, text []byte) string {
	v := jsontext.Value(bytes.Clone(text))
	if err := v.Compact(jsontext.AllowDuplicateNames(true)); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return string(v)
}
