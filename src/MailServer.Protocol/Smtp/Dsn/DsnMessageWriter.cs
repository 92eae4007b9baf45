using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.Smtp.Dsn;

/// <summary>
/// Writes a <see cref="DsnMessage"/> as multipart/report (RFC 6522): a human-readable text, the machine-readable fields of RFC 3464, and the
/// message or its header. Text from other hosts is reduced to printable ASCII so that it cannot end a line.
/// </summary>
public static class DsnMessageWriter
{
    /// <param name="output">Receives the notification.</param>
    /// <param name="notice">The content.</param>
    /// <param name="returned">The message or its header section, with CRLF line ends; empty when it no longer exists.</param>
    /// <param name="whole">Whether <paramref name="returned"/> is the whole message.</param>
    public static void Write(IBufferWriter<byte> output, DsnMessage notice, ReadOnlySpan<byte> returned, bool whole)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(notice);
        var boundary = BoundaryFor(notice.UniqueId, returned);
        var eightBit = !Ascii.IsValid(returned);
        var text = new StringBuilder(2048);
        WriteHeader(text, notice, boundary, eightBit);
        WriteText(text.Append("--").Append(boundary).Append("\r\n"), notice);
        WriteStatus(text.Append("--").Append(boundary).Append("\r\n"), notice);
        if (!returned.IsEmpty)
        {
            text.Append("--").Append(boundary).Append("\r\nContent-Type: ").Append(ReturnedType(notice, whole)).Append("\r\n");
            if (eightBit) text.Append("Content-Transfer-Encoding: 8bit\r\n");
            text.Append("\r\n");
        }

