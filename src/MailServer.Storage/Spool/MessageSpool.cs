using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using MailServer.Domain.Measurements;
using MailServer.Domain.Messages;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Spool;

/// <summary>
/// The accepted messages of this node. A message is written once, with its final content,
/// made durable once, and then linked into Maildirs. Safe for use from several threads.
/// </summary>
public sealed class MessageSpool
{
    /// <summary>Folder in the spool for messages without a journal entry and without an envelope.</summary>
    public const string UnexplainedFolder = "unexplained";

    /// <summary>Folder in the spool for queued messages whose files were damaged.</summary>
    public const string DamagedFolder = "damaged";

    /// <summary>The folders in the spool with messages that were set aside.</summary>
    internal static readonly IReadOnlyList<string> FoldersSetAside = [UnexplainedFolder, DamagedFolder];

    private const string WorkFolder = "work-";

    private const int CopyBlock = 64 * 1024;

    // Longer names are not spool ids and leave no room for the envelope suffix.
    private const int MaxName = 200;

    private readonly string _directory;
    private readonly string _temporary;
    private readonly string _node;
    private readonly bool _isShared;
    private readonly int _memory;
    private readonly Func<bool> _isFull;
    private readonly IMessageParser _format;
    private readonly TimeProvider _time;
    private readonly Lock _starting = new();
    private bool _isStarted;
    private long _sequence;

