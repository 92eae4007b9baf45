using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Imap;
using MailServer.Protocol.Imap.Commands;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>A small in-memory mailbox for transcripts: it implements only the contract of <see cref="MailboxRequest"/>.</summary>
internal sealed class ImapTestMailbox
{
    private readonly SortedDictionary<string, TestFolder> _folders = new(StringComparer.Ordinal);
    private readonly HashSet<FolderName> _subscriptions = [];
    private readonly Dictionary<long, SortedDictionary<string, ReadOnlyMemory<byte>>> _annotations = [];
    private readonly Dictionary<FolderId, IReadOnlyList<FolderGrant>> _grants = [];
    private readonly Limits _limits;
    private MailboxReply.Watched? _watched;
    private long _nextId = 1;

    public ImapTestMailbox(Limits limits, Dictionary<SpoolId, byte[]>? spool = null)
    {
        _limits = limits;
        Spool = spool ?? [];
        foreach (var (name, role) in DefaultFolders.All) Create(name, role);
    }

    public static DateTimeOffset Now { get; } = new(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(1));

    /// <summary>The pending notifications for the session that has a folder selected.</summary>
    public Action<MailboxChanged> Changed { get; set; } = _ => { };

    /// <summary>The pending notifications for the session that watches all folders.</summary>
    public Action<AccountChanged> AccountChanged { get; set; } = _ => { };

    /// <summary>True: refuses the next request.</summary>
    public bool FailsNext { get; set; }

    /// <summary>The quota in octets; null: no limit.</summary>
    public long? Quota { get; set; }

    public FolderId? Selected { get; private set; }

    public MailboxReply.Folders Folders => new([.. _folders.Values.Select(f => new FolderInfo(f.Id, f.Name, f.Role))], _subscriptions.ToHashSet());

    /// <summary>Sends what has changed since the last call to the session that watches all folders.</summary>
    public void NotifyOfAll(bool isOwn)
    {
        if (_watched is not { } told) return;
        _watched = Overview();
        if (!told.Tree.All.SequenceEqual(_watched.Tree.All) || !told.Tree.Subscriptions.SetEquals(_watched.Tree.Subscriptions))
            AccountChanged(new AccountChanged(null, _watched.Tree, isOwn));
        foreach (var status in _watched.Overview.Except(told.Overview)) AccountChanged(new AccountChanged(status, null, isOwn));
    }

    public TestFolder Folder(string name) => _folders[FolderName.Parse(name).Value];

    public void Create(FolderName name, FolderRole role = FolderRole.None)
    {
        for (FolderName? at = name; at is { } missing && !_folders.ContainsKey(missing.Value); at = missing.Parent)
            _folders[missing.Value] = new TestFolder(new FolderId(_nextId), missing, missing == name ? role : FolderRole.None, (uint)(100 + _nextId++));
    }

    public void Remove(string name)
    {
        var folder = Folder(name);
        _folders.Remove(folder.Name.Value);
        if (Selected == folder.Id) Changed(folder.Change() with { FolderRemoved = true });
    }

    public Uid Deliver(string folder, byte[] octets, MessageFlags flags, DateTimeOffset? date = null)
    {
        var to = Folder(folder);
        var uid = to.Add(octets, flags, date ?? Now);
        if (Selected == to.Id) Changed(to.Change(recent: uid));
        else to.FirstRecent ??= uid;
        return uid;
    }

    public void SetFlags(string folder, uint uid, MessageFlags flags)
    {
        var to = Folder(folder);
        var message = to.Find(uid)!;
        message.Flags = flags;
        message.ModSeq = to.NextModSeq();
        if (Selected == to.Id) Changed(to.Change(message));
    }

    public void Expunge(string folder, params uint[] uids)
    {
        var from = Folder(folder);
        from.Remove(uids);
        if (Selected == from.Id) Changed(from.Change());
    }

    /// <summary>Performs a request of the session, which causes all changes that follow from it.</summary>
    public MailboxReply Answer(MailboxRequest request)
    {
        NotifyOfAll(isOwn: false);
        var reply = Handle(request);
        NotifyOfAll(isOwn: true);
        return reply;
    }

    /// <summary>Performs a request of another session.</summary>
    public MailboxReply Perform(MailboxRequest request)
    {
        NotifyOfAll(isOwn: false);
        var reply = Handle(request);
        NotifyOfAll(isOwn: false);
        return reply;
    }

