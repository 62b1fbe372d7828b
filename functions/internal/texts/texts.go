// Package texts keeps one copy of each text. The tables of a database have thousands of columns, of few names and types; a copy of each
// would be most of what a function has in memory.
package texts

// Known are texts by themselves.
type Known map[string]string

// One is the copy of a text that was known first.
func (k Known) One(s string) string {
	if known, ok := k[s]; ok {
		return known
	}
	k[s] = s
	return s
}
