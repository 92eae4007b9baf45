using System.Buffers;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Storage.MailboxIndex;
using MailServer.Storage.Spool;
using MailServer.Storage.TextIndex;
using MessageSpool = MailServer.Storage.Spool.MessageSpool;

namespace MailServer.Storage.Tests;

/// <summary>A mailbox in its own directory with a spool; it can be closed, crashed and reopened.</summary>
internal sealed class TestMailbox : IDisposable
{
    private readonly bool _syncs;
    private MailboxStore? _store;

    /// <param name="limits">The limits; null: the defaults.</param>
    /// <param name="syncs">True: flushes directories like the server.</param>
    /// <param name="received">The clock of the spool; null: the system's.</param>
    public TestMailbox(Limits? limits = null, bool syncs = false, TimeProvider? received = null)
    {
        _syncs = syncs;
        Limits = limits ?? Limits.Default;
        Spool = new MessageSpool(new SpoolOptions { Directory = SpoolDirectory, Node = "test", Limits = Limits }, Format, received ?? TimeProvider.System);
    }

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "mailbox-" + Guid.NewGuid().ToString("N"));

    public Limits Limits { get; }

    public string Home => Path.Combine(Root, "user_7");

    public string SpoolDirectory => Path.Combine(Root, "spool");

    public MessageSpool Spool { get; }

    public TestMessageFormat Format { get; } = new();

    public Action<string>? Passing { get; set; }

    /// <summary>Settings of the text index; null: none.</summary>
    public TextIndexOptions? TextIndex { get; set; }

    public MailboxStore Store => _store ??= OpenAt(Home);

    public FolderId Inbox => Id("INBOX");

    public MailboxStore OpenAt(string home) => MailboxStore.Open(
        new MailboxStoreOptions { Directory = home, SpoolDirectory = SpoolDirectory, Limits = Limits, SyncDirectories = _syncs, TextIndex = TextIndex, FaultPoint = p => Passing?.Invoke(p) },
        Format,
        TimeProvider.System);

    public static FolderName Name(string name) => FolderName.Parse(name);

    public static string Text(string subject, string body = "Hello.\r\n", string more = "") => $"Subject: {subject}\r\n{more}\r\n{body}";

    public FolderId Id(string folder) => Store.Folders().All.Single(f => f.Name.Value == folder).Id;

    public FolderSnapshot Look(string folder = "INBOX") => Store.Select(Name(folder), readOnly: true).Value.Folder;

    public uint[] Uids(string folder = "INBOX") => Look(folder).Uids.Span.ToArray();

    public SpooledMessage Spooled(string text)
    {
        using var buffer = Spool.Begin();
        buffer.Write(Encoding.Latin1.GetBytes(text));
        return Spool.Commit(buffer, default);
    }

    public Uid Deliver(string text, string folder = "INBOX", MessageFlags? flags = null, DateTimeOffset? date = null)
    {
        var message = Spooled(text);
        Assert.Null(Store.Stage(Name(folder), flags ?? MessageFlags.None, date, message));
        var uid = Store.CommitStaged().Appended.Single().Uid;
        Spool.Remove(message.Id);
        return uid;
    }

    public IReadOnlyList<MessageRow> Fetch(string folder = "INBOX", FetchItems items = FetchItems.Flags, params uint[] uids) =>
        Store.Fetch(new MailboxRequest.Fetch(Id(folder), uids.Length == 0 ? Uids(folder) : uids, items, MarkSeen: false)).Value.Rows;

    public MessageFlags Flags(uint uid, string folder = "INBOX") => Fetch(folder, FetchItems.Flags, uid).Single().Flags;

    public string Body(uint uid, string folder = "INBOX")
    {
        using var content = Fetch(folder, FetchItems.Content, uid).Single().Content!;
        return Encoding.Latin1.GetString(content.ReadRange(0, (int)content.Length));
    }

    public string Directory(string folder, string part = "cur") => Path.Combine(Home, folder, part);

    public string[] Files(string folder = "INBOX", string part = "cur") =>
        [.. System.IO.Directory.GetFiles(Directory(folder, part)).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    public void Close()
    {
        _store?.Dispose();
        _store = null;
    }

    public void LoseIndex()
    {
        Close();
        foreach (var file in System.IO.Directory.GetFiles(Home, "index.db*")) File.Delete(file);
    }

    /// <summary>Copies the current files, as a killed process would leave them.</summary>
    public string Snapshot() => Snapshot(Home);

    public string Snapshot(string home)
    {
        var copy = Path.Combine(Root, "copy-" + Guid.NewGuid().ToString("N"));
        foreach (var directory in System.IO.Directory.GetDirectories(home, "*", SearchOption.AllDirectories))
            System.IO.Directory.CreateDirectory(Path.Combine(copy, Path.GetRelativePath(home, directory)));
        foreach (var file in System.IO.Directory.GetFiles(home, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(home, file)));
        return copy;
    }

    public void Dispose()
    {
        Close();
        System.IO.Directory.Delete(Root, recursive: true);
    }
}
