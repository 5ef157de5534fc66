package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	f_log "github.com/transparency-dev/formats/log"
	f_note "github.com/transparency-dev/formats/note"
	f_proof "github.com/transparency-dev/formats/proof"
	f_witness "github.com/transparency-dev/formats/witness"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// prove checks a tlog-proof of an entry: the log's signature, every cosignature, the path; and
// whether a policy file of ours, as an outside parser reads it, is satisfied.
func prove(_ context.Context, words []string) error {
	if len(words) < 4 {
		return fmt.Errorf("usage: interop prove PROOF ENTRY POLICY LOG_VKEY WITNESS_VKEY...")
	}
	var files [3][]byte
	for at := range files {
		raw, err := os.ReadFile(words[at])
		if err != nil {
			return err
		}
		files[at] = raw
	}
	var shown f_proof.TLogProof
	if err := shown.Unmarshal(files[0]); err != nil {
		return fmt.Errorf("formats proof: %w", err)
	}
	times, err := open(shown.Checkpoint, words[3], words[4:])
	if err != nil {
		return err
	}
	var at f_log.Checkpoint
	if _, err := at.Unmarshal(shown.Checkpoint); err != nil {
		return fmt.Errorf("formats log: %w", err)
	}
	path := make([][]byte, 0, len(shown.Hashes))
	for _, hash := range shown.Hashes {
		path = append(path, hash[:])
	}
	hasher := rfc6962.DefaultHasher
	if err := proof.VerifyInclusion(hasher, shown.Index, at.Size, hasher.HashLeaf(files[1]), path, at.Hash); err != nil {
		return fmt.Errorf("merkle VerifyInclusion: %w", err)
	}
	group, err := f_witness.ParsePolicy(files[2])
	if err != nil {
		return fmt.Errorf("formats witness.ParsePolicy: %w", err)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"index": shown.Index, "size": at.Size, "times": times, "satisfied": group.Satisfied(shown.Checkpoint),
	})
}

// open verifies the log's line and every cosignature; it returns each witness's time.
func open(checkpoint []byte, log string, witnesses []string) (map[string]int64, error) {
	verifier, err := note.NewVerifier(log)
	if err != nil {
		return nil, fmt.Errorf("note.NewVerifier: %w", err)
	}
	known := []note.Verifier{verifier}
	for _, vkey := range witnesses {
		cosigner, err := f_note.NewVerifierForCosignatureV1(vkey)
		if err != nil {
			return nil, fmt.Errorf("formats NewVerifierForCosignatureV1: %w", err)
		}
		known = append(known, cosigner)
	}
	signed, err := note.Open(checkpoint, note.VerifierList(known...))
	if err != nil {
		return nil, fmt.Errorf("note.Open: %w", err)
	}
	times := map[string]int64{}
	for _, line := range signed.Sigs {
		if line.Name == verifier.Name() {
			continue
		}
		at, err := f_note.CoSigV1Timestamp(line)
		if err != nil {
			return nil, fmt.Errorf("formats CoSigV1Timestamp: %w", err)
		}
		times[line.Name] = at.Unix()
	}
	if len(times)+1 != len(signed.Sigs) {
		return nil, fmt.Errorf("the log has signed %d times", len(signed.Sigs)-len(times))
	}
	return times, nil
}
