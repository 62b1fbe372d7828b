package config

import (
	"errors"
	"path/filepath"

	"snaplake/workflow"
	"snaplake/workflow/sqlsyntax"
)

// LoadAndParse is like [Load], but also checks the syntax of the user-defined views with the parser of package [sqlsyntax]. The warnings
// name functions and types that are not known to exist in Athena.
func LoadAndParse(file, parser string) (config workflow.Config, warnings Mistakes, err error) {
	config, err = Load(file)
	mistakes, isInvalid := errors.AsType[Mistakes](err)
	if err != nil && !isInvalid {
		return config, nil, err
	}
	var views, statements []string
	for _, s := range config.Sources {
		for _, v := range s.Views {
			if _, problem := workflow.ValidateSelect(v.SQL); problem == "" { // otherwise, Load reports the problem
				views, statements = append(views, filepath.Join(filepath.Dir(file), v.File)), append(statements, v.SQL)
			}
		}
	}
	if len(views) == 0 {
		return config, nil, err
	}
	problems, parserErr := sqlsyntax.Check(parser, statements)
	if parserErr != nil {
		return config, nil, errors.Join(err, parserErr)
	}
	for i, view := range views {
		for _, p := range problems[i] {
			m := Mistake{view, p.Line, p.Column, p.Text}
			if p.IsUncertain {
				warnings = append(warnings, m)
			} else {
				mistakes = append(mistakes, m)
			}
		}
	}
	if len(mistakes) == 0 {
		return config, warnings, nil
	}
	mistakes.sort()
	return config, warnings, mistakes
}
