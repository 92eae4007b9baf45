using MailServer.Actors.Mailboxes;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Ordering;
using MailServer.Storage.Maildir;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for mailbox requests, replies and notifications.</summary>
internal static class MailboxCodecs
{
    public static IEnumerable<WireCodec> Requests() => [.. FolderRequests(), .. MessageRequests(), .. NewMessageRequests(), .. AnnotationCodecs.Requests(), .. UrlCodecs.Requests(), .. ScriptCodecs.Requests()];

    private static IEnumerable<WireCodec> FolderRequests() =>
    [
        Empty("mailbox.list-1", new MailboxRequest.ListFolders()),
        Empty("mailbox.unselect-1", new MailboxRequest.Unselect()),
        Create<MailboxRequest.CreateFolder>("mailbox.create-1", (w, m) => { w.Folder(m.Name); w.Enum(m.Role); }, r => new(r.Folder(), r.Enum<FolderRole>())),
        Create<MailboxRequest.DeleteFolder>("mailbox.delete-1", (w, m) => w.Folder(m.Name), r => new(r.Folder())),
        Create<MailboxRequest.RenameFolder>("mailbox.rename-1", (w, m) => { w.Folder(m.From); w.Folder(m.To); }, r => new(r.Folder(), r.Folder())),
        Create<MailboxRequest.Subscribe>("mailbox.subscribe-1", (w, m) => { w.Folder(m.Name); w.Bool(m.Subscribed); }, r => new(r.Folder(), r.Bool())),
        Create<MailboxRequest.GetStatus>("mailbox.status-1", (w, m) => { w.Folder(m.Name); w.Bool(m.WithDeletedSize); }, r => new(r.Folder(), r.Bool())),
        Create<MailboxRequest.GetQuota>("mailbox.quota-1", (w, m) => w.MaybeValue(m.Folder, w.Folder), r => new(r.MaybeValue(r.Folder))),
        Create<MailboxRequest.Select>("mailbox.select-1", (w, m) => { w.Folder(m.Name); w.Bool(m.ReadOnly); }, r => new(r.Folder(), r.Bool())),
        Create<MailboxRequest.Watch>("mailbox.watch-1", (w, m) => w.Bool(m.IsOn), r => new(r.Bool())),
        Create<MailboxRequest.Poll>("mailbox.poll-1", (w, m) => w.Long(m.Folder.Value), r => new(new FolderId(r.Long()))),
    ];

