using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using Xunit.Abstractions;

namespace MailServer.Tests.Web;

/// <summary>The long lists with 2,000 accounts, 300 aliases and 5,000 queued messages: complete, searched, and the time of each page (which is printed, and decides nothing).</summary>
[Trait("Speed", "Slow")]
public sealed class LargeListTests(TestNode node, ITestOutputHelper output) : IClassFixture<TestNode>
{
    private const int Accounts = 2_000;
    private const int Aliases = 300;
    private const int Messages = 5_000;

    [Fact]
    public async Task Lists_of_thousands_are_complete_and_their_last_page_is_reached_directly()
    {
        await FillAsync();
        using var ann = await PageVisitor.SignedInAsync(node, TestNode.Ann);
        (string Path, string Says)[] pages =
        [
            ("/admin/accounts", "2,002 in all"), ("/admin/accounts?page=41", "user1999@example.org"), ("/admin/accounts?q=user1234", "1 of 2,002"), ("/admin/accounts?sort=-address&page=20", "2,002 in all"),
            ("/admin/aliases", "300 in all"), ("/admin/aliases?q=alias299", "1 of 300"),
            ("/admin/queue", "5,000 in all"), ("/admin/queue?page=100", "5,000 in all"), ("/admin/queue?sort=-to&state=waiting", "5,000 of 5,000"), ("/admin/queue?q=r4999", "1 of 5,000"),
            ("/admin/sessions", ""), ("/admin/logs", " in all"), ("/admin/reports", ""),
        ];
        foreach (var (path, says) in pages)
        {
            Assert.Contains(says, await ann.GetAsync(path), StringComparison.Ordinal);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < 3; i++) await ann.OpenAsync(path);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {watch.Elapsed.TotalMilliseconds / 3:0} ms"));
        }
    }

    private async Task FillAsync()
    {
        var password = new StoredPassword("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", new ScramKeys(new byte[16], 4096, new byte[32], new byte[32]));
        for (var i = 0; i < Accounts; i++) await node.Administration.AddAccountAsync(Address($"user{i:0000}@example.org"), password, default);
        for (var i = 0; i < Aliases; i++) await node.Administration.AddAliasAsync(AliasAddress.TryParse(Text($"alias{i}@example.org"), out var alias) ? alias : null!, [Address($"ann@example.org")], default);
        var now = DateTimeOffset.UtcNow;
        var queue = node.Actors.Get<QueueActor>();
        await Task.WhenAll(Enumerable.Range(0, Messages).Select(i => queue.Ask<QueueProtocol.Enqueued>(
            new QueueProtocol.Enqueue(new QueueItem
            {
                Message = SpoolId.New(now, Environment.ProcessId, i, "mail.example.org"),
                MessageId = null,
                Sender = Address($"user{i % Accounts:0000}@example.org"),
                QueuedAt = now.AddSeconds(-i),
                Size = 100,
                PrefixLength = 0,
                EightBit = false,
                SmtpUtf8 = false,
                IsHeld = false,
                Recipients = [new QueueRecipient { Address = Address($"r{i}@host{i % 50}.example"), Attempts = 1, NextAttempt = now.AddDays(1) }],
            }), TimeSpan.FromMinutes(2))));
    }

    private static EmailAddress Address(FormattableString text) => EmailAddress.Parse(Text(text));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
