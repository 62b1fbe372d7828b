// This script reads a JSON array of SQL statements from standard input. For each statement, it prints a list of problems: the first syntax
// error, and the functions and types that are not listed. Lines and columns start at 1. As in Trino, a column is a code point.
import { readFileSync } from 'node:fs';
import { TrinoSQL } from 'dt-sql-parser';
import listedFunctions from './functions.txt';

const trino = new TrinoSQL();
const functions = new Set(listedFunctions.split('\n'));

// The types of Trino and Athena that are not keywords of the grammar (Trino documentation, "Data types"; Athena User Guide, "Data types in
// Amazon Athena", column DML).
const types = new Set(
  `array bigint bingtile boolean char color date decimal double geometry hyperloglog int integer ipaddress json kdbtree map p4hyperloglog
  qdigest real row setdigest smallint sphericalgeography tdigest time timestamp tinyint uuid varbinary varchar`.split(/\s+/),
);

// Case and quotation marks do not matter in the names of functions and types.
function nameOf(context) {
  return context.getText().replaceAll('"', '').toLowerCase();
}

// Finder collects problems. Besides functions and types, it finds two kinds of identifiers that the grammar accepts but Trino rejects.
class Finder {
  unknown = [];

  enterFunctionName = (c) => this.check(c, functions, (name) => `Function '${name}' not registered`);
  enterGenericType = (c) => this.check(c.identifier(), types, (name) => `Unknown type: ${name}`);
  // DATE '2026-11-21'
  enterTypeConstructor = (c) => c.identifier() && this.enterGenericType(c);

  enterBackQuotedIdentifier = ({ start }) =>
    this.error(start, 'backquoted identifiers are not supported; use double quotes to quote identifiers');
  enterDigitIdentifier = ({ start }) =>
    this.error(start, 'identifiers must not start with a digit; surround the identifier with double quotes');

  check(context, listed, text) {
    const name = nameOf(context);
    if (!listed.has(name)) {
      const { line, column } = context.start;
      this.unknown.push({ line, column: column + 1, text: text(name), isUncertain: true });
    }
  }

  // Trino stops at the first error. The parser continues, but guesses how.
  error({ line, column }, text) {
    const first = this.first;
    if (!first || line < first.line || (line === first.line && column + 1 < first.column)) {
      this.first = { line, column: column + 1, text };
    }
  }

  // The words are Trino's. Trino also lists what it expects, which can be hundreds of tokens. Here, only a single token is named.
  mismatch(token, detail = '') {
    const [, expected] = /^missing ('.+') at |expecting ('[^']+')$/.exec(detail)?.filter(Boolean) ?? [];
    this.error(token, `mismatched input '${token.text}'` + (expected ? `. Expecting: ${expected}` : ''));
  }
}

// Walks the tree without recursion, because a long chain of operators makes a deep tree.
function walk(finder, tree) {
  const open = [tree];
  while (open.length > 0) {
    const node = open.pop();
    node.enterRule?.(finder);
    for (let i = node.getChildCount() - 1; i >= 0; i--) {
      open.push(node.getChild(i));
    }
  }
}

function problems(sql) {
  const finder = new Finder();
  const tree = trino.parse(sql, ({ startLine: line, startColumn, message }, { msg, offendingSymbol, recognizer }) => {
    if (finder.first) {
      return;
    }
    if (!offendingSymbol) {
      finder.error({ line, column: startColumn - 1 }, message);
      return;
    }
    let root = recognizer.context;
    while (root.parent) {
      root = root.parent;
    }
    // Unlike Trino, the grammar accepts several statements. For Trino, the start of a second one is the error.
    const second = root.statements()[1];
    finder.mismatch(second?.start ?? offendingSymbol, second ? '' : msg);
  });
  walk(finder, tree);
  const [first, second] = tree.statements();
  if (!finder.first && (!first || second)) {
    finder.mismatch((second ?? tree).start);
  }
  return finder.first ? [finder.first, ...finder.unknown] : finder.unknown;
}

function tryProblems(sql) {
  try {
    return problems(sql);
  } catch (error) {
    if (error instanceof RangeError) {
      return [{ line: 1, column: 1, text: 'statement is too large (stack overflow while parsing)' }];
    }
    throw error;
  }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(tryProblems)));
