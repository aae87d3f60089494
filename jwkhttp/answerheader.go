package jwkhttp

import (
	"net/http"
	"slices"
	"strings"
)

// maxFields is the number of values that an answer sets.
const maxFields = 9

// A fields sets the header fields of an answer. The values of an answer share one array, which is
// its only allocation. No two answers share it, so that code around the Handler may change values.
type fields struct {
	header http.Header
	free   []string
}

func newFields(header http.Header) fields { return fields{header, make([]string, maxFields)} }

// set sets a field. name is in canonical form.
func (f *fields) set(name, value string) {
	f.free[0] = value
	f.header[name] = f.free[:1:1] // append must not write to the next value
	f.free = f.free[1:]
}

// add adds a value to a field.
func (f *fields) add(name, value string) {
	if before := f.header[name]; len(before) > 0 {
		f.header[name] = append(slices.Clip(before), value)
		return
	}
	f.set(name, value)
}

// variesBy are the request fields that the answer depends on.
const variesBy = "Accept, Accept-Encoding"

// vary adds the request fields that the answer depends on to Vary.
func (f *fields) vary() {
	for _, line := range f.header["Vary"] {
		if strings.TrimSpace(line) == "*" {
			return // it depends on more than can be listed
		}
	}
	f.add("Vary", variesBy)
}
