using MailServer.Actors.Mailboxes;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>
/// Every request of another account, with each right missing, on each kind of folder: enumerated from the types of requests and from the table of rights, on a real mailbox.
/// </summary>
public sealed class GuestRulesTests : IDisposable
{
    private static readonly uint[] First = [1];
    private static readonly FolderName Team = FolderName.Parse("Team");
    private static readonly FolderName Target = FolderName.Parse("Target");
    private static readonly FolderName Missing = FolderName.Parse("Missing");
    private static readonly MailboxGuest Bob = new(new AccountId(2), EmailAddress.Parse("bob@example.net"));

    private const FolderRights L = FolderRights.Lookup, R = FolderRights.Read, S = FolderRights.Seen, W = FolderRights.Write, I = FolderRights.Insert, K = FolderRights.Create, X = FolderRights.Delete,
        T = FolderRights.DeleteMessages, E = FolderRights.Expunge, A = FolderRights.Administer;

    private readonly MailboxParts _parts = new();

    /// <summary>A request of each kind that a guest can make on the folder Team (and Target), and the rights that RFC 4314 §4 requires.</summary>
    private static readonly Sample[] Samples =
    [
        new("status", R, 0, (_, n) => new MailboxRequest.GetStatus(n.Folder)),
        new("quota", R, 0, (_, n) => new MailboxRequest.GetQuota(n.Folder)),
        new("select", R, 0, (_, n) => new MailboxRequest.Select(n.Folder, ReadOnly: false)),
        new("examine", R, 0, (_, n) => new MailboxRequest.Select(n.Folder, ReadOnly: true)),
        new("poll", R, 0, (id, _) => new MailboxRequest.Poll(id)),
        new("fetch", R, 0, (id, _) => new MailboxRequest.Fetch(id, First, FetchItems.Content, MarkSeen: true)),
        new("store seen", R | S, 0, (id, _) => new MailboxRequest.Store(id, First, FlagOperation.Add, new MessageFlags(SystemFlags.Seen))),
        new("store flagged", R | W, 0, (id, _) => new MailboxRequest.Store(id, First, FlagOperation.Add, new MessageFlags(SystemFlags.Flagged))),
        new("store keyword", R | W, 0, (id, _) => new MailboxRequest.Store(id, First, FlagOperation.Add, new MessageFlags(SystemFlags.None, KeywordSet.Of(["work"])))),
        new("store deleted", R | T, 0, (id, _) => new MailboxRequest.Store(id, First, FlagOperation.Add, new MessageFlags(SystemFlags.Deleted))),
        new("store unchanged seen", R | S, 0, (id, _) => new MailboxRequest.StoreUnchanged(id, First, FlagOperation.Remove, new MessageFlags(SystemFlags.Seen), new ModSeq(1))),
        new("store unchanged", R | W, 0, (id, _) => new MailboxRequest.StoreUnchanged(id, First, FlagOperation.Add, new MessageFlags(SystemFlags.Draft), new ModSeq(1))),
        new("changes", R, 0, (id, _) => new MailboxRequest.ListChanges(id, default, UidSet.All)),
        new("highest", R, 0, (id, _) => new MailboxRequest.GetHighestModSeq(id, UidSet.All)),
        new("search", R, 0, (id, _) => new MailboxRequest.Search(id, new SearchCriteria.Body("secret"))),
        new("sort", R, 0, (id, _) => new MailboxRequest.Sort(id, new SearchCriteria.All(), [new SortCriterion(SortKey.Date, Reverse: false)])),
        new("thread", R, 0, (id, _) => new MailboxRequest.Thread(id, new SearchCriteria.All(), ThreadAlgorithm.References)),
        new("expunge", R | E, 0, (id, _) => new MailboxRequest.Expunge(id, null)),
        new("copy", R, I, (id, n) => new MailboxRequest.Copy(id, First, n.Target, Move: false)),
        new("move", R | T | E, I, (id, n) => new MailboxRequest.Copy(id, First, n.Target, Move: true)),
        new("export", R, 0, (id, _) => new MailboxRequest.Export(id, First, ForMove: false)),
        new("export to move", R | T | E, 0, (id, _) => new MailboxRequest.Export(id, First, ForMove: true)),
        new("remove", R | T | E, 0, (id, _) => new MailboxRequest.RemoveMessages(id, UidSet.Of((1u, 1u)))),
        new("append", 0, I, (_, n) => new MailboxRequest.Append(n.Target, MessageFlags.None, null, n.Spooled())),
        new("append all", 0, I, (_, n) => new MailboxRequest.AppendAll(n.Target, [new NewMessage(MessageFlags.None, null, n.Spooled())])),
        new("replace", R | T | E, I, (id, n) => new MailboxRequest.Replace(id, new Uid(1), n.Target, new NewMessage(MessageFlags.None, null, n.Spooled()))),
        new("create", K, 0, (_, n) => new MailboxRequest.CreateFolder(FolderName.Parse(n.Folder + "/New"))),
        new("create below", K, 0, (_, n) => new MailboxRequest.CreateFolder(FolderName.Parse(n.Folder + "/New/Deep"))),
        new("delete", X, 0, (_, n) => new MailboxRequest.DeleteFolder(n.Folder)),
        new("rename", X, K, (_, n) => new MailboxRequest.RenameFolder(n.Folder, FolderName.Parse(n.Target + "/Moved"))),
        new("annotations", R, 0, (_, n) => new MailboxRequest.GetAnnotations(n.Folder, ["/shared/comment"], AnnotationDepth.Itself)),
        new("annotate", R | W, 0, (_, n) => new MailboxRequest.SetAnnotations(n.Folder, [new Annotation("/shared/comment", "x"u8.ToArray())])),
        new("grants", A, 0, (_, n) => new MailboxRequest.GetGrants(n.Folder)),
        new("grant", A, 0, (_, n) => new MailboxRequest.SetGrant(n.Folder, null, FlagOperation.Add, L)),
    ];

