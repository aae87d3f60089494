package jwkhttp_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestHandlerType: if this fails, a client gets a type that it does not read.
func TestHandlerType(t *testing.T) {
	const plain, set = "application/json", "application/jwk-set+json"
	h := staticHandler(t, "Ed25519")
	for _, c := range []struct {
		name   string
		accept []string
		want   string
	}{
		{"absent", nil, plain},
		{"empty", []string{""}, plain},
		{"anything", []string{"*/*"}, plain},
		{"any application", []string{"application/*"}, plain},
		{"plain", []string{plain}, plain},
		{"set", []string{set}, set},
		{"set in upper case", []string{strings.ToUpper(set)}, set},
		{"set in a second line", []string{"text/html", set}, set},
		{"both, equal", []string{set + ", " + plain}, plain},
		{"both, set higher", []string{plain + ";q=0.8, " + set + ";q=0.9"}, set},
		{"both, set lower", []string{plain + ", " + set + ";q=0.999"}, plain},
		{"both, zitadel's order", []string{set + "," + plain + ";q=0.9,*/*;q=0.1"}, set},
		{"set named, plain by a wildcard", []string{set + ", */*"}, set},
		{"set named, plain by application/*", []string{"application/*, " + set}, set},
		{"set named, the wildcard higher", []string{set + ";q=0.5, */*"}, plain},
		{"plain named, set by a wildcard", []string{plain + ", */*"}, plain},
		{"plain refused", []string{plain + ";q=0, */*"}, set},
		{"plain lower than application/*", []string{"application/*;q=0.9, " + plain + ";q=0.1"}, set},
		{"application/* more exact than */*", []string{"*/*, application/*;q=0, " + set + ";q=0.1"}, set},
		{"set refused", []string{set + ";q=0, */*"}, plain},
		{"set refused, nothing else", []string{set + ";q=0"}, plain},
		{"both refused", []string{"*/*;q=0"}, plain},
		{"neither", []string{"text/html"}, plain},
		{"parameters", []string{set + `;profile="a,b;q=0" ; Q=0.5`}, set},
		{"a quoted comma", []string{`text/html;a=",` + set + `,"`}, plain},
		{"a quoted quote", []string{`text/html;a="\",", ` + set}, set},
		{"a string without end", []string{`text/html;a=", ` + set}, plain},
		{"twice, the higher counts", []string{set + ";q=0.1," + set + ";q=0.9," + plain + ";q=0.5"}, set},
		{"weight with a letter", []string{set + ";q=x"}, plain},
		{"weight above 1", []string{set + ";q=1.001"}, plain},
		{"weight with four digits", []string{set + ";q=0.1234"}, plain},
		{"weight without a point", []string{set + ";q=01"}, plain},
		{"weight with a sign", []string{set + ";q=+1"}, plain},
		{"weight without a value", []string{set + ";q"}, plain},
		{"weight that ends with a point", []string{set + ";q=1."}, set},
		{"4 KiB", []string{set + strings.Repeat(",", 4<<10-len(set)-1)}, set},
		{"more than 4 KiB", []string{set + strings.Repeat(",", 4<<10-len(set))}, plain},
		{"very many empty lines", append(make([]string, 5000), set), plain},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, &http.Request{Method: "GET", Header: http.Header{"Accept": c.accept}})
			checkWhole(t, w)
			if got := w.Header().Get("Content-Type"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestHandlerGzip: if this fails, a client gets a body that it cannot decompress, or a large set
// without compression.
func TestHandlerGzip(t *testing.T) {
	large := []string{"RSA-2048", "RSA-3072", "ML-DSA-44"}
	small := []string{"P-256", "Ed25519"}
	for _, c := range []struct {
		name   string
		keys   []string
		accept []string
		want   string
	}{
		{"gzip", large, []string{"gzip"}, "gzip"},
		{"browser", large, []string{"gzip, deflate, br, zstd"}, "gzip"},
		{"upper case", large, []string{"GZIP"}, "gzip"},
		{"x-gzip", large, []string{"x-gzip"}, "gzip"},
		{"low weight", large, []string{"gzip;q=0.001"}, "gzip"},
		{"identity refused", large, []string{"*, identity;q=0"}, "gzip"},
		{"the rest refused", large, []string{"gzip, *;q=0"}, "gzip"},
		{"named, identity by the wildcard", large, []string{"gzip, *"}, "gzip"},
		{"second line", large, []string{"br", "gzip"}, "gzip"},
		{"absent", large, nil, ""},
		{"empty", large, []string{""}, ""},
		{"refused", large, []string{"gzip;q=0"}, ""},
		{"refused with zeros", large, []string{"gzip;q=0.000, *"}, ""},
		{"the wildcard", large, []string{"*"}, ""},
		{"identity equal", large, []string{"gzip, identity"}, ""},
		{"identity higher", large, []string{"gzip;q=0.5, identity;q=0.6"}, ""},
		{"both refused", large, []string{"identity;q=0, gzip;q=0"}, ""},
		{"others", large, []string{"br, deflate"}, ""},
		{"longer name", large, []string{"gzipped"}, ""},
		{"small set", small, []string{"gzip"}, ""},
		{"small set, identity refused", small, []string{"gzip, identity;q=0"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := staticHandler(t, c.keys...)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, &http.Request{Method: "GET", Header: http.Header{"Accept-Encoding": c.accept}})
			sent := w.Body.Len()
			body := checkWhole(t, w)
			if got := w.Header().Get("Content-Encoding"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.want == "gzip" && sent >= len(body) {
				t.Errorf("%d bytes as gzip, want less than %d", sent, len(body))
			}
			head := httptest.NewRecorder()
			h.ServeHTTP(head, &http.Request{Method: "HEAD", Header: http.Header{"Accept-Encoding": c.accept}})
			if got, want := head.Header().Get("Content-Length"), strconv.Itoa(sent); got != want || head.Body.Len() > 0 {
				t.Errorf("HEAD: got Content-Length %s and %d bytes, want %s and 0", got, head.Body.Len(), want)
			}
		})
	}
}

var qvalue = regexp.MustCompile(`^(0(\.[0-9]{0,3})?|1(\.0{0,3})?)$`)

// simpleWeights reads a field without quoted strings in another way than the package: it returns
// the highest weight of each name.
func simpleWeights(field string) map[string]float64 {
	weights := map[string]float64{}
elements:
	for element := range strings.SplitSeq(field, ",") {
		parts := strings.Split(element, ";")
		weight := 1.0
		for _, part := range parts[1:] {
			name, value, _ := strings.Cut(strings.Trim(part, " \t"), "=")
			if !strings.EqualFold(name, "q") {
				continue
			}
			if !qvalue.MatchString(value) {
				continue elements
			}
			weight, _ = strconv.ParseFloat(strings.TrimSuffix(value, "."), 64)
			break
		}
		name := strings.Trim(parts[0], " \t")
		for _, known := range []string{"application/json", "application/jwk-set+json", "application/*", "gzip", "identity"} {
			if strings.EqualFold(name, known) {
				name = known
			}
		}
		if strings.EqualFold(name, "x-gzip") {
			name = "gzip"
		}
		if before, ok := weights[name]; !ok || weight > before {
			weights[name] = weight
		}
	}
	return weights
}

// firstWeight returns the weight of the first of these names that has one.
func firstWeight(weights map[string]float64, names ...string) float64 {
	for _, name := range names {
		if weight, ok := weights[name]; ok {
			return weight
		}
	}
	return 0
}

// FuzzAccept: the answer agrees with a simple reading of Accept and Accept-Encoding, and its body
// is whole for every field.
func FuzzAccept(f *testing.F) {
	for _, seed := range []string{
		"", "*/*", "*", "gzip", "gzip;q=0, *", "identity;q=0.5, gzip;q=0.25", "application/jwk-set+json",
		"application/*;q=0.3, application/json;q=0.2", "application/jwk-set+json;q=0.5,*/*", `a;b="c,d\"";q=1.`,
	} {
		f.Add(seed, seed)
	}
	h := staticHandler(f, "RSA-2048", "RSA-3072", "ML-DSA-44")
	f.Fuzz(func(t *testing.T, accept, coding string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, &http.Request{Method: "GET", Header: http.Header{"Accept": {accept}, "Accept-Encoding": {coding}}})
		checkWhole(t, w)
		simple := func(field string) bool { return !strings.Contains(field, `"`) && len(field) < 4<<10 }
		if simple(accept) {
			weights := simpleWeights(accept)
			plain := firstWeight(weights, "application/json", "application/*", "*/*")
			set := firstWeight(weights, "application/jwk-set+json", "application/*", "*/*")
			_, plainNamed := weights["application/json"]
			_, setNamed := weights["application/jwk-set+json"]
			want := set > plain || set == plain && set > 0 && setNamed && !plainNamed
			if got := w.Header().Get("Content-Type") == "application/jwk-set+json"; got != want {
				t.Errorf("Accept %q: got %v, want %v", accept, got, want)
			}
		}
		if simple(coding) {
			weights := simpleWeights(coding)
			packed, identity := firstWeight(weights, "gzip", "*"), firstWeight(weights, "identity", "*")
			_, packedNamed := weights["gzip"]
			_, identityNamed := weights["identity"]
			want := packed > identity || packed == identity && packed > 0 && packedNamed && !identityNamed
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != want {
				t.Errorf("Accept-Encoding %q: got %v, want %v", coding, got, want)
			}
		}
	})
}

// FuzzNoneMatch: the answer is 304 exactly if [http.ServeContent] answers 304 for the entity tag of
// one of the two forms.
func FuzzNoneMatch(f *testing.F) {
	h := staticHandler(f, "RSA-2048", "RSA-3072", "ML-DSA-44")
	plain := askHandler(h, "GET").Header().Get("ETag")
	packed := askHandler(h, "GET", "Accept-Encoding", "gzip").Header().Get("ETag")
	for _, seed := range []string{"", "*", "W/", `"a,b" , `, `"a"W/`, `"\", `, ",,", `"a b",`, "é", "\"é\","} {
		f.Add(seed, byte(0), seed)
		f.Add(seed, byte(1), "")
		f.Add(seed, byte(2), "")
	}
	f.Fuzz(func(t *testing.T, before string, which byte, after string) {
		field := before + []string{"", plain, packed}[which%3] + after
		if len(field) >= 4<<10 || strings.ContainsAny(field, "\r\n") { // net/http lets no such value through
			return
		}
		want := false
		for _, tag := range []string{plain, packed} {
			r := &http.Request{Method: "GET", Header: http.Header{"If-None-Match": {field}}}
			w := httptest.NewRecorder()
			w.Header().Set("ETag", tag)
			http.ServeContent(w, r, "", noTime, strings.NewReader("{}"))
			want = want || w.Code == http.StatusNotModified
		}
		w := askHandler(h, "GET", "If-None-Match", field)
		if got := w.Code == http.StatusNotModified; got != want {
			t.Errorf("If-None-Match %q: got %d, want 304: %v", field, w.Code, want)
		}
	})
}
