package jwk

import (
	"math"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Keys of the material of another, with other attributes.

// reusingParser returns a Parser that does not check the material reusingParser. It keeps MaxRSABits of the
// Parser that read k, because certificates may be new. atOdds allows a use that is at odds
// with alg. mat is the material of k or of its public half.
func (k *key) reusingParser(mat material, atOdds bool) *Parser {
	return &Parser{
		MaxRSABits: max(int(k.state().maxRSA), defaultMaxRSABits), MaxBytes: math.MaxInt,
		useAtOdds: atOdds, checked: &checkedMaterial{mat.moved},
	}
}

// WithAttributes returns a key of the same material with the attributes of a instead of
// its own, all of them. Members keep their place in the text, and their spelling if their
// value is the same; new ones come last. So k.WithAttributes(k.Attributes()) has the
// text of k.
//
// It makes the checks of [New] on everything but the material, which it shares with k.
// The [Key.Deviations] of members that did not change stay. A private half that is held
// elsewhere stays, too.
func (k *Key) WithAttributes(a Attributes) (*Key, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	next, err := a.members(k.kind)
	if err != nil {
		return nil, err
	}
	asBefore := a.Use == k.use && a.Algorithm == k.alg
	own := func(name string) bool { return isMaterial(k.key, name) }
	return editKey(k.key, next, own, a.Algorithm, k.useAtOdds() && asBefore)
}

// WithKeyID returns the same key with another kid, and without one if kid is "". All
// else is as [Key.WithAttributes] leaves it. A use at odds with alg, which Lenient
// tolerated, stays too.
//
// The error is [ErrInvalid] if kid is not valid UTF-8, and for the zero Key.
func (k *Key) WithKeyID(kid string) (*Key, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	var w writer
	if kid != "" {
		w.str(mKid.String(), kid)
	}
	next, err := w.members()
	if err != nil {
		return nil, err
	}
	stays := func(name string) bool { return name != mKid.String() }
	return editKey(k.key, next, stays, "", k.useAtOdds())
}

// madeOf returns a key of the same material with other attributes, its members in the order
// of one that is made.
func madeOf(k *key, a *Attributes) (*Key, error) {
	var w writer
	for name, value := range eachMember(k.text()) {
		if isMaterial(k, name) {
			w.raw(name, value)
		}
	}
	return k.reusingParser(k.material(), false).compose(&w, k.kind, a)
}

// isMaterial reports whether a member is kty or material of the key.
func isMaterial(k *key, name string) bool {
	id, known := memberOf(name)
	return known && (k.kind.public|k.kind.private|1<<mKty)&(1<<id) != 0
}

// editKey returns k with the members of next. Its other members are kept if stays reports
// true.
func editKey(k *key, next []textMember, stays func(name string) bool, alg Algorithm, atOdds bool) (*Key, error) {
	text, changed := edited(k.text(), next, stays)
	made, err := k.reusingParser(k.material(), atOdds).accept(text, alg)
	if err != nil {
		return nil, err
	}
	keepKnown(made.key, k, changed)
	made.held = k.held
	if p := k.state().publicKey.Load(); p != nil {
		made.state().publicKey.Store(p)
	}
	if made.held != 0 {
		if err := publishHalf(made); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// keepKnown takes over what is known of the key that k was made of: its thumbprint, and the
// deviations of members that did not change. k is new.
func keepKnown(k, old *key, changed memberSet) {
	var kept []Deviation
	for _, d := range old.deviations {
		id, known := memberOf(firstToken(d.Path))
		if d.Code != DeviationUse && !(known && changed&(1<<id) != 0) {
			kept = append(kept, d)
		}
	}
	k.deviations = append(kept, k.deviations...) // which has DeviationUse if that is still so
	keepThumbprint(k, old)
}

// keepThumbprint takes over the thumbprint of a key of the same public material, if that
// was computed. k is new.
func keepThumbprint(k, old *key) {
	if state := old.state(); state.thumbState.Load() == thumbReady {
		k.state().thumb = state.thumb
		k.state().thumbState.Store(thumbReady)
	}
}

// firstToken returns the first name in a path, or "" if the path is empty.
func firstToken(p jsontext.Pointer) string {
	for name := range p.Tokens() {
		return name
	}
	return ""
}

// More members than this are found by a map.
const maxSearched = 16

// finderOf returns a function that returns the index of a name in list, or -1.
func finderOf(list []textMember) func(name string) int {
	if len(list) <= maxSearched {
		return func(name string) int {
			return slices.IndexFunc(list, func(m textMember) bool { return m.name == name })
		}
	}
	places := make(map[string]int, len(list))
	for i, m := range list {
		places[m.name] = i
	}
	return func(name string) int {
		if i, ok := places[name]; ok {
			return i
		}
		return -1
	}
}

// edited returns the text of an object with the members of next. A member that is
// missing in next is kept if stays reports true for its name. Members keep their place, and
// their text if next has the same value; new ones follow the last one. changed are the
// registered members that are not as they were.
func edited(text string, next []textMember, stays func(name string) bool) (result []byte, changed memberSet) {
	find := finderOf(next)
	met := make([]bool, len(next))
	change := func(name string) {
		if id, known := memberOf(name); known {
			changed |= 1 << id
		}
	}
	size := len(text) + 1
	for _, m := range next {
		size += len(m.name) + len(m.value) + len(`"":,`)
	}
	r := newReaderOf([]byte(text), &document{text})
	if r.open('{', "") != nil {
		return []byte(text), 0 // never: it is a key
	}
	// A member is kept with the white space before it, and with the white space after
	// it, which is the last member's if no comma follows.
	result = append(make([]byte, 0, size), text[:r.pos]...)
	first := true
	var lead, trail string
	for start := r.pos; r.more('}'); {
		nameAt := skipSpace(r.data, r.pos)
		name, v := r.name(), r.value()
		lead = text[start:nameAt]
		end := skipSpace(r.data, v.end)
		between := text[v.end:end]
		if byteAt(r.data, end) == '}' {
			trail, between = between, ""
		}
		start = end + 1 // after the comma
		value := text[v.start:v.end]
		if i := find(name); i >= 0 {
			met[i] = true
			if !sameValue(name, value, next[i].value) {
				value = next[i].value
				change(name)
			}
		} else if !stays(name) {
			change(name)
			continue
		}
		if !first {
			result = append(result, ',')
		}
		first = false
		result = append(result, lead...)
		result = append(result, text[nameAt:v.start]...)
		result = append(result, value...)
		result = append(result, between...)
	}
	for i, m := range next {
		if met[i] {
			continue
		}
		change(m.name)
		var w writer
		w.raw(m.name, m.value)
		result = append(append(result, ','), lead...) // kty is there
		result = append(result, w.buf[len("{"):]...)
	}
	return append(append(result, trail...), '}'), changed
}

// sameValue reports whether two texts of a member have one value for this package.
// Members that it does not know are compared as text.
func sameValue(name, a, b string) bool {
	if a == b {
		return true
	}
	id, known := memberOf(name)
	if !known {
		return false
	}
	switch id {
	case mKid, mUse, mAlg, mX5u, mX5t, mX5tS256:
		return a[0] == '"' && b[0] == '"' && unquote(a) == unquote(b)
	case mX5c:
		list := stringsIn([]byte(a))
		return list != nil && slices.Equal(list, stringsIn([]byte(b)))
	case mKeyOps: // in any order
		x, y := stringsIn([]byte(a)), stringsIn([]byte(b))
		slices.Sort(x)
		slices.Sort(y)
		return x != nil && slices.Equal(x, y)
	case mIat, mNbf, mExp:
		t := numericDate([]byte(a))
		return !t.IsZero() && t.Equal(numericDate([]byte(b)))
	}
	return false
}
