package main

import "context"

func measureTables(context.Context) (section, error) { return section{Title: "tables"}, nil }
