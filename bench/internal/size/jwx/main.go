// Command jwx parses a set with jwx.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/lestrrat-go/jwx/v4/jwk"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	set, err := jwk.Parse(text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len())
}
