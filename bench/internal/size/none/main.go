// Command none only reads a file. The sizes of the other programs are compared with its size.
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