    private static IEnumerable<WireCodec> MessageRequests() =>
    [
        Create<MailboxRequest.Fetch>(
            "mailbox.fetch-1",
            (w, m) => { w.Long(m.Folder.Value); w.Numbers(m.Uids.Span); w.Enum(m.Items); w.Bool(m.MarkSeen); },
            r => new(new FolderId(r.Long()), r.Numbers(), r.Enum<FetchItems>(), r.Bool())),
        Create<MailboxRequest.Store>(
            "mailbox.store-1",
            (w, m) => { w.Long(m.Folder.Value); w.Numbers(m.Uids.Span); w.Enum(m.Operation); w.Flags(m.Flags); },
            r => new(new FolderId(r.Long()), r.Numbers(), r.Enum<FlagOperation>(), r.Flags())),
        Create<MailboxRequest.StoreUnchanged>(
            "mailbox.store-unchanged-1",
            (w, m) => { w.Long(m.Folder.Value); w.Numbers(m.Uids.Span); w.Enum(m.Operation); w.Flags(m.Flags); w.Long(m.UnchangedSince.Value); },
            r => new(new FolderId(r.Long()), r.Numbers(), r.Enum<FlagOperation>(), r.Flags(), new ModSeq(r.Long()))),
        Create<MailboxRequest.ListChanges>(
            "mailbox.list-changes-1",
            (w, m) => { w.Long(m.Folder.Value); w.Long(m.Since.Value); w.UidSet(m.Within); },
            r => new(new FolderId(r.Long()), new ModSeq(r.Long()), r.UidSet())),
        Create<MailboxRequest.GetHighestModSeq>(
            "mailbox.highest-modseq-1", (w, m) => { w.Long(m.Folder.Value); w.UidSet(m.Uids); }, r => new(new FolderId(r.Long()), r.UidSet())),
        Create<MailboxRequest.Copy>(
            "mailbox.copy-1",
            (w, m) => { w.Long(m.Folder.Value); w.Numbers(m.Uids.Span); w.Folder(m.Target); w.Bool(m.Move); },
            r => new(new FolderId(r.Long()), r.Numbers(), r.Folder(), r.Bool())),
        Create<MailboxRequest.Expunge>(
            "mailbox.expunge-1", (w, m) => { w.Long(m.Folder.Value); w.Maybe(m.Within, w.UidSet); }, r => new(new FolderId(r.Long()), r.Maybe(r.UidSet))),
        Create<MailboxRequest.Search>(
            "mailbox.search-1", (w, m) => { w.Long(m.Folder.Value); w.Message(m.Criteria); }, r => new(new FolderId(r.Long()), r.Message<SearchCriteria>())),
        Create<MailboxRequest.Sort>(
            "mailbox.sort-1",
            (w, m) => { w.Long(m.Folder.Value); w.Message(m.Criteria); w.List(m.Order, c => { w.Enum(c.Key); w.Bool(c.Reverse); }); },
            r => new(new FolderId(r.Long()), r.Message<SearchCriteria>(), r.List(() => new SortCriterion(r.Enum<SortKey>(), r.Bool())))),
        Create<MailboxRequest.Thread>(
            "mailbox.thread-1",
            (w, m) => { w.Long(m.Folder.Value); w.Message(m.Criteria); w.Enum(m.Algorithm); },
            r => new(new FolderId(r.Long()), r.Message<SearchCriteria>(), r.Enum<ThreadAlgorithm>())),
        Create<MailboxRequest.MakeCopy>(
            "mailbox.make-copy-1", (w, m) => { w.Text(m.Directory); w.List(m.Known, w.Text); }, r => new(r.Text(), r.List(r.Text).ToHashSet(StringComparer.Ordinal))),
        Create<MailboxRequest.Check>("mailbox.check-1", (w, m) => w.Bool(m.Repair), r => new(r.Bool())),
    ];

    private static IEnumerable<WireCodec> NewMessageRequests() =>
    [
        Create<MailboxRequest.Append>(
            "mailbox.append-1",
            (w, m) => { w.Folder(m.Folder); w.Flags(m.Flags); w.MaybeValue(m.InternalDate, w.Time); w.Spooled(m.Message); },
            r => new(r.Folder(), r.Flags(), r.MaybeValue(r.Time), r.Spooled())),
        Create<MailboxRequest.AppendAll>(
            "mailbox.append-all-1",
            (w, m) => { w.Folder(m.Folder); w.List(m.Messages, n => Write(w, n)); },
            r => new(r.Folder(), r.List(() => ReadNew(r)))),
        Create<MailboxRequest.Replace>(
            "mailbox.replace-1",
            (w, m) => { w.Long(m.Folder.Value); w.Number(m.Uid.Value); w.Folder(m.Target); Write(w, m.Message); },
            r => new(new FolderId(r.Long()), new Uid((uint)r.Number()), r.Folder(), ReadNew(r))),
        Create<MailboxRequest.Deliver>("mailbox.deliver-request-1", (w, m) => { w.Folder(m.Folder); w.Spooled(m.Message); }, r => new(r.Folder(), r.Spooled())),
    ];

    // Nodes of versions without scripts send neither recipient nor flag, and ignore both; later ones send no further recipients.
    private static MailboxProtocol.Deliver ReadDelivery(WireReader r)
    {
        var delivery = new MailboxProtocol.Deliver(r.Account(), r.Folder(), r.Spooled());
        if (r.AtEnd) return delivery;
        delivery = delivery with { Recipient = r.Maybe(r.Address), SkipsScripts = r.Bool() };
        return r.AtEnd ? delivery : delivery with { FurtherRecipients = r.List(r.Address) };
    }

