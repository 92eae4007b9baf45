using System.Globalization;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>A client that asks only for changes since a mod-sequence (RFC 7162) knows the folder as it is.</summary>
public sealed class ChangeHistoryTests : IDisposable
{
    private readonly TestMailbox _mailbox = new(Limits.Default with { ExpungedHistory = 4 });

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void Changes_are_those_after_the_given_mod_sequence_and_within_the_given_uids()
    {
        for (var i = 0; i < 5; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"));
        var known = _mailbox.Look().HighestModSeq;
        AssertChanges([], "", known);
        _mailbox.Store.Store(_mailbox.Inbox, [2, 4], FlagOperation.Add, new MessageFlags(SystemFlags.Seen));
        _mailbox.Store.Store(_mailbox.Inbox, [1, 5], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        _mailbox.Deliver(TestMailbox.Text("new"));
        AssertChanges([2, 4, 6], "1,5", known);
        AssertChanges([4], "5", known, UidSet.Of((3u, 5u)));
        AssertChanges([], "", _mailbox.Look().HighestModSeq);
    }

    [Fact]
    public void Without_a_record_of_old_removals_every_missing_uid_is_listed()
    {
        for (var i = 0; i < 10; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"));
        var known = _mailbox.Look().HighestModSeq;
        foreach (var uid in new uint[] { 1, 3, 5, 6, 7, 10 })
        {
            _mailbox.Store.Store(_mailbox.Inbox, [uid], FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
            _mailbox.Store.Expunge(_mailbox.Inbox, null);
        }

        var later = _mailbox.Look().HighestModSeq;
        Assert.Equal("1,3,5:7,10", Vanished(known));
        Assert.Equal("3,5:6", Vanished(known, UidSet.Of((2u, 6u))));
        Assert.Equal("", Vanished(later));
        _mailbox.LoseIndex();
        Assert.Equal("1,3,5:7,10", Vanished(later, UidSet.Of((1u, 10u))));
    }

    [Fact]
    public void An_index_of_an_older_version_has_no_history_before_its_first_use()
    {
        for (var i = 0; i < 3; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"), flags: new MessageFlags(SystemFlags.Deleted));
        var known = _mailbox.Look().HighestModSeq;
        _mailbox.Store.Expunge(_mailbox.Inbox, UidSet.Of((2u, 2u)));
        _mailbox.Close();
        using (var database = Storage.Sqlite.SqliteDatabase.Open(Path.Combine(_mailbox.Home, "index.db")))
            database.Execute("UPDATE folders SET flushed_modseq = 0; DELETE FROM expunged");
        Assert.Equal("2", Vanished(known));
        var reopened = _mailbox.Look().HighestModSeq;
        _mailbox.Store.Expunge(_mailbox.Inbox, UidSet.Of((3u, 3u)));
        Assert.Equal("3", Vanished(reopened));
    }

    [Fact]
    public void A_conditional_change_leaves_messages_alone_that_have_changed_meanwhile()
    {
        for (var i = 0; i < 3; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"));
        var known = _mailbox.Look().HighestModSeq;
        _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Flagged));
        var stored = _mailbox.Store.StoreUnchanged(_mailbox.Inbox, [1, 2, 3, 9], FlagOperation.Add, new MessageFlags(SystemFlags.Seen), known).Value;
        Assert.Equal([1u, 3], stored.Change.FlagsChanged.Select(c => c.Uid.Value));
        Assert.Equal([(2u, SystemFlags.Flagged)], stored.Modified.Select(c => (c.Uid.Value, c.Flags.System)));
        Assert.Equal([SystemFlags.Seen, SystemFlags.Flagged, SystemFlags.Seen], _mailbox.Fetch().Select(r => r.Flags.System));
        Assert.Equal(_mailbox.Look().HighestModSeq, _mailbox.Store.HighestModSeq(_mailbox.Inbox, UidSet.Of((1u, 1u))).Value);
        Assert.Equal(0, _mailbox.Store.HighestModSeq(_mailbox.Inbox, UidSet.Of((7u, 9u))).Value.Value);
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_client_that_asks_only_for_changes_agrees_with_the_folder_after_any_work(int seed)
    {
        var random = new Random(seed);
        var client = new Dictionary<uint, MessageFlags>();
        var known = default(ModSeq);
        for (var step = 0; step < 60; step++)
        {
            Work(random);
            if (random.Next(4) > 0) continue;
            var folder = _mailbox.Look();
            Assert.True(folder.HighestModSeq >= known, "the mod-sequence went back");
            var changes = _mailbox.Store.ListChanges(folder.Id, known, UidSet.All).Value;
            foreach (var gone in client.Keys.Where(changes.Vanished.Contains).ToArray()) client.Remove(gone);
            if (changes.Changed.Count > 0)
                foreach (var row in _mailbox.Fetch("INBOX", FetchItems.Flags, [.. changes.Changed.Select(u => u.Value)])) client[row.Uid.Value] = row.Flags;
            known = folder.HighestModSeq;
            Assert.Equal(
                _mailbox.Store.Fetch(new MailboxRequest.Fetch(folder.Id, folder.Uids.Memory, FetchItems.Flags, false)).Value.Rows.Select(r => (r.Uid.Value, r.Flags)),
                client.OrderBy(c => c.Key).Select(c => (c.Key, c.Value)));
        }
    }

    private void Work(Random random)
    {
        var uids = _mailbox.Uids().Where(_ => random.Next(3) == 0).ToArray();
        switch (random.Next(12))
        {
            case < 4:
                _mailbox.Deliver(TestMailbox.Text(random.Next().ToString(CultureInfo.InvariantCulture)));
                break;
            case < 7:
                _mailbox.Store.Store(_mailbox.Inbox, uids, (FlagOperation)random.Next(3), new MessageFlags((SystemFlags)(1 << random.Next(5))));
                break;
            case 7:
                _mailbox.Store.Expunge(_mailbox.Inbox, null);
                break;
            case 8:
                _mailbox.Store.Copy(_mailbox.Inbox, uids, FolderName.Parse(random.Next(2) == 0 ? "Sent" : "INBOX"), move: random.Next(2) == 0);
                break;
            case 9:
                _mailbox.Store.Flush();
                break;
            case 10 when random.Next(3) == 0:
                _mailbox.LoseIndex();
                break;
            default:
                _mailbox.Close();
                break;
        }
    }

    private void AssertChanges(uint[] changed, string vanished, ModSeq since, UidSet? within = null)
    {
        Assert.Equal(changed, Changes(since, within).Changed.Select(u => u.Value));
        Assert.Equal(vanished, Vanished(since, within));
    }

    private string Vanished(ModSeq since, UidSet? within = null) => Changes(since, within).Vanished.ToString();

    private MailboxReply.Changes Changes(ModSeq since, UidSet? within) => _mailbox.Store.ListChanges(_mailbox.Inbox, since, within ?? UidSet.All).Value;
}
