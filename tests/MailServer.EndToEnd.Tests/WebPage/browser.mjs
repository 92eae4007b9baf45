// Walks through the web page in Chromium: does what people do, then looks at every page in light and dark and at five widths, asks axe-core for faults,
// measures overflow and breaks inside words, and keeps screenshots. Run by PageBrowserTests. Every fault is a line on standard output; without one it prints "no faults".
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { BASE, PUBLIC, ADMIN, USER, PASSWORD, TOOLS, SHOTS, CHROMIUM } = process.env;
const require = createRequire(TOOLS + '/');
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const faults = [];
mkdirSync(SHOTS, { recursive: true });

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const widths = [320, 640, 768, 1024, 1280];
// '/admin/queue/show' is the story of a message; '/' is visited on the HTTPS port. '/invitation' is visited there too. Not visited: '/me/setup/apple.mobileconfig', '/me/calendars/export' and '/me/data/export' are files; '/admin/cluster' needs a cluster, and '/admin/reports/show' a report.

async function open(state) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', storageState: state, javaScriptEnabled: true, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.on('console', message => { // A refused form is no error.
    if (message.type() === 'error' && !message.text().includes('422')) faults.push(`${page.url()}: console: ${message.text()}`); });
  page.on('dialog', async dialog => { faults.push(`${page.url()}: a script ran: ${dialog.message()}`); await dialog.dismiss(); });
  page.setDefaultTimeout(15000);
  return { context, page };
}

// Runs in the page: the words that are broken inside although their line is wide enough for them. Keys and codes are no words.
function brokenWords() {
  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.checkVisibility() || node.parentElement.closest('.unseen, .skip, pre, option, code.value, .secret')) continue;
    for (const word of node.data.matchAll(/[\p{L}\p{N}]{2,}/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
}

// One load is looked at in every width: the layout depends on the width alone.
async function examine(page, name) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (wide > 0) faults.push(`${name} at ${width}: ${wide} pixels wider than the screen`);
    const broken = await page.evaluate(brokenWords);
    if (broken.length > 0) faults.push(`${name} at ${width}: breaks inside words: ${broken.slice(0, 5).join(', ')}`);
  }
  // Colours do not depend on the width, and the table becomes cards between the widths 320 and 1280.
  for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [320, 'light']]) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`);
    for (const violation of found.violations.filter(v => v.impact === 'serious' || v.impact === 'critical'))
      faults.push(`${name} (${width} ${colorScheme}): ${violation.id} (${violation.impact}): ${violation.nodes.slice(0, 3).map(n => n.html).join(' | ')}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

function expect(condition, what) {
  if (!condition) faults.push(what);
}

const said = page => page.locator('main').innerText();

