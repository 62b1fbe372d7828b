package glue

import (
	"regexp"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// predicate reports whether a partition with the given values satisfies a condition.
type predicate func(values []string) bool

// parsePredicate parses the Expression of GetPartitions: a condition with =, <>, !=, <, <=, >, >=, AND, OR, NOT, IN, BETWEEN, LIKE and IS
// NULL (API reference, GetPartitions). An empty expression is always true. Only partition keys of the type string are supported, because a
// crawler of exports creates no others.
func parsePredicate(expression string, keys []Column) (match predicate, err error) {
	p := &predicateParser{expression: expression, keys: keys, tokens: predicateToken.FindAllString(expression, -1)}
	if len(p.tokens) == 0 {
		return func([]string) bool { return true }, nil
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *wire.Error:
			err = r
		default:
			panic(r)
		}
	}()
	match = p.or()
	if p.peek() != "" {
		p.fail("unexpected " + p.peek())
	}
	return match, nil
}

var predicateToken = regexp.MustCompile("'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|<>|!=|<=|>=|[\\w.]+|\\S")

// predicateParser parses an expression by recursive descent. A method consumes the tokens of its rule.
type predicateParser struct {
	expression string
	keys       []Column
	tokens     []string
	at         int
}

func (p *predicateParser) fail(why string) {
	panic(wire.Errorf("InvalidInputException", "Unsupported expression '%s': %s", p.expression, why))
}

// peek returns the next token, or "" at the end.
func (p *predicateParser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

// take consumes the next token if it is one of the given ones, ignoring case.
func (p *predicateParser) take(texts ...string) bool {
	if slices.ContainsFunc(texts, func(text string) bool { return strings.EqualFold(text, p.peek()) }) {
		p.at++
		return true
	}
	return false
}

func (p *predicateParser) want(text string) {
	if !p.take(text) {
		p.fail("missing " + text)
	}
}

func (p *predicateParser) or() predicate {
	left := p.and()
	for p.take("or") {
		first, second := left, p.and()
		left = func(v []string) bool { return first(v) || second(v) }
	}
	return left
}

func (p *predicateParser) and() predicate {
	left := p.not()
	for p.take("and") {
		first, second := left, p.not()
		left = func(v []string) bool { return first(v) && second(v) }
	}
	return left
}

func (p *predicateParser) not() predicate {
	switch {
	case p.take("not"):
		return negated(p.not(), true)
	case p.take("("):
		inner := p.or()
		p.want(")")
		return inner
	}
	return p.comparison()
}

func negated(match predicate, not bool) predicate {
	return func(v []string) bool { return match(v) != not }
}

// comparison consumes a condition on one partition key.
func (p *predicateParser) comparison() predicate {
	i := p.key()
	if p.take("is") {
		not := p.take("not")
		p.want("null")
		return negated(func([]string) bool { return false }, not) // values of partitions are never NULL
	}
	not := p.take("not")
	switch {
	case p.take("in"):
		p.want("(")
		list := []string{p.literal()}
		for p.take(",") {
			list = append(list, p.literal())
		}
		p.want(")")
		return negated(func(v []string) bool { return slices.Contains(list, v[i]) }, not)
	case p.take("between"):
		low := p.literal()
		p.want("and")
		high := p.literal()
		return negated(func(v []string) bool { return low <= v[i] && v[i] <= high }, not)
	case p.take("like"):
		like := likePattern(p.literal())
		return negated(func(v []string) bool { return like.MatchString(v[i]) }, not)
	}
	operator := p.peek()
	holds, ok := comparisons[operator]
	if !ok || not {
		p.fail("unknown operator " + operator)
	}
	p.at++
	value := p.literal()
	return func(v []string) bool { return holds(strings.Compare(v[i], value)) }
}

var comparisons = map[string]func(order int) bool{
	"=":  func(order int) bool { return order == 0 },
	"<>": func(order int) bool { return order != 0 },
	"!=": func(order int) bool { return order != 0 },
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
	">":  func(order int) bool { return order > 0 },
	">=": func(order int) bool { return order >= 0 },
}

// key consumes the name of a partition key and returns its index.
func (p *predicateParser) key() int {
	name := strings.Trim(p.peek(), "\"`")
	i := slices.IndexFunc(p.keys, func(k Column) bool { return strings.EqualFold(k.Name, name) })
	switch {
	case i < 0:
		p.fail(p.peek() + " is not a partition key")
	case p.keys[i].Type != "string":
		p.fail("the local AWS supports only partition keys of the type string, not " + p.keys[i].Type)
	}
	p.at++
	return i
}

func (p *predicateParser) literal() string {
	t := p.peek()
	if len(t) < 2 || t[0] != '\'' {
		p.fail("a string in single quotes must follow, not " + t)
	}
	p.at++
	return strings.ReplaceAll(t[1:len(t)-1], "''", "'")
}

func likePattern(like string) *regexp.Regexp {
	pattern := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(like))
	return regexp.MustCompile("(?s)^" + pattern + "$")
}
