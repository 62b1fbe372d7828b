// Package trino installs and runs Trino, on which Athena engine version 3 is based. The local Athena hands queries to it.
package trino

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Options configure a Server.
type Options struct {
	Installation
	// Endpoint is the URL of the Glue and the S3 that Trino reads.
	Endpoint, Region string
	// AccessKeyID and SecretAccessKey are the credentials with which Trino reads them.
	AccessKeyID, SecretAccessKey string
	// Log is the file to which Trino writes its log.
	Log string
}

// Server is a running Trino. Its only catalog is Glue's, with Athena's name awsdatacatalog.
type Server struct {
	address string
	key     string // authenticates the requests of this process
	command *exec.Cmd
	// ready is closed when Trino accepts queries, and ended when its process has ended.
	ready, ended chan struct{}
	// reason is the reason why the process ended. It is set before ended is closed.
	reason error
	stdin  io.Closer
}

// catalog is the name of the Glue catalog in Athena's views.
const catalog = "awsdatacatalog"

// user is the name of the user who executes the statements.
const user = "athena"

// maxHeap is the size of Java's heap. The queries of one session need at most 1 GB.
const maxHeap = "1500M"

// Start starts Trino, and returns before Trino accepts queries. Query waits until it does.
func Start(o Options) (*Server, error) {
	data, err := os.MkdirTemp("", "snaplake-trino-")
	if err != nil {
		return nil, fmt.Errorf("start Trino: %w", err)
	}
	s := &Server{key: rand.Text() + rand.Text(), ready: make(chan struct{}), ended: make(chan struct{})}
	if err := s.start(o, data); err != nil {
		return nil, errors.Join(fmt.Errorf("start Trino: %w", err), os.RemoveAll(data))
	}
	go s.awaitEnd(o)
	go s.awaitReady()
	return s, nil
}

// wrapper is a shell script that runs Java, and then deletes the current folder. It kills Java when standard input ends. Therefore, nothing
// remains even if this process is killed.
const wrapper = `"$@" </dev/null & java=$!
exec 3<&0; (read -r _ <&3; kill -KILL $java) 2>/dev/null &
wait $java; status=$?; kill $! 2>/dev/null; rm -rf "$PWD"; exit $status`

// start starts Trino in the folder data, which must be empty.
func (s *Server) start(o Options, data string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = listener.Addr().String()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := errors.Join(listener.Close(), s.configure(o, data, port)); err != nil {
		return err
	}
	log, err := os.Create(o.Log)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own descriptor
	s.command = exec.Command("sh", append([]string{"-c", wrapper, "sh", o.Java}, arguments()...)...)
	s.command.Dir, s.command.Stdout, s.command.Stderr = data, log, log
	// Variables such as JAVA_TOOL_OPTIONS and AWS_USE_FIPS_ENDPOINT, and the files in ~/.aws, would change how Trino works.
	s.command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=.", "LC_ALL=C.UTF-8"}
	// Ctrl-C in the terminal signals a whole process group. Trino has its own group, so that it can still answer while this process stops.
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		return err
	}
	return s.command.Start()
}

// arguments returns the arguments of the java command (Trino documentation, "Deploying Trino", JVM config). The simple compiler and garbage
// collector halve the time until the first answer. All paths are relative, because absolute paths can contain characters that have a meaning
// in these settings.
func arguments() []string {
	return []string{
		"-server", "-Xmx" + maxHeap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-XX:-OmitStackTraceInFastThrow",
		"-XX:-UsePerfData", "-Djava.io.tmpdir=.", "-Djdk.attach.allowAttachSelf=true", "--enable-native-access=ALL-UNNAMED",
		"--sun-misc-unsafe-memory-access=allow", "--add-modules=jdk.incubator.vector", "-Duser.timezone=UTC", "-Dfile.encoding=UTF-8",
		"-Dconfig=config.properties", "-Dlog.levels-file=log.properties", "-Dnode.environment=local", "-Dnode.id=local", "-Dnode.data-dir=.",
		"-Dnode.bind-ip=127.0.0.1", "-Dnode.internal-address=127.0.0.1", "-Dplugin.dir=trino/plugin", "-Dcatalog.config-dir=catalog",
		"-cp", "trino/lib/*", "io.trino.server.TrinoServer",
	}
}

