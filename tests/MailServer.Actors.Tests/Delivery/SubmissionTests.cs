using System.Buffers;
using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Actors.Tests.Queue;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Actors.Tests.Delivery;

/// <summary>What a submitted message looks like when it leaves the worker.</summary>
public sealed class SubmissionTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string LongText = string.Join(' ', Enumerable.Repeat("word", 500));

    private readonly QueueTestNode _node = new();

    public SubmissionTests()
        : base("storage-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 2, threadtype = background } }")
    {
    }

    [Fact]
    public void Blind_copies_and_return_paths_are_removed_from_submitted_mail()
    {
        var text = Delivered($"bcc: Ben <ben@example.org>,\r\n zoe@example.org\r\nResent-Bcc: x@y.test\r\nReturn-Path: <forged@x.test>\r\n{From}\r\nbody\r\n", SessionPolicy.Submission);
        Assert.DoesNotContain("bcc", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("forged", text, StringComparison.Ordinal);
        Assert.EndsWith($"{From}\r\nbody\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Received_mail_keeps_its_fields_and_lines()
    {
        var letter = $"Bcc: x@y.test\r\nSubject: {LongText}\r\n{From}\r\n{LongText}\r\n";
        Assert.EndsWith(letter, Delivered(letter, SessionPolicy.Receiving), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lines_are_shortened_before_the_message_is_signed()
    {
        var text = Delivered($"Subject: {LongText}\r\n{From}\r\n{LongText}\r\n", SessionPolicy.Submission);
        Assert.All(text.Split("\r\n"), static line => Assert.InRange(line.Length, 0, 998));
        Assert.Contains("Content-Transfer-Encoding: quoted-printable\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_line_under_a_signature_of_the_user_is_refused()
    {
        var letter = $"{From}Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n{LongText}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n";
        var client = CreateTestProbe();
        Send(letter, SessionPolicy.Submission, CreateTestProbe().Ref, client.Ref);
        Assert.Equal((554, "5.6.3"), client.ExpectMsg<SmtpReply>(Patience) is var reply ? (reply.Code, reply.EnhancedCode) : default);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Mail_that_cannot_be_signed_is_deferred_and_never_sent_unsigned(bool canSign, bool hasKey)
    {
        using var key = DkimKey.GenerateEd25519("example.org", "s1");
        var signer = new OutboundSigner(_ => canSign && hasKey ? [key] : [], _ => canSign);
        var (client, mailboxes) = (CreateTestProbe(), CreateTestProbe());
        var spool = Send($"{From}\r\nbody\r\n", SessionPolicy.Submission, mailboxes.Ref, client.Ref, signer);
        if (!canSign)
        {
            Assert.Equal(OutboundSigner.CannotSign, client.ExpectMsg<SmtpReply>(Patience));
            Assert.True(OutboundSigner.CannotSign.IsTransient);
            Assert.Empty(spool.List());
            return;
        }

        using var content = spool.Open(mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience).Message.Id);
        Assert.Equal(hasKey, Encoding.UTF8.GetString(content.ReadRange(0, (int)content.Length)).Contains("DKIM-Signature", StringComparison.Ordinal));
    }

    [Fact]
    public void A_queued_message_whose_conversion_needs_a_new_signature_waits_for_the_key()
    {
        using var key = DkimKey.GenerateEd25519("example.org", "s1");
        var isUsable = false;
        var services = _node.Services(_node.OpenSpool(), ActorRefs.Nobody) with { Signer = new OutboundSigner(_ => isUsable ? [key] : [], _ => isUsable) };
        using var content = new InMemoryContent(Encoding.UTF8.GetBytes($"DKIM-Signature: v=1; d=example.org; s=s0; b=x\r\n{From}Content-Type: text/plain; charset=utf-8\r\n\r\nsch\u00F6n\r\n"));
        Assert.Equal((null, OutboundSigner.CannotSign), SevenBitConverter.Convert(services, content, keepsBodies: false) is var refused ? (refused.Content, refused.Refusal) : default);
        isUsable = true;
        using var converted = SevenBitConverter.Convert(services, content, keepsBodies: false).Content!;
        Assert.Contains("s=s1", Encoding.ASCII.GetString(converted.ReadRange(0, (int)converted.Length)), StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _node.Dispose();
    }

    private const string From = "From: ann@example.org\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n";

    private string Delivered(string letter, SessionPolicy policy)
    {
        var mailboxes = CreateTestProbe();
        var spool = Send(letter, policy, mailboxes.Ref, CreateTestProbe().Ref);
        using var content = spool.Open(mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience).Message.Id);
        return Encoding.UTF8.GetString(content.ReadRange(0, (int)content.Length));
    }

    private Storage.Spool.MessageSpool Send(string letter, SessionPolicy policy, IActorRef mailboxes, IActorRef client, OutboundSigner? signer = null)
    {
        var spool = _node.OpenSpool();
        var buffer = spool.Begin();
        buffer.Write(Encoding.UTF8.GetBytes(letter));
        var transaction = DeliveryTestServices.Transaction(policy, isSignedIn: policy == SessionPolicy.Submission);
        Sys.ActorOf(DeliveryTestServices.Worker(DeliveryTestServices.Create(_node, spool, mailboxes) with { Signer = signer })).Tell(new DeliveryProtocol.Accept(transaction, buffer), client);
        return spool;
    }
}
