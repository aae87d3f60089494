package jwkhttp

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

// noon is the time at the client in these tests.
var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// httpDate returns noon plus d as an HTTP date.
func httpDate(d time.Duration) string { return noon.Add(d).Format(http.TimeFormat) }

// headerOf returns the header with these lines, each "Name: value".
func headerOf(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

// If a life were read too long, a revoked key would verify tokens for longer than its provider
// said. If it were read too short, the client would fetch more often than the provider wants.
func TestStatedLife(t *testing.T) {
	const unstated = math.MinInt64
	for _, test := range []struct {
		name  string
		lines []string
		want  time.Duration
	}{
		{"no header", nil, unstated},
		{"max-age", []string{"Cache-Control: max-age=600"}, 10 * time.Minute},
		{"max-age among others", []string{"Cache-Control: public,  max-age=600\t, must-revalidate"}, 10 * time.Minute},
		{"max-age in the second line", []string{"Cache-Control: public", "Cache-Control: max-age=600"}, 10 * time.Minute},
		{"max-age in capitals", []string{"Cache-Control: MAX-AGE=600"}, 10 * time.Minute},
		{"max-age quoted", []string{`Cache-Control: max-age="600"`}, 10 * time.Minute},
		{"max-age and empty members", []string{"Cache-Control: ,, max-age=600,"}, 10 * time.Minute},
		{"max-age with leading zeros", []string{"Cache-Control: max-age=" + strings.Repeat("0", 100) + "600"}, 10 * time.Minute},
		{"s-maxage is ignored", []string{"Cache-Control: s-maxage=600"}, unstated},
		{"s-maxage does not replace max-age", []string{"Cache-Control: s-maxage=60, max-age=600"}, 10 * time.Minute},
		{"a longer name is another directive", []string{"Cache-Control: x-max-age=60, max-ages=60"}, unstated},
		{"no-store", []string{"Cache-Control: no-store"}, unstated},
		{"no-cache", []string{"Cache-Control: no-cache"}, unstated},
		{"no-store beside max-age", []string{"Cache-Control: no-store, max-age=600"}, 10 * time.Minute},
		{"no-cache beside Expires", []string{"Cache-Control: no-cache", "Date: " + httpDate(0), "Expires: " + httpDate(time.Hour)}, time.Hour},
		{"comma within quotes", []string{`Cache-Control: no-cache="a, max-age=60", max-age=600`}, 10 * time.Minute},
		{"escaped quote within quotes", []string{`Cache-Control: x="a\", max-age=60, ", max-age=600`}, 10 * time.Minute},
		{"escaped backslash within quotes", []string{`Cache-Control: x="\\", max-age=600`}, 10 * time.Minute},
		{"quote without end", []string{`Cache-Control: x="a, max-age=60`}, unstated},
		{"quote without end in another line", []string{`Cache-Control: x="\`, "Cache-Control: max-age=600"}, 10 * time.Minute},

		{"Age", []string{"Cache-Control: max-age=600", "Age: 60"}, 9 * time.Minute},
		{"Age beyond the life", []string{"Cache-Control: max-age=600", "Age: 660"}, -time.Minute},
		{"Age of garbage", []string{"Cache-Control: max-age=600", "Age: old"}, 10 * time.Minute},
		{"Age below zero", []string{"Cache-Control: max-age=600", "Age: -60"}, 10 * time.Minute},
		{"Age as a list", []string{"Cache-Control: max-age=600", "Age: 60 , 120"}, 9 * time.Minute},
		{"Age twice", []string{"Cache-Control: max-age=600", "Age: 60", "Age: 120"}, 9 * time.Minute},
		{"Age of 10^18", []string{"Cache-Control: max-age=600", "Age: 1000000000000000000"}, 10*time.Minute - maxDelta},

		{"Expires less Date", []string{"Date: " + httpDate(-time.Hour), "Expires: " + httpDate(time.Hour)}, 2 * time.Hour},
		{"Expires less Date less Age", []string{"Date: " + httpDate(-time.Hour), "Expires: " + httpDate(time.Hour), "Age: 3600"}, time.Hour},
		{"Expires less now", []string{"Expires: " + httpDate(time.Hour)}, time.Hour},
		{"Expires less now has no Age", []string{"Expires: " + httpDate(time.Hour), "Age: 60"}, time.Hour},
		{"Expires less now for a Date of garbage", []string{"Date: today", "Expires: " + httpDate(time.Hour)}, time.Hour},
		{"Expires less now for two Dates", []string{"Date: " + httpDate(-time.Hour), "Date: " + httpDate(0), "Expires: " + httpDate(2*time.Hour)}, 2 * time.Hour},
		{"Expires before Date", []string{"Date: " + httpDate(0), "Expires: " + httpDate(-time.Hour)}, -time.Hour},
		{"Expires twice", []string{"Expires: " + httpDate(2*time.Hour), "Expires: " + httpDate(time.Hour)}, time.Hour},
		{"Expires as in RFC 850", []string{"Expires: " + noon.Add(time.Hour).Format("Monday, 02-Jan-06 15:04:05 GMT")}, time.Hour},
		{"Expires as by asctime", []string{"Expires: " + noon.Add(time.Hour).Format(time.ANSIC)}, time.Hour},
		{"Expires 0", []string{"Expires: 0"}, unstated},
		{"Expires -1", []string{"Expires: -1"}, unstated},
		{"Expires of garbage", []string{"Expires: tomorrow"}, unstated},
		{"Expires in the year 9999", []string{"Expires: Fri, 31 Dec 9999 23:59:59 GMT"}, maxDelta},
		{"Expires and Date at the ends of time", []string{"Date: Fri, 31 Dec 9999 23:59:59 GMT",
			"Expires: Sat, 01 Jan 0000 00:00:00 GMT", "Age: 9999999999999999999999"}, -2 * maxDelta},
		{"max-age before Expires", []string{"Cache-Control: max-age=600", "Expires: " + httpDate(time.Hour)}, 10 * time.Minute},
		{"Expires if max-age is garbage", []string{"Cache-Control: max-age=soon", "Expires: " + httpDate(time.Hour)}, time.Hour},
		{"a Date only", []string{"Date: " + httpDate(0)}, unstated},

		{"max-age without a value", []string{"Cache-Control: max-age"}, unstated},
		{"max-age with an empty value", []string{"Cache-Control: max-age="}, unstated},
		{"max-age with empty quotes", []string{`Cache-Control: max-age=""`}, unstated},
		{"max-age with one quote", []string{`Cache-Control: max-age="`}, unstated},
		{"max-age with a plus sign", []string{"Cache-Control: max-age=+600"}, unstated},
		{"max-age with a fraction", []string{"Cache-Control: max-age=600.5"}, unstated},
		{"max-age with a space", []string{"Cache-Control: max-age= 600"}, unstated},
		{"max-age in other digits", []string{"Cache-Control: max-age=٦٠٠"}, unstated},

		{"as many lines as are read", append(repeatLine("Cache-Control: public", maxFieldLines-1), "Cache-Control: max-age=600"), 10 * time.Minute},
		{"more lines than are read", append(repeatLine("Cache-Control: public", maxFieldLines), "Cache-Control: max-age=600"), unstated},
		{"a line as long as is read", []string{"Cache-Control: max-age=600" + strings.Repeat(" ", maxFieldOctets-len("max-age=600"))}, 10 * time.Minute},
		{"a line longer than is read", []string{"Cache-Control: max-age=600" + strings.Repeat(" ", maxFieldOctets-len("max-age=600")+1)}, unstated},
	} {
		t.Run(test.name, func(t *testing.T) {
			life, stated := statedLife(headerOf(test.lines...), noon)
			if !stated {
				if life != 0 {
					t.Errorf("life = %v, want 0 because stated is false", life)
				}
				life = unstated
			}
			if life != test.want {
				t.Errorf("life = %v, want %v", life, test.want)
			}
		})
	}
}

// repeatLine returns line n times.
func repeatLine(line string, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line
	}
	return lines
}

// A provider, or an attacker in front of it, must not make the client fetch all the time or
// never again.
func TestLifeIsClamped(t *testing.T) {
	const shortest, standard, longest = time.Minute, 10 * time.Minute, 24 * time.Hour
	for _, test := range []struct {
		name  string
		lines []string
		want  time.Duration
	}{
		{"F14 max-age 0", []string{"Cache-Control: max-age=0"}, shortest},
		{"F14 max-age -1", []string{"Cache-Control: max-age=-1"}, standard},
		{"F14 max-age 10^18", []string{"Cache-Control: max-age=1000000000000000000"}, longest},
		{"F14 max-age of 4,000 digits", []string{"Cache-Control: max-age=" + strings.Repeat("9", 4000)}, longest},
		{"F14 max-age garbage", []string{"Cache-Control: max-age=soon"}, standard},
		{"F14 two lines, the smaller first", []string{"Cache-Control: max-age=120", "Cache-Control: max-age=3600"}, 2 * time.Minute},
		{"F14 two lines, the smaller last", []string{"Cache-Control: max-age=3600", "Cache-Control: max-age=120"}, 2 * time.Minute},
		{"F14 two directives in a line", []string{"Cache-Control: max-age=3600, max-age=120"}, 2 * time.Minute},
		{"F14 two directives, one garbage", []string{"Cache-Control: max-age=soon, max-age=120"}, 2 * time.Minute},
		{"F14 max-age below Age", []string{"Cache-Control: max-age=600", "Age: 10000"}, shortest},
		{"F14 Expires in the past", []string{"Expires: " + httpDate(-time.Hour)}, shortest},
	} {
		t.Run(test.name, func(t *testing.T) {
			life, stated := statedLife(headerOf(test.lines...), noon)
			if !stated {
				life = standard
			}
			if got := clampLife(life, shortest, longest); got != test.want {
				t.Errorf("life = %v, want %v", got, test.want)
			}
		})
	}
}

// A provider that is overloaded says when to come back. A wait that is misread brings all
// clients back too early.
func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		want  time.Duration
	}{
		{"absent", nil, 0},
		{"seconds", []string{"Retry-After: 120"}, 2 * time.Minute},
		{"zero seconds", []string{"Retry-After: 0"}, 0},
		{"negative seconds", []string{"Retry-After: -120"}, 0},
		{"10^18 seconds", []string{"Retry-After: 1000000000000000000"}, maxDelta},
		{"garbage", []string{"Retry-After: later"}, 0},
		{"empty", []string{"Retry-After: "}, 0},
		{"date, by Date", []string{"Retry-After: " + httpDate(-time.Hour), "Date: " + httpDate(-2*time.Hour)}, time.Hour},
		{"date, by the clock of the client", []string{"Retry-After: " + httpDate(time.Hour)}, time.Hour},
		{"date, Date is garbage", []string{"Retry-After: " + httpDate(time.Hour), "Date: today"}, time.Hour},
		{"date, two Dates", []string{"Retry-After: " + httpDate(time.Hour), "Date: " + httpDate(-time.Hour), "Date: " + httpDate(time.Minute)}, time.Hour},
		{"date in the past", []string{"Retry-After: " + httpDate(-time.Hour)}, 0},
		{"date in the year 9999", []string{"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"}, maxDelta},
		{"date before all others", []string{"Retry-After: Sat, 01 Jan 0000 00:00:00 GMT"}, 0},
		{"two lines", []string{"Retry-After: 60", "Retry-After: 120"}, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			latest := test.want
			if strings.HasPrefix(test.name, "date") {
				latest = min(latest+test.want/4, maxDelta) // the date is the same for all clients
			}
			checkSpread(t, test.want, latest, func() time.Duration { return retryAfter(headerOf(test.lines...), noon) })
		})
	}
}