function code(secret, later = 0) {
  const bits = [...secret].map(c => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map(b => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

async function signIn(page, address, password = PASSWORD) {
  await page.goto(BASE + '/');
  await page.getByLabel('Email address').fill(address);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function administrate(page) {
  const domain = 'second.test';
  await page.goto(BASE + '/admin/domains');
  await page.getByLabel('Name').fill(domain);
  await page.getByRole('button', { name: 'Add' }).click();
  expect((await said(page)).includes('v=spf1'), 'a new domain leads to its records');
  await page.goto(BASE + '/admin/domains/show?domain=' + domain);
  await page.getByRole('textbox', { name: 'Catch-all address' }).fill(ADMIN);
  await formWith(page, 'Save').locator('input[name=targets]').press('Enter');
  expect((await said(page)).includes('do not exist goes to ' + ADMIN), 'a catch-all is set');
  await page.getByRole('textbox', { name: 'For administrators' }).fill('<b>the choir</b>');
  await page.getByRole('textbox', { name: 'For administrators' }).press('Enter');
  await page.getByRole('link', { name: 'Disable' }).click();
  expect((await said(page)).includes('permanent error (550)'), 'what disabling does is told first');
  await page.getByRole('button', { name: 'Disable' }).click();
  expect((await said(page)).includes('mail and sign-ins are refused'), 'a domain is disabled');
  await examine(page, 'admin-domain-disabled');
  await page.getByRole('button', { name: 'Enable' }).click();
  await page.goto(BASE + '/admin/accounts');
  await page.getByRole('textbox', { name: 'Address' }).fill('carol@' + domain);
  await page.locator('select[name=how]').selectOption('password');
  await page.locator('input[name=new]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Add' }).click();
  expect((await said(page)).includes('carol@second.test can sign in'), 'an account is added');
  await page.goto(BASE + '/admin/accounts');
  await page.getByRole('textbox', { name: 'Address' }).fill('dora@' + domain);
  await page.getByRole('button', { name: 'Add' }).click();
  expect(/([a-z2-9]{5}-){3}[a-z2-9]{5}/.test(await page.locator('.secret').innerText()), 'a password is generated');
  await examine(page, 'admin-account-generated');
  await page.goto(BASE + '/admin/accounts');
  await page.getByRole('textbox', { name: 'Address' }).fill('emil@' + domain);
  await page.locator('select[name=how]').selectOption('invite');
  await page.getByRole('button', { name: 'Add' }).click();
  const link = await page.locator('.secret').innerText();
  expect(link.includes('/invitation?key='), 'a link is shown');
  await examine(page, 'admin-account-invited');
  await page.goto(BASE + '/admin/accounts/import');
  await page.locator('input[name=file]').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(`address,password,quota\nfred@${domain},,1G\ngus@${domain},123,none\n`) });
  await page.getByRole('button', { name: 'Send' }).click();
  expect((await said(page)).includes('Line 3: the password has fewer than 8 characters'), 'a faulty line is told');
  await examine(page, 'admin-import-refused');
  await page.locator('input[name=file]').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(`address\nfred@${domain}\ndora@${domain}\n`) });
  await page.locator('select[name=how]').selectOption('invite');
  await page.locator('select[name=what]').selectOption('add');
  await page.getByRole('button', { name: 'Send' }).click();
  expect((await said(page)).includes('1 account was added. 1 account exists already.'), 'a file is imported');
  await examine(page, 'admin-imported');
  const guest = await open();
  const invitation = PUBLIC + new URL(link).pathname + new URL(link).search;
  await guest.page.goto(invitation);
  await examine(guest.page, 'invitation');
  await guest.page.locator('input[name=new]').fill(PASSWORD);
  await guest.page.locator('input[name=again]').fill(PASSWORD + 'x');
  await guest.page.getByRole('button', { name: 'Set the password' }).click();
  expect((await said(guest.page)).includes('differ'), 'a wrong repetition is told');
  await guest.page.locator('input[name=new]').fill(PASSWORD);
  await guest.page.locator('input[name=again]').fill(PASSWORD);
  await guest.page.getByRole('button', { name: 'Set the password' }).click();
  expect((await said(guest.page)).includes('is set'), 'an invited user chooses a password');
  await examine(guest.page, 'invitation-used');
  await guest.page.goto(invitation);
  expect((await said(guest.page)).includes('has been used already'), 'a link works once');
  await examine(guest.page, 'invitation-again');
  await guest.context.close();
  for (const name of ['dora', 'emil', 'fred']) {
    await page.goto(`${BASE}/admin/accounts/remove?address=${name}@${domain}`);
    await page.getByLabel('Type').fill(`${name}@${domain}`);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
  }
  await page.goto(BASE + '/admin/accounts/show?address=carol@' + domain);
  await page.getByRole('link', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Disable' }).click();
  expect((await said(page)).includes('Disabled'), 'an account is disabled');
  await page.goto(BASE + '/admin/aliases');
  await page.getByRole('textbox', { name: 'Address, a pattern' }).fill('info@' + domain);
  await page.getByRole('textbox', { name: 'Goes to' }).fill(`${ADMIN}, ${USER}`);
  await page.getByRole('button', { name: 'Add' }).click();
  expect((await said(page)).includes('info@second.test'), 'an alias is added');
  await page.goto(BASE + '/admin/aliases/show?address=info@' + domain);
  await page.getByRole('textbox', { name: 'Add a target' }).fill('carol@' + domain);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('button', { name: 'Remove ' + USER }).click();
  expect((await said(page)).includes(`no longer goes to ${USER}`), 'a target is removed');
  await page.getByRole('textbox', { name: 'For administrators' }).fill('<b>the address on the web site</b>');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Disable' }).click();
  await page.getByRole('button', { name: 'Disable' }).click();
  expect((await said(page)).includes('its mail is refused'), 'an alias is disabled');
  await examine(page, 'admin-alias');
  // Nothing is removed until its name was typed, and a domain not before its accounts.
  const remove = async (path, row, name) => {
    await page.goto(BASE + path);
    const place = row ? page.locator('tr', { hasText: row }) : page.locator('main');
    await place.getByRole('link', { name: 'Remove' }).click();
    await page.getByLabel('Type').fill(name);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    return said(page);
  };
  expect((await remove('/admin/aliases', 'info@' + domain, 'info')).includes('Nothing was removed'), 'an alias needs its whole name');
  expect((await remove('/admin/domains', domain, domain)).includes('still has accounts'), 'a domain with accounts stays');
  expect((await remove('/admin/accounts/show?address=carol@' + domain, null, 'ann')).includes('Nothing was removed'), 'an account needs its own name');
  expect((await remove('/admin/accounts/show?address=carol@' + domain, null, 'carol@' + domain)).includes('is removed'), 'an account is removed');
  expect((await remove('/admin/aliases', 'info@' + domain, 'info@' + domain)).includes('is removed'), 'an alias is removed');
  expect((await remove('/admin/domains', domain, domain)).includes('no longer receives mail'), 'a domain is removed');
  await page.getByLabel('Name').fill(domain);
  await page.getByRole('button', { name: 'Add' }).click();
  expect((await said(page)).includes('v=spf1'), 'a domain that was removed can be added again');
  await page.goto(BASE + '/admin/bans');
  await page.getByLabel('IP address').fill('203.0.113.9');
  await page.locator('form[action="/admin/bans/add"]').getByLabel('Why').fill('<img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  expect((await said(page)).includes('<img src=x onerror=alert(1)>'), 'a reason is shown as it was typed');
  await page.goto(BASE + '/admin/queue');
  await page.getByRole('button', { name: 'Pause mail to remote.test' }).click();
  expect((await said(page)).includes('Mail to remote.test is paused'), 'a destination is paused');
  expect((await said(page)).includes('paused'), 'the queue shows what is paused');
  await examine(page, 'admin-queue-paused');
  await page.getByRole('button', { name: 'Resume Mail to remote.test' }).click();
  await page.goto(BASE + '/admin/queue/select?domain=remote.test');
  await page.getByRole('button', { name: 'Hold all' }).click();
  expect((await said(page)).includes('1 message is held'), 'messages are held');
  await page.getByRole('button', { name: 'Release all' }).click();
  expect((await said(page)).includes('1 message is released'), 'messages are released');
  await page.goto(BASE + '/admin/bans');
  const office = formWith(page, 'Never ban');
  await office.getByLabel('Network').fill('198.51.100.0/24');
  await office.getByLabel('Why').fill('office');
  await office.getByLabel('Your current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Never ban' }).click();
  expect((await said(page)).includes('198.51.100.0/24 is never banned'), 'a network is allowed');
  await page.goto(BASE + '/admin/bans');
  await page.getByLabel('IP address').fill('everybody');
  await page.getByRole('button', { name: 'Ban', exact: true }).click();
  expect((await said(page)).includes('is not an IP address'), 'a fault is told');
  expect((await page.title()).startsWith('Error: '), 'a fault is in the title');
  expect(await page.getByLabel('IP address').inputValue() === 'everybody', 'a refused form keeps its values');
  expect(await page.evaluate('document.activeElement.name') === 'address', 'the focus is on the wrong field');
  await examine(page, 'admin-bans-refused');
  await page.goto(BASE + '/admin/domains/remove?domain=second.test&from=/admin/domains');
  await examine(page, 'admin-domains-remove');
}

