// Command gojose parses a set with go-jose.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/go-jose/go-jose/v4"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(text, &set); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(set.Keys))
}