// checkSpread calls draw 2,000 times and checks that the results lie between low and high, come
// close to both, and vary.
func checkSpread(t *testing.T, low, high time.Duration, draw func() time.Duration) {
	t.Helper()
	const draws = 2000
	seen := make(map[time.Duration]bool)
	least, most := time.Duration(math.MaxInt64), time.Duration(math.MinInt64)
	for range draws {
		d := draw()
		seen[d] = true
		least, most = min(least, d), max(most, d)
	}
	if least < low || most > high {
		t.Errorf("results from %v to %v, want %v to %v", least, most, low, high)
	}
	// The chance that 2,000 draws miss one tenth of the range at an end is 0.9^2000, or 10^-91.
	if tenth := (high - low) / 10; least > low+tenth || most < high-tenth {
		t.Errorf("results from %v to %v do not reach the ends of %v to %v", least, most, low, high)
	}
	if high > low && len(seen) < draws/2 {
		t.Errorf("%d different results of %d, want almost all different", len(seen), draws)
	}
}

// Clients that fail together must not return together, and a client must neither hammer a
// provider in an outage nor stay away for long after it.
func TestPause(t *testing.T) {
	const s, m = time.Second, time.Minute
	for _, test := range []struct {
		name       string
		failures   int
		retryAfter time.Duration
		low, high  time.Duration
	}{
		{"no failure counts as the first", 0, 0, 3750 * time.Millisecond, 5 * s},
		{"1st failure", 1, 0, 3750 * time.Millisecond, 5 * s},
		{"2nd failure", 2, 0, 7500 * time.Millisecond, 10 * s},
		{"3rd failure", 3, 0, 15 * s, 20 * s},
		{"6th failure", 6, 0, 120 * s, 160 * s},
		{"7th failure", 7, 0, 225 * s, 5 * m},
		{"8th failure", 8, 0, 225 * s, 5 * m},
		{"64th failure", 64, 0, 225 * s, 5 * m},
		{"failure after failure", math.MaxInt, 0, 225 * s, 5 * m},
		{"a count that wrapped around", math.MinInt, 0, 3750 * time.Millisecond, 5 * s},
		{"Retry-After below the backoff", 3, 5 * s, 15 * s, 20 * s},
		{"Retry-After above the backoff", 1, 60 * s, 60 * s, 60 * s},
		{"Retry-After of 5 min", 1, 5 * m, 5 * m, 5 * m},
		{"Retry-After above 5 min", 1, time.Hour, 5 * m, 5 * m},
		{"Retry-After of all time", math.MaxInt, math.MaxInt64, 5 * m, 5 * m},
		{"Retry-After below zero", 1, math.MinInt64, 3750 * time.Millisecond, 5 * s},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkSpread(t, test.low, test.high, func() time.Duration { return pause(test.failures, test.retryAfter) })
		})
	}
}

