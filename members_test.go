package jwk

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// registeredNames are the names of the registered members by group, copied from their
// specifications.
var registeredNames = map[string][]string{
	"kty":       {"kty"},
	"attribute": {"use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "iat", "nbf", "exp"},
	"public":    {"crv", "x", "y", "n", "e", "pub"},
	"private":   {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"},
}

// TestMemberTable: if this fails, a registered member is treated as unknown, or a private member
// as public, which would publish it.
func TestMemberTable(t *testing.T) {
	groups := map[string]memberSet{}
	total := 0
	for group, names := range registeredNames {
		total += len(names)
		for _, name := range names {
			id, ok := memberOf(name)
			if !ok {
				t.Errorf("memberOf(%q): got no member, want one", name)
				continue
			}
			if id.String() != name {
				t.Errorf("memberOf(%q).String(): got %q, want the same name", name, id)
			}
			groups[group] |= setOf(id)
			for _, variant := range []string{strings.ToUpper(name), name + " ", name + "\x00", " " + name, name[1:]} {
				if slices.Contains(slices.Concat(registeredNames["kty"], registeredNames["attribute"],
					registeredNames["public"], registeredNames["private"]), variant) {
					continue
				}
				if id, ok := memberOf(variant); ok {
					t.Errorf("memberOf(%q): got %s, want no member", variant, id)
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
			t.Errorf("memberOf(%q): got %s, want no member", name, id)
		}
	}
}

// TestMemberSetFirst: if this fails, an error about a set of members names another member.
func TestMemberSetFirst(t *testing.T) {
	for id := range numMembers {
		if got := setOf(id).first(); got != id {
			t.Errorf("setOf(%s).first(): got %s, want the only member", id, got)
		}
		if got := setOf(numMembers-1, id).first(); got != id {
			t.Errorf("setOf(%s, %s).first(): got %s, want the second", numMembers-1, id, got)
		}
	}
}

// readObject reads a document, which must be an object, into m.
func readObject(m *members, doc string) error {
	r := newReader([]byte(doc))
	if err := m.read(r); err != nil {
		return err
	}
	return r.end()
}

// TestMembersRead: if this fails, a member is not found, or a member at another level, in
// another case or of the previous key is taken for a member of this key.
func TestMembersRead(t *testing.T) {
	const doc = "\n { \"kty\" : \"oct\" ,\"later\":{\"d\":1}, \"\\u006b\" :\t\"AQAB\",\"KID\":[ ] } "
	var m members
	if err := readObject(&m, doc); err != nil {
		t.Fatal(err)
	}
	if m.dup != nil {
		t.Errorf("got duplicate %v, want nil", m.dup)
	}
	if want := setOf(mKty, mK); m.present != want {
		t.Errorf("present: got %b, want %b", m.present, want)
	}
	for id, want := range map[memberID]string{mKty: `"oct"`, mK: `"AQAB"`} {
		if !m.has(id) {
			t.Errorf("has(%s): got false, want true", id)
		}
		if got := m.raw(id); got != want {
			t.Errorf("raw(%s): got %s, want %s", id, got, want)
		}
	}
	if m.has(mD) || m.has(mKid) {
		t.Error("got d or kid, want neither: one is at another level and one in another case")
	}
	if got, want := doc[m.object.start:m.object.end], strings.TrimSpace(doc); got != want {
		t.Errorf("object: got %q, want %q", got, want)
	}

	// Reading the next object must remove everything of the previous one.
	if err := readObject(&m, `{"kid":"a","kid":"b","later":1}`); err != nil || m.dup == nil {
		t.Fatalf("got %v, duplicate %v; want a duplicate", err, m.dup)
	}
	if err := readObject(&m, `{"later":1}`); err != nil || m.dup != nil || m.present != 0 {
		t.Errorf("got %v, duplicate %v, present %b; want nil, nil and 0", err, m.dup, m.present)
	}
}

// TestMembersReadDuplicates: if this fails, a duplicate member is accepted, its error points to
// another place, or one key with a duplicate makes a whole set unreadable.
func TestMembersReadDuplicates(t *testing.T) {
	tests := []struct{ name, doc, path, value string }{
		{"J01 registered", `{"kid":"a","use":"b","kid":"c"}`, "/kid", `"c"`},
		{"J01 registered, the same value", `{"kid":"a" , "kid" : "a"}`, "/kid", ` "a"}`},
		{"J02 three times", `{"kid":1,"kid":2,"kid":3}`, "/kid", `2`},
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
				t.Fatalf("got %v, want no error, because other objects of the document can be read", err)
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

// TestMembersReadManyUnknown: the first maxCompared unknown names are compared one by one, and
// more names in another way. If this fails, a duplicate on one side of that limit, or with one
// name on each side, is accepted.
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
			t.Fatalf("%d names: got %v, duplicate %v; want nil and nil", n, err, m.dup)
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

// TestMembersReadLosesTheDocument: if this fails, the members of malformed JSON are used.
func TestMembersReadLosesTheDocument(t *testing.T) {
	for _, doc := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":tru}`, `{]`, `{"a":1]`, `{1:1}`, `{"a":1 "b":2}`} {
		var m members
		if err := readObject(&m, doc); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: got %v, want %v", doc, err, ErrSyntax)
		}
	}
}

// TestStrs: if this fails, the strings of key_ops, or the certificates of x5c, are read wrongly.
func TestStrs(t *testing.T) {
	tests := []struct {
		name, value string
		want        []string
	}{
		{"empty", `[]`, nil},
		{"empty with white space", "[ \t\r\n ]", nil},
		{"one", `["a"]`, []string{"a"}},
		{"as many as the limit", `["a","b","c"]`, []string{"a", "b", "c"}},
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

// TestStrsRefuses: if this fails, an element that is not a string is ignored, or a long array
// can exhaust a program.
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
				t.Fatalf("got %v, %v; want nil and %v", list, err, tt.kind)
			}
			if want := int64(strings.Index(doc, tt.value)); e.Path != "/key_ops" || e.Offset != want {
				t.Errorf("got path %q and offset %d, want /key_ops and %d", e.Path, e.Offset, want)
			}
		})
	}
}

// TestStr: if this fails, a string member is read wrongly, or a value of another type as absent.
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
		t.Errorf("alg: got %q, %v; want an empty string, because it is absent", got, err)
	}
	_, err := m.str(mUse)
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, ErrSyntax) || e.Path != "/use" || int(e.Offset) != strings.Index(doc, "[") {
		t.Errorf("use: got %#v, want %v at /use", err, ErrSyntax)
	}
}

