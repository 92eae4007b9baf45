using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using MailServer.Actors.Queue;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Tests.Web;

namespace MailServer.Tests.Commands;

/// <summary>Every queue filter with every queue command, on a running node.</summary>
public sealed class QueueCommandsTests(TestNode node) : IClassFixture<TestNode>
{
    private static readonly string[] ChangeCases = ["retry", "hold", "release", "delete"];
    private static int Sequence;

    /// <summary>Each filter selects the first of a pair of messages; DOMAIN is unique to the test.</summary>
    private static readonly Dictionary<string, string[]> FilterCases = new(StringComparer.Ordinal)
    {
        ["to"] = ["--domain", "DOMAIN", "--to", "ann@DOMAIN"],
        ["to with a star"] = ["--domain", "DOMAIN", "--to", "a*@*"],
        ["from"] = ["--domain", "DOMAIN", "--from", "boss@example.org"],
        ["domain"] = ["--domain", "DOMAIN"],
        ["older"] = ["--domain", "DOMAIN", "--older", "2h"],
        ["reason"] = ["--domain", "DOMAIN", "--reason", "mailbox FULL"],
    };

    public static TheoryData<string, string> Changes
    {
        get
        {
            var cells = new TheoryData<string, string>();
            foreach (var filter in FilterCases.Keys)
                foreach (var change in ChangeCases) cells.Add(filter, change);
            return cells;
        }
    }

    public static TheoryData<string> Filters => [.. FilterCases.Keys];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_applies_only_to_messages_that_match_the_filter(string filter, string change)
    {
        var (selected, other, arguments) = await PairAsync(filter, isHeld: change == "release");
        Assert.Equal($"would {change} 1 message\n", await node.CliAsync(["queue", change, .. arguments, "--dry-run"]));
        Assert.Equal((true, true), (IsUntouched(await FindAsync(selected), change), IsUntouched(await FindAsync(other), change)));

        Assert.Contains("use --yes", await node.Commands.FailedAsync(2, ["queue", change, .. arguments]), StringComparison.Ordinal);
        Assert.Equal("nothing was changed", await AnswerAsync('n', ["queue", change, .. arguments]));
        Assert.True(IsUntouched(await FindAsync(selected), change));

        var done = change switch { "retry" => "retrying", "hold" => "held", "release" => "released", _ => "deleted" };
        Assert.Equal($"{done} 1 message (1 recipient)", change == "hold" ? await AnswerAsync('y', ["queue", change, .. arguments]) : (await node.CliAsync(["queue", change, .. arguments, "--yes"])).TrimEnd());
        Assert.False(IsUntouched(await FindAsync(selected), change));
        Assert.True(IsUntouched(await FindAsync(other), change));
    }

