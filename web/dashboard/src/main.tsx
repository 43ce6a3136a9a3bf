// Entry point of the dashboard: the operators of an account, their seats and profiles, live.
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { initial, load } from './i18n/language';
import { applyTheme, chosenTheme } from './theme';
import './style/index.css';

applyTheme(chosenTheme());
const language = initial();
const catalogue = await load(language);
const root = document.getElementById('root');
if (root === null) {
  throw new Error('the page has no element to draw into');
}
createRoot(root).render(<App language={language} catalogue={catalogue} />);
