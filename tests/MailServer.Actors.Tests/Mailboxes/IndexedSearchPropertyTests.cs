using System.Buffers;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Spool;
using MailServer.Storage.TextIndex;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>Whatever happens to a mailbox and its index, a search finds what reading each message finds.</summary>
[Trait("Speed", "Slow")]
public sealed class IndexedSearchPropertyTests
{
    private static readonly string[] Words =
    [
        "invoice", "Invoice 2026", "Straße", "STRASSE", "Müller", "Mu\u0308ller", "naïve", "会議", "会議室です", "東京", "한국어", "привет", "Ελλάδα", "😀", "😀👍🏽", "ﬁne", "ＡＢＣ", "\"quoted\"", "a*b OR c", "it's", "no-reply@example.org", "x",
    ];

    private static readonly Gen<string> Text = Gen.Select(Gen.OneOfConst(Words).Array[1, 8], Gen.OneOfConst(" ", "", "\r\n")).Select(static (words, glue) => string.Join(glue, words));

    private static readonly Gen<string> Message = Gen.Select(Text, Text, Gen.Int[0, 5], Gen.Int[0, 3]).Select(static (subject, body, form, size) =>
    {
        var octets = Encoding.UTF8.GetBytes(body);
        var head = $"Subject: =?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(subject.ReplaceLineEndings(" ")))}?=\r\nFrom: =?utf-8?Q?M=C3=BCller?= <mueller@example.org>\r\nX-Note: {subject.ReplaceLineEndings(" ")}\r\n";
        var padding = string.Concat(Enumerable.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n", size == 3 ? 300 : 0));
        return form switch
        {
            0 => $"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{padding}{body}\r\n",
            1 => $"{head}Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(octets)}\r\n",
            2 => $"{head}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{string.Concat(octets.Select(static o => $"={o:X2}"))}\r\n",
            3 => $"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename*=utf-8''{Uri.EscapeDataString(subject.ReplaceLineEndings(" "))}\r\n\r\n{padding}{body}\r\n--b--\r\n",
            4 => $"{head}Content-Type: message/rfc822\r\n\r\nSubject: {body.ReplaceLineEndings(" ")}\r\n\r\ninner {body}\r\n",
            _ => $"{head}Content-Type: application/octet-stream\r\n\r\n{body}\r\n",
        };
    });

    private static readonly Gen<string> Needle = Gen.Select(Gen.OneOfConst(Words), Gen.Int[0, 3], Gen.Int[1, 12], Gen.Bool).Select(static (word, start, length, upper) =>
    {
        start = Math.Min(start, word.Length - 1);
        if (char.IsLowSurrogate(word[start])) start--;
        var end = Math.Min(word.Length, start + length);
        if (char.IsHighSurrogate(word[end - 1])) end = Math.Min(word.Length, end + 1);
        var needle = word[start..end];
        return upper ? needle.ToUpperInvariant() : needle;
    });

    private static readonly Gen<SearchCriteria> Key = Gen.Select(Needle, Gen.Int[0, 5]).Select(static (needle, kind) => kind switch
    {
        0 => new SearchCriteria.Header("Subject", needle),
        1 => new SearchCriteria.Header("From", needle),
        2 => new SearchCriteria.Header("X-Note", needle),
        3 => new SearchCriteria.AnyText(needle),
        _ => (SearchCriteria)new SearchCriteria.Body(needle),
    });

    private static readonly Gen<SearchCriteria> Criteria = Gen.Frequency(
        (3, Key),
        (1, Key.Select(static key => (SearchCriteria)new SearchCriteria.Not(key))),
        (1, Gen.Select(Key, Key).Select(static (left, right) => (SearchCriteria)new SearchCriteria.Or(left, new SearchCriteria.Not(right)))),
        (1, Gen.Select(Key, Key, Key).Select(static (first, second, third) => (SearchCriteria)new SearchCriteria.And([first, new SearchCriteria.Or(second, third)]))));

    private enum Step
    {
        Deliver,
        DeliverMore,
        Index,
        IndexSome,
        Expunge,
        Move,
        Copy,
        Search,
        SearchAgain,
        Reopen,
        LoseTextIndex,
        DamageTextIndex,
    }

    [Fact]
    public void An_indexed_search_finds_what_reading_each_message_finds() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1_000], Message, Criteria).Array[5, 60].Sample(
            static steps =>
            {
                using var run = new Run();
                foreach (var (step, pick, message, criteria) in steps) run.Do(step, pick, message, criteria);
                foreach (var (_, _, _, criteria) in steps) run.Compare(criteria);
            },
            iter: 60,
            threads: 1);

    private sealed class Run : IDisposable
    {
        private static readonly FolderName[] Folders = [FolderName.Inbox, FolderName.Parse("Other")];

        private readonly TemporaryDirectory _directory = new();
        private readonly MessageFormat _format = new(Limits.Default, windowSize: 1_000);
        private readonly MessageSpool _spool;
        private readonly SortedDictionary<uint, byte[]>[] _model = [[], []];
        private MailboxStore _store;

        public Run()
        {
            _spool = new MessageSpool(new SpoolOptions { Directory = _directory["spool"] }, _format, TimeProvider.System);
            _store = Open();
            _store.CreateFolder(Folders[1], FolderRole.None);
        }

        public void Do(Step step, int pick, string message, SearchCriteria criteria)
        {
            switch (step)
            {
                case Step.Deliver:
                    Deliver(pick % 2, message);
                    break;
                case Step.DeliverMore:
                    for (var i = 0; i < 5; i++) Deliver((pick + i) % 2, message.Replace("2026", $"{pick + i}", StringComparison.Ordinal));
                    break;
                case Step.Index:
                    while (_store.PlanIndexing(7) is { } batch) batch.Run();
                    break;
                case Step.IndexSome:
                    _store.PlanIndexing(1 + (pick % 3))?.Run();
                    break;
                case Step.Expunge:
                    Expunge(pick % 2, pick);
                    break;
                case Step.Move or Step.Copy:
                    Transfer(pick % 2, pick, step == Step.Move);
                    break;
                case Step.Reopen:
                    Reopen();
                    break;
                case Step.LoseTextIndex:
                    Reopen(TextIndexFile.RemoveFrom);
                    break;
                case Step.DamageTextIndex:
                    Reopen(directory => Damage(Path.Combine(directory, "search.db"), pick));
                    break;
                default:
                    Compare(criteria);
                    break;
            }
        }

        public void Compare(SearchCriteria criteria)
        {
            for (var i = 0; i < Folders.Length; i++)
            {
                var search = _store.Search(Id(i), criteria).Value;
                while (!search.Step(10)) { }
                Assert.Equal(_model[i].Where(m => Matches(criteria, m.Value)).Select(static m => m.Key), search.Found.Select(static uid => uid.Value));
            }
        }

        public void Dispose()
        {
            _store.Dispose();
            _directory.Dispose();
        }

        private static void Damage(string file, int pick)
        {
            if (!File.Exists(file)) return;
            var octets = File.ReadAllBytes(file);
            for (var at = 100 + pick; at < octets.Length; at += 1_000) octets[at] ^= 0xFF;
            File.WriteAllBytes(file, octets);
        }

        private MailboxStore Open() => MailboxStore.Open(
            new MailboxStoreOptions { Directory = _directory["user_1"], SpoolDirectory = _directory["spool"], SyncDirectories = false, TextIndex = new TextIndexOptions { MaxText = 12_000 } }, _format, TimeProvider.System);

        private void Reopen(Action<string>? meanwhile = null)
        {
            _store.Dispose();
            meanwhile?.Invoke(_directory["user_1"]);
            _store = Open();
        }

        private FolderId Id(int folder) => _store.Folders().All.Single(f => f.Name == Folders[folder]).Id;

        private void Deliver(int folder, string text)
        {
            using var buffer = _spool.Begin();
            buffer.Write(Encoding.UTF8.GetBytes(text));
            var message = _spool.Commit(buffer, default);
            Assert.Null(_store.Stage(Folders[folder], MessageFlags.None, null, message));
            _model[folder][_store.CommitStaged().Appended.Single().Uid.Value] = Encoding.UTF8.GetBytes(text);
            _spool.Remove(message.Id);
        }

        private void Expunge(int folder, int pick)
        {
            if (_model[folder].Count == 0) return;
            var uid = _model[folder].Keys.ElementAt(pick % _model[folder].Count);
            _store.Select(Folders[folder], readOnly: false);
            _store.Store(Id(folder), [uid], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
            _store.Expunge(Id(folder), null);
            _model[folder].Remove(uid);
        }

        private void Transfer(int from, int pick, bool move)
        {
            if (_model[from].Count == 0) return;
            var uid = _model[from].Keys.ElementAt(pick % _model[from].Count);
            _store.Select(Folders[from], readOnly: false);
            Assert.Null(_store.Copy(Id(from), [uid], Folders[1 - from], move).Refusal);
            var copied = _store.Select(Folders[1 - from], readOnly: true).Value.Folder.Uids.Last;
            _model[1 - from][copied] = _model[from][uid];
            if (move) _model[from].Remove(uid);
        }

        private bool Matches(SearchCriteria criteria, byte[] message) => criteria switch
        {
            SearchCriteria.Header header => _format.HeaderContains(message, header.Field, header.Value),
            SearchCriteria.Body body => _format.TextContains(new InMemoryContent(message), body.Value, includeHeader: false),
            SearchCriteria.AnyText text => _format.TextContains(new InMemoryContent(message), text.Value, includeHeader: true),
            SearchCriteria.Not negated => !Matches(negated.Inner, message),
            SearchCriteria.Or either => Matches(either.Left, message) || Matches(either.Right, message),
            SearchCriteria.And every => every.Inner.All(inner => Matches(inner, message)),
            _ => throw new InvalidOperationException(criteria.ToString()),
        };
    }
}
