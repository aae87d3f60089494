// Command tink parses a set with tink.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/tink-crypto/tink-go/v2/jwt"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	set, err := jwt.JWKSetToPublicKeysetHandle(text)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Len())
}