    private MailboxReply Handle(MailboxRequest request)
    {
        if (FailsNext)
        {
            FailsNext = false;
            return new MailboxReply.Refused(MailboxRefusal.Unavailable);
        }

        return request switch
        {
            MailboxRequest.ListFolders => Folders,
            MailboxRequest.Watch watch => Watch(watch.IsOn),
            MailboxRequest.CreateFolder create => CreateFolder(create),
            MailboxRequest.DeleteFolder delete => DeleteFolder(delete),
            MailboxRequest.RenameFolder rename => RenameFolder(rename),
            MailboxRequest.Subscribe { Subscribed: var on, Name: var name } => Done(on ? _subscriptions.Add(name) : _subscriptions.Remove(name)),
            MailboxRequest.GetStatus status => With(status.Name, f => new MailboxReply.Status(f.Status())),
            MailboxRequest.GetQuota { Folder: { } folder } when !_folders.ContainsKey(folder.Value) => Refused(MailboxRefusal.NoSuchFolder),
            MailboxRequest.GetQuota => new MailboxReply.Quota(Use),
            MailboxRequest.Select select => With(select.Name, f => Select(f, select.ReadOnly)),
            MailboxRequest.Unselect => Unselect(),
            MailboxRequest.Poll => MailboxReply.Done.Instance,
            MailboxRequest.Fetch fetch => Fetch(fetch),
            MailboxRequest.Store store => new MailboxReply.Stored(Store(store.Folder, store.Uids.Span, store.Operation, store.Flags)),
            MailboxRequest.StoreUnchanged store => StoreUnchanged(store),
            MailboxRequest.ListChanges list => ById(list.Folder).Since(list.Since, list.Within),
            MailboxRequest.GetHighestModSeq get => new MailboxReply.HighestModSeq(ById(get.Folder).Messages.Where(m => get.Uids.Contains(m.Uid.Value)).Max(m => m.ModSeq)),
            MailboxRequest.Copy copy => Copy(copy),
            MailboxRequest.Expunge expunge => ExpungeFolder(expunge),
            MailboxRequest.Search search => new MailboxReply.SearchResult(Found(search.Folder, search.Criteria).ConvertAll(m => m.Uid)),
            MailboxRequest.Sort sort => new MailboxReply.SearchResult(TestOrdering.Sort(Found(sort.Folder, sort.Criteria), sort.Order)),
            MailboxRequest.Thread thread => new MailboxReply.Threads(TestOrdering.Thread(Found(thread.Folder, thread.Criteria), thread.Algorithm), []),
            MailboxRequest.AppendAll append => AppendAll(append),
            MailboxRequest.Append append => Append(append),
            MailboxRequest.Replace replace => Replace(replace),
            MailboxRequest.GetAnnotations get => AnnotationsOf(get.Folder) is { } found
                ? new MailboxReply.Annotations([.. found.Where(e => get.Names.Any(n => AnnotationName.Matches(e.Key, n, get.Depth))).Select(static e => new Annotation(e.Key, e.Value))])
                : Refused(MailboxRefusal.NoSuchFolder),
            MailboxRequest.SetAnnotations set => SetAnnotations(set),
            MailboxRequest.SignUrl sign => With(sign.Folder, f => new MailboxReply.UrlSigned(TokenOf(f, sign.Url))),
            MailboxRequest.VerifyUrl verify => VerifyUrl(verify),
            MailboxRequest.ResetUrlKeys { Folder: null } => Done(_folders.Values.All(static f => ++f.UrlKey > 0)),
            MailboxRequest.ResetUrlKeys { Folder: { } name } => With(name, static f => Done(++f.UrlKey > 0)),
            MailboxRequest.GetRights get => With(get.Folder, _ => new MailboxReply.Rights(FolderRights.All)),
            MailboxRequest.GetGrants get => With(get.Folder, f => new MailboxReply.Grants(_grants.GetValueOrDefault(f.Id, []))),
            MailboxRequest.SetGrant set => With(set.Folder, f =>
            {
                _grants[f.Id] = AccessRules.Change(_grants.GetValueOrDefault(f.Id, []), set.Guest, set.Operation, set.Rights);
                return MailboxReply.Done.Instance;
            }),
            MailboxRequest.Export export => Export(export),
            MailboxRequest.RemoveMessages remove => RemoveMessages(remove),
            _ => throw new InvalidOperationException($"unexpected {request}"),
        };
    }

