using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>A folder of the <see cref="ImapTestMailbox"/>.</summary>
internal sealed class TestFolder(FolderId id, FolderName name, FolderRole role, uint validity)
{
    private readonly List<TestMessage> _messages = [];
    private UidList _uids = UidList.Empty;
    private uint _uidNext = 1;
    private long _modSeq = 1;
    private readonly List<(uint Uid, ModSeq At)> _removed = [];

    /// <summary>The number of times that the key of URLs was reset.</summary>
    public int UrlKey { get; set; }

    public FolderId Id => id;

    public FolderName Name { get; set; } = name;

    public FolderRole Role => role;

    public UidValidity Validity { get; } = new(validity);

    public IReadOnlyList<TestMessage> Messages => _messages;

    public Uid? FirstRecent { get; set; }

    public TestMessage? Find(uint uid) => _messages.Find(m => m.Uid.Value == uid);

    public ModSeq NextModSeq() => new(++_modSeq);

    public Uid Add(byte[] octets, MessageFlags flags, DateTimeOffset date)
    {
        var uid = new Uid(_uidNext++);
        _messages.Add(new TestMessage(uid, octets, date) { Flags = flags, ModSeq = NextModSeq() });
        _uids = _uids.Add(uid.Value);
        return uid;
    }

    public void Remove(uint[] uids)
    {
        _messages.RemoveAll(m => uids.Contains(m.Uid.Value));
        _uids = _uids.Remove(uids);
        if (uids.Length == 0) return;
        var at = NextModSeq();
        _removed.AddRange(uids.Select(uid => (uid, at)));
    }

    /// <summary>Like a server that remembers all removals.</summary>
    public MailboxReply.Changes Since(ModSeq since, UidSet within) => new(
        [.. _messages.Where(m => m.ModSeq > since && within.Contains(m.Uid.Value)).Select(m => m.Uid)],
        UidSet.OfUids([.. _removed.Where(r => r.At > since && within.Contains(r.Uid)).Select(r => r.Uid).Order()]));

    public MailboxChanged Change(params TestMessage[] changed) => Change(null, changed);

    public MailboxChanged Change(Uid? recent, params TestMessage[] changed) =>
        new(Id, new ModSeq(_modSeq), _uids, [.. changed.Select(m => new FlagChange(m.Uid, m.Flags, m.ModSeq))], recent);

    public FolderStatus Status() => new(
        Id, Validity, _uidNext, new ModSeq(_modSeq), _messages.Count, _messages.Count(m => FirstRecent is { } first && m.Uid >= first),
        _messages.Count(m => !m.Flags.System.HasFlag(SystemFlags.Seen)), Marked.Count(), _messages.Sum(m => m.Octets.Length))
    {
        DeletedSize = Marked.Sum(m => m.Octets.Length),
    };

    private IEnumerable<TestMessage> Marked => _messages.Where(m => m.Flags.System.HasFlag(SystemFlags.Deleted));

    public FolderSnapshot Snapshot() => new(
        Id, Name, Validity, _uidNext, new ModSeq(_modSeq), _uids, FirstRecent,
        _messages.Find(m => !m.Flags.System.HasFlag(SystemFlags.Seen))?.Uid,
        KeywordSet.Of(_messages.SelectMany(m => m.Flags.Keywords.Keywords)));
}

/// <summary>A message of the <see cref="ImapTestMailbox"/>.</summary>
internal sealed class TestMessage(Uid uid, byte[] octets, DateTimeOffset date)
{
    private static readonly MessageFormat Format = new(MailServer.Domain.Limits.Default);
    private MessageSummary? _summary;

    public Uid Uid => uid;

    public byte[] Octets => octets;

    public DateTimeOffset Date => date;

    public MessageFlags Flags { get; set; }

    public ModSeq ModSeq { get; set; }

    /// <summary>True: the file was removed by another program.</summary>
    public bool IsGone { get; set; }

    public MessageSummary Summary => _summary ??= Format.Summarize(new InMemoryContent(octets));

    public MessageRow Row(FetchItems items, bool flagsChanged) => new()
    {
        Uid = Uid,
        Flags = Flags,
        ModSeq = ModSeq,
        InternalDate = Date,
        Size = octets.Length,
        FlagsChanged = flagsChanged,
        Envelope = items.HasFlag(FetchItems.Envelope) ? Summary.Envelope : default,
        BodyStructure = items.HasFlag(FetchItems.BodyStructure) ? Summary.BodyStructure : default,
        Headers = items.HasFlag(FetchItems.Headers) ? Summary.Headers : default,
        Parts = items.HasFlag(FetchItems.Parts) ? Summary.Parts : default,
        Details = DetailsOf(items),
        Content = items.HasFlag(FetchItems.Content) && !IsGone ? new InMemoryContent(octets) : null,
    };

    /// <summary>Copies have the same octets.</summary>
    public string EmailId => "M" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(octets).AsSpan(0, 8));

    private MessageDetails? DetailsOf(FetchItems items)
    {
        if ((items & (FetchItems.EmailId | FetchItems.SavedDate | FetchItems.Preview | FetchItems.QuickPreview)) == 0) return null;
        var preview = items.HasFlag(FetchItems.Preview) || (items.HasFlag(FetchItems.QuickPreview) && octets.Length < 64 * 1024);
        return new MessageDetails(
            items.HasFlag(FetchItems.EmailId) ? EmailId : null,
            items.HasFlag(FetchItems.SavedDate) ? ImapTestMailbox.Now.ToUniversalTime() : null,
            preview ? Format.Preview(new InMemoryContent(octets)) : null);
    }
}
