package jwkhttp

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"

	"github.com/seed1f6cf2d3/jwk"
)

// A rendering is what a Handler publishes for a set. It does not change.
type rendering struct {
	set     *jwk.Set
	plain   form
	gzip    form      // the body is nil if there is no gzip form
	problem string    // why the set is not published, if plain has no body
	dropped []dropped // the keys that were left out
}

// A form is a body, and the values of the header fields that belong to it.
type form struct {
	body   []byte
	etag   string // with its quotes
	length string // of body, in decimal
}

// A dropped key is a key of a set that is not published.
type dropped struct {
	index int
	key   *jwk.Key
	err   error // the reason
}

// gzipFrom is the smallest body that is compressed, in bytes. A smaller body and its header fit in
// one packet of 1,500 bytes, so that compression saves no packet.
const gzipFrom = 1 << 10

// render makes the body of a set, from the keys of [jwk.Set.Public] that a strict parser accepts. It
// makes the public halves itself, to learn which keys are left out.
func render(set *jwk.Set) *rendering {
	r := &rendering{set: set}
	var halves []*jwk.Key
	i := 0
	for k := range set.All() {
		half, err := publicHalf(k)
		if err == nil {
			halves = append(halves, half)
		} else {
			r.dropped = append(r.dropped, dropped{i, k, err})
		}
		i++
	}
	if len(halves) == 0 {
		r.problem = "the key set has no key that can be published"
		return r
	}
	body, err := jwk.NewSet(halves...).MarshalJSON()
	if err == nil {
		err = checkBody(body, halves)
	}
	if err != nil {
		r.problem = "the key set failed the check before it is published"
		return r
	}
	r.plain = newForm(body)
	if len(body) >= gzipFrom {
		if packed := compress(body); len(packed) < len(body) {
			r.gzip = newForm(packed)
		}
	}
	return r
}

// publicHalf returns the public half of a key. It returns an error if there is no public half, and
// if a strict parser refuses the half, as for a key whose use is at odds with its alg.
func publicHalf(k *jwk.Key) (*jwk.Key, error) {
	half, err := k.Public()
	if err != nil {
		return nil, err
	}
	text, err := half.MarshalJSON()
	if err != nil {
		return nil, err
	}
	if _, err := strictParser(len(text), 1).Parse(text); err != nil {
		return nil, err
	}
	return half, nil
}

// checkBody reads a body as a strict client does. It returns an error if an object in the body
// carries private material, at any depth, or if the keys are not exactly these.
func checkBody(body []byte, keys []*jwk.Key) error {
	read, err := strictParser(len(body), len(keys)).ParseSet(body)
	if err != nil {
		return err
	}
	if read.Len() != len(keys) {
		return fmt.Errorf("%d keys, want %d", read.Len(), len(keys))
	}
	for i, k := range keys {
		if !read.At(i).Equal(k) {
			return fmt.Errorf("key %d is not the key that was written", i)
		}
	}
	return nil
}

// strictParser returns a parser that refuses private material and deviations. It does not limit
// the sizes of keys, because the limits of the parser that has read them were the choice of the
// caller.
func strictParser(maxBytes, maxKeys int) *jwk.Parser {
	return &jwk.Parser{
		FailFast: true, PublicOnly: true,
		MinRSABits: 1, MaxRSABits: math.MaxInt32, MaxKeys: maxKeys, MaxBytes: maxBytes,
	}
}

// newForm returns the form of a body. Its entity tag is the SHA-256 of the body, so that all
// instances of a service send the same tag for the same body.
func newForm(body []byte) form {
	sum := sha256.Sum256(body)
	return form{
		body:   body,
		etag:   `"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"`,
		length: strconv.Itoa(len(body)),
	}
}

// compress returns the gzip form of a body.
func compress(body []byte) []byte {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // fails only for another level
	w.Write(body)                                              // a bytes.Buffer takes everything
	w.Close()
	return packed.Bytes()
}
