package jwk

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// Keys with the material of another key and other attributes.

// WithAttributes returns a key with the material of k and the attributes a. All attributes of k
// are replaced.
//
// Members keep their place in the text, and their spelling if the value is the same. New members
// come last. So k.WithAttributes(k.Attributes()) has the text of k.
//
// The new key shares the material with k. WithAttributes makes the checks of [New] on
// everything else. The [Key.Deviations] of members that did not change stay. If the private
// half is held elsewhere, the new key has the same holder.
func (k *Key) WithAttributes(a Attributes) (*Key, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	next, err := a.members(k.kind)
	if err != nil {
		return nil, err
	}
	asBefore := a.Use == k.use && a.Algorithm == k.alg
	stays := func(name string) bool { return isMaterial(k.key, name) }
	return editKey(k.key, next, stays, a.Algorithm, k.useAtOdds() && asBefore)
}

// WithKeyID returns the key with another kid, or without kid if kid is "". Everything else stays
// the same, as with [Key.WithAttributes]. A use at odds with alg, which Lenient tolerated, stays
// too.
//
// The error is [ErrInvalid] if kid is not valid UTF-8, and for the zero Key.
func (k *Key) WithKeyID(kid string) (*Key, error) {
	if k.isZero() {
		return nil, errNoKey()
	}
	w := newWriter()
	defer w.release()
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

// madeOf returns a key with the material of k and the attributes a. Its members are in the order of
// a key that New makes.
func madeOf(k *key, a *Attributes) (*Key, error) {
	var w writer
	for name, value := range eachMember(k.text()) {
		if isMaterial(k, name) {
			w.raw(name, value)
		}
	}
	return k.reusingParser(k.material(), false).compose(&w, k.kind, a)
}

// isMaterial reports whether a member of the key is kty or material.
func isMaterial(k *key, name string) bool {
	id, known := memberOf(name)
	return known && (k.kind.public|k.kind.private|1<<mKty)&(1<<id) != 0
}

// editKey returns k with the members of next. It keeps another member of k if stays reports true
// for its name.
func editKey(k *key, next []textMember, stays func(name string) bool, alg Algorithm, atOdds bool) (*Key, error) {
	w := newWriter()
	defer w.release()
	var changed memberSet
	w.buf, changed = edited(w.buf, k.text(), next, stays)
	made, err := k.reusingParser(k.material(), atOdds).accept(w.buf, alg)
	if err != nil {
		return nil, err
	}
	keepKnown(made.key, k, changed)
	if p := k.state().publicKey.Load(); p != nil {
		made.state().publicKey.Store(p)
	}
	if k.held != 0 {
		made.setHeld(k.held)
		if err := publishHalf(made); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// keepKnown takes over the thumbprint of old, and the deviations of members that did not change. k
// is new, and was made from old.
func keepKnown(k, old *key, changed memberSet) {
	var kept []Deviation
	for _, d := range old.tolerated() {
		id, known := memberOf(firstToken(d.Path))
		if d.Code != DeviationUse && !(known && changed&(1<<id) != 0) {
			kept = append(kept, d)
		}
	}
	kept = append(kept, k.tolerated()...) // k has DeviationUse if it still applies
	k.deviations = nil
	k.tolerate(kept...)
	keepThumbprint(k, old)
}

// firstToken returns the first name in a path, or "" if the path is empty.
func firstToken(p jsontext.Pointer) string {
	for name := range p.Tokens() {
		return name
	}
	return ""
}

// maxSearched is the number of members that are searched one by one. More members take a map.
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

// edited appends the text of an object to dst, with the members of next. It keeps a member that
// next does not have if stays reports true for its name. Members keep their place, and their text
// if next has the same value. New members come last. changed is the set of the registered members
// that were changed, added or left out.
func edited(
	dst []byte, text string, next []textMember, stays func(name string) bool,
) (result []byte, changed memberSet) {
	find := finderOf(next)
	kept := make([]bool, len(next)) // the members of next that text has
	change := func(name string) {
		if id, known := memberOf(name); known {
			changed |= 1 << id
		}
	}
	size := len(text) + 1
	for _, m := range next {
		size += len(`\u0000`)*len(m.name) + len(m.value) + len(`"":,`) // escapes make a name longer
	}
	result = slices.Grow(dst, size)
	before := byte('{') // the brace or comma before the next member
	var lead, trail string
	walk := jsonscan.MembersOf(text)
	for m, ok := walk.Next(); ok; m, ok = walk.Next() {
		// Members keep the white space before them (lead) and after their value (between). The
		// white space after the last value (trail) stays before the closing brace.
		lead = text[m.Start:m.Name]
		between := text[m.End:m.After]
		if text[m.After] == '}' {
			trail, between = between, ""
		}
		name, value := unquote(text[m.Name:m.NameEnd]), text[m.Value:m.End]
		if i := find(name); i >= 0 {
			kept[i] = true
			if !sameValue(name, value, next[i].value) {
				value = next[i].value
				change(name)
			}
		} else if !stays(name) {
			change(name)
			continue
		}
		result = append(result, before)
		before = ','
		result = append(result, text[m.Start:m.Value]...)
		result = append(result, value...)
		result = append(result, between...)
	}
	for i, m := range next {
		if kept[i] {
			continue
		}
		change(m.name)
		result = append(append(result, ','), lead...)    // a comma, because kty always stays
		result, _ = jsontext.AppendQuote(result, m.name) // no error: a writer has quoted the name before
		result = append(append(result, ':'), m.value...)
	}
	return append(append(result, trail...), '}'), changed
}

// sameValue reports whether two texts of a member have the same value for this package. Members
// that are not registered are compared as text.
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