        Encoding.UTF8.GetBytes(text.ToString(), output);
        output.Write(returned);
        Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n", output);
    }

    private static void WriteHeader(StringBuilder text, DsnMessage notice, string boundary, bool eightBit)
    {
        text.Append(CultureInfo.InvariantCulture, $"From: Mail Delivery System <MAILER-DAEMON@{notice.Hostname}>\r\n");
        text.Append(CultureInfo.InvariantCulture, $"To: {notice.To}\r\nSubject: {Subject(notice.Action)}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {MailDate.Format(notice.Now)}\r\nMessage-ID: <{notice.UniqueId}@{notice.Hostname}>\r\n");
        // RFC 3834 §5.1: suppresses automatic responses.
        text.Append("Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"{boundary}\"\r\n");
        if (eightBit) text.Append("Content-Transfer-Encoding: 8bit\r\n");
        text.Append("\r\n");
    }

    private static void WriteText(StringBuilder text, DsnMessage notice)
    {
        text.Append("Content-Type: text/plain; charset=utf-8\r\n");
        if (notice.Recipients.Any(static r => !Ascii.IsValid(r.Address.Local))) text.Append("Content-Transfer-Encoding: 8bit\r\n");
        text.Append("\r\nThis is the mail system at ").Append(notice.Hostname).Append(".\r\n\r\n").Append(Explanation(notice.Action)).Append("\r\n");
        if (notice.RetryUntil is { } until)
            text.Append("It will be tried until ").Append(MailDate.Format(until)).Append(".\r\n");
        foreach (var recipient in notice.Recipients)
        {
            text.Append("\r\n  <").Append(recipient.Address).Append(">\r\n");
            if (recipient.LastAttempt is not { } last) continue;
            if (last.Host.Length > 0) text.Append("    ").Append(Sanitize(last.Host)).Append(" said:\r\n");
            text.Append("    ").Append(Sanitize(last.Reply.ToString())).Append("\r\n");
        }

        text.Append("\r\n");
    }

    // RFC 3464 §2.2: the per-message fields, §2.3: the per-recipient fields.
    private static void WriteStatus(StringBuilder text, DsnMessage notice)
    {
        var global = IsGlobal(notice);
        text.Append("Content-Type: message/").Append(global ? "global-delivery-status" : "delivery-status").Append("\r\n");
        if (global) text.Append("Content-Transfer-Encoding: 8bit\r\n");
        text.Append("\r\n");
        if (notice.EnvelopeId is { } id) text.Append("Original-Envelope-Id: ").Append(XText.Decode(id)).Append("\r\n");
        text.Append("Reporting-MTA: dns; ").Append(notice.Hostname).Append("\r\nArrival-Date: ").Append(MailDate.Format(notice.ArrivedAt)).Append("\r\n");
        foreach (var recipient in notice.Recipients) WriteRecipient(text, notice, recipient);
        text.Append("\r\n");
    }

    private static void WriteRecipient(StringBuilder text, DsnMessage notice, DsnRecipient recipient)
    {
        text.Append("\r\n");
        if (recipient.OriginalRecipient?.Split(';', 2) is [var type, var original])
            text.Append("Original-Recipient: ").Append(Original(type, original)).Append("\r\n");
        text.Append("Final-Recipient: ").Append(Ascii.IsValid(recipient.Address.Local) ? "rfc822; " : "utf-8; ").Append(recipient.Address);
        text.Append("\r\nAction: ").Append(notice.Action.ToString().ToLowerInvariant()).Append("\r\nStatus: ").Append(StatusOf(notice.Action, recipient.LastAttempt?.Reply)).Append("\r\n");
        if (recipient.LastAttempt is { } last)
        {
            if (last.Host.Length > 0)
            {
                text.Append("Remote-MTA: dns; ").Append(Sanitize(last.Host)).Append("\r\nDiagnostic-Code: smtp; ");
                text.Append(Sanitize(last.Reply.ToString())).Append("\r\n");
            }

            text.Append("Last-Attempt-Date: ").Append(MailDate.Format(last.At)).Append("\r\n");
        }

        if (notice.RetryUntil is { } until) text.Append("Will-Retry-Until: ").Append(MailDate.Format(until)).Append("\r\n");
    }

    /// <summary>The host's enhanced code if it fits the action (RFC 3463), otherwise only the class. An expired message keeps its 4yz code (RFC 3464 §2.3.4).</summary>
    private static string StatusOf(DsnAction action, SmtpReply? reply)
    {
        if (action is DsnAction.Delivered or DsnAction.Relayed) return "2.0.0";
        var given = Sanitize(reply?.EnhancedCode ?? "");
        var fits = given.Length > 2 && given[1] == '.' && (given[0] == '5' || given[0] == '4');
        if (fits) return given;
        return reply is { IsTransient: true } || action == DsnAction.Delayed ? "4.0.0" : "5.0.0";
    }

    /// <summary>Whether addresses in UTF-8 require the formats of RFC 6533.</summary>
    private static bool IsGlobal(DsnMessage notice) =>
        notice.Recipients.Any(static r => !Ascii.IsValid(r.Address.Local) || (r.OriginalRecipient is { } original && !Ascii.IsValid(Original(original))));

    private static string ReturnedType(DsnMessage notice, bool whole) => (IsGlobal(notice), whole) switch
    {
        (true, true) => "message/global",
        (true, false) => "message/global-headers",
        (false, true) => "message/rfc822",
        _ => "text/rfc822-headers",
    };

    private static string Original(string given) => given.Split(';', 2) is [var type, var original] ? Original(type, original) : "";

    private static string Original(string type, string original) =>
        $"{XText.Decode(type)}; {(type.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? XText.DecodeUtf8(original) : XText.Decode(original))}";

    private static string Subject(DsnAction action) => action switch
    {
        DsnAction.Failed => "Undelivered mail returned to sender",
        DsnAction.Delayed => "Delayed mail (still being retried)",
        DsnAction.Delivered => "Successful mail delivery report",
        _ => "Mail was relayed to a host that sends no reports",
    };

    private static string Explanation(DsnAction action) => action switch
    {
        DsnAction.Failed => "Your message could not be delivered to the recipients below. It will not be tried again.",
        DsnAction.Delayed => "Your message could not be delivered to the recipients below so far. You need not send it again.",
        DsnAction.Delivered => "Your message was delivered to the recipients below.",
        _ => "Your message was handed to hosts that do not report on its delivery to the recipients below.",
    };

    private static string BoundaryFor(string unique, ReadOnlySpan<byte> returned)
    {
        for (var n = 0; ; n++)
        {
            var boundary = string.Create(CultureInfo.InvariantCulture, $"=_{unique.Replace('@', '.')}_{n}");
            if (returned.IndexOf(Encoding.ASCII.GetBytes("--" + boundary)) < 0) return boundary;
        }
    }

    private static string Sanitize(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = source[i] is '\r' or '\n' or '\t' ? ' ' : source[i] is >= ' ' and <= '~' ? source[i] : '?';
    });
}
