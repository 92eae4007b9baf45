using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Headers;

/// <summary>
/// Writes the trace fields of an accepted message (RFC 5321 §4.4): Received, and Return-Path at final delivery. Text from the client is sanitized so
/// that it cannot end a line or comment.
/// </summary>
public sealed class TraceFields(string hostname, TimeProvider time)
{
    private static readonly SearchValues<char> Harmless =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]+=");

    public static void WriteReturnPath(IBufferWriter<byte> output, EmailAddress? sender)
    {
        ArgumentNullException.ThrowIfNull(output);
        Write(output, $"Return-Path: <{sender}>\r\n");
    }

    /// <summary>
    /// Writes a Received field. <paramref name="id"/> is the spool id; <paramref name="reverseName"/> is the client's host name from DNS, null when
    /// unknown. A recipient is only named when it is the only one, so that recipients stay hidden from each other.
    /// </summary>
    public void WriteReceived(IBufferWriter<byte> output, MailTransaction transaction, string id, string? reverseName = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(id);
        var field = new StringBuilder(256);
        field.Append("Received: from ").Append(Sanitize(transaction.HeloName));
        field.Append(" (").Append(Sanitize(reverseName)).Append(' ').Append(Literal(transaction.RemoteAddress)).Append(")\r\n");
        if (transaction.Tls is { } tls)
            field.Append("\t(using ").Append(Sanitize(tls.Protocol)).Append(" with cipher ").Append(Sanitize(tls.CipherSuite)).Append(")\r\n");
        field.Append("\tby ").Append(hostname).Append(" with ").Append(ProtocolOf(transaction)).Append(" id ").Append(Sanitize(id));
        if (transaction.Recipients is [var recipient]) field.Append("\r\n\tfor <").Append(recipient).Append('>');
        field.Append(";\r\n\t").Append(MailDate.Format(time.GetUtcNow())).Append("\r\n");
        Write(output, field.ToString());
    }

    // RFC 3848; RFC 6531 §4.3 for the UTF8 forms.
    private static string ProtocolOf(MailTransaction transaction)
    {
        if (!transaction.UsesEhlo) return "SMTP";
        var name = transaction.SmtpUtf8 ? "UTF8SMTP" : "ESMTP";
        if (transaction.Tls is not null) name += "S";
        return transaction.Account is null ? name : name + "A";
    }

    private static string Literal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";
    }

    private static string Sanitize(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "unknown";
        if (!text.AsSpan().ContainsAnyExcept(Harmless)) return text;
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = Harmless.Contains(source[i]) ? source[i] : '?';
        });
    }

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
