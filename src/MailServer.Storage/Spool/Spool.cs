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
/// The accepted messages of this node. A message is written once, with its final content, made durable once, and then linked into Maildirs.
/// May be used by many threads at once.
/// </summary>
public sealed class Spool
{
    /// <summary>The folder in the spool for messages that no journal and no envelope explains.</summary>
    public const string UnexplainedFolder = "unexplained";

    private const int CopyBlock = 64 * 1024;

    // Longer names are not ours, and would leave no room for that of the envelope.
    private const int MaxName = 200;

    private readonly string _directory;
    private readonly string _temporary;
    private readonly string _node;
    private readonly bool _isShared;
    private readonly int _memory;
    private readonly Func<bool> _isFull;
    private readonly IMessageFormat _format;
    private readonly TimeProvider _time;
    private readonly Lock _starting = new();
    private bool _isStarted;
    private long _sequence;

    public Spool(SpoolOptions options, IMessageFormat format, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _directory = options.Directory;
        _node = new string([.. options.Node.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')]);
        _isShared = options.IsShared;
        // What is being written is of no use to anybody when its writer is gone; only its own is known to be.
        _temporary = _isShared ? Path.Combine(_directory, "tmp", _node) : Path.Combine(_directory, "tmp");
        _memory = options.Limits.MessageMemory;
        _isFull = options.IsFull;
        _format = format;
        _time = time;
        Posix.CreatePrivateDirectory(_temporary);
        foreach (var left in System.IO.Directory.EnumerateFiles(_temporary)) Posix.TryUnlink(left);
        // An import that was interrupted is started again from its source.
        foreach (var left in Messages().Where(static id => id.IsAttempt)) Posix.TryUnlink(PathOf(left));
        Envelopes = new EnvelopeFiles(_directory);
        // On a full disk users must be able to sign in and delete: the start is noted before the first message then.
        if (TryStart() is { } failure && !_isFull()) throw new IOException(failure.Message, failure);
    }

    /// <summary>What queued messages need to be queued again without a journal.</summary>
    public EnvelopeFiles Envelopes { get; }

    /// <summary>Where messages lie that were set aside.</summary>
    public string Unexplained => Path.Combine(_directory, UnexplainedFolder);

    /// <summary>A place for a message that arrives.</summary>
    public SpoolBuffer Begin()
    {
        var failure = FindObstacle();
        var id = NextId();
        return new SpoolBuffer(id, Path.Combine(_temporary, id.Value), _memory, failure);
    }

    /// <summary>
    /// Writes <paramref name="prefix"/> (trace fields) and the content to one file and makes it durable. The name of the file is durable only
    /// with <paramref name="durableName"/>: who links the file into a Maildir makes that name durable instead. Blocks on the disk.
    /// </summary>
    public SpooledMessage Commit(SpoolBuffer buffer, ReadOnlySpan<byte> prefix, bool durableName = false)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.ThrowIfIncomplete();
        var id = buffer.Id;
        var written = Path.Combine(_temporary, id.Value + ".final");
        MessageSummary summary;
        long size;
        try
        {
            (summary, size) = buffer.File is null ? WriteFromMemory(buffer, prefix.ToArray(), written) : WriteFromFile(buffer, prefix, written);
            Posix.TryRename(written, PathOf(id));
        }
        catch
        {
            Posix.TryUnlink(written);
            throw;
        }

        if (durableName) Posix.SyncDirectory(_directory);
        return new SpooledMessage(id, size, summary, _time.GetLocalNow());
    }

    /// <summary>
    /// Takes a message from elsewhere whose content gave it its id; its octets are durable when this returns. The file is for this attempt alone:
    /// remove it by the id of the answer.
    /// </summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public SpooledMessage Import(SpoolId message, ReadOnlyMemory<byte> content)
    {
        var failure = FindObstacle();
        var id = message.ForAttempt(Interlocked.Increment(ref _sequence), _node);
        using var buffer = new SpoolBuffer(id, Path.Combine(_temporary, id.Value), Math.Max(_memory, content.Length + 1), failure);
        buffer.Write(content.Span);
        return Commit(buffer, []);
    }

    /// <summary>Delivered everywhere, or given up. Links in Maildirs stay.</summary>
    public void Remove(SpoolId id)
    {
        // In this order: an envelope without a message is known to be a remainder.
        Posix.TryUnlink(PathOf(id));
        Envelopes.Remove(id);
    }

    /// <summary>Moves a message, and its envelope if there is one, to <see cref="Unexplained"/>.</summary>
    public void SetAside(SpoolId id)
    {
        Posix.CreatePrivateDirectory(Unexplained);
        foreach (var file in new[] { PathOf(id), Envelopes.PathOf(id) }) Posix.TryRename(file, Path.Combine(Unexplained, Path.GetFileName(file)));
    }

    public MessageContent Open(SpoolId id) =>
        FileContent.TryOpen(PathOf(id)) ?? throw new FileNotFoundException("no such message in the spool", id.Value);

    /// <summary>A message of the spool, read once more. Throws <see cref="FileNotFoundException"/> when it is not there.</summary>
    public SpooledMessage Reopen(SpoolId id, DateTimeOffset receivedAt)
    {
        using var content = Open(id);
        return new SpooledMessage(id, content.Length, _format.Summarize(content), receivedAt);
    }

    /// <summary>Makes the names of all messages that were committed so far durable.</summary>
    public void SecureNames() => Posix.SyncDirectory(_directory);

    /// <summary>Every message that this node has accepted into the spool, oldest first.</summary>
    public IReadOnlyList<SpoolId> List() => [.. Messages().Where(static id => !id.IsAttempt)];

    /// <summary>Messages of this node of which only the envelope is left.</summary>
    public IReadOnlyList<SpoolId> ListLoneEnvelopes() =>
        [.. Names().Where(EnvelopeFiles.IsEnvelope).Select(EnvelopeFiles.MessageOf).Where(id => IsOurs(id) && !Contains(id))];

    /// <summary>Whether the message has a second name, in a Maildir that it was delivered to.</summary>
    public bool IsLinked(SpoolId id) => FileFacts.Find(PathOf(id)) is { Links: > 1 };

    /// <summary>Whether a message lies in the spool, whichever node put it there.</summary>
    public bool Contains(SpoolId id) => File.Exists(PathOf(id));

    internal static void Flush(SafeFileHandle file)
    {
        var startedAt = Stopwatch.GetTimestamp();
        RandomAccess.FlushToDisk(file);
        Measured.Flushed("spool", startedAt);
    }

    private IEnumerable<SpoolId> Messages() => Names().Where(static n => !EnvelopeFiles.IsEnvelope(n)).Select(static n => new SpoolId(n)).Where(IsOurs);

    private IOException? FindObstacle() => _isFull() ? new IOException("the disk is full") : TryStart();

    private IEnumerable<string> Names() => FolderDirectory.List(_directory).Order(StringComparer.Ordinal);

    private bool IsOurs(SpoolId id) => id.Value.Length <= MaxName && (!_isShared || id.Value.EndsWith("." + _node, StringComparison.Ordinal));

    private string PathOf(SpoolId id) => string.Concat(_directory, "/", id.Value);

    private SpoolId NextId() => SpoolId.New(_time.GetUtcNow(), Environment.ProcessId, Interlocked.Increment(ref _sequence), _node);

    private (MessageSummary Summary, long Size) WriteFromMemory(SpoolBuffer buffer, byte[] prefix, string path)
    {
        using var handle = Create(path);
        RandomAccess.Write(handle, buffer.Pieces(prefix), 0);
        Flush(handle);
        using var content = new MemoryContent(buffer.Sequence(prefix));
        return (_format.Summarize(content), content.Length);
    }

    private (MessageSummary Summary, long Size) WriteFromFile(SpoolBuffer buffer, ReadOnlySpan<byte> prefix, string path)
    {
        buffer.WriteOut();
        var handle = Create(path);
        using var content = Fill(handle, buffer.File!, prefix);
        return (_format.Summarize(content), content.Length);
    }

    private static FileContent Fill(SafeFileHandle target, SafeFileHandle source, ReadOnlySpan<byte> prefix)
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

            Flush(target);
            return new FileContent(target);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    private static SafeFileHandle Create(string path) =>
        OwnFile.Create(path);

    /// <summary>Begins a new run of ids, once; answers why it cannot.</summary>
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

    // Ids must differ from those of every earlier run, whatever the clock and the process number do: a repeated one would pass for a
    // message that is delivered already.
    private long NextStart()
    {
        var path = Path.Combine(_directory, _isShared ? ".starts." + _node : ".starts");
        var before = StateFile.ReadLines(path) is [var line, ..] && long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
        StateFile.Replace(path, [(before + 1).ToString(CultureInfo.InvariantCulture)], sync: true);
        return before + 1;
    }
}