    /// <summary>Another session sets an annotation.</summary>
    public void Annotate(FolderName? folder, string name, string value)
    {
        NotifyOfAll(isOwn: false);
        AnnotationsOf(folder)![name] = System.Text.Encoding.UTF8.GetBytes(value);
        if (_watched is not null) AccountChanged(new AccountChanged(null, null, IsOwn: false, new AnnotationsChanged(folder, [name])));
    }

    /// <summary>The content of spooled messages by id.</summary>
    public Dictionary<SpoolId, byte[]> Spool { get; }

    /// <summary>The rights of the session to folders, if it belongs to another account.</summary>
    public Dictionary<FolderName, FolderRights>? GuestRights { get; init; }

    /// <summary>Performs a request of a guest: a folder to which it has no rights is missing.</summary>
    public MailboxReply AnswerGuest(MailboxRequest request)
    {
        var folder = request is MailboxRequest.Select select ? select.Name : FolderPlaces.NameIn(request);
        var rights = folder is { } name ? GuestRights!.GetValueOrDefault(name) : FolderRights.All;
        if (rights == FolderRights.None) return ImapEffect.MissingOwner(request);
        if (request is MailboxRequest.GetGrants or MailboxRequest.SetGrant && !rights.HasFlag(FolderRights.Administer)) return Refused(MailboxRefusal.NoPermission);
        if (request is MailboxRequest.GetRights) return new MailboxReply.Rights(rights);
        return Handle(request) switch
        {
            MailboxReply.Folders folders => folders with { All = [.. folders.All.Where(f => GuestRights!.ContainsKey(f.Name)).Select(static f => f with { Role = FolderRole.None })], Subscriptions = new HashSet<FolderName>() },
            MailboxReply.Selected selected => new MailboxReply.Selected(selected.Folder with { Rights = rights }),
            var reply => reply,
        };
    }

    private QuotaUsage Use => new(_folders.Values.Sum(f => f.Messages.Sum(m => (long)m.Octets.Length)), Quota);

    private static MailboxReply Done(bool _) => MailboxReply.Done.Instance;

    private static MailboxReply Refused(MailboxRefusal reason) => new MailboxReply.Refused(reason);

    private MailboxReply With(FolderName name, Func<TestFolder, MailboxReply> answer) =>
        _folders.TryGetValue(name.Value, out var folder) ? answer(folder) : Refused(MailboxRefusal.NoSuchFolder);

    private TestFolder ById(FolderId id) => _folders.Values.Single(f => f.Id == id);

    private List<TestMessage> Found(FolderId folder, SearchCriteria criteria) => [.. ById(folder).Messages.Where(m => TestSearch.Fits(criteria, m))];

    private MailboxReply.Exported Export(MailboxRequest.Export export)
    {
        var found = ById(export.Folder).Messages.Where(m => export.Uids.Span.Contains(m.Uid.Value)).ToList();
        return new MailboxReply.Exported([.. found.Select(static m => m.Uid)], [.. found.Select(m =>
        {
            var id = new SpoolId($"exported-{Spool.Count}");
            Spool[id] = m.Octets;
            return new NewMessage(m.Flags, m.Date, new SpooledMessage(id, m.Octets.Length, m.Summary, m.Date));
        })]);
    }

    private MailboxReply.Expunged RemoveMessages(MailboxRequest.RemoveMessages remove)
    {
        var folder = ById(remove.Folder);
        folder.Remove([.. folder.Messages.Select(static m => m.Uid.Value).Where(remove.Uids.Contains)]);
        return new MailboxReply.Expunged(folder.Change());
    }

    private MailboxReply CreateFolder(MailboxRequest.CreateFolder create)
    {
        if (_folders.ContainsKey(create.Name.Value)) return Refused(create.Name.IsInbox ? MailboxRefusal.IsInbox : MailboxRefusal.FolderExists);
        if (SharedNamespaces.Contains(create.Name)) return Refused(MailboxRefusal.NotPossible);
        if (create.Role != FolderRole.None && _folders.Values.Any(f => f.Role == create.Role)) return Refused(MailboxRefusal.RoleTaken);
        if (_folders.Count >= _limits.Folders) return Refused(MailboxRefusal.LimitReached);
        Create(create.Name, create.Role);
        return MailboxReply.Done.Instance;
    }

