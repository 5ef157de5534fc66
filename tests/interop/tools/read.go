package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	f_log "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// read opens the checkpoint with the Go project's note verifier, reads every tile and bundle with
// two clients, proves every entry by both, and has a third tool recompute the whole log.
func read(ctx context.Context, words []string) error {
	if err := want(words, 2, "read URL VKEY"); err != nil {
		return err
	}
	root, err := url.Parse(words[0] + "/")
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(words[1])
	if err != nil {
		return fmt.Errorf("note.NewVerifier: %w", err)
	}
	fetcher, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return err
	}
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, fetcher.ReadCheckpoint, verifier, verifier.Name())
	if err != nil {
		return fmt.Errorf("tessera client.FetchCheckpoint: %w", err)
	}
	entries, err := bundles(ctx, fetcher, checkpoint.Size)
	if err != nil {
		return err
	}
	if err := byTessera(ctx, fetcher, checkpoint, entries); err != nil {
		return err
	}
	if err := bySumdb(root, checkpoint, entries); err != nil {
		return err
	}
	if err := fsck.New(verifier.Name(), verifier, fetcher, leaves, fsck.Opts{N: 2}).Check(ctx); err != nil {
		return fmt.Errorf("tessera fsck: %w", err)
	}
	fmt.Println(checkpoint.Size)
	return nil
}

func bundles(ctx context.Context, fetcher *client.HTTPFetcher, size uint64) ([][]byte, error) {
	var entries [][]byte
	for index := uint64(0); index*256 < size; index++ {
		bundle, err := client.GetEntryBundle(ctx, fetcher.ReadEntryBundle, index, size)
		if err != nil {
			return nil, fmt.Errorf("tessera client.GetEntryBundle: %w", err)
		}
		entries = append(entries, bundle.Entries...)
	}
	if uint64(len(entries)) != size {
		return nil, fmt.Errorf("%d entries in the bundles of a log of %d", len(entries), size)
	}
	return entries, nil
}

func leaves(raw []byte) ([][]byte, error) {
	bundle := api.EntryBundle{}
	if err := bundle.UnmarshalText(raw); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(bundle.Entries))
	for _, entry := range bundle.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

// byTessera proves each entry, and that each smaller log is the beginning of this one.
func byTessera(ctx context.Context, fetcher *client.HTTPFetcher, at *f_log.Checkpoint, entries [][]byte) error {
	builder, err := client.NewProofBuilder(ctx, at.Size, fetcher.ReadTile)
	if err != nil {
		return err
	}
	hasher := rfc6962.DefaultHasher
	for index, entry := range entries {
		path, err := builder.InclusionProof(ctx, uint64(index))
		if err != nil {
			return fmt.Errorf("tessera InclusionProof: %w", err)
		}
		if err := proof.VerifyInclusion(hasher, uint64(index), at.Size, hasher.HashLeaf(entry), path, at.Hash); err != nil {
			return fmt.Errorf("merkle VerifyInclusion %d: %w", index, err)
		}
	}
	return nil
}

// bySumdb does the same with the client of Go's own checksum database, tile by tile.
func bySumdb(root *url.URL, at *f_log.Checkpoint, entries [][]byte) error {
	tree := tlog.Tree{N: int64(at.Size), Hash: tlog.Hash(at.Hash)}
	hashes := tlog.TileHashReader(tree, &tiles{root: root, client: http.DefaultClient, kept: map[string][]byte{}})
	for index, entry := range entries {
		path, err := tlog.ProveRecord(tree.N, int64(index), hashes)
		if err != nil {
			return fmt.Errorf("tlog.ProveRecord: %w", err)
		}
		if err := tlog.CheckRecord(path, tree.N, tree.Hash, int64(index), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("tlog.CheckRecord %d: %w", index, err)
		}
	}
	for _, smaller := range []int64{1, 2, 255, 256, 257, tree.N} {
		if smaller > tree.N {
			continue
		}
		path, err := tlog.ProveTree(tree.N, smaller, hashes)
		if err != nil {
			return fmt.Errorf("tlog.ProveTree: %w", err)
		}
		older, err := tlog.TreeHash(smaller, hashes)
		if err != nil {
			return fmt.Errorf("tlog.TreeHash: %w", err)
		}
		if err := tlog.CheckTree(path, tree.N, tree.Hash, smaller, older); err != nil {
			return fmt.Errorf("tlog.CheckTree %d: %w", smaller, err)
		}
	}
	return nil
}

// tiles reads a tlog-tiles log for package tlog, whose own paths name the height too.
type tiles struct {
	root   *url.URL
	client *http.Client
	kept   map[string][]byte
}

func (t *tiles) Height() int { return 8 }

func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, 0, len(wanted))
	for _, tile := range wanted {
		path := bytes.TrimPrefix([]byte(tile.Path()), []byte("tile/8/"))
		raw, known := t.kept[string(path)]
		if !known {
			var err error
			if raw, err = t.get("tile/" + string(path)); err != nil {
				return nil, err
			}
			t.kept[string(path)] = raw
		}
		found = append(found, raw)
	}
	return found, nil
}

func (t *tiles) get(path string) (raw []byte, err error) {
	at, err := t.root.Parse(path)
	if err != nil {
		return nil, err
	}
	answer, err := t.client.Get(at.String())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}
