using System.Buffers;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Composing;

/// <summary>Where an automatic message comes from.</summary>
/// <param name="From">The address in From.</param>
/// <param name="Owner">The address of the account.</param>
/// <param name="MessageId">The Message-ID, with its brackets.</param>
/// <param name="Date">The date, as in the header.</param>
public sealed record AutomaticMailOrigin(EmailAddress From, EmailAddress Owner, string MessageId, string Date)
{
    /// <summary>The From field that the script asks for; null for the plain address.</summary>
    public string? FromField { get; init; }
}

/// <summary>Writes the messages that scripts and the server send for an account. Their lines end with CRLF, and their headers are ASCII.</summary>
public static class AutomaticMail
{
    private const int MaxSubject = 200;

    /// <summary>An automatic reply (RFC 5230 §5).</summary>
    /// <param name="reply">What the script wants said.</param>
    /// <param name="to">Whom it is for.</param>
    /// <param name="origin">Where it comes from.</param>
    public static byte[] Reply(SieveVacation reply, EmailAddress to, AutomaticMailOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(origin);
        var output = new ArrayBufferWriter<byte>(1024);
        Begin(output, origin, [to], [], reply.Subject, "auto-replied (vacation)");
        if (reply.InReplyTo is { } before) Add(output, "In-Reply-To", before);
        if (reply.References is { } references) Add(output, "References", references);
        if (reply.IsMime) AddEntity(output, reply.Reason);
        else AddText(output, reply.Reason);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A notification (RFC 5436 §2).</summary>
    /// <param name="notify">What the script wants said.</param>
    /// <param name="about">The header of the message that arrived.</param>
    /// <param name="origin">Where it comes from.</param>
    public static byte[] Notification(SieveNotify notify, SieveMessage about, AutomaticMailOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(notify);
        ArgumentNullException.ThrowIfNull(about);
        ArgumentNullException.ThrowIfNull(origin);
        var output = new ArrayBufferWriter<byte>(1024);
        var (from, subject) = (TextOf(about, "From"), TextOf(about, "Subject"));
        var title = notify.Mail.Subject ?? notify.Message ?? (subject.Length > 0 ? subject : "New message");
        Begin(output, origin, Read(notify.Mail.To), Read(notify.Mail.Cc), FirstLine(title), $"auto-notified; owner-email=\"{origin.Owner}\"");
        if (notify.Importance != 2) Add(output, "Importance", notify.Importance == 1 ? "High" : "Low");
        foreach (var field in notify.Mail.Fields) Add(output, field.Key, field.Value);
        AddText(output, notify.Mail.Body ?? notify.Message ?? $"You have a new message.\n\nFrom: {from}\nSubject: {subject}\n");
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A message from the server to the account.</summary>
    public static byte[] Notice(EmailAddress to, string subject, string text, AutomaticMailOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(origin);
        var output = new ArrayBufferWriter<byte>(1024);
        Begin(output, origin, [to], [], subject, "auto-generated");
        AddText(output, text);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The header section and the blank line of a message whose header a script has changed.</summary>
    public static byte[] Header(IReadOnlyList<SieveField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var output = new ArrayBufferWriter<byte>(4096);
        foreach (var field in fields)
        {
            output.Write(field.Octets.Span);
            if (!field.Octets.Span.EndsWith("\n"u8)) output.Write("\r\n"u8);
        }

        output.Write("\r\n"u8);
        return output.WrittenSpan.ToArray();
    }

    private static void Begin(ArrayBufferWriter<byte> output, AutomaticMailOrigin origin, EmailAddress[] to, EmailAddress[] cc, string subject, string automatic)
    {
        Add(output, "From", origin.FromField ?? origin.From.ToString());
        if (to.Length > 0) Add(output, "To", string.Join(", ", to));
        if (cc.Length > 0) Add(output, "Cc", string.Join(", ", cc));
        Add(output, "Subject", subject);
        Add(output, "Date", origin.Date);
        Add(output, "Message-ID", origin.MessageId);
        Add(output, "Auto-Submitted", automatic);
        Add(output, "MIME-Version", "1.0");
    }

    private static void Add(ArrayBufferWriter<byte> output, string name, string value) =>
        output.Write(SieveField.Create(name, string.Concat(value.Select(static c => char.IsControl(c) ? ' ' : c))).Octets.Span);

    private static void AddText(ArrayBufferWriter<byte> output, string text)
    {
        var isAscii = Ascii.IsValid(text);
        output.Write(Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset={(isAscii ? "us-ascii" : "utf-8")}\r\nContent-Transfer-Encoding: {(isAscii ? "7bit" : "8bit")}\r\n\r\n"));
        output.Write(Encoding.UTF8.GetBytes(WithCrlf(text)));
    }

    /// <summary>The script gives a whole MIME entity. Only fields about its content are used: others would make the reply another one's.</summary>
    private static void AddEntity(ArrayBufferWriter<byte> output, string entity)
    {
        var octets = Encoding.UTF8.GetBytes(WithCrlf(entity));
        var end = octets.AsSpan().IndexOf("\r\n\r\n"u8);
        var head = octets.AsSpan().StartsWith("\r\n"u8) ? 0 : end < 0 ? octets.Length : end + 2;
        foreach (var field in SieveField.ReadAll(octets.AsMemory(0, head), most: 20))
            if (field.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)) output.Write(field.Octets.Span);
        output.Write("\r\n"u8);
        if (head < octets.Length) output.Write(octets.AsSpan(head + 2));
    }

    private static string WithCrlf(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
        return lines.EndsWith("\r\n", StringComparison.Ordinal) ? lines : lines + "\r\n";
    }

    private static string TextOf(SieveMessage message, string name) => message.Fields.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Text ?? "";

    private static string FirstLine(string text)
    {
        var line = text.Split('\n', 2)[0].Trim();
        return SieveText.Cut(line, MaxSubject);
    }

    private static EmailAddress[] Read(IReadOnlyList<string> addresses) => [.. addresses.Select(EmailAddress.Parse)];
}