    private static MailboxReply.CopyMade ReadCopy(WireReader r)
    {
        var copy = new MailboxCopy(r.List(() => new CopiedMessage(r.Text(), r.Maybe(r.Text), r.Bool())));
        return new MailboxReply.CopyMade(r.AtEnd ? copy : copy with { Warnings = r.List(r.Text) });
    }

    public static IEnumerable<WireCodec> Replies() =>
    [
        .. ScriptCodecs.Replies(),
        .. AnnotationCodecs.Replies(),
        .. UrlCodecs.Replies(),
        Empty("mailbox.done-1", MailboxReply.Done.Instance),
        Create<MailboxReply.Refused>("mailbox.refused-1", (w, m) => w.Enum(m.Reason), r => new(r.Enum<MailboxRefusal>())),
        Create<MailboxReply.Folders>("mailbox.folders-1", Write, ReadFolders),
        Create<MailboxReply.Watched>(
            "mailbox.watched-1", (w, m) => { Write(w, m.Tree); w.List(m.Overview, s => Write(w, s)); }, r => new(ReadFolders(r), r.List(() => ReadStatus(r)))),
        Create<MailboxReply.CheckResult>("mailbox.checked-1", (w, m) => { w.Long(m.Messages); w.List(m.Problems, w.Text); }, r => new(r.Long(), r.List(r.Text))),
        Create<MailboxReply.CopyMade>(
            "mailbox.copy-made-1",
            (w, m) => { w.List(m.Copy.Files, f => { w.Text(f.Path); w.Maybe(f.Key, w.Text); w.Bool(f.IsLinked); }); w.List(m.Copy.Warnings, w.Text); },
            ReadCopy),
        Create<MailboxReply.Quota>(
            "mailbox.quota-is-1", (w, m) => { w.Long(m.Use.Used); w.MaybeValue(m.Use.Limit, w.Long); }, r => new(new QuotaUsage(r.Long(), r.MaybeValue(r.Long)))),
        Create<MailboxReply.Status>("mailbox.status-is-1", (w, m) => Write(w, m.Folder), r => new(ReadStatus(r))),
        Create<MailboxReply.Selected>("mailbox.selected-1", (w, m) => Write(w, m.Folder), r => new(ReadSnapshot(r))),
        Create<MailboxReply.Fetched>("mailbox.fetched-1", (w, m) => { WriteRows(w, m.Rows); WriteDetails(w, m.Rows); }, r => new(ReadDetails(r, ReadRows(r)))),
        Create<MailboxReply.Stored>("mailbox.stored-1", (w, m) => Write(w, m.Change), r => new(ReadChange(r))),
        Create<MailboxReply.StoredInPart>("mailbox.stored-in-part-1", (w, m) => { Write(w, m.Change); w.List(m.Modified, f => Write(w, f)); }, r => new(ReadChange(r), r.List(() => ReadFlags(r)))),
        Create<MailboxReply.HighestModSeq>("mailbox.highest-modseq-is-1", (w, m) => w.Long(m.Value.Value), r => new(new ModSeq(r.Long()))),
        Create<MailboxReply.Changes>("mailbox.changes-1", (w, m) => { w.Uids(m.Changed); w.UidSet(m.Vanished); }, r => new(r.Uids(), r.UidSet())),
        Create<MailboxReply.Copied>(
            "mailbox.copied-1",
            (w, m) => { w.Number(m.TargetValidity.Value); w.Uids(m.Sources); w.Uids(m.Targets); w.Maybe(m.Moved, c => Write(w, c)); },
            r => new(new UidValidity((uint)r.Number()), r.Uids(), r.Uids(), r.Maybe(() => ReadChange(r)))),
        Create<MailboxReply.Expunged>("mailbox.expunged-1", (w, m) => Write(w, m.Change), r => new(ReadChange(r))),
        Create<MailboxReply.SearchResult>("mailbox.found-1", (w, m) => w.Uids(m.Uids), r => new(r.Uids())),
        Create<MailboxReply.PartiallyFetched>(
            "mailbox.fetched-in-part-1",
            (w, m) => { WriteRows(w, m.Rows); w.Uids(m.Unreadable); WriteDetails(w, m.Rows); },
            ReadPart),
        Create<MailboxReply.PartialSearchResult>("mailbox.found-in-part-1", (w, m) => { w.Uids(m.Uids); w.Uids(m.Unreadable); }, r => new(r.Uids(), r.Uids())),
        Create<MailboxReply.Threads>(
            "mailbox.threads-1",
            (w, m) => { w.List(m.Members, t => { w.Number(t.Number); w.Int(t.Depth); }); w.Uids(m.Unreadable); },
            r => new(r.List(() => new ThreadMember((uint)r.Number(), r.Int())), r.Uids())),
        Create<MailboxReply.ContentUnreadable>("mailbox.content-unreadable-1", (w, m) => w.Uids(m.Uids), r => new(r.Uids())),
        Create<MailboxReply.Appended>(
            "mailbox.appended-1", (w, m) => { w.Number(m.Validity.Value); w.Number(m.Uid.Value); }, r => new(new UidValidity((uint)r.Number()), new Uid((uint)r.Number()))),
        Create<MailboxReply.AppendedAll>("mailbox.appended-all-1", (w, m) => { w.Number(m.Validity.Value); w.Uids(m.Uids); }, r => new(new UidValidity((uint)r.Number()), r.Uids())),
        Create<MailboxReply.Replaced>(
            "mailbox.replaced-1",
            (w, m) => { w.Number(m.Validity.Value); w.Number(m.Uid.Value); Write(w, m.Change); },
            r => new(new UidValidity((uint)r.Number()), new Uid((uint)r.Number()), ReadChange(r))),
        Create<MailboxReply.AlreadyAppended>(
            "mailbox.appended-before-1", (w, m) => { w.Number(m.Validity.Value); w.Number(m.Uid.Value); }, r => new(new UidValidity((uint)r.Number()), new Uid((uint)r.Number()))),
    ];

