package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/veraison/go-cose"
)

// fullySpecified is Ed25519 (RFC 9864), which this library does not know by its number yet: it
// reads the message and builds what was signed, and leaves the signature to us.
const fullySpecified cose.Algorithm = -19

type verifier struct{ public ed25519.PublicKey }

func (v verifier) Algorithm() cose.Algorithm { return fullySpecified }

func (v verifier) Verify(content, signature []byte) error {
	if !ed25519.Verify(v.public, content, signature) {
		return cose.ErrVerification
	}
	return nil
}

// sign1 reads a COSE_Sign1 (an entry, a statement, a receipt) and verifies it. The payload is given
// where the message is a receipt, which leaves it out; `-` where it is inside.
func sign1(_ context.Context, words []string) error {
	if err := want(words, 3, "sign1 FILE PUBLIC_HEX PAYLOAD_HEX|-"); err != nil {
		return err
	}
	raw, err := os.ReadFile(words[0])
	if err != nil {
		return err
	}
	public, err := hex.DecodeString(words[1])
	if err != nil {
		return err
	}
	var message cose.Sign1Message
	if err := message.UnmarshalCBOR(raw); err != nil {
		return fmt.Errorf("go-cose UnmarshalCBOR: %w", err)
	}
	if words[2] != "-" {
		if message.Payload, err = hex.DecodeString(words[2]); err != nil {
			return err
		}
	}
	if err := message.Verify(nil, verifier{public}); err != nil {
		return fmt.Errorf("go-cose Verify: %w", err)
	}
	fmt.Printf("%s\n", message.Headers.Protected[cose.HeaderLabelKeyID])
	return nil
}
