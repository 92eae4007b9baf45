using MailKit.Net.Smtp;
using MailKit.Security;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Message submission on ports 587 and 465.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class SubmissionTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Theory]
    [InlineData(SecureSocketOptions.StartTls, "PLAIN")]
    [InlineData(SecureSocketOptions.StartTls, "LOGIN")]
    [InlineData(SecureSocketOptions.StartTls, "SCRAM-SHA-256")]
    [InlineData(SecureSocketOptions.SslOnConnect, "PLAIN")]
    [InlineData(SecureSocketOptions.SslOnConnect, "SCRAM-SHA-256")]
    public async Task A_message_is_submitted_with_every_mechanism(SecureSocketOptions security, string mechanism)
    {
        var user = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        using var client = await _server.SubmissionConnectionAsync(security);
        Assert.Contains(mechanism, client.AuthenticationMechanisms);
        await client.AuthenticateAsync(SaslMechanism.Create(mechanism, new System.Net.NetworkCredential(user, ServerProcess.Password))!);
        await client.SendAsync(MailKitClients.Letter(user, user, subject));
        Assert.Single(_server.FilesWith(subject));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_with_535()
    {
        var user = await _server.AddUserAsync();
        using var client = await _server.SubmissionConnectionAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(user, "wrong"));
    }

    [Fact]
    public async Task Sign_in_is_neither_offered_nor_accepted_without_TLS()
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Submission);
        await wire.SmtpReplyAsync();
        Assert.DoesNotContain("AUTH", await wire.SmtpAsync("EHLO client.example"), StringComparison.Ordinal);
        Assert.StartsWith("5", await wire.SmtpAsync("AUTH PLAIN AHVzZXIAcGFzcw=="), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_sign_in_no_mail_is_accepted(bool implicitTls)
    {
        await using var wire = await WireClient.ConnectAsync(implicitTls ? _server.Ports.Submissions : _server.Ports.Submission, implicitTls);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client.example");
        Assert.StartsWith("530 5.7.0", await wire.SmtpAsync($"MAIL FROM:<someone@{_server.Domain}>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_envelope_sender_of_another_account_is_refused()
    {
        var user = await _server.AddUserAsync();
        var other = await _server.AddUserAsync();
        using var client = await _server.SubmitAsync(user);
        var letter = MailKitClients.Letter(user, user, TestMail.NewSubject());
        await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(letter, MailboxAddress.Parse(other), [MailboxAddress.Parse(user)]));
    }

    [Fact]
    public async Task A_From_address_of_another_account_is_refused()
    {
        var user = await _server.AddUserAsync();
        var other = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        using var client = await _server.SubmitAsync(user);
        var letter = MailKitClients.Letter(other, user, subject);
        await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(letter, MailboxAddress.Parse(user), [MailboxAddress.Parse(user)]));
        Assert.Empty(_server.FilesWith(subject));
    }

    [Fact]
    public async Task An_alias_of_the_account_may_be_the_sender()
    {
        var user = await _server.AddUserAsync();
        var alias = "sender-" + user;
        var subject = TestMail.NewSubject();
        (await _server.CliAsync("alias", "add", alias, user)).Succeeded();
        using var client = await _server.SubmitAsync(user);
        await client.SendAsync(MailKitClients.Letter(alias, user, subject));
        Assert.Single(_server.FilesWith(subject));
    }

    [Fact]
    public async Task Mail_between_hosted_domains_is_local()
    {
        const string Domain = "second.test";
        var user = await _server.AddUserAsync();
        var neighbour = "neighbour@" + Domain;
        var subject = TestMail.NewSubject();
        (await _server.CliAsync("domain", "add", Domain)).Succeeded();
        (await _server.CliAsync("user", "add", neighbour, "--password", ServerProcess.Password)).Succeeded();
        using var client = await _server.SubmitAsync(user);
        await client.SendAsync(MailKitClients.Letter(user, neighbour, subject));
        using var reader = await _server.ImapAsync(neighbour);
        await reader.Inbox.OpenAsync(MailKit.FolderAccess.ReadOnly);
        Assert.Equal(subject, (await reader.Inbox.GetMessageAsync(0)).Subject);
    }

    [Fact]
    public async Task Missing_Date_and_Message_ID_are_added_and_the_trace_names_the_session()
    {
        var user = await _server.AddUserAsync();
        var subject = TestMail.NewSubject();
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Submissions, tls: true);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client.example");
        var credentials = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"\0{user}\0{ServerProcess.Password}"));
        Assert.StartsWith("235", await wire.SmtpAsync("AUTH PLAIN " + credentials), StringComparison.Ordinal);
        Assert.StartsWith("250", await wire.TransactionAsync(user, [user], $"From: {user}\r\nSubject: {subject}\r\n\r\nbare\r\n"), StringComparison.Ordinal);
        var message = await MimeMessage.LoadAsync(Assert.Single(_server.FilesWith(subject)));
        Assert.NotNull(message.Headers[HeaderId.Date]);
        Assert.NotNull(message.Headers[HeaderId.MessageId]);
        var received = message.Headers[HeaderId.Received];
        Assert.Contains("ESMTPSA", received, StringComparison.Ordinal);
        Assert.Contains("TLS", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_pipelined_before_the_handshake_are_dropped()
    {
        await using var wire = await WireClient.ConnectAsync(_server.Ports.Submission);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO client.example");
        await wire.SendAsync("STARTTLS\r\nEHLO injected.example\r\n");
        Assert.StartsWith("220", await wire.SmtpReplyAsync(), StringComparison.Ordinal);
        await wire.StartTlsAsync();
        Assert.StartsWith("250 ", await wire.SmtpAsync("NOOP"), StringComparison.Ordinal);
    }
}
