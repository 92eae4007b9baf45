using MailServer.Domain.Messages;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Spool;

/// <summary>
/// The envelopes of queued messages: beside each spool file a <c>.envelope</c> file with what the queue needs to take the message again when its
/// journal is lost. It is durable before the message is acknowledged; what happens later is appended without a flush, since it only saves
/// recipients from a second copy.
/// </summary>
public sealed class EnvelopeFiles
{
    private const string Suffix = ".envelope";

    private readonly string _directory;

    internal EnvelopeFiles(string directory) => _directory = directory;

    /// <summary>Writes the first record of a message. Its octets are durable when this returns, its name with the next <see cref="Spool.SecureNames"/>.</summary>
    public void Write(SpoolId id, ReadOnlySpan<byte> record) => Write(id, record, sync: true);

    /// <summary>Writes the envelopes of messages that an older version queued, with one flush for all.</summary>
    public void WriteAll(IEnumerable<(SpoolId Id, byte[] Record)> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        foreach (var (id, record) in envelopes) Write(id, record, sync: false);
        Posix.SyncFileSystem(_directory);
    }

    /// <summary>Adds a record to a message's envelope; does nothing when it has none, because it was not acknowledged.</summary>
    public void Append(SpoolId id, ReadOnlySpan<byte> record)
    {
        using var file = OwnFile.TryOpenForAppending(PathOf(id));
        if (file is not null) RandomAccess.Write(file, record, RandomAccess.GetLength(file));
    }

    /// <summary>All records of a message; null when it has no envelope.</summary>
    public byte[]? Read(SpoolId id)
    {
        using var content = FileContent.TryOpen(PathOf(id));
        return content?.ReadRange(0, (int)content.Length);
    }

    public bool Contains(SpoolId id) => File.Exists(PathOf(id));

    public void Remove(SpoolId id) => Posix.TryUnlink(PathOf(id));

    internal static bool IsEnvelope(string name) => name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>The message whose envelope has this name.</summary>
    internal static SpoolId MessageOf(string name) => new(name[..^Suffix.Length]);

    internal string PathOf(SpoolId id) => string.Concat(_directory, "/", id.Value, Suffix);

    private void Write(SpoolId id, ReadOnlySpan<byte> record, bool sync)
    {
        using var file = OwnFile.Replace(PathOf(id));
        RandomAccess.Write(file, record, 0);
        if (sync) Spool.Flush(file);
    }
}