// Clients that started together must not refresh together, and a refresh must start early
// enough that no read waits for it.
func TestRefreshAfter(t *testing.T) {
	for _, life := range []time.Duration{time.Minute, 10 * time.Minute, 24 * time.Hour, math.MaxInt64} {
		t.Run(life.String(), func(t *testing.T) {
			checkSpread(t, life/100*72, life/5*4, func() time.Duration { return refreshAfter(life) })
		})
	}
	for _, life := range []time.Duration{math.MinInt64, -1, 0} {
		if got := refreshAfter(life); got != 0 {
			t.Errorf("refreshAfter(%d) = %v, want 0", life, got)
		}
	}
}

// The order of the two limits matters: a life outside of them must not pass.
func TestClampLife(t *testing.T) {
	for _, test := range []struct{ life, want time.Duration }{
		{math.MinInt64, 2}, {1, 2}, {2, 2}, {3, 3}, {4, 4}, {5, 4}, {math.MaxInt64, 4},
	} {
		if got := clampLife(test.life, 2, 4); got != test.want {
			t.Errorf("clampLife(%d, 2, 4) = %d, want %d", test.life, got, test.want)
		}
	}
}

// No header may make the client panic, or state a life or a wait beyond the numbers that a header
// can state.
func FuzzFreshness(f *testing.F) {
	f.Add("max-age=600", "60", httpDate(time.Hour), httpDate(0), "120")
	f.Add(`no-cache="a, \"b", MAX-AGE="0",`, "1,2", "0", "", httpDate(time.Minute))
	f.Add(`x="\`, "-1", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "99999999999999999999")
	f.Add("", "", "", "", "Fri, 31 Dec 9999 23:59:59 GMT")
	f.Fuzz(func(t *testing.T, control, age, expires, date, retry string) {
		h := http.Header{"Cache-Control": {control}, "Age": {age}, "Expires": {expires}, "Date": {date}, "Retry-After": {retry}}
		life, stated := statedLife(h, noon)
		if life < -2*maxDelta || life > maxDelta || !stated && life != 0 {
			t.Errorf("statedLife = %v, %v", life, stated)
		}
		if wait := retryAfter(h, noon); wait < 0 || wait > maxDelta {
			t.Errorf("retryAfter = %v", wait)
		}
	})
}
