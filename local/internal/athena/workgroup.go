package athena

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/wire"
)

type engineVersion struct{ SelectedEngineVersion, EffectiveEngineVersion string }

func version3() engineVersion { return engineVersion{"AUTO", "Athena engine version 3"} }

type resultConfiguration struct {
	OutputLocation          string      `json:",omitempty"`
	EncryptionConfiguration *Encryption `json:",omitempty"`
}

type workGroupDescription struct {
	Name          string
	State         string
	Description   string `json:",omitempty"`
	CreationTime  wire.Time
	Configuration struct {
		ResultConfiguration             resultConfiguration
		EnforceWorkGroupConfiguration   bool
		PublishCloudWatchMetricsEnabled bool
		BytesScannedCutoffPerQuery      int64 `json:",omitempty"`
		RequesterPaysEnabled            bool
		EngineVersion                   engineVersion
	}
}

// inWorkGroup holds the parameters of operations on a workgroup.
type inWorkGroup struct {
	pageInput
	WorkGroup string
}

func (s *Service) getWorkGroup(ctx context.Context, in inWorkGroup) (map[string]any, error) {
	w, err := s.workGroup(ctx, "GetWorkGroup", in.WorkGroup)
	if err != nil {
		return nil, err
	}
	d := workGroupDescription{Name: w.Name, State: "ENABLED", Description: w.Description, CreationTime: wire.Time(s.created)}
	d.Configuration.ResultConfiguration = resultConfiguration{w.OutputLocation, w.Encryption}
	d.Configuration.EnforceWorkGroupConfiguration = w.Enforce
	d.Configuration.BytesScannedCutoffPerQuery = w.BytesScannedCutoff
	d.Configuration.EngineVersion = version3()
	return map[string]any{"WorkGroup": d}, nil
}

type workGroupSummary struct {
	Name, State, Description string
	CreationTime             wire.Time
	EngineVersion            engineVersion
}

// listWorkGroups lists the workgroups, sorted by name. No permission for the workgroups themselves is required (Service Authorization
// Reference, "Actions defined by Amazon Athena").
func (s *Service) listWorkGroups(ctx context.Context, in pageInput) (map[string]any, error) {
	if err := s.authorize(ctx, "ListWorkGroups", ""); err != nil {
		return nil, err
	}
	var all []workGroupSummary
	for _, w := range s.options.WorkGroups {
		all = append(all, workGroupSummary{w.Name, "ENABLED", w.Description, wire.Time(s.created), version3()})
	}
	slices.SortFunc(all, func(a, b workGroupSummary) int { return strings.Compare(a.Name, b.Name) })
	return page("WorkGroups", all, in)
}

func (s *Service) listEngineVersions(ctx context.Context, in pageInput) (map[string]any, error) {
	if err := s.authorize(ctx, "ListEngineVersions", ""); err != nil {
		return nil, err
	}
	effective := version3().EffectiveEngineVersion
	versions := []engineVersion{version3(), {effective, effective}}
	return page("EngineVersions", versions, in)
}

// pageInput is part of the input of operations that return a list.
type pageInput struct {
	MaxResults int
	NextToken  string
}

// maxListed is the maximum number of items on a page, and the default (API reference, for example ListWorkGroups).
const maxListed = 50

// page returns a response with one page of a list. The token for the next page is the index of its first item.
func page[T any](field string, items []T, in pageInput) (map[string]any, error) {
	if in.MaxResults < 0 || in.MaxResults > maxListed {
		return nil, invalid("MaxResults is %d; it must be between 1 and %d", in.MaxResults, maxListed)
	}
	from, err := strconv.Atoi(cmp.Or(in.NextToken, "0"))
	if err != nil || from < 0 || from > len(items) {
		return nil, invalid("The nextPageToken is malformed: %s", in.NextToken)
	}
	to := min(from+cmp.Or(in.MaxResults, maxListed), len(items))
	out := map[string]any{field: append([]T{}, items[from:to]...)}
	if to < len(items) {
		out["NextToken"] = strconv.Itoa(to)
	}
	return out, nil
}
