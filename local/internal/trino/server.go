// Package trino installs and runs Trino, on which Athena engine version 3 is based. The local Athena hands queries to it.
package trino

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	data    string // a temporary folder
	log     string
	command *exec.Cmd
	// ready is closed when Trino accepts queries, and ended when its process has ended.
	ready, ended chan struct{}
	// reason is the reason why the process ended. It is set before ended is closed.
	reason error
	stdin  interface{ Close() error }
}

// catalog is the name of the Glue catalog in Athena's views.
const catalog = "awsdatacatalog"

// maxHeap is the size of Java's heap. The queries of one session need at most 1 GB.
const maxHeap = "1500M"

// Start starts Trino, and returns before Trino accepts queries. Query waits until it does.
func Start(o Options) (*Server, error) {
	data, err := os.MkdirTemp("", "snaplake-trino-")
	if err != nil {
		return nil, fmt.Errorf("start Trino: %w", err)
	}
	s := &Server{data: data, log: o.Log, ready: make(chan struct{}), ended: make(chan struct{})}
	if err := s.start(o); err != nil {
		return nil, errors.Join(fmt.Errorf("start Trino: %w", err), os.RemoveAll(data))
	}
	go s.awaitEnd()
	go s.awaitReady()
	return s, nil
}

// wrapper is a shell script that runs Java, and kills it when standard input ends. Therefore, Trino ends even if this process is killed.
const wrapper = `"$@" </dev/null & java=$!
exec 3<&0; (read -r _ <&3; kill -KILL $java) 2>/dev/null &
wait $java; status=$?; kill $! 2>/dev/null; exit $status`

func (s *Server) start(o Options) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = listener.Addr().String()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := errors.Join(listener.Close(), s.configure(o, port)); err != nil {
		return err
	}
	log, err := os.Create(o.Log)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own descriptor
	s.command = exec.Command("sh", append([]string{"-c", wrapper, "sh", o.Java}, s.arguments(o)...)...)
	s.command.Dir, s.command.Stdout, s.command.Stderr = s.data, log, log
	// Ctrl-C in the terminal signals a whole process group. Trino has its own group, so that it can still answer while this process stops.
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.stdin, err = s.command.StdinPipe(); err != nil {
		return err
	}
	return s.command.Start()
}

// arguments returns the arguments of the java command (Trino documentation, "Deploying Trino", JVM config). The simple compiler and garbage
// collector halve the time until the first answer.
func (s *Server) arguments(o Options) []string {
	return []string{
		"-server", "-Xmx" + maxHeap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError", "-XX:-OmitStackTraceInFastThrow",
		"-Djdk.attach.allowAttachSelf=true", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
		"--add-modules=jdk.incubator.vector", "-Duser.timezone=UTC", "-Dfile.encoding=UTF-8",
		"-Dconfig=" + filepath.Join(s.data, "config.properties"), "-Dlog.levels-file=" + filepath.Join(s.data, "log.properties"),
		"-Dnode.environment=local", "-Dnode.id=local", "-Dnode.data-dir=" + s.data, "-Dnode.bind-ip=127.0.0.1",
		"-Dnode.internal-address=127.0.0.1",
		"-Dplugin.dir=" + filepath.Join(o.Folder, "plugin"), "-Dcatalog.config-dir=" + filepath.Join(s.data, "catalog"),
		"-cp", filepath.Join(o.Folder, "lib", "*"), "io.trino.server.TrinoServer",
	}
}

// configure writes Trino's configuration files. By default, the Hive connector reads timestamps with milliseconds, as
// Athena does. Like Athena, it must read the subfolders of a location.
func (s *Server) configure(o Options, port int) error {
	files := map[string][]string{
		"config.properties": {
			"coordinator=true", "node-scheduler.include-coordinator=true", fmt.Sprintf("http-server.http.port=%d", port),
			"discovery.uri=http://" + s.address, "query.max-memory=700MB", "query.max-memory-per-node=700MB",
			"memory.heap-headroom-per-node=300MB", "catalog.management=dynamic",
			"access-control.config-files=" + filepath.Join(s.data, "access.properties"),
		},
		"log.properties": {"=WARN"},
		// Other catalogs show the queries of all callers. Athena does not have them.
		"access.properties": {"access-control.name=file", "security.config-file=" + filepath.Join(s.data, "access.json")},
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
	if err := os.Mkdir(filepath.Join(s.data, "catalog"), 0o700); err != nil {
		return err
	}
	for name, lines := range files {
		if err := os.WriteFile(filepath.Join(s.data, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// awaitEnd waits for the end of the process.
func (s *Server) awaitEnd() {
	err := s.command.Wait()
	s.reason = fmt.Errorf("the engine Trino has ended (%s); see %s", endOf(err, s.log), s.log)
	close(s.ended)
}

// endOf describes why Trino ended: Java's or Trino's message in the log, or else the exit status.
func endOf(err error, log string) string {
	text, _ := os.ReadFile(log) // without a log, the exit status must do
	for line := range bytes.Lines(text) {
		for _, start := range []string{"Error occurred during initialization of VM", "java.lang.OutOfMemoryError", "Terminating due to", "Error: ", "1) "} {
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
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.ended
		cancel()
	}()
	// Trino accepts queries before it knows a node that runs them. The nodes of an aggregation are chosen as those of a scan.
	const probe = "SELECT count(*) FROM UNNEST(sequence(1, 2)) AS t(n) GROUP BY n"
	for ctx.Err() == nil {
		if err := s.query(ctx, Statement{SQL: probe}, Reader{}); err == nil {
			close(s.ready)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
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

// Close ends Trino and deletes its temporary files.
func (s *Server) Close() error {
	_ = s.stdin.Close() // the wrapper kills Java
	<-s.ended
	return os.RemoveAll(s.data)
}