// TestEachMember: if this fails, Members does not yield the members in the order of the
// document, or panics when the caller breaks out of its loop.
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
		t.Errorf("got member %q of an empty object, want no member", name)
	}
}

// TestReleaseKeepsNoSecret: the parser puts its working memory into a pool. If this fails, that
// memory still contains a secret, or the buffer of a large member stays allocated.
func TestReleaseKeepsNoSecret(t *testing.T) {
	m := newMembers()
	r := newReader([]byte(`{"kty":"oct","later":1,"later":2,"k":"` + encode64(bytes.Repeat([]byte("s"), 1<<20)) + `"}`))
	if err := m.read(r); err != nil {
		t.Fatal(err)
	}
	if m.dup == nil || len(m.unknown) == 0 {
		t.Fatal("got no duplicate, want one, so that release has everything to remove")
	}
	if _, secret, err := m.encoded(mK); err != nil || len(secret) != 1<<20 {
		t.Fatalf("got %d octets, %v; want %d", len(secret), err, 1<<20)
	}
	m.point = append(m.point[:0], "secret"...)
	point := m.point
	buf, unknown := m.buf, m.unknown
	m.release()
	if cap(m.buf) > maxScratch {
		t.Errorf("got a buffer of %d octets, want at most %d", cap(m.buf), maxScratch)
	}
	if m.data != nil || m.doc != nil || m.dup != nil || slices.ContainsFunc(unknown, func(s string) bool { return s != "" }) {
		t.Errorf("got data %q, text %v, duplicate %v and names %q; want all of them empty", m.data, m.doc, m.dup, unknown)
	}
	if bytes.Contains(buf, []byte("s")) || string(point) != "\x00\x00\x00\x00\x00\x00" {
		t.Error("the buffers still contain the secret after release, want zeros")
	}
}

// setOf returns the set of these members.
func setOf(ids ...memberID) (s memberSet) {
	for _, id := range ids {
		s |= 1 << id
	}
	return s
}

// TestReleaseWipes checks that no private octets stay in scratch memory that the next key uses.
func TestReleaseWipes(t *testing.T) {
	m := new(members)
	m.buf, m.point = bytes.Repeat([]byte{1}, 64), bytes.Repeat([]byte{1}, 64)
	scratch := [][]byte{m.buf, m.point}
	m.buf, m.point = m.buf[:1], m.point[:0] // what is beyond the length may be private, too
	m.release()
	for i, b := range scratch {
		if !bytes.Equal(b, make([]byte, 64)) {
			t.Errorf("scratch %d: got %x, want zeros", i, b)
		}
	}
}
