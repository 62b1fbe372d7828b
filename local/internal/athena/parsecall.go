package athena

import (
	"slices"
	"strings"
)

func lower(text string) string { return strings.ToLower(text) }

// call is the call of a function.
func (g *grammar) call() {
	t := g.peek(0)
	if !isIdentifier(t) && !t.isAny("left", "right") {
		g.mismatch()
	}
	name := lower(t.text)
	switch _, known := slices.BinarySearch(AthenaFunctions, name); {
	case slices.Contains(lacking, name):
		g.lacks(t, "the function "+name)
	case !known:
		g.fail(t, "FUNCTION_NOT_FOUND", "Function '%s' not registered", name)
	}
	g.at++
	open := g.peek(0)
	g.want("(")
	var commas []token
	if !g.next(")") {
		g.takeAny("distinct", "all")
		for {
			from := g.at
			if !g.take("*") {
				g.expression()
			}
			if slices.Contains(takesWallClock, name) {
				g.wallClock(from, g.at)
			}
			if !g.next(",") {
				break
			}
			commas = append(commas, g.peek(0))
			g.at++
		}
		if g.take("order", "by") {
			g.list(g.sortItem)
		}
	}
	end := g.peek(0)
	g.want(")")
	g.rewriteCall(t, open, end, commas)
	g.filterAndOver(end)
}

// takesWallClock are the functions that ask a time for its date or its clock.
var takesWallClock = []string{
	"date", "date_format", "day", "day_of_month", "day_of_week", "day_of_year", "dow", "doy", "format_datetime", "hour", "minute", "month",
	"quarter", "second", "week", "week_of_year", "year", "year_of_week", "yow",
}

// rewriteCall edits the call of a function that the engine has under another name or in another form.
func (g *grammar) rewriteCall(name, open, end token, commas []token) {
	between := func(texts ...string) {
		for i, c := range commas {
			g.replace(c.start, c.end, texts[min(i, len(texts)-1)])
		}
	}
	form, ok := forms[lower(name.text)]
	switch {
	case name.is("if") && (len(commas) == 1 || len(commas) == 2):
		form, ok = [2]string{"(CASE WHEN ", " END)"}, true
		between(" THEN ", " ELSE ")
	case name.is("concat"):
		form, ok = [2]string{"(", ")"}, true
		between(" || ")
	case name.is("now"):
		form, ok = [2]string{"(current_timestamp", ")"}, true
	}
	if ok {
		g.replace(name.start, open.end, form[0])
		g.replace(end.start, end.end, form[1])
	}
}

// forms are what the engine is given in front of a function's arguments and behind them, where that is another name or more than
// a name. What is no aggregate may as well be a macro.
var forms = map[string][2]string{
	"all_match":            {"coalesce(list_bool_and(list_transform(", ")), true)"},
	"any_match":            {"coalesce(list_bool_or(list_transform(", ")), false)"},
	"approx_distinct":      {"approx_count_distinct(", ")"},
	"approx_percentile":    {"approx_quantile(", ")"},
	"arbitrary":            {"any_value(", ")"},
	"bitwise_and_agg":      {"bit_and(", ")"},
	"bitwise_or_agg":       {"bit_or(", ")"},
	"every":                {"bool_and(", ")"},
	"filter":               {"list_filter(", ")"},
	"geometric_mean":       {"geomean(", ")"},
	"greatest":             {"athena_greatest([", "])"},
	"hamming_distance":     {"hamming(", ")"},
	"least":                {"athena_least([", "])"},
	"levenshtein_distance": {"levenshtein(", ")"},
	"none_match":           {"(NOT coalesce(list_bool_or(list_transform(", ")), false))"},
	"transform":            {"list_transform(", ")"},
	"zip":                  {"list_zip(", ")"},
}

// filterAndOver is what may follow the arguments of an aggregate or a window function. The engine has IGNORE NULLS among the
// arguments.
func (g *grammar) filterAndOver(end token) {
	if g.take("filter", "(") {
		g.want("where")
		g.expression()
		g.want(")")
	}
	nulls := g.at
	if t := g.peek(0); t.isAny("ignore", "respect") && g.peek(1).is("nulls") {
		g.at += 2
		g.remove(nulls)
		g.edits = append(g.edits, edit{at: end.start, text: " " + t.text + " NULLS", closes: true})
		if !g.next("over") {
			g.mismatch()
		}
	}
	if !g.take("over") {
		return
	}
	if !g.take("(") {
		g.name()
		return
	}
	g.windowSpecification()
	g.want(")")
}

func (g *grammar) windowSpecification() {
	if t := g.peek(0); isIdentifier(t) && !t.isAny("partition", "range", "rows", "groups") {
		g.name()
	}
	if g.take("partition", "by") {
		g.list(g.expression)
	}
	if g.take("order", "by") {
		g.list(g.sortItem)
	}
	if !g.takeAny("range", "rows", "groups") {
		return
	}
	if !g.take("between") {
		g.frameBound()
		return
	}
	g.frameBound()
	g.want("and")
	g.frameBound()
}

func (g *grammar) frameBound() {
	if g.take("current", "row") {
		return
	}
	if !g.take("unbounded") {
		g.expression()
	}
	if !g.takeAny("preceding", "following") {
		g.mismatch()
	}
}
