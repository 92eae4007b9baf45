using CsCheck;
using MailServer.Domain.Mailboxes;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>Any sequence of changes, closes, crashes and lost indexes leaves the same content as an in-memory mailbox.</summary>
[Trait("Speed", "Slow")]
public sealed class MailboxModelTests
{
    private static readonly string[] Names = ["INBOX", "A/b"];

    private static readonly MessageFlags[] Changes =
    [
        new(SystemFlags.Seen),
        new(SystemFlags.Deleted),
        new(SystemFlags.Flagged | SystemFlags.Answered, KeywordSet.Of("$Forwarded")),
        new(SystemFlags.Draft, KeywordSet.Of("work", "$Junk")),
        MessageFlags.None,
    ];

    private enum Step
    {
        Deliver,
        DeliverMore,
        Drop,
        Add,
        Remove,
        Replace,
        Expunge,
        Copy,
        Move,
        Exchange,
        Flush,
        Trim,
        Reopen,
        Crash,
        LoseIndex,
    }

    [Fact]
    public void A_mailbox_behaves_like_its_model_through_restarts_crashes_and_lost_indexes() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 4], Gen.Int[0, 1_000]).List[1, 40].Sample(
            steps =>
            {
                using var run = new ModelRun();
                foreach (var (step, folder, other, change, pick) in steps) run.Do(step, Names[folder], Names[other], Changes[change], pick);
                run.Compare();
            },
            iter: 40,
            threads: 1);

    private sealed class ModelRun : IDisposable
    {
        private readonly TestMailbox _mailbox = new();
        private readonly Dictionary<string, SortedDictionary<uint, (string Text, MessageFlags Flags)>> _model = [];
        private readonly Dictionary<string, string> _emailIds = [];
        private readonly Dictionary<string, uint> _highest = [];
        private readonly Dictionary<string, ModSeq> _modSeq = [];
        private int _count;

        public ModelRun()
        {
            _mailbox.Store.CreateFolder(Name("A/b"), FolderRole.None);
            foreach (var name in Names)
            {
                _model[name] = [];
                _highest[name] = 0;
                _modSeq[name] = default;
            }
        }

        public void Dispose() => _mailbox.Dispose();

        public void Do(Step step, string folder, string other, MessageFlags change, int pick)
        {
            var uids = _model[folder].Keys.Where((_, i) => (pick >> (i % 10) & 1) == 1).ToArray();
            switch (step)
            {
                case Step.Deliver or Step.DeliverMore: Deliver(folder, change); break;
                case Step.Drop: Drop(folder); break;
                case Step.Add or Step.Remove or Step.Replace: Store(folder, uids, (FlagOperation)(step == Step.Add ? 1 : step == Step.Remove ? 2 : 0), change); break;
                case Step.Expunge: Expunge(folder); break;
                case Step.Copy or Step.Move: Copy(folder, other, uids, step == Step.Move); break;
                case Step.Exchange: Exchange(folder, other, uids, change); break;
                case Step.Flush: _mailbox.Store.Flush(pick % 5); break;
                case Step.Trim: _mailbox.Store.UnloadFolders(); break;
                case Step.LoseIndex: LoseIndex(); break;
                case Step.Crash: Crash(); break;
                default: _mailbox.Close(); break;
            }

            if (pick % 4 == 0) Compare();
        }

        public void Compare()
        {
            foreach (var name in Names)
            {
                var folder = _mailbox.Look(name);
                var expected = _model[name];
                Assert.Equal(expected.Keys, folder.Uids.Span.ToArray());
                var rows = _mailbox.Fetch(name, FetchItems.Envelope | FetchItems.EmailId | FetchItems.Preview);
                Assert.Equal(expected.Values.Select(v => v.Flags), rows.Select(r => r.Flags));
                foreach (var row in rows)
                {
                    // Copies have the identifier of their source, whatever happened since.
                    Assert.Equal(_emailIds.GetValueOrDefault(expected[row.Uid.Value].Text, row.Details!.EmailId!), row.Details.EmailId);
                    _emailIds[expected[row.Uid.Value].Text] = row.Details.EmailId!;
                    Assert.Equal("Hello.", row.Details.Preview);
                }

                Assert.Equal(_emailIds.Count, _emailIds.Values.Distinct().Count());
                foreach (var row in rows) Assert.Equal($"(\"{expected[row.Uid.Value].Text}\")", System.Text.Encoding.UTF8.GetString(row.Envelope.Span));
                var status = _mailbox.Store.Status(Name(name)).Value;
                Assert.Equal(
                    (expected.Count, expected.Values.Count(v => !v.Flags.System.HasFlag(SystemFlags.Seen)), expected.Values.Count(v => v.Flags.System.HasFlag(SystemFlags.Deleted))),
                    (status.Messages, status.Unseen, status.Deleted));
                Assert.True(status.UidNext > _highest[name]);
                Assert.True(status.HighestModSeq >= _modSeq[name]);
                _modSeq[name] = status.HighestModSeq;
                if (expected.Count > 0) Assert.StartsWith($"Subject: {expected.Values.Last().Text}\r\n", _mailbox.Body(expected.Keys.Last(), name), StringComparison.Ordinal);
            }
        }

        private void Deliver(string folder, MessageFlags flags)
        {
            var subject = $"m{_count++}";
            Added(folder, _mailbox.Deliver(Text(subject), folder, flags).Value, subject, flags);
        }

        private void Drop(string folder)
        {
            var subject = $"m{_count++}";
            _ = _mailbox.Store;
            File.WriteAllText(Path.Combine(_mailbox.Directory(folder, "new"), $"{1_000_000_000 + _count}.dropped"), Text(subject));
            Added(folder, _mailbox.Uids(folder)[^1], subject, MessageFlags.None);
        }

        private void Added(string folder, uint uid, string text, MessageFlags flags)
        {
            Assert.True(uid > _highest[folder], $"UID {uid} is used twice");
            _highest[folder] = uid;
            _model[folder].Add(uid, (text, flags));
        }

        private void Store(string folder, uint[] uids, FlagOperation operation, MessageFlags change)
        {
            var told = _mailbox.Store.Store(_mailbox.Id(folder), uids, operation, change).Value;
            foreach (var uid in uids) _model[folder][uid] = (_model[folder][uid].Text, _model[folder][uid].Flags.Apply(operation, change));
            Assert.Equal(uids.Select(u => _model[folder][u].Flags), told.FlagsChanged.Select(f => f.Flags));
        }

        private void Expunge(string folder)
        {
            _mailbox.Store.Expunge(_mailbox.Id(folder), null);
            foreach (var uid in _model[folder].Where(m => m.Value.Flags.System.HasFlag(SystemFlags.Deleted)).Select(m => m.Key).ToList()) _model[folder].Remove(uid);
        }

        private void Copy(string folder, string other, uint[] uids, bool move)
        {
            var reply = _mailbox.Store.Copy(_mailbox.Id(folder), uids, Name(other), move).Value.Reply;
            Assert.Equal(uids, reply.Sources.Select(u => u.Value));
            for (var i = 0; i < uids.Length; i++)
            {
                var (text, flags) = _model[folder][uids[i]];
                Added(other, reply.Targets[i].Value, text, flags);
                if (move) _model[folder].Remove(uids[i]);
            }
        }

        /// <summary>REPLACE of the first of these messages.</summary>
        private void Exchange(string folder, string other, uint[] uids, MessageFlags flags)
        {
            if (uids.Length == 0) return;
            var message = _mailbox.Spooled(Text($"m{_count++}"));
            var reply = _mailbox.Store.Replace(new MailboxRequest.Replace(_mailbox.Id(folder), new Uid(uids[0]), Name(other), new NewMessage(flags, null, message))).Value.Reply;
            _mailbox.Spool.Remove(message.Id);
            _model[folder].Remove(uids[0]);
            Added(other, reply.Uid.Value, $"m{_count - 1}", flags);
            Assert.Equal(_model[folder].Keys, reply.Change.Uids.Span.ToArray());
        }

        // After an orderly stop, because names may lag behind flags by a second: a crash and the loss of the index together could lose flags.
        private void LoseIndex()
        {
            _ = _mailbox.Store;
            _mailbox.LoseIndex();
        }

        private void Crash()
        {
            _ = _mailbox.Store;
            var copy = _mailbox.Snapshot();
            _mailbox.Close();
            System.IO.Directory.Delete(_mailbox.Home, recursive: true);
            System.IO.Directory.Move(copy, _mailbox.Home);
        }
    }
}
