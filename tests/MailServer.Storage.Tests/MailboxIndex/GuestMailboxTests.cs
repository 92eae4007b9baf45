using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>What other accounts have seen, and which flags they change. Rights and what was seen live in files of the folder.</summary>
public sealed class GuestMailboxTests : IDisposable
{
    private static readonly FolderName Team = FolderName.Parse("Team");
    private static readonly MailboxGuest Bob = new(new AccountId(2), EmailAddress.Parse("bob@example.org"));
    private static readonly MailboxGuest Carol = new(new AccountId(3), EmailAddress.Parse("carol@example.org"));
    private static readonly MessageFlags Seen = new(SystemFlags.Seen);

    private readonly TestMailbox _mailbox = new(Limits.Default with { FolderGrants = 4, SeenRanges = 20 });

    public GuestMailboxTests() => Assert.Null(_mailbox.Store.CreateFolder(Team, FolderRole.None));

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void Each_reader_has_its_own_Seen_and_the_owner_too()
    {
        Grant(Bob, "lrs");
        Grant(Carol, "lrs");
        for (var i = 0; i < 3; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"), "Team");
        Store(Bob, [1, 2], FlagOperation.Add, Seen);
        Store(Carol, [3], FlagOperation.Replace, Seen);
        _mailbox.Store.Store(_mailbox.Id("Team"), [2], FlagOperation.Add, Seen);
        Assert.Equal([1u, 2u], SeenBy(Bob));
        Assert.Equal([3u], SeenBy(Carol));
        Assert.Equal([2u], _mailbox.Fetch("Team").Where(static r => r.Flags.System == SystemFlags.Seen).Select(static r => r.Uid.Value));
        var status = _mailbox.Store.Status(Team).Value;
        Assert.Equal((2, 1, 2), (status.Unseen, As(Bob).Show(status).Unseen, As(Carol).Show(status).Unseen));
        Store(Bob, [1], FlagOperation.Remove, Seen);
        Assert.Equal([2u], SeenBy(Bob));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_seen_and_the_rights_survive_a_lost_index_and_a_renamed_folder(bool isLost)
    {
        Grant(Bob, "lrs");
        for (var i = 0; i < 3; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"), "Team");
        Store(Bob, [1, 3], FlagOperation.Add, Seen);
        _mailbox.Store.Flush();
        Assert.False(_mailbox.Store.RenameFolder(Team, FolderName.Parse("Crew")).IsRefused);
        if (isLost) _mailbox.LoseIndex();
        else _mailbox.Close();
        Assert.Equal(FolderRights.Lookup | FolderRights.Read | FolderRights.Seen, _mailbox.Store.Grants.RightsOf(FolderName.Parse("Crew"), Bob));
        Assert.Equal([1u, 3u], SeenBy(Bob, "Crew"));
    }

    [Fact]
    public void A_crash_after_the_flush_loses_nothing_that_was_seen()
    {
        Grant(Bob, "lrs");
        _mailbox.Deliver(TestMailbox.Text("a"), "Team");
        Store(Bob, [1], FlagOperation.Add, Seen);
        Assert.True(_mailbox.Store.HasUnflushedChanges);
        _mailbox.Store.Flush();
        using var copy = _mailbox.OpenAt(_mailbox.Snapshot());
        var id = copy.Folders().All.Single(static f => f.Name == Team).Id;
        Assert.True(copy.As(Bob).SeenIn(id).Contains(1));
    }

    [Fact]
    public void Rights_and_what_was_seen_end_with_the_folder_and_are_part_of_a_backup()
    {
        Grant(Bob, "lrs");
        _mailbox.Deliver(TestMailbox.Text("a"), "Team");
        Store(Bob, [1], FlagOperation.Add, Seen);
        var copy = Path.Combine(_mailbox.Root, "backup");
        _mailbox.Store.Copy(copy, new HashSet<string>());
        Assert.Equal(Bob, Assert.Single(GrantFile.Load(Path.Combine(copy, "Team"))).Guest);
        Assert.True(SeenFile.Load(Path.Combine(copy, "Team"))[Bob.Id].Contains(1));
        Assert.False(_mailbox.Store.DeleteFolder(Team).IsRefused);
        Assert.False(System.IO.Directory.Exists(Path.Combine(_mailbox.Home, "Team")));
        Assert.Null(_mailbox.Store.CreateFolder(Team, FolderRole.None));
        Assert.Empty(_mailbox.Store.Grants.Find(Team)!);
        Assert.Empty(SeenBy(Bob));
    }

    [Fact]
    public void A_new_folder_has_the_rights_of_the_one_above()
    {
        Grant(Bob, "lrs");
        Assert.Null(_mailbox.Store.CreateFolder(FolderName.Parse("Team/Late/Deep"), FolderRole.None));
        Assert.Null(_mailbox.Store.CreateFolder(FolderName.Parse("Other"), FolderRole.None));
        Assert.Equal(["Team", "Team/Late", "Team/Late/Deep"], As(Bob).Folders().All.Select(static f => f.Name.Value));
    }

    [Theory]
    [InlineData("Other Users", false)]
    [InlineData("Other Users/bob@example.org/INBOX", false)]
    [InlineData("Shared Folders/Work", false)]
    [InlineData("Other Users of mine", true)]
    [InlineData("Team/Other Users/a@example.org/b", true)]
    public void No_folder_is_created_where_it_would_be_hidden_by_those_of_others(string name, bool isPossible)
    {
        var folder = FolderName.Parse(name);
        Assert.Equal(isPossible ? (MailboxRefusal?)null : MailboxRefusal.NotPossible, _mailbox.Store.CreateFolder(folder, FolderRole.None));
        if (!isPossible) Assert.Equal(MailboxRefusal.NotPossible, _mailbox.Store.RenameFolder(Team, folder).Refusal);
    }

    [Fact]
    public void A_damaged_file_grants_nothing()
    {
        Grant(Bob, "lr");
        var path = Path.Combine(_mailbox.Home, "Team", GrantFile.FileName);
        _mailbox.Close();
        File.WriteAllText(path, File.ReadAllText(path).Replace("lr ", "lrswipkxtea ", StringComparison.Ordinal));
        Assert.Equal(FolderRights.None, _mailbox.Store.Grants.RightsOf(Team, Bob));
        Grant(Carol, "l");
        Assert.Equal(Carol, Assert.Single(_mailbox.Store.Grants.Find(Team)!).Guest);
    }

    [Fact]
    public void Only_permitted_flags_change()
    {
        _mailbox.Deliver(TestMailbox.Text("a"), "Team", new MessageFlags(SystemFlags.Flagged | SystemFlags.Deleted | SystemFlags.Seen, KeywordSet.Of(["work"])));
        var all = new MessageFlags(SystemFlags.Answered | SystemFlags.Deleted | SystemFlags.Seen, KeywordSet.Of(["new"]));
        // What each right allows of a STORE of all flags in place of those before.
        foreach (var (rights, expected) in new[]
        {
            ("lrw", new MessageFlags(SystemFlags.Answered | SystemFlags.Deleted | SystemFlags.Seen, KeywordSet.Of(["new"]))), ("lrt", new MessageFlags(SystemFlags.Answered | SystemFlags.Deleted | SystemFlags.Seen, KeywordSet.Of(["new"]))),
        })
        {
            Grant(Bob, rights);
            Store(Bob, [1], FlagOperation.Replace, all);
            Assert.Equal(expected, _mailbox.Flags(1, "Team"));
        }

        Store(Bob, [1], FlagOperation.Replace, MessageFlags.None);
        Assert.Equal(new MessageFlags(SystemFlags.Answered | SystemFlags.Seen, KeywordSet.Of(["new"])), _mailbox.Flags(1, "Team"));
        Assert.Equal(MailboxRefusal.NoPermission, As(Bob).Store(_mailbox.Id("Team"), [1], FlagOperation.Remove, Seen).Refusal);
        Assert.Empty(SeenBy(Bob));
    }

    [Fact]
    public void Changes_of_a_reader_raise_the_mod_sequence_of_the_message_once()
    {
        Grant(Bob, "lrsw");
        _mailbox.Deliver(TestMailbox.Text("a"), "Team");
        var id = _mailbox.Id("Team");
        var before = _mailbox.Look("Team").HighestModSeq;
        var first = As(Bob).Store(id, [1], FlagOperation.Add, Seen).Value;
        Assert.Equal((before.Value + 1, 1u), (first.Change.HighestModSeq.Value, Assert.Single(first.Quiet)));
        Assert.Equal([new Uid(1)], _mailbox.Store.ListChanges(id, before, UidSet.All).Value.Changed);
        Assert.Equal(first.Change.HighestModSeq, As(Bob).Store(id, [1], FlagOperation.Add, Seen).Value.Change.HighestModSeq);
        var both = As(Bob).Store(id, [1], FlagOperation.Replace, new MessageFlags(SystemFlags.Flagged)).Value;
        Assert.Equal((before.Value + 2, 0), (both.Change.HighestModSeq.Value, both.Quiet.Count));
        Assert.Single(As(Bob).Store(id, [1], FlagOperation.Add, Seen, before).Value.Modified);
    }

    [Fact]
    public void Searches_compare_the_readers_Seen()
    {
        Grant(Bob, "lrs");
        for (var i = 0; i < 3; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"), "Team", i == 0 ? new MessageFlags(SystemFlags.Seen | SystemFlags.Flagged) : null);
        Store(Bob, [1, 2], FlagOperation.Add, Seen);
        Assert.Equal([1u, 2u], Search(new SearchCriteria.HasFlags(SystemFlags.Seen)));
        Assert.Equal([3u], Search(new SearchCriteria.Not(new SearchCriteria.HasFlags(SystemFlags.Seen))));
        Assert.Equal([1u], Search(new SearchCriteria.HasFlags(SystemFlags.Seen | SystemFlags.Flagged)));
        Assert.Equal([1u, 3u], Search(new SearchCriteria.Or(new SearchCriteria.HasFlags(SystemFlags.Flagged), new SearchCriteria.And([new SearchCriteria.Not(new SearchCriteria.HasFlags(SystemFlags.Seen))]))));
    }

    [Fact]
    public void Their_number_is_limited()
    {
        for (var i = 0; i < 4; i++) Assert.False(_mailbox.Store.Grants.Set(Team, new MailboxGuest(new AccountId(10 + i), EmailAddress.Parse($"u{i}@example.org")), FlagOperation.Replace, FolderRights.All).IsRefused);
        Assert.Equal(MailboxRefusal.LimitReached, _mailbox.Store.Grants.Set(Team, Bob, FlagOperation.Add, FolderRights.Lookup).Refusal);
        Assert.False(_mailbox.Store.Grants.Set(Team, new MailboxGuest(new AccountId(10), EmailAddress.Parse("u0@example.org")), FlagOperation.Remove, FolderRights.All).IsRefused);
        Grant(Bob, "lrs");
        for (var i = 0; i < 60; i++) _mailbox.Deliver(TestMailbox.Text($"{i}"), "Team");
        var refused = 0;
        for (uint uid = 1; uid <= 60; uid += 2)
            if (As(Bob).Store(_mailbox.Id("Team"), [uid], FlagOperation.Add, Seen).IsRefused) refused++;
        Assert.Equal(10, refused);
        // Gaps are closed again.
        Store(Bob, [.. Enumerable.Range(1, 60).Select(static n => (uint)n)], FlagOperation.Add, Seen);
        Assert.Equal(60, SeenBy(Bob).Length);
    }

    [Fact]
    public void An_account_without_the_right_to_read_is_forgotten()
    {
        Grant(Bob, "lrs");
        _mailbox.Deliver(TestMailbox.Text("a"), "Team");
        Store(Bob, [1], FlagOperation.Add, Seen);
        Grant(Bob, "l");
        Assert.Empty(SeenBy(Bob));
    }

    [Fact]
    public void Messages_are_exported_as_they_are_and_removed_on_request()
    {
        var date = new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.FromHours(2));
        _mailbox.Deliver(TestMailbox.Text("a", "first\r\n"), "Team", new MessageFlags(SystemFlags.Flagged), date);
        _mailbox.Deliver(TestMailbox.Text("b"), "Team");
        var exported = _mailbox.Store.Export(_mailbox.Id("Team"), [1, 2, 3]).Value;
        Assert.Equal([1u, 2u], exported.Uids.Select(static u => u.Value));
        Assert.Equal((date, SystemFlags.Flagged), (exported.Messages[0].InternalDate, exported.Messages[0].Flags.System));
        Assert.False(_mailbox.Store.AppendAll(FolderName.Inbox, exported.Messages).IsRefused);
        Assert.Equal(_mailbox.Body(1, "Team"), _mailbox.Body(1));
        Assert.Equal(2, exported.Messages.Select(static m => m.Message.Id).Distinct().Count());
        Assert.Equal([2u], _mailbox.Store.Remove(_mailbox.Id("Team"), UidSet.OfUids([1])).Value.Uids.Span.ToArray());
    }

    private GuestMailbox As(MailboxGuest guest) => _mailbox.Store.As(guest);

    private void Grant(MailboxGuest guest, string rights)
    {
        Assert.True(FolderRightsText.TryParse(rights, out var parsed));
        Assert.False(_mailbox.Store.Grants.Set(Team, guest, FlagOperation.Replace, parsed).IsRefused);
    }

    private void Store(MailboxGuest guest, uint[] uids, FlagOperation operation, MessageFlags flags) => Assert.False(As(guest).Store(_mailbox.Id("Team"), uids, operation, flags).IsRefused);

    private uint[] SeenBy(MailboxGuest guest, string folder = "Team")
    {
        var id = _mailbox.Id(folder);
        return [.. As(guest).Show(id, _mailbox.Fetch(folder)).Where(static r => r.Flags.System.HasFlag(SystemFlags.Seen)).Select(static r => r.Uid.Value)];
    }

    private uint[] Search(SearchCriteria criteria)
    {
        var id = _mailbox.Id("Team");
        var search = _mailbox.Store.Search(id, As(Bob).Translate(id, criteria)).Value;
        while (!search.Step(100))
        {
        }

        return [.. search.Found.Select(static u => u.Value)];
    }
}
