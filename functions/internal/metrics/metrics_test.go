package metrics

import (
	"bytes"
	"math"
	"testing"
	"time"
)

// writes records each write separately.
type writes []string

func (w *writes) Write(b []byte) (int, error) {
	*w = append(*w, string(b))
	return len(b), nil
}

func TestEmit_WritesTheEmbeddedMetricFormat(t *testing.T) {
	var out writes
	r := Recorder{Pipeline: "snaplake", Out: &out, Now: func() time.Time { return time.UnixMilli(1795372324218) }}
	r.Emit("shop", "nightly-1",
		Seconds("ExportSeconds", 90*time.Minute+500*time.Millisecond),
		Gigabytes("ExportGigabytes", 12.4),
		Count("Tables", 48),
		Time("SnapshotTime", time.Date(2026, 11, 21, 17, 5, 12, 700e6, time.UTC)),
	)
	const want = `{"Execution":"nightly-1","ExportGigabytes":12.4,"ExportSeconds":5400.5,"Pipeline":"snaplake","SnapshotTime":1795280712,"Source":"shop","Tables":48,` +
		`"_aws":{"CloudWatchMetrics":[{"Dimensions":[["Pipeline","Source"]],"Metrics":[` +
		`{"Name":"ExportSeconds","Unit":"Seconds"},{"Name":"ExportGigabytes","Unit":"Gigabytes"},{"Name":"Tables","Unit":"Count"},{"Name":"SnapshotTime","Unit":"None"}` +
		`],"Namespace":"Snaplake"}],"Timestamp":1795372324218}}` + "\n"
	if len(out) != 1 || out[0] != want {
		t.Errorf("wrote %q\nwant  %q", out, want)
	}
}

func TestEmit_OmitsInvalidNumbers(t *testing.T) {
	var out bytes.Buffer
	r := Recorder{Pipeline: "snaplake", Out: &out, Now: time.Now}
	r.Emit("shop", "nightly-1", Gigabytes("ExportGigabytes", math.Inf(1)))
	if out.Len() > 0 {
		t.Errorf("wrote %s", &out)
	}
}