    [Theory]
    [InlineData("hold")]
    [InlineData("delete")]
    public async Task Messages_queued_while_the_clock_was_years_ahead_are_changed_like_all_others(string change)
    {
        var domain = $"ahead-{change}.example";
        await EnqueueAsync(Item($"r@{domain}", "boss@example.org", TimeSpan.FromDays(-3_650), "452 4.2.2 later", isHeld: change == "delete"));
        var done = await node.CliAsync(["queue", change, "--domain", domain, "--yes"]);
        Assert.Equal($"{(change == "hold" ? "held" : "deleted")} 1 message (1 recipient)\n", done);
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_list_shows_only_messages_that_match_the_filter(string filter)
    {
        var (selected, _, arguments) = await PairAsync(filter, isHeld: true);
        var row = Assert.Single((await node.CliAsync(["queue", "list", .. arguments])).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith(selected.Value + "\t", row, StringComparison.Ordinal);
        Assert.Equal("1\n", await node.CliAsync(["queue", "list", .. arguments, "--count"]));
        using var json = JsonDocument.Parse(await node.CliAsync(["queue", "list", .. arguments, "--json"]));
        Assert.Equal(selected.Value, Assert.Single(json.RootElement.EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_long_queue_is_listed_up_to_its_limit_with_a_note_and_completely_on_request()
    {
        const int Count = 1_203;
        var items = Enumerable.Range(0, Count).Select(static i => Item("r@long.example", "boss@example.org", TimeSpan.FromHours(9) - TimeSpan.FromSeconds(i), "452 4.2.2 later", isHeld: true)).ToArray();
        await Task.WhenAll(items.Select(EnqueueAsync));
        string[] list = ["queue", "list", "--domain", "long.example"];

        var (code, output, error) = await node.Commands.RunAsync(list);
        Assert.Equal((0, 1_000), (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal($"mailserver: showing the oldest 1000 of {Count} messages; --limit {Count} shows all\n", error);

        var all = (await node.CliAsync([.. list, "--limit", "5000"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(items.Select(static i => i.Message.Value), all.Select(static l => l.Split('\t')[0]));
        using var json = JsonDocument.Parse(await node.CliAsync([.. list, "--json", "--limit", "5000"]));
        Assert.Equal(items.Select(static i => i.Message.Value), json.RootElement.EnumerateArray().Select(static r => r.GetProperty("id").GetString()));
        using var exactly = JsonDocument.Parse(await node.CliAsync([.. list, "--json", "--limit", Count.ToString(CultureInfo.InvariantCulture)]));
        Assert.Equal(Count, exactly.RootElement.GetArrayLength());
        Assert.Equal($"{Count}\n", await node.CliAsync([.. list, "--count"]));

        Assert.Equal($"deleted {Count} messages ({Count} recipients)\n", await node.CliAsync("queue", "delete", "--domain", "long.example", "--yes"));
        Assert.Equal("", await node.CliAsync(list));
        using var none = JsonDocument.Parse(await node.CliAsync([.. list, "--json"]));
        Assert.Equal(0, none.RootElement.GetArrayLength());
        Assert.Equal("no messages match\n", await node.CliAsync("queue", "delete", "--domain", "long.example"));
    }

    [Fact]
    public async Task Changes_to_every_message_need_an_explicit_option()
    {
        var item = Item("r@whole.example", "boss@example.org", TimeSpan.FromHours(1), null, isHeld: true);
        await EnqueueAsync(item);
        foreach (var change in ChangeCases)
        {
            Assert.Contains("--all", await node.Commands.FailedAsync(2, "queue", change), StringComparison.Ordinal);
            Assert.Contains("--all", await node.Commands.FailedAsync(2, "queue", change, item.Message.Value, "--all"), StringComparison.Ordinal);
            Assert.Contains("--all", await node.Commands.FailedAsync(2, "queue", change, item.Message.Value, "--domain", "whole.example"), StringComparison.Ordinal);
            Assert.StartsWith($"would {change} ", await node.CliAsync("queue", change, "--all", "--dry-run"), StringComparison.Ordinal);
            // The message is held, so it can neither be retried nor held again.
            if (change == "retry") Assert.Contains("is held and was not retried", await node.Commands.FailedAsync(1, "queue", change, item.Message.Value, "--dry-run"), StringComparison.Ordinal);
            else if (change == "hold") Assert.Equal($"nothing changed: message '{item.Message.Value}': held already\n", await node.CliAsync("queue", change, item.Message.Value, "--dry-run"));
            else Assert.Equal($"would {change} 1 message\n", await node.CliAsync("queue", change, item.Message.Value, "--dry-run"));
        }

        Assert.NotNull(await FindAsync(item.Message));
        Assert.Equal("deleted 1 message\n", await node.CliAsync("queue", "delete", item.Message.Value));
        Assert.Contains("no message", await node.Commands.FailedAsync(1, "queue", "delete", item.Message.Value), StringComparison.Ordinal);
    }

    private async Task<(SpoolId Selected, SpoolId Other, string[] Arguments)> PairAsync(string filter, bool isHeld)
    {
        var domain = string.Create(CultureInfo.InvariantCulture, $"cell{Interlocked.Increment(ref Sequence)}.example");
        var selected = Item($"ann@{domain}", "boss@example.org", TimeSpan.FromHours(5), "452 4.2.2 Mailbox full", isHeld);
        var other = Item($"bob@{(filter == "domain" ? "else-" : "")}{domain}", "else@example.org", TimeSpan.FromMinutes(5), "450 4.7.1 Come back later", isHeld);
        Assert.True(await EnqueueAsync(selected) && await EnqueueAsync(other));
        return (selected.Message, other.Message, [.. FilterCases[filter].Select(a => a.Replace("DOMAIN", domain, StringComparison.Ordinal))]);
    }

    private async Task<bool> EnqueueAsync(QueueItem item) =>
        (await node.Actors.Get<QueueActor>().Ask<QueueProtocol.Enqueued>(new QueueProtocol.Enqueue(item), TimeSpan.FromMinutes(1))).Taken;

    private async Task<QueueItem?> FindAsync(SpoolId message) =>
        (await node.Actors.Get<QueueActor>().Ask<QueueProtocol.MessageFound>(new QueueProtocol.GetMessage(message), TimeSpan.FromMinutes(1))).Item;

    /// <summary>Runs a command with keyboard input; returns the last line of its output.</summary>
    private async Task<string> AnswerAsync(char key, string[] arguments)
    {
        node.Commands.Keys = new Queue<char>([key]);
        var (_, output, error) = await node.Commands.RunAsync(arguments);
        node.Commands.Keys = null;
        Assert.Contains("[y/N]", error, StringComparison.Ordinal);
        return (output.Length > 0 ? output : error).TrimEnd().Split('\n')[^1].Replace("mailserver: ", "", StringComparison.Ordinal);
    }

    private static bool IsUntouched(QueueItem? item, string change) => change switch
    {
        "delete" => item is not null,
        "hold" => item is { IsHeld: false },
        "release" => item is { IsHeld: true },
        // Retried, and failed at once if its content is not in the spool.
        _ => item is not null && item.Recipients[0].NextAttempt > DateTimeOffset.UtcNow.AddHours(12),
    };

    private static QueueItem Item(string to, string from, TimeSpan age, string? reply, bool isHeld)
    {
        var queued = DateTimeOffset.UtcNow - age;
        return new QueueItem
        {
            Message = SpoolId.New(queued, Environment.ProcessId, Interlocked.Increment(ref Sequence), "mail.example.org"),
            MessageId = null,
            Sender = EmailAddress.Parse(from),
            QueuedAt = queued,
            Size = 100,
            PrefixLength = 0,
            EightBit = false,
            SmtpUtf8 = false,
            IsHeld = isHeld,
            Recipients =
            [
                new QueueRecipient
                {
                    Address = EmailAddress.Parse(to),
                    Attempts = 1,
                    NextAttempt = DateTimeOffset.UtcNow.AddDays(1),
                    LastAttempt = reply is null ? null : new DeliveryAttempt(queued, "mx.example.net", "TLSv1.3", new SmtpReply(int.Parse(reply[..3], CultureInfo.InvariantCulture), "", reply[4..])),
                },
            ],
        };
    }
}
