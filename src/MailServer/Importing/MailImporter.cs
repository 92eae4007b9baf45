using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Domain.Timing;

namespace MailServer.Importing;

/// <summary>How an import went.</summary>
internal sealed record ImportSummary(long Filed, long Refused, long Octets);

/// <summary>
/// Carries messages from a source to a mailbox in batches of bounded size. A message's name comes from its content, its folder and how many
/// equal ones came before it: an import that was interrupted is simply started again, and files nothing twice.
/// </summary>
internal sealed class MailImporter(IImportTarget target, long maxMessage, Action<string> complain, Action<ImportSummary> progress, TimeProvider time)
{
    /// <summary>How often a batch is offered when the mailbox is not available for a moment, as it is while its index is rebuilt.</summary>
    public const int Attempts = 6;

    private const int BatchMessages = 200;
    private const int BatchOctets = 8 * 1024 * 1024;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(4);

    private readonly Dictionary<(FolderName Folder, UInt128 Hash), int> _seen = [];
    private readonly List<(ImportedMessage Message, ReadOnlyMemory<byte> Content)> _batch = new(BatchMessages);
    private int _octetsInBatch;
    private ImportSummary _summary = new(0, 0, 0);

    public async Task<ImportSummary> RunAsync(IMailSource source, CancellationToken cancel)
    {
        await foreach (var message in source.ReadAsync(complain, cancel))
        {
            var content = LineEnds.ToCrlf(message.Content);
            if (content.Length > maxMessage)
            {
                complain($"a message of {content.Length} octets in {message.Folder} is larger than security.max_message_size and is left out");
                _summary = _summary with { Refused = _summary.Refused + 1 };
                continue;
            }

            if (_batch.Count == BatchMessages || _octetsInBatch + content.Length > BatchOctets) await FileAsync(cancel);
            _batch.Add((new ImportedMessage(IdOf(message, content.Span), message.Folder, message.Flags, message.Date), content));
            _octetsInBatch += content.Length;
        }

        await FileAsync(cancel);
        return _summary;
    }

    private async Task FileAsync(CancellationToken cancel)
    {
        if (_batch.Count == 0) return;
        var outcomes = await OfferAsync(cancel);
        for (var i = 0; i < outcomes.Length; i++)
            if (ReasonOf(outcomes[i]) is { } reason) complain($"a message of {_batch[i].Message.Date:yyyy-MM-dd} was refused by {_batch[i].Message.Folder}: {reason}");
        var failed = outcomes.Count(static o => ReasonOf(o) is not null);
        _summary = new ImportSummary(_summary.Filed + outcomes.Length - failed, _summary.Refused + failed, _summary.Octets + _octetsInBatch);
        _batch.Clear();
        _octetsInBatch = 0;
        progress(_summary);
    }

    /// <summary>Offers the batch, and again what was refused for a moment only.</summary>
    private async Task<ImportOutcome[]> OfferAsync(CancellationToken cancel)
    {
        ImportOutcome[] outcomes = [.. await target.FileAsync(_batch, cancel)];
        var pauses = new BackOff(s_firstPause, s_longestPause);
        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            int[] open = [.. Enumerable.Range(0, outcomes.Length).Where(i => outcomes[i] == ImportOutcome.Unavailable)];
            if (open.Length == 0) break;
            await Task.Delay(pauses.Next(), time, cancel);
            var again = await target.FileAsync([.. open.Select(i => _batch[i])], cancel);
            for (var i = 0; i < open.Length; i++) outcomes[open[i]] = again[i];
        }

        return outcomes;
    }

    /// <summary>Null when the message is in the mailbox.</summary>
    private static string? ReasonOf(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.Filed or ImportOutcome.AlreadyThere => null,
        ImportOutcome.OverQuota => "the mailbox is full (see 'mailserver user quota')",
        ImportOutcome.LimitReached => "the folder has too many messages or keywords, or the account too many folders",
        ImportOutcome.NoFolder => "the folder cannot be created",
        _ => "the mailbox is not available; the server's log says why",
    };

    private SpoolId IdOf(SourceMessage message, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        var key = (message.Folder, System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash));
        var before = _seen.GetValueOrDefault(key);
        _seen[key] = before + 1;
        using var place = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        place.AppendData(hash);
        place.AppendData(Encoding.UTF8.GetBytes($"{message.Folder.Value}\n{before}"));
        return new SpoolId($"{message.Date.ToUnixTimeSeconds()}.I{Convert.ToHexStringLower(place.GetHashAndReset().AsSpan(0, 16))}.import");
    }
}
