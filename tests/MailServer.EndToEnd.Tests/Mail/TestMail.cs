using System.Text;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Mail;

/// <summary>Messages for tests, and a short way to deliver one.</summary>
public static class TestMail
{
    /// <summary>A unique marker.</summary>
    public static string NewSubject() => "subject-" + Guid.NewGuid().ToString("N");

    /// <summary>A complete message with CRLF line endings.</summary>
    public static string Text(string to, string subject, string body = "A few words.\r\n", string from = "someone@sender.example") =>
        $"From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{Guid.NewGuid():N}@sender.example>\r\n"
        + $"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}";

    /// <summary>Delivers to the receiving port and expects 250 for everything.</summary>
    public static async Task DeliverAsync(this ServerProcess server, string message, params string[] recipients)
    {
        await using var wire = await WireClient.ConnectAsync(server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        var reply = await wire.TransactionAsync("someone@sender.example", recipients, message);
        Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
        await wire.SmtpAsync("QUIT");
    }

    /// <summary>Runs one transaction; returns the first refusal or the reply to the content. <paramref name="message"/> is UTF-16 text that is sent as UTF-8.</summary>
    public static async Task<string> TransactionAsync(this WireClient wire, string sender, IEnumerable<string> recipients, string message)
    {
        var reply = await wire.SmtpAsync($"MAIL FROM:<{sender}>");
        foreach (var recipient in recipients)
        {
            if (reply.StartsWith("250", StringComparison.Ordinal))
            {
                reply = await wire.SmtpAsync($"RCPT TO:<{recipient}>");
            }
        }

        if (!reply.StartsWith("250", StringComparison.Ordinal))
        {
            return reply;
        }

        reply = await wire.SmtpAsync("DATA");
        if (!reply.StartsWith("354", StringComparison.Ordinal))
        {
            return reply;
        }

        await wire.SendAsync(Encoding.UTF8.GetBytes(DotStuffed(message) + ".\r\n"));
        return await wire.SmtpReplyAsync();
    }

    private static string DotStuffed(string message)
    {
        var stuffed = message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        return stuffed.StartsWith('.') ? "." + stuffed : stuffed;
    }
}
