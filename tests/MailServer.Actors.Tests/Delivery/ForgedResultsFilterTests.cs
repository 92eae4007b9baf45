using System.Buffers;
using System.Text;
using Akka.TestKit.Xunit2;
using MailServer.Actors.Mailboxes;
using MailServer.Actors.Submission;
using MailServer.Actors.Tests.Queue;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Tests.Delivery;

/// <summary>No incoming message may contain fields in the name of this server, whatever its path and whether it was checked or not.</summary>
public sealed class ForgedResultsFilterTests : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] OurNames = ["mx.example.org", "MX.Example.Org.", "example.org", "\"other.example.org\" 1", "(;) hosted.test", "b\u00fccher.test", "mail.b\u00fccher.test"];

    private readonly QueueTestNode _node = new();

    public ForgedResultsFilterTests()
        : base("storage-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 2, threadtype = background } }")
    {
    }

    /// <summary>Every session policy, with and without a signed-in account, with and without checks of incoming mail.</summary>
    public static TheoryData<SessionPolicy, bool, bool> Entries
    {
        get
        {
            var entries = new TheoryData<SessionPolicy, bool, bool>();
            foreach (var policy in Enum.GetValues<SessionPolicy>())
            {
                foreach (var isChecked in new[] { false, true })
                {
                    entries.Add(policy, true, isChecked);
                    if (policy == SessionPolicy.Receiving) entries.Add(policy, false, isChecked);
                }
            }

            return entries;
        }
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Forged_fields_in_the_name_of_this_server_are_removed_on_every_way_in(SessionPolicy policy, bool signedIn, bool isChecked)
    {
        var forged = OurNames.Select(static name => $"Authentication-Results: {name}; forged=pass\r\n").Append("Return-Path: <forged@x>\r\n").Append("X-Quarantine-Reason: forged\r\n");
        var text = Deliver(policy, signedIn, isChecked, string.Concat(forged) + "Authentication-Results: mx.far.test; genuine=pass\r\n");
        Assert.DoesNotContain("forged", text, StringComparison.Ordinal);
        Assert.Contains("genuine=pass", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nbody\r\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void A_message_without_such_fields_is_unchanged(SessionPolicy policy, bool signedIn, bool isChecked) =>
        Assert.Contains("Subject: x\r\n", Deliver(policy, signedIn, isChecked, "Subject: x\r\n"), StringComparison.Ordinal);

    [Fact]
    public void Fields_that_name_too_many_servers_to_look_up_are_all_removed()
    {
        var many = string.Concat(Enumerable.Range(0, 200).Select(static i => $"Authentication-Results: s{i}.test; forged=pass\r\n"));
        Assert.DoesNotContain("forged", Deliver(SessionPolicy.Receiving, false, false, many), StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _node.Dispose();
    }

    /// <summary>The message as delivered to the mailbox.</summary>
    private string Deliver(SessionPolicy policy, bool signedIn, bool isChecked, string fields)
    {
        var spool = _node.OpenSpool();
        var mailboxes = CreateTestProbe();
        var buffer = spool.Begin();
        buffer.Write(Encoding.UTF8.GetBytes(fields + "From: ann@example.org\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nbody\r\n"));
        var transaction = DeliveryTestServices.Transaction(policy, signedIn);
        Sys.ActorOf(DeliveryTestServices.Worker(DeliveryTestServices.Create(_node, spool, mailboxes.Ref, isChecked))).Tell(new DeliveryProtocol.Accept(transaction, buffer), CreateTestProbe().Ref);
        var message = mailboxes.ExpectMsg<MailboxProtocol.Deliver>(Patience).Message;
        using var content = spool.Open(message.Id);
        return Encoding.UTF8.GetString(content.ReadRange(0, (int)content.Length));
    }
}