    public static IEnumerable<WireCodec> Protocol() =>
    [
        Create<MailboxChanged>("mailbox.changed-1", Write, ReadChange),
        Create<AccountChanged>(
            "mailbox.account-changed-1",
            (w, m) => { w.Maybe(m.Status, s => Write(w, s)); w.Maybe(m.Folders, f => Write(w, f)); w.Bool(m.IsOwn); w.Maybe(m.Annotations, a => AnnotationCodecs.Write(w, a)); },
            r => new(r.Maybe(() => ReadStatus(r)), r.Maybe(() => ReadFolders(r)), r.Bool(), r.Maybe(() => AnnotationCodecs.ReadChange(r)))),
        Create<MailboxProtocol.AccountRequest>(
            "mailbox.ask-1",
            (w, m) => { w.Account(m.Account); w.Message(m.Request); w.Long(m.Sequence); },
            r => new(r.Account(), r.Message<MailboxRequest>(), r.Long())),
        Create<MailboxProtocol.NumberedReply>("mailbox.answered-1", (w, m) => { w.Long(m.Sequence); w.Message(m.Reply); }, r => new(r.Long(), r.Message<MailboxReply>())),
        Create<MailboxProtocol.Deliver>(
            "mailbox.deliver-1",
            (w, m) => { w.Account(m.Account); w.Folder(m.Folder); w.Spooled(m.Message); w.Maybe(m.Recipient, w.Address); w.Bool(m.SkipsScripts); w.List(m.FurtherRecipients, w.Address); },
            ReadDelivery),
        Create<MailboxProtocol.Delivered>(
            "mailbox.delivered-1",
            (w, m) => { w.Account(m.Account); w.Text(m.Message.Value); w.Message(m.Result); },
            r => new(r.Account(), r.SpoolName(), r.Message<MailboxReply>())),
        Create<MailboxProtocol.Listed>("mailbox.listed-1", (w, m) => w.List(m.Mailboxes, d => Write(w, d)), r => new(r.List(() => ReadDescription(r)))),
        Empty("mailbox.list-open-1", MailboxProtocol.List.Instance),
        Empty("mailbox.describe-1", MailboxProtocol.Describe.Instance),
        Create<MailboxDescription>("mailbox.description-1", Write, ReadDescription),
        Create<MailboxProtocol.Close>("mailbox.close-1", (w, m) => w.Account(m.Account), r => new(r.Account())),
    ];