    private MailboxReply DeleteFolder(MailboxRequest.DeleteFolder delete)
    {
        if (delete.Name.IsInbox) return Refused(MailboxRefusal.IsInbox);
        return _folders.Remove(delete.Name.Value) ? MailboxReply.Done.Instance : Refused(MailboxRefusal.NoSuchFolder);
    }

    private MailboxReply RenameFolder(MailboxRequest.RenameFolder rename)
    {
        if (!_folders.ContainsKey(rename.From.Value)) return Refused(MailboxRefusal.NoSuchFolder);
        if (SharedNamespaces.Contains(rename.To)) return Refused(MailboxRefusal.NotPossible);
        if (_folders.ContainsKey(rename.To.Value)) return Refused(MailboxRefusal.FolderExists);
        foreach (var folder in _folders.Values.Where(f => f.Name == rename.From || f.Name.IsBelow(rename.From)).ToList())
        {
            _folders.Remove(folder.Name.Value);
            folder.Name = folder.Name.Rebase(rename.From, rename.To);
            _folders[folder.Name.Value] = folder;
        }

        return MailboxReply.Done.Instance;
    }

    private MailboxReply.Selected Select(TestFolder folder, bool readOnly)
    {
        Selected = folder.Id;
        var snapshot = folder.Snapshot();
        if (!readOnly) folder.FirstRecent = null;
        return new MailboxReply.Selected(snapshot);
    }

    private MailboxReply.Watched Watch(bool isOn)
    {
        _watched = isOn ? Overview() : null;
        return Overview();
    }

    private MailboxReply.Watched Overview() => new(Folders, [.. _folders.Values.Select(static f => f.Status() with { Recent = 0 })]);

    private MailboxReply Unselect()
    {
        Selected = null;
        return MailboxReply.Done.Instance;
    }

    private MailboxReply.Fetched Fetch(MailboxRequest.Fetch fetch)
    {
        if (fetch.Uids.Length > _limits.FetchPage) throw new InvalidOperationException("a page too long");
        var folder = ById(fetch.Folder);
        var rows = new List<MessageRow>();
        ModSeq? modSeq = null;
        foreach (var uid in fetch.Uids.Span)
        {
            if (folder.Find(uid) is not { } message) continue;
            var marks = fetch.MarkSeen && !message.Flags.System.HasFlag(SystemFlags.Seen);
            if (marks) message.Flags = message.Flags.Apply(FlagOperation.Add, new MessageFlags(SystemFlags.Seen));
            if (marks) message.ModSeq = modSeq ??= folder.NextModSeq();
            rows.Add(message.Row(fetch.Items, marks));
        }

        return new MailboxReply.Fetched(rows);
    }

    private MailboxChanged Store(FolderId id, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags)
    {
        var folder = ById(id);
        var told = new List<TestMessage>();
        ModSeq? modSeq = null;
        foreach (var uid in uids)
        {
            if (folder.Find(uid) is not { } message) continue;
            told.Add(message);
            var after = message.Flags.Apply(operation, flags);
            if (after == message.Flags) continue;
            (message.Flags, message.ModSeq) = (after, modSeq ??= folder.NextModSeq());
        }

        return folder.Change([.. told]);
    }

    private MailboxReply.StoredInPart StoreUnchanged(MailboxRequest.StoreUnchanged store)
    {
        var existing = store.Uids.ToArray().Select(ById(store.Folder).Find).OfType<TestMessage>().ToArray();
        var modified = existing.Where(m => m.ModSeq > store.UnchangedSince).ToArray();
        var change = Store(store.Folder, [.. existing.Except(modified).Select(m => m.Uid.Value)], store.Operation, store.Flags);
        return new MailboxReply.StoredInPart(change, [.. modified.Select(m => new FlagChange(m.Uid, m.Flags, m.ModSeq))]);
    }

    private MailboxReply Copy(MailboxRequest.Copy copy)
    {
        var from = ById(copy.Folder);
        if (!_folders.TryGetValue(copy.Target.Value, out var to)) return Refused(MailboxRefusal.NoSuchTarget);
        var sources = from.Messages.Where(m => copy.Uids.Span.Contains(m.Uid.Value)).ToList();
        if (!copy.Move && !Use.HasRoomFor(sources.Sum(m => (long)m.Octets.Length))) return Refused(MailboxRefusal.OverQuota);
        var targets = sources.ConvertAll(m => to.Add(m.Octets, m.Flags, m.Date));
        if (to.Id == from.Id && !copy.Move && targets.Count > 0) Changed(to.Change(recent: targets[0]));
        if (copy.Move) from.Remove([.. sources.Select(m => m.Uid.Value)]);
        return new MailboxReply.Copied(to.Validity, sources.ConvertAll(m => m.Uid), targets, copy.Move ? from.Change() : null);
    }

