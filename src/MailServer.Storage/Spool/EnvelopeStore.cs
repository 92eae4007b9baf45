using MailServer.Domain.Messages;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Spool;

/// <summary>
/// The envelopes of queued messages, as <c>.envelope</c> files beside the spool files. They contain what is needed to queue a message again if the journal is
/// lost. An envelope is durable before the message is acknowledged; later events are appended without a flush, because they only prevent duplicate deliveries.
/// </summary>
public sealed class EnvelopeStore
{
    private const string Suffix = ".envelope";

    private readonly string _directory;

    internal EnvelopeStore(string directory) => _directory = directory;

    /// <summary>Writes the first record of an envelope. The content is durable when this returns, the file name after the next <see cref="MessageSpool.SyncNames"/>.</summary>
    public void Write(SpoolId id, ReadOnlySpan<byte> record) => Write(id, record, sync: true);

    /// <summary>Writes the envelopes of messages queued by an older version, with a single flush.</summary>
    public void WriteAll(IEnumerable<(SpoolId Id, byte[] Record)> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        foreach (var (id, record) in envelopes) Write(id, record, sync: false);
        Posix.SyncFileSystem(_directory);
    }

    /// <summary>Appends a record to an envelope; does nothing if there is none, because the message was not acknowledged.</summary>
    public void Append(SpoolId id, ReadOnlySpan<byte> record)
    {
        using var file = PrivateFile.TryOpenForAppending(PathOf(id));
        if (file is not null) RandomAccess.Write(file, record, RandomAccess.GetLength(file));
    }

    /// <summary>Reads all records of a message; null if it has no envelope.</summary>
    public byte[]? Read(SpoolId id)
    {
        using var content = FileContent.TryOpen(PathOf(id));
        return content?.ReadRange(0, (int)content.Length);
    }

    public bool Contains(SpoolId id) => File.Exists(PathOf(id));

    public void Remove(SpoolId id) => Posix.TryUnlink(PathOf(id));

    internal static bool IsEnvelope(string name) => name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Returns the message of an envelope file.</summary>
    internal static SpoolId MessageOf(string name) => new(name[..^Suffix.Length]);

    internal string PathOf(SpoolId id) => string.Concat(_directory, "/", id.Value, Suffix);

    private void Write(SpoolId id, ReadOnlySpan<byte> record, bool sync)
    {
        using var file = PrivateFile.Replace(PathOf(id));
        RandomAccess.Write(file, record, 0);
        if (sync) MessageSpool.Flush(file);
    }
}
