package jwk

import (
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed1f6cf2d3/jwk/internal/jsonscan"
)

// A writer writes one JSON object. Its members are in the order of the calls.
type writer struct {
	buf []byte
	bad string // the name of the first member that is not valid UTF-8

	// starts are the offsets in buf of the members that name began. order and members use
	// them.
	starts []int
}

// writerPool has writers for the texts of keys that are made from other keys. The Parser copies
// such a text into the new key.
var writerPool = sync.Pool{New: func() any { return new(writer) }}

func newWriter() *writer { return writerPool.Get().(*writer) }

// release puts w back into the pool. It wipes the text, which may be private.
func (w *writer) release() {
	clear(w.buf)
	if cap(w.buf) > maxScratch {
		*w = writer{}
	}
	w.buf, w.bad, w.starts = w.buf[:0], "", w.starts[:0]
	writerPool.Put(w)
}

// next writes the opening brace, or the comma after a member.
func (w *writer) next() {
	if len(w.buf) == 0 {
		w.buf = append(w.buf, '{')
	} else {
		w.buf = append(w.buf, ',')
	}
}

// name begins a member: it writes the name and the colon.
func (w *writer) name(name string) {
	w.next()
	w.starts = append(w.starts, len(w.buf))
	w.quote(name, name)
	w.buf = append(w.buf, ':')
}

// verbatim writes a member whose name and value are JSON already.
func (w *writer) verbatim(member string) {
	w.next()
	w.buf = append(w.buf, member...)
}

// quote appends s as a string literal. If s is not valid UTF-8, it notes member in w.bad.
func (w *writer) quote(s, member string) {
	var err error
	if w.buf, err = jsontext.AppendQuote(w.buf, s); err != nil && w.bad == "" {
		w.bad = member
	}
}

// raw writes a member whose value is JSON already.
func (w *writer) raw(name, value string) {
	w.name(name)
	w.buf = append(w.buf, value...)
}

// str writes a member with a string.
func (w *writer) str(name, value string) {
	w.name(name)
	w.quote(value, name)
}

// strs writes a member with an array of strings.
func (w *writer) strs(name string, values []string) {
	w.name(name)
	w.buf = append(w.buf, '[')
	for i, s := range values {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.quote(s, name)
	}
	w.buf = append(w.buf, ']')
}

// octets writes a member with octets in base64url.
func (w *writer) octets(name string, value []byte) { w.str(name, encode64(value)) }

// madeOrder is the order of the members of a key that New or Generate makes. It is the order
// of go-jose, so that the documents of a program that moves from go-jose keep their bytes.
// Members that go-jose does not know follow, and then the unregistered ones.
var madeOrder = [...]memberID{
	mUse, mKty, mKid, mCrv, mAlg, mK, mX, mY, mN, mE, mPub, mPriv,
	mD, mP, mQ, mDP, mDQ, mQI, mOth, mX5c, mX5u, mX5t, mX5tS256,
	mKeyOps, mIat, mNbf, mExp, numMembers,
}

// order sorts the members by madeOrder. All of them must have been begun by name, and not
// written by verbatim.
func (w *writer) order() {
	type member struct{ place, start, end int }
	var few [len(madeOrder)]member // on the stack: most keys have no more members
	list := append(few[:0], make([]member, len(w.starts))...)
	for i, start := range w.starts {
		end := len(w.buf)
		if i+1 < len(w.starts) {
			end = w.starts[i+1] - len(",")
		}
		// A registered name has no escapes.
		id, known := memberOf(string(w.buf[start+1 : jsonscan.SkipString(w.buf, start)-1]))
		if !known {
			id = numMembers
		}
		list[i] = member{slices.Index(madeOrder[:], id), start, end}
	}
	byPlace := func(a, b member) int { return a.place - b.place }
	if slices.IsSortedFunc(list, byPlace) {
		return // the usual case for a key from DER: do not copy a text that may be large
	}
	slices.SortStableFunc(list, byPlace)
	sorted := newWriter()
	defer sorted.release()
	sorted.buf = slices.Grow(sorted.buf, len(w.buf))
	for _, m := range list {
		sorted.next()
		sorted.starts = append(sorted.starts, len(sorted.buf))
		sorted.buf = append(sorted.buf, w.buf[m.start:m.end]...)
	}
	w.buf = append(w.buf[:0], sorted.buf...)
	w.starts = append(w.starts[:0], sorted.starts...)
}

// A textMember is a member with its value as JSON text.
type textMember struct{ name, value string }

// members returns the members that name began.
func (w *writer) members() ([]textMember, error) {
	if w.bad != "" {
		return nil, w.errUTF8()
	}
	text := string(w.buf)
	list := make([]textMember, len(w.starts))
	for i, start := range w.starts {
		end := len(text)
		if i+1 < len(w.starts) {
			end = w.starts[i+1] - len(",")
		}
		colon := jsonscan.SkipString(w.buf, start)
		list[i] = textMember{unquote(text[start:colon]), text[colon+1 : end]}
	}
	return list, nil
}

// errUTF8 returns the error about the member w.bad.
func (w *writer) errUTF8() *Error {
	return errorf(ErrInvalid, "not valid UTF-8").atArgument(strings.ToValidUTF8(w.bad, "\uFFFD"))
}

// done ends the object, and returns its text.
func (w *writer) done() ([]byte, error) {
	if w.bad != "" {
		return nil, w.errUTF8()
	}
	if len(w.buf) == 0 {
		w.buf = append(w.buf, '{')
	}
	w.buf = append(w.buf, '}')
	return w.buf, nil
}
