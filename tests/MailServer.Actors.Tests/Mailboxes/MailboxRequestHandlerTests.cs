using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>Every kind of request, each with a sample; a new kind gets a row here.</summary>
public sealed class MailboxRequestHandlerTests : IDisposable
{
    private readonly MailboxParts _parts = new();

    private static readonly uint[] First = [1];

    /// <summary>A request of each kind for a mailbox whose INBOX has one message, and its reply.</summary>
    private static readonly (Type Reply, Func<FolderId, string, MailboxRequest> Make)[] Samples =
    [
        (typeof(MailboxReply.Folders), static (_, _) => new MailboxRequest.ListFolders()),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.CreateFolder(FolderName.Parse("New"))),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.DeleteFolder(FolderName.Parse("Sent"))),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.RenameFolder(FolderName.Parse("Sent"), FolderName.Parse("Gone"))),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.Subscribe(FolderName.Parse("Sent"), Subscribed: true)),
        (typeof(MailboxReply.Status), static (_, _) => new MailboxRequest.GetStatus(FolderName.Inbox)),
        (typeof(MailboxReply.Quota), static (_, _) => new MailboxRequest.GetQuota(FolderName.Inbox)),
        (typeof(MailboxReply.Selected), static (_, _) => new MailboxRequest.Select(FolderName.Inbox, ReadOnly: true)),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.Unselect()),
        (typeof(MailboxReply.Watched), static (_, _) => new MailboxRequest.Watch(true)),
        (typeof(MailboxReply.Annotations), static (_, _) => new MailboxRequest.GetAnnotations(FolderName.Inbox, ["/private/comment"], AnnotationDepth.Itself)),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.SetAnnotations(FolderName.Inbox, [new Annotation("/private/comment", "x"u8.ToArray())])),
        (typeof(MailboxReply.UrlSigned), static (_, _) => new MailboxRequest.SignUrl(FolderName.Inbox, "imap://a")),
        (typeof(MailboxReply.Refused), static (_, _) => new MailboxRequest.VerifyUrl(FolderName.Inbox, "imap://a", "00", null)),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.ResetUrlKeys(null)),
        (typeof(MailboxReply.Done), static (inbox, _) => new MailboxRequest.Poll(inbox)),
        (typeof(MailboxReply.Fetched), static (inbox, _) => new MailboxRequest.Fetch(inbox, First, new FetchItems(), MarkSeen: true)),
        (typeof(MailboxReply.Stored), static (inbox, _) => new MailboxRequest.Store(inbox, First, FlagOperation.Add, new MessageFlags(SystemFlags.Deleted))),
        (typeof(MailboxReply.StoredInPart), static (inbox, _) => new MailboxRequest.StoreUnchanged(inbox, First, FlagOperation.Add, new MessageFlags(SystemFlags.Deleted), default)),
        (typeof(MailboxReply.Changes), static (inbox, _) => new MailboxRequest.ListChanges(inbox, default, UidSet.All)),
        (typeof(MailboxReply.HighestModSeq), static (inbox, _) => new MailboxRequest.GetHighestModSeq(inbox, UidSet.All)),
        (typeof(MailboxReply.Copied), static (inbox, _) => new MailboxRequest.Copy(inbox, First, FolderName.Parse("Sent"), Move: false)),
        (typeof(MailboxReply.Expunged), static (inbox, _) => new MailboxRequest.Expunge(inbox, null)),
        (typeof(MailboxReply.SearchResult), static (inbox, _) => new MailboxRequest.Search(inbox, new SearchCriteria.All())),
        (typeof(MailboxReply.SearchResult), static (inbox, _) => new MailboxRequest.Sort(inbox, new SearchCriteria.All(), [new SortCriterion(SortKey.Date, Reverse: true)])),
        (typeof(MailboxReply.Threads), static (inbox, _) => new MailboxRequest.Thread(inbox, new SearchCriteria.All(), ThreadAlgorithm.References)),
        (typeof(MailboxReply.AppendedAll), static (_, _) => new MailboxRequest.AppendAll(FolderName.Inbox, [])),
        (typeof(MailboxReply.Refused), static (inbox, _) => new MailboxRequest.Replace(inbox, new Uid(99), FolderName.Inbox, NotSpooled)),
        (typeof(MailboxReply.Rights), static (_, _) => new MailboxRequest.GetRights(FolderName.Inbox)),
        (typeof(MailboxReply.Grants), static (_, _) => new MailboxRequest.GetGrants(FolderName.Inbox)),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.SetGrant(FolderName.Inbox, null, FlagOperation.Add, FolderRights.Lookup)),
        (typeof(MailboxReply.Exported), static (inbox, _) => new MailboxRequest.Export(inbox, First, ForMove: false)),
        (typeof(MailboxReply.Expunged), static (inbox, _) => new MailboxRequest.RemoveMessages(inbox, UidSet.All)),
        (typeof(MailboxReply.CheckResult), static (_, _) => new MailboxRequest.Check(Repair: false)),
        (typeof(MailboxReply.Scripts), static (_, _) => new MailboxRequest.ListScripts()),
        (typeof(MailboxReply.Refused), static (_, _) => new MailboxRequest.ReadScript("missing")),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.PutScript("new", "keep;"u8.ToArray())),
        (typeof(MailboxReply.Refused), static (_, _) => new MailboxRequest.DeleteScript("missing")),
        (typeof(MailboxReply.Refused), static (_, _) => new MailboxRequest.RenameScript("missing", "other")),
        (typeof(MailboxReply.Done), static (_, _) => new MailboxRequest.ActivateScript(null)),
        (typeof(MailboxReply.ScriptTested), static (_, _) => new MailboxRequest.TestScript(null, "\r\nx\r\n"u8.ToArray(), "", "ann@example.org")),
        (typeof(MailboxReply.ScriptRan), static (inbox, _) => new MailboxRequest.RunScript(inbox, First, null, "keep;"u8.ToArray(), "ann@example.org")),
        (typeof(MailboxReply.CopyMade), static (_, folder) => new MailboxRequest.MakeCopy(folder, new HashSet<string>())),
    ];

    private static NewMessage NotSpooled => new(MessageFlags.None, null, new SpooledMessage(new SpoolId("none"), 1, new MessageSummary { Envelope = default, BodyStructure = default, Headers = default, Parts = default, SentDate = null }, default));

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Samples.Length)];

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void Every_kind_of_request_has_a_sample()
    {
        // New messages are staged, not handled at once.
        var kinds = typeof(MailboxRequest).GetNestedTypes().Where(static type => type.IsSubclassOf(typeof(MailboxRequest))).Except([typeof(MailboxRequest.Append), typeof(MailboxRequest.Deliver)]);
        Assert.Equal(kinds.Select(static k => k.Name).Order(StringComparer.Ordinal), Samples.Select(static s => s.Make(default, "").GetType().Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_request_gets_its_reply_and_no_second_one(int row)
    {
        _parts.Mailbox.Open(null);
        _parts.Stage("first");
        _parts.Staged.Commit();
        var session = new MailboxParts.RecordingActor("session");
        var inbox = _parts.Select(session).Id;
        var received = _parts.Request(Samples[row].Make(inbox, _parts["copy"]), session);
        Assert.IsType(Samples[row].Reply, Assert.Single(received.OfType<MailboxReply>()));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_mailbox_that_is_not_open_refuses_the_request(int row)
    {
        var request = Samples[row].Make(default, _parts["copy"]);
        var reply = Assert.Single(_parts.Request(request));
        // Unselecting needs no store.
        if (request is MailboxRequest.Unselect) Assert.IsType<MailboxReply.Done>(reply);
        else Assert.Equal(MailboxRefusal.Unavailable, Assert.IsType<MailboxReply.Refused>(reply).Reason);
    }

    [Fact]
    public void A_replaced_message_is_announced_to_the_others_after_the_new_one()
    {
        _parts.Mailbox.Open(null);
        _parts.Stage("first");
        _parts.Staged.Commit();
        var (client, other) = (new MailboxParts.RecordingActor("client"), new MailboxParts.RecordingActor("other"));
        var inbox = _parts.Select(client).Id;
        _parts.Select(other);
        var before = other.Received.Count;
        var received = _parts.Request(new MailboxRequest.Replace(inbox, new Uid(1), FolderName.Inbox, new NewMessage(MessageFlags.None, null, _parts.Spooled("second"))), client);
        Assert.Equal([2u], Assert.Single(received.OfType<MailboxReply.Replaced>()).Change.Uids.Span.ToArray());
        Assert.Equal(["1,2", "2"], other.Received.Skip(before).OfType<MailboxChanged>().Select(static c => string.Join(',', c.Uids.Span.ToArray())));
    }

    [Fact]
    public void A_search_that_was_refused_is_not_continued()
    {
        _parts.Mailbox.Open(null);
        for (var i = 0; i < 45; i++) _parts.Stage($"text {i}");
        _parts.Staged.Commit();
        var inbox = _parts.Select(new MailboxParts.RecordingActor("session")).Id;
        var client = new MailboxParts.RecordingActor("client");
        Assert.Empty(_parts.Request(new MailboxRequest.Search(inbox, new SearchCriteria.Body("absent")), client));
        Assert.Equal(1, _parts.Searches.Count);
        _parts.Searches.Refuse();
        _parts.Searches.Continue();
        Assert.Equal(MailboxRefusal.Unavailable, Assert.IsType<MailboxReply.Refused>(Assert.Single(client.Received)).Reason);
    }
}
