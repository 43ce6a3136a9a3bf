import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';

import examples from './examples.graphql?raw';
import exampleVariables from './examples.variables.json';
import { fetcher } from './fetcher.js';
import { readLink } from './link.js';
import { hasTabs, storage } from './storage.js';
import { Viewer } from './Viewer.jsx';

const NEW_TAB = `# Ctrl-Enter runs the operation under the cursor.
# Ctrl-Space completes. The book icon on the left
# documents every type.

`;

const link = readLink();

/** Contents of the first editor; empty if this browser tab already has editors. */
function opening() {
  if (link.query !== null) {
    return { initialQuery: link.query, initialVariables: json(link.variables ?? {}) };
  }
  if (link.variables !== null || !hasTabs()) {
    // Those of the link come first, so that they are visible.
    const variables = { ...link.variables, ...exampleVariables, ...link.variables };
    return { initialQuery: examples, initialVariables: json(variables) };
  }
  return {};
}

function json(value) {
  return JSON.stringify(value, null, 2);
}

/** Puts the cursor into the operation that the link names, so that Ctrl-Enter runs it. */
function StartAt({ operationName }) {
  const { queryEditor, operations } = useGraphiQL(({ queryEditor, operations }) => ({ queryEditor, operations }));
  const { setOperationName } = useGraphiQLActions();
  const done = useRef(operationName === null);
  useEffect(() => {
    if (done.current || !queryEditor || !operations) {
      return;
    }
    done.current = true;
    const operation = operations.find(({ name }) => name?.value === operationName);
    if (operation?.loc) {
      const position = queryEditor.getModel().getPositionAt(operation.loc.start);
      queryEditor.setPosition(position);
      queryEditor.revealLineNearTop(position.lineNumber);
      setOperationName(operationName);
    }
  }, [queryEditor, operations, operationName, setOperationName]);
  return null;
}

createRoot(document.getElementById('root')).render(
  <GraphiQL
    {...opening()}
    fetcher={fetcher}
    storage={storage}
    defaultQuery={NEW_TAB}
    defaultEditorToolsVisibility="variables"
    // Headers carry bearer tokens: keep them in memory only, and hide the setting that persists them.
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
    schemaDescription
    inputValueDeprecation
  >
    <GraphiQL.Logo>
      <div className="deskbell-corner">
        <Viewer />
        <h1 className="deskbell-logo">Deskbell</h1>
      </div>
    </GraphiQL.Logo>
    <StartAt operationName={link.operationName} />
  </GraphiQL>,
);
