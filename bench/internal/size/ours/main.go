// Command ours parses a set with package jwk.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/seed1f6cf2d3/jwk"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	set, err := jwk.ParseSet(text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len())
}
