using MailServer.Domain.Mailboxes;
using MailServer.Storage.Maildir;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Sqlite;
using static MailServer.Storage.Tests.TestMailbox;

namespace MailServer.Storage.Tests.MailboxIndex;

/// <summary>After a power cut the index and the file names can be from different times. The newer one counts (docs/durability.md).</summary>
public sealed class MailboxDurabilityTests : IDisposable
{
    private static readonly MessageFlags[] History =
    [
        MessageFlags.None,
        new(SystemFlags.Seen),
        new(SystemFlags.Seen | SystemFlags.Flagged, KeywordSet.Of("work")),
        new(SystemFlags.Flagged, KeywordSet.Of("work", "$Junk")),
        new(SystemFlags.Answered, KeywordSet.Of("$Forwarded")),
        new(SystemFlags.Draft | SystemFlags.Deleted),
    ];

    private readonly TestMailbox _mailbox = new();

    /// <summary>The flags in the index and the file names: names lag by at most the one change that is pending in the index.</summary>
    public static TheoryData<int, bool, int> Moments
    {
        get
        {
            var moments = new TheoryData<int, bool, int>();
            for (var index = 0; index < History.Length; index++)
            {
                for (var names = Math.Max(0, index - 1); names < History.Length; names++)
                {
                    if (index > 0) moments.Add(index, true, names);
                    if (names >= index) moments.Add(index, false, names);
                }
            }

            return moments;
        }
    }

    public void Dispose() => _mailbox.Dispose();

    [Theory]
    [MemberData(nameof(Moments))]
    public void The_newer_of_index_and_file_names_decides_the_flags(int index, bool isPending, int names)
    {
        _mailbox.Deliver(Text("x"));
        string? ofIndex = null, ofNames = null;
        for (var i = 0; i < History.Length; i++)
        {
            if (i > 0) _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Replace, History[i]);
            if (i == index && isPending) ofIndex = _mailbox.Snapshot();
            _mailbox.Store.Flush();
            if (i == index && !isPending) ofIndex = _mailbox.Snapshot();
            if (i == names) ofNames = _mailbox.Snapshot();
        }

        for (var round = 0; round < 2; round++)
        {
            using var after = _mailbox.OpenAt(round == 0 ? Combine(ofIndex!, ofNames!) : ofNames!);
            var folder = after.Select(FolderName.Inbox, readOnly: true).Value.Folder;
            Assert.Equal(History[Math.Max(index, names)], FlagsOf(after, folder, 1));
            after.Flush();
        }

