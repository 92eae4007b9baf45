// What tsdav, the library of several web calendars, does with an account: discovery, calendars and cards, queries, conflicts, sync. Run by TsdavTests;
// prints a line a step.
import { createRequire } from 'node:module';

const { TOOLS, URL: serverUrl, USERNAME, PASSWORD } = process.env;
const { createDAVClient, DAVNamespaceShort } = createRequire(TOOLS + '/')('tsdav');
const login = { serverUrl, credentials: { username: USERNAME, password: PASSWORD }, authMethod: 'Basic' };
const calendars = await createDAVClient({ ...login, defaultAccountType: 'caldav' });
const names = list => list.map(c => c.displayName).sort().join(', ');

const event = (uid, day, summary) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//ts//EN', 'BEGIN:VEVENT', 'UID:' + uid, 'DTSTAMP:20261101T000000Z',
  `DTSTART:202611${day}T090000Z`, 'DURATION:PT1H', 'SUMMARY:' + summary, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const summaries = objects => objects.map(o => /SUMMARY:(.*?)\r?\n/.exec(o.data)[1]).sort().join(', ');

const home = (await calendars.fetchCalendars())[0].url.replace(/[^/]+\/$/, '');
const [made] = await calendars.makeCalendar({ url: home + 'typed/', props: { [`${DAVNamespaceShort.DAV}:displayname`]: 'Typed & <safe>' } });
console.log('made', made.status);
const calendar = (await calendars.fetchCalendars()).find(c => c.url.endsWith('/typed/'));
console.log('calendar', calendar.displayName, calendar.components.join(','), 'ctag' in calendar, calendar.reports.includes('syncCollection'));

for (const [uid, day] of [['one', '05'], ['two', '15'], ['three', '25']])
  console.log('put', (await calendars.createCalendarObject({ calendar, filename: uid + '.ics', iCalString: event(uid, day, uid) })).status);
console.log('again', (await calendars.createCalendarObject({ calendar, filename: 'one.ics', iCalString: event('one', '05', 'twice') })).status);
console.log('all', summaries(await calendars.fetchCalendarObjects({ calendar })));
const within = await calendars.fetchCalendarObjects({ calendar, timeRange: { start: '2026-11-10T00:00:00Z', end: '2026-11-20T00:00:00Z' } });
console.log('in range', summaries(within));

const before = await calendars.syncCollection({ url: calendar.url, props: { [`${DAVNamespaceShort.DAV}:getetag`]: {} }, syncLevel: 1 });
console.log('first sync', before.filter(r => r.href.endsWith('.ics')).length, new Set(before.map(r => r.status)).size);
const objects = await calendars.fetchCalendarObjects({ calendar });
const known = { ...calendar, objects, objectMultiGet: calendars.calendarMultiGet };
const [changed] = within;
console.log('changed', (await calendars.updateCalendarObject({ calendarObject: { ...changed, data: event('two', '16', 'moved') } })).status);
console.log('conflict', (await calendars.updateCalendarObject({ calendarObject: { ...changed, data: event('two', '17', 'late') } })).status);
console.log('added', (await calendars.createCalendarObject({ calendar, filename: 'four.ics', iCalString: event('four', '07', 'four') })).status);
console.log('removed', (await calendars.deleteCalendarObject({ calendarObject: objects.find(o => o.url.endsWith('one.ics')) })).status);
const difference = await calendars.smartCollectionSyncDetailed({ collection: known, method: 'webdav', detailedResult: true });
const { created, updated, deleted } = difference.objects;
console.log('difference', summaries(created), '|', summaries(updated), '|', deleted.map(o => o.url.split('/').pop()).join());
console.log('dirty', (await calendars.isCollectionDirty({ collection: calendar })).isDirty);

const cards = await createDAVClient({ ...login, defaultAccountType: 'carddav' });
const books = await cards.fetchAddressBooks();
console.log('books', books.length > 0);
const card = (uid, name) => ['BEGIN:VCARD', 'VERSION:3.0', 'UID:' + uid, 'FN:' + name, `N:${name};;;;`, 'END:VCARD', ''].join('\r\n');
for (const [uid, name] of [['a', 'Ada'], ['b', 'Bob']])
  console.log('card', (await cards.createVCard({ addressBook: books[0], filename: uid + '.vcf', vCardString: card(uid, name) })).status);
const stored = await cards.fetchVCards({ addressBook: books[0] });
console.log('cards', stored.map(c => /FN:(.*?)\r?\n/.exec(c.data)[1]).sort().join(', '));
console.log('gone', (await cards.deleteVCard({ vCard: stored.find(c => c.url.endsWith('b.vcf')) })).status, (await cards.fetchVCards({ addressBook: books[0] })).length);
console.log('calendar removed', (await calendars.deleteObject({ url: calendar.url })).status, names(await calendars.fetchCalendars()).includes('Typed'));
