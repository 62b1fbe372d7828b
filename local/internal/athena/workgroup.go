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

type getWorkGroupInput struct{ WorkGroup string }

type getWorkGroupOutput struct{ WorkGroup workGroupDescription }

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

func (s *Service) getWorkGroup(ctx context.Context, in getWorkGroupInput) (getWorkGroupOutput, error) {
	w, err := s.workGroup(ctx, "athena:GetWorkGroup", in.WorkGroup)
	if err != nil {
		return getWorkGroupOutput{}, err
	}
	d := workGroupDescription{Name: w.Name, State: "ENABLED", Description: w.Description, CreationTime: wire.Time(s.created)}
	d.Configuration.ResultConfiguration = resultConfiguration{w.OutputLocation, w.Encryption}
	d.Configuration.EnforceWorkGroupConfiguration = w.Enforce
	d.Configuration.BytesScannedCutoffPerQuery = w.BytesScannedCutoff
	d.Configuration.EngineVersion = version3()
	return getWorkGroupOutput{d}, nil
}

type workGroupSummary struct {
	Name, State, Description string
	CreationTime             wire.Time
	EngineVersion            engineVersion
}

type listWorkGroupsOutput struct {
	WorkGroups []workGroupSummary
	NextToken  string `json:",omitempty"`
}

// listWorkGroups lists the workgroups, sorted by name. No permission for the workgroups themselves is required (Service Authorization
// Reference, "Actions defined by Amazon Athena").
func (s *Service) listWorkGroups(ctx context.Context, in pageInput) (out listWorkGroupsOutput, err error) {
	if err := s.authorizeOn(ctx, "athena:ListWorkGroups", "*"); err != nil {
		return out, err
	}
	var all []workGroupSummary
	for _, w := range s.options.WorkGroups {
		all = append(all, workGroupSummary{w.Name, "ENABLED", w.Description, wire.Time(s.created), version3()})
	}
	name := func(w workGroupSummary) string { return w.Name }
	slices.SortFunc(all, func(a, b workGroupSummary) int { return strings.Compare(name(a), name(b)) })
	out.WorkGroups, out.NextToken, err = page(all, name, in)
	return out, err
}

type listEngineVersionsOutput struct {
	EngineVersions []engineVersion
	NextToken      string `json:",omitempty"`
}

func (s *Service) listEngineVersions(ctx context.Context, in pageInput) (out listEngineVersionsOutput, err error) {
	if err := s.authorizeOn(ctx, "athena:ListEngineVersions", "*"); err != nil {
		return out, err
	}
	versions := []engineVersion{version3(), {version3().EffectiveEngineVersion, version3().EffectiveEngineVersion}}
	out.EngineVersions, out.NextToken, err = page(versions, func(v engineVersion) string { return v.SelectedEngineVersion }, in)
	return out, err
}
