package fault

import (
	"slices"
	"strings"
	"testing"
)

func TestKindsOf_ReturnsKindsOfCall(t *testing.T) {
	generic := kindsIn(anyCall)
	for call, want := range map[string][]Kind{
		"athena.GetQueryExecution": {"InvalidRequestException"},
		"glue.GetCrawler":          {Stale, Stopping, "EntityNotFoundException", "OperationTimeoutException"},
		"s3.ListObjectsV2":         {EmptyPage, "NoSuchBucket"},
		"s3.DeleteObjects":         nil,
		"athena.GetQueryResults":   {"InvalidRequestException", "TooManyRequestsException"},
		"s3.PutObject":             {"EncryptionTypeMismatch", "InvalidRequest", "InvalidWriteOffset", "TooManyParts"},
	} {
		service, name, _ := strings.Cut(call, ".")
		if got := KindsOf(service, name); !slices.Equal(got, slices.Concat(generic, want)) {
			t.Errorf("%s: got %v", call, got)
		}
	}
	if got := KindsOf("glue", "CreateDatabase"); got != nil {
		t.Errorf("got %v for a call that no function makes, want nil", got)
	}
}

func TestStatus_ReturnsStatusOfErrorCode(t *testing.T) {
	for code, want := range map[Kind]int{"NoSuchKey": 404, "InvalidObjectState": 403, "ExportTaskAlreadyExists": 400} {
		if got := code.Status(); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
}

func TestHelp_ListsEachTargetAndKind(t *testing.T) {
	help := Help()
	for line := range strings.SplitSeq(help, "\n") {
		if _, text, isExample := strings.Cut(line, "--fault "); isExample && !strings.HasPrefix(text, "TARGET") {
			planned(t, text)
		}
	}
	words := strings.FieldsFunc(help, func(r rune) bool { return strings.ContainsRune(" ,\n", r) })
	for _, target := range append(targets(), "view:users") {
		if !slices.Contains(words, target) {
			t.Errorf("target %s is missing in\n%s", target, help)
		}
		for _, kind := range kindsOf(target) {
			if !slices.Contains(words, string(kind)) {
				t.Errorf("kind %s is missing in\n%s", kind, help)
			}
		}
	}
}