    public static void Write(WireWriter w, NewMessage m)
    {
        w.Flags(m.Flags);
        w.MaybeValue(m.InternalDate, w.Time);
        w.Spooled(m.Message);
    }

    public static NewMessage ReadNew(WireReader r) => new(r.Flags(), r.MaybeValue(r.Time), r.Spooled());

    private static void Write(WireWriter w, MailboxDescription m)
    {
        w.Account(m.Account);
        w.Time(m.OpenedAt);
        w.Int(m.Watchers);
        w.Int(m.Inbox);
        w.Int(m.Searches);
        w.Maybe(m.Node, w.Text);
    }

    private static MailboxDescription ReadDescription(WireReader r) => new(r.Account(), r.Time(), r.Int(), r.Int(), r.Int(), r.Maybe(r.Text));

    private static void Write(WireWriter w, MailboxChanged m)
    {
        w.Long(m.Folder.Value);
        w.Long(m.HighestModSeq.Value);
        w.Numbers(m.Uids.Span);
        w.List(m.FlagsChanged, f => Write(w, f));
        w.MaybeValue(m.Recent, u => w.Number(u.Value));
        w.Bool(m.FolderRemoved);
    }

    private static MailboxChanged ReadChange(WireReader r) => new(
        new FolderId(r.Long()),
        new ModSeq(r.Long()),
        UidList.TakeOwnership(r.Numbers()),
        r.List(() => ReadFlags(r)),
        r.MaybeValue(() => new Uid((uint)r.Number())),
        r.Bool());

    private static void Write(WireWriter w, FlagChange f)
    {
        w.Number(f.Uid.Value);
        w.Flags(f.Flags);
        w.Long(f.ModSeq.Value);
    }

    private static FlagChange ReadFlags(WireReader r) => new(new Uid((uint)r.Number()), r.Flags(), new ModSeq(r.Long()));

    private static void Write(WireWriter w, MailboxReply.Folders m)
    {
        w.List(m.All, f => { w.Long(f.Id.Value); w.Folder(f.Name); w.Enum(f.Role); });
        w.List(m.Subscriptions, w.Folder);
    }

    private static MailboxReply.Folders ReadFolders(WireReader r) =>
        new(r.List(() => new FolderInfo(new FolderId(r.Long()), r.Folder(), r.Enum<FolderRole>())), r.List(r.Folder).ToHashSet());

    private static void Write(WireWriter w, FolderStatus m)
    {
        w.Long(m.Id.Value);
        w.Number(m.UidValidity.Value);
        w.Number(m.UidNext);
        w.Long(m.HighestModSeq.Value);
        w.Int(m.Messages);
        w.Int(m.Recent);
        w.Int(m.Unseen);
        w.Int(m.Deleted);
        w.Long(m.Size);
        w.Long(m.DeletedSize);
    }

    private static FolderStatus ReadStatus(WireReader r) => new(
        new FolderId(r.Long()), new UidValidity((uint)r.Number()), (uint)r.Number(), new ModSeq(r.Long()), r.Int(), r.Int(), r.Int(), r.Int(), r.Long())
    { DeletedSize = r.Long() };