// Several forms of a page ask for the password.
const formWith = (page, button) => page.locator('form', { has: page.getByRole('button', { name: button }) });

async function useAccount(page) {
  await page.goto(BASE + '/me/devices');
  await page.getByLabel('Name').fill('Phone <b>');
  await formWith(page, 'Make a password').getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Make a password' }).click();
  const secret = await page.locator('.secret').innerText();
  expect(/^([a-z2-9]{4}-){6}[a-z2-9]{2}$/.test(secret), `an app password is shown: ${secret}`);
  await examine(page, 'me-device-made');
  await page.reload();
  expect(await page.locator('.secret').innerText() === secret, 'a reload shows the same app password');
  await page.goto(BASE + '/me/devices');
  expect(!(await said(page)).includes(secret), 'the app password is only on the page of the form');
  await page.goto(BASE + '/me/calendars');
  if (await page.getByRole('button', { name: /Make a secret link/ }).count() > 0) {
    await page.getByRole('button', { name: /Make a secret link/ }).first().click();
    expect((await said(page)).includes('/ics/'), 'a secret link is shown');
    await page.getByLabel('Share with').first().fill(ADMIN);
    await page.getByRole('button', { name: 'Share' }).first().click();
    expect((await said(page)).includes(`${ADMIN} (read)`), 'a calendar is shared');
  } else faults.push('there is no calendar to share');
}

