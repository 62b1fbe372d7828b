// This script reads a JSON array of SQL statements from standard input. For each statement, it prints the first syntax error, the functions,
// and the types that are not keywords of the grammar. Lines and columns start at 1. As in Trino, a column is a code point.
import { readFileSync } from 'node:fs';
import { TrinoSQL } from 'dt-sql-parser';

const trino = new TrinoSQL();

function place({ start }) {
  return { line: start.line, column: start.column + 1 };
}

// Finder collects functions and types. It also finds two kinds of identifiers that the grammar accepts but Trino rejects.
class Finder {
  found = { functions: [], types: [] };

  enterFunctionName = (c) => this.found.functions.push({ ...place(c), name: c.getText() });

  enterGenericType = (c) => this.type(c, c.identifier().getText());
  // DATE '2026-11-21'
  enterTypeConstructor = (c) => c.identifier() && this.type(c, c.identifier().getText());

  enterBackQuotedIdentifier = ({ start }) =>
    this.error(start, 'backquoted identifiers are not supported; use double quotes to quote identifiers');
  enterDigitIdentifier = ({ start }) =>
    this.error(start, 'identifiers must not start with a digit; surround the identifier with double quotes');

  type(context, name) {
    this.found.types.push({ ...place(context), name });
  }

  // The first error is the only one to trust, because the parser guesses how the statement continues after it.
  error({ line, column }, message) {
    const { error } = this.found;
    if (!error || line < error.line || (line === error.line && column < error.column - 1)) {
      this.found.error = { line, column: column + 1, message };
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

function find(sql) {
  const finder = new Finder();
  const tree = trino.parse(sql, ({ startLine: line, startColumn, message }, { msg, offendingSymbol, recognizer }) => {
    if (finder.found.error) {
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
  if (!finder.found.error && (!first || second)) {
    finder.mismatch((second ?? tree).start);
  }
  return finder.found;
}

function tryFind(sql) {
  try {
    return find(sql);
  } catch (error) {
    if (error instanceof RangeError) {
      return { error: { line: 1, column: 1, message: 'statement is too large (stack overflow while parsing)' } };
    }
    throw error;
  }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(tryFind)));
