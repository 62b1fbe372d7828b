package trino

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// newInstaller returns an installer whose Maven repository serves two small archives. Its java command is new enough.
func newInstaller(t *testing.T, serve func(w http.ResponseWriter, content []byte)) (i Installer, said *[]string) {
	t.Helper()
	t.Setenv("JAVA_HOME", javaHome(t, `openjdk version "25.0.1" 2025-10-21 LTS`))
	contents := map[string][]byte{"trino-server-core": tarball(t, "trino-server-core-476/lib/a.jar"), "trino-hive": zipped(t, "trino-hive-476/b.jar")}
	maven := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, contents[strings.Split(r.URL.Path, "/")[3]])
	}))
	t.Cleanup(maven.Close)
	i = Installer{Cache: t.TempDir(), Maven: maven.URL, archives: archives()}
	said = new([]string)
	i.Say = func(line string) { *said = append(*said, line) }
	for n, a := range i.archives {
		sum := sha256.Sum256(contents[a.artifact])
		i.archives[n].sha256, i.archives[n].bytes = hex.EncodeToString(sum[:]), int64(len(contents[a.artifact]))
	}
	return i, said
}

func tarball(t *testing.T, name string) []byte {
	var b bytes.Buffer
	zipper := gzip.NewWriter(&b)
	w := tar.NewWriter(zipper)
	link := tar.Header{Name: name + ".link", Linkname: name, Typeflag: tar.TypeLink}
	if err := w.WriteHeader(&tar.Header{Name: name, Size: 3, Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("jar")); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteHeader(&link); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipper.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, name string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("jar")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// javaHome returns a folder with a java command that prints a version.
func javaHome(t *testing.T, version string) string {
	t.Helper()
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho '%s' >&2\n", version)
	if err := os.WriteFile(filepath.Join(home, "bin", "java"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return home
}

func whole(w http.ResponseWriter, content []byte) { _, _ = w.Write(content) }

func TestInstaller_DownloadsOnce(t *testing.T) {
	i, said := newInstaller(t, whole)
	for range 2 {
		installed, err := i.Install(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"lib/a.jar", "lib/a.jar.link", "plugin/hive/b.jar"} {
			if b, err := os.ReadFile(filepath.Join(installed.Folder, file)); string(b) != "jar" {
				t.Errorf("%s: %q, %v", file, b, err)
			}
		}
	}
	if len(*said) != 1 || !strings.HasPrefix((*said)[0], "Downloading Trino 476 (0 MB, once) from ") {
		t.Errorf("printed %q", *said)
	}
}

func TestInstaller_InstallsTwiceAtTheSameTime(t *testing.T) {
	i, _ := newInstaller(t, whole)
	i.Say = func(string) {}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := i.Install(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	requireOnly(t, i.Cache, "trino-476")
}

func requireOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("the folder contains %q, want %q", names, want)
	}
}

func TestInstaller_LeavesNothingOfFailedDownload(t *testing.T) {
	for want, serve := range map[string]func(w http.ResponseWriter, content []byte){
		"404 Not Found":           func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusNotFound) },
		"the SHA-256 checksum is": func(w http.ResponseWriter, b []byte) { whole(w, append(b[1:len(b):len(b)], 0)) },
		"interrupted after 5 of": func(w http.ResponseWriter, b []byte) {
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			whole(w, b[:5])
		},
	} {
		i, _ := newInstaller(t, serve)
		if _, err := i.Install(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
		requireOnly(t, i.Cache)
	}
}

func TestInstaller_ReportsUnreachableRepository(t *testing.T) {
	i, _ := newInstaller(t, whole)
	i.Maven = "http://127.0.0.1:1"
	if _, err := i.Install(t.Context()); err == nil || !strings.Contains(err.Error(), "check the network connection") {
		t.Errorf("got error %v", err)
	}
}

func TestFindJava_NeedsNewJava(t *testing.T) {
	old := filepath.Join(javaHome(t, `openjdk version "17.0.15" 2025-04-15`), "bin", "java")
	ancient := filepath.Join(javaHome(t, `java version "1.8.0_402"`), "bin", "java")
	broken := filepath.Join(javaHome(t, "Could not reserve enough space for object heap"), "bin", "java")
	recent := filepath.Join(javaHome(t, `openjdk version "25" 2025-09-16`), "bin", "java")
	for _, test := range []struct {
		commands []string
		want     string
	}{
		{[]string{old, recent}, recent},
		{nil, "this machine has no Java; install Java 25 (for example from https://adoptium.net), or set JAVA_HOME"},
		{[]string{old, ancient, old}, "this machine has Java 1 and Java 17; install Java 25"},
		{[]string{broken}, `/java, which printed "Could not reserve enough space for object heap" (<nil>); install`},
	} {
		got, err := findJava(t.Context(), test.commands)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%q: got %s, want %s", test.commands, got, test.want)
		}
	}
}

func TestInstaller_IsInterruptedWhileItLooksForJava(t *testing.T) {
	i, _ := newInstaller(t, whole)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.Install(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}
