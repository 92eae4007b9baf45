using System.Text;
using MailServer.Domain;
using MailServer.Domain.Messages;
using MailServer.Protocol.Messages;
using MimeKit.Encodings;

namespace MailServer.Protocol.Reports;

/// <summary>Finds attachments that may be reports, using the stored message summary.</summary>
public static class ReportAttachments
{
    private const int MaxAttachments = 4;
    private const int MaxHeaderLength = 16 * 1024;

    private static readonly string[] Marks = ["zip", "xml", "json", "tlsrpt", "octet-stream"];

    /// <summary>A cheap check whether a message may contain a report. False positives are possible, false negatives are not.</summary>
    public static bool MayContainReport(MessageSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var structure = Encoding.Latin1.GetString(summary.BodyStructure.Span);
        return Marks.Any(mark => structure.Contains(mark, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The decoded parts that may be reports: neither text nor images, and not above the size limit.</summary>
    public static IReadOnlyList<byte[]> Find(MessageSummary summary, MessageContent content, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(limits);
        var found = new List<byte[]>();
        var parts = new PartTableReader(summary.Parts.Span);
        while (found.Count < MaxAttachments && parts.TryRead(out var part))
        {
            // Base64 encodes three octets as four, plus line ends.
            if (part.Kind != PartKind.Leaf || part.BodyLength is 0 || part.BodyLength > limits.ReportAttachment * 3L / 2) continue;
            var header = content.ReadRange(part.HeaderOffset, (int)Math.Min(part.HeaderLength, MaxHeaderLength));
            if (!IsCandidate(header)) continue;
            var octets = Decode(header, content.ReadRange(part.Body.Offset, (int)part.BodyLength));
            if (octets.Length > 0 && octets.Length <= limits.ReportAttachment) found.Add(octets);
        }

        return found;
    }

    private static bool IsCandidate(ReadOnlySpan<byte> header)
    {
        var type = HeaderFields.TryFind(header, "Content-Type"u8, out var field) ? Encoding.Latin1.GetString(field.Value) : "text/plain";
        return !StartsWith(type, "text/plain") && !StartsWith(type, "text/html") && !StartsWith(type, "image/");
    }

    private static byte[] Decode(ReadOnlySpan<byte> header, byte[] body)
    {
        var encoding = HeaderFields.TryFind(header, "Content-Transfer-Encoding"u8, out var field) ? Encoding.Latin1.GetString(field.Value) : "";
        IMimeDecoder? decoder = StartsWith(encoding, "base64") ? new Base64Decoder() : StartsWith(encoding, "quoted-printable") ? new QuotedPrintableDecoder() : null;
        if (decoder is null) return body;
        var decoded = new byte[decoder.EstimateOutputLength(body.Length)];
        return decoded[..decoder.Decode(body, 0, body.Length, decoded)];
    }

    private static bool StartsWith(string text, string start) => text.StartsWith(start, StringComparison.OrdinalIgnoreCase);
}
