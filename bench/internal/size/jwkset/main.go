// Command jwkset parses a set with jwkset.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/MicahParks/jwkset"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var raw jwkset.JWKSMarshal
	if err := json.Unmarshal(text, &raw); err != nil {
		log.Fatal(err)
	}
	keys, err := raw.JWKSlice()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(keys))
}
