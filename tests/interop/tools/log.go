package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// log runs an outside log in a folder, adds entries to it one batch after another, and publishes
// none of its checkpoints unless the witnesses of a policy file have signed. It prints the last.
func log(ctx context.Context, words []string) error {
	if err := want(words, 4, "log FOLDER PRIVATE_KEY POLICY ENTRIES"); err != nil {
		return err
	}
	signer, err := note.NewSigner(words[1])
	if err != nil {
		return err
	}
	policy, err := os.ReadFile(words[2])
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(words[3])
	if err != nil {
		return err
	}
	group, err := tessera.NewWitnessGroupFromPolicy(policy)
	if err != nil {
		return fmt.Errorf("tessera.NewWitnessGroupFromPolicy: %w", err)
	}
	driver, err := posix.New(ctx, posix.Config{Path: words[0]})
	if err != nil {
		return err
	}
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(1, 50*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(group, &tessera.WitnessOptions{Timeout: 10 * time.Second})
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		return fmt.Errorf("tessera.NewAppender: %w", err)
	}
	awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 50*time.Millisecond)
	var published []byte
	for number := range count {
		entry := tessera.NewEntry(fmt.Appendf(nil, "entry %d", number))
		if _, published, err = awaiter.Await(ctx, appender.Add(ctx, entry)); err != nil {
			return fmt.Errorf("tessera publication: %w", err)
		}
	}
	if err := shutdown(ctx); err != nil {
		return err
	}
	fmt.Print(string(published))
	return nil
}

// key makes a note key and prints its private and public text, one a line.
func key(_ context.Context, words []string) error {
	if err := want(words, 1, "key NAME"); err != nil {
		return err
	}
	private, public, err := note.GenerateKey(rand.Reader, words[0])
	if err != nil {
		return err
	}
	fmt.Println(private)
	fmt.Println(public)
	return nil
}
