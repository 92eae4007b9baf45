using System.Text;
using System.Text.RegularExpressions;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Mail for other domains is queued and relayed to the smarthost, signed.</summary>
public sealed partial class RelayTests : IAsyncLifetime
{
    private SmtpSink? _listening;
    private ServerProcess? _started;
    private string _user = "";
    private string _record = "";

    private SmtpSink Sink => _listening ?? throw new InvalidOperationException("not started");

    private ServerProcess Server => _started ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _listening = SmtpSink.Start();
        _started = await ServerProcess.CreateAsync(new ServerSettings { RelayHost = Sink.Address });
        _user = await Server.AddUserAsync();
        (await Server.CliAsync("dkim", "generate", "--domain", Server.Domain)).Succeeded();
        var printed = (await Server.CliAsync("dkim", "dns", "--domain", Server.Domain)).Succeeded().Output;
        _record = string.Concat(QuotedString().Matches(printed).Select(m => m.Groups["text"].Value));
        if (_record.Length == 0)
        {
            _record = printed[printed.IndexOf("v=DKIM1", StringComparison.Ordinal)..].Trim();
        }

        await Server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_started is not null)
        {
            await _started.DisposeAsync();
        }

        await Sink.DisposeAsync();
    }

    [Fact]
    public async Task A_submission_to_another_domain_is_relayed_with_a_valid_signature()
    {
        var sunk = await SubmitToAsync("far@remote.test");
        Assert.Equal(_user, sunk.Sender);
        Assert.Equal(["far@remote.test"], sunk.Recipients);
        var message = await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(sunk.Content)));
        var signature = message.Headers.First(h => h.Id == HeaderId.DkimSignature);
        Assert.True(await new DkimVerifier(new PrintedKey(_record)).VerifyAsync(message, signature), signature.Value);
    }

    [ClientFact("/usr/lib/python3/dist-packages/dkim/__init__.py")]
    public async Task Dkimpy_verifies_the_signature_too()
    {
        var sunk = await SubmitToAsync("far@remote.test");
        var file = Path.Combine(Server.Folder, "signed.eml");
        await File.WriteAllTextAsync(file, sunk.Content, Encoding.Latin1);
        const string Script = "import dkim,sys; print(dkim.verify(open(sys.argv[1],'rb').read(), dnsfunc=lambda n, **k: sys.argv[2].encode()))";
        var run = (await ProgramRun.StartAsync("/usr/bin/python3", ["-c", Script, file, _record])).Succeeded();
        Assert.Equal("True", run.Output.Trim());
    }

    [Fact]
    public async Task Local_and_remote_recipients_of_one_message_both_get_it()
    {
        var neighbour = await Server.AddUserAsync();
        var subject = TestMail.NewSubject();
        using var client = await Server.SubmitAsync(_user);
        var letter = MailKitClients.Letter(_user, neighbour, subject);
        letter.Cc.Add(MailboxAddress.Parse("far@remote.test"));
        await client.SendAsync(letter);
        Assert.Single(Server.FilesWith(subject));
        await Eventually.BecomesTrueAsync(() => Sink.Messages.Any(m => m.Content.Contains(subject, StringComparison.Ordinal)), "the sink gets the message");
    }

    [Fact]
    public async Task A_refusal_of_the_smarthost_bounces()
    {
        var subject = TestMail.NewSubject();
        using var client = await Server.SubmitAsync(_user);
        await client.SendAsync(MailKitClients.Letter(_user, "refused@remote.test", subject));
        await Eventually.BecomesTrueAsync(() => Server.FilesWith("no such user at the sink").Count == 1, "the notice arrives");
        var notice = await MimeMessage.LoadAsync(Server.FilesWith("no such user at the sink")[0]);
        var report = Assert.IsType<MultipartReport>(notice.Body);
        Assert.Equal("delivery-status", report.ReportType);
        var recipient = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups[1];
        Assert.Equal("failed", recipient["Action"]);
        Assert.Equal("5.1.1", recipient["Status"]);
        Assert.Equal("rfc822; refused@remote.test", recipient["Final-Recipient"]);
        Assert.Contains(subject, report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_receiving_port_relays_nothing_even_with_a_smarthost()
    {
        await using var wire = await WireClient.ConnectAsync(Server.Ports.Smtp);
        await wire.SmtpReplyAsync();
        await wire.SmtpAsync("EHLO sender.example");
        Assert.StartsWith("550 5.7.1", await wire.TransactionAsync(_user, ["far@remote.test"], "x"), StringComparison.Ordinal);
        Assert.Empty(Sink.Messages);
    }

    private async Task<SunkMessage> SubmitToAsync(string recipient)
    {
        using var client = await Server.SubmitAsync(_user);
        await client.SendAsync(MailKitClients.Letter(_user, recipient, TestMail.NewSubject(), "signed?\r\n.dot\r\n\r\n"));
        await Eventually.BecomesTrueAsync(() => !Sink.Messages.IsEmpty, "the sink gets the message");
        return Assert.Single(Sink.Messages);
    }

    [GeneratedRegex("\"(?<text>[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex QuotedString();

    /// <summary>A resolver that returns the record printed by <c>dkim dns</c>.</summary>
    private sealed class PrintedKey(string record) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            GetPublicKey(record);

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(GetPublicKey(record));
    }
}
