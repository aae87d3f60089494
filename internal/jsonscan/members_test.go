package jsonscan

import (
	"slices"
	"testing"
)

// walked returns the names and the values of an object, as Members finds them.
func walked(object string) (parts []string) {
	walk := MembersOf(object)
	for m, ok := walk.Next(); ok; m, ok = walk.Next() {
		parts = append(parts, object[m.Name:m.NameEnd], object[m.Value:m.End])
	}
	return parts
}

// TestMembers: if this fails, the attributes of a key are changed in the wrong place of its text.
func TestMembers(t *testing.T) {
	for _, tt := range []struct {
		object string
		want   []string // names and values in turn
	}{
		{`{}`, nil},
		{"{ \t\r\n}", nil},
		{`{"a":1}`, []string{`"a"`, `1`}},
		{"{ \"a\" :\t-1.5e3\r\n, \"b\":true }", []string{`"a"`, `-1.5e3`, `"b"`, `true`}},
		{`{"a":null,"":""}`, []string{`"a"`, `null`, `""`, `""`}},
		{`{"a\"":"\\","b":"\\\"}"}`, []string{`"a\""`, `"\\"`, `"b"`, `"\\\"}"`}},
		{`{"\\":1,"\\\\":2}`, []string{`"\\"`, `1`, `"\\\\"`, `2`}},
		{`{"a":[ ],"b":{}}`, []string{`"a"`, `[ ]`, `"b"`, `{}`}},
		{`{"a":{"b":[1,{"c":"]}"}, false]} ,"d":0}`, []string{`"a"`, `{"b":[1,{"c":"]}"}, false]}`, `"d"`, `0`}},
	} {
		if got := walked(tt.object); !slices.Equal(got, tt.want) {
			t.Errorf("the members of %s: got %q, want %q", tt.object, got, tt.want)
		}
	}
}

// TestMembersPlaces: if this fails, white space gets lost or doubled when attributes are changed.
func TestMembersPlaces(t *testing.T) {
	const object = `{ "a" : 1 , "b" :2}`
	walk := MembersOf(object)
	first, _ := walk.Next()
	second, _ := walk.Next()
	if want := (Member{Start: 1, Name: 2, NameEnd: 5, Value: 8, End: 9, After: 10}); first != want {
		t.Errorf("got %+v, want %+v", first, want)
	}
	if want := (Member{Start: 11, Name: 12, NameEnd: 15, Value: 17, End: 18, After: 18}); second != want {
		t.Errorf("got %+v, want %+v", second, want)
	}
	for range 2 {
		if m, ok := walk.Next(); ok {
			t.Errorf("after the last member: got %+v, want no member", m)
		}
	}
}

// FuzzMembers checks that Members finds the names and values that a Scanner finds in every object
// that Value accepts.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":"\"","b":[{"c":"\\"},-0.5e+1],"":{"d":null}}`, "{\n \"x\" : \"\\\\\\\"}\" ,\t\"y\":[[]] }",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, object string) {
		const depth = 64
		b := []byte(object)
		var s Scanner
		if ByteAt(b, 0) != '{' || s.Value(b, 0, depth) != len(b) {
			return
		}
		var want []string
		for i := SkipSpace(b, 1); b[i] != '}'; i = SkipSpace(b, i) {
			if b[i] == ',' {
				i = SkipSpace(b, i+1)
			}
			end := s.String(b, i)
			want = append(want, object[i:end])
			i = SkipSpace(b, SkipSpace(b, end)+len(":"))
			end = s.Value(b, i, depth)
			want = append(want, object[i:end])
			i = end
		}
		if got := walked(object); !slices.Equal(got, want) {
			t.Errorf("the members of %q: got %q, want %q", object, got, want)
		}
	})
}
