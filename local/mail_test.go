package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestMailbox_KeepsEmailsThatArriveAtTheSameTime(t *testing.T) {
	box := mailbox{t.TempDir()}
	const mails = 50
	var arriving sync.WaitGroup
	for range mails {
		arriving.Go(func() {
			if err := box.keep("text"); err != nil {
				t.Error(err)
			}
		})
	}
	arriving.Wait()
	kept, err := os.ReadDir(filepath.Join(box.dir, nextFolder, mailFolder))
	if err != nil || len(kept) != mails {
		t.Errorf("%d emails were kept, want %d: %v", len(kept), mails, err)
	}
}
