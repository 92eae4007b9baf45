using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Timing;

namespace MailServer.Importing;

/// <summary>The result of an import. Every message found was filed, was already present, or was refused.</summary>
internal sealed record ImportSummary(long Found, long Filed, long AlreadyThere, long Refused, long Octets);

/// <summary>
/// Imports messages from a source into a mailbox in batches of bounded size. The id of a message is derived from its content, its folder and the number of
/// identical messages before it, so a repeated import files nothing twice, whatever the kind of source.
/// </summary>
internal sealed class MailImporter(IImportTarget target, long maxMessage, ImportReport report, Action<ImportSummary> progress, TimeProvider time)
{
    /// <summary>Files messages that are already there again, as often as they are imported.</summary>
    public bool KeepsDuplicates { get; init; }

    /// <summary>The most messages of a source. A small archive can unpack to any number of tiny messages, each of which becomes a file.</summary>
    public long MostMessages { get; init; } = long.MaxValue;

    /// <summary>The number of attempts while the mailbox is temporarily unavailable, for example while its index is rebuilt.</summary>
    public const int Attempts = 6;

    private const int BatchMessages = 200;
    private const int BatchOctets = 8 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    private readonly Dictionary<(FolderName Folder, UInt128 Hash), int> _seen = [];
    private readonly List<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> _batch = new(BatchMessages);
    private readonly byte[] _run = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
    private readonly List<string> _places = new(BatchMessages);
    private int _octetsInBatch;
    private ImportSummary _summary = new(0, 0, 0, 0, 0);

    /// <exception cref="InvalidDataException">The source has more messages than it may have; those before are imported.</exception>
    public async Task<ImportSummary> RunAsync(IMailSource source, CancellationToken cancel)
    {
        await foreach (var item in source.ReadAsync(cancel))
        {
            if (_summary.Found + _batch.Count >= MostMessages)
            {
                await FileAsync(cancel);
                throw new InvalidDataException($"there are too many messages; the first {Quantity.Of(_summary.Found, "message")} were read, import the others separately");
            }

            if (item is not SourceMessage message)
            {
                Refuse((SourceRefusal)item);
                continue;
            }

            var content = LineEndings.ToCrlf(message.Content);
            if (content.Length > maxMessage)
            {
                Refuse(SourceRefusal.TooLarge(message.Where, content.Length, maxMessage, ImportedHeader.Read(content.Span).MessageId));
                continue;
            }

            if (_batch.Count == BatchMessages || _octetsInBatch + content.Length > BatchOctets) await FileAsync(cancel);
            _batch.Add((new ImportedMessage(IdOf(message, content.Span), message.Folder, message.Flags, message.Date, message.IsSubscribed), content));
            _places.Add(message.Where);
            _octetsInBatch += content.Length;
        }

        await FileAsync(cancel);
        return _summary;
    }

    private void Refuse(SourceRefusal refusal)
    {
        report.Add(refusal);
        _summary = _summary with { Found = _summary.Found + 1, Refused = _summary.Refused + 1 };
    }

    private async Task FileAsync(CancellationToken cancel)
    {
        if (_batch.Count == 0) return;
        var outcomes = await OfferAsync(cancel);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (ReasonOf(outcomes[i]) is { } reason) Refuse(new SourceRefusal(_places[i], $"{_batch[i].Message.Folder}: {reason}", ImportedHeader.Read(_batch[i].Content.Span).MessageId));
            else _summary = Count(outcomes[i], _batch[i].Content.Length);
        }

        _batch.Clear();
        _places.Clear();
        _octetsInBatch = 0;
        progress(_summary);
    }

    private ImportSummary Count(ImportOutcome outcome, long octets) => _summary with
    {
        Found = _summary.Found + 1,
        Filed = _summary.Filed + (outcome == ImportOutcome.Filed ? 1 : 0),
        AlreadyThere = _summary.AlreadyThere + (outcome == ImportOutcome.AlreadyThere ? 1 : 0),
        Octets = _summary.Octets + octets,
    };

    /// <summary>
    /// Files the batch. Messages whose keywords exceed the limit of the folder are retried without keywords, and temporarily refused messages are retried
    /// after a pause.
    /// </summary>
    private async Task<ImportOutcome[]> OfferAsync(CancellationToken cancel)
    {
        ImportOutcome[] outcomes = [.. await target.FileAsync(_batch, cancel)];
        await AgainAsync(outcomes, static (o, m) => o == ImportOutcome.LimitReached && m.Flags.Keywords.Count > 0, WithoutKeywords, cancel);
        var pauses = new ExponentialBackoff(FirstPause, LongestPause);
        for (var attempt = 1; attempt < Attempts && outcomes.Contains(ImportOutcome.Unavailable); attempt++)
        {
            await Task.Delay(pauses.Next(), time, cancel);
            await AgainAsync(outcomes, static (o, _) => o == ImportOutcome.Unavailable, static m => m, cancel);
        }

        return outcomes;
    }

    private async Task AgainAsync(
        ImportOutcome[] outcomes, Func<ImportOutcome, ImportedMessage, bool> choose, Func<ImportedMessage, ImportedMessage> change, CancellationToken cancel)
    {
        int[] open = [.. Enumerable.Range(0, outcomes.Length).Where(i => choose(outcomes[i], _batch[i].Message))];
        if (open.Length == 0) return;
        foreach (var i in open) _batch[i] = (change(_batch[i].Message), _batch[i].Content);
        var again = await target.FileAsync([.. open.Select(i => _batch[i])], cancel);
        for (var i = 0; i < open.Length; i++) outcomes[open[i]] = again[i];
    }

    private static ImportedMessage WithoutKeywords(ImportedMessage message) => message with { Flags = new MessageFlags(message.Flags.System, KeywordSet.Empty) };

    /// <summary>The reason of a refusal; null if the message is in the mailbox.</summary>
    private static string? ReasonOf(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.Filed or ImportOutcome.AlreadyThere => null,
        ImportOutcome.OverQuota => "the mailbox is full (see 'mailserver user quota')",
        ImportOutcome.LimitReached => "the folder has too many messages or keywords, or the account too many folders",
        ImportOutcome.NoFolder => "the folder cannot be created",
        _ => "the mailbox is unavailable; see the server's log",
    };

    private SpoolId IdOf(SourceMessage message, ReadOnlySpan<byte> content)
    {
        var hash = ImportFingerprint.Of(content);
        var key = (message.Folder, System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
        var before = _seen.GetValueOrDefault(key);
        _seen[key] = before + 1;
        using var place = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        place.AppendData(hash);
        place.AppendData(Encoding.UTF8.GetBytes($"{message.Folder.Value}\n{before}"));
        if (KeepsDuplicates) place.AppendData(_run);
        // Not the source's date: a copy of a Maildir has other times of its files.
        var date = ImportedHeader.Read(content).Date ?? DateTimeOffset.UnixEpoch;
        return new SpoolId($"{date.ToUnixTimeSeconds()}.I{Convert.ToHexStringLower(place.GetHashAndReset().AsSpan(0, 16))}.import");
    }
}
