using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Smtp.Headers;

/// <summary>The header fields that a submission server checks (RFC 6409 §6, §8), collected in one pass over the raw octets.</summary>
public sealed record SubmissionHeaders
{
    private const int MaxMessageId = 250;

    public bool HasDate { get; private init; }

    /// <summary>The Message-ID field, truncated to a maximum length; null without one.</summary>
    public string? MessageId { get; private init; }

    /// <summary>The number of From fields. Exactly one is allowed (RFC 5322 §3.6); with several, readers disagree about the author.</summary>
    public int FromFields { get; private init; }

    /// <summary>All addresses of the single From field; null when there is not exactly one or it is malformed.</summary>
    public IReadOnlyList<EmailAddress>? From { get; private init; }

    /// <summary>The number of Received fields, for loop detection (RFC 5321 §6.3).</summary>
    public int ReceivedFields { get; private init; }

    /// <summary>True for a single <c>TLS-Required: No</c> field (RFC 8689 §3).</summary>
    public bool TlsOptional { get; private init; }

    /// <summary>The header contains octets above 127 and requires SMTPUTF8 (RFC 6532 §3).</summary>
    public bool HasUtf8 { get; private init; }

    public static SubmissionHeaders Read(ReadOnlySpan<byte> headerSection)
    {
        int fromFields = 0, received = 0, tlsFields = 0;
        var tlsOptional = false;
        var date = false;
        string? messageId = null;
        ReadOnlySpan<byte> from = default;
        foreach (var field in HeaderFields.Enumerate(headerSection))
        {
            if (Ascii.EqualsIgnoreCase(field.Name, "Received"u8)) received++;
            else if (Ascii.EqualsIgnoreCase(field.Name, "Date"u8)) date = true;
            else if (Ascii.EqualsIgnoreCase(field.Name, "Message-ID"u8)) messageId ??= Text(field.Value);
            else if (Ascii.EqualsIgnoreCase(field.Name, "TLS-Required"u8)) tlsOptional = ++tlsFields == 1 && Ascii.EqualsIgnoreCase(field.Value.Trim(" \t\r\n"u8), "No"u8);
            else if (Ascii.EqualsIgnoreCase(field.Name, "From"u8) && ++fromFields == 1) from = field.Value;
        }

        return new SubmissionHeaders
        {
            HasDate = date,
            MessageId = messageId,
            FromFields = fromFields,
            From = fromFields == 1 ? FromFieldParser.Parse(from) : null,
            ReceivedFields = received,
            TlsOptional = tlsOptional,
            HasUtf8 = !Ascii.IsValid(headerSection),
        };
    }

    /// <summary>Writes the fields that the client left out: Date, and Message-ID as <c>&lt;unique@hostname&gt;</c> (RFC 6409 §8.1, §8.2).</summary>
    public void WriteMissing(IBufferWriter<byte> output, DateTimeOffset now, string unique, string hostname)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!HasDate) Encoding.ASCII.GetBytes($"Date: {MailDate.Format(now)}\r\n", output);
        if (MessageId is null) Encoding.ASCII.GetBytes($"Message-ID: <{unique}@{hostname}>\r\n", output);
    }

    /// <summary>The Message-ID of the message after <see cref="WriteMissing"/>.</summary>
    public string MessageIdOr(string unique, string hostname) => MessageId ?? $"<{unique}@{hostname}>";

    private static string Text(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n"u8);
        return Encoding.Latin1.GetString(value[..Math.Min(value.Length, MaxMessageId)]);
    }
}
