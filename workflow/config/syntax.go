package config

import (
	"errors"
	"path/filepath"

	"snaplake/workflow"
	"snaplake/workflow/sqlsyntax"
)

// LoadAndParse is like [Load], but also checks the SQL of the user-defined views with the parser of package [sqlsyntax], unless the
// parser's path is empty. The warnings name unknown functions and types.
func LoadAndParse(file, parser string) (config workflow.Config, warnings Mistakes, err error) {
	config, err = Load(file)
	mistakes, isInvalid := errors.AsType[Mistakes](err)
	if parser == "" || err != nil && !isInvalid {
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
	found, parserErr := sqlsyntax.Check(parser, statements)
	for i, problems := range found {
		for _, p := range problems {
			m := Mistake{views[i], p.Line, p.Column, p.Text}
			if p.IsUncertain {
				warnings = append(warnings, m)
			} else {
				mistakes = append(mistakes, m)
			}
		}
	}
	if len(mistakes) == 0 {
		return config, warnings, parserErr
	}
	mistakes.sort()
	return config, warnings, errors.Join(mistakes, parserErr)
}
