package athena

// expression is what has a value, or is true or false.
func (g *grammar) expression() {
	g.enter()
	defer g.leave()
	g.conjunction()
	for g.take("or") {
		g.conjunction()
	}
}

func (g *grammar) conjunction() {
	g.negation()
	for g.take("and") {
		g.negation()
	}
}

func (g *grammar) negation() {
	for g.take("not") {
	}
	g.value()
	g.predicate()
}

// predicate is what may be said of a value.
func (g *grammar) predicate() {
	if g.takeAny("=", "<>", "!=", "<", "<=", ">", ">=") {
		if t := g.peek(0); t.isAny("all", "some", "any") && g.peek(1).is("(") {
			if t.is("some") {
				g.replace(t.start, t.end, "any")
			}
			g.at++
			g.subquery()
			return
		}
		g.value()
		return
	}
	if g.take("is") {
		g.take("not")
		if g.take("distinct", "from") {
			g.value()
			return
		}
		g.want("null")
		return
	}
	negated := g.take("not")
	switch {
	case g.take("between"):
		g.value()
		g.want("and")
		g.value()
	case g.next("in", "(") && g.opensQuery(g.at+1):
		g.at++
		g.subquery()
	case g.take("in"):
		g.arguments(g.expression)
	case g.take("like"):
		g.value()
		if g.take("escape") {
			g.value()
		}
	case negated:
		g.mismatch()
	}
}

func (g *grammar) subquery() {
	g.want("(")
	g.queryWith()
	g.want(")")
}

// value is a value: operators by how close they bind.
func (g *grammar) value() {
	g.sum()
	for g.take("||") {
		g.sum()
	}
}

// sum adds. What has an INTERVAL in it is added by a function of our own: to the engine a date and an interval make a timestamp.
func (g *grammar) sum() {
	first := g.at
	g.product()
	interval := g.hasInterval(first)
	for {
		operator := g.peek(0)
		if !g.takeAny("+", "-") {
			return
		}
		second := g.at
		g.product()
		if interval = interval || g.hasInterval(second); !interval {
			continue
		}
		name := "athena_plus("
		if operator.is("-") {
			name = "athena_minus("
		}
		g.replace(operator.start, operator.end, ",")
		g.wrap(first, name, ")")
	}
}

// hasInterval tells whether there is an interval literal among the tokens from one up to the next, outside of parentheses.
func (g *grammar) hasInterval(from int) bool {
	for i := from; i < g.at; i++ {
		if g.tokens[i].is("interval") && i+1 < g.at && g.tokens[i+1].kind == literal {
			return true
		}
		i = g.closing(i)
	}
	return false
}

// product multiplies and divides. What is divided by a value that may be zero is divided by a function of our own: to the engine
// the result would be NULL.
func (g *grammar) product() {
	first := g.at
	g.signed()
	for {
		operator := g.peek(0)
		if !g.takeAny("*", "/", "%") {
			return
		}
		divisor := g.peek(0)
		g.signed()
		if operator.is("*") || divisor.kind == number && !isZero(divisor.text) {
			continue
		}
		name := "athena_divide("
		if operator.is("%") {
			name = "athena_modulus("
		}
		g.replace(operator.start, operator.end, ",")
		g.wrap(first, name, ")")
	}
}

func isZero(number string) bool {
	for _, r := range number {
		switch {
		case r == 'e' || r == 'E':
			return true
		case r >= '1' && r <= '9':
			return false
		}
	}
	return true
}

func (g *grammar) signed() {
	for g.takeAny("-", "+") {
	}
	g.atTimeZone()
}

// atTimeZone notes its expression: only the date and the time of its wall clock can be used, for the engine keeps no zone with a
// value. See wallClock.
func (g *grammar) atTimeZone() {
	first := g.at
	g.primary()
	at := g.peek(0)
	if !g.take("at", "time", "zone") {
		return
	}
	if g.next("interval") {
		g.lacks(at, "AT TIME ZONE INTERVAL")
	}
	zone := g.wantKind(literal)
	g.checkZone(at, zone)
	g.replace(at.start, zone.start, ",")
	g.wrap(first, "athena_at_timezone(", ")")
	g.zoned[[2]int{first, g.at - 1}] = true
	if t := g.peek(0); t.is("at") {
		g.lacks(t, "two AT TIME ZONE in a row")
	}
}

// checkZone refuses a time zone that there is not, and one that is an offset: the engine has those with a name.
func (g *grammar) checkZone(at, zone token) {
	name, ok := zoneOf(zone.text)
	switch {
	case !ok:
		g.fail(at, "INVALID_LITERAL", "'%s' is not a valid time zone", zone.text)
	case name.String() == "":
		g.lacks(zone, "the time zone "+zone.text+" here; use one with a name such as Asia/Tokyo. An offset is something")
	}
}

// wallClock tells the grammar that something takes the date and time of the expression from one token up to another.
func (g *grammar) wallClock(from, to int) {
	for from < to-1 && g.tokens[from].is("(") && g.closing(from) == to-1 {
		from, to = from+1, to-1
	}
	delete(g.zoned, [2]int{from, to - 1})
}
