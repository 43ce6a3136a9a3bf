import { lookAround } from '../stage/looks.mjs';
import { company, newcomer } from '../stage/people.mjs';
import { enterAs, LIMITED, OUTSIDE, visitScene } from '../stage/scenes.mjs';
import { speaker } from '../stage/words.mjs';

export const title =
  'Pages for anonymous users and limited access fit 360 pixels and more, in light and dark, and axe finds no violations';
export const isLong = true;

export async function story(stage) {
  const t = speaker('en');
  const acme = await company(stage.deskbell.base);
  const bob = await acme.operator(newcomer('Bohumil Novák'), { publicName: 'Bob' });
  const anonymous = await stage.visit();
  for (const scene of OUTSIDE) {
    await visitScene(anonymous, scene, t, {}, () => lookAround(stage, anonymous.page, scene.name));
    stage.step(scene.name);
  }
  const limited = await stage.visit();
  await enterAs(limited.page, t, bob);
  for (const scene of LIMITED) {
    await visitScene(limited, scene, t, {}, () => lookAround(stage, limited.page, scene.name));
    stage.step(scene.name);
  }
}
