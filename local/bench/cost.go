package main

import "context"

func measureCost(context.Context) (section, error) { return section{Title: "cost"}, nil }
