package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

func measureCost(ctx context.Context) (_ section, err error) {
	tables, _ := strconv.Atoi(os.Getenv("TABLES"))
	w, err := openWorld(company{tables: tables, rows: 2})
	if err != nil {
		return section{}, err
	}
	defer w.close()
	t := time.Now()
	for i := range 2 {
		w.forget()
		h, err := w.night(ctx)
		fmt.Println("night", i, time.Since(t), len(h), err)
		t = time.Now()
		calls, reports := w.counted()
		n := map[string]int{}
		for _, c := range calls {
			n[c.Role+" "+c.Service+" "+c.Operation]++
		}
		for k, v := range n {
			fmt.Println(v, k)
		}
		for _, r := range reports {
			fmt.Println(r.Function, r.Init, r.Duration, r.CPU, r.MaxMemory>>20, r.MemorySize, r.Status)
		}
		if err != nil {
			return section{}, err
		}
	}
	return section{Title: "cost"}, nil
}
