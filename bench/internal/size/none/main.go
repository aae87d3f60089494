// Command none is what the size of the others is compared with: it reads a file.
package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(text))
}
