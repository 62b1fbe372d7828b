package athena

import (
	"context"
	"slices"
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
	name := func(w workGroupSummary) string { return w.Name }
	slices.SortFunc(all, func(a, b workGroupSummary) int { return strings.Compare(name(a), name(b)) })
	return page("WorkGroups", all, name, in)
}

func (s *Service) listEngineVersions(ctx context.Context, in pageInput) (map[string]any, error) {
	if err := s.authorize(ctx, "ListEngineVersions", ""); err != nil {
		return nil, err
	}
	effective := version3().EffectiveEngineVersion
	versions := []engineVersion{version3(), {effective, effective}}
	return page("EngineVersions", versions, func(v engineVersion) string { return v.SelectedEngineVersion }, in)
}