// Without a mouse: everything is reached and pressed with the keyboard.
async function press(page, locator) {
  await locator.focus();
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
}

async function makeRules(page) {
  await page.goto(BASE + '/me/rules');
  await examine(page, 'me-rules-none');
  await press(page, page.getByRole('link', { name: 'New rule' }));
  await press(page, page.getByRole('button', { name: 'Save', exact: true }));
  expect((await said(page)).includes('Say what the rule does'), 'a rule without an action is refused');
  await page.getByLabel('Name', { exact: true }).fill('Bills <b>');
  await page.getByLabel('What').first().selectOption('subject');
  await page.getByLabel('Text, or a size').first().fill('invoice');
  await page.getByLabel('Where the message goes').selectOption('move');
  await page.getByLabel('Or a new folder').fill('a//b');
  await press(page, page.getByRole('button', { name: 'Save', exact: true }));
  expect((await said(page)).includes('cannot be the name of a folder'), 'a wrong folder is refused');
  expect(await page.getByLabel('Text, or a size').first().inputValue() === 'invoice', 'a refused rule keeps its conditions');
  await examine(page, 'me-rules-refused');
  await page.getByLabel('Or a new folder').fill('Bills');
  await press(page, page.getByRole('button', { name: 'Save, switched off, and try it' }));
  expect((await said(page)).includes('Nothing was done'), 'a rule is tried');
  await examine(page, 'me-rules-tried');
  await press(page, page.getByRole('button', { name: /Switch on/ }));
  expect((await said(page)).includes('Rule 1 is switched on'), 'a rule is switched on');
  await page.goto(BASE + '/me/rules/edit');
  await page.getByLabel('Where the message goes').selectOption('inbox');
  await press(page, page.getByRole('button', { name: 'Save', exact: true }));
  await press(page, page.getByRole('button', { name: /^Up/ }));
  expect((await said(page)).includes('The rule is now number 1'), 'a rule is moved');
  await page.goto(BASE + '/me/out-of-office');
  await page.locator('textarea').fill('I am away.\n\nAnn');
  await press(page, page.getByRole('button', { name: 'Save and switch on' }));
  expect((await said(page)).includes('Automatic replies are on.'), 'automatic replies are on');
  await page.goto(BASE + '/me');
  expect((await said(page)).includes('Automatic replies are on until you switch them off'), 'the banner is shown');
  await examine(page, 'me-banner');
}

async function useCodes(page) {
  await page.goto(BASE + '/me/security');
  await page.getByRole('button', { name: 'Set up codes' }).click();
  const secret = await page.locator('.secret').innerText();
  await examine(page, 'me-codes-begun');
  await page.getByRole('textbox', { name: 'Code' }).fill(code(secret));
  await formWith(page, 'Turn codes on').getByLabel('Current password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Turn codes on' }).click();
  expect((await said(page)).includes('asks for a code at sign-in'), 'codes are on');
  expect(await page.locator('.codes .secret').count() === 10, 'recovery codes are shown');
  await examine(page, 'me-recovery-codes');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, USER);
  // The code that turned codes on is used up; the next one is good already.
  await page.getByRole('textbox', { name: 'Code' }).fill(code(secret, 1));
  await examine(page, 'sign-in-code');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(BASE + '/me');
}

// The HTTPS port, which everybody reaches.
async function visitPublicPages() {
  const { context, page } = await open();
  await page.goto(PUBLIC + '/');
  expect((await said(page)).includes('IMAP'), 'the start page has the settings');
  await examine(page, 'public-start');
  await page.getByLabel('Email address').fill('somebody@elsewhere.test');
  await page.getByRole('button', { name: 'Show how to set it up' }).click();
  expect((await said(page)).includes('not an address of this server'), 'an unknown domain is told');
  await examine(page, 'public-start-refused');
  await page.goto(PUBLIC + '/?email=' + encodeURIComponent(USER));
  await examine(page, 'public-start-address');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Email address').fill(ADMIN);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(PUBLIC + '/me');
  await examine(page, 'public-me');
  await context.close();
}