    /// <summary>What only the owner can ask, even of guests with all rights to all folders.</summary>
    private static readonly Func<MailboxRequest>[] OwnersAlone =
    [
        static () => new MailboxRequest.Subscribe(Team, Subscribed: true), static () => new MailboxRequest.Watch(true), static () => new MailboxRequest.Check(Repair: false), static () => new MailboxRequest.MakeCopy("/", new HashSet<string>()),
        static () => new MailboxRequest.ListScripts(), static () => new MailboxRequest.ReadScript("main"), static () => new MailboxRequest.PutScript("main", default), static () => new MailboxRequest.DeleteScript("main"),
        static () => new MailboxRequest.RenameScript("main", "other"), static () => new MailboxRequest.ActivateScript(null), static () => new MailboxRequest.TestScript(null, default, "", ""),
        static () => new MailboxRequest.Deliver(Team, null!), static () => new MailboxRequest.GetQuota(), static () => new MailboxRequest.GetAnnotations(null, ["/private"], AnnotationDepth.All),
        static () => new MailboxRequest.RunScript(default, default, null, default, ""), static () => new MailboxRequest.SignUrl(Team, "imap://x"), static () => new MailboxRequest.VerifyUrl(Team, "imap://x", "00", null), static () => new MailboxRequest.ResetUrlKeys(Team),
        static () => new MailboxRequest.SetAnnotations(null, [new Annotation("/shared/x", null)]), static () => new MailboxRequest.SetAnnotations(Team, [new Annotation("/private/comment", null)]),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Samples.Length)];

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void Every_kind_of_request_is_decided()
    {
        var decided = Samples.Select(s => s.Make(default, new Names(Team, Target, () => null!))).Concat(OwnersAlone.Select(static make => make())).Select(static r => r.GetType())
            // Asked with any right, or with none.
            .Concat([typeof(MailboxRequest.GetRights), typeof(MailboxRequest.ListFolders), typeof(MailboxRequest.Unselect)]).ToHashSet();
        Assert.Equal(typeof(MailboxRequest).GetNestedTypes().Where(static t => t.IsSubclassOf(typeof(MailboxRequest))).Select(static t => t.Name).Order(StringComparer.Ordinal), decided.Select(static t => t.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void With_the_needed_rights_alone_a_request_is_performed(int row)
    {
        var sample = Samples[row];
        var id = Prepare(sample.Needs, sample.OfTarget);
        var reply = Ask(sample.Make(id, Named));
        Assert.IsNotType<MailboxReply.Refused>(reply);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Without_one_of_the_needed_rights_a_request_is_refused_and_changes_nothing(int row)
    {
        var sample = Samples[row];
        foreach (var right in Enum.GetValues<FolderRights>().Where(static r => r is not (FolderRights.None or FolderRights.All)))
        {
            if (sample.Needs.HasFlag(right)) Refused(sample, FolderRights.All & ~right, FolderRights.All);
            if (sample.OfTarget.HasFlag(right)) Refused(sample, FolderRights.All, FolderRights.All & ~right);
        }

        void Refused(Sample refused, FolderRights rights, FolderRights ofTarget)
        {
            using var parts = new MailboxParts();
            var id = Prepare(parts, rights, ofTarget);
            var before = State(parts);
            var reply = Assert.IsType<MailboxReply.Refused>(Ask(parts, refused.Make(id, NamedIn(parts))));
            // Without the right to read, a folder that was selected is gone.
            var isGone = refused.UsesId && !rights.HasFlag(R);
            Assert.Equal(isGone ? MailboxRefusal.NoSuchFolder : MailboxRefusal.NoPermission, reply.Reason);
            Assert.Equal(before, State(parts));
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_folder_that_is_not_visible_answers_like_a_missing_one(int row)
    {
        var sample = Samples[row];
        var id = Prepare(FolderRights.None, FolderRights.None);
        // Every right that is of no use for this request, and not the one to see it.
        SetRights(Team, FolderRights.All & ~(sample.Needs | L | R));
        SetRights(Target, FolderRights.All & ~(sample.OfTarget | L | K));
        var before = State(_parts);
        var hidden = Assert.IsType<MailboxReply.Refused>(Ask(sample.Make(id, Named)));
        Assert.Equal(before, State(_parts));
        var missing = Assert.IsType<MailboxReply.Refused>(Ask(sample.Make(new FolderId(999), new Names(Missing, FolderName.Parse("Missing target"), () => _parts.Spooled("x")))));
        Assert.Equal(missing.Reason, hidden.Reason);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Rights_of_another_account_do_not_count(int row)
    {
        var sample = Samples[row];
        MailboxGuest[] others =
        [
            // A removed account whose address another one has now, an account of a mailbox that came from another server, other domains and spellings.
            new(new AccountId(3), Bob.Address), new(Bob.Id, EmailAddress.Parse("carol@example.net")), new(new AccountId(3), EmailAddress.Parse("bob@example.org")), new(new AccountId(4), EmailAddress.Parse("anyone@example.net")),
        ];
        foreach (var other in others)
        {
            using var parts = new MailboxParts();
            var id = Prepare(parts, FolderRights.All, FolderRights.All, other);
            Assert.IsType<MailboxReply.Refused>(Ask(parts, sample.Make(id, NamedIn(parts))));
            Assert.Empty(Assert.IsType<MailboxReply.Folders>(Ask(parts, new MailboxRequest.ListFolders())).All);
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Rights_follow_a_renamed_folder_and_end_with_a_removed_one(int row)
    {
        var sample = Samples[row];
        var id = Prepare(FolderRights.All, FolderRights.All);
        var moved = FolderName.Parse("Elsewhere");
        Assert.IsType<MailboxReply.Done>(_parts.Request(new MailboxRequest.RenameFolder(Team, moved))[^1]);
        if (!sample.UsesId && sample.Needs != FolderRights.None) Assert.IsType<MailboxReply.Refused>(Ask(sample.Make(id, Named)));
        Assert.Equal(FolderRights.All, Assert.IsType<MailboxReply.Rights>(Ask(new MailboxRequest.GetRights(moved))).Mine);
        foreach (var folder in new[] { moved, Target })
        {
            Assert.IsType<MailboxReply.Done>(_parts.Request(new MailboxRequest.DeleteFolder(folder))[0]);
            Assert.IsType<MailboxReply.Done>(_parts.Request(new MailboxRequest.CreateFolder(folder == moved ? Team : Target))[0]);
        }

        Assert.IsType<MailboxReply.Refused>(Ask(sample.Make(id, Named)));
    }

    [Fact]
    public void What_is_the_owners_alone_no_right_allows()
    {
        Prepare(FolderRights.All, FolderRights.All);
        SetRights(FolderName.Inbox, FolderRights.All);
        foreach (var make in OwnersAlone) Assert.Equal((make().ToString(), MailboxRefusal.NoPermission), (make().ToString(), Assert.IsType<MailboxReply.Refused>(Ask(make())).Reason));
    }

    [Fact]
    public void MYRIGHTS_needs_any_of_the_rights_that_show_a_folder()
    {
        Prepare(FolderRights.None, FolderRights.None);
        foreach (var right in Enum.GetValues<FolderRights>().Where(static r => r is not (FolderRights.None or FolderRights.All)))
        {
            SetRights(Team, right);
            var reply = Ask(new MailboxRequest.GetRights(Team));
            if ((right & AccessRules.AnyKnown) != 0) Assert.Equal(right, Assert.IsType<MailboxReply.Rights>(reply).Mine);
            else Assert.Equal(MailboxRefusal.NoSuchFolder, Assert.IsType<MailboxReply.Refused>(reply).Reason);
        }
    }

    [Fact]
    public void Private_annotations_of_the_owner_are_not_shown()
    {
        Prepare(FolderRights.All, FolderRights.All);
        _parts.Request(new MailboxRequest.SetAnnotations(Team, [new Annotation("/private/comment", "mine"u8.ToArray()), new Annotation("/shared/comment", "ours"u8.ToArray())]));
        var found = Assert.IsType<MailboxReply.Annotations>(Ask(new MailboxRequest.GetAnnotations(Team, ["/private", "/shared", "/private/comment"], AnnotationDepth.All)));
        Assert.Equal("/shared/comment", Assert.Single(found.All).Name);
    }

    private Names Named => NamedIn(_parts);

    private static Names NamedIn(MailboxParts parts) => new(Team, Target, () => parts.Spooled("new"));

    private FolderId Prepare(FolderRights rights, FolderRights ofTarget) => Prepare(_parts, rights, ofTarget);

    private static FolderId Prepare(MailboxParts parts, FolderRights rights, FolderRights ofTarget, MailboxGuest? guest = null)
    {
        parts.Mailbox.Open(null);
        foreach (var folder in new[] { Team, Target })
        {
            Assert.IsType<MailboxReply.Done>(parts.Request(new MailboxRequest.CreateFolder(folder))[0]);
            Assert.IsType<MailboxReply.AppendedAll>(parts.Request(new MailboxRequest.AppendAll(folder, [new NewMessage(new MessageFlags(SystemFlags.Deleted), null, parts.Spooled("secret"))]))[^1]);
        }

        SetRights(parts, Team, rights, guest);
        SetRights(parts, Target, ofTarget, guest);
        return Assert.IsType<MailboxReply.Status>(parts.Request(new MailboxRequest.GetStatus(Team))[0]).Folder.Id;
    }

    private void SetRights(FolderName folder, FolderRights rights) => SetRights(_parts, folder, rights);

    private static void SetRights(MailboxParts parts, FolderName folder, FolderRights rights, MailboxGuest? guest = null) =>
        Assert.IsType<MailboxReply.Done>(parts.Request(new MailboxRequest.SetGrant(folder, guest ?? Bob, FlagOperation.Replace, rights))[0]);

    private MailboxReply Ask(MailboxRequest request) => Ask(_parts, request);

    private static MailboxReply Ask(MailboxParts parts, MailboxRequest request)
    {
        var client = new MailboxParts.RecordingActor("guest");
        parts.Requests.Handle(request, new RequestOrigin(client, 0), Bob);
        parts.Searches.Continue();
        var reply = Assert.Single(client.Received.OfType<MailboxReply>());
        if (reply is MailboxReply.Fetched { Rows: var rows })
            foreach (var row in rows) row.Content?.Dispose();
        return reply;
    }

    /// <summary>All that a request could have changed.</summary>
    private static string State(MailboxParts parts)
    {
        var folders = parts.Mailbox.Store.Folders();
        return string.Join('\n', folders.All.Select(f => $"{f.Name} {parts.Mailbox.Store.Status(f.Name).Value} {string.Join(',', parts.Mailbox.Store.Grants.Find(f.Name)!)}")) + string.Join(',', folders.Subscriptions.Select(static n => n.Value).Order(StringComparer.Ordinal));
    }

    private sealed record Names(FolderName Folder, FolderName Target, Func<SpooledMessage> Spooled);

    private sealed record Sample(string Name, FolderRights Needs, FolderRights OfTarget, Func<FolderId, Names, MailboxRequest> Make)
    {
        public bool UsesId => GuestRules.Of(Make(default, new Names(Team, Target, () => null!)))!.Any(static n => n.Id is not null);
    }
}
