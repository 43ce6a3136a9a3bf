export const english = {
  label: 'Availability',
  available: 'We are available',
  away: 'We are away',
  heading: 'Here for you now',
  nobody: 'No one is available at the moment. Please come back later.',
  unknown: 'Connection lost. Reconnecting…',
  close: 'Close',
};
