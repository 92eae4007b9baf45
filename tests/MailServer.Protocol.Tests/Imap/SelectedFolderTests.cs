using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>A view, compared with a model of a client that has only the updates it received.</summary>
public class SelectedFolderTests
{
    private enum FolderChange
    {
        Add,
        Expunge,
        Flag,
        Sync,
        SyncWithoutExpunge,
    }

    private static readonly Gen<(FolderChange What, int Which)[]> Histories =
        Gen.Select(Gen.Enum<FolderChange>(), Gen.Int[0, 1_000]).Array[0, 60];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_client_that_applies_the_updates_knows_the_folder_at_every_sync_point(bool isRev2) => Histories.Sample(history =>
    {
        var folder = new TestFolder(new FolderId(1), FolderName.Inbox, FolderRole.None, 1);
        for (var i = 0; i < 3; i++) folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
        var view = new SelectedFolder(folder.Snapshot(), false, Limits.Default, new EnabledExtensions { Rev2 = isRev2 });
        var client = new ModelClient(folder.Snapshot().Uids);
        foreach (var (what, which) in history)
        {
            switch (what)
            {
                case FolderChange.Add:
                    folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
                    view.Apply(folder.Change());
                    break;
                case FolderChange.Expunge when folder.Messages.Count > 0:
                    folder.Remove([folder.Messages[which % folder.Messages.Count].Uid.Value]);
                    view.Apply(folder.Change());
                    break;
                case FolderChange.Flag when folder.Messages.Count > 0:
                    var message = folder.Messages[which % folder.Messages.Count];
                    message.Flags = new MessageFlags((SystemFlags)(which % 32));
                    view.Apply(folder.Change(message));
                    break;
                case FolderChange.Sync or FolderChange.SyncWithoutExpunge:
                    var updates = Sync(view, what == FolderChange.Sync);
                    if (isRev2) Assert.DoesNotContain("Recent", updates, StringComparison.OrdinalIgnoreCase);
                    client.Hear(updates);
                    client.Check(view, folder, mayLag: what != FolderChange.Sync);
                    break;
            }

            client.Check(view);
        }
    }, iter: 5_000);

    [Fact]
    public void A_view_in_sync_shares_the_list_of_the_folder()
    {
        var folder = new TestFolder(new FolderId(1), FolderName.Inbox, FolderRole.None, 1);
        for (var i = 0; i < 10; i++) folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
        var view = new SelectedFolder(folder.Snapshot(), false, Limits.Default, new EnabledExtensions());
        folder.Remove([3]);
        folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
        var change = folder.Change();
        view.Apply(change);
        Sync(view, mayExpunge: true);
        Assert.Same(change.Uids, view.AnnouncedUids);
    }

    [Fact]
    public void An_idle_view_is_small()
    {
        var folder = new TestFolder(new FolderId(1), FolderName.Inbox, FolderRole.None, 1);
        for (var i = 0; i < 10_000; i++) folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
        var snapshot = folder.Snapshot();
        var views = new SelectedFolder[1_000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < views.Length; i++) views[i] = new SelectedFolder(snapshot, false, Limits.Default, new EnabledExtensions());
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / views.Length;
        Assert.InRange(each, 1, 2_048);
    }

    [Fact]
    public void Messages_that_are_recent_in_another_session_are_not_recent_here()
    {
        var folder = new TestFolder(new FolderId(1), FolderName.Inbox, FolderRole.None, 1);
        var view = new SelectedFolder(folder.Snapshot(), false, Limits.Default, new EnabledExtensions());
        view.Apply(folder.Change(recent: folder.Add([], MessageFlags.None, ImapTestMailbox.Now)));
        folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
        view.Apply(folder.Change());
        view.Apply(folder.Change(recent: folder.Add([], MessageFlags.None, ImapTestMailbox.Now)));
        Assert.Equal("* 3 EXISTS\r\n* 2 RECENT\r\n", Sync(view, mayExpunge: true));
        Assert.Equal((true, false, true), (view.IsRecent(1), view.IsRecent(2), view.IsRecent(3)));
        folder.Remove([1, 2]);
        view.Apply(folder.Change());
        Assert.Equal("* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 RECENT\r\n", Sync(view, mayExpunge: true));
    }

