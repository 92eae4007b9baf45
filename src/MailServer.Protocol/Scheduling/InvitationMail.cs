using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Smtp.Trace;
using MimeKit;

namespace MailServer.Protocol.Scheduling;

/// <summary>iTIP in mail (RFC 6047): a text for people, the calendar part that programs act on, and the same once more as a file.</summary>
public static class InvitationMail
{
    /// <summary>A mail with more than this is no invitation.</summary>
    public const int MaxMail = 4 * 1024 * 1024;

    private const int MaxParts = 50;

    /// <param name="output">Where it goes, with CRLF.</param>
    /// <param name="message">What it carries.</param>
    /// <param name="unique">The local part of its Message-ID.</param>
    /// <param name="now">Its Date.</param>
    public static void Write(IBufferWriter<byte> output, ItipMessage message, string unique, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(message);
        if (!ReceivedMessage.TryParse(message.Body, out var about)) throw new FormatException("not an iTIP message");
        var component = about.Calendar.Components[0].Content;
        var line = message.Method == ItipMethod.Reply ? SchedulingObject.AttendeeLine(component, message.Sender) : component.Line("ORGANIZER");
        var name = line?.Parameter("CN")?.Trim() is { Length: > 0 } given && !given.Contains('@', StringComparison.Ordinal) ? given : null;
        var participation = message.Method == ItipMethod.Reply && line is not null ? SchedulingObject.Participation(line) : null;
        using var mail = new MimeMessage
        {
            Date = now,
            MessageId = $"{unique}@{message.Sender.Domain}",
            Subject = InvitationText.Subject(about, participation),
            Body = Content(message, InvitationText.Body(about, name ?? message.Sender.ToString(), participation)),
        };
        mail.From.Add(new MailboxAddress(name, message.Sender.ToString()));
        mail.To.Add(new MailboxAddress(null, message.Recipient.ToString()));
        using var buffer = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        format.International = !Ascii.IsValid(message.Sender.ToString() + message.Recipient);
        mail.WriteTo(format, buffer);
        output.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>True when the stored description of a message's parts names a calendar.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> bodyStructure) => TextIn(bodyStructure, "\"calendar\""u8);

    /// <summary>The author and the calendar part with a METHOD; null when there is not one of each.</summary>
    public static (EmailAddress From, byte[] Body)? Read(MessageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Length > MaxMail || HeaderSection.Read(content, MaxMail) is not { } header) return null;
        if (SubmissionHeaders.Read(header).From is not [var author]) return null;
        using var stream = content.AsStream();
        try
        {
            using var mail = MimeMessage.Load(stream);
            foreach (var part in mail.BodyParts.Take(MaxParts).OfType<MimePart>())
            {
                if (part.ContentType.IsMimeType("text", "calendar") && part.ContentType.Parameters["method"] is { } method && Decode(part) is { } body && MethodOf(body) is { } said)
                    return said.Equals(method.Trim(), StringComparison.OrdinalIgnoreCase) ? (author, body) : null;
            }
        }
        catch (FormatException)
        {
            // No mail that anybody could read.
        }

        return null;
    }

    // RFC 6047 §2.4: the parameter and the property say the same. What people are shown by one program must not be another thing than what this one does.
    private static string? MethodOf(byte[] body) =>
        ContentTree.TryRead(body, CalendarLimits.Default.Content, out var roots, out _) && roots is [var root] ? root.Line("METHOD")?.Text.Trim() : null;

    private static Multipart Content(ItipMessage message, string text)
    {
        var method = message.Method.ToString().ToUpperInvariant();
        var words = new TextPart("plain") { Text = text };
        return new Multipart("mixed")
        {
            new MultipartAlternative { words, Calendar("text", "calendar", method, message.Body) },
            Calendar("application", "ics", method, message.Body, "invite.ics"),
        };
    }

    private static MimePart Calendar(string type, string subtype, string method, ReadOnlyMemory<byte> body, string? file = null)
    {
        var part = new MimePart(type, subtype) { Content = new MimeContent(new MemoryStream(body.ToArray())), ContentTransferEncoding = ContentEncoding.Base64 };
        if (file is null)
        {
            // RFC 6047 §2.4
            part.ContentType.Parameters.Add("method", method);
            part.ContentType.Parameters.Add("charset", "UTF-8");
            return part;
        }

        part.ContentType.Name = file;
        part.ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = file };
        return part;
    }

    private static byte[]? Decode(MimePart part)
    {
        if (part.Content is null) return null;
        using var decoded = new MemoryStream();
        part.Content.DecodeTo(decoded);
        var octets = decoded.ToArray();
        var charset = part.ContentType.Charset;
        return charset is null || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)
            ? octets
            : Encoding.UTF8.GetBytes(part is TextPart words ? words.Text : Encoding.Latin1.GetString(octets));
    }

    private static bool TextIn(ReadOnlySpan<byte> text, ReadOnlySpan<byte> wanted)
    {
        for (var i = 0; i + wanted.Length <= text.Length; i++)
            if (Ascii.EqualsIgnoreCase(text.Slice(i, wanted.Length), wanted)) return true;
        return false;
    }
}
