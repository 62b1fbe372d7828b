package lambda

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

// store stands for S3: a folder with one bucket, "lake", and room beside it.
type store struct {
	dir string
	// denied is what it answers everybody who wants to read.
	denied error
}

func (s store) MayRead(context.Context, string, string) error { return s.denied }
func (s store) Path(bucket, key string) string                { return filepath.Join(s.dir, bucket, key) }
func (s store) TempDir() (string, error)                      { return os.MkdirTemp(s.dir, "tmp-") }

// archive is a ZIP file of the entries, each a name and a content.
func archive(t *testing.T, entries ...[2]string) []byte {
	t.Helper()
	return zipped(t, func(w *zip.Writer) error {
		for _, e := range entries {
			f, err := w.Create(e[0])
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, e[1]); err != nil {
				return err
			}
		}
		return nil
	})
}

func zipped(t *testing.T, write func(*zip.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if err := errors.Join(write(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// send makes a request to the API and gives the answer's status and body.
func send(ctx context.Context, s *Service, method, path string, body io.Reader) (int, string) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, method, path, body))
	return w.Code, strings.TrimSuffix(w.Body.String(), "\n")
}

// sendJSON is send with a value, for an answer that has to come.
func sendJSON(t *testing.T, s *Service, method, path string, in any, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := send(t.Context(), s, method, path, bytes.NewReader(body))
	if err := json.Unmarshal([]byte(answer), out); err != nil || status >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}

const (
	publish   = "/2018-10-31/layers/configuration/versions"
	configure = "/2015-03-31/functions/FindSnapshot/configuration"
	layerARN  = "arn:aws:lambda:ap-northeast-1:123456789012:layer:configuration"
)

// withLayer is a service whose function reads a layer that says "one".
func withLayer(t *testing.T, o Options, other http.HandlerFunc) *Service {
	t.Helper()
	service := openBeside(t, o, other)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pipeline.json"), []byte(`"one"`), 0o644); err != nil {
		t.Fatal(err)
	}
	f := function("call and read", long)
	f.Layers = []string{service.AddLayer("configuration", dir)}
	if err := service.Create(f); err != nil {
		t.Fatal(err)
	}
	return service
}

func TestADeploymentsLayerReachesTheNextInvocationAndNoneThatRuns(t *testing.T) {
	calls, other := requests()
	service := withLayer(t, Options{}, other)
	wait := invocations(t.Context(), service, "1")
	running := <-calls

	var published layerVersion
	sendJSON(t, service, http.MethodPost, publish, publication{Content: layerContent{ZipFile: archive(t, [2]string{"views/", ""}, [2]string{"pipeline.json", `"two"`})}}, &published)
	if published.LayerVersionArn != layerARN+":2" || published.Version != 2 {
		t.Errorf("published %+v", published)
	}
	var updated configuration
	sendJSON(t, service, http.MethodPut, configure, update{Layers: []string{published.LayerVersionArn}}, &updated)
	if diff := cmp.Diff([]layerReference{{layerARN + ":2"}}, updated.Layers); diff != "" {
		t.Error(diff)
	}

	close(running.done)
	if got := wait(); got[0] != `1: "one"` {
		t.Errorf("the invocation that ran got %s", got)
	}
	for _, payload := range []string{"2", "3"} {
		wait = invocations(t.Context(), service, payload)
		close((<-calls).done)
		if got := wait(); got[0] != payload+`: "two"` {
			t.Errorf("an invocation after the update got %s", got)
		}
	}
}

func TestAnUpdateEndsTheProcessesThatWait(t *testing.T) {
	service := withLayer(t, Options{}, quiet)
	if got := outcome(service.Invoke(t.Context(), "FindSnapshot", nil)); got != `"one"` {
		t.Fatalf("got %s", got)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pipeline.json"), []byte(`"two"`), 0o644); err != nil {
		t.Fatal(err)
	}
	var updated configuration
	sendJSON(t, service, http.MethodPut, configure, update{Layers: []string{service.AddLayer("configuration", dir)}}, &updated)
	if got := outcome(service.Invoke(t.Context(), "FindSnapshot", nil)); got != `"two"` {
		t.Errorf("got %s", got)
	}
}

