package athena

import (
	"slices"
	"strings"
)

// selection is a SELECT: the tokens from first to end, without ORDER BY and LIMIT.
type selection struct {
	first, end int
	distinct   bool
	items      []selectItem
}

// selectItem is an element of a SELECT list. alias is the token after AS, if there is one.
type selectItem struct {
	first, end int
	alias      token
}

// hideAliases prevents an alias from being used inside its SELECT. Trino allows aliases only in ORDER BY. DuckDB allows them everywhere, so
// an alias that could be confused with a column gets another name, which a query around the SELECT changes back.
func (p *parser) hideAliases(s *selection) {
	if s == nil {
		return
	}
	var renamed []string
	for _, item := range s.items {
		name := lower(item.alias.text)
		inside := func(i int) bool { return i >= s.first && i < s.end && (i < item.first || i >= item.end) }
		if name == "" || !slices.ContainsFunc(p.uses[name], inside) {
			continue
		}
		hidden := quote(item.alias.text + " ")
		p.rename(item.alias, hidden)
		for _, i := range p.uses[name] {
			if i >= s.end {
				p.rename(p.tokens[i], hidden)
			}
		}
		renamed = append(renamed, hidden+" AS "+quote(item.alias.text))
	}
	if len(renamed) > 0 {
		p.wrap(s.first, "SELECT * RENAME ("+strings.Join(renamed, ", ")+") FROM (", ")")
	}
}

// rename replaces a name, which may have been replaced before.
func (p *parser) rename(t token, name string) {
	p.edits = slices.DeleteFunc(p.edits, func(e edit) bool { return e.start == t.start && e.length > 0 })
	p.replace(t.start, t.end, name)
}

// sortsDistinct rejects an element of ORDER BY that is not in the list of SELECT DISTINCT. The element begins with the token first.
func (p *parser) sortsDistinct(s *selection, first int) {
	end := p.at
	for p.tokens[end-1].isAny("asc", "desc", "nulls", "first", "last") {
		end--
	}
	if s == nil || !s.distinct || p.tokens[first].kind == number {
		return
	}
	last := lower(p.tokens[end-1].text)
	for _, item := range s.items {
		switch sorted := p.tokens[first:end]; {
		case p.tokens[item.end-1].is("*") && isName(sorted), isName(sorted) && last == lower(item.alias.text):
			return
		case isName(sorted) && isName(p.tokens[item.first:item.end]) && last == lower(p.tokens[item.end-1].text):
			return
		case slices.EqualFunc(sorted, p.tokens[item.first:item.end], func(a, b token) bool { return lower(a.text) == lower(b.text) }):
			return
		}
	}
	p.fail(p.tokens[s.first], "EXPRESSION_NOT_IN_DISTINCT", "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
}
