console.warn(
  'Deskbell: this server was built without its chat widget, which needs Node. ' +
    'Run ./scripts/build-web and build the server again.',
);
