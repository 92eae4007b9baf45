using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Smtp.Headers;
using MimeKit;

namespace MailServer.Protocol.Scheduling;

/// <summary>iTIP messages in email (iMIP, RFC 6047): a text part for people, a text/calendar part for clients, and the same data as an attachment.</summary>
public static class InvitationMail
{
    /// <summary>The largest message that is searched for an invitation, in octets.</summary>
    public const int MaxMail = 4 * 1024 * 1024;

    private const int MaxParts = 50;

    /// <param name="output">The destination; lines end with CRLF.</param>
    /// <param name="message">The iTIP message.</param>
    /// <param name="unique">The local part of the Message-ID.</param>
    /// <param name="now">The Date.</param>
    public static void Write(IBufferWriter<byte> output, ItipMessage message, string unique, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(message);
        if (!ReceivedItipMessage.TryParse(message.Body, out var about)) throw new FormatException("not an iTIP message");
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

    /// <summary>True if the stored BODYSTRUCTURE of a message contains a calendar part.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> bodyStructure) => TextIn(bodyStructure, "\"calendar\""u8);

    /// <summary>Reads the author and the calendar part with a METHOD; null unless there is exactly one author and such a part.</summary>
    public static (EmailAddress From, byte[] Body)? Read(MessageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Length > MaxMail || HeaderSectionReader.Read(content, MaxMail) is not { } header) return null;
        if (SubmissionHeaders.Read(header).From is not [var author]) return null;
        using var stream = content.AsStream();
        try
        {
            using var mail = MimeMessage.Load(stream);
            foreach (var part in mail.BodyParts.Take(MaxParts).OfType<MimePart>())
            {
                if (part.ContentType.IsMimeType("text", "calendar") && part.ContentType.Parameters["method"] is { } method && Decode(part) is { } body && MethodOf(body) is { } declared)
                    return declared.Equals(method.Trim(), StringComparison.OrdinalIgnoreCase) ? (author, body) : null;
            }
        }
        catch (FormatException)
        {
            // Not a valid MIME message.
        }

        return null;
    }

    // RFC 6047 §2.4: the method parameter must equal the METHOD property. Otherwise a mail client could show something else than what is applied here.
    private static string? MethodOf(byte[] body) =>
        ContentComponentParser.TryRead(body, CalendarLimits.Default.Content, out var roots, out _) && roots is [var root] ? root.TextOf("METHOD")?.Trim() : null;

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
        // The author cannot be asked to send it again, so characters that cannot be stored are dropped.
        return ReceivedText.Repair(decoded.ToArray(), part.ContentType.Charset).ToArray();
    }

    private static bool TextIn(ReadOnlySpan<byte> text, ReadOnlySpan<byte> wanted)
    {
        for (var i = 0; i + wanted.Length <= text.Length; i++)
            if (Ascii.EqualsIgnoreCase(text.Slice(i, wanted.Length), wanted)) return true;
        return false;
    }
}
