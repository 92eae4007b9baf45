using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Server;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Mail;

/// <summary>MailKit, connected to the server under test; its self-signed certificate is trusted.</summary>
public static class MailKitClients
{
    /// <summary>Connects over implicit TLS and signs in.</summary>
    public static async Task<ImapClient> ImapAsync(this ServerProcess server, string address, string password = ServerProcess.Password)
    {
        var client = await server.ImapConnectionAsync(SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync(address, password);
        return client;
    }

    /// <summary>Connects without signing in.</summary>
    public static async Task<ImapClient> ImapConnectionAsync(this ServerProcess server, SecureSocketOptions security)
    {
        var client = new ImapClient { ServerCertificateValidationCallback = static (_, _, _, _) => true, CheckCertificateRevocation = false, Timeout = 20_000 };
        await client.ConnectAsync("127.0.0.1", security == SecureSocketOptions.SslOnConnect ? server.Ports.Imaps : server.Ports.Imap, security);
        return client;
    }

    /// <summary>Signs in and opens INBOX for writing.</summary>
    public static async Task<(ImapClient Client, IMailFolder Inbox)> InboxAsync(this ServerProcess server, string address)
    {
        var client = await server.ImapAsync(address);
        await client.Inbox.OpenAsync(FolderAccess.ReadWrite);
        return (client, client.Inbox);
    }

    public static IMailFolder Special(this ImapClient client, SpecialFolder folder) =>
        client.GetFolder(folder) ?? throw new InvalidOperationException($"there is no {folder} folder");

    /// <summary>Connects to a submission port without signing in.</summary>
    public static async Task<SmtpClient> SubmissionConnectionAsync(this ServerProcess server, SecureSocketOptions security = SecureSocketOptions.StartTls)
    {
        var client = new SmtpClient { ServerCertificateValidationCallback = static (_, _, _, _) => true, CheckCertificateRevocation = false, Timeout = 20_000 };
        await client.ConnectAsync("127.0.0.1", security == SecureSocketOptions.SslOnConnect ? server.Ports.Submissions : server.Ports.Submission, security);
        return client;
    }

    public static async Task<SmtpClient> SubmitAsync(this ServerProcess server, string address)
    {
        var client = await server.SubmissionConnectionAsync();
        await client.AuthenticateAsync(address, ServerProcess.Password);
        return client;
    }

    public static MimeMessage Letter(string from, string to, string subject, string body = "A few words.\r\n")
    {
        var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = body } };
        message.From.Add(MailboxAddress.Parse(from));
        message.To.Add(MailboxAddress.Parse(to));
        return message;
    }

    /// <summary>Idles until <paramref name="heard"/> is true; returns whether it became true in time.</summary>
    public static async Task<bool> IdleUntilAsync(this ImapClient client, Task heard, Func<Task> meanwhile)
    {
        using var done = new CancellationTokenSource();
        var idle = client.IdleAsync(done.Token);
        await Task.Delay(150, CancellationToken.None);
        await meanwhile();
        var first = await Task.WhenAny(heard, Task.Delay(Eventually.Patience, CancellationToken.None));
        await done.CancelAsync();
        await idle;
        return first == heard;
    }
}