func TestALayerComesOutOfS3(t *testing.T) {
	s3 := store{dir: t.TempDir()}
	content := archive(t, [2]string{"pipeline.json", `"two"`}, [2]string{"views/sales/by_day.sql", "SELECT 1"})
	if err := errors.Join(os.Mkdir(s3.Path("lake", ""), 0o755), os.WriteFile(s3.Path("lake", "layer.zip"), content, 0o644)); err != nil {
		t.Fatal(err)
	}
	service := open(t, Options{Store: s3})
	var published, got layerVersion
	sendJSON(t, service, http.MethodPost, publish, publication{
		Content: layerContent{S3Bucket: "lake", S3Key: "layer.zip"}, layerLabels: layerLabels{Description: "The configuration."},
	}, &published)
	sendJSON(t, service, http.MethodGet, "/2018-10-31/layers/"+layerARN+"/versions/1", nil, &got)
	want := layerVersion{
		LayerArn: layerARN, LayerVersionArn: layerARN + ":1", Version: 1, CreatedDate: "2026-11-21T17:05:12.000+0000",
		layerLabels: layerLabels{Description: "The configuration."},
	}
	want.Content.CodeSha256, want.Content.CodeSize = published.Content.CodeSha256, int64(len(content))
	for _, answer := range []layerVersion{published, got} {
		if diff := cmp.Diff(want, answer, cmp.AllowUnexported(layerVersion{})); diff != "" {
			t.Error(diff)
		}
	}
	service.mu.Lock()
	dir := service.layers[layerARN+":1"].dir
	service.mu.Unlock()
	if b, err := os.ReadFile(filepath.Join(dir, "views", "sales", "by_day.sql")); err != nil || string(b) != "SELECT 1" {
		t.Errorf("the layer has %s, %v", b, err)
	}
}

