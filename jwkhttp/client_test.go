package jwkhttp_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed1f6cf2d3/jwk"
	"github.com/seed1f6cf2d3/jwk/jwkhttp"
)

func TestSmoke(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newProvider(t, key(t, "P-256", "a"))
		p.set("Etag", `"1"`)
		c := p.client(t, &jwkhttp.ClientOptions{OnEvent: func(e jwkhttp.Event) { t.Log(time.Now(), e.Kind, e.Err, e.KeyID) }})
		mustFind(t, c, "a")
		mustFind(t, c, "a")
		t.Log(p.count(), c.Status())
		time.Sleep(9 * time.Minute)
		mustFind(t, c, "a")
		time.Sleep(time.Second)
		t.Log(p.count(), c.Status())
		_, err := find(c, "b")
		t.Log(err)
		_, err = find(c, "b")
		_, err = find(c, "c")
		_, err = find(c, "d")
		_, err = c.Find(context.Background(), jwk.Query{Algorithm: jwk.RS256})
		t.Log(err)
		p.fail(500)
		time.Sleep(11 * time.Minute)
		mustFind(t, c, "a")
		_, err = find(c, "e")
		t.Log(err)
		time.Sleep(25 * time.Hour)
		_, err = find(c, "a")
		t.Log(err)
		t.Logf("%+v", c.Status())
		p.fail(0)
		time.Sleep(5 * time.Minute)
		mustFind(t, c, "a")
		if n := testing.AllocsPerRun(100, func() { find(c, "a") }); n != 0 {
			t.Errorf("%v allocations", n)
		}
		c.Close()
	})
}