// configure writes Trino's configuration files. By default, the Hive connector reads timestamps with milliseconds, as
// Athena does. Like Athena, it must read the subfolders of a location.
func (s *Server) configure(o Options, data string, port int) error {
	files := map[string][]string{
		"config.properties": {
			"coordinator=true", "node-scheduler.include-coordinator=true", fmt.Sprintf("http-server.http.port=%d", port),
			"discovery.uri=http://" + s.address, "query.max-memory=700MB", "query.max-memory-per-node=700MB",
			"memory.heap-headroom-per-node=300MB", "catalog.management=dynamic", "access-control.config-files=access.properties",
			// Without authentication, each user of this machine could read the tables. Trino authenticates only requests that a proxy has
			// received over HTTPS. This process takes the part of that proxy.
			"http-server.authentication.type=JWT", "http-server.authentication.jwt.key-file=key", "http-server.process-forwarded=true",
			"internal-communication.shared-secret=" + s.key, "web-ui.enabled=false",
		},
		"key":            {base64.StdEncoding.EncodeToString([]byte(s.key))},
		"log.properties": {"=WARN"},
		// Other catalogs show the queries of all callers. Athena does not have them.
		"access.properties": {"access-control.name=file", "security.config-file=access.json"},
		"access.json":       {`{"catalogs": [{"catalog": "` + catalog + `", "allow": "all"}, {"allow": "none"}]}`},
		"catalog/" + catalog + ".properties": {
			"connector.name=hive", "hive.table-statistics-enabled=false", "hive.recursive-directories=true",
			"hive.metastore=glue", "hive.metastore.glue.region=" + o.Region, "hive.metastore.glue.endpoint-url=" + o.Endpoint,
			"hive.metastore.glue.partitions-segments=1", // the local Glue has no segments
			"hive.metastore.glue.aws-access-key=" + o.AccessKeyID, "hive.metastore.glue.aws-secret-key=" + o.SecretAccessKey,
			"fs.native-s3.enabled=true", "s3.region=" + o.Region, "s3.endpoint=" + o.Endpoint, "s3.path-style-access=true",
			"s3.aws-access-key=" + o.AccessKeyID, "s3.aws-secret-key=" + o.SecretAccessKey,
		},
	}
	err := errors.Join(os.Symlink(o.Folder, filepath.Join(data, "trino")), os.Mkdir(filepath.Join(data, "catalog"), 0o700))
	for name, lines := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(data, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	}
	return err
}

// awaitEnd waits for the end of the process.
func (s *Server) awaitEnd(o Options) {
	err := s.command.Wait()
	s.reason = fmt.Errorf("the engine Trino has ended (%s); see %s", endOf(err, o.Log), o.Log)
	select {
	case <-s.ready:
	default:
		s.reason = fmt.Errorf("%w; to download Trino again, delete %s", s.reason, o.Folder)
	}
	close(s.ended)
}

// endOf describes why Trino ended: Java's or Trino's message in the log, or else the exit status.
func endOf(err error, log string) string {
	text, _ := os.ReadFile(log) // without a log, the exit status must do
	for line := range bytes.Lines(text) {
		for _, start := range []string{"Error occurred during initialization of VM", "java.lang.OutOfMemoryError", "Terminating due to", "Error: ", "Exception in ", "1) "} {
			if bytes.HasPrefix(line, []byte(start)) {
				return string(bytes.TrimSpace(line))
			}
		}
	}
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// awaitReady polls Trino until it runs queries.
func (s *Server) awaitReady() {
	// Trino accepts queries before it knows a node that runs them. The nodes of an aggregation are chosen as those of a scan.
	const probe = "SELECT count(*) FROM UNNEST(sequence(1, 2)) AS t(n) GROUP BY n"
	for s.query(context.Background(), Statement{SQL: probe}, Reader{}) != nil {
		select {
		case <-s.ended:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	close(s.ready)
}

// wait waits until Trino accepts queries.
func (s *Server) wait(ctx context.Context) error {
	select {
	case <-s.ended:
		return s.reason
	case <-s.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends Trino.
func (s *Server) Close() {
	_ = s.stdin.Close() // the wrapper kills Java
	<-s.ended
}
