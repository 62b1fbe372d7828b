package main

// texts keeps one copy of each text. The tables of a database have thousands of columns, of few names and types.
type texts map[string]string

func (t texts) one(s string) string {
	if known, ok := t[s]; ok {
		return known
	}
	t[s] = s
	return s
}
