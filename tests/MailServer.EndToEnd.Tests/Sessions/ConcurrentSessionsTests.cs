using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>Changes made by one session are pushed to idle sessions at once.</summary>
[Collection(SharedServerCollection.Name)]
public sealed class ConcurrentSessionsTests(SharedServer shared)
{
    private readonly ServerProcess _server = shared.Server;

    [Fact]
    public async Task An_idle_session_sees_flags_set_by_another()
    {
        var user = await WithTwoLettersAsync();
        var (watcher, watched) = await _server.InboxAsync(user);
        var (actor, acting) = await _server.InboxAsync(user);
        using var first = watcher;
        using var second = actor;
        var heard = new TaskCompletionSource<MessageFlagsChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.MessageFlagsChanged += (_, e) => heard.TrySetResult(e);
        Assert.True(await watcher.IdleUntilAsync(heard.Task, () => acting.AddFlagsAsync(1, MessageFlags.Answered, silent: true)), "no push");
        var change = await heard.Task;
        Assert.Equal(1, change.Index);
        Assert.True(change.Flags.HasFlag(MessageFlags.Answered));
    }

    [Fact]
    public async Task An_idle_session_sees_messages_expunged_by_another()
    {
        var user = await WithTwoLettersAsync();
        var (watcher, watched) = await _server.InboxAsync(user);
        var (actor, acting) = await _server.InboxAsync(user);
        using var first = watcher;
        using var second = actor;
        var heard = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.MessageExpunged += (_, e) => heard.TrySetResult(e.Index);
        Assert.True(await watcher.IdleUntilAsync(heard.Task, () => DeleteFirstAsync(acting)), "no push");
        Assert.Equal(0, await heard.Task);
        Assert.Equal(1, watched.Count);
    }

    [Fact]
    public async Task Idle_reports_a_message_appended_by_another_session()
    {
        var user = await WithTwoLettersAsync();
        var (watcher, watched) = await _server.InboxAsync(user);
        using var first = watcher;
        using var actor = await _server.ImapAsync(user);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.CountChanged += (_, _) => heard.TrySetResult();
        Assert.True(await watcher.IdleUntilAsync(heard.Task, () => actor.Inbox.AppendAsync(MailKitClients.Letter(user, user, "appended"))), "no push");
        Assert.Equal(3, watched.Count);
    }

    [Fact]
    public async Task No_expunge_is_sent_during_a_fetch_by_sequence_number()
    {
        var user = await WithTwoLettersAsync();
        await using var reader = await SelectedAsync(user);
        var (actor, acting) = await _server.InboxAsync(user);
        using var _ = actor;
        await DeleteFirstAsync(acting);
        Assert.DoesNotContain(await reader.ImapAsync("FETCH 2 (FLAGS)"), l => l.Contains("EXPUNGE", StringComparison.Ordinal) && l.StartsWith('*'));
        Assert.Contains("* 1 EXPUNGE", await reader.ImapAsync("NOOP"));
        Assert.Contains(await reader.ImapAsync("FETCH 1 (UID)"), l => l.Contains("UID 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pipelined_commands_are_answered_in_order()
    {
        var user = await WithTwoLettersAsync();
        await using var wire = await SelectedAsync(user);
        await wire.SendAsync("a STORE 1 +FLAGS (\\Deleted)\r\nb EXPUNGE\r\nc UID FETCH 1:* (FLAGS)\r\n");
        var tags = new List<string>();
        var expunged = false;
        while (tags.Count < 3)
        {
            var line = await wire.ReadLineAsync() ?? throw new EndOfStreamException();
            expunged |= line == "* 1 EXPUNGE";
            if (!line.StartsWith('*'))
            {
                Assert.Contains(" OK ", line, StringComparison.Ordinal);
                tags.Add(line[..1]);
            }
        }

        Assert.True(expunged);
        Assert.Equal(["a", "b", "c"], tags);
    }

    private static async Task DeleteFirstAsync(IMailFolder folder)
    {
        await folder.AddFlagsAsync(0, MessageFlags.Deleted, silent: true);
        await folder.ExpungeAsync();
    }

    private async Task<string> WithTwoLettersAsync()
    {
        var user = await _server.AddUserAsync();
        await _server.DeliverAsync(TestMail.Text(user, "one"), user);
        await _server.DeliverAsync(TestMail.Text(user, "two"), user);
        return user;
    }

    private async Task<WireClient> SelectedAsync(string user)
    {
        var wire = await WireClient.ConnectAsync(_server.Ports.Imaps, tls: true);
        await wire.ReadLineAsync();
        await wire.ImapAsync($"LOGIN {user} \"{ServerProcess.Password}\"");
        await wire.ImapAsync("SELECT INBOX");
        return wire;
    }
}
