using System.Net;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Sign-in to IMAP.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class SignInTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData(SecureSocketOptions.SslOnConnect, "PLAIN")]
    [InlineData(SecureSocketOptions.SslOnConnect, "LOGIN")]
    [InlineData(SecureSocketOptions.SslOnConnect, "SCRAM-SHA-256")]
    [InlineData(SecureSocketOptions.StartTls, "PLAIN")]
    [InlineData(SecureSocketOptions.StartTls, "SCRAM-SHA-256")]
    public async Task An_account_signs_in_with_every_mechanism(SecureSocketOptions security, string mechanism)
    {
        var user = await _server.AddUserAsync();
        using var client = await _server.ImapConnectionAsync(security);
        Assert.Contains(mechanism, client.AuthenticationMechanisms);
        await client.AuthenticateAsync(SaslMechanism.Create(mechanism, new NetworkCredential(user, ServerProcess.Password))!);
        Assert.True(client.IsAuthenticated);
    }

    [Fact]
    public async Task LOGIN_works_under_TLS_with_a_quoted_password_and_with_literals()
    {
        var user = await _server.AddUserAsync();
        await using var quoted = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await quoted.ReadLineAsync();
        Assert.Contains(" OK ", (await quoted.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\""))[^1], StringComparison.Ordinal);

        await using var literal = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await literal.ReadLineAsync();
        var command = $"LOGIN {{{user.Length}+}}\r\n{user} {{{ServerProcess.Password.Length}+}}\r\n{ServerProcess.Password}";
        Assert.Contains(" OK ", (await literal.ImapAsync(command))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_sign_in_is_refused_and_not_announced()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imap);
        Assert.Contains("LOGINDISABLED", await wire.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Contains(" NO [PRIVACYREQUIRED]", (await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\""))[^1], StringComparison.Ordinal);
        Assert.Contains(" NO ", (await wire.ImapAsync("AUTHENTICATE PLAIN AHUAcA=="))[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_login_get_the_same_answer()
    {
        var user = await _server.AddUserAsync();
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        var wrong = (await wire.ImapAsync($"LOGIN {user} wrong"))[^1];
        var unknown = (await wire.ImapAsync($"LOGIN nobody@{_server.Domain} wrong"))[^1];
        Assert.Contains(" NO [AUTHENTICATIONFAILED]", wrong, StringComparison.Ordinal);
        Assert.Equal(wrong[wrong.IndexOf(' ', StringComparison.Ordinal)..], unknown[unknown.IndexOf(' ', StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task One_account_never_sees_the_mail_of_another()
    {
        var user = await _server.AddUserAsync();
        var other = await _server.AddUserAsync();
        await _server.DeliverAsync(TestMail.Text(user, "private"), user);
        using var client = await _server.ImapAsync(other);
        await client.Inbox.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal(0, client.Inbox.Count);
    }
}
