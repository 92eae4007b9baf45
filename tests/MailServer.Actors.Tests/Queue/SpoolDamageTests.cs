using System.Diagnostics;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Delivery;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Every kind of damage to the spool files of a queued message: nothing damaged is sent, the sender or the administrator is told, and the queue goes on.</summary>
public sealed class SpoolDamageTests
{
    private static readonly RetrySchedule Quick = new() { First = TimeSpan.FromMilliseconds(200) };

    /// <summary>Changes of a file that leave it readable.</summary>
    public static TheoryData<string> Damages => new("emptied", "truncated", "longer", "missing");

    /// <summary>What may lie in the place of a file.</summary>
    public static TheoryData<string> Obstacles => new("link", "dangling link", "FIFO", "directory");

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_message_is_not_sent_and_its_sender_is_told(string damage)
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port, Schedule = Quick };
        using var kit = QueueTestKit.Begin(node);
        var item = await HoldAsync(kit);
        Damage(Path.Combine(node.SpoolFolder, item.Message.Value), damage);
        Assert.True(await kit.ChangeAsync(item.Message, QueueChange.Release));

        // The notice goes through the router; nobody answers it here.
        Assert.Equal("", Assert.IsType<DeliveryProtocol.Accept>(await Task.Run(() => kit.Router.ExpectMsg<DeliveryProtocol.Accept>(TimeSpan.FromSeconds(30)))).Transaction.Sender?.ToString() ?? "");
        var failed = Assert.Single(await kit.ListAsync()).Recipients[0];
        Assert.Equal((RecipientState.Failed, "5.3.0"), (failed.State, failed.LastAttempt!.Reply.EnhancedCode));
        Assert.Equal(0, host.Messages);
        var aside = Path.Combine(node.SpoolFolder, "damaged", item.Message.Value);
        Assert.Equal(damage != "missing", File.Exists(aside));
        Assert.Equal(damage != "missing", node.Problems.Current.Any(static p => p.Subject == QueuedContent.DamagedSubject));
        await AssertGoesOnAsync(kit, host);
    }

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task A_message_whose_file_cannot_be_read_waits_is_reported_and_is_sent_when_the_file_is_back(string obstacle)
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port, Schedule = Quick };
        using var kit = QueueTestKit.Begin(node);
        var item = await HoldAsync(kit);
        var path = Path.Combine(node.SpoolFolder, item.Message.Value);
        File.Move(path, path + ".away");
        Obstruct(path, obstacle);
        Assert.True(await kit.ChangeAsync(item.Message, QueueChange.Release));

        await QueueTestKit.Until(() => Task.FromResult(node.Problems.Current.Any(static p => p.Subject == UnreadableMessages.Subject)));
        Assert.Equal(RecipientState.Waiting, Assert.Single(await kit.ListAsync()).Recipients[0].State);
        await AssertGoesOnAsync(kit, host);
        Clear(path);
        File.Move(path + ".away", path);
        await QueueTestKit.Until(async () => host.Messages == 2 && await kit.CountAsync() == 0);
        Assert.Empty(node.Problems.Current);
    }

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task Something_in_the_place_of_an_envelope_does_not_stop_the_queue(string obstacle)
    {
        using var host = new ScriptedSmtpHost();
        using var node = new QueueTestNode { RelayPort = host.Port, Schedule = Quick };
        using (var kit = QueueTestKit.Begin(node))
        {
            var item = await HoldAsync(kit);
            var path = Path.Combine(node.SpoolFolder, item.Message.Value + ".envelope");
            Clear(path);
            Obstruct(path, obstacle);
            Assert.True(await kit.ChangeAsync(item.Message, QueueChange.Release));
            await QueueTestKit.Until(async () => host.Messages == 1 && await kit.CountAsync() == 0);
            await AssertGoesOnAsync(kit, host);
        }

        using var next = QueueTestKit.Begin(node);
        await AssertGoesOnAsync(next, host);
    }

    private static async Task<QueueItem> HoldAsync(QueueTestKit kit)
    {
        var item = QueueTestNode.Spooled(kit.Spool, held: true, "b@far.example");
        Assert.True(await kit.EnqueueAsync(item));
        return item;
    }

    private static async Task AssertGoesOnAsync(QueueTestKit kit, ScriptedSmtpHost host)
    {
        var before = host.Messages;
        Assert.True(await kit.EnqueueAsync(QueueTestNode.Spooled(kit.Spool, "c@far.example")));
        await QueueTestKit.Until(() => Task.FromResult(host.Messages == before + 1));
    }

    private static void Damage(string path, string damage)
    {
        switch (damage)
        {
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "truncated":
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..20]);
                break;
            case "longer":
                File.AppendAllText(path, "more\r\n");
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private static void Obstruct(string path, string obstacle)
    {
        switch (obstacle)
        {
            case "link":
                File.CreateSymbolicLink(path, "/etc/passwd");
                break;
            case "dangling link":
                File.CreateSymbolicLink(path, "/nowhere");
                break;
            case "FIFO":
                Process.Start("mkfifo", [path]).WaitForExit();
                break;
            default:
                Directory.CreateDirectory(Path.Combine(path, "full"));
                break;
        }
    }

    private static void Clear(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