        Assert.Equal(History[Math.Max(index, names)], Letters(ofNames!));
    }

    [Fact]
    public void Keywords_without_a_letter_survive_in_the_index()
    {
        var keywords = new MessageFlags(SystemFlags.Seen, KeywordSet.Of([.. Enumerable.Range(0, 30).Select(i => $"k{i}")]));
        _mailbox.Deliver(Text("x"));
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, keywords);
        var pending = _mailbox.Snapshot();
        _mailbox.Store.Flush();
        foreach (var home in new[] { pending, Combine(pending, _mailbox.Snapshot()), _mailbox.Snapshot() })
        {
            using var after = _mailbox.OpenAt(home);
            Assert.Equal(keywords, FlagsOf(after, after.Select(FolderName.Inbox, readOnly: true).Value.Folder, 1));
        }
    }

    [Fact]
    public void Flags_set_later_by_another_tool_win_over_an_older_index()
    {
        _mailbox.Deliver(Text("x"));
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Seen));
        var home = _mailbox.Snapshot();
        var file = System.IO.Directory.GetFiles(Path.Combine(home, "INBOX", "cur")).Single();
        File.Move(file, file + "FT");
        using var after = _mailbox.OpenAt(home);
        Assert.Equal(SystemFlags.Flagged | SystemFlags.Deleted, FlagsOf(after, after.Select(FolderName.Inbox, readOnly: true).Value.Folder, 1).System);
    }

    [Fact]
    public void File_names_are_updated_only_after_the_index_is_durable()
    {
        _mailbox.Deliver(Text("x"));
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Seen));
        var passed = new List<(string Point, bool Unsecured, string Name)>();
        _mailbox.Passing = point => passed.Add((point, _mailbox.Store.HasUnflushedChanges, _mailbox.Files().Single()));
        Assert.True(_mailbox.Store.HasUnflushedChanges);
        _mailbox.Store.Flush();
        _mailbox.Passing = null;
        Assert.Equal(["flush: secured", "flush: names durable"], passed.Select(p => p.Point));
        Assert.All(passed, p => Assert.False(p.Unsecured));
        Assert.Equal([false, true], passed.Select(p => p.Name.EndsWith(":2,S", StringComparison.Ordinal)));
        Assert.False(_mailbox.Store.HasUnflushedChanges);
    }

    /// <summary>What each request leaves for <see cref="MailboxStore.Flush"/>, so that the owner can tell when to call it.</summary>
    [Theory]
    [InlineData("STORE", true)]
    [InlineData("FETCH that sets \\Seen", true)]
    [InlineData("EXPUNGE", true)]
    [InlineData("COPY", true)]
    [InlineData("MOVE", true)]
    [InlineData("APPEND with a date", true)]
    [InlineData("APPEND with keywords", true)]
    [InlineData("delivery", false)]
    [InlineData("FETCH", false)]
    [InlineData("SELECT", false)]
    public void Changes_that_are_not_yet_durable_are_tracked(string request, bool isUnsecured)
    {
        _mailbox.Deliver(Text("x"), flags: new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Flush();
        Assert.False(_mailbox.Store.HasUnflushedChanges);
        Perform(request);
        Assert.Equal(isUnsecured, _mailbox.Store.HasUnflushedChanges);
        _mailbox.Store.FlushIndex();
        Assert.False(_mailbox.Store.HasUnflushedChanges);
    }

    [Fact]
    public void A_long_request_does_not_delay_the_flush_of_earlier_changes()
    {
        for (var i = 0; i < 501; i++) _mailbox.Deliver(Text("x"));
        _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Seen));
        var uids = _mailbox.Fetch().Select(r => r.Uid.Value).ToArray();
        Assert.False(_mailbox.Store.HasUnflushedChanges);
        _mailbox.Store.Store(_mailbox.Inbox, uids, FlagOperation.Add, new MessageFlags(SystemFlags.Deleted));
        Assert.True(_mailbox.Store.HasUnflushedChanges);
    }

    [Fact]
    public void After_a_crash_every_message_has_a_newer_mod_sequence_than_any_client_saw()
    {
        for (var i = 0; i < 3; i++) _mailbox.Deliver(Text($"{i}"));
        _mailbox.Store.Flush();
        var lost = _mailbox.Snapshot();
        var told = _mailbox.Store.Store(_mailbox.Inbox, [2], FlagOperation.Add, new MessageFlags(SystemFlags.Seen)).Value.HighestModSeq;
        var reserved = FolderState.Load(Path.Combine(lost, "INBOX"))!;
        Assert.True(told.Value <= reserved.ModSeq);
        for (var cut = 0; cut < 3; cut++)
        {
            using var after = _mailbox.OpenAt(lost);
            var folder = after.Select(FolderName.Inbox, readOnly: true).Value.Folder;
            var rows = after.Fetch(new MailboxRequest.Fetch(folder.Id, folder.Uids.Memory, FetchItems.Flags, false)).Value.Rows;
            Assert.All(rows, r => Assert.True(r.ModSeq > told, $"{r.ModSeq} was told already"));
            Assert.All(rows, r => Assert.True(r.ModSeq <= folder.HighestModSeq));
            told = after.Store(folder.Id, [3], cut % 2 == 0 ? FlagOperation.Add : FlagOperation.Remove, new MessageFlags(SystemFlags.Seen)).Value.HighestModSeq;
            lost = Copy(lost);
        }
    }

    [Fact]
    public void A_removal_missing_from_the_index_is_repeated_with_a_new_mod_sequence()
    {
        _mailbox.Deliver(Text("1"));
        _mailbox.Deliver(Text("2"), flags: new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Flush();
        var before = _mailbox.Snapshot();
        var told = _mailbox.Store.Expunge(_mailbox.Inbox, null).Value.HighestModSeq;
        using var after = _mailbox.OpenAt(Combine(before, _mailbox.Snapshot()));
        var folder = after.Select(FolderName.Inbox, readOnly: true).Value.Folder;
        Assert.Equal([1u], folder.Uids.Span.ToArray());
        Assert.True(folder.HighestModSeq > told);
    }

    [Fact]
    public void An_expunged_message_does_not_return_if_only_the_index_is_durable()
    {
        _mailbox.Deliver(Text("1"));
        _mailbox.Deliver(Text("2"), flags: new MessageFlags(SystemFlags.Deleted));
        _mailbox.Store.Flush();
        var before = _mailbox.Snapshot();
        _mailbox.Store.Expunge(_mailbox.Inbox, null);
        var home = Combine(_mailbox.Snapshot(), before);
        for (var round = 0; round < 2; round++)
        {
            using var after = _mailbox.OpenAt(home);
            Assert.Equal([1u], after.Select(FolderName.Inbox, readOnly: true).Value.Folder.Uids.Span.ToArray());
            Assert.Single(System.IO.Directory.GetFiles(Path.Combine(home, "INBOX", "cur")));
        }
    }

    private void Perform(string request)
    {
        var date = DateTimeOffset.UnixEpoch;
        switch (request)
        {
            case "STORE": _mailbox.Store.Store(_mailbox.Inbox, [1], FlagOperation.Add, new MessageFlags(SystemFlags.Seen)); break;
            case "FETCH that sets \\Seen": _mailbox.Store.Fetch(new MailboxRequest.Fetch(_mailbox.Inbox, new uint[] { 1 }, FetchItems.Flags, MarkSeen: true)); break;
            case "EXPUNGE": _mailbox.Store.Expunge(_mailbox.Inbox, null); break;
            case "COPY" or "MOVE": _mailbox.Store.Copy(_mailbox.Inbox, [1], Name("Sent"), move: request == "MOVE"); break;
            case "APPEND with a date": _mailbox.Deliver(Text("y"), date: date); break;
            case "APPEND with keywords": _mailbox.Deliver(Text("y"), flags: new MessageFlags(SystemFlags.None, KeywordSet.Of("k"))); break;
            case "delivery": _mailbox.Deliver(Text("y")); break;
            case "FETCH": _mailbox.Fetch("INBOX", FetchItems.Envelope, 1); break;
            case "SELECT": _mailbox.Store.Select(FolderName.Inbox, readOnly: false); break;
            default: throw new ArgumentException("no such request", nameof(request));
        }
    }

    /// <summary>The file names of one time with the index of another, which was not closed properly. State files are durable before either.</summary>
    private static string Combine(string index, string names)
    {
        var state = Path.Combine("INBOX", FolderState.FileName);
        if (new FileInfo(Path.Combine(index, state)).Length > new FileInfo(Path.Combine(names, state)).Length)
            File.Copy(Path.Combine(index, state), Path.Combine(names, state), overwrite: true);
        foreach (var file in System.IO.Directory.GetFiles(names, "index.db*")) File.Delete(file);
        foreach (var file in System.IO.Directory.GetFiles(index, "index.db*")) File.Copy(file, Path.Combine(names, Path.GetFileName(file)));
        return names;
    }

    private static string Copy(string home)
    {
        var copy = home + "+";
        foreach (var directory in System.IO.Directory.GetDirectories(home, "*", SearchOption.AllDirectories))
            System.IO.Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(home, directory)));
        foreach (var file in System.IO.Directory.GetFiles(home, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(copy, Path.GetRelativePath(home, file)));
        using var database = SqliteDatabase.Open(Path.Combine(copy, "index.db"));
        database.Execute("UPDATE state SET value = 0 WHERE name = 'clean'");
        return copy;
    }

    private static MessageFlags FlagsOf(MailboxStore store, FolderSnapshot folder, uint uid) =>
        store.Fetch(new MailboxRequest.Fetch(folder.Id, new[] { uid }, FetchItems.Flags, MarkSeen: false)).Value.Rows.Single().Flags;

    /// <summary>The flags in the name of the only file.</summary>
    private static MessageFlags Letters(string home)
    {
        var folder = Path.Combine(home, "INBOX");
        var name = Path.GetFileName(System.IO.Directory.GetFiles(Path.Combine(folder, "cur")).Single());
        return FlagLetters.Parse(MessageFileName.Parse(name).InfoFlags, FolderState.Load(folder)!.Keywords, ours: true);
    }
}