func TestLayersThatCannotBeAreRefused(t *testing.T) {
	const damaged = "Could not unzip uploaded file. Please check your file, then try to upload again. "
	zipFile := func(b []byte) string {
		body, err := json.Marshal(publication{Content: layerContent{ZipFile: b}})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	link := zipped(t, func(w *zip.Writer) error {
		h := &zip.FileHeader{Name: "pipeline.json"}
		h.SetMode(fs.ModeSymlink | 0o777)
		_, err := w.CreateHeader(h)
		return err
	})
	for name, test := range map[string]struct{ method, path, body, want string }{
		"no such version":       {"PUT", configure, `{"Layers": ["` + layerARN + `:7"]}`, "400 Layer version " + layerARN + ":7 does not exist."},
		"two layers":            {"PUT", configure, `{"Layers": ["` + layerARN + `:1", "` + layerARN + `:1"]}`, "400 the local Lambda gives a function one layer, and not 2"},
		"another setting":       {"PUT", configure, `{"Timeout": 3}`, `400 the local AWS does not take this request: json: unknown field "Timeout"`},
		"no such function":      {"PUT", strings.Replace(configure, "Find", "Hide", 1), `{}`, "404 Function not found: arn:aws:lambda:ap-northeast-1:123456789012:function:HideSnapshot"},
		"a function's code":     {"PUT", "/2015-03-31/functions/FindSnapshot/code", `{}`, "404 the local Lambda does not have the operation PUT /2015-03-31/functions/FindSnapshot/code"},
		"no such layer":         {"GET", publish + "/7", ``, "404 The resource you requested does not exist."},
		"no number":             {"GET", publish + "/first", ``, "404 The resource you requested does not exist."},
		"a name with a dot":     {"POST", strings.Replace(publish, "configuration", "a.b", 1), zipFile(archive(t)), `400 "a.b" is no name of a layer: it has letters, digits, - and _, and is at most 140 characters long`},
		"no content":            {"POST", publish, `{}`, "400 Content has either a ZipFile, or an S3Bucket and an S3Key"},
		"no such object":        {"POST", publish, `{"Content": {"S3Bucket": "lake", "S3Key": "layer.zip"}}`, "400 Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."},
		"a file beside buckets": {"POST", publish, `{"Content": {"S3Bucket": "lake", "S3Key": "../other.zip"}}`, "400 Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."},
		"no ZIP file":           {"POST", publish, zipFile([]byte("PK")), "400 " + damaged + "(zip: not a valid zip file)"},
		"a way out":             {"POST", publish, zipFile(archive(t, [2]string{"a", ""}, [2]string{"../other/pipeline.json", "{}"})), "400 " + damaged + "(../other/pipeline.json: mkdirat ../other: path escapes from parent)"},
		"a link":                {"POST", publish, zipFile(link), "400 " + damaged + "(pipeline.json: it is neither a file nor a folder)"},
		"too much":              {"POST", publish, zipFile(raw(t, maxUnzipped, "{}")), "400 Unzipped size must be smaller than 262144000 bytes"},
		"more than it says":     {"POST", publish, zipFile(raw(t, 1, "{}")), "400 " + damaged + "(pipeline.json: zip: not a valid zip file)"},
		"less than it says":     {"POST", publish, zipFile(raw(t, 3, "{}")), "400 " + damaged + "(pipeline.json: unexpected EOF)"},
	} {
		t.Run(name, func(t *testing.T) {
			s3 := store{dir: t.TempDir()}
			if err := os.WriteFile(s3.Path("", "other.zip"), archive(t), 0o644); err != nil {
				t.Fatal(err)
			}
			service := withLayer(t, Options{Store: s3}, quiet)
			status, body := send(t.Context(), service, test.method, test.path, strings.NewReader(test.body))
			var refusal struct{ Message string }
			if err := json.Unmarshal([]byte(body), &refusal); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(status, " ", refusal.Message); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if left, err := filepath.Glob(s3.Path("", "tmp-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %s, %v", left, err)
			}
			if got := service.functions["FindSnapshot"].Layers; len(got) != 1 || got[0] != layerARN+":1" {
				t.Errorf("the function has the layers %s", got)
			}
		})
	}
}

func TestAFunctionWithALayerThatThereIsNotIsRefused(t *testing.T) {
	service := open(t, Options{})
	f := function("echo", long)
	f.Layers = []string{layerARN + ":1"}
	want := "InvalidParameterValueException: Layer version " + layerARN + ":1 does not exist."
	if err := service.Create(f); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// raw is an archive with one file, of which it says that it has another size.
func raw(t *testing.T, size uint64, content string) []byte {
	t.Helper()
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return zipped(t, func(w *zip.Writer) error {
		f, err := w.CreateRaw(&zip.FileHeader{
			Name: "pipeline.json", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE([]byte(content)),
			CompressedSize64: uint64(deflated.Len()), UncompressedSize64: size,
		})
		if err != nil {
			return err
		}
		_, err = f.Write(deflated.Bytes())
		return err
	})
}

func TestARequestLargerThanFiftyMegabytesIsRefused(t *testing.T) {
	service := open(t, Options{})
	status, body := send(t.Context(), service, http.MethodPost, publish, bytes.NewReader(make([]byte, maxRequest+1)))
	if want := "Request must be smaller than 70167211 bytes for the PublishLayerVersion operation"; status != 413 || !strings.Contains(body, want) {
		t.Errorf("got %d %s", status, body)
	}
}

func TestWhoMayNotPublishOrUseALayerIsRefused(t *testing.T) {
	caller := iam.Caller{Role: findRole, Session: "deployment"}
	for name, test := range map[string]struct {
		may                []string
		method, path, body string
		want               string
	}{
		"publish":                 {nil, "POST", publish, `{}`, iamtest.Refusal(caller, "lambda:PublishLayerVersion", layerARN)},
		"look at":                 {nil, "GET", publish + "/1", ``, iamtest.Refusal(caller, "lambda:GetLayerVersion", layerARN+":1")},
		"use":                     {[]string{"lambda:UpdateFunctionConfiguration " + findARN}, "PUT", configure, `{"Layers": ["` + layerARN + `:1"]}`, iamtest.Refusal(caller, "lambda:GetLayerVersion", layerARN+":1")},
		"give to that function":   {[]string{"lambda:GetLayerVersion " + layerARN + ":*"}, "PUT", configure, `{"Layers": ["` + layerARN + `:1"]}`, iamtest.Refusal(caller, "lambda:UpdateFunctionConfiguration", findARN)},
		"give another layer to":   {[]string{"lambda:GetLayerVersion *", "lambda:UpdateFunctionConfiguration " + findARN + " if StringEquals lambda:Layer " + layerARN + ":2"}, "PUT", configure, `{"Layers": ["` + layerARN + `:1"]}`, iamtest.Refusal(caller, "lambda:UpdateFunctionConfiguration", findARN)},
		"and who may, may do so":  {[]string{"lambda:GetLayerVersion *", "lambda:UpdateFunctionConfiguration " + findARN + " if StringEquals lambda:Layer " + layerARN + ":1"}, "PUT", configure, `{"Layers": ["` + layerARN + `:1"]}`, ""},
		"out of a bucket of S3's": {[]string{"lambda:PublishLayerVersion " + layerARN}, "POST", publish, `{"Content": {"S3Bucket": "lake", "S3Key": "layer.zip"}}`, "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for lake/layer.zip. S3 Error Message: no"},
	} {
		t.Run(name, func(t *testing.T) {
			var ledger iam.Ledger
			service := withLayer(t, Options{Guard: guard(t, &ledger, test.may...), Store: store{dir: t.TempDir(), denied: errors.New("no")}}, quiet)
			status, body := send(iam.WithCaller(t.Context(), caller), service, test.method, test.path, strings.NewReader(test.body))
			var refusal struct{ Message string }
			if err := json.Unmarshal([]byte(body), &refusal); err != nil {
				t.Fatal(err)
			}
			if refusal.Message != test.want || (status == http.StatusForbidden) != (test.want != "") {
				t.Errorf("got %d %s, want %s", status, body, test.want)
			}
		})
	}
}