    public MessageSpool(SpoolOptions options, IMessageParser format, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _directory = options.Directory;
        _node = new string([.. options.Node.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')]);
        _isShared = options.IsShared;
        // Incomplete files are useless after their writer has ended; a node may remove only its own.
        _temporary = _isShared ? Path.Combine(_directory, "tmp", _node) : Path.Combine(_directory, "tmp");
        _memory = options.Limits.MessageMemory;
        _isFull = options.IsFull;
        _format = format;
        _time = time;
        Posix.CreatePrivateDirectory(_temporary);
        foreach (var left in System.IO.Directory.EnumerateFiles(_temporary)) Posix.TryUnlink(left);
        foreach (var left in System.IO.Directory.EnumerateDirectories(_temporary, WorkFolder + "*")) System.IO.Directory.Delete(left, recursive: true);
        // An interrupted import is repeated from its source.
        foreach (var left in Messages().Where(static id => id.IsAttempt)) Posix.TryUnlink(PathOf(left));
        Envelopes = new EnvelopeStore(_directory);
        // On a full disk the server must start so that users can delete mail; the start is then recorded before the first message.
        if (TryStart() is { } failure && !_isFull()) throw new IOException(failure.Message, failure);
    }

    /// <summary>The envelopes of queued messages.</summary>
    public EnvelopeStore Envelopes { get; }

    /// <summary>Directory of the messages that were set aside.</summary>
    public string Unexplained => Path.Combine(_directory, UnexplainedFolder);

    /// <summary>Creates a buffer for an incoming message.</summary>
    public SpoolBuffer Begin()
    {
        var failure = FindObstacle();
        var id = NextId();
        return new SpoolBuffer(id, Path.Combine(_temporary, id.Value), _memory, failure);
    }

    /// <summary>Creates an empty file without a name, for data that is too large for memory. Its space is free again when it is closed, even if the process is killed.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public Stream CreateUnnamedFile()
    {
        if (FindObstacle() is { } failure) throw new IOException(failure.Message, failure);
        var path = Path.Combine(_temporary, NextId().Value + ".unnamed");
        var file = PrivateFile.CreateStream(path);
        Posix.TryUnlink(path);
        return file;
    }

    /// <summary>Creates an empty directory for files that are needed for the length of one request. The caller removes it; the next start removes what is left of it.</summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public string CreateWorkDirectory()
    {
        if (FindObstacle() is { } failure) throw new IOException(failure.Message, failure);
        var path = Path.Combine(_temporary, WorkFolder + NextId().Value);
        Posix.CreatePrivateDirectory(path);
        return path;
    }

    /// <summary>
    /// Writes <paramref name="prefix"/> (trace fields) and the content to a file and flushes it. The file name is durable only with
    /// <paramref name="durableName"/>; otherwise the caller links the file into a Maildir and makes that name durable. Blocks on the disk.
    /// </summary>
    public SpooledMessage Commit(SpoolBuffer buffer, ReadOnlySpan<byte> prefix, bool durableName = false)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.ThrowIfIncomplete();
        var id = buffer.Id;
        var written = Path.Combine(_temporary, id.Value + ".final");
        var received = _time.GetLocalNow();
        MessageSummary summary;
        long size;
        try
        {
            (summary, size) = buffer.File is null ? WriteFromMemory(buffer, prefix.ToArray(), written, received) : WriteFromFile(buffer, prefix, written, received);
            Posix.TryRename(written, PathOf(id));
        }
        catch
        {
            Posix.TryUnlink(written);
            throw;
        }

        if (durableName) Posix.SyncDirectory(_directory);
        return new SpooledMessage(id, size, summary, received);
    }

    /// <summary>
    /// Writes an imported message, whose id was derived from its content; the content is durable
    /// when this returns. The file belongs to this attempt only; remove it by the id of the result.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failed.</exception>
    public SpooledMessage Import(SpoolId message, ReadOnlyMemory<byte> content)
    {
        var failure = FindObstacle();
        var id = message.ForAttempt(Interlocked.Increment(ref _sequence), _node);
        using var buffer = new SpoolBuffer(id, Path.Combine(_temporary, id.Value), Math.Max(_memory, content.Length + 1), failure);
        buffer.Write(content.Span);
        return Commit(buffer, []);
    }

    /// <summary>Creates a buffer for a message whose id follows from another one (<see cref="SpoolId.Derive"/>). Its file belongs to this attempt until <see cref="Publish"/>.</summary>
    public SpoolBuffer BeginAttempt(SpoolId message)
    {
        var failure = FindObstacle();
        var id = message.ForAttempt(Interlocked.Increment(ref _sequence), _node);
        return new SpoolBuffer(id, Path.Combine(_temporary, id.Value), _memory, failure);
    }

    /// <summary>Gives the file of an attempt the name of its message. The name is durable after <see cref="SyncNames"/>.</summary>
    public SpooledMessage Publish(SpooledMessage attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        var id = new SpoolId(attempt.Id.Base);
        Posix.TryRename(PathOf(attempt.Id), PathOf(id));
        return attempt with { Id = id };
    }

    /// <summary>Removes a message after its delivery or bounce. Links in Maildirs remain.</summary>
    public void Remove(SpoolId id)
    {
        // In this order, because an envelope without a message is recognised as a leftover.
        Posix.TryUnlink(PathOf(id));
        Envelopes.Remove(id);
    }

    /// <summary>Moves a message and its envelope, if any, to <see cref="Unexplained"/>.</summary>
    public void SetAside(SpoolId id)
    {
        Posix.CreatePrivateDirectory(Unexplained);
        foreach (var file in new[] { PathOf(id), Envelopes.PathOf(id) }) Posix.TryRename(file, Path.Combine(Unexplained, Path.GetFileName(file)));
    }

    /// <summary>Directory of the damaged messages that were set aside.</summary>
    public string Damaged => Path.Combine(_directory, DamagedFolder);

    public bool HasDamaged => System.IO.Directory.Exists(Damaged) && System.IO.Directory.EnumerateFiles(Damaged).Any();

    /// <summary>Moves a damaged message to <see cref="Damaged"/>. Its envelope stays, because its sender is still to be told.</summary>
    public void SetAsideDamaged(SpoolId id)
    {
        Posix.CreatePrivateDirectory(Damaged);
        Posix.TryRename(PathOf(id), Path.Combine(Damaged, id.Value));
    }

    public MessageContent Open(SpoolId id) =>
        FileContent.TryOpen(PathOf(id)) ?? throw new FileNotFoundException("no such message in the spool", id.Value);

    /// <summary>Parses a message of the spool again. Throws <see cref="FileNotFoundException"/> if it does not exist.</summary>
    public SpooledMessage Reopen(SpoolId id, DateTimeOffset receivedAt)
    {
        using var content = Open(id);
        return new SpooledMessage(id, content.Length, _format.Summarize(content), receivedAt);
    }

    /// <summary>Makes the file names of all messages committed so far durable.</summary>
    public void SyncNames() => Posix.SyncDirectory(_directory);

    /// <summary>Lists the messages accepted by this node, oldest first.</summary>
    public IReadOnlyList<SpoolId> List() => [.. Messages().Where(static id => !id.IsAttempt)];

    /// <summary>Lists the envelopes of this node without a message.</summary>
    public IReadOnlyList<SpoolId> ListOrphanedEnvelopes() =>
        [.. Names().Where(EnvelopeStore.IsEnvelope).Select(EnvelopeStore.MessageOf).Where(id => IsOurs(id) && !Contains(id))];

    /// <summary>True if the message has been linked into a Maildir.</summary>
    public bool IsLinked(SpoolId id) => FileStat.Find(PathOf(id)) is { Links: > 1 };

    /// <summary>True if any node has this message in the spool.</summary>
    public bool Contains(SpoolId id) => File.Exists(PathOf(id));

    /// <summary>Flushes a complete message. Its modification time preserves the internal date if an index is lost.</summary>
    private static void Finish(SafeFileHandle file, DateTimeOffset received)
    {
        File.SetLastWriteTimeUtc(file, received.UtcDateTime);
        Flush(file);
    }

    internal static void Flush(SafeFileHandle file)
    {
        var startedAt = Stopwatch.GetTimestamp();
        RandomAccess.FlushToDisk(file);
        ServerMetrics.RecordFlush("spool", startedAt);
    }

    private IEnumerable<SpoolId> Messages() => Names().Where(static n => !EnvelopeStore.IsEnvelope(n)).Select(static n => new SpoolId(n)).Where(IsOurs);

    private IOException? FindObstacle() => _isFull() ? new IOException("the disk is full") : TryStart();

    private IEnumerable<string> Names() => FolderDirectory.List(_directory).Order(StringComparer.Ordinal);

    private bool IsOurs(SpoolId id) => id.Value.Length <= MaxName && (!_isShared || id.Value.EndsWith("." + _node, StringComparison.Ordinal));

    private string PathOf(SpoolId id) => string.Concat(_directory, "/", id.Value);

    private SpoolId NextId() => SpoolId.New(_time.GetUtcNow(), Environment.ProcessId, Interlocked.Increment(ref _sequence), _node);

    private (MessageSummary Summary, long Size) WriteFromMemory(SpoolBuffer buffer, byte[] prefix, string path, DateTimeOffset received)
    {
        using var handle = Create(path);
        RandomAccess.Write(handle, buffer.Pieces(prefix), 0);
        Finish(handle, received);
        using var content = new InMemoryContent(buffer.Sequence(prefix));
        return (_format.Summarize(content), content.Length);
    }

    private (MessageSummary Summary, long Size) WriteFromFile(SpoolBuffer buffer, ReadOnlySpan<byte> prefix, string path, DateTimeOffset received)
    {
        buffer.WriteOut();
        var handle = Create(path);
        using var content = Fill(handle, buffer.File!, prefix, received);
        return (_format.Summarize(content), content.Length);
    }

    private static FileContent Fill(SafeFileHandle target, SafeFileHandle source, ReadOnlySpan<byte> prefix, DateTimeOffset received)
    {
        try
        {
            RandomAccess.Write(target, prefix, 0);
            var block = new byte[CopyBlock];
            long offset = 0;
            while (RandomAccess.Read(source, block, offset) is > 0 and var count)
            {
                RandomAccess.Write(target, block.AsSpan(0, count), prefix.Length + offset);
                offset += count;
            }

            Finish(target, received);
            return new FileContent(target);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    private static SafeFileHandle Create(string path) =>
        PrivateFile.Create(path);

    /// <summary>Starts a new sequence of ids, once; returns the failure if it cannot.</summary>
    private IOException? TryStart()
    {
        lock (_starting)
        {
            if (_isStarted) return null;
            try
            {
                _sequence = NextStart() << 32;
                _isStarted = true;
                return null;
            }
            catch (IOException e)
            {
                return e;
            }
        }
    }

    // Ids must differ from those of all earlier runs, independently of clock and process id: a repeated id would look like a message that was already delivered.
    private long NextStart()
    {
        var path = Path.Combine(_directory, _isShared ? ".starts." + _node : ".starts");
        var before = StateFile.TryReadLines(path) switch
        {
            null => 0,
            [var line, ..] when long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and < int.MaxValue => n,
            // The number was lost: the time is larger than the number of starts can be.
            _ => Math.Clamp(_time.GetUtcNow().ToUnixTimeSeconds(), 1, int.MaxValue - 1),
        };
        StateFile.Replace(path, [(before + 1).ToString(CultureInfo.InvariantCulture)], sync: true);
        return before + 1;
    }
}
