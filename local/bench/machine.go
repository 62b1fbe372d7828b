package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// machine is the shape of what was measured on.
type machine struct {
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	Cores     int    `json:"cores"`
	MemoryGB  int    `json:"memoryGB,omitempty"`
	Processor string `json:"processor,omitempty"`
	Go        string `json:"go"`
}

// thisMachine leaves out what the system does not tell.
func thisMachine() machine {
	m := machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	kilobytes, _ := strconv.Atoi(strings.TrimSuffix(procField("/proc/meminfo", "MemTotal"), " kB"))
	m.MemoryGB = (kilobytes + 1<<19) >> 20
	m.Processor = procField("/proc/cpuinfo", "model name")
	return m
}

// procField is the value of the first line "NAME : VALUE" of a file of proc(5), or "".
func procField(file, name string) string {
	text, _ := os.ReadFile(file) // there is none but on Linux
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (m machine) String() string {
	text := fmt.Sprintf("%d cores (%s/%s", m.Cores, m.OS, m.Arch)
	if m.Processor != "" {
		text += ", " + m.Processor
	}
	text += ")"
	if m.MemoryGB > 0 {
		text += fmt.Sprintf(", %d GB of memory", m.MemoryGB)
	}
	return text + ", " + m.Go
}
