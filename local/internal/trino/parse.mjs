// This script reads a JSON array of SQL statements from standard input. For each statement, it prints the syntax errors, and the functions
// and types that the statement uses. Lines and columns start at 1.
import { readFileSync } from 'node:fs';
import { TrinoSQL, TrinoSqlListener } from 'dt-sql-parser';

const trino = new TrinoSQL();

function place(context) {
  return { line: context.start.line, column: context.start.column + 1 };
}

// Finder collects functions, types and errors. It also reports two kinds of identifiers that the grammar accepts but Trino rejects.
class Finder extends TrinoSqlListener {
  found = { errors: [], functions: [], types: [] };

  enterFunctionName = (c) => this.found.functions.push({ ...place(c), name: c.getText() });

  enterGenericType = (c) => this.type(c, c.identifier().getText());
  enterDateTimeType = (c) => this.type(c, c.KW_ZONE() && c.KW_WITH() ? 'timestamp with time zone' : 'timestamp');
  enterTimeType = (c) => this.type(c, c.KW_ZONE() && c.KW_WITH() ? 'time with time zone' : 'time');
  enterDoublePrecisionType = (c) => this.type(c, 'double');
  enterIntervalType = (c) => this.type(c, 'interval');
  enterRowType = (c) => this.type(c, 'row');
  enterArrayType = (c) => this.type(c, 'array');
  enterLegacyArrayType = (c) => this.type(c, 'array');
  enterLegacyMapType = (c) => this.type(c, 'map');
  // DATE '2026-11-21'
  enterTypeConstructor = (c) => this.type(c, c.identifier()?.getText() ?? 'double');

  enterBackQuotedIdentifier = (c) => this.error(c, 'backquoted identifiers are not supported; use double quotes to quote identifiers');
  enterDigitIdentifier = (c) => this.error(c, 'identifiers must not start with a digit; surround the identifier with double quotes');

  type(context, name) {
    this.found.types.push({ ...place(context), name });
  }

  error(context, message) {
    this.found.errors.push({ ...place(context), message });
  }
}

function find(statement) {
  const finder = new Finder();
  const tree = trino.parse(statement, ({ startLine: line, startColumn: column, message }) => {
    finder.found.errors.push({ line, column, message });
  });
  trino.listen(finder, tree);
  // The grammar accepts several statements; Athena accepts only one.
  const [first, second] = tree.statements();
  if (!first && finder.found.errors.length === 0) {
    finder.error(tree, 'no statement');
  }
  if (second) {
    finder.error(second, 'only one statement is allowed');
  }
  return finder.found;
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(find)));
