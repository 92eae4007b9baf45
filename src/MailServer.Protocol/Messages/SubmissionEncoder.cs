using System.Buffers;
using MailServer.Domain;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Messages;

/// <summary>The result of <see cref="SubmissionEncoder.Encode"/>.</summary>
public enum SubmissionChange
{
    /// <summary>The message is correct as it is; nothing was written.</summary>
    None,

    /// <summary>The corrected message was written.</summary>
    Rewritten,

    /// <summary>A line is too long where nothing may be changed, such as under a signature. The output is useless.</summary>
    Impossible,
}

/// <summary>
/// Corrects a submitted message before it is signed and sent (RFC 6409 §8): removes Bcc and Resent-Bcc, folds header lines and encodes parts with lines
/// of more than 998 octets (RFC 5321 §4.5.3.1.6): text as quoted-printable, everything else as base64. The decoded content stays the same, and all other
/// octets stay as they are. Parts of multipart/signed and multipart/encrypted and OpenPGP text are never changed, because that would break them.
/// </summary>
public static class SubmissionEncoder
{
    public static SubmissionChange Encode(MessageContent content, Limits limits, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(output);
        using var window = new ContentWindow(content, (int)Math.Clamp(content.Length, 1, 64 * 1024));
        using var describer = new PartDescriber(limits, describes: false);
        var header = content.ReadRange(0, (int)Math.Min(new DelimiterFinder(window).FindHeaderEnd(0), limits.MaxHeaderSize));
        if (!SubmissionWriter.HasBlindCopies(header) && !LineLength.Exceeds(content, 0, content.Length)) return SubmissionChange.None;
        var message = new StructureScanner(window, limits, describer, cachedHeaders: null).Scan();
        return new SubmissionWriter(content, limits, output).Write(message) ? SubmissionChange.Rewritten : SubmissionChange.Impossible;
    }
}
