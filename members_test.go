package jwk

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The names of each group of registered members, from their specifications.
var registeredNames = map[string][]string{
	"kty":       {"kty"},
	"attribute": {"use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "iat", "nbf", "exp"},
	"public":    {"crv", "x", "y", "n", "e", "pub"},
	"private":   {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"},
}

func TestMemberTable(t *testing.T) {
	groups := map[string]memberSet{}
	total := 0
	for group, names := range registeredNames {
		total += len(names)
		for _, name := range names {
			id, ok := memberOf(name)
			if !ok {
				t.Errorf("memberOf(%q): got none", name)
				continue
			}
			if id.String() != name {
				t.Errorf("memberOf(%q).String(): got %q", name, id)
			}
			groups[group] |= setOf(id)
			for _, variant := range []string{strings.ToUpper(name), name + " ", name + "\x00", " " + name, name[1:]} {
				if slices.Contains(slices.Concat(registeredNames["kty"], registeredNames["attribute"],
					registeredNames["public"], registeredNames["private"]), variant) {
					continue
				}
				if id, ok := memberOf(variant); ok {
					t.Errorf("memberOf(%q): got %s, want none", variant, id)
				}
			}
		}
	}
	if total != int(numMembers) {
		t.Errorf("got %d registered members, want %d", int(numMembers), total)
	}
	certificates := memberSet(0)
	for _, name := range []string{"x5u", "x5c", "x5t", "x5t#S256"} {
		id, _ := memberOf(name)
		certificates |= setOf(id)
	}
	for _, tt := range []struct {
		name      string
		got, want memberSet
	}{
		{"attributeMembers", attributeMembers, groups["attribute"]},
		{"privateMembers", privateMembers, groups["private"]},
		{"certificateMembers", certificateMembers, certificates},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %b, want %b", tt.name, tt.got, tt.want)
		}
	}
	for _, name := range []string{"", "KTY", "Kty", "keys", "x5t#s256", "D", "\u212Aty", "u\u017Fe"} {
		if id, ok := memberOf(name); ok {
			t.Errorf("memberOf(%q): got %s, want none", name, id)
		}
	}
}

func TestMemberSetFirst(t *testing.T) {
	for id := range numMembers {
		if got := setOf(id).first(); got != id {
			t.Errorf("setOf(%s).first(): got %s", id, got)
		}
		if got := setOf(numMembers-1, id).first(); got != id {
			t.Errorf("setOf(%s, %s).first(): got %s", numMembers-1, id, got)
		}
	}
}

// readObject reads the object that doc is, into m.
func readObject(m *members, doc string) error {
	r := newReader([]byte(doc))
	if err := m.read(r); err != nil {
		return err
	}
	return r.end()
}

func TestMembersRead(t *testing.T) {
	const doc = "\n { \"kty\" : \"oct\" ,\"later\":{\"d\":1}, \"\\u006b\" :\t\"AQAB\",\"KID\":[ ] } "
	var m members
	if err := readObject(&m, doc); err != nil {
		t.Fatal(err)
	}
	if m.dup != nil {
		t.Errorf("got duplicate %v, want none", m.dup)
	}
	if want := setOf(mKty, mK); m.present != want {
		t.Errorf("present: got %b, want %b", m.present, want)
	}
	for id, want := range map[memberID]string{mKty: `"oct"`, mK: `"AQAB"`} {
		if !m.has(id) {
			t.Errorf("has(%s): got false", id)
		}
		if got := m.raw(id); got != want {
			t.Errorf("raw(%s): got %s, want %s", id, got, want)
		}
	}
	if m.has(mD) || m.has(mKid) {
		t.Error("got a member that is not there: another level and another case do not count")
	}
	if got, want := doc[m.object.start:m.object.end], strings.TrimSpace(doc); got != want {
		t.Errorf("object: got %q, want %q", got, want)
	}

	// The next object finds nothing of the one before.
	if err := readObject(&m, `{"kid":"a","kid":"b","later":1}`); err != nil || m.dup == nil {
		t.Fatalf("got %v, duplicate %v; want a duplicate", err, m.dup)
	}
	if err := readObject(&m, `{"later":1}`); err != nil || m.dup != nil || m.present != 0 {
		t.Errorf("got %v, duplicate %v, present %b; want none", err, m.dup, m.present)
	}
}

func TestMembersReadDuplicates(t *testing.T) {
	tests := []struct{ name, doc, path, value string }{
		{"J01 registered", `{"kid":"a","use":"b","kid":"c"}`, "/kid", `"c"`},
		{"J01 registered, the same value", `{"kid":"a" , "kid" : "a"}`, "/kid", ` "a"}`},
		{"J02 thrice", `{"kid":1,"kid":2,"kid":3}`, "/kid", `2`},
		{"J02 null", `{"d":"AQAB","d":null}`, "/d", `null`},
		{"unknown", `{"a":"x","b":1,"a":"y"}`, "", `"y"`},
		{"empty name", `{"":"x","":"y"}`, "", `"y"`},
		{"name with a slash", `{"a/b~":"x","a/b~":"y"}`, "", `"y"`},
		{"registered, once escaped", `{"kid":"x","\u006bid":"y"}`, "/kid", `"y"`},
		{"unknown, once escaped", `{"\u0061":"x","a":"y"}`, "", `"y"`},
		{"at depth in an unknown member", `{"a":[{"b":1,"b":2}]}`, "", `[{`},
		{"at depth, once escaped", `{"a":{"b":{"c":1,"\u0063":2}}}`, "", `{"b"`},
		{"at depth in a registered member", `{"oth":[{"r":"AQ","r":"AQ"}]}`, "/oth", `[{`},
		{"the first of two", `{"a":"x","kid":"z","a":"y","kid":"w"}`, "", `"y"`},
		{"object repeated", `{"a":{},"a": {}}`, "", ` {}}`},
		{"array repeated", `{"oth":[],"oth": [1]}`, "/oth", ` [1]`},
		{"object repeated, and more in it", `{"a":{},"a":{"b":1,"b":2}}`, "", `{"b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m members
			if err := readObject(&m, tt.doc); err != nil {
				t.Fatalf("got %v: a duplicate is this object's fault alone", err)
			}
			if m.dup == nil || !errors.Is(m.dup, ErrSyntax) {
				t.Fatalf("got %v, want %v", m.dup, ErrSyntax)
			}
			if string(m.dup.Path) != tt.path {
				t.Errorf("path: got %q, want %q", m.dup.Path, tt.path)
			}
			want := int64(strings.Index(tt.doc, tt.value) + len(tt.value) - len(strings.TrimLeft(tt.value, " ")))
			if m.dup.Offset != want {
				t.Errorf("offset: got %d, want %d", m.dup.Offset, want)
			}
		})
	}
}

// Unknown names are compared one by one as long as they are few. A duplicate
// is found wherever it stands, before that bound, across it and behind it.
func TestMembersReadManyUnknown(t *testing.T) {
	const most = 40
	object := func(n, i, j int) string {
		var b strings.Builder
		for at := range n {
			name := at
			if at == j {
				name = i
			}
			if at > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `"m%d":%d`, name, at)
		}
		return "{" + b.String() + "}"
	}
	for n := range most {
		var m members
		if err := readObject(&m, object(n, -1, -1)); err != nil || m.dup != nil {
			t.Fatalf("%d names: got %v, duplicate %v; want none", n, err, m.dup)
		}
	}
	for _, n := range []int{2, maxCompared - 1, maxCompared, maxCompared + 1, maxCompared + 2, most} {
		for j := range n {
			for i := range j {
				var m members
				doc := object(n, i, j)
				if err := readObject(&m, doc); err != nil {
					t.Fatal(err)
				}
				if m.dup == nil {
					t.Fatalf("%s: got no duplicate, want m%d", doc, i)
				}
			}
		}
	}
}

func TestMembersReadLosesTheDocument(t *testing.T) {
	for _, doc := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":tru}`, `{]`, `{"a":1]`, `{1:1}`, `{"a":1 "b":2}`} {
		var m members
		if err := readObject(&m, doc); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: got %v, want %v", doc, err, ErrSyntax)
		}
	}
}

func TestStrs(t *testing.T) {
	tests := []struct {
		name, value string
		want        []string
	}{
		{"empty", `[]`, nil},
		{"empty with white space", "[ \t\r\n ]", nil},
		{"one", `["a"]`, []string{"a"}},
		{"as many as allowed", `["a","b","c"]`, []string{"a", "b", "c"}},
		{"white space", "[ \"a\"\t,\r\n\"b\" ]", []string{"a", "b"}},
		{"escapes", `["\"a\\",",]","\u0062"]`, []string{`"a\`, ",]", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m members
			if err := readObject(&m, `{ "key_ops" : `+tt.value+`}`); err != nil {
				t.Fatal(err)
			}
			list, err := m.strs(mKeyOps, 3)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range list {
				got = append(got, unquote(m.doc.text[v.start:v.end]))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStrsRefuses(t *testing.T) {
	tests := []struct {
		name, value string
		kind        error
	}{
		{"string", `"a"`, ErrSyntax},
		{"null", `null`, ErrSyntax},
		{"object", `{}`, ErrSyntax},
		{"number", `1`, ErrSyntax},
		{"null within", `["a",null]`, ErrSyntax},
		{"number within", `["a",1]`, ErrSyntax},
		{"boolean within", `["a",false]`, ErrSyntax},
		{"array within", `[[]]`, ErrSyntax},
		{"object within", `[{"a":"b"}]`, ErrSyntax},
		{"one too many", `["a","b","c","d"]`, ErrPolicy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := `{ "key_ops" : ` + tt.value + `}`
			var m members
			if err := readObject(&m, doc); err != nil {
				t.Fatal(err)
			}
			list, err := m.strs(mKeyOps, 3)
			var e *Error
			if list != nil || !errors.As(err, &e) || !errors.Is(err, tt.kind) {
				t.Fatalf("got %v, %v; want %v alone", list, err, tt.kind)
			}
			if want := int64(strings.Index(doc, tt.value)); e.Path != "/key_ops" || e.Offset != want {
				t.Errorf("got place %q, %d; want /key_ops, %d", e.Path, e.Offset, want)
			}
		})
	}
}

func TestStr(t *testing.T) {
	const doc = `{"kid":"\u0061","use":["sig"]}`
	var m members
	if err := readObject(&m, doc); err != nil {
		t.Fatal(err)
	}
	if got, err := m.str(mKid); err != nil || got != "a" {
		t.Errorf("kid: got %q, %v; want a", got, err)
	}
	if got, err := m.str(mAlg); err != nil || got != "" {
		t.Errorf("alg: got %q, %v; want nothing, for it is absent", got, err)
	}
	_, err := m.str(mUse)
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, ErrSyntax) || e.Path != "/use" || int(e.Offset) != strings.Index(doc, "[") {
		t.Errorf("use: got %#v, want %v at /use", err, ErrSyntax)
	}
}

func TestEachMember(t *testing.T) {
	const object = `{"b":1,"\u0061": [2, {"c":3}] ,"":"\u0078"}`
	want := [][2]string{{"b", `1`}, {"a", `[2, {"c":3}]`}, {"", `"\u0078"`}}
	for n := 1; n <= len(want); n++ {
		var got [][2]string
		for name, value := range eachMember(object) {
			got = append(got, [2]string{name, value})
			if len(got) == n {
				break
			}
		}
		if !slices.Equal(got, want[:n]) {
			t.Errorf("the first %d: got %q, want %q", n, got, want[:n])
		}
	}
	for name := range eachMember(`{}`) {
		t.Errorf("got member %q of an empty object", name)
	}
}

// A large member does not stay in the pool, nor any secret.
func TestReleaseKeepsNoSecret(t *testing.T) {
	m := newMembers()
	r := newReader([]byte(`{"kty":"oct","later":1,"later":2,"k":"` + encode64(bytes.Repeat([]byte("s"), 1<<20)) + `"}`))
	if err := m.read(r); err != nil {
		t.Fatal(err)
	}
	if m.dup == nil || len(m.unknown) == 0 {
		t.Fatal("no duplicate was found")
	}
	if _, secret, err := m.encoded(mK); err != nil || len(secret) != 1<<20 {
		t.Fatalf("got %d octets, %v", len(secret), err)
	}
	m.point = append(m.point[:0], "secret"...)
	point := m.point
	buf, unknown := m.buf, m.unknown
	m.release()
	if cap(m.buf) > maxScratch {
		t.Errorf("got scratch of %d octets, want at most %d", cap(m.buf), maxScratch)
	}
	if m.data != nil || m.doc != nil || m.dup != nil || slices.ContainsFunc(unknown, func(s string) bool { return s != "" }) {
		t.Errorf("got data %q, text %v, duplicate %v and names %q; want none", m.data, m.doc, m.dup, unknown)
	}
	if bytes.Contains(buf, []byte("s")) || string(point) != "\x00\x00\x00\x00\x00\x00" {
		t.Error("the scratch still holds the secret")
	}
}