    private MailboxReply.Expunged ExpungeFolder(MailboxRequest.Expunge expunge)
    {
        var folder = ById(expunge.Folder);
        folder.Remove([.. folder.Messages
            .Where(m => m.Flags.System.HasFlag(SystemFlags.Deleted) && expunge.Within?.Contains(m.Uid.Value) != false).Select(m => m.Uid.Value)]);
        return new MailboxReply.Expunged(folder.Change());
    }

    private MailboxReply Append(MailboxRequest.Append append) => With(append.Folder, _ =>
    {
        if (!Use.HasRoomFor(Spool[append.Message.Id].Length)) return Refused(MailboxRefusal.OverQuota);
        var uid = Deliver(append.Folder.Value, Spool[append.Message.Id], append.Flags, append.InternalDate);
        return new MailboxReply.Appended(Folder(append.Folder.Value).Validity, uid);
    });

    private MailboxReply AppendAll(MailboxRequest.AppendAll append) => With(append.Folder, to =>
    {
        if (!Use.HasRoomFor(append.Messages.Sum(m => Spool[m.Message.Id].LongLength))) return Refused(MailboxRefusal.OverQuota);
        return new MailboxReply.AppendedAll(to.Validity, [.. append.Messages.Select(m => Deliver(append.Folder.Value, Spool[m.Message.Id], m.Flags, m.InternalDate))]);
    });

    private SortedDictionary<string, ReadOnlyMemory<byte>>? AnnotationsOf(FolderName? folder)
    {
        if (folder is { } name && !_folders.ContainsKey(name.Value)) return null;
        var id = folder is { } existing ? _folders[existing.Value].Id.Value : 0;
        if (!_annotations.TryGetValue(id, out var entries)) _annotations.Add(id, entries = new(StringComparer.OrdinalIgnoreCase));
        return entries;
    }

    private MailboxReply SetAnnotations(MailboxRequest.SetAnnotations set)
    {
        if (AnnotationsOf(set.Folder) is not { } entries) return Refused(MailboxRefusal.NoSuchFolder);
        if (entries.Keys.Union(set.Changes.Where(static c => c.Value is not null).Select(static c => c.Name)).Except(set.Changes.Where(static c => c.Value is null).Select(static c => c.Name)).Count() > _limits.Annotations)
            return Refused(MailboxRefusal.TooManyAnnotations);
        foreach (var (name, value) in set.Changes)
        {
            entries.Remove(name);
            if (value is { } octets) entries[name] = octets;
        }

        if (_watched is not null) AccountChanged(new AccountChanged(null, null, IsOwn: true, new AnnotationsChanged(set.Folder, [.. set.Changes.Select(static c => c.Name)])));
        return MailboxReply.Done.Instance;
    }

    private MailboxReply VerifyUrl(MailboxRequest.VerifyUrl verify)
    {
        var isValid = _folders.TryGetValue(verify.Folder.Value, out var folder) && !(verify.Expiry < Now) && TokenOf(folder, verify.Url) == verify.Token;
        return isValid ? new MailboxReply.UrlVerified(folder!.Id, folder.Validity) : Refused(MailboxRefusal.NoSuchMessage);
    }

    private static string TokenOf(TestFolder folder, string url) =>
        "01" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{folder.UrlKey} {folder.Validity} {url}")));

    private MailboxReply Replace(MailboxRequest.Replace replace)
    {
        var from = ById(replace.Folder);
        if (!_folders.TryGetValue(replace.Target.Value, out var to)) return Refused(MailboxRefusal.NoSuchTarget);
        if (from.Find(replace.Uid.Value) is not { } old) return Refused(MailboxRefusal.NoSuchMessage);
        var octets = Spool[replace.Message.Message.Id];
        if (!Use.HasRoomFor(octets.Length - old.Octets.Length)) return Refused(MailboxRefusal.OverQuota);
        var uid = Deliver(to.Name.Value, octets, replace.Message.Flags, replace.Message.InternalDate);
        from.Remove([replace.Uid.Value]);
        return new MailboxReply.Replaced(to.Validity, uid, from.Change());
    }
}
