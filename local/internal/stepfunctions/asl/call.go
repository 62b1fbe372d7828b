package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxNesting is AWS's limit of calls within calls.
const maxNesting = 10

// parseCall reads a call of an intrinsic function: States.Format('{} of {}', $.a, States.ArrayLength($.b)).
func parseCall(field, text string) (Expr, error) {
	p := &callParser{field: field, rest: text}
	e, err := p.call(1)
	if err != nil {
		return nil, err
	}
	if p.rest != "" {
		return nil, fmt.Errorf("%q follows the call", p.rest)
	}
	return e, nil
}

type callParser struct {
	field string
	rest  string // what is not read yet
}

func (p *callParser) call(depth int) (Expr, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("calls are nested more than %d deep", maxNesting)
	}
	name, rest, found := strings.Cut(p.rest, "(")
	f, known := intrinsicNamed(name)
	if !found || !known {
		return nil, fmt.Errorf("the intrinsic function %s does not exist", name)
	}
	p.rest = rest
	args, err := p.arguments(depth)
	if err != nil {
		return nil, err
	}
	if len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return nil, fmt.Errorf("%s takes %s, and is given %d", name, f.arity(), len(args))
	}
	exprs := make([]Expr, len(args))
	for i, a := range args {
		exprs[i] = a.expr
	}
	if name == "States.Format" {
		// The escaped braces of a literal are needed to tell them from placeholders, so it is not unescaped like others.
		if args[0].quoted {
			exprs[0] = literal(args[0].raw)
		}
	}
	return func(s Scope) (any, error) {
		in, err := values(s, exprs)
		if err != nil {
			return nil, err
		}
		out, err := f.apply(s, in)
		if err == nil && left(out, MaxData) < 0 {
			err = errTooLong
		}
		if err != nil {
			return nil, Runtimef("The function '%s' had the following error: %v", name, err)
		}
		return out, nil
	}, nil
}

var errTooLong = fmt.Errorf("the result has more than %d bytes", MaxData)

type argument struct {
	expr   Expr
	raw    string // of a quoted one: with \{ and \} still escaped
	quoted bool
}

// arguments reads up to and with the closing parenthesis.
func (p *callParser) arguments(depth int) ([]argument, error) {
	var args []argument
	p.space()
	if p.take(")") {
		return nil, nil
	}
	for {
		p.space()
		a, err := p.argument(depth)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		p.space()
		switch {
		case p.take(","):
		case p.take(")"):
			return args, nil
		default:
			return nil, fmt.Errorf("a comma or a closing parenthesis is missing before %q", p.rest)
		}
	}
}

func (p *callParser) argument(depth int) (argument, error) {
	switch {
	case p.take("'"):
		return p.quoted()
	case strings.HasPrefix(p.rest, "States."):
		e, err := p.call(depth + 1)
		return argument{expr: e}, err
	case strings.HasPrefix(p.rest, "$"):
		e, err := p.path()
		return argument{expr: e}, err
	default:
		word := p.rest[:strings.IndexAny(p.rest+",", ",) ")]
		p.rest = p.rest[len(word):]
		v, err := Decode([]byte(word))
		if err != nil {
			return argument{}, fmt.Errorf("%q is no argument: there are paths, calls, numbers, true, false, null, and strings in single quotes", word)
		}
		if _, is := v.(string); is {
			return argument{}, fmt.Errorf("%s is no argument: a string is in single quotes", word)
		}
		return argument{expr: literal(v)}, nil
	}
}

// quoted reads a string after its opening quote. A backslash comes before a quote, a brace or a backslash.
func (p *callParser) quoted() (argument, error) {
	var value, raw strings.Builder
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; c {
		case '\'':
			p.rest = p.rest[i+1:]
			return argument{expr: literal(value.String()), raw: raw.String(), quoted: true}, nil
		case '\\':
			i++
			if i == len(p.rest) || !strings.ContainsRune(`'{}\`, rune(p.rest[i])) {
				return argument{}, errors.New(`a backslash comes before ', {, } or \ only`)
			}
			value.WriteByte(p.rest[i])
			if p.rest[i] != '\'' {
				raw.WriteByte('\\')
			}
			raw.WriteByte(p.rest[i])
		default:
			value.WriteByte(c)
			raw.WriteByte(c)
		}
	}
	return argument{}, errors.New("the closing quote is missing")
}

// path reads a path: up to a comma or a parenthesis that is not inside its brackets or quotes.
func (p *callParser) path() (Expr, error) {
	end, open, quote := 0, 0, rune(0)
scan:
	for i, c := range p.rest {
		end = i
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[' || c == '(':
			open++
		case open > 0 && (c == ']' || c == ')'):
			open--
		case open == 0 && (c == ',' || c == ')'):
			break scan
		}
	}
	text := strings.TrimSpace(p.rest[:end])
	p.rest = p.rest[end:]
	path, err := parsePath(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return path.in(p.field), nil
}

func (p *callParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

func (p *callParser) take(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	p.rest = rest
	return ok
}

// format fills the {} of a template in which \{, \} and \\ stand for themselves.
func format(template string, args []any) (string, error) {
	var b strings.Builder
	used := 0
	for i := 0; i < len(template); i++ {
		switch c := template[i]; {
		case c == '\\' && i+1 < len(template):
			i++
			b.WriteByte(template[i])
		case c == '{' && strings.HasPrefix(template[i:], "{}"):
			if used == len(args) {
				return "", fmt.Errorf("the template %q has more {} than there are arguments", template)
			}
			b.WriteString(text(args[used]))
			if b.Len() > MaxData {
				return "", errTooLong
			}
			used++
			i++
		case c == '{' || c == '}':
			return "", fmt.Errorf(`the template %q has a single %c: write \%c`, template, c, c)
		default:
			b.WriteByte(c)
		}
	}
	if used < len(args) {
		return "", fmt.Errorf("the template %q has %d {}, and there are %d arguments", template, used, len(args))
	}
	return b.String(), nil
}

// text is a string as it is, and anything else as its JSON.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	return Encode(v)
}
