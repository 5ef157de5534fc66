// Command tools reads our log, and is witnessed by us, with libraries that others wrote.
//
// It decides nothing itself: each verb hands bytes to an outside library and fails if that library
// does. The tests beside it run it against a log and a witness of ours.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"
)

// limit is how long any verb may take; they work on this machine alone.
const limit = 2 * time.Minute

var verbs = map[string]func(context.Context, []string) error{
	"read":  read,
	"prove": prove,
	"log":   log,
	"key":   key,
	"sign1": sign1,
}

func main() {
	flag.Parse()
	run, known := verbs[flag.Arg(0)]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: interop read|prove|log|key|sign1 ...")
		os.Exit(64)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := run(ctx, flag.Args()[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// want fails unless exactly n words were given.
func want(words []string, n int, usage string) error {
	if len(words) != n {
		return fmt.Errorf("usage: interop %s", usage)
	}
	return nil
}
