package trino

import (
	"archive/zip"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Version is the release of Trino. Athena does not publish the release on which its engine version 3 is based.
const Version = "476"

// minJava is the oldest Java that can run Trino (Trino documentation, "Deploying Trino", Java runtime environment).
const minJava = 24

// Installation is an unpacked Trino with a Java that can run it.
type Installation struct {
	// Folder contains the folders lib and plugin.
	Folder string
	// Java is the path of the java command.
	Java string
}

// archive is an archive of Maven Central.
type archive struct {
	artifact, ending, sha256 string
	bytes                    int64
	// into is the folder in the installation that replaces the archive's root folder, ARTIFACT-VERSION.
	into string
}

// archives returns the server without plugins, and the Hive connector, which reads the tables of the Glue catalog.
func archives() []archive {
	return []archive{
		{
			"trino-server-core", ".tar.gz", "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158", 194_358_953,
			".",
		},
		{
			"trino-hive", ".zip", "611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e", 258_326_133,
			"plugin/hive",
		},
	}
}

// url returns the address of the archive, for example MAVEN/io/trino/trino-hive/476/trino-hive-476.zip.
func (a archive) url(maven string) string {
	return fmt.Sprintf("%s/io/trino/%s/%s/%[2]s-%[3]s%s", maven, a.artifact, Version, a.ending)
}

// Installer installs Trino.
type Installer struct {
	// Cache is the folder for the installation, which later calls use again.
	Cache string
	// Maven is the address of a Maven repository, for example MavenCentral.
	Maven string
	// Say prints a line about a download.
	Say func(line string)

	archives []archive
}

// MavenCentral is the address of the Maven repository that publishes Trino.
const MavenCentral = "https://repo.maven.apache.org/maven2"

// DefaultInstaller returns an installer that downloads from Maven Central to the user's cache folder.
func DefaultInstaller(say func(string)) (Installer, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Installer{}, fmt.Errorf("find a folder for Trino: %w", err)
	}
	return Installer{Cache: filepath.Join(cache, "snaplake"), Maven: MavenCentral, Say: say, archives: archives()}, nil
}

// Install returns the installed Trino. It downloads Trino if it is not in the cache. An interrupted installation leaves nothing that a later
// one would use, and two installations at the same time do not disturb each other.
func (i Installer) Install(ctx context.Context) (*Installation, error) {
	java, err := findJava(ctx, javaCommands())
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(i.Cache, "trino-"+Version)
	if _, err := os.Stat(folder); err == nil {
		return &Installation{folder, java}, nil
	}
	if err := os.MkdirAll(i.Cache, 0o700); err != nil {
		return nil, fmt.Errorf("install Trino: %w", err)
	}
	temp, err := os.MkdirTemp(i.Cache, "incomplete-")
	if err != nil {
		return nil, fmt.Errorf("install Trino: %w", err)
	}
	defer os.RemoveAll(temp)
	var total int64
	for _, a := range i.archives {
		total += a.bytes
	}
	i.Say(fmt.Sprintf("Downloading Trino %s (%d MB, once) from %s to %s.", Version, total/1_000_000, i.Maven, folder))
	unpacked := filepath.Join(temp, "trino")
	for _, a := range i.archives {
		if err := a.install(ctx, i.Maven, temp, unpacked); err != nil {
			return nil, fmt.Errorf("install Trino: %w", err)
		}
	}
	if err := os.Rename(unpacked, folder); err != nil && !errors.Is(err, fs.ErrExist) { // it exists if another process was faster
		return nil, fmt.Errorf("install Trino: %w", err)
	}
	return &Installation{folder, java}, nil
}

// install downloads an archive to the folder temp, checks it, and unpacks it.
func (a archive) install(ctx context.Context, maven, temp, into string) error {
	path := filepath.Join(temp, a.artifact+a.ending)
	if err := a.download(ctx, maven, path); err != nil {
		return err
	}
	into = filepath.Join(into, a.into)
	if err := os.MkdirAll(into, 0o700); err != nil {
		return err
	}
	if err := a.unpack(ctx, path, into); err != nil {
		return fmt.Errorf("unpack %s: %w", a.artifact+a.ending, err)
	}
	return nil
}

// unpack unpacks an archive without its root folder.
func (a archive) unpack(ctx context.Context, path, into string) error {
	if a.ending != ".zip" {
		out, err := exec.CommandContext(ctx, "tar", "-xzf", path, "--strip-components=1", "-C", into).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	reader, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer reader.Close()
	files, err := fs.Sub(reader, a.artifact+"-"+Version)
	if err != nil {
		return err
	}
	return os.CopyFS(into, files)
}

func (a archive) download(ctx context.Context, maven, path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	url := a.url(maven)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("download: %w; check the network connection, or the variable HTTPS_PROXY", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("download %s: %s", url, response.Status)
	}
	digest := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, digest), response.Body)
	if err != nil {
		return fmt.Errorf("download %s: interrupted after %d of %d bytes: %w; run the command again", url, n, a.bytes, err)
	}
	if sum := hex.EncodeToString(digest.Sum(nil)); sum != a.sha256 {
		return fmt.Errorf("download %s: the SHA-256 checksum is %s, not %s; run the command again, or ask who operates your proxy",
			url, sum, a.sha256)
	}
	return nil
}

// javaCommands returns the paths of the java commands on this machine: in JAVA_HOME, in PATH, and where Linux and macOS install them.
func javaCommands() []string {
	var commands []string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		commands = append(commands, filepath.Join(home, "bin", "java"))
	}
	if inPath, err := exec.LookPath("java"); err == nil {
		commands = append(commands, inPath)
	}
	for _, pattern := range []string{"/usr/lib/jvm/*/bin/java", "/Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java"} {
		found, _ := filepath.Glob(pattern) // fails only if the pattern is invalid
		commands = append(commands, found...)
	}
	return commands
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava returns the first java command that can run Trino.
func findJava(ctx context.Context, commands []string) (string, error) {
	var found []string
	for _, java := range commands {
		out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		m := javaVersion.FindSubmatch(out)
		if err != nil || m == nil {
			line, _, _ := strings.Cut(string(out), "\n")
			found = append(found, fmt.Sprintf("%s, which printed %q (%v)", java, line, err))
			continue
		}
		if n, _ := strconv.Atoi(string(m[1])); n >= minJava {
			return java, nil
		}
		found = append(found, "Java "+string(m[1]))
	}
	slices.Sort(found)
	return "", fmt.Errorf("the engine Trino needs Java %d or newer, but this machine has %s; install Java 25 (for example from "+
		"https://adoptium.net), or set JAVA_HOME", minJava, cmp.Or(strings.Join(slices.Compact(found), " and "), "no Java"))
}
