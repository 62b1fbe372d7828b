package main

import "context"

func measureNight(context.Context) (section, error) { return section{Title: "night"}, nil }