    [Fact]
    public void Too_many_flag_changes_mark_the_view_as_incomplete()
    {
        var folder = new TestFolder(new FolderId(1), FolderName.Inbox, FolderRole.None, 1);
        for (var i = 0; i < 20; i++) folder.Add([], MessageFlags.None, ImapTestMailbox.Now);
        var view = new SelectedFolder(folder.Snapshot(), false, Limits.Default with { ViewBacklog = 10 }, new EnabledExtensions());
        foreach (var message in folder.Messages) view.Apply(folder.Change(message));
        Assert.True(view.FlagsOverflowed);
        Assert.Equal("", Sync(view, mayExpunge: true));
    }

    [Fact]
    public void Lost_flag_changes_are_fetched_at_the_next_sync_point()
    {
        using var driver = ImapDriver.SignedIn(Limits.Default with { ViewBacklog = 2, FetchPage = 2 });
        for (var i = 0; i < 5; i++) driver.Mailbox.Deliver("INBOX", [], MessageFlags.None);
        driver.Say("a SELECT INBOX\r\n");
        for (uint uid = 2; uid <= 5; uid++) driver.Mailbox.SetFlags("INBOX", uid, new MessageFlags(SystemFlags.Seen));
        var flags = string.Concat(Enumerable.Range(2, 4).Select(n => $"* {n} FETCH (UID {n} FLAGS (\\Seen \\Recent))\r\n"));
        Assert.Equal($"{flags}b OK NOOP completed\r\n", driver.Say("b NOOP\r\n"));
        Assert.Equal("c OK NOOP completed\r\n", driver.Say("c NOOP\r\n"));
    }

    [Fact]
    public void The_maximum_uid_is_handled()
    {
        var uids = UidList.TakeOwnership([1, uint.MaxValue]);
        var view = new SelectedFolder(
            new FolderSnapshot(new FolderId(1), FolderName.Inbox, new UidValidity(1), uint.MaxValue, default, uids, null, null, KeywordSet.Empty), false, Limits.Default, new EnabledExtensions());
        view.Apply(new MailboxChanged(new FolderId(1), default, UidList.TakeOwnership([uint.MaxValue]), []));
        Assert.Equal("* 1 EXPUNGE\r\n* 0 RECENT\r\n", Sync(view, mayExpunge: true));
        Assert.Equal([uint.MaxValue], view.Resolve(new SequenceSet([(SequenceSet.Star, 123)]), isUid: true)!);
    }

    private static string Sync(SelectedFolder view, bool mayExpunge)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ImapWriter(output);
        view.Sync(ref writer, mayExpunge);
        writer.Commit();
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    // Has its messages by number only; it learns the UIDs of new ones by FETCH, here from the view.
    private sealed class ModelClient(UidList uids)
    {
        private readonly List<uint?> _messages = [.. uids.Memory.ToArray().Select(u => (uint?)u)];
        private readonly Dictionary<uint, string> _flags = [];

        public void Hear(string responses)
        {
            foreach (var line in responses.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            {
                var words = line.Split(' ', 4);
                var number = int.Parse(words[1], CultureInfo.InvariantCulture);
                switch (words[2])
                {
                    case "EXPUNGE":
                        _messages.RemoveAt(number - 1);
                        break;
                    case "EXISTS":
                        Assert.True(number >= _messages.Count, "EXISTS may not lower the count");
                        while (_messages.Count < number) _messages.Add(null);
                        break;
                    case "FETCH":
                        var uid = uint.Parse(words[3].Split(' ')[1], CultureInfo.InvariantCulture);
                        Assert.True(_messages[number - 1] is null || _messages[number - 1] == uid, $"{line}: known as {_messages[number - 1]}");
                        _messages[number - 1] = uid;
                        _flags[uid] = words[3];
                        break;
                }
            }
        }

        public void Check(SelectedFolder view)
        {
            Assert.Equal(_messages.Count, view.AnnouncedUids.Count);
            for (var at = 0; at < _messages.Count; at++)
            {
                Assert.True(_messages[at] is null || _messages[at] == view.AnnouncedUids[at]);
                _messages[at] = view.AnnouncedUids[at];
            }
        }

        public void Check(SelectedFolder view, TestFolder folder, bool mayLag)
        {
            Check(view);
            if (!mayLag) Assert.Equal(folder.Messages.Select(m => m.Uid.Value), view.AnnouncedUids.Memory.ToArray());
            foreach (var message in folder.Messages)
            {
                if (!_flags.TryGetValue(message.Uid.Value, out var told)) continue;
                var output = new ArrayBufferWriter<byte>();
                var writer = new ImapWriter(output);
                ImapFlags.Write(ref writer, message.Flags, recent: false);
                writer.Commit();
                Assert.EndsWith($"FLAGS {Encoding.ASCII.GetString(output.WrittenSpan)})", told, StringComparison.Ordinal);
            }
        }
    }
}
