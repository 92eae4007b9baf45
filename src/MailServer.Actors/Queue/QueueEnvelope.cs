using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Actors.Entities;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Queue;

/// <summary>
/// The content of an <c>.envelope</c> file: the events of one message in the journal's format. Each record is a line <c>manifest length checksum</c>, the
/// octets and a line feed. Reading stops at the first truncated or damaged record; the records before it count.
/// </summary>
internal static class QueueEnvelope
{
    private const int ChecksumOctets = 8;
    private const int MaxHeader = 100;

    public static byte[] Encode(QueueEvent happened)
    {
        var octets = QueueEventCodec.Write(happened);
        var header = string.Create(CultureInfo.InvariantCulture, $"{QueueEventCodec.Manifest(happened)} {octets.Length} {Checksum(octets)}\n");
        return [.. Encoding.ASCII.GetBytes(header), .. octets, (byte)'\n'];
    }

    /// <summary>The message as described by its envelope, finished or not; null when the envelope is unusable.</summary>
    public static QueueItem? Decode(ReadOnlySpan<byte> file)
    {
        var state = new QueueState();
        QueueItem? item = null;
        while (ReadRecord(ref file) is { } happened) item = state.Apply(happened) ?? item;
        return item;
    }

    /// <summary>Reads the envelope from the spool; null when there is no readable one.</summary>
    public static QueueItem? Find(MessageSpool spool, SpoolId message)
    {
        try
        {
            return spool.Envelopes.Read(message) is { } octets ? Decode(octets) : null;
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            return null;
        }
    }

    /// <summary>True when the event changes what would be sent again if the journal were lost.</summary>
    public static bool Concerns(QueueEvent happened) =>
        happened is not QueueEvent.Attempted attempted || attempted.Results.Any(static r => r.State != RecipientState.Waiting);

    private static QueueEvent? ReadRecord(ref ReadOnlySpan<byte> file)
    {
        var end = file[..Math.Min(file.Length, MaxHeader)].IndexOf((byte)'\n');
        if (end < 0) return null;
        var parts = Encoding.ASCII.GetString(file[..end]).Split(' ');
        if (parts is not [var manifest, var length, var checksum] || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var octets)) return null;
        var rest = file[(end + 1)..];
        if (rest.Length <= octets || Checksum(rest[..octets]) != checksum || !QueueEventCodec.CanRead(manifest, rest[..octets].ToArray())) return null;
        file = rest[(octets + 1)..];
        return QueueEventCodec.Read(rest[..octets].ToArray(), manifest) as QueueEvent;
    }

    private static string Checksum(ReadOnlySpan<byte> octets) => Convert.ToHexStringLower(SHA256.HashData(octets).AsSpan(0, ChecksumOctets));
}