const walk = async () => {
  await visitPublicPages();
  const ben = await open();
  await ben.page.goto(BASE + '/sign-in');
  await examine(ben.page, 'sign-in');
  await signIn(ben.page, USER);
  await useAccount(ben.page);
  await makeRules(ben.page);
  await useCodes(ben.page);
  const ann = await open();
  await signIn(ann.page, ADMIN);
  await administrate(ann.page);

  const story = await (async () => {
    await ann.page.goto(BASE + '/admin/queue');
    return await ann.page.locator('tbody th a').first().getAttribute('href').catch(() => null);
  })();
  if (story === null) faults.push('the queue is empty');
  const alias = 'known@' + ADMIN.split('@')[1];
  const list = 'known-list@' + ADMIN.split('@')[1];
  const own = [
    '/me', '/me/devices', '/me/devices/remove?name=Phone', '/me/devices/require?only=yes', '/me/security', '/me/sign-ins', '/me/setup', '/me/calendars', '/me/data',
    '/me/calendars/unlink?collection=calendars/calendar', '/me/rules', '/me/rules/edit', '/me/rules/edit?number=1', '/me/rules/try', '/me/rules/script', '/me/rules/remove?number=1&version=x', '/me/rules/apply?folder=INBOX&number=all',
    '/me/rules/replace?version=x', '/me/out-of-office', '/me/forwarding', '/me/forwarding/forget?address=far@remote.test',
  ];
  const server = [
    '/admin', '/admin/health', '/admin/history', '/admin/history?span=year', '/admin/domains', '/admin/domains/show?domain=second.test', '/admin/domains/disable?domain=second.test', '/admin/domains/records?domain=second.test', '/admin/domains/records?domain=second.test&check=yes',
    '/admin/domains/dkim?domain=second.test', '/admin/accounts', '/admin/accounts/import', '/admin/accounts?q=nobody', '/admin/accounts/device?name=Phone&address=' + USER,
    '/admin/accounts/codes?address=' + USER, '/admin/accounts/disable?address=' + USER, '/admin/accounts/grant?address=' + USER, '/admin/accounts/revoke?address=' + USER,
    '/admin/accounts/remove?address=' + USER,
    '/admin/domains/dkim/retire?domain=second.test&selector=first', '/admin/aliases/remove?address=info@second.test', '/admin/aliases/show?address=' + alias, '/admin/aliases/disable?address=' + alias, '/admin/lists', '/admin/lists/show?address=' + list, '/admin/lists/disable?address=' + list, '/admin/lists/remove?address=' + list, '/admin/queue/delete?id=1', '/admin/queue/all/delete?filter=domain%3Dremote.test', '/admin/queue/select', '/admin/queue/test', '/admin/queue/select?domain=missing.test',
    '/admin/accounts/show?address=' + USER, '/admin/aliases', '/admin/queue', story, '/admin/sessions', '/admin/certificates', '/admin/backups', '/admin/backups/restore?name=20260101T000000Z&address=' + USER, '/admin/reports',
    '/admin/reports/sent?kind=tls', '/admin/reports/summary', '/admin/reports/summary?kind=tls', '/admin/bans', '/admin/logs', '/admin/logs?q=nothing', '/admin/logs/warnings', '/admin/logs/server',
  ].filter(path => path !== null);
  const [annState, benState] = [await ann.context.storageState(), await ben.context.storageState()];
  for (const [state, paths] of [[annState, server], [benState, own]]) {
    const { context, page } = await open(state);
    for (const path of paths) {
      const answer = await page.goto(BASE + path);
      expect(answer.status() === 200, `${path}: ${answer.status()}`);
      await examine(page, path.replace(/\?id=.*/, '').replace(/[^a-z]+/g, ' ').trim().replaceAll(' ', '-'));
    }
    await context.close();
  }
};

try {
  await walk();
} catch (error) {
  faults.push(`stopped: ${error.stack}`);
} finally {
  await browser.close();
}
console.log(faults.length === 0 ? 'no faults' : faults.join('\n'));
process.exitCode = faults.length === 0 ? 0 : 1;