    private static void Write(WireWriter w, FolderSnapshot m)
    {
        w.Long(m.Id.Value);
        w.Folder(m.Name);
        w.Number(m.UidValidity.Value);
        w.Number(m.UidNext);
        w.Long(m.HighestModSeq.Value);
        w.Numbers(m.Uids.Span);
        w.MaybeValue(m.FirstRecent, u => w.Number(u.Value));
        w.MaybeValue(m.FirstUnseen, u => w.Number(u.Value));
        w.Text(m.Keywords.ToString());
        w.Enum(m.Rights);
    }

    // Nodes of versions without shared folders write no rights; only the owner asks them.
    private static FolderSnapshot ReadSnapshot(WireReader r)
    {
        var snapshot = ReadOwnSnapshot(r);
        return r.AtEnd ? snapshot : snapshot with { Rights = r.Enum<FolderRights>() };
    }

    private static FolderSnapshot ReadOwnSnapshot(WireReader r) => new(
        new FolderId(r.Long()),
        r.Folder(),
        new UidValidity((uint)r.Number()),
        (uint)r.Number(),
        new ModSeq(r.Long()),
        UidList.TakeOwnership(r.Numbers()),
        r.MaybeValue(() => new Uid((uint)r.Number())),
        r.MaybeValue(() => new Uid((uint)r.Number())),
        KeywordSet.FromStorage(r.Text()));

    private static void WriteRows(WireWriter w, IReadOnlyList<MessageRow> rows) => w.List(rows, row => Write(w, row));

    private static MessageRow[] ReadRows(WireReader r) => r.List(() => ReadRow(r));

    private static MailboxReply.PartiallyFetched ReadPart(WireReader r)
    {
        var rows = ReadRows(r);
        var unreadable = r.Uids();
        return new MailboxReply.PartiallyFetched(ReadDetails(r, rows), unreadable);
    }

    /// <summary>Written at the end, and only if there are any: older versions neither request nor write details.</summary>
    private static void WriteDetails(WireWriter w, IReadOnlyList<MessageRow> rows)
    {
        if (rows.All(static row => row.Details is null)) return;
        foreach (var row in rows)
        {
            w.Maybe(row.Details, d =>
            {
                w.Maybe(d.EmailId, w.Text);
                w.MaybeValue(d.SavedAt, w.Time);
                w.Maybe(d.Preview, w.Text);
            });
        }
    }

    private static MessageRow[] ReadDetails(WireReader r, MessageRow[] rows)
    {
        if (r.AtEnd) return rows;
        return Array.ConvertAll(rows, row => row with { Details = r.Maybe(() => new MessageDetails(r.Maybe(r.Text), r.MaybeValue(r.Time), r.Maybe(r.Text))) });
    }

    private static void Write(WireWriter w, MessageRow m)
    {
        w.Number(m.Uid.Value);
        w.Flags(m.Flags);
        w.Long(m.ModSeq.Value);
        w.Time(m.InternalDate);
        w.Long(m.Size);
        w.Bool(m.FlagsChanged);
        w.Bytes(m.Envelope.Span);
        w.Bytes(m.BodyStructure.Span);
        w.Bytes(m.Headers.Span);
        w.Bytes(m.Parts.Span);
        // The receiving node can open the file itself; our handle is no longer needed.
        w.Maybe(m.Content is null ? null : SharedMessageContent.To(w.Setup.Folders.MaildirDirectory, m.Content), c => { w.Text(c.Path); w.Long(c.Length); });
        m.Content?.Dispose();
    }

    private static MessageRow ReadRow(WireReader r) => new()
    {
        Uid = new Uid((uint)r.Number()),
        Flags = r.Flags(),
        ModSeq = new ModSeq(r.Long()),
        InternalDate = r.Time(),
        Size = r.Long(),
        FlagsChanged = r.Bool(),
        Envelope = r.Bytes(),
        BodyStructure = r.Bytes(),
        Headers = r.Bytes(),
        Parts = r.Bytes(),
        Content = r.Maybe(() => new SharedMessageContent(r.Setup.Folders.MaildirDirectory, r.Text(), r.Long())),
    };
}
