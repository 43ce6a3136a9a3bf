console.warn(
  'Deskbell: this server was built without its chat widget, which requires Node. ' +
    'Run ./scripts/build-web, then rebuild the server.',
);
