//go:build trino && zz
package main
import ("testing";"os";"encoding/json";"strings")
func TestZZ(t *testing.T) {
	b, _ := os.ReadFile("/tmp/w/s24c.trino")
	lines := strings.Split(string(b), "\n")
	client := defaultEngine(t)
	counts := map[string]int{}
	for i, sql := range expressions(t) {
		var c struct{ Error string; Columns [][2]string; Rows [][]json.RawMessage }
		json.Unmarshal([]byte(lines[i]), &c)
		want := answer{err: c.Error}
		for _, x := range c.Columns { want.columns = append(want.columns, x[0]+" "+athenaType(x[1])) }
		for _, r := range c.Rows {
			var v []string
			for j, x := range r { v = append(v, athenaValue(x, c.Columns[j][1])) }
			want.rows = append(want.rows, strings.Join(v, " | "))
		}
		got := answerOf(client.Query(t.Context(), sql))
		o := compare(sql, want, got)
		counts[o]++
		if o == different { t.Logf("DIFF %s\n Trino   %s\n default %s", sql, want, got) }
		if o == refused && os.Getenv("V") != "" { t.Logf("REFUSED %s\n Trino   %s\n default %s", sql, want, got) }
		if o == rejected && os.Getenv("W") != "" { t.Logf("REJ %s\n Trino   %s\n default %s", sql, want, got) }
	}
	t.Log(counts)
}
func checkTable(t *testing.T, a, b string) {}
func differencesTable() string { return "" }
